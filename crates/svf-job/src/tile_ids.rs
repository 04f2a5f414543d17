//! Numbers of tiles, stored as ranges: all tiles of a plan are one range, however many they are.

use serde::{Deserialize, Serialize};

/// Numbers in ascending order, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TileIds {
    /// First and last number of each range. There is a gap between two ranges.
    ranges: Vec<(u64, u64)>,
}

impl TileIds {
    /// The numbers from 0 to below `count`.
    pub fn all(count: u64) -> Self {
        Self { ranges: count.checked_sub(1).map(|last| (0, last)).into_iter().collect() }
    }

    /// The numbers that are in at least one of these ranges, which include both ends.
    pub fn of_ranges(mut ranges: Vec<(u64, u64)>) -> Self {
        ranges.sort_unstable();
        let mut ids = Self::default();
        for (first, last) in ranges {
            match ids.ranges.last_mut() {
                Some(before) if first <= before.1.saturating_add(1) => {
                    before.1 = before.1.max(last);
                }
                _ => ids.ranges.push((first, last)),
            }
        }
        ids
    }

    /// First and last number of each range.
    pub fn ranges(&self) -> &[(u64, u64)] {
        &self.ranges
    }

    /// How many there are.
    pub fn len(&self) -> u64 {
        self.ranges.iter().map(|(first, last)| last - first + 1).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Whether a number is among them.
    pub fn contains(&self, id: u64) -> bool {
        let at = self.ranges.partition_point(|range| range.1 < id);
        self.ranges.get(at).is_some_and(|range| range.0 <= id)
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        self.ranges.iter().flat_map(|&(first, last)| first..=last)
    }

    /// Those that `other` has as well.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let mut ranges = Vec::new();
        let mut at = 0;
        for &(first, last) in &self.ranges {
            while other.ranges.get(at).is_some_and(|range| range.1 < first) {
                at += 1;
            }
            let met = other.ranges[at..].iter().take_while(|range| range.0 <= last);
            ranges.extend(met.map(|range| (range.0.max(first), range.1.min(last))));
        }
        Self { ranges }
    }

    /// Those at the places from `start` to below `end`, counted from 0.
    #[must_use]
    pub fn slice(&self, start: u64, end: u64) -> Self {
        let mut before = 0;
        let mut ranges = Vec::new();
        for &(first, last) in &self.ranges {
            let count = last - first + 1;
            let (from, to) = (start.max(before), end.min(before + count));
            if from < to {
                ranges.push((first + (from - before), first + (to - before) - 1));
            }
            before += count;
        }
        Self { ranges }
    }

    /// Whether they are ascending ranges with gaps between them, below `count`.
    pub(crate) fn fit(&self, count: u64) -> bool {
        let mut next = 0;
        self.ranges.iter().all(|&(first, last)| {
            let fits = next <= first && first <= last && last < count;
            next = last.saturating_add(2);
            fits
        })
    }
}

impl FromIterator<u64> for TileIds {
    /// The numbers may have any order.
    fn from_iter<T: IntoIterator<Item = u64>>(ids: T) -> Self {
        let mut all = Self::default();
        let mut late = Vec::new();
        for id in ids {
            match all.ranges.last_mut() {
                Some(range) if id == range.1 + 1 => range.1 = id,
                Some(range) if id <= range.1 => late.push((id, id)),
                _ => all.ranges.push((id, id)),
            }
        }
        if late.is_empty() {
            return all;
        }
        late.append(&mut all.ranges);
        Self::of_ranges(late)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_say_the_same_as_a_list() {
        let lists: [&[u64]; 6] =
            [&[], &[0], &[7], &[0, 1, 2, 3], &[0, 2, 4, 5, 6, 9], &[1, 3, 4, 8, 10, 11]];
        for list in lists {
            let ids: TileIds = list.iter().copied().collect();
            assert_eq!(ids.iter().collect::<Vec<_>>(), list);
            assert_eq!((ids.len(), ids.is_empty()), (list.len() as u64, list.is_empty()));
            assert!(ids.fit(12) && (list.is_empty() || !ids.fit(list[list.len() - 1])));
            for id in 0..14 {
                assert_eq!(ids.contains(id), list.contains(&id), "{list:?} {id}");
            }
            let backwards: TileIds = list.iter().rev().copied().collect();
            assert_eq!(backwards, ids);
            for start in 0..8 {
                for end in start..8 {
                    let wanted: Vec<u64> = list.iter().copied().take(end).skip(start).collect();
                    let part = ids.slice(start as u64, end as u64);
                    assert_eq!(part.iter().collect::<Vec<_>>(), wanted);
                }
            }
            for other in lists {
                let wanted: Vec<u64> =
                    list.iter().copied().filter(|id| other.contains(id)).collect();
                let both = ids.and(&other.iter().copied().collect());
                assert_eq!(both, wanted.into_iter().collect());
            }
        }
        assert_eq!(TileIds::all(4).ranges(), [(0, 3)]);
        assert_eq!(TileIds::all(0), TileIds::default());
        let overlapping = TileIds::of_ranges(vec![(4, 6), (0, 1), (2, 2), (5, 5), (8, u64::MAX)]);
        assert_eq!(overlapping.ranges(), [(0, 2), (4, 6), (8, u64::MAX)]);
    }

    #[test]
    fn ranges_of_a_file_must_ascend() {
        let read = |text: &str| serde_json::from_str::<TileIds>(text).unwrap();
        assert!(read("[[0,2],[4,9]]").fit(10));
        for bad in ["[[0,10]]", "[[3,2]]", "[[0,2],[3,4]]", "[[4,5],[0,1]]", "[[0,2],[2,4]]"] {
            assert!(!read(bad).fit(10), "{bad}");
        }
    }
}
