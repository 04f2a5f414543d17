//! Surfaces whose measures have a closed form, and the worked example of the method.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use ndarray::{Array2, Array3, ArrayView2, s};
use svf_kernel::simd::SimdLevel;
use svf_kernel::{
    Anisotropy, AnisotropyLevel, Canopy, CellSize, Curvature, Graticule, Ground, Kernel, Measure,
    Missing, Params, Sampling, Side, Tile, Trunk, reference,
};

fn params(directions: u32, radius: f64, sampling: Sampling) -> Params {
    Params { sampling, ..Params::new(radius, directions) }
}

/// Kernel values of the cells that have their whole halo.
fn interior(z: ArrayView2<'_, f32>, params: &Params, measures: &[Measure]) -> Array3<f32> {
    let kernel = Kernel::new(params, CellSize::square(1.0), measures, SimdLevel::detect()).unwrap();
    let halo = kernel.halo();
    let (rows, cols) = (z.nrows() - 2 * halo.rows_px, z.ncols() - 2 * halo.cols_px);
    let mut out = Array3::zeros((kernel.bands(), rows, cols));
    kernel.compute(Tile::of(z, 0), out.view_mut());
    out
}

/// The rules that interpolate, and so are exact on planes.
const INTERPOLATED: [Sampling; 2] = [Sampling::Linear, Sampling::Crossings];

/// `svf` and `svf-cosine` of the middle cell of a square raster of side 2 R + 1.
fn at_centre(surface: impl Fn(f64, f64) -> f64, radius: i32, sampling: Sampling) -> (f64, f64) {
    let side = 2 * radius as usize + 1;
    let z = Array2::from_shape_fn((side, side), |(row, col)| {
        surface(f64::from(row as i32 - radius), f64::from(col as i32 - radius)) as f32
    });
    let params = params(360, f64::from(radius), sampling);
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
    for sampling in INTERPOLATED {
        assert_eq!(at_centre(|_, _| 12.5, 20, sampling), (1.0, 1.0));
        assert_eq!(at_centre(|row, col| -row.hypot(col), 20, sampling), (1.0, 1.0));
    }
}

#[test]
fn planes() {
    for slope_deg in [5.0_f64, 10.0, 30.0, 45.0, 60.0] {
        let slope = slope_deg.to_radians();
        // One plane that faces a grid axis, one that faces between.
        for (aspect_deg, sampling) in
            [0.0_f64, 27.0].into_iter().flat_map(|a| INTERPOLATED.map(|sampling| (a, sampling)))
        {
            let (east, north) = aspect_deg.to_radians().sin_cos();
            let plane = |row: f64, col: f64| slope.tan() * (north * row - east * col);
            let seen = at_centre(plane, 60, sampling);
            let what = format!("plane of {slope_deg} degrees facing {aspect_deg}, {sampling:?}");
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
    let (d, height) = (20.0_f64, 30.0_f64);
    let b = (height / d).atan();
    for sampling in INTERPOLATED {
        let seen = at_centre(|row, _| if row <= -d { height } else { 0.0 }, 800, sampling);
        assert_close("wall", seen, 1.0 - b / PI, (1.0 + b.cos()) / 2.0);
    }
}

#[test]
fn an_infinite_canyon() {
    // The faces are ramps one cell wide: far enough away not to show.
    let (d1, d2, height) = (40.0_f64, 60.0_f64, 50.0_f64);
    let (b1, b2) = ((height / d1).atan(), (height / d2).atan());
    for sampling in INTERPOLATED {
        let wall = |_: f64, col: f64| if col <= -d1 || col >= d2 { height } else { 0.0 };
        let seen = at_centre(wall, 1200, sampling);
        assert_close("canyon", seen, 1.0 - (b1 + b2) / PI, (b1.cos() + b2.cos()) / 2.0);
    }
}

#[test]
fn the_centre_of_a_circular_pit() {
    // The rim is a step between cell centres: the radius of the pit is known to half a cell,
    // so the pit is wide.
    let (radius, height) = (700.0_f64, 350.0_f64);
    let b = (height / radius).atan();
    let pit = |row: f64, col: f64| if row.hypot(col) >= radius { height } else { 0.0 };
    for sampling in INTERPOLATED {
        assert_close("pit", at_centre(pit, 720, sampling), 1.0 - b.sin(), b.cos().powi(2));
    }
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
fn any_point_of_a_hemispherical_bowl_sees_half_from_its_own_slope() {
    // Inside a sphere every element sees every other equally well: the opening, a half of
    // the sphere, fills half of the view from anywhere on the other half.
    let radius = 200.0_f64;
    let side = 421;
    let height = |row: f64, col: f64| {
        let from_centre = (row - 210.0).hypot(col - 210.0);
        if from_centre >= radius {
            0.0
        } else {
            -(radius * radius - from_centre * from_centre).sqrt()
        }
    };
    let z = Array2::from_shape_fn((side, side), |(row, col)| height(row as f64, col as f64) as f32);
    let params = params(128, 2.2 * radius, Sampling::Linear);
    let measures = [Measure::SvfSlope, Measure::TerrainView];
    let kernel =
        Kernel::new(&params, CellSize::square(1.0), &measures, SimdLevel::detect()).unwrap();
    let halo = kernel.halo();
    // Beyond the raster nothing is higher than its rim.
    let mut padded = Array2::from_elem(halo.padded(side, side), f32::NAN);
    padded
        .slice_mut(s![halo.rows_px..halo.rows_px + side, halo.cols_px..halo.cols_px + side])
        .assign(&z);
    let mut out = Array3::zeros((2, side, side));
    kernel.compute(Tile::of(padded.view(), 0), out.view_mut());
    for (row, col) in
        [(210, 210), (210, 160), (150, 210), (120, 150), (300, 300), (210, 360), (80, 260)]
    {
        let from_centre = (row as f64 - 210.0).hypot(col as f64 - 210.0);
        let cos_slope = (1.0 - (from_centre / radius).powi(2)).sqrt();
        let (svf, terrain) = (f64::from(out[(0, row, col)]), f64::from(out[(1, row, col)]));
        assert!((svf - 0.5).abs() <= 0.005, "({row}, {col}): svf-slope {svf}, exactly 0.5");
        let want = cos_slope / 2.0;
        assert!((terrain - want).abs() <= 0.006, "({row}, {col}): {terrain}, exactly {want}");
    }
}

#[test]
fn planes_seen_from_themselves() {
    for slope_deg in [5.0_f64, 30.0, 45.0, 70.0] {
        let slope = slope_deg.to_radians();
        for aspect_deg in [0.0_f64, 27.0, 135.0, 270.0] {
            let (east, north) = aspect_deg.to_radians().sin_cos();
            let z = Array2::from_shape_fn((41, 41), |(row, col)| {
                (slope.tan() * (north * (row as f64 - 20.0) - east * (col as f64 - 20.0))) as f32
            });
            let measures = [Measure::SvfSlope, Measure::TerrainView];
            let out = interior(z.view(), &params(360, 20.0, Sampling::Linear), &measures);
            let want = (1.0 + slope.cos()) / 2.0;
            let (svf, terrain) = (f64::from(out[(0, 0, 0)]), f64::from(out[(1, 0, 0)]));
            assert!(
                (svf - want).abs() <= 0.002,
                "{slope_deg} facing {aspect_deg}: {svf}, exactly {want}"
            );
            assert!(terrain.abs() <= 0.002, "{slope_deg} facing {aspect_deg}: terrain {terrain}");
        }
    }
}

#[test]
fn a_slope_above_flat_land_sees_only_the_sky_above_its_own_plane() {
    // Nothing rises above the receiver but the slope it stands on, which ends one cell
    // further up: the heights alone would let it look below its own plane.
    let slope = 40.0_f64.to_radians();
    let z = Array2::from_shape_fn((41, 41), |(row, _)| {
        (slope.tan() * (20.0 - row as f64).clamp(-1.0, 1.0)) as f32
    });
    let out = interior(z.view(), &params(360, 20.0, Sampling::Linear), &[Measure::SvfSlope]);
    let want = (1.0 + slope.cos()) / 2.0;
    assert!(
        (f64::from(out[(0, 0, 0)]) - want).abs() <= 0.002,
        "{}, exactly {want}",
        out[(0, 0, 0)]
    );
}

#[test]
fn slopes_beside_gaps_and_edges_are_those_of_the_neighbour_that_is_there() {
    let cell = CellSize { east: 2.0, south: 0.5 };
    // Rises 3 per cell eastwards, 1 per cell southwards.
    let z = Array2::from_shape_fn((3, 3), |(row, col)| 3.0 * col as f64 + row as f64);
    let want = (-1.5_f64).hypot(2.0).atan();
    let slope_plane = |z: &Array2<f64>, row, col| {
        reference::slope_plane(z.view(), row, col, cell, &Params::new(5.0, 8))
    };
    for (row, col) in [(1, 1), (0, 0), (2, 2), (0, 1)] {
        let slope_plane = slope_plane(&z, row, col);
        assert!((slope_plane.slope - want).abs() < 1e-12, "({row}, {col}): {slope_plane:?}");
        // Downhill is west and north.
        assert!(
            (slope_plane.aspect - f64::atan2(-1.5, 2.0)).abs() < 1e-12,
            "({row}, {col}): {slope_plane:?}"
        );
    }
    let mut gaps = z;
    gaps[(1, 0)] = f64::NAN;
    assert!((slope_plane(&gaps, 1, 1).slope - want).abs() < 1e-12);
    gaps[(1, 2)] = f64::NAN;
    assert!((slope_plane(&gaps, 1, 1).slope - 2.0_f64.atan()).abs() < 1e-12);
}

/// `slope` and `aspect` of the middle cell of 3 x 3 cells, from the kernel; the reference agrees.
fn slope_and_aspect(
    z: &Array2<f32>,
    ground: impl Into<Ground>,
    params: &Params,
) -> (f32, Option<f32>) {
    let (measures, ground) = ([Measure::Slope, Measure::Aspect], ground.into());
    let out = svf_kernel::compute(z.view(), ground.clone(), params, &measures).unwrap();
    let surface = reference::Surface::new(z.view(), None, None, params);
    let exact = reference::compute(&surface, ground, params, &measures).unwrap();
    for ((at, fast), exact) in out.indexed_iter().zip(&exact) {
        assert_eq!(fast.is_nan(), exact.is_nan(), "{at:?}: {fast}, {exact}");
        let off = (f64::from(*fast) - exact).abs();
        assert!(exact.is_nan() || off.min(360.0 - off) <= 2e-5, "{at:?}: {fast}, {exact}");
    }
    let aspect = out[(1, 1, 1)];
    (out[(0, 1, 1)], (!aspect.is_nan()).then_some(aspect))
}

/// 3 x 3 heights that rise by these numbers from column to column and from row to row.
fn ramp(per_col: f32, per_row: f32) -> Array2<f32> {
    Array2::from_shape_fn((3, 3), |(row, col)| {
        per_col * (col as f32 - 1.0) + per_row * (row as f32 - 1.0)
    })
}

#[test]
fn slope_and_aspect_of_planes_that_face_each_way() {
    let steepest = 2.0_f64.sqrt().atan().to_degrees() as f32;
    // Downhill eastwards and northwards.
    for (east, north, aspect, slope) in [
        (0.0, 1.0, 0.0, 45.0),
        (1.0, 1.0, 45.0, steepest),
        (1.0, 0.0, 90.0, 45.0),
        (1.0, -1.0, 135.0, steepest),
        (0.0, -1.0, 180.0, 45.0),
        (-1.0, -1.0, 225.0, steepest),
        (-1.0, 0.0, 270.0, 45.0),
        (-1.0, 1.0, 315.0, steepest),
    ] {
        let params = params(8, 2.0, Sampling::Linear);
        let want = (slope, Some(aspect));
        let square = CellSize::square(1.0);
        assert_eq!(slope_and_aspect(&ramp(-east, north), square, &params), want);
        // The same plane on cells of 4 x 0.5, on rows that run north, and with heights in another
        // unit.
        let cell = CellSize { east: 4.0, south: 0.5 };
        assert_eq!(slope_and_aspect(&ramp(-4.0 * east, 0.5 * north), cell, &params), want);
        let cell = CellSize { east: 1.0, south: -1.0 };
        assert_eq!(slope_and_aspect(&ramp(-east, -north), cell, &params), want);
        let feet = Params { z_factor: 0.25, ..params };
        assert_eq!(slope_and_aspect(&ramp(-4.0 * east, 4.0 * north), square, &feet), want);
    }
    // tan 30 from the sides 1 and sqrt(3), and an aspect of 60 degrees.
    let (east, north) = (0.5, 3.0_f32.sqrt() / 6.0);
    let (slope, aspect) = slope_and_aspect(
        &ramp(-east, north),
        CellSize::square(1.0),
        &params(8, 2.0, Sampling::Linear),
    );
    assert!((slope - 30.0).abs() < 1e-5 && (aspect.unwrap() - 60.0).abs() < 1e-5, "{slope}");
}

#[test]
fn level_ground_has_the_slope_0_and_no_aspect() {
    let params = params(8, 2.0, Sampling::Linear);
    let square = CellSize::square(1.0);
    assert_eq!(slope_and_aspect(&Array2::from_elem((3, 3), 812.5), square, &params), (0.0, None));
    // A summit and a pit, whose neighbours are as high as each other.
    let mut summit = Array2::zeros((3, 3));
    summit[(1, 1)] = 7.0;
    assert_eq!(slope_and_aspect(&summit, square, &params), (0.0, None));
    assert_eq!(slope_and_aspect(&-summit, square, &params), (0.0, None));
    // The least difference that f32 can tell is a slope, and so has an aspect.
    let mut least = Array2::from_elem((3, 3), 1.0);
    least[(1, 2)] += f32::EPSILON;
    let (slope, aspect) = slope_and_aspect(&least, square, &params);
    assert!(slope > 0.0 && slope < 1e-5, "{slope}");
    assert_eq!(aspect, Some(270.0));
    // A wall that no ground has.
    let (slope, aspect) = slope_and_aspect(&ramp(1e15, 1e15), square, &params);
    assert_eq!((slope, aspect), (90.0, Some(315.0)));
}

#[test]
fn an_aspect_just_west_of_north_is_less_than_360() {
    let params = params(8, 2.0, Sampling::Linear);
    let aspect = |per_col: f32| {
        slope_and_aspect(&ramp(per_col, 1.0), CellSize::square(1.0), &params).1.unwrap()
    };
    let below_360 = 360.0_f32.next_down();
    // f32 has steps of 3e-5 degrees there, 5e-7 radians.
    assert_eq!([aspect(1e-9), aspect(2e-7), aspect(5e-7)], [0.0, 0.0, below_360]);
    // To the east, it keeps its digits.
    assert_eq!(aspect(-1e-9), f64::from(1e-9_f32).to_degrees() as f32);
}

#[test]
fn slope_and_aspect_beside_gaps_are_those_of_the_neighbour_that_is_there() {
    // A plane with a bend through the receiver: 3 east and 1 west of it, 2 south and 4 north.
    let mut z = Array2::zeros((3, 3));
    (z[(1, 2)], z[(1, 0)], z[(2, 1)], z[(0, 1)]) = (3.0, -1.0, 2.0, -4.0);
    let params = params(8, 2.0, Sampling::Linear);
    let holed = |cells: &[(usize, usize)]| {
        let mut z = z.clone();
        cells.iter().for_each(|cell| z[*cell] = f32::NAN);
        slope_and_aspect(&z, CellSize::square(1.0), &params)
    };
    // Rises of E eastwards and S southwards: it faces (-E, S).
    let want = |east: f64, south: f64| {
        let aspect = f64::atan2(-east, south).to_degrees().rem_euclid(360.0);
        (east.hypot(south).atan().to_degrees() as f32, Some(aspect as f32))
    };
    let (north, east, south, west) = ((0, 1), (1, 2), (2, 1), (1, 0));
    assert_eq!(holed(&[]), want(2.0, 3.0));
    assert_eq!(holed(&[west]), want(3.0, 3.0));
    assert_eq!(holed(&[east]), want(1.0, 3.0));
    assert_eq!(holed(&[north]), want(2.0, 2.0));
    assert_eq!(holed(&[south, east]), want(1.0, 4.0));
    assert_eq!(holed(&[west, east]), want(0.0, 3.0));
    assert_eq!(holed(&[north, south]), want(2.0, 0.0));
    assert_eq!(holed(&[north, east, south, west]), (0.0, None));
    // Only these four cells count.
    assert_eq!(holed(&[(0, 0), (0, 2), (2, 0), (2, 2)]), want(2.0, 3.0));
    // The edges of the raster are gaps, too.
    let plane = ramp(1.0, 1.0);
    let all = svf_kernel::compute(
        plane.view(),
        CellSize::square(1.0),
        &params,
        &[Measure::Aspect, Measure::Slope],
    );
    let all = all.unwrap();
    assert!(all.slice(s![0, .., ..]).iter().all(|aspect| *aspect == 315.0), "{all}");
    let slope = 2.0_f64.sqrt().atan().to_degrees() as f32;
    assert!(all.slice(s![1, .., ..]).iter().all(|value| *value == slope), "{all}");
}

#[test]
fn slope_and_aspect_in_degrees_use_the_cells_of_their_row() {
    let ground = Graticule {
        first_row_deg: 60.01,
        south_deg: 0.01,
        east_deg: 0.01,
        semi_major: 6_371_000.0,
        flattening: 0.0,
        rows: 0..3,
    };
    // The middle row is at 60 degrees, where a degree of longitude is half of one of latitude:
    // rises of 500 per column and 1000 per row are equal.
    let params = params(8, 3000.0, Sampling::Linear);
    let (slope, aspect) = slope_and_aspect(&ramp(-500.0, 1000.0), ground, &params);
    let metres = 6_371_000.0 * 0.01_f64.to_radians();
    let want = (1000.0 * 2.0_f64.sqrt() / metres).atan().to_degrees();
    assert!((f64::from(slope) - want).abs() < 1e-5, "{slope}, exactly {want}");
    assert!((aspect.unwrap() - 45.0).abs() < 1e-4, "{aspect:?}");
}

#[test]
fn halves_of_the_sky_on_either_side_of_a_wall() {
    // A wall north of the receiver: the southern half is open, the northern is that of a wall.
    let (d, height) = (20.0, 30.0);
    let z = Array2::from_shape_fn((1601, 1601), |(row, _)| {
        if row as f64 <= 800.0 - d { height as f32 } else { 0.0 }
    });
    let measures = [
        Measure::SvfNorth,
        Measure::SvfEast,
        Measure::SvfSouth,
        Measure::SvfWest,
        Measure::SvfCosine,
    ];
    let out = interior(z.view(), &params(360, 800.0, Sampling::Linear), &measures);
    let b = f64::atan(height / d);
    let want = [b.cos(), (1.0 + b.cos()) / 2.0, 1.0, (1.0 + b.cos()) / 2.0, (1.0 + b.cos()) / 2.0];
    for (band, want) in want.into_iter().enumerate() {
        let value = f64::from(out[(band, 0, 0)]);
        assert!((value - want).abs() <= 0.003, "{:?}: {value}, exactly {want}", measures[band]);
    }
}

#[test]
fn a_tower_in_the_north_east_is_in_the_direction_that_points_there() {
    // 10 high, 5 cells east and 5 cells north.
    let mut z = Array2::zeros((41, 41));
    z[(15, 25)] = 10.0_f32;
    let of = |turned: Params| {
        let measures = [Measure::Horizon { signed: false }];
        let out = interior(z.view(), &turned, &measures);
        let (_, rows, cols) = out.dim();
        (0..4).map(|i| out[(i, rows / 2, cols / 2)]).collect::<Vec<f32>>()
    };
    let plain = params(4, 10.0, Sampling::Linear);
    let angle = (10.0_f64 / 50.0_f64.sqrt()).atan().to_degrees() as f32;
    for (turned, band) in [
        (Params { first_azimuth_deg: 45.0, ..plain.clone() }, 0),
        (Params { north_deg: 45.0, ..plain.clone() }, 0),
        (Params { north_deg: -45.0, ..plain.clone() }, 1),
        (Params { first_azimuth_deg: 30.0, north_deg: 15.0, ..plain.clone() }, 0),
        (Params { first_azimuth_deg: 89.0, north_deg: 226.0, ..plain.clone() }, 1),
    ] {
        let mut expected = [0.0; 4];
        expected[band] = angle;
        let found = of(turned.clone());
        let is_close = found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-4);
        assert!(is_close, "{found:?}, expected {expected:?} for {turned:?}");
    }
    assert_eq!(of(plain), [0.0; 4]);
}

#[test]
fn a_sky_that_is_brighter_on_one_side() {
    // One direction of four sees a wall of 45 degrees.
    let value = |wall_at: (usize, usize), anisotropy| {
        let mut z = Array2::zeros((41, 41));
        z[wall_at] = 10.0_f32;
        let params = Params { anisotropy, ..Params::new(10.0, 4) };
        let kernel = Kernel::new(
            &params,
            CellSize::square(1.0),
            &[Measure::SvfAnisotropic],
            SimdLevel::detect(),
        )
        .unwrap();
        let mut out = Array3::zeros((1, 1, 1));
        kernel.compute(Tile::of(z.slice(s![10..31, 10..31]), 0), out.view_mut());
        f64::from(out[(0, 0, 0)])
    };
    let sin45 = std::f64::consts::FRAC_1_SQRT_2;
    // Brightest in the east: weights there 1, to the sides w + (1 - w) cos^p 45, opposite w.
    for (level, darkest, power) in [(AnisotropyLevel::Low, 0.4, 4), (AnisotropyLevel::High, 0.1, 8)]
    {
        let anisotropy = Anisotropy { azimuth_deg: 90.0, level };
        let side = darkest + (1.0 - darkest) * sin45.powi(power);
        let all = 1.0 + 2.0 * side + darkest;
        let close = |at, weight: f64| {
            let want = 1.0 - weight * sin45 / all;
            assert!(
                (value(at, anisotropy) - want).abs() < 1e-6,
                "{level:?} {at:?}, exactly {want}"
            );
        };
        close((20, 30), 1.0);
        close((10, 20), side);
        close((30, 20), side);
        close((20, 10), darkest);
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
    let surface = reference::Surface { heights: z.clone(), crowns: None };
    let level = reference::SlopePlane { slope: 0.0, aspect: 0.0 };
    let sights: Vec<_> =
        fan.lines.iter().map(|line| reference::look(&surface, 4, 4, line, &params)).collect();
    assert_eq!(reference::value(Measure::Svf, &sights, level, &params), 0.736_350_342_424_371_5);

    let kernel =
        Kernel::new(&params, CellSize::square(1.0), &[Measure::Svf], SimdLevel::detect()).unwrap();
    let halo = kernel.halo();
    assert_eq!((halo.rows_px, halo.cols_px), (3, 3));
    let z = z.mapv(|z| z as f32);
    let mut out = Array3::zeros((1, 1, 1));
    kernel.compute(Tile::of(z.slice(s![1..8, 1..8]), 0), out.view_mut());
    assert!((f64::from(out[(0, 0, 0)]) - 0.736_350_342_4).abs() < 1e-6, "{}", out[(0, 0, 0)]);
}

/// Sky view of the middle of a flat raster with a canopy, east the only direction that counts.
fn under(canopy: &Array2<f32>, with: Canopy, measures: &[Measure]) -> Vec<f64> {
    let flat = Array2::zeros(canopy.dim());
    let params = Params { canopy: Some(with), ..Params::new(20.0, 4) };
    let kernel =
        Kernel::new(&params, CellSize::square(1.0), measures, SimdLevel::detect()).unwrap();
    let mut out = Array3::zeros((measures.len(), 1, 1));
    let tile = Tile { canopy: Some(canopy.view()), ..Tile::of(flat.view(), 0) };
    kernel.compute(tile, out.view_mut());
    // Four directions, one of which meets the tree: four times the loss is its own.
    out.iter().map(|value| 1.0 - 4.0 * (1.0 - f64::from(*value))).collect()
}

#[test]
fn a_tree_covers_the_sky_between_its_crowns_bottom_and_its_top() {
    let measures = [Measure::Svf, Measure::SvfCosine, Measure::VisibleSky];
    let mut canopy = Array2::zeros((41, 41));
    canopy[(20, 30)] = 10.0_f32;
    let with = |ratio, transmissivity| Canopy { trunk: Trunk::Ratio(ratio), transmissivity };
    let close = |values: &[f64], want: [f64; 3]| {
        for (value, want) in values.iter().zip(want) {
            assert!((value - want).abs() < 1e-5, "{value}, exactly {want}");
        }
    };
    // From 0 to 45 degrees, opaque: a wall. Then from where the crown's bottom ends, half a
    // cell further, then thinned.
    let wall = [1.0 - 0.5_f64.sqrt(), 0.5, 0.5];
    close(&under(&canopy, with(0.0, 0.0), &measures), wall);
    let bottom = (2.5_f64 / 10.5).atan();
    let crown = [
        1.0 - (0.5_f64.sqrt() - bottom.sin()),
        1.0 - (0.5 - bottom.sin().powi(2)),
        1.0 - (0.5 - 2.0 * bottom / PI),
    ];
    close(&under(&canopy, with(0.25, 0.0), &measures), crown);
    close(
        &under(&canopy, with(0.25, 0.6), &measures),
        crown.map(|share| 1.0 - 0.4 * (1.0 - share)),
    );
    close(&under(&canopy, with(0.25, 1.0), &measures), [1.0; 3]);
}

#[test]
fn crowns_behind_one_another_cover_their_union() {
    // Tops at 5, 10 and 15 with slopes 2, 2.8 and 0.4; bottoms half a cell further. The third
    // lies apart.
    let mut canopy = Array2::zeros((41, 41));
    for (distance, height) in [(5, 10.0_f32), (10, 28.0), (15, 6.0)] {
        canopy[(20, 20 + distance)] = height;
    }
    let with = Canopy { trunk: Trunk::Ratio(0.5), transmissivity: 0.2 };
    let sin2 = |t: f64| t.atan().sin().powi(2);
    let covered = (sin2(2.8) - sin2(5.0 / 5.5)) + (sin2(0.4) - sin2(3.0 / 15.5));
    let value = under(&canopy, with, &[Measure::SvfCosine])[0];
    let want = 1.0 - 0.8 * covered;
    assert!((value - want).abs() < 1e-5, "{value}, exactly {want}");
}

#[test]
fn crowns_are_before_behind_or_above_a_wall() {
    let measures = [
        Measure::SvfVeg(Side::All),
        Measure::SvfAveg(Side::All),
        Measure::SvfVeg(Side::East),
        Measure::SvfAveg(Side::West),
    ];
    // East: a wall with slope 1 at a distance of 10, and a crown of 10 m with its bottom at a
    // quarter. North, south and west are free.
    let seen = |wall: Option<usize>, crown: Option<usize>, missing| {
        let (mut z, mut canopy) = (Array2::<f32>::zeros((41, 41)), Array2::<f32>::zeros((41, 41)));
        for row in 0..41 {
            if let Some(distance) = wall {
                z[(row, 20 + distance)] = distance as f32;
            }
            if let Some(distance) = crown {
                canopy[(row, 20 + distance)] = 10.0;
            }
        }
        let with = Canopy { trunk: Trunk::Ratio(0.25), transmissivity: 0.03 };
        let params = Params { canopy: Some(with), missing, ..Params::new(20.0, 4) };
        let kernel =
            Kernel::new(&params, CellSize::square(1.0), &measures, SimdLevel::detect()).unwrap();
        let mut out = Array3::zeros((measures.len(), 1, 1));
        let tile = Tile { canopy: Some(canopy.view()), ..Tile::of(z.view(), 0) };
        kernel.compute(tile, out.view_mut());
        <[f32; 4]>::try_from(out.into_raw_vec_and_offset().0).unwrap().map(f64::from)
    };
    let sin2 = |t: f64| t.atan().sin().powi(2);
    // One of four directions; one of two in the eastern half, where the others count half.
    let is = |got: [f64; 4], veg: f64, aveg: f64| {
        let want = [1.0 - veg / 4.0, 1.0 - aveg / 4.0, 1.0 - veg / 2.0, 1.0];
        for (got, want) in got.iter().zip(want) {
            assert!((got - want).abs() < 1e-6, "{got}, exactly {want}");
        }
    };
    for missing in [Missing::Skip, Missing::Stop] {
        is(seen(Some(10), None, missing), 0.0, 0.0);
        // The gap below the crown is open.
        is(seen(None, Some(5), missing), sin2(2.0) - sin2(2.5 / 5.5), 0.0);
        // The crown is before the wall, and above it.
        is(seen(Some(10), Some(5), missing), sin2(2.0) - sin2(1.0), sin2(1.0) - sin2(2.5 / 5.5));
        // It is behind the wall: only what is above it counts.
        is(seen(Some(4), Some(5), missing), sin2(2.0) - sin2(1.0), 0.0);
        is(seen(Some(4), Some(12), missing), 0.0, 0.0);
    }
}

#[test]
fn under_a_crown_the_sky_is_seen_past_its_rim() {
    // A tree on the receiver's own cell: its bottom, 3 above, ends half a cell away.
    let mut canopy = Array2::zeros((41, 41));
    canopy[(20, 20)] = 12.0_f32;
    let with = Canopy { trunk: Trunk::Ratio(0.25), transmissivity: 0.0 };
    let value = under(&canopy, with, &[Measure::Svf])[0];
    // All four directions alike.
    let want = 1.0 - 4.0 * (1.0 - f64::atan(3.0 / 0.5).sin());
    assert!((value - want).abs() < 1e-5, "{value}, exactly {want}");
}

/// A round crown on a stem, opaque, on flat ground.
struct RoundCrown {
    radius: f64,
    bottom: f64,
    top: f64,
}

impl RoundCrown {
    /// Share of the sky (`of` its height angle) that is open at a distance from the stem:
    /// integral over the azimuth of what the chord through the cylinder hides.
    fn open(&self, distance: f64, of: impl Fn(f64) -> f64) -> f64 {
        const STEPS: u32 = 20_000;
        let hidden = |i: u32| {
            let azimuth = 2.0 * PI * (f64::from(i) + 0.5) / f64::from(STEPS);
            let along = -distance * azimuth.cos();
            let half2 = self.radius.powi(2) - (distance * azimuth.sin()).powi(2);
            let (near, far) = (along - half2.max(0.0).sqrt(), along + half2.max(0.0).sqrt());
            if half2 <= 0.0 || far <= 0.0 {
                return 0.0;
            }
            let top = if near <= 0.0 { PI / 2.0 } else { (self.top / near).atan() };
            of(top) - of((self.bottom / far).atan())
        };
        1.0 - (0..STEPS).map(hidden).sum::<f64>() / f64::from(STEPS)
    }

    /// The same on cells of 1: those whose centre the crown covers, and as wide as they are
    /// together. Values of receivers (rows, columns) from the stem on, crowns as a share of
    /// their tops and as heights alike.
    fn on_cells(&self, params: &Params, measures: &[Measure], size: (usize, usize)) -> Array3<f32> {
        let seen = |trunk: Trunk| {
            let canopy = Some(Canopy { trunk, transmissivity: 0.0 });
            let params = Params { canopy, ..params.clone() };
            let level = SimdLevel::detect();
            let kernel = Kernel::new(&params, CellSize::square(1.0), measures, level).unwrap();
            let halo = kernel.halo();
            let shape = halo.padded(size.0, size.1);
            let crown = |height: f64| {
                Array2::from_shape_fn(shape, |(row, col)| {
                    let row = row as f64 - halo.rows_px as f64;
                    let col = col as f64 - halo.cols_px as f64;
                    if row.hypot(col) <= self.radius { height as f32 } else { 0.0 }
                })
            };
            let (flat, top, bottom) = (Array2::zeros(shape), crown(self.top), crown(self.bottom));
            let tile = Tile {
                canopy: Some(top.view()),
                trunk: (trunk == Trunk::Heights).then(|| bottom.view()),
                ..Tile::of(flat.view(), 0)
            };
            let mut out = Array3::zeros((measures.len(), size.0, size.1));
            kernel.compute(tile, out.view_mut());
            out
        };
        let of_share = seen(Trunk::Ratio(self.bottom / self.top));
        for (share, height) in of_share.iter().zip(&seen(Trunk::Heights)) {
            assert!((share - height).abs() < 1e-5, "{share}, {height}");
        }
        of_share
    }

    /// The radius of a disc as large as the cells together.
    fn widened_to_its_cells(self) -> Self {
        let reach = self.radius.ceil() as i32;
        let cells = (-reach..=reach)
            .flat_map(|row| (-reach..=reach).map(move |col| f64::from(row).hypot(f64::from(col))))
            .filter(|distance| *distance <= self.radius)
            .count();
        Self { radius: (cells as f64 / PI).sqrt(), ..self }
    }
}

#[test]
fn a_round_crown_on_a_stem_from_below_and_from_beside() {
    let measures = [Measure::Svf, Measure::SvfCosine];
    let crowns = [
        (1.5, 2.0, 8.0),
        (2.3, 2.0, 8.0),
        (2.3, 4.0, 8.0),
        (3.0, 2.0, 8.0),
        (5.0, 2.5, 10.0),
        (5.0, 5.0, 10.0),
        (12.0, 3.0, 15.0),
    ];
    // Exact values by crown, for every receiver but those at the rim, which cells know to half
    // their width only.
    let mut exact = Vec::new();
    for (radius, bottom, top) in crowns {
        let crown = RoundCrown { radius, bottom, top }.widened_to_its_cells();
        let mut values = Vec::new();
        for ((band, row, col), ()) in Array3::from_elem((2, 3, 24), ()).indexed_iter() {
            let distance = (row as f64).hypot(col as f64);
            let value = match band {
                0 => crown.open(distance, f64::sin),
                _ => crown.open(distance, |angle| angle.sin().powi(2)),
            };
            values.push(((distance - crown.radius).abs() >= 0.75).then_some(value));
        }
        exact.push(values);
    }
    for sampling in [Sampling::Linear, Sampling::Crossings, Sampling::Nearest] {
        for (n, largest_rmse) in [(16, 0.012), (64, 0.008), (180, 0.008), (360, 0.008)] {
            let (mut squares, mut sum, mut count) = (0.0, 0.0, 0.0);
            for ((radius, bottom, top), exact) in crowns.into_iter().zip(&exact) {
                let crown = RoundCrown { radius, bottom, top };
                let seen = crown.on_cells(&params(n, 30.0, sampling), &measures, (3, 24));
                for ((at, value), exact) in seen.indexed_iter().zip(exact) {
                    let Some(exact) = exact else { continue };
                    let error = f64::from(*value) - exact;
                    let what = format!("radius {radius}, {bottom} to {top}, {sampling:?}, n {n}");
                    assert!(error.abs() < 0.05, "{what}, {at:?}: {value}, exactly {exact}");
                    squares += error * error;
                    sum += error;
                    count += 1.0;
                }
            }
            let (rmse, bias): (f64, f64) = ((squares / count).sqrt(), sum / count);
            assert!(rmse < largest_rmse, "{sampling:?}, n {n}: RMSE {rmse}");
            // More directions do not make it darker.
            assert!(bias.abs() < 0.002, "{sampling:?}, n {n}: bias {bias}");
        }
    }
}

#[test]
fn a_closed_canopy_has_no_slits_between_samples() {
    // Crowns everywhere from 8 to 10 above ground, opaque: open only below 8 at the radius.
    let canopy = Array2::from_elem((101, 101), 10.0_f32);
    let flat = Array2::zeros(canopy.dim());
    for ratio in [0.25, 0.5, 0.8, 0.95] {
        let with = Canopy { trunk: Trunk::Ratio(ratio), transmissivity: 0.0 };
        let params = Params { canopy: Some(with), ..Params::new(50.0, 4) };
        let measures = [Measure::SvfCosine];
        let kernel =
            Kernel::new(&params, CellSize::square(1.0), &measures, SimdLevel::detect()).unwrap();
        let mut out = Array3::zeros((1, 1, 1));
        kernel.compute(
            Tile { canopy: Some(canopy.view()), ..Tile::of(flat.view(), 0) },
            out.view_mut(),
        );
        let want = (10.0 * ratio / 50.0).atan().sin().powi(2);
        let value = f64::from(out[(0, 0, 0)]);
        assert!((value - want).abs() < 1e-5, "ratio {ratio}: {value}, exactly {want}");
    }
}

#[test]
fn the_nearest_sample_of_a_ramp_makes_its_horizon() {
    // On a plane all samples of a sight line have one slope: the first of them counts, where
    // it rises. Linear samples of square cells lie a cell apart along the longer axis.
    for (per_row, per_col) in [(1, 0), (-1, 0), (0, 1), (0, -1), (3, -2), (-7, -7), (1000, 1)] {
        let z = Array2::from_shape_fn((31, 31), |(row, col)| {
            (per_row * row as i32 + per_col * col as i32) as f32
        });
        for size in [10.0, 0.5, 30.0, 1.0 / 3.0] {
            for directions in [4, 8, 16, 36] {
                let params = Params::new(15.0 * size, directions);
                let rises = (0..directions).filter_map(|i| {
                    let azimuth = 2.0 * PI * f64::from(i) / f64::from(directions);
                    let (east, north) = azimuth.sin_cos();
                    let rise = f64::from(per_col) * east - f64::from(per_row) * north;
                    (rise > 1e-9).then(|| size / east.abs().max(north.abs()))
                });
                let want = rises.sum::<f64>() / f64::from(directions);
                for skips in [false, true] {
                    let kernel = Kernel::new(
                        &params,
                        CellSize::square(size),
                        &[Measure::HorizonDistance],
                        SimdLevel::detect(),
                    );
                    let mut out = Array3::zeros((1, 1, 1));
                    kernel.unwrap().skipping(skips).compute(Tile::of(z.view(), 0), out.view_mut());
                    let distance = f64::from(out[(0, 0, 0)]);
                    assert!(
                        (distance - want).abs() <= 1e-6 * want,
                        "{per_row} a row, {per_col} a column, cells of {size}, n = {directions}: \
                         {distance}, exactly {want}"
                    );
                }
            }
        }
    }
}

#[test]
fn slopes_tie_within_a_millionth_and_no_further() {
    // Two walls on level ground, the farther one a little higher above the sight line.
    let seen = |share: f64| {
        let mut z = Array2::<f32>::zeros((1, 401));
        z[(0, 201)] = 1.0;
        z[(0, 400)] = (200.0 * (1.0 + share)) as f32;
        let params = Params::new(200.0, 4);
        let measures = [Measure::HorizonDistance];
        let kernel = Kernel::new(&params, CellSize::square(1.0), &measures, SimdLevel::detect());
        let kernel = kernel.unwrap();
        let halo = kernel.halo();
        let mut tile = Array2::from_elem(halo.padded(1, 1), f32::NAN);
        tile.slice_mut(s![halo.rows_px, ..]).assign(&z.row(0));
        let mut out = Array3::zeros((1, 1, 1));
        kernel.compute(Tile::of(tile.view(), 0), out.view_mut());
        4.0 * out[(0, 0, 0)]
    };
    // A slope of 1: 2e-6 of it is the tolerance.
    assert_eq!(seen(0.0), 1.0, "equal slopes");
    assert_eq!(seen(1.5e-6), 1.0, "slopes that tie within rounding");
    assert_eq!(seen(3e-6), 200.0, "a higher one beyond");
}

#[test]
fn the_earth_curves_up_when_it_is_upside_down() {
    // Level ground, 40 km of it without refraction: upside down its far end stands
    // d / (2 Re) above the horizontal, less what the observer's height takes.
    let (km, re) = (1000.0_f64, 6_371_000.0_f64);
    for (observer_height, want) in [
        (0.0, 90.0 - (40.0 * km / (2.0 * re)).atan().to_degrees()),
        (2.0, 90.0 - (40.0 * km / (2.0 * re) - 2.0 / (40.0 * km)).atan().to_degrees()),
    ] {
        let params = Params {
            observer_height,
            curvature: Some(Curvature { refraction: 0.0, earth_radius: re }),
            ..Params::new(40.0 * km, 4)
        };
        let z = Array2::from_elem((81, 81), 1234.5_f32);
        let measures = [Measure::OpennessNegative];
        for skips in [false, true] {
            let kernel =
                Kernel::new(&params, CellSize::square(km), &measures, SimdLevel::detect()).unwrap();
            let mut out = Array3::zeros((1, 1, 1));
            kernel.skipping(skips).compute(Tile::of(z.view(), 0), out.view_mut());
            let openness = f64::from(out[(0, 0, 0)]);
            assert!(
                (openness - want).abs() < 1e-5,
                "{observer_height}: {openness}, exactly {want}"
            );
        }
        let surface = svf_kernel::reference::Surface::new(z.view(), None, None, &params);
        let exact =
            svf_kernel::reference::compute(&surface, CellSize::square(km), &params, &measures);
        assert!((exact.unwrap()[(0, 40, 40)] - want).abs() < 1e-12);
    }
    // 0.18 degrees: what the ground rises.
    assert!((90.0 - (40.0 * km / (2.0 * re)).atan().to_degrees() - 89.820_136).abs() < 1e-6);
}

#[test]
fn the_error_of_svf_is_half_of_what_every_other_direction_makes() {
    // A wall in the north alone: of eight directions one sees it, an even one.
    let mut z = Array2::<f32>::zeros((21, 21));
    z[(0, 10)] = 10.0;
    let error = |directions: u32, heights: &Array2<f32>| {
        let params = Params::new(10.0, directions);
        let measures = [Measure::Svf, Measure::SvfError];
        let kernel = Kernel::new(&params, CellSize::square(1.0), &measures, SimdLevel::detect());
        let kernel = kernel.unwrap();
        let (rows, cols) = (kernel.halo().rows_px, kernel.halo().cols_px);
        let around = heights.slice(s![10 - rows..=10 + rows, 10 - cols..=10 + cols]);
        let mut out = Array3::zeros((2, 1, 1));
        kernel.compute(Tile::of(around, 0), out.view_mut());
        (f64::from(out[(0, 0, 0)]), f64::from(out[(1, 0, 0)]))
    };
    let sin = 0.5_f64.sqrt();
    for (directions, even) in [(4, 2.0), (8, 4.0), (9, 5.0), (5, 3.0), (64, 32.0)] {
        let (svf, error) = error(directions, &z);
        assert!((svf - (1.0 - sin / f64::from(directions))).abs() < 1e-6, "{svf}");
        assert!((error - sin / even / 2.0).abs() < 1e-6, "n = {directions}: {error}");
    }
    assert_eq!(error(16, &Array2::zeros((21, 21))), (1.0, 0.0));
    // Vertical walls in all even directions, none in the odd ones: nothing is less certain.
    let mut cross = Array2::<f32>::zeros((21, 21));
    cross.row_mut(10).fill(1e9);
    cross.column_mut(10).fill(1e9);
    cross[(10, 10)] = 0.0;
    let (svf, error) = error(8, &cross);
    assert!((svf - 0.5).abs() < 1e-6 && (error - 0.5).abs() < 1e-6 && error <= 0.5, "{error}");
}
