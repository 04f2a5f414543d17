//! A point as rows of tables, its values, its sight lines, their samples, or as one
//! JSON object; piece by piece, for memory holds the samples but once. Numbers are
//! written so that they read back as the same bits.

use serde_json::{Map, Value, json};
use svf_kernel::Measure;
use svf_raster::Grid;
use svf_raster::vector::{Cell, FieldKind};

use super::point::{Point, Status};
use super::receiver::{Direction, MeasureValue, Place, Receiver, Seen};
use super::table::Detail;
use crate::spec::Spec;

/// Tells of points.
pub(super) struct Rows {
    detail: Detail,
    grid: Grid,
    measures: Vec<Measure>,
}

impl Rows {
    pub(super) fn new(spec: &Spec, detail: Detail) -> Self {
        Self { detail, grid: spec.grid.clone(), measures: spec.measures.clone() }
    }

    /// A point in pieces: of its samples there may be more than memory holds as text.
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

    /// All of a point but its sight lines.
    fn values_json(&self, point: &Point, status: Status, receiver: Option<&Receiver>) -> Value {
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

    /// The horizon has a value per sight line, not per point.
    fn measures_in_columns(&self) -> impl Iterator<Item = Measure> {
        self.measures.iter().copied().filter(|m| !matches!(m, Measure::Horizon { .. }))
    }

    /// What the rows of a table of `detail` have beside the number of the point.
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
            // Samples lie between cells.
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
            cells.extend([Cell::Whole(receiver.row), Cell::Whole(receiver.col)]);
            cells.push(Cell::Real(receiver.height));
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
            Cell::Real(direction.azimuth_deg),
            Cell::Real(end.0),
            Cell::Real(end.1),
            real(direction.cell.map(f64::from)),
            Cell::Real(direction.horizon_deg),
            Cell::Real(horizon.map_or(0.0, |sample| sample.distance)),
            real(place.map(|place| place.0)),
            real(place.map(|place| place.1)),
            real(horizon.and_then(|sample| sample.height)),
            Cell::Whole(direction.gap.into()),
        ];
        Row { places: vec![centre, end], cells }
    }

    fn sample_row(&self, direction: &Direction, i: usize) -> Row {
        let sample = &direction.samples[i];
        let place = self.grid.coordinates(sample.place.0, sample.place.1);
        let cells = vec![
            Cell::Real(direction.azimuth_deg),
            Cell::Whole(i as u64),
            Cell::Real(sample.distance),
            Cell::Real(place.0),
            Cell::Real(place.1),
            Cell::Real(sample.place.0 - 0.5),
            Cell::Real(sample.place.1 - 0.5),
            real(sample.height),
            real(sample.angle_deg),
            Cell::Whole((direction.blocking == Some(i)).into()),
        ];
        Row { places: vec![place], cells }
    }

    /// All rows of a receiver in a table of `detail`; a point without one has a row
    /// among the points only.
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
        let columns = self.columns(self.detail).into_iter().map(|column| column.0);
        let columns: Vec<&str> = ["id", "status"].into_iter().chain(columns).collect();
        columns.join(",") + "\n"
    }

    /// Lines of CSV, one by one.
    pub(super) fn csv<'a>(
        &'a self,
        point: &Point,
        status: Status,
        receiver: Option<&'a Receiver>,
    ) -> impl Iterator<Item = String> {
        let mut rows = self.of(self.detail, point, receiver).peekable();
        // Every point is told of.
        let alone = rows.peek().is_none().then(|| Row { places: Vec::new(), cells: Vec::new() });
        let width = self.columns(self.detail).len();
        let id = point.id;
        rows.chain(alone).map(move |row| {
            let mut cells = vec![id.to_string(), status.name().to_owned()];
            cells.extend(row.cells.iter().map(|cell| match *cell {
                Cell::Null => String::new(),
                Cell::Whole(number) => number.to_string(),
                Cell::Real(value) => number(Some(value)),
                Cell::Word(word) => word.to_owned(),
            }));
            cells.resize(2 + width, String::new());
            cells.join(",") + "\n"
        })
    }
}

/// A row of a table, and where it lies on the map.
pub(super) struct Row {
    pub(super) places: Vec<(f64, f64)>,
    pub(super) cells: Vec<Cell>,
}

fn real(value: Option<f64>) -> Cell {
    value.map_or(Cell::Null, Cell::Real)
}

/// A number that reads back as the same bits; nothing where there is none.
pub(super) fn number(value: Option<f64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// What svf_compute writes into the cell of a receiver, by the names of the measures.
pub(super) fn cell_values(receiver: &Receiver) -> Map<String, Value> {
    values(receiver, |value| value.cell.map(f64::from))
}

fn values(receiver: &Receiver, of: impl Fn(&MeasureValue) -> Option<f64>) -> Map<String, Value> {
    receiver.values.iter().map(|v| (v.measure.name().to_owned(), json!(of(v)))).collect()
}
