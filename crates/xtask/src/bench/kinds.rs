//! Ours on other inputs and with other options, in turns with what each is compared with: grids
//! in degrees, canopies, masks of receivers, many bands, instruction sets, rows as blocks, small
//! rasters. [`super::others`] has other programs on degrees and canopies.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::measure::{self, Runs, timed};
use super::results::Work;
use super::{Bench, DIRECTIONS, PINNED_CORE, RADIUS_PX, search};

/// Radii of the comparisons, cells.
const RADII_PX: [u32; 3] = [RADIUS_PX, 4 * RADIUS_PX, 16 * RADIUS_PX];
/// Size of a cell of the grid in degrees, degrees: about a metre.
const CELL_DEG: f64 = 1e-5;
/// Where this grid is: west and north edges, degrees.
const CORNER_DEG: (f64, f64) = (10.0, 47.0);
/// Metres of a degree of longitude and of latitude there (GRS 80).
const DEGREE_M: (f64, f64) = (76_056.0, 111_174.0);

/// What a work runs.
enum Job {
    /// svf_compute, perhaps with an instruction set.
    Ours { input: PathBuf, options: Vec<String>, simd: Option<&'static str>, output: &'static str },
    /// gdal_translate of what the work with this number wrote.
    CopyOf(usize),
    /// gdal_translate of a raster.
    Copy(PathBuf),
}

impl Bench {
    /// All works, one after the other, as often as there are rounds.
    pub(super) fn kinds(&self) -> Result<Vec<Work>> {
        let (mut works, jobs) = self.jobs()?;
        for round in 0..self.extent.rounds {
            for (work, job) in works.iter_mut().zip(&jobs) {
                println!("== round {}: {}", round + 1, work.name);
                work.runs.push(self.run_job(job, &jobs)?);
            }
        }
        for name in ["kinds.tif", "kinds36.tif", "kinds120.tif", "copy.tif"] {
            let _ = std::fs::remove_file(self.work.join(name));
        }
        Ok(works)
    }

    fn run_job(&self, job: &Job, jobs: &[Job]) -> Result<measure::Timing> {
        let translate = |from: &Path| {
            let copy = self.work.join("copy.tif");
            let _ = std::fs::remove_file(&copy);
            let mut command = measure::pinned(PINNED_CORE, "gdal_translate");
            command.arg("-q").args(super::creation_options(1)).arg(from).arg(copy);
            timed(command)
        };
        match job {
            Job::Ours { input, options, simd, output } => {
                let output = self.work.join(output);
                let mut command = self.command(input, &output, PINNED_CORE, options);
                if let Some(level) = simd {
                    command.env("SVF_SIMD", level);
                }
                timed(command)
            }
            Job::CopyOf(number) => match &jobs[*number] {
                Job::Ours { output, .. } => translate(&self.work.join(output)),
                _ => anyhow::bail!("only a result of ours is copied"),
            },
            Job::Copy(input) => translate(input),
        }
    }

    /// What is measured, and how.
    fn jobs(&self) -> Result<(Vec<Work>, Vec<Job>)> {
        let side = self.extent.kinds_side_px;
        let plain = self.terrain(side)?;
        let (degrees, metres) = (self.moved(side, true)?, self.moved(side, false)?);
        let mut list = List::default();
        let ours = |input: &Path, options: &[String]| Job::Ours {
            input: input.to_owned(),
            options: options.to_owned(),
            simd: None,
            output: "kinds.tif",
        };
        let shares = [(0.2, "a fifth"), (0.5, "half")];
        for radius in RADII_PX {
            let options = search(DIRECTIONS, radius);
            let base = list.add(format!("radius {radius}"), side, None, ours(&plain, &options));
            if radius == RADIUS_PX {
                for level in ["avx2", "portable"] {
                    let job = Job::Ours {
                        input: plain.clone(),
                        options: options.clone(),
                        simd: Some(level),
                        output: "kinds.tif",
                    };
                    list.add(format!("radius {radius}, SVF_SIMD={level}"), side, Some(base), job);
                }
                let six = "svf,svf-cosine,svf-slope,visible-sky,openness-positive,svf-anisotropic";
                let options = [&options[..], &["--measure".into(), six.into()]].concat();
                list.add(
                    format!("radius {radius}, six measures"),
                    side,
                    Some(base),
                    ours(&plain, &options),
                );
            }
            if radius < RADII_PX[2] {
                for (share, words) in shares {
                    let canopy = self.canopy(side, share)?.display().to_string();
                    let options = [&options[..], &["--canopy".into(), canopy]].concat();
                    let name = format!("radius {radius}, crowns on {words} of the cells");
                    list.add(name, side, Some(base), ours(&plain, &options));
                }
                let mask = self.canopy(side, 0.1)?.display().to_string();
                let options = [&options[..], &["--receivers".into(), mask]].concat();
                let name = format!("radius {radius}, receivers on a tenth of the cells");
                list.add(name, side, Some(base), ours(&plain, &options));
            }
            let name =
                format!("radius {radius}, cells of {:.2} m x {:.2} m", cell_m().0, cell_m().1);
            let base = list.add(name, side, None, ours(&metres, &options));
            let name = format!("radius {radius}, the same cells in degrees at 47 N");
            list.add(name, side, Some(base), ours(&degrees, &options));
        }
        let options = search(DIRECTIONS, RADIUS_PX);
        let name = format!("radius {RADIUS_PX}, {} columns, compressed blocks", 4 * side);
        let base = list.add(name, side, None, ours(&self.wide(side, true)?, &options));
        let name = format!("radius {RADIUS_PX}, the same cells, compressed rows");
        list.add(name, side, Some(base), ours(&self.wide(side, false)?, &options));
        let side = side / 2;
        let half = self.terrain(side)?;
        // A COG of 120 bands needs more than the usual limit: its blocks have all bands.
        for (n, output, limit) in
            [(36_u32, "kinds36.tif", super::BUDGET), (120, "kinds120.tif", "1G")]
        {
            let mut options = search(n, RADIUS_PX);
            let search_alone =
                list.add(format!("svf of {n} directions"), side, None, ours(&half, &options));
            options.extend(["--measure".into(), "horizon".into()]);
            options.extend(["--max-memory".into(), limit.into()]);
            let of = |options: &[String], output| Job::Ours {
                input: half.clone(),
                options: options.to_owned(),
                simd: None,
                output,
            };
            let name = format!("horizon of {n} directions, GeoTIFF");
            let base = list.add(name, side, Some(search_alone), of(&options, output));
            let name = format!("gdal_translate of this result, {n} bands");
            list.add(name, side, Some(base), Job::CopyOf(base));
            options.extend(["--of".into(), "COG".into()]);
            let name = format!("horizon of {n} directions, COG");
            list.add(name, side, Some(base), of(&options, "kinds.tif"));
        }
        let small = self.terrain(500)?;
        let base = list.add("gdal_translate".into(), 500, None, Job::Copy(small.clone()));
        let options = search(DIRECTIONS, RADIUS_PX);
        list.add(format!("radius {RADIUS_PX}"), 500, Some(base), ours(&small, &options));
        Ok((list.works, list.jobs))
    }

    /// The terrain on a grid in degrees, or with cells of the same size in metres.
    pub(super) fn moved(&self, side: u64, to_degrees: bool) -> Result<PathBuf> {
        let name = if to_degrees { "degrees" } else { "metres" };
        let path = self.work.join(format!("{name}_{side}.tif"));
        if path.is_file() {
            return Ok(path);
        }
        let (crs, corner, cell) = match to_degrees {
            true => ("EPSG:4326", CORNER_DEG, (CELL_DEG, CELL_DEG)),
            false => ("EPSG:25832", (500_000.0, 5_200_000.0), cell_m()),
        };
        let end = (corner.0 + side as f64 * cell.0, corner.1 - side as f64 * cell.1);
        let corners = [corner.0, corner.1, end.0, end.1].map(|number| number.to_string());
        self.translate(&["-a_srs", crs, "-a_ullr"], &corners, &self.terrain(side)?, &path)?;
        Ok(path)
    }

    /// As many cells in four times as many columns, compressed in blocks or row by row.
    fn wide(&self, side: u64, is_tiled: bool) -> Result<PathBuf> {
        let (name, tiled) = if is_tiled { ("blocks", "TILED=YES") } else { ("rows", "TILED=NO") };
        let path = self.work.join(format!("wide_{name}_{side}.tif"));
        if !path.is_file() {
            let words = ["-co", "COMPRESS=DEFLATE", "-co", "ZLEVEL=1", "-co", tiled];
            self.translate(&words, &[], &self.vrt((side / 4, 4 * side))?, &path)?;
        }
        Ok(path)
    }

    /// Crowns of up to 20 m on a share of the cells, in groves. Also a mask of receivers.
    pub(super) fn canopy(&self, side: u64, share: f64) -> Result<PathBuf> {
        let path = self.work.join(format!("crowns_{share}_{side}.tif"));
        if path.is_file() {
            return Ok(path);
        }
        let cells = usize::try_from(side)?;
        let field: Vec<f32> = (0..cells * cells).map(|i| grove(i / cells, i % cells)).collect();
        let mut sorted = field.clone();
        sorted.sort_by(f32::total_cmp);
        let limit = sorted[((1.0 - share) * sorted.len() as f64) as usize];
        let most = sorted[sorted.len() - 1];
        let height = |value: f32| ((value - limit) / (most - limit)).clamp(0.0, 1.0).sqrt() * 20.0;
        let bytes: Vec<u8> = field.iter().flat_map(|&value| height(value).to_le_bytes()).collect();
        std::fs::write(self.work.join("crowns.bin"), bytes)?;
        // On the grid of the terrain.
        let terrain = std::fs::read_to_string(self.vrt((side, side))?)?;
        let (head, _) = terrain.split_once("<VRTRasterBand").context("a VRT has a band")?;
        let vrt = format!(
            "{head}<VRTRasterBand dataType=\"Float32\" band=\"1\" subClass=\"VRTRawRasterBand\">\
             <SourceFilename relativeToVRT=\"1\">crowns.bin</SourceFilename><ByteOrder>LSB</ByteOrder>\
             <PixelOffset>4</PixelOffset><LineOffset>{}</LineOffset></VRTRasterBand></VRTDataset>",
            4 * side
        );
        let raw = self.work.join("crowns.vrt");
        std::fs::write(&raw, vrt)?;
        self.translate(&[], &[], &raw, &path)?;
        let _ = std::fs::remove_file(self.work.join("crowns.bin"));
        Ok(path)
    }

    fn translate(&self, words: &[&str], more: &[String], from: &Path, to: &Path) -> Result<()> {
        let partial = self.work.join("partial.tif");
        let mut command = Command::new("gdal_translate");
        let done = command.arg("-q").args(words).args(more).args([from, &partial]).status();
        ensure!(done.context("cannot run gdal_translate")?.success(), "gdal_translate failed");
        Ok(std::fs::rename(partial, to)?)
    }
}

/// Works and their jobs, in the same order.
#[derive(Default)]
struct List {
    works: Vec<Work>,
    jobs: Vec<Job>,
}

impl List {
    /// Returns the number of the work.
    fn add(&mut self, name: String, side_px: u64, base: Option<usize>, job: Job) -> usize {
        self.works.push(Work { name, side_px, base, runs: Runs::default() });
        self.jobs.push(job);
        self.works.len() - 1
    }
}

/// Width and height of a cell of the grid in degrees, metres.
fn cell_m() -> (f64, f64) {
    (CELL_DEG * DEGREE_M.0, CELL_DEG * DEGREE_M.1)
}

/// Smooth noise with hills of about 16 cells.
fn grove(row: usize, col: usize) -> f32 {
    const CELLS: usize = 16;
    let at = |i: usize, j: usize| {
        let mut n = (i as u32).wrapping_mul(0x9e37_79b1) ^ (j as u32).wrapping_mul(0x85eb_ca6b);
        n = (n ^ (n >> 15)).wrapping_mul(0x2c1b_3c6d);
        n = (n ^ (n >> 12)).wrapping_mul(0x297a_2d39);
        (n ^ (n >> 15)) as f32 / u32::MAX as f32
    };
    let share = |cell: usize| {
        let t = (cell % CELLS) as f32 / CELLS as f32;
        t * t * (3.0 - 2.0 * t)
    };
    let (i, j, v, h) = (row / CELLS, col / CELLS, share(row), share(col));
    let top = at(i, j) * (1.0 - h) + at(i, j + 1) * h;
    let bottom = at(i + 1, j) * (1.0 - h) + at(i + 1, j + 1) * h;
    top * (1.0 - v) + bottom * v
}
