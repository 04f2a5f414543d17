//! Finds the distance of the horizon: that of the nearest sample that makes it.
//!
//! If several samples tie within rounding, the nearest of them makes the horizon: the nearest
//! sample whose slope is at least [`reach`] of the largest slope. Which samples tie depends on
//! digits that f32 does not have. So the line is searched in f64, as in [`mod@crate::reference`]:
//! once for the largest slope, and a second time until all receivers of a row have found their
//! sample. Only this measure needs and pays for these passes.
//!
//! Loops are plain and branch-free, so that the compiler vectorises them.

use crate::strip::{Layout, STRIP_COLS, Strip};
use crate::taps::{ExactTap, Tap};

/// Slopes tie if they differ by at most this number plus this share of the larger one.
pub(crate) const TIE: f64 = 1e-6;

/// The smallest slope of a sample that makes a horizon whose largest slope is `highest`. No
/// sample makes a horizon that is not above the horizontal.
#[inline(always)]
pub(crate) fn reach(highest: f64) -> f64 {
    highest - TIE * (1.0 + highest)
}

/// A number for each receiver of a row, in f64.
type ExactRow = [f64; STRIP_COLS];

/// Finds the distances of a strip; 0 if no sample makes a horizon. `stop` says that a sight line
/// ends at a missing height.
///
/// # Safety
/// Every tap of every receiver of the strip is inside the tile with its halo, there is an
/// [`ExactTap`] for each tap, and `found` has a number for each receiver.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "distances are summed in f32")]
pub(crate) unsafe fn distances(
    strip: Strip,
    (taps, exact): (&[Tap], &[ExactTap]),
    stop: bool,
    found: &mut [f32],
) {
    /// Number of samples between two checks whether all receivers have found their sample.
    const LOOK_EVERY: usize = 8;
    for row in 0..strip.rows {
        let receivers = ReceiverRow { strip, row, stop };
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
        // No sample reaches infinity, so these receivers have nothing to find.
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
    strip: Strip,
    row: usize,
    stop: bool,
}

impl ReceiverRow {
    /// The heights that are this number of floats after their own; NaN beyond the last column.
    ///
    /// # Safety
    /// They must be inside the tile with its halo.
    #[inline(always)]
    unsafe fn heights(self, offset: isize) -> [f32; STRIP_COLS] {
        let Self { strip, row, .. } = self;
        let first = strip.first.wrapping_offset(offset);
        if !matches!(strip.layout, Layout::Rows) {
            // SAFETY: a place for each receiver; what is there is inside the tile.
            return std::array::from_fn(|i| unsafe {
                *first.wrapping_add(strip.place(row, i).floats)
            });
        }
        let first = first.wrapping_add(row * strip.stride);
        // SAFETY: see above.
        let heights = unsafe { std::slice::from_raw_parts(first, strip.cols) };
        if let Some(heights) = heights.first_chunk() {
            return *heights;
        }
        let mut some = [f32::NAN; STRIP_COLS];
        some[..heights.len()].copy_from_slice(heights);
        some
    }

    /// The slope at which each receiver sees a sample; NaN if it is missing.
    ///
    /// # Safety
    /// The tap of every receiver is inside the tile with its halo.
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

#[cfg(test)]
mod tests {
    use ndarray::{Array2, ArrayView2};

    use super::*;
    use crate::geometry::{Fan, Sample, SightLine, halo_of};
    use crate::measures::SearchOptions;
    use crate::params::{CellSize, Curvature, Params, Sampling};
    use crate::reference::height_at;
    use crate::taps::Taps;

    /// Numbers without a pattern, 0 to 1.
    fn random() -> impl FnMut() -> f64 {
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1_u64 << 53) as f64
        }
    }

    /// The distances by their definition, sample by sample in f64.
    fn by_definition(
        z: ArrayView2<'_, f64>,
        (row, col): (usize, usize),
        line: &SightLine,
        params: &Params,
        stop: bool,
    ) -> f32 {
        let ground = z[(row, col)];
        let mut slopes = Vec::new();
        for sample in line.samples.iter().filter(|s| !s.is_receiver()) {
            let exact = ExactTap::new(sample.weight, sample.distance, params);
            let cell = |cell| height_at(z, row, col, &Sample { near: cell, far: cell, ..*sample });
            match cell(sample.near).zip(cell(sample.far)) {
                Some((near, far)) => {
                    let rise = (near - ground) + exact.weight * (far - near);
                    slopes.push((exact.distance, rise * exact.gain - exact.lift));
                }
                None if stop => break,
                None => {}
            }
        }
        let highest = slopes.iter().map(|s| s.1).fold(f64::NEG_INFINITY, f64::max);
        let bar = reach(highest);
        let makes = slopes.iter().find(|s| bar > 0.0 && s.1 >= bar);
        makes.map_or(0.0, |s| s.0 as f32)
    }

    /// Distances of all receivers of a tile of this many columns, in each direction.
    fn check(heights: &dyn Fn(usize, usize) -> f32, cols: usize, params: &Params) {
        const ROWS: usize = 3;
        let cell = CellSize { east: 1.0, south: 1.25 };
        let halo = halo_of(params, cell).unwrap();
        let z = Array2::from_shape_fn(halo.padded(ROWS, cols), |(r, c)| heights(r, c));
        let exact_z = z.mapv(f64::from);
        let options = SearchOptions { distance: true, ..SearchOptions::default() };
        let mut taps = Taps::default();
        taps.lay_out(params, cell, z.ncols(), (options, false));
        let fan = Fan::new(params, cell).unwrap();
        let first = z.slice(ndarray::s![halo.rows_px.., halo.cols_px..]).as_ptr();
        let (stride, layout) = (z.ncols(), Layout::Rows);
        let strip = Strip { first, layout, stride, rows: ROWS, cols, at_row: 0 };
        for (i, line) in fan.lines.iter().enumerate() {
            for stop in [false, true] {
                let mut found = vec![-1.0; ROWS * STRIP_COLS];
                let line_taps = (taps.line(i).1, taps.exact(i));
                // SAFETY: the tile has the halo around every receiver.
                unsafe { distances(strip, line_taps, stop, &mut found) };
                for (row, found) in found.chunks(STRIP_COLS).enumerate() {
                    for (col, found) in found[..cols].iter().enumerate() {
                        let at = (row + halo.rows_px, col + halo.cols_px);
                        let want = by_definition(exact_z.view(), at, line, params, stop);
                        assert_eq!(*found, want, "{at:?}, line {i}, stop {stop}, {params:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn distances_are_those_of_the_definition_to_the_last_bit() {
        let mut random = random();
        let noise = Array2::from_shape_fn((200, 300), |_| random());
        let base = Params::new(30.0, 8);
        let searches = [
            base.clone(),
            Params { directions: 5, sampling: Sampling::Crossings, ..base.clone() },
            Params { directions: 9, sampling: Sampling::Nearest, z_factor: 0.3, ..base.clone() },
            Params { sampling: Sampling::Divided { divisions: 17 }, ..base.clone() },
            Params {
                directions: 12,
                observer_height: 1.7,
                curvature: Some(Curvature { refraction: 0.13, earth_radius: 900.0 }),
                ..base
            },
        ];
        let hidden = |z: f64, n: f64| if n < 0.03 { f32::NAN } else { z as f32 };
        type Heights<'a> = &'a dyn Fn(usize, usize) -> f32;
        let flat: Heights<'_> = &|_, _| 7.5;
        let rough: Heights<'_> = &|r, c| (noise[(r, c)] * 40.0) as f32;
        // All samples of a slope tie, except for the rounding of heights.
        let slope: Heights<'_> = &|r, c| (1e4 + 0.31 * r as f64 - 0.17 * c as f64) as f32;
        let steps: Heights<'_> = &|r, c| ((r / 5 + c / 7) % 4) as f32;
        let gaps: Heights<'_> = &|r, c| hidden(noise[(r, c)] * 9.0, noise[(r + 1, c + 2)]);
        // Neighbours that cancel out, on high ground.
        let wild: Heights<'_> =
            &|r, c| if (r + c) % 2 == 0 { 8e6 } else { (-8e6 + noise[(r, c)] * 9.0) as f32 };
        let rising: Heights<'_> = &|r, c| (3e3 + 1e-4 * ((r * r + c * c) as f64).sqrt()) as f32;
        let all = [flat, rough, slope, steps, gaps, wild, rising];
        let few = if cfg!(miri) { 1 } else { all.len() };
        for heights in all.into_iter().take(few) {
            for cols in if cfg!(miri) { &[3][..] } else { &[1, 15, 16, 40, 64][..] } {
                for params in &searches {
                    check(heights, *cols, params);
                }
            }
        }
    }
}
