//! The tiles of a plan as files in a folder: which are done, and how one becomes so.
//!
//! A tile is done when its file is there under its final name and its seal is
//! whole and names this plan and this tile; there is no other record of it. Any
//! number of processes may work in the folder: what one renames into place is
//! complete, and two that compute the same tile write the same cells.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread;

use serde::{Deserialize, Serialize};

use crate::cancel::CancelToken;
use crate::encode::Statistics;
use crate::pipeline::TileResult;
use crate::planfile::{PlanFile, TileEntry};
use crate::seal::{self, SealError};

/// What the seal of a tile says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TileRecord {
    /// Id of the plan.
    pub plan: String,
    /// Number of the tile.
    pub tile: u64,
    /// Statistics per band, in values.
    pub bands: Vec<Statistics>,
    /// Smallest and largest height of its receivers.
    pub heights: Option<(f32, f32)>,
}

/// What there is of a tile.
#[derive(Clone, Debug, PartialEq)]
pub enum TileState {
    /// It is done.
    Done(TileRecord),
    /// No file.
    Missing,
    /// A file that is no good, and why. It is ours to replace.
    Refused(String),
    /// What is no file, and not ours to remove.
    Blocked(String),
}

/// A plan, and the folder of its tiles.
#[derive(Clone, Debug)]
pub struct TileSet {
    plan: PlanFile,
    folder: PathBuf,
}

impl TileSet {
    /// The tiles of a plan that lies in the folder `beside`.
    pub fn new(plan: PlanFile, beside: &Path) -> Self {
        let folder = beside.join(&plan.tile_folder);
        Self { plan, folder }
    }

    /// The plan.
    pub fn plan(&self) -> &PlanFile {
        &self.plan
    }

    /// The folder of the tile files.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of the journal.
    pub fn journal(&self) -> PathBuf {
        self.folder.join("journal")
    }

    /// The file of a tile.
    pub fn path(&self, tile: &TileEntry) -> PathBuf {
        self.folder.join(&tile.file)
    }

    /// A tile by its number, if the plan has it.
    pub fn tile(&self, id: u64) -> Option<&TileEntry> {
        let at = self.plan.tiles.binary_search_by_key(&id, |tile| tile.id).ok()?;
        Some(&self.plan.tiles[at])
    }

    /// What there is of a tile: its file is read to the end.
    ///
    /// # Errors
    /// A cancel.
    pub fn state(&self, tile: &TileEntry, cancel: &CancelToken) -> Result<TileState, SealError> {
        let refused = |reason: String| Ok(TileState::Refused(reason));
        let record = match seal::check(&self.path(tile), cancel) {
            Ok(record) => record,
            Err(SealError::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(TileState::Missing);
            }
            Err(SealError::Cancelled) => return Err(SealError::Cancelled),
            Err(error @ SealError::NotAFile) => return Ok(TileState::Blocked(error.to_string())),
            Err(error) => return refused(error.to_string()),
        };
        let Ok(record) = serde_json::from_str::<TileRecord>(&record) else {
            return refused("its seal is not that of a tile".into());
        };
        if record.plan != self.plan.id {
            return refused(
                "it belongs to another plan, or to an earlier state of this one".into(),
            );
        }
        if record.tile != tile.id || record.bands.len() != self.plan.output.bands.len() {
            return refused(format!("it is tile {} under a wrong name", record.tile));
        }
        Ok(TileState::Done(record))
    }

    /// Asks for the state of many tiles at once, on `threads` threads; `tell` hears
    /// of each on this one, in no order.
    ///
    /// # Errors
    /// A cancel.
    pub fn states(
        &self,
        tiles: &[&TileEntry],
        threads: usize,
        cancel: &CancelToken,
        tell: &mut dyn FnMut(&TileEntry, TileState),
    ) -> Result<(), SealError> {
        let next = AtomicUsize::new(0);
        let next = &next;
        thread::scope(|scope| {
            let (sender, states) = sync_channel(threads);
            for _ in 0..threads.min(tiles.len()) {
                let sender = sender.clone();
                scope.spawn(move || {
                    while let Some(tile) = tiles.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let state = self.state(tile, cancel);
                        let cancelled = state.is_err();
                        if sender.send((*tile, state)).is_err() || cancelled {
                            return;
                        }
                    }
                });
            }
            drop(sender);
            for (tile, state) in states {
                tell(tile, state?);
            }
            Ok(())
        })
    }

    /// Seals the complete file of a tile, before it gets its name.
    ///
    /// # Errors
    /// A file that cannot be read or written, or a cancel.
    pub fn seal(
        &self,
        path: &Path,
        tile: &TileResult<'_>,
        cancel: &CancelToken,
    ) -> Result<(), SealError> {
        let record = TileRecord {
            plan: self.plan.id.clone(),
            tile: tile.id,
            bands: tile.bands.to_vec(),
            heights: tile.heights,
        };
        let record = serde_json::to_string(&record).map_err(io::Error::from)?;
        seal::seal(path, &record, cancel)
    }

    /// Removes all tiles and the journal, whichever plan they belong to; files that
    /// were put beside them by others stay.
    ///
    /// # Errors
    /// What could not be removed.
    pub fn clear(folder: &Path) -> io::Result<()> {
        let is_tile = |name: &str| {
            let place =
                name.strip_prefix('r').and_then(|n| n.strip_suffix(".tif")?.split_once("_c"));
            let digits = |text: &str| text.len() >= 4 && text.bytes().all(|b| b.is_ascii_digit());
            place.is_some_and(|(row, col)| digits(row) && digits(col))
        };
        remove_files(folder, &is_tile)?;
        remove_files(&folder.join("journal"), &|name| name.ends_with(".jsonl"))
    }
}

fn remove_files(folder: &Path, ours: &dyn Fn(&str) -> bool) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        if ours(&entry.file_name().to_string_lossy()) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Which tiles of a plan a process is to care for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// All of them.
    All,
    /// By their numbers: ranges, both ends included.
    Numbers(Vec<(u64, u64)>),
    /// Part `part` of `parts`, counted from 1: tiles that follow each other, since
    /// neighbours share the heights between them. Parts differ by one tile at most.
    Part {
        /// Counted from 1.
        part: u64,
        /// Number of parts.
        parts: u64,
    },
}

impl Selection {
    /// Parses `0-99,120`.
    ///
    /// # Errors
    /// What is wrong, in one line.
    pub fn parse_numbers(text: &str) -> Result<Self, String> {
        let bad = || format!("'{text}' names no tiles: write for example 0-99,120");
        let number = |text: &str| text.trim().parse::<u64>().map_err(|_| bad());
        let ranges = text
            .split(',')
            .map(|range| match range.split_once('-') {
                None => number(range).map(|id| (id, id)),
                Some((first, last)) => match (number(first)?, number(last)?) {
                    (first, last) if first <= last => Ok((first, last)),
                    _ => Err(bad()),
                },
            })
            .collect::<Result<_, _>>()?;
        Ok(Self::Numbers(ranges))
    }

    /// Parses `2/16`.
    ///
    /// # Errors
    /// What is wrong, in one line.
    pub fn parse_part(text: &str) -> Result<Self, String> {
        let bad = || format!("'{text}' names no part: write for example 2/16, from 1/16 to 16/16");
        let (part, parts) = text.split_once('/').ok_or_else(bad)?;
        let number = |text: &str| text.trim().parse::<u64>().map_err(|_| bad());
        match (number(part)?, number(parts)?) {
            (part, parts) if (1..=parts).contains(&part) => Ok(Self::Part { part, parts }),
            _ => Err(bad()),
        }
    }

    /// The tiles of a plan that are meant, in order. Numbers of tiles that the plan
    /// leaves out as empty mean nothing.
    ///
    /// # Errors
    /// A number beyond the last tile.
    pub fn of<'a>(&self, plan: &'a PlanFile) -> Result<Vec<&'a TileEntry>, String> {
        let count = plan.tiles.len() as u64;
        let share = |part: u64, parts: u64| {
            (u128::from(count) * u128::from(part) / u128::from(parts)) as usize
        };
        match self {
            Self::All => Ok(plan.tiles.iter().collect()),
            Self::Part { part, parts } => {
                Ok(plan.tiles[share(part - 1, *parts)..share(*part, *parts)].iter().collect())
            }
            Self::Numbers(ranges) => {
                let last = plan.tiling().tiles() - 1;
                if let Some(beyond) = ranges.iter().map(|range| range.1).find(|&id| id > last) {
                    return Err(format!("there is no tile {beyond}: the last one is {last}"));
                }
                let mut wanted = BTreeSet::new();
                for &(first, last) in ranges {
                    let at = |id: u64| plan.tiles.partition_point(|tile| tile.id < id);
                    wanted.extend(at(first)..at(last + 1));
                }
                Ok(wanted.into_iter().map(|at| &plan.tiles[at]).collect())
            }
        }
    }
}
