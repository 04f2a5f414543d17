//! The engine on rasters in memory: any tiling gives the same cells and the same
//! statistics; the first failure and a cancel stop everyone.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::atomic::{AtomicBool, Ordering};

use ndarray::{Array2, Array3, ArrayViewMut2, ArrayViewMut3, Axis, s};
use svf_job::plan::plan_tiles;
use svf_job::{
    CancelToken, Encoding, Job, Next, Plan, PlanRequest, Progress, Statistics, Stopped, Summary,
    TileNews, TileQueue, TileResult, TileSink, TileSource, run,
};
use svf_kernel::simd::SimdLevel;
use svf_kernel::tile::{Clip, Window};
use svf_kernel::{CellSize, Kernel, Measure, Params, Tile};

struct Memory {
    heights: Array2<f32>,
    fails_at_row: Option<u64>,
    skips: bool,
}

impl TileSource for Memory {
    type Error = String;

    fn shape(&self) -> (u64, u64) {
        (self.heights.nrows() as u64, self.heights.ncols() as u64)
    }

    fn read(&mut self, clip: &Clip, mut tile: ArrayViewMut3<'_, f32>) -> Result<(), String> {
        let w = &clip.source;
        if self.fails_at_row.is_some_and(|row| row < w.row_end()) {
            return Err(format!("no row {}", w.row_end()));
        }
        let (rows, cols) = (w.rows as usize, w.cols as usize);
        let (row, col) = (w.row as usize, w.col as usize);
        tile.fill(f32::NAN);
        tile.slice_mut(s![0, clip.row..clip.row + rows, clip.col..clip.col + cols])
            .assign(&self.heights.slice(s![row..row + rows, col..col + cols]));
        Ok(())
    }

    fn read_heights(
        &mut self,
        window: &Window,
        heights: ArrayViewMut2<'_, f32>,
    ) -> Result<(), String> {
        let clip = Clip { source: *window, row: 0, col: 0 };
        self.read(&clip, heights.insert_axis(Axis(0)))
    }

    fn skip(&mut self, _tile: u64, error: String) -> Result<(), String> {
        if self.skips { Ok(()) } else { Err(error) }
    }
}

struct Collected {
    cells: Array3<f32>,
    /// Of the first band, merged from those of the tiles.
    statistics: Statistics,
    fails_after_tiles: usize,
}

impl TileSink for Collected {
    type Error = String;

    fn write(&mut self, tile: &TileResult<'_>) -> Result<(), String> {
        let TileResult { window, cells, .. } = *tile;
        if self.fails_after_tiles == 0 {
            return Err("disk full".into());
        }
        self.fails_after_tiles -= 1;
        let (row, col) = (window.row as usize, window.col as usize);
        let (rows, cols) = (window.rows as usize, window.cols as usize);
        self.cells.slice_mut(s![.., row..row + rows, col..col + cols]).assign(&cells);
        self.statistics = self.statistics.merge(tile.bands[0]);
        Ok(())
    }
}

const SHAPE: (usize, usize) = (211, 333);
const WINDOW: Window = Window { row: 5, col: 3, rows: 190, cols: 301 };

fn heights() -> Array2<f32> {
    Array2::from_shape_fn(SHAPE, |(row, col)| {
        let noise = (row * 7919 + col * 104_729) % 1009;
        if noise % 97 == 0 { f32::NAN } else { 200.0 + noise as f32 * 0.013 }
    })
}

fn kernel() -> Kernel {
    let params = Params::new(21.0, 8);
    let measures = [Measure::Svf, Measure::OpennessNegative];
    Kernel::new(&params, CellSize::square(1.0), &measures, SimdLevel::detect()).unwrap()
}

fn plan(kernel: &Kernel, tile_px: (u64, u64)) -> Plan {
    plan_tiles(&PlanRequest {
        window: WINDOW,
        halo: kernel.halo(),
        layers: kernel.layers(),
        bands: kernel.bands(),
        threads: 2,
        budget_bytes: 1 << 30,
        base_bytes: 0,
        scratch_bytes: Vec::new(),
        far_bytes: 0,
        encoders: 1,
        codec_bytes: 0,
        input_bytes: 0,
        closed_bytes: 0,
        inputs: Vec::new(),
        output_block_bytes: 0,
        finish_bytes: 0,
        output_row_bytes: 0,
        entry_bytes: 0,
        output_block_px: [512; 2],
        largest_px: u64::MAX,
        tile_px: Some(tile_px),
    })
    .unwrap()
}

struct Run {
    tile_px: (u64, u64),
    threads: usize,
    fails_at_row: Option<u64>,
    skips: bool,
    fails_after_tiles: usize,
    /// Tiles that are done already.
    done: &'static [u64],
    /// Whether there is nothing to do until the run was seen to wait.
    waits: bool,
}

/// Tiles of which others have done some, and begun others.
struct Shared<'a> {
    tiles: std::ops::Range<u64>,
    done: &'static [u64],
    held: &'a AtomicBool,
}

impl TileQueue for Shared<'_> {
    fn next_tile(&mut self) -> Next {
        if self.held.load(Ordering::SeqCst) {
            return Next::Wait;
        }
        match self.tiles.next() {
            Some(id) if self.done.contains(&id) => Next::Found(id),
            Some(id) => Next::Tile(id),
            None => Next::End,
        }
    }
}

impl Default for Run {
    fn default() -> Self {
        Run {
            tile_px: (64, 64),
            threads: 2,
            fails_at_row: None,
            skips: false,
            fails_after_tiles: usize::MAX,
            done: &[],
            waits: false,
        }
    }
}

impl Run {
    fn run(
        &self,
        cancel: &CancelToken,
        report: &mut dyn FnMut(Progress),
    ) -> (Result<Summary, Stopped<String>>, Array3<f32>) {
        let kernel = kernel();
        let plan = plan(&kernel, self.tile_px);
        let encodings = [
            Encoding {
                factor: 1.0,
                nodata: -1.0,
                scale_offset: None,
                range: (0.0, 1.0),
                clips: false,
            },
            Encoding {
                factor: 1.0,
                nodata: -1.0,
                scale_offset: None,
                range: (0.0, 180.0),
                clips: false,
            },
        ];
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.threads).build().unwrap();
        let job = Job {
            plan: &plan,
            kernel: &kernel,
            encodings: &encodings,
            check: None,
            pool: &pool,
            cancel,
        };
        let mut source =
            Memory { heights: heights(), fails_at_row: self.fails_at_row, skips: self.skips };
        let mut sink = Collected {
            cells: Array3::zeros((2, WINDOW.rows as usize, WINDOW.cols as usize)),
            statistics: Statistics::default(),
            fails_after_tiles: self.fails_after_tiles,
        };
        let held = AtomicBool::new(self.waits);
        let mut queue = Shared { tiles: 0..plan.tiles, done: self.done, held: &held };
        let result = run(job, &mut queue, &mut source, &mut sink, &mut |progress| {
            if progress.is_waiting {
                held.store(false, Ordering::SeqCst);
            }
            report(progress);
        });
        if let Ok(summary) = &result {
            assert_eq!(summary.bands[0], sink.statistics, "tiles say what the run says");
        }
        (result, sink.cells)
    }
}

#[test]
fn any_tiling_and_any_number_of_threads_give_the_same_cells_and_statistics() {
    let bits = |cells: &Array3<f32>| cells.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    let whole = Run { tile_px: (1000, 1000), threads: 1, ..Run::default() };
    let (summary, cells) = whole.run(&CancelToken::default(), &mut |_| {});
    let (statistics, expected) = (summary.unwrap().bands, bits(&cells));
    for (tile_px, threads) in [((64, 64), 2), ((97, 31), 1), ((1, 333), 2), ((190, 7), 3)] {
        let tiled = Run { tile_px, threads, ..Run::default() };
        let (summary, cells) = tiled.run(&CancelToken::default(), &mut |_| {});
        assert_eq!(summary.unwrap().bands, statistics, "{tile_px:?}");
        assert!(bits(&cells) == expected, "{tile_px:?}");
    }
}

#[test]
fn the_window_sees_the_heights_around_it() {
    let (_, cells) = Run::default().run(&CancelToken::default(), &mut |_| {});
    let kernel = kernel();
    let halo = kernel.halo();
    let mut padded = Array2::from_elem(halo.padded(SHAPE.0, SHAPE.1), f32::NAN);
    padded
        .slice_mut(s![halo.rows_px..halo.rows_px + SHAPE.0, halo.cols_px..halo.cols_px + SHAPE.1])
        .assign(&heights());
    let mut whole = Array3::zeros((2, SHAPE.0, SHAPE.1));
    kernel.compute(Tile::of(padded.view(), WINDOW.row), whole.view_mut());
    let cut = whole.slice(s![.., 5..195, 3..304]);
    for (tiled, direct) in cells.iter().zip(cut) {
        assert!(tiled == direct || (*tiled == -1.0 && direct.is_nan()), "{tiled} {direct}");
    }
}

#[test]
fn progress_counts_every_cell_and_tile_once() {
    let mut last = Progress::default();
    let mut tiles = Vec::new();
    let (result, _) = Run::default().run(&CancelToken::default(), &mut |progress| {
        assert!(progress.cells_done >= last.cells_done && progress.tiles_done >= last.tiles_done);
        tiles.extend(progress.tile);
        last = progress;
    });
    result.unwrap();
    assert_eq!((last.tiles_done, last.cells_done), (15, 190 * 301));
    assert_eq!(tiles, (0..15).map(|id| (id, TileNews::Written)).collect::<Vec<_>>());
}

#[test]
fn what_others_compute_is_waited_for_and_a_cancel_ends_the_wait() {
    let mut waited = false;
    let run = Run { waits: true, ..Run::default() };
    let (result, cells) = run.run(&CancelToken::default(), &mut |progress| {
        waited |= progress.is_waiting;
    });
    result.unwrap();
    let (_, all) = Run::default().run(&CancelToken::default(), &mut |_| {});
    assert!(waited && cells == all);
    let cancel = CancelToken::default();
    let (result, _) = run.run(&cancel, &mut |progress| {
        if progress.is_waiting {
            cancel.cancel();
        }
    });
    assert!(matches!(result, Err(Stopped::Cancelled)));
}

#[test]
fn tiles_that_are_done_are_left_alone() {
    let mut last = Progress::default();
    let mut found = Vec::new();
    let some = Run { done: &[0, 1, 2, 7, 14], ..Run::default() };
    let (result, cells) = some.run(&CancelToken::default(), &mut |progress| {
        found.extend(progress.tile.filter(|tile| tile.1 == TileNews::Found).map(|tile| tile.0));
        last = progress;
    });
    let (_, all) = Run::default().run(&CancelToken::default(), &mut |_| {});
    assert_eq!((last.tiles_done, last.cells_done), (15, 190 * 301));
    assert_eq!(found, [0, 1, 2, 7, 14]);
    assert!(cells.slice(s![.., ..64, ..192]).iter().all(|&cell| cell == 0.0), "not written");
    assert!(cells.slice(s![.., ..64, 192..256]) == all.slice(s![.., ..64, 192..256]));
    let counted = result.unwrap().bands[0];
    // Tiles 0, 1, 2, 7 are whole; 14 is what is left of the last row and column.
    assert_eq!(counted.valid + counted.nodata, 190 * 301 - 4 * 64 * 64 - 62 * 45);
}

#[test]
fn the_first_failure_stops_the_run() {
    let reading = Run { fails_at_row: Some(100), ..Run::default() };
    let (result, _) = reading.run(&CancelToken::default(), &mut |_| {});
    assert!(matches!(result, Err(Stopped::Failed(reason)) if reason.starts_with("no row")));
    let writing = Run { fails_after_tiles: 3, ..Run::default() };
    let mut tiles_done = 0;
    let (result, _) = writing.run(&CancelToken::default(), &mut |p| tiles_done = p.tiles_done);
    assert!(matches!(result, Err(Stopped::Failed(reason)) if reason == "disk full"));
    assert_eq!(tiles_done, 3);
}

#[test]
fn a_cancel_stops_the_run() {
    let cancel = CancelToken::default();
    let mut tiles_done = 0;
    let small = Run { tile_px: (8, 8), ..Run::default() };
    let (result, _) = small.run(&cancel, &mut |progress| {
        tiles_done = progress.tiles_done;
        if tiles_done == 2 {
            cancel.cancel();
        }
    });
    assert!(matches!(result, Err(Stopped::Cancelled)));
    assert!(tiles_done < 912, "{tiles_done} of 912 tiles");
}

#[test]
fn tiles_that_cannot_be_read_are_skipped_if_the_source_says_so() {
    let mut last = Progress::default();
    let mut skipped = Vec::new();
    // Tiles are 64 cells high: the rows of the second and third row of tiles, or their halo.
    let row = WINDOW.row + 100;
    let some = Run { fails_at_row: Some(row), skips: true, ..Run::default() };
    let (result, cells) = some.run(&CancelToken::default(), &mut |progress| {
        let news = progress.tile.filter(|tile| tile.1 == TileNews::Skipped);
        skipped.extend(news.map(|tile| tile.0));
        last = progress;
    });
    let (_, all) = Run::default().run(&CancelToken::default(), &mut |_| {});
    assert_eq!((last.tiles_done, last.cells_done), (15, 190 * 301));
    assert_eq!(skipped, (5..15).collect::<Vec<_>>());
    assert!(cells.slice(s![.., ..64, ..]) == all.slice(s![.., ..64, ..]));
    assert!(cells.slice(s![.., 64.., ..]).iter().all(|&cell| cell == 0.0), "not written");
    let counted = result.unwrap().bands[0];
    assert_eq!(counted.valid + counted.nodata, 64 * 301);
}
