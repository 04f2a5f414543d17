//! The format of `--progress json`: one object per line. The JSON Schema is
//! `docs/events.schema.json`; tests check the tools against it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::plan::Plan;

/// Version of the contract between the tools and those who read their events.
pub const CONTRACT: u32 = 1;

/// An event. `start` comes first; `done`, `error` or `cancelled` comes last.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", content = "data", rename_all = "lowercase")]
pub enum Event {
    /// The tool has parsed its arguments.
    Start {
        /// [`CONTRACT`].
        contract: u32,
        /// Name of the tool.
        tool: &'static str,
        /// Its version.
        version: &'static str,
        /// Its parsed arguments.
        args: Value,
    },
    /// What will be done.
    Plan(Plan),
    /// How far it is.
    Progress {
        /// What is being done: `scan`, `check`, `compute`, `mosaic`, `finish`, `points`, `section`.
        stage: &'static str,
        /// Tiles, files or points done.
        done: u64,
        /// Tiles in all.
        total: u64,
        /// Fraction done of the stage, 0 to 1.
        fraction: f64,
        /// Seconds left in the stage, as soon as they can be estimated.
        eta_s: Option<f64>,
        /// Resident memory.
        rss_bytes: Option<u64>,
    },
    /// A tile was finished.
    Tile {
        /// Its number.
        id: u64,
        /// Its new state.
        status: &'static str,
    },
    /// Something the user should know.
    Warning(Diagnostic),
    /// Why the tool failed.
    Error(Diagnostic),
    /// The tool succeeded.
    Done {
        /// Final paths.
        outputs: Vec<String>,
        /// The results.
        stats: Value,
        /// Seconds since the start.
        elapsed_s: f64,
        /// Largest resident memory.
        peak_rss_bytes: Option<u64>,
    },
    /// The tool was cancelled.
    Cancelled {
        /// Seconds since the start.
        elapsed_s: f64,
    },
}

/// A message with a stable code.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Diagnostic {
    /// Stable machine code, e.g. `raster.open`.
    pub code: String,
    /// One line for people.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The file that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The values that the message names.
    #[serde(flatten)]
    pub details: Box<Details>,
}

/// Values, tiles and files that a message names, for programs that say it in their own words.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Details {
    /// Values by name; which ones depends on the code.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<&'static str, Value>,
    /// The tiles.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tiles: Vec<TileFinding>,
    /// The files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileFinding>,
    /// Of tiles that are not done: whether the same command can succeed if nothing is changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry: Option<bool>,
}

/// A file that does not fit the others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileFinding {
    /// Its path.
    pub path: String,
    /// What is wrong with it.
    pub reason: String,
    /// The command that corrects it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mend: Option<String>,
}

/// A tile that is not done, and why.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TileFinding {
    /// Its number.
    pub id: u64,
    /// `missing`, or what is wrong with the file.
    pub reason: String,
    /// Its file.
    pub path: String,
}

/// Tiles that are not done: how many, and the first of them. A million of them would not fit into
/// memory, and no one would read them.
#[derive(Clone, Debug, Default)]
pub struct TileFindings {
    first: BTreeMap<u64, TileFinding>,
    count: u64,
}

impl TileFindings {
    /// Number of tiles that are listed at most.
    pub const MOST: usize = 1000;

    /// Adds a tile. Its file and its reason are only asked for if it is listed.
    pub fn add(&mut self, id: u64, about: impl FnOnce() -> (String, String)) {
        self.count += 1;
        let is_full = self.first.len() >= Self::MOST;
        if is_full && self.first.last_key_value().is_some_and(|(last, _)| *last < id) {
            return;
        }
        let (path, reason) = about();
        self.first.insert(id, TileFinding { id, reason, path });
        if is_full {
            self.first.pop_last();
        }
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The first of them, in order.
    pub fn first(&self) -> impl Iterator<Item = &TileFinding> {
        self.first.values()
    }
}

/// Without the numbers of the system behind its reasons: " (os error 2)".
pub fn without_number(message: &str) -> String {
    let mut parts = message.split(" (os error ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |whole, part| match part.split_once(')') {
        Some((number, rest)) if number.bytes().all(|c| c.is_ascii_digit()) => whole + rest,
        _ => whole + " (os error " + part,
    })
}

/// A text that can be read: of one with a name of 100,000 characters, the beginning and the end.
fn readable(text: String) -> String {
    const MOST: usize = 6000;
    const KEPT: [usize; 2] = [4000, 1000];
    let Some((first, _)) = text.char_indices().nth(KEPT[0]).filter(|_| text.len() > MOST) else {
        return text;
    };
    let last = text.char_indices().rev().nth(KEPT[1] - 1).map_or(first, |(at, _)| at.max(first));
    format!("{} ... {}", &text[..first], &text[last..])
}

impl Diagnostic {
    /// A message without hint or path.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: readable(without_number(&message.into())),
            hint: None,
            path: None,
            details: Box::default(),
        }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(readable(hint.into()));
        self
    }

    /// Adds a value that the message names.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.details.args.insert(name, value.into());
        self
    }

    /// Adds the tiles that it is about.
    #[must_use]
    pub fn tiles(mut self, tiles: &TileFindings) -> Self {
        self.details.tiles.extend(tiles.first().cloned());
        self.details.tiles.sort_by_key(|tile| tile.id);
        self
    }

    /// Adds whether the same command can succeed if nothing is changed.
    #[must_use]
    pub fn retry(mut self, retry: bool) -> Self {
        self.details.retry = Some(retry);
        self
    }

    /// Adds the file that it is about.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_name_the_beginning_and_the_end_are_said() {
        let long = "ü".repeat(100_000);
        let said = Diagnostic::new("x", format!("cannot open {long}: no such file")).message;
        assert!(said.starts_with("cannot open üü") && said.ends_with("üü: no such file"), "{said}");
        assert_eq!(said.chars().count(), 4000 + " ... ".len() + 1000);
        let short = "ü".repeat(3000);
        assert_eq!(Diagnostic::new("x", short.clone()).message, short);
    }

    #[test]
    fn the_first_of_many_tiles_are_listed() {
        let mut tiles = TileFindings::default();
        let most = TileFindings::MOST as u64;
        for id in (0..3 * most).rev().chain(3 * most..5 * most) {
            tiles.add(id, || (format!("t{id}"), "missing".into()));
        }
        assert_eq!(tiles.count(), 5 * most);
        let listed: Vec<u64> = tiles.first().map(|tile| tile.id).collect();
        assert_eq!(listed, (0..most).collect::<Vec<_>>());
        assert_eq!(tiles.first().nth(3).unwrap().path, "t3");
    }
}
