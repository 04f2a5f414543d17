//! The definition of every measure in plain f64, one loop per line of the
//! formulas, no cleverness: the oracle that every fast path is held to.
//!
//! Readable before fast. Works on the whole raster at once: whatever lies
//! outside the array is missing.

use ndarray::{Array2, Array3, ArrayView2};

use crate::geometry::{Fan, Sample, SightLine};
use crate::ground::Ground;
use crate::measures::Measure;
use crate::params::{CellSize, Missing, ParamError, Params};

/// What one receiver sees in one direction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sight {
    /// Highest slope (tangent of the horizon angle); none without a valid sample.
    pub slope: Option<f64>,
    /// Highest slope over the inverted surface.
    pub inverted_slope: Option<f64>,
    /// Distance of the first sample that makes a horizon above the horizontal,
    /// ground units; 0 where none does.
    pub distance: f64,
    /// Whether a missing height was met.
    pub gap: bool,
}

impl Sight {
    /// Horizon angle `g`, radians, never below the horizontal.
    pub fn angle(&self) -> f64 {
        self.slope.unwrap_or(0.0).max(0.0).atan()
    }
}

/// Height at a sample seen from (`row`, `col`); none where missing.
pub fn height_at(z: ArrayView2<'_, f64>, row: usize, col: usize, sample: &Sample) -> Option<f64> {
    let cell = |(drow, dcol): (i32, i32)| -> Option<f64> {
        let row = row.checked_add_signed(drow as isize)?;
        let col = col.checked_add_signed(dcol as isize)?;
        z.get((row, col)).copied().filter(|height| height.is_finite())
    };
    let near = cell(sample.near)?;
    let far = cell(sample.far)?;
    Some(near * (1.0 - sample.weight) + far * sample.weight)
}

/// Searches one sight line of the receiver at (`row`, `col`) of the heights `z`.
pub fn look(
    z: ArrayView2<'_, f64>,
    row: usize,
    col: usize,
    line: &SightLine,
    params: &Params,
) -> Sight {
    let mut sight = Sight { slope: None, inverted_slope: None, distance: 0.0, gap: false };
    let ground = z[(row, col)] * params.z_factor;
    for sample in line.samples.iter().filter(|s| !s.is_receiver()) {
        let Some(height) = height_at(z, row, col, sample) else {
            sight.gap = true;
            if params.missing == Missing::Stop {
                break;
            }
            continue;
        };
        let d = sample.distance;
        let drop = params.curvature.map_or(0.0, |curvature| curvature.drop(d));
        let height = height * params.z_factor;
        let slope = (height - (ground + params.observer_height) - drop) / d;
        let inverted = (-height - (-ground + params.observer_height) - drop) / d;
        if slope > sight.slope.unwrap_or(0.0).max(0.0) {
            sight.distance = d;
        }
        sight.slope = Some(sight.slope.map_or(slope, |s| s.max(slope)));
        sight.inverted_slope = Some(sight.inverted_slope.map_or(inverted, |s| s.max(inverted)));
    }
    sight
}

/// The plane a receiver stands on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Facet {
    /// Slope S, radians.
    pub slope: f64,
    /// Aspect A, the azimuth that it faces (downhill), radians; 0 on level ground.
    pub aspect: f64,
}

/// Slope and aspect from the four neighbours, central differences (Zevenbergen &
/// Thorne 1987); the one that is there where the other is missing, level along an
/// axis where both are.
pub fn facet(
    z: ArrayView2<'_, f64>,
    row: usize,
    col: usize,
    cell: CellSize,
    params: &Params,
) -> Facet {
    let height = |drow: i32, dcol: i32| {
        height_at(
            z,
            row,
            col,
            &Sample { near: (drow, dcol), far: (drow, dcol), weight: 0.0, distance: 0.0 },
        )
    };
    let here = z[(row, col)];
    let rise = |before: Option<f64>, after: Option<f64>| match (before, after) {
        (Some(before), Some(after)) => (after - before) / 2.0,
        (Some(before), None) => here - before,
        (None, Some(after)) => after - here,
        (None, None) => 0.0,
    };
    let east = rise(height(0, -1), height(0, 1)) * params.z_factor / cell.east;
    let north = -rise(height(-1, 0), height(1, 0)) * params.z_factor / cell.south;
    Facet { slope: east.hypot(north).atan(), aspect: f64::atan2(-east, -north) }
}

/// Value of a measure (other than the bands of `horizon`) from what a receiver on
/// `facet` sees in all directions, clockwise from north.
pub fn value(measure: Measure, sights: &[Sight], facet: Facet, params: &Params) -> f64 {
    use std::f64::consts::{FRAC_PI_2, PI};
    let azimuth = |i: usize| 2.0 * PI * i as f64 / sights.len() as f64;
    // A mean over directions, weighted.
    let weighted = |weight: &dyn Fn(f64) -> f64, term: &dyn Fn(&Sight, f64) -> f64| {
        let terms =
            sights.iter().enumerate().map(|(i, s)| weight(azimuth(i)) * term(s, azimuth(i)));
        exact_sum(terms) / exact_sum((0..sights.len()).map(|i| weight(azimuth(i))))
    };
    let mean = |term: &dyn Fn(&Sight, f64) -> f64| weighted(&|_| 1.0, term);
    let half_circle = |middle: f64| {
        let weight = move |a: f64| {
            let c = (a - middle).cos();
            if c.abs() < 1e-9 {
                0.5
            } else if c > 0.0 {
                1.0
            } else {
                0.0
            }
        };
        weighted(&weight, &|s, _| s.angle().cos().powi(2))
    };
    let Facet { slope, aspect } = facet;
    let svf_slope = || {
        let term = |s: &Sight, a: f64| {
            // The horizon is not below the receiver's own plane.
            let own = (-slope.tan() * (a - aspect).cos()).atan();
            let g = s.angle().max(own);
            slope.cos() * g.cos().powi(2)
                + slope.sin() * (a - aspect).cos() * (FRAC_PI_2 - g - g.sin() * g.cos())
        };
        mean(&term).clamp(0.0, 1.0)
    };
    match measure {
        Measure::Svf => 1.0 - mean(&|s, _| s.angle().sin()),
        Measure::SvfCosine => mean(&|s, _| s.angle().cos().powi(2)),
        Measure::SvfSlope => svf_slope(),
        Measure::VisibleSky => mean(&|s, _| 1.0 - 2.0 * s.angle() / PI),
        Measure::SvfCos => mean(&|s, _| s.angle().cos()),
        Measure::TerrainView => ((1.0 + slope.cos()) / 2.0 - svf_slope()).clamp(0.0, 1.0),
        Measure::OpennessPositive => {
            mean(&|s, _| 90.0 - s.slope.unwrap_or(0.0).atan().to_degrees())
        }
        Measure::OpennessNegative => {
            mean(&|s, _| 90.0 - s.inverted_slope.unwrap_or(0.0).atan().to_degrees())
        }
        Measure::SvfAnisotropic => {
            let weight = |a: f64| params.anisotropy.weight(a.to_degrees());
            1.0 - weighted(&weight, &|s, _| s.angle().sin())
        }
        Measure::SvfNorth => half_circle(0.0),
        Measure::SvfEast => half_circle(PI / 2.0),
        Measure::SvfSouth => half_circle(PI),
        Measure::SvfWest => half_circle(1.5 * PI),
        Measure::HorizonDistance => mean(&|s, _| s.distance),
        Measure::Coverage => mean(&|s, _| if s.gap { 0.0 } else { 1.0 }),
        Measure::Horizon { .. } => f64::NAN,
    }
}

/// Sum with the rounding error of every step carried along (Neumaier 1974), so
/// that the oracle does not depend on which direction comes first.
fn exact_sum(terms: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut lost) = (0.0_f64, 0.0_f64);
    for term in terms {
        let next = sum + term;
        lost += if sum.abs() >= term.abs() { (sum - next) + term } else { (term - next) + sum };
        sum = next;
    }
    sum + lost
}

/// All measures of every receiver of the raster `z`, shape (rows, columns).
///
/// Returns (bands, rows, columns), the bands of the measures in the order
/// asked; NaN where the receiver is missing.
///
/// # Errors
/// Parameters that make no sense on these cells.
pub fn compute(
    z: ArrayView2<'_, f32>,
    ground: impl Into<Ground>,
    params: &Params,
    measures: &[Measure],
) -> Result<Array3<f64>, ParamError> {
    let ground = ground.into();
    let heights: Array2<f64> = z.mapv(f64::from);
    let (rows, cols) = z.dim();
    let bands = measures.iter().map(|m| m.bands(params.directions)).sum();
    let mut out = Array3::from_elem((bands, rows, cols), f64::NAN);
    for row in 0..rows {
        let cell = ground.cell_at(row as u64);
        let fan = Fan::new(params, cell)?;
        for col in 0..cols {
            if !heights[(row, col)].is_finite() {
                continue;
            }
            let sights: Vec<Sight> =
                fan.lines.iter().map(|l| look(heights.view(), row, col, l, params)).collect();
            if params.missing == Missing::Nan && sights.iter().any(|s| s.gap) {
                continue;
            }
            let facet = facet(heights.view(), row, col, cell, params);
            let mut band = 0;
            for &measure in measures {
                if let Measure::Horizon { signed } = measure {
                    for sight in &sights {
                        let signed_angle = sight.slope.unwrap_or(0.0).atan();
                        let angle = if signed { signed_angle } else { signed_angle.max(0.0) };
                        out[(band, row, col)] = angle.to_degrees();
                        band += 1;
                    }
                } else {
                    out[(band, row, col)] = value(measure, &sights, facet, params);
                    band += 1;
                }
            }
        }
    }
    Ok(out)
}
