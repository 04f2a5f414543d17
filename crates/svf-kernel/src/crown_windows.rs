//! The highest tops and the lowest bottoms of the crowns around the receivers of a block. With
//! them, the search for crowns can skip crowns that change nothing.

use ndarray::{ArrayView2, Axis, s};

use crate::layers::Tile;
use crate::params::Trunk;
use crate::setup::Setup;
use crate::simd::at_level;
use crate::tile::Halo;
use crate::windows::{Stretch, View, Windows};

/// Windows over all crowns that the receivers of a block can see.
#[derive(Default)]
pub(crate) struct CrownWindows {
    tops: Windows,
    /// For bottoms, with their sign changed: the lowest is the highest.
    bottoms: Windows,
    halo: Halo,
    /// Scratch of a row.
    rows: [Vec<f32>; 2],
}

/// Windows over crowns as seen from a receiver.
#[derive(Clone, Copy)]
pub(crate) struct CrownView {
    /// The highest tops.
    pub tops: View,
    /// The lowest bottoms, with their sign changed.
    pub bottoms: View,
}

/// Bounds of the crowns in a window; those of neighbouring receivers are next to them.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    /// The highest top.
    pub top: *const f32,
    /// The lowest bottom, with its sign changed.
    pub bottom: *const f32,
}

impl CrownView {
    /// As seen from a receiver that is this number of rows and columns further.
    #[inline(always)]
    pub fn further(self, rows: usize, cols: usize) -> Self {
        Self { tops: self.tops.further(rows, cols), bottoms: self.bottoms.further(rows, cols) }
    }

    /// The bounds of the crowns in a stretch.
    #[inline(always)]
    pub fn of(self, stretch: &Stretch) -> Bounds {
        let Self { tops, bottoms } = self;
        Bounds { top: tops.of(stretch), bottom: bottoms.of(stretch) }
    }
}

impl CrownWindows {
    /// Bytes for a block with this number of rows and columns of receivers.
    pub fn bytes(setup: &Setup, rows: usize, cols: usize) -> u64 {
        let (rows, cols) = setup.halo.padded(rows, cols);
        if setup.options.crowns { 2 * Windows::bytes(rows, cols) } else { 0 }
    }

    /// Looks at all crowns around a block of receivers of a tile that begins at (`row`, `col`).
    /// No height of the tile is larger than `largest` in absolute value.
    ///
    /// The top at a sample between two cells is not higher than the top in one of them, with its
    /// own crown (if any) on its own ground. The bottom is not lower than the bottom in one of
    /// them, with the lower of the bottoms of both cells. So cells next to a crown count like
    /// cells with a crown.
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
        let Some(with) = setup.params.canopy.filter(|_| setup.options.crowns) else { return };
        let Some(canopy) = tile.canopy else { return };
        self.halo = setup.halo;
        let (rows, cols) = setup.halo.padded(rows, cols);
        let reach = s![row..row + rows, col..col + cols];
        let (heights, canopy) = (tile.heights.slice_move(reach), canopy.slice_move(reach));
        let trunk = tile.trunk.map(|trunk| trunk.slice_move(reach));
        #[expect(clippy::cast_possible_truncation, reason = "a bound, with room for rounding")]
        let ratio = match with.trunk {
            Trunk::Ratio(ratio) => ratio as f32,
            Trunk::Heights => 0.0,
        };
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
        if !self.tops.any {
            return;
        }
        self.bottoms.fill((rows, cols), largest, |row, highest| {
            around.clear();
            around.resize(cols, f32::NEG_INFINITY);
            for near in row.saturating_sub(1)..rows.min(row + 2) {
                let canopy = cells(canopy, near);
                // Without a layer of trunks, the canopy is used in its place.
                let trunk = trunk.map_or(canopy, |trunk| cells(trunk, near));
                let share = if tile.trunk.is_some() { 1.0 } else { ratio };
                for (around, (crown, trunk)) in around.iter_mut().zip(canopy.iter().zip(trunk)) {
                    let bottom = if *crown > 0.0 { -(share * trunk) } else { f32::NEG_INFINITY };
                    *around = if bottom > *around { bottom } else { *around };
                }
            }
            raise_from_beside(around, line);
            for (highest, (z, around)) in
                highest.iter_mut().zip(cells(heights, row).iter().zip(&around[..]))
            {
                let bottom = around - z;
                *highest = if bottom > *highest { bottom } else { *highest };
            }
        });
    }

    /// The windows as a receiver of the block sees them, if there is any crown.
    pub fn seen_from(&self, (row, col): (usize, usize)) -> Option<CrownView> {
        let Halo { rows_px, cols_px } = self.halo;
        let at = (row + rows_px, col + cols_px);
        self.tops
            .any
            .then(|| CrownView { tops: self.tops.from(at), bottoms: self.bottoms.from(at) })
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
