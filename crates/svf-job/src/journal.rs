//! Records which process computed which tile, and when: one file per process in the journal
//! folder, in JSON Lines. Lines are only appended.
//!
//! The journal decides nothing: the file of a tile says whether the tile is done. The journal
//! shows that no finished tile is computed twice. A line is written after the tile has its name,
//! with a single write. So a process that is killed leaves complete lines, except perhaps for the
//! last one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum Entry {
    /// A process began to work on the plan.
    Start {
        /// Id of the plan.
        plan: String,
        /// Version of the tool.
        version: String,
        /// Name of the machine.
        host: String,
        /// Number of the process.
        pid: u32,
        /// Number of tiles that it should compute.
        tiles: u64,
        /// Number of these tiles that were already done.
        found: u64,
    },
    /// The file of a tile could not be used: the tile will be computed again.
    Refused {
        /// Number of the tile.
        tile: u64,
        /// What is wrong with the file.
        reason: String,
    },
    /// A tile was computed, and its file has its final name.
    Computed {
        /// Number of the tile.
        tile: u64,
    },
    /// The process has no more tiles.
    End,
}

/// The journal of this process.
pub struct Journal {
    /// None if this user may not write into the folder: tiles matter more.
    file: Option<File>,
}

#[derive(Serialize)]
struct Line<'a> {
    at: String,
    #[serde(flatten)]
    entry: &'a Entry,
}

impl Journal {
    /// Starts a new file in `folder`, which is created if necessary.
    ///
    /// # Errors
    /// A folder that cannot be written to, but for a lack of permission: then nothing is recorded.
    pub fn create(folder: &Path, host: &str) -> io::Result<Self> {
        let file = match Self::create_file(folder, host) {
            Ok(file) => Some(file),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => None,
            Err(error) => return Err(error),
        };
        Ok(Self { file })
    }

    fn create_file(folder: &Path, host: &str) -> io::Result<File> {
        fs::create_dir_all(folder)?;
        let pid = std::process::id();
        let mut serial = 0;
        loop {
            // Names are in the order of time.
            let at = timestamp(SystemTime::now()).replace([':', '-'], "");
            let path = folder.join(format!("{at}-{host}-{pid}-{serial}.jsonl"));
            match OpenOptions::new().append(true).create_new(true).open(path) {
                Ok(file) => return Ok(file),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => serial += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// Adds a line.
    ///
    /// # Errors
    /// A full disk.
    pub fn note(&mut self, entry: &Entry) -> io::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let line = Line { at: timestamp(SystemTime::now()), entry };
        let line = format!("{}\n", serde_json::to_string(&line)?);
        file.write_all(line.as_bytes())
    }

    /// Everything in a journal folder: process by process, each in order. An incomplete last line
    /// of a killed process is ignored.
    ///
    /// # Errors
    /// A folder that cannot be read; a folder that does not exist is empty.
    pub fn read_all(folder: &Path) -> io::Result<Vec<Entry>> {
        let mut files: Vec<PathBuf> = match fs::read_dir(folder) {
            Ok(entries) => entries.map(|e| Ok(e?.path())).collect::<io::Result<_>>()?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        files.sort();
        let mut entries = Vec::new();
        for file in files {
            let text = String::from_utf8_lossy(&fs::read(file)?).into_owned();
            entries.extend(text.lines().filter_map(|line| serde_json::from_str(line).ok()));
        }
        Ok(entries)
    }
}

/// A moment as `2026-01-31T12:00:00Z`.
pub fn timestamp(moment: SystemTime) -> String {
    let seconds = moment.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (days, time) = (seconds / 86_400, seconds % 86_400);
    // Years begin in March, so that a leap day is the last day of a year; an era has 400 such
    // years.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn moments() {
        let at = |seconds| timestamp(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(0), "1970-01-01T00:00:00Z");
        assert_eq!(at(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(at(951_868_799), "2000-02-29T23:59:59Z");
        assert_eq!(at(1_767_225_599), "2025-12-31T23:59:59Z");
    }

    #[test]
    fn entries_come_back_and_a_torn_line_does_not() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("journal");
        assert_eq!(Journal::read_all(&folder).unwrap(), []);
        let mut first = Journal::create(&folder, "here").unwrap();
        let mut second = Journal::create(&folder, "here").unwrap();
        first.note(&Entry::Computed { tile: 3 }).unwrap();
        second.note(&Entry::Refused { tile: 4, reason: "cut \"short\"".into() }).unwrap();
        second.note(&Entry::Computed { tile: 4 }).unwrap();
        first.note(&Entry::End).unwrap();
        second.file.unwrap().write_all(br#"{"at":"2026-01-01T00:00:00Z","event":"comp"#).unwrap();
        let entries = Journal::read_all(&folder).unwrap();
        assert_eq!(
            entries,
            [
                Entry::Computed { tile: 3 },
                Entry::End,
                Entry::Refused { tile: 4, reason: "cut \"short\"".into() },
                Entry::Computed { tile: 4 },
            ]
        );
    }
}
