//! `--min-distance`: what is near does not count.

use ndarray::Array2;

use crate::support::{Folder, assert_same_bits, item, terrain};

/// A post 3 cells east of the middle, and a wall 8 cells east of it.
fn post_and_wall() -> Folder {
    let folder = Folder::new();
    let mut heights = Array2::zeros((41, 41));
    heights[(20, 23)] = 10.0;
    heights.column_mut(28).fill(20.0);
    folder.write_dem("dem.tif", &heights);
    folder
}

#[test]
fn the_horizon_is_the_highest_of_what_is_farther() {
    let folder = post_and_wall();
    let east = |options: &str| {
        let search = "--radius 15 -n 4 --measure horizon,horizon-distance --overwrite";
        folder.line(0, &format!("svf_compute -q dem.tif out.tif {search} {options}"));
        let bands = folder.bands("out.tif");
        (f64::from(bands[1][(20, 20)]), 4.0 * f64::from(bands[4][(20, 20)]))
    };
    let angle = |height: f64, distance: f64| (height / distance).atan().to_degrees();
    for (options, (height, distance)) in [
        ("", (10.0, 3.0)),
        ("--min-distance 3", (10.0, 3.0)),
        ("--min-distance 3.01", (20.0, 8.0)),
        ("--min-distance 8px", (20.0, 8.0)),
        ("--min-distance 8.5", (0.0, 1.0)),
    ] {
        let (found, at) = east(options);
        assert!((found - angle(height, distance)).abs() < 1e-4, "{options}: {found}");
        let expected = if height > 0.0 { distance } else { 0.0 };
        assert!((at - expected).abs() < 1e-4, "{options}: {at}");
    }
    assert_eq!(item(&folder.open("out.tif"), "SVF_MIN_DISTANCE", "").as_deref(), Some("8.5"));
}

#[test]
fn nothing_ignored_changes_no_bit_and_tiles_equal_the_whole() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(60, 80, 17));
    let options = "--radius 20 -n 8 --measure svf,openness-negative,coverage";
    folder.line(0, &format!("svf_compute -q dem.tif all.tif {options}"));
    folder.line(0, &format!("svf_compute -q dem.tif zero.tif {options} --min-distance 0"));
    for (all, zero) in folder.bands("all.tif").iter().zip(&folder.bands("zero.tif")) {
        assert_same_bits(all, zero, "nothing ignored");
    }
    let options = format!("{options} --min-distance 4");
    folder.line(0, &format!("svf_compute -q dem.tif whole.tif {options}"));
    assert_ne!(folder.band("whole.tif", 1), folder.band("all.tif", 1));
    folder.line(0, &format!("svf_tile -q dem.tif plan.json --tile-size 32 {options}"));
    folder.line(0, "svf_compute -q --plan plan.json");
    folder.line(0, "svf_mosaic -q plan.json joined.tif");
    for (joined, whole) in folder.bands("joined.tif").iter().zip(&folder.bands("whole.tif")) {
        assert_same_bits(joined, whole, "joined");
    }
    folder.write_dem("crowns.tif", &Array2::zeros((60, 80)));
    let canopy = "svf_compute dem.tif o.tif --canopy crowns.tif --min-distance 4 --radius 20";
    for (line, said) in [
        (canopy, "--min-distance cannot be used with --canopy"),
        (
            "svf_compute dem.tif o.tif --radius 20 --min-distance 20",
            "--min-distance 20 must be less than --radius 20",
        ),
        ("svf_compute dem.tif o.tif --radius 20 --min-distance -1", "must be less than --radius"),
        ("svf_compute dem.tif o.tif --min-distance far", "write a number in units of the CRS"),
    ] {
        folder.line(2, line).assert_refused(2, &[said]);
    }
}
