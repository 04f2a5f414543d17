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

use crate::horizon::{STRIP_COLS, Strip, Tap};
use crate::params::{Missing, Params, Trunk};
use crate::reference::THINNEST;
use crate::simd::{Lanes, Portable, SimdLevel};

/// What crowns cover in one direction, for a strip of receivers: intervals of
/// slopes above the horizon, none of them above another's place.
#[derive(Default)]
pub(crate) struct Veil {
    /// Lower end of the lowest interval; equal to the upper end where there is none.
    pub bottom: Vec<f32>,
    /// Upper end of the lowest interval.
    pub top: Vec<f32>,
    /// Further intervals: receiver, lower end, upper end.
    pub more: Vec<(usize, f32, f32)>,
    /// Intervals put aside during the search.
    aside: Vec<(usize, f32, f32)>,
}

impl Veil {
    /// Bytes for each receiver: with a few crowns in each direction that lie apart.
    pub const BYTES: usize = 2 * size_of::<f32>() + 4 * size_of::<(usize, f32, f32)>();

    pub fn new(cells: usize) -> Self {
        Self {
            bottom: vec![0.0; cells],
            top: vec![0.0; cells],
            more: Vec::new(),
            aside: Vec::new(),
        }
    }

    /// Forgets all intervals.
    pub fn clear(&mut self) {
        self.bottom.fill(0.0);
        self.top.fill(0.0);
        self.more.clear();
        self.aside.clear();
    }

    /// Joins the intervals put aside with the open ones.
    pub fn join(&mut self) {
        let mut aside = std::mem::take(&mut self.aside);
        aside.sort_unstable_by_key(|(receiver, ..)| *receiver);
        for of_receiver in aside.chunk_by(|a, b| a.0 == b.0) {
            let receiver = of_receiver[0].0;
            let mut intervals: Vec<(f32, f32)> =
                of_receiver.iter().map(|&(_, bottom, top)| (bottom, top)).collect();
            intervals.push((self.bottom[receiver], self.top[receiver]));
            let mut union = union_of(intervals).into_iter();
            (self.bottom[receiver], self.top[receiver]) = union.next().unwrap_or((0.0, 0.0));
            self.more.extend(union.map(|(bottom, top)| (receiver, bottom, top)));
        }
        aside.clear();
        self.aside = aside;
    }
}

/// Disjoint intervals that cover the same, lowest first.
pub(crate) fn union_of<T: PartialOrd + Copy>(mut intervals: Vec<(T, T)>) -> Vec<(T, T)> {
    intervals.sort_unstable_by(|a, b| a.0.partial_cmp(&b.0).unwrap_or(std::cmp::Ordering::Equal));
    let mut union: Vec<(T, T)> = Vec::new();
    for (bottom, top) in intervals {
        match union.last_mut() {
            Some(last) if bottom <= last.1 => {
                if top > last.1 {
                    last.1 = top;
                }
            }
            _ => union.push((bottom, top)),
        }
    }
    union
}

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
pub(crate) struct Look {
    /// Bottom of a crown as a share of its top.
    ratio: f32,
    z_factor: f32,
    observer_height: f32,
    stop: bool,
    /// `1 / distance` at which the sight line leaves the receiver's own cell.
    per_exit: f32,
}

impl Look {
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

type Search = unsafe fn(Strip, Crowns, &[Tap], Look, &[f32], &mut Veil);

/// The search for crowns along one line, for one instruction set.
pub(crate) fn search_for(level: SimdLevel, strip_cols: usize) -> Search {
    if strip_cols < STRIP_COLS {
        return single;
    }
    match level {
        SimdLevel::Portable => portable,
        #[cfg(target_arch = "x86_64")]
        SimdLevel::Avx2 => avx2,
        #[cfg(target_arch = "x86_64")]
        SimdLevel::Avx512 => avx512,
        #[cfg(not(target_arch = "x86_64"))]
        _ => portable,
    }
}

/// Finds the intervals of a strip above `highest`, the slopes of its solid horizon.
///
/// # Safety
/// Every tap of every receiver of the strip lies inside the padded tile, whose
/// canopy (and trunks, if not null) lie in memory as its heights do; `highest` and
/// the veil have an entry for each receiver; the processor has the instructions
/// of `V`.
#[inline(always)]
unsafe fn search<V: Lanes>(
    strip: Strip,
    crowns: Crowns,
    taps: &[Tap],
    look: Look,
    highest: &[f32],
    veil: &mut Veil,
) {
    // SAFETY: only loads and stores inside the tile and the arrays, see above.
    unsafe {
        let zero = V::splat(0.0);
        let (low, high) = (V::splat(f32::NEG_INFINITY), V::splat(f32::INFINITY));
        let ratio = V::splat(look.ratio);
        #[expect(clippy::cast_possible_truncation, reason = "the kernel works in f32")]
        let thick = V::splat((1.0 - THINNEST) as f32);
        for row in 0..strip.rows {
            for col in (0..strip.cols).step_by(V::N) {
                let from = row * strip.stride + col;
                let receiver = (strip.at_row + row) * STRIP_COLS + col;
                let at = |layer: *const f32, offset: isize| V::load(layer.add(from).offset(offset));
                let mut ground = at(strip.first, 0);
                // Nothing counts below the solid horizon, nor below the horizontal.
                let floor = V::load(highest.as_ptr().add(receiver)).max(zero);
                let own = own_crown::<V>(crowns, from, ground, look);
                let (mut bottom, mut top) = interval_above(own, floor);
                // The crown at the sample before.
                let mut last = own;
                for (k, tap) in taps.iter().enumerate() {
                    let lerp = |near: V, far: V| near.add(V::splat(tap.weight).mul(far.sub(near)));
                    let two = |layer| (at(layer, tap.near), at(layer, tap.far));
                    let (near_top, far_top) = two(crowns.canopy);
                    if !look.stop && !V::any_greater(near_top.max(far_top), zero) {
                        last = (high, low);
                        continue;
                    }
                    // As in the horizon search, to the same bits.
                    let near = at(strip.first, tap.near);
                    let far = at(strip.first, tap.far);
                    let fall = ground.sub(near).add(V::splat(tap.weight).mul(near.sub(far)));
                    if look.stop {
                        ground = V::where_nan(fall, V::splat(f32::NAN), ground);
                    }
                    let (near_bottom, far_bottom) = if crowns.trunk.is_null() {
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
                    let slope =
                        |rise: V| fall.sub(rise).mul(V::splat(tap.gain)).sub(V::splat(tap.lift));
                    let crown_bottom =
                        slope(trunk).mul(V::splat(tap.midway_share(taps.get(k + 1))));
                    let there = |seen, none| {
                        let seen = V::where_greater(canopy.mul(thick), trunk.max(zero), seen, none);
                        V::where_nan(fall, none, seen)
                    };
                    let crown = (there(crown_bottom, high), there(slope(canopy), low));
                    // Without a crown here or there the other one stands alone.
                    let both = (last.0.min(crown.0), last.1.max(crown.1));
                    last = crown;
                    let (next_bottom, next_top) = interval_above(both, floor);
                    // Positive and finite where both are there and lie apart.
                    let gap = next_bottom.sub(top).max(bottom.sub(next_top));
                    if V::any_greater(V::where_greater(high, gap, gap, zero), zero) {
                        put_aside::<V>((bottom, top), gap, receiver, veil);
                        let apart = V::where_greater(high, gap, gap, zero);
                        bottom = V::where_greater(apart, zero, high, bottom);
                        top = V::where_greater(apart, zero, low, top);
                    }
                    bottom = next_bottom.min(bottom);
                    top = next_top.max(top);
                }
                let none = V::where_greater(top, bottom, zero, V::splat(1.0));
                let empty = |end: V| V::where_greater(none, zero, zero, end);
                empty(bottom).store(veil.bottom.as_mut_ptr().add(receiver));
                empty(top).store(veil.top.as_mut_ptr().add(receiver));
            }
        }
    }
}

/// The crown above the receiver: a sight line that reaches its bottom before it
/// leaves the receiver's own cell passes through it.
///
/// # Safety
/// As [`search`].
#[inline(always)]
unsafe fn own_crown<V: Lanes>(crowns: Crowns, from: usize, ground: V, look: Look) -> (V, V) {
    // SAFETY: passed on to the caller.
    unsafe {
        let zero = V::splat(0.0);
        let above =
            |height: V| height.mul(V::splat(look.z_factor)).sub(V::splat(look.observer_height));
        let canopy = V::load(crowns.canopy.add(from));
        let trunk = if crowns.trunk.is_null() {
            V::splat(look.ratio).mul(canopy)
        } else {
            V::load(crowns.trunk.add(from))
        };
        let none = V::splat(f32::NEG_INFINITY);
        let endless = V::splat(f32::INFINITY);
        let there = V::where_greater(above(canopy), above(trunk), endless, none);
        let there = V::where_greater(above(canopy), zero, there, none);
        let there = V::where_greater(canopy, zero, there, none);
        let bottom = above(trunk).mul(V::splat(look.per_exit));
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
unsafe fn put_aside<V: Lanes>((bottom, top): (V, V), gap: V, receiver: usize, veil: &mut Veil) {
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
            veil.aside.push((receiver + lane, bottoms[lane], tops[lane]));
        }
    }
}

macro_rules! compile_for {
    ($name:ident, $lanes:ty $(, $feature:literal)?) => {
        /// # Safety
        /// As [`search`].
        $(#[target_feature(enable = $feature)])?
        unsafe fn $name(
            strip: Strip,
            crowns: Crowns,
            taps: &[Tap],
            look: Look,
            highest: &[f32],
            veil: &mut Veil,
        ) {
            // SAFETY: passed on to the caller.
            unsafe { search::<$lanes>(strip, crowns, taps, look, highest, veil) }
        }
    };
}
compile_for!(single, f32);
compile_for!(portable, Portable);
#[cfg(target_arch = "x86_64")]
compile_for!(avx2, crate::simd::Avx2, "avx2");
#[cfg(target_arch = "x86_64")]
compile_for!(avx512, crate::simd::Avx512, "avx512f");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unions_of_intervals() {
        assert_eq!(union_of(vec![(3.0, 4.0), (0.0, 1.0), (0.5, 2.0)]), [(0.0, 2.0), (3.0, 4.0)]);
        assert_eq!(union_of(vec![(0.0, 9.0), (1.0, 2.0), (9.0, 9.5)]), [(0.0, 9.5)]);
        assert_eq!(union_of(Vec::<(f32, f32)>::new()), []);
    }
}
