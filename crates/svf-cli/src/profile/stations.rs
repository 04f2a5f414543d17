//! Horizons of points for other programs, as one text or as a file for each station.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use svf::horizon_line::HorizonFormat;
use svf::outputs::{refuse_existing, refuse_overwriting};
use svf::point::Receiver;
use svf::{CancelToken, Error};
use svf_job::events::Diagnostic;
use svf_job::made_folder::MadeFolder;
use svf_raster::attributes::{Attribute, AttributeValue};
use svf_raster::staging::{Staging, stage_file};
use svf_raster::{Op, RasterError};

use super::points::Point;

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
    /// Names of devices on Windows, also with an ending.
    const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];
    let allowed = |c: char| {
        if c.is_control() || c.is_whitespace() || "/\\:*?\"<>|".contains(c) { '_' } else { c }
    };
    let stem: String = station.chars().map(allowed).take(100).collect();
    let stem = stem.trim_matches('.');
    let small = stem.to_lowercase();
    let is_port = ["com", "lpt"].iter().any(|port| {
        small.strip_prefix(port).is_some_and(|n| n.len() == 1 && n.parse::<u8>().is_ok())
    });
    match stem {
        "" => "_".to_owned(),
        _ if DEVICES.contains(&&*small) || is_port => format!("{stem}_"),
        _ => stem.to_owned(),
    }
}

/// Horizon lines of points.
pub(super) struct HorizonLines {
    format: HorizonFormat,
    field: Option<usize>,
    files: Option<Files>,
    names: StationNames,
    /// Number of the next point, from 1.
    number: u64,
}

/// The names of stations, or of their files, so far.
#[derive(Default)]
struct StationNames {
    /// In small letters if some systems do not distinguish them from capital ones.
    taken: BTreeSet<String>,
    /// Those with a number, because others have their name.
    numbered: Vec<String>,
}

impl StationNames {
    /// The name, or the name with the first number that no other has.
    fn free(&mut self, name: String, distinguishes_capitals: bool) -> String {
        let key = |name: &str| match distinguishes_capitals {
            true => name.to_owned(),
            false => name.to_lowercase(),
        };
        if self.taken.insert(key(&name)) {
            return name;
        }
        let mut numbered = (2..).map(|number| format!("{name}_{number}"));
        let free = numbered.find(|name| self.taken.insert(key(name)));
        let free = free.expect("numbers do not end");
        self.numbered.push(free.clone());
        free
    }

    /// A warning if any has a number.
    fn warning(&self, path: &str) -> Option<Diagnostic> {
        const MOST: usize = 10;
        let first = self.numbered.iter().take(MOST).map(String::as_str).collect::<Vec<_>>();
        let more = if self.numbered.len() > MOST { ", and others" } else { "" };
        let message = format!(
            "stations have the same name, and got a number behind it, in the order of the points: {}{more}",
            first.join(", ")
        );
        let hint = "--station names another attribute";
        let warning = Diagnostic::new("points.station", message).hint(hint).path(path);
        (!first.is_empty()).then_some(warning)
    }
}

/// A file for each station.
struct Files {
    folder: PathBuf,
    overwrite: bool,
    /// Files that must not be replaced.
    inputs: Vec<PathBuf>,
    staged: Vec<Staging>,
    names: Vec<String>,
    /// A run that ends without a result leaves no empty folder. Dropped after the files in it.
    made: MadeFolder,
}

impl HorizonLines {
    /// Lines as one text.
    pub(super) fn new(format: HorizonFormat, field: Option<usize>) -> Self {
        Self { format, field, files: None, names: StationNames::default(), number: 0 }
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
        let made =
            MadeFolder::new(Path::new(folder), &CancelToken::default()).map_err(|error| {
                let hint = "several points need a folder as OUTPUT: there is a file for each point";
                RasterError::new(Op::Create, folder, error).hint(hint)
            })?;
        self.files = Some(Files {
            folder: Path::new(folder).to_owned(),
            made,
            overwrite,
            inputs,
            staged: Vec::new(),
            names: Vec::new(),
        });
        Ok(self)
    }

    /// A warning if stations, or their files, could not have their names. `path` is that of the points.
    pub(super) fn warning(&self, path: &str) -> Option<Diagnostic> {
        self.names.warning(path)
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
        let mut station = station_of(point, self.field);
        if self.format.has_one_file() {
            station = self.names.free(self.format.name_of(&station), true);
        }
        let text = self.format.of_receiver(&station, receiver);
        let Some(files) = &mut self.files else { return Ok(Some(text)) };
        let stem = match self.format {
            HorizonFormat::Geotop => format!("horizon{:04}", self.number),
            _ => self.names.free(file_stem(&station), false),
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
        self.files.map_or_else(Default::default, |files| {
            files.made.keep();
            (files.staged, files.names)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stations_become_names_of_files() {
        assert_eq!(file_stem("Piz Corvatsch"), "Piz_Corvatsch");
        assert_eq!(file_stem("../a/b\\c:d"), "_a_b_c_d");
        assert_eq!(file_stem("Zürich"), "Zürich");
        assert_eq!(file_stem(".."), "_");
        assert_eq!(file_stem("Con"), "Con_");
        assert_eq!(file_stem("lpt1"), "lpt1_");
        assert_eq!(file_stem("Como"), "Como");
        for (distinguishes, expected) in
            [(false, ["A", "a_2", "b", "A_3"]), (true, ["A", "a", "b", "A_2"])]
        {
            let mut names = StationNames::default();
            assert_eq!(names.warning("p.csv"), None);
            let found = ["A", "a", "b", "A"].map(|name| names.free(name.into(), distinguishes));
            assert_eq!(found, expected);
            assert!(names.warning("p.csv").unwrap().message.contains(expected[3]));
        }
    }
}
