//! Everything that has to hold before a change lands.

use std::process::Command;

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
    step("cargo test --workspace --locked")?;
    step("cargo test --package svf-kernel --features rayon --locked --lib whole")?;
    crate::plugin::test()
}

fn step(line: &str) -> Result<()> {
    step_with(line, &[])
}

fn step_with(line: &str, variables: &[(&str, &str)]) -> Result<()> {
    println!("== {line}");
    let mut words = line.split(' ');
    let status = Command::new(words.next().unwrap_or_default())
        .args(words)
        .envs(variables.iter().copied())
        .status()
        .with_context(|| format!("cannot run {line}"))?;
    ensure!(status.success(), "failed: {line}");
    Ok(())
}

/// What the architecture promises and a compiler does not check: who depends on
/// GDAL, and who contains `unsafe`.
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
    let kernel = [
        "simd.rs",
        "horizon.rs",
        "nearest.rs",
        "sheared_block.rs",
        "far.rs",
        "canopy.rs",
        "plain.rs",
        "strip_scratch.rs",
        "kernel.rs",
    ];
    for (folder, allowed) in [
        ("crates/svf-kernel/src", &kernel[..]),
        ("crates/svf-job/src", &[]),
        ("crates/svf/src", &[]),
        ("crates/svf-cli/src", &[]),
    ] {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let text = if path.is_file() { std::fs::read_to_string(&path)? } else { String::new() };
            let unsafe_code = text.lines().any(|l| {
                let code = l.split("//").next().unwrap_or_default();
                code.contains("unsafe {")
                    || code.contains("unsafe fn")
                    || code.contains("unsafe impl")
            });
            ensure!(
                !unsafe_code || allowed.contains(&name.as_str()),
                "{} contains unsafe code",
                path.display()
            );
        }
    }
    Ok(())
}
