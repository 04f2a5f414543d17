//! What was asked, in words: for the `start` event, and for the metadata of the
//! output, so that a file says how it was made.

use serde_json::{Value, json};
use svf_kernel::{Measure, Params, Sampling};
use svf_raster::RasterReader;
use svf_raster::grid::HorizontalUnit;

use crate::args::{ComputeArgs, MissingName, Radius, SamplingName};

/// The arguments as understood, for the `start` event.
pub(crate) fn args_json(args: &ComputeArgs) -> Value {
    json!({
        "input": args.input,
        "output": args.output,
        "band": args.shared.band,
        "radius": match args.radius {
            Radius::Units(units) => units.to_string(),
            Radius::Cells(cells) => format!("{cells}px"),
        },
        "directions": args.directions,
        "measures": args.measure.iter().map(|m| m.name()).collect::<Vec<_>>(),
        "sampling": sampling_name(args.sampling),
        "missing": missing_name(args.missing),
        "observer_height": args.observer_height,
        "z_factor": args.z_factor,
        "curvature": args.curvature,
        "refraction": args.refraction,
    })
}

fn sampling_name(name: SamplingName) -> &'static str {
    match name {
        SamplingName::Linear => "linear",
        SamplingName::Nearest => "nearest",
        SamplingName::Divided => "divided",
    }
}

fn missing_name(name: MissingName) -> &'static str {
    match name {
        MissingName::Skip => "skip",
        MissingName::Stop => "stop",
        MissingName::Nan => "nan",
    }
}

/// What a file holds, for its metadata.
pub(crate) fn contents(measures: &[Measure]) -> Vec<(String, String)> {
    let names: Vec<&str> = measures.iter().map(|m| m.name()).collect();
    let mut items = vec![("SVF_MEASURES".to_owned(), names.join(","))];
    if measures.contains(&Measure::Horizon { signed: true }) {
        items.push(("SVF_SIGNED".to_owned(), "YES".to_owned()));
    }
    items
}

/// How the file was made, for its metadata.
pub(crate) fn metadata(
    args: &ComputeArgs,
    reader: &RasterReader,
    params: &Params,
) -> Vec<(String, String)> {
    let info = reader.info();
    let version = env!("CARGO_PKG_VERSION");
    let unit = match &info.grid.unit {
        HorizontalUnit::Length { name, .. } => name.as_str(),
        HorizontalUnit::Degrees => "degree",
        HorizontalUnit::Unknown => "map unit (no CRS)",
    };
    let name = args.input.rsplit('/').next().unwrap_or(&args.input);
    let mut items = vec![
        ("TIFFTAG_SOFTWARE", format!("svf_compute {version}")),
        ("SVF_VERSION", version.to_owned()),
        ("SVF_INPUT", if name.is_empty() { args.input.clone() } else { name.to_owned() }),
        ("SVF_INPUT_BAND", info.band.to_string()),
        ("SVF_RADIUS", params.radius.to_string()),
        ("SVF_UNIT", unit.to_owned()),
        ("SVF_DIRECTIONS", params.directions.to_string()),
        ("SVF_SAMPLING", sampling_name(args.sampling).to_owned()),
        ("SVF_MISSING", missing_name(args.missing).to_owned()),
        ("SVF_OBSERVER_HEIGHT", params.observer_height.to_string()),
        ("SVF_Z_FACTOR", params.z_factor.to_string()),
    ];
    if let Sampling::Divided { divisions } = params.sampling {
        items.push(("SVF_DIVISIONS", divisions.to_string()));
    }
    if let Some(curvature) = params.curvature {
        items.push(("SVF_REFRACTION", curvature.refraction.to_string()));
    }
    if info.scale_offset != (1.0, 0.0) {
        let (scale, offset) = info.scale_offset;
        items.push(("SVF_INPUT_SCALE_OFFSET", format!("{scale} {offset}")));
    }
    if let Some(area_or_point) = &info.area_or_point {
        items.push(("AREA_OR_POINT", area_or_point.clone()));
    }
    items.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}
