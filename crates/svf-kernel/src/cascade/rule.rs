//! The numbers of the cascade that the fast search and its definition share: levels, blocks and
//! sheared lines.

use std::ops::RangeInclusive;

use crate::geometry::{LinearLine, sin_cos_deg};
use crate::params::{CellSize, Params};
use crate::tile::Halo;

/// Samples that each receiver looks at itself.
pub(crate) const NEAR: usize = 20;
/// Nodes of a level that become one of the next level, along and across.
pub(crate) const RADIX: usize = 4;
/// The slope of a node that sees nothing. It stays far below all slopes that exist when it is
/// interpolated with one of them.
pub(crate) const NOTHING: f32 = -1e36;
/// Slopes below this one are none.
pub(crate) const NONE_BELOW: f32 = -1e32;

/// First and last block that a node of level 1 looks at.
const FIRST_LEVEL: (usize, usize) = (5, 24);
/// The same of the levels above; the highest one looks further.
const LEVELS_ABOVE: (usize, usize) = (6, 24);
/// Blocks up to the radius at most if there is only one level.
const ONE_LEVEL: usize = 24;
/// The same of the highest level if there are more.
const HIGHEST_LEVEL: usize = 48;

/// How much lower than the lowest height of a node, and higher than the highest one, its receivers
/// are, in rows (the height over a row at a slope of 45 degrees). Without it, rounding would choose
/// among tops that are seen at the same slope: many, on a plane. Now it is the nearest one for
/// receivers that are lower, and the farthest one for those that are higher.
const BEYOND_RANGE: f64 = 1.0 / 16.0;

/// Heights of the two receivers of a node above its lowest and highest height, heights of the raster.
pub(crate) fn above(params: &Params, spacing: f64) -> [f64; 2] {
    let observer = params.observer_height / params.z_factor;
    let beyond = BEYOND_RANGE * spacing / params.z_factor;
    [observer - beyond, observer + beyond]
}

/// The same parameters with a radius that has all near samples and hardly more: to lay out the sight lines of a
/// long one takes longer than the search.
pub(crate) fn near_params(params: &Params, cell: CellSize) -> Params {
    let farthest = (NEAR + 1) as f64 * cell.east.hypot(cell.south);
    Params { radius: params.radius.min(farthest), ..params.clone() }
}

/// How a direction is searched.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rule {
    /// Number of levels; 0 if there are only near samples.
    pub levels: usize,
    /// Samples up to the radius.
    samples: usize,
}

/// Rows, and lines, from a node of a level to the next one.
pub(crate) fn side(level: usize) -> usize {
    RADIX.pow(u32::try_from(level).unwrap_or(u32::MAX))
}

impl Rule {
    /// The rule for a sight line.
    pub fn of(line: &LinearLine) -> Self {
        let samples = line.samples;
        let reaches = |level: usize| match level {
            0 => samples <= NEAR,
            1 => samples < ONE_LEVEL * side(1),
            _ => samples < HIGHEST_LEVEL * side(level),
        };
        // At most a million samples.
        let levels = (0..16).find(|&level| reaches(level)).unwrap_or(16);
        Self { levels, samples }
    }

    /// The largest distance of a top from the centre of a node, rows.
    #[expect(clippy::cast_precision_loss, reason = "at most a million")]
    pub fn farthest(&self) -> f64 {
        self.samples as f64 + 0.5
    }

    /// The blocks that a node of a level looks at: the first one, and the last one that has a row
    /// within the radius.
    pub fn blocks(&self, level: usize) -> RangeInclusive<usize> {
        let (first, last) = if level == 1 { FIRST_LEVEL } else { LEVELS_ABOVE };
        let within = (self.samples + side(level) / 2) / side(level);
        first..=if level < self.levels { last.min(within) } else { within }
    }

    /// Rows from a receiver to the farthest row that can matter for so many levels, and lines to the
    /// farthest line.
    fn reach(&self, levels: usize) -> (usize, usize) {
        // Rows: half a block to the centre of the next one, and that block. Lines: the next line, or
        // the one that replaces it, and the lines of its block.
        let of_levels: usize = (1..=levels).map(side).sum();
        let (rows, lines) = (of_levels * 3 / 2, of_levels * 2);
        let last = side(levels);
        let farthest =
            if levels < self.levels { self.blocks(levels).end() * last } else { self.samples };
        (rows + farthest + last, lines + last)
    }

    /// Cells around a receiver that can matter in the direction of a line with this rule, for the
    /// levels that are `made` from the heights of a tile.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most a few million"
    )]
    pub fn halo(&self, line: &LinearLine, made: usize) -> Halo {
        if self.levels == 0 {
            return Halo::default();
        }
        let (rows, lines) = self.reach(self.levels.min(made));
        // Receivers are read in vectors, and the last of them can lead beyond the last receiver.
        let across = lines + (rows as f64 * line.axis.slope.abs()).ceil() as usize + 4;
        if line.axis.along_rows {
            Halo { rows_px: rows, cols_px: across }
        } else {
            Halo { rows_px: across, cols_px: rows }
        }
    }
}

/// The sight lines of all directions of a cascade.
pub(crate) fn lines_of(params: &Params, cell: CellSize) -> Vec<LinearLine> {
    let line = |i| LinearLine::new(sin_cos_deg(params.grid_azimuth_deg(i)), cell, params.radius);
    (0..params.directions).map(line).collect()
}

/// Cells around a receiver that can matter for a cascade, in any direction, for the levels that are
/// `made` from the heights of a tile.
pub(crate) fn halo_of(params: &Params, cell: CellSize, made: usize) -> Halo {
    let mut halo = Halo::default();
    for line in lines_of(params, cell) {
        let reach = Rule::of(&line).halo(&line, made);
        halo.include(reach.rows_px, reach.cols_px);
    }
    halo
}

/// Sheared lines: line `u` passes row `y` at `u + y * slope`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Shear {
    /// Cells across per row of the frame.
    pub slope: f64,
}

/// Offsets closer than this to a cell are on it.
const SNAP_CELLS: f64 = 1e-9;

impl Shear {
    /// The lines of a sight line and of its opposite.
    pub fn of(line: &LinearLine) -> Self {
        Self { slope: if line.axis.backward { -line.axis.slope } else { line.axis.slope } }
    }

    /// Whole cells and share of a cell from line 0 at row 0 to line 0 at row `y`.
    #[expect(clippy::cast_precision_loss, reason = "rows of a raster")]
    #[expect(clippy::cast_possible_truncation, reason = "as above")]
    pub fn at(&self, y: i64) -> (i64, f64) {
        let across = y as f64 * self.slope;
        let whole = across.round();
        if (across - whole).abs() <= SNAP_CELLS {
            return (whole as i64, 0.0);
        }
        (across.floor() as i64, across - across.floor())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Axis;

    fn rule(samples: usize) -> Rule {
        let axis = Axis { along_rows: true, backward: false, slope: 0.5 };
        Rule::of(&LinearLine { axis, spacing: 1.0, samples })
    }

    #[test]
    fn the_highest_level_sees_the_radius_in_48_blocks() {
        let levels = |samples| rule(samples).levels;
        assert_eq!([20, 21, 95, 96].map(levels), [0, 1, 1, 2]);
        assert_eq!([767, 768, 3071, 3072, 12287].map(levels), [2, 3, 3, 4, 4]);
        assert_eq!(rule(21).blocks(1), 5..=5);
        assert_eq!(rule(95).blocks(1), 5..=24);
        // Block 6 begins 88.5 rows after the centre.
        assert_eq!((rule(96).blocks(1), rule(96).blocks(2)), (5..=24, 6..=6));
        assert_eq!((rule(767).blocks(1), rule(767).blocks(2)), (5..=24, 6..=48));
        assert_eq!((rule(1600).blocks(2), rule(1600).blocks(3)), (6..=24, 6..=25));
    }

    #[test]
    fn shares_of_cells_are_never_negative() {
        let shear = Shear { slope: -0.25 };
        assert_eq!(
            [0, 1, 2, 4, -1, -3].map(|y| shear.at(y)),
            [(0, 0.0), (-1, 0.75), (-1, 0.5), (-1, 0.0), (0, 0.25), (0, 0.75)]
        );
        let thirds = Shear { slope: 1.0 / 3.0 };
        assert_eq!((thirds.at(-9), thirds.at(3)), ((-3, 0.0), (1, 0.0)));
    }
}
