//! The rules of doubtful input, which are those of the programs: `svf_tools/doubts.py` and `place.py`
//! have the sentences.

use numpy::ndarray::ArrayView2;
use numpy::{Element, PyReadonlyArray2};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use svf_job::doubts::apart::{
    NODATA_FAR_BELOW, Range, has_cliffs_above_sea, heights_apart, may_stand_apart, stand_apart,
};
use svf_job::doubts::limits::{self, Stretch, TALLEST_TREE_M};
use svf_kernel::{BadLatitude, Ground};

use crate::Cells;

/// Values that stand apart from all others, and the range of the others.
type Apart = (Vec<f64>, Option<Range>);

/// A number of an array.
trait Number: Element + Copy + PartialOrd + Sync {
    /// Its type, as GDAL calls it.
    const TYPE: &'static str;
    /// The ends of its range.
    const ENDS: (Self, Self);
    fn wide(self) -> f64;
}

macro_rules! numbers {
    ($($number:ident, $name:literal, $low:ident, $high:ident;)*) => {
        $(impl Number for $number {
            const TYPE: &'static str = $name;
            const ENDS: (Self, Self) = ($number::$low, $number::$high);
            fn wide(self) -> f64 {
                self as f64
            }
        })*

        /// [`apart_of`] an array of any of these types.
        fn apart_of_any(
            py: Python<'_>,
            cells: &Bound<'_, PyAny>,
            masked: Option<ArrayView2<'_, bool>>,
            judging: Judging,
        ) -> PyResult<Apart> {
            $(if let Ok(cells) = cells.extract::<PyReadonlyArray2<'_, $number>>() {
                let cells = cells.as_array();
                return Ok(py.detach(|| apart_of(cells, masked, judging)));
            })*
            Err(PyTypeError::new_err("no array of numbers as this computer has them"))
        }
    };
}

numbers! {
    f32, "Float32", NEG_INFINITY, INFINITY;
    f64, "Float64", NEG_INFINITY, INFINITY;
    u8, "Byte", MIN, MAX;
    i8, "Int8", MIN, MAX;
    u16, "UInt16", MIN, MAX;
    i16, "Int16", MIN, MAX;
    u32, "UInt32", MIN, MAX;
    i32, "Int32", MIN, MAX;
    u64, "UInt64", MIN, MAX;
    i64, "Int64", MIN, MAX;
}

/// What numbers are.
#[derive(Clone, Copy)]
struct Judging {
    /// Metres of a unit.
    metres: f64,
    /// Whether they are heights, not vegetation.
    is_surface: bool,
}

/// Numbers of heights (`is_surface`) or of vegetation that are far from all others and probably
/// stand for missing ones, and the lowest and the highest of the others. `metres`: of a unit.
#[pyfunction]
pub(crate) fn apart(
    py: Python<'_>,
    cells: &Bound<'_, PyAny>,
    masked: Option<PyReadonlyArray2<'_, bool>>,
    metres: f64,
    is_surface: bool,
) -> PyResult<Apart> {
    let masked = masked.as_ref().map(|masked| masked.as_array());
    apart_of_any(py, cells, masked, Judging { metres, is_surface })
}

/// NaN if it is missing: what 32-bit floats cannot hold is.
fn known<T: Number>(cell: T) -> f64 {
    let value = cell.wide();
    if (value as f32).is_finite() { value } else { f64::NAN }
}

/// The lowest and the highest number; none if there is none, or one that 32-bit floats cannot hold. Side by
/// side, so that the processor compares several at a time.
fn ends<T: Number>(cells: &[T]) -> Option<Range> {
    const LANES: usize = 32;
    let (lowest, highest) = T::ENDS;
    let (mut low, mut high) = ([highest; LANES], [lowest; LANES]);
    let mut add = |part: &[T]| {
        for (i, &cell) in part.iter().enumerate() {
            low[i] = if cell < low[i] { cell } else { low[i] };
            high[i] = if cell > high[i] { cell } else { high[i] };
        }
    };
    let parts = cells.chunks_exact(LANES);
    add(parts.remainder());
    parts.for_each(add);
    let low = low.into_iter().map(T::wide).fold(f64::INFINITY, f64::min);
    let high = high.into_iter().map(T::wide).fold(f64::NEG_INFINITY, f64::max);
    let is_held = |end: f64| (end as f32).is_finite();
    (low <= high && is_held(low) && is_held(high)).then_some((low, high))
}

fn apart_of<T: Number>(
    cells: ArrayView2<'_, T>,
    masked: Option<ArrayView2<'_, bool>>,
    judging: Judging,
) -> Apart {
    let (rows, cols) = cells.dim();
    if let (None, Some(all)) = (masked, cells.as_slice_memory_order())
        && let Some(ends) = ends(all)
    {
        let Judging { metres, is_surface } = judging;
        let below = if is_surface { &NODATA_FAR_BELOW[..] } else { &[] };
        if !may_stand_apart(ends, T::TYPE, Some(metres), below) {
            return (Vec::new(), Some(ends));
        }
    }
    let at = |i: usize| (i / cols, i % cols);
    match masked {
        None => {
            let value = |i: usize| known(cells[at(i)]);
            judged::<T>(cells.iter().map(|&cell| known(cell)), (rows, cols), value, judging)
        }
        Some(masked) => {
            let unless = |cell: T, masked: bool| if masked { f64::NAN } else { known(cell) };
            let values = cells.iter().zip(masked).map(|(&cell, &masked)| unless(cell, masked));
            let value = |i: usize| unless(cells[at(i)], masked[at(i)]);
            judged::<T>(values, (rows, cols), value, judging)
        }
    }
}

fn judged<T: Number>(
    values: impl Iterator<Item = f64> + Clone,
    shape: (usize, usize),
    value: impl Fn(usize) -> f64,
    Judging { metres, is_surface }: Judging,
) -> Apart {
    let metres = Some(metres);
    let (apart, rest) = match is_surface {
        true => heights_apart(values, T::TYPE, metres, || has_cliffs_above_sea([shape], value)),
        false => stand_apart(values, T::TYPE, metres, &[]),
    };
    (apart.into_iter().map(|(value, _)| value).collect(), rest)
}

/// Whether vegetation is higher than trees grow.
#[pyfunction]
pub(crate) fn is_above_trees(high_m: f64) -> bool {
    high_m > TALLEST_TREE_M
}

/// Whether heights, in metres, are more than those of the Earth; only of cells in degrees.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "what Python gives is owned")]
pub(crate) fn is_beyond_earth(shape: (usize, usize), cells: Cells, heights_m: Range) -> bool {
    let ground = cells.ground(shape.0);
    let extent_m = ground.diagonal(shape.0 as u64, shape.1 as u64);
    match ground {
        Ground::Plane(_) => false,
        Ground::Ellipsoid(graticule) => {
            is_earth(graticule.semi_major) && limits::is_beyond_earth(heights_m, extent_m)
        }
    }
}

/// Whether a range of heights is in another unit than the longer sides of a cell and of the array.
#[pyfunction]
pub(crate) fn is_steep(relief: f64, cell: f64, side: f64) -> bool {
    limits::is_steep(relief, cell, side)
}

/// Whether a body with this equatorial radius, metres, is the Earth.
#[pyfunction]
pub(crate) fn is_earth(semi_major_m: f64) -> bool {
    svf_kernel::is_earth(semi_major_m)
}

/// How a map changes lengths, by the most and the least in the middle of an array, and the range of
/// their mean over it: `even`, `varying` or `uneven`; None if it does not.
#[pyfunction]
pub(crate) fn stretch(largest: f64, smallest: f64, means: Range) -> Option<&'static str> {
    Stretch::of(largest, smallest, means).map(|stretch| match stretch {
        Stretch::Even => "even",
        Stretch::Varying => "varying",
        Stretch::Uneven => "uneven",
    })
}

/// Whether a factor of heights is the right one, within the error that a map may have.
#[pyfunction]
pub(crate) fn mends(z_factor: f64, right: f64) -> bool {
    limits::mends(z_factor, right)
}

/// Why rows of an array in degrees cannot have sight lines of this length: the highest latitude, if it is
/// beyond the pole, or the words for those that would end beside their azimuth.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "what Python gives is owned")]
pub(crate) fn bad_latitude(
    shape: (usize, usize),
    cells: Cells,
    radius: f64,
) -> (Option<f64>, Option<String>) {
    let ground = cells.ground(shape.0);
    // No sight line is longer than the array.
    let radius = radius.min(ground.farthest(shape.0 as u64, shape.1 as u64));
    let Ground::Ellipsoid(graticule) = ground else { return (None, None) };
    match graticule.check_sight_lines(radius) {
        Ok(()) => (None, None),
        Err(BadLatitude::BeyondPole { highest_deg }) => (Some(highest_deg), None),
        Err(bend) => (None, Some(bend.to_string())),
    }
}
