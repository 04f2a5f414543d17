//! Development chores: `cargo xtask ci | sample | mosaic-vrt | pages | plugin-zip | bench | agree |
//! accuracy | svf-error | faults | country`.

mod accuracy;
mod agree;
mod bench;
mod ci;
mod circles;
#[cfg(unix)]
mod country;
#[cfg(unix)]
mod faults;
mod machine;
mod mosaic;
mod pages;
mod plugin;
mod python;
mod sample;
mod svferror;

use std::path::PathBuf;

use anyhow::Result;
use clap::Parser;

/// Development chores.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Chore {
    /// Everything that has to hold before a change lands.
    Ci,
    /// Write a small synthetic city as a GeoTIFF of heights.
    Sample {
        /// GeoTIFF to write; an existing one is replaced.
        path: PathBuf,
        /// Rows and columns, cells of 1 m.
        #[arg(long, value_name = "CELLS", default_value_t = 1024)]
        size: usize,
        /// GeoTIFF for the heights of the trees above ground (for --canopy); the city is then without them.
        #[arg(long, value_name = "PATH")]
        trees: Option<PathBuf>,
    },
    /// Write a VRT that repeats a raster until it has a given size.
    MosaicVrt {
        /// Raster to repeat.
        source: String,
        /// VRT to write; an existing one is replaced.
        out: PathBuf,
        /// Columns of the VRT.
        #[arg(long)]
        cols: u64,
        /// Rows of the VRT.
        #[arg(long)]
        rows: u64,
        /// Folder for hard links, one for each repetition, as if each were a file of its own.
        #[arg(long, value_name = "DIR")]
        links: Option<PathBuf>,
    },
    /// Write the man pages and the completions of shells, from the definitions of --help.
    Pages {
        /// Folder like /usr: files in share/ are replaced.
        folder: PathBuf,
    },
    /// Make the zip of the QGIS plugin, checked against the plugin repository's rules.
    PluginZip {
        /// Zip to write [default: svf_tools-VERSION.zip in the target folder].
        out: Option<PathBuf>,
    },
    /// Measure svf_compute beside other programs and write docs/benchmarks.
    Bench {
        /// A trial of a few minutes, written to target/bench/quick.
        #[arg(long)]
        quick: bool,
        /// Measure these parts alone; the others stay as they were measured before.
        #[arg(long, value_name = "PART,...", value_enum, value_delimiter = ',')]
        only: Vec<bench::Section>,
        /// The large city as well: 12 GB of free disk.
        #[arg(long)]
        city: bool,
        /// Folder with real terrain; without it the synthetic city is used.
        #[arg(long, value_name = "DIR", default_value = "../shared/data")]
        data: PathBuf,
        /// Folder with the scripts that run the other programs.
        #[arg(long, value_name = "DIR", default_value = "../shared/bench/peers")]
        peers: PathBuf,
        /// Python to make the environment of the Python programs with [default: the newest].
        #[arg(long, value_name = "PROGRAM")]
        python: Option<String>,
    },
    /// Run the programs on damaged files, on disks that fail, and killed; print what came of it.
    #[cfg(unix)]
    Faults {
        /// These parts alone.
        #[arg(long, value_name = "PART,...", value_enum, value_delimiter = ',')]
        only: Vec<faults::Part>,
        /// Runs of each kind: reads of a file, cuts, changes, kills.
        #[arg(long, value_name = "N", default_value_t = 20)]
        runs: usize,
        /// What the numbers drawn by chance depend on.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Measure the peak memory on a VRT over 120 large files, within limits.
    #[cfg(unix)]
    Country {
        /// Folder for the files: about 1 GB.
        folder: PathBuf,
    },
    /// Print the tables of docs/method.md on what the measure svf-error is worth.
    SvfError,
    /// Compare our measures with other programs' and write docs/benchmarks/agreement.md.
    Agree {
        /// Rasters of ground: the limits hold on these.
        #[arg(required = true)]
        ground: Vec<PathBuf>,
        /// Rasters with buildings, shown without limits; the synthetic city is always one.
        #[arg(long, value_name = "FILE")]
        city: Vec<PathBuf>,
        /// Python to make the environment of the Python programs with [default: the newest].
        #[arg(long, value_name = "PROGRAM")]
        python: Option<String>,
        /// Do not run the other programs again where an earlier run's results are there.
        #[arg(long)]
        reuse: bool,
    },
    /// Measure the sampling rules against rays over a triangulated surface, and write the
    /// tables of docs/method.md.
    Accuracy {
        /// Rasters of heights, projected; the synthetic city is always one more.
        #[arg(required = true)]
        rasters: Vec<PathBuf>,
        /// Cells that are measured, drawn by chance.
        #[arg(long, value_name = "CELLS", default_value_t = 2000)]
        receivers: usize,
    },
}

fn main() -> Result<()> {
    match Chore::parse() {
        Chore::Ci => ci::run(),
        Chore::Sample { path, size, trees } => sample::run(&path, trees.as_deref(), size),
        Chore::MosaicVrt { source, out, cols, rows, links } => {
            mosaic::run(&source, &out, (rows, cols), links.as_deref())
        }
        Chore::Pages { folder } => pages::write(&folder),
        Chore::PluginZip { out } => plugin::zip(out),
        Chore::Bench { quick, only, city, data, peers, python } => {
            bench::run(quick, &bench::sections(&only, city), &data, &peers, python.as_deref())
        }
        #[cfg(unix)]
        Chore::Faults { only, runs, seed } => faults::run(&only, runs, seed),
        #[cfg(unix)]
        Chore::Country { folder } => country::run(&folder),
        Chore::SvfError => svferror::run(),
        Chore::Agree { ground, city, python, reuse } => {
            agree::run(&ground, &city, python.as_deref(), reuse)
        }
        Chore::Accuracy { rasters, receivers } => accuracy::run(&rasters, receivers),
    }
}
