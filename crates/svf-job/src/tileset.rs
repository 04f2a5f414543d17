//! The tiles of a plan as files in a folder: which tiles are done, and how a tile is finished.
//!
//! A tile is done when its file is there under its final name and its checksum trailer is
//! whole and names this plan and this tile; there is no other record of it. Any
//! number of processes may work in the folder: what one renames into place is
//! complete, and two that compute the same tile write the same cells.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use serde::{Deserialize, Serialize};
use svf_kernel::tile::Window;

use crate::cancel::CancelToken;
use crate::claims;
use crate::encode::Statistics;
use crate::pipeline::TileResult;
use crate::planfile::{Output, PlanFile, TileEntry};
use crate::seen::{self, PATIENCE, PAUSE};
use crate::tile_ids::TileIds;
use crate::tile_key::TileKeys;
use crate::trailer::{self, Stamp, TrailerError, digest_of};

/// Name of the folder of the journal, in that of the tiles.
const JOURNAL: &str = "journal";
/// How often a file is looked for again that another machine has replaced.
const STALE_TRIES: usize = 3;

/// What the checksum trailer of a tile records.
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
    /// Number of receivers that were asked for, if not all cells are receivers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receivers: Option<u64>,
    /// Digest of the grid, CRS, NoData value and bands of the file; none in older files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// What the tile is recognised by if its plan changed; none if the input is one file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// [`Stamp`] of the file that it was read from; not stored.
    #[serde(skip)]
    pub stamp: Stamp,
}

/// The state of a tile.
#[derive(Clone, Debug, PartialEq)]
pub enum TileState {
    /// It is done.
    Done(TileRecord),
    /// No file.
    Missing,
    /// A file that cannot be used, with the reason. It may be replaced.
    Refused(String),
    /// Something that is not a file, and must not be removed.
    Blocked(String),
    /// A file that cannot be read now. This says nothing about its content: a disk, a network or a
    /// permission is the reason.
    Unreadable(String),
}

/// A plan, and the folder of its tiles.
#[derive(Clone, Debug)]
pub struct TileSet {
    plan: PlanFile,
    beside: PathBuf,
    folder: PathBuf,
    /// Whether the folder has the name of the plan: then tiles of other plans in it come from
    /// earlier versions of this plan.
    own: bool,
    /// Digest of what its tiles have, as in [`TileRecord::output`].
    output: String,
    /// Finds tiles of earlier plans that are the same in this one.
    keys: Option<TileKeys>,
}

impl TileSet {
    /// The tiles of the plan in the file `path`.
    pub fn new(plan: PlanFile, path: &Path) -> Self {
        let beside = path.parent().unwrap_or(Path::new("")).to_owned();
        let folder = beside.join(&plan.tile_folder);
        let own = path.file_stem().is_some_and(|stem| {
            plan.tile_folder == folder_name(&stem.to_string_lossy())
                || (plan.tile_folder == WORK_FOLDER_TILES && stem == "plan")
        });
        let output = output_digest(&plan.output);
        let keys = TileKeys::of(&plan);
        Self { plan, beside, folder, own, output, keys }
    }

    /// The part of the path to the folder, or the journal in it, that is a link: it leads to a
    /// place outside the folder of the plan.
    pub fn link_on_the_way(&self) -> Option<PathBuf> {
        let mut place = self.beside.clone();
        let journal = Path::new(JOURNAL);
        Path::new(&self.plan.tile_folder).iter().chain(journal).find_map(|step| {
            place.push(step);
            place.is_symlink().then(|| place.clone())
        })
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
        self.folder.join(JOURNAL)
    }

    /// The file of a tile.
    pub fn path(&self, tile: &TileEntry) -> PathBuf {
        self.folder.join(&tile.file)
    }

    /// A tile by its number, if the plan has this tile.
    pub fn tile(&self, id: u64) -> Option<TileEntry> {
        self.plan.tiles.contains(id).then(|| self.plan.entry(id))
    }

    /// The state of a tile; its file is read to the end.
    ///
    /// # Errors
    /// A cancel.
    pub fn state(&self, tile: &TileEntry, cancel: &CancelToken) -> Result<TileState, TrailerError> {
        Ok(match self.state_of_file(tile, cancel)? {
            // What is computed again would replace the file to which it leads, another tile perhaps.
            TileState::Refused(reason) if self.path(tile).is_symlink() => {
                TileState::Blocked(format!("it is a link, and of the file there: {reason}"))
            }
            state => state,
        })
    }

    fn state_of_file(
        &self,
        tile: &TileEntry,
        cancel: &CancelToken,
    ) -> Result<TileState, TrailerError> {
        let refused = |reason: String| Ok(TileState::Refused(reason));
        let mut read = trailer::verify(&self.path(tile), cancel);
        for _ in 0..STALE_TRIES {
            match read {
                // It was replaced by another machine: its name leads to the new file.
                Err(TrailerError::Io(error))
                    if error.kind() == io::ErrorKind::StaleNetworkFileHandle =>
                {
                    read = trailer::verify(&self.path(tile), cancel);
                }
                _ => break,
            }
        }
        let (record, stamp) = match read {
            Ok(read) => read,
            Err(TrailerError::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(TileState::Missing);
            }
            Err(TrailerError::Cancelled) => return Err(TrailerError::Cancelled),
            Err(error @ TrailerError::NotAFile) => {
                return Ok(TileState::Blocked(error.to_string()));
            }
            Err(TrailerError::Io(error)) => return Ok(TileState::Unreadable(error.to_string())),
            Err(error @ TrailerError::None) => {
                return Ok(match was_tile(&self.path(tile)) {
                    Ok(true) => TileState::Refused(error.to_string()),
                    Ok(false) => TileState::Blocked("it is not a tile of this plan".into()),
                    Err(error) => TileState::Unreadable(error.to_string()),
                });
            }
            Err(error) => return refused(error.to_string()),
        };
        let Ok(record) = serde_json::from_str::<TileRecord>(&record) else {
            return refused("it has a checksum, but not that of a tile".into());
        };
        if record.bands.len() == self.plan.output.bands.len()
            && record.plan != self.plan.id
            && record.key.is_some()
            && record.key == self.key(tile)
        {
            // Only other tiles changed since then.
            return Ok(TileState::Done(TileRecord { stamp, ..record }));
        }
        if record.plan != self.plan.id && !self.own {
            return Ok(TileState::Blocked("it is a tile of another plan".into()));
        }
        if record.plan != self.plan.id {
            return refused(
                "it belongs to another plan, or to an earlier version of this plan".into(),
            );
        }
        if record.tile != tile.id || record.bands.len() != self.plan.output.bands.len() {
            return refused(format!("it is tile {} with a wrong file name", record.tile));
        }
        if record.output.as_ref().is_some_and(|output| *output != self.output) {
            return refused(
                "its grid, CRS, NoData value or bands are not those of the plan".into(),
            );
        }
        Ok(TileState::Done(TileRecord { stamp, ..record }))
    }

    /// The same, but a tile is only missing if the folder does not list it: see [`seen`].
    ///
    /// # Errors
    /// A cancel.
    pub fn state_now(
        &self,
        tile: &TileEntry,
        cancel: &CancelToken,
    ) -> Result<TileState, TrailerError> {
        match self.state(tile, cancel)? {
            TileState::Missing if self.lists(tile, cancel) => {
                self.state_of_listed(tile, Instant::now() + PATIENCE, cancel)
            }
            state => Ok(state),
        }
    }

    /// Whether the folder lists the file of a tile.
    pub fn lists(&self, tile: &TileEntry, cancel: &CancelToken) -> bool {
        seen::is_listed(&self.path(tile), cancel)
    }

    /// What a tile is recognised by in any plan.
    fn key(&self, tile: &TileEntry) -> Option<String> {
        self.keys.as_ref().map(|keys| keys.key(tile.core, tile.halo))
    }

    /// What the cells of some rows of the output are recognised by, from this or an earlier plan.
    pub fn key_of_rows(&self, rows: &Range<u64>) -> String {
        let Some(keys) = &self.keys else { return self.plan.id.clone() };
        let whole = Window::from(self.plan.window);
        let core = Window { row: whole.row + rows.start, rows: rows.end - rows.start, ..whole };
        keys.key(core.into(), self.plan.halo_of(&core).into())
    }

    /// Finds the states of many tiles on `threads` threads. `tell` is called for each of them on
    /// this thread, in any order. Network file systems remember for a while that a file was not
    /// there, so a tile is only missing if the folder does not list it.
    ///
    /// # Errors
    /// A cancel.
    pub fn states(
        &self,
        tiles: &TileIds,
        threads: usize,
        cancel: &CancelToken,
        tell: &mut dyn FnMut(&TileEntry, TileState),
    ) -> Result<(), TrailerError> {
        let mut missing = Vec::new();
        let next = Mutex::new(tiles.iter());
        let next = || next.lock().unwrap_or_else(PoisonError::into_inner).next();
        thread::scope(|scope| {
            let (sender, states) = sync_channel(threads);
            for _ in 0..threads.min(usize::try_from(tiles.len()).unwrap_or(threads)) {
                let sender = sender.clone();
                scope.spawn(move || {
                    while let Some(id) = next() {
                        let tile = self.plan.entry(id);
                        let state = self.state(&tile, cancel);
                        let cancelled = state.is_err();
                        if sender.send((tile, state)).is_err() || cancelled {
                            return;
                        }
                    }
                });
            }
            drop(sender);
            for (tile, state) in states {
                match state? {
                    TileState::Missing => missing.push(tile.id),
                    state => tell(&tile, state),
                }
            }
            Ok::<(), TrailerError>(())
        })?;
        missing.sort_unstable();
        let listed = if missing.is_empty() { Vec::new() } else { self.listed(&missing, cancel) };
        let until = Instant::now() + PATIENCE;
        for id in missing {
            let tile = self.plan.entry(id);
            let state = match listed.binary_search(&id) {
                Ok(_) => self.state_of_listed(&tile, until, cancel)?,
                Err(_) => TileState::Missing,
            };
            tell(&tile, state);
        }
        Ok(())
    }

    /// Those of some tiles, by their sorted numbers, whose files the folder lists.
    fn listed(&self, ids: &[u64], cancel: &CancelToken) -> Vec<u64> {
        let names = seen::list(&self.folder, cancel).into_iter().flatten().flatten();
        let mut found: Vec<u64> = names
            .filter_map(|entry| self.plan.id_of_file(&entry.file_name().to_string_lossy()))
            .filter(|id| ids.binary_search(id).is_ok())
            .collect();
        found.sort_unstable();
        found
    }

    /// The state of a tile that was not found, although the folder lists it.
    fn state_of_listed(
        &self,
        tile: &TileEntry,
        until: Instant,
        cancel: &CancelToken,
    ) -> Result<TileState, TrailerError> {
        loop {
            match self.state(tile, cancel)? {
                TileState::Missing if self.path(tile).is_symlink() => {
                    return Ok(TileState::Blocked("it is a link that leads nowhere".into()));
                }
                TileState::Missing if cancel.is_cancelled() => return Err(TrailerError::Cancelled),
                TileState::Missing if Instant::now() < until => thread::sleep(PAUSE),
                TileState::Missing => {
                    let reason = "the folder lists it, but it cannot be opened";
                    return Ok(TileState::Unreadable(reason.into()));
                }
                state => return Ok(state),
            }
        }
    }

    /// Appends the checksum trailer to the complete file of a tile, before it gets its name.
    ///
    /// # Errors
    /// A file that cannot be read or written, or a cancel.
    pub fn complete(
        &self,
        path: &Path,
        tile: &TileResult<'_>,
        cancel: &CancelToken,
    ) -> Result<(), TrailerError> {
        let key = self.tile(tile.id).and_then(|entry| self.key(&entry));
        let record = TileRecord {
            plan: self.plan.id.clone(),
            tile: tile.id,
            bands: tile.bands.to_vec(),
            heights: tile.heights,
            receivers: tile.receivers,
            output: Some(self.output.clone()),
            key,
            stamp: Stamp::default(),
        };
        let record = serde_json::to_string(&record).map_err(io::Error::from)?;
        trailer::append(path, &record, cancel)
    }

    /// Deletes all tiles, claims and the journal, of any plan; other files in the folder are
    /// kept.
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
        let is_claim = |name: &str| {
            claims::claimed(name).is_some_and(|name| is_tile(name) || name.starts_with(JOIN))
        };
        remove_files(folder, &|name| is_tile(name) || is_claim(name))?;
        let journal = folder.join(JOURNAL);
        // A link leads to files of others.
        if journal.is_symlink() {
            return Ok(());
        }
        remove_files(&journal, &|name| name.ends_with(".jsonl"))
    }
}

/// Prefix of the names of claims for joining the tiles.
pub const JOIN: &str = "join-";

/// Digest of everything that decides what the cells of a tile mean.
fn output_digest(output: &Output) -> String {
    let Output { data_type, nodata, size, geo_transform, crs, bands, .. } = output;
    digest_of(&format!("{data_type} {nodata:?} {size:?} {geo_transform:?} {crs:?} {bands:?}"))
}

/// Name of the folder for the tiles of a plan in `STEM.json`.
pub fn folder_name(stem: &str) -> String {
    format!("{stem}.tiles")
}

/// Name of the folder for tiles, next to the `plan.json` of a work folder.
pub const WORK_FOLDER_TILES: &str = "tiles";

/// Whether a file without an intact trailer was a tile once, by its beginning or end, or was cut so
/// short, or emptied, that it is nothing: there is nothing in it that is not made again. A file of the
/// user's may have any name.
fn was_tile(path: &Path) -> io::Result<bool> {
    const LOOK_BYTES: u64 = 1 << 16;
    const ITEM: &[u8] = b"SVF_TILE";
    // Shorter ones have no list of properties, so nothing.
    const LEAST_BYTES: u64 = 128;
    const TIFF: [&[u8]; 2] = [b"II*\0", b"II+\0"];
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut bytes = Vec::new();
    file.by_ref().take(LOOK_BYTES).read_to_end(&mut bytes)?;
    if let Some(end) = length.checked_sub(LOOK_BYTES) {
        file.seek(SeekFrom::Start(end))?;
        file.take(LOOK_BYTES).read_to_end(&mut bytes)?;
    }
    let is_header_only = length < LEAST_BYTES && TIFF.iter().any(|start| bytes.starts_with(start));
    let was_one = is_header_only || bytes.windows(ITEM.len()).any(|window| window == ITEM);
    Ok(was_one || bytes.iter().all(|byte| *byte == 0) && has_only_zeros(path)?)
}

/// Whether a file is empty, or has nothing but zeros, as after a loss of power.
fn has_only_zeros(path: &Path) -> io::Result<bool> {
    let mut file = File::open(path)?;
    let mut bytes = vec![0; 1 << 16];
    loop {
        match file.read(&mut bytes)? {
            0 => return Ok(true),
            read if bytes[..read].iter().any(|byte| *byte != 0) => return Ok(false),
            _ => {}
        }
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

/// Which tiles of a plan a process should compute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// All tiles.
    All,
    /// Tiles by their numbers: ranges that include both ends.
    Numbers(Vec<(u64, u64)>),
    /// Part `part` of `parts`, counted from 1: consecutive tiles, because neighbours share the
    /// heights between them. Sizes of parts differ by at most one tile.
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
        let bad = || format!("'{text}' is not a list of tile numbers: write e.g. 0-99,120");
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
        let bad = || format!("'{text}' is not a part: write e.g. 2/16, from 1/16 to 16/16");
        let (part, parts) = text.split_once('/').ok_or_else(bad)?;
        let number = |text: &str| text.trim().parse::<u64>().map_err(|_| bad());
        match (number(part)?, number(parts)?) {
            (part, parts) if (1..=parts).contains(&part) => Ok(Self::Part { part, parts }),
            _ => Err(bad()),
        }
    }

    /// The selected tiles of a plan, in order. Numbers of tiles that the plan omits because they
    /// are empty are ignored.
    ///
    /// # Errors
    /// A number beyond the last tile.
    pub fn of(&self, plan: &PlanFile) -> Result<TileIds, String> {
        let count = plan.tiles.len();
        let share = |part: u64, parts: u64| {
            (u128::from(count) * u128::from(part) / u128::from(parts)) as u64
        };
        match self {
            Self::All => Ok(plan.tiles.clone()),
            Self::Part { part, parts } => {
                Ok(plan.tiles.slice(share(part - 1, *parts), share(*part, *parts)))
            }
            Self::Numbers(ranges) => {
                let last = plan.tiling().tiles() - 1;
                if let Some(beyond) = ranges.iter().map(|range| range.1).find(|&id| id > last) {
                    return Err(format!("there is no tile {beyond}: the last one is {last}"));
                }
                Ok(TileIds::of_ranges(ranges.clone()).and(&plan.tiles))
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::planfile::{Band, PLAN_FORMAT};
    use serde_json::json;
    use svf_kernel::tile::Window;

    /// A plan of 3 x 3 tiles; the fifth is omitted because it is empty.
    pub(crate) fn plan(radius: &str) -> PlanFile {
        let window = Window { row: 0, col: 0, rows: 250, cols: 130 };
        let identity = json!({ "options": { "radius": radius } });
        PlanFile {
            format: PLAN_FORMAT,
            id: PlanFile::id_of(&identity),
            identity,
            inputs: Vec::new(),
            sample: None,
            output: Output {
                data_type: "Float32".into(),
                nodata: -9999.0,
                size: [250, 130],
                geo_transform: None,
                crs: None,
                bands: vec![Band {
                    name: "svf".into(),
                    unit: String::new(),
                    scale_offset: [1.0, 0.0],
                    range: [0.0, 1.0],
                    measure: 0,
                }],
                metadata: Vec::new(),
                radius: 3.0,
                z_factor: 1.0,
            },
            window: window.into(),
            tile_px: [100, 60],
            halo_px: [3, 3],
            memory_bytes: 1 << 30,
            threads: 2,
            tile_folder: "tiles".into(),
            sources: Vec::new(),
            tiles: (0..9).filter(|&id| id != 4).collect(),
            digest: None,
        }
    }

    pub(crate) fn result(id: u64, bands: &[Statistics]) -> TileRecord {
        TileRecord {
            plan: plan("3").id,
            tile: id,
            bands: bands.to_vec(),
            heights: Some((1.5, 7.25)),
            receivers: Some(7),
            output: None,
            key: None,
            stamp: Stamp::default(),
        }
    }

    /// A set whose tiles are in a temporary folder, and a function that writes a file there.
    pub(crate) fn set() -> (tempfile::TempDir, TileSet) {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("tiles")).unwrap();
        let set = TileSet::new(plan("3"), &dir.path().join("plan.json"));
        (dir, set)
    }

    pub(crate) fn put(set: &TileSet, id: u64, record: &str) {
        let path = set.path(&set.tile(id).unwrap());
        fs::write(&path, b"cells").unwrap();
        trailer::append(&path, record, &CancelToken::default()).unwrap();
    }

    fn state(set: &TileSet, id: u64) -> TileState {
        match set.state(&set.tile(id).unwrap(), &CancelToken::default()).unwrap() {
            TileState::Done(record) => {
                TileState::Done(TileRecord { stamp: Stamp::default(), ..record })
            }
            other => other,
        }
    }

    #[test]
    fn a_tile_is_done_when_its_seal_names_this_plan_and_this_tile() {
        let (_dir, set) = set();
        let bands = [Statistics::of_missing(7)];
        assert_eq!(state(&set, 0), TileState::Missing);
        let good = serde_json::to_string(&result(0, &bands)).unwrap();
        put(&set, 0, &good);
        assert_eq!(state(&set, 0), TileState::Done(result(0, &bands)));
        let refused = |id: u64, record: &TileRecord| {
            put(&set, id, &serde_json::to_string(record).unwrap());
            match state(&set, id) {
                TileState::Refused(reason) => reason,
                other => panic!("{other:?}"),
            }
        };
        let other_grid = TileRecord { output: Some("other".into()), ..result(2, &bands) };
        assert!(refused(2, &other_grid).contains("its grid, CRS, NoData value or bands"));
        let same_grid = TileRecord { output: Some(set.output.clone()), ..result(2, &bands) };
        put(&set, 2, &serde_json::to_string(&same_grid).unwrap());
        assert_eq!(state(&set, 2), TileState::Done(same_grid));
        let foreign = TileRecord { plan: plan("4").id, ..result(1, &bands) };
        assert!(refused(1, &foreign).contains("another plan"));
        assert!(refused(2, &result(3, &bands)).contains("tile 3 with a wrong file name"));
        // Not the number of bands of the plan: none, and one too many.
        assert!(refused(3, &result(3, &[])).contains("wrong file name"));
        assert!(refused(5, &result(5, &[bands[0]; 2])).contains("wrong file name"));
        put(&set, 6, "{}");
        assert_eq!(
            state(&set, 6),
            TileState::Refused("it has a checksum, but not that of a tile".into())
        );
        // Incomplete files, and files that were never a tile.
        let zeros = "\0".repeat(200_000);
        let not_only = format!("{zeros}x{zeros}");
        let header = format!("II*\0{}", "x".repeat(100));
        for (content, ours) in [
            ("", true),
            ("II* <Item name=\"SVF_TILE\">", true),
            (&header, true),
            (&zeros, true),
            (&not_only, false),
            (&format!("{header}{header}"), false),
            ("mine", false),
        ] {
            fs::write(set.path(&set.tile(8).unwrap()), content).unwrap();
            match state(&set, 8) {
                TileState::Refused(reason) => {
                    assert!(ours && reason.contains("no checksum"), "{reason}")
                }
                TileState::Blocked(reason) => {
                    assert!(!ours && reason == "it is not a tile of this plan", "{reason}");
                }
                other => panic!("{other:?}"),
            }
        }
        // In a folder with the name of another plan, its tiles must not be replaced.
        let mut guest = set.clone();
        guest.own = false;
        let foreign = TileState::Blocked("it is a tile of another plan".into());
        assert_eq!(state(&guest, 1), foreign);
        // A link to another tile, which would be replaced.
        #[cfg(unix)]
        {
            let tile = set.tile(8).unwrap();
            fs::remove_file(set.path(&tile)).unwrap();
            std::os::unix::fs::symlink(&set.tile(1).unwrap().file, set.path(&tile)).unwrap();
            let TileState::Blocked(reason) = state(&set, 8) else { panic!("a link") };
            assert!(reason.contains("it is a link"), "{reason}");
        }
        // One byte changed, and a folder in its place.
        let path = set.path(&set.tile(0).unwrap());
        let mut bytes = fs::read(&path).unwrap();
        bytes[0] ^= 1;
        fs::write(&path, bytes).unwrap();
        assert!(matches!(state(&set, 0), TileState::Refused(_)));
        fs::create_dir(set.path(&set.tile(7).unwrap())).unwrap();
        assert!(matches!(state(&set, 7), TileState::Blocked(_)));
    }

    #[test]
    fn every_tile_is_told_once_whatever_the_number_of_threads() {
        let (_dir, set) = set();
        for id in [0, 8] {
            put(&set, id, &serde_json::to_string(&result(id, &[Statistics::default()])).unwrap());
        }
        let tiles = &set.plan().tiles;
        for threads in [1, 3, 20] {
            let mut told = Vec::new();
            let cancel = CancelToken::default();
            let tell = &mut |tile: &TileEntry, state: TileState| {
                told.push((tile.id, matches!(state, TileState::Done(_))));
            };
            set.states(tiles, threads, &cancel, tell).unwrap();
            told.sort_unstable();
            let wanted: Vec<_> =
                [0, 1, 2, 3, 5, 6, 7, 8].map(|id| (id, id == 0 || id == 8)).to_vec();
            assert_eq!(told, wanted, "{threads} threads");
        }
        let cancel = CancelToken::default();
        cancel.cancel();
        let ended = set.states(tiles, 2, &cancel, &mut |_, _| {});
        assert!(matches!(ended, Err(TrailerError::Cancelled)));
    }

    #[test]
    fn clearing_removes_tiles_and_journals_alone() {
        let (dir, set) = set();
        let folder = dir.path().join("tiles");
        fs::create_dir(set.journal()).unwrap();
        let ours = [
            "r0000_c0000.tif",
            "r0123_c45678.tif",
            "journal/host-1.jsonl",
            ".r0000_c0001.tif.claim",
            ".r0000_c0001.tif.claim.gone-12ab",
            ".join-12ab.claim",
        ];
        let others = [
            "r000_c0000.tif",
            "r0000_c0000.tif.aux.xml",
            "r0000_cx000.tif",
            "svf.tif",
            "journal/notes.txt",
            ".svf.tif.claim",
            ".r0000_c0001.tif",
            "xr0000_c0000.tif",
        ];
        for name in ours.iter().chain(&others) {
            fs::write(folder.join(name), "x").unwrap();
        }
        TileSet::clear(&folder).unwrap();
        assert!(ours.iter().all(|name| !folder.join(name).exists()));
        assert!(others.iter().all(|name| folder.join(name).exists()));
        TileSet::clear(&dir.path().join("not there")).unwrap();
        // A link leads to a folder of others.
        #[cfg(unix)]
        {
            fs::write(folder.join("journal/host-1.jsonl"), "x").unwrap();
            fs::rename(folder.join("journal"), dir.path().join("elsewhere")).unwrap();
            std::os::unix::fs::symlink("../elsewhere", folder.join("journal")).unwrap();
            TileSet::clear(&folder).unwrap();
            assert!(dir.path().join("elsewhere/host-1.jsonl").exists());
        }
    }

    fn ids(text: &str) -> Vec<u64> {
        let plan = plan("3");
        let tiles = Selection::parse_numbers(text).unwrap().of(&plan).unwrap();
        tiles.iter().collect()
    }

    #[test]
    fn both_ends_of_a_range_are_meant() {
        assert_eq!(ids("0-2"), [0, 1, 2]);
        assert_eq!(ids("8"), [8]);
        assert_eq!(ids("6-8,0, 1 - 1"), [0, 1, 6, 7, 8]);
        // Tiles that the plan omits are ignored, and a tile that is named twice counts once.
        assert_eq!(ids("3-5,5"), [3, 5]);
        assert_eq!(ids("4"), [] as [u64; 0]);
        let plan = plan("3");
        let beyond = Selection::parse_numbers("7-9").unwrap().of(&plan);
        assert_eq!(beyond.unwrap_err(), "there is no tile 9: the last one is 8");
        for bad in ["", "a", "3-", "-3", "5-4", "1,,2", "1.5"] {
            assert!(Selection::parse_numbers(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn parts_follow_each_other_and_cover_all_tiles_once() {
        let plan = plan("3");
        for parts in 1..=10 {
            let mut all = Vec::new();
            for part in 1..=parts {
                let selection = Selection::parse_part(&format!("{part}/{parts}")).unwrap();
                let tiles = selection.of(&plan).unwrap();
                let equal = 8 / parts;
                assert!(tiles.len() == equal || tiles.len() == equal + 1, "{part}/{parts}");
                all.extend(tiles.iter());
            }
            assert_eq!(all, [0, 1, 2, 3, 5, 6, 7, 8], "{parts}");
        }
        assert_eq!(Selection::All.of(&plan).unwrap().len(), 8);
        for bad in ["", "1", "0/3", "4/3", "1/0", "a/2", "1/2/3"] {
            assert!(Selection::parse_part(bad).is_err(), "{bad}");
        }
    }
}
