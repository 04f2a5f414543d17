//! `cargo xtask agree`: our measures beside other programs' on the same heights
//! with the same settings, and how far apart they are.
//!
//! rasters -> every program once (`agree/peers.py`) -> ours once for each case ->
//! differences away from the edges -> `docs/benchmarks/agreement.md`.
//!
//! Invariant: the limits of the cases on ground hold, or the run fails after the
//! page is written. No path or name of the machine enters the page.

mod report;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use ndarray::{Array2, s};
use svf_raster::{OpenOptions, Session, open_raster};

use crate::bench::prepare_tool;
use crate::machine::first_line;
use crate::python::{environment, install, runs};

/// Settings of every comparison but the ones a case names itself.
const DIRECTIONS: u32 = 16;
const RADIUS_PX: u32 = 50;
/// Side of the synthetic city.
const CITY_PX: usize = 600;
/// Vegetation of the comparison: trunk ratio and transmissivity.
const TRUNK_RATIO: &str = "0.25";
const TRANSMISSIVITY: &str = "0.03";
/// What runs the other programs.
pub(crate) const DRIVER: &str = include_str!("agree/peers.py");

/// Another program.
struct Program {
    /// The driver's word for it.
    word: &'static str,
    name: &'static str,
    /// The command that has to be installed, or the Python package that can be.
    from: From,
}

enum From {
    Command(&'static str),
    Package(&'static str),
}

const PROGRAMS: [Program; 8] = [
    Program { word: "saga", name: "SAGA", from: From::Command("saga_cmd") },
    Program { word: "topocalc", name: "topocalc", from: From::Package("topocalc") },
    Program { word: "xrspatial", name: "xarray-spatial", from: From::Package("xarray-spatial") },
    Program { word: "whitebox", name: "Whitebox", from: From::Package("whitebox-workflows") },
    Program { word: "rvt", name: "RVT", from: From::Package("rvt-py") },
    Program { word: "solweig", name: "solweig", from: From::Package("solweig") },
    Program { word: "umep", name: "UMEP", from: From::Package("umep") },
    Program { word: "grass", name: "GRASS", from: From::Command("grass") },
];

/// One of our measures beside one result of a program.
struct Case {
    /// Options of svf_compute that matter, `--measure` first.
    options: &'static str,
    program: &'static str,
    /// The program's result; `*` compares all of its bands with all of ours.
    result: &'static str,
    /// What makes the result ours in unit.
    scale: f64,
    /// The largest RMSE allowed on ground.
    limit: Option<f64>,
    /// Directions of both, where not the usual.
    directions: u32,
    /// The program has no radius: ours looks as far as the raster goes.
    unbounded: bool,
    /// With vegetation: only on rasters that have some.
    canopy: bool,
    /// What makes the difference that is left.
    cause: &'static str,
}

/// A case as most are.
const fn case(
    options: &'static str,
    program: &'static str,
    result: &'static str,
    limit: Option<f64>,
    cause: &'static str,
) -> Case {
    let (scale, directions, unbounded, canopy) = (1.0, DIRECTIONS, false, false);
    Case { options, program, result, scale, limit, directions, unbounded, canopy, cause }
}

/// Openness is of 0 to 180 degrees: the limits are shares of that.
const OPENNESS_DEG: f64 = 180.0;

const THIRDS: &str =
    "RVT takes a sample every third of a cell, so it meets more cells on oblique sight lines";
const PATCHES: &str = "UMEP and solweig divide the sky into 153 patches in bands of 12 degrees of height; each patch is open or closed as a whole";
const HALVES: &str = "The half skies of solweig begin and end with whole patches. Its values were divided by its values on flat ground: 0.976, 1.000, 0.948 and 0.924 for north, east, south and west";
const CROWNS: &str = "Patches of the sky, as without vegetation. The edge of a crown is different, too: in UMEP and solweig a crown is a block as wide as a cell; here its top slopes to the ground within the last cell. Only here, the crown above the receiver counts";
const TILTED: &str = "SAGA takes the nearest cell, but with the distance of the point on the ray; its horizon can be lower than the plane of the receiver";

/// What is compared on ground and on cities.
const CASES: [Case; 28] = [
    Case {
        scale: 0.01,
        ..case(
            "--measure visible-sky --sampling divided --divisions 50",
            "saga",
            "visible",
            Some(0.001),
            "In one direction of sixteen (292.5 degrees), rounding lets SAGA take one sample beyond the radius",
        )
    },
    case("--measure svf-slope", "saga", "svf", Some(0.01), TILTED),
    case(
        "--measure svf-slope --sampling divided --divisions 50",
        "saga",
        "svf",
        None,
        "The sampling is the same; the difference that is left is SAGA's horizon, which can be lower than the plane of the receiver",
    ),
    case("--measure terrain-view", "saga", "terrain", None, TILTED),
    Case {
        unbounded: true,
        ..case(
            "--measure svf-slope",
            "topocalc",
            "svf",
            Some(0.01),
            "topocalc shifts whole rows to the nearest cell, computes slopes from 3 x 3 cells, and uses 0 for directions whose part is negative, where svf_compute raises the horizon to the plane of the receiver",
        )
    },
    case(
        "--measure svf --sampling nearest",
        "xrspatial",
        "svf",
        Some(0.005),
        "xarray-spatial goes in steps of one cell along the ray, svf_compute from row to row or column to column",
    ),
    case("--measure svf --sampling nearest", "rvt", "svf", Some(0.008), THIRDS),
    Case {
        directions: 8,
        ..case(
            "--measure svf --sampling nearest",
            "rvt",
            "svf",
            None,
            "With eight directions, both meet the same cells: there is no difference",
        )
    },
    case(
        "--measure svf --curvature --refraction 0",
        "whitebox",
        "svf",
        Some(0.004),
        "Whitebox takes samples at rows and at columns, svf_compute only along the axis that the line follows more; Whitebox stops a ray above 80 degrees",
    ),
    case(
        "--measure openness-positive --sampling divided --divisions 50",
        "saga",
        "openness-positive",
        None,
        "SAGA takes one sample beyond the radius in every direction",
    ),
    case(
        "--measure openness-negative --sampling divided --divisions 50",
        "saga",
        "openness-negative",
        None,
        "SAGA takes one sample beyond the radius in every direction",
    ),
    case(
        "--measure openness-positive --sampling nearest",
        "rvt",
        "openness-positive",
        Some(0.01 * OPENNESS_DEG),
        THIRDS,
    ),
    case(
        "--measure openness-negative --sampling nearest",
        "rvt",
        "openness-negative",
        Some(0.01 * OPENNESS_DEG),
        THIRDS,
    ),
    case(
        "--measure svf-anisotropic --sampling nearest --anisotropy-level low --anisotropy-azimuth 45",
        "rvt",
        "asvf-low",
        Some(0.01),
        THIRDS,
    ),
    case(
        "--measure svf-anisotropic --sampling nearest --anisotropy-level high --anisotropy-azimuth 45",
        "rvt",
        "asvf-high",
        Some(0.01),
        THIRDS,
    ),
    case("--measure svf-cosine", "solweig", "svf", Some(0.02), PATCHES),
    Case { unbounded: true, ..case("--measure svf-cosine", "umep", "svf", Some(0.02), PATCHES) },
    Case {
        scale: 1.0 / 0.976_157,
        ..case("--measure svf-north", "solweig", "svf-north", None, HALVES)
    },
    case("--measure svf-east", "solweig", "svf-east", None, HALVES),
    Case {
        scale: 1.0 / 0.947_532,
        ..case("--measure svf-south", "solweig", "svf-south", None, HALVES)
    },
    Case {
        scale: 1.0 / 0.923_689,
        ..case("--measure svf-west", "solweig", "svf-west", None, HALVES)
    },
    case(
        "--measure horizon --signed --sampling nearest --curvature --refraction 0",
        "grass",
        "*",
        None,
        "In degrees, over all directions. r.horizon chooses its cells by another rule, which was not examined further",
    ),
    Case { canopy: true, ..case("--measure svf-cosine", "solweig", "svf-total", None, CROWNS) },
    Case { canopy: true, ..case("--measure svf-veg", "solweig", "svf-veg", None, CROWNS) },
    Case { canopy: true, ..case("--measure svf-aveg", "solweig", "svf-aveg", None, CROWNS) },
    Case {
        canopy: true,
        unbounded: true,
        ..case("--measure svf-veg", "umep", "svf-veg", None, CROWNS)
    },
    Case {
        canopy: true,
        unbounded: true,
        ..case("--measure svf-aveg", "umep", "svf-aveg", None, CROWNS)
    },
    Case {
        canopy: true,
        unbounded: true,
        ..case("--measure svf-cosine", "umep", "svf-total", None, CROWNS)
    },
];

/// A raster to compare on.
struct Terrain {
    path: PathBuf,
    name: String,
    is_ground: bool,
    cells: String,
    /// Heights of vegetation above the raster.
    canopy: Option<PathBuf>,
}

/// How far apart two results are, ours less theirs.
struct Agreement {
    cells: usize,
    sum: f64,
    sum_of_squares: f64,
    largest: f64,
    ours: (f64, f64),
    theirs: (f64, f64),
}

impl Default for Agreement {
    fn default() -> Self {
        let nothing = (f64::INFINITY, f64::NEG_INFINITY);
        let (cells, sum, sum_of_squares, largest) = (0, 0.0, 0.0, 0.0);
        Self { cells, sum, sum_of_squares, largest, ours: nothing, theirs: nothing }
    }
}

impl Agreement {
    /// Adds a cell; one that is missing in either does not count.
    fn add(&mut self, ours: f64, theirs: f64) {
        let difference = ours - theirs;
        if !difference.is_finite() {
            return;
        }
        self.cells += 1;
        self.sum += difference;
        self.sum_of_squares += difference * difference;
        self.largest = self.largest.max(difference.abs());
        self.ours = (self.ours.0.min(ours), self.ours.1.max(ours));
        self.theirs = (self.theirs.0.min(theirs), self.theirs.1.max(theirs));
    }

    fn rmse(&self) -> f64 {
        (self.sum_of_squares / self.cells as f64).sqrt()
    }

    fn mean(&self) -> f64 {
        self.sum / self.cells as f64
    }
}

/// A line of the table.
struct Row<'a> {
    case: &'a Case,
    program: &'static str,
    terrain: &'a Terrain,
    agreement: Agreement,
}

impl Row<'_> {
    fn limit(&self) -> Option<f64> {
        self.case.limit.filter(|_| self.terrain.is_ground)
    }

    fn is_over(&self) -> bool {
        self.limit().is_some_and(|limit| self.agreement.rmse() >= limit)
    }
}

/// Runs every case on every raster and writes the page.
///
/// With `reuse`, what the programs computed in an earlier run is taken as it is.
pub fn run(
    ground: &[PathBuf],
    cities: &[PathBuf],
    python: Option<&str>,
    reuse: bool,
) -> Result<()> {
    let tool = prepare_tool()?.join("svf_compute");
    let work = PathBuf::from("target/agree");
    std::fs::create_dir_all(&work)?;
    Session::start(&[])?;
    let mut terrains = Vec::new();
    for path in ground {
        terrains.push(Terrain::new(path.clone(), true)?);
    }
    let sample = work.join("city.tif");
    crate::sample::run(&sample, None, CITY_PX)?;
    for path in cities.iter().chain([&sample]) {
        terrains.push(Terrain::new(path.clone(), false)?);
    }
    let peers = Peers::find(&work, python, reuse)?;
    if let Some(city) = terrains.last_mut() {
        city.canopy = Some(peers.plant(&city.path)?);
    }
    let mut ran = BTreeMap::new();
    let mut rows = Vec::new();
    for case in &CASES {
        let Some(program) = peers.found.get(case.program) else { continue };
        for terrain in &terrains {
            let canopy = terrain.canopy.as_deref().filter(|_| case.canopy);
            if case.canopy && canopy.is_none() {
                continue;
            }
            let key = (case.program, terrain.name.clone(), case.directions, case.canopy);
            let theirs = ran.entry(key).or_insert_with(|| {
                println!("== {} on {}", program.name, terrain.name);
                peers.run(program, &terrain.path, case.directions, canopy)
            });
            let Some((theirs, _)) = theirs else { continue };
            let ours = work.join("ours.tif");
            compute(&tool, &terrain.path, canopy, &ours, case)?;
            let agreement = compare(&ours, theirs, case)
                .with_context(|| format!("{} and {}", case.options, program.name))?;
            println!(
                "{} ~ {} on {}: {:.5}",
                case.options,
                program.name,
                terrain.name,
                agreement.rmse()
            );
            rows.push(Row { case, program: program.name, terrain, agreement });
        }
    }
    let versions = ran.iter().filter_map(|((word, ..), result)| {
        let program = peers.found.get(word)?;
        Some((program.name, result.as_ref()?.1.clone()))
    });
    report::write(
        Path::new("docs/benchmarks/agreement.md"),
        &first_line(Command::new(&tool).arg("--version")),
        &versions.collect(),
        &terrains,
        &rows,
    )?;
    let over: Vec<String> = rows
        .iter()
        .filter(|row| row.is_over())
        .map(|row| format!("{} and {} on {}", row.case.options, row.program, row.terrain.name))
        .collect();
    ensure!(over.is_empty(), "further apart than allowed: {}", over.join("; "));
    Ok(())
}

impl Terrain {
    fn new(path: PathBuf, is_ground: bool) -> Result<Self> {
        let reader = open_raster(text(&path)?, &OpenOptions::default())?;
        let grid = &reader.info().grid;
        let side = grid.geo_transform[1];
        let cells = format!("{} x {} cells of {side}", grid.rows, grid.cols);
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { path, name, is_ground, cells, canopy: None })
    }
}

/// The programs that are here, and what runs them.
struct Peers {
    found: BTreeMap<&'static str, &'static Program>,
    python: PathBuf,
    driver: PathBuf,
    work: PathBuf,
    reuse: bool,
}

impl Peers {
    fn find(work: &Path, python: Option<&str>, reuse: bool) -> Result<Self> {
        let python = environment(python)?;
        let driver = work.join("peers.py");
        std::fs::write(&driver, DRIVER)?;
        let mut found = BTreeMap::new();
        for program in &PROGRAMS {
            let is_here = match program.from {
                From::Command(name) => {
                    let here = runs(Command::new(name).arg("--version"));
                    here.then_some(()).with_context(|| format!("{name} is not installed"))
                }
                From::Package(package) => install(&python, package).map(|_| ()),
            };
            match is_here {
                Ok(()) => drop(found.insert(program.word, program)),
                Err(why) => println!("== without {}: {why:#}", program.name),
            }
        }
        Ok(Self { found, python, driver, work: work.to_owned(), reuse })
    }

    /// Trees for a raster.
    fn plant(&self, input: &Path) -> Result<PathBuf> {
        let output = self.work.join("canopy.tif");
        let mut command = Command::new(&self.python);
        command.arg(&self.driver).arg("make-canopy").args([input, &output]);
        ensure!(runs(&mut command), "no canopy could be made");
        Ok(output)
    }

    /// What a program computes of a raster, and its version; nothing when it fails.
    fn run(
        &self,
        program: &Program,
        input: &Path,
        directions: u32,
        canopy: Option<&Path>,
    ) -> Option<(PathBuf, String)> {
        let stem = input.file_stem().unwrap_or_default().to_string_lossy();
        let planted = if canopy.is_some() { "_canopy" } else { "" };
        let name = format!("{stem}_{}_{directions}{planted}.tif", program.word);
        let output = self.work.join(name);
        let note = output.with_extension("version");
        if self.reuse
            && let Ok(version) = std::fs::read_to_string(&note)
        {
            return Some((output, version));
        }
        let done = Command::new(&self.python)
            .arg(&self.driver)
            .args([program.word.as_ref(), input.as_os_str(), output.as_os_str()])
            .args([directions.to_string(), RADIUS_PX.to_string()])
            .args(canopy)
            .args(canopy.iter().flat_map(|_| [TRUNK_RATIO, TRANSMISSIVITY]))
            .output()
            .ok()?;
        if !done.status.success() {
            let said = String::from_utf8_lossy(&done.stderr).into_owned();
            let last = said.lines().last().unwrap_or("no reason given");
            println!("== {} failed: {last}", program.name);
            return None;
        }
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        let version = said.lines().last().unwrap_or_default().to_owned();
        std::fs::write(note, &version).ok()?;
        Some((output, version))
    }
}

/// Ours, with the options of a case.
fn compute(
    tool: &Path,
    input: &Path,
    canopy: Option<&Path>,
    output: &Path,
    case: &Case,
) -> Result<()> {
    let radius_px = if case.unbounded { "1000000px".into() } else { format!("{RADIUS_PX}px") };
    let mut command = Command::new(tool);
    if let Some(canopy) = canopy {
        command.arg("--canopy").arg(canopy);
        command.args(["--trunk-ratio", TRUNK_RATIO, "--transmissivity", TRANSMISSIVITY]);
    }
    let done = command
        .args([input, output])
        .args(["-q", "--overwrite", "-n", &case.directions.to_string(), "--radius", &radius_px])
        .args(case.options.split(' '))
        .output()?;
    let said = String::from_utf8_lossy(&done.stderr);
    ensure!(done.status.success(), "svf_compute {}: {}", case.options, said.trim());
    Ok(())
}

/// Ours less theirs over the cells at least a radius away from the edges.
fn compare(ours: &Path, theirs: &Path, case: &Case) -> Result<Agreement> {
    let pairs: Vec<(usize, usize)> = if case.result == "*" {
        (1..=case.directions as usize).map(|band| (band, band)).collect()
    } else {
        vec![(1, band_named(theirs, case.result)?)]
    };
    let mut sum = Agreement::default();
    for (our_band, their_band) in pairs {
        let (ours, theirs) = (interior(ours, our_band)?, interior(theirs, their_band)?);
        ensure!(ours.dim() == theirs.dim(), "the rasters differ in size");
        for (&a, &b) in ours.iter().zip(&theirs) {
            sum.add(f64::from(a), case.scale * f64::from(b));
        }
    }
    ensure!(sum.cells > 0, "no cell is valid in both");
    Ok(sum)
}

/// A band without the strip where sight lines leave the raster.
fn interior(path: &Path, band: usize) -> Result<Array2<f32>> {
    let mut reader = open_raster(text(path)?, &OpenOptions { band, ..OpenOptions::default() })?;
    let whole = reader.info().grid.whole();
    let mut cells = Array2::zeros((usize::try_from(whole.rows)?, usize::try_from(whole.cols)?));
    reader.read(&whole, cells.view_mut())?;
    let (rows, cols) = cells.dim();
    let margin = RADIUS_PX as usize;
    ensure!(rows.min(cols) > 2 * margin, "the raster is smaller than two radii");
    Ok(cells.slice(s![margin..rows - margin, margin..cols - margin]).to_owned())
}

/// The band that has a name, from GDAL.
fn band_named(path: &Path, name: &str) -> Result<usize> {
    let output = Command::new("gdalinfo").arg("-json").arg(path).output()?;
    let info: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let bands = info["bands"].as_array().context("gdalinfo names no bands")?;
    let found = bands.iter().position(|band| band["description"] == name);
    Ok(found.with_context(|| format!("no band {name}"))? + 1)
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().context("the path is not UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_cells_do_not_count() {
        let mut agreement = Agreement::default();
        for (ours, theirs) in [(0.5, 0.9), (1.0, 0.7), (f64::NAN, 0.1), (0.1, f64::NAN)] {
            agreement.add(ours, theirs);
        }
        assert_eq!(agreement.cells, 2);
        assert!((agreement.rmse() - 0.125_f64.sqrt()).abs() < 1e-12, "{}", agreement.rmse());
        assert!((agreement.mean() + 0.05).abs() < 1e-12, "{}", agreement.mean());
        assert!((agreement.largest - 0.4).abs() < 1e-12, "{}", agreement.largest);
        assert_eq!((agreement.ours, agreement.theirs), ((0.5, 1.0), (0.7, 0.9)));
    }

    #[test]
    fn every_case_names_a_program_that_the_driver_knows() {
        for case in &CASES {
            assert!(
                PROGRAMS.iter().any(|program| program.word == case.program),
                "{}",
                case.program
            );
            assert!(DRIVER.contains(&format!("{0}={0}", case.program)), "{}", case.program);
        }
    }
}
