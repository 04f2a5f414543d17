//! The horizon search that goes from sample to sample, for one direction and a strip of receivers. It is
//! written once, with [`Lanes`], and compiled for each instruction set.
//!
//! A sight line is the same list of offsets for all receivers of a row. So neighbouring receivers
//! are searched together: a few vectors, whose highest slopes stay in registers. Such a group of
//! columns is searched row by row, because a row reads nearly the same cells as the row before,
//! and these are still in the L1 cache.
//!
//! If the highest ground of each stretch of the line is known ([`mod@crate::ground_windows`]), stretches
//! are left out that are below the horizon found so far, for all receivers of a group. The result is
//! the same, bit for bit: a sample is either computed with the same operations, or it cannot be the
//! highest one, even with rounding.
//!
//! Where the two cells of a sample are beside each other, receivers of several rows share what they load
//! ([`mod@crate::beside`]).
//!
//! Heights are used as differences from the receiver's own height. So rounding depends on the
//! relief, not on the altitude.

use std::ops::Range;

use crate::beside;
use crate::ground_windows::Ahead;
use crate::measures::SearchOptions;
use crate::params::{Missing, Params};
use crate::row_lines::StepLine;
use crate::simd::{Lanes, SimdLevel, by_level, for_all_levels};
use crate::strip::{Horizons, Layout, STRIP_COLS, Strip};
use crate::taps::{Line, Tap};
use crate::windows::{Stretch, View};

/// Number of vectors that are searched together. A task that keeps more than the highest slope per
/// receiver has registers for fewer vectors.
const fn group_of(task: usize) -> usize {
    if task & !(task::TWO_CELLS | task::LIFT | task::LOWEST) == 0 { 4 } else { 2 }
}

/// The most of them.
const MOST_VECTORS: usize = 4;
/// Stretches that are tested together.
const TOGETHER: usize = 16;

/// The tasks of the search of a line, one bit each. Each combination is compiled separately, so
/// that no search pays for a task that it does not have.
mod task {
    pub const TWO_CELLS: usize = 1;
    pub const LIFT: usize = 2;
    pub const TWO_CELLS_LIFT: usize = TWO_CELLS | LIFT;
    pub const LOWEST: usize = 4;
    pub const GAPS: usize = 8;
    pub const STOP: usize = 16;
    pub const COUNT: usize = 32;
    /// Those before this number are possible where stretches are left out.
    pub const AHEAD: usize = 4;

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
type AheadSearch = unsafe fn(Strip, &[Tap], Ahead<'_>, &mut Horizons);

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

/// The search of one line that leaves out stretches. None if each sample must be looked at.
pub(crate) fn search_ahead_for(
    level: SimdLevel,
    strip: Strip,
    two_cells: bool,
    params: &Params,
    options: SearchOptions,
) -> Option<AheadSearch> {
    let task = task_of(two_cells, params, options);
    let tasks = match strip.layout {
        Layout::Rows if strip.cols < STRIP_COLS => &single::AHEAD_TASKS,
        Layout::Rows => by_level!(level, AHEAD_TASKS),
        Layout::Runs(_) => by_level!(level, AHEAD_RUN_TASKS),
    };
    tasks.get(task).copied()
}

/// [`search_for`] for a line whose slopes are heights per step.
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
    /// Whether they are those of [`Layout::Rows`].
    const IN_ROWS: bool;

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
    const IN_ROWS: bool = true;

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
    const IN_ROWS: bool = false;

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

/// A group of neighbouring receivers of a row, and what was found along the line so far.
struct Group<P, V, const GROUP: usize> {
    receivers: P,
    ground: [V; GROUP],
    highest: [V; GROUP],
    lowest: [V; GROUP],
    /// 1 if a height was missing.
    gaps: [V; GROUP],
}

impl<P: Receivers, V: Lanes, const GROUP: usize> Group<P, V, GROUP> {
    /// # Safety
    /// As [`search`].
    #[inline(always)]
    unsafe fn new(strip: Strip, row: usize, col: usize) -> Self {
        // SAFETY: only loads inside the tile, see above.
        unsafe {
            let receivers = P::of::<V>(strip, row, col, GROUP);
            let zero = V::splat(0.0);
            let mut ground = [zero; GROUP];
            for (v, ground) in ground.iter_mut().enumerate() {
                *ground = receivers.load(v, 0);
            }
            let highest = [V::splat(f32::NEG_INFINITY); GROUP];
            let lowest = [V::splat(f32::INFINITY); GROUP];
            Self { receivers, ground, highest, lowest, gaps: [zero; GROUP] }
        }
    }

    /// Looks at some samples of the line.
    ///
    /// # Safety
    /// As [`search`]; the line has these samples.
    #[inline(always)]
    unsafe fn look<L: Line, const TASK: usize>(&mut self, line: L, samples: Range<usize>) {
        let has = |bit: usize| TASK & bit != 0;
        let Self { receivers, ground, highest, lowest, gaps } = self;
        // SAFETY: only loads inside the tile, see above.
        unsafe {
            let (one, nan) = (V::splat(1.0), V::splat(f32::NAN));
            for k in samples {
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
                        let seen = if has(task::LIFT) { slope.add(inverted_lift) } else { slope };
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
        }
    }

    /// Whether the highest ground of a stretch can be above a horizon. `views` are the windows as the
    /// first receiver of each vector sees them.
    ///
    /// # Safety
    /// As [`search_ahead`].
    #[inline(always)]
    unsafe fn may_rise<const TASK: usize>(&self, views: &[View; GROUP], stretch: &Stretch) -> bool {
        if stretch.unknown {
            return true;
        }
        // SAFETY: see above.
        unsafe {
            let (near, far) = (V::splat(stretch.reach), V::splat(stretch.far_reach));
            let clearance = V::splat(stretch.clearance);
            let mut any = false;
            for (v, view) in views.iter().enumerate() {
                // The lowest height of the horizon in the stretch; it falls with the distance if it
                // is below the horizontal.
                let slope = self.highest[v];
                let mut horizon = slope.mul(far).min(slope.mul(near));
                if TASK & task::LIFT != 0 {
                    horizon = horizon.add(clearance);
                }
                any |= V::any_greater(V::load(view.of(stretch)), self.ground[v].add(horizon));
            }
            any
        }
    }

    /// Stores what was found for the receivers from number `at` on.
    ///
    /// # Safety
    /// As [`search`].
    #[inline(always)]
    unsafe fn store<const TASK: usize>(&self, found: &mut Horizons, at: usize) {
        // SAFETY: only stores inside the arrays, see above.
        unsafe {
            for v in 0..GROUP {
                let at = at + v * V::N;
                self.highest[v].store(found.highest.as_mut_ptr().add(at));
                if TASK & task::LOWEST != 0 {
                    self.lowest[v].store(found.lowest.as_mut_ptr().add(at));
                }
                if TASK & task::GAPS != 0 {
                    self.gaps[v].store(found.gaps.as_mut_ptr().add(at));
                }
            }
        }
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
    // SAFETY: passed on to the caller.
    unsafe {
        for col in (0..strip.cols).step_by(GROUP * V::N) {
            for row in 0..strip.rows {
                let mut group = Group::<P, V, GROUP>::new(strip, row, col);
                group.look::<L, TASK>(line, 0..line.taps());
                group.store::<TASK>(found, (strip.at_row + row) * STRIP_COLS + col);
            }
        }
    }
}

/// Leaves out stretches. The one that raised the horizon last in the row before comes first: it
/// probably does so again.
///
/// # Safety
/// As [`search`]; the samples of the stretches are those of the line, and their windows contain them.
#[inline(always)]
unsafe fn search_ahead<V: Lanes, P: Receivers, const TASK: usize, const GROUP: usize>(
    strip: Strip,
    line: &[Tap],
    ahead: Ahead<'_>,
    found: &mut Horizons,
) {
    let stretches = ahead.stretches;
    // SAFETY: passed on to the caller.
    unsafe {
        for col in (0..strip.cols).step_by(GROUP * V::N) {
            // Of no stretch.
            let mut hint = usize::MAX;
            for row in 0..strip.rows {
                let mut group = Group::<P, V, GROUP>::new(strip, row, col);
                let views = std::array::from_fn(|v| {
                    let place = strip.place(row, col + v * V::N);
                    ahead.windows.further(place.row, place.col)
                });
                let guess = hint;
                let chunks = (0..stretches.len()).step_by(TOGETHER);
                let chunks = chunks.map(|from| from..stretches.len().min(from + TOGETHER));
                // A loop also for the guess, because `look` is long: it is inlined only once.
                let guessed = (guess < stretches.len()).then(|| guess..guess + 1);
                for (times, chunk) in guessed.into_iter().chain(chunks).enumerate() {
                    let from = chunk.start;
                    // First all tests, then all searches: fewer mispredicted branches.
                    let mut rising = 0_u32;
                    for i in chunk {
                        let may_rise = group.may_rise::<TASK>(&views, stretches.get_unchecked(i));
                        rising |= u32::from(may_rise) << (i - from);
                    }
                    while rising != 0 {
                        let i = from + rising.trailing_zeros() as usize;
                        rising &= rising - 1;
                        let stretch = stretches.get_unchecked(i);
                        let again = i == guess && times > 0;
                        if again || !group.may_rise::<TASK>(&views, stretch) {
                            continue;
                        }
                        let before = group.highest;
                        // The stretch before ends with the first sample of this one.
                        let from = stretch.from + usize::from(i > 0);
                        group.look::<_, TASK>(line, from..stretch.to + 1);
                        let mut pairs = group.highest.into_iter().zip(before);
                        if pairs.any(|(now, then)| V::any_greater(now, then)) {
                            hint = i;
                        }
                    }
                }
                group.store::<TASK>(found, (strip.at_row + row) * STRIP_COLS + col);
            }
        }
    }
}

/// A module with the search compiled for one vector type, and the tables of its tasks. A group has
/// as many vectors as the task has registers for, or as many as are given.
macro_rules! compile_for {
    ($module:ident, $lanes:ty, $group:literal) => {
        compile_for!(@ $module, $lanes, (|_: usize| $group);
            TASKS STEP_TASKS AHEAD_TASKS InRow every
        );
    };
    ($module:ident, $lanes:ty $(; $feature:literal)?) => {
        compile_for!(@ $module, $lanes, group_of $(, $feature)?;
            TASKS STEP_TASKS AHEAD_TASKS InRow every,
            RUN_TASKS STEP_RUN_TASKS AHEAD_RUN_TASKS InRuns fewer
        );
    };
    (
        @ $module:ident, $lanes:ty, $group:expr $(, $feature:literal)?;
        $($tasks:ident $step_tasks:ident $ahead_tasks:ident $receivers:ident $compiled:ident),*
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
                pub(super) static $ahead_tasks: [AheadSearch; task::AHEAD] = [
                    run_ahead::<$receivers, 0>,
                    run_ahead::<$receivers, 1>,
                    run_ahead::<$receivers, 2>,
                    run_ahead::<$receivers, 3>,
                ];
            )*

            /// # Safety
            /// As [`search_ahead`].
            $(#[target_feature(enable = $feature)])?
            unsafe fn run_ahead<P: Receivers, const TASK: usize>(
                strip: Strip,
                line: &[Tap],
                ahead: Ahead<'_>,
                found: &mut Horizons,
            ) {
                // SAFETY: passed on to the caller.
                unsafe {
                    match ($group)(TASK) {
                        1 => search_ahead::<$lanes, P, TASK, 1>(strip, line, ahead, found),
                        _ => search_ahead::<$lanes, P, TASK, 4>(strip, line, ahead, found),
                    }
                }
            }

            /// # Safety
            /// As [`search`].
            $(#[target_feature(enable = $feature)])?
            unsafe fn run_taps<P: Receivers, const TASK: usize>(
                strip: Strip,
                taps: &[Tap],
                found: &mut Horizons,
            ) {
                // SAFETY: passed on to the caller.
                unsafe {
                    let others = match TASK {
                        task::TWO_CELLS if P::IN_ROWS => {
                            beside::search::<$lanes, false>(strip, taps, found)
                        }
                        task::TWO_CELLS_LIFT if P::IN_ROWS => {
                            beside::search::<$lanes, true>(strip, taps, found)
                        }
                        _ => strip,
                    };
                    run::<_, P, TASK>(others, taps, found);
                }
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
