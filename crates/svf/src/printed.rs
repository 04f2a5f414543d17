//! Whether what a program prints goes into a file that it reads: standard output is a file of the input.
//!
//! This is known before anything is read or written only from the words of the command line. Each of
//! them can name an input, whatever its option is.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use svf_job::planfile::{InputPath, PlanFile};
use svf_raster::Session;
use svf_raster::behind::{files_behind, may_have_files_behind};
use svf_raster::examine::is_raster;
use svf_raster::names::{ending, expand, file_name, has_raster_ending, is_pattern, is_sidecar};
use svf_raster::stat::{content_of, local_file, local_place};

use crate::gather::LONGEST_LIST;
use crate::memory::is_held_whole;
use crate::planned::{behind_link, folder_of, input_seen};
use crate::stream::is_stdin;
use crate::workdir::PLAN;

/// The file to which standard output goes, if `words` name it by any of its names, or something that it
/// is a part of: a VRT, an archive, a folder or a pattern of rasters, a list after `--input-list`, a plan,
/// a folder of tiles. It may be empty: `>` empties a file before a program begins.
pub fn printed_into(words: &[String]) -> Option<String> {
    let printed = Printed { content: content_of(Path::new("/dev/stdout"))? };
    // Rasters are opened as they will be: with the settings of the programs, and of the user.
    let session = Session::start(&config_of(words)).ok()?;
    let _here = session.enter();
    let texts = texts_of(words);
    // Who names the stream means it.
    let is_stream = |text: &str| {
        ["/dev/stdout", "/dev/fd/", "/proc/"].iter().any(|name| text.starts_with(name))
    };
    let texts: Vec<(&str, &str)> =
        texts.filter(|(_, text)| !text.is_empty() && !is_stream(text)).collect();
    let named = texts.iter().find(|(_, text)| printed.is_named(text));
    let inside = || {
        texts.iter().find_map(|(option, text)| {
            let listed = if *option == "--input-list" { printed.in_list(text) } else { None };
            listed.or_else(|| printed.inside(text))
        })
    };
    named.map(|(_, text)| (*text).to_owned()).or_else(inside)
}

/// Each word with the word before it, which can be its option, and what is after a `=` with what is before.
fn texts_of(words: &[String]) -> impl Iterator<Item = (&str, &str)> {
    words.iter().enumerate().flat_map(|(at, word)| {
        let before = at.checked_sub(1).map_or("", |at| &*words[at]);
        let (option, value) = word.split_once('=').unwrap_or_default();
        [(before, &**word), (option, value)]
    })
}

/// The settings that a command line has for GDAL.
fn config_of(words: &[String]) -> Vec<String> {
    let of_config = texts_of(words).filter(|(option, _)| *option == "--config");
    of_config.map(|(_, pair)| pair.to_owned()).collect()
}

/// Of more files of a plan, only those are looked at that have the name of the file.
const MOST_LOOKED_AT: usize = 1000;

/// The file to which standard output goes.
struct Printed {
    content: (u64, u64),
}

impl Printed {
    fn is(&self, file: &Path) -> bool {
        content_of(file) == Some(self.content)
    }

    fn is_named(&self, name: &str) -> bool {
        let file = if is_stdin(name) { Some("/dev/stdin".into()) } else { local_file(name) };
        file.is_some_and(|file| self.is(&file))
    }

    /// The name of it among the files of what has this name.
    fn inside(&self, name: &str) -> Option<String> {
        let place = local_place(name).or_else(|| local_file(name));
        match place {
            None if is_pattern(name) => self.among(expand(name).into_iter()),
            None => None,
            Some(folder) if folder.is_dir() => self
                .in_plan(&folder.join(PLAN))
                .or_else(|| self.in_folder(&folder))
                .or_else(|| self.behind(name)),
            // What comes from a pipe can be read once.
            Some(file) if file.exists() && !file.is_file() => None,
            Some(file) => {
                self.in_plan(&file).or_else(|| self.behind(name)).or_else(|| self.beside(&file))
            }
        }
    }

    /// Beside a file whose name it has, with the ending of a part. GDAL does not list one that is empty.
    fn beside(&self, file: &Path) -> Option<String> {
        let (folder, stem) = (file.parent()?, format!("{}.", file.file_stem()?.display()));
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let is_part = |name: &str| name.starts_with(&stem) && is_sidecar(name);
        let files = fs::read_dir(folder).ok()?.flatten();
        let mut files = files.filter(|file| is_part(&file.file_name().to_string_lossy()));
        files.find(|file| self.is(&file.path())).map(|file| shown(&file.path()))
    }

    /// Among the files that a raster or features are read from.
    fn behind(&self, name: &str) -> Option<String> {
        // Nothing is beside these, and to open them takes long.
        let is_text = ending(name).is_some_and(|end| ["xyz", "txt", "csv"].contains(&&*end));
        if is_text || is_held_whole(Path::new(name)) {
            return None;
        }
        files_behind(name).into_iter().find(|file| self.is_named(file))
    }

    /// Among many files that are read as one raster.
    fn among(&self, mut names: impl Iterator<Item = String>) -> Option<String> {
        names.find_map(|name| {
            if self.is_named(&name) {
                return Some(name);
            }
            may_have_files_behind(&name).then(|| self.behind(&name))?
        })
    }

    /// Among the rasters of a folder. A log may be beside them.
    fn in_folder(&self, folder: &Path) -> Option<String> {
        let files = fs::read_dir(folder).into_iter().flatten().flatten().map(|file| file.path());
        let is_empty = |file: &Path| fs::metadata(file).is_ok_and(|about| about.len() == 0);
        let may_be_read = |file: &PathBuf| match has_raster_ending(&shown(file)) {
            true => !self.is(file) || is_empty(file) || is_raster(file),
            false => self.is(file) && is_raster(file),
        };
        self.among(files.filter(may_be_read).map(|file| shown(&file)))
    }

    fn in_list(&self, list: &str) -> Option<String> {
        // A file can be read twice, a pipe cannot.
        let list = if is_stdin(list) { "/dev/stdin" } else { list };
        let is_small = |about: &fs::Metadata| about.is_file() && about.len() <= LONGEST_LIST;
        fs::metadata(list).ok().filter(is_small)?;
        let text = fs::read_to_string(list).ok()?;
        self.among(text.lines().map(|line| line.trim().to_owned()))
    }

    /// Among the inputs and the tiles of a plan.
    fn in_plan(&self, plan: &Path) -> Option<String> {
        /// What a plan says about files. All else is left out while it is read.
        #[derive(Deserialize)]
        struct Named {
            inputs: Vec<InputPath>,
            tile_folder: String,
        }
        let plan = behind_link(plan);
        if !plan.is_file() || !PlanFile::is_plan(&plan).is_ok_and(|is_plan| is_plan) {
            return None;
        }
        let text = BufReader::new(File::open(&plan).ok()?);
        let Named { inputs, tile_folder } = serde_json::from_reader(text).ok()?;
        // There can be a million of tiles, which each process of a plan would look at.
        let here = fs::canonicalize("/dev/stdout").unwrap_or_default();
        let folder = fs::canonicalize(folder_of(&plan).join(tile_folder));
        if folder.is_ok_and(|folder| here.parent() == Some(&folder))
            && has_raster_ending(&shown(&here))
        {
            return Some(shown(&here));
        }
        let mut seen = HashSet::new();
        let files = inputs.iter().flat_map(|input| {
            let path = input_seen(input, &plan);
            let beside = Path::new(&path).parent().unwrap_or(Path::new("")).to_owned();
            let beside = input.beside.iter().map(move |name| shown(&beside.join(name)));
            [path].into_iter().chain(beside.collect::<Vec<_>>())
        });
        let mut files: Vec<String> = files.filter(|file| seen.insert(file.clone())).collect();
        if files.len() > MOST_LOOKED_AT {
            let name = here.file_name().unwrap_or_default().to_string_lossy();
            files.retain(|file| file_name(file) == name);
        }
        let beside = || files.iter().find_map(|file| self.beside(&local_file(file)?));
        self.among(files.iter().cloned()).or_else(beside)
    }
}

fn shown(file: &Path) -> String {
    file.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::config_of;

    #[test]
    fn settings_are_found_in_both_forms() {
        let words = ["a.tif", "--config", "A=1", "--config=B=2", "--config"].map(str::to_owned);
        assert_eq!(config_of(&words), ["A=1", "B=2"]);
    }
}
