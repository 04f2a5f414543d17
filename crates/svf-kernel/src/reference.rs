//! The definition of every measure in plain f64, one loop per line of the
//! formulas, no cleverness: the oracle that every fast path is held to.
//!
//! Readable before fast. Works on the whole raster at once: whatever lies
//! outside the array is missing.

use ndarray::{Array2, Array3, ArrayView2};

use crate::geometry::{Fan, Sample, SightLine};
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

/// Value of a measure (other than the bands of `horizon`) from what the
/// receiver sees in all directions.
pub fn value(measure: Measure, sights: &[Sight]) -> f64 {
    use std::f64::consts::PI;
    let mean =
        |term: &dyn Fn(&Sight) -> f64| exact_sum(sights.iter().map(term)) / sights.len() as f64;
    match measure {
        Measure::Svf => 1.0 - mean(&|s| s.angle().sin()),
        Measure::SvfCosine => mean(&|s| s.angle().cos().powi(2)),
        Measure::VisibleSky => mean(&|s| 1.0 - 2.0 * s.angle() / PI),
        Measure::SvfCos => mean(&|s| s.angle().cos()),
        Measure::OpennessPositive => mean(&|s| 90.0 - s.slope.unwrap_or(0.0).atan().to_degrees()),
        Measure::OpennessNegative => {
            mean(&|s| 90.0 - s.inverted_slope.unwrap_or(0.0).atan().to_degrees())
        }
        Measure::HorizonDistance => mean(&|s| s.distance),
        Measure::Coverage => mean(&|s| if s.gap { 0.0 } else { 1.0 }),
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
    cell: CellSize,
    params: &Params,
    measures: &[Measure],
) -> Result<Array3<f64>, ParamError> {
    let fan = Fan::new(params, cell)?;
    let heights: Array2<f64> = z.mapv(f64::from);
    let (rows, cols) = z.dim();
    let bands = measures.iter().map(|m| m.bands(params.directions)).sum();
    let mut out = Array3::from_elem((bands, rows, cols), f64::NAN);
    for row in 0..rows {
        for col in 0..cols {
            if !heights[(row, col)].is_finite() {
                continue;
            }
            let sights: Vec<Sight> =
                fan.lines.iter().map(|l| look(heights.view(), row, col, l, params)).collect();
            if params.missing == Missing::Nan && sights.iter().any(|s| s.gap) {
                continue;
            }
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
                    out[(band, row, col)] = value(measure, &sights);
                    band += 1;
                }
            }
        }
    }
    Ok(out)
}
