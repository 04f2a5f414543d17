//! Takes a sample of a raster: the values of some windows spread over it, always the same
//! windows.

use ndarray::Array2;
use svf_kernel::tile::Window;

use crate::error::RasterError;
use crate::raster::RasterReader;
use crate::reader::cells;
use crate::session::may_fail;

/// Values of some windows.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The windows.
    pub windows: Vec<Window>,
    /// Their values as stored, window by window, row by row; NaN where there is no height.
    pub values: Vec<f64>,
    /// Whether these are all the cells of the raster.
    pub whole: bool,
}

/// A raster of at most this many rows and columns is read completely.
const SMALL: u64 = 512;
/// Number of windows (down and across), and their size. If no height was found, the next entry is
/// used.
const PLACES: [(u64, u64); 3] = [(4, 128), (8, 64), (16, 64)];

/// Windows spread evenly, from edge to edge.
fn places(rows: u64, cols: u64, (count, side): (u64, u64)) -> Vec<Window> {
    let start = |i: u64, cells: u64| cells.saturating_sub(side) * i / (count - 1);
    let window = |i: u64| Window {
        row: start(i / count, rows),
        col: start(i % count, cols),
        rows: side.min(rows),
        cols: side.min(cols),
    };
    (0..count * count).map(window).collect()
}

impl RasterReader {
    /// Values of windows spread over the raster.
    ///
    /// # Errors
    /// A window that cannot be read.
    pub fn sample(&mut self) -> Result<Sample, RasterError> {
        let (rows, cols) = (self.info().grid.rows, self.info().grid.cols);
        if rows <= SMALL && cols <= SMALL {
            let windows = vec![Window::whole(rows, cols)];
            return Ok(Sample { values: self.values_at(&windows)?, windows, whole: true });
        }
        let mut sample = Sample { windows: Vec::new(), values: Vec::new(), whole: false };
        for place in PLACES {
            let windows = places(rows, cols, place);
            sample = Sample { values: self.values_at(&windows)?, windows, whole: false };
            if sample.values.iter().any(|value| !value.is_nan()) {
                break;
            }
        }
        Ok(sample)
    }

    /// Values of some windows as stored, one after the other; NaN where there is no height.
    ///
    /// # Errors
    /// A window that cannot be read.
    pub fn values_at(&mut self, windows: &[Window]) -> Result<Vec<f64>, RasterError> {
        let mut parts = Vec::with_capacity(windows.len());
        // From the last to the first: the blocks of the first rows are then still in the cache when
        // the search begins with them.
        for window in windows.iter().rev() {
            let mut part = Array2::zeros((cells(window.rows), cells(window.cols)));
            may_fail(|| self.read_values(window, part.view_mut()))?;
            parts.push(part);
        }
        Ok(parts.into_iter().rev().flatten().collect())
    }

    /// Values of another band in some windows, as [`Self::values_at`], without a check for
    /// missing heights.
    ///
    /// # Errors
    /// A window that cannot be read.
    pub fn band_at(&mut self, band: usize, windows: &[Window]) -> Result<Vec<f64>, RasterError> {
        let mut values = Vec::new();
        for window in windows {
            let mut part = Array2::zeros((cells(window.rows), cells(window.cols)));
            may_fail(|| self.read_band(band, window, part.view_mut()))?;
            values.extend_from_slice(part.as_slice().unwrap_or_default());
        }
        Ok(values)
    }

    /// Whether the heights may have more digits than f32.
    pub fn may_need_offset(&self) -> bool {
        let info = self.info();
        let (scale, offset) = info.scale_offset;
        let fits = ["Byte", "Int8", "UInt16", "Int16", "Float32"];
        // Depths are heights of scale -1.
        !fits.contains(&info.data_type.as_str()) || (scale.abs(), offset) != (1.0, 0.0)
    }

    /// Sets the offset that is subtracted from every height, because f32 has too few digits. The
    /// same offset, which depends on `sample`, is used for the whole raster. It is 0 if the
    /// lowest height is far from the highest one, and if f32 can store every height.
    pub fn settle_offset(&mut self, sample: &Sample) {
        if !self.may_need_offset() {
            return;
        }
        let info = self.info();
        let (scale, offset) = info.scale_offset;
        let is_whole = info.data_type != "Float64" && (scale.abs(), offset) == (1.0, 0.0);
        let heights = sample.values.iter().map(|value| scale * value + offset);
        let heights = heights.filter(|height| (*height as f32).is_finite());
        let (low, high) = heights
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), z| (low.min(z), high.max(z)));
        if low > high {
            return;
        }
        let largest = low.abs().max(high.abs());
        if is_whole && largest < f64::from(1 << 24) {
            return;
        }
        // If all heights are larger than a third of the highest one, subtracting an f32 from an
        // f32 is exact: the offset loses nothing.
        let middle = f64::from((low + (high - low) / 2.0) as f32);
        let left = (high - middle).max(middle - low);
        if 3.0 * left <= largest {
            self.take_off(middle);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_reach_from_edge_to_edge() {
        let windows = places(1000, 70, (4, 128));
        assert_eq!(windows.len(), 16);
        assert_eq!(windows[0], Window { row: 0, col: 0, rows: 128, cols: 70 });
        assert_eq!(windows[15], Window { row: 872, col: 0, rows: 128, cols: 70 });
    }
}
