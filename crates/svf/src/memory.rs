//! The memory that the process needs for any computation: the first term of every memory plan.

use svf_job::resources;
use svf_raster::Session;

/// Memory that the libraries of a process will still need.
const TO_COME: u64 = 24 << 20;
/// Used if the system does not report the memory of a process.
const USUAL: u64 = 64 << 20;

/// Bytes that the process has before the first tile, and that its libraries will still need.
/// Blocks in GDAL's cache do not count here, because plans count the cache by its size.
pub(crate) fn base_bytes() -> u64 {
    let resident = resources::rss_bytes().unwrap_or(USUAL);
    resident.saturating_sub(Session::cached_bytes()) + TO_COME
}
