//! The Python of other programs: an environment under `target/`, made when first
//! needed, and the packages that go into it.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::machine::first_line;

/// The Python of the environment, made with the one asked for or the newest on
/// the path.
pub fn environment(wanted: Option<&str>) -> Result<PathBuf> {
    let folder = PathBuf::from("target/bench-venv");
    let python = folder.join("bin/python");
    if !runs(Command::new(&python).args(["-c", "import numpy, scipy, rasterio"])) {
        let newest = wanted
            .into_iter()
            .chain(["python3.13", "python3.12", "python3.11", "python3"])
            .find(|name| runs(Command::new(name).args(["-c", "import venv, ensurepip"])))
            .context("no Python with venv")?;
        println!("== making an environment with {newest}");
        let made = runs(Command::new(newest).args(["-m", "venv", "--clear"]).arg(&folder));
        ensure!(made, "{newest} cannot make an environment");
        pip(&python, &["numpy", "scipy", "rasterio"])?;
    }
    // Absolute but not resolved: a resolved link would leave the environment.
    Ok(std::path::absolute(python)?)
}

/// Installs a package unless it is there; its version.
pub fn install(python: &PathBuf, package: &str) -> Result<String> {
    let version = || {
        let code = format!("import importlib.metadata as m; print(m.version('{package}'))");
        first_line(Command::new(python).args(["-c", &code]).stderr(Stdio::null()))
    };
    if version().is_empty() {
        println!("== installing {package}");
        match package {
            // These ask for far more than their maths need.
            "rvt-py" => pip(python, &["--no-deps", package])?,
            "umep" => {
                pip(python, &["tqdm"])?;
                pip(python, &["--no-deps", package])?;
            }
            // Its source package does not say what it is built with.
            "topocalc" => {
                pip(python, &["setuptools", "setuptools_scm", "wheel", "Cython"])?;
                pip(python, &["--no-build-isolation", package])?;
            }
            _ => pip(python, &[package])?,
        }
    }
    let version = version();
    ensure!(!version.is_empty(), "pip installed no {package}");
    Ok(version)
}

fn pip(python: &PathBuf, words: &[&str]) -> Result<()> {
    let mut command = Command::new(python);
    command.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(words);
    ensure!(runs(&mut command), "pip cannot install {} for this Python", words.join(" "));
    Ok(())
}

/// Whether a command ends well; what it says is dropped.
pub fn runs(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
}
