//! Geotransform and CRS on one side, integer cells on the other: the one type
//! that owns units, and every conversion between coordinates and cells.

use gdal::Dataset;
use gdal::spatial_ref::{AxisMappingStrategy, SpatialRef};
use svf_kernel::CellSize;
use svf_kernel::tile::Window;

use crate::error::{Op, RasterError};

/// What a horizontal coordinate of the CRS means.
#[derive(Clone, Debug, PartialEq)]
pub enum HorizontalUnit {
    /// No CRS: cells are in "map units", whatever they are.
    Unknown,
    /// A length: its name, and metres per unit.
    Length {
        /// Name as in the CRS, e.g. "metre".
        name: String,
        /// Metres per unit.
        metres: f64,
    },
    /// Degrees of longitude and latitude.
    Degrees,
}

/// The cells of a raster and where they lie.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// Number of rows.
    pub rows: u64,
    /// Number of columns.
    pub cols: u64,
    /// GDAL's affine coefficients: x0, dx/dcol, dx/drow, y0, dy/dcol, dy/drow.
    pub geo_transform: [f64; 6],
    /// Whether the file says so; otherwise cells are 1 x 1, rows running south.
    pub georeferenced: bool,
    /// Whether it has ground control points.
    pub gcps: bool,
    /// Metres per unit of the heights, if the CRS says.
    pub vertical_metres: Option<f64>,
    /// CRS as WKT, if there is one.
    pub crs_wkt: Option<String>,
    /// Unit of the horizontal coordinates.
    pub unit: HorizontalUnit,
}

impl Grid {
    pub(crate) fn of(dataset: &Dataset) -> Self {
        let (cols, rows) = dataset.raster_size();
        let known = dataset.geo_transform().ok();
        let geo_transform = known.unwrap_or([0.0, 1.0, 0.0, 0.0, 0.0, -1.0]);
        let crs = dataset.spatial_ref().ok();
        let unit = crs.as_ref().map_or(HorizontalUnit::Unknown, horizontal_unit);
        Self {
            rows: rows as u64,
            cols: cols as u64,
            geo_transform,
            georeferenced: known.is_some(),
            gcps: crate::io::has_gcps(dataset),
            vertical_metres: crs.as_ref().and_then(vertical_metres),
            crs_wkt: crs.and_then(|crs| crs.to_wkt().ok()).filter(|wkt| !wkt.is_empty()),
            unit,
        }
    }

    /// Ground length of a cell step, signed: rows may run north.
    pub fn cell_size(&self) -> CellSize {
        CellSize { east: self.geo_transform[1], south: -self.geo_transform[5] }
    }

    /// Length of the raster's diagonal, in CRS units.
    pub fn diagonal(&self) -> f64 {
        let cell = self.cell_size();
        (self.rows as f64 * cell.south).hypot(self.cols as f64 * cell.east)
    }

    /// The whole raster.
    pub fn whole(&self) -> Window {
        Window::whole(self.rows, self.cols)
    }

    /// Refuses what the search cannot use: rotated or sheared grids, and for now
    /// geographic ones.
    ///
    /// # Errors
    /// The reason, with the command that mends it.
    pub fn check(&self, path: &str, has_nodata: bool) -> Result<(), RasterError> {
        // What warping leaves empty must not become ground at height 0.
        let warp = |target: &str, output: &str| {
            let nodata = if has_nodata { "" } else { " -ot Float32 -dstnodata -9999" };
            format!("gdalwarp{target} -r bilinear{nodata} {} {output}", quoted(path))
        };
        let [_, dx, shear_x, _, shear_y, dy] = self.geo_transform;
        if !self.georeferenced && self.gcps {
            let reason = "it has ground control points instead of a grid";
            return Err(RasterError::new(Op::Grid, path, reason)
                .hint(format!("give it a grid first: {}", warp("", "gridded.tif"))));
        }
        if shear_x != 0.0 || shear_y != 0.0 {
            return Err(RasterError::new(Op::Grid, path, "the grid is rotated or sheared")
                .hint(format!("make it north-up first: {}", warp("", "north_up.tif"))));
        }
        if !(dx.is_finite() && dy.is_finite()) || dx == 0.0 || dy == 0.0 {
            return Err(RasterError::new(Op::Grid, path, format!("cell size is {dx} x {dy}")));
        }
        if self.unit == HorizontalUnit::Degrees {
            let reason = "its CRS is geographic: cells are in degrees, heights are not";
            return Err(RasterError::new(Op::Grid, path, reason).hint(format!(
                "project it first: {}",
                warp(&format!(" -t_srs EPSG:{}", self.utm_epsg()), "projected.tif")
            )));
        }
        Ok(())
    }

    /// EPSG code of the WGS 84 / UTM zone at the centre of a raster in degrees.
    fn utm_epsg(&self) -> u32 {
        let (x, y) = self.coordinates(self.rows as f64 / 2.0, self.cols as f64 / 2.0);
        let zone = (((x + 180.0) / 6.0).floor().clamp(0.0, 59.0)) as u32 + 1;
        if y < 0.0 { 32700 + zone } else { 32600 + zone }
    }

    /// Coordinates (x, y) of a place given in rows and columns from the top left.
    pub fn coordinates(&self, row: f64, col: f64) -> (f64, f64) {
        let [x0, dx, rx, y0, ry, dy] = self.geo_transform;
        (x0 + col * dx + row * rx, y0 + col * ry + row * dy)
    }

    /// Cells of the box `xmin, ymin, xmax, ymax`, its edges snapped to the nearest
    /// cell edges and clipped to the raster; none when nothing is left.
    pub fn window_of_bbox(&self, bbox: [f64; 4]) -> Option<Window> {
        let [x0, dx, _, y0, _, dy] = self.geo_transform;
        let span = |a: f64, b: f64, origin: f64, step: f64, cells: u64| {
            let edge = |v: f64| ((v - origin) / step).round().clamp(0.0, cells as f64) as u64;
            let (a, b) = (edge(a), edge(b));
            (a.min(b), a.max(b))
        };
        let [xmin, ymin, xmax, ymax] = bbox;
        let (col, col_end) = span(xmin, xmax, x0, dx, self.cols);
        let (row, row_end) = span(ymin, ymax, y0, dy, self.rows);
        (row < row_end && col < col_end).then_some(Window {
            row,
            col,
            rows: row_end - row,
            cols: col_end - col,
        })
    }

    /// The grid of a part of the raster.
    #[must_use]
    pub fn part(&self, window: &Window) -> Self {
        let (x, y) = self.coordinates(window.row as f64, window.col as f64);
        let mut part = self.clone();
        (part.rows, part.cols) = (window.rows, window.cols);
        (part.geo_transform[0], part.geo_transform[3]) = (x, y);
        // A part that does not start at the corner needs to say where it lies.
        part.georeferenced |= (window.row, window.col) != (0, 0);
        part
    }

    /// The CRS, for a dataset on this grid.
    pub(crate) fn spatial_ref(&self) -> Option<SpatialRef> {
        let mut crs = SpatialRef::from_wkt(self.crs_wkt.as_deref()?).ok()?;
        crs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        Some(crs)
    }
}

/// A file name as a shell takes it.
fn quoted(path: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-:+=,@%".contains(c);
    if path.chars().all(plain) {
        path.to_owned()
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}

fn vertical_metres(crs: &SpatialRef) -> Option<f64> {
    crs.get_attr_value("VERT_CS|UNIT", 1).ok()??.parse().ok()
}

fn horizontal_unit(crs: &SpatialRef) -> HorizontalUnit {
    if crs.is_geographic() {
        return HorizontalUnit::Degrees;
    }
    match crs.linear_units_name() {
        Some(name) if crs.is_projected() || crs.is_local() || crs.is_compound() => {
            HorizontalUnit::Length { name, metres: crs.linear_units() }
        }
        _ => HorizontalUnit::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid() -> Grid {
        Grid {
            rows: 60_834,
            cols: 46_667,
            geo_transform: [500_000.0, 0.5, 0.0, 4_000_000.0, 0.0, -0.5],
            georeferenced: true,
            gcps: false,
            vertical_metres: None,
            crs_wkt: None,
            unit: HorizontalUnit::Unknown,
        }
    }

    #[test]
    fn a_box_snaps_to_cell_edges() {
        let window = grid().window_of_bbox([500_010.2, 3_999_990.0, 500_020.0, 3_999_999.9]);
        assert_eq!(window, Some(Window { row: 0, col: 20, rows: 20, cols: 20 }));
    }

    #[test]
    fn a_box_outside_is_none_and_one_over_the_edge_is_clipped() {
        assert_eq!(grid().window_of_bbox([0.0, 0.0, 10.0, 10.0]), None);
        let window = grid().window_of_bbox([0.0, 3_999_999.0, 500_001.0, 5_000_000.0]);
        assert_eq!(window, Some(Window { row: 0, col: 0, rows: 2, cols: 2 }));
    }

    #[test]
    fn a_part_keeps_its_place() {
        let part = grid().part(&Window { row: 10, col: 4, rows: 2, cols: 3 });
        assert_eq!((part.rows, part.cols), (2, 3));
        assert_eq!(part.geo_transform, [500_002.0, 0.5, 0.0, 3_999_995.0, 0.0, -0.5]);
    }

    #[test]
    fn rotated_and_geographic_grids_say_how_to_mend_them() {
        let mut rotated = grid();
        rotated.geo_transform[2] = 0.1;
        let error = rotated.check("dem.tif", true).unwrap_err();
        assert!(error.to_string().contains("rotated"), "{error}");
        assert!(error.hint.unwrap().contains("gdalwarp"));
        let mut degrees = grid();
        degrees.unit = HorizontalUnit::Degrees;
        degrees.geo_transform = [10.0, 0.001, 0.0, 47.0, 0.0, -0.001];
        let error = degrees.check("dem.tif", true).unwrap_err();
        assert!(error.hint.unwrap().contains("EPSG:32636"), "centre is 33.3 east");
    }
}
