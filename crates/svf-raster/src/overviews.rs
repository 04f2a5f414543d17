//! Overviews of a raster that is copied to a COG, averaged while its cells are in memory. GDAL
//! would read all cells again for them, which takes longer than the copy.
//!
//! Each overview has half the rows and columns of the one before. Its cells are the means of those
//! of up to four cells that have a value, as with GDAL's `AVERAGE`.

use gdal::Dataset;
use gdal::errors::GdalError;
use gdal::raster::RasterBand;
use ndarray::{Array2, ArrayView2};
use svf_kernel::tile::Window;

use crate::driver::{CreationOptions, cog_block_px};
use crate::io;
use crate::output::{OutputSpec, OutputType};

/// Creation options that do not decide which overviews there are.
const OTHER_OPTIONS: [&str; 14] = [
    "COMPRESS",
    "LEVEL",
    "PREDICTOR",
    "QUALITY",
    "MAX_Z_ERROR",
    "BLOCKSIZE",
    "BIGTIFF",
    "NUM_THREADS",
    "OVERVIEW_COMPRESS",
    "OVERVIEW_QUALITY",
    "OVERVIEW_PREDICTOR",
    "STATISTICS",
    "GEOTIFF_VERSION",
    "SPARSE_OK",
];

/// How many overviews a COG with these options, rows and columns, and bands has; none if the
/// options decide about it.
pub(crate) fn levels_of(
    creation_options: &[String],
    (rows, cols): (u64, u64),
    (bands, cell): (usize, OutputType),
) -> Option<usize> {
    let is_other = |option: &String| {
        let key = option.split('=').next().unwrap_or_default();
        OTHER_OPTIONS.iter().any(|other| other.eq_ignore_ascii_case(key))
    };
    if !creation_options.iter().all(is_other) {
        return None;
    }
    let options = CreationOptions(creation_options.to_vec());
    // A raster that is not larger than a block needs none.
    let smallest = cog_block_px(&options, bands, cell);
    Some((0..31).take_while(|level| rows.max(cols).div_ceil(1 << level) > smallest).count())
}

/// Overviews that are filled while the raster is written.
pub(crate) struct Overviews {
    levels: usize,
    rows: u64,
    cols: u64,
    nodata: Option<f64>,
    output_type: OutputType,
    /// Whether every window so far had its place in all of them.
    is_complete: bool,
}

impl Overviews {
    /// Creates the overviews of a raster that is copied to a COG, without values; none if it needs
    /// none, or if the user's options decide about them.
    ///
    /// # Errors
    /// If GDAL cannot create them.
    pub fn create(dataset: &mut Dataset, spec: &OutputSpec) -> Result<Option<Self>, GdalError> {
        let (rows, cols) = (spec.grid.rows, spec.grid.cols);
        let levels = match spec.driver.as_str() {
            "COG" => levels_of(
                &spec.creation_options,
                (rows, cols),
                (spec.bands.len(), spec.output_type),
            ),
            _ => None,
        };
        let factors: Vec<i32> = (0..levels.unwrap_or(0)).map(|level| 2 << level).collect();
        if factors.is_empty() {
            return Ok(None);
        }
        dataset.build_overviews("NONE", &factors, &[])?;
        Ok(Some(Self {
            levels: factors.len(),
            rows,
            cols,
            nodata: spec.nodata,
            output_type: spec.output_type,
            is_complete: true,
        }))
    }

    /// How many there are.
    pub fn levels(&self) -> usize {
        self.levels
    }

    /// Whether they have the cells of every window that was written.
    pub fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// Leaves them to GDAL.
    pub fn give_up(&mut self) {
        self.is_complete = false;
    }

    /// Adds the cells of a window of a band; NaN and NoData are no values.
    pub fn write(
        &mut self,
        band: &RasterBand<'_>,
        window: &Window,
        values: ArrayView2<'_, f32>,
    ) -> Result<(), ()> {
        if !self.has_place(window) {
            self.is_complete = false;
        }
        if !self.is_complete {
            return Ok(());
        }
        #[expect(clippy::cast_possible_truncation, reason = "compared in the type of the cells")]
        let nodata = self.nodata.map_or(f32::NAN, |nodata| nodata as f32);
        let mut above = halved(values, |value| if value == nodata { f32::NAN } else { value });
        let mut cells = Array2::default((0, 0));
        for level in 0..self.levels {
            if level > 0 {
                above = halved(above.view(), |value| value);
            }
            if matches!(self.output_type, OutputType::UInt8 | OutputType::UInt16) {
                above.mapv_inplace(f32::round);
            }
            io::resize(&mut cells, above.dim());
            let missing = self.nodata.unwrap_or(f64::NAN);
            cells.zip_mut_with(&above, |cell, &value| {
                *cell = if value.is_nan() { missing } else { f64::from(value) };
            });
            let at = Window {
                row: window.row >> (level + 1),
                col: window.col >> (level + 1),
                rows: cells.nrows() as u64,
                cols: cells.ncols() as u64,
            };
            let overview = band.overview(level).map_err(drop)?;
            io::write(&overview, &at, cells.view())?;
        }
        Ok(())
    }

    /// Whether the cells of a window are all that an overview's cells are made of.
    fn has_place(&self, window: &Window) -> bool {
        let step = 1_u64 << self.levels;
        let ends = |end: u64, all: u64| end == all || end.is_multiple_of(step);
        window.row.is_multiple_of(step)
            && window.col.is_multiple_of(step)
            && ends(window.row_end(), self.rows)
            && ends(window.col_end(), self.cols)
    }
}

/// Means of 2 x 2 cells, or fewer at the edges; NaN where none has a value.
fn halved(cells: ArrayView2<'_, f32>, value: impl Fn(f32) -> f32) -> Array2<f32> {
    let (rows, cols) = cells.dim();
    let mut out = Array2::from_elem((rows.div_ceil(2), cols.div_ceil(2)), f32::NAN);
    let add = |sum: &mut [(f64, u32)], row: usize| {
        for (col, &cell) in cells.row(row).iter().enumerate() {
            let cell = value(cell);
            if !cell.is_nan() {
                let (sum, count) = &mut sum[col / 2];
                *sum += f64::from(cell);
                *count += 1;
            }
        }
    };
    let mut sums = vec![(0.0, 0); cols.div_ceil(2)];
    for (i, mut out) in out.rows_mut().into_iter().enumerate() {
        sums.fill((0.0, 0));
        add(&mut sums, 2 * i);
        if 2 * i + 1 < rows {
            add(&mut sums, 2 * i + 1);
        }
        for (out, &(sum, count)) in out.iter_mut().zip(&sums) {
            if count > 0 {
                #[expect(clippy::cast_possible_truncation, reason = "a mean of f32")]
                let mean = (sum / f64::from(count)) as f32;
                *out = mean;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn means_of_cells_that_have_a_value() {
        const N: f32 = f32::NAN;
        let cells = array![[1.0, 3.0, N], [5.0, 7.0, 2.0], [N, N, 4.0]];
        let half = halved(cells.view(), |value| value);
        assert_eq!(half.dim(), (2, 2));
        assert_eq!((half[(0, 0)], half[(0, 1)], half[(1, 1)]), (4.0, 2.0, 4.0));
        assert!(half[(1, 0)].is_nan());
        let nodata = halved(cells.view(), |value| if value == 7.0 { N } else { value });
        assert_eq!(nodata[(0, 0)], 3.0);
    }

    #[test]
    fn windows_that_cut_cells_of_an_overview_have_no_place() {
        let overviews = Overviews {
            levels: 2,
            rows: 1030,
            cols: 700,
            nodata: None,
            output_type: OutputType::Float32,
            is_complete: true,
        };
        let has_place =
            |row, col, rows, cols| overviews.has_place(&Window { row, col, rows, cols });
        assert!(has_place(0, 0, 512, 512));
        assert!(has_place(1024, 512, 6, 188));
        assert!(has_place(4, 8, 4, 692));
        assert!(!has_place(0, 2, 512, 510));
        assert!(!has_place(0, 0, 510, 512));
        assert!(!has_place(1024, 512, 5, 188));
    }
}
