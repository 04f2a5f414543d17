//! The input of the kernel: receivers with the heights and the vegetation around them.

use ndarray::{ArrayView2, s};

use crate::tile::{Halo, Window};

/// Receivers with their surroundings.
#[derive(Clone, Copy, Debug)]
pub struct Tile<'a> {
    /// Heights with the halo around them, shape (rows + 2 halo, columns + 2 halo). A height that
    /// is not finite is missing. Heights beyond 1e16 or -1e16 count as 1e16 or -1e16.
    pub heights: ArrayView2<'a, f32>,
    /// Heights of the canopy above ground, of the same shape; 0 if there is no canopy. It must be
    /// there if [`crate::Params::canopy`] is set, and only then. Values that are negative or not
    /// finite also mean no canopy.
    pub canopy: Option<ArrayView2<'a, f32>>,
    /// Heights of the bottoms of crowns above ground, in the same way, for
    /// [`crate::Trunk::Heights`].
    pub trunk: Option<ArrayView2<'a, f32>>,
    /// Which receivers are wanted, without a halo; the others get NaN. It must be there if the
    /// kernel is a [`crate::Kernel::choosing`] one, and only then.
    pub wanted: Option<ArrayView2<'a, bool>>,
    /// Row of the raster with the first receivers. On a geographic grid, it and the rows of all
    /// other receivers must be in [`crate::Graticule::rows`].
    pub row: u64,
    /// Column of the raster with the first receivers. It and `row` matter for a
    /// [`crate::Kernel::on_raster`], and for a [`crate::Search::Cascade`], whose blocks are counted from the
    /// raster's first cell.
    pub col: u64,
    /// [`crate::Kernel::largest`] of these heights, or of a larger area. It is for parts of a
    /// tile, so that not every part must find it. If it is too small, horizons can be wrong by
    /// the rounding of f32.
    pub largest: Option<f32>,
}

impl<'a> Tile<'a> {
    /// A tile without vegetation, all of whose receivers are wanted, in the first columns of the
    /// raster.
    pub fn of(heights: ArrayView2<'a, f32>, row: u64) -> Self {
        Self { heights, canopy: None, trunk: None, wanted: None, row, col: 0, largest: None }
    }

    /// The receivers from a row and column on, this number of rows and columns, with their halo.
    pub fn part(
        &self,
        halo: Halo,
        (row, col): (usize, usize),
        (rows, cols): (usize, usize),
    ) -> Self {
        let (padded_rows, padded_cols) = halo.padded(rows, cols);
        let part = |layer: ArrayView2<'a, f32>| -> ArrayView2<'a, f32> {
            layer.slice_move(s![row..row + padded_rows, col..col + padded_cols])
        };
        Self {
            heights: part(self.heights),
            canopy: self.canopy.map(part),
            trunk: self.trunk.map(part),
            wanted: self.wanted.map(|w| w.slice_move(s![row..row + rows, col..col + cols])),
            row: self.row + row as u64,
            col: self.col + col as u64,
            largest: self.largest,
        }
    }

    /// The receivers, this number of rows and columns.
    pub(crate) fn window(&self, (rows, cols): (usize, usize)) -> Window {
        Window { row: self.row, col: self.col, rows: rows as u64, cols: cols as u64 }
    }

    /// Heights, canopy and trunks, if they exist.
    pub(crate) fn layers(&self) -> impl Iterator<Item = ArrayView2<'a, f32>> {
        [Some(self.heights), self.canopy, self.trunk].into_iter().flatten()
    }
}
