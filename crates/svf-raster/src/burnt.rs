//! A mask that is a vector file: its features, burnt on the grid of a raster. Cells count whose
//! centre lies in a polygon, which a line passes, or in which a point lies.
//!
//! Features are burnt block by block, and the blocks are always the same. So a cell does not depend
//! on which window is read.

use std::collections::HashSet;

use gdal::raster::{RasterizeOptions, rasterize};
use gdal::spatial_ref::{AxisMappingStrategy, SpatialRef};
use gdal::vector::{Geometry, LayerAccess, OGRwkbGeometryType, OwnedLayer, geometry_type_flatten};
use gdal::{Dataset, DatasetOptions, DriverManager, GdalOpenFlags};
use ndarray::{Array2, ArrayViewMut2, s};
use svf_kernel::tile::Window;

use crate::behind::log_of;
use crate::datum::{CoarseShift, Conversion};
use crate::error::{Op, RasterError, cut_short};
use crate::grid::Grid;
use crate::held::InputBlocks;
use crate::info::RasterInfo;
use crate::io;
use crate::names;
use crate::points::is_defined;
use crate::reader::cells;
use crate::session::{self, OfRun};
use crate::stat::refuse_special;
use crate::vrt::layer_sources;
use crate::watch::about_to_open;
use crate::{gzip, whole_features};

/// Rows and columns of a block.
const BLOCK_PX: u64 = 1024;
/// Blocks that are kept, because neighbouring windows need them.
const KEPT: usize = 4;
/// Features that are burnt together.
const TOGETHER: usize = 1000;

/// A vector file that says which cells of a grid count.
pub struct BurntMask {
    info: RasterInfo,
    layer: OfRun<OwnedLayer>,
    /// First row and column of each block, and whether its cells count.
    blocks: Vec<((u64, u64), Array2<bool>)>,
    /// Whether the file says which CRS its coordinates are in.
    pub has_crs: bool,
    /// The change of datum, if it can put its features into other cells.
    pub coarse_shift: Option<CoarseShift>,
}

/// Whether it is a line or several: then each cell that it passes counts.
fn is_line(geometry: &Geometry) -> bool {
    use OGRwkbGeometryType::{
        wkbCircularString, wkbCompoundCurve, wkbLineString, wkbMultiCurve, wkbMultiLineString,
    };
    let kinds =
        [wkbLineString, wkbMultiLineString, wkbCircularString, wkbCompoundCurve, wkbMultiCurve];
    kinds.contains(&geometry_type_flatten(geometry.geometry_type()))
}

/// Adds a geometry, or those of a collection.
fn add_simple(geometry: Geometry, all: &mut Vec<Geometry>) {
    let kind = geometry_type_flatten(geometry.geometry_type());
    if kind != OGRwkbGeometryType::wkbGeometryCollection {
        all.push(geometry);
        return;
    }
    for number in 0..geometry.geometry_count() {
        // A part of it belongs to the whole.
        add_simple(geometry.get_geometry(number).clone(), all);
    }
}

/// Whether GDAL reads a file as features, and not as a raster.
pub fn is_vector(path: &str) -> bool {
    if refuse_special(path, path).is_err() || names::is_pattern(path) {
        return false;
    }
    let _here = session::enter_here();
    let opens = |flags: GdalOpenFlags| {
        session::may_fail(|| {
            let open_flags = GdalOpenFlags::GDAL_OF_READONLY | flags;
            Dataset::open_ex(path, DatasetOptions { open_flags, ..DatasetOptions::default() })
        })
        .is_ok()
    };
    !opens(GdalOpenFlags::GDAL_OF_RASTER) && opens(GdalOpenFlags::GDAL_OF_VECTOR)
}

impl BurntMask {
    /// Opens the only layer of a file, or the layer with the given name, for the grid of `heights`.
    ///
    /// # Errors
    /// No such layer, or several layers and no name; a grid without a place; a CRS without a
    /// transformation to that of the grid.
    pub fn open(
        path: &str,
        layer: Option<&str>,
        heights: &RasterInfo,
    ) -> Result<Self, RasterError> {
        let _here = session::enter_here();
        let failed = |reason: String| RasterError::new(Op::Open, path, reason);
        let grid = &heights.grid;
        if !grid.georeferenced {
            return Err(failed(format!(
                "{} has no coordinates, so features cannot be placed on it",
                heights.path
            )));
        }
        let open_flags = GdalOpenFlags::GDAL_OF_READONLY
            | GdalOpenFlags::GDAL_OF_VECTOR
            | GdalOpenFlags::GDAL_OF_VERBOSE_ERROR;
        let options = DatasetOptions { open_flags, ..DatasetOptions::default() };
        about_to_open(path);
        gzip::refuse_cut(path)?;
        session::take_damage();
        let dataset =
            Dataset::open_ex(path, options).map_err(|error| failed(session::reason(&error)))?;
        whole_features::check(&dataset)?;
        let number = number_of(&dataset, layer, path)?;
        let driver = dataset.driver().short_name();
        let mut files = io::file_list(&dataset);
        if driver == "OGR_VRT" {
            files.extend(layer_sources(path));
        }
        let logs: Vec<String> = files.iter().filter_map(|file| log_of(file)).collect();
        files.extend(logs);
        let mut layer =
            dataset.into_layer(number).map_err(|error| failed(session::reason(&error)))?;
        if layer.defn().geometry_type() == OGRwkbGeometryType::wkbNone {
            let hint = "a mask has polygons, lines or points; some formats keep them in a file of \
                        their own";
            return Err(failed("it has no geometries".into()).hint(hint));
        }
        if driver == "FlatGeobuf" {
            refuse_fewer_features(&mut layer, path)?;
        }
        let crs = layer.spatial_ref().filter(is_defined);
        whole_features::refuse_unread()?;
        let has_crs = crs.is_some();
        let coarse_shift = crs.as_ref().and_then(|crs| CoarseShift::between(crs, grid));
        conversions_between(crs, grid)
            .map_err(|error| failed(format!("its CRS cannot be converted: {error}")))?;
        let info = RasterInfo {
            path: path.to_owned(),
            band: 1,
            band_count: 1,
            data_type: "Byte".to_owned(),
            cell_bytes: 1,
            signed_bytes: false,
            nodata: None,
            block: (cells(BLOCK_PX), cells(BLOCK_PX)),
            driver,
            scale_offset: (1.0, 0.0),
            height_offset: 0.0,
            files,
            beside: Vec::new(),
            by_content: HashSet::new(),
            resampled: None,
            parts: Vec::new(),
            open_at_once: 1,
            held: InputBlocks {
                block_px: [BLOCK_PX; 2],
                decoded: BLOCK_PX * BLOCK_PX,
                stored: KEPT as u64 * BLOCK_PX * BLOCK_PX,
                ..InputBlocks::default()
            },
            ..heights.clone()
        };
        Ok(Self { info, layer: OfRun::here(layer), blocks: Vec::new(), has_crs, coarse_shift })
    }

    /// What is known about it as a raster.
    pub fn info(&self) -> &RasterInfo {
        &self.info
    }

    /// Reads a window: 1 where a cell counts, else 0.
    ///
    /// # Errors
    /// Features that cannot be read.
    pub fn read<T: From<u8>>(
        &mut self,
        window: &Window,
        mut into: ArrayViewMut2<'_, T>,
    ) -> Result<(), RasterError> {
        let blocks =
            |first: u64, end: u64| (first / BLOCK_PX..end.div_ceil(BLOCK_PX)).map(|i| i * BLOCK_PX);
        for row in blocks(window.row, window.row_end()) {
            for col in blocks(window.col, window.col_end()) {
                let whole = Window { row, col, rows: BLOCK_PX, cols: BLOCK_PX };
                let Some(shared) = whole.meet(window) else { continue };
                let block = self.block((row, col))?;
                let part = |from: (u64, u64)| {
                    let (row, col) = (cells(shared.row - from.0), cells(shared.col - from.1));
                    s![row..row + cells(shared.rows), col..col + cells(shared.cols)]
                };
                into.slice_mut(part((window.row, window.col))).zip_mut_with(
                    &block.slice(part((row, col))),
                    |cell, counts| {
                        *cell = T::from(u8::from(*counts));
                    },
                );
            }
        }
        Ok(())
    }

    /// A block that begins at a row and column.
    fn block(&mut self, at: (u64, u64)) -> Result<&Array2<bool>, RasterError> {
        let known = self.blocks.iter().position(|(place, _)| *place == at);
        let number = match known {
            Some(number) => number,
            None => {
                let block = self.burn(at)?;
                if self.blocks.len() == KEPT {
                    self.blocks.remove(0);
                }
                self.blocks.push((at, block));
                self.blocks.len() - 1
            }
        };
        Ok(&self.blocks[number].1)
    }

    fn burn(&mut self, (row, col): (u64, u64)) -> Result<Array2<bool>, RasterError> {
        let Self { info, layer, .. } = self;
        let _here = layer.enter();
        // They belong to one thread.
        let conversions = conversions_between(layer.spatial_ref().filter(is_defined), &info.grid)
            .map_err(|error| RasterError::new(Op::Read, &info.path, error))?;
        let whole = info.grid.whole();
        let (rows, cols) = (BLOCK_PX.min(whole.rows - row), BLOCK_PX.min(whole.cols - col));
        let window = Window { row, col, rows, cols };
        let failed = |reason: String| RasterError::new(Op::Read, &info.path, reason).at(window);
        let of_gdal = |error: gdal::errors::GdalError| failed(session::reason(&error));
        let grid = info.grid.part(&window);
        let driver = DriverManager::get_driver_by_name("MEM").map_err(of_gdal)?;
        let mut burnt = driver
            .create_with_band_type::<u8, _>("", cells(cols), cells(rows), 1)
            .map_err(of_gdal)?;
        burnt.set_geo_transform(&grid.geo_transform).map_err(of_gdal)?;
        filter(layer, conversions.as_ref().map(|[_, back]| back), &grid);
        let mut geometries: Vec<Geometry> = Vec::new();
        let mut burn = |geometries: &mut Vec<Geometry>| {
            let (lines, others): (Vec<_>, Vec<_>) = geometries.drain(..).partition(is_line);
            for (geometries, all_touched) in [(lines, true), (others, false)] {
                if !geometries.is_empty() {
                    let values = vec![1.0; geometries.len()];
                    let how = RasterizeOptions { all_touched, ..RasterizeOptions::default() };
                    rasterize(&mut burnt, &[1], &geometries, &values, Some(how))?;
                }
            }
            Ok(())
        };
        let failures = session::failures();
        for feature in layer.features() {
            let Some(geometry) = feature.geometry().filter(|geometry| !geometry.is_empty()) else {
                continue;
            };
            let geometry = match &conversions {
                None => geometry.clone(),
                // What cannot be transformed is not on the grid.
                Some([to, _]) => match to.geometry(geometry) {
                    Some(geometry) => geometry,
                    None => continue,
                },
            };
            add_simple(geometry, &mut geometries);
            if geometries.len() >= TOGETHER {
                burn(&mut geometries).map_err(of_gdal)?;
            }
        }
        if !geometries.is_empty() {
            burn(&mut geometries).map_err(of_gdal)?;
        }
        // A file that cannot be read any further looks like its end.
        if session::failures() > failures {
            return Err(failed(session::last_message()));
        }
        let (rows, cols) = (cells(rows), cells(cols));
        let band = burnt.rasterband(1).map_err(of_gdal)?;
        let values = band.read_as::<u8>((0, 0), (cols, rows), (cols, rows), None);
        let values = values.map_err(of_gdal)?;
        let counts = values.data().iter().map(|value| *value != 0).collect();
        Array2::from_shape_vec((rows, cols), counts).map_err(|error| failed(error.to_string()))
    }
}

/// Refuses a file that has fewer features than it says. Its index finds those of a place, and GDAL
/// takes an index that is cut short for one that finds none.
fn refuse_fewer_features(layer: &mut OwnedLayer, path: &str) -> Result<(), RasterError> {
    let failures = session::failures();
    let (said, read) = (layer.try_feature_count(), layer.features().count() as u64);
    if session::failures() > failures || said.is_some_and(|said| said != read) {
        return Err(cut_short(path, "it has fewer features than it says"));
    }
    Ok(())
}

/// The number of a layer by its name, or of the only one.
fn number_of(dataset: &Dataset, name: Option<&str>, path: &str) -> Result<usize, RasterError> {
    let failed = |reason: String| RasterError::new(Op::Open, path, reason);
    let names: Vec<String> = dataset.layers().map(|layer| layer.name()).collect();
    match name {
        Some(name) => names.iter().position(|known| known == name).ok_or_else(|| {
            failed(format!("there is no layer {name}"))
                .hint(format!("its layers are {}", names.join(", ")))
        }),
        None if names.len() == 1 => Ok(0),
        None if names.is_empty() => Err(failed("it has no layer".into())),
        None => Err(failed(format!("it has {} layers", names.len()))
            .hint(format!("choose one with --receivers-layer: {}", names.join(", ")))),
    }
}

/// From the CRS of a layer to that of a grid, and back; none if they do not differ.
fn conversions_between(
    from: Option<SpatialRef>,
    grid: &Grid,
) -> Result<Option<[Conversion; 2]>, String> {
    let (Some(mut from), Some(to)) = (from, grid.spatial_ref()) else { return Ok(None) };
    from.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    if from == to {
        return Ok(None);
    }
    Ok(Some([Conversion::new(&from, &to)?, Conversion::new(&to, &from)?]))
}

/// Passes over features far away from a grid.
fn filter(layer: &mut OwnedLayer, back: Option<&Conversion>, grid: &Grid) {
    const DENSE: i32 = 21;
    let [left, bottom, right, top] = grid.bbox();
    let around = match back {
        None => Some([left, bottom, right, top]),
        Some(back) => back.bounds([left, bottom, right, top], DENSE),
    };
    layer.clear_spatial_filter();
    if let Some([left, bottom, right, top]) = around.filter(|b| b.iter().all(|x| x.is_finite())) {
        // The edges of the grid are curves there.
        let (x, y) = (0.02 * (right - left).abs(), 0.02 * (top - bottom).abs());
        let (left, right) = (left.min(right) - x, left.max(right) + x);
        let (bottom, top) = (bottom.min(top) - y, bottom.max(top) + y);
        layer.set_spatial_filter_rect(left, bottom, right, top);
    }
}
