//! One receiver in every detail: its values as `svf_compute` writes them, from the same kernel on a
//! tile of one cell, and the samples that they come from, from the reference that the kernel is
//! tested against. This module has no geometry of its own.

use ndarray::{Array2, Array3};
use svf_job::Cause;
use svf_kernel::geometry::{Fan, SightLine};
use svf_kernel::reference::{self, Sight, Surface, height_at, slope_to};
use svf_kernel::simd::SimdLevel;
use svf_kernel::tile::{Window, clip_to_raster};
use svf_kernel::{CellSize, Kernel, Measure, Missing, Params, Tile};
use svf_raster::{Grid, RasterError, RasterReader};

use crate::error::Error;
use crate::inputs::{Inputs, read_vegetation};
pub use crate::memory::{block_bytes, check_budget, refuse_held_whole};
use crate::memory::{cached_around, held_around};
use crate::spec::Spec;

/// A place in rows and columns from the raster's top left corner; cell centres are at halves.
pub type Place = (f64, f64);

/// What is known about a receiver.
pub struct Receiver {
    /// Row of its cell.
    pub row: u64,
    /// Column of its cell.
    pub col: u64,
    /// Its height as in the raster.
    pub height: f64,
    /// One per direction, clockwise from north.
    pub directions: Vec<Direction>,
    /// One per measure other than `horizon`.
    pub values: Vec<MeasureValue>,
    /// Whether it has no values, because of `--missing nan` and a missing height.
    pub refused: bool,
    /// The heights around it, as far as the search reaches; NaN where missing.
    pub heights: Array2<f64>,
    /// Its row and column in them.
    pub at: (usize, usize),
    /// Its cell size on the ground.
    pub cell: CellSize,
}

/// A measure of a receiver; without values if [`Receiver::refused`].
pub struct MeasureValue {
    /// The measure.
    pub measure: Measure,
    /// What `svf_compute` writes.
    pub cell: Option<f32>,
    /// The same in double precision, by the definition.
    pub exact: Option<f64>,
}

/// What a receiver sees in a direction.
pub struct Direction {
    /// Clockwise from north.
    pub azimuth_deg: f64,
    /// Where the sight line ends: at the search radius.
    pub end: Place,
    /// Horizon angle; below the horizontal if all samples are.
    pub horizon_deg: f64,
    /// The band of `horizon`, if it was requested.
    pub cell: Option<f32>,
    /// The number, in `samples`, of the sample that makes the horizon.
    pub blocking: Option<usize>,
    /// Whether a height on the sight line is missing.
    pub gap: bool,
    /// Angles between which crowns are seen.
    pub crowns_deg: Vec<(f64, f64)>,
    /// The receiver, then the samples of the sight line.
    pub samples: Vec<LineSample>,
}

impl Direction {
    /// Whether the horizon is known: there are heights, and none is missing.
    pub fn is_known(&self) -> bool {
        !self.gap && self.samples.iter().any(|sample| sample.angle_deg.is_some())
    }
}

/// A sample of a sight line.
pub struct LineSample {
    /// Distance from the receiver, ground units.
    pub distance: f64,
    /// Where the height is taken.
    pub place: Place,
    /// As in the raster; none if it is missing.
    pub height: Option<f64>,
    /// Angle above the horizontal; none for samples that are not part of the search: the
    /// receiver's own cell, missing heights, and samples behind the end of the sight line.
    pub angle_deg: Option<f64>,
}

/// Computes receivers, one after the other.
pub struct Search {
    inputs: Inputs,
    grid: Grid,
    params: Params,
    measures: Vec<Measure>,
    simd: SimdLevel,
    /// Row, kernel and sight lines; on a projected grid they are valid for all rows.
    laid_out: Option<(u64, Kernel, Fan)>,
}

/// The same search in another number of directions, from north on.
fn in_directions(params: &Params, directions: u32) -> Params {
    let is_same = directions == params.directions;
    let first_azimuth_deg = if is_same { params.first_azimuth_deg } else { 0.0 };
    Params { directions, first_azimuth_deg, ..params.clone() }
}

impl Search {
    /// A search over the layers of a raster; later, it can be changed to `more_directions`.
    ///
    /// # Errors
    /// Parameters that are not valid, or a search that needs more than the memory limit.
    pub fn new(spec: &Spec, inputs: Inputs, more_directions: u32) -> Result<Self, Error> {
        let search = Self {
            inputs,
            grid: spec.grid.clone(),
            params: spec.params.clone(),
            measures: spec.measures.clone(),
            simd: spec.simd,
            laid_out: None,
        };
        search.check_memory(spec, more_directions)?;
        Ok(search)
    }

    /// Compares the files with their state before they were opened, when everything was read.
    ///
    /// # Errors
    /// A file that has changed.
    pub fn check_unchanged(&self) -> Result<(), Error> {
        Ok(self.inputs.check_unchanged()?)
    }

    /// The same search in another number of directions.
    pub fn in_directions(mut self, directions: u32) -> Self {
        self.params = in_directions(&self.params, directions);
        self.laid_out = None;
        self
    }

    /// Refuses a search whose only tile needs more than the memory limit.
    fn check_memory(&self, spec: &Spec, more_directions: u32) -> Result<(), Error> {
        let directions = spec.params.directions.max(more_directions);
        let params = in_directions(&spec.params, directions);
        let ground = spec.grid.ground(&spec.window);
        let kernel = Kernel::new(&params, ground, &spec.measures, spec.simd)?;
        let (rows, cols) = kernel.halo().padded(1, 1);
        // Heights in both precisions; the same for crowns.
        let cell_bytes = kernel.layers() as u64 * (8 + 4);
        let tile = (rows as u64).saturating_mul(cols as u64).saturating_mul(cell_bytes);
        // Samples as they are computed, and as they are returned.
        let samples = kernel.samples().saturating_mul(48 + 48);
        // A block has one receiver; of crowns, it has all around it.
        let of_receiver = (4 << 20) + kernel.samples().saturating_mul(64);
        let scratch = kernel.scratch_bytes_of((1, 1));
        let scratch = match kernel.uses_canopy() {
            true => scratch,
            false => scratch.min(of_receiver),
        };
        let search = tile.saturating_add(samples).saturating_add(scratch);
        let layers = &self.inputs.layers;
        let block = cached_around(layers, rows, cols);
        let blocks = held_around(layers, rows, cols).saturating_add(block);
        let (cause, hint) = match blocks > search {
            true => (Cause::InputBlocks, Cause::InputBlocks.hint()),
            false => (
                Cause::Radius,
                "increase --max-memory, or use a smaller --radius or fewer --directions",
            ),
        };
        check_budget(search.saturating_add(blocks), spec.budget_bytes, (cause, hint))
    }

    /// Computes the receiver of a cell; none if its height is missing.
    ///
    /// # Errors
    /// Heights that cannot be read.
    pub fn look(&mut self, row: u64, col: u64) -> Result<Option<Receiver>, Error> {
        let is_plane = matches!(self.grid.ground(&self.grid.whole()), svf_kernel::Ground::Plane(_));
        let core = Window { row, col, rows: 1, cols: 1 };
        let (_, kernel, fan) = match self.laid_out.take() {
            Some(known) if is_plane || known.0 == row => self.laid_out.insert(known),
            _ => {
                let ground = self.grid.ground(&core);
                let fan = Fan::new(&self.params, ground.cell_at(row))?;
                let kernel = Kernel::new(&self.params, ground, &self.measures, self.simd)?;
                self.laid_out.insert((row, kernel, fan))
            }
        };
        let halo = kernel.halo();
        let clip = clip_to_raster(&core, halo, self.grid.rows, self.grid.cols);
        let shape = halo.padded(1, 1);
        let mut exact = Array2::from_elem(shape, f64::NAN);
        let inside = ndarray::s![
            clip.row..clip.row + clip.source.rows as usize,
            clip.col..clip.col + clip.source.cols as usize
        ];
        self.inputs.layers[0].read_f64(&clip.source, exact.slice_mut(inside))?;
        let (at_row, at_col) = (halo.rows_px, halo.cols_px);
        if exact[(at_row, at_col)].is_nan() {
            return Ok(None);
        }
        let taken_off = self.inputs.layers[0].info().height_offset;
        let heights = exact.mapv(|z| (z - taken_off) as f32);
        let crowns = read_crowns(&mut self.inputs.layers[1..], &clip, shape)?;
        let layer = |i: usize| crowns.get(i).map(|layer: &Array2<f32>| layer.view());
        let tile = Tile { canopy: layer(0), trunk: layer(1), ..Tile::of(heights.view(), row) };
        let mut cells = Array3::zeros((kernel.bands(), 1, 1));
        kernel.compute(tile, cells.view_mut());
        let surface = Surface {
            heights: exact,
            ..Surface::new(Array2::zeros((0, 0)).view(), layer(0), layer(1), &self.params)
        };
        let cell = self.grid.ground(&core).cell_at(row);
        let seen =
            reference::receiver(&surface, at_row, at_col, fan, cell, &self.params, &self.measures);
        let Some(seen) = seen else { return Ok(None) };
        let refused = seen.values.is_none();
        let mut bands = cells.iter().map(|&v| (!v.is_nan()).then_some(v)).zip(match seen.values {
            Some(values) => values.into_iter().map(Some).collect(),
            None => vec![None; cells.len()],
        });
        let (mut values, mut horizons) = (Vec::new(), Vec::new());
        for &measure in &self.measures {
            if let Measure::Horizon { .. } = measure {
                let n = self.params.directions as usize;
                horizons = bands.by_ref().take(n).map(|(cell, _)| cell).collect();
            } else if let Some((cell, exact)) = bands.next() {
                values.push(MeasureValue { measure, cell, exact });
            }
        }
        let from = (at_row, at_col, row, col);
        let directions = fan
            .lines
            .iter()
            .zip(&seen.sights)
            .enumerate()
            .map(|(i, (line, sight))| {
                let cell = horizons.get(i).copied().flatten();
                direction(&surface, from, line, sight, cell, &self.params)
            })
            .collect();
        let height = surface.heights[(at_row, at_col)];
        let (heights, at) = (surface.heights, (at_row, at_col));
        Ok(Some(Receiver { row, col, height, directions, values, refused, heights, at, cell }))
    }
}

/// Canopy and trunks around a receiver, 0 where they are not known.
fn read_crowns(
    layers: &mut [RasterReader],
    clip: &svf_kernel::tile::Clip,
    shape: (usize, usize),
) -> Result<Vec<Array2<f32>>, RasterError> {
    let mut crowns = Vec::new();
    for reader in layers {
        let mut layer = Array2::zeros(shape);
        read_vegetation(reader, clip, layer.view_mut())?;
        crowns.push(layer);
    }
    Ok(crowns)
}

/// What a receiver sees along a sight line. Its place in the tile is (`at_row`, `at_col`), and in
/// the raster (`row`, `col`).
fn direction(
    surface: &Surface,
    (at_row, at_col, row, col): (usize, usize, u64, u64),
    line: &SightLine,
    sight: &Sight,
    cell: Option<f32>,
    params: &Params,
) -> Direction {
    let z = surface.heights.view();
    let ground = z[(at_row, at_col)];
    let place = |(rows, cols): (f64, f64)| (row as f64 + 0.5 + rows, col as f64 + 0.5 + cols);
    let mut samples = vec![LineSample {
        distance: 0.0,
        place: place((0.0, 0.0)),
        height: Some(ground),
        angle_deg: None,
    }];
    let (mut blocking, mut ended) = (None, false);
    for sample in &line.samples {
        let height = height_at(z, at_row, at_col, sample);
        let counts = !sample.is_receiver() && !ended;
        ended |= height.is_none() && params.missing == Missing::Stop;
        let slope = height
            .filter(|_| counts)
            .map(|height| slope_to(ground, height, sample.distance, params));
        let makes_it = sight.distance > 0.0 && sample.distance == sight.distance;
        if blocking.is_none() && makes_it && slope.is_some() {
            blocking = Some(samples.len());
        }
        samples.push(LineSample {
            distance: sample.distance,
            place: place(sample.offset()),
            height,
            angle_deg: slope.map(|slope| slope.atan().to_degrees()),
        });
    }
    let angle = |slope: f64| slope.atan().to_degrees();
    Direction {
        azimuth_deg: line.azimuth_deg,
        end: place(line.offset_at(params.radius)),
        horizon_deg: angle(sight.slope.unwrap_or(0.0)),
        cell,
        blocking,
        gap: sight.gap,
        crowns_deg: sight.crowns.iter().map(|&(b, t)| (angle(b), angle(t))).collect(),
        samples,
    }
}
