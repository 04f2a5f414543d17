//! Reads what a file says about a band and about itself.

use gdal::raster::RasterBand;
use gdal::spatial_ref::SpatialRef;
use gdal::{Dataset, Metadata};
use gdal_sys::GDALColorInterp;

use crate::grid::Grid;
use crate::held::InputBlocks;
use crate::info::{Down, RasterInfo};
use crate::missing::has_signed_bytes;
use crate::units::HeightUnit;
use crate::{crs, io};

/// Everything that is known about band `number` of a file that was opened as `path` and that
/// users know as `shown`. If heights are `above_ground`, what the CRS says about heights does not
/// apply to them.
pub(crate) fn info_of(
    dataset: &Dataset,
    (number, band): (usize, &RasterBand<'_>),
    (path, shown): (&str, &str),
    above_ground: bool,
) -> RasterInfo {
    let signed_bytes = has_signed_bytes(band);
    let band_count = dataset.raster_count();
    let (block_cols, block_rows) = band.block_size();
    let colours: Vec<Option<&str>> = (1..=band_count)
        .map(|number| dataset.rasterband(number).ok().and_then(|band| colour_of(&band)))
        .collect();
    let grid = Grid::of(dataset);
    let own_crs = dataset.spatial_ref().ok();
    let mut height_unit = own_crs.as_ref().map(crs::height_unit).unwrap_or_default();
    if height_unit == HeightUnit::Unsaid {
        height_unit = unit_of_band(band);
    }
    let mut scale_offset = (band.scale().unwrap_or(1.0), band.offset().unwrap_or(0.0));
    // A negative scale has already changed their sign.
    let down = if above_ground || scale_offset.0 < 0.0 {
        None
    } else {
        points_down(band, own_crs.as_ref())
    };
    if down.is_some() {
        scale_offset = (-scale_offset.0, 0.0 - scale_offset.1);
    }
    let files = all_files(dataset, path);
    let cells = (block_rows as u64).saturating_mul(block_cols as u64);
    let held = InputBlocks::of(dataset, io::cell_bytes(band).saturating_mul(cells), &files);
    RasterInfo {
        path: shown.to_owned(),
        grid,
        band: number,
        band_count,
        data_type: if signed_bytes { "Int8".to_owned() } else { band.band_type().name() },
        cell_bytes: io::cell_bytes(band),
        signed_bytes,
        nodata: band.no_data_value(),
        block: (block_rows, block_cols),
        driver: dataset.driver().short_name(),
        known_range: known_range(band, scale_offset),
        scale_offset,
        height_unit,
        down,
        height_offset: 0.0,
        description: band.description().unwrap_or_default(),
        measures: dataset.metadata_item("SVF_MEASURES", ""),
        colour: colours[number - 1],
        colours: three_colours(&colours),
        area_or_point: dataset.metadata_item("AREA_OR_POINT", ""),
        files,
        parts: Vec::new(),
        open_at_once: 1,
        held,
    }
}

/// Which colour of a picture a band is.
fn colour_of(band: &RasterBand<'_>) -> Option<&'static str> {
    match io::color_interpretation(band) {
        GDALColorInterp::GCI_RedBand => Some("red"),
        GDALColorInterp::GCI_GreenBand => Some("green"),
        GDALColorInterp::GCI_BlueBand => Some("blue"),
        _ => None,
    }
}

/// Numbers of the red, green and blue band; 1, 2 and 3 if no band has such a name.
fn three_colours(colours: &[Option<&str>]) -> Option<[usize; 3]> {
    let number = |name: &str| colours.iter().position(|colour| *colour == Some(name));
    match ["red", "green", "blue"].map(number) {
        [Some(red), Some(green), Some(blue)] => Some([red + 1, green + 1, blue + 1]),
        [None, None, None] if (3..=4).contains(&colours.len()) => Some([1, 2, 3]),
        _ => None,
    }
}

/// The unit of the band: some drivers store it in their metadata.
fn unit_of_band(band: &RasterBand<'_>) -> HeightUnit {
    let more = ["GRIB_UNIT", "units"].into_iter().filter_map(|key| band.metadata_item(key, ""));
    let mut said = std::iter::once(band.unit()).chain(more).map(|name| HeightUnit::named(&name));
    said.find(|unit| *unit != HeightUnit::Unsaid).unwrap_or_default()
}

/// Whether the values of a band are depths, and what says so. The band has priority over the CRS.
fn points_down(band: &RasterBand<'_>, crs: Option<&SpatialRef>) -> Option<Down> {
    match band.metadata_item("positive", "").map(|way| way.trim().to_ascii_lowercase()).as_deref() {
        Some("down") => Some(Down::Attribute),
        Some("up") => None,
        _ => crs.is_some_and(crs::points_down).then_some(Down::Crs),
    }
}

/// Range of the heights from the statistics in the file, which are for stored values.
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
