//! What a CRS says about coordinates and heights: their units, the body (the Earth or another
//! one), whether values are heights or depths, and how its map changes lengths at a place.

use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};

use crate::session;
use crate::units::HeightUnit;

/// What a horizontal coordinate of the CRS means.
#[derive(Clone, Debug, PartialEq)]
pub enum HorizontalUnit {
    /// No CRS: cells are in "map units" whose length is unknown.
    Unknown,
    /// A length: its name, and metres per unit.
    Length {
        /// Name as in the CRS, e.g. "metre".
        name: String,
        /// Metres per unit.
        metres: f64,
    },
    /// An angle of longitude and latitude on an ellipsoid.
    Angle {
        /// Degrees per unit.
        degrees: f64,
        /// Equatorial radius, metres.
        semi_major: f64,
        /// (equatorial - polar radius) / equatorial radius.
        flattening: f64,
    },
}

impl HorizontalUnit {
    pub(crate) fn of(crs: &SpatialRef) -> Self {
        if crs.is_geographic() {
            let ellipsoid = Ellipsoid::of(crs).unwrap_or(Ellipsoid::WGS84);
            return HorizontalUnit::Angle {
                degrees: crs.angular_units().to_degrees(),
                semi_major: ellipsoid.semi_major,
                flattening: 1.0 - ellipsoid.semi_minor / ellipsoid.semi_major,
            };
        }
        match crs.linear_units_name() {
            Some(name) if crs.is_projected() || crs.is_local() || crs.is_compound() => {
                let metres = crs.linear_units();
                let has_name = !["", "unknown", "unnamed"].contains(&&*name.to_lowercase());
                let name = if has_name { name } else { format!("units of {metres} m") };
                HorizontalUnit::Length { name, metres }
            }
            _ => HorizontalUnit::Unknown,
        }
    }
}

/// The ellipsoid of the body of a CRS.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ellipsoid {
    /// Equatorial radius, metres.
    pub semi_major: f64,
    /// Polar radius, metres.
    pub semi_minor: f64,
}

impl Ellipsoid {
    pub(crate) const WGS84: Self = Self { semi_major: 6_378_137.0, semi_minor: 6_356_752.314_245 };

    pub(crate) fn of(crs: &SpatialRef) -> Option<Self> {
        let semi_major = crs.semi_major().ok()?;
        let semi_minor = crs.semi_minor().unwrap_or(semi_major);
        let is_real = |radius: f64| radius.is_finite() && radius > 0.0;
        (is_real(semi_major) && is_real(semi_minor)).then_some(Self { semi_major, semi_minor })
    }

    /// Whether it is an ellipsoid of the Earth.
    pub fn is_earth(&self) -> bool {
        svf_kernel::is_earth(self.semi_major)
    }

    /// Mean radius (2a + b) / 3, metres.
    pub fn mean_radius(&self) -> f64 {
        (2.0 * self.semi_major + self.semi_minor) / 3.0
    }

    /// Metres of a degree of longitude and of latitude, at a latitude (Snyder 1987).
    pub(crate) fn metres_of_degrees(&self, latitude_deg: f64) -> (f64, f64) {
        let (sin, cos) = latitude_deg.to_radians().sin_cos();
        let e2 = 1.0 - (self.semi_minor / self.semi_major).powi(2);
        let w = (1.0 - e2 * sin * sin).sqrt();
        let (normal, meridian) = (self.semi_major / w, self.semi_major * (1.0 - e2) / w.powi(3));
        ((normal * cos).to_radians(), meridian.to_radians())
    }

    /// As a PROJ string.
    pub(crate) fn proj(&self) -> String {
        format!("+a={} +b={}", self.semi_major, self.semi_minor)
    }
}

/// Metres per unit of the heights, where the CRS has heights.
pub(crate) fn height_unit(crs: &SpatialRef) -> HeightUnit {
    let metres = crs.get_attr_value("VERT_CS|UNIT", 1).ok().flatten();
    match metres.and_then(|metres| metres.parse().ok()) {
        Some(metres) => HeightUnit::Length { metres },
        None => HeightUnit::Unsaid,
    }
}

/// The name of the vertical CRS, if there is one.
pub(crate) fn vertical_name(crs: &SpatialRef) -> Option<String> {
    crs.get_attr_value("VERT_CS", 0).ok().flatten().filter(|name| !name.is_empty())
}

/// Whether the heights of the CRS are depths.
pub(crate) fn points_down(crs: &SpatialRef) -> bool {
    let axis = crs.get_attr_value("VERT_CS|AXIS", 1).ok().flatten();
    axis.is_some_and(|direction| direction.eq_ignore_ascii_case("down"))
}

/// How a map changes lengths at a place: length on the map divided by length on the ground.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// Along x.
    pub x: f64,
    /// Along y.
    pub y: f64,
    /// In the direction in which it is largest.
    pub largest: f64,
    /// In the direction in which it is smallest.
    pub smallest: f64,
    /// Where north is on the map, degrees clockwise from its y axis: the convergence of the meridians
    /// with its sign changed.
    pub north_deg: f64,
    /// Longitude of the place, degrees.
    pub longitude_deg: f64,
    /// Its latitude.
    pub latitude_deg: f64,
}

impl Scale {
    /// One number for all directions.
    pub fn mean(&self) -> f64 {
        (self.largest * self.smallest).sqrt()
    }
}

/// The transformation from a projected CRS to longitude and latitude on its own ellipsoid.
pub(crate) struct ToGround {
    transform: CoordTransform,
    ellipsoid: Ellipsoid,
    /// Metres per unit of the map.
    metres: f64,
    /// Degrees per unit of longitude and latitude, and where they are counted from.
    degrees: f64,
    meridian_deg: f64,
}

impl ToGround {
    /// None for a CRS without one; then GDAL reports no error.
    pub(crate) fn new(crs: &SpatialRef) -> Option<Self> {
        if !crs.is_projected() {
            return None;
        }
        session::may_fail(|| {
            let mut geographic = crs.geog_cs().ok()?;
            geographic.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
            let meridian = geographic.get_attr_value("PRIMEM", 1).ok().flatten();
            Some(Self {
                transform: CoordTransform::new(crs, &geographic).ok()?,
                ellipsoid: Ellipsoid::of(&geographic)?,
                metres: crs.linear_units(),
                degrees: geographic.angular_units().to_degrees(),
                meridian_deg: meridian.and_then(|text| text.parse().ok()).unwrap_or(0.0),
            })
        })
    }

    /// How the map changes lengths at a place, from a small cross on the map that is measured on
    /// the ground.
    pub(crate) fn scale(&self, (x, y): (f64, f64)) -> Option<Scale> {
        // Small compared with the body, large compared with the rounding of coordinates.
        let arm = 1e-5 * self.ellipsoid.semi_major / self.metres;
        let mut xs = [x + arm, x - arm, x, x, x];
        let mut ys = [y, y, y + arm, y - arm, y];
        session::may_fail(|| self.transform.transform_coords(&mut xs, &mut ys, &mut [])).ok()?;
        for angle in xs.iter_mut().chain(&mut ys) {
            *angle *= self.degrees;
        }
        let (east_deg, north_deg) = self.ellipsoid.metres_of_degrees(ys[4]);
        let arm_m = 2.0 * arm * self.metres;
        // Metres on the ground, east and north, per metre on the map.
        let along = |to: usize, from: usize| {
            let turn = (xs[to] - xs[from] + 180.0).rem_euclid(360.0) - 180.0;
            (turn * east_deg / arm_m, (ys[to] - ys[from]) * north_deg / arm_m)
        };
        let ((x_east, x_north), (y_east, y_north)) = (along(0, 1), along(2, 3));
        // The largest and the smallest radius of a circle on the map, measured on the ground.
        let (sum, difference) = (x_east + y_north, x_east - y_north);
        let (a, b) = (sum.hypot(x_north - y_east), difference.hypot(x_north + y_east));
        let (longest, shortest) = ((a + b) / 2.0, (a - b).abs() / 2.0);
        let scale = Scale {
            x: 1.0 / x_east.hypot(x_north),
            y: 1.0 / y_east.hypot(y_north),
            largest: 1.0 / shortest,
            smallest: 1.0 / longest,
            north_deg: (-y_east).atan2(x_east).to_degrees(),
            longitude_deg: xs[4] + self.meridian_deg,
            latitude_deg: ys[4],
        };
        let all = [scale.x, scale.y, scale.largest, scale.smallest];
        (all.iter().all(|k| (1e-3..1e3).contains(k)) && xs[4].is_finite()).then_some(scale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn scale(definition: &str, longitude_deg: f64, latitude_deg: f64) -> Scale {
        let mut crs = SpatialRef::from_definition(definition).unwrap();
        crs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        let mut geographic = crs.geog_cs().unwrap();
        geographic.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        let (mut x, mut y) = ([longitude_deg], [latitude_deg]);
        let there = CoordTransform::new(&geographic, &crs).unwrap();
        there.transform_coords(&mut x, &mut y, &mut []).unwrap();
        ToGround::new(&crs).unwrap().scale((x[0], y[0])).unwrap()
    }

    #[track_caller]
    fn close(value: f64, expected: f64, tolerance: f64) {
        assert!((value - expected).abs() < tolerance, "{value}, expected {expected}");
    }

    #[test]
    fn the_scale_of_a_mercator_map_grows_with_latitude() {
        // On the sphere that EPSG:3857 uses: 1 / cos(latitude).
        let sphere = "+proj=merc +R=6378137 +units=m +no_defs";
        for latitude in [0.0_f64, 30.0, -45.0, 60.0, 80.0] {
            let k = 1.0 / latitude.to_radians().cos();
            let map = scale(sphere, 11.0, latitude);
            close(map.x, k, 1e-6 * k);
            close(map.y, k, 1e-6 * k);
            close(map.mean(), k, 1e-6 * k);
            close(map.largest, map.smallest, 1e-6 * k);
            let web = scale("EPSG:3857", 11.0, latitude);
            assert!(web.largest < 1.01 * web.smallest, "{web:?}");
            close(web.mean() / k, 1.0, 0.005);
        }
    }

    #[test]
    fn north_is_beside_the_y_axis_away_from_the_middle_of_a_map() {
        // On a sphere, the convergence is atan(tan(longitude from the middle) sin(latitude)).
        let utm = "+proj=tmerc +lat_0=0 +lon_0=15 +k=1 +x_0=0 +R=6371000 +units=m +no_defs";
        for (east_deg, latitude) in [(3.0_f64, 50.0_f64), (-2.0, 50.0), (3.0, -30.0), (0.0, 60.0)] {
            let convergence =
                (east_deg.to_radians().tan() * latitude.to_radians().sin()).atan().to_degrees();
            close(scale(utm, 15.0 + east_deg, latitude).north_deg, -convergence, 1e-4);
        }
        close(scale("EPSG:3413", 0.0, 75.0).north_deg, -45.0, 1e-6);
        close(scale("EPSG:3857", 11.0, 60.0).north_deg, 0.0, 1e-9);
    }

    #[test]
    fn maps_made_for_a_place_are_true_there() {
        for (crs, longitude, latitude) in [
            ("EPSG:25832", 9.0, 50.0),
            ("EPSG:32733", 17.9, -33.0),
            ("EPSG:2229", -118.2, 34.0),
            ("EPSG:2056", 7.4, 46.9),
            ("EPSG:2154", 2.3, 48.9),
            ("EPSG:27700", -2.0, 52.0),
            ("EPSG:3413", -45.0, 70.0),
        ] {
            let map = scale(crs, longitude, latitude);
            let is_true = |k: f64| (k - 1.0).abs() < 0.002;
            assert!(is_true(map.largest) && is_true(map.smallest), "{crs}: {map:?}");
            close(map.longitude_deg, longitude, 1e-6);
            close(map.latitude_deg, latitude, 1e-6);
        }
        // From Paris, in grads: 52 of them are 46.8 degrees.
        let map = scale("EPSG:27572", 0.0, 52.0);
        close(map.largest, 1.0, 0.002);
        close(map.smallest, 1.0, 0.002);
        close(map.latitude_deg, 46.8, 1e-6);
        close(map.longitude_deg, 2.337_229, 1e-5);
        // The scale on the central meridian of UTM.
        close(scale("EPSG:25832", 9.0, 50.0).mean(), 0.9996, 1e-6);
    }

    #[test]
    fn maps_that_stretch_lengths_in_one_direction_only() {
        // Plate Carree of a sphere: true along y, 1 / cos(latitude) along x.
        let map = scale("+proj=eqc +R=6371000 +units=m +no_defs", 20.0, 60.0);
        close(map.x, 2.0, 1e-6);
        close(map.y, 1.0, 1e-6);
        close(map.largest / map.smallest, 2.0, 1e-5);
        // Of equal area: k along x, 1 / k along y.
        let map = scale("+proj=cea +R=6371000 +units=m +no_defs", 20.0, 60.0);
        close(map.x, 2.0, 1e-6);
        close(map.y, 0.5, 1e-6);
        close(map.mean(), 1.0, 1e-6);
        // A sinusoidal map bends angles as well: no area is lost.
        let map = scale("+proj=sinu +R=6371000 +units=m +no_defs", 60.0, 45.0);
        close(map.x, 1.0, 1e-6);
        close(map.mean(), 1.0, 1e-6);
        assert!(map.largest > 1.3 && map.smallest < 0.8, "{map:?}");
    }

    #[test]
    fn the_ground_is_that_of_the_body() {
        let moon = "+proj=merc +R=1737400 +units=m +no_defs";
        close(scale(moon, 11.0, 60.0).mean(), 2.0, 1e-6);
        let feet = "+proj=merc +R=6371000 +units=us-ft +no_defs";
        close(scale(feet, 11.0, 60.0).mean(), 2.0, 1e-6);
        let crs = SpatialRef::from_definition(moon).unwrap();
        let body = Ellipsoid::of(&crs).unwrap();
        assert!(!body.is_earth());
        close(body.mean_radius(), 1_737_400.0, 1e-6);
        assert!(Ellipsoid::WGS84.is_earth());
        close(Ellipsoid::WGS84.mean_radius(), 6_371_008.771, 0.001);
    }

    #[test]
    fn a_crs_without_a_way_to_the_ground_has_no_scale() {
        let local = SpatialRef::from_wkt("LOCAL_CS[\"site\",UNIT[\"metre\",1]]").unwrap();
        assert!(ToGround::new(&local).is_none());
        let mut crs = SpatialRef::from_epsg(32633).unwrap();
        crs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        assert!(ToGround::new(&crs).unwrap().scale((1e12, 1e12)).is_none());
    }

    #[test]
    fn depths_are_told_from_heights() {
        for (crs, down) in [
            ("EPSG:25832+5715", true),
            ("EPSG:4326+5336", true),
            ("EPSG:25832+5783", false),
            ("EPSG:25832", false),
        ] {
            assert_eq!(points_down(&SpatialRef::from_definition(crs).unwrap()), down, "{crs}");
        }
    }
}
