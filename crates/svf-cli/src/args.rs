//! The command line: options shared by all tools, those of `svf_compute`, and
//! the classic single-dash GDAL spellings as the same options.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Command, Parser, ValueEnum};
use serde_json::{Value, json};
use svf::Error;
use svf::request::{Area, Files, Format, Limits, Request, Separate, Source};
use svf_job::budget;
use svf_job::tileset::Selection;
use svf_kernel::Measure;
use svf_raster::OutputType;

use crate::sky::CellArgs;
use crate::words::{ANY, driver, number, numbers, path, whole};

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProgressMode {
    /// A bar on a terminal, else nothing.
    Auto,
    /// A bar on stderr.
    Bar,
    /// One JSON object per line on stdout.
    Json,
    /// Nothing.
    None,
}

/// How a run is reported and cancelled, and whether it may replace files.
#[derive(Args, Clone, Debug)]
pub struct RunArgs {
    /// How to show progress: a bar on stderr, or events as JSON Lines on stdout
    #[arg(long, value_name = "MODE", default_value = "auto", help_heading = "Reporting")]
    pub progress: ProgressMode,
    /// No progress bar and no summary, only warnings and errors
    #[arg(short, long, help_heading = "Reporting", conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print more: the plan, and the time for reading, computing and writing
    #[arg(short, long, help_heading = "Reporting")]
    pub verbose: bool,
    /// Cancel the run when standard input is closed
    #[arg(long, help_heading = "Reporting")]
    pub cancel_on_stdin_eof: bool,
    /// Replace the output if it exists
    #[arg(long, help_heading = "Output")]
    pub overwrite: bool,
}

/// The resources that a run may use.
#[derive(Args, Clone, Debug)]
pub struct ResourceArgs {
    /// Number of threads [default: all cores that the process may use]
    #[arg(long, value_name = "N", help_heading = "Resources", value_parser = whole::<u32, 1, 4096>)]
    pub threads: Option<u32>,
    /// Memory limit of the whole process, e.g. 512M or 4G [default: half of the free memory]
    #[arg(long, value_name = "SIZE", help_heading = "Resources", value_parser = budget::parse_size)]
    pub max_memory: Option<u64>,
    /// Write memory, CPU and I/O to this file ten times a second, as JSON Lines
    #[arg(long, value_parser = path(), value_name = "FILE", help_heading = "Resources")]
    pub profile_log: Option<std::path::PathBuf>,
}

/// How the input is opened.
#[derive(Args, Clone, Debug)]
pub struct SourceArgs {
    /// Text file with the rasters to read as one, one name per line, instead of INPUT; relative
    /// names start at the current folder
    #[arg(long, value_parser = path(), value_name = "FILE", help_heading = "Input")]
    pub input_list: Option<PathBuf>,
    /// Band of the input raster
    #[arg(short, long, value_name = "N", default_value_t = 1, help_heading = "Input", value_parser = whole::<u32, 1, ANY>)]
    pub band: u32,
    /// Open option of the input's driver; can be repeated
    #[arg(long = "oo", value_name = "KEY=VALUE", help_heading = "Input", value_parser = key_value)]
    pub open_options: Vec<String>,
    /// GDAL configuration option; can be repeated
    #[arg(long, value_name = "KEY=VALUE", help_heading = "Input", value_parser = key_value)]
    pub config: Vec<String>,
}

/// The format of an output raster.
#[derive(Args, Clone, Debug)]
pub struct RasterArgs {
    /// Format (GDAL driver) of the output, e.g. GTiff or COG; with svf_compute also UMEP: svfs.zip for SOLWEIG, RSUN: a horizon map for each direction for GRASS r.sun, and RVT: files with the names of the Relief Visualization Toolbox [default: from the extension]
    #[arg(long = "of", value_name = "DRIVER", help_heading = "Output")]
    pub format: Option<String>,
    /// Creation option of the output's driver; can be repeated
    #[arg(long = "co", value_name = "KEY=VALUE", help_heading = "Output", value_parser = key_value)]
    pub creation_options: Vec<String>,
    /// Data type of the output; uint8 and uint16 store each measure scaled to the range of the type
    #[arg(
        long = "ot",
        value_name = "TYPE",
        default_value = "float32",
        ignore_case = true,
        help_heading = "Output"
    )]
    pub output_type: TypeName,
    /// NoData value of the output [default: -9999, or the largest value of an integer type]
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true, help_heading = "Output", value_parser = number)]
    pub nodata: Option<f64>,
}

/// Options of all tools that make rasters.
#[derive(Args, Clone, Debug)]
pub struct SharedArgs {
    /// How it is reported.
    #[command(flatten)]
    pub run: RunArgs,
    /// The resources that it may use.
    #[command(flatten)]
    pub resources: ResourceArgs,
    /// How the input is opened.
    #[command(flatten)]
    pub source: SourceArgs,
    /// The format of the output.
    #[command(flatten)]
    pub raster: RasterArgs,
}

impl ResourceArgs {
    /// The part of the request that these options set.
    pub(crate) fn limits(&self) -> Limits {
        Limits { threads: self.threads.map(|n| n as usize), memory_bytes: self.max_memory }
    }
}

impl SourceArgs {
    /// The part of the request that these options set.
    pub(crate) fn source(&self) -> Source {
        Source { band: self.band, open_options: self.open_options.clone() }
    }
}

impl RasterArgs {
    /// The part of the request that these options set, for `output`.
    ///
    /// # Errors
    /// A format that does not exist.
    pub(crate) fn format(&self, output: Option<&str>) -> Result<Format, Error> {
        let output = output.unwrap_or("the output");
        Ok(Format {
            driver: self.format.as_ref().map(|name| driver(name, output)).transpose()?,
            creation_options: self.creation_options.clone(),
            output_type: self.output_type.into(),
            nodata: self.nodata,
            ranges: Vec::new(),
        })
    }
}

impl SharedArgs {
    /// The part of the request that these options set: everything except what is computed, and
    /// from which input.
    ///
    /// # Errors
    /// A format that does not exist.
    pub(crate) fn request(
        &self,
        input: &str,
        files: &Files,
        output: Option<&str>,
    ) -> Result<Request, Error> {
        Ok(Request {
            overwrite: self.run.overwrite,
            also_written: self.resources.profile_log.iter().cloned().collect(),
            source: self.source.source(),
            format: self.raster.format(output)?,
            limits: self.resources.limits(),
            ..Request::of(input, files.clone())
        })
    }
}

/// Types of the output's cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TypeName {
    /// 32-bit floats.
    Float32,
    /// 64-bit floats.
    Float64,
    /// Scaled to 0..254; 255 is NoData.
    #[value(alias = "byte")]
    Uint8,
    /// Scaled to 0..65534; 65535 is NoData.
    Uint16,
}

impl From<TypeName> for OutputType {
    fn from(name: TypeName) -> Self {
        match name {
            TypeName::Float32 => OutputType::Float32,
            TypeName::Float64 => OutputType::Float64,
            TypeName::Uint8 => OutputType::UInt8,
            TypeName::Uint16 => OutputType::UInt16,
        }
    }
}

/// Which cells are computed, and in what tiles.
#[derive(Args, Clone, Debug, Default)]
pub struct PartArgs {
    /// Compute only a part: first column, first row, number of columns, number of rows. Sight lines still see the heights outside
    #[arg(long, value_name = "X,Y,W,H", value_parser = numbers::<4>, allow_hyphen_values = true)]
    pub srcwin: Option<[f64; 4]>,
    /// Compute only a part, in coordinates of the CRS. Sight lines still see the heights outside
    #[arg(long, value_name = "XMIN,YMIN,XMAX,YMAX", value_parser = numbers::<4>, allow_hyphen_values = true, conflicts_with = "srcwin")]
    pub bbox: Option<[f64; 4]>,
    /// Tile size in cells: columns and rows [default: from the memory limit]
    #[arg(long, value_name = "W[xH]", value_parser = tile_size, help_heading = "Resources")]
    pub tile_size: Option<(u64, u64)>,
}

impl PartArgs {
    /// The part of the request that these options set.
    pub(crate) fn area(&self) -> Area {
        Area { srcwin: self.srcwin, bbox: self.bbox, tile_px: self.tile_size }
    }
}

/// What every tool tells about itself. These options are answered before all others.
#[derive(Args, Clone, Debug, Default)]
pub struct AboutArgs {
    /// Print the version and exit (with --json: as JSON)
    #[arg(long)]
    pub version: bool,
    /// Print the options as JSON and exit
    #[arg(long)]
    pub json_usage: bool,
}

/// Sky view factor and other sky measures of an elevation raster (DEM or DSM) of any size.
///
/// INPUT and OUTPUT can be anything that GDAL opens or writes; - is standard input or output. Memory stays within --max-memory, whatever the size of the raster.
#[derive(Parser, Clone, Debug)]
#[command(name = "svf_compute", version, disable_version_flag = true, after_help = AFTER_HELP)]
#[command(override_usage = "svf_compute [OPTIONS] INPUT... OUTPUT")]
pub struct ComputeArgs {
    /// Elevation raster (DEM or DSM), or several that are read as one: a folder, 'tiles/*.tif', or several names
    #[arg(required_unless_present_any = ["plan", "input_list"], default_value = "", hide_default_value = true)]
    pub input: String,
    /// Raster to write
    #[arg(required_unless_present_any = ["dry_run", "plan", "input_list"])]
    pub output: Option<String>,
    /// Further arguments: if there are three or more, all except the last are rasters to read.
    #[arg(hide = true)]
    pub more: Vec<String>,
    /// The files of INPUT, as soon as they are known.
    #[arg(skip)]
    pub files: Files,
    /// What is computed.
    #[command(flatten)]
    pub sky: CellArgs,
    /// Which cells are computed, and in which tiles.
    #[command(flatten)]
    pub part: PartArgs,
    /// Write one file per measure; the name of the measure is added to OUTPUT before the extension
    #[arg(long, help_heading = "Output")]
    pub separate: bool,
    /// With --search cascade: compare N cells at random places with the exact search, and print how much they differ
    #[arg(long, value_name = "N", conflicts_with_all = ["plan", "work_dir"], value_parser = whole::<u64, 1, ANY>)]
    pub check: Option<u64>,
    /// Keep finished tiles in this folder; if the run stops, the same command resumes it. Processes with the same command share the tiles
    #[arg(long, value_parser = path(), value_name = "DIR", help_heading = "Large rasters")]
    pub work_dir: Option<PathBuf>,
    /// Delete the finished tiles in the --work-dir folder and start again
    #[arg(long, help_heading = "Large rasters", requires = "work_dir")]
    pub restart: bool,
    /// Compute tiles of a plan made by svf_tile, instead of INPUT and OUTPUT. Processes with the same plan share the tiles
    #[arg(long, value_parser = path(), value_name = "PLAN", help_heading = "Large rasters", conflicts_with_all = DECIDED_BY_PLAN)]
    pub plan: Option<PathBuf>,
    /// Tiles of the plan to compute, by number: 0-99,120
    #[arg(long, value_name = "NUMBERS", help_heading = "Large rasters", requires = "plan", value_parser = Selection::parse_numbers)]
    pub tiles: Option<Selection>,
    /// Compute only part K of N equal parts of the plan: 2/16
    #[arg(long, value_name = "K/N", help_heading = "Large rasters", requires = "plan", conflicts_with = "tiles", value_parser = Selection::parse_part)]
    pub tile_part: Option<Selection>,
    /// Print what a run would do, as JSON, and exit
    #[arg(long)]
    pub dry_run: bool,
    /// Options shared by all tools.
    #[command(flatten)]
    pub shared: SharedArgs,
    /// What every tool tells about itself.
    #[command(flatten)]
    pub about: AboutArgs,
}

impl ComputeArgs {
    /// Decides which arguments are rasters to read.
    ///
    /// # Errors
    /// Arguments that cannot be combined, or no output.
    pub(crate) fn settle(&mut self) -> Result<(), String> {
        if self.plan.is_some() {
            return Ok(());
        }
        // If there is an INPUT, clap does not require --plan, because they exclude each other.
        if self.tiles.is_some() || self.tile_part.is_some() {
            let option = if self.tiles.is_some() { "--tiles" } else { "--tile-part" };
            return Err(format!("{option} can only be used with --plan"));
        }
        let words = [Some(std::mem::take(&mut self.input)), self.output.take()];
        let words = words.into_iter().flatten().chain(std::mem::take(&mut self.more)).collect();
        (self.input, self.files, self.output) = self.shared.source.share_out(words)?;
        match (&self.output, self.dry_run) {
            (None, false) => Err("OUTPUT is missing: the raster to write".into()),
            _ => Ok(()),
        }
    }

    /// The part of the request that these options set.
    ///
    /// # Errors
    /// A format that does not exist.
    pub(crate) fn request(&self) -> Result<Request, Error> {
        let mut shared = self.shared.clone();
        if self.rasters_for_program().is_some() {
            // No driver: the engine chooses it.
            shared.raster.format = None;
        }
        Ok(Request {
            output: self.output.clone(),
            separate: if self.separate { Separate::Measures } else { Separate::Nothing },
            dry_run: self.dry_run,
            sky: self.sky.sky(),
            area: self.part.area(),
            check: self.check,
            ..shared.request(&self.input, &self.files, self.output.as_deref())?
        })
    }

    /// What turns a request into one for the rasters of another program, if the output is for one.
    pub(crate) fn rasters_for_program(&self) -> Option<svf::RastersFor> {
        svf::PROGRAMS.iter().find(|(name, _)| self.is_for(name)).map(|(_, rasters)| *rasters)
    }

    /// Whether the output is for another program, whose name stands in place of a driver.
    pub(crate) fn is_for(&self, program: &str) -> bool {
        let format = self.shared.raster.format.as_deref();
        format.is_some_and(|format| format.trim().eq_ignore_ascii_case(program))
    }
}

/// The options that cannot be used with --plan, because the plan has them.
const DECIDED_BY_PLAN: [&str; 21] = [
    "input",
    "output",
    "more",
    "input_list",
    "SkyArgs",
    "angle_unit",
    "search",
    "receivers",
    "receivers_layer",
    "PartArgs",
    "separate",
    "work_dir",
    "dry_run",
    "overwrite",
    "band",
    "open_options",
    "format",
    "creation_options",
    "output_type",
    "nodata",
    "restart",
];

const AFTER_HELP: &str = "\
Measures (g: horizon angle in one direction, at least 0; g*: the same, also below the horizontal):
  svf                1 - mean sin g, 0..1; as RVT, r.skyview, Whitebox, xarray-spatial
  svf-error          uncertainty of svf because of the number of directions, 0..0.5
  svf-cosine         mean cos^2 g, 0..1; as UMEP/SOLWEIG, SAGA SVF on flat ground
  svf-slope          svf-cosine for the cell's own slope, 0..1; as SAGA SVF, topocalc
  visible-sky        mean (1 - 2g/pi), 0..1; as SAGA Visible Sky / 100
  svf-cos            mean cos g, 0..1; as CNES georastertools
  terrain-view       (1 + cos slope)/2 - svf-slope, 0..1; as SAGA
  openness-positive  mean (90 - g*), degrees; as RVT, SAGA
  openness-negative  openness-positive of the surface turned upside down, degrees
  svf-anisotropic    svf for a sky brighter on one side, 0..1; as RVT ASVF
  svf-north          svf-cosine of the northern half of the sky, 0..1; as UMEP
  svf-east           svf-cosine of the eastern half of the sky, 0..1
  svf-south          svf-cosine of the southern half of the sky, 0..1
  svf-west           svf-cosine of the western half of the sky, 0..1
  svf-veg            1 - share of the sky that only crowns block, 0..1; as UMEP svfveg
  svf-veg-north      svf-veg of the northern half of the sky, 0..1
  svf-veg-east       svf-veg of the eastern half of the sky, 0..1
  svf-veg-south      svf-veg of the southern half of the sky, 0..1
  svf-veg-west       svf-veg of the western half of the sky, 0..1
  svf-aveg           1 - share with crowns in front of what blocks it, 0..1; as UMEP svfaveg
  svf-aveg-north     svf-aveg of the northern half of the sky, 0..1
  svf-aveg-east      svf-aveg of the eastern half of the sky, 0..1
  svf-aveg-south     svf-aveg of the southern half of the sky, 0..1
  svf-aveg-west      svf-aveg of the western half of the sky, 0..1
  horizon            horizon angle in each direction, degrees, n bands
  horizon-distance   mean distance to the horizon, map units; as SAGA DISTANCE
  slope              slope of the terrain, 0..90 degrees; as gdaldem slope
  aspect             azimuth of its downhill direction, 0..360; as gdaldem aspect
  coverage           share of directions without missing heights, 0..1

Examples:
  svf_compute dsm.tif svf.tif
  svf_compute dsm.tif sky.tif --radius 300 -n 32 --measure svf,svf-cosine,coverage
  svf_compute dsm.tif svf.tif --of COG --max-memory 2G
  gdal_translate -of GTiff in.nc /vsistdout/ | svf_compute /vsistdin/ svf.tif
  svf_compute tiles/ svf.tif          (or 'tiles/*.tif', or tiles/*.tif, or --input-list names.txt)
  svf_compute city.vrt svf.tif --work-dir city.work
  svf_compute dem.tif svf.tif --radius 50000 --search cascade --check 10000
  svf_compute dsm.tif ground.tif --receivers streets.gpkg
  svf_compute dsm.tif svfs.zip --of UMEP --canopy cdsm.tif --radius 300 -n 64 --sampling nearest
  svf_compute dem.tif hor.tif --of RSUN -n 16 --radius 20000 --curvature --refraction 0 --sampling nearest
  svf_compute --plan city.json --tile-part 2/16

Exit codes: 0 done, 1 failed, 2 wrong command, 3 tiles missing (--plan, --work-dir), 130 cancelled.";

fn key_value(text: &str) -> Result<String, String> {
    match text.split_once('=') {
        Some((key, _)) if !key.is_empty() => Ok(text.to_owned()),
        _ => Err("write it as KEY=VALUE".into()),
    }
}

/// `W` or `WxH`; returned as (rows, columns).
fn tile_size(text: &str) -> Result<(u64, u64), String> {
    let bad = || "write it as 2048 or 2048x1024".to_owned();
    let side = |text: &str| match text.trim().parse::<u64>() {
        Ok(side) if side > 0 => Ok(side),
        _ => Err(bad()),
    };
    match text.split_once(['x', 'X']) {
        Some((cols, rows)) => Ok((side(rows)?, side(cols)?)),
        None => side(text).map(|side| (side, side)),
    }
}

/// Options whose classic GDAL spelling has one dash.
const CLASSIC: [(&str, &str); 11] = [
    ("-of", "--of"),
    ("-co", "--co"),
    ("-oo", "--oo"),
    ("-ot", "--ot"),
    ("-srcwin", "--srcwin"),
    ("-projwin", "--projwin"),
    ("-a_nodata", "--nodata"),
    ("-nodata", "--nodata"),
    ("-srcnodata", "--input-nodata"),
    ("-overwrite", "--overwrite"),
    ("-config", "--config"),
];

/// Rewrites GDAL's classic spellings: options with one dash, and four numbers as four arguments.
pub fn modernise(words: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut words = words.into_iter().peekable();
    let mut out = Vec::new();
    while let Some(word) = words.next() {
        let text = word.to_string_lossy().into_owned();
        let name =
            CLASSIC.iter().find(|(classic, _)| *classic == text).map_or(text.as_str(), |c| c.1);
        if name == "--" {
            out.push(word);
            out.extend(words);
            break;
        }
        match name {
            "--srcwin" | "--bbox" | "--projwin" => {
                let mut numbers = Vec::new();
                while numbers.len() < 4
                    && let Some(next) = words.next_if(|w| is_numbers(&w.to_string_lossy()))
                {
                    let next = next.to_string_lossy().into_owned();
                    let parts = next.split([',', ' ']).filter(|part| !part.is_empty());
                    numbers.extend(parts.map(str::to_owned));
                }
                if name == "--projwin" && numbers.len() == 4 {
                    // upper left, lower right -> xmin, ymin, xmax, ymax
                    numbers.swap(1, 3);
                }
                let name = if name == "--projwin" { "--bbox" } else { name };
                out.push(format!("{name}={}", numbers.join(",")).into());
            }
            // GDAL also accepts `--config KEY VALUE`.
            "--config" => {
                let key =
                    words.next().map(|w| w.to_string_lossy().into_owned()).unwrap_or_default();
                let pair = if key.contains('=') || key.is_empty() {
                    key
                } else {
                    // An option is not a value: then the pair is refused because its value is
                    // missing.
                    match words.next_if(|w| !w.to_string_lossy().starts_with("--")) {
                        Some(value) => format!("{key}={}", value.to_string_lossy()),
                        None => key,
                    }
                };
                out.push(format!("--config={pair}").into());
            }
            _ if name == text => out.push(word),
            _ => out.push(name.into()),
        }
    }
    out
}

fn is_numbers(word: &str) -> bool {
    let mut parts = word.split([',', ' ']).filter(|part| !part.is_empty()).peekable();
    parts.peek().is_some() && parts.all(|part| part.parse::<f64>().is_ok())
}

/// The options of a tool as JSON, for programs that make a dialog from them.
pub fn json_usage(command: &Command) -> Value {
    let arguments: Vec<Value> = command
        .get_arguments()
        .filter(|arg| !arg.is_hide_set())
        .map(|arg| {
            let choices: Vec<String> =
                arg.get_possible_values().iter().map(|v| v.get_name().to_owned()).collect();
            let defaults: Vec<String> =
                arg.get_default_values().iter().map(|v| v.to_string_lossy().into_owned()).collect();
            let choices = if arg.get_id() == "measure" {
                Measure::ALL.iter().map(|m| m.name().to_owned()).collect()
            } else {
                choices
            };
            json!({
                "name": arg.get_long().map_or_else(|| arg.get_id().to_string(), str::to_owned),
                "short": arg.get_short().map(String::from),
                "positional": arg.is_positional(),
                "required": arg.is_required_set(),
                "takes_value": arg.get_action().takes_values(),
                "repeatable": matches!(arg.get_action(), clap::ArgAction::Append),
                "metavar": arg.get_value_names().map(|n| n.join(" ")),
                "default": defaults.first(),
                "choices": choices,
                "help": arg.get_help().map(ToString::to_string),
                "category": arg.get_help_heading().unwrap_or("Computation"),
            })
        })
        .collect();
    let mut usage = json!({ "name": command.get_name(), "contract": svf_job::events::CONTRACT, "arguments": arguments });
    let commands: Vec<Value> = command.get_subcommands().map(json_usage).collect();
    if let (Value::Object(all), false) = (&mut usage, commands.is_empty()) {
        all.insert("commands".into(), commands.into());
    }
    usage
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modern(line: &str) -> Vec<String> {
        modernise(line.split(' ').map(OsString::from))
            .into_iter()
            .map(|w| w.to_string_lossy().into_owned())
            .collect()
    }

    #[test]
    fn classic_gdal_spellings_are_understood() {
        assert_eq!(
            modern("svf_compute -srcwin 0 0 46667 4096 -of COG in.tif out.tif"),
            ["svf_compute", "--srcwin=0,0,46667,4096", "--of", "COG", "in.tif", "out.tif"]
        );
        assert_eq!(modern("t --bbox -5,-6,7,8 a b"), ["t", "--bbox=-5,-6,7,8", "a", "b"]);
        assert_eq!(modern("t -projwin 1 9 5 2 a"), ["t", "--bbox=1,2,5,9", "a"]);
        let quoted = modernise(["t", "--srcwin", "0 0 10 20", "a"].map(OsString::from));
        assert_eq!(quoted, ["t", "--srcwin=0,0,10,20", "a"].map(OsString::from));
        assert_eq!(modern("t --config A B c"), ["t", "--config=A=B", "c"]);
        assert_eq!(modern("t --config A=B c"), ["t", "--config=A=B", "c"]);
        assert_eq!(modern("t -srcnodata -9999 a"), ["t", "--input-nodata", "-9999", "a"]);
        assert_eq!(modern("t --config A --of COG"), ["t", "--config=A", "--of", "COG"]);
        assert_eq!(modern("t -- -of"), ["t", "--", "-of"]);
    }

    #[test]
    fn the_command_is_consistent_and_lists_every_measure() {
        use clap::CommandFactory;
        ComputeArgs::command().debug_assert();
        for measure in Measure::ALL {
            let line = format!("  {:<18} {}", measure.name(), measure.summary());
            assert!(AFTER_HELP.contains(&line), "help lacks: {line}");
        }
    }

    #[test]
    fn tile_sizes() {
        assert_eq!(tile_size("2048x1024"), Ok((1024, 2048)));
        assert_eq!(tile_size("64"), Ok((64, 64)));
        assert!(tile_size("0").is_err() && tile_size("-5").is_err());
    }
}
