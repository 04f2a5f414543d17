//! What a run found out, for the `done` event and for people.

use serde_json::{Value, json};
use svf_job::budget::show_size;
use svf_job::{Encoding, Plan, Statistics, Summary, resources};
use svf_kernel::Kernel;
use svf_raster::BandStatistics;

use crate::report::{Reporter, count_of, show_count, show_number, show_seconds};
use crate::spec::Spec;
use crate::tool::Outcome;

/// How much an obstacle of the relief `height` just beyond the radius could
/// change one direction of `svf` and of `svf-cosine`.
pub(crate) fn truncation(r: f64, z_factor: f64, relief: Option<(f32, f32)>) -> Option<Value> {
    let (low, high) = relief?;
    let height = (f64::from(high) - f64::from(low)) * z_factor;
    let slant = height.hypot(r);
    Some(json!({
        "relief": height,
        "radius": r,
        "svf": height / slant,
        "svf_cosine": (height / slant).powi(2),
    }))
}

/// Statistics of a band: of its values, or of its cells `as_stored`.
pub(crate) fn band_statistics(
    s: &Statistics,
    encoding: &Encoding,
    as_stored: bool,
) -> BandStatistics {
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

pub(crate) fn outcome(
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
    let truncation = truncation(spec.params.radius, spec.params.z_factor, summary.heights);
    let outputs: Vec<String> = spec.outputs.iter().map(|(path, _)| path.clone()).collect();
    let (bands, band_lines) = describe_bands(&names, &summary.bands, encodings);
    let mut lines = vec![headline(&outputs, (spec.window.rows, spec.window.cols), rate, reporter)];
    lines.extend(band_lines);
    truncation.as_ref().map(truncation_line).iter().for_each(|line| reporter.say_more(line));
    let [read_s, compute_s, write_s] = summary.busy_s;
    reporter.say_more(&format!(
        "busy: reading {read_s:.2} s, computing {compute_s:.2} s, writing {write_s:.2} s; {}, {}",
        count_of(kernel.bands(), "band"),
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

/// What was made, how fast, with how much memory.
pub(crate) fn headline(
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

/// Statistics of the bands, for the event and for people.
pub(crate) fn describe_bands(
    names: &[String],
    statistics: &[Statistics],
    encodings: &[Encoding],
) -> (Vec<Value>, Vec<String>) {
    let number = |x: f64| if x.is_finite() { json!(x) } else { Value::Null };
    let (mut bands, mut lines) = (Vec::new(), Vec::new());
    for ((name, statistics), encoding) in names.iter().zip(statistics).zip(encodings) {
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
                    "  {name:<18} min {}  mean {}  max {}  valid {}  NoData {}",
                    show_value(s.min),
                    show_value(s.mean),
                    show_value(s.max),
                    s.valid,
                    s.nodata
                )
            });
        }
    }
    (bands, lines)
}

/// A value of a measure for people: four decimals, as far as they mean anything.
fn show_value(value: f64) -> String {
    if value.abs() < 1e6 { format!("{value:.4}") } else { show_number(value) }
}

/// The bound of [`truncation`] for people who asked for more.
pub(crate) fn truncation_line(bound: &Value) -> String {
    let number = |key: &str| bound[key].as_f64().unwrap_or(f64::NAN);
    format!(
        "heights differ by {} in all: an obstacle as high as that, just beyond the radius of {}, is \
         not seen; in every direction it would lower svf by up to {:.4}, svf-cosine by up to {:.4}",
        show_number(number("relief")),
        show_number(number("radius")),
        number("svf"),
        number("svf_cosine"),
    )
}
