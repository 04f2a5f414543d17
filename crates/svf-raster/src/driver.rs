//! GDAL's drivers that write rasters: which one makes an output, and with what options.
//!
//! A GeoTIFF is written in place, window by window; every other format (COG, netCDF, PNG, ...)
//! is copied from one made beside the output, since most drivers cannot fill a raster in any
//! order.

use std::path::Path;

use gdal::{Driver, DriverManager, DriverType, Metadata};

use crate::error::{Op, RasterError};
use crate::output::{OutputSpec, OutputType};
use crate::session;
use crate::staging::is_stdout;

/// GDAL driver for an output path, by its extension; GeoTIFF if there is no extension.
///
/// # Errors
/// An extension that no driver can write.
pub fn driver_for(path: &str) -> Result<String, RasterError> {
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
/// A driver that this version of GDAL does not have.
pub fn driver_named(name: &str, path: &str) -> Result<String, RasterError> {
    match DriverManager::get_driver_by_name(name) {
        Ok(driver) => Ok(driver.short_name()),
        Err(_) => {
            let reason = format!("this GDAL has no driver named {name}");
            Err(RasterError {
                hint: session::left_out(),
                ..RasterError::new(Op::Config, path, reason)
            })
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

pub(crate) fn output_driver(spec: &OutputSpec) -> Result<Driver, RasterError> {
    let refuse = |reason: String| Err(RasterError::new(Op::Config, &spec.path, reason));
    let name = driver_named(&spec.driver, &spec.path)?;
    let Ok(driver) = DriverManager::get_driver_by_name(&name) else {
        return refuse(format!("GDAL no longer has the driver {name}"));
    };
    let can = |what: &str| driver.metadata_item(what, "").is_some();
    if !can("DCAP_RASTER") || !(can("DCAP_CREATE") || can("DCAP_CREATECOPY")) {
        return refuse(format!("driver {} cannot write rasters", spec.driver));
    }
    // Their files only name other files, or are none.
    if ["VRT", "MEM"].contains(&&*name) {
        let reason = format!("driver {name} does not write raster files");
        let hint = "choose another format with --of, such as GTiff";
        return Err(RasterError::new(Op::Config, &spec.path, reason).hint(hint));
    }
    if !types_of(&driver).contains(&spec.output_type) {
        return refuse(format!(
            "driver {} cannot store {} cells",
            spec.driver,
            spec.output_type.name()
        ));
    }
    Ok(driver)
}

/// The types of cells that a driver says it can store.
pub(crate) fn types_of(driver: &Driver) -> Vec<OutputType> {
    let types = driver.metadata_item("DMD_CREATIONDATATYPES", "").unwrap_or_default();
    let is_listed = |of: &OutputType| types.is_empty() || types.split(' ').any(|t| t == of.name());
    OutputType::ALL.into_iter().filter(is_listed).collect()
}

/// Whether the output is copied from a complete GeoTIFF.
pub(crate) fn is_copied(spec: &OutputSpec) -> bool {
    spec.driver != "GTiff" || is_streamable(spec)
}

/// What creation options depend on.
pub(crate) struct Wish<'a> {
    pub(crate) driver: &'a str,
    /// The options of the user.
    pub(crate) given: &'a [String],
    pub(crate) bands: usize,
    pub(crate) output_type: OutputType,
    pub(crate) threads: usize,
    pub(crate) copy_threads: usize,
    pub(crate) block_px: u64,
    /// Whether the output is a pipe, and the user left the layout to us.
    pub(crate) is_streamed: bool,
}

/// Creation options: those of the user, then defaults for the others.
pub(crate) fn creation_options(spec: &OutputSpec) -> Vec<String> {
    let wish = Wish {
        driver: &spec.driver,
        given: &spec.creation_options,
        bands: spec.bands.len(),
        output_type: spec.output_type,
        threads: spec.threads,
        copy_threads: spec.copy_threads,
        block_px: spec.block_px,
        is_streamed: is_streamable(spec),
    };
    options_of(&wish).0
}

/// The same options, from what they depend on.
pub(crate) fn options_of(wish: &Wish<'_>) -> CreationOptions {
    let mut options = CreationOptions(wish.given.to_vec());
    match wish.driver {
        "GTiff" if wish.is_streamed => options.stream(),
        "GTiff" => {
            options.lay_out(wish);
            options.compress(wish);
            options.default("BIGTIFF", "IF_SAFER");
            options.default("NUM_THREADS", &wish.threads.to_string());
        }
        "COG" => {
            options.compress(wish);
            options.default("OVERVIEW_RESAMPLING", "AVERAGE");
            let side = cog_block_px(&options, wish.bands, wish.output_type);
            options.default("BLOCKSIZE", &side.to_string());
            options.default("BIGTIFF", "IF_SAFER");
            options.default("NUM_THREADS", &wish.copy_threads.to_string());
        }
        _ => {}
    }
    options
}

/// Creation options, `KEY=VALUE`.
pub(crate) struct CreationOptions(pub(crate) Vec<String>);

impl CreationOptions {
    /// The value of an option, in capitals, if the option is set.
    pub(crate) fn given(&self, key: &str) -> Option<String> {
        self.0.iter().find_map(|option| {
            let (name, value) = option.split_once('=')?;
            name.eq_ignore_ascii_case(key).then(|| value.to_ascii_uppercase())
        })
    }

    /// Adds an option that is not set.
    pub(crate) fn default(&mut self, key: &str, value: &str) {
        if self.given(key).is_none() {
            self.0.push(format!("{key}={value}"));
        }
    }

    /// In an order that a reader of a pipe can follow: header first, then row by row.
    fn stream(&mut self) {
        self.default("STREAMABLE_OUTPUT", "YES");
        self.default("INTERLEAVE", "PIXEL");
        // With strips of several rows and a small block cache GDAL 3.6 loses some of them.
        self.default("BLOCKYSIZE", "1");
        self.default("BIGTIFF", "IF_SAFER");
    }

    /// Blocks and bands of a GeoTIFF.
    fn lay_out(&mut self, wish: &Wish<'_>) {
        self.default("TILED", "YES");
        if self.given("TILED").as_deref() == Some("YES") {
            self.default("BLOCKXSIZE", &wish.block_px.to_string());
            self.default("BLOCKYSIZE", &wish.block_px.to_string());
        }
        if wish.bands > 1 {
            self.default("INTERLEAVE", "BAND");
            // Three or four bands of bytes are measures, not a colour picture.
            self.default("PHOTOMETRIC", "MINISBLACK");
            self.default("ALPHA", "NO");
        }
    }

    /// Compression of a GeoTIFF or a COG.
    fn compress(&mut self, wish: &Wish<'_>) {
        let driver = wish.driver;
        if self.given("COMPRESS").is_none() {
            let zstd = driver_has(driver, "ZSTD");
            self.default("COMPRESS", if zstd { "ZSTD" } else { "DEFLATE" });
            // A fast level: the next ones gain a few percent of size for twice the time.
            let key = match (driver, zstd) {
                ("COG", _) => "LEVEL",
                (_, true) => "ZSTD_LEVEL",
                (_, false) => "ZLEVEL",
            };
            self.default(key, "1");
        }
        // With the bytes of the other order, GDAL's predictor of floats writes other cells; with fewer bits
        // there is none.
        let has_other_layout = ["ENDIANNESS", "NBITS"].iter().any(|key| self.given(key).is_some());
        if let Some("ZSTD" | "DEFLATE" | "LZW") = self.given("COMPRESS").as_deref()
            && !has_other_layout
        {
            let float = wish.output_type.scaled_range().is_none();
            let predictor = match driver {
                "COG" => "YES",
                _ if float => "3",
                _ => "2",
            };
            self.default("PREDICTOR", predictor);
        }
    }
}

/// Side of the blocks of a COG: what the user wishes, or 512 as GDAL has it. All bands of a block
/// are encoded together: with many bands, smaller blocks need less memory.
pub(crate) fn cog_block_px(options: &CreationOptions, bands: usize, cell: OutputType) -> u64 {
    const MOST_BYTES: u64 = 64 << 20;
    let usual_bytes = 512 * 512 * cell.bytes() * bands as u64;
    let usual_px = if usual_bytes <= MOST_BYTES { 512 } else { 256 };
    let given = options.given("BLOCKSIZE").and_then(|side| side.parse().ok());
    given.unwrap_or(usual_px).max(1)
}

/// Most bytes of a GeoTIFF that a copying driver reads from, if it is not compressed: a larger one
/// would need much more space on the disk than the output.
const LARGEST_RAW: u64 = 4 << 30;

/// Whether the GeoTIFF that a copying driver reads from is not compressed: it is read once and
/// deleted, and compressing it would take longer than anything else of the copy.
pub(crate) fn has_raw_base(spec: &OutputSpec) -> bool {
    is_small_raw((spec.grid.rows, spec.grid.cols), spec.bands.len(), spec.output_type)
}

/// The same by rows, columns, bands and type.
pub(crate) fn is_small_raw((rows, cols): (u64, u64), bands: usize, cell: OutputType) -> bool {
    let bytes = cell.bytes().saturating_mul(bands as u64);
    rows.saturating_mul(cols).saturating_mul(bytes) <= LARGEST_RAW
}

/// Options of the GeoTIFF that a copying driver reads from.
pub(crate) fn base_options(spec: &OutputSpec) -> Vec<String> {
    let raw = if has_raw_base(spec) { vec!["COMPRESS=NONE".to_owned()] } else { Vec::new() };
    creation_options(&OutputSpec {
        creation_options: raw,
        path: "base.tif".into(),
        driver: "GTiff".into(),
        ..spec.clone()
    })
}

/// Whether the output is a GeoTIFF for a pipe, without a layout chosen by the user.
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
