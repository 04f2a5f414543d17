//! Converts between coordinates (geotransform and CRS) and integer cells. This type is the only
//! one that knows units and does such conversions.

use std::sync::{Mutex, PoisonError};

use gdal::Dataset;
use gdal::spatial_ref::{AxisMappingStrategy, SpatialRef};
use svf_kernel::tile::Window;
use svf_kernel::{BadLatitude, CellSize, Graticule, Ground};

pub use crate::crs::HorizontalUnit;
use crate::crs::{Ellipsoid, Scale, ToGround};
use crate::error::{Op, RasterError};
use crate::mend::{Source, quoted};

/// The cells of a raster and where they are.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// Number of rows.
    pub rows: u64,
    /// Number of columns.
    pub cols: u64,
    /// GDAL's affine coefficients: x0, dx/dcol, dx/drow, y0, dy/dcol, dy/drow.
    pub geo_transform: [f64; 6],
    /// Whether the file has a geotransform; otherwise cells are 1 x 1, and rows run south.
    pub georeferenced: bool,
    /// Whether it has ground control points.
    pub gcps: bool,
    /// CRS as WKT, if there is one.
    pub crs_wkt: Option<String>,
    /// Unit of the horizontal coordinates.
    pub unit: HorizontalUnit,
}

/// A place on the Earth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OnEarth {
    /// Longitude, degrees.
    pub longitude_deg: f64,
    /// Latitude, degrees.
    pub latitude_deg: f64,
    /// True north, degrees clockwise from grid north.
    pub north_deg: f64,
}

impl Grid {
    pub(crate) fn of(dataset: &Dataset) -> Self {
        let (cols, rows) = dataset.raster_size();
        let known = dataset.geo_transform().ok();
        let mut geo_transform = known.unwrap_or([0.0, 1.0, 0.0, 0.0, 0.0, -1.0]);
        forget_tiny_shear(&mut geo_transform, rows as f64, cols as f64);
        let crs = dataset.spatial_ref().ok();
        let unit = crs.as_ref().map_or(HorizontalUnit::Unknown, HorizontalUnit::of);
        Self {
            rows: rows as u64,
            cols: cols as u64,
            geo_transform,
            georeferenced: known.is_some(),
            gcps: crate::io::has_gcps(dataset),
            crs_wkt: crs.and_then(|crs| crs.to_wkt().ok()).filter(|wkt| !wkt.is_empty()),
            unit,
        }
    }

    /// The size on the ground of the cells of the receivers in `window`: in units of the CRS, or
    /// in metres if these are angles.
    pub fn ground(&self, window: &Window) -> Ground {
        let [_, dx, _, y0, _, dy] = self.geo_transform;
        match self.unit {
            HorizontalUnit::Angle { degrees, semi_major, flattening } => Graticule {
                first_row_deg: (y0 + dy / 2.0) * degrees,
                south_deg: -dy * degrees,
                east_deg: dx * degrees,
                semi_major,
                flattening,
                rows: window.row..window.row_end(),
            }
            .into(),
            _ => CellSize { east: dx, south: -dy }.into(),
        }
    }

    /// Cell size on the ground at the raster's middle row, signed: rows may run north.
    pub fn middle_cell(&self) -> CellSize {
        self.ground(&self.whole()).cell_at(self.rows / 2)
    }

    /// The smaller side of its middle cell, metres; none if lengths are not known in metres.
    pub(crate) fn smaller_side_m(&self) -> Option<f64> {
        let CellSize { east, south } = self.middle_cell();
        let metres = match self.unit {
            HorizontalUnit::Unknown => return None,
            HorizontalUnit::Length { metres, .. } => metres,
            HorizontalUnit::Angle { .. } => 1.0,
        };
        Some(east.abs().min(south.abs()) * metres)
    }

    /// An upper limit for the distance between two cells of the raster, ground units.
    pub fn diagonal(&self) -> f64 {
        self.ground(&self.whole()).diagonal(self.rows, self.cols)
    }

    /// A distance beyond which nothing of the raster is seen, ground units.
    pub fn farthest(&self) -> f64 {
        self.ground(&self.whole()).farthest(self.rows, self.cols)
    }

    /// The whole raster.
    pub fn whole(&self) -> Window {
        Window::whole(self.rows, self.cols)
    }

    /// Refuses what the search cannot use: rotated or sheared grids.
    ///
    /// # Errors
    /// The reason, with the command that mends it.
    pub fn check(&self, of: &Source) -> Result<(), RasterError> {
        let path = &of.path;
        let [_, dx, shear_x, _, shear_y, dy] = self.geo_transform;
        if self.geo_transform.iter().any(|number| !number.is_finite()) {
            let hint = "give it a place: gdal_translate -a_ullr LEFT TOP RIGHT BOTTOM";
            let reason = "its place or the size of its cells is not a number";
            return Err(RasterError::new(Op::Grid, path, reason).hint(hint));
        }
        if !self.georeferenced && self.gcps {
            let reason = "it has ground control points instead of a grid";
            return Err(RasterError::new(Op::Grid, path, reason)
                .hint(format!("convert it to a grid first: {}", of.warp("", "gridded.tif"))));
        }
        if shear_x != 0.0 || shear_y != 0.0 {
            return Err(RasterError::new(Op::Grid, path, "the grid is rotated or sheared")
                .hint(format!("make it north-up first: {}", of.warp("", "north_up.tif"))));
        }
        // The height of a cell on the ground is the same for all rows, except for those at a
        // pole.
        CellSize { east: dx, south: dy }
            .validate()
            .and_then(|()| self.middle_cell().validate())
            .map_err(|error| RasterError::new(Op::Grid, path, error.to_string()))?;
        Ok(())
    }

    /// Refuses receivers on a geographic grid that lie beyond a pole, or so near to
    /// it that the search on their own plane would miss the cells it means: when
    /// sight lines of length `radius` bend by more than [`svf_kernel::MOST_BEND`].
    ///
    /// # Errors
    /// The reason, with the command that mends it.
    pub fn check_latitudes(
        &self,
        window: &Window,
        radius: f64,
        of: &Source,
    ) -> Result<(), RasterError> {
        let path = &of.path;
        let Ground::Ellipsoid(graticule) = self.ground(window) else { return Ok(()) };
        let bad = match graticule.check_sight_lines(radius) {
            Ok(()) => return Ok(()),
            Err(bad @ BadLatitude::BeyondPole { .. }) => {
                let reason = format!("its CRS is in degrees, but {bad}");
                let mend = of.assign_crs("EPSG:...", "right_crs");
                return Err(RasterError::new(Op::Grid, path, reason)
                    .hint(format!("name the right CRS: {mend}")));
            }
            Err(bad) => bad,
        };
        let degrees = match self.unit {
            HorizontalUnit::Angle { degrees, .. } => degrees,
            _ => 1.0,
        };
        let highest = graticule.highest_latitude_deg();
        let (x, y) = self.middle();
        let [left, _, right, top] = self.bbox().map(|side| side * degrees);
        // No zone of UTM is as wide.
        let target = match right - left > WIDEST_DEG {
            true => self.projection_at(0.0, if top >= highest - 1e-9 { 90.0 } else { -90.0 }),
            false => self.projection_at(x * degrees, y * degrees),
        };
        let warp = of.warp(&format!(" -t_srs {target}"), "projected.tif");
        let hint =
            "use a shorter --radius, or only a part of the raster (--bbox), or project it first";
        Err(RasterError::new(Op::Grid, path, bad.to_string()).hint(format!("{hint}: {warp}")))
    }

    /// A CRS, as GDAL's programs accept it, whose map is true to scale around a longitude and
    /// latitude on the body of this grid's CRS. It is never the CRS of the grid itself.
    fn projection_at(&self, longitude_deg: f64, latitude_deg: f64) -> String {
        let stereographic = |body: &str| {
            format!(
                "'+proj=stere +lat_0={latitude_deg:.4} +lon_0={longitude_deg:.4} {body} +units=m'"
            )
        };
        if let Some(body) = self.ellipsoid().filter(|body| !body.is_earth()) {
            return stereographic(&body.proj());
        }
        // The polar maps that have an EPSG code are true to scale at 71 degrees; at the pole the
        // error is 3 %.
        let utm = format!("EPSG:{}", utm_epsg(longitude_deg, latitude_deg));
        let is_own = self.crs_name().as_ref() == Some(&utm);
        if is_own || latitude_deg.abs() > UTM_ENDS_DEG {
            stereographic("+datum=WGS84")
        } else {
            utm
        }
    }

    /// The command that projects the raster to a map that is true to scale around a longitude and
    /// latitude.
    pub fn project(&self, of: &Source, place: &Scale) -> String {
        let target = self.projection_at(place.longitude_deg, place.latitude_deg);
        of.warp(&format!(" -t_srs {target}"), "projected.tif")
    }

    /// The command that sets a CRS of longitude and latitude, on the body of this grid's CRS, or
    /// else on the Earth.
    pub fn call_degrees(&self, of: &Source) -> String {
        let crs = match self.ellipsoid().filter(|body| !body.is_earth()) {
            Some(body) => format!("'+proj=longlat {}'", body.proj()),
            None => "EPSG:4326".to_owned(),
        };
        of.assign_crs(&crs, "in_degrees")
    }

    /// The ellipsoid of the body of the CRS; none if the CRS does not have one.
    pub fn ellipsoid(&self) -> Option<Ellipsoid> {
        let crs = self.spatial_ref()?;
        (crs.is_projected() || crs.is_geographic()).then(|| Ellipsoid::of(&crs)).flatten()
    }

    /// How the map of the CRS changes lengths: in the middle of the raster, and the smallest and
    /// largest [`Scale::mean`] of the middle and the corners. None if cells are not lengths on a
    /// map of a body, or if PROJ cannot compute it.
    pub fn scale(&self) -> Option<(Scale, (f64, f64))> {
        if !matches!(self.unit, HorizontalUnit::Length { .. }) {
            return None;
        }
        let ground = ToGround::new(&self.spatial_ref()?)?;
        let middle = ground.scale(self.middle())?;
        let [corners @ .., _] = self.outline(&self.whole());
        let means = corners.into_iter().filter_map(|at| ground.scale(at)).map(|scale| scale.mean());
        let range =
            means.fold((middle.mean(), middle.mean()), |(low, high), k| (low.min(k), high.max(k)));
        Some((middle, range))
    }

    /// Where coordinates are on the Earth; none if the CRS does not say that.
    pub fn on_earth(&self, (x, y): (f64, f64)) -> Option<OnEarth> {
        if !self.ellipsoid()?.is_earth() {
            return None;
        }
        if let HorizontalUnit::Angle { degrees, .. } = self.unit {
            let (longitude_deg, latitude_deg) = (x * degrees, y * degrees);
            return Some(OnEarth { longitude_deg, latitude_deg, north_deg: 0.0 });
        }
        let Scale { longitude_deg, latitude_deg, north_deg, .. } =
            ToGround::new(&self.spatial_ref()?)?.scale((x, y))?;
        Some(OnEarth { longitude_deg, latitude_deg, north_deg })
    }

    /// Whether coordinates could be longitudes and latitudes in degrees, by their range alone.
    pub fn could_be_degrees(&self) -> bool {
        let [_, dx, _, _, _, dy] = self.geo_transform;
        let (left, top) = self.coordinates(0.0, 0.0);
        let (right, bottom) = self.coordinates(self.rows as f64, self.cols as f64);
        // If cell centres are on the border, a grid reaches half a cell beyond it.
        let (over_x, over_y) = (0.51 * dx.abs(), 0.51 * dy.abs());
        let (west, east) = (left.min(right), left.max(right));
        let is_longitude = -180.0 - over_x..=360.0 + over_x;
        self.georeferenced
            && is_longitude.contains(&west)
            && is_longitude.contains(&east)
            && east - west <= 360.0 + 2.0 * over_x
            && top.abs().max(bottom.abs()) <= 90.0 + over_y
    }

    /// Whether coordinates could be kilometres, by their range alone: no place on the Earth is
    /// farther from the origin of a map.
    pub fn could_be_kilometres(&self) -> bool {
        const HALF_AROUND_KM: f64 = 20_038.0;
        let [_, dx, _, _, _, dy] = self.geo_transform;
        let is_metres = match &self.unit {
            HorizontalUnit::Unknown => true,
            HorizontalUnit::Length { metres, .. } => (metres - 1.0).abs() < 1e-9,
            HorizontalUnit::Angle { .. } => false,
        };
        self.georeferenced
            && is_metres
            && dx.abs().max(dy.abs()) < 1.0
            && self.bbox().iter().all(|side| side.abs() <= HALF_AROUND_KM)
    }

    /// Coordinates (x, y) of the middle of the raster.
    pub(crate) fn middle(&self) -> (f64, f64) {
        self.coordinates(self.rows as f64 / 2.0, self.cols as f64 / 2.0)
    }

    /// Whether a geographic raster covers all longitudes, so that its left and right edge are the
    /// same place.
    pub fn goes_around(&self) -> bool {
        match self.unit {
            HorizontalUnit::Angle { degrees, .. } => {
                (self.cols as f64 * self.geo_transform[1] * degrees).abs() > 359.999
            }
            _ => false,
        }
    }

    /// Coordinates (x, y) of a place given in rows and columns from the top left.
    pub fn coordinates(&self, row: f64, col: f64) -> (f64, f64) {
        let [x0, dx, rx, y0, ry, dy] = self.geo_transform;
        (x0 + col * dx + row * rx, y0 + col * ry + row * dy)
    }

    /// The box around the raster: smallest x and y, largest x and y.
    pub fn bbox(&self) -> [f64; 4] {
        let (left, top) = self.coordinates(0.0, 0.0);
        let (right, bottom) = self.coordinates(self.rows as f64, self.cols as f64);
        [left.min(right), bottom.min(top), left.max(right), bottom.max(top)]
    }

    /// The ring (x, y) around a window of cells, corner by corner, closed.
    pub fn outline(&self, window: &Window) -> [(f64, f64); 5] {
        let (top, left) = (window.row as f64, window.col as f64);
        let (bottom, right) = (window.row_end() as f64, window.col_end() as f64);
        [(top, left), (top, right), (bottom, right), (bottom, left), (top, left)]
            .map(|(row, col)| self.coordinates(row, col))
    }

    /// Row and column, from the top left, of a place given in coordinates: the
    /// inverse of [`Grid::coordinates`] on a grid that is not rotated.
    pub fn place(&self, x: f64, y: f64) -> (f64, f64) {
        let [x0, dx, _, y0, _, dy] = self.geo_transform;
        ((y - y0) / dy, (x - x0) / dx)
    }

    /// The cell (row, column) that contains a place given in rows and columns; none outside the
    /// raster. The upper and the left edge belong to a cell, the other edges to the next cells.
    pub fn cell_at(&self, (row, col): (f64, f64)) -> Option<(u64, u64)> {
        let inside = |place: f64, cells: u64| place >= 0.0 && place < cells as f64;
        (inside(row, self.rows) && inside(col, self.cols)).then_some((row as u64, col as u64))
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

    /// Whether the cells of two grids of the same size have the same places, within a thousandth
    /// of a cell.
    pub fn lies_on(&self, other: &Grid) -> bool {
        self.is_within(other, 1e-3)
    }

    /// The same, within a share of the cells of the other one.
    pub(crate) fn is_within(&self, other: &Grid, cells: f64) -> bool {
        let mut corners =
            self.outline(&self.whole()).into_iter().zip(other.outline(&other.whole()));
        corners.all(|(at, wanted)| other.is_near(wanted, at, cells))
    }

    /// Whether two places (x, y) are the same within a share of a cell.
    pub(crate) fn is_near(&self, (x, y): (f64, f64), at: (f64, f64), cells: f64) -> bool {
        let [_, dx, _, _, _, dy] = self.geo_transform;
        (x - at.0).abs() <= cells * dx.abs() && (y - at.1).abs() <= cells * dy.abs()
    }

    /// The command that resamples another raster to this grid.
    pub fn warp_onto(&self, path: &str, resampling: &str) -> String {
        let [left, bottom, right, top] = self.bbox();
        format!(
            "put it on the same grid: gdalwarp -r {resampling} -te {left} {bottom} {right} {top} -ts {} {} {} same_grid.tif",
            self.cols,
            self.rows,
            quoted(path)
        )
    }

    /// The grid of a part of the raster.
    #[must_use]
    pub fn part(&self, window: &Window) -> Self {
        let (x, y) = self.coordinates(window.row as f64, window.col as f64);
        let mut part = self.clone();
        (part.rows, part.cols) = (window.rows, window.cols);
        (part.geo_transform[0], part.geo_transform[3]) = (x, y);
        // A part that does not start at the corner needs a geotransform.
        part.georeferenced |= (window.row, window.col) != (0, 0);
        part
    }

    /// Row and column in this grid of the first cell of another grid, if the cells of both
    /// coincide within a thousandth of a cell.
    pub fn offset_of(&self, other: &Grid) -> Option<(i64, i64)> {
        let [x0, dx, rx, y0, ry, dy] = self.geo_transform;
        let [x1, dx1, rx1, y1, ry1, dy1] = other.geo_transform;
        // The error is a thousandth of a cell at its far end.
        let (rows, cols) = (other.rows as f64, other.cols as f64);
        let same = |a: f64, b: f64, cells: f64| ((a - b) / a).abs() * cells < 1e-3;
        if [rx, rx1, ry, ry1] != [0.0; 4] || !same(dx, dx1, cols) || !same(dy, dy1, rows) {
            return None;
        }
        let steps = |from: f64, to: f64, step: f64| {
            let cells = (to - from) / step;
            ((cells - cells.round()).abs() < 1e-3).then_some(cells.round() as i64)
        };
        Some((steps(y0, y1, dy)?, steps(x0, x1, dx)?))
    }

    /// The grid of `rows` x `cols` cells that begins at a row and a column, which can be outside
    /// this grid.
    #[must_use]
    pub fn around(&self, row: i64, col: i64, rows: u64, cols: u64) -> Self {
        let (x, y) = self.coordinates(row as f64, col as f64);
        let mut grid = self.clone();
        (grid.rows, grid.cols) = (rows, cols);
        (grid.geo_transform[0], grid.geo_transform[3]) = (x, y);
        grid.georeferenced |= (row, col) != (0, 0);
        grid
    }

    /// The horizontal CRS by the name that GDAL's programs take, e.g. EPSG:25832.
    pub fn crs_name(&self) -> Option<String> {
        let crs = self.spatial_ref()?;
        crate::session::may_fail(|| crs.authority()).ok()
    }

    /// Whether two grids name different CRS.
    pub fn differs_in_crs(&self, other: &Grid) -> bool {
        match (self.spatial_ref(), other.spatial_ref()) {
            (Some(crs), Some(other)) => crs != other,
            _ => false,
        }
    }

    /// The horizontal CRS, for a dataset on this grid whose values are not heights.
    pub(crate) fn spatial_ref(&self) -> Option<SpatialRef> {
        let wkt = self.crs_wkt.as_deref()?;
        let mut last = LAST_PARSED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = last.as_ref().filter(|last| last.wkt == wkt) {
            return Some(last.crs.clone());
        }
        let mut crs = SpatialRef::from_wkt(wkt).ok()?;
        crate::io::strip_vertical(&mut crs);
        crs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        *last = Some(Parsed { wkt: wkt.to_owned(), crs: crs.clone() });
        Some(crs)
    }
}

/// A CRS and the WKT that it is from.
struct Parsed {
    wkt: String,
    crs: SpatialRef,
}

// SAFETY: a CRS of GDAL can be used by any thread, by one at a time, and it uses PROJ's context of
// that thread.
unsafe impl Send for Parsed {}

/// The last CRS that was parsed. To parse it once more in another thread costs it a connection to PROJ's
/// database, which takes longer than to compute a small tile.
static LAST_PARSED: Mutex<Option<Parsed>> = Mutex::new(None);

/// Longitudes, at high latitudes, that a map around a place can have.
const WIDEST_DEG: f64 = 60.0;

/// Latitude, north and south, up to which UTM is used.
const UTM_ENDS_DEG: f64 = 84.0;

/// EPSG code of the WGS 84 / UTM zone at a longitude and latitude.
fn utm_epsg(x: f64, y: f64) -> u32 {
    let zone = (((x + 180.0) / 6.0).floor().rem_euclid(60.0)) as u32 + 1;
    if y < 0.0 { 32700 + zone } else { 32600 + zone }
}

/// Removes shear that moves no cell by a thousandth of a cell: it is only a rounding error of the
/// program that wrote the file.
fn forget_tiny_shear(transform: &mut [f64; 6], rows: f64, cols: f64) {
    let [_, dx, shear_x, _, shear_y, dy] = *transform;
    if (shear_x * rows).abs() < 1e-3 * dx.abs() && (shear_y * cols).abs() < 1e-3 * dy.abs() {
        (transform[2], transform[4]) = (0.0, 0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dem() -> Source {
        let (path, driver) = ("dem.tif".to_owned(), "GTiff".to_owned());
        Source { path, parts: Vec::new(), driver, has_nodata: true }
    }

    fn grid() -> Grid {
        Grid {
            rows: 60_834,
            cols: 46_667,
            geo_transform: [500_000.0, 0.5, 0.0, 4_000_000.0, 0.0, -0.5],
            georeferenced: true,
            gcps: false,
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
    fn a_place_lies_in_one_cell() {
        let grid = grid();
        assert_eq!(grid.place(500_002.25, 3_999_994.75), (10.5, 4.5));
        assert_eq!(grid.cell_at((10.5, 4.5)), Some((10, 4)));
        assert_eq!(grid.cell_at((0.0, 0.0)), Some((0, 0)));
        assert_eq!(grid.cell_at((60_833.999, 46_666.5)), Some((60_833, 46_666)));
        for outside in [(-1e-9, 0.0), (60_834.0, 0.0), (0.0, 46_667.0), (f64::NAN, 0.0)] {
            assert_eq!(grid.cell_at(outside), None, "{outside:?}");
        }
    }

    #[test]
    fn a_part_keeps_its_place() {
        let part = grid().part(&Window { row: 10, col: 4, rows: 2, cols: 3 });
        assert_eq!((part.rows, part.cols), (2, 3));
        assert_eq!(part.geo_transform, [500_002.0, 0.5, 0.0, 3_999_995.0, 0.0, -0.5]);
    }

    fn degrees(first_row_deg: f64, step_deg: f64) -> Grid {
        Grid {
            geo_transform: [10.0, step_deg, 0.0, first_row_deg, 0.0, -step_deg],
            unit: HorizontalUnit::Angle {
                degrees: 1.0,
                semi_major: 6_378_137.0,
                flattening: 1.0 / 298.257_223_563,
            },
            ..grid()
        }
    }

    #[test]
    fn grids_that_fit_together() {
        let all = grid();
        let part = all.part(&Window { row: 10, col: 4, rows: 2, cols: 3 });
        assert_eq!(all.offset_of(&part), Some((10, 4)));
        assert_eq!(part.offset_of(&all), Some((-10, -4)));
        assert_eq!(part.around(-10, -4, all.rows, all.cols).geo_transform, all.geo_transform);
        let mut off = part.clone();
        off.geo_transform[0] += 0.2;
        assert_eq!(all.offset_of(&off), None);
        let mut coarse = part;
        coarse.geo_transform[1] = 1.0;
        assert_eq!(all.offset_of(&coarse), None);
    }

    #[test]
    fn rotated_grids_say_how_to_mend_them() {
        let mut rotated = grid();
        rotated.geo_transform[2] = 0.1;
        let error = rotated.check(&dem()).unwrap_err();
        assert!(error.to_string().contains("rotated"), "{error}");
        assert!(error.hint.unwrap().contains("gdalwarp"));
        assert!(grid().check(&dem()).is_ok());
    }

    #[test]
    fn cells_in_degrees_are_measured_in_metres_row_by_row() {
        let grid = degrees(60.0 + 0.0005, 0.001);
        let cell = grid.ground(&grid.whole()).cell_at(0);
        assert!((cell.east - 55.800).abs() < 0.001, "{cell:?}");
        assert!((cell.south - 111.412).abs() < 0.001, "{cell:?}");
    }

    #[test]
    fn near_a_pole_a_wide_search_is_refused() {
        let whole = |grid: &Grid, radius| grid.check_latitudes(&grid.whole(), radius, &dem());
        let grid = degrees(47.0, 0.0001);
        assert!(whole(&grid, 10_000.0).is_ok());
        let polar = Grid { rows: 1000, ..degrees(89.95, 0.0001) };
        assert!(whole(&polar, 100.0).is_ok());
        let error = whole(&polar, 10_000.0).unwrap_err();
        assert!(error.to_string().contains("miss their azimuth"), "{error}");
        assert!(error.hint.unwrap().contains("-t_srs '+proj=stere +lat_0=89.9000 "));
        let beyond = Grid { rows: 3, ..degrees(4_000_000.0, 0.5) };
        assert!(whole(&beyond, 10.0).unwrap_err().to_string().contains("latitude"));
        assert!(degrees(47.0, 0.01).goes_around() && !degrees(47.0, 0.001).goes_around());
    }

    #[test]
    fn shear_that_moves_no_cell_is_none() {
        let sheared = |x: f64, y: f64| {
            let mut transform = [500_000.0, 2.0, x, 4_000_000.0, y, -1.0];
            forget_tiny_shear(&mut transform, 100.0, 200.0);
            (transform[2], transform[4])
        };
        // Two thousandths of a metre east over 100 rows, one south over 200 columns.
        assert_eq!(sheared(1.9e-5, -4.9e-6), (0.0, 0.0));
        assert_eq!(sheared(2.1e-5, 0.0), (2.1e-5, 0.0));
        assert_eq!(sheared(0.0, 5.1e-6), (0.0, 5.1e-6));
        assert_eq!(sheared(1e-16, 1e-16), (0.0, 0.0));
    }

    #[test]
    fn coordinates_that_could_be_degrees() {
        let at = |x: f64, y: f64, dx: f64, dy: f64, rows: u64, cols: u64| {
            let geo_transform = [x, dx, 0.0, y, 0.0, dy];
            Grid { rows, cols, geo_transform, ..grid() }.could_be_degrees()
        };
        let third = 1.0 / 1200.0;
        assert!(at(7.0, 47.0, third, -third, 1200, 1200));
        assert!(at(7.0 - third / 2.0, 46.0, third, third, 1201, 1201));
        assert!(at(359.0, -89.0, third, -third, 1200, 1200), "to the pole, east of Greenwich");
        assert!(at(-180.0, 90.0, 0.5, -0.5, 360, 720) && at(0.0, 90.0, 1.0, -1.0, 180, 360));
        assert!(at(0.0, 10.0, 1.0, -1.0, 10, 10), "cells of 1");
        assert!(!at(0.0, 10.0, 1.0, -1.0, 101, 10), "beyond the pole");
        assert!(!at(500_000.0, 47.0, third, -third, 1200, 1200));
        assert!(!at(7.0, 91.0, third, -third, 1200, 1200));
        assert!(!at(359.5, 47.0, third, -third, 1200, 1200));
        let pixels = Grid { georeferenced: false, rows: 50, cols: 50, ..grid() };
        assert!(
            !Grid { geo_transform: [0.0, 0.01, 0.0, 0.5, 0.0, -0.01], ..pixels }.could_be_degrees()
        );
    }

    #[test]
    fn no_grid_is_projected_to_its_own_crs() {
        let in_crs = |code: u32, x: f64, y: f64| {
            let wkt = SpatialRef::from_epsg(code).unwrap().to_wkt().unwrap();
            let (geo_transform, unit) = (
                [x, 10.0, 0.0, y, 0.0, -10.0],
                HorizontalUnit::Length { metres: 1.0, name: "metre".into() },
            );
            let grid = Grid { rows: 9, cols: 9, geo_transform, unit, crs_wkt: Some(wkt), ..grid() };
            let (middle, _) = grid.scale().unwrap();
            grid.project(&dem(), &middle)
        };
        // Near the pole, where the map of the Antarctic is not true to scale, and at 84 degrees.
        let polar = in_crs(3031, 0.0, 200_000.0);
        assert!(polar.starts_with("gdalwarp -t_srs '+proj=stere +lat_0=-88."), "{polar}");
        assert!(polar.contains(" +lon_0=0.0129 +datum=WGS84 +units=m' -r bilinear dem.tif "));
        assert!(in_crs(3995, 500_000.0, 0.0).contains("+proj=stere +lat_0=85."));
        assert!(in_crs(3031, 0.0, 2_500_000.0).contains("-t_srs EPSG:32731 "));
        // Zone 32, and far from its middle.
        assert!(in_crs(32632, 500_000.0, 5_000_000.0).contains("-t_srs '+proj=stere +lat_0=45."));
        assert!(in_crs(32632, 2_000_000.0, 5_000_000.0).contains("-t_srs EPSG:3263"));
        assert!(in_crs(3857, 1_000_000.0, 6_000_000.0).contains("-t_srs EPSG:32632 "));
    }

    #[test]
    fn zones_of_utm() {
        assert_eq!(utm_epsg(33.3, 47.0), 32636);
        assert_eq!(utm_epsg(-180.0, -20.0), 32701);
        assert_eq!(utm_epsg(181.0, 20.0), 32601);
    }
}
