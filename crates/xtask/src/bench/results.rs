//! What was measured, as `results.json` keeps it: parts with a date each, so that
//! one can be measured again without the others.
//!
//! Invariant: all parts are of one machine and terrain. No path or name of it is among them.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use super::measure::{Runs, Timing};
use crate::machine::Machine;

/// All that was measured.
#[derive(Serialize, Deserialize)]
pub struct Results {
    /// Where, with the programs of the part that was measured last.
    pub machine: Machine,
    /// What the terrain is.
    pub terrain: String,
    /// The parts that were measured.
    pub parts: Parts,
}

/// The parts; none where one was not measured yet.
#[derive(Default, Serialize, Deserialize)]
pub struct Parts {
    /// Beside other programs.
    pub peers: Option<Measured<Comparison>>,
    /// Growing radius.
    pub radius: Option<Measured<Series>>,
    /// More directions.
    pub directions: Option<Measured<Series>>,
    /// More cores.
    pub cores: Option<Measured<Cores>>,
    /// Growing raster.
    pub size: Option<Measured<Series>>,
    /// Where reading and writing are most of the work.
    pub io: Option<Measured<Vec<Io>>>,
    /// Other inputs and options.
    pub kinds: Option<Measured<Vec<Work>>>,
    /// Other programs on degrees and canopies.
    pub others: Option<Measured<Vec<Work>>>,
    /// Several processes on one plan.
    pub processes: Option<Measured<Series>>,
    /// The kernel alone.
    pub kernel: Option<Measured<KernelTimes>>,
    /// The large city.
    pub city: Option<Measured<City>>,
}

/// A part, and when it was measured.
#[derive(Serialize, Deserialize)]
pub struct Measured<T> {
    /// Day, UTC.
    pub date: String,
    /// The command line.
    pub command: String,
    /// Smallest and largest load average met: how busy others kept the machine.
    pub load: (f64, f64),
    /// The measurements.
    pub found: T,
}

/// Ours and others with the same settings.
#[derive(Serialize, Deserialize)]
pub struct Comparison {
    /// Rows and columns of our raster.
    pub side_px: u64,
    /// Ours first.
    pub contenders: Vec<Contender>,
    /// Programs that could not be had.
    pub skipped: Vec<Skipped>,
}

/// One program's runs in the comparison.
#[derive(Serialize, Deserialize)]
pub struct Contender {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// How it was run.
    pub settings: String,
    /// Rows and columns of its raster: slow ones get a cut.
    pub side_px: u64,
    /// Its runs.
    pub runs: Runs,
    /// Mean of the raster it wrote: shows that it computed the same kind of thing.
    pub mean: Option<f64>,
}

/// A program that could not be had.
#[derive(Serialize, Deserialize)]
pub struct Skipped {
    /// Its name.
    pub name: String,
    /// Why.
    pub why: String,
}

/// Ours over a list of values.
#[derive(Serialize, Deserialize)]
pub struct Series {
    /// In the order of the values.
    pub points: Vec<Point>,
}

/// A number of cells, a radius, a core count ... and its runs.
#[derive(Serialize, Deserialize)]
pub struct Point {
    /// The number.
    pub value: u64,
    /// Cells of the raster.
    pub cells: u64,
    /// The runs.
    pub runs: Runs,
}

/// Ours on more and more cores.
#[derive(Serialize, Deserialize)]
pub struct Cores {
    /// One process on 1, 2, 4, ... cores.
    pub points: Vec<Point>,
    /// Two processes at once, on a core each.
    pub together: Runs,
}

/// Ours beside copying the same files, on so many cores.
#[derive(Serialize, Deserialize)]
pub struct Io {
    /// Cores, and threads of both programs.
    pub cores: u64,
    /// Rows and columns.
    pub side_px: u64,
    /// svf_compute.
    pub ours: Runs,
    /// gdal_translate of our result with the same creation options.
    pub result: Runs,
    /// gdal_translate of the input without compression.
    pub input: Runs,
    /// Bytes of our result, and of its copy.
    pub bytes: (u64, u64),
}

impl Io {
    /// How many times the two copies ours takes: the median of the rounds.
    pub fn ratio(&self) -> f64 {
        let copies = self.result.all().iter().zip(self.input.all());
        let both = copies.map(|(result, input)| result.wall_s + input.wall_s);
        super::measure::median(self.ours.all().iter().zip(both).map(|(t, both)| t.wall_s / both))
    }
}

/// Something that ours does, and the work that it is compared with.
#[derive(Serialize, Deserialize)]
pub struct Work {
    /// What it is.
    pub name: String,
    /// Rows and columns.
    pub side_px: u64,
    /// The number of the other work, from 0.
    pub base: Option<usize>,
    /// Its runs, one in each round.
    pub runs: Runs,
}

impl Work {
    /// How many times the CPU time per cell of another work it takes: the median of the rounds, or the
    /// ratio of the medians if they did not run in turns.
    pub fn times(&self, base: &Self) -> f64 {
        let cells = (base.side_px as f64 / self.side_px as f64).powi(2);
        if self.runs.all().len() != base.runs.all().len() {
            return self.runs.cpu_s() / base.runs.cpu_s() * cells;
        }
        let pairs = self.runs.all().iter().zip(base.runs.all());
        super::measure::median(pairs.map(|(own, other)| own.cpu_s / other.cpu_s * cells))
    }
}

/// The kernel alone, from its benches.
#[derive(Serialize, Deserialize)]
pub struct KernelTimes {
    /// Instruction set.
    pub level: String,
    /// Every bench.
    pub benches: Vec<KernelBench>,
    /// The arithmetic alone and the plain search at the same radius, in turns, ns per
    /// cell and direction.
    pub rounds: Vec<(f64, f64)>,
    /// The same with other instruction sets of the processor.
    #[serde(default)]
    pub others: Vec<(String, Vec<(f64, f64)>)>,
    /// One measure, six of one horizon, and six of two, in turns, ns per cell and direction.
    pub measures: Vec<(f64, f64, f64)>,
}

impl KernelTimes {
    /// Speed of the search as a share of that of its arithmetic alone.
    pub fn share(&self) -> f64 {
        share_of(&self.rounds)
    }

    /// Times of six measures of one horizon, and of two, as multiples of that of one
    /// measure: the medians of the rounds.
    pub fn six(&self) -> (f64, f64) {
        let ratios = |pick: fn(&(f64, f64, f64)) -> f64| {
            super::measure::median(self.measures.iter().map(pick))
        };
        (ratios(|round| round.1 / round.0), ratios(|round| round.2 / round.0))
    }

    /// ns per cell and direction of a bench.
    pub fn ns(&self, group: &str, parameter: &str) -> Option<f64> {
        let found = |b: &&KernelBench| b.group == group && b.parameter == parameter;
        self.benches.iter().find(found).map(|b| b.ns)
    }
}

/// Speed of the search as a share of that of its arithmetic alone: the median of the rounds.
pub fn share_of(rounds: &[(f64, f64)]) -> f64 {
    super::measure::median(rounds.iter().map(|(alone, search)| alone / search))
}

/// One bench.
#[derive(Serialize, Deserialize)]
pub struct KernelBench {
    /// What was searched.
    pub group: String,
    /// A radius in cells, or a word.
    pub parameter: String,
    /// ns per cell and direction.
    pub ns: f64,
}

/// One run over a raster of billions of cells.
#[derive(Serialize, Deserialize)]
pub struct City {
    /// Rows.
    pub rows: u64,
    /// Columns.
    pub cols: u64,
    /// Directions.
    pub directions: u32,
    /// `--max-memory`.
    pub max_memory: String,
    /// Cores it ran on.
    pub cores: u64,
    /// The run.
    pub run: Timing,
    /// Seconds in which it was reading, computing and writing; they overlap.
    pub busy_s: (f64, f64, f64),
    /// Bytes of the result.
    pub bytes: u64,
}

/// What an earlier run left in `folder`.
///
/// # Errors
/// A file that is of another layout, machine or terrain.
pub fn load(folder: &Path, here: &Machine, terrain: &str) -> Result<Option<Parts>> {
    let file = folder.join("results.json");
    if !file.is_file() {
        return Ok(None);
    }
    let text = std::fs::read_to_string(&file)?;
    let found: Results = serde_json::from_str(&text)
        .with_context(|| format!("{} is of another layout", file.display()))?;
    if (&found.machine.cpu, found.machine.cores) != (&here.cpu, here.cores) {
        bail!("{} was measured on another machine", file.display());
    }
    if found.terrain != terrain {
        bail!("{} was measured on {}", file.display(), found.terrain);
    }
    Ok(Some(found.parts))
}
