//! Chores of the QGIS plugin, which is Python: its zip and its tests.
//!
//! Everything runs on the system's Python, the one that QGIS brings its modules to.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// The Python of the system: another one on the path would not have the modules of QGIS.
const PYTHON: &str = "/usr/bin/python3";

/// `cargo xtask plugin-zip`: what is uploaded to the plugin repository.
pub fn zip(out: Option<PathBuf>) -> Result<()> {
    let default = || {
        target_dir().map(|dir| dir.join(concat!("svf_tools-", env!("CARGO_PKG_VERSION"), ".zip")))
    };
    let out = out.map_or_else(default, Ok)?;
    let python = if Path::new(PYTHON).exists() { PYTHON } else { "python3" };
    run(Command::new(python).arg("qgis-plugin/tools/package.py").arg(out))
}

/// The tests of the plugin in files of some names, in real QGIS without a display, over the programs just
/// built.
pub fn tests(pattern: &str) -> Result<Command> {
    let target = target_dir()?;
    // The folder that `packaging/deps.sh --tests` makes.
    let gate = target.join("plugin-gate/bin");
    let prepared = Path::new(PYTHON).exists() && gate.join("bandit").exists();
    ensure!(prepared, "QGIS or the plugin's gate is missing: run bash packaging/test.sh");
    let mut command = Command::new(PYTHON);
    command
        .args(["-W", "ignore", "-m", "unittest", "discover", "--start-directory"])
        .args(["qgis-plugin/tests", "--pattern", pattern])
        .env("QT_QPA_PLATFORM", "offscreen")
        .env("SVF_BIN_DIR", bin_dir()?)
        .env("SVF_GATE_DIR", gate);
    Ok(command)
}

/// A command as one would type it.
pub fn line_of(command: &Command) -> String {
    let words: Vec<_> = std::iter::once(command.get_program()).chain(command.get_args()).collect();
    words.join(OsStr::new(" ")).to_string_lossy().into_owned()
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Result<()> {
    let line = line_of(command);
    println!("== {line}");
    let status = command.status().with_context(|| format!("cannot run {line}"))?;
    ensure!(status.success(), "failed: {line}");
    Ok(())
}

/// Where this program and those under test are.
fn bin_dir() -> Result<PathBuf> {
    let exe = std::env::current_exe()?;
    Ok(exe.parent().context("the program is in no folder")?.to_owned())
}

/// The target folder that this program was built in.
pub fn target_dir() -> Result<PathBuf> {
    Ok(bin_dir()?.parent().context("the programs are in no target folder")?.to_owned())
}
