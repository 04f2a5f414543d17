//! The definition of the cascade in simple f64 code: the far horizon of every receiver.
//!
//! `docs/decisions/cascade.md` has the words for it.

use std::collections::HashMap;

use ndarray::{Array2, ArrayView2};

use crate::cascade::rule::{NONE_BELOW, NOTHING, Rule, Shear, above, side};
use crate::geometry::{LinearLine, sin_cos_deg};
use crate::params::{CellSize, Params};

/// Which surface is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// The surface.
    Up,
    /// The surface turned upside down, for negative openness.
    Inverted,
}

/// The far horizon of every receiver of a whole raster in direction `i`, as a slope: what is not
/// among its first 20 samples. None if nothing is seen.
pub fn far_slopes(
    heights: ArrayView2<'_, f64>,
    cell: CellSize,
    params: &Params,
    i: u32,
    view: View,
) -> Array2<Option<f64>> {
    let line = LinearLine::new(sin_cos_deg(params.grid_azimuth_deg(i)), cell, params.radius);
    let mut direction = Direction::new(heights, line, params, view);
    Array2::from_shape_fn(heights.dim(), |(row, col)| {
        direction.far_slope(row, col).map(|slope| slope * params.z_factor / line.spacing)
    })
}

/// A horizon as a function of the height of the receiver, near a height: at `z` higher, the slope
/// is `slope - z * fall`. Heights per row.
#[derive(Clone, Copy)]
struct Seen {
    slope: f64,
    fall: f64,
}

impl Seen {
    /// The same, `z` higher.
    fn higher(self, z: f64) -> Self {
        Self { slope: self.slope - z * self.fall, ..self }
    }

    fn between(self, other: Self, weight: f64) -> Self {
        let mix = |a: f64, b: f64| a + weight * (b - a);
        Self { slope: mix(self.slope, other.slope), fall: mix(self.fall, other.fall) }
    }

    fn larger(self, other: Self) -> Self {
        if other.slope > self.slope { other } else { self }
    }
}

/// What a node sees, at its `low` height: as a receiver at `low`, and as one at `high`.
#[derive(Clone, Copy)]
struct Record {
    low: f64,
    seen: [Seen; 2],
}

impl Record {
    /// The same for a place from which all that is seen is some rows farther.
    fn farther_by(self, rows: f64) -> Self {
        let seen = self.seen.map(|Seen { slope, fall }| {
            let share = 1.0 / (1.0 + rows * fall);
            Seen { slope: slope * share, fall: fall * share }
        });
        Self { seen, ..self }
    }
}

/// What a node keeps of its block.
#[derive(Clone, Copy)]
struct Node {
    /// Highest height on its line, and the nearest row that has it.
    top: Option<(f64, i64)>,
    /// Lowest and highest height of its block.
    range: Option<(f64, f64)>,
}

/// Number of a node: block of rows, and line.
type Place = (i64, i64);

/// One direction over a raster.
struct Direction<'a> {
    heights: ArrayView2<'a, f64>,
    line: LinearLine,
    rule: Rule,
    shear: Shear,
    /// 1, or -1 for the surface turned upside down.
    sign: f64,
    /// Observer height, heights of the raster.
    observer: f64,
    /// Heights of the two receivers of a node above its lowest and highest height.
    above: [f64; 2],
    /// What a height one row away loses by curvature, heights of the raster; it grows with the
    /// square of the distance.
    drop: f64,
    nodes: HashMap<(usize, Place), Node>,
    records: HashMap<(usize, Place), Option<Record>>,
}

impl<'a> Direction<'a> {
    fn new(heights: ArrayView2<'a, f64>, line: LinearLine, params: &Params, view: View) -> Self {
        let sign = if view == View::Up { 1.0 } else { -1.0 };
        Self {
            heights,
            line,
            rule: Rule::of(&line),
            shear: Shear::of(&line),
            sign,
            observer: params.observer_height / params.z_factor,
            above: above(params, line.spacing),
            drop: sign * params.drop(line.spacing) / params.z_factor,
            nodes: HashMap::new(),
            records: HashMap::new(),
        }
    }

    /// Height of a cell of the frame, if there is one.
    fn cell(&self, y: i64, x: i64) -> Option<f64> {
        let (row, col) = if self.line.axis.along_rows { (y, x) } else { (x, y) };
        let at = (usize::try_from(row).ok()?, usize::try_from(col).ok()?);
        self.heights.get(at).filter(|z| z.is_finite()).map(|z| self.sign * z)
    }

    /// Height of line `u` at row `y`.
    fn height_on(&self, y: i64, u: i64) -> Option<f64> {
        let (whole, share) = self.shear.at(y);
        let near = self.cell(y, u + whole)?;
        if share == 0.0 {
            return Some(near);
        }
        let far = self.cell(y, u + whole + 1)?;
        Some(near + share * (far - near))
    }

    fn node(&mut self, level: usize, (p, j): Place) -> Node {
        if let Some(node) = self.nodes.get(&(level, (p, j))) {
            return *node;
        }
        let side = side(level) as i64;
        let mut node = Node { top: None, range: None };
        let (rows, cols) = self.heights.dim();
        let known = if self.line.axis.along_rows { rows } else { cols } as i64;
        for y in (p * side).max(0)..((p + 1) * side).min(known) {
            for u in j * side..(j + 1) * side {
                let Some(z) = self.height_on(y, u) else { continue };
                let (low, high) = node.range.unwrap_or((z, z));
                node.range = Some((low.min(z), high.max(z)));
                let is_nearer = |top: f64| z > top || z == top && self.line.axis.backward;
                if u == j * side && node.top.is_none_or(|(top, _)| is_nearer(top)) {
                    node.top = Some((z, y));
                }
            }
        }
        self.nodes.insert((level, (p, j)), node);
        node
    }

    /// What a node sees; none if it is empty.
    fn record(&mut self, level: usize, place: Place) -> Option<Record> {
        if let Some(record) = self.records.get(&(level, place)) {
            return *record;
        }
        let record = self.search(level, place);
        self.records.insert((level, place), record);
        record
    }

    fn search(&mut self, level: usize, (p, j): Place) -> Option<Record> {
        let (low, high) = self.node(level, (p, j)).range?;
        let (low, high) = (low + self.above[0], high + self.above[1]);
        let size = side(level) as f64;
        let centre = p as f64 * size + (size - 1.0) / 2.0;
        let nothing = Seen { slope: f64::from(NOTHING), fall: 0.0 };
        let mut seen = [nothing; 2];
        if level < self.rule.levels {
            let line = j as f64 * size;
            seen = [low, high].map(|z| {
                let above = self.handed_down(level + 1, centre, line, z);
                above.map_or(nothing, |[a, b]| a.larger(b))
            });
        }
        let ahead = if self.line.axis.backward { -1 } else { 1 };
        for k in self.rule.blocks(level) {
            let Some((top, at)) = self.node(level, (p + ahead * k as i64, j)).top else { continue };
            let distance = (at as f64 - centre).abs();
            if distance > self.rule.farthest() {
                continue;
            }
            for (seen, z) in seen.iter_mut().zip([low, high]) {
                let slope = (top - z) / distance - self.drop * distance;
                *seen = seen.larger(Seen { slope, fall: 1.0 / distance });
            }
        }
        Some(Record { low, seen: [seen[0], seen[1].higher(low - high)] })
    }

    /// What is seen from row `y` on line `u` at the height `z`, by the nodes of a level; none if
    /// a line has none.
    fn handed_down(&mut self, level: usize, y: f64, u: f64, z: f64) -> Option<[Seen; 2]> {
        let size = side(level) as f64;
        let first = (u / size).floor();
        let weight = u / size - first;
        let a = self.on_line_or_beside(level, y, first as i64)?;
        let b = self.on_line_or_beside(level, y, first as i64 + 1)?;
        let at_height = |record: Record, k: usize| record.seen[k].higher(z - record.low);
        Some([0, 1].map(|k| at_height(a, k).between(at_height(b, k), weight)))
    }

    /// What is seen from row `y` on line `j` of a level, or on the line before or after it.
    fn on_line_or_beside(&mut self, level: usize, y: f64, j: i64) -> Option<Record> {
        self.on_line(level, y, j)
            .or_else(|| self.on_line(level, y, j - 1))
            .or_else(|| self.on_line(level, y, j + 1))
    }

    /// What is seen from row `y` on line `j` of a level, between two nodes of the line.
    fn on_line(&mut self, level: usize, y: f64, j: i64) -> Option<Record> {
        let size = side(level) as f64;
        let p = ((y + 0.5) / size).floor();
        let off = (y - p * size - (size - 1.0) / 2.0) / size;
        let p = p as i64;
        let own = self.record(level, (p, j));
        let other = self.record(level, (if off < 0.0 { p - 1 } else { p + 1 }, j));
        let ahead = if self.line.axis.backward { -1.0 } else { 1.0 };
        let to_other = if off < 0.0 { -1.0 } else { 1.0 };
        let (own, other) = match (own, other) {
            (Some(own), Some(other)) => (own, other),
            (Some(own), None) => return Some(own.farther_by(-off * size * ahead)),
            (None, other) => return Some(other?.farther_by((to_other - off) * size * ahead)),
        };
        let weight = off.abs();
        let variance = weight * (1.0 - weight) * size * size;
        let seen = [0, 1].map(|k| {
            let other = other.seen[k].higher(own.low - other.low);
            let seen = own.seen[k].between(other, weight);
            let share = 1.0 - variance * seen.fall * seen.fall;
            Seen { slope: seen.slope * share, fall: seen.fall * share }
        });
        Some(Record { low: own.low, seen })
    }

    /// The far horizon of a receiver, in heights per row.
    fn far_slope(&mut self, row: usize, col: usize) -> Option<f64> {
        let (y, x) = if self.line.axis.along_rows { (row, col) } else { (col, row) };
        let (y, x) = (y as i64, x as i64);
        let z = self.cell(y, x)? + self.observer;
        if self.rule.levels == 0 {
            return None;
        }
        let (whole, share) = self.shear.at(y);
        let u = (x - whole) as f64 - share;
        let [a, b] = self.handed_down(1, y as f64, u, z)?;
        let slope = a.larger(b).slope;
        (slope >= f64::from(NONE_BELOW)).then_some(slope)
    }
}
