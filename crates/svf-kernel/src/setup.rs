//! A validated search: what it must find, and the size of its blocks.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use crate::cascade::FarGround;
use crate::cascade::rule::{Rule, halo_of, lines_of, near_params};
use crate::geometry::{self, LinearLine};
use crate::ground::Ground;
use crate::measures::{Measure, SearchOptions};
use crate::params::{CellSize, Missing, ParamError, Params, Sampling, Search};
use crate::ray::{DiscreteRay, MOST_SPREAD};
use crate::row_lines::{RowLines, StepFan};
use crate::simd::SimdLevel;
use crate::strip::STRIP_COLS;
use crate::taps::Taps;
use crate::tile::{Halo, Window};

/// Rows of a block of the plain search.
pub(crate) const BLOCK_ROWS: usize = 64;
/// From this number of samples of a sight line on, skipping far ground saves time.
pub(crate) const SKIPS_FROM: u64 = 160;
/// The same for the search that looks at sample after sample, and leaves out stretches.
const AHEAD_FROM: u64 = 320;
/// Maximum rows and columns of a block of the skipping search.
const SKIP_PX: usize = 1024;
/// Least and most rows and columns of a block of a cascade.
const CASCADE_PX: (usize, usize) = (512, 2048);
/// Most cells of such a block times directions, with two to three bytes for each.
const CASCADE_CELLS: usize = 1 << 27;
/// Cells around receivers that are read together with them.
const AROUND: usize = 16;
/// Least rows and columns of the halo of a cascade: enough for near samples and vectors.
pub(crate) const LEAST_HALO: u64 = 64;
/// Minimum rows of such a block that save time if each row has its own sight lines.
const SKIP_ROWS: usize = 64;
/// Maximum bytes of the sight lines of such a block, for one direction.
const ROW_LINES_BYTES: u64 = 8 << 20;
/// Maximum bytes of the sight lines of a block whose rows have their own, for all directions.
const LINES_BYTES: u64 = 1 << 20;
/// The same if only the horizon search uses them: they are read again for each strip, from the
/// second-level cache.
const STEP_LINES_BYTES: u64 = 1 << 18;
/// Rows of such a block at least, as far as [`LINES_BYTES`] allows: neighbouring rows use the same
/// heights.
const STEP_ROWS: u64 = 16;

/// The request to a kernel, and what follows from it.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub params: Params,
    pub ground: Ground,
    pub measures: Vec<Measure>,
    /// Cells around the receivers of a tile that it must have.
    pub halo: Halo,
    /// Cells around receivers that can matter: more than the halo if a tile does not make all levels of a
    /// cascade.
    pub reach: Halo,
    pub options: SearchOptions,
    /// Whether far ground that cannot make the horizon is skipped.
    pub skips: bool,
    /// Whether the search that looks at sample after sample leaves out stretches that cannot make the
    /// horizon.
    pub looks_ahead: bool,
    /// Whether crowns that change nothing are skipped.
    pub skips_crowns: bool,
    /// Whether tiles say which receivers are wanted.
    pub chooses: bool,
    /// Rows and columns of the raster, if they are known: outside of it, all heights are missing.
    pub raster: Option<(u64, u64)>,
    /// Levels of a cascade that are made from the heights of each tile.
    pub made: usize,
    /// The levels above them.
    pub far_ground: Option<Arc<FarGround>>,
    pub level: SimdLevel,
}

impl Setup {
    /// Checks the parameters, and computes what depends only on them.
    pub fn new(
        params: &Params,
        ground: Ground,
        measures: &[Measure],
        level: SimdLevel,
    ) -> Result<Self, ParamError> {
        ground.validate()?;
        let all =
            measures.iter().fold(SearchOptions::default(), |all, m| all.and(m.search_options()));
        let canopy = params.canopy.is_some();
        let (crowns, front) = (all.crowns && canopy, all.front && canopy);
        let options = SearchOptions { crowns, front, ..all };
        if params.search == Search::Cascade {
            check_cascade(params, &ground, options)?;
        }
        let mut halo = Halo::default();
        if options.slope_planes || options.slope_angles {
            // The slope plane of a receiver comes from the cells around it.
            halo.include(1, 1);
        }
        for cell in ground.extreme_cells() {
            let exact = geometry::halo_of(params, cell)?;
            let reach = match ground {
                Ground::Plane(_) => exact,
                // Also enough for the rows between the extremes.
                Ground::Ellipsoid(_) => bounding_halo(params, cell),
            };
            halo.include(reach.rows_px, reach.cols_px);
            if params.search == Search::Cascade {
                let reach = halo_of(params, cell, usize::MAX);
                halo.include(reach.rows_px, reach.cols_px);
            }
        }
        let (params, measures) = (params.clone(), measures.to_vec());
        let setup = Self {
            params,
            ground,
            measures,
            halo,
            reach: halo,
            options,
            skips: false,
            looks_ahead: false,
            skips_crowns: true,
            chooses: false,
            raster: None,
            made: usize::MAX,
            far_ground: None,
            level,
        };
        // With less, looking at every sample is faster than finding out which ones matter.
        let samples = setup.samples_per_line();
        let worthwhile = samples >= SKIPS_FROM && setup.rows_side_by_side() >= SKIP_ROWS as f64;
        let skips = worthwhile && setup.may_skip();
        let looks_ahead = samples >= AHEAD_FROM && !skips && setup.may_look_ahead();
        Ok(Self { skips, looks_ahead, ..setup })
    }

    /// Levels of the cascade; 0 if it is another search.
    pub fn levels(&self) -> usize {
        if self.params.search != Search::Cascade {
            return 0;
        }
        self.lines().iter().map(|line| Rule::of(line).levels).max().unwrap_or(0)
    }

    /// The sight lines of all directions of a cascade: all receivers share them.
    pub fn lines(&self) -> Vec<LinearLine> {
        match self.ground {
            Ground::Plane(cell) => lines_of(&self.params, cell),
            Ground::Ellipsoid(_) => Vec::new(),
        }
    }

    /// The same search that makes only the lowest levels of a cascade from the heights of each tile.
    pub fn making(self, made: usize) -> Self {
        let Ground::Plane(cell) = self.ground else { return self };
        // Near samples, and the slope plane of a receiver, are nearer than what the first level needs.
        let halo = halo_of(&self.params, cell, made);
        let within = |least: usize, most: usize| least.max(LEAST_HALO as usize).min(most);
        let halo = Halo {
            rows_px: within(halo.rows_px, self.reach.rows_px),
            cols_px: within(halo.cols_px, self.reach.cols_px),
        };
        Self { made, halo, ..self }
    }

    /// Whether the horizon is searched along lines whose stretches are known.
    pub fn may_look_ahead(&self) -> bool {
        let only_highest = self.options.highest && !self.options.lowest;
        only_highest && self.params.search == Search::Exact && !self.has_row_lines()
    }

    /// Whether all sight lines are discrete rays, or are close to a ray that several rows share.
    pub fn may_skip(&self) -> bool {
        if self.params.search == Search::Cascade {
            return false;
        }
        // The skipping search begins at the receiver.
        let one_by_one = !matches!(self.params.sampling, Sampling::Divided { .. })
            && self.params.min_distance == 0.0;
        match self.ground {
            Ground::Plane(cell) => {
                let is_ray =
                    |i| DiscreteRay::lay_out(&self.params, cell, i, SKIP_PX, false).is_some();
                one_by_one && (0..self.params.directions).all(is_ray)
            }
            Ground::Ellipsoid(_) => self.has_row_lines() && !self.needs_taps(),
        }
    }

    /// Whether each row has its own sight lines, with samples that are one cell apart.
    pub fn has_row_lines(&self) -> bool {
        matches!(self.ground, Ground::Ellipsoid(_))
            && self.params.sampling == Sampling::Linear
            && self.params.min_distance == 0.0
    }

    /// The number of rows whose sight lines are close enough to each other up to the last sample.
    fn rows_side_by_side(&self) -> f64 {
        let Ground::Ellipsoid(graticule) = &self.ground else { return f64::INFINITY };
        let slope = |cell: CellSize| (cell.east / cell.south).abs();
        let rows = &graticule.rows;
        // The change from row to row is largest at one of the ends.
        let change = [rows.start, rows.end.saturating_sub(2).max(rows.start)].map(|row| {
            let next = (row + 1).min(rows.end - 1);
            let (here, next) = (slope(graticule.cell_at(row)), slope(graticule.cell_at(next)));
            (next / here - 1.0).abs()
        });
        let change = change[0].max(change[1]);
        // From one side of the shared line to the other, minus the cells that all lines use.
        let room = 2 * MOST_SPREAD - 3;
        room as f64 / (change * self.samples_per_line() as f64)
    }

    /// Maximum samples of one receiver.
    pub fn samples(&self) -> u64 {
        geometry::samples_at_most(&self.params, self.ground.smallest_side())
    }

    /// Maximum samples of one sight line.
    pub fn samples_per_line(&self) -> u64 {
        self.samples() / u64::from(self.params.directions)
    }

    /// Number of output bands.
    pub fn bands(&self) -> usize {
        self.measures.iter().map(|m| m.bands(self.params.directions)).sum()
    }

    /// First band of each measure.
    pub fn first_bands(&self) -> impl Iterator<Item = usize> {
        self.measures.iter().scan(0, |next, measure| {
            let first = *next;
            *next += measure.bands(self.params.directions);
            Some(first)
        })
    }

    /// Whether something other than the horizon search uses the samples of sight lines.
    pub fn needs_taps(&self) -> bool {
        self.options.crowns || self.options.distance
    }

    /// Whether sight lines are divided into stretches.
    pub fn has_stretches(&self) -> bool {
        self.options.crowns || self.looks_ahead
    }

    /// Whether it matters where heights are missing.
    pub fn uses_gaps(&self) -> bool {
        self.options.gaps || self.params.missing != Missing::Skip
    }

    /// Rows and columns of the blocks of a search that leaves out ground. In larger blocks, fewer heights are
    /// collected per receiver, but more of them leave the caches.
    pub fn skip_px(&self) -> (usize, usize) {
        let reach = self.halo.rows_px.max(self.halo.cols_px);
        let side = reach.next_multiple_of(STRIP_COLS).clamp(4 * STRIP_COLS, SKIP_PX);
        if matches!(self.ground, Ground::Plane(_)) {
            return (side, side);
        }
        // Wider than high, because all columns of a row share its sight lines.
        let cols = reach.next_multiple_of(STRIP_COLS).clamp(4 * STRIP_COLS, 2 * SKIP_PX);
        if self.looks_ahead {
            return (side, cols);
        }
        let held = ROW_LINES_BYTES / (RowLines::SAMPLE_BYTES * self.samples_per_line());
        let held = usize::try_from(held).unwrap_or(usize::MAX);
        let close = self.rows_side_by_side() as usize;
        let rows = side.min(SKIP_PX * SKIP_PX / cols).min(held).min(close).max(SKIP_ROWS);
        (rows, cols)
    }

    /// Most rows and columns of the blocks of a cascade, whose far horizons are found together. Around
    /// small blocks, more nodes are searched only for their neighbours; what is found in large ones
    /// does not fit into the caches.
    pub fn cascade_px(&self) -> (usize, usize) {
        let reach = self.halo.rows_px.max(self.halo.cols_px);
        let side = (2 * reach).clamp(CASCADE_PX.0, CASCADE_PX.1);
        let held = (CASCADE_CELLS / self.params.directions as usize).isqrt();
        let side = side.min(held).next_multiple_of(STRIP_COLS);
        (side, side)
    }

    /// Rows and columns of a tile that can have heights, and a vector of cells around its receivers, which are
    /// in a `window`: without what is outside of the raster, if its size is known.
    pub fn known(&self, window: &Window) -> (Range<usize>, Range<usize>) {
        self.inside(self.raster, window)
    }

    /// See [`crate::Kernel::looked_at`].
    pub fn looked_at(&self, window: &Window) -> (Range<usize>, Range<usize>) {
        // Other searches follow their sight lines to the end.
        let ends = self.skips && !self.needs_taps() && !self.uses_gaps() && !self.chooses;
        self.inside(self.raster.filter(|_| ends), window)
    }

    /// [`Setup::known`] on a raster of so many rows and columns, or all rows and columns.
    fn inside(&self, raster: Option<(u64, u64)>, window: &Window) -> (Range<usize>, Range<usize>) {
        let inside = |first: u64, receivers: u64, halo: usize, raster: Option<u64>| {
            let receivers = usize::try_from(receivers).unwrap_or(usize::MAX);
            let cells = receivers.saturating_add(halo.saturating_mul(2));
            let Some(raster) = raster else { return 0..cells };
            let beyond = (halo as u64).saturating_sub(first);
            let start = usize::try_from(beyond).unwrap_or(halo).min(halo.saturating_sub(AROUND));
            let left = raster.saturating_sub(first).saturating_add(halo as u64);
            let around = halo.saturating_add(receivers).saturating_add(AROUND);
            start..usize::try_from(left).unwrap_or(cells).max(around).min(cells)
        };
        let (rows, cols) = raster.unzip();
        (
            inside(window.row, window.rows, self.halo.rows_px, rows),
            inside(window.col, window.cols, self.halo.cols_px, cols),
        )
    }

    /// Rows and columns of [`Setup::known`] for so many receivers, at most.
    pub fn known_most(&self, (rows, cols): (usize, usize)) -> (usize, usize) {
        let padded = self.halo.padded(rows, cols);
        let Some(raster) = self.raster else { return padded };
        let most = |padded: usize, receivers: usize, raster: u64| {
            let raster = usize::try_from(raster).unwrap_or(usize::MAX).max(receivers);
            padded.min(raster.saturating_add(2 * AROUND))
        };
        (most(padded.0, rows, raster.0), most(padded.1, cols, raster.1))
    }

    /// [`Setup::samples_per_line`] as a number of elements in memory.
    pub fn line_steps(&self) -> usize {
        usize::try_from(self.samples_per_line()).unwrap_or(usize::MAX)
    }

    /// The number of rows of a block that have their own sight lines; 1 if all rows share them.
    pub fn fans_per_block(&self) -> usize {
        let row_bytes = self.samples().saturating_mul(self.tap_bytes()).max(1);
        match self.ground {
            Ground::Plane(_) => 1,
            Ground::Ellipsoid(_) => {
                let most = LINES_BYTES / row_bytes;
                let rows = if self.has_row_lines() && !self.needs_taps() {
                    (STEP_LINES_BYTES / row_bytes).max(most.min(STEP_ROWS))
                } else {
                    most
                };
                usize::try_from(rows).unwrap_or(usize::MAX).clamp(1, BLOCK_ROWS)
            }
        }
    }

    /// Bytes of a sample in its fan, or in both fans: see [`crate::sight_lines::SightLines`].
    fn tap_bytes(&self) -> u64 {
        let (all, of_horizon) = (Taps::bytes(self.options, self.has_stretches()), StepFan::BYTES);
        let bytes = match (self.has_row_lines(), self.needs_taps()) {
            (true, true) => all + of_horizon,
            (true, false) => of_horizon,
            (false, _) => all,
        };
        bytes as u64
    }

    /// The parameters with which sight lines from cells of a size are laid out: for a cascade, the near samples
    /// alone.
    pub fn laid_out(&self, cell: CellSize) -> Cow<'_, Params> {
        match self.params.search {
            Search::Cascade => Cow::Owned(near_params(&self.params, cell)),
            _ => Cow::Borrowed(&self.params),
        }
    }

    /// Maximum bytes of the fans of a block.
    pub fn fans_bytes(&self) -> u64 {
        let samples = match self.ground {
            Ground::Plane(cell) => {
                geometry::samples_at_most(&self.laid_out(cell), self.ground.smallest_side())
            }
            Ground::Ellipsoid(_) => self.samples(),
        };
        samples.saturating_mul(self.fans_per_block() as u64 * self.tap_bytes())
    }
}

/// Refuses what a cascade cannot compute.
pub(crate) fn check_cascade(
    params: &Params,
    ground: &Ground,
    options: SearchOptions,
) -> Result<(), ParamError> {
    let refused = [
        (matches!(ground, Ground::Ellipsoid(_)), "a raster in degrees"),
        (params.sampling == Sampling::Crossings, "crossings sampling"),
        (params.sampling == Sampling::Nearest, "nearest sampling"),
        (params.sampling != Sampling::Linear, "divided sampling"),
        (params.missing == Missing::Stop, "the missing rule 'stop'"),
        (params.missing == Missing::Nan, "the missing rule 'nan'"),
        (params.canopy.is_some(), "a canopy"),
        (params.min_distance > 0.0, "a search without near ground"),
        (options.distance, "horizon-distance"),
        (options.gaps, "coverage"),
    ];
    let first = refused.into_iter().find(|(refused, _)| *refused);
    first.map_or(Ok(()), |(_, what)| Err(ParamError::NotByCascade(what)))
}

/// Called from time to time: whether the search must stop.
pub(crate) type ShouldStop<'a> = &'a dyn Fn() -> bool;

/// A halo that contains every sight line, for cells that are not smaller than `cell`.
fn bounding_halo(params: &Params, cell: CellSize) -> Halo {
    // The cell that is nearest to a point within the radius, or the cell behind it.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "validated: at most a million cells"
    )]
    let reach = |side: f64| (params.radius / side.abs()).ceil() as usize + 1;
    Halo { rows_px: reach(cell.south), cols_px: reach(cell.east) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Kernel;

    #[test]
    fn nothing_is_known_outside_of_a_raster() {
        let params = Params { search: Search::Cascade, ..Params::new(1000.0, 4) };
        let (cell, measures) = (CellSize::square(1.0), [Measure::Svf]);
        let anywhere = Kernel::new(&params, cell, &measures, SimdLevel::Portable).unwrap();
        let kernel = anywhere.clone().on_raster(100, 5000);
        let halo = kernel.halo();
        assert_eq!((halo.rows_px, halo.cols_px), (100, anywhere.halo().cols_px));
        let size = (40, 200);
        let window = Window { row: 30, col: 0, rows: 40, cols: 200 };
        // The 100 rows of the raster; a vector of columns before the first one.
        let known = (70..170, halo.cols_px - 16..200 + 2 * halo.cols_px);
        assert_eq!(kernel.setup().known(&window), known);
        assert_eq!(kernel.setup().known_most(size), (132, 200 + 2 * halo.cols_px));
        let everything = (0..40 + 2 * anywhere.halo().rows_px, 0..200 + 2 * halo.cols_px);
        assert_eq!(anywhere.setup().known(&window), everything);
        // Near samples are looked at wherever they are.
        let all = (0..240, 0..200 + 2 * halo.cols_px);
        assert_eq!(kernel.looked_at(&window), all);
        // The exact search has the halo of its sight lines.
        let exact = Params { search: Search::Exact, ..params };
        let exact = Kernel::new(&exact, cell, &measures, SimdLevel::Portable).unwrap();
        let on_raster = exact.clone().on_raster(100, 5000);
        assert_eq!(on_raster.halo(), exact.halo());
        let reach = exact.halo().rows_px;
        let halo = reach - 30..reach + 70;
        assert_eq!(on_raster.looked_at(&window), (halo, reach - 16..200 + 2 * reach));
        let all = (0..40 + 2 * reach, 0..200 + 2 * reach);
        assert_eq!(exact.looked_at(&window), all);
        assert_eq!(on_raster.clone().skipping(false).looked_at(&window), all);
        assert_eq!(on_raster.choosing().looked_at(&window), all);
    }

    #[test]
    fn small_tiles_need_little_scratch() {
        let (params, cell) = (Params::new(2000.0, 16), CellSize::square(1.0));
        let kernel = Kernel::new(&params, cell, &[Measure::Svf], SimdLevel::Portable).unwrap();
        assert_eq!(kernel.block_px(), (1024, 1024));
        let (small, all) = (kernel.scratch_bytes_of((64, 64)), kernel.scratch_bytes());
        assert!(8 * small < all, "{small} of {all}");
        assert_eq!(kernel.scratch_bytes_of((1024, 1024)), all);
    }
}
