//! Places from a vector file, one feature at a time, in the CRS of a raster.
//!
//! Files without geometry (tables) are understood by their columns. A feature
//! that is no place says why; it does not stop the others.

use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};
use gdal::vector::{
    Feature, FieldValue, LayerAccess, OGRwkbGeometryType, OwnedFeatureIterator,
    geometry_type_flatten,
};
use gdal::{Dataset, DatasetOptions, GdalOpenFlags};

use crate::error::{Op, RasterError};
use crate::grid::Grid;
use crate::session;

/// A file of places.
pub struct PointFile {
    features: OwnedFeatureIterator,
    place: PlaceOf,
    transform: Option<CoordTransform>,
    /// How many features there are, where the format says so.
    pub count: Option<u64>,
    /// Whether the file says which CRS its coordinates are in.
    pub has_crs: bool,
}

/// A feature of it.
#[derive(Clone, Debug, PartialEq)]
pub struct PointFeature {
    /// The feature's number in the file.
    pub fid: u64,
    /// Coordinates (x, y) in the CRS of the raster.
    pub place: Result<(f64, f64), NoPlace>,
}

/// Why a feature is not a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPlace {
    /// It has no geometry, or its columns hold no numbers.
    Empty,
    /// It has another geometry than a point.
    NotAPoint,
    /// It cannot be expressed in the CRS of the raster.
    NotInCrs,
}

/// Where a feature keeps its place.
enum PlaceOf {
    Geometry,
    Columns(usize, usize),
}

impl PlaceOf {
    fn of(&self, feature: &Feature<'_>) -> Result<(f64, f64), NoPlace> {
        match *self {
            PlaceOf::Geometry => point_of(feature),
            PlaceOf::Columns(x, y) => Ok((number_in(feature, x)?, number_in(feature, y)?)),
        }
    }
}

/// Names of columns of coordinates, and whether they are longitude and latitude.
const COLUMNS: [(&str, &str, bool); 6] = [
    ("x", "y", false),
    ("easting", "northing", false),
    ("lon", "lat", true),
    ("lng", "lat", true),
    ("long", "lat", true),
    ("longitude", "latitude", true),
];

impl PointFile {
    /// Opens the only layer of a file, or the one named.
    ///
    /// # Errors
    /// Not a vector file, no such layer, no geometry and no columns of coordinates, or a
    /// CRS that has no way to that of the raster.
    pub fn open(path: &str, layer: Option<&str>, grid: &Grid) -> Result<Self, RasterError> {
        let failed = |reason: String| RasterError::new(Op::Points, path, reason);
        let dataset = Dataset::open_ex(
            path,
            DatasetOptions {
                open_flags: GdalOpenFlags::GDAL_OF_READONLY
                    | GdalOpenFlags::GDAL_OF_VECTOR
                    | GdalOpenFlags::GDAL_OF_VERBOSE_ERROR,
                ..DatasetOptions::default()
            },
        )
        .map_err(|error| {
            let reason = session::reason(&error);
            let reason = reason.strip_prefix(&format!("{path}: ")).unwrap_or(&reason);
            failed(reason.replace(&format!("`{path}' not"), "it is not"))
        })?;
        let names: Vec<String> = dataset.layers().map(|layer| layer.name()).collect();
        let number = match layer {
            Some(name) => names.iter().position(|known| known == name).ok_or_else(|| {
                failed(format!("no layer {name}")).hint(format!("it has {}", names.join(", ")))
            })?,
            None if names.len() == 1 => 0,
            None if names.is_empty() => return Err(failed("it has no layer".into())),
            None => {
                return Err(failed(format!("it has {} layers", names.len()))
                    .hint(format!("name one with --layer: {}", names.join(", "))));
            }
        };
        let layer = dataset.into_layer(number).map_err(|error| failed(session::reason(&error)))?;
        let mut crs = layer.spatial_ref();
        let place = if layer.defn().geom_fields().count() > 0
            && layer.defn().geometry_type() != OGRwkbGeometryType::wkbNone
        {
            PlaceOf::Geometry
        } else {
            let columns: Vec<String> =
                layer.defn().fields().map(|field| field.name().to_lowercase()).collect();
            let column = |name: &str| columns.iter().position(|known| known == name);
            let found =
                COLUMNS.iter().find_map(|&(x, y, degrees)| Some((column(x)?, column(y)?, degrees)));
            let Some((x, y, degrees)) = found else {
                return Err(failed("it has no geometry".into())
                    .hint("a table needs columns x and y, or lon and lat"));
            };
            if degrees {
                crs = SpatialRef::from_epsg(4326).ok();
            }
            PlaceOf::Columns(x, y)
        };
        let transform = match (&mut crs, grid.spatial_ref()) {
            (Some(from), Some(to)) => {
                from.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
                (*from != to)
                    .then(|| CoordTransform::new(from, &to))
                    .transpose()
                    .map_err(|error| failed(session::reason(&error)))?
            }
            _ => None,
        };
        Ok(Self {
            place,
            transform,
            count: layer.try_feature_count(),
            has_crs: crs.is_some(),
            features: layer.owned_features(),
        })
    }
}

impl Iterator for PointFile {
    type Item = PointFeature;

    fn next(&mut self) -> Option<PointFeature> {
        let feature = (&mut self.features).next()?;
        let place = self.place.of(&feature).and_then(|place| match &self.transform {
            Some(transform) => transformed(transform, place),
            None => Ok(place),
        });
        Some(PointFeature { fid: feature.fid().unwrap_or(0), place })
    }
}

fn transformed(transform: &CoordTransform, (x, y): (f64, f64)) -> Result<(f64, f64), NoPlace> {
    let (mut x, mut y) = ([x], [y]);
    match session::may_fail(|| transform.transform_coords(&mut x, &mut y, &mut [])) {
        Ok(()) if x[0].is_finite() && y[0].is_finite() => Ok((x[0], y[0])),
        _ => Err(NoPlace::NotInCrs),
    }
}

fn point_of(feature: &Feature<'_>) -> Result<(f64, f64), NoPlace> {
    let geometry = feature.geometry_by_index(0).map_err(|_| NoPlace::Empty)?;
    if geometry.is_empty() {
        return Err(NoPlace::Empty);
    }
    let (x, y, _) = match geometry_type_flatten(geometry.geometry_type()) {
        OGRwkbGeometryType::wkbPoint => geometry.get_point(0),
        OGRwkbGeometryType::wkbMultiPoint if geometry.geometry_count() == 1 => {
            geometry.get_geometry(0).get_point(0)
        }
        _ => return Err(NoPlace::NotAPoint),
    };
    Ok((x, y))
}

fn number_in(feature: &Feature<'_>, column: usize) -> Result<f64, NoPlace> {
    let number = match feature.field(column).ok().flatten() {
        Some(FieldValue::RealValue(number)) => Some(number),
        Some(FieldValue::IntegerValue(number)) => Some(f64::from(number)),
        Some(FieldValue::Integer64Value(number)) => Some(number as f64),
        Some(FieldValue::StringValue(text)) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|number| f64::is_finite(*number)).ok_or(NoPlace::Empty)
}
