//! Horizons of points for other programs, as one text or as a file for each station.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use svf::Error;
use svf::horizon_line::HorizonFormat;
use svf::outputs::{refuse_existing, refuse_overwriting};
use svf::point::Receiver;
use svf_job::events::Diagnostic;
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
        let text = self.format.of_receiver(&station, receiver);
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
}
