//! Vegetation: which part of the sky of a direction lies behind crowns.
//!
//! A crown spans the heights from its bottom to its top at every sample and goes on
//! midway to the next one; where two samples in a row lie in crowns, it spans all
//! between them: from the lower of the two bottoms to the higher of the two tops, as
//! seen from the receiver. At its rim the top slopes to the ground over a cell, as a
//! wall does, and the bottom stays where it is up to where the two meet. Above the
//! horizon of the solid surface the *union* of these intervals of slopes lets a
//! share of the light through, however many crowns there are one behind the other
//! (Lindberg & Grimmond 2011), and what lies between and below crowns is open.
//!
//! Neighbouring receivers go through a sight line together, as in the horizon
//! search. Each keeps one open interval, which nearly always meets the next one;
//! intervals that lie apart are put aside and joined at the end.

use crate::intervals::{CanopyIntervals, THINNEST};
use crate::params::{Missing, Params, Trunk};
use crate::simd::{Lanes, SimdLevel, by_level, for_all_levels};
use crate::strip::{STRIP_COLS, Strip};
use crate::taps::Tap;

/// The crowns of a strip, laid out like its heights.
#[derive(Clone, Copy)]
pub(crate) struct Crowns {
    /// Height of the canopy above ground at the first receiver; 0 where there is none.
    pub canopy: *const f32,
    /// Height of the crowns' bottom above ground there; null when it is a share of
    /// the canopy's.
    pub trunk: *const f32,
}

impl Crowns {
    /// The same, so many floats further down.
    ///
    /// # Safety
    /// The layers reach that far.
    pub unsafe fn down(self, floats: usize) -> Self {
        // SAFETY: passed on to the caller.
        unsafe {
            Self {
                canopy: self.canopy.add(floats),
                trunk: if self.trunk.is_null() { self.trunk } else { self.trunk.add(floats) },
            }
        }
    }
}

/// What the search for crowns needs to know of a direction.
#[derive(Clone, Copy)]
pub(crate) struct CanopySearchOptions {
    /// Bottom of a crown as a share of its top.
    ratio: f32,
    z_factor: f32,
    observer_height: f32,
    stop: bool,
    /// `1 / distance` at which the sight line leaves the receiver's own cell.
    per_exit: f32,
}

impl CanopySearchOptions {
    #[expect(clippy::cast_possible_truncation, reason = "the kernel works in f32")]
    pub fn new(params: &Params, exit_distance: f64) -> Self {
        let ratio = match params.canopy.map(|canopy| canopy.trunk) {
            Some(Trunk::Ratio(ratio)) => ratio,
            _ => 0.0,
        };
        Self {
            ratio: ratio as f32,
            z_factor: params.z_factor as f32,
            observer_height: params.observer_height as f32,
            stop: params.missing == Missing::Stop,
            per_exit: (1.0 / exit_distance) as f32,
        }
    }
}

type CanopySearch =
    unsafe fn(Strip, Crowns, &[Tap], CanopySearchOptions, &[f32], &mut CanopyIntervals);

/// The search for crowns along one line, for one instruction set.
pub(crate) fn search_for(level: SimdLevel, strip_cols: usize) -> CanopySearch {
    if strip_cols < STRIP_COLS {
        return single::SEARCH;
    }
    *by_level!(level, SEARCH)
}

/// Finds the intervals of a strip above `highest`, the slopes of its solid horizon.
///
/// # Safety
/// Every tap of every receiver of the strip lies inside the padded tile, whose
/// canopy (and trunks, if not null) lie in memory as its heights do; `highest` and
/// the intervals have an entry for each receiver; the processor has the instructions
/// of `V`.
#[inline(always)]
unsafe fn search<V: Lanes>(
    strip: Strip,
    crowns: Crowns,
    taps: &[Tap],
    options: CanopySearchOptions,
    highest: &[f32],
    intervals: &mut CanopyIntervals,
) {
    // SAFETY: only loads and stores inside the tile and the arrays, see above.
    unsafe {
        let zero = V::splat(0.0);
        let (low, high) = (V::splat(f32::NEG_INFINITY), V::splat(f32::INFINITY));
        for row in 0..strip.rows {
            for col in (0..strip.cols).step_by(V::N) {
                let from = row * strip.stride + col;
                let receiver = (strip.at_row + row) * STRIP_COLS + col;
                let (heights, crowns) = (strip.first.add(from), crowns.down(from));
                let mut ground = V::load(heights);
                // Nothing counts below the solid horizon, nor below the horizontal.
                let floor = V::load(highest.as_ptr().add(receiver)).max(zero);
                let own = own_crown::<V>(crowns, ground, options);
                let (mut bottom, mut top) = interval_above(own, floor);
                // The crown at the sample before.
                let mut last = own;
                for (k, tap) in taps.iter().enumerate() {
                    let next = taps.get(k + 1);
                    let Some(crown) = crown_at(heights, crowns, tap, next, &mut ground, options)
                    else {
                        last = (high, low);
                        continue;
                    };
                    // Without a crown here or there the other one stands alone.
                    let both = (last.0.min(crown.0), last.1.max(crown.1));
                    last = crown;
                    let (next_bottom, next_top) = interval_above(both, floor);
                    // Positive and finite where both are there and lie apart.
                    let gap = next_bottom.sub(top).max(bottom.sub(next_top));
                    if V::any_greater(V::where_greater(high, gap, gap, zero), zero) {
                        put_aside::<V>((bottom, top), gap, receiver, intervals);
                        let apart = V::where_greater(high, gap, gap, zero);
                        bottom = V::where_greater(apart, zero, high, bottom);
                        top = V::where_greater(apart, zero, low, top);
                    }
                    bottom = next_bottom.min(bottom);
                    top = next_top.max(top);
                }
                let none = V::where_greater(top, bottom, zero, V::splat(1.0));
                let empty = |end: V| V::where_greater(none, zero, zero, end);
                empty(bottom).store(intervals.bottom.as_mut_ptr().add(receiver));
                empty(top).store(intervals.top.as_mut_ptr().add(receiver));
            }
        }
    }
}

/// The crown at a tap, as slopes of its bottom and its top: inf and -inf for receivers that
/// see none there. None where no receiver does. `ground` becomes NaN where a missing height
/// ends the sight line.
///
/// # Safety
/// As [`search`], `heights` and `crowns` being those of the receivers.
#[inline(always)]
unsafe fn crown_at<V: Lanes>(
    heights: *const f32,
    crowns: Crowns,
    tap: &Tap,
    next: Option<&Tap>,
    ground: &mut V,
    options: CanopySearchOptions,
) -> Option<(V, V)> {
    // SAFETY: passed on to the caller.
    unsafe {
        let zero = V::splat(0.0);
        let lerp = |near: V, far: V| near.add(V::splat(tap.weight).mul(far.sub(near)));
        let two =
            |layer: *const f32| (V::load(layer.offset(tap.near)), V::load(layer.offset(tap.far)));
        let (near_top, far_top) = two(crowns.canopy);
        if !options.stop && !V::any_greater(near_top.max(far_top), zero) {
            return None;
        }
        // As in the horizon search, to the same bits.
        let (near, far) = two(heights);
        let fall = ground.sub(near).add(V::splat(tap.weight).mul(near.sub(far)));
        if options.stop {
            *ground = V::where_nan(fall, V::splat(f32::NAN), *ground);
        }
        let (near_bottom, far_bottom) = if crowns.trunk.is_null() {
            let ratio = V::splat(options.ratio);
            (ratio.mul(near_top), ratio.mul(far_top))
        } else {
            two(crowns.trunk)
        };
        // A cell without a crown has a top of 0.
        let top_of = |top: V, bottom: V| V::where_greater(top, bottom, top, zero);
        let near_top = top_of(near_top, near_bottom);
        let far_top = top_of(far_top, far_bottom);
        let canopy = lerp(near_top, far_top);
        // Beside one without, a bottom stays as high as it is.
        let trunk = lerp(near_bottom, far_bottom);
        let trunk = V::where_greater(near_top, zero, trunk, far_bottom);
        let trunk = V::where_greater(far_top, zero, trunk, near_bottom);
        let slope = |rise: V| fall.sub(rise).mul(V::splat(tap.gain)).sub(V::splat(tap.lift));
        let crown_bottom = slope(trunk).mul(V::splat(tap.midway_share(next)));
        #[expect(clippy::cast_possible_truncation, reason = "the kernel works in f32")]
        let thick = V::splat((1.0 - THINNEST) as f32);
        let there = |seen, none| {
            let seen = V::where_greater(canopy.mul(thick), trunk.max(zero), seen, none);
            V::where_nan(fall, none, seen)
        };
        let (low, high) = (V::splat(f32::NEG_INFINITY), V::splat(f32::INFINITY));
        Some((there(crown_bottom, high), there(slope(canopy), low)))
    }
}

/// The crown above the receiver: a sight line that reaches its bottom before it
/// leaves the receiver's own cell passes through it.
///
/// # Safety
/// As [`search`].
#[inline(always)]
unsafe fn own_crown<V: Lanes>(crowns: Crowns, ground: V, options: CanopySearchOptions) -> (V, V) {
    // SAFETY: passed on to the caller.
    unsafe {
        let zero = V::splat(0.0);
        let above = |height: V| {
            height.mul(V::splat(options.z_factor)).sub(V::splat(options.observer_height))
        };
        let canopy = V::load(crowns.canopy);
        let trunk = if crowns.trunk.is_null() {
            V::splat(options.ratio).mul(canopy)
        } else {
            V::load(crowns.trunk)
        };
        let none = V::splat(f32::NEG_INFINITY);
        let endless = V::splat(f32::INFINITY);
        let there = V::where_greater(above(canopy), above(trunk), endless, none);
        let there = V::where_greater(above(canopy), zero, there, none);
        let there = V::where_greater(canopy, zero, there, none);
        let bottom = above(trunk).mul(V::splat(options.per_exit));
        interval_above((bottom, V::where_nan(ground, none, there)), none)
    }
}

/// The part of an interval of slopes above `floor`: bottom inf, top -inf if none.
///
/// # Safety
/// As [`search`].
#[inline(always)]
unsafe fn interval_above<V: Lanes>((bottom, top): (V, V), floor: V) -> (V, V) {
    // SAFETY: passed on to the caller.
    unsafe {
        let bottom = bottom.max(floor);
        let (low, high) = (V::splat(f32::NEG_INFINITY), V::splat(f32::INFINITY));
        (V::where_greater(top, bottom, bottom, high), V::where_greater(top, bottom, top, low))
    }
}

/// Puts the open intervals aside where the next one lies apart.
///
/// # Safety
/// As [`search`].
#[cold]
unsafe fn put_aside<V: Lanes>(
    (bottom, top): (V, V),
    gap: V,
    receiver: usize,
    intervals: &mut CanopyIntervals,
) {
    let mut lanes = [[0.0_f32; 16]; 3];
    // SAFETY: no vector has more than 16 floats.
    unsafe {
        bottom.store(lanes[0].as_mut_ptr());
        top.store(lanes[1].as_mut_ptr());
        gap.store(lanes[2].as_mut_ptr());
    }
    let [bottoms, tops, gaps] = lanes;
    for (lane, gap) in gaps.into_iter().enumerate().take(V::N) {
        if gap > 0.0 && gap < f32::INFINITY {
            intervals.aside.push((receiver + lane, bottoms[lane], tops[lane]));
        }
    }
}

/// A module with the search compiled for one vector type.
macro_rules! compile_for {
    ($module:ident, $lanes:ty $(; $feature:literal)?) => {
        mod $module {
            use super::*;

            /// # Safety
            /// As [`search`].
            $(#[target_feature(enable = $feature)])?
            unsafe fn run(
                strip: Strip,
                crowns: Crowns,
                taps: &[Tap],
                options: CanopySearchOptions,
                highest: &[f32],
                intervals: &mut CanopyIntervals,
            ) {
                // SAFETY: passed on to the caller.
                unsafe { search::<$lanes>(strip, crowns, taps, options, highest, intervals) }
            }

            pub(super) static SEARCH: CanopySearch = run;
        }
    };
}

compile_for!(single, f32);
for_all_levels!(compile_for);
