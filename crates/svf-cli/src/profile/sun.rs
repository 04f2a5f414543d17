//! The paths of the sun on three days, as azimuths and elevations. Its place comes from the algorithm
//! of the crate solar-positioning (SPA: Reda and Andreas 2004), without refraction.

use solar_positioning::time::JulianDate;
use solar_positioning::{Location, SolarPositions, delta_t};

/// A year between leap years; the paths differ little from year to year.
const YEAR: i32 = 2025;
/// Steps of a path in an hour.
const STEPS: i32 = 12;

/// A day with a path of its own: the longest, one of the two in the middle, and the shortest (or the
/// other way round in the south).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Day {
    /// As in a caption.
    pub(super) name: &'static str,
    month: u32,
    day: u32,
}

/// The days, from the longest to the shortest in the north.
pub(super) const DAYS: [Day; 3] = [
    Day { name: "21 June", month: 6, day: 21 },
    Day { name: "20 March", month: 3, day: 20 },
    Day { name: "21 December", month: 12, day: 21 },
];

/// A place of the sun: azimuth clockwise from north and elevation above the horizontal, degrees.
pub(super) type Place = (f64, f64);

/// The sun over a point of the Earth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sun {
    at: Location,
    /// True north, degrees clockwise from the north that azimuths count from.
    north_deg: f64,
    /// Hours that the clock is ahead of UTC.
    clock: f64,
}

impl Sun {
    /// The sun over a longitude and latitude, degrees. Without a `clock`, it is that of the whole hour
    /// next to the sun's.
    pub(super) fn over(
        (longitude_deg, latitude_deg): (f64, f64),
        north_deg: f64,
        clock: Option<f64>,
    ) -> Self {
        let longitude = (longitude_deg + 180.0).rem_euclid(360.0) - 180.0;
        let clock = clock.unwrap_or((longitude / 15.0).round());
        Self { at: Location { latitude: latitude_deg, longitude }, north_deg, clock }
    }

    /// The clock, as in a caption.
    pub(super) fn clock(&self) -> String {
        match self.clock {
            0.0 => "UTC".to_owned(),
            ahead if ahead > 0.0 => format!("UTC+{ahead}"),
            behind => format!("UTC{behind}"),
        }
    }

    /// Where the sun is at a time of the clock, in hours.
    fn at(&self, day: Day, hours: f64) -> Option<Place> {
        let delta_t = delta_t::estimate_from_date(YEAR, day.month).ok()?;
        let midnight = JulianDate::from_utc(YEAR, day.month, day.day, 0, 0, 0.0, delta_t).ok()?;
        let days = midnight.julian_date() + (hours - self.clock) / 24.0;
        let time = JulianDate::new(days, delta_t).ok()?;
        let sun = SolarPositions::new().at_from_julian(time, self.at, 0.0, None).ok()?;
        Some(((sun.azimuth() + self.north_deg).rem_euclid(360.0), sun.elevation_angle()))
    }

    /// The parts of the path of a day that are above the horizontal.
    pub(super) fn path(&self, day: Day) -> Vec<Vec<Place>> {
        let mut parts: Vec<Vec<Place>> = vec![Vec::new()];
        let mut before: Option<Place> = None;
        for step in 0..=24 * STEPS {
            let Some(here) = self.at(day, f64::from(step) / f64::from(STEPS)) else { continue };
            if let Some(rise_or_set) = before.and_then(|before| on_the_horizontal(before, here)) {
                if let Some(part) = parts.last_mut() {
                    part.push(rise_or_set);
                }
                if here.1 < 0.0 {
                    parts.push(Vec::new());
                }
            }
            if here.1 >= 0.0
                && let Some(part) = parts.last_mut()
            {
                part.push(here);
            }
            before = Some(here);
        }
        parts.retain(|part| part.len() > 1);
        parts
    }

    /// The places at a whole hour of the clock on all days on which the sun is up.
    pub(super) fn hour(&self, hour: u32) -> Vec<Place> {
        let places = DAYS.iter().filter_map(|day| self.at(*day, f64::from(hour)));
        places.filter(|(_, elevation)| *elevation > 0.0).collect()
    }
}

/// Where the sun rises or sets between two places; none if it does not.
fn on_the_horizontal(from: Place, to: Place) -> Option<Place> {
    if (from.1 < 0.0) == (to.1 < 0.0) {
        return None;
    }
    let share = from.1 / (from.1 - to.1);
    let turn = (to.0 - from.0 + 180.0).rem_euclid(360.0) - 180.0;
    Some(((from.0 + share * turn).rem_euclid(360.0), 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn close(value: f64, expected: f64, tolerance: f64) {
        assert!((value - expected).abs() < tolerance, "{value}, expected {expected}");
    }

    #[test]
    fn the_sun_at_noon_is_as_high_as_latitude_and_season_make_it() {
        // Nearly at the meridian of its clock; the equation of time is 2 minutes in June, 7 in March.
        for (latitude, day, elevation, azimuth) in [
            (50.0, DAYS[0], 90.0 - 50.0 + 23.43, 180.0),
            (50.0, DAYS[1], 90.0 - 50.0, 180.0),
            (50.0, DAYS[2], 90.0 - 50.0 - 23.43, 180.0),
            (-35.0, DAYS[2], 90.0 - 35.0 + 23.43, 0.0),
        ] {
            let sun = Sun::over((15.0, latitude), 0.0, None);
            assert_eq!(sun.clock(), "UTC+1");
            let path = sun.path(day);
            let highest = path[0].iter().copied().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
            close(highest.1, elevation, 0.3);
            close((highest.0 - azimuth + 180.0).rem_euclid(360.0), 180.0, 2.5);
        }
    }

    #[test]
    fn on_20_march_it_rises_in_the_east_and_sets_in_the_west() {
        for latitude in [0.5, 50.0, -35.0] {
            let path = Sun::over((15.0, latitude), 0.0, None).path(DAYS[1]);
            assert_eq!(path.len(), 1);
            let (rise, set) = (path[0][0], path[0][path[0].len() - 1]);
            assert_eq!((rise.1, set.1), (0.0, 0.0));
            close(rise.0, 90.0, 1.0);
            close(set.0, 270.0, 1.0);
        }
        // True north is 10 degrees to the right of the grid's.
        let turned = Sun::over((15.0, 50.0), 10.0, None).path(DAYS[1]);
        close(turned[0][0].0, 100.0, 1.0);
    }

    #[test]
    fn beyond_the_polar_circle_it_stays_up_or_down() {
        let sun = Sun::over((20.0, 80.0), 0.0, None);
        assert!(sun.path(DAYS[0])[0].iter().all(|place| place.1 > 10.0));
        assert!(sun.path(DAYS[2]).is_empty());
        // At every hour, it is up on one day at least, in March or in June.
        assert!((0..24).all(|hour| !sun.hour(hour).is_empty()));
    }

    #[test]
    fn clocks_are_named_by_their_distance_from_utc() {
        let clock = |longitude, given| Sun::over((longitude, 40.0), 0.0, given).clock();
        assert_eq!(clock(0.5, None), "UTC");
        assert_eq!(clock(-75.0, None), "UTC-5");
        assert_eq!(clock(285.0, None), "UTC-5");
        assert_eq!(clock(77.0, Some(5.5)), "UTC+5.5");
    }
}
