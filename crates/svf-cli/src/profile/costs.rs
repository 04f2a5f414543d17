//! `svf_profile resources`: what a run cost, from its `--profile-log`: a table by
//! phase, and a chart of memory and processor time over time.

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};
use serde_json::json;
use svf::Error;
use svf_job::CancelToken;
use svf_job::budget::show_size;
use svf_job::events::{CONTRACT, Notice};

use super::check_written;
use super::figure;
use super::rows::number;
use super::table::Output;
use crate::args::RunArgs;
use crate::report::{Reporter, show_count};
use crate::tool::Outcome;
use svf::stream::read_text;

/// Show what a run cost: time, processor, reading, writing and memory by phase.
///
/// LOG is the file of --profile-log of any of the tools, also of a run that goes on still.
#[derive(Args, Clone, Debug)]
pub(super) struct ResourcesArgs {
    /// File of --profile-log
    log: std::path::PathBuf,
    /// File to write [default: standard output]
    pub(super) output: Option<String>,
    /// Format of the table
    #[arg(long = "format", value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    table: CostFormat,
    /// Chart of memory and processor time over time (.svg or .png)
    #[arg(long, value_name = "FILE", help_heading = "Output", value_parser = figure::path)]
    figure: Option<String>,
    #[command(flatten)]
    pub(super) run: RunArgs,
}

/// Formats of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum CostFormat {
    /// For people.
    Text,
    /// One object.
    Json,
    /// A row per phase.
    Csv,
}

/// The first line of a log.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Head {
    pub(super) tool: Option<String>,
    pub(super) budget_bytes: Option<u64>,
    pub(super) threads: Option<u64>,
}

/// Any other line.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Moment {
    pub(super) t_s: f64,
    pub(super) phase: String,
    pub(super) rss_bytes: Option<u64>,
    pub(super) peak_rss_bytes: Option<u64>,
    pub(super) cpu_s: Option<f64>,
    pub(super) read_bytes: Option<u64>,
    pub(super) written_bytes: Option<u64>,
    pub(super) done: Option<u64>,
}

/// A log as read.
pub(super) struct Log {
    pub(super) head: Head,
    pub(super) moments: Vec<Moment>,
    /// Largest resident memory of the process.
    pub(super) peak_bytes: Option<u64>,
    /// Whether the run has ended.
    pub(super) ended: bool,
}

/// What a phase cost.
#[derive(Clone, Debug, Serialize)]
struct Cost {
    phase: String,
    seconds: f64,
    /// Processors kept busy, on average.
    processors: Option<f64>,
    read_bytes: Option<u64>,
    written_bytes: Option<u64>,
    peak_bytes: Option<u64>,
    /// How much more the process holds at its end than at its start.
    increment_bytes: Option<i64>,
    /// Cells (points in the phase `points`) per second.
    per_second: Option<f64>,
}

impl Log {
    fn parse(text: &str) -> Result<Self, String> {
        let mut log =
            Self { head: Head::default(), moments: Vec::new(), peak_bytes: None, ended: false };
        let lines = text.lines().count();
        for (number, line) in text.lines().enumerate() {
            let bad = |error: serde_json::Error| format!("line {}: {error}", number + 1);
            // The last line of a run that was killed may be cut.
            let cut = number + 1 == lines && !text.ends_with('\n');
            let value: serde_json::Value = match serde_json::from_str(line) {
                Ok(value) => value,
                Err(_) if cut => break,
                Err(error) => return Err(bad(error)),
            };
            if value.get("t_s").is_none() {
                log.head = serde_json::from_value(value).map_err(bad)?;
                continue;
            }
            let moment: Moment = serde_json::from_value(value).map_err(bad)?;
            let seen = [moment.peak_rss_bytes, moment.rss_bytes].into_iter().flatten().max();
            log.peak_bytes = log.peak_bytes.max(seen);
            log.ended |= moment.phase == "end";
            log.moments.push(moment);
        }
        let first = log.moments.first().ok_or("it has no samples")?;
        // A process starts with nothing done: what its first sample says was done by then.
        let start = Moment {
            t_s: 0.0,
            phase: first.phase.clone(),
            rss_bytes: None,
            peak_rss_bytes: None,
            cpu_s: first.cpu_s.map(|_| 0.0),
            read_bytes: first.read_bytes.map(|_| 0),
            written_bytes: first.written_bytes.map(|_| 0),
            done: None,
        };
        log.moments.insert(0, start);
        Ok(log)
    }

    /// Samples by phase, each with the first of the next phase: there it ends.
    pub(super) fn phases(&self) -> Vec<&[Moment]> {
        let mut phases = Vec::new();
        let mut start = 0;
        for i in 1..=self.moments.len() {
            if self.moments.get(i).is_none_or(|m| m.phase != self.moments[start].phase) {
                if self.moments[start].phase != "end" {
                    phases.push(&self.moments[start..(i + 1).min(self.moments.len())]);
                }
                start = i;
            }
        }
        phases
    }

    fn costs(&self) -> Vec<Cost> {
        let mut costs: Vec<Cost> =
            self.phases().into_iter().map(|p| Cost::of(&p[0].phase, p)).collect();
        costs.push(Cost {
            peak_bytes: self.peak_bytes,
            per_second: None,
            ..Cost::of("total", &self.moments)
        });
        costs
    }
}

impl Cost {
    fn of(phase: &str, moments: &[Moment]) -> Self {
        let (first, last) = (&moments[0], &moments[moments.len() - 1]);
        let seconds = last.t_s - first.t_s;
        // The last line of a log has the peak only.
        fn ends<T: Copy>(moments: &[Moment], of: impl Fn(&Moment) -> Option<T>) -> Option<(T, T)> {
            Some((moments.iter().find_map(&of)?, moments.iter().rev().find_map(&of)?))
        }
        let grown = |of: fn(&Moment) -> Option<u64>| {
            ends(moments, of).map(|(from, to)| to.saturating_sub(from))
        };
        let rate = |amount: f64| (seconds > 0.0).then(|| amount / seconds);
        // A new high-water mark was reached in this phase; the old one elsewhere.
        let highest = moments.iter().filter_map(|m| m.rss_bytes).max();
        let marks = ends(moments, |m| m.peak_rss_bytes);
        let own = marks.and_then(|(from, to)| (to > from).then_some(to));
        let done = moments.iter().filter(|m| m.phase == phase).filter_map(|m| m.done).max();
        Self {
            phase: phase.to_owned(),
            seconds,
            processors: ends(moments, |m| m.cpu_s).and_then(|(from, to)| rate(to - from)),
            read_bytes: grown(|m| m.read_bytes),
            written_bytes: grown(|m| m.written_bytes),
            peak_bytes: highest.max(own),
            increment_bytes: ends(moments, |m| m.rss_bytes)
                .map(|(from, to)| i128::from(to) - i128::from(from))
                .and_then(|grown| i64::try_from(grown).ok()),
            per_second: done
                .filter(|_| ["compute", "points"].contains(&phase))
                .and_then(|done| rate(done as f64)),
        }
    }

    fn cells(&self) -> [String; 8] {
        let size = |bytes: Option<u64>| bytes.map_or_else(|| "-".into(), show_size);
        [
            self.phase.clone(),
            format!("{:.2} s", self.seconds),
            self.processors.map_or_else(|| "-".into(), |p| format!("{:.0} %", 100.0 * p)),
            size(self.read_bytes),
            size(self.written_bytes),
            size(self.peak_bytes),
            self.increment_bytes.map_or_else(
                || "-".into(),
                |bytes| {
                    let sign = if bytes < 0 { "-" } else { "+" };
                    format!("{sign}{}", show_size(bytes.unsigned_abs()))
                },
            ),
            self.per_second.map_or_else(|| "-".into(), |rate| show_count(rate as u64)),
        ]
    }
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
    reporter.start(json!({ "log": path, "output": args.output, "figure": args.figure }));
    let failed = |reason: String| {
        let message = format!("cannot read the profile log {path}: {reason}");
        Error::failed(Notice::new("log.read", message).path(&path))
    };
    let written = args.output.iter().chain(&args.figure);
    check_written(written, (&[], std::slice::from_ref(&args.log)), args.run.overwrite)?;
    let text = read_text(&args.log, cancel, &failed)?;
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
    out.finish(cancel)?;
    if let Some(figure) = &args.figure {
        figure::write(figure, &figure::resources(&log))?;
    }
    let outputs = args.output.iter().chain(&args.figure).cloned().collect();
    let stats = json!({ "peak_bytes": log.peak_bytes, "ended": log.ended });
    Ok(Outcome { outputs, stats, text: String::new() })
}

fn text_table(log: &Log, costs: &[Cost]) -> String {
    let rows: Vec<[String; 8]> =
        std::iter::once(HEADINGS.map(str::to_owned)).chain(costs.iter().map(Cost::cells)).collect();
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
            "peak {}: {share:.0} % of the budget of {}\n",
            show_size(peak),
            show_size(budget)
        );
    }
    if !log.ended {
        text += "the log does not end: the run goes on, or was killed\n";
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
            cost.phase.clone(),
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
