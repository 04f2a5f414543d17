//! The horizon of a point as programs for photovoltaics, snow and microclimate read it: a line of
//! angles around the point, in degrees, never below the horizontal.

use svf_job::events::Diagnostic;

use crate::error::Error;
use crate::point::Receiver;

/// A program's format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HorizonFormat {
    /// Angles only, from north clockwise, in a line.
    Pvgis,
    /// Azimuth (0 = south, -90 = east) and angle.
    Pvsol,
    /// The same with a semicolon; lines with text are comments.
    Pvsyst,
    /// Station, azimuth and angle: one file for all stations.
    Meteoio,
    /// A file with a number for each point.
    Geotop,
    /// 24 angles from north clockwise.
    Nichemapr,
    /// Azimuth from north clockwise and angle, with names of columns.
    Csv,
}

/// Number of angles that NicheMapR reads.
const NICHEMAPR_DIRECTIONS: usize = 24;

impl HorizonFormat {
    /// Whether the points of a file are all in one file.
    pub fn has_one_file(self) -> bool {
        self == HorizonFormat::Meteoio
    }

    /// The name of a station as the program reads it.
    pub fn name_of(self, station: &str) -> String {
        // Lines of text must stay lines.
        let station: String =
            station.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        match self {
            HorizonFormat::Meteoio => station.trim().replace(char::is_whitespace, "_"),
            _ => station,
        }
    }

    /// Whether a file says which azimuths its angles are of. Otherwise, the first is that of north.
    pub fn has_azimuths(self) -> bool {
        !matches!(self, HorizonFormat::Pvgis | HorizonFormat::Nichemapr)
    }

    /// Extension of a file.
    pub fn extension(self) -> &'static str {
        match self {
            HorizonFormat::Pvsol | HorizonFormat::Pvsyst => "hor",
            HorizonFormat::Meteoio | HorizonFormat::Geotop => "txt",
            HorizonFormat::Pvgis | HorizonFormat::Nichemapr | HorizonFormat::Csv => "csv",
        }
    }

    /// Refuses a number of directions that the program cannot read.
    ///
    /// # Errors
    /// What to write instead.
    pub fn check_directions(self, directions: usize) -> Result<(), Error> {
        if self != HorizonFormat::Nichemapr || directions == NICHEMAPR_DIRECTIONS {
            return Ok(());
        }
        let message =
            format!("nichemapr needs {NICHEMAPR_DIRECTIONS} directions, not {directions}");
        Err(Error::refused(Diagnostic::new("usage.arguments", message).hint("add -n 24")))
    }

    /// The horizon of a station around a receiver.
    pub fn of_receiver(self, station: &str, receiver: &Receiver) -> String {
        self.text(station, &horizon_of(receiver))
    }

    /// The line of a station, from azimuths (degrees from north, clockwise, ascending) and horizon
    /// angles (degrees).
    fn text(self, station: &str, horizon: &[(f64, f64)]) -> String {
        let rows = |start: &str, row: &dyn Fn(f64, f64) -> String| {
            horizon.iter().fold(start.to_owned(), |text, &(azimuth, angle)| {
                text + &row(azimuth, angle) + "\n"
            })
        };
        let station = self.name_of(station);
        match self {
            HorizonFormat::Pvgis | HorizonFormat::Nichemapr => {
                let angles: Vec<String> = horizon.iter().map(|&(_, angle)| short(angle)).collect();
                angles.join(",") + "\n"
            }
            HorizonFormat::Pvsol => rows_from_south(horizon, "", " "),
            HorizonFormat::Pvsyst => {
                let start = format!(
                    "Horizon of {station}: azimuth (degrees, south = 0, east = -90); height (degrees)\n"
                );
                rows_from_south(horizon, &start, ";")
            }
            HorizonFormat::Meteoio => {
                rows("", &|azimuth, angle| format!("{station} {} {}", short(azimuth), short(angle)))
            }
            HorizonFormat::Geotop => {
                let start = format!(
                    "! Horizon of {station}, degrees\nAngleFromNorthClockwise,HorizonHeight\n"
                );
                rows(&start, &|azimuth, angle| format!("{},{}", short(azimuth), short(angle)))
            }
            HorizonFormat::Csv => rows("azimuth,elevation\n", &|azimuth, angle| {
                format!("{},{}", short(azimuth), short(angle))
            }),
        }
    }
}

/// Rows of azimuth and angle with south as 0 and east as -90, beginning at north (-180).
fn rows_from_south(horizon: &[(f64, f64)], start: &str, between: &str) -> String {
    horizon.iter().fold(start.to_owned(), |text, &(azimuth, angle)| {
        text + &short(azimuth - 180.0) + between + &short(angle) + "\n"
    })
}

/// A number with two decimals, or fewer if they are zeros.
fn short(value: f64) -> String {
    let rounded = (value * 100.0).round() / 100.0;
    // A zero has no sign.
    (rounded + 0.0).to_string()
}

/// The horizon of a receiver: azimuths and angles in degrees, from north clockwise.
fn horizon_of(receiver: &Receiver) -> Vec<(f64, f64)> {
    let mut horizon: Vec<(f64, f64)> = receiver
        .directions
        .iter()
        .map(|direction| {
            let angle = if direction.is_known() { direction.horizon_deg } else { 0.0 };
            (direction.azimuth_deg, angle.max(0.0))
        })
        .collect();
    horizon.sort_by(|a, b| a.0.total_cmp(&b.0));
    horizon
}

#[cfg(test)]
mod tests {
    use super::*;

    const HORIZON: [(f64, f64); 4] = [(0.0, 10.0), (90.0, 0.0), (180.0, 5.125), (270.0, 45.5)];

    #[test]
    fn each_program_gets_its_own_origin_and_form() {
        let text = |format: HorizonFormat| format.text("St. Moritz", &HORIZON);
        assert_eq!(text(HorizonFormat::Pvgis), "10,0,5.13,45.5\n");
        assert_eq!(text(HorizonFormat::Pvsol), "-180 10\n-90 0\n0 5.13\n90 45.5\n");
        assert_eq!(
            text(HorizonFormat::Pvsyst),
            "Horizon of St. Moritz: azimuth (degrees, south = 0, east = -90); height (degrees)\n\
             -180;10\n-90;0\n0;5.13\n90;45.5\n"
        );
        assert_eq!(
            text(HorizonFormat::Meteoio),
            "St._Moritz 0 10\nSt._Moritz 90 0\nSt._Moritz 180 5.13\nSt._Moritz 270 45.5\n"
        );
        assert_eq!(
            text(HorizonFormat::Geotop),
            "! Horizon of St. Moritz, degrees\nAngleFromNorthClockwise,HorizonHeight\n\
             0,10\n90,0\n180,5.13\n270,45.5\n"
        );
        assert_eq!(text(HorizonFormat::Csv), "azimuth,elevation\n0,10\n90,0\n180,5.13\n270,45.5\n");
    }

    #[test]
    fn azimuths_between_whole_degrees_keep_their_decimals() {
        let sixteen: Vec<(f64, f64)> = (0..16).map(|i| (f64::from(i) * 22.5, 0.0)).collect();
        let text = HorizonFormat::Pvsol.text("a", &sixteen);
        assert!(text.starts_with("-180 0\n-157.5 0\n"), "{text}");
        assert!(text.ends_with("\n157.5 0\n"), "{text}");
    }

    #[test]
    fn only_nichemapr_needs_a_number_of_directions() {
        assert!(HorizonFormat::Nichemapr.check_directions(24).is_ok());
        assert!(HorizonFormat::Nichemapr.check_directions(16).is_err());
        assert!(HorizonFormat::Pvgis.check_directions(7).is_ok());
    }
}
