//! The page, its pictures and the numbers: `docs/benchmarks/README.md` for people,
//! `results.json` with every single run.
//!
//! Invariant: the page says nothing that is not in the numbers.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result};

use super::chart::{Axis, Chart, Line};
use super::measure::Runs;
use super::results::{
    City, Comparison, Contender, Cores, Io, KernelTimes, Measured, Point, Results, Series, Work,
    share_of,
};
use super::{BUDGET, CITY_DIRECTIONS, DIRECTIONS, IO_DIRECTIONS, IO_RADIUS_PX, RADIUS_PX};

/// Writes everything into `folder`.
pub fn write(folder: &Path, results: &Results) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let page = folder.join("README.md");
    std::fs::write(&page, page_text(results)?)
        .with_context(|| format!("cannot write {}", page.display()))?;
    let numbers = serde_json::to_string_pretty(results)? + "\n";
    std::fs::write(folder.join("results.json"), numbers)?;
    for (name, chart) in charts(results) {
        if let Some(svg) = chart.svg() {
            std::fs::write(folder.join(format!("{name}.svg")), svg)?;
        }
    }
    println!("{}", page.display());
    Ok(())
}

/// Nanoseconds per cell.
fn per_cell_ns(seconds: f64, cells: u64) -> f64 {
    seconds * 1e9 / cells as f64
}

fn page_text(results: &Results) -> Result<String> {
    let mut text = String::new();
    let Results { machine, terrain, parts } = results;
    write!(
        text,
        "# Benchmarks

This page is written by `cargo xtask bench`: edit the program, not the page. The results of all runs are in
[results.json](results.json).

| | |
|---|---|
| processor | {cpu}, {cores} cores |
| memory | {memory:.0} GiB |
| system | {system}, {gdal}, {rustc} |
| terrain | {terrain}, repeated until it has the size needed |

If nothing else is said, a time is that of the whole process, from its start to its end, including reading and
writing. Tables show medians. Compare the ratios within a table, not the seconds: these are different on each
machine. If the load average is above the number of cores used, other programs were running at the same
time; then CPU time is more reliable than wall time.

",
        cpu = machine.cpu,
        cores = machine.cores,
        memory = machine.memory_gib,
        system = machine.system,
        gdal = machine.gdal_short(),
        rustc = machine.rustc.split(" (").next().unwrap_or_default(),
    )?;
    goals(&mut text, results)?;
    section(&mut text, "Compared with other programs", "peers", parts.peers.as_ref(), comparison)?;
    section(&mut text, "Time against radius", "radius", parts.radius.as_ref(), radius)?;
    section(
        &mut text,
        "Time against directions",
        "directions",
        parts.directions.as_ref(),
        directions,
    )?;
    section(&mut text, "Cores", "cores", parts.cores.as_ref(), cores)?;
    section(&mut text, "Time and memory against raster size", "size", parts.size.as_ref(), size)?;
    section(&mut text, "Reading and writing", "io", parts.io.as_ref(), |text, io| {
        reading(text, io)
    })?;
    for (title, word, part, about) in [
        ("Other inputs and options", "kinds", &parts.kinds, about_kinds()),
        (
            "Degrees and canopies, compared with other programs",
            "others",
            &parts.others,
            ABOUT_OTHERS.into(),
        ),
    ] {
        section(&mut text, title, word, part.as_ref(), |text, found| works(text, &about, found))?;
    }
    section(
        &mut text,
        "Several processes on one plan",
        "processes",
        parts.processes.as_ref(),
        processes,
    )?;
    section(
        &mut text,
        "The search compared with its arithmetic",
        "kernel",
        parts.kernel.as_ref(),
        kernel,
    )?;
    section(&mut text, "A large city", "city", parts.city.as_ref(), city)?;
    Ok(text)
}

/// Title, how and when it was measured, and what was found; or how to measure it.
fn section<T>(
    text: &mut String,
    title: &str,
    word: &str,
    part: Option<&Measured<T>>,
    show: impl FnOnce(&mut String, &T) -> Result<()>,
) -> Result<()> {
    writeln!(text, "\n## {title}\n")?;
    let Some(Measured { date, command, load, found }) = part else {
        writeln!(text, "Not measured yet: `cargo xtask bench --only {word}`.")?;
        return Ok(());
    };
    show(text, found)?;
    writeln!(text, "\n`{command}`, {date}, load average {:.1} to {:.1}.", load.0, load.1)?;
    Ok(())
}

/// What is aimed at, and what was measured.
enum Goal {
    AtLeast(f64),
    AtMost(f64),
}

impl Goal {
    fn row(&self, text: &mut String, what: &str, measured: Option<f64>) -> Result<()> {
        let (aim, is_met) = match self {
            Goal::AtLeast(limit) => (format!("at least {limit}"), measured.map(|m| m >= *limit)),
            Goal::AtMost(limit) => (format!("at most {limit}"), measured.map(|m| m <= *limit)),
        };
        let measured = match (measured, is_met) {
            (Some(m), Some(true)) => show(m),
            (Some(m), _) => format!("{} **missed**", show(m)),
            (None, _) => "not measured".into(),
        };
        writeln!(text, "| {what} | {aim} | {measured} |")?;
        Ok(())
    }
}

/// Two decimals for small ratios, none for large ones.
fn show(ratio: f64) -> String {
    if ratio < 20.0 { format!("{ratio:.2}") } else { format!("{ratio:.0}") }
}

fn goals(text: &mut String, results: &Results) -> Result<()> {
    let parts = &results.parts;
    writeln!(
        text,
        "## Summary\n\nThe aims of the project, and what was measured. The sections below say how.\n\n\
         | | aim | measured |\n|---|---|---|"
    )?;
    for (name, limit) in [("SAGA", 120.0), ("RVT", 35.0), ("Whitebox Workflows", 100.0)] {
        let times = parts.peers.as_ref().and_then(|part| part.found.times_ours(name));
        let what = format!("time of {name} divided by the time of `svf_compute`, on one core");
        Goal::AtLeast(limit).row(text, &what, times)?;
    }
    let growth = parts.radius.as_ref().and_then(|part| {
        let wall = |px| part.found.wall_s(px);
        Some(wall(16 * u64::from(RADIUS_PX))? / wall(RADIUS_PX.into())?)
    });
    let what = "time with a radius of 1600 cells divided by the time with 100 cells; the result is the same, bit for bit, as without skipping far ground";
    Goal::AtMost(5.0).row(text, what, growth)?;
    let share = parts.kernel.as_ref().map(|part| part.found.share());
    let what = format!(
        "speed of the search at a radius of {RADIUS_PX} cells divided by the speed of its arithmetic alone"
    );
    Goal::AtLeast(0.7).row(text, &what, share)?;
    let six = parts.kernel.as_ref().map(|part| part.found.six());
    let what = "time of six measures of one horizon divided by the time of one measure";
    Goal::AtMost(1.5).row(text, what, six.map(|six| six.0))?;
    let what = "the same if one of the six is `openness-negative`, which needs a second horizon";
    Goal::AtMost(1.5).row(text, what, six.map(|six| six.1))?;
    let what = format!(
        "time to read, compute {IO_DIRECTIONS} directions of {IO_RADIUS_PX} cells and write, divided by the time in which `gdal_translate` copies the result and the input"
    );
    let ios = parts.io.as_ref().map_or(&[][..], |part| &part.found);
    if ios.is_empty() {
        Goal::AtMost(1.5).row(text, &what, None)?;
    }
    for io in ios {
        let what = format!("{what}; {}", count_of(io.cores));
        Goal::AtMost(1.5).row(text, &what, Some(io.ratio()))?;
    }
    let cores = parts.cores.as_ref().map(|part| &part.found);
    let mut what = "speed of two cores divided by the speed of one".to_owned();
    if let Some(most) = cores.and_then(Cores::independent) {
        write!(what, " (two independent processes on this machine: {most:.2})")?;
    }
    Goal::AtLeast(1.85).row(text, &what, cores.and_then(|cores| cores.speed_up(2)))?;
    Ok(())
}

fn count_of(cores: u64) -> String {
    if cores == 1 { "one core".into() } else { format!("{cores} cores") }
}

impl Contender {
    /// Median wall and CPU time per cell, ns.
    fn per_cell_ns(&self) -> (f64, f64) {
        let cells = self.side_px.pow(2);
        (per_cell_ns(self.runs.wall_s(), cells), per_cell_ns(self.runs.cpu_s(), cells))
    }
}

impl Comparison {
    /// Wall time per cell of a program as a multiple of ours.
    fn times_ours(&self, name: &str) -> Option<f64> {
        let theirs = self.contenders.iter().find(|contender| contender.name == name)?;
        Some(theirs.per_cell_ns().0 / self.contenders.first()?.per_cell_ns().0)
    }
}

impl Series {
    /// Median wall time at a value.
    fn wall_s(&self, value: u64) -> Option<f64> {
        self.points.iter().find(|point| point.value == value).map(|point| point.runs.wall_s())
    }
}

impl Cores {
    /// How many times as fast so many cores are as one.
    fn speed_up(&self, cores: u64) -> Option<f64> {
        let many = self.points.iter().find(|point| point.value == cores)?;
        Some(self.points.first()?.runs.wall_s() / many.runs.wall_s())
    }

    /// How many times the work of one process two at once do, on a core each.
    fn independent(&self) -> Option<f64> {
        let one = self.points.first()?;
        (!self.together.all().is_empty()).then(|| 2.0 * one.runs.wall_s() / self.together.wall_s())
    }
}

fn comparison(text: &mut String, found: &Comparison) -> Result<()> {
    let side = found.side_px;
    writeln!(
        text,
        "{DIRECTIONS} directions, radius {RADIUS_PX} cells, {side} x {side} cells, one core: every process \
         was pinned to the same core\n(`taskset -c 0`). The programs ran in turns, so that the conditions were \
         the same for all.\nPrograms that take minutes got a smaller part of the same terrain (column \
         *side*), so compare\nthe times per cell. The input of SAGA was converted to its own file format \
         beforehand.\n`svf_compute` compresses its output and syncs it to the disk; the other programs do \
         not.\n"
    )?;
    writeln!(
        text,
        "| program | side, cells | runs | wall, s (min to max) | wall, ns per cell | CPU, ns per cell | \
         wall / ours | CPU / ours | peak, MiB | mean of result |\n\
         |---|---|---|---|---|---|---|---|---|---|"
    )?;
    let Some(ours) = found.contenders.first() else { return Ok(()) };
    let (our_wall, our_cpu) = ours.per_cell_ns();
    for contender in &found.contenders {
        let (wall, cpu) = contender.per_cell_ns();
        writeln!(
            text,
            "| {} | {} | {} | {} | {wall:.0} | {cpu:.0} | {:.1} | {:.1} | {} | {} |",
            contender.name,
            contender.side_px,
            contender.runs.all().len(),
            seconds(&contender.runs),
            wall / our_wall,
            cpu / our_cpu,
            contender.runs.peak_bytes() >> 20,
            contender.mean.map_or("-".into(), |mean| format!("{mean:.4}")),
        )?;
    }
    writeln!(text)?;
    for contender in &found.contenders {
        // Our own version line starts with the name.
        let version = contender.version.trim_start_matches(contender.name.as_str()).trim();
        writeln!(text, "* {} {version}: `{}`", contender.name, contender.settings)?;
    }
    for skipped in &found.skipped {
        writeln!(text, "* {} was not measured: {}.", skipped.name, skipped.why)?;
    }
    writeln!(
        text,
        "\nThe means differ because the programs compute different numbers. The results of SAGA and topocalc are \
         cosine-weighted and for the tilted surface. Whitebox and `svf_compute` interpolate between cells; RVT, \
         xarray-spatial and the numpy program take the nearest cell. In a smaller part, more cells are near the \
         edge, where most programs see less ground (RVT mirrors the raster). xarray-spatial compiles its code \
         in every run. See [method](../method.md)."
    )?;
    Ok(())
}

fn radius(text: &mut String, found: &Series) -> Result<()> {
    let sides = side_of(&found.points);
    writeln!(
        text,
        "{sides}, {DIRECTIONS} directions, one pinned core. The search skips far ground that cannot make the \
         horizon, so a\nlonger radius costs little more ([far field](../decisions/far-field.md)).\n\n\
         ![Time against radius, both axes logarithmic](radius.svg)\n\n\
         | radius, cells | runs | wall, s (min to max) | times radius {RADIUS_PX} | CPU, ns per cell | CPU, ns per cell, direction and cell of radius | peak, MiB |\n\
         |---|---|---|---|---|---|---|"
    )?;
    let base = found.wall_s(RADIUS_PX.into()).unwrap_or(f64::NAN);
    for point in &found.points {
        let ns = per_cell_ns(point.runs.cpu_s(), point.cells);
        let each = ns / (f64::from(DIRECTIONS) * point.value as f64);
        let times = format!("{:.2}", point.runs.wall_s() / base);
        row(text, point, &[times, format!("{ns:.0}"), format!("{each:.3}")])?;
    }
    Ok(())
}

fn directions(text: &mut String, found: &Series) -> Result<()> {
    writeln!(
        text,
        "{}, radius {RADIUS_PX} cells, one pinned core.\n\n![Time against directions](directions.svg)\n\n\
         | directions | runs | wall, s (min to max) | CPU, ns per cell | peak, MiB |\n|---|---|---|---|---|",
        side_of(&found.points)
    )?;
    for point in &found.points {
        row(text, point, &[format!("{:.0}", per_cell_ns(point.runs.cpu_s(), point.cells))])?;
    }
    Ok(())
}

fn cores(text: &mut String, found: &Cores) -> Result<()> {
    writeln!(
        text,
        "{}, {DIRECTIONS} directions, radius {RADIUS_PX} cells; the process is pinned to this number of cores.\n\n\
         ![Speed against cores](cores.svg)\n\n\
         | cores | runs | wall, s (min to max) | times as fast as one | peak, MiB |\n|---|---|---|---|---|",
        side_of(&found.points)
    )?;
    for point in &found.points {
        let speed_up = found.speed_up(point.value).unwrap_or(f64::NAN);
        row(text, point, &[format!("{speed_up:.2}")])?;
    }
    if let Some(times) = found.independent() {
        writeln!(
            text,
            "\nTwo independent processes at the same time, each on its own core, take {} s: {:.2} \
             times as long as one alone. So two cores of this machine can do at most {times:.2} times the work \
             of one: cores of a virtual machine can share a real core, and all cores share caches and memory.",
            seconds(&found.together),
            2.0 / times
        )?;
    }
    Ok(())
}

fn size(text: &mut String, found: &Series) -> Result<()> {
    writeln!(
        text,
        "`--max-memory {BUDGET}`, {DIRECTIONS} directions, radius {RADIUS_PX} cells, all cores; \
         the input is a VRT that repeats the terrain. *Peak* is the peak resident memory of the process, as GNU time reports it.\n\n\
         ![Time against raster size](size.svg)\n![Memory against raster size](memory.svg)\n\n\
         | side, cells | runs | wall, s (min to max) | input as 32-bit floats, MiB | million cells per s | peak, MiB |\n|---|---|---|---|---|---|"
    )?;
    for point in &found.points {
        let rate = point.cells as f64 / point.runs.wall_s() / 1e6;
        row(text, point, &[format!("{}", (4 * point.cells) >> 20), format!("{rate:.1}")])?;
    }
    Ok(())
}

fn about_kinds() -> String {
    format!(
        "Ours on one pinned core, {DIRECTIONS} directions if nothing else is said, one work after the other in each round. \
         *Times* is the CPU time per cell divided by that of the work that it is compared with, the median of the rounds. \
         Crowns are in groves of about 16 cells."
    )
}

const ABOUT_OTHERS: &str = "One pinned core, all programs on the same grids. *Times* is the CPU time of another program divided by that of ours. \
    The others ran once; topocalc takes cells of one side only, so it has no row with degrees.";

/// Works that ran, with what each is compared with.
fn works(text: &mut String, about: &str, works: &[Work]) -> Result<()> {
    writeln!(
        text,
        "{about}\n\n\
         | | work | side, cells | runs | wall, s (min to max) | CPU, s | times | compared with | peak, MiB |\n\
         |---|---|---|---|---|---|---|---|---|"
    )?;
    for (i, work) in works.iter().enumerate() {
        let (times, base) = match work.base {
            Some(base) => (format!("{:.2}", work.times(&works[base])), (base + 1).to_string()),
            None => ("".into(), "".into()),
        };
        writeln!(
            text,
            "| {} | {} | {} | {} | {} | {:.2} | {times} | {base} | {} |",
            i + 1,
            work.name,
            work.side_px,
            work.runs.all().len(),
            seconds(&work.runs),
            work.runs.cpu_s(),
            work.runs.peak_bytes() >> 20,
        )?;
    }
    Ok(())
}

fn processes(text: &mut String, found: &Series) -> Result<()> {
    writeln!(
        text,
        "`svf_compute --plan`, {DIRECTIONS} directions, radius {RADIUS_PX} cells, {}, tiles of {} x {} cells: so many \
         processes at once, each with one thread on its own core, without `--tile-part`. Each takes the next tile that \
         nobody has begun. The time is that of the last one.\n\n\
         | processes | runs | wall, s (min to max) | times as fast as one | peak of one process, MiB |\n|---|---|---|---|---|",
        side_of(&found.points),
        super::TILE_PX,
        super::TILE_PX
    )?;
    for point in &found.points {
        let times = found.wall_s(1).unwrap_or(f64::NAN) / point.runs.wall_s();
        row(text, point, &[format!("{times:.2}")])?;
    }
    Ok(())
}

fn reading(text: &mut String, found: &[Io]) -> Result<()> {
    let side = found.first().map_or(0, |io| io.side_px);
    writeln!(
        text,
        "{side} x {side} cells, {IO_DIRECTIONS} directions, radius {IO_RADIUS_PX} cells: computing is so short \
         here that reading\nand writing take as long. For comparison, in turns, `gdal_translate` copies the result \
         to a new file with the same creation options\nand threads, and the input, an uncompressed GeoTIFF, to \
         another file. This is the time to read and write the same data without computing.\nOnly `svf_compute` \
         also syncs its output to the disk.\n\n\
         | cores | runs | svf_compute, s (min to max) | copy of the result, s | copy of the input, s | ours / both copies | result, MB | its copy, MB |\n\
         |---|---|---|---|---|---|---|---|"
    )?;
    for io in found {
        writeln!(
            text,
            "| {} | {} | {} | {} | {} | {:.2} | {} | {} |",
            io.cores,
            io.ours.all().len(),
            seconds(&io.ours),
            seconds(&io.result),
            seconds(&io.input),
            io.ratio(),
            io.bytes.0 / 1_000_000,
            io.bytes.1 / 1_000_000,
        )?;
    }
    Ok(())
}

fn kernel(text: &mut String, found: &KernelTimes) -> Result<()> {
    writeln!(
        text,
        "`cargo bench -p svf-kernel`: no files, one thread, {DIRECTIONS} directions, synthetic hills, {}. ns per cell and \
         direction.\n*Plain* looks at every sample, *skipping* skips far ground that cannot make the \
         horizon. The results are the same.\nThe radius decides which of the two is used.\n\n\
         | radius, cells | plain | skipping |\n|---|---|---|",
        found.level
    )?;
    let ns = |group: &str, parameter: &str| {
        found.ns(group, parameter).map_or("-".into(), |ns| format!("{ns:.2}"))
    };
    for bench in found.benches.iter().filter(|bench| bench.group == "plain") {
        let radius = &bench.parameter;
        writeln!(text, "| {radius} | {:.2} | {} |", bench.ns, ns("skipping", radius))?;
    }
    writeln!(
        text,
        "\nGrids of one second of arc, each row of which has sight lines of its own, beside cells of one size, that of the \
         middle row:\n\n| latitude - radius, cells | same cells | degrees | times |\n|---|---|---|---|"
    )?;
    for bench in found.benches.iter().filter(|bench| bench.group == "degrees") {
        let at = &bench.parameter;
        let plane = found.ns("same-cells", at);
        let times = plane.map_or("-".into(), |plane| format!("{:.2}", bench.ns / plane));
        writeln!(text, "| {at} | {} | {:.2} | {times} |", ns("same-cells", at), bench.ns)?;
    }
    let (six, six_of_two) = found.six();
    writeln!(
        text,
        "\nWith a radius of {RADIUS_PX} cells, six measures of one horizon (`svf`, `svf-cosine`, `svf-slope`, `visible-sky`, \
         `openness-positive`,\n`svf-anisotropic`) take {six:.2} times as long as `svf` alone. With \
         `openness-negative` instead of the last one,\nthey take {six_of_two:.2} times as long, because it needs a second \
         horizon: that of the surface turned upside down.\n"
    )?;
    writeln!(
        text,
        "The arithmetic of a sample is to load two heights, subtract, interpolate, multiply, and keep the highest \
         slope. For the same number of samples, with heights in the first-level cache, the arithmetic alone takes this many ns per cell and \
         direction, and the search that many. The share is how near the search is to the limit of the processor.\n\n\
         | instruction set | rounds in turns | arithmetic | search | share |\n|---|---|---|---|---|"
    )?;
    let others = found.others.iter().map(|(level, rounds)| (level, rounds));
    for (level, rounds) in std::iter::once((&found.level, &found.rounds)).chain(others) {
        let median = |pick: fn(&(f64, f64)) -> f64| super::measure::median(rounds.iter().map(pick));
        writeln!(
            text,
            "| {level} | {} | {:.2} | {:.2} | {:.2} |",
            rounds.len(),
            median(|round| round.0),
            median(|round| round.1),
            share_of(rounds)
        )?;
    }
    Ok(())
}

fn city(text: &mut String, found: &City) -> Result<()> {
    let City { rows, cols, directions, max_memory, cores, run, busy_s, bytes } = found;
    let cells = rows * cols;
    let (read, compute, write) = *busy_s;
    let share = |busy: f64| format!("{busy:.0} s, {:.0} %", 100.0 * busy / run.wall_s);
    writeln!(
        text,
        "{rows} rows x {cols} columns, {:.2} billion cells, from a VRT that repeats the terrain; {directions} directions, \
         radius {RADIUS_PX} cells, {}, `--max-memory {max_memory}`, one run.\n\n\
         | | |\n|---|---|\n\
         | wall time | {:.0} s ({:.1} minutes) |\n\
         | million cells per s | {:.1} |\n\
         | CPU time | {:.0} s |\n\
         | peak memory | {} MiB |\n\
         | result | {:.1} GB, {:.1} GB as 32-bit floats |\n\
         | time spent reading, share of the wall time | {} |\n\
         | computing | {} |\n\
         | writing | {} |\n\n\
         Reading, computing and writing happen at the same time, so the sum of their shares can be more than 100 %.",
        cells as f64 / 1e9,
        count_of(*cores),
        run.wall_s,
        run.wall_s / 60.0,
        cells as f64 / run.wall_s / 1e6,
        run.cpu_s,
        run.peak_bytes >> 20,
        *bytes as f64 / 1e9,
        4.0 * cells as f64 / 1e9,
        share(read),
        share(compute),
        share(write),
    )?;
    if (*rows, *cols, *directions) == (60_834, 46_667, CITY_DIRECTIONS) {
        writeln!(
            text,
            "A numpy program that computes such a raster in 336 windows, each in about 293 s, would \
             take an estimated {NUMPY_CITY_HOURS} hours: {:.0} times as long.",
            NUMPY_CITY_HOURS * 3600.0 / run.wall_s
        )?;
    }
    Ok(())
}

/// 336 windows of 293 s.
const NUMPY_CITY_HOURS: f64 = 27.0;

/// The raster of a series.
fn side_of(points: &[Point]) -> String {
    let side = points.first().map_or(0, |point| point.cells.isqrt());
    format!("{side} x {side} cells")
}

/// Median and spread of wall times.
fn seconds(runs: &Runs) -> String {
    let (least, most) = runs.spread_s();
    format!("{:.2} ({least:.2} to {most:.2})", runs.wall_s())
}

/// Value, runs, wall, what the table is about, peak.
fn row(text: &mut String, point: &Point, about: &[String]) -> Result<()> {
    writeln!(
        text,
        "| {} | {} | {} | {} | {} |",
        point.value,
        point.runs.all().len(),
        seconds(&point.runs),
        about.join(" | "),
        point.runs.peak_bytes() >> 20,
    )?;
    Ok(())
}

/// The pictures of the parts that were measured.
fn charts(results: &Results) -> Vec<(&'static str, Chart<'static>)> {
    let parts = &results.parts;
    let line = |points: &[Point], y: fn(&Point) -> f64| -> Vec<(f64, f64)> {
        points.iter().map(|point| (point.value as f64, y(point))).collect()
    };
    let measured = |points| Line { name: "svf_compute".into(), points, measured: true };
    let beside = |name: &str, points| Line { name: name.into(), points, measured: false };
    let wall: fn(&Point) -> f64 = |point| point.runs.wall_s();
    let mut charts = Vec::new();
    if let Some(part) = &parts.radius {
        let times = line(&part.found.points, wall);
        let base = f64::from(RADIUS_PX);
        let at_base = part.found.wall_s(RADIUS_PX.into()).unwrap_or(f64::NAN);
        let proportional =
            times.iter().filter(|t| t.0 >= base).map(|t| (t.0, at_base * t.0 / base)).collect();
        charts.push((
            "radius",
            Chart {
                title: "Time against radius",
                x: ("radius, cells", Axis::Logarithmic),
                y: ("wall time, s", Axis::Logarithmic),
                lines: vec![measured(times), beside("in proportion", proportional)],
            },
        ));
    }
    if let Some(part) = &parts.directions {
        charts.push((
            "directions",
            Chart {
                title: "Time against directions",
                x: ("directions", Axis::Linear),
                y: ("wall time, s", Axis::Linear),
                lines: vec![measured(line(&part.found.points, wall))],
            },
        ));
    }
    if let Some(part) = &parts.cores {
        let faster: Vec<(f64, f64)> = part
            .found
            .points
            .iter()
            .filter_map(|point| Some((point.value as f64, part.found.speed_up(point.value)?)))
            .collect();
        let ideal = faster.iter().map(|f| (f.0, f.0)).collect();
        charts.push((
            "cores",
            Chart {
                title: "Speed against cores",
                x: ("cores", Axis::Linear),
                y: ("times as fast as one core", Axis::Linear),
                lines: vec![measured(faster), beside("in proportion", ideal)],
            },
        ));
    }
    if let Some(part) = &parts.size {
        let points = &part.found.points;
        charts.push((
            "size",
            Chart {
                title: "Time against raster size",
                x: ("rows and columns", Axis::Logarithmic),
                y: ("wall time, s", Axis::Logarithmic),
                lines: vec![measured(line(points, wall))],
            },
        ));
        charts.push((
            "memory",
            Chart {
                title: "Memory against raster size",
                x: ("rows and columns", Axis::Logarithmic),
                y: ("MiB", Axis::Logarithmic),
                lines: vec![
                    measured(line(points, |p| p.runs.peak_bytes() as f64 / f64::from(1 << 20))),
                    beside(
                        "the raster in memory",
                        line(points, |p| 4.0 * p.cells as f64 / f64::from(1 << 20)),
                    ),
                ],
            },
        ));
    }
    charts
}
