//! Any search whatever of a small tile, made of bytes: it is refused, or equals the
//! reference. Shared by `tests/arbitrary.rs` and the fuzz target of the same name.

use std::panic::{AssertUnwindSafe, catch_unwind};

use ndarray::{Array2, Array3, s};
use svf_kernel::geometry::{Fan, samples_at_most};
use svf_kernel::simd::SimdLevel;
use svf_kernel::{
    Anisotropy, AnisotropyLevel, Canopy, CellSize, Curvature, Graticule, Ground, Kernel, Measure,
    Missing, Params, Sampling, Tile, Trunk, reference,
};

/// Numbers that are none, or of absurd size.
const WILD: [f64; 16] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    0.0,
    -0.0,
    5e-324,
    5e-309,
    -1e-300,
    1e-12,
    1e-9,
    1e12,
    1e15,
    1e18,
    -1e300,
    f64::MAX,
    -1.0,
];

/// What a case is made of; zeros when it is used up.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn word(&mut self) -> u64 {
        (0..8).fold(0, |word, _| word << 8 | u64::from(self.byte()))
    }

    fn coin(&mut self) -> bool {
        self.byte() % 2 == 1
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::from(self.byte()) % of.len()]
    }

    /// Mostly a usual number, now and then any other.
    fn number(&mut self, usual: &[f64]) -> f64 {
        match self.byte() {
            0..=219 => self.pick(usual),
            220..=239 => f64::from(self.byte().cast_signed()) / 8.0,
            240..=249 => self.pick(&WILD),
            _ => f64::from_bits(self.word()),
        }
    }

    fn whole(&mut self, usual: &[u64]) -> u64 {
        if self.byte() < 235 { self.pick(usual) } else { self.word() }
    }

    fn params(&mut self) -> Params {
        let mut params = Params::new(
            self.number(&[3.0, 1.0, 2.5, 7.25, 12.0]),
            self.whole(&[4, 5, 8, 9]) as u32,
        );
        params.sampling = match self.byte() % 5 {
            0 | 1 => Sampling::Linear,
            2 => Sampling::Nearest,
            3 => Sampling::Crossings,
            _ => Sampling::Divided { divisions: self.whole(&[5, 1, 2, 17]) as u32 },
        };
        params.missing = self.pick(&[Missing::Skip, Missing::Stop, Missing::Nan]);
        params.observer_height = self.number(&[0.0, 0.0, 1.75, -2.5]);
        params.z_factor = self.number(&[1.0, 1.0, 0.25, 3.5]);
        if self.byte() % 4 == 1 {
            let refraction = self.number(&[0.13, 0.0, -0.5]);
            params.curvature =
                Some(Curvature { refraction, earth_radius: self.number(&[1000.0, 6.4e6, 40.0]) });
        }
        let level = self.pick(&[AnisotropyLevel::Low, AnisotropyLevel::High]);
        params.anisotropy = Anisotropy { azimuth_deg: self.number(&[315.0, 0.0, -90.0]), level };
        if self.byte() % 3 == 1 {
            let ratio = self.number(&[0.25, 0.0, 0.5, 1.0]);
            let trunk = if self.coin() { Trunk::Heights } else { Trunk::Ratio(ratio) };
            params.canopy =
                Some(Canopy { trunk, transmissivity: self.number(&[0.25, 0.0, 0.5, 1.0]) });
        }
        params
    }

    fn ground(&mut self) -> Ground {
        if self.byte() % 3 != 1 {
            let east = self.number(&[1.0, 0.5, 3.0, -1.0]);
            let south = if self.coin() { self.number(&[1.0, 2.0, -0.75]) } else { east };
            return CellSize { east, south }.into();
        }
        let start = self.whole(&[0, 0, 7, 100]);
        Ground::from(Graticule {
            first_row_deg: self.number(&[47.0, 0.25, -70.0, 89.0, 90.0]),
            south_deg: self.number(&[0.03, -0.03, 0.25]),
            east_deg: self.number(&[0.03, 0.05, -0.03]),
            semi_major: self.number(&[3000.0, 1000.0]),
            flattening: self.number(&[0.02, 0.0, 0.5, -0.1]),
            rows: start..self.whole(&[107, 7, 1000, u64::MAX]),
        })
    }

    /// Heights or crowns: usual ones, and in every fourth case one of any kind.
    fn layer(&mut self, (rows, cols): (usize, usize), gap: f32) -> Array2<f32> {
        let base = self.pick(&[0.0_f32, 0.0, -30.0, 2000.0]);
        let gaps = self.byte() % 3 == 1;
        let mut state = self.word() | 1;
        let mut layer = Array2::from_shape_fn((rows, cols), |_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let height = (state >> 56) as u8;
            if gaps && height < 30 { gap } else { base + f32::from(height / 8) }
        });
        if self.byte() % 4 == 1 {
            for _ in 0..=self.byte() % 4 {
                let at = (usize::from(self.byte()) % rows, usize::from(self.byte()) % cols);
                let any = f32::from_bits(self.word() as u32);
                layer[at] = self.pick(&[
                    f32::INFINITY,
                    f32::NEG_INFINITY,
                    f32::MAX,
                    f32::MIN,
                    -1.0,
                    1e5,
                    any,
                ]);
            }
        }
        layer
    }
}

/// Whether a run ends in a panic, which says nothing.
fn panics(run: impl FnOnce()) -> bool {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let panicked = catch_unwind(AssertUnwindSafe(run)).is_err();
    std::panic::set_hook(hook);
    panicked
}

/// What became of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The numbers make no sense.
    Refused,
    /// They do, and the tile does not fit them.
    Panicked,
    /// They do, but take too long to try.
    TooLarge,
    /// Computed, and as the reference has it.
    Equal,
}

/// Samples of a receiver, and cells around it, that can be tried in a moment.
const MOST: u64 = if cfg!(miri) { 100 } else { 20_000 };

/// Measures that ask everything of the search; under Miri, which is slow, one for each thing
/// that it may be asked.
fn all_measures() -> Vec<Measure> {
    if cfg!(miri) {
        return vec![
            Measure::Svf,
            Measure::SvfSlope,
            Measure::OpennessNegative,
            Measure::HorizonDistance,
            Measure::Aspect,
            Measure::Coverage,
        ];
    }
    let mut measures = Measure::ALL.to_vec();
    measures.push(Measure::Horizon { signed: true });
    measures
}

/// Tries the search that `bytes` describe.
///
/// # Panics
/// When it does what it must not.
pub fn try_search(bytes: &[u8]) -> Outcome {
    let mut bytes = Bytes(bytes);
    let (params, ground) = (bytes.params(), bytes.ground());
    let valid = ground.validate().is_ok();
    let cells = ground.extreme_cells();
    if valid && cells.iter().all(|&cell| params.validate(cell).is_ok()) {
        let samples = samples_at_most(&params, ground.smallest_side());
        let aspect = cells
            .iter()
            .map(|c| (c.east / c.south).abs())
            .fold(1.0, |most: f64, ratio| most.max(ratio).max(1.0 / ratio));
        if samples > MOST || aspect > MOST as f64 {
            return Outcome::TooLarge;
        }
    }
    let measures = all_measures();
    let make = |level| Kernel::new(&params, ground.clone(), &measures, level);
    let Ok(kernel) = make(SimdLevel::Portable) else { return Outcome::Refused };
    assert!(valid, "taken, though the ground is not valid: {ground:?}");
    let (rows, cols) = if cfg!(miri) {
        (bytes.pick(&[1, 1, 2]), bytes.pick(&[1, 3, 66]))
    } else {
        (bytes.pick(&[1, 3, 5]), bytes.pick(&[1, 2, 63, 64, 65, 70]))
    };
    let halo = kernel.halo();
    let padded = halo.padded(rows, cols);
    if (padded.0 * padded.1) as u64 > 20 * MOST {
        return Outcome::TooLarge;
    }
    let core = s![halo.rows_px..halo.rows_px + rows, halo.cols_px..halo.cols_px + cols];
    let mut pad = |gap: f32| {
        let layer = bytes.layer((rows, cols), gap);
        let mut padded = Array2::from_elem(padded, gap);
        padded.slice_mut(core).assign(&layer);
        (layer, padded)
    };
    let (z, padded_z) = pad(f32::NAN);
    let (canopy, padded_canopy) = pad(0.0);
    let (trunk, padded_trunk) = pad(0.0);
    let row = match &ground {
        Ground::Plane(_) => bytes.whole(&[0, 5]),
        Ground::Ellipsoid(graticule) => {
            graticule.rows.start.wrapping_add(bytes.whole(&[0, 0, 0, 3, 2000]))
        }
    };
    // In every eighth case of each, a layer too many or missing, or a view of other strides.
    let flips = |odd: u8| odd % 8 == 1;
    let tile = Tile {
        canopy: (kernel.uses_canopy() != flips(bytes.byte())).then(|| padded_canopy.view()),
        trunk: (kernel.has_trunks() != flips(bytes.byte())).then(|| padded_trunk.view()),
        largest: kernel.largest(padded_z.view()),
        ..Tile::of(padded_z.view(), row)
    };
    let shape = (kernel.bands() + usize::from(flips(bytes.byte())), rows, cols);
    let has_rows = match &ground {
        Ground::Plane(_) => true,
        Ground::Ellipsoid(Graticule { rows: known, .. }) => {
            let end = row.checked_add(rows as u64);
            known.start <= row && end.is_some_and(|end| end <= known.end)
        }
    };
    let fits = shape.0 == kernel.bands()
        && tile.canopy.is_some() == kernel.uses_canopy()
        && tile.trunk.is_some() == kernel.has_trunks()
        && has_rows;
    let compute = |kernel: &Kernel, tile: Tile<'_>| {
        let mut out = Array3::zeros(shape);
        kernel.compute(tile, out.view_mut());
        out
    };
    if !fits {
        assert!(panics(|| drop(compute(&kernel, tile))), "a tile that does not fit: {tile:?}");
        return Outcome::Panicked;
    }
    let fast = compute(&kernel, tile);
    let surface =
        reference::Surface::new(z.view(), Some(canopy.view()), Some(trunk.view()), &params);
    let mut exact = Array3::from_elem(fast.dim(), f64::NAN);
    let mut slack = 0.0;
    for at_row in 0..rows {
        let cell = ground.cell_at(row + at_row as u64);
        let fan = Fan::new(&params, cell).expect("a kernel that was made has fans");
        slack = rounding(&surface, &fan, &params).max(slack);
        for col in 0..cols {
            let seen = reference::receiver(&surface, at_row, col, &fan, cell, &params, &measures);
            let values = seen.and_then(|seen| seen.values);
            for (band, value) in values.into_iter().flatten().enumerate() {
                exact[(band, at_row, col)] = value;
            }
        }
    }
    assert_close(&fast, &exact, &params, slack);
    let bits = |values: &Array3<f32>| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    for level in SimdLevel::ALL.into_iter().filter(|level| level.is_supported()) {
        for skips in [false, true] {
            let kernel = make(level).expect("as above").skipping(skips);
            // The rows above the tile have no heights either.
            let kernel = if skips {
                kernel.on_raster(row.saturating_add(rows as u64), cols as u64)
            } else {
                kernel
            };
            let reversed = padded_z.slice(s![..;-1, ..;-1]).to_owned();
            // The same cells, from the end of memory to its beginning.
            let heights = reversed.slice(s![..;-1, ..;-1]);
            let heights = if skips { heights } else { padded_z.view() };
            let tile = Tile { heights, largest: None, ..tile };
            assert_eq!(bits(&compute(&kernel, tile)), bits(&fast), "{level}, skipping {skips}");
        }
    }
    Outcome::Equal
}

/// How far f32 may leave slopes from what they are: rounding is relative to the relief.
fn rounding(surface: &reference::Surface, fan: &Fan, params: &Params) -> f64 {
    let heights = surface.heights.iter().filter(|z| z.is_finite());
    let (low, high) = heights
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), z| (z.min(low), z.max(high)));
    let crowns = surface.crowns.iter().flat_map(|(canopy, trunk)| canopy.iter().chain(trunk));
    let crown = crowns.copied().fold(0.0, f64::max);
    let drop = params.curvature.map_or(0.0, |curvature| curvature.drop(params.radius).abs());
    let relief =
        ((high - low).max(0.0) + crown) * params.z_factor + params.observer_height.abs() + drop;
    let samples = fan.lines.iter().flat_map(|line| {
        let samples = line.samples.iter().filter(|sample| !sample.is_receiver());
        samples.map(|sample| sample.distance).chain([line.exit_distance])
    });
    relief / samples.fold(f64::INFINITY, f64::min) / f64::from(1 << 21)
}

/// Holds the bands of all measures to the reference.
fn assert_close(fast: &Array3<f32>, exact: &Array3<f64>, params: &Params, slack: f64) {
    let mut band = 0;
    for measure in all_measures() {
        let (low, high) = measure.range(params.radius);
        // Where samples tie, either may make the horizon.
        let ties = measure == Measure::HorizonDistance;
        let tolerance = (1e-5 + slack) * (high - low);
        for _ in 0..measure.bands(params.directions) {
            let pairs = fast.slice(s![band, .., ..]).into_owned();
            for ((at, fast), exact) in pairs.indexed_iter().zip(exact.slice(s![band, .., ..])) {
                let fast = f64::from(*fast);
                let one = 1e-5 * (high - low);
                let off = (fast - exact).abs();
                // 0 and 360 degrees are the same azimuth.
                let off = if measure == Measure::Aspect { off.min(360.0 - off) } else { off };
                let close = ties || off <= tolerance;
                let inside = (low - one..=high + one).contains(&fast);
                assert!(
                    fast.is_nan() && exact.is_nan() || close && inside,
                    "{measure:?} at {at:?}: kernel {fast}, reference {exact}, {params:?}"
                );
            }
            band += 1;
        }
    }
}
