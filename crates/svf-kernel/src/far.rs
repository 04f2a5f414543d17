//! The horizon search that leaves out what cannot raise the horizon.
//!
//! Time of the plain search grows with the radius, though far ground rarely makes
//! the horizon. Here the receivers of a swath look along their course: near samples
//! one by one, then whole blocks of rows ([`crate::swath`]). A block whose highest
//! cell stays below the horizon found so far, seen from each of the receivers, is
//! left out; of the others the parts are looked at, down to single samples.
//!
//! Invariant: the horizon is that of the plain search, to the last bit. A sample is
//! worked out with the same operations or not at all, and it is left out only
//! where rounding could not have made it the highest.

use std::ops::Range;

use crate::horizon::STRIP_COLS;
use crate::simd::{Lanes, Portable, SimdLevel};
use crate::swath::{Ahead, BLOCK, Course, SWATH_COLS, SWATH_STRIDE, Step, Swath, block_rows};

/// Samples that are looked at one by one before any block, at least.
const NEAR: usize = 8;
/// Blocks that are tested together.
const TOGETHER: usize = 16;
/// Blocks that wait while the parts of one are looked at: three a level.
const DEEPEST: usize = 48;

/// Floats between the rows of a plane: those of a column must not be a power of two
/// apart, where they would share few lines of the cache.
const PLANE_PAD: usize = 16;

/// What the search of a course has to do, one bit each, as in the plain search.
mod task {
    pub const LIFT: usize = 1;
    /// Horizons below the horizontal count.
    pub const SIGNED: usize = 2;
    /// Some samples lie between two cells.
    pub const TWO_CELLS: usize = 4;
    pub const COUNT: usize = 8;
}

/// A block of rows as a row of receivers meets it.
#[derive(Clone, Copy)]
struct Span {
    /// First row.
    row: u32,
    level: u32,
}

/// The blocks that each row of receivers meets after its near samples.
#[derive(Default)]
struct Spans {
    spans: Vec<Span>,
    /// Where those of each row end.
    ends: Vec<usize>,
}

impl Spans {
    /// For receivers over `along` rows with `steps` samples.
    #[expect(clippy::cast_possible_truncation, reason = "rows of a swath: fewer than 2^31")]
    fn lay_out(&mut self, along: usize, steps: usize) {
        self.spans.clear();
        self.ends.clear();
        for i in 0..along {
            let end = i + 1 + steps;
            let mut row = near_end(i, end);
            while row < end {
                // As long as the way to it is, or shorter.
                let mut level = 0;
                while row.is_multiple_of(block_rows(level + 1)) && block_rows(level + 1) <= row - i
                {
                    level += 1;
                }
                self.spans.push(Span { row: row as u32, level: level as u32 });
                row += block_rows(level);
            }
            self.ends.push(self.spans.len());
        }
    }

    fn of_row(&self, i: usize) -> &[Span] {
        let from = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.spans[from..self.ends[i]]
    }
}

/// Row after the near samples of receivers of row `i`, where blocks begin.
fn near_end(i: usize, end: usize) -> usize {
    (i + 1 + NEAR).next_multiple_of(BLOCK).min(end)
}

/// Slopes of the receivers of a block, shape (rows, columns).
#[derive(Default)]
pub(crate) struct Plane {
    pub slopes: Vec<f32>,
    stride: usize,
}

impl Plane {
    /// Room for a block.
    pub fn new(rows: usize, cols: usize) -> Self {
        let stride = cols + PLANE_PAD;
        Self { slopes: vec![0.0; rows * stride], stride }
    }

    /// Copies columns to the rows of a strip.
    pub fn copy(&self, cols: &Range<usize>, into: &mut [f32]) {
        for (from, into) in self.slopes.chunks(self.stride).zip(into.chunks_mut(STRIP_COLS)) {
            into[..cols.len()].copy_from_slice(&from[cols.clone()]);
        }
    }
}

/// What to search for.
#[derive(Clone, Copy)]
pub(crate) struct Aim {
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
    swath: Swath,
    spans: Spans,
}

impl FarSearch {
    /// Bytes that a search takes for a square of receivers with `steps` samples.
    pub fn bytes(side: usize, steps: usize) -> u64 {
        // Three or four blocks of each level, a few more of the first, and the longest again.
        let levels = (steps / BLOCK).max(1).ilog2() as usize / 2 + 1;
        let spans = side * (4 * levels + 8) * size_of::<Span>();
        let planes = side * (side + PLANE_PAD) * size_of::<f32>();
        Swath::bytes(side + steps) + Course::bytes(side + steps) + (spans + planes) as u64
    }

    /// Finds the horizon of all receivers on a course.
    pub fn look(
        &mut self,
        level: SimdLevel,
        ahead: &Ahead<'_>,
        course: &Course,
        aim: Aim,
        plane: &mut Plane,
    ) {
        let (along, across) = ahead.extent(course);
        self.spans.lay_out(along, course.steps.len());
        let bit = |on: bool, bit: usize| if on { bit } else { 0 };
        let task = bit(aim.lifted, task::LIFT)
            | bit(aim.signed || aim.lowest, task::SIGNED)
            | bit(course.two_cells, task::TWO_CELLS);
        let tasks = match level {
            SimdLevel::Portable => &portable::TASKS,
            #[cfg(target_arch = "x86_64")]
            SimdLevel::Avx2 => &avx2::TASKS,
            #[cfg(target_arch = "x86_64")]
            SimdLevel::Avx512 => &avx512::TASKS,
            #[cfg(not(target_arch = "x86_64"))]
            _ => &portable::TASKS,
        };
        // The farthest is the largest, or the nearest.
        let clearance = |step: Option<&Step>| step.map_or(0.0, |step| step.clearance.abs());
        let clearance = clearance(course.steps.first()).max(clearance(course.steps.last()));
        // Rounding of a sample's height and of a test is below 2^-19 of these.
        let margin = (aim.largest + clearance) / (1 << 18) as f32;
        let shifts = &course.shift[..along];
        let least = shifts.iter().min().copied().unwrap_or(0);
        let most = shifts.iter().max().copied().unwrap_or(0);
        for left in (-most..across.cast_signed() - least).step_by(SWATH_COLS) {
            self.swath.fill(ahead, course, left);
            if aim.lowest {
                self.swath.invert();
            }
            let strip = Strip { course, spans: &self.spans, along, across, left, margin };
            // SAFETY: `Kernel::new` checked that the processor has `level`.
            unsafe { tasks[task](&mut self.swath, strip, plane) };
        }
        if aim.lowest {
            for slope in &mut plane.slopes {
                *slope = -*slope;
            }
        }
    }
}

/// Receivers of one swath.
#[derive(Clone, Copy)]
struct Strip<'a> {
    course: &'a Course,
    spans: &'a Spans,
    along: usize,
    across: usize,
    /// Place across, less the shift of their row, of the first column.
    left: isize,
    margin: f32,
}

/// A group of neighbouring receivers of one row, and what they have found.
struct Group<'a, V, const GROUP: usize> {
    steps: &'a [Step],
    /// First receiver, and the samples' columns relative to it, by row.
    receivers: *const f32,
    shift: &'a [isize],
    row_shift: isize,
    heights: [V; GROUP],
    slopes: [V; GROUP],
}

impl<V: Lanes, const GROUP: usize> Group<'_, V, GROUP> {
    /// Looks at samples `from..to`, the first one being 0.
    ///
    /// # Safety
    /// They lie in the swath.
    #[inline(always)]
    unsafe fn sample<const TASK: usize>(&mut self, from: usize, to: usize) {
        // SAFETY: see above; the steps of a course stay within a swath's columns.
        unsafe {
            for k in from..to {
                let step = self.steps.get_unchecked(k);
                let row = (k + 1).cast_signed() * SWATH_STRIDE.cast_signed();
                let across = step.across + self.row_shift - *self.shift.get_unchecked(k + 1);
                let near = self.receivers.offset(row + across);
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

    /// Whether the highest cells of a block of rows, samples `from..to`, might rise
    /// above any horizon.
    ///
    /// # Safety
    /// `highest` has an entry for each receiver.
    #[inline(always)]
    unsafe fn may_rise<const TASK: usize>(
        &self,
        highest: *const f32,
        from: usize,
        to: usize,
    ) -> bool {
        // SAFETY: see above; `from` is a sample, and so is the one before `to`.
        unsafe {
            let first = self.steps.get_unchecked(from);
            let reach = V::splat(first.reach);
            let last = self.steps.get_unchecked(to - 1);
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
}

/// # Safety
/// The processor has the instructions of `V`.
#[inline(always)]
unsafe fn search<V: Lanes, const TASK: usize, const GROUP: usize>(
    swath: &mut Swath,
    strip: Strip<'_>,
    plane: &mut Plane,
) {
    let Strip { course, spans, along, across, left, margin } = strip;
    let steps = &course.steps[..];
    let floor = if TASK & task::SIGNED != 0 { f32::NEG_INFINITY } else { 0.0 };
    let group_cols = GROUP * V::N;
    // SAFETY: of the swath.
    unsafe { swath.raise::<V>(course, margin) };
    let mut found = [0.0; SWATH_COLS];
    // The block that raised the horizon last, per group: most likely does in the next row.
    let mut hints = [usize::MAX; SWATH_COLS];
    let mut todo = [(0, 0); DEEPEST];
    for i in 0..along {
        let first = left + course.shift[i];
        let from = (-first).clamp(0, SWATH_COLS.cast_signed()).cast_unsigned();
        let to = (across.cast_signed() - first).clamp(0, SWATH_COLS.cast_signed()).cast_unsigned();
        if from >= to {
            continue;
        }
        let end = i + 1 + steps.len();
        let near_end = near_end(i, end);
        for x in (from / group_cols * group_cols..to).step_by(group_cols) {
            // SAFETY: rows of receivers and samples are those of the swath; a block's
            // maxima lie where `raise` put them.
            unsafe {
                let receivers = swath.heights.as_ptr().add(i * SWATH_STRIDE + 1 + x);
                let mut heights = [V::splat(0.0); GROUP];
                for (v, height) in heights.iter_mut().enumerate() {
                    *height = V::load(receivers.add(v * V::N));
                }
                let mut group = Group {
                    steps,
                    receivers,
                    shift: course.shift.get_unchecked(i..),
                    row_shift: *course.shift.get_unchecked(i),
                    heights,
                    slopes: [V::splat(floor); GROUP],
                };
                let maxima = |level: usize, row: usize| {
                    let at = swath.levels.get_unchecked(level) + row / block_rows(level);
                    swath.highest.as_ptr().add(at * SWATH_COLS + x)
                };
                let hint = &mut hints[x / group_cols];
                let hinted = if *hint >= near_end && *hint < end { *hint } else { usize::MAX };
                if hinted != usize::MAX {
                    group.sample::<TASK>(hinted - i - 1, (hinted + BLOCK).min(end) - i - 1);
                }
                group.sample::<TASK>(0, near_end - i - 1);
                for some in spans.of_row(i).chunks(TOGETHER) {
                    let mut rising = 0_u32;
                    for (b, span) in some.iter().enumerate() {
                        let (row, level) = (span.row as usize, span.level as usize);
                        let to = (row + block_rows(level)).min(end);
                        let may_rise =
                            group.may_rise::<TASK>(maxima(level, row), row - i - 1, to - i - 1);
                        rising |= u32::from(may_rise) << b;
                    }
                    while rising != 0 {
                        let span = some.get_unchecked(rising.trailing_zeros() as usize);
                        rising &= rising - 1;
                        let (row, level) = (span.row as usize, span.level as usize);
                        // Depth first, near parts first.
                        *todo.get_unchecked_mut(0) = (row, level);
                        let mut left = 1;
                        while left > 0 {
                            left -= 1;
                            let (row, level) = *todo.get_unchecked(left);
                            let to = (row + block_rows(level)).min(end);
                            if row >= end
                                || !group.may_rise::<TASK>(
                                    maxima(level, row),
                                    row - i - 1,
                                    to - i - 1,
                                )
                            {
                                continue;
                            }
                            if level == 0 {
                                if row == hinted {
                                    continue;
                                }
                                let before = group.slopes;
                                group.sample::<TASK>(row - i - 1, to - i - 1);
                                let pairs = group.slopes.into_iter().zip(before);
                                let raised = pairs.fold(false, |any, (now, then)| {
                                    any | V::any_greater(now, then)
                                });
                                if raised {
                                    *hint = row;
                                }
                                continue;
                            }
                            for part in (0..4).rev() {
                                *todo.get_unchecked_mut(left) =
                                    (row + part * block_rows(level - 1), level - 1);
                                left += 1;
                            }
                        }
                    }
                }
                for v in 0..GROUP {
                    group.slopes[v].store(found.as_mut_ptr().add(x + v * V::N));
                }
            }
        }
        let along = if course.backward { along - 1 - i } else { i };
        let first = (first + from.cast_signed()).cast_unsigned();
        let found = &found[from..to];
        if course.along_rows {
            let row = along * plane.stride + first;
            plane.slopes[row..row + found.len()].copy_from_slice(found);
        } else {
            let column = plane.slopes[first * plane.stride + along..].iter_mut();
            for (slope, found) in column.step_by(plane.stride).zip(found) {
                *slope = *found;
            }
        }
    }
}

type Search = unsafe fn(&mut Swath, Strip<'_>, &mut Plane);

/// A module with the search compiled for one vector type, and the table of its tasks.
macro_rules! compile_for {
    ($module:ident, $lanes:ty $(; $feature:literal)?) => {
        mod $module {
            use super::*;

            const GROUP: usize = SWATH_COLS / <$lanes as Lanes>::N;

            /// # Safety
            /// As [`search`].
            $(#[target_feature(enable = $feature)])?
            unsafe fn run<const TASK: usize>(
                swath: &mut Swath,
                strip: Strip<'_>,
                plane: &mut Plane,
            ) {
                // SAFETY: passed on to the caller.
                unsafe { search::<$lanes, TASK, GROUP>(swath, strip, plane) }
            }

            pub(super) static TASKS: [Search; task::COUNT] =
                tasks!(0 1 2 3 4 5 6 7);
        }
    };
}

macro_rules! tasks {
    ($($task:literal)*) => { [$(run::<$task>),*] };
}

compile_for!(portable, Portable);
#[cfg(target_arch = "x86_64")]
compile_for!(avx2, crate::simd::Avx2; "avx2");
#[cfg(target_arch = "x86_64")]
compile_for!(avx512, crate::simd::Avx512; "avx512f");
