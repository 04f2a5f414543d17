//! The wire format: every line against the schema, their order, and what the tool
//! says of itself.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};

use crate::support::{Dem, Folder, event_schema, kind, terrain, with_gaps};

fn with_dem() -> Folder {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &with_gaps(terrain(200, 230, 1)));
    folder
}

/// Events of a successful run with some options.
fn events_of(folder: &Folder, options: &[&str]) -> Vec<Value> {
    let run = folder.ok(&[&["dem.tif", "--progress", "json"], options].concat());
    assert_eq!(run.stderr, "");
    assert_eq!(run.stdout.last(), Some(&b'\n'));
    run.events()
}

#[test]
fn the_schema_refuses_what_it_does_not_know() {
    let event = json!({"type": "cancelled", "data": {"elapsed_s": 1.5}});
    assert!(event_schema().is_valid(&event));
    for foreign in [
        json!({"type": "cancelled", "data": {"elapsed_s": 1.5, "more": 1}}),
        json!({"type": "cancelled", "data": {"elapsed_s": 1.5}, "more": 1}),
        json!({"type": "cancelled", "data": {"elapsed_s": "1.5"}}),
        json!({"type": "cancelled", "data": {}}),
        json!({"type": "unheard-of", "data": {}}),
        json!({"type": "tile", "data": {"id": -1, "status": "done"}}),
        json!({"type": "warning", "data": {"code": "no.such.code", "message": "x"}}),
        json!({"type": "error", "data": {"code": "internal", "message": "two\nlines"}}),
    ] {
        assert!(!event_schema().is_valid(&foreign), "{foreign}");
    }
}

#[test]
fn every_object_of_the_schema_is_closed() {
    fn check(schema: &Value, place: &str) {
        // Beside another schema, which is closed.
        if place == "/$defs/args_of_code" {
            return;
        }
        if let Some(object) = schema.as_object() {
            if object.contains_key("properties") {
                assert_eq!(object.get("additionalProperties"), Some(&json!(false)), "{place}");
            }
            for (key, value) in object {
                check(value, &format!("{place}/{key}"));
            }
        }
    }
    let text = include_str!("../../docs/events.schema.json");
    check(&serde_json::from_str(text).unwrap(), "");
}

#[test]
fn the_examples_of_the_documentation_are_events() {
    let text = include_str!("../../docs/events.md");
    let examples: Vec<&str> = text.lines().filter(|line| line.starts_with("{\"type\"")).collect();
    let mut kinds = BTreeSet::new();
    for example in examples {
        let event: Value = serde_json::from_str(example).unwrap();
        assert!(event_schema().is_valid(&event), "{example}");
        kinds.insert(kind(&event).to_owned());
    }
    let every = ["cancelled", "done", "error", "plan", "progress", "start", "tile", "warning"];
    assert_eq!(kinds, every.map(str::to_owned).into(), "one example of each");
}

#[test]
fn every_code_of_the_schema_is_documented() {
    let schema: Value =
        serde_json::from_str(include_str!("../../docs/events.schema.json")).unwrap();
    let text = include_str!("../../docs/events.md");
    for kind in ["warning", "error"] {
        let codes = &schema["$defs"][kind]["properties"]["data"]["properties"]["code"]["enum"];
        for code in codes.as_array().unwrap() {
            let code = code.as_str().unwrap();
            assert!(text.contains(&format!("`{code}`")), "events.md lacks {code}");
        }
    }
}

#[test]
fn events_come_in_order() {
    let folder = with_dem();
    let events = events_of(&folder, &["out.tif", "--radius", "9px", "--tile-size", "64"]);
    let kinds: Vec<&str> = events.iter().map(kind).collect();
    assert_eq!(kinds[0], "start");
    assert_eq!(kinds[1], "plan");
    assert_eq!(kinds[kinds.len() - 1], "done");
    let between = &kinds[2..kinds.len() - 1];
    assert!(between.iter().all(|kind| ["tile", "progress"].contains(kind)), "{kinds:?}");
    // 200 rows and 230 columns: 4 by 4 tiles of 64, each told of once.
    assert_eq!(events[1]["data"]["tiles"], 16);
    assert_eq!(events[1]["data"]["tile_px"], json!([64, 64]));
    assert_eq!(events[1]["data"]["halo_px"], json!([9, 9]));
    let tiles: BTreeSet<u64> = events
        .iter()
        .filter(|event| kind(event) == "tile")
        .map(|event| event["data"]["id"].as_u64().unwrap())
        .collect();
    assert_eq!(tiles, (0..16).collect());
    assert_eq!(between.iter().filter(|kind| **kind == "tile").count(), 16);
}

#[test]
fn tiles_and_halos_are_rows_before_columns() {
    let folder = Folder::new();
    let transform = [0.0, 1.0, 0.0, 0.0, 0.0, -2.0];
    Dem { geo_transform: transform, ..Dem::of(&terrain(50, 70, 2).mapv(f64::from)) }
        .write::<f32>(&folder.path("dem.tif"));
    let args = ["out.tif", "--radius", "8", "-n", "4", "--tile-size", "30x20"];
    let plan = &events_of(&folder, &args)[1]["data"];
    assert_eq!(plan["tile_px"], json!([20, 30]));
    assert_eq!(plan["halo_px"], json!([4, 8]));
    // 50 rows in 20s, 70 columns in 30s.
    assert_eq!(plan["tiles"], 9);
}

#[test]
fn the_last_progress_of_every_stage_is_complete() {
    let folder = with_dem();
    for (of, expected) in [("GTiff", &["compute"][..]), ("COG", &["compute", "finish"])] {
        let args = ["out.tif", "--overwrite", "--of", of, "--radius", "9px", "--tile-size", "64"];
        let events = events_of(&folder, &args);
        let progress: Vec<&Value> =
            events.iter().filter(|e| kind(e) == "progress").map(|e| &e["data"]).collect();
        let mut stages: Vec<&str> = progress.iter().map(|p| p["stage"].as_str().unwrap()).collect();
        stages.dedup();
        assert_eq!(stages, expected, "{of}");
        for stage in stages {
            let of_stage: Vec<&&Value> = progress.iter().filter(|p| p["stage"] == stage).collect();
            let fractions: Vec<f64> =
                of_stage.iter().map(|p| p["fraction"].as_f64().unwrap()).collect();
            assert!(fractions.is_sorted(), "{of} {stage}: {fractions:?}");
            let last = of_stage.last().unwrap();
            assert_eq!(last["fraction"], 1.0, "{of} {stage}");
            assert_eq!(last["done"], last["total"], "{of} {stage}");
        }
    }
}

#[test]
fn start_tells_the_arguments_as_understood() {
    let folder = with_dem();
    let args = ["out.tif", "--radius", "7.5", "-n", "8", "--measure", "coverage,svf"];
    let more = ["--sampling", "nearest", "--missing", "stop", "--observer-height", "1.5"];
    let start = events_of(&folder, &[&args[..], &more].concat())[0]["data"].clone();
    assert_eq!(start["tool"], "svf_compute");
    assert_eq!(start["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(
        start["args"],
        json!({
            "input": "dem.tif", "output": "out.tif", "band": 1, "radius": "7.5", "directions": 8,
            "measures": ["coverage", "svf"], "signed": false, "anisotropy_azimuth": 315.0,
            "anisotropy_level": "low", "sampling": "nearest",
            "divisions": null, "missing": "stop",
            "observer_height": 1.5, "z_factor": 1.0, "curvature": false, "refraction": null,
            "canopy": null, "trunk_ratio": 0.25, "trunk": null, "transmissivity": 0.03,
            "work_dir": null, "restart": false,
        })
    );
}

#[test]
fn done_tells_what_came_out() {
    let folder = with_dem();
    let args = ["sky.tif", "--radius", "9", "--measure", "svf,coverage", "--separate"];
    let events = events_of(&folder, &args);
    let done = &events.last().unwrap()["data"];
    assert_eq!(done["outputs"], json!(["sky_svf.tif", "sky_coverage.tif"]));
    let stats = &done["stats"];
    assert_eq!(stats["cells"], 200 * 230);
    let heights = with_gaps(terrain(200, 230, 1));
    let valid: Vec<f32> = heights.iter().copied().filter(|z| !z.is_nan()).collect();
    for (band, name) in ["svf", "coverage"].iter().enumerate() {
        let told = &stats["bands"][band];
        assert_eq!(told["name"], *name);
        assert_eq!(told["valid"], valid.len());
        assert_eq!(told["nodata"], 200 * 230 - valid.len());
        let output = done["outputs"][band].as_str().unwrap();
        let cells = folder.band(output, 1);
        let cells: Vec<f32> = cells.iter().copied().filter(|v| *v != -9999.0).collect();
        let (low, high) =
            cells.iter().fold((f32::MAX, f32::MIN), |(l, h), v| (l.min(*v), h.max(*v)));
        assert_eq!(told["min"].as_f64().unwrap(), f64::from(low), "{name}");
        assert_eq!(told["max"].as_f64().unwrap(), f64::from(high), "{name}");
    }
    let (low, high) = valid.iter().fold((f32::MAX, f32::MIN), |(l, h), z| (l.min(*z), h.max(*z)));
    let relief = f64::from(high - low);
    let bound = &stats["truncation"];
    assert_eq!(bound["relief"], relief);
    assert_eq!(bound["radius"], 9.0);
    let svf = relief / relief.hypot(9.0);
    assert!((bound["svf"].as_f64().unwrap() - svf).abs() < 1e-12, "{bound}");
    assert!((bound["svf_cosine"].as_f64().unwrap() - svf * svf).abs() < 1e-12, "{bound}");
}

#[test]
fn a_dry_run_plans_and_writes_nothing() {
    let folder = with_dem();
    let args = ["dem.tif", "--dry-run", "--radius", "9px", "--tile-size", "64"];
    let more = ["--srcwin", "10,20,100,70", "--measure", "svf,horizon"];
    let run = folder.ok(&[&args[..], &more].concat());
    let printed: Value = serde_json::from_str(&run.text()).unwrap();
    assert_eq!(printed["window"], json!({"row": 20, "col": 10, "rows": 70, "cols": 100}));
    assert_eq!(printed["cells"], 7000);
    assert_eq!(printed["radius"], 9.0);
    assert_eq!(printed["directions"], 16);
    assert_eq!(printed["measures"], json!(["svf", "horizon"]));
    assert_eq!(printed["plan"]["tiles"], 4);
    assert_eq!(printed["plan"]["tile_px"], json!([64, 64]));
    assert_eq!(printed["plan"]["halo_px"], json!([9, 9]));
    let estimate = printed["plan"]["estimated_peak_bytes"].as_u64().unwrap();
    assert!(estimate <= printed["plan"]["budget_bytes"].as_u64().unwrap());
    // As events: the same, in `done`.
    let options = [&args[1..], &more, &["not_written.tif"]].concat();
    let events = events_of(&folder, &options);
    let kinds: Vec<&str> = events.iter().map(kind).collect();
    assert_eq!(kinds, ["start", "plan", "done"]);
    assert_eq!(events[2]["data"]["outputs"], json!([]));
    assert_eq!(events[2]["data"]["stats"]["truncation"], printed["truncation"]);
    assert_eq!(events[2]["data"]["stats"]["plan"]["tiles"], 4);
    folder.assert_files(&["dem.tif"]);
}

#[test]
fn a_dry_run_knows_the_relief() {
    let folder = Folder::new();
    // Stored as tenths above 350: 0 to 200 is 350 to 370.
    let mut cells = terrain(60, 90, 3).mapv(f64::from);
    (cells[(0, 0)], cells[(59, 89)]) = (0.0, 200.0);
    let dem = Dem { scale_offset: Some((0.1, 350.0)), ..Dem::of(&cells) };
    dem.write::<i16>(&folder.path("dem.tif"));
    let relief = || {
        let events = events_of(&folder, &["--dry-run", "--radius", "9px"]);
        let stats = &events.last().unwrap()["data"]["stats"];
        (stats["truncation"]["relief"].as_f64().unwrap(), stats["relief_from"].clone())
    };
    let (sampled, from) = relief();
    assert_eq!(from, "a sample of 16 places");
    assert!((sampled - 20.0).abs() < 1e-3, "{sampled}");
    // With statistics in the file, which are of the values as stored.
    let dataset = dem.create::<i16>(&folder.path("dem.tif"));
    let statistics = dataset.rasterband(1).unwrap().get_statistics(true, false).unwrap().unwrap();
    assert_eq!((statistics.min, statistics.max), (0.0, 200.0));
    dataset.close().unwrap();
    let (known, from) = relief();
    assert_eq!(from, "statistics of the file");
    assert!((known - 20.0).abs() < 1e-3, "{known}");
}

#[test]
fn the_version_is_told() {
    let folder = Folder::new();
    let text = folder.ok(&["--version"]).text();
    let version = env!("CARGO_PKG_VERSION");
    assert!(text.starts_with(&format!("svf_compute {version} (GDAL ")), "{text}");
    let told: Value = serde_json::from_str(&folder.ok(&["--version", "--json"]).text()).unwrap();
    assert_eq!(told["contract"], 1);
    assert_eq!(told["version"], version);
    assert_eq!(told["gdal"]["version"], gdal::version::VersionInfo::release_name());
    assert!(["system", "bundled"].contains(&told["gdal"]["linkage"].as_str().unwrap()), "{told}");
    let drivers = told["gdal"]["drivers"].as_array().unwrap();
    for format in ["GTiff", "VRT", "MEM", "AAIGrid"] {
        assert!(drivers.iter().any(|driver| driver == format), "{format}: {told}");
    }
    let simd = svf_kernel::simd::SimdLevel::detect().name();
    assert_eq!(told["simd"], simd);
}

#[test]
fn json_usage_lists_every_option_of_the_help() {
    let folder = Folder::new();
    let help = folder.ok(&["--help"]).text();
    let usage: Value = serde_json::from_str(&folder.ok(&["--json-usage"]).text()).unwrap();
    assert_eq!(usage["name"], "svf_compute");
    assert_eq!(usage["contract"], 1);
    let arguments = usage["arguments"].as_array().unwrap();
    let listed: BTreeSet<&str> = arguments
        .iter()
        .filter(|argument| argument["positional"] == false)
        .map(|argument| argument["name"].as_str().unwrap())
        .collect();
    let in_help: BTreeSet<&str> = help
        .lines()
        .map(str::trim_start)
        .filter(|line| line.starts_with('-'))
        .filter_map(|line| line.split_whitespace().find_map(|word| word.strip_prefix("--")))
        .filter(|name| *name != "help")
        .collect();
    assert!(in_help.len() > 25, "{in_help:?}");
    assert_eq!(listed, in_help);
    let positional: Vec<&Value> =
        arguments.iter().filter(|argument| argument["positional"] == true).collect();
    assert_eq!(positional.len(), 2);
    assert_eq!(positional[0]["name"], "input");
    assert_eq!(positional[1]["name"], "output");
    let of = |name: &str| arguments.iter().find(|argument| argument["name"] == name).unwrap();
    assert_eq!(of("radius")["default"], "100px");
    assert_eq!(of("directions")["default"], "16");
    assert_eq!(of("directions")["short"], "n");
    assert_eq!(of("sampling")["choices"], json!(["linear", "crossings", "nearest", "divided"]));
    assert_eq!(of("missing")["choices"], json!(["skip", "stop", "nan"]));
    assert_eq!(of("measure")["choices"].as_array().unwrap().len(), 29);
    assert_eq!(of("co")["repeatable"], true);
    assert_eq!(of("overwrite")["takes_value"], false);
    assert!(arguments.iter().all(|argument| argument["help"].is_string()));
}

#[test]
fn human_text_is_on_stderr_only() {
    let folder = with_dem();
    for options in [&[][..], &["-v"], &["--progress", "none"], &["--progress", "bar"]] {
        let args = [&["dem.tif", "out.tif", "--overwrite", "--radius", "9px"], options].concat();
        let run = folder.ok(&args);
        assert!(run.stdout.is_empty(), "{options:?}: {run}");
        for word in ["out.tif", "cells", "svf", "mean", "valid", "peak memory"] {
            assert!(run.stderr.contains(word), "{options:?}: no {word}: {run}");
        }
    }
    let run = folder.ok(&["dem.tif", "out.tif", "--overwrite", "--radius", "9px", "-q"]);
    assert_eq!((run.text().as_str(), run.stderr.as_str()), ("", ""));
}

#[test]
fn a_profile_log_is_json_lines() {
    let folder = with_dem();
    let args = ["dem.tif", "out.tif", "--radius", "9px", "--profile-log", "log.jsonl"];
    folder.ok(&args);
    let text = fs::read_to_string(folder.path("log.jsonl")).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.len() >= 2, "{text}");
    let (head, lines) = lines.split_first().unwrap();
    assert_eq!(head["tool"], "svf_compute");
    assert!(head["budget_bytes"].is_number() && head["threads"].is_number(), "{head}");
    let (last, samples) = lines.split_last().unwrap();
    assert_eq!(last["phase"], "end");
    for sample in samples {
        for key in
            ["t_s", "rss_bytes", "peak_rss_bytes", "cpu_s", "read_bytes", "written_bytes", "done"]
        {
            assert!(sample[key].is_number(), "{key}: {sample}");
        }
        assert!(sample["phase"].is_string());
    }
    folder.assert_files(&["dem.tif", "log.jsonl", "out.tif"]);
}

#[test]
fn a_run_stays_within_its_memory() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(2500, 2500, 4));
    let budget = 160 << 20;
    let args = ["out.tif", "--radius", "60px", "-n", "4", "--max-memory", "160M"];
    let events = events_of(&folder, &args);
    let plan = &events[1]["data"];
    assert_eq!(plan["budget_bytes"], budget);
    let done = &events.last().unwrap()["data"];
    // Absent where the system does not say.
    if let Some(peak) = done["peak_rss_bytes"].as_u64() {
        assert!(peak <= budget, "{peak} of {budget} bytes; planned: {plan}");
    }
}

#[test]
fn what_gdal_warns_of_is_passed_on() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(60, 90, 3));
    let options = ["out.tif", "--radius", "5px", "--co", "NOPE=1"];
    let events = events_of(&folder, &options);
    let warnings: Vec<&Value> = events.iter().filter(|event| kind(event) == "warning").collect();
    assert_eq!(warnings.len(), 1, "{events:?}");
    assert_eq!(warnings[0]["data"]["code"], "gdal.warning");
    assert!(warnings[0]["data"]["message"].as_str().unwrap().contains("NOPE"));
}
