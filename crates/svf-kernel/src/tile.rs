//! Integer geometry of windows and tiles. Rows come before columns. Numbers have 64 bits, because
//! a raster can have more than 2^31 cells, and offsets can be negative with the halo. Sums that
//! do not fit into 64 bits become the largest number.

/// A rectangle of cells inside a raster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// First row.
    pub row: u64,
    /// First column.
    pub col: u64,
    /// Number of rows.
    pub rows: u64,
    /// Number of columns.
    pub cols: u64,
}

impl Window {
    /// The whole of a raster.
    pub fn whole(rows: u64, cols: u64) -> Self {
        Self { row: 0, col: 0, rows, cols }
    }

    /// Number of cells.
    pub fn cells(&self) -> u64 {
        self.rows.saturating_mul(self.cols)
    }

    /// One row below the last.
    pub fn row_end(&self) -> u64 {
        self.row.saturating_add(self.rows)
    }

    /// One column right of the last.
    pub fn col_end(&self) -> u64 {
        self.col.saturating_add(self.cols)
    }

    /// Whether `other` is inside.
    pub fn contains(&self, other: &Window) -> bool {
        self.row <= other.row
            && self.col <= other.col
            && other.row_end() <= self.row_end()
            && other.col_end() <= self.col_end()
    }

    /// The cells that are in both.
    pub fn meet(&self, other: &Window) -> Option<Window> {
        let (row, col) = (self.row.max(other.row), self.col.max(other.col));
        let rows = self.row_end().min(other.row_end()).checked_sub(row).filter(|&n| n > 0)?;
        let cols = self.col_end().min(other.col_end()).checked_sub(col).filter(|&n| n > 0)?;
        Some(Window { row, col, rows, cols })
    }
}

/// How far sight lines reach beyond a tile, in cells, on every side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Halo {
    /// Cells above and below.
    pub rows_px: usize,
    /// Cells left and right.
    pub cols_px: usize,
}

impl Halo {
    /// Grows to contain this number of cells on each side.
    pub(crate) fn include(&mut self, rows_px: usize, cols_px: usize) {
        self.rows_px = self.rows_px.max(rows_px);
        self.cols_px = self.cols_px.max(cols_px);
    }

    /// Shape (rows, columns) of a tile with this halo around it.
    pub fn padded(&self, rows: usize, cols: usize) -> (usize, usize) {
        let grown = |cells: usize, px: usize| cells.saturating_add(px.saturating_mul(2));
        (grown(rows, self.rows_px), grown(cols, self.cols_px))
    }
}

/// The part of a tile with its halo that is inside the raster, and its place in the tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clip {
    /// Cells to read from the raster.
    pub source: Window,
    /// Row of the tile, with its halo, to which the first row is read.
    pub row: usize,
    /// Column of the tile, with its halo, to which the first column is read.
    pub col: usize,
}

/// Clips `core`, enlarged by `halo`, to a raster of `rows` x `cols` cells; the result is empty if
/// they do not overlap.
pub fn clip_to_raster(core: &Window, halo: Halo, rows: u64, cols: u64) -> Clip {
    let clip = |first: u64, end: u64, halo: usize, most: u64| {
        let from = first.saturating_sub(halo as u64).min(most);
        let to = end.saturating_add(halo as u64).min(most);
        // Less than twice the halo and the core.
        let place = from.saturating_add(halo as u64).saturating_sub(first);
        (from, to - from, fits_memory(place))
    };
    let (row, source_rows, at_row) = clip(core.row, core.row_end(), halo.rows_px, rows);
    let (col, source_cols, at_col) = clip(core.col, core.col_end(), halo.cols_px, cols);
    let source = Window { row, col, rows: source_rows, cols: source_cols };
    Clip { source, row: at_row, col: at_col }
}

/// A number of cells that is known to fit into a tile in memory.
#[expect(clippy::cast_possible_truncation, reason = "bounded by the halo, which is a usize")]
fn fits_memory(count: u64) -> usize {
    count as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALO: Halo = Halo { rows_px: 3, cols_px: 5 };

    #[test]
    fn windows_meet() {
        let window = |row, col, rows, cols| Window { row, col, rows, cols };
        let a = window(10, 10, 5, 5);
        assert_eq!(a.meet(&window(12, 8, 9, 4)), Some(window(12, 10, 3, 2)));
        assert_eq!(a.meet(&window(15, 10, 5, 5)), None);
        assert_eq!(a.meet(&window(0, 0, 11, 11)), Some(window(10, 10, 1, 1)));
    }

    #[test]
    fn a_corner_tile_is_clipped_and_shifted() {
        let clip = clip_to_raster(&Window { row: 0, col: 0, rows: 10, cols: 10 }, HALO, 100, 12);
        assert_eq!(clip.source, Window { row: 0, col: 0, rows: 13, cols: 12 });
        assert_eq!((clip.row, clip.col), (3, 5));
    }

    #[test]
    fn an_inner_tile_keeps_its_whole_halo() {
        let core = Window { row: 50, col: 60, rows: 10, cols: 10 };
        let clip = clip_to_raster(&core, HALO, 100, 100);
        assert_eq!(clip.source, Window { row: 47, col: 55, rows: 16, cols: 20 });
        assert_eq!((clip.row, clip.col), (0, 0));
    }

    #[test]
    fn offsets_beyond_32_bits_are_kept() {
        let core = Window { row: 5_000_000_000, col: 1, rows: 1, cols: 1 };
        let clip = clip_to_raster(&core, HALO, 6_000_000_000, 2);
        assert_eq!(clip.source, Window { row: 4_999_999_997, col: 0, rows: 7, cols: 2 });
        assert_eq!((clip.row, clip.col), (0, 4));
    }
}
