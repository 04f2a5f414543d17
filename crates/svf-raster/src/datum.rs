//! How well places of one datum are known in another one: PROJ converts them by a formula with a few
//! numbers where a grid of the shift is missing, and does not say so.

use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, CoordTransformOptions, SpatialRef};

use crate::crs::Ellipsoid;
use crate::grid::Grid;
use crate::session;

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
        let geographic = |crs: &SpatialRef| {
            let mut crs = crs.geog_cs().ok()?;
            crs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
            Some(crs)
        };
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
            // Frames of satellite systems are a metre or two apart, which changes from year to year.
            if is_of_satellites(&from)? && is_of_satellites(&to)? {
                return None;
            }
            let cell_m = grid.smaller_side_m()?;
            let shift = Shift::new(&from, &to, grid)?;
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

/// Whether a CRS has an ellipsoid like that of WGS 84, as the frames of satellite systems have (ETRS89, NAD83,
/// CGCS2000). Older datums have others.
fn is_of_satellites(crs: &SpatialRef) -> Option<bool> {
    let Ellipsoid { semi_major, semi_minor } = Ellipsoid::of(crs)?;
    let near = |a: f64, b: f64| (a - b).abs() < 0.5;
    let known = Ellipsoid::WGS84;
    Some(near(semi_major, known.semi_major) && near(semi_minor, known.semi_minor))
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

    /// Whether a conversion is known that is at least so exact, with what it needs.
    fn is_within(&self, accuracy_m: f64) -> bool {
        const AROUND_DEG: f64 = 0.01;
        let Self { from, to, longitude_deg, latitude_deg } = *self;
        let west = (longitude_deg - AROUND_DEG).max(-180.0);
        let east = (longitude_deg + AROUND_DEG).min(180.0);
        let south = (latitude_deg - AROUND_DEG).max(-90.0);
        let north = (latitude_deg + AROUND_DEG).min(90.0);
        let made = CoordTransformOptions::new().and_then(|mut options| {
            options.set_area_of_interest(west, south, east, north)?;
            options.desired_accuracy(accuracy_m)?;
            CoordTransform::new_with_options(from, to, &options)
        });
        made.is_ok()
    }
}
