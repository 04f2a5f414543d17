//! What the process holds whatever it computes: the first term of every plan of memory.

use svf_job::resources;
use svf_raster::Session;

/// What the libraries of a process will still take.
const TO_COME: u64 = 24 << 20;
/// Where the system does not say what a process holds.
const USUAL: u64 = 64 << 20;

/// Bytes that the process holds before the first tile, and that its libraries will still take.
/// Blocks in GDAL's cache are none of them: plans count the cache by its size.
pub(crate) fn base_bytes() -> u64 {
    let resident = resources::rss_bytes().unwrap_or(USUAL);
    resident.saturating_sub(Session::cached_bytes()) + TO_COME
}
