//! Converts values to cells as stored: statistics first, then NoData and scaling.
//!
//! Sums are in fixed point, so that the mean of a raster is the same for any tiling and any order
//! of the tiles.

use ndarray::ArrayViewMut2;
use serde::{Deserialize, Serialize};

/// How the values of a band are stored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Encoding {
    /// What a computed value is multiplied by, such as the radians of a degree.
    pub factor: f32,
    /// Cell of a receiver without a value.
    pub nodata: f32,
    /// Value = scale * cell + offset; with none, the value itself is stored.
    pub scale_offset: Option<(f32, f32)>,
    /// Smallest and largest possible value.
    pub range: (f64, f64),
    /// Whether values can be beyond them: then they become the nearer of the two.
    pub clips: bool,
}

/// Statistics of the values of a band, which can be merged in any order. JSON loses no digits, so
/// statistics that are merged from files are equal to those of one run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "Recorded", try_from = "Recorded")]
pub struct Statistics {
    /// Smallest value; +inf if there is none.
    pub min: f32,
    /// Largest value; -inf if there is none.
    pub max: f32,
    /// Cells with a value.
    pub valid: u64,
    /// Cells without a value.
    pub nodata: u64,
    /// Sum of (value - low) / span, in units of 2^-32.
    sum: i128,
    /// Sum of its squares, in units of 2^-32.
    sum_squares: i128,
}

/// [`Statistics`] in JSON, which has neither infinities nor 128 bits.
#[derive(Serialize, Deserialize)]
struct Recorded {
    min: Option<f64>,
    max: Option<f64>,
    valid: u64,
    nodata: u64,
    sum: String,
    sum_squares: String,
}

impl From<Statistics> for Recorded {
    fn from(s: Statistics) -> Self {
        let number = |value: f32| value.is_finite().then_some(f64::from(value));
        Self {
            min: number(s.min),
            max: number(s.max),
            valid: s.valid,
            nodata: s.nodata,
            sum: s.sum.to_string(),
            sum_squares: s.sum_squares.to_string(),
        }
    }
}

impl TryFrom<Recorded> for Statistics {
    type Error = std::num::ParseIntError;

    fn try_from(r: Recorded) -> Result<Self, Self::Error> {
        let none = Self::default();
        Ok(Self {
            min: r.min.map_or(none.min, |value| value as f32),
            max: r.max.map_or(none.max, |value| value as f32),
            valid: r.valid,
            nodata: r.nodata,
            sum: r.sum.parse()?,
            sum_squares: r.sum_squares.parse()?,
        })
    }
}

const FIXED: f64 = 4_294_967_296.0;

impl Default for Statistics {
    fn default() -> Self {
        Self {
            min: f32::INFINITY,
            max: f32::NEG_INFINITY,
            valid: 0,
            nodata: 0,
            sum: 0,
            sum_squares: 0,
        }
    }
}

impl Statistics {
    /// Statistics of cells without a value.
    pub fn of_missing(cells: u64) -> Self {
        Self { nodata: cells, ..Self::default() }
    }

    /// Statistics of both.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            min: self.min.min(other.min),
            max: self.max.max(other.max),
            valid: self.valid + other.valid,
            nodata: self.nodata + other.nodata,
            sum: self.sum + other.sum,
            sum_squares: self.sum_squares + other.sum_squares,
        }
    }

    /// Mean and standard deviation of the values; NaN if there is no value.
    pub fn moments(&self, encoding: &Encoding) -> (f64, f64) {
        let (low, high) = encoding.range;
        let share = |sum: i128| sum as f64 / FIXED / self.valid as f64;
        let mean = share(self.sum);
        let variance = (share(self.sum_squares) - mean * mean).max(0.0);
        let mean = low + (high - low) * mean;
        let mean = mean.clamp(f64::from(self.min.min(self.max)), f64::from(self.max));
        (mean, (high - low) * variance.sqrt())
    }
}

/// Converts the values of a block (NaN for no value) to cells as stored.
pub fn encode(mut block: ArrayViewMut2<'_, f32>, encoding: &Encoding) -> Statistics {
    if encoding.factor != 1.0 {
        block.mapv_inplace(|value| value * encoding.factor);
    }
    if encoding.clips {
        let (low, high) = encoding.range;
        block.mapv_inplace(|value| value.clamp(low as f32, high as f32));
    }
    match encoding.scale_offset {
        None => encode_as(&mut block, encoding, |value| value),
        Some((scale, offset)) => {
            encode_as(&mut block, encoding, |value| ((value - offset) / scale).round())
        }
    }
}

fn encode_as(
    block: &mut ArrayViewMut2<'_, f32>,
    encoding: &Encoding,
    stored: impl Fn(f32) -> f32,
) -> Statistics {
    let mut statistics = Statistics::default();
    for mut row in block.rows_mut() {
        let mut of_row = RowStatistics::new();
        let mut put = |cells: &mut [f32]| {
            let (chunks, rest) = cells.as_chunks_mut();
            for chunk in chunks {
                of_row.put(chunk, encoding, &stored);
            }
            let mut last = [f32::NAN; RowStatistics::CELLS];
            last[..rest.len()].copy_from_slice(rest);
            of_row.put(&mut last, encoding, &stored);
            rest.copy_from_slice(&last[..rest.len()]);
        };
        match row.as_slice_mut() {
            Some(cells) => put(cells),
            None => row.iter_mut().for_each(|cell| put(std::slice::from_mut(cell))),
        }
        statistics = statistics.merge(of_row.statistics(row.len()));
    }
    statistics
}

/// Partial statistics of a row, each for every eighth cell, so that the compiler can process
/// several cells at a time. Sums of a row fit into 64 bits: 2^32 per cell, 2^31 cells.
struct RowStatistics {
    min: [f32; Self::CELLS],
    max: [f32; Self::CELLS],
    valid: [u64; Self::CELLS],
    sum: [i64; Self::CELLS],
    squares: [i64; Self::CELLS],
}

impl RowStatistics {
    const CELLS: usize = 8;

    fn new() -> Self {
        let none = Statistics::default();
        Self {
            min: [none.min; Self::CELLS],
            max: [none.max; Self::CELLS],
            valid: [0; Self::CELLS],
            sum: [0; Self::CELLS],
            squares: [0; Self::CELLS],
        }
    }

    #[inline(always)]
    fn put(
        &mut self,
        cells: &mut [f32; Self::CELLS],
        encoding: &Encoding,
        stored: impl Fn(f32) -> f32,
    ) {
        let (low, high) = encoding.range;
        let per_span = 1.0 / (high - low);
        for (i, cell) in cells.iter_mut().enumerate() {
            let value = *cell;
            // A NaN is neither smaller nor larger.
            self.min[i] = if value < self.min[i] { value } else { self.min[i] };
            self.max[i] = if value > self.max[i] { value } else { self.max[i] };
            self.valid[i] += u64::from(!value.is_nan());
            let share = (f64::from(value) - low) * per_span;
            let share = if share.is_nan() { 0.0 } else { share };
            self.sum[i] += fixed(share);
            self.squares[i] += fixed(share * share);
            *cell = if value.is_nan() { encoding.nodata } else { stored(value) };
        }
    }

    fn statistics(&self, cells: usize) -> Statistics {
        let valid = self.valid.iter().sum();
        Statistics {
            min: self.min.into_iter().fold(f32::INFINITY, f32::min),
            max: self.max.into_iter().fold(f32::NEG_INFINITY, f32::max),
            valid,
            nodata: cells as u64 - valid,
            sum: self.sum.iter().copied().map(i128::from).sum(),
            sum_squares: self.squares.iter().copied().map(i128::from).sum(),
        }
    }
}

/// A number below 2^19 in magnitude as fixed point, rounded to the nearest: if 1.5 * 2^52 is
/// added, the last bit of a double is the unit. This is the only way in which processors convert
/// several of them at a time.
#[inline(always)]
fn fixed(x: f64) -> i64 {
    const ONES: f64 = 6_755_399_441_055_744.0;
    (x * FIXED + ONES).to_bits().cast_signed() - ONES.to_bits().cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    /// Values from 0 to the highest, stored as they are.
    fn of_floats(nodata: f32, highest: f64) -> Encoding {
        Encoding { factor: 1.0, nodata, scale_offset: None, range: (0.0, highest), clips: false }
    }

    #[test]
    fn statistics_then_cells() {
        let encoding = Encoding {
            factor: 1.0,
            nodata: 255.0,
            scale_offset: Some((1.0 / 254.0, 0.0)),
            range: (0.0, 1.0),
            clips: false,
        };
        let mut block = array![[0.0, 0.5, 1.0], [f32::NAN, 0.25, 0.25]];
        let s = encode(block.view_mut(), &encoding);
        assert_eq!(block, array![[0.0, 127.0, 254.0], [255.0, 64.0, 64.0]]);
        assert_eq!((s.min, s.max, s.valid, s.nodata), (0.0, 1.0, 5, 1));
        let (mean, std_dev) = s.moments(&encoding);
        assert!((mean - 0.4).abs() < 1e-9);
        assert!((std_dev - 0.115_f64.sqrt()).abs() < 1e-9, "{std_dev}");
    }

    #[test]
    fn a_range_that_does_not_begin_at_zero() {
        let encoding = Encoding {
            factor: 1.0,
            nodata: 0.0,
            scale_offset: Some((0.5, -90.0)),
            range: (-90.0, 90.0),
            clips: false,
        };
        let mut block = array![[-90.0, -45.25, 0.0, 90.0, f32::NAN]];
        let s = encode(block.view_mut(), &encoding);
        // (-45.25 + 90) / 0.5 = 89.5, which is rounded away from zero.
        assert_eq!(block, array![[0.0, 90.0, 180.0, 360.0, 0.0]]);
        assert_eq!((s.min, s.max, s.valid, s.nodata), (-90.0, 90.0, 4, 1));
        let (mean, std_dev) = s.moments(&encoding);
        assert!((mean - -11.3125).abs() < 1e-6, "{mean}");
        // Deviations of -78.6875, -33.9375, 11.3125 and 101.3125 degrees.
        assert!((std_dev - 4_433.917_968_75_f64.sqrt()).abs() < 1e-5, "{std_dev}");
    }

    #[test]
    fn rows_whose_cells_are_not_adjacent() {
        let encoding = of_floats(-1.0, 1.0);
        let values =
            ndarray::Array2::from_shape_fn((11, 19), |(row, col)| ((row + 7 * col) % 5) as f32);
        let mut adjacent = values.mapv(|v| if v == 4.0 { f32::NAN } else { v / 4.0 });
        let mut columns = adjacent.t().as_standard_layout().into_owned();
        let s = encode(adjacent.view_mut(), &encoding);
        assert_eq!(encode(columns.view_mut().reversed_axes(), &encoding), s);
        assert_eq!(columns.t(), adjacent);
        assert_eq!((s.valid, s.nodata), (167, 42));
    }

    #[test]
    fn fixed_point_rounds_to_the_nearest() {
        assert_eq!(fixed(0.0), 0);
        assert_eq!(fixed(1.0), 1 << 32);
        assert_eq!(fixed(0.4 / FIXED), 0);
        assert_eq!(fixed(0.6 / FIXED), 1);
        assert_eq!(fixed(-0.6 / FIXED), -1);
        assert_eq!(fixed(-3.0), -(3 << 32));
    }

    #[test]
    fn a_record_with_a_broken_sum_is_refused() {
        assert_eq!((Statistics::of_missing(7).nodata, Statistics::of_missing(7).valid), (7, 0));
        let json = serde_json::to_string(&Statistics::of_missing(7)).unwrap();
        assert!(json.contains(r#""sum":"0""#), "{json}");
        let broken = json.replace(r#""sum":"0""#, r#""sum":"x""#);
        assert!(serde_json::from_str::<Statistics>(&broken).is_err());
    }

    #[test]
    fn the_order_of_blocks_does_not_matter() {
        let encoding = of_floats(-9999.0, 180.0);
        let values: Vec<f32> = (0..3000).map(|i| (i * 7919 % 3001) as f32 * 0.0599).collect();
        let of = |part: &[f32]| {
            let mut part = ndarray::Array2::from_shape_vec((1, part.len()), part.to_vec()).unwrap();
            encode(part.view_mut(), &encoding)
        };
        let whole = of(&values);
        let parts = of(&values[2000..]).merge(of(&values[..7])).merge(of(&values[7..2000]));
        assert_eq!(whole, parts);
        for s in [whole, Statistics::of_missing(7)] {
            let json = serde_json::to_string(&s).unwrap();
            assert_eq!(serde_json::from_str::<Statistics>(&json).unwrap(), s, "{json}");
        }
    }

    #[test]
    fn nothing_but_missing_cells_has_no_mean() {
        let encoding = of_floats(-9999.0, 1.0);
        let mut block = array![[f32::NAN, f32::NAN]];
        let s = encode(block.view_mut(), &encoding);
        assert_eq!(block, array![[-9999.0, -9999.0]]);
        assert_eq!((s.valid, s.nodata), (0, 2));
        assert!(s.moments(&encoding).0.is_nan());
    }
}
