//! `svf_compute`: args -> spec -> plan -> run.

use std::process::ExitCode;

use serde_json::{Value, json};
use svf_job::budget::show_size;
use svf_job::events::Notice;
use svf_job::plan::LEAST_CACHE_BYTES;
use svf_job::tileset::Selection;
use svf_job::{CancelToken, Encoding, Event, Job, Plan, Progress, Summary, TileNews};
use svf_kernel::Kernel;
use svf_raster::staging::is_stdout;
use svf_raster::{BandStatistics, OpenOptions, RasterReader, Session};

use crate::args::{ComputeArgs, ProgressMode, ResourceArgs, RunArgs};
use crate::ends::{
    Input, Outputs, Source, Untouched, check_destinations, check_outputs, check_same_grid,
    is_stdin, refuse_existing, refuse_twins,
};
use crate::failure::Failure;
use crate::gather::{self, Files, Wanted, refuse_forgotten};
use crate::heights::Said;
use crate::place::warn_of_vegetation;
use crate::provenance::args_json;
use crate::report::{EventStream, Reporter, count_of};
use crate::spec::Spec;
use crate::summary::{band_statistics, outcome, truncation};
use crate::tool::{Outcome, Tool, print_line};
use crate::{heights, tiles, workdir};

/// Runs the tool on the process's arguments.
pub fn main() -> ExitCode {
    let tool = Tool::<ComputeArgs> {
        name: "svf_compute",
        run: |args| &args.shared.run,
        without: (&[], ""),
        settle: ComputeArgs::settle,
        stream: |args| match &args.output {
            Some(output) if is_stdout(output) => EventStream::Stderr,
            _ => EventStream::Stdout,
        },
        work: compute,
    };
    tool.main()
}

/// The four steps.
fn compute(
    args: &ComputeArgs,
    cancel: &CancelToken,
    reporter: &mut Reporter,
) -> Result<Outcome, Failure> {
    watch_for_cancel(&args.shared.run, is_stdin(&args.input), cancel)?;
    reporter.start(said(args));
    let session = Session::start(&args.shared.source.config)?;
    if let Some(plan) = &args.plan {
        return tiles::compute_plan(args, plan, session, cancel, reporter);
    }
    refuse_forgotten(&args.several, args.output.as_deref())?;
    // Before a stream is awaited, what can be known already.
    if let Some(output) = args.output.as_ref().filter(|_| !args.separate && !args.dry_run)
        && is_stdin(&args.input)
    {
        refuse_existing(output, args.shared.run.overwrite)?;
    }
    if let Some(dir) = args.work_dir.as_ref().filter(|_| !args.dry_run) {
        return workdir::compute(args, dir, session, cancel, reporter);
    }
    let Opened { input: _input, mut layers, spec } = open(args, session, cancel, reporter)?;
    check_destinations(spec.outputs.iter().map(|(path, _)| path))?;
    open_log(&args.shared.resources, &layers, reporter)?;
    let kernel = spec.kernel()?;
    let plan = spec.plan(&kernel, &layers, false)?;
    session.set_cache_bytes(plan.cache_bytes);
    tell_plan(&plan, reporter);
    if args.dry_run {
        return dry_run(args, &spec, &plan, &mut layers[0]);
    }
    run(&spec, &plan, &kernel, session, layers, cancel, reporter)
}

/// The arguments as understood.
fn said(args: &ComputeArgs) -> Value {
    if let Some(plan) = &args.plan {
        let numbers = match &args.tiles {
            Some(Selection::Numbers(ranges)) => Some(ranges),
            _ => None,
        };
        let part = match args.tile_part {
            Some(Selection::Part { part, parts }) => Some([part, parts]),
            _ => None,
        };
        return json!({ "plan": plan, "tiles": numbers, "tile_part": part });
    }
    let mut json = args_json(args);
    json["work_dir"] = json!(args.work_dir);
    json["restart"] = json!(args.restart);
    json
}

/// Says what will be done.
pub(crate) fn tell_plan(plan: &Plan, reporter: &Reporter) {
    reporter.event(&Event::Plan(plan.clone()));
    reporter.say_more(&format!(
        "{} of {} x {} cells, halo {} x {}, expected peak {} of {}",
        count_of(plan.tiles, "tile"),
        plan.tile_px[1],
        plan.tile_px[0],
        plan.halo_px[1],
        plan.halo_px[0],
        show_size(plan.estimated_peak_bytes),
        show_size(plan.budget_bytes),
    ));
}

/// The input, opened, and what is wanted of it.
pub(crate) struct Opened {
    /// Kept for the file that a stream was spooled to.
    pub(crate) input: Input,
    /// Heights, then canopy and trunks if there are any.
    pub(crate) layers: Vec<RasterReader>,
    pub(crate) spec: Spec,
}

/// The first two steps: the outputs are refused if they exist or are the input.
pub(crate) fn open(
    args: &ComputeArgs,
    session: Session,
    cancel: &CancelToken,
    reporter: &Reporter,
) -> Result<Opened, Failure> {
    let input = Input::new(&args.input, cancel)?;
    let mut layers = open_layers(args, &input, cancel, reporter)?;
    reporter.warn_of_gdal(session);
    heights::examine(session, Said::of(&args.input, &args.sky), &mut layers, reporter)?;
    let spec = Spec::new(args, &layers[0], reporter)?;
    let log = args.shared.resources.profile_log.as_ref().map(|log| log.display().to_string());
    refuse_twins(spec.outputs.iter().map(|(path, _)| path).chain(&log))?;
    check_outputs(spec.outputs.iter().map(|(path, _)| path), &layers, args.shared.run.overwrite)?;
    Ok(Opened { input, layers, spec })
}

/// Starts the log of resources, if it was asked for.
pub(crate) fn open_log(
    resources: &ResourceArgs,
    layers: &[RasterReader],
    reporter: &mut Reporter,
) -> Result<(), Failure> {
    if let Some(log) = &resources.profile_log {
        check_outputs([log.display().to_string()].iter(), layers, true)?;
    }
    reporter.open_log(resources)
}

/// Whatever cancels a run does so from here on.
pub(crate) fn watch_for_cancel(
    run: &RunArgs,
    reads_stdin: bool,
    cancel: &CancelToken,
) -> Result<(), Failure> {
    cancel
        .on_signals()
        .map_err(|error| Failure::Failed(Notice::new("internal", error.to_string())))?;
    if run.cancel_on_stdin_eof {
        if reads_stdin {
            let message = "--cancel-on-stdin-eof cannot be used when the input is /vsistdin/";
            return Err(Failure::usage("usage.arguments", message));
        }
        cancel.on_stdin_eof();
    }
    Ok(())
}

/// Heights, then canopy and trunks if there are any.
pub(crate) fn open_layers(
    args: &ComputeArgs,
    input: &Input,
    cancel: &CancelToken,
    reporter: &Reporter,
) -> Result<Vec<RasterReader>, Failure> {
    let options = OpenOptions {
        band: args.shared.source.band as usize,
        open_options: args.shared.source.open_options.clone(),
        shown_as: Some(args.input.clone()),
        input_nodata: args.sky.input_nodata.as_ref().map(|nodata| nodata.0.clone()),
        ..OpenOptions::default()
    };
    let [of_heights, of_canopy, of_trunk] = &args.planned;
    let wanted = Wanted {
        path: &input.path,
        shown: &args.input,
        files: Files::of(of_heights, &args.several, args.shared.source.input_list.as_deref()),
        options: &options,
        output: args.output.as_deref(),
    };
    let heights = gather::open(&wanted, cancel, reporter)?;
    heights.info().grid.check(&args.input, heights.info().nodata.is_some())?;
    let mut layers = vec![heights];
    let vegetation = [(&args.sky.canopy, of_canopy), (&args.sky.trunk, of_trunk)];
    for (path, planned) in vegetation {
        let Some(path) = path else { continue };
        if is_stdin(path) {
            let message = "only INPUT may be /vsistdin/, not the canopy or the trunks";
            return Err(Failure::usage("usage.arguments", message));
        }
        let options = OpenOptions { above_ground: true, ..OpenOptions::default() };
        let files = Files::of(planned, &[], None);
        let wanted = Wanted { path, shown: path, files, options: &options, output: None };
        let layer = gather::open(&wanted, cancel, reporter)?;
        layer.info().grid.check(path, layer.info().nodata.is_some())?;
        check_same_grid(&layer, &layers[0])?;
        if layer.info().grid.differs_in_crs(&layers[0].info().grid) {
            let message = format!("{path} has another CRS than {}", args.input);
            reporter.warn(
                Notice::new("canopy.crs", message)
                    .hint("its cells are taken to lie where their coordinates say"),
            );
        }
        let both = (layer.info(), layers[0].info());
        warn_of_vegetation(path, both, args.sky.z_factor, reporter);
        layers.push(layer);
    }
    Ok(layers)
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
        "truncation": truncation(spec.params.radius, spec.params.z_factor, relief),
        "relief_from": source,
    });
    // With events the plan is in the `done` event; without, it is what the user asked for.
    if args.shared.run.progress != ProgressMode::Json {
        print_line(&format!("{stats:#}"))
            .map_err(|error| Failure::Failed(Notice::new("output.stdout", error.to_string())))?;
    }
    Ok(Outcome { outputs: Vec::new(), stats, text: String::new() })
}

fn run(
    spec: &Spec,
    plan: &Plan,
    kernel: &Kernel,
    session: Session,
    layers: Vec<RasterReader>,
    cancel: &CancelToken,
    reporter: &mut Reporter,
) -> Result<Outcome, Failure> {
    let pool = thread_pool(spec.threads)?;
    session.arm();
    let mut outputs = Outputs::create(spec, plan)?;
    reporter.warn_of_gdal(session);
    let encodings = spec.encodings();
    let untouched = Untouched::of(&layers);
    let mut source = Source(layers);
    let mut report = |progress: Progress| {
        tell_progress(&progress, (plan.cells(), plan.tiles), reporter);
    };
    let tiles: Vec<u64> = (0..plan.tiles).collect();
    let is_done = &|_| false;
    let job =
        Job { plan, tiles: &tiles, is_done, kernel, encodings: &encodings, pool: &pool, cancel };
    let summary = svf_job::run(job, &mut source, &mut outputs, &mut report)?;
    untouched.check()?;
    spec.scene.warn_of_range(summary.heights, reporter);
    // The tiles are gone: what completes the output must not fill their place with cache.
    session.set_cache_bytes(plan.cache_bytes.min(LEAST_CACHE_BYTES));
    finish(outputs, &summary, &encodings, cancel, reporter)?;
    reporter.warn_of_gdal(session);
    Ok(outcome(spec, kernel, plan, &summary, &encodings, reporter))
}

/// Threads for the kernel.
pub(crate) fn thread_pool(threads: usize) -> Result<rayon::ThreadPool, Failure> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| Failure::Failed(Notice::new("internal", error.to_string())))
}

/// Passes on how far the tiles are, of `(cells, tiles)` in all.
pub(crate) fn tell_progress(progress: &Progress, all: (u64, u64), reporter: &mut Reporter) {
    if let Some((id, news)) = progress.tile {
        let status = match news {
            TileNews::Written => "done",
            TileNews::Found => "found",
        };
        reporter.event(&Event::Tile { id, status });
    }
    let (cells, tiles) = ((progress.cells_done, all.0), (progress.tiles_done, all.1));
    reporter.progress("compute", cells, tiles, progress.tiles_done == all.1);
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
    let files = outputs.writers.len() as u64;
    let mut complete = Vec::new();
    let mut finished = |i: u64, share: f64, force: bool| {
        let done = ((i as f64 + share) * 1000.0) as u64;
        let files_done = if force { i + 1 } else { i };
        reporter.progress("finish", (done, 1000 * files), (files_done, files), force);
    };
    for (i, (writer, bands)) in outputs.writers.into_iter().enumerate() {
        let (i, copied) = (i as u64, writer.is_copied());
        let mut progress = |share: f64| {
            finished(i, share, false);
            !cancel.is_cancelled()
        };
        match writer.finish(&statistics[bands], &mut progress) {
            Ok(output) => complete.push(output),
            Err(_) if cancel.is_cancelled() => return Err(Failure::Cancelled),
            Err(error) => return Err(error.into()),
        }
        if copied {
            finished(i, 1.0, true);
        }
    }
    if cancel.is_cancelled() {
        return Err(Failure::Cancelled);
    }
    // Only when all files are complete does any of them get its name.
    for output in complete {
        output.publish(&|| !cancel.is_cancelled())?;
    }
    Ok(())
}
