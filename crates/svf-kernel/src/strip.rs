//! Strips: neighbouring receivers that are searched and summed up together, and the
//! horizons that are found for them in one direction.

use crate::measures::SearchOptions;

/// Columns of a strip: a multiple of every level's group of vectors.
pub(crate) const STRIP_COLS: usize = 64;
/// Steeper slopes are vertical in f32; keeps their squares finite.
pub(crate) const STEEPEST: f32 = 1e12;

/// A number for each receiver of a row of a strip.
pub(crate) type Row = [f32; STRIP_COLS];

/// Receivers of a strip: `rows` rows of `cols` columns, [`STRIP_COLS`] or fewer.
#[derive(Clone, Copy)]
pub(crate) struct Strip {
    /// The first receiver; rows are `stride` floats apart.
    pub first: *const f32,
    pub stride: usize,
    pub rows: usize,
    pub cols: usize,
    /// Row of what is found that belongs to the first row.
    pub at_row: usize,
}

/// Strips that cover so many columns: first column and number. The last one overlaps
/// the one before it: same inputs, same bits.
pub(crate) fn strips(cols: usize) -> impl Iterator<Item = (usize, usize)> {
    let strip_cols = STRIP_COLS.min(cols);
    (0..cols).step_by(STRIP_COLS).map(move |col| (col.min(cols - strip_cols), strip_cols))
}

/// What the search found in one direction, for a strip of receivers.
/// Arrays that nobody asked for are empty.
#[derive(Default)]
pub(crate) struct Horizons {
    /// Highest slope, -inf where no sample was valid; never empty, and 0 where nobody asked.
    pub highest: Vec<f32>,
    /// Lowest slope, +inf where no sample was valid.
    pub lowest: Vec<f32>,
    /// Distance of the nearest sample that makes a horizon above the horizontal, else 0.
    pub distance: Vec<f32>,
    /// 1 where a missing height was met, else 0.
    pub gaps: Vec<f32>,
}

impl Horizons {
    /// Room for so many receivers.
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
