//! What the heights look like: warnings of what is no height, none of what is one, and
//! heights that need more digits than f32 has.

use std::path::Path;

use gdal::raster::{Buffer, ColorInterpretation};
use gdal::{DriverManager, Metadata};
use ndarray::{Array2, s};
use serde_json::Value;
use svf_kernel::reference::{Surface, compute};
use svf_kernel::{CellSize, Measure};

use crate::support::{
    Cell, Dem, Folder, NODATA, ORIGIN, Run, assert_same_bits, kind, params, terrain,
};

/// Ground from 0 to 200 m.
pub fn ground() -> Array2<f64> {
    terrain(50, 60, 4).mapv(f64::from)
}

/// The same, one cell in twenty of which holds `value`.
fn holed(value: f64) -> Array2<f64> {
    let mut cells = ground();
    cells
        .indexed_iter_mut()
        .filter(|((r, c), _)| (r * 60 + c) % 20 == 7)
        .for_each(|(_, z)| *z = value);
    cells
}

/// Warnings of a run that are about heights.
fn warnings(run: &Run) -> Vec<Value> {
    let is_ours = |code: &str| code.starts_with("heights.") || code == "canopy.heights";
    run.events()
        .into_iter()
        .filter(|event| kind(event) == "warning")
        .map(|event| event["data"].clone())
        .filter(|data| is_ours(data["code"].as_str().unwrap()))
        .collect()
}

/// Runs a line of words, and gives its warnings about heights.
#[track_caller]
pub fn warned(folder: &Folder, line: &str) -> Vec<Value> {
    warnings(&folder.line(0, &format!("{line} --progress json")))
}

/// Holds `dem.tif` to one warning with `words`, and gives it.
#[track_caller]
pub fn assert_warned(folder: &Folder, options: &str, code: &str, words: &[&str]) -> Value {
    let found =
        warned(folder, &format!("svf_compute dem.tif o.tif --overwrite --radius 5 {options}"));
    assert_eq!(found.len(), 1, "{words:?}: {found:?}");
    assert_eq!(found[0]["code"], code, "{found:?}");
    let text = found[0].to_string();
    for word in words {
        assert!(text.contains(word), "lacks '{word}': {text}");
    }
    found[0].clone()
}

#[track_caller]
pub fn assert_silent(folder: &Folder, options: &str) {
    let line = format!("svf_compute dem.tif o.tif --overwrite --radius 5 {options}");
    assert_eq!(warned(folder, &line), [Value::Null; 0], "{options}");
}

/// NoData that nobody declared, as cells of a type: one warning, whose option mends it.
#[track_caller]
fn assert_undeclared<T: Cell>(value: f64, shown: &str) {
    let folder = Folder::new();
    Dem::of(&holed(value)).write::<T>(&folder.path("dem.tif"));
    Dem::of(&holed(f64::NAN)).write::<f32>(&folder.path("right.tif"));
    let option = format!("--input-nodata {shown}");
    let words = ["5 % of the cells have the value", shown, &option, "gdal_edit.py -a_nodata"];
    assert_warned(&folder, "", "heights.nodata", &words);
    assert_silent(&folder, &option);
    folder.line(0, "svf_compute right.tif r.tif --radius 5 -q");
    assert_same_bits(&folder.band("o.tif", 1), &folder.band("r.tif", 1), shown);
    // Declared, it is nothing to speak of.
    Dem { nodata: Some(value), ..Dem::of(&holed(value)) }.write::<T>(&folder.path("dem.tif"));
    assert_silent(&folder, "");
}

#[test]
fn nodata_that_nobody_declared_is_named() {
    assert_undeclared::<f32>(-9999.0, "-9999");
    assert_undeclared::<i16>(-9999.0, "-9999");
    assert_undeclared::<f64>(-99_999.0, "-99999");
    assert_undeclared::<i16>(-32_768.0, "-32768");
    assert_undeclared::<i32>(-2_147_483_648.0, "-2147483648");
    assert_undeclared::<u16>(65_535.0, "65535");
    assert_undeclared::<f32>(f64::from(f32::MIN), "-3.4028235e38");
    assert_undeclared::<f64>(f64::from(f32::MAX), "3.4028235e38");
    assert_undeclared::<f32>(f64::from(1e20_f32), "1e20");
    assert_undeclared::<f32>(9999.0, "9999");
    assert_undeclared::<f64>(-12_345.0, "-12345");
}

/// Zeros and the like, which are heights elsewhere: far below all other heights.
#[test]
fn small_numbers_far_below_all_heights_are_named() {
    for value in [0.0, -1.0, -10.0, -99.0] {
        let folder = Folder::new();
        let cells = holed(f64::NAN).mapv(|z| if z.is_nan() { value } else { z + 500.0 });
        Dem::of(&cells).write::<i16>(&folder.path("dem.tif"));
        let option = format!("--input-nodata {value}");
        let words = [
            "5 % of the cells have the value",
            &option,
            "all other heights are between 532 and 699",
        ];
        assert_warned(&folder, "", "heights.nodata", &words);
        assert_silent(&folder, &option);
    }
}

/// Any number, if nothing on Earth has such a step without values in between.
#[test]
fn values_that_no_surface_has_are_named() {
    let folder = Folder::new();
    let with = |value: f64, scale: f64, base: f64| {
        let cells = holed(f64::NAN).mapv(|z| if z.is_nan() { value } else { scale * z + base });
        Dem::of(&cells).write::<f32>(&folder.path("dem.tif"));
    };
    // Heights of 10 to 40.
    let shown =
        ["-5000", "-1000", "-2000", "-500", "-999.9", "-3276.8", "6553.5", "8888", "-100000"];
    for value in shown {
        with(value.parse().unwrap(), 0.15, 10.0);
        let option = format!("use --input-nodata {value} to treat");
        let words = ["5 % of the cells have the value", &option];
        assert_warned(&folder, "", "heights.nodata", &words);
    }
    // Mountains of 670 m.
    for value in ["-5000", "-2000", "8888"] {
        with(value.parse().unwrap(), 4.0, 300.0);
        assert_warned(&folder, "", "heights.nodata", &[&format!("use --input-nodata {value} to")]);
    }
    // In feet, -1000 is 305 m below.
    for (value, is_told) in [(-5000.0, true), (-1000.0, false)] {
        with(value, 0.15, 10.0);
        let dataset = gdal::Dataset::open_ex(
            folder.path("dem.tif"),
            gdal::DatasetOptions {
                open_flags: gdal::GdalOpenFlags::GDAL_OF_UPDATE,
                ..Default::default()
            },
        );
        let mut dataset = dataset.unwrap();
        let crs = gdal::spatial_ref::SpatialRef::from_epsg(2263).unwrap();
        dataset.set_spatial_ref(&crs).unwrap();
        dataset.close().unwrap();
        let found = warned(&folder, "svf_compute dem.tif o.tif --overwrite --radius 5");
        assert_eq!(
            found.iter().filter(|one| one["code"] == "heights.nodata").count() == 1,
            is_told
        );
    }
    // A tower of one height on a plain, a pit with a flat floor, and one high cell.
    let silent = |value: f64, scale: f64, cells: &[(usize, usize)]| {
        let mut all = ground().mapv(|z| scale * z + 10.0);
        cells.iter().for_each(|at| all[*at] = value);
        Dem::of(&all).write::<f32>(&folder.path("dem.tif"));
        assert_silent(&folder, "");
    };
    let block: Vec<(usize, usize)> = (20..24).flat_map(|r| (30..34).map(move |c| (r, c))).collect();
    silent(480.0, 0.1, &block);
    silent(-450.0, 0.1, &block);
    silent(-1500.0, 2.0, &block);
    silent(1900.0, 0.1, &block[..3]);
    // Two levels.
    let mut two = Array2::zeros((50, 60));
    two.slice_mut(s![.., 30..]).fill(700.0);
    Dem::of(&two).write::<f32>(&folder.path("dem.tif"));
    assert_silent(&folder, "");
}

#[test]
fn a_plain_with_holes_has_one_height() {
    let folder = Folder::new();
    let plain = holed(-9999.0).mapv(|z| if z == -9999.0 { z } else { 0.0 });
    Dem::of(&plain).write::<f32>(&folder.path("dem.tif"));
    let words = ["-9999; all other heights are 0: is this undeclared NoData?"];
    assert_warned(&folder, "", "heights.nodata", &words);
}

#[test]
fn a_byte_of_255_needs_many_cells() {
    let folder = Folder::new();
    let low = holed(2550.0).mapv(|z| (z / 10.0).round());
    Dem::of(&low).write::<u8>(&folder.path("dem.tif"));
    assert_warned(&folder, "", "heights.nodata", &["have the value 255"]);
    let mut tower = ground().mapv(|z| (z / 10.0).round());
    tower[(9, 9)] = 255.0;
    Dem::of(&tower).write::<u8>(&folder.path("dem.tif"));
    assert_silent(&folder, "");
}

#[test]
fn every_tool_warns_once_of_two_kinds_of_nodata() {
    let folder = Folder::new();
    let mut cells = holed(-9999.0);
    cells[(3, 4)] = 1e20;
    Dem { nodata: Some(-1.0), ..Dem::of(&cells) }.write::<f32>(&folder.path("dem.tif"));
    for line in [
        "svf_compute dem.tif --dry-run",
        "svf_compute dem.tif a.tif --radius 5",
        "svf_compute dem.tif b.tif --radius 5 --work-dir w",
        "svf_tile dem.tif p.json --radius 5",
        "svf_profile point dem.tif x.json --at-cell 20,20 --radius 5",
        "svf_profile section dem.tif y.json --from 500010,4649970 --to 500030,4649980",
    ] {
        let found = warned(&folder, line);
        assert_eq!(found.len(), 1, "{line}: {found:?}");
        let hint = found[0]["hint"].as_str().unwrap();
        assert!(hint.contains("--input-nodata -1,-9999,1e20"), "{line}: {hint}");
        assert!(
            found[0]["message"]
                .as_str()
                .unwrap()
                .contains("0.03 % of the cells have the value 1e20")
        );
    }
}

#[test]
fn heights_that_are_real_are_nothing_to_speak_of() {
    let folder = Folder::new();
    let silent = |cells: &Array2<f64>| {
        Dem::of(cells).write::<f32>(&folder.path("dem.tif"));
        assert_silent(&folder, "");
    };
    // The sea beside a coast.
    silent(&holed(0.0).mapv(|z| if z == 0.0 { 0.0 } else { z + 40.0 }));
    // Towers on a plain, of one height or of several.
    let tower = |z: f64| if z > 190.0 { z } else { 0.0 };
    silent(&ground().mapv(tower));
    silent(&holed(200.0).mapv(|z| if z == 200.0 { z } else { 0.0 }));
    let mut sea = ground().mapv(|z| z + 30.0);
    sea.slice_mut(s![.., ..25]).fill(0.0);
    silent(&sea);
    // The sea floor, which passes -9999.
    let mut floor = ground().mapv(|z| z - 10_100.0);
    floor[(5, 5)] = -9999.0;
    silent(&floor);
    // A mine, deeper than all around is high.
    let mut mine = ground();
    mine.slice_mut(s![10..20, 10..20]).mapv_inplace(|z| z - 1000.0);
    silent(&mine);
    // One summit above a range.
    let mut range = ground().mapv(|z| 10.0 * z + 200.0);
    range[(30, 30)] = 8848.86;
    silent(&range);
    // A plateau that passes 9999 (feet, say).
    let mut plateau = ground().mapv(|z| 9000.0 + 4.0 * z);
    plateau[(1, 1)] = 9999.0;
    silent(&plateau);
    silent(&Array2::zeros((20, 20)));
}

#[test]
fn a_relief_that_no_place_has_is_said() {
    let folder = Folder::new();
    let path = folder.path("dem.tif");
    let centimetres = ground().mapv(|z| 100.0 * z);
    Dem::of(&centimetres).write::<f32>(&path);
    let words = ["more than anywhere on Earth", "in another unit?", "--z-factor"];
    assert_warned(&folder, "", "heights.relief", &words);
    assert_silent(&folder, "--z-factor 0.01");
    // Without a CRS the unit is not known.
    Dem { epsg: None, ..Dem::of(&centimetres) }.write::<f32>(&path);
    assert_silent(&folder, "");
    // From the sea floor to the mountains, over 2000 km.
    let wide = ground().mapv(|z| 75.0 * z - 8000.0);
    let far = [ORIGIN.0, 30_000.0, 0.0, ORIGIN.1, 0.0, -30_000.0];
    Dem { geo_transform: far, ..Dem::of(&wide) }.write::<f32>(&path);
    let line = "svf_compute dem.tif o.tif --overwrite --radius 5px";
    assert_eq!(warned(&folder, line), [Value::Null; 0]);
    Dem::of(&wide).write::<f32>(&path);
    assert_warned(&folder, "", "heights.relief", &words);
}

#[test]
fn what_the_sample_missed_the_run_says() {
    let folder = Folder::new();
    let mut cells = terrain(700, 700, 2).mapv(f64::from);
    cells.slice_mut(s![150..156, 150..160]).fill(-9999.0);
    Dem::of(&cells).write::<f32>(&folder.path("dem.tif"));
    assert_eq!(warned(&folder, "svf_compute dem.tif --dry-run"), [Value::Null; 0]);
    let words = ["range from -9999 to", "--input-nodata -9999"];
    assert_warned(&folder, "-n 4", "heights.nodata", &words);
    assert_silent(&folder, "-n 4 --input-nodata -9999");
}

/// Zeros between the windows of the sample: the run finds them.
#[test]
fn zeros_that_the_sample_missed_are_named_by_the_run() {
    let folder = Folder::new();
    let mut cells = terrain(700, 700, 2).mapv(|z| f64::from(z) + 800.0);
    cells[(152, 155)] = 0.0;
    Dem::of(&cells).write::<f32>(&folder.path("dem.tif"));
    let found = warned(&folder, "svf_compute dem.tif o.tif --radius 5 -n 4");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["code"], "heights.nodata");
    let message = found[0]["message"].as_str().unwrap();
    assert!(message.contains(": is 0 undeclared NoData?"), "{message}");
}

#[test]
fn a_value_that_the_type_cannot_hold_is_said() {
    let folder = Folder::new();
    Dem::of(&ground()).write::<u16>(&folder.path("dem.tif"));
    let words = ["--input-nodata -9999", "UInt16"];
    assert_warned(&folder, "--input-nodata -9999", "heights.nodata_type", &words);
    assert_silent(&folder, "--input-nodata nan,65535");
}

/// The file declares a value that no cell can have: no hint repeats it.
#[test]
fn hints_name_no_value_that_the_type_cannot_hold() {
    let folder = Folder::new();
    for (declared, hint) in [
        (-9999.0, "use --input-nodata 65535 to treat"),
        (70_000.0, "use --input-nodata 65535 to treat"),
        (f64::NAN, "use --input-nodata 65535 to treat"),
        (7.0, "use --input-nodata 7,65535 to treat"),
    ] {
        let dem = Dem { nodata: Some(declared), ..Dem::of(&holed(65_535.0)) };
        dem.write::<u16>(&folder.path("dem.tif"));
        assert_warned(&folder, "", "heights.nodata", &[hint]);
    }
    let dem = Dem { nodata: Some(f64::NAN), ..Dem::of(&holed(-9999.0)) };
    dem.write::<f32>(&folder.path("dem.tif"));
    assert_warned(&folder, "", "heights.nodata", &["use --input-nodata -9999 to treat"]);
}

/// Bytes of several bands, with what each is of a picture.
fn write_bands(path: &Path, bands: &[Array2<f64>], of_picture: Vec<ColorInterpretation>) {
    let (rows, cols) = bands[0].dim();
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let mut dataset = driver.create_with_band_type::<u8, _>(path, cols, rows, bands.len()).unwrap();
    dataset.set_geo_transform(&[ORIGIN.0, 1.0, 0.0, ORIGIN.1, 0.0, -1.0]).unwrap();
    for (i, of_picture) in of_picture.into_iter().take(bands.len()).enumerate() {
        dataset.rasterband(i + 1).unwrap().set_color_interpretation(of_picture).unwrap();
    }
    for (i, cells) in bands.iter().enumerate() {
        let mut band = dataset.rasterband(i + 1).unwrap();
        let mut cells = Buffer::new((cols, rows), cells.iter().map(|&z| z as u8).collect());
        band.write((0, 0), (cols, rows), &mut cells).unwrap();
    }
    dataset.close().unwrap();
}

fn rgb() -> Vec<ColorInterpretation> {
    vec![
        ColorInterpretation::RedBand,
        ColorInterpretation::GreenBand,
        ColorInterpretation::BlueBand,
        ColorInterpretation::AlphaBand,
    ]
}

#[test]
fn a_picture_is_no_raster_of_heights() {
    let folder = Folder::new();
    let path = folder.path("dem.tif");
    let grey = ground();
    let photo =
        [grey.clone(), grey.mapv(|z| z * 0.9 + 5.0), grey.mapv(|z| z * 0.8), grey.mapv(|_| 255.0)];
    for count in [3, 4] {
        write_bands(&path, &photo[..count], rgb());
        assert_warned(
            &folder,
            "",
            "heights.picture",
            &["band 1 of dem.tif is the red band of a picture"],
        );
    }
    assert_warned(&folder, "-b 3", "heights.picture", &["the blue band of a picture"]);
    let heights = ground().mapv(|z| z * 10.3 + 300.0);
    let terrarium = heights.mapv(|z| z + 32_768.0);
    let bands = [
        terrarium.mapv(|v| (v / 256.0).floor()),
        terrarium.mapv(|v| v.floor() % 256.0),
        terrarium.mapv(|v| (v.fract() * 256.0).floor()),
    ];
    write_bands(&path, &bands, rgb());
    let formula = "--calc=\\\"A*256.0+B+C/256.0-32768\\\"";
    let words = ["Terrarium", "gdal_calc.py -A dem.tif --A_band=1", formula];
    assert_warned(&folder, "", "heights.picture", &words);
    let code = heights.mapv(|z| ((z + 10_000.0) * 10.0).round());
    let bands = [
        code.mapv(|v| (v / 65_536.0).floor()),
        code.mapv(|v| (v / 256.0).floor() % 256.0),
        code.mapv(|v| v % 256.0),
    ];
    write_bands(&path, &bands, rgb());
    let formula = "--calc=\\\"-10000+(A*65536.0+B*256.0+C)*0.1\\\"";
    assert_warned(&folder, "", "heights.picture", &["Terrain-RGB", formula]);
    // Heights of two years.
    let grey = ColorInterpretation::GrayIndex;
    write_bands(&path, &[ground(), ground()], vec![grey, ColorInterpretation::Undefined]);
    assert_silent(&folder, "");
}

#[test]
fn vegetation_above_sea_level_is_said() {
    let folder = Folder::new();
    let crowns = terrain(50, 60, 9).mapv(|z| if z > 110.0 { f64::from(z) / 9.0 } else { 0.0 });
    let check = |ground: &Array2<f64>, canopy: &Array2<f64>, words: &[&str]| {
        Dem::of(ground).write::<f32>(&folder.path("dem.tif"));
        Dem::of(canopy).write::<f32>(&folder.path("trees.tif"));
        if words.is_empty() {
            assert_silent(&folder, "--canopy trees.tif");
        } else {
            assert_warned(&folder, "--canopy trees.tif", "canopy.heights", words);
        }
    };
    let on = |ground: &Array2<f64>| {
        let mut all = crowns.clone();
        all.zip_mut_with(ground, |top, z| *top = if *top > 0.0 { *top + z } else { 0.0 });
        all
    };
    let high = ground().mapv(|z| z + 500.0);
    check(&high, &crowns, &[]);
    check(&high, &on(&high), &["higher than trees grow", "above sea level", "gdal_calc.py"]);
    // Low ground, where such heights could be those of trees.
    let line = "svf_compute dem.tif o.tif --overwrite --radius 5px -n 4 --canopy trees.tif";
    let hint = "subtract the heights of the ground: gdal_calc.py -A trees.tif -B dem.tif \
                --type=Float32 --calc=\"(A!=0)*(A-B)\" --outfile=above_ground.tif\n";
    let run = folder.line(0, line);
    assert!(run.stderr.contains(hint), "{run}");
    let low = ground().mapv(|z| z / 4.0 + 20.0);
    check(&low, &crowns, &[]);
    check(&low, &on(&low), &["are larger than the ground height below them", "gdal_calc.py"]);
    // Trees higher than the flat ground by the sea lies.
    let shore = ground().mapv(|z| z / 100.0);
    check(&shore, &crowns, &[]);
    let nothing = "\"hint\":\"if these are measurement errors, nothing needs to be done\"";
    check(&low, &crowns.mapv(|top| top - 1.0), &["negative heights, down to -1", nothing]);
    // The difference of two surveys is a little below 0 where nothing grows.
    let noisy = |noise: f64, share: usize| {
        let mut noisy = crowns.clone();
        let bare = noisy.iter_mut().filter(|top| **top == 0.0);
        bare.enumerate().filter(|(i, _)| i % share == 0).for_each(|(_, top)| *top = noise);
        noisy
    };
    check(&low, &noisy(-0.03, 50), &[]);
    check(&low, &noisy(-0.2, 2), &[]);
    check(&low, &noisy(-7.0, 50), &["negative heights, down to -7", nothing]);
    // On ground below the sea, too.
    let below_sea = ground().mapv(|z| z / 100.0 - 40.0);
    check(&below_sea, &noisy(-0.03, 50), &[]);
    check(&below_sea, &noisy(-7.0, 400), &["negative heights, down to -7", nothing]);
    // All of it: the sign is wrong.
    let sign = "gdal_calc.py -A trees.tif --type=Float32 --calc=\\\"-A\\\" ";
    check(&low, &crowns.mapv(|top| -top), &["negative heights, down to -", sign]);
    // Ground below the sea, and trees on it.
    let polder = ground().mapv(|z| z / 100.0 - 40.0);
    let subtract = "--calc=\\\"(A!=0)*(A-B)\\\" ";
    check(&polder, &on(&polder), &["negative heights, down to -", subtract]);
    // Where crowns begin.
    Dem::of(&crowns).write::<f32>(&folder.path("trees.tif"));
    Dem::of(&noisy(-7.0, 50).mapv(|z| z / 4.0)).write::<f32>(&folder.path("stems.tif"));
    let words = ["vegetation of stems.tif has negative heights, down to -1.75: crowns begin on"];
    assert_warned(&folder, "--canopy trees.tif --trunk stems.tif", "canopy.heights", &words);
    let hole = crowns.mapv(|top| if top == 0.0 { -9999.0 } else { top });
    check(&low, &hole, &["have the value -9999", "gdal_edit.py -a_nodata -9999 trees.tif"]);
}

/// Small relief on a base of a million, and how it is stored.
fn high_up() -> Array2<f64> {
    let noise = terrain(40, 44, 1).mapv(|z| f64::from(z) / 70.0);
    Array2::from_shape_fn((40, 44), |(row, col)| {
        1_000_000.0 + noise[(row, col)] + 0.013 * ((row * 7 + col * 3) % 11) as f64
    })
}

const SHOWN: [Measure; 9] = [
    Measure::Svf,
    Measure::SvfCosine,
    Measure::SvfSlope,
    Measure::VisibleSky,
    Measure::OpennessPositive,
    Measure::OpennessNegative,
    Measure::TerrainView,
    Measure::Slope,
    Measure::Coverage,
];

/// Holds the results for `dem.tif` to the reference on heights in f64.
#[track_caller]
fn assert_exact(folder: &Folder, heights: &Array2<f64>) {
    let names: Vec<&str> = SHOWN.iter().map(|measure| measure.name()).collect();
    let options = format!("--radius 8 --measure {} --overwrite -q", names.join(","));
    folder.line(0, &format!("svf_compute dem.tif o.tif {options}"));
    let params = params(8.0, 16);
    let none = Array2::<f32>::zeros((0, 0));
    let surface =
        Surface { heights: heights.clone(), ..Surface::new(none.view(), None, None, &params) };
    let right = compute(&surface, CellSize::square(1.0), &params, &SHOWN).unwrap();
    for (i, measure) in SHOWN.iter().enumerate() {
        let (low, high) = measure.range(8.0);
        for ((at, &cell), &value) in
            folder.band("o.tif", i + 1).indexed_iter().zip(right.slice(s![i, .., ..]))
        {
            let off = if value.is_nan() {
                f32::from(cell != NODATA).into()
            } else {
                (f64::from(cell) - value).abs()
            };
            assert!(off <= 1e-5 * (high - low), "{measure:?} at {at:?}: {cell}, right {value}");
        }
    }
}

#[test]
fn heights_with_more_digits_than_f32_keep_their_relief() {
    let folder = Folder::new();
    let path = folder.path("dem.tif");
    let mut heights = high_up();
    heights[(7, 9)] = f64::NAN;
    Dem::of(&heights).write::<f64>(&path);
    assert_exact(&folder, &heights);
    let offset = folder.open("o.tif").metadata_item("SVF_HEIGHT_OFFSET", "").unwrap();
    assert!((offset.parse::<f64>().unwrap() - 1_000_001.4).abs() < 1.5, "{offset}");
    // Scaled whole numbers, of two types.
    let stored = high_up().mapv(|z| ((z - 1_000_000.0) * 1000.0).round());
    let scaled = stored.mapv(|v| 0.001 * v + 1_000_000.0);
    let dem = Dem { scale_offset: Some((0.001, 1_000_000.0)), ..Dem::of(&stored) };
    dem.write::<i16>(&path);
    assert_exact(&folder, &scaled);
    dem.write::<i32>(&path);
    assert_exact(&folder, &scaled);
    // Whole numbers of more than 24 bits, in millimetres.
    let millimetres = high_up().mapv(|z| (z * 1000.0).round());
    Dem::of(&millimetres.mapv(|z| z - 999_000_000.0 + 100_000_000.0)).write::<i32>(&path);
    folder.line(0, "svf_compute dem.tif a.tif --radius 8 --z-factor 0.001 -q");
    Dem::of(&millimetres.mapv(|z| z - 1_000_000_000.0)).write::<f32>(&path);
    folder.line(0, "svf_compute dem.tif b.tif --radius 8 --z-factor 0.001 -q");
    assert_same_bits(&folder.band("a.tif", 1), &folder.band("b.tif", 1), "millimetres");
}

#[test]
fn the_offset_is_that_of_the_whole_raster() {
    let folder = Folder::new();
    let heights = high_up();
    Dem::of(&heights).write::<f64>(&folder.path("dem.tif"));
    let options = "--radius 8 --measure svf,openness-negative --observer-height 1.5";
    folder.line(0, &format!("svf_compute dem.tif whole.tif {options} -q"));
    folder.line(0, &format!("svf_compute dem.tif tiles.tif {options} -q --tile-size 13"));
    folder.line(0, &format!("svf_tile dem.tif p.json {options} -q --tile-size 16"));
    folder.line(0, "svf_compute --plan p.json -q --tile-part 2/2");
    folder.line(0, "svf_compute --plan p.json -q --tile-part 1/2");
    folder.line(0, "svf_mosaic p.json joined.tif -q");
    folder.line(0, &format!("svf_compute dem.tif part.tif {options} -q --srcwin 11,13,9,7"));
    for (band, whole) in folder.bands("whole.tif").into_iter().enumerate() {
        assert_same_bits(&folder.band("tiles.tif", band + 1), &whole, "tiles");
        assert_same_bits(&folder.band("joined.tif", band + 1), &whole, "joined");
        let part = whole.slice(s![13..20, 11..20]).to_owned();
        assert_same_bits(&folder.band("part.tif", band + 1), &part, "part");
    }
    let plan: Value =
        serde_json::from_slice(&std::fs::read(folder.path("p.json")).unwrap()).unwrap();
    let offset = plan["identity"]["inputs"][0]["height_offset"].as_f64().unwrap();
    assert_eq!(offset, f64::from(offset as f32));
    assert!((offset - 1_000_001.5).abs() < 1.5, "{offset}");
    // A receiver: its true height, and the raster's values.
    let run = folder.line(0, &format!("svf_profile point dem.tif --at-cell 14,15 {options}"));
    let point: Value = serde_json::from_str(&run.text()).unwrap();
    let text = point.to_string();
    assert!(text.contains(&format!("\"height\":{}", heights[(14, 15)])), "{text}");
    let svf = folder.band("whole.tif", 1)[(14, 15)];
    assert!(text.contains(&svf.to_string()), "{svf}: {text}");
    // The relief is that of the heights.
    let run = folder.line(0, &format!("svf_compute dem.tif x.tif {options} --progress json"));
    let relief = run.events().last().unwrap()["data"]["stats"]["truncation"]["relief"].clone();
    let all = heights.iter().fold((f64::MAX, f64::MIN), |(a, b), &z| (a.min(z), b.max(z)));
    assert!((relief.as_f64().unwrap() - (all.1 - all.0)).abs() < 1e-6, "{relief}");
}

#[test]
fn ordinary_heights_keep_every_bit() {
    let folder = Folder::new();
    let item = |name: &str| folder.open(name).metadata_item("SVF_HEIGHT_OFFSET", "");
    for (base, has_offset) in [(0.0, false), (20.0, false), (200.0, true), (3000.0, true)] {
        // As f32 they are the same heights: an offset takes nothing away.
        let cells = ground().mapv(|z| f64::from((z * 1.37 + base) as f32));
        Dem::of(&cells).write::<f32>(&folder.path("f32.tif"));
        Dem::of(&cells).write::<f64>(&folder.path("f64.tif"));
        for name in ["f32", "f64"] {
            let to = format!("{name}.tif {name}_out.tif --overwrite -q --radius 9");
            folder.line(0, &format!("svf_compute {to} --measure svf,svf-slope,openness-negative"));
        }
        assert_eq!(item("f32_out.tif"), None, "{base}");
        assert_eq!(item("f64_out.tif").is_some(), has_offset, "{base}");
        for (a, b) in folder.bands("f32_out.tif").iter().zip(folder.bands("f64_out.tif")) {
            assert_same_bits(&b, a, &format!("on a base of {base}"));
        }
    }
}
