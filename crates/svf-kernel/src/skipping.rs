//! The search of a tile that skips far ground which cannot make the horizon. Its blocks are larger:
//! several strips are searched together.

use std::ops::Range;

use ndarray::{ArrayViewMut3, s};

use crate::crown_windows::CrownWindows;
use crate::directions::{PairedDirection, paired_directions};
use crate::far::{FarSearch, FarSearchOptions, HorizonGrid};
use crate::geometry::LinearLine;
use crate::ground::Ground;
use crate::layers::Tile;
use crate::params::CellSize;
use crate::ray::DiscreteRay;
use crate::row_lines::{RowLines, StepFactors, lines_of};
use crate::setup::{Setup, ShouldStop};
use crate::sheared_block::ReceiverBlock;
use crate::sight_lines::SightLines;
use crate::strip::{STRIP_COLS, strips};
use crate::strip_scratch::{StripLayers, StripScratch};

/// Maximum bytes of scratch for tiles of so many rows and columns of receivers.
pub(crate) fn bytes(setup: &Setup, size: (usize, usize)) -> u64 {
    let (rows, cols) = setup.skip_px();
    let (rows, cols) = (rows.min(size.0), cols.min(size.1));
    let strips = cols.div_ceil(STRIP_COLS) as u64;
    let fans = if setup.needs_taps() { setup.fans_bytes() } else { 0 };
    let steps = setup.line_steps();
    let lines = if setup.has_row_lines() { RowLines::bytes(rows, steps) } else { 0 };
    (strips * StripScratch::bytes(setup, rows))
        .saturating_add(fans)
        .saturating_add(lines)
        .saturating_add(FarSearch::bytes((rows, cols), steps))
        .saturating_add(CrownWindows::bytes(setup, rows, cols))
}

/// Computes a tile whose largest absolute height is `largest`.
#[inline(always)]
pub(crate) fn compute(
    setup: &Setup,
    tile: Tile<'_>,
    largest: f32,
    mut out: ArrayViewMut3<'_, f32>,
    stop: ShouldStop<'_>,
) {
    let (_, rows, cols) = out.dim();
    let (block_rows, block_cols) = setup.skip_px();
    let mut sight = SightLines::default();
    if let Ground::Plane(cell) = setup.ground {
        sight.cell_sizes.push(cell);
        if setup.needs_taps() {
            sight.lay_out(setup, &[cell], tile.heights.strides()[0].cast_unsigned());
        }
    }
    let options = FarSearchOptions {
        lifted: setup.params.observer_height != 0.0 || setup.params.curvature.is_some(),
        signed: setup.measures.iter().any(|m| m.is_signed()),
        inverted: false,
        largest,
    };
    let (known_rows, known_cols) = setup.known(&tile.window((rows, cols)));
    let first = (setup.halo.rows_px - known_rows.start, setup.halo.cols_px - known_cols.start);
    let heights = tile.heights.slice_move(s![known_rows, known_cols]);
    let mut crowns = CrownWindows::default();
    let mut scratch = BlockScratch::new(setup, block_rows.min(rows), block_cols.min(cols));
    for row in (0..rows).step_by(block_rows) {
        for col in (0..cols).step_by(block_cols) {
            let size = (block_rows.min(rows - row), block_cols.min(cols - col));
            let mut out = out.slice_mut(s![.., row..row + size.0, col..col + size.1]);
            if matches!(setup.ground, Ground::Ellipsoid(_)) {
                let first = tile.row + row as u64;
                let rows = first..first + size.0 as u64;
                sight.cell_sizes.clear();
                sight.cell_sizes.extend(rows.map(|row| setup.ground.cell_at(row)));
            }
            crowns.find(setup, tile, largest, (row, col), size);
            scratch.begin(setup, &sight, tile, &crowns, (row, col), size);
            let receivers =
                ReceiverBlock { heights, first: (first.0 + row, first.1 + col), receivers: size };
            for direction in paired_directions(setup.params.directions) {
                if stop() {
                    return;
                }
                scratch.find_horizons(setup, &sight.cell_sizes, receivers, options, direction);
                for (strip, (cols, layers)) in scratch.strips() {
                    let out = out.slice_mut(s![.., .., cols]);
                    strip.add(setup, &sight, layers, direction, &setup.params, out);
                }
            }
            for (strip, (cols, layers)) in scratch.strips() {
                strip.finish(setup, layers.strip, out.slice_mut(s![.., .., cols]));
            }
        }
    }
}

/// Scratch of a block: strips side by side that are searched together.
struct BlockScratch {
    search: FarSearch,
    grid: HorizonGrid,
    strips: Vec<StripScratch>,
    /// Columns and layers of each strip.
    layers: Vec<(Range<usize>, StripLayers)>,
    /// Lines of a direction, if rows have their own.
    lines: Vec<LinearLine>,
    row_lines: RowLines,
    /// Factor of the slopes of each row.
    scales: Vec<f32>,
}

impl BlockScratch {
    fn new(setup: &Setup, rows: usize, cols: usize) -> Self {
        let strip = || StripScratch::new(setup, rows);
        Self {
            search: FarSearch::default(),
            grid: HorizonGrid::new(rows, cols),
            strips: std::iter::repeat_with(strip).take(cols.div_ceil(STRIP_COLS)).collect(),
            layers: Vec::new(),
            lines: Vec::new(),
            row_lines: RowLines::default(),
            scales: Vec::new(),
        }
    }

    /// Begins a block of this many rows and columns of receivers.
    #[inline(always)]
    fn begin(
        &mut self,
        setup: &Setup,
        sight: &SightLines,
        tile: Tile<'_>,
        crowns: &CrownWindows,
        (row, col): (usize, usize),
        (rows, cols): (usize, usize),
    ) {
        self.layers.clear();
        for (strip, (first, strip_cols)) in self.strips.iter_mut().zip(strips(cols)) {
            strip.clear(rows);
            let windows = crowns.seen_from((0, first));
            let (at, size) = ((row, col + first), (rows, strip_cols));
            let layers = strip.prepare(setup, sight, tile, windows, at, size);
            self.layers.push((first..first + strip_cols, layers));
        }
    }

    fn strips(&mut self) -> impl Iterator<Item = (&mut StripScratch, (Range<usize>, StripLayers))> {
        self.strips.iter_mut().zip(self.layers.iter().cloned())
    }

    /// Finds the horizons of one direction. `cells` has the cell size of each row of receivers, or
    /// one for all.
    #[inline(always)]
    fn find_horizons(
        &mut self,
        setup: &Setup,
        cells: &[CellSize],
        receivers: ReceiverBlock<'_>,
        options: FarSearchOptions,
        direction: PairedDirection,
    ) {
        let (i, place) = (direction.index, direction.place());
        let (rows, cols) = receivers.receivers;
        let surfaces = [(setup.options.highest, false), (setup.options.lowest, true)];
        let surfaces = surfaces.into_iter().filter(|(wanted, _)| *wanted);
        if let Ground::Plane(cell) = setup.ground {
            for (_, inverted) in surfaces {
                let ray = DiscreteRay::lay_out(&setup.params, cell, i, rows.max(cols), inverted)
                    .expect("all sight lines of a kernel that skips are discrete rays");
                self.scales.clear();
                self.scales.resize(rows, 1.0);
                self.find_horizons_of_rows(
                    setup,
                    &receivers,
                    0,
                    (&ray, false),
                    options,
                    (place, inverted),
                );
            }
            return;
        }
        let mut lines = std::mem::take(&mut self.lines);
        lines_of(&setup.params, cells, i, &mut lines);
        // Rows share a ray if their lines have the same axis and are close to each other.
        let mut from = 0;
        while from < rows {
            let along = |to: usize| if lines[from].axis.along_rows { to - from } else { cols };
            let between = |to: usize, inverted| {
                let factors = StepFactors::new(&setup.params, inverted);
                DiscreteRay::between(&lines[from..to], along(to), &factors)
            };
            let mut to = rows;
            while to - from > 1 && between(to, false).is_none() {
                to = from.midpoint(to);
            }
            let shared = between(to, false).expect("one line lies beside itself");
            let across: Vec<i32> = shared.steps.iter().map(|step| step.across as i32).collect();
            self.row_lines.lay_out(&lines[from..to], &across);
            let receivers = ReceiverBlock {
                first: (receivers.first.0 + from, receivers.first.1),
                receivers: (to - from, cols),
                ..receivers
            };
            for (_, inverted) in surfaces.clone() {
                let factors = StepFactors::new(&setup.params, inverted);
                let ray = between(to, inverted).expect("as above");
                self.row_lines.curve(&lines[from..to], &factors);
                self.scales.clear();
                let scales = lines[from..to].iter().map(|line| factors.scale(line.spacing));
                self.scales.extend(scales);
                self.find_horizons_of_rows(
                    setup,
                    &receivers,
                    from,
                    (&ray, true),
                    options,
                    (place, inverted),
                );
            }
            from = to;
        }
        self.lines = lines;
    }

    /// Finds the horizons of one direction for the receivers of some rows; the first of them is
    /// row `first` of the strips.
    #[inline(always)]
    fn find_horizons_of_rows(
        &mut self,
        setup: &Setup,
        receivers: &ReceiverBlock<'_>,
        first: usize,
        (ray, of_rows): (&DiscreteRay, bool),
        options: FarSearchOptions,
        (place, inverted): (usize, bool),
    ) {
        let lines = of_rows.then_some(&self.row_lines);
        let options = FarSearchOptions { inverted, ..options };
        self.search.find(setup.level, receivers, (ray, lines), options, &mut self.grid);
        if inverted {
            for scale in &mut self.scales {
                *scale = -*scale;
            }
        }
        for (strip, (cols, _)) in self.strips.iter_mut().zip(&self.layers) {
            let found = &mut strip.found[place];
            let into = if inverted { &mut found.lowest } else { &mut found.highest };
            self.grid.copy(cols, &self.scales, &mut into[first * STRIP_COLS..]);
        }
    }
}
