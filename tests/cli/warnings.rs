//! Warnings as programs read them: which file they are about, and the values that they name.

use gdal::DriverManager;
use gdal::Metadata;
use gdal::raster::{Buffer, ColorInterpretation};
use gdal::spatial_ref::SpatialRef;
use ndarray::Array2;
use serde_json::{Value, json};

use crate::support::{Dem, Folder, kind, terrain};

/// The warning of a code in a run, whose message names no file and no number that it does not
/// carry, too.
#[track_caller]
fn warning(folder: &Folder, options: &str, code: &str) -> Value {
    let line = format!("svf_compute {options} --overwrite --progress json");
    let events = folder.line(0, &line).events();
    let of_code = |event: &&Value| kind(event) == "warning" && event["data"]["code"] == code;
    let found: Vec<&Value> = events.iter().filter(of_code).collect();
    assert_eq!(found.len(), 1, "{code}: {events:?}");
    assert_carried(&found[0]["data"]);
    found[0]["data"].clone()
}

#[track_caller]
fn assert_carried(data: &Value) {
    let path = data["path"].as_str().unwrap_or_else(|| panic!("no path: {data}"));
    let message = data["message"].as_str().unwrap();
    assert!(message.contains(path), "{data}");
    let said = format!("{message} {}", data["hint"].as_str().unwrap_or_default());
    let args = data.get("args").and_then(Value::as_object).cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().map_or(value.to_string(), str::to_owned);
    for (name, value) in &args {
        // Words for programs.
        let is_word = name == "of" || name == "reason";
        assert!(is_word || said.contains(&text(value)), "{name}: {data}");
    }
    let mut values: Vec<String> = args.values().map(text).collect();
    values.sort_by_key(|value| std::cmp::Reverse(value.len()));
    let mut rest = message.replace(path, "");
    for value in values {
        rest = rest.replace(&value, "");
    }
    assert!(!rest.contains(|c: char| c.is_ascii_digit()), "'{rest}' of {data}");
}

fn write(
    folder: &Folder,
    crs: &str,
    (x, y, step): (f64, f64, f64),
    with: impl Fn(&mut gdal::Dataset),
) {
    let dem = Dem {
        geo_transform: [x, step, 0.0, y, 0.0, -step],
        epsg: None,
        ..Dem::of(&terrain(40, 50, 2).mapv(f64::from))
    };
    let mut dataset = dem.create::<f32>(&folder.path("dem.tif"));
    if !crs.is_empty() {
        dataset.set_spatial_ref(&SpatialRef::from_definition(crs).unwrap()).unwrap();
    }
    with(&mut dataset);
    dataset.close().unwrap();
}

const UTM: (f64, f64, f64) = (5e5, 5.6e6, 1.0);

#[test]
fn what_is_assumed_of_coordinates_and_heights() {
    let folder = Folder::new();
    let options = "dem.tif o.tif --radius 5px -n 4";
    let told = |code: &str, args: Value| {
        let data = warning(&folder, options, code);
        assert_eq!(data.get("args").cloned().unwrap_or(Value::Null), args, "{data}");
        assert_eq!(data["path"], "dem.tif");
        data
    };
    write(&folder, "", UTM, |_| {});
    told("crs.missing", Value::Null);
    write(&folder, "EPSG:4326", (7.0, 47.0, 0.0001), |_| {});
    told("crs.degrees", Value::Null);
    write(&folder, "EPSG:2263", UTM, |_| {});
    told("crs.units", json!({"unit": "US survey feet"}));
    let unit = |unit: &'static str| {
        move |dataset: &mut gdal::Dataset| {
            let mut band = dataset.rasterband(1).unwrap();
            band.set_metadata_item("units", unit, "").unwrap();
        }
    };
    write(&folder, "EPSG:25832", UTM, unit("ft"));
    told("crs.units", json!({"factor": "0.3048", "unit_m": "0.3048", "cells": "metres"}));
    write(&folder, "EPSG:25832", UTM, unit("cubit"));
    told("heights.unit", json!({"unit": "cubit", "cells": "metres"}));
    write(&folder, "EPSG:25832", UTM, unit("kelvin"));
    told("heights.unit", json!({"unit": "kelvin", "band": 1}));
    for known in ["meter EGM96", "H\u{f6}he (m)", "m"] {
        write(&folder, "EPSG:25832", UTM, unit(known));
        let line = format!("svf_compute {options} --overwrite --progress json");
        let events = folder.line(0, &line).events();
        assert!(events.iter().all(|event| kind(event) != "warning"), "{known}: {events:?}");
    }
    let scaled = |dataset: &mut gdal::Dataset| {
        let mut band = dataset.rasterband(1).unwrap();
        band.set_scale(0.1).unwrap();
        band.set_offset(3.0).unwrap();
    };
    write(&folder, "EPSG:25832", UTM, scaled);
    told("raster.scaled", json!({"what": "heights", "scale": "0.1", "offset": "3"}));
    // Depths, with the numbers of the file.
    write(&folder, "EPSG:25832+5715", UTM, scaled);
    told("heights.down", json!({"reason": "crs"}));
    let data = told("raster.scaled", json!({"what": "depths", "scale": "0.1", "offset": "3"}));
    let message = data["message"].as_str().unwrap();
    assert!(message.starts_with("depths of dem.tif are 0.1 * value + 3: "), "{message}");
    write(&folder, "EPSG:25832+5715", UTM, |_| {});
    let events = folder.line(0, &format!("svf_compute {options} --overwrite --progress json"));
    assert!(!events.text().contains("raster.scaled"), "{}", events.text());
}

/// A map that changes lengths: alike everywhere, in one direction, more in the north.
#[test]
fn the_scale_of_the_map() {
    let folder = Folder::new();
    let args = |place: (f64, f64, f64), crs: &str, with: &dyn Fn(&mut gdal::Dataset)| {
        write(&folder, crs, place, with);
        let data = warning(&folder, "dem.tif o.tif --radius 5px -n 4", "crs.scale");
        let args = data["args"].as_object().unwrap();
        let number =
            |name: &str| args.get(name).map(|n| n.as_str().unwrap().parse::<f64>().unwrap());
        ["scale", "factor", "across", "low", "high"].map(number)
    };
    let near = |found: Option<f64>, right: f64| {
        assert!((found.unwrap() - right).abs() < 0.01, "{found:?}, {right}");
    };
    let [scale, factor, across, low, high] = args((1e6, 8_399_737.0, 10.0), "EPSG:3857", &|_| {});
    near(scale, 2.0);
    near(factor, 2.0);
    assert_eq!((across, low, high), (None, None, None));
    let eqc = "+proj=eqc +R=6371000 +units=m";
    let [scale, factor, across, low, high] = args((1e6, 6_671_796.0, 10.0), eqc, &|_| {});
    near(scale, 2.0);
    near(across, 1.0);
    assert_eq!((factor, low, high), (None, None, None));
    let [scale, factor, across, low, high] = args((1e6, 8.4e6, 10_000.0), "EPSG:3857", &|_| {});
    assert!(low.unwrap() < scale.unwrap() && scale.unwrap() < high.unwrap());
    assert_eq!((factor, across), (None, None));
}

/// A Terrarium tile: the scale is said, but no factor, as colours cannot be multiplied.
#[test]
fn the_scale_of_heights_in_colours() {
    let folder = Folder::new();
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let mut tile =
        driver.create_with_band_type::<u8, _>(folder.path("dem.tif"), 50, 40, 3).unwrap();
    tile.set_geo_transform(&[1e6, 10.0, 0.0, 8_399_737.0, 0.0, -10.0]).unwrap();
    tile.set_spatial_ref(&SpatialRef::from_epsg(3857).unwrap()).unwrap();
    let code = terrain(40, 50, 2).mapv(|z| f64::from(z) * 10.3 + 33_068.0);
    let colours = [
        ColorInterpretation::RedBand,
        ColorInterpretation::GreenBand,
        ColorInterpretation::BlueBand,
    ];
    for (i, colour) in colours.into_iter().enumerate() {
        let part =
            |v: f64| [(v / 256.0).floor(), v.floor() % 256.0, (v.fract() * 256.0).floor()][i];
        let mut band = tile.rasterband(i + 1).unwrap();
        band.set_color_interpretation(colour).unwrap();
        let cells = code.iter().map(|&v| part(v) as u8).collect();
        band.write((0, 0), (50, 40), &mut Buffer::new((50, 40), cells)).unwrap();
    }
    tile.close().unwrap();
    let data = warning(&folder, "dem.tif o.tif --radius 5px -n 4", "crs.scale");
    let scale: f64 = data["args"]["scale"].as_str().unwrap().parse().unwrap();
    assert!((scale - 2.0).abs() < 0.01, "{data}");
    assert_eq!(data["args"].as_object().unwrap().len(), 1, "{data}");
    assert_eq!(data["hint"], "decode the heights first, then project their raster");
}

#[test]
fn ranges_say_whether_they_are_of_a_sample() {
    let folder = Folder::new();
    let args = |cells: &Array2<f64>, code: &str| {
        Dem::of(cells).write::<f32>(&folder.path("dem.tif"));
        let data = warning(&folder, "dem.tif --dry-run --radius 5px -n 4", code);
        (data["args"].clone(), data["message"].as_str().unwrap().to_owned())
    };
    for (rows, of, share, words) in
        [(40, "all", "2 %", "dem.tif"), (600, "sample", "0.20 %", "a sample of dem.tif")]
    {
        let mut cells = Array2::from_shape_fn((rows, 20), |(row, _)| 100.0 + (row % 2) as f64);
        cells.row_mut(0).fill(-9999.0);
        let (found, message) = args(&cells, "heights.nodata");
        let right =
            json!({"share": share, "value": "-9999", "low": "100", "high": "101", "of": of});
        assert_eq!(found, right);
        assert!(message.starts_with(&format!("in {words}, ")), "{message}");
        let rise = 12_000.0 / (rows - 1) as f64;
        let ramp = Array2::from_shape_fn((rows, 20), |(row, _)| 100.0 + rise * row as f64);
        let (found, message) = args(&ramp, "heights.relief");
        assert_eq!(found, json!({"low": "100", "high": "12100", "of": of}));
        assert!(message.starts_with(&format!("heights of {words} range from ")), "{message}");
    }
}

#[test]
fn what_vegetation_and_options_are() {
    let folder = Folder::new();
    let ground = terrain(40, 50, 2).mapv(f64::from);
    Dem::of(&ground).write::<u16>(&folder.path("dem.tif"));
    let trees = |cells: Array2<f64>| {
        Dem::of(&cells).write::<f32>(&folder.path("trees.tif"));
        let options = "dem.tif o.tif --radius 5px -n 4 --canopy trees.tif";
        let data = warning(&folder, options, "canopy.heights");
        assert_eq!(data["path"], "trees.tif");
        data["args"].clone()
    };
    let highest = ground.iter().fold(0.0, |a: f64, &z| a.max(z)) + 250.0;
    assert_eq!(trees(ground.mapv(|z| z + 250.0)), json!({"high": highest.to_string()}));
    assert_eq!(trees(ground.mapv(|z| -z.min(20.0))), json!({"low": "-20"}));
    Dem::of(&ground.mapv(|z| z.min(20.0))).write::<f32>(&folder.path("trees.tif"));
    let options =
        "dem.tif o.tif --radius 5px -n 4 --canopy trees.tif --measure svf,openness-positive";
    let data = warning(&folder, options, "canopy.ignored");
    assert_eq!(
        (&data["path"], &data["args"]),
        (&json!("trees.tif"), &json!({"measures": "openness-positive"}))
    );
    let options = "dem.tif o.tif --radius 5px -n 4 --measure svf,svf-veg,svf-aveg-east";
    let data = warning(&folder, options, "canopy.missing");
    assert_eq!(data["args"], json!({"measures": "svf-veg, svf-aveg-east"}));
    let archive = "svf_compute dem.tif svfs.zip --of UMEP --radius 5px -n 4 --progress json";
    let events = folder.line(0, archive).events();
    assert!(events.iter().all(|event| event["data"]["code"] != "canopy.missing"), "{events:?}");
    let options = "dem.tif o.tif --radius 5px -n 4 --input-nodata -9999,7";
    let data = warning(&folder, options, "heights.nodata_type");
    assert_eq!(data["args"], json!({"values": "-9999,7", "type": "UInt16"}));
    let mean = "gdalbuildvrt -q -resolution user -tr 1.5 1.5 -r average mean.vrt dem.tif";
    let words: Vec<&str> = mean.split(' ').collect();
    assert!(folder.in_folder(words[0], &words[1..]).status().unwrap().success());
    let data = warning(&folder, "mean.vrt o.tif --radius 5px -n 4", "input.resampled");
    let right = json!({"method": "average"});
    assert_eq!((&data["args"], &data["path"]), (&right, &json!("mean.vrt")));
    // Vegetation in feet on ground in metres.
    for (name, unit) in [("dem.tif", "m"), ("trees.tif", "ft")] {
        let dataset = Dem::of(&ground.mapv(|z| z.min(20.0))).create::<f32>(&folder.path(name));
        dataset.rasterband(1).unwrap().set_metadata_item("units", unit, "").unwrap();
        dataset.close().unwrap();
    }
    let options = "dem.tif o.tif --radius 5px -n 4 --canopy trees.tif";
    let data = warning(&folder, options, "crs.units");
    let right = json!({"canopy_factor": "0.3048", "unit_m": "0.3048", "ground_m": "1"});
    assert_eq!((&data["args"], &data["path"]), (&right, &json!("trees.tif")));
}

#[test]
fn limits_are_said_with_what_was_given() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(40, 50, 2));
    let events = folder.line(0, "svf_compute dem.tif o.tif --radius 1e6 --progress json").events();
    let clipped = events.iter().find(|event| event["data"]["code"] == "radius.clipped").unwrap();
    assert_eq!(clipped["data"]["args"]["given"], "1000000", "{clipped}");
    for line in
        ["svf_compute dem.tif p.tif --max-memory 1M", "svf_tile dem.tif p.json --max-memory 1M"]
    {
        let events = folder.line(2, &format!("{line} --progress json")).events();
        let data = &events.last().unwrap()["data"];
        assert_eq!(data["code"], "plan.memory", "{data}");
        assert_eq!(data["args"]["limit"], "1.0 MiB", "{data}");
        assert_eq!(data["args"]["cause"], "the program itself", "{data}");
        assert_eq!(data["hint"], "increase --max-memory", "{data}");
        let least = data["args"]["least_mb"].to_string();
        let message = data["message"].as_str().unwrap();
        assert!(
            message.contains("limit of 1.0 MiB") && message.contains(&format!("{least} MiB")),
            "{data}"
        );
    }
}

#[test]
fn a_plan_has_looked_at_the_heights_so_its_tiles_need_not() {
    let folder = Folder::new();
    let mut heights = terrain(40, 50, 2).mapv(f64::from);
    heights[(7, 9)] = -9999.0;
    Dem::of(&heights).write::<f32>(&folder.path("dem.tif"));
    let codes = |line: &str| -> Vec<String> {
        let events = folder.line(0, &format!("{line} --progress json")).events();
        let warnings = events.iter().filter(|event| kind(event) == "warning");
        warnings.map(|event| event["data"]["code"].as_str().unwrap().to_owned()).collect()
    };
    let plan = "svf_tile dem.tif plan.json --radius 5px -n 4 --tile-size 30";
    assert_eq!(codes(plan), ["heights.nodata"]);
    let text = std::fs::read_to_string(folder.path("plan.json")).unwrap();
    let planned: Value = serde_json::from_str(&text).unwrap();
    let (low, high) = heights
        .iter()
        .filter(|z| **z > -9999.0)
        .fold((f64::MAX, f64::MIN), |(low, high), z| (low.min(*z), high.max(*z)));
    assert_eq!(planned["sample"], json!({"odd": true, "range": [low, high]}));
    assert_eq!(codes("svf_compute --plan plan.json"), Vec::<String>::new());
    // Other heights under the same name: the plan does not know them.
    heights[(7, 9)] = 0.0;
    Dem::of(&heights).write::<f32>(&folder.path("dem.tif"));
    let line = "svf_compute --plan plan.json --progress json";
    let error = folder.line(1, line).events().pop().unwrap();
    assert_eq!(error["data"]["code"], "plan.changed");
}
