//! The memory of a process before it computes: the first term of every memory plan.

use std::path::Path;

use svf_job::budget::show_size;
use svf_job::events::Diagnostic;
use svf_job::plan::{LEAST_CACHE_BYTES, LayerBlocks, START_BYTES};
use svf_job::{Cause, PlanError, resources};
use svf_raster::held::{InputBlocks, OutputBytes};
use svf_raster::mend::quoted;
use svf_raster::{OutputType, RasterInfo, RasterReader, Session};

use crate::error::{Error, too_little_memory};

/// What the libraries of a process will still allocate, bytes.
const TO_COME: u64 = 6 << 20;
/// Used if the system does not report the memory of a process, bytes.
const USUAL: u64 = 64 << 20;

/// Bytes that the process has before the first tile, and that its libraries will still allocate.
/// Blocks in GDAL's cache are not included, because plans count the size of the cache.
pub(crate) fn base_bytes() -> u64 {
    base_after_tiles() + TO_COME
}

/// The same of a process that has computed tiles: its libraries have what they need.
pub(crate) fn base_after_tiles() -> u64 {
    Session::give_back();
    resources::rss_bytes().unwrap_or(USUAL).saturating_sub(Session::cached_bytes())
}

/// Bytes that GDAL holds of the inputs in addition to its cache.
pub(crate) fn held_beside(layers: &[RasterReader]) -> u64 {
    layers.iter().map(|layer| beside(layer, layer.info().held)).fold(0, u64::saturating_add)
}

/// The same where nothing but a window of so many rows and columns is read from now on. Before a sample is
/// read, it is not known how much of the raster that takes.
pub(crate) fn held_around(layers: &[RasterReader], rows: usize, cols: usize) -> u64 {
    let of = |layer: &RasterReader| {
        let info = layer.info();
        let within = info.held.within(around_bytes(info, rows, cols));
        beside(layer, if was_read(layer) { within } else { info.held })
    };
    layers.iter().map(of).fold(0, u64::saturating_add)
}

fn beside(layer: &RasterReader, held: InputBlocks) -> u64 {
    let info = layer.info();
    if info.parts.is_empty() {
        return if was_read(layer) { held.to_come() } else { held.beside() };
    }
    // What GDAL keeps of an open file of many, beside its blocks.
    const OF_FILE: u64 = 128 << 10;
    info.open_at_once.saturating_mul(held.beside().saturating_add(OF_FILE))
}

/// Whether something was read of the only file of a raster: the process has grown by what it keeps since
/// then.
fn was_read(layer: &RasterReader) -> bool {
    layer.info().parts.is_empty() && layer.has_read()
}

/// Bytes that libraries keep of the inputs after these are closed. A block as stored goes with its file, but
/// the process as it is has one already of a file of which something was read: it counts for the others,
/// too, so that one limit is enough before and after.
pub(crate) fn kept_of(layers: &[RasterReader]) -> u64 {
    let of = |layer: &RasterReader| {
        let held = layer.info().held;
        if was_read(layer) {
            0
        } else {
            held.kept.saturating_add(held.stored).saturating_add(held.together)
        }
    };
    layers.iter().map(of).fold(0, u64::saturating_add)
}

/// Bytes of the blocks that a window of so many rows and columns meets.
fn around_bytes(info: &RasterInfo, rows: usize, cols: usize) -> u64 {
    let (block_rows, block_cols) = info.block;
    let px = ((rows + 2 * block_rows) as u64).saturating_mul((cols + 2 * block_cols) as u64);
    px.saturating_mul(info.cell_bytes)
}

/// Bytes of the largest block of the inputs, and of what is held beside it.
pub fn block_bytes(layers: &[RasterReader]) -> u64 {
    largest_block(layers).saturating_add(held_beside(layers))
}

/// The blocks of an input, for the planner of tiles.
pub(crate) fn blocks_of(layer: &RasterReader) -> LayerBlocks {
    let info = layer.info();
    let raster_px = [info.grid.rows, info.grid.cols];
    LayerBlocks { block_px: info.held.block_px, block_bytes: info.held.decoded, raster_px }
}

/// Bytes of the largest block of the inputs: GDAL's cache holds one at least.
pub(crate) fn largest_block(layers: &[RasterReader]) -> u64 {
    layers.iter().map(|layer| layer.info().held.decoded).max().unwrap_or(0)
}

/// Whether one block of each of the inputs can be decoded, by what each plan takes at least.
pub(crate) fn fits_a_block(layers: &[RasterReader], budget_bytes: u64) -> bool {
    base_bytes().saturating_add(block_bytes(layers)) <= budget_bytes
}

/// Bytes of the block cache while windows of so many rows and columns are read: what it has, and the
/// blocks of the window, but not more than it holds.
pub(crate) fn cached_around(layers: &[RasterReader], rows: usize, cols: usize) -> u64 {
    let blocks = layers.iter().map(|layer| around_bytes(layer.info(), rows, cols));
    let window = blocks.fold(Session::cached_bytes(), u64::saturating_add);
    window.min(LEAST_CACHE_BYTES).max(largest_block(layers))
}

/// What GDAL holds of a tile that is open: it has blocks of 512 x 512 cells at most, and a decoder
/// that looks back as far.
pub(crate) fn tile_blocks(output_type: OutputType) -> InputBlocks {
    let block = 512 * 512 * output_type.bytes();
    let kept = block + (1 << 18);
    InputBlocks {
        block_px: [512; 2],
        decoded: block,
        stored: block,
        kept,
        ..InputBlocks::default()
    }
}

/// The least that joining pieces to an output of so many rows and columns takes beside the process:
/// chunks are blocks, and one piece is open.
pub(crate) fn least_to_join(
    output: &OutputBytes,
    held: &InputBlocks,
    (rows, cols): (u64, u64),
    output_type: OutputType,
) -> u64 {
    let chunk_px = output.block_px[0].min(rows).saturating_mul(output.block_px[1].min(cols));
    let chunks = 2_u64.saturating_mul(chunk_px).saturating_mul(output_type.bytes());
    let cache = LEAST_CACHE_BYTES.max(held.decoded).max(output.block);
    let writing = [output.beside(), held.beside(), cache, chunks];
    let writing = writing.into_iter().fold(0, u64::saturating_add);
    writing.max(output.copying.saturating_add(LEAST_CACHE_BYTES))
}

/// What the process grows by while a driver is tried with a few cells: pages of its library, and what
/// that never gives back. Measured.
pub(crate) fn trial_bytes(driver: &str) -> u64 {
    match driver {
        "GTiff" => 0,
        "netCDF" => 8 << 20,
        "GPKG" => 4 << 20,
        _ => 2 << 20,
    }
}

/// Of two checks of the memory, the refusal that asks for more.
pub(crate) fn larger_refusal(
    one: Result<(), Error>,
    other: Result<(), Error>,
) -> Result<(), Error> {
    let least = |error: &Error| {
        error.diagnostic().details.args.get("least_mb").and_then(|value| value.as_u64())
    };
    match (one, other) {
        (Ok(()), other) => other,
        (one, Ok(())) => one,
        (Err(one), Err(other)) => Err(if least(&other) > least(&one) { other } else { one }),
    }
}

/// Whether the driver of a vector file holds it as a whole in memory: texts of geometries.
pub(crate) fn is_held_whole(file: &Path) -> bool {
    let is_text = |ending: &std::ffi::OsStr| {
        ["geojson", "json", "topojson", "kml"].iter().any(|text| ending.eq_ignore_ascii_case(text))
    };
    file.extension().is_some_and(is_text)
}

/// Refuses a vector file that its driver holds as a whole in memory, if that does not fit: texts of
/// geometries, which take about six times as much in memory.
///
/// # Errors
/// A usage error.
pub fn refuse_held_whole(path: &str, budget_bytes: u64) -> Result<(), Error> {
    const TIMES: u64 = 7;
    let file = Path::new(path);
    if !is_held_whole(file) {
        return Ok(());
    }
    let Ok(about) = file.metadata() else { return Ok(()) };
    let least = base_bytes().saturating_add(about.len().saturating_mul(TIMES));
    if least <= budget_bytes {
        return Ok(());
    }
    let least_mib = (least + START_BYTES).div_ceil(1 << 20);
    let message = format!(
        "a memory limit of {} is too small for {path}, which is read as a whole: at least \
         {least_mib} MiB is needed",
        show_size(budget_bytes),
    );
    let hint = format!("make a GeoPackage of it: ogr2ogr new.gpkg {}", quoted(path));
    let diagnostic = Diagnostic::new("plan.memory", message).hint(hint).path(path);
    Err(Error::refused(
        diagnostic.with("limit", show_size(budget_bytes)).with("least_mb", least_mib),
    ))
}

/// What a process gets from the system if it asks for so much: measured, 2 MiB more for 60.
pub(crate) fn with_rounding(bytes: u64) -> u64 {
    bytes.saturating_add((1 << 20) + bytes / 25)
}

/// Refuses a budget in which so many bytes more do not fit, before anything else of a run is known. What
/// is less than the least cache is left to what is checked later: that names all of it.
///
/// # Errors
/// As [`check_budget`].
pub(crate) fn check_budget_early(
    more_bytes: u64,
    budget_bytes: u64,
    cause: Cause,
) -> Result<(), Error> {
    match more_bytes > LEAST_CACHE_BYTES {
        true => check_budget(more_bytes, budget_bytes, (cause, cause.hint())),
        false => Ok(()),
    }
}

/// Refuses a budget that is too small for the process as it is and `more_bytes`.
///
/// # Errors
/// The smallest budget that is enough, and `cause` with `hint`, unless the program itself does not
/// fit.
pub fn check_budget(
    more_bytes: u64,
    budget_bytes: u64,
    (cause, hint): (Cause, &str),
) -> Result<(), Error> {
    let base = base_bytes();
    let least = base.saturating_add(with_rounding(more_bytes));
    if least <= budget_bytes {
        return Ok(());
    }
    let (cause, hint) = match base.saturating_add(LEAST_CACHE_BYTES) > budget_bytes {
        true => (Cause::Program, Cause::Program.hint()),
        false => (cause, hint),
    };
    // The memory of the process at the start differs a little from run to run.
    let least_bytes = (least + START_BYTES).next_multiple_of(1 << 20);
    let error = PlanError::BudgetTooSmall { budget_bytes, least_bytes, cause };
    Err(Error::refused(too_little_memory(&error, hint)))
}
