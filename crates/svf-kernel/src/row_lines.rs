//! Sight lines of rows that each have their own: on a geographic grid, cells have another width in
//! each row.
//!
//! Sample `k` of a line ([`LinearLine`]) is `k` steps along its dominant axis, in any row. So the
//! slopes of the search are heights *per step*, with the same factors for all rows. At the end,
//! the highest one is converted to a slope on the ground: one multiplication per receiver. Only
//! two things depend on the row: the places between cells where its line passes ([`RowLines`]),
//! and how the ground curves from step to step.

use std::ops::Range;

use crate::geometry::{Crossing, LinearLine, sin_cos_deg};
use crate::params::{CellSize, Params};
use crate::taps::{Line, Tap};

/// Extra rows before and after those of a block, with the lines of the first and the last row.
pub(crate) const PAD: usize = 32;
/// Rows that are checked together: whether their lines pass between the same cells. No block has
/// more than 64 times as many rows.
pub(crate) const TOGETHER: usize = 32;

/// Factors of slopes per step.
#[derive(Clone, Copy)]
pub(crate) struct StepFactors {
    /// Observer height, in units of the heights.
    observer: f64,
    /// How far the ground curves down within one ground unit, in units of the heights; negative
    /// for the surface turned upside down.
    drop: f64,
    z_factor: f64,
}

#[expect(clippy::cast_possible_truncation, reason = "the kernel works in f32")]
impl StepFactors {
    /// The factors of the surface, or of the surface turned upside down.
    pub fn new(params: &Params, inverted: bool) -> Self {
        let sign = if inverted { -1.0 } else { 1.0 };
        Self {
            observer: params.observer_height / params.z_factor,
            drop: sign * params.drop(1.0) / params.z_factor,
            z_factor: params.z_factor,
        }
    }

    /// Factor that converts a fall of heights up to step `k` to a slope.
    pub fn gain(k: usize) -> f32 {
        (-1.0 / k as f64) as f32
    }

    /// Slope that step `k` loses because of the observer height.
    pub fn lift(&self, k: usize) -> f32 {
        (self.observer / k as f64) as f32
    }

    /// How much more each step loses than the step before, because the ground curves.
    #[inline(always)]
    pub fn bend(&self, spacing: f64) -> f32 {
        (self.drop * spacing * spacing) as f32
    }

    /// Height that step `k` loses because of both.
    pub fn clearance(&self, k: usize, spacing: f64) -> f64 {
        let away = k as f64 * spacing;
        self.observer + self.drop * away * away
    }

    /// The slope on the ground of one unit of height per step.
    #[inline(always)]
    pub fn scale(&self, spacing: f64) -> f32 {
        (self.z_factor / spacing) as f32
    }
}

/// [`StepFactors`] of the surface and of the surface turned upside down, and their numbers for
/// each step from the first one on.
#[derive(Clone)]
pub(crate) struct Steps {
    pub factors: StepFactors,
    pub inverted: StepFactors,
    /// [`StepFactors::gain`]
    pub gains: Vec<f32>,
    /// [`StepFactors::lift`]
    pub lifts: Vec<f32>,
}

impl Steps {
    /// The steps of lines of this many samples.
    pub fn new(params: &Params, samples: usize) -> Self {
        let factors = StepFactors::new(params, false);
        Self {
            factors,
            inverted: StepFactors::new(params, true),
            gains: (1..=samples).map(StepFactors::gain).collect(),
            lifts: (1..=samples).map(|k| factors.lift(k)).collect(),
        }
    }
}

/// The lines of a direction, one for each cell size.
pub(crate) fn lines_of(params: &Params, cells: &[CellSize], i: u32, lines: &mut Vec<LinearLine>) {
    let sin_cos = sin_cos_deg(params.grid_azimuth_deg(i));
    lines.clear();
    lines.extend(cells.iter().map(|cell| LinearLine::new(sin_cos, *cell, params.radius)));
}

/// The lines of a row in all directions, for the search that looks at every sample.
#[derive(Default)]
pub(crate) struct StepFan {
    /// [`Crossing`] of all samples of all lines.
    keys: Vec<i32>,
    weights: Vec<f32>,
    lines: Vec<FanLine>,
}

/// A line of a [`StepFan`].
struct FanLine {
    samples: Range<usize>,
    line: LinearLine,
    two_cells: bool,
}

/// A line whose slopes are heights per step, ready for the search.
#[derive(Clone, Copy)]
pub(crate) struct StepLine<'a> {
    keys: &'a [i32],
    weights: &'a [f32],
    gains: &'a [f32],
    lifts: &'a [f32],
    bend: f32,
    inverted_bend: f32,
    /// Floats from step to step, and from the nearer to the farther cell.
    along: isize,
    across: isize,
    /// Whether any sample is between two cells.
    pub two_cells: bool,
    /// Factor that converts slopes to slopes on the ground.
    pub scale: f32,
}

impl StepFan {
    /// Bytes of a sample.
    pub const BYTES: usize = size_of::<i32>() + size_of::<f32>();

    /// Removes all lines.
    pub fn clear(&mut self) {
        self.keys.clear();
        self.weights.clear();
        self.lines.clear();
    }

    /// Adds a line.
    #[inline(always)]
    pub fn add(&mut self, line: LinearLine) {
        let start = self.keys.len();
        let end = start + line.samples;
        self.keys.resize(end, 0);
        self.weights.resize(end, 0.0);
        let (keys, weights) = (&mut self.keys[start..], &mut self.weights[start..]);
        let slope = line.axis.slope;
        let mut two_cells = 0;
        for (k, (key, weight)) in (1_i32..).zip(keys.iter_mut().zip(weights)) {
            let crossing = Crossing::at(f64::from(k) * slope);
            *key = crossing.key;
            *weight = crossing.weight;
            two_cells |= crossing.key & 1;
        }
        self.lines.push(FanLine { samples: start..end, line, two_cells: two_cells != 0 });
    }

    /// Line `i` on rows of `stride` floats.
    pub fn line<'a>(&'a self, i: usize, steps: &'a Steps, stride: usize) -> StepLine<'a> {
        let FanLine { samples, line: LinearLine { axis, spacing, .. }, two_cells } = &self.lines[i];
        let row = stride.cast_signed();
        let (along, across) = if axis.along_rows { (row, 1) } else { (1, row) };
        StepLine {
            keys: &self.keys[samples.clone()],
            weights: &self.weights[samples.clone()],
            gains: &steps.gains[..samples.len()],
            lifts: &steps.lifts[..samples.len()],
            bend: steps.factors.bend(*spacing),
            inverted_bend: steps.inverted.bend(*spacing),
            along: if axis.backward { -along } else { along },
            across,
            two_cells: *two_cells,
            scale: steps.factors.scale(*spacing),
        }
    }
}

impl Line for StepLine<'_> {
    #[inline(always)]
    fn taps(self) -> usize {
        self.keys.len()
    }

    #[inline(always)]
    unsafe fn tap(self, k: usize) -> Tap {
        // SAFETY: all of them have as many numbers as there are keys.
        let (key, weight, gain, lift) = unsafe {
            (
                *self.keys.get_unchecked(k),
                *self.weights.get_unchecked(k),
                *self.gains.get_unchecked(k),
                *self.lifts.get_unchecked(k),
            )
        };
        let near = (k + 1).cast_signed() * self.along + (key >> 1) as isize * self.across;
        let step = (k + 1) as f32;
        Tap {
            near,
            far: near + (key & 1) as isize * self.across,
            weight,
            gain,
            lift: lift + self.bend * step,
            inverted_lift: lift + self.inverted_bend * step,
        }
    }
}

/// Where the lines of a block of rows pass between cells.
///
/// The order in memory has two forms. If the axis is that of the rows, receivers side by side share
/// a line, and the samples of this line are side by side. If it is that of the columns, receivers
/// side by side are in different rows, and the same sample of these rows is side by side.
#[derive(Default)]
pub(crate) struct RowLines {
    /// Weight of the farther cell; NaN behind the end of the line of a row.
    pub weights: Vec<f32>,
    /// Twice the cells across from the shared line to the nearer cell, plus 1 if there is a
    /// farther one.
    pub keys: Vec<i8>,
    /// Numbers from row to row, or from sample to sample.
    pub stride: usize,
    /// For each sample, a bit for each [`TOGETHER`] rows: whether their keys, and the key of the
    /// row before, differ.
    pub mixed: Vec<u64>,
    /// [`StepFactors::bend`] of each row, with [`PAD`] extra rows on both sides.
    pub bends: Vec<f32>,
    /// Samples of each row.
    pub samples: Vec<usize>,
    /// The first samples that all rows have, if all of them are on cells of the shared line; else 0.
    pub on_cells: usize,
    slopes: Vec<f64>,
    ends: Vec<f32>,
}

impl RowLines {
    /// Bytes of a sample of a row.
    pub const SAMPLE_BYTES: u64 = (size_of::<f32>() + size_of::<i8>()) as u64;

    /// Maximum bytes of this many rows and samples.
    pub fn bytes(rows: usize, samples: usize) -> u64 {
        let (rows, samples) = (rows.saturating_add(3 * PAD) as u64, samples as u64);
        let per_row = size_of::<f64>() + 2 * size_of::<f32>() + size_of::<usize>();
        (rows.saturating_mul(samples).saturating_mul(Self::SAMPLE_BYTES))
            .saturating_add(rows.saturating_mul(per_row as u64))
            .saturating_add(samples.saturating_mul(size_of::<u64>() as u64))
    }

    /// Computes lines with the same axis, relative to a shared line. `shared` has the place across
    /// of this line for each sample, beginning with the first one.
    #[inline(always)]
    pub fn lay_out(&mut self, lines: &[LinearLine], shared: &[i32]) {
        self.samples.clear();
        self.samples.extend(lines.iter().map(|line| line.samples));
        let is_straight = lines.iter().all(|line| line.axis.slope == 0.0);
        let least = self.samples.iter().min().copied().unwrap_or(0);
        self.on_cells = if is_straight { least } else { 0 };
        if lines[0].axis.along_rows {
            self.lay_out_rows(lines, shared);
        } else {
            self.lay_out_columns(lines, shared);
        }
    }

    /// Computes how the ground curves under each of the lines.
    pub fn curve(&mut self, lines: &[LinearLine], factors: &StepFactors) {
        self.bends.clear();
        self.bends.extend(padded(lines).map(|line| factors.bend(line.spacing)));
    }

    #[inline(always)]
    fn lay_out_rows(&mut self, lines: &[LinearLine], shared: &[i32]) {
        self.stride = shared.len();
        self.weights.resize(lines.len() * self.stride, 0.0);
        self.keys.resize(lines.len() * self.stride, 0);
        for (row, line) in lines.iter().enumerate() {
            let of_row = row * self.stride..(row + 1) * self.stride;
            let weights = &mut self.weights[of_row.clone()];
            let keys = &mut self.keys[of_row];
            let slope = line.axis.slope;
            let numbers = weights.iter_mut().zip(keys).zip(shared);
            for (k, ((weight, key), shared)) in (1_i32..).zip(numbers) {
                let crossing = Crossing::at(f64::from(k) * slope);
                *weight = crossing.weight;
                *key = key_of(crossing, *shared);
            }
        }
    }

    #[inline(always)]
    fn lay_out_columns(&mut self, lines: &[LinearLine], shared: &[i32]) {
        self.slopes.clear();
        self.slopes.extend(padded(lines).map(|line| line.axis.slope));
        self.ends.clear();
        self.ends.extend(padded(lines).map(|line| line.samples as f32));
        self.stride = self.slopes.len();
        self.weights.resize(shared.len() * self.stride, 0.0);
        self.keys.resize(shared.len() * self.stride, 0);
        self.mixed.clear();
        for (k, &shared) in shared.iter().enumerate() {
            let (along, end) = ((k + 1) as f64, (k + 1) as f32);
            let of_sample = k * self.stride..(k + 1) * self.stride;
            let weights = self.weights[of_sample.clone()].as_chunks_mut::<TOGETHER>().0;
            let keys = self.keys[of_sample].as_chunks_mut::<TOGETHER>().0;
            let slopes = self.slopes.as_chunks::<TOGETHER>().0;
            let ends = self.ends.as_chunks::<TOGETHER>().0;
            let (mut mixed, mut before) = (0_u64, None);
            for (c, (weights, keys)) in weights.iter_mut().zip(keys).enumerate() {
                for j in 0..TOGETHER {
                    let crossing = Crossing::at(along * slopes[c][j]);
                    weights[j] = if end > ends[c][j] { f32::NAN } else { crossing.weight };
                    keys[j] = key_of(crossing, shared);
                }
                let first = keys[0];
                let differ = keys
                    .iter()
                    .fold(before.unwrap_or(first) ^ first, |differ, key| differ | (key ^ first));
                mixed |= u64::from(differ != 0) << c;
                before = Some(keys[TOGETHER - 1]);
            }
            self.mixed.push(mixed);
        }
    }
}

/// Lines of rows. Those of the first and the last row are repeated: [`PAD`] times before, and after
/// them up to a multiple of [`TOGETHER`] rows.
fn padded(lines: &[LinearLine]) -> impl Iterator<Item = &LinearLine> {
    let rows = (lines.len() + 2 * PAD).next_multiple_of(TOGETHER);
    (0..rows).map(|row| &lines[row.saturating_sub(PAD).min(lines.len() - 1)])
}

#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "few cells: lines of a block lie close")]
fn key_of(crossing: Crossing, shared: i32) -> i8 {
    (crossing.key - 2 * shared) as i8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ray::{DiscreteRay, MOST_SPREAD};

    /// Rows whose cells become narrower by a share.
    fn cells(rows: usize, share: f64) -> Vec<CellSize> {
        (0..rows).map(|row| CellSize { east: 1.0 - share * row as f64, south: 1.1 }).collect()
    }

    fn lines(cells: &[CellSize], i: u32) -> Vec<LinearLine> {
        let mut lines = Vec::new();
        lines_of(&Params::new(200.0, 16), cells, i, &mut lines);
        lines
    }

    /// Checks all lines of a direction, and returns for how many samples rows differ.
    fn check(cells: &[CellSize], i: u32) -> usize {
        let lines = lines(cells, i);
        let factors = StepFactors::new(&Params::new(200.0, 16), false);
        let ray = DiscreteRay::between(&lines, 100, &factors).unwrap();
        let shared: Vec<i32> = ray.steps.iter().map(|step| step.across as i32).collect();
        let mut block = RowLines::default();
        block.lay_out(&lines, &shared);
        let least = lines.iter().map(|line| line.samples).min().unwrap();
        assert_eq!(block.on_cells, if i.is_multiple_of(4) { least } else { 0 }, "{i}");
        let mut differing = 0;
        for (k, &shared) in shared.iter().enumerate() {
            let (left, right) = ray.spread(k + 1);
            for (row, line) in lines.iter().enumerate() {
                let crossing = Crossing::at((k + 1) as f64 * line.axis.slope);
                assert!(k >= block.on_cells || crossing.key & 1 == 0 && crossing.weight == 0.0);
                let at = if line.axis.along_rows {
                    row * block.stride + k
                } else {
                    k * block.stride + PAD + row
                };
                let key = isize::from(block.keys[at]);
                let place = shared as isize + (key >> 1);
                assert_eq!(2 * place + (key & 1), crossing.key as isize);
                let (near, far) = (key >> 1, (key >> 1) + (key & 1));
                assert!(left <= near && far <= right, "{i}: {k}, {row}");
                let over = !line.axis.along_rows && k >= line.samples;
                let weight = if over { f32::NAN } else { crossing.weight };
                assert_eq!(block.weights[at].to_bits(), weight.to_bits(), "{k}, {row}");
            }
            if !lines[0].axis.along_rows {
                let keys = &block.keys[k * block.stride..][..block.stride];
                for (first, some) in keys.windows(TOGETHER).enumerate() {
                    let differ = some.iter().any(|key| *key != some[0]);
                    let known = block.mixed[k] >> (first / TOGETHER) & 0b11 != 0;
                    assert!(known || !differ, "{k}, {first}");
                    differing += usize::from(differ);
                }
            }
        }
        differing
    }

    #[test]
    fn lines_of_rows_are_where_each_row_has_its_own() {
        for i in 0..16 {
            let differing = check(&cells(70, 1e-4), i);
            let level = [4, 12].contains(&i);
            let along_rows = [0, 1, 7, 8, 9, 15].contains(&i);
            assert_eq!(differing == 0, level || along_rows, "{i}: {differing}");
        }
    }

    #[test]
    fn lines_that_lead_apart_share_no_ray() {
        let factors = StepFactors::new(&Params::new(200.0, 16), false);
        let shared = |cells: &[CellSize], i| DiscreteRay::between(&lines(cells, i), 9, &factors);
        // 200 cells, of which those of the last row are narrower by 14 in 100.
        assert!(shared(&cells(70, 2e-3), 3).is_none());
        let near = shared(&cells(20, 2e-3), 3).unwrap();
        assert!(
            near.spread.iter().all(|(left, right)| -left <= MOST_SPREAD && *right <= MOST_SPREAD)
        );
        // North-east: the dominant axis is that of the shorter side.
        let cells = [CellSize { east: 1.0, south: 1.001 }, CellSize { east: 1.001, south: 1.0 }];
        assert!(shared(&cells[..1], 2).is_some() && shared(&cells[1..], 2).is_some());
        assert!(shared(&cells, 2).is_none());
    }
}
