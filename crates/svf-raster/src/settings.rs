//! Settings of GDAL (`--config`, or variables of the environment) that decide how the cells of a raster are
//! read. What they change is not seen in the properties of a raster: the rows of a netCDF file are in the
//! other order, at the same place.

/// The settings that drivers of rasters have for this (GDAL 3.6 to 3.11).
const OF_READING: [&str; 19] = [
    "AAIGRID_DATATYPE",
    "GDAL_GEOREF_SOURCES",
    "GDAL_NETCDF_BOTTOMUP",
    "GDAL_NETCDF_CENTERLONG_180",
    "GDAL_NETCDF_IGNORE_EQUALLY_SPACED_XY_CHECK",
    "GDAL_NETCDF_IGNORE_XY_AXIS_NAME_CHECKS",
    "GDAL_NETCDF_VERIFY_DIMS",
    "GDAL_PAM_ENABLED",
    "GDAL_PAM_PROXY_DIR",
    "GRIB_ADJUST_LONGITUDE_RANGE",
    "GRIB_NORMALIZE_UNITS",
    "GTIFF_HONOUR_NEGATIVE_SCALEY",
    "GTIFF_IGNORE_READ_ERRORS",
    "GTIFF_LINEAR_UNITS",
    "GTIFF_POINT_GEO_IGNORE",
    "GTIFF_REPORT_COMPD_CS",
    "JPEG_READ_MASK",
    "PCRASTER_VALUESCALE",
    "PDS4_FORCE_MASK",
];

/// Those of the settings that are set, with their values.
pub fn of_reading() -> Vec<(&'static str, String)> {
    let value = |key| gdal::config::get_config_option(key, "").ok().filter(|v| !v.is_empty());
    OF_READING.into_iter().filter_map(|key| Some((key, value(key)?))).collect()
}
