//! `cargo xtask accuracy`: how far the sampling rules and the number of directions
//! leave `svf` and `svf-cosine` from the truth, and what each rule costs.
//!
//! rasters -> random receivers -> every rule (the reference) and rays over a
//! triangulated surface ([`tin`]) -> differences -> the tables of `docs/method.md`.
//!
//! Invariant: the same rasters give the same tables but for the times. The rays know
//! nothing of the sampling rules.

mod tin;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use ndarray::{Array2, Array3, s};
use svf_kernel::geometry::Fan;
use svf_kernel::reference::{self, Surface};
use svf_kernel::simd::SimdLevel;
use svf_kernel::{CellSize, Ground, Kernel, Measure, Params, Sampling, Tile};
use svf_raster::{OpenOptions, Session, open_raster};

use self::tin::Tin;

const RADIUS_PX: usize = 100;
/// Numbers of directions; the last one is taken for any number.
const DIRECTIONS: [u32; 6] = [8, 16, 24, 32, 64, 360];
const MEASURES: [Measure; 2] = [Measure::Svf, Measure::SvfCosine];
const RULES: [(&str, Sampling); 4] = [
    ("linear", Sampling::Linear),
    ("crossings", Sampling::Crossings),
    ("nearest", Sampling::Nearest),
    ("divided", Sampling::Divided { divisions: RADIUS_PX as u32 }),
];
/// Side of the synthetic city.
const CITY_PX: usize = 600;
/// Rows and columns whose search is timed.
const TIMED_PX: usize = 320;
/// Timed runs of each rule, in turns.
const ROUNDS: usize = 7;
/// Where the tables go, between two comments.
const PAGE: &str = "docs/method.md";
const BEGIN: &str = "<!-- accuracy: begin, written by `cargo xtask accuracy` -->\n";
const END: &str = "<!-- accuracy: end -->";

/// Measures all rasters and the synthetic city, and writes the tables.
pub fn run(rasters: &[PathBuf], receivers: usize) -> Result<()> {
    Session::start(&[])?;
    let mut scenes = Vec::new();
    for path in rasters {
        scenes.push(Scene::read(path)?);
    }
    scenes.push(Scene {
        name: "city".to_owned(),
        heights: crate::sample::city(CITY_PX),
        cell: CellSize::square(1.0),
    });
    let mut found = Vec::new();
    for scene in &scenes {
        eprintln!("== {}", scene.name);
        found.push(scene.measure(receivers)?);
    }
    let page = std::fs::read_to_string(PAGE).with_context(|| format!("cannot read {PAGE}"))?;
    let (before, rest) = page.split_once(BEGIN).context("no place for the tables")?;
    let (_, after) = rest.split_once(END).context("no end of the place for the tables")?;
    let tables = tables(&scenes, &found, receivers)?;
    print!("{tables}");
    std::fs::write(PAGE, format!("{before}{BEGIN}{tables}{END}{after}"))?;
    Ok(())
}

/// Heights on cells of one size.
struct Scene {
    name: String,
    heights: Array2<f32>,
    cell: CellSize,
}

/// What was found on a scene.
struct Found {
    /// By rule, number of directions and measure.
    values: Vec<Vec<[Vec<f64>; 2]>>,
    /// By measure.
    truth: [Vec<f64>; 2],
    /// Time of each rule over that of the first.
    cost: Vec<f64>,
}

impl Scene {
    fn read(path: &Path) -> Result<Self> {
        let text = path.to_str().context("a path that is not UTF-8")?;
        let mut reader = open_raster(text, &OpenOptions::default())?;
        let whole = reader.info().grid.whole();
        let Ground::Plane(cell) = reader.info().grid.ground(&whole) else {
            anyhow::bail!("{text} is in degrees: take one that is projected");
        };
        let shape = (usize::try_from(whole.rows)?, usize::try_from(whole.cols)?);
        let mut heights = Array2::zeros(shape);
        reader.read(&whole, heights.view_mut())?;
        ensure!(
            shape.0.min(shape.1) > 2 * RADIUS_PX,
            "{text} is smaller than two radii of {RADIUS_PX} cells"
        );
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { name, heights, cell })
    }

    fn radius(&self) -> f64 {
        RADIUS_PX as f64 * self.cell.larger()
    }

    fn params(&self, directions: u32, sampling: Sampling) -> Params {
        Params { sampling, ..Params::new(self.radius(), directions) }
    }

    fn measure(&self, receivers: usize) -> Result<Found> {
        let surface = Surface { heights: self.heights.mapv(f64::from), crowns: None };
        let places = self.places(receivers);
        let mut values = Vec::new();
        for (_, sampling) in RULES {
            let mut of_rule = Vec::new();
            for directions in DIRECTIONS {
                let params = self.params(directions, sampling);
                let fan = Fan::new(&params, self.cell)?;
                let mut of_measures = [Vec::new(), Vec::new()];
                for &(row, col) in &places {
                    let seen = reference::receiver(
                        &surface, row, col, &fan, self.cell, &params, &MEASURES,
                    );
                    let seen = seen.and_then(|seen| seen.values).context("a receiver without")?;
                    for (all, value) in of_measures.iter_mut().zip(seen) {
                        all.push(value);
                    }
                }
                of_rule.push(of_measures);
            }
            values.push(of_rule);
        }
        let tin = Tin { heights: surface.heights.view(), cell: self.cell };
        let mut truth = [Vec::new(), Vec::new()];
        for &(row, col) in &places {
            let seen = tin.sky(row, col, DIRECTIONS[DIRECTIONS.len() - 1], self.radius());
            for (all, value) in truth.iter_mut().zip(seen) {
                all.push(value);
            }
        }
        Ok(Found { values, truth, cost: self.cost()? })
    }

    /// Receivers with a height, a radius away from the edges, drawn by chance, each once.
    fn places(&self, receivers: usize) -> Vec<(usize, usize)> {
        let (rows, cols) = self.heights.dim();
        let mut all: Vec<(usize, usize)> = (RADIUS_PX..rows - RADIUS_PX)
            .flat_map(|row| (RADIUS_PX..cols - RADIUS_PX).map(move |col| (row, col)))
            .filter(|&at| self.heights[at].is_finite())
            .collect();
        // Xorshift: the same places in every run.
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let wanted = receivers.min(all.len());
        for i in 0..wanted {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let left = (all.len() - i) as u64;
            #[expect(clippy::cast_possible_truncation, reason = "less than the length")]
            all.swap(i, i + (state % left) as usize);
        }
        all.truncate(wanted);
        all
    }

    /// Time of the kernel alone, in one thread, 16 directions: each rule over the first, the
    /// median of runs in turns.
    fn cost(&self) -> Result<Vec<f64>> {
        let mut ratios = vec![Vec::new(); RULES.len()];
        for _ in 0..ROUNDS {
            let mut first = None;
            for ((_, sampling), ratios) in RULES.into_iter().zip(&mut ratios) {
                let seconds = self.timed(sampling)?;
                ratios.push(seconds / *first.get_or_insert(seconds));
            }
        }
        let median = |ratios: Vec<f64>| crate::bench::median(ratios.into_iter());
        Ok(ratios.into_iter().map(median).collect())
    }

    fn timed(&self, sampling: Sampling) -> Result<f64> {
        let params = self.params(16, sampling);
        let kernel = Kernel::new(&params, self.cell, &MEASURES[..1], SimdLevel::detect())?;
        let (halo, dim) = (kernel.halo(), self.heights.dim());
        let side = |all: usize, halo: usize| TIMED_PX.min(all - 2 * halo);
        let (rows, cols) = (side(dim.0, halo.rows_px), side(dim.1, halo.cols_px));
        let padded = halo.padded(rows, cols);
        let tile = self.heights.slice(s![..padded.0, ..padded.1]);
        let mut out = Array3::zeros((1, rows, cols));
        let start = Instant::now();
        kernel.compute(Tile::of(tile, 0), out.view_mut());
        Ok(start.elapsed().as_secs_f64())
    }
}

/// Root of the mean square of the differences, and their mean.
fn difference(of: &[f64], from: &[f64]) -> (f64, f64) {
    let n = of.len() as f64;
    let differences = || of.iter().zip(from).map(|(a, b)| a - b);
    ((differences().map(|d| d * d).sum::<f64>() / n).sqrt(), differences().sum::<f64>() / n)
}

fn tables(scenes: &[Scene], found: &[Found], receivers: usize) -> Result<String> {
    let mut out = String::new();
    let (all, last) = (DIRECTIONS, DIRECTIONS.len() - 1);
    let head = |out: &mut String, first: &str, columns: &[u32]| -> std::fmt::Result {
        write!(out, "\n| raster | `--sampling` |{first}")?;
        for n in columns {
            write!(out, " n = {n} |")?;
        }
        let dashes = "---|".repeat(2 + columns.len() + usize::from(!first.is_empty()));
        writeln!(out, "\n|{dashes}")
    };
    for (m, measure) in MEASURES.iter().enumerate() {
        writeln!(
            out,
            "\n`{}` against the triangulated surface, RMSE (and bias), {receivers} receivers:",
            measure.name()
        )?;
        head(&mut out, " time |", &all)?;
        for (scene, found) in scenes.iter().zip(found) {
            for (((rule, _), values), cost) in RULES.iter().zip(&found.values).zip(&found.cost) {
                write!(out, "| {} | `{rule}` | {cost:.2} |", scene.name)?;
                for of_n in values {
                    let (rmse, bias) = difference(&of_n[m], &found.truth[m]);
                    write!(out, " {rmse:.4} ({bias:+.4}) |")?;
                }
                writeln!(out)?;
            }
        }
    }
    writeln!(
        out,
        "\n`{}` against the same rule with n = {}, RMSE: what more directions would change:",
        MEASURES[0].name(),
        all[last]
    )?;
    head(&mut out, "", &all[..last])?;
    for (scene, found) in scenes.iter().zip(found) {
        for ((rule, _), values) in RULES.iter().zip(&found.values) {
            write!(out, "| {} | `{rule}` |", scene.name)?;
            for of_n in &values[..last] {
                write!(out, " {:.4} |", difference(&of_n[0], &values[last][0]).0)?;
            }
            writeln!(out)?;
        }
    }
    writeln!(out)?;
    Ok(out)
}
