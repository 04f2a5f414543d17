//! The sight lines of a block of receivers, ready for the search.

use crate::params::CellSize;
use crate::setup::Setup;
use crate::strip::Strip;
use crate::taps::Taps;

/// The sight lines of a block: one fan for all its rows, or one for each.
#[derive(Default)]
pub(crate) struct SightLines {
    pub fans: Vec<Taps>,
    /// Cell size of each.
    pub cell_sizes: Vec<CellSize>,
}

impl SightLines {
    /// Lays out a fan for each cell size, on rows of `stride` floats.
    pub fn lay_out(&mut self, setup: &Setup, cell_sizes: &[CellSize], stride: usize) {
        self.cell_sizes.clear();
        self.cell_sizes.extend_from_slice(cell_sizes);
        self.fans.resize_with(cell_sizes.len(), Taps::default);
        for (taps, cell) in self.fans.iter_mut().zip(cell_sizes) {
            taps.lay_out(&setup.params, *cell, stride, setup.options);
        }
    }

    /// The rows of a strip that share a fan, and how many floats further down they begin.
    pub fn row(&self, fan: usize, strip: Strip) -> (Strip, usize) {
        let rows = if self.fans.len() == 1 { strip.rows } else { 1 };
        let down = fan * strip.stride;
        // A row of the strip.
        let first = strip.first.wrapping_add(down);
        (Strip { first, rows, at_row: fan, ..strip }, down)
    }
}
