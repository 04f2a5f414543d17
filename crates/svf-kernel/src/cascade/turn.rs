//! Rows become columns: of the heights of a tile, and of the slopes of a strip.

use ndarray::ArrayView2;

use crate::cascade::buffer::Buffer;
use crate::simd::pairs::PairLanes;
use crate::simd::{SimdLevel, by_level, for_all_levels};
use crate::strip::STRIP_COLS;

/// The most lanes of a vector.
const MOST_LANES: usize = 16;
/// Rows that are turned together, so that lines of a cache are written at once.
const TOGETHER: usize = 64;

/// Turns a square of as many vectors as they have lanes.
///
/// The number of a float has the bits of its vector and then those of its lane. A step moves the
/// last bit to the front. After as many steps as a lane has bits, vector and lane are swapped.
///
/// # Safety
/// The processor has the instructions of `V`.
#[inline(always)]
unsafe fn turn<V: PairLanes>(mut square: [V; MOST_LANES]) -> [V; MOST_LANES] {
    let mut step = 1;
    while step < V::N {
        let mut next = square;
        for i in 0..V::N / 2 {
            let (a, b) = (square[2 * i], square[2 * i + 1]);
            // SAFETY: see above.
            unsafe {
                next[i] = V::odd_numbered(a, b);
                next[i + V::N / 2] = V::even_numbered(a, b);
            }
        }
        square = next;
        step *= 2;
    }
    square
}

/// Turns a square of floats whose rows are `stride` apart.
///
/// # Safety
/// All of them can be read; the processor has the instructions of `V`.
#[inline(always)]
unsafe fn load_turned<V: PairLanes>(from: *const f32, stride: usize) -> [V; MOST_LANES] {
    // SAFETY: see above.
    unsafe {
        let mut square = [V::splat(0.0); MOST_LANES];
        for (k, vector) in square.iter_mut().enumerate().take(V::N) {
            *vector = V::load(from.add(k * stride));
        }
        turn(square)
    }
}

/// Copies heights, with rows as columns: the first column, the second one, ...
///
/// The processor must have `level`.
fn transpose(level: SimdLevel, heights: ArrayView2<'_, f32>, turned: &mut [f32]) {
    assert!(turned.len() >= heights.len());
    // SAFETY: checked; the processor has the level.
    unsafe { by_level!(level, TRANSPOSE)(heights, turned) };
}

/// Heights with rows as columns, in a buffer that grows if it is too short.
///
/// The processor must have `level`.
pub(super) fn turned_heights<'a>(
    level: SimdLevel,
    heights: ArrayView2<'_, f32>,
    buffer: &'a mut Buffer,
) -> ArrayView2<'a, f32> {
    buffer.fit(heights.len());
    let turned = &mut buffer[..heights.len()];
    transpose(level, heights, turned);
    let shape = (heights.ncols(), heights.nrows());
    #[expect(clippy::expect_used, reason = "the buffer was cut to this number of heights")]
    ArrayView2::from_shape(shape, turned).expect("as many heights as before")
}

/// # Safety
/// `turned` is as long as there are heights; the processor has the instructions of `V`.
#[inline(always)]
unsafe fn transpose_squares<V: PairLanes>(heights: ArrayView2<'_, f32>, turned: &mut [f32]) {
    let (rows, cols) = heights.dim();
    let (whole_rows, whole_cols) = (rows - rows % V::N, cols - cols % V::N);
    let adjacent = heights.strides()[1] == 1 && heights.strides()[0] >= 0;
    let squares = if adjacent { (whole_rows, whole_cols) } else { (0, 0) };
    let (from, stride) = (heights.as_ptr(), heights.strides()[0].unsigned_abs());
    let into = turned.as_mut_ptr();
    for first in (0..squares.0).step_by(TOGETHER) {
        for col in (0..squares.1).step_by(V::N) {
            for row in (first..squares.0.min(first + TOGETHER)).step_by(V::N) {
                // SAFETY: the square is inside of both.
                unsafe {
                    let square = load_turned::<V>(from.add(row * stride + col), stride);
                    for (k, vector) in square.into_iter().enumerate().take(V::N) {
                        vector.store(into.add((col + k) * rows + row));
                    }
                }
            }
        }
    }
    for row in 0..rows {
        let first = if row < squares.0 { squares.1 } else { 0 };
        for col in first..cols {
            turned[col * rows + row] = heights[(row, col)];
        }
    }
}

/// Slopes of a strip become the larger ones of these and of those that were found. Rows of `found`
/// are [`STRIP_COLS`] apart, and columns too if it is `turned`. If the surface is `inverted`, the
/// slopes are lowered to those found, with their sign changed.
///
/// The processor must have `level`. Both have [`STRIP_COLS`] columns; rows are a multiple of the
/// lanes of a vector in `found`, and enough for `rows` in `slopes`.
pub(super) fn merge(
    level: SimdLevel,
    found: &[f32],
    (turned, inverted): (bool, bool),
    rows: usize,
    slopes: &mut [f32],
) {
    assert!(found.len() >= STRIP_COLS * STRIP_COLS && slopes.len() >= rows * STRIP_COLS);
    // SAFETY: checked; the processor has the level.
    unsafe { by_level!(level, MERGE)(found, (turned, inverted), rows, slopes) };
}

/// # Safety
/// As [`merge`]; the processor has the instructions of `V`.
#[inline(always)]
unsafe fn merge_vectors<V: PairLanes>(
    found: &[f32],
    (turned, inverted): (bool, bool),
    rows: usize,
    slopes: &mut [f32],
) {
    // SAFETY: see above.
    unsafe {
        if !turned {
            for at in (0..rows * STRIP_COLS).step_by(V::N) {
                let found = V::load(found.as_ptr().add(at));
                merge_vector(found, inverted, slopes.as_mut_ptr().add(at));
            }
            return;
        }
        for row in (0..rows).step_by(V::N) {
            for col in (0..STRIP_COLS).step_by(V::N) {
                let from = found.as_ptr().add(col * STRIP_COLS + row);
                let square = load_turned::<V>(from, STRIP_COLS);
                for (k, found) in square.into_iter().enumerate().take(V::N.min(rows - row)) {
                    let into = slopes.as_mut_ptr().add((row + k) * STRIP_COLS + col);
                    merge_vector(found, inverted, into);
                }
            }
        }
    }
}

/// # Safety
/// There are slopes for a vector; the processor has the instructions of `V`.
#[inline(always)]
unsafe fn merge_vector<V: PairLanes>(found: V, inverted: bool, slopes: *mut f32) {
    // SAFETY: see above.
    unsafe {
        let slope = V::load(slopes);
        let merged = if inverted { V::splat(-1.0).mul(found).min(slope) } else { found.max(slope) };
        merged.store(slopes);
    }
}

type Transpose = unsafe fn(ArrayView2<'_, f32>, &mut [f32]);
type Merge = unsafe fn(&[f32], (bool, bool), usize, &mut [f32]);

macro_rules! compile_for {
    ($module:ident, $lanes:ty $(; $feature:literal)?) => {
        mod $module {
            use super::*;

            pub(super) static TRANSPOSE: Transpose = transpose_heights;
            pub(super) static MERGE: Merge = merge_slopes;

            /// # Safety
            /// As [`transpose_squares`].
            $(#[target_feature(enable = $feature)])?
            unsafe fn transpose_heights(heights: ArrayView2<'_, f32>, turned: &mut [f32]) {
                // SAFETY: passed on to the caller.
                unsafe { transpose_squares::<$lanes>(heights, turned) }
            }

            /// # Safety
            /// As [`merge_vectors`].
            $(#[target_feature(enable = $feature)])?
            unsafe fn merge_slopes(
                found: &[f32],
                how: (bool, bool),
                rows: usize,
                slopes: &mut [f32],
            ) {
                // SAFETY: passed on to the caller.
                unsafe { merge_vectors::<$lanes>(found, how, rows, slopes) }
            }
        }
    };
}
for_all_levels!(compile_for);

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    fn levels() -> impl Iterator<Item = SimdLevel> {
        SimdLevel::ALL.into_iter().filter(|level| level.is_supported())
    }

    #[test]
    fn every_cell_is_turned() {
        let z = Array2::from_shape_fn((75, 141), |(row, col)| (1000 * row + col) as f32);
        let by_columns: Vec<f32> = z.t().iter().copied().collect();
        let mut turned = vec![0.0; z.len()];
        for level in levels() {
            transpose(level, z.view(), &mut turned);
            assert_eq!(turned, by_columns, "{level}");
            transpose(level, z.t(), &mut turned);
            assert!(turned.iter().eq(&z), "{level}");
        }
    }

    #[test]
    fn slopes_are_raised_and_lowered() {
        const ALL: usize = STRIP_COLS * STRIP_COLS;
        let found: Vec<f32> = (0..ALL).map(|i| (i * 37 % 101) as f32 - 50.0).collect();
        let before: Vec<f32> = (0..ALL).map(|i| (i * 53 % 97) as f32 - 48.0).collect();
        for level in levels() {
            for (turned, rows) in [(false, 64), (true, 64), (false, 5), (true, 5)] {
                let (mut highest, mut lowest) = (before.clone(), before.clone());
                merge(level, &found, (turned, false), rows, &mut highest);
                merge(level, &found, (turned, true), rows, &mut lowest);
                for at in 0..ALL {
                    let (row, col) = (at / STRIP_COLS, at % STRIP_COLS);
                    let seen = found[if turned { col * STRIP_COLS + row } else { at }];
                    let (most, least) = (before[at].max(seen), before[at].min(-seen));
                    let want = if row < rows { (most, least) } else { (before[at], before[at]) };
                    assert_eq!((highest[at], lowest[at]), want, "{level} {turned} {row} {col}");
                }
            }
        }
    }
}
