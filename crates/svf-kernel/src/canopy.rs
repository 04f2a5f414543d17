//! Vegetation: finds the part of the sky of a direction that is behind crowns.
//!
//! At each sample, a crown covers the heights from its bottom to its top, and it continues half
//! the way to the next sample. If two consecutive samples are in crowns, everything between them
//! is covered, too: from the lower of the two bottoms to the higher of the two tops, as seen from
//! the receiver. At the edge of a crown the top slopes to the ground over a cell, as a wall does;
//! the bottom keeps its height up to the place where both meet. Above the horizon of the solid
//! surface, the *union* of these intervals of slopes lets a share of the light through, for any
//! number of crowns behind each other (Lindberg & Grimmond 2011). Between and below crowns the
//! sky is open.
//!
//! Neighbouring receivers are searched together, as in the horizon search. Each has two open
//! intervals, to which nearly all crowns belong; intervals that belong to neither are stored
//! elsewhere and joined at the end. What crowns must rise above to change anything is the receiver's
//! *bar*: the horizon or, if the first open interval begins there, the top of this interval. A stretch
//! of the sight line is skipped if the windows ([`mod@crate::windows`]) say that no crown of it rises
//! above the bar of any receiver. In any other stretch, the crowns of a receiver are one interval, from
//! the lowest bottom to the highest top, if their samples follow each other. If a receiver sees a crown again
//! after a sample without one, crowns are added one by one.
//!
//! Crowns *in front of* ground are those above the horizon of the samples up to their own. With
//! `FRONT`, the floor of the intervals is this running horizon, which the samples raise, so each of
//! them is looked at. What is found above the final horizon is the same as without `FRONT`; the rest
//! is in front of ground ([`CanopyIntervals::split`]).
//!
//! Invariant: the intervals are the same as those of the search of all samples, bit for bit.
//! Their ends are ends of crowns, and a crown is either computed with the same operations or
//! skipped.

use std::mem::MaybeUninit;
use std::ops::Range;

use crate::intervals::{CanopyIntervals, THINNEST};
use crate::params::{Missing, Params, Trunk};
use crate::simd::{Lanes, SimdLevel, by_level, for_all_levels};
use crate::strip::{Layout, STRIP_COLS, Strip};
use crate::taps::CrownLine;
use crate::windows::{Stretch, View};

/// The crowns of a strip, in the same memory layout as its heights.
#[derive(Clone, Copy)]
pub(crate) struct Crowns {
    /// Height of the canopy above ground at the first receiver; 0 if there is none.
    pub canopy: *const f32,
    /// Height of the crowns' bottom above ground there; null when it is a share of
    /// the canopy's.
    pub trunk: *const f32,
    /// Windows over the tops of all of them as it sees them.
    pub tops: View,
}

impl Crowns {
    /// The same for a receiver that is this number of rows and columns further, which is this
    /// number of floats.
    ///
    /// # Safety
    /// The layers must reach that far.
    #[inline(always)]
    pub unsafe fn further(self, floats: usize, (rows, cols): (usize, usize)) -> Self {
        // SAFETY: passed on to the caller.
        unsafe {
            Self {
                canopy: self.canopy.add(floats),
                trunk: if self.trunk.is_null() { self.trunk } else { self.trunk.add(floats) },
                tops: self.tops.further(rows, cols),
            }
        }
    }
}

/// What the search for crowns must know about a direction.
#[derive(Clone, Copy)]
pub(crate) struct CanopySearchOptions {
    /// Bottom of a crown as a share of its top.
    ratio: f32,
    z_factor: f32,
    observer_height: f32,
    /// `1 / distance` where the sight line leaves the cell of the receiver.
    per_exit: f32,
    /// Whether sight lines end at missing heights.
    stops: bool,
    /// Whether a sample between two cells with crowns has a crown.
    between: bool,
}

impl CanopySearchOptions {
    #[expect(clippy::cast_possible_truncation, reason = "the kernel works in f32")]
    pub fn new(params: &Params, exit_distance: f64) -> Self {
        let ratio = params.trunk_ratio();
        Self {
            ratio: ratio as f32,
            z_factor: params.z_factor as f32,
            observer_height: params.observer_height as f32,
            per_exit: (1.0 / exit_distance) as f32,
            stops: params.missing == Missing::Stop,
            between: 1.0 - THINNEST > ratio,
        }
    }
}

type CanopySearch =
    unsafe fn(Strip, Crowns, CrownLine<'_>, CanopySearchOptions, &[f32], &mut CanopyIntervals);

/// The tasks of the search of a line, one bit each. Each combination is compiled separately, so
/// that no search pays for a task that it does not have.
mod task {
    /// Some samples are between two cells.
    pub const TWO_CELLS: usize = 1;
    /// Observer height or curvature.
    pub const LIFT: usize = 2;
    /// Bottoms have heights of their own.
    pub const TRUNKS: usize = 4;
    /// Sight lines may end at missing heights.
    pub const STOP: usize = 8;
    /// Crowns in front of ground, too.
    pub const FRONT: usize = 16;
    pub const COUNT: usize = 32;

    /// The tasks that are compiled. If sight lines can end, which is rare, all tasks are on; with
    /// crowns in front of ground as well, so that there are few more searches to compile.
    pub const fn compiled(task: usize) -> usize {
        let task = if task & FRONT != 0 { task | STOP } else { task };
        if task & STOP != 0 { task | TWO_CELLS | LIFT } else { task }
    }
}

/// The search for crowns along one line, for one instruction set.
pub(crate) fn search_for(
    level: SimdLevel,
    strip: Strip,
    two_cells: bool,
    params: &Params,
    front: bool,
) -> CanopySearch {
    let bit = |on: bool, bit: usize| if on { bit } else { 0 };
    let lifted = params.observer_height != 0.0 || params.curvature.is_some();
    let trunks = params.canopy.is_some_and(|canopy| canopy.trunk == Trunk::Heights);
    let task = bit(two_cells, task::TWO_CELLS)
        | bit(lifted, task::LIFT)
        | bit(trunks, task::TRUNKS)
        | bit(params.missing == Missing::Stop, task::STOP)
        | bit(front, task::FRONT);
    if strip.cols < STRIP_COLS {
        return single::TASKS[task];
    }
    by_level!(level, TASKS)[task]
}

/// Number of rows of receivers that are searched in one stretch before the next stretch.
const ROWS_TOGETHER: usize = 32;

/// Finds the intervals of a strip above `highest`, the slopes of its solid horizon.
///
/// # Safety
/// Every tap of every receiver of the strip is inside the tile with its halo; canopy (and trunks,
/// if there are any) have the same memory layout as the heights; every stretch is inside the
/// block of the windows; `highest` and the intervals have an entry for each receiver; the
/// processor has the instructions of `V`.
#[inline(always)]
unsafe fn search<V: Lanes, const TASK: usize>(
    strip: Strip,
    crowns: Crowns,
    line: CrownLine<'_>,
    options: CanopySearchOptions,
    highest: &[f32],
    intervals: &mut CanopyIntervals,
) {
    // SAFETY: only loads and stores inside the tile and the arrays, see above.
    unsafe {
        // What the crowns so far cover, side by side: in the arrays of the intervals, the same
        // columns of these rows share few lines of the first-level cache.
        let mut memory = [const { MaybeUninit::<Found<V>>::uninit() }; ROWS_TOGETHER];
        let mut bars = [const { MaybeUninit::<Bar<V>>::uninit() }; ROWS_TOGETHER];
        let mut seen = [const { MaybeUninit::<Seen<V>>::uninit() }; ROWS_TOGETHER];
        for from in (0..strip.rows).step_by(ROWS_TOGETHER) {
            let rows = ROWS_TOGETHER.min(strip.rows - from);
            for col in (0..strip.cols).step_by(V::N) {
                let first = Receivers::<V, TASK>::at(strip, crowns, line, options, (from, col));
                let below = |row: usize| match strip.layout {
                    Layout::Rows => first.below(row, strip.stride),
                    _ => Receivers::at(strip, crowns, line, options, (from + row, col)),
                };
                let (memory, bars) = (&mut memory[..rows], &mut bars[..rows]);
                // The crown above the receiver continues to the first sample.
                let mut near = 0_u64;
                for (row, (place, bar)) in memory.iter_mut().zip(bars.iter_mut()).enumerate() {
                    let mut receivers = below(row);
                    let found = place.write(receivers.nothing_found(highest));
                    let horizon = found.floor;
                    if TASK & task::FRONT != 0 {
                        found.floor = V::splat(0.0);
                    }
                    let own = receivers.own_crown();
                    found.open = interval_above(own, found.floor);
                    if TASK & task::STOP != 0 && options.between {
                        // If sight lines can end, or if the horizon of each sample counts, every
                        // sample must be looked at.
                        let samples = 0..line.taps.len();
                        receivers.add_samples(samples, own, horizon, found, intervals);
                    }
                    let bar = bar.write(found.bar());
                    near |= u64::from(V::any_greater(own.1, bar.slope)) << row;
                }
                let (found, bars) = (memory.assume_init_mut(), bars.assume_init_mut());
                // Rows that may have a second interval.
                let mut others = 0_u64;
                // One stretch for all rows, then the next stretch, because what is true for one
                // row is often true for the next.
                let has_stretches = TASK & task::STOP == 0 && options.between;
                let stretches = if has_stretches { line.stretches } else { &[] };
                for (i, stretch) in stretches.iter().enumerate() {
                    // First all tests, then all searches: fewer mispredicted branches.
                    let mut rising = if i == 0 { near } else { 0 };
                    if stretch.unknown {
                        rising = u64::MAX >> (u64::BITS as usize - rows);
                    } else {
                        for (row, bar) in bars.iter().enumerate() {
                            let top = V::load(below(row).crowns.tops.of(stretch));
                            rising |= u64::from(bar.is_below::<TASK>(top, stretch)) << row;
                        }
                    }
                    // Then what is seen, and then what that changes, for the same reason.
                    for row in rows_of(rising) {
                        let mut receivers = below(row);
                        let own = if i == 0 { receivers.own_crown() } else { nothing() };
                        let samples = stretch.from..stretch.to + 1;
                        seen.get_unchecked_mut(row).write(receivers.crowns_at(samples, own));
                    }
                    let (mut several, mut apart) = (0_u64, 0_u64);
                    for row in rows_of(rising) {
                        let seen = seen.get_unchecked(row).assume_init_ref();
                        let (found, bar) =
                            (found.get_unchecked_mut(row), bars.get_unchecked_mut(row));
                        // Crowns that do not rise above the bar do not matter.
                        let again = V::and(seen.again, V::greater(seen.all.1, bar.slope));
                        let gap = found.join_if_one(seen.all, again);
                        several |= u64::from(V::any(again)) << row;
                        apart |= u64::from(V::any(gap)) << row;
                        *bar = found.bar();
                    }
                    others |= several | apart;
                    for row in rows_of(several | apart) {
                        let found = found.get_unchecked_mut(row);
                        if several >> row & 1 != 0 {
                            let mut receivers = below(row);
                            let own = if i == 0 { receivers.own_crown() } else { nothing() };
                            let samples = stretch.from..stretch.to + 1;
                            receivers.add_samples(samples, own, found.floor, found, intervals);
                        } else {
                            let seen = seen.get_unchecked(row).assume_init_ref();
                            found.add(nothing(), seen.all, intervals);
                        }
                    }
                    for row in rows_of(rising & others) {
                        let found = found.get_unchecked_mut(row);
                        found.join();
                        *bars.get_unchecked_mut(row) = found.bar();
                    }
                }
                for found in found {
                    found.finish(intervals);
                }
            }
        }
        if !intervals.further.is_empty() {
            intervals.join();
        }
    }
}

/// Numbers of the bits that are set.
#[inline(always)]
fn rows_of(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let row = bits.trailing_zeros() as usize;
        let is_set = bits != 0;
        bits &= bits.wrapping_sub(1);
        is_set.then_some(row)
    })
}

/// Slopes of the bottom and the top of a crown, or of an interval that crowns cover: inf and -inf
/// if there is none.
type Interval<V> = (V, V);

/// No crown.
///
/// # Safety
/// As [`search`].
#[inline(always)]
unsafe fn nothing<V: Lanes>() -> Interval<V> {
    // SAFETY: passed on to the caller.
    unsafe { (V::splat(f32::INFINITY), V::splat(f32::NEG_INFINITY)) }
}

/// The crowns that neighbouring receivers see at a sample. If the height of the ground is missing there, the
/// slopes are NaN.
struct Crown<V: Lanes> {
    bottom: V,
    top: V,
    there: V::Mask,
}

/// Neighbouring receivers that look along a sight line.
#[derive(Clone, Copy)]
struct Receivers<'a, V, const TASK: usize> {
    heights: *const f32,
    crowns: Crowns,
    /// Their own heights; NaN if a missing height ended the sight line.
    ground: V,
    line: CrownLine<'a>,
    options: CanopySearchOptions,
    /// Place of the first one among those of the strip.
    receiver: usize,
}

impl<'a, V: Lanes, const TASK: usize> Receivers<'a, V, TASK> {
    /// Those that begin at a row and column of a strip.
    ///
    /// # Safety
    /// As [`search`].
    #[inline(always)]
    unsafe fn at(
        strip: Strip,
        crowns: Crowns,
        line: CrownLine<'a>,
        options: CanopySearchOptions,
        (row, col): (usize, usize),
    ) -> Self {
        // SAFETY: passed on to the caller.
        unsafe {
            let place = strip.place(row, col);
            let floats = place.floats;
            Self {
                heights: strip.first.add(floats),
                crowns: crowns.further(floats, (place.row, place.col)),
                ground: V::load(strip.first.add(floats)),
                line,
                options,
                receiver: (strip.at_row + row) * STRIP_COLS + col,
            }
        }
    }

    /// Those of a row that is this many rows further; rows are `stride` floats apart.
    ///
    /// # Safety
    /// As [`search`].
    #[inline(always)]
    unsafe fn below(&self, rows: usize, stride: usize) -> Self {
        // SAFETY: passed on to the caller.
        unsafe {
            let heights = self.heights.add(rows * stride);
            Self {
                heights,
                crowns: self.crowns.further(rows * stride, (rows, 0)),
                ground: V::load(heights),
                receiver: self.receiver + rows * STRIP_COLS,
                ..*self
            }
        }
    }

    /// What crowns cover before any was found. `highest` has the slopes of the solid horizon.
    ///
    /// # Safety
    /// As [`search`].
    #[inline(always)]
    unsafe fn nothing_found(&self, highest: &[f32]) -> Found<V> {
        // SAFETY: passed on to the caller.
        unsafe {
            // Nothing below the horizontal counts.
            let floor = V::load(highest.as_ptr().add(self.receiver)).max(V::splat(0.0));
            let (open, other) = (nothing(), nothing());
            Found { ground: self.ground, floor, open, other, receiver: self.receiver }
        }
    }

    /// Looks at consecutive samples; `last` is the crown before them, `horizon` the slope of the
    /// solid horizon.
    ///
    /// # Safety
    /// As [`search`].
    #[inline(always)]
    unsafe fn add_samples(
        &mut self,
        samples: Range<usize>,
        mut last: Interval<V>,
        horizon: V,
        found: &mut Found<V>,
        intervals: &mut CanopyIntervals,
    ) {
        // SAFETY: passed on to the caller.
        unsafe {
            for k in samples {
                if TASK & task::FRONT != 0 {
                    // Not above the final horizon: with lines of rows, its rounding is different.
                    found.floor = self.slope(k).max(found.floor).min(horizon);
                }
                let crown = self.crown_at(k);
                found.add(last, crown, intervals);
                last = crown;
            }
        }
    }

    /// The crowns at consecutive samples; `last` is the crown before them.
    ///
    /// # Safety
    /// As [`search`].
    #[inline(always)]
    unsafe fn crowns_at(&mut self, samples: Range<usize>, last: Interval<V>) -> Seen<V> {
        // SAFETY: passed on to the caller.
        unsafe {
            let (mut lowest_bottom, mut highest_top) = last;
            let none = V::splat(f32::NEG_INFINITY);
            let mut before = V::greater(last.1, none);
            let (mut any, mut again) = (before, V::mask(0));
            for k in samples {
                // To find out whether there is any crown would cost as much as it saves.
                let Crown { bottom, top, there } = self.sample(k);
                let there = V::and(there, V::greater(top, none));
                lowest_bottom = bottom.min_where(lowest_bottom, there);
                highest_top = top.max_where(highest_top, there);
                again = V::or(again, V::and_not(V::and(there, any), before));
                any = V::or(any, there);
                before = there;
            }
            Seen { all: (lowest_bottom, highest_top), again }
        }
    }

    /// The crown at sample `k`.
    ///
    /// # Safety
    /// As [`search`].
    #[inline(always)]
    unsafe fn crown_at(&mut self, k: usize) -> Interval<V> {
        // SAFETY: passed on to the caller.
        unsafe {
            let (no_bottom, no_top) = nothing();
            // If sight lines end, the sample is needed to see that; with `FRONT` it was looked at.
            let seen = TASK & task::STOP == 0 || TASK & task::FRONT != 0;
            if seen && !self.any_crown_at(k) {
                return (no_bottom, no_top);
            }
            let Crown { bottom, top, there } = self.sample(k);
            // If a height is missing, no slope is found.
            let there = V::and(there, V::greater(top, no_top));
            (V::pick(there, bottom, no_bottom), V::pick(there, top, no_top))
        }
    }

    /// Whether any receiver may see a crown at sample `k`.
    ///
    /// # Safety
    /// As [`search`].
    #[inline(always)]
    unsafe fn any_crown_at(&self, k: usize) -> bool {
        // SAFETY: passed on to the caller.
        unsafe {
            let (near, far) = self.two(self.crowns.canopy, k);
            V::any_greater(near.max(far), V::splat(0.0))
        }
    }

    /// How far the ground at sample `k` is below the receivers: as in the horizon search, bit for
    /// bit. NaN if it is missing, or if the sight line ended before it.
    ///
    /// # Safety
    /// As [`search`].
    #[inline(always)]
    unsafe fn fall(&mut self, k: usize) -> V {
        // SAFETY: passed on to the caller.
        unsafe {
            let (near, far) = self.two(self.heights, k);
            let mut fall = self.ground.sub(near);
            if TASK & task::TWO_CELLS != 0 {
                let weight = V::splat(self.line.taps.get_unchecked(k).weight);
                fall = fall.add(weight.mul(near.sub(far)));
            }
            if TASK & task::STOP != 0 && self.options.stops {
                self.ground = V::where_nan(fall, V::splat(f32::NAN), self.ground);
            }
            fall
        }
    }

    /// The slope of the ground at sample `k`; NaN if it is missing.
    ///
    /// # Safety
    /// As [`search`].
    #[inline(always)]
    unsafe fn slope(&mut self, k: usize) -> V {
        // SAFETY: passed on to the caller.
        unsafe {
            let fall = self.fall(k);
            let tap = self.line.taps.get_unchecked(k);
            fall.mul(V::splat(tap.gain)).sub(V::splat(tap.lift))
        }
    }

    /// What is seen at sample `k`.
    ///
    /// # Safety
    /// As [`search`].
    #[inline(always)]
    unsafe fn sample(&mut self, k: usize) -> Crown<V> {
        // SAFETY: passed on to the caller.
        unsafe {
            let tap = self.line.taps.get_unchecked(k);
            let zero = V::splat(0.0);
            let (mut near_top, mut far_top) = self.two(self.crowns.canopy, k);
            let fall = self.fall(k);
            // The bottom is seen where the crown ends.
            let ends = self.line.bottoms.get_unchecked(k);
            let (trunk, canopy, there);
            // Next to a cell without a crown, whose top is 0, the bottom keeps its height.
            if TASK & task::TRUNKS == 0 {
                canopy = self.between(near_top, far_top, k);
                let mut whole = canopy;
                there = if TASK & task::TWO_CELLS == 0 {
                    V::any_bit(near_top)
                } else {
                    let lower = near_top.least(far_top);
                    // If there is a crown at one cell only, its height.
                    whole = V::pick(V::any_bit(lower), canopy, near_top.bits_or(far_top));
                    let near = near_top.keep(ends.near_alone);
                    let far = far_top.keep(ends.far_alone);
                    V::any_bit(lower.bits_or(near).bits_or(far))
                };
                trunk = V::splat(self.options.ratio).mul(whole);
            } else {
                let (near_bottom, far_bottom) = self.two(self.crowns.trunk, k);
                near_top = V::where_greater(near_top, near_bottom, near_top, zero);
                far_top = V::where_greater(far_top, far_bottom, far_top, zero);
                canopy = self.between(near_top, far_top, k);
                let both = self.between(near_bottom, far_bottom, k);
                let both = V::where_greater(near_top, zero, both, far_bottom);
                trunk = V::where_greater(far_top, zero, both, near_bottom);
                #[expect(clippy::cast_possible_truncation, reason = "the kernel works in f32")]
                let thick = canopy.mul(V::splat((1.0 - THINNEST) as f32));
                there = V::greater(thick, trunk);
            }
            let mut top = fall.sub(canopy).mul(V::splat(tap.gain));
            let mut bottom = fall.sub(trunk).mul(V::splat(ends.gain));
            if TASK & task::LIFT != 0 {
                top = top.sub(V::splat(tap.lift));
                bottom = bottom.sub(V::splat(ends.lift));
            }
            Crown { bottom, top, there }
        }
    }

    /// The values of a layer in both cells of sample `k`.
    ///
    /// # Safety
    /// As [`search`].
    #[inline(always)]
    unsafe fn two(&self, layer: *const f32, k: usize) -> (V, V) {
        // SAFETY: passed on to the caller.
        unsafe {
            let tap = self.line.taps.get_unchecked(k);
            let near = V::load(layer.offset(tap.near));
            let two_cells = TASK & task::TWO_CELLS != 0;
            (near, if two_cells { V::load(layer.offset(tap.far)) } else { near })
        }
    }

    /// The value of a layer at sample `k`, interpolated between both cells.
    ///
    /// # Safety
    /// As [`search`].
    #[inline(always)]
    unsafe fn between(&self, near: V, far: V, k: usize) -> V {
        // SAFETY: passed on to the caller.
        unsafe {
            let weight = V::splat(self.line.taps.get_unchecked(k).weight);
            let two_cells = TASK & task::TWO_CELLS != 0;
            if two_cells { near.add(weight.mul(far.sub(near))) } else { near }
        }
    }

    /// The crown above the receiver: a sight line that reaches its bottom before it leaves the
    /// cell of the receiver passes through it.
    ///
    /// # Safety
    /// As [`search`].
    #[inline(always)]
    unsafe fn own_crown(&self) -> Interval<V> {
        // SAFETY: passed on to the caller.
        unsafe {
            let zero = V::splat(0.0);
            let options = self.options;
            let canopy = V::load(self.crowns.canopy);
            let trunk = if TASK & task::TRUNKS == 0 {
                V::splat(options.ratio).mul(canopy)
            } else {
                V::load(self.crowns.trunk)
            };
            let (factor, observer) =
                (V::splat(options.z_factor), V::splat(options.observer_height));
            let (bottom, top) = (trunk.mul(factor).sub(observer), canopy.mul(factor).sub(observer));
            let none = V::splat(f32::NEG_INFINITY);
            let there = V::where_greater(top, bottom, V::splat(f32::INFINITY), none);
            let there = V::where_greater(top, zero, there, none);
            let there = V::where_greater(canopy, zero, there, none);
            let bottom = bottom.mul(V::splat(options.per_exit));
            interval_above((bottom, V::where_nan(self.ground, none, there)), none)
        }
    }
}

/// The crowns that neighbouring receivers see in a stretch.
struct Seen<V: Lanes> {
    /// From the lowest bottom to the highest top.
    all: Interval<V>,
    /// Where there is a crown again after a sample without one.
    again: V::Mask,
}

/// What the crowns so far cover.
struct Found<V> {
    /// Heights of the receivers.
    ground: V,
    /// Slopes below it do not count.
    floor: V,
    open: Interval<V>,
    /// A second interval. Each of the two can have grown into the other.
    other: Interval<V>,
    receiver: usize,
}

impl<V: Lanes> Found<V> {
    /// The slope that crowns must rise above to change anything.
    ///
    /// # Safety
    /// As [`search`].
    #[inline(always)]
    unsafe fn bar(&self) -> Bar<V> {
        // SAFETY: passed on to the caller.
        unsafe {
            let slope = V::where_greater(self.open.0, self.floor, self.floor, self.open.1);
            Bar { ground: self.ground, slope }
        }
    }

    /// Adds what crowns cover if it is one interval and touches the open one: not where it is `several`, and
    /// not where it is apart, which is returned.
    ///
    /// # Safety
    /// As [`search`].
    #[inline(always)]
    unsafe fn join_if_one(&mut self, new: Interval<V>, several: V::Mask) -> V::Mask {
        // SAFETY: passed on to the caller.
        unsafe {
            let (bottom, top) = (new.0.max(self.floor), new.1);
            let (open_bottom, open_top) = self.open;
            let is_new = V::greater(top, bottom);
            let gap = V::or(V::greater(bottom, open_top), V::greater(open_bottom, top));
            let both = V::and(is_new, V::greater(open_top, open_bottom));
            let apart = V::and(gap, both);
            let joins = V::and_not(is_new, V::or(apart, several));
            self.open = (bottom.min_where(open_bottom, joins), top.max_where(open_top, joins));
            apart
        }
    }

    /// Adds the crowns at two consecutive samples and everything between them; if there is only
    /// one crown, only this one.
    ///
    /// # Safety
    /// As [`search`].
    #[inline(always)]
    unsafe fn add(&mut self, last: Interval<V>, crown: Interval<V>, more: &mut CanopyIntervals) {
        // SAFETY: passed on to the caller.
        unsafe {
            let both = (last.0.min(crown.0), last.1.max(crown.1));
            let mut new = interval_above(both, self.floor);
            let gap = gap_between(new, self.open);
            if V::any_greater(gap, V::splat(0.0)) {
                new = self.open_apart(new, gap, more);
            }
            self.open = (new.0.min(self.open.0), new.1.max(self.open.1));
        }
    }

    /// Makes room for a new interval that does not touch the open one: either the new one is
    /// joined to the other interval, or the open one becomes the other interval. Returns what
    /// must be added to the open one.
    ///
    /// # Safety
    /// As [`search`].
    #[inline(always)]
    unsafe fn open_apart(
        &mut self,
        new: Interval<V>,
        gap: V,
        more: &mut CanopyIntervals,
    ) -> Interval<V> {
        // SAFETY: passed on to the caller.
        unsafe {
            let (zero, one) = (V::splat(0.0), V::splat(1.0));
            let (none, open, other) = (nothing::<V>(), self.open, self.other);
            let apart = V::where_greater(gap, zero, one, zero);
            let joins = V::where_greater(apart, zero, touch(new, other), zero);
            let moves = apart.sub(joins);
            let grows = touch(open, other);
            let full = V::where_greater(other.1, other.0, moves.sub(grows), zero);
            if V::any_greater(full, zero) {
                put_off::<V>(other, full, self.receiver, more);
            }
            let moved = pick(grows, join(open, other), open);
            self.other = pick(joins, join(new, other), pick(moves, moved, other));
            self.open = pick(moves, none, open);
            pick(joins, none, new)
        }
    }

    /// Joins the two intervals if they touch.
    ///
    /// # Safety
    /// As [`search`].
    #[inline(always)]
    unsafe fn join(&mut self) {
        // SAFETY: passed on to the caller.
        unsafe {
            let zero = V::splat(0.0);
            let (a, b) = (self.open, self.other);
            // If one of them is empty, they are joined, too.
            let apart = V::where_greater(gap_between(a, b), zero, V::splat(1.0), zero);
            self.open = pick(apart, a, join(a, b));
            self.other = pick(apart, b, nothing());
        }
    }

    /// Joins the two intervals if they touch, and writes the lower one first.
    ///
    /// # Safety
    /// As [`search`].
    #[inline(always)]
    unsafe fn finish(&self, intervals: &mut CanopyIntervals) {
        // SAFETY: passed on to the caller.
        unsafe {
            let zero = V::splat(0.0);
            let (a, b) = (self.open, self.other);
            let apart = gap_between(a, b);
            let joined = join(a, b);
            let top = V::where_greater(a.0, b.0, b.1, a.1);
            let lower = (joined.0, V::where_greater(apart, zero, top, joined.1));
            // If they are joined, the second one is empty.
            let upper = pick(apart, (a.0.max(b.0), joined.1), (zero, zero));
            let (bottom, top) = or_zero(lower);
            bottom.store(intervals.bottom.as_mut_ptr().add(self.receiver));
            top.store(intervals.top.as_mut_ptr().add(self.receiver));
            let (bottom, top) = or_zero(upper);
            bottom.store(intervals.second_bottom.as_mut_ptr().add(self.receiver));
            top.store(intervals.second_top.as_mut_ptr().add(self.receiver));
        }
    }
}

/// What crowns must rise above to change what was found: the horizon, or the top of the open interval if this
/// begins at the horizon.
struct Bar<V> {
    /// Heights of the receivers.
    ground: V,
    slope: V,
}

impl<V: Lanes> Bar<V> {
    /// Whether any top of a stretch can be above it. `tops` are upper limits for all of them.
    ///
    /// # Safety
    /// As [`search`].
    #[inline(always)]
    unsafe fn is_below<const TASK: usize>(&self, tops: V, stretch: &Stretch) -> bool {
        // SAFETY: passed on to the caller.
        unsafe {
            let mut height = self.ground.add(self.slope.mul(V::splat(stretch.reach)));
            if TASK & task::LIFT != 0 {
                height = height.add(V::splat(stretch.clearance));
            }
            V::any_greater(tops, height)
        }
    }
}

/// From the lower bottom to the higher top.
///
/// # Safety
/// As [`search`].
#[inline(always)]
unsafe fn join<V: Lanes>(a: Interval<V>, b: Interval<V>) -> Interval<V> {
    // SAFETY: passed on to the caller.
    unsafe { (a.0.min(b.0), a.1.max(b.1)) }
}

/// One interval if `which` is above 0, else the other.
///
/// # Safety
/// As [`search`].
#[inline(always)]
unsafe fn pick<V: Lanes>(which: V, yes: Interval<V>, no: Interval<V>) -> Interval<V> {
    // SAFETY: passed on to the caller.
    unsafe {
        let zero = V::splat(0.0);
        (V::where_greater(which, zero, yes.0, no.0), V::where_greater(which, zero, yes.1, no.1))
    }
}

/// An interval; both ends are 0 if it is empty.
///
/// # Safety
/// As [`search`].
#[inline(always)]
unsafe fn or_zero<V: Lanes>((bottom, top): Interval<V>) -> Interval<V> {
    // SAFETY: passed on to the caller.
    unsafe {
        let zero = V::splat(0.0);
        (V::where_greater(top, bottom, bottom, zero), V::where_greater(top, bottom, top, zero))
    }
}

/// 1 if neither interval is empty and they touch, else 0.
///
/// # Safety
/// As [`search`].
#[inline(always)]
unsafe fn touch<V: Lanes>(a: Interval<V>, b: Interval<V>) -> V {
    // SAFETY: passed on to the caller.
    unsafe {
        let zero = V::splat(0.0);
        let both = V::where_greater(a.1, a.0, V::splat(1.0), zero);
        let both = V::where_greater(b.1, b.0, both, zero);
        V::where_greater(gap_between(a, b), zero, zero, both)
    }
}

/// The gap between two intervals: only positive if neither is empty and they do not touch.
///
/// # Safety
/// As [`search`].
#[inline(always)]
unsafe fn gap_between<V: Lanes>(a: Interval<V>, b: Interval<V>) -> V {
    // SAFETY: passed on to the caller.
    unsafe {
        // Infinite or NaN if one of them is empty.
        let gap = a.0.sub(b.1).max(b.0.sub(a.1));
        V::where_greater(V::splat(f32::INFINITY), gap, gap, V::splat(0.0))
    }
}

/// The part of an interval of slopes above `floor`: bottom inf, top -inf if none.
///
/// # Safety
/// As [`search`].
#[inline(always)]
unsafe fn interval_above<V: Lanes>((bottom, top): Interval<V>, floor: V) -> Interval<V> {
    // SAFETY: passed on to the caller.
    unsafe {
        let bottom = bottom.max(floor);
        let (low, high) = (V::splat(f32::NEG_INFINITY), V::splat(f32::INFINITY));
        (V::where_greater(top, bottom, bottom, high), V::where_greater(top, bottom, top, low))
    }
}

/// Stores intervals for later, if `which` is above 0.
///
/// # Safety
/// As [`search`].
#[cold]
unsafe fn put_off<V: Lanes>(
    (bottom, top): Interval<V>,
    which: V,
    receiver: usize,
    intervals: &mut CanopyIntervals,
) {
    let mut lanes = [[0.0_f32; 16]; 3];
    // SAFETY: no vector has more than 16 floats.
    unsafe {
        bottom.store(lanes[0].as_mut_ptr());
        top.store(lanes[1].as_mut_ptr());
        which.store(lanes[2].as_mut_ptr());
    }
    let [bottoms, tops, which] = lanes;
    for (lane, which) in which.into_iter().enumerate().take(V::N) {
        if which > 0.0 {
            intervals.further.push((receiver + lane, bottoms[lane], tops[lane]));
        }
    }
}

/// A module with the search compiled for one vector type, and the table of its tasks.
macro_rules! compile_for {
    ($module:ident, $lanes:ty $(; $feature:literal)?) => {
        mod $module {
            use super::*;

            /// # Safety
            /// As [`search`].
            $(#[target_feature(enable = $feature)])?
            unsafe fn run<const TASK: usize>(
                strip: Strip,
                crowns: Crowns,
                line: CrownLine<'_>,
                options: CanopySearchOptions,
                highest: &[f32],
                intervals: &mut CanopyIntervals,
            ) {
                // SAFETY: passed on to the caller.
                unsafe { search::<$lanes, TASK>(strip, crowns, line, options, highest, intervals) }
            }

            pub(super) static TASKS: [CanopySearch; task::COUNT] =
                tasks!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15
                       16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31);
        }
    };
}

macro_rules! tasks {
    ($($task:literal)*) => { [$(run::<{ task::compiled($task) }>),*] };
}

compile_for!(single, f32);
for_all_levels!(compile_for);
