//! Other programs: which are here, how to install those that are cheap to
//! install, and the command that makes each do the same work.
//!
//! Python programs go into an environment under `target/`; a program that cannot
//! be had is skipped, and the page says so.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::measure::{Timing, pinned, timed};
use super::{DIRECTIONS, Extent, PINNED_CORE, RADIUS_PX};
use crate::machine::first_line;
use crate::python::{environment, install, runs};

/// A program to compare with.
pub struct Peer {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: String,
    /// How it is run, for the page.
    pub settings: String,
    /// Side of the raster it gets: slow ones get a cut.
    pub side_px: u64,
    kind: Kind,
}

enum Kind {
    Saga,
    /// A driver script: `script input output directions radius_px`.
    Python {
        python: PathBuf,
        script: PathBuf,
    },
}

/// Python peers: name, driver, packages, side of the raster, what the driver calls.
const PYTHON: [(&str, &str, &str, u64, &str); 3] = [
    ("RVT", "rvt_svf.py", "rvt-py", 4000, "rvt.vis.sky_view_factor, svf_noise 0"),
    ("Whitebox Workflows", "whitebox_svf.py", "whitebox-workflows", 1000, "sky_view_factor"),
    ("xarray-spatial", "xrspatial_svf.py", "xarray-spatial", 1000, "sky_view_factor (numba)"),
];
const SAGA_SIDE_PX: u64 = 1000;

/// A program that could not be had.
pub struct Skipped {
    /// Its name.
    pub name: &'static str,
    /// Why.
    pub why: String,
}

/// Finds the peers, and says which are not there.
pub fn find(drivers: &Path, python: Option<&str>, extent: &Extent) -> (Vec<Peer>, Vec<Skipped>) {
    let (mut found, mut skipped) = (Vec::new(), Vec::new());
    let version = first_line(Command::new("saga_cmd").arg("--version"));
    if version.is_empty() {
        skipped.push(Skipped { name: "SAGA", why: "saga_cmd is not installed".into() });
    } else {
        found.push(Peer {
            name: "SAGA",
            version: version.trim_start_matches("SAGA Version:").trim().to_owned(),
            settings: format!(
                "saga_cmd -c=1 ta_lighting 3 -RADIUS {RADIUS_PX} -NDIRS {DIRECTIONS} -METHOD 0"
            ),
            side_px: SAGA_SIDE_PX / extent.peer_cut,
            kind: Kind::Saga,
        });
    }
    let python = environment(python);
    for (name, script, package, side_px, call) in PYTHON {
        let found_or_why = python.as_ref().map_err(|e| format!("{e:#}")).and_then(|python| {
            let script = drivers.join(script);
            let script = std::fs::canonicalize(&script)
                .map_err(|_| "its driver script is not there (--peers)".to_owned())?;
            let version = install(python, package).map_err(|e| format!("{e:#}"))?;
            Ok((python.clone(), script, version))
        });
        match found_or_why {
            Err(why) => skipped.push(Skipped { name, why }),
            Ok((python, script, version)) => found.push(Peer {
                name,
                version,
                settings: format!("{call}, {DIRECTIONS} directions, {RADIUS_PX} cells"),
                side_px: side_px / extent.peer_cut,
                kind: Kind::Python { python, script },
            }),
        }
    }
    (found, skipped)
}

impl Peer {
    /// Runs it on a raster; the time and the raster it wrote.
    pub fn run(&self, input: &Path, work: &Path) -> Result<(Timing, PathBuf)> {
        let (command, output) = match &self.kind {
            Kind::Saga => self.saga(input, work)?,
            Kind::Python { python, script } => {
                let output = std::path::absolute(work.join("peer.tif"))?;
                let mut command = pinned(PINNED_CORE, python);
                command.arg(script).arg(std::path::absolute(input)?).arg(&output);
                command.args([DIRECTIONS.to_string(), RADIUS_PX.to_string()]);
                (command, output)
            }
        };
        let timing = timed(command).with_context(|| self.name)?;
        Ok((timing, output))
    }

    /// SAGA on its own format, converted beforehand and not counted.
    fn saga(&self, input: &Path, work: &Path) -> Result<(Command, PathBuf)> {
        let own = work.join(format!("saga_{}.sdat", super::stem(input)));
        if !own.is_file() {
            let converted = runs(
                Command::new("gdal_translate")
                    .args(["-q", "-of", "SAGA", "-ot", "Float32"])
                    .args([input, &own]),
            );
            ensure!(converted, "gdal_translate cannot write SAGA's format");
        }
        let mut command = pinned(PINNED_CORE, "saga_cmd");
        command.args(["-f=q", "-c=1", "ta_lighting", "3", "-DEM"]);
        command.arg(own.with_extension("sgrd"));
        command.arg("-VISIBLE").arg(work.join("saga_visible.sgrd"));
        command.arg("-SVF").arg(work.join("saga_svf.sgrd"));
        // The terrain's cells are 1 m.
        command.args(["-RADIUS", &RADIUS_PX.to_string(), "-NDIRS", &DIRECTIONS.to_string()]);
        command.args(["-METHOD", "0"]);
        Ok((command, work.join("saga_svf.sdat")))
    }
}
