//! Writes vector files: layers of points, lines and areas with their attributes, for a map or for
//! SQL queries.
//!
//! Features are written one by one (in batches, if the format has transactions), so memory does
//! not grow with their number. As with rasters, a file only gets its final name after
//! [`VectorWriter::finish`]: closed, checked, counted and synced.

use std::path::Path;

use gdal::errors::GdalError;
use gdal::vector::{
    Feature, Geometry, LayerAccess, LayerOptions, OGRFieldType, OGRwkbGeometryType,
};
use gdal::{Dataset, DatasetOptions, DriverManager, GdalOpenFlags};

use crate::attributes::{Attribute, Attributes, Known};
use crate::error::{Op, RasterError};
use crate::grid::Grid;
use crate::session::{self, OfRun};
use crate::staging::{Staging, remove_stale_for};

/// The geometry of the features of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One place each.
    Point,
    /// A line through several places.
    Line,
    /// A polygon; its last place is its first place.
    Polygon,
}

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Whole numbers.
    Whole,
    /// Numbers in double precision.
    Real,
    /// Words.
    Word,
}

/// A field of a feature.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FieldValue {
    /// No value.
    Null,
    /// A whole number.
    Whole(u64),
    /// A number.
    Real(f64),
    /// A text that is a constant of these tools.
    Word(&'static str),
}

/// A layer: its name, geometry and fields.
#[derive(Clone, Debug)]
pub struct LayerSpec {
    /// Name of the layer.
    pub name: &'static str,
    /// Its features.
    pub shape: Shape,
    /// Names and kinds of their fields, in the order of the cells.
    pub fields: Vec<(&'static str, FieldKind)>,
    /// Fields that come from another file, after those.
    pub attributes: Vec<Attribute>,
}

/// Formats of vector files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VectorFormat {
    /// GeoPackage.
    GeoPackage,
    /// GeoJSON, which has one layer.
    GeoJson,
    /// GeoParquet, which has one layer; not every GDAL can write it.
    Parquet,
}

impl VectorFormat {
    fn driver(self) -> &'static str {
        match self {
            VectorFormat::GeoPackage => "GPKG",
            VectorFormat::GeoJson => "GeoJSON",
            VectorFormat::Parquet => "Parquet",
        }
    }

    /// Refuses a format that this GDAL cannot write.
    ///
    /// # Errors
    /// A message of one line that names an alternative.
    pub fn check(self, path: &str) -> Result<(), RasterError> {
        let driver = self.driver();
        match DriverManager::get_driver_by_name(driver) {
            Ok(_) => Ok(()),
            Err(_) => {
                let reason = format!("this GDAL has no {driver} driver");
                Err(RasterError::new(Op::Config, path, reason)
                    .hint("write a GeoPackage (.gpkg) or CSV instead"))
            }
        }
    }

    /// GeoPackage or GeoJSON, by the extension of an index of tiles.
    ///
    /// # Errors
    /// Any other extension.
    pub fn of_index(path: &str) -> Result<Self, RasterError> {
        let extension =
            Path::new(path).extension().map(|e| e.to_string_lossy().to_ascii_lowercase());
        match extension.as_deref() {
            Some("gpkg") => Ok(VectorFormat::GeoPackage),
            Some("geojson") => Ok(VectorFormat::GeoJson),
            _ => Err(RasterError::new(
                Op::Config,
                path,
                "the index must be a .gpkg or .geojson file",
            )),
        }
    }
}

/// Number of features between two commits.
const BATCH: u64 = 20_000;

/// A vector file that is being written.
pub struct VectorWriter {
    /// Before its folder, because fields are dropped in order.
    dataset: OfRun<Dataset>,
    staging: Staging,
    path: String,
    /// The layers, and how many features each has so far.
    layers: Vec<(LayerSpec, u64)>,
    transactions: bool,
    /// Features since the last commit.
    pending: u64,
}

impl VectorWriter {
    /// Creates the file under a temporary name, with empty layers in the CRS of `grid`.
    ///
    /// # Errors
    /// A folder that cannot be written to, or a format that this GDAL does not have.
    pub fn create(
        path: &str,
        format: VectorFormat,
        grid: &Grid,
        layers: Vec<LayerSpec>,
    ) -> Result<Self, RasterError> {
        let _here = session::enter_here();
        format.check(path)?;
        remove_stale_for(path);
        let staging = Staging::new(path)?;
        let failed = |e: GdalError| {
            RasterError::new(Op::Create, path, staging.as_of(&session::reason(&e), path))
        };
        // Nobody can see the file before it is complete and synced, so it needs no journal and no
        // syncs in between.
        let fast = [("OGR_SQLITE_SYNCHRONOUS", "OFF"), ("OGR_SQLITE_JOURNAL", "OFF")];
        for (key, value) in fast {
            gdal::config::set_thread_local_config_option(key, value).map_err(failed)?;
        }
        let driver = DriverManager::get_driver_by_name(format.driver()).map_err(failed)?;
        let created = driver.create_vector_only(staging.main());
        for (key, _) in fast {
            gdal::config::clear_thread_local_config_option(key).map_err(failed)?;
        }
        let mut dataset = created.map_err(failed)?;
        let crs = grid.spatial_ref();
        for layer in &layers {
            let ty = match layer.shape {
                Shape::Point => OGRwkbGeometryType::wkbPoint,
                Shape::Line => OGRwkbGeometryType::wkbLineString,
                Shape::Polygon => OGRwkbGeometryType::wkbPolygon,
            };
            let options = LayerOptions { name: layer.name, srs: crs.as_ref(), ty, options: None };
            let created = dataset.create_layer(options).map_err(failed)?;
            let fields = layer.fields.iter().map(|&(name, kind)| {
                (
                    name,
                    match kind {
                        FieldKind::Whole => OGRFieldType::OFTInteger64,
                        FieldKind::Real => OGRFieldType::OFTReal,
                        FieldKind::Word => OGRFieldType::OFTString,
                    },
                )
            });
            created.create_defn_fields(&fields.collect::<Vec<_>>()).map_err(failed)?;
            let known = Known::of(&driver);
            layer.attributes.iter().try_for_each(|a| a.add_to(&created, &known)).map_err(failed)?;
        }
        let mut writer = Self {
            dataset: OfRun::here(dataset),
            staging,
            path: path.to_owned(),
            layers: layers.into_iter().map(|layer| (layer, 0)).collect(),
            transactions: format == VectorFormat::GeoPackage,
            pending: 0,
        };
        writer.begin()?;
        Ok(writer)
    }

    /// Adds a feature to layer number `layer`: its places (x, y), none for a feature without
    /// geometry; its values in the order of the fields; and its attributes from another file.
    ///
    /// # Errors
    /// Any failure since the session was armed.
    pub fn add(
        &mut self,
        layer: usize,
        places: &[(f64, f64)],
        cells: &[FieldValue],
        attributes: Option<&Attributes>,
    ) -> Result<(), RasterError> {
        let _here = self.dataset.enter();
        let spec = &self.layers[layer].0;
        let attributes = attributes.filter(|_| !spec.attributes.is_empty());
        let carried = attributes.map(|attributes| (attributes, spec.fields.len()));
        add_feature(&self.dataset, layer, spec.shape, (places, cells), carried)
            .map_err(|e| RasterError::new(Op::Write, &self.path, session::reason(&e)))?;
        self.layers[layer].1 += 1;
        self.pending += 1;
        if self.pending == BATCH {
            self.commit()?;
            self.begin()?;
        }
        Ok(())
    }

    fn begin(&mut self) -> Result<(), RasterError> {
        self.pending = 0;
        // SAFETY: a live dataset.
        self.transact(|dataset| unsafe { gdal_sys::GDALDatasetStartTransaction(dataset, 0) })
    }

    fn commit(&mut self) -> Result<(), RasterError> {
        // SAFETY: a live dataset.
        self.transact(|dataset| unsafe { gdal_sys::GDALDatasetCommitTransaction(dataset) })
    }

    fn transact(
        &mut self,
        step: impl FnOnce(gdal_sys::GDALDatasetH) -> gdal_sys::OGRErr::Type,
    ) -> Result<(), RasterError> {
        if self.transactions && step(self.dataset.c_dataset()) != gdal_sys::OGRErr::OGRERR_NONE {
            return Err(RasterError::new(Op::Write, &self.path, session::last_message()));
        }
        session::check(Op::Write, &self.path)
    }

    /// Completes the file and checks it, still under its temporary name.
    ///
    /// # Errors
    /// Anything that failed, however late.
    pub fn finish(mut self) -> Result<Staging, RasterError> {
        let _here = self.dataset.enter();
        self.commit()?;
        let Self { dataset, staging, path, layers, .. } = self;
        let (_here, dataset) = dataset.take();
        let failed = |e: GdalError| {
            RasterError::new(Op::Finish, &path, staging.as_of(&session::reason(&e), &path))
        };
        dataset.close().map_err(failed)?;
        session::check(Op::Finish, &path)?;
        let options =
            DatasetOptions { open_flags: GdalOpenFlags::GDAL_OF_VECTOR, ..Default::default() };
        let written = Dataset::open_ex(staging.main(), options).map_err(failed)?;
        for (number, (layer, features)) in layers.iter().enumerate() {
            // None if the whole file must be read to count.
            let found = written.layer(number).map_err(failed)?.try_feature_count();
            if found.is_some_and(|found| found != *features) {
                let reason =
                    format!("layer {} does not have all features that were written", layer.name);
                return Err(RasterError::new(Op::Finish, &path, reason));
            }
        }
        written.close().map_err(failed)?;
        staging.sync()?;
        Ok(staging)
    }
}

fn add_feature(
    dataset: &Dataset,
    layer: usize,
    shape: Shape,
    (places, cells): (&[(f64, f64)], &[FieldValue]),
    attributes: Option<(&Attributes, usize)>,
) -> Result<(), GdalError> {
    let layer = dataset.layer(layer)?;
    let mut feature = Feature::new(layer.defn())?;
    if !places.is_empty() {
        feature.set_geometry(geometry(shape, places)?)?;
    }
    for (i, cell) in cells.iter().enumerate() {
        match *cell {
            FieldValue::Null => feature.set_field_null(i)?,
            FieldValue::Whole(number) => {
                feature.set_field_integer64(i, i64::try_from(number).unwrap_or(i64::MAX))?;
            }
            FieldValue::Real(number) => feature.set_field_double(i, number)?,
            FieldValue::Word(word) => feature.set_field_string(i, word)?,
        }
    }
    if let Some((attributes, first)) = attributes {
        attributes.copy_to(&mut feature, first)?;
    }
    feature.create(&layer)
}

fn geometry(shape: Shape, places: &[(f64, f64)]) -> Result<Geometry, GdalError> {
    let (ty, part) = match shape {
        Shape::Point => (OGRwkbGeometryType::wkbPoint, None),
        Shape::Line => (OGRwkbGeometryType::wkbLineString, None),
        Shape::Polygon => (OGRwkbGeometryType::wkbLinearRing, Some(OGRwkbGeometryType::wkbPolygon)),
    };
    let mut geometry = Geometry::empty(ty)?;
    for &place in places {
        geometry.add_point_2d(place);
    }
    match part {
        None => Ok(geometry),
        Some(whole) => {
            let mut whole = Geometry::empty(whole)?;
            whole.add_geometry(geometry)?;
            Ok(whole)
        }
    }
}
