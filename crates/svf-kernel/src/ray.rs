//! Discrete rays: sight lines whose samples lie one cell apart along an axis.
//!
//! A sight line seen from its dominant axis: sample `k` lies `k` cells further along that
//! axis, on a cell or between two neighbours. Offsets across it round as the shifts of
//! [`crate::geometry::Axis`] do, so that neighbouring receivers may be laid straight
//! ([`crate::sheared_block`]).

use crate::geometry::SightLine;
use crate::params::{CellSize, Params};

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
    /// Whether any sample lies beside the straight line of cells.
    pub spread: bool,
    /// Whether any sample lies between two cells.
    pub two_cells: bool,
}

impl DiscreteRay {
    /// Bytes of a ray that spans so many rows of a sheared block.
    pub fn bytes(rows: usize) -> u64 {
        (rows * (size_of::<Step>() + size_of::<isize>())) as u64
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
        let spread = axis.slope != axis.slope.round();
        let two_cells = steps.iter().any(|step| step.farther != 0);
        fits.then_some(Self {
            along_rows: axis.along_rows,
            backward: axis.backward,
            steps,
            shift,
            spread,
            two_cells,
        })
    }
}
