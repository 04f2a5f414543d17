//! Canopy intervals: the parts of the sky of one direction that are behind crowns, as intervals
//! of slopes above the horizon.

/// A crown that is thinner than this share of its height does not count, so that rounding does
/// not decide where a crown ends.
pub(crate) const THINNEST: f64 = 1e-5;

/// What crowns cover in one direction, for a strip of receivers: intervals of slopes above the
/// horizon that do not touch. If there is none, both ends are equal.
#[derive(Default)]
pub(crate) struct CanopyIntervals {
    /// Lower end of the lowest interval.
    pub bottom: Vec<f32>,
    /// Upper end of the lowest interval.
    pub top: Vec<f32>,
    /// Lower end of the second interval.
    pub second_bottom: Vec<f32>,
    /// Upper end of the second interval.
    pub second_top: Vec<f32>,
    /// Further intervals: receiver, lower end, upper end.
    pub more: Vec<(usize, f32, f32)>,
    /// Intervals of a few receivers during the search.
    pub further: Vec<(usize, f32, f32)>,
}

impl CanopyIntervals {
    /// Bytes for each receiver, for a few crowns in each direction that do not overlap.
    pub const BYTES: usize = 4 * size_of::<f32>() + 2 * size_of::<(usize, f32, f32)>();

    /// Makes the arrays for this number of receivers.
    pub fn new(receivers: usize) -> Self {
        let ends = || vec![0.0; receivers];
        Self {
            bottom: ends(),
            top: ends(),
            second_bottom: ends(),
            second_top: ends(),
            ..Self::default()
        }
    }

    /// Divides intervals at the slopes of the solid horizons: moves what is below them to `front`.
    pub fn split(&mut self, horizons: &[f32], front: &mut Self) {
        front.more.clear();
        let pairs = [
            (&mut self.bottom, &mut self.top, &mut front.bottom, &mut front.top),
            (
                &mut self.second_bottom,
                &mut self.second_top,
                &mut front.second_bottom,
                &mut front.second_top,
            ),
        ];
        for (bottoms, tops, front_bottoms, front_tops) in pairs {
            let above = bottoms.iter_mut().zip(tops).zip(horizons);
            let front = front_bottoms.iter_mut().zip(front_tops);
            for (((bottom, top), horizon), (front_bottom, front_top)) in above.zip(front) {
                // An end at the horizon leaves an empty interval, whose ends are equal.
                let end = if *top < *horizon { *top } else { *horizon };
                *front_bottom = *bottom;
                *front_top = if end > *bottom { end } else { *bottom };
                let begin = if *bottom > *horizon { *bottom } else { *horizon };
                *bottom = if begin < *top { begin } else { *top };
            }
        }
        for (receiver, bottom, top) in &mut self.more {
            let horizon = horizons[*receiver];
            if *bottom < horizon {
                front.more.push((*receiver, *bottom, if *top < horizon { *top } else { horizon }));
                *bottom = if *top < horizon { *top } else { horizon };
            }
        }
    }

    /// Joins the further intervals with the two intervals of the same receiver.
    #[cold]
    pub fn join(&mut self) {
        let mut further = std::mem::take(&mut self.further);
        further.sort_unstable_by_key(|(receiver, ..)| *receiver);
        for of_receiver in further.chunk_by(|a, b| a.0 == b.0) {
            let receiver = of_receiver[0].0;
            let own = [
                (self.bottom[receiver], self.top[receiver]),
                (self.second_bottom[receiver], self.second_top[receiver]),
            ];
            let all = of_receiver.iter().map(|&(_, bottom, top)| (bottom, top)).chain(own);
            let mut union =
                union_of(all.filter(|(bottom, top)| top > bottom).collect()).into_iter();
            let mut next = || union.next().unwrap_or((0.0, 0.0));
            (self.bottom[receiver], self.top[receiver]) = next();
            (self.second_bottom[receiver], self.second_top[receiver]) = next();
            self.more.extend(union.map(|(bottom, top)| (receiver, bottom, top)));
        }
        further.clear();
        self.further = further;
    }
}

/// Disjoint intervals that cover the same, lowest first.
pub(crate) fn union_of<T: PartialOrd + Copy>(mut intervals: Vec<(T, T)>) -> Vec<(T, T)> {
    intervals.sort_unstable_by(|a, b| a.0.partial_cmp(&b.0).unwrap_or(std::cmp::Ordering::Equal));
    let mut union: Vec<(T, T)> = Vec::new();
    for (bottom, top) in intervals {
        match union.last_mut() {
            Some(last) if bottom <= last.1 => {
                if top > last.1 {
                    last.1 = top;
                }
            }
            _ => union.push((bottom, top)),
        }
    }
    union
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_divided_at_the_horizon() {
        let mut all = CanopyIntervals::new(4);
        all.bottom = vec![1.0, 1.0, 3.0, 0.0];
        all.top = vec![2.0, 4.0, 4.0, 0.0];
        all.second_bottom = vec![5.0, 5.0, 0.0, 0.0];
        all.second_top = vec![6.0, 6.0, 0.0, 0.0];
        all.more = vec![(0, 7.0, 9.0), (1, 7.0, 9.0)];
        let mut front = CanopyIntervals::new(4);
        all.split(&[8.0, 3.0, f32::NEG_INFINITY, 0.0], &mut front);
        let ends = |all: &CanopyIntervals| {
            let ends = [&all.bottom, &all.top, &all.second_bottom, &all.second_top];
            (0..4).map(|i| ends.map(|ends| ends[i])).collect::<Vec<_>>()
        };
        assert_eq!(
            ends(&front),
            [[1.0, 2.0, 5.0, 6.0], [1.0, 3.0, 5.0, 5.0], [3.0, 3.0, 0.0, 0.0], [0.0; 4]]
        );
        assert_eq!(
            ends(&all),
            [[2.0, 2.0, 6.0, 6.0], [3.0, 4.0, 5.0, 6.0], [3.0, 4.0, 0.0, 0.0], [0.0; 4]]
        );
        assert_eq!(
            (&front.more[..], &all.more[..]),
            (&[(0, 7.0, 8.0)][..], &[(0, 8.0, 9.0), (1, 7.0, 9.0)][..],)
        );
    }

    #[test]
    fn unions_of_intervals() {
        assert_eq!(union_of(vec![(3.0, 4.0), (0.0, 1.0), (0.5, 2.0)]), [(0.0, 2.0), (3.0, 4.0)]);
        assert_eq!(union_of(vec![(0.0, 9.0), (1.0, 2.0), (9.0, 9.5)]), [(0.0, 9.5)]);
        assert_eq!(union_of(Vec::<(f32, f32)>::new()), []);
    }
}
