//! Rectangles of a raster as a vector file, to look at on a map.

use std::path::Path;

use gdal::errors::GdalError;
use gdal::vector::{
    Feature, Geometry, LayerAccess, LayerOptions, OGRFieldType, OGRwkbGeometryType,
};
use gdal::{Dataset, DriverManager};
use svf_kernel::tile::Window;

use crate::error::{Op, RasterError};
use crate::grid::Grid;
use crate::session;
use crate::staging::{Staging, sweep_for};

/// A rectangle of cells with its attributes.
#[derive(Clone, Debug)]
pub struct Rectangle {
    /// The cells.
    pub window: Window,
    /// Whole numbers, in the order of the fields.
    pub numbers: Vec<u64>,
    /// Words, in the order of the fields.
    pub words: Vec<String>,
}

/// A layer of rectangles.
#[derive(Clone, Debug)]
pub struct Rectangles<'a> {
    /// Name of the layer.
    pub layer: &'a str,
    /// Names of the fields of whole numbers.
    pub numbers: &'a [&'a str],
    /// Names of the fields of words, behind them.
    pub words: &'a [&'a str],
    /// The rectangles.
    pub rectangles: Vec<Rectangle>,
}

/// Driver of a vector file by its extension: GeoPackage or GeoJSON.
///
/// # Errors
/// Any other extension.
pub fn vector_driver_for(path: &str) -> Result<&'static str, RasterError> {
    let extension = Path::new(path).extension().map(|e| e.to_string_lossy().to_ascii_lowercase());
    match extension.as_deref() {
        Some("gpkg") => Ok("GPKG"),
        Some("geojson" | "json") => Ok("GeoJSON"),
        _ => Err(RasterError::new(Op::Config, path, "an index is a .gpkg or a .geojson file")),
    }
}

/// Writes rectangles of `grid`, in its CRS.
///
/// # Errors
/// A file that cannot be written.
pub fn write_rectangles(path: &str, grid: &Grid, what: &Rectangles<'_>) -> Result<(), RasterError> {
    let failed = |e: GdalError| RasterError::new(Op::Write, path, session::reason(&e));
    let driver = vector_driver_for(path)?;
    sweep_for(path);
    let staging = Staging::new(path)?;
    let mut dataset = DriverManager::get_driver_by_name(driver)
        .and_then(|driver| driver.create_vector_only(staging.main()))
        .map_err(failed)?;
    // All in one transaction where the format has them: one sync, not one a tile.
    if driver == "GPKG" {
        let mut transaction = dataset.start_transaction().map_err(failed)?;
        fill(&mut transaction, grid, what).map_err(failed)?;
        transaction.commit().map_err(failed)?;
    } else {
        fill(&mut dataset, grid, what).map_err(failed)?;
    }
    dataset.close().map_err(failed)?;
    staging.sync()?;
    staging.publish(&|| true)
}

fn fill(dataset: &mut Dataset, grid: &Grid, what: &Rectangles<'_>) -> Result<(), GdalError> {
    let crs = grid.spatial_ref();
    let layer = dataset.create_layer(LayerOptions {
        name: what.layer,
        srs: crs.as_ref(),
        ty: OGRwkbGeometryType::wkbPolygon,
        options: None,
    })?;
    let numbers = what.numbers.iter().map(|name| (*name, OGRFieldType::OFTInteger64));
    let words = what.words.iter().map(|name| (*name, OGRFieldType::OFTString));
    layer.create_defn_fields(&numbers.chain(words).collect::<Vec<_>>())?;
    for rectangle in &what.rectangles {
        let mut feature = Feature::new(layer.defn())?;
        feature.set_geometry(polygon(grid, &rectangle.window)?)?;
        for (i, &number) in rectangle.numbers.iter().enumerate() {
            feature.set_field_integer64(i, i64::try_from(number).unwrap_or(i64::MAX))?;
        }
        for (i, word) in rectangle.words.iter().enumerate() {
            feature.set_field_string(what.numbers.len() + i, word)?;
        }
        feature.create(&layer)?;
    }
    Ok(())
}

/// The outline of a window, corner by corner.
fn polygon(grid: &Grid, window: &Window) -> Result<Geometry, GdalError> {
    let (top, left) = (window.row as f64, window.col as f64);
    let (bottom, right) = (window.row_end() as f64, window.col_end() as f64);
    let corners = [(top, left), (top, right), (bottom, right), (bottom, left), (top, left)];
    let mut ring = Geometry::empty(OGRwkbGeometryType::wkbLinearRing)?;
    for (row, col) in corners {
        let (x, y) = grid.coordinates(row, col);
        ring.add_point_2d((x, y));
    }
    let mut polygon = Geometry::empty(OGRwkbGeometryType::wkbPolygon)?;
    polygon.add_geometry(ring)?;
    Ok(polygon)
}
