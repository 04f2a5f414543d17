//! `--receivers`: values only where a mask says, the same bits as without it, and nothing else.

use std::fs;

use ndarray::{Array2, s};
use serde_json::Value;

use crate::support::{Dem, Folder, ORIGIN, assert_same_bits, terrain};

const ROWS: usize = 70;
const COLS: usize = 90;

/// A patch, and single cells.
fn is_wanted(row: usize, col: usize) -> bool {
    (20..31).contains(&row) && (50..75).contains(&col) || (row * 31 + col * 17) % 53 == 7
}

/// How many cells are wanted.
fn wanted() -> usize {
    (0..ROWS * COLS).filter(|i| is_wanted(i / COLS, i % COLS)).count()
}

/// A folder with heights, a canopy and a mask, whose cells are 3, 0, or NoData.
fn street() -> Folder {
    let folder = Folder::new();
    folder.write_dem("dsm.tif", &terrain(ROWS, COLS, 31));
    let crowns = |(row, col)| if (row / 9 + col / 7) % 4 == 1 { 9.0 } else { 0.0 };
    folder.write_dem("cdsm.tif", &Array2::from_shape_fn((ROWS, COLS), crowns));
    write_mask(&folder, "mask.tif", &|row, col| match is_wanted(row, col) {
        true => 3.0,
        false if (row + col) % 3 == 0 => 255.0,
        false => 0.0,
    });
    folder
}

/// A mask of bytes with the NoData value 255.
fn write_mask(folder: &Folder, name: &str, value: &dyn Fn(usize, usize) -> f64) {
    let cells = Array2::from_shape_fn((ROWS, COLS), |(row, col)| value(row, col));
    Dem { nodata: Some(255.0), ..Dem::of(&cells) }.write::<u8>(&folder.path(name));
}

/// The cells of a raster where they are wanted, NoData elsewhere.
fn only_wanted(cells: &Array2<f32>) -> Array2<f32> {
    let mut only = cells.clone();
    for (at, cell) in only.indexed_iter_mut() {
        if !is_wanted(at.0, at.1) {
            *cell = -9999.0;
        }
    }
    only
}

const OPTIONS: &str = "--radius 15 -n 8 --measure svf,svf-slope,horizon-distance,coverage,slope";

#[test]
fn values_are_those_of_the_whole_in_any_tiling_and_part() {
    let folder = street();
    for more in ["", " --canopy cdsm.tif", " --missing nan", " --sampling nearest --curvature"] {
        let options = format!("{OPTIONS}{more}");
        folder.line(0, &format!("svf_compute -q dsm.tif all.tif --overwrite {options}"));
        let masked = format!("{options} --receivers mask.tif --overwrite");
        folder.line(0, &format!("svf_compute -q dsm.tif some.tif {masked}"));
        folder.line(0, &format!("svf_compute -q dsm.tif tiled.tif {masked} --tile-size 31x17"));
        folder.line(0, &format!("svf_compute -q dsm.tif part.tif {masked} --srcwin 20,10,50,40"));
        for (band, all) in folder.bands("all.tif").iter().enumerate() {
            let expected = only_wanted(all);
            assert_same_bits(&folder.band("some.tif", band + 1), &expected, &options);
            assert_same_bits(&folder.band("tiled.tif", band + 1), &expected, "tiled");
            let part = expected.slice(s![10..50, 20..70]).to_owned();
            assert_same_bits(&folder.band("part.tif", band + 1), &part, "part");
        }
    }
    let item = |key: &str| gdal::Metadata::metadata_item(&folder.open("some.tif"), key, "");
    assert_eq!(item("SVF_RECEIVERS").as_deref(), Some("mask.tif"));
}

#[test]
fn far_ground_and_degrees_give_the_same_bits() {
    let folder = street();
    let degrees = [8.0, 0.0001, 0.0, 47.0, 0.0, -0.0001];
    for (name, cells) in [("dsm", "dsm.tif"), ("mask", "mask.tif")] {
        let cells = folder.band(cells, 1).mapv(f64::from);
        Dem { geo_transform: degrees, epsg: Some(4326), nodata: Some(255.0), ..Dem::of(&cells) }
            .write::<f32>(&folder.path(&format!("{name}_degrees.tif")));
    }
    // 0 is no receiver, and 255 is NoData.
    for (dsm, mask, radius) in
        [("dsm_degrees.tif", "mask_degrees.tif", "300"), ("dsm.tif", "mask.tif", "400")]
    {
        let options = format!("--radius {radius} -n 12 --overwrite");
        folder.line(0, &format!("svf_compute -q {dsm} all.tif {options}"));
        folder.line(0, &format!("svf_compute -q {dsm} some.tif {options} --receivers {mask}"));
        let expected = only_wanted(&folder.band("all.tif", 1));
        assert_same_bits(&folder.band("some.tif", 1), &expected, dsm);
    }
}

#[test]
fn tiles_equal_the_whole_and_another_mask_is_another_plan() {
    let folder = street();
    let options = format!("{OPTIONS} --receivers mask.tif");
    folder.line(0, &format!("svf_compute -q dsm.tif whole.tif {options}"));
    folder.line(0, &format!("svf_tile -q dsm.tif plan.json {options} --tile-size 32"));
    // The plan has decided.
    let run = folder.line(2, "svf_compute --plan plan.json --receivers other.tif");
    assert!(run.stderr.contains("--receivers"), "{run}");
    folder.line(0, "svf_compute -q --plan plan.json --tile-part 1/2");
    let run = folder.line(0, "svf_compute --plan plan.json");
    assert!(run.stderr.contains("5 of 9 tiles computed, 4 already done"), "{run}");
    let run = folder.line(0, "svf_mosaic plan.json joined.tif");
    assert!(run.stderr.contains(&format!("  {} receivers", wanted())), "{run}");
    let in_dir =
        format!("svf_compute dsm.tif resumed.tif {options} --work-dir work --tile-size 32");
    let run = folder.line(0, &in_dir);
    assert!(run.stderr.contains(&format!("  {} receivers", wanted())), "{run}");
    for band in 1..=5 {
        let whole = folder.band("whole.tif", band);
        assert_same_bits(&folder.band("joined.tif", band), &whole, "joined");
        assert_same_bits(&folder.band("resumed.tif", band), &whole, "resumed");
    }
    // The same folder of tiles with another mask, and without one.
    write_mask(&folder, "other.tif", &|row, _| f64::from(u8::from(row < 9)));
    let work = "--radius 15 -n 8 --measure svf,svf-slope,horizon-distance,coverage,slope \
                --work-dir work --tile-size 32 --overwrite";
    let run = folder.line(1, &format!("svf_compute dsm.tif o.tif {work} --receivers other.tif"));
    assert!(run.stderr.contains("work/plan.json does not match this run"), "{run}");
    let run = folder.line(1, &format!("svf_compute dsm.tif o.tif {work}"));
    assert!(run.stderr.contains("(with --canopy, --trunk and --receivers)"), "{run}");
    // The mask is gone, or another one has its name.
    std::fs::copy(folder.path("other.tif"), folder.path("mask.tif")).unwrap();
    let run = folder.line(1, "svf_compute --plan plan.json");
    assert!(run.stderr.contains("plan.json does not match this run"), "{run}");
    std::fs::remove_file(folder.path("mask.tif")).unwrap();
    let run = folder.line(1, "svf_compute --plan plan.json");
    assert!(run.stderr.contains("mask.tif"), "{run}");
}

#[test]
fn the_summary_counts_receivers_and_an_empty_mask_is_one_warning() {
    let folder = street();
    let run = folder.line(0, "svf_compute dsm.tif some.tif --radius 9 --receivers mask.tif");
    assert!(run.stderr.contains(&format!("\n  {} receivers\n", wanted())), "{run}");
    let run =
        folder.line(0, "svf_compute dsm.tif e.tif --radius 9 --receivers mask.tif --progress json");
    let stats = run.events().pop().unwrap()["data"]["stats"].clone();
    assert_eq!(stats["receivers"], Value::from(wanted()));
    assert_eq!(stats["bands"][0]["valid"], Value::from(wanted()));

    write_mask(&folder, "none.tif", &|_, _| 0.0);
    let words = "warning: none.tif has no receiver: no cell gets a value";
    for (line, what) in [
        ("svf_compute dsm.tif none_out.tif --radius 9", "compute"),
        ("svf_tile dsm.tif none.json --radius 9 --tile-size 32", "tile"),
        ("svf_compute dsm.tif none_work.tif --radius 9 --work-dir none", "work folder"),
    ] {
        let run = folder.line(0, &format!("{line} --receivers none.tif"));
        assert_eq!(run.stderr.matches("warning").count(), 1, "{what}: {run}");
        assert!(run.stderr.contains(words), "{what}: {run}");
    }
    assert!(folder.band("none_out.tif", 1).iter().all(|value| *value == -9999.0));
    let run = folder.line(0, "svf_compute --plan none.json");
    assert!(!run.stderr.contains("warning"), "{run}");
    assert!(run.stderr.contains("0 receivers"), "{run}");
    let run = folder.line(0, "svf_mosaic none.json joined.tif");
    assert!(run.stderr.contains("  0 receivers\n") && !run.stderr.contains("warning"), "{run}");

    // Receivers without heights.
    let mut holes = terrain(ROWS, COLS, 31);
    holes.slice_mut(s![..9, ..]).fill(f32::NAN);
    folder.write_dem("holes.tif", &holes);
    write_mask(&folder, "top.tif", &|row, _| f64::from(u8::from(row < 9)));
    let run = folder.line(0, "svf_compute holes.tif h.tif --radius 9 --receivers top.tif");
    assert!(run.stderr.contains("warning: no receiver has a height in holes.tif"), "{run}");
}

#[test]
fn a_mask_can_be_a_palette_and_must_be_on_the_grid() {
    let folder = street();
    let vrt = |name: &str, data_type: &str, more: &str| {
        let text = format!(
            "<VRTDataset rasterXSize=\"{COLS}\" rasterYSize=\"{ROWS}\">
  <GeoTransform>500000, 1, 0, 4650000, 0, -1</GeoTransform>
  <VRTRasterBand dataType=\"{data_type}\" band=\"1\">{more}
    <SimpleSource><SourceFilename relativeToVRT=\"1\">mask.tif</SourceFilename>
    <SourceBand>1</SourceBand></SimpleSource>
  </VRTRasterBand>
</VRTDataset>"
        );
        std::fs::write(folder.path(name), text).unwrap();
    };
    let colour = "<Entry c1=\"0\" c2=\"9\" c3=\"0\" c4=\"255\"/>";
    let palette = format!(
        "<NoDataValue>255</NoDataValue><ColorInterp>Palette</ColorInterp>\
         <ColorTable>{colour}{colour}{colour}{colour}</ColorTable>"
    );
    vrt("palette.vrt", "Byte", &palette);
    folder.line(0, "svf_compute -q dsm.tif out.tif --radius 9 --receivers palette.vrt");
    let counted = folder.band("out.tif", 1).iter().filter(|value| **value >= 0.0).count();
    assert_eq!(counted, wanted());
    let refused = |options: &str, code: i32, words: &[&str]| {
        let line = format!("dsm.tif bad.tif --radius 9 {options}");
        folder.svf(&line.split(' ').collect::<Vec<_>>()).assert_refused(code, words);
        assert!(!folder.path("bad.tif").exists());
    };
    folder.write_dem("small.tif", &terrain(ROWS, 80, 1));
    refused(
        "--receivers small.tif",
        1,
        &[
            "small.tif: it has 80 x 70 cells, but dsm.tif has 90 x 70",
            "gdalwarp -r near -te 500000 4649930 500090 4650000 -ts 90 70 small.tif",
        ],
    );
    let moved = [ORIGIN.0 + 0.5, 1.0, 0.0, ORIGIN.1, 0.0, -1.0];
    Dem { geo_transform: moved, ..Dem::of(&terrain(ROWS, COLS, 1).mapv(f64::from)) }
        .write::<f32>(&folder.path("moved.tif"));
    refused("--receivers moved.tif", 1, &["its cells do not line up with those of dsm.tif"]);
    refused("--receivers /vsistdin/", 2, &["only INPUT can be read from /vsistdin/"]);
    refused("--receivers nothing.tif", 1, &["cannot open nothing.tif"]);
    vrt("complex.vrt", "CFloat32", "");
    refused("--receivers complex.vrt", 2, &["holds complex numbers", "not a mask"]);
    folder
        .svf(&["dsm.tif", "mask.tif", "--receivers", "mask.tif", "--overwrite"])
        .assert_refused(2, &["mask.tif is the input"]);
    for name in ["mask.tif.msk", "dsm.tif.ovr"] {
        let line = format!("svf_compute dsm.tif {name} --of GTiff --receivers mask.tif");
        folder.line(2, &line).assert_refused(2, &["would become a part of the input"]);
    }
}

/// The corners of a rectangle of cells, a little inside its edges: first and last x and y.
fn corners(rows: (usize, usize), cols: (usize, usize)) -> [f64; 4] {
    let inset = 0.25;
    [
        ORIGIN.0 + cols.0 as f64 + inset,
        ORIGIN.1 - rows.1 as f64 + inset,
        ORIGIN.0 + cols.1 as f64 - inset,
        ORIGIN.1 - rows.0 as f64 - inset,
    ]
}

/// Text of a GeoJSON file in a CRS, with features of these types and coordinates.
fn geojson(crs: &str, features: &[(&str, String)]) -> String {
    let feature = |(kind, coordinates): &(&str, String)| {
        format!(
            "{{\"type\":\"Feature\",\"properties\":{{}},\
             \"geometry\":{{\"type\":\"{kind}\",\"coordinates\":{coordinates}}}}}"
        )
    };
    let features: Vec<String> = features.iter().map(feature).collect();
    format!(
        "{{\"type\":\"FeatureCollection\",\
         \"crs\":{{\"type\":\"name\",\"properties\":{{\"name\":\"urn:ogc:def:crs:{crs}\"}}}},\
         \"features\":[{}]}}",
        features.join(",")
    )
}

/// The ring of a rectangle.
fn ring([left, bottom, right, top]: [f64; 4]) -> String {
    format!(
        "[[[{left},{bottom}],[{right},{bottom}],[{right},{top}],[{left},{top}],[{left},{bottom}]]]"
    )
}

/// Which cells of a band have a value.
fn having_values(cells: &Array2<f32>) -> Vec<(usize, usize)> {
    cells.indexed_iter().filter(|(_, value)| **value != -9999.0).map(|(at, _)| at).collect()
}

#[test]
fn features_of_a_vector_file_are_burnt_on_the_grid() {
    let folder = street();
    let features = [
        ("Polygon", ring(corners((20, 31), (50, 75)))),
        // The centre of a cell, and a line along a row.
        ("Point", format!("[{},{}]", ORIGIN.0 + 3.5, ORIGIN.1 - 5.5)),
        (
            "LineString",
            format!("[[{},{y}],[{},{y}]]", ORIGIN.0 + 10.5, ORIGIN.0 + 14.5, y = ORIGIN.1 - 60.5),
        ),
    ];
    std::fs::write(folder.path("streets.geojson"), geojson("EPSG::32633", &features)).unwrap();
    let mut expected: Vec<(usize, usize)> = vec![(5, 3)];
    expected.extend((20..31).flat_map(|row| (50..75).map(move |col| (row, col))));
    expected.extend((10..15).map(|col| (60, col)));
    folder.line(0, "svf_compute -q dsm.tif all.tif --radius 9");
    let options = "--radius 9 --receivers streets.geojson --overwrite";
    let run = folder.line(0, &format!("svf_compute dsm.tif out.tif {options}"));
    assert!(run.stderr.contains(&format!("  {} receivers\n", expected.len())), "{run}");
    let (all, out) = (folder.band("all.tif", 1), folder.band("out.tif", 1));
    assert_eq!(having_values(&out), expected);
    assert!(expected.iter().all(|at| out[*at].to_bits() == all[*at].to_bits()));
    folder.line(0, &format!("svf_compute -q dsm.tif tiled.tif {options} --tile-size 16x40"));
    assert_same_bits(&folder.band("tiled.tif", 1), &out, "tiled");
    folder.line(0, &format!("svf_tile -q dsm.tif plan.json {options} --tile-size 32"));
    folder.line(0, "svf_compute -q --plan plan.json");
    folder.line(0, "svf_mosaic -q plan.json joined.tif");
    assert_same_bits(&folder.band("joined.tif", 1), &out, "joined");
    std::fs::write(folder.path("streets.geojson"), geojson("EPSG::32633", &features[..1])).unwrap();
    let run = folder.line(1, "svf_compute --plan plan.json");
    assert!(run.stderr.contains("plan.json does not match this run"), "{run}");
}

/// A line takes each cell that it passes, also one that it only cuts the corner of.
#[test]
fn an_oblique_line_takes_all_cells_that_it_passes() {
    let folder = street();
    let ends = [(5.3, 7.85), (64.1, 51.45)];
    let at = |(col, row): (f64, f64)| format!("[{},{}]", ORIGIN.0 + col, ORIGIN.1 - row);
    let line = format!("[{},{}]", at(ends[0]), at(ends[1]));
    let one = geojson("EPSG::32633", &[("LineString", line.clone())]);
    let within = geojson("EPSG::32633", &[("GeometryCollection", "[]".into())]).replace(
        "\"coordinates\":[]",
        &format!("\"geometries\":[{{\"type\":\"LineString\",\"coordinates\":{line}}}]"),
    );
    let mut expected: Vec<(usize, usize)> = (0..=1_000_000)
        .map(|i| {
            let share = f64::from(i) / 1e6;
            let between = |a: f64, b: f64| (a + share * (b - a)) as usize;
            (between(ends[0].1, ends[1].1), between(ends[0].0, ends[1].0))
        })
        .collect();
    expected.sort_unstable();
    expected.dedup();
    assert_eq!(expected.len(), 60 + 44, "one more for each edge between two cells");
    for (i, text) in [one, within].iter().enumerate() {
        std::fs::write(folder.path("line.geojson"), text).unwrap();
        let line = format!("svf_compute -q dsm.tif {i}.tif --radius 9 --receivers line.geojson");
        folder.line(0, &line);
        assert_eq!(having_values(&folder.band(&format!("{i}.tif"), 1)), expected);
    }
}

#[test]
fn features_in_another_crs_are_converted_and_those_without_one_are_said() {
    let folder = street();
    let [left, bottom, right, top] = corners((20, 31), (50, 75));
    let mut places = ([left, right, right, left], [bottom, bottom, top, top]);
    let [mut from, mut to] =
        [32633, 4326].map(|epsg| gdal::spatial_ref::SpatialRef::from_epsg(epsg).unwrap());
    for crs in [&mut from, &mut to] {
        crs.set_axis_mapping_strategy(gdal::spatial_ref::AxisMappingStrategy::TraditionalGisOrder);
    }
    let transform = gdal::spatial_ref::CoordTransform::new(&from, &to).unwrap();
    transform.transform_coords(&mut places.0, &mut places.1, &mut []).unwrap();
    let place = |i: usize| format!("[{},{}]", places.0[i], places.1[i]);
    let ring_of = [0, 1, 2, 3, 0].map(place).join(",");
    let features = [("Polygon", format!("[[{ring_of}]]"))];
    std::fs::write(folder.path("degrees.geojson"), geojson("OGC:1.3:CRS84", &features)).unwrap();
    folder.line(0, "svf_compute -q dsm.tif out.tif --radius 9 --receivers degrees.geojson");
    let expected: Vec<_> = (20..31).flat_map(|row| (50..75).map(move |col| (row, col))).collect();
    assert_eq!(having_values(&folder.band("out.tif", 1)), expected);

    let polygon = format!(
        "POLYGON (({left} {bottom},{right} {bottom},{right} {top},{left} {top},{left} {bottom}))"
    );
    std::fs::write(folder.path("plain.csv"), format!("WKT,name\n\"{polygon}\",street\n")).unwrap();
    let run = folder.line(0, "svf_compute dsm.tif plain.tif --radius 9 --receivers plain.csv");
    assert!(run.stderr.contains("warning: plain.csv has no CRS"), "{run}");
    assert_eq!(having_values(&folder.band("plain.tif", 1)), expected);
}

#[test]
fn a_text_of_polygons_that_does_not_fit_is_refused_before_it_is_read() {
    let folder = street();
    // 30 MB, of which only the length matters.
    let text =
        format!("{{\"type\": \"FeatureCollection\", \"features\": []{}}}", " ".repeat(30 << 20));
    fs::write(folder.path("big.geojson"), text).unwrap();
    let line = "svf_compute dsm.tif o.tif --radius 5 --max-memory 128M --receivers big.geojson";
    let said =
        ["128 MiB is too small for big.geojson, which is read as a whole", "ogr2ogr new.gpkg"];
    folder.line(2, line).assert_refused(2, &said);
}

#[test]
fn a_vector_file_that_was_cut_short_is_refused() {
    let folder = street();
    let at = |i: u32| format!("{} {}", ORIGIN.0 + 5.5 + f64::from(i), ORIGIN.1 - 9.5);
    let rows: Vec<String> = (0..40).map(|i| format!("\"POINT ({})\",{i}", at(i))).collect();
    fs::write(folder.path("points.csv"), format!("WKT,number\n{}\n", rows.join("\n"))).unwrap();
    for (driver, name, parts) in [
        ("ESRI Shapefile", "p.shp", &["p.shp", "p.shx", "p.dbf"][..]),
        ("MapInfo File", "m.tab", &["m.dat", "m.id"]),
        ("SQLite", "s.sqlite", &["s.sqlite"]),
        ("GPKG", "g.gpkg", &["g.gpkg"]),
        ("FlatGeobuf", "f.fgb", &["f.fgb"]),
        ("DXF", "d.dxf", &["d.dxf"]),
    ] {
        let made = folder
            .in_folder("ogr2ogr", &["-q", "-f", driver, "-a_srs", "EPSG:32633", name, "points.csv"])
            .status();
        if !made.unwrap().success() && driver == "DXF" {
            // It has no columns.
            let select = ["-q", "-f", driver, "-select", "", name, "points.csv"];
            assert!(folder.in_folder("ogr2ogr", &select).status().unwrap().success());
        }
        let line = format!("svf_compute dsm.tif o.tif --radius 5 --receivers {name} --overwrite");
        folder.line(0, &line);
        let before = fs::read(folder.path("o.tif")).unwrap();
        for part in parts {
            let whole = fs::read(folder.path(part)).unwrap();
            for share in [30, 60, 90] {
                fs::write(folder.path(part), &whole[..whole.len() * share / 100]).unwrap();
                let run = folder.line(1, &line);
                assert!(run.stderr.contains("error: "), "{part}: {run}");
                assert_eq!(fs::read(folder.path("o.tif")).unwrap(), before, "{part}");
            }
            fs::write(folder.path(part), whole).unwrap();
        }
    }
    // Without its geometries, a table is left.
    fs::remove_file(folder.path("m.map")).unwrap();
    folder
        .line(1, "svf_compute dsm.tif o.tif --radius 5 --receivers m.tab --overwrite")
        .assert_refused(1, &["m.tab: it has no geometries"]);
    // Of a CRS that is cut, GDAL says nothing.
    let crs = fs::read(folder.path("p.prj")).unwrap();
    for bytes in [0, 3, crs.len() - 2] {
        fs::write(folder.path("p.prj"), &crs[..bytes]).unwrap();
        let line = "svf_compute dsm.tif o.tif --radius 5 --receivers p.shp --overwrite";
        folder.line(1, line).assert_refused(1, &["p.prj: the file is incomplete"]);
    }
    fs::write(folder.path("p.prj"), crs).unwrap();
    // As points of a profile, too. GDAL says at the end what it could not read.
    for (driver, name) in [("FlatGeobuf", "f.fgb"), ("GML", "g.gml"), ("GeoJSONSeq", "j.geojsonl")]
    {
        let made = ["-q", "-f", driver, "-t_srs", "EPSG:4326", "-s_srs", "EPSG:32633", name];
        let made = [&made[..], &["points.csv"]].concat();
        assert!(folder.in_folder("ogr2ogr", &made).status().unwrap().success(), "{driver}");
        let line =
            format!("svf_profile point dsm.tif o.csv --points {name} --radius 5 --overwrite");
        folder.line(0, &line);
        let before = fs::read(folder.path("o.csv")).unwrap();
        let whole = fs::read(folder.path(name)).unwrap();
        for share in [60, 95] {
            // Not between two lines of the same length.
            fs::write(folder.path(name), &whole[..whole.len() * share / 100 - 7]).unwrap();
            folder.line(1, &line).assert_refused(1, &[name]);
            assert_eq!(fs::read(folder.path("o.csv")).unwrap(), before, "{name}");
        }
    }
    // A table of coordinates; its last line needs no line break.
    let line = "svf_profile point dsm.tif o.csv --points t.csv --radius 5 --overwrite -q";
    let table = format!("x,y,name\n{0},{1},a\n{0},{1},b", ORIGIN.0 + 20.5, ORIGIN.1 - 20.5);
    fs::write(folder.path("t.csv"), &table).unwrap();
    folder.line(0, line);
    for cut in [table.trim_end_matches(",b").to_owned(), table.replace(",b", ",\"b")] {
        fs::write(folder.path("t.csv"), cut).unwrap();
        let said = "t.csv: the file is incomplete: it ends within a line";
        folder.line(1, line).assert_refused(1, &[said]);
    }
    let whole = fs::read(folder.path("p.shp")).unwrap();
    fs::write(folder.path("p.shp"), &whole[..whole.len() - 30]).unwrap();
    folder
        .line(1, "svf_profile point dsm.tif o.csv --points p.shp --radius 5 --overwrite")
        .assert_refused(1, &["p.shp: the file is incomplete"]);
}

#[test]
fn a_mask_is_never_replaced_whatever_its_name() {
    let folder = street();
    let (x, y) = (ORIGIN.0 + 20.5, ORIGIN.1 - 20.5);
    fs::write(folder.path("p.csv"), format!("WKT,n\n\"POINT ({x} {y})\",1\n")).unwrap();
    let mut made = folder.in_folder("ogr2ogr", &["-q", "-a_srs", "EPSG:32633", "g.gpkg", "p.csv"]);
    assert!(made.status().unwrap().success());
    let union = "<OGRVRTDataSource><OGRVRTUnionLayer name=\"u\"><OGRVRTLayer name=\"p\">\
                 <SrcDataSource relativeToVRT=\"1\">g.gpkg</SrcDataSource></OGRVRTLayer>\
                 </OGRVRTUnionLayer></OGRVRTDataSource>";
    fs::write(folder.path("u.vrt"), union).unwrap();
    let before = fs::read(folder.path("g.gpkg")).unwrap();
    for mask in ["g.gpkg", "GPKG:g.gpkg", "u.vrt"] {
        let line = format!("svf_compute dsm.tif g.gpkg --of GTiff --overwrite --receivers {mask}");
        let run = folder.line(2, &line);
        assert!(run.stderr.contains("g.gpkg is the input"), "{mask}: {run}");
        assert_eq!(fs::read(folder.path("g.gpkg")).unwrap(), before, "{mask}");
    }
    // Points that changed after planning are not mixed with those from before.
    let line = "svf_tile -q dsm.tif p.json --radius 5 --tile-size 32 --receivers u.vrt";
    folder.line(0, line);
    folder.line(0, "svf_compute -q --plan p.json --tiles 0-1");
    fs::write(folder.path("g.gpkg"), &before[..before.len() - 1]).unwrap();
    fs::write(folder.path("g.gpkg"), &before).unwrap();
    let run = folder.svf(&["--plan", "p.json"]);
    assert_ne!(run.code, Some(0), "{run}");
    assert!(run.stderr.contains("g.gpkg") && !run.stderr.contains("not recognized"), "{run}");
    // What a raster of a list is read from.
    let mut made = folder.in_folder(
        "gdal_translate",
        &["-q", "-of", "VRT", "-srcwin", "0", "0", "20", "20", "dsm.tif", "s.vrt"],
    );
    assert!(made.status().unwrap().success());
    fs::write(folder.path("l.txt"), "s.vrt\n").unwrap();
    let before = fs::read(folder.path("dsm.tif")).unwrap();
    let run = folder.line(2, "svf_mosaic --input-list l.txt dsm.tif --overwrite");
    assert!(run.stderr.contains("dsm.tif is a part of the input"), "{run}");
    assert_eq!(fs::read(folder.path("dsm.tif")).unwrap(), before);
}

#[test]
fn a_vector_file_of_several_layers_needs_a_name() {
    let folder = street();
    let driver = gdal::DriverManager::get_driver_by_name("GPKG").unwrap();
    let mut file = driver.create_vector_only(folder.path("city.gpkg")).unwrap();
    let crs = gdal::spatial_ref::SpatialRef::from_epsg(32633).unwrap();
    for (name, rows) in [("roofs", (0, 9)), ("streets", (20, 31))] {
        use gdal::vector::{Geometry, LayerAccess, LayerOptions, OGRwkbGeometryType};
        let ty = OGRwkbGeometryType::wkbPolygon;
        let options = LayerOptions { name, srs: Some(&crs), ty, options: None };
        let mut layer = file.create_layer(options).unwrap();
        let [left, bottom, right, top] = corners(rows, (50, 75));
        layer.create_feature(Geometry::bbox(left, bottom, right, top).unwrap()).unwrap();
    }
    file.close().unwrap();
    let refused = |options: &str, code: i32, words: &[&str]| {
        let line = format!("dsm.tif bad.tif --radius 9 {options}");
        folder.svf(&line.split(' ').collect::<Vec<_>>()).assert_refused(code, words);
        assert!(!folder.path("bad.tif").exists());
    };
    refused(
        "--receivers city.gpkg",
        1,
        &["city.gpkg: it has 2 layers", "choose one with --receivers-layer: roofs, streets"],
    );
    refused(
        "--receivers city.gpkg --receivers-layer trees",
        1,
        &["there is no layer trees", "its layers are roofs, streets"],
    );
    refused(
        "--receivers mask.tif --receivers-layer streets",
        2,
        &["--receivers-layer: mask.tif is not a vector file"],
    );
    refused("--receivers-layer streets", 2, &["--receivers"]);
    let options = "--radius 9 --receivers city.gpkg --receivers-layer streets";
    folder.line(0, &format!("svf_compute -q dsm.tif out.tif {options}"));
    let expected: Vec<_> = (20..31).flat_map(|row| (50..75).map(move |col| (row, col))).collect();
    assert_eq!(having_values(&folder.band("out.tif", 1)), expected);
    // The plan knows the layer, and another layer is another plan.
    folder.line(0, &format!("svf_tile -q dsm.tif plan.json {options} --tile-size 32"));
    folder.line(0, "svf_compute -q --plan plan.json");
    folder.line(0, "svf_mosaic -q plan.json joined.tif");
    assert_same_bits(&folder.band("joined.tif", 1), &folder.band("out.tif", 1), "joined");
    folder.line(0, &format!("svf_compute -q dsm.tif w.tif {options} --work-dir work"));
    let other = "--radius 9 --receivers city.gpkg --receivers-layer roofs --work-dir work";
    let run = folder.line(1, &format!("svf_compute dsm.tif w.tif {other} --overwrite"));
    assert!(run.stderr.contains("work/plan.json does not match this run"), "{run}");
}
