//! Other programs: which are here, how to install those that are cheap to
//! install, and the command that makes each do the same work.
//!
//! Python programs go into an environment under `target/`; a program that cannot
//! be had is skipped, and the page says so.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::measure::{Timing, pinned, timed};
use super::results::Skipped;
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
    /// Whether one run has to do: its time is far beyond ours, however it varies.
    pub once: bool,
    /// Whether it writes a sky view factor, whose mean can be shown.
    pub is_svf: bool,
    kind: Kind,
}

enum Kind {
    Saga,
    /// A driver script: `script words input output directions radius_px`.
    Python {
        python: PathBuf,
        script: PathBuf,
        words: &'static [&'static str],
    },
}

/// A program that a Python script runs.
struct Scripted {
    name: &'static str,
    /// In the folder of drivers.
    script: &'static str,
    /// What it is, for its version.
    package: &'static str,
    side_px: u64,
    once: bool,
    /// What the driver calls.
    call: &'static str,
}

const SCRIPTED: [Scripted; 5] = [
    Scripted {
        name: "RVT",
        script: "rvt_svf.py",
        package: "rvt-py",
        side_px: 4096,
        once: false,
        call: "rvt.vis.sky_view_factor, svf_noise 0, {n} directions, {r} cells",
    },
    Scripted {
        name: "Whitebox Workflows",
        script: "whitebox_svf.py",
        package: "whitebox-workflows",
        side_px: 1000,
        once: false,
        call: "sky_view_factor, {n} directions, {r} cells",
    },
    Scripted {
        name: "xarray-spatial",
        script: "xrspatial_svf.py",
        package: "xarray-spatial",
        side_px: 1000,
        once: false,
        call: "sky_view_factor (numba), {n} directions, {r} cells",
    },
    Scripted {
        name: "topocalc",
        script: "topocalc_svf.py",
        package: "topocalc",
        side_px: 1000,
        once: true,
        call: "viewf, {n} directions, as far as the raster goes",
    },
    Scripted {
        name: "numpy and scipy",
        script: "seed_numpy.py",
        package: "scipy",
        side_px: 500,
        once: true,
        call: "map_coordinates and running maxima, {n} directions, {r} cells",
    },
];
const SAGA_SIDE_PX: u64 = 1000;
const GRASS_SIDE_PX: u64 = 500;
/// What runs GRASS, and others for `cargo xtask agree`.
const GRASS_DRIVER: &str = include_str!("../agree/peers.py");

/// Finds the peers, and says which are not there.
pub fn find(
    work: &Path,
    drivers: &Path,
    python: Option<&str>,
    extent: &Extent,
) -> (Vec<Peer>, Vec<Skipped>) {
    let (mut found, mut skipped) = (Vec::new(), Vec::new());
    let skip = |name: &str, why: String| Skipped { name: name.into(), why };
    let version = first_line(Command::new("saga_cmd").arg("--version"));
    if version.is_empty() {
        skipped.push(skip("SAGA", "saga_cmd is not installed".into()));
    } else {
        found.push(Peer {
            name: "SAGA",
            version: version.trim_start_matches("SAGA Version:").trim().to_owned(),
            settings: format!(
                "saga_cmd -c=1 ta_lighting 3 -RADIUS {RADIUS_PX} -NDIRS {DIRECTIONS} -METHOD 0"
            ),
            side_px: SAGA_SIDE_PX / extent.peer_cut,
            once: false,
            is_svf: true,
            kind: Kind::Saga,
        });
    }
    let python = environment(python).map_err(|e| format!("{e:#}"));
    for peer in &SCRIPTED {
        let found_or_why = python.clone().and_then(|python| {
            let script = std::fs::canonicalize(drivers.join(peer.script))
                .map_err(|_| "its driver script is not there (--peers)".to_owned())?;
            let version = install(&python, peer.package).map_err(|e| format!("{e:#}"))?;
            Ok((python, script, version))
        });
        match found_or_why {
            Err(why) => skipped.push(skip(peer.name, why)),
            Ok((python, script, version)) => found.push(Peer {
                name: peer.name,
                version,
                settings: settings(peer.call),
                side_px: peer.side_px / extent.peer_cut,
                once: peer.once,
                is_svf: true,
                kind: Kind::Python { python, script, words: &[] },
            }),
        }
    }
    match grass(work, python) {
        Err(why) => skipped.push(skip("GRASS r.horizon", why)),
        Ok((version, kind)) => found.push(Peer {
            name: "GRASS r.horizon",
            version,
            settings: settings(
                "r.horizon, {n} maps of horizon angles, {r} cells, which are not summed up yet; \
                 with import and export",
            ),
            side_px: GRASS_SIDE_PX / extent.peer_cut,
            once: true,
            is_svf: false,
            kind,
        }),
    }
    (found, skipped)
}

fn settings(call: &str) -> String {
    call.replace("{n}", &DIRECTIONS.to_string()).replace("{r}", &RADIUS_PX.to_string())
}

/// GRASS: its version and how to run it, or why not.
fn grass(work: &Path, python: Result<PathBuf, String>) -> Result<(String, Kind), String> {
    // It says so on standard error.
    let said = Command::new("grass").arg("--version").output();
    let said = said.map_err(|_| "grass is not installed".to_owned())?.stderr;
    let said = String::from_utf8_lossy(&said);
    let version = said.lines().find_map(|line| line.strip_prefix("GRASS GIS"));
    let version = version.ok_or("grass does not tell its version")?.trim().to_owned();
    let script = work.join("grass.py");
    std::fs::write(&script, GRASS_DRIVER).map_err(|e| e.to_string())?;
    let script = std::path::absolute(script).map_err(|e| e.to_string())?;
    Ok((version, Kind::Python { python: python?, script, words: &["grass"] }))
}

impl Peer {
    /// Runs it on a raster; the time and the raster it wrote.
    pub fn run(&self, input: &Path, work: &Path) -> Result<(Timing, PathBuf)> {
        let (command, output) = match &self.kind {
            Kind::Saga => self.saga(input, work)?,
            Kind::Python { python, script, words } => {
                let output = std::path::absolute(work.join("peer.tif"))?;
                let mut command = pinned(PINNED_CORE, python);
                command.arg(script).args(*words).arg(std::path::absolute(input)?).arg(&output);
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
