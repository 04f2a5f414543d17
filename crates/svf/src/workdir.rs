//! `svf_compute --work-dir`: plan, tiles and join in one command, which goes on
//! where it was stopped.
//!
//! The folder holds `plan.json`, the tiles, and the journal. It is made by the first
//! run and stays until the user deletes it: what is in it can be made again, and what
//! else the user puts there is not touched.

use std::fs;
use std::path::{Path, PathBuf};

use svf_job::CancelToken;
use svf_job::events::Diagnostic;
use svf_job::planfile::PlanFile;
use svf_job::tileset::{TileSet, WORK_FOLDER_TILES};
use svf_raster::Session;
use svf_raster::join::TileFile;
use svf_raster::partial::remove_stale;
use svf_raster::staging::exists;

use crate::compute::{begin, open};
use crate::error::Error;
use crate::inputs::Source;
use crate::mosaic::{Destination, join_plan};
use crate::observer::Observer;
use crate::outputs::{check_destinations, refuse_existing, refuse_remote_folder, try_outputs};
use crate::parts::Parts;
use crate::plan_diff::{refuse_changes, refuse_other_output};
use crate::plan_file::{
    inputs_of, plan_file, read_plan, refuse_input_in, refuse_output_in, refuse_stream, write_plan,
};
use crate::request::Request;
use crate::target::{Joined, Target};
use crate::tiles::{Done, Work, folder_failure};

/// The name of the plan in a work folder, and of the folder of the tiles.
const PLAN: &str = "plan.json";
const TILES: &str = WORK_FOLDER_TILES;

/// What a run in a work folder did.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Resumed {
    /// The outputs.
    pub joined: Joined,
    /// The tiles.
    pub done: Done,
}

/// Goes on with what is not done in the folder `dir`, or begins; `restart` forgets its tiles.
///
/// # Errors
/// As of [`compute`](crate::compute::compute); a folder that holds something else, or the
/// tiles of another request.
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
    let path = dir.join(PLAN);
    // What a killed process left is no content; the folder need not be there yet.
    let _ = remove_stale(dir, Some(PLAN));
    let before = match restart {
        true => refuse_foreign(dir, &path).map(|()| None)?,
        false => earlier_plan(dir, &path, cancel)?,
    };
    let mut request = request.clone();
    if let (Some(plan), None) = (&before, request.area.tile_px) {
        // Memory that is free decides the size of tiles, and is another each time.
        request.area.tile_px = Some((plan.tile_px[0], plan.tile_px[1]));
    }
    // Outputs that exist are asked for their plan, once that is known.
    let overwrite = std::mem::replace(&mut request.overwrite, true);
    let (inputs, spec) = open(&request, session, cancel, observer)?;
    refuse_input_in(dir, &inputs.layers)?;
    let outputs = spec.outputs.iter().map(|(path, _)| Path::new(path));
    refuse_output_in(dir, outputs.chain(request.also_written.iter().map(PathBuf::as_path)))?;
    // Joining comes after hours of work.
    check_destinations(spec.outputs.iter().map(|(path, _)| path))?;
    try_outputs(&spec)?;
    let kernel = spec.kernel()?;
    let plan = spec.plan(&kernel, &inputs.layers, true)?;
    let roles = inputs_of(&request, &inputs.layers);
    let mut now = plan_file(&request, (&spec, &kernel, &plan), &roles, &path, TILES, 0..plan.tiles);
    begin(&request, &inputs, observer)?;
    match before {
        Some(before) => {
            let hint = "its tiles cannot be used for this run: add --restart to start again, or \
                        choose another folder";
            refuse_changes(&before, &now, &path, hint)?;
            refuse_other_output(&before, &now, &path, hint)?;
            // Its tiles carry these, whatever words the libraries of today have for the same.
            now.output = before.output;
        }
        None => make_folder(dir, &path, &now, restart)?,
    }
    let outputs: Vec<&String> = spec.outputs.iter().map(|(path, _)| path).collect();
    let is_done = !overwrite && are_done(&outputs, &now.id)?;
    // Those of this plan that a killed run left.
    let overwrite = overwrite || outputs.iter().any(|output| exists(output));
    let set = TileSet::new(now, &path);
    observer.plan(&plan);
    let tiles: Vec<_> = set.plan().tiles.iter().collect();
    let work = Work { set: &set, spec: &spec, kernel: &kernel, plan: &plan, session, cancel };
    let done = work.compute(&tiles, Source(inputs.layers), observer)?;
    let target = Target {
        driver: spec.driver.clone(),
        creation_options: &spec.creation_options,
        threads: spec.threads,
        budget_bytes: spec.budget_bytes,
        overwrite,
        session,
        cancel,
    };
    let destination = match (&spec.outputs[..], request.separate) {
        _ if is_done => {
            let names: Vec<String> = outputs.into_iter().cloned().collect();
            let message = format!("{} already exists, made from the same plan", names.join(", "));
            observer.warn(
                Diagnostic::new("output.done", message).hint("add --overwrite to write it again"),
            );
            Destination::Done(names)
        }
        ([(output, _)], false) => Destination::One(output.clone(), Parts::One),
        _ => Destination::PerMeasure(spec.outputs.clone()),
    };
    let joined = join_plan(&set, &path, &target, false, &destination, observer)?;
    Ok(Resumed { joined, done })
}

/// Whether all outputs are there, made of this plan: a run may be killed between
/// the last rename and its exit. Some of several are written again.
///
/// # Errors
/// An output that is there and is something else.
fn are_done(outputs: &[&String], plan: &str) -> Result<bool, Error> {
    let mut done = !outputs.is_empty();
    for output in outputs {
        if !exists(output) {
            done = false;
        } else if TileFile::open(output).ok().and_then(|file| file.plan()).as_deref() != Some(plan)
        {
            refuse_existing(output, false)?;
        }
    }
    Ok(done)
}

/// The plan of an earlier run; none in a folder that is new or empty.
fn earlier_plan(dir: &Path, path: &Path, cancel: &CancelToken) -> Result<Option<PlanFile>, Error> {
    refuse_foreign(dir, path)?;
    if path.exists() {
        let hint = "add --restart to start again, or choose another folder";
        return read_plan(path, hint, cancel).map(Some);
    }
    Ok(None)
}

/// Refuses a folder that is neither new nor empty nor one of ours, which a plan in it
/// makes it, however damaged.
fn refuse_foreign(dir: &Path, path: &Path) -> Result<(), Error> {
    let foreign = |name: &str| {
        let shown = dir.display().to_string();
        let message = format!("{shown} is not a work folder of svf_compute: it contains {name}");
        let diagnostic = Diagnostic::new("workdir.foreign", message)
            .hint("choose a new or empty folder for --work-dir");
        Error::refused(diagnostic.path(shown))
    };
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
            // Another process may be about to write the plan.
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

/// Makes the folder, and puts the plan in it.
fn make_folder(dir: &Path, path: &Path, plan: &PlanFile, restart: bool) -> Result<(), Error> {
    fs::create_dir_all(dir).map_err(|error| folder_failure(dir, &error))?;
    if restart {
        TileSet::clear(&dir.join(TILES)).map_err(|error| folder_failure(dir, &error))?;
    }
    write_plan(path, plan, true)
}
