//! `--first-azimuth` and `--north`: the same sight lines under other azimuths.

use gdal::Metadata;
use ndarray::Array2;

use crate::support::{Dem, Folder, ORIGIN, assert_same_bits, item, terrain};

const SEARCH: &str = "--radius 20 --measure horizon --overwrite";

fn hills() -> Folder {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(60, 80, 41));
    folder
}

/// What a run writes into `out.tif`.
fn bands(folder: &Folder, options: &str) -> Vec<Array2<f32>> {
    folder.line(0, &format!("svf_compute -q dem.tif out.tif {SEARCH} {options}"));
    folder.bands("out.tif")
}

/// An item of the metadata of `out.tif`.
fn said(folder: &Folder, key: &str) -> Option<String> {
    item(&folder.open("out.tif"), key, "")
}

#[test]
fn half_a_step_gives_the_other_half_of_twice_the_directions() {
    let folder = hills();
    let twice = bands(&folder, "-n 32");
    let odd = bands(&folder, "-n 16 --first-azimuth 11.25");
    for (i, band) in odd.iter().enumerate() {
        assert_same_bits(band, &twice[2 * i + 1], &format!("direction {i}"));
    }
    assert_eq!(said(&folder, "SVF_FIRST_AZIMUTH").as_deref(), Some("11.25"));
    assert_eq!(said(&folder, "SVF_NORTH"), None);
    let names: Vec<String> = (1..=16)
        .map(|n| folder.open("out.tif").rasterband(n).unwrap().description().unwrap())
        .collect();
    assert_eq!((&names[0][..], &names[15][..]), ("horizon 011.250", "horizon 348.750"));
}

#[test]
fn another_north_turns_every_azimuth() {
    let folder = hills();
    let grid = bands(&folder, "-n 16");
    let turned = bands(&folder, "-n 16 --north 22.5");
    for (i, band) in turned.iter().enumerate() {
        assert_same_bits(band, &grid[(i + 1) % 16], &format!("direction {i}"));
    }
    assert_eq!(said(&folder, "SVF_NORTH").as_deref(), Some("22.5"));
    // The brightest azimuth and the halves turn with it: with north in the east, what was east is north.
    let of = |options: &str| {
        let search = "--radius 20 -n 16 --overwrite";
        folder.line(0, &format!("svf_compute -q dem.tif out.tif {search} {options}"));
        folder.bands("out.tif")
    };
    let east = of(
        "--anisotropy-azimuth 10 --north 90 --measure svf-anisotropic,svf-north,svf-west,svf-slope,svf",
    );
    let north =
        of("--anisotropy-azimuth 100 --measure svf-anisotropic,svf-east,svf-north,svf-slope,svf");
    for (i, (east, north)) in east.iter().zip(&north).enumerate() {
        for (a, b) in east.iter().zip(north) {
            assert!((a - b).abs() < 1e-6, "measure {i}: {a}, {b}");
        }
    }
    let (aspects, before) = (of("--north -30.5 --measure aspect"), of("--measure aspect"));
    for (now, before) in aspects[0].iter().zip(&before[0]) {
        if *before != -9999.0 {
            let off = (f64::from(*now) - f64::from(*before) - 30.5).rem_euclid(360.0);
            assert!(off.min(360.0 - off) < 1e-4, "{now}, {before}");
            assert!((0.0..360.0).contains(now), "{now}");
        }
    }
}

#[test]
fn true_north_is_beside_that_of_the_grid() {
    let folder = Folder::new();
    let cells = terrain(20, 30, 5).mapv(f64::from);
    let dem = |epsg, x: f64, y: f64, cell: f64| Dem {
        epsg: Some(epsg),
        geo_transform: [x, cell, 0.0, y, 0.0, -cell],
        ..Dem::of(&cells)
    };
    // Polar stereographic: true north is where the pole is, so 45 degrees east of its meridian north is
    // to the left by 45 degrees.
    let middle = (1_000_000.0, -1_000_000.0);
    dem(3413, middle.0 - 15.0, middle.1 + 10.0, 1.0).write::<f32>(&folder.path("dem.tif"));
    let turned = bands(&folder, "-n 8 --north true");
    let north: f64 = said(&folder, "SVF_NORTH").unwrap().parse().unwrap();
    assert!((north + 45.0).abs() < 1e-5, "{north}");
    let grid = bands(&folder, "-n 8");
    for (i, (turned, grid)) in turned.iter().zip(grid.iter().cycle().skip(7)).enumerate() {
        for (a, b) in turned.iter().zip(grid) {
            assert!((a - b).abs() < 0.01, "direction {i}: {a}, {b}");
        }
    }
    // In degrees, the columns point north.
    dem(4326, 10.0, 50.0, 1e-5).write::<f32>(&folder.path("dem.tif"));
    let turned = bands(&folder, "-n 8 --north true");
    assert_eq!(said(&folder, "SVF_NORTH").as_deref(), Some("0"));
    for (turned, grid) in turned.iter().zip(&bands(&folder, "-n 8")) {
        assert_same_bits(turned, grid, "in degrees");
    }
    // No CRS, no north.
    let no_crs = Dem { epsg: None, ..dem(4326, ORIGIN.0, ORIGIN.1, 1.0) };
    no_crs.write::<f32>(&folder.path("dem.tif"));
    let run = folder.line(2, &format!("svf_compute dem.tif no.tif {SEARCH} --north true"));
    for said in ["the CRS of the raster does not say where north is", "--north -1.5"] {
        assert!(run.stderr.contains(said), "{run}");
    }
}

#[test]
fn tiles_of_a_plan_keep_both() {
    let folder = hills();
    let options = "--radius 20 -n 8 --first-azimuth 7.5 --north -3.25 --measure svf,horizon,aspect";
    folder.line(0, &format!("svf_compute -q dem.tif whole.tif {options}"));
    folder.line(0, &format!("svf_tile -q dem.tif plan.json --tile-size 32 {options}"));
    folder.line(0, "svf_compute -q --plan plan.json");
    folder.line(0, "svf_mosaic -q plan.json joined.tif");
    for (joined, whole) in folder.bands("joined.tif").iter().zip(&folder.bands("whole.tif")) {
        assert_same_bits(joined, whole, "joined");
    }
    let run = folder.line(
        0,
        "svf_profile point dem.tif --at-cell 40,30 --radius 20 -n 8 --first-azimuth 7.5 --format csv-horizon",
    );
    let table = String::from_utf8(run.stdout).unwrap();
    let azimuths: Vec<&str> =
        table.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
    assert_eq!(azimuths, ["7.5", "52.5", "97.5", "142.5", "187.5", "232.5", "277.5", "322.5"]);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let folder = hills();
    for (line, said) in [
        ("svf_compute dem.tif o.tif -n 16 --first-azimuth 22.5", "first azimuth"),
        ("svf_compute dem.tif o.tif --first-azimuth -1", "first azimuth"),
        ("svf_compute dem.tif o.tif --north up", "write grid, true, or degrees"),
        ("svf_compute dem.tif o.tif --north 400", "north"),
        ("svf_compute dem.tif o.tif --of RSUN -n 8 --first-azimuth 3", "leave out --first-azimuth"),
        ("svf_compute dem.tif o.tif --of RSUN -n 8 --north true", "leave out --first-azimuth"),
        (
            "svf_profile point dem.tif --at-cell 4,3 --first-azimuth 3 --format pvgis",
            "the first angle is that of north",
        ),
    ] {
        folder.line(2, line).assert_refused(2, &[said]);
    }
}
