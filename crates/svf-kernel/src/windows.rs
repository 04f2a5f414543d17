//! Window maxima: the highest cell of a square around every place, for all directions.
//!
//! A *stretch* of a sight line is a few consecutive samples. All cells that it touches are in one
//! window, a square of [`WINDOW`] cells. So one number is an upper limit for all of their
//! heights: what is not visible at that height is not visible at all. Windows begin at every
//! column, so that neighbouring receivers read neighbouring numbers, and at every fourth row:
//!
//! ```text
//!      columns ->           receivers r r r r     their windows' corners w w w w
//!   row 4q   w w w w . . .  a window holds 12 rows, and with them any 9 rows that begin
//!       4q+1 . . . . . . .  in its first four, and 12 columns
//! ```
//!
//! They cost a few operations per cell, for all directions and receivers together.

use crate::geometry::{Sample, SightLine};
use crate::params::Params;

/// Rows and columns of a window.
const WINDOW: usize = 12;
/// Rows from window to window, as a power of two.
const STEP_LOG2: usize = 2;
/// Number of rows that fit into one window, wherever they begin.
const ROWS_AT_MOST: i32 = (WINDOW - (1 << STEP_LOG2) + 1) as i32;
const COLS_AT_MOST: i32 = WINDOW as i32;
/// Maximum ratio of the distances of the last and the first sample of a stretch: for longer
/// stretches a test is not useful.
const FARTHEST: f64 = 2.5;
/// Share of a height that rounding can add to it in all computations of a test.
const ROUNDING: f32 = 1.0 / (1 << 18) as f32;

/// The highest cell of each window of a block.
#[derive(Default)]
pub(crate) struct Windows {
    highest: Vec<f32>,
    cols: usize,
    /// A row, shifted by some columns.
    shifted: Vec<f32>,
    /// Whether any cell counts at all.
    pub any: bool,
}

impl Windows {
    /// Bytes for a block with this number of rows and columns.
    pub fn bytes(rows: usize, cols: usize) -> u64 {
        (rows.div_ceil(1 << STEP_LOG2) as u64)
            .saturating_mul(cols as u64)
            .saturating_mul(size_of::<f32>() as u64)
    }

    /// Looks at a block with this number of rows and columns. `raise` updates the highest cells
    /// of the columns with those of a row; they start with -inf, for no cell. Rounding adds at
    /// most a share of the heights, or of `largest` if that is more.
    #[inline(always)]
    pub fn fill(
        &mut self,
        (rows, cols): (usize, usize),
        largest: f32,
        mut raise: impl FnMut(usize, &mut [f32]),
    ) {
        let steps = rows.div_ceil(1 << STEP_LOG2);
        self.cols = cols;
        self.highest.clear();
        self.highest.resize(steps * cols, f32::NEG_INFINITY);
        for (step, highest) in self.highest.chunks_exact_mut(cols).enumerate() {
            let first = step << STEP_LOG2;
            for row in first..rows.min(first + (1 << STEP_LOG2)) {
                raise(row, highest);
            }
        }
        let mut any = f32::NEG_INFINITY;
        for step in 0..steps {
            let (highest, below) = self.highest[step * cols..].split_at_mut(cols);
            for below in below.chunks_exact(cols).take((WINDOW >> STEP_LOG2) - 1) {
                for (highest, &below) in highest.iter_mut().zip(below) {
                    *highest = if below > *highest { below } else { *highest };
                }
            }
            // Of 2, 4, 8, and 12 columns.
            for reach in [1, 2, 4, 4].map(|reach: usize| reach.min(cols)) {
                self.shifted.clear();
                self.shifted.extend_from_slice(&highest[reach..]);
                for (highest, &further) in highest.iter_mut().zip(&self.shifted) {
                    *highest = if further > *highest { further } else { *highest };
                }
            }
            any = highest.iter().fold(any, |any, &z| if z > any { z } else { any });
            for z in highest.iter_mut() {
                // NaN if no cell counts, because NaN is not above any number.
                *z += ROUNDING * (z.abs() + 4.0 * largest);
            }
        }
        self.any = any > f32::NEG_INFINITY;
    }

    /// The windows as seen from a receiver of the block.
    pub fn from(&self, (row, col): (usize, usize)) -> View {
        View { highest: self.highest.as_ptr().wrapping_add(col), cols: self.cols, row }
    }
}

/// Windows as seen from a receiver.
#[derive(Clone, Copy)]
pub(crate) struct View {
    /// The windows of its column, from the first row of the block on.
    highest: *const f32,
    cols: usize,
    /// The receiver's row.
    row: usize,
}

impl View {
    /// As seen from a receiver that is this number of rows and columns further.
    #[inline(always)]
    pub fn further(self, rows: usize, cols: usize) -> Self {
        Self { highest: self.highest.wrapping_add(cols), row: self.row + rows, ..self }
    }

    /// The window of a stretch that fits into one. Those of neighbouring receivers are next to
    /// it. It is inside the block if the stretch is.
    #[inline(always)]
    pub fn of(self, stretch: &Stretch) -> *const f32 {
        let row = (self.row.wrapping_add_signed(stretch.row)) >> STEP_LOG2;
        self.highest.wrapping_add(row * self.cols).wrapping_offset(stretch.col)
    }
}

/// Consecutive samples of a sight line whose cells are in one window. The last sample is also the
/// first one of the next stretch, so that everything between two samples is in one stretch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretch {
    /// First sample.
    pub from: usize,
    /// Last sample.
    pub to: usize,
    /// Rows from the receiver to the first row of the window.
    row: isize,
    /// Columns from the receiver to the first column of the window.
    col: isize,
    /// Whether it does not fit into a window, so that nothing is known about its cells.
    pub unknown: bool,
    /// Factor from a slope to its height above the receiver at the nearest sample.
    pub reach: f32,
    /// The smallest height that is subtracted at its samples because of observer height and
    /// curvature.
    pub clearance: f32,
    /// As `reach`, half the way from the farthest sample to the next one.
    pub far_reach: f32,
}

impl Stretch {
    /// All samples of a sight line, with nothing known about their cells; none if it has no
    /// samples.
    pub fn all(samples: usize) -> Option<Self> {
        Some(Self {
            from: 0,
            to: samples.checked_sub(1)?,
            row: 0,
            col: 0,
            unknown: true,
            reach: 0.0,
            clearance: 0.0,
            far_reach: 0.0,
        })
    }

    /// Divides a sight line into stretches, as long as the windows allow.
    pub fn cut(line: &SightLine, params: &Params, stretches: &mut Vec<Self>) {
        let first = line.samples.iter().take_while(|sample| sample.is_receiver()).count();
        let samples = &line.samples[first..];
        let mut from = 0;
        loop {
            let mut around = Rectangle::of(samples, from);
            let mut to = from;
            while to + 1 < samples.len() {
                let both = around.with(&Rectangle::of(samples, to + 1));
                let too_far = samples[to + 1].distance > FARTHEST * samples[from].distance;
                if (!both.fits() || too_far) && to > from {
                    break;
                }
                around = both;
                to += 1;
                if !both.fits() {
                    break;
                }
            }
            let Some(nearest) = samples.get(from) else { return };
            let losses = samples[from..=to].iter().map(|s| params.loss(s.distance));
            let least = losses.fold(f64::INFINITY, f64::min);
            #[expect(clippy::cast_possible_truncation, reason = "the kernel works in f32")]
            let height = |units: f64| (units / params.z_factor) as f32;
            let least = height(least);
            stretches.push(Self {
                from,
                to,
                row: around.rows.0 as isize,
                col: around.cols.0 as isize,
                unknown: !around.fits(),
                reach: height(nearest.distance),
                clearance: least - ROUNDING * least.abs(),
                far_reach: height(line.midway(first + to)),
            });
            if to + 1 >= samples.len() {
                return;
            }
            from = to;
        }
    }
}

/// Rows and columns that samples touch, relative to the receiver: the first and the last.
#[derive(Clone, Copy)]
struct Rectangle {
    rows: (i32, i32),
    cols: (i32, i32),
}

impl Rectangle {
    /// Those of sample `k`; those of the receiver if there is no such sample.
    fn of(samples: &[Sample], k: usize) -> Self {
        let ((a, c), (b, d)) = samples.get(k).map_or(((0, 0), (0, 0)), |s| (s.near, s.far));
        Self { rows: (a.min(b), a.max(b)), cols: (c.min(d), c.max(d)) }
    }

    fn with(&self, other: &Self) -> Self {
        let both = |a: (i32, i32), b: (i32, i32)| (a.0.min(b.0), a.1.max(b.1));
        Self { rows: both(self.rows, other.rows), cols: both(self.cols, other.cols) }
    }

    /// Whether they fit into a window.
    fn fits(&self) -> bool {
        self.rows.1 - self.rows.0 < ROWS_AT_MOST && self.cols.1 - self.cols.0 < COLS_AT_MOST
    }
}
