//! What is computed at a cell: the options that decide a value, the same for
//! every tool that plans or computes, with one serialised form for events and
//! plans.

use std::fmt;
use std::str::FromStr;

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, ValueEnum};
use serde::{Deserialize, Serialize};
use svf_kernel::{AnisotropyLevel, Measure, Missing};

use crate::words::{ANY, finite, measure, radius_hint, whole};

/// Names of the samplings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SamplingName {
    /// Interpolated between cell centres, at every row of cells (or column, if the line runs along
    /// rows): unbiased.
    Linear,
    /// Interpolated likewise at every row and every column of cells: closest to the surface, slower.
    Crossings,
    /// The nearest cell at every row (or column), at the distance of its centre: a wall stands half
    /// a cell behind its face.
    Nearest,
    /// Equal steps of radius / divisions, the nearest cell, nominal distance.
    Divided,
}

/// Names of the rules for missing heights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MissingName {
    /// Ignored, the sight line goes on.
    Skip,
    /// The sight line ends there.
    Stop,
    /// The cell becomes NoData.
    Nan,
}

impl From<MissingName> for Missing {
    fn from(name: MissingName) -> Self {
        match name {
            MissingName::Skip => Missing::Skip,
            MissingName::Stop => Missing::Stop,
            MissingName::Nan => Missing::Nan,
        }
    }
}

/// Names of the levels of anisotropy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LevelName {
    /// The darkest azimuth weighs 0.4 of the brightest.
    Low,
    /// The darkest azimuth weighs 0.1 of the brightest.
    High,
}

impl From<LevelName> for AnisotropyLevel {
    fn from(name: LevelName) -> Self {
        match name {
            LevelName::Low => AnisotropyLevel::Low,
            LevelName::High => AnisotropyLevel::High,
        }
    }
}

impl From<AnisotropyLevel> for LevelName {
    fn from(level: AnisotropyLevel) -> Self {
        match level {
            AnisotropyLevel::Low => LevelName::Low,
            AnisotropyLevel::High => LevelName::High,
        }
    }
}

/// A search radius as the user gave it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Radius {
    /// In units of the CRS.
    Units(f64),
    /// In cells, of the larger cell side.
    Cells(f64),
}

impl FromStr for Radius {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (digits, unit): (&str, fn(f64) -> Radius) = match text.trim().strip_suffix("px") {
            Some(cells) => (cells, Radius::Cells),
            None => (text, Radius::Units),
        };
        digits.trim().parse().map(unit).map_err(|_| radius_hint(text))
    }
}

impl TryFrom<String> for Radius {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Radius> for String {
    fn from(radius: Radius) -> String {
        radius.to_string()
    }
}

impl fmt::Display for Radius {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // As short as it was typed.
            Radius::Units(units) if *units >= 1e16 => write!(f, "{units:e}"),
            Radius::Units(units) => write!(f, "{units}"),
            Radius::Cells(cells) => write!(f, "{cells}px"),
        }
    }
}

/// Heights that are missing in the input, as the user gave them, in place of the NoData
/// value that the file declares.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct InputNoData(pub Vec<f64>);

impl FromStr for InputNoData {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim().eq_ignore_ascii_case("none") {
            return Ok(Self(Vec::new()));
        }
        let words = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|w| !w.is_empty());
        let values =
            words.map(|word| word.parse().map_err(|_| format!("'{word}' is not a number")));
        match values.collect::<Result<Vec<f64>, _>>()? {
            none if none.is_empty() => Err("write numbers as in -9999,-32768, or none".to_owned()),
            values => Ok(Self(values)),
        }
    }
}

impl TryFrom<String> for InputNoData {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<InputNoData> for String {
    fn from(nodata: InputNoData) -> String {
        nodata.to_string()
    }
}

impl fmt::Display for InputNoData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("none");
        }
        let words: Vec<String> = self.0.iter().map(|value| show_value(*value)).collect();
        f.write_str(&words.join(","))
    }
}

/// A number as it would be typed: without the zeros of one that is far from 1.
pub(crate) fn show_value(value: f64) -> String {
    if value != 0.0 && !(1e-6..1e16).contains(&value.abs()) {
        format!("{value:e}")
    } else {
        value.to_string()
    }
}

/// The options that decide a value. `plain_units` decides none, only whether there are any:
/// it is no part of plans.
#[derive(Args, Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SkyArgs {
    /// Search radius: in units of the CRS (metres where those are degrees), or in cells as in 100px
    #[arg(long, value_name = "R", default_value = "100px", allow_hyphen_values = true, value_parser = str::parse::<Radius>)]
    pub radius: Radius,
    /// Number of sight lines, 4 to 720
    #[arg(short = 'n', long, value_name = "N", default_value_t = 16, value_parser = whole::<u32, 0, ANY>)]
    pub directions: u32,
    /// Measures, separated by commas (see below)
    #[arg(long, value_name = "NAME", default_value = "svf", value_delimiter = ',', value_parser = measure)]
    #[serde(rename = "measures", with = "measure_names")]
    pub measure: Vec<Measure>,
    /// Keep horizon angles below the horizontal
    #[arg(long)]
    pub signed: bool,
    /// Brightest azimuth of the sky of svf-anisotropic, degrees clockwise from north
    #[arg(long, value_name = "DEG", default_value_t = 315.0, allow_hyphen_values = true, value_parser = finite)]
    pub anisotropy_azimuth: f64,
    /// How much brighter it is there
    #[arg(long, value_name = "LEVEL", default_value = "low")]
    pub anisotropy_level: LevelName,
    /// Where on a sight line heights are taken
    #[arg(long, value_name = "RULE", default_value = "linear")]
    pub sampling: SamplingName,
    /// Points on a sight line, for --sampling divided [default: one per cell]
    #[arg(long, value_name = "D", value_parser = whole::<u32, 0, ANY>)]
    pub divisions: Option<u32>,
    /// Values of INPUT that are missing heights, in place of its own NoData value; none: there is none
    #[arg(long, value_name = "V[,V...]|none", allow_hyphen_values = true, value_parser = str::parse::<InputNoData>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_nodata: Option<InputNoData>,
    /// What a missing height (NoData or outside the raster) does to a sight line
    #[arg(long, value_name = "RULE", default_value = "skip")]
    pub missing: MissingName,
    /// Height of the observer above the surface, in the unit of the radius
    #[arg(long, value_name = "H", default_value_t = 0.0, allow_hyphen_values = true, value_parser = finite)]
    pub observer_height: f64,
    /// Factor that turns heights into the unit of the radius
    #[arg(long, value_name = "F", default_value_t = 1.0, allow_hyphen_values = true, value_parser = finite)]
    pub z_factor: f64,
    /// Lower distant heights by the Earth's curvature
    #[arg(long)]
    pub curvature: bool,
    /// Refraction coefficient, with --curvature [default: 0.13, and 0 where the CRS is not of the Earth]
    #[arg(long, value_name = "K", requires = "curvature", allow_hyphen_values = true, value_parser = finite)]
    pub refraction: Option<f64>,
    /// Coordinates that look like degrees are none: compute with them as they are
    #[arg(long)]
    #[serde(skip)]
    pub plain_units: bool,
    /// Heights of vegetation above ground, on the grid of INPUT: it lets some light through
    #[arg(long, value_name = "RASTER")]
    pub canopy: Option<String>,
    /// Share of the canopy's height at which the crowns begin
    #[arg(long, value_name = "SHARE", default_value_t = 0.25, allow_hyphen_values = true, requires = "canopy", value_parser = finite)]
    pub trunk_ratio: f64,
    /// Heights above ground at which the crowns begin, on the grid of INPUT
    #[arg(long, value_name = "RASTER", requires = "canopy", conflicts_with = "trunk_ratio")]
    pub trunk: Option<String>,
    /// Share of the light that passes a crown
    #[arg(long, value_name = "SHARE", default_value_t = 0.03, allow_hyphen_values = true, requires = "canopy", value_parser = finite)]
    pub transmissivity: f64,
}

/// Options that were given and decide nothing, since what they are of was not asked for.
pub(crate) fn without_effect(matches: &ArgMatches) -> Option<String> {
    let given = |id: &&&str| {
        matches.try_contains_id(id).is_ok()
            && matches.value_source(id) == Some(ValueSource::CommandLine)
    };
    let option = ["anisotropy_azimuth", "anisotropy_level"].iter().find(given)?;
    let mut measures = matches.get_many::<Measure>("measure")?;
    (!measures.any(|measure| *measure == Measure::SvfAnisotropic))
        .then(|| format!("--{} goes with --measure svf-anisotropic", option.replace('_', "-")))
}

/// Measures by their names.
mod measure_names {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use svf_kernel::Measure;

    pub(super) fn serialize<S: Serializer>(
        m: &[Measure],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(m.iter().map(|m| m.name()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<Measure>, D::Error> {
        let names = Vec::<String>::deserialize(d)?;
        names.iter().map(|name| name.parse().map_err(D::Error::custom)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn radii() {
        assert_eq!("300".parse(), Ok(Radius::Units(300.0)));
        assert_eq!("100px".parse(), Ok(Radius::Cells(100.0)));
        assert!("100 metres".parse::<Radius>().is_err());
        assert_eq!(Radius::Cells(2.5).to_string(), "2.5px");
    }

    #[test]
    fn heights_that_are_missing() {
        let read = |text: &str| text.parse::<InputNoData>();
        assert_eq!(read("none"), Ok(InputNoData(Vec::new())));
        assert_eq!(read("-9999, -32768"), Ok(InputNoData(vec![-9999.0, -32768.0])));
        assert!(read("").is_err() && read("nothing").is_err() && read(",").is_err());
        assert_eq!(InputNoData(Vec::new()).to_string(), "none");
        let lowest = f64::from(f32::MIN);
        let both = InputNoData(vec![lowest, -0.5]);
        assert_eq!(both.to_string(), "-3.4028234663852886e38,-0.5");
        assert_eq!(read(&both.to_string()), Ok(both));
    }

    #[test]
    fn options_come_back_from_their_json() {
        #[derive(clap::Parser)]
        struct Line {
            #[command(flatten)]
            sky: SkyArgs,
        }
        let line = "t --radius 30 -n 8 --measure svf,horizon --signed --sampling divided \
                    --divisions 7 --missing nan --z-factor 2.5 --curvature --input-nodata -9999,0";
        let sky = <Line as clap::Parser>::parse_from(line.split_whitespace()).sky;
        let json = serde_json::to_value(&sky).unwrap();
        assert_eq!(json["radius"], "30");
        assert_eq!(json["input_nodata"], "-9999,0");
        assert_eq!(json["measures"], serde_json::json!(["svf", "horizon"]));
        assert_eq!(serde_json::from_value::<SkyArgs>(json).unwrap(), sky);
    }
}
