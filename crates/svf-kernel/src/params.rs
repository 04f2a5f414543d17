//! The parameters of the search, and which values are valid.
//!
//! Lengths are in ground units of the raster (metres, feet, map units). The kernel does not know
//! which unit this is, only that cell size, radius and heights have the same unit.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Mean Earth radius in metres, for curvature.
pub const EARTH_RADIUS_M: f64 = 6_371_000.0;

/// Signed ground length of one cell step.
///
/// `east` is positive when columns run east, `south` positive when rows run
/// south (the usual north-up raster); a flipped raster has negative values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CellSize {
    /// Ground units eastwards per column.
    pub east: f64,
    /// Ground units southwards per row.
    pub south: f64,
}

impl CellSize {
    /// A north-up raster of square cells.
    pub fn square(size: f64) -> Self {
        Self { east: size, south: size }
    }

    /// Checks that a search can use cells of this size.
    ///
    /// # Errors
    /// A side that is zero, not finite, or not possible in any unit.
    pub fn validate(&self) -> Result<(), ParamError> {
        let Self { east, south } = *self;
        if !(east.is_finite() && south.is_finite()) || east == 0.0 || south == 0.0 {
            return Err(ParamError::CellSize { east, south });
        }
        for side in [east, south].map(f64::abs) {
            in_range("cell size", side, (1e-12..=1e12).contains(&side), "1e-12 to 1e12")?;
        }
        Ok(())
    }

    /// The larger side, in ground units: what `100px` refers to.
    pub fn larger(&self) -> f64 {
        self.east.abs().max(self.south.abs())
    }
}

/// Where on a sight line heights are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sampling {
    /// At every grid line across the ray's dominant axis, interpolated between
    /// the two neighbouring cell centres. Unbiased.
    Linear,
    /// At every grid line of both axes, interpolated in the same way.
    Crossings,
    /// At the same steps as [`Sampling::Linear`], the nearest cell, at the distance of its
    /// centre: a wall is half a cell too far away.
    Nearest,
    /// At `k * radius / divisions`, the nearest cell, at that nominal distance.
    Divided {
        /// Number of points on every sight line.
        divisions: u32,
    },
}

impl Sampling {
    /// [`Sampling::Divided`] with a point for each cell of this size, at most 100,000.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 1 and 100,000; of no number, 0 is left, which is refused"
    )]
    pub fn divided_by_cells(radius: f64, cell: CellSize) -> Self {
        Self::Divided { divisions: (radius / cell.larger()).round().clamp(1.0, 1e5) as u32 }
    }
}

/// How horizons are searched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Search {
    /// Every sample that can make the horizon.
    #[default]
    Exact,
    /// The nearest samples, and farther ground for coarse nodes first, from which it is handed down:
    /// its time hardly depends on the radius, and horizons are close to the exact ones. Only for
    /// [`Sampling::Linear`] and [`Missing::Skip`] on cells of one size, without a canopy, and not
    /// for each measure. Horizons depend a little on the radius, even if it leads beyond the raster:
    /// tiles of a raster need the same one. [`crate::compute()`] takes no longer one than the diagonal
    /// of the raster.
    Cascade,
}

impl Search {
    /// Every search.
    pub const ALL: [Search; 2] = [Search::Exact, Search::Cascade];

    /// Its permanent name.
    pub fn name(self) -> &'static str {
        match self {
            Search::Exact => "exact",
            Search::Cascade => "cascade",
        }
    }
}

impl fmt::Display for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Search {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|search| search.name() == name);
        known.ok_or_else(|| format!("unknown search '{name}': exact or cascade"))
    }
}

/// What a missing sample (NoData, or outside the raster) does to its sight line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Missing {
    /// The sample is skipped, the ray continues.
    Skip,
    /// The ray ends there.
    Stop,
    /// The receiver becomes NoData.
    Nan,
}

/// Lowering of distant heights by the Earth's curvature, minus refraction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Curvature {
    /// Refraction coefficient k, usually 0.13.
    pub refraction: f64,
    /// Earth radius in the ground units of the raster.
    pub earth_radius: f64,
}

impl Curvature {
    /// How far the ground is below the horizontal plane at `distance`: `(1 - k) d^2 / (2 Re)`,
    /// ground units.
    pub fn drop(&self, distance: f64) -> f64 {
        (1.0 - self.refraction) * distance * distance / (2.0 * self.earth_radius)
    }

    fn validate(&self, radius: f64) -> Result<(), ParamError> {
        let Self { refraction, earth_radius } = *self;
        if !refraction.is_finite() {
            return Err(ParamError::NotFinite { name: "refraction", value: refraction });
        }
        in_range("refraction", refraction, refraction.abs() <= 100.0, "-100 to 100")?;
        if !(earth_radius.is_finite() && earth_radius > 0.0) {
            return Err(ParamError::EarthRadius(earth_radius));
        }
        if radius > earth_radius {
            return Err(ParamError::BeyondEarth { radius, earth_radius });
        }
        Ok(())
    }
}

/// A sky that is brighter on one side, for `svf-anisotropic` (Zaksek et al. 2011).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Anisotropy {
    /// Azimuth of the brightest part, degrees clockwise from north.
    pub azimuth_deg: f64,
    /// How much brighter it is.
    pub level: AnisotropyLevel,
}

/// How much brighter one side of the sky is than the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnisotropyLevel {
    /// The darkest azimuth has 0.4 times the weight of the brightest, with the fourth power
    /// between them.
    Low,
    /// The darkest azimuth has 0.1 times the weight of the brightest, with the eighth power
    /// between them.
    High,
}

impl Default for Anisotropy {
    /// Brightest in the north-west, as in hill shading; level low.
    fn default() -> Self {
        Self { azimuth_deg: 315.0, level: AnisotropyLevel::Low }
    }
}

impl Anisotropy {
    /// Weight of a direction: `w + (1 - w) cos^p((a - brightest) / 2)`, 1 at the
    /// brightest azimuth, `w` opposite.
    pub fn weight(&self, azimuth_deg: f64) -> f64 {
        let (darkest, power) = match self.level {
            AnisotropyLevel::Low => (0.4, 4),
            AnisotropyLevel::High => (0.1, 8),
        };
        let half = ((azimuth_deg - self.azimuth_deg) / 2.0).to_radians();
        darkest + (1.0 - darkest) * half.cos().powi(power)
    }
}

/// Vegetation that lets some light through (Lindberg & Grimmond 2011).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Canopy {
    /// Where the crowns begin.
    pub trunk: Trunk,
    /// Share of the light that passes a crown, 0 to 1.
    pub transmissivity: f64,
}

/// Where the crowns begin, above ground.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Trunk {
    /// At this share of the height of the canopy, 0 to 1.
    Ratio(f64),
    /// At the heights of a layer of their own.
    Heights,
}

/// Everything that decides the value of a cell, apart from the heights.
///
/// More fields will be added: start from [`Params::new`] and change some of them.
///
/// ```
/// use svf_kernel::{Missing, Params, Sampling};
///
/// let params = Params {
///     sampling: Sampling::Crossings,
///     missing: Missing::Stop,
///     ..Params::new(500.0, 32)
/// };
/// assert_eq!((params.z_factor, params.observer_height), (1.0, 0.0));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Params {
    /// Search radius in ground units, inclusive.
    pub radius: f64,
    /// Samples that are nearer than this are ignored, ground units; less than `radius`.
    pub min_distance: f64,
    /// Number of sight lines, evenly spaced clockwise.
    pub directions: u32,
    /// Azimuth of the first sight line, from 0 to less than 360 / `directions` degrees.
    pub first_azimuth_deg: f64,
    /// The north that azimuths count from, degrees clockwise from grid north: 0, or the
    /// convergence of the meridians with its sign changed.
    pub north_deg: f64,
    /// How horizons are searched.
    pub search: Search,
    /// Where on a sight line heights are taken.
    pub sampling: Sampling,
    /// What a missing sample does.
    pub missing: Missing,
    /// Height of the receiver above the surface, ground units.
    pub observer_height: f64,
    /// Factor that turns raster heights into ground units.
    pub z_factor: f64,
    /// Curvature and refraction, or none.
    pub curvature: Option<Curvature>,
    /// The sky of `svf-anisotropic`.
    pub anisotropy: Anisotropy,
    /// Vegetation, or none.
    pub canopy: Option<Canopy>,
}

/// Fewest and most sight lines.
pub const DIRECTIONS: std::ops::RangeInclusive<u32> = 4..=720;

/// A parameter that is not valid, with a message of one line.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ParamError {
    /// Zero, negative, NaN or infinite radius.
    #[error("radius must be a positive number, got {}", plain(.0))]
    Radius(f64),
    /// No sight line would have a single sample.
    #[error(
        "radius {} is shorter than one cell ({}): no sight line reaches another cell",
        plain(.radius),
        plain(.cell)
    )]
    RadiusBelowCell {
        /// The radius in ground units.
        radius: f64,
        /// The larger cell side in ground units.
        cell: f64,
    },
    /// Too few or too many sight lines.
    #[error("directions must be 4 to 720, got {0}")]
    Directions(u32),
    /// `divided` sampling without a point.
    #[error("divisions must be 1 to 100000, got {0}")]
    Divisions(u32),
    /// A share that is not 0 to 1.
    #[error("{name} must be 0 to 1, got {}", plain(.value))]
    Share {
        /// Name of the option.
        name: &'static str,
        /// What was given.
        value: f64,
    },
    /// A number that must be finite is not.
    #[error("{name} must be a finite number, got {}", plain(.value))]
    NotFinite {
        /// Name of the option.
        name: &'static str,
        /// What was given.
        value: f64,
    },
    /// A zero or negative z factor.
    #[error("z factor must be a positive number, got {}", plain(.0))]
    ZFactor(f64),
    /// A number that the search cannot use.
    #[error("{name} must be {range}, got {}", plain(.value))]
    Range {
        /// What the number is.
        name: &'static str,
        /// What was given.
        value: f64,
        /// The allowed values.
        range: &'static str,
    },
    /// A radius of the Earth that is zero, negative, NaN or infinite.
    #[error("the Earth's radius must be a positive number, got {}", plain(.0))]
    EarthRadius(f64),
    /// A search that is too long for the formula of curvature.
    #[error(
        "radius {} is larger than the radius of the Earth, {}: omit curvature",
        plain(.radius),
        plain(.earth_radius)
    )]
    BeyondEarth {
        /// The search radius.
        radius: f64,
        /// The radius of the Earth.
        earth_radius: f64,
    },
    /// A cell without extent.
    #[error(
        "cell size must be finite and not zero, got {} x {}",
        plain(.east),
        plain(.south)
    )]
    CellSize {
        /// Ground units per column.
        east: f64,
        /// Ground units per row.
        south: f64,
    },
    /// A search so wide that cell offsets no longer fit.
    #[error("radius of {} cells is above the limit of 1000000 cells", plain(.0))]
    TooFar(f64),
    /// So many samples that they probably do not fit into memory.
    #[error(
        "{0} samples per cell are more than the limit of 100000000: use a shorter radius or fewer \
         directions"
    )]
    TooManySamples(u64),
    /// Something that only the exact search can do.
    #[error("the search 'cascade' cannot compute {0}: use the search 'exact'")]
    NotByCascade(&'static str),
    /// A graticule without receivers.
    #[error("the graticule has no rows")]
    NoRows,
}

/// A number as people write it: 0.5, 2000, 5e-309.
fn plain(value: &f64) -> String {
    let size = value.abs();
    if value.is_finite() && size != 0.0 && !(1e-5..1e16).contains(&size) {
        format!("{value:e}")
    } else {
        value.to_string()
    }
}

/// Refuses a number unless it is `fine`.
pub(crate) fn in_range(
    name: &'static str,
    value: f64,
    fine: bool,
    range: &'static str,
) -> Result<(), ParamError> {
    if fine { Ok(()) } else { Err(ParamError::Range { name, value, range }) }
}

impl Params {
    /// A search with the default rules.
    pub fn new(radius: f64, directions: u32) -> Self {
        Self {
            radius,
            min_distance: 0.0,
            directions,
            first_azimuth_deg: 0.0,
            north_deg: 0.0,
            search: Search::Exact,
            sampling: Sampling::Linear,
            missing: Missing::Skip,
            observer_height: 0.0,
            z_factor: 1.0,
            curvature: None,
            anisotropy: Anisotropy::default(),
            canopy: None,
        }
    }

    /// Azimuth of a sight line, degrees clockwise from the north that azimuths count from.
    pub fn azimuth_deg(&self, direction: u32) -> f64 {
        self.first_azimuth_deg + f64::from(direction) * 360.0 / f64::from(self.directions)
    }

    /// The same from grid north.
    pub(crate) fn grid_azimuth_deg(&self, direction: u32) -> f64 {
        self.azimuth_deg(direction) + self.north_deg
    }

    /// The height of the bottoms of crowns as a share of that of their tops; 0 if they have heights of their
    /// own.
    pub(crate) fn trunk_ratio(&self) -> f64 {
        match self.canopy.map(|canopy| canopy.trunk) {
            Some(Trunk::Ratio(ratio)) => ratio,
            _ => 0.0,
        }
    }

    /// What is subtracted from heights at `distance`: the observer height, and the drop of the
    /// ground by curvature, ground units.
    pub(crate) fn loss(&self, distance: f64) -> f64 {
        self.observer_height + self.drop(distance)
    }

    /// The same for the surface turned upside down, on which the ground curves up.
    pub(crate) fn inverted_loss(&self, distance: f64) -> f64 {
        self.observer_height - self.drop(distance)
    }

    /// How far the ground curves down up to `distance`, ground units.
    pub(crate) fn drop(&self, distance: f64) -> f64 {
        self.curvature.map_or(0.0, |curvature| curvature.drop(distance))
    }

    /// Checks every value together with the cell size. If they are valid, offsets fit into an
    /// i32, and slopes fit into an f32.
    ///
    /// # Errors
    /// The first value that is not valid.
    pub fn validate(&self, cell: CellSize) -> Result<(), ParamError> {
        cell.validate()?;
        let CellSize { east, south } = cell;
        let (shorter, longer) = (east.abs().min(south.abs()), cell.larger());
        let range = "at most 1000000 times the shorter side";
        in_range("the longer side of a cell", longer, longer <= 1e6 * shorter, range)?;
        if !(self.radius.is_finite() && self.radius > 0.0) {
            return Err(ParamError::Radius(self.radius));
        }
        let reach = self.radius / shorter;
        if reach > 1.0e6 {
            return Err(ParamError::TooFar(reach));
        }
        let near = self.min_distance;
        in_range(
            "min distance",
            near,
            (0.0..self.radius).contains(&near),
            "0 to less than the radius",
        )?;
        if !DIRECTIONS.contains(&self.directions) {
            return Err(ParamError::Directions(self.directions));
        }
        let step = 360.0 / f64::from(self.directions);
        let (first, range) = (self.first_azimuth_deg, "0 to less than 360 degrees / directions");
        in_range("first azimuth", first, (0.0..step).contains(&first), range)?;
        let north = self.north_deg;
        in_range("north", north, (-360.0..=360.0).contains(&north), "-360 to 360 degrees")?;
        if let Sampling::Divided { divisions } = self.sampling
            && !(1..=100_000).contains(&divisions)
        {
            return Err(ParamError::Divisions(divisions));
        }
        if !self.observer_height.is_finite() {
            return Err(ParamError::NotFinite {
                name: "observer height",
                value: self.observer_height,
            });
        }
        let (height, factor) = (self.observer_height, self.z_factor);
        in_range("observer height", height, height.abs() <= 1e15, "-1e15 to 1e15")?;
        if !(self.z_factor.is_finite() && self.z_factor > 0.0) {
            return Err(ParamError::ZFactor(self.z_factor));
        }
        in_range("z factor", factor, (1e-9..=1e9).contains(&factor), "1e-9 to 1e9")?;
        if let Some(curvature) = self.curvature {
            curvature.validate(self.radius)?;
        }
        let value = self.anisotropy.azimuth_deg;
        if !value.is_finite() {
            return Err(ParamError::NotFinite { name: "anisotropy azimuth", value });
        }
        let range = "-360 to 360 degrees";
        in_range("anisotropy azimuth", value, (-360.0..=360.0).contains(&value), range)?;
        if let Some(canopy) = self.canopy {
            let share = |name, value: f64| match (0.0..=1.0).contains(&value) {
                true => Ok(()),
                false => Err(ParamError::Share { name, value }),
            };
            share("transmissivity", canopy.transmissivity)?;
            if let Trunk::Ratio(ratio) = canopy.trunk {
                share("trunk ratio", ratio)?;
            }
        }
        Ok(())
    }
}
