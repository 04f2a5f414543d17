//! Names of the sky measures, and their sums over directions.
//!
//! One horizon search feeds them all: a measure sees, per direction, the slope
//! of the horizon (tangent of its angle) and whatever else [`Needs`] asked for,
//! and adds its term to a running f64 sum. No trigonometric call per sample:
//! `sin g = t / sqrt(1 + t^2)`, `cos^2 g = 1 / (1 + t^2)`.
//!
//! Loops are plain and branch-free, so that the compiler vectorises them for
//! each instruction set; IEEE sums, divisions and roots give the same bits on
//! all of them.

use std::str::FromStr;

use thiserror::Error;

use crate::canopy::Veil;
use crate::facet::{Facets, cos_slope};
use crate::geometry::{azimuth_deg, sin_cos_deg};
use crate::params::Params;

/// A sky measure: one permanent name each. `g` is the horizon angle, at least
/// zero; `g*` may be negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Measure {
    /// `1 - mean sin g`: share of the sky dome's solid angle (Zaksek et al. 2011).
    Svf,
    /// `mean cos^2 g`: cosine-weighted, horizontal receiver (Oke 1987).
    SvfCosine,
    /// `mean [cos S cos^2 g + sin S cos(a - A) (pi/2 - g - sin g cos g)]`: cosine-weighted
    /// over the receiver's own plane of slope S and aspect A, below which the horizon never
    /// lies (Dozier & Frew 1990; Boehner & Antonic 2009).
    SvfSlope,
    /// `mean (1 - 2 g / pi)`: share of the zenith-to-horizon angle.
    VisibleSky,
    /// `mean cos g`.
    SvfCos,
    /// `(1 + cos S)/2 - svf-slope`: share of the view that other terrain fills.
    TerrainView,
    /// `mean (90 - g*)` in degrees (Yokoyama et al. 2002).
    OpennessPositive,
    /// Positive openness of the inverted surface (Yokoyama et al. 2002).
    OpennessNegative,
    /// `1 - sum w sin g / sum w`: svf under a sky that is brighter on one side, see
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
    /// The horizon angle of every direction, degrees, one band each.
    Horizon {
        /// Whether angles below the horizontal are kept.
        signed: bool,
    },
    /// Mean distance to the sample that makes the horizon, 0 where none does.
    HorizonDistance,
    /// Share of directions whose sight line met no missing height.
    Coverage,
}

/// A measure name that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("unknown measure '{name}'; did you mean '{nearest}'?")]
pub struct UnknownMeasure {
    /// What was given.
    pub name: String,
    /// The nearest name that exists.
    pub nearest: &'static str,
}

impl Measure {
    /// Every measure, in the order of the documentation.
    pub const ALL: [Measure; 16] = [
        Measure::Svf,
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
        Measure::Horizon { signed: false },
        Measure::HorizonDistance,
        Measure::Coverage,
    ];

    /// The permanent name.
    pub fn name(self) -> &'static str {
        match self {
            Measure::Svf => "svf",
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
            Measure::Horizon { .. } => "horizon",
            Measure::HorizonDistance => "horizon-distance",
            Measure::Coverage => "coverage",
        }
    }

    /// One line for `--help`: the formula, and who else prints the same number.
    pub fn summary(self) -> &'static str {
        match self {
            Measure::Svf => "1 - mean sin g, 0..1; as RVT, r.skyview, Whitebox, xarray-spatial",
            Measure::SvfCosine => "mean cos^2 g, 0..1; as UMEP/SOLWEIG, SAGA SVF on flat ground",
            Measure::SvfSlope => "seen from the cell's own slope, 0..1; as SAGA SVF, topocalc",
            Measure::VisibleSky => "mean (1 - 2g/pi), 0..1; as SAGA Visible Sky / 100",
            Measure::SvfCos => "mean cos g, 0..1; as CNES georastertools",
            Measure::TerrainView => "(1 + cos slope)/2 - svf-slope, 0..1; as SAGA",
            Measure::OpennessPositive => "mean (90 - g*), degrees; as RVT, SAGA",
            Measure::OpennessNegative => "the same on the inverted surface, degrees",
            Measure::SvfAnisotropic => "svf under a sky brighter on one side, 0..1; as RVT ASVF",
            Measure::SvfNorth => "svf-cosine of the northern half of the sky, 0..1; as UMEP",
            Measure::SvfEast => "the same of the eastern half, 0..1",
            Measure::SvfSouth => "the same of the southern half, 0..1",
            Measure::SvfWest => "the same of the western half, 0..1",
            Measure::Horizon { .. } => "horizon angle of every direction, degrees, n bands",
            Measure::HorizonDistance => "mean distance to the horizon, map units; as SAGA DISTANCE",
            Measure::Coverage => "share of directions that met no missing height, 0..1",
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
            _ => (0.0, 1.0),
        }
    }

    /// Unit of the values; empty for shares.
    pub fn unit(self) -> &'static str {
        match self {
            Measure::OpennessPositive | Measure::OpennessNegative | Measure::Horizon { .. } => {
                "degree"
            }
            Measure::HorizonDistance => "map unit",
            _ => "",
        }
    }

    pub(crate) fn needs(self) -> Needs {
        Needs {
            lowest: self == Measure::OpennessNegative,
            distance: self == Measure::HorizonDistance,
            gaps: self == Measure::Coverage,
            facets: matches!(self, Measure::SvfSlope | Measure::TerrainView),
        }
    }

    /// Whether it is a share of the sky, of which crowns take their part; the
    /// others are of the solid surface alone.
    pub fn heeds_canopy(self) -> bool {
        !matches!(
            self,
            Measure::OpennessPositive
                | Measure::OpennessNegative
                | Measure::Horizon { .. }
                | Measure::HorizonDistance
                | Measure::Coverage
        )
    }

    /// Weight of the direction with this azimuth among all directions.
    pub(crate) fn weight(self, azimuth_deg: f64, params: &Params) -> f64 {
        let half_circle = |middle_deg: f64| {
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
        };
        match self {
            Measure::SvfAnisotropic => params.anisotropy.weight(azimuth_deg),
            Measure::SvfNorth => half_circle(0.0),
            Measure::SvfEast => half_circle(90.0),
            Measure::SvfSouth => half_circle(180.0),
            Measure::SvfWest => half_circle(270.0),
            _ => 1.0,
        }
    }

    /// Sum of the weights over `directions` sight lines.
    pub(crate) fn weights(self, params: &Params) -> f64 {
        let n = params.directions;
        (0..n).map(|i| self.weight(azimuth_deg(i, n), params)).sum()
    }
}

impl FromStr for Measure {
    type Err = UnknownMeasure;

    fn from_str(name: &str) -> Result<Self, UnknownMeasure> {
        Measure::ALL.into_iter().find(|m| m.name() == name).ok_or_else(|| UnknownMeasure {
            name: name.to_owned(),
            nearest: Measure::ALL
                .into_iter()
                .map(Measure::name)
                // The start of a name beats a shorter name of fewer edits.
                .min_by_key(|candidate| {
                    (
                        name.is_empty() || !candidate.starts_with(name),
                        edit_distance(name, candidate),
                    )
                })
                .unwrap_or("svf"),
        })
    }
}

/// Number of single-letter edits between two words (Levenshtein 1966).
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let substitute = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = substitute.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// What the horizon search must deliver besides the highest slope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    /// The lowest slope: the horizon of the inverted surface.
    pub lowest: bool,
    /// The distance of the sample that makes the horizon.
    pub distance: bool,
    /// Whether a missing height was met.
    pub gaps: bool,
    /// The receivers' own planes.
    pub facets: bool,
}

impl Needs {
    pub fn and(self, other: Needs) -> Needs {
        Needs {
            lowest: self.lowest || other.lowest,
            distance: self.distance || other.distance,
            gaps: self.gaps || other.gaps,
            facets: self.facets || other.facets,
        }
    }
}

/// What the search found in one direction, for a strip of receivers.
/// Arrays that nobody asked for are empty.
#[derive(Default)]
pub(crate) struct Horizon {
    /// Highest slope, -inf where no sample was valid.
    pub highest: Vec<f32>,
    /// Lowest slope, +inf where no sample was valid.
    pub lowest: Vec<f32>,
    /// Distance of the first sample that reaches the highest slope above zero, else 0.
    pub distance: Vec<f32>,
    /// 1 where a missing height was met, else 0.
    pub gaps: Vec<f32>,
}

impl Horizon {
    pub fn new(cells: usize, needs: Needs) -> Self {
        let array = |wanted: bool| vec![0.0; if wanted { cells } else { 0 }];
        Self {
            highest: vec![0.0; cells],
            lowest: array(needs.lowest),
            distance: array(needs.distance),
            gaps: array(needs.gaps),
        }
    }
}

/// Steeper horizons than this are vertical in f32; keeps `t^2` finite.
const STEEPEST: f32 = 1e12;

/// Slope of the horizon, never below the horizontal.
#[inline(always)]
fn clamped(t: f32) -> f32 {
    let t = if t > 0.0 { t } else { 0.0 };
    if t < STEEPEST { t } else { STEEPEST }
}

/// Slope of the horizon, horizontal where no sample was valid (infinite).
#[inline(always)]
fn unclamped(t: f32) -> f32 {
    let t = if t.abs() < f32::INFINITY { t } else { 0.0 };
    let t = if t > -STEEPEST { t } else { -STEEPEST };
    if t < STEEPEST { t } else { STEEPEST }
}

#[inline(always)]
fn sin_of(t: f32) -> f32 {
    t / (1.0 + t * t).sqrt()
}

/// Arc tangent in radians for any finite `t`, error under 1.5e-7.
///
/// Cody-Waite style reduction: `atan t = pi/2 - atan 1/t` above 1, then
/// `atan x = pi/8 + atan((x - k)/(1 + k x))`, `k = tan pi/8`, and the Taylor
/// series for `|x| <= tan pi/8`. Only + - * / : the same bits everywhere.
#[inline(always)]
pub(crate) fn atan(t: f32) -> f32 {
    use std::f32::consts::{FRAC_PI_2, FRAC_PI_8};
    const TAN_PI_8: f32 = 0.414_213_57;
    let a = t.abs();
    let steep = a > 1.0;
    let x = if steep { 1.0 / a } else { a };
    let y = (x - TAN_PI_8) / (1.0 + TAN_PI_8 * x);
    let s = y * y;
    let mut p = -1.0 / 15.0;
    p = p * s + 1.0 / 13.0;
    p = p * s - 1.0 / 11.0;
    p = p * s + 1.0 / 9.0;
    p = p * s - 1.0 / 7.0;
    p = p * s + 1.0 / 5.0;
    p = p * s - 1.0 / 3.0;
    let small = FRAC_PI_8 + (y + y * s * p);
    // Near the horizontal the shifted form would lose digits: pi/8 - pi/8.
    let r = if x < 0.05 { x - x * x * x / 3.0 + x * x * x * x * x / 5.0 } else { small };
    let r = if steep { FRAC_PI_2 - r } else { r };
    if t < 0.0 { -r } else { r }
}

/// Share of the cosine-weighted sky over a plane that lies in one direction above
/// a horizon of slope `t`, divided by cos S. `rise` is the slope of the plane
/// itself in that direction, `-tan S cos(a - A)`; the horizon is not below it.
///
/// `cos^2 g = 1/(1 + t^2)`, `sin g cos g = t/(1 + t^2)`, `pi/2 - g = atan(1/t)`.
#[inline(always)]
fn over_plane(t: f32, rise: f32) -> f32 {
    let t = clamped(if rise > t { rise } else { t });
    let steep = 1.0 + t * t;
    1.0 / steep - rise * (atan_of_inverse(t) - t / steep)
}

/// `pi/2 - atan t` for `t >= 0`, exact also where atan comes near pi/2.
#[inline(always)]
fn atan_of_inverse(t: f32) -> f32 {
    use std::f32::consts::FRAC_PI_2;
    if t > 1.0 { atan(1.0 / t) } else { FRAC_PI_2 - atan(t) }
}

/// One direction of a strip, as the measures see it.
pub(crate) struct Direction<'a> {
    found: &'a Horizon,
    facets: &'a Facets,
    /// What crowns cover, and the share of light that they keep away.
    veil: Option<(&'a Veil, f64)>,
    /// Sine and cosine of the azimuth: its parts eastwards and northwards.
    east_north: (f32, f32),
}

impl<'a> Direction<'a> {
    #[expect(clippy::cast_possible_truncation, reason = "the kernel works in f32")]
    pub fn new(
        found: &'a Horizon,
        facets: &'a Facets,
        veil: Option<(&'a Veil, f64)>,
        azimuth_deg: f64,
    ) -> Self {
        let (east, north) = sin_cos_deg(azimuth_deg);
        Self { found, facets, veil, east_north: (east as f32, north as f32) }
    }

    /// Adds a share of the sky, as a function of the horizon's slope, with what
    /// crowns above the horizon take from it.
    #[inline(always)]
    fn add_share(&self, weight: f64, sum: &mut [f64], term: impl Fn(f32) -> f32) {
        add(&self.found.highest, weight, sum, &term);
        let Some((veil, opacity)) = self.veil else { return };
        let between = |bottom, top| opacity * weight * f64::from(term(top) - term(bottom));
        for ((sum, &bottom), &top) in sum.iter_mut().zip(&veil.bottom).zip(&veil.top) {
            *sum += between(bottom, top);
        }
        for &(receiver, bottom, top) in &veil.more {
            sum[receiver] += between(bottom, top);
        }
    }

    /// The same of a share that depends on the receiver's own plane: `term` takes
    /// the horizon's slope and the plane's rise in this direction.
    #[inline(always)]
    fn add_share_over_planes(&self, sum: &mut [f64], term: impl Fn(f32, f32) -> f32) {
        let (east, north) = self.east_north;
        let Facets { east: rises_east, north: rises_north } = self.facets;
        let planes = rises_east.iter().zip(rises_north);
        for ((sum, &t), (&rise_east, &rise_north)) in
            sum.iter_mut().zip(&self.found.highest).zip(planes)
        {
            *sum += f64::from(term(t, rise_east * east + rise_north * north));
        }
        let Some((veil, opacity)) = self.veil else { return };
        let mut take = |receiver: usize, bottom: f32, top: f32| {
            let rise = rises_east[receiver] * east + rises_north[receiver] * north;
            sum[receiver] += opacity * f64::from(term(top, rise) - term(bottom, rise));
        };
        for (receiver, (&bottom, &top)) in veil.bottom.iter().zip(&veil.top).enumerate() {
            take(receiver, bottom, top);
        }
        for &(receiver, bottom, top) in &veil.more {
            take(receiver, bottom, top);
        }
    }
}

/// Adds a direction of a strip, with its weight, to the measure's sum.
/// `sum[k]` belongs to the same receiver as entry `k` of the horizon's arrays.
#[inline(always)]
pub(crate) fn add_direction(
    measure: Measure,
    direction: &Direction<'_>,
    weight: f64,
    sum: &mut [f64],
) {
    let Horizon { highest, lowest, distance, gaps } = direction.found;
    if weight == 0.0 {
        return;
    }
    match measure {
        Measure::Svf | Measure::SvfAnisotropic => {
            direction.add_share(weight, sum, |t| sin_of(clamped(t)));
        }
        Measure::SvfCosine
        | Measure::SvfNorth
        | Measure::SvfEast
        | Measure::SvfSouth
        | Measure::SvfWest => direction.add_share(weight, sum, |t| {
            let t = clamped(t);
            1.0 / (1.0 + t * t)
        }),
        Measure::SvfSlope | Measure::TerrainView => {
            direction.add_share_over_planes(sum, over_plane);
        }
        Measure::VisibleSky => direction.add_share(weight, sum, |t| atan(clamped(t))),
        Measure::SvfCos => direction.add_share(weight, sum, |t| {
            let t = clamped(t);
            1.0 / (1.0 + t * t).sqrt()
        }),
        Measure::OpennessPositive => add(highest, 1.0, sum, |t| atan(unclamped(t))),
        Measure::OpennessNegative => add(lowest, 1.0, sum, |t| atan(unclamped(-t))),
        Measure::Horizon { signed: false } => add(highest, 1.0, sum, |t| atan(clamped(t))),
        Measure::Horizon { signed: true } => add(highest, 1.0, sum, |t| atan(unclamped(t))),
        Measure::HorizonDistance => add(distance, 1.0, sum, |d| d),
        Measure::Coverage => add(gaps, 1.0, sum, |gap| 1.0 - gap),
    }
}

#[inline(always)]
fn add(values: &[f32], weight: f64, sum: &mut [f64], term: impl Fn(f32) -> f32) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += weight * f64::from(term(*value));
    }
}

/// Value of the measure at a receiver with this plane (rise eastwards and
/// northwards), from its sum over directions and the sum of their weights.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "results are f32 by definition")]
pub(crate) fn value(measure: Measure, sum: f64, weights: f64, plane: (f32, f32)) -> f32 {
    use std::f64::consts::FRAC_2_PI;
    let mean = sum / weights;
    let value = match measure {
        Measure::Svf | Measure::SvfAnisotropic => 1.0 - mean,
        // f32 rounds pi/2 up: a vertical horizon must not leave less than nothing.
        Measure::VisibleSky => (1.0 - FRAC_2_PI * mean).max(0.0),
        Measure::SvfSlope => (f64::from(cos_slope(plane.0, plane.1)) * mean).clamp(0.0, 1.0),
        Measure::TerrainView => {
            // A finite number of directions may see a little more than all of them.
            let cos_slope = f64::from(cos_slope(plane.0, plane.1));
            ((1.0 + cos_slope) / 2.0 - cos_slope * mean).clamp(0.0, 1.0)
        }
        Measure::OpennessPositive | Measure::OpennessNegative => 90.0 - mean.to_degrees(),
        Measure::Horizon { .. } => sum.to_degrees(),
        _ => mean,
    };
    value as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_and_typos_get_the_nearest() {
        for measure in Measure::ALL {
            assert_eq!(measure.name().parse(), Ok(measure));
        }
        let typo = "openess-positive".parse::<Measure>().unwrap_err();
        assert_eq!(typo.nearest, "openness-positive");
        let start = "openness".parse::<Measure>().unwrap_err();
        assert_eq!(start.nearest, "openness-positive");
        assert_eq!(
            "svfcos".parse::<Measure>().unwrap_err().to_string(),
            "unknown measure 'svfcos'; did you mean 'svf-cos'?"
        );
    }

    #[test]
    fn atan_is_within_two_tenths_of_a_millionth() {
        let mut worst = 0.0_f64;
        let mut t = 1e-8_f32;
        while t < 1e8 {
            for x in [t, -t] {
                worst = worst.max((f64::from(atan(x)) - f64::from(x).atan()).abs());
            }
            t *= 1.0003;
        }
        assert!(worst < 2e-7, "worst error {worst:e}");
        assert_eq!(atan(0.0), 0.0);
    }

    #[test]
    fn extreme_slopes_stay_in_range() {
        assert_eq!(sin_of(clamped(f32::INFINITY)), 1.0);
        assert_eq!(sin_of(clamped(3e38)), 1.0);
        assert_eq!(sin_of(clamped(f32::NEG_INFINITY)), 0.0);
        assert_eq!(atan(unclamped(f32::NEG_INFINITY)), 0.0, "no sample: horizontal");
        assert!((atan(unclamped(-3e38)) + std::f32::consts::FRAC_PI_2).abs() < 1e-6);
    }
}
