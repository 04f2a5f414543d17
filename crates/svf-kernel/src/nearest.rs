//! How far away the horizon is: the nearest sample that makes it.
//!
//! Samples that tie within rounding are one horizon, and the nearest of them counts:
//! that whose slope is at least [`reach`] of the largest. Which samples tie is a
//! matter of digits that f32 does not hold, so the line is gone through in f64, as in
//! [`mod@crate::reference`]: once for the largest slope, and once more, up to where all
//! receivers of a row have found theirs. Nothing else needs such a pass, and nobody
//! else pays for it.
//!
//! Loops are plain and branch-free, so that the compiler vectorises them.

use crate::strip::{STRIP_COLS, Strip};
use crate::taps::{ExactTap, Tap};

/// Slopes tie that differ by no more than this, and by this share of the larger one.
pub(crate) const TIE: f64 = 1e-6;

/// The smallest slope of a sample that makes a horizon whose largest slope is `highest`.
/// One that is not above the horizontal is made by no sample.
#[inline(always)]
pub(crate) fn reach(highest: f64) -> f64 {
    highest - TIE * (1.0 + highest)
}

/// A number for each receiver of a row, in f64.
type ExactRow = [f64; STRIP_COLS];

/// Finds the distances of a strip, 0 where no sample makes a horizon. `stop` says
/// that a sight line ends at a missing height.
///
/// # Safety
/// Every tap of every receiver of the strip lies inside the padded tile, there is an
/// [`ExactTap`] for each, and `found` has a number for each receiver.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "distances are summed in f32")]
pub(crate) unsafe fn distances(
    strip: Strip,
    (taps, exact): (&[Tap], &[ExactTap]),
    stop: bool,
    found: &mut [f32],
) {
    /// Samples between two looks at whether all receivers have found theirs.
    const LOOK_EVERY: usize = 8;
    for row in 0..strip.rows {
        // SAFETY: a row of receivers.
        let first = unsafe { strip.first.add(row * strip.stride) };
        let receivers = ReceiverRow { first, cols: strip.cols, stop };
        // SAFETY: a receiver is inside the tile, as its taps are.
        let ground = unsafe { receivers.heights(0) }.map(f64::from);
        let mut highest: ExactRow = [f64::NEG_INFINITY; STRIP_COLS];
        let mut from = ground;
        for (tap, exact) in taps.iter().zip(exact) {
            // SAFETY: passed on to the caller.
            let slopes = unsafe { receivers.slopes_to(tap, *exact, &mut from) };
            for (highest, slope) in highest.iter_mut().zip(slopes) {
                *highest = if slope > *highest { slope } else { *highest };
            }
        }
        // Nothing reaches infinity: nothing is looked for there.
        let bars: ExactRow = highest.map(|highest| {
            let bar = reach(highest);
            if bar > 0.0 { bar } else { f64::INFINITY }
        });
        let mut nearest: ExactRow = [f64::INFINITY; STRIP_COLS];
        let mut from = ground;
        for (k, (tap, exact)) in taps.iter().zip(exact).enumerate() {
            if k.is_multiple_of(LOOK_EVERY) {
                let open = nearest.iter().zip(&bars);
                if !open.fold(false, |any, (d, bar)| any | (d.is_infinite() & bar.is_finite())) {
                    break;
                }
            }
            // SAFETY: as above.
            let slopes = unsafe { receivers.slopes_to(tap, *exact, &mut from) };
            for (nearest, (slope, bar)) in nearest.iter_mut().zip(slopes.iter().zip(&bars)) {
                let here = if slope >= bar { exact.distance } else { f64::INFINITY };
                *nearest = if here < *nearest { here } else { *nearest };
            }
        }
        let into = &mut found[(strip.at_row + row) * STRIP_COLS..][..strip.cols];
        for (into, nearest) in into.iter_mut().zip(nearest) {
            *into = if nearest < f64::INFINITY { nearest as f32 } else { 0.0 };
        }
    }
}

/// A row of receivers.
#[derive(Clone, Copy)]
struct ReceiverRow {
    first: *const f32,
    cols: usize,
    stop: bool,
}

impl ReceiverRow {
    /// The heights so many floats after theirs; NaN beyond the last column.
    ///
    /// # Safety
    /// They lie inside the padded tile.
    #[inline(always)]
    unsafe fn heights(self, offset: isize) -> [f32; STRIP_COLS] {
        // SAFETY: see above.
        let heights = unsafe { std::slice::from_raw_parts(self.first.offset(offset), self.cols) };
        if let Some(heights) = heights.first_chunk() {
            return *heights;
        }
        let mut some = [f32::NAN; STRIP_COLS];
        some[..heights.len()].copy_from_slice(heights);
        some
    }

    /// The slope at which each receiver sees a sample, NaN where it is missing.
    ///
    /// # Safety
    /// The tap of every receiver lies inside the padded tile.
    #[inline(always)]
    unsafe fn slopes_to(self, tap: &Tap, exact: ExactTap, ground: &mut ExactRow) -> ExactRow {
        // SAFETY: see above.
        let (near, far) = unsafe { (self.heights(tap.near), self.heights(tap.far)) };
        let mut slopes = [0.0; STRIP_COLS];
        for i in 0..STRIP_COLS {
            let (near, far) = (f64::from(near[i]), f64::from(far[i]));
            let rise = (near - ground[i]) + exact.weight * (far - near);
            slopes[i] = rise * exact.gain - exact.lift;
        }
        if self.stop {
            for (ground, slope) in ground.iter_mut().zip(slopes) {
                *ground = if slope.is_nan() { f64::NAN } else { *ground };
            }
        }
        slopes
    }
}
