//! `svf_profile resources`: what a run cost, from its `--profile-log`: a table by
//! phase, and a chart of memory and processor time over time.

use clap::{Args, ValueEnum};
use serde_json::json;
use svf::stream::{LONGEST_TEXT, is_stdin, read_text};
use svf::{CancelToken, Error};
use svf_job::budget::show_size;
use svf_job::events::{CONTRACT, Diagnostic};
use svf_raster::staging::publish_all;

use super::costs::{Cost, Log};
use super::rows::{csv_text, number};
use super::table::Output;
use super::{chart, check_written, drawing};
use crate::args::RunArgs;
use crate::report::{Reporter, harmless_word, show_count};
use crate::tool::{Outcome, watch_for_cancel};

/// Show what a run cost: time, CPU, reading, writing and memory, by phase.
///
/// LOG is the file that --profile-log of any tool writes. It can also be read during the run.
#[derive(Args, Clone, Debug)]
pub(super) struct ResourcesArgs {
    /// File that --profile-log wrote
    log: std::path::PathBuf,
    /// File to write [default: standard output]
    pub(super) output: Option<String>,
    /// Format of the table
    #[arg(long = "format", value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    table: CostFormat,
    /// Draw a chart of memory and CPU over time (.svg or .png)
    #[arg(long, value_name = "FILE", help_heading = "Output", value_parser = drawing::path)]
    figure: Option<String>,
    #[command(flatten)]
    pub(super) run: RunArgs,
}

/// Formats of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum CostFormat {
    /// A table to read.
    Text,
    /// One JSON object.
    Json,
    /// A row per phase.
    Csv,
}

fn cells(cost: &Cost) -> [String; 8] {
    let size = |bytes: Option<u64>| bytes.map_or_else(|| "-".into(), show_size);
    [
        harmless_word(&cost.phase),
        format!("{:.2} s", cost.seconds),
        cost.processors.map_or_else(|| "-".into(), |p| format!("{:.0} %", 100.0 * p)),
        size(cost.read_bytes),
        size(cost.written_bytes),
        size(cost.peak_bytes),
        cost.increment_bytes.map_or_else(
            || "-".into(),
            |bytes| {
                let sign = if bytes < 0 { "-" } else { "+" };
                format!("{sign}{}", show_size(bytes.unsigned_abs()))
            },
        ),
        cost.per_second.map_or_else(|| "-".into(), |rate| show_count(rate as u64)),
    ]
}

const HEADINGS: [&str; 8] =
    ["phase", "time", "CPU", "read", "written", "peak memory", "increment", "cells/s"];

/// log -> costs -> table and chart.
pub(super) fn run(
    args: &ResourcesArgs,
    cancel: &CancelToken,
    reporter: &mut Reporter,
) -> Result<Outcome, Error> {
    let path = args.log.display().to_string();
    watch_for_cancel(&args.run, is_stdin(&path), cancel, reporter)?;
    reporter.start(json!({ "log": path, "output": args.output, "figure": args.figure }));
    let failed = |reason: String| {
        let message = format!("cannot read the profile log {path}: {reason}");
        Error::failed(Diagnostic::new("log.read", message).path(&path))
    };
    let written = args.output.iter().chain(&args.figure);
    check_written(written, &[], (&[], std::slice::from_ref(&args.log)), args.run.overwrite)?;
    let text = read_text(&args.log, LONGEST_TEXT, cancel, &failed)?;
    let log = Log::parse(&text).map_err(failed)?;
    let costs = log.costs();
    let mut out = Output::create(args.output.as_deref())?;
    out.write(&match args.table {
        CostFormat::Text => text_table(&log, &costs),
        CostFormat::Csv => csv_table(&costs),
        CostFormat::Json => {
            let json = json!({
                "contract": CONTRACT, "tool": "svf_profile resources",
                "version": env!("CARGO_PKG_VERSION"), "log": path, "of": log.head.tool,
                "ended": log.ended, "budget_bytes": log.head.budget_bytes,
                "threads": log.head.threads, "peak_bytes": log.peak_bytes, "phases": costs,
            });
            format!("{json:#}\n")
        }
    })?;
    let mut staged = Vec::new();
    if let Some(figure) = &args.figure {
        staged.push(drawing::stage(figure, &chart::resources(&log))?);
    }
    staged.extend(out.finish()?);
    publish_all(staged, args.run.overwrite, &|| !cancel.is_cancelled())?;
    let outputs = args.output.iter().chain(&args.figure).cloned().collect();
    let stats = json!({ "peak_bytes": log.peak_bytes, "ended": log.ended });
    Ok(Outcome { outputs, stats, text: String::new() })
}

fn text_table(log: &Log, costs: &[Cost]) -> String {
    let rows: Vec<[String; 8]> =
        std::iter::once(HEADINGS.map(str::to_owned)).chain(costs.iter().map(cells)).collect();
    let width = |col: usize| rows.iter().map(|row| row[col].chars().count()).max().unwrap_or(0);
    let widths: [usize; 8] = std::array::from_fn(width);
    let mut text = String::new();
    for row in &rows {
        let cells = row.iter().zip(widths).enumerate().map(|(col, (cell, width))| match col {
            0 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        text += cells.collect::<Vec<_>>().join("  ").trim_end();
        text += "\n";
    }
    if let (Some(budget), Some(peak)) = (log.head.budget_bytes, log.peak_bytes) {
        let share = 100.0 * peak as f64 / budget as f64;
        text += &format!(
            "peak memory {}: {share:.0} % of the limit of {}\n",
            show_size(peak),
            show_size(budget)
        );
    }
    if !log.ended {
        text += "the log is incomplete: the run has not ended, or it was killed\n";
    }
    text
}

fn csv_table(costs: &[Cost]) -> String {
    let mut text =
        "phase,seconds,processors,read_bytes,written_bytes,peak_bytes,increment_bytes,per_second\n"
            .to_owned();
    for cost in costs {
        let whole = |bytes: Option<u64>| number(bytes.map(|bytes| bytes as f64));
        let cells = [
            csv_text(&cost.phase),
            number(Some(cost.seconds)),
            number(cost.processors),
            whole(cost.read_bytes),
            whole(cost.written_bytes),
            whole(cost.peak_bytes),
            number(cost.increment_bytes.map(|bytes| bytes as f64)),
            number(cost.per_second),
        ];
        text += &(cells.join(",") + "\n");
    }
    text
}
