//! The search of a tile of which only some receivers are wanted.
//!
//! Wanted receivers are put into the rows of a strip, in *runs* of as many neighbours as a vector has
//! lanes, and are then searched and summed like the neighbours of a tile. So only receivers cost
//! something that are wanted, or next to one that is.
//!
//! Where far ground is skipped, a search of all of them can take less time, because it skips for
//! many neighbours together. Then all are searched, and the others get NaN.

use std::iter;

use ndarray::{Array3, ArrayView1, ArrayView2, ArrayViewMut3, s};

use crate::crown_windows::CrownWindows;
use crate::ground::Ground;
use crate::ground_windows::GroundWindows;
use crate::heights::Survey;
use crate::layers::Tile;
use crate::params::Search;
use crate::scratch::Scratch;
use crate::setup::{BLOCK_ROWS, SKIPS_FROM, Setup, ShouldStop};
use crate::sight_lines::SightLines;
use crate::simd::at_level;
use crate::strip::{Layout, Place, STRIP_COLS};
use crate::strip_scratch::StripScratch;
use crate::{cascading, plain, skipping};

/// Rows and columns of a part of a tile, at most. The crowns of a part are looked at together.
const PART_PX: (usize, usize) = (512, 16 * STRIP_COLS);
/// Places that are searched together.
const TOGETHER: usize = BLOCK_ROWS * STRIP_COLS;
/// Receivers of a run, at least.
const SHORTEST_RUN: usize = 4;
/// Maximum bytes of scratch, in addition to that of a search of all receivers.
pub(crate) fn bytes(setup: &Setup) -> u64 {
    let (_, cols) = PART_PX;
    // Where no two runs have a common column, and the shortest run.
    let runs = BLOCK_ROWS * cols.div_ceil(SHORTEST_RUN) * size_of::<(usize, usize, usize)>();
    let places = (BLOCK_ROWS * (cols + STRIP_COLS) + STRIP_COLS) * size_of::<Place>() + runs;
    let values = setup.bands() * TOGETHER * size_of::<f32>();
    plain::bytes(setup).saturating_add((places + values) as u64)
}

/// Computes the wanted receivers of a tile, or all of them if it does not say which. `survey` is
/// what is known about its heights.
#[inline(always)]
pub(crate) fn compute(
    setup: &Setup,
    tile: Tile<'_>,
    survey: Survey,
    mut out: ArrayViewMut3<'_, f32>,
    kept: &mut Scratch,
    stop: ShouldStop<'_>,
) {
    let wanted = tile.wanted.filter(|wanted| !is_all_cheaper(setup, survey, *wanted));
    let Some(wanted) = wanted else {
        return compute_all(setup, tile, survey, out, kept, stop);
    };
    out.fill(f32::NAN);
    let (_, rows, cols) = out.dim();
    for row in (0..rows).step_by(PART_PX.0) {
        for col in (0..cols).step_by(PART_PX.1) {
            let size = (PART_PX.0.min(rows - row), PART_PX.1.min(cols - col));
            let of_part = wanted.slice(s![row..row + size.0, col..col + size.1]);
            let Some((at, size)) = extent(of_part, setup.level.lanes()) else { continue };
            let at = (row + at.0, col + at.1);
            let part = tile.part(setup.halo, at, size);
            let mut out = out.slice_mut(s![.., at.0..at.0 + size.0, at.1..at.1 + size.1]);
            if part.wanted.is_none_or(|wanted| is_all_cheaper(setup, survey, wanted)) {
                compute_all(setup, part, survey, out.view_mut(), kept, stop);
            } else {
                compute_wanted(setup, part, survey, out.view_mut(), stop);
            }
        }
    }
}

/// Computes all receivers.
fn compute_all(
    setup: &Setup,
    tile: Tile<'_>,
    survey: Survey,
    out: ArrayViewMut3<'_, f32>,
    kept: &mut Scratch,
    stop: ShouldStop<'_>,
) {
    at_level!(
        setup.level,
        compute_all_here,
        setup: &Setup,
        tile: Tile<'_>,
        survey: Survey,
        out: ArrayViewMut3<'_, f32>,
        kept: &mut Scratch,
        stop: ShouldStop<'_>,
    );
}

#[inline(always)]
fn compute_all_here(
    setup: &Setup,
    tile: Tile<'_>,
    survey: Survey,
    mut out: ArrayViewMut3<'_, f32>,
    kept: &mut Scratch,
    stop: ShouldStop<'_>,
) {
    if setup.params.search == Search::Cascade {
        cascading::compute(setup, tile, survey, out.view_mut(), &mut kept.far, stop);
    } else if is_skipping(setup, survey) {
        skipping::compute(setup, tile, survey.largest, out.view_mut(), stop);
    } else {
        plain::compute(setup, tile, survey, None, out.view_mut(), stop);
    }
    let Some(wanted) = tile.wanted else { return };
    for mut band in out.outer_iter_mut() {
        band.zip_mut_with(&wanted, |value, wanted| {
            *value = if *wanted { *value } else { f32::NAN };
        });
    }
}

/// Whether the search of all receivers skips far ground. Where heights are missing, and it matters
/// where, it cannot.
fn is_skipping(setup: &Setup, survey: Survey) -> bool {
    setup.skips && !(survey.gaps && setup.uses_gaps())
}

/// Whether the search of all receivers takes less time than that of the wanted ones.
fn is_all_cheaper(setup: &Setup, survey: Survey, wanted: ArrayView2<'_, bool>) -> bool {
    let run = setup.level.lanes();
    // Nodes see far ground for all receivers.
    if setup.params.search == Search::Cascade {
        return wanted.iter().any(|wanted| *wanted);
    }
    if wanted.ncols() < run {
        return true;
    }
    // Otherwise both look at the same samples.
    if !is_skipping(setup, survey) {
        return false;
    }
    let samples = setup.samples_per_line();
    let runs: usize = wanted.rows().into_iter().map(|row| runs_of(row, run).count()).sum();
    // The search that skips takes little more time for more samples. One in runs, whose heights are
    // further apart, takes a quarter more for each.
    4 * wanted.len() as u64 * samples.min(SKIPS_FROM) <= 5 * (runs * run) as u64 * samples
}

/// The first row and column, and the number of rows and columns, that have wanted receivers; as many
/// columns as a run has, if there are so many.
fn extent(wanted: ArrayView2<'_, bool>, run: usize) -> Option<((usize, usize), (usize, usize))> {
    let mut rows: Option<(usize, usize)> = None;
    let mut cols = (usize::MAX, 0);
    for (r, row) in wanted.rows().into_iter().enumerate() {
        let Some(first) = row.iter().position(|wanted| *wanted) else { continue };
        let last = row.iter().rposition(|wanted| *wanted).unwrap_or(first);
        rows = Some((rows.map_or(r, |(first, _)| first), r));
        cols = (cols.0.min(first), cols.1.max(last));
    }
    let rows = rows?;
    let least = run.min(wanted.ncols());
    let first = cols.0.min(wanted.ncols() - least);
    let size = (rows.1 + 1 - rows.0, (cols.1 + 1 - first).max(least));
    Some(((rows.0, first), size))
}

/// The first columns of the runs of a row. None of them leaves it.
fn runs_of(wanted: ArrayView1<'_, bool>, run: usize) -> impl Iterator<Item = usize> {
    let mut end = 0;
    let last = wanted.len() - run;
    wanted.into_iter().enumerate().filter_map(move |(col, wanted)| {
        if !wanted || col < end {
            return None;
        }
        let first = col.min(last);
        end = first + run;
        Some(first)
    })
}

/// The runs of a block that are searched, and where their receivers are.
#[derive(Default)]
struct Places {
    /// Strip, row and first column of each run.
    runs: Vec<(usize, usize, usize)>,
    places: Vec<Place>,
}

impl Places {
    /// Finds the places of a block, in whole rows of a strip. Rows of the tile are `stride` floats
    /// apart.
    fn find(&mut self, wanted: ArrayView2<'_, bool>, run: usize, stride: usize) {
        let Self { runs, places } = self;
        runs.clear();
        for (row, wanted) in wanted.rows().into_iter().enumerate() {
            runs.extend(runs_of(wanted, run).map(|first| (first / STRIP_COLS, row, first)));
        }
        // Strip by strip, because neighbours use the same heights.
        runs.sort_unstable();
        // The last row is filled with the last run.
        let filled = (runs.len() * run).next_multiple_of(STRIP_COLS) / run;
        let last = runs.last().copied().unwrap_or_default();
        places.clear();
        for &(_, row, first) in runs.iter().chain(iter::repeat_n(&last, filled - runs.len())) {
            let place = |col| Place { floats: row * stride + col, row, col };
            places.extend((first..first + run).map(place));
        }
    }
}

/// Computes the wanted receivers.
#[inline(always)]
fn compute_wanted(
    setup: &Setup,
    tile: Tile<'_>,
    survey: Survey,
    mut out: ArrayViewMut3<'_, f32>,
    stop: ShouldStop<'_>,
) {
    let Some(wanted) = tile.wanted else { return };
    let (bands, rows, cols) = out.dim();
    let stride = tile.heights.strides()[0].cast_unsigned();
    let mut sight = SightLines::default();
    let most_rows = match setup.ground {
        Ground::Plane(cell) => {
            sight.lay_out(setup, &[cell], stride);
            BLOCK_ROWS
        }
        // All places of a block share their sight lines.
        Ground::Ellipsoid(_) => 1,
    };
    let mut crowns = CrownWindows::default();
    crowns.find(setup, tile, survey.largest, (0, 0), (rows, cols));
    let mut ground = GroundWindows::default();
    ground.find(setup, tile, survey.largest, (0, 0), (rows, cols));
    let mut places = Places::default();
    let mut scratch = StripScratch::new(setup, BLOCK_ROWS);
    let mut values = Array3::zeros((bands, BLOCK_ROWS, STRIP_COLS));
    for row in (0..rows).step_by(most_rows) {
        let of_block = row..rows.min(row + most_rows);
        let wanted = wanted.slice(s![of_block.clone(), ..]);
        if !wanted.iter().any(|wanted| *wanted) {
            continue;
        }
        places.find(wanted, setup.level.lanes(), stride);
        if matches!(setup.ground, Ground::Ellipsoid(_)) {
            sight.lay_out(setup, &[setup.ground.cell_at(tile.row + row as u64)], stride);
        }
        let whole =
            !survey.gaps || !setup.uses_gaps() || !plain::any_missing(setup, tile, of_block);
        let windows = crowns.seen_from((row, 0));
        for of_strip in places.places.chunks(TOGETHER) {
            let layout = (of_strip, Layout::Runs(of_strip.as_ptr()));
            let layers = scratch.prepare_places(setup, &sight, tile, windows, row, layout);
            let mut values = values.slice_mut(s![.., ..of_strip.len() / STRIP_COLS, ..]);
            let ahead = ground.seen_from((row, 0));
            let around = plain::Around { whole, ahead, far: None };
            let target = values.view_mut();
            plain::compute_strip(&mut scratch, setup, &sight, layers, around, target, stop);
            if stop() {
                return;
            }
            for (mut band, values) in out.outer_iter_mut().zip(values.outer_iter()) {
                for (place, value) in of_strip.iter().zip(values) {
                    if wanted[(place.row, place.col)] {
                        band[(row + place.row, place.col)] = *value;
                    }
                }
            }
        }
    }
}
