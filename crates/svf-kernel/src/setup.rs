//! A validated search: what it has to find, and in blocks of which size.

use crate::geometry;
use crate::ground::Ground;
use crate::measures::{Measure, SearchOptions};
use crate::params::{CellSize, Missing, ParamError, Params, Sampling};
use crate::ray::DiscreteRay;
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
/// Most bytes of sight lines that a block of rows with sight lines of their own holds.
const LINES_BYTES: u64 = 4 << 20;

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
        let worthwhile = setup.samples_per_line() >= SKIPS_FROM;
        Ok(Self { skips: worthwhile && setup.may_skip(), ..setup })
    }

    /// Whether all sight lines are discrete rays.
    pub fn may_skip(&self) -> bool {
        let Ground::Plane(cell) = self.ground else { return false };
        let one_by_one = !matches!(self.params.sampling, Sampling::Divided { .. });
        let is_ray = |i| DiscreteRay::lay_out(&self.params, cell, i, SKIP_PX, false).is_some();
        one_by_one && (0..self.params.directions).all(is_ray)
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
    pub fn skip_side(&self) -> usize {
        let reach = self.halo.rows_px.max(self.halo.cols_px);
        reach.next_multiple_of(STRIP_COLS).clamp(4 * STRIP_COLS, SKIP_PX)
    }

    /// How many rows of a block have sight lines of their own; 1 where all share them.
    pub fn fans_per_block(&self) -> usize {
        let row_bytes = self.samples().saturating_mul(Taps::bytes(self.options) as u64).max(1);
        match self.ground {
            Ground::Plane(_) => 1,
            Ground::Ellipsoid(_) => {
                let rows = usize::try_from(LINES_BYTES / row_bytes).unwrap_or(usize::MAX);
                rows.clamp(1, BLOCK_ROWS)
            }
        }
    }

    /// Bytes of the fans of a block, at most.
    pub fn fans_bytes(&self) -> u64 {
        let taps_bytes = self.fans_per_block() * Taps::bytes(self.options);
        self.samples().saturating_mul(taps_bytes as u64)
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
