//! Heights along one direction, shifted until sight lines are vertical, and the highest cells of
//! segments.
//!
//! A *sheared block* contains the heights that neighbouring receivers see on a discrete ray
//! ([`crate::ray`]). Each row is shifted so that sight lines go straight down. It fits into the
//! cache of a core:
//!
//! ```text
//!   raster, azimuth 200 deg      block: row m, column x = cell (m, v + F(m) + x - 4)
//!     R R R R                      R R R R      receivers of row i, x = u + 4
//!      \ \ \ \                     | | | |      F(m) = floor(m * slope)
//!       \ \ \ \                    | | | |
//!        o o o o                   o o o o      sample k: row i + k, x = u + 3 .. u + 5
//! ```
//!
//! For each segment of its rows ([`crate::segments`]) and each receiver, it has the highest cell
//! that a sample can use. With it, [`mod@crate::far`] skips segments that cannot raise a horizon.

use std::ops::Range;

use ndarray::ArrayView2;

use crate::ray::{DiscreteRay, MOST_SPREAD};
use crate::segments::{RADIX_LOG2, SEGMENT_ROWS, segment_rows};
use crate::simd::{Lanes, SimdLevel, at_level, prefetch, transpose};

/// Receivers side by side in a sheared block: a multiple of every level's vector.
pub(crate) const SHEARED_COLS: usize = 32;
/// Extra columns before the first receiver, and after the last one.
pub(crate) const SHEARED_PAD: usize = MOST_SPREAD.cast_unsigned();
/// Floats from row to row of a sheared block.
pub(crate) const SHEARED_STRIDE: usize = SHEARED_COLS + 2 * SHEARED_PAD;

/// A block of receivers in a tile with its halo.
#[derive(Clone, Copy)]
pub(crate) struct ReceiverBlock<'a> {
    /// The part of the tile, with its halo, that can have heights: rows of adjacent cells.
    pub heights: ArrayView2<'a, f32>,
    /// Row and column of the first receiver in it.
    pub first: (usize, usize),
    /// Rows and columns of receivers.
    pub receivers: (usize, usize),
}

impl ReceiverBlock<'_> {
    /// Receivers along the ray and across it.
    pub fn extent(&self, ray: &DiscreteRay) -> (usize, usize) {
        along_first(ray, self.receivers)
    }

    /// Rows of the sheared block that its receivers see: from the first row that has any, until their
    /// sight lines end or leave the tile.
    fn rows(&self, ray: &DiscreteRay, left: isize) -> Range<usize> {
        let (along, across) = self.extent(ray);
        let has_receivers = |row: &usize| !columns(left + ray.shift[*row], across).is_empty();
        let Some(start) = (0..along).find(has_receivers) else { return 0..0 };
        let last = (start..along).rfind(has_receivers).unwrap_or(start);
        let (first, first_across) = along_first(ray, self.first);
        let (cells, cells_across) = along_first(ray, self.heights.dim());
        let ahead = if ray.backward { first + along } else { cells - first };
        let shifts = &ray.shift[start..ahead.min(last + 1 + ray.steps.len())];
        let to_right = shifts.first() < shifts.last();
        let inside = shifts.partition_point(|shift| {
            let from = first_across.cast_signed() + left + shift - MOST_SPREAD;
            if to_right {
                from < cells_across.cast_signed()
            } else {
                from + SHEARED_STRIDE.cast_signed() > 0
            }
        });
        start..start + inside
    }
}

/// Of rows and columns, the number along the ray, and that across it.
fn along_first(ray: &DiscreteRay, (rows, cols): (usize, usize)) -> (usize, usize) {
    if ray.along_rows { (rows, cols) } else { (cols, rows) }
}

/// The columns of a sheared block that have receivers, in a row whose first column is `first` cells
/// across from the first of the `across` receivers.
#[inline(always)]
pub(crate) fn columns(first: isize, across: usize) -> Range<usize> {
    let within = |col: isize| col.clamp(0, SHEARED_COLS.cast_signed()).cast_unsigned();
    within(-first)..within(across.cast_signed() - first)
}

/// Heights that neighbouring receivers see on a ray.
#[derive(Default)]
pub(crate) struct ShearedBlock {
    /// Rows that have been filled: all that its receivers see.
    pub rows: Range<usize>,
    /// Rows of [`SHEARED_STRIDE`] floats; NaN where a height is missing or unknown.
    pub heights: Vec<f32>,
    /// Highest cell of each segment and receiver, in rows of [`SHEARED_COLS`].
    pub highest: Vec<f32>,
    /// First row of each level in `highest`.
    pub levels: Vec<usize>,
    /// A chunk of rows that were read as columns.
    transposed: Vec<f32>,
}

/// Rows are prefetched when the row this many rows before them is copied.
const FETCH_AHEAD: usize = 12;
/// Rows that are transposed together.
const CHUNK: usize = 16;
/// Maximum columns that they spread over.
const TRANSPOSED_STRIDE: usize = SHEARED_STRIDE + CHUNK;
/// Rows of the tile that become columns together.
const SQUARE: usize = 4;

impl ShearedBlock {
    /// Bytes of a sheared block of this many rows.
    pub fn bytes(rows: usize) -> u64 {
        let segments = 2 * rows.div_ceil(SEGMENT_ROWS);
        let floats = rows * SHEARED_STRIDE + segments * SHEARED_COLS + CHUNK * TRANSPOSED_STRIDE;
        (floats * size_of::<f32>()) as u64
    }

    /// Collects the heights for the receivers whose place across, minus `F` of their place along,
    /// is one of the [`SHEARED_COLS`] numbers from `left` on.
    pub fn fill(
        &mut self,
        level: SimdLevel,
        receivers: &ReceiverBlock<'_>,
        ray: &DiscreteRay,
        left: isize,
    ) {
        self.rows = receivers.rows(ray, left);
        if self.heights.len() < self.rows.end * SHEARED_STRIDE {
            self.heights.resize(self.rows.end * SHEARED_STRIDE, f32::NAN);
        }
        self.transposed.resize(CHUNK * TRANSPOSED_STRIDE, f32::NAN);
        let block = self;
        at_level!(
            level,
            ShearedBlock::fill_here,
            block: &mut ShearedBlock,
            receivers: &ReceiverBlock<'_>,
            ray: &DiscreteRay,
            left: isize,
        );
    }

    #[inline(always)]
    fn fill_here(&mut self, receivers: &ReceiverBlock<'_>, ray: &DiscreteRay, left: isize) {
        let tile = receivers.heights;
        let (first_row, first_col) =
            (receivers.first.0.cast_signed(), receivers.first.1.cast_signed());
        let (along, _) = receivers.extent(ray);
        let place = |m: usize| {
            let m = m.cast_signed();
            if ray.backward { along.cast_signed() - 1 - m } else { m }
        };
        let (into, _) = self.heights.as_chunks_mut::<SHEARED_STRIDE>();
        if ray.along_rows {
            for m in self.rows.clone() {
                let from = first_col + left + ray.shift[m] - MOST_SPREAD;
                fetch(tile, first_row + place(m + FETCH_AHEAD), from, SHEARED_STRIDE);
                into[m] = heights_at(tile, first_row + place(m), from);
            }
            return;
        }
        for m in self.rows.clone().step_by(CHUNK) {
            let chunk = CHUNK.min(self.rows.end - m);
            let shifts = &ray.shift[m..m + chunk];
            let lowest = shifts[0].min(shifts[chunk - 1]);
            let highest = shifts[0].max(shifts[chunk - 1]);
            let top = first_row + left + lowest - MOST_SPREAD;
            let height = (highest - lowest).cast_unsigned() + SHEARED_STRIDE;
            let from = first_col + place(m).min(place(m + chunk - 1));
            let (transposed, _) = self.transposed.as_chunks_mut::<SQUARE>();
            for y in (0..height).step_by(SQUARE) {
                let mut rows = [[f32::NAN; CHUNK]; SQUARE];
                for (row, at) in rows.iter_mut().zip(top + y.cast_signed()..) {
                    fetch(tile, at + FETCH_AHEAD.cast_signed(), from, CHUNK);
                    *row = heights_at(tile, at, from);
                }
                let parts = rows.each_ref().map(|row| row.as_chunks::<SQUARE>().0);
                for e in 0..CHUNK / SQUARE {
                    let square = transpose(parts.map(|parts| parts[e]));
                    for (column, heights) in (e * SQUARE..).zip(square) {
                        transposed[(column * TRANSPOSED_STRIDE + y) / SQUARE] = heights;
                    }
                }
            }
            for (e, shift) in shifts.iter().enumerate() {
                let column = if ray.backward { chunk - 1 - e } else { e };
                let from = column * TRANSPOSED_STRIDE + (shift - lowest).cast_unsigned();
                let heights = self.transposed[from..].first_chunk();
                into[m + e] = *heights.expect("a row of a chunk is as long as that of a block");
            }
        }
    }

    /// Turns the surface upside down.
    #[inline(always)]
    pub fn invert(&mut self) {
        let rows = self.rows.start * SHEARED_STRIDE..self.rows.end * SHEARED_STRIDE;
        for z in &mut self.heights[rows] {
            *z = -*z;
        }
    }

    /// Finds the highest cell of each segment, and adds `margin`.
    ///
    /// # Safety
    /// The processor has the instructions of `V`.
    #[inline(always)]
    pub unsafe fn raise<V: Lanes>(&mut self, ray: &DiscreteRay, margin: f32) {
        self.levels.clear();
        let mut segments = 0;
        let mut level = 0;
        loop {
            self.levels.push(segments);
            let of_level = self.rows.end.div_ceil(segment_rows(level));
            segments += of_level;
            if of_level <= 1 {
                break;
            }
            level += 1;
        }
        self.highest.resize(segments * SHEARED_COLS, 0.0);
        // SAFETY: passed on to the caller.
        unsafe {
            self.raise_lowest::<V>(ray, margin);
            for level in 1..self.levels.len() {
                self.raise_level::<V>(level, segments);
            }
        }
    }

    /// Finds the highest cells of the segments of the lowest level, in all columns that the ray
    /// spreads over.
    ///
    /// # Safety
    /// The rows have been filled, `highest` has room, and the processor has the instructions of
    /// `V`.
    #[inline(always)]
    unsafe fn raise_lowest<V: Lanes>(&mut self, ray: &DiscreteRay, margin: f32) {
        // SAFETY: rows of heights are SHEARED_STRIDE long, those of `highest` SHEARED_COLS;
        // rays do not spread beyond the extra columns on both sides.
        unsafe {
            let none = V::splat(f32::NEG_INFINITY);
            let margin = V::splat(margin);
            let Range { start, end } = self.rows;
            for segment in start / SEGMENT_ROWS..end.div_ceil(SEGMENT_ROWS) {
                let of_segment = segment * SEGMENT_ROWS..end.min((segment + 1) * SEGMENT_ROWS);
                // For receivers of the first row, the spread is largest in its last row.
                let (left, right) = ray.spread(of_segment.end - 1);
                for x in (0..SHEARED_COLS).step_by(V::N) {
                    let mut highest = none;
                    for m in of_segment.clone() {
                        let z = self.heights.as_ptr().add(m * SHEARED_STRIDE + SHEARED_PAD + x);
                        // A NaN on the left does not change the value.
                        highest = V::load(z).max(highest);
                        if (left, right) != (0, 0) {
                            highest = V::load(z.sub(1)).max(highest);
                            highest = V::load(z.add(1)).max(highest);
                            for beside in left..-1 {
                                highest = V::load(z.offset(beside)).max(highest);
                            }
                            for beside in 2..=right {
                                highest = V::load(z.offset(beside)).max(highest);
                            }
                        }
                    }
                    highest
                        .add(margin)
                        .store(self.highest.as_mut_ptr().add(segment * SHEARED_COLS + x));
                }
            }
        }
    }

    /// Finds the highest cells of the segments of a level from those of the level below.
    ///
    /// # Safety
    /// `highest` has room for all `segments`, and the processor has the instructions of `V`.
    #[inline(always)]
    unsafe fn raise_level<V: Lanes>(&mut self, level: usize, segments: usize) {
        let (below, from, end) = (
            self.levels[level - 1],
            self.levels[level],
            self.levels.get(level + 1).copied().unwrap_or(segments),
        );
        // SAFETY: rows of `highest` are SHEARED_COLS long.
        unsafe {
            let none = V::splat(f32::NEG_INFINITY);
            for segment in from + self.rows.start / segment_rows(level)..end {
                let first = below + ((segment - from) << RADIX_LOG2);
                let last = (first + (1 << RADIX_LOG2)).min(from);
                for x in (0..SHEARED_COLS).step_by(V::N) {
                    let mut highest = none;
                    for part in first..last {
                        let part = self.highest.as_ptr().add(part * SHEARED_COLS + x);
                        highest = V::load(part).max(highest);
                    }
                    highest.store(self.highest.as_mut_ptr().add(segment * SHEARED_COLS + x));
                }
            }
        }
    }
}

/// Prefetches cells of a row that will be copied soon. Each row is in another page of memory, far
/// from the row before, so processors do not predict it.
#[inline(always)]
fn fetch(heights: ArrayView2<'_, f32>, row: isize, from: isize, cells: usize) {
    // The address can be outside the tile: nothing is read, and a wrong address is ignored.
    prefetch(heights.as_ptr().wrapping_offset(row * heights.strides()[0] + from), cells);
}

/// Heights of a row from column `from` on; NaN where the tile has none.
#[inline(always)]
fn heights_at<const N: usize>(tile: ArrayView2<'_, f32>, row: isize, from: isize) -> [f32; N] {
    let mut heights = [f32::NAN; N];
    let inside = 0 <= row && row < tile.nrows().cast_signed();
    if !inside {
        return heights;
    }
    let row = tile.row(row.cast_unsigned()).to_slice().unwrap_or_default();
    let whole = usize::try_from(from).ok().and_then(|from| row.get(from..));
    if let Some(whole) = whole.and_then(<[f32]>::first_chunk) {
        return *whole;
    }
    for (col, z) in (from..).zip(&mut heights) {
        *z = usize::try_from(col).ok().and_then(|col| row.get(col).copied()).unwrap_or(f32::NAN);
    }
    heights
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::params::{CellSize, Params};

    #[test]
    fn rows_are_those_that_receivers_see_in_the_tile() {
        let tile = Array2::zeros((110, 90));
        let block = ReceiverBlock { heights: tile.view(), first: (30, 20), receivers: (40, 40) };
        let rows = |direction: u32, radius: f64, left: isize| {
            let (params, cell) = (Params::new(radius, 8), CellSize::square(1.0));
            let ray = DiscreteRay::lay_out(&params, cell, direction, 40, false).unwrap();
            block.rows(&ray, left)
        };
        // South: up to the last sample, or to the last row of the tile. There are 80 from row 30 on.
        assert_eq!(rows(4, 25.0, 0), 0..65);
        assert_eq!(rows(4, 1000.0, 0), 0..80);
        // North, from row 69 on; west, from column 59 on.
        assert_eq!(rows(0, 1000.0, 32), 0..70);
        assert_eq!(rows(6, 1000.0, 0), 0..60);
        // South-east: column 0 of the receivers is the last one of the block in row 1. Row 69 of the block
        // begins 4 columns before column 37 of the receivers, 20 columns from the left.
        assert_eq!(rows(3, 1000.0, -32), 1..80);
        assert_eq!(rows(3, 1000.0, 8), 0..66);
        // Receivers end in column 40.
        assert_eq!(rows(3, 25.0 * 2.0_f64.sqrt(), 32), 0..8 + 25);
        assert_eq!(rows(3, 25.0, 40), 0..0);
    }
}
