//! A country: many tiles and many files, of which a few change.

use std::fs;
use std::process::Command;
use std::time::{Duration, SystemTime};

use ndarray::Array2;
use serde_json::{Value, json};
use svf_job::trailer::Stamp;

use crate::large::assert_equal;
use crate::support::{Cell, Dem, Folder, ORIGIN, Run, run, terrain};

/// A VRT of `rows` x `cols` cells, almost all without a height.
fn write_large(folder: &Folder, rows: usize, cols: usize) {
    folder.write_dem("dem.tif", &terrain(20, 20, 3));
    let vrt = format!(
        r#"<VRTDataset rasterXSize="{cols}" rasterYSize="{rows}">
        <GeoTransform>0, 0.5, 0, 0, 0, -0.5</GeoTransform>
        <VRTRasterBand dataType="Float32" band="1"><NoDataValue>-9999</NoDataValue><SimpleSource>
        <SourceFilename relativeToVRT="1">dem.tif</SourceFilename><SourceBand>1</SourceBand>
        <SrcRect xOff="0" yOff="0" xSize="20" ySize="20"/>
        <DstRect xOff="0" yOff="0" xSize="20" ySize="20"/>
        </SimpleSource></VRTRasterBand></VRTDataset>"#
    );
    fs::write(folder.path("large.vrt"), vrt).unwrap();
}

/// Holds a plan to its schema.
#[track_caller]
fn assert_valid(plan: &Value) {
    let schema: Value = serde_json::from_str(include_str!("../../docs/plan.schema.json")).unwrap();
    let schema = jsonschema::draft202012::new(&schema).unwrap();
    let errors: Vec<String> = schema.iter_errors(plan).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
}

fn stats(run: &Run) -> Value {
    run.events().last().unwrap()["data"].clone()
}

#[test]
fn a_plan_of_many_tiles_is_small_and_each_tool_reads_it() {
    let folder = Folder::new();
    write_large(&folder, 3200, 6400);
    let made = folder.line(0, "svf_tile large.vrt p.json --tile-size 64 --radius 5px");
    assert!(made.text().contains("Tiles: 5000 of 64 x 64 cells, halo 5 x 5"), "{made}");
    let text = fs::read_to_string(folder.path("p.json")).unwrap();
    let plan: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (&plan["format"], &plan["tile_ranges"]),
        (&2.into(), &serde_json::json!([[0, 4999]]))
    );
    assert!(text.len() < 10_000 && plan.get("tiles").is_none(), "{text}");
    assert_valid(&plan);
    folder.line(0, "svf_compute --plan p.json --tiles 0,4999");
    let mut names: Vec<String> = fs::read_dir(folder.path("p.tiles"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["journal", "r0000_c0000.tif", "r0049_c0099.tif"]);
    // The first thousand of those that are missing are listed.
    let missing = stats(&folder.line(3, "svf_mosaic p.json out.tif --progress json"));
    assert!(missing["message"].as_str().unwrap().starts_with("4998 of 5000 tiles are missing"));
    let listed = missing["tiles"].as_array().unwrap();
    assert_eq!(
        (listed.len(), &listed[0]["id"], &listed[999]["id"]),
        (1000, &1.into(), &1000.into())
    );
    let joined =
        stats(&folder.line(0, "svf_mosaic p.json out.tif --allow-missing --progress json"));
    assert_eq!(
        joined["stats"]["tiles"],
        serde_json::json!({"total": 5000, "empty": 0, "missing": 4998})
    );
    let index = stats(&folder.line(
        0,
        "svf_tile large.vrt p.json --overwrite --tile-size 64 --radius 5px --skip-empty \
         --index tiles.geojson --progress json",
    ));
    assert_eq!(
        index["stats"]["tiles"],
        serde_json::json!({"total": 5000, "planned": 1, "empty": 4999})
    );
    let features = fs::read_to_string(folder.path("tiles.geojson")).unwrap();
    assert_eq!(features.matches("\"done\"").count(), 1);
    assert_eq!(features.matches("\"empty\"").count(), 4999);
    // With few tiles to compute, all of them are listed.
    let plan: Value = serde_json::from_slice(&fs::read(folder.path("p.json")).unwrap()).unwrap();
    assert_eq!((&plan["format"], plan["tiles"].as_array().unwrap().len()), (&1.into(), 1));
    // Outputs that are a tile of the plan.
    folder.line(2, "svf_mosaic p.json p.tiles/r0000_c0000.tif --overwrite");
}

const SHEET: usize = 40;
const SKY: &str = "--radius 5px -n 5";

/// The heights of a sheet, in this state.
fn sheet(row: usize, col: usize, state: u32) -> Array2<f64> {
    let seed = 7 * row as u32 + col as u32 + 100 * state;
    terrain(SHEET, SHEET, seed).mapv(f64::from)
}

fn sheet_path(row: usize, col: usize) -> String {
    format!("in/{row}_{col}.tif")
}

/// Writes a sheet into the folder `in`, with a time of change of its own.
fn write_sheet(folder: &Folder, row: usize, col: usize, state: u32) {
    write_sheet_of::<f32>(folder, (row, col), state, -9999.0);
}

/// The same with cells of another type, and another NoData value.
fn write_sheet_of<T: Cell>(folder: &Folder, (row, col): (usize, usize), state: u32, nodata: f64) {
    let mut dem = Dem::of(&sheet(row, col, state));
    dem.nodata = Some(nodata);
    dem.geo_transform[0] += (SHEET * col) as f64;
    dem.geo_transform[3] -= (SHEET * row) as f64;
    let path = folder.path(&sheet_path(row, col));
    let _ = fs::remove_file(&path);
    dem.write::<T>(&path);
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + u64::from(state));
    fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

/// The ways to name all sheets: as a folder, by a list, and as a VRT.
const WAYS: [&str; 3] = ["in", "--input-list in.txt", "in.vrt"];

/// Brings list and VRT up to date with the sheets that exist.
fn list_sheets(folder: &Folder, rows: usize, cols: usize) {
    let (mut list, mut sources) = (String::new(), String::new());
    for row in 0..rows {
        for col in 0..cols {
            let path = sheet_path(row, col);
            if !folder.path(&path).exists() {
                continue;
            }
            list += &format!("{path}\n");
            sources += &format!(
                "<SimpleSource><SourceFilename relativeToVRT=\"1\">{path}</SourceFilename>\
                 <SourceBand>1</SourceBand><SrcRect xOff=\"0\" yOff=\"0\" xSize=\"40\" ySize=\"40\"/>\
                 <DstRect xOff=\"{}\" yOff=\"{}\" xSize=\"40\" ySize=\"40\"/></SimpleSource>\n",
                SHEET * col,
                SHEET * row
            );
        }
    }
    let vrt = format!(
        "<VRTDataset rasterXSize=\"{}\" rasterYSize=\"{}\"><SRS>EPSG:32633</SRS>\
         <GeoTransform>500000, 1, 0, 4650000, 0, -1</GeoTransform>\
         <VRTRasterBand dataType=\"Float32\" band=\"1\"><NoDataValue>-9999</NoDataValue>\n{sources}\
         </VRTRasterBand></VRTDataset>",
        SHEET * cols,
        SHEET * rows
    );
    fs::write(folder.path("in.txt"), list).unwrap();
    fs::write(folder.path("in.vrt"), vrt).unwrap();
}

/// All sheets but one of 3 x 3, in their first state.
fn sheets() -> Folder {
    let folder = Folder::new();
    fs::create_dir(folder.path("in")).unwrap();
    for (row, col) in (0..3).flat_map(|row| (0..3).map(move |col| (row, col))) {
        if (row, col) != (2, 2) {
            write_sheet(&folder, row, col, 0);
        }
    }
    list_sheets(&folder, 3, 3);
    folder
}

/// What the sheets look like as one raster: the result of a run of all of them at once.
fn compute_once(folder: &Folder, way: &str) {
    folder.line(0, &format!("svf_compute {way} one.tif --overwrite {SKY}"));
}

pub fn tiles_of(run: &Run) -> (u64, u64) {
    let tiles = &stats(run)["stats"]["tiles"];
    (tiles["found"].as_u64().unwrap(), tiles["computed"].as_u64().unwrap())
}

#[test]
fn a_changed_or_new_sheet_costs_the_tiles_that_it_meets() {
    for way in WAYS {
        let folder = sheets();
        let plan =
            || folder.line(0, &format!("svf_tile {way} p.json --overwrite --tile-size 40 {SKY}"));
        let compute = || tiles_of(&folder.line(0, "svf_compute --plan p.json --progress json"));
        let hold = || {
            compute_once(&folder, way);
            folder.line(0, "svf_mosaic p.json out.tif --overwrite");
            assert_equal(&folder, "out.tif", "one.tif");
        };
        plan();
        assert_eq!(compute(), (0, 9), "{way}");
        hold();
        // A sheet has other heights: the old plan no longer holds.
        write_sheet(&folder, 0, 0, 1);
        let refused = folder.line(1, "svf_compute --plan p.json");
        assert!(refused.stderr.contains("the modification time of 0_0.tif was"), "{refused}");
        plan();
        assert_eq!(compute(), (5, 4), "{way}");
        hold();
        assert_eq!(compute(), (9, 0), "{way}");
        // A sheet where there was none.
        write_sheet(&folder, 2, 2, 0);
        list_sheets(&folder, 3, 3);
        plan();
        assert_eq!(compute(), (5, 4), "{way}");
        hold();
        // Sheets further south and east: tiles at the old edges see more, and have other numbers.
        write_sheet(&folder, 3, 0, 0);
        list_sheets(&folder, 4, 3);
        plan();
        assert_eq!(compute(), (6, 6), "{way}");
        write_sheet(&folder, 0, 3, 0);
        list_sheets(&folder, 4, 4);
        plan();
        assert_eq!(compute(), (8, 8), "{way}");
        hold();
        // Other options: nothing can be used.
        folder.line(
            0,
            &format!("svf_tile {way} p.json --overwrite --tile-size 40 {SKY} --z-factor 2"),
        );
        assert_eq!(compute(), (0, 16), "{way}");
    }
}

#[test]
fn a_sheet_of_another_type_or_nodata_value_costs_the_tiles_that_it_meets() {
    for way in &WAYS[..2] {
        let folder = sheets();
        let plan =
            || folder.line(0, &format!("svf_tile {way} p.json --overwrite --tile-size 40 {SKY}"));
        let compute = || tiles_of(&folder.line(0, "svf_compute --plan p.json --progress json"));
        let work = format!("svf_compute {way} w.tif --work-dir w --tile-size 40 {SKY} --overwrite");
        let work = || folder.line(0, &work);
        plan();
        assert_eq!(compute(), (0, 9), "{way}");
        work();
        for (step, tiles) in [(5, 4), (3, 6), (5, 4)].into_iter().enumerate() {
            match step {
                // The first sheet, whose NoData value was that of the whole.
                0 => write_sheet_of::<f32>(&folder, (0, 0), 1, -32768.0),
                // One beside a gap.
                1 => write_sheet_of::<f32>(&folder, (1, 2), 1, 9999.0),
                // A type that has all values of the others.
                _ => write_sheet_of::<f64>(&folder, (2, 0), 1, -1.0),
            }
            plan();
            assert_eq!(compute(), tiles, "{way}, step {step}");
            compute_once(&folder, way);
            folder.line(0, "svf_mosaic p.json out.tif --overwrite");
            assert_equal(&folder, "out.tif", "one.tif");
            let run = work();
            assert!(run.stderr.contains("1 file of the input changed"), "{way}, {step}: {run}");
            assert_equal(&folder, "w.tif", "one.tif");
        }
    }
}

#[test]
fn a_work_folder_goes_on_with_a_changed_sheet() {
    for way in WAYS {
        let folder = sheets();
        let work = |code: i32, more: &str| {
            let line = format!(
                "svf_compute {way} out.tif --work-dir w --tile-size 40 {SKY} --overwrite {more}"
            );
            folder.line(code, &line)
        };
        assert_eq!(tiles_of(&work(0, "--progress json")), (0, 9), "{way}");
        write_sheet(&folder, 1, 1, 1);
        let run = work(0, "");
        let said = "1 file of the input changed since w/plan.json was made: only the tiles that \
                    these files meet are computed again";
        assert!(run.stderr.contains(said), "{way}: {run}");
        compute_once(&folder, way);
        assert_equal(&folder, "out.tif", "one.tif");
        write_sheet(&folder, 2, 0, 1);
        assert_eq!(tiles_of(&work(0, "--progress json")), (5, 4), "{way}");
        // Another radius with it is another request.
        write_sheet(&folder, 2, 0, 2);
        let other = work(1, "--z-factor 2");
        assert!(other.stderr.contains("--z-factor was 1.0, now it is 2.0"), "{other}");
        // If all sheets changed, the folder is not replaced unasked.
        for (row, col) in (0..3).flat_map(|row| (0..3).map(move |col| (row, col))) {
            if (row, col) != (2, 2) {
                write_sheet(&folder, row, col, 3);
            }
        }
        let all = work(1, "");
        assert!(all.stderr.contains("add --restart to start again"), "{way}: {all}");
        assert_eq!(tiles_of(&work(0, "--restart --progress json")), (0, 9), "{way}");
    }
}

#[test]
fn a_file_that_a_vrt_uses_twice_belongs_to_both_places() {
    let folder = sheets();
    let text = fs::read_to_string(folder.path("in.vrt")).unwrap();
    // The sheet in the north-west is used in the south-east as well.
    let twice = text.replace(
        "</VRTRasterBand>",
        "<SimpleSource><SourceFilename relativeToVRT=\"1\">in/0_0.tif</SourceFilename>\
         <SourceBand>1</SourceBand><SrcRect xOff=\"0\" yOff=\"0\" xSize=\"40\" ySize=\"40\"/>\
         <DstRect xOff=\"80\" yOff=\"80\" xSize=\"40\" ySize=\"40\"/></SimpleSource></VRTRasterBand>",
    );
    fs::write(folder.path("in.vrt"), twice).unwrap();
    let line = format!("svf_compute in.vrt out.tif --work-dir w --tile-size 40 {SKY} --overwrite");
    folder.line(0, &line);
    write_sheet(&folder, 0, 0, 1);
    assert_eq!(tiles_of(&folder.line(0, &format!("{line} --progress json"))), (2, 7));
    compute_once(&folder, "in.vrt");
    assert_equal(&folder, "out.tif", "one.tif");
    // A mask, or how a source is used, counts as well.
    let text = fs::read_to_string(folder.path("in.vrt")).unwrap();
    let from = "<SrcRect xOff=\"0\" yOff=\"0\" xSize=\"40\" ySize=\"40\"/>";
    let to = "<SrcRect xOff=\"0\" yOff=\"0\" xSize=\"20\" ySize=\"40\"/>";
    fs::write(folder.path("in.vrt"), text.replacen(from, to, 1)).unwrap();
    assert_eq!(tiles_of(&folder.line(0, &format!("{line} --progress json"))), (5, 4));
    compute_once(&folder, "in.vrt");
    assert_equal(&folder, "out.tif", "one.tif");
}

/// What a file is recognised by: it is another one if it was written again.
fn stamps(folder: &Folder, names: &[&str]) -> Vec<Option<Stamp>> {
    names.iter().map(|name| Stamp::of(&folder.path(name))).collect()
}

/// A plan of 5 rows of tiles, all of them done, and one.tif, which they are joined to.
fn five_rows() -> Folder {
    let folder = crate::large::folder(200, 90);
    let sky = "--radius 9px -n 5 --measure svf,openness-negative";
    folder.line(0, &format!("svf_compute dem.tif one.tif {sky}"));
    folder.line(0, &format!("svf_tile dem.tif p.json --tile-size 40 {sky}"));
    folder.line(0, "svf_compute --plan p.json");
    folder
}

#[test]
fn parts_that_are_complete_are_kept() {
    let folder = five_rows();
    let all = ["a_1.tif", "a_2.tif", "a_3.tif", "a.vrt"];
    let before = |line: &str| {
        folder.line(0, line);
        assert_equal(&folder, "a.vrt", "one.tif");
        stamps(&folder, &all)
    };
    let first = before("svf_mosaic p.json a.tif --parts 3");
    assert_eq!(before("svf_mosaic p.json a.tif --parts 3"), first);
    // As a run leaves them that was killed in the second part, and its tiles are not needed.
    for name in ["a_2.tif", "a.vrt"] {
        fs::remove_file(folder.path(name)).unwrap();
    }
    fs::rename(folder.path("p.tiles/r0000_c0000.tif"), folder.path("kept.tif")).unwrap();
    let second = before("svf_mosaic p.json a.tif --parts 3");
    assert_eq!([second[0], second[2]], [first[0], first[2]]);
    assert!(second[1] != first[1] && second[1].is_some());
    fs::rename(folder.path("kept.tif"), folder.path("p.tiles/r0000_c0000.tif")).unwrap();
    // By size: the first part is kept, because it is as large as it would be now.
    let size = fs::metadata(folder.path("a_2.tif")).unwrap().len() * 6 / 5;
    let line = format!("svf_mosaic p.json b.tif --max-part-size {size}");
    folder.line(0, &line);
    let names = ["b_1.tif", "b_2.tif"];
    let sized = stamps(&folder, &names);
    for name in ["b_2.tif", "b.vrt"] {
        fs::remove_file(folder.path(name)).unwrap();
    }
    folder.line(0, &line);
    assert_equal(&folder, "b.vrt", "one.tif");
    let again = stamps(&folder, &names);
    assert!(again[0] == sized[0] && again[1] != sized[1]);
    // Other files: other options, another number, another plan, missing tiles.
    for line in
        ["svf_mosaic p.json a.tif --parts 3 --co COMPRESS=LZW", "svf_mosaic p.json a.tif --parts 2"]
    {
        let refused = folder.line(2, line);
        assert!(refused.stderr.contains("a_1.tif exists"), "{refused}");
    }
    assert_eq!(stamps(&folder, &all), second);
    fs::write(folder.path("d_3.tif"), "mine").unwrap();
    let refused = folder.line(2, "svf_mosaic p.json d.tif --parts 3");
    assert!(refused.stderr.contains("d_3.tif exists"), "{refused}");
    assert!(!folder.path("d_1.tif").exists());
    let other = before("svf_mosaic p.json a.tif --parts 3 --co COMPRESS=LZW --overwrite");
    assert!(other.iter().zip(&second).take(3).all(|(a, b)| a != b));
    folder.line(
        0,
        "svf_tile dem.tif q.json --tile-size 40 --radius 9px -n 6 --measure svf,openness-negative",
    );
    folder.line(0, "svf_compute --plan q.json");
    let refused = folder.line(2, "svf_mosaic q.json a.tif --parts 3");
    assert!(refused.stderr.contains("a_1.tif exists"), "{refused}");
    fs::remove_file(folder.path("p.tiles/r0004_c0001.tif")).unwrap();
    folder.line(0, "svf_mosaic p.json c.tif --parts 3 --allow-missing");
    let gap = stamps(&folder, &["c_1.tif", "c_2.tif", "c_3.tif"]);
    folder.line(0, "svf_compute --plan p.json");
    folder.line(0, "svf_mosaic p.json c.tif --parts 3 --overwrite");
    assert_equal(&folder, "c.vrt", "one.tif");
    let filled = stamps(&folder, &["c_1.tif", "c_2.tif", "c_3.tif"]);
    assert!(filled[..2] == gap[..2] && filled[2] != gap[2]);
}

#[test]
fn several_processes_write_a_part_each() {
    let folder = five_rows();
    let part = |k: u32, code: i32| {
        let line = format!("svf_mosaic p.json o.tif --part {k}/3 --progress json");
        stats(&folder.line(code, &line))
    };
    // Only the tiles of its rows are needed: a part has rows 0, 1 to 2, and 3 to 4.
    let tile = |row: u32| folder.path(&format!("p.tiles/r{row:04}_c0002.tif"));
    fs::rename(tile(1), folder.path("kept.tif")).unwrap();
    let last = part(3, 0);
    assert_eq!(last["outputs"], serde_json::json!(["o_3.tif"]));
    assert_eq!(last["stats"]["tiles"], serde_json::json!({"total": 6, "empty": 0, "missing": 0}));
    let missing = part(2, 3);
    assert!(missing["message"].as_str().unwrap().starts_with("1 of 6 tiles is missing"));
    assert_eq!(part(1, 0)["outputs"], serde_json::json!(["o_1.tif"]));
    fs::rename(folder.path("kept.tif"), tile(1)).unwrap();
    assert_eq!(part(2, 0)["outputs"], serde_json::json!(["o_2.tif", "o.vrt"]));
    assert_equal(&folder, "o.vrt", "one.tif");
    // The same again writes nothing, and a lost VRT is made by anyone.
    let all = ["o_1.tif", "o_2.tif", "o_3.tif", "o.vrt"];
    let before = stamps(&folder, &all);
    assert_eq!(part(2, 0)["outputs"], serde_json::json!(["o_2.tif", "o.vrt"]));
    assert_eq!(stamps(&folder, &all), before);
    fs::remove_file(folder.path("o.vrt")).unwrap();
    assert_eq!(part(1, 0)["outputs"], serde_json::json!(["o_1.tif", "o.vrt"]));
    assert_equal(&folder, "o.vrt", "one.tif");
    assert_eq!(stamps(&folder, &all[..3]), before[..3]);
    // The name can be that of the VRT, and a run of all parts keeps those of others.
    folder.line(0, "svf_mosaic p.json o.vrt --parts 3");
    assert_eq!(stamps(&folder, &all[..3]), before[..3]);
    for (line, what) in [
        ("svf_mosaic p.json o.tif --part 4/3", "not a part"),
        ("svf_mosaic p.json o.tif --part 1/6", "--part 1/6 is too many"),
        ("svf_mosaic p.json o.tif --part 1/3 --parts 3", "cannot be used with"),
        ("svf_mosaic p.json o.tif --of VRT --part 1/3", "need a local file name"),
    ] {
        let refused = folder.line(2, line);
        assert!(refused.stderr.contains(what), "{line}: {refused}");
    }
    // A list of rasters, too.
    let list: String = (0..5)
        .flat_map(|row| (0..3).map(move |col| format!("p.tiles/r{row:04}_c{col:04}.tif\n")))
        .collect();
    fs::write(folder.path("list.txt"), list).unwrap();
    for k in [2, 1] {
        folder.line(0, &format!("svf_mosaic --input-list list.txt l.tif --part {k}/2"));
    }
    assert_eq!(folder.bands("l.vrt"), folder.bands("one.tif"));
}

#[test]
fn a_changed_sheet_costs_the_parts_that_it_meets() {
    for way in WAYS {
        let folder = sheets();
        let compute = || {
            folder.line(0, &format!("svf_tile {way} p.json --overwrite --tile-size 40 {SKY}"));
            folder.line(0, "svf_compute --plan p.json");
        };
        let parts = || stamps(&folder, &["o_1.tif", "o_2.tif", "o_3.tif"]);
        let hold = || {
            compute_once(&folder, way);
            assert_equal(&folder, "o.vrt", "one.tif");
        };
        compute();
        folder.line(0, "svf_mosaic p.json o.tif --parts 3");
        let before = parts();
        hold();
        // The sight lines of the second row of tiles reach it, those of the third do not.
        write_sheet(&folder, 0, 0, 1);
        compute();
        folder.line(0, "svf_mosaic p.json o.tif --parts 3 --overwrite");
        let changed = parts();
        let same =
            |a: &[_], b: &[_]| -> Vec<bool> { a.iter().zip(b).map(|(a, b)| a == b).collect() };
        assert_eq!(same(&before, &changed), [false, false, true], "{way}");
        hold();
        // By several processes: the first part is of the plan before.
        write_sheet(&folder, 2, 0, 1);
        write_sheet(&folder, 2, 2, 0);
        list_sheets(&folder, 3, 3);
        compute();
        folder.line(0, "svf_mosaic p.json o.tif --part 3/3 --overwrite");
        let last = folder.line(0, "svf_mosaic p.json o.tif --part 2/3 --overwrite --progress json");
        assert_eq!(stats(&last)["outputs"], serde_json::json!(["o_2.tif", "o.vrt"]), "{way}");
        assert_eq!(same(&changed, &parts()), [true, false, false], "{way}");
        hold();
    }
}

#[test]
fn a_part_that_lacks_tiles_is_not_taken_for_a_whole_one() {
    let folder = five_rows();
    let tile = folder.path("p.tiles/r0000_c0001.tif");
    fs::rename(&tile, folder.path("kept.tif")).unwrap();
    folder.line(0, "svf_mosaic p.json o.tif --part 1/3 --allow-missing");
    fs::rename(folder.path("kept.tif"), &tile).unwrap();
    folder.line(0, "svf_mosaic p.json o.tif --part 2/3");
    let last = folder.line(0, "svf_mosaic p.json o.tif --part 3/3");
    assert!(last.stderr.contains("2 of 3 parts are written"), "{last}");
    assert!(!folder.path("o.vrt").exists());
    folder.line(0, "svf_mosaic p.json o.tif --part 1/3 --overwrite");
    assert_equal(&folder, "o.vrt", "one.tif");
}

#[test]
fn what_a_killed_process_left_of_a_part_goes_with_any_run_for_the_output() {
    let folder = five_rows();
    let left = |name: &str| {
        folder.path(&format!(".{name}.partial-{}-4000000-0", svf_raster::partial::machine()))
    };
    let [part, other] = ["o_4.tif", "o_4.csv"].map(left);
    for left in [&part, &other] {
        fs::create_dir(left).unwrap();
    }
    folder.line(0, "svf_mosaic p.json o.tif --part 1/3");
    assert!(!part.exists() && other.exists());
}

#[test]
fn rasters_for_other_programs_are_not_joined() {
    let folder = five_rows();
    for format in ["UMEP", "rsun", "RVT"] {
        folder
            .line(2, &format!("svf_mosaic p.json o.tif --of {format}"))
            .assert_refused(2, &["is written by svf_compute only", "--work-dir"]);
    }
}

#[test]
fn files_of_a_run_in_another_number_of_parts_are_named() {
    let folder = five_rows();
    let older = |line: &str| -> Vec<String> {
        let run = folder.line(0, &format!("{line} --progress json"));
        let older = run.events().into_iter().filter_map(|event| {
            let data = &event["data"];
            (data["code"] == "mosaic.older").then(|| data["path"].as_str().unwrap().to_owned())
        });
        older.collect()
    };
    let none: [&str; 0] = [];
    let parts = ["o_1.tif", "o_2.tif", "o_3.tif"];
    assert_eq!(older("svf_mosaic p.json o.tif --parts 3"), none);
    assert_eq!(older("svf_mosaic p.json o.tif --parts 2 --overwrite"), ["o_3.tif"]);
    assert_eq!(
        older("svf_mosaic p.json o.tif --overwrite"),
        ["o.vrt", "o_1.tif", "o_2.tif", "o_3.tif"]
    );
    fs::remove_file(folder.path("o.vrt")).unwrap();
    assert_eq!(older("svf_mosaic p.json o.tif --overwrite"), parts);
    for part in parts {
        fs::remove_file(folder.path(part)).unwrap();
    }
    // Parts of other processes are parts of this result; a raster of all tiles is not.
    for part in ["1/3", "3/3"] {
        assert_eq!(older(&format!("svf_mosaic p.json o.tif --part {part}")), none);
    }
    assert_eq!(older("svf_mosaic p.json o.tif --part 2/3"), ["o.tif"]);
    assert_eq!(older("svf_mosaic p.json o.tif --part 2/3"), ["o.tif"]);
    fs::remove_file(folder.path("o.tif")).unwrap();
    assert_eq!(older("svf_mosaic p.json o.tif --part 2/3"), none);
    for file in ["o.vrt", "o_1.tif", "o_2.tif", "o_3.tif"] {
        fs::remove_file(folder.path(file)).unwrap();
    }
    // A VRT over the tiles is another result.
    assert_eq!(older("svf_mosaic p.json o.vrt"), none);
    assert_eq!(older("svf_mosaic p.json o.tif --overwrite"), none);
    fs::remove_file(folder.path("o.vrt")).unwrap();
    assert_eq!(older("svf_mosaic p.json o.tif --parts 2 --overwrite"), ["o.tif"]);
}

/// A folder that is known by a link, as the current release of a model.
#[cfg(unix)]
#[test]
fn a_link_that_leads_elsewhere_is_noticed() {
    use std::os::unix::fs::symlink;
    let folder = sheets();
    for release in ["v1", "v2"] {
        fs::create_dir_all(folder.path(&format!("data/{release}/in"))).unwrap();
        for file in fs::read_dir(folder.path("in")).unwrap().flatten() {
            let to = format!("data/{release}/in/{}", file.file_name().display());
            fs::copy(file.path(), folder.path(&to)).unwrap();
        }
        let vrt = folder.path(&format!("data/{release}/in.vrt"));
        fs::copy(folder.path("in.vrt"), vrt).unwrap();
    }
    let lead_to = |release: &str| {
        let _ = fs::remove_file(folder.path("data/now"));
        symlink(release, folder.path("data/now")).unwrap();
    };
    for way in ["data/now/in", "data/now/in.vrt", "data/../data/now/in/0_0.tif"] {
        lead_to("v1");
        folder.line(0, &format!("svf_tile {way} p.json --overwrite --tile-size 40 {SKY}"));
        let plan = fs::read_to_string(folder.path("p.json")).unwrap();
        assert!(plan.contains("\"data/now/in"), "{way}: {plan}");
        folder.line(0, "svf_compute --plan p.json");
        lead_to("v2");
        let refused = folder.line(1, "svf_compute --plan p.json");
        assert!(refused.stderr.contains("the modification time of 0_0.tif was"), "{refused}");
    }
    // A link that cannot be followed from the plan is left out.
    symlink("data/v1", folder.path("there")).unwrap();
    folder.line(0, &format!("svf_tile data/v2/in there/q.json --tile-size 40 {SKY}"));
    folder.line(0, "svf_compute --plan data/v1/q.json");
    folder.line(0, "svf_compute --plan there/q.json");
}

#[test]
fn files_that_are_not_there_are_not_called_misfits() {
    let folder = sheets();
    folder.line(0, &format!("svf_tile in p.json --tile-size 40 {SKY}"));
    fs::rename(folder.path("in"), folder.path("away")).unwrap();
    let away = folder.line(3, "svf_compute --plan p.json");
    assert!(away.stderr.contains("8 of 8 files are not there: in/0_0.tif, "), "{away}");
    assert!(away.stderr.contains("is it mounted?"), "{away}");
    fs::write(folder.path("l.txt"), "away/0_0.tif\nnone.tif\n").unwrap();
    let named = folder.line(1, "svf_compute --input-list l.txt o.tif --radius 5px");
    assert!(named.stderr.contains("1 of 2 files is not there: none.tif"), "{named}");
    fs::rename(folder.path("away"), folder.path("in")).unwrap();
    folder.line(0, "svf_compute --plan p.json");
}

#[cfg(unix)]
#[test]
fn a_tile_that_cannot_be_read_now_stays_and_is_not_filled() {
    let folder = five_rows();
    let tile = folder.path("p.tiles/r0002_c0001.tif");
    let good = fs::read(&tile).unwrap();
    fs::remove_file(&tile).unwrap();
    // Like a disk that fails: the name is there, and opening it is an error of the system.
    std::os::unix::fs::symlink("r0002_c0001.tif", &tile).unwrap();
    let lines = [
        "svf_compute --plan p.json",
        "svf_mosaic p.json o.tif",
        "svf_mosaic p.json o.tif --allow-missing",
        "svf_mosaic p.json o.tif --part 2/3 --allow-missing",
    ];
    for line in lines {
        let error = stats(&folder.line(3, &format!("{line} --progress json")));
        assert_eq!((&error["code"], &error["retry"]), (&"tile.unreadable".into(), &true.into()));
        let tiles = error["tiles"].as_array().unwrap();
        assert_eq!((tiles.len(), &tiles[0]["id"]), (1, &7.into()), "{line}");
        assert!(tiles[0]["reason"].as_str().unwrap().contains("symbolic links"), "{error}");
    }
    assert!(tile.is_symlink() && !folder.path("o.tif").exists());
    fs::remove_file(&tile).unwrap();
    // A link that leads nowhere is the user's.
    std::os::unix::fs::symlink("nowhere", &tile).unwrap();
    let blocked = stats(&folder.line(3, "svf_compute --plan p.json --progress json"));
    assert_eq!((&blocked["code"], &blocked["retry"]), (&"tile.blocked".into(), &false.into()));
    fs::remove_file(&tile).unwrap();
    let missing = stats(&folder.line(3, "svf_mosaic p.json o.tif --progress json"));
    assert_eq!((&missing["code"], &missing["retry"]), (&"mosaic.incomplete".into(), &false.into()));
    fs::write(&tile, good).unwrap();
    folder.line(0, "svf_mosaic p.json o.tif");
    assert_equal(&folder, "o.tif", "one.tif");
}

#[test]
fn a_plan_made_again_with_other_memory_keeps_its_tiles() {
    let folder = crate::large::folder(1500, 1500);
    let plan = |more: &str| {
        let line = format!("svf_tile dem.tif p.json --radius 5px -n 4 --overwrite {more}");
        folder.line(0, &line);
        let text = fs::read(folder.path("p.json")).unwrap();
        serde_json::from_slice::<Value>(&text).unwrap()
    };
    let first = plan("--max-memory 160M --threads 1");
    let ample = plan("--max-memory 2G --threads 2");
    assert_eq!((&ample["id"], &ample["tile_px"]), (&first["id"], &first["tile_px"]));
    // Another size, and other options.
    let other = plan("--max-memory 2G --tile-size 300");
    assert_eq!(other["tile_px"], serde_json::json!([300, 300]));
    assert_eq!(plan("--max-memory 2G")["id"], other["id"]);
    assert_ne!(plan("--max-memory 2G --z-factor 2")["tile_px"], other["tile_px"]);
}

#[test]
fn what_cannot_be_in_a_store_is_said_before_the_work() {
    let folder = five_rows();
    // Whoever asks it waits without end.
    let store = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    store.set_nonblocking(true).unwrap();
    let address = store.local_addr().unwrap().to_string();
    for (line, code, what) in [
        (
            "svf_mosaic p.json /vsis3/x/o.vrt",
            2,
            "cannot be a VRT: its tiles are files of this machine",
        ),
        (
            "svf_mosaic p.json /vsis3/x/o.tif --of VRT",
            2,
            "cannot be a VRT: its tiles are files of this machine",
        ),
        ("svf_compute --plan /vsis3/x/p.json", 1, "a plan must be a local file"),
        ("svf_mosaic /vsis3/x/p.json o.tif", 1, "a plan must be a local file"),
        ("svf_mosaic s3://x/p.json o.tif", 1, "a plan must be a local file"),
        ("svf_mosaic p.json /vsicurl/http://ADDRESS/o.tif", 1, "cannot write to it"),
        ("svf_compute dem.tif /vsicurl/http://ADDRESS/o.tif --dry-run", 1, "cannot write to it"),
        ("svf_compute dem.tif /vsicached?file=o.tif --of GTiff", 1, "cannot write to it"),
        ("svf_compute dem.tif /vsicurl/http://ADDRESS/o.tif --work-dir w", 1, "cannot write to it"),
        ("svf_compute dem.tif none/o.tif --dry-run", 1, "folder none does not exist"),
    ] {
        let line = line.replace("ADDRESS", &address);
        let words: Vec<&str> = line.split(' ').collect();
        let mut command = folder.tool(words[0], &words[1..]);
        command.env("AWS_S3_ENDPOINT", &address).env("AWS_HTTPS", "NO");
        command.env("AWS_NO_SIGN_REQUEST", "YES").env("AWS_VIRTUAL_HOSTING", "FALSE");
        let run = run(&mut command, &[]);
        assert_eq!(run.code, Some(code), "{line}: {run}");
        assert!(run.stderr.contains(what), "{line}: {run}");
        let asked = store.accept().map_err(|error| error.kind());
        assert_eq!(asked.unwrap_err(), std::io::ErrorKind::WouldBlock, "{line}");
    }
    folder.line(0, "svf_compute dem.tif o.tif --dry-run");
    folder.assert_files(&["dem.tif", "one.tif", "p.json", "p.tiles"]);
}

#[test]
fn many_outdated_tiles_are_a_number_and_the_first_few() {
    let folder = five_rows();
    let said = || folder.line(0, "svf_compute --plan p.json").stderr;
    let plan = |radius: u32| {
        folder.line(
            0,
            &format!("svf_tile dem.tif p.json --overwrite --tile-size 40 --radius {radius}px"),
        );
    };
    plan(5);
    let warning = said();
    let first = "15 tiles cannot be used and are computed again: tile 0 (p.tiles/r0000_c0000.tif): it belongs";
    assert!(warning.contains(first), "{warning}");
    assert!(warning.contains("tile 2 (") && !warning.contains("tile 3 ("), "{warning}");
    assert!(warning.contains("; and 12 more"), "{warning}");
    fs::write(folder.path("p.tiles/r0004_c0002.tif"), "").unwrap();
    let warning = said();
    assert!(
        warning.contains("1 tile cannot be used and is computed again: tile 14 ("),
        "{warning}"
    );
}

/// Serves a file to whoever asks, with this ETag, until the folder is gone.
fn serve(bytes: Vec<u8>, tag: std::sync::Arc<std::sync::Mutex<String>>) -> u16 {
    use std::io::{BufRead, BufReader, Write};
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = server.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in server.incoming() {
            let Ok(mut stream) = stream else { return };
            let (bytes, tag) = (bytes.clone(), tag.lock().unwrap().clone());
            std::thread::spawn(move || {
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let mut request = Vec::new();
                while let Some(Ok(line)) = lines.next() {
                    if line.is_empty() {
                        break;
                    }
                    request.push(line.to_ascii_lowercase());
                }
                let Some(first) = request.first() else { return };
                let is_file = first.contains("/dem.tif ");
                let range = request.iter().find_map(|line| {
                    let (start, end) = line.strip_prefix("range: bytes=")?.split_once('-')?;
                    let end = end.parse().unwrap_or(usize::MAX).min(bytes.len() - 1);
                    Some((start.parse::<usize>().ok()?, end))
                });
                let (status, part) = match range {
                    _ if !is_file => ("404 Not Found".to_owned(), &bytes[..0]),
                    Some((start, end)) if start <= end => {
                        let of = format!("Content-Range: bytes {start}-{end}/{}", bytes.len());
                        (format!("206 Partial Content\r\n{of}"), &bytes[start..=end])
                    }
                    _ => ("200 OK".to_owned(), &bytes[..]),
                };
                let head = format!(
                    "HTTP/1.1 {status}\r\nContent-Length: {}\r\nETag: \"{tag}\"\r\n\
                     Accept-Ranges: bytes\r\nConnection: close\r\n\r\n",
                    part.len()
                );
                let head = head.replace("ETag: \"\"\r\n", "");
                let _ = stream.write_all(head.as_bytes());
                if !first.starts_with("head ") {
                    let _ = stream.write_all(part);
                }
            });
        }
    });
    port
}

#[test]
fn a_file_on_a_server_is_recognised_by_its_etag() {
    let folder = crate::large::folder(60, 60);
    let tag = std::sync::Arc::new(std::sync::Mutex::new("v1".to_owned()));
    let port = serve(fs::read(folder.path("dem.tif")).unwrap(), tag.clone());
    let url = format!("/vsicurl/http://127.0.0.1:{port}/dem.tif");
    folder.line(0, &format!("svf_tile {url} p.json --radius 5px -n 4 --tile-size 40"));
    let known = folder.line(0, "svf_compute --plan p.json --tiles 0-1");
    assert!(!known.stderr.contains("is not known"), "{known}");
    folder.line(0, "svf_compute --plan p.json");
    *tag.lock().unwrap() = "v2".into();
    let refused = folder.line(1, "svf_compute --plan p.json");
    let said = "the version of dem.tif on the server was \"v1\", now it is \"v2\"";
    assert!(refused.stderr.contains(said), "{refused}");
    // A server that says nothing of versions.
    tag.lock().unwrap().clear();
    for line in ["svf_tile URL none.json", "svf_compute URL none.tif --work-dir none"] {
        let line = line.replace("URL", &url);
        let warned = folder.line(0, &format!("{line} --radius 5px -n 4 --tile-size 40"));
        assert!(warned.stderr.contains("dem.tif on the server is not known"), "{warned}");
    }
    // One of two sheets, the other one lies east of it: after a new plan, its tiles are computed again.
    let (left, top) = ORIGIN;
    let corners = [left + 60.0, top, left + 120.0, top - 60.0].map(|number| number.to_string());
    let words = [&["-q", "-a_ullr"], &corners.each_ref().map(String::as_str)[..]].concat();
    let words = [&words[..], &["dem.tif", "east.tif"]].concat();
    assert!(folder.in_folder("gdal_translate", &words).status().unwrap().success());
    fs::write(folder.path("both.txt"), format!("{url}\neast.tif\n")).unwrap();
    for (version, said) in
        [("v2", "6 tiles computed"), ("v3", "4 of 6 tiles computed, 2 already done")]
    {
        *tag.lock().unwrap() = version.into();
        let options = "--radius 5px -n 4 --tile-size 40 --overwrite";
        folder.line(0, &format!("svf_tile --input-list both.txt q.json {options}"));
        let run = folder.line(0, "svf_compute --plan q.json");
        assert!(run.stderr.contains(said), "{version}: {run}");
    }
}

/// What can happen to a sheet after the plan was made.
fn spoil(folder: &Folder, sheet: &str, how: &str) {
    let path = folder.path(sheet);
    let bytes = fs::read(&path).unwrap();
    let time = fs::metadata(&path).unwrap().modified().unwrap();
    match how {
        "missing" => return fs::remove_file(&path).unwrap(),
        "cut short" => fs::write(&path, &bytes[..bytes.len() / 2]).unwrap(),
        "no directory" => fs::write(&path, &bytes[..10]).unwrap(),
        "empty" => fs::write(&path, "").unwrap(),
        "garbage" => fs::write(&path, vec![b'x'; bytes.len()]).unwrap(),
        _ => unreachable!("{how}"),
    }
    fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
}

#[test]
fn a_sheet_that_is_broken_after_planning_costs_the_tiles_that_it_meets() {
    // The first sheet is the one that the others are compared with; the last one is beside a gap.
    for (sheet, meets, cells) in [
        ("in/0_0.tif", &[0_u64, 1, 3, 4][..], "rows 0..40, columns 0..40"),
        ("in/1_2.tif", &[1, 2, 4, 5, 7, 8], "rows 40..45, columns 80..84"),
    ] {
        let mut said: Vec<(String, String)> = Vec::new();
        for (way, how) in WAYS.into_iter().flat_map(|way| {
            ["cut short", "no directory", "missing", "empty", "garbage"].map(|how| (way, how))
        }) {
            let folder = sheets();
            compute_once(&folder, way);
            folder.line(0, &format!("svf_tile {way} p.json --tile-size 40 {SKY}"));
            let (path, at) = (folder.path(sheet), format!("{sheet}, {way}, {how}"));
            let whole = fs::read(&path).unwrap();
            let time = fs::metadata(&path).unwrap().modified().unwrap();
            spoil(&folder, sheet, how);
            let run = folder.line(3, "svf_compute --plan p.json --progress json");
            let event = run.events().into_iter().find(|event| event["type"] == "error").unwrap();
            let error = &event["data"];
            assert_eq!(error["code"], "tile.unread", "{at}: {run}");
            let listed = error["tiles"].as_array().unwrap();
            let ids: Vec<u64> = listed.iter().map(|tile| tile["id"].as_u64().unwrap()).collect();
            assert_eq!(ids, meets, "{at}");
            let message = error["message"].as_str().unwrap();
            let done = format!("{} tiles computed", 9 - meets.len());
            assert!(message.contains(&done) && message.contains(sheet), "{at}: {message}");
            assert!(message.contains(cells), "{at}: {message}");
            let words = (listed[0]["reason"].to_string(), error["hint"].to_string());
            // One text for one cause, whatever names the sheet.
            match said.iter().find(|(known, _)| known.starts_with(how)) {
                Some((_, known)) => assert_eq!(&format!("{words:?}"), known, "{at}"),
                None => said.push((how.to_owned(), format!("{words:?}"))),
            }
            // The others have nothing left to do; then the sheet is as before.
            let again = folder.line(3, "svf_compute --plan p.json --tile-part 1/2");
            assert!(again.stderr.contains("0 tiles computed"), "{at}: {again}");
            fs::write(&path, &whole).unwrap();
            fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
            let all = tiles_of(&folder.line(0, "svf_compute --plan p.json --progress json"));
            assert_eq!(all, (9 - meets.len() as u64, meets.len() as u64), "{at}");
            folder.line(0, "svf_mosaic p.json out.tif");
            assert_equal(&folder, "out.tif", "one.tif");
        }
    }
}

/// A sheet of several files, none of which but one is a raster by itself: all of them are looked at when
/// they change, and only the raster is opened.
#[test]
fn a_changed_sheet_of_several_files_is_computed_again() {
    let convert = |folder: &Folder, format: &str, to: &str, state: u32| {
        write_sheet(folder, 1, 1, state);
        let words = ["-q", "-of", format, "in/1_1.tif", to];
        assert!(folder.in_folder("gdal_translate", &words).status().unwrap().success());
        fs::remove_file(folder.path("in/1_1.tif")).unwrap();
    };
    let line = |input: &str, output: &str| {
        format!("svf_compute {input} {output} --overwrite --tile-size 40 {SKY}")
    };
    for (format, name) in [("AAIGrid", "1_1.asc"), ("ENVI", "1_1.dat"), ("SAGA", "1_1.sdat")] {
        let folder = sheets();
        let of_sheets = line("in", "w.tif --work-dir w --progress json");
        folder.line(0, &of_sheets);
        // In the place of a sheet of one file, then changed in place, then beside a mask that is new.
        let to = format!("in/{name}");
        for (step, state) in [0, 3, 4].into_iter().enumerate() {
            convert(&folder, format, &to, state);
            let run = folder.line(0, &of_sheets);
            assert!(tiles_of(&run).1 >= 5, "{format}, {step}: {run}");
            folder.line(0, &line("in", "fresh.tif"));
            assert_equal(&folder, "w.tif", "fresh.tif");
            folder.line(0, &format!("svf_tile in p.json --overwrite --tile-size 40 {SKY}"));
            folder.line(0, "svf_compute --plan p.json");
        }
        // An old plan is refused, and so is the work folder of a single raster.
        folder.line(0, &line(&to, "s.tif --work-dir s"));
        convert(&folder, format, &to, 5);
        let old = folder.line(1, "svf_compute --plan p.json");
        assert!(old.stderr.contains("make a new plan"), "{format}: {old}");
        let single = folder.line(1, &line(&to, "s.tif --work-dir s"));
        assert!(single.stderr.contains("--restart"), "{format}: {single}");
    }
    // A mask and metadata that are new.
    let folder = sheets();
    let of_sheets = line("in", "w.tif --work-dir w --progress json");
    folder.line(0, &of_sheets);
    let metadata =
        "<PAMDataset><PAMRasterBand band=\"1\"><Offset>5</Offset></PAMRasterBand></PAMDataset>";
    fs::write(folder.path("in/1_1.tif.aux.xml"), metadata).unwrap();
    assert!(tiles_of(&folder.line(0, &of_sheets)).1 >= 5);
    folder.line(0, &line("in", "fresh.tif"));
    assert_equal(&folder, "w.tif", "fresh.tif");
    let half =
        ndarray::Array2::from_shape_fn((SHEET, SHEET), |(row, _)| 255.0 * f64::from(row < 20));
    Dem::of(&half).write::<u8>(&folder.path("in/0_1.tif.msk"));
    assert!(tiles_of(&folder.line(0, &of_sheets)).1 >= 5);
    folder.line(0, &line("in", "fresh.tif"));
    assert_equal(&folder, "w.tif", "fresh.tif");
}

/// A line of shell script that takes away what root may do beyond others.
#[cfg(target_os = "linux")]
const AS_OTHERS: &str = "[ \"$(id -u)\" != 0 ] || \
                         set -- setpriv --bounding-set -dac_override,-dac_read_search \"$@\"; \"$@\"";

/// A sheet without read permission is not damaged. Its failure is said of no other sheet, whichever
/// was open when the sample of the heights met it.
#[cfg(target_os = "linux")]
#[test]
fn a_sheet_that_may_not_be_read_now_costs_the_tiles_that_it_meets() {
    use std::os::unix::fs::PermissionsExt;

    for way in WAYS {
        for (sheet, meets) in
            [("in/0_0.tif", &[0_u64, 1, 3, 4][..]), ("in/1_1.tif", &[0, 1, 2, 3, 4, 5, 6, 7, 8])]
        {
            let folder = sheets();
            compute_once(&folder, way);
            folder.line(0, &format!("svf_tile {way} p.json --tile-size 40 {SKY}"));
            let allow = |mode| {
                let permissions = fs::Permissions::from_mode(mode);
                fs::set_permissions(folder.path(sheet), permissions).unwrap();
            };
            allow(0o000);
            let args = ["--plan", "p.json", "--progress", "json"];
            let run = run(&mut folder.command_in_shell(AS_OTHERS, &args), &[]);
            assert_eq!(run.code, Some(3), "{way}, {sheet}: {run}");
            let error = stats(&run);
            let listed = error["tiles"].as_array().unwrap();
            let ids: Vec<u64> = listed.iter().map(|tile| tile["id"].as_u64().unwrap()).collect();
            assert_eq!(ids, meets, "{way}, {sheet}");
            assert!(
                listed.iter().all(|tile| tile["path"].as_str().unwrap().ends_with(sheet)),
                "{error}"
            );
            assert_eq!((&error["code"], &error["retry"]), (&"tile.unread".into(), &true.into()));
            let hint = error["hint"].as_str().unwrap();
            assert!(hint.contains("permissions are the reason"), "{way}, {sheet}: {hint}");
            allow(0o644);
            folder.line(0, "svf_compute --plan p.json");
            folder.line(0, "svf_mosaic p.json out.tif");
            assert_equal(&folder, "out.tif", "one.tif");
        }
    }
}

#[test]
fn sheets_that_are_not_opened_are_as_the_plan_says() {
    let folder = sheets();
    // Sheets of three kinds: most are Float32 GeoTIFFs.
    for (sheet, options) in [
        ("0_2", "-ot Int16 in/0_2.tif in/0_2.int16.tif"),
        ("1_0", "-of ENVI in/1_0.tif in/1_0.img"),
        ("1_1", "-of ENVI in/1_1.tif in/1_1.img"),
    ] {
        let words = options.split(' ');
        let made = Command::new("gdal_translate").args(words).current_dir(folder.work()).output();
        assert!(made.unwrap().status.success(), "{options}");
        fs::remove_file(folder.path(&format!("in/{sheet}.tif"))).unwrap();
    }
    compute_once(&folder, "in");
    folder.line(0, &format!("svf_tile in p.json --tile-size 40 {SKY}"));
    let plan: Value = serde_json::from_slice(&fs::read(folder.path("p.json")).unwrap()).unwrap();
    let inputs = plan["inputs"].as_array().unwrap();
    let names: Vec<&str> = inputs.iter().map(|input| input["path"].as_str().unwrap()).collect();
    let likes: Vec<u64> = inputs.iter().map(|input| input["like"].as_u64().unwrap()).collect();
    assert_eq!(names.len(), 8, "{names:?}");
    assert_eq!(likes, [0, 0, 2, 3, 3, 0, 0, 0], "{names:?}");
    assert_eq!(inputs[3]["beside"], json!(["1_0.hdr"]));
    assert_valid(&plan);
    for tile in 0..9 {
        folder.line(0, &format!("svf_compute --plan p.json --tiles {tile}"));
    }
    folder.line(0, "svf_mosaic p.json out.tif");
    assert_equal(&folder, "out.tif", "one.tif");
}

#[test]
fn a_sheet_that_says_something_else_after_planning_is_noticed() {
    // What GDAL's programs write beside a raster is no change of the file itself.
    let note = "<PAMDataset><PAMRasterBand band=\"1\"><NoDataValue>7</NoDataValue></PAMRasterBand></PAMDataset>";
    for way in &WAYS[..2] {
        let folder = sheets();
        folder.line(0, &format!("svf_tile {way} p.json --tile-size 40 {SKY}"));
        fs::write(folder.path("in/1_2.tif.aux.xml"), note).unwrap();
        let run = folder.line(3, "svf_compute --plan p.json --progress json");
        let event = run.events().into_iter().find(|event| event["type"] == "error").unwrap();
        let tiles = event["data"]["tiles"].as_array().unwrap();
        let ids: Vec<u64> = tiles.iter().map(|tile| tile["id"].as_u64().unwrap()).collect();
        assert_eq!(ids, [1, 2, 4, 5, 7, 8], "{way}");
        let reason = tiles[0]["reason"].as_str().unwrap();
        assert!(reason.contains("NoData value has changed since the plan was made"), "{reason}");
        // The sheet that the others are like is opened by each process.
        fs::remove_file(folder.path("in/1_2.tif.aux.xml")).unwrap();
        fs::write(folder.path("in/0_0.tif.aux.xml"), note).unwrap();
        let refused = folder.line(1, "svf_compute --plan p.json --tiles 8");
        assert!(refused.stderr.contains("does not match this run"), "{refused}");
        fs::remove_file(folder.path("in/0_0.tif.aux.xml")).unwrap();
        assert_eq!(tiles_of(&folder.line(0, "svf_compute --plan p.json --progress json")).0, 3);
    }
}

#[test]
fn a_work_folder_goes_on_around_a_broken_sheet() {
    // A sheet that is not in a folder any more is no part of the input.
    let hows =
        [("in", "cut short"), (WAYS[1], "missing"), (WAYS[2], "missing"), (WAYS[2], "empty")];
    for (way, how) in hows {
        let folder = sheets();
        let work = |code: i32| {
            let sky = "--tile-size 40 --overwrite --progress json";
            folder.line(code, &format!("svf_compute {way} out.tif --work-dir w {sky} {SKY}"))
        };
        compute_once(&folder, way);
        assert_eq!(tiles_of(&work(0)), (0, 9), "{way}");
        let path = folder.path("in/0_0.tif");
        let whole = fs::read(&path).unwrap();
        let time = fs::metadata(&path).unwrap().modified().unwrap();
        // All but one of the tiles that the sheet meets, and one more, are lost.
        for tile in ["r0000_c0000", "r0000_c0001", "r0001_c0000", "r0002_c0002"] {
            fs::remove_file(folder.path(&format!("w/tiles/{tile}.tif"))).unwrap();
        }
        spoil(&folder, "in/0_0.tif", how);
        let run = work(3);
        let event = run.events().into_iter().find(|event| event["type"] == "error").unwrap();
        let tiles = event["data"]["tiles"].as_array().unwrap();
        let ids: Vec<u64> = tiles.iter().map(|tile| tile["id"].as_u64().unwrap()).collect();
        assert_eq!(ids, [0, 1, 3], "{way}, {how}");
        let message = event["data"]["message"].as_str().unwrap();
        assert!(
            message.starts_with("1 tile computed, 5 already done, 3 not computed"),
            "{message}"
        );
        fs::write(&path, &whole).unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
        assert_eq!(tiles_of(&work(0)), (6, 3), "{way}, {how}");
        assert_equal(&folder, "out.tif", "one.tif");
    }
}

/// Runs several lines at the same time.
fn at_once(folder: &Folder, lines: &[String]) -> Vec<Run> {
    let command = |line: &String| {
        let words: Vec<&str> = line.split_whitespace().collect();
        folder.tool(words[0], &words[1..])
    };
    let commands: Vec<Command> = lines.iter().map(command).collect();
    std::thread::scope(|scope| {
        let start = |mut command| scope.spawn(move || run(&mut command, &[]));
        let running: Vec<_> = commands.into_iter().map(start).collect();
        running.into_iter().map(|run| run.join().unwrap()).collect()
    })
}

/// Parts have the same names, whatever their number.
#[test]
fn mosaics_of_one_name_in_other_parts_are_never_mixed() {
    let folder = five_rows();
    let of = |parts: u32| format!("svf_mosaic p.json a.tif --parts {parts} --overwrite");
    for _ in 0..8 {
        let runs = at_once(&folder, &[of(3), of(2)]);
        for run in &runs {
            let replaced =
                run.code == Some(1) && run.stderr.contains("another process replaced a_");
            assert!(run.code == Some(0) || replaced, "{run}");
        }
        if folder.path("a.vrt").exists() {
            assert_equal(&folder, "a.vrt", "one.tif");
        }
    }
    folder.line(0, &of(3));
    assert_equal(&folder, "a.vrt", "one.tif");
}

/// The one that begins first writes the plan with the changed sheet, and works when the others look.
#[test]
fn the_same_command_can_begin_several_times_after_a_change() {
    let folder = sheets();
    let line = format!("svf_compute in out.tif --work-dir w --tile-size 20 --overwrite {SKY}");
    folder.line(0, &line);
    for state in 1..=6 {
        write_sheet(&folder, 1, 1, state);
        let runs = at_once(&folder, &[line.clone(), line.clone(), line.clone()]);
        for run in runs {
            assert_eq!(run.code, Some(0), "{run}");
        }
    }
    compute_once(&folder, "in");
    assert_equal(&folder, "out.tif", "one.tif");
}

/// The sheet that all others are laid out by says the CRS in other words.
#[test]
fn the_first_sheet_can_come_in_another_format() {
    let folder = sheets();
    let line = format!("svf_compute in out.tif --work-dir w --tile-size 40 --overwrite {SKY}");
    let first = folder.line(0, &format!("{line} --progress json"));
    assert_eq!(tiles_of(&first), (0, 9));
    let words = |name: &str| folder.open(name).projection();
    let before = words("in/0_0.tif");
    let done = Command::new("gdal_translate")
        .args(["-q", "-of", "HFA", "in/0_0.tif", "in/0_0.img"])
        .current_dir(folder.work())
        .output();
    assert!(done.unwrap().status.success());
    assert_ne!(words("in/0_0.img"), before);
    fs::remove_file(folder.path("in/0_0.tif")).unwrap();
    let again = folder.line(0, &format!("{line} --progress json"));
    assert_eq!(tiles_of(&again), (5, 4), "{again}");
    compute_once(&folder, "in");
    assert_eq!(folder.bands("out.tif"), folder.bands("one.tif"));
}

/// Where the system says no, it is not said that the files are gone or different.
#[cfg(target_os = "linux")]
#[test]
fn files_that_may_not_be_read_are_called_that() {
    use std::os::unix::fs::PermissionsExt;

    let folder = sheets();
    folder.line(0, &format!("svf_tile in p.json --tile-size 40 {SKY}"));
    fs::write(folder.path("l.txt"), "in/0_0.tif\nin/0_1.tif\n").unwrap();
    let run_with = |path: &str, mode, args: &[&str]| {
        let set = |mode| {
            fs::set_permissions(folder.path(path), fs::Permissions::from_mode(mode)).unwrap();
        };
        let before = fs::metadata(folder.path(path)).unwrap().permissions().mode();
        set(mode);
        let run = run(&mut folder.command_in_shell(AS_OTHERS, args), &[]);
        set(before);
        run
    };
    let hint = "you lack the right to read these files, or to enter their folder";
    let of_plan = run_with("in", 0o000, &["--plan", "p.json"]);
    assert_eq!(of_plan.code, Some(3), "{of_plan}");
    assert!(of_plan.stderr.contains("8 of 8 files are not readable: in/0_0.tif, "), "{of_plan}");
    assert!(of_plan.stderr.contains(hint), "{of_plan}");
    let args = ["--input-list", "l.txt", "o.tif", "--radius", "5px"];
    let of_list = run_with("in/0_1.tif", 0o000, &args);
    assert_eq!(of_list.code, Some(1), "{of_list}");
    assert!(of_list.stderr.contains("1 of 2 files is not readable: in/0_1.tif"), "{of_list}");
    assert!(of_list.stderr.contains(hint), "{of_list}");
}

#[test]
fn tiles_that_were_read_with_another_setting_of_gdal_are_not_joined() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(60, 50, 3));
    let set = "--config GTIFF_POINT_GEO_IGNORE=TRUE";
    let options = "-q --radius 5px -n 4 --tile-size 20";
    let line = format!("svf_compute dem.tif o.tif {options} --work-dir w");
    folder.line(0, &format!("{line} {set}"));
    let refused = folder.line(1, &format!("{line} --overwrite"));
    let said = "--config GTIFF_POINT_GEO_IGNORE was TRUE, now it is not given";
    refused.assert_refused(1, &[said, "--restart"]);
    folder.line(0, &format!("{line} --overwrite {set}"));
    // What does not change cells may differ.
    folder.line(0, &format!("{line} --overwrite {set} --config GDAL_CACHEMAX=64"));
    // A process of a plan says the same in its environment.
    folder.line(0, &format!("svf_tile dem.tif p.json {options} {set}"));
    folder.line(1, "svf_compute -q --plan p.json").assert_refused(1, &[said, "svf_tile"]);
    let mut command = folder.tool("svf_compute", &["-q", "--plan", "p.json"]);
    let run = run(command.env("GTIFF_POINT_GEO_IGNORE", "TRUE"), b"");
    assert_eq!(run.code, Some(0), "{run}");
}
