//! The kernel for Python: arrays in, arrays out. `svf_tools/arrays.py` checks and converts what
//! users give, so the functions here are private.

mod doubts;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;
use std::{process, thread};

use numpy::ndarray::Array3;
use numpy::{IntoPyArray, PyArray3, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::exceptions::{PyMemoryError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use svf_job::budget::{available_bytes, show_size};
use svf_kernel::simd::SimdLevel;
use svf_kernel::{
    Anisotropy, AnisotropyLevel, Canopy, CellSize, Curvature, Graticule, Ground, Kernel, Measure,
    Missing, Params, Raster, Sampling, Search, Tile, Trunk, compute_blocks, compute_until, within,
};

/// The cells: their size, or those of a raster in degrees.
#[derive(FromPyObject)]
enum Cells {
    /// Ground units eastwards and southwards.
    #[pyo3(transparent)]
    Size((f64, f64)),
    /// Latitude of the first row, degrees southwards and eastwards, equatorial radius, flattening.
    #[pyo3(transparent)]
    Degrees((f64, f64, f64, f64, f64)),
}

impl Cells {
    fn ground(&self, rows: usize) -> Ground {
        match *self {
            Cells::Size((east, south)) => CellSize { east, south }.into(),
            Cells::Degrees((first_row_deg, south_deg, east_deg, semi_major, flattening)) => {
                let rows = 0..rows as u64;
                Graticule { first_row_deg, south_deg, east_deg, semi_major, flattening, rows }
                    .into()
            }
        }
    }
}

/// The options of a search, as a dictionary.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct Options {
    radius: f64,
    search: String,
    min_distance: f64,
    directions: u32,
    first_azimuth: f64,
    north: f64,
    sampling: String,
    divisions: Option<u32>,
    missing: String,
    observer_height: f64,
    z_factor: f64,
    /// Refraction and Earth radius.
    curvature: Option<(f64, f64)>,
    anisotropy_azimuth: f64,
    anisotropy_level: String,
    transmissivity: f64,
    trunk_ratio: f64,
    signed: bool,
}

fn unknown(name: &str, value: &str, known: &str) -> PyErr {
    PyValueError::new_err(format!("{name} must be one of {known}, not '{value}'"))
}

impl Options {
    /// `middle` is a cell in the middle of the raster.
    fn params(&self, middle: CellSize, has_canopy: bool, has_trunk: bool) -> PyResult<Params> {
        let sampling = match self.sampling.as_str() {
            "linear" => Sampling::Linear,
            "crossings" => Sampling::Crossings,
            "nearest" => Sampling::Nearest,
            "divided" => match self.divisions {
                Some(divisions) => Sampling::Divided { divisions },
                None => Sampling::divided_by_cells(self.radius, middle),
            },
            other => {
                return Err(unknown("sampling", other, "linear, crossings, nearest, divided"));
            }
        };
        let missing = match self.missing.as_str() {
            "skip" => Missing::Skip,
            "stop" => Missing::Stop,
            "nan" => Missing::Nan,
            other => return Err(unknown("missing", other, "skip, stop, nan")),
        };
        let search = match self.search.as_str() {
            "exact" => Search::Exact,
            "cascade" => Search::Cascade,
            other => return Err(unknown("search", other, "exact, cascade")),
        };
        let level = match self.anisotropy_level.as_str() {
            "low" => AnisotropyLevel::Low,
            "high" => AnisotropyLevel::High,
            other => return Err(unknown("anisotropy_level", other, "low, high")),
        };
        let trunk = if has_trunk { Trunk::Heights } else { Trunk::Ratio(self.trunk_ratio) };
        Ok(Params {
            min_distance: self.min_distance,
            first_azimuth_deg: self.first_azimuth,
            north_deg: self.north,
            search,
            sampling,
            missing,
            observer_height: self.observer_height,
            z_factor: self.z_factor,
            curvature: self
                .curvature
                .map(|(refraction, earth_radius)| Curvature { refraction, earth_radius }),
            anisotropy: Anisotropy { azimuth_deg: self.anisotropy_azimuth, level },
            canopy: has_canopy.then_some(Canopy { trunk, transmissivity: self.transmissivity }),
            ..Params::new(self.radius, self.directions)
        })
    }

    fn measures(&self, names: &[String]) -> PyResult<Vec<Measure>> {
        let of = |name: &String| match named(name)? {
            Measure::Horizon { .. } => Ok(Measure::Horizon { signed: self.signed }),
            measure => Ok(measure),
        };
        names.iter().map(of).collect()
    }
}

fn refused(error: svf_kernel::ParamError) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// Refuses options that do not make sense, and a search whose arrays do not fit into the free
/// memory: this comes before any array is copied. Before the search, heights are converted, which takes
/// `converting` bytes a cell.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "what Python gives is owned")]
fn check(
    shape: (usize, usize),
    vegetation: (bool, bool),
    cells: Cells,
    options: Options,
    measures: Vec<String>,
    converting: usize,
) -> PyResult<()> {
    let kernel = kernel_of(shape, vegetation, &cells, &options, &measures)?;
    refuse_too_large(&kernel, shape, converting)
}

/// What is searched in a raster of so many rows: parameters, ground, and measures.
fn search_of(
    rows: usize,
    (has_canopy, has_trunk): (bool, bool),
    cells: &Cells,
    options: &Options,
    measures: &[String],
) -> PyResult<(Params, Ground, Vec<Measure>)> {
    let ground = cells.ground(rows);
    let params = options.params(ground.cell_at(rows as u64 / 2), has_canopy, has_trunk)?;
    Ok((params, ground, options.measures(measures)?))
}

/// Refuses so many rows and columns if their arrays do not fit into the free memory, before the search,
/// with so many bytes a cell, or in it.
fn refuse_too_large(
    kernel: &Kernel,
    (rows, cols): (usize, usize),
    converting: usize,
) -> PyResult<()> {
    let Some(free) = available_bytes() else { return Ok(()) };
    let layers = kernel.layers();
    let bytes = |of_cell: usize, rows: usize, cols: usize| {
        [of_cell, rows, cols].iter().fold(1_u64, |all, &factor| all.saturating_mul(factor as u64))
    };
    // Each layer as 32-bit floats, and with what is around it.
    let (padded_rows, padded_cols) = kernel.halo().padded(rows, cols);
    let searching = bytes((kernel.bands() + layers) * size_of::<f32>(), rows, cols)
        .saturating_add(bytes(layers * size_of::<f32>(), padded_rows, padded_cols));
    let needed = searching.max(bytes(converting, rows, cols));
    if needed <= free {
        return Ok(());
    }
    Err(PyMemoryError::new_err(format!(
        "{rows} x {cols} cells and {} bands need {} of memory, but only {} are free: use fewer \
         directions or measures, or svf_tools.compute with files",
        kernel.bands(),
        show_size(needed),
        show_size(free)
    )))
}

/// Rows and columns that each chunk of a raster of so many rows and columns needs around it.
///
/// Refuses options that do not make sense.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "what Python gives is owned")]
fn halo(
    shape: (usize, usize),
    vegetation: (bool, bool),
    cells: Cells,
    options: Options,
    measures: Vec<String>,
) -> PyResult<(usize, usize)> {
    let kernel = kernel_of(shape, vegetation, &cells, &options, &measures)?;
    Ok((kernel.halo().rows_px, kernel.halo().cols_px))
}

/// The kernel for a raster of so many rows and columns, or for its tiles.
fn kernel_of(
    shape: (usize, usize),
    vegetation: (bool, bool),
    cells: &Cells,
    options: &Options,
    measures: &[String],
) -> PyResult<Kernel> {
    let (params, ground, measures) = search_of(shape.0, vegetation, cells, options, measures)?;
    let params = within(&params, &ground, shape);
    Kernel::new(&params, ground, &measures, SimdLevel::detect()).map_err(refused)
}

/// So many threads for one call; 0: as many as usual.
fn threads_of(number: usize) -> PyResult<rayon::ThreadPool> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(number).build();
    pool.map_err(|error| PyValueError::new_err(error.to_string()))
}

/// Computes measures of the cells of a chunk on one thread: an array of bands, rows and columns.
///
/// The layers have the cells around the chunk as [`halo`] says; `place` is the row and column of its
/// first cell in the raster, which has so many rows and columns as `shape` says.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "a private function that Python calls in one place")]
#[expect(clippy::needless_pass_by_value, reason = "what Python gives is owned")]
fn compute_chunk<'py>(
    py: Python<'py>,
    heights: PyReadonlyArray2<'py, f32>,
    canopy: Option<PyReadonlyArray2<'py, f32>>,
    trunk: Option<PyReadonlyArray2<'py, f32>>,
    place: (u64, u64),
    shape: (usize, usize),
    cells: Cells,
    options: Options,
    measures: Vec<String>,
) -> PyResult<Bound<'py, PyArray3<f32>>> {
    let vegetation = (canopy.is_some(), trunk.is_some());
    let kernel = kernel_of(shape, vegetation, &cells, &options, &measures)?;
    let (rows, cols) = heights.as_array().dim();
    let around = kernel.halo();
    let size = (rows.checked_sub(2 * around.rows_px), cols.checked_sub(2 * around.cols_px));
    let (Some(rows), Some(cols)) = size else {
        return Err(PyValueError::new_err("a chunk must have the cells around it"));
    };
    refuse_too_large(&kernel, (rows, cols), 0)?;
    let mut out = Array3::from_elem((kernel.bands(), rows, cols), f32::NAN);
    let tile = Tile {
        heights: heights.as_array(),
        canopy: canopy.as_ref().map(|layer| layer.as_array()),
        trunk: trunk.as_ref().map(|layer| layer.as_array()),
        wanted: None,
        row: place.0,
        col: place.1,
        largest: kernel.largest(heights.as_array()),
    };
    let pool = threads_of(1)?;
    py.detach(|| pool.install(|| compute_blocks(&kernel, tile, out.view_mut())));
    Ok(out.into_pyarray(py))
}

/// Does the work on another thread, while this one waits for signals: Ctrl-C sets `stopped`.
fn unless_interrupted<T: Send>(
    py: Python<'_>,
    work: impl FnOnce() -> T + Send,
    stopped: &AtomicBool,
) -> PyResult<T> {
    const A_LOOK: Duration = Duration::from_millis(50);
    let (found, waiting) = (Mutex::new(None), thread::current());
    let take = || found.lock().unwrap_or_else(PoisonError::into_inner).take();
    thread::scope(|scope| {
        let worker = scope.spawn(|| {
            let done = work();
            *found.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
            waiting.unpark();
        });
        let mut interrupted = Ok(());
        loop {
            let has_ended = worker.is_finished();
            match take() {
                Some(done) => return interrupted.map(|()| done),
                None if has_ended => {
                    return Err(PyRuntimeError::new_err("the search panicked: this is a bug"));
                }
                None => py.detach(|| thread::park_timeout(A_LOOK)),
            }
            if let Err(signal) = py.check_signals() {
                stopped.store(true, Ordering::Relaxed);
                interrupted = Err(signal);
            }
        }
    })
}

/// Computes measures of all cells: an array of bands, rows and columns.
#[pyfunction]
#[pyo3(signature = (heights, canopy, trunk, cells, options, measures, threads))]
#[expect(clippy::too_many_arguments, reason = "a private function that Python calls in one place")]
#[expect(clippy::needless_pass_by_value, reason = "what Python gives is owned")]
fn compute<'py>(
    py: Python<'py>,
    heights: PyReadonlyArray2<'py, f32>,
    canopy: Option<PyReadonlyArray2<'py, f32>>,
    trunk: Option<PyReadonlyArray2<'py, f32>>,
    cells: Cells,
    options: Options,
    measures: Vec<String>,
    threads: Option<usize>,
) -> PyResult<Bound<'py, PyArray3<f32>>> {
    let vegetation = (canopy.is_some(), trunk.is_some());
    let (params, ground, measures) =
        search_of(heights.shape()[0], vegetation, &cells, &options, &measures)?;
    let raster = Raster {
        heights: heights.as_array(),
        canopy: canopy.as_ref().map(|layer| layer.as_array()),
        trunk: trunk.as_ref().map(|layer| layer.as_array()),
    };
    let stopped = AtomicBool::new(false);
    let is_stopped = || stopped.load(Ordering::Relaxed);
    let search = || compute_until(raster, ground, &params, &measures, &is_stopped);
    let threads = threads.or(is_forked().then_some(0));
    let pool = threads.map(threads_of).transpose()?;
    let work = || match &pool {
        None => search(),
        Some(pool) => pool.install(search),
    };
    let done = unless_interrupted(py, work, &stopped)?;
    Ok(done.map_err(refused)?.into_pyarray(py))
}

/// Whether this process was forked after the module was imported: it has none of the threads that its parent
/// has started.
fn is_forked() -> bool {
    static IMPORTED_IN: OnceLock<u32> = OnceLock::new();
    *IMPORTED_IN.get_or_init(process::id) != process::id()
}

/// Names of all measures.
#[pyfunction]
fn measures() -> Vec<&'static str> {
    Measure::ALL.map(Measure::name).to_vec()
}

/// Number of bands of a measure with this number of directions.
#[pyfunction]
fn bands(measure: &str, directions: u32) -> PyResult<usize> {
    Ok(named(measure)?.bands(directions))
}

/// Whether a measure is what crowns block.
#[pyfunction]
fn is_of_crowns(measure: &str) -> PyResult<bool> {
    Ok(named(measure)?.is_of_crowns())
}

/// A measure by its name.
fn named(name: &str) -> PyResult<Measure> {
    name.parse::<Measure>().map_err(|error| PyValueError::new_err(error.to_string()))
}

/// The module.
#[pymodule]
fn _kernel(module: &Bound<'_, PyModule>) -> PyResult<()> {
    // Remembers this process.
    is_forked();
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_function(wrap_pyfunction!(check, module)?)?;
    module.add_function(wrap_pyfunction!(compute, module)?)?;
    module.add_function(wrap_pyfunction!(halo, module)?)?;
    module.add_function(wrap_pyfunction!(compute_chunk, module)?)?;
    module.add_function(wrap_pyfunction!(measures, module)?)?;
    module.add_function(wrap_pyfunction!(is_of_crowns, module)?)?;
    module.add_function(wrap_pyfunction!(doubts::apart, module)?)?;
    module.add_function(wrap_pyfunction!(doubts::is_above_trees, module)?)?;
    module.add_function(wrap_pyfunction!(doubts::is_beyond_earth, module)?)?;
    module.add_function(wrap_pyfunction!(doubts::is_steep, module)?)?;
    module.add_function(wrap_pyfunction!(doubts::is_earth, module)?)?;
    module.add_function(wrap_pyfunction!(doubts::stretch, module)?)?;
    module.add_function(wrap_pyfunction!(doubts::mends, module)?)?;
    module.add_function(wrap_pyfunction!(doubts::bad_latitude, module)?)?;
    module.add_function(wrap_pyfunction!(bands, module)?)
}
