//! The request, checked against the raster: the second of the four steps.

use std::ops::Range;

use svf_job::events::Diagnostic;
use svf_job::pipeline::{largest_block, layers_of};
use svf_job::plan::{PlanError, SMALL_SHARE, plan_tiles};
use svf_job::{Cause, Check, Encoding, Plan, PlanRequest};
use svf_kernel::simd::SimdLevel;
use svf_kernel::tile::Window;
use svf_kernel::{
    Anisotropy, Canopy, Kernel, Measure, ParamError, Params, Sampling, Search, Trunk,
};
use svf_raster::driver::{driver_for, driver_named};
use svf_raster::grid::HorizontalUnit;
use svf_raster::held::{OutputBytes, OutputShape};
use svf_raster::staging::is_stdout;
use svf_raster::{BandSpec, Grid, OutputType, RasterInfo, RasterReader};

use crate::error::Error;
use crate::inputs::Inputs;
use crate::memory::{
    base_bytes, blocks_of, check_budget, held_beside, kept_of, least_to_join, tile_blocks,
    trial_bytes,
};
use crate::numbers::{show_number, show_place};
use crate::observer::Observer;
use crate::place::{curvature_of, upside_down, warn_of_assumptions};
use crate::provenance::metadata;
use crate::request::{AngleUnit, North, Radius, Request, SamplingName, Separate};
use crate::scene::{Said, Scene};
use crate::search::check_search;

/// Sides of tiles for which the scratch of a thread is found: beyond the largest, blocks do not become larger.
const SCRATCH_SIDES: [usize; 9] = [64, 128, 256, 512, 1024, 1536, 2048, 4096, 1 << 20];

/// Entries of tiles in a plan, if tiles are files of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entries {
    /// There is no plan: tiles are written to the output.
    None,
    /// They are made now.
    New,
    /// They have been read.
    Read,
}

impl Entries {
    /// Bytes that a tile takes beside its cells: its number in lists of what is to do or done.
    /// Measured with a million tiles.
    fn bytes(self) -> u64 {
        match self {
            Self::None => 0,
            // A range of its own, as text and in memory, if every second tile is empty.
            Self::New => 64,
            Self::Read => 32,
        }
    }
}

/// A request, checked against the raster.
#[non_exhaustive]
pub struct Spec {
    /// Parameters of the search.
    pub params: Params,
    /// Measures, in the order of the bands.
    pub measures: Vec<Measure>,
    /// The raster of heights.
    pub grid: Grid,
    /// The part of it that is computed.
    pub window: Window,
    /// Limit of the resident memory of the process, bytes.
    pub budget_bytes: u64,
    /// Threads.
    pub threads: usize,
    /// Instruction set.
    pub simd: SimdLevel,
    pub(crate) tile_px: Option<(u64, u64)>,
    pub(crate) output_type: OutputType,
    /// Of each measure, what its cells can tell; empty: all possible values.
    ranges: Vec<(f64, f64)>,
    pub(crate) nodata: f64,
    angle_unit: AngleUnit,
    /// Whether not all cells are receivers.
    chooses: bool,
    /// The number of receivers that are compared with the exact search.
    checks: Option<u64>,
    /// Final paths, the bands in each, and the driver; empty in a dry run.
    pub(crate) outputs: Vec<(String, Range<usize>)>,
    pub(crate) driver: String,
    pub(crate) creation_options: Vec<String>,
    pub(crate) metadata: Vec<(String, String)>,
    /// What must be known about the input to judge its heights.
    pub(crate) scene: Scene,
}

/// The plan with fewer tiles, or with more encoders; without a plan, the error that asks for less
/// memory. The first of equals.
fn better_of(
    best: Result<Plan, PlanError>,
    other: Result<Plan, PlanError>,
) -> Result<Plan, PlanError> {
    let least_of = |error: &PlanError| match error {
        PlanError::BudgetTooSmall { least_bytes, .. } => *least_bytes,
        PlanError::EmptyTile => u64::MAX,
    };
    let is_better = match (&best, &other) {
        (Ok(best), Ok(other)) => {
            let of = |plan: &Plan| (plan.tiles, usize::MAX - plan.encoders);
            of(other) < of(best)
        }
        (Err(_), Ok(_)) => true,
        (Err(best), Err(other)) => least_of(other) < least_of(best),
        (Ok(_), Err(_)) => false,
    };
    if is_better { other } else { best }
}

impl Spec {
    /// Checks a request against the raster.
    ///
    /// # Errors
    /// A request that is impossible.
    pub fn new(request: &Request, inputs: &Inputs, observer: &dyn Observer) -> Result<Self, Error> {
        let reader = &inputs.layers[0];
        let info = reader.info();
        let grid = &info.grid;
        let window = window_of(request, grid)?;
        let radius = radius_of(request, grid, observer)?;
        grid.check_latitudes(&window, radius, &info.source())?;
        warn_of_assumptions(&request.input, reader, &request.sky, observer);
        if request.sky.divisions.is_some() && request.sky.sampling != SamplingName::Divided {
            let message = "--divisions can only be used with --sampling divided";
            return Err(Error::usage("usage.arguments", message));
        }
        if let Some(refraction) = request.sky.refraction.filter(|k| !(0.0..=1.0).contains(k)) {
            let message = format!(
                "--refraction must be 0 to 1, got {}: 0 is none, 0.13 is usual, and 1 cancels the \
                 curvature",
                show_number(refraction)
            );
            return Err(Error::usage("usage.parameter", message));
        }
        let params = Params {
            min_distance: min_distance_of(request, grid, radius)?,
            north_deg: north_of(request, grid)?,
            ..params_of(request, grid, radius)
        };
        params.validate(grid.middle_cell()).map_err(|error| unusable(&error, info))?;
        check_search(request, grid)?;
        let measures: Vec<Measure> =
            request.sky.measures.iter().map(|&m| with_sign(m, request.sky.signed)).collect();
        for (i, measure) in measures.iter().enumerate() {
            if measures[..i].contains(measure) {
                let message = format!("measure {} is given twice", measure.name());
                return Err(Error::usage("usage.measure", message));
            }
        }
        let unchanged: Vec<&str> =
            measures.iter().filter(|m| !m.uses_canopy()).map(|m| m.name()).collect();
        if let (Some(canopy), false) = (&request.sky.canopy, unchanged.is_empty()) {
            let message = format!("{canopy} has no effect on {}", unchanged.join(", "));
            let hint = "vegetation only changes shares of the sky; the other measures use the \
                        heights alone";
            let diagnostic = Diagnostic::new("canopy.ignored", message).hint(hint).path(canopy);
            observer.warn(diagnostic.with("measures", unchanged.join(", ")));
        }
        warn_without_crowns(request, &info.path, &measures, observer);
        if request.sky.signed
            && !request.sky.measures.iter().any(|m| matches!(m, Measure::Horizon { .. }))
        {
            let message = "--signed can only be used with --measure horizon";
            return Err(Error::usage("usage.arguments", message));
        }
        let angle_unit = request.sky.angle_unit;
        if angle_unit != AngleUnit::Degree && !measures.iter().any(|m| is_angle(*m)) {
            let angles: Vec<&str> =
                Measure::ALL.into_iter().filter(|m| is_angle(*m)).map(Measure::name).collect();
            let message = format!(
                "--angle-unit {} can only be used with measures that are angles: {}",
                angle_unit.name(),
                angles.join(", ")
            );
            return Err(Error::usage("usage.arguments", message));
        }
        let output_type = request.format.output_type;
        let range = |measure: Measure| range_of(measure, radius, angle_unit);
        let nodata = nodata_of(request, output_type, &measures, &range, observer)?;
        let driver = match (&request.format.driver, &request.output) {
            (Some(name), output) => driver_named(name, output.as_deref().unwrap_or("the output"))?,
            (None, Some(output)) if !is_stdout(output) => driver_for(output)?,
            _ => "GTiff".to_owned(),
        };
        let budget_bytes = request.limits.budget_bytes();
        let threads = request.limits.threads();
        Ok(Self {
            metadata: metadata(request, reader, &params),
            outputs: outputs_of(request, &measures, params.directions)?,
            params,
            measures,
            grid: grid.clone(),
            window,
            budget_bytes,
            threads,
            tile_px: request.area.tile_px,
            output_type,
            ranges: request.format.ranges.clone(),
            nodata,
            angle_unit,
            chooses: request.sky.receivers.is_some(),
            checks: request.check,
            driver,
            creation_options: request.format.creation_options.clone(),
            simd: simd_level()?,
            scene: Scene::of(Said::of(&request.input, &request.sky), info).after(inputs.look),
        })
    }

    /// The layouts of the outputs, which are written in windows of multiples of `step_px`.
    fn shapes(&self, block_px: u64, step_px: u64) -> Vec<OutputShape<'_>> {
        let all = self.measures_of_bands().len();
        let bands: Vec<usize> = self.outputs.iter().map(|(_, bands)| bands.len()).collect();
        let bands = if bands.is_empty() { vec![all] } else { bands };
        let shape = |bands: usize| OutputShape {
            driver: &self.driver,
            creation_options: &self.creation_options,
            size: (self.window.rows, self.window.cols),
            bands,
            output_type: self.output_type,
            block_px,
            step_px,
        };
        bands.into_iter().map(shape).collect()
    }

    /// What the outputs take, with so many threads that compress. Those of several files that are
    /// written are open together; they are copied to their format one by one.
    fn output_bytes(&self, threads: usize, block_px: u64) -> OutputBytes {
        let step_px = match self.tile_px {
            Some((rows, cols)) => 1 << (rows | cols).trailing_zeros().min(32),
            // Tiles consist of whole blocks.
            None => block_px,
        };
        let all = self.shapes(block_px, step_px).into_iter().map(|shape| shape.bytes(threads));
        all.fold(OutputBytes::default(), OutputBytes::with)
    }

    /// Refuses a budget with which tiles could not be joined to the outputs, one after the other,
    /// before these are tried.
    ///
    /// # Errors
    /// The smallest budget that is enough.
    pub(crate) fn refuse_too_little_to_join(&self, layers: &[RasterReader]) -> Result<(), Error> {
        let held = tile_blocks(self.output_type);
        let shapes = self.shapes(JOINED_BLOCK_PX, ANY_STEP_PX);
        for of in shapes.into_iter().map(|shape| shape.bytes(1)) {
            let size = (self.window.rows, self.window.cols);
            let least = least_to_join(&of, &held, size, self.output_type);
            let cause = if of.copying > of.beside() { Cause::Copy } else { Cause::OutputBlocks };
            let more = [trial_bytes(&self.driver), kept_of(layers)];
            let least = more.into_iter().fold(least, u64::saturating_add);
            check_budget(least, self.budget_bytes, (cause, cause.hint()))?;
        }
        Ok(())
    }

    /// The measure of each band.
    pub(crate) fn measures_of_bands(&self) -> Vec<Measure> {
        let n = self.params.directions;
        self.measures.iter().flat_map(|m| std::iter::repeat_n(*m, m.bands(n))).collect()
    }

    pub(crate) fn kernel(&self) -> Result<Kernel, Error> {
        let ground = self.grid.ground(&self.window);
        let mut kernel = Kernel::new(&self.params, ground, &self.measures, self.simd)?;
        // The exact search of a check looks at all that is within the radius.
        if self.checks.is_none() {
            kernel = kernel.on_raster(self.grid.rows, self.grid.cols);
        }
        Ok(if self.chooses { kernel.choosing() } else { kernel })
    }

    /// The same kernel, which makes as many levels of a cascade from each tile as let it look at the fewest
    /// cells; the others are made of the whole raster first. If no number of levels fits into the memory, it
    /// is the one that needs least.
    pub(crate) fn fitting(
        &self,
        kernel: Kernel,
        layers: &[RasterReader],
        entries: Entries,
    ) -> Kernel {
        // The exact search of a check looks at all that is within the radius.
        if self.checks.is_some() || kernel.levels() <= 1 {
            return kernel;
        }
        let more_bytes = (trial_bytes(&self.driver), 0);
        let fewer = (1..kernel.levels()).map(|made| kernel.clone().making(made));
        let mut best = None;
        let mut least = (u64::MAX, kernel.clone());
        for kernel in std::iter::once(kernel.clone()).chain(fewer) {
            let far_bytes = match kernel.needs_far_ground() {
                true => kernel.far_ground_bytes(&self.window),
                false => Some(0),
            };
            let Some(far_bytes) = far_bytes else { continue };
            match self.plan_within(&kernel, layers, entries, more_bytes) {
                Ok(plan) => {
                    // With a plan they are a file, too, which each process reads.
                    let is_large = far_bytes > self.budget_bytes / SMALL_SHARE;
                    let cells = self.cells_looked_at(&plan) + f64::from(far_bytes > 0);
                    if best.as_ref().is_none_or(|(than, _)| (is_large, cells) < *than) {
                        best = Some(((is_large, cells), kernel));
                    }
                }
                Err(PlanError::BudgetTooSmall { least_bytes, .. }) if least_bytes < least.0 => {
                    least = (least_bytes, kernel);
                }
                Err(_) => {}
            }
        }
        best.map_or(least.1, |(_, kernel)| kernel)
    }

    /// Cells that the tiles of a plan look at, for each cell of the window.
    fn cells_looked_at(&self, plan: &Plan) -> f64 {
        let looked = |i: usize, first: u64, window_px: u64, raster_px: u64| {
            let (tile_px, halo_px) = (plan.tile_px[i].max(1), plan.halo_px[i]);
            let of_tile = |start: u64| {
                let end = (start + tile_px).min(first + window_px);
                (end + halo_px).min(raster_px) - start.saturating_sub(halo_px)
            };
            let starts = (first..first + window_px).step_by(tile_px as usize);
            starts.map(of_tile).sum::<u64>() as f64 / window_px.max(1) as f64
        };
        let Window { row, col, rows, cols } = self.window;
        looked(0, row, rows, self.grid.rows) * looked(1, col, cols, self.grid.cols)
    }

    /// The comparison with the exact search, if it was asked for.
    pub(crate) fn check(&self) -> Result<Option<Check>, Error> {
        let Some(count) = self.checks else { return Ok(None) };
        let params = Params { search: Search::Exact, ..self.params.clone() };
        let ground = self.grid.ground(&self.window);
        let kernel = Kernel::new(&params, ground, &self.measures, self.simd)?;
        Ok(Some(Check::new(kernel, self.window, count)))
    }

    /// Divides the work into tiles: of one output or, with `entries`, of a file for each tile.
    pub(crate) fn plan(
        &self,
        kernel: &Kernel,
        layers: &[RasterReader],
        entries: Entries,
    ) -> Result<Plan, Error> {
        Ok(self.plan_within(kernel, layers, entries, (0, self.check_bytes()?))?)
    }

    /// The same before the outputs are tried, after which the process is larger.
    pub(crate) fn plan_before_trial(
        &self,
        kernel: &Kernel,
        layers: &[RasterReader],
        entries: Entries,
    ) -> Result<Plan, Error> {
        let more_bytes = (trial_bytes(&self.driver), self.check_bytes()?);
        Ok(self.plan_within(kernel, layers, entries, more_bytes)?)
    }

    /// Bytes of the comparison with the exact search of a thread.
    fn check_bytes(&self) -> Result<u64, Error> {
        Ok(self.check()?.map_or(0, |check| check.scratch_bytes()))
    }

    fn plan_within(
        &self,
        kernel: &Kernel,
        layers: &[RasterReader],
        entries: Entries,
        (more_bytes, check_bytes): (u64, u64),
    ) -> Result<Plan, PlanError> {
        let tile_files = entries != Entries::None;
        let stripe_bytes = 64 * 12 * (self.grid.cols.min(8192));
        let output_of = |block_px: u64, encoders: usize| match tile_files {
            true => OutputShape {
                driver: "GTiff",
                creation_options: &[],
                size: (self.window.rows, self.window.cols),
                bands: kernel.bands(),
                output_type: self.output_type,
                block_px,
                step_px: block_px,
            }
            .bytes(encoders),
            false => self.output_bytes(encoders, block_px),
        };
        let halo = kernel.halo();
        let output_row_bytes = kernel.bands() as u64 * self.output_type.bytes() * self.window.cols;
        let needed = kernel.needs_far_ground();
        let far_bytes =
            needed.then(|| kernel.far_ground_bytes(&self.window)).flatten().unwrap_or(0);
        let base_bytes = base_bytes().saturating_add(more_bytes);
        let input_bytes = held_beside(layers);
        let of_thread = |(rows, cols): (usize, usize)| {
            let block = largest_block(kernel, self.threads, (rows, cols));
            let bytes = kernel.scratch_bytes_of(block).saturating_add(check_bytes);
            // Before the tiles, all threads have a part of the raster.
            let part = || kernel.far_part_bytes(rows.max(cols), self.threads);
            let of_part = if needed { part().div_ceil(self.threads.max(1) as u64) } else { 0 };
            (rows.max(cols) as u64, bytes.max(of_part))
        };
        let within = |px: u64, cells: u64| usize::try_from(px.min(cells).min(1 << 20)).unwrap_or(1);
        let of_window = |(rows, cols): (u64, u64)| {
            (within(rows, self.window.rows), within(cols, self.window.cols))
        };
        let mut scratch_bytes: Vec<(u64, u64)> = match self.tile_px {
            Some(tile_px) => vec![of_thread(of_window(tile_px))],
            None => {
                let sides = SCRATCH_SIDES.into_iter().map(|side| (side, side));
                sides.chain([of_window((u64::MAX, u64::MAX))]).map(of_thread).collect()
            }
        };
        scratch_bytes.sort_unstable();
        // Small tiles come with small blocks, which take less to compress.
        let plan_with = |block_px: u64, largest_px: u64, encoders: usize| {
            let output = output_of(block_px, encoders);
            plan_tiles(&PlanRequest {
                window: self.window,
                halo,
                layers: layers_of(kernel),
                bands: kernel.bands(),
                threads: self.threads,
                budget_bytes: self.budget_bytes,
                base_bytes,
                scratch_bytes: scratch_bytes.clone(),
                far_bytes,
                encoders,
                codec_bytes: output.beside().saturating_add(stripe_bytes),
                input_bytes,
                closed_bytes: kept_of(layers),
                inputs: layers.iter().map(blocks_of).collect(),
                output_block_bytes: output.block,
                finish_bytes: if tile_files { 0 } else { output.copying },
                // No two tile files share a block.
                output_row_bytes: if tile_files { 0 } else { output_row_bytes },
                entry_bytes: entries.bytes(),
                output_block_px: output.block_px,
                largest_px,
                tile_px: self.tile_px,
            })
        };
        let sides: &[(u64, u64)] = match self.tile_px {
            Some((rows, cols)) => &[(block_for([rows, cols]), u64::MAX)],
            None => &[(512, u64::MAX), (256, 256), (128, 128), (64, 64)],
        };
        // Each thread more holds blocks while it compresses them: all together not more than a
        // third of the budget, and none that makes tiles smaller.
        let mut best = Err(PlanError::EmptyTile);
        for &(block_px, largest_px) in sides {
            for encoders in 1..=self.threads {
                let output = output_of(block_px, encoders);
                let is_too_much = output.beside().max(output.copying) > self.budget_bytes / 3;
                if encoders > 1 && is_too_much {
                    break;
                }
                best = better_of(best, plan_with(block_px, largest_px, encoders));
            }
        }
        best
    }

    /// One encoding per band.
    pub(crate) fn encodings(&self) -> Vec<Encoding> {
        let of = |measure: &Measure| {
            let encoding = Encoding {
                factor: factor_of(*measure, self.angle_unit) as f32,
                // f32 cannot store every value, so the writer inserts it.
                nodata: match self.output_type {
                    OutputType::Float64 => f32::NAN,
                    _ => self.nodata as f32,
                },
                scale_offset: self
                    .scale_offset(*measure)
                    .map(|(scale, offset)| (scale as f32, offset as f32)),
                range: self.range(*measure),
                clips: !self.ranges.is_empty(),
            };
            vec![encoding; measure.bands(self.params.directions)]
        };
        self.measures.iter().flat_map(of).collect()
    }

    /// Smallest and largest value of a measure that the output can have, in its unit.
    pub(crate) fn range(&self, measure: Measure) -> (f64, f64) {
        let place = self.measures.iter().position(|other| *other == measure);
        let chosen = place.and_then(|place| self.ranges.get(place)).copied();
        chosen.unwrap_or_else(|| range_of(measure, self.params.radius, self.angle_unit))
    }

    /// Scale and offset of an integer output.
    fn scale_offset(&self, measure: Measure) -> Option<(f64, f64)> {
        let (largest, _) = self.output_type.scaled_range()?;
        let (low, high) = self.range(measure);
        Some(((high - low) / largest, low))
    }

    pub(crate) fn band_specs(&self, measures: &[Measure]) -> Vec<BandSpec> {
        let n = self.params.directions;
        let spec = |measure: Measure, name: String| BandSpec {
            name,
            unit: match (measure, &self.grid.unit) {
                (Measure::HorizonDistance, HorizontalUnit::Length { name, .. }) => name.clone(),
                (Measure::HorizonDistance, HorizontalUnit::Angle { .. }) => "metre".to_owned(),
                _ if is_angle(measure) => self.angle_unit.name().to_owned(),
                _ => measure.unit().to_owned(),
            },
            scale_offset: self.scale_offset(measure).unwrap_or((1.0, 0.0)),
        };
        let mut bands = Vec::new();
        for &measure in measures {
            if let Measure::Horizon { .. } = measure {
                bands.extend((0..n).map(|i| {
                    let azimuth = self.params.azimuth_deg(i);
                    spec(measure, format!("horizon {azimuth:07.3}"))
                }));
            } else {
                bands.push(spec(measure, measure.name().to_owned()));
            }
        }
        bands
    }
}

/// Side of a block of an output that tiles are joined to, if the user does not choose it.
pub(crate) const JOINED_BLOCK_PX: u64 = 512;

/// Joined rasters are planned as if GDAL made all overviews of a COG: less was measured to be too little for
/// several bands.
pub(crate) const ANY_STEP_PX: u64 = 1;

/// Side of an output block that tiles consist of, where there is one: blocks
/// that two tiles share are compressed and written twice.
pub(crate) fn block_for([rows, cols]: [u64; 2]) -> u64 {
    [512, 256, 128, 64]
        .into_iter()
        .find(|side| rows.is_multiple_of(*side) && cols.is_multiple_of(*side))
        .unwrap_or(512)
}

/// The error for parameters that are not valid. If heights seem upside down, it has a hint.
fn unusable(error: &ParamError, info: &RasterInfo) -> Error {
    let diagnostic = Diagnostic::new("usage.parameter", error.to_string());
    Error::refused(match error {
        ParamError::ZFactor(z_factor) if *z_factor < 0.0 => {
            diagnostic.hint(upside_down(info, *z_factor))
        }
        _ => diagnostic,
    })
}

/// Whether the values of a measure are angles, which are computed in degrees.
fn is_angle(measure: Measure) -> bool {
    measure.unit() == AngleUnit::Degree.name()
}

/// What a computed value is multiplied by.
fn factor_of(measure: Measure, angle_unit: AngleUnit) -> f64 {
    if is_angle(measure) { angle_unit.of_degree() } else { 1.0 }
}

/// Smallest and largest possible value of a measure, in its unit.
fn range_of(measure: Measure, radius: f64, angle_unit: AngleUnit) -> (f64, f64) {
    let (low, high) = measure.range(radius);
    let factor = factor_of(measure, angle_unit);
    (factor * low, factor * high)
}

/// Warns of measures of crowns without any. Whoever asks for all of them, as UMEP's archive does,
/// wants a complete set.
fn warn_without_crowns(
    request: &Request,
    path: &str,
    measures: &[Measure],
    observer: &dyn Observer,
) {
    let of_crowns: Vec<&str> =
        measures.iter().filter(|m| m.is_of_crowns()).map(|m| m.name()).collect();
    let all = Measure::ALL.into_iter().filter(|m| m.is_of_crowns()).count();
    if request.sky.canopy.is_some() || of_crowns.is_empty() || of_crowns.len() == all {
        return;
    }
    let names = of_crowns.join(", ");
    let message = format!("{path} has no vegetation: every value of {names} is one");
    let hint = "it is what crowns block: add --canopy with their heights above ground";
    let diagnostic = Diagnostic::new("canopy.missing", message).hint(hint).path(path);
    observer.warn(diagnostic.with("measures", names));
}

fn with_sign(measure: Measure, signed: bool) -> Measure {
    match measure {
        Measure::Horizon { .. } => Measure::Horizon { signed },
        other => other,
    }
}

fn window_of(request: &Request, grid: &Grid) -> Result<Window, Error> {
    let outside = |option: &str| {
        format!("{option} is not inside the raster of {} columns and {} rows", grid.cols, grid.rows)
    };
    if let Some(bbox) = request.area.bbox {
        return match (grid.window_of_bbox(bbox), other_order(bbox, grid)) {
            (Some(window), None) => Ok(window),
            (_, meant) => {
                let hint = right_bbox(meant, grid);
                let message = outside("--bbox");
                Err(Error::refused(Diagnostic::new("usage.window", message).hint(hint)))
            }
        };
    }
    let Some([col, row, cols, rows]) = request.area.srcwin else {
        return Ok(grid.whole());
    };
    let whole = |n: f64| (n >= 0.0 && n.fract() == 0.0).then_some(n as u64);
    match (whole(row), whole(col), whole(rows), whole(cols)) {
        (Some(row), Some(col), Some(rows @ 1..), Some(cols @ 1..)) => {
            let window = Window { row, col, rows, cols };
            let is_inside = grid.whole().contains(&window);
            if is_inside {
                return Ok(window);
            }
            let diagnostic = Diagnostic::new("usage.window", outside("--srcwin"));
            Err(Error::refused(match window.meet(&grid.whole()) {
                Some(Window { row, col, rows, cols }) => diagnostic.hint(format!(
                    "the part of it that is inside is --srcwin {col},{row},{cols},{rows}"
                )),
                None => diagnostic.hint(
                    "its numbers are the first column, the first row (both counted from 0), columns \
                     and rows; use --bbox for coordinates",
                ),
            }))
        }
        _ => Err(Error::usage(
            "usage.window",
            "--srcwin needs whole numbers: first column, first row, columns, rows",
        )),
    }
}

/// The box that is meant if it sticks out of the raster, but would be inside with its numbers in
/// another order.
fn other_order([a, b, c, d]: [f64; 4], grid: &Grid) -> Option<[f64; 4]> {
    let [left, bottom, right, top] = grid.bbox();
    let is_inside = |[xmin, ymin, xmax, ymax]: &[f64; 4]| {
        let is_x = |x: &f64| (left..=right).contains(x);
        let is_y = |y: &f64| (bottom..=top).contains(y);
        is_x(xmin) && is_x(xmax) && is_y(ymin) && is_y(ymax)
    };
    if is_inside(&[a, b, c, d]) {
        return None;
    }
    // y before x; both x before both y; both y before both x.
    [[b, a, d, c], [a, c, b, d], [c, a, d, b]].into_iter().find(is_inside)
}

/// What the option takes, with the box that is meant, or else that of the raster.
fn right_bbox(meant: Option<[f64; 4]>, grid: &Grid) -> String {
    let shown = |bbox: [f64; 4]| bbox.map(show_place).join(",");
    let rest = match meant {
        Some(bbox) => format!("did you mean --bbox {}?", shown(bbox)),
        None => format!("that of the raster is {}", shown(grid.bbox())),
    };
    format!("--bbox takes xmin,ymin,xmax,ymax: {rest}")
}

/// A distance in ground units.
fn in_units(distance: Radius, grid: &Grid) -> f64 {
    match distance {
        Radius::Units(units) => units,
        Radius::Cells(cells) => cells * grid.middle_cell().larger(),
        Radius::All => grid.farthest(),
    }
}

/// What is nearer is ignored, ground units.
fn min_distance_of(request: &Request, grid: &Grid, radius: f64) -> Result<f64, Error> {
    let Some(shown) = request.sky.min_distance else { return Ok(0.0) };
    let refuse = |message: String| Err(Error::usage("usage.arguments", message));
    let distance = in_units(shown, grid);
    if !(0.0..radius).contains(&distance) {
        let longest = request.sky.radius;
        return refuse(format!("--min-distance {shown} must be less than --radius {longest}"));
    }
    if request.sky.canopy.is_some() && distance > 0.0 {
        return refuse("--min-distance cannot be used with --canopy".into());
    }
    Ok(distance)
}

/// The radius in ground units, at most the size of the raster: there is nothing beyond it.
fn radius_of(request: &Request, grid: &Grid, observer: &dyn Observer) -> Result<f64, Error> {
    let shown = request.sky.radius;
    let radius = in_units(shown, grid);
    if radius.is_nan() || radius <= 0.0 {
        let message = format!("--radius must be a positive number, got {shown}");
        return Err(Error::usage("usage.radius", message));
    }
    let farthest = grid.farthest();
    if radius > farthest {
        let used = show_number(farthest);
        let message = format!("radius {shown} is larger than the raster: {used} is used instead");
        let diagnostic = Diagnostic::new("radius.clipped", message).with("used", used);
        observer.warn(diagnostic.with("given", shown.to_string()));
        return Ok(farthest);
    }
    Ok(radius)
}

/// The north that azimuths count from, degrees clockwise from grid north.
fn north_of(request: &Request, grid: &Grid) -> Result<f64, Error> {
    match (request.sky.north, &grid.unit) {
        (North::Grid, _) | (North::True, HorizontalUnit::Angle { .. }) => Ok(0.0),
        (North::Degrees(degrees), _) => Ok(degrees),
        (North::True, _) => match grid.scale() {
            // Other versions of PROJ differ in later digits.
            Some((middle, _)) => Ok((middle.north_deg * 1e6).round() / 1e6),
            None => {
                let message = "--north true: the CRS of the raster does not say where north is";
                let hint = "give the degrees from grid north clockwise to true north, e.g. \
                            --north -1.5";
                Err(Error::refused(Diagnostic::new("usage.arguments", message).hint(hint)))
            }
        },
    }
}

fn params_of(request: &Request, grid: &Grid, radius: f64) -> Params {
    Params {
        first_azimuth_deg: request.sky.first_azimuth,
        search: request.sky.search.into(),
        sampling: match request.sky.sampling {
            SamplingName::Linear => Sampling::Linear,
            SamplingName::Crossings => Sampling::Crossings,
            SamplingName::Nearest => Sampling::Nearest,
            SamplingName::Divided => match request.sky.divisions {
                Some(divisions) => Sampling::Divided { divisions },
                None => Sampling::divided_by_cells(radius, grid.middle_cell()),
            },
        },
        missing: request.sky.missing.into(),
        observer_height: request.sky.observer_height,
        z_factor: request.sky.z_factor,
        curvature: curvature_of(&request.sky, grid),
        anisotropy: Anisotropy {
            azimuth_deg: request.sky.anisotropy_azimuth,
            level: request.sky.anisotropy_level.into(),
        },
        canopy: request.sky.canopy.is_some().then_some(Canopy {
            trunk: match request.sky.trunk {
                Some(_) => Trunk::Heights,
                None => Trunk::Ratio(request.sky.trunk_ratio),
            },
            transmissivity: request.sky.transmissivity,
        }),
        ..Params::new(radius, request.sky.directions)
    }
}

fn nodata_of(
    request: &Request,
    output_type: OutputType,
    measures: &[Measure],
    range: &dyn Fn(Measure) -> (f64, f64),
    observer: &dyn Observer,
) -> Result<f64, Error> {
    let Some((largest, default)) = output_type.scaled_range() else {
        let nodata = nodata_cell(request.format.nodata.unwrap_or(-9999.0), output_type)?;
        let inside = |m: &&Measure| {
            let (low, high) = range(**m);
            (low..=high).contains(&nodata)
        };
        if let Some(measure) = measures.iter().find(inside) {
            observer.warn(Diagnostic::new(
                "nodata.in_range",
                format!(
                    "NoData {} is also a possible value of {}",
                    show_number(nodata),
                    measure.name()
                ),
            ));
        }
        return Ok(nodata);
    };
    match request.format.nodata {
        None => Ok(default),
        Some(nodata) if nodata == largest + 1.0 => Ok(nodata),
        Some(nodata) => Err(Error::usage(
            "usage.nodata",
            format!(
                "NoData of an integer output must be {default}: {} stands for a value of a measure",
                show_number(nodata)
            ),
        )),
    }
}

/// NoData as a cell of the output.
///
/// # Errors
/// A value that the type cannot store.
pub(crate) fn nodata_cell(nodata: f64, output_type: OutputType) -> Result<f64, Error> {
    output_type.cell(nodata).ok_or_else(|| {
        let message = format!(
            "NoData {} cannot be stored in type {}",
            show_number(nodata),
            output_type.name()
        );
        Error::usage("usage.nodata", message)
    })
}

/// The files of a run, and the bands in each.
fn outputs_of(
    request: &Request,
    measures: &[Measure],
    directions: u32,
) -> Result<Vec<(String, Range<usize>)>, Error> {
    let Some(output) = request.output.as_deref().filter(|_| !request.dry_run) else {
        return Ok(Vec::new());
    };
    let bands = |measures: &[Measure]| measures.iter().map(|m| m.bands(directions)).sum::<usize>();
    let names: Vec<(String, usize)> = match &request.separate {
        Separate::Nothing => return Ok(vec![(output.to_owned(), 0..bands(measures))]),
        Separate::Measures => {
            measures.iter().map(|m| (m.name().to_owned(), m.bands(directions))).collect()
        }
        Separate::Named { names, .. } => names.iter().map(|name| (name.clone(), 1)).collect(),
    };
    if is_stdout(output) {
        let option = match request.separate {
            Separate::Named { format, .. } => format!("--of {format}"),
            _ => "--separate".to_owned(),
        };
        let message = format!("{option} needs a file name as OUTPUT, not /vsistdout/");
        return Err(Error::usage("usage.arguments", message));
    }
    let (stem, extension) = match output.rsplit_once('.') {
        Some((stem, extension)) if !extension.contains('/') => (stem, format!(".{extension}")),
        _ => (output, String::new()),
    };
    let mut first = 0;
    let outputs = names.into_iter().map(|(name, bands)| {
        first += bands;
        (format!("{stem}_{name}{extension}"), first - bands..first)
    });
    Ok(outputs.collect())
}

/// The instruction set: the fastest one, or that of the environment variable SVF_SIMD.
fn simd_level() -> Result<SimdLevel, Error> {
    match std::env::var("SVF_SIMD") {
        Ok(name) if !name.is_empty() => {
            name.parse().map_err(|error: String| Error::usage("usage.simd", error))
        }
        _ => Ok(SimdLevel::detect()),
    }
}
