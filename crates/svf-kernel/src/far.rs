//! The horizon search that leaves out what cannot raise the horizon.
//!
//! Time of the plain search grows with the radius, though far ground rarely makes
//! the horizon. Here the receivers of a sheared block ([`crate::sheared_block`]) look
//! along their ray: near samples one by one, then whole segments of rows
//! ([`crate::segments`]). A segment whose highest cell stays below the horizon found so
//! far, seen from each of the receivers, is left out; of the others the parts are looked
//! at, down to single samples.
//!
//! Invariant: the horizon is that of the plain search, to the last bit. A sample is
//! worked out with the same operations or not at all, and it is left out only
//! where rounding could not have made it the highest.

use std::ops::Range;

use crate::ray::{DiscreteRay, Step};
use crate::segments::{RADIX_LOG2, SEGMENT_ROWS, Segment, Segments, near_end, segment_rows};
use crate::sheared_block::{ReceiverBlock, SHEARED_COLS, SHEARED_STRIDE, ShearedBlock};
use crate::simd::{Lanes, SimdLevel, by_level, for_all_levels};
use crate::strip::STRIP_COLS;

/// Segments that are tested together.
const TOGETHER: usize = 16;
/// Segments that wait while the parts of one are looked at: three a level.
const DEEPEST: usize = 48;

/// Floats between the rows of a grid: those of a column must not be a power of two
/// apart, where they would share few lines of the cache.
const GRID_PAD: usize = 16;

/// What the search along a ray has to do, one bit each, as in the plain search.
mod task {
    pub const LIFT: usize = 1;
    /// Horizons below the horizontal count.
    pub const SIGNED: usize = 2;
    /// Some samples lie between two cells.
    pub const TWO_CELLS: usize = 4;
    pub const COUNT: usize = 8;
}

/// Slopes of the horizons of a block of receivers, shape (rows, columns).
#[derive(Default)]
pub(crate) struct HorizonGrid {
    slopes: Vec<f32>,
    stride: usize,
}

impl HorizonGrid {
    /// Bytes of the grid of so many receivers.
    pub fn bytes(rows: usize, cols: usize) -> u64 {
        (rows * (cols + GRID_PAD) * size_of::<f32>()) as u64
    }

    /// Room for so many receivers.
    pub fn new(rows: usize, cols: usize) -> Self {
        let stride = cols + GRID_PAD;
        Self { slopes: vec![0.0; rows * stride], stride }
    }

    /// Copies columns to the rows of a strip.
    pub fn copy(&self, cols: &Range<usize>, into: &mut [f32]) {
        for (from, into) in self.slopes.chunks(self.stride).zip(into.chunks_mut(STRIP_COLS)) {
            into[..cols.len()].copy_from_slice(&from[cols.clone()]);
        }
    }

    /// Puts the slopes of neighbouring receivers where they belong: in the row that lies
    /// `along` a ray along the rows, from column `first` on, or in a column likewise.
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
    /// The lowest slopes instead of the highest.
    pub lowest: bool,
    /// Largest height of the tile, either way.
    pub largest: f32,
}

/// Scratch of the search: one per thread.
#[derive(Default)]
pub(crate) struct FarSearch {
    block: ShearedBlock,
    segments: Segments,
}

impl FarSearch {
    /// Bytes that a search takes for a square of receivers with `steps` samples.
    pub fn bytes(side: usize, steps: usize) -> u64 {
        let rows = side + steps;
        ShearedBlock::bytes(rows)
            + DiscreteRay::bytes(rows)
            + Segments::bytes(side, steps)
            + HorizonGrid::bytes(side, side)
    }

    /// Finds the horizons of all receivers along a ray.
    pub fn find(
        &mut self,
        level: SimdLevel,
        receivers: &ReceiverBlock<'_>,
        ray: &DiscreteRay,
        options: FarSearchOptions,
        grid: &mut HorizonGrid,
    ) {
        let (along, across) = receivers.extent(ray);
        self.segments.lay_out(along, ray.steps.len());
        let bit = |on: bool, bit: usize| if on { bit } else { 0 };
        let task = bit(options.lifted, task::LIFT)
            | bit(options.signed || options.lowest, task::SIGNED)
            | bit(ray.two_cells, task::TWO_CELLS);
        let tasks = by_level!(level, TASKS);
        // The farthest is the largest, or the nearest.
        let clearance = |step: Option<&Step>| step.map_or(0.0, |step| step.clearance.abs());
        let clearance = clearance(ray.steps.first()).max(clearance(ray.steps.last()));
        // Rounding of a sample's height and of a test is below 2^-19 of these.
        let margin = (options.largest + clearance) / (1 << 18) as f32;
        let shifts = &ray.shift[..along];
        let least = shifts.iter().min().copied().unwrap_or(0);
        let most = shifts.iter().max().copied().unwrap_or(0);
        for left in (-most..across.cast_signed() - least).step_by(SHEARED_COLS) {
            self.block.fill(receivers, ray, left);
            if options.lowest {
                self.block.invert();
            }
            let of_block =
                BlockReceivers { ray, segments: &self.segments, along, across, left, margin };
            // SAFETY: `Kernel::new` checked that the processor has `level`.
            unsafe { tasks[task](&mut self.block, of_block, grid) };
        }
        if options.lowest {
            for slope in &mut grid.slopes {
                *slope = -*slope;
            }
        }
    }
}

/// Receivers of one sheared block.
#[derive(Clone, Copy)]
struct BlockReceivers<'a> {
    ray: &'a DiscreteRay,
    segments: &'a Segments,
    along: usize,
    across: usize,
    /// Place across, less the shift of their row, of the first column.
    left: isize,
    margin: f32,
}

/// Segments whose parts are still to be looked at: first row and level.
type Waiting = [(usize, usize); DEEPEST];

/// A group of neighbouring receivers of one row, and what they have found.
struct Group<'a, V, const GROUP: usize> {
    block: &'a ShearedBlock,
    steps: &'a [Step],
    /// Row of the block, and the one after the last sample.
    row: usize,
    end: usize,
    /// Column of the first receiver.
    x: usize,
    /// First receiver, and the samples' columns relative to it, by row.
    first: *const f32,
    shift: &'a [isize],
    row_shift: isize,
    heights: [V; GROUP],
    slopes: [V; GROUP],
}

impl<'a, V: Lanes, const GROUP: usize> Group<'a, V, GROUP> {
    /// The receivers from column `x` of a row of the block on, which have found `floor`.
    ///
    /// # Safety
    /// They lie in the block, and the processor has the instructions of `V`.
    #[inline(always)]
    unsafe fn new(
        block: &'a ShearedBlock,
        ray: &'a DiscreteRay,
        row: usize,
        x: usize,
        floor: f32,
    ) -> Self {
        // SAFETY: see above.
        unsafe {
            let first = block.heights.as_ptr().add(row * SHEARED_STRIDE + 1 + x);
            let mut heights = [V::splat(0.0); GROUP];
            for (v, height) in heights.iter_mut().enumerate() {
                *height = V::load(first.add(v * V::N));
            }
            let steps = &ray.steps[..];
            Self {
                block,
                steps,
                row,
                end: row + 1 + steps.len(),
                x,
                first,
                shift: ray.shift.get_unchecked(row..),
                row_shift: *ray.shift.get_unchecked(row),
                heights,
                slopes: [V::splat(floor); GROUP],
            }
        }
    }

    /// Looks at the samples in rows `from..to` of the block.
    ///
    /// # Safety
    /// There are such samples.
    #[inline(always)]
    unsafe fn sample<const TASK: usize>(&mut self, from: usize, to: usize) {
        // SAFETY: see above; the steps of a ray stay within a block's columns.
        unsafe {
            for k in from - self.row - 1..to - self.row - 1 {
                let step = self.steps.get_unchecked(k);
                let row = (k + 1).cast_signed() * SHEARED_STRIDE.cast_signed();
                let across = step.across + self.row_shift - *self.shift.get_unchecked(k + 1);
                let near = self.first.offset(row + across);
                let far = near.add(step.farther);
                let (weight, gain, lift) =
                    (V::splat(step.weight), V::splat(step.gain), V::splat(step.lift));
                for v in 0..GROUP {
                    let a = V::load(near.add(v * V::N));
                    let mut fall = self.heights[v].sub(a);
                    if TASK & task::TWO_CELLS != 0 {
                        let b = V::load(far.add(v * V::N));
                        fall = fall.add(weight.mul(a.sub(b)));
                    }
                    let slope = fall.mul(gain);
                    let seen = if TASK & task::LIFT != 0 { slope.sub(lift) } else { slope };
                    self.slopes[v] = seen.max(self.slopes[v]);
                }
            }
        }
    }

    /// Whether the highest cells of the segment from `row` on might rise above any horizon.
    ///
    /// # Safety
    /// It is a segment of the block that begins before the last sample.
    #[inline(always)]
    unsafe fn may_rise<const TASK: usize>(&self, row: usize, level: usize) -> bool {
        // SAFETY: see above; the highest cells lie where `raise` put them.
        unsafe {
            let at = self.block.levels.get_unchecked(level) + row / segment_rows(level);
            let highest = self.block.highest.as_ptr().add(at * SHEARED_COLS + self.x);
            let to = (row + segment_rows(level)).min(self.end);
            let first = self.steps.get_unchecked(row - self.row - 1);
            let reach = V::splat(first.reach);
            let last = self.steps.get_unchecked(to - self.row - 2);
            // Grows all the way or shrinks all the way.
            let clearance = V::splat(first.clearance).min(V::splat(last.clearance));
            let last = V::splat(last.reach);
            let mut any = false;
            for v in 0..GROUP {
                // Height of the horizon there, at its lowest.
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

    /// Looks at all segments that might raise a horizon. `hint` is the first row of the one
    /// that did so last, in the row before: most likely it does so again.
    ///
    /// # Safety
    /// They are those of the group's row.
    #[inline(always)]
    unsafe fn search<const TASK: usize>(
        &mut self,
        segments: &[Segment],
        waiting: &mut Waiting,
        hint: &mut usize,
    ) {
        let near_end = near_end(self.row, self.end);
        let hinted = if *hint >= near_end && *hint < self.end { *hint } else { usize::MAX };
        // SAFETY: rows of samples, and segments, are those of the block.
        unsafe {
            if hinted != usize::MAX {
                self.sample::<TASK>(hinted, (hinted + SEGMENT_ROWS).min(self.end));
            }
            self.sample::<TASK>(self.row + 1, near_end);
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
        // SAFETY: see above; three segments a level wait, and one is looked at.
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
    let BlockReceivers { ray, segments, along, across, left, margin } = receivers;
    let floor = if TASK & task::SIGNED != 0 { f32::NEG_INFINITY } else { 0.0 };
    let group_cols = GROUP * V::N;
    // SAFETY: of the block.
    unsafe { block.raise::<V>(ray, margin) };
    let mut found = [0.0; SHEARED_COLS];
    let mut hints = [usize::MAX; SHEARED_COLS];
    let mut waiting = [(0, 0); DEEPEST];
    for i in 0..along {
        let first = left + ray.shift[i];
        let from = (-first).clamp(0, SHEARED_COLS.cast_signed()).cast_unsigned();
        let to =
            (across.cast_signed() - first).clamp(0, SHEARED_COLS.cast_signed()).cast_unsigned();
        if from >= to {
            continue;
        }
        for x in (from / group_cols * group_cols..to).step_by(group_cols) {
            // SAFETY: rows of receivers and their segments are those of the block.
            unsafe {
                let mut group = Group::<V, GROUP>::new(block, ray, i, x, floor);
                let hint = &mut hints[x / group_cols];
                group.search::<TASK>(segments.of_row(i), &mut waiting, hint);
                for v in 0..GROUP {
                    group.slopes[v].store(found.as_mut_ptr().add(x + v * V::N));
                }
            }
        }
        let along = if ray.backward { along - 1 - i } else { i };
        let first = (first + from.cast_signed()).cast_unsigned();
        grid.put(ray.along_rows, along, first, &found[from..to]);
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
                tasks!(0 1 2 3 4 5 6 7);
        }
    };
}

macro_rules! tasks {
    ($($task:literal)*) => { [$(run::<$task>),*] };
}

for_all_levels!(compile_for);
