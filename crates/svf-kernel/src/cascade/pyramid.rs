//! The pyramid of a direction and its opposite: what nodes keep of their blocks.
//!
//! Levels are stored from the first node of their extent on. What is stored after the last line of a
//! row is read together with it, and never used.

use crate::cascade::buffer::Buffer;
use crate::cascade::extent::LevelExtent;
use crate::cascade::frame::Frame;
use crate::cascade::rule::{RADIX, Shear};
use crate::simd::pairs::PairLanes;
use crate::simd::{SimdLevel, by_level, for_all_levels};

/// Floats of a row after its last line: vectors of four times 16 lanes begin before its end.
pub(super) const AFTER_ROW: usize = 64;

/// The nodes of a level.
#[derive(Default)]
pub(super) struct Level {
    /// Lines of a row.
    pub lines: usize,
    /// From a row to the next.
    pub stride: usize,
    /// Rows of `top`, `first` and `last`.
    pub tops: usize,
    /// Highest height on the line of the node; -inf if there is none.
    pub top: Buffer,
    /// Row of the frame of that height, counted from the first of the pyramid; the first of equal ones,
    /// which is the nearest for those that look forward.
    pub first: Buffer,
    /// The last of equal ones.
    pub last: Buffer,
    /// Rows of `low` and `high`.
    pub ranges: usize,
    /// The first of them, as a row of `top`.
    pub first_range: usize,
    /// Lowest height; +inf if there is none.
    pub low: Buffer,
    /// Highest height; -inf if there is none.
    pub high: Buffer,
}

impl Level {
    /// Floats that are held.
    #[cfg(test)]
    pub fn held(&self) -> usize {
        let layers = [&self.top, &self.first, &self.last, &self.low, &self.high];
        layers.into_iter().map(Buffer::held).sum()
    }

    /// Bytes of a level, at most.
    pub fn bytes(extent: &LevelExtent) -> u64 {
        let count = |range: &std::ops::Range<i64>| (range.end - range.start).unsigned_abs();
        let stride = count(&extent.lines) + AFTER_ROW as u64 + 15;
        let rows = 3 * count(&extent.tops) + 2 * count(&extent.ranges);
        rows.saturating_mul(stride).saturating_mul(size_of::<f32>() as u64)
    }

    /// Empties all nodes.
    pub fn clear(&mut self) {
        self.top.fill(f32::NEG_INFINITY);
        self.first.fill(f32::INFINITY);
        self.last.fill(f32::INFINITY);
        self.low.fill(f32::INFINITY);
        self.high.fill(f32::NEG_INFINITY);
    }

    /// Makes space for the nodes of an extent. What was kept is lost.
    pub fn fit(&mut self, extent: &LevelExtent) {
        let count = |from: i64, to: i64| usize::try_from(to - from).unwrap_or(0);
        self.lines = count(extent.lines.start, extent.lines.end);
        self.stride = (self.lines + AFTER_ROW).next_multiple_of(16);
        self.tops = count(extent.tops.start, extent.tops.end);
        self.ranges = count(extent.ranges.start, extent.ranges.end);
        self.first_range = count(extent.tops.start, extent.ranges.start);
        for layer in [&mut self.top, &mut self.first, &mut self.last] {
            layer.fit(self.tops * self.stride);
        }
        for layer in [&mut self.low, &mut self.high] {
            layer.fit(self.ranges * self.stride);
        }
    }
}

/// Makes the lowest levels of the pyramid over a frame, one for each extent; of the surface turned
/// upside down if it is `inverted`. Levels above them stay.
///
/// The processor must have `level`.
pub(super) fn build(
    level: SimdLevel,
    frame: &Frame<'_>,
    shear: &Shear,
    extents: &[LevelExtent],
    inverted: bool,
    levels: &mut Vec<Level>,
) {
    if levels.len() < extents.len() {
        levels.resize_with(extents.len(), Level::default);
    }
    let levels = &mut levels[..extents.len()];
    for (level, extent) in levels.iter_mut().zip(extents) {
        level.fit(extent);
    }
    // SAFETY: the level has the size of the extent; the processor has the level.
    unsafe { by_level!(level, FIRST)(frame, shear, &extents[0], inverted, &mut levels[0]) };
    build_above(level, levels);
}

/// Makes levels from the first of them. They must have the size of extents whose ranges begin and
/// end at the same places.
///
/// The processor must have `level`.
pub(super) fn build_above(level: SimdLevel, levels: &mut [Level]) {
    for above in 1..levels.len() {
        let (below, above) = levels.split_at_mut(above);
        // SAFETY: see above.
        unsafe { by_level!(level, MERGE)(&below[below.len() - 1], &mut above[0]) };
    }
}

/// The four vectors of what four rows have on four times as many lines as a vector has lanes.
type Four<V> = [V; RADIX];

/// Those of the first of four lines.
///
/// # Safety
/// The processor has the instructions of `V`.
#[inline(always)]
unsafe fn first_of_four<V: PairLanes>(z: &Four<V>) -> V {
    // SAFETY: see above.
    unsafe { V::odd_numbered(V::odd_numbered(z[0], z[1]), V::odd_numbered(z[2], z[3])) }
}

/// Those of the second of four lines.
///
/// # Safety
/// As [`first_of_four`].
#[inline(always)]
unsafe fn second_of_four<V: PairLanes>(z: &Four<V>) -> V {
    // SAFETY: see above.
    unsafe { V::odd_numbered(V::even_numbered(z[0], z[1]), V::even_numbered(z[2], z[3])) }
}

/// The least of each four lines.
///
/// # Safety
/// As [`first_of_four`].
#[inline(always)]
unsafe fn least_of_four<V: PairLanes>(z: &Four<V>) -> V {
    // SAFETY: see above.
    unsafe {
        let a = V::odd_numbered(z[0], z[1]).min(V::even_numbered(z[0], z[1]));
        let b = V::odd_numbered(z[2], z[3]).min(V::even_numbered(z[2], z[3]));
        V::odd_numbered(a, b).min(V::even_numbered(a, b))
    }
}

/// The greatest of each four lines.
///
/// # Safety
/// As [`first_of_four`].
#[inline(always)]
unsafe fn greatest_of_four<V: PairLanes>(z: &Four<V>) -> V {
    // SAFETY: see above.
    unsafe {
        let a = V::odd_numbered(z[0], z[1]).max(V::even_numbered(z[0], z[1]));
        let b = V::odd_numbered(z[2], z[3]).max(V::even_numbered(z[2], z[3]));
        V::odd_numbered(a, b).max(V::even_numbered(a, b))
    }
}

/// A row of the frame, as lines pass it.
#[derive(Clone, Copy)]
struct ShearedRow<'a> {
    heights: &'a [f32],
    /// Cell of the row next to the first line.
    first: i64,
    /// Weight of the cell after it.
    share: f32,
    /// Row, counted from the first of the pyramid.
    at: f32,
}

impl ShearedRow<'_> {
    /// Height of a line.
    fn height(&self, line: usize) -> f32 {
        let cell = |x: i64| usize::try_from(x).ok().and_then(|x| self.heights.get(x)).copied();
        let x = self.first + line as i64;
        let Some(near) = cell(x) else { return f32::NAN };
        if self.share == 0.0 {
            return near;
        }
        cell(x + 1).map_or(f32::NAN, |far| near + self.share * (far - near))
    }

    /// The cells next to a line, if the row has as many as four vectors from there on, and one more.
    fn cells<V: PairLanes>(&self, line: usize) -> Option<&[f32]> {
        let from = usize::try_from(self.first + line as i64).ok()?;
        self.heights.get(from..from + RADIX * V::N + 1)
    }

    /// Heights of a vector of each fourth line from a line on; none if all are missing.
    ///
    /// # Safety
    /// The processor has the instructions of `V`.
    #[inline(always)]
    unsafe fn tops<V: PairLanes>(&self, line: usize) -> Option<V> {
        // SAFETY: there are four vectors of cells.
        unsafe {
            let Some(cells) = self.cells::<V>(line) else {
                return self.four::<V>(line).map(|z| first_of_four(&z));
            };
            let z = four::<V>(cells, 0);
            let near = first_of_four(&z);
            if self.share == 0.0 {
                return Some(near);
            }
            let far = second_of_four(&z);
            Some(near.add(V::splat(self.share).mul(far.sub(near))))
        }
    }

    /// Heights of four vectors from a line on; none if all are missing.
    ///
    /// # Safety
    /// The processor has the instructions of `V`.
    #[inline(always)]
    unsafe fn four<V: PairLanes>(&self, line: usize) -> Option<Four<V>> {
        let x = self.first + line as i64;
        let lanes = (RADIX * V::N) as i64;
        let cells = self.heights.len() as i64;
        // SAFETY: only cells of the row, and of the copy.
        unsafe {
            if let Some(cells) = self.cells::<V>(line) {
                let mut z = four::<V>(cells, 0);
                if self.share != 0.0 {
                    let share = V::splat(self.share);
                    let far = if V::NEXT_PAYS {
                        let last = V::load(cells.as_ptr().add((RADIX - 1) * V::N + 1));
                        [V::next(z[0], z[1]), V::next(z[1], z[2]), V::next(z[2], z[3]), last]
                    } else {
                        four::<V>(cells, 1)
                    };
                    for (near, far) in z.iter_mut().zip(far) {
                        *near = near.add(share.mul(far.sub(*near)));
                    }
                }
                return Some(z);
            }
            let mut z = [V::splat(0.0); RADIX];
            if x + lanes <= 0 || x >= cells {
                return None;
            }
            let mut copy = [0.0_f32; RADIX * 16];
            for (i, z) in copy.iter_mut().enumerate().take(RADIX * V::N) {
                *z = self.height(line + i);
            }
            for (v, z) in z.iter_mut().enumerate() {
                *z = V::load(copy.as_ptr().add(v * V::N));
            }
            Some(z)
        }
    }
}

/// Makes level 1.
///
/// # Safety
/// The level fits the extent; the processor has the instructions of `V`.
#[inline(always)]
unsafe fn make_first<V: PairLanes>(
    frame: &Frame<'_>,
    shear: &Shear,
    extent: &LevelExtent,
    inverted: bool,
    level: &mut Level,
) {
    let from = extent.lines.start * RADIX as i64;
    let first_row = extent.tops.start * RADIX as i64;
    for row in 0..level.tops {
        let mut rows: [Option<ShearedRow<'_>>; RADIX] = [None; RADIX];
        for (k, sheared) in rows.iter_mut().enumerate() {
            let at = RADIX * row + k;
            let y = first_row + at as i64;
            let (whole, share) = shear.at(y);
            let first = from + whole - frame.first.1;
            *sheared = frame.row(y).map(|heights| ShearedRow {
                heights,
                first,
                share: share as f32,
                at: at as f32,
            });
        }
        let range = row.checked_sub(level.first_range).filter(|range| *range < level.ranges);
        // SAFETY: the level has this row, and space for a vector after its last line.
        unsafe {
            if let Some(range) = range {
                make_row::<V, true>(&rows, inverted, level, row, range);
            } else {
                make_row::<V, false>(&rows, inverted, level, row, 0);
            }
        }
    }
}

/// Makes a row of level 1, and its row `range` of ranges if it has one.
///
/// # Safety
/// The level has these rows; the processor has the instructions of `V`.
#[inline(always)]
unsafe fn make_row<V: PairLanes, const RANGE: bool>(
    rows: &[Option<ShearedRow<'_>>; RADIX],
    inverted: bool,
    level: &mut Level,
    row: usize,
    range: usize,
) {
    // SAFETY: see above.
    unsafe {
        let (none, most) = (V::splat(f32::NEG_INFINITY), V::splat(f32::INFINITY));
        let sign = V::splat(if inverted { -1.0 } else { 1.0 });
        for line in (0..level.lines).step_by(V::N) {
            let (mut top, mut first, mut last) = (none, most, most);
            let (mut low, mut high) = ([most; RADIX], [none; RADIX]);
            for sheared in rows.iter().flatten() {
                let z = if RANGE {
                    let Some(mut z) = sheared.four::<V>(RADIX * line) else { continue };
                    for v in 0..RADIX {
                        z[v] = sign.mul(z[v]);
                        low[v] = z[v].min(low[v]);
                        high[v] = z[v].max(high[v]);
                    }
                    first_of_four(&z)
                } else {
                    let Some(z) = sheared.tops::<V>(RADIX * line) else { continue };
                    sign.mul(z)
                };
                // A missing height is below all others.
                let on_line = z.max(none);
                let at = V::splat(sheared.at);
                first = V::where_greater(on_line, top, at, first);
                last = V::where_greater(top, on_line, last, at);
                top = on_line.max(top);
            }
            let place = row * level.stride + line;
            top.store(level.top.as_mut_ptr().add(place));
            first.store(level.first.as_mut_ptr().add(place));
            last.store(level.last.as_mut_ptr().add(place));
            if RANGE {
                let place = range * level.stride + line;
                least_of_four(&low).store(level.low.as_mut_ptr().add(place));
                greatest_of_four(&high).store(level.high.as_mut_ptr().add(place));
            }
        }
    }
}

/// Four vectors of a layer of a level.
///
/// # Safety
/// The layer has them; the processor has the instructions of `V`.
#[inline(always)]
unsafe fn four<V: PairLanes>(layer: &[f32], from: usize) -> Four<V> {
    // SAFETY: see above.
    unsafe {
        let mut four = [V::splat(0.0); RADIX];
        for (v, z) in four.iter_mut().enumerate() {
            *z = V::load(layer.as_ptr().add(from + v * V::N));
        }
        four
    }
}

/// Makes a level from the one below.
///
/// # Safety
/// Both fit extents of a pyramid; the processor has the instructions of `V`.
#[inline(always)]
unsafe fn merge<V: PairLanes>(below: &Level, level: &mut Level) {
    // SAFETY: rows and lines of the level below are four times as many; after the last line there is
    // space for what a vector has more.
    unsafe {
        let (none, most) = (V::splat(f32::NEG_INFINITY), V::splat(f32::INFINITY));
        for row in 0..level.tops {
            for line in (0..level.lines).step_by(V::N) {
                let (mut top, mut first, mut last) = (none, most, most);
                for k in 0..RADIX {
                    let from = (RADIX * row + k) * below.stride + RADIX * line;
                    let here = first_of_four(&four::<V>(&below.top, from));
                    let firsts = first_of_four(&four::<V>(&below.first, from));
                    let lasts = first_of_four(&four::<V>(&below.last, from));
                    first = V::where_greater(here, top, firsts, first);
                    last = V::where_greater(top, here, last, lasts);
                    top = here.max(top);
                }
                let place = row * level.stride + line;
                top.store(level.top.as_mut_ptr().add(place));
                first.store(level.first.as_mut_ptr().add(place));
                last.store(level.last.as_mut_ptr().add(place));
            }
        }
        for row in 0..level.ranges {
            for line in (0..level.lines).step_by(V::N) {
                let (mut low, mut high) = ([most; RADIX], [none; RADIX]);
                for k in 0..RADIX {
                    let from = (RADIX * row + k) * below.stride + RADIX * line;
                    let lows = four::<V>(&below.low, from);
                    let highs = four::<V>(&below.high, from);
                    for v in 0..RADIX {
                        low[v] = lows[v].min(low[v]);
                        high[v] = highs[v].max(high[v]);
                    }
                }
                let place = row * level.stride + line;
                least_of_four(&low).store(level.low.as_mut_ptr().add(place));
                greatest_of_four(&high).store(level.high.as_mut_ptr().add(place));
            }
        }
    }
}

type MakeFirst = unsafe fn(&Frame<'_>, &Shear, &LevelExtent, bool, &mut Level);
type Merge = unsafe fn(&Level, &mut Level);

macro_rules! compile_for {
    ($module:ident, $lanes:ty $(; $feature:literal)?) => {
        mod $module {
            use super::*;

            pub(super) static FIRST: MakeFirst = first;
            pub(super) static MERGE: Merge = merge_levels;

            /// # Safety
            /// As [`make_first`].
            $(#[target_feature(enable = $feature)])?
            unsafe fn first(
                frame: &Frame<'_>,
                shear: &Shear,
                extent: &LevelExtent,
                inverted: bool,
                level: &mut Level,
            ) {
                // SAFETY: passed on to the caller.
                unsafe { make_first::<$lanes>(frame, shear, extent, inverted, level) }
            }

            /// # Safety
            /// As [`merge`].
            $(#[target_feature(enable = $feature)])?
            unsafe fn merge_levels(below: &Level, level: &mut Level) {
                // SAFETY: passed on to the caller.
                unsafe { merge::<$lanes>(below, level) }
            }
        }
    };
}
for_all_levels!(compile_for);
