//! The options that decide the value of a cell, which are the same for every tool that plans or
//! computes; and the part of the request that they set.

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, ValueEnum};
use svf::request::{
    AngleUnit, InputNoData, LevelName, MissingName, North, Radius, SamplingName, SearchName, Sky,
};
use svf_kernel::Measure;

use crate::words::{ANY, finite, measure, radius, whole};

/// Choices of --sampling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SamplingArg {
    /// Interpolate between cell centres, at every row of cells (or every column, if the line runs
    /// more along the rows): unbiased.
    Linear,
    /// Interpolate at every row and every column of cells: closest to the surface, slower.
    Crossings,
    /// Take the nearest cell at every row (or column), at the distance of its centre: a wall is
    /// half a cell too far away.
    Nearest,
    /// Take the nearest cell at equal steps of radius / divisions, at the distance of the step.
    Divided,
}

impl From<SamplingArg> for SamplingName {
    fn from(choice: SamplingArg) -> Self {
        match choice {
            SamplingArg::Linear => SamplingName::Linear,
            SamplingArg::Crossings => SamplingName::Crossings,
            SamplingArg::Nearest => SamplingName::Nearest,
            SamplingArg::Divided => SamplingName::Divided,
        }
    }
}

/// Choices of --missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MissingArg {
    /// Skip it: the sight line continues.
    Skip,
    /// The sight line ends there.
    Stop,
    /// The cell becomes NoData.
    Nan,
}

impl From<MissingArg> for MissingName {
    fn from(choice: MissingArg) -> Self {
        match choice {
            MissingArg::Skip => MissingName::Skip,
            MissingArg::Stop => MissingName::Stop,
            MissingArg::Nan => MissingName::Nan,
        }
    }
}

/// Choices of --search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SearchArg {
    /// Look at every sample that can make the horizon.
    Exact,
    /// Look at far ground for groups of cells: much faster for a large radius, and horizons differ a
    /// little.
    Cascade,
}

impl From<SearchArg> for SearchName {
    fn from(choice: SearchArg) -> Self {
        match choice {
            SearchArg::Exact => SearchName::Exact,
            SearchArg::Cascade => SearchName::Cascade,
        }
    }
}

/// Choices of --anisotropy-level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LevelArg {
    /// The darkest azimuth is 0.4 times as bright as the brightest.
    Low,
    /// The darkest azimuth is 0.1 times as bright as the brightest.
    High,
}

impl From<LevelArg> for LevelName {
    fn from(choice: LevelArg) -> Self {
        match choice {
            LevelArg::Low => LevelName::Low,
            LevelArg::High => LevelName::High,
        }
    }
}

/// Choices of --angle-unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AngleArg {
    /// 360 are a circle.
    Degree,
    /// 2 pi are a circle.
    Radian,
}

impl From<AngleArg> for AngleUnit {
    fn from(choice: AngleArg) -> Self {
        match choice {
            AngleArg::Degree => AngleUnit::Degree,
            AngleArg::Radian => AngleUnit::Radian,
        }
    }
}

/// The options that decide the cells of a raster.
#[derive(Args, Clone, Debug)]
pub struct CellArgs {
    /// What is computed.
    #[command(flatten)]
    pub sky: SkyArgs,
    /// How horizons are searched
    #[arg(long, value_name = "SEARCH", default_value = "exact")]
    pub search: SearchArg,
    /// Unit of the measures that are angles
    #[arg(long, value_name = "UNIT", default_value = "degree")]
    pub angle_unit: AngleArg,
    /// Compute only these cells, the others become NoData: a raster on the grid of INPUT that is neither 0 nor NoData there, or a vector file
    #[arg(long, value_name = "MASK")]
    pub receivers: Option<String>,
    /// Layer of the vector file for --receivers, if it has several
    #[arg(long, value_name = "NAME", requires = "receivers")]
    pub receivers_layer: Option<String>,
}

impl CellArgs {
    /// The part of the request that these options set.
    pub fn sky(&self) -> Sky {
        Sky {
            search: self.search.into(),
            angle_unit: self.angle_unit.into(),
            receivers: self.receivers.clone(),
            receivers_layer: self.receivers_layer.clone(),
            ..self.sky.sky()
        }
    }
}

/// The options that decide a value.
#[derive(Args, Clone, Debug)]
pub struct SkyArgs {
    /// Search radius: in units of the CRS (metres if the CRS is in degrees), in cells as in 100px, or all: as far as the raster goes
    #[arg(long, value_name = "R", default_value = "100px", allow_hyphen_values = true, value_parser = radius)]
    pub radius: Radius,
    /// Ignore what is nearer, for example small things on the ground: a distance like the radius
    #[arg(long, value_name = "D", allow_hyphen_values = true, value_parser = radius)]
    pub min_distance: Option<Radius>,
    /// Number of directions (sight lines of a cell), 4 to 720
    #[arg(short = 'n', long, value_name = "N", default_value_t = 16, value_parser = whole::<u32, 0, ANY>)]
    pub directions: u32,
    /// Azimuth of the first direction, from 0 to less than 360 / N degrees
    #[arg(long, value_name = "DEG", default_value_t = 0.0, allow_hyphen_values = true, value_parser = finite)]
    pub first_azimuth: f64,
    /// The north that azimuths count from: that of the grid, the true north in the middle of the raster, or degrees clockwise from grid north
    #[arg(long, value_name = "grid|true|DEG", default_value = "grid", allow_hyphen_values = true, value_parser = str::parse::<North>)]
    pub north: North,
    /// Measures to compute, separated by commas (see below)
    #[arg(long, value_name = "NAME", default_value = "svf", value_delimiter = ',', value_parser = measure)]
    pub measure: Vec<Measure>,
    /// Keep angles below the horizontal (only for --measure horizon)
    #[arg(long)]
    pub signed: bool,
    /// Brightest azimuth of the sky for svf-anisotropic, in degrees clockwise from north
    #[arg(long, value_name = "DEG", default_value_t = 315.0, allow_hyphen_values = true, value_parser = finite)]
    pub anisotropy_azimuth: f64,
    /// How much brighter the sky is at that azimuth
    #[arg(long, value_name = "LEVEL", default_value = "low")]
    pub anisotropy_level: LevelArg,
    /// How heights are sampled along a sight line
    #[arg(long, value_name = "RULE", default_value = "linear")]
    pub sampling: SamplingArg,
    /// Number of samples on a sight line, for --sampling divided [default: one per cell]
    #[arg(long, value_name = "D", value_parser = whole::<u32, 0, ANY>)]
    pub divisions: Option<u32>,
    /// Values of INPUT that mean NoData, instead of the NoData value of the file; none: no value means NoData
    #[arg(long, value_name = "V[,V...]|none", allow_hyphen_values = true, value_parser = str::parse::<InputNoData>)]
    pub input_nodata: Option<InputNoData>,
    /// What to do where a height is missing (NoData, or outside the raster)
    #[arg(long, value_name = "RULE", default_value = "skip")]
    pub missing: MissingArg,
    /// Height of the observer above the surface, in the same unit as the radius
    #[arg(long, value_name = "H", default_value_t = 0.0, allow_hyphen_values = true, value_parser = finite)]
    pub observer_height: f64,
    /// Factor that converts heights to the unit of the radius
    #[arg(long, value_name = "F", default_value_t = 1.0, allow_hyphen_values = true, value_parser = finite)]
    pub z_factor: f64,
    /// Correct for the curvature of the Earth: it lowers what is far away
    #[arg(long)]
    pub curvature: bool,
    /// Refraction coefficient, 0 to 1, for --curvature [default: 0.13, or 0 if the CRS is not of the Earth]
    #[arg(long, value_name = "K", requires = "curvature", allow_hyphen_values = true, value_parser = finite)]
    pub refraction: Option<f64>,
    /// Coordinates that look like degrees are not degrees: use them as they are
    #[arg(long)]
    pub plain_units: bool,
    /// Raster of vegetation heights above ground, on the grid of INPUT; vegetation lets some light through
    #[arg(long, value_name = "RASTER")]
    pub canopy: Option<String>,
    /// Where crowns begin, as a share of the canopy height
    #[arg(long, value_name = "SHARE", default_value_t = 0.25, allow_hyphen_values = true, requires = "canopy", value_parser = finite)]
    pub trunk_ratio: f64,
    /// Raster of the heights above ground where crowns begin, on the grid of INPUT
    #[arg(long, value_name = "RASTER", requires = "canopy", conflicts_with = "trunk_ratio")]
    pub trunk: Option<String>,
    /// Share of the light that passes through a crown
    #[arg(long, value_name = "SHARE", default_value_t = 0.03, allow_hyphen_values = true, requires = "canopy", value_parser = finite)]
    pub transmissivity: f64,
}

impl SkyArgs {
    /// The part of the request that these options set.
    pub fn sky(&self) -> Sky {
        Sky {
            radius: self.radius,
            min_distance: self.min_distance,
            search: SearchName::Exact,
            directions: self.directions,
            first_azimuth: self.first_azimuth,
            north: self.north,
            measures: self.measure.clone(),
            signed: self.signed,
            angle_unit: AngleUnit::Degree,
            anisotropy_azimuth: self.anisotropy_azimuth,
            anisotropy_level: self.anisotropy_level.into(),
            sampling: self.sampling.into(),
            divisions: self.divisions,
            input_nodata: self.input_nodata.clone(),
            missing: self.missing.into(),
            observer_height: self.observer_height,
            z_factor: self.z_factor,
            curvature: self.curvature,
            refraction: self.refraction,
            plain_units: self.plain_units,
            canopy: self.canopy.clone(),
            trunk_ratio: self.trunk_ratio,
            trunk: self.trunk.clone(),
            transmissivity: self.transmissivity,
            receivers: None,
            receivers_layer: None,
        }
    }
}

/// Options that were given but have no effect, because the option that they need is missing, or because
/// the format of another program decides what they say.
pub(crate) fn without_effect(matches: &ArgMatches) -> Option<String> {
    let given = |id: &&&str| {
        matches.try_contains_id(id).is_ok()
            && matches.value_source(id) == Some(ValueSource::CommandLine)
    };
    // Other values than the default are refused where the format is known.
    let format = matches.try_get_one::<String>("format").ok().flatten();
    let decided: &[&str] = match format.map(|name| name.trim().to_ascii_uppercase()).as_deref() {
        Some(svf::UMEP_FORMAT) => &["measure"],
        Some(svf::RSUN_FORMAT) => &["measure", "angle_unit"],
        _ => &[],
    };
    for option in decided.iter().filter(given) {
        let is_default = match *option {
            "measure" => {
                let mut measures = matches.get_many::<Measure>("measure")?;
                measures.all(|measure| *measure == Measure::Svf)
            }
            _ => matches.get_one("angle_unit") == Some(&AngleArg::Degree),
        };
        if is_default {
            let (format, option) = (format.map_or("", String::as_str), option.replace('_', "-"));
            return Some(format!(
                "--{option} has no effect with --of {format}: leave out --{option}"
            ));
        }
    }
    let option = ["anisotropy_azimuth", "anisotropy_level"].iter().find(given)?;
    let mut measures = matches.get_many::<Measure>("measure")?;
    (!measures.any(|measure| *measure == Measure::SvfAnisotropic)).then(|| {
        format!("--{} can only be used with --measure svf-anisotropic", option.replace('_', "-"))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn without_options_it_is_the_engine_s_default() {
        #[derive(clap::Parser)]
        struct Line {
            #[command(flatten)]
            sky: SkyArgs,
        }
        let sky = |line: &str| <Line as clap::Parser>::parse_from(line.split(' ')).sky.sky();
        assert_eq!(sky("t"), Sky::default());
        let asked = sky("t --radius 30 -n 8 --measure svf,horizon --signed --sampling divided \
             --divisions 7 --missing nan --z-factor 2.5 --curvature --input-nodata -9999,0");
        let mut expected = serde_json::to_value(Sky::default()).unwrap();
        for (field, value) in [
            ("radius", json!("30")),
            ("directions", json!(8)),
            ("measures", json!(["svf", "horizon"])),
            ("signed", json!(true)),
            ("sampling", json!("divided")),
            ("divisions", json!(7)),
            ("missing", json!("nan")),
            ("z_factor", json!(2.5)),
            ("curvature", json!(true)),
            ("input_nodata", json!("-9999,0")),
        ] {
            expected[field] = value;
        }
        assert_eq!(serde_json::to_value(asked).unwrap(), expected);
    }
}
