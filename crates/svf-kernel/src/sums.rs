//! From horizons to measures: sums over directions, for a strip of receivers.
//!
//! One horizon search feeds all measures: a measure sees, per direction, the slope
//! of the horizon (tangent of its angle), and whatever else [`Needs`] asked for,
//! and adds its term. Sine, cosine and angle of a horizon are worked out once for
//! all measures, without a trigonometric call: `cos^2 g = 1 / (1 + t^2)`,
//! `sin g = t cos g`.
//!
//! Terms are added in f32, a few directions at a time, and those sums in f64: no
//! digit that counts is lost in 720 directions. Loops are plain and branch-free,
//! so that the compiler vectorises them for each instruction set; IEEE sums,
//! divisions and roots give the same bits on all of them.

use ndarray::ArrayViewMut2;

use crate::canopy::Veil;
use crate::facet::{Facets, cos_slope};
use crate::geometry::sin_cos_deg;
use crate::horizon::{STEEPEST, STRIP_COLS};
use crate::measures::{Measure, Needs};
use crate::params::Params;

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
fn cos2_of(t: f32) -> f32 {
    1.0 / (1.0 + t * t)
}

/// Arc tangent of `x` in 0..1, radians, error under 2e-7 (Abramowitz & Stegun
/// 1964, 4.4.49). Only + and *: the same bits everywhere.
#[inline(always)]
fn atan_to_1(x: f32) -> f32 {
    let s = x * x;
    let mut p = 0.002_866_225_7_f32;
    p = p * s - 0.016_165_737;
    p = p * s + 0.042_909_614;
    p = p * s - 0.075_289_64;
    p = p * s + 0.106_562_64;
    p = p * s - 0.142_089;
    p = p * s + 0.199_935_51;
    p = p * s - 0.333_331_45;
    x + x * (s * p)
}

/// Arc tangent in radians for any finite `t`: `atan t = pi/2 - atan 1/t` above 1.
#[inline(always)]
fn atan(t: f32) -> f32 {
    use std::f32::consts::FRAC_PI_2;
    let a = t.abs();
    let steep = a > 1.0;
    let r = atan_to_1(if steep { 1.0 / a } else { a });
    let r = if steep { FRAC_PI_2 - r } else { r };
    if t < 0.0 { -r } else { r }
}

/// Share of the cosine-weighted sky over a plane that lies in one direction above
/// a horizon of slope `t`, divided by cos S. `rise` is the slope of the plane
/// itself in that direction, `-tan S cos(a - A)`; the horizon is not below it.
///
/// `sin g cos g = t/(1 + t^2)`, `pi/2 - g = atan(1/t)`.
#[inline(always)]
fn over_plane(t: f32, rise: f32) -> f32 {
    use std::f32::consts::FRAC_PI_2;
    let t = clamped(if rise > t { rise } else { t });
    let cos2 = cos2_of(t);
    let steep = t > 1.0;
    let r = atan_to_1(if steep { 1.0 / t } else { t });
    // Exact also where the angle comes near pi/2.
    let to_zenith = if steep { r } else { FRAC_PI_2 - r };
    cos2 - rise * (to_zenith - t * cos2)
}

/// The receivers of a row of the strip.
type Row = [f32; STRIP_COLS];

/// One direction of a strip, as the measures see it.
pub(crate) struct Direction<'a> {
    found: &'a Horizon,
    facets: &'a Facets,
    /// What crowns cover, and the share of light that they keep away.
    veil: Option<(&'a Veil, f32)>,
    azimuth_deg: f64,
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
        let veil = veil.map(|(veil, opacity)| (veil, opacity as f32));
        Self { found, facets, veil, azimuth_deg, east_north: (east as f32, north as f32) }
    }

    /// Adds what crowns take from a share of the sky: as much as a horizon raised
    /// from their bottom to their top would. `term` is the share as a function of
    /// the horizon's slope and of the rise of the receiver's own plane.
    #[inline(always)]
    fn add_veil(&self, weight: f32, sum: &mut [f32], term: impl Fn(f32, f32) -> f32) {
        let Some((veil, opacity)) = self.veil else { return };
        let (east, north) = self.east_north;
        let Facets { east: rises_east, north: rises_north } = self.facets;
        let mut take = |receiver: usize, bottom: f32, top: f32| {
            let rise = match rises_east.get(receiver) {
                Some(rise_east) => rise_east * east + rises_north[receiver] * north,
                None => 0.0,
            };
            sum[receiver] += opacity * weight * (term(top, rise) - term(bottom, rise));
        };
        for (receiver, (&bottom, &top)) in veil.bottom.iter().zip(&veil.top).enumerate() {
            take(receiver, bottom, top);
        }
        for &(receiver, bottom, top) in &veil.more {
            take(receiver, bottom, top);
        }
    }
}

/// Sine, cosine and angle of the horizon of a row of receivers.
struct Angles {
    sin: Row,
    cos: Row,
    cos2: Row,
    /// Radians, also below the horizontal.
    angle: Row,
}

impl Angles {
    const NONE: Self = Self {
        sin: [0.0; STRIP_COLS],
        cos: [0.0; STRIP_COLS],
        cos2: [0.0; STRIP_COLS],
        angle: [0.0; STRIP_COLS],
    };

    /// Works out what is asked for: the rest stays as it was.
    #[inline(always)]
    fn work_out(&mut self, slopes: &Row, wanted: Wanted) {
        if wanted.cosines {
            for (i, &t) in slopes.iter().enumerate() {
                let t = clamped(t);
                let cos2 = cos2_of(t);
                let cos = cos2.sqrt();
                self.cos2[i] = cos2;
                self.cos[i] = cos;
                self.sin[i] = t * cos;
            }
        }
        if wanted.angles {
            for (angle, &t) in self.angle.iter_mut().zip(slopes) {
                *angle = atan(unclamped(t));
            }
        }
    }
}

/// What of a horizon the measures use.
#[derive(Clone, Copy, Default)]
struct Wanted {
    cosines: bool,
    angles: bool,
}

impl Wanted {
    fn by(measures: &[Measure]) -> Self {
        let mut wanted = Self::default();
        for measure in measures {
            match measure {
                Measure::VisibleSky | Measure::OpennessPositive | Measure::Horizon { .. } => {
                    wanted.angles = true;
                }
                Measure::SvfSlope
                | Measure::TerrainView
                | Measure::OpennessNegative
                | Measure::HorizonDistance
                | Measure::Coverage => {}
                _ => wanted.cosines = true,
            }
        }
        wanted
    }
}

/// Sums over directions of each measure, for a strip of receivers.
pub(crate) struct Sums {
    measures: Vec<Measure>,
    wanted: Wanted,
    /// Weight of the direction added last, per measure.
    weights: Vec<f32>,
    /// Of the last few directions, per measure.
    recent: Vec<Vec<f32>>,
    /// Of those before.
    total: Vec<Vec<f64>>,
    /// How many directions `recent` holds.
    held: usize,
}

impl Sums {
    /// Directions that are added up in f32.
    const HELD: usize = 16;
    /// Bytes for each receiver and measure.
    pub const BYTES: usize = size_of::<f32>() + size_of::<f64>();

    pub fn new(measures: &[Measure], cells: usize) -> Self {
        Self {
            measures: measures.to_vec(),
            wanted: Wanted::by(measures),
            weights: Vec::new(),
            recent: vec![vec![0.0; cells]; measures.len()],
            total: vec![vec![0.0; cells]; measures.len()],
            held: 0,
        }
    }

    /// Starts anew.
    pub fn clear(&mut self) {
        self.held = 0;
        self.recent.iter_mut().for_each(|recent| recent.fill(0.0));
        self.total.iter_mut().for_each(|total| total.fill(0.0));
    }

    /// Adds a direction to all sums. Of `horizon` only the last direction is kept.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "terms are f32")]
    pub fn add(&mut self, direction: &Direction<'_>, params: &Params) {
        if self.held == Self::HELD {
            self.flush();
        }
        self.held += 1;
        let weight = |m: &Measure| m.weight(direction.azimuth_deg, params) as f32;
        self.weights.clear();
        self.weights.extend(self.measures.iter().map(weight));
        let found = direction.found;
        let mut angles = Angles::NONE;
        let (rows, _) = found.highest.as_chunks::<STRIP_COLS>();
        for (i, slopes) in rows.iter().enumerate() {
            angles.work_out(slopes, self.wanted);
            let sums = self.recent.iter_mut().zip(&self.weights);
            for (&measure, (recent, &weight)) in self.measures.iter().zip(sums) {
                let row = i * STRIP_COLS..(i + 1) * STRIP_COLS;
                let sum = &mut recent[row.clone()];
                match measure {
                    Measure::Svf => add(sum, &angles.sin, |sin| sin),
                    Measure::SvfAnisotropic => add(sum, &angles.sin, |sin| weight * sin),
                    Measure::SvfCosine => add(sum, &angles.cos2, |cos2| cos2),
                    Measure::SvfNorth | Measure::SvfEast | Measure::SvfSouth | Measure::SvfWest => {
                        add(sum, &angles.cos2, |cos2| weight * cos2)
                    }
                    Measure::SvfCos => add(sum, &angles.cos, |cos| cos),
                    Measure::VisibleSky => {
                        add(sum, &angles.angle, |g| if g > 0.0 { g } else { 0.0 });
                    }
                    Measure::OpennessPositive => add(sum, &angles.angle, |g| g),
                    Measure::OpennessNegative => {
                        add(sum, &found.lowest[row], |t| atan(unclamped(-t)));
                    }
                    Measure::Horizon { signed } => {
                        for (sum, g) in sum.iter_mut().zip(&angles.angle) {
                            *sum = if signed || *g > 0.0 { *g } else { 0.0 };
                        }
                    }
                    Measure::HorizonDistance => add(sum, &found.distance[row], |d| d),
                    Measure::Coverage => add(sum, &found.gaps[row], |gap| 1.0 - gap),
                    Measure::SvfSlope | Measure::TerrainView => {
                        let (east, north) = direction.east_north;
                        let planes = direction.facets.east[row.clone()]
                            .iter()
                            .zip(&direction.facets.north[row]);
                        for ((sum, &t), (rise_east, rise_north)) in
                            sum.iter_mut().zip(slopes).zip(planes)
                        {
                            *sum += over_plane(t, rise_east * east + rise_north * north);
                        }
                    }
                }
            }
        }
        if direction.veil.is_some() {
            self.add_veil(direction);
        }
    }

    /// Adds what crowns take from the shares of the sky.
    fn add_veil(&mut self, direction: &Direction<'_>) {
        let sums = self.recent.iter_mut().zip(&self.weights);
        for (&measure, (sum, &weight)) in self.measures.iter().zip(sums) {
            match measure {
                Measure::Svf | Measure::SvfAnisotropic => {
                    direction.add_veil(weight, sum, |t, _| {
                        let t = clamped(t);
                        t * cos2_of(t).sqrt()
                    });
                }
                Measure::SvfCosine
                | Measure::SvfNorth
                | Measure::SvfEast
                | Measure::SvfSouth
                | Measure::SvfWest => {
                    direction.add_veil(weight, sum, |t, _| cos2_of(clamped(t)));
                }
                Measure::SvfCos => {
                    direction.add_veil(weight, sum, |t, _| cos2_of(clamped(t)).sqrt());
                }
                Measure::VisibleSky => direction.add_veil(weight, sum, |t, _| atan(clamped(t))),
                Measure::SvfSlope | Measure::TerrainView => {
                    direction.add_veil(weight, sum, over_plane);
                }
                Measure::OpennessPositive
                | Measure::OpennessNegative
                | Measure::Horizon { .. }
                | Measure::HorizonDistance
                | Measure::Coverage => {}
            }
        }
    }

    fn flush(&mut self) {
        for (recent, total) in self.recent.iter_mut().zip(&mut self.total) {
            for (recent, total) in recent.iter_mut().zip(total) {
                *total += f64::from(std::mem::take(recent));
            }
        }
        self.held = 0;
    }

    /// Writes the horizon of the direction added last, degrees, where measure `i` is
    /// one. `out` has shape (rows, columns).
    #[inline(always)]
    pub fn put_horizon(&self, i: usize, mut out: ArrayViewMut2<'_, f32>) {
        let rows = out.rows_mut().into_iter().zip(self.recent[i].chunks(STRIP_COLS));
        for (mut row, angles) in rows {
            for (value, angle) in row.iter_mut().zip(angles) {
                *value = angle.to_degrees();
            }
        }
    }

    /// Writes the values of measure `i` of receivers on `facets` (where it needs
    /// them). `out` has shape (rows, columns).
    #[inline(always)]
    pub fn put(&mut self, i: usize, facets: &Facets, params: &Params, out: ArrayViewMut2<'_, f32>) {
        if self.held > 0 {
            self.flush();
        }
        let measure = self.measures[i];
        let weights = measure.weights(params);
        let means = |row: usize| {
            let sums = &self.total[i][row * STRIP_COLS..];
            sums.iter().map(move |sum| sum / weights)
        };
        match measure {
            // f32 rounds a little up: a vertical horizon must not leave less than nothing.
            Measure::Svf | Measure::SvfAnisotropic => {
                put(out, means, |mean| (1.0 - mean).max(0.0));
            }
            Measure::VisibleSky => {
                put(out, means, |mean| (1.0 - std::f64::consts::FRAC_2_PI * mean).max(0.0));
            }
            Measure::OpennessPositive | Measure::OpennessNegative => {
                put(out, means, |mean| 90.0 - mean.to_degrees());
            }
            Measure::SvfSlope | Measure::TerrainView => {
                let with_planes = |row: usize| means(row).zip(facets.row(row));
                put(out, with_planes, |(mean, (east, north))| {
                    let cos_slope = f64::from(cos_slope(east, north));
                    // A finite number of directions may see a little more than all of them.
                    let sky = (cos_slope * mean).clamp(0.0, 1.0);
                    match measure {
                        Measure::SvfSlope => sky,
                        _ => ((1.0 + cos_slope) / 2.0 - sky).clamp(0.0, 1.0),
                    }
                });
            }
            _ => put(out, means, |mean| mean),
        }
    }
}

/// Writes a band: `value` of what `rows` gives for each receiver.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "results are f32 by definition")]
fn put<T, R: Iterator<Item = T>>(
    mut out: ArrayViewMut2<'_, f32>,
    rows: impl Fn(usize) -> R,
    value: impl Fn(T) -> f64,
) {
    for (i, mut row) in out.rows_mut().into_iter().enumerate() {
        for (cell, of_receiver) in row.iter_mut().zip(rows(i)) {
            *cell = value(of_receiver) as f32;
        }
    }
}

#[inline(always)]
fn add(sum: &mut [f32], values: &[f32], term: impl Fn(f32) -> f32) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += term(*value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let sines = |t: f32| {
            let mut angles = Angles::NONE;
            angles.work_out(&[t; STRIP_COLS], Wanted { cosines: true, angles: true });
            (angles.sin[0], angles.cos2[0], angles.angle[0])
        };
        assert!((sines(f32::INFINITY).0 - 1.0).abs() < 1e-6);
        assert!((sines(3e38).0 - 1.0).abs() < 1e-6 && sines(3e38).1 < 1e-20);
        assert_eq!(sines(f32::NEG_INFINITY), (0.0, 1.0, 0.0), "no sample: horizontal");
        assert!((sines(-3e38).2 + std::f32::consts::FRAC_PI_2).abs() < 1e-6);
    }
}
