//! The cascade of a tile: far horizons of large blocks, and in each of them the near samples of all
//! receivers, strip by strip.

use ndarray::{ArrayViewMut3, s};

use crate::cascade::{FarField, FarScratch};
use crate::heights::Survey;
use crate::layers::Tile;
use crate::plain;
use crate::setup::{Setup, ShouldStop};
use crate::strip::STRIP_COLS;

/// Maximum bytes of scratch for tiles of so many rows and columns at most: most of it is kept from tile to
/// tile.
pub(crate) fn bytes(setup: &Setup, (rows, cols): (usize, usize)) -> u64 {
    let most = setup.cascade_px();
    let block = (rows.min(most.0), cols.min(most.1));
    plain::bytes(setup).saturating_add(FarField::bytes(setup, block))
}

/// The size of equal parts of a side, of whole strips: a narrow part would cost nearly as much as a
/// wide one.
fn even_part(side: usize, most: usize) -> usize {
    side.div_ceil(side.div_ceil(most)).next_multiple_of(STRIP_COLS)
}

/// Computes a tile. `survey` is what is known about its heights.
#[inline(always)]
pub(crate) fn compute(
    setup: &Setup,
    tile: Tile<'_>,
    survey: Survey,
    mut out: ArrayViewMut3<'_, f32>,
    kept: &mut FarScratch,
    stop: ShouldStop<'_>,
) {
    let (_, rows, cols) = out.dim();
    let most = setup.cascade_px();
    let (block_rows, block_cols) = (even_part(rows, most.0), even_part(cols, most.1));
    for row in (0..rows).step_by(block_rows) {
        for col in (0..cols).step_by(block_cols) {
            let size = (block_rows.min(rows - row), block_cols.min(cols - col));
            let block = Tile { wanted: None, ..tile }.part(setup.halo, (row, col), size);
            let field = FarField::find(setup, block, size, kept, stop);
            if stop() {
                return;
            }
            let out = out.slice_mut(s![.., row..row + size.0, col..col + size.1]);
            plain::compute(setup, block, survey, Some(&field), out, stop);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_equal_and_not_larger_than_the_most() {
        let parts = [(1, 512), (512, 512), (513, 512), (2048, 1792), (5000, 2048)];
        assert_eq!(parts.map(|(side, most)| even_part(side, most)), [64, 512, 320, 1024, 1728]);
    }
}
