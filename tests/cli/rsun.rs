//! `--of RSUN`: horizons as GRASS r.sun reads them.

use gdal::Metadata;

use crate::support::{Folder, assert_same_bits, item, terrain};

const OPTIONS: &str = "-n 8 --radius 9px -q";
/// From east, anticlockwise, in the order of azimuths from north, clockwise.
const DIRECTIONS: [&str; 8] = ["090", "045", "000", "315", "270", "225", "180", "135"];

#[test]
fn each_direction_has_a_file_in_radians() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(30, 40, 3));
    folder.line(
        0,
        &format!("svf_compute dem.tif all.tif --measure horizon --angle-unit radian {OPTIONS}"),
    );
    let names = |of: &str| DIRECTIONS.map(|direction| format!("{of}_{direction}.tif"));
    folder.line(0, &format!("svf_compute dem.tif hor.tif --of RSUN {OPTIONS}"));
    folder.line(
        0,
        &format!("svf_compute dem.tif joined.tif --of rsun --work-dir w --tile-size 16 {OPTIONS}"),
    );
    assert!(!folder.path("hor.tif").exists() && !folder.path("joined.tif").exists());
    for (i, (name, joined)) in names("hor").iter().zip(&names("joined")).enumerate() {
        let right = folder.band("all.tif", i + 1);
        assert!(right.iter().all(|angle| (0.0..=1.58).contains(angle)));
        for name in [name, joined] {
            assert_same_bits(&folder.band(name, 1), &right, name);
            let dataset = folder.open(name);
            assert_eq!(dataset.raster_count(), 1);
            let band = dataset.rasterband(1).unwrap();
            let azimuth = 45.0 * i as f64;
            assert_eq!(band.description().unwrap(), format!("horizon {azimuth:07.3}"));
            assert_eq!((band.unit(), band.no_data_value()), ("radian".into(), Some(-9999.0)));
            assert_eq!(item(&dataset, "SVF_MEASURES", "").as_deref(), Some("horizon"), "{name}");
        }
    }
    // 22.5 degrees.
    folder.line(0, "svf_compute dem.tif h.tif --of RSUN -n 16 --radius 5px -q");
    assert!(folder.path("h_022_5.tif").exists() && folder.path("h_000_0.tif").exists());
}

#[test]
fn options_that_the_form_decides_are_refused() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(10, 10, 3));
    let refused = |options: &str, words: &[&str]| {
        let line = format!("svf_compute dem.tif hor.tif --of RSUN {options}");
        folder.line(2, &line).assert_refused(2, words);
        folder.assert_files(&["dem.tif"]);
    };
    refused("--measure svf-cosine", &["leave out --measure"]);
    // Also what is the default elsewhere.
    refused("--measure svf", &["leave out --measure"]);
    refused("--angle-unit degree", &["leave out --angle-unit"]);
    refused("--measure horizon --signed", &["leave out --signed"]);
    refused("--separate", &["leave out --separate"]);
    refused("--ot uint8", &["leave out --ot"]);
    refused("-n 7", &["360 / 7 has more", "-n 8, 12, 16"]);
    // One that exists stops all.
    std::fs::write(folder.path("hor_000.tif"), "mine").unwrap();
    let line = format!("svf_compute dem.tif hor.tif --of RSUN {OPTIONS}");
    folder.line(2, &line).assert_refused(2, &["hor_000.tif exists", "--overwrite"]);
    folder.assert_files(&["dem.tif", "hor_000.tif"]);
    assert_eq!(std::fs::read(folder.path("hor_000.tif")).unwrap(), b"mine");
}
