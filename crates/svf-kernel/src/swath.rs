//! Heights along one direction, made straight, with the maxima of their blocks.
//!
//! A *course* is a sight line seen from its dominant axis: sample `k` lies `k` cells
//! further along that axis. A *swath* holds the heights that a strip of neighbouring
//! receivers meets on a course, shifted so that sight lines run straight down it, in
//! memory that fits a core's cache:
//!
//! ```text
//!   raster, azimuth 200 deg      swath: row m, column x = cell (m, v + F(m) + x - 1)
//!     R R R R                      R R R R      receivers of row i, x = u + 1
//!      \ \ \ \                     | | | |      F(m) = floor(m * slope)
//!       \ \ \ \                    | | | |
//!        o o o o                   o o o o      sample k: row i + k, x = u .. u + 2
//! ```
//!
//! Blocks of rows, each four times as long as those of the level below, keep the
//! highest cell that any sample of a receiver takes in them: what [`mod@crate::far`]
//! needs to leave out the blocks that cannot raise a horizon.

use ndarray::ArrayView2;

use crate::geometry::SightLine;
use crate::params::{CellSize, Params};
use crate::simd::{Lanes, prefetch};

/// Receivers side by side in a swath: a multiple of every level's vector.
pub(crate) const SWATH_COLS: usize = 32;
/// Floats from row to row of a swath.
pub(crate) const SWATH_STRIDE: usize = SWATH_COLS + 8;
/// Rows of the smallest block.
pub(crate) const BLOCK: usize = 8;
/// Blocks of one level in one of the next, as a power of two.
const RADIX_LOG2: usize = 2;

/// Rows of a block of a level.
pub(crate) const fn block_rows(level: usize) -> usize {
    BLOCK << (RADIX_LOG2 * level)
}

/// A sample on a course: the next one lies one cell further along.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    /// Cells across from the receiver to the nearer cell.
    pub across: isize,
    /// Floats from the nearer cell to the farther one: 0 where they are the same.
    pub farther: usize,
    /// Weight of the farther cell.
    pub weight: f32,
    /// `-z_factor / distance`: negative, since the search subtracts the other way.
    pub gain: f32,
    /// `(observer height + drop) / distance`.
    pub lift: f32,
    /// What the horizon's slope is multiplied by to get the height, above the
    /// receiver's, that the horizon has here.
    pub reach: f32,
    /// Height that sight lines lose up to here: `lift` times `reach`.
    pub clearance: f32,
}

/// A sight line, its samples one cell apart along an axis.
#[derive(Clone, Debug)]
pub(crate) struct Course {
    /// Whether that axis is the rows'.
    pub along_rows: bool,
    /// Whether it leads to smaller rows or columns.
    pub backward: bool,
    /// Samples, the first one cell away.
    pub steps: Vec<Step>,
    /// `F(m)`, cells across after `m` cells along, rounded down.
    pub shift: Vec<isize>,
    /// Whether any sample lies beside the straight line of cells.
    spread: bool,
    /// Whether any sample lies between two cells.
    pub two_cells: bool,
}

impl Course {
    /// Bytes of a course that spans so many rows of a swath.
    pub fn bytes(rows: usize) -> u64 {
        (rows * (size_of::<Step>() + size_of::<isize>())) as u64
    }

    /// The course of sight line `i`, for receivers over `along_px` cells along it, over
    /// the surface turned upside down if `inverted`; none if its samples are not one cell
    /// apart.
    #[expect(clippy::cast_possible_truncation, reason = "the kernel works in f32")]
    pub fn lay_out(
        params: &Params,
        cell: CellSize,
        i: u32,
        along_px: usize,
        inverted: bool,
    ) -> Option<Self> {
        let line = SightLine::lay_out(params, cell, i);
        let axis = line.axis();
        let mut steps = Vec::with_capacity(line.samples.len());
        for (sample, k) in line.samples.iter().zip(1..) {
            let split = |(row, col): (i32, i32)| {
                let (along, across) = if axis.along_rows { (row, col) } else { (col, row) };
                (if axis.backward { -along } else { along }, across as isize)
            };
            let ((near_along, near), (far_along, far)) = (split(sample.near), split(sample.far));
            if near_along != k || far_along != k {
                return None;
            }
            let loss = if inverted { Params::inverted_loss } else { Params::loss };
            let loss = loss(params, sample.distance);
            steps.push(Step {
                across: near,
                farther: (far - near).cast_unsigned(),
                weight: sample.weight as f32,
                gain: (-params.z_factor / sample.distance) as f32,
                lift: (loss / sample.distance) as f32,
                reach: (sample.distance / params.z_factor) as f32,
                clearance: (loss / params.z_factor) as f32,
            });
        }
        let shift: Vec<isize> = (0..along_px + steps.len()).map(|m| axis.shift(m)).collect();
        // So that all samples of a receiver lie within the spread, whatever its row:
        // floor(a) + floor(b) - floor(a + b) is -1 or 0.
        let beside = |(step, k): (&Step, usize)| step.across - shift[k];
        let fits = steps.iter().zip(1..).all(|at| match beside(at) {
            0 => at.0.farther <= 1,
            1 => at.0.farther == 0,
            _ => false,
        });
        let spread = axis.slope != axis.slope.round();
        let two_cells = steps.iter().any(|step| step.farther != 0);
        fits.then_some(Self {
            along_rows: axis.along_rows,
            backward: axis.backward,
            steps,
            shift,
            spread,
            two_cells,
        })
    }
}

/// A block of receivers in a padded tile, as a course sees it.
#[derive(Clone, Copy)]
pub(crate) struct Ahead<'a> {
    /// The padded tile: rows of adjacent cells.
    pub heights: ArrayView2<'a, f32>,
    /// Row and column of the first receiver in it.
    pub first: (usize, usize),
    /// Rows and columns of receivers.
    pub receivers: (usize, usize),
}

impl Ahead<'_> {
    /// Receivers along the course and across it.
    pub fn extent(&self, course: &Course) -> (usize, usize) {
        let (rows, cols) = self.receivers;
        if course.along_rows { (rows, cols) } else { (cols, rows) }
    }
}

/// Heights that a strip of receivers meets on a course.
#[derive(Default)]
pub(crate) struct Swath {
    /// Rows of [`SWATH_STRIDE`] floats; NaN where a height is missing or unknown.
    pub heights: Vec<f32>,
    /// Highest cell of each block and receiver, in rows of [`SWATH_COLS`].
    pub highest: Vec<f32>,
    /// First row of each level in `highest`.
    pub levels: Vec<usize>,
    /// A chunk of rows that came as columns.
    turned: Vec<f32>,
}

/// Rows that are asked for before they are copied.
const FETCH_AHEAD: usize = 12;
/// Rows that are turned together.
const CHUNK: usize = 16;
/// Most columns that they spread over.
const TURNED_STRIDE: usize = SWATH_STRIDE + CHUNK;

impl Swath {
    /// Bytes of a swath over so many rows.
    pub fn bytes(rows: usize) -> u64 {
        let blocks = 2 * rows.div_ceil(BLOCK);
        let floats = rows * SWATH_STRIDE + blocks * SWATH_COLS + CHUNK * TURNED_STRIDE;
        (floats * size_of::<f32>()) as u64
    }

    /// Collects the heights for the receivers whose place across, less `F` of their
    /// place along, is `across` or up to [`SWATH_COLS`] more.
    pub fn fill(&mut self, ahead: &Ahead<'_>, course: &Course, across: isize) {
        let (along_px, _) = ahead.extent(course);
        let rows = along_px + course.steps.len();
        self.heights.resize(rows * SWATH_STRIDE, f32::NAN);
        let (first_row, first_col) = (ahead.first.0.cast_signed(), ahead.first.1.cast_signed());
        let place = |m: usize| {
            if course.backward {
                (along_px - 1).cast_signed() - m.cast_signed()
            } else {
                m.cast_signed()
            }
        };
        let (into, _) = self.heights.as_chunks_mut::<SWATH_STRIDE>();
        if course.along_rows {
            for (m, (into, shift)) in into.iter_mut().zip(&course.shift).enumerate() {
                let from = first_col + across + shift - 1;
                let soon = first_row + place(m + FETCH_AHEAD);
                fetch(ahead.heights, soon, from, SWATH_STRIDE);
                *into = cells_at(ahead.heights, first_row + place(m), from);
            }
            return;
        }
        self.turned.resize(CHUNK * TURNED_STRIDE, f32::NAN);
        for m in (0..rows).step_by(CHUNK) {
            let chunk = CHUNK.min(rows - m);
            let shifts = &course.shift[m..m + chunk];
            let lowest = shifts[0].min(shifts[chunk - 1]);
            let highest = shifts[0].max(shifts[chunk - 1]);
            let height = (highest - lowest).cast_unsigned() + SWATH_STRIDE;
            let left = first_col + place(m).min(place(m + chunk - 1));
            let top = first_row + across + lowest - 1;
            for y in 0..height {
                fetch(ahead.heights, top + (y + FETCH_AHEAD).cast_signed(), left, CHUNK);
                let cells: [f32; CHUNK] = cells_at(ahead.heights, top + y.cast_signed(), left);
                for (e, cell) in cells.into_iter().enumerate() {
                    self.turned[e * TURNED_STRIDE + y] = cell;
                }
            }
            for (e, shift) in shifts.iter().enumerate() {
                let column = if course.backward { chunk - 1 - e } else { e };
                let from = column * TURNED_STRIDE + (shift - lowest).cast_unsigned();
                into[m + e].copy_from_slice(&self.turned[from..from + SWATH_STRIDE]);
            }
        }
    }

    /// Turns the surface upside down.
    #[inline(always)]
    pub fn invert(&mut self) {
        for z in &mut self.heights {
            *z = -*z;
        }
    }

    /// Finds the highest cell of each block, and adds `margin`.
    ///
    /// # Safety
    /// The processor has the instructions of `V`.
    #[inline(always)]
    pub unsafe fn raise<V: Lanes>(&mut self, course: &Course, margin: f32) {
        let rows = self.heights.len() / SWATH_STRIDE;
        self.levels.clear();
        let mut blocks = 0;
        let mut level = 0;
        loop {
            self.levels.push(blocks);
            let of_level = rows.div_ceil(block_rows(level));
            blocks += of_level;
            if of_level <= 1 {
                break;
            }
            level += 1;
        }
        self.highest.resize(blocks * SWATH_COLS, 0.0);
        // SAFETY: rows of the swath are SWATH_STRIDE long, those of the maxima SWATH_COLS.
        unsafe {
            let none = V::splat(f32::NEG_INFINITY);
            let margin = V::splat(margin);
            for block in 0..rows.div_ceil(BLOCK) {
                let of_block = block * BLOCK..rows.min((block + 1) * BLOCK);
                for x in (0..SWATH_COLS).step_by(V::N) {
                    let mut highest = none;
                    for m in of_block.clone() {
                        let z = self.heights.as_ptr().add(m * SWATH_STRIDE + x);
                        // A NaN on the left leaves what there is.
                        highest = V::load(z.add(1)).max(highest);
                        if course.spread {
                            highest = V::load(z).max(highest);
                            highest = V::load(z.add(2)).max(highest);
                        }
                    }
                    highest
                        .add(margin)
                        .store(self.highest.as_mut_ptr().add(block * SWATH_COLS + x));
                }
            }
            for level in 1..self.levels.len() {
                let (below, from, end) = (
                    self.levels[level - 1],
                    self.levels[level],
                    self.levels.get(level + 1).copied().unwrap_or(blocks),
                );
                for block in from..end {
                    let first = below + ((block - from) << RADIX_LOG2);
                    let last = (first + (1 << RADIX_LOG2)).min(from);
                    for x in (0..SWATH_COLS).step_by(V::N) {
                        let mut highest = none;
                        for part in first..last {
                            let part = self.highest.as_ptr().add(part * SWATH_COLS + x);
                            highest = V::load(part).max(highest);
                        }
                        highest.store(self.highest.as_mut_ptr().add(block * SWATH_COLS + x));
                    }
                }
            }
        }
    }
}

/// Asks for cells of a row that will be copied soon: each lies in a page of its own,
/// far from the last one, which no processor foresees.
#[inline(always)]
fn fetch(heights: ArrayView2<'_, f32>, row: isize, from: isize, cells: usize) {
    const LINE: usize = 64 / size_of::<f32>();
    // Outside the tile, too: nothing is read, and what is not there is not fetched.
    let at = heights.as_ptr().wrapping_offset(row * heights.strides()[0] + from);
    for cell in (0..cells).step_by(LINE) {
        prefetch(at.wrapping_add(cell));
    }
}

/// Cells of a row from column `from` on; NaN where the tile has none.
#[inline(always)]
fn cells_at<const N: usize>(heights: ArrayView2<'_, f32>, row: isize, from: isize) -> [f32; N] {
    let mut cells = [f32::NAN; N];
    let inside = 0 <= row && row < heights.nrows().cast_signed();
    if !inside {
        return cells;
    }
    let row = heights.row(row.cast_unsigned()).to_slice().unwrap_or_default();
    let whole = usize::try_from(from).ok().and_then(|from| row.get(from..));
    if let Some(whole) = whole.and_then(<[f32]>::first_chunk) {
        return *whole;
    }
    for (col, z) in (from..).zip(&mut cells) {
        *z = usize::try_from(col).ok().and_then(|col| row.get(col).copied()).unwrap_or(f32::NAN);
    }
    cells
}
