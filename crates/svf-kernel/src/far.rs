//! The horizon search that skips far ground which cannot make the horizon.
//!
//! The time of the plain search grows with the radius, but far ground rarely makes the horizon.
//! This search looks at near samples one by one, and at far samples in segments, which are rows of
//! a sheared block ([`crate::segments`], [`crate::sheared_block`]). A segment is skipped if, for
//! each receiver, its highest cell is below the horizon found so far. The other segments are
//! divided, down to single samples.
//!
//! Invariant: the horizon is the same as that of the plain search, bit for bit. A sample is either
//! computed with the same operations or skipped, and it is only skipped if it cannot be the
//! highest one, even with rounding.

use std::ops::Range;

use crate::ray::{DiscreteRay, Step};
use crate::row_lines::{PAD, RowLines, TOGETHER as ROWS_TOGETHER};
use crate::segments::{RADIX_LOG2, SEGMENT_ROWS, Segment, Segments, near_end, segment_rows};
use crate::sheared_block::{
    ReceiverBlock, SHEARED_COLS, SHEARED_PAD, SHEARED_STRIDE, ShearedBlock, columns,
};
use crate::simd::{Lanes, SimdLevel, by_level, for_all_levels};
use crate::strip::STRIP_COLS;

/// Segments that are tested together.
const TOGETHER: usize = 16;
/// Segments that can wait while the parts of another one are searched: three per level.
const DEEPEST: usize = 48;

/// Extra floats per row of a grid: if rows were a power of two apart, the floats of a column would
/// share few lines of the cache.
const GRID_PAD: usize = 16;

/// The tasks of the search along a ray, one bit each, as in the plain search.
mod task {
    pub const LIFT: usize = 1;
    /// Horizons below the horizontal count.
    pub const SIGNED: usize = 2;
    /// Where samples are.
    pub const WHERE: usize = 4 | 8;
    /// On cells, the same ones for all receivers.
    pub const ON_CELLS: usize = 0;
    /// Some are between two cells, the same ones for all receivers.
    pub const BETWEEN_CELLS: usize = 4;
    /// On the line of a row, which receivers side by side share.
    pub const OF_ROW: usize = 8;
    /// On the lines of several rows: receivers side by side are in different rows.
    pub const OF_ROWS: usize = 4 | 8;
    pub const COUNT: usize = 16;
}

/// Slopes of the horizons of a block of receivers, shape (rows, columns).
#[derive(Default)]
pub(crate) struct HorizonGrid {
    slopes: Vec<f32>,
    stride: usize,
}

impl HorizonGrid {
    /// Bytes of a grid of this many receivers.
    pub fn bytes(rows: usize, cols: usize) -> u64 {
        (rows * (cols + GRID_PAD) * size_of::<f32>()) as u64
    }

    /// A grid for this many receivers.
    pub fn new(rows: usize, cols: usize) -> Self {
        let stride = cols + GRID_PAD;
        Self { slopes: vec![0.0; rows * stride], stride }
    }

    /// Copies columns to the rows of a strip, and multiplies each row by its factor.
    #[inline(always)]
    pub fn copy(&self, cols: &Range<usize>, factors: &[f32], into: &mut [f32]) {
        let rows = self.slopes.chunks(self.stride).zip(into.chunks_mut(STRIP_COLS));
        for ((from, into), factor) in rows.zip(factors) {
            for (into, from) in into.iter_mut().zip(&from[cols.clone()]) {
                *into = from * factor;
            }
        }
    }

    /// Stores the slopes of neighbouring receivers: in row `along`, from column `first` on; if the
    /// ray is not along the rows, in column `along`, from row `first` on.
    #[inline(always)]
    fn put(&mut self, along_rows: bool, along: usize, first: usize, found: &[f32]) {
        if along_rows {
            let row = along * self.stride + first;
            self.slopes[row..row + found.len()].copy_from_slice(found);
        } else {
            let column = self.slopes[first * self.stride + along..].iter_mut();
            for (slope, found) in column.step_by(self.stride).zip(found) {
                *slope = *found;
            }
        }
    }
}

/// What to search for.
#[derive(Clone, Copy)]
pub(crate) struct FarSearchOptions {
    /// Observer height or curvature.
    pub lifted: bool,
    /// Horizons below the horizontal, too.
    pub signed: bool,
    /// The surface turned upside down, for the lowest slopes, which then have the opposite sign.
    pub inverted: bool,
    /// Largest absolute height of the tile.
    pub largest: f32,
}

/// Scratch of the search, one per thread.
#[derive(Default)]
pub(crate) struct FarSearch {
    block: ShearedBlock,
    segments: Segments,
}

impl FarSearch {
    /// Bytes of a search for a block of receivers, with `steps` samples per sight line.
    pub fn bytes((rows, cols): (usize, usize), steps: usize) -> u64 {
        let along = rows.max(cols);
        ShearedBlock::bytes(along + steps)
            + DiscreteRay::bytes(along + steps)
            + Segments::bytes(along, steps)
            + HorizonGrid::bytes(rows, cols)
    }

    /// Finds the horizons of all receivers along a ray, or along the lines of their rows, which
    /// are close to it.
    pub fn find(
        &mut self,
        level: SimdLevel,
        receivers: &ReceiverBlock<'_>,
        (ray, lines): (&DiscreteRay, Option<&RowLines>),
        options: FarSearchOptions,
        grid: &mut HorizonGrid,
    ) {
        let (along, across) = receivers.extent(ray);
        self.segments.lay_out(along, ray.steps.len());
        let bit = |on: bool, bit: usize| if on { bit } else { 0 };
        let task = bit(options.lifted, task::LIFT)
            | bit(options.signed || options.inverted, task::SIGNED)
            | match lines {
                None => bit(ray.two_cells, task::BETWEEN_CELLS),
                Some(_) if ray.along_rows => task::OF_ROW,
                Some(_) => task::OF_ROWS,
            };
        let tasks = by_level!(level, TASKS);
        let floor = if options.signed || options.inverted { f32::NEG_INFINITY } else { 0.0 };
        // The rounding of a sample's height and of a test is less than 2^-19 of this sum.
        let margin = (options.largest + ray.most_clearance) / (1 << 18) as f32;
        let shifts = &ray.shift[..along];
        let least = shifts.iter().min().copied().unwrap_or(0);
        let most = shifts.iter().max().copied().unwrap_or(0);
        for left in (-most..across.cast_signed() - least).step_by(SHEARED_COLS) {
            self.block.fill(level, receivers, ray, left);
            if options.inverted {
                self.block.invert();
            }
            let segments = &self.segments;
            let of_block =
                BlockReceivers { ray, lines, segments, along, across, left, margin, floor };
            // SAFETY: `Kernel::new` checked that the processor has `level`.
            unsafe { tasks[task](&mut self.block, of_block, grid) };
        }
    }
}

/// Receivers of one sheared block.
#[derive(Clone, Copy)]
struct BlockReceivers<'a> {
    ray: &'a DiscreteRay,
    /// The lines of all rows, if each row has its own.
    lines: Option<&'a RowLines>,
    segments: &'a Segments,
    along: usize,
    across: usize,
    /// Place across of the first column, minus the shift of its row.
    left: isize,
    margin: f32,
    /// The lowest slope that counts.
    floor: f32,
}

/// Segments whose parts must still be searched: first row and level.
type Waiting = [(usize, usize); DEEPEST];

/// A group of neighbouring receivers of one row, and the horizons found so far.
struct Group<'a, V, const GROUP: usize> {
    block: &'a ShearedBlock,
    steps: &'a [Step],
    /// Row in the block, and the row after the last sample.
    row: usize,
    end: usize,
    /// Column of the first receiver.
    x: usize,
    /// Height of the first receiver, the shifts from its row on, and the shift of its row.
    first: *const f32,
    shift: &'a [isize],
    row_shift: isize,
    /// The lines of the receivers, beginning with the first one, if rows have their own.
    own: OwnLines<'a>,
    /// How much more each step of these lines loses than the step before.
    bends: [V; GROUP],
    heights: [V; GROUP],
    slopes: [V; GROUP],
}

/// The lines of a group of receivers, if rows have their own.
#[derive(Clone, Copy)]
struct OwnLines<'a> {
    /// Weights and keys of the first sample.
    weights: *const f32,
    keys: *const i8,
    /// Number of weights from one sample to the next.
    stride: usize,
    /// [`RowLines::mixed`], and the bit of the first receiver in it.
    mixed: &'a [u64],
    of_rows: usize,
    /// [`RowLines::on_cells`]
    on_cells: usize,
}

impl<'a> OwnLines<'a> {
    /// Rows do not have their own lines.
    const NONE: Self = Self {
        weights: std::ptr::null(),
        keys: std::ptr::null(),
        stride: 0,
        mixed: &[],
        of_rows: 0,
        on_cells: 0,
    };

    /// Whether, at sample `k`, the lines of the next [`SHEARED_COLS`] rows can be between different
    /// cells.
    ///
    /// # Safety
    /// The sample exists.
    #[inline(always)]
    unsafe fn differ(&self, k: usize) -> bool {
        // SAFETY: see above.
        unsafe { *self.mixed.get_unchecked(k) >> self.of_rows & 0b11 != 0 }
    }

    /// The end of the run of equal keys that begins at `from`, which is less than their number.
    #[inline(always)]
    fn run(keys: &[i8; SHEARED_COLS], from: usize) -> usize {
        let (words, _) = keys.as_chunks::<8>();
        // Eight keys in a word, the first one in the lowest byte.
        let word = |keys: [i8; 8]| u64::from_le_bytes(keys.map(i8::cast_unsigned));
        let same = word([keys[from]; 8]);
        let mut earlier = from % 8 * 8;
        for (i, keys) in words.iter().enumerate().skip(from / 8) {
            let differs = (word(*keys) ^ same) >> earlier << earlier;
            if differs != 0 {
                return 8 * i + differs.trailing_zeros() as usize / 8;
            }
            earlier = 0;
        }
        SHEARED_COLS
    }
}

/// The numbers 0, 1, 2, ... of receivers side by side.
static NUMBERS: [f32; SHEARED_COLS] = {
    let mut numbers = [0.0; SHEARED_COLS];
    let mut i = 1;
    while i < SHEARED_COLS {
        numbers[i] = numbers[i - 1] + 1.0;
        i += 1;
    }
    numbers
};

impl<'a, V: Lanes, const GROUP: usize> Group<'a, V, GROUP> {
    /// The receivers of a row of the block, from column `x` on. Their horizons begin at `floor`.
    ///
    /// # Safety
    /// They are in the block, and the processor has the instructions of `V`.
    #[inline(always)]
    unsafe fn new<const TASK: usize>(
        block: &'a ShearedBlock,
        receivers: &BlockReceivers<'a>,
        row: usize,
        x: usize,
        floor: f32,
    ) -> Self {
        let ray = receivers.ray;
        // SAFETY: see above.
        unsafe {
            let first = block.heights.as_ptr().add(row * SHEARED_STRIDE + SHEARED_PAD + x);
            let mut heights = [V::splat(0.0); GROUP];
            for (v, height) in heights.iter_mut().enumerate() {
                *height = V::load(first.add(v * V::N));
            }
            let steps = &ray.steps[..];
            let row_shift = *ray.shift.get_unchecked(row);
            let mut end = (row + 1 + steps.len()).min(block.rows.end);
            let mut own = OwnLines::NONE;
            let mut bends = [V::splat(0.0); GROUP];
            if let (task::OF_ROW, Some(lines)) = (TASK & task::WHERE, receivers.lines) {
                let line = if ray.backward { receivers.along - 1 - row } else { row };
                own = OwnLines {
                    weights: lines.weights.as_ptr().add(line * lines.stride),
                    keys: lines.keys.as_ptr().add(line * lines.stride),
                    stride: 1,
                    on_cells: lines.on_cells,
                    ..own
                };
                end = end.min(row + 1 + *lines.samples.get_unchecked(line));
                bends = [V::splat(*lines.bends.get_unchecked(PAD + line)); GROUP];
            }
            if let (task::OF_ROWS, Some(lines)) = (TASK & task::WHERE, receivers.lines) {
                // The lines begin `PAD` rows before the first row.
                let line = (PAD + x).wrapping_add_signed(receivers.left + row_shift);
                own = OwnLines {
                    weights: lines.weights.as_ptr().add(line),
                    keys: lines.keys.as_ptr().add(line),
                    stride: lines.stride,
                    mixed: &lines.mixed,
                    of_rows: line / ROWS_TOGETHER,
                    on_cells: lines.on_cells,
                };
                for (v, bend) in bends.iter_mut().enumerate() {
                    *bend = V::load(lines.bends.as_ptr().add(line + v * V::N));
                }
            }
            Self {
                block,
                steps,
                row,
                end,
                x,
                first,
                shift: ray.shift.get_unchecked(row..),
                row_shift,
                own,
                bends,
                heights,
                slopes: [V::splat(floor); GROUP],
            }
        }
    }

    /// Looks at the samples in rows `from..to` of the block.
    ///
    /// # Safety
    /// These samples exist.
    #[inline(always)]
    unsafe fn sample<const TASK: usize>(&mut self, from: usize, to: usize) {
        // SAFETY: see above; the steps of a ray are within the columns of the block.
        unsafe {
            for k in from - self.row - 1..to - self.row - 1 {
                let step = self.steps.get_unchecked(k);
                let row = (k + 1).cast_signed() * SHEARED_STRIDE.cast_signed();
                let across = step.across + self.row_shift - *self.shift.get_unchecked(k + 1);
                let near = self.first.offset(row + across);
                if TASK & task::WHERE < task::OF_ROW {
                    let weight = V::splat(step.weight);
                    for v in 0..GROUP {
                        let at = near.add(v * V::N);
                        let seen = self.seen::<TASK>(step, v, (at, step.farther), weight);
                        self.slopes[v] = seen.max(self.slopes[v]);
                    }
                    continue;
                }
                if k < self.own.on_cells {
                    for v in 0..GROUP {
                        let fall = self.heights[v].sub(V::load(near.add(v * V::N)));
                        let seen = self.slope_of::<TASK>(step, v, fall);
                        self.slopes[v] = seen.max(self.slopes[v]);
                    }
                    continue;
                }
                let at = k * self.own.stride;
                let (keys, weights) = (self.own.keys.add(at), self.own.weights.add(at));
                if TASK & task::WHERE == task::OF_ROWS && self.own.differ(k) {
                    let keys = &*keys.cast::<[i8; SHEARED_COLS]>();
                    let first = OwnLines::run(keys, 0);
                    if first < SHEARED_COLS {
                        self.sample_runs::<TASK>(step, near, (keys, first), weights);
                        continue;
                    }
                }
                let key = *keys;
                let near = near.offset(isize::from(key >> 1));
                let mut weight = V::splat(*weights);
                for v in 0..GROUP {
                    if TASK & task::WHERE == task::OF_ROWS {
                        weight = V::load(weights.add(v * V::N));
                    }
                    let at = near.add(v * V::N);
                    let seen = self.seen::<TASK>(step, v, (at, (key & 1) as usize), weight);
                    self.slopes[v] = seen.max(self.slopes[v]);
                }
            }
        }
    }

    /// Looks at a sample where the lines of the receivers are between different cells. Receivers
    /// with the same key are searched together; the first ones of them end before number `to`.
    ///
    /// # Safety
    /// As [`Group::sample`].
    #[inline(always)]
    unsafe fn sample_runs<const TASK: usize>(
        &mut self,
        step: &Step,
        near: *const f32,
        (keys, mut to): (&[i8; SHEARED_COLS], usize),
        weights: *const f32,
    ) {
        // SAFETY: see above.
        unsafe {
            let none = V::splat(f32::NEG_INFINITY);
            let mut from = 0;
            while from < SHEARED_COLS {
                let key = keys[from];
                let near = near.offset(isize::from(key >> 1));
                let (before, after) = (V::splat(from as f32 - 0.5), V::splat(to as f32 - 0.5));
                // Each vector has a branch of its own: slopes that are chosen by a number leave their
                // registers, in all of the search.
                for v in 0..GROUP {
                    if v * V::N >= to || (v + 1) * V::N <= from {
                        continue;
                    }
                    let at = near.add(v * V::N);
                    let weight = V::load(weights.add(v * V::N));
                    let seen = self.seen::<TASK>(step, v, (at, (key & 1) as usize), weight);
                    let number = V::load(NUMBERS.as_ptr().add(v * V::N));
                    let seen = V::where_greater(number, before, seen, none);
                    let seen = V::where_greater(after, number, seen, none);
                    self.slopes[v] = seen.max(self.slopes[v]);
                }
                from = to;
                to = OwnLines::run(keys, from.min(SHEARED_COLS - 1));
            }
        }
    }

    /// The slopes at which a vector of receivers sees a sample. Its farther cells are `farther`
    /// floats after the nearer ones.
    ///
    /// # Safety
    /// The cells are in the block.
    #[inline(always)]
    unsafe fn seen<const TASK: usize>(
        &self,
        step: &Step,
        v: usize,
        (near, farther): (*const f32, usize),
        weight: V,
    ) -> V {
        // SAFETY: see above.
        unsafe {
            let a = V::load(near);
            let mut fall = self.heights[v].sub(a);
            if TASK & task::WHERE != task::ON_CELLS {
                let b = V::load(near.add(farther));
                fall = fall.add(weight.mul(a.sub(b)));
            }
            self.slope_of::<TASK>(step, v, fall)
        }
    }

    /// The slopes of heights of a vector of receivers that `fall` from their own up to a sample.
    ///
    /// # Safety
    /// The processor has the instructions of `V`.
    #[inline(always)]
    unsafe fn slope_of<const TASK: usize>(&self, step: &Step, v: usize, fall: V) -> V {
        // SAFETY: see above.
        unsafe {
            let slope = fall.mul(V::splat(step.gain));
            if TASK & task::LIFT == 0 {
                return slope;
            }
            let mut lift = V::splat(step.lift);
            if TASK & task::WHERE >= task::OF_ROW {
                lift = lift.add(self.bends[v].mul(V::splat(step.reach)));
            }
            slope.sub(lift)
        }
    }

    /// Whether the highest cells of the segment that begins at `row` can be above a horizon.
    ///
    /// # Safety
    /// It is a segment of the block that begins before the last sample.
    #[inline(always)]
    unsafe fn may_rise<const TASK: usize>(&self, row: usize, level: usize) -> bool {
        // SAFETY: see above; the highest cells are where `raise` stored them.
        unsafe {
            let at = self.block.levels.get_unchecked(level) + row / segment_rows(level);
            let highest = self.block.highest.as_ptr().add(at * SHEARED_COLS + self.x);
            let to = (row + segment_rows(level)).min(self.end);
            let first = self.steps.get_unchecked(row - self.row - 1);
            let reach = V::splat(first.reach);
            let last = self.steps.get_unchecked(to - self.row - 2);
            // It only grows or only shrinks, so the smallest one is at an end.
            let clearance = V::splat(first.clearance).min(V::splat(last.clearance));
            let last = V::splat(last.reach);
            let mut any = false;
            for v in 0..GROUP {
                // The lowest height of the horizon in the segment.
                let mut horizon = self.slopes[v].mul(reach);
                if TASK & task::SIGNED != 0 {
                    horizon = self.slopes[v].mul(last).min(horizon);
                }
                if TASK & task::LIFT != 0 {
                    horizon = horizon.add(clearance);
                }
                let limit = self.heights[v].add(horizon);
                any |= V::any_greater(V::load(highest.add(v * V::N)), limit);
            }
            any
        }
    }

    /// Looks at all segments that can raise a horizon. `hint` is the first row of the last segment
    /// that raised one, in the row before: it probably does so again.
    ///
    /// # Safety
    /// The segments are those of the group's row.
    #[inline(always)]
    unsafe fn search<const TASK: usize>(
        &mut self,
        mut segments: &[Segment],
        waiting: &mut Waiting,
        hint: &mut usize,
    ) {
        let near_end = near_end(self.row, self.end);
        // Behind the last sample there are none.
        while let [before @ .., last] = segments
            && last.row as usize >= self.end
        {
            segments = before;
        }
        let hinted = if *hint >= near_end && *hint < self.end { *hint } else { usize::MAX };
        // SAFETY: rows of samples, and segments, are those of the block.
        unsafe {
            // A loop, because `sample` is long: it is inlined only once.
            let guess = if hinted == usize::MAX { self.end } else { hinted };
            for (from, to) in [(guess, guess + SEGMENT_ROWS), (self.row + 1, near_end)] {
                self.sample::<TASK>(from, to.min(self.end));
            }
            for some in segments.chunks(TOGETHER) {
                let mut rising = 0_u32;
                for (b, segment) in some.iter().enumerate() {
                    let may_rise =
                        self.may_rise::<TASK>(segment.row as usize, segment.level as usize);
                    rising |= u32::from(may_rise) << b;
                }
                while rising != 0 {
                    let segment = *some.get_unchecked(rising.trailing_zeros() as usize);
                    rising &= rising - 1;
                    self.descend::<TASK>(segment, waiting, hinted, hint);
                }
            }
        }
    }

    /// Looks at a segment: depth first, near parts first.
    ///
    /// # Safety
    /// As [`Group::search`].
    #[inline(always)]
    unsafe fn descend<const TASK: usize>(
        &mut self,
        segment: Segment,
        waiting: &mut Waiting,
        hinted: usize,
        hint: &mut usize,
    ) {
        // SAFETY: see above; at most three segments per level wait, and one is searched.
        unsafe {
            *waiting.get_unchecked_mut(0) = (segment.row as usize, segment.level as usize);
            let mut left = 1;
            while left > 0 {
                left -= 1;
                let (row, level) = *waiting.get_unchecked(left);
                if row >= self.end || !self.may_rise::<TASK>(row, level) {
                    continue;
                }
                if level > 0 {
                    for part in (0..1 << RADIX_LOG2).rev() {
                        *waiting.get_unchecked_mut(left) =
                            (row + part * segment_rows(level - 1), level - 1);
                        left += 1;
                    }
                } else if row != hinted {
                    let before = self.slopes;
                    self.sample::<TASK>(row, (row + SEGMENT_ROWS).min(self.end));
                    let pairs = self.slopes.into_iter().zip(before);
                    if pairs.fold(false, |any, (now, then)| any | V::any_greater(now, then)) {
                        *hint = row;
                    }
                }
            }
        }
    }
}

/// # Safety
/// The processor has the instructions of `V`.
#[inline(always)]
unsafe fn search<V: Lanes, const TASK: usize, const GROUP: usize>(
    block: &mut ShearedBlock,
    receivers: BlockReceivers<'_>,
    grid: &mut HorizonGrid,
) {
    let BlockReceivers { ray, segments, along, across, left, margin, floor, .. } = receivers;
    let group_cols = GROUP * V::N;
    // SAFETY: passed on to the caller.
    unsafe { block.raise::<V>(ray, margin) };
    let mut found = [0.0; SHEARED_COLS];
    let mut hints = [usize::MAX; SHEARED_COLS];
    let mut waiting = [(0, 0); DEEPEST];
    for i in block.rows.start..along.min(block.rows.end) {
        let first = left + ray.shift[i];
        let cols = columns(first, across);
        if cols.is_empty() {
            break;
        }
        for x in (cols.start / group_cols * group_cols..cols.end).step_by(group_cols) {
            // SAFETY: rows of receivers and their segments are those of the block.
            unsafe {
                let mut group = Group::<V, GROUP>::new::<TASK>(block, &receivers, i, x, floor);
                let hint = &mut hints[x / group_cols];
                group.search::<TASK>(segments.of_row(i), &mut waiting, hint);
                for v in 0..GROUP {
                    group.slopes[v].store(found.as_mut_ptr().add(x + v * V::N));
                }
            }
        }
        let along = if ray.backward { along - 1 - i } else { i };
        let first = (first + cols.start.cast_signed()).cast_unsigned();
        grid.put(ray.along_rows, along, first, &found[cols]);
    }
}

type BlockSearch = unsafe fn(&mut ShearedBlock, BlockReceivers<'_>, &mut HorizonGrid);

/// A module with the search compiled for one vector type, and the table of its tasks.
macro_rules! compile_for {
    ($module:ident, $lanes:ty $(; $feature:literal)?) => {
        mod $module {
            use super::*;

            const GROUP: usize = SHEARED_COLS / <$lanes as Lanes>::N;

            /// # Safety
            /// As [`search`].
            $(#[target_feature(enable = $feature)])?
            unsafe fn run<const TASK: usize>(
                block: &mut ShearedBlock,
                receivers: BlockReceivers<'_>,
                grid: &mut HorizonGrid,
            ) {
                // SAFETY: passed on to the caller.
                unsafe { search::<$lanes, TASK, GROUP>(block, receivers, grid) }
            }

            pub(super) static TASKS: [BlockSearch; task::COUNT] =
                tasks!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
        }
    };
}

macro_rules! tasks {
    ($($task:literal)*) => { [$(run::<$task>),*] };
}

for_all_levels!(compile_for);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_keys_end_where_the_next_key_is_another() {
        let mut keys = [-3_i8; SHEARED_COLS];
        assert_eq!(OwnLines::run(&keys, 0), SHEARED_COLS);
        for place in 1..SHEARED_COLS {
            keys[place..].fill(4);
            keys[SHEARED_COLS - 1] = 5;
            for from in 0..SHEARED_COLS {
                let next = (from + 1..SHEARED_COLS).find(|&at| keys[at] != keys[from]);
                assert_eq!(OwnLines::run(&keys, from), next.unwrap_or(SHEARED_COLS), "{from}");
            }
            keys[place] = -3;
        }
    }
}
