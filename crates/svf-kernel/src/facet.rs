//! The plane that a receiver stands on: slope and aspect from its four
//! neighbours (central differences, Zevenbergen & Thorne 1987).
//!
//! Where a neighbour is missing, at the raster's edge or beside NoData, the
//! difference to the other one counts; where both are, the surface is taken to be
//! level along that axis.

use ndarray::ArrayView2;

use crate::horizon::{STEEPEST, STRIP_COLS};
use crate::params::CellSize;

/// The planes of a strip of receivers: how much the surface rises per ground
/// unit. Empty when no measure needs them.
pub(crate) struct Facets {
    /// Rise eastwards.
    pub east: Vec<f32>,
    /// Rise northwards.
    pub north: Vec<f32>,
}

impl Facets {
    pub fn new(cells: usize) -> Self {
        Self { east: vec![0.0; cells], north: vec![0.0; cells] }
    }

    /// Rise eastwards and northwards of the receivers of a row.
    pub fn row(&self, row: usize) -> impl Iterator<Item = (f32, f32)> {
        let from = row * STRIP_COLS;
        self.east[from..].iter().copied().zip(self.north[from..].iter().copied())
    }

    /// Measures the planes of a strip. `around` are its heights with one more cell
    /// on each side; `cells` the cell size of all rows, or of each.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "the kernel works in f32")]
    pub fn measure(&mut self, around: ArrayView2<'_, f32>, cells: &[CellSize], z_factor: f64) {
        let (rows, cols) = (around.nrows() - 2, around.ncols() - 2);
        for row in 0..rows {
            let cell = cells[if cells.len() == 1 { 0 } else { row }];
            let (per_east, per_north) =
                ((z_factor / cell.east) as f32, (-z_factor / cell.south) as f32);
            let (above, here, below) = (around.row(row), around.row(row + 1), around.row(row + 2));
            let from = row * STRIP_COLS;
            for col in 0..cols {
                let z = here[col + 1];
                self.east[from + col] = rise(here[col], z, here[col + 2]) * per_east;
                // Rows run south: below is one step against north.
                self.north[from + col] = rise(above[col + 1], z, below[col + 1]) * per_north;
            }
            for rise in
                self.east[from..from + cols].iter_mut().chain(&mut self.north[from..from + cols])
            {
                *rise = rise.clamp(-STEEPEST, STEEPEST);
            }
        }
    }
}

/// Rise from cell to cell through a receiver, from the cells before and after it.
#[inline(always)]
fn rise(before: f32, z: f32, after: f32) -> f32 {
    let (back, on) = (z - before, after - z);
    let back_or_on = if back.is_nan() { on } else { back };
    let on_or_back = if on.is_nan() { back } else { on };
    let rise = 0.5 * (back_or_on + on_or_back);
    if rise.is_nan() { 0.0 } else { rise }
}

/// Cosine of the slope of a plane.
#[inline(always)]
pub(crate) fn cos_slope(east: f32, north: f32) -> f32 {
    1.0 / (1.0 + east * east + north * north).sqrt()
}
