//! Bad input: the exit code, one line that names the file and the reason, and
//! nothing written.

use std::fs;
use std::process::Command;

use gdal::raster::{ColorEntry, ColorInterpretation, ColorTable, PaletteInterpretation};
use gdal::raster::{GdalDataType, RasterCreationOptions};
use gdal::spatial_ref::SpatialRef;
use gdal::{Dataset, DriverManager};
use ndarray::Array2;
use svf_kernel::Measure;

use crate::support::{
    Dem, Folder, ORIGIN, can_write, event_schema, item, kind, run, skip, terrain,
};

/// A folder with a good raster `dem.tif` of 90 columns and 60 rows: the default radius fits in.
fn with_dem() -> Folder {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(60, 90, 1));
    folder
}

/// Holds the tool, run on `dem.tif` with some options, to a refusal that leaves nothing behind.
#[track_caller]
fn assert_refused(options: &[&str], code: i32, words: &[&str]) {
    let folder = with_dem();
    let run = folder.svf(&[&["dem.tif", "out.tif"], options].concat());
    run.assert_refused(code, words);
    folder.assert_files(&["dem.tif"]);
}

/// The same on a file of the test's own.
#[track_caller]
fn assert_input_refused(folder: &Folder, input: &str, code: i32, words: &[&str]) {
    let before: Vec<String> = fs::read_dir(folder.work())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    let run = folder.svf(&[input, "out.tif"]);
    run.assert_refused(code, &[&[input], words].concat());
    folder.assert_files(&before.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn files_that_are_not_rasters() {
    let folder = Folder::new();
    assert_input_refused(&folder, "missing.tif", 1, &["No such file"]);
    fs::write(folder.path("text.tif"), "not a raster at all\n".repeat(100)).unwrap();
    assert_input_refused(&folder, "text.tif", 1, &["not recognized"]);
    fs::write(folder.path("empty.tif"), "").unwrap();
    assert_input_refused(&folder, "empty.tif", 1, &["cannot open"]);
    fs::create_dir(folder.path("folder")).unwrap();
    assert_input_refused(&folder, "folder", 1, &["cannot open"]);
}

#[cfg(unix)]
#[test]
fn a_pipe_is_no_raster_and_costs_only_its_tiles() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &Array2::from_elem((32, 64), 5.0));
    std::fs::create_dir(folder.path("in")).unwrap();
    for (name, col) in [("in/a.tif", "0"), ("in/b.tif", "32")] {
        let words = ["-q", "-srcwin", col, "0", "32", "32", "dem.tif", name];
        assert!(folder.in_folder("gdal_translate", &words).status().unwrap().success());
    }
    folder.line(0, "svf_tile in p.json --tile-size 16 --radius 2px");
    std::fs::remove_file(folder.path("in/b.tif")).unwrap();
    assert!(folder.in_folder("mkfifo", &["in/b.tif", "pipe"]).status().unwrap().success());
    let said = ["pipe: it is not a regular file", "/vsistdin/"];
    folder.line(1, "svf_compute pipe out.tif").assert_refused(1, &said);
    folder.line(1, "svf_compute dem.tif out.tif --canopy pipe").assert_refused(1, &said);
    let run = folder.line(3, "svf_compute --plan p.json");
    assert!(run.stderr.contains("in/b.tif"), "{run}");
    let run = folder.line(1, "svf_compute in out.tif");
    assert!(run.stderr.contains("in/b.tif: it is not a regular file"), "{run}");
    // Which SQLite opens by itself.
    for (made, line) in [
        ("p.gpkg-journal", "svf_profile point dem.tif --points p.gpkg"),
        ("dem.gpkg-journal", "svf_compute dem.gpkg out.tif"),
        ("x", "svf_compute GPKG:x:a out.tif"),
        ("x", "svf_profile point dem.tif --points x"),
    ] {
        assert!(folder.in_folder("mkfifo", &[made]).status().unwrap().success());
        let refused = folder.line(1, line);
        assert!(refused.stderr.contains("it is not a regular file"), "{refused}");
        std::fs::remove_file(folder.path(made)).unwrap();
    }
    // Beside a raster, where GDAL looks for what belongs to it.
    for beside in ["dem.tif.aux.xml", "dem.tif.msk", "dem.tif.ovr"] {
        assert!(folder.in_folder("mkfifo", &[beside]).status().unwrap().success());
        let said = format!("{beside}: it is not a regular file");
        for line in [
            "svf_compute dem.tif out.tif",
            "svf_tile dem.tif q.json",
            "svf_profile point dem.tif --at-cell 3,3",
        ] {
            folder.line(1, line).assert_refused(1, &[&said, "move it away"]);
        }
        std::fs::remove_file(folder.path(beside)).unwrap();
    }
}

#[test]
fn cells_of_no_size_or_an_absurd_one() {
    let folder = Folder::new();
    for (side, said) in [
        (5e-324, "cell size must be 1e-12 to 1e12, got 5e-324"),
        (5e-309, "cell size must be 1e-12 to 1e12, got 5e-309"),
        (-1e-300, "cell size must be 1e-12 to 1e12, got 1e-300"),
        (1e300, "cell size must be 1e-12 to 1e12, got 1e300"),
        (f64::MAX, "cell size must be 1e-12 to 1e12, got 1.7976931348623157e308"),
        (f64::INFINITY, "its place or the size of its cells is not a number"),
    ] {
        for epsg in [Some(32633), Some(4326), None] {
            let dem = Dem { epsg, ..Dem::of(&Array2::from_elem((20, 30), 5.0)) };
            let geo_transform = [0.0, side, 0.0, 0.0, 0.0, -side];
            Dem { geo_transform, ..dem }.write::<f32>(&folder.path("dem.tif"));
            assert_input_refused(&folder, "dem.tif", 1, &[said]);
        }
    }
}

#[test]
fn numbers_of_the_search_that_are_none_or_absurd() {
    for (option, number, said) in [
        ("--radius", "1e300", "larger than the raster"),
        ("--z-factor", "1e300", "z factor must be 1e-9 to 1e9, got 1e300"),
        ("--z-factor", "5e-309", "z factor must be 1e-9 to 1e9, got 5e-309"),
        ("--observer-height", "1e300", "observer height must be -1e15 to 1e15, got 1e300"),
    ] {
        let folder = with_dem();
        let run = folder.svf(&["dem.tif", "out.tif", option, number]);
        assert!(run.stderr.contains(said), "{run}");
        assert_eq!(run.code, Some(if option == "--radius" { 0 } else { 2 }), "{run}");
        assert!(run.stderr.lines().all(|line| line.len() < 200), "{run}");
    }
    for refraction in ["1e300", "2", "-0.1"] {
        let said =
            format!("--refraction must be 0 to 1, got {refraction}: 0 is none, 0.13 is usual");
        assert_refused(&["--curvature", "--refraction", refraction], 2, &[&said]);
    }
}

#[test]
fn a_file_of_vectors_only() {
    let folder = Folder::new();
    let point = r#"{"type":"Point","coordinates":[1,2]}"#;
    fs::write(folder.path("points.geojson"), point).unwrap();
    assert_input_refused(&folder, "points.geojson", 1, &["cannot open"]);
}

#[test]
fn a_file_of_several_rasters_names_one() {
    if !can_write("GPKG") {
        return skip("this GDAL writes no GeoPackage");
    }
    let folder = Folder::new();
    Dem::of(&terrain(60, 90, 1).mapv(f64::from)).write::<u8>(&folder.path("dem.tif"));
    let dem = folder.open("dem.tif");
    let driver = DriverManager::get_driver_by_name("GPKG").unwrap();
    for options in
        [vec!["RASTER_TABLE=first"], vec!["RASTER_TABLE=second", "APPEND_SUBDATASET=YES"]]
    {
        let options = RasterCreationOptions::from_iter(options);
        dem.create_copy(&driver, folder.path("two.gpkg"), &options).unwrap().close().unwrap();
    }
    drop(dem);
    let words = ["no raster band", "hint:", "GPKG:two.gpkg:first"];
    assert_input_refused(&folder, "two.gpkg", 1, &words);
}

#[test]
fn bands_that_do_not_exist() {
    assert_refused(&["-b", "7"], 2, &["dem.tif", "no band 7", "1 band"]);
    assert_refused(&["--band", "2"], 2, &["dem.tif", "no band 2"]);
}

/// Writes `name` with one band of a type that the safe bindings cannot create.
fn write_with(folder: &Folder, name: &str, options: &[&str]) {
    let made = Command::new("gdal_translate")
        .current_dir(folder.work())
        .args(["-q"])
        .args(options)
        .args(["dem.tif", name])
        .status();
    assert!(made.unwrap().success());
}

#[test]
fn bands_that_are_not_heights() {
    let folder = with_dem();
    write_with(&folder, "complex.tif", &["-ot", "CFloat32"]);
    assert_input_refused(&folder, "complex.tif", 2, &["band 1", "complex", "CFloat32"]);
    write_with(
        &folder,
        "alpha.tif",
        &["-ot", "Byte", "-b", "1", "-b", "1", "-colorinterp_2", "alpha"],
    );
    folder
        .svf(&["alpha.tif", "out.tif", "-b", "2"])
        .assert_refused(2, &["alpha.tif", "alpha band"]);
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let dataset = driver.create_with_band_type::<u8, _>(folder.path("palette.tif"), 90, 60, 1);
    let mut dataset = dataset.unwrap();
    dataset.set_geo_transform(&[ORIGIN.0, 1.0, 0.0, ORIGIN.1, 0.0, -1.0]).unwrap();
    let mut colors = ColorTable::new(PaletteInterpretation::Rgba);
    colors.set_color_entry(1, &ColorEntry::rgba(255, 0, 0, 255));
    let mut band = dataset.rasterband(1).unwrap();
    band.set_color_table(&colors);
    band.set_color_interpretation(ColorInterpretation::PaletteIndex).unwrap();
    assert_eq!(band.band_type(), GdalDataType::UInt8);
    dataset.close().unwrap();
    assert_input_refused(&folder, "palette.tif", 2, &["band 1", "palette"]);
    folder.assert_files(&["alpha.tif", "complex.tif", "dem.tif", "palette.tif"]);
}

#[test]
fn rotated_and_sheared_grids_name_the_command_that_mends_them() {
    let folder = Folder::new();
    let heights = terrain(60, 90, 1).mapv(f64::from);
    for (name, transform) in [
        ("rotated.tif", [ORIGIN.0, 0.8, 0.6, ORIGIN.1, 0.6, -0.8]),
        ("sheared.tif", [ORIGIN.0, 1.0, 0.0, ORIGIN.1, 0.1, -1.0]),
    ] {
        Dem { geo_transform: transform, ..Dem::of(&heights) }.write::<f32>(&folder.path(name));
        let command = format!("gdalwarp -r bilinear -ot Float32 -dstnodata -9999 {name}");
        assert_input_refused(&folder, name, 1, &["rotated or sheared", &command]);
    }
}

/// A raster in degrees, its first row at `latitude`.
fn write_degrees(folder: &Folder, name: &str, longitude: f64, latitude: f64, step: f64) {
    Dem {
        geo_transform: [longitude, step, 0.0, latitude, 0.0, -step],
        epsg: Some(4326),
        ..Dem::of(&terrain(60, 90, 1).mapv(f64::from))
    }
    .write::<i16>(&folder.path(name));
}

#[test]
fn near_a_pole_the_command_that_projects_is_named() {
    let folder = Folder::new();
    write_degrees(&folder, "polar.tif", 14.0, 89.99, 0.0001);
    let words = [
        "polar.tif: at latitude 89.9899, sight lines of 600 m",
        "gdalwarp -t_srs '+proj=stere +lat_0=89.9870 +lon_0=14.0045 +datum=WGS84 +units=m' -r bilinear -ot Float32 -dstnodata -9999 polar.tif",
    ];
    folder.svf(&["polar.tif", "out.tif", "--radius", "600"]).assert_refused(1, &words);
    folder.assert_files(&["polar.tif"]);
    let run = folder.svf(&["polar.tif", "out.tif", "--radius", "50"]);
    assert_eq!(run.code, Some(0), "{run}");
    fs::remove_file(folder.path("out.tif")).unwrap();
    fs::remove_file(folder.path("polar.tif")).unwrap();
    // Metres under a CRS in degrees.
    write_degrees(&folder, "metres.tif", 500_000.0, 5_100_000.0, 10.0);
    assert_input_refused(&folder, "metres.tif", 1, &["latitude 5099995", "the right CRS"]);
}

#[test]
fn the_antimeridian_and_the_whole_circle() {
    let folder = Folder::new();
    // Across the antimeridian nothing is special: only differences of longitude count.
    write_degrees(&folder, "here.tif", 10.0, 46.0, 0.001);
    write_degrees(&folder, "across.tif", 179.95, 46.0, 0.001);
    for name in ["here", "across"] {
        folder.ok(&[&format!("{name}.tif"), &format!("svf_{name}.tif"), "--radius", "900"]);
    }
    assert_eq!(folder.band("svf_here.tif", 1), folder.band("svf_across.tif", 1));
    write_degrees(&folder, "around.tif", -180.0, 10.0, 4.0);
    let run = folder.svf(&["around.tif", "out.tif", "--srcwin", "0,0,90,5", "--radius", "500000"]);
    assert_eq!(run.code, Some(0), "{run}");
    assert!(run.stderr.contains("warning: around.tif covers all longitudes"), "{run}");
}

#[test]
fn no_crs_is_a_warning() {
    let folder = Folder::new();
    Dem { epsg: None, ..Dem::of(&terrain(60, 90, 1).mapv(f64::from)) }
        .write::<f32>(&folder.path("dem.tif"));
    let run = folder.ok(&["dem.tif", "out.tif", "-q", "--radius", "5"]);
    let lines: Vec<&str> = run.stderr.lines().collect();
    assert_eq!(lines.len(), 2, "{run}");
    assert_eq!(lines[0], "svf_compute: warning: dem.tif has no CRS");
    assert!(lines[1].starts_with("  hint: cell size, heights and --radius"), "{run}");
    assert_eq!(folder.open("out.tif").projection(), "");
    // The same values as in metres.
    folder.write_dem("metres.tif", &terrain(60, 90, 1));
    folder.ok(&["metres.tif", "expected.tif", "-q", "--radius", "5"]);
    assert_eq!(folder.band("out.tif", 1), folder.band("expected.tif", 1));
}

#[test]
fn radii_that_make_no_sense() {
    for radius in ["0", "-5", "nan", "0px", "-3px", "nanpx"] {
        assert_refused(&["--radius", radius], 2, &["radius", "positive number"]);
    }
    assert_refused(&["--radius", "0.5px"], 2, &["radius", "shorter than one cell"]);
}

#[test]
fn a_radius_beyond_the_raster_is_clipped_and_said() {
    let folder = with_dem();
    folder.ok(&["dem.tif", "expected.tif", "--radius", "109"]);
    for radius in ["1e9", "500px", "inf"] {
        let run = folder.ok(&["dem.tif", "out.tif", "-q", "--overwrite", "--radius", radius]);
        let lines: Vec<&str> = run.stderr.lines().collect();
        assert_eq!(lines.len(), 1, "{run}");
        assert!(lines[0].starts_with("svf_compute: warning: radius "), "{run}");
        assert!(lines[0].contains("larger than the raster: 110.1"), "{run}");
        // 109 m reach from corner to corner already.
        assert_eq!(folder.band("out.tif", 1), folder.band("expected.tif", 1), "{radius}");
    }
}

#[test]
fn numbers_out_of_range() {
    assert_refused(&["-n", "3"], 2, &["directions", "4 to 720", "3"]);
    assert_refused(&["-n", "721"], 2, &["directions", "4 to 720", "721"]);
    let divided = ["--sampling", "divided", "--divisions"];
    assert_refused(&[&divided[..], &["0"]].concat(), 2, &["divisions", "1 to 100000"]);
    for factor in ["0", "-1"] {
        assert_refused(&["--z-factor", factor], 2, &["z factor", "positive"]);
    }
    for option in ["--z-factor", "--observer-height", "--refraction"] {
        for number in ["nan", "inf", "-inf"] {
            assert_refused(&[option, number], 2, &[option, "finite"]);
        }
    }
    assert_refused(&["--ot", "uint8", "--nodata", "7"], 2, &["NoData", "255", "7"]);
    assert_refused(&["--ot", "uint16", "--nodata", "-9999"], 2, &["NoData", "65535"]);
}

#[test]
fn words_that_are_not_values() {
    for (options, words) in [
        (&["--radius", "far"][..], &["--radius", "far"][..]),
        (&["--radius", ""], &["--radius"]),
        (&["-n", "many"], &["--directions", "many"]),
        (&["-b", "0"], &["--band", "0"]),
        (&["--sampling", "cubic"], &["--sampling", "cubic", "linear"]),
        (&["--missing", "fill"], &["--missing", "fill", "skip"]),
        (&["--ot", "int8"], &["--ot", "int8", "uint8"]),
        (&["--nodata", "none"], &["--nodata", "none"]),
        (&["--tile-size", "0"], &["--tile-size", "0"]),
        (&["--tile-size=-64"], &["--tile-size", "-64"]),
        (&["--tile-size", "64y64"], &["--tile-size", "64y64"]),
        (&["--threads", "0"], &["--threads", "0"]),
        (&["--max-memory", "lots"], &["--max-memory", "lots"]),
        (&["--co", "COMPRESS"], &["--co", "COMPRESS", "KEY=VALUE"]),
        (&["--oo", "=X"], &["--oo", "KEY=VALUE"]),
        (&["--progress", "loud"], &["--progress", "loud"]),
        (&["--srcwin", "1,2,3"], &["--srcwin"]),
        (&["--srcwin", "0,0,nan,5"], &["--srcwin"]),
        (&["--bbox", "a,b,c,d"], &["--bbox"]),
        (&["-q", "-v"], &["--quiet", "--verbose"]),
        (&["--no-such-option"], &["--no-such-option"]),
        (&["a third file"], &["a third file"]),
    ] {
        assert_refused(options, 2, words);
    }
}

#[test]
fn arguments_that_are_missing() {
    let folder = with_dem();
    folder.svf(&[] as &[&str]).assert_refused(2, &["INPUT", "OUTPUT"]);
    folder.svf(&["dem.tif"]).assert_refused(2, &["OUTPUT"]);
    folder.assert_files(&["dem.tif"]);
}

#[test]
fn an_unknown_measure_gets_what_is_near_or_the_list() {
    for (given, meant) in [
        ("svg", "'svf'"),
        ("SVF", "'svf'"),
        ("svf_cosine", "'svf-cosine'"),
        ("skyview", "'svf'"),
        ("openess-positive", "'openness-positive'"),
        ("openess", "'openness-positive' or 'openness-negative'"),
        ("svf,horizons", "'horizon'"),
    ] {
        let meant = format!("; did you mean {meant}?\n");
        assert_refused(&["--measure", given], 2, &["unknown measure", &meant]);
    }
    let list = Measure::ALL.map(Measure::name).join(", ");
    let list = format!("unknown measure 'hillshade': measures are {list}\n");
    assert_refused(&["--measure", "hillshade"], 2, &[&list]);
    assert_refused(&["--measure", "svf,coverage,svf"], 2, &["svf", "twice"]);
}

#[test]
fn blanks_after_commas_in_a_list_of_measures() {
    let folder = with_dem();
    folder.ok(&["dem.tif", "out.tif", "--measure", " svf, coverage ", "--radius", "5"]);
    assert_eq!(item(&folder.open("out.tif"), "SVF_MEASURES", "").as_deref(), Some("svf,coverage"));
    let apart = ["--measure", "svf,", "coverage"];
    assert_refused(&apart, 2, &["'svf,' ends in a comma", "without spaces"]);
    assert_refused(&["--measure", "svf coverage"], 2, &["separate measures with commas"]);
    assert_refused(&["--measure", "svf,,coverage"], 2, &["a name is missing"]);
}

#[test]
fn options_that_are_nearly_right() {
    for (line, message, hint) in [
        ("-radius 5", "-radius: long options start with two dashes", "write --radius"),
        ("-radius=5", "-radius: long options start with two dashes", "write --radius"),
        ("-directions 8", "-directions: long options start with two dashes", "write --directions"),
        ("-band 1", "-band: long options start with two dashes", "write --band"),
        ("-z_factor 1", "-z_factor: long options start with two dashes", "write --z-factor"),
        ("-quiet", "-quiet: long options start with two dashes", "write --quiet"),
        ("--Radius 5", "there is no option --Radius", "write --radius"),
        ("--max_memory 1G", "there is no option --max_memory", "write --max-memory"),
        ("--raduis 5", "there is no option --raduis", "did you mean --radius?"),
        ("--search-radius=5", "there is no option --search-radius", "did you mean --radius"),
        ("-r 5", "there is no option -r", "--radius"),
        ("-o x.tif", "there is no option -o", "write INPUT OUTPUT"),
        ("-j 4", "there is no option -j", "did you mean --threads?"),
        ("--hillshade", "there is no option --hillshade", "--help lists the options"),
        ("--srcnodata -9999", "there is no option --srcnodata", "did you mean --input-nodata?"),
        ("--a_nodata -9999", "there is no option --a_nodata", "did you mean --nodata?"),
        ("-te 0,0,1,1", "there is no option -te", "did you mean --bbox?"),
        ("--n 8", "there is no option --n", "write -n or --directions"),
        ("--n=8", "there is no option --n", "write -n or --directions"),
        ("--q", "there is no option --q", "write -q or --quiet"),
        ("--b 1", "there is no option --b", "write -b or --band"),
        ("--r 5", "there is no option --r", "did you mean --radius"),
        ("-n 8 -n 16", "--directions is given twice", "--help"),
        ("-n=8 --radius 5 --radius=6", "--radius is given twice", "--help"),
        ("--directions=abc", "--directions abc: write a whole number", "--help"),
        ("--radius", "--radius needs a value", "--help"),
        ("--sampling LINEAR", "--sampling LINEAR: write linear,", "did you mean 'linear'?"),
        ("--missing ignore", "--missing ignore: write skip, stop or nan", "--help"),
        ("--ot int16", "--ot int16: write float32,", "did you mean 'uint16'?"),
        ("--anisotropy-level strong", "write low or high", "--help"),
        ("--of GTif", "no driver named GTif", "did you mean 'GTiff'?"),
        ("--of tif", "no driver named tif", "'GTiff'"),
        ("--of GeoTIFF", "no driver named GeoTIFF", "did you mean 'GTiff'?"),
        ("--of NoSuchFormat", "no driver named NoSuchFormat", "svf_compute --version --json"),
        ("--config FOO", "--config FOO: write it as KEY=VALUE", "--help"),
        ("--co COMPRESS", "--co COMPRESS: write it as KEY=VALUE", "--help"),
        ("more.tif", "unexpected argument 'more.tif'", "the arguments are INPUT and OUTPUT"),
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        assert_refused(&words, 2, &[message, hint]);
    }
    // Options that mean nothing alone.
    for (option, other) in [
        ("--refraction 0.2", "--curvature"),
        ("--trunk-ratio 0.5", "--canopy"),
        ("--trunk=trunks.tif", "--canopy"),
        ("--transmissivity 0.1", "--canopy"),
        ("--restart", "--work-dir"),
        ("--tiles 1", "--plan"),
        ("--tile-part 1/2", "--plan"),
    ] {
        let words: Vec<&str> = option.split(' ').collect();
        let name = words[0].split('=').next().unwrap();
        assert_refused(&words, 2, &[&format!("error: {name} can only be used with {other}\n")]);
    }
    // The value of a key without one is not the input.
    let folder = with_dem();
    let run = folder.svf(&["--config", "FOO", "dem.tif", "out.tif"]);
    run.assert_refused(2, &["OUTPUT is missing", "--config FOO took dem.tif as its value"]);
    folder.ok(&["dem.tif", "out.tif", "-n4", "--radius=5", "--config", "CPL_DEBUG", "OFF"]);
}

#[test]
fn numbers_with_units_or_decimal_commas() {
    for (words, message) in [
        (
            &["--radius", "100m"][..],
            "--radius 100m: write only the number, in units of the CRS: 100",
        ),
        (&["--radius", "5km"], "in units of the CRS: 5000 if the CRS is in metres"),
        (&["--radius", "100 m"], "--radius '100 m': write only the number"),
        (&["--radius", "0,5"], "--radius 0,5: write a decimal point: 0.5"),
        (&["--z-factor", "0,3048"], "write a decimal point: 0.3048"),
        (&["--observer-height", "1.5m"], "write only the number, without 'm': 1.5"),
        (&["--bbox", "1,5,2,5,3,5,4,5"], "write decimal points"),
        (&["--radius", "100", "m"], "--radius 100 m: remove the space before 'm'"),
        (&["--radius=20", "px"], "write --radius 20px"),
        (&["--max-memory", "4", "G"], "write --max-memory 4G"),
    ] {
        assert_refused(words, 2, &[message]);
    }
    // It would have been the name of the output.
    let folder = with_dem();
    folder.svf(&["dem.tif", "--radius", "5", "km"]).assert_refused(2, &["--radius 5000"]);
    folder.assert_files(&["dem.tif"]);
}

#[test]
fn commands_that_are_nearly_right() {
    let folder = with_dem();
    for (line, words) in [
        ("points dem.tif", &["'points' is not a command", "did you mean 'point'?"][..]),
        ("Section dem.tif", &["did you mean 'section'?"]),
        ("dem.tif", &["'dem.tif' is not a command", "commands are point, section and resources"]),
        ("", &["a command is missing", "point, section and resources"]),
        ("point dem.tif", &["--at, --at-cell or --points is missing"]),
        ("point", &["INPUT and one of --at, --at-cell or --points are missing"]),
        ("point dem.tif -at-cell 1,1", &["long options start with two dashes", "write --at-cell"]),
        ("point dem.tif --at 1,5,2,5", &["two numbers are needed: write decimal points"]),
        ("point dem.tif --at-cell 1,1 --format JSON", &["did you mean 'json'?"]),
        ("point dem.tif --at-cell 1,1 --detail sample", &["did you mean 'samples'?"]),
    ] {
        let words_of = line.split_whitespace().collect::<Vec<_>>();
        run(&mut folder.tool("svf_profile", &words_of), &[]).assert_refused(2, words);
    }
    folder.assert_files(&["dem.tif"]);
}

#[test]
fn windows_outside_the_raster() {
    for window in ["0,0,91,60", "0,0,90,61", "90,0,1,1", "-1,0,5,5", "0,0,0,5", "0.5,0,5,5"] {
        assert_refused(&["--srcwin", window], 2, &["--srcwin"]);
    }
    // 500000,4649940 to 500090,4650000.
    let hint = "--bbox takes xmin,ymin,xmax,ymax: that of the raster is \
                500000,4649940,500090,4650000";
    let words = ["--bbox", "90 columns and 60 rows", hint];
    assert_refused(&["--bbox", "0,0,10,10"], 2, &words);
    let meant = "--bbox takes xmin,ymin,xmax,ymax: did you mean --bbox \
                 500010,4649950,500030,4649960?";
    for bbox in [
        "4649950,500010,4649960,500030",
        "500010,500030,4649950,4649960",
        "4649950,4649960,500010,500030",
    ] {
        assert_refused(&["--bbox", bbox], 2, &["--bbox", meant]);
    }
    assert_refused(&["--srcwin", "0,0,5,5", "--bbox", "0,0,10,10"], 2, &["--srcwin", "--bbox"]);
}

#[test]
fn drivers_that_gdal_is_told_to_leave_out() {
    let folder = with_dem();
    let mends = "hint: GDAL_SKIP makes GDAL leave out GTiff: remove that setting";
    let mut command = folder.in_folder(env!("CARGO_BIN_EXE_svf_compute"), &["dem.tif", "svf.asc"]);
    run(command.env("GDAL_SKIP", "GTiff"), &[]).assert_refused(1, &["cannot open dem.tif", mends]);
    let grid = ["-q", "-of", "AAIGrid", "dem.tif", "dem.asc"];
    assert_eq!(run(&mut folder.in_folder("gdal_translate", &grid), &[]).code, Some(0));
    for line in ["svf_compute dem.asc svf.tif", "svf_compute dem.asc svf.tif --of GTiff"] {
        let line = format!("{line} --config GDAL_SKIP=GTiff");
        folder.line(2, &line).assert_refused(2, &["this GDAL has no driver named GTiff", mends]);
    }
}

#[test]
fn drivers_that_cannot_write() {
    assert_refused(&["--of", "NoSuchFormat"], 2, &["out.tif", "NoSuchFormat"]);
    let folder = with_dem();
    let run = folder.svf(&["dem.tif", "out.xyzzy"]);
    run.assert_refused(2, &["out.xyzzy", ".xyzzy", "--of"]);
    folder.assert_files(&["dem.tif"]);
    if DriverManager::get_driver_by_name("AIG").is_ok() {
        assert_refused(&["--of", "AIG"], 2, &["AIG", "cannot write"]);
    }
}

#[test]
fn a_driver_that_cannot_hold_the_type_is_refused_before_the_work() {
    if !can_write("PNG") {
        return skip("this GDAL writes no PNG");
    }
    let folder = with_dem();
    let run = folder.svf(&["dem.tif", "out.png", "--progress", "json"]);
    assert!(matches!(run.code, Some(1 | 2)), "{run}");
    let kinds: Vec<String> = run.events().iter().map(|event| kind(event).to_owned()).collect();
    assert!(!kinds.iter().any(|kind| kind == "tile"), "computed before it was refused: {kinds:?}");
    assert_eq!(kinds.last().unwrap(), "error");
    folder.assert_files(&["dem.tif"]);
}

#[test]
fn outputs_that_cannot_be_created() {
    let folder = with_dem();
    let run = folder.svf(&["dem.tif", "nowhere/out.tif"]);
    run.assert_refused(1, &["nowhere/out.tif", "folder nowhere does not exist"]);
    let run = folder.svf(&["dem.tif", "dem.tif/out.tif"]);
    run.assert_refused(1, &["dem.tif/out.tif", "cannot"]);
    fs::create_dir(folder.path("folder")).unwrap();
    folder.svf(&["dem.tif", "folder"]).assert_refused(2, &["folder exists"]);
    let run = folder.svf(&["dem.tif", "folder", "--overwrite"]);
    run.assert_refused(1, &["folder", "it is a folder"]);
    assert_eq!(fs::read_dir(folder.path("folder")).unwrap().count(), 0);
    folder.assert_files(&["dem.tif", "folder"]);
}

#[test]
fn a_name_that_ends_in_a_slash_is_no_file() {
    let folder = with_dem();
    let run = folder.svf(&["dem.tif", "out/", "--progress", "json"]);
    assert!(matches!(run.code, Some(1 | 2)), "{run}");
    let computed = run.events().iter().any(|event| kind(event) == "tile");
    assert!(!computed, "computed before it was refused: {run}");
    folder.assert_files(&["dem.tif"]);
}

#[test]
fn an_existing_output_is_kept() {
    let folder = with_dem();
    for (output, separate) in [("out.tif", None), ("sky.tif", Some("--separate"))] {
        let existing = if separate.is_some() { "sky_coverage.tif" } else { output };
        fs::write(folder.path(existing), "precious").unwrap();
        let args = ["dem.tif", output, "--measure", "svf,coverage"];
        let args: Vec<&str> = args.into_iter().chain(separate).collect();
        folder.svf(&args).assert_refused(2, &[existing, "exists", "--overwrite"]);
        assert_eq!(fs::read_to_string(folder.path(existing)).unwrap(), "precious");
    }
    folder.assert_files(&["dem.tif", "out.tif", "sky_coverage.tif"]);
}

/// Holds the tool to a refusal to write over its input, with --overwrite or without.
#[track_caller]
fn assert_kept(folder: &Folder, input: &str, output: &str, precious: &str, options: &[&str]) {
    let before = fs::read(folder.path(precious)).unwrap();
    for overwrite in [&[][..], &["--overwrite"]] {
        let run = folder.svf(&[&[input, output, "--radius", "3px"], options, overwrite].concat());
        let kept = fs::read(folder.path(precious)).unwrap() == before;
        assert!(kept, "{input} -> {output}: {precious} was replaced: {run}");
        run.assert_refused(2, &[precious]);
    }
}

#[test]
fn the_input_is_never_the_output() {
    let folder = with_dem();
    assert_kept(&folder, "dem.tif", "dem.tif", "dem.tif", &[]);
    assert_kept(&folder, "dem.tif", "./dem.tif", "dem.tif", &[]);
    assert_kept(
        &folder,
        "./dem.tif",
        &folder.path("dem.tif").display().to_string(),
        "dem.tif",
        &[],
    );
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("dem.tif", folder.path("link.tif")).unwrap();
        assert_kept(&folder, "link.tif", "dem.tif", "dem.tif", &[]);
    }
}

#[test]
fn a_file_behind_the_input_is_never_the_output() {
    let folder = with_dem();
    write_with(&folder, "inner.vrt", &["-of", "VRT"]);
    assert_kept(&folder, "inner.vrt", "dem.tif", "dem.tif", &[]);
    let outer =
        fs::read_to_string(folder.path("inner.vrt")).unwrap().replace("dem.tif", "inner.vrt");
    fs::write(folder.path("outer.vrt"), outer).unwrap();
    assert_kept(&folder, "outer.vrt", "dem.tif", "dem.tif", &[]);
}

#[test]
fn an_archive_around_the_input_is_never_the_output() {
    let folder = with_dem();
    let archive = folder.path("dem.zip");
    let member = format!("/vsizip/{}/dem.tif", archive.display());
    let dem = folder.open("dem.tif");
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let options = RasterCreationOptions::from_iter(["STREAMABLE_OUTPUT=YES"]);
    dem.create_copy(&driver, &member, &options).unwrap().close().unwrap();
    assert_kept(&folder, "/vsizip/dem.zip/dem.tif", "dem.zip", "dem.zip", &["--of", "GTiff"]);
}

#[test]
fn one_of_several_outputs_is_never_the_input() {
    let folder = Folder::new();
    folder.write_dem("sky_svf.tif", &terrain(60, 90, 1));
    assert_kept(&folder, "sky_svf.tif", "sky.tif", "sky_svf.tif", &["--separate"]);
    folder.assert_files(&["sky_svf.tif"]);
}

#[test]
fn a_budget_too_small_states_the_least_that_works() {
    let folder = Folder::new();
    // 60000 x 60000 cells, none of them stored: dry runs read hardly any.
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let options = RasterCreationOptions::from_iter(["SPARSE_OK=TRUE", "TILED=YES"]);
    let mut dataset = driver
        .create_with_band_type_with_options::<f32, _>(
            folder.path("dem.tif"),
            60_000,
            60_000,
            1,
            &options,
        )
        .unwrap();
    dataset.set_geo_transform(&[ORIGIN.0, 1.0, 0.0, ORIGIN.1, 0.0, -1.0]).unwrap();
    dataset.set_spatial_ref(&SpatialRef::from_epsg(32633).unwrap()).unwrap();
    dataset.close().unwrap();
    for radius in ["100px", "2000px", "6000px", "6300px", "6600px"] {
        let args = ["dem.tif", "--dry-run", "-n", "4", "--radius", radius, "--max-memory"];
        let refused = folder.svf(&[&args[..], &["10M"]].concat());
        refused.assert_refused(2, &["10 MiB is too small", "at least ", " MiB is needed", "hint:"]);
        let (_, least) = refused.stderr.split_once("at least ").unwrap();
        let least = least.lines().next().unwrap();
        let (number, unit) = least.split_once(' ').unwrap();
        // What the process holds before the plan differs by a page or so from run to run.
        let mebibytes = number.parse::<f64>().unwrap() * if unit == "GiB" { 1024.0 } else { 1.0 };
        let budget = format!("{}M", mebibytes + 2.0);
        let run = folder.svf(&[&args[..], &[&budget]].concat());
        assert_eq!(run.code, Some(0), "radius {radius}, {least} did not do: {run}");
    }
    folder.assert_files(&["dem.tif"]);
}

#[test]
fn a_truncated_file() {
    let folder = Folder::new();
    let heights = terrain(200, 300, 1).mapv(f64::from);
    for (name, options) in [
        ("plain.tif", vec![]),
        ("deflate.tif", vec!["COMPRESS=DEFLATE"]),
        ("tiled.tif", vec!["TILED=YES", "BLOCKXSIZE=64", "BLOCKYSIZE=64", "COMPRESS=LZW"]),
    ] {
        Dem { creation_options: options, ..Dem::of(&heights) }.write::<f32>(&folder.path(name));
        let bytes = fs::read(folder.path(name)).unwrap();
        fs::write(folder.path(name), &bytes[..bytes.len() / 2]).unwrap();
        assert!(Dataset::open(folder.path(name)).is_ok(), "its header is whole");
        assert_input_refused(&folder, name, 1, &["cannot open", "the file is incomplete: it has"]);
        // Not even the header.
        fs::write(folder.path(name), &bytes[..100]).unwrap();
        assert_input_refused(&folder, name, 1, &["cannot open"]);
    }
}

#[test]
fn what_mends_a_wrong_word_of_the_command_is_said() {
    let folder = with_dem();
    let refused = |line: &str, code: i32, words: &[&str]| {
        folder.line(code, line).assert_refused(code, words);
    };
    // Inside in part, and not at all.
    let columns = folder.open("dem.tif").raster_size().0;
    let part = format!("the part of it that is inside is --srcwin 5,3,{},4", columns - 5);
    refused("svf_compute dem.tif o.tif --srcwin 5,3,1000,4", 2, &["is not inside", &part]);
    refused(
        "svf_compute dem.tif o.tif --srcwin 5000,3,4,4",
        2,
        &["the first column, the first row"],
    );
    refused("svf_compute dem.tif o.tif --work-dir dem.tif", 2, &["--work-dir dem.tif", "a folder"]);
    fs::copy(folder.path("dem.tif"), folder.path("b.tif")).unwrap();
    let words = ["b.tif exists", "the last name is the output", "did not write"];
    refused("svf_compute dem.tif b.tif", 2, &words);
    folder.line(0, "svf_compute dem.tif o.tif --radius 5 -q");
    refused(
        "svf_compute dem.tif o.tif",
        2,
        &["o.tif exists", "hint: add --overwrite to replace it"],
    );
    refused(
        "svf_compute dem.tif b.tif --overwrite --input-nodata 1e400",
        2,
        &["'1e400' is not a finite number"],
    );
    // Reasons of the system, without its numbers.
    let run = folder.line(1, "svf_compute --input-list none.txt x.tif");
    run.assert_refused(1, &["cannot read the list none.txt"]);
    assert!(!run.stderr.contains("os error"), "{run}");
}

#[test]
fn an_instruction_set_that_does_not_exist() {
    let folder = with_dem();
    let mut command = folder.command(&["dem.tif", "out.tif"]);
    run(command.env("SVF_SIMD", "mmx"), &[]).assert_refused(2, &["mmx"]);
    folder.assert_files(&["dem.tif"]);
}

#[test]
fn an_instruction_set_that_this_processor_lacks() {
    let folder = with_dem();
    for level in svf_kernel::simd::SimdLevel::ALL {
        if !level.is_supported() {
            let mut command = folder.command(&["dem.tif", "out.tif"]);
            let run = run(command.env("SVF_SIMD", level.name()), &[]);
            run.assert_refused(2, &[level.name()]);
        }
    }
    folder.assert_files(&["dem.tif"]);
}

#[test]
fn failures_are_events_too() {
    let folder = with_dem();
    for (args, code, error) in [
        (&["missing.tif", "out.tif"][..], 1, "raster.open"),
        (&["dem.tif", "out.tif", "-b", "7"], 2, "raster.band"),
        (&["dem.tif", "dem.tif"], 2, "output.is_input"),
        (&["dem.tif", "nowhere/out.tif"], 1, "raster.create"),
        (&["dem.tif", "out.tif", "--radius", "0"], 2, "usage.radius"),
        (&["dem.tif", "out.tif", "--radius", "far"], 2, "usage.arguments"),
        (&["dem.tif", "out.tif", "-n", "3"], 2, "usage.parameter"),
        (&["dem.tif", "out.tif", "--observer-height", "nan"], 2, "usage.arguments"),
        (&["dem.tif", "out.tif", "--measure", "svf,svf"], 2, "usage.measure"),
        (&["dem.tif", "out.tif", "--srcwin", "0,0,99,60"], 2, "usage.window"),
        (&["dem.tif", "out.tif", "--max-memory", "1M"], 2, "plan.memory"),
        (&["dem.tif", "out.tif", "--of", "NoSuchFormat"], 2, "usage.gdal"),
        (&["dem.tif", "out.tif", "--ot", "uint8", "--nodata", "7"], 2, "usage.nodata"),
        (&["dem.tif", "out.tif", "--profile-log", "nowhere/log"], 1, "log.create"),
    ] {
        let run = folder.svf(&[args, &["--progress", "json"]].concat());
        assert_eq!(run.code, Some(code), "{args:?}: {run}");
        assert_eq!(run.stderr, "", "{args:?}: said twice");
        let events = run.events();
        let last = events.last().unwrap_or_else(|| panic!("{args:?}: no event: {run}"));
        assert_eq!(kind(last), "error", "{args:?}");
        assert_eq!(last["data"]["code"], error, "{args:?}");
        let errors = events.iter().filter(|event| kind(event) == "error").count();
        assert_eq!(errors, 1, "{args:?}");
        assert!(event_schema().is_valid(last));
    }
    folder.assert_files(&["dem.tif"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_profile_log_that_cannot_be_written_is_a_warning() {
    let folder = with_dem();
    let run = folder.ok(&["dem.tif", "out.tif", "--radius", "5", "--profile-log", "/dev/full"]);
    let warning = "cannot write all of the profile log /dev/full: No space left on device";
    assert!(run.stderr.contains(warning), "{run}");
    folder.assert_files(&["dem.tif", "out.tif"]);
}

#[test]
fn a_usage_error_in_an_event_names_the_argument() {
    let folder = with_dem();
    let run = folder.svf(&["dem.tif", "--progress", "json"]);
    assert_eq!(run.code, Some(2), "{run}");
    let message = run.events()[0]["data"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("OUTPUT"), "{message}");
}

#[test]
fn the_relief_is_told_to_those_who_ask_for_more() {
    let folder = with_dem();
    let plain = folder.ok(&["dem.tif", "out.tif", "--radius", "5"]);
    assert!(!plain.stderr.contains("obstacle") && !plain.stderr.contains("relief"), "{plain}");
    let more = folder.ok(&["dem.tif", "out.tif", "--radius", "5", "--overwrite", "-v"]);
    let line = more.stderr.lines().find(|line| line.contains("obstacle")).unwrap();
    let heights = terrain(60, 90, 1);
    let low = heights.fold(f32::INFINITY, |a, b| a.min(*b));
    let high = heights.fold(f32::NEG_INFINITY, |a, b| a.max(*b));
    let relief = f64::from(high - low);
    let sin = relief / relief.hypot(5.0);
    assert_eq!(
        line,
        format!(
            "the range of heights is {relief}: obstacles of this height just beyond the radius of \
             5 are not seen. In the worst case, in every direction, they would lower svf by \
             {sin:.4} and svf-cosine by {:.4}",
            sin * sin
        )
    );
}

#[test]
fn a_height_of_zero_everywhere_is_no_error() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &Array2::zeros((60, 90)));
    folder.ok(&["dem.tif", "out.tif"]);
    assert_eq!(folder.band("out.tif", 1), Array2::<f32>::ones((60, 90)));
}

#[test]
fn a_profile_log_never_replaces_the_input() {
    let folder = with_dem();
    let before = fs::read(folder.path("dem.tif")).unwrap();
    let run = folder.svf(&["dem.tif", "out.tif", "--profile-log", "dem.tif"]);
    run.assert_refused(2, &["dem.tif", "is the input"]);
    assert_eq!(fs::read(folder.path("dem.tif")).unwrap(), before);
    folder.assert_files(&["dem.tif"]);
}

#[test]
fn a_profile_log_replaces_earlier_logs_and_nothing_else() {
    let folder = with_dem();
    std::fs::write(folder.path("notes.txt"), "precious").unwrap();
    let run = folder.svf(&["dem.tif", "out.tif", "--profile-log", "notes.txt"]);
    run.assert_refused(2, &["notes.txt exists and is not a profile log"]);
    assert_eq!(fs::read_to_string(folder.path("notes.txt")).unwrap(), "precious");
    let run = folder.svf(&["dem.tif", "out.tif", "--profile-log", "./out.tif"]);
    run.assert_refused(2, &["two outputs have the same name"]);
    for _ in 0..2 {
        folder.ok(&["dem.tif", "out.tif", "--overwrite", "--profile-log", "log"]);
    }
    folder.assert_files(&["dem.tif", "log", "notes.txt", "out.tif"]);
}

#[test]
fn a_profile_log_of_a_mosaic_is_none_of_its_files() {
    let folder = with_dem();
    folder.line(0, "svf_tile dem.tif p.json --tile-size 64");
    folder.line(0, "svf_compute --plan p.json");
    let plan = fs::read(folder.path("p.json")).unwrap();
    for log in ["p.json", "p.tiles/r0000_c0000.tif", "dem.tif"] {
        let run = folder.line(2, &format!("svf_mosaic p.json out.tif --profile-log {log}"));
        assert!(run.stderr.contains("is a part of the input"), "{log}: {run}");
    }
    let run = folder.line(2, "svf_mosaic p.json out.tif --profile-log out.tif");
    assert!(run.stderr.contains("two outputs have the same name"), "{run}");
    for log in ["out.tif.aux.xml", "out.tif.msk"] {
        let run = folder.line(2, &format!("svf_mosaic p.json out.tif --profile-log {log}"));
        assert!(run.stderr.contains("would be parts of one raster"), "{run}");
    }
    folder.line(0, "svf_mosaic p.json out.tif --profile-log log");
    assert_eq!(fs::read(folder.path("p.json")).unwrap(), plan);
}

#[test]
fn a_profile_log_is_none_of_the_files_that_a_driver_writes_beside_an_output() {
    let folder = with_dem();
    folder.line(0, "svf_tile dem.tif p.json --tile-size 64");
    folder.line(0, "svf_compute --plan p.json");
    fs::write(folder.path("l.txt"), "p.tiles/r0000_c0000.tif\n").unwrap();
    let cases = [
        ("ENVI", "o.img --of ENVI", "o.hdr"),
        ("EHdr", "o.bil --of EHdr", "o.prj"),
        ("EHdr", "o.bil --of EHdr", "./o.hdr"),
        ("AAIGrid", "o.asc", "o.prj"),
        ("RST", "o.rst --of RST", "o.rdc"),
        ("SAGA", "o.sdat", "o.sgrd"),
        ("SAGA", "o.sdat", "o.prj"),
        ("GTiff", "o.tif --co TFW=YES", "o.tfw"),
        ("GTiff", "o.tif", "o.tif.aux.xml"),
    ];
    for (_, output, log) in cases.iter().filter(|(driver, ..)| can_write(driver)) {
        for command in [
            "svf_compute dem.tif",
            "svf_compute dem.tif --work-dir w",
            "svf_mosaic p.json",
            "svf_mosaic --input-list l.txt",
        ] {
            for over in ["", "--overwrite"] {
                let line = format!("{command} {output} --profile-log {log} {over}");
                let run = folder.line(2, &line);
                run.assert_refused(2, &["would be parts of one raster"]);
            }
        }
    }
    for (log, said) in [
        ("o_1.tif", "two outputs have the same name"),
        ("o.vrt", "two outputs have the same name"),
        ("o_2.tif.aux.xml", "would be parts of one raster"),
    ] {
        let run = folder.line(2, &format!("svf_mosaic p.json o.tif --parts 2 --profile-log {log}"));
        assert!(run.stderr.contains(said), "{log}: {run}");
    }
    for line in [
        "svf_compute --plan p.json --profile-log p.tiles/r0000_c0000.tif",
        "svf_tile dem.tif q.json --profile-log q.tiles/r0000_c0000.tif",
        "svf_tile dem.tif q.json --cut cut --profile-log cut/log",
    ] {
        let run = folder.line(2, line);
        assert!(run.stderr.contains("a folder that may be deleted"), "{line}: {run}");
    }
    folder.assert_files(&["dem.tif", "l.txt", "p.json", "p.tiles"]);
    // A name that no driver uses.
    folder.line(0, "svf_compute dem.tif o.img --of ENVI --profile-log o.log");
    folder.assert_files(&[
        "dem.tif",
        "l.txt",
        "o.hdr",
        "o.img",
        "o.img.aux.xml",
        "o.log",
        "p.json",
        "p.tiles",
    ]);
}

#[test]
fn what_is_not_a_file_is_never_replaced() {
    let folder = with_dem();
    if !Command::new("mkfifo").arg(folder.path("pipe.tif")).status().is_ok_and(|s| s.success()) {
        return skip("no named pipes here");
    }
    let run = folder.svf(&["dem.tif", "pipe.tif", "--overwrite"]);
    run.assert_refused(1, &["pipe.tif", "not a regular file"]);
    assert!(!folder.path("pipe.tif").metadata().unwrap().is_file());
}

#[test]
fn sight_lines_that_fill_the_memory_are_refused_before_they_do() {
    let folder = with_dem();
    let args = ["dem.tif", "out.tif", "-n", "720", "--sampling", "divided"];
    let wide = ["--divisions", "100000", "--max-memory", "200M"];
    let run = folder.svf(&[&args[..], &wide].concat());
    run.assert_refused(2, &["200 MiB is too small", "at least "]);
    // And points on a sight line belong to the sampling that has them.
    let run = folder.svf(&["dem.tif", "out.tif", "--divisions", "5"]);
    run.assert_refused(2, &["--divisions", "--sampling divided"]);
    folder.assert_files(&["dem.tif"]);
}

#[test]
fn numbers_of_messages_are_short() {
    let folder = Folder::new();
    let mut dem = Dem {
        scale_offset: Some((1e300, 0.0)),
        epsg: None,
        geo_transform: [7.0, 0.001, 0.0, 47.0, 0.0, -0.001],
        ..Dem::of(&terrain(60, 90, 1).mapv(f64::from))
    };
    dem.write::<f64>(&folder.path("large.tif"));
    dem.geo_transform = [0.0, 5e-309, 0.0, 0.0, 0.0, -5e-309];
    dem.write::<f64>(&folder.path("small.tif"));
    for (line, words) in [
        ("svf_compute large.tif out.tif", "range of heights "),
        ("svf_profile point large.tif --at-cell 3,3", "range of heights "),
        ("svf_compute small.tif out.tif", "cell size must be 1e-12 to 1e12, got 5e-309"),
        ("svf_tile small.tif plan.json", "cell size must be 1e-12 to 1e12, got 5e-309"),
        ("svf_profile point small.tif --at-cell 3,3", "cell size must be 1e-12 to 1e12"),
    ] {
        let run = folder.line(1, line);
        assert!(run.stderr.contains(words), "{line}: {run}");
        assert!(run.stderr.lines().all(|line| line.len() < 250), "{line}: {run}");
    }
    folder.assert_files(&["large.tif", "small.tif"]);
}

/// Names that are no text: plans and events could not have them.
#[cfg(unix)]
#[test]
fn names_that_are_not_utf_8_are_refused() {
    use std::ffi::{OsStr, OsString};
    use std::os::unix::ffi::OsStrExt;

    let folder = Folder::new();
    folder.write_dem("dem.tif", &Array2::zeros((20, 20)));
    let odd = OsStr::from_bytes(b"\xff.json").to_owned();
    let text = |words: &str| words.split(' ').map(OsString::from).collect::<Vec<_>>();
    for (tool, words, after) in [
        ("svf_tile", text("dem.tif"), vec![]),
        ("svf_tile", text("dem.tif p.json --index"), vec![]),
        ("svf_tile", text("dem.tif p.json --cut"), vec![]),
        ("svf_compute", text("--plan"), vec![]),
        ("svf_compute", text("--input-list"), text("o.tif --radius 3")),
        ("svf_compute", text("dem.tif o.tif --work-dir"), text("--radius 3")),
        ("svf_compute", text("dem.tif o.tif --profile-log"), text("--radius 3")),
        ("svf_mosaic", vec![], text("o.tif")),
    ] {
        let args = [&words[..], std::slice::from_ref(&odd), &after[..]].concat();
        let run = run(&mut folder.tool(tool, &args), b"");
        run.assert_refused(2, &["UTF-8"]);
    }
    folder.assert_files(&["dem.tif"]);
}
