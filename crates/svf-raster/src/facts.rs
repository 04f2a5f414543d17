//! Reads what a file says about a band and about itself.

use gdal::raster::{GdalDataType, RasterBand};
use gdal::spatial_ref::SpatialRef;
use gdal::{Dataset, Metadata};
use gdal_sys::GDALColorInterp;

use crate::behind::Behind;
use crate::crs::HorizontalUnit;
use crate::grid::Grid;
use crate::held::InputBlocks;
use crate::info::{Axes, Down, RasterInfo};
use crate::missing::has_signed_bytes;
use crate::units::HeightUnit;
use crate::{crs, io, session, whole};

/// Everything that is known about band `number` of a file that users know as `shown`. If heights are
/// `above_ground`, what the CRS says about heights does not apply to them.
pub(crate) fn info_of(
    dataset: &Dataset,
    (number, band): (usize, &RasterBand<'_>),
    shown: &str,
    behind: &Behind,
    above_ground: bool,
) -> RasterInfo {
    let files = behind.files.clone();
    let signed_bytes = has_signed_bytes(band) || has_signed_sources(dataset, &files, number, band);
    let band_count = dataset.raster_count();
    let (block_cols, block_rows) = band.block_size();
    let colours: Vec<Option<&str>> = (1..=band_count)
        .map(|number| dataset.rasterband(number).ok().and_then(|band| colour_of(&band)))
        .collect();
    let grid = Grid::of(dataset);
    let own_crs = dataset.spatial_ref().ok();
    let of_crs = own_crs.as_ref().map(crs::height_unit).unwrap_or_default();
    let of_band = unit_of_band(band);
    let unit_of_band_m = match (of_crs.metres(), of_band.metres()) {
        (Some(crs), Some(band)) if (crs - band).abs() > 1e-5 * crs => Some(band),
        _ => None,
    };
    let height_unit = if of_crs == HeightUnit::Unsaid { of_band } else { of_crs };
    let has_unit = grid.unit != HorizontalUnit::Unknown;
    let vertical_crs = own_crs.as_ref().and_then(crs::vertical_name);
    let mut scale_offset = (band.scale().unwrap_or(1.0), band.offset().unwrap_or(0.0));
    // A negative scale has already changed their sign.
    let is_turned = above_ground || scale_offset.0 < 0.0;
    let (down, called_depth) = match is_turned {
        true => (None, None),
        false => {
            let names = Names::of(band);
            let down = points_down(band, &names, own_crs.as_ref(), (dataset, &files));
            let is_up = attribute(band, "positive") == "up";
            (down, names.depth().filter(|_| down.is_none() && !is_up))
        }
    };
    if down.is_some() {
        scale_offset = (-scale_offset.0, 0.0 - scale_offset.1);
    }
    let block_px = [block_rows as u64, block_cols as u64];
    let held = InputBlocks::of(dataset, (block_px, io::cell_bytes(band)), &files);
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
        unit_of_band_m,
        vertical_crs,
        axes: if has_unit { Axes::Unsaid } else { axes_of(dataset) },
        down,
        called_depth,
        height_offset: 0.0,
        description: band.description().unwrap_or_default(),
        measures: measures_of(dataset, &files),
        colour: colours[number - 1],
        colours: three_colours(&colours),
        area_or_point: dataset.metadata_item("AREA_OR_POINT", ""),
        files,
        beside: behind.beside.clone(),
        by_content: behind.by_content.clone(),
        resampled: behind.resampled.clone(),
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

/// What the attributes of the axes say, which GDAL has as `NAME#units` and the like.
fn axes_of(dataset: &Dataset) -> Axes {
    let items = dataset.metadata_domain("").unwrap_or_default();
    // GDAL itself calls all axes so if it writes a raster without a CRS.
    if dataset.metadata_item("NC_GLOBAL#GDAL", "").is_some() {
        return Axes::Unsaid;
    }
    let of_axes = |key: &str| -> Vec<String> {
        let values = items.iter().filter_map(|item| item.split_once('='));
        values
            .filter(|(name, _)| name.rsplit_once('#').is_some_and(|(_, last)| last == key))
            .map(|(_, value)| value.trim().to_lowercase())
            .collect()
    };
    let (names, units) = (of_axes("standard_name"), of_axes("units"));
    let has = |values: &[String], known: &[&str]| values.iter().any(|v| known.contains(&&**v));
    // As in the CF conventions.
    const EAST: [&str; 6] =
        ["degrees_east", "degree_east", "degree_e", "degrees_e", "degreee", "degreese"];
    const NORTH: [&str; 6] =
        ["degrees_north", "degree_north", "degree_n", "degrees_n", "degreen", "degreesn"];
    let is_named = has(&names, &["longitude"]) && has(&names, &["latitude"]);
    if is_named || has(&units, &EAST) && has(&units, &NORTH) {
        return Axes::Degrees;
    }
    // The units of the axes alone: other variables can have some, too.
    let of_axis = |names: &[&str]| {
        names.iter().find_map(|name| dataset.metadata_item(&format!("{name}#units"), ""))
    };
    let x = of_axis(&["x", "X", "easting", "xc", "projection_x_coordinate"]);
    let y = of_axis(&["y", "Y", "northing", "yc", "projection_y_coordinate"]);
    match (x, y) {
        (Some(unit), Some(y)) if unit == y => match HeightUnit::named(&unit).metres() {
            Some(metres) => Axes::Length { unit, metres },
            None => Axes::Unsaid,
        },
        _ => Axes::Unsaid,
    }
}

/// Whether a VRT of bytes reads signed bytes: GDAL before 3.7 does not say it of the VRT.
fn has_signed_sources(
    dataset: &Dataset,
    files: &[String],
    number: usize,
    band: &RasterBand<'_>,
) -> bool {
    let driver = dataset.driver().short_name();
    if driver != "VRT" || band.band_type() != GdalDataType::UInt8 {
        return false;
    }
    // A file that cannot be opened says nothing of the others.
    let is_signed = |file: &String| {
        let source = Dataset::open(file).ok().filter(|it| it.driver().short_name() != "VRT")?;
        let number = number.min(source.raster_count());
        Some(source.rasterband(number).is_ok_and(|band| has_signed_bytes(&band)))
    };
    session::looking_aside(|| {
        let mut known = sources(dataset, files).filter_map(is_signed).peekable();
        known.peek().is_some() && known.all(|is_signed| is_signed)
    })
}

/// The measures of a result of these tools. A VRT does not have them, but its sources do.
fn measures_of(dataset: &Dataset, files: &[String]) -> Option<String> {
    const ASKED: usize = 8;
    // netCDF has a prefix for it; GDAL's own copies have a second one.
    let own = |dataset: &Dataset| {
        let keys = ["SVF_MEASURES", "NC_GLOBAL#SVF_MEASURES", "NC_GLOBAL#GDAL_SVF_MEASURES"];
        keys.into_iter().find_map(|key| dataset.metadata_item(key, ""))
    };
    let of_file = |file: &String| {
        session::looking_aside(|| Dataset::open(file).ok().and_then(|file| own(&file)))
    };
    own(dataset).or_else(|| sources(dataset, files).take(ASKED).find_map(of_file))
}

/// The files that a VRT reads, which are no VRTs; none for other formats.
pub(crate) fn sources<'a>(
    dataset: &Dataset,
    files: &'a [String],
) -> impl Iterator<Item = &'a String> + use<'a> {
    let is_vrt = dataset.driver().short_name() == "VRT";
    let is_cells = |file: &&String| {
        let name = file.to_ascii_lowercase();
        ![".vrt", ".xml", ".ovr", ".msk", ".prj", ".tfw"].iter().any(|end| name.ends_with(end))
    };
    files.iter().filter(is_cells).filter(move |_| is_vrt)
}

/// Names of a band, in lower case, and the texts that they come from.
struct Names(Vec<String>);

impl Names {
    fn of(band: &RasterBand<'_>) -> Self {
        // GDAL calls every band of numbers in a GeoPackage this, depths too, and copies have it.
        const OF_GEOPACKAGE: &str = "Height";
        let items = ["long_name", "NETCDF_VARNAME"].map(|key| band.metadata_item(key, ""));
        let own = band.description().ok().filter(|name| name != OF_GEOPACKAGE);
        let names = [own].into_iter().chain(items).flatten();
        Self(names.filter(|name| !name.is_empty()).collect())
    }

    fn has_word(name: &str, words: &[&str]) -> bool {
        let name = name.to_lowercase();
        name.split(|c: char| !c.is_alphabetic()).any(|word| words.contains(&word))
    }

    /// Whether the band has the name of heights.
    fn is_height(&self) -> bool {
        const HEIGHTS: [&str; 8] = [
            "elevation",
            "elevations",
            "height",
            "heights",
            "altitude",
            "topography",
            "dem",
            "dsm",
        ];
        self.0.iter().any(|name| Self::has_word(name, &HEIGHTS))
    }

    /// A name of depths, if there is one, and none of heights.
    fn depth(&self) -> Option<String> {
        const DEPTHS: [&str; 12] = [
            "depth",
            "depths",
            "bathymetry",
            "bathymetrie",
            "bathymétrie",
            "batimetria",
            "tiefe",
            "wassertiefe",
            "profondeur",
            "profundidad",
            "profondità",
            "diepte",
        ];
        let found = self.0.iter().find(|name| Self::has_word(name, &DEPTHS));
        found.filter(|_| !self.is_height()).cloned()
    }
}

/// An attribute of a band, in small letters.
fn attribute(band: &RasterBand<'_>, key: &str) -> String {
    band.metadata_item(key, "").unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether the values of a band are depths, and what says so. The band has priority over the CRS.
fn points_down(
    band: &RasterBand<'_>,
    names: &Names,
    crs: Option<&SpatialRef>,
    (dataset, files): (&Dataset, &[String]),
) -> Option<Down> {
    let item = |key: &str| attribute(band, key);
    match item("positive").as_str() {
        "down" => return Some(Down::Attribute),
        "up" => return None,
        _ => {}
    }
    // As in the table of the CF conventions: "sea_floor_depth_below_geoid".
    let standard = item("standard_name");
    if standard == "depth" || standard.contains("depth_below") {
        return Some(Down::StandardName);
    }
    let unit = format!("{} {}", band.unit(), item("units")).to_lowercase();
    if Names::has_word(&unit, &["below", "down"]) && !Names::has_word(&unit, &["above", "up"]) {
        return Some(Down::Unit);
    }
    let says_height = standard.contains("altitude") || standard.contains("height");
    if says_height || names.is_height() {
        return None;
    }
    let driver = dataset.driver().short_name();
    if driver == "S102" && names.depth().is_some() {
        return Some(Down::Band);
    }
    // Elevations in BAG files are positive up, by its specification. GDAL gives them a vertical
    // CRS of depths nevertheless.
    let is_bag = |file: &String| whole::driver_of(file).is_some_and(|driver| driver == "BAG");
    let down = crs.is_some_and(crs::points_down) && driver != "BAG";
    (down && !sources(dataset, files).any(is_bag)).then_some(Down::Crs)
}

/// Range of the heights from the statistics in the file, which are for stored values.
fn known_range(band: &RasterBand<'_>, (scale, offset): (f64, f64)) -> Option<(f64, f64)> {
    let statistic = |name: &str| band.metadata_item(name, "")?.trim().parse::<f64>().ok();
    let a = scale * statistic("STATISTICS_MINIMUM")? + offset;
    let b = scale * statistic("STATISTICS_MAXIMUM")? + offset;
    Some((a.min(b), a.max(b)))
}
