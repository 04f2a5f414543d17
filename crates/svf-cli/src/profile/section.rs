//! `svf_profile section`: heights along a straight line between two points.
//!
//! Heights are interpolated between the four cell centres around each step. The raster is read in
//! pieces, so that a line across a large raster needs little memory.

use std::path::Path;

use clap::{Args, ValueEnum};
use ndarray::Array2;
use serde_json::json;
use svf::compute::begin;
use svf::inputs::{self, warn_of_datum};
use svf::numbers::{count_of, show_number};
use svf::observer::pass_on_warnings;
use svf::place::warn_of_depths;
use svf::point::{Place, block_bytes, check_budget};
use svf::request::{Files, InputNoData, Sky};
use svf::stream::is_stdin;
use svf::{CancelToken, Error, Observer, Request, Session, Stage};
use svf_job::Cause;
use svf_job::events::{CONTRACT, Diagnostic};
use svf_kernel::tile::Window;
use svf_raster::names::file_name;
use svf_raster::staging::publish_all;
use svf_raster::{Grid, RasterReader, Reprojection};

use super::point::unit_of;
use super::rows::number;
use super::table::{Output, choose_format, name_of};
use super::{chart, check_written, drawing};
use crate::args::{ResourceArgs, RunArgs, SourceArgs};
use crate::report::Reporter;
use crate::sources::refuse_forgotten;
use crate::tool::{Outcome, watch_for_cancel};
use crate::words::{numbers, whole};

/// Show the heights along a line.
///
/// Each height is interpolated between the four cell centres around it, and is missing if one of
/// them is. OUTPUT is standard output by default.
#[derive(Args, Clone, Debug)]
#[command(override_usage = "svf_profile section [OPTIONS] --from X,Y --to X,Y INPUT... [OUTPUT]")]
#[command(mut_arg("threads", |arg| arg.help("Has no effect: the whole line is always read")))]
pub(super) struct SectionArgs {
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
    /// Start of the line, in the CRS of the raster, or of --crs
    #[arg(long, value_name = "X,Y", value_parser = numbers::<2>, allow_hyphen_values = true)]
    from: [f64; 2],
    /// End of the line
    #[arg(long, value_name = "X,Y", value_parser = numbers::<2>, allow_hyphen_values = true)]
    to: [f64; 2],
    /// CRS of --from and --to, e.g. EPSG:4326 (longitude first) [default: the CRS of the raster]
    #[arg(long, value_name = "CRS")]
    crs: Option<String>,
    /// Number of steps [default: two per cell]
    #[arg(long, value_name = "N", value_parser = whole::<u64, 1, MOST_STEPS>)]
    steps: Option<u64>,
    /// Values of INPUT that mean NoData, instead of the NoData value of the file; none: no value means NoData
    #[arg(long, value_name = "V[,V...]|none", allow_hyphen_values = true, value_parser = str::parse::<InputNoData>)]
    input_nodata: Option<InputNoData>,
    /// Coordinates that look like degrees are not degrees: use them as they are
    #[arg(long)]
    plain_units: bool,
    /// Format of the output [default: from the extension, else json]
    #[arg(long = "format", value_name = "FORMAT", help_heading = "Output")]
    table: Option<SectionFormat>,
    /// Draw a figure of the heights along the line (.svg or .png)
    #[arg(long, value_name = "FILE", value_parser = drawing::path, help_heading = "Output")]
    figure: Option<String>,
    #[command(flatten)]
    pub(super) run: RunArgs,
    #[command(flatten)]
    resources: ResourceArgs,
    #[command(flatten)]
    pub(super) source: SourceArgs,
}

/// Formats of `svf_profile section`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SectionFormat {
    /// One JSON object
    Json,
    /// A table
    Csv,
}

/// About the number of pixels of a figure.
const DRAWN_STEPS: u64 = 2400;
const MOST_STEPS: u64 = 10_000_000;
/// Number of steps that are read together.
const PIECE: u64 = 256;

/// A step of the line.
struct Step {
    distance: f64,
    place: Place,
    height: Option<f64>,
}

impl SectionArgs {
    /// The request: only the heights.
    fn request(&self) -> Request {
        Request {
            also_written: self.resources.profile_log.iter().cloned().collect(),
            sky: Sky {
                input_nodata: self.input_nodata.clone(),
                plain_units: self.plain_units,
                ..Sky::default()
            },
            source: self.source.source(),
            limits: self.resources.limits(),
            ..Request::of(&self.input, self.files.clone())
        }
    }
}

/// args -> line -> table.
pub(super) fn run(
    args: &SectionArgs,
    cancel: &CancelToken,
    reporter: &mut Reporter,
) -> Result<Outcome, Error> {
    watch_for_cancel(&args.run, is_stdin(&args.input), cancel, reporter)?;
    let format = choose_format(args.table, args.output.as_deref())?;
    reporter.start(json!({
        "input": args.input, "output": args.output, "band": args.source.band,
        "from": args.from, "to": args.to, "crs": args.crs, "steps": args.steps, "format": name_of(format),
        "figure": args.figure, "input_nodata": args.input_nodata,
    }));
    reporter.log_to(&args.resources);
    let session = Session::start(&args.source.config)?;
    let _here = session.enter();
    session.arm();
    refuse_forgotten(&args.files, args.output.as_deref())?;
    let request = args.request();
    let mut inputs = inputs::open(&request, &session, cancel, reporter)?;
    let layers = &inputs.layers;
    let grid = layers[0].info().grid.clone();
    warn_of_depths(&args.input, layers[0].info(), reporter);
    let written = args.output.iter().chain(&args.figure);
    let lists: Vec<_> = args.files.list().map(Path::to_owned).into_iter().collect();
    check_written(written, &request.also_written(), (layers, &lists), args.run.overwrite)?;
    begin(&request, &inputs, reporter)?;
    let line = Line::new(args, &grid, reporter)?;
    let budget_bytes = request.limits.budget_bytes();
    let cache_bytes = (budget_bytes / 8).clamp(16 << 20, 64 << 20).max(block_bytes(layers));
    session.set_cache_bytes(cache_bytes);
    check_budget(cache_bytes, budget_bytes, (Cause::InputBlocks, Cause::InputBlocks.hint()))?;
    let mut out = Output::create(args.output.as_deref())?;
    out.write(&match format {
        SectionFormat::Json => head(args, &grid, &line),
        SectionFormat::Csv => "step,distance,x,y,row,col,height\n".to_owned(),
    })?;
    let (mut number, mut distance, mut known) = (0, 0.0, 0);
    let (mut drawn, every) = (Vec::new(), line.steps.div_ceil(DRAWN_STEPS));
    for first in (0..=line.steps).step_by(PIECE as usize) {
        if cancel.is_cancelled() {
            return Err(Error::cancelled());
        }
        let last = (first + PIECE - 1).min(line.steps);
        for step in line.piece(first, last, &mut distance, &grid, &mut inputs.layers[0])? {
            known += u64::from(step.height.is_some());
            out.write(&step.text(number, format, &grid))?;
            if number % every == 0 || number == line.steps {
                drawn.push((step.distance, step.height));
            }
            number += 1;
        }
        let done = (last + 1, line.steps + 1);
        reporter.progress(Stage::of("section", done, done, last == line.steps));
    }
    if format == SectionFormat::Json {
        out.write("\n]}\n")?;
    }
    if known == 0 {
        out.give_up()?;
        return Err(no_heights(args, line.seems_swapped));
    }
    inputs.check_unchanged()?;
    let mut staged = Vec::new();
    if let Some(path) = &args.figure {
        let name = file_name(&args.input);
        staged.push(drawing::stage(path, &chart::section(&drawn, name, &unit_of(&grid)))?);
    }
    staged.extend(out.finish()?);
    publish_all(staged, args.run.overwrite, &|| !cancel.is_cancelled())?;
    pass_on_warnings(&session, reporter);
    let outputs = args.output.iter().chain(&args.figure).cloned().collect();
    let text = format!(
        "{} along a line of length {distance:.3}, {} of them missing",
        count_of(number, "height"),
        number - known
    );
    let stats = json!({ "steps": number, "missing": number - known, "length": distance });
    Ok(Outcome { outputs, stats, text })
}

/// There is nothing to tell of a line.
fn no_heights(args: &SectionArgs, seems_swapped: bool) -> Error {
    let message = format!("{} has no heights along the line", args.input);
    let diagnostic = Diagnostic::new("section.none", message).path(&args.input);
    Error::failed(match seems_swapped {
        true => diagnostic.hint("are x and y swapped? Then the line would be inside the raster"),
        false => diagnostic,
    })
}

/// A straight line over the grid.
struct Line {
    from: Place,
    to: Place,
    steps: u64,
    /// Whether both ends are outside the raster, but would be inside if x and y were swapped.
    seems_swapped: bool,
}

impl Line {
    fn new(args: &SectionArgs, grid: &Grid, reporter: &Reporter) -> Result<Self, Error> {
        let reprojection = Reprojection::new(args.crs.as_deref(), grid, &args.input)?;
        warn_of_datum(reprojection.coarse_shift.as_ref(), None, reporter);
        let place = |[x, y]: [f64; 2]| match reprojection.apply((x, y)) {
            Ok((x, y)) => Ok(grid.place(x, y)),
            Err(_) => {
                let message = format!("{x},{y} cannot be converted to the CRS of {}", args.input);
                let diagnostic = Diagnostic::new("usage.point", message);
                Err(Error::refused(match reprojection.seems_swapped((x, y), grid) {
                    true => diagnostic
                        .hint(format!("are x and y swapped? {y},{x} is inside the raster")),
                    false => diagnostic,
                }))
            }
        };
        let (from, to) = (place(args.from)?, place(args.to)?);
        let cells = (to.0 - from.0).abs().max((to.1 - from.1).abs());
        if cells == 0.0 {
            return Err(Error::usage("usage.point", "--from and --to are the same point"));
        }
        let steps = args.steps.unwrap_or((2.0 * cells).ceil() as u64);
        if steps > MOST_STEPS {
            let message = format!("the line is too long: {} cells", show_number(cells.round()));
            return Err(Error::usage("usage.point", message));
        }
        let seems_swapped =
            [args.from, args.to].into_iter().all(|[x, y]| reprojection.seems_swapped((x, y), grid));
        Ok(Self { from, to, steps: steps.max(1), seems_swapped })
    }

    fn at(&self, step: u64) -> Place {
        let share = step as f64 / self.steps as f64;
        let between = |a: f64, b: f64| a + share * (b - a);
        (between(self.from.0, self.to.0), between(self.from.1, self.to.1))
    }

    /// Steps `first` to `last`; `distance` is that of the step before, and is updated.
    fn piece(
        &self,
        first: u64,
        last: u64,
        distance: &mut f64,
        grid: &Grid,
        reader: &mut RasterReader,
    ) -> Result<Vec<Step>, Error> {
        let heights = Patch::read(self.at(first), self.at(last), grid, reader)?;
        let step = |i: u64| {
            let place = self.at(i);
            if i > 0 {
                *distance += length(self.at(i - 1), place, grid);
            }
            Step { distance: *distance, place, height: heights.as_ref().and_then(|h| h.at(place)) }
        };
        Ok((first..=last).map(step).collect())
    }
}

/// Length of a short piece on the ground, with the cell size of its row.
fn length(a: Place, b: Place, grid: &Grid) -> f64 {
    let row = ((a.0 + b.0) / 2.0).clamp(0.0, grid.rows as f64 - 1.0);
    let cell = grid.ground(&grid.whole()).cell_at(row as u64);
    ((b.0 - a.0) * cell.south).hypot((b.1 - a.1) * cell.east)
}

/// Heights around a piece of the line.
struct Patch {
    window: Window,
    heights: Array2<f64>,
}

impl Patch {
    /// Reads the cells around the line from `a` to `b`; cells outside the raster are missing.
    fn read(
        a: Place,
        b: Place,
        grid: &Grid,
        reader: &mut RasterReader,
    ) -> Result<Option<Self>, Error> {
        let span = |a: f64, b: f64, cells: u64| {
            let clip = |v: f64| v.clamp(0.0, cells as f64) as u64;
            (clip(a.min(b) - 1.0), clip(a.max(b) + 2.0))
        };
        let (row, row_end) = span(a.0, b.0, grid.rows);
        let (col, col_end) = span(a.1, b.1, grid.cols);
        if row >= row_end || col >= col_end {
            return Ok(None);
        }
        let window = Window { row, col, rows: row_end - row, cols: col_end - col };
        let mut heights = Array2::zeros((window.rows as usize, window.cols as usize));
        reader.read_f64(&window, heights.view_mut())?;
        Ok(Some(Self { window, heights }))
    }

    /// Height between the four cell centres around a place. In the last half cell at the edge of
    /// the raster, it is the height of the edge.
    fn at(&self, (row, col): Place) -> Option<f64> {
        let cell = |row: f64, col: f64| -> Option<f64> {
            let inside = |v: f64, first: u64, cells: usize| -> Option<usize> {
                let v = v - first as f64;
                (v >= 0.0 && v < cells as f64).then_some(v as usize)
            };
            let (rows, cols) = self.heights.dim();
            let at = (inside(row, self.window.row, rows)?, inside(col, self.window.col, cols)?);
            Some(self.heights[at]).filter(|height| height.is_finite())
        };
        // The place is on the raster if the cell that contains it is.
        cell(row.floor(), col.floor())?;
        let (up, left) = ((row - 0.5).floor(), (col - 0.5).floor());
        let (down, right) = (row - 0.5 - up, col - 0.5 - left);
        let (mut height, mut weights) = (0.0, 0.0);
        for (row, weight) in [(up, 1.0 - down), (up + 1.0, down)] {
            for (col, weight) in [(left, weight * (1.0 - right)), (left + 1.0, weight * right)] {
                if weight <= 0.0 {
                    continue;
                }
                match cell(row, col) {
                    Some(z) => {
                        height += weight * z;
                        weights += weight;
                    }
                    None if self.is_edge(row, col) => {}
                    None => return None,
                }
            }
        }
        (weights > 0.0).then(|| height / weights)
    }

    /// Whether a cell is outside the window that was read. For a cell next to the line this means
    /// outside the raster.
    fn is_edge(&self, row: f64, col: f64) -> bool {
        let outside = |v: f64, first: u64, cells: u64| {
            let v = v - first as f64;
            v < 0.0 || v >= cells as f64
        };
        outside(row, self.window.row, self.window.rows)
            || outside(col, self.window.col, self.window.cols)
    }
}

impl Step {
    fn text(&self, i: u64, format: SectionFormat, grid: &Grid) -> String {
        let (row, col) = self.place;
        let (x, y) = grid.coordinates(row, col);
        let (row, col) = (row - 0.5, col - 0.5);
        match format {
            SectionFormat::Json => {
                let comma = if i == 0 { "" } else { "," };
                let step = json!({
                    "distance": self.distance, "x": x, "y": y, "row": row, "col": col,
                    "height": self.height,
                });
                format!("{comma}\n{step}")
            }
            SectionFormat::Csv => {
                let cells =
                    [Some(self.distance), Some(x), Some(y), Some(row), Some(col), self.height];
                format!("{i},{}\n", cells.map(number).join(","))
            }
        }
    }
}

fn head(args: &SectionArgs, grid: &Grid, line: &Line) -> String {
    let head = json!({
        "contract": CONTRACT,
        "tool": "svf_profile section",
        "version": env!("CARGO_PKG_VERSION"),
        "input": args.input,
        "band": args.source.band,
        "crs": grid.crs_wkt,
        "from": args.from,
        "to": args.to,
        "steps": line.steps,
    });
    let head = head.to_string();
    format!("{},\n\"section\": [", head.strip_suffix('}').unwrap_or(&head))
}
