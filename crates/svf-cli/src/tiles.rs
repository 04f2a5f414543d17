//! Computes tiles of a plan, each to a file of its own: `svf_compute --plan`, and
//! the middle of `svf_compute --work-dir`.

use std::fs;
use std::path::Path;

use ndarray::Axis;
use serde_json::json;
use svf_job::events::{Notice, TileNotice};
use svf_job::journal::{Entry, Journal};
use svf_job::planfile::TileEntry;
use svf_job::seal::SealError;
use svf_job::tileset::{Selection, TileSet, TileState};
use svf_job::{CancelToken, Encoding, Event, Job, Plan, Progress, TileResult, TileSink};
use svf_kernel::Kernel;
use svf_kernel::tile::Window;
use svf_raster::join::PLAN_ITEM;
use svf_raster::staging::{host_name, sweep};
use svf_raster::{Op, OutputSpec, RasterError, RasterWriter, Session};

use crate::args::ComputeArgs;
use crate::changes::refuse_changes;
use crate::compute::{Opened, open, open_log, tell_plan, tell_progress, thread_pool};
use crate::ends::{Source, Untouched, block_for};
use crate::failure::Failure;
use crate::report::{Reporter, count_of, show_count, show_seconds};
use crate::spec::Spec;
use crate::summary::band_statistics;
use crate::tileplan::{MAKE_ANEW, args_of, folder_of, inputs_of, plan_file, read_plan};
use crate::tool::Outcome;

/// `svf_compute --plan`: the tiles that are asked for and not done.
pub(crate) fn compute_plan(
    args: &ComputeArgs,
    path: &Path,
    session: Session,
    cancel: &CancelToken,
    reporter: &mut Reporter,
) -> Result<Outcome, Failure> {
    let file = read_plan(path, MAKE_ANEW, cancel)?;
    let selection = args.tiles.as_ref().or(args.tile_part.as_ref()).unwrap_or(&Selection::All);
    let chosen = selection.of(&file).map_err(|e| Failure::usage("usage.tiles", e))?;
    let of_plan = args_of(&file, path, args)?;
    let Opened { input: _input, layers, spec } = open(&of_plan, session, cancel, reporter)?;
    let kernel = spec.kernel()?;
    let plan = spec.plan(&kernel, &layers, true)?;
    let steps = (&spec, &kernel, &plan);
    let inputs = inputs_of(&of_plan, &layers);
    let now = plan_file(&of_plan, steps, &inputs, path, &file.tile_folder, std::iter::empty());
    let hint = "tiles of two states do not fit together: make the plan anew with svf_tile \
                --overwrite, or if the input was only copied give it its time back (touch -d)";
    refuse_changes(&file, &now, path, hint)?;
    open_log(&args.shared.resources, &layers, reporter)?;
    let set = TileSet::new(file.clone(), &folder_of(path));
    tell_plan(&plan, reporter);
    let work = Work { set: &set, spec: &spec, kernel: &kernel, plan: &plan, session, cancel };
    let done = work.compute(&chosen, Source(layers), reporter)?;
    let text = format!(
        "{}: {} of {} computed, {} done before, in {}, {} cells/s",
        path.display(),
        done.computed,
        count_of(chosen.len(), "tile"),
        done.found,
        show_seconds(reporter.elapsed_s()),
        show_count(done.rate as u64),
    );
    let stats = json!({
        "tiles": done.counts(),
        "cells": done.cells,
        "cells_per_s": done.rate,
        "busy_s": done.busy(),
    });
    Ok(Outcome { outputs: Vec::new(), stats, text })
}

/// What became of tiles.
pub(crate) struct Done {
    pub(crate) found: u64,
    pub(crate) computed: u64,
    /// Cells computed, and how many a second.
    pub(crate) cells: u64,
    pub(crate) rate: f64,
    busy_s: [f64; 3],
}

impl Done {
    pub(crate) fn counts(&self) -> serde_json::Value {
        json!({ "found": self.found, "computed": self.computed })
    }

    pub(crate) fn busy(&self) -> serde_json::Value {
        let [read_s, compute_s, write_s] = self.busy_s;
        json!({ "read": read_s, "compute": compute_s, "write": write_s })
    }
}

/// Tiles to compute, and with what.
pub(crate) struct Work<'a> {
    pub(crate) set: &'a TileSet,
    pub(crate) spec: &'a Spec,
    pub(crate) kernel: &'a Kernel,
    pub(crate) plan: &'a Plan,
    pub(crate) session: Session,
    pub(crate) cancel: &'a CancelToken,
}

impl Work<'_> {
    /// Computes those of `chosen` that are not done.
    pub(crate) fn compute(
        &self,
        chosen: &[&TileEntry],
        mut source: Source,
        reporter: &mut Reporter,
    ) -> Result<Done, Failure> {
        let Work { set, spec, kernel, plan, session, cancel } = *self;
        let folder = set.folder();
        fs::create_dir_all(folder).map_err(|error| folder_failure(folder, &error))?;
        // What killed processes left: listing the folder once is enough.
        sweep(folder, None).map_err(|error| folder_failure(folder, &error))?;
        let Checked { todo, refused, blocked } = self.check(chosen, reporter)?;
        let found = (chosen.len() - todo.len() - blocked.len()) as u64;
        let mut done = Done { found, computed: 0, cells: 0, rate: 0.0, busy_s: [0.0; 3] };
        if todo.is_empty() {
            return refuse_blocked(done, blocked);
        }
        let mut journal = Journal::create(&set.journal(), &host_name())
            .map_err(|e| folder_failure(folder, &e))?;
        let mut note = |entry: Entry| journal.note(&entry).map_err(|e| folder_failure(folder, &e));
        note(Entry::Start {
            plan: set.plan().id.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            host: host_name(),
            pid: std::process::id(),
            tiles: chosen.len() as u64,
            found,
        })?;
        for TileNotice { id, reason, .. } in refused {
            note(Entry::Refused { tile: id, reason })?;
        }
        session.set_cache_bytes(plan.cache_bytes);
        session.arm();
        let encodings = spec.encodings();
        let pool = thread_pool(spec.threads)?;
        let untouched = Untouched::of(&source.0);
        let mut sink = TileFiles { work: self, encodings: &encodings, untouched, journal };
        // Another process may have been faster.
        let is_done = |id: u64| {
            let state = set.tile(id).map(|tile| set.state(tile, cancel));
            matches!(state, Some(Ok(TileState::Done(_))))
        };
        let job = Job {
            plan,
            tiles: &todo,
            is_done: &is_done,
            kernel,
            encodings: &encodings,
            pool: &pool,
            cancel,
        };
        let cells = todo.iter().map(|&id| plan.tile(id).cells()).sum();
        let all = (cells, todo.len() as u64);
        let started = reporter.elapsed_s();
        let mut skipped = 0;
        let mut report = |progress: Progress| {
            skipped += u64::from(matches!(progress.tile, Some((_, svf_job::TileNews::Found))));
            tell_progress(&progress, all, reporter);
        };
        let summary = svf_job::run(job, &mut source, &mut sink, &mut report)?;
        self.spec.scene.warn_of_range(summary.heights, reporter);
        let ended = sink.journal.note(&Entry::End);
        ended.map_err(|error| folder_failure(folder, &error))?;
        reporter.warn_of_gdal(session);
        done.found += skipped;
        done.computed = todo.len() as u64 - skipped;
        done.cells = cells;
        done.rate = cells as f64 / (reporter.elapsed_s() - started).max(1e-9);
        done.busy_s = summary.busy_s;
        refuse_blocked(done, blocked)
    }

    /// Looks what there is of the tiles.
    fn check(&self, chosen: &[&TileEntry], reporter: &mut Reporter) -> Result<Checked, Failure> {
        let (mut todo, mut refused, mut blocked) = (Vec::new(), Vec::new(), Vec::new());
        let total = chosen.len() as u64;
        let mut seen = 0;
        self.set.states(chosen, self.spec.threads, self.cancel, &mut |tile, state| {
            seen += 1;
            let notice = |reason: String| {
                let path = self.set.path(tile).display().to_string();
                TileNotice { id: tile.id, reason, path }
            };
            match state {
                TileState::Done(_) => {
                    reporter.event(&Event::Tile { id: tile.id, status: "found" });
                }
                TileState::Missing => todo.push(tile.id),
                TileState::Refused(reason) => {
                    todo.push(tile.id);
                    refused.push(notice(reason));
                }
                TileState::Blocked(reason) => blocked.push(notice(reason)),
            }
            reporter.progress("check", (seen, total), (seen, total), seen == total);
        })?;
        todo.sort_unstable();
        refused.sort_by_key(|tile| tile.id);
        blocked.sort_by_key(|tile| tile.id);
        if !refused.is_empty() {
            let message = format!("tiles that are computed again: {}", list(&refused));
            let mut notice = Notice::new("tile.refused", message);
            notice.several.tiles.clone_from(&refused);
            reporter.warn(notice);
        }
        Ok(Checked { todo, refused, blocked })
    }
}

/// What there is of the tiles that are asked for, in order of their numbers.
struct Checked {
    /// To be computed.
    todo: Vec<u64>,
    /// Those of them whose file is no good.
    refused: Vec<TileNotice>,
    /// Not to be computed: what has their name is not ours to replace.
    blocked: Vec<TileNotice>,
}

/// Ends a run that did what could be done, but not all.
fn refuse_blocked(done: Done, blocked: Vec<TileNotice>) -> Result<Done, Failure> {
    if blocked.is_empty() {
        return Ok(done);
    }
    let message = format!(
        "{} computed, {} done before, {} cannot be put under their names: {}",
        count_of(done.computed, "tile"),
        done.found,
        blocked.len(),
        list(&blocked)
    );
    let hint = "move what is there to another place, then run the same command again";
    let mut notice = Notice::new("tile.blocked", message).hint(hint);
    notice.several.tiles = blocked;
    Err(Failure::Incomplete(notice))
}

/// Some tiles, and what is the matter with them, in a line.
pub(crate) fn list(tiles: &[TileNotice]) -> String {
    const SHOWN: usize = 8;
    let mut words: Vec<String> = tiles
        .iter()
        .take(SHOWN)
        .map(|tile| format!("{} ({}): {}", tile.id, tile.path, tile.reason))
        .collect();
    if let more @ 1.. = tiles.len().saturating_sub(SHOWN) {
        words.push(format!("and {more} more"));
    }
    words.join("; ")
}

/// A folder of tiles that cannot be worked in.
pub(crate) fn folder_failure(folder: &Path, error: &std::io::Error) -> Failure {
    let shown = folder.display().to_string();
    let message = format!("cannot work in the folder {shown}: {error}");
    Failure::Failed(Notice::new("tiles.folder", message).path(shown))
}

/// Side of a block of a tile's file: as in what it is joined to, but no larger than the
/// tile, lest each cell is packed and unpacked among many that do not exist.
fn block_within(tile: &Window, tile_px: [u64; 2]) -> u64 {
    block_for(tile_px).min(tile.rows.max(tile.cols).next_multiple_of(16))
}

/// Where tiles go: a file each, sealed before it gets its name.
struct TileFiles<'a> {
    work: &'a Work<'a>,
    encodings: &'a [Encoding],
    untouched: Untouched,
    journal: Journal,
}

impl TileSink for TileFiles<'_> {
    type Error = RasterError;

    fn write(&mut self, tile: &TileResult<'_>) -> Result<(), RasterError> {
        let Work { set, spec, plan, cancel, .. } = *self.work;
        let Some(entry) = set.tile(tile.id) else { return Ok(()) };
        let path = set.path(entry).display().to_string();
        let failed = |error: &dyn std::fmt::Display| RasterError::new(Op::Finish, &path, error);
        let mut metadata = set.plan().output.metadata.clone();
        metadata.push((PLAN_ITEM.to_owned(), set.plan().id.clone()));
        metadata.push(("SVF_TILE".into(), tile.id.to_string()));
        let mut writer = RasterWriter::create(OutputSpec {
            path: path.clone(),
            driver: "GTiff".into(),
            output_type: spec.output_type,
            nodata: Some(spec.nodata),
            grid: spec.grid.part(&entry.core.into()),
            bands: spec.band_specs(&spec.measures),
            creation_options: Vec::new(),
            metadata,
            threads: spec.threads,
            copy_threads: 1,
            block_px: block_within(&entry.core.into(), plan.tile_px),
        })?;
        let whole = Window::whole(tile.window.rows, tile.window.cols);
        for band in 0..tile.cells.dim().0 {
            writer.write(&whole, band, tile.cells.index_axis(Axis(0), band))?;
        }
        let statistics: Vec<_> = tile
            .bands
            .iter()
            .zip(self.encodings)
            .map(|(s, e)| band_statistics(s, e, true))
            .collect();
        let finished = writer.finish(&statistics, &mut |_| !cancel.is_cancelled())?;
        set.seal(finished.file(), tile, cancel).map_err(|error| match error {
            // As of a reader that went away: not a failure.
            SealError::Cancelled => RasterError::new(Op::Pipe, &path, error),
            error => failed(&error),
        })?;
        self.untouched.check()?;
        finished.publish(&|| true)?;
        self.journal.note(&Entry::Computed { tile: tile.id }).map_err(|error| failed(&error))
    }
}
