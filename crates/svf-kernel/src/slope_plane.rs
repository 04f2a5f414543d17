//! Slope planes: slope and aspect of the plane that a receiver stands on, from its four
//! neighbours (central differences, Zevenbergen & Thorne 1987).
//!
//! If a neighbour is missing, at the edge of the raster or next to NoData, the difference to the
//! other neighbour is used. If both are missing, the plane is level along this axis.

use std::ops::Range;

use ndarray::ArrayView2;

use crate::angles::exact_angle;
use crate::measures::SearchOptions;
use crate::params::{CellSize, Params};
use crate::strip::{Place, Row, STEEPEST, STRIP_COLS};

/// The slope planes of a strip of receivers: how much the surface rises per ground unit, and its
/// angles. Arrays that no measure needs are empty.
pub(crate) struct SlopePlanes {
    /// Rise eastwards.
    pub east: Vec<f32>,
    /// Rise northwards.
    pub north: Vec<f32>,
    /// Slope in degrees.
    slope_deg: Vec<f32>,
    /// Aspect in degrees, NaN if the plane is level.
    aspect_deg: Vec<f32>,
}

impl SlopePlanes {
    /// Bytes of the angles of each receiver.
    pub const ANGLE_BYTES: usize = 2 * size_of::<f32>();

    pub fn new(receivers: usize, options: SearchOptions) -> Self {
        let array = |wanted: bool| vec![0.0; if wanted { receivers } else { 0 }];
        let [east, north] = [(); 2].map(|()| array(options.slope_planes));
        let [slope_deg, aspect_deg] = [(); 2].map(|()| array(options.slope_angles));
        Self { east, north, slope_deg, aspect_deg }
    }

    /// Rise eastwards and northwards of the receivers of a row.
    #[inline(always)]
    pub fn row(&self, row: usize) -> (&Row, &Row) {
        (&self.east.as_chunks().0[row], &self.north.as_chunks().0[row])
    }

    /// Slope and aspect of the receivers of a row, degrees.
    #[inline(always)]
    pub fn angles(&self, row: usize) -> (&Row, &Row) {
        (&self.slope_deg.as_chunks().0[row], &self.aspect_deg.as_chunks().0[row])
    }

    /// Computes the slope planes of a strip. `around` has its heights with one more cell on each
    /// side, in rows of adjacent cells; `cell_sizes` has one size for all rows, or one for each
    /// row.
    #[inline(always)]
    pub fn measure(
        &mut self,
        around: ArrayView2<'_, f32>,
        cell_sizes: &[CellSize],
        params: &Params,
    ) {
        let (rows, cols) = (around.nrows() - 2, around.ncols() - 2);
        let line = |row: usize| around.row(row).to_slice().unwrap_or_default();
        for row in 0..rows {
            let cell = cell_sizes[if cell_sizes.len() == 1 { 0 } else { row }];
            let (above, here, below) = (line(row), line(row + 1), line(row + 2));
            let of_row = row * STRIP_COLS..row * STRIP_COLS + cols;
            let along_row = [here, &here[1..], &here[2..]];
            let along_col = [&above[1..], &here[1..], &below[1..]];
            self.put(of_row, (cell, params), along_row, along_col);
        }
    }

    /// The same for receivers at some places, in rows of a strip, counted from a row and column of
    /// the heights.
    #[inline(always)]
    pub fn measure_at(
        &mut self,
        heights: ArrayView2<'_, f32>,
        (row, col): (usize, usize),
        places: &[[Place; STRIP_COLS]],
        cell: CellSize,
        params: &Params,
    ) {
        for (at_row, places) in places.iter().enumerate() {
            // Relative to the cell above and left of it.
            let beside = |down: usize, right: usize| -> Row {
                places.map(|p| heights[(row + p.row + down - 1, col + p.col + right - 1)])
            };
            let here = beside(1, 1);
            let (before, after) = (beside(1, 0), beside(1, 2));
            let (above, below) = (beside(0, 1), beside(2, 1));
            let of_row = at_row * STRIP_COLS..(at_row + 1) * STRIP_COLS;
            let along_row = [&before[..], &here, &after];
            self.put(of_row, (cell, params), along_row, [&above, &here, &below]);
        }
    }

    /// Writes the slope planes of receivers, from the cells before them, their own, and those after
    /// them along the row and along the column.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "the kernel works in f32")]
    fn put(
        &mut self,
        of_row: Range<usize>,
        (cell, params): (CellSize, &Params),
        along_row: [&[f32]; 3],
        along_col: [&[f32]; 3],
    ) {
        if !self.east.is_empty() {
            let per_east = (params.z_factor / cell.east) as f32;
            // Rows run south: below is one step against north.
            let per_north = (-params.z_factor / cell.south) as f32;
            rises(&mut self.east[of_row.clone()], per_east, along_row);
            rises(&mut self.north[of_row.clone()], per_north, along_col);
        }
        if !self.slope_deg.is_empty() {
            let angles = (&mut self.slope_deg[of_row.clone()], &mut self.aspect_deg[of_row]);
            put_angles(angles, (cell, params), along_row, along_col);
        }
    }
}

/// Writes slope and aspect of receivers, from the cells before them, their own, and those after
/// them along the row and along the column.
///
/// This is in f64, in the same steps as the reference, and the plane can be as steep or as flat
/// as f64 can tell: f32 would lose the aspect of both.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "results are f32 by definition")]
fn put_angles(
    (slopes, aspects): (&mut [f32], &mut [f32]),
    (cell, params): (CellSize, &Params),
    along_row: [&[f32]; 3],
    along_col: [&[f32]; 3],
) {
    let rise = |[before, here, after]: [&[f32]; 3], i: usize| {
        exact_rise(before[i].into(), here[i].into(), after[i].into())
    };
    for (i, (slope, aspect)) in slopes.iter_mut().zip(aspects).enumerate() {
        let east = rise(along_row, i) * params.z_factor / cell.east;
        let north = -rise(along_col, i) * params.z_factor / cell.south;
        *slope = exact_angle(1.0, (east * east + north * north).sqrt()).to_degrees() as f32;
        *aspect = azimuth(exact_angle(-north, -east).to_degrees() - params.north_deg);
    }
}

/// An angle as an azimuth: 0 or more, and less than 360 also after it is rounded to f32. NaN stays
/// NaN, always with the same bits.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "results are f32 by definition")]
fn azimuth(degrees: f64) -> f32 {
    let azimuth = (degrees - 360.0 * (degrees / 360.0).floor()) as f32;
    // Avoids a negative zero.
    let azimuth = if azimuth >= 360.0 { 0.0 } else { azimuth + 0.0 };
    if azimuth.is_nan() { f32::NAN } else { azimuth }
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

/// [`rise`] without rounding, as far as f64 goes.
#[inline(always)]
fn exact_rise(before: f64, z: f64, after: f64) -> f64 {
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
