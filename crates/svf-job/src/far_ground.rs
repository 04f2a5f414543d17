//! Reads the cells that a run can see, part by part, and makes the levels of a cascade of them that tiles do
//! not make: see [`FarGround`]. Keeps them in a file with a checksum, for other processes of a plan.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;

use ndarray::{Array2, s};
use svf_kernel::tile::Window;
use svf_kernel::{FarGround, Kernel, PART_PX, Scratch};

use crate::cancel::CancelToken;
use crate::pipeline::{Job, Stopped, TileSource};
use crate::shared_out::Threads;
use crate::trailer::{self, TrailerError};

/// Makes the far ground of all tiles of a job. `report` gets the parts that were read, and how many
/// there are.
///
/// # Errors
/// A part that cannot be read, or a cancel.
pub fn far_ground<E: Send>(
    job: Job<'_>,
    source: &mut dyn TileSource<Error = E>,
    report: &mut dyn FnMut(u64, u64),
) -> Result<FarGround, Stopped<E>> {
    let Job { plan, kernel, pool, cancel, .. } = job;
    let window = plan.tiling().window;
    let mut ground = kernel.far_ground(&window);
    let windows = windows_of(&kernel.far_region(&window), plan.tile_px);
    let mut heights = Vec::new();
    let mut of_part = Scratch::default();
    let threads = Threads::of(pool);
    for (done, window) in windows.iter().enumerate() {
        report(done as u64, windows.len() as u64);
        if cancel.is_cancelled() {
            return Err(Stopped::Cancelled);
        }
        let shape = (window.rows as usize, window.cols as usize);
        heights.resize(shape.0 * shape.1, f32::NAN);
        #[expect(clippy::expect_used, reason = "resized to this shape")]
        let mut tile = Array2::from_shape_vec(shape, std::mem::take(&mut heights)).expect("shape");
        source.read_heights(window, tile.view_mut()).map_err(Stopped::Failed)?;
        for part in windows_of(&Window::whole(window.rows, window.cols), [PART_PX as u64; 2]) {
            if cancel.is_cancelled() {
                return Err(Stopped::Cancelled);
            }
            let (rows, cols) = (
                part.row as usize..part.row_end() as usize,
                part.col as usize..part.col_end() as usize,
            );
            let place = (window.row + part.row, window.col + part.col);
            let part = ground.part(tile.slice(s![rows, cols]), place, &mut of_part);
            let pyramids = ground.pyramids_mut().iter_mut();
            threads.share(pyramids, || (), |(), pyramid, scratch| pyramid.add(&part, scratch));
        }
        heights = tile.into_raw_vec_and_offset().0;
    }
    ground.complete();
    report(windows.len() as u64, windows.len() as u64);
    Ok(ground)
}

/// Writes far ground to a file; `record` says what it was made from.
///
/// # Errors
/// A file that cannot be written, or a cancel.
pub fn save(
    ground: &FarGround,
    path: &Path,
    record: &str,
    cancel: &CancelToken,
) -> Result<(), TrailerError> {
    let mut file = BufWriter::new(File::create(path)?);
    for number in ground.numbers().flatten() {
        file.write_all(&number.to_le_bytes())?;
    }
    file.into_inner().map_err(io::IntoInnerError::into_error)?;
    trailer::append(path, record, cancel)
}

/// Reads the far ground of a window from a file. None if the file is of another `record`; then, and after an
/// error, it must be made.
///
/// # Errors
/// What is wrong with the file, or a cancel.
pub fn load(
    (kernel, window): (&Kernel, &Window),
    path: &Path,
    record: &str,
    cancel: &CancelToken,
) -> Result<Option<FarGround>, TrailerError> {
    let (found, stamp) = trailer::verify(path, cancel)?;
    if found != record {
        return Ok(None);
    }
    let mut ground = kernel.far_ground(window);
    let mut file = BufReader::new(File::open(path)?);
    let mut bytes = [0_u8; size_of::<f32>()];
    for number in ground.numbers_mut().flatten() {
        file.read_exact(&mut bytes)?;
        *number = f32::from_le_bytes(bytes);
    }
    // What was read is what was checked.
    if !stamp.is_of(path, cancel)? {
        return Err(TrailerError::Broken);
    }
    ground.complete();
    Ok(Some(ground))
}

/// Parts of a region of at most so many rows and columns, and one more: what is between two cells of a row
/// or a column is in one of them.
fn windows_of(region: &Window, [rows, cols]: [u64; 2]) -> Vec<Window> {
    let starts = |first: u64, count: u64, step: u64| {
        // The last row and column come with those before them.
        (first..first + count.saturating_sub(1).max(1)).step_by(step as usize)
    };
    let mut windows = Vec::new();
    for row in starts(region.row, region.rows, rows) {
        for col in starts(region.col, region.cols, cols) {
            windows.push(Window {
                row,
                col,
                rows: (rows + 1).min(region.row_end() - row),
                cols: (cols + 1).min(region.col_end() - col),
            });
        }
    }
    windows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_neighbours_of_a_region_are_in_one_part() {
        let region = Window { row: 3, col: 10, rows: 7, cols: 4 };
        let windows = windows_of(&region, [3, 4]);
        let places = windows.iter().map(|w| (w.row, w.col, w.rows, w.cols)).collect::<Vec<_>>();
        assert_eq!(places, [(3, 10, 4, 4), (6, 10, 4, 4)]);
        assert_eq!(windows_of(&Window { rows: 1, ..region }, [3, 2]).len(), 2);
    }
}
