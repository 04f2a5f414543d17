//! Names of the sky measures, and for each its range, its unit, and what the horizon search must
//! find for it. The sums are in [`crate::sums`].

use std::str::FromStr;

use thiserror::Error;

use crate::params::Params;

/// A sky measure; each has one permanent name. `g` is the horizon angle, at least zero; `g*` can
/// be negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Measure {
    /// `1 - mean sin g`: share of the sky dome's solid angle (Zaksek et al. 2011).
    Svf,
    /// `|mean sin g (even directions) - mean sin g (odd directions)| / 2`: the uncertainty of
    /// `svf` because of the number of directions.
    SvfError,
    /// `mean cos^2 g`: cosine-weighted, horizontal receiver (Oke 1987).
    SvfCosine,
    /// `mean [cos S cos^2 g + sin S cos(a - A) (pi/2 - g - sin g cos g)]`: cosine-weighted over
    /// the plane of the receiver with slope S and aspect A. The horizon is never below this plane
    /// (Dozier & Frew 1990; Boehner & Antonic 2009).
    SvfSlope,
    /// `mean (1 - 2 g / pi)`: share of the zenith-to-horizon angle.
    VisibleSky,
    /// `mean cos g`.
    SvfCos,
    /// `(1 + cos S)/2 - svf-slope`: share of the view that other terrain fills.
    TerrainView,
    /// `mean (90 - g*)` in degrees (Yokoyama et al. 2002).
    OpennessPositive,
    /// Positive openness of the surface turned upside down (Yokoyama et al. 2002).
    OpennessNegative,
    /// `1 - sum w sin g / sum w`: svf for a sky that is brighter on one side, see
    /// [`crate::Anisotropy`] (Zaksek et al. 2011).
    SvfAnisotropic,
    /// `svf-cosine` of the northern half of the sky: azimuths within 90 degrees of north.
    SvfNorth,
    /// The same of the eastern half.
    SvfEast,
    /// The same of the southern half.
    SvfSouth,
    /// The same of the western half.
    SvfWest,
    /// 1 minus the cosine-weighted share of the sky that crowns block and the solid surface does
    /// not (Lindberg & Grimmond 2011, as in UMEP: `svfveg`).
    SvfVeg(Side),
    /// 1 minus the cosine-weighted share of the sky that the solid surface blocks, with a crown in
    /// front of it (as in UMEP: `svfaveg`).
    SvfAveg(Side),
    /// The horizon angle of every direction, degrees, one band each.
    Horizon {
        /// Whether angles below the horizontal are kept.
        signed: bool,
    },
    /// Mean distance to the sample that makes the horizon; 0 if there is none.
    HorizonDistance,
    /// Slope S of the plane of the receiver in degrees (Zevenbergen & Thorne 1987).
    Slope,
    /// Aspect A of this plane: the azimuth of its downhill direction in degrees, from 0 to less
    /// than 360; none if the plane is level.
    Aspect,
    /// Share of the directions in which no height on the sight line is missing.
    Coverage,
}

/// The part of the sky that a measure is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The whole sky.
    All,
    /// Azimuths within 90 degrees of north; the two at exactly 90 degrees count half.
    North,
    /// The same of east.
    East,
    /// The same of south.
    South,
    /// The same of west.
    West,
}

impl Side {
    /// Weight of an azimuth.
    fn weight(self, azimuth_deg: f64) -> f64 {
        let middle_deg = match self {
            Side::All => return 1.0,
            Side::North => 0.0,
            Side::East => 90.0,
            Side::South => 180.0,
            Side::West => 270.0,
        };
        let off = (azimuth_deg - middle_deg).rem_euclid(360.0);
        let off = off.min(360.0 - off);
        // The two directions on the border of two halves belong to both.
        if (off - 90.0).abs() < 1e-9 {
            0.5
        } else if off < 90.0 {
            1.0
        } else {
            0.0
        }
    }
}

/// A measure name that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
#[error("unknown measure '{name}': measures are {}", Measure::ALL.map(Measure::name).join(", "))]
pub struct UnknownMeasure {
    /// What was given.
    pub name: String,
}

impl Measure {
    /// Every measure, in the order of the documentation. More will be added, so do not rely on
    /// the length.
    pub const ALL: [Measure; 29] = [
        Measure::Svf,
        Measure::SvfError,
        Measure::SvfCosine,
        Measure::SvfSlope,
        Measure::VisibleSky,
        Measure::SvfCos,
        Measure::TerrainView,
        Measure::OpennessPositive,
        Measure::OpennessNegative,
        Measure::SvfAnisotropic,
        Measure::SvfNorth,
        Measure::SvfEast,
        Measure::SvfSouth,
        Measure::SvfWest,
        Measure::SvfVeg(Side::All),
        Measure::SvfVeg(Side::North),
        Measure::SvfVeg(Side::East),
        Measure::SvfVeg(Side::South),
        Measure::SvfVeg(Side::West),
        Measure::SvfAveg(Side::All),
        Measure::SvfAveg(Side::North),
        Measure::SvfAveg(Side::East),
        Measure::SvfAveg(Side::South),
        Measure::SvfAveg(Side::West),
        Measure::Horizon { signed: false },
        Measure::HorizonDistance,
        Measure::Slope,
        Measure::Aspect,
        Measure::Coverage,
    ];

    /// The permanent name.
    pub fn name(self) -> &'static str {
        match self {
            Measure::Svf => "svf",
            Measure::SvfError => "svf-error",
            Measure::SvfCosine => "svf-cosine",
            Measure::SvfSlope => "svf-slope",
            Measure::VisibleSky => "visible-sky",
            Measure::SvfCos => "svf-cos",
            Measure::TerrainView => "terrain-view",
            Measure::OpennessPositive => "openness-positive",
            Measure::OpennessNegative => "openness-negative",
            Measure::SvfAnisotropic => "svf-anisotropic",
            Measure::SvfNorth => "svf-north",
            Measure::SvfEast => "svf-east",
            Measure::SvfSouth => "svf-south",
            Measure::SvfWest => "svf-west",
            Measure::SvfVeg(Side::All) => "svf-veg",
            Measure::SvfVeg(Side::North) => "svf-veg-north",
            Measure::SvfVeg(Side::East) => "svf-veg-east",
            Measure::SvfVeg(Side::South) => "svf-veg-south",
            Measure::SvfVeg(Side::West) => "svf-veg-west",
            Measure::SvfAveg(Side::All) => "svf-aveg",
            Measure::SvfAveg(Side::North) => "svf-aveg-north",
            Measure::SvfAveg(Side::East) => "svf-aveg-east",
            Measure::SvfAveg(Side::South) => "svf-aveg-south",
            Measure::SvfAveg(Side::West) => "svf-aveg-west",
            Measure::Horizon { .. } => "horizon",
            Measure::HorizonDistance => "horizon-distance",
            Measure::Slope => "slope",
            Measure::Aspect => "aspect",
            Measure::Coverage => "coverage",
        }
    }

    /// One line for `--help`: the formula, and the programs with the same number.
    pub fn summary(self) -> &'static str {
        match self {
            Measure::Svf => "1 - mean sin g, 0..1; as RVT, r.skyview, Whitebox, xarray-spatial",
            Measure::SvfError => "uncertainty of svf because of the number of directions, 0..0.5",
            Measure::SvfCosine => "mean cos^2 g, 0..1; as UMEP/SOLWEIG, SAGA SVF on flat ground",
            Measure::SvfSlope => "svf-cosine for the cell's own slope, 0..1; as SAGA SVF, topocalc",
            Measure::VisibleSky => "mean (1 - 2g/pi), 0..1; as SAGA Visible Sky / 100",
            Measure::SvfCos => "mean cos g, 0..1; as CNES georastertools",
            Measure::TerrainView => "(1 + cos slope)/2 - svf-slope, 0..1; as SAGA",
            Measure::OpennessPositive => "mean (90 - g*), degrees; as RVT, SAGA",
            Measure::OpennessNegative => {
                "openness-positive of the surface turned upside down, degrees"
            }
            Measure::SvfAnisotropic => "svf for a sky brighter on one side, 0..1; as RVT ASVF",
            Measure::SvfNorth => "svf-cosine of the northern half of the sky, 0..1; as UMEP",
            Measure::SvfEast => "svf-cosine of the eastern half of the sky, 0..1",
            Measure::SvfSouth => "svf-cosine of the southern half of the sky, 0..1",
            Measure::SvfWest => "svf-cosine of the western half of the sky, 0..1",
            Measure::SvfVeg(Side::All) => {
                "1 - share of the sky that only crowns block, 0..1; as UMEP svfveg"
            }
            Measure::SvfVeg(Side::North) => "svf-veg of the northern half of the sky, 0..1",
            Measure::SvfVeg(Side::East) => "svf-veg of the eastern half of the sky, 0..1",
            Measure::SvfVeg(Side::South) => "svf-veg of the southern half of the sky, 0..1",
            Measure::SvfVeg(Side::West) => "svf-veg of the western half of the sky, 0..1",
            Measure::SvfAveg(Side::All) => {
                "1 - share with crowns in front of what blocks it, 0..1; as UMEP svfaveg"
            }
            Measure::SvfAveg(Side::North) => "svf-aveg of the northern half of the sky, 0..1",
            Measure::SvfAveg(Side::East) => "svf-aveg of the eastern half of the sky, 0..1",
            Measure::SvfAveg(Side::South) => "svf-aveg of the southern half of the sky, 0..1",
            Measure::SvfAveg(Side::West) => "svf-aveg of the western half of the sky, 0..1",
            Measure::Horizon { .. } => "horizon angle in each direction, degrees, n bands",
            Measure::HorizonDistance => "mean distance to the horizon, map units; as SAGA DISTANCE",
            Measure::Slope => "slope of the terrain, 0..90 degrees; as gdaldem slope",
            Measure::Aspect => "azimuth of its downhill direction, 0..360; as gdaldem aspect",
            Measure::Coverage => "share of directions without missing heights, 0..1",
        }
    }

    /// Number of bands it fills with `directions` sight lines.
    pub fn bands(self, directions: u32) -> usize {
        match self {
            Measure::Horizon { .. } => directions as usize,
            _ => 1,
        }
    }

    /// Smallest and largest possible value, given the search radius.
    pub fn range(self, radius: f64) -> (f64, f64) {
        match self {
            Measure::OpennessPositive | Measure::OpennessNegative => (0.0, 180.0),
            Measure::Horizon { signed: true } => (-90.0, 90.0),
            Measure::Horizon { signed: false } => (0.0, 90.0),
            Measure::HorizonDistance => (0.0, radius),
            Measure::Slope => (0.0, 90.0),
            Measure::Aspect => (0.0, 360.0),
            Measure::SvfError => (0.0, 0.5),
            _ => (0.0, 1.0),
        }
    }

    /// Unit of the values; empty for shares.
    pub fn unit(self) -> &'static str {
        match self {
            Measure::OpennessPositive
            | Measure::OpennessNegative
            | Measure::Horizon { .. }
            | Measure::Slope
            | Measure::Aspect => "degree",
            Measure::HorizonDistance => "map unit",
            _ => "",
        }
    }

    pub(crate) fn search_options(self) -> SearchOptions {
        SearchOptions {
            highest: !matches!(
                self,
                Measure::OpennessNegative
                    | Measure::HorizonDistance
                    | Measure::Slope
                    | Measure::Aspect
                    | Measure::Coverage
            ),
            lowest: self == Measure::OpennessNegative,
            distance: self == Measure::HorizonDistance,
            gaps: self == Measure::Coverage,
            slope_planes: matches!(self, Measure::SvfSlope | Measure::TerrainView),
            slope_angles: matches!(self, Measure::Slope | Measure::Aspect),
            crowns: self.uses_canopy(),
            front: matches!(self, Measure::SvfAveg(_)),
        }
    }

    /// Whether it uses horizons below the horizontal.
    pub(crate) fn is_signed(self) -> bool {
        matches!(self, Measure::OpennessPositive | Measure::Horizon { signed: true })
    }

    /// Whether it is what crowns block: without them it is 1 everywhere.
    pub fn is_of_crowns(self) -> bool {
        matches!(self, Measure::SvfVeg(_) | Measure::SvfAveg(_))
    }

    /// Whether it is a share of the sky, which crowns reduce. The other measures only use the
    /// solid surface.
    pub fn uses_canopy(self) -> bool {
        !matches!(
            self,
            Measure::OpennessPositive
                | Measure::OpennessNegative
                | Measure::Horizon { .. }
                | Measure::HorizonDistance
                | Measure::Slope
                | Measure::Aspect
                | Measure::Coverage
        )
    }

    /// Weight of the direction with this azimuth among all directions.
    pub(crate) fn weight(self, azimuth_deg: f64, params: &Params) -> f64 {
        match self {
            Measure::SvfError => {
                // Half the mean over the even directions, minus half the mean over the odd
                // directions.
                let n = f64::from(params.directions);
                let from_first = azimuth_deg - params.first_azimuth_deg;
                let is_odd = (from_first * n / 360.0).round() % 2.0 == 1.0;
                let half = n / 2.0;
                if is_odd { -0.5 / half.floor() } else { 0.5 / half.ceil() }
            }
            Measure::SvfAnisotropic => params.anisotropy.weight(azimuth_deg),
            Measure::SvfNorth => Side::North.weight(azimuth_deg),
            Measure::SvfEast => Side::East.weight(azimuth_deg),
            Measure::SvfSouth => Side::South.weight(azimuth_deg),
            Measure::SvfWest => Side::West.weight(azimuth_deg),
            Measure::SvfVeg(side) | Measure::SvfAveg(side) => side.weight(azimuth_deg),
            _ => 1.0,
        }
    }

    /// The divisor of a sum over all directions: the sum of the weights.
    pub(crate) fn weights(self, params: &Params) -> f64 {
        if self == Measure::SvfError {
            // A difference of means.
            return 1.0;
        }
        (0..params.directions).map(|i| self.weight(params.azimuth_deg(i), params)).sum()
    }
}

impl FromStr for Measure {
    type Err = UnknownMeasure;

    fn from_str(name: &str) -> Result<Self, UnknownMeasure> {
        let found = Measure::ALL.into_iter().find(|m| m.name() == name);
        found.ok_or_else(|| UnknownMeasure { name: name.to_owned() })
    }
}

/// What the horizon search must deliver.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SearchOptions {
    /// The highest slope.
    pub highest: bool,
    /// The lowest slope: the horizon of the surface turned upside down.
    pub lowest: bool,
    /// The distance of the sample that makes the horizon.
    pub distance: bool,
    /// Whether a height on the sight line is missing.
    pub gaps: bool,
    /// The slope planes of the receivers.
    pub slope_planes: bool,
    /// The slope and the aspect of these planes in degrees.
    pub slope_angles: bool,
    /// What is behind crowns.
    pub crowns: bool,
    /// Which of the ground is behind crowns.
    pub front: bool,
}

impl SearchOptions {
    pub fn and(self, other: SearchOptions) -> SearchOptions {
        SearchOptions {
            highest: self.highest || other.highest,
            lowest: self.lowest || other.lowest,
            distance: self.distance || other.distance,
            gaps: self.gaps || other.gaps,
            slope_planes: self.slope_planes || other.slope_planes,
            slope_angles: self.slope_angles || other.slope_angles,
            crowns: self.crowns || other.crowns,
            front: self.front || other.front,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_and_others_get_the_list() {
        for measure in Measure::ALL {
            assert_eq!(measure.name().parse(), Ok(measure));
        }
        let unknown = "openess".parse::<Measure>().unwrap_err().to_string();
        assert!(
            unknown.starts_with(
                "unknown measure 'openess': measures are svf, svf-error, svf-cosine, "
            )
        );
        assert!(unknown.ends_with(", coverage"), "{unknown}");
    }
}
