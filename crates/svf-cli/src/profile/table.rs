//! What `svf_profile point` found out, as JSON or CSV: written point by point, to
//! standard output or to a file that appears when it is complete.
//!
//! JSON holds everything of a point in one object; CSV one row per point, sight
//! line or sample. Numbers are written so that they read back as the same bits.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use clap::ValueEnum;
use serde_json::{Map, Value, json};
use svf_job::CancelToken;
use svf_job::events::{CONTRACT, Notice};
use svf_kernel::Measure;
use svf_raster::staging::{Staging, is_stdout};
use svf_raster::{Grid, Op, RasterError};

use super::point::{Point, PointArgs, Status};
use super::receiver::{Direction, MeasureValue, Place, Receiver, Seen};
use crate::failure::Failure;
use crate::spec::Spec;

/// Formats of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TableFormat {
    /// One object, with everything.
    Json,
    /// A table.
    Csv,
}

impl TableFormat {
    pub(super) fn name(self) -> &'static str {
        match self {
            TableFormat::Json => "json",
            TableFormat::Csv => "csv",
        }
    }

    /// The one named, or that of the output's extension, or JSON.
    ///
    /// # Errors
    /// An extension that names none.
    pub(super) fn choose(named: Option<Self>, output: Option<&str>) -> Result<Self, Failure> {
        match (named, output.filter(|output| !is_stdout(output))) {
            (Some(format), _) => Ok(format),
            (None, Some(output)) => Self::for_path(output).ok_or_else(|| {
                let message = format!("{output}: the extension names no format");
                Failure::usage("usage.arguments", message)
            }),
            (None, None) => Ok(TableFormat::Json),
        }
    }

    /// By the extension.
    fn for_path(path: &str) -> Option<Self> {
        let extension = Path::new(path).extension()?.to_string_lossy().to_ascii_lowercase();
        [TableFormat::Json, TableFormat::Csv].into_iter().find(|format| format.name() == extension)
    }

    /// The detail that goes with it.
    pub(super) fn detail(self) -> Detail {
        match self {
            TableFormat::Json => Detail::Samples,
            TableFormat::Csv => Detail::Points,
        }
    }
}

/// How much is told of each point: in CSV, what a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(super) enum Detail {
    /// Its values.
    Points,
    /// And its sight lines.
    Lines,
    /// And all their samples.
    Samples,
}

impl Detail {
    pub(super) fn name(self) -> &'static str {
        match self {
            Detail::Points => "points",
            Detail::Lines => "lines",
            Detail::Samples => "samples",
        }
    }
}

/// An output being written.
pub(super) struct Table {
    out: Output,
    format: TableFormat,
    detail: Detail,
    grid: Grid,
    measures: Vec<Measure>,
    /// What comes before the next point.
    start: String,
}

/// Where text goes.
pub(super) struct Output {
    path: String,
    writer: BufWriter<Box<dyn Write>>,
    staging: Option<Staging>,
}

impl Output {
    /// Standard output, or a file under a temporary name.
    ///
    /// # Errors
    /// A file that cannot be created.
    pub(super) fn create(path: Option<&str>) -> Result<Self, Failure> {
        let Some(path) = path.filter(|path| !is_stdout(path)) else {
            let writer: Box<dyn Write> = Box::new(std::io::stdout());
            let path = "/vsistdout/".to_owned();
            return Ok(Self { path, writer: BufWriter::new(writer), staging: None });
        };
        let staging = Staging::new(path)?;
        let file = File::create(staging.main())
            .map_err(|error| RasterError::new(Op::Create, path, error))?;
        let writer = BufWriter::new(Box::new(file) as Box<dyn Write>);
        Ok(Self { path: path.to_owned(), writer, staging: Some(staging) })
    }

    /// Writes text as it is.
    ///
    /// # Errors
    /// A full disk; a reader that went away is a cancel.
    pub(super) fn write(&mut self, text: &str) -> Result<(), Failure> {
        let written = self.writer.write_all(text.as_bytes());
        written.map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &std::io::Error) -> Failure {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return Failure::Cancelled;
        }
        match self.staging {
            Some(_) => RasterError::new(Op::Write, &self.path, error).into(),
            None => Failure::Failed(Notice::new("output.stdout", error.to_string())),
        }
    }

    /// Puts the file under its name.
    ///
    /// # Errors
    /// What could not be completed.
    pub(super) fn finish(mut self, cancel: &CancelToken) -> Result<(), Failure> {
        let flushed = self.writer.flush();
        flushed.map_err(|error| self.failed(&error))?;
        if let Some(staging) = self.staging {
            staging.sync()?;
            staging.publish(&|| !cancel.is_cancelled())?;
        }
        Ok(())
    }
}

impl Table {
    /// Starts the output.
    ///
    /// # Errors
    /// A file that cannot be created.
    pub(super) fn create(
        path: Option<&str>,
        format: TableFormat,
        detail: Detail,
        spec: &Spec,
        args: &PointArgs,
    ) -> Result<Self, Failure> {
        let mut table = Self {
            out: Output::create(path)?,
            start: String::new(),
            format,
            detail,
            grid: spec.grid.clone(),
            measures: spec.measures.clone(),
        };
        table.start = match format {
            TableFormat::Json => format!("{},\n\"points\": [\n", head(spec, args)),
            TableFormat::Csv => table.columns().join(",") + "\n",
        };
        Ok(table)
    }

    /// Adds a point.
    ///
    /// # Errors
    /// As [`Output::write`].
    pub(super) fn write(
        &mut self,
        point: &Point,
        status: Status,
        receiver: Option<&Receiver>,
    ) -> Result<(), Failure> {
        match self.format {
            TableFormat::Json => {
                let text = self.point_json(point, status, receiver);
                let start = std::mem::replace(&mut self.start, ",\n".to_owned());
                self.out.write(&format!("{start}{text}"))
            }
            TableFormat::Csv => self.write_rows(point, status, receiver),
        }
    }

    /// Completes the output.
    ///
    /// # Errors
    /// What could not be completed.
    pub(super) fn finish(mut self, cancel: &CancelToken) -> Result<(), Failure> {
        if self.format == TableFormat::Json {
            self.out.write("\n]}\n")?;
        }
        self.out.finish(cancel)
    }

    fn point_json(&self, point: &Point, status: Status, receiver: Option<&Receiver>) -> Value {
        let (x, y) = point.place.ok().unzip();
        let mut json = json!({ "id": point.id, "status": status.name(), "x": x, "y": y });
        let (Value::Object(all), Some(receiver)) = (&mut json, receiver) else { return json };
        let (centre_x, centre_y) =
            self.grid.coordinates(receiver.row as f64 + 0.5, receiver.col as f64 + 0.5);
        all.insert("row".into(), json!(receiver.row));
        all.insert("col".into(), json!(receiver.col));
        all.insert("cell_x".into(), json!(centre_x));
        all.insert("cell_y".into(), json!(centre_y));
        all.insert("height".into(), json!(receiver.height));
        all.insert("measures".into(), cell_values(receiver).into());
        all.insert("measures_f64".into(), values(receiver, |v| v.exact).into());
        if self.detail >= Detail::Lines {
            let lines = receiver.directions.iter().map(|d| self.direction_json(d));
            all.insert("sight_lines".into(), lines.collect());
        }
        json
    }

    fn direction_json(&self, direction: &Direction) -> Value {
        let horizon = direction.blocking.and_then(|i| direction.samples.get(i));
        let mut json = json!({
            "azimuth_deg": direction.azimuth_deg,
            "end": self.place_json(direction.end),
            "horizon": direction.cell.map(f64::from),
            "horizon_deg": direction.horizon_deg,
            "horizon_distance": horizon.map_or(0.0, |sample| sample.distance),
            "blocking_sample": direction.blocking,
            "blocking": horizon.map(|sample| self.sample_json(sample)),
            "gap": direction.gap,
            "crowns_deg": direction.crowns_deg,
        });
        if let (Value::Object(all), Detail::Samples) = (&mut json, self.detail) {
            let samples = direction.samples.iter().map(|sample| self.sample_json(sample));
            all.insert("samples".into(), samples.collect());
        }
        json
    }

    /// A place: its coordinates, and the cell that holds it, also outside the raster.
    fn place_json(&self, (row, col): Place) -> Value {
        let (x, y) = self.grid.coordinates(row, col);
        json!({ "x": x, "y": y, "row": row - 0.5, "col": col - 0.5 })
    }

    fn sample_json(&self, sample: &Seen) -> Value {
        let mut json = self.place_json(sample.place);
        if let Value::Object(all) = &mut json {
            all.insert("distance".into(), json!(sample.distance));
            all.insert("height".into(), json!(sample.height));
            all.insert("angle_deg".into(), json!(sample.angle_deg));
        }
        json
    }

    fn columns(&self) -> Vec<&'static str> {
        let mut columns = vec!["id", "status"];
        match self.detail {
            Detail::Points => {
                columns.extend(["x", "y", "row", "col", "height"]);
                columns.extend(self.measures_in_columns().map(Measure::name));
            }
            Detail::Lines => columns.extend([
                "azimuth_deg",
                "end_x",
                "end_y",
                "horizon",
                "horizon_deg",
                "horizon_distance",
                "blocking_x",
                "blocking_y",
                "blocking_height",
                "gap",
            ]),
            Detail::Samples => columns.extend([
                "azimuth_deg",
                "sample",
                "distance",
                "x",
                "y",
                "row",
                "col",
                "height",
                "angle_deg",
                "blocking",
            ]),
        }
        columns
    }

    /// The horizon has a value per sight line, not per point.
    fn measures_in_columns(&self) -> impl Iterator<Item = Measure> {
        self.measures.iter().copied().filter(|m| !matches!(m, Measure::Horizon { .. }))
    }

    fn write_rows(
        &mut self,
        point: &Point,
        status: Status,
        receiver: Option<&Receiver>,
    ) -> Result<(), Failure> {
        let width = self.columns().len();
        let first = [point.id.to_string(), status.name().to_owned()];
        let place = point.place.ok();
        let mut text = std::mem::take(&mut self.start);
        let mut row = |cells: Vec<String>| {
            let mut cells = [first.to_vec(), cells].concat();
            cells.resize(width, String::new());
            text.push_str(&cells.join(","));
            text.push('\n');
        };
        let Some(receiver) = receiver else {
            let place = [place.map(|p| p.0), place.map(|p| p.1)].map(number);
            row(if self.detail == Detail::Points { place.to_vec() } else { Vec::new() });
            return self.out.write(&text);
        };
        match self.detail {
            Detail::Points => {
                let mut cells = vec![number(place.map(|p| p.0)), number(place.map(|p| p.1))];
                cells.extend([receiver.row.to_string(), receiver.col.to_string()]);
                cells.push(number(Some(receiver.height)));
                cells.extend(receiver.values.iter().map(|v| number(v.cell.map(f64::from))));
                row(cells);
            }
            Detail::Lines => {
                for direction in &receiver.directions {
                    row(self.direction_cells(direction));
                }
            }
            Detail::Samples => {
                for direction in &receiver.directions {
                    for (i, sample) in direction.samples.iter().enumerate() {
                        row(self.sample_cells(direction, i, sample));
                    }
                }
            }
        }
        self.out.write(&text)
    }

    fn direction_cells(&self, direction: &Direction) -> Vec<String> {
        let horizon = direction.blocking.and_then(|i| direction.samples.get(i));
        let (end_x, end_y) = self.grid.coordinates(direction.end.0, direction.end.1);
        let place = horizon.map(|sample| self.grid.coordinates(sample.place.0, sample.place.1));
        let numbers = [
            Some(direction.azimuth_deg),
            Some(end_x),
            Some(end_y),
            direction.cell.map(f64::from),
            Some(direction.horizon_deg),
            Some(horizon.map_or(0.0, |sample| sample.distance)),
            place.map(|place| place.0),
            place.map(|place| place.1),
            horizon.and_then(|sample| sample.height),
            Some(f64::from(u8::from(direction.gap))),
        ];
        numbers.into_iter().map(number).collect()
    }

    fn sample_cells(&self, direction: &Direction, i: usize, sample: &Seen) -> Vec<String> {
        let (x, y) = self.grid.coordinates(sample.place.0, sample.place.1);
        let numbers = [
            Some(direction.azimuth_deg),
            Some(i as f64),
            Some(sample.distance),
            Some(x),
            Some(y),
            Some(sample.place.0 - 0.5),
            Some(sample.place.1 - 0.5),
            sample.height,
            sample.angle_deg,
            Some(f64::from(u8::from(direction.blocking == Some(i)))),
        ];
        numbers.into_iter().map(number).collect()
    }
}

/// What svf_compute writes into the cell of a receiver, by the names of the measures.
pub(super) fn cell_values(receiver: &Receiver) -> Map<String, Value> {
    values(receiver, |value| value.cell.map(f64::from))
}

fn values(receiver: &Receiver, of: impl Fn(&MeasureValue) -> Option<f64>) -> Map<String, Value> {
    receiver.values.iter().map(|v| (v.measure.name().to_owned(), json!(of(v)))).collect()
}

/// A number that reads back as the same bits; nothing where there is none.
pub(super) fn number(value: Option<f64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// The beginning of the JSON: all but its end.
fn head(spec: &Spec, args: &PointArgs) -> String {
    let head = json!({
        "contract": CONTRACT,
        "tool": "svf_profile point",
        "version": env!("CARGO_PKG_VERSION"),
        "input": args.input,
        "band": args.shared.band,
        "crs": spec.grid.crs_wkt,
        "geo_transform": spec.grid.geo_transform,
        "radius": spec.params.radius,
        "options": args.sky,
    });
    let head = head.to_string();
    head.strip_suffix('}').unwrap_or(&head).to_owned()
}
