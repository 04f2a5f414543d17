//! Discrete rays: sight lines whose samples lie one cell apart along an axis.
//!
//! A sight line seen from its dominant axis: sample `k` lies `k` cells further along that
//! axis, on a cell or between two neighbours. Offsets across it round as the shifts of
//! [`crate::geometry::Axis`] do, so that neighbouring receivers may be laid straight
//! ([`crate::sheared_block`]).
//!
//! Rows that each have a sight line of their own ([`crate::row_lines`]) share a ray between
//! the lines of them all, of which those stay a few cells aside.

use crate::geometry::{Axis, LinearLine, SightLine};
use crate::params::{CellSize, Params};
use crate::row_lines::StepFactors;

/// A sample of a ray: the next one lies one cell further along.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    /// Cells across from the receiver to the nearer cell.
    pub across: isize,
    /// Floats from the nearer cell to the farther one: 0 where they are the same.
    pub farther: usize,
    /// Weight of the farther cell.
    pub weight: f32,
    /// `-z_factor / distance`: negative, since the search subtracts the other way.
    pub gain: f32,
    /// `(observer height + drop) / distance`.
    pub lift: f32,
    /// What the horizon's slope is multiplied by to get the height, above the
    /// receiver's, that the horizon has here.
    pub reach: f32,
    /// Height that sight lines lose up to here: `lift` times `reach`.
    pub clearance: f32,
}

/// A sight line, its samples one cell apart along an axis.
#[derive(Clone, Debug)]
pub(crate) struct DiscreteRay {
    /// Whether that axis is the rows'.
    pub along_rows: bool,
    /// Whether it leads to smaller rows or columns.
    pub backward: bool,
    /// Samples, the first one cell away.
    pub steps: Vec<Step>,
    /// `F(m)`, cells across after `m` cells along, rounded down.
    pub shift: Vec<isize>,
    /// Cells to the left and to the right of the straight line of cells up to which any of
    /// the first samples takes heights, by their number less 1; the last one goes on.
    pub spread: Vec<(isize, isize)>,
    /// Whether any sample lies between two cells.
    pub two_cells: bool,
    /// The largest clearance of a sample, either way.
    pub most_clearance: f32,
}

/// Most cells beside the straight line that a ray may spread.
pub(crate) const MOST_SPREAD: isize = 4;

impl DiscreteRay {
    /// Bytes of a ray that spans so many rows of a sheared block.
    pub fn bytes(rows: usize) -> u64 {
        (rows * (size_of::<Step>() + 3 * size_of::<isize>())) as u64
    }

    /// The ray of sight line `i`, for receivers over `along_px` cells along it, over
    /// the surface turned upside down if `inverted`; none if its samples are not one cell
    /// apart.
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
        // So that all samples of a receiver lie within the spread, whatever its row:
        // floor(a) + floor(b) - floor(a + b) is -1 or 0.
        let beside = |(step, k): (&Step, usize)| step.across - shift[k];
        let fits = steps.iter().zip(1..).all(|at| match beside(at) {
            0 => at.0.farther <= 1,
            1 => at.0.farther == 0,
            _ => false,
        });
        let spread = if axis.slope == axis.slope.round() { (0, 0) } else { (-1, 1) };
        let two_cells = steps.iter().any(|step| step.farther != 0);
        // The farthest is the largest, or the nearest.
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

    /// The ray that `lines` share, for receivers over `along_px` cells along it: its slopes
    /// are heights per step, and its clearances the least of all lines. None if they lead
    /// along different axes, or too far aside of each other.
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
        let axis = Axis { along_rows, backward, slope: f64::midpoint(least, most) };
        let shift: Vec<isize> = (0..=along_px + samples).map(|m| axis.shift(m)).collect();
        let mut spread = Vec::with_capacity(samples);
        let (mut left, mut right) = (0, 0);
        for (k, shift) in shift.iter().enumerate().take(samples + 1).skip(1) {
            let beside = |slope: f64| (k as f64 * slope).floor() as isize - shift;
            // The shift of a receiver and of a sample may come to one cell less than that
            // of both; the farther cell is one more. Along an axis all is straight.
            if least != 0.0 || most != 0.0 {
                left = left.min(beside(least) - 1);
                right = right.max(beside(most) + 1);
            }
            spread.push((left, right));
        }
        let one_way = |line: &LinearLine| (line.axis.along_rows, line.axis.backward);
        let fits = lines.iter().all(|line| one_way(line) == (along_rows, backward))
            && -left <= MOST_SPREAD
            && right <= MOST_SPREAD;
        if !fits {
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

    /// Cells to the left and to the right of the straight line of cells up to which the
    /// first `samples` take heights.
    pub fn spread(&self, samples: usize) -> (isize, isize) {
        let last = self.spread.len().saturating_sub(1);
        self.spread.get(samples.saturating_sub(1).min(last)).copied().unwrap_or_default()
    }
}
