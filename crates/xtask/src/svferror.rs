//! `cargo xtask svf-error`: what the measure `svf-error` is worth, as the tables of
//! docs/method.md.
//!
//! The synthetic city is computed with few directions, and with so many that the
//! difference is the error that the few leave; the measure stands beside it.

use anyhow::{Result, ensure};
use ndarray::{Array2, Array3, ArrayView2, s};
use svf_kernel::simd::SimdLevel;
use svf_kernel::{CellSize, Kernel, Measure, Params, Tile};

/// Rows and columns of the receivers.
const SIDE_PX: usize = 512;
const RADIUS_M: f64 = 100.0;
const FEW: [u32; 3] = [16, 32, 64];
/// As good as all of them.
const MANY: u32 = 720;
/// Where one class of `svf-error` ends and the next one begins.
const CLASSES: [f64; 5] = [0.0, 0.005, 0.01, 0.02, f64::INFINITY];

/// Prints the tables.
pub fn run() -> Result<()> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "100 cells")]
    let city = crate::sample::city(SIDE_PX + 2 * RADIUS_M as usize);
    let exact = sky(city.view(), MANY)?;
    let exact = exact.index_axis(ndarray::Axis(0), 0);
    println!(
        "| `-n` | RMS of `svf-error` | RMS of the true error | correlation, cell by cell | \
         true error within `svf-error` | within twice | within three times |"
    );
    println!("|---|---|---|---|---|---|---|");
    let mut classes = String::new();
    for n in FEW {
        let bands = sky(city.view(), n)?;
        let pairs: Vec<(f64, f64)> = bands
            .slice(s![1, .., ..])
            .iter()
            .zip(bands.index_axis(ndarray::Axis(0), 0).iter().zip(exact))
            .filter(|(told, _)| told.is_finite())
            .map(|(told, (few, many))| (f64::from(*told), f64::from(few - many).abs()))
            .collect();
        ensure!(!pairs.is_empty(), "a city without a cell");
        let within = |times: f64| {
            let share =
                mean(pairs.iter().map(
                    |(told, error)| {
                        if *error <= times * told + 1e-6 { 1.0 } else { 0.0 }
                    },
                ));
            format!("{:.0} %", 100.0 * share)
        };
        println!(
            "| {n} | {:.4} | {:.4} | {:.2} | {} | {} | {} |",
            mean(pairs.iter().map(|(told, _)| told * told)).sqrt(),
            mean(pairs.iter().map(|(_, error)| error * error)).sqrt(),
            correlation(&pairs),
            within(1.0),
            within(2.0),
            within(3.0),
        );
        for ends in CLASSES.windows(2) {
            let of_class = || pairs.iter().filter(|(told, _)| (ends[0]..ends[1]).contains(told));
            let share = of_class().count() as f64 / pairs.len() as f64;
            let error = mean(of_class().map(|(_, error)| error * error)).sqrt();
            let name = if ends[1].is_finite() {
                format!("{} to {}", ends[0], ends[1])
            } else {
                format!("{} and more", ends[0])
            };
            classes += &format!("| {n} | {name} | {:.0} % | {error:.4} |\n", 100.0 * share);
        }
    }
    println!("\n| `-n` | `svf-error` | share of cells | RMS of the true error there |");
    println!("|---|---|---|---|");
    print!("{classes}");
    Ok(())
}

/// `svf` and `svf-error` of the city, without its rim.
fn sky(city: ArrayView2<'_, f32>, directions: u32) -> Result<Array3<f32>> {
    let measures = [Measure::Svf, Measure::SvfError];
    let params = Params::new(RADIUS_M, directions);
    let kernel = Kernel::new(&params, CellSize::square(1.0), &measures, SimdLevel::detect())?;
    let halo = kernel.halo();
    let rim = (city.nrows() - SIDE_PX) / 2;
    let (top, left) = (rim - halo.rows_px, rim - halo.cols_px);
    let (rows, cols) = halo.padded(SIDE_PX, SIDE_PX);
    let tile: Array2<f32> = city.slice(s![top..top + rows, left..left + cols]).to_owned();
    let mut bands = Array3::zeros((2, SIDE_PX, SIDE_PX));
    kernel.compute(Tile::of(tile.view(), 0), bands.view_mut());
    Ok(bands)
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    sum / count
}

/// Pearson's.
fn correlation(pairs: &[(f64, f64)]) -> f64 {
    let (a, b) = (mean(pairs.iter().map(|p| p.0)), mean(pairs.iter().map(|p| p.1)));
    let product = |f: fn(f64, f64) -> f64| mean(pairs.iter().map(|p| f(p.0 - a, p.1 - b)));
    product(|x, y| x * y) / (product(|x, _| x * x) * product(|_, y| y * y)).sqrt()
}
