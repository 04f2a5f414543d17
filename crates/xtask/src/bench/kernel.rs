//! The kernel's own benches (`cargo bench -p svf-kernel`), read from what
//! criterion leaves behind.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use svf_kernel::simd::SimdLevel;

use super::results::{KernelBench, KernelTimes};
use super::{Extent, PINNED_CORE, RADIUS_PX};

/// Runs all benches, then the search and its arithmetic alone in turns.
pub fn run(work: &Path, extent: &Extent) -> Result<KernelTimes> {
    let bench = ["bench", "--locked", "-p", "svf-kernel", "--bench", "search"];
    // Built before it is pinned.
    let built = Command::new("cargo").args(bench).arg("--no-run").status()?;
    ensure!(built.success(), "the benches cannot be built");
    let folder = std::path::absolute(work.join("criterion"))?;
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    let best = SimdLevel::detect();
    let measure = |filter: &str, level: SimdLevel| -> Result<()> {
        let done = Command::new("taskset")
            .args(["-c", PINNED_CORE, "cargo"])
            .args(bench)
            .arg("--")
            .args(extent.kernel_options)
            .arg(filter)
            .env("CRITERION_HOME", &folder)
            .env("SVF_SIMD", level.name())
            .status()
            .context("cannot run taskset")?;
        ensure!(done.success(), "the benches failed");
        Ok(())
    };
    measure(extent.kernel_filter, best)?;
    let mut benches = Vec::new();
    for group in folders(&folder)? {
        for parameter in folders(&group)? {
            if let Some(bench) = read(&parameter)? {
                benches.push(bench);
            }
        }
    }
    let number = |b: &KernelBench| b.parameter.parse().unwrap_or(0_u32);
    benches.sort_by(|a, b| (&a.group, number(a)).cmp(&(&b.group, number(b))));
    let radius = RADIUS_PX.to_string();
    let ns = |group: &str, parameter: &str| -> Result<f64> {
        let bench = read(&folder.join(group).join(parameter))?;
        Ok(bench.context("criterion left no result")?.ns)
    };
    let is_other = |level: &SimdLevel| *level != best && level.is_supported();
    let is_other = |level: &SimdLevel| is_other(level) && *level != SimdLevel::Portable;
    let others = SimdLevel::ALL.into_iter().filter(is_other);
    let mut others: Vec<(SimdLevel, Vec<_>)> = others.map(|level| (level, Vec::new())).collect();
    let mut rounds = Vec::new();
    let mut measures = Vec::new();
    for _ in 0..extent.series_rounds {
        measure(&format!("^((arithmetic|plain)/{radius}|measures/.*)$"), best)?;
        rounds.push((ns("arithmetic", &radius)?, ns("plain", &radius)?));
        let [one, six, of_two] =
            ["one", "six", "six-of-two"].map(|parameter| ns("measures", parameter));
        measures.push((one?, six?, of_two?));
        for (level, rounds) in &mut others {
            measure(&format!("^(arithmetic|plain)/{radius}$"), *level)?;
            rounds.push((ns("arithmetic", &radius)?, ns("plain", &radius)?));
        }
    }
    let others = others.into_iter().map(|(level, rounds)| (level.to_string(), rounds)).collect();
    let times = KernelTimes { level: best.to_string(), benches, rounds, others, measures };
    println!(
        "== the search at {radius} cells does {:.2} of its arithmetic alone ({})",
        times.share(),
        times.level
    );
    Ok(times)
}

/// Folders in a folder.
fn folders(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The latest result of a bench; none where the folder is something else.
fn read(folder: &Path) -> Result<Option<KernelBench>> {
    let latest = folder.join("new");
    if !latest.join("benchmark.json").is_file() {
        return Ok(None);
    }
    let json = |name: &str| -> Result<Value> {
        Ok(serde_json::from_str(&std::fs::read_to_string(latest.join(name))?)?)
    };
    let (about, times) = (json("benchmark.json")?, json("estimates.json")?);
    let elements = about["throughput"]["Elements"].as_f64().context("a bench without elements")?;
    let ns = times["median"]["point_estimate"].as_f64().context("a bench without a median")?;
    let text = |key: &str| about[key].as_str().unwrap_or_default().to_owned();
    Ok(Some(KernelBench {
        group: text("group_id"),
        parameter: text("value_str"),
        ns: ns / elements,
    }))
}
