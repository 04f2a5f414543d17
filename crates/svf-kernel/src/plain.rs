//! The plain search of a tile: sample after sample, strip by strip. On a projected grid, all rows of a
//! block share their sight lines; on a geographic grid, each row has its own. Where sight lines are
//! long, stretches are left out that cannot make the horizon ([`mod@crate::ground_windows`]).

use std::ops::Range;

use ndarray::{ArrayViewMut3, s};

use crate::cascade::{FarField, FarStrip};
use crate::crown_windows::CrownWindows;
use crate::directions::{PairedDirection, paired_directions};
use crate::ground::Ground;
use crate::ground_windows::{Ahead, GroundWindows};
use crate::heights::{Survey, has_missing};
use crate::horizon::{search_ahead_for, search_for, search_steps_for};
use crate::layers::Tile;
use crate::measures::SearchOptions;
use crate::params::{CellSize, Missing, Params};
use crate::setup::{BLOCK_ROWS, Setup, ShouldStop};
use crate::sight_lines::SightLines;
use crate::strip::{STRIP_COLS, Strip, strips};
use crate::strip_scratch::{StripLayers, StripScratch};
use crate::windows::View;

/// Maximum rows of a part of a tile. The highest ground and crowns of a part are found together.
const PART_ROWS: usize = 512;
/// Maximum strips of a part.
const PART_STRIPS: usize = 16;

/// Maximum bytes of scratch.
pub(crate) fn bytes(setup: &Setup) -> u64 {
    StripScratch::bytes(setup, BLOCK_ROWS)
        .saturating_add(setup.fans_bytes())
        .saturating_add(CrownWindows::bytes(setup, PART_ROWS, PART_STRIPS * STRIP_COLS))
        .saturating_add(GroundWindows::bytes(setup, PART_ROWS, PART_STRIPS * STRIP_COLS))
}

/// Computes a tile. `survey` is what is known about its heights. If there is a `far` field, sight lines
/// have near samples only.
#[inline(always)]
pub(crate) fn compute(
    setup: &Setup,
    tile: Tile<'_>,
    survey: Survey,
    far: Option<&FarField<'_>>,
    mut out: ArrayViewMut3<'_, f32>,
    stop: ShouldStop<'_>,
) {
    let (_, rows, cols) = out.dim();
    let stride = tile.heights.strides()[0].cast_unsigned();
    let mut sight = SightLines::default();
    let most_rows = match setup.ground {
        Ground::Plane(cell) => {
            sight.lay_out(setup, &[cell], stride);
            BLOCK_ROWS
        }
        Ground::Ellipsoid(_) => setup.fans_per_block(),
    };
    let mut scratch = StripScratch::new(setup, most_rows.min(rows));
    let mut crowns = CrownWindows::default();
    let mut ground = GroundWindows::default();
    let mut far_strip = FarStrip::default();
    let strips: Vec<(usize, usize)> = strips(cols).collect();
    for (part, strips) in parts(rows, &strips) {
        let (first_col, last_col, last_cols) =
            (strips[0].0, strips[strips.len() - 1].0, strips[0].1);
        let size = (part.len(), last_col + last_cols - first_col);
        crowns.find(setup, tile, survey.largest, (part.start, first_col), size);
        ground.find(setup, tile, survey.largest, (part.start, first_col), size);
        for row in part.clone().step_by(most_rows) {
            let block_rows = most_rows.min(part.end - row);
            let alone = block_rows == rows;
            let whole = !survey.gaps
                || !setup.uses_gaps()
                || !alone && !any_missing(setup, tile, row..row + block_rows);
            if matches!(setup.ground, Ground::Ellipsoid(_)) {
                let first = tile.row + row as u64;
                let cell_sizes: Vec<CellSize> = (first..first + block_rows as u64)
                    .map(|row| setup.ground.cell_at(row))
                    .collect();
                sight.lay_out(setup, &cell_sizes, stride);
            }
            for &(col, strip_cols) in strips {
                let (at, size) = ((row, col), (block_rows, strip_cols));
                let place = (row - part.start, col - first_col);
                let windows = crowns.seen_from(place);
                let layers = scratch.prepare(setup, &sight, tile, windows, at, size);
                let target = out.slice_mut(s![.., row..row + block_rows, col..col + strip_cols]);
                let far = far.map(|field| (field, (row, col), &mut far_strip));
                let around = Around { whole, ahead: ground.seen_from(place), far };
                compute_strip(&mut scratch, setup, &sight, layers, around, target, stop);
                if stop() {
                    return;
                }
            }
        }
    }
}

/// The parts of a tile, which are computed one after the other: rows and strips.
fn parts(
    rows: usize,
    strips: &[(usize, usize)],
) -> impl Iterator<Item = (Range<usize>, &[(usize, usize)])> {
    let ranges = (0..rows).step_by(PART_ROWS).map(move |row| row..rows.min(row + PART_ROWS));
    ranges.flat_map(|rows| strips.chunks(PART_STRIPS).map(move |strips| (rows.clone(), strips)))
}

/// Whether a height in reach of the receivers of these rows is missing.
#[inline(always)]
pub(crate) fn any_missing(setup: &Setup, tile: Tile<'_>, rows: Range<usize>) -> bool {
    let padded = tile.heights.slice(s![rows.start..rows.end + 2 * setup.halo.rows_px, ..]);
    padded.rows().into_iter().any(has_missing)
}

/// What is known about the ground around a strip.
pub(crate) struct Around<'a, 'b> {
    /// Whether no height in reach is missing.
    pub whole: bool,
    /// Windows over the ground as seen from the first receiver, if stretches may be left out.
    pub ahead: Option<View>,
    /// The far horizons, if sight lines have near samples only: the place of the strip in their
    /// tile, and space for those of a strip.
    pub far: Option<(&'a FarField<'b>, (usize, usize), &'a mut FarStrip)>,
}

/// Computes one strip.
#[inline(always)]
pub(crate) fn compute_strip(
    scratch: &mut StripScratch,
    setup: &Setup,
    sight: &SightLines,
    layers: StripLayers,
    around: Around<'_, '_>,
    mut out: ArrayViewMut3<'_, f32>,
    stop: ShouldStop<'_>,
) {
    let Around { whole, ahead, mut far } = around;
    // If no height in reach is missing, all rules give the same result and there are no gaps.
    let mut params = setup.params.clone();
    let nan_rule = setup.params.missing == Missing::Nan;
    let mut options = SearchOptions { gaps: setup.options.gaps || nan_rule, ..setup.options };
    if whole {
        params.missing = Missing::Skip;
        options.gaps = false;
    }
    scratch.clear(layers.strip.rows);
    for direction in paired_directions(setup.params.directions) {
        if stop() {
            return;
        }
        if let Some((field, place, _)) = &far {
            let (i, size) = (direction.index as usize, (layers.strip.rows, layers.strip.cols));
            field.prefetch((i, false), *place, size);
        }
        if options.highest || options.lowest || options.gaps {
            let with = (&params, options);
            find_horizons(scratch, setup, sight, (layers.strip, ahead), direction, with);
        }
        if let Some((field, place, far_strip)) = &mut far {
            raise(scratch, field, *place, layers.strip, direction, far_strip);
        }
        scratch.add(setup, sight, layers, direction, &params, out.view_mut());
    }
    scratch.finish(setup, layers.strip, out);
}

/// Raises the horizons of a strip in one direction to those of far ground.
fn raise(
    scratch: &mut StripScratch,
    field: &FarField<'_>,
    place: (usize, usize),
    strip: Strip,
    direction: PairedDirection,
    far_strip: &mut FarStrip,
) {
    let found = &mut scratch.found[direction.place()];
    let (i, size) = (direction.index as usize, (strip.rows, strip.cols));
    field.raise((i, false), place, size, far_strip, &mut found.highest);
    field.raise((i, true), place, size, far_strip, &mut found.lowest);
}

/// Finds the horizons of a strip in one direction.
#[inline(always)]
fn find_horizons(
    scratch: &mut StripScratch,
    setup: &Setup,
    sight: &SightLines,
    (strip, ahead): (Strip, Option<View>),
    direction: PairedDirection,
    (params, options): (&Params, SearchOptions),
) {
    let found = &mut scratch.found[direction.place()];
    let i = direction.index as usize;
    if let Some(steps) = &sight.steps {
        for (at_row, fan) in sight.step_fans.iter().enumerate() {
            let line = fan.line(i, steps, strip.stride);
            let search = search_steps_for(setup.level, strip, line.two_cells, params, options);
            let (strip, _) = sight.row(at_row, strip);
            // SAFETY: as below.
            unsafe { search(strip, line, found) };
            for slopes in [&mut found.highest, &mut found.lowest] {
                scale(slopes, at_row..at_row + strip.rows, line.scale);
            }
        }
        return;
    }
    for (at_row, fan) in sight.fans.iter().enumerate() {
        let (line, taps) = fan.line(i);
        let two_cells = line.two_cells;
        let ahead = ahead.and_then(|windows| {
            let search = search_ahead_for(setup.level, strip, two_cells, params, options)?;
            let windows = windows.further(at_row, 0);
            Some((search, Ahead { windows, stretches: fan.stretches(i) }))
        });
        let search = search_for(setup.level, strip, two_cells, params, options);
        let (strip, _) = sight.row(at_row, strip);
        // SAFETY: `Kernel::compute` checked that the tile contains the halo of every receiver, and
        // the halo contains every tap; if there is more than one fan, the strip has as many rows;
        // the processor has the level; the windows contain all cells of the halo.
        unsafe {
            match ahead {
                Some((search, ahead)) => search(strip, taps, ahead, found),
                None => search(strip, taps, found),
            }
        }
    }
}

/// Converts the slopes of some rows, if there are any, to slopes on the ground.
#[inline(always)]
fn scale(slopes: &mut [f32], rows: Range<usize>, scale: f32) {
    if let Some(rows) = slopes.as_chunks_mut::<STRIP_COLS>().0.get_mut(rows) {
        for slope in rows.as_flattened_mut() {
            *slope *= scale;
        }
    }
}
