//! Sight lines over a triangulated surface: the truth that the sampling rules are
//! measured against. Slow, simple, f64.
//!
//! The corners of the triangles are the cell centres; every square of four is cut
//! from its first row and column to its last (north-west to south-east where rows
//! run south and columns east). Along a sight line the height is then a chain of
//! straight pieces. The slope from the receiver to a straight piece is largest at
//! one of its ends, so the horizon is the largest slope to an end of a piece: where
//! the line crosses a row, a column or a diagonal of the grid, and at the radius.

use ndarray::ArrayView2;
use svf_kernel::CellSize;

/// Shares closer than this to 0 are 0: a corner that is not touched may be missing.
const NOTHING: f64 = 1e-9;

/// Heights of cell centres, with triangles between them.
pub struct Tin<'a> {
    /// Shape (rows, columns); not finite where missing.
    pub heights: ArrayView2<'a, f64>,
    pub cell: CellSize,
}

impl Tin<'_> {
    /// Height at a place in rows and columns; none outside and beside a missing corner.
    fn height(&self, row: f64, col: f64) -> Option<f64> {
        let (top, left) = (row.floor(), col.floor());
        let (down, right) = (row - top, col - left);
        // Corner and share of it, in the triangle below the diagonal or above it.
        let corners = if down >= right {
            [((0.0, 0.0), 1.0 - down), ((1.0, 0.0), down - right), ((1.0, 1.0), right)]
        } else {
            [((0.0, 0.0), 1.0 - right), ((0.0, 1.0), right - down), ((1.0, 1.0), down)]
        };
        let mut height = 0.0;
        for ((below, beside), share) in corners {
            if share > NOTHING {
                height += share * self.corner(top + below, left + beside)?;
            }
        }
        Some(height)
    }

    fn corner(&self, row: f64, col: f64) -> Option<f64> {
        if row < 0.0 || col < 0.0 {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, >= 0")]
        let at = (row as usize, col as usize);
        self.heights.get(at).copied().filter(|height| height.is_finite())
    }

    /// Largest slope from the centre of a cell along an azimuth, up to `radius` ground
    /// units; none without a height on the way.
    pub fn horizon(&self, row: usize, col: usize, azimuth: f64, radius: f64) -> Option<f64> {
        let own = self.heights[(row, col)];
        let (down, right) = (-azimuth.cos() / self.cell.south, azimuth.sin() / self.cell.east);
        let slope_at = |distance: f64| {
            let height =
                self.height(row as f64 + distance * down, col as f64 + distance * right)?;
            Some((height - own) / distance)
        };
        let mut slopes = vec![slope_at(radius)];
        // Rows, columns and diagonals that the line crosses, by their number per ground unit.
        for crossed in [down, right, down - right] {
            let last = (radius * crossed.abs()).floor();
            let mut k = 1.0;
            while k <= last {
                slopes.push(slope_at(k / crossed.abs()));
                k += 1.0;
            }
        }
        slopes.into_iter().flatten().reduce(f64::max)
    }

    /// Shares of the sky (sine, squared cosine) that a receiver sees in `directions` directions:
    /// `svf` and `svf-cosine`.
    pub fn sky(&self, row: usize, col: usize, directions: u32, radius: f64) -> [f64; 2] {
        let (mut svf, mut cosine) = (0.0, 0.0);
        for i in 0..directions {
            let azimuth = (f64::from(i) * 360.0 / f64::from(directions)).to_radians();
            let slope = self.horizon(row, col, azimuth, radius).unwrap_or(0.0).max(0.0);
            svf += 1.0 - slope / slope.hypot(1.0);
            cosine += 1.0 / (1.0 + slope * slope);
        }
        [svf, cosine].map(|sum| sum / f64::from(directions))
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    fn sky(z: impl Fn(f64, f64) -> f64, directions: u32) -> [f64; 2] {
        let heights = Array2::from_shape_fn((201, 201), |(row, col)| {
            z(row as f64 - 100.0, col as f64 - 100.0)
        });
        let tin = Tin { heights: heights.view(), cell: CellSize::square(1.0) };
        tin.sky(100, 100, directions, 99.0)
    }

    #[test]
    fn a_plane_of_45_degrees_hides_a_quarter() {
        let [svf, cosine] = sky(|row, _| row, 3600);
        assert!((svf - 0.75).abs() < 1e-4, "{svf}");
        assert!((cosine - (1.0 + 0.5_f64.sqrt()) / 2.0).abs() < 1e-4, "{cosine}");
    }

    #[test]
    fn a_ridge_along_a_diagonal_of_the_triangles_is_seen_between_centres_and_along_the_other_not() {
        // Height 10 on the cells of a diagonal 5 cells away; an edge joins those of one only.
        let ridge = |on: f64| if on == 10.0 { 10.0 } else { 0.0 };
        let highest = |z: &dyn Fn(f64, f64) -> f64, azimuth_deg: f64| {
            let heights = Array2::from_shape_fn((41, 41), |(row, col)| {
                z(row as f64 - 20.0, col as f64 - 20.0)
            });
            let tin = Tin { heights: heights.view(), cell: CellSize::square(1.0) };
            tin.horizon(20, 20, f64::to_radians(azimuth_deg), 19.0).unwrap_or(0.0)
        };
        // North-east, cells with col - row = 10: crossed at a centre, and between at 9.5 / 0.5.
        let direct = |row: f64, col: f64| ridge(col - row);
        let at_centre = 10.0 / 50_f64.sqrt();
        assert!((highest(&direct, 45.0) - at_centre).abs() < 1e-9);
        // The crossing of the ridge at (-t, 10 - t) under azimuth a: t = 10 / (1 + tan a).
        let azimuth = 50_f64.to_radians();
        let north = 10.0 / (1.0 + azimuth.tan());
        let want = 10.0 / north.hypot(10.0 - north);
        assert!((highest(&direct, 50.0) - want).abs() < 1e-9);
        // South-east, cells with row + col = 10: no edge joins them, the ridge has notches.
        let across = |row: f64, col: f64| ridge(row + col);
        assert!(highest(&across, 130.0) < want - 0.1);
    }

    #[test]
    fn what_is_missing_hides_nothing() {
        let [svf, cosine] = sky(|row, _| if row < -3.0 { f64::NAN } else { 0.0 }, 36);
        assert_eq!((svf, cosine), (1.0, 1.0));
    }
}
