//! `svf_profile point`: shows what receivers see, and the values that result from it.
//!
//! Points come from the command line or from a file. They are processed one after the other and
//! are never all in memory. A point without a value gets a status that says why; the others are
//! still processed. If it is the only point, the tool ends with an error.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};
use serde_json::{Value, json};
use svf::compute::begin;
use svf::horizon_line::HorizonFormat;
use svf::inputs::{self, Inputs, warn_of_datum};
use svf::numbers::{count_of, show_number, show_place};
use svf::observer::pass_on_warnings;
use svf::outputs::input_files;
use svf::point::{Receiver, Search, refuse_held_whole};
use svf::request::{Area, Files, Sky};
use svf::spec::Spec;
use svf::stream::is_stdin;
use svf::{CancelToken, Error, Observer, Request, Session, Stage};
use svf_job::events::{CONTRACT, Diagnostic};
use svf_kernel::{Measure, Missing};
use svf_raster::attributes::Attribute;
use svf_raster::grid::HorizontalUnit;
use svf_raster::names::file_name;
use svf_raster::staging::{Staging, is_stdout, publish_all};
use svf_raster::{Grid, PointFeature, PointFile, RasterError, Reprojection};

use super::figure::{self, Caption};
use super::points::{Counts, Point, Status};
use super::rows::{Detail, Rows, cell_values};
use super::stations::{HorizonLines, station_field};
use super::sun::Sun;
use super::table::{PointFormat, Table, choose_format, name_of};
use super::views::{self, Projection};
use super::{check_written, drawing};
use crate::args::{ProgressMode, ResourceArgs, RunArgs, SourceArgs};
use crate::report::Reporter;
use crate::sky::SkyArgs;
use crate::sources::refuse_forgotten;
use crate::summary::args_json;
use crate::tool::{Outcome, watch_for_cancel};
use crate::words::numbers;

/// Show the sight lines of points: every sample, the horizon, every measure.
///
/// The values equal those of svf_compute with the same options; the samples show where they come
/// from. OUTPUT is standard output by default.
#[derive(Args, Clone, Debug)]
#[command(
    group(ArgGroup::new("where").args(["at", "at_cell", "points"]).required(true).multiple(true)),
    mut_arg("measure", |arg| arg
        .default_values(Measure::ALL.map(Measure::name))
        .hide_default_value(true)
        .help("Measures, separated by commas [default: all]")),
    override_usage = "svf_profile point [OPTIONS] INPUT... [OUTPUT]",
    mut_arg("threads", |arg| arg.help("Has no effect: points are computed one after the other")),
)]
pub(super) struct PointArgs {
    /// Elevation raster (DEM or DSM), or several that are read as one: a folder, 'tiles/*.tif', or several names
    #[arg(required_unless_present = "input_list", default_value = "", hide_default_value = true)]
    pub(super) input: String,
    /// File to write; the format comes from its extension [default: standard output]
    pub(super) output: Option<String>,
    /// Further arguments: if there are three or more, all except the last are rasters to read.
    #[arg(hide = true)]
    pub(super) more: Vec<String>,
    /// The files of INPUT, as soon as they are known.
    #[arg(skip)]
    pub(super) files: Files,
    /// Point in the CRS of the raster, or of --crs; can be repeated
    #[arg(long, value_name = "X,Y", value_parser = numbers::<2>, allow_hyphen_values = true, help_heading = "Points")]
    at: Vec<[f64; 2]>,
    /// Point as row and column, counted from 0 at the upper left cell; can be repeated
    #[arg(long, value_name = "ROW,COL", value_parser = row_and_column, allow_hyphen_values = true, conflicts_with = "at", help_heading = "Points")]
    at_cell: Vec<[u64; 2]>,
    /// Vector file of points, or a table with columns x and y (or lon and lat)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["at", "at_cell"], help_heading = "Points")]
    points: Option<String>,
    /// CRS of --at, or of a point file without a CRS, e.g. EPSG:4326 (longitude first) [default: the CRS of the raster]
    #[arg(long, value_name = "CRS", conflicts_with = "at_cell", help_heading = "Points")]
    crs: Option<String>,
    /// Layer of the point file
    #[arg(long, value_name = "NAME", requires = "points", conflicts_with_all = ["at", "at_cell"], help_heading = "Points")]
    layer: Option<String>,
    /// Format of the output [default: from the extension, else json; text on a terminal]
    #[arg(long = "format", value_name = "FORMAT", help_heading = "Output")]
    table: Option<PointFormat>,
    /// How much to write for each point [default: samples in json, lines in gpkg, else points]
    #[arg(long, value_name = "DETAIL", help_heading = "Output")]
    detail: Option<Detail>,
    /// Attribute of --points that names the stations in horizon formats [default: station, name or id, else the number of the point]
    #[arg(long, value_name = "ATTRIBUTE", requires = "points", help_heading = "Output")]
    station: Option<String>,
    /// Draw a figure of a single point: heights, sight lines, sections, horizon (.svg or .png)
    #[arg(long, value_name = "FILE", value_parser = drawing::path, help_heading = "Output")]
    figure: Option<String>,
    /// Draw the sky of a single point as a fisheye camera sees it (.svg or .png)
    #[arg(long, value_name = "FILE", value_parser = drawing::path, help_heading = "Output")]
    fisheye: Option<String>,
    /// How the fisheye lens shows angles from the zenith
    #[arg(
        long,
        value_name = "PROJECTION",
        default_value = "equidistant",
        requires = "fisheye",
        help_heading = "Output"
    )]
    projection: Projection,
    /// Draw the horizon of a single point as a skyline from north to north (.svg or .png)
    #[arg(long, value_name = "FILE", value_parser = drawing::path, help_heading = "Output")]
    skyline: Option<String>,
    /// Draw the sun on 21 June, 20 March and 21 December into --fisheye and --skyline; HOURS: the clock, hours ahead of UTC [default: from the longitude]
    #[arg(long, value_name = "HOURS", num_args = 0..=1, require_equals = true, allow_hyphen_values = true, value_parser = clock, help_heading = "Output")]
    sun_paths: Option<Option<f64>>,
    #[command(flatten)]
    pub(super) sky: SkyArgs,
    #[command(flatten)]
    pub(super) run: RunArgs,
    #[command(flatten)]
    resources: ResourceArgs,
    #[command(flatten)]
    pub(super) source: SourceArgs,
}

/// Number of sight lines of a view, which should be smooth with any number of directions.
const VIEW_DIRECTIONS: u32 = 720;

/// Hours that a clock is ahead of UTC.
fn clock(text: &str) -> Result<f64, String> {
    let hours = text.parse().ok().filter(|hours| (-14.0..=14.0).contains(hours));
    hours.ok_or_else(|| "write hours, -14 to 14".to_owned())
}

fn row_and_column(text: &str) -> Result<[u64; 2], String> {
    let whole = |n: f64| (n >= 0.0 && n.fract() == 0.0).then_some(n as u64);
    match numbers::<2>(text)?.map(whole) {
        [Some(row), Some(col)] => Ok([row, col]),
        _ => Err("rows and columns are whole numbers from 0".into()),
    }
}

impl PointArgs {
    /// The request with which svf_compute computes the same values.
    fn request(&self) -> Request {
        Request {
            dry_run: true,
            overwrite: self.run.overwrite,
            also_written: self.resources.profile_log.iter().cloned().collect(),
            sky: self.sky.sky(),
            source: self.source.source(),
            limits: self.resources.limits(),
            ..Request::of(&self.input, self.files.clone())
        }
    }

    /// Whether standard output is a terminal, where a person reads it.
    fn is_for_people(&self) -> bool {
        let to_stdout = self.output.as_deref().is_none_or(is_stdout);
        to_stdout && self.run.progress != ProgressMode::Json && std::io::stdout().is_terminal()
    }

    /// The local files that a run reads: the raster, also the files that it consists of, the
    /// points, and the list.
    fn files_read(&self, inputs: &Inputs) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = inputs.layers.iter().flat_map(input_files).collect();
        files.extend(self.points.iter().map(PathBuf::from));
        files.extend(self.files.list().map(Path::to_owned));
        files
    }

    /// The points of the command line; none if they are in a file.
    fn named_points(&self, grid: &Grid, reporter: &Reporter) -> Result<Vec<Point>, Error> {
        let reprojection = Reprojection::new(self.crs.as_deref(), grid, &self.input)?;
        if !self.at.is_empty() {
            warn_of_datum(reprojection.coarse_shift.as_ref(), None, reporter);
        }
        let of_cell = |&[row, col]: &[u64; 2]| {
            let place = grid.coordinates(row as f64 + 0.5, col as f64 + 0.5);
            // Rows and columns are easily swapped.
            let swapped = grid.cell_at((row as f64, col as f64)).is_none()
                && grid.cell_at((col as f64, row as f64)).is_some();
            (Ok(place), swapped)
        };
        let at = self
            .at
            .iter()
            .map(|&[x, y]| (reprojection.apply((x, y)), reprojection.seems_swapped((x, y), grid)));
        let points = at.chain(self.at_cell.iter().map(of_cell));
        let point =
            |(id, (place, seems_swapped))| Point { id, place, seems_swapped, attributes: None };
        Ok((1..).zip(points).map(point).collect())
    }

    /// The head of the JSON: the raster and the options.
    fn head(&self, spec: &Spec, sky: &Sky) -> Value {
        json!({
            "contract": CONTRACT,
            "tool": "svf_profile point",
            "version": env!("CARGO_PKG_VERSION"),
            "input": self.input,
            "band": self.source.band,
            "crs": spec.grid.crs_wkt,
            "geo_transform": spec.grid.geo_transform,
            "radius": spec.params.radius,
            "options": sky,
        })
    }

    /// The files of views of the sky.
    fn views(&self) -> impl Iterator<Item = &String> {
        self.fisheye.iter().chain(&self.skyline)
    }

    /// The sun over a receiver, if it is drawn.
    ///
    /// # Errors
    /// A CRS that does not say where on the Earth this is.
    fn sun_over(&self, receiver: &Receiver, spec: &Spec) -> Result<Option<Sun>, Error> {
        let Some(clock) = self.sun_paths else { return Ok(None) };
        let at = spec.grid.coordinates(receiver.row as f64 + 0.5, receiver.col as f64 + 0.5);
        match spec.grid.on_earth(at) {
            Some(place) => {
                let north_deg = place.north_deg - spec.params.north_deg;
                let at = (place.longitude_deg, place.latitude_deg);
                Ok(Some(Sun::over(at, north_deg, clock)))
            }
            None => {
                let message = "--sun-paths: the CRS does not say where on the Earth the raster is";
                let diagnostic = Diagnostic::new("usage.arguments", message);
                Err(Error::refused(diagnostic.hint("leave out --sun-paths")))
            }
        }
    }

    fn args_json(&self, format: PointFormat, detail: Detail, sky: &Sky) -> Value {
        let mut of_point = json!({
            "at": self.at, "at_cell": self.at_cell, "points": self.points, "layer": self.layer,
            "crs": self.crs,
            "format": name_of(format), "detail": name_of(detail),
            "figure": self.figure, "fisheye": self.fisheye,
        });
        if let (Value::Object(all), Some(skyline)) = (&mut of_point, &self.skyline) {
            all.insert("skyline".into(), json!(skyline));
        }
        if let (Value::Object(all), Some(station)) = (&mut of_point, &self.station) {
            all.insert("station".into(), json!(station));
        }
        let mut json = args_json(&self.input, self.output.as_deref(), self.source.band, sky);
        if let (Value::Object(all), Value::Object(of_point)) = (&mut json, of_point) {
            all.extend(of_point);
        }
        json
    }
}

impl Caption {
    fn new(args: &PointArgs, spec: &Spec) -> Self {
        let input = file_name(&args.input).to_owned();
        Self { input, unit: unit_of(&spec.grid), params: spec.params.clone() }
    }
}

/// Short name of the unit of lengths.
pub(super) fn unit_of(grid: &Grid) -> String {
    match &grid.unit {
        HorizontalUnit::Length { metres, .. } if (metres - 1.0).abs() < 1e-9 => "m".to_owned(),
        HorizontalUnit::Length { name, .. } => name.clone(),
        HorizontalUnit::Angle { .. } => "m".to_owned(),
        HorizontalUnit::Unknown => "map units".to_owned(),
    }
}

/// The window that contains all given points, as `--srcwin`; none if one is outside.
fn window_of(points: &[Point], grid: &Grid) -> Option<[f64; 4]> {
    let mut cells = points.iter().map(|point| {
        let (x, y) = point.place.ok()?;
        grid.cell_at(grid.place(x, y))
    });
    let (row, col) = cells.next()??;
    let (mut low, mut high) = ((row, col), (row, col));
    for cell in cells {
        let (row, col) = cell?;
        low = (low.0.min(row), low.1.min(col));
        high = (high.0.max(row), high.1.max(col));
    }
    let side = |low: u64, high: u64| (high - low + 1) as f64;
    Some([low.1 as f64, low.0 as f64, side(low.1, high.1), side(low.0, high.0)])
}

/// args -> spec -> search -> table.
pub(super) fn run(
    args: &PointArgs,
    cancel: &CancelToken,
    reporter: &mut Reporter,
) -> Result<Outcome, Error> {
    watch_for_cancel(&args.run, is_stdin(&args.input), cancel, reporter)?;
    let mut request = args.request();
    let format = match args.table {
        None if args.is_for_people() => PointFormat::Text,
        named => choose_format(named, args.output.as_deref())?,
    };
    let detail = args.detail.unwrap_or(format.detail());
    let horizon = HorizonOutput::of(args, format)?;
    if horizon.is_some() {
        request.sky.measures =
            Measure::ALL.into_iter().filter(|m| matches!(m, Measure::Horizon { .. })).collect();
    }
    reporter.start(args.args_json(format, detail, &request.sky));
    reporter.log_to(&args.resources);
    let session = Session::start(&args.source.config)?;
    let _here = session.enter();
    session.arm();
    format.check(args.output.as_deref())?;
    if args.sun_paths.is_some() && args.views().next().is_none() {
        let message = "--sun-paths draws into --fisheye or --skyline: give one of them";
        return Err(Error::usage("usage.arguments", message));
    }
    let Opened { grid, inputs, named, file, spec } =
        open(args, &mut request, horizon.as_ref(), (&session, cancel), reporter)?;
    begin(&request, &inputs, reporter)?;
    session.set_cache_bytes((spec.budget_bytes / 8).clamp(16 << 20, 256 << 20));
    tell_of_horizons(&spec, detail, reporter);
    let drawn = if args.views().next().is_some() { VIEW_DIRECTIONS } else { 0 };
    let protected = horizon.as_ref().map(|_| args.files_read(&inputs)).unwrap_or_default();
    let mut search = Search::new(&spec, inputs, drawn)?;
    let attributes = file.as_ref().map(|file| file.attributes.clone()).unwrap_or_default();
    // A receiver that is refused has no horizon.
    let is_of_horizons = horizon.is_some();
    let leaves_out = is_of_horizons && spec.params.missing == Missing::Nan;
    let mut table = match horizon {
        Some(horizon) => horizon.table(args, &spec, &attributes, protected)?,
        None => {
            let (rows, head) =
                (Rows::new(&spec, detail, attributes), args.head(&spec, &request.sky));
            Table::create(args.output.as_deref(), format, rows, &spec, &head)?
        }
    };
    let total = file.as_ref().map_or(Some(named.len() as u64), |file| file.count);
    let mut looking = Looking {
        args,
        spec: &spec,
        format,
        grid: &grid,
        in_crs_of_raster: file.as_ref().is_some_and(|file| !file.has_crs && grid.crs_wkt.is_some()),
        total,
        tally: Counts::default(),
        only: None,
        staged: Vec::new(),
    };
    for point in all_points(named, file) {
        if cancel.is_cancelled() {
            return Err(Error::cancelled());
        }
        looking.at(&point?, &mut search, &mut table, reporter)?;
    }
    let Looking { tally, only, mut staged, .. } = looking;
    let done = tally.total();
    reporter.progress(Stage::of("points", (done, done), (done, done), true));
    pass_on_warnings(&session, reporter);
    warn_of_encoding(args, &tally, reporter);
    // If heights around it are missing, there are no values, but sight lines show where they are
    // missing.
    let useful = if leaves_out { tally.ok } else { tally.ok + tally.missing };
    if useful == 0 {
        table.give_up()?;
        return Err(Error::failed(tally.none()));
    }
    if let Some(skipped) = tally.skipped(!is_of_horizons) {
        reporter.warn(skipped);
    }
    if let (Table::Horizons(lines, _), Some(path)) = (&table, &args.points)
        && let Some(warning) = lines.warning(path)
    {
        reporter.warn(warning);
    }
    if let Some(seen) = only.as_ref().filter(|_| drawn > 0) {
        search = search.in_directions(VIEW_DIRECTIONS);
        if let Some(receiver) = search.look(seen.row, seen.col)? {
            let sun = args.sun_over(&receiver, &spec)?;
            if let Some(path) = &args.fisheye {
                let view = views::fisheye(&receiver, &seen.title, args.projection, sun.as_ref());
                staged.push(drawing::stage(path, &view)?);
            }
            if let Some(path) = &args.skyline {
                let view = views::skyline(&receiver, &seen.title, sun.as_ref());
                staged.push(drawing::stage(path, &view)?);
            }
        }
    }
    search.check_unchanged()?;
    let takes_time = format.vector().is_some();
    let finish = |done: u64, reporter: &mut Reporter| {
        if takes_time {
            reporter.progress(Stage::of("finish", (done, 1), (done, 1), true));
        }
    };
    finish(0, reporter);
    let (files, names) = table.finish()?;
    staged.extend(files);
    publish_all(staged, args.run.overwrite, &|| !cancel.is_cancelled())?;
    finish(1, reporter);
    let first = if names.is_empty() { args.output.as_slice() } else { &names };
    let outputs: Vec<String> =
        first.iter().chain(&args.figure).chain(args.views()).cloned().collect();
    let text = last_words(args, (format, detail), (tally.ok, done));
    Ok(Outcome { outputs, stats: tally.json(only.map(|seen| seen.json)), text })
}

/// What a person reads at the end: `done` of some points, of which some have a value.
fn last_words(
    args: &PointArgs,
    (format, detail): (PointFormat, Detail),
    (ok, done): (u64, u64),
) -> String {
    match &args.output {
        None if format == PointFormat::Text && detail == Detail::Points => {
            "sight lines: --detail lines; everything: --format json; a drawing: --figure FILE"
                .to_owned()
        }
        Some(output) => format!("{output}: {ok} of {}", count_of(done, "point")),
        None => String::new(),
    }
}

/// The points of a file, or those of the command line.
fn all_points(
    named: Vec<Point>,
    file: Option<PointFile>,
) -> Box<dyn Iterator<Item = Result<Point, RasterError>>> {
    let of_file = |feature: PointFeature| Point {
        id: feature.fid,
        place: feature.place,
        seems_swapped: feature.seems_swapped,
        attributes: feature.attributes,
    };
    match file {
        Some(file) => Box::new(file.map(move |feature| feature.map(of_file))),
        None => Box::new(named.into_iter().map(Ok)),
    }
}

/// Warns of texts whose encoding was guessed.
fn warn_of_encoding(args: &PointArgs, tally: &Counts, reporter: &Reporter) {
    if let Some(path) = args.points.as_ref().filter(|_| tally.is_decoded) {
        let message = format!(
            "texts of {path} are not UTF-8: they are read as Windows-1252 (Western Europe)"
        );
        reporter.warn(
            Diagnostic::new("points.encoding", message)
                .hint("if letters are wrong, save the file as UTF-8")
                .path(path),
        );
    }
}

/// What is read, and what is computed from it.
struct Opened {
    grid: Grid,
    inputs: Inputs,
    /// Points of the command line.
    named: Vec<Point>,
    /// Those of a file.
    file: Option<PointFile>,
    spec: Spec,
}

/// Opens raster and points; refuses outputs that exist or would destroy them.
fn open(
    args: &PointArgs,
    request: &mut Request,
    horizon: Option<&HorizonOutput>,
    (session, cancel): (&Session, &CancelToken),
    reporter: &Reporter,
) -> Result<Opened, Error> {
    refuse_forgotten(&args.files, args.output.as_deref())?;
    let mut inputs = inputs::open(request, session, cancel, reporter)?;
    if let Some(points) = &args.points {
        inputs.keep_unchanged(points);
    }
    let layers = &inputs.layers;
    let grid = layers[0].info().grid.clone();
    let named = args.named_points(&grid, reporter)?;
    if let [point] = &named[..] {
        check_inside(point, args, &grid)?;
    } else if args.figure.is_some() || args.views().next().is_some() {
        let message = "a figure shows a single point: use --at or --at-cell once";
        return Err(Error::usage("usage.arguments", message));
    }
    // Files in a folder are checked one by one.
    let is_folder = horizon.is_some_and(|horizon| horizon.is_folder);
    let output = args.output.as_ref().filter(|_| !is_folder);
    let written = output.into_iter().chain(&args.figure).chain(args.views());
    let mut places: Vec<PathBuf> = args.points.iter().map(PathBuf::from).collect();
    places.extend(args.files.list().map(Path::to_owned));
    let also = request.also_written();
    check_written(written, &also, (layers, &places), args.run.overwrite)?;
    if let Some(folder) = args.output.as_ref().filter(|_| is_folder) {
        refuse_among_points(&request.also_written, folder)?;
    }
    let file = open_points(args, &grid, reporter)?;
    request.area = Area { srcwin: window_of(&named, &grid), ..Area::default() };
    let spec = Spec::new(request, &inputs, reporter)?;
    Ok(Opened { grid, inputs, named, file, spec })
}

/// Refuses a log in the folder of the points: one of their files may get its name.
fn refuse_among_points(logs: &[PathBuf], folder: &str) -> Result<(), Error> {
    let whole = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let folder_of = |log: &PathBuf| whole(log).parent().map(Path::to_owned);
    let is_in = |log: &&PathBuf| folder_of(log).as_deref() == Some(&whole(Path::new(folder)));
    let Some(log) = logs.iter().find(is_in) else { return Ok(()) };
    let message = format!("{} is in {folder}, the folder of the points' files", log.display());
    let diagnostic = Diagnostic::new("usage.arguments", message);
    Err(Error::refused(diagnostic.hint("choose a name in another folder")))
}

/// How horizons are written.
struct HorizonOutput {
    format: HorizonFormat,
    /// Whether OUTPUT is a folder, with a file for each point.
    is_folder: bool,
}

impl HorizonOutput {
    /// None for other formats.
    fn of(args: &PointArgs, format: PointFormat) -> Result<Option<Self>, Error> {
        let Some(horizon) = format.horizon() else {
            if args.station.is_some() {
                let message = "--station only works with a --format for horizons, e.g. pvgis";
                return Err(Error::usage("usage.arguments", message));
            }
            return Ok(None);
        };
        let name = name_of(format);
        let refuse = |message: String| Err(Error::usage("usage.arguments", message));
        if !horizon.has_azimuths() && args.sky.first_azimuth != 0.0 {
            return refuse(format!(
                "--format {name}: the first angle is that of north; leave out --first-azimuth"
            ));
        }
        if let Some(detail) = args.detail {
            return refuse(format!(
                "--detail {} has no effect with --format {name}",
                name_of(detail)
            ));
        }
        let measures = &args.sky.measure;
        if *measures != Measure::ALL && measures[..] != [Measure::Horizon { signed: false }] {
            return refuse(format!(
                "--measure has no effect with --format {name}: it writes the horizon"
            ));
        }
        let (sky, usual) = (args.request().sky, Sky::default());
        let brighter = |sky: &Sky| (sky.anisotropy_azimuth, sky.anisotropy_level);
        if brighter(&sky) != brighter(&usual) {
            return refuse(format!(
                "the options of svf-anisotropic have no effect with --format {name}"
            ));
        }
        if args.sky.signed {
            return refuse(format!(
                "--signed has no effect with --format {name}: angles are never below the horizontal"
            ));
        }
        let several = args.points.is_some() || args.at.len() + args.at_cell.len() > 1;
        let is_folder = several && !horizon.has_one_file();
        let to_stdout = args.output.as_deref().is_none_or(is_stdout);
        let virtual_folder = args.output.as_deref().is_some_and(|path| path.starts_with("/vsi"));
        if is_folder && (to_stdout || virtual_folder) {
            let message = format!("--format {name} writes a file for each point");
            let hint = "add the name of a local folder: ... OUTPUT";
            return Err(Error::refused(Diagnostic::new("usage.arguments", message).hint(hint)));
        }
        Ok(Some(Self { format: horizon, is_folder }))
    }

    /// Starts the output.
    fn table(
        self,
        args: &PointArgs,
        spec: &Spec,
        attributes: &[Attribute],
        inputs: Vec<PathBuf>,
    ) -> Result<Table, Error> {
        self.format.check_directions(spec.params.directions as usize)?;
        let field = station_field(args.station.as_deref(), attributes)?;
        let lines = HorizonLines::new(self.format, field);
        let output = args.output.as_deref();
        match output.filter(|_| self.is_folder) {
            None => Table::of_horizons(lines, Some(output)),
            Some(folder) => {
                let lines = lines.in_folder(folder, args.run.overwrite, inputs)?;
                Table::of_horizons(lines, None)
            }
        }
    }
}

/// The file of points, if they are in one.
fn open_points(
    args: &PointArgs,
    grid: &Grid,
    reporter: &Reporter,
) -> Result<Option<PointFile>, Error> {
    let Some(path) = &args.points else { return Ok(None) };
    if path == "-" || path.starts_with("/vsistdin") {
        let message = "--points cannot be standard input: save the points in a file first";
        return Err(Error::usage("usage.arguments", message));
    }
    refuse_held_whole(path, args.resources.limits().budget_bytes())?;
    let file = PointFile::open(path, args.layer.as_deref(), args.crs.as_deref(), grid)?;
    if !file.has_crs && grid.crs_wkt.is_some() {
        reporter.warn(
            Diagnostic::new("points.crs", format!("{path} has no CRS"))
                .hint("its coordinates are read in the CRS of the raster; --crs sets another one")
                .path(path),
        );
    }
    warn_of_datum(file.coarse_shift(), Some(path), reporter);
    Ok(Some(file))
}

/// Warns if horizons were requested but are not written.
fn tell_of_horizons(spec: &Spec, detail: Detail, reporter: &Reporter) {
    let is_asked = spec.measures.len() < Measure::ALL.len();
    let is_horizon = |measure: &Measure| matches!(measure, Measure::Horizon { .. });
    if detail == Detail::Points && is_asked && spec.measures.iter().any(is_horizon) {
        let message = "horizon has a value for each sight line, not for each point, and is omitted";
        reporter.warn(Diagnostic::new("points.horizon", message).hint("add --detail lines"));
    }
}

/// The points, one after the other.
struct Looking<'a> {
    args: &'a PointArgs,
    spec: &'a Spec,
    format: PointFormat,
    grid: &'a Grid,
    /// Whether the points are in a file that does not say its CRS.
    in_crs_of_raster: bool,
    /// Number of points, if it is known.
    total: Option<u64>,
    tally: Counts,
    /// The receiver of the only point.
    only: Option<Only>,
    /// Figures that are published when everything else is complete.
    staged: Vec<Staging>,
}

/// The receiver of the only point.
struct Only {
    row: u64,
    col: u64,
    title: String,
    json: Value,
}

impl Looking<'_> {
    /// Looks around from a point, and writes the result.
    fn at(
        &mut self,
        point: &Point,
        search: &mut Search,
        table: &mut Table,
        reporter: &mut Reporter,
    ) -> Result<(), Error> {
        let args = self.args;
        let (status, receiver) = look(search, self.grid, point)?;
        if args.points.is_none() && self.total == Some(1) && status == Status::NoData {
            return Err(Error::failed(missing_height(point, args)));
        }
        self.tally.count(status);
        let could_be = |(x, y): (f64, f64)| could_be_degrees(self.grid, x, y);
        let is_in_degrees =
            self.in_crs_of_raster && status == Status::Outside && point.place.is_ok_and(could_be);
        self.tally.degrees += u64::from(is_in_degrees);
        self.tally.swapped += u64::from(point.seems_swapped);
        let attributes = point.attributes.as_ref();
        self.tally.is_decoded |= attributes.is_some_and(|attributes| attributes.is_decoded);
        let caption = || Caption::new(args, self.spec);
        if let (Some(receiver), Some(path)) = (&receiver, &args.figure) {
            let drawn = figure::of_receiver(receiver, &caption());
            self.staged.push(drawing::stage(path, &drawn)?);
        }
        table.write(point, status, receiver.as_ref())?;
        if let (Some(receiver), Some(1)) = (&receiver, self.total) {
            if self.format != PointFormat::Text {
                reporter.say(&summary(receiver));
            }
            self.only = Some(Only {
                row: receiver.row,
                col: receiver.col,
                title: figure::headline(receiver, &caption()),
                json: json!({
                    "row": receiver.row, "col": receiver.col, "height": receiver.height,
                    "measures": cell_values(receiver),
                }),
            });
        }
        let done = self.tally.total();
        let all = (done, self.total.unwrap_or(0).max(done));
        reporter.progress(Stage::of("points", all, all, false));
        Ok(())
    }
}

/// Looks around from a point.
fn look(
    search: &mut Search,
    grid: &Grid,
    point: &Point,
) -> Result<(Status, Option<Receiver>), Error> {
    let (x, y) = match point.place {
        Ok(place) => place,
        Err(reason) => return Ok((Status::NoPlace(reason), None)),
    };
    let Some((row, col)) = grid.cell_at(grid.place(x, y)) else {
        return Ok((Status::Outside, None));
    };
    let receiver = search.look(row, col)?;
    let status = match &receiver {
        None => Status::NoData,
        Some(receiver) if receiver.refused => Status::Missing,
        Some(_) => Status::Ok,
    };
    Ok((status, receiver))
}

/// Whether coordinates could be longitude and latitude, and those of the raster are not.
fn could_be_degrees(grid: &Grid, x: f64, y: f64) -> bool {
    let [left, _, right, _] = grid.bbox();
    x.abs() <= 360.0 && y.abs() <= 90.0 && right.abs().max(left.abs()) > 360.0
}

/// Refuses the only point if it is outside the raster.
fn check_inside(point: &Point, args: &PointArgs, grid: &Grid) -> Result<(), Error> {
    let swapped = match (args.at_cell.first(), args.at.first()) {
        _ if !point.seems_swapped => None,
        (Some([row, col]), _) => {
            Some(format!("are row and column swapped? Use --at-cell {col},{row}"))
        }
        (None, Some([x, y])) => {
            Some(format!("are x and y swapped? --at {y},{x} is inside the raster"))
        }
        (None, None) => None,
    };
    let Ok((x, y)) = point.place else {
        let Some(hint) = swapped else { return Ok(()) };
        let place = args.at.first().map_or(String::new(), |[x, y]| format!("{x},{y} "));
        let message = format!("point {place}cannot be converted to the CRS of {}", args.input);
        return Err(Error::refused(Diagnostic::new("usage.point", message).hint(hint)));
    };
    if grid.cell_at(grid.place(x, y)).is_some() {
        return Ok(());
    }
    let (left, top) = grid.coordinates(0.0, 0.0);
    let (right, bottom) = grid.coordinates(grid.rows as f64, grid.cols as f64);
    let message = match args.at_cell.first() {
        Some([row, col]) => format!(
            "cell {row},{col} is outside {}, which has {} rows and {} columns",
            args.input, grid.rows, grid.cols
        ),
        None => format!(
            "point {},{} is outside {}, which extends from {},{} to {},{}",
            show_place(x),
            show_place(y),
            args.input,
            show_place(left.min(right)),
            show_place(bottom.min(top)),
            show_place(right.max(left)),
            show_place(top.max(bottom))
        ),
    };
    let diagnostic = Diagnostic::new("usage.point", message);
    let degrees = could_be_degrees(grid, x, y);
    Err(Error::refused(if let Some(hint) = swapped {
        diagnostic.hint(hint)
    } else if degrees && args.at_cell.is_empty() {
        diagnostic.hint("are these longitude and latitude? Then add --crs EPSG:4326")
    } else if args.at_cell.is_empty() {
        diagnostic.hint("--at takes x,y in the CRS of the raster; use --crs for another CRS")
    } else {
        diagnostic.hint("--at-cell takes row,column, counted from 0")
    }))
}

fn missing_height(point: &Point, args: &PointArgs) -> Diagnostic {
    let place = match (args.at_cell.first(), point.place) {
        (Some([row, col]), _) => format!("cell {row},{col}"),
        (None, Ok((x, y))) => format!("point {},{}", show_place(x), show_place(y)),
        (None, Err(_)) => "the point".to_owned(),
    };
    Diagnostic::new(
        "point.nodata",
        format!("{place} is on NoData: it has no height, so it has no value"),
    )
    .path(&args.input)
}

/// A receiver in a line, for people.
fn summary(receiver: &Receiver) -> String {
    let values = receiver.values.iter().map(|value| {
        let cell = value.cell.map_or_else(|| "NoData".into(), |cell| format!("{cell:.4}"));
        format!("  {:<18} {cell}", value.measure.name())
    });
    let first = format!(
        "row {}, column {}, height {}: {}",
        receiver.row,
        receiver.col,
        show_number(receiver.height),
        count_of(receiver.directions.len(), "sight line")
    );
    std::iter::once(first).chain(values).collect::<Vec<_>>().join("\n")
}
