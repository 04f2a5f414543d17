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

/// What a search of the nodes around the receivers of a tile asks for.
#[derive(Clone, Debug)]
pub(crate) struct Wanted<'a> {
    pub rule: &'a Rule,
    pub shear: &'a Shear,
    /// Rows and columns of the frame.
    pub receivers: (Range<i64>, Range<i64>),
    /// Whether they look forward, and backward.
    pub ways: [bool; 2],
    /// Rows of the frame that have heights.
    pub known: Range<i64>,
    /// Levels that are made from these heights: the lowest ones. The others are known.
    pub made: usize,
}

/// Numbers of the nodes that contain those of a range of the level below, or rows of the frame.
fn above(range: &Range<i64>) -> Range<i64> {
    range.start.div_euclid(FOUR)..(range.end - 1).div_euclid(FOUR) + 1
}

/// Numbers that are `size` times as many in a level below.
fn grown(range: &Range<i64>, size: i64) -> Range<i64> {
    range.start * size..range.end * size
}

/// The lines that pass the columns of a frame in these rows, and those beside them.
fn lines_through(shear: &Shear, rows: &Range<i64>, cols: &Range<i64>) -> Range<i64> {
    let (a, b) = (shear.at(rows.start).0, shear.at(rows.end - 1).0);
    cols.start - a.max(b) - 1..cols.end - a.min(b) + 1
}

/// The nodes of all levels that receivers need, lowest level first. Of the levels that are made, a node
/// and the four that it is made of have numbers that are counted from the same place: the first node
/// of each range of a level is four times that of the level above. Of the others, this is true of
/// the lines that the level below needs.
pub(crate) fn levels_of(wanted: &Wanted<'_>) -> Vec<LevelExtent> {
    let Wanted { rule, shear, ways, known, made, .. } = wanted;
    let (rows, cols) = wanted.receivers.clone();
    let lines = lines_through(shear, &rows, &cols);
    let (mut needed, mut levels) = ((rows, lines), Vec::new());
    for _ in 0..rule.levels {
        // Half-way to the next block; the next line, or the one that replaces an empty one.
        let (rows, lines) = (above(&needed.0), above(&needed.1));
        needed = (rows.start - 1..rows.end + 1, lines.start - 1..lines.end + 2);
        levels.push(needed.clone());
    }
    let highest = rule.levels.min(*made);
    let size = |level: usize| FOUR.pow((highest - level) as u32);
    // The highest level that is made has to have a top for each block that any of them looks at.
    let (mut first, mut last) = (i64::MAX, i64::MIN);
    let top_of = |y: i64| y.div_euclid(side(highest) as i64);
    for (level, (rows, _)) in (1..=highest).zip(&levels) {
        first = first.min(rows.start.div_euclid(size(level)));
        last = last.max((rows.end - 1).div_euclid(size(level)));
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
    // Lines of the highest of them: those that it needs, or those of the level above that needs more.
    let at_highest = |level: usize| match levels.get(highest) {
        Some((_, lines)) => grown(lines, FOUR * size(level)),
        None => grown(&levels[highest - 1].1, size(level)),
    };
    let extent = |(level, (rows, lines)): (usize, &(Range<i64>, Range<i64>))| {
        let far = *rule.blocks(level).end() as i64;
        let (records, searched) = (rows.clone(), lines.clone());
        if level <= highest {
            return LevelExtent {
                tops: first * size(level)..(last + 1) * size(level),
                ranges: grown(&levels[highest - 1].0, size(level)),
                records,
                searched,
                lines: at_highest(level),
            };
        }
        let far = ways.map(|looks| if looks { far } else { 0 });
        LevelExtent {
            tops: rows.start - far[1]..rows.end + far[0],
            ranges: rows.clone(),
            records,
            searched,
            lines: levels.get(level).map_or(lines.clone(), |(_, lines)| grown(lines, FOUR)),
        }
    };
    (1..).zip(&levels).map(extent).collect()
}

/// All nodes of the levels from 1 to `highest` over a part of a raster, given as rows and columns of
/// a frame. Nothing is searched.
pub(crate) fn all_levels(
    shear: &Shear,
    highest: usize,
    (rows, cols): (Range<i64>, Range<i64>),
) -> Vec<LevelExtent> {
    let lines = lines_through(shear, &rows, &cols);
    let top = |range: Range<i64>| (0..highest).fold(range, |range, _| above(&range));
    let (rows, lines) = (top(rows), top(lines));
    let extent = |level: usize| {
        let size = FOUR.pow((highest - level) as u32);
        let (rows, lines) = (grown(&rows, size), grown(&lines, size));
        LevelExtent {
            tops: rows.clone(),
            ranges: rows.clone(),
            records: rows.start..rows.start,
            searched: lines.start..lines.start,
            lines,
        }
    };
    (1..=highest).map(extent).collect()
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
            let wanted = Wanted {
                rule: &rule,
                shear: &shear,
                receivers,
                ways: [true, true],
                known,
                made: usize::MAX,
            };
            let levels = levels_of(&wanted);
            assert_eq!(levels.len(), rule.levels);
            for made in 1..rule.levels {
                let some = levels_of(&Wanted { made, ..wanted.clone() });
                for (level, (some, all)) in (1..).zip(some.iter().zip(&levels)) {
                    let searched = (&some.records, &some.searched);
                    assert_eq!(searched, (&all.records, &all.searched), "{made} {level}");
                    let blocks = *rule.blocks(level).end() as i64;
                    assert!(some.tops.start <= some.records.start - blocks, "{made} {level}");
                    assert!(some.tops.end >= some.records.end + blocks, "{made} {level}");
                }
                for (below, above) in some.iter().zip(&some[1..]) {
                    // What a level needs of the one above it.
                    assert_eq!(below.lines.start.rem_euclid(4), 0);
                    assert!(above.lines.start <= below.lines.start / 4);
                    assert!(above.lines.end >= below.lines.end / 4);
                }
            }
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
