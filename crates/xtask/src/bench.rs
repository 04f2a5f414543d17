//! `cargo xtask bench`: our whole process beside other programs', on the same
//! terrain with the same settings, what our time and memory depend on, and the
//! kernel beside its arithmetic alone.
//!
//! prepare the terrain -> find the peers -> alternate runs -> series of ours ->
//! `docs/benchmarks/`. Measuring is in `measure`, other programs in `peers`, the
//! kernel's benches in `kernel`, what is kept in `results`, the page in `report`
//! and its pictures in `chart`.
//!
//! Invariant: what is compared ran in turns in one session on the same pinned
//! core; smaller cuts are compared per cell and marked as such. A part is kept as
//! soon as it is measured. No path or name of the machine enters the results.

mod chart;
mod kernel;
mod kinds;
mod measure;
mod others;
mod peers;
mod report;
mod results;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
pub use measure::median;
use measure::{Runs, Timing, timed, timed_with_output};
use peers::Peer;
use results::{City, Comparison, Contender, Cores, Io, Measured, Point, Results, Series, Skipped};

use crate::machine::{Machine, first_line};

/// Terrain that is repeated to the size wanted.
const TERRAIN: &str = "lidar_rvt_dtm_1m.tif";
/// The core everything that is compared runs on.
const PINNED_CORE: &str = "0";
/// Settings of the comparison.
const DIRECTIONS: u32 = 16;
const RADIUS_PX: u32 = 100;
/// Settings with which reading and writing are most of the work.
const IO_DIRECTIONS: u32 = 8;
const IO_RADIUS_PX: u32 = 20;
/// Settings of the large city.
const CITY_DIRECTIONS: u32 = 8;
const CITY_MEMORY: &str = "1G";
const CITY_CORES: u64 = 2;
/// Side of a tile of a plan.
const TILE_PX: u64 = 1000;
/// Budget of the memory series.
const BUDGET: &str = "512M";

/// A part of the measurements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Section {
    /// Beside other programs.
    Peers,
    /// Time against radius.
    Radius,
    /// Time against directions.
    Directions,
    /// One core, two, four ...
    Cores,
    /// Time and memory against raster size.
    Size,
    /// Beside gdal_translate, where reading and writing are most of the work.
    Io,
    /// Degrees, canopies, masks of receivers, many bands, instruction sets, small rasters.
    Kinds,
    /// Other programs on degrees and canopies: more than an hour.
    Others,
    /// Several processes on one plan.
    Processes,
    /// The kernel beside its arithmetic alone.
    Kernel,
    /// Billions of cells.
    City,
}

/// The sections to measure: those asked for, or all but the large city, which has a switch.
pub fn sections(only: &[Section], city: bool) -> Vec<Section> {
    let mut wanted = only.to_vec();
    if wanted.is_empty() {
        wanted.extend(Section::value_variants().iter().filter(|&&s| s != Section::City));
    }
    if city && !wanted.contains(&Section::City) {
        wanted.push(Section::City);
    }
    wanted
}

/// How much to run.
struct Extent {
    rounds: usize,
    series_rounds: usize,
    side_px: u64,
    radii_px: &'static [u32],
    directions: &'static [u32],
    memory_sides_px: &'static [u64],
    io_side_px: u64,
    cores_side_px: u64,
    kinds_side_px: u64,
    others_side_px: u64,
    /// Rows and columns.
    city_px: (u64, u64),
    /// Slow peers run on cuts of this side, as a share of the full side.
    peer_cut: u64,
    /// Which of the kernel's benches, and how long each.
    kernel_filter: &'static str,
    kernel_options: &'static [&'static str],
}

const FULL: Extent = Extent {
    rounds: 3,
    series_rounds: 3,
    side_px: 4096,
    radii_px: &[20, 50, 100, 200, 400, 800, 1600],
    directions: &[8, 16, 32, 64],
    memory_sides_px: &[1000, 2000, 4000, 8000, 16_000],
    io_side_px: 10_000,
    cores_side_px: 8000,
    kinds_side_px: 2048,
    others_side_px: 2048,
    city_px: (60_834, 46_667),
    peer_cut: 1,
    kernel_filter: "",
    kernel_options: &[],
};

const QUICK: Extent = Extent {
    rounds: 1,
    series_rounds: 1,
    side_px: 1024,
    radii_px: &[20, 100, 400],
    directions: &[8, 16],
    memory_sides_px: &[1000, 2000],
    io_side_px: 2000,
    cores_side_px: 2000,
    kinds_side_px: 1024,
    others_side_px: 200,
    city_px: (4000, 3000),
    peer_cut: 4,
    kernel_filter: "/(100|one|six.*)$",
    kernel_options: &["--warm-up-time", "0.2", "--measurement-time", "0.5"],
};

/// Folders the benchmark works with.
struct Bench {
    work: PathBuf,
    tool: PathBuf,
    source: PathBuf,
    extent: Extent,
}

/// Measures the sections and writes the page: `docs/benchmarks/`, or beside the work
/// files if quick.
pub fn run(
    quick: bool,
    wanted: &[Section],
    data: &Path,
    drivers: &Path,
    python: Option<&str>,
) -> Result<()> {
    let work = PathBuf::from("target/bench");
    // A quick run is a trial: the page keeps the full one.
    let folder = if quick { work.join("quick") } else { "docs/benchmarks".into() };
    std::fs::create_dir_all(&work)?;
    let everything = Section::value_variants().iter().all(|s| wanted.contains(s));
    let machine = Machine::here();
    let (source, terrain) = source(&work, data)?;
    let earlier = match results::load(&folder, &machine, &terrain) {
        // There is nothing to keep.
        Err(_) if everything => None,
        earlier => earlier.context("measure all parts (--city), or put results.json away")?,
    };
    let tool = prepare_tool()?.join("svf_compute");
    let extent = if quick { QUICK } else { FULL };
    let bench = Bench { work, tool, source, extent };
    let mut results = Results { machine, terrain, parts: earlier.unwrap_or_default() };
    for &section in wanted {
        let parts = &mut results.parts;
        match section {
            Section::Peers => {
                let (peers, skipped) = peers::find(&bench.work, drivers, python, &bench.extent);
                parts.peers = Some(measured(|| bench.compare(&peers, skipped))?);
            }
            Section::Radius => {
                let settings = |radius| (DIRECTIONS, radius);
                parts.radius = Some(measured(|| bench.series(bench.extent.radii_px, settings))?);
            }
            Section::Directions => {
                let settings = |directions| (directions, RADIUS_PX);
                parts.directions =
                    Some(measured(|| bench.series(bench.extent.directions, settings))?);
            }
            Section::Cores => parts.cores = Some(measured(|| bench.cores())?),
            Section::Size => parts.size = Some(measured(|| bench.sizes())?),
            Section::Io => parts.io = Some(measured(|| bench.io())?),
            Section::Kinds => parts.kinds = Some(measured(|| bench.kinds())?),
            Section::Others => parts.others = Some(measured(|| bench.others(python))?),
            Section::Processes => parts.processes = Some(measured(|| bench.processes())?),
            Section::Kernel => {
                parts.kernel = Some(measured(|| kernel::run(&bench.work, &bench.extent))?);
            }
            Section::City => parts.city = Some(measured(|| bench.city())?),
        }
        // What is measured is kept, whatever becomes of the next part.
        report::write(&folder, &results)?;
    }
    Ok(())
}

/// Measures a part, with what has to be known of the time.
fn measured<T>(measure: impl FnOnce() -> Result<T>) -> Result<Measured<T>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let before = load_average()?;
    let found = measure()?;
    let after = load_average()?;
    Ok(Measured {
        date: Machine::here().date,
        command: format!("cargo xtask {}", public(&words).join(" ")),
        load: (before.min(after), before.max(after)),
        found,
    })
}

/// A command line without the folders and programs of this machine.
fn public(words: &[String]) -> Vec<&str> {
    let mut kept = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if ["--data", "--peers", "--python"].contains(&word.as_str()) {
            words.next();
        } else if !["--data=", "--peers=", "--python="].iter().any(|o| word.starts_with(o)) {
            kept.push(word.as_str());
        }
    }
    kept
}

/// The raster to repeat, and what to call it.
fn source(work: &Path, data: &Path) -> Result<(PathBuf, String)> {
    let real = data.join(TERRAIN);
    if real.is_file() {
        return Ok((real, format!("{TERRAIN} (lidar ground, 1 m, 1000 x 1000 cells)")));
    }
    let city = work.join("city.tif");
    crate::sample::run(&city, None, 1000)?;
    Ok((city, "the synthetic city of `cargo xtask sample` (1000 x 1000 cells)".into()))
}

/// Builds the tool; the folder of the release programs.
pub fn prepare_tool() -> Result<PathBuf> {
    let status =
        Command::new("cargo").args(["build", "--release", "--locked", "-p", "svf-cli"]).status()?;
    ensure!(status.success(), "the build failed");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or("target".into(), PathBuf::from);
    Ok(target.join("release"))
}

impl Bench {
    /// The terrain repeated to `side_px` as a GeoTIFF of GDAL's defaults.
    fn terrain(&self, side_px: u64) -> Result<PathBuf> {
        let tif = self.work.join(format!("{}_{side_px}.tif", stem(&self.source)));
        if !tif.is_file() {
            let vrt = self.vrt((side_px, side_px))?;
            let partial = self.work.join("partial.tif");
            let done = Command::new("gdal_translate")
                .args(["-q", "-of", "GTiff"])
                .args([&vrt, &partial])
                .status()
                .context("cannot run gdal_translate")?;
            ensure!(done.success(), "gdal_translate failed");
            std::fs::rename(partial, &tif)?;
        }
        Ok(tif)
    }

    /// The terrain repeated to so many rows and columns, as a VRT.
    fn vrt(&self, (rows, cols): (u64, u64)) -> Result<PathBuf> {
        let vrt = self.work.join(format!("{}_{rows}_{cols}.vrt", stem(&self.source)));
        let source = self.source.to_str().context("the path is not UTF-8")?;
        crate::mosaic::run(source, &vrt, (rows, cols), None)?;
        Ok(vrt)
    }

    /// One run of ours.
    fn ours(&self, input: &Path, cores: &str, options: &[String]) -> Result<Timing> {
        timed(self.command(input, &self.output(), cores, options))
    }

    fn command(&self, input: &Path, output: &Path, cores: &str, options: &[String]) -> Command {
        let mut command = measure::pinned(cores, &self.tool);
        command.arg(input).arg(output).arg("--overwrite").args(options);
        command
    }

    fn output(&self) -> PathBuf {
        self.work.join("ours.tif")
    }

    /// Ours and every peer in turns, on one core.
    fn compare(&self, peers: &[Peer], mut skipped: Vec<Skipped>) -> Result<Comparison> {
        let side_px = self.extent.side_px;
        let input = self.terrain(side_px)?;
        let options = search(DIRECTIONS, RADIUS_PX);
        let mut ours = Contender {
            name: "svf_compute".into(),
            version: first_line(Command::new(&self.tool).arg("--version")),
            settings: format!("{} --measure svf", options.join(" ")),
            side_px,
            runs: Runs::default(),
            mean: None,
        };
        let mut others: Vec<Contender> = peers
            .iter()
            .map(|peer| Contender {
                name: peer.name.into(),
                version: peer.version.clone(),
                settings: peer.settings.clone(),
                side_px: peer.side_px,
                runs: Runs::default(),
                mean: None,
            })
            .collect();
        for round in 0..self.extent.rounds {
            for (peer, contender) in peers.iter().zip(&mut others) {
                if round > 0 && peer.once {
                    continue;
                }
                println!("== round {}: svf_compute, then {}", round + 1, peer.name);
                ours.runs.push(self.ours(&input, PINNED_CORE, &options)?);
                let cut = self.terrain(peer.side_px)?;
                match peer.run(&cut, &self.work) {
                    Ok((timing, output)) => {
                        contender.runs.push(timing);
                        contender.mean = if peer.is_svf { mean_of(&output) } else { None };
                    }
                    // The reason may name folders of this machine: not for the page.
                    Err(error) => println!("== {} failed: {error:#}", peer.name),
                }
            }
            if peers.is_empty() {
                ours.runs.push(self.ours(&input, PINNED_CORE, &options)?);
            }
        }
        ours.mean = mean_of(&self.output());
        for (peer, contender) in peers.iter().zip(&others) {
            if contender.runs.all().is_empty() {
                skipped.push(Skipped { name: peer.name.into(), why: "its run failed".into() });
            }
        }
        others.retain(|contender| !contender.runs.all().is_empty());
        others.insert(0, ours);
        Ok(Comparison { side_px, contenders: others, skipped })
    }

    /// Ours over a list of values, in turns: slow drifts of the machine spread evenly.
    fn series(&self, values: &[u32], settings: impl Fn(u32) -> (u32, u32)) -> Result<Series> {
        let input = self.terrain(self.extent.side_px)?;
        let mut points =
            Self::points(self.extent.side_px, values.iter().map(|&value| value.into()));
        for _ in 0..self.extent.series_rounds {
            for (point, &value) in points.iter_mut().zip(values) {
                let (directions, radius_px) = settings(value);
                println!("== svf_compute: {directions} directions, {radius_px} cells");
                let options = search(directions, radius_px);
                point.runs.push(self.ours(&input, PINNED_CORE, &options)?);
            }
        }
        Ok(Series { points })
    }

    /// Points of a raster that have no runs yet.
    fn points(side_px: u64, values: impl Iterator<Item = u64>) -> Vec<Point> {
        let cells = side_px.pow(2);
        values.map(|value| Point { value, cells, runs: Runs::default() }).collect()
    }

    /// Ours on one core, two, four, ... and all; and two processes on a core each, which
    /// tells how much of a second core there is: cores of a virtual machine may share one.
    fn cores(&self) -> Result<Cores> {
        let side_px = self.extent.cores_side_px;
        let input = self.vrt((side_px, side_px))?;
        let options = search(DIRECTIONS, RADIUS_PX);
        let mut points = Self::points(side_px, core_counts().into_iter());
        let mut together = Runs::default();
        for _ in 0..self.extent.series_rounds {
            for point in &mut points {
                println!("== svf_compute: {} cores", point.value);
                point.runs.push(self.ours(&input, &first_cores(point.value), &options)?);
            }
            if all_cores() > 1 {
                println!("== svf_compute twice at once, one core each");
                let run = |core: u32| {
                    let output = self.work.join(format!("ours_{core}.tif"));
                    timed(self.command(&input, &output, &core.to_string(), &options))
                };
                let (first, second) = std::thread::scope(|scope| {
                    let other = scope.spawn(|| run(1));
                    (run(0), other.join())
                });
                together.push(first?);
                together.push(second.map_err(|_| anyhow::anyhow!("a measuring thread died"))??);
            }
        }
        Ok(Cores { points, together })
    }

    /// One process on a plan, then two ... at once, each on a core of its own.
    fn processes(&self) -> Result<Series> {
        let side_px = self.extent.cores_side_px;
        let input = self.vrt((side_px, side_px))?;
        let plan = self.work.join("plan.json");
        let tiles = self.work.join("plan.tiles");
        let mut points = Self::points(side_px, 1..=all_cores().min(4));
        for _ in 0..self.extent.series_rounds {
            for point in &mut points {
                println!("== svf_compute --plan: {} processes", point.value);
                let _ = std::fs::remove_dir_all(&tiles);
                let tile_px = TILE_PX.to_string();
                let planned = Command::new(self.tool.with_file_name("svf_tile"))
                    .args([&input, &plan])
                    .args(search(DIRECTIONS, RADIUS_PX))
                    .args(["--tile-size", &tile_px, "--overwrite", "--progress", "none"])
                    .status()?;
                ensure!(planned.success(), "svf_tile failed");
                let run = |core: u64| {
                    let mut command = measure::pinned(&core.to_string(), &self.tool);
                    command.arg("--plan").arg(&plan).args(["--threads", "1"]);
                    timed(command)
                };
                let all: Vec<Timing> = std::thread::scope(|scope| {
                    let runs: Vec<_> =
                        (0..point.value).map(|core| scope.spawn(move || run(core))).collect();
                    let died = |_| anyhow::anyhow!("a measuring thread died");
                    runs.into_iter().map(|run| run.join().map_err(died)?).collect::<Result<_>>()
                })?;
                let most = |of: fn(&Timing) -> f64| all.iter().map(of).fold(0.0, f64::max);
                point.runs.push(Timing {
                    wall_s: most(|run| run.wall_s),
                    cpu_s: all.iter().map(|run| run.cpu_s).sum(),
                    peak_bytes: all.iter().map(|run| run.peak_bytes).max().unwrap_or(0),
                });
            }
        }
        let _ = std::fs::remove_dir_all(&tiles);
        Ok(Series { points })
    }

    /// Ours over rasters of growing size within one budget; all cores.
    fn sizes(&self) -> Result<Series> {
        let mut points = Vec::new();
        for &side_px in self.extent.memory_sides_px {
            println!("== svf_compute: {side_px} x {side_px} cells within {BUDGET}");
            let input = self.vrt((side_px, side_px))?;
            let mut options = search(DIRECTIONS, RADIUS_PX);
            options.extend(["--max-memory".to_owned(), BUDGET.to_owned()]);
            let mut runs = Runs::default();
            runs.push(self.ours(&input, &first_cores(all_cores()), &options)?);
            points.push(Point { value: side_px, cells: side_px.pow(2), runs });
        }
        // The largest result is large.
        let _ = std::fs::remove_file(self.output());
        Ok(Series { points })
    }

    /// Ours, then copies of what it wrote and of what it read; on one core and on all.
    fn io(&self) -> Result<Vec<Io>> {
        let side_px = self.extent.io_side_px;
        let input = self.terrain(side_px)?;
        let (result, copy) = (self.output(), self.work.join("copy.tif"));
        let counts = if all_cores() > 1 { vec![1, all_cores()] } else { vec![1] };
        let mut found: Vec<Io> = counts
            .into_iter()
            .map(|cores| Io {
                cores,
                side_px,
                ours: Runs::default(),
                result: Runs::default(),
                input: Runs::default(),
                bytes: (0, 0),
            })
            .collect();
        for _ in 0..self.extent.rounds {
            for io in &mut found {
                println!("== svf_compute, then gdal_translate: {} cores", io.cores);
                let cores = first_cores(io.cores);
                let translate = |from: &Path, options: &[String]| {
                    // A new file, as ours is.
                    let _ = std::fs::remove_file(&copy);
                    let mut command = measure::pinned(&cores, "gdal_translate");
                    command.arg("-q").args(options).arg(from).arg(&copy);
                    timed(command)
                };
                let _ = std::fs::remove_file(&result);
                io.ours.push(self.ours(&input, &cores, &search(IO_DIRECTIONS, IO_RADIUS_PX))?);
                io.result.push(translate(&result, &creation_options(io.cores))?);
                io.bytes = (std::fs::metadata(&result)?.len(), std::fs::metadata(&copy)?.len());
                io.input.push(translate(&input, &[])?);
            }
        }
        let _ = std::fs::remove_file(copy);
        Ok(found)
    }

    /// A raster of billions of cells, once.
    fn city(&self) -> Result<City> {
        let (rows, cols) = self.extent.city_px;
        let cores = CITY_CORES.min(all_cores());
        println!("== svf_compute: {rows} x {cols} cells within {CITY_MEMORY}");
        let input = self.vrt((rows, cols))?;
        let mut options = search(CITY_DIRECTIONS, RADIUS_PX);
        options.extend(["--max-memory", CITY_MEMORY, "--progress", "json"].map(str::to_owned));
        let output = self.work.join("city_svf.tif");
        let command = self.command(&input, &output, &first_cores(cores), &options);
        let (run, said) = timed_with_output(command)?;
        let bytes = std::fs::metadata(&output)?.len();
        std::fs::remove_file(&output)?;
        let last = said.lines().last().context("no events")?;
        let done: serde_json::Value = serde_json::from_str(last)?;
        let busy = |what: &str| {
            let seconds = done["data"]["stats"]["busy_s"][what].as_f64();
            seconds.with_context(|| format!("no time of {what} in the last event"))
        };
        Ok(City {
            rows,
            cols,
            directions: CITY_DIRECTIONS,
            max_memory: CITY_MEMORY.into(),
            cores,
            run,
            busy_s: (busy("read")?, busy("compute")?, busy("write")?),
            bytes,
        })
    }
}

fn all_cores() -> u64 {
    std::thread::available_parallelism().map_or(1, usize::from) as u64
}

/// One, two, four, ... and all.
fn core_counts() -> Vec<u64> {
    let all = all_cores();
    let mut counts: Vec<u64> = (0..16).map(|i| 1 << i).take_while(|&n| n < all).collect();
    counts.push(all);
    counts
}

/// The first so many cores, as `taskset` wants them.
fn first_cores(count: u64) -> String {
    format!("0-{}", count - 1)
}

/// What svf_compute writes by default, for gdal_translate.
fn creation_options(threads: u64) -> Vec<String> {
    let formats = Command::new("gdalinfo").args(["--format", "GTiff"]).output();
    let has_zstd = formats.is_ok_and(|o| String::from_utf8_lossy(&o.stdout).contains("ZSTD"));
    let compression =
        if has_zstd { ["COMPRESS=ZSTD", "ZSTD_LEVEL=1"] } else { ["COMPRESS=DEFLATE", "ZLEVEL=1"] };
    let layout = ["TILED=YES", "BLOCKXSIZE=512", "BLOCKYSIZE=512", "PREDICTOR=3"];
    let threads = format!("NUM_THREADS={threads}");
    let all = compression.into_iter().chain(layout).chain(["BIGTIFF=IF_SAFER", &threads]);
    all.flat_map(|option| ["-co".to_owned(), option.to_owned()]).collect()
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn search(directions: u32, radius_px: u32) -> Vec<String> {
    ["-n", &directions.to_string(), "--radius", &format!("{radius_px}px")].map(str::to_owned).into()
}

/// Processes that wanted to run in the last minute, on average.
fn load_average() -> Result<f64> {
    let text = std::fs::read_to_string("/proc/loadavg").context("cannot read the load average")?;
    Ok(text.split(' ').next().unwrap_or_default().parse()?)
}

/// Mean of a raster's first band, from GDAL.
fn mean_of(path: &Path) -> Option<f64> {
    let output = Command::new("gdalinfo")
        .args(["-stats", "--config", "GDAL_PAM_ENABLED", "NO"])
        .arg(path)
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().find_map(|line| line.trim().strip_prefix("STATISTICS_MEAN=")?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_is_shown_without_folders() {
        let words = ["bench", "--only", "radius,io", "--data", "/a", "--python=/b", "--quick"];
        let words = words.map(str::to_owned);
        assert_eq!(public(&words), ["bench", "--only", "radius,io", "--quick"]);
    }

    #[test]
    fn the_city_is_measured_when_asked_for() {
        assert!(!sections(&[], false).contains(&Section::City));
        assert_eq!(sections(&[], false).len(), Section::value_variants().len() - 1);
        assert_eq!(sections(&[Section::Io], true), [Section::Io, Section::City]);
    }
}
