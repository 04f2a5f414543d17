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

use ndarray::ArrayView2;

use crate::ray::{DiscreteRay, MOST_SPREAD};
use crate::segments::{RADIX_LOG2, SEGMENT_ROWS, segment_rows};
use crate::simd::{Lanes, prefetch};

/// Receivers side by side in a sheared block: a multiple of every level's vector.
pub(crate) const SHEARED_COLS: usize = 32;
/// Extra columns before the first receiver, and after the last one.
pub(crate) const SHEARED_PAD: usize = MOST_SPREAD.cast_unsigned();
/// Floats from row to row of a sheared block.
pub(crate) const SHEARED_STRIDE: usize = SHEARED_COLS + 2 * SHEARED_PAD;

/// A block of receivers in a tile with its halo.
#[derive(Clone, Copy)]
pub(crate) struct ReceiverBlock<'a> {
    /// The tile with its halo: rows of adjacent cells.
    pub heights: ArrayView2<'a, f32>,
    /// Row and column of the first receiver in it.
    pub first: (usize, usize),
    /// Rows and columns of receivers.
    pub receivers: (usize, usize),
}

impl ReceiverBlock<'_> {
    /// Receivers along the ray and across it.
    pub fn extent(&self, ray: &DiscreteRay) -> (usize, usize) {
        let (rows, cols) = self.receivers;
        if ray.along_rows { (rows, cols) } else { (cols, rows) }
    }
}

/// Heights that neighbouring receivers see on a ray.
#[derive(Default)]
pub(crate) struct ShearedBlock {
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

impl ShearedBlock {
    /// Bytes of a sheared block of this many rows.
    pub fn bytes(rows: usize) -> u64 {
        let segments = 2 * rows.div_ceil(SEGMENT_ROWS);
        let floats = rows * SHEARED_STRIDE + segments * SHEARED_COLS + CHUNK * TRANSPOSED_STRIDE;
        (floats * size_of::<f32>()) as u64
    }

    /// Collects the heights for the receivers whose place across, minus `F` of their place along,
    /// is one of the [`SHEARED_COLS`] numbers from `across` on.
    pub fn fill(&mut self, receivers: &ReceiverBlock<'_>, ray: &DiscreteRay, across: isize) {
        let (along_px, _) = receivers.extent(ray);
        let rows = along_px + ray.steps.len();
        self.heights.resize(rows * SHEARED_STRIDE, f32::NAN);
        let (first_row, first_col) =
            (receivers.first.0.cast_signed(), receivers.first.1.cast_signed());
        let place = |m: usize| {
            if ray.backward {
                (along_px - 1).cast_signed() - m.cast_signed()
            } else {
                m.cast_signed()
            }
        };
        let (into, _) = self.heights.as_chunks_mut::<SHEARED_STRIDE>();
        if ray.along_rows {
            for (m, (into, shift)) in into.iter_mut().zip(&ray.shift).enumerate() {
                let from = first_col + across + shift - MOST_SPREAD;
                let soon = first_row + place(m + FETCH_AHEAD);
                fetch(receivers.heights, soon, from, SHEARED_STRIDE);
                *into = heights_at(receivers.heights, first_row + place(m), from);
            }
            return;
        }
        self.transposed.resize(CHUNK * TRANSPOSED_STRIDE, f32::NAN);
        for m in (0..rows).step_by(CHUNK) {
            let chunk = CHUNK.min(rows - m);
            let shifts = &ray.shift[m..m + chunk];
            let lowest = shifts[0].min(shifts[chunk - 1]);
            let highest = shifts[0].max(shifts[chunk - 1]);
            let height = (highest - lowest).cast_unsigned() + SHEARED_STRIDE;
            let left = first_col + place(m).min(place(m + chunk - 1));
            let top = first_row + across + lowest - MOST_SPREAD;
            for y in 0..height {
                fetch(receivers.heights, top + (y + FETCH_AHEAD).cast_signed(), left, CHUNK);
                let heights: [f32; CHUNK] =
                    heights_at(receivers.heights, top + y.cast_signed(), left);
                for (e, z) in heights.into_iter().enumerate() {
                    self.transposed[e * TRANSPOSED_STRIDE + y] = z;
                }
            }
            for (e, shift) in shifts.iter().enumerate() {
                let column = if ray.backward { chunk - 1 - e } else { e };
                let from = column * TRANSPOSED_STRIDE + (shift - lowest).cast_unsigned();
                into[m + e].copy_from_slice(&self.transposed[from..from + SHEARED_STRIDE]);
            }
        }
    }

    /// Turns the surface upside down.
    #[inline(always)]
    pub fn invert(&mut self) {
        for z in &mut self.heights {
            *z = -*z;
        }
    }

    /// Finds the highest cell of each segment, and adds `margin`.
    ///
    /// # Safety
    /// The processor has the instructions of `V`.
    #[inline(always)]
    pub unsafe fn raise<V: Lanes>(&mut self, ray: &DiscreteRay, margin: f32) {
        let rows = self.heights.len() / SHEARED_STRIDE;
        self.levels.clear();
        let mut segments = 0;
        let mut level = 0;
        loop {
            self.levels.push(segments);
            let of_level = rows.div_ceil(segment_rows(level));
            segments += of_level;
            if of_level <= 1 {
                break;
            }
            level += 1;
        }
        self.highest.resize(segments * SHEARED_COLS, 0.0);
        // SAFETY: passed on to the caller.
        unsafe {
            self.raise_lowest::<V>(rows, ray, margin);
            for level in 1..self.levels.len() {
                self.raise_level::<V>(level, segments);
            }
        }
    }

    /// Finds the highest cells of the segments of the lowest level, in all columns that the ray
    /// spreads over.
    ///
    /// # Safety
    /// The block has this many rows, `highest` has room, and the processor has the
    /// instructions of `V`.
    #[inline(always)]
    unsafe fn raise_lowest<V: Lanes>(&mut self, rows: usize, ray: &DiscreteRay, margin: f32) {
        // SAFETY: rows of heights are SHEARED_STRIDE long, those of `highest` SHEARED_COLS;
        // rays do not spread beyond the extra columns on both sides.
        unsafe {
            let none = V::splat(f32::NEG_INFINITY);
            let margin = V::splat(margin);
            for segment in 0..rows.div_ceil(SEGMENT_ROWS) {
                let of_segment = segment * SEGMENT_ROWS..rows.min((segment + 1) * SEGMENT_ROWS);
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
            for segment in from..end {
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
