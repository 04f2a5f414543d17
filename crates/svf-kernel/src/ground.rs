//! The size of a cell on the ground: the same everywhere on a projected grid, different for each
//! latitude on a geographic grid.
//!
//! On a geographic grid, each receiver searches on the plane that touches the ellipsoid at its
//! own row: cell sizes are those of the row, azimuths are true. [`Graticule::bend`] gives the
//! error of this approximation.

use std::ops::Range;

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

    /// First and last row, and the one nearest to the equator.
    fn extreme_rows(&self) -> impl Iterator<Item = u64> {
        let (first, last) = (self.rows.start, self.rows.end.saturating_sub(1));
        let equator = (self.first_row_deg / self.south_deg).round().max(0.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
        let equator = (equator as u64).clamp(first, last.max(first));
        [first, equator, last.max(first)].into_iter()
    }
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
}
