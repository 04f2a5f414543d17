//! Other programs on degrees and canopies: each once, on the grid that ours gets, at its full size. On a
//! small cut, many of their sight lines would leave the raster early.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, ensure};

use super::measure::{self, Runs, timed_with_output};
use super::results::Work;
use super::{Bench, DIRECTIONS, PINNED_CORE, RADIUS_PX, search};
use crate::agree::DRIVER;
use crate::python::{environment, install, runs};

/// Directions with crowns, where other programs look at 153 patches of sky.
const CROWN_DIRECTIONS: u32 = 64;

/// A program that the driver knows.
struct Other {
    /// What the driver calls it.
    driver: &'static str,
    /// Its name.
    name: &'static str,
    /// Its package for Python, if it is one.
    package: Option<&'static str>,
    /// What it does that ours does not.
    what: &'static str,
}

const WITH_CROWNS: [Other; 2] = [
    Other {
        driver: "solweig",
        name: "solweig",
        package: Some("solweig"),
        what: "153 patches of sky",
    },
    Other {
        driver: "umep",
        name: "UMEP",
        package: Some("umep"),
        what: "153 patches of sky, as far as the raster goes",
    },
];
const IN_DEGREES: [Other; 2] = [
    Other {
        driver: "grass-degrees",
        name: "GRASS r.horizon",
        package: None,
        what: "16 maps of horizon angles",
    },
    Other {
        driver: "xrspatial",
        name: "xarray-spatial",
        package: Some("xarray-spatial"),
        what: "one cell size for all rows",
    },
];

impl Bench {
    /// Ours as often as there are rounds, and then each of the others.
    pub(super) fn others(&self, python: Option<&str>) -> Result<Vec<Work>> {
        let side = self.extent.others_side_px;
        let (plain, degrees) = (self.terrain(side)?, self.moved(side, true)?);
        let canopy = self.canopy(side, 0.2)?;
        let with = ["--canopy".to_owned(), canopy.display().to_string()];
        let with_crowns = [&search(CROWN_DIRECTIONS, RADIUS_PX)[..], &with].concat();
        let name = format!(
            "radius {RADIUS_PX}, crowns on a fifth of the cells, {CROWN_DIRECTIONS} directions"
        );
        let name_in_degrees = format!("radius {RADIUS_PX}, cells in degrees at 47 N");
        let alone = search(DIRECTIONS, RADIUS_PX);
        let mut works = Vec::new();
        for (name, options, inputs, others) in [
            (name_in_degrees, alone, vec![degrees], IN_DEGREES),
            (name, with_crowns, vec![plain, canopy], WITH_CROWNS),
        ] {
            let mut ours = Work { name, side_px: side, base: None, runs: Runs::default() };
            for round in 0..self.extent.rounds {
                println!("== round {}: {}", round + 1, ours.name);
                ours.runs.push(self.ours(&inputs[0], PINNED_CORE, &options)?);
            }
            let base = works.len();
            works.push(ours);
            for other in others {
                match self.other(&other, python, &inputs) {
                    Ok((name, timing)) => {
                        let mut runs = Runs::default();
                        runs.push(timing);
                        works.push(Work { name, side_px: side, base: Some(base), runs });
                    }
                    // A program that cannot be had, or fails, has no row.
                    Err(error) => println!("== without {}: {error:#}", other.name),
                }
            }
        }
        Ok(works)
    }

    /// Runs another program on a raster and, if there is one, its canopy; says which it was.
    fn other(
        &self,
        other: &Other,
        python: Option<&str>,
        inputs: &[PathBuf],
    ) -> Result<(String, measure::Timing)> {
        let python = environment(python)?;
        match other.package {
            Some(package) => drop(install(&python, package)?),
            None => {
                ensure!(runs(Command::new("grass").arg("--version")), "grass is not installed");
            }
        }
        let driver = std::path::absolute(self.work.join("driver.py"))?;
        std::fs::write(&driver, DRIVER)?;
        println!("== {}", other.name);
        let mut command = measure::pinned(PINNED_CORE, &python);
        command.arg(driver).arg(other.driver);
        command.arg(std::path::absolute(&inputs[0])?);
        command.arg(std::path::absolute(self.work.join("other.tif"))?);
        command.args([DIRECTIONS.to_string(), RADIUS_PX.to_string()]);
        if let Some(canopy) = inputs.get(1) {
            // As ours: bottoms at a quarter of the height, 3 % of the light.
            command.arg(std::path::absolute(canopy)?).args(["0.25", "0.03"]);
        }
        // Its last word is the version of what it ran.
        let (timing, said) = timed_with_output(command)?;
        let version = said.lines().last().unwrap_or_default().trim();
        Ok((format!("{} {version}: {}", other.name, other.what), timing))
    }
}
