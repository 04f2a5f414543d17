//! Which nodes the receivers of a tile need.

use std::ops::Range;

use crate::cascade::rule::{RADIX, Rule, Shear, side};

/// A radix as a number of nodes that can be negative.
const FOUR: i64 = RADIX as i64;

/// The nodes of a level, numbered from the origin of the raster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LevelExtent {
    /// Rows of nodes that keep a top.
    pub tops: Range<i64>,
    /// Rows of nodes that keep the range of their heights.
    pub ranges: Range<i64>,
    /// Rows of nodes that are searched.
    pub records: Range<i64>,
    /// Lines of the nodes that are searched.
    pub searched: Range<i64>,
    /// Lines of all of them.
    pub lines: Range<i64>,
}

/// The nodes of all levels that `receivers` (rows and columns of a frame) need, lowest level first.
/// `ways` says whether they look forward and backward, `known` are the rows of the frame that have
/// heights. A node of a level and the four that it is made of have numbers that are counted from the
/// same place: the first node of each range of a level is four times that of the level above.
pub(crate) fn levels_of(
    rule: &Rule,
    shear: &Shear,
    receivers: (Range<i64>, Range<i64>),
    ways: [bool; 2],
    known: Range<i64>,
) -> Vec<LevelExtent> {
    let (rows, cols) = receivers;
    let (a, b) = (shear.at(rows.start).0, shear.at(rows.end - 1).0);
    // The lines before and after each receiver.
    let lines = cols.start - a.max(b) - 1..cols.end - a.min(b) + 1;
    let (mut needed, mut levels) = ((rows, lines), Vec::new());
    for _ in 0..rule.levels {
        let (rows, lines) = needed;
        // Half-way to the next block; the next line, or the one that replaces an empty one.
        let of =
            |range: &Range<i64>| range.start.div_euclid(FOUR)..(range.end - 1).div_euclid(FOUR);
        let (rows, lines) = (of(&rows), of(&lines));
        needed = (rows.start - 1..rows.end + 2, lines.start - 1..lines.end + 3);
        levels.push(needed.clone());
    }
    let highest = levels.len();
    let size = |level: usize| FOUR.pow((highest - level) as u32);
    // The highest level has to have a top for each block that any level looks at.
    let (mut first, mut last) = (levels[highest - 1].0.start, levels[highest - 1].0.end - 1);
    let top_of = |y: i64| y.div_euclid(side(highest) as i64);
    for (level, (rows, _)) in (1..).zip(&levels) {
        let far = *rule.blocks(level).end() as i64;
        if ways[1] {
            let block = (rows.start - far).div_euclid(size(level));
            first = first.min(block.max(top_of(known.start)));
        }
        if ways[0] {
            let block = (rows.end - 1 + far).div_euclid(size(level));
            last = last.max(block.min(top_of(known.end - 1)));
        }
    }
    let (highest_rows, highest_lines) = levels[highest - 1].clone();
    let extent = |(level, (rows, lines)): (usize, &(Range<i64>, Range<i64>))| {
        let size = size(level);
        let grown = |range: &Range<i64>| range.start * size..range.end * size;
        LevelExtent {
            tops: first * size..(last + 1) * size,
            ranges: grown(&highest_rows),
            records: rows.clone(),
            searched: lines.clone(),
            lines: grown(&highest_lines),
        }
    };
    (1..).zip(&levels).map(extent).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Axis, LinearLine};

    #[test]
    fn levels_contain_what_the_level_below_needs() {
        for (samples, slope, first) in [(100, 0.5, -37_i64), (1600, -1.0, 1000), (24, 0.0, 3)] {
            let axis = Axis { along_rows: true, backward: false, slope };
            let line = LinearLine { axis, spacing: 1.0, samples };
            let (rule, shear) = (Rule::of(&line), Shear::of(&line));
            let receivers = (first..first + 50, 70..71);
            let known = first - 2000..first + 2000;
            let levels = levels_of(&rule, &shear, receivers, [true, true], known);
            assert_eq!(levels.len(), rule.levels);
            for (level, extent) in (1..).zip(&levels) {
                let blocks = *rule.blocks(level).end() as i64;
                let (tops, records) = (&extent.tops, &extent.records);
                assert!(tops.start <= records.start - blocks, "{level}: {extent:?}");
                assert!(tops.end >= records.end + blocks, "{level}: {extent:?}");
                assert!(extent.ranges.start <= records.start && extent.ranges.end >= records.end);
                let (lines, searched) = (&extent.lines, &extent.searched);
                assert!(lines.start <= searched.start && lines.end >= searched.end);
                let Some(above) = levels.get(level) else { continue };
                assert_eq!(4 * above.tops.start, extent.tops.start);
                assert_eq!(4 * above.lines.start, extent.lines.start);
                assert_eq!(4 * above.lines.end, extent.lines.end);
                assert!(4 * above.records.start + 3 < records.start);
                assert!(4 * above.searched.start + 3 < searched.start);
                assert!(4 * above.searched.end - 4 > searched.end);
            }
        }
    }
}
