//! How high things are, and how much maps may change lengths.

use super::apart::Range;

/// Trees are lower than this, metres.
pub const TALLEST_TREE_M: f64 = 120.0;

/// No place on Earth has more relief than this, metres; wide rasters that include the sea floor
/// can.
pub const MOST_RELIEF_M: f64 = 9000.0;

/// Whether heights from `low_m` to `high_m`, metres, are on no raster of the Earth that is so
/// large, from corner to corner.
pub fn is_beyond_earth((low_m, high_m): Range, extent_m: f64) -> bool {
    const WIDE_M: f64 = 100_000.0;
    const OF_EARTH_M: Range = (-11_100.0, 9000.0);
    let may_be = low_m >= OF_EARTH_M.0 && high_m <= OF_EARTH_M.1 && extent_m > WIDE_M;
    high_m - low_m > MOST_RELIEF_M && !may_be
}

/// Whether a range of heights is too large for the longer side of a cell, and for that of the
/// raster, to be in the same unit. With heights in metres and cells in degrees, it is far above
/// both; if both have the same unit, it is below.
pub fn is_steep(relief: f64, cell: f64, side: f64) -> bool {
    const RELIEF_CELLS: f64 = 1000.0;
    const RELIEF_SIDES: f64 = 3.0;
    relief >= RELIEF_CELLS * cell && relief >= RELIEF_SIDES * side
}

/// From this error of lengths on, there is a warning about the map.
pub const MOST_STRETCH: f64 = 0.01;

/// How a map changes lengths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stretch {
    /// By one factor, everywhere.
    Even,
    /// By one factor in all directions, which differs from place to place.
    Varying,
    /// By another factor in another direction.
    Uneven,
}

impl Stretch {
    /// Of a map that makes lengths longer by `largest` and `smallest` in the middle of a raster,
    /// depending on their direction, and on average by between `low` and `high` over the raster.
    /// None if it is true to scale.
    pub fn of(largest: f64, smallest: f64, (low, high): Range) -> Option<Self> {
        let off = (largest - 1.0).abs().max((smallest - 1.0).abs());
        let varies = high / low.max(1e-9) - 1.0 >= MOST_STRETCH;
        if off < MOST_STRETCH && !varies {
            None
        } else if largest >= (1.0 + MOST_STRETCH) * smallest {
            Some(Self::Uneven)
        } else if varies {
            Some(Self::Varying)
        } else {
            Some(Self::Even)
        }
    }
}

/// Whether a factor of heights is right, within the error that a map may have.
pub fn mends(z_factor: f64, right: f64) -> bool {
    (z_factor / right - 1.0).abs() < MOST_STRETCH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relief_of_the_earth() {
        assert!(!is_beyond_earth((-400.0, 8600.0), 1000.0));
        assert!(is_beyond_earth((-400.0, 8601.0), 1000.0));
        // A trench and a mountain, on one map of a continent.
        assert!(!is_beyond_earth((-11_000.0, 8849.0), 1e6));
        assert!(is_beyond_earth((-11_000.0, 8849.0), 1e5));
        assert!(is_beyond_earth((-12_000.0, 8849.0), 1e6));
    }

    #[test]
    fn heights_in_another_unit_than_cells_are_steep() {
        // Seconds of arc, and a wall of 3 m on cells of 1 cm.
        assert!(is_steep(1800.0, 1.0 / 3600.0, 1.0));
        assert!(!is_steep(3.0, 0.01, 5.0));
        assert!(!is_steep(1000.0, 1.0, 500.0) && is_steep(1000.0, 1.0, 333.0));
    }

    #[test]
    fn maps_that_change_lengths() {
        assert_eq!(Stretch::of(0.9996, 0.9996, (0.9996, 1.0004)), None);
        assert_eq!(Stretch::of(1.6, 1.6, (1.595, 1.605)), Some(Stretch::Even));
        assert_eq!(Stretch::of(1.6, 1.6, (1.5, 1.7)), Some(Stretch::Varying));
        assert_eq!(Stretch::of(1.0, 1.0, (0.99, 1.001)), Some(Stretch::Varying));
        assert_eq!(Stretch::of(2.0, 1.0, (1.4, 1.5)), Some(Stretch::Uneven));
        assert!(mends(1.6, 1.61) && !mends(1.0, 1.02));
    }
}
