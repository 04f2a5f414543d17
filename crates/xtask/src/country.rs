//! `cargo xtask country`: the peak memory of runs on a VRT over 120 large files, as a country in
//! sheets has, each within a limit, in a control group of that size where one can be made.
//!
//! Sheets of 10,000 x 12,500 cells are hard links of one, once with blocks of 256 x 256 cells and
//! once with 512 x 512. For each limit: a tile in each sheet, all tiles of a row, and a run without
//! a plan on all columns of two thousand rows.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::{mosaic, sample};

/// Columns and rows of a sheet.
const SHEET_PX: [u64; 2] = [10_000, 12_500];
/// Sheets in a row, and rows of sheets.
const SHEETS: [u64; 2] = [12, 10];
const TILE_PX: u64 = 1024;
const LIMITS_MIB: [u64; 2] = [256, 512];
const BLOCKS_PX: [u64; 2] = [256, 512];
const SEARCH: &str = "--radius 100px -n 8";

/// Makes the sheets in `folder`, runs, and prints a line for each run.
pub fn run(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let programs = std::env::current_exe()?.parent().context("a folder")?.to_owned();
    ensure!(programs.join("svf_compute").exists(), "build the programs first, as this one");
    let bench = Bench { folder: folder.to_owned(), programs };
    println!(
        "| blocks | limit, MiB | what | peak, MiB | seconds | group |\n|---|---|---|---|---|---|"
    );
    let mut over = 0;
    for block_px in BLOCKS_PX {
        let vrt = bench.sheets(block_px)?;
        for limit_mib in LIMITS_MIB {
            let group = Group::new(limit_mib);
            for (what, words) in bench.runs(&vrt, limit_mib)? {
                let started = Instant::now();
                let peak = bench.peak_mib(&words, group.as_ref())?;
                let seconds = started.elapsed().as_secs_f64();
                let shown = peak.map_or("killed".into(), |mib| mib.to_string());
                let of = if group.is_some() { "yes" } else { "no" };
                println!("| {block_px} | {limit_mib} | {what} | {shown} | {seconds:.0} | {of} |");
                over += usize::from(peak.is_none_or(|mib| mib > limit_mib));
            }
        }
    }
    ensure!(over == 0, "{over} runs are above their limit");
    Ok(())
}

struct Bench {
    folder: PathBuf,
    programs: PathBuf,
}

impl Bench {
    /// A VRT over sheets with such blocks.
    fn sheets(&self, block_px: u64) -> Result<PathBuf> {
        let [cols, rows] = SHEET_PX;
        let sheet = self.folder.join(format!("sheet_{block_px}.tif"));
        if !sheet.exists() {
            let (city, large) = (self.folder.join("city.tif"), self.folder.join("city.vrt"));
            sample::run(&city, None, 2500)?;
            mosaic::run(
                city.to_str().context("the path is not UTF-8")?,
                &large,
                (rows, cols),
                None,
            )?;
            let block = block_px.to_string();
            let done = Command::new("gdal_translate")
                .args(["-q", "-co", "TILED=YES", "-co", "COMPRESS=LZW", "-co", "PREDICTOR=3"])
                .args([
                    "-co",
                    &format!("BLOCKXSIZE={block}"),
                    "-co",
                    &format!("BLOCKYSIZE={block}"),
                ])
                .args([&large, &sheet])
                .status()?;
            ensure!(done.success(), "gdal_translate failed");
        }
        let vrt = self.folder.join(format!("country_{block_px}.vrt"));
        let links = self.folder.join(format!("sheets_{block_px}"));
        let sheet = sheet.to_str().context("the path is not UTF-8")?;
        mosaic::run(sheet, &vrt, (rows * SHEETS[1], cols * SHEETS[0]), Some(&links))?;
        Ok(vrt)
    }

    /// Command lines, each with what it is.
    fn runs(&self, vrt: &Path, limit_mib: u64) -> Result<Vec<(&'static str, String)>> {
        let (plan, input) = (self.folder.join("plan.json"), vrt.display());
        let _ = fs::remove_dir_all(self.folder.join("plan.tiles"));
        let plan = plan.display();
        let memory = format!("--max-memory {limit_mib}M");
        let make =
            format!("svf_tile {input} {plan} {SEARCH} --tile-size {TILE_PX} --overwrite {memory}");
        ensure!(self.program(&make).status()?.success(), "svf_tile fails");
        let [cols, rows] = SHEET_PX;
        let in_row = (cols * SHEETS[0]).div_ceil(TILE_PX);
        // The tile in the middle of each sheet.
        let tile = |sheet: u64| {
            let (row, col) =
                (sheet / SHEETS[0] * rows + rows / 2, sheet % SHEETS[0] * cols + cols / 2);
            (row / TILE_PX * in_row + col / TILE_PX).to_string()
        };
        let tiles: Vec<String> = (0..SHEETS[0] * SHEETS[1]).map(tile).collect();
        // At the seam between two rows of sheets.
        let first = rows / TILE_PX * in_row;
        let compute = format!("svf_compute --plan {plan} {memory}");
        let output = self.folder.join("out.tif");
        Ok(vec![
            ("one tile in each sheet", format!("{compute} --tiles {}", tiles.join(","))),
            ("a row of tiles", format!("{compute} --tiles {first}-{}", first + in_row - 1)),
            (
                "2,000 rows in one run",
                format!(
                    "svf_compute {input} {} {SEARCH} {memory} --overwrite --srcwin 0,{},{},2000",
                    output.display(),
                    rows - 1000,
                    cols * SHEETS[0]
                ),
            ),
        ])
    }

    fn program(&self, words: &str) -> Command {
        let mut words = words.split(' ');
        let mut command = Command::new(self.programs.join(words.next().unwrap_or_default()));
        command.args(words).stdin(Stdio::null()).stdout(Stdio::null());
        command
    }

    /// Peak of the resident memory of a run; none if it was killed.
    fn peak_mib(&self, words: &str, group: Option<&Group>) -> Result<Option<u64>> {
        let enter = match group {
            Some(group) => format!("echo $$ > '{}' && ", group.0.join("cgroup.procs").display()),
            None => String::new(),
        };
        let report = self.folder.join("peak");
        let script = format!("{enter}exec /usr/bin/time -f %M -o \"$0\" \"$@\"");
        let (program, words) = words.split_once(' ').context("a command line")?;
        let ended = Command::new("sh")
            .args(["-c", &script])
            .arg(&report)
            .arg(self.programs.join(program))
            .args(words.split(' '))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status()?;
        if !ended.success() {
            return Ok(None);
        }
        let text = fs::read_to_string(report)?;
        let kib: u64 = text.trim().parse().context("GNU time prints no number")?;
        Ok(Some(kib.div_ceil(1024)))
    }
}

/// A control group with a limit of memory, which includes what the system keeps of files.
struct Group(PathBuf);

impl Group {
    /// None where this process must not make one.
    fn new(limit_mib: u64) -> Option<Self> {
        let name = format!("svf-country-{}", std::process::id());
        for (parent, file) in
            [("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")]
        {
            let folder = Path::new(parent).join(&name);
            if fs::create_dir(&folder).is_err() {
                continue;
            }
            let group = Self(folder);
            if fs::write(group.0.join(file), (limit_mib << 20).to_string()).is_ok() {
                return Some(group);
            }
        }
        None
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.0);
    }
}
