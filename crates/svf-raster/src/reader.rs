//! Windows of a band of heights of one file: f32, missing is NaN.
//!
//! NoData is compared in the band's own precision, a mask or alpha band counts,
//! infinite heights are missing, the band's scale and offset are applied.

use gdal::raster::{GdalDataType, RasterBand};
use gdal::spatial_ref::SpatialRef;
use gdal::{Dataset, DatasetOptions, GdalOpenFlags, Metadata};
use gdal_sys::GDALColorInterp;
use ndarray::{Array2, ArrayViewMut2, Zip, s};
use svf_kernel::tile::Window;

use crate::crs;
use crate::error::{Op, RasterError};
use crate::grid::Grid;
use crate::io;
use crate::session;
use crate::stat::refuse_special;
use crate::units::HeightUnit;

/// Which band of which file, and how to open it.
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    /// Band number from 1; 0 means 1.
    pub band: usize,
    /// Driver open options, `KEY=VALUE`.
    pub open_options: Vec<String>,
    /// The name to use in messages, where the path is not the user's.
    pub shown_as: Option<String>,
    /// Whether values are counted from the ground: what the CRS says of heights is not
    /// about them.
    pub above_ground: bool,
}

/// Who says that the values of a band are depths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Down {
    /// The axis of the vertical CRS.
    Crs,
    /// The attribute `positive` of the band, as in netCDF.
    Attribute,
}

/// What there is to know about a band before reading it.
#[derive(Clone, Debug, PartialEq)]
pub struct RasterInfo {
    /// The path as given.
    pub path: String,
    /// Where its cells lie.
    pub grid: Grid,
    /// Band number from 1.
    pub band: usize,
    /// Number of bands in the file.
    pub band_count: usize,
    /// GDAL's name of the band's type.
    pub data_type: String,
    /// Bytes of a cell in the file's type.
    pub cell_bytes: u64,
    /// NoData value, if the band has one.
    pub nodata: Option<f64>,
    /// Rows and columns of a block.
    pub block: (usize, usize),
    /// Short name of the driver.
    pub driver: String,
    /// Height = scale * value + offset, when not (1, 0). Depths are turned into heights.
    pub scale_offset: (f64, f64),
    /// Unit of the heights, if the CRS says, or else the band.
    pub height_unit: HeightUnit,
    /// Whether the values are depths, and who says so.
    pub down: Option<Down>,
    /// Smallest and largest height, from the file's own statistics.
    pub known_range: Option<(f64, f64)>,
    /// AREA_OR_POINT, if the file says.
    pub area_or_point: Option<String>,
    /// Local files behind the raster.
    pub files: Vec<String>,
}

/// A band open for reading. One per thread: GDAL datasets are not shared.
pub struct BandReader {
    /// The path it was opened by, which GDAL's messages repeat.
    opened_as: String,
    info: RasterInfo,
    dataset: Dataset,
    /// Whether the band needs more than f32 to be told from its NoData.
    wide: bool,
    /// Whether a mask band, not the NoData value, tells what is missing.
    masked: bool,
    scratch: Array2<f64>,
    mask: Array2<u8>,
}

/// Parts of a container that an error names.
const MOST_PARTS: usize = 20;
/// Rows read at a time through f64 or a mask.
const STRIPE_ROWS: usize = 64;

/// Opens a band and checks that it holds heights.
///
/// # Errors
/// Not a raster, no such band, or a band that cannot be heights.
pub fn open_band(path: &str, options: &OpenOptions) -> Result<BandReader, RasterError> {
    let shown = options.shown_as.as_deref().unwrap_or(path);
    refuse_special(path, shown)?;
    let open_options: Vec<&str> = options.open_options.iter().map(String::as_str).collect();
    let dataset = Dataset::open_ex(
        path,
        DatasetOptions {
            open_flags: GdalOpenFlags::GDAL_OF_READONLY
                | GdalOpenFlags::GDAL_OF_RASTER
                | GdalOpenFlags::GDAL_OF_VERBOSE_ERROR,
            open_options: (!open_options.is_empty()).then_some(&open_options),
            ..DatasetOptions::default()
        },
    )
    .map_err(|error| {
        // GDAL repeats the path; the error names it already.
        let reason = session::reason(&error);
        let reason = reason.strip_prefix(&format!("{path}: ")).unwrap_or(&reason);
        let reason = reason.replace(&format!("`{path}' not"), "it is not").replace(path, shown);
        RasterError::new(Op::Open, shown, reason)
    })?;
    let band_count = dataset.raster_count();
    if band_count == 0 {
        let error = RasterError::new(Op::Open, shown, "it has no raster band of its own");
        let parts = io::subdatasets(&dataset);
        let more = match parts.len().saturating_sub(MOST_PARTS) {
            0 => String::new(),
            more => format!(", and {more} more, which gdalinfo lists"),
        };
        return Err(match &parts[..parts.len().min(MOST_PARTS)] {
            [] => error,
            shown => error.hint(format!("name one of its parts: {}{more}", shown.join("  "))),
        });
    }
    let number = options.band.max(1);
    if number > band_count {
        let plural = if band_count == 1 { "band" } else { "bands" };
        let reason = format!("no band {number}: it has {band_count} {plural}");
        return Err(RasterError::new(Op::Band, shown, reason));
    }
    let band = dataset
        .rasterband(number)
        .map_err(|e| RasterError::new(Op::Band, shown, session::reason(&e)))?;
    refuse_foreign_band(shown, number, &band)?;
    let flags = band.mask_flags().ok();
    // A mask of its own, one for all bands, or alpha: anything but the band's NoData value.
    let masked = flags.is_some_and(|f| !f.is_all_valid() && (!f.is_nodata() || f.is_per_dataset()));
    let wide = !matches!(
        band.band_type(),
        GdalDataType::UInt8 | GdalDataType::UInt16 | GdalDataType::Int16 | GdalDataType::Float32
    );
    let (block_cols, block_rows) = band.block_size();
    let grid = Grid::of(&dataset);
    let own_crs = dataset.spatial_ref().ok();
    let mut height_unit = own_crs.as_ref().map(crs::height_unit).unwrap_or_default();
    if height_unit == HeightUnit::Unsaid {
        height_unit = unit_of_band(&band);
    }
    let mut scale_offset = (band.scale().unwrap_or(1.0), band.offset().unwrap_or(0.0));
    // A negative scale has turned them already.
    let down = if options.above_ground || scale_offset.0 < 0.0 {
        None
    } else {
        points_down(&band, own_crs.as_ref())
    };
    if down.is_some() {
        scale_offset = (-scale_offset.0, 0.0 - scale_offset.1);
    }
    let info = RasterInfo {
        path: shown.to_owned(),
        grid,
        band: number,
        band_count,
        data_type: band.band_type().name(),
        cell_bytes: io::cell_bytes(&band),
        nodata: band.no_data_value(),
        block: (block_rows, block_cols),
        driver: dataset.driver().short_name(),
        known_range: known_range(&band, scale_offset),
        scale_offset,
        height_unit,
        down,
        area_or_point: dataset.metadata_item("AREA_OR_POINT", ""),
        files: all_files(&dataset, path),
    };
    let (scratch, mask) = (Array2::default((0, 0)), Array2::default((0, 0)));
    let opened_as = path.to_owned();
    Ok(BandReader { opened_as, info, dataset, wide, masked, scratch, mask })
}

/// What the band itself says of its unit: some drivers keep it among their metadata.
fn unit_of_band(band: &RasterBand<'_>) -> HeightUnit {
    let more = ["GRIB_UNIT", "units"].into_iter().filter_map(|key| band.metadata_item(key, ""));
    let mut said = std::iter::once(band.unit()).chain(more).map(|name| HeightUnit::named(&name));
    said.find(|unit| *unit != HeightUnit::Unsaid).unwrap_or_default()
}

/// Whether the values of a band are depths, and who says so: the band knows best.
fn points_down(band: &RasterBand<'_>, crs: Option<&SpatialRef>) -> Option<Down> {
    match band.metadata_item("positive", "").map(|way| way.trim().to_ascii_lowercase()).as_deref() {
        Some("down") => Some(Down::Attribute),
        Some("up") => None,
        _ => crs.is_some_and(crs::points_down).then_some(Down::Crs),
    }
}

/// Range of the heights by the statistics in the file, which are of its raw values.
fn known_range(band: &RasterBand<'_>, (scale, offset): (f64, f64)) -> Option<(f64, f64)> {
    let statistic = |name: &str| band.metadata_item(name, "")?.trim().parse::<f64>().ok();
    let a = scale * statistic("STATISTICS_MINIMUM")? + offset;
    let b = scale * statistic("STATISTICS_MAXIMUM")? + offset;
    Some((a.min(b), a.max(b)))
}

/// Files behind a dataset, also those behind a VRT that it is made of.
fn all_files(dataset: &Dataset, path: &str) -> Vec<String> {
    let mut files = io::file_list(dataset);
    let mut next = 0;
    while let Some(file) = files.get(next).cloned() {
        next += 1;
        let is_vrt = file.to_ascii_lowercase().ends_with(".vrt");
        if is_vrt
            && file != path
            && let Ok(inner) = Dataset::open(&file)
        {
            let new: Vec<String> =
                io::file_list(&inner).into_iter().filter(|f| !files.contains(f)).collect();
            files.extend(new);
        }
    }
    files
}

fn refuse_foreign_band(
    path: &str,
    number: usize,
    band: &RasterBand<'_>,
) -> Result<(), RasterError> {
    let refuse = |what: &str, hint: &str| {
        Err(RasterError::new(Op::Band, path, format!("band {number} {what}")).hint(hint))
    };
    if let Some(name) = io::complex_type(band) {
        return refuse(
            &format!("holds complex numbers ({name}), not heights"),
            "choose another with -b",
        );
    }
    if io::color_interpretation(band) == GDALColorInterp::GCI_PaletteIndex
        || band.color_table().is_some()
    {
        return refuse(
            "is a palette: its values are colours, not heights",
            "choose another with -b",
        );
    }
    if io::color_interpretation(band) == GDALColorInterp::GCI_AlphaBand {
        return refuse("is an alpha band, not heights", "choose another with -b");
    }
    Ok(())
}

impl BandReader {
    /// What is known about the band.
    pub fn info(&self) -> &RasterInfo {
        &self.info
    }

    /// Reads a window of heights; missing ones become NaN.
    ///
    /// # Errors
    /// A window that cannot be read, with GDAL's reason.
    pub fn read(
        &mut self,
        window: &Window,
        mut into: ArrayViewMut2<'_, f32>,
    ) -> Result<(), RasterError> {
        let failed = || {
            let reason = session::last_message().replace(&self.opened_as, &self.info.path);
            RasterError::new(Op::Read, &self.info.path, reason).at(*window)
        };
        let band = self.dataset.rasterband(self.info.band).map_err(|_| failed())?;
        let nodata = self.info.nodata;
        let (scale, offset) = self.info.scale_offset;
        if !self.wide {
            io::read(&band, window, into.view_mut()).map_err(|()| failed())?;
            // Every value of these types is an f32: so is a NoData value that can match.
            #[expect(clippy::cast_possible_truncation, reason = "compared in the band's type")]
            let nodata = nodata.map_or(f32::NAN, |v| v as f32);
            into.mapv_inplace(|z| if z == nodata || !z.is_finite() { f32::NAN } else { z });
            if (scale, offset) != (1.0, 0.0) {
                into.mapv_inplace(|z| to_height(scale * f64::from(z) + offset));
            }
        }
        if !self.wide && !self.masked {
            return Ok(());
        }
        let mask_band =
            if self.masked { Some(band.open_mask_band().map_err(|_| failed())?) } else { None };
        let nodata = nodata.unwrap_or(f64::NAN);
        for row in (0..cells(window.rows)).step_by(STRIPE_ROWS) {
            let rows = STRIPE_ROWS.min(cells(window.rows) - row);
            let stripe = Window { row: window.row + row as u64, rows: rows as u64, ..*window };
            let shape = (rows, cells(window.cols));
            let mut into = into.slice_mut(s![row..row + rows, ..]);
            if self.wide {
                resize(&mut self.scratch, shape);
                io::read(&band, &stripe, self.scratch.view_mut()).map_err(|()| failed())?;
                Zip::from(&mut into).and(&self.scratch).for_each(|z, &value| {
                    *z = if value == nodata { f32::NAN } else { to_height(scale * value + offset) };
                });
            }
            if let Some(mask_band) = &mask_band {
                resize(&mut self.mask, shape);
                io::read(mask_band, &stripe, self.mask.view_mut()).map_err(|()| failed())?;
                Zip::from(&mut into).and(&self.mask).for_each(|z, &valid| {
                    if valid == 0 {
                        *z = f32::NAN;
                    }
                });
            }
        }
        Ok(())
    }

    /// Reads a window of heights in full precision, missing ones NaN: rounded to f32
    /// they are the heights of [`BandReader::read`].
    ///
    /// # Errors
    /// A window that cannot be read, with GDAL's reason.
    pub fn read_f64(
        &mut self,
        window: &Window,
        mut into: ArrayViewMut2<'_, f64>,
    ) -> Result<(), RasterError> {
        let failed = || {
            let reason = session::last_message().replace(&self.opened_as, &self.info.path);
            RasterError::new(Op::Read, &self.info.path, reason).at(*window)
        };
        let band = self.dataset.rasterband(self.info.band).map_err(|_| failed())?;
        let nodata = self.info.nodata.unwrap_or(f64::NAN);
        let (scale, offset) = self.info.scale_offset;
        io::read(&band, window, into.view_mut()).map_err(|()| failed())?;
        #[expect(clippy::cast_possible_truncation, reason = "compared in the band's type")]
        let is_nodata = |z: f64| if self.wide { z == nodata } else { z as f32 == nodata as f32 };
        into.mapv_inplace(|z| {
            let height = scale * z + offset;
            if is_nodata(z) || to_height(height).is_nan() { f64::NAN } else { height }
        });
        if self.masked {
            let mask_band = band.open_mask_band().map_err(|_| failed())?;
            let mut mask = Array2::<u8>::zeros(into.dim());
            io::read(&mask_band, window, mask.view_mut()).map_err(|()| failed())?;
            Zip::from(&mut into).and(&mask).for_each(|z, &valid| {
                if valid == 0 {
                    *z = f64::NAN;
                }
            });
        }
        Ok(())
    }
}

/// A height in f32; what f32 cannot hold is missing.
#[expect(clippy::cast_possible_truncation, reason = "heights are f32 by definition")]
fn to_height(value: f64) -> f32 {
    let height = value as f32;
    if height.is_finite() { height } else { f32::NAN }
}

fn resize<T: Clone + Default>(array: &mut Array2<T>, shape: (usize, usize)) {
    if array.dim() != shape {
        *array = Array2::default(shape);
    }
}

/// A window's rows or columns: windows are made to fit memory.
pub(crate) fn cells(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
