//! Writes a point as rows of a table (its values, its sight lines, or their samples) or as one
//! JSON object. This is done piece by piece, so that the samples are in memory only once. Numbers
//! are written so that reading them gives the same bits.

use clap::ValueEnum;
use serde_json::{Map, Value, json};
use svf_kernel::Measure;
use svf_raster::Grid;
use svf_raster::attributes::{self, Attribute};
use svf_raster::vector::{FieldKind, FieldValue};

use super::points::{Point, Status};
use crate::report::harmless_word;
use svf::numbers::{show_number, show_place};
use svf::point::{Direction, LineSample, MeasureValue, Place, Receiver};
use svf::spec::Spec;

/// How much is written for each point: what a row of a table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(super) enum Detail {
    /// Its values.
    Points,
    /// Also its sight lines.
    Lines,
    /// Also all samples of the sight lines.
    Samples,
}

/// Writes points.
pub(super) struct Rows {
    pub(super) detail: Detail,
    grid: Grid,
    measures: Vec<Measure>,
    /// The attributes of the points, with names that no column has.
    pub(super) attributes: Vec<Attribute>,
}

impl Rows {
    pub(super) fn new(spec: &Spec, detail: Detail, attributes: Vec<Attribute>) -> Self {
        let (grid, measures) = (spec.grid.clone(), spec.measures.clone());
        let mut rows = Self { detail, grid, measures, attributes: Vec::new() };
        rows.attributes = apart(attributes, &rows.own_names());
        rows
    }

    /// Names that an attribute cannot have: those of columns, and those that formats add.
    fn own_names(&self) -> Vec<&'static str> {
        let details = [Detail::Points, Detail::Lines, Detail::Samples];
        let columns = details.into_iter().flat_map(|detail| self.columns(detail));
        ["id", "status", "fid", "ogc_fid", "geom", "geometry"]
            .into_iter()
            .chain(columns.map(|column| column.0))
            .chain(Measure::ALL.map(Measure::name))
            .collect()
    }

    /// The attributes of a point, with their original names.
    fn attributes_json(&self, point: &Point) -> Option<Map<String, Value>> {
        let attributes = point.attributes.as_ref()?;
        let of = |(i, attribute): (usize, &Attribute)| {
            (attribute.name.clone(), to_json(attributes.value(i)))
        };
        Some(self.attributes.iter().enumerate().map(of).collect())
    }

    /// A point for people: its values, and its sight lines if they are requested.
    pub(super) fn text(
        &self,
        point: &Point,
        status: Status,
        receiver: Option<&Receiver>,
    ) -> String {
        let mut text = format!("point {}", point.id);
        if let Ok((x, y)) = point.place {
            text += &format!(": x {}, y {}", show_place(x), show_place(y));
        }
        if let Some(receiver) = receiver {
            text += &format!(", row {}, column {}", receiver.row, receiver.col);
        }
        if status != Status::Ok {
            text += &format!(" ({})", status.name());
        }
        text += "\n";
        let mut line = |name: &str, value: &str| text += &format!("  {name:<18} {value}\n");
        if let Some(attributes) = &point.attributes {
            for (i, attribute) in self.attributes.iter().enumerate() {
                let value = attributes.value(i).to_string();
                line(&harmless_word(&attribute.name), &harmless_word(&value));
            }
        }
        let Some(receiver) = receiver else { return text };
        line("height", &show_number(receiver.height));
        for value in &receiver.values {
            let cell = value.cell.map_or_else(|| "-".into(), |cell| format!("{cell:.4}"));
            line(value.measure.name(), &cell);
        }
        if self.detail >= Detail::Lines {
            text += "  azimuth   horizon  distance    height\n";
            for direction in &receiver.directions {
                let sample = direction.blocking.and_then(|i| direction.samples.get(i));
                let of = |value: Option<f64>| value.map_or_else(|| "-".into(), show_number);
                text += &format!(
                    "  {:>7.2}  {:>8.3}  {:>8}  {:>8}\n",
                    direction.azimuth_deg,
                    direction.horizon_deg,
                    of(sample.map(|sample| sample.distance)),
                    of(sample.and_then(|sample| sample.height)),
                );
            }
        }
        text
    }

    /// A point in pieces, because the text of all its samples may not fit into memory.
    pub(super) fn json<'a>(
        &'a self,
        point: &Point,
        status: Status,
        receiver: Option<&'a Receiver>,
    ) -> impl Iterator<Item = String> {
        let values = self.values_json(point, status, receiver).to_string();
        let receiver = receiver.filter(|_| self.detail >= Detail::Lines);
        let lines = receiver.into_iter().flat_map(|receiver| &receiver.directions).enumerate();
        let lines = lines.map(|(i, direction)| {
            let before = if i == 0 { ",\"sight_lines\":[" } else { "," };
            format!("{before}{}", self.direction_json(direction))
        });
        let end = if receiver.is_some() { "]}" } else { "}" };
        let start = values.strip_suffix('}').unwrap_or(&values).to_owned();
        std::iter::once(start).chain(lines).chain([end.to_owned()])
    }

    /// Everything of a point except its sight lines.
    fn values_json(&self, point: &Point, status: Status, receiver: Option<&Receiver>) -> Value {
        let (x, y) = point.place.ok().unzip();
        let mut json = json!({ "id": point.id, "status": status.name(), "x": x, "y": y });
        if let (Value::Object(all), Some(attributes)) = (&mut json, self.attributes_json(point)) {
            all.insert("attributes".into(), attributes.into());
        }
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

    /// A place: its coordinates, and the cell that contains it, even outside the raster.
    fn place_json(&self, (row, col): Place) -> Value {
        let (x, y) = self.grid.coordinates(row, col);
        json!({ "x": x, "y": y, "row": row - 0.5, "col": col - 0.5 })
    }

    fn sample_json(&self, sample: &LineSample) -> Value {
        let mut json = self.place_json(sample.place);
        if let Value::Object(all) = &mut json {
            all.insert("distance".into(), json!(sample.distance));
            all.insert("height".into(), json!(sample.height));
            all.insert("angle_deg".into(), json!(sample.angle_deg));
        }
        json
    }

    /// The horizon has a value per sight line, not per point.
    fn measures_in_columns(&self) -> impl Iterator<Item = Measure> {
        self.measures.iter().copied().filter(|m| !matches!(m, Measure::Horizon { .. }))
    }

    /// The columns of a table of `detail`, without the number of the point.
    pub(super) fn columns(&self, detail: Detail) -> Vec<(&'static str, FieldKind)> {
        const WHOLE: [&str; 5] = ["row", "col", "gap", "sample", "blocking"];
        let names: Vec<&str> = match detail {
            Detail::Points => ["x", "y", "row", "col", "height"]
                .into_iter()
                .chain(self.measures_in_columns().map(Measure::name))
                .collect(),
            Detail::Lines => vec![
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
            ],
            Detail::Samples => vec![
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
            ],
        };
        let kind = |name: &str| match detail {
            // Samples can be between cells.
            Detail::Samples if ["row", "col"].contains(&name) => FieldKind::Real,
            _ if WHOLE.contains(&name) => FieldKind::Whole,
            _ => FieldKind::Real,
        };
        names.into_iter().map(|name| (name, kind(name))).collect()
    }

    /// The row of a point.
    fn point_row(&self, point: &Point, receiver: Option<&Receiver>) -> Row {
        let place = point.place.ok();
        let mut cells = vec![real(place.map(|p| p.0)), real(place.map(|p| p.1))];
        if let Some(receiver) = receiver {
            cells.extend([FieldValue::Whole(receiver.row), FieldValue::Whole(receiver.col)]);
            cells.push(FieldValue::Real(receiver.height));
            cells.extend(receiver.values.iter().map(|v| real(v.cell.map(f64::from))));
        }
        Row { places: place.into_iter().collect(), cells }
    }

    fn line_row(&self, receiver: &Receiver, direction: &Direction) -> Row {
        let horizon = direction.blocking.and_then(|i| direction.samples.get(i));
        let centre = self.grid.coordinates(receiver.row as f64 + 0.5, receiver.col as f64 + 0.5);
        let end = self.grid.coordinates(direction.end.0, direction.end.1);
        let place = horizon.map(|sample| self.grid.coordinates(sample.place.0, sample.place.1));
        let cells = vec![
            FieldValue::Real(direction.azimuth_deg),
            FieldValue::Real(end.0),
            FieldValue::Real(end.1),
            real(direction.cell.map(f64::from)),
            FieldValue::Real(direction.horizon_deg),
            FieldValue::Real(horizon.map_or(0.0, |sample| sample.distance)),
            real(place.map(|place| place.0)),
            real(place.map(|place| place.1)),
            real(horizon.and_then(|sample| sample.height)),
            FieldValue::Whole(direction.gap.into()),
        ];
        Row { places: vec![centre, end], cells }
    }

    fn sample_row(&self, direction: &Direction, i: usize) -> Row {
        let sample = &direction.samples[i];
        let place = self.grid.coordinates(sample.place.0, sample.place.1);
        let cells = vec![
            FieldValue::Real(direction.azimuth_deg),
            FieldValue::Whole(i as u64),
            FieldValue::Real(sample.distance),
            FieldValue::Real(place.0),
            FieldValue::Real(place.1),
            FieldValue::Real(sample.place.0 - 0.5),
            FieldValue::Real(sample.place.1 - 0.5),
            real(sample.height),
            real(sample.angle_deg),
            FieldValue::Whole((direction.blocking == Some(i)).into()),
        ];
        Row { places: vec![place], cells }
    }

    /// All rows of a receiver in a table of `detail`. A point without a receiver only has a row
    /// in the table of points.
    pub(super) fn of<'a>(
        &'a self,
        detail: Detail,
        point: &Point,
        receiver: Option<&'a Receiver>,
    ) -> Box<dyn Iterator<Item = Row> + 'a> {
        let Some(receiver) = receiver.filter(|_| detail != Detail::Points) else {
            let row = (detail == Detail::Points).then(|| self.point_row(point, receiver));
            return Box::new(row.into_iter());
        };
        let directions = receiver.directions.iter();
        if detail == Detail::Lines {
            Box::new(directions.map(move |direction| self.line_row(receiver, direction)))
        } else {
            let samples = move |direction: &'a Direction| {
                (0..direction.samples.len()).map(move |i| self.sample_row(direction, i))
            };
            Box::new(directions.flat_map(samples))
        }
    }

    /// The samples that make the horizon.
    pub(super) fn blocking<'a>(
        &'a self,
        receiver: &'a Receiver,
    ) -> Box<dyn Iterator<Item = Row> + 'a> {
        let sample = |d: &Direction| Some(self.sample_row(d, d.blocking?));
        Box::new(receiver.directions.iter().filter_map(sample))
    }

    /// The first line of CSV.
    pub(super) fn csv_head(&self) -> String {
        let columns = self.columns(self.detail).into_iter().map(|column| column.0.to_owned());
        let attributes = self.attributes.iter().map(|attribute| csv_text(&attribute.column));
        let own = ["id", "status"].into_iter().map(str::to_owned);
        own.chain(columns).chain(attributes).collect::<Vec<_>>().join(",") + "\n"
    }

    /// Lines of CSV, one by one.
    pub(super) fn csv<'a>(
        &'a self,
        point: &Point,
        status: Status,
        receiver: Option<&'a Receiver>,
    ) -> impl Iterator<Item = String> {
        let mut rows = self.of(self.detail, point, receiver).peekable();
        // Every point has a row.
        let alone = rows.peek().is_none().then(|| Row { places: Vec::new(), cells: Vec::new() });
        let width = self.columns(self.detail).len();
        let id = point.id;
        let attributes = point.attributes.as_ref().map(|attributes| {
            let values = (0..self.attributes.len()).map(|i| csv_cell(&attributes.value(i)));
            values.map(|cell| format!(",{cell}")).collect::<String>()
        });
        let attributes = attributes.unwrap_or_default();
        rows.chain(alone).map(move |row| {
            let mut cells = vec![id.to_string(), status.name().to_owned()];
            cells.extend(row.cells.iter().map(|cell| match *cell {
                FieldValue::Null => String::new(),
                FieldValue::Whole(number) => number.to_string(),
                FieldValue::Real(value) => number(Some(value)),
                FieldValue::Word(word) => word.to_owned(),
            }));
            cells.resize(2 + width, String::new());
            cells.join(",") + &attributes + "\n"
        })
    }
}

/// Gives attributes names that differ from those of columns and of other attributes. Databases do
/// not distinguish capital letters.
fn apart(mut attributes: Vec<Attribute>, own: &[&str]) -> Vec<Attribute> {
    let mut taken: Vec<String> = own.iter().map(|&name| name.to_owned()).collect();
    // An attribute with a valid name keeps it, even if an earlier attribute must change its name.
    let (good, others): (Vec<usize>, Vec<usize>) =
        (0..attributes.len()).partition(|&i| !taken.contains(&attributes[i].name.to_lowercase()));
    for i in good.into_iter().chain(others) {
        let name = attributes[i].name.clone();
        let base =
            if own.contains(&&name.to_lowercase()[..]) { format!("points_{name}") } else { name };
        let numbered = (2..).map(|number| format!("{base}_{number}"));
        let mut names = std::iter::once(base.clone()).chain(numbered);
        let free = names.find(|name| !taken.contains(&name.to_lowercase())).unwrap_or(base);
        taken.push(free.to_lowercase());
        attributes[i].column = free;
    }
    attributes
}

fn to_json(value: attributes::AttributeValue) -> Value {
    match value {
        attributes::AttributeValue::Null => Value::Null,
        attributes::AttributeValue::Flag(flag) => flag.into(),
        attributes::AttributeValue::Whole(number) => number.into(),
        attributes::AttributeValue::Real(number) => number.into(),
        attributes::AttributeValue::Text(text) => text.into(),
        attributes::AttributeValue::List(values) => values.into_iter().map(to_json).collect(),
    }
}

/// A cell of CSV: empty for no value, two quotes for an empty text.
fn csv_cell(value: &attributes::AttributeValue) -> String {
    match value {
        attributes::AttributeValue::Text(text) if text.is_empty() => "\"\"".to_owned(),
        value => csv_text(&value.to_string()),
    }
}

/// A text in CSV, in quotes if necessary.
pub(super) fn csv_text(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// A row of a table, and its geometry.
pub(super) struct Row {
    pub(super) places: Vec<(f64, f64)>,
    pub(super) cells: Vec<FieldValue>,
}

fn real(value: Option<f64>) -> FieldValue {
    value.map_or(FieldValue::Null, FieldValue::Real)
}

/// A number, written so that reading it gives the same bits; empty if there is none.
pub(super) fn number(value: Option<f64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// The values that svf_compute writes into the cell of a receiver, with the names of the
/// measures.
pub(super) fn cell_values(receiver: &Receiver) -> Map<String, Value> {
    values(receiver, |value| value.cell.map(f64::from))
}

fn values(receiver: &Receiver, of: impl Fn(&MeasureValue) -> Option<f64>) -> Map<String, Value> {
    receiver.values.iter().map(|v| (v.measure.name().to_owned(), json!(of(v)))).collect()
}
