//! Segments: runs of rows of a sheared block whose highest cells are known.
//!
//! Segments of the lowest level have [`SEGMENT_ROWS`] rows; on each further level they are four
//! times as long as on the level below. [`crate::sheared_block`] computes their highest cells;
//! [`mod@crate::far`] skips segments that cannot raise a horizon.

/// Rows of the smallest segment.
pub(crate) const SEGMENT_ROWS: usize = 8;
/// Number of segments of one level in a segment of the next level, as a power of two.
pub(crate) const RADIX_LOG2: usize = 2;
/// Minimum number of samples that are looked at one by one before the first segment.
const NEAR: usize = 8;

/// Number of rows of a segment of a level.
pub(crate) const fn segment_rows(level: usize) -> usize {
    SEGMENT_ROWS << (RADIX_LOG2 * level)
}

/// Row after the near samples of receivers of row `i`, where segments begin.
pub(crate) fn near_end(i: usize, end: usize) -> usize {
    (i + 1 + NEAR).next_multiple_of(SEGMENT_ROWS).min(end)
}

/// A segment as seen from a row of receivers.
#[derive(Clone, Copy)]
pub(crate) struct Segment {
    /// First row.
    pub row: u32,
    pub level: u32,
}

/// The segments of each row of receivers, after its near samples.
#[derive(Default)]
pub(crate) struct Segments {
    segments: Vec<Segment>,
    /// Where the segments of each row end.
    ends: Vec<usize>,
}

impl Segments {
    /// Maximum number of bytes for `along` rows of receivers with `steps` samples.
    pub fn bytes(along: usize, steps: usize) -> u64 {
        // Three or four segments of each level, a few more of the first level, and more of the
        // longest ones.
        let levels = (steps / SEGMENT_ROWS).max(1).ilog2() as usize / RADIX_LOG2 + 1;
        (along * (4 * levels + 8) * size_of::<Segment>()) as u64
    }

    /// For receivers over `along` rows with `steps` samples.
    #[expect(clippy::cast_possible_truncation, reason = "rows of a block: fewer than 2^31")]
    pub fn lay_out(&mut self, along: usize, steps: usize) {
        self.segments.clear();
        self.ends.clear();
        for i in 0..along {
            let end = i + 1 + steps;
            let mut row = near_end(i, end);
            while row < end {
                // At most as long as its distance from the receiver.
                let mut level = 0;
                loop {
                    let longer = segment_rows(level + 1);
                    if !row.is_multiple_of(longer) || longer > row - i {
                        break;
                    }
                    level += 1;
                }
                self.segments.push(Segment { row: row as u32, level: level as u32 });
                row += segment_rows(level);
            }
            self.ends.push(self.segments.len());
        }
    }

    /// The segments for row `i` of the receivers.
    pub fn of_row(&self, i: usize) -> &[Segment] {
        let from = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.segments[from..self.ends[i]]
    }
}
