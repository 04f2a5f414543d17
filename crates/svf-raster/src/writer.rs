//! Whole rasters out: created under a temporary name, written window by window,
//! and published by [`RasterWriter::finish`] only when every step succeeded.
//!
//! `finish` is the only way to a file under the final name: it flushes, closes,
//! asks the error latch, re-opens and checks the file, syncs and renames.
//! Drivers that can only copy (COG, PNG, ...) get a GeoTIFF made beside the
//! output first.

use std::ffi::{CString, c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use gdal::cpl::CslStringList;
use gdal::raster::RasterBand;
use gdal::{Dataset, Driver, DriverManager, Metadata};
use ndarray::ArrayView2;
use svf_kernel::tile::Window;

use crate::error::{Op, RasterError};
use crate::grid::Grid;
use crate::staging::Staging;
use crate::{io, session};

/// Type of the output's cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputType {
    /// 32-bit floats.
    Float32,
    /// 64-bit floats.
    Float64,
    /// 0..254 scaled, 255 NoData.
    UInt8,
    /// 0..65534 scaled, 65535 NoData.
    UInt16,
}

impl OutputType {
    /// Largest value that holds data, and the default NoData, of a scaled type.
    pub fn scaled_range(self) -> Option<(f64, f64)> {
        match self {
            OutputType::UInt8 => Some((254.0, 255.0)),
            OutputType::UInt16 => Some((65_534.0, 65_535.0)),
            OutputType::Float32 | OutputType::Float64 => None,
        }
    }

    /// Bytes of a cell.
    pub fn bytes(self) -> u64 {
        match self {
            OutputType::UInt8 => 1,
            OutputType::UInt16 => 2,
            OutputType::Float32 => 4,
            OutputType::Float64 => 8,
        }
    }
}

/// One band of the output.
#[derive(Clone, Debug, PartialEq)]
pub struct BandSpec {
    /// Band description.
    pub name: String,
    /// Unit of the values, may be empty.
    pub unit: String,
    /// Value = scale * cell + offset.
    pub scale_offset: (f64, f64),
}

/// Everything an output raster is created with.
#[derive(Clone, Debug)]
pub struct OutputSpec {
    /// Final path.
    pub path: String,
    /// GDAL driver, e.g. `GTiff`.
    pub driver: String,
    /// Type of the cells.
    pub output_type: OutputType,
    /// NoData value of every band.
    pub nodata: f64,
    /// Where its cells lie.
    pub grid: Grid,
    /// The bands.
    pub bands: Vec<BandSpec>,
    /// Creation options, `KEY=VALUE`; what they leave open gets a default.
    pub creation_options: Vec<String>,
    /// Metadata items of the file.
    pub metadata: Vec<(String, String)>,
    /// Threads for compression.
    pub threads: usize,
    /// Threads for compression while a driver that can only copy does so.
    pub copy_threads: usize,
}

/// Statistics of a band's valid cells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BandStatistics {
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub std_dev: f64,
    /// Number of cells with a value.
    pub valid: u64,
    /// Number of cells without.
    pub nodata: u64,
}

/// An output on its way.
pub struct RasterWriter {
    spec: OutputSpec,
    staging: Staging,
    /// The dataset written to: the output itself, or what it will be copied from.
    dataset: Option<Dataset>,
    /// Whether the output is copied from the dataset: its driver cannot create.
    copied: bool,
}

impl RasterWriter {
    /// Creates the output under a temporary name.
    ///
    /// # Errors
    /// An unknown or read-only driver, a folder that cannot be written to, or
    /// options that the driver refuses.
    pub fn create(spec: OutputSpec) -> Result<Self, RasterError> {
        let driver = output_driver(&spec)?;
        let can_create = driver.metadata_item("DCAP_CREATE", "").is_some();
        let staging = Staging::new(&spec.path)?;
        let (creator, path, options) = if can_create {
            (driver, staging.main().to_owned(), creation_options(&spec, &spec.driver))
        } else {
            let gtiff = DriverManager::get_driver_by_name("GTiff")
                .map_err(|e| RasterError::new(Op::Create, &spec.path, session::reason(&e)))?;
            (gtiff, staging.scratch("base.tif"), base_options(&spec))
        };
        let mut dataset = create_dataset(&creator, &path, &spec, &options)
            .map_err(|error| RasterError::new(Op::Create, &spec.path, session::reason(&error)))?;
        describe(&mut dataset, &spec)
            .map_err(|error| RasterError::new(Op::Create, &spec.path, session::reason(&error)))?;
        Ok(Self { spec, staging, dataset: Some(dataset), copied: !can_create })
    }

    /// The specification it was created with.
    pub fn spec(&self) -> &OutputSpec {
        &self.spec
    }

    /// Rows and columns of a block of the file written to.
    pub fn block(&self) -> (usize, usize) {
        let band = self.dataset.as_ref().and_then(|d| d.rasterband(1).ok());
        let (cols, rows) = band.map_or((1, 1), |band| band.block_size());
        (rows, cols)
    }

    /// Writes a window of band `band` (from 0), cell values as stored.
    ///
    /// # Errors
    /// Any failure since the session was armed, on any thread.
    pub fn write(
        &mut self,
        window: &Window,
        band: usize,
        values: ArrayView2<'_, f32>,
    ) -> Result<(), RasterError> {
        let failed =
            |reason: String| RasterError::new(Op::Write, &self.spec.path, reason).at(*window);
        let dataset = self.dataset.as_ref().ok_or_else(|| failed("already closed".into()))?;
        let band = dataset.rasterband(band + 1).map_err(|e| failed(session::reason(&e)))?;
        io::write(&band, window, values).map_err(|()| failed(session::last_message()))?;
        check_latch(Op::Write, &self.spec.path)
    }

    /// Hands what was written so far to the file, and asks whether it arrived.
    ///
    /// # Errors
    /// Any failure since the session was armed, on any thread.
    pub fn flush(&mut self) -> Result<(), RasterError> {
        if let Some(dataset) = &mut self.dataset {
            let flushed = dataset.flush_cache();
            flushed.map_err(|error| {
                RasterError::new(Op::Write, &self.spec.path, session::reason(&error))
            })?;
        }
        check_latch(Op::Write, &self.spec.path)
    }

    /// Completes the output and puts it under its final name. `progress` gets the
    /// share done of the copying that some drivers need, and says whether to go on.
    ///
    /// # Errors
    /// Anything that failed, however late; no file under the final name then.
    pub fn finish(
        mut self,
        statistics: &[BandStatistics],
        progress: &mut dyn FnMut(f64) -> bool,
    ) -> Result<(), RasterError> {
        let path = self.spec.path.clone();
        let failed = |reason: String| RasterError::new(Op::Finish, &path, reason);
        self.flush()?;
        let Some(dataset) = self.dataset.take() else {
            return Err(failed("already closed".into()));
        };
        for (band, statistics) in statistics.iter().enumerate() {
            let mut band = dataset.rasterband(band + 1).map_err(|e| failed(session::reason(&e)))?;
            set_statistics(&mut band, statistics).map_err(|e| failed(session::reason(&e)))?;
        }
        dataset.close().map_err(|e| failed(session::reason(&e)))?;
        check_latch(Op::Finish, &path)?;
        if self.copied {
            let copier = output_driver(&self.spec)?;
            let options = creation_options(&self.spec, &self.spec.driver);
            let base = Dataset::open(self.staging.scratch("base.tif"))
                .map_err(|e| failed(session::reason(&e)))?;
            copy(&base, &copier, self.staging.main(), &options, progress).map_err(failed)?;
            check_latch(Op::Finish, &path)?;
        }
        let _ = std::fs::remove_file(self.staging.scratch("base.tif"));
        verify(self.staging.main(), &self.spec).map_err(failed)?;
        self.staging.publish()
    }
}

fn check_latch(op: Op, path: &str) -> Result<(), RasterError> {
    match session::failure() {
        None => Ok(()),
        Some(reason) => Err(RasterError::new(op, path, reason)),
    }
}

/// GDAL driver for an output path, by its extension; GeoTIFF where it says nothing.
///
/// # Errors
/// An extension that no driver can write.
pub fn driver_for(path: &str) -> Result<String, RasterError> {
    use gdal::{DriverManager, DriverType};
    let extension = Path::new(path).extension().map(|e| e.to_string_lossy().to_ascii_lowercase());
    match extension.as_deref() {
        None | Some("tif" | "tiff" | "gtiff") => Ok("GTiff".into()),
        Some("nc") => Ok("netCDF".into()),
        Some(extension) => {
            DriverManager::get_output_driver_for_dataset_name(path, DriverType::Raster)
                .filter(|driver| driver.short_name() != "VRT")
                .map(|driver| driver.short_name())
                .ok_or_else(|| {
                    let reason = format!("no driver writes .{extension} files");
                    RasterError::new(Op::Config, path, reason).hint("name a driver with --of")
                })
        }
    }
}

/// Whether a driver can only copy a complete raster, as COG, PNG and others.
pub fn only_copies(driver: &str) -> bool {
    DriverManager::get_driver_by_name(driver)
        .is_ok_and(|driver| driver.metadata_item("DCAP_CREATE", "").is_none())
}

/// Bytes that making a COG with overviews takes beside the block cache.
///
/// Measured on GDAL 3.6 with 1 to 4 threads, 1 and 8 bands, 4,000 to 47,000
/// columns of Float32 (peak of the process less libraries and cache), rounded up:
/// blocks in compression per thread, and a swath of rows for the overviews.
pub fn copy_bytes(threads: usize, bands: usize, cols: u64, output_type: OutputType) -> u64 {
    const MIB: u64 = 1 << 20;
    let (more, bands) = (threads.saturating_sub(1) as u64, bands as u64);
    let of_float32 = (40 + 42 * more) * MIB + bands * ((10 + 6 * more) * MIB + 1024 * cols);
    of_float32 * output_type.bytes().div_ceil(4)
}

fn output_driver(spec: &OutputSpec) -> Result<Driver, RasterError> {
    let refuse = |reason: String| Err(RasterError::new(Op::Config, &spec.path, reason));
    let Ok(driver) = DriverManager::get_driver_by_name(&spec.driver) else {
        return refuse(format!("this GDAL has no driver named {}", spec.driver));
    };
    let can = |what: &str| driver.metadata_item(what, "").is_some();
    if !can("DCAP_RASTER") || !(can("DCAP_CREATE") || can("DCAP_CREATECOPY")) {
        return refuse(format!("driver {} cannot write rasters", spec.driver));
    }
    Ok(driver)
}

fn create_dataset(
    driver: &Driver,
    path: &Path,
    spec: &OutputSpec,
    options: &[String],
) -> gdal::errors::Result<Dataset> {
    let options = CslStringList::from_iter(options.iter().map(String::as_str));
    let (cols, rows) = (spec.grid.cols as usize, spec.grid.rows as usize);
    let bands = spec.bands.len();
    match spec.output_type {
        OutputType::Float32 => {
            driver.create_with_band_type_with_options::<f32, _>(path, cols, rows, bands, &options)
        }
        OutputType::Float64 => {
            driver.create_with_band_type_with_options::<f64, _>(path, cols, rows, bands, &options)
        }
        OutputType::UInt8 => {
            driver.create_with_band_type_with_options::<u8, _>(path, cols, rows, bands, &options)
        }
        OutputType::UInt16 => {
            driver.create_with_band_type_with_options::<u16, _>(path, cols, rows, bands, &options)
        }
    }
}

fn describe(dataset: &mut Dataset, spec: &OutputSpec) -> gdal::errors::Result<()> {
    dataset.set_geo_transform(&spec.grid.geo_transform)?;
    if let Some(crs) = spec.grid.spatial_ref() {
        dataset.set_spatial_ref(&crs)?;
    }
    for (key, value) in &spec.metadata {
        dataset.set_metadata_item(key, value, "")?;
    }
    for (i, about) in spec.bands.iter().enumerate() {
        let mut band = dataset.rasterband(i + 1)?;
        band.set_no_data_value(Some(spec.nodata))?;
        band.set_description(&about.name)?;
        if !about.unit.is_empty() {
            set_unit(&band, &about.unit);
        }
        if about.scale_offset != (1.0, 0.0) {
            band.set_scale(about.scale_offset.0)?;
            band.set_offset(about.scale_offset.1)?;
        }
    }
    Ok(())
}

fn set_unit(band: &RasterBand<'_>, unit: &str) {
    if let Ok(unit) = CString::new(unit) {
        // SAFETY: a live band and a NUL-terminated string that GDAL copies.
        unsafe { gdal_sys::GDALSetRasterUnitType(band.c_rasterband(), unit.as_ptr()) };
    }
}

fn set_statistics(band: &mut RasterBand<'_>, s: &BandStatistics) -> gdal::errors::Result<()> {
    let total = (s.valid + s.nodata).max(1);
    let percent = 100.0 * s.valid as f64 / total as f64;
    if s.valid > 0 {
        for (key, value) in
            [("MINIMUM", s.min), ("MAXIMUM", s.max), ("MEAN", s.mean), ("STDDEV", s.std_dev)]
        {
            band.set_metadata_item(&format!("STATISTICS_{key}"), &value.to_string(), "")?;
        }
    }
    band.set_metadata_item("STATISTICS_VALID_PERCENT", &format!("{percent:.4}"), "")
}

/// Creation options for `driver`: the user's, then our defaults where open.
fn creation_options(spec: &OutputSpec, driver: &str) -> Vec<String> {
    let mut options = spec.creation_options.clone();
    let given = |options: &[String], key: &str| {
        options.iter().find_map(|option| {
            let (name, value) = option.split_once('=')?;
            name.eq_ignore_ascii_case(key).then(|| value.to_ascii_uppercase())
        })
    };
    let default = |options: &mut Vec<String>, key: &str, value: &str| {
        if given(options, key).is_none() {
            options.push(format!("{key}={value}"));
        }
    };
    if driver != "GTiff" && driver != "COG" {
        return options;
    }
    if driver == "GTiff" {
        default(&mut options, "TILED", "YES");
        if given(&options, "TILED").as_deref() == Some("YES") {
            default(&mut options, "BLOCKXSIZE", "512");
            default(&mut options, "BLOCKYSIZE", "512");
        }
        if spec.bands.len() > 1 {
            default(&mut options, "INTERLEAVE", "BAND");
        }
    }
    if given(&options, "COMPRESS").is_none() {
        let zstd = driver_has(driver, "ZSTD");
        options.push(format!("COMPRESS={}", if zstd { "ZSTD" } else { "DEFLATE" }));
        // A fast level: the next ones gain a few percent of size for twice the time.
        let (key, level) = match (driver, zstd) {
            ("COG", _) => ("LEVEL", "1"),
            (_, true) => ("ZSTD_LEVEL", "1"),
            (_, false) => ("ZLEVEL", "1"),
        };
        default(&mut options, key, level);
    }
    if let Some("ZSTD" | "DEFLATE" | "LZW") = given(&options, "COMPRESS").as_deref() {
        let float = spec.output_type.scaled_range().is_none();
        let predictor = match driver {
            "COG" => "YES",
            _ if float => "3",
            _ => "2",
        };
        default(&mut options, "PREDICTOR", predictor);
    }
    if driver == "COG" {
        default(&mut options, "OVERVIEW_RESAMPLING", "AVERAGE");
    }
    default(&mut options, "BIGTIFF", "IF_SAFER");
    let threads = if driver == "COG" { spec.copy_threads } else { spec.threads };
    default(&mut options, "NUM_THREADS", &threads.to_string());
    options
}

/// Options of the GeoTIFF that a copying driver reads from.
fn base_options(spec: &OutputSpec) -> Vec<String> {
    creation_options(&OutputSpec { creation_options: Vec::new(), ..spec.clone() }, "GTiff")
}

/// Whether the driver's list of creation options mentions `word`.
fn driver_has(driver: &str, word: &str) -> bool {
    DriverManager::get_driver_by_name(driver)
        .ok()
        .and_then(|driver| driver.metadata_item("DMD_CREATIONOPTIONLIST", ""))
        .is_some_and(|list| list.contains(word))
}

/// State of a copy in progress, behind GDAL's callback pointer.
struct CopyProgress<'a> {
    report: &'a mut dyn FnMut(f64) -> bool,
    cancelled: bool,
}

unsafe extern "C" fn copy_progress(done: f64, _: *const c_char, state: *mut c_void) -> c_int {
    // SAFETY: `copy` passes a pointer to a CopyProgress that outlives the call.
    let state = unsafe { &mut *state.cast::<CopyProgress<'_>>() };
    // GDAL calls again after it was told to stop: keep saying so.
    if !state.cancelled {
        let go_on = catch_unwind(AssertUnwindSafe(|| (state.report)(done))).unwrap_or(false);
        state.cancelled = !go_on;
    }
    c_int::from(!state.cancelled)
}

fn copy(
    from: &Dataset,
    driver: &Driver,
    to: &Path,
    options: &[String],
    report: &mut dyn FnMut(f64) -> bool,
) -> Result<(), String> {
    let name = CString::new(to.to_string_lossy().as_bytes()).map_err(|e| e.to_string())?;
    let options = CslStringList::from_iter(options.iter().map(String::as_str));
    let mut state = CopyProgress { report, cancelled: false };
    // SAFETY: live handles, a NUL-terminated name, and a state that outlives the call.
    let copied = unsafe {
        gdal_sys::GDALCreateCopy(
            driver.c_driver(),
            name.as_ptr(),
            from.c_dataset(),
            0,
            options.as_ptr(),
            Some(copy_progress),
            (&raw mut state).cast(),
        )
    };
    if state.cancelled {
        return Err("cancelled".into());
    }
    if copied.is_null() {
        return Err(session::last_message());
    }
    // SAFETY: GDALCreateCopy handed the dataset over to us.
    let copied = unsafe { Dataset::from_c_dataset(copied) };
    copied.close().map_err(|e| session::reason(&e))
}

/// Re-opens the file and checks that it is what was asked for: size, bands, and
/// that every block lies within the file.
fn verify(path: &Path, spec: &OutputSpec) -> Result<(), String> {
    let dataset = Dataset::open(path).map_err(|e| session::reason(&e))?;
    let (cols, rows) = dataset.raster_size();
    if (rows as u64, cols as u64) != (spec.grid.rows, spec.grid.cols)
        || dataset.raster_count() < spec.bands.len()
    {
        return Err("the file does not have the size it was written with".into());
    }
    let file_bytes = std::fs::metadata(path).map_err(|e| e.to_string())?.len();
    for number in 1..=dataset.raster_count() {
        let band = dataset.rasterband(number).map_err(|e| session::reason(&e))?;
        check_blocks(&band, file_bytes)?;
        let last = Window { row: rows as u64 - 1, col: cols as u64 - 1, rows: 1, cols: 1 };
        let mut cell = ndarray::Array2::<f64>::zeros((1, 1));
        io::read(&band, &last, cell.view_mut()).map_err(|()| session::last_message())?;
    }
    Ok(())
}

/// TIFF only: every block that has a place in the file ends inside it.
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
                return Err(format!("block {x}, {y} lies beyond the end of the file"));
            }
        }
    }
    Ok(())
}
