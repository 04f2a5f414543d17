//! A plan as a file: what must be computed, divided into tiles, for any number of processes. It
//! is written by `svf_tile`, or by `svf_compute --work-dir` into its folder.
//!
//! Its *identity* contains everything that decides the value of a cell: options, version, and
//! what the inputs are. The id of the plan is the digest of the identity, and every tile file
//! contains it, so tiles of another plan cannot be mistaken for tiles of this one. Paths are not
//! part of it; they are relative to the folder of the plan, which can be moved.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path};

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use svf_kernel::tile::{Halo, Window, clip_to_raster};
use thiserror::Error;

use crate::plan::Tiling;
use crate::tile_ids::TileIds;
use crate::trailer::{digest_of, digest_of_words};

/// Version of the file format; it changes if readers must change. This one lists the tiles.
pub const PLAN_FORMAT: u32 = 1;
/// Format of a plan that only has the numbers of its tiles: all else follows from them.
pub const RANGES_FORMAT: u32 = 2;
/// Up to this number of tiles, a plan lists them, which is easy to read for other programs. A
/// longer list would take more time and memory than a tile.
pub const MOST_LISTED: u64 = 4096;

/// A rectangle of cells, as in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cells {
    row: u64,
    col: u64,
    rows: u64,
    cols: u64,
}

impl From<Window> for Cells {
    fn from(w: Window) -> Self {
        Self { row: w.row, col: w.col, rows: w.rows, cols: w.cols }
    }
}

impl From<Cells> for Window {
    fn from(c: Cells) -> Self {
        Self { row: c.row, col: c.col, rows: c.rows, cols: c.cols }
    }
}

/// An input raster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputPath {
    /// Its purpose: `heights`, ...
    pub role: String,
    /// Its path relative to the folder of the plan, or its GDAL name.
    pub path: String,
    /// Which of the two it is.
    pub relative: bool,
    /// If it is one of many files: the number of the first one of them that is like it in all but
    /// its place, its size and its cells, so that it need not be opened to know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub like: Option<u64>,
    /// Names of the files beside it that belong to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<String>,
}

/// The result of the check of a sample of the heights. A plan has it, so that each of a million processes
/// need not read the sample again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Look {
    /// Whether there was a warning about the heights.
    #[serde(rename = "odd")]
    pub is_odd: bool,
    /// Smallest and largest value of the sample, as stored, without values that are far from all
    /// others.
    pub range: Option<(f64, f64)>,
}

/// A part of the inputs that can change while the rest stays: which cells it decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceFile {
    /// The purpose of the input that it belongs to: `heights`, ...
    pub role: String,
    /// The cells of the input that it covers; null if it decides all of them.
    pub cells: Option<Cells>,
    /// What it is recognised by: a digest that changes with it.
    pub stamp: String,
}

/// A band of the output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// Band description.
    pub name: String,
    /// Unit of the values, may be empty.
    pub unit: String,
    /// Value = scale * cell + offset.
    pub scale_offset: [f64; 2],
    /// Smallest and largest possible value.
    pub range: [f64; 2],
    /// The measure that it belongs to, counted from 0 in the requested order.
    pub measure: usize,
}

/// What the tiles are joined to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// GDAL's name of the type of cells.
    pub data_type: String,
    /// NoData value of every band.
    #[serde(with = "any_number")]
    pub nodata: f64,
    /// Rows and columns.
    pub size: [u64; 2],
    /// GDAL's affine coefficients; null if the input has none.
    pub geo_transform: Option<[f64; 6]>,
    /// CRS as WKT; null if the input has none.
    pub crs: Option<String>,
    /// The bands.
    pub bands: Vec<Band>,
    /// Metadata items.
    pub metadata: Vec<(String, String)>,
    /// Search radius, ground units.
    pub radius: f64,
    /// Factor that converts heights to ground units.
    pub z_factor: f64,
}

/// A tile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TileEntry {
    /// Counted row by row from 0, tiles without a height included.
    pub id: u64,
    /// The cells of the tile, in the input.
    pub core: Cells,
    /// The cells that are read to compute it, in the input.
    pub halo: Cells,
    /// Name of its file, in the tile folder.
    pub file: String,
}

/// The file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanFile {
    /// [`PLAN_FORMAT`] or [`RANGES_FORMAT`].
    pub format: u32,
    /// Digest of the identity.
    pub id: String,
    /// Everything that decides the values of cells.
    pub identity: Value,
    /// The input rasters.
    pub inputs: Vec<InputPath>,
    /// A sample of the heights; plans of earlier versions have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<Look>,
    /// What the tiles are joined to.
    pub output: Output,
    /// The part of the input that is divided into tiles.
    pub window: Cells,
    /// Rows and columns of a tile.
    pub tile_px: [u64; 2],
    /// Rows and columns of context on every side.
    pub halo_px: [u64; 2],
    /// The minimum memory that a process with `threads` threads needs.
    pub memory_bytes: u64,
    /// The number of threads for `memory_bytes`.
    pub threads: u64,
    /// Folder of the tile files, relative to that of the plan.
    pub tile_folder: String,
    /// If the inputs consist of several files: what each tile is recognised by, in addition to
    /// what all have in common.
    #[serde(default, skip_serializing)]
    pub sources: Vec<SourceFile>,
    /// The tiles to compute; tiles without a height can be omitted.
    #[serde(alias = "tile_ranges", skip_serializing, deserialize_with = "read_before")]
    pub tiles: TileIds,
    /// Digest of all before it in the file; files of earlier versions have none.
    #[serde(default, skip_serializing)]
    pub digest: Option<String>,
}

/// Maximum number of rows or columns of a raster.
const MOST_CELLS: u64 = i32::MAX as u64;

/// Why a file cannot be used as a plan.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PlanFileError {
    /// Not a plan, or incomplete.
    #[error("it is not a plan of svf_tile: {0}")]
    NotAPlan(String),
    /// Written by a newer (or older) version.
    #[error("it has format {0}, but this version reads formats {PLAN_FORMAT} and {RANGES_FORMAT}")]
    Format(u64),
    /// Changed by hand.
    #[error("it was changed after it was written: {0}")]
    Changed(String),
    /// Tiles that would not be below it.
    #[error("its tile folder '{0}' is not inside the folder of the plan")]
    Folder(String),
}

impl PlanFile {
    /// Whether a file begins like a plan, even if it is incomplete.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn is_plan(path: &Path) -> io::Result<bool> {
        let mut start = Vec::new();
        File::open(path)?.take(4096).read_to_end(&mut start)?;
        let start = String::from_utf8_lossy(&start);
        let keys = ["\"format\"", "\"id\"", "\"identity\""];
        Ok(start.is_empty() || keys.iter().all(|key| start.contains(key)))
    }

    /// The digest of an identity.
    pub fn id_of(identity: &Value) -> String {
        let mut text = String::new();
        write_sorted(identity, &mut text);
        digest_of(&text)[..32].to_owned()
    }

    /// How the window is divided.
    pub fn tiling(&self) -> Tiling {
        Tiling { window: self.window.into(), tile_px: self.tile_px }
    }

    /// The entry of a tile: it follows from the sizes of tile, halo and raster.
    pub fn entry(&self, id: u64) -> TileEntry {
        let core = self.tiling().tile(id);
        let file = file_name(&self.tiling(), id);
        TileEntry { id, core: core.into(), halo: self.halo_of(&core).into(), file }
    }

    /// The cells that are read to compute others.
    pub(crate) fn halo_of(&self, core: &Window) -> Window {
        let side = |key: usize| self.identity["inputs"][0]["size"][key].as_u64();
        let rows = side(0).unwrap_or(core.row_end()).max(core.row_end());
        let cols = side(1).unwrap_or(core.col_end()).max(core.col_end());
        let [rows_px, cols_px] = self.halo_px.map(|px| px as usize);
        clip_to_raster(core, Halo { rows_px, cols_px }, rows, cols).source
    }

    /// The number of the tile with this file name, if the plan has it.
    pub fn id_of_file(&self, name: &str) -> Option<u64> {
        let (row, col) = name.strip_prefix('r')?.strip_suffix(".tif")?.split_once("_c")?;
        let tiling = self.tiling();
        let (down, across) = tiling.shape();
        let (row, col): (u64, u64) = (row.parse().ok()?, col.parse().ok()?);
        let id = (row < down && col < across).then(|| row * across + col)?;
        (self.tiles.contains(id) && file_name(&tiling, id) == name).then_some(id)
    }

    /// The text of the file: one line per tile, or per range of tiles if they are many.
    ///
    /// # Errors
    /// None in practice, because all keys are text.
    pub fn to_text(&self) -> serde_json::Result<String> {
        let is_listed = self.tiles.len() <= MOST_LISTED;
        let format = if is_listed { PLAN_FORMAT } else { RANGES_FORMAT };
        let head = Self { format, tiles: TileIds::default(), sources: Vec::new(), ..self.clone() };
        let mut text = serde_json::to_string_pretty(&head)?;
        text.truncate(text.trim_end_matches("\n}").len());
        if !self.sources.is_empty() {
            add_lines(&mut text, "sources", self.sources.iter())?;
        }
        if is_listed {
            add_lines(&mut text, "tiles", self.tiles.iter().map(|id| self.entry(id)))?;
        } else {
            add_lines(&mut text, "tile_ranges", self.tiles.ranges().iter())?;
        }
        let digest = digest_of_words(&text);
        Ok(format!("{text},\n  \"digest\": \"{digest}\"\n}}\n"))
    }

    /// Reads the text of a file, and checks that it is consistent.
    ///
    /// # Errors
    /// Why it cannot be used as a plan.
    pub fn from_text(text: &str) -> Result<Self, PlanFileError> {
        let not_a_plan = |error: serde_json::Error| PlanFileError::NotAPlan(error.to_string());
        #[derive(Deserialize)]
        struct Head {
            format: u64,
        }
        #[derive(Deserialize)]
        struct Listed {
            tiles: Vec<TileEntry>,
        }
        #[derive(Deserialize)]
        struct InRanges {
            tile_ranges: TileIds,
        }
        let head: Head = serde_json::from_str(text).map_err(not_a_plan)?;
        let mut plan: Self;
        if head.format == u64::from(PLAN_FORMAT) {
            plan = serde_json::from_str(text).map_err(not_a_plan)?;
            plan.check()?;
            let listed: Listed = serde_json::from_str(text).map_err(not_a_plan)?;
            plan.tiles = plan.ids_of(&listed.tiles)?;
        } else if head.format == u64::from(RANGES_FORMAT) {
            plan = serde_json::from_str(text).map_err(not_a_plan)?;
            plan.check()?;
            let ranges: InRanges = serde_json::from_str(text).map_err(not_a_plan)?;
            plan.tiles = ranges.tile_ranges;
            if !plan.tiles.fit(plan.tiling().tiles()) {
                return Err(PlanFileError::Changed("its ranges of tiles do not fit".into()));
            }
        } else {
            return Err(PlanFileError::Format(head.format));
        }
        if let Some(digest) = plan.digest.take() {
            let end = text.rfind("\"digest\"").unwrap_or(text.len());
            let before = text[..end].trim_end().trim_end_matches(',');
            if digest_of_words(before) != digest {
                return Err(PlanFileError::Changed(
                    "its checksum does not match its content".into(),
                ));
            }
        }
        Ok(plan)
    }

    /// What follows from the identity must be so; the tiles are checked on their own.
    fn check(&self) -> Result<(), PlanFileError> {
        let changed = |what: String| Err(PlanFileError::Changed(what));
        if Self::id_of(&self.identity) != self.id {
            return changed("id and identity do not match".into());
        }
        let mut steps = Path::new(&self.tile_folder).components();
        if self.tile_folder.is_empty() || !steps.all(|step| matches!(step, Component::Normal(_))) {
            return Err(PlanFileError::Folder(self.tile_folder.clone()));
        }
        let window = Window::from(self.window);
        if self.tile_px.contains(&0) || window.rows == 0 || window.cols == 0 {
            return changed("a window or a tile is empty".into());
        }
        // So that all numbers computed from them fit into 64 bits.
        let places = [window.row, window.col, window.rows, window.cols];
        if places.iter().chain(&self.halo_px).any(|&cells| cells > MOST_CELLS) {
            return changed("it has more rows or columns than any raster".into());
        }
        if self.output.size != [window.rows, window.cols] {
            return changed("the sizes of window and output differ".into());
        }
        for key in ["window", "tile_px", "halo_px"] {
            let here = match key {
                "window" => serde_json::to_value(self.window),
                "tile_px" => serde_json::to_value(self.tile_px),
                _ => serde_json::to_value(self.halo_px),
            };
            if here.ok().as_ref() != self.identity.get(key) {
                return changed(format!("{key} does not match the identity"));
            }
        }
        Ok(())
    }

    /// The numbers of listed tiles, which must be at the places given by the rule, once each.
    fn ids_of(&self, listed: &[TileEntry]) -> Result<TileIds, PlanFileError> {
        let changed = |what: String| Err(PlanFileError::Changed(what));
        let tiling = self.tiling();
        let mut next = 0;
        for tile in listed {
            if tile.id < next
                || tile.id >= tiling.tiles()
                || tiling.tile(tile.id) != tile.core.into()
            {
                return changed(format!("tile {} is in the wrong place", tile.id));
            }
            if tile.file != file_name(&tiling, tile.id) {
                return changed(format!("tile {} has a wrong file name", tile.id));
            }
            next = tile.id + 1;
        }
        Ok(listed.iter().map(|tile| tile.id).collect())
    }
}

/// Adds a list to JSON that is still open: a line for each item.
fn add_lines<T: Serialize>(
    text: &mut String,
    key: &str,
    items: impl Iterator<Item = T>,
) -> serde_json::Result<()> {
    use std::fmt::Write as _;
    let _ = write!(text, ",\n  \"{key}\": [\n");
    for (i, item) in items.enumerate() {
        let comma = if i > 0 { ",\n" } else { "" };
        let _ = write!(text, "{comma}    {}", serde_json::to_string(&item)?);
    }
    text.push_str("\n  ]");
    Ok(())
}

/// Tiles are read on their own, because two formats have them in different ways.
fn read_before<'de, D: Deserializer<'de>>(d: D) -> Result<TileIds, D::Error> {
    IgnoredAny::deserialize(d)?;
    Ok(TileIds::default())
}

/// The file of a tile: its place among the tiles.
fn file_name(tiling: &Tiling, id: u64) -> String {
    let (row, col) = tiling.place(id);
    format!("r{row:04}_c{col:04}.tif")
}

/// JSON without spaces and with sorted keys: the same content gives the same text.
fn write_sorted(value: &Value, text: &mut String) {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            text.push('{');
            for (i, key) in keys.into_iter().enumerate() {
                text.push_str(if i > 0 { "," } else { "" });
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push(':');
                write_sorted(&map[key], text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (i, item) in items.iter().enumerate() {
                text.push_str(if i > 0 { "," } else { "" });
                write_sorted(item, text);
            }
            text.push(']');
        }
        plain => text.push_str(&plain.to_string()),
    }
}

/// A difference between two identities.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Its key: `options.radius`, `inputs[0].files[1].bytes`.
    pub at: String,
    /// The value in the plan; null if there is none.
    pub plan: Value,
    /// The value now; null if there is none.
    pub now: Value,
}

/// The differences between the identity of a plan and the identity now.
pub fn differences(plan: &Value, now: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("", plan, now, &mut found);
    found
}

fn compare(at: &str, plan: &Value, now: &Value, found: &mut Vec<Difference>) {
    let below = |key: &str| if at.is_empty() { key.to_owned() } else { format!("{at}.{key}") };
    match (plan, now) {
        (Value::Object(a), Value::Object(b)) => {
            let only_now = b.keys().filter(|key| !a.contains_key(*key));
            for key in a.keys().chain(only_now) {
                let none = &Value::Null;
                let (a, b) = (a.get(key).unwrap_or(none), b.get(key).unwrap_or(none));
                compare(&below(key), a, b, found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() && !a.is_empty() => {
            for (i, (a, b)) in a.iter().zip(b).enumerate() {
                compare(&format!("{at}[{i}]"), a, b, found);
            }
        }
        (a, b) if at.ends_with(".modified") && same_moment(a, b) => {}
        (a, b) if a != b => {
            found.push(Difference { at: at.to_owned(), plan: a.clone(), now: b.clone() });
        }
        _ => {}
    }
}

/// Whether two modification times are the same. A copy to another file system can have cut one of them
/// to whole seconds, or to fewer digits.
fn same_moment(a: &Value, b: &Value) -> bool {
    let split = |v: &Value| {
        let (seconds, rest) = v.as_str()?.split_once('.')?;
        Some((seconds.to_owned(), rest.trim_end_matches('0').to_owned()))
    };
    match (split(a), split(b)) {
        (Some(a), Some(b)) => a.0 == b.0 && (a.1.starts_with(&b.1) || b.1.starts_with(&a.1)),
        _ => a == b,
    }
}

/// Numbers that JSON does not have, as text.
mod any_number {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum NumberOrText {
        Number(f64),
        Text(String),
    }

    pub(super) fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        if value.is_finite() {
            serializer.serialize_f64(*value)
        } else {
            serializer.serialize_str(&value.to_string())
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
        match NumberOrText::deserialize(d)? {
            NumberOrText::Number(number) => Ok(number),
            NumberOrText::Text(text) => text.parse().map_err(D::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn plan() -> PlanFile {
        let window = Window { row: 10, col: 20, rows: 250, cols: 130 };
        let identity = json!({
            "inputs": [{"size": [300, 200]}],
            "options": {"radius": "100px"},
            "window": Cells::from(window),
            "tile_px": [100, 60],
            "halo_px": [15, 25],
        });
        PlanFile {
            format: PLAN_FORMAT,
            id: PlanFile::id_of(&identity),
            identity,
            inputs: vec![InputPath {
                role: "heights".into(),
                path: "../dsm.tif".into(),
                relative: true,
                like: None,
                beside: Vec::new(),
            }],
            sample: Some(Look { is_odd: false, range: Some((0.1, 1.0 / 3.0)) }),
            output: Output {
                data_type: "Float32".into(),
                nodata: f64::NAN,
                size: [250, 130],
                geo_transform: Some([0.1, 1.0 / 3.0, 0.0, 0.3, 0.0, -1.0 / 7.0]),
                crs: None,
                bands: Vec::new(),
                metadata: vec![("A".into(), "b".into())],
                radius: 15.0,
                z_factor: 1.0,
            },
            window: window.into(),
            tile_px: [100, 60],
            halo_px: [15, 25],
            memory_bytes: 1 << 30,
            threads: 2,
            tile_folder: "tiles".into(),
            sources: Vec::new(),
            tiles: TileIds::all(9),
            digest: None,
        }
    }

    #[test]
    fn times_can_have_lost_digits() {
        let same = |a: &str, b: &str| same_moment(&a.into(), &b.into());
        for cut in ["18.930142977", "18.930142900", "18.930142000", "18.000000000"] {
            assert!(same("18.930142977", cut) && same(cut, "18.930142977"), "{cut}");
        }
        for other in ["19.930142977", "18.930142978", "18.930142800", "-18.930142977"] {
            assert!(!same("18.930142977", other), "{other}");
        }
    }

    #[test]
    fn a_plan_comes_back_as_it_was_written() {
        let plan = plan();
        let text = plan.to_text().unwrap();
        assert_eq!(
            text.lines().filter(|line| line.starts_with("    {\"id\":")).count(),
            9,
            "{text}"
        );
        let back = PlanFile::from_text(&text).unwrap();
        assert!(back.output.nodata.is_nan());
        assert_eq!(back.to_text().unwrap(), text);
        assert_eq!(back.output.geo_transform, plan.output.geo_transform);
        assert_eq!(back.tiles, TileIds::all(9));
        let tile = back.entry(8);
        assert_eq!(tile.file, "r0002_c0002.tif");
        let last = Window { row: 210, col: 140, rows: 50, cols: 10 };
        assert_eq!(Window::from(tile.core), last);
        let around = Window { row: 195, col: 115, rows: 80, cols: 60 };
        assert_eq!(Window::from(tile.halo), around);
        for (name, id) in [
            ("r0002_c0002.tif", Some(8)),
            ("r0000_c0001.tif", Some(1)),
            ("r0000_c0003.tif", None),
            ("r0003_c0000.tif", None),
            ("r0_c1.tif", None),
            ("r00000_c0001.tif", None),
            ("r0000_c0001.vrt", None),
        ] {
            assert_eq!(back.id_of_file(name), id, "{name}");
        }
    }

    /// A plan of so many tiles, one without heights, as text.
    fn of_many(rows: u64) -> (PlanFile, String) {
        let window = Window { row: 0, col: 0, rows, cols: 5000 };
        let cells = Cells::from(window);
        let identity = json!({"window": cells, "tile_px": [1, 1], "halo_px": [0, 0]});
        let plan = PlanFile {
            id: PlanFile::id_of(&identity),
            identity,
            output: Output { size: [rows, 5000], ..plan().output },
            window: cells,
            tile_px: [1, 1],
            halo_px: [0, 0],
            tiles: (0..rows * 5000).filter(|&id| id != 7).collect(),
            ..plan()
        };
        let text = plan.to_text().unwrap();
        (plan, text)
    }

    #[test]
    fn a_plan_of_many_tiles_has_ranges() {
        let (plan, text) = of_many(200);
        assert!(text.contains("\"format\": 2,") && text.len() < 2000, "{text}");
        assert!(text.contains("\"tile_ranges\": [\n    [0,6],\n    [8,999999]\n  ]"), "{text}");
        let back = PlanFile::from_text(&text).unwrap();
        assert_eq!((&back.tiles, back.tiles.len()), (&plan.tiles, 999_999));
        assert_eq!(back.to_text().unwrap(), text);
        assert_eq!(back.entry(999_999).file, "r0199_c4999.tif");
        // Changed by hand: the ranges, and the digest with them.
        for (from, to) in
            [("[0,6]", "[0,7]"), ("[0,6]", "[6,0]"), ("999999", "1000000"), ("[0,6],", "")]
        {
            let changed = text.replacen(from, to, 1);
            let error = PlanFile::from_text(&changed).unwrap_err();
            assert!(matches!(error, PlanFileError::Changed(_)), "{from}: {error}");
        }
        // The format says how the tiles are stored.
        for (from, to) in [("\"format\": 2", "\"format\": 1"), ("tile_ranges", "tiles")] {
            let error = PlanFile::from_text(&text.replacen(from, to, 1)).unwrap_err();
            assert!(matches!(error, PlanFileError::NotAPlan(_)), "{from}: {error}");
        }
        // A list of an earlier version can be longer.
        let tiles: Vec<String> = plan
            .tiles
            .slice(0, MOST_LISTED + 1)
            .iter()
            .map(|id| serde_json::to_string(&plan.entry(id)).unwrap())
            .collect();
        let few = PlanFile { tiles: TileIds::all(1), ..plan.clone() }.to_text().unwrap();
        let at = few.find("{\"id\"").unwrap();
        let long = format!("{}{}]}}", &few[..at], tiles.join(","));
        let read = PlanFile::from_text(&long).unwrap();
        assert_eq!(read.tiles, plan.tiles.slice(0, MOST_LISTED + 1));
    }

    #[test]
    fn sources_come_back_and_are_under_the_digest() {
        let source = |cells: Option<Window>| SourceFile {
            role: "heights".into(),
            cells: cells.map(Cells::from),
            stamp: "12ab".into(),
        };
        let sources = vec![source(None), source(Some(Window::whole(3, 4)))];
        let text = PlanFile { sources: sources.clone(), ..plan() }.to_text().unwrap();
        assert_eq!(PlanFile::from_text(&text).unwrap().sources, sources);
        assert!(PlanFile::from_text(&text.replacen("12ab", "12ac", 1)).is_err());
        assert!(!plan().to_text().unwrap().contains("sources"));
    }

    #[test]
    fn a_plan_changed_by_hand_is_refused() {
        let text = plan().to_text().unwrap();
        for (from, to) in [
            ("100px", "200px"),
            ("\"id\":3", "\"id\":2"),
            ("\"id\":8", "\"id\":9"),
            ("{\"row\":110,\"col\":20", "{\"row\":111,\"col\":20"),
            ("r0001_c0002.tif", "../r0001_c0002.tif"),
        ] {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text, "{from}");
            let error = PlanFile::from_text(&changed).unwrap_err();
            assert!(matches!(error, PlanFileError::Changed(_)), "{from}: {error}");
        }
        let newer = text.replacen("\"format\": 1", "\"format\": 3", 1);
        assert_eq!(PlanFile::from_text(&newer), Err(PlanFileError::Format(3)));
        for cut in [0, 10, text.len() / 2, text.len() - 3] {
            let error = PlanFile::from_text(&text[..cut]).unwrap_err();
            assert!(matches!(error, PlanFileError::NotAPlan(_)), "{cut}: {error}");
        }
    }

    #[test]
    fn a_plan_of_more_cells_than_any_raster_has_is_refused() {
        let most = i32::MAX as u64;
        let window = Window { row: 0, col: 0, rows: 3, cols: 2 };
        let of = |window: Window, tile_px: [u64; 2], halo_px: [u64; 2]| {
            let cells = Cells::from(window);
            let identity = json!({"window": cells, "tile_px": tile_px, "halo_px": halo_px});
            let id = PlanFile::id_of(&identity);
            let output = Output { size: [window.rows, window.cols], ..plan().output };
            let tiles = TileIds::default();
            let plan =
                PlanFile { id, identity, output, window: cells, tile_px, halo_px, tiles, ..plan() };
            PlanFile::from_text(&plan.to_text().unwrap()).map(|plan| plan.tiling().tiles())
        };
        assert_eq!(of(window, [1, 1], [0, 0]), Ok(6));
        assert_eq!(
            of(Window { rows: most, cols: most, ..window }, [1, 1], [0, 0]),
            Ok(most * most)
        );
        assert_eq!(of(window, [u64::MAX, u64::MAX], [0, 0]), Ok(1));
        for cells in [most + 1, 1 << 33, u64::MAX] {
            for window in [
                Window { row: cells, ..window },
                Window { col: cells, ..window },
                Window { rows: cells, ..window },
                Window { rows: cells, cols: cells, ..window },
            ] {
                let error = of(window, [1, 1], [0, 0]).unwrap_err();
                assert_eq!(
                    error.to_string(),
                    "it was changed after it was written: \
                     it has more rows or columns than any raster"
                );
            }
            assert!(
                of(window, [1, 1], [cells, 0]).is_err() && of(window, [1, 1], [0, cells]).is_err()
            );
        }
    }

    #[test]
    fn any_changed_character_of_a_file_is_found() {
        let good = plan().to_text().unwrap();
        for at in 0..good.len() {
            for bit in [1, 2, 16] {
                let mut bytes = good.clone().into_bytes();
                bytes[at] ^= bit;
                let Ok(bad) = String::from_utf8(bytes) else { continue };
                // Other space between words is no other plan.
                let same = |read: PlanFile| read.to_text().unwrap() == good;
                assert!(PlanFile::from_text(&bad).map_or(true, same), "{at}: {bad}");
            }
        }
        let refused = |text: &str| PlanFile::from_text(text).unwrap_err().to_string();
        let changed = good.replace("\"nodata\": \"NaN\"", "\"nodata\": -9999.0");
        assert!(changed != good, "{good}");
        assert_eq!(
            refused(&changed),
            "it was changed after it was written: its checksum does not match its content"
        );
        // A tile less, and as other systems end lines.
        let tile = good.lines().find(|line| line.contains("{\"id\":3,")).unwrap();
        assert!(refused(&good.replace(&format!("{tile}\n"), "")).contains("its checksum"));
        let windows = PlanFile::from_text(&good.replace('\n', "\r\n")).unwrap();
        assert_eq!(windows.to_text().unwrap(), good);
        // Written by an earlier version.
        let line = good.lines().find(|line| line.contains("\"digest\"")).unwrap();
        let older = good.replace(&format!(",\n{line}"), "");
        assert!(!older.contains("digest"));
        assert_eq!(PlanFile::from_text(&older).unwrap().to_text().unwrap(), good);
    }

    #[test]
    fn the_id_does_not_depend_on_the_order_of_keys() {
        let text =
            PlanFile::id_of(&serde_json::from_str(r#"{"b":[1,{"z":1,"a":2}],"a":0}"#).unwrap());
        let same =
            PlanFile::id_of(&serde_json::from_str(r#"{"a":0,"b":[1,{"a":2,"z":1}]}"#).unwrap());
        let other =
            PlanFile::id_of(&serde_json::from_str(r#"{"a":0,"b":[1,{"a":2,"z":2}]}"#).unwrap());
        assert_eq!(text, same);
        assert_ne!(text, other);
    }

    #[test]
    fn differences_are_found_and_the_same_moment_is_none() {
        let a = json!({"version": "0.1.0", "options": {"radius": "100px", "signed": false},
            "inputs": [{"files": [{"modified": "17.500"}, {"modified": "18.25"}, {"modified": "9.1"}]}]});
        let b = json!({"version": "0.1.0", "options": {"radius": "300", "signed": false, "new": 1},
            "inputs": [{"files": [{"modified": "17.0"}, {"modified": "18.26"}, {"modified": "9.10"}]}]});
        let found: Vec<String> = differences(&a, &b)
            .iter()
            .map(|d| format!("{} was {}, is {}", d.at, d.plan, d.now))
            .collect();
        assert_eq!(
            found,
            [
                "inputs[0].files[1].modified was \"18.25\", is \"18.26\"",
                "options.radius was \"100px\", is \"300\"",
                "options.new was null, is 1",
            ]
        );
        assert_eq!(differences(&a, &a), []);
    }
}
