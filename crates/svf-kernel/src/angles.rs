//! From slopes to angles and shares of the sky, a row of receivers at a time.
//!
//! There is no trigonometric call: `cos^2 g = 1 / (1 + t^2)`, `sin g = t cos g`, and an angle is
//! a polynomial in a ratio. The angles of two directions need one such polynomial, not two,
//! because the product of complex numbers adds their angles: `(1 + i a)(1 + i b) = 1 - a b + i (a
//! + b)`.
//!
//! Loops are plain and branch-free, so that the compiler vectorises them for each
//! instruction set; IEEE sums, divisions and roots give the same bits on all of them.

use std::f32::consts::{FRAC_PI_2, PI};

use crate::strip::{Row, STEEPEST, STRIP_COLS};

/// Slope of the horizon, never below the horizontal.
#[inline(always)]
pub(crate) fn clamped(t: f32) -> f32 {
    let t = if t > 0.0 { t } else { 0.0 };
    if t < STEEPEST { t } else { STEEPEST }
}

/// Slope of the horizon; horizontal if no sample was valid (infinite).
#[inline(always)]
pub(crate) fn unclamped(t: f32) -> f32 {
    let t = if t.abs() < f32::INFINITY { t } else { 0.0 };
    let t = if t > -STEEPEST { t } else { -STEEPEST };
    if t < STEEPEST { t } else { STEEPEST }
}

/// Square of the cosine of the angle of slope `t`.
#[inline(always)]
pub(crate) fn cos2_of(t: f32) -> f32 {
    1.0 / (1.0 + t * t)
}

/// Arc tangent of `x` in 0..1, radians, error under 2e-7 (Abramowitz & Stegun 1964, 4.4.49), in
/// pairs of terms (Estrin 1960), so that few steps wait for each other.
#[inline(always)]
fn atan_to_1(x: f32) -> f32 {
    let s = x * x;
    let s2 = s * s;
    let p01 = -0.333_331_45 + s * 0.199_935_51;
    let p23 = -0.142_089 + s * 0.106_562_64;
    let p45 = -0.075_289_64 + s * 0.042_909_614;
    let p67 = -0.016_165_737 + s * 0.002_866_225_7;
    let p = (p01 + s2 * p23) + (s2 * s2) * (p45 + s2 * p67);
    x + x * (s * p)
}

/// Angle of the direction with these distances along and up, radians, from -pi to pi: `atan2(up,
/// along)` for finite numbers that are not both 0.
#[inline(always)]
pub(crate) fn angle(along: f32, up: f32) -> f32 {
    let (level, steep) = (along.abs(), up.abs());
    // The polynomial must not depend on a condition: compilers would compute it for both cases.
    let (less, more) = if steep < level { (steep, level) } else { (level, steep) };
    let angle = atan_to_1(less / more);
    let angle = if steep > level { FRAC_PI_2 - angle } else { angle };
    let angle = if along < 0.0 { PI - angle } else { angle };
    angle.copysign(up)
}

/// [`angle`] of f64, to its last digits; NaN if both distances are 0. IEEE sums, divisions and
/// roots, unlike the functions of a system library, give the same bits everywhere.
#[inline(always)]
pub(crate) fn exact_angle(along: f64, up: f64) -> f64 {
    use std::f64::consts::{FRAC_PI_2, PI};
    let (level, steep) = (along.abs(), up.abs());
    let (less, more) = if steep < level { (steep, level) } else { (level, steep) };
    let angle = exact_atan_to_1(less / more);
    let angle = if steep > level { FRAC_PI_2 - angle } else { angle };
    let angle = if along < 0.0 { PI - angle } else { angle };
    angle.copysign(up)
}

/// Arc tangent of `x` in 0..1, radians, to the last digits of f64: `tan(a/2) = tan a / (1 +
/// sqrt(1 + tan^2 a))` halves the angle three times, and then the series converges fast
/// (Abramowitz & Stegun 1964, 4.4.42).
#[inline(always)]
fn exact_atan_to_1(x: f64) -> f64 {
    let half = |t: f64| t / (1.0 + (1.0 + t * t).sqrt());
    let t = half(half(half(x)));
    let s = t * t;
    // t is below 0.1, so that the next term, 1/19 t^18, is below 1e-19.
    let mut series = 0.0;
    for k in [17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0] {
        series = 1.0 / k - s * series;
    }
    8.0 * t * series
}

/// Angle of slope, radians.
#[inline(always)]
pub(crate) fn atan(t: f32) -> f32 {
    angle(1.0, t)
}

/// Sum of the angles of one or two slopes of each receiver, radians; `read` converts each slope
/// first.
#[inline(always)]
pub(crate) fn sum_of_angles<const N: usize>(slopes: [&Row; N], read: impl Fn(f32) -> f32) -> Row {
    let mut angles = [0.0; STRIP_COLS];
    for (i, sum) in angles.iter_mut().enumerate() {
        let (a, b) = (read(slopes[0][i]), read(slopes[N - 1][i]));
        *sum = if N == 1 { atan(a) } else { angle(1.0 - a * b, a + b) };
    }
    angles
}

/// Share of the cosine-weighted sky over a plane that is in one direction above a horizon of
/// slope `t`, divided by cos S. `rise` is the slope of the plane itself in that direction, `-tan
/// S cos(a - A)`; the horizon is not below it.
///
/// `sin g cos g = t/(1 + t^2)`, and `pi/2 - g` is the angle of `(t, 1)`.
#[inline(always)]
pub(crate) fn over_plane(t: f32, rise: f32) -> f32 {
    let t = above_plane(t, rise);
    let cos2 = cos2_of(t);
    cos2 - rise * (angle(t, 1.0) - t * cos2)
}

/// A horizon that is not below the plane.
#[inline(always)]
fn above_plane(t: f32, rise: f32) -> f32 {
    clamped(if rise > t { rise } else { t })
}

/// [`over_plane`] of each receiver for one direction, or the sum for this and the opposite
/// direction. In the opposite direction the plane falls as much as it rises in the first, so only
/// the difference of both angles remains.
#[inline(always)]
pub(crate) fn over_planes<const N: usize>(slopes: [&Row; N], rises: &Row) -> Row {
    let mut sky = [0.0; STRIP_COLS];
    for (i, sky) in sky.iter_mut().enumerate() {
        let rise = rises[i];
        if N == 1 {
            *sky = over_plane(slopes[0][i], rise);
        } else {
            let (a, b) = (above_plane(slopes[0][i], rise), above_plane(slopes[N - 1][i], -rise));
            let (cos2_a, cos2_b) = (cos2_of(a), cos2_of(b));
            let between = angle(1.0 + a * b, b - a);
            *sky = (cos2_a + cos2_b) - rise * (between - (a * cos2_a - b * cos2_b));
        }
    }
    sky
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Slopes from level to vertical, up and down.
    fn slopes() -> impl Iterator<Item = f32> {
        let rising = std::iter::successors(Some(1e-8_f32), |t| Some(t * 1.003));
        rising.take_while(|t| *t < 1e8).flat_map(|t| [t, -t])
    }

    fn exact(t: f32) -> f64 {
        f64::from(t).atan()
    }

    #[test]
    fn angles_are_within_two_tenths_of_a_millionth() {
        let error = |t: f32| (f64::from(atan(t)) - exact(t)).abs();
        let worst = slopes().map(error).fold(0.0, f64::max);
        assert!(worst < 2e-7, "worst error {worst:e}");
        assert_eq!(atan(0.0), 0.0);
    }

    #[test]
    fn exact_angles_are_those_of_f64() {
        for up in slopes().map(f64::from) {
            for along in [1.0, -1.0, 0.75, -3e-9, 0.0, -0.0] {
                let (is, exact) = (exact_angle(along, up), f64::atan2(up, along));
                assert!((is - exact).abs() <= 1e-15 * exact.abs(), "{up}, {along}: {is}, {exact}");
            }
        }
        let eighth = std::f64::consts::FRAC_PI_4;
        assert!((exact_angle(-1.0, 1.0) - 3.0 * eighth).abs() < 1e-15);
        assert_eq!((exact_angle(1.0, 0.0), exact_angle(1e-300, -1e300)), (0.0, -2.0 * eighth));
        assert!(exact_angle(0.0, 0.0).is_nan() && exact_angle(-0.0, 0.0).is_nan());
    }

    #[test]
    fn two_angles_add_up() {
        let mut worst = 0.0_f64;
        for a in slopes().step_by(97) {
            for b in slopes().step_by(89).chain([a, -a, 0.0, STEEPEST, -STEEPEST]) {
                let sum = sum_of_angles([&[a; STRIP_COLS], &[b; STRIP_COLS]], |t| t)[0];
                worst = worst.max((f64::from(sum) - exact(a) - exact(b)).abs());
            }
        }
        assert!(worst < 5e-7, "worst error {worst:e}");
    }

    #[test]
    fn opposite_directions_over_a_plane_are_the_sum_of_both() {
        let mut worst = 0.0_f32;
        for a in slopes().step_by(97) {
            for b in slopes().step_by(89) {
                for rise in [0.0, 0.3, -0.3, 2.0, -20.0] {
                    let both =
                        over_planes([&[a; STRIP_COLS], &[b; STRIP_COLS]], &[rise; STRIP_COLS]);
                    let sum = over_plane(a, rise) + over_plane(b, -rise);
                    worst = worst.max((both[0] - sum).abs() / (1.0 + rise.abs()));
                }
            }
        }
        assert!(worst < 1e-6, "worst error {worst:e}");
    }

    #[test]
    fn extreme_slopes_stay_in_range() {
        assert_eq!(clamped(f32::INFINITY), STEEPEST);
        assert_eq!((clamped(-3e38), cos2_of(clamped(-3e38))), (0.0, 1.0));
        assert!(cos2_of(clamped(3e38)) < 1e-20);
        assert_eq!(unclamped(f32::NEG_INFINITY), 0.0, "no sample: horizontal");
        let down = f64::from(atan(unclamped(-3e38)));
        assert!((down + std::f64::consts::FRAC_PI_2).abs() < 1e-6, "{down}");
    }
}
