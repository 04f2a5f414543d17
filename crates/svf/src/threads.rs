//! Threads, as far as the system lets them start.

use svf_job::events::Diagnostic;
use svf_job::threads::threads_that_start;

use crate::error::Error;

/// Threads for the kernel, if there can be as many for GDAL as well.
pub(crate) fn thread_pool(threads: usize) -> Result<rayon::ThreadPool, Error> {
    refuse_too_many(2 * threads)?;
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(Error::internal)
}

/// Refuses a run for which the system does not let enough threads start.
///
/// # Errors
/// Fewer than `threads`, and those that read, write and wait for signals.
pub(crate) fn refuse_too_many(threads: usize) -> Result<(), Error> {
    const OTHERS: usize = 6;
    let wanted = threads + OTHERS;
    let started = threads_that_start(wanted);
    if started == wanted {
        return Ok(());
    }
    let message = format!(
        "the system lets this process start {started} more threads, but {wanted} are needed"
    );
    let hint = "choose fewer with --threads, or raise the limit: ulimit -u, ulimit -v, or that of the \
                container or batch job";
    Err(Error::failed(Diagnostic::new("run.threads", message).hint(hint)))
}
