//! Surfaces whose measures have a closed form, and the worked example of the method.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use ndarray::{Array2, Array3, ArrayView2, s};
use svf_kernel::simd::SimdLevel;
use svf_kernel::{CellSize, Kernel, Measure, Missing, Params, Sampling, reference};

fn params(directions: u32, radius: f64, sampling: Sampling) -> Params {
    Params {
        radius,
        directions,
        sampling,
        missing: Missing::Skip,
        observer_height: 0.0,
        z_factor: 1.0,
        curvature: None,
    }
}

/// Kernel values of the cells that have their whole halo.
fn interior(z: ArrayView2<'_, f32>, params: &Params, measures: &[Measure]) -> Array3<f32> {
    let kernel = Kernel::new(params, CellSize::square(1.0), measures, SimdLevel::detect()).unwrap();
    let halo = kernel.halo();
    let (rows, cols) = (z.nrows() - 2 * halo.rows_px, z.ncols() - 2 * halo.cols_px);
    let mut out = Array3::zeros((kernel.bands(), rows, cols));
    kernel.compute(z, out.view_mut());
    out
}

/// `svf` and `svf-cosine` of the middle cell of a square raster of side 2 R + 1.
fn at_centre(surface: impl Fn(f64, f64) -> f64, radius: i32) -> (f64, f64) {
    let side = 2 * radius as usize + 1;
    let z = Array2::from_shape_fn((side, side), |(row, col)| {
        surface(f64::from(row as i32 - radius), f64::from(col as i32 - radius)) as f32
    });
    let params = params(360, f64::from(radius), Sampling::Linear);
    let out = interior(z.view(), &params, &[Measure::Svf, Measure::SvfCosine]);
    assert_eq!(out.dim(), (2, 1, 1));
    (f64::from(out[(0, 0, 0)]), f64::from(out[(1, 0, 0)]))
}

fn assert_close(what: &str, (svf, cosine): (f64, f64), want_svf: f64, want_cosine: f64) {
    assert!((svf - want_svf).abs() <= 0.002, "{what}: svf {svf}, exactly {want_svf}");
    assert!((cosine - want_cosine).abs() <= 0.002, "{what}: {cosine}, exactly {want_cosine}");
}

const PI: f64 = std::f64::consts::PI;

#[test]
fn flat_ground_and_a_summit_see_the_whole_sky() {
    assert_eq!(at_centre(|_, _| 12.5, 20), (1.0, 1.0));
    assert_eq!(at_centre(|row, col| -row.hypot(col), 20), (1.0, 1.0));
}

#[test]
fn planes() {
    for slope_deg in [5.0_f64, 10.0, 30.0, 45.0, 60.0] {
        let slope = slope_deg.to_radians();
        // One plane that faces a grid axis, one that faces between.
        for aspect_deg in [0.0_f64, 27.0] {
            let (east, north) = aspect_deg.to_radians().sin_cos();
            let seen = at_centre(|row, col| slope.tan() * (north * row - east * col), 60);
            let what = format!("plane of {slope_deg} degrees facing {aspect_deg}");
            assert_close(&what, seen, 1.0 - slope / PI, (1.0 + slope.cos()) / 2.0);
            if slope_deg == 45.0 {
                assert!((seen.0 - 0.75).abs() <= 0.0005, "{what}: {}", seen.0);
            }
        }
    }
}

#[test]
fn one_infinite_wall() {
    // A wall of height H whose face passes through cell centres d away. Near the ends of the
    // half circle the ray meets it beyond the radius: take a radius of 40 distances.
    let (d, height) = (20.0, 30.0);
    let seen = at_centre(|row, _| if row <= -d { height } else { 0.0 }, 800);
    let b = (height / d).atan();
    assert_close("wall", seen, 1.0 - b / PI, (1.0 + b.cos()) / 2.0);
}

#[test]
fn an_infinite_canyon() {
    // The faces are ramps one cell wide: far enough away not to show.
    let (d1, d2, height) = (40.0, 60.0, 50.0);
    let seen = at_centre(|_, col| if col <= -d1 || col >= d2 { height } else { 0.0 }, 1200);
    let (b1, b2) = ((height / d1).atan(), (height / d2).atan());
    assert_close("canyon", seen, 1.0 - (b1 + b2) / PI, (b1.cos() + b2.cos()) / 2.0);
}

#[test]
fn the_centre_of_a_circular_pit() {
    // The rim is a step between cell centres: the radius of the pit is known to half a cell,
    // so the pit is wide.
    let (radius, height) = (700.0, 350.0);
    let seen = at_centre(
        |row, col| {
            if row.hypot(col) >= radius { height } else { 0.0 }
        },
        720,
    );
    let b = (height / radius).atan();
    assert_close("pit", seen, 1.0 - b.sin(), b.cos().powi(2));
}

#[test]
fn every_measure_of_a_uniform_horizon() {
    // The same pit: all directions see the rim under the same angle of 30 degrees.
    let (radius, angle) = (700.0, 30.0_f64.to_radians());
    let side = 1441;
    let z = Array2::from_shape_fn((side, side), |(row, col)| {
        let from_centre = (row as f64 - 720.0).hypot(col as f64 - 720.0);
        if from_centre >= radius { (radius * angle.tan()) as f32 } else { 0.0 }
    });
    let measures = [
        Measure::Svf,
        Measure::SvfCosine,
        Measure::VisibleSky,
        Measure::SvfCos,
        Measure::OpennessPositive,
        Measure::HorizonDistance,
        Measure::Coverage,
    ];
    let out = interior(z.view(), &params(64, 720.0, Sampling::Linear), &measures);
    let want = [0.5, 0.75, 2.0 / 3.0, 0.75_f64.sqrt(), 60.0, 700.0, 1.0];
    let tolerance = [0.001, 0.001, 0.001, 0.001, 0.06, 0.7, 0.0];
    for (band, (want, tolerance)) in want.into_iter().zip(tolerance).enumerate() {
        let value = f64::from(out[(band, 0, 0)]);
        assert!((value - want).abs() <= tolerance, "{:?}: {value}, exactly {want}", measures[band]);
    }
}

#[test]
fn openness_of_a_cone_and_of_its_inverse() {
    // A cone of 20 degrees: from its tip every horizon lies 20 degrees below.
    let t = 20.0_f64.to_radians().tan();
    let cone = Array2::from_shape_fn((81, 81), |(row, col)| {
        (-t * (row as f64 - 40.0).hypot(col as f64 - 40.0)) as f32
    });
    let params = params(16, 40.0, Sampling::Nearest);
    let measures =
        [Measure::OpennessPositive, Measure::OpennessNegative, Measure::Horizon { signed: true }];
    let out = interior(cone.view(), &params, &measures);
    let close = |band: usize, want: f32| {
        let value = out[(band, 0, 0)];
        assert!((value - want).abs() < 1e-3, "band {band}: {value}, exactly {want}");
    };
    close(0, 110.0);
    close(1, 70.0);
    (2..18).for_each(|band| close(band, -20.0));
    let bowl = cone.mapv(|z| -z);
    let out = interior(bowl.view(), &params, &measures[..2]);
    assert!((out[(0, 0, 0)] - 70.0).abs() < 1e-3 && (out[(1, 0, 0)] - 110.0).abs() < 1e-3);
}

#[test]
fn observer_height_z_factor_and_curvature_move_a_wall_as_they_should() {
    use svf_kernel::Curvature;
    // One cell of height 10 at distance 20, east of the receiver.
    let mut z = Array2::zeros((41, 41));
    z[(20, 40)] = 10.0_f32;
    let east = |params: &Params| {
        let out = interior(z.view(), params, &[Measure::Horizon { signed: true }]);
        f64::from(out[(1, 0, 0)])
    };
    let plain = params(4, 20.0, Sampling::Linear);
    let close = |value: f64, tangent: f64| {
        let want = tangent.atan().to_degrees();
        assert!((value - want).abs() < 1e-4, "{value}, exactly {want}");
    };
    close(east(&plain), 10.0 / 20.0);
    close(east(&Params { observer_height: 2.0, ..plain.clone() }), 8.0 / 20.0);
    close(east(&Params { z_factor: 3.0, ..plain.clone() }), 30.0 / 20.0);
    close(east(&Params { observer_height: 2.0, z_factor: 3.0, ..plain.clone() }), 28.0 / 20.0);
    // An Earth of radius 50: the drop at 20 is (1 - 0.13) 400 / 100 = 3.48.
    let curvature = Some(Curvature { refraction: 0.13, earth_radius: 50.0 });
    close(east(&Params { curvature, ..plain }), (10.0 - 3.48) / 20.0);
}

/// The worked example of the method: 10 x 10 heights, receiver (4, 4).
fn example() -> Array2<f64> {
    let text = "
        0.06 0.37 0.26 0.06 0.48 0.42 0.11 0.35 0.08 0.31
        0.03 0.34 0.23 0.3  0.42 0.49 0.35 0.38 0.44 0.04
        0.25 0.23 0.39 0.26 0.2  0.03 0.3  0.43 0.15 0.43
        0.16 0.13 0.49 0.06 0.1  0.4  0.44 0.29 0.28 0.01
        0.12 0.28 0.42 0.31 0.08 0.01 0.03 0.15 0.46 0.48
        0.32 0.27 0.04 0.31 0.5  0.17 0.34 0.19 0.03 0.02
        0.17 0.46 0.05 0.19 0.   0.03 0.42 0.06 0.06 0.07
        0.26 0.21 0.22 0.21 0.39 0.14 0.1  0.32 0.45 0.12
        0.35 0.04 0.34 0.04 0.07 0.03 0.09 0.28 0.17 0.13
        0.03 0.07 0.16 0.5  0.41 0.15 0.36 0.48 0.05 0.16";
    let heights = text.split_whitespace().map(|z| z.parse().unwrap()).collect();
    Array2::from_shape_vec((10, 10), heights).unwrap()
}

#[test]
fn the_worked_example_to_the_last_digit() {
    let params = params(16, 3.0, Sampling::Divided { divisions: 5 });
    let fan = svf_kernel::geometry::Fan::new(&params, CellSize::square(1.0)).unwrap();
    let z = example();
    let sights: Vec<_> =
        fan.lines.iter().map(|line| reference::look(z.view(), 4, 4, line, &params)).collect();
    assert_eq!(reference::value(Measure::Svf, &sights), 0.736_350_342_424_371_5);

    let kernel =
        Kernel::new(&params, CellSize::square(1.0), &[Measure::Svf], SimdLevel::detect()).unwrap();
    let halo = kernel.halo();
    assert_eq!((halo.rows_px, halo.cols_px), (3, 3));
    let z = z.mapv(|z| z as f32);
    let mut out = Array3::zeros((1, 1, 1));
    kernel.compute(z.slice(s![1..8, 1..8]), out.view_mut());
    assert!((f64::from(out[(0, 0, 0)]) - 0.736_350_342_4).abs() < 1e-6, "{}", out[(0, 0, 0)]);
}
