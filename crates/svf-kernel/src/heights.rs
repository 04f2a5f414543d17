//! Decides which heights the search can use, and replaces the others.
//!
//! One pass over a tile finds whether a height is missing, and whether all slopes will fit into
//! f32. If they will not, the search gets a corrected copy: infinite heights are missing, and
//! heights beyond [`TALLEST`] are limited to it.

use ndarray::{Array2, ArrayView1, ArrayView2};

/// The largest absolute height. With it and the limits of [`crate::Params::validate`], all
/// slopes, and all sums from which they are computed, fit into f32.
pub(crate) const TALLEST: f32 = 1e16;

/// A height that the search can use: NaN if it is missing.
pub(crate) fn usable(height: f32) -> f32 {
    if height.is_infinite() { f32::NAN } else { height.clamp(-TALLEST, TALLEST) }
}

/// Height of a canopy or of trunks above ground: 0 if it is negative or not a number.
pub(crate) fn usable_crown(height: f32) -> f32 {
    if height > 0.0 && height < f32::INFINITY { height.min(TALLEST) } else { 0.0 }
}

/// A copy of a layer, in rows of adjacent cells.
pub(crate) fn copy_of(layer: ArrayView2<'_, f32>, cell: impl Fn(f32) -> f32) -> Array2<f32> {
    Array2::from_shape_fn(layer.dim(), |at| cell(layer[at]))
}

/// What is known about the heights of a tile.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Survey {
    /// Whether any height is missing.
    pub gaps: bool,
    /// The largest absolute height; infinite if one height is infinite.
    pub largest: f32,
}

impl Survey {
    /// Looks at all heights.
    #[inline(always)]
    pub fn of(heights: ArrayView2<'_, f32>) -> Self {
        let mut all = Self::default();
        // Loops are used here and below, because functions with closures would not be compiled
        // for the instruction set of the caller.
        for row in heights.rows() {
            let row = survey(row);
            all.gaps |= row.gaps;
            all.largest = all.largest.max(row.largest);
        }
        all
    }
}

/// Looks at a row, several heights at a time. There is no early exit, so that the loop is
/// vectorised.
#[inline(always)]
fn survey(row: ArrayView1<'_, f32>) -> Survey {
    const INFINITY: u32 = f32::INFINITY.to_bits();
    // Without the sign, the bits of floats have the order of their sizes, with NaN last.
    let size = |z: f32| z.to_bits() & 0x7fff_ffff;
    let known = |size: u32| if size > INFINITY { 0 } else { size };
    let (mut most, mut most_known) = ([0_u32; 16], [0_u32; 16]);
    let (chunks, rest) = row.as_slice().unwrap_or_default().as_chunks::<16>();
    for chunk in chunks {
        for i in 0..16 {
            most[i] = most[i].max(size(chunk[i]));
            most_known[i] = most_known[i].max(known(size(chunk[i])));
        }
    }
    let (mut any, mut any_known) = (0, 0);
    for i in 0..16 {
        any = most[i].max(any);
        any_known = most_known[i].max(any_known);
    }
    let mut one_by_one = |z: f32| {
        any = size(z).max(any);
        any_known = known(size(z)).max(any_known);
    };
    if row.as_slice().is_some() {
        for z in rest {
            one_by_one(*z);
        }
    } else {
        // Cells that are not adjacent in memory.
        for z in row {
            one_by_one(*z);
        }
    }
    Survey { gaps: any > INFINITY, largest: f32::from_bits(any_known) }
}

/// Whether a row has a missing height. There is no early exit: the sum over the row is
/// vectorised, and most rows have no missing height.
#[inline(always)]
pub(crate) fn has_missing(row: ArrayView1<'_, f32>) -> bool {
    row.as_slice().map_or_else(
        || row.iter().any(|z| z.is_nan()),
        |row| row.iter().fold(0_u32, |sum, z| sum | u32::from(z.is_nan())) != 0,
    )
}

/// Whether all heights of crowns are as [`usable_crown`] makes them.
#[inline(always)]
pub(crate) fn are_crowns(layer: ArrayView2<'_, f32>) -> bool {
    let fine = |height: &f32| (0.0..=TALLEST).contains(height);
    layer.rows().into_iter().all(|row| {
        row.as_slice().map_or_else(
            || row.iter().all(fine),
            |row| row.iter().fold(0_u32, |sum, height| sum | u32::from(!fine(height))) == 0,
        )
    })
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, s};

    use super::*;

    #[test]
    fn a_survey_sees_every_cell_in_any_order_of_memory() {
        for at in [(0, 0), (2, 15), (1, 16), (3, 36)] {
            for (height, gaps, largest) in [
                (f32::NAN, true, 5.0),
                (-7.0, false, 7.0),
                (f32::NEG_INFINITY, false, f32::INFINITY),
            ] {
                let mut z = Array2::from_elem((4, 37), 5.0_f32);
                z[at] = height;
                for view in [z.view(), z.t(), z.slice(s![..;-1, ..;-1])] {
                    let survey = Survey::of(view);
                    assert_eq!((survey.gaps, survey.largest), (gaps, largest), "{at:?}, {height}");
                    assert_eq!(view.rows().into_iter().any(has_missing), gaps);
                }
            }
        }
    }

    #[test]
    fn heights_that_no_slope_can_hold_are_put_right() {
        assert!(usable(f32::INFINITY).is_nan() && usable(f32::NEG_INFINITY).is_nan());
        assert!(usable(f32::NAN).is_nan());
        assert_eq!([usable(f32::MAX), usable(f32::MIN), usable(-3.5)], [TALLEST, -TALLEST, -3.5]);
        let wild = [-1.0, -0.0, f32::NAN, f32::INFINITY, f32::MIN, f32::MAX, 2.5];
        assert_eq!(wild.map(usable_crown), [0.0, 0.0, 0.0, 0.0, 0.0, TALLEST, 2.5]);
        let crowns = |height: f32| {
            Array2::from_shape_fn((3, 40), |at| if at == (1, 39) { height } else { 4.0 })
        };
        for height in wild {
            let is_usable = usable_crown(height) == height;
            assert_eq!(are_crowns(crowns(height).view()), is_usable, "{height}");
            assert_eq!(are_crowns(crowns(height).t()), is_usable, "{height}");
        }
    }
}
