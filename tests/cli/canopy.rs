//! Vegetation: a second raster of crowns, and what it may and may not change.

use ndarray::{Array2, s};
use svf_kernel::reference::{self, Surface};
use svf_kernel::{Canopy, CellSize, Measure, Params, Trunk};

use crate::support::{Dem, Folder, ORIGIN, assert_close, assert_same_bits, terrain};

/// Trees here and there, some of them in groups.
fn trees(rows: usize, cols: usize) -> Array2<f32> {
    Array2::from_shape_fn((rows, cols), |(row, col)| {
        let grove = (row / 9 + col / 7) % 4 == 1;
        let single = (row * 31 + col * 17) % 53 == 7;
        if grove || single { 4.0 + ((row * 7 + col * 13) % 11) as f32 } else { 0.0 }
    })
}

/// A folder with heights and a canopy.
fn park() -> (Folder, Array2<f32>, Array2<f32>) {
    let folder = Folder::new();
    let (heights, canopy) = (terrain(70, 90, 31), trees(70, 90));
    folder.write_dem("dsm.tif", &heights);
    folder.write_dem("cdsm.tif", &canopy);
    (folder, heights, canopy)
}

const SHARES: &str = "svf,svf-cosine,svf-slope,svf-anisotropic,svf-east";

#[test]
fn crowns_equal_the_reference_with_trunks_as_a_share_and_of_their_own() {
    let (folder, heights, canopy) = park();
    let trunk = canopy.mapv(|height| if height > 8.0 { 3.0 } else { 0.5 });
    folder.write_dem("tdsm.tif", &trunk);
    let options = ["--radius", "15", "-n", "8", "--measure", SHARES, "--canopy", "cdsm.tif"];
    let measures: Vec<Measure> = SHARES.split(',').map(|name| name.parse().unwrap()).collect();
    let cases: [(&[&str], Trunk, f64); 3] = [
        (&[], Trunk::Ratio(0.25), 0.03),
        (&["--trunk-ratio", "0.6", "--transmissivity", "0.5"], Trunk::Ratio(0.6), 0.5),
        (&["--trunk", "tdsm.tif"], Trunk::Heights, 0.03),
    ];
    for (i, (extra, of, transmissivity)) in cases.into_iter().enumerate() {
        let out = format!("sky{i}.tif");
        folder.ok(&[&["dsm.tif", &out], &options[..], extra].concat());
        let params =
            Params { canopy: Some(Canopy { trunk: of, transmissivity }), ..Params::new(15.0, 8) };
        let surface =
            Surface::new(heights.view(), Some(canopy.view()), Some(trunk.view()), &params);
        let expected =
            reference::compute(&surface, CellSize::square(1.0), &params, &measures).unwrap();
        for band in 0..measures.len() {
            let expected = expected.slice(s![band, .., ..]).to_owned();
            assert_close(&folder.band(&out, band + 1), &expected, 1e-5, &out);
        }
        // Any tiling, any part.
        let tiled =
            [&["dsm.tif", "tiled.tif", "--overwrite", "--tile-size", "31x17"], &options[..], extra]
                .concat();
        folder.ok(&tiled);
        let part = [
            &["dsm.tif", "part.tif", "--overwrite", "--srcwin", "20,10,50,40"],
            &options[..],
            extra,
        ]
        .concat();
        folder.ok(&part);
        for band in 1..=measures.len() {
            let whole = folder.band(&out, band);
            assert_same_bits(&folder.band("tiled.tif", band), &whole, "tiled");
            let part = whole.slice(s![10..50, 20..70]).to_owned();
            assert_same_bits(&folder.band("part.tif", band), &part, "part");
        }
    }
    let item = |key: &str| gdal::Metadata::metadata_item(&folder.open("sky1.tif"), key, "");
    assert_eq!(item("SVF_CANOPY").as_deref(), Some("cdsm.tif"));
    assert_eq!(item("SVF_TRUNK_RATIO").as_deref(), Some("0.6"));
    assert_eq!(item("SVF_TRANSMISSIVITY").as_deref(), Some("0.5"));
}

#[test]
fn what_is_no_vegetation_changes_no_byte() {
    let (folder, heights, canopy) = park();
    folder.write_dem("zero.tif", &Array2::zeros(heights.dim()));
    // NoData, negative and NaN heights of vegetation are none.
    let mut nothing = Array2::from_elem(heights.dim(), f64::NAN);
    nothing.slice_mut(s![..20, ..]).fill(-3.0);
    nothing.slice_mut(s![20..40, ..]).fill(-9999.0);
    Dem { nodata: Some(-9999.0), ..Dem::of(&nothing) }.write::<f32>(&folder.path("nothing.tif"));
    let common = ["--radius", "15", "--measure", "svf,svf-slope,visible-sky"];
    folder.ok(&[&["dsm.tif", "bare.tif"], &common[..]].concat());
    for (name, extra) in [
        ("zero", &["--canopy", "zero.tif"][..]),
        ("nothing", &["--canopy", "nothing.tif"]),
        ("clear", &["--canopy", "cdsm.tif", "--transmissivity", "1"]),
    ] {
        let out = format!("{name}_sky.tif");
        folder.ok(&[&["dsm.tif", &out], &common[..], extra].concat());
        for band in 1..=3 {
            assert_same_bits(&folder.band(&out, band), &folder.band("bare.tif", band), name);
        }
    }
    // Opaque down to the ground: as if it were part of the heights, for those not under it.
    folder.write_dem("sum.tif", &(&heights + &canopy));
    folder.ok(&["sum.tif", "sum_sky.tif", "--radius", "15"]);
    let opaque = ["--canopy", "cdsm.tif", "--transmissivity", "0", "--trunk-ratio", "0"];
    folder.ok(&[&["dsm.tif", "opaque.tif", "--radius", "15"], &opaque[..]].concat());
    let (sum, seen) = (folder.band("sum_sky.tif", 1), folder.band("opaque.tif", 1));
    let mut beside = 0;
    for ((at, sum), seen) in sum.indexed_iter().zip(&seen) {
        if canopy[at] == 0.0 {
            assert!((sum - seen).abs() < 1e-5, "{at:?}: {seen}, as heights {sum}");
            beside += 1;
        } else {
            assert!(*seen < 1e-6, "{at:?}: under an opaque bush {seen}");
        }
    }
    assert!(beside > 3000);
}

#[test]
fn measures_of_the_surface_do_not_heed_it_and_say_so() {
    let (folder, ..) = park();
    let run = folder.ok(&[
        "dsm.tif",
        "sky.tif",
        "--measure",
        "openness-positive,svf",
        "--canopy",
        "cdsm.tif",
    ]);
    assert!(run.stderr.contains("warning: cdsm.tif has no effect on openness-positive"), "{run}");
    folder.ok(&["dsm.tif", "bare.tif", "--measure", "openness-positive"]);
    assert_same_bits(&folder.band("sky.tif", 1), &folder.band("bare.tif", 1), "openness");
    assert!(folder.band("sky.tif", 2)[(40, 40)] < 1.0);
}

#[test]
fn a_canopy_that_does_not_fit_is_refused() {
    let (folder, ..) = park();
    folder.write_dem("small.tif", &trees(70, 80));
    let moved = [ORIGIN.0 + 0.5, 1.0, 0.0, ORIGIN.1, 0.0, -1.0];
    Dem { geo_transform: moved, ..Dem::of(&trees(70, 90).mapv(f64::from)) }
        .write::<f32>(&folder.path("moved.tif"));
    let refused = |options: &[&str], code: i32, words: &[&str]| {
        folder.svf(&[&["dsm.tif", "out.tif"], options].concat()).assert_refused(code, words);
        assert!(!folder.path("out.tif").exists());
    };
    refused(
        &["--canopy", "small.tif"],
        1,
        &[
            "small.tif: it has 80 x 70 cells, but dsm.tif has 90 x 70",
            "gdalwarp -r bilinear -te 500000 4649930 500090 4650000 -ts 90 70 small.tif",
        ],
    );
    refused(
        &["--canopy", "moved.tif"],
        1,
        &["moved.tif: its cells do not line up with those of dsm.tif"],
    );
    let turned = [ORIGIN.0, 0.0, 1.0, ORIGIN.1, -1.0, 0.0];
    Dem { geo_transform: turned, ..Dem::of(&trees(70, 90).mapv(f64::from)) }
        .write::<f32>(&folder.path("turned.tif"));
    refused(&["--canopy", "turned.tif"], 1, &["turned.tif: the grid is rotated"]);
    refused(&["--canopy", "/vsistdin/"], 2, &["only INPUT can be read from /vsistdin/"]);
    refused(&["--canopy", "none.tif"], 1, &["cannot open none.tif"]);
    refused(&["--transmissivity", "0.1"], 2, &["--canopy"]);
    refused(
        &["--canopy", "cdsm.tif", "--transmissivity", "3"],
        2,
        &["transmissivity must be 0 to 1, got 3"],
    );
    refused(&["--canopy", "cdsm.tif", "--trunk-ratio", "-0.1"], 2, &["trunk ratio must be 0 to 1"]);
    refused(
        &["--canopy", "cdsm.tif", "--trunk", "cdsm.tif", "--trunk-ratio", "0.5"],
        2,
        &["--trunk"],
    );
    folder
        .svf(&["dsm.tif", "cdsm.tif", "--canopy", "cdsm.tif", "--overwrite"])
        .assert_refused(2, &["cdsm.tif is the input"]);
}
