//! `--search cascade`, `--radius all` and `--check`.

use ndarray::{Array2, s};
use serde_json::Value;

use crate::support::{Dem, Folder, assert_same_bits, item, terrain};

fn hills() -> Folder {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(300, 400, 17));
    folder
}

const CASCADE: &str = "--radius 120 -n 8 --search cascade --measure svf,openness-negative,horizon";

#[track_caller]
fn assert_same_files(folder: &Folder, one: &str, other: &str) {
    let bands = (folder.bands(one), folder.bands(other));
    assert_eq!(bands.0.len(), bands.1.len());
    for (a, b) in bands.0.iter().zip(&bands.1) {
        assert_same_bits(a, b, other);
    }
}

#[test]
fn a_plane_and_a_wall_have_their_angles() {
    let folder = Folder::new();
    // A slope of 30 degrees, up to the north.
    let rise = 30_f64.to_radians().tan();
    folder.write_dem(
        "plane.tif",
        &Array2::from_shape_fn((400, 400), |(row, _)| (rise * (400 - row) as f64) as f32),
    );
    let options = "-q --radius 150 -n 4 --search cascade --measure horizon,svf-slope";
    folder.line(0, &format!("svf_compute plane.tif plane_out.tif {options}"));
    let bands = folder.bands("plane_out.tif");
    let at = |band: usize| f64::from(bands[band][(200, 200)]);
    for (band, expected) in [30.0, 0.0, 0.0, 0.0].into_iter().enumerate() {
        assert!((at(band) - expected).abs() < 2e-4, "direction {band}: {}", at(band));
    }
    // A wall of 50 m, 100 cells east of the middle.
    let mut heights = Array2::zeros((300, 300));
    heights.column_mut(250).fill(50.0);
    folder.write_dem("wall.tif", &heights);
    folder.line(0, &format!("svf_compute wall.tif wall_out.tif {options}"));
    let bands = folder.bands("wall_out.tif");
    for (col, distance) in [(150, 100.0_f64), (110, 140.0), (245, 5.0), (210, 40.0)] {
        let found = f64::from(bands[1][(150, col)]);
        let expected = (50.0 / distance).atan().to_degrees();
        assert!((found - expected).abs() < 0.05, "{distance} cells: {found}, not {expected}");
        assert!([0, 2, 3].iter().all(|&band| bands[band][(150, col)] < 1e-4));
    }
    // Beyond the radius, and the half of a block of 16 cells.
    assert!(bands[1][(150, 60)] < 1e-4);
}

#[test]
fn it_is_close_to_the_exact_search_and_the_same_up_to_20_cells() {
    let folder = hills();
    folder.line(0, &format!("svf_compute -q dem.tif cascade.tif {CASCADE}"));
    let exact = CASCADE.replace("cascade", "exact");
    folder.line(0, &format!("svf_compute -q dem.tif exact.tif {exact}"));
    let (cascade, exact) = (folder.band("cascade.tif", 1), folder.band("exact.tif", 1));
    let squares = cascade.iter().zip(&exact).map(|(a, b)| f64::from(a - b).powi(2));
    let rmse = (squares.sum::<f64>() / cascade.len() as f64).sqrt();
    assert!(rmse > 0.0 && rmse < 0.01, "{rmse}");
    folder.line(0, "svf_compute -q dem.tif near_cascade.tif --radius 20 --search cascade");
    folder.line(0, "svf_compute -q dem.tif near_exact.tif --radius 20");
    assert_same_files(&folder, "near_cascade.tif", "near_exact.tif");
}

#[test]
fn tiles_threads_and_parts_change_no_bit() {
    let folder = hills();
    folder.line(0, &format!("svf_compute -q dem.tif whole.tif {CASCADE} --threads 1"));
    for (name, options) in [
        ("tiles.tif", "--tile-size 64 --threads 3"),
        ("odd.tif", "--tile-size 97x51 --threads 2"),
        ("work.tif", "--tile-size 96 --work-dir work"),
    ] {
        folder.line(0, &format!("svf_compute -q dem.tif {name} {CASCADE} {options}"));
        assert_same_files(&folder, "whole.tif", name);
    }
    // A part is at its place in the raster.
    let part = "--srcwin 131,77,150,100";
    folder.line(0, &format!("svf_compute -q dem.tif part.tif {CASCADE} {part}"));
    for (whole, part) in folder.bands("whole.tif").iter().zip(&folder.bands("part.tif")) {
        let whole = whole.slice(ndarray::s![77..177, 131..281]).to_owned();
        assert_same_bits(&whole, part, "a part");
    }
    // Receivers.
    let wanted = Array2::from_shape_fn((300, 400), |(row, col)| f32::from(row * col % 7 == 3));
    folder.write_dem("mask.tif", &wanted);
    let mask = "--receivers mask.tif --tile-size 128 --threads 2";
    folder.line(0, &format!("svf_compute -q dem.tif chosen.tif {CASCADE} {mask}"));
    for (whole, chosen) in folder.bands("whole.tif").iter().zip(&folder.bands("chosen.tif")) {
        let mut whole = whole.clone();
        whole.zip_mut_with(&wanted, |value, wanted| {
            *value = if *wanted > 0.0 { *value } else { -9999.0 };
        });
        assert_same_bits(&whole, chosen, "receivers");
    }
}

#[test]
fn a_plan_keeps_it() {
    let folder = hills();
    folder.line(0, &format!("svf_compute -q dem.tif whole.tif {CASCADE}"));
    let part = "--tile-size 96x64 --srcwin 0,0,400,300";
    folder.line(0, &format!("svf_tile -q dem.tif plan.json {CASCADE} {part}"));
    let plan = std::fs::read_to_string(folder.path("plan.json")).unwrap();
    let plan: Value = serde_json::from_str(&plan).unwrap();
    assert_eq!(plan["identity"]["options"]["search"], "cascade");
    for part in 1..=3 {
        folder.line(0, &format!("svf_compute -q --plan plan.json --tile-part {part}/3"));
    }
    folder.line(0, "svf_mosaic -q plan.json joined.tif");
    assert_same_files(&folder, "whole.tif", "joined.tif");
    let said = |name: &str, key: &str| item(&folder.open(name), key, "");
    for name in ["whole.tif", "joined.tif"] {
        assert_eq!(said(name, "SVF_SEARCH").as_deref(), Some("cascade"));
        assert_eq!(said(name, "SVF_SEARCH_VERSION").as_deref(), Some("2"));
    }
    // The tiles of another search are not used.
    folder.line(0, &format!("svf_compute -q dem.tif a.tif {CASCADE} --work-dir work"));
    let exact = CASCADE.replace("cascade", "exact");
    let run = folder.line(1, &format!("svf_compute -q dem.tif b.tif {exact} --work-dir work"));
    assert!(run.stderr.contains("--search was cascade, now it is not given"), "{run}");
    folder.line(2, "svf_compute --plan plan.json --search exact");
}

#[test]
fn exact_is_the_default_and_the_start_says_which() {
    let folder = hills();
    let started = |options: &str| {
        let run = folder.line(
            0,
            &format!(
                "svf_compute dem.tif out.tif --overwrite --progress json --radius 5 {options}"
            ),
        );
        let start = run.events().into_iter().find(|event| event["type"] == "start").unwrap();
        start["data"]["args"].clone()
    };
    assert_eq!(started("--search cascade")["search"], "cascade");
    let run = folder.line(0, "svf_compute -v dem.tif v.tif --radius 20 --search cascade");
    assert!(run.stderr.contains("search cascade"), "{run}");
    for options in ["", "--dry-run"] {
        let line = "svf_compute dem.tif v.tif --overwrite --search cascade --progress json";
        let run = folder.line(0, &format!("{line} {options}"));
        let done = run.events().pop().unwrap();
        assert_eq!(done["data"]["stats"]["search"], "cascade");
    }
    assert_eq!(started("").get("search"), None);
    assert_eq!(item(&folder.open("out.tif"), "SVF_SEARCH", ""), None);
}

#[test]
fn all_is_as_far_as_the_raster_goes() {
    let folder = hills();
    // Its diagonal is 500, and two cells.
    for search in ["exact", "cascade"] {
        let options = format!("--search {search} -n 8 --overwrite");
        let run = folder.line(0, &format!("svf_compute dem.tif all.tif --radius all {options}"));
        assert!(!run.stderr.contains("warning"), "{run}");
        folder.line(0, &format!("svf_compute dem.tif far.tif --radius 502 {options}"));
        assert_same_files(&folder, "all.tif", "far.tif");
        assert_eq!(item(&folder.open("all.tif"), "SVF_RADIUS", "").as_deref(), Some("502"));
    }
    let tiles = "--radius all -n 8 --search cascade --tile-size 128 --threads 2";
    folder.line(0, &format!("svf_compute -q dem.tif tiles.tif {tiles}"));
    assert_same_files(&folder, "all.tif", "tiles.tif");
    folder.line(0, "svf_tile -q dem.tif plan.json -n 8 --radius all --search cascade");
    folder.line(0, "svf_compute -q --plan plan.json");
    folder.line(0, "svf_mosaic -q plan.json joined.tif");
    assert_same_files(&folder, "all.tif", "joined.tif");
    let run = folder.line(0, "svf_profile point dem.tif --at-cell 9,9 --radius all -n 8");
    let point: Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!(point["radius"], 502.0);
    let too_much = "svf_compute dem.tif no.tif --radius all --search cascade --max-memory 40M";
    folder.line(2, too_much).assert_refused(2, &["a memory limit of", "increase --max-memory"]);
}

#[test]
fn far_ground_is_made_once_and_changes_no_bit() {
    let folder = Folder::new();
    // So long that tiles do not make all levels, if there is more than one.
    folder.write_dem("dem.tif", &terrain(40, 3300, 5));
    let options = "--radius all -n 8 --search cascade --measure svf,openness-negative,horizon";
    let run = |command: &str| {
        let run = folder.line(0, &format!("{command} --progress json"));
        let stages = run.events().into_iter().filter(|event| event["type"] == "progress");
        stages.map(|event| event["data"]["stage"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let whole = run(&format!("svf_compute dem.tif whole.tif {options} --tile-size 3300"));
    assert!(whole.iter().all(|stage| stage != "ground"), "{whole:?}");
    for (name, more) in [
        ("tiles.tif", "--tile-size 64 --threads 3"),
        ("odd.tif", "--tile-size 31x300 --threads 1"),
        ("work.tif", "--tile-size 512 --work-dir work"),
    ] {
        let stages = run(&format!("svf_compute dem.tif {name} {options} {more}"));
        let first = |name: &str| stages.iter().position(|stage| stage == name).unwrap();
        assert!(first("ground") < first("compute"), "{stages:?}");
        assert_same_files(&folder, "whole.tif", name);
    }
    folder.line(0, &format!("svf_tile -q dem.tif plan.json {options} --tile-size 256"));
    folder.line(0, "svf_compute -q --plan plan.json --tile-part 1/2");
    folder.line(0, "svf_compute -q --plan plan.json --tile-part 2/2");
    folder.line(0, "svf_mosaic -q plan.json joined.tif");
    assert_same_files(&folder, "whole.tif", "joined.tif");
    // A part sees the same ground.
    let part = "--srcwin 1000 10 700 20 --tile-size 100 --threads 2";
    run(&format!("svf_compute dem.tif part.tif {options} {part}"));
    let (part, all) = (folder.bands("part.tif"), folder.bands("whole.tif"));
    for (part, all) in part.iter().zip(&all) {
        assert_same_bits(part, &all.slice(s![10..30, 1000..1700]).to_owned(), "a part");
    }
    // Chosen receivers, in a mask, have the values that they have among all.
    let mask = Array2::from_shape_fn((40, 3300), |(_, col)| if col % 700 == 9 { 1.0 } else { 0.0 });
    folder.write_dem("mask.tif", &mask);
    let chosen = "--receivers mask.tif --tile-size 200";
    run(&format!("svf_compute dem.tif chosen.tif {options} {chosen}"));
    let chosen = folder.band("chosen.tif", 1);
    for ((row, col), value) in chosen.indexed_iter().filter(|((_, col), _)| col % 700 == 9) {
        assert_eq!(value.to_bits(), all[0][(row, col)].to_bits(), "{row} {col}");
    }
}

#[test]
fn far_ground_is_kept_for_the_tiles_that_are_left() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(40, 3300, 5));
    let options = "--radius all -n 4 --search cascade";
    folder.line(0, &format!("svf_compute -q dem.tif whole.tif {options} --tile-size 3300"));
    folder.line(0, &format!("svf_tile -q dem.tif plan.json {options} --tile-size 512"));
    let kept = folder.path("plan.tiles/far-ground");
    // Computes a tile again, and says whether the raster was read before.
    let again = |tile: &str| {
        std::fs::remove_file(folder.path("plan.tiles").join(tile)).unwrap();
        let run = folder.line(0, "svf_compute --plan plan.json --progress json");
        let has_read = run.events().iter().any(|event| event["data"]["stage"] == "ground");
        folder.line(0, "svf_mosaic -q plan.json joined.tif --overwrite");
        assert_same_files(&folder, "whole.tif", "joined.tif");
        has_read
    };
    folder.line(0, "svf_compute -q --plan plan.json");
    let first = std::fs::read(&kept).unwrap();
    assert!(!again("r0000_c0003.tif"));
    // One byte of it changed.
    let mut damaged = first.clone();
    damaged[100] ^= 1;
    std::fs::write(&kept, &damaged).unwrap();
    assert!(again("r0000_c0003.tif"));
    assert_eq!(std::fs::read(&kept).unwrap(), damaged, "it could be the file of somebody else");
    std::fs::remove_file(folder.path("plan.tiles/r0000_c0001.tif")).unwrap();
    let run = folder.line(0, "svf_compute -q --plan plan.json");
    let said = "far-ground cannot be used: its content does not match its checksum";
    assert!(run.stderr.contains("warning") && run.stderr.contains(said), "{run}");
    std::fs::write(&kept, "mine").unwrap();
    assert!(again("r0000_c0001.tif"));
    assert_eq!(std::fs::read(&kept).unwrap(), b"mine");
    std::fs::remove_file(&kept).unwrap();
    assert!(again("r0000_c0001.tif"));
    assert_eq!(std::fs::read(&kept).unwrap(), first);
    // Of other heights.
    folder.write_dem("dem.tif", &terrain(40, 3300, 6));
    folder.line(
        0,
        &format!("svf_compute -q dem.tif whole.tif {options} --tile-size 3300 --overwrite"),
    );
    let make = format!("svf_tile -q dem.tif plan.json {options} --tile-size 512 --overwrite");
    folder.line(0, &make);
    folder.line(0, "svf_compute -q --plan plan.json");
    assert_ne!(std::fs::read(&kept).unwrap(), first);
    assert!(!again("r0000_c0002.tif"));
}

#[test]
fn far_ground_that_cannot_be_read_is_an_error() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(40, 3300, 5));
    let bytes = std::fs::read(folder.path("dem.tif")).unwrap();
    std::fs::write(folder.path("cut.tif"), &bytes[..bytes.len() - 3000]).unwrap();
    let options = "--radius all -n 4 --search cascade --tile-size 64 --srcwin 0 0 64 40";
    let run = folder.line(1, &format!("svf_compute cut.tif no.tif {options}"));
    assert!(run.stderr.contains("cut.tif"), "{run}");
    assert!(!folder.path("no.tif").exists());
}

/// As for the other searches: the tiles that see it are left, and all others are right.
#[test]
fn far_ground_without_a_damaged_file_serves_the_tiles_that_do_not_see_it() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(400, 400, 5));
    std::fs::create_dir(folder.path("in")).unwrap();
    for (row, col) in (0..16).map(|i| (100 * (i / 4), 100 * (i % 4))) {
        let (part, from) = (format!("in/{row}_{col}.tif"), [col, row].map(|at| at.to_string()));
        let window = ["-q", "-srcwin", &from[0], &from[1], "100", "100", "dem.tif", &part];
        assert!(folder.in_folder("gdal_translate", &window).status().unwrap().success());
    }
    let options = "--radius 100px -n 4 --search cascade";
    folder.line(0, &format!("svf_compute -q dem.tif whole.tif {options} --tile-size 400"));
    folder.line(0, &format!("svf_tile -q in p.json {options} --tile-size 50"));
    let corner = folder.path("in/300_300.tif");
    let (bytes, time) =
        (std::fs::read(&corner).unwrap(), std::fs::metadata(&corner).unwrap().modified().unwrap());
    let write = |bytes: &[u8]| {
        std::fs::write(&corner, bytes).unwrap();
        std::fs::File::options().write(true).open(&corner).unwrap().set_modified(time).unwrap();
    };
    write(&bytes[..bytes.len() / 2]);
    let run = folder.line(3, "svf_compute --plan p.json --progress json");
    assert!(run.events().iter().any(|event| event["data"]["stage"] == "ground"), "{run}");
    let tile = |name: &str| folder.path("p.tiles").join(name).exists();
    assert!(tile("r0000_c0000.tif") && !tile("r0005_c0005.tif"), "{run}");
    assert!(!tile("far-ground"), "{run}");
    write(&bytes);
    folder.line(0, "svf_compute -q --plan p.json");
    folder.line(0, "svf_mosaic -q p.json joined.tif");
    assert_same_files(&folder, "whole.tif", "joined.tif");
}

#[test]
fn a_check_compares_cells_with_the_exact_search() {
    let folder = hills();
    let options = "--radius 120 -n 8 --search cascade --measure svf,horizon,slope";
    let check = |options: &str| {
        let line = format!("svf_compute dem.tif out.tif --overwrite {options}");
        let run = folder.line(0, &format!("{line} --progress json"));
        let events = run.events();
        events.last().unwrap()["data"]["stats"]["check"].clone()
    };
    // All cells.
    let found = check(&format!("{options} --check 120000 --threads 2"));
    assert_eq!(found["receivers"], 120_000);
    let cascade = folder.bands("out.tif");
    let exact = options.replace("cascade", "exact");
    folder.line(0, &format!("svf_compute -q dem.tif exact.tif {exact}"));
    let bands = folder.bands("exact.tif");
    let expected = |range: std::ops::Range<usize>| {
        let differences = range.flat_map(|i| {
            let pairs = cascade[i].iter().zip(&bands[i]);
            pairs.map(|(a, b)| f64::from(*a) - f64::from(*b)).collect::<Vec<_>>()
        });
        let all: Vec<f64> = differences.collect();
        let mean = |of: fn(f64) -> f64| all.iter().map(|d| of(*d)).sum::<f64>() / all.len() as f64;
        let largest = all.iter().map(|d| d.abs()).fold(0.0, f64::max);
        [mean(|d| d * d).sqrt(), mean(|d| d), largest]
    };
    for (i, (name, range)) in
        [("svf", 0..1), ("horizon", 1..9), ("slope", 9..10)].into_iter().enumerate()
    {
        let measure = &found["measures"][i];
        assert_eq!(measure["name"], name);
        let said = ["rmse", "bias", "largest"].map(|key| measure[key].as_f64().unwrap());
        for (said, expected) in said.into_iter().zip(expected(range)) {
            assert!((said - expected).abs() < 1e-9, "{name}: {said}, not {expected}");
        }
    }
    // Some cells: the same ones with any tiles, in the unit of the output.
    let some = check(&format!("{options} --check 1000 --threads 2"));
    assert_eq!(some["receivers"], 1000);
    assert_ne!(some["measures"][0]["rmse"], found["measures"][0]["rmse"]);
    assert_eq!(check(&format!("{options} --check 1000 --tile-size 70x64 --threads 1")), some);
    let radians = check(&format!("{options} --check 1000 --angle-unit radian"));
    let of = |found: &Value| found["measures"][1]["largest"].as_f64().unwrap();
    assert!((of(&radians) - of(&some).to_radians()).abs() < 1e-7);
    let run = folder.line(0, &format!("svf_compute dem.tif text.tif {options} --check 1000"));
    for said in ["compared with the exact search at 1000 cells", "svf   ", "RMSE 0.0", "bias "] {
        assert!(run.stderr.contains(said), "{said}: {run}");
    }
}

#[test]
fn what_it_cannot_do_is_refused() {
    let folder = hills();
    folder.write_dem("crowns.tif", &Array2::zeros((300, 400)));
    let geographic = Dem {
        epsg: Some(4326),
        geo_transform: [10.0, 1e-4, 0.0, 50.0, 0.0, -1e-4],
        ..Dem::of(&Array2::zeros((30, 30)))
    };
    geographic.write::<f32>(&folder.path("degrees.tif"));
    for (input, options, said) in [
        ("degrees.tif", "", "a raster in degrees: use a projected raster (gdalwarp -t_srs)"),
        ("dem.tif", "--sampling nearest", "--sampling nearest: use --sampling linear, or"),
        ("dem.tif", "--sampling crossings", "--sampling crossings: use --sampling linear, or"),
        ("dem.tif", "--sampling divided --divisions 9", "--sampling divided: use"),
        ("dem.tif", "--missing stop", "--missing stop: use --missing skip, or"),
        ("dem.tif", "--missing nan", "--missing nan: use --missing skip, or"),
        ("dem.tif", "--canopy crowns.tif", "--canopy: use --search exact"),
        ("dem.tif", "--min-distance 3", "--min-distance: use --search exact"),
        ("dem.tif", "--measure svf,horizon-distance", "--measure horizon-distance: use"),
        ("dem.tif", "--measure coverage", "--measure coverage: use --search exact"),
    ] {
        for tool in ["svf_compute", "svf_tile"] {
            let line = format!("{tool} {input} out.x --radius 20 --search cascade {options}");
            let line = line.replace("out.x", if tool == "svf_tile" { "o.json" } else { "o.tif" });
            let words = ["--search cascade cannot be used with", said, "--search exact"];
            let run = folder.line(2, &line);
            assert_eq!(run.stderr.matches(" error: ").count(), 1, "{run}");
            for word in words {
                assert!(run.stderr.contains(word), "lacks '{word}': {run}");
            }
        }
    }
    for (line, said) in [
        ("svf_compute dem.tif o.tif --search pyramid", "cascade"),
        ("svf_compute dem.tif o.tif --check 10", "--check can only be used with --search cascade"),
        (
            "svf_compute dem.tif o.tif --search cascade --check 0",
            "write a whole number, at least 1",
        ),
        ("svf_compute dem.tif o.tif --search cascade --check 9 --work-dir w", "--work-dir"),
        ("svf_profile point dem.tif --at-cell 4,3 --search cascade", "--search"),
    ] {
        let run = folder.line(2, line);
        assert!(run.stderr.contains(said), "{said}: {run}");
    }
    folder.assert_files(&["crowns.tif", "degrees.tif", "dem.tif"]);
}
