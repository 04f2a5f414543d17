//! The numbers: known answers, equality with the f64 reference, and the same bits
//! however the work is cut up.

use std::path::Path;

use gdal::raster::Buffer;
use gdal::{Dataset, DriverManager, Metadata};
use ndarray::{Array2, array, s};
use svf_kernel::simd::SimdLevel;
use svf_kernel::{CellSize, Graticule, Measure, Missing, Sampling};

use crate::support::{
    Cell, Dem, Folder, NODATA, ORIGIN, assert_close, assert_same_bits, kind, lacks, params,
    real_terrain, reference, run, skip, terrain, with_gaps,
};

/// What the kernel promises against the reference on measures of 0..1.
const TOLERANCE: f64 = 1e-5;

/// Every measure, in an order of its own.
const EVERY_MEASURE: &str = "coverage,svf,svf-error,horizon-distance,svf-cosine,openness-negative,visible-sky,\
                             svf-cos,openness-positive,horizon,svf-slope,svf-anisotropic,\
                             aspect,terrain-view,svf-west,svf-north,svf-south,svf-east,slope,\
                             svf-aveg,svf-veg-west,svf-veg,svf-aveg-north,svf-veg-north,svf-veg-east,svf-veg-south,\
                             svf-aveg-east,svf-aveg-south,svf-aveg-west";

fn every_measure() -> Vec<Measure> {
    EVERY_MEASURE.split(',').map(|name| name.parse().unwrap()).collect()
}

#[test]
fn the_worked_example_of_the_method() {
    let heights = array![
        [0.06, 0.37, 0.26, 0.06, 0.48, 0.42, 0.11, 0.35, 0.08, 0.31],
        [0.03, 0.34, 0.23, 0.3, 0.42, 0.49, 0.35, 0.38, 0.44, 0.04],
        [0.25, 0.23, 0.39, 0.26, 0.2, 0.03, 0.3, 0.43, 0.15, 0.43],
        [0.16, 0.13, 0.49, 0.06, 0.1, 0.4, 0.44, 0.29, 0.28, 0.01],
        [0.12, 0.28, 0.42, 0.31, 0.08, 0.01, 0.03, 0.15, 0.46, 0.48],
        [0.32, 0.27, 0.04, 0.31, 0.5, 0.17, 0.34, 0.19, 0.03, 0.02],
        [0.17, 0.46, 0.05, 0.19, 0.0, 0.03, 0.42, 0.06, 0.06, 0.07],
        [0.26, 0.21, 0.22, 0.21, 0.39, 0.14, 0.1, 0.32, 0.45, 0.12],
        [0.35, 0.04, 0.34, 0.04, 0.07, 0.03, 0.09, 0.28, 0.17, 0.13],
        [0.03, 0.07, 0.16, 0.5, 0.41, 0.15, 0.36, 0.48, 0.05, 0.16],
    ];
    let folder = Folder::new();
    let options = ["--radius", "3px", "-n", "16", "--sampling", "divided", "--divisions", "5"];
    // As f32 the heights differ from the decimal ones by up to 3e-8.
    folder.write_dem("f32.tif", &heights.mapv(|z: f64| z as f32));
    Dem::of(&heights).write::<f64>(&folder.path("f64.tif"));
    for input in ["f32.tif", "f64.tif"] {
        folder.ok(&[&[input, "svf.tif", "--overwrite"], &options[..]].concat());
        let svf = folder.band("svf.tif", 1)[(4, 4)];
        assert!((f64::from(svf) - 0.736_350_342_4).abs() < 1e-6, "{input}: {svf}");
    }
}

#[test]
fn a_raster_in_degrees_has_cells_in_metres_row_by_row() {
    let folder = Folder::new();
    let heights = with_gaps(terrain(70, 90, 20));
    let transform = [24.9, 0.0004, 0.0, 60.2, 0.0, -0.0002];
    Dem {
        geo_transform: transform,
        epsg: Some(4326),
        nodata: Some(f64::from(NODATA)),
        ..Dem::of(&heights.mapv(|z| f64::from(if z.is_nan() { NODATA } else { z })))
    }
    .write::<f32>(&folder.path("dem.tif"));
    let options = ["--radius", "400", "-n", "8", "--measure", EVERY_MEASURE];
    let run = folder.ok(&[&["dem.tif", "sky.tif"], &options[..]].concat());
    assert!(run.stderr.contains("the CRS of dem.tif is geographic"), "{run}");
    let graticule = Graticule {
        first_row_deg: 60.2 - 0.0001,
        south_deg: 0.0002,
        east_deg: 0.0004,
        semi_major: 6_378_137.0,
        flattening: 1.0 / 298.257_223_563,
        rows: 0..70,
    };
    // About 22 metres a cell, both ways.
    let cell = graticule.cell_at(35);
    assert!((22.1..22.4).contains(&cell.east) && (22.1..22.4).contains(&cell.south), "{cell:?}");
    let expected = reference(heights.view(), graticule, &params(400.0, 8), &every_measure());
    for (band, expected) in (1..).zip(&expected) {
        let largest = expected.iter().copied().filter(|v| !v.is_nan()).fold(1.0, f64::max);
        assert_close(&folder.band("sky.tif", band), expected, 2e-5 * largest, "in degrees");
    }
    let info = folder.open("sky.tif");
    let item = |key: &str| info.metadata_item(key, "");
    assert_eq!(item("SVF_UNIT").as_deref(), Some("metre"));
    assert_eq!(item("SVF_ELLIPSOID").as_deref(), Some("6378137 298.257223563"));
    // Tiles of any size, and a part of the raster, give the same cells.
    folder.ok(&[&["dem.tif", "tiled.tif", "--tile-size", "33x17"], &options[..]].concat());
    folder.ok(&[&["dem.tif", "part.tif", "--srcwin", "7,50,60,20"], &options[..]].concat());
    for band in 1..=expected.len() {
        let whole = folder.band("sky.tif", band);
        assert_same_bits(&folder.band("tiled.tif", band), &whole, "tiled");
        let part = whole.slice(s![50..70, 7..67]).to_owned();
        assert_same_bits(&folder.band("part.tif", band), &part, "part");
    }
}

#[test]
fn a_plane_of_45_degrees() {
    let folder = Folder::new();
    let plane = Array2::from_shape_fn((101, 101), |(_, col)| col as f32);
    folder.write_dem("dem.tif", &plane);
    folder.ok(&[
        "dem.tif",
        "out.tif",
        "--radius",
        "40",
        "-n",
        "360",
        "--measure",
        "svf,svf-cosine",
    ]);
    // 1 - B / pi and (1 + cos B) / 2, with B = 45 degrees.
    let svf = folder.band("out.tif", 1)[(50, 50)];
    let cosine = folder.band("out.tif", 2)[(50, 50)];
    assert!((svf - 0.75).abs() < 0.0005, "{svf}");
    assert!((cosine - 0.853_553).abs() < 0.0005, "{cosine}");
}

#[test]
fn slope_and_aspect_of_a_hillside_above_a_plain() {
    let folder = Folder::new();
    // It falls southwards to row 10, and is level from there on.
    let hill =
        Array2::from_shape_fn((20, 9), |(row, _)| 1000.0 + 10.0_f32 - (row as f32).min(10.0));
    folder.write_dem("dem.tif", &hill);
    let options = ["--measure", "slope,aspect", "--radius", "5", "--progress", "json"];
    let run = folder.ok(&[&["dem.tif", "out.tif"], &options[..]].concat());
    // At the foot, the mean of both: tan S = 1/2.
    let foot = 0.5_f64.atan().to_degrees() as f32;
    let of = |hill: f32, foot: f32, plain: f32| {
        Array2::from_shape_fn((20, 9), |(row, _)| match row {
            0..10 => hill,
            10 => foot,
            _ => plain,
        })
    };
    assert_same_bits(&folder.band("out.tif", 1), &of(45.0, foot, 0.0), "slope");
    assert_same_bits(&folder.band("out.tif", 2), &of(180.0, 180.0, NODATA), "aspect");
    let dataset = folder.open("out.tif");
    for band in 1..=2 {
        assert_eq!(dataset.rasterband(band).unwrap().unit(), "degree");
    }
    let events = run.events();
    let bands = &events.last().unwrap()["data"]["stats"]["bands"];
    assert_eq!((&bands[0]["valid"], &bands[0]["nodata"]), (&180.into(), &0.into()), "{bands}");
    assert_eq!((&bands[1]["valid"], &bands[1]["nodata"]), (&99.into(), &81.into()), "{bands}");
    assert_eq!((&bands[1]["min"], &bands[1]["max"]), (&180.0.into(), &180.0.into()), "{bands}");
    // In a byte, 254 steps are 90 and 360 degrees.
    folder.ok(&[&["dem.tif", "byte.tif", "--ot", "byte"], &options[..2]].concat());
    let foot_cell = (f64::from(foot) * 254.0 / 90.0).round() as f32;
    assert_same_bits(&folder.band("byte.tif", 1), &of(127.0, foot_cell, 0.0), "slope");
    assert_same_bits(&folder.band("byte.tif", 2), &of(127.0, 127.0, 255.0), "aspect");
    // One cell alone is level.
    folder.write_dem("one.tif", &array![[7.5_f32]]);
    folder.ok(&["one.tif", "one_out.tif", "--measure", "slope,aspect"]);
    assert_eq!(folder.band("one_out.tif", 1), array![[0.0]]);
    assert_eq!(folder.band("one_out.tif", 2), array![[NODATA]]);
}

#[test]
fn a_plane_of_45_degrees_on_rectangular_cells() {
    let folder = Folder::new();
    // Cells of 2 m by 0.5 m: the plane rises 2 m a column.
    let plane = Array2::from_shape_fn((161, 41), |(_, col)| 2.0 * col as f64);
    Dem { geo_transform: [ORIGIN.0, 2.0, 0.0, ORIGIN.1, 0.0, -0.5], ..Dem::of(&plane) }
        .write::<f32>(&folder.path("dem.tif"));
    folder.ok(&["dem.tif", "out.tif", "--radius", "38", "-n", "360"]);
    let svf = folder.band("out.tif", 1)[(80, 20)];
    assert!((svf - 0.75).abs() < 0.001, "{svf}");
}

#[test]
fn a_wall_in_a_single_row_and_a_single_column() {
    let folder = Folder::new();
    let row = array![[0.0_f32, 0.0, 5.0, 0.0]];
    // One direction of four sees the wall at atan(5 / d): 1 - sin g / 4.
    let side = |d: f64| 1.0 - 5.0 / 5.0_f64.hypot(d) / 4.0;
    let expected = array![[side(2.0), side(1.0), 1.0, side(1.0)]];
    folder.write_dem("row.tif", &row);
    folder.write_dem("column.tif", &row.t().to_owned());
    for (input, expected) in
        [("row.tif", expected.clone()), ("column.tif", expected.t().to_owned())]
    {
        folder.ok(&[input, "out.tif", "--overwrite", "--radius", "3px", "-n", "4"]);
        assert_close(&folder.band("out.tif", 1), &expected, 1e-6, input);
    }
}

#[test]
fn the_smallest_rasters_are_flat() {
    let folder = Folder::new();
    for (rows, cols) in [(1, 1), (1, 7), (7, 1), (2, 2)] {
        folder.write_dem("dem.tif", &Array2::from_elem((rows, cols), 12.5));
        folder.ok(&["dem.tif", "out.tif", "--overwrite", "--measure", "svf,openness-positive"]);
        let what = format!("{rows} x {cols}");
        assert_close(&folder.band("out.tif", 1), &Array2::ones((rows, cols)), 0.0, &what);
        let level = Array2::from_elem((rows, cols), 90.0);
        assert_close(&folder.band("out.tif", 2), &level, 0.0, &what);
        folder.assert_files(&["dem.tif", "out.tif"]);
    }
}

#[test]
fn a_raster_of_nothing_but_nodata() {
    let folder = Folder::new();
    Dem { nodata: Some(-1.0), ..Dem::of(&Array2::from_elem((20, 30), -1.0)) }
        .write::<f32>(&folder.path("dem.tif"));
    let run = folder.ok(&["dem.tif", "out.tif", "--progress", "json"]);
    assert_eq!(folder.band("out.tif", 1), Array2::from_elem((20, 30), NODATA));
    let events = run.events();
    let done = &events.last().unwrap()["data"]["stats"];
    assert_eq!(done["bands"][0]["valid"], 0);
    assert_eq!(done["bands"][0]["nodata"], 600);
    assert!(done["bands"][0]["mean"].is_null() && done["truncation"].is_null(), "{done}");
}

#[test]
fn every_measure_equals_the_reference_in_the_order_asked() {
    let folder = Folder::new();
    let heights = with_gaps(terrain(60, 70, 1));
    folder.write_dem("dem.tif", &heights);
    folder.ok(&["dem.tif", "out.tif", "--radius", "12", "-n", "8", "--measure", EVERY_MEASURE]);
    let measures = every_measure();
    let expected = reference(heights.view(), CellSize::square(1.0), &params(12.0, 8), &measures);
    let names: Vec<String> = measures
        .iter()
        .flat_map(|measure| match measure {
            Measure::Horizon { .. } => {
                (0..8).map(|i| format!("horizon {:07.3}", f64::from(i) * 45.0)).collect()
            }
            other => vec![other.name().to_owned()],
        })
        .collect();
    let dataset = folder.open("out.tif");
    assert_eq!(dataset.raster_count(), names.len());
    for (band, (name, expected)) in names.iter().zip(&expected).enumerate() {
        let cells = folder.band("out.tif", band + 1);
        assert_eq!(
            gdal::Metadata::description(&dataset.rasterband(band + 1).unwrap()).unwrap(),
            *name
        );
        // Degrees and metres have two and one digits more before the point.
        let scale = if expected.iter().any(|v| *v > 1.0) { 100.0 } else { 1.0 };
        assert_close(&cells, expected, TOLERANCE * scale, name);
    }
}

#[test]
fn every_rule_equals_the_reference() {
    let folder = Folder::new();
    let heights = with_gaps(terrain(40, 50, 2));
    folder.write_dem("dem.tif", &heights);
    let check = |what: &str, options: &[&str], change: &dyn Fn(&mut svf_kernel::Params)| {
        let common = ["dem.tif", "out.tif", "--overwrite", "-q", "--radius", "9px", "-n", "11"];
        folder.ok(&[&common, options].concat());
        let mut params = params(9.0, 11);
        change(&mut params);
        let cell = CellSize::square(1.0);
        let expected = &reference(heights.view(), cell, &params, &[Measure::Svf])[0];
        assert_close(&folder.band("out.tif", 1), expected, TOLERANCE, what);
    };
    check("stop", &["--missing", "stop"], &|p| p.missing = Missing::Stop);
    check("nan", &["--missing", "nan"], &|p| p.missing = Missing::Nan);
    check("nearest", &["--sampling", "nearest"], &|p| p.sampling = Sampling::Nearest);
    check("crossings", &["--sampling", "crossings"], &|p| p.sampling = Sampling::Crossings);
    let divided = ["--sampling", "divided", "--divisions", "7"];
    check("divided", &divided, &|p| p.sampling = Sampling::Divided { divisions: 7 });
    check("one a cell", &divided[..2], &|p| p.sampling = Sampling::Divided { divisions: 9 });
    check("observer", &["--observer-height", "12.5"], &|p| p.observer_height = 12.5);
    check("z factor", &["--z-factor", "0.3048"], &|p| p.z_factor = 0.3048);
    // On cells of a kilometre the ground curves away.
    let mut dem = Dem::of(&heights.mapv(f64::from));
    (dem.geo_transform[1], dem.geo_transform[5]) = (1000.0, -1000.0);
    dem.write::<f32>(&folder.path("dem.tif"));
    for refraction in [0.0, 0.13, 1.0] {
        let given = format!("--refraction={refraction}");
        let common = ["dem.tif", "out.tif", "--overwrite", "-q", "--radius", "9px", "-n", "11"];
        folder.ok(&[&common[..], &["--curvature", &given]].concat());
        let curvature = svf_kernel::Curvature { refraction, earth_radius: 6_371_000.0 };
        let params = svf_kernel::Params { curvature: Some(curvature), ..params(9000.0, 11) };
        let cell = CellSize::square(1000.0);
        let of = |params| reference(heights.view(), cell, params, &[Measure::Svf]).remove(0);
        let expected = of(&params);
        assert_close(&folder.band("out.tif", 1), &expected, TOLERANCE, &given);
        let flat = of(&svf_kernel::Params { curvature: None, ..params.clone() });
        let lost = expected.iter().zip(&flat).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert_eq!(lost > 10.0 * TOLERANCE, refraction < 1.0, "{lost}");
    }
}

#[test]
fn signed_horizons_go_below_the_horizontal() {
    let folder = Folder::new();
    // A cone: from its top everything lies 45 degrees down, along axes and diagonals.
    let cone = Array2::from_shape_fn((21, 21), |(row, col)| {
        -((row as f32 - 10.0).hypot(col as f32 - 10.0))
    });
    folder.write_dem("dem.tif", &cone);
    for (extra, expected) in [(None, 0.0), (Some("--signed"), -45.0)] {
        let args = ["dem.tif", "out.tif", "--overwrite", "-n", "8", "--radius", "8"];
        let mut args = args.to_vec();
        args.extend(["--measure", "horizon"]);
        args.extend(extra);
        folder.ok(&args);
        let bands = folder.bands("out.tif");
        assert_eq!(bands.len(), 8);
        for band in bands {
            assert!((band[(10, 10)] - expected).abs() < 0.01, "{}", band[(10, 10)]);
        }
    }
}

/// The raster of the tests on tiles, threads and instruction sets, and its bands.
fn cut_up() -> (Folder, Vec<Array2<f32>>) {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &with_gaps(terrain(260, 300, 3)));
    let bands = run_cut(&folder, &[], None);
    (folder, bands)
}

fn run_cut(folder: &Folder, options: &[&str], simd: Option<&str>) -> Vec<Array2<f32>> {
    let common = ["dem.tif", "out.tif", "--overwrite", "--radius", "12.5", "-n", "16"];
    // Small blocks: with large ones, partly written, the compression takes most of the time.
    let blocks = ["--co", "BLOCKXSIZE=64", "--co", "BLOCKYSIZE=64"];
    let args = [&common[..], &["--measure", EVERY_MEASURE], &blocks, options].concat();
    let mut command = folder.command(&args);
    command.envs(simd.map(|level| ("SVF_SIMD", level)));
    let run = run(&mut command, &[]);
    assert_eq!(run.code, Some(0), "{run}");
    folder.bands("out.tif")
}

#[track_caller]
fn assert_same_bands(bands: &[Array2<f32>], expected: &[Array2<f32>], what: &str) {
    assert_eq!(bands.len(), expected.len(), "{what}");
    for (i, (band, expected)) in bands.iter().zip(expected).enumerate() {
        assert_same_bits(band, expected, &format!("{what}, band {}", i + 1));
    }
}

#[test]
fn any_tiling_gives_the_same_bits() {
    let (folder, expected) = cut_up();
    for tile_size in ["64", "97", "1000", "1000x13", "31x1000"] {
        let bands = run_cut(&folder, &["--tile-size", tile_size], None);
        assert_same_bands(&bands, &expected, tile_size);
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let (folder, expected) = cut_up();
    for threads in ["1", "2", "5"] {
        let bands = run_cut(&folder, &["--tile-size", "97", "--threads", threads], None);
        assert_same_bands(&bands, &expected, &format!("{threads} threads"));
    }
}

#[test]
fn any_instruction_set_gives_the_same_bits() {
    let (folder, expected) = cut_up();
    for level in SimdLevel::ALL {
        if level.is_supported() {
            let bands = run_cut(&folder, &["--tile-size", "97"], Some(level.name()));
            assert_same_bands(&bands, &expected, level.name());
        } else {
            lacks(&format!("this processor does not have {level}"));
        }
    }
}

#[test]
fn statistics_do_not_depend_on_the_tiling() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &with_gaps(terrain(130, 150, 4)));
    let bands = |tile_size: &str| {
        let args = ["dem.tif", "out.tif", "--overwrite", "--radius", "9px", "--progress", "json"];
        let measures = ["--measure", EVERY_MEASURE, "-n", "4", "--tile-size", tile_size];
        let events = folder.ok(&[&args[..], &measures].concat()).events();
        events.last().unwrap()["data"]["stats"]["bands"].clone()
    };
    let whole = bands("1000");
    assert_eq!(bands("37"), whole);
    let svf: Vec<f64> =
        folder.band("out.tif", 2).iter().filter(|v| **v != NODATA).map(|v| f64::from(*v)).collect();
    let mean = svf.iter().sum::<f64>() / svf.len() as f64;
    assert_eq!(whole[1]["name"], "svf");
    assert_eq!(whole[1]["valid"], svf.len());
    assert_eq!(whole[1]["nodata"], 130 * 150 - svf.len());
    assert!((whole[1]["mean"].as_f64().unwrap() - mean).abs() < 1e-6, "{whole}");
}

#[test]
fn a_part_equals_the_same_window_of_the_whole() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &with_gaps(terrain(120, 150, 5)));
    let options = ["--radius", "20px", "--measure", "svf,coverage"];
    folder.ok(&[&["dem.tif", "whole.tif"], &options[..]].concat());
    let (row, col, rows, cols) = (41, 37, 66, 101);
    let srcwin = format!("{col},{row},{cols},{rows}");
    let (left, top) = (ORIGIN.0 + col as f64, ORIGIN.1 - row as f64);
    let (right, bottom) = (left + cols as f64, top - rows as f64);
    let bbox = format!("{left},{bottom},{right},{top}");
    let words = |text: String| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    for part in [
        words(format!("--srcwin {srcwin}")),
        words(format!("-srcwin {}", srcwin.replace(',', " "))),
        words(format!("--bbox {bbox}")),
        words(format!("--bbox {}", bbox.replace(',', " "))),
        words(format!("-projwin {left} {top} {right} {bottom}")),
        words(format!("--srcwin {srcwin} --tile-size 23")),
    ] {
        let mut args: Vec<String> = part.clone();
        args.extend(["dem.tif", "part.tif", "--overwrite"].map(str::to_owned));
        args.extend(options.map(str::to_owned));
        folder.ok(&args);
        let what = part.join(" ");
        for band in [1, 2] {
            let expected = folder.band("whole.tif", band);
            let expected = expected.slice(s![row..row + rows, col..col + cols]).to_owned();
            assert_same_bits(&folder.band("part.tif", band), &expected, &what);
        }
        let transform = folder.open("part.tif").geo_transform().unwrap();
        assert_eq!(transform, [left, 1.0, 0.0, top, 0.0, -1.0], "{what}");
    }
}

/// Runs the tool on heights stored as `T`, and holds it to the reference, `missing` being gaps.
#[track_caller]
fn assert_type<T: Cell>(dem: &Dem, missing: impl Fn(f64) -> bool) {
    let folder = Folder::new();
    dem.write::<T>(&folder.path("dem.tif"));
    folder.ok(&["dem.tif", "out.tif", "-q", "--radius", "8px", "--measure", "svf,coverage"]);
    let (scale, offset) = dem.scale_offset.unwrap_or((1.0, 0.0));
    let heights =
        dem.cells.mapv(|z| if missing(z) { f32::NAN } else { (scale * z + offset) as f32 });
    let measures = [Measure::Svf, Measure::Coverage];
    let expected = reference(heights.view(), CellSize::square(1.0), &params(8.0, 16), &measures);
    for (band, expected) in expected.iter().enumerate() {
        let what = format!("{} with NoData {:?}", std::any::type_name::<T>(), dem.nodata);
        assert_close(&folder.band("out.tif", band + 1), expected, TOLERANCE, &what);
    }
}

/// Bumpy ground with `nodata` here and there.
fn ground(nodata: f64) -> Dem {
    let cells = with_gaps(terrain(33, 41, 6)).mapv(|z| if z.is_nan() { nodata } else { z.into() });
    Dem { nodata: Some(nodata), ..Dem::of(&cells) }
}

#[test]
fn every_type_with_its_nodata() {
    assert_type::<u8>(&ground(255.0), |z| z == 255.0);
    assert_type::<i16>(&ground(-32_768.0), |z| z == -32_768.0);
    assert_type::<u16>(&ground(65_535.0), |z| z == 65_535.0);
    assert_type::<i32>(&ground(-2_147_483_648.0), |z| z == -2_147_483_648.0);
    assert_type::<u32>(&ground(4_294_967_295.0), |z| z == 4_294_967_295.0);
    assert_type::<f32>(&ground(-9999.0), |z| z == -9999.0);
    assert_type::<f64>(&ground(-1e300), |z| z == -1e300);
}

#[test]
fn nodata_values_that_are_traps() {
    // The lowest f32, as most tools write it in decimal digits.
    let lowest = -3.402_823_466_385_288_6e38;
    assert_type::<f32>(&ground(lowest), |z| z == lowest);
    assert_type::<f64>(&ground(lowest), |z| z == lowest);
    assert_type::<f32>(&ground(f64::NAN), f64::is_nan);
    assert_type::<f64>(&ground(f64::NAN), f64::is_nan);
    // Zero is a height where NoData is another value, and missing where it is not.
    let mut zeros = ground(-1.0);
    zeros.cells[(3, 3)] = 0.0;
    assert_type::<i16>(&zeros, |z| z == -1.0);
    assert_type::<i16>(&ground(0.0), |z| z == 0.0);
    // A value that the type cannot hold is never met.
    assert_type::<u8>(&Dem { nodata: Some(-9999.0), ..ground(7.0) }, |_| false);
    assert_type::<f32>(&Dem { nodata: None, ..ground(-3.0) }, |_| false);
}

#[test]
fn nodata_is_compared_in_the_type_of_the_band() {
    // As f32, 16777217 becomes 16777216, which is a height here.
    let nodata = 16_777_217.0;
    let mut dem = ground(nodata);
    dem.cells.mapv_inplace(|z| if z == nodata { z } else { 16_777_216.0 + 2.0 * (z - 100.0) });
    dem.cells[(20, 20)] = 16_777_216.0;
    assert_type::<i32>(&dem, |z| z == nodata);
    assert_type::<u32>(&dem, |z| z == nodata);
    // Within the rounding of a text, both are the same; a little further away they are not.
    let nodata = 100.5;
    let mut dem = ground(nodata);
    dem.cells[(20, 20)] = nodata * (1.0 + 1e-7);
    dem.cells[(20, 21)] = nodata * (1.0 + 1e-6);
    assert_type::<f64>(&dem, |z| z == nodata || z == nodata * (1.0 + 1e-7));
    // A Float32 cell of 0.1 is the NoData value 0.1, though not in f64.
    let mut dem = ground(0.1);
    dem.cells.mapv_inplace(|z| if z == 0.1 { f64::from(0.1_f32) } else { z });
    assert_type::<f32>(&dem, |z| z == f64::from(0.1_f32));
}

#[test]
fn heights_that_are_not_finite_are_missing() {
    let mut dem = ground(-1.0);
    dem.cells[(5, 5)] = f64::INFINITY;
    dem.cells[(5, 6)] = f64::NEG_INFINITY;
    dem.cells[(16, 30)] = f64::NAN;
    let missing = |z: f64| z == -1.0 || !z.is_finite();
    assert_type::<f32>(&dem, missing);
    // Finite in f64, but no f32 holds it.
    dem.cells[(25, 12)] = 1e39;
    assert_type::<f64>(&dem, |z| missing(z) || z == 1e39);
}

#[test]
fn scale_and_offset_of_the_band_count() {
    assert_type::<i16>(&Dem { scale_offset: Some((0.1, 350.0)), ..ground(-1.0) }, |z| z == -1.0);
    assert_type::<i32>(&Dem { scale_offset: Some((0.25, 0.0)), ..ground(-1.0) }, |z| z == -1.0);
    assert_type::<f32>(&Dem { scale_offset: Some((3.0, -7.5)), ..ground(-1.0) }, |z| z == -1.0);
}

/// Holds `input` to the reference on `heights` (NaN is missing).
#[track_caller]
fn assert_heights(folder: &Folder, input: &str, heights: &Array2<f32>) {
    folder.ok(&[input, "out.tif", "--overwrite", "-q", "--radius", "8px"]);
    let cell = CellSize::square(1.0);
    let expected = reference(heights.view(), cell, &params(8.0, 16), &[Measure::Svf]);
    assert_close(&folder.band("out.tif", 1), &expected[0], TOLERANCE, input);
}

#[test]
fn a_mask_band_counts() {
    let folder = Folder::new();
    let (filled, gappy) = (terrain(33, 41, 7), with_gaps(terrain(33, 41, 7)));
    let dataset = Dem::of(&filled.mapv(f64::from)).create::<f32>(&folder.path("dem.tif"));
    let mut band = dataset.rasterband(1).unwrap();
    band.create_mask_band(true).unwrap();
    let mask: Vec<u8> = gappy.iter().map(|z| if z.is_nan() { 0 } else { 255 }).collect();
    let mut mask_band = band.open_mask_band().unwrap();
    mask_band.write((0, 0), (41, 33), &mut Buffer::new((41, 33), mask)).unwrap();
    dataset.close().unwrap();
    assert_heights(&folder, "dem.tif", &gappy);
}

#[test]
fn a_mask_of_one_band_alone_counts() {
    let folder = Folder::new();
    let (filled, gappy) = (terrain(33, 41, 7), with_gaps(terrain(33, 41, 7)));
    folder.write_dem("dem.tif", &filled);
    let mask = gappy.mapv(|z| if z.is_nan() { 0.0 } else { 255.0 });
    Dem::of(&mask).write::<u8>(&folder.path("mask.tif"));
    std::fs::write(
        folder.path("masked.vrt"),
        r#"<VRTDataset rasterXSize="41" rasterYSize="33">
  <GeoTransform>500000, 1, 0, 4650000, 0, -1</GeoTransform>
  <VRTRasterBand dataType="Float32" band="1">
    <SimpleSource><SourceFilename relativeToVRT="1">dem.tif</SourceFilename><SourceBand>1</SourceBand></SimpleSource>
    <MaskBand><VRTRasterBand dataType="Byte">
      <SimpleSource><SourceFilename relativeToVRT="1">mask.tif</SourceFilename><SourceBand>1</SourceBand></SimpleSource>
    </VRTRasterBand></MaskBand>
  </VRTRasterBand>
</VRTDataset>"#,
    )
    .unwrap();
    assert_heights(&folder, "masked.vrt", &gappy);
}

#[test]
fn an_alpha_band_counts() {
    let folder = Folder::new();
    let (filled, gappy) = (terrain(33, 41, 8), with_gaps(terrain(33, 41, 8)));
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let options = gdal::raster::RasterCreationOptions::from_iter(["ALPHA=YES"]);
    let path = folder.path("dem.tif");
    let mut dataset =
        driver.create_with_band_type_with_options::<u8, _>(&path, 41, 33, 2, &options).unwrap();
    dataset.set_geo_transform(&[ORIGIN.0, 1.0, 0.0, ORIGIN.1, 0.0, -1.0]).unwrap();
    let alpha: Array2<f32> = gappy.mapv(|z| if z.is_nan() { 0.0 } else { 255.0 });
    for (number, cells) in [(1, &filled), (2, &alpha)] {
        let cells = cells.iter().map(|&z| z as u8).collect();
        let mut band = dataset.rasterband(number).unwrap();
        band.write((0, 0), (41, 33), &mut Buffer::new((41, 33), cells)).unwrap();
    }
    dataset.close().unwrap();
    assert_heights(&folder, "dem.tif", &gappy);
}

#[test]
fn the_band_asked_for_is_read() {
    let folder = Folder::new();
    let heights = terrain(33, 41, 9);
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let path = folder.path("dem.tif");
    let mut dataset = driver.create_with_band_type::<f32, _>(&path, 41, 33, 3).unwrap();
    dataset.set_geo_transform(&[ORIGIN.0, 1.0, 0.0, ORIGIN.1, 0.0, -1.0]).unwrap();
    let mut band = dataset.rasterband(2).unwrap();
    let cells = heights.iter().copied().collect();
    band.write((0, 0), (41, 33), &mut Buffer::new((41, 33), cells)).unwrap();
    dataset.close().unwrap();
    folder.ok(&["dem.tif", "out.tif", "-b", "2", "--radius", "8px"]);
    let cell = CellSize::square(1.0);
    let expected = reference(heights.view(), cell, &params(8.0, 16), &[Measure::Svf]);
    assert_close(&folder.band("out.tif", 1), &expected[0], TOLERANCE, "band 2");
    folder.ok(&["dem.tif", "flat.tif", "-b", "3", "--radius", "8px"]);
    assert_eq!(folder.band("flat.tif", 1), Array2::<f32>::ones((33, 41)));
}

#[test]
fn a_south_up_raster_is_the_north_up_one_upside_down() {
    let folder = Folder::new();
    let heights = with_gaps(terrain(45, 52, 10));
    folder.write_dem("north_up.tif", &heights);
    let flipped = heights.slice(s![..;-1, ..]).mapv(f64::from);
    let transform = [ORIGIN.0, 1.0, 0.0, ORIGIN.1 - 45.0, 0.0, 1.0];
    Dem { geo_transform: transform, ..Dem::of(&flipped) }.write::<f32>(&folder.path("dem.tif"));
    for (input, output) in [("north_up.tif", "expected.tif"), ("dem.tif", "out.tif")] {
        folder.ok(&[input, output, "-q", "--radius", "10", "-n", "8", "--measure", "svf,horizon"]);
    }
    assert_eq!(folder.open("out.tif").geo_transform().unwrap(), transform);
    // Horizons by azimuth: north stays north.
    for (band, expected) in folder.bands("expected.tif").iter().enumerate() {
        let cells = folder.band("out.tif", band + 1).slice(s![..;-1, ..]).to_owned();
        let expected = expected.mapv(|v| if v == NODATA { f64::NAN } else { f64::from(v) });
        assert_close(&cells, &expected, 1e-4, &format!("band {}", band + 1));
    }
}

#[test]
fn rectangular_cells_equal_the_reference() {
    let folder = Folder::new();
    let heights = with_gaps(terrain(50, 40, 11));
    for (east, south) in [(2.0, 0.5), (0.5, 3.0)] {
        let transform = [ORIGIN.0, east, 0.0, ORIGIN.1, 0.0, -south];
        Dem { geo_transform: transform, ..Dem::of(&heights.mapv(f64::from)) }
            .write::<f32>(&folder.path("dem.tif"));
        let cell = CellSize { east, south };
        // Cells are of the larger side: 6 of them are 12 m or 18 m.
        for (radius, metres) in [("7.3", 7.3), ("6px", 6.0 * cell.larger())] {
            folder.ok(&["dem.tif", "out.tif", "--overwrite", "--radius", radius, "-n", "12"]);
            let expected = reference(heights.view(), cell, &params(metres, 12), &[Measure::Svf]);
            let what = format!("{east} x {south}, radius {radius}");
            assert_close(&folder.band("out.tif", 1), &expected[0], TOLERANCE, &what);
        }
    }
}

#[test]
fn feet_are_taken_as_they_are_but_curvature_knows_them() {
    let folder = Folder::new();
    // A far wall that the curvature of a smaller Earth hides in part.
    let heights = Array2::from_shape_fn((3, 60), |(_, col)| if col == 50 { 4.0 } else { 0.0 });
    // NAD83 / California zone 5 in US survey feet; cells of 3 km.
    let transform = [6_500_000.0, 10_000.0, 0.0, 1_900_000.0, 0.0, -10_000.0];
    Dem { geo_transform: transform, epsg: Some(2229), ..Dem::of(&heights) }
        .write::<f32>(&folder.path("dem.tif"));
    let args = ["dem.tif", "out.tif", "--radius", "50px", "--curvature", "--z-factor", "5000"];
    let run = folder.ok(&[&args[..], &["--progress", "json"]].concat());
    let warning = run.events().into_iter().find(|event| kind(event) == "warning").unwrap();
    assert_eq!(warning["data"]["code"], "crs.units");
    let mut params = params(500_000.0, 16);
    params.z_factor = 5000.0;
    let foot_m = 1200.0 / 3937.0;
    params.curvature =
        Some(svf_kernel::Curvature { refraction: 0.13, earth_radius: 6_371_000.0 / foot_m });
    let heights = heights.mapv(|z| z as f32);
    let cell = CellSize::square(10_000.0);
    let expected = reference(heights.view(), cell, &params, &[Measure::Svf]);
    assert_close(&folder.band("out.tif", 1), &expected[0], TOLERANCE, "feet");
}

#[test]
fn units_of_heights_that_only_the_band_tells_are_heard() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(30, 40, 5));
    let [x, east, _, y, _, south] = folder.open("dem.tif").geo_transform().unwrap();
    for (name, unit) in [("feet.vrt", "ft"), ("metres.vrt", "m")] {
        let vrt = format!(
            "<VRTDataset rasterXSize=\"40\" rasterYSize=\"30\"><SRS>EPSG:25832</SRS>\
             <GeoTransform>{x}, {east}, 0, {y}, 0, {south}</GeoTransform>\
             <VRTRasterBand dataType=\"Float32\" band=\"1\"><UnitType>{unit}</UnitType>\
             <SimpleSource><SourceFilename relativeToVRT=\"1\">dem.tif</SourceFilename>\
             </SimpleSource></VRTRasterBand></VRTDataset>"
        );
        std::fs::write(folder.path(name), vrt).unwrap();
    }
    let said = |args: &[&str]| {
        folder.ok(&[args, &["out.tif", "--overwrite", "--radius", "5px"]].concat()).stderr
    };
    let feet = "heights of feet.vrt are in units of 0.3048 m, but cells are in metres";
    assert!(said(&["feet.vrt"]).contains(feet));
    assert!(said(&["feet.vrt"]).contains("add --z-factor 0.3048"));
    let dataset = folder.open("out.tif");
    let unit = crate::support::item(&dataset, "SVF_HEIGHT_UNIT", "").unwrap();
    assert_eq!(unit, "0.3048 m, as the input says");
    assert!(!said(&["feet.vrt", "--z-factor", "0.3048"]).contains("units of"));
    for exaggerated in ["1", "3"] {
        assert!(!said(&["metres.vrt", "--z-factor", exaggerated]).contains("units of"));
    }
    let trees = said(&["metres.vrt", "--canopy", "feet.vrt"]);
    let apart =
        "heights of feet.vrt are in units of 0.3048 m, but those of metres.vrt are in units of 1 m";
    assert!(trees.contains(apart) && trees.contains("--calc=\"A*0.3048\""), "{trees}");
    let both = said(&["feet.vrt", "--z-factor", "0.3048", "--canopy", "feet.vrt"]);
    assert!(!both.contains("units of"), "{both}");
}

/// Windows of a real raster, against the reference on the window and its surroundings.
fn assert_real(folder: &Folder, path: &Path, windows: &[(usize, usize)]) {
    const SIDE: usize = 30;
    const RADIUS_PX: usize = 20;
    let dataset = Dataset::open(path).unwrap();
    let (cols, rows) = dataset.raster_size();
    let transform = dataset.geo_transform().unwrap();
    let band = dataset.rasterband(1).unwrap();
    let nodata = band.no_data_value();
    let cell = CellSize { east: transform[1], south: -transform[5] };
    let radius = RADIUS_PX as f64 * cell.larger();
    let measures = [Measure::Svf, Measure::SvfCosine, Measure::Coverage];
    for &(row, col) in windows {
        let (top, left) = (row.saturating_sub(RADIUS_PX), col.saturating_sub(RADIUS_PX));
        let bottom = (row + SIDE + RADIUS_PX).min(rows);
        let right = (col + SIDE + RADIUS_PX).min(cols);
        let size = (right - left, bottom - top);
        let around = band
            .read_as::<f64>((left as isize, top as isize), size, size, None)
            .unwrap()
            .to_array()
            .unwrap();
        let around = around.mapv(|z| if Some(z) == nodata { f32::NAN } else { z as f32 });
        let expected = reference(around.view(), cell, &params(radius, 16), &measures);
        let name = path.file_name().unwrap().to_string_lossy();
        let what = format!("{name} at {row}, {col}");
        let window = format!("{col},{row},{SIDE},{SIDE}");
        let input = path.display().to_string();
        let common = [input.as_str(), "out.tif", "--overwrite", "-q", "--radius", "20px"];
        let measure = ["--measure", "svf,svf-cosine,coverage", "--srcwin", &window];
        folder.ok(&[&common[..], &measure].concat());
        for (band, expected) in expected.iter().enumerate() {
            let part = s![row - top..row - top + SIDE, col - left..col - left + SIDE];
            let expected = expected.slice(part).to_owned();
            assert_close(&folder.band("out.tif", band + 1), &expected, TOLERANCE, &what);
        }
    }
}

#[test]
fn real_terrain_equals_the_reference() {
    let Some(data) = real_terrain() else { return };
    let folder = Folder::new();
    for (name, windows) in [
        ("lidar_rvt_dtm_1m.tif", &[(0, 0), (480, 510), (970, 970)][..]),
        ("lidar_rvt_dtm_1m_nodata.tif", &[(0, 0), (500, 500), (970, 0)]),
        ("urban_opengeos_dsm_2m.tif", &[(0, 253), (120, 100)]),
        ("village_slovakia_dsm_1m_nd.tif", &[(0, 0), (70, 90), (145, 193)]),
        ("smrf_codem_dsm2_1m.tif", &[(0, 0), (150, 200), (314, 375)]),
        ("mtn_aletsch_200m.tif", &[(0, 0), (100, 200), (280, 328)]),
        ("mtn_boise_30m.tif", &[(0, 0), (600, 400)]),
    ] {
        assert_real(&folder, &data.join(name), windows);
    }
}

#[test]
fn a_vertical_unit_of_its_own_is_said() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(40, 50, 2));
    let translated = std::process::Command::new("gdal_translate")
        .current_dir(folder.work())
        .args(["-q", "-a_srs", "EPSG:25832+6360", "dem.tif", "feet.tif"])
        .status();
    if !translated.is_ok_and(|status| status.success()) {
        return skip("no GDAL programs here");
    }
    let run = folder.ok(&["feet.tif", "out.tif", "--radius", "5px"]);
    assert!(run.stderr.contains("warning: heights of feet.tif are in units of 0.3048"), "{run}");
    assert!(run.stderr.contains("hint: add --z-factor 0.3048"), "{run}");
}
