//! The highest levels of the pyramids of a whole raster. Tiles search them for what is beyond their
//! halo, so that the halo does not grow with the radius.

use std::fmt;
use std::ops::Range;

use ndarray::{ArrayView2, CowArray, Ix2};

use crate::cascade::extent::{LevelExtent, all_levels};
use crate::cascade::frame::Frame;
use crate::cascade::pyramid::{Level, build, build_above};
use crate::cascade::rule::{Rule, Shear, side};
use crate::cascade::turn::turned_heights;
use crate::heights::{Survey, TALLEST, copy_of, usable};
use crate::scratch::Scratch;
use crate::setup::Setup;
use crate::simd::SimdLevel;
use crate::tile::Window;

/// Rows and columns of a part of a raster that [`FarGround::part`] should get at most: the pyramid
/// of larger ones leaves the caches.
pub const PART_PX: usize = 1024;
/// Rows and columns of a raster whose numbers, and halves between them, are exact in f32.
const MOST_PX: u64 = 1 << 23;

/// What a cascade sees far away: the highest levels of the pyramids of all directions, over a part of
/// a raster or all of it.
///
/// It is made from parts of the raster in any order ([`FarGround::part`], [`FarPyramid::add`]), and
/// is then [`FarGround::complete`].
pub struct FarGround {
    level: SimdLevel,
    region: Window,
    pyramids: Vec<FarPyramid>,
}

/// The highest levels of the pyramid of a direction and its opposite.
pub struct FarPyramid {
    level: SimdLevel,
    extent: FarExtent,
    levels: Vec<Level>,
}

/// A part of a raster, ready to be added to pyramids.
pub struct GroundPart<'a> {
    heights: CowArray<'a, f32, Ix2>,
    /// The same heights, rows as columns, if a direction leads along columns.
    turned: ArrayView2<'a, f32>,
    /// Row and column of the raster of the first height.
    first: (i64, i64),
}

impl fmt::Debug for FarGround {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { region, pyramids, .. } = self;
        write!(f, "FarGround({region:?}, {} pyramids)", pyramids.len())
    }
}

impl FarGround {
    /// Levels without heights, above those that `setup` makes of each tile, over a part of the raster.
    pub(crate) fn new(setup: &Setup, region: &Window) -> Self {
        let level = setup.level;
        let pyramid = |extent: FarExtent| {
            let levels = extent.levels.iter().map(|extent| {
                let mut level = Level::default();
                level.fit(extent);
                level.clear();
                level
            });
            FarPyramid { level, levels: levels.collect(), extent }
        };
        let pyramids = extents(setup, region).into_iter().map(pyramid).collect();
        Self { level, region: *region, pyramids }
    }

    /// Bytes that it holds, at most.
    pub(crate) fn bytes(setup: &Setup, region: &Window) -> u64 {
        let of_pyramid = |far: FarExtent| far.levels.iter().map(Level::bytes).sum::<u64>();
        extents(setup, region).into_iter().map(of_pyramid).fold(0, u64::saturating_add)
    }

    /// Bytes that a part and the scratch for one pyramid hold, at most.
    pub(crate) fn part_bytes(setup: &Setup, side: usize, threads: usize) -> u64 {
        let side = side.min(PART_PX) as u64 + 2;
        let region = Window { row: 1, col: 1, rows: side, cols: side };
        let lowest = |far: FarExtent| {
            let extents = all_levels(&far.shear, setup.made + 1, frame_of(far.along_rows, &region));
            extents.iter().map(Level::bytes).sum::<u64>()
        };
        let of_pyramid = extents(setup, &region).into_iter().map(lowest).max().unwrap_or(0);
        2 * side * side * size_of::<f32>() as u64 + threads as u64 * of_pyramid
    }

    /// Whether rows and columns of a part of a raster are few enough.
    pub(crate) fn is_possible(region: &Window) -> bool {
        region.row_end().max(region.col_end()) <= MOST_PX
    }

    /// A part of the raster, [`PART_PX`] rows and columns at most, with one more on all sides where
    /// there are more in the region. A height that is not finite is missing. `scratch` is best kept from
    /// part to part.
    pub fn part<'a>(
        &self,
        heights: ArrayView2<'a, f32>,
        (row, col): (u64, u64),
        scratch: &'a mut Scratch,
    ) -> GroundPart<'a> {
        let survey = Survey::of(heights);
        let adjacent = heights.strides()[1] == 1 && heights.strides()[0] >= 0;
        let heights = if adjacent && survey.largest <= TALLEST {
            CowArray::from(heights)
        } else {
            CowArray::from(copy_of(heights, usable))
        };
        let turned = match self.pyramids.iter().any(|pyramid| !pyramid.extent.along_rows) {
            true => turned_heights(self.level, heights.view(), scratch.far.turned()),
            false => ArrayView2::from(&[] as &[[f32; 0]; 0]),
        };
        GroundPart { heights, turned, first: (row.cast_signed(), col.cast_signed()) }
    }

    /// The pyramids, to which a part must be added one by one, in any order.
    pub fn pyramids_mut(&mut self) -> &mut [FarPyramid] {
        &mut self.pyramids
    }

    /// The numbers of the first of its levels, to keep them: from these [`FarGround::complete`] makes the
    /// others. Number and length of the arrays depend only on the kernel and the window.
    pub fn numbers(&self) -> impl Iterator<Item = &[f32]> {
        self.pyramids.iter().flat_map(|pyramid| {
            let Level { top, first, last, low, high, .. } = &pyramid.levels[0];
            [top, first, last, low, high].map(|layer| &layer[..])
        })
    }

    /// [`FarGround::numbers`] that were kept can be put here.
    pub fn numbers_mut(&mut self) -> impl Iterator<Item = &mut [f32]> {
        self.pyramids.iter_mut().flat_map(|pyramid| {
            let Level { top, first, last, low, high, .. } = &mut pyramid.levels[0];
            [top, first, last, low, high].map(|layer| &mut layer[..])
        })
    }

    /// Makes the levels above the first one, after all parts were added.
    pub fn complete(&mut self) {
        for pyramid in &mut self.pyramids {
            build_above(pyramid.level, &mut pyramid.levels);
        }
    }

    /// Whether it has the levels above those that `setup` makes.
    pub(crate) fn is_for(&self, setup: &Setup) -> bool {
        extents(setup, &self.region).iter().eq(self.pyramids.iter().map(|p| &p.extent))
    }

    /// The pyramid of a direction and its opposite.
    pub(super) fn pyramid(&self, direction: usize, inverted: bool) -> Option<&FarPyramid> {
        let is_it = |of: &FarExtent| (of.direction, of.inverted) == (direction, inverted);
        self.pyramids.iter().find(|pyramid| is_it(&pyramid.extent))
    }
}

impl FarPyramid {
    /// Adds a part of the raster. What is added twice counts once.
    pub fn add(&mut self, part: &GroundPart<'_>, scratch: &mut Scratch) {
        let FarExtent { made, inverted, along_rows, shear, .. } = self.extent;
        let frame = part.frame(along_rows);
        let of = |first: i64, count: usize| first..first + count as i64;
        let (rows, cols) = frame.heights.dim();
        let place = (of(frame.first.0, rows), of(frame.first.1, cols));
        let extents = all_levels(&shear, made + 1, place);
        let levels = scratch.far.levels();
        build(self.level, &frame, &shear, &extents, inverted, levels);
        let (from, extent) = (&levels[made], &extents[made]);
        let (into, own) = (&mut self.levels[0], &self.extent.levels[0]);
        let behind = extent.tops.start - own.tops.start;
        let rows_behind = (behind * side(made + 1) as i64) as f32;
        let lines_behind = extent.lines.start - own.lines.start;
        for row in 0..from.tops {
            let Ok(into_row) = usize::try_from(row as i64 + behind) else { continue };
            if into_row >= into.tops {
                continue;
            }
            for line in 0..from.lines {
                let Ok(into_line) = usize::try_from(line as i64 + lines_behind) else { continue };
                if into_line >= into.lines {
                    continue;
                }
                let (a, b) = (row * from.stride + line, into_row * into.stride + into_line);
                into.low[b] = into.low[b].min(from.low[a]);
                into.high[b] = into.high[b].max(from.high[a]);
                let (first, last) = (from.first[a] + rows_behind, from.last[a] + rows_behind);
                if from.top[a] > into.top[b] {
                    (into.top[b], into.first[b], into.last[b]) = (from.top[a], first, last);
                } else if from.top[a] == into.top[b] && first.is_finite() {
                    into.first[b] = into.first[b].min(first);
                    into.last[b] = into.last[b].max(last);
                }
            }
        }
    }

    /// Copies what a tile needs of these levels: nodes that are not in the region are empty.
    pub(super) fn copy(&self, wanted: &[LevelExtent], levels: &mut Vec<Level>) {
        let made = self.extent.made;
        if levels.len() < made + wanted.len() {
            levels.resize_with(made + wanted.len(), Level::default);
        }
        let of_whole = self.levels.iter().zip(&self.extent.levels);
        let of_levels = levels[made..].iter_mut().zip(of_whole);
        for (l, (wanted, (level, (whole, own)))) in (made + 1..).zip(wanted.iter().zip(of_levels)) {
            level.fit(wanted);
            level.clear();
            let ahead = (own.tops.start - wanted.tops.start) * side(l) as i64;
            let lines = meet(&own.lines, &wanted.lines);
            let count = (lines.end - lines.start) as usize;
            let at = |lines: &Range<i64>, first: i64| (first - lines.start) as usize;
            let (from, into) = (at(&own.lines, lines.start), at(&wanted.lines, lines.start));
            for y in meet(&own.tops, &wanted.tops) {
                let a = at(&own.tops, y) * whole.stride + from;
                let b = at(&wanted.tops, y) * level.stride + into;
                level.top[b..b + count].copy_from_slice(&whole.top[a..a + count]);
                let rows = [(&mut level.first, &whole.first), (&mut level.last, &whole.last)];
                for (into, from) in rows {
                    for (into, from) in into[b..b + count].iter_mut().zip(&from[a..a + count]) {
                        *into = from + ahead as f32;
                    }
                }
            }
            for y in meet(&own.ranges, &wanted.ranges) {
                let a = at(&own.ranges, y) * whole.stride + from;
                let b = at(&wanted.ranges, y) * level.stride + into;
                level.low[b..b + count].copy_from_slice(&whole.low[a..a + count]);
                level.high[b..b + count].copy_from_slice(&whole.high[a..a + count]);
            }
        }
    }
}

impl GroundPart<'_> {
    fn frame(&self, along_rows: bool) -> Frame<'_> {
        match along_rows {
            true => Frame { heights: self.heights.view(), first: self.first },
            false => Frame { heights: self.turned, first: (self.first.1, self.first.0) },
        }
    }
}

/// The numbers that are in both; none if the end is not after the start.
fn meet(a: &Range<i64>, b: &Range<i64>) -> Range<i64> {
    let start = a.start.max(b.start);
    start..a.end.min(b.end).max(start)
}

/// Rows and columns of a frame over a part of a raster.
fn frame_of(along_rows: bool, region: &Window) -> (Range<i64>, Range<i64>) {
    let of = |start: u64, end: u64| start.cast_signed()..end.cast_signed();
    let (rows, cols) = (of(region.row, region.row_end()), of(region.col, region.col_end()));
    if along_rows { (rows, cols) } else { (cols, rows) }
}

/// The levels of a pyramid.
#[derive(Clone, Debug, PartialEq)]
struct FarExtent {
    /// The first direction that it is for.
    direction: usize,
    inverted: bool,
    along_rows: bool,
    shear: Shear,
    /// Levels below these, which are made from the heights of a tile.
    made: usize,
    levels: Vec<LevelExtent>,
}

/// The levels of all pyramids, above those that are made of each tile.
fn extents(setup: &Setup, region: &Window) -> Vec<FarExtent> {
    let (lines, made) = (setup.lines(), setup.made);
    let mut all = Vec::new();
    for (inverted, wanted) in [(false, setup.options.highest), (true, setup.options.lowest)] {
        for (direction, line) in lines.iter().enumerate().take(first_directions(lines.len())) {
            let rule = Rule::of(line);
            if !wanted || rule.levels <= made {
                continue;
            }
            let (shear, along_rows) = (Shear::of(line), line.axis.along_rows);
            let mut levels = all_levels(&shear, rule.levels, frame_of(along_rows, region));
            levels.drain(..made);
            all.push(FarExtent { direction, inverted, along_rows, shear, made, levels });
        }
    }
    all
}

/// How many directions have a pyramid: the others are their opposites.
pub(super) fn first_directions(directions: usize) -> usize {
    if directions.is_multiple_of(2) { directions / 2 } else { directions }
}
