//! Makes sight lines from azimuths and cell sizes: the only place where an angle becomes cell
//! offsets. Computed in plain f64. The fast search and the reference both use these samples; the
//! tests below compare them with trigonometry.
//!
//! ```text
//!        a_i  clockwise from grid north            rows-dominant ray, linear:
//!         |  /                                       ---x-o-----  row -2
//!         | /  sample k at ground distance d_k        --x--o----  row -1   o crossing
//!         |/                                          ---R------  row  0   x cell centre
//!         R  receiver
//! ```

use crate::params::{CellSize, ParamError, Params, Sampling};
use crate::tile::Halo;

/// A place on a sight line: one cell, or a point between two.
///
/// The height is `near + weight * (far - near)`; if `weight` is zero, both are the same cell.
/// Offsets are rows and columns from the receiver.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Row and column offset of the first cell.
    pub near: (i32, i32),
    /// Row and column offset of the second cell.
    pub far: (i32, i32),
    /// Weight of the second cell, 0 to 1.
    pub weight: f64,
    /// Horizontal distance from the receiver, ground units.
    pub distance: f64,
}

impl Sample {
    fn at_cell(cell: (i32, i32), distance: f64) -> Self {
        Self { near: cell, far: cell, weight: 0.0, distance }
    }

    /// Rows and columns from the receiver to the place of the height.
    pub fn offset(&self) -> (f64, f64) {
        let between = |near: i32, far: i32| {
            f64::from(near) + self.weight * (f64::from(far) - f64::from(near))
        };
        (between(self.near.0, self.far.0), between(self.near.1, self.far.1))
    }

    /// Whether the sample is in the cell of the receiver, as the first points of `divided`
    /// sampling can be. Then it says nothing about the horizon.
    pub fn is_receiver(&self) -> bool {
        self.near == (0, 0) && self.weight == 0.0
    }
}

/// The samples of one direction, nearest first.
#[derive(Clone, Debug, PartialEq)]
pub struct SightLine {
    /// Degrees clockwise from north: see [`Params::azimuth_deg`].
    pub azimuth_deg: f64,
    /// The samples up to the search radius.
    pub samples: Vec<Sample>,
    /// Horizontal distance at which it leaves the cell of the receiver, ground units.
    pub exit_distance: f64,
    step: CellStep,
}

impl SightLine {
    /// Sight line `i` of `params` over cells of size `cell`; both must be valid.
    pub(crate) fn lay_out(params: &Params, cell: CellSize, i: u32) -> Self {
        let azimuth_deg = params.azimuth_deg(i);
        let step = CellStep::new(params.grid_azimuth_deg(i), cell);
        let mut samples = match params.sampling {
            Sampling::Linear => linear(step, params.radius),
            Sampling::Crossings => crossings(step, params.radius),
            Sampling::Nearest => nearest(step, cell, params.radius),
            Sampling::Divided { divisions } => divided(step, params.radius, divisions),
        };
        if params.min_distance > 0.0 {
            samples.retain(|sample| within(params.min_distance, sample.distance));
        }
        Self { azimuth_deg, samples, exit_distance: Crossings::of(step).spacing / 2.0, step }
    }

    /// Rows and columns from the receiver to the point at a distance in ground units.
    pub fn offset_at(&self, distance: f64) -> (f64, f64) {
        (distance * self.step.rows, distance * self.step.cols)
    }

    /// Distance half the way from sample `k` to the next one, ground units; for the last sample,
    /// its own distance. A crown found at a sample ends there.
    pub fn midway(&self, k: usize) -> f64 {
        let here = self.samples[k].distance;
        self.samples.get(k + 1).map_or(here, |next| f64::midpoint(here, next.distance))
    }

    /// The dominant axis of the line.
    pub(crate) fn axis(&self) -> Axis {
        Crossings::of(self.step).axis()
    }

    /// The farthest cell that any sample touches, except samples in the cell of the receiver.
    fn reach(&self) -> Halo {
        let mut halo = Halo::default();
        for sample in self.samples.iter().filter(|s| !s.is_receiver()) {
            for (row, col) in [sample.near, sample.far] {
                halo.include(row.unsigned_abs() as usize, col.unsigned_abs() as usize);
            }
        }
        halo
    }
}

/// All sight lines of a receiver: the same for every receiver of a row, and on a
/// projected grid for every receiver.
#[derive(Clone, Debug, PartialEq)]
pub struct Fan {
    /// One per direction, clockwise from grid north.
    pub lines: Vec<SightLine>,
}

/// Offsets closer than this to a grid line are on it: rounding in the trigonometry must not make
/// a sample depend on a cell that it does not touch.
const SNAP_CELLS: f64 = 1e-9;

impl Fan {
    /// Makes the sight lines of `params` over cells of size `cell`.
    ///
    /// # Errors
    /// Parameters that are not valid for these cells.
    pub fn new(params: &Params, cell: CellSize) -> Result<Self, ParamError> {
        validate(params, cell)?;
        let line = |i| SightLine::lay_out(params, cell, i);
        Ok(Self { lines: (0..params.directions).map(line).collect() })
    }
}

/// The farthest cell that a sight line of `params` touches, without storing the sight lines.
///
/// # Errors
/// Parameters that are not valid for these cells, or without any sample.
pub fn halo_of(params: &Params, cell: CellSize) -> Result<Halo, ParamError> {
    validate(params, cell)?;
    let mut halo = Halo::default();
    for i in 0..params.directions {
        let reach = SightLine::lay_out(params, cell, i).reach();
        halo.include(reach.rows_px, reach.cols_px);
    }
    if halo == Halo::default() {
        return Err(ParamError::RadiusBelowCell { radius: params.radius, cell: cell.larger() });
    }
    Ok(halo)
}

/// Maximum number of samples of one receiver, over all sight lines.
pub const SAMPLES: u64 = 100_000_000;

/// Checks `params`, and that their samples can be expected to fit into memory.
fn validate(params: &Params, cell: CellSize) -> Result<(), ParamError> {
    params.validate(cell)?;
    let samples = samples_at_most(params, cell.east.abs().min(cell.south.abs()));
    if samples > SAMPLES { Err(ParamError::TooManySamples(samples)) } else { Ok(()) }
}

/// Maximum number of samples of one receiver over all sight lines of `params`, without making the
/// sight lines.
pub fn samples_at_most(params: &Params, smallest_side: f64) -> u64 {
    // Float to integer conversions saturate.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a bound")]
    let per_line = match params.sampling {
        Sampling::Divided { divisions } => u64::from(divisions),
        Sampling::Linear | Sampling::Nearest => (params.radius / smallest_side + 3.0).ceil() as u64,
        // Rows and columns: the sum of the sine and the cosine of an angle is at most the square
        // root of 2.
        Sampling::Crossings => {
            (params.radius / smallest_side * std::f64::consts::SQRT_2 + 3.0).ceil() as u64
        }
    };
    per_line.saturating_mul(u64::from(params.directions))
}

/// Number of cells that a ray passes per ground unit.
#[derive(Clone, Copy, Debug, PartialEq)]
struct CellStep {
    rows: f64,
    cols: f64,
}

impl CellStep {
    fn new(azimuth_deg: f64, cell: CellSize) -> Self {
        Self::towards(sin_cos_deg(azimuth_deg), cell)
    }

    fn towards((east, north): (f64, f64), cell: CellSize) -> Self {
        Self { rows: -north / cell.south, cols: east / cell.east }
    }
}

/// Sine and cosine of an azimuth in 0..360 degrees. Values that can be exact are exact, and
/// opposite and perpendicular directions have the same digits.
pub(crate) fn sin_cos_deg(azimuth_deg: f64) -> (f64, f64) {
    let quadrant = (azimuth_deg / 90.0).floor();
    let rest = azimuth_deg - 90.0 * quadrant;
    let (sin, cos) = if rest <= 45.0 {
        rest.to_radians().sin_cos()
    } else {
        let (cos, sin) = (90.0 - rest).to_radians().sin_cos();
        (sin, cos)
    };
    let (sin, cos) = if rest == 45.0 {
        (std::f64::consts::FRAC_1_SQRT_2, std::f64::consts::FRAC_1_SQRT_2)
    } else {
        (sin, cos)
    };
    match quadrant.rem_euclid(4.0) {
        0.0 => (sin, cos),
        1.0 => (cos, -sin),
        2.0 => (-sin, -cos),
        _ => (-cos, sin),
    }
}

/// Whether a distance is within the radius, which is inclusive.
fn within(distance: f64, radius: f64) -> bool {
    distance <= radius * (1.0 + 1e-12)
}

/// A sight line of [`Sampling::Linear`] without a list of samples: sample `k` is `k` cells along
/// its dominant axis and `k * slope` cells across, at the distance `k * spacing`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct LinearLine {
    pub axis: Axis,
    /// Ground distance between samples.
    pub spacing: f64,
    /// Samples up to the search radius.
    pub samples: usize,
}

impl LinearLine {
    /// The line up to `radius` in the direction with this sine and cosine.
    #[expect(clippy::cast_precision_loss, reason = "validated: at most a million cells")]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as above")]
    pub fn new(sin_cos: (f64, f64), cell: CellSize, radius: f64) -> Self {
        let crossings = Crossings::of(CellStep::towards(sin_cos, cell));
        let is_within = |k: usize| within(k as f64 * crossings.spacing, radius);
        let mut samples = (radius / crossings.spacing) as usize;
        while samples > 0 && !is_within(samples) {
            samples -= 1;
        }
        while is_within(samples + 1) {
            samples += 1;
        }
        Self { axis: crossings.axis(), spacing: crossings.spacing, samples }
    }
}

/// Where a line passes the cells across its dominant axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Crossing {
    /// Twice the place across of the nearer cell, plus 1 if the line passes between it and the next
    /// one.
    pub key: i32,
    /// Weight of the farther cell.
    pub weight: f32,
}

impl Crossing {
    /// The crossing at this many cells across.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "validated: at most a million cells")]
    pub fn at(across: f64) -> Self {
        /// The last binary digits of the sum of this and a whole number are those of the number.
        /// A conversion would check the range, and such checks are not vectorised.
        const WHOLE: f64 = (3_u64 << 51) as f64;
        let floor = across.floor();
        let share = across - floor;
        // As `Crossings::centre`, without a branch.
        let on_next = share >= 1.0 - SNAP_CELLS;
        let between = if share > SNAP_CELLS { 1.0 } else { 0.0 };
        let between = if on_next { 0.0 } else { between };
        let key = 2.0 * floor + (between + if on_next { 2.0 } else { 0.0 });
        Self { key: (key + WHOLE).to_bits() as i32, weight: (share * between) as f32 }
    }
}

/// The axis along which a ray passes more cells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Axis {
    /// Whether it is that of the rows.
    pub along_rows: bool,
    /// Whether the ray leads to smaller row or column numbers.
    pub backward: bool,
    /// Cells passed along the other axis per cell.
    pub slope: f64,
}

impl Axis {
    /// Cells passed along the other axis after `m` cells, rounded down. The slope counts as an
    /// exact binary fraction, so that `floor(a + b) - floor(a) - floor(b)` is always 0 or 1.
    #[expect(clippy::cast_possible_truncation, reason = "slope is -1 to 1, m below 2^31")]
    pub fn shift(&self, m: usize) -> isize {
        const BITS: u32 = 62;
        let slope = (self.slope * (1_i64 << BITS) as f64) as i128;
        ((m as i128 * slope) >> BITS) as isize
    }
}

/// The crossings of a ray with the grid lines across one axis: lines through the centres of the
/// cells of a row (or a column).
#[derive(Clone, Copy)]
struct Crossings {
    /// Whether the axis is that of the rows.
    along_rows: bool,
    /// Ground distance between crossings.
    spacing: f64,
    /// +1 or -1 along the axis.
    sign: i32,
    /// Cells passed along the other axis per crossing.
    slope: f64,
}

impl Crossings {
    /// The crossings with the grid lines across the dominant axis.
    fn of(step: CellStep) -> Self {
        Self::along(step, step.rows.abs() >= step.cols.abs())
    }

    fn along(step: CellStep, along_rows: bool) -> Self {
        let (major, minor) =
            if along_rows { (step.rows, step.cols) } else { (step.cols, step.rows) };
        Self {
            along_rows,
            spacing: 1.0 / major.abs(),
            sign: if major < 0.0 { -1 } else { 1 },
            slope: minor / major.abs(),
        }
    }

    fn axis(&self) -> Axis {
        Axis { along_rows: self.along_rows, backward: self.sign < 0, slope: self.slope }
    }

    fn offset(&self, k: i32, minor: i32) -> (i32, i32) {
        let major = k * self.sign;
        if self.along_rows { (major, minor) } else { (minor, major) }
    }

    /// Numbers and distances of the crossings up to `radius`.
    fn up_to(self, radius: f64) -> impl Iterator<Item = (i32, f64)> {
        (1..)
            .map(move |k| (k, f64::from(k) * self.spacing))
            .take_while(move |&(_, distance)| within(distance, radius))
    }

    /// The cell whose centre is crossing `k`, as a place along the line; none if the crossing is
    /// between two centres.
    fn centre(self, k: i32) -> Option<i32> {
        let minor = f64::from(k) * self.slope;
        ((minor - minor.round()).abs() <= SNAP_CELLS).then(|| whole(minor.round()))
    }

    /// The sample between the two cells next to crossing `k`.
    fn between(self, k: i32, distance: f64) -> Sample {
        let minor = f64::from(k) * self.slope;
        let below = whole(minor.floor());
        Sample {
            near: self.offset(k, below),
            far: self.offset(k, below + 1),
            weight: minor - minor.floor(),
            distance,
        }
    }
}

fn linear(step: CellStep, radius: f64) -> Vec<Sample> {
    let crossings = Crossings::of(step);
    let sample = |(k, distance)| match crossings.centre(k) {
        Some(minor) => Sample::at_cell(crossings.offset(k, minor), distance),
        None => crossings.between(k, distance),
    };
    crossings.up_to(radius).map(sample).collect()
}

fn crossings(step: CellStep, radius: f64) -> Vec<Sample> {
    let dominant = Crossings::of(step);
    let other = Crossings::along(step, !dominant.along_rows);
    let mut samples = linear(step, radius);
    if other.spacing.is_finite() {
        // A crossing at a cell centre is already in the list, no matter on which of the two lines
        // rounding puts it.
        let met = |j: i32| {
            let k = whole((f64::from(j) * other.slope).round());
            dominant.centre(k.abs()) == Some(j * other.sign)
        };
        let between = other.up_to(radius).filter(|&(j, _)| !met(j));
        samples.extend(between.map(|(j, distance)| other.between(j, distance)));
        samples.sort_by(|a, b| a.distance.total_cmp(&b.distance));
    }
    samples
}

fn nearest(step: CellStep, cell: CellSize, radius: f64) -> Vec<Sample> {
    let crossings = Crossings::of(step);
    // The centre of a cell can be nearer than the crossing next to it, by less than half a cell.
    // So one crossing beyond the radius is checked, too.
    let last = radius + crossings.spacing + cell.larger();
    (1..)
        .take_while(|&k| within(f64::from(k) * crossings.spacing, last))
        .map(|k| {
            let minor = round_half_up(f64::from(k) * crossings.slope);
            let (row, col) = crossings.offset(k, minor);
            let distance = (f64::from(row) * cell.south).hypot(f64::from(col) * cell.east);
            Sample::at_cell((row, col), distance)
        })
        .filter(|sample| within(sample.distance, radius))
        .collect()
}

fn divided(step: CellStep, radius: f64, divisions: u32) -> Vec<Sample> {
    (1..=divisions)
        .map(|k| {
            let distance = f64::from(k) * radius / f64::from(divisions);
            let cell = (round_half_up(distance * step.rows), round_half_up(distance * step.cols));
            Sample::at_cell(cell, distance)
        })
        .collect()
}

fn round_half_up(cells: f64) -> i32 {
    whole((cells + 0.5 + SNAP_CELLS).floor())
}

/// A whole number of cells: [`Params::validate`] keeps offsets under 2^31.
#[expect(clippy::cast_possible_truncation, reason = "validated: at most a million cells")]
fn whole(cells: f64) -> i32 {
    cells as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(directions: u32, radius: f64, sampling: Sampling) -> Params {
        Params { sampling, ..Params::new(radius, directions) }
    }

    #[test]
    fn compass_directions_are_exact() {
        let fan = Fan::new(&params(8, 3.0, Sampling::Linear), CellSize::square(1.0)).unwrap();
        let first: Vec<_> = fan.lines.iter().map(|l| l.samples[0].near).collect();
        let clockwise_from_north =
            [(-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1)];
        assert_eq!(first, clockwise_from_north);
        assert!(fan.lines.iter().flat_map(|l| &l.samples).all(|s| s.weight == 0.0));
        assert_eq!(fan.lines[0].samples.len(), 3);
        // 3 / sqrt 2 = 2.12 diagonal steps
        assert_eq!(fan.lines[1].samples.len(), 2);
        assert!((fan.lines[1].samples[1].distance - 8f64.sqrt()).abs() < 1e-12);
        let halo = halo_of(&params(8, 3.0, Sampling::Linear), CellSize::square(1.0));
        assert_eq!(halo, Ok(Halo { rows_px: 3, cols_px: 3 }));
    }

    #[test]
    fn interpolated_samples_lie_on_the_ray() {
        let cell = CellSize { east: 0.5, south: 2.0 };
        let lines = |sampling| Fan::new(&params(72, 30.0, sampling), cell).unwrap().lines;
        for line in lines(Sampling::Linear).iter().chain(&lines(Sampling::Crossings)) {
            let azimuth = line.azimuth_deg.to_radians();
            for s in &line.samples {
                let (row, col) = s.offset();
                let (row_at, col_at) = line.offset_at(s.distance);
                assert!((row_at - row).abs() < 1e-8 && (col_at - col).abs() < 1e-8);
                assert!((col * cell.east - s.distance * azimuth.sin()).abs() < 1e-8);
                assert!((-row * cell.south - s.distance * azimuth.cos()).abs() < 1e-8);
                assert!((0.0..1.0).contains(&s.weight));
            }
        }
    }

    #[test]
    fn crossings_are_those_of_rows_and_columns_each_once() {
        // South-east, 2 rows for 3 columns: through a centre every 2 rows.
        let cell = CellSize { east: 2.0, south: 3.0 };
        let fan = Fan::new(&params(8, 6.0 * 2f64.sqrt(), Sampling::Crossings), cell).unwrap();
        let met: Vec<_> = fan.lines[3].samples.iter().map(|s| s.offset()).collect();
        let third = 1.0 / 3.0;
        let want = [(2.0 * third, 1.0), (1.0, 1.5), (4.0 * third, 2.0), (2.0, 3.0)];
        assert_eq!(met.len(), want.len(), "{met:?}");
        for (met, want) in met.iter().zip(want) {
            assert!((met.0 - want.0).hypot(met.1 - want.1) < 1e-12, "{met:?}, not {want:?}");
        }
        for (cell, n) in [(cell, 360), (CellSize { east: 0.7, south: -1.3 }, 719)] {
            let params = |sampling| params(n, 20.0, sampling);
            let crossings = Fan::new(&params(Sampling::Crossings), cell).unwrap();
            let linear = Fan::new(&params(Sampling::Linear), cell).unwrap();
            for (line, of_linear) in crossings.lines.iter().zip(&linear.lines) {
                let whole = |cells: f64| (cells - cells.round()).abs() < 1e-9;
                let (mut rows, mut cols, mut centres) = (0, 0, 0);
                let mut before = 0.0;
                for s in &line.samples {
                    let (row, col) = line.offset_at(s.distance);
                    rows += usize::from(whole(row));
                    cols += usize::from(whole(col));
                    centres += usize::from(whole(row) && whole(col));
                    assert!(whole(row) || whole(col), "{row}, {col}");
                    assert!(s.distance - before > 1e-9, "{before}, {}", s.distance);
                    before = s.distance;
                }
                let (south, east) = line.offset_at(20.0);
                let along = |cells: f64| (cells.abs() + 1e-9).floor() as usize;
                assert_eq!(line.samples.len(), rows + cols - centres);
                let axis = [0.0, 90.0, 180.0, 270.0].contains(&line.azimuth_deg);
                if !axis {
                    assert_eq!((rows, cols), (along(south), along(east)), "{}", line.azimuth_deg);
                }
                assert!(of_linear.samples.iter().all(|s| line.samples.contains(s)));
            }
            let bound =
                samples_at_most(&params(Sampling::Crossings), cell.east.min(cell.south.abs()));
            let most = crossings.lines.iter().map(|l| l.samples.len()).max().unwrap();
            assert!(most as u64 * u64::from(n) <= bound, "{most}, {bound}");
        }
        // Along axes and diagonals of square cells, there are no samples between cells.
        let lines = |sampling| Fan::new(&params(8, 9.0, sampling), CellSize::square(1.0)).unwrap();
        assert_eq!(lines(Sampling::Crossings), lines(Sampling::Linear));
    }

    #[test]
    fn lines_that_are_not_laid_out_have_the_samples_of_those_that_are() {
        for (cell, n) in [
            (CellSize { east: 0.5, south: 2.0 }, 72),
            (CellSize { east: 1.0, south: -1.0 }, 360),
            (CellSize { east: 2.0, south: 3.0 }, 16),
        ] {
            let params = params(n, 30.0, Sampling::Linear);
            for line in Fan::new(&params, cell).unwrap().lines {
                let sin_cos = sin_cos_deg(line.azimuth_deg);
                let short = LinearLine::new(sin_cos, cell, params.radius);
                assert_eq!((short.axis, short.samples), (line.axis(), line.samples.len()));
                for (k, sample) in (1..).zip(&line.samples) {
                    assert_eq!(f64::from(k) * short.spacing, sample.distance);
                    let crossing = Crossing::at(f64::from(k) * short.axis.slope);
                    let cell = |across| {
                        let along = if short.axis.backward { -k } else { k };
                        if short.axis.along_rows { (along, across) } else { (across, along) }
                    };
                    let near = crossing.key >> 1;
                    let far = near + (crossing.key & 1);
                    assert_eq!((cell(near), cell(far)), (sample.near, sample.far));
                    assert_eq!(crossing.weight.to_bits(), (sample.weight as f32).to_bits());
                }
            }
        }
    }

    #[test]
    fn nearest_distances_are_those_of_the_cell_centres() {
        let cell = CellSize { east: 1.5, south: 1.0 };
        let fan = Fan::new(&params(32, 12.0, Sampling::Nearest), cell).unwrap();
        for s in fan.lines.iter().flat_map(|l| &l.samples) {
            let ground = (f64::from(s.near.1) * 1.5).hypot(f64::from(s.near.0));
            assert!((s.distance - ground).abs() < 1e-12 && ground <= 12.0 + 1e-9);
        }
    }

    #[test]
    fn divided_points_are_equally_spaced() {
        let sampling = Sampling::Divided { divisions: 5 };
        let fan = Fan::new(&params(4, 3.0, sampling), CellSize::square(1.0)).unwrap();
        let east: Vec<_> = fan.lines[1].samples.iter().map(|s| (s.near, s.distance)).collect();
        let expected = [((0, 1), 0.6), ((0, 1), 1.2), ((0, 2), 1.8), ((0, 2), 2.4), ((0, 3), 3.0)];
        for ((cell, distance), (want_cell, want)) in east.into_iter().zip(expected) {
            assert_eq!(cell, want_cell);
            assert!((distance - want).abs() < 1e-12);
        }
    }

    #[test]
    fn flipped_rasters_look_the_other_way() {
        let cell = CellSize { east: 1.0, south: -1.0 };
        let fan = Fan::new(&params(4, 2.0, Sampling::Linear), cell).unwrap();
        assert_eq!(fan.lines[0].samples[0].near, (1, 0), "north is one row down");
    }

    #[test]
    fn a_radius_without_samples_is_refused() {
        let error = halo_of(&params(8, 0.5, Sampling::Linear), CellSize::square(1.0));
        assert_eq!(error, Err(ParamError::RadiusBelowCell { radius: 0.5, cell: 1.0 }));
        for radius in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let error = halo_of(&params(8, radius, Sampling::Linear), CellSize::square(1.0));
            assert!(matches!(error, Err(ParamError::Radius(_))), "{radius}");
        }
    }
}
