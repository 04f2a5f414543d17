//! The size of a cell on the ground: the same everywhere on a projected grid, different for each
//! latitude on a geographic grid.
//!
//! On a geographic grid, each receiver searches on the plane that touches the ellipsoid at its
//! own row: cell sizes are those of the row, azimuths are true. [`Graticule::bend`] gives the
//! error of this approximation.

use std::ops::Range;

use thiserror::Error;

use crate::params::{CellSize, ParamError, in_range};

/// Where the cells of a raster are on the ground.
#[derive(Clone, Debug, PartialEq)]
pub enum Ground {
    /// Cells of one size.
    Plane(CellSize),
    /// Cells between meridians and parallels.
    Ellipsoid(Graticule),
}

impl From<CellSize> for Ground {
    fn from(cell: CellSize) -> Self {
        Self::Plane(cell)
    }
}

impl From<Graticule> for Ground {
    fn from(graticule: Graticule) -> Self {
        Self::Ellipsoid(graticule)
    }
}

impl Ground {
    /// Checks whether a search can use it, except for the size of its cells, which
    /// [`crate::Params::validate`] checks.
    ///
    /// # Errors
    /// The first number that is not valid.
    pub fn validate(&self) -> Result<(), ParamError> {
        match self {
            Ground::Plane(_) => Ok(()),
            Ground::Ellipsoid(graticule) => graticule.validate(),
        }
    }

    /// Whether receivers can be on this number of rows from `row` on.
    pub(crate) fn has_rows(&self, row: u64, rows: u64) -> bool {
        match self {
            Ground::Plane(_) => true,
            Ground::Ellipsoid(Graticule { rows: known, .. }) => {
                let end = row.checked_add(rows);
                known.start <= row && end.is_some_and(|end| end <= known.end)
            }
        }
    }

    /// Cell size in a row of the raster.
    pub fn cell_at(&self, row: u64) -> CellSize {
        match self {
            Ground::Plane(cell) => *cell,
            Ground::Ellipsoid(graticule) => graticule.cell_at(row),
        }
    }

    /// Cell sizes that bound those of all receivers: every side of every cell is between the
    /// smallest and the largest of them.
    pub fn extreme_cells(&self) -> Vec<CellSize> {
        match self {
            Ground::Plane(cell) => vec![*cell],
            Ground::Ellipsoid(graticule) => {
                graticule.extreme_rows().map(|row| graticule.cell_at(row)).collect()
            }
        }
    }

    /// An upper limit for the distance between two cells of a raster of so many rows and columns, all
    /// of whose rows have receivers; ground units.
    pub fn diagonal(&self, rows: u64, cols: u64) -> f64 {
        let cells = self.extreme_cells();
        let longest = |side: fn(&CellSize) -> f64| {
            cells.iter().map(|cell| side(cell).abs()).fold(0.0, f64::max)
        };
        #[expect(clippy::cast_precision_loss, reason = "sides of a raster are far below 2^53")]
        let (rows, cols) = (rows as f64, cols as f64);
        (rows * longest(|cell| cell.south)).hypot(cols * longest(|cell| cell.east))
    }

    /// A distance beyond which nothing of this raster is seen, ground units.
    pub fn farthest(&self, rows: u64, cols: u64) -> f64 {
        self.diagonal(rows, cols) + 2.0 * self.cell_at(rows / 2).larger()
    }

    /// The smaller side of the smallest cell, ground units.
    pub fn smallest_side(&self) -> f64 {
        let side = |cell: CellSize| cell.east.abs().min(cell.south.abs());
        self.extreme_cells().into_iter().map(side).fold(f64::INFINITY, f64::min)
    }
}

/// A grid of longitudes and latitudes on an ellipsoid of revolution.
#[derive(Clone, Debug, PartialEq)]
pub struct Graticule {
    /// Latitude of the centre of row 0, degrees.
    pub first_row_deg: f64,
    /// Degrees southwards from one row to the next; negative where rows run north.
    pub south_deg: f64,
    /// Degrees eastwards from one column to the next.
    pub east_deg: f64,
    /// Equatorial radius, ground units.
    pub semi_major: f64,
    /// (equatorial - polar radius) / equatorial radius.
    pub flattening: f64,
    /// Rows of the receivers: at least one, all of them between the poles.
    pub rows: Range<u64>,
}

impl Graticule {
    /// Checks that its numbers are those of an ellipsoid, and that its rows are between the
    /// poles. Then sides of cells are bounded by those of [`Ground::extreme_cells`].
    ///
    /// # Errors
    /// The first number that is not valid.
    pub fn validate(&self) -> Result<(), ParamError> {
        let Self { first_row_deg, south_deg, east_deg, semi_major, flattening, .. } = *self;
        if self.rows.is_empty() {
            return Err(ParamError::NoRows);
        }
        in_range("latitude", first_row_deg, first_row_deg.is_finite(), "-90 to 90")?;
        let step = |name, degrees: f64| {
            let angle = degrees != 0.0 && degrees.abs() <= 360.0;
            in_range(name, degrees, angle, "-360 to 360 and not 0")
        };
        step("degrees per row", south_deg)?;
        step("degrees per column", east_deg)?;
        let positive = semi_major > 0.0 && semi_major <= 1e18;
        in_range("equatorial radius", semi_major, positive, "more than 0, at most 1e18")?;
        in_range("flattening", flattening, flattening.abs() <= 0.9, "-0.9 to 0.9")?;
        for latitude in self.extreme_rows().map(|row| self.latitude_deg(row)) {
            in_range("latitude", latitude, latitude.abs() <= 90.0, "-90 to 90")?;
        }
        Ok(())
    }

    /// Latitude of the centre of a row, degrees.
    #[expect(clippy::cast_precision_loss, reason = "rows of a raster are far below 2^53")]
    pub fn latitude_deg(&self, row: u64) -> f64 {
        self.first_row_deg - self.south_deg * row as f64
    }

    /// Ground lengths of a cell step in a row: radius of the parallel and radius
    /// of curvature of the meridian (Snyder 1987, equations 4-18 to 4-21) times
    /// the angles.
    pub fn cell_at(&self, row: u64) -> CellSize {
        let (sin, cos) = self.latitude_deg(row).to_radians().sin_cos();
        let e2 = self.flattening * (2.0 - self.flattening);
        let w2 = 1.0 - e2 * sin * sin;
        let across = self.semi_major / w2.sqrt();
        let along = across * (1.0 - e2) / w2;
        CellSize {
            east: across * cos * self.east_deg.to_radians(),
            south: along * self.south_deg.to_radians(),
        }
    }

    /// The largest distance from the equator of a receiver, degrees.
    pub fn highest_latitude_deg(&self) -> f64 {
        self.extreme_rows().map(|row| self.latitude_deg(row).abs()).fold(0.0, f64::max)
    }

    /// The largest distance between the end of a sight line of length `radius` and the geodesic
    /// with the same azimuth, as a share of its length. The first-order term is the convergence
    /// of meridians, the second-order term is the curvature of the Earth.
    pub fn bend(&self, radius: f64) -> f64 {
        let angle = radius / self.semi_major;
        let converging = self.highest_latitude_deg().to_radians().tan().abs() / 2.0;
        angle * converging + angle * angle / 6.0
    }

    /// Refuses receivers that lie beyond a pole, or so near to it that the search on their own plane
    /// would miss the cells it means: when sight lines of length `radius` bend by more than
    /// [`MOST_BEND`].
    ///
    /// # Errors
    /// Which of the two.
    pub fn check_sight_lines(&self, radius: f64) -> Result<(), BadLatitude> {
        let highest_deg = self.highest_latitude_deg();
        if highest_deg > 90.0 + 1e-9 {
            return Err(BadLatitude::BeyondPole { highest_deg });
        }
        let bend = self.bend(radius);
        if bend > MOST_BEND {
            return Err(BadLatitude::Bend { highest_deg, radius, bend });
        }
        Ok(())
    }

    /// First and last row, and the one nearest to the equator.
    fn extreme_rows(&self) -> impl Iterator<Item = u64> {
        let (first, last) = (self.rows.start, self.rows.end.saturating_sub(1));
        let equator = (self.first_row_deg / self.south_deg).round().max(0.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
        let equator = (equator as u64).clamp(first, last.max(first));
        [first, equator, last.max(first)].into_iter()
    }
}

/// How far the end of a sight line may be away from its azimuth on a graticule, as a share of its
/// length: this is 2.9 degrees, far less than the angle between directions.
pub const MOST_BEND: f64 = 0.05;

/// Why receivers of a graticule cannot have sight lines.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum BadLatitude {
    /// No place is there.
    #[error("it has rows at latitude {highest_deg}")]
    BeyondPole {
        /// The largest distance from the equator, degrees.
        highest_deg: f64,
    },
    /// Sight lines would end beside their azimuth.
    #[error(
        "at latitude {highest_deg:.4}, sight lines of {radius:.0} m would miss their azimuth by {}",
        share_of_length(*.bend)
    )]
    Bend {
        /// The largest distance from the equator, degrees.
        highest_deg: f64,
        /// Their length.
        radius: f64,
        /// How far beside it, as a share of the length.
        bend: f64,
    },
}

fn share_of_length(bend: f64) -> String {
    match bend {
        ..1.0 => format!("{:.0} % of their length", 100.0 * bend),
        _ => "more than their length".to_owned(),
    }
}

/// Whether a body with this equatorial radius, metres, is the Earth.
pub fn is_earth(semi_major_m: f64) -> bool {
    (6.3e6..=6.5e6).contains(&semi_major_m)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wgs84(first_row_deg: f64, rows: u64) -> Graticule {
        Graticule {
            first_row_deg,
            south_deg: 1.0,
            east_deg: 1.0,
            semi_major: 6_378_137.0,
            flattening: 1.0 / 298.257_223_563,
            rows: 0..rows,
        }
    }

    #[test]
    fn a_degree_has_its_length() {
        // Lengths of a degree on WGS 84, metres.
        for (latitude, east, south) in [
            (0.0, 111_319.491, 110_574.276),
            (45.0, 78_846.835, 111_131.777),
            (60.0, 55_800.002, 111_412.287),
        ] {
            let cell = wgs84(latitude, 1).cell_at(0);
            assert!((cell.east - east).abs() < 0.01, "{latitude}: {cell:?}");
            assert!((cell.south - south).abs() < 0.01, "{latitude}: {cell:?}");
        }
    }

    #[test]
    fn extremes_bound_every_row() {
        let ground = Ground::from(wgs84(30.0, 80));
        let extremes = ground.extreme_cells();
        for row in 0..80 {
            let cell = ground.cell_at(row);
            for side in [|c: &CellSize| c.east, |c: &CellSize| c.south] {
                let least = extremes.iter().map(side).fold(f64::INFINITY, f64::min);
                let most = extremes.iter().map(side).fold(0.0, f64::max);
                assert!((least..=most).contains(&side(&cell)), "row {row}");
            }
        }
        assert!((wgs84(30.0, 80).highest_latitude_deg() - 49.0).abs() < 1e-12);
    }

    #[test]
    fn sight_lines_bend_more_towards_the_pole() {
        assert!(wgs84(0.0, 1).bend(10_000.0) < 1e-6);
        assert!((wgs84(0.0, 1).bend(6_378_137.0) - 1.0 / 6.0).abs() < 1e-12);
        assert!((wgs84(45.0, 1).bend(12_756.274) - 0.001 - 4e-6 / 6.0).abs() < 1e-12);
    }
    #[test]
    fn sight_lines_near_a_pole_and_rows_beyond_it_are_refused() {
        let near = |first_row_deg: f64| Graticule { south_deg: 0.001, ..wgs84(first_row_deg, 40) };
        assert_eq!(near(89.0).check_sight_lines(4000.0), Ok(()));
        // 0.1 degrees from the pole: 20 km / 6378 km / 2 / tan 0.1 degrees, and a little more.
        let refused = near(89.9).check_sight_lines(20_000.0).unwrap_err();
        let says = "at latitude 89.9000, sight lines of 20000 m would miss their azimuth by 90 % of their length";
        assert_eq!(refused.to_string(), says);
        let refused = near(89.9).check_sight_lines(40_000.0).unwrap_err();
        assert!(
            refused
                .to_string()
                .ends_with("40000 m would miss their azimuth by more than their length")
        );
        assert!(near(90.0).check_sight_lines(1e-9).is_err());
        let beyond = BadLatitude::BeyondPole { highest_deg: 90.5 };
        assert_eq!(near(-90.5 + 0.039).check_sight_lines(1.0), Err(beyond));
    }

    #[test]
    fn the_diagonal_of_a_raster() {
        let plane = Ground::from(CellSize { east: 3.0, south: -4.0 });
        assert_eq!((plane.diagonal(10, 10), plane.farthest(10, 10)), (50.0, 58.0));
        // Two degrees of latitude, and two of the equator.
        let sides = Ground::from(wgs84(1.0, 2)).diagonal(2, 2);
        assert!((sides - 2.0 * 110_577.0_f64.hypot(111_319.491)).abs() < 10.0, "{sides}");
        assert!(is_earth(6_378_137.0) && !is_earth(1_737_400.0));
    }
}
