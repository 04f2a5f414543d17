//! Describes the request in the metadata of the output, so that a file says how it was made.

use svf_kernel::{Anisotropy, Measure, Params, Sampling, Search};
use svf_raster::grid::HorizontalUnit;
use svf_raster::output::NORTH_ITEM;
use svf_raster::{HeightUnit, RasterInfo, RasterReader, names};

use crate::request::{LevelName, North, Request};
use crate::search::CASCADE_VERSION;

/// Metadata of one file: its measures, and the options that only they depend on.
pub(crate) fn contents(measures: &[Measure], params: &Params) -> Vec<(String, String)> {
    let names: Vec<&str> = measures.iter().map(|m| m.name()).collect();
    let mut items = vec![("SVF_MEASURES".to_owned(), names.join(","))];
    if measures.contains(&Measure::Horizon { signed: true }) {
        items.push(("SVF_SIGNED".to_owned(), "YES".to_owned()));
    }
    if measures.contains(&Measure::SvfAnisotropic) {
        let Anisotropy { azimuth_deg, level } = params.anisotropy;
        items.push(("SVF_ANISOTROPY_AZIMUTH".to_owned(), azimuth_deg.to_string()));
        items.push(("SVF_ANISOTROPY_LEVEL".to_owned(), LevelName::from(level).name().to_owned()));
    }
    items
}

/// Describes the input.
pub(crate) fn input_name(info: &RasterInfo, input: &str) -> String {
    match &info.parts[..] {
        [first, .., last] => format!(
            "{} files: {} to {}",
            info.parts.len(),
            file_name(&first.path),
            file_name(&last.path)
        ),
        _ => file_name(input),
    }
}

/// A path without its folders, if anything is left.
fn file_name(path: &str) -> String {
    let name = if path.starts_with("/vsistd") { path } else { names::file_name(path) };
    name.to_owned()
}

/// The metadata item with the name of the input.
pub(crate) const INPUT_ITEM: &str = "SVF_INPUT";

/// How the file was made, for its metadata.
pub(crate) fn metadata(
    request: &Request,
    reader: &RasterReader,
    params: &Params,
) -> Vec<(String, String)> {
    let info = reader.info();
    let version = env!("CARGO_PKG_VERSION");
    let unit = match &info.grid.unit {
        HorizontalUnit::Length { name, .. } => name.as_str(),
        HorizontalUnit::Angle { .. } => "metre",
        HorizontalUnit::Unknown => "map unit (no CRS)",
    };
    let mut items = vec![
        ("TIFFTAG_SOFTWARE", format!("svf_compute {version}")),
        ("SVF_VERSION", version.to_owned()),
        (INPUT_ITEM, input_name(info, &request.input)),
        ("SVF_INPUT_BAND", info.band.to_string()),
        ("SVF_RADIUS", params.radius.to_string()),
        ("SVF_UNIT", unit.to_owned()),
        ("SVF_DIRECTIONS", params.directions.to_string()),
        ("SVF_SAMPLING", request.sky.sampling.name().to_owned()),
        ("SVF_MISSING", request.sky.missing.name().to_owned()),
        ("SVF_OBSERVER_HEIGHT", params.observer_height.to_string()),
        ("SVF_Z_FACTOR", params.z_factor.to_string()),
    ];
    if params.min_distance > 0.0 {
        items.push(("SVF_MIN_DISTANCE", params.min_distance.to_string()));
    }
    if params.search != Search::Exact {
        items.push(("SVF_SEARCH", params.search.name().to_owned()));
        items.push(("SVF_SEARCH_VERSION", CASCADE_VERSION.to_string()));
    }
    if params.first_azimuth_deg != 0.0 {
        items.push(("SVF_FIRST_AZIMUTH", params.first_azimuth_deg.to_string()));
    }
    if request.sky.north != North::Grid {
        items.push((NORTH_ITEM, params.north_deg.to_string()));
    }
    if let Sampling::Divided { divisions } = params.sampling {
        items.push(("SVF_DIVISIONS", divisions.to_string()));
    }
    match &info.height_unit {
        HeightUnit::Unsaid => {}
        HeightUnit::Length { metres } => {
            items.push(("SVF_HEIGHT_UNIT", format!("{metres} m, as the input says")));
        }
        HeightUnit::Unknown(name) | HeightUnit::NoLength(name) => {
            items.push(("SVF_HEIGHT_UNIT", format!("{name}, as the input says")));
        }
    }
    if let (Some(path), Some(canopy)) = (&request.sky.canopy, params.canopy) {
        items.push(("SVF_CANOPY", file_name(path)));
        items.push(("SVF_TRANSMISSIVITY", canopy.transmissivity.to_string()));
        match &request.sky.trunk {
            Some(path) => items.push(("SVF_TRUNK", file_name(path))),
            None => items.push(("SVF_TRUNK_RATIO", request.sky.trunk_ratio.to_string())),
        }
    }
    if let Some(path) = &request.sky.receivers {
        items.push(("SVF_RECEIVERS", file_name(path)));
    }
    if let Some(curvature) = params.curvature {
        items.push(("SVF_REFRACTION", curvature.refraction.to_string()));
        items.push(("SVF_CURVATURE_RADIUS", curvature.earth_radius.to_string()));
    }
    if let HorizontalUnit::Angle { semi_major, flattening, .. } = info.grid.unit {
        // As in WKT: equatorial radius and inverse flattening, which is 0 for a sphere.
        let inverse = if flattening == 0.0 { 0.0 } else { 1.0 / flattening };
        items.push(("SVF_ELLIPSOID", format!("{semi_major} {inverse:.9}")));
    }
    if info.scale_offset != (1.0, 0.0) {
        let (scale, offset) = info.scale_offset;
        items.push(("SVF_INPUT_SCALE_OFFSET", format!("{scale} {offset}")));
    }
    if info.height_offset != 0.0 {
        items.push(("SVF_HEIGHT_OFFSET", info.height_offset.to_string()));
    }
    if let Some(nodata) = &request.sky.input_nodata {
        items.push(("SVF_INPUT_NODATA", nodata.to_string()));
    }
    if let Some(area_or_point) = &info.area_or_point {
        items.push(("AREA_OR_POINT", area_or_point.clone()));
    }
    items.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}
