//! Large work in pieces: planned, computed by several processes, joined; stopped,
//! damaged, killed and resumed. Whatever happens, the result is that of one run.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::Instant;

use gdal::Metadata;
use jsonschema::Validator;
use serde_json::Value;

use crate::support::{
    Dem, Folder, Run, assert_same_bits, collect, item, kind, run, signal, terrain, wait,
    wait_until, with_gaps,
};

/// Options that decide values, the radius larger than the smallest tile.
const SKY: &str = "--radius 120px -n 6 --measure svf,openness-negative";

pub fn folder(rows: usize, cols: usize) -> Folder {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &with_gaps(terrain(rows, cols, 3)));
    folder
}

/// Holds two rasters to the same cells, statistics and metadata.
#[track_caller]
pub fn assert_equal(folder: &Folder, name: &str, expected: &str) {
    let (a, b) = (folder.open(name), folder.open(expected));
    assert_eq!(a.geo_transform().unwrap(), b.geo_transform().unwrap());
    assert_eq!(
        a.spatial_ref().unwrap().to_wkt().unwrap(),
        b.spatial_ref().unwrap().to_wkt().unwrap()
    );
    for key in ["SVF_MEASURES", "SVF_RADIUS", "TIFFTAG_SOFTWARE"] {
        assert_eq!(item(&a, key, ""), item(&b, key, ""), "{key}");
    }
    let (bands, expected_bands) = (folder.bands(name), folder.bands(expected));
    assert_eq!(bands.len(), expected_bands.len());
    for (i, (cells, expected)) in bands.iter().zip(&expected_bands).enumerate() {
        assert_same_bits(cells, expected, name);
        let (a, b) = (a.rasterband(i + 1).unwrap(), b.rasterband(i + 1).unwrap());
        assert_eq!(a.description().unwrap(), b.description().unwrap());
        let bits = |nodata: Option<f64>| nodata.map(f64::to_bits);
        assert_eq!(bits(a.no_data_value()), bits(b.no_data_value()));
        for key in ["MINIMUM", "MAXIMUM", "MEAN", "STDDEV", "VALID_PERCENT"] {
            let key = format!("STATISTICS_{key}");
            let of = |band: &gdal::raster::RasterBand<'_>| band.metadata_item(&key, "");
            assert_eq!(of(&a), of(&b), "{key}");
        }
    }
}

/// How often each tile was computed, by the journals in a folder.
pub fn computed(journal: &Path) -> BTreeMap<u64, u32> {
    let mut times = BTreeMap::new();
    for file in fs::read_dir(journal).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        // The last line of a process that was killed may be torn.
        for entry in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            if entry["event"] == "computed" {
                *times.entry(entry["tile"].as_u64().unwrap()).or_default() += 1;
            }
        }
    }
    times
}

/// Names that begin with a dot: what is on its way, or was left.
pub fn strays(folders: &[&Path]) -> Vec<String> {
    let names = |folder: &&Path| {
        fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .filter(|name| name.starts_with('.'))
            .collect::<Vec<_>>()
    };
    folders.iter().flat_map(names).collect()
}

#[test]
fn three_parts_in_any_order_two_at_once_equal_one_run() {
    let folder = folder(430, 370);
    folder.line(0, &format!("svf_compute dem.tif one.tif {SKY}"));
    for (size, tiles) in [(100, 20), (333, 4), (1000, 1)] {
        let tile = format!("svf_tile dem.tif p.json --overwrite --tile-size {size} {SKY}");
        assert!(folder.line(0, &tile).text().contains(&format!("Tiles: {tiles} of ")));
        let part = |k: u32| {
            let k = format!("{k}/3");
            let args = ["--plan", "p.json", "--tile-part", &k, "--threads", "1"];
            let mut command = folder.tool("svf_compute", &args);
            command.stdout(Stdio::null()).stderr(Stdio::inherit()).spawn().unwrap()
        };
        let (mut third, mut first) = (part(3), part(1));
        assert!(wait(&mut third).success() && wait(&mut first).success());
        assert!(wait(&mut part(2)).success());
        folder.line(0, "svf_mosaic p.json out.tif --overwrite");
        assert_equal(&folder, "out.tif", "one.tif");
        let times = computed(&folder.path("p.tiles/journal"));
        assert_eq!(times, (0..tiles).map(|id| (id, 1)).collect());
        fs::remove_dir_all(folder.path("p.tiles")).unwrap();
    }
    folder.assert_files(&["dem.tif", "one.tif", "out.tif", "p.json"]);
}

#[test]
fn every_type_of_cells_and_a_part_of_the_raster_come_through() {
    let folder = folder(150, 130);
    for options in [
        "--ot uint8",
        "--ot uint16 --srcwin 10,20,90,101",
        "--ot float64 --nodata -1.7976931348623157e308",
        "--nodata nan",
        "--measure horizon --signed -n 5 --missing stop",
        "--sampling divided --divisions 7 --z-factor 1.5 --curvature --observer-height 2",
    ] {
        let sky = format!("{options} --radius 20px");
        folder.line(0, &format!("svf_compute dem.tif one.tif --overwrite {sky}"));
        folder.line(0, &format!("svf_tile dem.tif p.json --overwrite --tile-size 70x40 {sky}"));
        folder.line(0, "svf_compute --plan p.json");
        folder.line(0, "svf_mosaic p.json out.tif --overwrite");
        assert_equal(&folder, "out.tif", "one.tif");
    }
}

#[test]
fn heights_of_other_types_come_through() {
    let folder = Folder::new();
    let mut dem = Dem::of(&with_gaps(terrain(90, 80, 6)).mapv(f64::from));
    dem.nodata = Some(65_535.0);
    dem.cells.mapv_inplace(|z| if z.is_nan() { 65_535.0 } else { z });
    dem.write::<u16>(&folder.path("u16.tif"));
    dem.cells.mapv_inplace(|z| if z == 65_535.0 { z } else { z + 4000.0 + 1e-3 });
    dem.write::<f64>(&folder.path("f64.tif"));
    for heights in ["u16", "f64"] {
        let sky = "--radius 20px -n 7 --measure svf,coverage";
        folder.line(0, &format!("svf_compute {heights}.tif one.tif --overwrite {sky}"));
        folder.line(0, &format!("svf_tile {heights}.tif p.json --overwrite --tile-size 33 {sky}"));
        folder.line(0, "svf_compute --plan p.json");
        folder.line(0, "svf_mosaic p.json out.tif --overwrite");
        assert_equal(&folder, "out.tif", "one.tif");
        assert_eq!(folder.band("one.tif", 1)[(9, 14)], crate::support::NODATA, "{heights}");
    }
}

#[test]
fn vegetation_and_degrees_come_through() {
    let folder = Folder::new();
    let heights = terrain(110, 90, 4);
    fs::create_dir(folder.path("in")).unwrap();
    let in_degrees = |name: &str, cells: &ndarray::Array2<f32>| {
        let mut dem = Dem::of(&cells.mapv(f64::from));
        dem.geo_transform = [10.0, 1e-5, 0.0, 47.0, 0.0, -1e-5];
        dem.epsg = Some(4326);
        dem.write::<f32>(&folder.path(name));
    };
    in_degrees("in/dem.tif", &heights);
    in_degrees("in/trees.tif", &heights.mapv(|z| if z > 110.0 { 8.0 } else { 0.0 }));
    let sky = "--radius 20px -n 6 --canopy in/trees.tif --transmissivity 0.2";
    folder.line(0, &format!("svf_compute in/dem.tif one.tif {sky}"));
    folder.line(0, &format!("svf_tile in/dem.tif in/p.json --tile-size 40 {sky}"));
    fs::rename(folder.path("in"), folder.path("moved")).unwrap();
    folder.line(0, "svf_compute --plan moved/p.json --tile-part 2/2");
    folder.line(0, "svf_compute --plan moved/p.json --tile-part 1/2");
    folder.line(0, "svf_mosaic moved/p.json out.tif");
    assert_equal(&folder, "out.tif", "one.tif");
    // Other trees are another input.
    in_degrees("moved/trees.tif", &heights.mapv(|z| if z > 120.0 { 8.0 } else { 0.0 }));
    let refused = folder.line(1, "svf_compute --plan moved/p.json");
    assert!(refused.stderr.contains("the modification time of trees.tif was"), "{refused}");
    let again = sky.replace("in/", "moved/");
    folder.line(0, &format!("svf_compute moved/dem.tif w.tif --work-dir w --tile-size 40 {again}"));
    folder.line(0, &format!("svf_compute moved/dem.tif two.tif {again}"));
    assert_equal(&folder, "w.tif", "two.tif");
}

#[test]
fn a_city_of_three_billion_cells_has_336_tiles() {
    let folder = folder(20, 20);
    let vrt = r#"<VRTDataset rasterXSize="46667" rasterYSize="60834">
        <GeoTransform>0, 0.5, 0, 0, 0, -0.5</GeoTransform>
        <VRTRasterBand dataType="Float32" band="1"><SimpleSource>
        <SourceFilename relativeToVRT="1">dem.tif</SourceFilename><SourceBand>1</SourceBand>
        <SrcRect xOff="0" yOff="0" xSize="20" ySize="20"/>
        <DstRect xOff="40000" yOff="100" xSize="20" ySize="20"/>
        </SimpleSource></VRTRasterBand></VRTDataset>"#;
    fs::write(folder.path("city.vrt"), vrt).unwrap();
    let run = folder.line(0, "svf_tile city.vrt city.json --tile-size 3000");
    assert!(run.text().contains("Tiles: 336 of 3000 x 3000 cells, halo 100 x 100"), "{run}");
    let plan: Value = serde_json::from_slice(&fs::read(folder.path("city.json")).unwrap()).unwrap();
    assert_eq!(plan["tiles"].as_array().unwrap().len(), 336);
    assert_eq!(
        plan["tiles"][335],
        serde_json::json!({
            "id": 335,
            "core": {"row": 60000, "col": 45000, "rows": 834, "cols": 1667},
            "halo": {"row": 59900, "col": 44900, "rows": 934, "cols": 1767},
            "file": "r0020_c0015.tif",
        })
    );
}

/// `docs/plan.schema.json`, compiled.
fn plan_schema() -> Validator {
    let schema: Value = serde_json::from_str(include_str!("../../docs/plan.schema.json")).unwrap();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
}

#[test]
fn a_plan_follows_its_schema_and_may_move() {
    let folder = folder(120, 100);
    fs::create_dir_all(folder.path("a/in")).unwrap();
    fs::rename(folder.path("dem.tif"), folder.path("a/in/dem.tif")).unwrap();
    folder.line(0, "svf_compute a/in/dem.tif one.tif --radius 9px");
    for options in ["", "--ot uint8 --srcwin 5,6,70,80", "--nodata nan --measure horizon"] {
        let line = format!("svf_tile a/in/dem.tif a/p.json --overwrite --radius 9px {options}");
        folder.line(0, &format!("{line} --tile-size 50"));
        let plan: Value =
            serde_json::from_slice(&fs::read(folder.path("a/p.json")).unwrap()).unwrap();
        let errors: Vec<String> = plan_schema().iter_errors(&plan).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(plan["inputs"][0]["path"], "in/dem.tif");
    }
    folder.line(0, "svf_tile a/in/dem.tif a/p.json --overwrite --radius 9px --tile-size 50");
    folder.line(0, "svf_compute --plan a/p.json --tiles 0-2");
    fs::rename(folder.path("a"), folder.path("b")).unwrap();
    folder.line(0, "svf_compute --plan b/p.json");
    folder.line(0, "svf_mosaic b/p.json out.tif");
    assert_equal(&folder, "out.tif", "one.tif");
    assert_eq!(computed(&folder.path("b/p.tiles/journal")).values().sum::<u32>(), 6);
}

/// The events of a run with `--progress json`, held to the schema.
fn events(folder: &Folder, code: i32, line: &str) -> Vec<Value> {
    folder.line(code, &format!("{line} --progress json")).events()
}

#[test]
fn every_tool_tells_what_it_does() {
    let folder = folder(100, 90);
    let tiled =
        events(&folder, 0, "svf_tile dem.tif p.json --tile-size 40 --radius 5px --skip-empty");
    assert_eq!(kind(&tiled[0]), "start");
    let last = tiled.last().unwrap();
    assert_eq!(
        last["data"]["stats"]["tiles"],
        serde_json::json!({"total": 9, "planned": 9, "empty": 0})
    );
    assert_eq!(last["data"]["stats"]["raster"]["size"], serde_json::json!([100, 90]));
    let some = events(&folder, 0, "svf_compute --plan p.json --tiles 3,0-1");
    let counts = |events: &[Value]| events.last().unwrap()["data"]["stats"]["tiles"].clone();
    assert_eq!(counts(&some), serde_json::json!({"found": 0, "computed": 3}));
    let all = events(&folder, 0, "svf_compute --plan p.json --tile-part 1/1");
    assert_eq!(counts(&all), serde_json::json!({"found": 3, "computed": 6}));
    let ids = |status: &str| -> Vec<u64> {
        let mut ids: Vec<u64> = all
            .iter()
            .filter(|e| kind(e) == "tile" && e["data"]["status"] == status)
            .map(|e| e["data"]["id"].as_u64().unwrap())
            .collect();
        ids.sort_unstable();
        ids
    };
    assert_eq!((ids("found"), ids("done")), (vec![0, 1, 3], vec![2, 4, 5, 6, 7, 8]));
    let joined = events(&folder, 0, "svf_mosaic p.json out.tif");
    let stages: Vec<&str> = joined
        .iter()
        .filter(|e| kind(e) == "progress" && e["data"]["fraction"] == 1.0)
        .map(|e| e["data"]["stage"].as_str().unwrap())
        .collect();
    assert_eq!(stages, ["check", "mosaic"]);
    let in_one =
        events(&folder, 0, "svf_compute dem.tif w.tif --work-dir w --tile-size 40 --radius 5px");
    assert_eq!(counts(&in_one), serde_json::json!({"found": 0, "computed": 9}));
    let bands = |events: &[Value]| events.last().unwrap()["data"]["stats"]["bands"].clone();
    assert_eq!(bands(&joined), bands(&in_one));
    for tool in ["svf_tile", "svf_mosaic"] {
        let usage: Value =
            serde_json::from_str(&folder.line(0, &format!("{tool} --json-usage")).text()).unwrap();
        assert_eq!(usage["name"], tool);
        assert!(folder.line(0, &format!("{tool} --version")).text().starts_with(tool));
        let unknown = folder.line(2, &format!("{tool} --no-such-option --progress json"));
        assert_eq!(unknown.events()[0]["data"]["code"], "usage.arguments");
    }
}

/// The tiles that the last event names, and why.
fn named(events: &[Value]) -> Vec<(u64, String)> {
    let tiles = events.last().unwrap()["data"]["tiles"].as_array().unwrap();
    let of = |tile: &Value| (tile["id"].as_u64().unwrap(), tile["reason"].as_str().unwrap().into());
    tiles.iter().map(of).collect()
}

#[test]
fn bad_tiles_are_named_and_computed_again() {
    let folder = folder(200, 210);
    let sky = "--radius 15px -n 5 --tile-size 70";
    folder.line(0, &format!("svf_compute dem.tif one.tif {sky}"));
    folder.line(0, &format!("svf_tile dem.tif p.json {sky}"));
    folder.line(0, "svf_tile dem.tif other.json --radius 16px -n 5 --tile-size 70");
    folder.line(0, "svf_compute --plan p.json");
    folder.line(0, "svf_compute --plan other.json --tiles 4");
    let tile = |place: &str| folder.path(&format!("p.tiles/{place}.tif"));
    let good = fs::read(tile("r0000_c0000")).unwrap();
    fs::write(tile("r0000_c0000"), &good[..good.len() / 2]).unwrap();
    fs::copy(folder.path("other.tiles/r0001_c0001.tif"), tile("r0001_c0001")).unwrap();
    fs::remove_file(tile("r0002_c0000")).unwrap();
    fs::copy(tile("r0001_c0002"), tile("r0002_c0001")).unwrap();
    fs::write(tile("r0000_c0001"), "").unwrap();
    // A byte of the cells, the header, the record of the trailer.
    let mut bytes = fs::read(tile("r0002_c0002")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(tile("r0002_c0002"), bytes).unwrap();
    let events = events(&folder, 3, "svf_mosaic p.json out.tif");
    assert_eq!(events.last().unwrap()["data"]["code"], "mosaic.incomplete");
    let named = named(&events);
    assert_eq!(named.iter().map(|t| t.0).collect::<Vec<_>>(), [0, 1, 4, 6, 7, 8]);
    for (at, word) in [
        (0, "no checksum"),
        (1, "no checksum"),
        (2, "another plan"),
        (3, "missing"),
        (4, "tile 5 with a wrong file name"),
        (5, "changed or damaged"),
    ] {
        assert!(named[at].1.contains(word), "{:?}", named[at]);
    }
    assert!(!folder.path("out.tif").exists());
    let text = folder.line(3, "svf_mosaic p.json out.tif").stderr;
    assert!(
        text.contains("6 of 9 tiles are missing or damaged: tile 0 (p.tiles/r0000_c0000.tif): "),
        "{text}"
    );
    // Filled with NoData where that is allowed; the rest is as it should be.
    folder.line(0, "svf_mosaic p.json holes.tif --allow-missing");
    let (holes, one) = (folder.band("holes.tif", 1), folder.band("one.tif", 1));
    for ((row, col), &cell) in holes.indexed_iter() {
        let id = row / 70 * 3 + col / 70;
        let expected = if [0, 1, 4, 6, 7, 8].contains(&id) { -9999.0 } else { one[(row, col)] };
        assert_eq!(cell, expected, "row {row}, column {col}");
    }
    let again = folder.line(0, "svf_compute --plan p.json");
    assert!(again.stderr.contains("6 of 9 tiles computed, 3 already done"), "{again}");
    folder.line(0, "svf_mosaic p.json out.tif");
    assert_equal(&folder, "out.tif", "one.tif");
}

#[test]
fn any_changed_byte_of_a_tile_is_found() {
    let folder = folder(24, 24);
    folder.line(0, "svf_tile dem.tif p.json --radius 3px -n 4");
    folder.line(0, "svf_compute --plan p.json");
    let tile = folder.path("p.tiles/r0000_c0000.tif");
    let good = fs::read(&tile).unwrap();
    for at in (0..good.len()).step_by(good.len() / 12) {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        fs::write(&tile, &bad).unwrap();
        folder.line(3, "svf_mosaic p.json out.tif");
    }
    fs::write(&tile, good).unwrap();
    folder.line(0, "svf_mosaic p.json out.tif");
}

#[test]
fn a_change_is_refused_with_what_changed() {
    let folder = folder(60, 50);
    let line = "svf_compute dem.tif out.tif --work-dir w --overwrite --tile-size 30 --radius 5px";
    folder.line(0, line);
    let refused = |line: &str, words: &[&str]| {
        let run = folder.line(1, line);
        for word in words {
            assert!(run.stderr.contains(word), "{word}: {run}");
        }
    };
    refused(&format!("{line} --directions 8"), &["--directions was 16, now it is 8", "--restart"]);
    refused(&format!("{line} --ot uint8"), &["--ot was float32, now it is uint8"]);
    folder.line(0, "svf_tile dem.tif p.json --tile-size 30 --radius 5px");
    // The same size, another time; then other heights.
    folder.write_dem("dem.tif", &terrain(60, 50, 9));
    refused(line, &["the modification time of dem.tif was"]);
    refused("svf_compute --plan p.json", &["p.json does not match this run", "modification time"]);
    let before = folder.bands("out.tif");
    folder.line(0, &format!("{line} --restart"));
    assert_ne!(before, folder.bands("out.tif"));
    folder.line(0, "svf_compute dem.tif one.tif --radius 5px");
    assert_equal(&folder, "out.tif", "one.tif");
    // Of another version, or changed by hand.
    let text = fs::read_to_string(folder.path("p.json")).unwrap();
    fs::write(folder.path("p.json"), text.replace("\"5px\"", "\"6px\"")).unwrap();
    refused("svf_compute --plan p.json", &["cannot read the plan p.json", "changed"]);
    refused("svf_mosaic p.json x.tif", &["cannot read the plan p.json", "changed"]);
}

/// Does what QGIS does to a raster that is looked at: asks GDAL for statistics, which it
/// notes in a VRT itself, and beside any other file.
fn look_at(path: &Path) {
    let dataset = gdal::Dataset::open(path).unwrap();
    assert!(dataset.rasterband(1).unwrap().get_statistics(true, false).unwrap().is_some());
    dataset.close().unwrap();
}

#[test]
fn a_raster_that_was_looked_at_is_still_the_same() {
    let folder = folder(60, 50);
    folder.line(0, "svf_tile dem.tif whole.json --radius 4px");
    let vrt = |name: &str, source: &str, row: usize| {
        let text = format!(
            "<VRTDataset rasterXSize=\"50\" rasterYSize=\"40\"><SRS>EPSG:32633</SRS><GeoTransform>0, 1, 0, 0, 0, -1\
             </GeoTransform><VRTRasterBand dataType=\"Float32\" band=\"1\"><SimpleSource>\
             <SourceFilename relativeToVRT=\"1\">{source}</SourceFilename>\
             <SrcRect xOff=\"0\" yOff=\"{row}\" xSize=\"50\" ySize=\"40\"/>\
             <DstRect xOff=\"0\" yOff=\"0\" xSize=\"50\" ySize=\"40\"/>\
             </SimpleSource></VRTRasterBand></VRTDataset>"
        );
        fs::write(folder.path(name), text).unwrap();
    };
    fs::create_dir(folder.path("in")).unwrap();
    vrt("in/inner.vrt", "../dem.tif", 5);
    vrt("outer.vrt", "in/inner.vrt", 0);
    let line = "svf_tile outer.vrt p.json --radius 4px --tile-size 30";
    folder.line(0, line);
    folder.line(0, "svf_compute --plan p.json --tiles 0-1");
    let before = fs::read(folder.path("outer.vrt")).unwrap();
    for name in ["outer.vrt", "in/inner.vrt", "dem.tif"] {
        look_at(&folder.path(name));
    }
    assert_ne!(before, fs::read(folder.path("outer.vrt")).unwrap());
    assert!(folder.path("dem.tif.aux.xml").exists());
    folder.line(0, "svf_compute --plan whole.json");
    folder.line(0, "svf_compute --plan p.json");
    let index = folder.line(0, &format!("{line} --overwrite --index p.geojson"));
    assert!(index.text().contains("Tiles: 4 of"), "{index}");
    let states = fs::read_to_string(folder.path("p.geojson")).unwrap();
    assert_eq!(states.matches("\"done\"").count(), 4, "{states}");
    // Other cells of the same files are another raster.
    vrt("in/inner.vrt", "../dem.tif", 6);
    let refused = folder.line(1, "svf_compute --plan p.json");
    refused
        .assert_refused(1, &["p.json does not match this run: the content of inner.vrt changed"]);
    vrt("in/inner.vrt", "../dem.tif", 5);
    folder.line(0, "svf_compute --plan p.json");
    folder.write_dem("dem.tif", &terrain(60, 50, 8));
    let refused = folder.line(1, "svf_compute --plan p.json");
    refused.assert_refused(1, &["the modification time of dem.tif was 20"]);
}

#[test]
fn nothing_of_the_users_goes_into_a_work_folder() {
    let folder = folder(40, 40);
    for out in ["w/out.tif", "./w/sub/../out.tif", "w/tiles/out.tif"] {
        let run = folder.line(2, &format!("svf_compute dem.tif {out} --work-dir w --radius 5"));
        run.assert_refused(2, &["out.tif is in w, a folder that may be deleted", "outside"]);
    }
    let run = folder.line(2, "svf_compute dem.tif o.tif --work-dir w --profile-log w/l --radius 5");
    run.assert_refused(2, &["w/l is in w, a folder"]);
    folder.assert_files(&["dem.tif"]);
    folder.line(0, "svf_compute dem.tif o.tif --work-dir w --radius 5");
    let run = folder.line(2, "svf_compute dem.tif w/o.tif --work-dir w --radius 5");
    run.assert_refused(2, &["w/o.tif is in w, a folder"]);
}

#[test]
fn what_is_said_of_a_failure_helps() {
    let folder = folder(40, 40);
    folder.line(0, "svf_tile dem.tif p.json --radius 5");
    folder.line(0, "svf_compute dem.tif o.tif --work-dir w --radius 5");
    for plan in ["p.json", "w/plan.json"] {
        let text = fs::read_to_string(folder.path(plan)).unwrap();
        fs::write(folder.path(plan), &text[..text.len() / 2]).unwrap();
    }
    let words = ["cannot read the plan p.json", "hint: make it with svf_tile"];
    folder.line(1, "svf_compute --plan p.json").assert_refused(1, &words);
    folder.line(1, "svf_mosaic p.json m.tif").assert_refused(1, &words);
    let again = folder.line(1, "svf_compute dem.tif o.tif --work-dir w --radius 5");
    again.assert_refused(
        1,
        &["cannot read the plan w/plan.json", "hint: add --restart to start again"],
    );
    folder.line(0, "svf_compute dem.tif o.tif --work-dir w --radius 5 --restart --overwrite");
    // Joining has neither radius nor tile size.
    fs::write(folder.path("list.txt"), "dem.tif\n").unwrap();
    let run = folder.line(2, "svf_mosaic --input-list list.txt m.tif --max-memory 20M");
    run.assert_refused(2, &["too small for the program itself", "--max-memory"]);
    assert!(!run.stderr.contains("radius"), "{run}");
    for tool in ["svf_compute", "svf_mosaic"] {
        let help = folder.line(0, &format!("{tool} --help")).text();
        let words = help.split_whitespace().collect::<Vec<_>>().join(" ");
        let codes = words.split_once("Exit codes: ").map(|codes| format!(" {}", codes.1)).unwrap();
        for code in ["0 ", "1 ", "2 ", "3 ", "130 "] {
            assert!(codes.contains(&format!(" {code}")), "{tool}: {codes}");
        }
    }
}

#[test]
fn a_restart_takes_no_folder_that_is_not_ours() {
    let folder = folder(40, 40);
    fs::create_dir_all(folder.path("photos/tiles")).unwrap();
    fs::write(folder.path("photos/tiles/r0000_c0000.tif"), "precious").unwrap();
    let line = "svf_compute dem.tif o.tif --work-dir photos --radius 5";
    for plan in [None, Some("{\"format\": \"of another program\"}")] {
        if let Some(text) = plan {
            fs::write(folder.path("photos/plan.json"), text).unwrap();
        }
        for line in [line.to_owned(), format!("{line} --restart")] {
            let run = folder.line(2, &line);
            assert!(run.stderr.contains("is not a work folder of svf_compute"), "{run}");
        }
    }
    let tile = fs::read_to_string(folder.path("photos/tiles/r0000_c0000.tif")).unwrap();
    assert_eq!(tile, "precious");
    fs::create_dir(folder.path("pipes")).unwrap();
    make_pipe(&folder.path("pipes/plan.json"));
    let run = folder.line(2, "svf_compute dem.tif o.tif --work-dir pipes --radius 5");
    assert!(run.stderr.contains("a plan.json that is not a file"), "{run}");
}

#[test]
fn an_input_that_changes_during_a_run_is_noticed() {
    let folder = folder(300, 300);
    // Minutes of work, if nothing stopped it.
    let args = ["--radius", "40", "-n", "720", "--tile-size", "32", "--work-dir", "w"];
    let mut command = folder.command(&[&["dem.tif", "o.tif"][..], &args].concat());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until(&mut child, "a tile is there", || folder.path("w/tiles/r0000_c0000.tif").is_file());
    let mut bytes = fs::read(folder.path("dem.tif")).unwrap();
    bytes.push(0);
    fs::write(folder.path("dem.tif"), bytes).unwrap();
    let run = collect(child);
    run.assert_refused(1, &["dem.tif", "it changed while it was being read"]);
    assert!(!folder.path("o.tif").exists());
}

/// Writes bytes into a file; its size and modification time stay.
fn damage(path: &Path, at: u64, bytes: &[u8]) -> Vec<u8> {
    let times = fs::metadata(path).unwrap().modified().unwrap();
    let whole = fs::read(path).unwrap();
    let mut changed = whole.clone();
    changed[at as usize..][..bytes.len()].copy_from_slice(bytes);
    put_back(path, &changed, times);
    whole
}

fn put_back(path: &Path, bytes: &[u8], modified: std::time::SystemTime) {
    fs::write(path, bytes).unwrap();
    fs::File::options().write(true).open(path).unwrap().set_modified(modified).unwrap();
}

#[test]
fn a_damaged_block_costs_only_the_tiles_that_need_it() {
    let folder = folder(300, 300);
    let gtiff = gdal::DriverManager::get_driver_by_name("GTiff").unwrap();
    let mut options = gdal::raster::RasterCreationOptions::new();
    for option in ["TILED=YES", "BLOCKXSIZE=64", "BLOCKYSIZE=64", "COMPRESS=DEFLATE"] {
        let (key, value) = option.split_once('=').unwrap();
        options.set_name_value(key, value).unwrap();
    }
    let input = folder.path("blocks.tif");
    folder.open("dem.tif").create_copy(&gtiff, &input, &options).unwrap().close().unwrap();
    let sky = "--radius 5px -n 4 --tile-size 100";
    folder.line(0, &format!("svf_compute blocks.tif whole.tif {sky}"));
    folder.line(0, &format!("svf_tile blocks.tif plan.json {sky}"));
    let modified = fs::metadata(&input).unwrap().modified().unwrap();
    // Rows and columns 128 to 192 are within tile 4, the middle one.
    let dataset = folder.open("blocks.tif");
    let band = dataset.rasterband(1).unwrap();
    let at = band.metadata_item("BLOCK_OFFSET_2_2", "TIFF").unwrap().parse().unwrap();
    let whole = damage(&input, at, &[0; 40]);

    let run = folder.line(3, "svf_compute --plan plan.json");
    let words = ["8 tiles computed", "1 not computed", "4 (", "blocks.tif): rows 95..205"];
    run.assert_refused(3, &words);
    assert_eq!(computed(&folder.path("plan.tiles/journal")).len(), 8);
    let run = folder.line(3, "svf_compute --plan plan.json --progress json");
    let events = run.events();
    let error = events.iter().find(|event| kind(event) == "error").unwrap();
    let error = &error["data"];
    assert_eq!((&error["code"], &error["tiles"][0]["id"]), (&"tile.unread".into(), &4.into()));
    // A work folder does not join what is incomplete.
    let run = folder.line(3, &format!("svf_compute blocks.tif joined.tif {sky} --work-dir w"));
    run.assert_refused(3, &words);
    assert!(!folder.path("joined.tif").exists());
    // A plain run has nothing to keep.
    folder.line(1, &format!("svf_compute blocks.tif plain.tif {sky}"));

    put_back(&input, &whole, modified);
    folder.line(0, "svf_compute --plan plan.json");
    folder.line(0, "svf_mosaic plan.json out.tif");
    assert_equal(&folder, "out.tif", "whole.tif");
    folder.line(0, &format!("svf_compute blocks.tif joined.tif {sky} --work-dir w"));
    assert_equal(&folder, "joined.tif", "whole.tif");
}

#[test]
fn folders_that_are_not_ours_and_streams_are_refused() {
    let folder = folder(40, 40);
    fs::create_dir(folder.path("photos")).unwrap();
    fs::write(folder.path("photos/me.jpg"), "").unwrap();
    let refused = |line: &str, words: &str| {
        let run = folder.line(2, line);
        assert!(run.stderr.contains(words), "{words}: {run}");
    };
    refused("svf_compute dem.tif o.tif --work-dir photos", "it contains me.jpg");
    refused("svf_compute dem.tif o.tif --work-dir photos --plan p.json", "cannot be used with");
    refused("svf_compute --plan p.json --radius 5", "--plan cannot be used with --radius\n");
    refused("svf_compute --plan p.json -n 8", "--plan cannot be used with --directions\n");
    refused("svf_compute --plan p.json dem.tif", "--plan cannot be used with INPUT\n");
    refused("svf_compute --plan p.json --tiles 3-1", "is not a list of tile numbers");
    refused("svf_compute --plan p.json --tile-part 0/4", "is not a part");
    refused("svf_compute /vsistdin/ o.tif --work-dir w", "can only be read once");
    refused("svf_tile /vsistdin/ p.json", "can only be read once");
    refused("svf_tile dem.tif dem.tif", "is the input");
    refused("svf_tile dem.tif p.json --index p.shp", "a .gpkg or .geojson");
    refused("svf_tile dem.tif p.json --index p.json", "a .gpkg or .geojson");
    refused("svf_tile dem.tif p.geojson --index ./p.geojson", "two outputs have the same name");
    refused("svf_tile dem.tif p.json --co TILED=YES", "cannot be used here");
    refused("svf_mosaic p.json o.tif --nodata 3", "can only be used with --input-list");
    folder.line(1, "svf_mosaic p.json o.tif");
    folder.line(0, "svf_tile dem.tif p.json --tile-size 20");
    refused("svf_tile dem.tif p.json", "p.json exists");
    refused("svf_compute --plan p.json --tiles 2-9", "there is no tile 9: the last one is 3");
    refused("svf_mosaic p.json p.json --overwrite --of GTiff", "would be overwritten");
    refused("svf_mosaic p.json o.tif --parts 3", "the plan has 2");
    folder.assert_files(&["dem.tif", "p.json", "photos"]);
}

#[test]
fn tiles_without_heights_are_left_out_and_the_result_is_the_same() {
    let folder = Folder::new();
    let mut heights = terrain(120, 130, 5);
    heights.slice_mut(ndarray::s![..70, 35..]).fill(f32::NAN);
    Dem { nodata: Some(f64::NAN), ..Dem::of(&heights.mapv(f64::from)) }
        .write::<f32>(&folder.path("dem.tif"));
    let sky = "--radius 12px --tile-size 40x30";
    folder.line(0, &format!("svf_compute dem.tif one.tif {sky}"));
    let run = folder.line(0, &format!("svf_tile dem.tif p.json --skip-empty --index p.gpkg {sky}"));
    // Rows 0 to 59 of columns 40 to 129: two rows of three tiles.
    assert!(run.text().contains("Tiles: 10 of 40 x 30 cells, halo 12 x 12, 6 without"), "{run}");
    folder.line(0, "svf_compute --plan p.json");
    folder.line(0, "svf_mosaic p.json out.tif");
    assert_equal(&folder, "out.tif", "one.tif");
    folder.line(
        0,
        &format!("svf_tile dem.tif p.json --overwrite --skip-empty --index p.geojson {sky}"),
    );
    let index: Value =
        serde_json::from_slice(&fs::read(folder.path("p.geojson")).unwrap()).unwrap();
    let states: Vec<&str> = index["features"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["properties"]["state"].as_str().unwrap())
        .collect();
    assert_eq!(states.iter().filter(|&&s| s == "empty").count(), 6);
    assert_eq!(states.iter().filter(|&&s| s == "done").count(), 10);
    let corner = &index["features"][15]["geometry"]["coordinates"][0][0];
    assert_eq!(*corner, serde_json::json!([500_120.0, 4_649_910.0]));
    assert_eq!(
        gdal::Dataset::open_ex(
            folder.path("p.gpkg"),
            gdal::DatasetOptions {
                open_flags: gdal::GdalOpenFlags::GDAL_OF_VECTOR,
                ..Default::default()
            },
        )
        .unwrap()
        .layer(0)
        .map(|layer| gdal::vector::LayerAccess::feature_count(&layer))
        .unwrap(),
        16
    );
}

#[test]
fn an_index_tells_number_place_and_state_of_every_tile() {
    use gdal::vector::LayerAccess;
    let folder = folder(100, 90);
    let line = "svf_tile dem.tif p.json --overwrite --tile-size 40 --radius 3px";
    folder.line(0, line);
    folder.line(0, "svf_compute --plan p.json --tiles 1,5");
    fs::write(folder.path("p.tiles/r0002_c0000.tif"), "a user's file").unwrap();
    // What a loss of power can leave.
    fs::write(folder.path("p.tiles/r0002_c0001.tif"), [0; 100]).unwrap();
    // Opening it is an error of the system, as on a disk that fails.
    let unreadable = cfg!(unix);
    #[cfg(unix)]
    std::os::unix::fs::symlink("r0002_c0002.tif", folder.path("p.tiles/r0002_c0002.tif")).unwrap();
    let (x, y) = crate::support::ORIGIN;
    let expected: Vec<_> = (0..9)
        .map(|id: u32| {
            let state = match id {
                1 | 5 => "done",
                6 => "blocked",
                7 => "refused",
                8 if unreadable => "unreadable",
                _ => "missing",
            };
            let (row, col) = (id / 3, id % 3);
            let (left, top) = (x + f64::from(40 * col), y - f64::from(40 * row));
            let right = x + f64::from((40 * (col + 1)).min(90));
            let bottom = y - f64::from((40 * (row + 1)).min(100));
            (id, row, col, state.to_owned(), [left, right, bottom, top])
        })
        .collect();
    for index in ["i.gpkg", "i.geojson"] {
        folder.line(0, &format!("{line} --index {index}"));
        let options = gdal::DatasetOptions {
            open_flags: gdal::GdalOpenFlags::GDAL_OF_VECTOR,
            ..Default::default()
        };
        let dataset = gdal::Dataset::open_ex(folder.path(index), options).unwrap();
        let mut layer = dataset.layer(0).unwrap();
        assert_eq!(layer.spatial_ref().unwrap().auth_code().unwrap(), 32633, "{index}");
        let found: Vec<_> = layer
            .features()
            .map(|feature| {
                let number = |name: &str| {
                    let at = feature.field_index(name).unwrap();
                    feature.field_as_integer(at).unwrap().unwrap() as u32
                };
                let state = feature.field_as_string(feature.field_index("state").unwrap());
                let bounds = feature.geometry().unwrap().envelope();
                let bounds = [bounds.MinX, bounds.MaxX, bounds.MinY, bounds.MaxY];
                (number("tile"), number("row"), number("col"), state.unwrap().unwrap(), bounds)
            })
            .collect();
        assert_eq!(found, expected, "{index}");
    }
}

#[test]
fn padded_tiles_can_be_cut_out() {
    let folder = folder(100, 90);
    folder.line(0, "svf_tile dem.tif p.json --tile-size 40 --radius 7px --cut cut");
    let all = folder.band("dem.tif", 1);
    // Rows and columns of each tile with 7 cells around, as far as there are any.
    let (rows, cols) = ([0..47, 33..87, 73..100], [0..47, 33..87, 73..90]);
    for (i, rows) in rows.into_iter().enumerate() {
        for (j, cols) in cols.clone().into_iter().enumerate() {
            let name = format!("cut/r{i:04}_c{j:04}.vrt");
            let expected = all.slice(ndarray::s![rows.clone(), cols.clone()]).to_owned();
            assert_same_bits(&folder.band(&name, 1), &expected, &name);
            let corner = folder.open(&name).geo_transform().unwrap();
            let (x, y) = crate::support::ORIGIN;
            let place = (x + cols.start as f64, y - rows.start as f64);
            assert_eq!((corner[0], corner[3]), place, "{name}");
        }
    }
    fs::rename(folder.path("cut/r0001_c0002.vrt"), folder.path("moved.vrt")).unwrap();
    let text = fs::read_to_string(folder.path("moved.vrt")).unwrap();
    assert!(text.contains("relativeToVRT=\"1\">../dem.tif<"), "{text}");
}

#[test]
fn parts_and_a_vrt_over_them_equal_the_whole() {
    let folder = folder(300, 200);
    let sky = "--radius 9px --measure svf,svf-cosine";
    folder.line(0, &format!("svf_tile dem.tif p.json --tile-size 64 {sky}"));
    folder.line(0, "svf_compute --plan p.json");
    folder.line(0, "svf_mosaic p.json whole.tif");
    let most = 100 << 10;
    folder.line(0, "svf_mosaic p.json a.tif --max-part-size 100K");
    let mut parts = 0;
    for number in 1.. {
        let Ok(part) = fs::metadata(folder.path(&format!("a_{number}.tif"))) else { break };
        assert!(part.len() <= most, "part {number} has {} bytes", part.len());
        parts += 1;
    }
    let whole = fs::metadata(folder.path("whole.tif")).unwrap().len();
    assert!(parts >= whole.div_ceil(most) && parts <= 5, "{parts} parts of {whole} bytes");
    assert_equal(&folder, "a.vrt", "whole.tif");
    folder.line(0, "svf_mosaic p.json g.tif --of COG");
    for band in 0..2 {
        let (cog, whole) = (&folder.bands("g.tif")[band], &folder.bands("whole.tif")[band]);
        assert_same_bits(cog, whole, "COG");
    }
    folder.line(0, "svf_mosaic p.json b.tif --parts 3 --of COG");
    assert_equal(&folder, "b.vrt", "whole.tif");
    folder.line(0, "svf_mosaic p.json c.vrt");
    assert_equal(&folder, "c.vrt", "whole.tif");
    // One part is the whole, under the name that was given.
    folder.line(0, "svf_mosaic p.json d.tif --max-part-size 1G");
    assert_equal(&folder, "d.tif", "whole.tif");
    let run = folder.line(2, "svf_mosaic p.json e.tif --max-part-size 10K");
    assert!(run.stderr.contains("one row of tiles, which takes"), "{run}");
    let names = [
        "a.vrt",
        "b_1.tif",
        "b_2.tif",
        "b_3.tif",
        "b.vrt",
        "c.vrt",
        "d.tif",
        "dem.tif",
        "g.tif",
        "p.json",
        "p.tiles",
        "whole.tif",
    ];
    let parts: Vec<String> = (1..=parts).map(|n| format!("a_{n}.tif")).collect();
    let all: Vec<&str> = names.into_iter().chain(parts.iter().map(String::as_str)).collect();
    folder.assert_files(&all);
}

#[test]
fn rasters_of_a_list_are_joined_if_they_fit() {
    let folder = folder(100, 120);
    folder.line(0, "svf_tile dem.tif p.json --tile-size 50 --radius 5px");
    folder.line(0, "svf_compute --plan p.json");
    folder.line(0, "svf_mosaic p.json whole.tif");
    let tile = |row: usize, col: usize| format!("p.tiles/r000{row}_c000{col}.tif\n");
    let all: String =
        [(1, 2), (0, 0), (0, 2), (1, 0), (1, 1), (0, 1)].map(|(r, c)| tile(r, c)).concat();
    fs::write(folder.path("list.txt"), &all).unwrap();
    folder.line(0, "svf_mosaic --input-list list.txt out.tif");
    assert_same_bits(&folder.band("out.tif", 1), &folder.band("whole.tif", 1), "list");
    assert_eq!(
        folder.open("out.tif").geo_transform().unwrap(),
        folder.open("whole.tif").geo_transform().unwrap()
    );
    let refused = |list: &str, code: i32, words: &str| {
        fs::write(folder.path("list.txt"), list).unwrap();
        let run = folder.line(code, "svf_mosaic --input-list list.txt no.tif");
        assert!(run.stderr.contains(words), "{words}: {run}");
    };
    refused(&all.replace(&tile(0, 1), ""), 3, "do not cover 2500 of 12000 cells");
    refused(&format!("{all}{}", tile(1, 1)), 1, "overlaps");
    refused(&format!("{}dem.tif\n", tile(1, 1)), 1, "its NoData value differs");
    refused("\n", 1, "contains no file name");
    fs::write(folder.path("list.txt"), all.replace(&tile(0, 1), "")).unwrap();
    folder.line(0, "svf_mosaic --input-list list.txt holes.tif --allow-missing");
    assert_eq!(folder.band("holes.tif", 1)[(10, 60)], -9999.0);
    assert_eq!(folder.band("holes.tif", 1)[(60, 60)], folder.band("whole.tif", 1)[(60, 60)]);
}

#[test]
fn a_cancelled_run_goes_on_where_it_was() {
    let folder = folder(400, 400);
    let line = "--work-dir w --tile-size 50 --radius 60px -n 32 --threads 1 -q";
    let args: Vec<&str> = ["dem.tif", "out.tif"].into_iter().chain(line.split(' ')).collect();
    let mut child = folder.command(&args).stderr(Stdio::null()).spawn().unwrap();
    let tiles = folder.path("w/tiles");
    crate::support::wait_until(&mut child, "a tile is done", || {
        fs::read_dir(&tiles).is_ok_and(|dir| {
            dir.flatten().any(|e| e.file_name().to_string_lossy().ends_with(".tif"))
        })
    });
    signal(&child, "TERM");
    assert_eq!(wait(&mut child).code(), Some(130));
    folder.assert_files(&["dem.tif", "w"]);
    assert_eq!(strays(&[&folder.path("w"), &tiles]), Vec::<String>::new());
    let before = computed(&tiles.join("journal"));
    assert!(!before.is_empty() && before.len() < 64, "{before:?}");
    folder.line(0, &format!("svf_compute dem.tif out.tif {line}"));
    assert_eq!(computed(&tiles.join("journal")), (0..64).map(|id| (id, 1)).collect());
    folder.line(0, "svf_compute dem.tif one.tif --radius 60px -n 32");
    assert_equal(&folder, "out.tif", "one.tif");
}

/// Runs killed with SIGKILL at random moments and resumed: the same bytes, no tile
/// computed twice, nothing left behind. `SVF_KILLS=100` asks for more than a few.
#[test]
fn killed_runs_end_as_if_nothing_had_happened() {
    let folder = folder(260, 250);
    let line = |out: &str, dir: &str| {
        format!("svf_compute dem.tif {out} --work-dir {dir} --tile-size 50 --radius 40px -q")
    };
    let started = Instant::now();
    folder.line(0, &line("whole.tif", "w"));
    let whole_run = started.elapsed();
    let expected = fs::read(folder.path("whole.tif")).unwrap();
    fs::remove_dir_all(folder.path("w")).unwrap();
    let rounds: u32 = std::env::var("SVF_KILLS").map_or(4, |n| n.parse().unwrap());
    let mut random = 12_345_u64;
    let mut moment = || {
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        whole_run.mul_f64((random >> 40) as f64 / f64::from(1 << 24))
    };
    let mut killed = 0;
    for _ in 0..rounds {
        let words = line("out.tif", "w");
        let words: Vec<&str> = words.split(' ').collect();
        for last in [false, false, false, true] {
            let mut child =
                folder.tool(words[0], &words[1..]).stderr(Stdio::null()).spawn().unwrap();
            if !last {
                thread::sleep(moment());
                child.kill().unwrap();
            }
            match wait(&mut child).code() {
                None => killed += 1,
                Some(0) => break,
                Some(code) => panic!("exit {code}"),
            }
        }
        let tiles = folder.path("w/tiles");
        assert!(fs::read(folder.path("out.tif")).unwrap() == expected, "other bytes");
        let twice: Vec<_> =
            computed(&tiles.join("journal")).into_iter().filter(|tile| tile.1 > 1).collect();
        assert!(twice.is_empty(), "computed more than once: {twice:?}");
        assert_eq!(strays(&[&folder.work(), &folder.path("w"), &tiles]), Vec::<String>::new());
        folder.assert_files(&["dem.tif", "out.tif", "w", "whole.tif"]);
        fs::remove_file(folder.path("out.tif")).unwrap();
        fs::remove_dir_all(folder.path("w")).unwrap();
    }
    assert!(killed > 0 || rounds == 0, "no run was killed");
}

#[test]
fn a_run_that_is_done_is_done_and_other_outputs_are_kept() {
    let folder = folder(60, 50);
    let line = |out: &str| format!("svf_compute dem.tif {out} --work-dir w --radius 5px");
    folder.line(0, &line("out.tif"));
    let before = fs::read(folder.path("out.tif")).unwrap();
    // As after a kill between the last rename and the exit.
    let again = folder.line(0, &line("out.tif"));
    assert!(
        again.stderr.contains("out.tif already exists and was made from the same plan"),
        "{again}"
    );
    assert!(fs::read(folder.path("out.tif")).unwrap() == before);
    fs::copy(folder.path("dem.tif"), folder.path("mine.tif")).unwrap();
    assert!(folder.line(2, &line("mine.tif")).stderr.contains("mine.tif exists"));
    assert!(
        fs::read(folder.path("mine.tif")).unwrap() == fs::read(folder.path("dem.tif")).unwrap()
    );
}

#[test]
fn one_file_per_measure_from_a_work_folder() {
    let folder = folder(90, 80);
    let sky = "--radius 8px -n 5 --measure svf,horizon,svf-anisotropic --separate \
               --anisotropy-level high";
    folder.line(0, &format!("svf_compute dem.tif one.tif {sky}"));
    folder.line(0, &format!("svf_compute dem.tif out.tif --work-dir w --tile-size 33 {sky}"));
    for measure in ["svf", "horizon", "svf-anisotropic"] {
        assert_equal(&folder, &format!("out_{measure}.tif"), &format!("one_{measure}.tif"));
        // Only where it counts.
        let level = (measure == "svf-anisotropic").then_some("high");
        for name in ["out", "one"] {
            let file = folder.open(&format!("{name}_{measure}.tif"));
            assert_eq!(file.metadata_item("SVF_ANISOTROPY_LEVEL", "").as_deref(), level);
        }
    }
    for tool in [
        "svf_compute dem.tif x.tif",
        "svf_tile dem.tif x.json",
        "svf_profile point dem.tif --at-cell 9,9 --measure svf",
    ] {
        let run = folder.line(2, &format!("{tool} --anisotropy-azimuth 315"));
        run.assert_refused(
            2,
            &["--anisotropy-azimuth can only be used with --measure svf-anisotropic"],
        );
    }
    folder.line(0, &format!("svf_compute dem.tif out.tif --work-dir w --of COG --overwrite {sky}"));
    assert_same_bits(&folder.band("out_horizon.tif", 3), &folder.band("one_horizon.tif", 3), "COG");
}

#[test]
fn a_full_disk_fails_and_what_was_done_stays_done() {
    let folder = folder(300, 300);
    let args = ["dem.tif", "out.tif", "--work-dir", "w", "--tile-size", "100", "--radius", "9px"];
    // No file may be larger than a tile, or the mosaic.
    let script = "ulimit -f 20; exec \"$@\"";
    let failed: Run = run(&mut folder.command_in_shell(script, &args), &[]);
    assert_eq!(failed.code, Some(1), "{failed}");
    assert_eq!(
        strays(&[&folder.work(), &folder.path("w"), &folder.path("w/tiles")]),
        Vec::<String>::new()
    );
    folder
        .line(0, &args.iter().fold("svf_compute".to_owned(), |line, arg| format!("{line} {arg}")));
    folder.line(0, "svf_compute dem.tif one.tif --radius 9px");
    assert_equal(&folder, "out.tif", "one.tif");
}

#[test]
fn a_mosaic_never_replaces_what_its_tiles_were_computed_from() {
    let folder = Folder::new();
    folder.write_dem("o_1.tif", &terrain(60, 70, 3));
    folder.write_dem("trees.tif", &terrain(60, 70, 4));
    let before = [fs::read(folder.path("o_1.tif")), fs::read(folder.path("trees.tif"))];
    let before = before.map(Result::unwrap);
    folder.line(0, "svf_tile o_1.tif p.json --tile-size 30 --radius 5 --canopy trees.tif");
    folder.line(0, "svf_compute --plan p.json");
    for output in ["o_1.tif", "trees.tif", "o.tif --parts 2"] {
        let run = folder.line(2, &format!("svf_mosaic p.json {output} --overwrite"));
        assert!(run.stderr.contains("is a part of the input"), "{run}");
    }
    let after = [fs::read(folder.path("o_1.tif")), fs::read(folder.path("trees.tif"))];
    assert!(before == after.map(Result::unwrap));
}

/// Writes the quarters of a raster of bytes, and a list of all but `without`.
fn write_quarters(folder: &Folder, nodata: Option<f64>, without: &str) -> ndarray::Array2<f32> {
    let cells =
        ndarray::Array2::from_shape_fn((60, 80), |(row, col)| ((row * 7 + col) % 256) as f64);
    let mut list = String::new();
    for (name, row, col) in [("a", 0, 0), ("b", 0, 40), ("c", 30, 0), ("d", 30, 40)] {
        let part = cells.slice(ndarray::s![row..row + 30, col..col + 40]);
        let mut dem = Dem { nodata, ..Dem::of(&part.to_owned()) };
        dem.geo_transform[0] += col as f64;
        dem.geo_transform[3] -= row as f64;
        dem.write::<u8>(&folder.path(&format!("{name}.tif")));
        if name != without {
            list += &format!("{name}.tif\n");
        }
    }
    fs::write(folder.path("list.txt"), list).unwrap();
    cells.mapv(|cell| cell as f32)
}

/// Joins the list to every kind of output, which must have the same cells and NoData.
#[track_caller]
fn assert_joined(
    folder: &Folder,
    options: &str,
    nodata: Option<f64>,
    cells: &ndarray::Array2<f32>,
) {
    for (name, format) in [("o.tif", ""), ("cog.tif", "--of COG"), ("o.vrt", "")] {
        let line =
            format!("svf_mosaic --input-list list.txt {name} --overwrite {format} {options}");
        folder.line(0, &line);
        assert_eq!(folder.open(name).rasterband(1).unwrap().no_data_value(), nodata, "{name}");
        assert_same_bits(&folder.band(name, 1), cells, name);
    }
}

#[test]
fn a_list_without_nodata_is_joined_without_and_every_cell_counts() {
    let folder = Folder::new();
    let mut cells = write_quarters(&folder, None, "");
    assert!(cells.iter().any(|&cell| cell == 255.0) && cells.iter().any(|&cell| cell == 0.0));
    assert_joined(&folder, "", None, &cells);
    assert_joined(&folder, "--nodata 9", Some(9.0), &cells);
    let done = folder.line(0, "svf_mosaic --input-list list.txt e.tif --progress json").events();
    assert_eq!(done.last().unwrap()["data"]["stats"]["bands"][0]["valid"], 4800);
    // Gaps need a value that the user names.
    write_quarters(&folder, None, "d");
    let line = "svf_mosaic --input-list list.txt no.tif";
    folder.line(3, line).assert_refused(3, &["1200 of 4800 cells", "--allow-missing --nodata"]);
    let run = folder.line(2, &format!("{line} --allow-missing"));
    run.assert_refused(2, &["have no NoData value to fill these with", "--nodata -9999"]);
    let run = folder.line(2, &format!("{line} --allow-missing --nodata -9999"));
    run.assert_refused(2, &["NoData -9999 cannot be stored in type Byte"]);
    cells.slice_mut(ndarray::s![30.., 40..]).fill(9.0);
    assert_joined(&folder, "--allow-missing --nodata 9", Some(9.0), &cells);
    // What the rasters have is what the result has.
    write_quarters(&folder, Some(4.0), "d");
    cells.slice_mut(ndarray::s![30.., 40..]).fill(4.0);
    assert_joined(&folder, "--allow-missing", Some(4.0), &cells);
    let run = folder.line(2, &format!("{line} --allow-missing --nodata 9"));
    run.assert_refused(2, &["--nodata 9: the rasters of list.txt have NoData 4"]);
}

/// Makes a pipe that nobody writes to.
fn make_pipe(path: &Path) {
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn what_is_no_file_under_the_name_of_a_tile_is_named_and_left_alone() {
    let folder = folder(90, 80);
    let sky = "--radius 9px -n 5 --tile-size 30";
    folder.line(0, &format!("svf_compute dem.tif one.tif {sky}"));
    folder.line(0, &format!("svf_tile dem.tif p.json {sky}"));
    let tile = |place: &str| folder.path(&format!("p.tiles/{place}.tif"));
    fs::create_dir_all(tile("r0001_c0001")).unwrap();
    fs::write(tile("r0001_c0001").join("mine.txt"), "mine").unwrap();
    make_pipe(&tile("r0000_c0000"));
    let blocked = |code: &str, line: &str| {
        let events = events(&folder, 3, line);
        assert_eq!(events.last().unwrap()["data"]["code"], code);
        let reason = "it is not a regular file".to_owned();
        assert_eq!(named(&events), [(0, reason.clone()), (4, reason)]);
        events.last().unwrap()["data"]["message"].as_str().unwrap().to_owned()
    };
    // All others are computed, those that come later too.
    let said = blocked("tile.blocked", "svf_compute --plan p.json");
    assert!(said.starts_with("7 tiles computed, 0 already done, 2 not written"), "{said}");
    let said = blocked("tile.blocked", "svf_compute --plan p.json");
    assert!(said.starts_with("0 tiles computed, 7 already done, 2 not written"), "{said}");
    blocked("mosaic.incomplete", "svf_mosaic p.json out.tif");
    folder.line(3, "svf_compute --plan p.json").assert_refused(3, &["move or delete it"]);
    assert_eq!(fs::read_to_string(tile("r0001_c0001").join("mine.txt")).unwrap(), "mine");
    fs::remove_file(tile("r0000_c0000")).unwrap();
    fs::rename(tile("r0001_c0001"), folder.path("mine")).unwrap();
    folder.line(0, "svf_compute --plan p.json");
    folder.line(0, "svf_mosaic p.json out.tif");
    assert_equal(&folder, "out.tif", "one.tif");
}

#[test]
fn pipes_are_refused_as_rasters_and_may_be_lists() {
    let folder = folder(30, 30);
    make_pipe(&folder.path("pipe"));
    fs::write(folder.path("list.txt"), "dem.tif\npipe\n").unwrap();
    for line in ["svf_mosaic --input-list list.txt o.tif", "svf_compute pipe o.tif"] {
        let words = ["cannot open pipe: it is not a regular file", "/vsistdin/"];
        folder.line(1, line).assert_refused(1, &words);
    }
    // A list from a silent pipe is waited for, but not for ever.
    let args = ["--input-list", "pipe", "o.tif", "--progress", "json"];
    let mut child = folder.tool("svf_mosaic", &args).stdout(Stdio::piped()).spawn().unwrap();
    let mut start = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut start).unwrap();
    assert!(start.contains("\"start\""), "{start}");
    signal(&child, "TERM");
    assert_eq!(wait(&mut child).code(), Some(130));
    // Where a log is written, files of the input are compared with it; a pipe can be read only once.
    let log = fs::File::create(folder.path("log.txt")).unwrap();
    let mut join = folder.tool("svf_mosaic", &["--input-list", "pipe", "o.tif"]);
    let mut child = join.stdout(log).spawn().unwrap();
    // As from an editor that begins with a byte order mark.
    fs::write(folder.path("pipe"), "\u{feff}dem.tif\r\n").unwrap();
    assert!(wait(&mut child).success());
    assert_same_bits(&folder.band("o.tif", 1), &folder.band("dem.tif", 1), "o.tif");
}

#[test]
fn many_tiles_are_joined_with_few_files_open() {
    let folder = folder(120, 150);
    folder.line(0, "svf_compute dem.tif one.tif --radius 3px -n 4");
    folder.line(0, "svf_tile dem.tif p.json --tile-size 15 --radius 3px -n 4");
    folder.line(0, "svf_compute --plan p.json");
    let tile = folder.open("p.tiles/r0000_c0000.tif");
    assert_eq!(tile.rasterband(1).unwrap().block_size(), (16, 16));
    let list = |name: &str| {
        (0..80).fold(String::new(), |list, id| {
            list + &format!("{name}.tiles/r{:04}_c{:04}.tif\n", id / 10, id % 10)
        })
    };
    fs::write(folder.path("list.txt"), list("p")).unwrap();
    for args in
        [&["p.json", "out.tif"][..], &["--input-list", "list.txt", "out.tif", "--overwrite"]]
    {
        let script = "ulimit -n 40; exec \"$@\"";
        let run = run(&mut folder.tool_in_shell(script, "svf_mosaic", args), &[]);
        assert_eq!(run.code, Some(0), "{run}");
        assert_same_bits(&folder.band("out.tif", 1), &folder.band("one.tif", 1), "out.tif");
    }
}
