//! Windows of a band of heights of one file: f32, missing is NaN.
//!
//! What is missing `missing` knows, infinite heights among it; the band's scale and
//! offset are applied.

use std::ops::Range;

use gdal::raster::RasterBand;
use gdal::spatial_ref::SpatialRef;
use gdal::{Dataset, DatasetOptions, GdalOpenFlags, Metadata};
use gdal_sys::GDALColorInterp;
use ndarray::{Array2, ArrayViewMut2, Zip, s};
use svf_kernel::tile::Window;

use crate::collection::Part;
use crate::crs;
use crate::error::{Op, RasterError};
use crate::grid::Grid;
use crate::io;
use crate::missing::{Masks, NoData, fits_f32, fits_f64, has_signed_bytes};
use crate::names;
use crate::session::{self, OfRun};
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
    /// Values, as stored, that are no heights, in place of the NoData values that the
    /// file declares.
    pub input_nodata: Option<Vec<f64>>,
    /// Whether values are counted from the ground: what the CRS says of heights is not
    /// about them.
    pub above_ground: bool,
    /// Names of the files beside it that may belong to it; none for GDAL to look.
    pub siblings: Option<Vec<String>>,
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
    /// GDAL's name of the band's type; Int8 also where GDAL says Byte, and that it is signed.
    pub data_type: String,
    /// Bytes of a cell in the file's type.
    pub cell_bytes: u64,
    /// Whether GDAL says Byte of signed bytes, as it does before 3.7.
    pub signed_bytes: bool,
    /// NoData value that the file declares, if the band has one.
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
    /// What is taken off every height that is read as f32, lest digits are lost: the same
    /// for the whole raster. Mostly 0.
    pub height_offset: f64,
    /// What the band is called.
    pub description: String,
    /// The measures, where the raster is a result of these tools.
    pub measures: Option<String>,
    /// What the band is of a picture: red, green or blue.
    pub colour: Option<&'static str>,
    /// Numbers of the red, green and blue band; of the first three where none is named so.
    pub colours: Option<[usize; 3]>,
    /// Smallest and largest height, from the file's own statistics.
    pub known_range: Option<(f64, f64)>,
    /// AREA_OR_POINT, if the file says.
    pub area_or_point: Option<String>,
    /// Local files behind the raster.
    pub files: Vec<String>,
    /// The rasters that are read as this one, where it is not one itself.
    pub parts: Vec<Part>,
    /// How many of them are open at once, at most.
    pub open_at_once: u64,
}

/// A band open for reading. One per thread: GDAL datasets are not shared.
pub struct BandReader {
    /// The path it was opened by, which GDAL's messages repeat.
    opened_as: String,
    info: RasterInfo,
    dataset: OfRun<Dataset>,
    /// Whether f32 does not hold every value of the band.
    wide: bool,
    nodata: NoData,
    masks: Masks,
    scratch: Array2<f64>,
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
    let _here = session::enter_here();
    let shown = options.shown_as.as_deref().unwrap_or(path);
    refuse_special(path, shown)?;
    let open_options: Vec<&str> = options.open_options.iter().map(String::as_str).collect();
    let siblings: Option<Vec<&str>> =
        options.siblings.as_ref().map(|names| names.iter().map(String::as_str).collect());
    let dataset = Dataset::open_ex(
        path,
        DatasetOptions {
            open_flags: GdalOpenFlags::GDAL_OF_READONLY
                | GdalOpenFlags::GDAL_OF_RASTER
                | GdalOpenFlags::GDAL_OF_VERBOSE_ERROR,
            open_options: (!open_options.is_empty()).then_some(&open_options),
            sibling_files: siblings.as_deref(),
            ..DatasetOptions::default()
        },
    )
    .map_err(|error| {
        // GDAL repeats the path; the error names it already.
        let reason = session::reason(&error);
        let reason = reason.strip_prefix(&format!("{path}: ")).unwrap_or(&reason);
        let reason = reason.replace(&format!("`{path}' not"), "it is not").replace(path, shown);
        let error = RasterError::new(Op::Open, shown, reason);
        match names::hint(path) {
            Some(hint) => error.hint(hint),
            None => error,
        }
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
    let (signed_bytes, declared) = (has_signed_bytes(&band), band.no_data_value());
    let masks = Masks::of(&dataset, &band, options.input_nodata.is_none());
    // What f64 does not hold, the mask band compares.
    let declared_values = || declared.filter(|_| fits_f64(band.band_type())).into_iter().collect();
    let values = options.input_nodata.clone().unwrap_or_else(declared_values);
    let nodata = NoData::new(band.band_type(), signed_bytes, &values);
    let wide = !fits_f32(band.band_type());
    let (block_cols, block_rows) = band.block_size();
    let colours: Vec<Option<&str>> = (1..=band_count)
        .map(|number| dataset.rasterband(number).ok().and_then(|band| colour_of(&band)))
        .collect();
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
        data_type: if signed_bytes { "Int8".to_owned() } else { band.band_type().name() },
        cell_bytes: io::cell_bytes(&band),
        signed_bytes,
        nodata: declared,
        block: (block_rows, block_cols),
        driver: dataset.driver().short_name(),
        known_range: known_range(&band, scale_offset),
        scale_offset,
        height_unit,
        down,
        height_offset: 0.0,
        description: band.description().unwrap_or_default(),
        measures: dataset.metadata_item("SVF_MEASURES", ""),
        colour: colours[number - 1],
        colours: three_colours(&colours),
        area_or_point: dataset.metadata_item("AREA_OR_POINT", ""),
        files: all_files(&dataset, path),
        parts: Vec::new(),
        open_at_once: 1,
    };
    let (opened_as, scratch) = (path.to_owned(), Array2::default((0, 0)));
    let dataset = OfRun::here(dataset);
    Ok(BandReader { opened_as, info, dataset, wide, nodata, masks, scratch })
}

/// What a band is of a picture.
fn colour_of(band: &RasterBand<'_>) -> Option<&'static str> {
    match io::color_interpretation(band) {
        GDALColorInterp::GCI_RedBand => Some("red"),
        GDALColorInterp::GCI_GreenBand => Some("green"),
        GDALColorInterp::GCI_BlueBand => Some("blue"),
        _ => None,
    }
}

/// Numbers of the bands of red, green and blue; of the first three where none is named so.
fn three_colours(colours: &[Option<&str>]) -> Option<[usize; 3]> {
    let number = |name: &str| colours.iter().position(|colour| *colour == Some(name));
    match ["red", "green", "blue"].map(number) {
        [Some(red), Some(green), Some(blue)] => Some([red + 1, green + 1, blue + 1]),
        [None, None, None] if (3..=4).contains(&colours.len()) => Some([1, 2, 3]),
        _ => None,
    }
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

    /// Values, as stored, that are no heights: as far as the band's type can hold them.
    pub fn nodata_values(&self) -> &[f64] {
        self.nodata.values()
    }

    /// Takes `offset` off every height that is read as f32 from here on.
    pub(crate) fn take_off(&mut self, offset: f64) {
        self.info.height_offset = offset;
    }

    /// The measures that the file holds, where it is a result of these tools.
    pub(crate) fn measures(&self) -> Option<String> {
        let _here = self.dataset.enter();
        let items = self.dataset.metadata_domain("")?;
        // Formats put prefixes before it.
        let value = |item: &String| {
            let (key, value) = item.split_once('=')?;
            key.ends_with("SVF_MEASURES").then(|| value.to_owned())
        };
        items.iter().find_map(value)
    }

    /// Number of bands that are not alpha: an alpha band says where the others count.
    pub(crate) fn band_count(&self) -> usize {
        let is_alpha = |number: &usize| {
            self.dataset
                .rasterband(*number)
                .is_ok_and(|band| io::color_interpretation(&band) == GDALColorInterp::GCI_AlphaBand)
        };
        (1..=self.info.band_count).filter(|number| !is_alpha(number)).count()
    }

    /// Reads a window of heights, less [`RasterInfo::height_offset`]; missing ones become NaN.
    ///
    /// # Errors
    /// A window that cannot be read, with GDAL's reason.
    pub fn read(
        &mut self,
        window: &Window,
        mut into: ArrayViewMut2<'_, f32>,
    ) -> Result<(), RasterError> {
        let _here = self.dataset.enter();
        let (scale, offset) = self.info.scale_offset;
        let taken_off = self.info.height_offset;
        if self.wide {
            let mut values = std::mem::take(&mut self.scratch);
            for (stripe, rows) in stripes(window) {
                io::resize(&mut values, (rows.len(), cells(window.cols)));
                self.read_values(&stripe, values.view_mut())?;
                Zip::from(into.slice_mut(s![rows, ..]))
                    .and(&values)
                    .for_each(|z, &value| *z = lowered(scale * value + offset, taken_off));
            }
            self.scratch = values;
            return Ok(());
        }
        let (opened_as, path) = (&self.opened_as, &self.info.path);
        let failed = || read_failure(opened_as, path, window);
        let band = self.dataset.rasterband(self.info.band).map_err(|_| failed())?;
        io::read(&band, window, into.view_mut()).map_err(|()| failed())?;
        if self.info.signed_bytes {
            into.mapv_inplace(|z| if z > 127.0 { z - 256.0 } else { z });
        }
        if (scale, offset) == (1.0, 0.0) {
            self.nodata.to_heights(into.view_mut(), |z| if z.is_finite() { z } else { f32::NAN });
        } else {
            let height = |z| lowered(scale * f64::from(z) + offset, taken_off);
            self.nodata.to_heights(into.view_mut(), height);
        }
        if !self.masks.is_none() {
            for (stripe, rows) in stripes(window) {
                let cells = into.slice_mut(s![rows, ..]);
                let hidden = self.masks.hide(&self.dataset, &band, &stripe, cells, f32::NAN);
                hidden.map_err(|()| failed())?;
            }
        }
        Ok(())
    }

    /// Reads a window of heights in full precision, missing ones NaN: less the offset of
    /// [`RasterInfo::height_offset`] and rounded to f32 they are those of [`BandReader::read`].
    ///
    /// # Errors
    /// A window that cannot be read, with GDAL's reason.
    pub fn read_f64(
        &mut self,
        window: &Window,
        mut into: ArrayViewMut2<'_, f64>,
    ) -> Result<(), RasterError> {
        let (scale, offset) = self.info.scale_offset;
        for (stripe, rows) in stripes(window) {
            let mut cells = into.slice_mut(s![rows, ..]);
            self.read_values(&stripe, cells.view_mut())?;
            cells.mapv_inplace(|value| {
                let height = scale * value + offset;
                if to_height(height).is_nan() { f64::NAN } else { height }
            });
        }
        Ok(())
    }

    /// Values of a window of another band, as stored, whatever they are.
    ///
    /// # Errors
    /// A window that cannot be read, with GDAL's reason.
    pub(crate) fn read_band(
        &mut self,
        band: usize,
        window: &Window,
        into: ArrayViewMut2<'_, f64>,
    ) -> Result<(), RasterError> {
        let _here = self.dataset.enter();
        let failed = || read_failure(&self.opened_as, &self.info.path, window);
        let band = self.dataset.rasterband(band).map_err(|_| failed())?;
        io::read(&band, window, into).map_err(|()| failed())
    }

    /// Reads a window of values as stored, NaN where there is no height.
    ///
    /// # Errors
    /// A window that cannot be read, with GDAL's reason.
    pub fn read_values(
        &mut self,
        window: &Window,
        mut into: ArrayViewMut2<'_, f64>,
    ) -> Result<(), RasterError> {
        let _here = self.dataset.enter();
        let (opened_as, path) = (&self.opened_as, &self.info.path);
        let failed = || read_failure(opened_as, path, window);
        let band = self.dataset.rasterband(self.info.band).map_err(|_| failed())?;
        io::read(&band, window, into.view_mut()).map_err(|()| failed())?;
        if self.info.signed_bytes {
            into.mapv_inplace(|value| if value > 127.0 { value - 256.0 } else { value });
        }
        let nodata = &self.nodata;
        let is_missing = |value: f64| !value.is_finite() || nodata.has(value);
        into.mapv_inplace(|value| if is_missing(value) { f64::NAN } else { value });
        let hidden = self.masks.hide(&self.dataset, &band, window, into, f64::NAN);
        hidden.map_err(|()| failed())
    }
}

/// A height in f32, `taken_off` taken off; missing as that of [`to_height`].
#[expect(clippy::cast_possible_truncation, reason = "heights are f32 by definition")]
fn lowered(height: f64, taken_off: f64) -> f32 {
    if to_height(height).is_nan() { f32::NAN } else { (height - taken_off) as f32 }
}

/// GDAL's word on a window that it could not read.
fn read_failure(opened_as: &str, path: &str, window: &Window) -> RasterError {
    let reason = session::last_message().replace(opened_as, path);
    RasterError::new(Op::Read, path, reason).at(*window)
}

/// A height in f32; what f32 cannot hold is missing.
#[expect(clippy::cast_possible_truncation, reason = "heights are f32 by definition")]
fn to_height(value: f64) -> f32 {
    let height = value as f32;
    if height.is_finite() { height } else { f32::NAN }
}

/// A window in pieces of few rows, each with its rows in it.
fn stripes(window: &Window) -> impl Iterator<Item = (Window, Range<usize>)> + use<> {
    let window = *window;
    (0..cells(window.rows)).step_by(STRIPE_ROWS).map(move |row| {
        let rows = STRIPE_ROWS.min(cells(window.rows) - row);
        let stripe = Window { row: window.row + row as u64, rows: rows as u64, ..window };
        (stripe, row..row + rows)
    })
}

/// A window's rows or columns: windows are made to fit memory.
pub(crate) fn cells(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
