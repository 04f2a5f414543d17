//! The order of the directions: opposite directions form a pair, whose terms are summed together.

/// A direction in the order of the search: directly after the opposite direction, if there is
/// one.
#[derive(Clone, Copy)]
pub(crate) struct PairedDirection {
    /// Number of the direction, clockwise from north.
    pub index: u32,
    /// The opposite direction, if it was searched just before.
    pub opposite: Option<u32>,
    /// Whether no opposite direction follows.
    pub completes: bool,
}

impl PairedDirection {
    /// Place in its pair: 0, or 1 in the second of two.
    pub fn place(self) -> usize {
        usize::from(self.opposite.is_some())
    }
}

/// All directions in the order of the search: in pairs, or one by one if their number is odd.
pub(crate) fn paired_directions(directions: u32) -> impl Iterator<Item = PairedDirection> {
    let half = directions / 2;
    let alone = move |index| PairedDirection { index, opposite: None, completes: true };
    let pair = move |index| {
        [
            PairedDirection { completes: false, ..alone(index) },
            PairedDirection { opposite: Some(index), ..alone(index + half) },
        ]
    };
    let (pairs, rest) = if directions.is_multiple_of(2) { (half, 0) } else { (0, directions) };
    (0..pairs).flat_map(pair).chain((0..rest).map(alone))
}
