//! Places of one datum in another one, and how well they are known there: PROJ converts them by a formula with a
//! few numbers where a grid of the shift is missing, or not at all, and does not say so.

use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, CoordTransformOptions, SpatialRef};
use gdal::vector::Geometry;

use crate::crs::Ellipsoid;
use crate::grid::Grid;
use crate::session;

/// The conversion of coordinates from a CRS to another one.
pub(crate) struct Conversion {
    first: CoordTransform,
    then: Option<CoordTransform>,
}

impl Conversion {
    /// Longitude or x comes first in both. Between two projected CRSs, PROJ takes datums as the same that it can
    /// convert between longitudes and latitudes (GGRS87 and ETRS89): then these are in between.
    ///
    /// # Errors
    /// If PROJ has no conversion; its reason.
    pub(crate) fn new(from: &SpatialRef, to: &SpatialRef) -> Result<Self, String> {
        let through = |middle: SpatialRef| {
            let (first, then) = (known(from, &middle)?, known(&middle, to)?);
            Some(Self { first, then: Some(then) })
        };
        let around = || match known(from, to) {
            Some(_) => None,
            None => [to, from].into_iter().filter_map(geographic).find_map(through),
        };
        if let Some(conversion) = session::may_fail(around) {
            return Ok(conversion);
        }
        let first = CoordTransform::new(from, to).map_err(|error| session::reason(&error))?;
        Ok(Self { first, then: None })
    }

    /// A place (x, y); none if it cannot be converted.
    pub(crate) fn place(&self, (x, y): (f64, f64)) -> Option<(f64, f64)> {
        let (mut x, mut y) = ([x], [y]);
        for step in self.steps() {
            session::may_fail(|| step.transform_coords(&mut x, &mut y, &mut [])).ok()?;
        }
        (x[0].is_finite() && y[0].is_finite()).then_some((x[0], y[0]))
    }

    /// A geometry; none if it cannot be converted.
    pub(crate) fn geometry(&self, geometry: &Geometry) -> Option<Geometry> {
        session::may_fail(|| {
            let first = geometry.transform(&self.first).ok()?;
            match &self.then {
                None => Some(first),
                Some(then) => first.transform(then).ok(),
            }
        })
    }

    /// What a box `xmin, ymin, xmax, ymax` covers; none if it cannot be converted.
    pub(crate) fn bounds(&self, bounds: [f64; 4], points_per_side: i32) -> Option<[f64; 4]> {
        self.steps().try_fold(bounds, |bounds, step| {
            session::may_fail(|| step.transform_bounds(&bounds, points_per_side)).ok()
        })
    }

    fn steps(&self) -> impl Iterator<Item = &CoordTransform> {
        std::iter::once(&self.first).chain(&self.then)
    }
}

/// A conversion that does not take two datums as the same, if there is one.
fn known(from: &SpatialRef, to: &SpatialRef) -> Option<CoordTransform> {
    let mut options = CoordTransformOptions::new().ok()?;
    options.set_ballpark_allowed(false).ok()?;
    CoordTransform::new_with_options(from, to, &options).ok()
}

/// Longitude and latitude of the datum of a CRS, longitude first.
fn geographic(crs: &SpatialRef) -> Option<SpatialRef> {
    let mut crs = crs.geog_cs().ok()?;
    crs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    Some(crs)
}

/// Uncertainties that are told apart, m. The last one is worse than any that is known.
const STEPS_M: [f64; 12] =
    [0.1, 0.2, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0, KNOWN_AT_ALL_M];
const KNOWN_AT_ALL_M: f64 = 1e5;

/// A change of the datum that can put a place into another cell.
#[derive(Clone, Debug, PartialEq)]
pub struct CoarseShift {
    /// Name of the geographic CRS of the places.
    pub from: String,
    /// That of the raster.
    pub to: String,
    /// How far off places can be, m; none if PROJ only takes both datums as the same.
    pub accuracy_m: Option<f64>,
    /// The smaller side of a cell, m.
    pub cell_m: f64,
}

impl CoarseShift {
    /// From the CRS of places to that of a raster; none if places stay in their cells as far as is
    /// known.
    pub(crate) fn between(from: &SpatialRef, grid: &Grid) -> Option<Self> {
        session::may_fail(|| {
            // The numbers of the shift are given with the CRS.
            let has_shift =
                |crs: &SpatialRef| crs.get_attr_value("TOWGS84", 0).ok().flatten().is_some();
            let to = grid.spatial_ref()?;
            if has_shift(from) || has_shift(&to) {
                return None;
            }
            let (from, to) = (geographic(from)?, geographic(&to)?);
            let datum = |crs: &SpatialRef| crs.get_attr_value("DATUM", 0).ok().flatten();
            if datum(&from) == datum(&to) {
                return None;
            }
            let cell_m = grid.smaller_side_m()?;
            let shift = Shift::new(&from, &to, grid)?;
            // Frames of satellite systems are a metre or two apart, which changes from year to year.
            if shift.is_of_satellites(&from)? && shift.is_of_satellites(&to)? {
                return None;
            }
            if shift.is_within(cell_m / 2.0) {
                return None;
            }
            let is_known = shift.is_within(KNOWN_AT_ALL_M);
            let accuracy_m = STEPS_M
                .into_iter()
                .find(|&step| is_known && step > cell_m / 2.0 && shift.is_within(step));
            let name = |crs: &SpatialRef| crs.name().unwrap_or_else(|| "another datum".into());
            Some(Self { from: name(&from), to: name(&to), accuracy_m, cell_m })
        })
    }
}

/// The conversions between two datums in the middle of a raster.
struct Shift<'a> {
    from: &'a SpatialRef,
    to: &'a SpatialRef,
    longitude_deg: f64,
    latitude_deg: f64,
}

impl<'a> Shift<'a> {
    fn new(from: &'a SpatialRef, to: &'a SpatialRef, grid: &Grid) -> Option<Self> {
        let middle = grid.on_earth(grid.middle())?;
        let longitude_deg = (middle.longitude_deg + 180.0).rem_euclid(360.0) - 180.0;
        Some(Self { from, to, longitude_deg, latitude_deg: middle.latitude_deg })
    }

    /// Whether a CRS is of the frame of a satellite system (ETRS89, NAD83, CGCS2000): it has an ellipsoid like
    /// that of WGS 84, and places in it are the same as there. Some older datums (GGRS87, VN-2000) have
    /// such an ellipsoid, too.
    fn is_of_satellites(&self, crs: &SpatialRef) -> Option<bool> {
        const SAME_M: f64 = 2.5;
        let Ellipsoid { semi_major, semi_minor } = Ellipsoid::of(crs)?;
        let near = |a: f64, b: f64| (a - b).abs() < 0.5;
        let known = Ellipsoid::WGS84;
        if !(near(semi_major, known.semi_major) && near(semi_minor, known.semi_minor)) {
            return Some(false);
        }
        let satellites = geographic(&SpatialRef::from_epsg(4326).ok()?)?;
        let (mut x, mut y) = ([self.longitude_deg], [self.latitude_deg]);
        let there = Shift { from: crs, to: &satellites, ..*self }.conversion(None)?;
        there.transform_coords(&mut x, &mut y, &mut []).ok()?;
        let (east_deg, north_deg) = known.metres_of_degrees(self.latitude_deg);
        let turn = (x[0] - self.longitude_deg + 180.0).rem_euclid(360.0) - 180.0;
        let moved = (turn * east_deg).hypot((y[0] - self.latitude_deg) * north_deg);
        Some(moved < SAME_M)
    }

    /// Whether a conversion is known that is at least so exact, with what it needs.
    fn is_within(&self, accuracy_m: f64) -> bool {
        self.conversion(Some(accuracy_m)).is_some()
    }

    /// The best conversion there, if it is at least so exact.
    fn conversion(&self, accuracy_m: Option<f64>) -> Option<CoordTransform> {
        const AROUND_DEG: f64 = 0.01;
        let Self { from, to, longitude_deg, latitude_deg } = *self;
        let west = (longitude_deg - AROUND_DEG).max(-180.0);
        let east = (longitude_deg + AROUND_DEG).min(180.0);
        let south = (latitude_deg - AROUND_DEG).max(-90.0);
        let north = (latitude_deg + AROUND_DEG).min(90.0);
        let made = CoordTransformOptions::new().and_then(|mut options| {
            options.set_area_of_interest(west, south, east, north)?;
            if let Some(accuracy_m) = accuracy_m {
                options.desired_accuracy(accuracy_m)?;
            }
            CoordTransform::new_with_options(from, to, &options)
        });
        made.ok()
    }
}
