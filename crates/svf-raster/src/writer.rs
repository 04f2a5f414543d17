//! Whole rasters out: created under a temporary name, written window by window,
//! and published only when every step succeeded.
//!
//! [`RasterWriter::finish`] is the only way to a file under the final name: it
//! flushes, closes, asks the error latch, re-opens, checks and syncs the file. What
//! it returns renames.
//! A GeoTIFF is written in place, window by window; every other format (COG,
//! netCDF, PNG, ...) is copied from one made beside the output, since most
//! drivers cannot fill a raster in any order.

use std::any::Any;
use std::ffi::{CString, c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;

use gdal::cpl::CslStringList;
use gdal::raster::RasterBand;
use gdal::{Dataset, DatasetOptions, Driver, DriverManager, GdalOpenFlags, Metadata};
use ndarray::{ArrayView2, Axis};
use svf_kernel::tile::Window;

use crate::error::{Op, RasterError};
use crate::grid::Grid;
use crate::io;
use crate::join::Cells;
use crate::session::{self, OfRun};
use crate::staging::{self, Staging, is_stdout};

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

    /// GDAL's name.
    pub fn name(self) -> &'static str {
        match self {
            OutputType::Float32 => "Float32",
            OutputType::Float64 => "Float64",
            OutputType::UInt8 => "Byte",
            OutputType::UInt16 => "UInt16",
        }
    }

    /// The type that GDAL calls so.
    pub fn named(name: &str) -> Option<Self> {
        [OutputType::Float32, OutputType::Float64, OutputType::UInt8, OutputType::UInt16]
            .into_iter()
            .find(|output_type| output_type.name() == name)
    }

    /// A value as a cell of this type, where it has one: NoData must.
    pub fn cell(self, value: f64) -> Option<f64> {
        let whole = |most: f64| value.fract() == 0.0 && (0.0..=most).contains(&value);
        match self {
            OutputType::Float64 => Some(value),
            #[expect(clippy::cast_possible_truncation, reason = "rounded as the file does")]
            OutputType::Float32 => {
                let cell = f64::from(value as f32);
                (cell.is_finite() || !value.is_finite()).then_some(cell)
            }
            OutputType::UInt8 => whole(255.0).then_some(value),
            OutputType::UInt16 => whole(65_535.0).then_some(value),
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
    /// NoData value of every band, if they have one.
    pub nodata: Option<f64>,
    /// Where its cells lie.
    pub grid: Grid,
    /// The bands.
    pub bands: Vec<BandSpec>,
    /// Creation options, `KEY=VALUE`; what they leave open gets a default.
    pub creation_options: Vec<String>,
    /// Metadata items of the file.
    pub metadata: Vec<(String, String)>,
    /// Side of a block of a GeoTIFF, a multiple of 16.
    pub block_px: u64,
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

impl BandStatistics {
    /// As metadata items of a band, under the names that GDAL knows.
    pub(crate) fn items(&self) -> Vec<(&'static str, String)> {
        let mut items = Vec::new();
        if self.valid > 0 {
            items.push(("STATISTICS_MINIMUM", self.min.to_string()));
            items.push(("STATISTICS_MAXIMUM", self.max.to_string()));
            items.push(("STATISTICS_MEAN", self.mean.to_string()));
            items.push(("STATISTICS_STDDEV", self.std_dev.to_string()));
        }
        let total = (self.valid + self.nodata).max(1);
        let percent = 100.0 * self.valid as f64 / total as f64;
        items.push(("STATISTICS_VALID_PERCENT", format!("{percent:.4}")));
        items
    }
}

/// An output on its way.
pub struct RasterWriter {
    spec: OutputSpec,
    /// The dataset written to: the output itself, or what it will be copied from.
    /// Before the folder it lies in: fields are dropped in order.
    dataset: Option<OfRun<Dataset>>,
    staging: OfRun<Staging>,
    /// Whether the output is copied from the dataset.
    copied: bool,
    /// Cells of a few rows in f64, for outputs of that type.
    wide: Vec<f64>,
}

/// A complete output that is not under its final name yet.
#[must_use = "dropping it removes the output"]
pub struct Finished(OfRun<Staging>);

impl Finished {
    /// The complete file, under its temporary name.
    pub fn file(&self) -> &Path {
        self.0.main()
    }

    /// Puts the output under its final name, as [`publish_all`].
    ///
    /// # Errors
    /// What could not be renamed or copied; no file under the final name then.
    pub fn publish(self, overwrite: bool, go_on: &dyn Fn() -> bool) -> Result<(), RasterError> {
        publish_all(vec![self], Vec::new(), overwrite, go_on)
    }
}

/// Puts outputs of a run, rasters and others, under their final names: as
/// [`staging::publish_all`](crate::staging::publish_all).
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
        output_driver(&spec)?;
        let failed = |error: gdal::errors::GdalError| {
            RasterError::new(Op::Create, &spec.path, session::reason(&error))
        };
        let copied = is_copied(&spec);
        try_driver(&spec)?;
        let staging = Staging::new(&spec.path)?;
        let (path, options) = if copied {
            (staging.scratch("base.tif"), base_options(&spec))
        } else {
            (staging.main().to_owned(), creation_options(&spec))
        };
        let gtiff = DriverManager::get_driver_by_name("GTiff").map_err(failed)?;
        let mut dataset = create_dataset(&gtiff, &path, &spec, &options).map_err(failed)?;
        describe(&mut dataset, &spec).map_err(failed)?;
        let (staging, dataset) = (OfRun::here(staging), Some(OfRun::here(dataset)));
        Ok(Self { spec, staging, dataset, copied, wide: Vec::new() })
    }

    /// Whether completing it means copying it to another format.
    pub fn is_copied(&self) -> bool {
        self.copied
    }

    /// Rows and columns of a block of the file written to.
    pub fn block(&self) -> (usize, usize) {
        let band = self.dataset.as_ref().and_then(|d| d.rasterband(1).ok());
        let (cols, rows) = band.map_or((1, 1), |band| band.block_size());
        (rows, cols)
    }

    /// Writes a window of band `band` (from 0), cell values as stored; in a
    /// Float64 output NaN stands for NoData, which f32 may not hold.
    ///
    /// # Errors
    /// Any failure since the session was armed, on any thread.
    pub fn write(
        &mut self,
        window: &Window,
        band: usize,
        values: ArrayView2<'_, f32>,
    ) -> Result<(), RasterError> {
        let _here = self.staging.enter();
        let failed =
            |reason: String| RasterError::new(Op::Write, &self.spec.path, reason).at(*window);
        let dataset = self.dataset.as_ref().ok_or_else(|| failed("already closed".into()))?;
        let band = dataset.rasterband(band + 1).map_err(|e| failed(session::reason(&e)))?;
        let written = if self.spec.output_type == OutputType::Float64 {
            write_wide(&band, window, values, self.spec.nodata, &mut self.wide)
        } else {
            io::write(&band, window, values)
        };
        written.map_err(|()| failed(session::last_message()))?;
        session::check(Op::Write, &self.spec.path)
    }

    /// Writes cells of the output's own type to a window of band `band` (from 0).
    ///
    /// # Errors
    /// Any failure since the session was armed, on any thread.
    pub fn write_cells(
        &mut self,
        window: &Window,
        band: usize,
        cells: &mut Cells,
    ) -> Result<(), RasterError> {
        let _here = self.staging.enter();
        let failed =
            |reason: String| RasterError::new(Op::Write, &self.spec.path, reason).at(*window);
        let dataset = self.dataset.as_ref().ok_or_else(|| failed("already closed".into()))?;
        let band = dataset.rasterband(band + 1).map_err(|e| failed(session::reason(&e)))?;
        cells.write(&band, window).map_err(|()| failed(session::last_message()))?;
        session::check(Op::Write, &self.spec.path)
    }

    /// Hands what was written so far to the file, and asks whether it arrived.
    ///
    /// # Errors
    /// Any failure since the session was armed, on any thread.
    pub fn flush(&mut self) -> Result<(), RasterError> {
        let _here = self.staging.enter();
        if let Some(dataset) = &mut self.dataset {
            let flushed = dataset.flush_cache();
            flushed.map_err(|error| {
                RasterError::new(Op::Write, &self.spec.path, session::reason(&error))
            })?;
        }
        session::check(Op::Write, &self.spec.path)
    }

    /// Completes and checks the output, still under its temporary name. `progress`
    /// gets the share done of the copying that some formats need, and says whether
    /// to go on.
    ///
    /// # Errors
    /// Anything that failed, however late.
    pub fn finish(
        mut self,
        statistics: &[BandStatistics],
        progress: &mut dyn FnMut(f64) -> bool,
    ) -> Result<Finished, RasterError> {
        let _here = self.staging.enter();
        let path = self.spec.path.clone();
        let failed = |reason: String| RasterError::new(Op::Finish, &path, reason);
        self.flush()?;
        let Some(dataset) = self.dataset.take() else {
            return Err(failed("already closed".into()));
        };
        let (_here, dataset) = dataset.take();
        for (band, statistics) in statistics.iter().enumerate() {
            let mut band = dataset.rasterband(band + 1).map_err(|e| failed(session::reason(&e)))?;
            set_statistics(&mut band, statistics).map_err(|e| failed(session::reason(&e)))?;
        }
        dataset.close().map_err(|e| failed(session::reason(&e)))?;
        session::check(Op::Finish, &path)?;
        if self.copied {
            let copier = output_driver(&self.spec)?;
            let options = creation_options(&self.spec);
            let base = Dataset::open(self.staging.scratch("base.tif"))
                .map_err(|e| failed(session::reason(&e)))?;
            copy(&base, &copier, self.staging.main(), &options, progress).map_err(failed)?;
            session::check(Op::Finish, &path)?;
        }
        let _ = std::fs::remove_file(self.staging.scratch("base.tif"));
        verify(self.staging.main(), &self.spec).map_err(failed)?;
        self.staging.sync()?;
        Ok(Finished(self.staging))
    }
}

/// Writes a window in stripes of f64, with `nodata` for NaN.
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

/// GDAL's own spelling of a driver's name, which users may write in any case.
///
/// # Errors
/// A driver that this GDAL does not have.
pub fn driver_named(name: &str, path: &str) -> Result<String, RasterError> {
    match DriverManager::get_driver_by_name(name) {
        Ok(driver) => Ok(driver.short_name()),
        Err(_) => {
            let reason = format!("this GDAL has no driver named {name}");
            Err(RasterError::new(Op::Config, path, reason))
        }
    }
}

/// The drivers that can write rasters: their names, and the extensions of their files.
pub fn drivers() -> Vec<(String, Vec<String>)> {
    let writes = |driver: &Driver| {
        let can = |what: &str| driver.metadata_item(what, "").is_some();
        can("DCAP_RASTER") && (can("DCAP_CREATE") || can("DCAP_CREATECOPY"))
    };
    let all = (0..DriverManager::count()).filter_map(|i| DriverManager::get_driver(i).ok());
    all.filter(writes)
        .map(|driver| {
            let extensions = driver.metadata_item("DMD_EXTENSIONS", "").unwrap_or_default();
            let extensions = extensions.split_whitespace().map(str::to_owned).collect();
            (driver.short_name(), extensions)
        })
        .collect()
}

/// Lets a driver that can only copy do so with a corner of the output: what it refuses, or takes
/// for something else, is known before hours of work.
///
/// # Errors
/// What the driver has against the bands, their type or an option; a picture of colours.
pub fn try_driver(spec: &OutputSpec) -> Result<(), RasterError> {
    output_driver(spec)?;
    if !is_copied(spec) || spec.driver == "GTiff" {
        return Ok(());
    }
    let count = spec.bands.len();
    let failed = match try_bands(spec, count)? {
        Ok(colours) if colours.is_empty() || count == 1 => return Ok(()),
        Ok(colours) => {
            let reason = format!(
                "driver {} takes {count} bands for the colours of a picture ({})",
                spec.driver,
                colours.join(", ")
            );
            return Err(RasterError::new(Op::Config, &spec.path, reason).hint(ONE_BAND));
        }
        Err(reason) => reason,
    };
    if count > 1 && try_bands(spec, 1)?.is_ok() {
        let reason = format!("driver {} cannot hold {count} bands: {failed}", spec.driver);
        return Err(RasterError::new(Op::Config, &spec.path, reason).hint(ONE_BAND));
    }
    Err(RasterError::new(Op::Create, &spec.path, failed))
}

const ONE_BAND: &str =
    "a GeoTIFF (.tif) or netCDF holds any number of bands; --separate writes a file per measure";

/// Copies a few cells of `bands` bands: the colours that the driver takes them for, or what it
/// has against them.
fn try_bands(spec: &OutputSpec, bands: usize) -> Result<Result<Vec<String>, String>, RasterError> {
    const SIDE: u64 = 64;
    let (rows, cols) = (spec.grid.rows.min(SIDE), spec.grid.cols.min(SIDE));
    let ending = Path::new(&spec.path).extension().map(|e| e.to_string_lossy().into_owned());
    let name = format!("svf-trial.{}", ending.as_deref().unwrap_or("tif"));
    let path = std::env::temp_dir().join(name).display().to_string();
    let small = OutputSpec {
        path: path.clone(),
        grid: spec.grid.part(&Window { row: 0, col: 0, rows, cols }),
        bands: spec.bands[..bands].to_vec(),
        ..spec.clone()
    };
    let staging = Staging::new(&path)?;
    let said = |e: gdal::errors::GdalError| session::reason(&e);
    let attempt = || {
        let gtiff = DriverManager::get_driver_by_name("GTiff").map_err(said)?;
        let base = staging.scratch("base.tif");
        let mut dataset =
            create_dataset(&gtiff, &base, &small, &base_options(&small)).map_err(said)?;
        describe(&mut dataset, &small).map_err(said)?;
        dataset.close().map_err(said)?;
        let base = Dataset::open(base).map_err(said)?;
        let driver = output_driver(&small).map_err(|e| e.reason)?;
        copy(&base, &driver, staging.main(), &creation_options(&small), &mut |_| true)?;
        let options = DatasetOptions {
            open_flags: GdalOpenFlags::GDAL_OF_READONLY | GdalOpenFlags::GDAL_OF_RASTER,
            ..DatasetOptions::default()
        };
        let made = Dataset::open_ex(staging.main(), options).map_err(said)?;
        let colours = (1..=made.raster_count())
            .filter_map(|number| made.rasterband(number).ok())
            .filter_map(|band| io::colour(&band));
        Ok(colours.collect())
    };
    Ok(session::may_fail(attempt))
}

/// Whether the output is copied from a GeoTIFF once that is complete.
fn is_copied(spec: &OutputSpec) -> bool {
    spec.driver != "GTiff" || is_streamable(spec)
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
    let name = driver_named(&spec.driver, &spec.path)?;
    let Ok(driver) = DriverManager::get_driver_by_name(&name) else {
        return refuse(format!("driver {name} is gone"));
    };
    let can = |what: &str| driver.metadata_item(what, "").is_some();
    if !can("DCAP_RASTER") || !(can("DCAP_CREATE") || can("DCAP_CREATECOPY")) {
        return refuse(format!("driver {} cannot write rasters", spec.driver));
    }
    let types = driver.metadata_item("DMD_CREATIONDATATYPES", "").unwrap_or_default();
    let name = spec.output_type.name();
    if !types.is_empty() && !types.split(' ').any(|listed| listed == name) {
        let reason = format!("driver {} cannot hold {name} cells", spec.driver);
        return Err(RasterError::new(Op::Config, &spec.path, reason)
            .hint(format!("choose another type with --ot: it holds {types}")));
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
    if spec.grid.georeferenced {
        dataset.set_geo_transform(&spec.grid.geo_transform)?;
    }
    if let Some(crs) = spec.grid.spatial_ref() {
        dataset.set_spatial_ref(&crs)?;
    }
    for (key, value) in &spec.metadata {
        dataset.set_metadata_item(key, value, "")?;
    }
    for (i, about) in spec.bands.iter().enumerate() {
        let mut band = dataset.rasterband(i + 1)?;
        if spec.nodata.is_some() {
            band.set_no_data_value(spec.nodata)?;
        }
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
    for (key, value) in s.items() {
        band.set_metadata_item(key, &value, "")?;
    }
    Ok(())
}

/// Creation options: the user's, then our defaults where open.
fn creation_options(spec: &OutputSpec) -> Vec<String> {
    let driver = spec.driver.as_str();
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
    // As HDF5, in chunks: this driver makes them of compressed variables only.
    if driver == "netCDF"
        && given(&options, "FORMAT").is_some_and(|format| format.starts_with("NC4"))
        && given(&options, "COMPRESS").is_none()
    {
        default(&mut options, "COMPRESS", "DEFLATE");
        default(&mut options, "ZLEVEL", "1");
    }
    if driver != "GTiff" && driver != "COG" {
        return options;
    }
    if driver == "GTiff" && is_streamable(spec) {
        // In an order that a reader of a pipe can follow: header first, then row by row.
        default(&mut options, "STREAMABLE_OUTPUT", "YES");
        default(&mut options, "INTERLEAVE", "PIXEL");
        // With strips of several rows and a small block cache GDAL 3.6 loses some of them.
        default(&mut options, "BLOCKYSIZE", "1");
        default(&mut options, "BIGTIFF", "IF_SAFER");
        return options;
    }
    if driver == "GTiff" {
        default(&mut options, "TILED", "YES");
        if given(&options, "TILED").as_deref() == Some("YES") {
            default(&mut options, "BLOCKXSIZE", &spec.block_px.to_string());
            default(&mut options, "BLOCKYSIZE", &spec.block_px.to_string());
        }
        if spec.bands.len() > 1 {
            default(&mut options, "INTERLEAVE", "BAND");
            // Three or four bands of bytes are measures, not a colour picture.
            default(&mut options, "PHOTOMETRIC", "MINISBLACK");
            default(&mut options, "ALPHA", "NO");
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
    creation_options(&OutputSpec {
        creation_options: Vec::new(),
        path: "base.tif".into(),
        driver: "GTiff".into(),
        ..spec.clone()
    })
}

/// Whether the output is a GeoTIFF for a pipe, whose layout the user left to us.
fn is_streamable(spec: &OutputSpec) -> bool {
    is_stdout(&spec.path) && spec.driver == "GTiff" && spec.creation_options.is_empty()
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
    /// A panic of the report, on its way past GDAL.
    panic: Option<Box<dyn Any + Send>>,
}

unsafe extern "C" fn copy_progress(done: f64, _: *const c_char, state: *mut c_void) -> c_int {
    // SAFETY: `copy` passes a pointer to a CopyProgress that outlives the call.
    let state = unsafe { &mut *state.cast::<CopyProgress<'_>>() };
    // GDAL calls again after it was told to stop: keep saying so.
    if !state.cancelled {
        let go_on = catch_unwind(AssertUnwindSafe(|| (state.report)(done)));
        state.cancelled = !matches!(go_on, Ok(true));
        state.panic = go_on.err();
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
    let mut state = CopyProgress { report, cancelled: false, panic: None };
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
    // SAFETY: GDALCreateCopy handed the dataset over to us, if there is one.
    let copied = (!copied.is_null()).then(|| unsafe { Dataset::from_c_dataset(copied) });
    if let Some(panic) = state.panic {
        resume_unwind(panic);
    }
    if state.cancelled {
        return Err("cancelled".into());
    }
    let Some(copied) = copied else { return Err(session::last_message()) };
    copied.close().map_err(|e| session::reason(&e))
}

/// Re-opens the file and checks that it is what was asked for: size, bands, and
/// that every block lies within the file.
fn verify(path: &Path, spec: &OutputSpec) -> Result<(), String> {
    let open = |name: &str| {
        // As a raster: a netCDF file opened as anything looks different.
        let options = DatasetOptions {
            open_flags: GdalOpenFlags::GDAL_OF_READONLY | GdalOpenFlags::GDAL_OF_RASTER,
            ..DatasetOptions::default()
        };
        Dataset::open_ex(name, options).map_err(|e| session::reason(&e))
    };
    let mut dataset = open(&path.to_string_lossy())?;
    let mut bands = spec.bands.len();
    // Some formats (netCDF) keep several bands as rasters of their own.
    let parts = io::subdatasets(&dataset);
    if dataset.raster_count() == 0
        && let [first, ..] = &parts[..]
    {
        if parts.len() < bands {
            return Err("the file does not have the bands it was written with".into());
        }
        (dataset, bands) = (open(first)?, 1);
    }
    let (cols, rows) = dataset.raster_size();
    if (rows as u64, cols as u64) != (spec.grid.rows, spec.grid.cols)
        || dataset.raster_count() < bands
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
