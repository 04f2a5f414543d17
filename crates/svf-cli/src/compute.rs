//! `svf_compute`: arguments -> request -> engine -> report.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};
use svf::stream::is_stdin;
use svf::{CancelToken, Error, Prepared, Request, Session, TilesRequest};
use svf_job::tileset::Selection;
use svf_kernel::Search;
use svf_raster::staging::is_stdout;

use crate::args::{ComputeArgs, ProgressMode};
use crate::report::{EventStream, Reporter};
use crate::sources::refuse_forgotten;
use crate::summary;
use crate::tool::{Outcome, Tool, print_line, watch_for_cancel};

/// Runs the tool with a name of the program and its arguments.
pub fn main(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    tool().main(words)
}

/// Its arguments, as `--help` shows them.
pub fn command() -> clap::Command {
    tool().command()
}

fn tool() -> Tool<ComputeArgs> {
    Tool::<ComputeArgs> {
        name: "svf_compute",
        run: |args| &args.shared.run,
        without: (&[], ""),
        settle: ComputeArgs::settle,
        stream: |args| match &args.output {
            Some(output) if is_stdout(output) => EventStream::Stderr,
            _ => EventStream::Stdout,
        },
        work: compute,
    }
}

fn compute(
    args: &ComputeArgs,
    cancel: &CancelToken,
    reporter: &mut Reporter,
) -> Result<Outcome, Error> {
    watch_for_cancel(&args.shared.run, is_stdin(&args.input), cancel, reporter)?;
    reporter.start(said(args));
    reporter.log_to(&args.shared.resources);
    let session = Session::start(&args.shared.source.config)?;
    if let Some(plan) = &args.plan {
        return compute_tiles(args, plan, &session, cancel, reporter);
    }
    refuse_forgotten(&args.files, args.output.as_deref())?;
    let mut request = args.request()?;
    if args.is_for(svf::UMEP_FORMAT) && !args.dry_run {
        return compute_umep(args, &request, &session, cancel, reporter);
    }
    if let Some(rasters) = args.rasters_for_program() {
        request = rasters(&request)?;
    }
    if let Some(dir) = args.work_dir.as_ref().filter(|_| !args.dry_run) {
        let resumed = svf::compute_in(dir, args.restart, &request, &session, cancel, reporter)?;
        return Ok(summary::of_resumed(resumed, dir, reporter));
    }
    let prepared = Prepared::new(&request, &session, cancel, reporter)?;
    if args.dry_run {
        return dry_run(args, prepared);
    }
    let computed = prepared.run(&session, cancel, reporter)?;
    Ok(summary::of_computed(computed, reporter))
}

/// The archive that SOLWEIG reads.
fn compute_umep(
    args: &ComputeArgs,
    request: &Request,
    session: &Session,
    cancel: &CancelToken,
    reporter: &mut Reporter,
) -> Result<Outcome, Error> {
    if let Some(dir) = &args.work_dir {
        let resumed = svf::compute_umep_in(dir, args.restart, request, session, cancel, reporter)?;
        return Ok(summary::of_resumed(resumed, dir, reporter));
    }
    let computed = svf::compute_umep(request, session, cancel, reporter)?;
    Ok(summary::of_computed(computed, reporter))
}

/// Tiles of a plan.
fn compute_tiles(
    args: &ComputeArgs,
    plan: &Path,
    session: &Session,
    cancel: &CancelToken,
    reporter: &mut Reporter,
) -> Result<Outcome, Error> {
    let tiles = args.tiles.as_ref().or(args.tile_part.as_ref());
    let wanted = TilesRequest {
        plan: plan.to_owned(),
        tiles: tiles.cloned().unwrap_or(Selection::All),
        limits: args.shared.resources.limits(),
        also_written: args.shared.resources.profile_log.iter().cloned().collect(),
    };
    let (chosen, done) = svf::compute_tiles(&wanted, session, cancel, reporter)?;
    Ok(summary::of_tiles(plan, chosen, done, reporter))
}

/// The parsed arguments.
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
    let (band, output) = (args.shared.source.band, args.output.as_deref());
    let mut json = summary::args_json(&args.input, output, band, &args.sky.sky());
    json["work_dir"] = json!(args.work_dir);
    json["restart"] = json!(args.restart);
    if let Some(check) = args.check {
        json["check"] = json!(check);
    }
    json
}

fn dry_run(args: &ComputeArgs, mut prepared: Prepared) -> Result<Outcome, Error> {
    let (truncation, is_known) = prepared.truncation()?;
    let source = if is_known { "statistics of the file" } else { "a sample of 16 places" };
    let (spec, plan) = (prepared.spec(), prepared.plan());
    let window = spec.window;
    let mut stats = json!({
        "plan": plan,
        "window": { "row": window.row, "col": window.col, "rows": window.rows, "cols": window.cols },
        "cells": window.cells(),
        "radius": spec.params.radius,
        "directions": spec.params.directions,
        "measures": spec.measures.iter().map(|m| m.name()).collect::<Vec<_>>(),
        "threads": spec.threads,
        "simd": spec.simd.name(),
        "truncation": truncation.as_ref().map(summary::truncation_json),
        "relief_from": source,
    });
    if spec.params.search != Search::Exact {
        stats["search"] = spec.params.search.name().into();
    }
    // With events, the plan is in the `done` event. Without events, it is printed.
    if args.shared.run.progress != ProgressMode::Json {
        print_line(&format!("{stats:#}"))?;
    }
    Ok(Outcome { outputs: Vec::new(), stats, text: String::new() })
}
