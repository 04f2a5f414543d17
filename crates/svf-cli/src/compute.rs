//! `svf_compute`: args -> spec -> plan -> run.

use std::ffi::OsString;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Mutex;

use clap::{CommandFactory, Parser};
use ndarray::{ArrayView3, ArrayViewMut2, Axis};
use serde_json::{Value, json};
use svf_job::budget::{self, show_size};
use svf_job::events::{CONTRACT, Notice};
use svf_job::plan::plan_tiles;
use svf_job::{
    CancelToken, Encoding, Event, Job, Plan, PlanRequest, Progress, Statistics, Summary, TileSink,
    TileSource, resources,
};
use svf_kernel::simd::SimdLevel;
use svf_kernel::tile::{Clip, Window};
use svf_kernel::{Curvature, EARTH_RADIUS_M, Kernel, Measure, Params, Sampling};
use svf_raster::grid::HorizontalUnit;
use svf_raster::staging::STDOUT;
use svf_raster::writer::driver_for;
use svf_raster::{
    BandSpec, BandStatistics, Grid, Op, OpenOptions, OutputSpec, OutputType, RasterError,
    RasterReader, RasterWriter, Session, open_raster,
};

use crate::args::{
    ComputeArgs, MissingName, ProgressMode, Radius, SamplingName, json_usage, modernise,
};
use crate::failure::Failure;
use crate::inputs::{Input, STDIN, check_output};
use crate::report::{EventStream, Reporter, show_count, show_seconds};

const TOOL: &str = "svf_compute";

/// Runs the tool on the process's arguments.
pub fn main() -> ExitCode {
    let words = modernise(std::env::args_os());
    let has = |flag: &str| words.iter().any(|word| word == flag);
    if has("--version") {
        print_line(&version(has("--json")));
        return ExitCode::SUCCESS;
    }
    if has("--json-usage") {
        print_line(&format!("{:#}", json_usage(&ComputeArgs::command())));
        return ExitCode::SUCCESS;
    }
    let json = asks_for_json(&words);
    let args = match ComputeArgs::try_parse_from(words) {
        Ok(args) => args,
        Err(error) if json && error.use_stderr() => {
            let text = error.to_string();
            let line = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
            let failure = Failure::usage("usage.arguments", line);
            Reporter::bare(TOOL, true).failed(&failure);
            return failure.exit_code();
        }
        Err(error) => error.exit(),
    };
    // A panic is a bug of ours: said in one line, as an event too.
    let panic_text = std::sync::Arc::new(Mutex::new(String::new()));
    let text = panic_text.clone();
    std::panic::set_hook(Box::new(move |panic| {
        if let Ok(mut text) = text.lock() {
            *text = panic.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        }
    }));
    catch_unwind(AssertUnwindSafe(|| report_run(&args))).unwrap_or_else(|_| {
        let text = panic_text.lock().map(|text| text.clone()).unwrap_or_default();
        let notice = Notice::new("internal", text).hint("this is a bug: please report it");
        let failure = Failure::Failed(notice);
        Reporter::bare(TOOL, json).failed(&failure);
        failure.exit_code()
    })
}

fn print_line(line: &str) {
    use std::io::Write;
    // Nobody to tell if standard output is closed.
    let _ = writeln!(std::io::stdout(), "{line}");
}

fn asks_for_json(words: &[OsString]) -> bool {
    words.windows(2).any(|pair| pair[0] == "--progress" && pair[1] == "json")
        || words.iter().any(|word| word == "--progress=json")
}

fn version(json: bool) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let gdal = Session::gdal_version();
    let simd = SimdLevel::detect().name();
    if json {
        json!({
            "contract": CONTRACT,
            "version": version,
            "gdal": { "version": gdal, "linkage": "system" },
            "simd": simd,
        })
        .to_string()
    } else {
        format!("{TOOL} {version} (GDAL {gdal}, {simd})")
    }
}

fn report_run(args: &ComputeArgs) -> ExitCode {
    let cancel = CancelToken::default();
    let to_stdout = args.output.as_deref().is_some_and(|path| path.starts_with(STDOUT));
    let stream = if to_stdout { EventStream::Stderr } else { EventStream::Stdout };
    let mut reporter = match Reporter::new(TOOL, &args.shared, stream, cancel.clone()) {
        Ok(reporter) => reporter,
        Err(failure) => {
            Reporter::bare(TOOL, false).failed(&failure);
            return failure.exit_code();
        }
    };
    match compute(args, &cancel, &mut reporter) {
        Ok(Outcome { outputs, stats, text }) => {
            reporter.done(outputs, stats, &text);
            ExitCode::SUCCESS
        }
        Err(failure) => {
            reporter.failed(&failure);
            failure.exit_code()
        }
    }
}

/// What a successful run has to tell.
struct Outcome {
    outputs: Vec<String>,
    stats: Value,
    text: String,
}

/// The four steps.
fn compute(
    args: &ComputeArgs,
    cancel: &CancelToken,
    reporter: &mut Reporter,
) -> Result<Outcome, Failure> {
    watch_for_cancel(args, cancel)?;
    reporter.start(args_json(args));
    let session = start_session(args)?;
    let input = Input::new(&args.input, cancel)?;
    let mut reader = open_input(args, &input)?;
    let spec = Spec::new(args, &reader, reporter)?;
    let kernel = spec.kernel()?;
    let plan = spec.plan(&kernel, reader.info().block.0)?;
    session.set_cache_bytes(plan.cache_bytes);
    reporter.event(&Event::Plan(plan.clone()));
    reporter.say_more(&format!(
        "{} tiles of {} x {} cells, halo {} x {}, expected peak {} of {}",
        plan.tiles,
        plan.tile_px[1],
        plan.tile_px[0],
        plan.halo_px[1],
        plan.halo_px[0],
        show_size(plan.estimated_peak_bytes),
        show_size(plan.budget_bytes),
    ));
    if args.dry_run {
        return dry_run(args, &spec, &plan, &mut reader);
    }
    run(&spec, &plan, &kernel, session, reader, cancel, reporter)
}

fn watch_for_cancel(args: &ComputeArgs, cancel: &CancelToken) -> Result<(), Failure> {
    cancel
        .on_signals()
        .map_err(|error| Failure::Failed(Notice::new("internal", error.to_string())))?;
    if args.shared.cancel_on_stdin_eof {
        if args.input.starts_with(STDIN) {
            let message = "--cancel-on-stdin-eof cannot be used when the input is /vsistdin/";
            return Err(Failure::usage("usage.arguments", message));
        }
        cancel.on_stdin_eof();
    }
    Ok(())
}

fn start_session(args: &ComputeArgs) -> Result<Session, Failure> {
    let session = Session::start(args.shared.verbose);
    for pair in &args.shared.config {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        session.set_config(key, value)?;
    }
    Ok(session)
}

fn open_input(args: &ComputeArgs, input: &Input) -> Result<RasterReader, Failure> {
    let options = OpenOptions {
        band: args.shared.band as usize,
        open_options: args.shared.open_options.clone(),
    };
    let reader = open_raster(&input.path, &options)?;
    reader.info().grid.check(&args.input)?;
    if let Some(output) = &args.output {
        check_output(output, &reader, args.shared.overwrite)?;
    }
    Ok(reader)
}

/// The arguments as understood, for the `start` event.
fn args_json(args: &ComputeArgs) -> Value {
    json!({
        "input": args.input,
        "output": args.output,
        "band": args.shared.band,
        "radius": match args.radius {
            Radius::Units(units) => units.to_string(),
            Radius::Cells(cells) => format!("{cells}px"),
        },
        "directions": args.directions,
        "measures": args.measure.iter().map(|m| m.name()).collect::<Vec<_>>(),
        "sampling": sampling_name(args.sampling),
        "missing": missing_name(args.missing),
        "observer_height": args.observer_height,
        "z_factor": args.z_factor,
        "curvature": args.curvature,
        "refraction": args.refraction,
    })
}

fn sampling_name(name: SamplingName) -> &'static str {
    match name {
        SamplingName::Linear => "linear",
        SamplingName::Nearest => "nearest",
        SamplingName::Divided => "divided",
    }
}

fn missing_name(name: MissingName) -> &'static str {
    match name {
        MissingName::Skip => "skip",
        MissingName::Stop => "stop",
        MissingName::Nan => "nan",
    }
}

/// What is wanted, checked against the raster.
struct Spec {
    params: Params,
    measures: Vec<Measure>,
    grid: Grid,
    window: Window,
    budget_bytes: u64,
    threads: usize,
    tile_px: Option<(u64, u64)>,
    output_type: OutputType,
    nodata: f64,
    /// Final paths, the measures in each, and the driver; empty in a dry run.
    outputs: Vec<(String, Range<usize>)>,
    driver: String,
    creation_options: Vec<String>,
    metadata: Vec<(String, String)>,
    simd: SimdLevel,
}

impl Spec {
    fn new(
        args: &ComputeArgs,
        reader: &RasterReader,
        reporter: &Reporter,
    ) -> Result<Self, Failure> {
        let info = reader.info();
        let grid = &info.grid;
        let window = window_of(args, grid)?;
        warn_of_assumptions(args, reader, reporter);
        let radius = radius_of(args, grid, reporter)?;
        let params = params_of(args, grid, radius);
        params.validate(grid.cell_size())?;
        let measures: Vec<Measure> =
            args.measure.iter().map(|&m| with_sign(m, args.signed)).collect();
        for (i, measure) in measures.iter().enumerate() {
            if measures[..i].contains(measure) {
                let message = format!("measure {} is named twice", measure.name());
                return Err(Failure::usage("usage.measure", message));
            }
        }
        let output_type = OutputType::from(args.shared.output_type);
        let nodata = nodata_of(args, output_type, &measures, radius, reporter)?;
        let driver = match (&args.shared.format, &args.output) {
            (Some(name), _) => name.clone(),
            (None, Some(output)) if !output.starts_with(STDOUT) => driver_for(output)?,
            _ => "GTiff".to_owned(),
        };
        let available = std::thread::available_parallelism().map_or(1, usize::from);
        let budget_bytes = args.shared.max_memory.unwrap_or_else(|| {
            // Where the system does not say what is free, a size that most have.
            budget::available_bytes().map_or(1 << 30, |bytes| bytes / 2)
        });
        Ok(Self {
            metadata: metadata(args, reader, &params, &measures),
            outputs: outputs_of(args, &measures)?,
            params,
            measures,
            grid: grid.clone(),
            window,
            budget_bytes,
            threads: args.shared.threads.map_or(available, |n| n as usize),
            tile_px: args.tile_size,
            output_type,
            nodata,
            driver,
            creation_options: args.shared.creation_options.clone(),
            simd: simd_level()?,
        })
    }

    fn kernel(&self) -> Result<Kernel, Failure> {
        Ok(Kernel::new(&self.params, self.grid.cell_size(), &self.measures, self.simd)?)
    }

    fn plan(&self, kernel: &Kernel, input_block_rows: usize) -> Result<Plan, Failure> {
        // What the process holds before the first tile, and what its libraries will still take.
        let libraries = resources::rss_bytes().unwrap_or(64 << 20) + (24 << 20);
        let block_bytes = 512 * 512 * self.output_type.bytes();
        let stripe_bytes = 64 * 12 * (self.grid.cols.min(8192));
        let row_bytes = 4 * self.grid.cols.min(self.window.cols + 2 * kernel.halo().cols_px as u64);
        let request = PlanRequest {
            window: self.window,
            halo: kernel.halo(),
            bands: kernel.bands(),
            threads: self.threads,
            budget_bytes: self.budget_bytes,
            base_bytes: libraries + kernel.fan_bytes() as u64,
            scratch_bytes: kernel.scratch_bytes() as u64,
            codec_bytes: 4 * (self.threads as u64 + 1) * block_bytes + stripe_bytes,
            input_row_bytes: row_bytes,
            input_block_rows: input_block_rows as u64,
            tile_px: self.tile_px,
        };
        Ok(plan_tiles(&request)?)
    }

    /// One encoding per band.
    fn encodings(&self) -> Vec<Encoding> {
        let of = |measure: &Measure| {
            let range = measure.range(self.params.radius);
            let encoding = Encoding {
                nodata: self.nodata as f32,
                scale_offset: self
                    .scale_offset(*measure)
                    .map(|(scale, offset)| (scale as f32, offset as f32)),
                range,
            };
            vec![encoding; measure.bands(self.params.directions)]
        };
        self.measures.iter().flat_map(of).collect()
    }

    /// Scale and offset of an integer output.
    fn scale_offset(&self, measure: Measure) -> Option<(f64, f64)> {
        let (largest, _) = self.output_type.scaled_range()?;
        let (low, high) = measure.range(self.params.radius);
        Some(((high - low) / largest, low))
    }

    fn band_specs(&self, measures: &[Measure]) -> Vec<BandSpec> {
        let n = self.params.directions;
        let spec = |measure: Measure, name: String| BandSpec {
            name,
            unit: match (measure, &self.grid.unit) {
                (Measure::HorizonDistance, HorizontalUnit::Length { name, .. }) => name.clone(),
                _ => measure.unit().to_owned(),
            },
            scale_offset: self.scale_offset(measure).unwrap_or((1.0, 0.0)),
        };
        let mut bands = Vec::new();
        for &measure in measures {
            if let Measure::Horizon { .. } = measure {
                bands.extend((0..n).map(|i| {
                    let azimuth = svf_kernel::geometry::azimuth_deg(i, n);
                    spec(measure, format!("horizon {azimuth:07.3}"))
                }));
            } else {
                bands.push(spec(measure, measure.name().to_owned()));
            }
        }
        bands
    }

    /// How much an obstacle of the relief `height` just beyond the radius could
    /// change one direction of `svf` and of `svf-cosine`.
    fn truncation(&self, relief: Option<(f32, f32)>) -> Option<Value> {
        let (low, high) = relief?;
        let height = (f64::from(high) - f64::from(low)) * self.params.z_factor;
        let r = self.params.radius;
        let slant = height.hypot(r);
        Some(json!({
            "relief": height,
            "radius": r,
            "svf": height / slant,
            "svf_cosine": (height / slant).powi(2),
        }))
    }
}

fn with_sign(measure: Measure, signed: bool) -> Measure {
    match measure {
        Measure::Horizon { .. } => Measure::Horizon { signed },
        other => other,
    }
}

fn window_of(args: &ComputeArgs, grid: &Grid) -> Result<Window, Failure> {
    let outside = |option: &str| {
        let message = format!(
            "{option} does not lie within the raster of {} columns and {} rows",
            grid.cols, grid.rows
        );
        Failure::usage("usage.window", message)
    };
    if let Some(bbox) = args.bbox {
        return grid.window_of_bbox(bbox).ok_or_else(|| outside("--bbox"));
    }
    let Some([col, row, cols, rows]) = args.srcwin else {
        return Ok(grid.whole());
    };
    let whole = |n: f64| (n >= 0.0 && n.fract() == 0.0).then_some(n as u64);
    match (whole(row), whole(col), whole(rows), whole(cols)) {
        (Some(row), Some(col), Some(rows @ 1..), Some(cols @ 1..)) => {
            let window = Window { row, col, rows, cols };
            grid.whole().contains(&window).then_some(window).ok_or_else(|| outside("--srcwin"))
        }
        _ => Err(Failure::usage(
            "usage.window",
            "--srcwin takes whole numbers: first column, first row, columns, rows",
        )),
    }
}

fn warn_of_assumptions(args: &ComputeArgs, reader: &RasterReader, reporter: &Reporter) {
    let info = reader.info();
    match &info.grid.unit {
        HorizontalUnit::Unknown => reporter.warn(
            Notice::new("crs.missing", format!("{} has no CRS", args.input))
                .hint("cell sizes, heights and --radius are taken to be in the same unit"),
        ),
        HorizontalUnit::Length { name, metres } if (metres - 1.0).abs() > 1e-9 => reporter.warn(
            Notice::new("crs.units", format!("the CRS of {} is in {name}, not metres", args.input))
                .hint(format!(
                    "heights (after --z-factor) and --radius are taken to be in {name}, too"
                )),
        ),
        _ => {}
    }
    let (scale, offset) = info.scale_offset;
    if (scale, offset) != (1.0, 0.0) {
        reporter.warn(Notice::new(
            "raster.scaled",
            format!("heights of {} are {scale} * value + {offset}, as the file says", args.input),
        ));
    }
}

/// The radius in ground units, clipped to the raster: beyond it there is nothing.
fn radius_of(args: &ComputeArgs, grid: &Grid, reporter: &Reporter) -> Result<f64, Failure> {
    let cell = grid.cell_size().larger();
    let (radius, shown) = match args.radius {
        Radius::Units(units) => (units, units.to_string()),
        Radius::Cells(cells) => (cells * cell, format!("{cells}px")),
    };
    if radius.is_nan() || radius <= 0.0 {
        let message = format!("--radius must be a positive number, got {shown}");
        return Err(Failure::usage("usage.radius", message));
    }
    let farthest = grid.diagonal() + 2.0 * cell;
    if radius > farthest {
        reporter.warn(Notice::new(
            "radius.clipped",
            format!("radius {shown} is larger than the raster: {farthest:.6} is used"),
        ));
        return Ok(farthest);
    }
    Ok(radius)
}

fn params_of(args: &ComputeArgs, grid: &Grid, radius: f64) -> Params {
    let metres = match grid.unit {
        HorizontalUnit::Length { metres, .. } => metres,
        _ => 1.0,
    };
    let one_per_cell = (radius / grid.cell_size().larger()).round().clamp(1.0, 1e5) as u32;
    Params {
        radius,
        directions: args.directions,
        sampling: match args.sampling {
            SamplingName::Linear => Sampling::Linear,
            SamplingName::Nearest => Sampling::Nearest,
            SamplingName::Divided => {
                Sampling::Divided { divisions: args.divisions.unwrap_or(one_per_cell) }
            }
        },
        missing: args.missing.into(),
        observer_height: args.observer_height,
        z_factor: args.z_factor,
        curvature: args.curvature.then_some(Curvature {
            refraction: args.refraction,
            earth_radius: EARTH_RADIUS_M / metres,
        }),
    }
}

fn nodata_of(
    args: &ComputeArgs,
    output_type: OutputType,
    measures: &[Measure],
    radius: f64,
    reporter: &Reporter,
) -> Result<f64, Failure> {
    let Some((largest, default)) = output_type.scaled_range() else {
        let nodata = args.shared.nodata.unwrap_or(-9999.0);
        let inside = |m: &&Measure| {
            let (low, high) = m.range(radius);
            (low..=high).contains(&nodata)
        };
        if let Some(measure) = measures.iter().find(inside) {
            reporter.warn(Notice::new(
                "nodata.in_range",
                format!("NoData {nodata} is also a possible value of {}", measure.name()),
            ));
        }
        return Ok(nodata);
    };
    match args.shared.nodata {
        None => Ok(default),
        Some(nodata) if nodata == largest + 1.0 => Ok(nodata),
        Some(nodata) => Err(Failure::usage(
            "usage.nodata",
            format!("NoData of a scaled output is {default}: {nodata} would be a value"),
        )),
    }
}

fn outputs_of(
    args: &ComputeArgs,
    measures: &[Measure],
) -> Result<Vec<(String, Range<usize>)>, Failure> {
    let Some(output) = args.output.as_deref().filter(|_| !args.dry_run) else {
        return Ok(Vec::new());
    };
    if !args.separate {
        return Ok(vec![(output.to_owned(), 0..measures.len())]);
    }
    if output.starts_with(STDOUT) {
        let message = "--separate needs a file name to add the measures to, not /vsistdout/";
        return Err(Failure::usage("usage.arguments", message));
    }
    let (stem, extension) = match output.rsplit_once('.') {
        Some((stem, extension)) if !extension.contains('/') => (stem, format!(".{extension}")),
        _ => (output, String::new()),
    };
    let mut outputs = Vec::new();
    for (i, measure) in measures.iter().enumerate() {
        let path = format!("{stem}_{}{extension}", measure.name());
        if !args.shared.overwrite && svf_raster::staging::exists(&path) {
            let notice = Notice::new("output.exists", format!("{path} exists"))
                .hint("add --overwrite to replace it")
                .path(path);
            return Err(Failure::Usage(notice));
        }
        outputs.push((path, i..i + 1));
    }
    Ok(outputs)
}

/// How the file was made, for its metadata.
fn metadata(
    args: &ComputeArgs,
    reader: &RasterReader,
    params: &Params,
    measures: &[Measure],
) -> Vec<(String, String)> {
    let info = reader.info();
    let version = env!("CARGO_PKG_VERSION");
    let unit = match &info.grid.unit {
        HorizontalUnit::Length { name, .. } => name.as_str(),
        HorizontalUnit::Degrees => "degree",
        HorizontalUnit::Unknown => "map unit (no CRS)",
    };
    let name = args.input.rsplit('/').next().unwrap_or(&args.input);
    let names: Vec<&str> = measures.iter().map(|m| m.name()).collect();
    let mut items = vec![
        ("TIFFTAG_SOFTWARE", format!("{TOOL} {version}")),
        ("SVF_VERSION", version.to_owned()),
        ("SVF_INPUT", if name.is_empty() { args.input.clone() } else { name.to_owned() }),
        ("SVF_INPUT_BAND", info.band.to_string()),
        ("SVF_MEASURES", names.join(",")),
        ("SVF_RADIUS", params.radius.to_string()),
        ("SVF_UNIT", unit.to_owned()),
        ("SVF_DIRECTIONS", params.directions.to_string()),
        ("SVF_SAMPLING", sampling_name(args.sampling).to_owned()),
        ("SVF_MISSING", missing_name(args.missing).to_owned()),
        ("SVF_OBSERVER_HEIGHT", params.observer_height.to_string()),
        ("SVF_Z_FACTOR", params.z_factor.to_string()),
    ];
    if let Sampling::Divided { divisions } = params.sampling {
        items.push(("SVF_DIVISIONS", divisions.to_string()));
    }
    if let Some(curvature) = params.curvature {
        items.push(("SVF_REFRACTION", curvature.refraction.to_string()));
    }
    if measures.contains(&Measure::Horizon { signed: true }) {
        items.push(("SVF_SIGNED", "YES".into()));
    }
    if info.scale_offset != (1.0, 0.0) {
        let (scale, offset) = info.scale_offset;
        items.push(("SVF_INPUT_SCALE_OFFSET", format!("{scale} {offset}")));
    }
    if let Some(area_or_point) = &info.area_or_point {
        items.push(("AREA_OR_POINT", area_or_point.clone()));
    }
    items.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// The instruction set: the fastest, or what the variable SVF_SIMD forces.
fn simd_level() -> Result<SimdLevel, Failure> {
    match std::env::var("SVF_SIMD") {
        Ok(name) if !name.is_empty() => {
            name.parse().map_err(|error: String| Failure::usage("usage.simd", error))
        }
        _ => Ok(SimdLevel::detect()),
    }
}

fn dry_run(
    args: &ComputeArgs,
    spec: &Spec,
    plan: &Plan,
    reader: &mut RasterReader,
) -> Result<Outcome, Failure> {
    let known = reader.info().known_range.map(|(low, high)| (low as f32, high as f32));
    let (relief, source) = match known {
        Some(range) => (Some(range), "statistics of the file"),
        None => (reader.sample_range(&spec.window)?, "a sample of 16 places"),
    };
    let stats = json!({
        "plan": plan,
        "window": { "row": spec.window.row, "col": spec.window.col, "rows": spec.window.rows, "cols": spec.window.cols },
        "cells": spec.window.cells(),
        "radius": spec.params.radius,
        "directions": spec.params.directions,
        "measures": spec.measures.iter().map(|m| m.name()).collect::<Vec<_>>(),
        "threads": spec.threads,
        "simd": spec.simd.name(),
        "truncation": spec.truncation(relief),
        "relief_from": source,
    });
    // With events the plan is in the `done` event; without, it is what the user asked for.
    if args.shared.progress != ProgressMode::Json {
        print_line(&format!("{stats:#}"));
    }
    Ok(Outcome { outputs: Vec::new(), stats, text: String::new() })
}

/// The input of the pipeline.
struct Source(RasterReader);

impl TileSource for Source {
    type Error = RasterError;

    fn shape(&self) -> (u64, u64) {
        (self.0.info().grid.rows, self.0.info().grid.cols)
    }

    fn read(&mut self, clip: &Clip, tile: ArrayViewMut2<'_, f32>) -> Result<(), RasterError> {
        self.0.read_tile(clip, tile)
    }
}

/// The output of the pipeline: one file, or one per measure.
struct Outputs {
    writers: Vec<(RasterWriter, Range<usize>)>,
    /// Whether tiles consist of whole blocks, which can be flushed for good.
    whole_blocks: bool,
}

impl TileSink for Outputs {
    type Error = RasterError;

    fn write(&mut self, window: &Window, cells: ArrayView3<'_, f32>) -> Result<(), RasterError> {
        for (writer, bands) in &mut self.writers {
            for (i, band) in bands.clone().enumerate() {
                writer.write(window, i, cells.index_axis(Axis(0), band))?;
            }
            if self.whole_blocks {
                writer.flush()?;
            }
        }
        Ok(())
    }
}

impl Outputs {
    fn create(spec: &Spec, plan: &Plan) -> Result<Self, RasterError> {
        let mut writers = Vec::new();
        let mut whole_blocks = true;
        let first_band = |measure: usize| -> usize {
            spec.measures[..measure].iter().map(|m| m.bands(spec.params.directions)).sum()
        };
        for (path, measures) in &spec.outputs {
            let writer = RasterWriter::create(OutputSpec {
                path: path.clone(),
                driver: spec.driver.clone(),
                output_type: spec.output_type,
                nodata: spec.nodata,
                grid: spec.grid.part(&spec.window),
                bands: spec.band_specs(&spec.measures[measures.clone()]),
                creation_options: spec.creation_options.clone(),
                metadata: spec.metadata.clone(),
                threads: spec.threads,
            })?;
            let (block_rows, block_cols) = writer.block();
            let fits = |tile: u64, block: usize, cells: u64| {
                tile >= cells || tile.is_multiple_of(block as u64)
            };
            whole_blocks &= fits(plan.tile_px[0], block_rows, spec.window.rows)
                && fits(plan.tile_px[1], block_cols, spec.window.cols);
            writers.push((writer, first_band(measures.start)..first_band(measures.end)));
        }
        Ok(Self { writers, whole_blocks })
    }
}

fn run(
    spec: &Spec,
    plan: &Plan,
    kernel: &Kernel,
    session: Session,
    reader: RasterReader,
    cancel: &CancelToken,
    reporter: &mut Reporter,
) -> Result<Outcome, Failure> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(spec.threads)
        .build()
        .map_err(|error| Failure::Failed(Notice::new("internal", error.to_string())))?;
    session.arm();
    let mut outputs = Outputs::create(spec, plan)?;
    let encodings = spec.encodings();
    let mut source = Source(reader);
    let mut report = |progress: Progress| {
        if let Some(id) = progress.tile {
            reporter.event(&Event::Tile { id, status: "done" });
        }
        let cells = (progress.cells_done, plan.cells());
        let tiles = (progress.tiles_done, plan.tiles);
        reporter.progress("compute", cells, tiles, progress.tiles_done == plan.tiles);
    };
    let job = Job { plan, kernel, encodings: &encodings, pool: &pool, cancel };
    let summary = svf_job::run(job, &mut source, &mut outputs, &mut report)?;
    finish(outputs, &summary, &encodings, cancel, reporter)?;
    Ok(outcome(spec, kernel, plan, &summary, &encodings, reporter))
}

fn finish(
    outputs: Outputs,
    summary: &Summary,
    encodings: &[Encoding],
    cancel: &CancelToken,
    reporter: &mut Reporter,
) -> Result<(), Failure> {
    let statistics: Vec<BandStatistics> =
        summary.bands.iter().zip(encodings).map(|(s, e)| band_statistics(s, e, true)).collect();
    let files = outputs.writers.len();
    for (i, (writer, bands)) in outputs.writers.into_iter().enumerate() {
        let to_stdout = writer.spec().path.starts_with(STDOUT);
        let mut progress = |share: f64| {
            let done = ((i as f64 + share) * 1000.0) as u64;
            reporter.progress(
                "finish",
                (done, 1000 * files as u64),
                (i as u64, files as u64),
                false,
            );
            !cancel.is_cancelled()
        };
        if let Err(error) = writer.finish(&statistics[bands], &mut progress) {
            // Whoever read our standard output went away.
            let reader_left = to_stdout && error.op == Op::Finish && error.path == STDOUT;
            return Err(if cancel.is_cancelled() || reader_left {
                Failure::Cancelled
            } else {
                error.into()
            });
        }
    }
    Ok(())
}

/// Statistics of a band: of its values, or of its cells `as_stored`.
fn band_statistics(s: &Statistics, encoding: &Encoding, as_stored: bool) -> BandStatistics {
    let (mean, std_dev) = s.moments(encoding);
    let (scale, offset) = match encoding.scale_offset {
        Some((scale, offset)) if as_stored => (f64::from(scale), f64::from(offset)),
        _ => (1.0, 0.0),
    };
    let cell = |value: f64| (value - offset) / scale;
    let whole = |value: f64| {
        if scale == 1.0 { value } else { cell(value).round() }
    };
    BandStatistics {
        min: whole(f64::from(s.min)),
        max: whole(f64::from(s.max)),
        mean: cell(mean),
        std_dev: std_dev / scale,
        valid: s.valid,
        nodata: s.nodata,
    }
}

fn outcome(
    spec: &Spec,
    kernel: &Kernel,
    plan: &Plan,
    summary: &Summary,
    encodings: &[Encoding],
    reporter: &Reporter,
) -> Outcome {
    let names: Vec<String> = spec.band_specs(&spec.measures).into_iter().map(|b| b.name).collect();
    let elapsed_s = reporter.elapsed_s();
    let rate = plan.cells() as f64 / elapsed_s.max(1e-9);
    let truncation = spec.truncation(summary.heights);
    let outputs: Vec<String> = spec.outputs.iter().map(|(path, _)| path.clone()).collect();
    let number = |x: f64| if x.is_finite() { json!(x) } else { Value::Null };
    let mut bands = Vec::new();
    let mut lines = vec![format!(
        "{}: {} x {} cells in {}, {} cells/s, peak memory {}",
        outputs.join(", "),
        spec.window.cols,
        spec.window.rows,
        show_seconds(elapsed_s),
        show_count(rate as u64),
        resources::peak_rss_bytes().map_or_else(|| "unknown".into(), show_size),
    )];
    for ((name, statistics), encoding) in names.iter().zip(&summary.bands).zip(encodings) {
        let s = band_statistics(statistics, encoding, false);
        bands.push(json!({
            "name": name,
            "min": number(s.min),
            "mean": number(s.mean),
            "max": number(s.max),
            "valid": s.valid,
            "nodata": s.nodata,
        }));
        // The bands of `horizon` are in the event; on a terminal they are too many.
        if bands.len() <= 24 {
            lines.push(if s.valid == 0 {
                format!("  {name:<18} no cell has a value")
            } else {
                format!(
                    "  {name:<18} min {:.4}  mean {:.4}  max {:.4}  valid {}  NoData {}",
                    s.min, s.mean, s.max, s.valid, s.nodata
                )
            });
        }
    }
    if let Some(bound) = &truncation {
        let number = |key: &str| bound[key].as_f64().unwrap_or(f64::NAN);
        lines.push(format!(
            "  relief {:.2}: an obstacle of that height beyond the radius of {} could change one \
             direction by {:.4} (svf), {:.4} (svf-cosine)",
            number("relief"),
            spec.params.radius,
            number("svf"),
            number("svf_cosine"),
        ));
    }
    let [read_s, compute_s, write_s] = summary.busy_s;
    reporter.say_more(&format!(
        "busy: reading {read_s:.2} s, computing {compute_s:.2} s, writing {write_s:.2} s; {} bands, {}",
        kernel.bands(),
        spec.simd
    ));
    let stats = json!({
        "bands": bands,
        "cells": plan.cells(),
        "cells_per_s": rate,
        "truncation": truncation,
        "busy_s": { "read": read_s, "compute": compute_s, "write": write_s },
    });
    Outcome { outputs, stats, text: lines.join("\n") }
}
