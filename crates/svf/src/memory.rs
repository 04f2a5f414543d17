//! The memory of a process before it computes: the first term of every memory plan.

use svf_job::resources;
use svf_raster::Session;

/// What the libraries of a process will still allocate, bytes.
const TO_COME: u64 = 24 << 20;
/// Used if the system does not report the memory of a process, bytes.
const USUAL: u64 = 64 << 20;

/// Bytes that the process has before the first tile, and that its libraries will still allocate.
/// Blocks in GDAL's cache are not included, because plans count the size of the cache.
pub(crate) fn base_bytes() -> u64 {
    let resident = resources::rss_bytes().unwrap_or(USUAL);
    resident.saturating_sub(Session::cached_bytes()) + TO_COME
}
