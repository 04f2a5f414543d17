//! `svf_compute --work-dir`: plan, tiles and join in one command, which resumes after an
//! interruption.
//!
//! The folder contains `plan.json`, the tiles, and the journal. The first run creates it, and it
//! stays until the user deletes it. Everything in it can be computed again. Other files that the
//! user puts there are not touched.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use svf_job::claims::{Claims, Taken};
use svf_job::events::Diagnostic;
use svf_job::planfile::PlanFile;
use svf_job::seen::{self, make_folder};
use svf_job::tile_ids::TileIds;
use svf_job::tile_key::changed_files;
use svf_job::tileset::{JOIN, TileSet, WORK_FOLDER_TILES};
use svf_job::trailer::digest_of;
use svf_job::{CancelToken, Plan};
use svf_raster::join::TileFile;
use svf_raster::partial::{host_name, remove_stale};
use svf_raster::staging::exists;
use svf_raster::{Op, Session};

use crate::broken::Broken;
use crate::compute::{begin, open};
use crate::error::Error;
use crate::inputs::Source;
use crate::memory::larger_refusal;
use crate::mosaic::{Destination, join_plan};
use crate::numbers::count_of;
use crate::observer::Observer;
use crate::outputs::{
    EXISTS, check_beside, check_destinations, is_there, refuse_existing, refuse_remote_folder,
    try_outputs,
};
use crate::parts::Parts;
use crate::plan_diff::{refuse_changes, refuse_other_output};
use crate::plan_file::{
    Room, inputs_of, output_grid, plan_file, read_plan, refuse_input_in, refuse_output_in,
    refuse_stream, sources, stage_plan, warn_of_unversioned,
};
use crate::planned::PlannedInputs;
use crate::receivers::warn_of_none;
use crate::request::{Request, Separate};
use crate::spec::{Entries, JOINED_BLOCK_PX, Spec};
use crate::target::{Joined, Target};
use crate::tiles::{Done, Work, folder_failure, tell_waiting};

/// The names of the plan and of the folder of the tiles in a work folder.
pub(crate) const PLAN: &str = "plan.json";
const TILES: &str = WORK_FOLDER_TILES;
/// What to do about a plan that cannot be read.
const RESTART: &str = "add --restart to start again, or choose another folder";

/// What a run in a work folder did.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Resumed {
    /// The outputs.
    pub joined: Joined,
    /// The tiles.
    pub done: Done,
}

/// Resumes the work in the folder `dir`, or begins it; `restart` deletes its tiles.
///
/// # Errors
/// As [`compute`](crate::compute::compute); a folder with other files, or with the tiles of
/// another request.
pub fn compute_in(
    dir: &Path,
    restart: bool,
    request: &Request,
    session: &Session,
    cancel: &CancelToken,
    observer: &mut dyn Observer,
) -> Result<Resumed, Error> {
    let _here = session.enter();
    refuse_stream(&request.input)?;
    refuse_remote_folder("--work-dir", dir)?;
    refuse_file(dir)?;
    let path = dir.join(PLAN);
    // What a killed process left does not count as content; the folder need not exist yet.
    let _ = remove_stale(dir, Some(PLAN));
    let room = Room::to_join(request.limits.budget_bytes());
    let mut before = match restart {
        true => refuse_foreign(dir, &path, cancel).map(|()| None)?,
        false => earlier_plan(dir, &path, room, cancel)?,
    };
    let mut request = request.clone();
    if let (Some(plan), None) = (&before, request.area.tile_px) {
        // The size of tiles depends on the free memory, which is different each time.
        request.area.tile_px = Some((plan.tile_px[0], plan.tile_px[1]));
    }
    // Existing outputs are compared with the plan, as soon as the plan is known.
    let overwrite = std::mem::replace(&mut request.overwrite, true);
    if let Some(plan) = &before {
        request.planned = PlannedInputs::of(plan, &path, true);
    }
    let (mut inputs, mut spec) = open(&request, session, cancel, observer)?;
    refuse_input_in(dir, &inputs.layers)?;
    let outputs = spec.outputs.iter().map(|(path, _)| Path::new(path));
    refuse_output_in(dir, outputs.chain(request.also_written.iter().map(PathBuf::as_path)))?;
    // Joining happens after hours of work.
    check_destinations(spec.outputs.iter().map(|(path, _)| path))?;
    let kernel = spec.fitting(spec.kernel()?, &inputs.layers, Entries::New);
    if before.is_none() {
        inputs.check_files(&spec.window, kernel.reach())?;
    }
    let roles = inputs_of(&request, &inputs.layers);
    warn_of_unversioned(&roles, observer);
    let planned = |spec: &Spec| -> Result<(Plan, PlanFile), Error> {
        let plan = spec.plan(&kernel, &inputs.layers, Entries::New)?;
        let all = TileIds::all(plan.tiles);
        let now = PlanFile {
            sources: sources(&roles),
            ..plan_file(&request, (spec, &kernel, &plan), &roles, &path, TILES, all)
        };
        Ok((plan, now))
    };
    // What does not fit into the memory is refused before it is tried.
    let tiles = spec.plan_before_trial(&kernel, &inputs.layers, Entries::New);
    larger_refusal(tiles.map(|_| ()), spec.refuse_too_little_to_join(&inputs.layers))?;
    try_outputs(&spec)?;
    let also_written = &request.also_written;
    check_beside(&spec, &inputs.layers, also_written, (overwrite, true), JOINED_BLOCK_PX)?;
    let (mut plan, mut now) = planned(&spec)?;
    begin(&request, &inputs, observer)?;
    if before.is_none() && !begin_folder(dir, &path, &now, restart, cancel)? {
        // Another process was faster, and may have tiles of another size.
        // It can take a moment until the system finds it.
        seen::is_there(&path, cancel);
        let theirs = read_plan(&path, RESTART, room, cancel)?;
        if request.area.tile_px.is_none() {
            spec.tile_px = Some((theirs.tile_px[0], theirs.tile_px[1]));
            (plan, now) = planned(&spec)?;
        }
        before = Some(theirs);
    }
    let mut broken = Broken::default();
    if let Some(before) = before {
        broken = Broken::since(&before, &mut now, &roles);
        now = resume(dir, &path, before, now, (room, cancel), observer)?;
    }
    let outputs: Vec<&String> = spec.outputs.iter().map(|(path, _)| path).collect();
    // An output that is something else is refused before hours of work.
    let _ = !overwrite && are_done(&outputs, &now.id, cancel)?;
    let set = TileSet::new(now, &path);
    observer.plan(&plan);
    warn_of_none(&request, &mut inputs.layers, &spec.window, cancel, observer)?;
    let work = Work { set: &set, spec: &spec, kernel: &kernel, plan: &plan, session, cancel };
    let source = Source::new(inputs.layers, &kernel);
    let done = work.compute(&set.plan().tiles, (source, inputs.untouched, broken), observer)?;
    let claims = Claims::new(set.folder(), &host_name());
    let how = format!("join {} {:?}", spec.driver, spec.creation_options);
    let joined_by_other = wait_to_join(&claims, &outputs, &how, cancel, observer)?;
    let id = &set.plan().id;
    let is_done = (!overwrite || joined_by_other) && are_done(&outputs, id, cancel)?;
    // The files of this plan that a killed run left.
    let overwrite = overwrite || outputs.iter().any(|output| exists(output));
    let target = Target {
        driver: spec.driver.clone(),
        creation_options: &spec.creation_options,
        threads: spec.threads,
        budget_bytes: spec.budget_bytes,
        has_computed: done.computed > 0,
        overwrite,
        session,
        cancel,
    };
    let written = || Destination::Done(outputs.iter().map(|&output| output.clone()).collect());
    let destination = match (&spec.outputs[..], request.separate) {
        _ if is_done => {
            tell_done(&outputs, joined_by_other, observer);
            written()
        }
        ([(output, _)], Separate::Nothing) => Destination::One(output.clone(), Parts::One),
        _ => Destination::Several(spec.outputs.clone()),
    };
    let joined = match join_plan(&set, &path, &target, false, &destination, observer) {
        // It joined them at the same time, because a claim could not be seen or made.
        Err(error) if error.code() == EXISTS && are_done(&outputs, id, cancel)? => {
            tell_done(&outputs, true, observer);
            join_plan(&set, &path, &target, false, &written(), observer)?
        }
        joined => joined?,
    };
    Ok(Resumed { joined, done })
}

fn refuse_file(dir: &Path) -> Result<(), Error> {
    if !dir.exists() || dir.is_dir() {
        return Ok(());
    }
    let message = format!("--work-dir {}: it must be a folder, and it is a file", dir.display());
    Err(Error::usage("usage.arguments", message))
}

/// The plan `now`, if it can go on with the tiles of the plan `before`.
///
/// # Errors
/// A plan of another request; a process that works with files of the input that have changed.
fn resume(
    dir: &Path,
    path: &Path,
    before: PlanFile,
    mut now: PlanFile,
    (room, cancel): (Room, &CancelToken),
    observer: &dyn Observer,
) -> Result<PlanFile, Error> {
    // A file of another format can say the same CRS in other words. The tiles keep theirs.
    if !output_grid(&before.output).differs_in_crs(&output_grid(&now.output)) {
        now.output.crs.clone_from(&before.output.crs);
    }
    if let Some(files) = changed_files(&before, &now) {
        let hint = "wait until that process ends, or stop it";
        let free = refuse_living(dir, "files of the input changed, which would change tiles", hint);
        if let Err(busy) = free {
            // The same command, a moment earlier, has written the plan of now.
            let theirs = read_plan(path, RESTART, room, cancel)?;
            if theirs.id == before.id || changed_files(&theirs, &now).is_some() {
                return Err(busy);
            }
            return resume(dir, path, theirs, now, (room, cancel), observer);
        }
        let (shown, files) = (path.display(), count_of(files, "file"));
        observer.note(&format!(
            "{files} of the input changed since {shown} was made: only the tiles that these files \
             meet are computed again"
        ));
        stage_plan(path, &now)?.publish(true, &|| true)?;
        return Ok(now);
    }
    let hint = "its tiles cannot be used for this run: add --restart to start again, or choose \
                another folder";
    refuse_changes(&before, &now, path, hint)?;
    refuse_other_output(&before, &now, path, hint)?;
    // The tiles have these texts, even if today's libraries write the same in other words.
    now.output = before.output;
    Ok(now)
}

/// Reports that there is nothing to join.
fn tell_done(outputs: &[&String], joined_by_other: bool, observer: &dyn Observer) {
    let shown = outputs.iter().map(|output| output.as_str()).collect::<Vec<_>>().join(", ");
    if joined_by_other {
        observer.note(&format!("another process with the same work folder has written {shown}"));
        return;
    }
    let message =
        format!("{shown} already exists and was made from the same plan: it is not changed");
    let hint = "add --overwrite to write it again";
    observer.warn(Diagnostic::new("output.done", message).hint(hint));
}

/// Whether all outputs exist and were made with this plan: a run can be killed between the last
/// rename and its exit. If only some of several outputs exist, all are written again.
///
/// # Errors
/// An output that exists and is something else.
fn are_done(outputs: &[&String], plan: &str, cancel: &CancelToken) -> Result<bool, Error> {
    let mut done = !outputs.is_empty();
    for output in outputs {
        if !is_there(output, cancel) {
            done = false;
        } else if TileFile::open(output).ok().and_then(|file| file.plan()).as_deref() != Some(plan)
        {
            refuse_existing(output, false)?;
        }
    }
    Ok(done)
}

/// The plan of an earlier run; none if the folder is new or empty.
fn earlier_plan(
    dir: &Path,
    path: &Path,
    room: Room,
    cancel: &CancelToken,
) -> Result<Option<PlanFile>, Error> {
    refuse_foreign(dir, path, cancel)?;
    if path.exists() {
        return read_plan(path, RESTART, room, cancel).map(Some);
    }
    Ok(None)
}

/// Refuses a folder that is neither new nor empty nor a work folder. A work folder has a plan,
/// which can be damaged.
fn refuse_foreign(dir: &Path, path: &Path, cancel: &CancelToken) -> Result<(), Error> {
    let foreign = |name: &str| {
        let shown = dir.display().to_string();
        let message = format!("{shown} is not a work folder of svf_compute: it contains {name}");
        let diagnostic = Diagnostic::new("workdir.foreign", message)
            .hint("choose a new or empty folder for --work-dir");
        Error::refused(diagnostic.path(shown))
    };
    // Another process may have written it a moment ago.
    seen::is_there(path, cancel);
    match fs::metadata(path) {
        Ok(about) if about.is_file() => {
            return match PlanFile::is_plan(path) {
                Ok(true) => Ok(()),
                Ok(false) => Err(foreign("a plan.json of another program")),
                Err(error) => Err(folder_failure(dir, &error)),
            };
        }
        Ok(_) => return Err(foreign("a plan.json that is not a file")),
        Err(_) => {}
    }
    match fs::read_dir(dir) {
        Ok(mut entries) => {
            // Another process can be about to write the plan.
            let is_ours = |name: &str| name.starts_with(&format!(".{PLAN}.partial-"));
            let found = entries.find_map(|entry| {
                let name = entry.ok()?.file_name().to_string_lossy().into_owned();
                (!is_ours(&name)).then_some(name)
            });
            match found {
                None => Ok(()),
                Some(name) => Err(foreign(&name)),
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(folder_failure(dir, &error)),
    }
}

/// Makes the folder and writes the plan to it. False if another process has written one there
/// since this process checked.
fn begin_folder(
    dir: &Path,
    path: &Path,
    plan: &PlanFile,
    restart: bool,
    cancel: &CancelToken,
) -> Result<bool, Error> {
    make_folder(dir, cancel).map_err(|error| folder_failure(dir, &error))?;
    let failed = |error| folder_failure(dir, &error);
    if restart {
        let tiles = dir.join(TILES);
        let hint = "stop that process first, or run without --restart to share its work";
        refuse_living(dir, "--restart would delete tiles", hint)?;
        TileSet::clear(&tiles).map_err(failed)?;
    }
    match stage_plan(path, plan)?.publish(restart, &|| true) {
        Ok(()) => Ok(true),
        Err(error) if error.op == Op::Exists => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Refuses to do something to a folder in which a process works.
fn refuse_living(dir: &Path, what: &str, hint: &str) -> Result<(), Error> {
    let living = Claims::new(&dir.join(TILES), &host_name()).living();
    let Some(owner) = living.map_err(|error| folder_failure(dir, &error))? else { return Ok(()) };
    let shown = dir.display();
    let message = format!("{what} in {shown} that process {} computes now", owner.pid);
    let diagnostic = Diagnostic::new("workdir.busy", message).hint(hint);
    Err(Error::refused(diagnostic.path(shown.to_string())))
}

/// Waits until no other process joins tiles to files with these names, then claims the joining.
/// Returns whether another process has done the same meanwhile.
fn wait_to_join(
    claims: &Claims,
    outputs: &[&String],
    how: &str,
    cancel: &CancelToken,
    observer: &dyn Observer,
) -> Result<bool, Error> {
    const PAUSE: Duration = Duration::from_millis(100);
    // On another machine their folder may have another path.
    let names: Vec<_> = outputs.iter().map(|path| Path::new(path).file_name()).collect();
    let name = format!("{JOIN}{}", &digest_of(&format!("{names:?}"))[..16]);
    let (mut told, mut same) = (false, false);
    loop {
        match claims.take(&name, how, Instant::now()) {
            Taken::Ours | Taken::Impossible(_) => return Ok(same),
            Taken::Theirs(owner) => same |= owner.is_some_and(|owner| owner.what == how),
        }
        if !std::mem::replace(&mut told, true) {
            tell_waiting(claims, "join the tiles", observer);
        }
        if cancel.is_cancelled() {
            return Err(Error::cancelled());
        }
        std::thread::sleep(PAUSE);
    }
}
