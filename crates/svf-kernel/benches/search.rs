//! What the kernel costs, and how much of it is the arithmetic alone.
//!
//! * `plain`, `skipping`: the two searches over growing radii.
//! * `degrees`: a grid in degrees, and `same-cells`: cells of the size of its middle row, all of
//!   one size, over some radii in two latitudes.
//! * `canopy`: the search of `skipping` with groves on a share of the cells, in percent, over some
//!   radii.
//! * `crossings`, `divided`, `nearest`, `crossings-degrees`: these samplings over some radii, without and
//!   with ground that is left out.
//! * `measures`: one measure, six of the same horizon, and six of two horizons.
//! * `arithmetic`: the operations of the plain search, on the samples of the same sight
//!   lines, but on heights that lie side by side in the first-level cache.
//!
//! Invariant: an element is one direction of one cell in every group, so times per
//! element compare: that of `arithmetic` over that of `plain` at the same radius is the
//! share of the processor's limit that the search reaches.

#![expect(unsafe_code, reason = "the vectors of the search, side by side with it")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput};
use ndarray::{Array2, Array3};
use svf_kernel::geometry::Fan;
use svf_kernel::simd::SimdLevel;
use svf_kernel::{
    Canopy, CellSize, Graticule, Ground, Kernel, Measure, Params, Sampling, Tile, Trunk,
};

/// Rows and columns of receivers: what a thread gets at a time where far ground is left out.
const SIDE_PX: usize = 512;
const DIRECTIONS: u32 = 16;
/// The radius of the comparison with `arithmetic`.
const RADIUS_PX: u32 = 100;
const RADII_PX: [u32; 6] = [50, RADIUS_PX, 200, 400, 800, 1600];
const CELL: CellSize = CellSize { east: 1.0, south: 1.0 };

const ONE: [Measure; 1] = [Measure::Svf];
/// Of one horizon.
const SIX: [Measure; 6] = [
    Measure::Svf,
    Measure::SvfCosine,
    Measure::SvfSlope,
    Measure::VisibleSky,
    Measure::OpennessPositive,
    Measure::SvfAnisotropic,
];
/// Of two: that of the surface, and that of the surface turned upside down.
const SIX_OF_TWO: [Measure; 6] =
    [SIX[0], SIX[1], SIX[2], SIX[3], SIX[4], Measure::OpennessNegative];

#[expect(clippy::print_stdout, reason = "a program that reports what it measures")]
fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    println!("instruction set: {}", level());
    radii(&mut criterion);
    degrees(&mut criterion);
    samplings(&mut criterion);
    canopy(&mut criterion);
    measures(&mut criterion);
    arithmetic(&mut criterion);
    criterion.final_summary();
}

/// The best instruction set of the processor, or that of the environment variable `SVF_SIMD`.
fn level() -> SimdLevel {
    std::env::var("SVF_SIMD")
        .map_or_else(|_| SimdLevel::detect(), |name| name.parse().expect("an instruction set"))
}

fn params(radius_px: u32) -> Params {
    Params { sampling: Sampling::Linear, ..Params::new(f64::from(radius_px), DIRECTIONS) }
}

/// Times the kernel over one tile in every iteration.
fn bench(criterion: &mut Criterion, group: &str, id: BenchmarkId, kernel: &Kernel) {
    bench_with(criterion, group, id, kernel, None);
}

/// The same with groves where the noise that makes them is above a threshold.
fn bench_with(
    criterion: &mut Criterion,
    group: &str,
    id: BenchmarkId,
    kernel: &Kernel,
    groves_above: Option<f32>,
) {
    let halo = kernel.halo();
    let (shape, around) = (halo.padded(SIDE_PX, SIDE_PX), (halo.rows_px, halo.cols_px));
    let heights = hills(shape, around);
    let canopy = groves_above.map(|threshold| groves(shape, around, threshold));
    let canopy = canopy.as_ref().map(|canopy| canopy.view());
    let mut out = Array3::zeros((kernel.bands(), SIDE_PX, SIDE_PX));
    let mut group = criterion.benchmark_group(group);
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.throughput(Throughput::Elements((SIDE_PX * SIDE_PX) as u64 * u64::from(DIRECTIONS)));
    group.bench_function(id, |bencher| {
        let tile = Tile { canopy, ..Tile::of(heights.view(), 0) };
        bencher.iter(|| kernel.compute(tile, black_box(out.view_mut())));
    });
    group.finish();
}

fn radii(criterion: &mut Criterion) {
    for radius_px in RADII_PX {
        for (name, skips) in [("plain", false), ("skipping", true)] {
            let kernel = kernel(radius_px, &ONE).skipping(skips);
            bench(criterion, name, BenchmarkId::from_parameter(radius_px), &kernel);
        }
    }
}

/// Cells of one second of arc, near the equator and in the Alps.
fn degrees(criterion: &mut Criterion) {
    for latitude in [0.14, 47.0] {
        let graticule = Graticule {
            first_row_deg: latitude,
            south_deg: 1.0 / 3600.0,
            east_deg: 1.0 / 3600.0,
            semi_major: 6_378_137.0,
            flattening: 1.0 / 298.257_223_563,
            rows: 0..SIDE_PX as u64,
        };
        let cell = graticule.cell_at(SIDE_PX as u64 / 2);
        for radius_px in [RADIUS_PX, 400, 1600] {
            let longest = cell.larger();
            // As steep as the hills are with cells of one metre.
            let params = Params {
                z_factor: longest,
                ..Params::new(f64::from(radius_px) * longest, DIRECTIONS)
            };
            let grounds = [("same-cells", cell.into()), ("degrees", graticule.clone().into())];
            for (name, ground) in grounds {
                let ground: Ground = ground;
                let kernel =
                    Kernel::new(&params, ground, &ONE, level()).expect("the search makes sense");
                let id = BenchmarkId::from_parameter(format!("{latitude}-{radius_px}"));
                bench(criterion, name, id, &kernel);
            }
        }
    }
}

fn samplings(criterion: &mut Criterion) {
    let graticule = Graticule {
        first_row_deg: 47.0,
        south_deg: 1.0 / 3600.0,
        east_deg: 1.0 / 3600.0,
        semi_major: 6_378_137.0,
        flattening: 1.0 / 298.257_223_563,
        rows: 0..SIDE_PX as u64,
    };
    let longest = graticule.cell_at(SIDE_PX as u64 / 2).larger();
    for radius_px in [RADIUS_PX, 200, 400, 1600] {
        let divided = Sampling::Divided { divisions: radius_px };
        let grounds: [(&str, Sampling, Ground, f64); 4] = [
            ("crossings", Sampling::Crossings, CELL.into(), 1.0),
            ("divided", divided, CELL.into(), 1.0),
            ("nearest", Sampling::Nearest, CELL.into(), 1.0),
            ("crossings-degrees", Sampling::Crossings, graticule.clone().into(), longest),
        ];
        for (name, sampling, ground, unit) in grounds {
            let radius = f64::from(radius_px) * unit;
            let params = Params { sampling, z_factor: unit, ..Params::new(radius, DIRECTIONS) };
            for (way, skips) in [("all", false), ("ahead", true)] {
                let kernel = Kernel::new(&params, ground.clone(), &ONE, level())
                    .expect("the search makes sense")
                    .skipping(skips);
                let id = BenchmarkId::from_parameter(format!("{radius_px}-{way}"));
                bench(criterion, name, id, &kernel);
            }
        }
    }
}

fn canopy(criterion: &mut Criterion) {
    // The noise is above it on this share of the cells.
    for (percent, threshold) in [(20, 0.7), (50, 0.5)] {
        for radius_px in [RADIUS_PX, 400] {
            let canopy = Canopy { trunk: Trunk::Ratio(0.25), transmissivity: 0.03 };
            let params = Params { canopy: Some(canopy), ..params(radius_px) };
            let kernel = Kernel::new(&params, CELL, &ONE, level()).expect("the search makes sense");
            let id = BenchmarkId::from_parameter(format!("{percent}-{radius_px}"));
            bench_with(criterion, "canopy", id, &kernel, Some(threshold));
        }
    }
}

fn measures(criterion: &mut Criterion) {
    for (name, measures) in [("one", &ONE[..]), ("six", &SIX[..]), ("six-of-two", &SIX_OF_TWO[..])]
    {
        let kernel = kernel(RADIUS_PX, measures);
        bench(criterion, "measures", BenchmarkId::from_parameter(name), &kernel);
    }
}

fn kernel(radius_px: u32, measures: &[Measure]) -> Kernel {
    Kernel::new(&params(radius_px), CELL, measures, level()).expect("the search makes sense")
}

/// Heights of `shape`, the same at the same place whatever the `halo` around it: eight
/// octaves of smooth noise, rough as mountains are: 1000 cells along, 250 m of relief.
fn hills(shape: (usize, usize), halo: (usize, usize)) -> Array2<f32> {
    let mut heights = Array2::zeros(shape);
    for octave in 0..8_u32 {
        let amplitude = 160.0 * 0.55_f32.powi(octave.cast_signed());
        add_noise(&mut heights, halo, (octave, 1024 >> octave), amplitude);
    }
    heights
}

/// Heights of groves of `shape` above ground: 6 to 16 m where the noise, from 0 to 1, is above a
/// threshold.
fn groves(shape: (usize, usize), halo: (usize, usize), threshold: f32) -> Array2<f32> {
    let mut noise = Array2::zeros(shape);
    add_noise(&mut noise, halo, (30, 15), 1.0);
    noise.mapv(|noise| if noise > threshold { 6.0 + 30.0 * (noise - threshold) } else { 0.0 })
}

/// Adds smooth noise from 0 to `amplitude`, which has a number and a spacing in cells.
fn add_noise(
    heights: &mut Array2<f32>,
    halo: (usize, usize),
    (number, spacing): (u32, usize),
    amplitude: f32,
) {
    /// Where the receivers begin: beyond the longest halo.
    const ORIGIN: usize = 4096;
    let share = |at: usize| {
        let x = (at % spacing) as f32 / spacing as f32;
        (at / spacing, x * x * (3.0 - 2.0 * x))
    };
    let cols = heights.ncols();
    let along: Vec<(usize, f32)> = (0..cols).map(|col| share(ORIGIN - halo.1 + col)).collect();
    for (row, mut line) in heights.outer_iter_mut().enumerate() {
        let (r, y) = share(ORIGIN - halo.0 + row);
        for (height, &(c, x)) in line.iter_mut().zip(&along) {
            let mix = |r| {
                let (west, east) = (lattice(number, r, c), lattice(number, r, c + 1));
                west + x * (east - west)
            };
            let (north, south) = (mix(r), mix(r + 1));
            *height += amplitude * (north + y * (south - north));
        }
    }
}

/// A number from 0 to 1 that depends on nothing but the place.
fn lattice(octave: u32, row: usize, col: usize) -> f32 {
    let mut bits = (u64::from(octave) << 48) ^ ((row as u64) << 24) ^ col as u64;
    for _ in 0..2 {
        bits = (bits ^ (bits >> 31)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
    (bits >> 40) as f32 / (1_u32 << 24) as f32
}

/// A sample of `arithmetic`, as the kernel holds them: offsets, weight, gain.
struct Tap {
    near: usize,
    far: usize,
    weight: f32,
    gain: f32,
}

/// The samples of one direction that need one cell each, or two.
struct Line<'a> {
    taps: &'a [Tap],
    two_cells: bool,
}

/// Vectors that go through a sight line together, as in the kernel.
const GROUP: usize = 4;
/// Rows of heights that `arithmetic` goes round in: with the widest group 12 KiB.
const RING_ROWS: usize = 48;

fn arithmetic(criterion: &mut Criterion) {
    let level = level();
    let (search, lanes): (Arithmetic, usize) = match level {
        #[cfg(target_arch = "x86_64")]
        SimdLevel::Avx512 => (vectors::avx512, 16),
        #[cfg(target_arch = "x86_64")]
        SimdLevel::Avx2 => (vectors::avx2, 8),
        _ => (portable, 4),
    };
    let width = GROUP * lanes;
    let fan = Fan::new(&params(RADIUS_PX), CELL).expect("the search makes sense");
    // All lines take the samples of the longest in turn: where they lie is no matter here.
    let taps: Vec<Tap> = (0..RADIUS_PX as usize)
        .map(|k| Tap {
            near: k % RING_ROWS * width,
            far: (k % RING_ROWS + 1) * width,
            weight: 0.25,
            gain: -1.0 / (k + 1) as f32,
        })
        .collect();
    let lines: Vec<Line<'_>> = fan
        .lines
        .iter()
        .map(|line| Line {
            taps: &taps[..line.samples.iter().filter(|s| !s.is_receiver()).count()],
            two_cells: line.samples.iter().any(|s| s.weight != 0.0),
        })
        .collect();
    let ring = Ring::new(width);
    let mut highest = vec![0.0_f32; width];
    let mut group = criterion.benchmark_group("arithmetic");
    group.throughput(Throughput::Elements(width as u64 * u64::from(DIRECTIONS)));
    group.bench_function(BenchmarkId::from_parameter(RADIUS_PX), |bencher| {
        bencher.iter(|| {
            for line in &lines {
                let heights = black_box(ring.heights());
                // SAFETY: `detect` found the instructions, the ring has a row more than any
                // tap starts on, and `highest` a number per receiver.
                unsafe { search(heights, line.taps, line.two_cells, black_box(&mut highest)) };
            }
        });
    });
    group.finish();
}

/// Rows of heights that start on a cache line.
struct Ring {
    floats: Vec<f32>,
    start: usize,
    len: usize,
}

impl Ring {
    fn new(width: usize) -> Self {
        let len = (RING_ROWS + 1) * width;
        let floats: Vec<f32> = (0..len + 16).map(|i| lattice(9, i, 0) * 20.0).collect();
        let start = floats.as_ptr().align_offset(64);
        Self { floats, start, len }
    }

    fn heights(&self) -> &[f32] {
        &self.floats[self.start..][..self.len]
    }
}

type Arithmetic = unsafe fn(&[f32], &[Tap], bool, &mut [f32]);

/// What the vectors below do, for processors that have none of them.
///
/// # Safety
/// None needed: of the type of the others.
unsafe fn portable(heights: &[f32], taps: &[Tap], two_cells: bool, highest: &mut [f32]) {
    const WIDTH: usize = GROUP * 4;
    let ground: [f32; WIDTH] = std::array::from_fn(|i| heights[i]);
    let mut best = [f32::NEG_INFINITY; WIDTH];
    for tap in taps {
        let (near, far) = (&heights[tap.near..][..WIDTH], &heights[tap.far..][..WIDTH]);
        for i in 0..WIDTH {
            let mut fall = ground[i] - near[i];
            if two_cells {
                fall += tap.weight * (near[i] - far[i]);
            }
            let slope = fall * tap.gain;
            best[i] = if slope > best[i] { slope } else { best[i] };
        }
    }
    highest.copy_from_slice(&best);
}

/// The same for the vectors of x86-64, which compilers do not choose by themselves.
#[cfg(target_arch = "x86_64")]
mod vectors {
    use std::arch::x86_64::*;

    use super::{GROUP, Tap};

    macro_rules! arithmetic {
        ($name:ident, $feature:literal, $lanes:literal, $vector:ty, $load:ident, $store:ident,
         $splat:ident, $add:ident, $sub:ident, $mul:ident, $max:ident) => {
            /// # Safety
            /// The processor has the instructions; all taps, and one more row, lie inside
            /// `heights`, and `highest` holds the vectors of a group.
            #[target_feature(enable = $feature)]
            pub unsafe fn $name(
                heights: &[f32],
                taps: &[Tap],
                two_cells: bool,
                highest: &mut [f32],
            ) {
                // SAFETY: passed on to the caller.
                unsafe {
                    if two_cells {
                        line::<true>(heights, taps, highest);
                    } else {
                        line::<false>(heights, taps, highest);
                    }
                }

                #[target_feature(enable = $feature)]
                unsafe fn line<const TWO_CELLS: bool>(
                    heights: &[f32],
                    taps: &[Tap],
                    highest: &mut [f32],
                ) {
                    // SAFETY: loads and stores lie inside the slices, see above.
                    unsafe {
                        let first = heights.as_ptr();
                        let mut ground = [$splat(0.0); GROUP];
                        for (v, ground) in ground.iter_mut().enumerate() {
                            *ground = $load(first.add(v * $lanes));
                        }
                        let mut best: [$vector; GROUP] = [$splat(f32::NEG_INFINITY); GROUP];
                        for tap in taps {
                            let (gain, weight) = ($splat(tap.gain), $splat(tap.weight));
                            let (near, far) = (first.add(tap.near), first.add(tap.far));
                            for v in 0..GROUP {
                                let a = $load(near.add(v * $lanes));
                                let mut fall = $sub(ground[v], a);
                                if TWO_CELLS {
                                    let b = $load(far.add(v * $lanes));
                                    fall = $add(fall, $mul(weight, $sub(a, b)));
                                }
                                best[v] = $max($mul(fall, gain), best[v]);
                            }
                        }
                        for (v, best) in best.iter().enumerate() {
                            $store(highest.as_mut_ptr().add(v * $lanes), *best);
                        }
                    }
                }
            }
        };
    }

    arithmetic!(
        avx2,
        "avx2",
        8,
        __m256,
        _mm256_loadu_ps,
        _mm256_storeu_ps,
        _mm256_set1_ps,
        _mm256_add_ps,
        _mm256_sub_ps,
        _mm256_mul_ps,
        _mm256_max_ps
    );
    arithmetic!(
        avx512,
        "avx512f",
        16,
        __m512,
        _mm512_loadu_ps,
        _mm512_storeu_ps,
        _mm512_set1_ps,
        _mm512_add_ps,
        _mm512_sub_ps,
        _mm512_mul_ps,
        _mm512_max_ps
    );
}
