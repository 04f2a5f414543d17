//! The cascade: against its definition in f64, against itself in tiles and with each instruction set,
//! and on surfaces whose measures have a closed form.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod random;

use std::cell::RefCell;
use std::sync::Arc;

use ndarray::{Array2, Array3, ArrayView2, s};
use proptest::prelude::*;
use svf_kernel::simd::SimdLevel;
use svf_kernel::tile::Window;
use svf_kernel::{
    Canopy, CellSize, Curvature, Graticule, Kernel, Measure, Missing, ParamError, Params, Sampling,
    Scratch, Search, Tile, Trunk, compute, reference,
};

use random::cases;

const MEASURES: [Measure; 17] = [
    Measure::Svf,
    Measure::SvfError,
    Measure::SvfCosine,
    Measure::SvfSlope,
    Measure::VisibleSky,
    Measure::SvfCos,
    Measure::TerrainView,
    Measure::OpennessPositive,
    Measure::OpennessNegative,
    Measure::SvfAnisotropic,
    Measure::SvfNorth,
    Measure::SvfEast,
    Measure::SvfSouth,
    Measure::SvfWest,
    Measure::Horizon { signed: true },
    Measure::Horizon { signed: false },
    Measure::Slope,
];

fn params(radius: f64, directions: u32) -> Params {
    Params { search: Search::Cascade, ..Params::new(radius, directions) }
}

fn kernel(params: &Params, cell: CellSize, measures: &[Measure], level: SimdLevel) -> Kernel {
    Kernel::new(params, cell, measures, level).unwrap()
}

/// Values of a window of a raster (first row and column, rows and columns), as a tile of its own, in
/// memory that has what earlier tiles left.
fn window(
    z: ArrayView2<'_, f32>,
    kernel: &Kernel,
    at: (usize, usize),
    size: (usize, usize),
) -> Array3<f32> {
    thread_local!(static KEPT: RefCell<Scratch> = RefCell::default());
    KEPT.with_borrow_mut(|kept| window_in(kept, z, kernel, at, size))
}

/// The same in memory that is `kept`.
fn window_in(
    kept: &mut Scratch,
    z: ArrayView2<'_, f32>,
    kernel: &Kernel,
    (row, col): (usize, usize),
    (rows, cols): (usize, usize),
) -> Array3<f32> {
    let halo = kernel.halo();
    let heights = Array2::from_shape_fn(halo.padded(rows, cols), |at| {
        let row = (row + at.0).checked_sub(halo.rows_px);
        let col = (col + at.1).checked_sub(halo.cols_px);
        row.zip(col).and_then(|at| z.get(at)).copied().unwrap_or(f32::NAN)
    });
    let mut out = Array3::zeros((kernel.bands(), rows, cols));
    let tile = Tile { col: col as u64, ..Tile::of(heights.view(), row as u64) };
    kernel.compute_with(tile, out.view_mut(), kept, &|| false);
    out
}

/// Values of a whole raster, in new memory.
fn whole(z: ArrayView2<'_, f32>, kernel: &Kernel) -> Array3<f32> {
    window_in(&mut Scratch::default(), z, kernel, (0, 0), z.dim())
}

/// A kernel with the far ground of a window, made from parts that overlap by a cell.
fn on_far_ground(
    z: ArrayView2<'_, f32>,
    kernel: Kernel,
    part_px: usize,
    (first, size): ((usize, usize), (usize, usize)),
) -> Kernel {
    let window = Window {
        row: first.0 as u64,
        col: first.1 as u64,
        rows: size.0 as u64,
        cols: size.1 as u64,
    };
    let mut ground = kernel.far_ground(&window);
    let region = kernel.far_region(&window);
    let (rows, cols) = (
        region.row as usize..region.row_end() as usize,
        region.col as usize..region.col_end() as usize,
    );
    let (mut kept, mut of_part) = (Scratch::default(), Scratch::default());
    for row in rows.clone().step_by(part_px).rev() {
        for col in cols.clone().step_by(part_px) {
            let end = |first: usize, end: usize| (first + part_px + 1).min(end);
            let part = z.slice(s![row..end(row, rows.end), col..end(col, cols.end)]);
            let part = ground.part(part, (row as u64, col as u64), &mut of_part);
            for pyramid in ground.pyramids_mut() {
                pyramid.add(&part, &mut kept);
            }
        }
    }
    ground.complete();
    kernel.on_far_ground(Arc::new(ground))
}

fn bits(values: &Array3<f32>) -> Vec<u32> {
    values.iter().map(|v| v.to_bits()).collect()
}

/// A surface: noise, hills, blocks on a plain, or a plane; on low or high ground; with some heights
/// missing.
fn surface() -> impl Strategy<Value = Array2<f32>> {
    let size = prop_oneof![
        4 => (1..70_usize, 1..70_usize),
        1 => (1..2_usize, 1..150_usize),
        1 => (1..150_usize, 1..2_usize)
    ];
    let base = prop_oneof![Just(0.0), Just(3000.0_f32)];
    let missing = prop_oneof![Just(0.0), Just(0.05), Just(0.5)];
    (size, base, missing, 0..4, any::<u64>()).prop_map(
        |((rows, cols), base, missing, kind, seed)| {
            let mut state = seed | 1;
            let mut random = move || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 40) as f32 / (1_u64 << 24) as f32
            };
            Array2::from_shape_fn((rows, cols), |(row, col)| {
                let (y, x) = (row as f32, col as f32);
                let height = match kind {
                    0 => random() * 30.0,
                    1 => (y * 0.11).sin() * 20.0 + (x * 0.07).cos() * 30.0 + random(),
                    2 => ((random() - 0.97).max(0.0) * 1000.0).round(),
                    _ => 0.25 * y - 0.5 * x,
                };
                if random() < missing { f32::NAN } else { base + height }
            })
        },
    )
}

fn search() -> impl Strategy<Value = (Params, CellSize)> {
    let cell = prop_oneof![
        Just(CellSize::square(1.0)),
        Just(CellSize { east: 1.0, south: -1.5 }),
        Just(CellSize { east: 2.0, south: 0.7 })
    ];
    let lifted = prop_oneof![
        Just((0.0, 1.0, None)),
        Just((1.7, 0.3, Some(Curvature { refraction: 0.13, earth_radius: 9000.0 })))
    ];
    let directions = prop_oneof![Just(4_u32), Just(7), Just(16)];
    let radius = prop_oneof![Just(1.0), 19.0..40.0, 40.0..250.0];
    (radius, directions, 0.0..1.0, cell, lifted).prop_map(
        |(radius, directions, first, cell, (observer_height, z_factor, curvature))| {
            let radius = radius * cell.east.max(cell.south.abs());
            let first_azimuth_deg = if first < 0.5 { 0.0 } else { first };
            let all = Params { first_azimuth_deg, ..params(radius, directions) };
            (Params { observer_height, z_factor, curvature, ..all }, cell)
        },
    )
}

proptest! {
    #![proptest_config(cases(24, 21))]

    #[test]
    fn it_is_as_it_is_defined((params, cell) in search(), z in surface()) {
        let fast = whole(z.view(), &kernel(&params, cell, &MEASURES, SimdLevel::detect()));
        let ground = reference::Surface::new(z.view(), None, None, &params);
        let slow = reference::compute(&ground, cell, &params, &MEASURES).unwrap();
        let mut band = 0;
        for measure in MEASURES {
            let (low, high) = measure.range(params.radius);
            for _ in 0..measure.bands(params.directions) {
                let of_band = fast.slice(s![band, .., ..]);
                for ((at, fast), slow) in of_band.indexed_iter().zip(slow.slice(s![band, .., ..])) {
                    let close = (f64::from(*fast) - slow).abs() <= 1e-5 * (high - low);
                    prop_assert!(
                        close || fast.is_nan() && slow.is_nan(),
                        "{measure:?}, band {band}, {at:?}: {fast}, by definition {slow}"
                    );
                }
                band += 1;
            }
        }
    }

    #[test]
    fn any_tiling_and_level_gives_the_same_bits(
        (params, cell) in search(),
        z in surface(),
        (from_row, from_col) in (0.0..1.0_f64, 0.0..1.0_f64),
        (to_row, to_col) in (0.0..1.0_f64, 0.0..1.0_f64),
    ) {
        let measures = [Measure::Svf, Measure::Horizon { signed: true }, Measure::OpennessNegative];
        let all = whole(z.view(), &kernel(&params, cell, &measures, SimdLevel::detect()));
        let at = |share: f64, from: usize, to: usize| from + (share * (to - from) as f64) as usize;
        let (rows, cols) = z.dim();
        let first = (at(from_row, 0, rows), at(from_col, 0, cols));
        let size = (at(to_row, 1, rows - first.0 + 1), at(to_col, 1, cols - first.1 + 1));
        let want = all.slice(s![.., first.0..first.0 + size.0, first.1..first.1 + size.1]);
        let levels = SimdLevel::ALL.into_iter().filter(|level| level.is_supported());
        for level in levels {
            let kernel = kernel(&params, cell, &measures, level);
            prop_assert_eq!(bits(&window(z.view(), &kernel, first, size)), bits(&want.to_owned()));
        }
        // Nothing is outside of a raster whose size is known.
        let known = kernel(&params, cell, &measures, SimdLevel::detect())
            .on_raster(rows as u64, cols as u64);
        prop_assert!(known.halo().rows_px <= rows.max(64) && known.halo().cols_px <= cols.max(64));
        prop_assert_eq!(bits(&window(z.view(), &known, first, size)), bits(&want.to_owned()));
        // A measure does not depend on those that are computed with it.
        let alone = whole(z.view(), &kernel(&params, cell, &[Measure::Svf], SimdLevel::detect()));
        prop_assert_eq!(bits(&alone), bits(&all.slice(s![..1, .., ..]).to_owned()));
    }

    #[test]
    fn far_ground_from_parts_gives_the_same_bits(
        (params, cell) in search(),
        z in surface(),
        reach in prop_oneof![Just(2.0), Just(12.0), Just(60.0)],
        made in 1..4_usize,
        part in 3..60_usize,
        (from_row, from_col) in (0.0..1.0_f64, 0.0..1.0_f64),
        (to_row, to_col) in (0.0..1.0_f64, 0.0..1.0_f64),
    ) {
        // Not beyond the small Earth of some searches.
        let params = Params { radius: (reach * params.radius).min(8000.0), ..params };
        let measures = [Measure::Svf, Measure::Horizon { signed: true }, Measure::OpennessNegative];
        let (rows, cols) = z.dim();
        let detect = SimdLevel::detect();
        let all = kernel(&params, cell, &measures, detect).on_raster(rows as u64, cols as u64);
        let at = |share: f64, from: usize, to: usize| from + (share * (to - from) as f64) as usize;
        let first = (at(from_row, 0, rows), at(from_col, 0, cols));
        let size = (at(to_row, 1, rows - first.0 + 1), at(to_col, 1, cols - first.1 + 1));
        let want = window(z.view(), &all, first, size);
        for level in SimdLevel::ALL.into_iter().filter(|level| level.is_supported()) {
            let all = kernel(&params, cell, &measures, level).on_raster(rows as u64, cols as u64);
            let kernel = all.making(made);
            prop_assert_eq!(kernel.needs_far_ground(), kernel.levels() > made);
            let kernel = on_far_ground(z.view(), kernel, part, (first, size));
            let found = window(z.view(), &kernel, first, size);
            prop_assert_eq!(bits(&found), bits(&want), "{} levels, {}", kernel.levels(), level);
        }
    }

    #[test]
    fn up_to_20_samples_it_is_the_exact_search(z in surface(), radius in 1.0..20.9_f64) {
        let cascade = params(radius, 16);
        let exact = Params { search: Search::Exact, ..cascade.clone() };
        let values = |params: &Params| {
            let kernel = kernel(params, CellSize::square(1.0), &MEASURES, SimdLevel::detect());
            bits(&whole(z.view(), &kernel))
        };
        prop_assert_eq!(values(&cascade), values(&exact));
    }
}

#[test]
fn tiles_of_other_searches_leave_nothing_behind() {
    let z = Array2::from_shape_fn((60, 70), |(row, col)| match (row * 31 + col * 17) % 50 {
        0 => f32::NAN,
        height => height as f32,
    });
    let mut kept = Scratch::default();
    // Longer and shorter sight lines, more and fewer directions, both ways up and one.
    let both = [Measure::Svf, Measure::OpennessNegative];
    let searches =
        [(200.0, 16, &both[..]), (30.0, 7, &both[..1]), (10.0, 8, &both), (90.0, 16, &both)];
    for (radius, directions, measures) in searches {
        let params = params(radius, directions);
        let kernel = kernel(&params, CellSize::square(1.0), measures, SimdLevel::detect());
        let all = whole(z.view(), &kernel);
        for (at, size) in [((0, 0), (60, 70)), ((50, 3), (10, 66)), ((7, 60), (51, 10))] {
            let tile = window_in(&mut kept, z.view(), &kernel, at, size);
            let want = all.slice(s![.., at.0..at.0 + size.0, at.1..at.1 + size.1]).to_owned();
            assert_eq!(bits(&tile), bits(&want), "{radius} {directions} {at:?}");
        }
    }
}

#[test]
fn threads_share_a_tile_in_larger_blocks_than_those_of_the_exact_search() {
    let cascade = params(300.0, 4);
    let exact = Params { search: Search::Exact, ..cascade.clone() };
    let blocks = |params: &Params, threads: usize| {
        let kernel = kernel(params, CellSize::square(1.0), &[Measure::Svf], SimdLevel::detect());
        kernel.blocks_per_thread(threads)
    };
    assert_eq!([1, 2, 8].map(|threads| blocks(&cascade, threads)), [1, 2, 2]);
    assert_eq!([1, 2, 8].map(|threads| blocks(&exact, threads)), [1, 4, 4]);
}

#[test]
fn a_tile_in_blocks_has_the_bits_of_one_in_parts() {
    // Larger than the blocks that a tile is searched in.
    let z = Array2::from_shape_fn((900, 1), |(row, _)| (row * row % 97) as f32);
    let wide = z.t().to_owned();
    let params = params(300.0, 4);
    let kernel = kernel(&params, CellSize::square(1.0), &[Measure::Svf], SimdLevel::detect());
    assert_eq!(kernel.block_px(), (704, 704));
    for z in [z, wide] {
        let (rows, cols) = z.dim();
        let all = whole(z.view(), &kernel);
        let first = (rows.min(700) - 1, cols.min(700) - 1);
        let size = (rows - first.0, cols - first.1);
        let part = window(z.view(), &kernel, first, size);
        assert_eq!(bits(&part), bits(&all.slice(s![.., first.0.., first.1..]).to_owned()));
    }
}

/// `svf` and `svf-cosine` of the middle cell of a square raster of side 2 R + 1.
fn at_centre(surface: impl Fn(f64, f64) -> f64, radius: i32) -> (f64, f64) {
    let side = 2 * radius as usize + 1;
    let z = Array2::from_shape_fn((side, side), |(row, col)| {
        surface(f64::from(row as i32 - radius), f64::from(col as i32 - radius)) as f32
    });
    let params = params(f64::from(radius), 180);
    let measures = [Measure::Svf, Measure::SvfCosine];
    let kernel = kernel(&params, CellSize::square(1.0), &measures, SimdLevel::detect());
    let middle = side / 2;
    let out = window(z.view(), &kernel, (middle, middle), (1, 1));
    (f64::from(out[(0, 0, 0)]), f64::from(out[(1, 0, 0)]))
}

fn assert_close(what: &str, (svf, cosine): (f64, f64), want_svf: f64, want_cosine: f64) {
    assert!((svf - want_svf).abs() <= 0.005, "{what}: svf {svf}, exactly {want_svf}");
    assert!((cosine - want_cosine).abs() <= 0.005, "{what}: {cosine}, exactly {want_cosine}");
}

const PI: f64 = std::f64::consts::PI;

#[test]
fn flat_ground_and_a_summit_see_the_whole_sky() {
    assert_eq!(at_centre(|_, _| 12.5, 200), (1.0, 1.0));
    assert_eq!(at_centre(|row, col| -row.hypot(col), 200), (1.0, 1.0));
}

#[test]
fn planes() {
    for slope_deg in [5.0_f64, 10.0, 30.0, 45.0, 60.0] {
        let slope = slope_deg.to_radians();
        for aspect_deg in [0.0_f64, 27.0, 45.0] {
            let (east, north) = aspect_deg.to_radians().sin_cos();
            let plane = |row: f64, col: f64| slope.tan() * (north * row - east * col);
            let seen = at_centre(plane, 150);
            let what = format!("plane of {slope_deg} degrees facing {aspect_deg}");
            assert_close(&what, seen, 1.0 - slope / PI, (1.0 + slope.cos()) / 2.0);
        }
    }
}

#[test]
fn walls_and_canyons() {
    for d in [8.0_f64, 20.0, 50.0] {
        let height = 1.5 * d;
        let b = (height / d).atan();
        let seen = at_centre(|row, _| if row <= -d { height } else { 0.0 }, 40 * d as i32);
        assert_close("wall", seen, 1.0 - b / PI, (1.0 + b.cos()) / 2.0);
    }
    let (d1, d2, height) = (40.0_f64, 60.0_f64, 50.0_f64);
    let (b1, b2) = ((height / d1).atan(), (height / d2).atan());
    let wall = |_: f64, col: f64| if col <= -d1 || col >= d2 { height } else { 0.0 };
    let want = (1.0 - (b1 + b2) / PI, (b1.cos() + b2.cos()) / 2.0);
    assert_close("canyon", at_centre(wall, 1200), want.0, want.1);
}

#[test]
fn the_centre_of_a_circular_pit() {
    let (radius, height) = (700.0_f64, 350.0_f64);
    let b = (height / radius).atan();
    let pit = |row: f64, col: f64| if row.hypot(col) >= radius { height } else { 0.0 };
    assert_close("pit", at_centre(pit, 720), 1.0 - b.sin(), b.cos().powi(2));
}

#[test]
fn any_point_of_a_hemispherical_bowl_sees_half_from_its_own_slope() {
    let radius = 200.0_f64;
    let side = 421;
    let z = Array2::from_shape_fn((side, side), |(row, col)| {
        let from_centre = (row as f64 - 210.0).hypot(col as f64 - 210.0);
        let depth = (radius * radius - from_centre * from_centre).max(0.0).sqrt();
        -depth as f32
    });
    let params = params(2.2 * radius, 128);
    let kernel = kernel(&params, CellSize::square(1.0), &[Measure::SvfSlope], SimdLevel::detect());
    for at in [(210, 210), (210, 160), (150, 210), (120, 150), (300, 300), (210, 360), (80, 260)] {
        let svf = f64::from(window(z.view(), &kernel, at, (1, 1))[(0, 0, 0)]);
        assert!((svf - 0.5).abs() <= 0.005, "{at:?}: svf-slope {svf}, exactly 0.5");
    }
}

#[test]
fn a_wall_is_seen_across_missing_ground_and_its_horizon_has_its_angle() {
    // A receiver on the plain sees a wall 100 high, 200 cells to the east, across cells without
    // heights. Towards the west is the edge of the raster.
    let wall = Array2::from_shape_fn((1, 260), |(_, col)| match col {
        0..20 => 0.0,
        20..200 => f32::NAN,
        _ => 100.0,
    });
    let params = params(500.0, 4);
    let measures = [Measure::Horizon { signed: false }];
    let kernel = kernel(&params, CellSize::square(1.0), &measures, SimdLevel::detect());
    let out = whole(wall.view(), &kernel);
    for col in 0..20 {
        let angle = (100.0 / (200 - col) as f64).atan().to_degrees();
        assert!((f64::from(out[(1, 0, col)]) - angle).abs() < 0.1, "{} {angle}", out[(1, 0, col)]);
        assert_eq!(out[(3, 0, col)], 0.0);
    }
    assert!(out.slice(s![.., .., 20..200]).iter().all(|value| value.is_nan()));
}

#[test]
fn wanted_receivers_have_the_values_that_they_have_among_all() {
    let z = Array2::from_shape_fn((40, 90), |(row, col)| (row * row * 7 + col * 13) as f32 % 23.0);
    let params = params(70.0, 8);
    let whole = compute(z.view(), CellSize::square(1.0), &params, &[Measure::Svf]).unwrap();
    let kernel = kernel(&params, CellSize::square(1.0), &[Measure::Svf], SimdLevel::detect());
    let halo = kernel.halo();
    let mut padded = Array2::from_elem(halo.padded(40, 90), f32::NAN);
    let inside = s![halo.rows_px..halo.rows_px + 40, halo.cols_px..halo.cols_px + 90];
    padded.slice_mut(inside).assign(&z);
    let wanted = Array2::from_shape_fn((40, 90), |(row, col)| (row + col) % 31 == 0);
    let tile = Tile { wanted: Some(wanted.view()), ..Tile::of(padded.view(), 0) };
    let mut out = Array3::zeros((1, 40, 90));
    kernel.choosing().compute(tile, out.view_mut());
    for (at, wanted) in wanted.indexed_iter() {
        let value = out[(0, at.0, at.1)];
        assert!(if *wanted { value == whole[(0, at.0, at.1)] } else { value.is_nan() });
    }
}

#[test]
fn what_it_cannot_compute_is_refused() {
    let message = |params: Params, measure: Measure| {
        let all = Kernel::new(&params, CellSize::square(1.0), &[measure], SimdLevel::Portable);
        all.unwrap_err().to_string()
    };
    let of =
        |what: &str| format!("the search 'cascade' cannot compute {what}: use the search 'exact'");
    let cascade = params(50.0, 8);
    let canopy = Canopy { trunk: Trunk::Ratio(0.2), transmissivity: 0.0 };
    let cases = [
        (Params { sampling: Sampling::Crossings, ..cascade.clone() }, "crossings sampling"),
        (Params { sampling: Sampling::Nearest, ..cascade.clone() }, "nearest sampling"),
        (
            Params { sampling: Sampling::Divided { divisions: 9 }, ..cascade.clone() },
            "divided sampling",
        ),
        (Params { missing: Missing::Stop, ..cascade.clone() }, "the missing rule 'stop'"),
        (Params { missing: Missing::Nan, ..cascade.clone() }, "the missing rule 'nan'"),
        (Params { canopy: Some(canopy), ..cascade.clone() }, "a canopy"),
    ];
    for (params, what) in cases {
        assert_eq!(message(params, Measure::Svf), of(what));
    }
    let distance = Measure::HorizonDistance;
    assert_eq!(message(cascade.clone(), distance), of("horizon-distance"));
    assert_eq!(message(cascade.clone(), Measure::Coverage), of("coverage"));
    let degrees = Graticule {
        first_row_deg: 47.0,
        south_deg: 0.01,
        east_deg: 0.01,
        semi_major: 6_378_137.0,
        flattening: 1.0 / 298.0,
        rows: 0..10,
    };
    let error = Kernel::new(&cascade, degrees, &[Measure::Svf], SimdLevel::Portable).unwrap_err();
    assert_eq!(error, ParamError::NotByCascade("a raster in degrees"));
}

#[test]
#[should_panic(
    expected = "the first row and column of a tile of a cascade must be at most 1099511627776"
)]
fn a_tile_where_lines_have_no_exact_places_is_refused() {
    let kernel =
        kernel(&params(30.0, 4), CellSize::square(1.0), &[Measure::Svf], SimdLevel::Portable);
    let z = Array2::zeros(kernel.halo().padded(1, 1));
    let tile = Tile { col: (1 << 40) + 1, ..Tile::of(z.view(), 0) };
    kernel.compute(tile, Array3::zeros((1, 1, 1)).view_mut());
}

#[test]
fn names_round_trip() {
    for search in Search::ALL {
        assert_eq!(search.to_string().parse(), Ok(search));
    }
    assert_eq!(Search::default(), Search::Exact);
    assert_eq!(
        "pyramid".parse::<Search>(),
        Err("unknown search 'pyramid': exact or cascade".to_owned())
    );
}
