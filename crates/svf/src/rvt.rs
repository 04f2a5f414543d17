//! Rasters with the names that the Relief Visualization Toolbox (RVT) gives to its own: it takes what
//! is there for done, and blends it.

use svf_job::events::Diagnostic;
use svf_kernel::Measure;
use svf_raster::OutputType;

use crate::error::Error;
use crate::numbers::show_number;
use crate::request::{AngleUnit, Format, LevelName, North, Radius, Request, Separate, Sky};

/// The name of the format, in place of a GDAL driver.
pub const FORMAT: &str = "RVT";

/// The levels of RVT's noise removal: a share of the radius in percent, and their names.
const NOISE: [(f64, &str); 3] = [(10.0, "_NRlow"), (20.0, "_NRmedium"), (40.0, "_NRhigh")];

/// The request for rasters with RVT's names: `output` gives the first part of their names (RVT takes
/// that of the heights), and their format.
///
/// # Errors
/// Measures that RVT does not have, and options that its names cannot say.
pub fn rvt_rasters(request: &Request) -> Result<Request, Error> {
    let Sky { measures, first_azimuth, north, angle_unit, .. } = &request.sky;
    if request.separate != Separate::Nothing {
        return refuse("there is a file for each measure", "leave out --separate");
    }
    let is_8bit = match request.format.output_type {
        OutputType::Float32 => false,
        OutputType::UInt8 => true,
        _ => {
            return refuse(
                "the rasters are float32 or uint8",
                "write --ot uint8, or leave out --ot",
            );
        }
    };
    if *angle_unit != AngleUnit::Degree {
        return refuse("its angles are degrees", "leave out --angle-unit");
    }
    if *first_azimuth != 0.0 || *north != North::Grid {
        let hint = "leave out --first-azimuth and --north";
        return refuse("the first direction is grid north", hint);
    }
    let names = measures.iter().map(|measure| {
        let name = name(*measure, &request.sky)?;
        Ok(if is_8bit { name + "_8bit" } else { name })
    });
    let names = names.collect::<Result<_, Error>>()?;
    let ranges = match is_8bit {
        true => measures.iter().map(|measure| range_8bit(*measure)).collect(),
        false => Vec::new(),
    };
    let format = Format { ranges, ..request.format.clone() };
    let separate = Separate::Named { names, format: FORMAT };
    Ok(Request { separate, format, ..request.clone() })
}

fn refuse<T>(message: &str, hint: &str) -> Result<T, Error> {
    let message = format!("--of {FORMAT}: {message}");
    Err(Error::refused(Diagnostic::new("usage.arguments", message).hint(hint)))
}

/// What RVT calls a measure, with its parameters.
fn name(measure: Measure, sky: &Sky) -> Result<String, Error> {
    let radius = match sky.radius {
        Radius::Cells(cells) if cells.fract() == 0.0 => cells,
        _ => return refuse("the radius is a number of cells", "write e.g. --radius 10px"),
    };
    let noise = match sky.min_distance {
        None => "",
        Some(nearest) => noise(nearest, radius)?,
    };
    let kind = match measure {
        Measure::Svf => "SVF",
        Measure::SvfAnisotropic => "SVF-A",
        Measure::OpennessPositive => "OPEN-POS",
        Measure::OpennessNegative => "OPEN-NEG",
        other => {
            let message = format!("RVT has no {}", other.name());
            let hint = "it has svf, svf-anisotropic, openness-positive and openness-negative";
            return refuse(&message, hint);
        }
    };
    let sky_light = match measure {
        Measure::SvfAnisotropic => {
            // Its directions turn anticlockwise.
            let azimuth = (360.0 - sky.anisotropy_azimuth).rem_euclid(360.0);
            let level = match sky.anisotropy_level {
                LevelName::Low => "low",
                LevelName::High => "high",
            };
            format!("_A{}_AL{level}", show_number(azimuth))
        }
        _ => String::new(),
    };
    // Only there it has another word.
    let noise = match (measure, noise) {
        (Measure::OpennessNegative, "_NRhigh") => "_NRstrong",
        (_, noise) => noise,
    };
    Ok(format!("{kind}_R{radius}_D{}{sky_light}{noise}", sky.directions))
}

/// The values that RVT's 8-bit rasters tell (its defaults, version 2.2); angles in degrees.
fn range_8bit(measure: Measure) -> (f64, f64) {
    match measure {
        Measure::Svf => (0.6375, 1.0),
        Measure::SvfAnisotropic => (0.7, 0.9),
        _ => (60.0, 95.0),
    }
}

/// RVT's name of a smallest distance.
fn noise(nearest: Radius, radius: f64) -> Result<&'static str, Error> {
    let cells_of = |percent: f64| (radius * percent / 100.0).round().max(1.0);
    let level = match nearest {
        Radius::Cells(cells) => NOISE.iter().find(|(percent, _)| cells == cells_of(*percent)),
        _ => None,
    };
    match level {
        Some((_, name)) => Ok(name),
        None => {
            let [low, medium, high] = NOISE.map(|(percent, _)| format!("{}px", cells_of(percent)));
            let message = format!("--min-distance is {low}, {medium} or {high} for this radius");
            refuse(&message, "or leave out --min-distance")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_rvt() {
        let sky = Sky { radius: Radius::Cells(10.0), ..Sky::default() };
        assert_eq!(name(Measure::Svf, &sky).unwrap(), "SVF_R10_D16");
        assert_eq!(name(Measure::SvfAnisotropic, &sky).unwrap(), "SVF-A_R10_D16_A45_ALlow");
        for (cells, noise) in [(1.0, "low"), (2.0, "medium"), (4.0, "high")] {
            let sky = Sky { min_distance: Some(Radius::Cells(cells)), ..sky.clone() };
            let of = |measure| name(measure, &sky).unwrap();
            assert_eq!(of(Measure::OpennessPositive), format!("OPEN-POS_R10_D16_NR{noise}"));
            let noise = if noise == "high" { "strong" } else { noise };
            assert_eq!(of(Measure::OpennessNegative), format!("OPEN-NEG_R10_D16_NR{noise}"));
        }
        let sky = Sky { min_distance: Some(Radius::Cells(3.0)), ..sky };
        let error = name(Measure::Svf, &sky).unwrap_err().to_string();
        assert!(error.contains("--min-distance is 1px, 2px or 4px"), "{error}");
    }
}
