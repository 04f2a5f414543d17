//! The page and the numbers: `docs/benchmarks/README.md` for people,
//! `results.json` with every single run.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::measure::{Runs, Timing};
use super::{BUDGET, Contender, DIRECTIONS, Point, RADIUS_PX, Results};
use crate::machine::Machine;

/// Writes both files into `folder`.
pub fn write(folder: &Path, results: &Results) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let machine = Machine::here();
    let page = folder.join("README.md");
    std::fs::write(&page, page_text(results, &machine)?)
        .with_context(|| format!("cannot write {}", page.display()))?;
    let numbers = format!("{:#}\n", json_of(results, &machine));
    std::fs::write(folder.join("results.json"), numbers)?;
    println!("{}", page.display());
    Ok(())
}

/// Nanoseconds per cell.
fn per_cell_ns(seconds: f64, cells: u64) -> f64 {
    seconds * 1e9 / cells as f64
}

fn page_text(results: &Results, machine: &Machine) -> Result<String> {
    let mut text = String::new();
    let Results { command, terrain, side_px, .. } = results;
    write!(
        text,
        "# Benchmarks

Written by `{command}`; edit the program, not this page. Every single run is in
[results.json](results.json).

| | |
|---|---|
| date | {date} |
| processor | {cpu}, {cores} cores |
| memory | {memory:.0} GiB |
| system | {system}, {gdal}, {rustc} |
| terrain | {terrain}, repeated to {side_px} x {side_px} cells |

Times are of whole processes: start, reading, computing, writing, end. Tables show
medians. The machine was shared: its load average was {low:.1} to {high:.1}, of which these runs
are at most {cores}. So read ratios within a table rather than seconds, and CPU time rather than wall time.

## Beside other programs

{DIRECTIONS} directions, radius {RADIUS_PX} cells, one core: every process pinned to the same core
(`taskset -c 0`), one after the other in turns, so that all met the same machine.
Programs that take minutes got a smaller cut of the same terrain (column *side*);
what is compared is time per cell. SAGA got its own file format, converted beforehand.
`svf_compute` compresses and syncs its output, the others do neither.

",
        low = results.load.0,
        high = results.load.1,
        date = machine.date,
        cpu = machine.cpu,
        cores = machine.cores,
        memory = machine.memory_gib,
        system = machine.system,
        gdal = machine.gdal_short(),
        rustc = machine.rustc.split(" (").next().unwrap_or_default(),
    )?;
    comparison(&mut text, results)?;
    for skipped in &results.skipped {
        writeln!(text, "* {} was not measured: {}.", skipped.name, skipped.why)?;
    }
    series(&mut text, results)?;
    Ok(text)
}

fn comparison(text: &mut String, results: &Results) -> Result<()> {
    writeln!(
        text,
        "| program | side, cells | runs | wall, s (min to max) | wall, ns per cell | CPU, ns per cell | \
         times ours, wall | times ours, CPU | peak, MiB | mean of result |\n\
         |---|---|---|---|---|---|---|---|---|---|"
    )?;
    let per_cell = |contender: &Contender| {
        let cells = contender.side_px * contender.side_px;
        (per_cell_ns(contender.runs.wall_s(), cells), per_cell_ns(contender.runs.cpu_s(), cells))
    };
    let Some(ours) = results.contenders.first() else { return Ok(()) };
    let (our_wall, our_cpu) = per_cell(ours);
    for contender in &results.contenders {
        let (wall, cpu) = per_cell(contender);
        let (least, most) = contender.runs.spread_s();
        writeln!(
            text,
            "| {} | {} | {} | {:.2} ({least:.2} to {most:.2}) | {wall:.0} | {cpu:.0} | {:.1} | {:.1} | {} | {} |",
            contender.name,
            contender.side_px,
            contender.runs.all().len(),
            contender.runs.wall_s(),
            wall / our_wall,
            cpu / our_cpu,
            contender.runs.peak_bytes() >> 20,
            contender.mean.map_or("-".into(), |mean| format!("{mean:.4}")),
        )?;
    }
    writeln!(text)?;
    for contender in &results.contenders {
        // Our own version line starts with the name.
        let version = contender.version.trim_start_matches(contender.name.as_str()).trim();
        writeln!(text, "* {} {version}: `{}`", contender.name, contender.settings)?;
    }
    writeln!(
        text,
        "\nThe means differ because the programs do: SAGA's result is cosine-weighted and of the \
         tilted surface, Whitebox and `svf_compute` interpolate between cells, RVT and \
         xarray-spatial take the nearest, and smaller cuts have more edge, where all but RVT \
         search less far (RVT mirrors the raster). xarray-spatial compiles itself in every run. \
         See [method](../method.md)."
    )?;
    if !results.skipped.is_empty() {
        writeln!(text)?;
    }
    Ok(())
}

fn series(text: &mut String, results: &Results) -> Result<()> {
    let side = results.side_px;
    writeln!(
        text,
        "\n## Time against radius\n\n{side} x {side} cells, {DIRECTIONS} directions, one pinned core.\n\n\
         | radius, cells | runs | wall, s (min to max) | CPU, ns per cell | CPU, ns per cell, direction and cell of radius | peak, MiB |\n\
         |---|---|---|---|---|---|"
    )?;
    for point in &results.by_radius {
        let ns = per_cell_ns(point.runs.cpu_s(), point.cells);
        let each = ns / (f64::from(DIRECTIONS) * point.value as f64);
        row(text, point, &[format!("{ns:.0}"), format!("{each:.3}")])?;
    }
    writeln!(
        text,
        "\n## Time against directions\n\n{side} x {side} cells, radius {RADIUS_PX} cells, one pinned core.\n\n\
         | directions | runs | wall, s (min to max) | CPU, ns per cell | peak, MiB |\n|---|---|---|---|---|"
    )?;
    for point in &results.by_directions {
        row(text, point, &[format!("{:.0}", per_cell_ns(point.runs.cpu_s(), point.cells))])?;
    }
    writeln!(
        text,
        "\n## Cores\n\n{side} x {side} cells, {DIRECTIONS} directions, radius {RADIUS_PX} cells, pinned to as many cores.\n\n\
         | cores | runs | wall, s (min to max) | times faster than one | peak, MiB |\n|---|---|---|---|---|"
    )?;
    let one = results.by_cores.first().map_or(f64::NAN, |point| point.runs.wall_s());
    for point in &results.by_cores {
        row(text, point, &[format!("{:.2}", one / point.runs.wall_s())])?;
    }
    writeln!(
        text,
        "\n## Memory against raster size\n\n`--max-memory {BUDGET}`, {DIRECTIONS} directions, radius {RADIUS_PX} cells, all cores; \
         the input is a VRT that repeats the terrain. Peak resident memory of the process, as GNU time reports it.\n\n\
         | side, cells | runs | wall, s (min to max) | input as 32-bit floats, MiB | million cells per s | peak, MiB |\n|---|---|---|---|---|---|"
    )?;
    for point in &results.by_size {
        let rate = point.cells as f64 / point.runs.wall_s() / 1e6;
        row(text, point, &[format!("{}", (4 * point.cells) >> 20), format!("{rate:.1}")])?;
    }
    Ok(())
}

/// Value, runs, wall, what the table is about, peak.
fn row(text: &mut String, point: &Point, about: &[String]) -> Result<()> {
    let (least, most) = point.runs.spread_s();
    writeln!(
        text,
        "| {} | {} | {:.2} ({least:.2} to {most:.2}) | {} | {} |",
        point.value,
        point.runs.all().len(),
        point.runs.wall_s(),
        about.join(" | "),
        point.runs.peak_bytes() >> 20,
    )?;
    Ok(())
}

fn json_of(results: &Results, machine: &Machine) -> Value {
    let run =
        |t: &Timing| json!({ "wall_s": t.wall_s, "cpu_s": t.cpu_s, "peak_bytes": t.peak_bytes });
    let runs = |runs: &Runs| runs.all().iter().map(run).collect::<Vec<_>>();
    let points = |name: &str, points: &[Point]| {
        points
            .iter()
            .map(|p| json!({ name: p.value, "cells": p.cells, "runs": runs(&p.runs) }))
            .collect::<Vec<_>>()
    };
    json!({
        "command": results.command,
        "date": machine.date,
        "machine": {
            "cpu": machine.cpu,
            "cores": machine.cores,
            "memory_gib": machine.memory_gib,
            "system": machine.system,
            "gdal": machine.gdal,
            "rustc": machine.rustc,
        },
        "terrain": results.terrain,
        "side_px": results.side_px,
        "directions": DIRECTIONS,
        "radius_px": RADIUS_PX,
        "comparison": results.contenders.iter().map(|c| json!({
            "program": c.name,
            "version": c.version,
            "settings": c.settings,
            "side_px": c.side_px,
            "mean": c.mean,
            "runs": runs(&c.runs),
        })).collect::<Vec<_>>(),
        "skipped": results.skipped.iter().map(|s| json!({ "program": s.name, "why": s.why })).collect::<Vec<_>>(),
        "load_average": [results.load.0, results.load.1],
        "by_radius": points("radius_px", &results.by_radius),
        "by_directions": points("directions", &results.by_directions),
        "by_cores": points("cores", &results.by_cores),
        "by_size": points("side_px", &results.by_size),
        "max_memory": BUDGET,
    })
}
