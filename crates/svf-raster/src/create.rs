//! Creates the datasets of outputs, and sets their grid, bands and statistics.

use std::ffi::CString;
use std::path::Path;

use gdal::cpl::CslStringList;
use gdal::errors::Result;
use gdal::raster::RasterBand;
use gdal::{Dataset, Driver, Metadata};

use crate::output::{BandStatistics, OutputSpec, OutputType};

pub(crate) fn create_dataset(
    driver: &Driver,
    path: &Path,
    spec: &OutputSpec,
    options: &[String],
) -> Result<Dataset> {
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

pub(crate) fn describe(dataset: &mut Dataset, spec: &OutputSpec) -> Result<()> {
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

pub(crate) fn set_statistics(band: &mut RasterBand<'_>, s: &BandStatistics) -> Result<()> {
    for (key, value) in s.items() {
        band.set_metadata_item(key, &value, "")?;
    }
    Ok(())
}
