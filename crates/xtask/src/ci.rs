//! Everything that has to hold before a change lands.

use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

/// Runs all checks, cheapest first.
pub fn run() -> Result<()> {
    step("cargo fmt --all --check")?;
    invariants()?;
    step("cargo clippy --workspace --all-targets --locked -- -D warnings")?;
    step_with(
        "cargo doc --workspace --no-deps --locked --quiet",
        &[("RUSTDOCFLAGS", "-D warnings")],
    )?;
    // The other crates ask for rayon.
    step("cargo check --package svf-kernel --locked")?;
    step("cargo test --workspace --locked")?;
    step("bash packaging/python.sh")?;
    crate::plugin::test()
}

fn step(line: &str) -> Result<()> {
    step_with(line, &[])
}

fn step_with(line: &str, variables: &[(&str, &str)]) -> Result<()> {
    println!("== {line}");
    let begun = Instant::now();
    let mut words = line.split(' ');
    let status = Command::new(words.next().unwrap_or_default())
        .args(words)
        .envs(variables.iter().copied())
        .status()
        .with_context(|| format!("cannot run {line}"))?;
    ensure!(status.success(), "failed: {line}");
    println!("== {:.0} s", begun.elapsed().as_secs_f64());
    Ok(())
}

/// What the architecture promises and a compiler does not check: who depends on GDAL.
fn invariants() -> Result<()> {
    println!("== invariants");
    for package in ["svf-kernel", "svf-job"] {
        let tree = Command::new("cargo")
            .args(["tree", "--locked", "--edges", "normal", "--prefix", "none"])
            .args(["--package", package])
            .output()
            .context("cannot run cargo tree")?;
        ensure!(tree.status.success(), "cargo tree failed for {package}");
        let tree = String::from_utf8_lossy(&tree.stdout).into_owned();
        let names = tree.lines().filter_map(|line| line.split(' ').next());
        if let Some(foreign) = names.into_iter().find(|name| name.starts_with("gdal")) {
            bail!("{package} depends on {foreign}");
        }
    }
    for entry in std::fs::read_dir("crates")? {
        crate::circles::check(&entry?.path().join("src"))?;
    }
    Ok(())
}
