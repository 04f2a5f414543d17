//! The definition of every measure in simple f64 code, with one loop per line of the formulas.
//! All fast code is tested against it.
//!
//! It is readable, not fast. It works on a whole raster; everything outside the array is missing.

pub mod cascade;

use ndarray::{Array2, Array3, ArrayView2};

use crate::cascade::rule::NEAR;
use crate::geometry::{Fan, Sample, SightLine};
use crate::ground::Ground;
use crate::heights::{usable, usable_crown};
use crate::intervals::{THINNEST, union_of};
use crate::measures::{Measure, SearchOptions, Side};
use crate::nearest;
use crate::params::{CellSize, Missing, ParamError, Params, Search, Trunk};
use crate::reference::cascade::View;
use crate::setup::check_cascade;

/// What one receiver sees in one direction.
#[derive(Clone, Debug, PartialEq)]
pub struct Sight {
    /// Highest slope (tangent of the horizon angle); none if there is no valid sample.
    pub slope: Option<f64>,
    /// Highest slope over the surface turned upside down.
    pub inverted_slope: Option<f64>,
    /// Distance of the nearest sample that makes a horizon above the horizontal, ground units.
    /// The slope of this sample is the highest one, or ties with it within rounding. 0 if there
    /// is no such sample.
    pub distance: f64,
    /// Whether a height on the sight line is missing.
    pub gap: bool,
    /// Slopes between which crowns are seen, above the horizon: disjoint, lowest first.
    pub crowns: Vec<(f64, f64)>,
    /// Slopes below the horizon between which crowns are seen in front of the ground that blocks
    /// the sky: disjoint, lowest first.
    pub front: Vec<(f64, f64)>,
}

impl Sight {
    /// Horizon angle `g`, radians, never below the horizontal.
    pub fn angle(&self) -> f64 {
        self.slope.unwrap_or(0.0).max(0.0).atan()
    }
}

/// A raster: heights, and vegetation if it is used.
#[derive(Clone, Debug)]
pub struct Surface {
    /// Heights, shape (rows, columns); a missing height is not finite.
    pub heights: Array2<f64>,
    /// Heights of the canopy and of the bottoms of crowns above ground, if [`Params::canopy`] is
    /// set; 0 if there is no vegetation.
    pub crowns: Option<(Array2<f64>, Array2<f64>)>,
}

impl Surface {
    /// The surface for `params`: `canopy` and `trunk` are heights above ground, and `trunk` is
    /// only for [`Trunk::Heights`]. Values that are too large, negative or not finite are treated
    /// as in a [`crate::Tile`].
    ///
    /// # Panics
    /// If a layer that `params` need is missing, or if the shapes differ.
    pub fn new(
        heights: ArrayView2<'_, f32>,
        canopy: Option<ArrayView2<'_, f32>>,
        trunk: Option<ArrayView2<'_, f32>>,
        params: &Params,
    ) -> Self {
        let crown = |height| f64::from(usable_crown(height));
        let crowns = params.canopy.map(|with| {
            let canopy = canopy.expect("the parameters need a canopy").mapv(crown);
            let trunk = match with.trunk {
                Trunk::Ratio(ratio) => &canopy * ratio,
                Trunk::Heights => trunk.expect("the parameters need trunks").mapv(crown),
            };
            assert_eq!(trunk.dim(), canopy.dim(), "the trunks must have the shape of the canopy");
            (canopy, trunk)
        });
        Self { heights: heights.mapv(|z| f64::from(usable(z))), crowns }
    }
}

/// Height at a sample seen from (`row`, `col`); none if missing.
pub fn height_at(z: ArrayView2<'_, f64>, row: usize, col: usize, sample: &Sample) -> Option<f64> {
    let cell = |(drow, dcol): (i32, i32)| -> Option<f64> {
        let row = row.checked_add_signed(drow as isize)?;
        let col = col.checked_add_signed(dcol as isize)?;
        z.get((row, col)).copied().filter(|height| height.is_finite())
    };
    let near = cell(sample.near)?;
    let far = cell(sample.far)?;
    Some(near + sample.weight * (far - near))
}

/// Slope at which a receiver on the height `ground` sees the height `height` at `distance`.
pub fn slope_to(ground: f64, height: f64, distance: f64, params: &Params) -> f64 {
    ((height - ground) * params.z_factor - params.loss(distance)) / distance
}

/// The same for the surface turned upside down, with the observer height above it; the drop by
/// curvature is turned upside down, too.
fn inverted_slope_to(ground: f64, height: f64, distance: f64, params: &Params) -> f64 {
    ((ground - height) * params.z_factor - params.inverted_loss(distance)) / distance
}

/// Searches one sight line of the receiver at (`row`, `col`) of `surface`.
pub fn look(surface: &Surface, row: usize, col: usize, line: &SightLine, params: &Params) -> Sight {
    let z = surface.heights.view();
    let own = own_crown(surface, row, col, line, params);
    let mut sight = Sight {
        slope: None,
        inverted_slope: None,
        distance: 0.0,
        gap: false,
        crowns: Vec::new(),
        front: Vec::new(),
    };
    // Each crown with the highest slope of the ground up to its sample: what is below is behind
    // this ground.
    let mut crowns: Vec<((f64, f64), f64)> = own.map(|own| (own, 0.0)).into_iter().collect();
    let mut before = 0.0_f64;
    // The crown at the sample before: between two consecutive crowns there is a crown, too.
    let mut last = own;
    let mut seen = Vec::new();
    for (k, sample) in line.samples.iter().enumerate().filter(|(_, s)| !s.is_receiver()) {
        let Some(height) = height_at(z, row, col, sample) else {
            sight.gap = true;
            last = None;
            if params.missing == Missing::Stop {
                break;
            }
            continue;
        };
        let d = sample.distance;
        let slope = slope_to(z[(row, col)], height, d, params);
        let inverted = inverted_slope_to(z[(row, col)], height, d, params);
        seen.push((d, slope));
        before = before.max(slope);
        if surface.crowns.is_some() {
            let slope_of = |rise: f64| slope + rise * params.z_factor / d;
            // Its bottom is seen where the crown ends: half the way to the next sample.
            let crown = crown_at(surface, row, col, sample)
                .map(|(bottom, top)| (slope_of(bottom) * d / line.midway(k), slope_of(top)));
            if let (Some(last), Some(crown)) = (last, crown) {
                crowns.push(((last.0.min(crown.0), last.1.max(crown.1)), before));
            }
            crowns.extend(crown.map(|crown| (crown, before)));
            last = crown;
        }
        sight.slope = Some(sight.slope.map_or(slope, |s| s.max(slope)));
        sight.inverted_slope = Some(sight.inverted_slope.map_or(inverted, |s| s.max(inverted)));
    }
    let horizon = sight.slope.unwrap_or(0.0).max(0.0);
    let reach = nearest::reach(horizon);
    if reach > 0.0 {
        let makes_it = seen.iter().find(|(_, slope)| *slope >= reach);
        sight.distance = makes_it.map_or(0.0, |(distance, _)| *distance);
    }
    let union = |crowns: &mut dyn Iterator<Item = (f64, f64)>| {
        union_of(crowns.filter(|(bottom, top)| top > bottom).collect())
    };
    sight.crowns = union(&mut crowns.iter().map(|&((bottom, top), _)| (bottom.max(horizon), top)));
    let front = crowns.iter().map(|&((bottom, top), floor)| (bottom.max(floor), top.min(horizon)));
    sight.front = union(&mut front.into_iter());
    sight
}

/// Heights of the bottom and the top of a crown above ground at a sample seen from (`row`,
/// `col`); none if there is no crown.
///
/// The top slopes to the ground over the last cell, like the heights of a wall. The bottom is
/// interpolated between cells with crowns; next to a cell without a crown it keeps its height, up
/// to the place where the top reaches it.
fn crown_at(surface: &Surface, row: usize, col: usize, sample: &Sample) -> Option<(f64, f64)> {
    let (canopy, trunk) = surface.crowns.as_ref()?;
    let of_cell = |cell: (i32, i32)| {
        let at = |layer: &Array2<f64>| {
            let sample = Sample { near: cell, far: cell, weight: 0.0, distance: 0.0 };
            height_at(layer.view(), row, col, &sample).unwrap_or(0.0)
        };
        let (top, bottom) = (at(canopy), at(trunk));
        (top > 0.0 && top > bottom).then_some((bottom, top))
    };
    let weight = sample.weight;
    let (bottom, top) = match (of_cell(sample.near), of_cell(sample.far)) {
        (Some(near), Some(far)) => {
            let between = |near: f64, far: f64| near * (1.0 - weight) + far * weight;
            (between(near.0, far.0), between(near.1, far.1))
        }
        (Some((bottom, top)), None) => (bottom, top * (1.0 - weight)),
        (None, Some((bottom, top))) => (bottom, top * weight),
        (None, None) => return None,
    };
    (top * (1.0 - THINNEST) > bottom).then_some((bottom, top))
}

/// The crown above the receiver: a sight line that reaches its bottom before it leaves the cell
/// of the receiver passes through it.
fn own_crown(
    surface: &Surface,
    row: usize,
    col: usize,
    line: &SightLine,
    params: &Params,
) -> Option<(f64, f64)> {
    let (canopy, trunk) = surface.crowns.as_ref()?;
    let above = |height: f64| height * params.z_factor - params.observer_height;
    let (top, bottom) = (above(canopy[(row, col)]), above(trunk[(row, col)]));
    (canopy[(row, col)] > 0.0 && top > 0.0 && top > bottom)
        .then_some((bottom / line.exit_distance, f64::INFINITY))
}

/// The plane that a receiver stands on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SlopePlane {
    /// Slope S, radians.
    pub slope: f64,
    /// Aspect A, the azimuth that it faces (downhill), radians; 0 on level ground.
    pub aspect: f64,
}

/// Slope and aspect from the four neighbours, central differences (Zevenbergen & Thorne 1987). If
/// one of two opposite neighbours is missing, the other one is used; if both are missing, the
/// plane is level along their axis.
pub fn slope_plane(
    z: ArrayView2<'_, f64>,
    row: usize,
    col: usize,
    cell: CellSize,
    params: &Params,
) -> SlopePlane {
    let height = |drow: i32, dcol: i32| {
        height_at(
            z,
            row,
            col,
            &Sample { near: (drow, dcol), far: (drow, dcol), weight: 0.0, distance: 0.0 },
        )
    };
    let here = z[(row, col)];
    let rise = |before: Option<f64>, after: Option<f64>| match (before, after) {
        (Some(before), Some(after)) => (after - before) / 2.0,
        (Some(before), None) => here - before,
        (None, Some(after)) => after - here,
        (None, None) => 0.0,
    };
    let east = rise(height(0, -1), height(0, 1)) * params.z_factor / cell.east;
    let north = -rise(height(-1, 0), height(1, 0)) * params.z_factor / cell.south;
    SlopePlane { slope: east.hypot(north).atan(), aspect: f64::atan2(-east, -north) }
}

/// Value of a measure (other than the bands of `horizon`) from what a receiver on
/// `slope_plane` sees in all directions, clockwise from north. NaN if it has none: the aspect of a
/// level plane.
pub fn value(measure: Measure, sights: &[Sight], slope_plane: SlopePlane, params: &Params) -> f64 {
    use std::f64::consts::{FRAC_PI_2, PI};
    let first = params.first_azimuth_deg.to_radians();
    let azimuth = |i: usize| first + 2.0 * PI * i as f64 / sights.len() as f64;
    // A mean over directions, weighted.
    let weighted = |weight: &dyn Fn(f64) -> f64, term: &dyn Fn(&Sight, f64) -> f64| {
        let terms =
            sights.iter().enumerate().map(|(i, s)| weight(azimuth(i)) * term(s, azimuth(i)));
        exact_sum(terms) / exact_sum((0..sights.len()).map(|i| weight(azimuth(i))))
    };
    let mean = |term: &dyn Fn(&Sight, f64) -> f64| weighted(&|_| 1.0, term);
    // A share of the sky with the horizon at an angle, minus what crowns above the horizon take:
    // as much as a horizon that is raised from their bottom to their top.
    let opacity = params.canopy.map_or(0.0, |canopy| 1.0 - canopy.transmissivity);
    let share = |weight: &dyn Fn(f64) -> f64, of: &dyn Fn(f64, f64) -> f64| {
        weighted(weight, &|s, a| {
            let raised = s.crowns.iter().map(|(b, t)| of(t.atan(), a) - of(b.atan(), a));
            of(s.angle(), a) + opacity * raised.sum::<f64>()
        })
    };
    let all = |_: f64| 1.0;
    let weight_of = |side: Side| {
        let middle = match side {
            Side::All => None,
            Side::North => Some(0.0),
            Side::East => Some(PI / 2.0),
            Side::South => Some(PI),
            Side::West => Some(1.5 * PI),
        };
        move |a: f64| {
            let c = middle.map_or(1.0, |middle: f64| (a - middle).cos());
            if c.abs() < 1e-9 {
                0.5
            } else if c > 0.0 {
                1.0
            } else {
                0.0
            }
        }
    };
    let half = |side: Side| share(&weight_of(side), &|g, _| g.cos().powi(2));
    // 1 minus the cosine-weighted share of the sky between these slopes.
    let without = |side: Side, of: &dyn Fn(&Sight) -> &[(f64, f64)]| {
        let cos2 = |t: f64| t.atan().cos().powi(2);
        let behind = |s: &Sight, _: f64| of(s).iter().map(|(b, t)| cos2(*b) - cos2(*t)).sum();
        1.0 - weighted(&weight_of(side), &behind)
    };
    let SlopePlane { slope, aspect } = slope_plane;
    let aspect = aspect - params.north_deg.to_radians();
    let svf_slope = || {
        let above = |g: f64, a: f64| {
            // The horizon is not below the plane of the receiver.
            let own = (-slope.tan() * (a - aspect).cos()).atan();
            let g = g.max(own);
            slope.cos() * g.cos().powi(2)
                + slope.sin() * (a - aspect).cos() * (FRAC_PI_2 - g - g.sin() * g.cos())
        };
        share(&all, &above).clamp(0.0, 1.0)
    };
    match measure {
        Measure::Svf => 1.0 - share(&all, &|g, _| g.sin()),
        Measure::SvfError => {
            let is_odd = |a: f64| {
                let from_first = (a - first) / (2.0 * PI);
                (from_first * sights.len() as f64).round() as usize % 2 == 1
            };
            let even = share(&|a| if is_odd(a) { 0.0 } else { 1.0 }, &|g, _| g.sin());
            let odd = share(&|a| if is_odd(a) { 1.0 } else { 0.0 }, &|g, _| g.sin());
            (even - odd).abs() / 2.0
        }
        Measure::SvfCosine => share(&all, &|g, _| g.cos().powi(2)),
        Measure::SvfSlope => svf_slope(),
        Measure::VisibleSky => share(&all, &|g, _| 1.0 - 2.0 * g / PI),
        Measure::SvfCos => share(&all, &|g, _| g.cos()),
        Measure::TerrainView => ((1.0 + slope.cos()) / 2.0 - svf_slope()).clamp(0.0, 1.0),
        Measure::OpennessPositive => {
            mean(&|s, _| 90.0 - s.slope.unwrap_or(0.0).atan().to_degrees())
        }
        Measure::OpennessNegative => {
            mean(&|s, _| 90.0 - s.inverted_slope.unwrap_or(0.0).atan().to_degrees())
        }
        Measure::SvfAnisotropic => {
            let weight = |a: f64| params.anisotropy.weight(a.to_degrees());
            1.0 - share(&weight, &|g, _| g.sin())
        }
        Measure::SvfNorth => half(Side::North),
        Measure::SvfEast => half(Side::East),
        Measure::SvfSouth => half(Side::South),
        Measure::SvfWest => half(Side::West),
        Measure::SvfVeg(side) => without(side, &|s| &s.crowns),
        Measure::SvfAveg(side) => without(side, &|s| &s.front),
        Measure::HorizonDistance => mean(&|s, _| s.distance),
        Measure::Slope => slope.to_degrees(),
        Measure::Aspect if slope == 0.0 => f64::NAN,
        Measure::Aspect => {
            let azimuth = aspect.to_degrees().rem_euclid(360.0);
            // A tiny negative angle is rounded to 360.
            if azimuth < 360.0 { azimuth } else { 0.0 }
        }
        Measure::Coverage => mean(&|s, _| if s.gap { 0.0 } else { 1.0 }),
        Measure::Horizon { .. } => f64::NAN,
    }
}

/// Sum that keeps the rounding error of every step (Neumaier 1974), so that the reference does
/// not depend on the order of the directions.
fn exact_sum(terms: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut lost) = (0.0_f64, 0.0_f64);
    for term in terms {
        let next = sum + term;
        lost += if sum.abs() >= term.abs() { (sum - next) + term } else { (term - next) + sum };
        sum = next;
    }
    sum + lost
}

/// What one receiver sees, and the values of its measures.
#[derive(Clone, Debug, PartialEq)]
pub struct Receiver {
    /// One per direction, clockwise from north.
    pub sights: Vec<Sight>,
    /// One per band of the measures; none if [`Missing::Nan`] refuses it.
    pub values: Option<Vec<f64>>,
}

/// Looks along every sight line of `fan`, made for cells of size `cell`, and computes the
/// measures of the exact search; none if the height of the receiver is missing.
pub fn receiver(
    surface: &Surface,
    row: usize,
    col: usize,
    fan: &Fan,
    cell: CellSize,
    params: &Params,
    measures: &[Measure],
) -> Option<Receiver> {
    if !surface.heights[(row, col)].is_finite() {
        return None;
    }
    let sights: Vec<Sight> = fan.lines.iter().map(|l| look(surface, row, col, l, params)).collect();
    if params.missing == Missing::Nan && sights.iter().any(|s| s.gap) {
        return Some(Receiver { sights, values: None });
    }
    let values = values_of(surface, (row, col), &sights, cell, params, measures);
    Some(Receiver { sights, values: Some(values) })
}

/// The values of all bands from what a receiver sees.
fn values_of(
    surface: &Surface,
    (row, col): (usize, usize),
    sights: &[Sight],
    cell: CellSize,
    params: &Params,
    measures: &[Measure],
) -> Vec<f64> {
    let slope_plane = slope_plane(surface.heights.view(), row, col, cell, params);
    let mut values = Vec::new();
    for &measure in measures {
        if let Measure::Horizon { signed } = measure {
            values.extend(sights.iter().map(|sight| {
                let angle = sight.slope.unwrap_or(0.0).atan();
                (if signed { angle } else { angle.max(0.0) }).to_degrees()
            }));
        } else {
            values.push(value(measure, sights, slope_plane, params));
        }
    }
    values
}

/// The far slopes of a cascade in each direction, of the surface and of the surface turned upside
/// down.
type FarSlopes = Vec<[Array2<Option<f64>>; 2]>;

/// The far slopes of all receivers; none for the exact search.
fn far_slopes(
    surface: &Surface,
    ground: &Ground,
    params: &Params,
    measures: &[Measure],
) -> Result<FarSlopes, ParamError> {
    if params.search == Search::Exact {
        return Ok(Vec::new());
    }
    let options =
        measures.iter().fold(SearchOptions::default(), |all, m| all.and(m.search_options()));
    check_cascade(params, ground, options)?;
    let cell = ground.cell_at(0);
    let far = |i, view| cascade::far_slopes(surface.heights.view(), cell, params, i, view);
    let both = |i| [View::Up, View::Inverted].map(|view| far(i, view));
    Ok((0..params.directions).map(both).collect())
}

/// What a receiver with these near samples sees in all.
fn raise(sights: &mut [Sight], far: &FarSlopes, at: (usize, usize)) {
    let higher = |near: Option<f64>, far: Option<f64>| match (near, far) {
        (Some(near), Some(far)) => Some(near.max(far)),
        (near, far) => near.or(far),
    };
    for (sight, [up, inverted]) in sights.iter_mut().zip(far) {
        sight.slope = higher(sight.slope, up[at]);
        sight.inverted_slope = higher(sight.inverted_slope, inverted[at]);
    }
}

/// All measures of every receiver of `surface`, shape (rows, columns).
///
/// Returns (bands, rows, columns) with the bands of the measures in the requested order; NaN if
/// the height of the receiver is missing.
///
/// # Errors
/// Parameters that are not valid for these cells.
///
/// # Panics
/// If the crowns do not have the shape of the heights, or if, on a geographic grid, rows are not
/// those of [`crate::Graticule::rows`].
pub fn compute(
    surface: &Surface,
    ground: impl Into<Ground>,
    params: &Params,
    measures: &[Measure],
) -> Result<Array3<f64>, ParamError> {
    let ground = ground.into();
    let heights = &surface.heights;
    let (rows, cols) = heights.dim();
    ground.validate()?;
    assert!(ground.has_rows(0, rows as u64), "the graticule does not have {rows} rows");
    if let Some((canopy, trunk)) = &surface.crowns {
        assert_eq!(
            (canopy.dim(), trunk.dim()),
            ((rows, cols), (rows, cols)),
            "the crowns must have the shape of the heights"
        );
    }
    let far = far_slopes(surface, &ground, params, measures)?;
    let bands = measures.iter().map(|m| m.bands(params.directions)).sum();
    let mut out = Array3::from_elem((bands, rows, cols), f64::NAN);
    for row in 0..rows {
        let cell = ground.cell_at(row as u64);
        let mut fan = Fan::new(params, cell)?;
        if params.search == Search::Cascade {
            fan.lines.iter_mut().for_each(|line| line.samples.truncate(NEAR));
        }
        for col in 0..cols {
            let mut seen = receiver(surface, row, col, &fan, cell, params, measures);
            if let Some(seen) = seen.as_mut().filter(|_| !far.is_empty()) {
                raise(&mut seen.sights, &far, (row, col));
                let values = values_of(surface, (row, col), &seen.sights, cell, params, measures);
                seen.values = Some(values);
            }
            for (band, value) in seen.and_then(|seen| seen.values).into_iter().flatten().enumerate()
            {
                out[(band, row, col)] = value;
            }
        }
    }
    Ok(out)
}
