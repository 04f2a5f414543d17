//! The result of a run, for the `done` event and for people.

use std::path::Path;

use serde_json::{Value, json};
use svf::numbers::{count_of, show_number};
use svf::request::Sky;
use svf::summary::{BandSummary, CheckSummary, MeasureDeviation, Truncation};
use svf::{Computed, Done, Joined, Pieces, Resumed};
use svf_job::budget::show_size;
use svf_job::resources;
use svf_kernel::Search;
use svf_raster::BandStatistics;

use crate::report::{Reporter, show_count, show_seconds};
use crate::tool::Outcome;

/// The parsed arguments, for the `start` event.
pub(crate) fn args_json(input: &str, output: Option<&str>, band: u32, sky: &Sky) -> Value {
    let mut json = json!({ "input": input, "output": output, "band": band });
    if let (Value::Object(all), Ok(Value::Object(sky))) = (&mut json, serde_json::to_value(sky)) {
        all.extend(sky);
    }
    json
}

/// For a raster that was computed in one run.
pub(crate) fn of_computed(computed: Computed, reporter: &Reporter) -> Outcome {
    let Computed {
        outputs, size, receivers, bands, truncation, search, check, busy_s, simd, ..
    } = computed;
    let rate = rate_of(size, reporter);
    let first = vec![headline(&outputs, size, rate, reporter)];
    let checked = check.as_ref().map_or_else(Vec::new, check_lines);
    let lines = [first, receivers_line(receivers), band_lines(&bands), checked].concat();
    truncation.as_ref().map(truncation_line).iter().for_each(|line| reporter.say_more(line));
    let [read_s, compute_s, write_s] = busy_s;
    reporter.say_more(&format!(
        "busy: reading {read_s:.2} s, computing {compute_s:.2} s, writing {write_s:.2} s; {}, {simd}, \
         search {search}",
        count_of(bands.len(), "band"),
    ));
    let mut stats = json!({
        "bands": bands.iter().map(band_json).collect::<Vec<_>>(),
        "cells": size.0 * size.1,
        "cells_per_s": rate,
        "truncation": truncation.as_ref().map(truncation_json),
        "busy_s": busy_json(busy_s),
    });
    add_receivers(&mut stats, receivers);
    if search != Search::Exact {
        stats["search"] = search.name().into();
    }
    if let Some(check) = &check {
        stats["check"] = check_json(check);
    }
    Outcome { outputs, stats, text: lines.join("\n") }
}

/// For tiles of a plan.
pub(crate) fn of_tiles(plan: &Path, chosen: u64, done: Done, reporter: &Reporter) -> Outcome {
    let mut text = format!(
        "{}: {} of {} computed, {} already done, in {}, {} cells/s",
        plan.display(),
        done.computed,
        count_of(chosen, "tile"),
        done.found,
        show_seconds(reporter.elapsed_s()),
        show_count(done.rate as u64),
    );
    if let Some(receivers) = done.receivers.filter(|_| done.computed > 0) {
        text += &format!(", {}", count_of(receivers, "receiver"));
    }
    let mut stats = json!({
        "tiles": done_json(&done),
        "cells": done.cells,
        "cells_per_s": done.rate,
        "busy_s": busy_json(done.busy_s),
    });
    add_receivers(&mut stats, done.receivers);
    Outcome { outputs: Vec::new(), stats, text }
}

/// For a raster that was joined from pieces.
pub(crate) fn of_joined(joined: Joined, pieces: &Pieces, reporter: &Reporter) -> Outcome {
    let lines = match pieces {
        Pieces::Plan(_) => band_lines(&joined.bands),
        Pieces::List(_) => {
            let count = count_of(joined.pieces.total, "raster");
            vec![format!("  {count}, {}", show_size(joined.bytes))]
        }
    };
    with_lines(joined, lines, reporter)
}

fn with_lines(joined: Joined, lines: Vec<String>, reporter: &Reporter) -> Outcome {
    let Joined { outputs, size, receivers, bands, truncation, pieces, .. } = joined;
    truncation.as_ref().map(truncation_line).iter().for_each(|line| reporter.say_more(line));
    let rate = rate_of(size, reporter);
    let first = vec![headline(&outputs, size, rate, reporter)];
    let lines = [first, receivers_line(receivers), lines].concat();
    let mut stats = json!({
        "bands": bands.iter().map(band_json).collect::<Vec<_>>(),
        "cells": size.0 * size.1,
        "cells_per_s": rate,
        "truncation": truncation.as_ref().map(truncation_json),
        "tiles": { "total": pieces.total, "empty": pieces.empty, "missing": pieces.missing },
    });
    add_receivers(&mut stats, receivers);
    Outcome { outputs, stats, text: lines.join("\n") }
}

/// For a run in a work folder.
pub(crate) fn of_resumed(resumed: Resumed, dir: &Path, reporter: &Reporter) -> Outcome {
    let Resumed { joined, done, .. } = resumed;
    let lines = band_lines(&joined.bands);
    let mut outcome = with_lines(joined, lines, reporter);
    outcome.stats["tiles"] = done_json(&done);
    outcome.stats["busy_s"] = busy_json(done.busy_s);
    outcome.text += &format!(
        "\n  {} computed, {} already done; the folder {} is no longer needed",
        count_of(done.computed, "tile"),
        done.found,
        dir.display()
    );
    outcome
}

/// How many receivers were asked for, if not all cells are receivers.
fn receivers_line(receivers: Option<u64>) -> Vec<String> {
    receivers.map(|count| format!("  {}", count_of(count, "receiver"))).into_iter().collect()
}

fn add_receivers(stats: &mut Value, receivers: Option<u64>) {
    if let Some(receivers) = receivers {
        stats["receivers"] = receivers.into();
    }
}

fn done_json(done: &Done) -> Value {
    json!({ "found": done.found, "computed": done.computed })
}

fn busy_json([read_s, compute_s, write_s]: [f64; 3]) -> Value {
    json!({ "read": read_s, "compute": compute_s, "write": write_s })
}

fn rate_of((rows, cols): (u64, u64), reporter: &Reporter) -> f64 {
    (rows * cols) as f64 / reporter.elapsed_s().max(1e-9)
}

/// What was made, how fast, and with how much memory.
fn headline(
    outputs: &[String],
    (rows, cols): (u64, u64),
    rate: f64,
    reporter: &Reporter,
) -> String {
    format!(
        "{}: {cols} x {rows} cells in {}, {} cells/s, peak memory {}",
        outputs.join(", "),
        show_seconds(reporter.elapsed_s()),
        show_count(rate as u64),
        resources::peak_rss_bytes().map_or_else(|| "unknown".into(), show_size),
    )
}

fn band_json(band: &BandSummary) -> Value {
    let number = |of: fn(&BandStatistics) -> f64| {
        band.statistics.as_ref().map(of).filter(|value| value.is_finite())
    };
    json!({
        "name": band.name,
        "min": number(|s| s.min),
        "mean": number(|s| s.mean),
        "max": number(|s| s.max),
        "valid": band.statistics.as_ref().map(|s| s.valid),
        "nodata": band.statistics.as_ref().map(|s| s.nodata),
    })
}

/// Statistics of bands for people, except for `horizon`, which has too many bands for a terminal;
/// they are in the event.
fn band_lines(bands: &[BandSummary]) -> Vec<String> {
    const MOST: usize = 24;
    let line = |band: &BandSummary| {
        let (name, s) = (&band.name, band.statistics.as_ref()?);
        Some(if s.valid == 0 {
            format!("  {name:<18} no cell has a value")
        } else {
            format!(
                "  {name:<18} min {}  mean {}  max {}  valid {}  NoData {}",
                show_value(s.min),
                show_value(s.mean),
                show_value(s.max),
                s.valid,
                s.nodata
            )
        })
    };
    bands.iter().take(MOST).filter_map(line).collect()
}

/// A value of a measure for people, with four decimals; very large values in a shorter form.
fn show_value(value: f64) -> String {
    if value.abs() < 1e6 { format!("{value:.4}") } else { show_number(value) }
}

fn check_json(check: &CheckSummary) -> Value {
    let of = |m: &MeasureDeviation| {
        let (rmse, bias, largest) = (m.rmse, m.bias, m.largest);
        json!({ "name": m.measure.name(), "rmse": rmse, "bias": bias, "largest": largest })
    };
    let measures: Vec<Value> = check.measures.iter().map(of).collect();
    json!({ "receivers": check.receivers, "measures": measures })
}

/// How much a cascade deviates, for people.
fn check_lines(check: &CheckSummary) -> Vec<String> {
    let count = count_of(check.receivers, "cell");
    let head = format!("  compared with the exact search at {count}:");
    let of = |m: &MeasureDeviation| {
        format!(
            "  {:<18} RMSE {:.5}  bias {:+.5}  largest difference {:.5}",
            m.measure.name(),
            m.rmse,
            m.bias,
            m.largest
        )
    };
    std::iter::once(head).chain(check.measures.iter().map(of)).collect()
}

pub(crate) fn truncation_json(bound: &Truncation) -> Value {
    json!({
        "relief": bound.relief,
        "radius": bound.radius,
        "svf": bound.svf,
        "svf_cosine": bound.svf_cosine,
    })
}

/// The possible error by the radius, for `--verbose`.
fn truncation_line(bound: &Truncation) -> String {
    format!(
        "the range of heights is {}: obstacles of this height just beyond the radius of {} are \
         not seen. In the worst case, in every direction, they would lower svf by {:.4} and \
         svf-cosine by {:.4}",
        show_number(bound.relief),
        show_number(bound.radius),
        bound.svf,
        bound.svf_cosine,
    )
}
