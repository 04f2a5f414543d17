//! The highest tops of the crowns around the receivers of a block. With them, the search for crowns can
//! skip crowns that change nothing.

use ndarray::{ArrayView2, Axis, s};

use crate::layers::Tile;
use crate::setup::Setup;
use crate::simd::at_level;
use crate::tile::Halo;
use crate::windows::{View, Windows};

/// Windows over all crowns that the receivers of a block can see.
#[derive(Default)]
pub(crate) struct CrownWindows {
    tops: Windows,
    halo: Halo,
    /// Scratch of a row.
    rows: [Vec<f32>; 2],
}

impl CrownWindows {
    /// Bytes for a block with this number of rows and columns of receivers.
    pub fn bytes(setup: &Setup, rows: usize, cols: usize) -> u64 {
        let (rows, cols) = setup.halo.padded(rows, cols);
        if setup.options.crowns { Windows::bytes(rows, cols) } else { 0 }
    }

    /// Looks at all crowns around a block of receivers of a tile that begins at (`row`, `col`).
    /// No height of the tile is larger than `largest` in absolute value.
    ///
    /// The top at a sample between two cells is not higher than the top in one of them, with its
    /// own crown (if any) on its own ground. So cells next to a crown count like cells with a
    /// crown.
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
            CrownWindows::find_here,
            windows: &mut CrownWindows,
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
        self.tops.any = false;
        let Some(canopy) = tile.canopy.filter(|_| setup.options.crowns) else { return };
        self.halo = setup.halo;
        let (rows, cols) = setup.halo.padded(rows, cols);
        let reach = s![row..row + rows, col..col + cols];
        let (heights, canopy) = (tile.heights.slice_move(reach), canopy.slice_move(reach));
        let [around, line] = &mut self.rows;
        line.resize(cols, f32::NEG_INFINITY);
        self.tops.fill((rows, cols), largest, |row, highest| {
            around.clear();
            around.resize(cols, f32::NEG_INFINITY);
            for near in row.saturating_sub(1)..rows.min(row + 2) {
                raise(around, cells(canopy, near));
            }
            raise_from_beside(around, line);
            let cells = cells(heights, row).iter().zip(cells(canopy, row)).zip(&around[..]);
            for (highest, ((z, crown), around)) in highest.iter_mut().zip(cells) {
                let top = if *around > 0.0 { z + crown } else { f32::NEG_INFINITY };
                *highest = if top > *highest { top } else { *highest };
            }
        });
    }

    /// The windows as a receiver of the block sees them, if there is any crown.
    pub fn seen_from(&self, (row, col): (usize, usize)) -> Option<View> {
        let Halo { rows_px, cols_px } = self.halo;
        self.tops.any.then(|| self.tops.from((row + rows_px, col + cols_px)))
    }
}

/// Adjacent cells of a row.
#[inline(always)]
fn cells<'a>(layer: ArrayView2<'a, f32>, row: usize) -> &'a [f32] {
    layer.index_axis_move(Axis(0), row).to_slice().unwrap_or_default()
}

/// Replaces each number by the number at the same place of the other slice, if that is higher.
#[inline(always)]
fn raise(numbers: &mut [f32], others: &[f32]) {
    for (number, &other) in numbers.iter_mut().zip(others) {
        *number = if other > *number { other } else { *number };
    }
}

/// Replaces each number by the highest of itself and its neighbours on both sides. `scratch` has
/// the same length.
#[inline(always)]
fn raise_from_beside(numbers: &mut [f32], scratch: &mut [f32]) {
    scratch.copy_from_slice(numbers);
    raise(numbers, &scratch[1..]);
    raise(&mut numbers[1..], scratch);
}
