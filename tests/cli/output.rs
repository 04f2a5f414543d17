//! Files that come out: their format, types, metadata, and who else can read them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use gdal::raster::{GdalDataType, RasterBand};
use gdal::{Dataset, Metadata};
use ndarray::{Array2, array};

use crate::support::{
    Dem, Folder, NODATA, ORIGIN, assert_same_bits, can_write, item, kind, read_band, skip, terrain,
    with_gaps,
};

const RADIUS: [&str; 2] = ["--radius", "9px"];

/// A raster with gaps, and the values of `svf` and `coverage` on it.
fn with_expected() -> (Folder, Vec<Array2<f32>>) {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &with_gaps(terrain(120, 140, 1)));
    folder.ok(&["dem.tif", "expected.tif", "--radius", "9px", "--measure", "svf,coverage"]);
    let bands = folder.bands("expected.tif");
    (folder, bands)
}

/// Runs with options, the output being of both measures.
fn make(folder: &Folder, output: &str, options: &[&str]) {
    let common = ["dem.tif", output, "--overwrite", "--measure", "svf,coverage"];
    folder.ok(&[&common[..], &RADIUS, options].concat());
}

/// The four statistics of a band, from its metadata: nothing is computed here.
fn statistics(band: &RasterBand<'_>) -> [f64; 4] {
    ["MINIMUM", "MAXIMUM", "MEAN", "STDDEV"].map(|name| {
        let item = band.metadata_item(&format!("STATISTICS_{name}"), "");
        item.unwrap_or_else(|| panic!("no STATISTICS_{name}")).parse().unwrap()
    })
}

fn statistics_of(cells: &[f64]) -> [f64; 4] {
    let n = cells.len() as f64;
    let mean = cells.iter().sum::<f64>() / n;
    let variance = cells.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n;
    let (low, high) = cells.iter().fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(*v), h.max(*v)));
    [low, high, mean, variance.sqrt()]
}

#[track_caller]
fn assert_near(told: [f64; 4], expected: [f64; 4], tolerance: f64, what: &str) {
    for (told, expected) in told.iter().zip(expected) {
        assert!((told - expected).abs() <= tolerance, "{what}: {told}, expected {expected}");
    }
}

#[test]
fn the_defaults() {
    let (folder, expected) = with_expected();
    make(&folder, "out.tif", &[]);
    let (input, output) = (folder.open("dem.tif"), folder.open("out.tif"));
    assert_eq!(output.driver().short_name(), "GTiff");
    assert_eq!(output.raster_size(), (140, 120));
    assert_eq!(output.raster_count(), 2);
    assert_eq!(output.geo_transform().unwrap(), input.geo_transform().unwrap());
    assert_eq!(output.projection(), input.projection());
    assert_eq!(output.spatial_ref().unwrap().auth_code().unwrap(), 32633);
    let gtiff = gdal::DriverManager::get_driver_by_name("GTiff").unwrap();
    let options = gtiff.metadata_item("DMD_CREATIONOPTIONLIST", "").unwrap();
    let compression = if options.contains("ZSTD") { "ZSTD" } else { "DEFLATE" };
    let structure = |key| item(&output, key, "IMAGE_STRUCTURE");
    assert_eq!(structure("COMPRESSION").unwrap(), compression);
    assert_eq!(structure("INTERLEAVE").unwrap(), "BAND");
    // Readers of GDAL 3.6 tell the predictor of a COG only; the tag itself is 317.
    assert_eq!(tiff_tag(&fs::read(folder.path("out.tif")).unwrap(), 317), Some(3));
    for (number, (name, expected)) in ["svf", "coverage"].iter().zip(&expected).enumerate() {
        let band = output.rasterband(number + 1).unwrap();
        assert_eq!(band.band_type(), GdalDataType::Float32);
        assert_eq!(band.block_size(), (512, 512));
        assert_eq!(band.no_data_value(), Some(-9999.0));
        assert_eq!(band.description().unwrap(), *name);
        let cells: Vec<f64> =
            expected.iter().filter(|v| **v != NODATA).map(|v| f64::from(*v)).collect();
        assert!(cells.len() < 120 * 140, "some cells are NoData");
        assert_near(statistics(&band), statistics_of(&cells), 1e-6, name);
        let percent = band.metadata_item("STATISTICS_VALID_PERCENT", "").unwrap();
        let share = 100.0 * cells.len() as f64 / (120.0 * 140.0);
        assert!((percent.parse::<f64>().unwrap() - share).abs() < 0.01, "{percent}");
    }
    // The statistics are in the file: nothing lies beside it.
    folder.assert_files(&["dem.tif", "expected.tif", "out.tif"]);
}

/// Value of a SHORT tag in the first directory of a little-endian classic TIFF.
fn tiff_tag(bytes: &[u8], tag: u16) -> Option<u16> {
    assert_eq!(bytes[..4], *b"II*\0");
    let short = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
    let directory = u32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]) as usize;
    (0..usize::from(short(directory)))
        .map(|entry| directory + 2 + 12 * entry)
        .find(|&entry| short(entry) == tag)
        .map(|entry| short(entry + 8))
}

#[test]
fn the_file_says_how_it_was_made() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(60, 70, 2));
    let options = "--radius 9px -n 12 --measure horizon --signed --sampling divided --divisions 18 \
                   --missing stop --observer-height 1.75 --z-factor 0.5 --curvature --refraction 0.2";
    let mut args = vec!["dem.tif", "out.tif"];
    args.extend(options.split_whitespace());
    folder.ok(&args);
    let output = folder.open("out.tif");
    let version = env!("CARGO_PKG_VERSION");
    for (key, value) in [
        ("TIFFTAG_SOFTWARE", format!("svf_compute {version}").as_str()),
        ("SVF_VERSION", version),
        ("SVF_INPUT", "dem.tif"),
        ("SVF_INPUT_BAND", "1"),
        ("SVF_MEASURES", "horizon"),
        ("SVF_SIGNED", "YES"),
        ("SVF_RADIUS", "9"),
        ("SVF_UNIT", "metre"),
        ("SVF_DIRECTIONS", "12"),
        ("SVF_SAMPLING", "divided"),
        ("SVF_DIVISIONS", "18"),
        ("SVF_MISSING", "stop"),
        ("SVF_OBSERVER_HEIGHT", "1.75"),
        ("SVF_Z_FACTOR", "0.5"),
        ("SVF_REFRACTION", "0.2"),
    ] {
        assert_eq!(item(&output, key, "").as_deref(), Some(value), "{key}");
    }
    let band = output.rasterband(12).unwrap();
    assert_eq!(band.description().unwrap(), "horizon 330.000");
    assert_eq!(band.unit(), "degree");
}

#[test]
fn points_stay_points() {
    let folder = Folder::new();
    let dem = Dem::of(&terrain(60, 70, 3).mapv(f64::from));
    let mut dataset = dem.create::<f32>(&folder.path("dem.tif"));
    dataset.set_metadata_item("AREA_OR_POINT", "Point", "").unwrap();
    dataset.close().unwrap();
    folder.ok(&["dem.tif", "out.tif", "--radius", "9px"]);
    let (input, output) = (folder.open("dem.tif"), folder.open("out.tif"));
    assert_eq!(item(&input, "AREA_OR_POINT", "").as_deref(), Some("Point"));
    assert_eq!(item(&output, "AREA_OR_POINT", "").as_deref(), Some("Point"));
    assert_eq!(output.geo_transform().unwrap(), input.geo_transform().unwrap());
}

#[test]
fn integers_are_scaled() {
    let (folder, expected) = with_expected();
    for (name, largest, cell_type) in
        [("uint8", 254.0, GdalDataType::UInt8), ("uint16", 65_534.0, GdalDataType::UInt16)]
    {
        make(&folder, "out.tif", &["--ot", name]);
        let output = folder.open("out.tif");
        for (number, expected) in expected.iter().enumerate() {
            let band = output.rasterband(number + 1).unwrap();
            assert_eq!(band.band_type(), cell_type);
            assert_eq!(band.no_data_value(), Some(largest + 1.0));
            assert!((band.scale().unwrap() - 1.0 / largest).abs() < 1e-12);
            assert_eq!(band.offset(), Some(0.0));
            let cells = folder.band("out.tif", number + 1);
            let mut stored = Vec::new();
            for (&cell, &value) in cells.iter().zip(expected) {
                if value == NODATA {
                    assert_eq!(cell, largest as f32 + 1.0);
                    continue;
                }
                stored.push(f64::from(cell));
                // Half a step, and the rounding of f32.
                let error = (f64::from(cell) - f64::from(value) * largest).abs();
                assert!(error <= 0.51, "{name}: {cell} for {value}");
            }
            // GDAL's statistics are of the cells as stored.
            let [low, high, mean, _] = statistics(&band);
            let told = statistics_of(&stored);
            assert_eq!((low, high), (told[0], told[1]), "{name}");
            assert!((mean - told[2]).abs() < 0.5, "{name}: {mean}, expected {}", told[2]);
        }
        assert_eq!(tiff_tag(&fs::read(folder.path("out.tif")).unwrap(), 317), Some(2));
    }
    // GDAL's own name of the type.
    make(&folder, "byte.tif", &["-ot", "Byte"]);
    let output = folder.open("byte.tif");
    assert_eq!(output.rasterband(1).unwrap().band_type(), GdalDataType::UInt8);
}

#[test]
fn integers_hold_other_ranges_too() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &with_gaps(terrain(60, 70, 4)));
    let measures = "openness-positive,horizon-distance,svf-error,aspect,horizon";
    let args = ["--measure", measures, "--signed", "-n", "4", "--radius", "9"];
    folder.ok(&[&["dem.tif", "expected.tif"], &args[..]].concat());
    folder.ok(&[&["dem.tif", "out.tif", "--ot", "uint16"], &args[..]].concat());
    let output = folder.open("out.tif");
    for (number, (low, high)) in
        [(0.0, 180.0), (0.0, 9.0), (0.0, 0.5), (0.0, 360.0), (-90.0, 90.0)].into_iter().enumerate()
    {
        let band = output.rasterband(number + 1).unwrap();
        let step: f64 = (high - low) / 65_534.0;
        assert!((band.scale().unwrap() - step).abs() < 1e-9, "band {}", number + 1);
        assert_eq!(band.offset(), Some(low));
        let expected = folder.band("expected.tif", number + 1);
        for (cell, value) in folder.band("out.tif", number + 1).iter().zip(&expected) {
            if *value == NODATA {
                assert_eq!(*cell, 65_535.0);
            } else {
                let error = f64::from(*cell) * step + low - f64::from(*value);
                assert!(error.abs() <= 0.51 * step, "{cell} for {value}");
            }
        }
    }
}

#[test]
fn float64_holds_the_same_values() {
    let (folder, expected) = with_expected();
    make(&folder, "out.tif", &["--ot", "float64"]);
    let output = folder.open("out.tif");
    for (number, expected) in expected.iter().enumerate() {
        let band = output.rasterband(number + 1).unwrap();
        assert_eq!(band.band_type(), GdalDataType::Float64);
        assert_eq!(band.no_data_value(), Some(-9999.0));
        assert_same_bits(&folder.band("out.tif", number + 1), expected, "float64");
    }
}

#[test]
fn nodata_is_what_was_asked_for() {
    let (folder, expected) = with_expected();
    let gaps: Vec<bool> = expected[0].iter().map(|v| *v == NODATA).collect();
    for (options, told) in [
        (&["--nodata", "-1"][..], -1.0),
        (&["-a_nodata", "-3.4028234663852886e38"], -3.402_823_466_385_288_6e38),
        (&["--nodata", "nan"], f64::NAN),
        // No f32: as f64 the cells must be of that value nonetheless.
        (&["--nodata", "-9999.1", "--ot", "float64"], -9999.1),
        (&["--nodata", "-1.5e300", "--ot", "float64"], -1.5e300),
        (&["--nodata", "-9999.1"], f64::from(-9999.1_f32)),
    ] {
        make(&folder, "out.tif", options);
        let output = folder.open("out.tif");
        let band = output.rasterband(1).unwrap();
        let nodata = band.no_data_value().unwrap();
        assert!(
            nodata == told
                || (nodata.is_nan() && told.is_nan())
                || (nodata as f32 == told as f32 && band.band_type() == GdalDataType::Float32),
            "{options:?}: {nodata}"
        );
        // Missing cells are of that very value: some readers compare exactly.
        let cells = band.read_band_as::<f64>().unwrap();
        let missing: Vec<bool> =
            cells.data().iter().map(|v| *v == nodata || (v.is_nan() && nodata.is_nan())).collect();
        if band.band_type() == GdalDataType::Float64 {
            assert!(missing == gaps, "{options:?}: {nodata} is not in the cells");
        }
        // What GDAL takes to be missing is what is missing.
        let mask = band.open_mask_band().unwrap().read_band_as::<u8>().unwrap();
        let masked: Vec<bool> = mask.data().iter().map(|m| *m == 0).collect();
        assert!(masked == gaps, "{options:?}: {nodata} is not in the cells");
    }
}

#[test]
fn a_nodata_value_that_may_be_a_value_is_a_warning() {
    let (folder, _) = with_expected();
    let args = ["dem.tif", "out.tif", "--nodata", "0.5", "--progress", "json"];
    let run = folder.ok(&[&args[..], &RADIUS].concat());
    let events = run.events();
    let warning = events.iter().find(|event| kind(event) == "warning").unwrap();
    assert_eq!(warning["data"]["code"], "nodata.in_range");
}

#[test]
fn creation_options_are_respected() {
    let (folder, expected) = with_expected();
    let structure = |key: &str| item(&folder.open("out.tif"), key, "IMAGE_STRUCTURE");
    for (options, compression) in [
        (&["--co", "COMPRESS=LZW"][..], Some("LZW")),
        (&["-co", "compress=deflate", "-co", "ZLEVEL=9"], Some("DEFLATE")),
        (&["--co", "COMPRESS=NONE"], None),
        (&["--co", "COMPRESS=PACKBITS"], Some("PACKBITS")),
    ] {
        make(&folder, "out.tif", options);
        assert_eq!(structure("COMPRESSION").as_deref(), compression, "{options:?}");
        for (number, expected) in expected.iter().enumerate() {
            assert_same_bits(&folder.band("out.tif", number + 1), expected, options[1]);
        }
    }
    make(&folder, "out.tif", &["--co", "INTERLEAVE=PIXEL"]);
    assert_eq!(structure("INTERLEAVE").unwrap(), "PIXEL");
    assert_same_bits(&folder.band("out.tif", 2), &expected[1], "pixel interleaved");
    make(&folder, "out.tif", &["--co", "BLOCKXSIZE=64", "--co", "BLOCKYSIZE=32"]);
    assert_eq!(folder.open("out.tif").rasterband(1).unwrap().block_size(), (64, 32));
    assert_same_bits(&folder.band("out.tif", 1), &expected[0], "small blocks");
    make(&folder, "out.tif", &["--co", "TILED=NO"]);
    assert_eq!(folder.open("out.tif").rasterband(1).unwrap().block_size().0, 140);
    assert_same_bits(&folder.band("out.tif", 1), &expected[0], "strips");
    make(&folder, "out.tif", &["--co", "BIGTIFF=YES"]);
    assert_eq!(fs::read(folder.path("out.tif")).unwrap()[..4], *b"II+\0");
    folder.assert_files(&["dem.tif", "expected.tif", "out.tif"]);
}

#[test]
fn a_cloud_optimised_geotiff() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &with_gaps(terrain(1100, 1200, 5)));
    let options = ["--radius", "3px", "-n", "4", "--measure", "svf,svf-cosine"];
    folder.ok(&[&["dem.tif", "expected.tif"], &options[..]].concat());
    folder.ok(&[&["dem.tif", "out.tif", "--of", "COG"], &options[..]].concat());
    let output = folder.open("out.tif");
    assert_eq!(item(&output, "LAYOUT", "IMAGE_STRUCTURE").as_deref(), Some("COG"));
    assert!(item(&output, "COMPRESSION", "IMAGE_STRUCTURE").is_some());
    assert_eq!(item(&output, "SVF_MEASURES", "").as_deref(), Some("svf,svf-cosine"));
    assert_eq!(output.geo_transform().unwrap(), folder.open("dem.tif").geo_transform().unwrap());
    for (number, name) in [(1, "svf"), (2, "svf-cosine")] {
        let expected = folder.band("expected.tif", number);
        assert_same_bits(&folder.band("out.tif", number), &expected, name);
        let band = output.rasterband(number).unwrap();
        assert_eq!(band.description().unwrap(), name);
        assert_eq!(band.no_data_value(), Some(-9999.0));
        assert_eq!(band.block_size(), (512, 512));
        // Down to what fits a block.
        assert_eq!(band.overview_count().unwrap(), 2);
        assert_eq!(band.overview(0).unwrap().size(), (600, 550));
        assert_eq!(band.overview(1).unwrap().size(), (300, 275));
        let cells: Vec<f64> =
            expected.iter().filter(|v| **v != NODATA).map(|v| f64::from(*v)).collect();
        assert_near(statistics(&band), statistics_of(&cells), 1e-6, name);
        // Averages of values, not of NoData.
        let overview = band.overview(1).unwrap().read_band_as::<f32>().unwrap();
        let sane = |v: &f32| *v == NODATA || (0.0..=1.0).contains(v);
        assert!(overview.data().iter().all(sane));
    }
    assert_cog_layout(&fs::read(folder.path("out.tif")).unwrap());
    folder.assert_files(&["dem.tif", "expected.tif", "out.tif"]);
}

/// The layout that readers over a network count on: GDAL's ghost area first, every
/// directory before any data.
fn assert_cog_layout(bytes: &[u8]) {
    let head = String::from_utf8_lossy(&bytes[..400]);
    assert!(head.contains("GDAL_STRUCTURAL_METADATA_SIZE="), "{head}");
    assert!(head.contains("LAYOUT=IFDS_BEFORE_DATA"), "{head}");
    assert!(!head.contains("KNOWN_INCOMPATIBLE_EDITION=YES"), "edited after it was made: {head}");
}

#[test]
fn driver_names_are_those_of_gdal_in_any_case() {
    let (folder, expected) = with_expected();
    for (given, same) in [("gtiff", "GTiff"), ("cog", "COG")] {
        make(&folder, "out.tif", &["--of", given]);
        make(&folder, "same.tif", &["--of", same]);
        assert_same_bits(&folder.band("out.tif", 1), &expected[0], given);
        let facts = |name: &str| {
            let dataset = folder.open(name);
            let structure = |key| item(&dataset, key, "IMAGE_STRUCTURE");
            let block = dataset.rasterband(1).unwrap().block_size();
            (structure("COMPRESSION"), structure("LAYOUT"), structure("INTERLEAVE"), block)
        };
        assert_eq!(facts("out.tif"), facts("same.tif"), "{given}");
    }
}

#[test]
fn one_file_per_measure() {
    let (folder, expected) = with_expected();
    fs::create_dir(folder.path("a.b")).unwrap();
    for (output, files) in [
        ("sky.tif", ["sky_svf.tif", "sky_coverage.tif"]),
        ("a.b/sky", ["a.b/sky_svf", "a.b/sky_coverage"]),
    ] {
        make(&folder, output, &["--separate"]);
        for ((file, name), expected) in files.iter().zip(["svf", "coverage"]).zip(&expected) {
            let dataset = folder.open(file);
            assert_eq!(dataset.raster_count(), 1, "{file}");
            assert_eq!(dataset.rasterband(1).unwrap().description().unwrap(), name);
            assert_same_bits(&folder.band(file, 1), expected, file);
        }
    }
    folder.assert_files(&["a.b", "dem.tif", "expected.tif", "sky_coverage.tif", "sky_svf.tif"]);
    assert_eq!(fs::read_dir(folder.path("a.b")).unwrap().count(), 2);
}

#[test]
fn a_separate_file_may_be_made_of_several_bands() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(60, 70, 6));
    let args = ["dem.tif", "sky.tif", "--separate", "--measure", "horizon,svf", "-n", "5"];
    folder.ok(&[&args[..], &RADIUS].concat());
    assert_eq!(folder.open("sky_horizon.tif").raster_count(), 5);
    assert_eq!(folder.open("sky_svf.tif").raster_count(), 1);
    let measures = |name: &str| item(&folder.open(name), "SVF_MEASURES", "").unwrap();
    assert_eq!(measures("sky_horizon.tif"), "horizon");
    assert_eq!(measures("sky_svf.tif"), "svf");
}

/// The rasters in a netCDF file of several variables, by the names of these.
fn variables(folder: &Folder, name: &str) -> Vec<(String, Vec<Array2<f32>>)> {
    let parts = folder.open(name).metadata_domain("SUBDATASETS").unwrap();
    let names = parts.iter().filter_map(|part| part.split_once("_NAME=").map(|(_, name)| name));
    names
        .map(|name| {
            let count = Dataset::open(name).unwrap().raster_count();
            let bands = (1..=count).map(|n| read_band(std::path::Path::new(name), n)).collect();
            (name.rsplit_once(':').unwrap().1.to_owned(), bands)
        })
        .collect()
}

#[test]
fn netcdf() {
    if !can_write("netCDF") {
        return skip("this GDAL writes no netCDF");
    }
    let (folder, expected) = with_expected();
    for (output, options) in [("out.nc", &[][..]), ("named.nc4", &["--of", "netCDF"])] {
        make(&folder, output, options);
        assert_eq!(folder.open(output).driver().short_name(), "netCDF");
        let made = variables(&folder, output);
        let names: Vec<&str> = made.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["svf", "coverage"], "{output}");
        for ((_, bands), expected) in made.iter().zip(&expected) {
            assert_same_bits(&bands[0], expected, output);
        }
    }
    // The same bytes.
    make(&folder, "second.nc", &["--threads", "1", "--tile-size", "50"]);
    assert!(
        fs::read(folder.path("out.nc")).unwrap() == fs::read(folder.path("second.nc")).unwrap()
    );
    // One measure, and who reads it: the tool itself.
    folder.ok(&[&["dem.tif", "one.nc"][..], &RADIUS].concat());
    assert_same_bits(&folder.band("one.nc", 1), &expected[0], "one.nc");
    let transform = folder.open("one.nc").geo_transform().unwrap();
    for (told, expected) in transform.iter().zip([ORIGIN.0, 1.0, 0.0, ORIGIN.1, 0.0, -1.0]) {
        assert!((told - expected).abs() < 1e-6, "{transform:?}");
    }
    let (one, tif) = (folder.open("one.nc"), folder.open("expected.tif"));
    let [one, tif] = [&one, &tif].map(|raster| statistics(&raster.rasterband(1).unwrap()));
    assert_near(one, tif, 1e-12, "one.nc");
    folder.ok(&["one.nc", "again.tif", "--radius", "3px"]);
    // A file for each measure, and a join of them.
    make(&folder, "apart.nc", &["--separate"]);
    for (name, expected) in ["apart_svf.nc", "apart_coverage.nc"].iter().zip(&expected) {
        assert_same_bits(&folder.band(name, 1), expected, name);
    }
    fs::write(folder.path("list.txt"), "apart_svf.nc\n").unwrap();
    folder.line(0, "svf_mosaic --input-list list.txt joined.nc");
    assert_same_bits(&folder.band("joined.nc", 1), &expected[0], "joined.nc");
    let joined = folder.open("joined.nc");
    let named = item(&joined, "NC_GLOBAL#SVF_MEASURES", "");
    assert_eq!(named.as_deref(), Some("svf"), "{:?}", joined.metadata_domain(""));
    assert!(item(&joined, "svf#long_name", "").is_some(), "{:?}", joined.metadata_domain(""));
}

#[test]
fn netcdf_of_plans_integers_and_other_grids() {
    if !can_write("netCDF") {
        return skip("this GDAL writes no netCDF");
    }
    let folder = Folder::new();
    let heights = with_gaps(terrain(70, 90, 8));
    folder.write_dem("dem.tif", &heights);
    let options = "--radius 9px -n 6 --measure horizon,svf,horizon-distance";
    folder.line(0, &format!("svf_compute -q dem.tif right.tif {options}"));
    let right = folder.bands("right.tif");
    folder.line(0, &format!("svf_tile -q dem.tif plan.json --tile-size 32 {options}"));
    folder.line(0, "svf_compute -q --plan plan.json");
    folder.line(0, "svf_mosaic -q plan.json joined.nc");
    let made = variables(&folder, "joined.nc");
    let names: Vec<(&str, usize)> = made.iter().map(|(n, bands)| (&**n, bands.len())).collect();
    assert_eq!(names, [("horizon", 6), ("svf", 1), ("horizon_distance", 1)]);
    for (made, right) in made.iter().flat_map(|(_, bands)| bands).zip(&right) {
        assert_same_bits(made, right, "joined.nc");
    }
    // Integers keep their cells, and the range is that of the values.
    let options = "--radius 9px --measure slope,svf --ot uint8";
    folder.line(0, &format!("svf_compute -q dem.tif bytes.tif {options}"));
    folder.line(0, &format!("svf_compute -q dem.tif bytes.nc {options} --co COMPRESS=NONE"));
    let (made, right) = (variables(&folder, "bytes.nc"), folder.bands("bytes.tif"));
    for ((name, made), right) in made.iter().zip(&right) {
        assert_same_bits(&made[0], right, name);
    }
    let slope = Dataset::open(format!("NETCDF:{}:slope", folder.path("bytes.nc").display()));
    let slope = slope.unwrap();
    let band = slope.rasterband(1).unwrap();
    assert!((band.scale().unwrap() - 90.0 / 254.0).abs() < 1e-9);
    assert_eq!(band.no_data_value(), Some(255.0));
    let cells = right[0].iter().filter(|cell| **cell < 255.0);
    let most = f64::from(cells.fold(0.0, |a: f32, b| a.max(*b))) * 90.0 / 254.0;
    let range = band.metadata_item("actual_range", "").unwrap();
    let told: f64 = range.trim_matches(['{', '}']).split(',').nth(1).unwrap().parse().unwrap();
    assert!((told - most).abs() < 1e-6, "{range}, expected {most}");
    // Grids: degrees, no CRS, a local CRS, no place at all, rows that run north, one row.
    let wide = heights.mapv(f64::from);
    let geo = [15.0, 1e-5, 0.0, 42.0, 0.0, -1e-5];
    let metres = [500_000.5, 0.5, 0.0, 4_650_000.25, 0.0, -0.5];
    let one_row = wide.slice(ndarray::s![..1, ..]).to_owned();
    for (name, dem) in [
        ("degrees", Dem { epsg: Some(4326), geo_transform: geo, ..Dem::of(&wide) }),
        ("lambert", Dem { epsg: Some(3035), geo_transform: metres, ..Dem::of(&wide) }),
        // Projections for which the conventions have no words.
        ("krovak", Dem { epsg: Some(5514), geo_transform: metres, ..Dem::of(&wide) }),
        ("swiss", Dem { epsg: Some(2056), geo_transform: metres, ..Dem::of(&wide) }),
        ("no-crs", Dem { epsg: None, geo_transform: metres, ..Dem::of(&wide) }),
        ("row", Dem { geo_transform: metres, ..Dem::of(&one_row) }),
    ] {
        dem.write::<f32>(&folder.path("g.tif"));
        folder.line(0, "svf_compute -q g.tif g.right.tif --radius 4px --overwrite");
        let nc = format!("{name}.nc");
        folder.line(0, &format!("svf_compute -q g.tif {nc} --radius 4px"));
        assert_same_bits(&folder.band(&nc, 1), &folder.band("g.right.tif", 1), name);
        let (made, right) = (folder.open(&nc), folder.open("g.right.tif"));
        let (placed, at) = (made.geo_transform().unwrap(), right.geo_transform().unwrap());
        for (told, expected) in placed.iter().zip(at) {
            assert!((told - expected).abs() <= 1e-9 * expected.abs(), "{name}: {placed:?}");
        }
        let crs = |dataset: &Dataset| dataset.spatial_ref().ok().map(|crs| crs.name().unwrap());
        assert_eq!(crs(&made), crs(&right), "{name}");
        if name == "degrees" {
            folder.line(0, "svf_tile -q g.tif g.json --radius 4px");
            folder.line(0, "svf_compute -q --plan g.json");
            folder.line(0, "svf_mosaic -q g.json degrees-joined.nc");
            let joined = folder.open("degrees-joined.nc");
            assert_eq!(item(&joined, "lat#units", "").as_deref(), Some("degrees_north"));
            assert_same_bits(
                &folder.band("degrees-joined.nc", 1),
                &folder.band("g.right.tif", 1),
                name,
            );
        }
    }
    Dem { epsg: None, ..Dem::of(&wide) }.write::<f32>(&folder.path("p.tif"));
    assert!(gdal_translate(&folder, "-of PNG -ot UInt16 p.tif plain.png"));
    fs::remove_file(folder.path("plain.png.aux.xml")).unwrap();
    folder.line(0, "svf_compute -q plain.png plain.tif --radius 4px");
    folder.line(0, "svf_compute -q plain.png plain.nc --radius 4px");
    assert_same_bits(&folder.band("plain.nc", 1), &folder.band("plain.tif", 1), "no place");
    assert!(folder.open("plain.nc").geo_transform().is_err());
    let local = "-a_srs LOCAL_CS[\"mine\",UNIT[\"metre\",1]] p.tif local.tif";
    assert!(gdal_translate(&folder, local));
    folder.line(0, "svf_compute -q local.tif local.nc --radius 4px");
    assert_eq!(folder.open("local.nc").spatial_ref().unwrap().name().unwrap(), "mine");
}

/// Whether `gdal_translate` ends well with these words.
fn gdal_translate(folder: &Folder, words: &str) -> bool {
    let mut command = std::process::Command::new("gdal_translate");
    command.arg("-q").args(words.split(' ')).current_dir(folder.work());
    command.status().is_ok_and(|status| status.success())
}

#[test]
fn netcdf_has_few_creation_options() {
    if !can_write("netCDF") {
        return skip("this GDAL writes no netCDF");
    }
    let (folder, _) = with_expected();
    for name in ["named", "o.tif", "-"] {
        let run = folder.svf(&["dem.tif", name, "--of", "netCDF"]);
        run.assert_refused(2, &["the name of a netCDF file must end in .nc"]);
    }
    for option in ["FORMAT=NC", "COMPRESS=ZSTD", "ZLEVEL=0", "WRITE_BOTTOMUP=NO", "TILED=YES"] {
        let run = folder.svf(&["dem.tif", "o.nc", "--co", option]);
        let words = [
            "cannot use o.nc: a netCDF file cannot have the creation option",
            option,
            "hint: netCDF-4 files are written",
        ];
        run.assert_refused(2, &words);
    }
    let size = |option: &str| {
        let options = "--overwrite --radius 9px -q --co FORMAT=NC4 --co";
        folder.line(0, &format!("svf_compute dem.tif o.nc {options} {option}"));
        fs::metadata(folder.path("o.nc")).unwrap().len()
    };
    let [plain, fast, small] = ["COMPRESS=NONE", "ZLEVEL=1", "zlevel=9"].map(size);
    // 120 x 140 cells of 4 bytes.
    assert!(plain > 67_200 && fast < plain && small < fast, "{plain} {fast} {small}");
}

#[test]
fn a_driver_that_can_only_copy() {
    if !can_write("PNG") {
        return skip("this GDAL writes no PNG");
    }
    let (folder, _) = with_expected();
    // One measure: more bands would be the colours of a picture.
    for output in ["out.tif", "out.png"] {
        folder.ok(&[&["dem.tif", output, "--ot", "uint8"][..], &RADIUS].concat());
    }
    assert_eq!(folder.open("out.png").driver().short_name(), "PNG");
    assert_same_bits(&folder.band("out.png", 1), &folder.band("out.tif", 1), "PNG");
    assert_eq!(folder.open("out.png").rasterband(1).unwrap().no_data_value(), Some(255.0));
    // What PNG itself cannot hold lies beside it.
    let names: BTreeSet<String> = fs::read_dir(folder.work())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert!(names.iter().all(|name| !name.starts_with('.')), "{names:?}");
}

/// The conventions of netCDF have no words for most of these projections. GDAL 3.10 ended the program.
#[test]
fn netcdf_keeps_projections_that_its_conventions_do_not_have() {
    if !can_write("netCDF") {
        return skip("this GDAL writes no netCDF");
    }
    let (folder, _) = with_expected();
    for (code, projection) in [
        (2056, "Hotine_Oblique_Mercator_Azimuth_Center"),
        (5514, "Krovak"),
        (28992, "Oblique_Stereographic"),
        (3035, "Lambert_Azimuthal_Equal_Area"),
    ] {
        let srs = format!("EPSG:{code}");
        let args = ["-q", "-a_srs", &srs, "dem.tif", "other.tif"];
        assert!(folder.in_folder("gdal_translate", &args).status().unwrap().success());
        folder.ok(&["other.tif", "other.nc", "--radius", "3px", "--overwrite"]);
        let crs = folder.open("other.nc").spatial_ref().unwrap();
        let kept = crs.get_attr_value("PROJECTION", 0).unwrap();
        assert_eq!(kept.as_deref(), Some(projection), "{srs}");
    }
}

/// In GDAL 3.10, its driver closes its file twice.
#[test]
fn zmap() {
    if !can_write("ZMap") {
        return skip("this GDAL writes no ZMap");
    }
    let (folder, expected) = with_expected();
    folder.ok(&[&["dem.tif", "out.dat", "--of", "ZMap"][..], &RADIUS].concat());
    let written = folder.band("out.dat", 1);
    let differs = written.iter().zip(&expected[0]).filter(|(a, b)| (*a - *b).abs() > 1e-5);
    assert_eq!(differs.count(), 0);
}

#[test]
fn an_archive() {
    let (folder, expected) = with_expected();
    let archive = format!("/vsizip/{}/out.tif", folder.path("out.zip").display());
    for of in ["GTiff", "COG"] {
        let args = ["dem.tif", archive.as_str(), "--of", of, "--measure", "svf,coverage"];
        folder.ok(&[&args[..], &RADIUS].concat());
        for (number, expected) in expected.iter().enumerate() {
            let band = Dataset::open(&archive)
                .unwrap()
                .rasterband(number + 1)
                .unwrap()
                .read_band_as::<f32>()
                .unwrap()
                .to_array()
                .unwrap();
            assert_same_bits(&band, expected, of);
        }
        // It exists now.
        folder.svf(&[&args[..], &RADIUS].concat()).assert_refused(2, &["out.tif exists"]);
        // A further raster would be added to the archive in place.
        let other = archive.replace("out.tif", "other.tif");
        let before = fs::read(folder.path("out.zip")).unwrap();
        let args = [&["dem.tif", other.as_str(), "--of", of][..], &RADIUS].concat();
        folder.svf(&args).assert_refused(2, &["out.zip exists, and would be changed in place"]);
        assert_eq!(fs::read(folder.path("out.zip")).unwrap(), before);
        folder.ok(&[&args[..], &["--overwrite"]].concat());
        assert_eq!(Dataset::open(&other).unwrap().raster_count(), 1);
        folder.assert_files(&["dem.tif", "expected.tif", "out.zip"]);
        fs::remove_file(folder.path("out.zip")).unwrap();
    }
}

#[test]
fn several_bands_in_zarr_are_arrays() {
    if !can_write("Zarr") {
        return skip("no Zarr driver here");
    }
    let (folder, expected) = with_expected();
    make(&folder, "out.zarr", &["--of", "Zarr"]);
    for (number, expected) in expected.iter().enumerate() {
        let array = format!("ZARR:\"{}\":/Band{}", folder.path("out.zarr").display(), number + 1);
        assert_same_bits(&read_band(Path::new(&array), 1), expected, "Zarr");
    }
}

#[test]
fn an_output_in_memory_would_be_gone() {
    let (folder, _) = with_expected();
    for output in ["/vsimem/out.tif", "/vsizip//vsimem/a.zip/out.tif"] {
        let run = folder.svf(&[&["dem.tif", output][..], &RADIUS].concat());
        let said =
            format!("cannot create {output}: a file in /vsimem/ is lost when this process ends");
        run.assert_refused(1, &[&said, "hint: write a local file"]);
    }
    folder.assert_files(&["dem.tif", "expected.tif"]);
}

#[test]
fn what_a_driver_refuses_names_the_output_and_no_file_of_ours() {
    let (folder, _) = with_expected();
    let run = folder.svf(&["dem.tif", "out.asc", "--measure", "svf,coverage", "--radius", "2px"]);
    run.assert_refused(2, &["cannot use out.asc: driver AAIGrid cannot store 2 bands: "]);
    assert!(!run.stderr.contains("partial-") && !run.stderr.contains("svf-trial"), "{run}");
}

/// Scaled cells are numbers only with their scale, their offset and their NoData value.
#[test]
fn scaled_cells_are_refused_where_they_could_not_be_read_again() {
    let (folder, _) = with_expected();
    let run = |driver: &str, output: &str, options: &str| {
        can_write(driver).then(|| {
            let line = format!("svf_compute dem.tif {output} --of {driver} --radius 9px {options}");
            let words: Vec<&str> = line.split(' ').filter(|word| !word.is_empty()).collect();
            folder.svf(&words[1..])
        })
    };
    let refused = |driver: &str, output: &str, options: &str, words: &[&str]| {
        if let Some(run) = run(driver, output, options) {
            let name = format!("cannot use {output}: ");
            run.assert_refused(2, &[&[name.as_str()], words].concat());
            folder.assert_files(&["dem.tif", "expected.tif"]);
        }
    };
    for (driver, output) in [("GPKG", "o.gpkg"), ("SAGA", "o.sdat"), ("RST", "o.rst")] {
        for of in ["uint8", "uint16"] {
            let scale = format!("does not store the scale and offset that --ot {of} needs");
            let has_type = driver != "RST" || of == "uint8";
            let words: &[&str] =
                if has_type { &[&scale, "hint: use --ot float32, or a Geo"] } else { &[] };
            refused(driver, output, &format!("--ot {of}"), words);
        }
        refused(driver, output, "--ot uint8 --work-dir w", &["does not store the scale"]);
    }
    refused("XYZ", "o.xyz", "--ot uint8", &["does not store the scale and offset"]);
    let lossy = "would change the Byte cells (lossy compression";
    refused("JPEG", "o.jpg", "--ot uint8", &[lossy, "hint: use a GeoTIFF (.tif)"]);
    for driver in ["GTiff", "COG"] {
        let options = "--ot uint8 --co COMPRESS=JPEG";
        refused(driver, "o.tif", options, &[lossy, "hint: use --co COMPRESS=ZSTD or DEFLATE"]);
    }
    for driver in ["GTiff", "COG"] {
        for (codec, of) in
            [("JPEG", "float32"), ("WEBP", "float64"), ("CCITTFAX4", "float32"), ("jpeg", "uint16")]
        {
            let options = format!("--ot {of} --co COMPRESS={codec}");
            let said =
                format!("COMPRESS={} is for pictures and cannot store", codec.to_uppercase());
            refused(
                driver,
                "o.tif",
                &options,
                &[&said, "hint: use --co COMPRESS=ZSTD, DEFLATE, LZW or LERC"],
            );
        }
    }
    refused("GTiff", "o.tif", "--ot uint8 --co NBITS=4 --co COMPRESS=NONE", &[lossy]);
    refused("GTiff", "o.tif", "--ot uint16 --co NBITS=12", &["would change the UInt16 cells"]);
    // As a half float, -9999 is another number: missing cells would be heights of the sky.
    for options in ["--co NBITS=16", "--work-dir w --co NBITS=16"] {
        refused("GTiff", "o.tif", options, &["does not store the NoData value that --ot float32"]);
    }
    let rough = "--co COMPRESS=LERC --co MAX_Z_ERROR=0.6";
    refused("GTiff", "o.tif", rough, &["would change the Float32 cells"]);
    for (option, name) in [
        ("TILING_SCHEME=GoogleMapsCompatible", "TILING_SCHEME"),
        ("TARGET_SRS=EPSG:3857", "TARGET_SRS"),
    ] {
        let said = format!("--co {name} makes another grid than that of the heights");
        let mends = format!("gdal_translate RESULT.tif OTHER.tif -of COG -co {name}=...");
        refused("COG", "o.tif", &format!("--co {option}"), &[&said, &mends]);
    }
    // No hint advises what is refused.
    refused("JPEG", "o.jpg", "", &["cannot store Float32 cells", "another format with --of"]);
    refused("PNG", "o.png", "", &["cannot store Float32 cells", "it can store uint8, uint16"]);
    let reversible = "hint: add --co QUALITY=100 --co REVERSIBLE=YES";
    for of in ["uint8", "uint16"] {
        let lossy = ["cells (lossy compression", reversible];
        refused("JP2OpenJPEG", "o.jp2", &format!("--ot {of}"), &lossy);
    }
    refused("VRT", "o.vrt", "", &["driver VRT does not write raster files", "such as GTiff"]);
    refused("MEM", "o.mem", "", &["driver MEM does not write raster files"]);
    // What keeps them is written, and the numbers are those of the GeoTIFF.
    folder.line(0, "svf_compute -q dem.tif right.tif --ot uint16 --radius 9px");
    for (driver, output, options) in [
        ("PNG", "o.png", ""),
        ("ENVI", "o.envi", ""),
        ("HFA", "o.img", ""),
        ("netCDF", "o.nc", ""),
        ("GTiff", "o.tif", "--co COMPRESS=LZW"),
        ("COG", "o.cog.tif", "--co COMPRESS=DEFLATE"),
        ("JP2OpenJPEG", "o.jp2", "--co QUALITY=100 --co REVERSIBLE=YES"),
    ] {
        let Some(run) = run(driver, output, &format!("--ot uint16 {options}")) else { continue };
        assert_eq!(run.code, Some(0), "{output}: {run}");
        assert_same_bits(&folder.band(output, 1), &folder.band("right.tif", 1), output);
        let dataset = folder.open(output);
        let band = dataset.rasterband(1).unwrap();
        assert!((band.scale().unwrap() * 65_534.0 - 1.0).abs() < 1e-9, "{output}");
        assert_eq!(band.no_data_value(), Some(65_535.0), "{output}");
    }
    let header = fs::read_to_string(folder.path("o.hdr")).unwrap();
    assert!(header.contains("description = {\no.envi}"), "no temporary name in it: {header}");
    // What lies beside a file does not go through a pipe.
    if let Some(run) = run("PNG", "-", "--ot uint16 -q") {
        assert_eq!(run.code, Some(2), "{run}");
        assert!(run.stderr.contains("does not store the scale"), "{run}");
    }
}

#[test]
fn names_that_are_not_plain() {
    let folder = Folder::new();
    folder.write_dem("my heights (é).tif", &array![[1.0, 2.0, 4.0], [3.0, 0.0, 1.0]]);
    fs::create_dir(folder.path("a b")).unwrap();
    folder.ok(&["my heights (é).tif", "a b/sky 日.tif", "--radius", "2px"]);
    let dataset = folder.open("a b/sky 日.tif");
    assert_eq!(item(&dataset, "SVF_INPUT", "").as_deref(), Some("my heights (é).tif"));
    // A name that looks like an option, after the word that ends options.
    folder.ok(&["--radius", "2px", "--", "my heights (é).tif", "-of"]);
    assert_eq!(folder.open("-of").raster_size(), (3, 2));
    folder.assert_files(&["-of", "a b", "my heights (é).tif"]);
}

#[test]
fn an_output_through_a_link_goes_where_the_link_points() {
    let (folder, expected) = with_expected();
    fs::create_dir(folder.path("real")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("real", folder.path("link")).unwrap();
    #[cfg(not(unix))]
    fs::create_dir(folder.path("link")).unwrap();
    make(&folder, "link/out.tif", &[]);
    assert_same_bits(&folder.band("link/out.tif", 1), &expected[0], "through a link");
    let count = fs::read_dir(folder.path("link")).unwrap().count();
    assert_eq!(count, 1, "nothing left beside it");
}

#[test]
fn bands_of_bytes_are_no_colour_picture() {
    let (folder, _) = with_expected();
    let measures = "svf,svf-cosine,svf-cos,coverage";
    for (output, format) in [("bytes.tif", "GTiff"), ("cog.tif", "COG")] {
        let options = ["--ot", "uint8", "--measure", measures, "--radius", "3px", "--of", format];
        folder.ok(&[&["dem.tif", output][..], &options].concat());
        let dataset = folder.open(output);
        for band in 2..=4 {
            let meaning = dataset.rasterband(band).unwrap().color_interpretation();
            assert_eq!(meaning.name(), "Undefined", "{output}, band {band}");
        }
        folder.ok(&[output, "again.tif", "-b", "4", "--radius", "3px", "--overwrite"]);
    }
}

#[cfg(unix)]
#[test]
fn a_link_is_followed() {
    let (folder, expected) = with_expected();
    std::fs::create_dir(folder.path("real")).unwrap();
    std::fs::write(folder.path("real/target.tif"), "old").unwrap();
    std::os::unix::fs::symlink("real/target.tif", folder.path("link.tif")).unwrap();
    folder.ok(&[&["dem.tif", "link.tif", "--overwrite"][..], &RADIUS].concat());
    assert!(folder.path("link.tif").is_symlink());
    assert_same_bits(&folder.band("real/target.tif", 1), &expected[0], "real/target.tif");
}

#[test]
fn names_with_control_characters_do_nothing_to_a_terminal() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(60, 90, 1));
    let name = "a\u{1b}[2Jb\u{7}\u{202e}.tif";
    fs::copy(folder.path("dem.tif"), folder.path(name)).unwrap();
    let acts = |text: &str| text.chars().any(|c| c.is_control() && c != '\n' || c == '\u{202e}');
    let done = folder.ok(&[name, &format!("out_{name}"), "--radius", "5px"]);
    assert!(!acts(&done.stderr), "{:?}", done.stderr);
    assert!(done.stderr.contains("out_a\\u{1b}[2Jb\\u{7}\\u{202e}.tif: "), "{}", done.stderr);
    let missing = folder.svf(&["no\u{1b}[31m.tif", "x.tif"]);
    assert!(missing.code == Some(1) && !acts(&missing.stderr), "{:?}", missing.stderr);
    let measure = folder.svf(&[name, "x.tif", "--measure", "\u{1b}[31m"]);
    assert!(measure.code == Some(2) && !acts(&measure.stderr), "{:?}", measure.stderr);
    // What is printed of a raster, with the name of its CRS.
    let grid = "ncols 9\nnrows 9\nxllcorner 0\nyllcorner 0\ncellsize 1\n".to_owned();
    fs::write(folder.path("c.asc"), grid + &"1 2 3 4 5 6 7 8 9\n".repeat(9)).unwrap();
    let crs = "LOCAL_CS[\"a\u{1b}]0;x\u{7}b\",UNIT[\"metre\",1]]";
    fs::write(folder.path("c.prj"), crs).unwrap();
    for (input, shown) in
        [(name, "a\\u{1b}[2Jb\\u{7}\\u{202e}.tif: 90 "), ("c.asc", "CRS: a\\u{1b}]0;x\\u{7}b\n")]
    {
        let args = [input, "p.json", "--radius", "3px", "--overwrite"];
        let said = crate::support::run(&mut folder.tool("svf_tile", &args), &[]);
        assert!(said.code == Some(0) && !acts(&said.text()) && !acts(&said.stderr), "{said}");
        assert!(said.text().contains(shown), "{said}");
    }
    // A figure is XML, which has no place for most of them.
    let args =
        ["point", name, "why.json", "--at-cell", "5,5", "--radius", "5px", "--figure", "why.svg"];
    let drawn = crate::support::run(&mut folder.tool("svf_profile", &args), &[]);
    assert_eq!(drawn.code, Some(0), "{drawn}");
    let svg = fs::read_to_string(folder.path("why.svg")).unwrap();
    assert!(svg.contains("a\u{fffd}[2Jb\u{fffd}"), "the title has the name");
    assert!(!svg.contains(['\u{1b}', '\u{7}']));
}

/// Cells of an overview (from 0) of a band, NaN where they are NoData.
fn overview(folder: &Folder, name: &str, band: usize, level: usize) -> Array2<f64> {
    let dataset = folder.open(name);
    let band = dataset.rasterband(band).unwrap();
    let nodata = band.no_data_value();
    let overview = band.overview(level).unwrap();
    let size = overview.size();
    let cells = overview.read_as::<f64>((0, 0), size, size, None).unwrap();
    let cells = Array2::from_shape_vec((size.1, size.0), cells.data().to_vec()).unwrap();
    cells.mapv(|cell| if Some(cell) == nodata { f64::NAN } else { cell })
}

/// Means of 2 x 2 cells that have a value.
fn means_of_four(cells: &Array2<f64>) -> Array2<f64> {
    let (rows, cols) = cells.dim();
    Array2::from_shape_fn((rows.div_ceil(2), cols.div_ceil(2)), |(row, col)| {
        let four = cells
            .slice(ndarray::s![2 * row..(2 * row + 2).min(rows), 2 * col..(2 * col + 2).min(cols)]);
        let values: Vec<f64> = four.iter().copied().filter(|cell| !cell.is_nan()).collect();
        values.iter().sum::<f64>() / values.len() as f64
    })
}

#[test]
fn overviews_of_a_cog_are_means_of_its_cells() {
    let folder = Folder::new();
    let mut heights = terrain(1101, 1301, 1);
    heights.slice_mut(ndarray::s![3..600, 511..1030]).fill(f32::NAN);
    folder.write_dem("dem.tif", &heights);
    let line = "svf_compute dem.tif out.tif --of COG --radius 3px -n 4 --measure svf,coverage -q \
                --overwrite";
    let check = |what: &str, is_scaled: bool| {
        for band in 1..=2 {
            let dataset = folder.open("out.tif");
            let full = dataset.rasterband(band).unwrap();
            let nodata = full.no_data_value().unwrap();
            let cells = full.read_as::<f64>((0, 0), (1301, 1101), (1301, 1101), None).unwrap();
            let cells = Array2::from_shape_vec((1101, 1301), cells.data().to_vec()).unwrap();
            let mut above = cells.mapv(|cell| if cell == nodata { f64::NAN } else { cell });
            assert_eq!(full.overview_count().unwrap(), 2, "{what}");
            for level in 0..2 {
                let expected = means_of_four(&above);
                let got = overview(&folder, "out.tif", band, level);
                assert_eq!(got.dim(), expected.dim(), "{what}");
                let most = if is_scaled { 0.500_001 } else { 1e-6 };
                for (got, expected) in got.iter().zip(&expected) {
                    let close = (got - expected).abs() <= most;
                    assert!(close || got.is_nan() && expected.is_nan(), "{what}: {got} {expected}");
                }
                above = got;
            }
        }
    };
    folder.line(0, line);
    check("tiles of whole blocks", false);
    // Here, GDAL makes them.
    folder.line(0, &format!("{line} --tile-size 500"));
    check("tiles that cut cells of overviews", false);
    folder.line(0, &format!("{line} --ot uint8"));
    check("scaled", true);
    folder.line(0, &format!("{line} --ot float64"));
    check("doubles", false);
    folder.line(0, "svf_tile dem.tif plan.json --radius 3px -n 4 --measure svf,coverage -q");
    folder.line(0, "svf_compute --plan plan.json -q");
    folder.line(0, "svf_mosaic plan.json out.tif --of COG --overwrite -q");
    check("joined", false);
    // The user's options decide.
    folder.line(0, &format!("{line} --co OVERVIEWS=NONE"));
    let dataset = folder.open("out.tif");
    assert_eq!(dataset.rasterband(1).unwrap().overview_count().unwrap(), 0);
    folder.line(0, &format!("{line} --co BLOCKSIZE=256"));
    let dataset = folder.open("out.tif");
    assert_eq!(dataset.rasterband(1).unwrap().overview_count().unwrap(), 3);
}

#[test]
fn angles_in_radians() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &with_gaps(terrain(50, 60, 5)));
    let measures = "svf,horizon,openness-negative,slope,aspect,horizon-distance";
    let options = format!("--measure {measures} --radius 9px -n 4 -q");
    folder.line(0, &format!("svf_compute dem.tif degrees.tif {options}"));
    folder.line(0, &format!("svf_compute dem.tif radians.tif {options} --angle-unit radian"));
    let (degrees, radians) = (folder.bands("degrees.tif"), folder.bands("radians.tif"));
    let units = |name: &str| -> Vec<String> {
        let dataset = folder.open(name);
        (1..=9).map(|n| dataset.rasterband(n).unwrap().unit()).collect()
    };
    let of_angles = |unit: &str| -> Vec<String> {
        let mut all = vec![unit.to_owned(); 9];
        (all[0], all[8]) = (String::new(), "metre".to_owned());
        all
    };
    assert_eq!(units("degrees.tif"), of_angles("degree"));
    assert_eq!(units("radians.tif"), of_angles("radian"));
    let factor = 1_f64.to_radians() as f32;
    for (i, (degrees, radians)) in degrees.iter().zip(&radians).enumerate() {
        let factor = if i == 0 || i == 8 { 1.0 } else { factor };
        let expected = degrees.mapv(|v| if v == NODATA { v } else { v * factor });
        assert_same_bits(radians, &expected, &format!("band {}", i + 1));
    }
    let band = |name: &str| statistics(&folder.open(name).rasterband(7).unwrap());
    let expected = band("degrees.tif").map(f64::to_radians);
    assert_near(band("radians.tif"), expected, 1e-6, "statistics of slope");
    // Integers have the same cells: the scale is that of the radian.
    for of in ["degree", "radian"] {
        let line = format!("svf_compute dem.tif {of}.tif {options} --ot uint16 --angle-unit {of}");
        folder.line(0, &line);
    }
    let scale = |name: &str| folder.open(name).rasterband(7).unwrap().scale().unwrap();
    assert!((scale("radian.tif") - scale("degree.tif").to_radians()).abs() < 1e-15);
    for (a, b) in folder.bands("degree.tif").iter().zip(&folder.bands("radian.tif")) {
        assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1.0));
    }
    // Tiles of a plan; degrees leave the identity of a plan as it was.
    let id = |options: &str| {
        let line = format!("svf_tile -q dem.tif p.json --overwrite --measure slope {options}");
        folder.line(0, &line);
        let text = fs::read_to_string(folder.path("p.json")).unwrap();
        text.split("\"id\":").nth(1).unwrap()[..20].to_owned()
    };
    assert_eq!(id("--angle-unit degree"), id(""));
    assert_ne!(id("--angle-unit radian"), id(""));
    id("--angle-unit radian --tile-size 30");
    folder.line(0, "svf_compute -q --plan p.json");
    folder.line(0, "svf_mosaic -q p.json joined.tif");
    assert_same_bits(&folder.band("joined.tif", 1), &radians[6], "joined");
    let run = folder.svf(&["dem.tif", "o.tif", "--radius", "9px", "--angle-unit", "radian"]);
    let words = "--angle-unit radian can only be used with measures that are angles: \
                 openness-positive, openness-negative, horizon, slope, aspect";
    run.assert_refused(2, &[words]);
}

/// The order of the bytes is no business of the cells: GDAL's predictor of floats is left out.
#[test]
fn cells_are_the_same_with_bytes_in_the_other_order() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &with_gaps(terrain(40, 50, 3)));
    let line = |output: &str, options: &str| {
        folder.line(0, &format!("svf_compute dem.tif {output} --radius 5px -n 8 -q {options}"));
    };
    line("a.tif", "");
    line("b.tif", "--co ENDIANNESS=BIG");
    folder.line(0, "svf_tile dem.tif p.json --radius 5px -n 8 --tile-size 20 -q");
    folder.line(0, "svf_compute --plan p.json -q");
    folder.line(0, "svf_mosaic p.json c.tif --co ENDIANNESS=BIG -q");
    for other in ["b.tif", "c.tif"] {
        assert_same_bits(&folder.band(other, 1), &folder.band("a.tif", 1), other);
    }
    let half = folder.line(2, "svf_mosaic p.json d.tif --co NBITS=16");
    half.assert_refused(2, &["does not store the NoData value"]);
    // Digits that the user does not want are left out, missing cells stay.
    line("e.tif", "--co COMPRESS=LERC --co MAX_Z_ERROR=0.01");
    for (short, exact) in folder.band("e.tif", 1).iter().zip(&folder.band("a.tif", 1)) {
        assert!(short == exact || *exact != -9999.0 && (short - exact).abs() <= 0.0101);
    }
}

/// Formats that lose NoData, the place or the CRS: with a warning, before the cells are computed. Those that
/// change cells are refused.
#[test]
fn what_a_format_does_not_store_is_said() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(40, 50, 1));
    let warned = [
        ("VICAR", "o.vic", "the NoData value (-9999), the place of the cells and the CRS"),
        ("FITS", "o.fits", "the NoData value (-9999) and the CRS as it is"),
        ("XYZ", "o.xyz", "the NoData value (-9999) and the CRS"),
        ("PAux", "o.raw", "the CRS"),
        ("AAIGrid", "/vsizip/o.zip/o.asc", "the CRS"),
    ];
    for (driver, output, what) in warned.into_iter().filter(|(driver, ..)| can_write(driver)) {
        let all = ["", "--overwrite --work-dir w", "--overwrite --measure svf,coverage --separate"];
        for more in if output.starts_with("/vsi") { &all[..1] } else { &all[..] } {
            let line = format!("svf_compute dem.tif {output} --of {driver} --radius 3px {more}");
            let run = folder.line(0, &format!("{line} --progress json"));
            let said: Vec<String> = run
                .events()
                .iter()
                .filter(|event| event["data"]["code"] == "output.lost")
                .map(|event| event["data"]["message"].as_str().unwrap().to_owned())
                .collect();
            assert_eq!(said, [format!("driver {driver} does not store {what}")], "{line}: {run}");
            let _ = fs::remove_dir_all(folder.path("w"));
        }
    }
    for (driver, output) in [
        ("AAIGrid", "asc.asc"),
        ("BT", "bt.bt"),
        ("EHdr", "bil.bil"),
        ("ENVI", "img.img"),
        ("GSAG", "grd.grd"),
        ("PCRaster", "map.map"),
        ("netCDF", "nc.nc"),
    ] {
        if can_write(driver) {
            let line = format!("svf_compute dem.tif {output} --of {driver} --radius 3px");
            assert!(!folder.line(0, &line).stderr.contains("does not store"), "{line}");
        }
    }
    for (driver, output, code, said) in [
        ("CALS", "c.cal", 2, "driver CALS would change the Float32 cells"),
        ("HF2", "c.hf2", 2, "driver HF2 would change the Float32 cells"),
        // A picture of the cells, then the cells in 65,533 steps, and steps of a thousandth.
        ("NWT_GRD", "c.grd", 2, "driver NWT_GRD would change the Float32 cells"),
        ("NWT_GRD --co ZMIN=0", "c.grd", 2, "driver NWT_GRD would change the Float32 cells"),
        ("SIGDEM", "c.sigdem", 2, "driver SIGDEM would change the Float32 cells"),
        // With NoData, cells become 24-bit steps from -9999 on.
        ("GRIB", "c.grb2", 2, "hint: add --co DATA_ENCODING=IEEE_FLOATING_POINT"),
        ("GRIB --co DATA_ENCODING=COMPLEX_PACKING", "c.grb2", 2, "GRIB would change the Float32"),
        (
            "ENVI",
            "/vsizip/c.zip/c.img",
            1,
            "it has several files (.hdr, .img.aux.xml), and only one",
        ),
    ] {
        if can_write(driver.split(' ').next().unwrap()) {
            let line = format!("svf_compute dem.tif {output} --of {driver} --radius 3px");
            folder.line(code, &line).assert_refused(code, &[said]);
        }
    }
    assert!(!folder.path("c.zip").exists());
    // Of several blocks, those at the right and the lower border lose cells.
    if can_write("FIT") {
        let line = "svf_compute dem.tif one.fit --of FIT --radius 3px";
        folder.line(0, line);
        folder.write_dem("wide.tif", &terrain(4, 700, 1));
        let line = "svf_compute wide.tif several.fit --of FIT --radius 3px";
        folder.line(2, line).assert_refused(2, &["driver FIT would change the Float32 cells"]);
    }
    // Digits that the user does not want are left out.
    if can_write("AAIGrid") {
        let short =
            "svf_compute -q dem.tif s.asc --of AAIGrid --co DECIMAL_PRECISION=3 --radius 3px";
        folder.line(0, short);
        folder.line(0, "svf_compute -q dem.tif whole.tif --radius 3px");
        let (short, whole) = (folder.band("s.asc", 1), folder.band("whole.tif", 1));
        assert!(short.iter().zip(&whole).all(|(short, whole)| (short - whole).abs() < 5.1e-4));
        assert_ne!(short, whole);
    }
}

/// The place is compared in degrees as in metres, and for the whole raster, not only for the part that is tried.
#[test]
fn a_place_that_a_format_changes_is_said() {
    const STEP: f64 = 1.0 / 3600.0;
    let folder = Folder::new();
    let write = |name: &str, (rows, cols), geo_transform, epsg| {
        let dem = Dem::of(&terrain(rows, cols, 1).mapv(f64::from));
        Dem { geo_transform, epsg: Some(epsg), ..dem }.write::<f32>(&folder.path(name));
    };
    write("deg.tif", (40, 50), [9.0, STEP, 0.0, 47.0, 0.0, -STEP], 4326);
    // Six digits of a cell of 0.7 / 3 m are nothing in a small part, but not after 20,000 columns.
    write("wide.tif", (4, 20_000), [5e5, 0.7 / 3.0, 0.0, 5.2e6, 0.0, -0.7 / 3.0], 32632);
    for (input, driver, lost) in [
        ("deg.tif", "ELAS", "the place of the cells"),
        ("deg.tif", "NITF", "the place of the cells"),
        ("deg.tif", "HDF4Image", "the place of the cells"),
        ("deg.tif", "ISIS3", "the CRS as it is"),
        ("deg.tif", "PDS4", "the CRS as it is"),
        ("deg.tif", "VICAR", "the NoData value (-9999) and the CRS as it is"),
        ("deg.tif", "RST", ""),
        ("deg.tif", "EHdr", ""),
        ("deg.tif", "SAGA", ""),
        ("wide.tif", "HDF4Image", "the place of the cells"),
        ("wide.tif", "RST", ""),
        ("wide.tif", "EHdr", ""),
    ] {
        if !can_write(driver) {
            continue;
        }
        let ending = match driver {
            "RST" => "rst",
            "SAGA" => "sdat",
            _ => "out",
        };
        let name = format!("{input}.{ending}");
        let line =
            format!("svf_compute {input} {name} --of {driver} --radius 2px -n 4 --overwrite");
        let run = folder.line(0, &line);
        let said: Vec<&str> =
            run.stderr.lines().filter(|line| line.contains("does not store")).collect();
        let expected = format!("svf_compute: warning: driver {driver} does not store {lost}");
        let expected = if lost.is_empty() { Vec::new() } else { vec![expected] };
        assert_eq!(said, expected, "{line}: {run}");
    }
}
