//! Heights turned so that a direction and its opposite lead along the numbers of their rows.

use ndarray::ArrayView2;

/// Heights of a tile with its halo, as they are or transposed. Rows have adjacent cells.
#[derive(Clone, Copy)]
pub(crate) struct Frame<'a> {
    pub heights: ArrayView2<'a, f32>,
    /// Row and column of the raster (or column and row) of the first height.
    pub first: (i64, i64),
}

impl Frame<'_> {
    /// The heights of row `y`, if it is in the frame.
    pub fn row(&self, y: i64) -> Option<&[f32]> {
        let row = usize::try_from(y - self.first.0).ok()?;
        (row < self.heights.nrows()).then(|| self.heights.row(row).to_slice()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    #[test]
    fn rows_are_those_of_the_raster() {
        let z = Array2::from_shape_fn((37, 70), |(row, col)| (100 * row + col) as f32);
        let frame = Frame { heights: z.view(), first: (-5, 9) };
        assert_eq!(frame.row(-5).map(|row| row[69]), Some(69.0));
        assert_eq!((frame.row(-6), frame.row(32)), (None, None));
    }
}
