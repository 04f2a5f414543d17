//! The search of the nodes of a direction, from the highest level down.

use crate::cascade::extent::LevelExtent;
use crate::cascade::pyramid::Level;
use crate::cascade::records::{Between, RecordRow, Records};
use crate::cascade::rule::{NOTHING, Rule, side};
use crate::simd::pairs::PairLanes;
use crate::simd::{SimdLevel, by_level, for_all_levels};

/// What a search of nodes needs to know, in heights of the raster and rows.
#[derive(Clone, Copy)]
pub(super) struct Sights {
    pub rule: Rule,
    pub backward: bool,
    /// Heights of the two receivers of a node above its lowest and highest height.
    pub above: [f32; 2],
    /// What a height one row away loses by curvature; it grows with the square of the distance.
    pub drop: f32,
}

/// Searches all nodes that are needed. The records of level 1 get into `lowest`; the others are only
/// needed for these, and each has the place of those two levels above.
pub(super) fn search_all(
    level: SimdLevel,
    sights: Sights,
    extents: &[LevelExtent],
    levels: &[Level],
    lowest: &mut Records,
    higher: &mut [Records; 2],
    row: &mut RecordRow,
) {
    let search = by_level!(level, SEARCH);
    for l in (1..=levels.len()).rev() {
        higher.swap(0, 1);
        let [above, here] = &mut *higher;
        let here = if l == 1 { &mut *lowest } else { here };
        let above = (l < levels.len()).then_some(&*above);
        let extent = &extents[l - 1];
        let lines = usize::try_from(extent.lines.end - extent.lines.start).unwrap_or(0);
        let rows = usize::try_from(extent.records.end - extent.records.start).unwrap_or(0);
        here.fit((extent.records.start, extent.lines.start), rows, lines);
        // SAFETY: levels and records fit their extents, and a level has what the level below needs;
        // the processor has the level.
        unsafe { search(sights, l, extent, &levels[l - 1], above, here, row) };
    }
}

/// Searches the nodes of a level.
///
/// # Safety
/// The level fits its extent, as do the records; the records above are those of the nodes that
/// these need; the processor has the instructions of `V`.
#[inline(always)]
unsafe fn search_level<V: PairLanes>(
    sights: Sights,
    l: usize,
    extent: &LevelExtent,
    level: &Level,
    above: Option<&Records>,
    records: &mut Records,
    between: &mut RecordRow,
) {
    let first = usize::try_from(extent.searched.start - extent.lines.start).unwrap_or(0);
    let first = Records::aligned(first);
    let last = usize::try_from(extent.searched.end - extent.lines.start).unwrap_or(0);
    let first_row = usize::try_from(extent.records.start - extent.tops.start).unwrap_or(0);
    let side = side(l) as i64;
    for p in extent.records.clone() {
        let row = usize::try_from(p - extent.records.start).unwrap_or(0);
        // Twice the row of the centre of the block.
        let centre = 2 * p * side + side - 1;
        // SAFETY: see above.
        unsafe {
            if let Some(above) = above {
                let place = Between::of(centre, 4 * side as usize, sights.backward);
                let first = extent.lines.start / 4 - above.first.1;
                let first = usize::try_from(first).unwrap_or(usize::MAX);
                between.interpolate::<V>(above, place, first, level.lines / 4);
            }
            let nodes = NodeRow { l, row: first_row + row, first, last };
            let above = above.map(|_| &*between);
            if sights.drop == 0.0 {
                search_row::<V, false>(sights, nodes, level, above, records, row);
            } else {
                search_row::<V, true>(sights, nodes, level, above, records, row);
            }
        }
    }
}

/// Nodes of a row that are searched.
#[derive(Clone, Copy)]
struct NodeRow {
    l: usize,
    /// Their row of tops.
    row: usize,
    /// The first line, and the end.
    first: usize,
    last: usize,
}

impl NodeRow {
    /// Rows from the first one of the pyramid to the centre of the nodes.
    #[expect(clippy::cast_precision_loss, reason = "a few thousand rows and a half are exact")]
    fn centre(self) -> f32 {
        let side = side(self.l);
        (self.row * side) as f32 + (side - 1) as f32 / 2.0
    }

    /// The numbers of blocks to look at: the first, the end of those all of whose rows are
    /// within the radius, and the end.
    fn blocks(self, sights: Sights, level: &Level) -> (usize, usize, usize) {
        let blocks = sights.rule.blocks(self.l);
        let known = if sights.backward { self.row } else { level.tops - 1 - self.row };
        let end = 1 + (*blocks.end()).min(known);
        let side = side(self.l);
        // Twice the distance of the last row of block `k` is `2 k side + side - 1`.
        let twice = (2.0 * sights.rule.farthest()) as usize;
        let within = (twice + 1).saturating_sub(side) / (2 * side) + 1;
        (*blocks.start(), within.clamp(*blocks.start(), end.max(*blocks.start())), end)
    }
}

/// What a vector of nodes sees so far, from one height of theirs.
#[derive(Clone, Copy)]
struct SeenBy<V> {
    z: V,
    slope: V,
    fall: V,
}

/// Searches the nodes of a row.
///
/// # Safety
/// As [`search_level`].
#[inline(always)]
unsafe fn search_row<V: PairLanes, const DROP: bool>(
    sights: Sights,
    nodes: NodeRow,
    level: &Level,
    above: Option<&RecordRow>,
    records: &mut Records,
    record_row: usize,
) {
    let range_row = (nodes.row - level.first_range) * level.stride;
    let (first, within, end) = nodes.blocks(sights, level);
    // SAFETY: see above. A vector can begin up to its length before the end of the lines; rows
    // have space for it.
    unsafe {
        let nothing = V::splat(NOTHING);
        let zero = V::splat(0.0);
        let [above_low, above_high] = sights.above;
        let looks = Looks {
            level,
            row: nodes.row,
            centre: V::splat(nodes.centre()),
            sign: V::splat(if sights.backward { -1.0 } else { 1.0 }),
            farthest: V::splat(sights.rule.farthest() as f32),
            drop: V::splat(sights.drop),
            backward: sights.backward,
        };
        for line in (nodes.first..nodes.last).step_by(V::N) {
            let low = V::load(level.low.as_ptr().add(range_row + line)).add(V::splat(above_low));
            let high = V::load(level.high.as_ptr().add(range_row + line)).add(V::splat(above_high));
            let mut seen = [
                SeenBy { z: low, slope: nothing, fall: zero },
                SeenBy { z: high, slope: nothing, fall: zero },
            ];
            if let Some(above) = above {
                let [(slope_a, fall_a), (slope_b, fall_b)] = above.hand_down(0, line, 0.0, low);
                let height = high.sub(low);
                let (mut a, mut b) = (slope_a, slope_b);
                for (k, seen) in seen.iter_mut().enumerate() {
                    if k == 1 {
                        a = a.sub(height.mul(fall_a));
                        b = b.sub(height.mul(fall_b));
                    }
                    seen.slope = V::where_greater(b, a, b, a);
                    seen.fall = V::where_greater(b, a, fall_b, fall_a);
                }
            }
            for k in first..within {
                looks.look::<DROP, false>(k, line, &mut seen);
            }
            for k in within..end {
                looks.look::<DROP, true>(k, line, &mut seen);
            }
            let [a, b] = seen;
            let at_low = b.slope.add(b.z.sub(a.z).mul(b.fall));
            records.store(record_row, line, [low, a.slope, a.fall, at_low, b.fall]);
        }
    }
}

/// What looks at tops need to know about a row of nodes.
#[derive(Clone, Copy)]
struct Looks<'a, V> {
    level: &'a Level,
    row: usize,
    centre: V,
    /// 1, or -1 backward.
    sign: V,
    farthest: V,
    drop: V,
    backward: bool,
}

impl<V: PairLanes> Looks<'_, V> {
    /// Looks at the tops of block `k` from a line on; if it is `CUT`, only at those within the radius.
    ///
    /// # Safety
    /// The level has this block, and a vector of lines; the processor has the instructions.
    #[inline(always)]
    unsafe fn look<const DROP: bool, const CUT: bool>(
        &self,
        k: usize,
        line: usize,
        seen: &mut [SeenBy<V>; 2],
    ) {
        let row = if self.backward { self.row - k } else { self.row + k };
        let place = row * self.level.stride + line;
        // SAFETY: see above.
        unsafe {
            let mut top = V::load(self.level.top.as_ptr().add(place));
            let nearest = if self.backward { &self.level.last } else { &self.level.first };
            let at = V::load(nearest.as_ptr().add(place));
            let distance = at.sub(self.centre).mul(self.sign);
            if CUT {
                let none = V::splat(f32::NEG_INFINITY);
                top = V::where_greater(distance, self.farthest, none, top);
            }
            let fall = V::splat(1.0).div(distance);
            for seen in seen {
                let mut slope = top.sub(seen.z).mul(fall);
                if DROP {
                    slope = slope.sub(self.drop.mul(distance));
                }
                seen.fall = V::where_greater(slope, seen.slope, fall, seen.fall);
                seen.slope = slope.max(seen.slope);
            }
        }
    }
}

type Search =
    unsafe fn(Sights, usize, &LevelExtent, &Level, Option<&Records>, &mut Records, &mut RecordRow);

macro_rules! compile_for {
    ($module:ident, $lanes:ty $(; $feature:literal)?) => {
        mod $module {
            use super::*;

            pub(super) static SEARCH: Search = search;

            /// # Safety
            /// As [`search_level`].
            $(#[target_feature(enable = $feature)])?
            unsafe fn search(
                sights: Sights,
                l: usize,
                extent: &LevelExtent,
                level: &Level,
                above: Option<&Records>,
                records: &mut Records,
                row: &mut RecordRow,
            ) {
                // SAFETY: passed on to the caller.
                unsafe {
                    search_level::<$lanes>(sights, l, extent, level, above, records, row);
                }
            }
        }
    };
}
for_all_levels!(compile_for);
