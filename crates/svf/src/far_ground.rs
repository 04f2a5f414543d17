//! What tiles see beyond their halo, made in a first pass over the raster: see
//! [`svf_kernel::FarGround`]. With a folder of tiles, it is kept there.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use svf_job::events::Diagnostic;
use svf_job::far_ground::{far_ground, load, save};
use svf_job::trailer::{TrailerError, verify};
use svf_job::{CancelToken, Job, TileSource};
use svf_kernel::{FarGround, Kernel};
use svf_raster::staging::Staging;
use svf_raster::{Op, RasterError};

use crate::error::Error;
use crate::observer::{Observer, Stage};
use crate::untouched::Untouched;

/// The file in the folder of the tiles.
const FILE: &str = "far-ground";

/// The kernel of a job with its far ground, if it needs one. `kept` are the folder of the tiles and the
/// id of their plan. It is kept only if all heights could be read.
///
/// # Errors
/// A part of the raster that cannot be read, an input that was changed meanwhile, a file that cannot be
/// written, or a cancel.
pub(crate) fn on_far_ground(
    job: Job<'_>,
    kept: Option<(&Path, &str)>,
    (source, untouched): (&mut dyn TileSource<Error = RasterError>, &Untouched),
    observer: &mut dyn Observer,
) -> Result<Kernel, Error> {
    let kernel = job.kernel.clone();
    if !kernel.needs_far_ground() {
        return Ok(kernel);
    }
    let kept = kept.map(|(folder, plan)| {
        (folder.join(FILE), json!({ FILE: plan, "levels": kernel.levels_made() }).to_string())
    });
    if let Some((path, record)) = &kept {
        match load((&kernel, &job.plan.tiling().window), path, record, job.cancel) {
            Ok(Some(ground)) => return Ok(kernel.on_far_ground(Arc::new(ground))),
            Err(TrailerError::Cancelled) => return Err(Error::cancelled()),
            // It is made, as without the file.
            Ok(None) | Err(_) => {}
        }
    }
    let mut report = |done: u64, total: u64| {
        observer.progress(Stage::of("ground", (done, total), (done, total), done == total));
    };
    let ground = far_ground(job, source, &mut report)?;
    untouched.check_within(&kernel.far_region(&job.plan.tiling().window))?;
    if let Some((path, record)) = kept.filter(|_| !source.lacks_heights())
        && let Some(obstacle) = keep(&ground, &path, &record, job.cancel)?
    {
        let shown = path.display().to_string();
        let message = format!("{shown} cannot be used: {obstacle}; the far ground is not kept");
        let hint = match obstacle {
            TrailerError::Io(_) => "give this user the right to read it",
            _ => "delete it, unless somebody needs it",
        };
        observer.warn(Diagnostic::new("tiles.ground", message).hint(hint).path(shown));
    }
    Ok(kernel.on_far_ground(Arc::new(ground)))
}

/// Keeps far ground. If something else has the name of its file, it stays: returns what is wrong with it.
fn keep(
    ground: &FarGround,
    path: &Path,
    record: &str,
    cancel: &CancelToken,
) -> Result<Option<TrailerError>, Error> {
    let of_a_plan = |record: &str| {
        serde_json::from_str::<Value>(record).is_ok_and(|record| record.get(FILE).is_some())
    };
    match verify(path, cancel) {
        Err(TrailerError::Cancelled) => return Err(Error::cancelled()),
        // Of an earlier state of the input, or of another number of levels.
        Ok((found, _)) if of_a_plan(&found) => {}
        Ok(_) => return Ok(Some(TrailerError::None)),
        Err(obstacle) if path.symlink_metadata().is_ok() => return Ok(Some(obstacle)),
        Err(_) => {}
    }
    let shown = path.display().to_string();
    let staging = Staging::new(&shown)?;
    save(ground, staging.main(), record, cancel).map_err(|error| match error {
        TrailerError::Cancelled => Error::cancelled(),
        error => RasterError::new(Op::Write, &shown, error).into(),
    })?;
    staging.sync()?;
    staging.publish(true, &|| !cancel.is_cancelled())?;
    Ok(None)
}
