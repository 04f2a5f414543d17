//! One process at a time: wall clock, CPU time and peak memory of a pinned run,
//! as GNU time sees them.

use std::ffi::OsStr;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};

/// What one run took.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Timing {
    /// Seconds from start to end.
    pub wall_s: f64,
    /// Seconds of CPU, user and system, all threads.
    pub cpu_s: f64,
    /// Largest resident memory.
    pub peak_bytes: u64,
}

/// Runs of the same thing.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Runs(Vec<Timing>);

impl Runs {
    /// Adds a run.
    pub fn push(&mut self, timing: Timing) {
        self.0.push(timing);
    }

    /// The runs in order.
    pub fn all(&self) -> &[Timing] {
        &self.0
    }

    /// Median wall seconds.
    pub fn wall_s(&self) -> f64 {
        median(self.0.iter().map(|t| t.wall_s))
    }

    /// Median CPU seconds.
    pub fn cpu_s(&self) -> f64 {
        median(self.0.iter().map(|t| t.cpu_s))
    }

    /// Smallest and largest wall seconds.
    pub fn spread_s(&self) -> (f64, f64) {
        let walls = || self.0.iter().map(|t| t.wall_s);
        (walls().fold(f64::INFINITY, f64::min), walls().fold(0.0, f64::max))
    }

    /// Largest peak of all runs.
    pub fn peak_bytes(&self) -> u64 {
        self.0.iter().map(|t| t.peak_bytes).max().unwrap_or(0)
    }
}

/// The middle of some numbers; NaN where there are none.
pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => values[n / 2],
        n => (values[n / 2 - 1] + values[n / 2]) / 2.0,
    }
}

/// A command on the given cores; libraries that start threads of their own are told to use one each.
pub fn pinned(cores: &str, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("/usr/bin/time");
    command.args(["-f", MARK_FORMAT, "taskset", "-c", cores]).arg(program);
    for variable in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"] {
        command.env(variable, "1");
    }
    command
}

/// How GNU time's line is told from the program's own.
const MARK: &str = "svf-bench-time";
const MARK_FORMAT: &str = "svf-bench-time %U %S %M";

/// Runs a command made by [`pinned`] to its end.
pub fn timed(command: Command) -> Result<Timing> {
    timed_with_output(command).map(|(timing, _)| timing)
}

/// The same, and what it wrote to standard output.
pub fn timed_with_output(mut command: Command) -> Result<(Timing, String)> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let started = Instant::now();
    let output = command.output().context("cannot run /usr/bin/time")?;
    let wall_s = started.elapsed().as_secs_f64();
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        let last: Vec<&str> = said.lines().filter(|line| !line.contains(MARK)).collect();
        bail!("a run failed: {}", last.last().unwrap_or(&"no reason given"));
    }
    let line = said.lines().rev().find(|line| line.starts_with(MARK));
    let numbers: Vec<f64> = line
        .context("no line from GNU time")?
        .split_whitespace()
        .skip(1)
        .map(|word| word.parse().context("GNU time prints no number"))
        .collect::<Result<_>>()?;
    ensure!(numbers.len() == 3, "GNU time prints other numbers than asked for");
    let peak_bytes = (numbers[2] * 1024.0) as u64;
    let timing = Timing { wall_s, cpu_s: numbers[0] + numbers[1], peak_bytes };
    Ok((timing, String::from_utf8_lossy(&output.stdout).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), 2.0);
        assert_eq!(median([4.0, 1.0].into_iter()), 2.5);
    }
}
