//! The way through a tile that leaves out far ground which cannot make the horizon, in
//! larger blocks: several strips search together.

use std::ops::Range;

use ndarray::{ArrayViewMut3, s};

use crate::crown_windows::CrownWindows;
use crate::directions::paired_directions;
use crate::far::{FarSearch, FarSearchOptions, HorizonGrid};
use crate::ground::Ground;
use crate::layers::Tile;
use crate::ray::DiscreteRay;
use crate::setup::{Setup, ShouldStop};
use crate::sheared_block::ReceiverBlock;
use crate::sight_lines::SightLines;
use crate::strip::{STRIP_COLS, strips};
use crate::strip_scratch::{StripLayers, StripScratch};

/// Bytes of scratch, at most.
pub(crate) fn bytes(setup: &Setup) -> u64 {
    let side = setup.skip_side();
    let strips = side.div_ceil(STRIP_COLS) as u64;
    let fans = if setup.needs_taps() { setup.fans_bytes() } else { 0 };
    let steps = usize::try_from(setup.samples_per_line()).unwrap_or(usize::MAX);
    (strips * StripScratch::bytes(setup, side))
        .saturating_add(fans)
        .saturating_add(FarSearch::bytes(side, steps))
        .saturating_add(CrownWindows::bytes(setup, side, side))
}

/// Computes a tile whose largest height, either way, is `largest`.
#[inline(always)]
pub(crate) fn compute(
    setup: &Setup,
    tile: Tile<'_>,
    largest: f32,
    mut out: ArrayViewMut3<'_, f32>,
    stop: ShouldStop<'_>,
) {
    let Ground::Plane(cell) = setup.ground else { return };
    let (_, rows, cols) = out.dim();
    let side = setup.skip_side();
    let mut sight = SightLines { cell_sizes: vec![cell], ..SightLines::default() };
    if setup.needs_taps() {
        sight.lay_out(setup, &[cell], tile.heights.strides()[0].cast_unsigned());
    }
    let options = FarSearchOptions {
        lifted: setup.params.observer_height != 0.0 || setup.params.curvature.is_some(),
        signed: setup.measures.iter().any(|m| m.is_signed()),
        lowest: false,
        largest,
    };
    let mut crowns = CrownWindows::default();
    let mut scratch = BlockScratch::new(setup, side.min(rows), side.min(cols));
    for row in (0..rows).step_by(side) {
        for col in (0..cols).step_by(side) {
            let size = (side.min(rows - row), side.min(cols - col));
            let mut out = out.slice_mut(s![.., row..row + size.0, col..col + size.1]);
            crowns.find(setup, tile, largest, (row, col), size);
            scratch.begin(setup, &sight, tile, &crowns, (row, col), size);
            let receivers = ReceiverBlock {
                heights: tile.heights,
                first: (row + setup.halo.rows_px, col + setup.halo.cols_px),
                receivers: size,
            };
            for direction in paired_directions(setup.params.directions) {
                if stop() {
                    return;
                }
                let ray = |inverted| {
                    DiscreteRay::lay_out(&setup.params, cell, direction.index, side, inverted)
                        .expect("all sight lines of a kernel that skips are discrete rays")
                };
                let place = direction.place();
                if setup.options.highest {
                    scratch.find_horizons(setup, &receivers, &ray(false), options, place);
                }
                if setup.options.lowest {
                    let options = FarSearchOptions { lowest: true, ..options };
                    scratch.find_horizons(setup, &receivers, &ray(true), options, place);
                }
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

/// Scratch of a block: of strips side by side, which search together.
struct BlockScratch {
    search: FarSearch,
    grid: HorizonGrid,
    strips: Vec<StripScratch>,
    /// Columns of each strip, and what it sees.
    layers: Vec<(Range<usize>, StripLayers)>,
}

impl BlockScratch {
    fn new(setup: &Setup, rows: usize, cols: usize) -> Self {
        let strip = || StripScratch::new(setup, rows);
        Self {
            search: FarSearch::default(),
            grid: HorizonGrid::new(rows, cols),
            strips: std::iter::repeat_with(strip).take(cols.div_ceil(STRIP_COLS)).collect(),
            layers: Vec::new(),
        }
    }

    /// Starts anew with so many rows and columns of receivers.
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
            strip.clear();
            let windows = crowns.seen_from((0, first));
            let (at, size) = ((row, col + first), (rows, strip_cols));
            let layers = strip.prepare(setup, sight, tile, windows, at, size);
            self.layers.push((first..first + strip_cols, layers));
        }
    }

    fn strips(&mut self) -> impl Iterator<Item = (&mut StripScratch, (Range<usize>, StripLayers))> {
        self.strips.iter_mut().zip(self.layers.iter().cloned())
    }

    /// Finds the horizons of one direction, in this place of a pair.
    fn find_horizons(
        &mut self,
        setup: &Setup,
        receivers: &ReceiverBlock<'_>,
        ray: &DiscreteRay,
        options: FarSearchOptions,
        place: usize,
    ) {
        self.search.find(setup.level, receivers, ray, options, &mut self.grid);
        for (strip, (cols, _)) in self.strips.iter_mut().zip(&self.layers) {
            let found = &mut strip.found[place];
            let into = if options.lowest { &mut found.lowest } else { &mut found.highest };
            self.grid.copy(cols, into);
        }
    }
}
