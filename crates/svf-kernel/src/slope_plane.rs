//! Slope planes: slope and aspect of the plane that a receiver stands on, from its four
//! neighbours (central differences, Zevenbergen & Thorne 1987).
//!
//! If a neighbour is missing, at the edge of the raster or next to NoData, the difference to the
//! other neighbour is used. If both are missing, the plane is level along this axis.

use ndarray::ArrayView2;

use crate::params::CellSize;
use crate::strip::{Row, STEEPEST, STRIP_COLS};

/// The slope planes of a strip of receivers: how much the surface rises per ground unit. Empty if
/// no measure needs them.
pub(crate) struct SlopePlanes {
    /// Rise eastwards.
    pub east: Vec<f32>,
    /// Rise northwards.
    pub north: Vec<f32>,
}

impl SlopePlanes {
    pub fn new(receivers: usize) -> Self {
        Self { east: vec![0.0; receivers], north: vec![0.0; receivers] }
    }

    /// Rise eastwards and northwards of the receivers of a row.
    #[inline(always)]
    pub fn row(&self, row: usize) -> (&Row, &Row) {
        (&self.east.as_chunks().0[row], &self.north.as_chunks().0[row])
    }

    /// Computes the slope planes of a strip. `around` has its heights with one more cell on each
    /// side, in rows of adjacent cells; `cell_sizes` has one size for all rows, or one for each
    /// row.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "the kernel works in f32")]
    pub fn measure(&mut self, around: ArrayView2<'_, f32>, cell_sizes: &[CellSize], z_factor: f64) {
        let (rows, cols) = (around.nrows() - 2, around.ncols() - 2);
        let line = |row: usize| around.row(row).to_slice().unwrap_or_default();
        for row in 0..rows {
            let cell = cell_sizes[if cell_sizes.len() == 1 { 0 } else { row }];
            let per_east = (z_factor / cell.east) as f32;
            // Rows run south: below is one step against north.
            let per_north = (-z_factor / cell.south) as f32;
            let (above, here, below) = (line(row), line(row + 1), line(row + 2));
            let of_row = row * STRIP_COLS..row * STRIP_COLS + cols;
            let (east, north) = (&mut self.east[of_row.clone()], &mut self.north[of_row]);
            rises(east, per_east, [here, &here[1..], &here[2..]]);
            rises(north, per_north, [&above[1..], &here[1..], &below[1..]]);
        }
    }
}

/// Rises through receivers, from the cells before them, their own, and those after them.
#[inline(always)]
fn rises(rises: &mut [f32], per_unit: f32, [before, here, after]: [&[f32]; 3]) {
    let heights = before.iter().zip(here).zip(after);
    for (to, ((&before, &z), &after)) in rises.iter_mut().zip(heights) {
        *to = (rise(before, z, after) * per_unit).clamp(-STEEPEST, STEEPEST);
    }
}

/// Rise from cell to cell through a receiver, from the cells before and after it.
#[inline(always)]
fn rise(before: f32, z: f32, after: f32) -> f32 {
    // The height of the receiver is not used here: next to a deep drop, the difference of the
    // neighbours would lose digits.
    let both = 0.5 * (after - before);
    let (back, on) = (z - before, after - z);
    let one = if back.is_nan() { on } else { back };
    let rise = if both.is_nan() { one } else { both };
    if rise.is_nan() { 0.0 } else { rise }
}

/// Cosine of the slope of a slope plane.
#[inline(always)]
pub(crate) fn cos_slope(east: f32, north: f32) -> f32 {
    1.0 / (1.0 + east * east + north * north).sqrt()
}
