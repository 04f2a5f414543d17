//! Joins the tiles of a plan, or rasters on one grid, to one raster. It is strict: missing or
//! damaged tiles are reported before a cell is written.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use svf_job::events::{Diagnostic, TileFindings};
use svf_job::plan::Tiling;
use svf_job::planfile::PlanFile;
use svf_job::tile_ids::TileIds;
use svf_job::tileset::{TileSet, TileState};
use svf_job::trailer::{Stamp, digest_of};
use svf_job::{CancelToken, Cause, Statistics};
use svf_kernel::tile::Window;
use svf_raster::join::{PLAN_ITEM, TileFile};
use svf_raster::staging::{check_destination, is_stdout, remove_stale_beside};
use svf_raster::stat::{FileState, file_state};
use svf_raster::trial::files_of_driver;
use svf_raster::{BandStatistics, OutputType, Session, names};

use crate::error::Error;
use crate::join::{Join, Piece, PieceList};
use crate::memory::{base_after_tiles, base_bytes, check_budget_early, tile_blocks};
use crate::numbers::{count_of, is_or_are};
use crate::observer::{Observer, Stage, pass_on_warnings};
use crate::outputs::{
    Changed, refuse_among, refuse_existing, refuse_inputs, refuse_overwriting, refuse_twins,
};
use crate::part_files::{Kept, OfPlan, PartRecord, PartsOf, beginning_of, kept_parts, rows_of};
use crate::parts::{Parts, is_file_of, number_of_part, part_path, with_extension};
use crate::plan_file::{MAKE_ANEW, Room, band_specs, encodings, output_grid, read_plan};
use crate::planned::{behind_link, input_seen};
use crate::provenance::INPUT_ITEM;
use crate::rasters::join_list;
use crate::spec::block_for;
use crate::summary::{Truncation, band_statistics, band_summaries};
use crate::target::{Joined, MosaicRequest, PieceCounts, Pieces, Target, refuse_too_many};
use crate::tiles::{later, list};

/// Bytes of the places where parts can begin, of each row of tiles.
const ROW_BYTES: usize = 2 * size_of::<u64>();

/// Joins pieces to one raster, or to several files and a VRT over them.
///
/// # Errors
/// Pieces that are missing, damaged or do not belong to it; a file that cannot be written; a
/// cancel.
pub fn mosaic(
    wanted: &MosaicRequest,
    session: &Session,
    cancel: &CancelToken,
    observer: &mut dyn Observer,
) -> Result<Joined, Error> {
    let _here = session.enter();
    let output = &wanted.output;
    let (Pieces::Plan(text) | Pieces::List(text)) = &wanted.pieces;
    let written = wanted.written();
    refuse_twins(written.iter())?;
    refuse_overwriting(&written, std::slice::from_ref(text))?;
    // Said before anything is looked for in a store, which can take long.
    let target = Target::new(wanted, session, cancel)?;
    let is_of_plan = matches!(wanted.pieces, Pieces::Plan(_));
    if is_of_plan && target.driver == "VRT" && output.starts_with("/vsi") && !is_stdout(output) {
        let message = format!("{output} cannot be a VRT: its tiles are files of this machine");
        let hint = "write a GeoTIFF or a COG there, or a VRT next to the tiles";
        let diagnostic = Diagnostic::new("usage.arguments", message).hint(hint);
        return Err(Error::refused(diagnostic.path(output)));
    }
    refuse_among_parts(wanted, &target.driver)?;
    remove_stale_beside(output, &|name| is_file_of(output, name));
    // Parts, and the VRT over them, are checked one by one, because they can be of this plan.
    let is_vrt = output.to_ascii_lowercase().ends_with(".vrt");
    if wanted.parts == Parts::One || wanted.parts.may_be_one() && !is_vrt {
        refuse_existing(output, wanted.overwrite)?;
    }
    check_destination(output)?;
    let joined = match &wanted.pieces {
        Pieces::Plan(path) => {
            let path = &behind_link(path);
            let room = Room::to_join(target.budget_bytes);
            let set = TileSet::new(read_plan(path, MAKE_ANEW, room, cancel)?, path);
            refuse_too_many(wanted.parts, set.plan().tiling().shape().0)?;
            refuse_input(&set, path, &written)?;
            observer.opened()?;
            let destination = Destination::One(output.clone(), wanted.parts);
            join_plan(&set, path, &target, wanted.allow_missing, &destination, observer)
        }
        Pieces::List(file) => join_list(file, &target, wanted, observer),
    }?;
    for old in older_files(output, wanted.parts, &joined.outputs) {
        let message = format!("{old} was there before, and is not a part of this result");
        let hint = "delete it, or keep it under another name";
        observer.warn(Diagnostic::new("mosaic.older", message).hint(hint).path(old));
    }
    Ok(joined)
}

/// Refuses files that the caller writes if they have the name of a part, or of a file that the driver
/// writes beside the output or beside a part.
fn refuse_among_parts(wanted: &MosaicRequest, driver: &str) -> Result<(), Error> {
    for file in &wanted.also_written {
        let shown = file.display().to_string();
        let mut outputs = vec![wanted.output.clone()];
        if wanted.parts != Parts::One {
            let vrt = with_extension(&wanted.output, ".vrt");
            refuse_twins([&vrt, &shown].into_iter())?;
            let part = number_of_part(names::file_name(&shown));
            outputs.extend(part.map(|number| part_path(&wanted.output, number)));
        }
        for output in outputs {
            refuse_twins([&output, &shown].into_iter())?;
            let beside = files_of_driver(&output, driver, &wanted.format.creation_options);
            refuse_among(&beside, std::slice::from_ref(file), &output)?;
        }
    }
    Ok(())
}

/// The files with the name of the output, or of a part of it, that were not written now: of an earlier run
/// in another number of files.
fn older_files(output: &str, parts: Parts, written: &[String]) -> Vec<String> {
    let vrt = with_extension(output, ".vrt");
    let is_whole = written.iter().any(|file| file == output || *file == vrt);
    if !is_whole {
        // Other parts are still to come.
        return Vec::new();
    }
    // The first source is near the beginning.
    let is_over_parts = |path: &str| {
        const BEGINNING: u64 = 1 << 20;
        let first = format!(">{}<", names::file_name(&part_path(output, 1)));
        beginning_of(path, BEGINNING).is_ok_and(|text| text.contains(&first))
    };
    let is_old = |path: &String| {
        !written.contains(path)
            && if *path == vrt { is_over_parts(path) } else { Path::new(path).is_file() }
    };
    let is_part = |path: &String| TileFile::open(path).is_ok_and(|file| file.part().is_some());
    let parts = match parts {
        // Other processes have written them.
        Parts::Only { parts, .. } if parts > 1 => parts as usize,
        _ => written.iter().filter(|file| *file != output && **file != vrt).count(),
    };
    let more = (parts + 1..).map(|number| part_path(output, number));
    let more = more.take_while(|path| is_old(path) && is_part(path));
    [output.to_owned(), vrt.clone()].into_iter().filter(is_old).chain(more).collect()
}

/// The files that tiles are joined to.
pub(crate) enum Destination {
    /// One, or parts of it.
    One(String, Parts),
    /// Several of some of the bands: path, and its bands.
    Several(Vec<(String, Range<usize>)>),
    /// The tiles that exist.
    Done(Vec<String>),
}

/// Refuses to replace the plan, its tiles, or the rasters that they were computed from.
fn refuse_input(set: &TileSet, plan: &Path, outputs: &[String]) -> Result<(), Error> {
    let inputs = set.plan().inputs.iter().map(|input| PathBuf::from(input_seen(input, plan)));
    let files: Vec<PathBuf> = [plan.to_owned()].into_iter().chain(inputs).collect();
    refuse_overwriting(outputs, &files)?;
    refuse_inputs(outputs, &|changed| is_tile(set, changed))
}

/// Whether a file is a tile, or what the link in its place leads to.
fn is_tile(set: &TileSet, changed: &Changed) -> bool {
    let Ok(file) = std::fs::canonicalize(&changed.file) else { return false };
    let folder = std::fs::canonicalize(set.folder()).ok();
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    if file.parent() == folder.as_deref() && set.plan().id_of_file(&name).is_some() {
        return true;
    }
    let mut tiles = set.plan().tiles.iter().map(|id| set.path(&set.plan().entry(id)));
    tiles.any(|tile| (changed.is_shared() || tile.is_symlink()) && changed.is(&tile))
}

/// The result of a check of all tiles.
struct Checked {
    /// Statistics of each row of tiles, per band.
    rows: Vec<Vec<Statistics>>,
    heights: Option<(f32, f32)>,
    /// Number of receivers that were asked for, if each tile says it.
    receivers: Option<u64>,
    /// Numbers, and what would change with their files.
    done: Vec<(u64, Stamp)>,
    refused: TileFindings,
    /// Their files are there, but cannot be read now.
    unreadable: TileFindings,
}

impl Checked {
    /// Takes the statistics of a part that an earlier run has written, in place of its tiles.
    fn take_in(&mut self, part: &PartRecord, tiling: &Tiling) {
        let [first, end] =
            [part.rows.0, part.rows.1].map(|row| row.div_ceil(tiling.tile_px[0]) as usize);
        self.rows[first..end].fill(vec![Statistics::default(); part.bands.len()]);
        self.rows[first].clone_from(&part.bands);
        self.heights = merged_range(self.heights, part.heights);
        self.receivers = None;
    }

    /// Statistics of some rows of tiles, per band.
    fn merged(&self, rows: Range<usize>) -> Vec<Statistics> {
        let add = |all: Vec<Statistics>, row: &Vec<Statistics>| -> Vec<Statistics> {
            all.into_iter().zip(row).map(|(all, band)| all.merge(*band)).collect()
        };
        let nothing = vec![Statistics::default(); self.rows.first().map_or(0, Vec::len)];
        self.rows[rows].iter().fold(nothing, add)
    }
}

/// The tiles of a plan that are done, as pieces. There can be a million of them, so each is made
/// when it is needed.
struct DoneTiles<'a> {
    set: &'a TileSet,
    done: &'a [(u64, Stamp)],
}

impl PieceList for DoneTiles<'_> {
    fn count(&self) -> usize {
        self.done.len()
    }

    fn piece(&self, number: usize) -> Piece {
        let (id, stamp) = self.done[number];
        let plan = self.set.plan();
        let path = self.set.path(&plan.entry(id)).display().to_string();
        let window = plan.tiling().output_window(id);
        Piece { path, window, is_tile: true, stamp: Some(stamp), like: None, siblings: None }
    }

    fn within(&self, window: &Window) -> Vec<usize> {
        let tiling = self.set.plan().tiling();
        let [tile_rows, tile_cols] = tiling.tile_px;
        let (_, across) = tiling.shape();
        let cols = window.col / tile_cols..window.col_end().div_ceil(tile_cols).min(across);
        let rows = window.row / tile_rows..window.row_end().div_ceil(tile_rows);
        let of_row = |row: u64| {
            let first = |id: u64| self.done.partition_point(|done| done.0 < id);
            first(row * across + cols.start)..first(row * across + cols.end)
        };
        rows.flat_map(of_row).collect()
    }
}

fn check(
    set: &TileSet,
    tiles: &TileIds,
    target: &Target<'_>,
    observer: &mut dyn Observer,
) -> Result<Checked, Error> {
    let plan = set.plan();
    let (down, _) = plan.tiling().shape();
    let nothing = vec![Statistics::default(); plan.output.bands.len()];
    // Of each row of tiles, whether the plan has tiles there or not.
    let row_bytes = size_of::<Vec<Statistics>>() + size_of_val(&nothing[..]) + ROW_BYTES;
    check_budget_early(down.saturating_mul(row_bytes as u64), target.budget_bytes, Cause::Tiles)?;
    let mut checked = Checked {
        rows: vec![nothing; down as usize],
        heights: None,
        receivers: Some(0),
        done: Vec::new(),
        refused: TileFindings::default(),
        unreadable: TileFindings::default(),
    };
    let (mut seen, total) = (0, tiles.len());
    set.states(tiles, target.threads, target.cancel, &mut |tile, state| {
        let path = || set.path(tile).display().to_string();
        match state {
            TileState::Done(record) => {
                let row = &mut checked.rows[plan.tiling().place(tile.id).0 as usize];
                for (all, band) in row.iter_mut().zip(record.bands) {
                    *all = all.merge(band);
                }
                checked.heights = merged_range(checked.heights, record.heights);
                checked.receivers = added(checked.receivers, record.receivers);
                checked.done.push((tile.id, record.stamp));
            }
            TileState::Missing => {
                checked.refused.add(tile.id, || (path(), "missing".into()));
            }
            TileState::Refused(reason) | TileState::Blocked(reason) => {
                checked.refused.add(tile.id, || (path(), reason));
            }
            TileState::Unreadable(reason) => {
                checked.unreadable.add(tile.id, || (path(), reason));
            }
        }
        seen += 1;
        observer.progress(Stage::of("check", (seen, total), (seen, total), seen == total));
    })?;
    checked.done.sort_unstable_by_key(|done| done.0);
    Ok(checked)
}

/// Counts cells without a tile, which is omitted as empty or allowed to be missing, in rows of
/// tiles.
fn count_missing(rows: &mut [Vec<Statistics>], tiling: &Tiling) {
    for (i, row) in rows.iter_mut().enumerate() {
        let rows = tiling.tile_px[0].min(tiling.window.rows - i as u64 * tiling.tile_px[0]);
        for band in row {
            let known = band.valid + band.nodata;
            *band = band.merge(Statistics::of_missing(rows * tiling.window.cols - known));
        }
    }
}

fn added(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    a.zip(b).map(|(a, b)| a + b)
}

fn merged_range(a: Option<(f32, f32)>, b: Option<(f32, f32)>) -> Option<(f32, f32)> {
    match (a, b) {
        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
        (a, b) => a.or(b),
    }
}

/// The tiles that begin in some rows of the output.
fn tiles_in(plan: &PlanFile, rows: &Range<u64>) -> TileIds {
    let tiling = plan.tiling();
    let (_, across) = tiling.shape();
    let [first, end] = [rows.start, rows.end].map(|row| row.div_ceil(tiling.tile_px[0]) * across);
    match end.checked_sub(1) {
        Some(last) if first <= last => TileIds::of_ranges(vec![(first, last)]).and(&plan.tiles),
        _ => TileIds::default(),
    }
}

/// Digest of all that decides the file of a part of some rows, with these tiles.
fn digest_of_part(
    set: &TileSet,
    target: &Target<'_>,
    parts: Parts,
    rows: &Range<u64>,
    tiles: &TileIds,
) -> String {
    let Target { driver, creation_options, .. } = target;
    let (key, ranges) = (set.key_of_rows(rows), tiles.ranges());
    // A new file elsewhere changes what the input is called.
    let metadata = set.plan().output.metadata.iter().filter(|(name, _)| name != INPUT_ITEM);
    let metadata: Vec<_> = metadata.collect();
    // Parts are as large as they may be.
    let most = parts.most_bytes();
    let about = format!("{metadata:?} {driver} {creation_options:?} {rows:?} {ranges:?} {most:?}");
    digest_of(&format!("{key} {about}"))
}

/// Refuses to go on without tiles that cannot be read now: they are not missing, so nothing may
/// be put in their place.
fn refuse_unreadable(unreadable: &TileFindings, tiles: u64) -> Result<(), Error> {
    let count = unreadable.count();
    if count == 0 {
        return Ok(());
    }
    let (of, names) = (count_of(tiles, "tile"), list(unreadable));
    let message = format!("{count} of {of} cannot be read now: {names}");
    let diagnostic = Diagnostic::new("tile.unreadable", message).hint(later());
    Err(Error::incomplete(diagnostic.retry(true).tiles(unreadable)))
}

fn type_of(plan: &PlanFile) -> Result<OutputType, Error> {
    let name = &plan.output.data_type;
    OutputType::named(name).ok_or_else(|| {
        let message = format!("the plan has an unknown data type: {name}");
        Error::failed(Diagnostic::new("plan.read", message))
    })
}

/// Refuses to go on if the file of the plan is not as it was `before` and has another plan.
fn refuse_other_plan(
    path: &Path,
    before: Option<&FileState>,
    id: &str,
    target: &Target<'_>,
) -> Result<(), Error> {
    let shown = path.display().to_string();
    if file_state(&shown).as_ref() == before {
        return Ok(());
    }
    let room = Room::to_join(target.budget_bytes);
    if read_plan(path, MAKE_ANEW, room, target.cancel)?.id == id {
        return Ok(());
    }
    let message = format!("{shown} was made anew while its tiles were joined");
    let hint = "run the command again: it joins the tiles of the new plan";
    Err(Error::failed(Diagnostic::new("plan.changed", message).hint(hint).path(shown)))
}

/// Joins the tiles of a plan.
pub(crate) fn join_plan(
    set: &TileSet,
    path: &Path,
    target: &Target<'_>,
    allow_missing: bool,
    destination: &Destination,
    observer: &mut dyn Observer,
) -> Result<Joined, Error> {
    let plan = set.plan();
    let before = file_state(&path.display().to_string());
    let tiling = plan.tiling();
    let rows = tiling.window.rows;
    let cuts: Vec<u64> = (0..rows).step_by(tiling.tile_px[0] as usize).chain([rows]).collect();
    let parts = match destination {
        Destination::One(_, parts) => *parts,
        _ => Parts::One,
    };
    let whole =
        |rows: Range<u64>| digest_of_part(set, target, parts, &rows, &tiles_in(plan, &rows));
    let kept = match destination {
        Destination::One(output, parts) => kept_parts(output, *parts, &cuts, target.cancel, &whole),
        _ => BTreeMap::new(),
    };
    // Rows whose tiles are joined now.
    let own = match destination {
        Destination::One(_, Parts::Only { part, parts }) => rows_of(&cuts, *part, *parts),
        _ => 0..rows,
    };
    let in_kept = |id: &u64| {
        let row = tiling.output_window(*id).row;
        kept.values().any(|kept| (kept.record.rows.0..kept.record.rows.1).contains(&row))
    };
    let tiles = tiles_in(plan, &own);
    let todo = if kept.is_empty() {
        tiles.clone()
    } else {
        tiles.iter().filter(|id| !in_kept(id)).collect()
    };
    let mut checked = check(set, &todo, target, observer)?;
    refuse_unreadable(&checked.unreadable, todo.len())?;
    if checked.refused.count() > 0 {
        tell_refused(&checked.refused, todo.len(), path, allow_missing, observer)?;
    }
    count_missing(&mut checked.rows, &tiling);
    for Kept { record, .. } in kept.values() {
        checked.take_in(record, &tiling);
    }
    let pieces = DoneTiles { set, done: &checked.done };
    let (grid, bands) = (output_grid(&plan.output), band_specs(&plan.output));
    let encodings = encodings(&plan.output);
    let merged = |of: Range<u64>| {
        let last = of.end.div_ceil(tiling.tile_px[0]) as usize;
        checked.merged((of.start / tiling.tile_px[0]) as usize..last)
    };
    let of_bands = |bands: &[Statistics]| -> Vec<BandStatistics> {
        bands.iter().zip(&encodings).map(|(s, e)| band_statistics(s, e, true)).collect()
    };
    let statistics = |of: Range<u64>| of_bands(&merged(of));
    let done: TileIds = checked.done.iter().map(|&(id, _)| id).collect();
    let record = |of: Range<u64>| PartRecord {
        rows: (of.start, of.end),
        of: digest_of_part(set, target, parts, &of, &tiles_in(plan, &of).and(&done)),
        bands: merged(of.clone()),
        heights: checked.heights,
    };
    let output_type = type_of(plan)?;
    let mut metadata = plan.output.metadata.clone();
    metadata.push((PLAN_ITEM.to_owned(), plan.id.clone()));
    let join = Join {
        pieces: &pieces,
        untouched: None,
        refuse_input: &|outputs| refuse_input(set, path, outputs),
        grid: &grid,
        output_type,
        nodata: Some(plan.output.nodata),
        bands: &bands,
        metadata: &metadata,
        block_px: block_for(plan.tile_px),
        cuts: &cuts,
        statistics: Some(&statistics),
        parts: Some(PartsOf {
            record: &record,
            statistics: &of_bands,
            kept: kept.clone(),
            plan: Some(OfPlan {
                id: &plan.id,
                whole: &whole,
                may_lack: allow_missing,
                check: &|| refuse_other_plan(path, before.as_ref(), &plan.id, target),
            }),
        }),
        base_bytes: if target.has_computed { base_after_tiles() } else { base_bytes() },
        held: tile_blocks(output_type),
        target,
        vrt_before: Mutex::default(),
    };
    let outputs = write(&join, plan, destination, observer)?;
    let [first, end] = [own.start, own.end].map(|row| row.div_ceil(tiling.tile_px[0]));
    let tiles_of_rows = (end - first) * tiling.shape().1;
    pass_on_warnings(target.session, observer);
    let names = bands.into_iter().map(|band| band.name);
    let about = &plan.output;
    let cells: u64 = tiles.iter().filter(in_kept).map(|id| tiling.tile(id).cells()).sum();
    let done: u64 = checked.done.iter().map(|&(id, _)| tiling.tile(id).cells()).sum();
    Ok(Joined {
        outputs,
        size: (own.end - own.start, tiling.window.cols),
        receivers: checked.receivers.filter(|_| !checked.done.is_empty()),
        bands: band_summaries(names, &merged(own.clone()), &encodings),
        truncation: checked
            .heights
            .map(|range| Truncation::of(about.radius, about.z_factor, range)),
        pieces: PieceCounts {
            total: tiles_of_rows,
            empty: tiles_of_rows - tiles.len(),
            missing: checked.refused.count(),
        },
        bytes: (done + cells) * output_type.bytes(),
    })
}

/// Writes the files of a destination, and returns their names.
fn write(
    join: &Join<'_>,
    plan: &PlanFile,
    destination: &Destination,
    observer: &mut dyn Observer,
) -> Result<Vec<String>, Error> {
    match destination {
        Destination::One(output, Parts::One) if join.target.driver == "VRT" => {
            join.write_vrt(output, (join.block_px, join.block_px))?;
            Ok(vec![output.clone()])
        }
        Destination::One(output, parts) => Ok(join.write_parts(output, *parts, observer)?.outputs),
        Destination::Done(outputs) => Ok(outputs.clone()),
        Destination::Several(files) => {
            write_several(join, plan, files, observer)?;
            Ok(files.iter().map(|(path, _)| path.clone()).collect())
        }
    }
}

/// Several files of some of the bands, as `svf_compute --separate` names and describes them.
fn write_several(
    join: &Join<'_>,
    plan: &PlanFile,
    files: &[(String, Range<usize>)],
    observer: &mut dyn Observer,
) -> Result<(), Error> {
    let metadata = |file: usize| {
        let measure = plan.output.bands[files[file].1.start].measure;
        let measure = plan.identity["options"]["measures"][measure].as_str();
        join.metadata
            .iter()
            .filter(|(key, _)| match key.as_str() {
                "SVF_SIGNED" => measure == Some("horizon"),
                key if key.starts_with("SVF_ANISOTROPY_") => measure == Some("svf-anisotropic"),
                _ => true,
            })
            .map(|(key, value)| match (key.as_str(), measure) {
                ("SVF_MEASURES", Some(measure)) => (key.clone(), measure.to_owned()),
                _ => (key.clone(), value.clone()),
            })
            .collect()
    };
    join.write_files(files, &metadata, observer)?;
    Ok(())
}

/// Reports the tiles that are not done: as an error, or as a warning if this is allowed.
fn tell_refused(
    refused: &TileFindings,
    total: u64,
    path: &Path,
    allow_missing: bool,
    observer: &dyn Observer,
) -> Result<(), Error> {
    let (count, total) = (refused.count(), count_of(total, "tile"));
    let is = is_or_are(count);
    let list = list(refused);
    let diagnostic = if allow_missing {
        let message =
            format!("{count} of {total} {is} missing or damaged and filled with NoData: {list}");
        Diagnostic::new("mosaic.missing", message)
    } else {
        let message = format!("{count} of {total} {is} missing or damaged: {list}");
        let plan = path.display();
        let hint = format!("compute missing tiles with svf_compute --plan {plan}, then join again");
        let diagnostic = Diagnostic::new("mosaic.incomplete", message).hint(hint);
        diagnostic.path(plan.to_string()).retry(false)
    };
    let diagnostic = diagnostic.tiles(refused);
    if !allow_missing {
        return Err(Error::incomplete(diagnostic));
    }
    observer.warn(diagnostic);
    Ok(())
}
