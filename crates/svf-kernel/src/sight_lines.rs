//! The sight lines of a block of receivers, ready for the search.

use crate::cascade::rule::NEAR;
use crate::geometry::{LinearLine, sin_cos_deg};
use crate::params::{CellSize, Search};
use crate::row_lines::{StepFan, Steps};
use crate::setup::Setup;
use crate::simd::at_level;
use crate::strip::Strip;
use crate::taps::Taps;

/// The sight lines of a block: one fan for all its rows, or one for each.
#[derive(Default)]
pub(crate) struct SightLines {
    /// Fans of all searches except that of the horizon; also of this one if there are no
    /// `step_fans`.
    pub fans: Vec<Taps>,
    /// Fans of the horizon search, if its slopes are heights per step.
    pub step_fans: Vec<StepFan>,
    /// Cell size of each fan.
    pub cell_sizes: Vec<CellSize>,
    /// Factors of `step_fans`.
    pub steps: Option<Steps>,
}

impl SightLines {
    /// Computes a fan for each cell size, for rows of `stride` floats.
    pub fn lay_out(&mut self, setup: &Setup, cell_sizes: &[CellSize], stride: usize) {
        let lines = self;
        at_level!(
            setup.level,
            SightLines::lay_out_here,
            lines: &mut SightLines,
            setup: &Setup,
            cell_sizes: &[CellSize],
            stride: usize,
        );
    }

    #[inline(always)]
    fn lay_out_here(&mut self, setup: &Setup, cell_sizes: &[CellSize], stride: usize) {
        self.cell_sizes.clear();
        self.cell_sizes.extend_from_slice(cell_sizes);
        if setup.has_row_lines() {
            self.lay_out_steps(setup);
            if !setup.needs_taps() {
                return;
            }
        }
        self.fans.resize_with(cell_sizes.len(), Taps::default);
        for (taps, cell) in self.fans.iter_mut().zip(cell_sizes) {
            let options = (setup.options, setup.has_stretches());
            taps.lay_out(&setup.laid_out(*cell), *cell, stride, options);
            if setup.params.search == Search::Cascade {
                taps.shorten(NEAR);
            }
        }
    }

    #[inline(always)]
    fn lay_out_steps(&mut self, setup: &Setup) {
        let params = &setup.params;
        self.steps.get_or_insert_with(|| Steps::new(params, setup.line_steps()));
        self.step_fans.resize_with(self.cell_sizes.len(), StepFan::default);
        for fan in &mut self.step_fans {
            fan.clear();
        }
        for i in 0..params.directions {
            let sin_cos = sin_cos_deg(params.grid_azimuth_deg(i));
            for (fan, cell) in self.step_fans.iter_mut().zip(&self.cell_sizes) {
                fan.add(LinearLine::new(sin_cos, *cell, params.radius));
            }
        }
    }

    /// The rows of a strip that share a fan, and how many floats further down they begin.
    pub fn row(&self, fan: usize, strip: Strip) -> (Strip, usize) {
        let rows = if self.cell_sizes.len() == 1 { strip.rows } else { 1 };
        let down = fan * strip.stride;
        // A row of the strip.
        let first = strip.first.wrapping_add(down);
        (Strip { first, rows, at_row: fan, ..strip }, down)
    }
}
