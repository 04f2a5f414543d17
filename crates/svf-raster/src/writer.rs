//! Writes whole rasters: creates them under a temporary name, writes them window by window, and
//! renames them only if every step succeeded.
//!
//! A file only gets its final name after [`RasterWriter::finish`], which flushes and closes the
//! file, checks the session for errors, opens the file again, checks and syncs it. The value that
//! it returns does the renaming.

use std::path::Path;

use gdal::raster::RasterBand;
use gdal::{Dataset, DriverManager};
use ndarray::{ArrayView2, Axis};
use svf_kernel::tile::Window;

use crate::cells::StoredCells;
use crate::copy::convert;
use crate::create::{create_dataset, describe, set_statistics};
use crate::driver::{base_options, creation_options, has_raw_base, is_copied};
use crate::error::{Op, RasterError};
use crate::io;
use crate::output::{BandStatistics, OutputSpec, OutputType};
use crate::overviews::Overviews;
use crate::proj;
use crate::session::{self, OfRun, Session};
use crate::staging::{self, BASE, Staging};
use crate::trial::try_driver;
use crate::verify::verify;

/// An output that is being written.
pub struct RasterWriter {
    spec: OutputSpec,
    /// The dataset that is written: the output itself, or the file that it will be copied from.
    /// Before its folder, because fields are dropped in order.
    dataset: Unfinished,
    staging: OfRun<Staging>,
    /// Whether the output is copied from the dataset.
    copied: bool,
    /// Overviews that are filled with the cells, if there are any.
    overviews: Option<Overviews>,
    /// Cells of a few rows in f64, for outputs of that type.
    wide: Vec<f64>,
}

/// A dataset that is written to; none once it is closed. Dropped in any other state it is given
/// up: to close it would mean to write every block that it lacks, hours of them in a large one,
/// which is left open instead until the process ends.
struct Unfinished(Option<OfRun<Dataset>>);

impl Drop for Unfinished {
    fn drop(&mut self) {
        const QUICK_CELLS: usize = 1 << 24;
        let Some(dataset) = self.0.take() else { return };
        let (cols, rows) = dataset.raster_size();
        if rows.saturating_mul(cols).saturating_mul(dataset.raster_count()) > QUICK_CELLS {
            let (_here, dataset) = dataset.take();
            std::mem::forget(dataset);
        }
    }
}

/// A complete output that does not have its final name yet.
#[must_use = "dropping it removes the output"]
pub struct Finished(OfRun<Staging>);

impl Finished {
    /// The complete file, under its temporary name.
    pub fn file(&self) -> &Path {
        self.0.main()
    }

    /// Moves the output to its final name, as [`publish_all`].
    ///
    /// # Errors
    /// What could not be renamed or copied; then no file has the final name.
    pub fn publish(self, overwrite: bool, go_on: &dyn Fn() -> bool) -> Result<(), RasterError> {
        publish_all(vec![self], Vec::new(), overwrite, go_on)
    }

    /// Moves the output to its final name if no file has it, as [`Staging::publish_if_free`].
    ///
    /// # Errors
    /// What could not be renamed or copied; then no file has the final name.
    pub fn publish_if_free(&self) -> Result<bool, RasterError> {
        let _here = self.0.enter();
        self.0.publish_if_free()
    }
}

/// Moves the outputs of a run, rasters and others, to their final names, as
/// [`crate::staging::publish_all`].
///
/// # Errors
/// What could not be renamed or copied.
pub fn publish_all(
    rasters: Vec<Finished>,
    others: Vec<Staging>,
    overwrite: bool,
    go_on: &dyn Fn() -> bool,
) -> Result<(), RasterError> {
    // They are all of one run.
    let _here = rasters.first().map(|raster| raster.0.enter());
    let staged = rasters.into_iter().map(|raster| raster.0.take().1);
    staging::publish_all(staged.chain(others).collect(), overwrite, go_on)
}

impl RasterWriter {
    /// Creates the output under a temporary name.
    ///
    /// # Errors
    /// An unknown or read-only driver, a folder that cannot be written to, or
    /// options that the driver refuses.
    pub fn create(spec: OutputSpec) -> Result<Self, RasterError> {
        let _here = session::enter_here();
        proj::refuse_missing(&spec.path, || spec.grid.crs_wkt.is_some())?;
        try_driver(&spec)?;
        let copied = is_copied(&spec);
        let staging = Staging::new(&spec.path)?;
        let failed = |error: gdal::errors::GdalError| {
            let reason = staging.as_of(&session::reason(&error), &spec.path);
            RasterError::new(Op::Create, &spec.path, reason)
        };
        let (path, options) = if copied {
            (staging.scratch(BASE), base_options(&spec))
        } else {
            (staging.main().to_owned(), creation_options(&spec))
        };
        let gtiff = DriverManager::get_driver_by_name("GTiff").map_err(failed)?;
        let mut dataset = create_dataset(&gtiff, &path, &spec, &options).map_err(failed)?;
        describe(&mut dataset, &spec).map_err(failed)?;
        // Overviews in a compressed file would be compressed again for each tile.
        let overviews = match copied && has_raw_base(&spec) {
            true => Overviews::create(&mut dataset, &spec).map_err(failed)?,
            false => None,
        };
        let (staging, dataset) = (OfRun::here(staging), Unfinished(Some(OfRun::here(dataset))));
        Ok(Self { spec, staging, dataset, copied, overviews, wide: Vec::new() })
    }

    /// Whether it must be copied to another format to complete it.
    pub fn is_copied(&self) -> bool {
        self.copied
    }

    /// Rows and columns of a block of the file written to.
    pub fn block(&self) -> (usize, usize) {
        let band = self.dataset.0.as_ref().and_then(|d| d.rasterband(1).ok());
        let (cols, rows) = band.map_or((1, 1), |band| band.block_size());
        (rows, cols)
    }

    /// Writes a window of band `band` (from 0), with cell values as stored. In a Float64 output,
    /// NaN means NoData, because f32 may not be able to store the NoData value.
    ///
    /// # Errors
    /// Any failure since the session was armed, on any thread.
    pub fn write(
        &mut self,
        window: &Window,
        band: usize,
        values: ArrayView2<'_, f32>,
    ) -> Result<(), RasterError> {
        let (is_wide, nodata) = (self.spec.output_type == OutputType::Float64, self.spec.nodata);
        self.write_by(window, band, |band, wide, overviews| {
            match is_wide {
                true => write_wide(band, window, values, nodata, wide)?,
                false => io::write(band, window, values)?,
            }
            overviews.map_or(Ok(()), |overviews| overviews.write(band, window, values))
        })
    }

    /// Writes cells of the output's own type to a window of band `band` (from 0).
    ///
    /// # Errors
    /// Any failure since the session was armed, on any thread.
    pub fn write_cells(
        &mut self,
        window: &Window,
        band: usize,
        cells: &mut StoredCells,
    ) -> Result<(), RasterError> {
        self.write_by(window, band, |band, _, overviews| {
            cells.write(band, window)?;
            let Some(overviews) = overviews else { return Ok(()) };
            match cells.as_f32() {
                Some(values) => overviews.write(band, window, values.view()),
                None => {
                    overviews.give_up();
                    Ok(())
                }
            }
        })
    }

    fn write_by(
        &mut self,
        window: &Window,
        band: usize,
        write: impl FnOnce(&RasterBand<'_>, &mut Vec<f64>, Option<&mut Overviews>) -> Result<(), ()>,
    ) -> Result<(), RasterError> {
        let _here = self.staging.enter();
        let mut wide = std::mem::take(&mut self.wide);
        let written = match &self.dataset.0 {
            None => Err("already closed".to_owned()),
            Some(dataset) => {
                let band = dataset.rasterband(band + 1).map_err(|e| session::reason(&e));
                let overviews = self.overviews.as_mut();
                band.and_then(|band| {
                    write(&band, &mut wide, overviews).map_err(|()| session::last_message())
                })
            }
        };
        self.wide = wide;
        written.map_err(|reason| self.failed(Op::Write, &reason).at(*window))?;
        self.check(Op::Write)
    }

    /// Flushes what was written so far to the file, and checks for errors.
    ///
    /// Meanwhile, another thread can fill the cache with blocks of the input, and write blocks of
    /// this output to make room. GDAL lets one thread at a time write a block, and waits for all of
    /// them at the end of a flush of a band. But nothing keeps a thread from writing a block while
    /// another one flushes the directory of the same file. So the blocks are flushed before.
    ///
    /// # Errors
    /// Any failure since the session was armed, on any thread.
    pub fn flush(&mut self) -> Result<(), RasterError> {
        let _here = self.staging.enter();
        if let Some(dataset) = &mut self.dataset.0 {
            let levels = self.overviews.as_ref().map_or(0, Overviews::levels);
            let flushed = flush_blocks(dataset, levels)
                // This also frees buffers of encoders.
                .and_then(|()| dataset.flush_cache().map_err(|e| session::reason(&e)));
            flushed.map_err(|reason| self.failed(Op::Write, &reason))?;
        }
        self.check(Op::Write)
    }

    /// Completes and checks the output, still under its temporary name. `progress` gets the
    /// fraction done of the copy that some formats need, and returns whether to continue.
    ///
    /// # Errors
    /// Anything that failed, however late.
    pub fn finish(
        mut self,
        statistics: &[BandStatistics],
        progress: &mut dyn FnMut(f64) -> bool,
    ) -> Result<Finished, RasterError> {
        let _here = self.staging.enter();
        self.flush()?;
        self.close(statistics).map_err(|reason| self.failed(Op::Finish, &reason))?;
        self.check(Op::Finish)?;
        if self.copied {
            // Small blocks that were freed leave holes, which the copy cannot use.
            Session::give_back();
            self.convert(statistics, progress)
                .map_err(|reason| self.failed(Op::Finish, &reason))?;
            self.check(Op::Finish)?;
        }
        let _ = std::fs::remove_file(self.staging.scratch(BASE));
        verify(self.staging.main(), &self.spec)
            .map_err(|reason| self.failed(Op::Finish, &reason))?;
        self.staging.sync()?;
        Ok(Finished(self.staging))
    }

    fn close(&mut self, statistics: &[BandStatistics]) -> Result<(), String> {
        let dataset = self.dataset.0.take().ok_or("already closed")?;
        let (_here, dataset) = dataset.take();
        for (band, statistics) in statistics.iter().enumerate() {
            let mut band = dataset.rasterband(band + 1).map_err(|e| session::reason(&e))?;
            set_statistics(&mut band, statistics).map_err(|e| session::reason(&e))?;
        }
        dataset.close().map_err(|e| session::reason(&e))
    }

    fn convert(
        &self,
        statistics: &[BandStatistics],
        progress: &mut dyn FnMut(f64) -> bool,
    ) -> Result<(), String> {
        let base = Dataset::open(self.staging.scratch(BASE)).map_err(|e| session::reason(&e))?;
        let lacks_overviews = self.overviews.as_ref().is_some_and(|made| !made.is_complete());
        let more: &[String] = match lacks_overviews {
            true => &["OVERVIEWS=IGNORE_EXISTING".to_owned()],
            false => &[],
        };
        convert(&base, &self.spec, self.staging.main(), (statistics, more), progress)
    }

    /// The error of the output.
    fn failed(&self, op: Op, reason: &str) -> RasterError {
        let path = &self.spec.path;
        RasterError::new(op, path, self.staging.as_of(reason, path))
    }

    /// Any failure since the session was armed, on any thread.
    fn check(&self, op: Op) -> Result<(), RasterError> {
        session::check(op, &self.spec.path).map_err(|error| self.failed(op, &error.reason))
    }
}

/// Writes the blocks of all bands and their overviews that are in the cache.
fn flush_blocks(dataset: &Dataset, levels: usize) -> Result<(), String> {
    for number in 1..=dataset.raster_count() {
        let band = dataset.rasterband(number).map_err(|e| session::reason(&e))?;
        io::flush(&band).map_err(|()| session::last_message())?;
        for level in 0..levels {
            let overview = band.overview(level).map_err(|e| session::reason(&e))?;
            io::flush(&overview).map_err(|()| session::last_message())?;
        }
    }
    Ok(())
}

/// Writes a window in strips of f64, with `nodata` for NaN.
fn write_wide(
    band: &RasterBand<'_>,
    window: &Window,
    values: ArrayView2<'_, f32>,
    nodata: Option<f64>,
    stripe: &mut Vec<f64>,
) -> Result<(), ()> {
    const STRIPE_ROWS: usize = 64;
    for (i, rows) in values.axis_chunks_iter(Axis(0), STRIPE_ROWS).enumerate() {
        stripe.clear();
        let missing = nodata.unwrap_or(f64::NAN);
        stripe.extend(rows.iter().map(|v| if v.is_nan() { missing } else { f64::from(*v) }));
        let cells = ArrayView2::from_shape(rows.dim(), stripe).map_err(|_| ())?;
        let row = window.row + (i * STRIPE_ROWS) as u64;
        io::write(band, &Window { row, rows: rows.nrows() as u64, ..*window }, cells)?;
    }
    Ok(())
}
