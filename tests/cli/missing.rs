//! Which heights of the input are missing: what the file declares, what the user says
//! instead, alpha bands, signed bytes.

use std::path::Path;

use gdal::raster::{Buffer, ColorInterpretation};
use gdal::{DriverManager, Metadata};
use ndarray::Array2;

use crate::support::{Cell, Dem, Folder, NODATA, ORIGIN, assert_same_bits, kind, terrain};

/// Ground with a hole in which cells hold `hole`.
fn with_hole(hole: f64) -> Array2<f64> {
    let mut cells = terrain(40, 50, 3).mapv(f64::from);
    cells.slice_mut(ndarray::s![12..20, 22..31]).fill(hole);
    cells
}

/// Holds the results of some options on `dem.tif` to those of the same ground with NaN in
/// the hole.
#[track_caller]
fn assert_hole(folder: &Folder, options: &str) {
    let measures = "--radius 12 --measure svf,svf-slope,openness-negative,coverage --overwrite -q";
    Dem::of(&with_hole(f64::NAN)).write::<f32>(&folder.path("right.tif"));
    folder.line(0, &format!("svf_compute right.tif r.tif {measures}"));
    folder.line(0, &format!("svf_compute dem.tif o.tif {measures} {options}"));
    assert_eq!(folder.band("r.tif", 1).iter().filter(|v| **v == NODATA).count(), 72);
    for (i, (ours, right)) in folder.bands("o.tif").iter().zip(folder.bands("r.tif")).enumerate() {
        assert_same_bits(ours, &right, &format!("band {} with '{options}'", i + 1));
    }
}

#[test]
fn nodata_declared_with_fewer_digits_than_the_cells_have() {
    let folder = Folder::new();
    let lowest = f64::from(f32::MIN);
    let dem = |nodata| Dem { nodata: Some(nodata), ..Dem::of(&with_hole(lowest)) };
    for nodata in [lowest, -3.402_823_466_385_29e38, -3.402_823_5e38, -3.402_823e38] {
        dem(nodata).write::<f64>(&folder.path("dem.tif"));
        assert_hole(&folder, "");
        dem(nodata).write::<f32>(&folder.path("dem.tif"));
        assert_hole(&folder, "");
    }
    let largest = Dem { nodata: Some(1.701_411_7e38), ..Dem::of(&with_hole(1.701_411_8e38)) };
    largest.write::<f32>(&folder.path("dem.tif"));
    assert_hole(&folder, "");
}

#[test]
fn nodata_that_gdal_tells_from_the_cells_is_named() {
    let folder = Folder::new();
    let lowest = f64::from(f32::MIN);
    // Whether the hole is missing is as GDAL's mask band has it; where it is not, it is said.
    let check = |name: &str, options: &str, missing: usize, value: &str| {
        let run = folder.line(
            0,
            &format!("svf_compute {name} o.tif --radius 12 --overwrite {options} --progress json"),
        );
        let about = format!("{name} {options}: {run}");
        let open_options = options.strip_prefix("--oo ");
        let open = gdal::DatasetOptions {
            open_options: Some(open_options.as_slice()),
            ..gdal::DatasetOptions::default()
        };
        let dataset = gdal::Dataset::open_ex(folder.path(name), open).unwrap();
        let band = dataset.rasterband(1).unwrap();
        let mask = band.open_mask_band().unwrap();
        let mask = mask.read_as::<u8>((0, 0), (50, 40), (50, 40), None).unwrap();
        assert_eq!(mask.data().iter().filter(|v| **v == 0).count(), missing, "{about}");
        let out = folder.band("o.tif", 1);
        assert_eq!(out.iter().filter(|v| **v == NODATA).count(), missing, "{about}");
        let events = run.events();
        let mut warnings = events.iter().filter(|e| e["data"]["code"] == "heights.nodata");
        if missing > 0 {
            assert_eq!(warnings.next(), None, "{about}");
            return;
        }
        let message = warnings.next().unwrap()["data"]["message"].as_str().unwrap().to_owned();
        assert!(message.contains(&format!("of the cells have the value {value};")), "{message}");
        folder.line(
            0,
            &format!(
                "svf_compute {name} n.tif --radius 12 --overwrite -q {options} --input-nodata {value}"
            ),
        );
        let out = folder.band("n.tif", 1);
        assert_eq!(out.iter().filter(|v| **v == NODATA).count(), 72, "{about}");
    };
    for nodata in [-3.402_82e38, -3.4028e38, -3.4e38] {
        let dem = Dem { nodata: Some(nodata), ..Dem::of(&with_hole(lowest)) };
        dem.write::<f64>(&folder.path("dem.tif"));
        check("dem.tif", "", 0, "-3.4028235e38");
        dem.write::<f32>(&folder.path("dem.tif"));
        check("dem.tif", "", 72, "");
    }
    let mut rows = String::new();
    for row in with_hole(f64::NAN).rows() {
        let words = row.iter().map(|z| match z.is_nan() {
            true => "HOLE".to_owned(),
            false => format!("{z:.3}"),
        });
        rows += &(words.collect::<Vec<_>>().join(" ") + "\n");
    }
    let whole = "-3.4028234663852886e+38";
    for (nodata, hole, shown) in [
        ("-3.40282e+38", whole, "-3.4028235e38"),
        (whole, "-3.40282e+38", "-3.40282e38"),
        ("-3.4028e+38", "-3.40282e+38", "-3.40282e38"),
    ] {
        let head = "ncols 50\nnrows 40\nxllcorner 500000\nyllcorner 4650000\ncellsize 1\n";
        let text = format!("{head}NODATA_value {nodata}\n{}", rows.replace("HOLE", hole));
        std::fs::write(folder.path("dem.asc"), text).unwrap();
        check("dem.asc", "", 72, "");
        check("dem.asc", "--oo DATATYPE=Float64", 0, shown);
    }
}

/// Heights of -10 to 20 m as signed bytes, in the type that GDAL before 3.7 has for them.
fn write_signed_bytes(path: &Path, cells: &Array2<f64>) {
    let dem = Dem { creation_options: vec!["PIXELTYPE=SIGNEDBYTE"], ..Dem::of(cells) };
    let bytes = Dem { cells: cells.mapv(|z| f64::from(z as i8 as u8)), ..dem };
    let dataset = bytes.create::<u8>(path);
    dataset.rasterband(1).unwrap().set_no_data_value(Some(-128.0)).unwrap();
    dataset.close().unwrap();
}

#[test]
fn signed_bytes_are_read_as_signed() {
    let folder = Folder::new();
    let mut cells = with_hole(f64::NAN).mapv(|z| (z / 6.0 - 10.0).round());
    cells.mapv_inplace(|z| if z.is_nan() { -128.0 } else { z });
    assert!(cells.iter().any(|z| *z > 0.0) && cells.iter().any(|z| *z < 0.0 && *z > -128.0));
    write_signed_bytes(&folder.path("bytes.tif"), &cells);
    Dem { nodata: Some(-128.0), ..Dem::of(&cells) }.write::<i16>(&folder.path("words.tif"));
    for options in ["", "--input-nodata -128", "--input-nodata -10", "--input-nodata none"] {
        for name in ["bytes", "words"] {
            let to = format!("{name}.tif {name}_out.tif --overwrite -q --radius 12 {options}");
            folder.line(0, &format!("svf_compute {to} --measure svf,openness-positive"));
        }
        let pairs = folder.bands("bytes_out.tif").into_iter().zip(folder.bands("words_out.tif"));
        for (bytes, words) in pairs {
            assert_same_bits(&bytes, &words, options);
        }
    }
    folder.line(0, "svf_tile bytes.tif p.json --tile-size 20 --radius 5 --cut cut -q");
    folder.line(0, "svf_compute cut/r0000_c0000.vrt a.tif --radius 5 -q");
    folder.line(0, "svf_compute bytes.tif b.tif --radius 5 -q --srcwin 0,0,20,20");
    let cut = folder.band("a.tif", 1).slice(ndarray::s![..20, ..20]).to_owned();
    assert_same_bits(&cut, &folder.band("b.tif", 1), "a tile that was cut out");
    let run = folder.line(0, "svf_tile bytes.tif q.json --progress json");
    let events = run.events();
    assert_eq!(events.last().unwrap()["data"]["stats"]["raster"]["data_type"], "Int8");
}

/// Heights beside an alpha band of the same type, in band `alpha` of three.
fn write_with_alpha<T: Cell>(path: &Path, alpha: usize, opaque: f64, nodata: Option<f64>) {
    let cells = with_hole(0.0);
    let (rows, cols) = cells.dim();
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let mut dataset = driver.create_with_band_type::<T, _>(path, cols, rows, 3).unwrap();
    dataset.set_geo_transform(&[ORIGIN.0, 1.0, 0.0, ORIGIN.1, 0.0, -1.0]).unwrap();
    for number in 1..=3 {
        let mut band = dataset.rasterband(number).unwrap();
        let is_alpha = number == alpha;
        let interpretation =
            if is_alpha { ColorInterpretation::AlphaBand } else { ColorInterpretation::GrayIndex };
        band.set_color_interpretation(interpretation).unwrap();
        if let (Some(nodata), false) = (nodata, is_alpha) {
            band.set_no_data_value(Some(nodata)).unwrap();
        }
        // Opaque in part is opaque.
        let mut share = 1.0;
        let values = cells.iter().map(|&z| {
            share = if share < 0.3 { 1.0 } else { share - 0.2 };
            T::of(match (is_alpha, z == 0.0) {
                // Below 0 it is valid, as any value is but 0 and NaN.
                (true, true) if opaque < 0.0 => f64::NAN,
                (true, false) if opaque < 0.0 => opaque,
                (true, true) => 0.0,
                (true, false) => (opaque * share).max(1.0),
                (false, _) => z,
            })
        });
        let mut values = Buffer::new((cols, rows), values.collect());
        band.write((0, 0), (cols, rows), &mut values).unwrap();
    }
    dataset.close().unwrap();
}

#[test]
fn an_alpha_band_of_any_type_anywhere_masks() {
    let folder = Folder::new();
    for (alpha, band) in [(3, 1), (2, 1), (1, 2), (2, 3)] {
        let options = format!("-b {band}");
        let path = folder.path("dem.tif");
        write_with_alpha::<f32>(&path, alpha, 255.0, None);
        assert_hole(&folder, &options);
        write_with_alpha::<f32>(&path, alpha, -5.0, None);
        assert_hole(&folder, &options);
        write_with_alpha::<i16>(&path, alpha, 32_767.0, None);
        assert_hole(&folder, &options);
        write_with_alpha::<u8>(&path, alpha, 255.0, None);
        assert_hole(&folder, &options);
        write_with_alpha::<f64>(&path, alpha, 255.0, Some(-9999.0));
        assert_hole(&folder, &options);
        write_with_alpha::<u16>(&path, alpha, 65_535.0, Some(65_535.0));
        assert_hole(&folder, &format!("{options} --input-nodata none"));
    }
    write_with_alpha::<f32>(&folder.path("dem.tif"), 2, 1.0, None);
    folder.svf(&["dem.tif", "a.tif", "-b", "2"]).assert_refused(2, &["is an alpha band"]);
    // As seen by one receiver.
    let run = folder.line(1, "svf_profile point dem.tif --at-cell 15,25 --radius 5");
    assert!(run.stderr.contains("is on NoData"), "{run}");
}

#[test]
fn the_user_says_which_heights_are_missing() {
    let folder = Folder::new();
    let path = folder.path("dem.tif");
    for nodata in [None, Some(7.0)] {
        Dem { nodata, ..Dem::of(&with_hole(-9999.0)) }.write::<i16>(&path);
        assert_hole(&folder, "--input-nodata -9999");
        assert_hole(&folder, "--input-nodata=-32768,-9999");
        assert_hole(&folder, "-srcnodata -9999");
        Dem { nodata, ..Dem::of(&with_hole(0.1)) }.write::<f32>(&path);
        assert_hole(&folder, "--input-nodata 0.1");
        Dem { nodata, ..Dem::of(&with_hole(f64::from(f32::MIN))) }.write::<f64>(&path);
        assert_hole(&folder, "--input-nodata -3.4028235e38");
    }
    let json = folder.ok(&[
        "dem.tif",
        "x.tif",
        "--input-nodata",
        "-3.4028235e38,0",
        "--radius",
        "9",
        "--progress",
        "json",
    ]);
    let events = json.events();
    assert_eq!(kind(&events[0]), "start");
    assert_eq!(events[0]["data"]["args"]["input_nodata"], "-3.4028235e38,0");
    let said = folder.open("x.tif").metadata_item("SVF_INPUT_NODATA", "");
    assert_eq!(said.as_deref(), Some("-3.4028235e38,0"));
    let refused = folder.svf(&["dem.tif", "y.tif", "--input-nodata", "nothing"]);
    refused.assert_refused(2, &["--input-nodata", "'nothing' is not a number"]);
}

#[test]
fn nodata_that_the_file_declares_can_be_taken_back() {
    let folder = Folder::new();
    // The lake at 0 is there, says the user.
    let cells = with_hole(0.0);
    Dem { nodata: Some(0.0), ..Dem::of(&cells) }.write::<f32>(&folder.path("declared.tif"));
    Dem::of(&cells).write::<f32>(&folder.path("plain.tif"));
    folder.line(0, "svf_compute declared.tif a.tif --radius 12 --input-nodata none -q");
    folder.line(0, "svf_compute plain.tif b.tif --radius 12 -q");
    assert_same_bits(&folder.band("a.tif", 1), &folder.band("b.tif", 1), "none");
    assert!(folder.band("a.tif", 1).iter().all(|v| *v != NODATA));
    let run = folder.line(
        0,
        "svf_profile section declared.tif --from 500020,4649985 --to 500040,4649985 --format csv \
         --input-nodata none",
    );
    assert!(run.text().lines().skip(1).all(|line| !line.ends_with(',')), "{run}");
    let run = folder.line(
        0,
        "svf_profile section declared.tif --from 500020,4649985 --to 500040,4649985 --format csv",
    );
    assert!(run.text().lines().any(|line| line.ends_with(',')), "{run}");
}

#[test]
fn what_is_missing_is_part_of_a_plan() {
    let folder = Folder::new();
    Dem::of(&with_hole(-9999.0)).write::<f32>(&folder.path("dem.tif"));
    folder.line(0, "svf_tile dem.tif p.json --tile-size 20 --radius 12 --input-nodata -9999 -q");
    folder.line(0, "svf_compute --plan p.json -q");
    folder.line(0, "svf_mosaic p.json joined.tif -q");
    folder.line(0, "svf_compute dem.tif whole.tif --radius 12 --input-nodata -9999 -q");
    assert_same_bits(&folder.band("joined.tif", 1), &folder.band("whole.tif", 1), "plan");
    let said = folder.open("joined.tif").metadata_item("SVF_INPUT_NODATA", "");
    assert_eq!(said.as_deref(), Some("-9999"));
    folder.line(0, "svf_compute dem.tif w.tif --radius 12 --work-dir w --input-nodata -9999 -q");
    let run = folder.line(1, "svf_compute dem.tif v.tif --radius 12 --work-dir w -q");
    assert!(run.stderr.contains("--input-nodata was -9999, now it is not given"), "{run}");
    // Plans of runs without the option know nothing of it.
    folder.line(0, "svf_tile dem.tif q.json --radius 12 -q");
    let plan = std::fs::read_to_string(folder.path("q.json")).unwrap();
    assert!(!plan.contains("input_nodata"), "{plan}");
}

#[test]
fn nodata_values_of_all_bands_together() {
    let folder = Folder::new();
    let cells = with_hole(0.0);
    let (rows, cols) = cells.dim();
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let path = folder.path("dem.tif");
    let mut dataset = driver.create_with_band_type::<f32, _>(&path, cols, rows, 2).unwrap();
    dataset.set_geo_transform(&[ORIGIN.0, 1.0, 0.0, ORIGIN.1, 0.0, -1.0]).unwrap();
    dataset.set_metadata_item("NODATA_VALUES", "0 7", "").unwrap();
    // In the second band as well: missing only where both have theirs.
    let (mut second, mut heights) = (Array2::<f32>::zeros((rows, cols)), cells.mapv(|z| z as f32));
    second.slice_mut(ndarray::s![12..20, 22..31]).fill(7.0);
    heights[(0, 0)] = 0.0;
    for (i, cells) in [&heights, &second].into_iter().enumerate() {
        let mut buffer = Buffer::new((cols, rows), cells.iter().copied().collect());
        dataset.rasterband(i + 1).unwrap().write((0, 0), (cols, rows), &mut buffer).unwrap();
    }
    dataset.close().unwrap();
    let missing = |options: &str| {
        folder.line(0, &format!("svf_compute dem.tif o.tif -q --overwrite --radius 5 {options}"));
        folder.band("o.tif", 1).iter().filter(|v| **v == NODATA).count()
    };
    assert_eq!(missing(""), 72);
    assert_eq!(missing("--input-nodata none"), 0);
    assert_eq!(missing("--input-nodata 0"), 73);
}
