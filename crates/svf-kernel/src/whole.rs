//! Computes a whole raster in memory in one call: adds the halo, divides it into blocks, and
//! computes them.
//!
//! This is for programs that have an array and need its measures. Programs for rasters larger
//! than memory, or with threads of their own, use [`Kernel`] for one tile after the other; the
//! values are the same.

use ndarray::{Array2, Array3, ArrayView2, ArrayViewMut3, Axis, s};

use crate::ground::Ground;
use crate::kernel::Kernel;
use crate::layers::Tile;
use crate::measures::Measure;
use crate::params::{ParamError, Params, Sampling};
use crate::scratch::Scratch;
use crate::simd::SimdLevel;
use crate::tile::Halo;

/// A raster in memory: heights, and vegetation if it is used. All have the shape (rows, columns),
/// in any memory layout.
#[derive(Clone, Copy, Debug)]
pub struct Raster<'a> {
    /// Heights; a missing height is NaN or infinite.
    pub heights: ArrayView2<'a, f32>,
    /// Heights of the canopy above ground, if [`Params::canopy`] is set. If a value is missing or
    /// not above 0, there is no canopy.
    pub canopy: Option<ArrayView2<'a, f32>>,
    /// Heights of the bottoms of crowns above ground, for [`crate::Trunk::Heights`].
    pub trunk: Option<ArrayView2<'a, f32>>,
}

impl<'a> From<ArrayView2<'a, f32>> for Raster<'a> {
    fn from(heights: ArrayView2<'a, f32>) -> Self {
        Self { heights, canopy: None, trunk: None }
    }
}

/// Computes measures of every cell of a raster in memory.
///
/// `ground` is the cell size: a [`crate::CellSize`], or a [`crate::Graticule`] for a raster in
/// degrees, whose `rows` are those of the raster. Returns (bands, rows, columns): the bands of
/// the measures in the requested order, NaN if a cell has no value. Heights outside the raster
/// are missing; [`crate::Missing`] says what this means. With the feature `rayon`, all threads of
/// the current rayon pool are used; values do not depend on it.
///
/// In addition to the result, it needs memory for a copy of the raster with a halo as wide as the
/// sight lines.
///
/// # Errors
/// Parameters that are not valid for these cells.
///
/// # Panics
/// If [`Params::canopy`] needs a layer that is not there, or if the shapes of layers differ.
///
/// # Examples
/// The centre of a pit of 9 x 9 cells, whose walls are as high as they are far away, sees the sky
/// above 45 degrees. So its value is 1 - sin 45.
///
/// ```
/// use ndarray::Array2;
/// use svf_kernel::{CellSize, Measure, Params, compute};
///
/// let dem = Array2::from_shape_fn((9, 9), |(row, col)| {
///     let (south, east) = (row as f32 - 4.0, col as f32 - 4.0);
///     south.hypot(east)
/// });
/// let params = Params::new(4.0, 8);
/// let svf = compute(dem.view(), CellSize::square(1.0), &params, &[Measure::Svf])?;
/// assert_eq!(svf.dim(), (1, 9, 9));
/// assert!((svf[(0, 4, 4)] - (1.0 - 0.5_f32.sqrt())).abs() < 1e-6);
/// # Ok::<(), svf_kernel::ParamError>(())
/// ```
pub fn compute<'a>(
    raster: impl Into<Raster<'a>>,
    ground: impl Into<Ground>,
    params: &Params,
    measures: &[Measure],
) -> Result<Array3<f32>, ParamError> {
    compute_until(raster, ground, params, measures, &|| false)
}

/// [`compute`] that ends early once `is_stopped`, which each thread asks every few milliseconds. The result
/// is incomplete then.
///
/// # Errors
/// As [`compute`].
///
/// # Panics
/// As [`compute`].
pub fn compute_until<'a>(
    raster: impl Into<Raster<'a>>,
    ground: impl Into<Ground>,
    params: &Params,
    measures: &[Measure],
    is_stopped: &(dyn Fn() -> bool + Sync),
) -> Result<Array3<f32>, ParamError> {
    let (raster, ground) = (raster.into(), ground.into());
    let (rows, cols) = raster.heights.dim();
    let params = within(params, &ground, (rows, cols));
    let kernel = Kernel::new(&params, ground, measures, SimdLevel::detect())?;
    let kernel = kernel.on_raster(rows as u64, cols as u64);
    let mut out = Array3::from_elem((kernel.bands(), rows, cols), f32::NAN);
    let halo = kernel.halo();
    let heights =
        padded(raster.heights, halo, f32::NAN, &|z| if z.is_finite() { z } else { f32::NAN });
    let vegetation = |layer: Option<ArrayView2<'_, f32>>| {
        layer.map(|layer| {
            padded(layer, halo, 0.0, &|z| if z.is_finite() && z > 0.0 { z } else { 0.0 })
        })
    };
    let canopy = vegetation(raster.canopy.filter(|_| kernel.uses_canopy()));
    let trunk = vegetation(raster.trunk.filter(|_| kernel.has_trunks()));
    let whole = Tile {
        heights: heights.view(),
        canopy: canopy.as_ref().map(|layer| layer.view()),
        trunk: trunk.as_ref().map(|layer| layer.view()),
        wanted: None,
        row: 0,
        col: 0,
        largest: kernel.largest(heights.view()),
    };
    blocks_until(&kernel, whole, out.view_mut(), is_stopped);
    Ok(out)
}

/// The same search without sight lines far beyond a raster of so many rows and columns, where all
/// heights are missing: its tiles need a smaller halo.
#[must_use]
pub fn within(params: &Params, ground: &Ground, (rows, cols): (usize, usize)) -> Params {
    // The distances of the points of `divided` are fractions of the radius.
    if matches!(params.sampling, Sampling::Divided { .. }) {
        return params.clone();
    }
    #[expect(clippy::cast_precision_loss, reason = "sides of an array in memory")]
    let diagonal = |cell: crate::CellSize| {
        let sides = (rows as f64 + 2.0) * cell.south.abs();
        sides.hypot((cols as f64 + 2.0) * cell.east.abs())
    };
    let farthest = ground.extreme_cells().into_iter().map(diagonal).fold(0.0, f64::max);
    let radius = if params.radius > farthest { farthest } else { params.radius };
    Params { radius, ..params.clone() }
}

/// A copy with the halo around it.
fn padded(
    layer: ArrayView2<'_, f32>,
    halo: Halo,
    outside: f32,
    cell: &dyn Fn(f32) -> f32,
) -> Array2<f32> {
    let (rows, cols) = layer.dim();
    let mut padded = Array2::from_elem(halo.padded(rows, cols), outside);
    let inside = s![halo.rows_px..halo.rows_px + rows, halo.cols_px..halo.cols_px + cols];
    padded.slice_mut(inside).zip_mut_with(&layer, |to, &from| *to = cell(from));
    padded
}

/// Number of rows that are computed together: those of a block, or fewer if some threads would
/// have nothing to do.
fn rows_at_a_time(kernel: &Kernel, rows: usize) -> usize {
    #[cfg(feature = "rayon")]
    let threads = rayon::current_num_threads();
    #[cfg(not(feature = "rayon"))]
    let threads = 1;
    let shares = threads * kernel.blocks_per_thread(threads);
    rows.div_ceil(shares).clamp(1, kernel.block_px().0)
}

/// [`Kernel::compute`] of a large tile, block by block: with the feature `rayon`, on all threads of
/// the current rayon pool. Values do not depend on it.
///
/// # Panics
/// As [`Kernel::compute`].
pub fn compute_blocks(kernel: &Kernel, tile: Tile<'_>, out: ArrayViewMut3<'_, f32>) {
    blocks_until(kernel, tile, out, &|| false);
}

fn blocks_until(
    kernel: &Kernel,
    tile: Tile<'_>,
    mut out: ArrayViewMut3<'_, f32>,
    is_stopped: &(dyn Fn() -> bool + Sync),
) {
    let rows_px = rows_at_a_time(kernel, out.dim().1);
    let run = |kept: &mut Scratch, (i, out): (usize, ArrayViewMut3<'_, f32>)| {
        compute_rows(kernel, tile, i * rows_px, out, kept, is_stopped);
    };
    let chunks = out.axis_chunks_iter_mut(Axis(1), rows_px).enumerate();
    #[cfg(feature = "rayon")]
    {
        use rayon::iter::{ParallelBridge, ParallelIterator};
        chunks.par_bridge().for_each_init(Scratch::default, run);
    }
    #[cfg(not(feature = "rayon"))]
    {
        let mut kept = Scratch::default();
        chunks.for_each(|chunk| run(&mut kept, chunk));
    }
}

/// Computes the rows from `first` on, as many as `out` has, block by block.
fn compute_rows(
    kernel: &Kernel,
    whole: Tile<'_>,
    first: usize,
    mut out: ArrayViewMut3<'_, f32>,
    kept: &mut Scratch,
    is_stopped: &(dyn Fn() -> bool + Sync),
) {
    let cols_px = kernel.block_px().1;
    for (i, out) in out.axis_chunks_iter_mut(Axis(2), cols_px).enumerate() {
        if is_stopped() {
            return;
        }
        let (_, rows, cols) = out.dim();
        let part = whole.part(kernel.halo(), (first, i * cols_px), (rows, cols));
        kernel.compute_with(part, out, kept, is_stopped);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::{self, Surface};
    use crate::{Canopy, CellSize, Graticule, Missing, Trunk};

    /// Heights without a pattern, 0 to 10, a few missing.
    fn heights(rows: usize, cols: usize) -> Array2<f32> {
        let mut state = 7_u32;
        Array2::from_shape_fn((rows, cols), |_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let z = (state >> 8) as f32 / (1 << 24) as f32 * 10.0;
            if z < 0.2 { f32::NAN } else { z }
        })
    }

    fn close(fast: &Array3<f32>, exact: &Array3<f64>) {
        assert_eq!(fast.dim(), exact.dim());
        for (fast, exact) in fast.iter().zip(exact) {
            let same = fast.is_nan() && exact.is_nan();
            assert!(same || (f64::from(*fast) - exact).abs() < 1e-5, "{fast} for {exact}");
        }
    }

    #[test]
    fn equals_the_reference_with_layers_and_any_layout() {
        let dem = heights(70, 90);
        let canopy = heights(70, 90).mapv(|z| if z > 8.0 { z } else { -1.0 });
        let measures = [Measure::Svf, Measure::Coverage, Measure::SvfCosine];
        let params = Params {
            missing: Missing::Skip,
            canopy: Some(Canopy { trunk: Trunk::Ratio(0.25), transmissivity: 0.1 }),
            ..Params::new(9.0, 12)
        };
        let cell = CellSize { east: 1.0, south: 1.5 };
        let raster = Raster { heights: dem.view(), canopy: Some(canopy.view()), trunk: None };
        let fast = compute(raster, cell, &params, &measures).unwrap();
        let crowns = canopy.mapv(|z| z.max(0.0));
        let surface = Surface::new(dem.view(), Some(crowns.view()), None, &params);
        close(&fast, &reference::compute(&surface, cell, &params, &measures).unwrap());
        // Columns that lie side by side in memory.
        let (turned, turned_canopy) = (
            dem.t().as_standard_layout().into_owned(),
            canopy.t().as_standard_layout().into_owned(),
        );
        let raster = Raster { heights: turned.t(), canopy: Some(turned_canopy.t()), trunk: None };
        let same = compute(raster, cell, &params, &measures).unwrap();
        assert!(same.iter().zip(&fast).all(|(a, b)| a.to_bits() == b.to_bits()));
    }

    #[test]
    fn a_radius_beyond_the_raster_needs_no_more_memory_than_the_raster() {
        let dem = heights(20, 30);
        let params = Params::new(1e6, 8);
        let fast = compute(dem.view(), CellSize::square(1.0), &params, &[Measure::Svf]).unwrap();
        let surface = Surface::new(dem.view(), None, None, &params);
        let short = Params::new(60.0, 8);
        let exact = reference::compute(&surface, CellSize::square(1.0), &short, &[Measure::Svf]);
        close(&fast, &exact.unwrap());
    }

    #[test]
    fn a_search_that_is_stopped_leaves_the_rest_without_values() {
        let dem = heights(40, 30);
        let (params, cell) = (Params::new(5.0, 8), CellSize::square(1.0));
        let of = |is_stopped: &(dyn Fn() -> bool + Sync)| {
            compute_until(dem.view(), cell, &params, &[Measure::Svf], is_stopped).unwrap()
        };
        assert!(of(&|| true).iter().all(|value| value.is_nan()));
        let whole = compute(dem.view(), cell, &params, &[Measure::Svf]).unwrap();
        assert!(whole.iter().zip(&of(&|| false)).all(|(a, b)| a.to_bits() == b.to_bits()));
    }

    #[test]
    fn degrees_and_no_cells_at_all() {
        let dem = heights(40, 30);
        let ground = Graticule {
            first_row_deg: 47.0,
            south_deg: 0.001,
            east_deg: 0.001,
            semi_major: 6_378_137.0,
            flattening: 1.0 / 298.257_223_563,
            rows: 0..40,
        };
        let params = Params::new(1000.0, 8);
        let measures = [Measure::Svf, Measure::OpennessPositive];
        let fast = compute(dem.view(), ground.clone(), &params, &measures[..1]).unwrap();
        let surface = Surface::new(dem.view(), None, None, &params);
        close(&fast, &reference::compute(&surface, ground, &params, &measures[..1]).unwrap());
        let none = Array2::<f32>::zeros((0, 5));
        let empty = compute(none.view(), CellSize::square(1.0), &Params::new(3.0, 8), &measures);
        assert_eq!(empty.unwrap().dim(), (2, 0, 5));
    }
}
