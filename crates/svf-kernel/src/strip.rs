//! Strips: neighbouring receivers that are searched and summed together, and their horizons in
//! one direction.

use crate::measures::SearchOptions;

/// Columns of a strip: a multiple of every level's group of vectors.
pub(crate) const STRIP_COLS: usize = 64;
/// Steeper slopes count as vertical in f32; this limit keeps their squares finite.
pub(crate) const STEEPEST: f32 = 1e12;

/// A number for each receiver of a row of a strip.
pub(crate) type Row = [f32; STRIP_COLS];

/// Where a receiver is, counted from the first one of its block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub floats: usize,
    pub row: usize,
    pub col: usize,
}

/// Where the receivers of a strip are.
#[derive(Clone, Copy)]
pub(crate) enum Layout {
    /// As in the tile: side by side, row below row.
    Rows,
    /// At these places. Those of a vector are side by side.
    Runs(*const Place),
}

/// Receivers of a strip: `rows` rows of `cols` columns, [`STRIP_COLS`] or fewer.
#[derive(Clone, Copy)]
pub(crate) struct Strip {
    /// The first receiver of its block; in a tile, rows are `stride` floats apart.
    pub first: *const f32,
    /// Where the others are. Unless they are in rows, there are [`STRIP_COLS`] columns, which are
    /// not those of the tile.
    pub layout: Layout,
    pub stride: usize,
    pub rows: usize,
    pub cols: usize,
    /// Row of the results that belongs to the first row.
    pub at_row: usize,
}

impl Strip {
    /// Where a receiver is.
    ///
    /// # Safety
    /// The strip has this row and column; its layout has a place for each receiver.
    #[inline(always)]
    pub unsafe fn place(self, row: usize, col: usize) -> Place {
        match self.layout {
            Layout::Rows => Place { floats: row * self.stride + col, row, col },
            Layout::Runs(places) => {
                // SAFETY: see above.
                unsafe { *places.add(row * STRIP_COLS + col) }
            }
        }
    }
}

/// Strips that cover this number of columns: first column and number of columns. The last strip
/// overlaps the one before it; the same inputs give the same bits.
pub(crate) fn strips(cols: usize) -> impl Iterator<Item = (usize, usize)> {
    let strip_cols = STRIP_COLS.min(cols);
    (0..cols).step_by(STRIP_COLS).map(move |col| (col.min(cols - strip_cols), strip_cols))
}

/// What the search found in one direction, for a strip of receivers. Arrays that are not needed
/// are empty.
#[derive(Default)]
pub(crate) struct Horizons {
    /// Highest slope, -inf if no sample was valid. This array is never empty; it is 0 if it is
    /// not needed.
    pub highest: Vec<f32>,
    /// Lowest slope, +inf if no sample was valid.
    pub lowest: Vec<f32>,
    /// Distance of the nearest sample that makes a horizon above the horizontal, else 0.
    pub distance: Vec<f32>,
    /// 1 if a height on the sight line is missing, else 0.
    pub gaps: Vec<f32>,
}

impl Horizons {
    /// Makes the arrays for this number of receivers.
    pub fn new(receivers: usize, options: SearchOptions) -> Self {
        let array = |wanted: bool| vec![0.0; if wanted { receivers } else { 0 }];
        Self {
            highest: vec![0.0; receivers],
            lowest: array(options.lowest),
            distance: array(options.distance),
            gaps: array(options.gaps),
        }
    }
}
