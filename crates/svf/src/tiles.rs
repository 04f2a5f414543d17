//! Computes tiles of a plan, each to a file of its own: `svf_compute --plan`, and a part of
//! `svf_compute --work-dir`.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;

use ndarray::{ArrayViewMut2, ArrayViewMut3, Axis};
use svf_job::claims::Claims;
use svf_job::events::{Diagnostic, TileFindings};
use svf_job::journal::{Entry, Journal};
use svf_job::planfile::TileEntry;
use svf_job::seen::make_folder;
use svf_job::sharing::{SharedTiles, show_owners, sweep};
use svf_job::tile_ids::TileIds;
use svf_job::tileset::{Selection, TileSet, TileState};
use svf_job::trailer::TrailerError;
use svf_job::{
    CancelToken, Encoding, Job, Plan, Progress, TileNews, TileResult, TileSink, TileSource,
};
use svf_kernel::Kernel;
use svf_kernel::tile::{Clip, Halo, Window, clip_to_raster};
use svf_raster::join::PLAN_ITEM;
use svf_raster::partial::{host_name, remove_stale};
use svf_raster::writer::Finished;
use svf_raster::{Op, OutputSpec, RasterError, RasterWriter, Session};

use crate::broken::Broken;
use crate::compute::{begin, open, tell_progress};
use crate::error::Error;
use crate::far_ground::on_far_ground;
use crate::inputs::Source;
use crate::numbers::{count_of, is_or_are};
use crate::observer::{Observer, Stage, pass_on_warnings};
use crate::plan_diff::{refuse_changes, refuse_other_output};
use crate::plan_file::{
    MAKE_ANEW, Room, inputs_of, plan_file, read_plan, refuse_input_in, refuse_output_in, request_of,
};
use crate::planned::behind_link;
use crate::request::{Limits, Request};
use crate::spec::{Entries, Spec, block_for};
use crate::summary::band_statistics;
use crate::threads::thread_pool;
use crate::untouched::Untouched;

/// The request for tiles of a plan.
#[derive(Clone, Debug)]
pub struct TilesRequest {
    /// The plan's file.
    pub plan: PathBuf,
    /// Which of its tiles.
    pub tiles: Selection,
    /// The resources that the run may use.
    pub limits: Limits,
    /// Files that the caller writes during the run, for example a log: none of them may be an
    /// input.
    pub also_written: Vec<PathBuf>,
}

/// Computes the requested tiles of a plan that are not done. Returns how many were requested, and
/// the result.
///
/// # Errors
/// A plan that cannot be read or belongs to another request; a file that cannot be read or
/// written; tiles whose names are used by something else; a cancel.
pub fn compute_tiles(
    wanted: &TilesRequest,
    session: &Session,
    cancel: &CancelToken,
    observer: &mut dyn Observer,
) -> Result<(u64, Done), Error> {
    let _here = session.enter();
    let path = &behind_link(&wanted.plan);
    let room = Room::to_compute(wanted.limits.budget_bytes());
    let file = read_plan(path, MAKE_ANEW, room, cancel)?;
    let chosen = wanted.tiles.of(&file).map_err(|e| Error::usage("usage.tiles", e))?;
    let request = Request {
        also_written: wanted.also_written.clone(),
        ..request_of(&file, path, &wanted.limits)?
    };
    let hint = "tiles from before and after a change do not fit together: make a new plan with \
                svf_tile --overwrite. If the input was only copied, restore its modification time (touch -d)";
    let (inputs, spec) = open(&request, session, cancel, observer).map_err(|error| {
        if error.code() != "usage.window" {
            return error;
        }
        let what = error.to_string().replace("--srcwin", "its part");
        let message = format!("{} does not match this run: {what}", path.display());
        Error::failed(Diagnostic::new("plan.changed", message).hint(hint))
    })?;
    let kernel = spec.fitting(spec.kernel()?, &inputs.layers, Entries::Read);
    let plan = spec.plan(&kernel, &inputs.layers, Entries::Read)?;
    let steps = (&spec, &kernel, &plan);
    let roles = inputs_of(&request, &inputs.layers);
    let mut now = plan_file(&request, steps, &roles, path, &file.tile_folder, TileIds::default());
    let broken = Broken::since(&file, &mut now, &roles);
    refuse_changes(&file, &now, path, hint)?;
    refuse_other_output(&file, &now, path, hint)?;
    let set = TileSet::new(file, path);
    refuse_output_in(set.folder(), request.also_written.iter().map(PathBuf::as_path))?;
    begin(&request, &inputs, observer)?;
    refuse_input_in(set.folder(), &inputs.layers)?;
    observer.plan(&plan);
    let work = Work { set: &set, spec: &spec, kernel: &kernel, plan: &plan, session, cancel };
    let source = Source::new(inputs.layers, &kernel);
    let done = work.compute(&chosen, (source, inputs.untouched, broken), observer)?;
    Ok((chosen.len(), done))
}

/// The result for the tiles.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Done {
    /// Tiles that were done before, or by other processes meanwhile.
    pub found: u64,
    /// Tiles computed.
    pub computed: u64,
    /// Cells computed.
    pub cells: u64,
    /// Number of receivers in them that were asked for, if not all cells are receivers.
    pub receivers: Option<u64>,
    /// Cells computed per second.
    pub rate: f64,
    /// Seconds during which the run read, computed and wrote.
    pub busy_s: [f64; 3],
}

/// Tiles to compute, and with what.
pub(crate) struct Work<'a> {
    pub(crate) set: &'a TileSet,
    pub(crate) spec: &'a Spec,
    pub(crate) kernel: &'a Kernel,
    pub(crate) plan: &'a Plan,
    pub(crate) session: &'a Session,
    pub(crate) cancel: &'a CancelToken,
}

impl Work<'_> {
    /// Computes those of `chosen` that are not done, except where files of the source are broken.
    pub(crate) fn compute(
        &self,
        chosen: &TileIds,
        (source, untouched, broken): (Source, Untouched, Broken),
        observer: &mut dyn Observer,
    ) -> Result<Done, Error> {
        let Work { set, spec, kernel, plan, session, cancel } = *self;
        let folder = set.folder();
        if let Some(link) = set.link_on_the_way() {
            let shown = link.display();
            let message = format!("{shown} is a link: tiles must be in the folder of their plan");
            let diagnostic = Diagnostic::new("tiles.folder", message)
                .hint("move the plan to where the tiles should be, or remove the link");
            return Err(Error::failed(diagnostic.path(link.display().to_string())));
        }
        make_folder(folder, cancel).map_err(|error| folder_failure(folder, &error))?;
        // Deletes what killed processes left; listing the folder once is enough.
        remove_stale(folder, None).map_err(|error| folder_failure(folder, &error))?;
        let Checked { todo, refused, left } = self.check(chosen, observer)?;
        let claims = Claims::new(folder, &host_name());
        sweep(&claims, set, &|id| chosen.contains(id) && todo.binary_search(&id).is_err());
        let found =
            chosen.len() - todo.len() as u64 - left.blocked.count() - left.unreadable.count();
        let receivers = kernel.chooses().then_some(0);
        let mut done =
            Done { found, computed: 0, cells: 0, receivers, rate: 0.0, busy_s: [0.0; 3] };
        if todo.is_empty() {
            return refuse_incomplete(done, &left);
        }
        let place = set.journal();
        make_folder(&place, cancel).map_err(|error| folder_failure(&place, &error))?;
        let mut journal =
            Journal::create(&place, &host_name()).map_err(|e| folder_failure(&place, &e))?;
        let mut note = |entry: Entry| journal.note(&entry).map_err(|e| folder_failure(folder, &e));
        note(Entry::Start {
            plan: set.plan().id.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            host: host_name(),
            pid: std::process::id(),
            tiles: chosen.len(),
            found,
        })?;
        for tile in refused.first() {
            note(Entry::Refused { tile: tile.id, reason: tile.reason.clone() })?;
        }
        session.set_cache_bytes(plan.cache_bytes);
        session.arm();
        let encodings = spec.encodings();
        let pool = thread_pool(spec.threads)?;
        let unclaimed = Mutex::new(None);
        let mut queue = SharedTiles::new(set, &claims, &todo, &unclaimed, cancel);
        let mut sink =
            TileFiles { work: self, encodings: &encodings, untouched, claims: &claims, journal };
        let mut source = PatientSource {
            source,
            broken,
            work: self,
            claims: &claims,
            unread: Unread::default(),
            reach: kernel.reach(),
            lacks_heights: false,
        };
        let job = Job { plan, kernel, encodings: &encodings, check: None, pool: &pool, cancel };
        let kernel = on_far_ground(
            job,
            Some((folder, &set.plan().id)),
            (&mut source, &sink.untouched),
            observer,
        )?;
        let job = Job { kernel: &kernel, ..job };
        let all = (todo.iter().map(|&id| plan.tile(id).cells()).sum(), todo.len() as u64);
        let started = Instant::now();
        let mut told = (false, false);
        let mut report = |progress: Progress| {
            match progress.tile {
                Some((id, TileNews::Written)) => {
                    done.computed += 1;
                    done.cells += plan.tile(id).cells();
                }
                Some((_, TileNews::Found)) => done.found += 1,
                Some((_, TileNews::Skipped)) | None => {}
            }
            if progress.is_waiting && !std::mem::replace(&mut told.0, true) {
                tell_waiting(&claims, "compute the tiles that are left", observer);
            }
            if let Some(error) = unclaimed.lock().ok().and_then(|mut unclaimed| unclaimed.take())
                && !std::mem::replace(&mut told.1, true)
            {
                warn_unclaimed(folder, &error, observer);
            }
            tell_progress(&progress, all, observer);
        };
        let summary = svf_job::run(job, &mut queue, &mut source, &mut sink, &mut report)?;
        self.spec.scene.warn_of_range(summary.heights, observer);
        let ended = sink.journal.note(&Entry::End);
        ended.map_err(|error| folder_failure(folder, &error))?;
        sweep(&claims, set, &|id| chosen.contains(id));
        pass_on_warnings(session, observer);
        done.rate = done.cells as f64 / started.elapsed().as_secs_f64().max(1e-9);
        done.busy_s = summary.busy_s;
        done.receivers = summary.receivers;
        refuse_incomplete(done, &Left { unread: source.unread, ..left })
    }

    /// Finds the states of the tiles.
    fn check(&self, chosen: &TileIds, observer: &mut dyn Observer) -> Result<Checked, Error> {
        let mut todo = Vec::new();
        let (mut refused, mut left) = (TileFindings::default(), Left::default());
        let total = chosen.len();
        let mut seen = 0;
        self.set.states(chosen, self.spec.threads, self.cancel, &mut |tile, state| {
            seen += 1;
            let path = || self.set.path(tile).display().to_string();
            match state {
                TileState::Done(_) => observer.tile(tile.id, TileNews::Found),
                TileState::Missing => todo.push(tile.id),
                TileState::Refused(reason) => {
                    todo.push(tile.id);
                    refused.add(tile.id, || (path(), reason));
                }
                TileState::Blocked(reason) => left.blocked.add(tile.id, || (path(), reason)),
                TileState::Unreadable(reason) => {
                    left.unreadable.add(tile.id, || (path(), reason));
                }
            }
            observer.progress(Stage::of("check", (seen, total), (seen, total), seen == total));
        })?;
        todo.sort_unstable();
        if refused.count() > 0 {
            // After a change of the input these can be many, for one reason.
            const SHOWN: usize = 3;
            let (count, shown) = (refused.count(), first(&refused, SHOWN));
            let (tiles, are) = (count_of(count, "tile"), is_or_are(count));
            let message = format!("{tiles} cannot be used and {are} computed again: {shown}");
            observer.warn(Diagnostic::new("tile.refused", message).tiles(&refused));
        }
        Ok(Checked { todo, refused, left })
    }
}

/// Reports for which processes a run waits, and what they do.
pub(crate) fn tell_waiting(claims: &Claims, what: &str, observer: &dyn Observer) {
    let owners = claims.owners();
    let who = match owners.len() {
        0 => "another process".to_owned(),
        _ => show_owners(&owners),
    };
    observer.note(&format!("waiting for other processes, which {what}: {who}"));
}

/// Warns that other processes cannot know which tiles this one computes.
fn warn_unclaimed(folder: &Path, error: &std::io::Error, observer: &dyn Observer) {
    let shown = folder.display().to_string();
    let message = format!(
        "cannot write files to {shown} that tell other processes which tiles this one computes \
         ({error}): other processes may compute the same tiles"
    );
    let hint = "the result is still correct; to share the work, give each process a part with \
                --tile-part";
    observer.warn(Diagnostic::new("tiles.unclaimed", message).hint(hint).path(shown));
}

/// The states of the requested tiles, in the order of their numbers.
struct Checked {
    /// Tiles to compute.
    todo: Vec<u64>,
    /// Those of them whose file cannot be used.
    refused: TileFindings,
    left: Left,
}

/// Tiles that are not computed.
#[derive(Default)]
struct Left {
    /// Something that must not be replaced has their name.
    blocked: TileFindings,
    /// Their files are there, but cannot be read now.
    unreadable: TileFindings,
    /// Their heights cannot be read.
    unread: Unread,
}

/// Tiles whose heights cannot be read; the paths are those of the input.
#[derive(Default)]
struct Unread {
    tiles: TileFindings,
    /// What the user can do about the first of them, if the error says so.
    hint: Option<String>,
    /// The same files cannot be read later either, at least one of them.
    lasts: bool,
}

impl Unread {
    fn mend(&self) -> String {
        const AGAIN: &str = "run the same command again: it computes only the missing tiles";
        if !self.lasts {
            return format!("{NOT_NOW}: when the files can be read, {AGAIN}");
        }
        let hint = self.hint.as_deref().unwrap_or("copy or download the file again");
        format!("{hint}; keep its modification time, then {AGAIN}")
    }
}

/// Why files cannot be read although nothing is wrong with them.
const NOT_NOW: &str = "the disk, the network or the permissions are the reason";

/// What to do about tiles whose files cannot be read now.
pub(crate) fn later() -> String {
    format!("{NOT_NOW}, and the files stay: run the same command again later")
}

/// Ends a run that could not compute all tiles. Whatever a user must mend comes first.
fn refuse_incomplete(done: Done, left: &Left) -> Result<Done, Error> {
    let Left { blocked, unreadable, unread } = left;
    let kinds = [
        (
            &unread.tiles,
            "tile.unread",
            "not computed because the input cannot be read",
            &*unread.mend(),
        ),
        (
            blocked,
            "tile.blocked",
            "not written because something that is not a tile has the name of the file",
            "move or delete it, then run the same command again",
        ),
        (
            unreadable,
            "tile.unreadable",
            "not checked because their files cannot be read now",
            &later(),
        ),
    ];
    let Some((tiles, code, what, hint)) = kinds.into_iter().find(|kind| kind.0.count() > 0) else {
        return Ok(done);
    };
    let message = format!(
        "{} computed, {} already done, {} {what}: {}",
        count_of(done.computed, "tile"),
        done.found,
        tiles.count(),
        list(tiles)
    );
    let all = [&unread.tiles, blocked, unreadable];
    let may_pass = match code {
        "tile.unread" => !unread.lasts && blocked.count() == 0,
        code => code == "tile.unreadable",
    };
    let diagnostic = Diagnostic::new(code, message).hint(hint).retry(may_pass);
    Err(Error::incomplete(all.into_iter().fold(diagnostic, |all, tiles| all.tiles(tiles))))
}

/// Some tiles, and what is wrong with them, in one line.
pub(crate) fn list(tiles: &TileFindings) -> String {
    first(tiles, 8)
}

/// The first few tiles.
fn first(tiles: &TileFindings, shown: usize) -> String {
    let mut words: Vec<String> = tiles
        .first()
        .take(shown)
        .map(|tile| format!("tile {} ({}): {}", tile.id, tile.path, tile.reason))
        .collect();
    if let more @ 1.. = tiles.count().saturating_sub(shown as u64) {
        words.push(format!("and {more} more"));
    }
    words.join("; ")
}

/// A folder of tiles that cannot be used.
pub(crate) fn folder_failure(folder: &Path, error: &std::io::Error) -> Error {
    let shown = folder.display().to_string();
    if folder.exists() && !folder.is_dir() {
        let message = format!("{shown} is in the way of a folder of the tiles");
        let hint = "move it to another place, or delete it";
        return Error::failed(Diagnostic::new("tiles.folder", message).hint(hint).path(shown));
    }
    let message = format!("cannot use the folder {shown}: {error}");
    Error::failed(Diagnostic::new("tiles.folder", message).path(shown))
}

/// Side of a block in the file of a tile: as in the joined raster, but not larger than the tile.
/// Otherwise, each block would have many cells that do not exist.
fn block_within(tile: &Window, tile_px: [u64; 2]) -> u64 {
    block_for(tile_px).min(tile.rows.max(tile.cols).next_multiple_of(16))
}

/// Writes each tile to its own file, which gets its checksum trailer before its final name.
struct TileFiles<'a> {
    work: &'a Work<'a>,
    encodings: &'a [Encoding],
    untouched: Untouched,
    claims: &'a Claims,
    journal: Journal,
}

impl TileSink for TileFiles<'_> {
    type Error = RasterError;

    fn write(&mut self, tile: &TileResult<'_>) -> Result<(), RasterError> {
        let Work { set, spec, plan, session, cancel, .. } = *self.work;
        // This runs on the writer thread of the pipeline.
        let _here = session.enter();
        let Some(entry) = set.tile(tile.id) else { return Ok(()) };
        let path = set.path(&entry).display().to_string();
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
            threads: plan.encoders,
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
        set.complete(finished.file(), tile, cancel).map_err(|error| match error {
            // Like a closed pipe: not a failure.
            TrailerError::Cancelled => RasterError::new(Op::Pipe, &path, error),
            error => failed(&error),
        })?;
        let reach = self.work.kernel.reach();
        let read = clip_to_raster(&plan.tile(tile.id), reach, spec.grid.rows, spec.grid.cols);
        self.untouched.check_within(&read.source)?;
        self.publish(finished, &entry)?;
        self.claims.release(&entry.file);
        self.journal.note(&Entry::Computed { tile: tile.id }).map_err(|error| failed(&error))
    }
}

impl TileFiles<'_> {
    /// Gives a complete tile its name. If another process was faster, its tile is the same as this
    /// one. It stays, because others may be reading it.
    fn publish(&self, finished: Finished, tile: &TileEntry) -> Result<(), RasterError> {
        let Work { set, cancel, .. } = *self.work;
        let path = set.path(tile).display().to_string();
        let cancelled = |error| RasterError::new(Op::Pipe, &path, error);
        match set.state(tile, cancel).map_err(cancelled)? {
            TileState::Done(_) => return Ok(()),
            TileState::Refused(_) => return finished.publish(true, &|| true),
            _ => {}
        }
        if finished.publish_if_free()? {
            return Ok(());
        }
        match set.state_now(tile, cancel).map_err(cancelled)? {
            TileState::Done(_) => Ok(()),
            // If the folder does not list it, the system remembers a file that is gone.
            TileState::Missing | TileState::Refused(_) => finished.publish(true, &|| true),
            TileState::Blocked(reason) | TileState::Unreadable(reason) => {
                Err(RasterError::new(Op::Exists, &path, reason))
            }
        }
    }
}

/// The input of a run in tiles: tiles that cannot be read are skipped, because a damaged block must
/// not keep a whole country from being computed.
struct PatientSource<'a> {
    source: Source,
    broken: Broken,
    work: &'a Work<'a>,
    claims: &'a Claims,
    /// The skipped tiles.
    unread: Unread,
    /// What tiles see without reading it: the far ground, which lacks what could not be read.
    reach: Halo,
    lacks_heights: bool,
}

impl PatientSource<'_> {
    /// The cells that a tile sees, read or not.
    fn seen(&self, clip: &Clip) -> Window {
        let (rows, cols) = self.shape();
        let halo = self.work.kernel.halo();
        let beyond = Halo {
            rows_px: self.reach.rows_px.saturating_sub(halo.rows_px),
            cols_px: self.reach.cols_px.saturating_sub(halo.cols_px),
        };
        clip_to_raster(&clip.source, beyond, rows, cols).source
    }
}

impl TileSource for PatientSource<'_> {
    type Error = RasterError;

    fn shape(&self) -> (u64, u64) {
        self.source.shape()
    }

    fn read(&mut self, clip: &Clip, tile: ArrayViewMut3<'_, f32>) -> Result<(), RasterError> {
        self.broken.refuse(&self.seen(clip))?;
        let read = self.source.read(clip, tile);
        // GDAL's words about the same file depend on how it is used.
        read.map_err(|error| {
            self.broken.trouble_within(&clip.source, &self.source.layers).unwrap_or(error)
        })
    }

    fn read_heights(
        &mut self,
        window: &Window,
        mut heights: ArrayViewMut2<'_, f32>,
    ) -> Result<(), RasterError> {
        // Smaller parts are not worth a try of their own.
        const LEAST_PX: u64 = 64;
        let read = self.broken.refuse(window);
        let read = read.and_then(|()| self.source.read_heights(window, heights.view_mut()));
        let error = match read {
            Err(error) if matches!(error.op, Op::Read | Op::Open) => error,
            read => return read,
        };
        self.lacks_heights = true;
        let is_covered = self.broken.covers(window);
        if is_covered || window.rows.max(window.cols) <= LEAST_PX {
            heights.fill(f32::NAN);
            if !is_covered {
                self.broken.add(*window, error);
            }
            return Ok(());
        }
        // What can be read of it is needed: other tiles see it.
        let axis = if window.rows >= window.cols { Axis(0) } else { Axis(1) };
        let half = window.rows.max(window.cols) / 2;
        let (first, second) = heights.split_at(axis, half as usize);
        let (mut before, mut after) = (*window, *window);
        match axis {
            Axis(0) => {
                (before.rows, after.row, after.rows) =
                    (half, window.row + half, window.rows - half);
            }
            _ => {
                (before.cols, after.col, after.cols) = (half, window.col + half, window.cols - half)
            }
        }
        self.read_heights(&before, first)?;
        self.read_heights(&after, second)
    }

    fn lacks_heights(&self) -> bool {
        self.lacks_heights
    }

    fn skip(&mut self, id: u64, error: RasterError) -> Result<(), RasterError> {
        if !matches!(error.op, Op::Read | Op::Open) {
            return Err(error);
        }
        if let Some(tile) = self.work.set.tile(id) {
            // Other processes must not wait for it.
            self.claims.release(&tile.file);
        }
        let reason = match error.place() {
            None => error.reason,
            Some(place) => format!("{place}: {}", error.reason),
        };
        self.unread.hint = self.unread.hint.take().or(error.hint);
        self.unread.lasts |= !error.is_passing;
        self.unread.tiles.add(id, || (error.path, reason));
        Ok(())
    }
}
