//! Discrete rays: sight lines whose samples are one cell apart along an axis.
//!
//! Sample `k` is `k` cells from the receiver along the dominant axis, on a cell or between two
//! neighbouring cells. Offsets across are rounded like the shifts of [`crate::geometry::Axis`], so
//! that the sight lines of neighbouring receivers can be made straight ([`crate::sheared_block`]).
//!
//! If each row has its own sight lines ([`crate::row_lines`]), the rows share a ray in the middle
//! of their lines, which are at most a few cells beside it.

use crate::geometry::{Axis, LinearLine, SightLine};
use crate::params::{CellSize, Params};
use crate::row_lines::StepFactors;

/// A sample of a ray: the next one is one cell further along.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    /// Cells across from the receiver to the nearer cell.
    pub across: isize,
    /// Floats from the nearer cell to the farther one: 0 if they are the same.
    pub farther: usize,
    /// Weight of the farther cell.
    pub weight: f32,
    /// `-z_factor / distance`: negative, because the search subtracts the other way.
    pub gain: f32,
    /// `(observer height + drop) / distance`.
    pub lift: f32,
    /// Factor that converts the slope of the horizon to its height here, above the receiver.
    pub reach: f32,
    /// Height that sight lines lose up to here: `lift` times `reach`.
    pub clearance: f32,
}

/// A sight line whose samples are one cell apart along an axis.
#[derive(Clone, Debug)]
pub(crate) struct DiscreteRay {
    /// Whether the axis is that of the rows.
    pub along_rows: bool,
    /// Whether it leads to smaller row or column numbers.
    pub backward: bool,
    /// Samples; the first one is one cell away.
    pub steps: Vec<Step>,
    /// `F(m)`, cells across after `m` cells along, rounded down.
    pub shift: Vec<isize>,
    /// For each number of samples, beginning with 1: how many cells to the left and to the right
    /// of the straight line of cells they take heights. The last entry is also for more samples.
    pub spread: Vec<(isize, isize)>,
    /// Whether any sample is between two cells.
    pub two_cells: bool,
    /// The largest absolute clearance of a sample.
    pub most_clearance: f32,
}

/// Maximum cells that a ray can spread to each side of the straight line.
pub(crate) const MOST_SPREAD: isize = 4;

impl DiscreteRay {
    /// Bytes of a ray over this many rows of a sheared block.
    pub fn bytes(rows: usize) -> u64 {
        (rows * (size_of::<Step>() + 3 * size_of::<isize>())) as u64
    }

    /// The ray of sight line `i`, for receivers over `along_px` cells along it; if `inverted`, over
    /// the surface turned upside down. None if its samples are not one cell apart.
    #[expect(clippy::cast_possible_truncation, reason = "the kernel works in f32")]
    pub fn lay_out(
        params: &Params,
        cell: CellSize,
        i: u32,
        along_px: usize,
        inverted: bool,
    ) -> Option<Self> {
        let line = SightLine::lay_out(params, cell, i);
        let axis = line.axis();
        let mut steps = Vec::with_capacity(line.samples.len());
        for (sample, k) in line.samples.iter().zip(1..) {
            let split = |(row, col): (i32, i32)| {
                let (along, across) = if axis.along_rows { (row, col) } else { (col, row) };
                (if axis.backward { -along } else { along }, across as isize)
            };
            let ((near_along, near), (far_along, far)) = (split(sample.near), split(sample.far));
            if near_along != k || far_along != k {
                return None;
            }
            let loss = if inverted { Params::inverted_loss } else { Params::loss };
            let loss = loss(params, sample.distance);
            steps.push(Step {
                across: near,
                farther: (far - near).cast_unsigned(),
                weight: sample.weight as f32,
                gain: (-params.z_factor / sample.distance) as f32,
                lift: (loss / sample.distance) as f32,
                reach: (sample.distance / params.z_factor) as f32,
                clearance: (loss / params.z_factor) as f32,
            });
        }
        let shift: Vec<isize> = (0..along_px + steps.len()).map(|m| axis.shift(m)).collect();
        // All samples of a receiver must be within the spread, in any row:
        // floor(a) + floor(b) - floor(a + b) is -1 or 0.
        let beside = |(step, k): (&Step, usize)| step.across - shift[k];
        let fits = steps.iter().zip(1..).all(|at| match beside(at) {
            0 => at.0.farther <= 1,
            1 => at.0.farther == 0,
            _ => false,
        });
        let spread = if axis.slope == axis.slope.round() { (0, 0) } else { (-1, 1) };
        let two_cells = steps.iter().any(|step| step.farther != 0);
        // The largest one is that of the first or the last sample.
        let clearance = |step: Option<&Step>| step.map_or(0.0, |step| step.clearance.abs());
        let most_clearance = clearance(steps.first()).max(clearance(steps.last()));
        fits.then_some(Self {
            along_rows: axis.along_rows,
            backward: axis.backward,
            steps,
            shift,
            spread: vec![spread],
            two_cells,
            most_clearance,
        })
    }

    /// The ray that `lines` share, for receivers over `along_px` cells along it. Its slopes are
    /// heights per step, and its clearances are the smallest of all lines. None if the lines have
    /// different axes, or are too far from each other.
    #[expect(clippy::cast_possible_truncation, reason = "the kernel works in f32")]
    pub fn between(lines: &[LinearLine], along_px: usize, factors: &StepFactors) -> Option<Self> {
        let Axis { along_rows, backward, .. } = lines.first()?.axis;
        let extremes = |number: fn(&LinearLine) -> f64| {
            lines.iter().map(number).fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), n| {
                (least.min(n), most.max(n))
            })
        };
        let (least, most) = extremes(|line| line.axis.slope);
        let (nearest, farthest) = extremes(|line| line.spacing);
        let samples = lines.iter().map(|line| line.samples).max()?;
        let spread_around = |slope: f64| {
            let axis = Axis { along_rows, backward, slope };
            let shift: Vec<isize> = (0..=along_px + samples).map(|m| axis.shift(m)).collect();
            let mut spread = Vec::with_capacity(samples);
            let (mut left, mut right) = (0, 0);
            for (k, shift) in shift.iter().enumerate().take(samples + 1).skip(1) {
                let beside = |slope: f64| (k as f64 * slope).floor() as isize - shift;
                // The shifts of a receiver and of a sample can together be one cell less than the
                // shift of both; the farther cell is one more. Along an axis, all shifts are 0.
                if least != 0.0 || most != 0.0 {
                    left = left.min(beside(least) - 1);
                    right = right.max(beside(most) + 1);
                }
                spread.push((left, right));
            }
            (shift, spread, -left <= MOST_SPREAD && right <= MOST_SPREAD)
        };
        // Around the first line, all lines together spread over the fewest cells; around one in
        // the middle, to the same number of cells on each side.
        let mut around = spread_around(least);
        if !around.2 {
            around = spread_around(f64::midpoint(least, most));
        }
        let (shift, spread, narrow) = around;
        let one_way = |line: &LinearLine| (line.axis.along_rows, line.axis.backward);
        if !narrow || lines.iter().any(|line| one_way(line) != (along_rows, backward)) {
            return None;
        }
        let clearances = |k| [nearest, farthest].map(|spacing| factors.clearance(k, spacing));
        let steps = (1..=samples).map(|k| Step {
            across: shift[k],
            farther: 0,
            weight: 0.0,
            gain: StepFactors::gain(k),
            lift: factors.lift(k),
            reach: k as f32,
            clearance: clearances(k).into_iter().fold(f64::INFINITY, f64::min) as f32,
        });
        let most_clearance = clearances(1).into_iter().chain(clearances(samples));
        let most_clearance = most_clearance.fold(0.0, |most: f64, one| most.max(one.abs())) as f32;
        let steps = steps.collect();
        let two_cells = true;
        Some(Self { along_rows, backward, steps, shift, spread, two_cells, most_clearance })
    }

    /// How many cells to the left and to the right of the straight line of cells the first
    /// `samples` take heights.
    pub fn spread(&self, samples: usize) -> (isize, isize) {
        let last = self.spread.len().saturating_sub(1);
        self.spread.get(samples.saturating_sub(1).min(last)).copied().unwrap_or_default()
    }
}
