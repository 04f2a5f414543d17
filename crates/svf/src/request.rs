//! What a run should do, as plain data: a [`Request`]. Its part [`Sky`] decides the value of a
//! cell; it has one serialised form for plans and events.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use svf_job::budget;
use svf_kernel::{AnisotropyLevel, Measure, Missing, Search};
use svf_raster::OutputType;

use crate::numbers::show_typed;
use crate::planned::{PlannedInputs, ROLES};

/// Where heights are taken on a sight line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SamplingName {
    /// Interpolated between cell centres, at every row of cells (or column, if the line runs along
    /// rows): unbiased.
    Linear,
    /// Interpolated in the same way at every row and every column of cells: closest to the
    /// surface, slower.
    Crossings,
    /// The nearest cell at every row (or column), at the distance of its centre: a wall is half a
    /// cell too far away.
    Nearest,
    /// Equal steps of radius / divisions, the nearest cell, nominal distance.
    Divided,
}

impl SamplingName {
    /// Its name, as users write it.
    pub fn name(self) -> &'static str {
        match self {
            SamplingName::Linear => "linear",
            SamplingName::Crossings => "crossings",
            SamplingName::Nearest => "nearest",
            SamplingName::Divided => "divided",
        }
    }
}

/// What a missing height does to a sight line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MissingName {
    /// It is skipped, the sight line continues.
    Skip,
    /// The sight line ends there.
    Stop,
    /// The cell becomes NoData.
    Nan,
}

impl MissingName {
    /// Its name, as users write it.
    pub fn name(self) -> &'static str {
        match self {
            MissingName::Skip => "skip",
            MissingName::Stop => "stop",
            MissingName::Nan => "nan",
        }
    }
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

/// How horizons are searched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SearchName {
    /// Every sample that can make the horizon.
    #[default]
    Exact,
    /// The nearest samples, and farther ground for coarse nodes first: the time hardly depends on
    /// the radius, and horizons are close to the exact ones.
    Cascade,
}

impl SearchName {
    /// Its name, as users write it.
    pub fn name(self) -> &'static str {
        Search::from(self).name()
    }

    fn is_exact(&self) -> bool {
        *self == SearchName::Exact
    }
}

impl From<SearchName> for Search {
    fn from(name: SearchName) -> Self {
        match name {
            SearchName::Exact => Search::Exact,
            SearchName::Cascade => Search::Cascade,
        }
    }
}

/// How much brighter the sky of `svf-anisotropic` is on its brightest side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LevelName {
    /// The darkest azimuth has 0.4 times the weight of the brightest.
    Low,
    /// The darkest azimuth has 0.1 times the weight of the brightest.
    High,
}

impl LevelName {
    /// Its name, as users write it.
    pub fn name(self) -> &'static str {
        match self {
            LevelName::Low => "low",
            LevelName::High => "high",
        }
    }
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

/// Unit of the measures that are angles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AngleUnit {
    /// 360 are a circle.
    #[default]
    Degree,
    /// 2 pi are a circle.
    Radian,
}

impl AngleUnit {
    /// Its name, as users write it.
    pub fn name(self) -> &'static str {
        match self {
            AngleUnit::Degree => "degree",
            AngleUnit::Radian => "radian",
        }
    }

    /// One degree in this unit.
    pub(crate) fn of_degree(self) -> f64 {
        match self {
            AngleUnit::Degree => 1.0,
            AngleUnit::Radian => 1_f64.to_radians(),
        }
    }

    fn is_degree(&self) -> bool {
        *self == AngleUnit::Degree
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
    /// As far as the raster goes.
    All,
}

impl FromStr for Radius {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim() == "all" {
            return Ok(Self::All);
        }
        let (digits, unit): (&str, fn(f64) -> Radius) = match text.trim().strip_suffix("px") {
            Some(cells) => (cells, Radius::Cells),
            None => (text, Radius::Units),
        };
        let hint = "write a number in units of the CRS, e.g. 300, or in cells, e.g. 100px";
        digits.trim().parse().map(unit).map_err(|_| hint.to_owned())
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
            // As short as the user typed it.
            Radius::Units(units) if units.abs() >= 1e16 => write!(f, "{units:e}"),
            Radius::Units(units) => write!(f, "{units}"),
            Radius::Cells(cells) if cells.abs() >= 1e16 => write!(f, "{cells:e}px"),
            Radius::Cells(cells) => write!(f, "{cells}px"),
            Radius::All => f.write_str("all"),
        }
    }
}

/// Values that mean NoData in the input, as the user gave them, instead of the NoData value that
/// the file declares.
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
        let values = words.map(|word| match word.parse::<f64>() {
            // "inf" is infinite, 1e400 is more digits than a number can have.
            Ok(value) if value.is_infinite() && word.contains(|c: char| c.is_ascii_digit()) => {
                Err(format!("'{word}' is not a finite number"))
            }
            Ok(value) => Ok(value),
            Err(_) => Err(format!("'{word}' is not a number")),
        });
        match values.collect::<Result<Vec<f64>, _>>()? {
            none if none.is_empty() => Err("write numbers, e.g. -9999,-32768, or none".to_owned()),
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
        let words: Vec<String> = self.0.iter().map(|value| show_typed(*value)).collect();
        f.write_str(&words.join(","))
    }
}

/// The north that azimuths count from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum North {
    /// That of the grid: along a column of the raster.
    #[default]
    Grid,
    /// That of the Earth, in the middle of the raster.
    True,
    /// A direction, degrees clockwise from grid north.
    Degrees(f64),
}

impl North {
    fn is_grid(&self) -> bool {
        *self == Self::Grid
    }
}

impl FromStr for North {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text, text.parse()) {
            ("grid", _) => Ok(Self::Grid),
            ("true", _) => Ok(Self::True),
            (_, Ok(degrees)) if f64::is_finite(degrees) => Ok(Self::Degrees(degrees)),
            _ => Err("write grid, true, or degrees clockwise from grid north, e.g. -1.5".into()),
        }
    }
}

impl TryFrom<String> for North {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<North> for String {
    fn from(north: North) -> String {
        north.to_string()
    }
}

impl fmt::Display for North {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Grid => f.write_str("grid"),
            Self::True => f.write_str("true"),
            Self::Degrees(degrees) => write!(f, "{degrees}"),
        }
    }
}

/// Whether a number is the default of an option.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(number: &f64) -> bool {
    *number == 0.0
}

/// What is computed at a cell: everything that decides its value. Its serialised form is part of
/// the identity of a plan. `plain_units` is not part of it, because it only decides whether the
/// raster is refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sky {
    /// Search radius.
    pub radius: Radius,
    /// What is nearer is ignored; less than the radius.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_distance: Option<Radius>,
    /// How horizons are searched.
    #[serde(default, skip_serializing_if = "SearchName::is_exact")]
    pub search: SearchName,
    /// Number of sight lines, 4 to 720.
    pub directions: u32,
    /// Azimuth of the first sight line, from 0 to less than 360 / `directions` degrees.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub first_azimuth: f64,
    /// The north that all azimuths count from.
    #[serde(default, skip_serializing_if = "North::is_grid")]
    pub north: North,
    /// Measures, in the order of the bands.
    #[serde(rename = "measures", with = "measure_names")]
    pub measures: Vec<Measure>,
    /// Whether `horizon` keeps angles below the horizontal.
    pub signed: bool,
    /// Unit of the measures that are angles.
    #[serde(default, skip_serializing_if = "AngleUnit::is_degree")]
    pub angle_unit: AngleUnit,
    /// Brightest azimuth of the sky of `svf-anisotropic`, degrees clockwise from north.
    pub anisotropy_azimuth: f64,
    /// How much brighter it is there.
    pub anisotropy_level: LevelName,
    /// Where heights are taken on a sight line.
    pub sampling: SamplingName,
    /// Number of points on a sight line, for [`SamplingName::Divided`]; by default one per cell.
    pub divisions: Option<u32>,
    /// Values of the input that mean NoData, instead of its own NoData value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_nodata: Option<InputNoData>,
    /// What a missing height (NoData or outside the raster) does to a sight line.
    pub missing: MissingName,
    /// Height of the observer above the surface, in the unit of the radius.
    pub observer_height: f64,
    /// Factor that converts heights to the unit of the radius.
    pub z_factor: f64,
    /// Whether distant heights are lowered by the Earth's curvature.
    pub curvature: bool,
    /// Refraction coefficient; by default 0.13 on the Earth and 0 elsewhere.
    pub refraction: Option<f64>,
    /// Coordinates that look like degrees are not degrees.
    #[serde(skip)]
    pub plain_units: bool,
    /// Raster of heights of vegetation above ground, on the grid of the input.
    pub canopy: Option<String>,
    /// Where crowns begin, as a share of the height of the canopy.
    pub trunk_ratio: f64,
    /// Raster of the heights above ground where crowns begin, instead of the share.
    pub trunk: Option<String>,
    /// Share of the light that passes a crown.
    pub transmissivity: f64,
    /// Which cells are receivers; all others become NoData. A raster on the grid of the input:
    /// those that are neither 0 nor NoData. Or a vector file: those whose centre lies in a polygon,
    /// which a line passes, or in which a point lies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receivers: Option<String>,
    /// Layer of the vector file, if it has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receivers_layer: Option<String>,
}

impl Default for Sky {
    /// `svf` in 16 directions, with a radius of 100 cells.
    fn default() -> Self {
        Self {
            radius: Radius::Cells(100.0),
            min_distance: None,
            search: SearchName::Exact,
            directions: 16,
            first_azimuth: 0.0,
            north: North::Grid,
            measures: vec![Measure::Svf],
            signed: false,
            angle_unit: AngleUnit::Degree,
            anisotropy_azimuth: 315.0,
            anisotropy_level: LevelName::Low,
            sampling: SamplingName::Linear,
            divisions: None,
            input_nodata: None,
            missing: MissingName::Skip,
            observer_height: 0.0,
            z_factor: 1.0,
            curvature: false,
            refraction: None,
            plain_units: false,
            canopy: None,
            trunk_ratio: 0.25,
            trunk: None,
            transmissivity: 0.03,
            receivers: None,
            receivers_layer: None,
        }
    }
}

/// The files of a raster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Files {
    /// Given by its name: a raster, or a folder or a pattern of many files that are read as one
    /// raster.
    #[default]
    Itself,
    /// These files, from a folder or pattern: files that are not rasters are skipped.
    Found(Vec<String>),
    /// All of these files.
    Named(Vec<String>),
    /// The files in a text file, one name per line.
    List(PathBuf),
}

impl Files {
    /// The text file with their names.
    pub fn list(&self) -> Option<&Path> {
        match self {
            Files::List(list) => Some(list),
            Files::Itself | Files::Found(_) | Files::Named(_) => None,
        }
    }
}

/// How the input is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Band of the heights, from 1.
    pub band: u32,
    /// Open options of its driver, `KEY=VALUE`.
    pub open_options: Vec<String>,
}

impl Default for Source {
    fn default() -> Self {
        Self { band: 1, open_options: Vec::new() }
    }
}

/// Which cells are computed, and in which tiles.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Area {
    /// Part of the raster: first column and row, columns, rows. Sight lines still see the heights
    /// outside it.
    pub srcwin: Option<[f64; 4]>,
    /// The same in coordinates: smallest x and y, largest x and y.
    pub bbox: Option<[f64; 4]>,
    /// Rows and columns of a tile; by default as the memory allows.
    pub tile_px: Option<(u64, u64)>,
}

/// The format of an output raster.
#[derive(Clone, Debug, PartialEq)]
pub struct Format {
    /// GDAL's name of the driver; by default from the extension.
    pub driver: Option<String>,
    /// Its creation options, `KEY=VALUE`.
    pub creation_options: Vec<String>,
    /// Type of the cells; for integers, the range of the measure is scaled to theirs.
    pub output_type: OutputType,
    /// NoData value; by default -9999, or the largest value of an integer type.
    pub nodata: Option<f64>,
    /// Of each measure, the lowest and highest value that cells of an integer type tell, in place of the possible
    /// ones: what is beyond becomes the nearer of the two. Empty: all possible values.
    pub ranges: Vec<(f64, f64)>,
}

impl Default for Format {
    fn default() -> Self {
        Self {
            driver: None,
            creation_options: Vec::new(),
            output_type: OutputType::Float32,
            nodata: None,
            ranges: Vec::new(),
        }
    }
}

/// The resources that a run may use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Number of threads; by default all that the process may use.
    pub threads: Option<usize>,
    /// Resident memory of the whole process, bytes; by default half of the available memory.
    pub memory_bytes: Option<u64>,
}

impl Limits {
    /// Threads to use.
    pub fn threads(&self) -> usize {
        let available = || std::thread::available_parallelism().map_or(1, usize::from);
        self.threads.unwrap_or_else(available)
    }

    /// Upper limit of the resident memory of the process, bytes.
    pub fn budget_bytes(&self) -> u64 {
        // Used if the system does not report its free memory: a size that most systems have.
        let half = || budget::available_bytes().map_or(1 << 30, |bytes| bytes / 2);
        self.memory_bytes.unwrap_or_else(half)
    }
}

/// What is written to a file of its own, named after the output.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Separate {
    /// Nothing: all bands are in one file.
    #[default]
    Nothing,
    /// Each measure: `output` with its name before the extension.
    Measures,
    /// Each band: `output` with the band's name in another program before the extension.
    Named {
        /// The names.
        names: Vec<String>,
        /// The format that has them, as `--of` knows it.
        format: &'static str,
    },
}

/// What a run should do. With `..Request::default()`, only the fields that differ must be given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// Raster of heights: anything that GDAL opens, a folder or a pattern of many files.
    pub input: String,
    /// The files of heights, canopy, trunks and receivers, if their names do not say it.
    pub files: [Files; ROLES.len()],
    /// Raster to write; none if only values are needed.
    pub output: Option<String>,
    /// What is written to files of its own.
    pub separate: Separate,
    /// Whether an existing output is replaced.
    pub overwrite: bool,
    /// Whether nothing is written; then the output only decides the format.
    pub dry_run: bool,
    /// Files that the caller writes during the run, for example a log: none of them may be an
    /// input or an output.
    pub also_written: Vec<PathBuf>,
    /// What is computed at a cell.
    pub sky: Sky,
    /// Which cells are computed, and in which tiles.
    pub area: Area,
    /// How the input is opened.
    pub source: Source,
    /// The format of the output.
    pub format: Format,
    /// The number of receivers, at random places, that [`compute`](crate::compute::compute) compares
    /// with the exact search; only for a cascade.
    pub check: Option<u64>,
    /// The resources that it may use.
    pub limits: Limits,
    /// What a plan that is continued says about the inputs.
    pub planned: PlannedInputs,
}

impl Request {
    /// What is asked of a raster, or of the files of one, by default.
    pub fn of(input: &str, files: Files) -> Self {
        Self {
            input: input.to_owned(),
            files: [files, Files::Itself, Files::Itself, Files::Itself],
            ..Self::default()
        }
    }

    /// Names of the files that the caller writes.
    pub fn also_written(&self) -> Vec<String> {
        self.also_written.iter().map(|path| path.display().to_string()).collect()
    }
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
        assert_eq!("all".parse(), Ok(Radius::All));
        assert_eq!(Radius::All.to_string(), "all");
    }

    #[test]
    fn heights_that_are_missing() {
        let read = |text: &str| text.parse::<InputNoData>();
        assert_eq!(read("none"), Ok(InputNoData(Vec::new())));
        assert_eq!(read("1e400"), Err("'1e400' is not a finite number".to_owned()));
        assert!(read("-1,-2e999").is_err() && read("inf").is_ok());
        assert_eq!(read("-9999, -32768"), Ok(InputNoData(vec![-9999.0, -32768.0])));
        assert!(read("").is_err() && read("nothing").is_err() && read(",").is_err());
        assert_eq!(InputNoData(Vec::new()).to_string(), "none");
        let lowest = f64::from(f32::MIN);
        let both = InputNoData(vec![lowest, -0.5]);
        assert_eq!(both.to_string(), "-3.4028234663852886e38,-0.5");
        assert_eq!(read(&both.to_string()), Ok(both));
    }

    #[test]
    fn the_sky_comes_back_from_its_json() {
        let sky = Sky {
            radius: Radius::Units(30.0),
            search: SearchName::Cascade,
            directions: 8,
            measures: vec![Measure::Svf, Measure::Horizon { signed: false }],
            signed: true,
            sampling: SamplingName::Divided,
            divisions: Some(7),
            missing: MissingName::Nan,
            z_factor: 2.5,
            curvature: true,
            input_nodata: Some(InputNoData(vec![-9999.0, 0.0])),
            ..Sky::default()
        };
        let json = serde_json::to_value(&sky).unwrap();
        assert_eq!(json["radius"], "30");
        assert_eq!(json["search"], "cascade");
        assert_eq!(json["input_nodata"], "-9999,0");
        assert_eq!(json["measures"], serde_json::json!(["svf", "horizon"]));
        assert_eq!(serde_json::from_value::<Sky>(json).unwrap(), sky);
    }

    #[test]
    fn names_are_those_of_the_serialised_form() {
        let written = |name: serde_json::Value| name.as_str().unwrap().to_owned();
        let to = |value| serde_json::to_value(value).unwrap();
        for name in [
            SamplingName::Linear,
            SamplingName::Crossings,
            SamplingName::Nearest,
            SamplingName::Divided,
        ] {
            assert_eq!(written(to(name)), name.name());
        }
        for name in [MissingName::Skip, MissingName::Stop, MissingName::Nan] {
            assert_eq!(written(serde_json::to_value(name).unwrap()), name.name());
        }
        for name in [SearchName::Exact, SearchName::Cascade] {
            assert_eq!(written(serde_json::to_value(name).unwrap()), name.name());
        }
        for name in [LevelName::Low, LevelName::High] {
            assert_eq!(written(serde_json::to_value(name).unwrap()), name.name());
        }
    }
}
