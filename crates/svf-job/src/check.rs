//! Compares what a run computes with another kernel, at some of its receivers.

use std::ops::Range;

use ndarray::{Array2, Array3, ArrayView2, ArrayView3, s};
use svf_kernel::tile::{Halo, Window};
use svf_kernel::{Kernel, Tile};

/// Rows and columns of what is compared at a time.
const PART_PX: usize = 64;

/// What a run is compared with, and where.
pub struct Check {
    /// The other kernel. It chooses receivers.
    kernel: Kernel,
    /// All cells of the run.
    window: Window,
    /// Number of receivers.
    count: u64,
}

/// A block of a run.
#[derive(Clone, Copy)]
pub(crate) struct Block<'a> {
    /// Its heights with their halo.
    pub heights: ArrayView2<'a, f32>,
    /// That halo.
    pub halo: Halo,
    /// What was computed, shape (bands, rows, columns).
    pub values: ArrayView3<'a, f32>,
    /// Row and column of the raster with its first receiver.
    pub at: (u64, u64),
    /// The largest height of its tile, or of more.
    pub largest: Option<f32>,
}

impl Check {
    /// Compares `count` receivers of a window with another kernel of the same measures, without
    /// vegetation. There is one at a random place in each of as many equal parts of the window, cell
    /// after cell. They are the same in each run.
    pub fn new(kernel: Kernel, window: Window, count: u64) -> Self {
        Self { kernel: kernel.choosing(), window, count: count.min(window.cells()) }
    }

    /// Bytes that a thread needs for it.
    pub fn scratch_bytes(&self) -> u64 {
        let cells = (PART_PX * PART_PX) as u64;
        let of_cell = 1 + size_of::<f32>() as u64 * self.kernel.bands() as u64;
        self.kernel
            .scratch_bytes_of((PART_PX, PART_PX))
            .saturating_add(cells.saturating_mul(of_cell))
    }

    /// The deviations of no receiver.
    pub(crate) fn nothing(&self) -> Vec<Deviation> {
        vec![Deviation::default(); self.kernel.bands()]
    }

    /// The columns of the receivers among `cols` of a row of the raster. The parts of the window that
    /// these cells meet are few, so no cell is asked by itself.
    fn in_row(&self, row: u64, cols: Range<u64>) -> impl Iterator<Item = u64> {
        let (cells, count) = (u128::from(self.window.cells()), u128::from(self.count));
        let Window { row: top, col: left, cols: width, .. } = self.window;
        let start = u128::from(row - top) * u128::from(width);
        let of_row = start + u128::from(cols.start - left)..start + u128::from(cols.end - left);
        let first = move |part: u128| part * cells / count;
        // The part in which a cell is.
        let part = move |cell: u128| ((cell + 1) * count - 1) / cells;
        let parts = match count == 0 || of_row.is_empty() {
            true => 0..0,
            false => part(of_row.start)..part(of_row.end - 1) + 1,
        };
        parts
            .map(move |part| {
                first(part) + u128::from(random(part as u64)) % (first(part + 1) - first(part))
            })
            .filter(move |cell| of_row.contains(cell))
            .map(move |cell| left + (cell - start) as u64)
    }

    /// The deviations of a block, for each band.
    pub(crate) fn compare(&self, block: Block<'_>, stop: &dyn Fn() -> bool) -> Vec<Deviation> {
        let mut all = self.nothing();
        let (_, rows, cols) = block.values.dim();
        for row in (0..rows).step_by(PART_PX) {
            for col in (0..cols).step_by(PART_PX) {
                let size = (PART_PX.min(rows - row), PART_PX.min(cols - col));
                if !stop() {
                    self.compare_part(&block, (row, col), size, &mut all, stop);
                }
            }
        }
        all
    }

    fn compare_part(
        &self,
        block: &Block<'_>,
        (row, col): (usize, usize),
        (rows, cols): (usize, usize),
        all: &mut [Deviation],
        stop: &dyn Fn() -> bool,
    ) {
        let at = (block.at.0 + row as u64, block.at.1 + col as u64);
        let mut wanted = Array2::from_elem((rows, cols), false);
        let mut any = false;
        for i in 0..rows {
            for found in self.in_row(at.0 + i as u64, at.1..at.1 + cols as u64) {
                (wanted[(i, (found - at.1) as usize)], any) = (true, true);
            }
        }
        if !any {
            return;
        }
        let halo = self.kernel.halo();
        // The halo of the run is not narrower, because its kernel sees as far.
        let (top, left) =
            (row + block.halo.rows_px - halo.rows_px, col + block.halo.cols_px - halo.cols_px);
        let (padded_rows, padded_cols) = halo.padded(rows, cols);
        let heights = block.heights.slice(s![top..top + padded_rows, left..left + padded_cols]);
        let tile = Tile {
            wanted: Some(wanted.view()),
            col: at.1,
            largest: block.largest,
            ..Tile::of(heights, at.0)
        };
        let mut values = Array3::zeros((self.kernel.bands(), rows, cols));
        self.kernel.compute_until(tile, values.view_mut(), stop);
        let found = block.values.slice(s![.., row..row + rows, col..col + cols]);
        if stop() {
            return;
        }
        for ((right, found), all) in values.outer_iter().zip(found.outer_iter()).zip(all) {
            for ((right, found), wanted) in right.iter().zip(found).zip(&wanted) {
                if *wanted && !right.is_nan() && !found.is_nan() {
                    all.add(f64::from(*found) - f64::from(*right));
                }
            }
        }
    }
}

/// How much values deviate. Sums are in fixed point, so that no order changes them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Deviation {
    /// Number of values.
    pub count: u64,
    /// The largest difference, without its sign.
    pub largest: f64,
    sum: i128,
    sum_squares: i128,
}

/// One in the sums.
const FIXED: f64 = (1_u64 << 56) as f64;

impl Deviation {
    fn add(&mut self, difference: f64) {
        let fixed = |number: f64| (number * FIXED) as i128;
        self.count += 1;
        self.largest = self.largest.max(difference.abs());
        self.sum += fixed(difference);
        self.sum_squares += fixed(difference * difference);
    }

    /// The deviations of both.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            count: self.count + other.count,
            largest: self.largest.max(other.largest),
            sum: self.sum + other.sum,
            sum_squares: self.sum_squares + other.sum_squares,
        }
    }

    /// The mean difference; 0 if there is no value.
    pub fn bias(&self) -> f64 {
        self.mean(self.sum)
    }

    /// The root of the mean square of the differences; 0 if there is no value.
    pub fn rmse(&self) -> f64 {
        self.mean(self.sum_squares).sqrt()
    }

    fn mean(&self, sum: i128) -> f64 {
        sum as f64 / FIXED / self.count.max(1) as f64
    }
}

/// A number that depends on another one in no simple way (SplitMix64, Steele et al. 2014).
fn random(number: u64) -> u64 {
    let mut bits = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use svf_kernel::simd::SimdLevel;
    use svf_kernel::{CellSize, Ground, Measure, Params};

    use super::*;

    fn receivers(window: Window, count: u64) -> Vec<(u64, u64)> {
        let params = Params::new(3.0, 8);
        let cell = Ground::from(CellSize::square(1.0));
        let kernel = Kernel::new(&params, cell, &[Measure::Svf], SimdLevel::Portable).unwrap();
        let check = Check::new(kernel, window, count);
        // In two parts, as tiles are.
        let halves = [window.col..window.col + 5, window.col + 5..window.col_end()];
        let in_row = |row| {
            let of_halves = halves.iter().flat_map(|cols| check.in_row(row, cols.clone()));
            of_halves.map(|col| (row, col)).collect::<Vec<_>>()
        };
        (window.row..window.row_end()).flat_map(in_row).collect()
    }

    #[test]
    fn there_are_as_many_receivers_as_asked_for() {
        let window = Window { row: 7, col: 1000, rows: 31, cols: 17 };
        for count in [0, 1, 2, 100, 526, 527] {
            assert_eq!(receivers(window, count).len() as u64, count);
        }
        assert_eq!(receivers(window, 1_000_000).len(), 527);
        // In one column only, if places were not random.
        let columns: std::collections::BTreeSet<u64> =
            receivers(window, 31).into_iter().map(|(_, col)| col).collect();
        assert!(columns.len() > 10, "{columns:?}");
    }

    #[test]
    fn deviations_do_not_depend_on_the_order() {
        let of = |differences: &[f64]| {
            let mut all = Deviation::default();
            differences.iter().for_each(|d| all.add(*d));
            all
        };
        let all = of(&[0.25, -0.5, 0.0, 0.25]);
        assert_eq!((all.count, all.largest, all.bias()), (4, 0.5, 0.0));
        assert_eq!(all.rmse(), (0.375_f64 / 4.0).sqrt());
        assert_eq!(of(&[0.25, 0.0]).merge(of(&[0.25, -0.5])), all);
        assert_eq!((of(&[]).bias(), of(&[]).rmse()), (0.0, 0.0));
    }
}
