//! From a padded tile to bands of measures: the loop around the search.
//!
//! A tile is cut into cache-sized blocks ([`Kernel::BLOCK_ROWS`] rows, or fewer,
//! of a strip of columns); all directions of a block are done before the next
//! block. Callers that want threads hand in blocks of rows: values do not depend
//! on it. On a projected grid all rows of a block share their sight lines, on a
//! geographic one each has its own.

use ndarray::{Array2, ArrayView1, ArrayView2, ArrayViewMut3, Axis, s};

use crate::canopy::{self, Crowns, Look, Veil};
use crate::facet::Facets;
use crate::geometry;
use crate::ground::Ground;
use crate::horizon::{STRIP_COLS, Strip, Tap, Taps, search_for};
use crate::measures::{Measure, Needs};
use crate::params::{CellSize, Missing, ParamError, Params, Trunk};
use crate::simd::SimdLevel;
use crate::sums::{Direction, Horizon, Sums};
use crate::tile::Halo;

/// A validated search, ready to run on any number of tiles and threads.
#[derive(Clone, Debug)]
pub struct Kernel {
    params: Params,
    ground: Ground,
    measures: Vec<Measure>,
    halo: Halo,
    needs: Needs,
    /// Whether crowns count: a canopy, and a measure that heeds it.
    needs_veil: bool,
    level: SimdLevel,
}

/// Receivers with their surroundings.
#[derive(Clone, Copy, Debug)]
pub struct Tile<'a> {
    /// Heights with the halo around them, shape (rows + 2 halo, columns + 2
    /// halo); a missing height is NaN, and none is infinite.
    pub heights: ArrayView2<'a, f32>,
    /// Heights of the canopy above ground, of the same shape and layout, where
    /// [`Params::canopy`] asks for it; 0 where there is none, nowhere negative or NaN.
    pub canopy: Option<ArrayView2<'a, f32>>,
    /// Heights of the crowns' bottoms above ground, likewise, where
    /// [`crate::Trunk::Heights`] asks for it.
    pub trunk: Option<ArrayView2<'a, f32>>,
    /// Row of the raster that the first receivers lie on.
    pub row: u64,
}

impl<'a> Tile<'a> {
    /// A tile without vegetation.
    pub fn of(heights: ArrayView2<'a, f32>, row: u64) -> Self {
        Self { heights, canopy: None, trunk: None, row }
    }

    /// Heights, canopy and trunks, as far as they are there.
    fn layers(&self) -> impl Iterator<Item = ArrayView2<'a, f32>> {
        [Some(self.heights), self.canopy, self.trunk].into_iter().flatten()
    }
}

impl Kernel {
    /// Rows of a block: hand in this many rows a call (fewer at the end) to
    /// spread a tile over threads.
    pub const BLOCK_ROWS: usize = 64;
    /// Most bytes of sight lines that a block of rows with sight lines of their own holds.
    const LINES_BYTES: u64 = 4 << 20;

    /// Lays out the search of `params` on the cells of `ground`.
    ///
    /// # Errors
    /// Parameters that make no sense on these cells.
    ///
    /// # Panics
    /// When the processor does not have `level`.
    pub fn new(
        params: &Params,
        ground: impl Into<Ground>,
        measures: &[Measure],
        level: SimdLevel,
    ) -> Result<Self, ParamError> {
        assert!(level.is_supported(), "this processor has no {level}");
        let ground = ground.into();
        let needs = measures.iter().fold(Needs::default(), |all, m| all.and(m.needs()));
        let mut halo = Halo::default();
        if needs.facets {
            // The planes of receivers are those of their neighbours.
            halo.include(1, 1);
        }
        for cell in ground.extreme_cells() {
            let exact = geometry::halo_of(params, cell)?;
            let reach = match ground {
                Ground::Plane(_) => exact,
                // That of a row between the extremes.
                Ground::Ellipsoid(_) => bounding_halo(params, cell),
            };
            halo.include(reach.rows_px, reach.cols_px);
        }
        let needs_veil = params.canopy.is_some() && measures.iter().any(|m| m.heeds_canopy());
        let (params, measures) = (params.clone(), measures.to_vec());
        Ok(Self { params, ground, measures, halo, needs, needs_veil, level })
    }

    /// Cells of context that a tile needs on every side.
    pub fn halo(&self) -> Halo {
        self.halo
    }

    /// Number of output bands: all measures in the order asked.
    pub fn bands(&self) -> usize {
        self.measures.iter().map(|m| m.bands(self.params.directions)).sum()
    }

    /// First band of each measure.
    fn first_bands(&self) -> impl Iterator<Item = usize> {
        self.measures.iter().scan(0, |next, measure| {
            let first = *next;
            *next += measure.bands(self.params.directions);
            Some(first)
        })
    }

    /// Samples that one receiver takes, at most.
    pub fn samples(&self) -> u64 {
        geometry::samples_at_most(&self.params, self.ground.smallest_side())
    }

    /// Bytes of scratch that one call of [`Kernel::compute`] allocates, at most.
    pub fn scratch_bytes(&self) -> u64 {
        let cells = (Self::BLOCK_ROWS * STRIP_COLS) as u64;
        let sums = self.measures.len() * Sums::BYTES;
        let fans = self.samples().saturating_mul((self.fans_per_block() * size_of::<Tap>()) as u64);
        let line = self.samples() / u64::from(self.params.directions);
        (cells * (sums + 9 * size_of::<f32>()) as u64)
            .saturating_add(fans)
            .saturating_add(line * size_of::<geometry::Sample>() as u64)
    }

    /// How many rows of a block have sight lines of their own; 1 where all share them.
    fn fans_per_block(&self) -> usize {
        let row_bytes = self.samples().saturating_mul(size_of::<Tap>() as u64).max(1);
        match self.ground {
            Ground::Plane(_) => 1,
            Ground::Ellipsoid(_) => {
                let rows = usize::try_from(Self::LINES_BYTES / row_bytes).unwrap_or(usize::MAX);
                rows.clamp(1, Self::BLOCK_ROWS)
            }
        }
    }

    /// Computes all measures of the receivers of a tile.
    ///
    /// `out` has shape (bands, rows, columns); a receiver without a value gets NaN.
    ///
    /// # Panics
    /// When the shapes do not fit together.
    pub fn compute(&self, tile: Tile<'_>, out: ArrayViewMut3<'_, f32>) {
        let (bands, rows, cols) = out.dim();
        assert_eq!(bands, self.bands(), "one output band per band of the measures");
        assert_eq!(tile.layers().count(), self.layers(), "layers of the tile");
        for layer in tile.layers() {
            assert_eq!(layer.dim(), self.halo.padded(rows, cols), "tile and halo");
        }
        if rows == 0 || cols == 0 {
            return;
        }
        // Pointers go through the tile: rows of adjacent cells, one after the other,
        // in all layers alike.
        let strides = tile.heights.strides();
        let adjacent = strides[1] == 1 && strides[0] >= 0;
        if adjacent && tile.layers().all(|layer| layer.strides() == strides) {
            return self.compute_adjacent(tile, out);
        }
        let copies: Vec<Array2<f32>> =
            tile.layers().map(|layer| Array2::from_shape_fn(layer.dim(), |at| layer[at])).collect();
        let mut copies = copies.iter().map(|copy| copy.view());
        if let Some(heights) = copies.next() {
            let canopy = tile.canopy.and_then(|_| copies.next());
            let trunk = tile.trunk.and_then(|_| copies.next());
            self.compute_adjacent(Tile { heights, canopy, trunk, ..tile }, out);
        }
    }

    /// Number of layers of a tile: heights, and vegetation if it counts.
    pub fn layers(&self) -> usize {
        1 + usize::from(self.heeds_canopy()) + usize::from(self.has_trunks())
    }

    /// Whether tiles need a canopy.
    pub fn heeds_canopy(&self) -> bool {
        self.params.canopy.is_some()
    }

    /// Whether tiles need heights of trunks.
    pub fn has_trunks(&self) -> bool {
        self.params.canopy.is_some_and(|canopy| canopy.trunk == Trunk::Heights)
    }

    /// [`Kernel::compute`] for rows of adjacent cells, in the order of memory.
    fn compute_adjacent(&self, tile: Tile<'_>, out: ArrayViewMut3<'_, f32>) {
        match self.level {
            // SAFETY: `Kernel::new` checked that the processor has it.
            #[cfg(target_arch = "x86_64")]
            SimdLevel::Avx2 => unsafe { self.compute_avx2(tile, out) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            SimdLevel::Avx512 => unsafe { self.compute_avx512(tile, out) },
            _ => self.compute_blocks(tile, out),
        }
    }

    /// # Safety
    /// The processor has AVX2.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    unsafe fn compute_avx2(&self, tile: Tile<'_>, out: ArrayViewMut3<'_, f32>) {
        self.compute_blocks(tile, out);
    }

    /// # Safety
    /// The processor has AVX-512 F.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f")]
    unsafe fn compute_avx512(&self, tile: Tile<'_>, out: ArrayViewMut3<'_, f32>) {
        self.compute_blocks(tile, out);
    }

    #[inline(always)]
    fn compute_blocks(&self, tile: Tile<'_>, mut out: ArrayViewMut3<'_, f32>) {
        let (_, rows, cols) = out.dim();
        let Halo { rows_px: halo_rows, cols_px: halo_cols } = self.halo;
        let stride = tile.heights.strides()[0].cast_unsigned();
        let mut sight = SightLines::default();
        let most_rows = match self.ground {
            Ground::Plane(cell) => {
                sight.lay_out(self, &[cell], stride);
                Self::BLOCK_ROWS
            }
            Ground::Ellipsoid(_) => self.fans_per_block(),
        };
        let mut block = Block::new(self, most_rows.min(rows));
        for row in (0..rows).step_by(most_rows) {
            let block_rows = most_rows.min(rows - row);
            let padded = tile.heights.slice(s![row..row + block_rows + 2 * halo_rows, ..]);
            let whole = !padded.rows().into_iter().any(has_missing);
            if matches!(self.ground, Ground::Ellipsoid(_)) {
                let first = tile.row + row as u64;
                let cells: Vec<CellSize> = (first..first + block_rows as u64)
                    .map(|row| self.ground.cell_at(row))
                    .collect();
                sight.lay_out(self, &cells, stride);
            }
            let strip_cols = STRIP_COLS.min(cols);
            // The last strip overlaps the one before it: same inputs, same bits.
            for col in (0..cols).step_by(STRIP_COLS).map(|col| col.min(cols - strip_cols)) {
                if self.needs.facets {
                    let around = padded.slice(s![
                        halo_rows - 1..halo_rows + block_rows + 1,
                        halo_cols + col - 1..halo_cols + col + strip_cols + 1
                    ]);
                    block.facets.measure(around, &sight.cells, self.params.z_factor);
                }
                let first = |layer: ArrayView2<'_, f32>| {
                    layer.slice(s![row + halo_rows.., halo_cols + col..]).as_ptr()
                };
                let strip = Strip {
                    first: first(tile.heights),
                    stride,
                    rows: block_rows,
                    cols: strip_cols,
                    at_row: 0,
                };
                let reach = s![
                    row..row + block_rows + 2 * halo_rows,
                    col..col + strip_cols + 2 * halo_cols
                ];
                let crowns = tile
                    .canopy
                    .filter(|canopy| self.needs_veil && has_positive(canopy.slice(reach)))
                    .map(|canopy| Crowns {
                        canopy: first(canopy),
                        trunk: tile.trunk.map_or(std::ptr::null(), first),
                    });
                let target = out.slice_mut(s![.., row..row + block_rows, col..col + strip_cols]);
                block.compute(self, &sight, strip, crowns, whole, target);
            }
        }
    }
}

/// A halo that holds every sight line on cells no smaller than `cell`.
fn bounding_halo(params: &Params, cell: CellSize) -> Halo {
    // The nearest cell to a point within the radius, or the one beyond it.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "validated: at most a million cells"
    )]
    let reach = |side: f64| (params.radius / side.abs()).ceil() as usize + 1;
    Halo { rows_px: reach(cell.south), cols_px: reach(cell.east) }
}

/// Whether a row has a missing height. No early exit: the sum over the row
/// vectorises, and rows without one are the rule.
#[inline(always)]
fn has_missing(row: ArrayView1<'_, f32>) -> bool {
    row.as_slice().map_or_else(
        || row.iter().any(|z| z.is_nan()),
        |row| row.iter().fold(0_u32, |sum, z| sum | u32::from(z.is_nan())) != 0,
    )
}

/// Whether any value is above zero. Rows are adjacent cells.
#[inline(always)]
fn has_positive(values: ArrayView2<'_, f32>) -> bool {
    values.rows().into_iter().any(|row| {
        row.as_slice()
            .is_some_and(|row| row.iter().fold(0_u32, |n, v| n | u32::from(*v > 0.0)) != 0)
    })
}

/// The sight lines of a block: one fan for all its rows, or one for each.
#[derive(Default)]
struct SightLines {
    fans: Vec<Taps>,
    /// Cell size of each.
    cells: Vec<CellSize>,
}

impl SightLines {
    fn lay_out(&mut self, kernel: &Kernel, cells: &[CellSize], stride: usize) {
        self.cells.clear();
        self.cells.extend_from_slice(cells);
        self.fans.resize_with(cells.len(), Taps::default);
        for (taps, cell) in self.fans.iter_mut().zip(cells) {
            taps.lay_out(&kernel.params, *cell, stride);
        }
    }
}

/// Scratch of one block: sums per measure, and what the search found.
struct Block {
    found: Horizon,
    facets: Facets,
    veil: Veil,
    sums: Sums,
    /// 1 where the rule for missing samples makes the receiver NoData.
    refused: Vec<f32>,
}

impl Block {
    fn new(kernel: &Kernel, rows: usize) -> Self {
        let cells = rows * STRIP_COLS;
        Self {
            found: Horizon::new(cells, Needs { gaps: true, ..kernel.needs }),
            facets: Facets::new(if kernel.needs.facets { cells } else { 0 }),
            veil: Veil::new(if kernel.needs_veil { cells } else { 0 }),
            sums: Sums::new(&kernel.measures, cells),
            refused: vec![0.0; cells],
        }
    }

    /// Computes one strip. `whole` says that no height in reach is missing.
    #[inline(always)]
    fn compute(
        &mut self,
        kernel: &Kernel,
        sight: &SightLines,
        strip: Strip,
        crowns: Option<Crowns>,
        whole: bool,
        mut out: ArrayViewMut3<'_, f32>,
    ) {
        let n = kernel.params.directions;
        let nan_rule = kernel.params.missing == Missing::Nan;
        // Without a gap in reach the rules agree, and gaps are zero: the plain search does.
        let mut params = kernel.params.clone();
        let mut needs = Needs { gaps: kernel.needs.gaps || nan_rule, ..kernel.needs };
        if whole {
            params.missing = Missing::Skip;
            needs.gaps = false;
            self.found.gaps.fill(0.0);
        }
        self.sums.clear();
        self.refused.fill(0.0);
        for i in 0..n {
            self.veil.clear();
            for (at_row, fan) in sight.fans.iter().enumerate() {
                let (line, taps) = fan.line(i as usize);
                let search = search_for(kernel.level, strip.cols, line.two_cells, &params, needs);
                let rows = if sight.fans.len() == 1 { strip.rows } else { 1 };
                let down = at_row * strip.stride;
                // SAFETY: a row of the strip.
                let first = unsafe { strip.first.add(down) };
                let strip = Strip { first, rows, at_row, ..strip };
                // SAFETY: `Kernel::compute` checked that the tile holds the halo of every
                // receiver, and the halo holds every tap; the strip has as many rows as fans
                // if not one; the level is one the processor has.
                unsafe { search(strip, taps, &mut self.found) };
                if let Some(crowns) = crowns {
                    let look = Look::new(&params, line.exit_distance);
                    let search = canopy::search_for(kernel.level, strip.cols);
                    // SAFETY: as above; the canopy lies in memory as the heights do.
                    unsafe {
                        let crowns = crowns.down(down);
                        search(strip, crowns, taps, look, &self.found.highest, &mut self.veil);
                    }
                }
            }
            self.veil.join();
            if nan_rule {
                for (refused, gap) in self.refused.iter_mut().zip(&self.found.gaps) {
                    *refused += gap;
                }
            }
            let azimuth_deg = geometry::azimuth_deg(i, n);
            let veil =
                crowns.and(kernel.params.canopy).map(|c| (&self.veil, 1.0 - c.transmissivity));
            let direction = Direction::new(&self.found, &self.facets, veil, azimuth_deg);
            self.sums.add(&direction, &kernel.params);
            for (k, band) in kernel.first_bands().enumerate() {
                if let Measure::Horizon { .. } = kernel.measures[k] {
                    self.sums.put_horizon(k, out.index_axis_mut(Axis(0), band + i as usize));
                }
            }
        }
        for (k, band) in kernel.first_bands().enumerate() {
            if !matches!(kernel.measures[k], Measure::Horizon { .. }) {
                let band = out.index_axis_mut(Axis(0), band);
                self.sums.put(k, &self.facets, &kernel.params, band);
            }
        }
        self.mask(strip, out);
    }

    /// Writes NaN where the receiver is missing or was refused.
    fn mask(&self, strip: Strip, mut out: ArrayViewMut3<'_, f32>) {
        for row in 0..strip.rows {
            for col in 0..strip.cols {
                // SAFETY: a receiver of the strip.
                let ground = unsafe { *strip.first.add(row * strip.stride + col) };
                if ground.is_nan() || self.refused[row * STRIP_COLS + col] > 0.0 {
                    out.slice_mut(s![.., row, col]).fill(f32::NAN);
                }
            }
        }
    }
}
