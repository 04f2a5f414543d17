//! The fast kernel against the reference, and against itself: every measure,
//! sampling, rule and instruction set; any tiling gives the same bits.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod random;

use ndarray::{Array2, Array3, ArrayView2, s};
use proptest::prelude::*;
use svf_kernel::simd::SimdLevel;
use svf_kernel::tile::{Window, clip_to_raster};
use svf_kernel::{
    Anisotropy, AnisotropyLevel, Canopy, CellSize, Curvature, Graticule, Ground, Kernel, Measure,
    Missing, ParamError, Params, Sampling, Search, Side, Tile, Trunk, reference,
};

use random::cases;

/// Heights, and vegetation on them.
#[derive(Clone, Debug)]
struct Scene {
    heights: Array2<f32>,
    canopy: Array2<f32>,
    trunk: Array2<f32>,
}

impl Scene {
    /// Without vegetation.
    fn of(heights: Array2<f32>) -> Self {
        let (canopy, trunk) = (Array2::zeros(heights.dim()), Array2::zeros(heights.dim()));
        Self { heights, canopy, trunk }
    }

    fn surface(&self, params: &Params) -> reference::Surface {
        let (canopy, trunk) = (self.canopy.view(), self.trunk.view());
        reference::Surface::new(self.heights.view(), Some(canopy), Some(trunk), params)
    }
}

/// Computes a raster in tiles of `tile` rows and columns, as an engine would.
fn tiled(scene: &Scene, kernel: &Kernel, tile: (usize, usize)) -> Array3<f32> {
    tiled_where(scene, None, kernel, tile)
}

/// The same for the receivers that are wanted.
fn tiled_where(
    scene: &Scene,
    wanted: Option<&Array2<bool>>,
    kernel: &Kernel,
    tile: (usize, usize),
) -> Array3<f32> {
    let (rows, cols) = scene.heights.dim();
    let halo = kernel.halo();
    let mut out = Array3::zeros((kernel.bands(), rows, cols));
    for row in (0..rows).step_by(tile.0) {
        for col in (0..cols).step_by(tile.1) {
            let core = (tile.0.min(rows - row), tile.1.min(cols - col));
            let window = Window {
                row: row as u64,
                col: col as u64,
                rows: core.0 as u64,
                cols: core.1 as u64,
            };
            let clip = clip_to_raster(&window, halo, rows as u64, cols as u64);
            let from = (clip.source.row as usize, clip.source.col as usize);
            let size = (clip.source.rows as usize, clip.source.cols as usize);
            let cut = |layer: &Array2<f32>, outside: f32| {
                let mut padded = Array2::from_elem(halo.padded(core.0, core.1), outside);
                padded
                    .slice_mut(s![clip.row..clip.row + size.0, clip.col..clip.col + size.1])
                    .assign(&layer.slice(s![from.0..from.0 + size.0, from.1..from.1 + size.1]));
                padded
            };
            let all = cut(&scene.heights, f32::NAN);
            // Anything can be where it is not looked at.
            let (of_rows, of_cols) = kernel.looked_at(&window);
            let looked_at = s![of_rows, of_cols];
            let mut heights = Array2::from_elem(all.dim(), 7e8);
            heights.slice_mut(looked_at).assign(&all.slice(looked_at));
            let (canopy, trunk) = (cut(&scene.canopy, 0.0), cut(&scene.trunk, 0.0));
            let tile = Tile {
                canopy: kernel.uses_canopy().then(|| canopy.view()),
                trunk: kernel.has_trunks().then(|| trunk.view()),
                wanted: wanted.map(|all| all.slice(s![row..row + core.0, col..col + core.1])),
                col: col as u64,
                largest: kernel.largest(heights.slice(looked_at)),
                ..Tile::of(heights.view(), row as u64)
            };
            kernel.compute(tile, out.slice_mut(s![.., row..row + core.0, col..col + core.1]));
        }
    }
    out
}

fn bits(values: &Array3<f32>) -> Vec<u32> {
    values.iter().map(|v| v.to_bits()).collect()
}

/// Largest difference allowed: 1e-5 of the measure's span.
fn tolerance(measure: Measure, radius: f64) -> f64 {
    let (low, high) = measure.range(radius);
    1e-5 * (high - low)
}

fn assert_equal_to_reference(
    scene: &Scene,
    ground: &Ground,
    params: &Params,
    measures: &[Measure],
    level: SimdLevel,
) {
    let kernel = Kernel::new(params, ground.clone(), measures, level).unwrap();
    let fast = tiled(scene, &kernel, scene.heights.dim());
    let exact =
        reference::compute(&scene.surface(params), ground.clone(), params, measures).unwrap();
    let mut band = 0;
    for &measure in measures {
        for _ in 0..measure.bands(params.directions) {
            for ((at, fast), exact) in
                fast.slice(s![band, .., ..]).indexed_iter().zip(exact.slice(s![band, .., ..]))
            {
                let same = fast.is_nan() == exact.is_nan();
                let tolerance = tolerance(measure, params.radius);
                let off = (f64::from(*fast) - exact).abs();
                // 0 and 360 degrees are the same azimuth.
                let off = if measure == Measure::Aspect { off.min(360.0 - off) } else { off };
                let close = off <= tolerance;
                assert!(
                    same && (exact.is_nan() || close),
                    "{measure:?} at {at:?}, {level}: kernel {fast}, reference {exact}, {params:?}"
                );
                // Rounding makes no value that the measure cannot have; a distance can exceed the
                // radius by its last digit.
                let (low, high) = measure.range(params.radius);
                assert!(
                    fast.is_nan()
                        || measure == Measure::HorizonDistance
                        || (low as f32..=high as f32).contains(fast),
                    "{measure:?} at {at:?}, {level}: {fast:e} is not within {low} to {high}"
                );
            }
            band += 1;
        }
    }
}

fn all_measures() -> Vec<Measure> {
    let mut measures = Measure::ALL.to_vec();
    measures.push(Measure::Horizon { signed: true });
    measures
}

fn levels() -> impl Iterator<Item = SimdLevel> {
    SimdLevel::ALL.into_iter().filter(|level| level.is_supported())
}

/// Rolling ground with steps, holes and a high base: f32 must not lose it.
fn terrain() -> impl Strategy<Value = Scene> {
    let search = (0..3_u32, -100.0..4000.0_f32, 0.0..0.6_f32);
    (1..40_usize, 1..90_usize, any::<u64>(), search).prop_map(
        |(rows, cols, seed, (holes, base, trees))| {
            let mut state = seed | 1;
            let mut random = move || {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state >> 40) as f32 / (1u64 << 24) as f32
            };
            let heights = Array2::from_shape_fn((rows, cols), |(row, col)| {
                let (x, y) = (col as f32 * 0.17, row as f32 * 0.23);
                let ground = 6.0 * (x.sin() + y.cos());
                let block = if random() < 0.1 { 25.0 * random() } else { random() };
                if random() < 0.03 * holes as f32 { f32::NAN } else { base + ground + block }
            });
            let canopy = heights.mapv(|_| if random() < trees { 20.0 * random() } else { 0.0 });
            // Some crowns begin above their top: they are none.
            let trunk = canopy.mapv(|height| 1.1 * height * random());
            Scene { heights, canopy, trunk }
        },
    )
}

/// Heights in whole steps, few of them: samples tie on most sight lines.
fn steps() -> impl Strategy<Value = Scene> {
    (1..40_usize, 1..90_usize, any::<u64>(), 1..6_u32, -3..4_i32, -3..4_i32).prop_map(
        |(rows, cols, seed, most, rise_row, rise_col)| {
            let mut state = seed | 1;
            let heights = Array2::from_shape_fn((rows, cols), |(row, col)| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                let step = (state >> 40) as u32 % (most + 1);
                // On a slope, which ties with itself all along.
                (step / most * most) as f32 + (rise_row * row as i32 + rise_col * col as i32) as f32
            });
            Scene::of(heights)
        },
    )
}

/// What makes far ground count, or not: ridges, pits, flats, slopes whose samples tie,
/// a city. Long and thin as often as not, so that sight lines are long, too.
fn vast_terrain() -> impl Strategy<Value = Scene> {
    let shape = prop_oneof![
        (1..70_usize, 1..140_usize),
        (1..5_usize, 300..1200_usize),
        (300..1200_usize, 1..5_usize),
    ];
    (shape, 0..5_u32, any::<u64>(), 0..2_u32).prop_map(|((rows, cols), kind, seed, holes)| {
        let mut state = seed | 1;
        let mut random = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f32 / (1u64 << 24) as f32
        };
        let along = |row: usize, col: usize| (row + col) as f32;
        let heights = Array2::from_shape_fn((rows, cols), |(row, col)| {
            let z = match kind {
                // Far peaks above a rough plain.
                0 => random() + if random() < 0.01 { 300.0 * random() } else { 0.0 },
                // Ridge behind ridge, each higher than the last.
                1 => 0.01 * along(row, col) * (0.13 * along(row, col)).sin().abs(),
                // A slope without a sample above another's.
                2 => 0.5 * along(row, col),
                3 => {
                    if random() < 0.02 {
                        -50.0
                    } else {
                        0.0
                    }
                }
                // Blocks of houses.
                _ => 12.0 * ((row / 7 * 31 + col / 9 * 17) % 5) as f32,
            };
            if random() < 0.02 * holes as f32 { f32::NAN } else { 1000.0 + z }
        });
        let canopy = heights.mapv(|_| if random() < 0.1 { 20.0 * random() } else { 0.0 });
        let trunk = canopy.mapv(|height| 0.5 * height);
        Scene { heights, canopy, trunk }
    })
}

/// Ground with groves and single trees, crown by crown as high as they are or not, under
/// which some see out and some do not: sight lines meet crowns one behind the other, above
/// and below each other, or none for long.
fn groves() -> impl Strategy<Value = Scene> {
    // No more rows than the geographic grids have.
    let shape = prop_oneof![(1..40_usize, 1..90_usize), (1..4_usize, 90..300_usize)];
    (shape, any::<u64>(), 0..4_u32, 0..2_u32, 0..12_u32, 0.0..0.1_f32).prop_map(
        |((rows, cols), seed, kind, holes, many, single)| {
            let mut state = seed | 1;
            let mut random = move || {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state >> 40) as f32 / (1u64 << 24) as f32
            };
            let heights = Array2::from_shape_fn((rows, cols), |(row, col)| {
                let along = (row + col) as f32;
                let z = match kind {
                    0 => 0.0,
                    1 => 9.0 * (0.11 * along).sin() + random(),
                    // Slopes on which crowns of one side see over those of the other.
                    2 => -0.2 * (along - 40.0).abs(),
                    // Walls beside crowns.
                    _ => {
                        if random() < 0.05 {
                            30.0 * random()
                        } else {
                            0.0
                        }
                    }
                };
                if random() < 0.01 * holes as f32 { f32::NAN } else { 300.0 + z }
            });
            let mut canopy = Array2::zeros((rows, cols));
            let mut trunk = Array2::zeros((rows, cols));
            for _ in 0..many {
                let (row, col) = (random() * rows as f32, random() * cols as f32);
                let (radius, top, share) = (1.0 + 12.0 * random(), 2.0 + 25.0 * random(), random());
                for ((r, c), canopy) in canopy.indexed_iter_mut() {
                    let away = (r as f32 - row).hypot(c as f32 - col) / radius;
                    if away < 1.0 {
                        *canopy = top * (1.0 - away * away) + random();
                        trunk[(r, c)] = share * *canopy;
                    }
                }
            }
            for (canopy, trunk) in canopy.iter_mut().zip(&mut trunk) {
                if random() < single {
                    (*canopy, *trunk) = (15.0 * random(), 8.0 * random());
                }
            }
            Scene { heights, canopy, trunk }
        },
    )
}

/// Square, oblong and flipped cells, and geographic ones: near the equator, across
/// it, in high latitudes, rows running north. Some metres a cell, as the heights are.
fn any_ground() -> impl Strategy<Value = Ground> {
    let graticule = |first_row_deg: f64, south_deg: f64| {
        Ground::from(Graticule {
            first_row_deg,
            south_deg,
            east_deg: 1.3 * south_deg.abs(),
            // A small planet, on which rows differ much.
            semi_major: 3000.0,
            flattening: 1.0 / 50.0,
            rows: 0..40,
        })
    };
    prop_oneof![
        Just(CellSize::square(1.0).into()),
        Just(CellSize { east: 0.5, south: 1.25 }.into()),
        Just(CellSize { east: 3.0, south: -2.0 }.into()),
        Just(graticule(47.0, 0.03)),
        Just(graticule(0.5, 0.04)),
        Just(graticule(-70.0, -0.03)),
    ]
}

/// Geographic grids of many rows, whose sight lines change a little from row to row or much:
/// across the equator, towards a pole, and where a diagonal changes its dominant axis.
fn long_graticule() -> impl Strategy<Value = Ground> {
    let first = prop_oneof![Just(47.0), Just(0.01), Just(70.0), Just(-60.0), Just(9.0)];
    let size = (first, 3.0..100.0_f64, any::<bool>());
    (size, prop_oneof![Just(0.7), Just(1.0), Just(1.3)]).prop_map(|((first, far, north), wide)| {
        let south_deg = 0.03 / far * if north { -1.0 } else { 1.0 };
        Ground::from(Graticule {
            first_row_deg: first,
            south_deg,
            east_deg: wide * south_deg.abs(),
            // Some metres a cell.
            semi_major: 3000.0 * far,
            flattening: 1.0 / 50.0,
            rows: 0..1200,
        })
    })
}

fn any_params() -> impl Strategy<Value = (Params, Ground)> {
    let sampling = prop_oneof![
        Just(Sampling::Linear),
        Just(Sampling::Crossings),
        Just(Sampling::Nearest),
        (1..30_u32).prop_map(|divisions| Sampling::Divided { divisions }),
    ];
    let missing = prop_oneof![Just(Missing::Skip), Just(Missing::Stop), Just(Missing::Nan)];
    let lift = prop_oneof![Just(0.0), Just(1.7)];
    let curvature =
        prop_oneof![Just(None), Just(Some(Curvature { refraction: 0.13, earth_radius: 1000.0 }))];
    let anisotropy = (-360.0..360.0_f64, any::<bool>()).prop_map(|(azimuth_deg, high)| {
        let level = if high { AnisotropyLevel::High } else { AnisotropyLevel::Low };
        Anisotropy { azimuth_deg, level }
    });
    let trunk = prop_oneof![(0.0..1.0_f64).prop_map(Trunk::Ratio), Just(Trunk::Heights)];
    let canopy = prop_oneof![
        Just(None),
        (trunk, 0.0..1.0_f64)
            .prop_map(|(trunk, transmissivity)| Some(Canopy { trunk, transmissivity })),
    ];
    // A share of the angle between two directions, the north that azimuths count from, and a share of
    // the radius that is ignored, so that some sample is left.
    let turn = (
        prop_oneof![Just(0.0), 0.0..1.0_f64],
        prop_oneof![Just(0.0), -200.0..200.0_f64],
        prop_oneof![2 => Just(0.0), 1 => 0.0..0.5_f64],
    );
    let search = (4..20_u32, 3.0..25.0_f64, sampling, missing, any_ground());
    ((search, turn), lift, 0.3..2.0_f64, curvature, anisotropy, canopy).prop_map(
        |((search, turn), observer_height, z_factor, curvature, anisotropy, canopy)| {
            let (directions, radius, sampling, missing, ground) = search;
            let ignored = if canopy.is_some() { 0.0 } else { turn.2 };
            let params = Params {
                radius,
                min_distance: ignored * radius,
                directions,
                first_azimuth_deg: turn.0 * 360.0 / f64::from(directions),
                north_deg: turn.1,
                search: Search::Exact,
                sampling,
                missing,
                observer_height,
                z_factor,
                curvature,
                anisotropy,
                canopy,
            };
            (params, ground)
        },
    )
}

/// Parameters with a long radius, in ground units. No radius is larger than half of the Earth's.
fn with_radius(radius: f64, params: Params) -> Params {
    let curvature = params.curvature.map(|curvature| Curvature {
        earth_radius: curvature.earth_radius.max(2.0 * radius),
        ..curvature
    });
    Params { radius, curvature, ..params }
}

/// The measures whose bits are set.
fn some_measures(bits: u32) -> Vec<Measure> {
    let chosen = |(i, measure)| (bits >> i & 1 == 1).then_some(measure);
    all_measures().into_iter().enumerate().filter_map(chosen).collect()
}

/// Whether a search that skips what cannot matter gives the same bits as one that skips nothing,
/// with all instruction sets and in tiles, whether or not it knows where the raster ends.
fn assert_skipping_changes_no_bit(
    z: &Scene,
    tile: (usize, usize),
    make: impl Fn(SimdLevel) -> Kernel,
) -> Result<(), TestCaseError> {
    let all = make(SimdLevel::Portable).skipping(false);
    let all = bits(&tiled(z, &all, z.heights.dim()));
    let (rows, cols) = z.heights.dim();
    for level in levels() {
        let anywhere = make(level).skipping(true);
        let kernel = anywhere.clone().on_raster(rows as u64, cols as u64);
        prop_assert_eq!(&all, &bits(&tiled(z, &kernel, tile)), "{}", level);
        prop_assert_eq!(&all, &bits(&tiled(z, &anywhere, tile)), "{}, anywhere", level);
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(150, 20_111))]

    #[test]
    fn kernel_equals_reference(z in terrain(), (params, ground) in any_params()) {
        for level in levels() {
            assert_equal_to_reference(&z, &ground, &params, &all_measures(), level);
        }
    }

    #[test]
    fn distances_equal_those_of_the_reference_where_samples_tie(
        z in steps(), (params, ground) in any_params(), size in prop_oneof![Just(1.0), Just(10.0), Just(1.0 / 3.0)],
    ) {
        let ground = match ground {
            Ground::Plane(CellSize { east, south }) => {
                CellSize { east: size * east, south: size * south }.into()
            }
            ellipsoid => ellipsoid,
        };
        let params = Params { radius: params.radius * size.max(1.0), z_factor: 1.0, ..params };
        let measures = [Measure::HorizonDistance];
        for level in levels() {
            assert_equal_to_reference(&z, &ground, &params, &measures, level);
        }
    }

    /// Whole numbers have no rounding: `h / k` is the largest where no other is larger
    /// when multiplied out.
    #[test]
    fn the_nearest_of_equal_samples_makes_the_horizon(
        z in steps(), reach in 1..40_i64, size in prop_oneof![Just(10.0), Just(0.5), Just(30.0), Just(1.0 / 3.0)],
    ) {
        let params = Params::new(size * (reach as f64 + 0.5), 8);
        let measures = [Measure::HorizonDistance];
        let kernel = Kernel::new(&params, CellSize::square(size), &measures, SimdLevel::detect()).unwrap();
        let (rows, cols) = z.heights.dim();
        let distances = tiled(&z, &kernel, (rows, cols));
        let height = |row: i64, col: i64| z.heights.get((row as usize, col as usize)).map(|z| *z as i64);
        for ((row, col), &distance) in distances.slice(s![0, .., ..]).indexed_iter() {
            let here = (row as i64, col as i64);
            let mut sum = 0.0;
            for (down, right) in [(-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1)] {
                let step = if down * right == 0 { size } else { size * 2_f64.sqrt() };
                let (mut rise, mut at) = (0, 1);
                for k in (1..).take_while(|&k| k as f64 * step <= params.radius) {
                    if let Some(z) = height(here.0 + k * down, here.1 + k * right) {
                        let z = z - height(here.0, here.1).unwrap();
                        if z * at > rise * k {
                            (rise, at) = (z, k);
                        }
                    }
                }
                sum += if rise > 0 { at as f64 * step } else { 0.0 };
            }
            prop_assert!(
                (f64::from(distance) - sum / 8.0).abs() <= 1e-6 * params.radius,
                "at {here:?}: {distance}, by whole numbers {}", sum / 8.0
            );
        }
    }

    #[test]
    fn one_measure_alone_equals_the_same_among_others(
        z in terrain(), (params, ground) in any_params(), pick in 0..all_measures().len(),
    ) {
        let all = all_measures();
        let level = SimdLevel::detect();
        let together = tiled(&z, &Kernel::new(&params, ground.clone(), &all, level).unwrap(), z.heights.dim());
        let kernel = Kernel::new(&params, ground.clone(), &[all[pick]], level).unwrap();
        let alone = tiled(&z, &kernel, z.heights.dim());
        let first: usize = all[..pick].iter().map(|m| m.bands(params.directions)).sum();
        let same = together.slice(s![first..first + kernel.bands(), .., ..]).to_owned();
        prop_assert_eq!(bits(&alone), bits(&same));
    }

    #[test]
    fn any_tiling_and_level_gives_the_same_bits(
        z in terrain(), (params, ground) in any_params(), tile in (1..70_usize, 1..100_usize),
    ) {
        let measures = all_measures();
        let make = |level| Kernel::new(&params, ground.clone(), &measures, level).unwrap();
        let whole = bits(&tiled(&z, &make(SimdLevel::Portable), z.heights.dim()));
        for level in levels() {
            prop_assert_eq!(&whole, &bits(&tiled(&z, &make(level), tile)));
        }
    }
}

proptest! {
    #![proptest_config(cases(150, 20_112))]

    #[test]
    fn canopies_that_change_nothing_change_no_bit(z in terrain(), (params, ground) in any_params()) {
        // `svf-veg` and `svf-aveg` say what crowns block, whatever they let through.
        let of_crowns = |m: &Measure| matches!(m, Measure::SvfVeg(_) | Measure::SvfAveg(_));
        let mut measures = all_measures();
        measures.retain(|m| !of_crowns(m));
        let with = |scene: &Scene, canopy| {
            let params = Params { canopy, ..params.clone() };
            let kernel = Kernel::new(&params, ground.clone(), &measures, SimdLevel::detect());
            bits(&tiled(scene, &kernel.unwrap(), scene.heights.dim()))
        };
        let bare = with(&z, None);
        let some = |trunk, transmissivity| Some(Canopy { trunk, transmissivity });
        prop_assert_eq!(&bare, &with(&z, some(Trunk::Heights, 1.0)));
        let no_tree = Scene { canopy: Array2::zeros(z.heights.dim()), ..z.clone() };
        prop_assert_eq!(&bare, &with(&no_tree, some(Trunk::Ratio(0.25), 0.03)));
        let measures: Vec<Measure> = Measure::ALL.into_iter().filter(of_crowns).collect();
        let params = Params { canopy: some(Trunk::Ratio(0.25), 0.03), ..params };
        let kernel = Kernel::new(&params, ground, &measures, SimdLevel::detect()).unwrap();
        let out = tiled(&no_tree, &kernel, z.heights.dim());
        prop_assert!(out.iter().all(|value| value.is_nan() || *value == 1.0));
    }

    #[test]
    fn an_opaque_canopy_down_to_the_ground_is_part_of_the_heights(
        z in terrain(), (params, ground) in any_params(),
    ) {
        let measures: Vec<Measure> =
            Measure::ALL.into_iter().filter(|m| {
                let of_ground = m.name().contains("slope") || *m == Measure::TerrainView;
                let of_crowns = matches!(m, Measure::SvfVeg(_) | Measure::SvfAveg(_));
                m.uses_canopy() && !of_ground && !of_crowns
            }).collect();
        let compute = |scene: &Scene, canopy| {
            let params = Params { canopy, ..params.clone() };
            let kernel = Kernel::new(&params, ground.clone(), &measures, SimdLevel::detect());
            tiled(scene, &kernel.unwrap(), scene.heights.dim())
        };
        let opaque = Some(Canopy { trunk: Trunk::Ratio(0.0), transmissivity: 0.0 });
        let seen = compute(&z, opaque);
        let added = compute(&Scene::of(&z.heights + &z.canopy), None);
        for ((band, row, col), value) in seen.indexed_iter() {
            // Under a tree the receiver is on the ground, not on the tree.
            if z.canopy[(row, col)] > 0.0 {
                continue;
            }
            let added = added[(band, row, col)];
            prop_assert!(
                value.is_nan() && added.is_nan() || (value - added).abs() < 1e-3,
                "{:?} at ({row}, {col}): {value}, added to the heights {added}", measures[band]
            );
        }
    }
}

/// Which receivers of a raster are wanted: some here and there, some in patches, or both.
fn mask((rows, cols): (usize, usize), (seed, share, patches): (u64, f64, u32)) -> Array2<bool> {
    let mut state = seed | 1;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut wanted = Array2::from_shape_fn((rows, cols), |_| random() < share);
    for _ in 0..patches {
        let at = |random: f64, cells: usize| (random * cells as f64) as usize;
        let (row, col) = (at(random(), rows), at(random(), cols));
        let (down, right) = (1 + at(random(), rows / 2), 1 + at(random(), cols / 2));
        let patch = s![row..rows.min(row + down), col..cols.min(col + right)];
        wanted.slice_mut(patch).fill(true);
    }
    wanted
}

/// Any seed, share of the cells, and number of patches.
fn any_mask() -> impl Strategy<Value = (u64, f64, u32)> {
    let share = prop_oneof![Just(0.0), Just(0.02), Just(0.1), Just(0.6), Just(1.0)];
    (any::<u64>(), share, 0..4_u32)
}

/// Whether wanted receivers have the bits that they have among all, with all instruction sets and
/// in tiles, and the others NaN.
fn assert_wanted_have_the_same_bits(
    z: &Scene,
    wanted: &Array2<bool>,
    tile: (usize, usize),
    make: impl Fn(SimdLevel) -> Kernel,
) -> Result<(), TestCaseError> {
    let mut all = tiled(z, &make(SimdLevel::Portable), z.heights.dim());
    for mut band in all.outer_iter_mut() {
        band.zip_mut_with(wanted, |value, wanted| {
            *value = if *wanted { *value } else { f32::NAN };
        });
    }
    let all = bits(&all);
    for level in levels() {
        let some = tiled_where(z, Some(wanted), &make(level).choosing(), tile);
        prop_assert_eq!(&all, &bits(&some), "{}", level);
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(100, 20_115))]

    #[test]
    fn wanted_receivers_have_the_bits_that_they_have_among_all(
        z in terrain(), (params, ground) in any_params(), tile in (1..70_usize, 1..100_usize),
        mask_of in any_mask(),
    ) {
        let wanted = mask(z.heights.dim(), mask_of);
        assert_wanted_have_the_same_bits(&z, &wanted, tile, |level| {
            Kernel::new(&params, ground.clone(), &all_measures(), level).unwrap()
        })?;
    }

    #[test]
    fn wanted_receivers_among_crowns_have_the_same_bits(
        z in groves(), (params, ground) in any_params(), reach in 1.0..4.0_f64,
        tile in (1..300_usize, 1..300_usize), mask_of in any_mask(), heights in any::<bool>(),
    ) {
        let trunk = if heights { Trunk::Heights } else { Trunk::Ratio(0.3) };
        let canopy = Some(Canopy { trunk, transmissivity: 0.03 });
        let params = Params { canopy, radius: reach * params.radius, ..params };
        let measures =
            [Measure::Svf, Measure::SvfSlope, Measure::SvfVeg(Side::All), Measure::SvfAveg(Side::All)];
        let wanted = mask(z.heights.dim(), mask_of);
        for measures in [&measures[..3], &measures] {
            assert_wanted_have_the_same_bits(&z, &wanted, tile, |level| {
                Kernel::new(&params, ground.clone(), measures, level).unwrap()
            })?;
        }
    }

}

proptest! {
    #![proptest_config(cases(16, 20_116))]

    #[test]
    fn wanted_receivers_have_the_same_bits_where_far_ground_is_left_out(
        z in vast_terrain(), (params, _) in any_params(),
        ground in prop_oneof![long_graticule(), Just(CellSize { east: 0.9, south: 1.1 }.into())],
        (reach, some, tile) in (0.2..1.2_f64, 1..1_u32 << (Measure::ALL.len() + 1), (1..600_usize, 1..600_usize)),
        mask_of in any_mask(),
    ) {
        let longest = z.heights.nrows().max(z.heights.ncols()) as f64;
        let radius = (reach * longest).max(3.0) * ground.cell_at(0).larger();
        let params = Params { sampling: Sampling::Linear, ..with_radius(radius, params) };
        let measures = some_measures(some);
        let wanted = mask(z.heights.dim(), mask_of);
        assert_wanted_have_the_same_bits(&z, &wanted, tile, |level| {
            Kernel::new(&params, ground.clone(), &measures, level).unwrap().skipping(true)
        })?;
    }
}

proptest! {
    // Sight lines are long: fewer cases.
    #![proptest_config(cases(24, 20_113))]

    #[test]
    fn leaving_out_far_ground_changes_no_bit(
        z in vast_terrain(), (params, ground) in any_params(),
        (reach, some, tile) in (0.2..1.2_f64, 1..1_u32 << (Measure::ALL.len() + 1), (1..600_usize, 1..600_usize)),
    ) {
        let longest = z.heights.nrows().max(z.heights.ncols()) as f64;
        let params = with_radius((reach * longest).max(3.0), params);
        let cell = match ground {
            Ground::Plane(cell) => cell,
            Ground::Ellipsoid(_) => CellSize { east: 0.9, south: 1.1 },
        };
        let measures = some_measures(some);
        assert_skipping_changes_no_bit(&z, tile, |level| {
            Kernel::new(&params, cell, &measures, level).unwrap()
        })?;
    }

    #[test]
    fn leaving_out_far_ground_changes_no_bit_where_rows_differ(
        z in vast_terrain(), (params, _) in any_params(), ground in long_graticule(),
        (reach, some, tile) in (0.2..1.2_f64, 1..1_u32 << (Measure::ALL.len() + 1), (1..600_usize, 1..600_usize)),
    ) {
        let longest = z.heights.nrows().max(z.heights.ncols()) as f64;
        let radius = (reach * longest).max(3.0) * ground.cell_at(0).larger();
        let params = Params { canopy: None, sampling: Sampling::Linear, ..with_radius(radius, params) };
        let mut measures = some_measures(some);
        measures.retain(|measure| *measure != Measure::HorizonDistance);
        assert_skipping_changes_no_bit(&z, tile, |level| {
            Kernel::new(&params, ground.clone(), &measures, level).unwrap()
        })?;
    }
}

proptest! {
    #![proptest_config(cases(8, 20_117))]

    /// Of lines that do not step from cell to cell, and of measures that need one horizon only.
    #[test]
    fn leaving_out_stretches_changes_no_bit(
        z in vast_terrain(), (params, _) in any_params(),
        ground in prop_oneof![long_graticule(), Just(CellSize { east: 0.9, south: 1.1 }.into())],
        (reach, some, tile) in (0.2..1.2_f64, 1..32_u32, (1..600_usize, 1..600_usize)),
        (pick, mask_of) in (0..3_u32, any_mask()),
    ) {
        let longest = z.heights.nrows().max(z.heights.ncols()) as f64;
        let reach = (reach * longest).max(3.0);
        let sampling = match pick {
            0 => Sampling::Crossings,
            1 => Sampling::Nearest,
            _ => Sampling::Divided { divisions: (0.7 * reach) as u32 + 1 },
        };
        let params = Params { sampling, ..with_radius(reach * ground.cell_at(0).larger(), params) };
        let all = [Measure::Svf, Measure::SvfSlope, Measure::OpennessPositive, Measure::Horizon { signed: true }, Measure::Coverage];
        let measures: Vec<Measure> = (0..all.len()).filter(|i| some >> i & 1 == 1).map(|i| all[i]).collect();
        let make = |level| Kernel::new(&params, ground.clone(), &measures, level).unwrap();
        assert_skipping_changes_no_bit(&z, tile, make)?;
        let wanted = mask(z.heights.dim(), mask_of);
        assert_wanted_have_the_same_bits(&z, &wanted, tile, |level| make(level).skipping(true))?;
    }
}

proptest! {
    #![proptest_config(cases(60, 20_114))]

    #[test]
    fn long_sight_lines_through_groves_equal_those_of_the_reference(
        z in groves(), (params, ground) in any_params(), reach in 1.0..4.0_f64,
        (ratio, heights) in (0.0..1.0_f64, any::<bool>()),
    ) {
        let trunk = if heights { Trunk::Heights } else { Trunk::Ratio(ratio) };
        let canopy = Some(Canopy { trunk, transmissivity: 0.03 });
        let params = Params { canopy, radius: reach * params.radius, ..params };
        let (veg, aveg) = (Measure::SvfVeg(Side::All), Measure::SvfAveg(Side::All));
        let measures = [Measure::Svf, Measure::SvfSlope, Measure::VisibleSky, veg, aveg];
        for measures in [&measures[..3], &measures] {
        for level in levels() {
            assert_equal_to_reference(&z, &ground, &params, measures, level);
        }
        }
    }

    #[test]
    fn a_search_for_crowns_in_front_of_ground_finds_the_others_too(
        z in groves(), (params, ground) in any_params(), reach in 1.0..4.0_f64, (ratio, heights) in (0.0..1.0_f64, any::<bool>()),
        tile in (1..300_usize, 1..300_usize),
    ) {
        let trunk = if heights { Trunk::Heights } else { Trunk::Ratio(ratio) };
        let canopy = Some(Canopy { trunk, transmissivity: 0.03 });
        let params = Params { canopy, radius: reach * params.radius, ..params };
        let all = [Measure::SvfCosine, Measure::SvfVeg(Side::All), Measure::SvfVeg(Side::West), Measure::SvfAveg(Side::All), Measure::SvfAveg(Side::South)];
        let run = |measures: &[Measure], level, tile| {
            tiled(&z, &Kernel::new(&params, ground.clone(), measures, level).unwrap(), tile)
        };
        let others = run(&all[..3], SimdLevel::detect(), z.heights.dim());
        let whole = run(&all, SimdLevel::Portable, z.heights.dim());
        prop_assert_eq!(bits(&others), bits(&whole.slice(s![..3, .., ..]).to_owned()));
        for level in levels() {
            prop_assert_eq!(bits(&whole), bits(&run(&all, level, tile)), "{}", level);
        }
    }

    #[test]
    fn leaving_out_crowns_changes_no_bit(
        z in groves(), (params, ground) in any_params(), reach in 1.0..6.0_f64,
        (ratio, heights) in (0.0..1.0_f64, any::<bool>()),
        tile in (1..300_usize, 1..300_usize),
    ) {
        let trunk = if heights { Trunk::Heights } else { Trunk::Ratio(ratio) };
        let canopy = Some(Canopy { trunk, transmissivity: 0.03 });
        let params = Params { canopy, radius: reach * params.radius, ..params };
        let measures = [Measure::Svf, Measure::SvfEast, Measure::SvfSlope, Measure::SvfVeg(Side::All)];
        assert_skipping_changes_no_bit(&z, tile, |level| {
            Kernel::new(&params, ground.clone(), &measures, level).unwrap()
        })?;
    }
}

/// Slopes of the bottom and the top of a crown.
type Slopes = (f64, f64);

/// Follows light from the sky to a receiver, for each slope between those at which anything
/// changes: `svf-veg` and `svf-aveg` of eight directions.
fn by_following_light(z: &Scene, (row, col): (usize, usize), reach: i64, ratio: f64) -> [f64; 2] {
    let cell = |layer: &Array2<f32>, k: i64, (down, right): (i64, i64)| {
        let (row, col) = (row as i64 + k * down, col as i64 + k * right);
        layer.get((row as usize, col as usize)).copied().map(f64::from)
    };
    let here = f64::from(z.heights[(row, col)]);
    let mut shares = [1.0; 2];
    for towards in [(-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1)] {
        let step = if towards.0 * towards.1 == 0 { 1.0 } else { 2_f64.sqrt() };
        let last = (1..).take_while(|k| *k as f64 * step <= reach as f64 + 0.5).last().unwrap();
        // Ground and crown of each sample, the receiver's own first; nothing where heights are missing.
        let samples: Vec<Option<(f64, Option<Slopes>)>> = (0..=last)
            .map(|k| {
                let rise = cell(&z.heights, k, towards).filter(|z| z.is_finite())? - here;
                let tree = cell(&z.canopy, k, towards)?;
                let far = if k == 0 {
                    0.5
                } else if k == last {
                    k as f64
                } else {
                    k as f64 + 0.5
                } * step;
                let top = if k == 0 { f64::INFINITY } else { (rise + tree) / (k as f64 * step) };
                let crown = (tree > 0.0).then_some(((rise + ratio * tree) / far, top));
                Some((if k == 0 { 0.0 } else { rise / (k as f64 * step) }, crown))
            })
            .collect();
        let ends = samples.iter().flatten().flat_map(|(ground, crown)| {
            [Some(*ground), crown.map(|c| c.0), crown.map(|c| c.1)].into_iter().flatten()
        });
        let mut ends: Vec<f64> =
            ends.chain([0.0, f64::INFINITY]).filter(|end| *end >= 0.0).collect();
        ends.sort_by(f64::total_cmp);
        for pair in ends.windows(2).filter(|pair| pair[1] > pair[0]) {
            let slope = if pair[1] == f64::INFINITY {
                pair[0] + 1.0
            } else {
                f64::midpoint(pair[0], pair[1])
            };
            let (mut behind, mut last, mut blocked) = (false, None, false);
            for sample in &samples {
                let Some((ground, crown)) = *sample else {
                    last = None;
                    continue;
                };
                if ground > slope {
                    blocked = true;
                    break;
                }
                let within = |(bottom, top): (f64, f64)| bottom < slope && slope < top;
                let between =
                    last.zip(crown).map(|(a, b): (Slopes, Slopes)| (a.0.min(b.0), a.1.max(b.1)));
                behind |= [crown, between].into_iter().flatten().any(within);
                last = crown;
            }
            if behind {
                let sin2 = |t: f64| t.atan().sin().powi(2);
                shares[usize::from(blocked)] -= (sin2(pair[1]) - sin2(pair[0])) / 8.0;
            }
        }
    }
    shares
}

proptest! {
    #![proptest_config(cases(500, 20_115))]

    #[test]
    fn crowns_in_front_of_ground_are_those_that_light_passes_on_its_way(
        (heights, trees) in (proptest::collection::vec(0..8_i32, 12 * 13), proptest::collection::vec(-12..12_i32, 12 * 13)),
        (reach, ratio, missing) in (2..9_i64, 0.05..0.9_f64, proptest::collection::vec(0..30_u8, 12 * 13)),
    ) {
        let mut z = Scene::of(Array2::from_shape_vec((12, 13), heights).unwrap().mapv(|z| 3.0 * z as f32));
        z.canopy = Array2::from_shape_vec((12, 13), trees).unwrap().mapv(|z| z.max(0) as f32);
        for (z, missing) in z.heights.iter_mut().zip(missing) {
            *z = if missing == 0 { f32::NAN } else { *z };
        }
        let canopy = Some(Canopy { trunk: Trunk::Ratio(ratio), transmissivity: 0.5 });
        let params = Params { canopy, ..Params::new(reach as f64 + 0.5, 8) };
        let measures = [Measure::SvfVeg(Side::All), Measure::SvfAveg(Side::All)];
        let kernel = Kernel::new(&params, CellSize::square(1.0), &measures, SimdLevel::detect()).unwrap();
        let out = tiled(&z, &kernel, z.heights.dim());
        for (at, _) in z.heights.indexed_iter().filter(|(_, z)| z.is_finite()) {
            let want = by_following_light(&z, at, reach, ratio);
            for (band, want) in want.into_iter().enumerate() {
                let got = f64::from(out[(band, at.0, at.1)]);
                prop_assert!((got - want).abs() < 1e-5, "{:?} at {at:?}: {got}, by following light {want}", measures[band]);
            }
        }
    }
}

#[test]
fn a_radius_that_meets_no_cell_is_refused_on_the_ellipsoid_too() {
    let graticule = Graticule {
        first_row_deg: 45.0,
        south_deg: 0.01,
        east_deg: 0.01,
        semi_major: 6_378_137.0,
        flattening: 1.0 / 298.257_223_563,
        rows: 0..9,
    };
    let level = SimdLevel::detect();
    let kernel = |radius| {
        Kernel::new(&Params::new(radius, 8), graticule.clone(), &[Measure::Svf], level).map(|_| ())
    };
    assert!(matches!(kernel(500.0), Err(ParamError::RadiusBelowCell { .. })));
    assert_eq!(kernel(2000.0), Ok(()));
}

#[test]
fn many_directions_do_not_lose_digits() {
    let z = Array2::from_shape_fn((9, 70), |(row, col)| {
        ((row * 31 + col * 17) % 23) as f32 * 1.37 + 2000.0
    });
    let params = Params::new(12.0, 720);
    let measures = [Measure::Svf, Measure::SvfCosine, Measure::OpennessPositive];
    let cell = CellSize::square(1.0).into();
    assert_equal_to_reference(&Scene::of(z), &cell, &params, &measures, SimdLevel::detect());
}

#[test]
fn a_raster_of_one_cell_and_one_of_nothing_but_missing_cells() {
    let params = Params::new(5.0, 8);
    let cell = CellSize::square(1.0);
    let measures = [Measure::Svf, Measure::Coverage, Measure::OpennessPositive];
    let kernel = Kernel::new(&params, cell, &measures, SimdLevel::detect()).unwrap();
    let one = tiled(&Scene::of(Array2::from_elem((1, 1), 7.0)), &kernel, (1, 1));
    assert_eq!(one.into_raw_vec_and_offset().0, [1.0, 0.0, 90.0]);
    let missing = tiled(&Scene::of(Array2::from_elem((3, 80), f32::NAN)), &kernel, (3, 80));
    assert!(missing.iter().all(|v| v.is_nan()));
}

#[test]
fn views_in_any_order_of_memory_are_read_right() {
    let params = Params::new(6.0, 8);
    let cell = CellSize::square(1.0);
    let kernel = Kernel::new(&params, cell, &[Measure::Svf], SimdLevel::detect()).unwrap();
    let z = Array2::from_shape_fn((82, 82), |(row, col)| ((row * 7 + col * 13) % 29) as f32);
    let compute = |view: ArrayView2<'_, f32>| {
        let mut out = Array3::zeros((1, 70, 70));
        kernel.compute(Tile::of(view, 0), out.view_mut());
        bits(&out)
    };
    for view in [z.view(), z.t(), z.slice(s![..;-1, ..]), z.slice(s![..;-1, ..;-1])] {
        let copied = Array2::from_shape_fn(view.dim(), |at| view[at]);
        assert_eq!(compute(view), compute(copied.view()));
    }
}
