//! Raster I/O directly from and to strided arrays: an FFI call that the safe bindings do not
//! have.

use std::path::Path;

use gdal::raster::RasterBand;
use gdal::{Dataset, DatasetOptions, GdalOpenFlags, Metadata};
use gdal_sys::{CPLErr, GDALDataType, GDALRWFlag};
use ndarray::{Array2, ArrayView2, ArrayViewMut2};
use svf_kernel::tile::Window;

use crate::session;

/// An element type that GDAL converts to and from.
pub(crate) trait Element: Copy {
    const TYPE: GDALDataType::Type;
}

impl Element for f32 {
    const TYPE: GDALDataType::Type = GDALDataType::GDT_Float32;
}
impl Element for f64 {
    const TYPE: GDALDataType::Type = GDALDataType::GDT_Float64;
}
impl Element for u8 {
    const TYPE: GDALDataType::Type = GDALDataType::GDT_Byte;
}
impl Element for u16 {
    const TYPE: GDALDataType::Type = GDALDataType::GDT_UInt16;
}

/// Reads `window` of `band` into `into`, which has the window's shape and
/// adjacent columns. The reason of a failure is in the session; a read that calls itself a
/// success but reported a failure is one, too.
pub(crate) fn read<T: Element>(
    band: &RasterBand<'_>,
    window: &Window,
    mut into: ArrayViewMut2<'_, T>,
) -> Result<(), ()> {
    assert_eq!((into.nrows() as u64, into.ncols() as u64), (window.rows, window.cols));
    assert!(into.ncols() < 2 || into.strides()[1] == 1, "columns are adjacent");
    let row_stride = into.strides()[0];
    let before = session::failures();
    raster_io::<T>(band, GDALRWFlag::GF_Read, window, into.as_mut_ptr(), row_stride)?;
    if session::failures() > before {
        session::count_hidden();
        return Err(());
    }
    Ok(())
}

/// Changes the shape of a buffer; its earlier content is lost.
pub(crate) fn resize<T: Clone + Default>(array: &mut Array2<T>, shape: (usize, usize)) {
    if array.dim() != shape {
        *array = Array2::default(shape);
    }
}

/// Writes `from` to `window` of `band`; as [`read`].
pub(crate) fn write<T: Element>(
    band: &RasterBand<'_>,
    window: &Window,
    from: ArrayView2<'_, T>,
) -> Result<(), ()> {
    assert_eq!((from.nrows() as u64, from.ncols() as u64), (window.rows, window.cols));
    assert!(from.ncols() < 2 || from.strides()[1] == 1, "columns are adjacent");
    let data = from.as_ptr().cast_mut();
    raster_io::<T>(band, GDALRWFlag::GF_Write, window, data, from.strides()[0])
}

fn raster_io<T: Element>(
    band: &RasterBand<'_>,
    direction: GDALRWFlag::Type,
    window: &Window,
    data: *mut T,
    row_stride: isize,
) -> Result<(), ()> {
    // GDAL's rasters have at most 2^31 - 1 rows and columns.
    let int = |cells: u64| i32::try_from(cells).map_err(|_| ());
    let (x, y) = (int(window.col)?, int(window.row)?);
    let (width, height) = (int(window.cols)?, int(window.rows)?);
    let pixel_bytes = size_of::<T>() as i64;
    // SAFETY: `data` holds `height` rows of `width` elements, `row_stride` apart (checked by the
    // callers, which borrow it for the call); GDAL writes to it only when reading.
    let call = || unsafe {
        gdal_sys::GDALRasterIOEx(
            band.c_rasterband(),
            direction,
            x,
            y,
            width,
            height,
            data.cast(),
            width,
            height,
            T::TYPE,
            pixel_bytes,
            pixel_bytes * row_stride as i64,
            std::ptr::null_mut(),
        )
    };
    let result =
        if direction == GDALRWFlag::GF_Read { crate::session::reading(call) } else { call() };
    if result == CPLErr::CE_None { Ok(()) } else { Err(()) }
}

/// Writes the blocks of a band that are in the cache; the reason of a failure is in the session.
pub(crate) fn flush(band: &RasterBand<'_>) -> Result<(), ()> {
    // SAFETY: a live band.
    let result = unsafe { gdal_sys::GDALFlushRasterCache(band.c_rasterband()) };
    if result == CPLErr::CE_None { Ok(()) } else { Err(()) }
}

/// Local files that make up a dataset.
pub(crate) fn file_list(dataset: &Dataset) -> Vec<String> {
    let mut files = Vec::new();
    // SAFETY: GDALGetFileList returns a null-terminated list of C strings; this code owns and
    // frees it.
    unsafe {
        let list = gdal_sys::GDALGetFileList(dataset.c_dataset());
        let mut next = list;
        while !next.is_null() && !(*next).is_null() {
            files.push(std::ffi::CStr::from_ptr(*next).to_string_lossy().into_owned());
            next = next.add(1);
        }
        gdal_sys::CSLDestroy(list);
    }
    files
}

/// Name of the band's type if it is a complex one, which the safe bindings do not know.
pub(crate) fn complex_type(band: &RasterBand<'_>) -> Option<String> {
    // SAFETY: a live band; the name is a static string of GDAL's.
    unsafe {
        let data_type = gdal_sys::GDALGetRasterDataType(band.c_rasterband());
        if gdal_sys::GDALDataTypeIsComplex(data_type) == 0 {
            return None;
        }
        let name = gdal_sys::GDALGetDataTypeName(data_type);
        Some(std::ffi::CStr::from_ptr(name).to_string_lossy().into_owned())
    }
}

/// What the values of the band mean. The safe bindings panic at colour interpretations that they
/// do not know.
pub(crate) fn color_interpretation(band: &RasterBand<'_>) -> gdal_sys::GDALColorInterp::Type {
    // SAFETY: a live band.
    unsafe { gdal_sys::GDALGetRasterColorInterpretation(band.c_rasterband()) }
}

/// The colour of the band, if the file is a picture of several bands.
pub(crate) fn colour(band: &RasterBand<'_>) -> Option<String> {
    use gdal_sys::GDALColorInterp as Colour;
    let name = match color_interpretation(band) {
        Colour::GCI_RedBand => "red",
        Colour::GCI_GreenBand => "green",
        Colour::GCI_BlueBand => "blue",
        Colour::GCI_AlphaBand => "alpha",
        _ => return None,
    };
    Some(name.to_owned())
}

/// Bytes of a cell of the band's type.
pub(crate) fn cell_bytes(band: &RasterBand<'_>) -> u64 {
    // SAFETY: a live band.
    let bytes = unsafe {
        gdal_sys::GDALGetDataTypeSizeBytes(gdal_sys::GDALGetRasterDataType(band.c_rasterband()))
    };
    u64::try_from(bytes).unwrap_or(8)
}

/// Whether a dataset has ground control points.
pub(crate) fn has_gcps(dataset: &Dataset) -> bool {
    // SAFETY: a live dataset.
    unsafe { gdal_sys::GDALGetGCPCount(dataset.c_dataset()) > 0 }
}

/// Names of the rasters inside a container, as they are opened.
pub(crate) fn subdatasets(dataset: &Dataset) -> Vec<String> {
    // Reads the whole metadata domain, because netCDF does not return single items of it.
    let items = dataset.metadata_domain("SUBDATASETS").unwrap_or_default();
    items
        .iter()
        .filter_map(|item| item.split_once('='))
        .filter(|(key, _)| key.ends_with("_NAME"))
        .map(|(_, name)| name.to_owned())
        .collect()
}

/// Opens a file as rasters: itself or, if it has none, all rasters inside it, in their order.
pub(crate) fn rasters_of(path: &Path) -> Result<Vec<Dataset>, String> {
    let open = |name: &str| {
        // As a raster: a netCDF file looks different if it is opened as another type.
        let options = DatasetOptions {
            open_flags: GdalOpenFlags::GDAL_OF_READONLY | GdalOpenFlags::GDAL_OF_RASTER,
            ..DatasetOptions::default()
        };
        Dataset::open_ex(name, options).map_err(|e| session::reason(&e))
    };
    let itself = open(&path.to_string_lossy())?;
    match subdatasets(&itself) {
        parts if itself.raster_count() == 0 && !parts.is_empty() => {
            // Zarr has its coordinates as arrays of their own.
            let is_coordinate = |part: &&String| {
                part.starts_with("ZARR:") && (part.ends_with(":/X") || part.ends_with(":/Y"))
            };
            parts.iter().filter(|part| !is_coordinate(part)).map(|part| open(part)).collect()
        }
        _ => Ok(vec![itself]),
    }
}

/// All bands of some rasters.
pub(crate) fn bands_of(rasters: &[Dataset]) -> Vec<RasterBand<'_>> {
    let of = |raster| (1..=Dataset::raster_count(raster)).filter_map(|n| raster.rasterband(n).ok());
    rasters.iter().flat_map(of).collect()
}

/// Keeps only the horizontal part of a compound CRS. Otherwise GDAL would use the unit of heights
/// as the unit of every band.
pub(crate) fn strip_vertical(crs: &mut gdal::spatial_ref::SpatialRef) {
    // SAFETY: a valid handle, which the call changes in place.
    unsafe { gdal_sys::OSRStripVertical(crs.to_c_hsrs()) };
}
