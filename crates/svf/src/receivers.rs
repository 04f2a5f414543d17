//! Which cells are receivers: those that a mask names.

use ndarray::{Array2, ArrayViewMut2, s};
use svf_job::CancelToken;
use svf_job::events::Diagnostic;
use svf_kernel::tile::{Clip, Halo, Window};
use svf_raster::{RasterError, RasterReader};

use crate::error::Error;
use crate::observer::Observer;
use crate::request::Request;

/// Rows and columns that are read together to look for a receiver.
const LOOK_PX: (u64, u64) = (256, 1024);

/// Reads which receivers of a tile are wanted: 1, or 0 if they are not; 0 in its halo. Returns
/// whether there are any.
///
/// # Errors
/// A window that cannot be read.
pub(crate) fn read_receivers(
    mask: &mut RasterReader,
    clip: &Clip,
    halo: Halo,
    mut layer: ArrayViewMut2<'_, f32>,
) -> Result<bool, RasterError> {
    layer.fill(0.0);
    let (rows, cols) = layer.dim();
    let (first_row, first_col) = (halo.rows_px, halo.cols_px);
    let core = s![first_row..rows - first_row, first_col..cols - first_col];
    let mut core = layer.slice_mut(core);
    let window = Window {
        row: clip.source.row + (first_row - clip.row) as u64,
        col: clip.source.col + (first_col - clip.col) as u64,
        rows: core.nrows() as u64,
        cols: core.ncols() as u64,
    };
    mask.read(&window, core.view_mut())?;
    let mut any = false;
    core.mapv_inplace(|value| {
        let wanted = is_receiver(value);
        any |= wanted;
        f32::from(u8::from(wanted))
    });
    Ok(any)
}

/// Whether a value of a mask names a receiver.
fn is_receiver(value: f32) -> bool {
    !value.is_nan() && value != 0.0
}

/// Whether a mask names any cell of a window. It is read until one is found.
///
/// # Errors
/// A window that cannot be read; a cancel.
pub(crate) fn has_receivers(
    mask: &mut RasterReader,
    window: &Window,
    cancel: &CancelToken,
) -> Result<bool, Error> {
    // Whole blocks, so that none is decoded twice.
    let block_rows = (mask.info().block.0 as u64).clamp(1, LOOK_PX.1);
    let step_rows = LOOK_PX.0.next_multiple_of(block_rows);
    let mut row = window.row;
    while row < window.row_end() {
        let end = (row + 1).next_multiple_of(step_rows).min(window.row_end());
        let mut col = window.col;
        while col < window.col_end() {
            if cancel.is_cancelled() {
                return Err(Error::cancelled());
            }
            let col_end = (col + 1).next_multiple_of(LOOK_PX.1).min(window.col_end());
            let part = Window { row, col, rows: end - row, cols: col_end - col };
            let mut values = Array2::zeros((part.rows as usize, part.cols as usize));
            mask.read(&part, values.view_mut())?;
            if values.iter().any(|value| is_receiver(*value)) {
                return Ok(true);
            }
            col = col_end;
        }
        row = end;
    }
    Ok(false)
}

/// Warns if the mask of a request names no cell of a window. `layers` are those of the inputs.
///
/// # Errors
/// A mask that cannot be read; a cancel.
pub(crate) fn warn_of_none(
    request: &Request,
    layers: &mut [RasterReader],
    window: &Window,
    cancel: &CancelToken,
    observer: &dyn Observer,
) -> Result<(), Error> {
    let (Some(path), Some(mask)) = (&request.sky.receivers, layers.last_mut()) else {
        return Ok(());
    };
    if has_receivers(mask, window, cancel)? {
        return Ok(());
    }
    let message = format!("{path} has no receiver: no cell gets a value");
    let hint = "receivers are the cells that are neither 0 nor NoData in --receivers";
    observer.warn(Diagnostic::new("receivers.none", message).hint(hint).path(path));
    Ok(())
}
