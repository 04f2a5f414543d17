//! The highest ground around the receivers of a block. With it, the search that looks at sample after
//! sample can leave out stretches of a sight line that cannot make the horizon.

use ndarray::{Axis, s};

use crate::layers::Tile;
use crate::setup::Setup;
use crate::simd::at_level;
use crate::tile::Halo;
use crate::windows::{Stretch, View, Windows};

/// Windows over all ground that the receivers of a block can see.
#[derive(Default)]
pub(crate) struct GroundWindows {
    highest: Windows,
    halo: Halo,
}

/// The ground along a sight line: windows as seen from the first receiver, and the stretches of
/// the line.
#[derive(Clone, Copy)]
pub(crate) struct Ahead<'a> {
    pub windows: View,
    pub stretches: &'a [Stretch],
}

impl GroundWindows {
    /// Bytes for a block with this number of rows and columns of receivers.
    pub fn bytes(setup: &Setup, rows: usize, cols: usize) -> u64 {
        let (rows, cols) = setup.halo.padded(rows, cols);
        if setup.looks_ahead { Windows::bytes(rows, cols) } else { 0 }
    }

    /// Looks at all ground around a block of receivers of a tile that begins at (`row`, `col`), if
    /// the search needs it. No height of the tile is larger than `largest` in absolute value.
    pub fn find(
        &mut self,
        setup: &Setup,
        tile: Tile<'_>,
        largest: f32,
        at: (usize, usize),
        size: (usize, usize),
    ) {
        let windows = self;
        at_level!(
            setup.level,
            GroundWindows::find_here,
            windows: &mut GroundWindows,
            setup: &Setup,
            tile: Tile<'_>,
            largest: f32,
            at: (usize, usize),
            size: (usize, usize),
        );
    }

    #[inline(always)]
    fn find_here(
        &mut self,
        setup: &Setup,
        tile: Tile<'_>,
        largest: f32,
        (row, col): (usize, usize),
        (rows, cols): (usize, usize),
    ) {
        self.highest.any = false;
        if !setup.looks_ahead {
            return;
        }
        self.halo = setup.halo;
        let (rows, cols) = setup.halo.padded(rows, cols);
        let heights = tile.heights.slice_move(s![row..row + rows, col..col + cols]);
        self.highest.fill((rows, cols), largest, |row, highest| {
            let cells = heights.index_axis_move(Axis(0), row).to_slice().unwrap_or_default();
            for (highest, &z) in highest.iter_mut().zip(cells) {
                *highest = if z > *highest { z } else { *highest };
            }
        });
    }

    /// The windows as a receiver of the block sees them, if they are known.
    pub fn seen_from(&self, (row, col): (usize, usize)) -> Option<View> {
        let Halo { rows_px, cols_px } = self.halo;
        self.highest.any.then(|| self.highest.from((row + rows_px, col + cols_px)))
    }
}
