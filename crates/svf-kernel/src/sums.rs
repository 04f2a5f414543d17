//! Computes measures from horizons: sums over directions, for a strip of receivers.
//!
//! One horizon search is enough for all measures. For each direction, a measure gets the slope of
//! the horizon (tangent of its angle) and everything else that [`SearchOptions`] requested, and
//! adds its term. Terms that several measures use are computed once. Opposite directions are
//! added together, so that only half of the angles must be computed.
//!
//! Terms are added in f32 for a few directions, and these sums are added in f64, so that no
//! significant digit is lost in 720 directions.

use ndarray::{ArrayView1, ArrayViewMut1, ArrayViewMut2};

use crate::angles::{atan, clamped, cos2_of, over_plane, over_planes, sum_of_angles, unclamped};
use crate::geometry::sin_cos_deg;
use crate::intervals::CanopyIntervals;
use crate::measures::Measure;
use crate::params::Params;
use crate::slope_plane::{SlopePlanes, cos_slope};
use crate::strip::{Horizons, Row, STRIP_COLS};

/// One direction of a strip, as the measures see it.
pub(crate) struct DirectionView<'a> {
    found: &'a Horizons,
    slope_planes: &'a SlopePlanes,
    azimuth_deg: f64,
    /// Sine and cosine of the azimuth on the grid: its components eastwards and northwards.
    east_north: (f32, f32),
}

impl<'a> DirectionView<'a> {
    #[expect(clippy::cast_possible_truncation, reason = "the kernel works in f32")]
    pub fn new(
        found: &'a Horizons,
        slope_planes: &'a SlopePlanes,
        params: &Params,
        direction: u32,
    ) -> Self {
        let (east, north) = sin_cos_deg(params.grid_azimuth_deg(direction));
        let azimuth_deg = params.azimuth_deg(direction);
        Self { found, slope_planes, azimuth_deg, east_north: (east as f32, north as f32) }
    }

    /// Adds what crowns take from a share of the sky, times `weight`: as much as a horizon that is
    /// raised from their bottom to their top. `term` is the share as a function of the slope of the
    /// horizon and of the rise of the receiver's own plane.
    #[inline(always)]
    fn add_canopy(
        &self,
        intervals: &CanopyIntervals,
        weight: f32,
        sum: &mut [f32],
        term: impl Fn(f32, f32) -> f32,
    ) {
        let (east, north) = self.east_north;
        let planes = self.slope_planes;
        let level = planes.east.is_empty();
        let ends = [
            (&intervals.bottom, &intervals.top),
            (&intervals.second_bottom, &intervals.second_top),
        ];
        let (rows, _) = sum.as_chunks_mut::<STRIP_COLS>();
        for (row, sum) in rows.iter_mut().enumerate() {
            let mut rises = [0.0; STRIP_COLS];
            if !level {
                let (rises_east, rises_north) = planes.row(row);
                for (i, rise) in rises.iter_mut().enumerate() {
                    *rise = rises_east[i] * east + rises_north[i] * north;
                }
            }
            for (bottoms, tops) in ends {
                let (bottoms, tops) = (&chunks(bottoms)[row], &chunks(tops)[row]);
                let seen = bottoms.iter().zip(tops);
                if !seen.fold(false, |any, (bottom, top)| any | (top > bottom)) {
                    continue;
                }
                for (i, sum) in sum.iter_mut().enumerate() {
                    *sum += weight * (term(tops[i], rises[i]) - term(bottoms[i], rises[i]));
                }
            }
        }
        for &(receiver, bottom, top) in &intervals.more {
            let rise = match planes.east.get(receiver) {
                Some(rise_east) => rise_east * east + planes.north[receiver] * north,
                None => 0.0,
            };
            sum[receiver] += weight * (term(top, rise) - term(bottom, rise));
        }
    }
}

/// Sine and cosine of the horizon of a row of receivers.
#[derive(Clone, Copy)]
struct Cosines {
    sin: Row,
    cos: Row,
    cos2: Row,
}

impl Cosines {
    const NONE: Self =
        Self { sin: [0.0; STRIP_COLS], cos: [0.0; STRIP_COLS], cos2: [0.0; STRIP_COLS] };

    #[inline(always)]
    fn work_out(&mut self, slopes: &Row) {
        for (i, &t) in slopes.iter().enumerate() {
            let t = clamped(t);
            let cos2 = cos2_of(t);
            let cos = cos2.sqrt();
            self.cos2[i] = cos2;
            self.cos[i] = cos;
            self.sin[i] = t * cos;
        }
    }
}

/// Whether a measure is a mean of sines or cosines.
fn is_of_cosines(measure: &Measure) -> bool {
    !matches!(
        measure,
        Measure::VisibleSky
            | Measure::OpennessPositive
            | Measure::OpennessNegative
            | Measure::SvfSlope
            | Measure::TerrainView
            | Measure::Horizon { .. }
            | Measure::HorizonDistance
            | Measure::Slope
            | Measure::Aspect
            | Measure::Coverage
            | Measure::SvfVeg(_)
            | Measure::SvfAveg(_)
    )
}

/// Sums over directions of each measure, for a strip of receivers.
pub(crate) struct Sums {
    measures: Vec<Measure>,
    /// Whether any of these measures is a mean of sines or cosines.
    of_cosines: bool,
    /// Terms of the directions that were added last, per measure.
    weights: Vec<f32>,
    /// Sums over the last few directions, per measure.
    recent: Vec<Vec<f32>>,
    /// Sums over the directions before.
    total: Vec<Vec<f64>>,
    /// Number of directions in `recent`.
    held: usize,
    /// Rows of the strip.
    rows: usize,
}

impl Sums {
    /// Number of directions that are added in f32.
    const HELD: usize = 16;
    /// Bytes for each receiver and measure.
    pub const BYTES: usize = size_of::<f32>() + size_of::<f64>();

    pub fn new(measures: &[Measure], receivers: usize) -> Self {
        Self {
            measures: measures.to_vec(),
            of_cosines: measures.iter().any(is_of_cosines),
            weights: Vec::new(),
            recent: vec![vec![0.0; receivers]; measures.len()],
            total: vec![vec![0.0; receivers]; measures.len()],
            held: 0,
            rows: receivers / STRIP_COLS,
        }
    }

    /// Starts again, with a strip of this many rows.
    pub fn clear(&mut self, rows: usize) {
        self.held = 0;
        self.rows = rows;
        let receivers = ..rows * STRIP_COLS;
        self.recent.iter_mut().for_each(|recent| recent[receivers].fill(0.0));
        self.total.iter_mut().for_each(|total| total[receivers].fill(0.0));
    }

    /// Adds one direction, or two opposite ones, to all sums. Horizons and the angles of slope
    /// planes have no sums.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "terms are f32")]
    pub fn add<const N: usize>(&mut self, directions: [&DirectionView<'_>; N], params: &Params) {
        if self.held + N > Self::HELD {
            self.flush();
        }
        self.held += N;
        let weight = |m: &Measure, d: &DirectionView<'_>| m.weight(d.azimuth_deg, params) as f32;
        self.weights.clear();
        self.weights.extend(self.measures.iter().flat_map(|m| directions.map(|d| weight(m, d))));
        let (weights, _) = self.weights.as_chunks::<N>();
        let found = directions.map(|d| d.found);
        let highest = found.map(|found| chunks(&found.highest));
        let DirectionView { slope_planes, east_north: (east, north), .. } = directions[0];
        let mut cosines = [Cosines::NONE; N];
        for row in 0..self.rows {
            if self.of_cosines {
                for (cosines, slopes) in cosines.iter_mut().zip(highest) {
                    cosines.work_out(&slopes[row]);
                }
            }
            let slopes = highest.map(|slopes| &slopes[row]);
            let sums = self.recent.iter_mut().zip(weights);
            for (measure, (recent, &weights)) in self.measures.iter().zip(sums) {
                let sum = &mut recent.as_chunks_mut().0[row];
                match measure {
                    Measure::Svf | Measure::SvfError | Measure::SvfAnisotropic => {
                        add(sum, weights, |k, i| cosines[k].sin[i]);
                    }
                    Measure::SvfCosine
                    | Measure::SvfNorth
                    | Measure::SvfEast
                    | Measure::SvfSouth
                    | Measure::SvfWest => add(sum, weights, |k, i| cosines[k].cos2[i]),
                    Measure::SvfCos => add(sum, weights, |k, i| cosines[k].cos[i]),
                    Measure::VisibleSky => {
                        let angles = sum_of_angles(slopes, clamped);
                        add(sum, [1.0], |_, i| angles[i]);
                    }
                    Measure::OpennessPositive => {
                        let angles = sum_of_angles(slopes, unclamped);
                        add(sum, [1.0], |_, i| angles[i]);
                    }
                    Measure::OpennessNegative => {
                        let lowest = found.map(|found| &chunks(&found.lowest)[row]);
                        let angles = sum_of_angles(lowest, |t| unclamped(-t));
                        add(sum, [1.0], |_, i| angles[i]);
                    }
                    Measure::HorizonDistance => {
                        let distances = found.map(|found| &chunks(&found.distance)[row]);
                        add(sum, weights, |k, i| distances[k][i]);
                    }
                    Measure::Coverage => {
                        let gaps = found.map(|found| &chunks(&found.gaps)[row]);
                        add(sum, weights, |k, i| 1.0 - gaps[k][i]);
                    }
                    Measure::SvfSlope | Measure::TerrainView => {
                        let (rises_east, rises_north) = slope_planes.row(row);
                        let mut rises = [0.0; STRIP_COLS];
                        for (i, rise) in rises.iter_mut().enumerate() {
                            *rise = rises_east[i] * east + rises_north[i] * north;
                        }
                        let sky = over_planes(slopes, &rises);
                        add(sum, [1.0], |_, i| sky[i]);
                    }
                    // Only crowns count.
                    Measure::SvfVeg(_) | Measure::SvfAveg(_) => {}
                    Measure::Horizon { .. } | Measure::Slope | Measure::Aspect => {}
                }
            }
        }
    }

    /// Adds what the crowns of a direction, of this opacity, take from the shares of the sky:
    /// those above the horizon, or those in front of ground.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "terms are f32")]
    pub fn add_canopy(
        &mut self,
        direction: &DirectionView<'_>,
        [intervals, front]: [&CanopyIntervals; 2],
        opacity: f64,
        params: &Params,
    ) {
        for (measure, sum) in self.measures.iter().zip(&mut self.recent) {
            let sum = &mut sum[..self.rows * STRIP_COLS];
            let of_direction = measure.weight(direction.azimuth_deg, params);
            let weight = (opacity * of_direction) as f32;
            match measure {
                // As if they were opaque.
                Measure::SvfVeg(_) | Measure::SvfAveg(_) => {
                    let of_veg = matches!(measure, Measure::SvfVeg(_));
                    let intervals = if of_veg { intervals } else { front };
                    let weight = of_direction as f32;
                    direction.add_canopy(intervals, weight, sum, |t, _| cos2_of(clamped(t)));
                }
                Measure::Svf | Measure::SvfError | Measure::SvfAnisotropic => {
                    direction.add_canopy(intervals, weight, sum, |t, _| {
                        let t = clamped(t);
                        t * cos2_of(t).sqrt()
                    });
                }
                Measure::SvfCosine
                | Measure::SvfNorth
                | Measure::SvfEast
                | Measure::SvfSouth
                | Measure::SvfWest => {
                    direction.add_canopy(intervals, weight, sum, |t, _| cos2_of(clamped(t)));
                }
                Measure::SvfCos => {
                    direction.add_canopy(intervals, weight, sum, |t, _| cos2_of(clamped(t)).sqrt());
                }
                Measure::VisibleSky => {
                    direction.add_canopy(intervals, weight, sum, |t, _| atan(clamped(t)));
                }
                Measure::SvfSlope | Measure::TerrainView => {
                    direction.add_canopy(intervals, weight, sum, over_plane);
                }
                Measure::OpennessPositive
                | Measure::OpennessNegative
                | Measure::Horizon { .. }
                | Measure::HorizonDistance
                | Measure::Slope
                | Measure::Aspect
                | Measure::Coverage => {}
            }
        }
    }

    fn flush(&mut self) {
        for (recent, total) in self.recent.iter_mut().zip(&mut self.total) {
            for (recent, total) in recent.iter_mut().zip(total).take(self.rows * STRIP_COLS) {
                *total += f64::from(std::mem::take(recent));
            }
        }
        self.held = 0;
    }

    /// Writes the values of measure `i` of receivers on `slope_planes` (if it needs them). `out`
    /// has the shape (rows, columns).
    #[inline(always)]
    pub fn put(
        &self,
        i: usize,
        slope_planes: &SlopePlanes,
        params: &Params,
        mut out: ArrayViewMut2<'_, f32>,
    ) {
        let measure = self.measures[i];
        let per_weight = 1.0 / measure.weights(params);
        for (row, out) in out.rows_mut().into_iter().enumerate() {
            let (total, recent) = (&chunks(&self.total[i])[row], &chunks(&self.recent[i])[row]);
            let mean = |i: usize| (total[i] + f64::from(recent[i])) * per_weight;
            match measure {
                // Rounding must not make a share negative, or more than all.
                Measure::Svf | Measure::SvfAnisotropic => put(out, |i| share(1.0 - mean(i))),
                Measure::SvfError => put(out, |i| share(2.0 * mean(i).abs()) / 2.0),
                Measure::VisibleSky => {
                    put(out, |i| share(1.0 - std::f64::consts::FRAC_2_PI * mean(i)));
                }
                Measure::OpennessPositive | Measure::OpennessNegative => {
                    put(out, |i| 90.0 - mean(i).to_degrees());
                }
                Measure::SvfSlope | Measure::TerrainView => {
                    let (east, north) = slope_planes.row(row);
                    put(out, |i| {
                        let cos_slope = f64::from(cos_slope(east[i], north[i]));
                        // With few directions, the value can be a little larger than with all of
                        // them.
                        let sky = share(cos_slope * mean(i));
                        match measure {
                            Measure::SvfSlope => sky,
                            _ => share((1.0 + cos_slope) / 2.0 - sky),
                        }
                    });
                }
                Measure::SvfCosine
                | Measure::SvfNorth
                | Measure::SvfEast
                | Measure::SvfSouth
                | Measure::SvfWest
                | Measure::SvfCos
                | Measure::Coverage => put(out, |i| share(mean(i))),
                Measure::SvfVeg(_) | Measure::SvfAveg(_) => put(out, |i| share(1.0 + mean(i))),
                Measure::Slope => put(out, |i| slope_planes.angles(row).0[i].into()),
                Measure::Aspect => put(out, |i| slope_planes.angles(row).1[i].into()),
                Measure::HorizonDistance | Measure::Horizon { .. } => put(out, mean),
            }
        }
    }
}

/// Writes horizon angles, degrees, of what was found in one direction. `out` has shape
/// (rows, columns).
#[inline(always)]
pub(crate) fn put_horizon(found: &Horizons, signed: bool, mut out: ArrayViewMut2<'_, f32>) {
    for (row, out) in out.rows_mut().into_iter().enumerate() {
        let slopes = [&chunks(&found.highest)[row]];
        let read = |t| if signed { unclamped(t) } else { clamped(t) };
        let angles = sum_of_angles(slopes, read);
        // Avoids a negative zero.
        put(out, |i| f64::from(angles[i].to_degrees() + 0.0));
    }
}

/// The rows of an array of a strip.
#[inline(always)]
fn chunks<T>(values: &[T]) -> &[[T; STRIP_COLS]] {
    values.as_chunks().0
}

/// Adds the weighted terms of each direction to the sum of each receiver.
#[inline(always)]
fn add<const N: usize>(sum: &mut Row, weights: [f32; N], term: impl Fn(usize, usize) -> f32) {
    for (i, sum) in sum.iter_mut().enumerate() {
        let mut of_all = weights[0] * term(0, i);
        for (k, weight) in weights.iter().enumerate().skip(1) {
            of_all += weight * term(k, i);
        }
        *sum += of_all;
    }
}

/// A share, 0 to 1.
#[inline(always)]
fn share(x: f64) -> f64 {
    let x = if x > 0.0 { x } else { 0.0 };
    if x < 1.0 { x } else { 1.0 }
}

/// Writes a row of results, as many as `out` has columns. They are computed for the whole strip,
/// because the compiler vectorises loops of a known length.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "results are f32 by definition")]
fn put(mut out: ArrayViewMut1<'_, f32>, value: impl Fn(usize) -> f64) {
    let mut values = [0.0; STRIP_COLS];
    for (i, cell) in values.iter_mut().enumerate() {
        *cell = value(i) as f32;
    }
    let cols = out.len();
    out.assign(&ArrayView1::from(&values[..cols]));
}
