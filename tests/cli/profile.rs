//! `svf_profile`: a value, and what it is made of.

use std::fs;

use gdal::vector::{FieldValue, Geometry, LayerAccess, LayerOptions, OGRwkbGeometryType};
use gdal::{DriverManager, spatial_ref::SpatialRef};
use ndarray::{Array2, s};
use serde_json::{Value, json};

use crate::support::{
    Dem, Folder, ORIGIN, Run, can_mount, can_write, kind, lacks, parse_events, run, terrain,
    with_gaps,
};

/// Runs `svf_profile` with a line of words; it must end with `code`.
#[track_caller]
fn profile(folder: &Folder, code: i32, line: &str) -> Run {
    folder.line(code, &format!("svf_profile {line}"))
}

/// The points of a successful run that prints JSON.
#[track_caller]
fn points_of(folder: &Folder, line: &str) -> Vec<Value> {
    let json: Value = serde_json::from_str(&profile(folder, 0, line).text()).unwrap();
    assert_eq!(json["tool"], "svf_profile point");
    json["points"].as_array().unwrap().clone()
}

/// Ten by ten heights of a worked example (Duan et al. 2019), whose SVF is known to
/// the last digit.
const EXAMPLE: [[f64; 10]; 10] = [
    [0.06, 0.37, 0.26, 0.06, 0.48, 0.42, 0.11, 0.35, 0.08, 0.31],
    [0.03, 0.34, 0.23, 0.3, 0.42, 0.49, 0.35, 0.38, 0.44, 0.04],
    [0.25, 0.23, 0.39, 0.26, 0.2, 0.03, 0.3, 0.43, 0.15, 0.43],
    [0.16, 0.13, 0.49, 0.06, 0.1, 0.4, 0.44, 0.29, 0.28, 0.01],
    [0.12, 0.28, 0.42, 0.31, 0.08, 0.01, 0.03, 0.15, 0.46, 0.48],
    [0.32, 0.27, 0.04, 0.31, 0.5, 0.17, 0.34, 0.19, 0.03, 0.02],
    [0.17, 0.46, 0.05, 0.19, 0., 0.03, 0.42, 0.06, 0.06, 0.07],
    [0.26, 0.21, 0.22, 0.21, 0.39, 0.14, 0.1, 0.32, 0.45, 0.12],
    [0.35, 0.04, 0.34, 0.04, 0.07, 0.03, 0.09, 0.28, 0.17, 0.13],
    [0.03, 0.07, 0.16, 0.5, 0.41, 0.15, 0.36, 0.48, 0.05, 0.16],
];

#[test]
fn the_worked_example_to_the_last_digit() {
    let folder = Folder::new();
    let heights = Array2::from_shape_fn((10, 10), |(row, col)| EXAMPLE[row][col]);
    Dem::of(&heights).write::<f64>(&folder.path("dem.tif"));
    let line = "point dem.tif --at-cell 4,4 -n 16 --radius 3px --sampling divided --divisions 5";
    let point = points_of(&folder, line).remove(0);
    assert_eq!(point["measures_f64"]["svf"], json!(0.736_350_342_424_371_5));
    assert_eq!(point["height"], json!(0.08));
    let lines = point["sight_lines"].as_array().unwrap();
    assert_eq!(lines.len(), 16);
    for (i, line) in lines.iter().enumerate() {
        let azimuth = 22.5 * i as f64;
        let (sin, cos) = azimuth.to_radians().sin_cos();
        assert_eq!(line["azimuth_deg"], json!(azimuth));
        for (name, expected) in [("row", 4.0 - 3.0 * cos), ("col", 4.0 + 3.0 * sin)] {
            let end = line["end"][name].as_f64().unwrap();
            assert!((end - expected).abs() < 1e-12, "{name} of end {i}: {end}");
        }
        let samples = line["samples"].as_array().unwrap();
        assert_eq!(samples.len(), 6, "the receiver and 5 points");
        for (k, sample) in samples.iter().enumerate() {
            let d = 0.6 * k as f64;
            let half_up = |cells: f64| (cells + 0.5 + 1e-9).floor();
            let (row, col) = (4.0 + half_up(-d * cos), 4.0 + half_up(d * sin));
            assert_eq!(sample["height"], json!(EXAMPLE[row as usize][col as usize]), "{i} {k}");
            assert!((sample["distance"].as_f64().unwrap() - d).abs() < 1e-12);
        }
    }
    // South: 0.5 at 0.6 cells is the highest.
    let south = &lines[8];
    assert_eq!(south["blocking_sample"], 1);
    assert_eq!(south["blocking"]["height"], json!(0.5));
    let angle = (0.42_f64 / 0.6).atan().to_degrees();
    assert!((south["horizon_deg"].as_f64().unwrap() - angle).abs() < 1e-12);
}

/// Holds points of `dem.tif` to the cells of svf_compute with the same options, bit for bit.
#[track_caller]
fn assert_equal_to_the_raster(folder: &Folder, options: &str) {
    let measures = "svf,svf-error,svf-cosine,svf-slope,visible-sky,svf-cos,terrain-view,openness-positive,\
                    openness-negative,svf-anisotropic,svf-north,svf-east,svf-south,svf-west,\
                    svf-veg,svf-veg-north,svf-veg-east,svf-veg-south,svf-veg-west,\
                    svf-aveg,svf-aveg-north,svf-aveg-east,svf-aveg-south,svf-aveg-west,\
                    horizon-distance,slope,aspect,coverage,horizon";
    let line = format!("dem.tif out.tif --overwrite -q --measure {measures} {options}");
    folder.ok(&line.split_whitespace().collect::<Vec<_>>());
    let bands = folder.bands("out.tif");
    let (rows, cols) = bands[0].dim();
    let cells = (0..300_usize).map(|i| (i * 7919 % rows, i * 104_729 % cols));
    let cells: Vec<_> = cells.chain([(0, 0), (rows - 1, cols - 1), (9, 20)]).collect();
    let at: Vec<String> = cells.iter().map(|(r, c)| format!("--at-cell {r},{c}")).collect();
    let line = format!("point dem.tif -q --detail lines {} {options}", at.join(" "));
    let points = points_of(folder, &line);
    assert_eq!(points.len(), cells.len());
    for (point, (row, col)) in points.iter().zip(cells) {
        let mut told: Vec<Value> = measures
            .split(',')
            .filter(|name| *name != "horizon")
            .map(|name| point["measures"][name].clone())
            .collect();
        let lines = point["sight_lines"].as_array().cloned().unwrap_or_default();
        told.extend(lines.iter().map(|line| line["horizon"].clone()));
        told.resize(bands.len(), Value::Null);
        for (band, value) in told.iter().enumerate() {
            let value = value.as_f64().map_or(-9999.0, |value| value as f32);
            let cell = bands[band][(row, col)];
            assert_eq!(value.to_bits(), cell.to_bits(), "{row},{col} band {band}: {options}");
        }
    }
}

#[test]
fn values_equal_those_of_the_raster() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &with_gaps(terrain(60, 70, 5)));
    for options in [
        "--radius 12px -n 12",
        "--radius 9 --sampling nearest --missing stop --observer-height 1.5",
        "--radius 7px --sampling divided --divisions 9 --missing nan --signed",
        "--radius 15px -n 7 --z-factor 0.3 --curvature",
    ] {
        assert_equal_to_the_raster(&folder, options);
    }
    let canopy = terrain(60, 70, 8).mapv(|z| if z > 110.0 { z - 100.0 } else { 0.0 });
    folder.write_dem("trees.tif", &canopy);
    assert_equal_to_the_raster(&folder, "--radius 9px --canopy trees.tif --transmissivity 0.4");
    let degrees = Dem {
        geo_transform: [8.0, 0.0003, 0.0, 47.0, 0.0, -0.0003],
        epsg: Some(4326),
        ..Dem::of(&with_gaps(terrain(60, 70, 6)).mapv(f64::from))
    };
    degrees.write::<f32>(&folder.path("dem.tif"));
    assert_equal_to_the_raster(&folder, "--radius 300 -n 12");
}

#[test]
fn full_precision_heights_follow_the_rules_for_missing_ones() {
    let folder = Folder::new();
    let mut cells = with_gaps(terrain(30, 30, 4)).mapv(|z| if z.is_nan() { 0.1 } else { z.into() });
    cells[(3, 3)] = 0.0;
    let dem = Dem { nodata: Some(0.1), scale_offset: Some((0.25, 7.0)), ..Dem::of(&cells) };
    dem.write::<f32>(&folder.path("dem.tif"));
    assert_equal_to_the_raster(&folder, "--radius 6px");
    dem.write::<f64>(&folder.path("dem.tif"));
    assert_equal_to_the_raster(&folder, "--radius 6px");
    let point = points_of(&folder, "point dem.tif --at-cell 3,3 --radius 5px").remove(0);
    assert_eq!(point["height"], 7.0);
}

#[test]
fn a_gap_is_told_and_nothing_counts_behind_it() {
    let folder = Folder::new();
    // Looking east: a step, a gap, a tower.
    let mut heights = Array2::<f32>::zeros((5, 9));
    heights.slice_mut(s![.., 3]).fill(1.0);
    heights.slice_mut(s![.., 5]).fill(f32::NAN);
    heights.slice_mut(s![.., 7]).fill(40.0);
    folder.write_dem("dem.tif", &heights);
    let east = |rule: &str| {
        let line = format!("point dem.tif --at-cell 2,2 -n 4 --radius 6 --missing {rule}");
        points_of(&folder, &line)[0]["sight_lines"][1].clone()
    };
    let stop = east("stop");
    assert_eq!(stop["gap"], true);
    assert_eq!(stop["blocking_sample"], 1);
    assert_eq!(stop["horizon_deg"], 45.0);
    assert_eq!(stop["samples"][3]["height"], Value::Null);
    assert_eq!(stop["samples"][5]["height"], 40.0);
    assert_eq!(stop["samples"][5]["angle_deg"], Value::Null);
    let skip = east("skip");
    assert_eq!(skip["blocking"]["col"], 7.0);
    assert_eq!(skip["horizon_distance"], 5.0);
    assert_eq!(skip["blocking"]["x"], ORIGIN.0 + 7.5);
    // The fourth and sixth samples: a gap, and beyond the raster there is one more.
    let heights: Vec<&Value> =
        skip["samples"].as_array().unwrap().iter().map(|s| &s["height"]).collect();
    assert_eq!(json!(heights), json!([0.0, 1.0, 0.0, null, 0.0, 40.0, 0.0]));
}

#[test]
fn csv_has_a_row_per_point_line_or_sample() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(20, 20, 1));
    let line =
        "point dem.tif --at-cell 5,6 --at-cell 50,6 --radius 3px -n 4 --measure svf,coverage";
    let rows = |detail: &str, name: &str| {
        profile(&folder, 0, &format!("{line} {name} --overwrite {detail}"));
        let text = fs::read_to_string(folder.path(name)).unwrap();
        text.lines().map(|l| l.split(',').map(str::to_owned).collect()).collect::<Vec<Vec<_>>>()
    };
    let points = rows("", "points.csv");
    assert_eq!(
        points[0],
        ["id", "status", "x", "y", "row", "col", "height", "svf", "coverage"].map(String::from)
    );
    assert_eq!(points[1][..2], ["1", "ok"].map(String::from));
    assert_eq!(points[2][..2], ["2", "outside"].map(String::from));
    assert!(points.iter().all(|row| row.len() == 9), "{points:?}");
    let json = points_of(&folder, line);
    assert_eq!(points[1][7].parse::<f64>().unwrap(), json[0]["measures"]["svf"]);
    assert_eq!(rows("--detail lines", "lines.csv").len(), 1 + 4 + 1);
    let samples = rows("--detail samples", "samples.csv");
    assert_eq!(samples.len(), 1 + 4 * 4 + 1);
    // The receiver in row 5, then a cell north of it.
    assert_eq!((samples[1][6].as_str(), samples[2][6].as_str()), ("4649994.5", "4649995.5"));
    folder.assert_files(&["dem.tif", "lines.csv", "points.csv", "samples.csv"]);
}

/// Fields of a feature of a layer by name; null where there is none.
fn feature_json(dataset: &gdal::Dataset, layer: &str, number: usize) -> Value {
    let mut layer = dataset.layer_by_name(layer).unwrap();
    let feature = layer.features().nth(number).unwrap();
    let fields = feature.fields().map(|(name, value)| {
        let value = match value {
            Some(FieldValue::RealValue(v)) => json!(v),
            Some(FieldValue::Integer64Value(v)) => json!(v),
            Some(FieldValue::IntegerValue(v)) => json!(v),
            Some(FieldValue::StringValue(v)) => json!(v),
            None => Value::Null,
            other => panic!("{name}: {other:?}"),
        };
        (name, value)
    });
    let mut json: Value = fields.collect::<serde_json::Map<_, _>>().into();
    let mut places = Vec::new();
    if let Some(geometry) = feature.geometry() {
        geometry.get_points(&mut places);
    }
    // None of a feature without geometry.
    json["places"] = match &places[..] {
        [] => Value::Null,
        places => places.iter().map(|place| json!([place.0, place.1])).collect(),
    };
    json
}

#[test]
fn a_geopackage_holds_what_the_json_says() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &with_gaps(terrain(30, 30, 2)));
    fs::write(folder.path("where.csv"), "x,y\n500020.25,4649979.5\n,\n8,47\n500006.75,4649995.5\n")
        .unwrap();
    let line = "point dem.tif --points where.csv --radius 5px -n 6";
    let points = points_of(&folder, line);
    profile(&folder, 0, &format!("{line} out.gpkg --detail samples"));
    let file = folder.open_vector("out.gpkg");
    let count = |layer: &str| file.layer_by_name(layer).unwrap().feature_count();
    let (mut lines, mut blocking, mut samples) = (0, 0, 0);
    for (i, point) in points.iter().enumerate() {
        let row = feature_json(&file, "points", i);
        let place = point["x"].as_f64().map(|x| json!([[x, point["y"]]]));
        assert_eq!(row["places"], json!(place), "{i}");
        for name in ["id", "status", "x", "y", "row", "col", "height"] {
            assert_eq!(row[name], point[name], "{i} {name}");
        }
        for (name, value) in point["measures"].as_object().into_iter().flatten() {
            assert_eq!(row[name], *value, "{i} {name}");
        }
        let sight_lines = point["sight_lines"].as_array().cloned().unwrap_or_default();
        for line in &sight_lines {
            let row = feature_json(&file, "sight_lines", lines);
            assert_eq!(
                (&row["id"], &row["gap"]),
                (&point["id"], &json!(u8::from(line["gap"] == true)))
            );
            for name in ["azimuth_deg", "horizon", "horizon_deg", "horizon_distance"] {
                assert_eq!(row[name], line[name], "{i} {name}");
            }
            let ends = [&point["cell_x"], &point["cell_y"], &line["end"]["x"], &line["end"]["y"]];
            assert_eq!(row["places"], json!([[ends[0], ends[1]], [ends[2], ends[3]]]));
            if line["blocking"].is_object() {
                let row = feature_json(&file, "blocking", blocking);
                assert_eq!(
                    (&row["blocking"], &row["sample"]),
                    (&json!(1), &line["blocking_sample"])
                );
                let place = &line["blocking"];
                assert_eq!(row["places"], json!([[place["x"], place["y"]]]));
                for name in ["row", "col", "distance", "height", "angle_deg"] {
                    assert_eq!(row[name], place[name], "{i} {name}");
                }
                blocking += 1;
            }
            lines += 1;
            samples += line["samples"].as_array().unwrap().len();
        }
    }
    assert_eq!(count("points"), 4);
    assert_eq!((count("sight_lines"), count("blocking")), (lines as u64, blocking as u64));
    assert_eq!(count("samples"), samples as u64);
    assert!(lines == 12 && blocking > 0, "{lines} {blocking}");
    let crs = file.layer_by_name("blocking").unwrap().spatial_ref().unwrap();
    assert_eq!(crs.auth_code().unwrap(), 32633);
    // Unless asked for, no samples; GeoJSON has the one layer of its detail.
    let events = profile(&folder, 0, &format!("{line} short.gpkg --progress json")).events();
    assert_eq!(events[events.len() - 2]["data"]["stage"], "finish");
    assert_eq!(folder.open_vector("short.gpkg").layer_count(), 3);
    profile(&folder, 0, &format!("{line} out.geojson -q"));
    let file = folder.open_vector("out.geojson");
    assert_eq!(feature_json(&file, "points", 3)["svf"], points[3]["measures"]["svf"]);
    profile(&folder, 0, &format!("{line} lines.geojson --detail lines -q"));
    let file = folder.open_vector("lines.geojson");
    assert_eq!(
        feature_json(&file, "sight_lines", 1)["horizon"],
        points[0]["sight_lines"][1]["horizon"]
    );
    folder.assert_files(&[
        "dem.tif",
        "lines.geojson",
        "out.geojson",
        "out.gpkg",
        "short.gpkg",
        "where.csv",
    ]);
}

#[test]
fn vector_files_that_cannot_be_are_refused_at_once() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(20, 20, 2));
    let line = "point dem.tif --at-cell 5,5 --radius 3px";
    for output in ["", "/vsistdout/"] {
        profile(&folder, 2, &format!("{line} {output} --format gpkg")).assert_refused(
            2,
            &["--format gpkg cannot be written to standard output", "OUTPUT.gpkg"],
        );
    }
    profile(&folder, 2, &format!("{line} out.shp")).assert_refused(
        2,
        &["no format has this extension", "json, text, csv, gpkg, geojson, parquet"],
    );
    if !can_write("Parquet") {
        profile(&folder, 2, &format!("{line} out.parquet"))
            .assert_refused(2, &["this GDAL has no Parquet driver", ".gpkg"]);
    }
    fs::write(folder.path("old.gpkg"), "mine").unwrap();
    profile(&folder, 2, &format!("{line} old.gpkg")).assert_refused(2, &["old.gpkg exists"]);
    profile(&folder, 2, &format!("{line} dem.tif --format gpkg --overwrite"))
        .assert_refused(2, &["dem.tif is the input"]);
    profile(&folder, 1, &format!("{line} no/out.gpkg"))
        .assert_refused(1, &["folder no does not exist"]);
    assert_eq!(fs::read_to_string(folder.path("old.gpkg")).unwrap(), "mine");
    profile(&folder, 0, &format!("{line} old.gpkg --overwrite -q"));
    assert_eq!(folder.open_vector("old.gpkg").layer_count(), 3);
    // Nothing that is read, and nothing twice.
    fs::write(folder.path("where.csv"), "x,y\n500005.5,4649995.5\n").unwrap();
    fs::write(folder.path("run.jsonl"), LOG).unwrap();
    let line = "point dem.tif --points where.csv --radius 3px -q --overwrite";
    profile(&folder, 2, &format!("{line} where.csv")).assert_refused(2, &["where.csv is a part"]);
    let one = "point dem.tif --at-cell 5,5 --radius 3px --overwrite --figure a.png --fisheye a.png";
    profile(&folder, 2, one).assert_refused(2, &["two outputs have the same name: a.png"]);
    let log = "point dem.tif --at-cell 5,5 --radius 3px --overwrite --fisheye a.svg";
    profile(&folder, 2, &format!("{log} --profile-log ./a.svg"))
        .assert_refused(2, &["two outputs have the same name: ./a.svg"]);
    profile(&folder, 2, "resources run.jsonl run.jsonl --overwrite")
        .assert_refused(2, &["run.jsonl is a part of the input"]);
    profile(&folder, 2, "section dem.tif --from 500001,4649999 --to 500009,4649991 old.gpkg")
        .assert_refused(2, &["no format has this extension", "json, csv"]);
    assert_eq!(fs::read_to_string(folder.path("run.jsonl")).unwrap(), LOG);
    folder.assert_files(&["dem.tif", "old.gpkg", "run.jsonl", "where.csv"]);
}

#[test]
fn a_full_disk_leaves_no_table_and_no_figure() {
    let folder = Folder::new();
    if !can_mount(&folder) {
        return;
    }
    folder.write_dem("dem.tif", &terrain(60, 60, 2));
    let place = |i: u32| Some((f64::from(500_010 + i / 20), f64::from(4_649_990 - i % 20)));
    write_points(&folder, "where.gpkg", 32633, &(0..400).map(place).collect::<Vec<_>>());
    fs::create_dir(folder.path("small")).unwrap();
    // Standard output is the listing of the disk: nothing is on it.
    let script = "mount -t tmpfs -o size=96k tmpfs small || exit 99
                  \"$@\"; code=$?; ls -A small; exit $code";
    for output in ["out.gpkg", "out.geojson", "out.csv --detail lines", "out.json"] {
        let line = format!("point dem.tif small/{output} --points where.gpkg --radius 9px -q");
        run_mounted(&folder, script, &line).assert_refused(1, &["small/out."]);
    }
    for figure in ["--figure small/a.svg", "--fisheye small/b.svg", "--figure small/c.png"] {
        let line = format!("point dem.tif o.csv --at-cell 30,30 --radius 20px -n 32 {figure} -q");
        let script = script.replace("96k", "12k");
        run_mounted(&folder, &script, &line).assert_refused(1, &["small/"]);
    }
    folder.assert_files(&["dem.tif", "small", "where.gpkg"]);
}

/// Runs `svf_profile` as `"$@"` of a script that may mount file systems.
fn run_mounted(folder: &Folder, script: &str, line: &str) -> Run {
    let mut command = folder.in_folder("unshare", &["-m", "bash", "-c", script, "bash"]);
    command.arg(env!("CARGO_BIN_EXE_svf_profile")).args(line.split_whitespace());
    run(&mut command, &[])
}

#[test]
fn one_point_without_a_value_is_an_error() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &with_gaps(terrain(40, 40, 1)));
    let refused = |code: i32, line: &str, words: &[&str]| {
        profile(&folder, code, line).assert_refused(code, words);
    };
    refused(
        2,
        "point dem.tif --at 10,47",
        &["is outside dem.tif", "500000,4649960", "--crs EPSG:4326"],
    );
    refused(2, "point dem.tif --at-cell 40,0", &["cell 40,0 is outside", "40 rows"]);
    refused(2, "point dem.tif --at-cell -1,0", &["whole numbers from 0"]);
    refused(2, "point dem.tif --at 5", &["two numbers"]);
    refused(2, "point dem.tif", &["--at", "--points"]);
    refused(2, "point dem.tif --at-cell 1,1 --of COG", &["there is no option --of"]);
    refused(2, "point dem.tif out.xyz --at-cell 1,1", &["no format has this extension"]);
    refused(1, "point dem.tif --at-cell 9,14 --radius 5px", &["cell 9,14 is on NoData"]);
    let small = "point dem.tif --at-cell 1,1 --radius 15 --max-memory 1M";
    refused(2, small, &["too small for the program itself", "increase --max-memory"]);
    let run = profile(&folder, 2, small);
    assert!(!run.stderr.contains("--tile-size"), "{run}");
    folder.assert_files(&["dem.tif"]);
}

/// A GeoPackage of points in a CRS; none stands for a feature without geometry.
fn write_points(folder: &Folder, name: &str, epsg: u32, places: &[Option<(f64, f64)>]) {
    let driver = DriverManager::get_driver_by_name("GPKG").unwrap();
    let mut dataset = driver.create_vector_only(folder.path(name)).unwrap();
    let mut crs = SpatialRef::from_epsg(epsg).unwrap();
    crs.set_axis_mapping_strategy(gdal::spatial_ref::AxisMappingStrategy::TraditionalGisOrder);
    let layer = dataset
        .create_layer(LayerOptions {
            name: "stations",
            srs: Some(&crs),
            ty: OGRwkbGeometryType::wkbPoint,
            options: None,
        })
        .unwrap();
    for place in places {
        let mut feature = gdal::vector::Feature::new(layer.defn()).unwrap();
        if let Some((x, y)) = place {
            let point = Geometry::from_wkt(&format!("POINT ({x} {y})")).unwrap();
            feature.set_geometry(point).unwrap();
        }
        feature.create(&layer).unwrap();
    }
    dataset.close().unwrap();
}

#[test]
fn points_of_a_file_are_reprojected_and_each_has_a_status() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &with_gaps(terrain(40, 40, 1)));
    // UTM 33: its central meridian is 15 degrees east, easting 500000.
    let inside = (15.000_245_123_947, 42.001_831_732_125);
    let places = [Some(inside), None, Some((8.0, 47.0))];
    write_points(&folder, "stations.gpkg", 4326, &places);
    let line = "point dem.tif --points stations.gpkg --radius 5px --detail points";
    let points = points_of(&folder, line);
    let told: Vec<(u64, &str)> =
        points.iter().map(|p| (p["id"].as_u64().unwrap(), p["status"].as_str().unwrap())).collect();
    assert_eq!(told, [(1, "ok"), (2, "no-geometry"), (3, "outside")]);
    // gdaltransform -s_srs EPSG:4326 -t_srs EPSG:32633 gives 500020.3, 4649979.6.
    for (name, expected) in [("x", 500_020.3), ("y", 4_649_979.6)] {
        let coordinate = points[0][name].as_f64().unwrap();
        assert!((coordinate - expected).abs() < 0.001, "{name}: {coordinate}");
    }
    // The same as a table of longitudes and latitudes.
    fs::write(
        folder.path("table.csv"),
        format!("name,lon,lat\na,{},{}\nb,,\n", inside.0, inside.1),
    )
    .unwrap();
    let line = "point dem.tif --points table.csv --radius 5px --detail points";
    let table = points_of(&folder, line);
    assert_eq!(table[0]["x"], points[0]["x"]);
    assert_eq!(table[0]["measures"], points[0]["measures"]);
    assert_eq!(table[1]["status"], "no-geometry");
    let run = profile(&folder, 0, line);
    assert!(run.stderr.contains("no value for 1 of 2 points"), "{run}");
    // Or as a CRS named on the command line: of the point, and of a file without.
    let at = format!("--at {},{} --crs EPSG:4326", inside.0, inside.1);
    let line = |with: &str| format!("point dem.tif {with} --radius 5px --detail points");
    assert_eq!(points_of(&folder, &line(&at))[0]["measures"], points[0]["measures"]);
    fs::write(folder.path("bare.csv"), format!("x,y\n{},{}\n", inside.0, inside.1)).unwrap();
    let run = profile(&folder, 0, &line("--points bare.csv --crs EPSG:4326 -q"));
    let json: Value = serde_json::from_str(&run.text()).unwrap();
    assert_eq!(json["points"][0]["measures"], points[0]["measures"]);
    profile(&folder, 2, &line("--points stations.gpkg --crs EPSG:4326"))
        .assert_refused(2, &["already has a CRS", "omit --crs"]);
    profile(&folder, 2, &line("--at 1,1 --crs EPSG:none"))
        .assert_refused(2, &["EPSG:none", "does not know this CRS"]);
    // Nothing to be found: refused, with a way out.
    fs::write(folder.path("bare.csv"), "name,height\na,1\n").unwrap();
    profile(&folder, 1, "point dem.tif --points bare.csv")
        .assert_refused(1, &["bare.csv: it has no geometry", "columns x and y"]);
    fs::write(folder.path("far.csv"), "x,y\n1,2\n").unwrap();
    let run = profile(&folder, 1, "point dem.tif out.csv --points far.csv -q");
    assert!(run.stderr.contains("none of the points has a value: 1 outside"), "{run}");
    profile(&folder, 1, "point dem.tif --points no.gpkg").assert_refused(1, &["no.gpkg"]);
    folder.assert_files(&["bare.csv", "dem.tif", "far.csv", "stations.gpkg", "table.csv"]);
}

#[test]
fn all_samples_of_a_point_take_no_more_than_the_memory_allowed() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(500, 500, 4));
    let line = "point dem.tif --at-cell 250,250 -n 720 --radius 240px --measure svf --progress json \
                --max-memory 170M --detail samples";
    for output in ["out.json", "out.csv"] {
        let events = profile(&folder, 0, &format!("{line} {output}")).events();
        // Absent where the system does not say.
        if let Some(peak) = events.last().unwrap()["data"]["peak_rss_bytes"].as_u64() {
            assert!(peak <= 170 << 20, "{output}: {peak}");
        }
    }
    let text = fs::read_to_string(folder.path("out.json")).unwrap();
    let json: Value = serde_json::from_str(&text).unwrap();
    let samples = |line: &Value| line["samples"].as_array().unwrap().len();
    let lines = json["points"][0]["sight_lines"].as_array().unwrap();
    let rows = fs::read_to_string(folder.path("out.csv")).unwrap().lines().count();
    assert_eq!((lines.len(), lines.iter().map(samples).sum::<usize>()), (720, rows - 1));
}

#[test]
fn json_on_standard_output_is_whole_also_where_there_is_no_value() {
    let folder = Folder::new();
    let mut heights = terrain(20, 20, 1);
    heights.slice_mut(s![5..15, 5..15]).fill(f32::NAN);
    folder.write_dem("dem.tif", &heights);
    let run = profile(&folder, 1, "point dem.tif --at-cell 50,1 --at-cell 9,9 --radius 3px -q");
    let json: Value = serde_json::from_str(&run.text()).unwrap();
    let points = json["points"].as_array().unwrap();
    let status: Vec<&Value> = points.iter().map(|point| &point["status"]).collect();
    assert_eq!(status, ["outside", "nodata"]);
    assert!(run.stderr.contains("1 outside the raster, 1 on NoData"), "{run}");
    // A file of no points.
    fs::write(folder.path("none.csv"), "x,y\n").unwrap();
    let run = profile(&folder, 1, "point dem.tif --points none.csv --radius 3px -q");
    assert!(run.stderr.contains("there are no points"), "{run}");
    let json: Value = serde_json::from_str(&run.text()).unwrap();
    assert_eq!(json["points"], json!([]));
    let (x, y) = ORIGIN;
    let (from, to) = ((x + 7.0, y - 10.0), (x + 12.0, y - 10.0));
    let line = format!("section dem.tif --from {},{} --to {},{} -q", from.0, from.1, to.0, to.1);
    let run = profile(&folder, 1, &line);
    let json: Value = serde_json::from_str(&run.text()).unwrap();
    assert_eq!(json["section"].as_array().map(Vec::len), Some(11));
    assert!(run.stderr.contains("has no heights along the line"), "{run}");
    profile(&folder, 1, &format!("{line} out.json"));
    folder.assert_files(&["dem.tif", "none.csv"]);
}

/// PROJ converts by a formula where it has no grid, or not at all, and does not say so.
#[test]
fn a_datum_that_is_known_less_exactly_than_half_a_cell_is_said() {
    let folder = Folder::new();
    // UTM 32; gdaltransform gives 652675.16, 5323786.81 for 11.05, 48.05 in EPSG:4314 (DHDN), and
    // 652769.53, 5323890.56 in EPSG:4326.
    let write = |cell: f64| {
        let z = terrain(600, 600, 1).mapv(f64::from);
        let (left, top) = (652_725.0 - 300.0 * cell, 5_323_840.0 + 300.0 * cell);
        let geo_transform = [left, cell, 0.0, top, 0.0, -cell];
        let dem = Dem { geo_transform, epsg: Some(25832), ..Dem::of(&z) };
        dem.write::<f32>(&folder.path("dem.tif"));
    };
    let shift_of = |line: &str| {
        let run = folder.line(0, &format!("{line} --overwrite --progress json"));
        let mut warnings = run.events().into_iter().filter(|e| e["data"]["code"] == "crs.datum");
        warnings.next().map(|warning| warning["data"].clone())
    };
    let at = |crs: &str| {
        format!("svf_profile point dem.tif o.json --radius 3px --at 11.05,48.05 --crs {crs}")
    };
    write(0.5);
    let told = shift_of(&at("EPSG:4314")).unwrap();
    assert_eq!((&told["args"]["from"], &told["args"]["to"]), (&json!("DHDN"), &json!("ETRS89")));
    assert_eq!(told["args"]["cell_m"], "0.5", "{told}");
    assert!(told["hint"].as_str().unwrap().contains("a more exact conversion"), "{told}");
    // Frames of satellite systems are taken as one, also where PROJ knows no conversion, and a CRS can
    // say its shift itself.
    for crs in ["EPSG:4258", "EPSG:4326", "EPSG:4490", "EPSG:6318"] {
        assert_eq!(shift_of(&at(crs)), None, "{crs}");
    }
    let mut shifted = SpatialRef::from_epsg(4314).unwrap().to_wkt().unwrap();
    let end = shifted.find(",AUTHORITY[\"EPSG\",\"6314\"]").unwrap();
    shifted.insert_str(end, ",TOWGS84[598.1,73.7,418.2,0.202,0.045,-2.455,6.7]");
    fs::write(folder.path("shifted.prj"), shifted.replace(' ', "_")).unwrap();
    assert_eq!(shift_of(&at("shifted.prj")), None);
    write(20.0);
    assert_eq!(shift_of(&at("EPSG:4314")), None);
    let told = shift_of(&at("EPSG:4004")).unwrap();
    assert_eq!(
        told["args"],
        json!({"from": "Unknown datum based upon the Bessel 1841 ellipsoid", "to": "ETRS89"})
    );
    assert!(told["message"].as_str().unwrap().contains("coordinates can be some 100 m off"));
    // Points and receivers of a file, and the ends of a line.
    write(0.5);
    write_points(&folder, "stations.gpkg", 4314, &[Some((11.05, 48.05))]);
    for line in [
        "svf_profile point dem.tif o.json --points stations.gpkg",
        "svf_profile section dem.tif o.json --from 11.05,48.05 --to 11.051,48.05 --crs EPSG:4314",
        "svf_compute dem.tif o.tif --receivers stations.gpkg --radius 3px",
    ] {
        assert_eq!(shift_of(line).unwrap()["args"]["from"], "DHDN", "{line}");
    }
}

/// The datum of Greece has the ellipsoid of the satellite systems, and is 330 m away from them. PROJ takes both as the
/// same between two projected CRSs, and converts longitudes and latitudes.
#[test]
fn an_older_datum_on_the_ellipsoid_of_satellites_is_not_taken_for_one_of_them() {
    let folder = Folder::new();
    // gdaltransform gives 763749, 4204539 in EPSG:25834 for 500000, 4200000 in EPSG:2100, through EPSG:4326.
    for (epsg, told) in [
        (25834, json!({"from": "GGRS87", "to": "ETRS89", "accuracy_m": "2", "cell_m": "0.5"})),
        (32634, json!({"from": "GGRS87", "to": "WGS 84", "accuracy_m": "1", "cell_m": "0.5"})),
    ] {
        let z = terrain(600, 600, 1).mapv(f64::from);
        let geo_transform = [763_599.0, 0.5, 0.0, 4_204_689.0, 0.0, -0.5];
        let dem = Dem { geo_transform, epsg: Some(epsg), ..Dem::of(&z) };
        dem.write::<f32>(&folder.path("dem.tif"));
        let line =
            "svf_profile point dem.tif o.json --radius 3px --at 500000,4200000 --crs EPSG:2100";
        let run = folder.line(0, &format!("{line} --overwrite --progress json"));
        let mut warnings = run.events().into_iter().filter(|e| e["data"]["code"] == "crs.datum");
        assert_eq!(warnings.next().unwrap()["data"]["args"], told, "{run}");
        let text = fs::read_to_string(folder.path("o.json")).unwrap();
        let point = &serde_json::from_str::<Value>(&text).unwrap()["points"][0];
        let place = ["x", "y"].map(|axis| point[axis].as_f64().unwrap().round());
        assert_eq!(place, [763_749.0, 4_204_539.0], "EPSG:{epsg}");
    }
}

#[test]
fn an_undefined_crs_of_a_file_is_none() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(40, 40, 1));
    let inside = (15.000_245_123_947, 42.001_831_732_125);
    write_points(&folder, "points.gpkg", 4326, &[Some(inside)]);
    let line = "point dem.tif --points points.gpkg --radius 5px --detail points -q";
    let known = points_of(&folder, line).remove(0);
    assert_eq!(known["status"], "ok");
    for (number, name) in [(0, "geographic"), (-1, "Cartesian")] {
        let update = |table: &str, id: &str| {
            let options = gdal::DatasetOptions {
                open_flags: gdal::GdalOpenFlags::GDAL_OF_UPDATE
                    | gdal::GdalOpenFlags::GDAL_OF_VECTOR,
                ..gdal::DatasetOptions::default()
            };
            let dataset = gdal::Dataset::open_ex(folder.path("points.gpkg"), options).unwrap();
            let sql = format!("UPDATE {table} SET {id} = {number}");
            drop(dataset.execute_sql(sql, None, gdal::vector::sql::Dialect::DEFAULT).unwrap());
            dataset.close().unwrap();
        };
        update("gpkg_geometry_columns", "srs_id");
        update("gpkg_contents", "srs_id");
        // In the CRS of the raster, unless one is named: degrees lie outside.
        let run = profile(&folder, 1, &line.replace(" -q", ""));
        assert!(run.stderr.contains("points.gpkg has no CRS"), "{name}: {run}");
        assert!(run.stderr.contains("1 outside the raster"), "{name}: {run}");
        let told = points_of(&folder, &format!("{line} --crs EPSG:4326")).remove(0);
        assert_eq!(told, known, "{name}");
    }
}

#[test]
fn a_point_without_values_says_why() {
    let folder = Folder::new();
    let mut heights = terrain(30, 30, 1);
    heights[(10, 12)] = f32::NAN;
    folder.write_dem("dem.tif", &heights);
    let line = "point dem.tif --at-cell 10,10 --at-cell 20,20 --radius 4px --missing nan";
    let points = points_of(&folder, line);
    assert_eq!((&points[0]["status"], &points[1]["status"]), (&json!("missing"), &json!("ok")));
    assert_eq!(points[0]["measures"]["svf"], Value::Null);
    assert_eq!(points[0]["sight_lines"].as_array().map(Vec::len), Some(16));
    let run = profile(&folder, 0, line);
    assert!(run.stderr.contains("no value for 1 of 2 points"), "{run}");
    assert!(run.stderr.contains("1 with missing heights around them (--missing nan)"), "{run}");
    let alone = "point dem.tif out.csv --at-cell 10,10 --radius 4px --missing nan --progress json";
    let events = profile(&folder, 0, alone).events();
    assert_eq!(events.last().unwrap()["data"]["stats"]["missing"], 1);
    assert!(fs::read_to_string(folder.path("out.csv")).unwrap().contains("\n1,missing,"));
    // Horizons have no place in a row per point.
    let horizon = "point dem.tif --at-cell 20,20 --radius 4px --format csv";
    let warning = "horizon has a value for each sight line, not for each point";
    for (with, expected) in
        [("--measure svf,horizon", 1), ("--measure horizon --detail lines", 0), ("", 0)]
    {
        let run = profile(&folder, 0, &format!("{horizon} {with}"));
        assert_eq!(run.stderr.matches(warning).count(), expected, "{with}: {run}");
    }
}

#[test]
fn events_make_way_for_a_result_on_standard_output() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(20, 20, 1));
    let options = "point dem.tif --at-cell 3,3 --at-cell 4,4 --radius 3px --progress json";
    let run = profile(&folder, 0, options);
    assert!(serde_json::from_str::<Value>(&run.text()).is_ok(), "{run}");
    let to_stderr = parse_events(&run.stderr);
    let run = profile(&folder, 0, &format!("{options} out.json"));
    assert_eq!(run.stderr, "");
    for events in [to_stderr, run.events()] {
        let kinds: Vec<&str> = events.iter().map(kind).collect();
        assert_eq!((kinds[0], kinds[kinds.len() - 1]), ("start", "done"));
        assert_eq!(events[0]["data"]["tool"], "svf_profile");
        let progress = &events[events.len() - 2]["data"];
        assert_eq!((&progress["stage"], &progress["done"]), (&json!("points"), &json!(2)));
        let stats = &events[events.len() - 1]["data"]["stats"];
        assert_eq!((&stats["ok"], &stats["receiver"]), (&json!(2), &Value::Null));
    }
    // The values of a single point are in the last event, too.
    let one = "point dem.tif one.json --at-cell 3,4 --radius 3px --progress json";
    let events = profile(&folder, 0, one).events();
    let point = points_of(&folder, "point dem.tif --at-cell 3,4 --radius 3px").remove(0);
    let receiver = &events[events.len() - 1]["data"]["stats"]["receiver"];
    assert_eq!((&receiver["row"], &receiver["col"]), (&json!(3), &json!(4)));
    assert_eq!(receiver["height"], point["height"]);
    assert_eq!(receiver["measures"], point["measures"]);
    assert_eq!(receiver["measures"].as_object().map(|all| all.len()), Some(28));
    let usage: Value = serde_json::from_str(&profile(&folder, 0, "--json-usage").text()).unwrap();
    assert_eq!(usage["commands"][0]["name"], "point");
    profile(&folder, 2, "point dem.tif out.json --at-cell 3,3 --radius 3px")
        .assert_refused(2, &["out.json exists", "--overwrite"]);
    profile(
        &folder,
        2,
        "point dem.tif dem.tif --format json --at-cell 3,3 --radius 3px --overwrite",
    )
    .assert_refused(2, &["dem.tif is the input"]);
}

#[test]
fn a_section_is_interpolated_and_gaps_are_kept() {
    let folder = Folder::new();
    // A slope of 2 per column and 10 per row, a gap, two pieces of reading long.
    let mut heights = Array2::from_shape_fn((4, 300), |(row, col)| (10 * row + 2 * col) as f32);
    heights[(1, 200)] = f32::NAN;
    folder.write_dem("dem.tif", &heights);
    let (x, y) = ORIGIN;
    let line = format!(
        "section dem.tif --from {},{} --to {},{} --steps 290",
        x + 2.5,
        y - 1.5,
        x + 292.5,
        y - 1.5
    );
    let json: Value = serde_json::from_str(&profile(&folder, 0, &line).text()).unwrap();
    assert_eq!(json["tool"], "svf_profile section");
    let steps = json["section"].as_array().unwrap();
    assert_eq!(steps.len(), 291);
    for (i, step) in steps.iter().enumerate() {
        let expected = (i != 198).then_some(14.0 + 2.0 * i as f64);
        let height = step["height"].as_f64();
        assert_eq!(height.is_some(), expected.is_some(), "{i}: {step}");
        let off = height.unwrap_or(0.0) - expected.unwrap_or(0.0);
        assert!(off.abs() < 1e-9, "{i}: {step}");
        assert!((step["distance"].as_f64().unwrap() - i as f64).abs() < 1e-9);
    }
    // Between four cells; beyond the outermost centres the height of the edge; outside none.
    let heights = |from: (f64, f64), to: (f64, f64)| -> Vec<Option<f64>> {
        let line = format!(
            "section dem.tif --from {},{} --to {},{} --steps 2 --format csv",
            x + from.0,
            y - from.1,
            x + to.0,
            y - to.1
        );
        let text = profile(&folder, 0, &line).text();
        text.lines().skip(1).map(|row| row.rsplit(',').next().unwrap().parse().ok()).collect()
    };
    // Given in the CRS of the raster by name, and in one that has no such place.
    let own = format!("{line} --crs EPSG:32633");
    assert_eq!(profile(&folder, 0, &own).text(), profile(&folder, 0, &line).text());
    profile(&folder, 2, "section dem.tif --from 0,0 --to 0,95 --crs EPSG:4326")
        .assert_refused(2, &["0,95 cannot be converted to the CRS of dem.tif"]);
    assert_eq!(heights((1.0, 1.0), (2.0, 2.0)), [Some(6.0), Some(12.0), Some(18.0)]);
    assert_eq!(heights((0.25, 0.5), (-0.25, 0.5)), [Some(0.0), Some(0.0), None]);
    let same = format!("section dem.tif --from {x},{y} --to {x},{y}");
    profile(&folder, 2, &same).assert_refused(2, &["the same point"]);
    let run = profile(&folder, 1, "section dem.tif out.csv --from 0,0 --to 5,5");
    assert!(run.stderr.contains("dem.tif has no heights along the line"), "{run}");
    let to_file = format!("{line} cut.csv --figure cut.svg --progress json");
    let events = profile(&folder, 0, &to_file).events();
    assert_eq!(events.last().unwrap()["data"]["outputs"], json!(["cut.csv", "cut.svg"]));
    assert_eq!(events.last().unwrap()["data"]["stats"]["missing"], 1);
    folder.assert_files(&["cut.csv", "cut.svg", "dem.tif"]);
}

#[test]
fn figures_show_one_point() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(50, 50, 3));
    let line = "point dem.tif why.json --radius 9px -n 8 --figure why.svg --fisheye sky.svg";
    let events = profile(&folder, 0, &format!("{line} --at-cell 20,20 --progress json")).events();
    let outputs = &events.last().unwrap()["data"]["outputs"];
    assert_eq!(*outputs, json!(["why.json", "why.svg", "sky.svg"]));
    let json: Value =
        serde_json::from_str(&fs::read_to_string(folder.path("why.json")).unwrap()).unwrap();
    let svf = json["points"][0]["measures"]["svf"].as_f64().unwrap();
    for name in ["why.svg", "sky.svg"] {
        let text = fs::read_to_string(folder.path(name)).unwrap();
        assert!(text.contains(&format!(">SVF {svf:.4}, row 20, column 20 of dem.tif<")), "{name}");
        assert!(text.starts_with("<svg ") && text.ends_with("</svg>\n"), "{name}");
    }
    let text = fs::read_to_string(folder.path("why.svg")).unwrap();
    // As PNG it is as wide, and the sky is where it was: in the middle of the fisheye view.
    let png = "--figure why.png --fisheye sky.png --format csv -q";
    profile(&folder, 0, &format!("point dem.tif --radius 9px -n 8 --at-cell 20,20 {png}"));
    assert_eq!(folder.open("why.png").raster_size().0, 1200);
    let sky: Vec<u8> = (1..=3).map(|b| folder.band("sky.png", b)[(660, 600)] as u8).collect();
    assert_eq!((sky, folder.open("sky.png").raster_size()), (vec![0xdc, 0xea, 0xf7], (1200, 1280)));
    assert!(text.contains(">(a) Heights within 9 m, and sight lines up to the horizon<"));
    // Eight sections, named by direction.
    for azimuth in ["0° N", "45° NE", "315° NW"] {
        assert!(text.contains(azimuth), "{azimuth}");
    }
    profile(&folder, 2, &format!("{line} --at-cell 20,20")).assert_refused(2, &["exists"]);
    profile(&folder, 2, "point dem.tif --at-cell 1,1 --at-cell 2,2 --radius 9px --figure a.svg")
        .assert_refused(2, &["a single point"]);
    profile(&folder, 2, "point dem.tif --at-cell 1,1 --figure a.jpg")
        .assert_refused(2, &[".svg or .png"]);
    folder.assert_files(&["dem.tif", "sky.png", "sky.svg", "why.json", "why.png", "why.svg"]);
}

#[test]
fn views_show_the_sun_and_a_skyline() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(50, 50, 3));
    let views = |options: &str| -> Vec<String> {
        let line = "--radius 9px -n 8 --first-azimuth 20 --overwrite -q --format csv";
        let files = "--fisheye sky.svg --skyline line.svg";
        let all = format!("point dem.tif why.csv --at-cell 20,20 {line} {files} {options}");
        profile(&folder, 0, &all);
        ["sky.svg", "line.svg"].map(|n| fs::read_to_string(folder.path(n)).unwrap()).to_vec()
    };
    let orange = "#c2410c";
    for (text, what) in views("").iter().zip(["straight up, equidistant:", "Skyline: elevation"]) {
        assert!(text.contains(what) && !text.contains(orange), "{text}");
    }
    // At 42 degrees north, the sun is up from before 5 to after 19 o'clock in June.
    for text in views("--sun-paths --projection stereographic") {
        for said in [">21 June<", ">20 March<", ">21 December<", ">the sun; hours of UTC+1<"] {
            assert!(text.contains(said), "{said}: {text}");
        }
        let hours: Vec<u32> = (0..24).filter(|h| text.contains(&format!(">{h}</text>"))).collect();
        assert!(hours.contains(&5) && hours.contains(&19), "{hours:?}");
        assert!(!hours.contains(&3) && !hours.contains(&21), "{hours:?}");
        assert!(text.contains(orange));
    }
    let texts = views("--sun-paths=-3.5 --projection equal-area");
    assert!(
        texts[0].contains("straight up, equal-area:") && texts[1].contains("hours of UTC-3.5<")
    );
    for (options, said) in [
        ("--sun-paths", "--sun-paths draws into --fisheye or --skyline"),
        ("--projection equal-area", "--fisheye"),
        ("--fisheye a.svg --sun-paths=20", "write hours, -14 to 14"),
        ("--fisheye a.svg --projection flat", "write equidistant, equal-area or stereographic"),
    ] {
        profile(&folder, 2, &format!("point dem.tif --at-cell 1,1 --radius 9px {options}"))
            .assert_refused(2, &[said]);
    }
    let bare = Dem { epsg: None, ..Dem::of(&terrain(9, 9, 1).mapv(f64::from)) };
    bare.write::<f32>(&folder.path("bare.tif"));
    let line = "point bare.tif --at-cell 4,4 --radius 3px --fisheye a.svg --sun-paths";
    let run = profile(&folder, 2, line);
    assert!(run.stderr.contains("does not say where on the Earth the raster is"), "{run}");
    folder.assert_files(&["bare.tif", "dem.tif", "line.svg", "sky.svg", "why.csv"]);
}

#[test]
fn figures_show_where_heights_are_missing() {
    let folder = Folder::new();
    let mut heights = terrain(30, 30, 1);
    heights.slice_mut(s![.., 20..23]).fill(f32::NAN);
    folder.write_dem("dem.tif", &heights);
    let unknown = "fill=\"#b4b4b4\"";
    let figures = |at: &str| -> Vec<String> {
        let line = "-n 32 --radius 9px --figure why.svg --fisheye sky.svg --overwrite -q";
        profile(&folder, 0, &format!("point dem.tif --at-cell {at} {line}"));
        let read = |name| fs::read_to_string(folder.path(name)).unwrap();
        ["why.svg", "sky.svg"].map(read).to_vec()
    };
    for text in figures("15,10") {
        assert!(text.contains("row 15, column 10") && !text.contains("coverage"), "{text}");
        assert!(!text.contains(unknown), "{text}");
    }
    // The gap begins 5 columns to the east: within 9 from 33.75 to 146.25 degrees, 11 of 32.
    for text in figures("15,15") {
        assert!(text.contains(", coverage 0.656, row 15, column 15"), "{text}");
        assert!(text.contains("unknown: heights are missing"), "{text}");
        assert!(text.contains(unknown), "{text}");
    }
    assert!(figures("15,15")[0].contains("; grey: heights are missing<"));
    let (x, y) = ORIGIN;
    let cut = |to: f64| {
        let line = format!("--from {},{} --to {},{}", x + 5.5, y - 5.5, x + to, y - 5.5);
        profile(&folder, 0, &format!("section dem.tif {line} --figure cut.svg --overwrite -q"));
        fs::read_to_string(folder.path("cut.svg")).unwrap().matches(unknown).count()
    };
    // The gap, and its name; nothing where there is none.
    assert_eq!((cut(15.5), cut(28.5)), (0, 2));
}

/// A log of a run of two phases.
const LOG: &str = r#"{"tool":"svf_compute","version":"0.1.0","budget_bytes":1048576000,"threads":2}
{"t_s":0.5,"phase":"start","rss_bytes":10485760,"cpu_s":0.25,"peak_rss_bytes":10485760,"read_bytes":100,"written_bytes":0,"done":0,"total":0}
{"t_s":1.0,"phase":"compute","rss_bytes":20971520,"cpu_s":0.5,"peak_rss_bytes":20971520,"read_bytes":1124,"written_bytes":0,"done":0,"total":8000}
{"t_s":5.0,"phase":"compute","rss_bytes":52428800,"cpu_s":8.5,"peak_rss_bytes":62914560,"read_bytes":3172,"written_bytes":500,"done":8000,"total":8000}
{"phase":"end","peak_rss_bytes":62914560,"t_s":5.0}
"#;

#[test]
fn resources_are_counted_by_phase() {
    let folder = Folder::new();
    fs::write(folder.path("run.jsonl"), LOG).unwrap();
    let run = profile(&folder, 0, "resources run.jsonl --format json");
    let json: Value = serde_json::from_str(&run.text()).unwrap();
    assert_eq!(json["ended"], true);
    assert_eq!(json["peak_bytes"], 62_914_560);
    assert_eq!(
        json["phases"],
        json!([
            {"phase": "start", "seconds": 1.0, "processors": 0.5, "read_bytes": 1124,
             "written_bytes": 0, "peak_bytes": 20_971_520, "increment_bytes": 10_485_760,
             "per_second": null},
            {"phase": "compute", "seconds": 4.0, "processors": 2.0, "read_bytes": 2048,
             "written_bytes": 500, "peak_bytes": 62_914_560, "increment_bytes": 31_457_280,
             "per_second": 2000.0},
            {"phase": "total", "seconds": 5.0, "processors": 1.7, "read_bytes": 3172,
             "written_bytes": 500, "peak_bytes": 62_914_560, "increment_bytes": 41_943_040,
             "per_second": null},
        ])
    );
    let run = profile(&folder, 0, "resources run.jsonl --figure run.svg");
    for word in [
        "compute  4.00 s  200 %  2.0 KiB  500 bytes       60 MiB    +30 MiB     2000",
        "6 % of the limit of 1000 MiB",
    ] {
        assert!(run.text().contains(word), "{word}: {run}");
    }
    assert!(fs::read_to_string(folder.path("run.svg")).unwrap().contains("peak 60 MiB"));
    // Names of phases are texts of a file.
    let named = LOG.replace("\"compute\"", "\"a\\u001b[2J,\\nb\"");
    fs::write(folder.path("named.jsonl"), named).unwrap();
    let text = profile(&folder, 0, "resources named.jsonl").text();
    assert!(text.contains("\na\\u{1b}[2J, b  4.00 s") && !text.contains('\u{1b}'), "{text}");
    let csv = profile(&folder, 0, "resources named.jsonl --format csv").text();
    assert!(csv.contains("\n\"a\u{1b}[2J,\nb\",4,"), "{csv}");
    // Killed in the middle of a line.
    fs::write(folder.path("cut.jsonl"), &LOG[..LOG.len() - 200]).unwrap();
    let run = profile(&folder, 0, "resources cut.jsonl");
    assert!(run.text().contains("the log is incomplete"), "{run}");
    fs::write(folder.path("foreign.jsonl"), "{\"a\": 1}\nb\n").unwrap();
    profile(&folder, 1, "resources foreign.jsonl")
        .assert_refused(1, &["foreign.jsonl: it is not a profile log", "(line 2: "]);
    profile(&folder, 1, "resources no.jsonl").assert_refused(1, &["cannot read", "no.jsonl"]);
}

#[test]
fn resources_of_absurd_numbers() {
    let folder = Folder::new();
    let increments = |from: u64, to: u64| {
        let line = |t_s: u32, phase: &str, rss_bytes: u64| {
            json!({"t_s": t_s, "phase": phase, "rss_bytes": rss_bytes}).to_string() + "\n"
        };
        let text = line(1, "start", from) + &line(2, "start", to) + &line(3, "end", to);
        fs::write(folder.path("run.jsonl"), text).unwrap();
        let run = profile(&folder, 0, "resources run.jsonl --format json");
        let json: Value = serde_json::from_str(&run.text()).unwrap();
        assert_eq!(json["peak_bytes"], from.max(to), "{run}");
        // A table and a chart for people are made all the same.
        profile(&folder, 0, "resources run.jsonl --figure run.svg --overwrite");
        json["phases"][0]["increment_bytes"].clone()
    };
    assert_eq!(increments(0, 5), 5);
    assert_eq!(increments(5, 0), -5);
    // Marks beyond 63 bits whose difference has a place there, and some whose has none.
    assert_eq!(increments(u64::MAX - 1, u64::MAX), 1);
    assert_eq!(increments(1 << 63, (1 << 63) - 1), -1);
    assert_eq!(increments(0, i64::MAX as u64), i64::MAX);
    assert_eq!(increments(1 << 63, 0), i64::MIN);
    assert_eq!(increments(0, 1 << 63), Value::Null);
    assert_eq!(increments(u64::MAX, 0), Value::Null);
}

#[test]
fn the_log_of_a_run_agrees_with_the_run() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(200, 200, 1));
    let line = "svf_compute dem.tif out.tif --radius 9px --max-memory 300M --profile-log run.jsonl";
    let events = folder.line(0, &format!("{line} --progress json")).events();
    let run = profile(&folder, 0, "resources run.jsonl --format json");
    let json: Value = serde_json::from_str(&run.text()).unwrap();
    assert_eq!((&json["of"], &json["budget_bytes"]), (&json!("svf_compute"), &json!(300 << 20)));
    let names: Vec<&str> =
        json["phases"].as_array().unwrap().iter().map(|p| p["phase"].as_str().unwrap()).collect();
    assert_eq!(names, ["start", "compute", "total"]);
    // Absent where the system does not say.
    if let Some(peak) = events.last().unwrap()["data"]["peak_rss_bytes"].as_u64() {
        let logged = json["peak_bytes"].as_u64().unwrap();
        assert!(logged.abs_diff(peak) <= peak / 20, "{logged}, {peak}");
    }
}

/// Stations with attributes of every kind: names of our columns, lists, dates, none at all.
const STATIONS: &str = r#"{"type":"FeatureCollection",
 "crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::32633"}},
 "features":[
 {"type":"Feature","geometry":{"type":"Point","coordinates":[500005.5,4649990.5]},"properties":
  {"id":"ST-07","name":"Wall, \"old\"","Height":2.5,"count":5000000000,"open":true,"since":"2024-05-01",
   "seen":"2024-05-01T12:30:00Z","tags":["a","b"],"svf":1,"NAME":"again","note":null}},
 {"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]},"properties":
  {"id":"ST-08","name":"far","Height":null,"count":null,"open":false,"since":null,
   "seen":null,"tags":null,"svf":null,"NAME":"","note":"-"}}]}"#;

/// Their attributes, in order.
const ATTRIBUTES: [&str; 11] =
    ["id", "name", "Height", "count", "open", "since", "seen", "tags", "svf", "NAME", "note"];

/// The attributes of the first of them.
fn first_station() -> Value {
    json!({
        "id": "ST-07", "name": "Wall, \"old\"", "Height": 2.5, "count": 5_000_000_000_i64,
        "open": true, "since": "2024-05-01", "seen": "2024-05-01T12:30:00Z",
        "tags": ["a", "b"], "svf": 1, "NAME": "again", "note": null,
    })
}

#[test]
fn attributes_of_stations_are_kept_in_json_and_csv() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(20, 20, 1));
    fs::write(folder.path("stations.geojson"), STATIONS).unwrap();
    let line = "point dem.tif --points stations.geojson --radius 3px -n 4 --measure svf";
    let points = points_of(&folder, &format!("{line} --detail points"));
    assert_eq!(points[0]["attributes"], first_station());
    assert_eq!(points[1]["status"], "outside");
    assert_eq!(points[1]["attributes"]["name"], "far");
    assert_eq!(points[1]["attributes"]["open"], false);
    assert_eq!(points[1]["attributes"]["Height"], Value::Null);
    // Without a file there is nothing to keep.
    let named = points_of(&folder, "point dem.tif --at-cell 5,5 --radius 3px -n 4");
    assert_eq!(named[0].get("attributes"), None);

    profile(&folder, 0, &format!("{line} out.csv"));
    let text = fs::read_to_string(folder.path("out.csv")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[0],
        "id,status,x,y,row,col,height,svf,points_id,name,points_Height,count,open,since,seen,\
         tags,points_svf,NAME_2,note"
    );
    let first = "ST-07,\"Wall, \"\"old\"\"\",2.5,5000000000,true,2024-05-01,2024-05-01T12:30:00Z,\
                 \"[\"\"a\"\",\"\"b\"\"]\",1,again,";
    assert!(
        lines[1].starts_with("0,ok,500005.5,4649990.5,9,5,") && lines[1].ends_with(first),
        "{text}"
    );
    assert_eq!(lines[2], "1,outside,1,2,,,,,ST-08,far,,,false,,,,,\"\",-");
    // Every row of a sight line says whose it is.
    profile(&folder, 0, &format!("{line} lines.csv --detail lines"));
    let text = fs::read_to_string(folder.path("lines.csv")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 1 + 4 + 1);
    assert!(lines[1..5].iter().all(|line| line.ends_with(first)), "{text}");
    assert!(lines[5].ends_with(",ST-08,far,,,false,,,,,\"\",-"), "{text}");
}

#[test]
fn attributes_of_stations_are_kept_on_the_map() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(20, 20, 1));
    fs::write(folder.path("stations.geojson"), STATIONS).unwrap();
    let line = "point dem.tif --points stations.geojson --radius 3px -n 4 --measure svf";
    let names = [
        "points_id",
        "name",
        "points_Height",
        "count",
        "open",
        "since",
        "seen",
        "tags",
        "points_svf",
        "NAME_2",
        "note",
    ];
    let fields = |name: &str, layer: &str| -> Vec<(String, u32)> {
        let dataset = folder.open_vector(name);
        let layer = dataset.layer_by_name(layer).unwrap();
        layer.defn().fields().map(|field| (field.name(), field.field_type())).collect()
    };
    for name in ["out.gpkg", "out.geojson", "out.parquet"] {
        if name == "out.parquet" && !can_write("Parquet") {
            lacks("this GDAL writes no GeoParquet");
            continue;
        }
        profile(&folder, 0, &format!("{line} {name} --detail points"));
        let found = fields(name, if name == "out.parquet" { "out" } else { "points" });
        let kept: Vec<&str> = found.iter().skip(8).map(|field| field.0.as_str()).collect();
        assert_eq!(kept, names, "{name}");
        // Integer64, Date and DateTime are what they were.
        let kind = |name: &str| found.iter().find(|field| field.0 == name).unwrap().1;
        use gdal::vector::OGRFieldType::{OFTDate, OFTDateTime, OFTInteger64, OFTReal, OFTString};
        for (attribute, expected) in [
            ("count", OFTInteger64),
            ("since", OFTDate),
            ("seen", OFTDateTime),
            ("points_Height", OFTReal),
            ("points_id", OFTString),
        ] {
            assert_eq!(kind(attribute), expected, "{attribute} in {name}");
        }
        // Read back as stations they are the same; GeoPackage has no lists, but their text.
        let again = format!("point dem.tif --points {name} --radius 3px -n 4 --detail points");
        let points = points_of(&folder, &again);
        let first = first_station();
        for (column, original) in names.into_iter().zip(ATTRIBUTES) {
            let expected = match (&first[original], name) {
                (Value::Array(_), "out.gpkg") => json!("[\"a\",\"b\"]"),
                (value, _) => value.clone(),
            };
            // Names that are columns of ours, again.
            let told = &points[0]["attributes"][column];
            assert_eq!(*told, expected, "{column} in {name}");
        }
        assert_eq!(points[1]["attributes"]["name"], "far", "{name}");
        assert_eq!(points[1]["attributes"]["points_Height"], Value::Null, "{name}");
    }
    // With layers, they are with the points; without, in the one that there is.
    profile(&folder, 0, &format!("{line} lines.gpkg"));
    let has =
        |name: &str, layer: &str| fields(name, layer).iter().any(|field| field.0 == "points_id");
    assert!(has("lines.gpkg", "points") && !has("lines.gpkg", "sight_lines"));
    profile(&folder, 0, &format!("{line} lines.geojson --detail lines"));
    assert!(has("lines.geojson", "sight_lines"));
}

#[test]
fn columns_of_a_table_of_stations_are_kept_as_text() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(20, 20, 1));
    let table = "name,X,Y,code\nA,500005.5,4649990.5,007\nB,500006.5,4649990.5,x\n";
    fs::write(folder.path("stations.csv"), table).unwrap();
    let line = "point dem.tif --points stations.csv --radius 3px -n 4 --measure svf";
    let points = points_of(&folder, &format!("{line} --detail points"));
    let expected = json!({ "name": "A", "X": "500005.5", "Y": "4649990.5", "code": "007" });
    assert_eq!(points[0]["attributes"], expected);
    profile(&folder, 0, &format!("{line} out.csv"));
    let text = fs::read_to_string(folder.path("out.csv")).unwrap();
    assert!(text.starts_with("id,status,x,y,row,col,height,svf,name,points_X,points_Y,code\n"));
    assert!(text.contains(",A,500005.5,4649990.5,007\n"), "{text}");
}

#[test]
fn a_point_on_a_terminal_is_a_short_table() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(20, 20, 1));
    let tool = env!("CARGO_BIN_EXE_svf_profile");
    let point = "point dem.tif --at-cell 9,5 --radius 3px -n 4 --measure svf,coverage";
    let on_terminal = |line: &str| {
        let script =
            "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
        let words = line.split(' ');
        let args: Vec<&str> = ["-c", script, tool].into_iter().chain(words).collect();
        let run = run(&mut folder.in_folder("python3", &args), &[]);
        assert_eq!(run.code, Some(0), "{run}");
        run.text().replace('\r', "")
    };
    let json = points_of(&folder, &format!("{point} --format json"));
    let table = format!(
        "point 1: x 500005.5, y 4649990.5, row 9, column 5\n  height             {}\n  svf                {:.4}\n  \
         coverage           {:.4}\n",
        json[0]["height"].as_f64().unwrap(),
        json[0]["measures"]["svf"].as_f64().unwrap(),
        json[0]["measures"]["coverage"].as_f64().unwrap(),
    );
    let shown = on_terminal(point);
    assert!(shown.contains(&table), "{shown}");
    assert!(shown.contains("--format json"), "{shown}");
    assert!(!shown.contains('{'), "{shown}");
    // The whole where it is asked for, and where no person reads it.
    assert!(on_terminal(&format!("{point} --format json")).contains("\"sight_lines\":["));
    let piped = profile(&folder, 0, point).text();
    assert!(piped.starts_with('{') && piped.contains("\"sight_lines\":["), "{piped}");
    // A program may ask for the table too, and for its sight lines.
    let lines = profile(&folder, 0, &format!("{point} --format text --detail lines")).text();
    assert!(lines.starts_with(&table), "{lines}");
    assert_eq!(lines.lines().count(), 4 + 1 + 4, "{lines}");
    // The other formats are for programs, too, but no text of a file acts on the terminal.
    fs::write(folder.path("p.csv"), "name,x,y\na\u{1b}[2Jb,500005.5,4649990.5\n").unwrap();
    let named = "point dem.tif --points p.csv --radius 3px -n 4 --measure svf --format csv";
    let shown = on_terminal(named);
    assert!(shown.contains(",a\\u{1b}[2Jb,") && !shown.contains("a\u{1b}"), "{shown}");
    assert!(profile(&folder, 0, named).text().contains(",a\u{1b}[2Jb,"));
    // Events are for programs: so is what goes with them.
    assert!(on_terminal(&format!("{point} --progress json")).contains("\"sight_lines\":["));
}

#[test]
fn texts_of_a_table_that_are_not_utf8_are_read_as_spreadsheets_write_them() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(20, 20, 1));
    let table = b"name,x,y\nB\xe4renplatz 5 \x80,500005.5,4649995.5\n";
    fs::write(folder.path("where.csv"), table).unwrap();
    fs::write(folder.path("utf8.csv"), "name,x,y\nBärenplatz 5 €,500005.5,4649995.5\n").unwrap();
    for ending in ["geojson", "csv", "json"] {
        let made = |points: &str, output: &str| {
            let line = format!("point dem.tif {output}.{ending} --points {points}.csv");
            let run = profile(&folder, 0, &format!("{line} --radius 3px --detail points"));
            (run, fs::read_to_string(folder.path(&format!("{output}.{ending}"))).unwrap())
        };
        let ((run, text), (plain, expected)) = (made("where", "a"), made("utf8", "b"));
        assert!(text.contains("Bärenplatz 5 €"), "{text}");
        assert_eq!(
            text.replace("where.csv", "").lines().last(),
            expected.replace("utf8.csv", "").lines().last()
        );
        assert!(run.stderr.contains("texts of where.csv are not UTF-8"), "{run}");
        assert!(!plain.stderr.contains("UTF-8"), "{plain}");
    }
}

#[test]
fn decimal_commas_are_told() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(20, 20, 1));
    let (good, bad) = ("A;500005.5;4649995.5\n", "B;500006,5;4649995,5\n");
    fs::write(folder.path("commas.csv"), format!("name;x;y\n{bad}")).unwrap();
    fs::write(folder.path("mixed.csv"), format!("name;x;y\n{good}{bad}B;a,b;c\n")).unwrap();
    let hint =
        "hint: decimal commas in the coordinates of 1 point: write decimal points, as in 500100.5";
    let run = profile(&folder, 1, "point dem.tif a.csv --points commas.csv --radius 3px");
    assert!(run.stderr.contains("none of the points has a value"), "{run}");
    assert!(run.stderr.contains(hint) && !folder.path("a.csv").exists(), "{run}");
    let run = profile(&folder, 0, "point dem.tif b.csv --points mixed.csv --radius 3px");
    assert!(
        run.stderr.contains("no value for 2 of 3 points") && run.stderr.contains(hint),
        "{run}"
    );
    let text = fs::read_to_string(folder.path("b.csv")).unwrap();
    let status = |line: usize| text.lines().nth(line).unwrap().split(',').nth(1).unwrap();
    assert_eq!([1, 2, 3].map(status), ["ok", "decimal-comma", "no-geometry"]);
}

#[test]
fn horizons_are_written_as_other_programs_read_them() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(40, 40, 1));
    let point = "point dem.tif --at-cell 20,20 --radius 10px -n 8 -q";
    let json = points_of(&folder, &format!("{point} --detail lines --measure svf"));
    let angles: Vec<f64> = json[0]["sight_lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["horizon_deg"].as_f64().unwrap().max(0.0))
        .collect();
    assert_eq!(angles.len(), 8);
    let read = |text: &str| -> Vec<f64> {
        text.trim().split(',').map(|word| word.parse().unwrap()).collect()
    };
    let near = |got: &[f64]| {
        assert_eq!(got.len(), 8);
        for (got, expected) in got.iter().zip(&angles) {
            assert!((got - expected).abs() <= 0.005_000_1, "{got} for {expected}");
        }
    };
    near(&read(&profile(&folder, 0, &format!("{point} --format pvgis")).text()));
    let text = profile(&folder, 0, &format!("{point} --format csv-horizon")).text();
    let rows: Vec<&str> = text.lines().collect();
    assert_eq!(rows[0], "azimuth,elevation");
    let rows: Vec<Vec<f64>> = rows[1..].iter().map(|row| read(row)).collect();
    near(&rows.iter().map(|row| row[1]).collect::<Vec<_>>());
    let azimuths: Vec<f64> = rows.iter().map(|row| row[0]).collect();
    assert_eq!(azimuths, [0.0, 45.0, 90.0, 135.0, 180.0, 225.0, 270.0, 315.0]);
    let text = profile(&folder, 0, &format!("{point} --format pvsol")).text();
    let azimuths: Vec<&str> = text.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(azimuths, ["-180", "-135", "-90", "-45", "0", "45", "90", "135"]);
    // A file, and a number of directions that the program cannot read.
    profile(&folder, 0, &format!("{point} line.hor --format pvsyst"));
    assert!(fs::read_to_string(folder.path("line.hor")).unwrap().contains("\n-180;"));
    profile(&folder, 2, &format!("{point} --format nichemapr"))
        .assert_refused(2, &["nichemapr needs 24 directions, not 8", "add -n 24"]);
    let many = "point dem.tif --at-cell 20,20 --radius 10px -n 24 -q --format nichemapr";
    let text = profile(&folder, 0, many).text();
    assert_eq!(text.trim().split(',').count(), 24);
    profile(&folder, 2, &format!("{point} --format pvgis --detail lines"))
        .assert_refused(2, &["--detail lines has no effect with --format pvgis"]);
    folder.assert_files(&["dem.tif", "line.hor"]);
}

#[test]
fn horizons_of_stations_are_files_with_their_names() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(40, 40, 1));
    // Cells of 1 m from 500000, 4650000.
    let table =
        "name,code,x,y\nPiz A,7,500010.5,4649990.5\nfar,8,1,2\npiz a,9,500020.5,4649980.5\n";
    fs::write(folder.path("stations.csv"), table).unwrap();
    let line = "point dem.tif out --points stations.csv --crs EPSG:32633 --radius 5px -n 4";
    let run = profile(&folder, 0, &format!("{line} --format pvsyst --progress json"));
    let done = run.events().pop().unwrap();
    let outputs: Vec<&str> = done["data"]["outputs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap())
        .collect();
    assert_eq!(outputs, ["out/Piz_A.hor", "out/piz_a_2.hor"]);
    let text = fs::read_to_string(folder.path("out/Piz_A.hor")).unwrap();
    assert!(text.starts_with("Horizon of Piz A: "), "{text}");
    assert_eq!(text.lines().count(), 5);
    // Files that exist are kept, and then none is written.
    fs::write(folder.path("out/9.csv"), "mine").unwrap();
    profile(&folder, 2, &format!("{line} --format pvgis --station code"))
        .assert_refused(2, &["out/9.csv exists"]);
    assert!(!folder.path("out/7.csv").exists());
    assert_eq!(fs::read_to_string(folder.path("out/9.csv")).unwrap(), "mine");
    profile(&folder, 0, &format!("{line} --format pvgis --station code --overwrite -q"));
    let text = fs::read_to_string(folder.path("out/9.csv")).unwrap();
    assert_eq!(text.trim().split(',').count(), 4);
    // A log would be replaced by the file of a point.
    profile(
        &folder,
        2,
        &format!("{line} --format pvsyst --overwrite --profile-log ./out/Piz_A.hor"),
    )
    .assert_refused(2, &["Piz_A.hor is in out, the folder of the points' files"]);
    // The number of a file is that of the point, also after one without a value.
    profile(&folder, 0, &format!("{line} --format geotop -q"));
    assert!(folder.path("out/horizon0001.txt").exists());
    assert!(!folder.path("out/horizon0002.txt").exists());
    assert!(folder.path("out/horizon0003.txt").exists());
    // One file for all stations, also on standard output.
    let all = profile(
        &folder,
        0,
        "point dem.tif --points stations.csv --crs EPSG:32633 --radius 5px -n 4 --format meteoio -q",
    );
    let stations: Vec<String> =
        all.text().lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(stations[..4], ["Piz_A"; 4]);
    assert_eq!(stations[4..], ["piz_a"; 4]);
    // Of stations with one name, the later ones get a number.
    fs::write(
        folder.path("twins.csv"),
        "name,x,y\nP 1,500010.5,4649990.5\nP_1,500011.5,4649990.5\np_1,500012.5,4649990.5\n",
    )
    .unwrap();
    let twins = "point dem.tif --points twins.csv --crs EPSG:32633 --radius 5px -n 4";
    let all = profile(&folder, 0, &format!("{twins} --format meteoio"));
    let mut stations: Vec<String> =
        all.text().lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect();
    stations.dedup();
    assert_eq!(stations, ["P_1", "P_1_2", "p_1"]);
    assert!(
        all.stderr.contains("stations have the same name") && all.stderr.contains("P_1_2"),
        "{all}"
    );
    // Without a value there is no file.
    let outside = "point dem.tif --at-cell 0,0 --radius 5px -n 4 --missing nan --format pvgis -q";
    profile(&folder, 1, &format!("{outside} no.csv"))
        .assert_refused(1, &["missing heights around"]);
    assert!(!folder.path("no.csv").exists());
    let signed = "point dem.tif --at-cell 3,3 --radius 5px --format pvgis --signed";
    profile(&folder, 2, signed).assert_refused(2, &["--signed has no effect with --format pvgis"]);
    for (option, said) in [
        ("--measure svf", "--measure has no effect with --format pvgis"),
        ("--anisotropy-level high", "options of svf-anisotropic have no effect"),
    ] {
        let refused =
            format!("svf_profile point dem.tif --at-cell 3,3 --radius 5px --format pvgis {option}");
        folder.line(2, &refused).assert_refused(2, &[said]);
    }
    let refused = "svf_profile point dem.tif --at-cell 3,3 --layer x --radius 5px";
    folder.line(2, refused).assert_refused(2, &["--layer"]);
    profile(
        &folder,
        2,
        "point dem.tif --radius 5px --points stations.csv --crs EPSG:32633 --format pvgis",
    )
    .assert_refused(2, &["--format pvgis writes a file for each point", "local folder"]);
    profile(&folder, 2, &format!("{line} --format pvgis --station Code2"))
        .assert_refused(2, &["the points have no attribute Code2", "name, code, x, y"]);
    profile(
        &folder,
        2,
        "point dem.tif --at-cell 3,3 --station name --points stations.csv --crs EPSG:32633",
    );
    profile(
        &folder,
        1,
        "point dem.tif dem.tif --radius 5px --points stations.csv --crs EPSG:32633 --format pvgis --overwrite",
    )
    .assert_refused(1, &["cannot create dem.tif", "several points need a folder"]);
    // The points are never replaced.
    fs::write(folder.path("here.csv"), "name,x,y\nhere,500010.5,4649990.5\n").unwrap();
    profile(
        &folder,
        2,
        "point dem.tif . --radius 5px --points here.csv --crs EPSG:32633 --format pvgis --overwrite",
    )
    .assert_refused(2, &["here.csv is a part of the input"]);
}

#[test]
fn files_of_stations_never_replace_a_file_that_the_raster_consists_of() {
    let folder = Folder::new();
    let cells = (0..100).map(|i| (500_000 + i % 10, 4_650_000 - i / 10));
    let xyz: String = cells.map(|(x, y)| format!("{x} {y} {}\n", x % 7)).collect();
    fs::create_dir(folder.path("tiles")).unwrap();
    // The only tile of a folder, the source of a VRT: with the name that the first station gets.
    let tile = folder.path("tiles/horizon0001.txt");
    fs::write(&tile, &xyz).unwrap();
    let vrt = ["-q", "tiles.vrt", "tiles/horizon0001.txt"];
    assert!(folder.in_folder("gdalbuildvrt", &vrt).status().unwrap().success());
    for input in ["tiles/*.txt", "tiles.vrt"] {
        let line = format!("point {input} tiles --at-cell 5,5 --at-cell 4,5 --radius 3px -n 4");
        let run = profile(&folder, 2, &format!("{line} --format geotop --overwrite"));
        assert!(run.stderr.contains("tiles/horizon0001.txt is a part of the input"), "{run}");
        assert_eq!(fs::read_to_string(&tile).unwrap(), xyz);
    }
    // A run that is refused at its first station leaves no empty folder.
    let outside = "point tiles.vrt new --at 1,1 --at 2,2 --radius 3px --format pvgis -q";
    profile(&folder, 1, outside);
    assert!(!folder.path("new").exists());
}
