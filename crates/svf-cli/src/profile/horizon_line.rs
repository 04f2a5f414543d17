//! The horizon of a point as programs for photovoltaics, snow and microclimate read it: a line of
//! angles around the point, in degrees, never below the horizontal.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use svf::Error;
use svf::outputs::{refuse_existing, refuse_overwriting};
use svf::point::Receiver;
use svf_job::events::Diagnostic;
use svf_raster::attributes::{Attribute, AttributeValue};
use svf_raster::staging::{Staging, stage_file};
use svf_raster::{Op, RasterError};

use super::points::Point;

/// A program's format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HorizonFormat {
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
    pub(super) fn has_one_file(self) -> bool {
        self == HorizonFormat::Meteoio
    }

    fn extension(self) -> &'static str {
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
    pub(super) fn check_directions(self, directions: usize) -> Result<(), Error> {
        if self != HorizonFormat::Nichemapr || directions == NICHEMAPR_DIRECTIONS {
            return Ok(());
        }
        let message =
            format!("nichemapr needs {NICHEMAPR_DIRECTIONS} directions, not {directions}");
        Err(Error::refused(Diagnostic::new("usage.arguments", message).hint("add -n 24")))
    }

    /// The line of a station, from azimuths (degrees from north, clockwise, ascending) and horizon
    /// angles (degrees).
    fn text(self, station: &str, horizon: &[(f64, f64)]) -> String {
        let rows = |start: &str, row: &dyn Fn(f64, f64) -> String| {
            horizon.iter().fold(start.to_owned(), |text, &(azimuth, angle)| {
                text + &row(azimuth, angle) + "\n"
            })
        };
        // Lines of text must stay lines.
        let station: String =
            station.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
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
                let station = station.trim().replace(char::is_whitespace, "_");
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

/// Names of attributes that name a station, in the order in which they are looked for.
const STATION_NAMES: [&str; 6] =
    ["station", "station_name", "name", "station_id", "stationid", "id"];

/// Which attribute names the stations: that of `--station`, or else the first usual one.
///
/// # Errors
/// If there is no attribute with the given name.
pub(super) fn station_field(
    asked: Option<&str>,
    attributes: &[Attribute],
) -> Result<Option<usize>, Error> {
    let find = |name: &str| attributes.iter().position(|a| a.name.eq_ignore_ascii_case(name));
    let Some(name) = asked else {
        return Ok(STATION_NAMES.into_iter().find_map(find));
    };
    if let Some(field) = find(name) {
        return Ok(Some(field));
    }
    let known: Vec<&str> = attributes.iter().map(|a| a.name.as_str()).collect();
    let message = format!("the points have no attribute {name}");
    let diagnostic = Diagnostic::new("usage.arguments", message);
    Err(Error::refused(match known.is_empty() {
        true => diagnostic,
        false => diagnostic.hint(format!("they have {}", known.join(", "))),
    }))
}

/// The name of a station: an attribute of the point, or else its number.
fn station_of(point: &Point, field: Option<usize>) -> String {
    let value = field.and_then(|field| Some(point.attributes.as_ref()?.value(field)));
    match value {
        None | Some(AttributeValue::Null) => point.id.to_string(),
        Some(value) => match value.to_string().trim() {
            "" => point.id.to_string(),
            name => name.to_owned(),
        },
    }
}

/// A name that every system accepts for a file.
fn file_stem(station: &str) -> String {
    let allowed = |c: char| {
        if c.is_control() || c.is_whitespace() || "/\\:*?\"<>|".contains(c) { '_' } else { c }
    };
    let stem: String = station.chars().map(allowed).take(100).collect();
    let stem = stem.trim_matches('.');
    if stem.is_empty() { "_".to_owned() } else { stem.to_owned() }
}

/// Horizon lines of points.
pub(super) struct HorizonLines {
    format: HorizonFormat,
    field: Option<usize>,
    files: Option<Files>,
    /// Number of the next point, from 1.
    number: u64,
}

/// A file for each station.
struct Files {
    folder: PathBuf,
    /// Whether this run has created the folder.
    is_new: bool,
    overwrite: bool,
    /// Files that must not be replaced.
    inputs: Vec<PathBuf>,
    /// Names so far, in small letters: some systems do not distinguish them from capital ones.
    stems: BTreeSet<String>,
    staged: Vec<Staging>,
    names: Vec<String>,
}

impl HorizonLines {
    /// Lines as one text.
    pub(super) fn new(format: HorizonFormat, field: Option<usize>) -> Self {
        Self { format, field, files: None, number: 0 }
    }

    /// Lines as files in a folder, which is created if it does not exist.
    ///
    /// # Errors
    /// A folder that cannot be created.
    pub(super) fn in_folder(
        mut self,
        folder: &str,
        overwrite: bool,
        inputs: Vec<PathBuf>,
    ) -> Result<Self, Error> {
        let is_new = !Path::new(folder).exists();
        std::fs::create_dir_all(folder).map_err(|error| {
            let hint = "several points need a folder as OUTPUT: there is a file for each point";
            RasterError::new(Op::Create, folder, error).hint(hint)
        })?;
        self.files = Some(Files {
            folder: Path::new(folder).to_owned(),
            is_new,
            overwrite,
            inputs,
            stems: BTreeSet::new(),
            staged: Vec::new(),
            names: Vec::new(),
        });
        Ok(self)
    }

    /// Adds a point: returns its text, or puts it into a file that does not have its name yet.
    ///
    /// # Errors
    /// A file that exists, or cannot be written.
    pub(super) fn add(
        &mut self,
        point: &Point,
        receiver: Option<&Receiver>,
    ) -> Result<Option<String>, Error> {
        self.number += 1;
        let Some(receiver) = receiver.filter(|receiver| !receiver.refused) else {
            return Ok(None);
        };
        let station = station_of(point, self.field);
        let text = self.format.text(&station, &horizon_of(receiver));
        let Some(files) = &mut self.files else { return Ok(Some(text)) };
        let stem = match self.format {
            HorizonFormat::Geotop => format!("horizon{:04}", self.number),
            _ => files.free_stem(&file_stem(&station)),
        };
        let path = files.folder.join(format!("{stem}.{}", self.format.extension()));
        let name = path.display().to_string();
        refuse_overwriting(std::slice::from_ref(&name), &files.inputs)?;
        refuse_existing(&name, files.overwrite)?;
        files.staged.push(stage_file(&name, text.as_bytes())?);
        files.names.push(name);
        Ok(None)
    }

    /// The files, which still have temporary names, and their names.
    pub(super) fn finish(self) -> (Vec<Staging>, Vec<String>) {
        self.files.map_or_else(Default::default, |mut files| {
            files.is_new = false;
            (std::mem::take(&mut files.staged), std::mem::take(&mut files.names))
        })
    }
}

impl Drop for Files {
    /// A run that ends without a result leaves no empty folder.
    fn drop(&mut self) {
        self.staged.clear();
        if self.is_new {
            let _ = std::fs::remove_dir(&self.folder);
        }
    }
}

impl Files {
    /// The name, or the name with the first number that no file has.
    fn free_stem(&mut self, stem: &str) -> String {
        let numbered = (2..).map(|number| format!("{stem}_{number}"));
        let mut names = std::iter::once(stem.to_owned()).chain(numbered);
        loop {
            if let Some(name) = names.next()
                && self.stems.insert(name.to_lowercase())
            {
                return name;
            }
        }
    }
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
    fn stations_become_names_of_files() {
        assert_eq!(file_stem("Piz Corvatsch"), "Piz_Corvatsch");
        assert_eq!(file_stem("../a/b\\c:d"), "_a_b_c_d");
        assert_eq!(file_stem("Zürich"), "Zürich");
        assert_eq!(file_stem(".."), "_");
        let mut files = Files {
            folder: PathBuf::new(),
            is_new: false,
            overwrite: false,
            inputs: Vec::new(),
            stems: BTreeSet::new(),
            staged: Vec::new(),
            names: Vec::new(),
        };
        let names = ["A", "a", "b", "A"].map(|stem| files.free_stem(stem));
        assert_eq!(names, ["A", "a_2", "b", "A_3"]);
    }

    #[test]
    fn only_nichemapr_needs_a_number_of_directions() {
        assert!(HorizonFormat::Nichemapr.check_directions(24).is_ok());
        assert!(HorizonFormat::Nichemapr.check_directions(16).is_err());
        assert!(HorizonFormat::Pvgis.check_directions(7).is_ok());
    }
}
