//! Computes the bands of all measures from a tile with its halo: the interface of the kernel.
//!
//! A tile is divided into blocks that fit into a cache, and all directions of a block are
//! searched before the next block. To use several threads, callers can pass such blocks
//! ([`Kernel::block_px`]); values do not depend on it.
//!
//! There are two ways to search a block, with the same result: every sample of every receiver
//! ([`mod@crate::plain`]), or all samples except far ground that cannot make the horizon
//! ([`mod@crate::skipping`]). A third one, [`mod@crate::cascading`], has horizons of its own.

use std::ops::Range;
use std::sync::Arc;

use ndarray::{ArrayView2, ArrayViewMut3, s};

use crate::cascade::FarGround;
use crate::geometry;
use crate::ground::Ground;
use crate::heights::{Survey, TALLEST, are_crowns, copy_of, usable, usable_crown};
use crate::layers::Tile;
use crate::measures::Measure;
use crate::params::{ParamError, Params, Search, Trunk};
use crate::scratch::Scratch;
use crate::setup::{BLOCK_ROWS, LEAST_HALO, Setup, ShouldStop};
use crate::simd::{SimdLevel, at_level};
use crate::strip::STRIP_COLS;
use crate::tile::{Halo, Window};
use crate::{cascading, chosen, plain, skipping};

/// The last row and column at which a tile of a cascade can begin. Places on lines through it are
/// exact to a thousandth of a cell.
const FARTHEST: u64 = 1 << 40;

/// A validated search, ready to run on any number of tiles and threads.
///
/// # Examples
/// A level plain sees the whole sky, on a tile of 2 x 3 receivers with their halo.
///
/// ```
/// use ndarray::{Array2, Array3};
/// use svf_kernel::simd::SimdLevel;
/// use svf_kernel::{CellSize, Kernel, Measure, Params, Tile};
///
/// let params = Params::new(10.0, 8);
/// let (cell, measures) = (CellSize::square(1.0), [Measure::Svf]);
/// let kernel = Kernel::new(&params, cell, &measures, SimdLevel::detect())?;
/// let heights = Array2::from_elem(kernel.halo().padded(2, 3), 100.0);
/// let mut svf = Array3::zeros((kernel.bands(), 2, 3));
/// kernel.compute(Tile::of(heights.view(), 0), svf.view_mut());
/// assert_eq!(svf, Array3::ones((1, 2, 3)));
/// # Ok::<(), svf_kernel::ParamError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Kernel {
    setup: Setup,
}

impl Kernel {
    /// Prepares the search of `params` on the cells of `ground`.
    ///
    /// # Errors
    /// Parameters that are not valid for these cells.
    ///
    /// # Panics
    /// If the processor does not have `level`.
    pub fn new(
        params: &Params,
        ground: impl Into<Ground>,
        measures: &[Measure],
        level: SimdLevel,
    ) -> Result<Self, ParamError> {
        assert!(level.is_supported(), "this processor does not have {level}");
        Ok(Self { setup: Setup::new(params, ground.into(), measures, level)? })
    }

    /// The same kernel that always skips far ground and crowns that change nothing, if it can, or
    /// that never does. Values do not depend on it. This is for tests and benchmarks.
    #[must_use]
    pub fn skipping(self, skips: bool) -> Self {
        let far = skips && self.setup.may_skip();
        let looks_ahead = skips && !far && self.setup.may_look_ahead();
        Self { setup: Setup { skips: far, looks_ahead, skips_crowns: skips, ..self.setup } }
    }

    /// The same kernel for tiles that say which receivers are [`Tile::wanted`]; the others cost
    /// nothing, or little. Values do not depend on it.
    #[must_use]
    pub fn choosing(self) -> Self {
        Self { setup: Setup { chooses: true, ..self.setup } }
    }

    /// The same kernel for tiles of a raster of so many rows and columns: outside of it, tiles must have no
    /// heights where they are [`Kernel::looked_at`]. Values do not depend on it, but searches with a long radius do not look at what is outside,
    /// and a cascade needs a halo that is not much wider than the raster.
    #[must_use]
    pub fn on_raster(self, rows: u64, cols: u64) -> Self {
        let mut setup = self.setup;
        if setup.params.search == Search::Cascade {
            let most = |side: u64| usize::try_from(side.max(LEAST_HALO)).unwrap_or(usize::MAX);
            for halo in [&mut setup.halo, &mut setup.reach] {
                halo.rows_px = halo.rows_px.min(most(rows));
                halo.cols_px = halo.cols_px.min(most(cols));
            }
        }
        setup.raster = Some((rows, cols));
        Self { setup }
    }

    /// Levels of a [`Search::Cascade`]: 0 if the radius is short, and for other searches.
    pub fn levels(&self) -> usize {
        self.setup.levels()
    }

    /// The same kernel, which makes only the lowest levels of a cascade, 1 or more, from the heights of each
    /// tile. Its halo is for these levels only, so it does not grow with the radius. It needs
    /// [`Kernel::on_far_ground`]. Values do not depend on it.
    #[must_use]
    pub fn making(self, levels: usize) -> Self {
        assert!(levels > 0, "a cascade must make a level");
        Self { setup: self.setup.making(levels) }
    }

    /// The lowest levels that are made from the heights of each tile, if not all are.
    pub fn levels_made(&self) -> usize {
        self.setup.made.min(self.setup.levels())
    }

    /// Whether tiles need [`Kernel::on_far_ground`].
    pub fn needs_far_ground(&self) -> bool {
        self.levels_made() < self.levels()
    }

    /// Empty levels above those that are made of tiles, over the cells of the raster that can matter
    /// to receivers in a `window`.
    ///
    /// # Panics
    /// Without the size of the raster ([`Kernel::on_raster`]).
    pub fn far_ground(&self, window: &Window) -> FarGround {
        FarGround::new(&self.setup, &self.far_region(window))
    }

    /// The cells of the raster that can matter to receivers in a `window`: [`FarGround`] must get all of
    /// them.
    ///
    /// # Panics
    /// As [`Kernel::far_ground`].
    pub fn far_region(&self, window: &Window) -> Window {
        #[expect(clippy::expect_used, reason = "documented")]
        let (rows, cols) = self.setup.raster.expect("the size of the raster");
        let Halo { rows_px, cols_px } = self.setup.reach;
        let around = |first: u64, count: u64, halo: usize, all: u64| {
            let start = first.saturating_sub(halo as u64).min(all);
            (start, first.saturating_add(count).saturating_add(halo as u64).min(all) - start)
        };
        let (row, rows) = around(window.row, window.rows, rows_px, rows);
        let (col, cols) = around(window.col, window.cols, cols_px, cols);
        Window { row, col, rows, cols }
    }

    /// Bytes of [`Kernel::far_ground`]; none if the raster has too many rows or columns for it.
    ///
    /// # Panics
    /// As [`Kernel::far_ground`].
    pub fn far_ground_bytes(&self, window: &Window) -> Option<u64> {
        let region = self.far_region(window);
        FarGround::is_possible(&region).then(|| FarGround::bytes(&self.setup, &region))
    }

    /// Bytes of a part of so many rows and columns ([`FarGround::part`]), and of what so many threads need to
    /// add it.
    pub fn far_part_bytes(&self, side: usize, threads: usize) -> u64 {
        FarGround::part_bytes(&self.setup, side, threads)
    }

    /// The same kernel, with the levels that [`Kernel::making`] left out. Receivers must be in the window for
    /// which they were made.
    ///
    /// # Panics
    /// If it was made for another kernel.
    #[must_use]
    pub fn on_far_ground(self, far: Arc<FarGround>) -> Self {
        assert!(far.is_for(&self.setup), "the far ground must have been made for this kernel");
        Self { setup: Setup { far_ground: Some(far), ..self.setup } }
    }

    /// What was validated.
    #[cfg(test)]
    pub(crate) fn setup(&self) -> &Setup {
        &self.setup
    }

    /// Whether tiles must say which receivers are wanted.
    pub fn chooses(&self) -> bool {
        self.setup.chooses
    }

    /// The largest absolute height of a tile, if the search needs it: the rounding of heights is
    /// proportional to it. Heights that are not [`Kernel::looked_at`] may be left out.
    pub fn largest(&self, heights: ArrayView2<'_, f32>) -> Option<f32> {
        self.leaves_out().then(|| Survey::of(heights).largest)
    }

    /// Rows and columns of a tile that are looked at, for receivers in a `window` of the raster. The rest of the tile
    /// can have any heights: with a long radius, most of it may be outside of the raster.
    pub fn looked_at(&self, window: &Window) -> (Range<usize>, Range<usize>) {
        self.setup.looked_at(window)
    }

    /// Number of cells around the receivers that a tile needs on every side.
    pub fn halo(&self) -> Halo {
        self.setup.halo
    }

    /// Number of cells around receivers that can matter: the halo, or more if a tile does not make all levels
    /// of a cascade.
    pub fn reach(&self) -> Halo {
        self.setup.reach
    }

    /// Number of output bands: all measures in the requested order.
    pub fn bands(&self) -> usize {
        self.setup.bands()
    }

    /// Number of layers of heights of a tile: the ground, and vegetation if it is used.
    pub fn layers(&self) -> usize {
        1 + usize::from(self.uses_canopy()) + usize::from(self.has_trunks())
    }

    /// Whether tiles need a canopy.
    pub fn uses_canopy(&self) -> bool {
        self.setup.params.canopy.is_some()
    }

    /// Whether tiles need heights of trunks.
    pub fn has_trunks(&self) -> bool {
        self.setup.params.canopy.is_some_and(|canopy| canopy.trunk == Trunk::Heights)
    }

    /// Recommended rows and columns of receivers of a block, to divide a tile among threads.
    /// Smaller blocks cost more time, larger ones gain nothing.
    pub fn block_px(&self) -> (usize, usize) {
        if self.setup.params.search == Search::Cascade {
            return self.setup.cascade_px();
        }
        if self.leaves_out() { self.setup.skip_px() } else { (BLOCK_ROWS, 16 * STRIP_COLS) }
    }

    /// How many blocks of a tile there should be for each of so many threads, so that they end at about
    /// the same time. Where larger blocks cost less for each receiver, there are fewer.
    pub fn blocks_per_thread(&self, threads: usize) -> usize {
        match self.setup.params.search {
            _ if threads == 1 => 1,
            // The far ground around small blocks is searched again for each of them.
            Search::Cascade => 2,
            Search::Exact => 4,
        }
    }

    /// Whether ground that cannot make the horizon is left out.
    fn leaves_out(&self) -> bool {
        self.setup.skips || self.setup.looks_ahead
    }

    /// Maximum number of samples of one receiver.
    pub fn samples(&self) -> u64 {
        self.setup.samples()
    }

    /// Bytes of scratch that one call of [`Kernel::compute`] allocates, or a call of
    /// [`Kernel::compute_with`] and what it keeps together: an upper limit, but with vegetation an
    /// estimate, because the intervals that crowns cover are not limited.
    pub fn scratch_bytes(&self) -> u64 {
        self.scratch_bytes_of((usize::MAX, usize::MAX))
    }

    /// [`Kernel::scratch_bytes`] of calls with so many rows and columns of receivers at most.
    pub fn scratch_bytes_of(&self, size: (usize, usize)) -> u64 {
        let setup = &self.setup;
        // If missing heights matter and there are any, the plain search is used.
        let search = match (setup.skips, setup.uses_gaps()) {
            (true, false) => skipping::bytes(setup, size),
            (true, true) => plain::bytes(setup).max(skipping::bytes(setup, size)),
            (false, _) => plain::bytes(setup),
        };
        let search = if setup.params.search == Search::Cascade {
            cascading::bytes(setup, size)
        } else {
            search
        };
        let search = if setup.chooses { search.max(chosen::bytes(setup)) } else { search };
        let line = setup.samples_per_line().saturating_mul(size_of::<geometry::Sample>() as u64);
        search.saturating_add(line)
    }

    /// Computes all measures of the receivers of a tile.
    ///
    /// `out` has the shape (bands, rows, columns); a receiver without a value gets NaN.
    ///
    /// # Panics
    /// If the shapes do not fit together, if a layer is missing or surplus, or if, on a
    /// geographic grid, rows are not those of [`crate::Graticule::rows`].
    pub fn compute(&self, tile: Tile<'_>, out: ArrayViewMut3<'_, f32>) {
        self.compute_until(tile, out, &|| false);
    }

    /// [`Kernel::compute`] that checks every few milliseconds whether to `stop`; then `out` is
    /// incomplete.
    ///
    /// # Panics
    /// As [`Kernel::compute`].
    pub fn compute_until(&self, tile: Tile<'_>, out: ArrayViewMut3<'_, f32>, stop: ShouldStop<'_>) {
        self.compute_with(tile, out, &mut Scratch::default(), stop);
    }

    /// [`Kernel::compute_until`] with memory that is `kept` from call to call.
    ///
    /// # Panics
    /// As [`Kernel::compute`].
    pub fn compute_with(
        &self,
        tile: Tile<'_>,
        out: ArrayViewMut3<'_, f32>,
        kept: &mut Scratch,
        stop: ShouldStop<'_>,
    ) {
        let (_, rows, cols) = out.dim();
        self.check(&tile, out.dim());
        if rows == 0 || cols == 0 {
            return;
        }
        // Pointers go through the tile, so all layers must have rows of adjacent cells with the
        // same stride.
        let strides = tile.heights.strides();
        let adjacent = strides[1] == 1 && strides[0] >= 0;
        if adjacent && tile.layers().all(|layer| layer.strides() == strides) {
            self.compute_adjacent(tile, out, kept, stop);
        } else {
            self.compute_copy(tile, out, kept, stop);
        }
    }

    /// Checks what the pointers of the search rely on and [`Kernel::new`] did not check: each
    /// receiver has the halo around it in all layers, and its sight lines are within the halo.
    fn check(&self, tile: &Tile<'_>, (bands, rows, cols): (usize, usize, usize)) {
        assert_eq!(bands, self.bands(), "the output must have as many bands as the measures");
        assert_eq!(
            tile.canopy.is_some(),
            self.uses_canopy(),
            "the tile must have a canopy if, and only if, the parameters have one"
        );
        assert_eq!(
            tile.trunk.is_some(),
            self.has_trunks(),
            "the tile must have trunks if, and only if, the parameters use their heights"
        );
        assert_eq!(
            tile.wanted.map(|wanted| wanted.dim()),
            self.chooses().then_some((rows, cols)),
            "the tile must say which receivers are wanted if, and only if, the kernel chooses"
        );
        let padded = self.setup.halo.padded(rows, cols);
        for layer in tile.layers() {
            assert_eq!(
                layer.dim(),
                padded,
                "rows and columns of a layer must be those of the output and its halo"
            );
        }
        assert!(
            self.setup.ground.has_rows(tile.row, rows as u64),
            "the graticule does not have {rows} rows from row {} on",
            tile.row
        );
        assert!(
            self.setup.params.search == Search::Exact || tile.row.max(tile.col) <= FARTHEST,
            "the first row and column of a tile of a cascade must be at most {FARTHEST}"
        );
        assert!(
            self.setup.far_ground.is_some() || !self.needs_far_ground(),
            "a kernel that does not make all levels needs its far ground"
        );
        assert!(
            tile.largest.is_none_or(|most| most >= 0.0),
            "the largest height must be 0 or more"
        );
    }

    /// [`Kernel::compute`] for copies of the layers, with adjacent cells and with heights that
    /// the search can use.
    #[cold]
    fn compute_copy(
        &self,
        tile: Tile<'_>,
        out: ArrayViewMut3<'_, f32>,
        kept: &mut Scratch,
        stop: ShouldStop<'_>,
    ) {
        let heights = copy_of(tile.heights, usable);
        let canopy = tile.canopy.map(|canopy| copy_of(canopy, usable_crown));
        let trunk = tile.trunk.map(|trunk| copy_of(trunk, usable_crown));
        let tile = Tile {
            heights: heights.view(),
            canopy: canopy.as_ref().map(|canopy| canopy.view()),
            trunk: trunk.as_ref().map(|trunk| trunk.view()),
            wanted: tile.wanted,
            row: tile.row,
            col: tile.col,
            largest: None,
        };
        self.compute_adjacent(tile, out, kept, stop);
    }

    /// [`Kernel::compute`] for rows of adjacent cells, in the order of memory.
    fn compute_adjacent(
        &self,
        tile: Tile<'_>,
        out: ArrayViewMut3<'_, f32>,
        kept: &mut Scratch,
        stop: ShouldStop<'_>,
    ) {
        let kernel = self;
        at_level!(
            self.setup.level,
            Kernel::compute_here,
            kernel: &Kernel,
            tile: Tile<'_>,
            out: ArrayViewMut3<'_, f32>,
            kept: &mut Scratch,
            stop: ShouldStop<'_>,
        );
    }

    #[inline(always)]
    fn compute_here(
        &self,
        tile: Tile<'_>,
        out: ArrayViewMut3<'_, f32>,
        kept: &mut Scratch,
        stop: ShouldStop<'_>,
    ) {
        let survey = match tile.largest {
            // If missing heights do not matter, nothing else must be known.
            Some(largest) if self.leaves_out() && !self.setup.uses_gaps() => {
                Survey { gaps: true, largest }
            }
            _ => {
                let (_, rows, cols) = out.dim();
                let (rows, cols) = self.setup.known(&tile.window((rows, cols)));
                let known = tile.heights.slice(s![rows, cols]);
                let survey = Survey::of(known);
                Survey { gaps: survey.gaps || known.dim() != tile.heights.dim(), ..survey }
            }
        };
        let crowns = [tile.canopy, tile.trunk].into_iter().flatten();
        if survey.largest > TALLEST || !crowns.into_iter().all(are_crowns) {
            return self.compute_copy(tile, out, kept, stop);
        }
        chosen::compute(&self.setup, tile, survey, out, kept, stop);
    }
}
