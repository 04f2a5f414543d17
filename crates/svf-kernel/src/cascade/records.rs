//! What the nodes of a level see, and how it is handed down to nodes of the level below and to
//! receivers.
//!
//! The horizon of a node is a function of the height of the receiver: the larger of two lines. Slopes
//! are kept at a height of the node itself, so that rounding depends on the relief.

use crate::cascade::buffer::Buffer;
use crate::cascade::pyramid::AFTER_ROW;
use crate::cascade::rule::RADIX;
use crate::simd::pairs::PairLanes;
use crate::simd::prefetch;

/// The numbers of a record: the height of the node, and for each of the two lines the slope at this
/// height and the fall per height.
pub(super) const NUMBERS: usize = 5;
const LOW: usize = 0;
/// Slopes of the two lines; their falls come next.
const LINES: [usize; 2] = [1, 3];

/// Records whose first numbers are side by side, followed by their second numbers, ...: neighbours
/// are read together, so they are stored together.
const GROUP: usize = 16;

/// Records of the nodes of a level.
#[derive(Debug, Default)]
pub(super) struct Records {
    numbers: Buffer,
    /// Row of nodes of the first row, and line of its first record.
    pub first: (i64, i64),
    rows: usize,
    stride: usize,
}

impl Records {
    /// Floats that are held.
    #[cfg(test)]
    pub fn held(&self) -> usize {
        self.numbers.held()
    }

    /// Makes space for this many rows and lines from a node on.
    pub fn fit(&mut self, first: (i64, i64), rows: usize, lines: usize) {
        self.first = first;
        self.rows = rows;
        self.stride = (lines + GROUP).next_multiple_of(GROUP);
        self.numbers.fit(rows * self.stride * NUMBERS);
    }

    /// Where the first number of a record is; the next one is [`GROUP`] floats later.
    #[inline(always)]
    fn place(&self, row: usize, line: usize) -> usize {
        (row * self.stride + line / GROUP * GROUP) * NUMBERS + line % GROUP
    }

    /// Tells the processor that some lines of a row will be read. The row can be missing.
    #[inline(always)]
    pub fn prefetch(&self, p: i64, j: i64, lines: usize) {
        let row = usize::try_from(p - self.first.0).unwrap_or(0);
        let line = usize::try_from(j - self.first.1).unwrap_or(0);
        let first = self.place(row, Self::aligned(line));
        let end = self.place(row, Self::aligned(line + lines) + GROUP);
        prefetch(self.numbers.as_ptr().wrapping_add(first), end - first);
    }

    /// The first line before a line, or this line, from which a vector can be stored.
    pub fn aligned(line: usize) -> usize {
        line / GROUP * GROUP
    }

    /// Stores the records of a vector of nodes.
    ///
    /// # Safety
    /// There is this row, with these lines; the first one is a multiple of the lanes; the processor has
    /// the instructions of `V`.
    #[inline(always)]
    pub unsafe fn store<V: PairLanes>(&mut self, row: usize, line: usize, record: [V; NUMBERS]) {
        debug_assert!(row < self.rows && line + V::N <= self.stride);
        let place = self.place(row, line);
        for (q, number) in record.into_iter().enumerate() {
            // SAFETY: see above.
            unsafe { number.store(self.numbers.as_mut_ptr().add(place + q * GROUP)) };
        }
    }
}

/// A row between two rows of blocks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Between {
    /// The block that it is in.
    pub own: i64,
    /// The nearer of the blocks beside it.
    pub other: i64,
    /// Weight of the other.
    pub weight: f32,
    /// `weight * (1 - weight)`, times the square of the rows of a block.
    pub variance: f32,
    /// How much farther what a node sees is from here, if it is the node of the own block, or that of
    /// the other.
    pub farther: [f32; 2],
}

impl Between {
    /// Twice a row of the frame, which can be between two, the rows of a block, and whether nodes
    /// look backward.
    #[expect(clippy::cast_precision_loss, reason = "blocks of a few thousand rows")]
    pub fn of(twice: i64, side: usize, backward: bool) -> Self {
        let side = side as i64;
        let own = (twice + 1).div_euclid(2 * side);
        // Twice the rows from the centre of the block.
        let off = twice - own * 2 * side - (side - 1);
        let weight = off.unsigned_abs() as f32 / (2 * side) as f32;
        let other = if off < 0 { own - 1 } else { own + 1 };
        let variance = weight * (1.0 - weight) * (side * side) as f32;
        let ahead = if backward { -0.5 } else { 0.5 };
        let to_other = 2 * side * (other - own);
        let farther = [-off, to_other - off].map(|twice| twice as f32 * ahead);
        Self { own, other, weight, variance, farther }
    }
}

/// A row of records between two rows of nodes.
#[derive(Default)]
pub(super) struct RecordRow {
    /// The first number of all records, the second number of all, ...
    numbers: Buffer,
    /// Number of records.
    len: usize,
    /// Number of those before the first one that was asked for.
    before: usize,
    /// From a number of a record to the next.
    stride: usize,
}

impl RecordRow {
    /// Floats that are held.
    #[cfg(test)]
    pub fn held(&self) -> usize {
        self.numbers.held()
    }

    /// Interpolates the records of some lines, given as a place in the rows of `records`, and replaces
    /// those of empty nodes.
    ///
    /// # Safety
    /// The records have both rows, and these lines; the processor has the instructions of `V`.
    #[inline(always)]
    pub unsafe fn interpolate<V: PairLanes>(
        &mut self,
        records: &Records,
        between: Between,
        first: usize,
        len: usize,
    ) {
        let row = |p: i64| usize::try_from(p - records.first.0).unwrap_or(usize::MAX);
        let (own, other) = (row(between.own), row(between.other));
        assert!(own < records.rows && other < records.rows, "{between:?}");
        self.before = first % V::N;
        let (first, len) = (first - self.before, len + self.before);
        assert!(first + len.next_multiple_of(V::N) <= records.stride, "{first}, {len}");
        (self.len, self.stride) = (len, (len + AFTER_ROW).next_multiple_of(GROUP));
        self.numbers.fit(NUMBERS * self.stride);
        let numbers = self.numbers.as_mut_ptr();
        let mut any_empty = false;
        // SAFETY: see above; the arrays are a vector longer than this.
        unsafe {
            let (zero, one, most) = (V::splat(0.0), V::splat(1.0), V::splat(f32::MAX));
            let variance = V::splat(between.variance);
            let weight = V::splat(between.weight);
            let [own_farther, other_farther] = between.farther;
            let (own_farther, other_farther) = (V::splat(own_farther), V::splat(other_farther));
            for i in (0..len).step_by(V::N) {
                let mut a = load::<V>(records, own, first + i);
                let mut b = load::<V>(records, other, first + i);
                let (mut share, mut farther) = (variance, zero);
                let empty = a[LOW].max(b[LOW]);
                let here_empty = V::any_greater(empty, most);
                if here_empty {
                    any_empty = true;
                    share = V::where_greater(empty, most, zero, variance);
                    let (low_a, low_b) = (a[LOW], b[LOW]);
                    farther = V::where_greater(low_a, most, other_farther, farther);
                    farther = V::where_greater(low_b, most, own_farther, farther);
                    for q in 0..NUMBERS {
                        let (of_a, of_b) = (a[q], b[q]);
                        a[q] = V::where_greater(low_a, most, of_b, of_a);
                        b[q] = V::where_greater(low_b, most, of_a, of_b);
                    }
                }
                let higher = a[LOW].sub(b[LOW]);
                a[LOW].store(numbers.add(i));
                for line in LINES {
                    let (slope, fall) = (line, line + 1);
                    let there = b[slope].sub(higher.mul(b[fall]));
                    let mixed = a[slope].add(weight.mul(there.sub(a[slope])));
                    let fall_mixed = a[fall].add(weight.mul(b[fall].sub(a[fall])));
                    let mut share = one.sub(share.mul(fall_mixed).mul(fall_mixed));
                    if here_empty {
                        share = share.div(one.add(farther.mul(fall_mixed)));
                    }
                    mixed.mul(share).store(numbers.add(slope * self.stride + i));
                    fall_mixed.mul(share).store(numbers.add(fall * self.stride + i));
                }
            }
        }
        if any_empty {
            self.replace_empty();
        }
    }

    /// Records without any height become those of the line before, or of the line after.
    #[cold]
    fn replace_empty(&mut self) {
        let is_empty = |low: f32| low > f32::MAX;
        let mut before_is_empty = true;
        for i in 0..self.len {
            let empty = is_empty(self.numbers[i]);
            if empty {
                let from = if !before_is_empty {
                    i - 1
                } else if i + 1 < self.len && !is_empty(self.numbers[i + 1]) {
                    i + 1
                } else {
                    i
                };
                for numbers in self.numbers.chunks_exact_mut(self.stride).take(NUMBERS) {
                    numbers[i] = numbers[from];
                }
            }
            before_is_empty = empty;
        }
    }

    /// What a vector of nodes or receivers sees that are at heights `z`, a quarter of a line apart: both
    /// lines, as slopes and falls. The first of them is `quarters` after record `first`, and `beyond`
    /// as a share of a line.
    ///
    /// # Safety
    /// There are records up to one after the last of them; the processor has the instructions of `V`.
    #[inline(always)]
    pub unsafe fn hand_down<V: PairLanes>(
        &self,
        first: usize,
        quarters: usize,
        beyond: f32,
        z: V,
    ) -> [(V, V); 2] {
        // SAFETY: see above; the arrays are a vector longer than the records.
        unsafe {
            let first = self.before + first + quarters / RADIX;
            let phase = quarters % RADIX;
            let weight = V::load(QUARTERS.as_ptr().add(phase)).add(V::splat(beyond));
            let low = self.numbers.as_ptr().add(first);
            let [higher_a, higher_b] = V::spread(low, phase).map(|low| low.sub(z));
            let mut seen = [(weight, weight); 2];
            for (line, seen) in LINES.into_iter().zip(&mut seen) {
                let slope = low.add(line * self.stride);
                let fall = slope.add(self.stride);
                let [fall_a, fall_b] = V::spread(fall, phase);
                let [slope_a, slope_b] = V::spread(slope, phase);
                let a = slope_a.add(higher_a.mul(fall_a));
                let b = slope_b.add(higher_b.mul(fall_b));
                seen.0 = a.add(weight.mul(b.sub(a)));
                seen.1 = fall_a.add(weight.mul(fall_b.sub(fall_a)));
            }
            seen
        }
    }
}

/// Weights of the lines after nodes or receivers that are a quarter of a line apart.
static QUARTERS: [f32; 20] = {
    let mut weights = [0.0; 20];
    let mut i = 0;
    while i < 20 {
        weights[i] = (i % RADIX) as f32 / RADIX as f32;
        i += 1;
    }
    weights
};

/// # Safety
/// There is this row, with a vector of lines; the first one is a multiple of the lanes; the processor has
/// the instructions of `V`.
#[inline(always)]
unsafe fn load<V: PairLanes>(records: &Records, row: usize, line: usize) -> [V; NUMBERS] {
    // SAFETY: see above.
    unsafe {
        let mut record = [V::splat(0.0); NUMBERS];
        let from = records.numbers.as_ptr().add(records.place(row, line));
        for (q, number) in record.iter_mut().enumerate() {
            *number = V::load(from.add(q * GROUP));
        }
        record
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_between_the_centres_of_blocks() {
        let of = |twice, side| {
            let Between { own, other, weight, variance, .. } = Between::of(twice, side, false);
            (own, other, weight, variance)
        };
        assert_eq!(of(0, 4), (0, -1, 0.375, 3.75));
        assert_eq!(of(6, 4), (0, 1, 0.375, 3.75));
        assert_eq!(of(-2, 4), (-1, 0, 0.375, 3.75));
        // The centre of the first block of four rows, in a block of 16.
        assert_eq!(of(3, 16), (0, -1, 0.375, 60.0));
        // Between two rows: the block that it is in begins half a row before its first row.
        assert_eq!(of(27, 16), (0, 1, 0.375, 60.0));
        assert_eq!(of(-5, 16), (-1, 0, 0.375, 60.0));
        // Row 0: its node is at row 1.5, the other one at row -2.5.
        assert_eq!(Between::of(0, 4, false).farther, [1.5, -2.5]);
        assert_eq!(Between::of(0, 4, true).farther, [-1.5, 2.5]);
        assert_eq!(Between::of(6, 4, false).farther, [-1.5, 2.5]);
    }
}
