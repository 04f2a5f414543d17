//! The horizon search that looks at every sample, for one direction and a strip of receivers. It is
//! written once, with [`Lanes`], and compiled for each instruction set.
//!
//! A sight line is the same list of offsets for all receivers of a row. So neighbouring receivers
//! are searched together: a few vectors, whose highest slopes stay in registers. Such a group of
//! columns is searched row by row, because a row reads nearly the same cells as the row before,
//! and these are still in the L1 cache.
//!
//! Heights are used as differences from the receiver's own height. So rounding depends on the
//! relief, not on the altitude.

use crate::measures::SearchOptions;
use crate::params::{Missing, Params};
use crate::row_lines::StepLine;
use crate::simd::{Lanes, SimdLevel, by_level, for_all_levels};
use crate::strip::{Horizons, Layout, STRIP_COLS, Strip};
use crate::taps::{Line, Tap};

/// Number of vectors that are searched together. A task that keeps more than the highest slope per
/// receiver has registers for fewer vectors.
const fn group_of(task: usize) -> usize {
    if task & !(task::TWO_CELLS | task::LIFT | task::LOWEST) == 0 { 4 } else { 2 }
}

/// The most of them.
const MOST_VECTORS: usize = 4;

/// The tasks of the search of a line, one bit each. Each combination is compiled separately, so
/// that no search pays for a task that it does not have.
mod task {
    pub const TWO_CELLS: usize = 1;
    pub const LIFT: usize = 2;
    pub const LOWEST: usize = 4;
    pub const GAPS: usize = 8;
    pub const STOP: usize = 16;
    pub const COUNT: usize = 32;

    /// The tasks that are compiled where all receivers are wanted.
    pub const fn every(task: usize) -> usize {
        task
    }

    /// Those that are compiled where only some are. Rare ones also do what changes nothing, so that
    /// there are few more searches to compile.
    pub const fn fewer(task: usize) -> usize {
        if task & (LOWEST | GAPS | STOP) == 0 { task } else { task | LIFT | GAPS }
    }
}

type LineSearch = unsafe fn(Strip, &[Tap], &mut Horizons);
type StepLineSearch = unsafe fn(Strip, StepLine<'_>, &mut Horizons);

/// The search of one line, for one instruction set.
pub(crate) fn search_for(
    level: SimdLevel,
    strip: Strip,
    two_cells: bool,
    params: &Params,
    options: SearchOptions,
) -> LineSearch {
    let task = task_of(two_cells, params, options);
    match strip.layout {
        // Too narrow for a group of vectors, which would read beyond the tile.
        Layout::Rows if strip.cols < STRIP_COLS => single::TASKS[task],
        Layout::Rows => by_level!(level, TASKS)[task],
        Layout::Runs(_) => by_level!(level, RUN_TASKS)[task],
    }
}

/// The same for a line whose slopes are heights per step.
pub(crate) fn search_steps_for(
    level: SimdLevel,
    strip: Strip,
    two_cells: bool,
    params: &Params,
    options: SearchOptions,
) -> StepLineSearch {
    let task = task_of(two_cells, params, options);
    match strip.layout {
        Layout::Rows if strip.cols < STRIP_COLS => single::STEP_TASKS[task],
        Layout::Rows => by_level!(level, STEP_TASKS)[task],
        Layout::Runs(_) => by_level!(level, STEP_RUN_TASKS)[task],
    }
}

/// The tasks of the search of a line.
fn task_of(two_cells: bool, params: &Params, options: SearchOptions) -> usize {
    let bit = |on: bool, bit: usize| if on { bit } else { 0 };
    let lifted = params.observer_height != 0.0 || params.curvature.is_some();
    let stop = params.missing == Missing::Stop;
    bit(two_cells, task::TWO_CELLS)
        | bit(lifted, task::LIFT)
        | bit(options.lowest, task::LOWEST)
        | bit(options.gaps, task::GAPS)
        | bit(stop, task::STOP)
}

/// Where the receivers of a few vectors are.
trait Receivers: Copy {
    /// Those of a strip from a row and column on.
    ///
    /// # Safety
    /// The strip has as many, in this layout.
    unsafe fn of<V: Lanes>(strip: Strip, row: usize, col: usize, vectors: usize) -> Self;

    /// What is this number of floats after those of vector `v`.
    ///
    /// # Safety
    /// It is inside the tile with its halo; the processor has the instructions of `V`.
    unsafe fn load<V: Lanes>(self, v: usize, offset: isize) -> V;
}

/// [`Layout::Rows`]: the first receiver.
#[derive(Clone, Copy)]
struct InRow(*const f32);

impl Receivers for InRow {
    #[inline(always)]
    unsafe fn of<V: Lanes>(strip: Strip, row: usize, col: usize, _: usize) -> Self {
        // SAFETY: passed on to the caller.
        unsafe { Self(strip.first.add(row * strip.stride + col)) }
    }

    #[inline(always)]
    unsafe fn load<V: Lanes>(self, v: usize, offset: isize) -> V {
        // SAFETY: passed on to the caller.
        unsafe { V::load(self.0.offset(offset).add(v * V::N)) }
    }
}

/// [`Layout::Runs`]: the first receiver of each vector.
#[derive(Clone, Copy)]
struct InRuns([*const f32; MOST_VECTORS]);

impl Receivers for InRuns {
    #[inline(always)]
    unsafe fn of<V: Lanes>(strip: Strip, row: usize, col: usize, vectors: usize) -> Self {
        let mut first = [strip.first; MOST_VECTORS];
        for (v, first) in first.iter_mut().enumerate().take(vectors) {
            // SAFETY: passed on to the caller.
            *first = unsafe { first.add(strip.place(row, col + v * V::N).floats) };
        }
        Self(first)
    }

    #[inline(always)]
    unsafe fn load<V: Lanes>(self, v: usize, offset: isize) -> V {
        // SAFETY: passed on to the caller.
        unsafe { V::load(self.0[v].offset(offset)) }
    }
}

/// # Safety
/// Every tap of every receiver of the strip is inside the tile with its halo; the arrays of `found`
/// that the task fills have an entry for each receiver; the strip has the layout of `P`; the
/// processor has the instructions of `V`.
#[inline(always)]
unsafe fn search<V: Lanes, L: Line, P: Receivers, const TASK: usize, const GROUP: usize>(
    strip: Strip,
    line: L,
    found: &mut Horizons,
) {
    let has = |bit: usize| TASK & bit != 0;
    let group_cols = GROUP * V::N;
    // SAFETY: only loads and stores inside the tile and the arrays, see above.
    unsafe {
        let zero = V::splat(0.0);
        let one = V::splat(1.0);
        let nan = V::splat(f32::NAN);
        for group in (0..strip.cols).step_by(group_cols) {
            for row in 0..strip.rows {
                let receivers = P::of::<V>(strip, row, group, GROUP);
                let mut ground = [zero; GROUP];
                for (v, ground) in ground.iter_mut().enumerate() {
                    *ground = receivers.load(v, 0);
                }
                let mut highest = [V::splat(f32::NEG_INFINITY); GROUP];
                let mut lowest = [V::splat(f32::INFINITY); GROUP];
                let mut gaps = [zero; GROUP];
                for k in 0..line.taps() {
                    let tap = line.tap(k);
                    let gain = V::splat(tap.gain);
                    let weight = V::splat(tap.weight);
                    let lift = V::splat(tap.lift);
                    let inverted_lift = V::splat(tap.inverted_lift);
                    for v in 0..GROUP {
                        let a = receivers.load::<V>(v, tap.near);
                        let mut fall = ground[v].sub(a);
                        if has(task::TWO_CELLS) {
                            let b = receivers.load::<V>(v, tap.far);
                            fall = fall.add(weight.mul(a.sub(b)));
                        }
                        let slope = fall.mul(gain);
                        let seen = if has(task::LIFT) { slope.sub(lift) } else { slope };
                        if has(task::LOWEST) {
                            let seen =
                                if has(task::LIFT) { slope.add(inverted_lift) } else { slope };
                            lowest[v] = seen.min(lowest[v]);
                        }
                        highest[v] = seen.max(highest[v]);
                        if has(task::GAPS) {
                            gaps[v] = V::where_nan(fall, one, gaps[v]);
                        }
                        if has(task::STOP) {
                            ground[v] = V::where_nan(fall, nan, ground[v]);
                        }
                    }
                }
                for v in 0..GROUP {
                    let at = (strip.at_row + row) * STRIP_COLS + group + v * V::N;
                    highest[v].store(found.highest.as_mut_ptr().add(at));
                    if has(task::LOWEST) {
                        lowest[v].store(found.lowest.as_mut_ptr().add(at));
                    }
                    if has(task::GAPS) {
                        gaps[v].store(found.gaps.as_mut_ptr().add(at));
                    }
                }
            }
        }
    }
}

/// A module with the search compiled for one vector type, and the tables of its tasks. A group has
/// as many vectors as the task has registers for, or as many as are given.
macro_rules! compile_for {
    ($module:ident, $lanes:ty, $group:literal) => {
        compile_for!(@ $module, $lanes, (|_: usize| $group); TASKS STEP_TASKS InRow every);
    };
    ($module:ident, $lanes:ty $(; $feature:literal)?) => {
        compile_for!(@ $module, $lanes, group_of $(, $feature)?;
            TASKS STEP_TASKS InRow every,
            RUN_TASKS STEP_RUN_TASKS InRuns fewer
        );
    };
    (
        @ $module:ident, $lanes:ty, $group:expr $(, $feature:literal)?;
        $($tasks:ident $step_tasks:ident $receivers:ident $compiled:ident),*
    ) => {
        mod $module {
            use super::*;

            /// # Safety
            /// As [`search`].
            #[inline(always)]
            unsafe fn run<L: Line, P: Receivers, const TASK: usize>(
                strip: Strip,
                line: L,
                found: &mut Horizons,
            ) {
                // SAFETY: passed on to the caller.
                unsafe {
                    match ($group)(TASK) {
                        4 => search::<$lanes, L, P, TASK, 4>(strip, line, found),
                        2 => search::<$lanes, L, P, TASK, 2>(strip, line, found),
                        _ => search::<$lanes, L, P, TASK, 1>(strip, line, found),
                    }
                }
            }

            $(
                pub(super) static $tasks: [LineSearch; task::COUNT] =
                    all_tasks!(run_taps, $receivers, $compiled);
                pub(super) static $step_tasks: [StepLineSearch; task::COUNT] =
                    all_tasks!(run_steps, $receivers, $compiled);
            )*

            /// # Safety
            /// As [`search`].
            $(#[target_feature(enable = $feature)])?
            unsafe fn run_taps<P: Receivers, const TASK: usize>(
                strip: Strip,
                taps: &[Tap],
                found: &mut Horizons,
            ) {
                // SAFETY: passed on to the caller.
                unsafe { run::<_, P, TASK>(strip, taps, found) }
            }

            /// # Safety
            /// As [`search`].
            $(#[target_feature(enable = $feature)])?
            unsafe fn run_steps<P: Receivers, const TASK: usize>(
                strip: Strip,
                line: StepLine<'_>,
                found: &mut Horizons,
            ) {
                // SAFETY: passed on to the caller.
                unsafe { run::<_, P, TASK>(strip, line, found) }
            }
        }
    };
}
macro_rules! all_tasks {
    ($run:ident, $receivers:ident, $compiled:ident) => {
        all_tasks!(
            $run, $receivers, $compiled:
            0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
        )
    };
    ($run:ident, $receivers:ident, $compiled:ident: $($task:literal)*) => {
        [$($run::<$receivers, { task::$compiled($task) }>),*]
    };
}

compile_for!(single, f32, 1);
for_all_levels!(compile_for);
