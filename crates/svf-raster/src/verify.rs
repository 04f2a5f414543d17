//! Checks that a complete file is what was requested.

use std::path::Path;

use gdal::Metadata;
use gdal::raster::RasterBand;
use svf_kernel::tile::Window;

use crate::output::OutputSpec;
use crate::{io, session};

/// Opens the file again and checks that it is what was requested: size, bands, and that every
/// block is within the file.
pub(crate) fn verify(path: &Path, spec: &OutputSpec) -> Result<(), String> {
    let rasters = io::rasters_of(path)?;
    let bands = io::bands_of(&rasters);
    if bands.len() < spec.bands.len() {
        return Err("the file does not have the bands that were written".into());
    }
    let (rows, cols) = (spec.grid.rows, spec.grid.cols);
    if bands.iter().any(|band| band.size() != (cols as usize, rows as usize)) {
        return Err("the file does not have the size that was written".into());
    }
    let file_bytes = std::fs::metadata(path).map_err(|e| e.to_string())?.len();
    for band in &bands {
        check_blocks(band, file_bytes)?;
        let last = Window { row: rows - 1, col: cols - 1, rows: 1, cols: 1 };
        let mut cell = ndarray::Array2::<f64>::zeros((1, 1));
        io::read(band, &last, cell.view_mut()).map_err(|()| session::last_message())?;
    }
    Ok(())
}

/// TIFF only: every block ends within the file.
fn check_blocks(band: &RasterBand<'_>, file_bytes: u64) -> Result<(), String> {
    let (block_cols, block_rows) = band.block_size();
    let (cols, rows) = band.size();
    let number = |what: &str, x: usize, y: usize| {
        band.metadata_item(&format!("{what}_{x}_{y}"), "TIFF").and_then(|v| v.parse::<u64>().ok())
    };
    for y in 0..rows.div_ceil(block_rows) {
        for x in 0..cols.div_ceil(block_cols) {
            if let Some((offset, bytes)) =
                number("BLOCK_OFFSET", x, y).zip(number("BLOCK_SIZE", x, y))
                && offset + bytes > file_bytes
            {
                return Err(format!("block {x}, {y} is outside the file"));
            }
        }
    }
    Ok(())
}
