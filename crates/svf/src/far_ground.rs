//! What tiles see beyond their halo, made in a first pass over the raster: see
//! [`svf_kernel::FarGround`].

use std::sync::Arc;

use svf_job::far_ground::far_ground;
use svf_job::{Job, TileSource};
use svf_kernel::Kernel;
use svf_raster::RasterError;

use crate::error::Error;
use crate::observer::{Observer, Stage};

/// The kernel of a job with its far ground, if it needs one.
///
/// # Errors
/// A part of the raster that cannot be read, or a cancel.
pub(crate) fn on_far_ground(
    job: Job<'_>,
    source: &mut dyn TileSource<Error = RasterError>,
    observer: &mut dyn Observer,
) -> Result<Kernel, Error> {
    let kernel = job.kernel.clone();
    if !kernel.needs_far_ground() {
        return Ok(kernel);
    }
    let mut report = |done: u64, total: u64| {
        observer.progress(Stage::of("ground", (done, total), (done, total), done == total));
    };
    let ground = far_ground(job, source, &mut report)?;
    Ok(kernel.on_far_ground(Arc::new(ground)))
}
