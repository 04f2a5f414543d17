//! Values that are far from all others and look like undeclared NoData.

/// Heights that are far outside the range on the Earth, metres.
const ABSURD_M: f64 = 12_000.0;
/// No building is as high, and no cliff, if all else is nearly flat.
const NO_WALL_M: f64 = 500.0;
/// No height is as large as this, in any unit.
pub const ABSURD: f64 = 1e10;

/// Smallest and largest.
pub type Range = (f64, f64);

/// The lowest and the highest values, and the values next to them.
struct Ends {
    low: f64,
    high: f64,
    /// How many cells have the lowest value, and the highest.
    lows: usize,
    highs: usize,
    /// The second lowest and the second highest value.
    above: f64,
    below: f64,
}

impl Ends {
    /// For the values between `from` and `to`; none if there are no such values.
    fn within(values: impl Iterator<Item = f64> + Clone, (from, to): Range) -> Option<Self> {
        let none = (f64::INFINITY, f64::NEG_INFINITY);
        let inside = || values.clone().filter(|value| (from..=to).contains(value));
        let (low, high) = inside().fold(none, |(low, high), v| (low.min(v), high.max(v)));
        let mut ends = Self { low, high, lows: 0, highs: 0, above: none.0, below: none.1 };
        for value in inside() {
            ends.lows += usize::from(value == low);
            ends.highs += usize::from(value == high);
            ends.above = if value > low { ends.above.min(value) } else { ends.above };
            ends.below = if value < high { ends.below.max(value) } else { ends.below };
        }
        (low <= high).then_some(ends)
    }
}

/// Whether programs use this value for NoData.
pub fn is_usual(value: f64, data_type: &str) -> bool {
    const USUAL: [f64; 12] = [
        -9999.0, 9999.0, -99_999.0, 99_999.0, -999_999.0, 999_999.0, -999.0, -32_768.0, -32_767.0,
        32_767.0, 65_535.0, -9998.0,
    ];
    let of_type: &[f64] = match data_type {
        "Byte" => &[255.0],
        "Int8" => &[-128.0, 127.0],
        _ => &[],
    };
    let same = |usual: &&f64| (value - **usual).abs() <= 1e-6 * usual.abs();
    value.abs() >= ABSURD || USUAL.iter().chain(of_type).any(|usual| same(&usual))
}

/// Whether a value that can be a height means NoData, because all other values are far above it:
/// no coast and no pit has such a step without values in between.
pub fn is_far_below(value: f64, (low, high): Range, metres: Option<f64>) -> bool {
    const FAR_M: f64 = 90.0;
    high > low && (low - value) * metres.unwrap_or(1.0) >= FAR_M
}

/// Values that can be heights, but mean NoData if all other heights are far above them.
pub const NODATA_FAR_BELOW: [f64; 4] = [0.0, -1.0, -10.0, -99.0];

/// Whether cells of 0 are the sea below cliffs: there are many of them, and the cells beside them
/// are lower than most others, as on a coast. Beside NoData, cells are as high as any.
///
/// Of windows with so many rows and columns, one after the other; `value` has their values, row by
/// row, NaN where there is none.
pub fn has_cliffs_above_sea(
    windows: impl IntoIterator<Item = (usize, usize)>,
    value: impl Fn(usize) -> f64,
) -> bool {
    let (mut beside, mut start) = (Vec::new(), 0);
    for (rows, cols) in windows {
        let cells = rows * cols;
        let of_window = |at: usize| value(start + at);
        for (i, height) in (0..cells).map(|i| (i, of_window(i))).filter(|(_, height)| *height > 0.0)
        {
            let left = (i % cols > 0).then(|| i - 1);
            let right = (i % cols + 1 < cols).then_some(i + 1);
            let near = [left, right, i.checked_sub(cols), Some(i + cols)];
            if near.into_iter().flatten().any(|at| at < cells && of_window(at) == 0.0) {
                beside.push(height);
            }
        }
        start += cells;
    }
    let values = || (0..start).map(&value);
    let known = values().filter(|value| !value.is_nan()).count();
    let land = values().filter(|value| *value > 0.0).count();
    let sea = values().filter(|value| *value == 0.0).count();
    if beside.len() < 16 || 20 * sea <= known {
        return false;
    }
    beside.sort_unstable_by(f64::total_cmp);
    let middle = beside[beside.len() / 2];
    let lower = values().filter(|value| *value > 0.0 && *value < middle).count();
    4 * lower < land
}

/// Whether several cells of one value are so far from all others that no surface has such a step
/// without values in between, whatever the value is: no wall, no pit and no cliff is as high. (What
/// is said of [`NODATA_FAR_BELOW`] has its own rule.)
fn is_no_step(value: f64, count: usize, (low, high): Range, metres: Option<f64>) -> bool {
    const SEVERAL: usize = 4;
    const FLAT: f64 = 0.1;
    // Nothing is, also between mountains.
    const NOTHING_M: f64 = 2000.0;
    let gap = (low - value).max(value - high);
    let (gap_m, spread) = (gap * metres.unwrap_or(1.0).abs(), high - low);
    let is_far = gap_m >= NO_WALL_M && spread < FLAT * gap || gap_m >= NOTHING_M && spread < gap;
    spread > 0.0 && count >= SEVERAL && is_far && !NODATA_FAR_BELOW.contains(&value)
}

/// As [`stand_apart`], for heights: 0 is one, where it is the sea below cliffs.
pub fn heights_apart(
    values: impl Iterator<Item = f64> + Clone,
    data_type: &str,
    metres: Option<f64>,
    has_cliffs_above_sea: impl FnOnce() -> bool,
) -> (Vec<(f64, usize)>, Option<Range>) {
    let apart = stand_apart(values.clone(), data_type, metres, &NODATA_FAR_BELOW);
    // The other values stand apart or not, whatever 0 does.
    if apart.0.iter().any(|(value, _)| *value == 0.0) && has_cliffs_above_sea() {
        return stand_apart(values, data_type, metres, &NODATA_FAR_BELOW[1..]);
    }
    apart
}

/// Whether the lowest or the highest of some values may stand apart from the others: if not, nobody need
/// count them. The arguments are those of [`stand_apart`].
pub fn may_stand_apart(
    (low, high): Range,
    data_type: &str,
    metres: Option<f64>,
    below: &[f64],
) -> bool {
    let may_be_step = !below.is_empty() && (high - low) * metres.unwrap_or(1.0).abs() >= NO_WALL_M;
    may_be_step
        || [low, high].into_iter().any(|value| {
            let is_absurd = metres.is_some_and(|metres| (value * metres).abs() > ABSURD_M);
            is_absurd || is_usual(value, data_type) || below.contains(&value)
        })
}

/// Values that are far from all others and look like NoData, each with the number of its cells,
/// and the smallest and largest of the others. NaN is ignored.
///
/// `data_type` is a name as GDAL has it, `metres` those of a unit, if they are known, and `below` the
/// values that mean NoData if all others are far above them.
pub fn stand_apart(
    values: impl Iterator<Item = f64> + Clone,
    data_type: &str,
    metres: Option<f64>,
    below: &[f64],
) -> (Vec<(f64, usize)>, Option<Range>) {
    let known = values.clone().filter(|value| !value.is_nan()).count();
    let is_apart = |value: f64, count: usize, (low, high): (f64, f64)| {
        // There are no other values.
        if low > high {
            return value.abs() >= 999.0 && is_usual(value, data_type);
        }
        let gap = (low - value).max(value - high);
        let is_absurd = metres.is_some_and(|metres| (value * metres).abs() > ABSURD_M);
        if value.abs() >= ABSURD {
            return gap > 0.5 * value.abs();
        }
        // In a byte, values cannot be far from the others, so there must be many cells.
        let is_few = data_type == "Byte" && 100 * count < known;
        let is_far = gap > high - low && (is_absurd || is_usual(value, data_type));
        // Most cells of a raster of objects are the ground that they stand on.
        let is_below = below.contains(&value)
            && 2 * count <= known
            && is_far_below(value, (low, high), metres);
        // The ground below trees and buildings has one value, too.
        let is_surface = !below.is_empty();
        let is_no_step = is_surface && is_no_step(value, count, (low, high), metres);
        !is_few && (is_far || is_below || is_no_step)
    };
    let mut apart = Vec::new();
    let mut rest = (f64::NEG_INFINITY, f64::INFINITY);
    while let Some(ends) = Ends::within(values.clone(), rest) {
        rest = (ends.low, ends.high);
        let (without_low, without_high) = ((ends.above, ends.high), (ends.low, ends.below));
        if apart.len() == 8 {
            break;
        } else if is_apart(ends.low, ends.lows, without_low) {
            apart.push((ends.low, ends.lows));
            rest = without_low;
        } else if is_apart(ends.high, ends.highs, without_high) {
            apart.push((ends.high, ends.highs));
            rest = without_high;
        } else {
            break;
        }
        if rest.0 > rest.1 {
            break;
        }
    }
    apart.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    (apart, (rest.0 <= rest.1 && known > 0).then_some(rest))
}
