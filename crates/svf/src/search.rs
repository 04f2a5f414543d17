//! The search by its name: what a cascade cannot compute, and its version.

use svf_kernel::Measure;
use svf_raster::Grid;
use svf_raster::grid::HorizontalUnit;

use crate::error::Error;
use crate::request::{MissingName, Request, SamplingName, SearchName, Sky};

/// The version of the cascade's definition, for the metadata of outputs: another one gives other
/// values.
pub(crate) const CASCADE_VERSION: u32 = 2;

/// Refuses what a cascade cannot compute, and an exact search that would be compared with itself.
///
/// # Errors
/// The first option that is in the way, and what to use instead.
pub(crate) fn check_search(request: &Request, grid: &Grid) -> Result<(), Error> {
    let refuse = |message: String| Err(Error::usage("usage.arguments", message));
    let cascade = SearchName::Cascade.name();
    if request.sky.search == SearchName::Exact {
        return match request.check {
            None => Ok(()),
            Some(_) => refuse(format!("--check can only be used with --search {cascade}")),
        };
    }
    match in_the_way(&request.sky, grid) {
        None => Ok(()),
        Some((what, instead)) => refuse(format!(
            "--search {cascade} cannot be used with {what}: use {instead}--search exact"
        )),
    }
}

/// What a cascade cannot be used with, and what there is beside the exact search.
fn in_the_way(sky: &Sky, grid: &Grid) -> Option<(String, &'static str)> {
    if let HorizontalUnit::Angle { .. } = grid.unit {
        let project = "a projected raster (gdalwarp -t_srs), or ";
        return Some(("a raster in degrees".to_owned(), project));
    }
    if sky.sampling != SamplingName::Linear {
        let what = format!("--sampling {}", sky.sampling.name());
        return Some((what, "--sampling linear, or "));
    }
    if sky.missing != MissingName::Skip {
        return Some((format!("--missing {}", sky.missing.name()), "--missing skip, or "));
    }
    let measures = [Measure::HorizonDistance, Measure::Coverage];
    let refused = measures.into_iter().find(|measure| sky.measures.contains(measure));
    let options = [
        (sky.canopy.is_some(), "--canopy".to_owned()),
        (sky.min_distance.is_some(), "--min-distance".to_owned()),
    ];
    let measure = refused.map(|measure| format!("--measure {}", measure.name()));
    let option = options.into_iter().find(|(is_given, _)| *is_given).map(|(_, option)| option);
    option.or(measure).map(|what| (what, ""))
}

#[cfg(test)]
mod tests {
    use svf_kernel::simd::SimdLevel;
    use svf_kernel::{CellSize, Ground, Kernel, Params, Search};

    use super::*;

    #[test]
    fn the_kernel_refuses_the_same_measures() {
        let grid = Grid {
            rows: 100,
            cols: 100,
            geo_transform: [0.0, 1.0, 0.0, 0.0, 0.0, -1.0],
            georeferenced: true,
            gcps: false,
            crs_wkt: None,
            unit: HorizontalUnit::Unknown,
        };
        let params = Params { search: Search::Cascade, ..Params::new(50.0, 8) };
        for measure in Measure::ALL {
            let cell = Ground::from(CellSize::square(1.0));
            let kernel = Kernel::new(&params, cell, &[measure], SimdLevel::detect());
            let measures = vec![measure];
            let sky = Sky { search: SearchName::Cascade, measures, ..Sky::default() };
            let request = Request { sky, ..Request::default() };
            assert_eq!(check_search(&request, &grid).is_ok(), kernel.is_ok(), "{}", measure.name());
        }
    }
}
