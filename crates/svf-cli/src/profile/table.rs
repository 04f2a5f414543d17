//! Writes the results of `svf_profile point` as JSON, CSV or layers of a vector file. They are
//! written point by point, to standard output or to a file that gets its name when it is
//! complete.
//!
//! In JSON, one object has everything about a point; the other formats have a row per point,
//! sight line or sample. Numbers are written so that reading them gives the same bits.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufWriter, IsTerminal, Write};
use std::path::Path;

use clap::ValueEnum;
use serde_json::Value;
use svf::Error;
use svf::horizon_line::HorizonFormat;
use svf::point::Receiver;
use svf::spec::Spec;
use svf_job::events::Diagnostic;
use svf_raster::staging::{Staging, is_stdout};
use svf_raster::vector::{FieldKind, FieldValue, LayerSpec, Shape, VectorFormat, VectorWriter};
use svf_raster::{Op, RasterError};

use super::points::{Point, Status};
use super::rows::{Detail, Row, Rows};
use super::stations::HorizonLines;
use crate::report::harmless;
use crate::tool::refuse_closed_stdout;

/// Formats of `svf_profile point`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum PointFormat {
    /// One JSON object with everything
    Json,
    /// A short table to read
    Text,
    /// A table
    Csv,
    /// GeoPackage: layers for points, sight lines and what makes the horizon
    Gpkg,
    /// GeoJSON: one layer, chosen by --detail
    Geojson,
    /// GeoParquet: one layer, if this GDAL can write it
    Parquet,
    /// Horizon for PVGIS: angles from north clockwise in a line (userhorizon)
    Pvgis,
    /// Horizon for PV*SOL (.hor): azimuth (south = 0, east = -90) and angle
    Pvsol,
    /// Horizon for PVsyst: azimuth (south = 0, east = -90) and angle, with a semicolon
    Pvsyst,
    /// Horizon for MeteoIO: station, azimuth and angle, one file for all stations
    Meteoio,
    /// Horizon for GEOtop: a file horizon0001.txt for each point
    Geotop,
    /// Horizon for NicheMapR: 24 angles from north clockwise (with -n 24)
    Nichemapr,
    /// Horizon for pvlib and others: columns azimuth and elevation
    CsvHorizon,
}

impl PointFormat {
    /// The format of a vector file; none for text.
    pub(super) fn vector(self) -> Option<VectorFormat> {
        match self {
            PointFormat::Gpkg => Some(VectorFormat::GeoPackage),
            PointFormat::Geojson => Some(VectorFormat::GeoJson),
            PointFormat::Parquet => Some(VectorFormat::Parquet),
            _ => None,
        }
    }

    /// The program that reads the horizon of a point in this format.
    pub(super) fn horizon(self) -> Option<HorizonFormat> {
        match self {
            PointFormat::Pvgis => Some(HorizonFormat::Pvgis),
            PointFormat::Pvsol => Some(HorizonFormat::Pvsol),
            PointFormat::Pvsyst => Some(HorizonFormat::Pvsyst),
            PointFormat::Meteoio => Some(HorizonFormat::Meteoio),
            PointFormat::Geotop => Some(HorizonFormat::Geotop),
            PointFormat::Nichemapr => Some(HorizonFormat::Nichemapr),
            PointFormat::CsvHorizon => Some(HorizonFormat::Csv),
            _ => None,
        }
    }

    /// The default detail of the format.
    pub(super) fn detail(self) -> Detail {
        match self {
            PointFormat::Json => Detail::Samples,
            PointFormat::Text | PointFormat::Csv | PointFormat::Geojson | PointFormat::Parquet => {
                Detail::Points
            }
            // A horizon is made of the sight lines.
            _ => Detail::Lines,
        }
    }

    /// Refuses what cannot be written, before anything is computed.
    ///
    /// # Errors
    /// A vector file on standard output, or a format that this GDAL does not have.
    pub(super) fn check(self, output: Option<&str>) -> Result<(), Error> {
        let Some(vector) = self.vector() else { return Ok(()) };
        match output.filter(|output| !is_stdout(output)) {
            Some(output) => Ok(vector.check(output)?),
            None => {
                let name = name_of(self);
                let diagnostic = Diagnostic::new(
                    "usage.arguments",
                    format!("--format {name} cannot be written to standard output"),
                );
                Err(Error::refused(
                    diagnostic.hint(format!("add the name of a file: ... OUTPUT.{name}")),
                ))
            }
        }
    }
}

/// The given format, or that of the output's extension, or the first format.
///
/// # Errors
/// An extension without a format.
pub(super) fn choose_format<F: ValueEnum + Copy>(
    named: Option<F>,
    output: Option<&str>,
) -> Result<F, Error> {
    let of_path = |path: &str| {
        let extension = Path::new(path).extension()?.to_string_lossy().to_ascii_lowercase();
        F::value_variants().iter().copied().find(|format| name_of(*format) == extension)
    };
    match (named, output.filter(|output| !is_stdout(output))) {
        (Some(format), _) => Ok(format),
        (None, None) => Ok(F::value_variants()[0]),
        (None, Some(output)) => of_path(output).ok_or_else(|| {
            let known: Vec<_> = F::value_variants().iter().map(|f| name_of(*f)).collect();
            let message = format!("{output}: no format has this extension");
            let hint = format!("use one of {}, or choose a format with --format", known.join(", "));
            Error::refused(Diagnostic::new("usage.arguments", message).hint(hint))
        }),
    }
}

/// The name of a choice on the command line.
pub(super) fn name_of<F: ValueEnum>(choice: F) -> String {
    choice.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// An output being written.
pub(super) enum Table {
    /// JSON or CSV, and the text before the next point.
    Text(PointFormat, Rows, Output, String),
    /// The layers of a vector file.
    Layers(VectorWriter, Rows, Vec<Layer>),
    /// Horizons as one text, or as files in a folder.
    Horizons(HorizonLines, Option<Output>),
}

/// What is complete, but still has temporary names.
pub(super) type Finished = (Vec<Staging>, Vec<String>);

/// Where text goes.
pub(super) struct Output {
    path: String,
    writer: BufWriter<Box<dyn Write>>,
    staging: Option<Staging>,
    /// Where characters that act must not go.
    is_terminal: bool,
}

impl Output {
    /// Standard output, or a file under a temporary name.
    ///
    /// # Errors
    /// A file that cannot be created.
    pub(super) fn create(path: Option<&str>) -> Result<Self, Error> {
        let Some(path) = path.filter(|path| !is_stdout(path)) else {
            refuse_closed_stdout()?;
            let stdout = std::io::stdout();
            let is_terminal = stdout.is_terminal();
            let writer: Box<dyn Write> = Box::new(stdout);
            let path = "/vsistdout/".to_owned();
            return Ok(Self { path, writer: BufWriter::new(writer), staging: None, is_terminal });
        };
        let staging = Staging::new(path)?;
        let file = File::create(staging.main())
            .map_err(|error| RasterError::new(Op::Create, path, error))?;
        let writer = BufWriter::new(Box::new(file) as Box<dyn Write>);
        Ok(Self { path: path.to_owned(), writer, staging: Some(staging), is_terminal: false })
    }

    /// Writes text, without changes except on a terminal.
    ///
    /// # Errors
    /// A full disk. If the reader went away, the run is cancelled.
    pub(super) fn write(&mut self, text: &str) -> Result<(), Error> {
        let shown = if self.is_terminal { Cow::Owned(harmless(text)) } else { Cow::Borrowed(text) };
        let written = self.writer.write_all(shown.as_bytes());
        written.map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &std::io::Error) -> Error {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return Error::cancelled();
        }
        match self.staging {
            Some(_) => RasterError::new(Op::Write, &self.path, error).into(),
            None => Error::failed(Diagnostic::new("output.stdout", error.to_string())),
        }
    }

    /// Ends without a result: standard output keeps what was written, a file is deleted.
    ///
    /// # Errors
    /// As [`Output::write`].
    pub(super) fn give_up(mut self) -> Result<(), Error> {
        let flushed = self.writer.flush();
        flushed.map_err(|error| self.failed(&error))
    }

    /// Completes the file, which still has its temporary name; none for standard output.
    ///
    /// # Errors
    /// What could not be completed.
    pub(super) fn finish(mut self) -> Result<Option<Staging>, Error> {
        let flushed = self.writer.flush();
        flushed.map_err(|error| self.failed(&error))?;
        if let Some(staging) = &self.staging {
            staging.sync()?;
        }
        Ok(self.staging)
    }
}

impl Table {
    /// Starts the output.
    ///
    /// # Errors
    /// A file that cannot be created.
    pub(super) fn create(
        path: Option<&str>,
        format: PointFormat,
        rows: Rows,
        spec: &Spec,
        head: &Value,
    ) -> Result<Self, Error> {
        Ok(match (format.vector(), path) {
            (Some(vector), Some(path)) => {
                let layers = Layer::of(vector, rows.detail);
                let one = layers.len() == 1;
                let specs = layers.iter().map(|layer| layer.spec(&rows, one)).collect();
                let file = VectorWriter::create(path, vector, &spec.grid, specs)?;
                Table::Layers(file, rows, layers)
            }
            _ => {
                let start = match format {
                    PointFormat::Json => format!("{},\n\"points\": [\n", begun(head)),
                    PointFormat::Text => String::new(),
                    _ => rows.csv_head(),
                };
                Table::Text(format, rows, Output::create(path)?, start)
            }
        })
    }

    /// Starts the output of horizons; `path` is none if they are files in a folder.
    ///
    /// # Errors
    /// A file that cannot be created.
    pub(super) fn of_horizons(
        lines: HorizonLines,
        path: Option<Option<&str>>,
    ) -> Result<Self, Error> {
        Ok(Table::Horizons(lines, path.map(Output::create).transpose()?))
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
    ) -> Result<(), Error> {
        match self {
            Table::Horizons(lines, out) => match (lines.add(point, receiver)?, out) {
                (Some(text), Some(out)) => out.write(&text),
                _ => Ok(()),
            },
            Table::Text(PointFormat::Json, rows, out, start) => {
                out.write(&std::mem::replace(start, BETWEEN.to_owned()))?;
                rows.json(point, status, receiver).try_for_each(|text| out.write(&text))
            }
            Table::Text(PointFormat::Text, rows, out, start) => {
                out.write(&std::mem::replace(start, "\n".to_owned()))?;
                out.write(&rows.text(point, status, receiver))
            }
            Table::Text(_, rows, out, start) => {
                out.write(&std::mem::take(start))?;
                rows.csv(point, status, receiver).try_for_each(|line| out.write(&line))
            }
            Table::Layers(file, rows, layers) => {
                for (number, layer) in layers.iter().enumerate() {
                    for row in layer.rows(rows, point, receiver) {
                        let cells = [&layer.first_cells(point, status), &row.cells[..]].concat();
                        file.add(number, &row.places, &cells, point.attributes.as_ref())?;
                    }
                }
                Ok(())
            }
        }
    }

    /// Ends without a value: on standard output every point has its status, a file is deleted.
    ///
    /// # Errors
    /// As [`Output::write`].
    pub(super) fn give_up(self) -> Result<(), Error> {
        match self {
            Table::Text(format, _, out, start) => end_text(format, out, &start)?.give_up(),
            Table::Layers(..) | Table::Horizons(_, None) => Ok(()),
            Table::Horizons(_, Some(out)) => out.give_up(),
        }
    }

    /// Completes the output, as [`Output::finish`]. Also returns the names of files in a folder.
    ///
    /// # Errors
    /// What could not be completed.
    pub(super) fn finish(self) -> Result<Finished, Error> {
        let one = |staging: Option<Staging>| (staging.into_iter().collect(), Vec::new());
        match self {
            Table::Text(format, _, out, start) => Ok(one(end_text(format, out, &start)?.finish()?)),
            Table::Layers(file, ..) => Ok(one(Some(file.finish()?))),
            Table::Horizons(_, Some(out)) => Ok(one(out.finish()?)),
            Table::Horizons(lines, None) => Ok(lines.finish()),
        }
    }
}

/// The text between two points in JSON.
const BETWEEN: &str = ",\n";

/// Ends a text with any number of points, even none: `start` is the text before the next point.
fn end_text(format: PointFormat, mut out: Output, start: &str) -> Result<Output, Error> {
    match format {
        PointFormat::Json if start == BETWEEN => out.write("\n]}\n")?,
        PointFormat::Json => out.write(&format!("{start}]}}\n"))?,
        PointFormat::Text => {}
        _ => out.write(start)?,
    }
    Ok(out)
}

/// A layer of a vector file, by its features.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layer {
    Points,
    SightLines,
    /// The samples that make the horizon.
    Blocking,
    Samples,
}

impl Layer {
    /// The layers of a file; formats with one layer get the last of the three details.
    fn of(format: VectorFormat, detail: Detail) -> Vec<Self> {
        use Layer::{Blocking, Points, Samples, SightLines};
        match (format, detail) {
            (_, Detail::Points) => vec![Points],
            (VectorFormat::GeoPackage, Detail::Lines) => vec![Points, SightLines, Blocking],
            (VectorFormat::GeoPackage, Detail::Samples) => {
                vec![Points, SightLines, Blocking, Samples]
            }
            (_, Detail::Lines) => vec![SightLines],
            (_, Detail::Samples) => vec![Samples],
        }
    }

    fn detail(self) -> Detail {
        match self {
            Layer::Points => Detail::Points,
            Layer::SightLines => Detail::Lines,
            Layer::Blocking | Layer::Samples => Detail::Samples,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Layer::Points => "points",
            Layer::SightLines => "sight_lines",
            Layer::Blocking => "blocking",
            Layer::Samples => "samples",
        }
    }

    /// Attributes are in the layer of the points, or in the only layer.
    fn spec(self, rows: &Rows, is_only: bool) -> LayerSpec {
        let mut fields = vec![("id", FieldKind::Whole)];
        if self == Layer::Points {
            fields.push(("status", FieldKind::Word));
        }
        fields.extend(rows.columns(self.detail()));
        let shape = if self == Layer::SightLines { Shape::Line } else { Shape::Point };
        let has_attributes = is_only || self == Layer::Points;
        let attributes = if has_attributes { rows.attributes.clone() } else { Vec::new() };
        LayerSpec { name: self.name(), shape, fields, attributes }
    }

    /// The first columns of its rows; all layers except points only have rows with values.
    fn first_cells(self, point: &Point, status: Status) -> Vec<FieldValue> {
        let id = FieldValue::Whole(point.id);
        if self == Layer::Points { vec![id, FieldValue::Word(status.name())] } else { vec![id] }
    }

    fn rows<'a>(
        self,
        rows: &'a Rows,
        point: &Point,
        receiver: Option<&'a Receiver>,
    ) -> Box<dyn Iterator<Item = Row> + 'a> {
        match (self, receiver) {
            (Layer::Blocking, Some(receiver)) => rows.blocking(receiver),
            (Layer::Blocking, None) => Box::new(std::iter::empty()),
            _ => rows.of(self.detail(), point, receiver),
        }
    }
}

/// The beginning of a JSON object, without its end.
fn begun(head: &Value) -> String {
    let head = head.to_string();
    head.strip_suffix('}').unwrap_or(&head).to_owned()
}
