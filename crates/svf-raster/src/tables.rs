//! Tables as text (CSV) for a GDAL that cannot read them, such as the one that comes with the
//! programs: they are copied to a temporary GeoPackage, which every GDAL reads.
//!
//! The separator is `,`, `;`, tab or `|`, whichever is most frequent in the first line. Values can
//! be in double quotes; inside, a double quote is written twice. All columns are text, unless a
//! file `.csvt` with the same name says that they are numbers. A column `WKT` has geometries. GDAL's
//! own driver does the same.

use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use gdal::errors::GdalError;
use gdal::vector::{
    Feature, Geometry, LayerAccess, LayerOptions, OGRFieldType, OGRwkbGeometryType,
};
use gdal::{Dataset, DriverManager};

use crate::attributes::decoded;
use crate::partial::PartialFolder;
use crate::session;
use crate::stat::{open_file, read_text};

/// Separators, the most usual one first.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// What is not a table can have no end of a line.
const LONGEST_ROW: usize = 16 << 20;
/// Rows between two commits.
const BATCH: u64 = 20_000;

/// A table that was copied. The copy is deleted when this value is dropped.
#[derive(Debug)]
pub(crate) struct Copied {
    folder: PartialFolder,
    name: String,
}

impl Copied {
    /// Where the copy is.
    pub(crate) fn path(&self) -> String {
        self.folder.path().join(&self.name).display().to_string()
    }
}

/// Whether a file is a table, by its name, that this GDAL has no driver for.
pub(crate) fn has_to_be_copied(path: &str) -> bool {
    let extension = Path::new(path).extension().unwrap_or_default().to_ascii_lowercase();
    (extension == "csv" || extension == "tsv")
        && DriverManager::get_driver_by_name("CSV").is_err()
        && Path::new(path).is_file()
}

/// Copies a table, row by row.
///
/// # Errors
/// A file that cannot be read or is not a table; a full disk.
pub(crate) fn copy(path: &str) -> Result<Copied, String> {
    let path = Path::new(path);
    let folder = PartialFolder::temporary("table").map_err(|error| error.to_string())?;
    // Its layer is called like the file.
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let copied = Copied { folder, name: "table.gpkg".to_owned() };
    let said = |error: io::Error| error.to_string();
    let mut rows = Rows::of(BufReader::new(open_file(path).map_err(said)?));
    let header = rows.next_row().map_err(said)?.ok_or("it is empty")?;
    let columns = different(header);
    let types = read_text(path.with_extension("csvt")).unwrap_or_default();
    let kinds: Vec<_> = kinds_of(&types).take(columns.len()).collect();
    fill(&copied, &stem, &columns, &kinds, &mut rows)?;
    Ok(copied)
}

fn fill(
    copied: &Copied,
    layer: &str,
    columns: &[String],
    kinds: &[OGRFieldType::Type],
    rows: &mut Rows<impl BufRead>,
) -> Result<(), String> {
    let said = |error: GdalError| session::reason(&error);
    let driver = DriverManager::get_driver_by_name("GPKG").map_err(said)?;
    // Nobody else reads it, and it is made anew each time.
    let fast = [("OGR_SQLITE_SYNCHRONOUS", "OFF"), ("OGR_SQLITE_JOURNAL", "OFF")];
    for (key, value) in fast {
        gdal::config::set_thread_local_config_option(key, value).map_err(said)?;
    }
    let created = driver.create_vector_only(copied.path());
    for (key, _) in fast {
        gdal::config::clear_thread_local_config_option(key).map_err(said)?;
    }
    let mut dataset = created.map_err(said)?;
    let places = columns.iter().position(|name| name.eq_ignore_ascii_case("wkt"));
    let ty = match places {
        Some(_) => OGRwkbGeometryType::wkbUnknown,
        None => OGRwkbGeometryType::wkbNone,
    };
    // A table can have a column `fid`.
    let options = LayerOptions { name: layer, srs: None, ty, options: Some(&["FID=row of table"]) };
    let fields: Vec<_> = (0..columns.len()).map(|i| kind_of(kinds, i)).collect();
    let fields: Vec<_> = columns.iter().map(String::as_str).zip(fields).collect();
    dataset
        .create_layer(options)
        .and_then(|made| made.create_defn_fields(&fields))
        .map_err(said)?;
    let mut number = 0_u64;
    loop {
        let whole = dataset.start_transaction().map_err(said)?;
        let mut more = false;
        while let Some(row) = rows.next_row().map_err(|error| error.to_string())? {
            number += 1;
            add(&whole, &row, (columns.len(), kinds, places)).map_err(said)?;
            more = number.is_multiple_of(BATCH);
            if more {
                break;
            }
        }
        whole.commit().map_err(said)?;
        if !more {
            return dataset.close().map_err(said);
        }
    }
}

fn add(
    dataset: &Dataset,
    row: &[String],
    (columns, kinds, places): (usize, &[OGRFieldType::Type], Option<usize>),
) -> Result<(), GdalError> {
    let layer = dataset.layer(0)?;
    let mut feature = Feature::new(layer.defn())?;
    for (i, text) in row.iter().take(columns).enumerate() {
        match kind_of(kinds, i) {
            OGRFieldType::OFTString => feature.set_field_string(i, text)?,
            // GDAL reads the number.
            _ if !text.trim().is_empty() => feature.set_field_string(i, text.trim())?,
            _ => {}
        }
    }
    let text = places.and_then(|place| row.get(place));
    if let Some(geometry) = text.and_then(|text| Geometry::from_wkt(text).ok()) {
        feature.set_geometry(geometry)?;
    }
    feature.create(&layer)
}

fn kind_of(kinds: &[OGRFieldType::Type], i: usize) -> OGRFieldType::Type {
    kinds.get(i).copied().unwrap_or(OGRFieldType::OFTString)
}

/// The types in a `.csvt`, such as `"Integer(5)","Real","String"`.
fn kinds_of(types: &str) -> impl Iterator<Item = OGRFieldType::Type> {
    let line = types.trim_start_matches('\u{feff}').lines().next().unwrap_or_default();
    line.split(',').map(|word| {
        let word = word.trim().trim_matches('"').to_ascii_lowercase();
        match word.split('(').next().unwrap_or_default() {
            "integer" => OGRFieldType::OFTInteger,
            "integer64" | "long" => OGRFieldType::OFTInteger64,
            "real" | "float" | "double" | "coordx" | "coordy" => OGRFieldType::OFTReal,
            _ => OGRFieldType::OFTString,
        }
    })
}

/// Names of columns of which no two are the same, small or capital: SQL knows no other columns.
fn different(names: Vec<String>) -> Vec<String> {
    let mut known: Vec<String> = Vec::new();
    for (i, name) in names.into_iter().enumerate() {
        let name = if name.is_empty() { format!("field_{}", i + 1) } else { name };
        let is_taken = |name: &str| known.iter().any(|k| k.to_lowercase() == name.to_lowercase());
        let with = |n: usize| if n == 1 { name.clone() } else { format!("{name}_{n}") };
        let free = (1..).map(with).find(|name| !is_taken(name)).unwrap_or_default();
        known.push(free);
    }
    known
}

/// The rows of a table.
struct Rows<R> {
    source: R,
    separator: Option<u8>,
}

impl<R: BufRead> Rows<R> {
    fn of(source: R) -> Self {
        Self { source, separator: None }
    }

    /// The next row that is not empty; its values can contain ends of lines.
    fn next_row(&mut self) -> io::Result<Option<Vec<String>>> {
        let mut row = Vec::new();
        loop {
            let start = row.len();
            let most = LONGEST_ROW as u64 + 1;
            self.source.by_ref().take(most).read_until(b'\n', &mut row)?;
            if row.len() > LONGEST_ROW {
                return Err(io::Error::other("it is not a table: a row has no end"));
            }
            let is_open = row.iter().filter(|byte| **byte == b'"').count() % 2 == 1;
            if row.len() == start {
                // The end, perhaps inside quotes.
                break;
            }
            if !is_open {
                if row.trim_ascii().is_empty() {
                    row.clear();
                    continue;
                }
                break;
            }
        }
        while row.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
            row.pop();
        }
        let is_first = self.separator.is_none();
        let row = if is_first { row.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&row) } else { &row };
        let count = |byte: &u8| row.iter().filter(|found| *found == byte).count();
        // The first of those that are equally frequent.
        let separator = *self.separator.get_or_insert_with(|| {
            let best = SEPARATORS.iter().rev().max_by_key(|byte| count(byte));
            best.copied().unwrap_or(b',')
        });
        Ok((!row.is_empty()).then(|| values(row, separator)))
    }
}

/// The values of a row.
fn values(row: &[u8], separator: u8) -> Vec<String> {
    let mut values = vec![Vec::new()];
    let mut bytes = row.iter().copied().peekable();
    let mut is_quoted = false;
    while let Some(byte) = bytes.next() {
        let Some(value) = values.last_mut() else { break };
        match byte {
            b'"' if is_quoted && bytes.peek() == Some(&b'"') => {
                bytes.next();
                value.push(b'"');
            }
            b'"' if is_quoted || value.is_empty() => is_quoted = !is_quoted,
            _ if byte == separator && !is_quoted => values.push(Vec::new()),
            _ => value.push(byte),
        }
    }
    values.iter().map(|value| decoded(value)).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::attributes::{AttributeValue, Attributes};
    use gdal::DatasetOptions;

    /// Name of the layer, names of the columns, and the rows as (number, values, geometry).
    type Content = (String, Vec<String>, Vec<(u64, Vec<AttributeValue>, Option<String>)>);

    fn content(path: &str) -> Content {
        let options = DatasetOptions {
            open_flags: gdal::GdalOpenFlags::GDAL_OF_VECTOR,
            ..Default::default()
        };
        let dataset = Dataset::open_ex(path, options).unwrap();
        let mut layer = dataset.layer(0).unwrap();
        let columns = layer.defn().fields().map(|field| field.name()).collect::<Vec<_>>();
        let rows = layer.features().map(|feature| {
            let attributes = Attributes::of(&feature).unwrap();
            let values = (0..columns.len()).map(|i| attributes.value(i)).collect();
            let place = feature.geometry_by_index(0).ok();
            let place = place.and_then(|place| place.wkt().ok());
            (feature.fid().unwrap(), values, place)
        });
        let rows = rows.collect();
        (layer.name(), columns, rows)
    }

    #[test]
    fn a_copy_has_what_the_driver_of_gdal_reads() {
        let dir = tempfile::tempdir().unwrap();
        let driver = DriverManager::get_driver_by_name("CSV");
        assert!(driver.is_ok(), "this test needs a GDAL that reads CSV");
        for (name, text, types) in [
            ("plain", "x,y,name\n1.5,2,a\n3,4,\n", None),
            (
                "quoted",
                "\u{feff}x;y;\"a;b\"\r\n1;2;\"he said \"\"no\"\"\"\r\n3;4;\"two\nlines\"",
                None,
            ),
            ("tabs", "id\tlon\tlat\n7\t11.5\t48\n\n8\t12\t49\n", None),
            ("typed", "x,y,n,fid\n1,2,3,4\n5,6,,8\n", Some("Real,Real,Integer(4),Integer64")),
            ("wkt", "WKT,id\n\"POINT (1 2)\",5\n,6\n", None),
        ] {
            let path = dir.path().join(format!("{name}.csv"));
            fs::write(&path, text).unwrap();
            if let Some(types) = types {
                fs::write(path.with_extension("csvt"), types).unwrap();
            }
            let path = path.display().to_string();
            let copied = copy(&path).unwrap();
            assert_eq!(content(&copied.path()), content(&path), "{name}");
        }
    }

    #[test]
    fn columns_have_names_of_their_own() {
        let names = ["a", "A", "", "a"].map(str::to_owned).to_vec();
        assert_eq!(different(names), ["a", "A_2", "field_3", "a_3"]);
    }

    #[test]
    fn what_is_no_table_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("empty.csv");
        fs::write(&path, "\n\n").unwrap();
        assert_eq!(copy(&path.display().to_string()).unwrap_err(), "it is empty");
        let mut rows = Rows::of(BufReader::new(io::repeat(b'x').take(2 * LONGEST_ROW as u64)));
        assert!(rows.next_row().unwrap_err().to_string().contains("a row has no end"));
        assert_eq!(values(b"a,\"b", b','), ["a", "b"]);
    }
}
