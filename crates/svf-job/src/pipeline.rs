//! Reader thread -> kernel on all cores -> writer thread.
//!
//! Two buffers of heights and two of results are passed round in a circle: the reader fills one
//! while the kernel works on the other, and the writer does the same with results. Nothing else
//! grows. Reader and writer are separate threads, so they never block the pool of the kernel. The
//! calling thread reports progress, watches the cancel flag and is the only one that calls back.
//! The first error stops all threads.

use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use ndarray::{ArrayView3, ArrayViewMut2, ArrayViewMut3, Axis, s};
use rayon::ThreadPool;
use svf_kernel::tile::{Clip, Window, clip_to_raster};
use svf_kernel::{Kernel, Scratch, Tile};

use crate::cancel::CancelToken;
use crate::check::{self, Check, Deviation};
use crate::encode::{Encoding, Statistics, encode};
use crate::plan::Plan;
use crate::shared_out::Threads;

/// Where heights come from.
pub trait TileSource: Send {
    /// Why a read failed.
    type Error: Send;

    /// Rows and columns of the whole raster.
    fn shape(&self) -> (u64, u64);

    /// Fills the layers of a tile with its halo, or of the part of it that is looked at, shape (layers, rows,
    /// columns): heights, then canopy and trunks if the kernel needs them, then, if it chooses, which cells are wanted
    /// receivers: 0 if they are not. `clip.source` is read to row `clip.row`, column `clip.col`.
    /// What is missing or outside of the raster becomes NaN in the heights, 0 in the other layers.
    ///
    /// # Errors
    /// Why the window could not be read.
    fn read(&mut self, clip: &Clip, tile: ArrayViewMut3<'_, f32>) -> Result<(), Self::Error>;

    /// Fills the heights of a window of the raster. What is missing becomes NaN.
    ///
    /// # Errors
    /// Why the window could not be read.
    fn read_heights(
        &mut self,
        window: &Window,
        heights: ArrayViewMut2<'_, f32>,
    ) -> Result<(), Self::Error>;

    /// Whether [`TileSource::read_heights`] has left out heights that could not be read. Such a source refuses the
    /// tiles that see them.
    fn lacks_heights(&self) -> bool {
        false
    }

    /// Asked when a tile could not be read: `Ok` skips this tile, an error ends the run.
    ///
    /// # Errors
    /// Why the run must end; by default, the error of the read.
    fn skip(&mut self, _tile: u64, error: Self::Error) -> Result<(), Self::Error> {
        Err(error)
    }
}

/// A tile that was computed.
#[derive(Clone, Copy)]
pub struct TileResult<'a> {
    /// Its number.
    pub id: u64,
    /// Its place in the output.
    pub window: Window,
    /// Its cells as stored, shape (bands, rows, columns).
    pub cells: ArrayView3<'a, f32>,
    /// Statistics per band, in values.
    pub bands: &'a [Statistics],
    /// Smallest and largest height of its wanted receivers.
    pub heights: Option<(f32, f32)>,
    /// Number of wanted receivers, if the kernel chooses.
    pub receivers: Option<u64>,
}

/// Where results go.
pub trait TileSink: Send {
    /// Why a write failed.
    type Error: Send;

    /// Takes a tile.
    ///
    /// # Errors
    /// Why it could not be written.
    fn write(&mut self, tile: &TileResult<'_>) -> Result<(), Self::Error>;
}

/// How far a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Progress {
    /// Tiles that were written, found to be already done, or skipped.
    pub tiles_done: u64,
    /// Their cells, and the cells already computed of the next tiles.
    pub cells_done: u64,
    /// A tile whose state changed.
    pub tile: Option<(u64, TileNews)>,
    /// Whether other processes compute all remaining tiles.
    pub is_waiting: bool,
}

/// The new state of a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TileNews {
    /// It was computed and written.
    Written,
    /// It was already done.
    Found,
    /// It could not be read.
    Skipped,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Compute this tile.
    Tile(u64),
    /// Nothing for this tile: it is done.
    Found(u64),
    /// Ask again soon: other processes compute the remaining tiles.
    Wait,
    /// Nothing is left.
    End,
}

/// Which tiles are computed, and in which order.
pub trait TileQueue: Send {
    /// Asked just before a tile is read.
    fn next_tile(&mut self) -> Next;
}

/// All tiles up to a number.
impl TileQueue for std::ops::Range<u64> {
    fn next_tile(&mut self) -> Next {
        self.next().map_or(Next::End, Next::Tile)
    }
}

/// The results of a run.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Statistics per band, in values.
    pub bands: Vec<Statistics>,
    /// Smallest and largest height of the wanted receivers.
    pub heights: Option<(f32, f32)>,
    /// Number of wanted receivers, if the kernel chooses.
    pub receivers: Option<u64>,
    /// How much the bands deviate from those that they were compared with; empty if they were not.
    pub deviations: Vec<Deviation>,
    /// Seconds during which the reader, the kernel and the writer worked.
    pub busy_s: [f64; 3],
}

/// Why a run did not complete.
#[derive(Debug)]
pub enum Stopped<E> {
    /// It was cancelled.
    Cancelled,
    /// A tile could not be read or written.
    Failed(E),
}

/// Longest time between two checks of the cancel flag, and between two reports.
const TICK: Duration = Duration::from_millis(50);

/// What to compute, and with what.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// The tiling.
    pub plan: &'a Plan,
    /// What is computed on each.
    pub kernel: &'a Kernel,
    /// How each band of the results is stored.
    pub encodings: &'a [Encoding],
    /// What the results are compared with.
    pub check: Option<&'a Check>,
    /// Threads of the kernel.
    pub pool: &'a ThreadPool,
    /// Stops the run.
    pub cancel: &'a CancelToken,
}

impl Job<'_> {
    /// Rows and columns of a tile, with its halo, that are looked at.
    fn looked_at(&self, core: &Window) -> (Range<usize>, Range<usize>) {
        match self.check {
            None => self.kernel.looked_at(core),
            // The reference looks at everything.
            Some(_) => {
                let (_, rows, cols) = padded_shape(self.kernel, core);
                (0..rows, 0..cols)
            }
        }
    }
}

/// What all stages share.
struct Stage<'a> {
    job: Job<'a>,
    stop: AtomicBool,
    is_waiting: AtomicBool,
    cells_done: AtomicU64,
}

impl Stage<'_> {
    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.job.cancel.is_cancelled()
    }
}

/// The heights of a tile between two threads, with its number.
type Heights = (u64, Vec<f32>);
/// The results of a tile between two threads.
type Results = (u64, Vec<f32>, BlockSummary);
type News = (u64, TileNews);

/// Computes tiles and passes them to `sink`, in the order of `queue`.
///
/// # Errors
/// The first failure of source or sink, or a cancel.
pub fn run<E: Send>(
    job: Job<'_>,
    queue: &mut dyn TileQueue,
    source: &mut dyn TileSource<Error = E>,
    sink: &mut dyn TileSink<Error = E>,
    report: &mut dyn FnMut(Progress),
) -> Result<Summary, Stopped<E>> {
    let stage = Stage {
        job,
        stop: AtomicBool::new(false),
        is_waiting: AtomicBool::new(false),
        cells_done: AtomicU64::new(0),
    };
    let stage = &stage;
    // The sink can get the error of a failed read first, as if it were its own: the error of the
    // source has priority.
    let failures = (Mutex::new(None), Mutex::new(None));
    let (source_failure, sink_failure) = (&failures.0, &failures.1);
    let fail = |failure: &Mutex<Option<E>>, error: E| {
        if let Ok(mut first) = failure.lock() {
            first.get_or_insert(error);
        }
        stage.stop.store(true, Ordering::SeqCst);
    };
    let summary = thread::scope(|scope| {
        // Full buffers go forward, empty buffers come back; with capacity 1 the return never
        // blocks.
        let (heights_tx, heights_rx) = sync_channel::<Heights>(0);
        let (heights_back_tx, heights_back_rx) = sync_channel::<Vec<f32>>(2);
        let (cells_tx, cells_rx) = sync_channel::<Results>(0);
        let (cells_back_tx, cells_back_rx) = sync_channel::<Vec<f32>>(2);
        let (news_tx, news_rx) = sync_channel::<News>(16);
        let found_tx = news_tx.clone();
        for _ in 0..2 {
            let _ = heights_back_tx.send(Vec::new());
            let _ = cells_back_tx.send(Vec::new());
        }
        let reader = scope.spawn(move || {
            let buffers = (heights_back_rx, heights_tx);
            read_all(stage, queue, source, buffers, &found_tx).unwrap_or_else(|(error, busy)| {
                fail(source_failure, error);
                busy
            })
        });
        let computer = scope.spawn(move || {
            compute_all(stage, &heights_rx, &heights_back_tx, &cells_back_rx, &cells_tx)
        });
        let writer = scope.spawn(move || {
            write_all(stage, sink, &cells_rx, &cells_back_tx, &news_tx).unwrap_or_else(
                |(error, busy)| {
                    fail(sink_failure, error);
                    busy
                },
            )
        });
        watch(stage, &news_rx, report);
        let (all, compute_s) = computer.join().unwrap_or_else(|p| resume_unwind(p));
        let read_s = reader.join().unwrap_or_else(|p| resume_unwind(p));
        let write_s = writer.join().unwrap_or_else(|p| resume_unwind(p));
        let busy_s = [read_s, compute_s, write_s];
        let (heights, receivers) = (all.known_heights(), all.receivers_of(job.kernel));
        let (bands, deviations) = (all.bands, all.deviations);
        Summary { bands, heights, receivers, deviations, busy_s }
    });
    let taken = |failure: Mutex<Option<E>>| failure.into_inner().unwrap_or_default();
    if let Some(error) = taken(failures.0).or(taken(failures.1)) {
        return Err(Stopped::Failed(error));
    }
    if job.cancel.is_cancelled() {
        return Err(Stopped::Cancelled);
    }
    Ok(summary)
}

/// Reports until the writer is done.
fn watch(stage: &Stage<'_>, news: &Receiver<News>, report: &mut dyn FnMut(Progress)) {
    let mut progress = Progress::default();
    loop {
        progress.tile = match news.recv_timeout(TICK) {
            Ok(tile) => {
                progress.tiles_done += 1;
                Some(tile)
            }
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        progress.cells_done = stage.cells_done.load(Ordering::Relaxed);
        progress.is_waiting = stage.is_waiting.load(Ordering::Relaxed);
        report(progress);
    }
}

fn read_all<E: Send>(
    stage: &Stage<'_>,
    queue: &mut dyn TileQueue,
    source: &mut dyn TileSource<Error = E>,
    (empty, full): (Receiver<Vec<f32>>, SyncSender<Heights>),
    news: &SyncSender<News>,
) -> Result<f64, (E, f64)> {
    let mut busy = 0.0;
    let (rows, cols) = source.shape();
    // A free buffer: a tile is only requested when there is room for it.
    let mut spare = None;
    while let Some(mut buffer) = spare.take().or_else(|| empty.recv().ok()) {
        if stage.stopped() {
            break;
        }
        let next = queue.next_tile();
        stage.is_waiting.store(next == Next::Wait, Ordering::Relaxed);
        let id = match next {
            Next::Tile(id) => id,
            Next::Found(id) => {
                stage.cells_done.fetch_add(stage.job.plan.tile(id).cells(), Ordering::Relaxed);
                let _ = news.send((id, TileNews::Found));
                spare = Some(buffer);
                continue;
            }
            Next::Wait => {
                thread::sleep(TICK);
                spare = Some(buffer);
                continue;
            }
            Next::End => break,
        };
        let core = stage.job.plan.tile(id);
        let shape = padded_shape(stage.job.kernel, &core);
        resize(&mut buffer, shape.0 * shape.1 * shape.2);
        let mut clip = clip_to_raster(&core, stage.job.kernel.halo(), rows, cols);
        // What is not looked at is not written either.
        let (of_rows, of_cols) = stage.job.looked_at(&core);
        (clip.row, clip.col) = (clip.row - of_rows.start, clip.col - of_cols.start);
        let started = Instant::now();
        let tile = view3(&mut buffer, shape).slice_move(s![.., of_rows, of_cols]);
        let read = source.read(&clip, tile);
        busy += started.elapsed().as_secs_f64();
        if let Err(error) = read {
            source.skip(id, error).map_err(|error| (error, busy))?;
            stage.cells_done.fetch_add(core.cells(), Ordering::Relaxed);
            let _ = news.send((id, TileNews::Skipped));
            spare = Some(buffer);
            continue;
        }
        if full.send((id, buffer)).is_err() {
            break;
        }
    }
    Ok(busy)
}

/// What is known about the wanted receivers of a block.
#[derive(Clone)]
struct BlockSummary {
    /// Statistics per band.
    bands: Vec<Statistics>,
    /// Range of the heights.
    heights: (f32, f32),
    /// Number of them.
    receivers: u64,
    /// Deviations per band, if there is a check.
    deviations: Vec<Deviation>,
}

impl BlockSummary {
    fn nothing(job: &Job<'_>) -> Self {
        Self {
            bands: vec![Statistics::default(); job.kernel.bands()],
            heights: (f32::INFINITY, f32::NEG_INFINITY),
            receivers: 0,
            deviations: job.check.map_or_else(Vec::new, Check::nothing),
        }
    }

    fn merge(self, other: Self) -> Self {
        let (a, b) = (self.heights, other.heights);
        let deviations = self.deviations.into_iter().zip(other.deviations);
        Self {
            bands: self.bands.into_iter().zip(other.bands).map(|(a, b)| a.merge(b)).collect(),
            deviations: deviations.map(|(a, b)| a.merge(b)).collect(),
            heights: (a.0.min(b.0), a.1.max(b.1)),
            receivers: self.receivers + other.receivers,
        }
    }

    /// The range of the heights, if it is not empty.
    fn known_heights(&self) -> Option<(f32, f32)> {
        (self.heights.0 <= self.heights.1).then_some(self.heights)
    }

    /// The number of receivers, if it is not that of all cells.
    fn receivers_of(&self, kernel: &Kernel) -> Option<u64> {
        kernel.chooses().then_some(self.receivers)
    }
}

fn compute_all(
    stage: &Stage<'_>,
    full: &Receiver<Heights>,
    empty: &SyncSender<Vec<f32>>,
    empty_cells: &Receiver<Vec<f32>>,
    full_cells: &SyncSender<Results>,
) -> (BlockSummary, f64) {
    let mut busy = 0.0;
    let nothing = || BlockSummary::nothing(&stage.job);
    let mut total = nothing();
    let threads = Threads::of(stage.job.pool);
    while let Ok((id, mut heights)) = full.recv() {
        let Ok(mut cells) = empty_cells.recv() else {
            break;
        };
        let core = stage.job.plan.tile(id);
        let shape = (stage.job.kernel.bands(), core.rows as usize, core.cols as usize);
        resize(&mut cells, shape.0 * shape.1 * shape.2);
        let started = Instant::now();
        let padded = padded_shape(stage.job.kernel, &core);
        let tile = view3(&mut heights, padded);
        let (of_rows, of_cols) = stage.job.looked_at(&core);
        let largest = stage.job.kernel.largest(tile.slice(s![0, of_rows, of_cols]));
        let mut out = view3(&mut cells, shape);
        let blocks = blocks(&stage.job, out.view_mut()).into_iter();
        let summaries = threads.share(blocks, nothing, |summary, (at, block), kept| {
            summary.merge(compute_block(stage, core, (tile.view(), largest), at, block, kept))
        });
        let tile_summary = summaries.into_iter().fold(nothing(), BlockSummary::merge);
        total = total.merge(tile_summary.clone());
        busy += started.elapsed().as_secs_f64();
        let _ = empty.send(heights);
        if stage.stopped() || full_cells.send((id, cells, tile_summary)).is_err() {
            break;
        }
    }
    (total, busy)
}

/// Rows and columns of the largest block of a tile of so many rows and columns that is divided among
/// threads.
pub fn largest_block(
    kernel: &Kernel,
    threads: usize,
    (all_rows, all_cols): (usize, usize),
) -> (usize, usize) {
    let (rows, cols) = block_px(kernel, threads, (all_rows, all_cols));
    (rows.min(all_rows), (cols + NARROW_PX).min(all_cols))
}

/// Rows and columns of the next blocks of the rest of a tile: what the kernel recommends, or
/// less, so that its threads end at about the same time.
fn block_px(
    kernel: &Kernel,
    threads: usize,
    (all_rows, all_cols): (usize, usize),
) -> (usize, usize) {
    const LEAST_PX: usize = 128;
    let (mut rows, mut cols) = kernel.block_px();
    let least = threads * kernel.blocks_per_thread(threads);
    let blocks = |rows, cols| all_rows.div_ceil(rows) * all_cols.div_ceil(cols);
    while blocks(rows, cols) < least {
        if cols >= 2 * LEAST_PX && cols >= rows {
            cols /= 2;
        } else if rows >= 2 * LEAST_PX {
            rows /= 2;
        } else {
            break;
        }
    }
    (rows, cols)
}

/// Blocks of fewer columns are narrow.
const NARROW_PX: usize = 64;

/// A block of a tile's results, with its first row and column in the tile.
type Block<'a> = ((usize, usize), ArrayViewMut3<'a, f32>);

/// Divides the results of a tile into blocks, in the order in which they are computed. Blocks
/// become smaller towards the end. At the right edge some have a few more columns, because narrow
/// blocks are slow.
fn blocks<'a>(job: &Job<'_>, mut out: ArrayViewMut3<'a, f32>) -> Vec<Block<'a>> {
    let (_, all_rows, all_cols) = out.dim();
    let mut blocks = Vec::new();
    let mut row = 0;
    while row < all_rows {
        let threads = job.pool.current_num_threads();
        let (rows, cols) = block_px(job.kernel, threads, (all_rows - row, all_cols));
        let (mut band, below) = out.split_at(Axis(1), rows.min(all_rows - row));
        out = below;
        let mut col = 0;
        while col < all_cols {
            let left = all_cols - col;
            let (block, right) =
                band.split_at(Axis(2), if left < cols + NARROW_PX { left } else { cols });
            blocks.push(((row, col), block));
            col += left - right.len_of(Axis(2));
            band = right;
        }
        row += rows;
    }
    blocks
}

/// Computes and encodes a block of the tile `core`.
fn compute_block(
    stage: &Stage<'_>,
    core: Window,
    (tile, largest): (ArrayView3<'_, f32>, Option<f32>),
    (row, col): (usize, usize),
    mut block: ArrayViewMut3<'_, f32>,
    kept: &mut Scratch,
) -> BlockSummary {
    let Job { kernel, encodings, .. } = stage.job;
    let halo = kernel.halo();
    let (_, rows, cols) = block.dim();
    let mut summary = BlockSummary::nothing(&stage.job);
    let padded =
        tile.slice(s![.., row..row + rows + 2 * halo.rows_px, col..col + cols + 2 * halo.cols_px]);
    let layer = |i: usize| padded.index_axis_move(Axis(0), i);
    let receivers = s![halo.rows_px..halo.rows_px + rows, halo.cols_px..halo.cols_px + cols];
    let wanted = kernel
        .chooses()
        .then(|| layer(kernel.layers()).slice_move(receivers).mapv(|wanted| wanted != 0.0));
    let part = Tile {
        heights: layer(0),
        canopy: kernel.uses_canopy().then(|| layer(1)),
        trunk: kernel.has_trunks().then(|| layer(2)),
        wanted: wanted.as_ref().map(|wanted| wanted.view()),
        row: core.row + row as u64,
        col: core.col + col as u64,
        largest,
    };
    let stop = || stage.stopped();
    kernel.compute_with(part, block.view_mut(), kept, &stop);
    if let Some(check) = stage.job.check {
        let (heights, values, at) = (part.heights, block.view(), (part.row, part.col));
        let block = check::Block { heights, halo, values, at, largest };
        summary.deviations = check.compare(block, &stop);
    }
    if stage.stopped() {
        return summary;
    }
    stage.cells_done.fetch_add((rows * cols) as u64, Ordering::Relaxed);
    let heights = layer(0).slice_move(receivers);
    let (low, high) = summary.heights;
    let widened = |(low, high): (f32, f32), z: &f32| (low.min(*z), high.max(*z));
    summary.heights = match &wanted {
        None => heights.iter().fold((low, high), widened),
        Some(wanted) => {
            let of_wanted = heights.iter().zip(wanted).filter(|(_, wanted)| **wanted);
            of_wanted.map(|(z, _)| z).fold((low, high), widened)
        }
    };
    let all = (rows * cols) as u64;
    summary.receivers =
        wanted.map_or(all, |wanted| wanted.iter().filter(|wanted| **wanted).count() as u64);
    summary.bands = block
        .outer_iter_mut()
        .zip(encodings)
        .map(|(band, encoding)| encode(band, encoding))
        .collect();
    summary
}

fn write_all<E: Send>(
    stage: &Stage<'_>,
    sink: &mut dyn TileSink<Error = E>,
    full: &Receiver<Results>,
    empty: &SyncSender<Vec<f32>>,
    news: &SyncSender<News>,
) -> Result<f64, (E, f64)> {
    let mut busy = 0.0;
    while let Ok((id, mut cells, summary)) = full.recv() {
        if stage.stopped() {
            break;
        }
        let window = stage.job.plan.output_window(id);
        let shape = (stage.job.kernel.bands(), window.rows as usize, window.cols as usize);
        let started = Instant::now();
        let view = view3(&mut cells, shape);
        let tile = TileResult {
            id,
            window,
            cells: view.view(),
            bands: &summary.bands,
            heights: summary.known_heights(),
            receivers: summary.receivers_of(stage.job.kernel),
        };
        let result = sink.write(&tile);
        busy += started.elapsed().as_secs_f64();
        result.map_err(|error| (error, busy))?;
        let _ = empty.send(cells);
        let _ = news.send((id, TileNews::Written));
    }
    Ok(busy)
}

/// Layers, rows and columns of a tile with its halo.
fn padded_shape(kernel: &Kernel, core: &Window) -> (usize, usize, usize) {
    let (rows, cols) = kernel.halo().padded(core.rows as usize, core.cols as usize);
    (layers_of(kernel), rows, cols)
}

/// Layers of a tile of a source: heights, vegetation if it is used, and which receivers are wanted
/// if the kernel chooses.
pub fn layers_of(kernel: &Kernel) -> usize {
    kernel.layers() + usize::from(kernel.chooses())
}

/// Grows a buffer to exactly the size that it needs, as the budget assumes.
fn resize(buffer: &mut Vec<f32>, len: usize) {
    if buffer.capacity() < len {
        // First without the old one: the budget has no room for both.
        *buffer = Vec::new();
        // Memory that the system hands out is zero: nothing is written.
        *buffer = vec![0.0; len];
    }
    buffer.resize(len, 0.0);
}

fn view3(buffer: &mut [f32], shape: (usize, usize, usize)) -> ArrayViewMut3<'_, f32> {
    #[expect(clippy::expect_used, reason = "callers resize the buffer to the shape")]
    ArrayViewMut3::from_shape(shape, buffer).expect("buffer of the tile's size")
}
