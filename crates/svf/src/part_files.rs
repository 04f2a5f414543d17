//! The files of a mosaic in parts. Each gets its name as soon as it is complete, and says what it is
//! a part of. So a run that was killed goes on with the next part, and several processes can write
//! a part each.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;

use serde::{Deserialize, Serialize};
use svf_job::{CancelToken, Statistics};
use svf_raster::BandStatistics;
use svf_raster::join::TileFile;

use crate::error::Error;
use crate::outputs::is_there;
use crate::parts::{Parts, part_path, share};

/// What a part says about itself, in a metadata item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PartRecord {
    /// First row, and the row after the last.
    pub(crate) rows: (u64, u64),
    /// Digest of all that decides the file: another one would be made if it were different.
    pub(crate) of: String,
    /// Statistics per band, in values; none if they are not known without reading cells.
    pub(crate) bands: Vec<Statistics>,
    /// Smallest and largest height.
    pub(crate) heights: Option<(f32, f32)>,
}

/// A part that is complete.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) record: PartRecord,
    /// Rows and columns of a block.
    pub(crate) block: (u64, u64),
}

/// What parts of the tiles of a plan are recognised by.
#[derive(Clone, Copy)]
pub(crate) struct OfPlan<'a> {
    /// The id of the plan.
    pub(crate) id: &'a str,
    /// The digest of a part of some rows with all of its tiles.
    pub(crate) whole: &'a (dyn Fn(Range<u64>) -> String + Sync),
    /// Whether tiles may be missing in parts that others write.
    pub(crate) may_lack: bool,
    /// Fails if another plan has its name by now: then its parts are not to be replaced by older ones.
    pub(crate) check: &'a (dyn Fn() -> Result<(), Error> + Sync),
}

/// What the parts of an output are made from.
pub(crate) struct PartsOf<'a> {
    /// What a part of these rows says about itself.
    pub(crate) record: &'a (dyn Fn(Range<u64>) -> PartRecord + Sync),
    /// Statistics as an output has them.
    pub(crate) statistics: &'a (dyn Fn(&[Statistics]) -> Vec<BandStatistics> + Sync),
    /// Parts that need not be written, by their numbers from 1.
    pub(crate) kept: BTreeMap<u64, Kept>,
    /// The plan, if they are made of its tiles.
    pub(crate) plan: Option<OfPlan<'a>>,
}

impl PartsOf<'_> {
    /// Statistics of all parts together.
    pub(crate) fn merged<'b>(
        &self,
        mut parts: impl Iterator<Item = &'b PartRecord>,
    ) -> Vec<BandStatistics> {
        let Some(first) = parts.next() else { return Vec::new() };
        let add = |all: Vec<Statistics>, part: &PartRecord| -> Vec<Statistics> {
            all.into_iter().zip(&part.bands).map(|(all, band)| all.merge(*band)).collect()
        };
        (self.statistics)(&parts.fold(first.bands.clone(), add))
    }
}

/// A complete part with this name, if it can be kept: `is_now` is asked about its record and the id
/// of its plan. A part that another process has written a moment ago is waited for.
pub(crate) fn kept(
    path: &str,
    cancel: &CancelToken,
    is_now: &dyn Fn(&PartRecord, Option<&str>) -> bool,
) -> Option<Kept> {
    if !is_there(path, cancel) {
        return None;
    }
    let file = TileFile::open(path).ok()?;
    let record: PartRecord = serde_json::from_str(&file.part()?).ok()?;
    let is_whole = record.rows.1.checked_sub(record.rows.0) == Some(file.size.0);
    let is_kept = is_whole && is_now(&record, file.plan().as_deref());
    is_kept.then_some(Kept { record, block: file.block })
}

/// The complete parts of an output that would be the same now. `cuts` are the rows where it can be
/// divided, `digest` is the one of a part of some rows.
pub(crate) fn kept_parts(
    path: &str,
    parts: Parts,
    cuts: &[u64],
    cancel: &CancelToken,
    digest: &dyn Fn(Range<u64>) -> String,
) -> BTreeMap<u64, Kept> {
    let is_same = |record: &PartRecord| {
        let (start, end) = record.rows;
        let is_cut = |row: u64| cuts.binary_search(&row).is_ok();
        is_cut(start) && is_cut(end) && start < end && digest(start..end) == record.of
    };
    let part_of = |number: u64| part_path(path, number as usize);
    let mut all = BTreeMap::new();
    match parts {
        Parts::One => {}
        Parts::Count(count) | Parts::Only { parts: count, .. } => {
            for number in 1..=count {
                let rows = rows_of(cuts, number, count);
                let is_now = |record: &PartRecord, _: Option<&str>| {
                    record.rows == (rows.start, rows.end) && is_same(record)
                };
                all.extend(kept(&part_of(number), cancel, &is_now).map(|part| (number, part)));
            }
        }
        Parts::MaxBytes(most) => {
            // Where a part begins depends on the sizes of those before it.
            let mut next = 0;
            for number in 1.. {
                let path = part_of(number);
                let fits = std::fs::metadata(&path).is_ok_and(|about| about.len() <= most);
                let is_now =
                    |record: &PartRecord, _: Option<&str>| record.rows.0 == next && is_same(record);
                let Some(part) = kept(&path, cancel, &is_now).filter(|_| fits) else { break };
                next = part.record.rows.1;
                all.insert(number, part);
            }
        }
    }
    all
}

/// The first bytes of the text of a VRT, which is long if it is over a million tiles.
pub(crate) fn beginning_of(vrt: &str, bytes: u64) -> io::Result<String> {
    let mut text = Vec::new();
    File::open(vrt)?.take(bytes).read_to_end(&mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// The rows of a part of an output that is divided into so many.
pub(crate) fn rows_of(cuts: &[u64], part: u64, parts: u64) -> Range<u64> {
    let cut = |part: u64| cuts[share(cuts.len() - 1, part, parts)];
    cut(part - 1)..cut(part)
}
