//! Finds the tiles for a memory budget.
//!
//! Everything that grows with a tile is counted: heights with their halo and results, two of each
//! (one in the kernel, one being read or written), GDAL's block cache, and the scratch of each
//! thread. The tile is the largest one that fits. It is a multiple of the output's block. It is
//! small enough that all cores have work and that a cancel takes effect quickly.

use serde::Serialize;
use svf_kernel::tile::{Halo, Window};
use thiserror::Error;

use crate::budget::show_size;

/// The input of the planner.
#[derive(Clone, Debug)]
pub struct PlanRequest {
    /// The part of the raster to compute.
    pub window: Window,
    /// The length of the sight lines, in cells.
    pub halo: Halo,
    /// Layers of a tile: heights, and vegetation if it is used.
    pub layers: usize,
    /// Output bands.
    pub bands: usize,
    /// Threads of the kernel.
    pub threads: usize,
    /// Upper limit of the resident memory of the process.
    pub budget_bytes: u64,
    /// Resident memory before any tile: libraries, datasets, sight lines.
    pub base_bytes: u64,
    /// Scratch of one kernel thread, for tiles up to a number of rows and columns: small ones first, and
    /// the last one for all that are larger.
    pub scratch_bytes: Vec<(u64, u64)>,
    /// Bytes of the far ground, which all tiles share.
    pub far_bytes: u64,
    /// Threads that compress the output, as counted in `codec_bytes` and `finish_bytes`.
    pub encoders: usize,
    /// Bytes that compression and conversion need in addition to the tiles.
    pub codec_bytes: u64,
    /// Bytes that GDAL holds of the inputs in addition to its cache.
    pub input_bytes: u64,
    /// Bytes that libraries keep of the inputs after these are closed.
    pub closed_bytes: u64,
    /// The blocks of each layer.
    pub inputs: Vec<LayerBlocks>,
    /// Bytes of a block of the output: the cache holds at least one.
    pub output_block_bytes: u64,
    /// Bytes that are needed to complete the output, after the tiles are freed and the inputs closed; can be
    /// 0.
    pub finish_bytes: u64,
    /// Bytes of a row of the output, all bands.
    pub output_row_bytes: u64,
    /// Bytes of the entry of a tile in a plan file, as text and in memory; 0 if there is none.
    pub entry_bytes: u64,
    /// Rows and columns of a block of the output.
    pub output_block_px: [u64; 2],
    /// Rows and columns of a tile, if the user set them.
    pub tile_px: Option<(u64, u64)>,
    /// Largest side of a tile, if the user does not ask for a size.
    pub largest_px: u64,
}

/// The blocks of a raster that is read. A block is decoded as a whole, also for a single cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerBlocks {
    /// Rows and columns of a block.
    pub block_px: [u64; 2],
    /// Bytes of a block in GDAL's cache.
    pub block_bytes: u64,
    /// Rows and columns of the raster.
    pub raster_px: [u64; 2],
}

impl LayerBlocks {
    /// Blocks down and across that a window of so many rows and columns overlaps, at most.
    fn overlapped(&self, window_px: [u64; 2]) -> [u64; 2] {
        std::array::from_fn(|i| {
            let block = self.block_px[i].max(1);
            overlapped_anywhere(window_px[i].max(1), block).min(self.raster_px[i].div_ceil(block))
        })
    }

    /// Bytes of the blocks that a window overlaps, at most.
    fn bytes(&self, window_px: [u64; 2]) -> u64 {
        let [down, across] = self.overlapped(window_px);
        product(&[down, across, self.block_bytes])
    }

    /// Cells of the blocks that a window overlaps, at most.
    fn cells(&self, window_px: [u64; 2]) -> u64 {
        let [down, across] = self.overlapped(window_px);
        product(&[down, across, self.block_px[0], self.block_px[1]])
    }

    /// Bytes of a row of the raster.
    fn row_bytes(&self) -> u64 {
        let bytes = self.block_bytes as f64 / self.block_px[0].max(1) as f64;
        (bytes * self.raster_px[1] as f64 / self.block_px[1].max(1) as f64).ceil() as u64
    }
}

/// Tiles of a window, row by row.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plan {
    /// Number of tiles.
    pub tiles: u64,
    /// Rows and columns of a tile (fewer at the right and lower edge).
    pub tile_px: [u64; 2],
    /// Rows and columns of context on every side.
    pub halo_px: [u64; 2],
    /// Upper limit of the resident memory.
    pub budget_bytes: u64,
    /// Expected peak of the plan.
    pub estimated_peak_bytes: u64,
    /// Size of GDAL's block cache.
    pub cache_bytes: u64,
    /// Threads that compress the output.
    #[serde(skip)]
    pub encoders: usize,
    /// The minimum that works with these tiles.
    #[serde(skip)]
    pub least_bytes: u64,
    #[serde(skip)]
    tiling: Tiling,
}

/// A window that is divided into tiles, counted row by row from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tiling {
    /// The window.
    pub window: Window,
    /// Rows and columns of a tile (fewer at the right and lower edge).
    pub tile_px: [u64; 2],
}

impl Tiling {
    /// Number of tiles down and across.
    pub fn shape(&self) -> (u64, u64) {
        let [rows, cols] = self.tile_px;
        (self.window.rows.div_ceil(rows), self.window.cols.div_ceil(cols))
    }

    /// Number of tiles.
    pub fn tiles(&self) -> u64 {
        let (down, across) = self.shape();
        down * across
    }

    /// Row and column of a tile among the tiles.
    pub fn place(&self, id: u64) -> (u64, u64) {
        let (_, across) = self.shape();
        (id / across, id % across)
    }

    /// The cells of a tile.
    pub fn tile(&self, id: u64) -> Window {
        let Tiling { window, tile_px: [tile_rows, tile_cols] } = *self;
        let (i, j) = self.place(id);
        let (row, col) = (i * tile_rows, j * tile_cols);
        Window {
            row: window.row + row,
            col: window.col + col,
            rows: tile_rows.min(window.rows - row),
            cols: tile_cols.min(window.cols - col),
        }
    }

    /// Place of a tile in a raster that begins with the first cell of the window.
    pub fn output_window(&self, id: u64) -> Window {
        let tile = self.tile(id);
        Window { row: tile.row - self.window.row, col: tile.col - self.window.col, ..tile }
    }
}

/// A plan that cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PlanError {
    /// Even the smallest tile does not fit.
    #[error(
        "a memory limit of {} is too small for {cause}: at least {} is needed",
        show_size(*budget_bytes), show_mebibytes(*least_bytes)
    )]
    BudgetTooSmall {
        /// The given limit.
        budget_bytes: u64,
        /// The minimum that works, rounded up to a MiB.
        least_bytes: u64,
        /// What needs most of it.
        cause: Cause,
    },
    /// A tile size of zero.
    #[error("a tile needs at least one row and one column")]
    EmptyTile,
}

/// What needs most of the memory of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Heights within the radius around the smallest tile.
    Radius,
    /// Tiles of the size that was asked for.
    TileSize,
    /// The number of tiles.
    Tiles,
    /// Blocks of the input.
    InputBlocks,
    /// Blocks of the output, and their compression.
    OutputBlocks,
    /// The copy to the format of the output.
    Copy,
    /// What the search itself holds: of each thread, or of the whole raster.
    Search,
    /// The program and its libraries, and the smallest block cache.
    Program,
}

impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Radius => "this radius",
            Self::TileSize => "this radius and tile size",
            Self::Tiles => "so many tiles",
            Self::InputBlocks => "the blocks of the input",
            Self::OutputBlocks => "the blocks of the output",
            Self::Copy => "the format of the output",
            Self::Search => "this search",
            Self::Program => "the program itself",
        })
    }
}

impl Cause {
    /// What the user can do.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Radius | Self::TileSize => {
                "increase --max-memory, or use a smaller --radius or --tile-size"
            }
            Self::Tiles => "increase --max-memory, or use a larger --tile-size",
            Self::InputBlocks => {
                "increase --max-memory, or copy the input to a file with smaller blocks: \
                 gdal_translate -co TILED=YES -co COMPRESS=DEFLATE"
            }
            Self::OutputBlocks => {
                "increase --max-memory, or use smaller blocks, INTERLEAVE=BAND or a lower \
                 compression level with --co"
            }
            Self::Copy => "increase --max-memory, or use smaller blocks with --co, or --of GTiff",
            Self::Search => {
                "increase --max-memory, or use fewer --threads or --directions, a smaller --radius, or no --check"
            }
            Self::Program => "increase --max-memory",
        }
    }
}

/// What takes less of the memory than one of so many parts is held if that saves time.
pub const SMALL_SHARE: u64 = 32;

/// A size that users can type: whole MiB.
fn show_mebibytes(bytes: u64) -> String {
    format!("{} MiB", bytes >> 20)
}

/// Sides of a tile that the planner tries, small ones first; above 512 in steps of 512.
const SMALL_SIDES: [u64; 3] = [64, 128, 256];
/// Step of larger tiles: the block of the output.
pub const BLOCK_PX: u64 = 512;
/// A side of a tile that is enough for any radius: with larger tiles, the halo hardly matters.
const LARGEST_PX: u64 = 4096;
/// Tiles along a side of a block of the output, at most.
const LEAST_SHARE: u64 = 4;
/// How much the memory of a process at its start differs from run to run: how many pages of its
/// libraries are in memory depends on what else runs.
pub const START_BYTES: u64 = 4 << 20;
/// Minimum size of the block cache.
pub const LEAST_CACHE_BYTES: u64 = 16 << 20;
/// Cells that are decoded for each cell of a window that is read, at most. With more, a run takes
/// many times as long as with a little more memory, so it is refused.
const MOST_DECODED: u64 = 64;
/// Time to decode a cell, in times of one to copy it: DEFLATE, measured.
const DECODING: f64 = 8.0;
/// Another tile than the largest one has to be so many times faster to read.
const FASTER: f64 = 1.5;
/// Share of the budget for rounding and allocators.
const SLACK: f64 = 0.04;

/// Chooses the tiles.
///
/// # Errors
/// A budget that is too small, with the minimum that works.
pub fn plan_tiles(request: &PlanRequest) -> Result<Plan, PlanError> {
    let PlanRequest { window, halo, .. } = *request;
    let (rows, cols) = match request.tile_px {
        Some((0, _) | (_, 0)) => return Err(PlanError::EmptyTile),
        Some((rows, cols)) => (rows.min(window.rows), cols.min(window.cols)),
        None => best_tile(request),
    };
    let least = least_bytes(request, (rows, cols));
    if least > request.budget_bytes {
        // The memory of the process at the start differs a little from run to run.
        let least_bytes = (least + START_BYTES).next_multiple_of(1 << 20);
        let cause = cause_of(request, rows, cols);
        let budget_bytes = request.budget_bytes;
        return Err(PlanError::BudgetTooSmall { budget_bytes, least_bytes, cause });
    }
    let cache_bytes = cache_bytes(request, (rows, cols));
    let tiling = Tiling { window, tile_px: [rows, cols] };
    Ok(Plan {
        tiles: tiling.tiles(),
        tile_px: tiling.tile_px,
        halo_px: [halo.rows_px as u64, halo.cols_px as u64],
        budget_bytes: request.budget_bytes,
        estimated_peak_bytes: peak_bytes(request, rows, cols, cache_bytes),
        cache_bytes,
        encoders: request.encoders,
        least_bytes: least,
        tiling,
    })
}

/// The size of the block cache. If a part of the remaining memory allows it, it is large enough
/// to keep the input rows that one row of tiles shares with the next, and output blocks until
/// their last tile is written.
fn cache_bytes(request: &PlanRequest, (rows, cols): (u64, u64)) -> u64 {
    let whole = |tile: u64, cells: u64| tile >= cells || tile.is_multiple_of(SMALL_SIDES[0]);
    let output = if whole(rows, request.window.rows) && whole(cols, request.window.cols) {
        0
    } else {
        (rows + 2 * BLOCK_PX).saturating_mul(request.output_row_bytes)
    };
    let wanted = shared_input_bytes(request)
        .saturating_add(output)
        .max(read_twice_bytes(request, (rows, cols)));
    let peak_with = |cache: u64| peak_bytes(request, rows, cols, cache);
    // A cache that is a little too small for the blocks of a tile is of no use to the next one.
    let kept = kept_bytes(request, (rows, cols));
    let least = match peak_with(kept) <= request.budget_bytes {
        true => kept,
        false => least_cache_bytes(request, (rows, cols)),
    };
    let left = request.budget_bytes - peak_with(least);
    wanted.clamp(least, least.saturating_add((left as f64 * 0.9) as u64))
}

/// Bytes of the input blocks that a row of tiles shares with the next row.
fn shared_input_bytes(request: &PlanRequest) -> u64 {
    let Halo { rows_px, cols_px } = request.halo;
    let of = |layer: &LayerBlocks| {
        let rows = 2 * (rows_px as u64 + layer.block_px[0]);
        let needed_px = (request.window.cols + 2 * cols_px as u64).min(layer.raster_px[1]);
        let share = needed_px as f64 / layer.raster_px[1].max(1) as f64;
        (rows as f64 * layer.row_bytes() as f64 * share) as u64
    };
    request.inputs.iter().map(of).fold(0, u64::saturating_add)
}

/// Bytes of all blocks of the inputs, and of the results that are between them, if the inputs are read before
/// the tiles, too, and are a small part of the memory: then each block is decoded once.
fn read_twice_bytes(request: &PlanRequest, (rows, cols): (u64, u64)) -> u64 {
    let all = request.inputs.iter().map(|layer| layer.bytes(layer.raster_px));
    let all = all.fold(0, u64::saturating_add);
    if request.far_bytes == 0 || all > request.budget_bytes / SMALL_SHARE {
        return 0;
    }
    let results = product(&[2, size_of::<f32>() as u64, request.bands as u64, rows, cols]);
    all.saturating_add(results)
}

/// The minimum size of the block cache.
fn least_cache_bytes(request: &PlanRequest, tile: (u64, u64)) -> u64 {
    cache_with(request, tile, least_input_bytes(request, tile))
}

/// What of the inputs has to be in the cache: a block that is in use stays in it. If blocks are so
/// large that to decode them again for each tile takes too long, all of a tile do.
fn least_input_bytes(request: &PlanRequest, tile: (u64, u64)) -> u64 {
    let window_px = window_px(request, tile);
    let most = product(&[MOST_DECODED, window_px[0], window_px[1]]);
    let takes_too_long = request.inputs.iter().any(|layer| layer.cells(window_px) > most);
    // Who sets the size of tiles has decided.
    if takes_too_long && request.tile_px.is_none() {
        return kept_input_bytes(request, tile);
    }
    request.inputs.iter().map(|layer| layer.block_bytes).max().unwrap_or(0)
}

/// The size of the block cache in which all blocks of a tile stay until the next tile is read: each
/// is decoded once for a row of tiles.
fn kept_bytes(request: &PlanRequest, tile: (u64, u64)) -> u64 {
    cache_with(request, tile, kept_input_bytes(request, tile))
}

/// All blocks of a tile, and the results that are written before the next tile is read.
fn kept_input_bytes(request: &PlanRequest, tile: (u64, u64)) -> u64 {
    let window_px = window_px(request, tile);
    let layers = request.inputs.iter().map(|layer| layer.bytes(window_px));
    let results = product(&[size_of::<f32>() as u64, request.bands as u64, tile.0, tile.1]);
    layers.fold(results, u64::saturating_add)
}

/// Rows and columns that are read for a tile.
fn window_px(request: &PlanRequest, (rows, cols): (u64, u64)) -> [u64; 2] {
    [rows + 2 * request.halo.rows_px as u64, cols + 2 * request.halo.cols_px as u64]
}

/// The size of a block cache with so many bytes of inputs. Blocks of the output that are larger than
/// usual stay there until their last tile is written, because it takes long to compress them again
/// for each tile; so do the input's blocks that are read in between.
fn cache_with(request: &PlanRequest, (rows, cols): (u64, u64), input: u64) -> u64 {
    let [block_rows, block_cols] = request.output_block_px;
    let window = request.window;
    let whole = |tile: u64, cells: u64, block: u64| tile >= cells || tile.is_multiple_of(block);
    let least = LEAST_CACHE_BYTES.max(input).max(request.output_block_bytes);
    if has_usual_blocks(request)
        || whole(rows, window.rows, block_rows) && whole(cols, window.cols, block_cols)
    {
        return least;
    }
    let row_bytes = blocks_row_bytes(request);
    let rows_px = overlapped_blocks(rows, block_rows)
        .saturating_mul(block_rows)
        .min(window.rows.next_multiple_of(block_rows));
    // What is read and written between two tiles of a block, so that it stays.
    let most = if is_one_block(request) { u64::MAX } else { LEAST_CACHE_BYTES };
    let between = between_bytes(request, (rows, cols)).min(most);
    between.max(input).saturating_add(rows_px.saturating_mul(row_bytes)).max(least)
}

/// Rows of blocks that a row of tiles overlaps, at most.
fn overlapped_blocks(tile: u64, block: u64) -> u64 {
    if tile.is_multiple_of(block) || block.is_multiple_of(tile) {
        return tile.div_ceil(block);
    }
    overlapped_anywhere(tile, block)
}

/// Blocks that so many cells overlap at most, wherever they are: the first one can be the last one of
/// a block.
fn overlapped_anywhere(cells: u64, block: u64) -> u64 {
    1 + (cells - 1).div_ceil(block)
}

/// Whether blocks of the output are as small as those that the programs choose.
fn has_usual_blocks(request: &PlanRequest) -> bool {
    request.output_block_px.iter().all(|&side| side <= BLOCK_PX)
}

/// The largest tile within the budget that is still useful; if none fits, the one that needs least.
/// Where blocks are much wider than tiles, smaller ones whose blocks stay in the cache are faster.
fn best_tile(request: &PlanRequest) -> (u64, u64) {
    let tiles = useful_tiles(request);
    let time = |tile: &(u64, u64)| {
        let with_blocks = peak_bytes(request, tile.0, tile.1, kept_bytes(request, *tile));
        reading_time(request, *tile, with_blocks <= request.budget_bytes)
    };
    let fits = |tile: &&(u64, u64)| least_bytes(request, **tile) <= request.budget_bytes;
    let fitting: Vec<(u64, u64)> = tiles.iter().filter(fits).copied().collect();
    let Some(largest) = fitting.iter().max_by_key(|(rows, cols)| rows * cols) else {
        let least = tiles.iter().min_by_key(|tile| least_bytes(request, **tile));
        // There is always a useful tile.
        return least.copied().unwrap_or((SMALL_SIDES[0], SMALL_SIDES[0]));
    };
    let fastest = fitting.iter().min_by(|a, b| time(a).total_cmp(&time(b)));
    *fastest.filter(|tile| FASTER * time(tile) < time(largest)).unwrap_or(largest)
}

/// Time to read the heights of a tile, for each of its cells, in times of one to copy a cell.
fn reading_time(request: &PlanRequest, tile: (u64, u64), blocks_stay: bool) -> f64 {
    let window_px = window_px(request, tile);
    let cells = product(&[tile.0, tile.1]).max(1) as f64;
    let copied = product(&[request.inputs.len() as u64, window_px[0], window_px[1]]) as f64;
    let decoded = |layer: &LayerBlocks| match blocks_stay {
        false => layer.cells(window_px) as f64,
        // All blocks of a row of tiles, once.
        true => {
            let row_px = [window_px[0], request.window.cols + 2 * request.halo.cols_px as u64];
            layer.cells(row_px) as f64 * tile.1 as f64 / request.window.cols.max(1) as f64
        }
    };
    (copied + DECODING * request.inputs.iter().map(decoded).sum::<f64>()) / cells
}

/// Tiles that are worth computing, as rows and columns, within the window.
///
/// Square tiles: if the raster is large enough, there are at least 16, so that reading, computing and
/// writing overlap. But a tile is not smaller than its halo, because it would be mostly halo, unless
/// it has the largest size. It is also not much smaller than a block of the output: all tiles of a
/// block have to be there before it is written. Where the output has blocks that are larger than usual,
/// a tile can be such a block, or the whole window if that has only a few of them.
fn useful_tiles(request: &PlanRequest) -> Vec<(u64, u64)> {
    let window = request.window;
    let [block_rows, block_cols] = request.output_block_px;
    let block_px = block_rows.min(block_cols).min(window.rows.min(window.cols)).min(LARGEST_PX);
    let even_share = ((window.cells() / 16) as f64).sqrt() as u64;
    let halo = request.halo.rows_px.max(request.halo.cols_px) as u64;
    let most = (4 * halo).clamp(4 * BLOCK_PX, LARGEST_PX);
    let useful = even_share.max(halo).clamp(BLOCK_PX, most).next_multiple_of(BLOCK_PX);
    let mut sides: Vec<u64> = SMALL_SIDES
        .into_iter()
        .chain((1..=LARGEST_PX / BLOCK_PX).map(|i| i * BLOCK_PX))
        .filter(|side| *side <= useful.max(block_px) && LEAST_SHARE * side >= block_px)
        .collect();
    // A smaller wish than blocks allow is none.
    if sides.iter().any(|side| *side <= request.largest_px) {
        sides.retain(|side| *side <= request.largest_px);
    }
    let mut tiles: Vec<(u64, u64)> = sides.into_iter().map(|side| (side, side)).collect();
    let is_tile = |(rows, cols): &(u64, u64)| {
        (SMALL_SIDES[0]..=LARGEST_PX).contains(rows) && (SMALL_SIDES[0]..=LARGEST_PX).contains(cols)
    };
    if !has_usual_blocks(request) {
        let few = window.rows <= 2 * block_rows && window.cols <= 2 * block_cols;
        let whole = few.then_some((window.rows, window.cols));
        tiles.extend([Some((block_rows, block_cols)), whole].into_iter().flatten().filter(is_tile));
    }
    for (rows, cols) in &mut tiles {
        (*rows, *cols) = ((*rows).min(window.rows), (*cols).min(window.cols));
    }
    tiles
}

/// What a plan with such tiles needs at least, bytes.
fn least_bytes(request: &PlanRequest, tile: (u64, u64)) -> u64 {
    peak_bytes(request, tile.0, tile.1, least_cache_bytes(request, tile))
}

/// Bytes of the heights and of the results that are in memory at the same time.
fn tile_bytes(request: &PlanRequest, rows: u64, cols: u64) -> (u64, u64) {
    let cell = size_of::<f32>() as u64;
    let (halo_rows, halo_cols) = (request.halo.rows_px as u64, request.halo.cols_px as u64);
    // If there is only one tile, no other is read or written at the same time.
    let is_one = rows >= request.window.rows && cols >= request.window.cols;
    let held = if is_one { 1 } else { 2 };
    let heights =
        product(&[held, cell, request.layers as u64, rows + 2 * halo_rows, cols + 2 * halo_cols]);
    (heights, product(&[held, cell, request.bands as u64, rows, cols]))
}

/// Bytes of the scratch of all threads.
fn scratch_bytes(request: &PlanRequest, rows: u64, cols: u64) -> u64 {
    let scratch = &request.scratch_bytes;
    let of_side = scratch.iter().find(|(side, _)| rows.max(cols) <= *side).or(scratch.last());
    product(&[request.threads as u64, of_side.map_or(0, |(_, bytes)| *bytes)])
}

/// Bytes of all entries of a plan file.
fn entries_bytes(request: &PlanRequest, rows: u64, cols: u64) -> u64 {
    let tiling = Tiling { window: request.window, tile_px: [rows, cols] };
    tiling.tiles().saturating_mul(request.entry_bytes)
}

fn product(factors: &[u64]) -> u64 {
    factors.iter().fold(1_u64, |all, f| all.saturating_mul(*f))
}

fn sum(terms: &[u64]) -> u64 {
    terms.iter().fold(0_u64, |all, t| all.saturating_add(*t))
}

fn peak_bytes(request: &PlanRequest, rows: u64, cols: u64, cache_bytes: u64) -> u64 {
    let (heights, results) = tile_bytes(request, rows, cols);
    let scratch = scratch_bytes(request, rows, cols).saturating_add(request.far_bytes);
    let is_last = encodes_last(request, (rows, cols), cache_bytes);
    let codec = if is_last { 0 } else { request.codec_bytes };
    let libraries = sum(&[codec, request.input_bytes, cache_bytes]);
    let tiles = sum(&[libraries, scratch, results, heights, entries_bytes(request, rows, cols)]);
    // The cache is made small: all that is older than the block of each band leaves it before them.
    let last = match is_last {
        true => LEAST_CACHE_BYTES.max(block_of_bands(request)).saturating_add(request.codec_bytes),
        false => 0,
    };
    let complete = LEAST_CACHE_BYTES.saturating_add(request.finish_bytes);
    let finish = sum(&[complete.max(last), request.closed_bytes]);
    let all = sum(&[request.base_bytes, tiles.max(finish)]);
    (all as f64 * (1.0 + SLACK)) as u64
}

/// Whether the output is one large block, which is encoded after the last tile is freed: until then it
/// stays in the cache, because what is read and written between two tiles fits beside it.
fn encodes_last(request: &PlanRequest, tile: (u64, u64), cache_bytes: u64) -> bool {
    // What is written with the only tile is encoded at once.
    let is_one_tile = tile.0 >= request.window.rows && tile.1 >= request.window.cols;
    let stays = block_of_bands(request).saturating_add(between_bytes(request, tile));
    is_one_block(request) && !is_one_tile && stays <= cache_bytes
}

/// Whether the output is one block, larger than usual.
fn is_one_block(request: &PlanRequest) -> bool {
    let [rows, cols] = request.output_block_px;
    rows >= request.window.rows && cols >= request.window.cols && !has_usual_blocks(request)
}

/// Bytes of a row of blocks of the output, of all bands.
fn block_of_bands(request: &PlanRequest) -> u64 {
    product(&[blocks_row_bytes(request), request.output_block_px[0]])
}

/// Bytes of a row of the output, of all bands, in whole blocks: also at the edge of the raster.
fn blocks_row_bytes(request: &PlanRequest) -> u64 {
    let cols = request.window.cols;
    let across_px = cols.next_multiple_of(request.output_block_px[1]);
    (request.output_row_bytes / cols.max(1)).saturating_mul(across_px)
}

/// What is in the cache between two tiles: while one is written, the next one is read.
fn between_bytes(request: &PlanRequest, tile: (u64, u64)) -> u64 {
    kept_input_bytes(request, tile).saturating_mul(2)
}

/// What needs most of the memory.
fn cause_of(request: &PlanRequest, rows: u64, cols: u64) -> Cause {
    let (heights, results) = tile_bytes(request, rows, cols);
    let output = request.output_block_bytes;
    let input = least_input_bytes(request, (rows, cols));
    let of_tiles = if request.tile_px.is_some() { Cause::TileSize } else { Cause::Radius };
    let causes = [
        (sum(&[request.base_bytes, LEAST_CACHE_BYTES]), Cause::Program),
        (entries_bytes(request, rows, cols), Cause::Tiles),
        (request.finish_bytes, Cause::Copy),
        (sum(&[request.codec_bytes, output]), Cause::OutputBlocks),
        (sum(&[request.input_bytes, input]), Cause::InputBlocks),
        (sum(&[heights, results]), of_tiles),
        (sum(&[scratch_bytes(request, rows, cols), request.far_bytes]), Cause::Search),
    ];
    causes.into_iter().max_by_key(|(bytes, _)| *bytes).map_or(of_tiles, |(_, cause)| cause)
}

impl Plan {
    /// How the window is divided.
    pub fn tiling(&self) -> &Tiling {
        &self.tiling
    }

    /// Tile `id`, counted row by row from 0.
    pub fn tile(&self, id: u64) -> Window {
        self.tiling.tile(id)
    }

    /// Place of a tile in the output, which begins with the first cell of the window.
    pub fn output_window(&self, id: u64) -> Window {
        self.tiling.output_window(id)
    }

    /// Number of cells of all tiles.
    pub fn cells(&self) -> u64 {
        self.tiling.window.cells()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Blocks of floats.
    fn blocks(block_px: [u64; 2], raster_px: [u64; 2]) -> LayerBlocks {
        LayerBlocks { block_px, block_bytes: 4 * block_px[0] * block_px[1], raster_px }
    }

    fn request(rows: u64, cols: u64, radius: usize, budget_bytes: u64) -> PlanRequest {
        PlanRequest {
            window: Window::whole(rows, cols),
            halo: Halo { rows_px: radius, cols_px: radius },
            layers: 1,
            bands: 1,
            threads: 2,
            budget_bytes,
            base_bytes: 100 << 20,
            scratch_bytes: vec![(64, 1 << 20)],
            far_bytes: 0,
            encoders: 1,
            codec_bytes: 8 << 20,
            input_bytes: 0,
            closed_bytes: 0,
            inputs: vec![blocks([256; 2], [rows, cols])],
            output_block_bytes: 1 << 20,
            finish_bytes: 0,
            output_row_bytes: 4 * cols,
            entry_bytes: 0,
            output_block_px: [512; 2],
            largest_px: u64::MAX,
            tile_px: None,
        }
    }

    #[test]
    fn a_city_of_three_billion_cells() {
        let mut seed = request(60_834, 46_667, 100, 1 << 30);
        seed.tile_px = Some((3000, 3000));
        let plan = plan_tiles(&seed).unwrap();
        assert_eq!(plan.tiles, 336);
        assert_eq!(plan.tile(335), Window { row: 60_000, col: 45_000, rows: 834, cols: 1667 });
        assert_eq!(plan.cells(), 2_838_940_278);
    }

    #[test]
    fn tiles_cover_the_window_once() {
        for tile in [(64, 64), (97, 31), (1000, 1000)] {
            let mut request = request(500, 300, 10, 1 << 30);
            request.window = Window { row: 40, col: 7, rows: 333, cols: 257 };
            request.tile_px = Some(tile);
            let plan = plan_tiles(&request).unwrap();
            let mut seen = ndarray::Array2::<u8>::zeros((333, 257));
            for id in 0..plan.tiles {
                let (tile, at) = (plan.tile(id), plan.output_window(id));
                assert_eq!((tile.row - at.row, tile.col - at.col), (40, 7));
                for row in at.row..at.row_end() {
                    for col in at.col..at.col_end() {
                        seen[(row as usize, col as usize)] += 1;
                    }
                }
            }
            assert!(seen.iter().all(|&n| n == 1));
        }
    }

    #[test]
    fn the_estimate_stays_within_the_budget() {
        for (budget_mib, radius) in [(200, 100), (512, 100), (1024, 1600), (8192, 5000)] {
            let plan = plan_tiles(&request(60_834, 46_667, radius, budget_mib << 20)).unwrap();
            assert!(plan.estimated_peak_bytes <= plan.budget_bytes, "{plan:?}");
        }
    }

    #[test]
    fn larger_tiles_come_with_larger_budgets_and_fit_the_output_blocks() {
        let side = |mib: u64| plan_tiles(&request(60_834, 46_667, 100, mib << 20)).unwrap().tile_px;
        assert_eq!(side(1024), [2048, 2048]);
        assert!(side(160)[0] < 2048 && side(160)[0] % 512 == 0, "{:?}", side(160));
    }

    #[test]
    fn completing_the_output_counts_too() {
        let with_copy = PlanRequest { finish_bytes: 1 << 30, ..request(5000, 5000, 10, 1 << 30) };
        let error = plan_tiles(&with_copy).unwrap_err();
        assert!(
            matches!(error, PlanError::BudgetTooSmall { least_bytes, .. } if least_bytes > 1 << 30)
        );
        let plan = plan_tiles(&PlanRequest { budget_bytes: 2 << 30, ..with_copy }).unwrap();
        assert!(plan.estimated_peak_bytes > 1 << 30);
    }

    #[test]
    fn too_small_a_budget_names_one_that_works() {
        let small = request(60_834, 46_667, 2000, 150 << 20);
        let error = plan_tiles(&small).unwrap_err();
        let PlanError::BudgetTooSmall { least_bytes, .. } = error else { panic!("{error}") };
        let plan = plan_tiles(&PlanRequest { budget_bytes: least_bytes, ..small }).unwrap();
        assert!(plan.estimated_peak_bytes <= least_bytes);
    }

    /// The peak of a plan with tiles of 512 x 256 cells, before the reserve is added.
    fn peak(request: &PlanRequest) -> u64 {
        (peak_bytes(request, 512, 256, LEAST_CACHE_BYTES) as f64 / (1.0 + SLACK)).round() as u64
    }

    #[test]
    fn every_term_counts_as_often_as_it_is_held() {
        const MIB: u64 = 1 << 20;
        let before = request(5000, 5000, 100, 1 << 30);
        let grows = |change: &dyn Fn(&mut PlanRequest)| {
            let mut after = before.clone();
            change(&mut after);
            peak(&after) - peak(&before)
        };
        // Two tiles of heights in flight: their rows and columns, and the halo on both sides.
        let heights = 2 * 4 * (512 + 200) * (256 + 200);
        let near = |a: u64, b: u64| assert!(a.abs_diff(b) <= 1, "{a} for {b}");
        near(grows(&|r| r.layers = 2), heights);
        near(grows(&|r| r.halo.rows_px = 101), 2 * 4 * 2 * (256 + 200));
        near(grows(&|r| r.halo.cols_px = 101), 2 * 4 * 2 * (512 + 200));
        // Two tiles of results in flight.
        near(grows(&|r| r.bands = 4), 3 * 2 * 4 * 512 * 256);
        // Every thread has its own scratch.
        near(grows(&|r| r.scratch_bytes[0].1 += MIB), 2 * MIB);
        near(grows(&|r| r.far_bytes += MIB), MIB);
        near(grows(&|r| r.threads = 5), 3 * MIB);
        near(grows(&|r| r.codec_bytes += MIB), MIB);
        near(grows(&|r| r.input_bytes += MIB), MIB);
        near(grows(&|r| r.closed_bytes += MIB), 0);
        near(grows(&|r| r.base_bytes += MIB), MIB);
        near(peak_bytes(&before, 512, 256, 2 * LEAST_CACHE_BYTES), {
            let more = LEAST_CACHE_BYTES as f64 * (1.0 + SLACK);
            peak_bytes(&before, 512, 256, LEAST_CACHE_BYTES) + more as u64
        });
        // The output is completed after the tiles are freed, so the larger of the two counts.
        assert_eq!(grows(&|r| r.finish_bytes = MIB), 0);
        near(grows(&|r| r.finish_bytes = 1 << 30), (1 << 30) - (peak(&before) - 116 * MIB));
    }

    #[test]
    fn the_cache_holds_what_rows_of_tiles_share_if_the_budget_allows() {
        const MIB: u64 = 1 << 20;
        // A row of 64 blocks of 1 MiB.
        let raster_px = [60_000, 64 * 512];
        let wide = PlanRequest {
            inputs: vec![blocks([512; 2], raster_px)],
            tile_px: Some((512, 512)),
            ..request(raster_px[0], raster_px[1], 88, 4 << 30)
        };
        let shared = 2 * (88 + 512) * 4 * raster_px[1];
        assert_eq!(plan_tiles(&wide).unwrap().cache_bytes, shared);
        // Nine tenths of the rest, and never less than the minimum.
        let tight = PlanRequest { budget_bytes: 200 * MIB, ..wide.clone() };
        let plan = plan_tiles(&tight).unwrap();
        assert_eq!(
            plan.cache_bytes,
            LEAST_CACHE_BYTES + ((200 * MIB - plan.least_bytes) as f64 * 0.9) as u64
        );
        // Tiles that are not whole blocks: blocks of the output also wait for the next row.
        let cut = PlanRequest { tile_px: Some((500, 500)), ..wide };
        let waiting = (500 + 2 * BLOCK_PX) * 4 * raster_px[1];
        assert_eq!(plan_tiles(&cut).unwrap().cache_bytes, shared + waiting);
    }

    #[test]
    fn the_only_block_is_encoded_after_the_tiles_are_freed() {
        const MIB: u64 = 1 << 20;
        let several = PlanRequest {
            output_block_px: [1000; 2],
            output_block_bytes: 4 * 1000 * 1000,
            scratch_bytes: vec![(64, 20 * MIB)],
            codec_bytes: 10 * MIB,
            ..request(2000, 1000, 10, 1 << 30)
        };
        let one = PlanRequest {
            window: Window::whole(1000, 1000),
            output_row_bytes: 4000,
            ..several.clone()
        };
        let more = |request: &PlanRequest, cache: u64| {
            let with = |codec_bytes: u64| {
                let request = PlanRequest { codec_bytes, ..request.clone() };
                peak_bytes(&request, 512, 512, cache)
            };
            with(10 * MIB) - with(0)
        };
        let counted = (10.0 * MIB as f64 * (1.0 + SLACK)) as u64;
        // It stays in the cache beside up to 16 blocks of 256 rows and columns of the input, and the
        // results of a tile, both twice.
        let stays = 4000 * 1000 + 2 * (16 * 256 * 256 * 4 + 512 * 512 * 4);
        assert_eq!(more(&one, stays), 0);
        assert!(more(&one, stays - 1).abs_diff(counted) <= 1);
        assert!(more(&several, 2 * stays).abs_diff(counted) <= 1);
        // A block is in the cache as a whole, also beyond the edge of the raster.
        let beyond = PlanRequest { output_block_px: [2000; 2], ..one.clone() };
        assert_eq!(block_of_bands(&beyond), 4 * 2000 * 2000);
        // The tile is written with the results in memory.
        let whole = PlanRequest { tile_px: Some((1000, 1000)), ..one.clone() };
        assert!(!encodes_last(&whole, (1000, 1000), 1 << 30));
        // Then it counts, with the block itself, which fits into the smallest cache. What was held of the
        // inputs is free, except what libraries keep.
        let (input_bytes, closed_bytes) = (50 * MIB, 7 * MIB);
        let large = PlanRequest { codec_bytes: 500 * MIB, input_bytes, closed_bytes, ..one };
        let last = large.base_bytes + LEAST_CACHE_BYTES + 507 * MIB;
        assert_eq!(peak_bytes(&large, 512, 512, stays), (last as f64 * (1.0 + SLACK)) as u64);
    }

    #[test]
    fn a_block_is_in_the_cache_and_a_single_tile_is_held_once() {
        const MIB: u64 = 1 << 20;
        let before = request(5000, 5000, 10, 1 << 30);
        let large = PlanRequest { output_block_bytes: 144 * MIB, ..before.clone() };
        assert_eq!(plan_tiles(&large).unwrap().cache_bytes, 144 * MIB);
        // A strip of the whole raster, and the results of a tile of half of it.
        let strip = blocks([5000; 2], [5000; 2]);
        let large = PlanRequest { inputs: vec![strip], tile_px: Some((2500, 5000)), ..before };
        assert_eq!(kept_bytes(&large, (2500, 5000)), 4 * 5000 * 5000 + 4 * 2500 * 5000);
        assert_eq!(least_cache_bytes(&large, (2500, 5000)), 4 * 5000 * 5000);
        // Rows of large blocks wait for their last tile, unless tiles consist of whole blocks.
        let large = PlanRequest { output_block_px: [2048; 2], ..request(5000, 5000, 10, 1 << 30) };
        // Three blocks of 2048 columns are 6144 columns, although the raster has 5000.
        let rows = |blocks: u64| blocks * 2048 * 4 * 6144;
        // Up to four blocks of 256 rows and columns of the input, and the results of a tile.
        let of_tile = |side: u64| 4 * 1024 * 1024 + 4 * side * side;
        assert_eq!(least_cache_bytes(&large, (512, 512)), rows(1) + 2 * of_tile(512));
        assert_eq!(least_cache_bytes(&large, (600, 600)), rows(2) + 2 * of_tile(600));
        assert_eq!(least_cache_bytes(&large, (4096, 4096)), LEAST_CACHE_BYTES);
        assert_eq!(least_cache_bytes(&large, (4096, 1000)), rows(2) + LEAST_CACHE_BYTES);
        assert_eq!(least_cache_bytes(&large, (4100, 1000)), rows(3) + LEAST_CACHE_BYTES);
        let whole = PlanRequest { tile_px: Some((6000, 6000)), ..request(5000, 5000, 10, 1 << 30) };
        assert_eq!(tile_bytes(&whole, 5000, 5000), (4 * 5020 * 5020, 4 * 5000 * 5000));
        assert_eq!(tile_bytes(&whole, 5000, 2500), (8 * 5020 * 2520, 8 * 5000 * 2500));
    }

    /// With rows as blocks, a raster is decoded once for each row of tiles, not once for each tile.
    #[test]
    fn rows_of_a_wide_raster_stay_in_the_cache() {
        let [rows, cols] = [60_000, 40_000];
        for block_rows in [1, 100] {
            let wide = |mib: u64| PlanRequest {
                inputs: vec![blocks([block_rows, cols], [rows, cols])],
                ..request(rows, cols, 100, mib << 20)
            };
            for mib in [240, 400, 1024, 4096] {
                let plan = plan_tiles(&wide(mib)).unwrap();
                let read_rows = plan.tile_px[0] + 200;
                assert!(plan.cache_bytes >= read_rows * 4 * cols, "{mib} MiB: {plan:?}");
                assert!(plan.estimated_peak_bytes <= mib << 20, "{mib} MiB: {plan:?}");
            }
            // More memory, larger tiles.
            assert!(plan_tiles(&wide(1024)).unwrap().tile_px[0] >= 1024);
            // Where not even the rows of the smallest tile fit, each tile decodes its own.
            let plan = plan_tiles(&wide(160)).unwrap();
            assert!(plan.cache_bytes < 64 << 20 && plan.tile_px[0] >= 512, "{plan:?}");
        }
    }

    /// A refusal does not name a limit with which a run would decode large blocks for every tile.
    #[test]
    fn large_blocks_of_several_layers_stay_in_the_cache_together() {
        let strip = blocks([2400; 2], [2400; 2]);
        let before = PlanRequest {
            layers: 3,
            inputs: vec![blocks([256; 2], [2400; 2]), strip, strip],
            ..request(2400, 2400, 4, 100 << 20)
        };
        let Err(PlanError::BudgetTooSmall { least_bytes, .. }) = plan_tiles(&before) else {
            panic!("100 MiB are enough")
        };
        let plan = plan_tiles(&PlanRequest { budget_bytes: least_bytes, ..before }).unwrap();
        let both_stay = plan.cache_bytes > 2 * 4 * 2400 * 2400;
        assert!(both_stay || plan.tiles <= 25, "{plan:?}");
    }

    #[test]
    fn tiles_suit_the_blocks_of_the_output() {
        const MIB: u64 = 1 << 20;
        let with = |side: u64, bands: usize, output_block_px: [u64; 2], budget_mib: u64| {
            let block = 4 * output_block_px[0] * output_block_px[1];
            PlanRequest {
                bands,
                output_block_px,
                output_row_bytes: 4 * bands as u64 * side,
                output_block_bytes: block,
                ..request(side, side, 4, budget_mib * MIB)
            }
        };
        // The plan with the least memory that is named.
        let least = |request: &PlanRequest| {
            let small = PlanRequest { budget_bytes: 100 * MIB, ..request.clone() };
            let Err(PlanError::BudgetTooSmall { least_bytes, .. }) = plan_tiles(&small) else {
                panic!("100 MiB are enough")
            };
            (plan_tiles(&PlanRequest { budget_bytes: least_bytes, ..small }).unwrap(), least_bytes)
        };
        // Six bands of four blocks: one tile of all takes less than a row of blocks that wait.
        let (plan, bytes) = least(&with(2400, 6, [2048; 2], 0));
        assert_eq!((plan.tile_px, plan.tiles), ([2400, 2400], 1));
        let held = 4 * 2408 * 2408 + 6 * 4 * 2400 * 2400 + (100 + 2 + 8 + 16) * MIB;
        assert_eq!(bytes, ((held as f64 * 1.04) as u64 + START_BYTES).next_multiple_of(MIB));
        // Many blocks: tiles are blocks.
        for (block, tile) in [([2048, 2048], [2048, 2048]), ([512, 4096], [512, 4096])] {
            let (plan, _) = least(&with(60_000, 1, block, 0));
            assert_eq!(plan.tile_px, tile, "{block:?}");
        }
        // With more memory too, tiles are at least a fourth of a block.
        for mib in (200..2000).step_by(50) {
            for side in [1024, 2048, 3000, 4096, 9000] {
                if let Ok(plan) = plan_tiles(&with(20_000, 2, [side; 2], mib)) {
                    let [rows, cols] = plan.tile_px;
                    assert!(4 * rows.min(cols) >= side.min(4096), "{mib} MiB, {side}: {plan:?}");
                }
            }
        }
        // Smaller tiles than blocks allow are not made, even if they are wanted.
        let small = PlanRequest { largest_px: 64, ..with(20_000, 1, [2048; 2], 4000) };
        assert!(plan_tiles(&small).unwrap().tile_px[0] >= 512);
        // Rows of blocks that a row of tiles overlaps.
        for (tile, block, overlapped) in [
            (64, 512, 1),
            (512, 512, 1),
            (1024, 512, 2),
            (100, 512, 2),
            (513, 512, 2),
            (514, 512, 3),
            (5, 1, 5),
        ] {
            assert_eq!(overlapped_blocks(tile, block), overlapped, "{tile} {block}");
            let most = (0..block)
                .map(|row| (row + tile - 1) / block + 1)
                .filter(|_| !tile.is_multiple_of(block) && !block.is_multiple_of(tile))
                .max();
            assert!(most.is_none_or(|most| most == overlapped), "{tile} {block}: {most:?}");
        }
    }

    #[test]
    fn a_refusal_names_what_needs_most() {
        const GIB: u64 = 1 << 30;
        let cause = |change: &dyn Fn(&mut PlanRequest)| {
            let mut request = request(60_000, 60_000, 100, 150 << 20);
            change(&mut request);
            match plan_tiles(&request) {
                Err(PlanError::BudgetTooSmall { cause, .. }) => cause,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(cause(&|r| r.halo = Halo { rows_px: 9000, cols_px: 9000 }), Cause::Radius);
        assert_eq!(cause(&|r| r.tile_px = Some((9000, 9000))), Cause::TileSize);
        assert_eq!(cause(&|r| r.inputs[0].block_bytes = GIB), Cause::InputBlocks);
        assert_eq!(cause(&|r| r.input_bytes = GIB), Cause::InputBlocks);
        assert_eq!(cause(&|r| r.output_block_bytes = GIB), Cause::OutputBlocks);
        assert_eq!(cause(&|r| r.codec_bytes = GIB), Cause::OutputBlocks);
        assert_eq!(cause(&|r| r.finish_bytes = GIB), Cause::Copy);
        assert_eq!(cause(&|r| r.budget_bytes = 20 << 20), Cause::Program);
        let many = |r: &mut PlanRequest| (r.tile_px, r.entry_bytes) = (Some((9, 9)), 600);
        assert_eq!(cause(&many), Cause::Tiles);
    }

    #[test]
    fn a_tile_without_cells_is_refused() {
        for tile in [(0, 5), (5, 0)] {
            let empty = PlanRequest { tile_px: Some(tile), ..request(10, 10, 1, 1 << 30) };
            assert_eq!(plan_tiles(&empty), Err(PlanError::EmptyTile));
        }
    }
}
