//! A validated search: what it has to find, and in blocks of which size.

use crate::geometry;
use crate::ground::Ground;
use crate::measures::{Measure, SearchOptions};
use crate::params::{CellSize, Missing, ParamError, Params, Sampling};
use crate::ray::{DiscreteRay, MOST_SPREAD};
use crate::row_lines::{RowLines, StepFan};
use crate::simd::SimdLevel;
use crate::strip::STRIP_COLS;
use crate::taps::Taps;
use crate::tile::Halo;

/// Rows whose sums are kept at a time where every sample is looked at.
pub(crate) const BLOCK_ROWS: usize = 64;
/// Samples of a sight line from which on leaving out far ground pays.
const SKIPS_FROM: u64 = 160;
/// Most rows and columns of a block whose far ground is left out.
const SKIP_PX: usize = 512;
/// Fewest rows of such a block that pay where each row has sight lines of its own.
const SKIP_ROWS: usize = 64;
/// Most bytes of sight lines that such a block holds for a direction.
const ROW_LINES_BYTES: u64 = 8 << 20;
/// Most bytes of sight lines that a block of rows with sight lines of their own holds.
const LINES_BYTES: u64 = 1 << 20;

/// What a kernel was asked for, and what follows from it.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub params: Params,
    pub ground: Ground,
    pub measures: Vec<Measure>,
    pub halo: Halo,
    pub options: SearchOptions,
    /// Whether far ground that cannot make the horizon is left out.
    pub skips: bool,
    /// Whether crowns that change nothing are.
    pub skips_crowns: bool,
    pub level: SimdLevel,
}

impl Setup {
    /// Checks the parameters, and lays out what depends on them alone.
    pub fn new(
        params: &Params,
        ground: Ground,
        measures: &[Measure],
        level: SimdLevel,
    ) -> Result<Self, ParamError> {
        ground.validate()?;
        let all =
            measures.iter().fold(SearchOptions::default(), |all, m| all.and(m.search_options()));
        let options = SearchOptions { crowns: all.crowns && params.canopy.is_some(), ..all };
        let mut halo = Halo::default();
        if options.slope_planes {
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
        let (params, measures) = (params.clone(), measures.to_vec());
        let (skips, skips_crowns) = (false, true);
        let setup = Self { params, ground, measures, halo, options, skips, skips_crowns, level };
        // Below, looking at every sample is faster than asking which ones matter.
        let worthwhile =
            setup.samples_per_line() >= SKIPS_FROM && setup.rows_side_by_side() >= SKIP_ROWS as f64;
        Ok(Self { skips: worthwhile && setup.may_skip(), ..setup })
    }

    /// Whether all sight lines are discrete rays, or lie beside one that those of other
    /// rows share.
    pub fn may_skip(&self) -> bool {
        let one_by_one = !matches!(self.params.sampling, Sampling::Divided { .. });
        match self.ground {
            Ground::Plane(cell) => {
                let is_ray =
                    |i| DiscreteRay::lay_out(&self.params, cell, i, SKIP_PX, false).is_some();
                one_by_one && (0..self.params.directions).all(is_ray)
            }
            Ground::Ellipsoid(_) => self.has_row_lines() && !self.needs_taps(),
        }
    }

    /// Whether each row has sight lines of its own, whose samples lie one cell apart.
    pub fn has_row_lines(&self) -> bool {
        matches!(self.ground, Ground::Ellipsoid(_)) && self.params.sampling == Sampling::Linear
    }

    /// For how many rows sight lines stay close enough to each other up to the last sample.
    fn rows_side_by_side(&self) -> f64 {
        let Ground::Ellipsoid(graticule) = &self.ground else { return f64::INFINITY };
        let slope = |cell: CellSize| (cell.east / cell.south).abs();
        let rows = &graticule.rows;
        // What changes fastest is at one of the ends.
        let change = [rows.start, rows.end.saturating_sub(2).max(rows.start)].map(|row| {
            let next = (row + 1).min(rows.end - 1);
            let (here, next) = (slope(graticule.cell_at(row)), slope(graticule.cell_at(next)));
            (next / here - 1.0).abs()
        });
        let change = change[0].max(change[1]);
        // From one side of the shared line to the other, less the cells that all lines take.
        let room = 2 * MOST_SPREAD - 3;
        room as f64 / (change * self.samples_per_line() as f64)
    }

    /// Samples that one receiver takes, at most.
    pub fn samples(&self) -> u64 {
        geometry::samples_at_most(&self.params, self.ground.smallest_side())
    }

    /// Samples of one sight line, at most.
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

    /// Whether anything but the search of the horizon goes through sight lines.
    pub fn needs_taps(&self) -> bool {
        self.options.crowns || self.options.distance
    }

    /// Whether it matters where heights are missing.
    pub fn heeds_gaps(&self) -> bool {
        self.options.gaps || self.params.missing != Missing::Skip
    }

    /// Rows and columns of the blocks whose far ground is left out: the longer, the fewer
    /// heights are collected per receiver, and the more of them leave the caches.
    pub fn skip_px(&self) -> (usize, usize) {
        let reach = self.halo.rows_px.max(self.halo.cols_px);
        let side = reach.next_multiple_of(STRIP_COLS).clamp(4 * STRIP_COLS, SKIP_PX);
        if matches!(self.ground, Ground::Plane(_)) {
            return (side, side);
        }
        let held = ROW_LINES_BYTES / (RowLines::SAMPLE_BYTES * self.samples_per_line());
        let held = usize::try_from(held).unwrap_or(usize::MAX);
        // Wider than high: what is laid out for a row serves all of its columns.
        let cols = reach.next_multiple_of(STRIP_COLS).clamp(4 * STRIP_COLS, 2 * SKIP_PX);
        let close = self.rows_side_by_side() as usize;
        let rows = side.min(SKIP_PX * SKIP_PX / cols).min(held).min(close).max(SKIP_ROWS);
        (rows, cols)
    }

    /// Samples of a sight line, as many as memory holds.
    pub fn line_steps(&self) -> usize {
        usize::try_from(self.samples_per_line()).unwrap_or(usize::MAX)
    }

    /// How many rows of a block have sight lines of their own; 1 where all share them.
    pub fn fans_per_block(&self) -> usize {
        let row_bytes = self.samples().saturating_mul(self.tap_bytes()).max(1);
        match self.ground {
            Ground::Plane(_) => 1,
            Ground::Ellipsoid(_) => {
                let rows = usize::try_from(LINES_BYTES / row_bytes).unwrap_or(usize::MAX);
                rows.clamp(1, BLOCK_ROWS)
            }
        }
    }

    /// Bytes of a sample in a fan, or in two: see [`crate::sight_lines::SightLines`].
    fn tap_bytes(&self) -> u64 {
        let (all, of_horizon) = (Taps::bytes(self.options), StepFan::BYTES);
        let bytes = match (self.has_row_lines(), self.needs_taps()) {
            (true, true) => all + of_horizon,
            (true, false) => of_horizon,
            (false, _) => all,
        };
        bytes as u64
    }

    /// Bytes of the fans of a block, at most.
    pub fn fans_bytes(&self) -> u64 {
        self.samples().saturating_mul(self.fans_per_block() as u64 * self.tap_bytes())
    }
}

/// Asked now and then whether to stop.
pub(crate) type ShouldStop<'a> = &'a dyn Fn() -> bool;

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
