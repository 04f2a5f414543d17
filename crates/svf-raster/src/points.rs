//! Reads points from a vector file, one feature at a time, in the CRS of a raster.
//!
//! In files without geometry (tables), columns have the coordinates. A feature that is not a
//! point has a reason; the others are still read.

use gdal::spatial_ref::{AxisMappingStrategy, SpatialRef};
use gdal::vector::{
    Feature, FieldValue, LayerAccess, OGRwkbGeometryType, OwnedFeatureIterator,
    geometry_type_flatten,
};
use gdal::{Dataset, DatasetOptions, GdalOpenFlags};

use crate::attributes::{Attribute, Attributes};
use crate::datum::{CoarseShift, Conversion};
use crate::error::{Op, RasterError};
use crate::grid::Grid;
use crate::gzip;
use crate::session::{self, OfRun};
use crate::stat::{NOT_REGULAR, refuse_special};
use crate::tables::{self, Copied};
use crate::whole_features;

/// A file of points.
pub struct PointFile {
    features: OfRun<OwnedFeatureIterator>,
    place: PlaceOf,
    reprojection: Reprojection,
    grid: Grid,
    /// Number of features, if the format knows it.
    pub count: Option<u64>,
    /// Whether the file says which CRS its coordinates are in.
    pub has_crs: bool,
    /// The attributes of its features.
    pub attributes: Vec<Attribute>,
    path: String,
    /// What GDAL said when it could not read a feature.
    failure: Option<String>,
    /// What is read instead of a table that this GDAL cannot read; dropped after the features.
    _copied: Option<Copied>,
}

/// A feature of it.
pub struct PointFeature {
    /// The feature's number in the file.
    pub fid: u64,
    /// Coordinates (x, y) in the CRS of the raster.
    pub place: Result<(f64, f64), NoPlace>,
    /// Whether it is outside the raster, but would be inside if x and y were swapped.
    pub seems_swapped: bool,
    /// Its attributes, in the order of those of the file.
    pub attributes: Option<Attributes>,
}

/// Why a feature is not a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPlace {
    /// It has no geometry, or its columns have no numbers.
    Empty,
    /// Its columns have numbers with decimal commas.
    DecimalComma,
    /// It has another geometry than a point.
    NotAPoint,
    /// It cannot be transformed to the CRS of the raster.
    NotInCrs,
}

/// Where a feature has its coordinates.
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
    /// Opens the only layer of a file, or the layer with the given name; `assumed` is the CRS for
    /// a file that has none.
    ///
    /// # Errors
    /// Not a vector file; no such layer; neither geometry nor columns of coordinates; a CRS given
    /// for a file that has one; or a CRS without a transformation to that of the raster.
    pub fn open(
        path: &str,
        layer: Option<&str>,
        assumed: Option<&str>,
        grid: &Grid,
    ) -> Result<Self, RasterError> {
        let _here = session::enter_here();
        let in_file = |error: RasterError| match error.reason == NOT_REGULAR {
            true => error.hint("save the points in a file first"),
            false => error,
        };
        refuse_special(path, path).map_err(in_file)?;
        let failed = |reason: String| RasterError::new(Op::Points, path, reason);
        let copied = tables::has_to_be_copied(path).then(|| tables::copy(path));
        let copied = copied.transpose().map_err(failed)?;
        let read = copied.as_ref().map_or_else(|| path.to_owned(), Copied::path);
        gzip::refuse_cut(path)?;
        session::take_damage();
        let dataset = Dataset::open_ex(
            &read,
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
            let error = failed(reason.replace(&format!("`{path}' not"), "it is not"));
            let hint = session::unknown_format(&error.reason);
            RasterError { hint, ..error }
        })?;
        whole_features::check(&dataset)?;
        let names: Vec<String> = dataset.layers().map(|layer| layer.name()).collect();
        let number = match layer {
            Some(name) => names.iter().position(|known| known == name).ok_or_else(|| {
                failed(format!("there is no layer {name}"))
                    .hint(format!("its layers are {}", names.join(", ")))
            })?,
            None if names.len() == 1 => 0,
            None if names.is_empty() => return Err(failed("it has no layer".into())),
            None => {
                return Err(failed(format!("it has {} layers", names.len()))
                    .hint(format!("choose one with --layer: {}", names.join(", "))));
            }
        };
        let layer = dataset.into_layer(number).map_err(|error| failed(session::reason(&error)))?;
        let mut crs = layer.spatial_ref().filter(is_defined);
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
        let attributes = Attribute::all_of(layer.defn());
        let count = layer.try_feature_count();
        whole_features::refuse_unread()?;
        let has_crs = crs.is_some();
        let reprojection = match (crs, assumed) {
            (Some(_), Some(_)) => {
                let reason = "the file already has a CRS";
                return Err(RasterError::new(Op::Config, path, reason).hint("omit --crs"));
            }
            (None, Some(_)) => Reprojection::new(assumed, grid, path)?,
            (from, None) => Reprojection::between(from, grid, path)?,
        };
        Ok(Self {
            place,
            attributes,
            has_crs: has_crs || assumed.is_some(),
            reprojection,
            grid: grid.clone(),
            count,
            features: OfRun::here(layer.owned_features()),
            path: path.to_owned(),
            failure: None,
            _copied: copied,
        })
    }

    /// The change of datum, if it can put points into other cells.
    pub fn coarse_shift(&self) -> Option<&CoarseShift> {
        self.reprojection.coarse_shift.as_ref()
    }
}

/// In a GeoPackage, a layer can have an undefined CRS, for which GDAL invents a CRS with that
/// name.
pub(crate) fn is_defined(crs: &SpatialRef) -> bool {
    let name = crs.name().unwrap_or_default().to_lowercase();
    !(name.starts_with("undefined geographic srs") || name.starts_with("undefined cartesian srs"))
}

impl Iterator for PointFile {
    type Item = Result<PointFeature, RasterError>;

    fn next(&mut self) -> Option<Self::Item> {
        let _here = self.features.enter();
        // What cannot be read any further looks like the end.
        let failures = session::failures();
        let feature = (&mut *self.features).next();
        if session::failures() > failures {
            self.failure.get_or_insert_with(session::last_message);
        }
        let Some(feature) = feature else {
            let reason = self.failure.take()?;
            return Some(Err(RasterError::new(Op::Points, &self.path, reason)));
        };
        let given = self.place.of(&feature);
        let place = given.and_then(|place| self.reprojection.apply(place));
        let seems_swapped =
            given.is_ok_and(|given| self.reprojection.seems_swapped(given, &self.grid));
        let attributes = Attributes::of(&feature);
        let fid = feature.fid().unwrap_or(0);
        Some(Ok(PointFeature { fid, place, seems_swapped, attributes }))
    }
}

/// The transformation of points to the CRS of a raster.
#[derive(Default)]
pub struct Reprojection {
    conversion: Option<Conversion>,
    /// The change of datum, if it can put points into other cells.
    pub coarse_shift: Option<CoarseShift>,
}

impl Reprojection {
    /// From a CRS as users name it (`EPSG:4326`, WKT, ...), or from the raster's own.
    /// Longitude comes before latitude.
    ///
    /// # Errors
    /// No such CRS, a raster without one, or no transformation between them; for the file `path`.
    pub fn new(from: Option<&str>, grid: &Grid, path: &str) -> Result<Self, RasterError> {
        let Some(name) = from else { return Ok(Self::default()) };
        let from = session::may_fail(|| SpatialRef::from_definition(name)).map_err(|_| {
            RasterError::new(Op::Config, name, "GDAL does not know this CRS")
                .hint("write e.g. EPSG:4326")
        })?;
        if grid.crs_wkt.is_none() {
            let reason = "the raster has no CRS, so coordinates cannot be converted to it";
            return Err(RasterError::new(Op::Config, path, reason));
        }
        Self::between(Some(from), grid, path)
    }

    fn between(from: Option<SpatialRef>, grid: &Grid, path: &str) -> Result<Self, RasterError> {
        let (Some(mut from), Some(to)) = (from, grid.spatial_ref()) else {
            return Ok(Self::default());
        };
        from.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        if from == to {
            return Ok(Self::default());
        }
        let conversion = Conversion::new(&from, &to)
            .map_err(|reason| RasterError::new(Op::Points, path, reason))?;
        let coarse_shift = CoarseShift::between(&from, grid);
        Ok(Self { conversion: Some(conversion), coarse_shift })
    }

    /// Whether a place (x, y) is outside the raster, but would be inside if x and y were swapped,
    /// for example latitude before longitude.
    pub fn seems_swapped(&self, (x, y): (f64, f64), grid: &Grid) -> bool {
        let is_inside = |place: (f64, f64)| {
            self.apply(place).is_ok_and(|(x, y)| grid.cell_at(grid.place(x, y)).is_some())
        };
        !is_inside((x, y)) && is_inside((y, x))
    }

    /// A place (x, y) in the CRS of the raster.
    ///
    /// # Errors
    /// A place that cannot be transformed.
    pub fn apply(&self, place: (f64, f64)) -> Result<(f64, f64), NoPlace> {
        match &self.conversion {
            Some(conversion) => conversion.place(place).ok_or(NoPlace::NotInCrs),
            None => Ok(place),
        }
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
        Some(FieldValue::StringValue(text)) => {
            let text = text.trim();
            let is_number = |text: &str| text.parse::<f64>().is_ok();
            if text.contains(',') && is_number(&text.replacen(',', ".", 1)) {
                return Err(NoPlace::DecimalComma);
            }
            text.parse().ok()
        }
        _ => None,
    };
    number.filter(|number| f64::is_finite(*number)).ok_or(NoPlace::Empty)
}
