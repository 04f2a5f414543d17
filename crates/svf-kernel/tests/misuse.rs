//! What safe callers may get wrong: every number and shape that makes no sense is an error
//! or a panic with a message, before the search looks at a single sample.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use ndarray::{Array2, Array3, ArrayView2, Axis, s};
use svf_kernel::geometry::{Fan, Sample, halo_of, samples_at_most};
use svf_kernel::simd::SimdLevel;
use svf_kernel::tile::{Clip, Halo, Window, clip_to_raster};
use svf_kernel::{
    Anisotropy, Canopy, CellSize, Curvature, Graticule, Ground, Kernel, Measure, Missing,
    ParamError, Params, Sampling, Tile, Trunk, reference,
};

/// What a panic says.
fn panic_of<T>(run: impl FnOnce() -> T) -> String {
    let Err(panic) = catch_unwind(AssertUnwindSafe(run)) else { panic!("no panic") };
    match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => panic.downcast_ref::<&str>().copied().unwrap_or_default().to_owned(),
    }
}

fn kernel_on(params: &Params, ground: impl Into<Ground>) -> Result<Kernel, ParamError> {
    Kernel::new(params, ground, &[Measure::Svf], SimdLevel::detect())
}

fn kernel(params: &Params) -> Kernel {
    kernel_on(params, CellSize::square(1.0)).unwrap()
}

fn refusal(params: &Params, ground: impl Into<Ground>) -> ParamError {
    kernel_on(params, ground).map(|_| ()).unwrap_err()
}

/// A pit of so many rows and columns, one receiver deep in its middle.
fn pit(rows: usize, cols: usize) -> Array2<f32> {
    Array2::from_shape_fn((rows, cols), |(row, col)| {
        let from_middle = row.abs_diff(rows / 2).max(col.abs_diff(cols / 2));
        3.0 * from_middle.min(4) as f32
    })
}

fn svf(kernel: &Kernel, tile: Tile<'_>) -> Array3<f32> {
    let halo = kernel.halo();
    let (rows, cols) = tile.heights.dim();
    let mut out = Array3::zeros((1, rows - 2 * halo.rows_px, cols - 2 * halo.cols_px));
    kernel.compute(tile, out.view_mut());
    out
}

fn wgs84(first_row_deg: f64, rows: std::ops::Range<u64>) -> Graticule {
    Graticule {
        first_row_deg,
        south_deg: 1.0 / 3600.0,
        east_deg: 1.0 / 3600.0,
        semi_major: 6_378_137.0,
        flattening: 1.0 / 298.257_223_563,
        rows,
    }
}

/// How messages write a number.
fn plain(value: f64) -> String {
    if value.abs() == 5e-324 { format!("{value:e}") } else { value.to_string() }
}

/// All of them, or under Miri, which is slow, the first few.
fn some<T>(of: &[T]) -> &[T] {
    if cfg!(miri) { &of[..of.len().min(2)] } else { of }
}

/// Rows and columns of a tile wider than a strip, and the radius of searches on it.
const WIDE: (usize, usize) = if cfg!(miri) { (3, 66) } else { (9, 70) };
const RADIUS: f64 = if cfg!(miri) { 1.0 } else { 4.0 };
/// Two cells of such a tile, inside and at an edge.
const PLACES: [(usize, usize); 2] = [(1, 30), (WIDE.0 - 1, 3)];

const RULES: [Missing; 3] = [Missing::Skip, Missing::Stop, Missing::Nan];

/// Numbers that are none, or of absurd size.
const WILD: [f64; 12] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    0.0,
    -0.0,
    5e-324,
    5e-309,
    1e-300,
    1e300,
    -1e300,
    f64::MAX,
    -1.0,
];

#[test]
fn cells_without_extent_or_of_absurd_size() {
    let params = Params::new(10.0, 8);
    let square = |side| refusal(&params, CellSize::square(side));
    for side in [0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert!(matches!(square(side), ParamError::CellSize { .. }), "{side}");
        let oblong = CellSize { east: 1.0, south: side };
        assert!(matches!(refusal(&params, oblong), ParamError::CellSize { .. }), "{side}");
    }
    for side in [5e-324, 5e-309, -5e-309, 1e-300, 9e-13, 1.1e12, 1e300, f64::MAX] {
        let name = "cell size";
        let range = "1e-12 to 1e12";
        let error = ParamError::Range { name, value: side.abs(), range };
        assert_eq!(square(side), error, "{side:e}");
    }
    assert_eq!(square(5e-309).to_string(), "cell size must be 1e-12 to 1e12, got 5e-309");
    let needle = CellSize { east: 1e-3, south: 2e3 };
    assert_eq!(
        refusal(&params, needle).to_string(),
        "the longer side of a cell must be at most 1000000 times the shorter side, got 2000"
    );
    // The smallest, the largest and the longest that are taken.
    for (cell, radius) in [
        (CellSize::square(1e-12), 3e-12),
        (CellSize::square(-1e12), 3e12),
        // Miri would count to a million for hours.
        (CellSize { east: 1.0, south: if cfg!(miri) { 1e2 } else { 1e6 } }, 1e2),
    ] {
        for sampling in [Sampling::Linear, Sampling::Nearest, Sampling::Divided { divisions: 9 }] {
            let params = Params { sampling, ..Params::new(radius, 8) };
            assert!(kernel_on(&params, cell).is_ok(), "{cell:?}, {sampling:?}");
        }
    }
}

#[test]
fn a_radius_is_positive_and_of_a_number_of_samples_that_fits() {
    let one = CellSize::square(1.0);
    for radius in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, -1.0, -1e300] {
        assert!(matches!(refusal(&Params::new(radius, 8), one), ParamError::Radius(_)), "{radius}");
    }
    for radius in [1e300, f64::MAX, 1.1e6] {
        assert_eq!(refusal(&Params::new(radius, 8), one), ParamError::TooFar(radius));
    }
    assert_eq!(
        ParamError::TooFar(1e300).to_string(),
        "radius of 1e300 cells is above the limit of 1000000 cells"
    );
    for radius in [5e-324, 1e-300, 0.9] {
        let error = ParamError::RadiusBelowCell { radius, cell: 1.0 };
        assert_eq!(refusal(&Params::new(radius, 8), one), error, "{radius:e}");
    }
    let many = Params::new(1e6, 720);
    assert_eq!(refusal(&many, one), ParamError::TooManySamples(720 * 1_000_003));
    assert_eq!(Fan::new(&many, one), Err(ParamError::TooManySamples(720 * 1_000_003)));
    assert_eq!(halo_of(&many, one), Err(ParamError::TooManySamples(720 * 1_000_003)));
    assert_eq!(
        refusal(&many, one).to_string(),
        "720002160 samples per cell are more than the limit of 100000000: \
         use a shorter radius or fewer directions"
    );
    for directions in [0, 3, 721, u32::MAX] {
        let params = Params::new(10.0, directions);
        assert_eq!(refusal(&params, one), ParamError::Directions(directions));
    }
    for divisions in [0, 100_001, u32::MAX] {
        let sampling = Sampling::Divided { divisions };
        let params = Params { sampling, ..Params::new(10.0, 8) };
        assert_eq!(refusal(&params, one), ParamError::Divisions(divisions));
    }
}

#[test]
fn numbers_of_the_search_that_make_no_sense() {
    let one = CellSize::square(1.0);
    let base = Params::new(10.0, 8);
    let refused = |params: Params| refusal(&params, one);
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let not_finite = |name| format!("{name} must be a finite number, got {value}");
        let params = Params { observer_height: value, ..base.clone() };
        assert_eq!(refused(params).to_string(), not_finite("observer height"));
        let anisotropy = Anisotropy { azimuth_deg: value, ..Anisotropy::default() };
        let params = Params { anisotropy, ..base.clone() };
        assert_eq!(refused(params).to_string(), not_finite("anisotropy azimuth"));
        let curvature = Some(Curvature { refraction: value, earth_radius: 6e6 });
        assert_eq!(
            refused(Params { curvature, ..base.clone() }).to_string(),
            not_finite("refraction")
        );
    }
    for azimuth_deg in [-361.0, 1e308] {
        let anisotropy = Anisotropy { azimuth_deg, ..Anisotropy::default() };
        let said = refused(Params { anisotropy, ..base.clone() }).to_string();
        assert!(said.starts_with("anisotropy azimuth must be -360 to 360 degrees"), "{said}");
    }
    for value in [1.1e15, -1e300, f64::MAX] {
        let params = Params { observer_height: value, ..base.clone() };
        let range = "-1e15 to 1e15";
        assert_eq!(refused(params), ParamError::Range { name: "observer height", value, range });
    }
    for value in [f64::NAN, f64::INFINITY, 0.0, -0.0, -1.0, -1e300] {
        let params = Params { z_factor: value, ..base.clone() };
        assert!(matches!(refused(params), ParamError::ZFactor(_)), "{value}");
    }
    for value in [5e-324, 5e-309, 9e-10, 1.1e9, 1e300] {
        let params = Params { z_factor: value, ..base.clone() };
        let range = "1e-9 to 1e9";
        assert_eq!(refused(params), ParamError::Range { name: "z factor", value, range });
    }
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, -6e6, -5e-324] {
        let curvature = Some(Curvature { refraction: 0.13, earth_radius: value });
        let error = refused(Params { curvature, ..base.clone() });
        assert_eq!(
            error.to_string(),
            format!("the Earth's radius must be a positive number, got {}", plain(value)),
        );
        assert!(matches!(error, ParamError::EarthRadius(_)));
    }
    for earth_radius in [5e-324, 1e-300, 9.0] {
        let curvature = Some(Curvature { refraction: 0.13, earth_radius });
        let error = ParamError::BeyondEarth { radius: 10.0, earth_radius };
        assert_eq!(refused(Params { curvature, ..base.clone() }), error);
    }
    for value in [101.0, -1e300] {
        let curvature = Some(Curvature { refraction: value, earth_radius: 6e6 });
        let range = "-100 to 100";
        let error = ParamError::Range { name: "refraction", value, range };
        assert_eq!(refused(Params { curvature, ..base.clone() }), error);
    }
    for value in [f64::NAN, f64::INFINITY, -0.1, 1.1, -1e300] {
        let share = |canopy| refused(Params { canopy: Some(canopy), ..base.clone() }).to_string();
        let opaque = Canopy { trunk: Trunk::Heights, transmissivity: value };
        assert!(share(opaque).starts_with("transmissivity must be 0 to 1, got "), "{value}");
        let floating = Canopy { trunk: Trunk::Ratio(value), transmissivity: 0.5 };
        assert!(share(floating).starts_with("trunk ratio must be 0 to 1, got "), "{value}");
    }
}

#[test]
fn every_number_of_every_parameter_may_be_anything() {
    let ok = |params: &Params, cell: CellSize| kernel_on(params, cell).is_ok();
    for &a in some(&WILD) {
        for &b in some(&WILD) {
            let base = Params::new(10.0, 8);
            let curvature = Some(Curvature { refraction: a, earth_radius: b });
            let one = CellSize::square(1.0);
            // What is accepted is in the range that the errors name.
            let fine = a.abs() <= 100.0 && b.is_finite() && b >= 10.0;
            assert_eq!(ok(&Params { curvature, ..base.clone() }, one), fine, "{a:e}, {b:e}");
            let lifted = Params { observer_height: a, z_factor: b, ..base.clone() };
            assert!(!ok(&lifted, one), "{a:e}, {b:e}");
            let cell = CellSize { east: a, south: b };
            let fine = a.abs() == 1.0 && b.abs() == 1.0;
            assert_eq!(ok(&base, cell), fine, "{a:e}, {b:e}");
            let sampling = Sampling::Nearest;
            let params = Params { radius: a, sampling, ..base.clone() };
            assert!(!ok(&params, CellSize::square(b)), "{a:e}, {b:e}");
        }
    }
    assert_eq!(samples_at_most(&Params::new(1e300, 720), 5e-309), u64::MAX);
    assert_eq!(samples_at_most(&Params::new(f64::NAN, 8), 1.0), 0);
}

#[test]
fn a_graticule_lies_between_the_poles() {
    let params = Params::new(500.0, 8);
    let refused = |graticule: Graticule| {
        let error = refusal(&params, graticule.clone());
        // The definition refuses the same.
        let surface = reference::Surface { heights: Array2::zeros((2, 2)), crowns: None };
        let by_reference = reference::compute(&surface, graticule, &params, &[Measure::Svf]);
        // Miri's sine and cosine differ in the last digits from call to call.
        let said = |error: &ParamError| {
            let text = error.to_string();
            if cfg!(miri) { text.split(", got ").next().unwrap().to_owned() } else { text }
        };
        assert_eq!(said(&by_reference.unwrap_err()), said(&error));
        error
    };
    let good = || wgs84(47.0, 0..9);
    assert!(kernel_on(&params, good()).is_ok());
    // Across either pole, rows running south or north.
    for (first_row_deg, south_deg, rows) in [
        (90.001, 1.0 / 3600.0, 0..9_000),
        (-89.0, 1.0 / 3600.0, 0..9_000),
        (89.0, -1.0 / 3600.0, 0..9_000),
        (-90.001, -1.0 / 3600.0, 0..9_000),
        (89.0, 0.1, 0..u64::MAX),
        (1e300, 1e-3, 0..1),
    ] {
        let error = refused(Graticule { first_row_deg, south_deg, rows, ..good() });
        assert!(error.to_string().starts_with("latitude must be -90 to 90, got "), "{error}");
    }
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, 0.0, 361.0] {
        let steps = "must be -360 to 360 and not 0, got ";
        let error = refused(Graticule { south_deg: value, ..good() });
        assert!(error.to_string().starts_with(&format!("degrees per row {steps}")), "{error}");
        let error = refused(Graticule { east_deg: value, ..good() });
        assert!(error.to_string().starts_with(&format!("degrees per column {steps}")), "{error}");
    }
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let error = refused(Graticule { first_row_deg: value, ..good() });
        assert!(error.to_string().starts_with("latitude must be -90 to 90"), "{error}");
    }
    for value in [f64::NAN, f64::INFINITY, 0.0, -0.0, -6e6, 1e300] {
        let error = refused(Graticule { semi_major: value, ..good() });
        assert!(matches!(error, ParamError::Range { name: "equatorial radius", .. }), "{error}");
    }
    for value in [f64::NAN, f64::INFINITY, 1.0, 2.0, -1.0, 1e300] {
        let error = refused(Graticule { flattening: value, ..good() });
        assert!(matches!(error, ParamError::Range { name: "flattening", .. }), "{error}");
    }
    #[expect(clippy::reversed_empty_ranges, reason = "what is tested")]
    for rows in [0..0, 7..7, 7..3, u64::MAX..0] {
        assert_eq!(refused(Graticule { rows, ..good() }), ParamError::NoRows);
    }
    // At the pole itself cells have no width.
    let error = refused(Graticule { first_row_deg: 90.0, rows: 0..9, ..good() });
    assert!(
        matches!(error, ParamError::Range { name: "cell size" | "the longer side of a cell", .. }),
        "{error}"
    );
    // Steps without length on a grid of endless rows.
    let endless = Graticule { south_deg: 1e-300, rows: 0..u64::MAX, ..good() };
    assert!(matches!(refused(endless), ParamError::Range { name: "cell size", .. }));
}

#[test]
fn rows_that_the_graticule_does_not_have() {
    // The nearer to the pole, the narrower the cells and the farther the halo reaches.
    let kernel = kernel_on(&Params::new(500.0, 8), wgs84(80.0, 100..110)).unwrap();
    let halo = kernel.halo();
    let z = pit(4 + 2 * halo.rows_px, 4 + 2 * halo.cols_px);
    let compute = |row| svf(&kernel, Tile::of(z.view(), row));
    assert!(compute(100).iter().chain(&compute(106)).all(|svf| (0.0..=1.0).contains(svf)));
    for row in [0, 97, 99, 107, 110, 36_000, 5_000_000, u64::MAX - 1, u64::MAX] {
        assert_eq!(
            panic_of(|| compute(row)),
            format!("the graticule does not have 4 rows from row {row} on")
        );
    }
    let surface = reference::Surface { heights: Array2::zeros((4, 4)), crowns: None };
    let params = Params::new(500.0, 8);
    let by_reference = || reference::compute(&surface, wgs84(80.0, 0..3), &params, &[Measure::Svf]);
    assert_eq!(panic_of(by_reference), "the graticule does not have 4 rows");
}

#[test]
fn layers_are_those_that_the_parameters_ask_for() {
    let z = pit(5, 5);
    let crown = Array2::from_elem((5, 5), 4.0_f32);
    let tile = |canopy: bool, trunk: bool| Tile {
        canopy: canopy.then(|| crown.view()),
        trunk: trunk.then(|| crown.view()),
        ..Tile::of(z.view(), 0)
    };
    let with = |trunk| Params {
        canopy: Some(Canopy { trunk, transmissivity: 0.5 }),
        ..Params::new(2.0, 8)
    };
    let bare = kernel(&Params::new(2.0, 8));
    let by_ratio = kernel(&with(Trunk::Ratio(0.25)));
    let by_height = kernel(&with(Trunk::Heights));
    for (kernel, fits) in
        [(&bare, (false, false)), (&by_ratio, (true, false)), (&by_height, (true, true))]
    {
        for (canopy, trunk) in [(false, false), (true, false), (false, true), (true, true)] {
            let compute = || svf(kernel, tile(canopy, trunk));
            if (canopy, trunk) == fits {
                assert_eq!(compute().dim(), (1, 1, 1));
                continue;
            }
            let which = if canopy != fits.0 { "a canopy" } else { "trunks" };
            let message = panic_of(compute);
            assert!(
                message.contains(&format!(
                    "the tile must have {which} if, and only if, the parameters"
                )),
                "{message}"
            );
        }
    }
    let surface = |canopy: bool, trunk: bool, params: &Params| {
        let layer = |there: bool| there.then(|| crown.view());
        reference::Surface::new(z.view(), layer(canopy), layer(trunk), params)
    };
    let message = panic_of(|| surface(false, true, &with(Trunk::Heights)));
    assert_eq!(message, "the parameters need a canopy");
    let message = panic_of(|| surface(true, false, &with(Trunk::Heights)));
    assert_eq!(message, "the parameters need trunks");
}

#[test]
fn shapes_fit_together() {
    let kernel = kernel(&Params::new(2.0, 8));
    let z = pit(9, 9);
    let compute = |rows: usize, cols: usize, shape| {
        let mut out = Array3::zeros(shape);
        kernel.compute(Tile::of(z.slice(s![..rows, ..cols]), 0), out.view_mut());
    };
    compute(9, 9, (1, 5, 5));
    compute(4, 9, (1, 0, 5));
    compute(9, 4, (1, 5, 0));
    for shape in [(0, 5, 5), (2, 5, 5)] {
        let message = panic_of(|| compute(9, 9, shape));
        assert!(message.contains("as many bands as the measures"), "{message}");
    }
    for (rows, cols, shape) in [
        (9, 9, (1, 6, 5)),
        (9, 9, (1, 5, 4)),
        (8, 9, (1, 5, 5)),
        (0, 0, (1, 5, 5)),
        (9, 9, (1, 0, 0)),
    ] {
        let message = panic_of(|| compute(rows, cols, shape));
        assert!(message.contains("rows and columns of a layer"), "{message}");
    }
    let crown = Array2::zeros((9, 8));
    let canopy = Some(Canopy { trunk: Trunk::Ratio(0.5), transmissivity: 0.5 });
    let leafy = self::kernel(&Params { canopy, ..Params::new(2.0, 8) });
    let tile = Tile { canopy: Some(crown.view()), ..Tile::of(z.view(), 0) };
    let message = panic_of(|| svf(&leafy, tile));
    assert!(message.contains("rows and columns of a layer"), "{message}");
    // No measure, no band.
    let level = SimdLevel::detect();
    let none = Kernel::new(&Params::new(2.0, 8), CellSize::square(1.0), &[], level).unwrap();
    none.compute(Tile::of(z.view(), 0), Array3::zeros((0, 5, 5)).view_mut());
}

#[test]
fn views_of_any_strides_give_the_same() {
    let kernel = kernel(&Params::new(2.0, 8));
    let z = pit(11, 13);
    let same = |view: ArrayView2<'_, f32>| {
        let copy = Array2::from_shape_fn(view.dim(), |at| view[at]);
        assert_eq!(svf(&kernel, Tile::of(view, 0)), svf(&kernel, Tile::of(copy.view(), 0)));
    };
    for view in [
        z.view(),
        z.t(),
        z.slice(s![..;-1, ..]),
        z.slice(s![.., ..;-1]),
        z.slice(s![..;2, ..]),
        z.slice(s![.., ..;2]),
        z.row(3).broadcast((9, 13)).unwrap(),
        z.column(3).insert_axis(Axis(1)).broadcast((11, 9)).unwrap(),
        z.slice(s![4..5, 4..5]).broadcast((7, 7)).unwrap(),
        z.slice(s![5..6, ..]).broadcast((6, 13)).unwrap(),
    ] {
        same(view);
    }
}

#[test]
fn the_largest_height_of_any_view() {
    let mut z = pit(11, 130);
    z[(7, 120)] = -80.5;
    let kernel = kernel(&Params::new(2.0, 8)).skipping(true);
    for view in [z.view(), z.t(), z.slice(s![..;-1, ..;-1]), z.slice(s![1..;2, ..;4])] {
        assert_eq!(kernel.largest(view), Some(80.5));
    }
    assert_eq!(kernel.largest(Array2::from_elem((3, 3), f32::NAN).view()), Some(0.0));
    assert_eq!(kernel.largest(Array2::zeros((0, 0)).view()), Some(0.0));
    assert_eq!(self::kernel(&Params::new(2.0, 8)).skipping(false).largest(z.view()), None);
    for wrong in [f32::NAN, -1.0, f32::NEG_INFINITY] {
        let tile = Tile { largest: Some(wrong), ..Tile::of(z.view(), 0) };
        assert_eq!(panic_of(|| svf(&kernel, tile)), "the largest height must be 0 or more");
    }
    // Too large a number costs time, no bit.
    let plain = svf(&kernel, Tile::of(z.view(), 0));
    for large in [1e6, 1e20, f32::INFINITY] {
        let tile = Tile { largest: Some(large), ..Tile::of(z.view(), 0) };
        assert_eq!(svf(&kernel, tile), plain);
    }
}

/// Both ways through a tile give the same, and what the definition says.
fn assert_as_reference(params: &Params, z: &Array2<f32>, canopy: Option<&Array2<f32>>) {
    let cell = CellSize::square(1.0);
    let measures =
        [Measure::OpennessPositive, Measure::OpennessNegative, Measure::Svf, Measure::SvfSlope];
    let layer = canopy.map(|layer| layer.view());
    let surface = reference::Surface::new(z.view(), layer, None, params);
    let exact = reference::compute(&surface, cell, params, &measures).unwrap();
    for skips in [false, true] {
        let kernel =
            Kernel::new(params, cell, &measures, SimdLevel::detect()).unwrap().skipping(skips);
        let halo = kernel.halo();
        let (rows, cols) = z.dim();
        let pad = |layer: &Array2<f32>, outside: f32| {
            let mut padded = Array2::from_elem(halo.padded(rows, cols), outside);
            let core = s![halo.rows_px..halo.rows_px + rows, halo.cols_px..halo.cols_px + cols];
            padded.slice_mut(core).assign(layer);
            padded
        };
        let (heights, canopy) = (pad(z, f32::NAN), canopy.map(|layer| pad(layer, 0.0)));
        let tile = Tile {
            canopy: canopy.as_ref().map(|layer| layer.view()),
            largest: kernel.largest(heights.view()),
            ..Tile::of(heights.view(), 0)
        };
        let mut out = Array3::zeros((4, rows, cols));
        kernel.compute(tile, out.view_mut());
        for ((at, fast), exact) in out.indexed_iter().zip(&exact) {
            let span = if at.0 < 2 { 180.0 } else { 1.0 };
            assert!(
                fast.is_nan() && exact.is_nan() || (f64::from(*fast) - exact).abs() <= 1e-5 * span,
                "{at:?}: kernel {fast}, reference {exact}, skipping {skips}"
            );
        }
    }
}

#[test]
fn heights_that_are_none_or_of_absurd_size() {
    let wild = [f32::INFINITY, f32::MAX, f32::NEG_INFINITY, f32::NAN, f32::MIN, 1e30, -1e17];
    for &wild in some(&wild) {
        for &missing in some(&RULES) {
            let mut z = pit(WIDE.0, WIDE.1);
            for at in PLACES {
                z[at] = wild;
            }
            let params = Params { missing, ..Params::new(RADIUS, 8) };
            assert_as_reference(&params, &z, None);
        }
    }
    // One pole of f32 beside the other.
    let z = Array2::from_shape_fn(
        (7, 7),
        |(row, col)| {
            if (row + col) % 2 == 0 { f32::MAX } else { f32::MIN }
        },
    );
    assert_as_reference(&Params::new(3.0, 4), &z, None);
}

#[test]
fn crowns_that_are_none_or_of_absurd_size() {
    let z = pit(WIDE.0, WIDE.1);
    let wild = [f32::INFINITY, f32::MAX, f32::NEG_INFINITY, f32::NAN, f32::MIN, -3.0];
    // Crowns are the slowest of all under Miri.
    let (most, directions) = if cfg!(miri) { (1, 4) } else { (usize::MAX, 8) };
    for &wild in wild.iter().take(most) {
        let mut crowns = Array2::from_shape_fn(z.dim(), |(row, col)| ((row * col) % 7) as f32);
        for at in PLACES {
            crowns[at] = wild;
        }
        for &missing in RULES.iter().take(most) {
            let canopy = Some(Canopy { trunk: Trunk::Ratio(0.3), transmissivity: 0.25 });
            let params = Params { missing, canopy, ..Params::new(RADIUS, directions) };
            assert_as_reference(&params, &z, Some(&crowns));
        }
    }
}

#[test]
fn levels_that_the_processor_lacks_are_refused() {
    for level in SimdLevel::ALL {
        let make =
            || Kernel::new(&Params::new(2.0, 8), CellSize::square(1.0), &[Measure::Svf], level);
        if level.is_supported() {
            assert!(make().is_ok());
            assert_eq!(level.name().parse(), Ok(level));
        } else {
            assert_eq!(panic_of(make), format!("this processor does not have {level}"));
            let error = level.name().parse::<SimdLevel>().unwrap_err();
            assert_eq!(error, format!("this processor does not have {level}"));
        }
    }
    assert!(SimdLevel::Portable.is_supported());
}

#[test]
fn sums_of_rows_and_columns_stay_within_64_bits() {
    const MOST: u64 = u64::MAX;
    let window = Window { row: MOST - 1, col: 5, rows: 7, cols: MOST };
    assert_eq!((window.row_end(), window.col_end(), window.cells()), (MOST, MOST, MOST));
    assert!(window.contains(&window) && Window::whole(MOST, MOST).contains(&window));
    let halo = Halo { rows_px: usize::MAX, cols_px: 3 };
    assert_eq!(halo.padded(9, usize::MAX), (usize::MAX, usize::MAX));
    let halo = Halo { rows_px: 2, cols_px: 3 };
    // A core that ends beyond the raster, and cores that lie beside it.
    let clip = |row, rows| clip_to_raster(&Window { row, col: 1, rows, cols: 1 }, halo, 10, 10);
    let of = |row, rows, at_row| Clip {
        source: Window { row, col: 0, rows, cols: 5 },
        row: at_row,
        col: 2,
    };
    assert_eq!(clip(8, 9), of(6, 4, 0));
    assert_eq!(clip(11, 1), of(9, 1, 0));
    assert_eq!(clip(12, 1), of(10, 0, 0));
    assert_eq!(clip(400, 1), of(10, 0, 0));
    assert_eq!(clip(MOST, MOST), of(10, 0, 0));
    assert_eq!(clip(0, MOST), of(0, 10, 2));
}

#[test]
fn a_sample_between_any_two_cells() {
    let sample =
        Sample { near: (i32::MIN, 0), far: (i32::MAX, 0), weight: 0.5, distance: f64::NAN };
    assert_eq!(sample.offset(), (-0.5, 0.0));
    assert!(!sample.is_receiver());
    let z = Array2::from_elem((3, 3), 1.0);
    assert_eq!(reference::height_at(z.view(), 1, 1, &sample), None);
    assert_eq!(reference::height_at(z.view(), usize::MAX, 0, &sample), None);
}
