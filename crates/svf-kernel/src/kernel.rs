//! From a padded tile to bands of measures: the loop around the search.
//!
//! A tile is cut into cache-sized blocks, and all directions of a block are done
//! before the next one. Callers that want threads hand in such blocks
//! ([`Kernel::block_px`]): values do not depend on it. On a projected grid all rows
//! of a block share their sight lines, on a geographic one each has its own.
//!
//! There are two ways through a block with the same result: every sample of every
//! receiver (`compute_blocks`), or all but the far ground that cannot make the
//! horizon (`compute_skipping`).

use std::ops::Range;

use ndarray::{ArrayView2, ArrayViewMut3, Axis, s};

use crate::canopy::{self, Crowns, Look, Veil};
use crate::facet::Facets;
use crate::far::{Aim, FarSearch, Plane};
use crate::geometry;
use crate::ground::Ground;
use crate::heights::{
    Survey, TALLEST, are_crowns, copy_of, has_missing, has_positive, tame, tame_crown,
};
use crate::horizon::{STRIP_COLS, Strip, Taps, search_for};
use crate::measures::{Measure, Needs};
use crate::nearest;
use crate::params::{CellSize, Missing, ParamError, Params, Sampling, Trunk};
use crate::simd::SimdLevel;
use crate::sums::{Direction, Horizon, Sums, put_horizon};
use crate::swath::{Ahead, Course};
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
    /// Whether far ground that cannot make the horizon is left out.
    skips: bool,
    level: SimdLevel,
}

/// Receivers with their surroundings.
#[derive(Clone, Copy, Debug)]
pub struct Tile<'a> {
    /// Heights with the halo around them, shape (rows + 2 halo, columns + 2
    /// halo); a missing height is not finite. What lies beyond 1e16 either way is taken
    /// for 1e16.
    pub heights: ArrayView2<'a, f32>,
    /// Heights of the canopy above ground, of the same shape, where [`Params::canopy`]
    /// asks for it and nowhere else; 0 where there is none. What is negative or not finite
    /// is none, too.
    pub canopy: Option<ArrayView2<'a, f32>>,
    /// Heights of the crowns' bottoms above ground, likewise, where
    /// [`crate::Trunk::Heights`] asks for it.
    pub trunk: Option<ArrayView2<'a, f32>>,
    /// Row of the raster that the first receivers lie on: on a geographic grid one of
    /// [`crate::Graticule::rows`], as are those of all others.
    pub row: u64,
    /// [`Kernel::largest`] of these heights or of more: for parts of a tile, so that not
    /// each of them looks for it. Where it is less than that of these heights, horizons may
    /// be off by the rounding of f32.
    pub largest: Option<f32>,
}

impl<'a> Tile<'a> {
    /// A tile without vegetation.
    pub fn of(heights: ArrayView2<'a, f32>, row: u64) -> Self {
        Self { heights, canopy: None, trunk: None, row, largest: None }
    }

    /// Heights, canopy and trunks, as far as they are there.
    fn layers(&self) -> impl Iterator<Item = ArrayView2<'a, f32>> {
        [Some(self.heights), self.canopy, self.trunk].into_iter().flatten()
    }
}

impl Kernel {
    /// Rows whose sums are kept at a time where every sample is looked at.
    const BLOCK_ROWS: usize = 64;
    /// Samples of a sight line from which on leaving out far ground pays.
    const SKIPS_FROM: u64 = 160;
    /// Most rows and columns of a block whose far ground is left out.
    const SKIP_PX: usize = 512;
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
        ground.validate()?;
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
        let kernel =
            Self { params, ground, measures, halo, needs, needs_veil, skips: false, level };
        // Below, looking at every sample is faster than asking which ones matter.
        let worthwhile = kernel.samples_per_line() >= Self::SKIPS_FROM;
        Ok(Self { skips: worthwhile && kernel.may_skip(), ..kernel })
    }

    /// The same kernel, leaving out far ground that cannot make the horizon wherever it
    /// knows how to, or nowhere. Values do not depend on it: for tests and measurements.
    #[must_use]
    pub fn skipping(self, skips: bool) -> Self {
        Self { skips: skips && self.may_skip(), ..self }
    }

    /// Whether all sight lines are courses.
    fn may_skip(&self) -> bool {
        let Ground::Plane(cell) = self.ground else { return false };
        let one_by_one = !matches!(self.params.sampling, Sampling::Divided { .. });
        one_by_one
            && (0..self.params.directions)
                .all(|i| Course::lay_out(&self.params, cell, i, Self::SKIP_PX, false).is_some())
    }

    /// The largest height of a tile, either way, where the search needs it: heights are
    /// rounded in proportion.
    pub fn largest(&self, heights: ArrayView2<'_, f32>) -> Option<f32> {
        self.skips.then(|| Survey::of(heights).largest)
    }

    /// Samples of one sight line, at most.
    fn samples_per_line(&self) -> u64 {
        self.samples() / u64::from(self.params.directions)
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

    /// Rows and columns of receivers to hand in at a time, to spread a tile over
    /// threads: smaller blocks cost more, larger ones gain nothing.
    pub fn block_px(&self) -> (usize, usize) {
        if self.skips {
            (self.skip_side(), self.skip_side())
        } else {
            (Self::BLOCK_ROWS, 16 * STRIP_COLS)
        }
    }

    /// Samples that one receiver takes, at most.
    pub fn samples(&self) -> u64 {
        geometry::samples_at_most(&self.params, self.ground.smallest_side())
    }

    /// Bytes of scratch that one call of [`Kernel::compute`] allocates, at most.
    pub fn scratch_bytes(&self) -> u64 {
        let taps_bytes = self.fans_per_block() * Taps::bytes(self.needs);
        let fans = self.samples().saturating_mul(taps_bytes as u64);
        let line = self.samples_per_line().saturating_mul(size_of::<geometry::Sample>() as u64);
        let plain = self.block_bytes(Self::BLOCK_ROWS, 1).saturating_add(fans);
        let skipping = if self.skips {
            let side = self.skip_side();
            let fans = if self.needs_taps() { fans } else { 0 };
            let steps = usize::try_from(self.samples_per_line()).unwrap_or(usize::MAX);
            self.block_bytes(side, side.div_ceil(STRIP_COLS))
                .saturating_add(fans)
                .saturating_add(FarSearch::bytes(side, steps))
        } else {
            0
        };
        // Where gaps matter and there are any, the search is the plain one.
        let search = match (self.skips, self.heeds_gaps()) {
            (true, false) => skipping,
            (true, true) => plain.max(skipping),
            (false, _) => plain,
        };
        search.saturating_add(line)
    }

    /// Bytes of scratch of so many strips side by side.
    fn block_bytes(&self, rows: usize, strips: usize) -> u64 {
        let sums = self.measures.len() * Sums::BYTES;
        let veil = if self.needs_veil { Veil::BYTES } else { 0 };
        (rows * strips * STRIP_COLS * (sums + veil + 11 * size_of::<f32>())) as u64
    }

    /// Rows and columns of the blocks of `compute_skipping`: the longer, the fewer
    /// heights are collected per receiver, and the more of them leave the caches.
    fn skip_side(&self) -> usize {
        let reach = self.halo.rows_px.max(self.halo.cols_px);
        reach.next_multiple_of(STRIP_COLS).clamp(4 * STRIP_COLS, Self::SKIP_PX)
    }

    /// How many rows of a block have sight lines of their own; 1 where all share them.
    fn fans_per_block(&self) -> usize {
        let row_bytes = self.samples().saturating_mul(Taps::bytes(self.needs) as u64).max(1);
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
    /// When the shapes do not fit together, layers are missing or one too many, or on a
    /// geographic grid rows are not those of [`crate::Graticule::rows`].
    pub fn compute(&self, tile: Tile<'_>, out: ArrayViewMut3<'_, f32>) {
        self.compute_until(tile, out, &|| false);
    }

    /// [`Kernel::compute`] that looks every few milliseconds whether to `stop`, and
    /// then leaves `out` incomplete.
    ///
    /// # Panics
    /// As [`Kernel::compute`].
    pub fn compute_until(&self, tile: Tile<'_>, out: ArrayViewMut3<'_, f32>, stop: Stop<'_>) {
        let (_, rows, cols) = out.dim();
        self.check(&tile, out.dim());
        if rows == 0 || cols == 0 {
            return;
        }
        // Pointers go through the tile: rows of adjacent cells, one after the other,
        // in all layers alike.
        let strides = tile.heights.strides();
        let adjacent = strides[1] == 1 && strides[0] >= 0;
        if adjacent && tile.layers().all(|layer| layer.strides() == strides) {
            self.compute_adjacent(tile, out, stop);
        } else {
            self.compute_copy(tile, out, stop);
        }
    }

    /// Whatever the pointers of the search rely on, and is not of [`Kernel::new`]: each
    /// receiver has the halo around it in all layers, and sight lines that the halo holds.
    fn check(&self, tile: &Tile<'_>, (bands, rows, cols): (usize, usize, usize)) {
        assert_eq!(bands, self.bands(), "bands of the output: one for each band of the measures");
        assert_eq!(tile.canopy.is_some(), self.heeds_canopy(), "whether the tile has a canopy");
        assert_eq!(tile.trunk.is_some(), self.has_trunks(), "whether the tile has trunks");
        let padded = self.halo.padded(rows, cols);
        for layer in tile.layers() {
            assert_eq!(layer.dim(), padded, "rows and columns of a layer: output and halo");
        }
        assert!(
            self.ground.has_rows(tile.row, rows as u64),
            "receivers on {rows} rows from row {} on, which the graticule does not have",
            tile.row
        );
        assert!(tile.largest.is_none_or(|most| most >= 0.0), "the largest height, either way");
    }

    /// [`Kernel::compute`] of copies of the layers, with adjacent cells and heights that the
    /// search can use.
    #[cold]
    fn compute_copy(&self, tile: Tile<'_>, out: ArrayViewMut3<'_, f32>, stop: Stop<'_>) {
        let heights = copy_of(tile.heights, tame);
        let canopy = tile.canopy.map(|canopy| copy_of(canopy, tame_crown));
        let trunk = tile.trunk.map(|trunk| copy_of(trunk, tame_crown));
        let tile = Tile {
            heights: heights.view(),
            canopy: canopy.as_ref().map(|canopy| canopy.view()),
            trunk: trunk.as_ref().map(|trunk| trunk.view()),
            row: tile.row,
            largest: None,
        };
        self.compute_adjacent(tile, out, stop);
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
    fn compute_adjacent(&self, tile: Tile<'_>, out: ArrayViewMut3<'_, f32>, stop: Stop<'_>) {
        match self.level {
            // SAFETY: `Kernel::new` checked that the processor has it.
            #[cfg(target_arch = "x86_64")]
            SimdLevel::Avx2 => unsafe { self.compute_avx2(tile, out, stop) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            SimdLevel::Avx512 => unsafe { self.compute_avx512(tile, out, stop) },
            _ => self.compute_here(tile, out, stop),
        }
    }

    /// # Safety
    /// The processor has AVX2.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    unsafe fn compute_avx2(&self, tile: Tile<'_>, out: ArrayViewMut3<'_, f32>, stop: Stop<'_>) {
        self.compute_here(tile, out, stop);
    }

    /// # Safety
    /// The processor has AVX-512 F.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f")]
    unsafe fn compute_avx512(&self, tile: Tile<'_>, out: ArrayViewMut3<'_, f32>, stop: Stop<'_>) {
        self.compute_here(tile, out, stop);
    }

    #[inline(always)]
    fn compute_here(&self, tile: Tile<'_>, out: ArrayViewMut3<'_, f32>, stop: Stop<'_>) {
        let survey = match tile.largest {
            // Where gaps do not matter, that is all there is to know.
            Some(largest) if self.skips && !self.heeds_gaps() => Survey { gaps: true, largest },
            _ => Survey::of(tile.heights),
        };
        let crowns = [tile.canopy, tile.trunk].into_iter().flatten();
        if survey.largest > TALLEST || !crowns.into_iter().all(are_crowns) {
            return self.compute_copy(tile, out, stop);
        }
        if self.skips && !(survey.gaps && self.heeds_gaps()) {
            self.compute_skipping(tile, survey.largest, out, stop);
        } else {
            self.compute_blocks(tile, survey.gaps, out, stop);
        }
    }

    /// Whether anything but the search of the horizon goes through sight lines.
    fn needs_taps(&self) -> bool {
        self.needs_veil || self.needs.distance
    }

    /// Whether it matters where heights are missing.
    fn heeds_gaps(&self) -> bool {
        self.needs.gaps || self.params.missing != Missing::Skip
    }

    #[inline(always)]
    fn compute_blocks(
        &self,
        tile: Tile<'_>,
        gaps: bool,
        mut out: ArrayViewMut3<'_, f32>,
        stop: Stop<'_>,
    ) {
        let (_, rows, cols) = out.dim();
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
            let alone = block_rows == rows;
            let whole = !gaps || !alone && !self.has_missing(tile, row..row + block_rows);
            if matches!(self.ground, Ground::Ellipsoid(_)) {
                let first = tile.row + row as u64;
                let cells: Vec<CellSize> = (first..first + block_rows as u64)
                    .map(|row| self.ground.cell_at(row))
                    .collect();
                sight.lay_out(self, &cells, stride);
            }
            for (col, strip_cols) in strips(cols) {
                let (at, size) = ((row, col), (block_rows, strip_cols));
                let patch = self.prepare(&mut block, &sight, tile, at, size);
                let target = out.slice_mut(s![.., row..row + block_rows, col..col + strip_cols]);
                block.compute(self, &sight, patch, whole, target, stop);
                if stop() {
                    return;
                }
            }
        }
    }

    /// As `compute_blocks`, leaving out the ground that cannot make the horizon.
    #[inline(always)]
    fn compute_skipping(
        &self,
        tile: Tile<'_>,
        largest: f32,
        mut out: ArrayViewMut3<'_, f32>,
        stop: Stop<'_>,
    ) {
        let Ground::Plane(cell) = self.ground else { return };
        let (_, rows, cols) = out.dim();
        let side = self.skip_side();
        let mut sight = SightLines { cells: vec![cell], ..SightLines::default() };
        if self.needs_taps() {
            sight.lay_out(self, &[cell], tile.heights.strides()[0].cast_unsigned());
        }
        let aim = Aim {
            lifted: self.params.observer_height != 0.0 || self.params.curvature.is_some(),
            signed: self.measures.iter().any(|m| m.is_signed()),
            lowest: false,
            largest,
        };
        let block = || Block::new(self, side.min(rows));
        let mut wide = Wide {
            search: FarSearch::default(),
            plane: Plane::new(side.min(rows), side.min(cols)),
            blocks: std::iter::repeat_with(block)
                .take(side.min(cols).div_ceil(STRIP_COLS))
                .collect(),
            patches: Vec::new(),
        };
        for row in (0..rows).step_by(side) {
            for col in (0..cols).step_by(side) {
                let size = (side.min(rows - row), side.min(cols - col));
                let mut out = out.slice_mut(s![.., row..row + size.0, col..col + size.1]);
                wide.begin(self, &sight, tile, (row, col), size);
                let ahead = Ahead {
                    heights: tile.heights,
                    first: (row + self.halo.rows_px, col + self.halo.cols_px),
                    receivers: size,
                };
                for turn in turns(self.params.directions) {
                    if stop() {
                        return;
                    }
                    let course = |inverted| {
                        Course::lay_out(&self.params, cell, turn.direction, side, inverted)
                            .expect("all sight lines of a kernel that skips are courses")
                    };
                    let upright = course(false);
                    wide.look(self, &ahead, &upright, aim, turn.place());
                    if self.needs.lowest {
                        let inverted = course(true);
                        let aim = Aim { lowest: true, ..aim };
                        wide.look(self, &ahead, &inverted, aim, turn.place());
                    }
                    for (block, (cols, patch)) in wide.strips() {
                        let out = out.slice_mut(s![.., .., cols]);
                        block.add(self, &sight, patch, turn, &self.params, out);
                    }
                }
                for (block, (cols, patch)) in wide.strips() {
                    block.finish(self, patch.strip, out.slice_mut(s![.., .., cols]));
                }
            }
        }
    }

    /// Whether any height that receivers of these rows may meet is missing.
    #[inline(always)]
    fn has_missing(&self, tile: Tile<'_>, rows: Range<usize>) -> bool {
        let padded = tile.heights.slice(s![rows.start..rows.end + 2 * self.halo.rows_px, ..]);
        padded.rows().into_iter().any(has_missing)
    }

    /// A strip of receivers, with the facets and crowns that it needs.
    #[inline(always)]
    fn prepare(
        &self,
        block: &mut Block,
        sight: &SightLines,
        tile: Tile<'_>,
        (row, col): (usize, usize),
        (rows, cols): (usize, usize),
    ) -> Patch {
        let Halo { rows_px: halo_rows, cols_px: halo_cols } = self.halo;
        if self.needs.facets {
            let around = tile.heights.slice(s![
                row + halo_rows - 1..row + halo_rows + rows + 1,
                col + halo_cols - 1..col + halo_cols + cols + 1
            ]);
            block.facets.measure(around, &sight.cells, self.params.z_factor);
        }
        let first = |layer: ArrayView2<'_, f32>| {
            layer.slice(s![row + halo_rows.., col + halo_cols..]).as_ptr()
        };
        let stride = tile.heights.strides()[0].cast_unsigned();
        let strip = Strip { first: first(tile.heights), stride, rows, cols, at_row: 0 };
        let reach = s![row..row + rows + 2 * halo_rows, col..col + cols + 2 * halo_cols];
        let crowns = tile
            .canopy
            .filter(|canopy| self.needs_veil && has_positive(canopy.slice(reach)))
            .map(|canopy| Crowns {
                canopy: first(canopy),
                trunk: tile.trunk.map_or(std::ptr::null(), first),
            });
        Patch { strip, crowns }
    }
}

/// A strip of receivers, and the crowns that it may see.
#[derive(Clone, Copy)]
struct Patch {
    strip: Strip,
    crowns: Option<Crowns>,
}

/// A direction when it is searched: right after the opposite one, where there is one.
#[derive(Clone, Copy)]
struct Turn {
    direction: u32,
    /// The one before it, opposite to it.
    after: Option<u32>,
    /// Whether no opposite one follows.
    closes: bool,
}

impl Turn {
    /// 0, or 1 in the second of two.
    fn place(self) -> usize {
        usize::from(self.after.is_some())
    }
}

/// All directions in the order of the search.
fn turns(directions: u32) -> impl Iterator<Item = Turn> {
    let half = directions / 2;
    let alone = move |direction| Turn { direction, after: None, closes: true };
    let two = move |direction| {
        [
            Turn { closes: false, ..alone(direction) },
            Turn { after: Some(direction), ..alone(direction + half) },
        ]
    };
    let (pairs, rest) = if directions.is_multiple_of(2) { (half, 0) } else { (0, directions) };
    (0..pairs).flat_map(two).chain((0..rest).map(alone))
}

/// Strips that cover so many columns: first column and number. The last one overlaps
/// the one before it: same inputs, same bits.
fn strips(cols: usize) -> impl Iterator<Item = (usize, usize)> {
    let strip_cols = STRIP_COLS.min(cols);
    (0..cols).step_by(STRIP_COLS).map(move |col| (col.min(cols - strip_cols), strip_cols))
}

/// Asked now and then whether to stop.
type Stop<'a> = &'a dyn Fn() -> bool;

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
            taps.lay_out(&kernel.params, *cell, stride, kernel.needs);
        }
    }

    /// The rows of a strip that share a fan, and how many floats further down they begin.
    fn row(&self, fan: usize, strip: Strip) -> (Strip, usize) {
        let rows = if self.fans.len() == 1 { strip.rows } else { 1 };
        let down = fan * strip.stride;
        // A row of the strip.
        let first = strip.first.wrapping_add(down);
        (Strip { first, rows, at_row: fan, ..strip }, down)
    }
}

/// Scratch of several strips side by side, which search together.
struct Wide {
    search: FarSearch,
    plane: Plane,
    blocks: Vec<Block>,
    /// Columns of each strip, and what it sees.
    patches: Vec<(Range<usize>, Patch)>,
}

impl Wide {
    /// Starts anew with so many rows and columns of receivers.
    #[inline(always)]
    fn begin(
        &mut self,
        kernel: &Kernel,
        sight: &SightLines,
        tile: Tile<'_>,
        (row, col): (usize, usize),
        (rows, cols): (usize, usize),
    ) {
        self.patches.clear();
        for (block, (first, strip_cols)) in self.blocks.iter_mut().zip(strips(cols)) {
            block.clear();
            let patch = kernel.prepare(block, sight, tile, (row, col + first), (rows, strip_cols));
            self.patches.push((first..first + strip_cols, patch));
        }
    }

    fn strips(&mut self) -> impl Iterator<Item = (&mut Block, (Range<usize>, Patch))> {
        self.blocks.iter_mut().zip(self.patches.iter().cloned())
    }

    /// Finds the horizons of one direction, in this place of a pair.
    fn look(
        &mut self,
        kernel: &Kernel,
        ahead: &Ahead<'_>,
        course: &Course,
        aim: Aim,
        place: usize,
    ) {
        self.search.look(kernel.level, ahead, course, aim, &mut self.plane);
        for (block, (cols, _)) in self.blocks.iter_mut().zip(&self.patches) {
            let found = &mut block.found[place];
            let into = if aim.lowest { &mut found.lowest } else { &mut found.highest };
            self.plane.copy(cols, into);
        }
    }
}

/// Scratch of one block: sums per measure, and what the search found.
struct Block {
    /// In one direction, and in the opposite one.
    found: [Horizon; 2],
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
            found: [(); 2].map(|()| Horizon::new(cells, Needs { gaps: true, ..kernel.needs })),
            facets: Facets::new(if kernel.needs.facets { cells } else { 0 }),
            veil: Veil::new(if kernel.needs_veil { cells } else { 0 }),
            sums: Sums::new(&kernel.measures, cells),
            refused: vec![0.0; cells],
        }
    }

    /// Starts anew.
    fn clear(&mut self) {
        self.sums.clear();
        self.refused.fill(0.0);
        self.found.iter_mut().for_each(|found| found.gaps.fill(0.0));
    }

    /// Computes one strip, sample by sample. `whole` says that no height in reach is missing.
    #[inline(always)]
    fn compute(
        &mut self,
        kernel: &Kernel,
        sight: &SightLines,
        Patch { strip, crowns }: Patch,
        whole: bool,
        mut out: ArrayViewMut3<'_, f32>,
        stop: Stop<'_>,
    ) {
        // Without a gap in reach the rules agree, and gaps are zero: the plain search does.
        let mut params = kernel.params.clone();
        let nan_rule = kernel.params.missing == Missing::Nan;
        let mut needs = Needs { gaps: kernel.needs.gaps || nan_rule, ..kernel.needs };
        if whole {
            params.missing = Missing::Skip;
            needs.gaps = false;
        }
        self.clear();
        for turn in turns(kernel.params.directions) {
            if stop() {
                return;
            }
            for (at_row, fan) in sight.fans.iter().enumerate() {
                let (line, taps) = fan.line(turn.direction as usize);
                let search = search_for(kernel.level, strip.cols, line.two_cells, &params, needs);
                let (strip, _) = sight.row(at_row, strip);
                // SAFETY: `Kernel::compute` checked that the tile holds the halo of every
                // receiver, and the halo holds every tap; the strip has as many rows as fans
                // if not one; the level is one the processor has.
                unsafe { search(strip, taps, &mut self.found[turn.place()]) };
            }
            self.add(kernel, sight, Patch { strip, crowns }, turn, &params, out.view_mut());
        }
        self.finish(kernel, strip, out);
    }

    /// Adds a direction whose horizon was found to all sums, at once or together with
    /// the opposite one.
    #[inline(always)]
    fn add(
        &mut self,
        kernel: &Kernel,
        sight: &SightLines,
        Patch { strip, crowns }: Patch,
        turn: Turn,
        params: &Params,
        mut out: ArrayViewMut3<'_, f32>,
    ) {
        let found = &mut self.found[turn.place()];
        if kernel.needs.distance {
            for (at_row, fan) in sight.fans.iter().enumerate() {
                let (_, taps) = fan.line(turn.direction as usize);
                let exact = fan.exact(turn.direction as usize);
                let (strip, _) = sight.row(at_row, strip);
                let stop = params.missing == Missing::Stop;
                // SAFETY: as in the search of the horizon.
                unsafe { nearest::distances(strip, (taps, exact), stop, &mut found.distance) };
            }
        }
        let found = &self.found[turn.place()];
        self.veil.clear();
        if let Some(crowns) = crowns {
            for (at_row, fan) in sight.fans.iter().enumerate() {
                let (line, taps) = fan.line(turn.direction as usize);
                let look = Look::new(params, line.exit_distance);
                let search = canopy::search_for(kernel.level, strip.cols);
                let (strip, down) = sight.row(at_row, strip);
                // SAFETY: as in the search of the horizon; the canopy lies in memory as the
                // heights do.
                unsafe {
                    let crowns = crowns.down(down);
                    search(strip, crowns, taps, look, &found.highest, &mut self.veil);
                }
            }
        }
        self.veil.join();
        if kernel.params.missing == Missing::Nan {
            for (refused, gap) in self.refused.iter_mut().zip(&found.gaps) {
                *refused += gap;
            }
        }
        for (k, band) in kernel.first_bands().enumerate() {
            if let Measure::Horizon { signed } = kernel.measures[k] {
                let band = band + turn.direction as usize;
                put_horizon(found, signed, out.index_axis_mut(Axis(0), band));
            }
        }
        let direction = |i, found| {
            let azimuth_deg = geometry::azimuth_deg(i, kernel.params.directions);
            Direction::new(found, &self.facets, azimuth_deg)
        };
        let this = direction(turn.direction, found);
        if let Some(canopy) = crowns.and(kernel.params.canopy) {
            let veil = (&self.veil, 1.0 - canopy.transmissivity);
            self.sums.add_veil(&this, veil, &kernel.params);
        }
        match turn.after {
            Some(first) => {
                self.sums.add([&direction(first, &self.found[0]), &this], &kernel.params);
            }
            None if turn.closes => self.sums.add([&this], &kernel.params),
            None => {}
        }
    }

    /// Writes what the sums over all directions give.
    #[inline(always)]
    fn finish(&mut self, kernel: &Kernel, strip: Strip, mut out: ArrayViewMut3<'_, f32>) {
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
