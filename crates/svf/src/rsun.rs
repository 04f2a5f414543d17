//! Horizons as GRASS r.sun reads them: a raster for each direction, in radians, named after the
//! direction, which counts from east, anticlockwise.

use svf_job::events::Diagnostic;
use svf_kernel::Measure;
use svf_raster::OutputType;

use crate::error::Error;
use crate::request::{AngleUnit, North, Request, Separate, Sky};

/// The name of the format, in place of a GDAL driver.
pub const FORMAT: &str = "RSUN";

const HORIZON: Measure = Measure::Horizon { signed: false };
/// Decimals of a direction that r.sun's names can have here.
const MOST_DECIMALS: usize = 3;

/// The request for the rasters that r.sun reads: `output` gives the first part of their names, and
/// their format.
///
/// # Errors
/// Options that the format decides; directions whose angle between two has no end.
pub fn rsun_rasters(request: &Request) -> Result<Request, Error> {
    let refuse =
        |message: &str| Err(Error::usage("usage.arguments", format!("--of {FORMAT}: {message}")));
    let Sky { measures, signed, .. } = &request.sky;
    let is_chosen = *measures != Sky::default().measures && measures[..] != [HORIZON];
    if is_chosen {
        return refuse("the measure is horizon; leave out --measure");
    }
    if *signed {
        return refuse("r.sun reads no angles below the horizontal; leave out --signed");
    }
    if request.separate != Separate::Nothing {
        return refuse("there is a file for each direction; leave out --separate");
    }
    if request.format.output_type != OutputType::Float32 {
        return refuse("the rasters are float32; leave out --ot");
    }
    if request.sky.first_azimuth != 0.0 || request.sky.north != North::Grid {
        return refuse("the first direction is grid north; leave out --first-azimuth and --north");
    }
    let names = names(request.sky.directions)?;
    Ok(Request {
        separate: Separate::Named { names, format: FORMAT },
        sky: Sky { measures: vec![HORIZON], angle_unit: AngleUnit::Radian, ..request.sky.clone() },
        ..request.clone()
    })
}

/// The directions of the bands as r.sun names them: three digits and, where the angle between two
/// directions has decimals, an underscore and as many decimals.
///
/// # Errors
/// An angle with more decimals.
fn names(directions: u32) -> Result<Vec<String>, Error> {
    let step = 360.0 / f64::from(directions);
    let scaled = |decimals: usize| step * 10_f64.powi(decimals as i32);
    let Some(decimals) = (0..=MOST_DECIMALS).find(|d| scaled(*d).fract() == 0.0) else {
        let message = format!(
            "--of {FORMAT}: a direction in a file name has at most {MOST_DECIMALS} decimals, and \
             360 / {directions} has more"
        );
        let diagnostic = Diagnostic::new("usage.arguments", message);
        return Err(Error::refused(diagnostic.hint("use -n 8, 12, 16, 24, 32 or 36, for example")));
    };
    let width = if decimals == 0 { 3 } else { 4 + decimals };
    let name = |i| {
        let azimuth = f64::from(i) * step;
        let from_east = (450.0 - azimuth).rem_euclid(360.0);
        format!("{from_east:0width$.decimals$}").replace('.', "_")
    };
    Ok((0..directions).map(name).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_have_the_names_that_r_sun_looks_for() {
        assert_eq!(names(4).unwrap(), ["090", "000", "270", "180"]);
        let of_16 = names(16).unwrap();
        assert_eq!((&of_16[0][..], &of_16[3][..], &of_16[5][..]), ("090_0", "022_5", "337_5"));
        assert_eq!(names(24).unwrap()[5], "015");
        assert_eq!(names(32).unwrap()[7], "011_25");
        assert_eq!(names(64).unwrap()[15], "005_625");
        for n in [7, 11, 128] {
            let error = names(n).unwrap_err().to_string();
            assert!(error.contains(&format!("360 / {n} has more")), "{error}");
        }
    }
}
