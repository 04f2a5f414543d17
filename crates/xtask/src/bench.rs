//! `cargo xtask bench`: our whole process beside other programs', on the same
//! terrain with the same settings, and what our time and memory depend on.
//!
//! prepare the terrain -> find the peers -> alternate runs -> series of ours ->
//! `docs/benchmarks/`. Measuring is in `measure`, other programs in `peers`, the
//! page in `report`.
//!
//! Invariant: what is compared ran in turns in one session on the same pinned
//! core; smaller cuts are compared per cell and marked as such. No path or name
//! of the machine enters the results.

mod measure;
mod peers;
mod report;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use measure::{Runs, timed};
use peers::{Peer, Skipped};

use crate::machine::first_line;

/// Terrain that is repeated to the size wanted.
const TERRAIN: &str = "lidar_rvt_dtm_1m.tif";
/// The core everything that is compared runs on.
const PINNED_CORE: &str = "0";
/// Settings of the comparison.
const DIRECTIONS: u32 = 16;
const RADIUS_PX: u32 = 100;

/// How much to run: the full set takes some 15 minutes, the quick one 2.
struct Extent {
    rounds: usize,
    series_rounds: usize,
    side_px: u64,
    radii_px: &'static [u32],
    directions: &'static [u32],
    memory_sides_px: &'static [u64],
    /// Slow peers run on cuts of this side, as a share of the full side.
    peer_cut: u64,
}

const FULL: Extent = Extent {
    rounds: 3,
    series_rounds: 3,
    side_px: 4000,
    radii_px: &[20, 50, 100, 200, 400],
    directions: &[8, 16, 32, 64],
    memory_sides_px: &[1000, 2000, 4000, 8000, 16_000],
    peer_cut: 1,
};

const QUICK: Extent = Extent {
    rounds: 1,
    series_rounds: 1,
    side_px: 2000,
    radii_px: &[20, 100],
    directions: &[8, 16],
    memory_sides_px: &[1000, 4000],
    peer_cut: 2,
};

/// A number of cells, a radius, a core count ... and its runs.
struct Point {
    value: u64,
    cells: u64,
    runs: Runs,
}

/// One program's runs in the comparison.
struct Contender {
    name: String,
    version: String,
    settings: String,
    side_px: u64,
    runs: Runs,
    /// Mean of the raster it wrote: shows that it computed the same kind of thing.
    mean: Option<f64>,
}

/// All that was measured.
struct Results {
    command: String,
    terrain: String,
    side_px: u64,
    contenders: Vec<Contender>,
    skipped: Vec<Skipped>,
    by_radius: Vec<Point>,
    by_directions: Vec<Point>,
    by_cores: Vec<Point>,
    by_size: Vec<Point>,
    /// Smallest and largest load average met: how busy others kept the machine.
    load: (f64, f64),
}

/// Folders the benchmark works with.
struct Bench {
    work: PathBuf,
    tool: PathBuf,
}

/// Runs everything and writes the page: `docs/benchmarks/`, or beside the work files if quick.
pub fn run(quick: bool, data: &Path, drivers: &Path, python: Option<&str>) -> Result<()> {
    let extent = if quick { QUICK } else { FULL };
    let release = prepare_tool()?;
    let bench = Bench { work: PathBuf::from("target/bench"), tool: release.join("svf_compute") };
    std::fs::create_dir_all(&bench.work)?;
    let (source, terrain) = bench.source(data)?;
    let (peers, mut skipped) = peers::find(drivers, python, &extent);

    let mut loads = vec![load_average()];
    let contenders = bench.compare(&source, &extent, &peers, &mut skipped)?;
    loads.push(load_average());
    let mut results = Results {
        command: format!("cargo xtask bench{}", if quick { " --quick" } else { "" }),
        terrain,
        side_px: extent.side_px,
        contenders,
        skipped,
        by_radius: bench
            .series(&source, &extent, extent.radii_px, |radius| (DIRECTIONS, radius))?,
        by_directions: bench.series(&source, &extent, extent.directions, |n| (n, RADIUS_PX))?,
        by_cores: bench.cores(&source, &extent)?,
        by_size: bench.sizes(&source, &extent)?,
        load: (f64::NAN, f64::NAN),
    };
    loads.push(load_average());
    results.load = (
        loads.iter().copied().fold(f64::INFINITY, f64::min),
        loads.iter().copied().fold(0.0, f64::max),
    );
    // A quick run is a trial: the page keeps the full one.
    let folder = if quick { bench.work.join("quick") } else { "docs/benchmarks".into() };
    report::write(&folder, &results)
}

/// Builds the tool; the folder of the release programs.
pub fn prepare_tool() -> Result<PathBuf> {
    let status =
        Command::new("cargo").args(["build", "--release", "--locked", "--bins"]).status()?;
    ensure!(status.success(), "the build failed");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or("target".into(), PathBuf::from);
    Ok(target.join("release"))
}

impl Bench {
    /// The raster to repeat, and what to call it.
    fn source(&self, data: &Path) -> Result<(PathBuf, String)> {
        let real = data.join(TERRAIN);
        if real.is_file() {
            return Ok((real, format!("{TERRAIN} (lidar ground, 1 m, 1000 x 1000 cells)")));
        }
        let city = self.work.join("city.tif");
        crate::sample::run(&city, 1000)?;
        Ok((city, "the synthetic city of `cargo xtask sample` (1000 x 1000 cells)".into()))
    }

    /// The terrain repeated to `side_px` as a GeoTIFF of GDAL's defaults.
    fn terrain(&self, source: &Path, side_px: u64) -> Result<PathBuf> {
        let tif = self.work.join(format!("{}_{side_px}.tif", stem(source)));
        if !tif.is_file() {
            let vrt = self.vrt(source, side_px)?;
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

    fn vrt(&self, source: &Path, side_px: u64) -> Result<PathBuf> {
        let vrt = self.work.join(format!("{}_{side_px}.vrt", stem(source)));
        let source = source.to_str().context("the path is not UTF-8")?;
        crate::mosaic::run(source, &vrt, side_px, side_px)?;
        Ok(vrt)
    }

    /// One run of ours.
    fn ours(&self, input: &Path, cores: &str, options: &[String]) -> Result<measure::Timing> {
        let mut command = measure::pinned(cores, &self.tool);
        command.arg(input).arg(self.output()).args(["--overwrite", "-q"]).args(options);
        timed(command)
    }

    fn output(&self) -> PathBuf {
        self.work.join("ours.tif")
    }

    /// Ours and every peer in turns, on one core.
    fn compare(
        &self,
        source: &Path,
        extent: &Extent,
        peers: &[Peer],
        skipped: &mut Vec<Skipped>,
    ) -> Result<Vec<Contender>> {
        let input = self.terrain(source, extent.side_px)?;
        let options = search(DIRECTIONS, RADIUS_PX);
        let mut ours = Contender {
            name: "svf_compute".into(),
            version: first_line(Command::new(&self.tool).arg("--version")),
            settings: format!("{} --measure svf", options.join(" ")),
            side_px: extent.side_px,
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
        for round in 1..=extent.rounds {
            for (peer, contender) in peers.iter().zip(&mut others) {
                println!("== round {round}: svf_compute, then {}", peer.name);
                ours.runs.push(self.ours(&input, PINNED_CORE, &options)?);
                let cut = self.terrain(source, peer.side_px)?;
                match peer.run(&cut, &self.work) {
                    Ok((timing, output)) => {
                        contender.runs.push(timing);
                        contender.mean = mean_of(&output);
                    }
                    // The reason may name folders of this machine: not for the page.
                    Err(error) => println!("== {} failed: {error}", peer.name),
                }
            }
            if peers.is_empty() {
                ours.runs.push(self.ours(&input, PINNED_CORE, &options)?);
            }
        }
        ours.mean = mean_of(&self.output());
        for (peer, contender) in peers.iter().zip(&others) {
            if contender.runs.all().is_empty() {
                skipped.push(Skipped { name: peer.name, why: "its run failed".into() });
            }
        }
        others.retain(|contender| !contender.runs.all().is_empty());
        others.insert(0, ours);
        Ok(others)
    }

    /// Ours over a list of values, in turns: slow drifts of the machine spread evenly.
    fn series(
        &self,
        source: &Path,
        extent: &Extent,
        values: &[u32],
        settings: impl Fn(u32) -> (u32, u32),
    ) -> Result<Vec<Point>> {
        let input = self.terrain(source, extent.side_px)?;
        let cells = extent.side_px * extent.side_px;
        let mut points: Vec<Point> = values
            .iter()
            .map(|&value| Point { value: value.into(), cells, runs: Runs::default() })
            .collect();
        for _ in 0..extent.series_rounds {
            for (point, &value) in points.iter_mut().zip(values) {
                let (directions, radius_px) = settings(value);
                println!("== svf_compute: {directions} directions, {radius_px} cells");
                let options = search(directions, radius_px);
                point.runs.push(self.ours(&input, PINNED_CORE, &options)?);
            }
        }
        Ok(points)
    }

    /// Ours on one core, two, four, ... and all.
    fn cores(&self, source: &Path, extent: &Extent) -> Result<Vec<Point>> {
        let input = self.terrain(source, extent.side_px)?;
        let all = std::thread::available_parallelism().map_or(1, usize::from) as u64;
        let mut counts: Vec<u64> = (0..16).map(|i| 1 << i).take_while(|&n| n < all).collect();
        counts.push(all);
        let cells = extent.side_px * extent.side_px;
        let mut points: Vec<Point> =
            counts.iter().map(|&value| Point { value, cells, runs: Runs::default() }).collect();
        for _ in 0..extent.series_rounds {
            for point in &mut points {
                println!("== svf_compute: {} cores", point.value);
                let cores = format!("0-{}", point.value - 1);
                point.runs.push(self.ours(&input, &cores, &search(DIRECTIONS, RADIUS_PX))?);
            }
        }
        Ok(points)
    }

    /// Ours over rasters of growing size within one budget; all cores.
    fn sizes(&self, source: &Path, extent: &Extent) -> Result<Vec<Point>> {
        let last = std::thread::available_parallelism().map_or(1, usize::from) - 1;
        let mut points = Vec::new();
        for &side_px in extent.memory_sides_px {
            println!("== svf_compute: {side_px} x {side_px} cells within {BUDGET}");
            let input = self.vrt(source, side_px)?;
            let mut options = search(DIRECTIONS, RADIUS_PX);
            options.extend(["--max-memory".to_owned(), BUDGET.to_owned()]);
            let mut runs = Runs::default();
            runs.push(self.ours(&input, &format!("0-{last}"), &options)?);
            points.push(Point { value: side_px, cells: side_px * side_px, runs });
        }
        // The largest result is large.
        let _ = std::fs::remove_file(self.output());
        Ok(points)
    }
}

/// Budget of the memory series.
const BUDGET: &str = "512M";

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn search(directions: u32, radius_px: u32) -> Vec<String> {
    ["-n", &directions.to_string(), "--radius", &format!("{radius_px}px")].map(str::to_owned).into()
}

/// Processes that wanted to run in the last minute, on average.
fn load_average() -> f64 {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().and_then(|word| word.parse().ok()).unwrap_or(f64::NAN)
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
