//! The far horizons of the receivers of a tile: the records of the lowest nodes in all directions.

use std::ops::Range;

use ndarray::{ArrayView2, s};

use crate::cascade::buffer::Buffer;
use crate::cascade::descent::{Sights, search_all};
use crate::cascade::extent::{Wanted, levels_of};
use crate::cascade::far_ground::first_directions;
use crate::cascade::frame::Frame;
use crate::cascade::pyramid::{AFTER_ROW, Level, build};
use crate::cascade::records::{Between, NUMBERS, RecordRow, Records};
use crate::cascade::rule::{NONE_BELOW, RADIX, Rule, Shear, above, side};
use crate::cascade::turn::{merge, turned_heights};
use crate::geometry::LinearLine;
use crate::layers::Tile;
use crate::setup::{Setup, ShouldStop};
use crate::simd::pairs::PairLanes;
use crate::simd::{SimdLevel, by_level, for_all_levels, prefetch};
use crate::strip::STRIP_COLS;

/// The far horizons of a tile.
pub(crate) struct FarField<'a> {
    level: SimdLevel,
    heights: ArrayView2<'a, f32>,
    /// The same heights, rows as columns, if a direction leads along columns.
    turned: ArrayView2<'a, f32>,
    /// Row and column of the raster of the first height.
    first: (i64, i64),
    /// Row and column of the first receiver among the heights.
    halo: (usize, usize),
    /// Height of a receiver above the surface, heights of the raster.
    observer: f32,
    /// What is seen in each direction, of the surface and of the surface turned upside down.
    views: [&'a [FarDirection]; 2],
}

/// The far horizons in a direction.
#[derive(Default)]
struct FarDirection {
    /// None if there is no far ground, or it was not searched.
    line: Option<FarLine>,
    records: Records,
}

/// How the records of a direction are read.
#[derive(Clone, Copy)]
struct FarLine {
    along_rows: bool,
    backward: bool,
    shear: Shear,
    /// Slope on the ground of one height per row.
    scale: f32,
}

/// Space for the far horizons of a tile, and for the search of one direction after the other. It is
/// kept from tile to tile: to get as much from the system each time takes a quarter of the search.
#[derive(Default)]
pub(crate) struct FarScratch {
    turned: Buffer,
    views: [Vec<FarDirection>; 2],
    pair: PairScratch,
}

/// Space for the search of a direction and its opposite.
#[derive(Default)]
struct PairScratch {
    levels: Vec<Level>,
    higher: [Records; 2],
    row: RecordRow,
}

/// Rows of receivers for which records are interpolated before the first of them is read: a vector
/// that lies across two which were just stored has to wait for both. What the next of them need is
/// fetched meanwhile.
const ROWS_AHEAD: usize = 8;

/// Space for the far horizons of a strip.
pub(crate) struct FarStrip {
    rows: [RecordRow; ROWS_AHEAD],
    /// Slopes, a row of the frame after the other.
    slopes: Buffer,
}

impl Default for FarStrip {
    fn default() -> Self {
        let mut slopes = Buffer::default();
        slopes.fit(STRIP_COLS * STRIP_COLS);
        Self { rows: Default::default(), slopes }
    }
}

impl FarScratch {
    /// Space for heights, rows as columns.
    pub(super) fn turned(&mut self) -> &mut Buffer {
        &mut self.turned
    }

    /// Space for the levels of a pyramid.
    pub(super) fn levels(&mut self) -> &mut Vec<Level> {
        &mut self.pair.levels
    }
}

impl<'a> FarField<'a> {
    /// Searches the nodes that this number of rows and columns of receivers need. If it must `stop`,
    /// the rest is missing.
    pub fn find(
        setup: &Setup,
        tile: Tile<'a>,
        (rows, cols): (usize, usize),
        kept: &'a mut FarScratch,
        stop: ShouldStop<'_>,
    ) -> Self {
        let FarScratch { turned, views, pair: scratch } = kept;
        let (of_rows, of_cols) = setup.known(&tile.window((rows, cols)));
        let halo = (setup.halo.rows_px - of_rows.start, setup.halo.cols_px - of_cols.start);
        let heights = tile.heights.slice_move(s![of_rows, of_cols]);
        let origin = |first: u64, halo: usize| first.cast_signed() - halo as i64;
        let params = &setup.params;
        let lines = setup.lines();
        let is_turned = |line: &LinearLine| !line.axis.along_rows && Rule::of(line).levels > 0;
        let mut field = Self {
            level: setup.level,
            heights,
            turned: ArrayView2::from(&[] as &[[f32; 0]; 0]),
            first: (origin(tile.row, halo.0), origin(tile.col, halo.1)),
            halo,
            observer: (params.observer_height / params.z_factor) as f32,
            views: [&[], &[]],
        };
        if lines.iter().any(is_turned) {
            field.turned = turned_heights(setup.level, heights, turned);
        }
        let wanted = [setup.options.highest, setup.options.lowest];
        for (view, directions) in views.iter_mut().enumerate().filter(|(view, _)| wanted[*view]) {
            directions.resize_with(lines.len(), FarDirection::default);
            directions.iter_mut().for_each(|direction| direction.line = None);
            let count = first_directions(lines.len());
            for i in 0..count {
                if stop() || Rule::of(&lines[i]).levels == 0 {
                    continue;
                }
                // The opposite, if there is one.
                let pair: Vec<usize> = (i..lines.len()).step_by(count).collect();
                let into = (&mut directions[..], &mut *scratch);
                field.find_pair(setup, (&lines, &pair), (rows, cols), view == 1, into, stop);
            }
            field.views[view] = directions;
        }
        field
    }

    /// Bytes for a block of this many rows and columns of receivers, at most.
    pub fn bytes(setup: &Setup, (rows, cols): (usize, usize)) -> u64 {
        let padded = setup.known_most((rows, cols));
        let turned = (padded.0 * padded.1 * size_of::<f32>()) as u64;
        let mut kept = 0;
        let mut most = 0;
        for line in setup.lines() {
            let rule = Rule::of(&line);
            if rule.levels == 0 {
                continue;
            }
            let highest = rule.levels.min(setup.made);
            let (along, across, all) =
                if line.axis.along_rows { (rows, cols, padded.0) } else { (cols, rows, padded.1) };
            let slant = (along as f64 * line.axis.slope.abs()).ceil() as usize;
            // All levels together have a third more nodes than the first one.
            let needed = (across + slant) / RADIX + 8 * side(highest) / RADIX;
            let lines = needed + 2 * AFTER_ROW;
            let searched = along + 8 * side(highest);
            let records = NUMBERS * (along / RADIX + 8) * (needed + AFTER_ROW / 2);
            let nodes = 2 * (all + searched + 4 * side(highest)) / RADIX * lines;
            let views = usize::from(setup.options.highest) + usize::from(setup.options.lowest);
            kept += (views * records * size_of::<f32>()) as u64;
            // Of levels that are known, the nodes around the receivers.
            let known = (highest + 1..=rule.levels).map(|level| {
                let rows = along / side(level) + 8;
                let lines = (across + slant) / side(level) + 8 * RADIX + 2 * AFTER_ROW;
                (3 * (rows + 2 * rule.blocks(level).end()) + 2 * rows) * lines
            });
            let floats = (nodes + 2 * records) * 4 / 3 + known.sum::<usize>();
            most = most.max((floats * size_of::<f32>()) as u64);
        }
        turned.saturating_add(kept).saturating_add(most)
    }

    /// The frame of a direction.
    fn frame(&self, along_rows: bool) -> Frame<'_> {
        if along_rows {
            Frame { heights: self.heights, first: self.first }
        } else {
            Frame { heights: self.turned.view(), first: (self.first.1, self.first.0) }
        }
    }

    /// Searches a direction, or two opposite ones, which share a pyramid. Of a whole raster, each step can
    /// take a second: if it must `stop`, the rest is missing.
    fn find_pair(
        &self,
        setup: &Setup,
        (lines, pair): (&[LinearLine], &[usize]),
        (rows, cols): (usize, usize),
        inverted: bool,
        (directions, scratch): (&mut [FarDirection], &mut PairScratch),
        stop: ShouldStop<'_>,
    ) {
        let line = &lines[pair[0]];
        let (rule, shear) = (Rule::of(line), Shear::of(line));
        let along_rows = line.axis.along_rows;
        let frame = self.frame(along_rows);
        let place = |first: i64, halo: usize, count: usize| {
            let from = first + halo as i64;
            from..from + count as i64
        };
        let of_rows = place(self.first.0, self.halo.0, rows);
        let of_cols = place(self.first.1, self.halo.1, cols);
        let receivers = if along_rows { (of_rows, of_cols) } else { (of_cols, of_rows) };
        let has_way = |backward| pair.iter().any(|&i| lines[i].axis.backward == backward);
        let ways = [has_way(false), has_way(true)];
        let known = frame.first.0..frame.first.0 + frame.heights.nrows() as i64;
        let made = rule.levels.min(setup.made);
        let wanted = Wanted { rule: &rule, shear: &shear, receivers, ways, known, made };
        let extents = levels_of(&wanted);
        let levels = &mut scratch.levels;
        build(self.level, &frame, &shear, &extents[..made], inverted, levels);
        if made < rule.levels {
            let far = setup.far_ground.as_ref().and_then(|far| far.pyramid(pair[0], inverted));
            #[expect(clippy::expect_used, reason = "`Kernel` checks that it has what is not made")]
            far.expect("far ground").copy(&extents[made..], levels);
        }
        let params = &setup.params;
        let curved = params.drop(line.spacing) / params.z_factor;
        for &i in pair {
            if stop() {
                return;
            }
            let sights = Sights {
                rule,
                backward: lines[i].axis.backward,
                above: above(params, line.spacing).map(|above| above as f32),
                drop: if inverted { -curved } else { curved } as f32,
            };
            let PairScratch { levels, higher, row } = scratch;
            let records = &mut directions[i].records;
            let levels = &levels[..extents.len()];
            search_all(self.level, sights, &extents, levels, records, higher, row);
            let scale = (params.z_factor / line.spacing) as f32;
            let backward = sights.backward;
            directions[i].line = Some(FarLine { along_rows, backward, shear, scale });
        }
    }

    /// What is seen in direction `i`, and how it is read; none if there is no far ground.
    fn direction(&self, (i, inverted): (usize, bool)) -> Option<(FarLine, &Records)> {
        let direction = self.views[usize::from(inverted)].get(i)?;
        Some((direction.line?, &direction.records))
    }

    /// Tells the processor what [`FarField::raise`] will read first.
    pub fn prefetch(
        &self,
        which: (usize, bool),
        (row, col): (usize, usize),
        (rows, cols): (usize, usize),
    ) {
        let Some((far, records)) = self.direction(which) else { return };
        let first = (self.first.0 + self.halo.0 as i64, self.first.1 + self.halo.1 as i64);
        let at = (first.0 + row as i64, first.1 + col as i64);
        let (at, size) =
            if far.along_rows { (at, (rows, cols)) } else { ((at.1, at.0), (cols, rows)) };
        far.prefetch(records, at.0..at.0 + size.0.min(ROWS_AHEAD) as i64, (at.1, size.1));
    }

    /// Raises the highest slopes in direction `i` to the far horizons; lowers the lowest ones, if the
    /// surface is `inverted`. The receivers are those of the tile from a row and column on; there
    /// are [`STRIP_COLS`] rows and columns at most.
    pub fn raise(
        &self,
        (i, inverted): (usize, bool),
        (row, col): (usize, usize),
        (rows, cols): (usize, usize),
        strip: &mut FarStrip,
        slopes: &mut [f32],
    ) {
        debug_assert!(rows <= STRIP_COLS && cols <= STRIP_COLS);
        let Some((far, records)) = self.direction((i, inverted)) else { return };
        let at = (row + self.halo.0, col + self.halo.1);
        let (frame, at, size) = if far.along_rows {
            (self.frame(true), at, (rows, cols))
        } else {
            (self.frame(false), (at.1, at.0), (cols, rows))
        };
        let look = by_level!(self.level, LOOK);
        let (x, count) = (frame.first.1 + at.1 as i64, size.1);
        let place = |first: usize| frame.first.0 + (at.0 + first) as i64;
        let heights_of = |first: usize| -> [&[f32]; ROWS_AHEAD] {
            std::array::from_fn(|k| {
                let row = if first + k < size.0 { frame.row(place(first + k)) } else { None };
                row.and_then(|row| row.get(at.1..)).unwrap_or_default()
            })
        };
        let mut heights = heights_of(0);
        for first in (0..size.0).step_by(ROWS_AHEAD) {
            let rows = ROWS_AHEAD.min(size.0 - first);
            let least = heights[..rows].iter().map(|row| row.len()).min();
            assert!(least >= Some(count.next_multiple_of(16)), "the halo is too narrow");
            let next = first + ROWS_AHEAD;
            let heights_next = heights_of(next);
            if next < size.0 {
                let end = place(size.0.min(next + ROWS_AHEAD));
                far.prefetch(records, place(next)..end, (x, count));
                for row in heights_next {
                    prefetch(row.as_ptr(), count);
                }
            }
            let receivers =
                Receivers { y: place(first), x, count, inverted, observer: self.observer };
            let into = &mut strip.slopes[first * STRIP_COLS..(first + rows) * STRIP_COLS];
            // SAFETY: the halo is wider than a vector; the records are those of the nodes around all
            // receivers of the tile; the processor has the level.
            unsafe { look((far, records), &heights[..rows], receivers, &mut strip.rows, into) };
            heights = heights_next;
        }
        // Rows of the frame are rows or columns of the strip.
        merge(self.level, &strip.slopes, (!far.along_rows, inverted), rows, slopes);
    }
}

impl FarLine {
    /// Tells the processor that the records around some rows of receivers will be read. A row has `count` of
    /// them from a column of the frame on.
    fn prefetch(&self, records: &Records, rows: Range<i64>, (x, count): (i64, usize)) {
        let (radix, last) = (RADIX as i64, rows.end - 1);
        for p in rows.start.div_euclid(radix) - 1..=last.div_euclid(radix) + 1 {
            let (whole, _) = self.shear.at((p * radix).clamp(rows.start, last));
            let line = (x - whole).div_euclid(radix) - 2;
            records.prefetch(p, line, count / RADIX + 5);
        }
    }
}

/// Receivers side by side in a frame: of the first row, and of those after it.
#[derive(Clone, Copy)]
struct Receivers {
    y: i64,
    x: i64,
    count: usize,
    inverted: bool,
    observer: f32,
}

/// Where the receivers of a row are among sheared lines.
#[derive(Clone, Copy, Default)]
struct AmongLines {
    /// Quarters of lines from the second of the lines that are needed.
    quarters: usize,
    /// More than that, as a share of a line.
    beyond: f32,
    /// The first of these lines among the records, and their number.
    first: usize,
    lines: usize,
}

impl AmongLines {
    fn of(far: FarLine, records: &Records, y: i64, receivers: Receivers) -> Self {
        let (whole, share) = far.shear.at(y);
        // Cells after the line before the first receiver that is a whole number of cells from line 0.
        let x = receivers.x - whole - i64::from(share > 0.0);
        let beyond = if share > 0.0 { (1.0 - share) as f32 / RADIX as f32 } else { 0.0 };
        let line = x.div_euclid(RADIX as i64);
        let quarters = x.rem_euclid(RADIX as i64) as usize;
        // From the line before, which can replace an empty one, to the line after the one after.
        let first = usize::try_from(line - 1 - records.first.1).unwrap_or(usize::MAX);
        let lines = (quarters + receivers.count - 1) / RADIX + 4;
        Self { quarters, beyond, first, lines }
    }
}

/// Far horizons of receivers, as slopes; -inf if there is none. There is a row of receivers for each row
/// of `heights`.
///
/// # Safety
/// There are heights for the receivers, and up to a vector more; the records are those of the nodes around
/// them; the processor has the instructions of `V`.
#[inline(always)]
unsafe fn look<V: PairLanes>(
    (far, records): (FarLine, &Records),
    heights: &[&[f32]],
    receivers: Receivers,
    rows: &mut [RecordRow; ROWS_AHEAD],
    slopes: &mut [f32],
) {
    let mut places = [AmongLines::default(); ROWS_AHEAD];
    for (k, (row, at)) in rows.iter_mut().zip(&mut places).enumerate().take(heights.len()) {
        let y = receivers.y + k as i64;
        *at = AmongLines::of(far, records, y, receivers);
        let between = Between::of(2 * y, RADIX, far.backward);
        // SAFETY: see above.
        unsafe { row.interpolate::<V>(records, between, at.first, at.lines) };
    }
    let of_rows = heights.iter().zip(rows.iter().zip(places)).zip(slopes.chunks_mut(STRIP_COLS));
    for ((heights, (row, at)), slopes) in of_rows {
        // SAFETY: see above.
        unsafe {
            let observer = V::splat(receivers.observer);
            let sign = V::splat(if receivers.inverted { -1.0 } else { 1.0 });
            let (none, least) = (V::splat(f32::NEG_INFINITY), V::splat(NONE_BELOW));
            let scale = V::splat(far.scale);
            for i in (0..receivers.count).step_by(V::N) {
                let z = V::load(heights.as_ptr().add(i)).mul(sign).add(observer);
                let [(a, _), (b, _)] = row.hand_down::<V>(1, at.quarters + i, at.beyond, z);
                let slope = b.max(a);
                let slope = V::where_greater(slope, least, slope, none);
                slope.mul(scale).store(slopes.as_mut_ptr().add(i));
            }
        }
    }
}

type Look =
    unsafe fn((FarLine, &Records), &[&[f32]], Receivers, &mut [RecordRow; ROWS_AHEAD], &mut [f32]);

macro_rules! compile_for {
    ($module:ident, $lanes:ty $(; $feature:literal)?) => {
        mod $module {
            use super::*;

            pub(super) static LOOK: Look = look_at;

            /// # Safety
            /// As [`look`].
            $(#[target_feature(enable = $feature)])?
            unsafe fn look_at(
                far: (FarLine, &Records),
                heights: &[&[f32]],
                receivers: Receivers,
                rows: &mut [RecordRow; ROWS_AHEAD],
                slopes: &mut [f32],
            ) {
                // SAFETY: passed on to the caller.
                unsafe { look::<$lanes>(far, heights, receivers, rows, slopes) }
            }
        }
    };
}
for_all_levels!(compile_for);

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::ground::Ground;
    use crate::measures::Measure;
    use crate::params::{CellSize, Params, Search};

    impl FarScratch {
        /// Bytes that are held.
        fn held(&self) -> u64 {
            let of_levels = self.pair.levels.iter().map(Level::held).sum::<usize>();
            let records = self.views.iter().flatten().map(|direction| &direction.records);
            let of_records = records.chain(&self.pair.higher).map(Records::held).sum::<usize>();
            let floats = self.turned.held() + of_levels + of_records + self.pair.row.held();
            (floats * size_of::<f32>()) as u64
        }
    }

    #[test]
    fn tiles_of_any_shape_leave_no_more_than_what_was_counted() {
        let cases = [(40.0, 16, 512), (100.0, 32, 512), (400.0, 7, 900), (1600.0, 4, 640)];
        for (radius, directions, side) in cases {
            let params = Params { search: Search::Cascade, ..Params::new(radius, directions) };
            let measures = [Measure::Svf, Measure::OpennessNegative];
            let ground = Ground::Plane(CellSize::square(1.0));
            let setup = Setup::new(&params, ground, &measures, SimdLevel::detect()).unwrap();
            let mut kept = FarScratch::default();
            let counted = FarField::bytes(&setup, (side, side));
            for size in [(side, side), (64, side), (side, 100), (side - 100, side)] {
                let z = Array2::zeros(setup.halo.padded(size.0, size.1));
                FarField::find(&setup, Tile::of(z.view(), 0), size, &mut kept, &|| false);
                assert!(kept.held() <= counted, "{radius}, {size:?}: {} {counted}", kept.held());
            }
            assert!(2 * kept.held() >= counted, "{radius}: {} {counted}", kept.held());
        }
    }
}
