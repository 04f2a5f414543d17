//! The sky of a receiver as a picture: as a fisheye lens sees it, and as a skyline all around.

use clap::ValueEnum;
use svf::point::{Direction, Receiver};

use super::drawing::{
    Anchor, CROWN, Drawing, FAINT, GROUND, INK, MARK, SKY, Style, UNKNOWN, WHITE,
};
use super::figure::sky_dome;
use super::sun::{DAYS, Place, Sun};

/// How a lens shows angles from the zenith.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Projection {
    /// The distance from the middle is in proportion to the angle from the zenith
    #[default]
    Equidistant,
    /// Equal parts of the sky have equal areas
    EqualArea,
    /// Angles between lines are kept
    Stereographic,
}

impl Projection {
    /// Distance from the middle, as a share of that of the horizontal.
    fn distance(self, elevation_deg: f64) -> f64 {
        let half = ((90.0 - elevation_deg) / 2.0).to_radians();
        match self {
            Self::Equidistant => (90.0 - elevation_deg) / 90.0,
            Self::EqualArea => std::f64::consts::SQRT_2 * half.sin(),
            Self::Stereographic => half.tan(),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Equidistant => "equidistant",
            Self::EqualArea => "equal-area",
            Self::Stereographic => "stereographic",
        }
    }
}

/// The sky as a camera with a fisheye lens sees it when it looks straight up. East is on the left.
pub(super) fn fisheye(
    receiver: &Receiver,
    title: &str,
    projection: Projection,
    sun: Option<&Sun>,
) -> Drawing {
    let (size, radius) = (900.0, 380.0);
    let mut d = Drawing::new(size, size + 60.0);
    d.text((30.0, 36.0), 17.0, Anchor::Start, title);
    let what = format!(
        "Fisheye view straight up, {}: zenith in the middle, east on the left",
        projection.name()
    );
    d.text((30.0, 58.0), 13.0, Anchor::Start, &what);
    let centre = (size / 2.0, size / 2.0 + 45.0);
    let at = |azimuth: f64, elevation: f64| {
        let r = radius * projection.distance(elevation);
        let (sin, cos) = azimuth.to_radians().sin_cos();
        (centre.0 - r * sin, centre.1 - r * cos)
    };
    sky_dome(&mut d, receiver, centre, radius, &at);
    for (azimuth, name) in [(0.0, "N"), (90.0, "E"), (180.0, "S"), (270.0, "W")] {
        let (x, y) = at(azimuth, 0.0);
        let beyond = 1.0 + 21.0 / radius;
        let (x, y) = (centre.0 + (x - centre.0) * beyond, centre.1 + (y - centre.1) * beyond);
        d.text((x, y + 6.0), 18.0, Anchor::Middle, name);
    }
    d.circle(centre, radius, Style::stroke(INK, 2.0));
    if let Some(sun) = sun {
        draw_sun(&mut d, sun, (30.0, size + 18.0), &at);
    }
    tell_of_gaps(&mut d, receiver, (30.0, size + 40.0));
    d
}

/// The horizon all around as a skyline: azimuths from north over east, south and west to north.
pub(super) fn skyline(receiver: &Receiver, title: &str, sun: Option<&Sun>) -> Drawing {
    let (left, top, width, height) = (60.0, 80.0, 1080.0, 405.0);
    let mut d = Drawing::new(1200.0, 580.0);
    d.text((30.0, 36.0), 17.0, Anchor::Start, title);
    let what = "Skyline: elevation above the horizontal (degrees) over the azimuth";
    d.text((30.0, 58.0), 13.0, Anchor::Start, what);
    let at = |azimuth: f64, elevation: f64| {
        (left + width * azimuth / 360.0, top + height * (90.0 - elevation) / 90.0)
    };
    d.rect((left, top), (width, height), Style::fill(SKY));
    let mut ground = vec![at(0.0, 0.0)];
    for (direction, (from, to)) in sectors(receiver) {
        let mut band = |low: f64, high: f64, fill| {
            let corners = [at(from, low), at(to, low), at(to, high), at(from, high)];
            d.polygon(&corners, Style::fill(fill).outlined(fill, 0.4));
        };
        let horizon = direction.horizon_deg.max(0.0);
        if !direction.is_known() {
            band(horizon, 90.0, UNKNOWN);
        }
        for &(bottom, top) in &direction.crowns_deg {
            band(bottom, top, CROWN);
        }
        ground.extend([at(from, horizon), at(to, horizon)]);
    }
    ground.push(at(360.0, 0.0));
    d.polygon(&ground, Style::fill(GROUND));
    for elevation in [0.0, 15.0, 30.0, 45.0, 60.0, 75.0, 90.0] {
        let (x, y) = at(0.0, elevation);
        d.line((x, y), (x + width, y), Style::stroke(FAINT, 0.8).dashed(2.0, 4.0));
        d.text((x - 8.0, y + 4.0), 12.0, Anchor::End, &elevation.to_string());
    }
    for (i, name) in ["N", "NE", "E", "SE", "S", "SW", "W", "NW", "N"].iter().enumerate() {
        let (x, y) = at(45.0 * i as f64, 0.0);
        d.line((x, y), (x, y + 6.0), Style::stroke(INK, 1.0));
        d.text((x, y + 22.0), 15.0, Anchor::Middle, name);
    }
    d.rect((left, top), (width, height), Style::stroke(INK, 1.5));
    if let Some(sun) = sun {
        draw_sun(&mut d, sun, (left, top + height + 48.0), &at);
    }
    tell_of_gaps(&mut d, receiver, (left, top + height + 70.0));
    d
}

/// The directions with the azimuths of their sectors, from 0 to 360 degrees. A sector that north divides
/// is at both ends.
fn sectors(receiver: &Receiver) -> impl Iterator<Item = (&Direction, (f64, f64))> {
    let half = 180.0 / receiver.directions.len() as f64;
    let turned = |turn: f64| {
        receiver.directions.iter().filter_map(move |direction| {
            let middle = direction.azimuth_deg + turn;
            let (from, to) = ((middle - half).max(0.0), (middle + half).min(360.0));
            (from < to).then_some((direction, (from, to)))
        })
    };
    turned(-360.0).chain(turned(0.0)).chain(turned(360.0))
}

/// The paths of the sun, its hours, and at `key` what they are.
fn draw_sun(d: &mut Drawing, sun: &Sun, key: (f64, f64), at: &dyn Fn(f64, f64) -> (f64, f64)) {
    let mut line = |places: &[Place], style: Style| {
        // North can be at both ends.
        let is_far = |pair: &[Place]| (pair[0].0 - pair[1].0).abs() > 180.0;
        let mut from = 0;
        for to in 1..=places.len() {
            if to == places.len() || is_far(&places[to - 1..=to]) {
                let points: Vec<_> = places[from..to].iter().map(|p| at(p.0, p.1)).collect();
                d.polyline(&points, style);
                from = to;
            }
        }
    };
    let dashes = [None, Some((8.0, 4.0)), Some((2.0, 4.0))];
    let style_of = |dash: Option<(f64, f64)>| match dash {
        Some((drawn, left_out)) => Style::stroke(MARK, 2.0).dashed(drawn, left_out),
        None => Style::stroke(MARK, 2.0),
    };
    for hour in 0..24 {
        line(&sun.hour(hour), Style::stroke(MARK, 0.8));
    }
    for (day, dash) in DAYS.iter().zip(dashes) {
        for part in sun.path(*day) {
            line(&part, style_of(dash));
        }
    }
    for hour in 0..24 {
        let places = sun.hour(hour);
        // On the day on which it is highest.
        let Some(&(azimuth, elevation)) = places.iter().max_by(|a, b| a.1.total_cmp(&b.1)) else {
            continue;
        };
        let (x, y) = at(azimuth, elevation);
        d.circle((x, y), 3.0, Style::fill(MARK));
        d.rect((x - 9.0, y - 19.0), (18.0, 14.0), Style::fill(WHITE).opacity(0.8));
        d.text((x, y - 8.0), 12.0, Anchor::Middle, &hour.to_string());
    }
    let mut x = key.0;
    for (day, dash) in DAYS.iter().zip(dashes) {
        d.line((x, key.1 - 4.0), (x + 30.0, key.1 - 4.0), style_of(dash));
        d.text((x + 36.0, key.1), 13.0, Anchor::Start, day.name);
        x += 140.0;
    }
    let hours = format!("the sun; hours of {}", sun.clock());
    d.text((x, key.1), 13.0, Anchor::Start, &hours);
}

/// Says what the colour of missing heights means, if there are any.
fn tell_of_gaps(d: &mut Drawing, receiver: &Receiver, (x, y): (f64, f64)) {
    if receiver.directions.iter().all(|direction| direction.is_known()) {
        return;
    }
    d.rect((x, y - 11.0), (16.0, 13.0), Style::fill(UNKNOWN).outlined(INK, 0.6));
    d.text((x + 22.0, y), 13.0, Anchor::Start, "unknown: heights are missing");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projections_have_the_zenith_in_the_middle_and_the_horizontal_at_the_rim() {
        for (projection, at_60) in [
            (Projection::Equidistant, 1.0 / 3.0),
            // The part of the sky above 60 degrees is 1 - sin 60 of all.
            (Projection::EqualArea, (1.0 - 60.0_f64.to_radians().sin()).sqrt()),
            (Projection::Stereographic, 15.0_f64.to_radians().tan()),
        ] {
            assert!(projection.distance(90.0).abs() < 1e-12, "{projection:?}");
            assert!((projection.distance(0.0) - 1.0).abs() < 1e-12, "{projection:?}");
            assert!((projection.distance(60.0) - at_60).abs() < 1e-12, "{projection:?}");
        }
    }
}
