//! How the values of a raster change from cell to cell. Heights change much less between
//! neighbours than over a longer distance. What is computed from their differences (shades,
//! slopes, roughness) changes nearly as much.

use svf_raster::Sample;

/// The longer distance, cells.
const FAR_PX: usize = 8;
/// From this ratio of the changes on, a raster is rough. It is at most 0.23 for real heights
/// (mountains 0.14 to 0.19, cities 0.23), and at least 0.27 for what is computed from them.
const ROUGH: f64 = 0.25;

/// Mean changes of values along rows and columns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Texture {
    /// Between neighbours.
    pub(crate) step: f64,
    /// Between cells that are [`FAR_PX`] apart.
    far_step: f64,
}

impl Texture {
    /// For the values of a sample that `counts` is true for.
    pub(crate) fn of(sample: &Sample, counts: impl Fn(f64) -> bool) -> Self {
        let (mut step, mut far_step) = (Mean::default(), Mean::default());
        for (mean, distance) in [(&mut step, 1), (&mut far_step, FAR_PX)] {
            for_neighbours(sample, distance, |value, other| {
                if counts(value) && counts(other) {
                    mean.add((other - value).abs());
                }
            });
        }
        Self { step: step.value(), far_step: far_step.value() }
    }

    /// Whether values change from cell to cell as those of no heights do.
    pub(crate) fn is_rough(&self) -> bool {
        self.step > ROUGH * self.far_step && self.far_step > 0.0
    }
}

/// Calls a function with each pair of values in a row or a column that are `distance` cells apart.
pub(crate) fn for_neighbours(sample: &Sample, distance: usize, mut of: impl FnMut(f64, f64)) {
    let mut rest = &sample.values[..];
    for window in &sample.windows {
        let [rows, cols] = [window.rows, window.cols].map(|n| usize::try_from(n).unwrap_or(0));
        let (values, others) = rest.split_at((rows * cols).min(rest.len()));
        rest = others;
        for (i, &value) in values.iter().enumerate() {
            let right = (i % cols + distance < cols).then_some(i + distance);
            let below = Some(i + distance * cols);
            for other in [right, below].into_iter().flatten().filter_map(|at| values.get(at)) {
                of(value, *other);
            }
        }
    }
}

/// A mean of some numbers; 0 if there are none.
#[derive(Default)]
pub(crate) struct Mean {
    sum: f64,
    pub(crate) count: u64,
}

impl Mean {
    pub(crate) fn add(&mut self, number: f64) {
        // NaN is not known.
        if !number.is_nan() {
            self.sum += number;
            self.count += 1;
        }
    }

    pub(crate) fn value(&self) -> f64 {
        self.sum / self.count.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use svf_kernel::tile::Window;

    use super::*;

    fn sample(rows: u64, cols: u64, value: impl Fn(u64, u64) -> f64) -> Sample {
        let cells = (0..rows).flat_map(|row| (0..cols).map(move |col| (row, col)));
        let values = cells.map(|(row, col)| value(row, col)).collect();
        Sample { windows: vec![Window::whole(rows, cols)], values, whole: true }
    }

    #[test]
    fn changes_between_neighbours_and_far_cells() {
        // 2 per row, 5 per column: 31 x 20 and 30 x 21 pairs of neighbours.
        let ramp = sample(21, 31, |row, col| 2.0 * row as f64 + 5.0 * col as f64);
        let texture = Texture::of(&ramp, |_| true);
        let (down, right) = (20.0 * 31.0, 21.0 * 30.0);
        assert_eq!(texture.step, (2.0 * down + 5.0 * right) / (down + right));
        let (down, right) = (13.0 * 31.0, 21.0 * 23.0);
        assert_eq!(texture.far_step, (16.0 * down + 40.0 * right) / (down + right));
        assert!(!texture.is_rough());
        // Stripes change by 3 in every column, and not at all over an even distance.
        let stripes = sample(21, 31, |_, col| if col % 2 == 0 { 0.0 } else { 3.0 });
        assert_eq!(Texture::of(&stripes, |_| true).far_step, 0.0);
        let wide = sample(21, 31, |_, col| if col / 3 % 2 == 0 { 0.0 } else { 3.0 });
        assert!(Texture::of(&wide, |_| true).is_rough());
        // Without one of two values nothing changes; nor in a raster of one cell, or of none.
        assert_eq!(Texture::of(&wide, |value| value > 0.0).step, 0.0);
        for (rows, cols) in [(1, 1), (0, 0), (0, 5)] {
            let few = sample(rows, cols, |_, _| 1.0);
            assert!(!Texture::of(&few, |_| true).is_rough());
        }
    }

    #[test]
    fn windows_are_apart_and_gaps_do_not_count() {
        let two = Sample {
            windows: vec![Window::whole(1, 2), Window::whole(1, 3)],
            values: vec![0.0, 1.0, 100.0, f64::NAN, 102.0],
            whole: false,
        };
        assert_eq!(Texture::of(&two, |_| true).step, 1.0);
    }
}
