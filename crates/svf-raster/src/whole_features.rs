//! Checks whether the files of a vector file are as long as they say. Otherwise, GDAL reads fewer
//! features and reports success.

use std::io::{self, Read};
use std::path::Path;

use gdal::{Dataset, Metadata};

use crate::error::{Op, RasterError, cut_short};
use crate::io::file_list;
use crate::session;
use crate::stat::{open_file, read_text};
use crate::text_header::{cut_crs, open_brackets};
use crate::text_points::tail_of;
use crate::whole::refuse_short;

/// Refuses a vector file if one of its files is shorter than it says.
///
/// # Errors
/// Such a file.
pub(crate) fn check(dataset: &Dataset) -> Result<(), RasterError> {
    let driver = dataset.driver().short_name();
    let is_mapinfo = driver == "MapInfo File";
    let itself = dataset.description().unwrap_or_default();
    // GDAL does not list the file of the latter.
    if matches!(driver.as_str(), "CSV" | "GeoJSONSeq") && ends_within_a_line(&itself) {
        return Err(cut_short(&itself, "it ends within a line"));
    }
    for file in file_list(dataset) {
        let path = Path::new(&file);
        let Ok(about) = path.metadata() else { continue };
        if !about.is_file() {
            continue;
        }
        refuse_short(&file)?;
        let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
        let ending = ending.as_deref().and_then(|ending| ending.to_str());
        if ending == Some("shp") {
            refuse_cut_crs(path)?;
        }
        let needed = match ending {
            Some("shp" | "shx") => shapes(path),
            Some("dbf") => table(path).map(|table| table.bytes),
            Some("dat") if is_mapinfo => table(path).map(|table| table.bytes),
            // Four bytes for each row of the table.
            Some("id") if is_mapinfo => table(&path.with_extension("dat"))
                .or_else(|_| table(&path.with_extension("DAT")))
                .map(|table| 4 * table.rows),
            Some("dxf")
                if tail_of(&file, 64).is_some_and(|tail| !tail.trim_end().ends_with("EOF")) =>
            {
                return Err(cut_short(&file, "its last line is not EOF"));
            }
            _ => continue,
        };
        // What cannot be read, GDAL says.
        if let Ok(needed) = needed
            && about.len() < needed
        {
            return Err(cut_short(&file, &format!("it has {} bytes of {needed}", about.len())));
        }
    }
    Ok(())
}

/// Refuses what was opened since [`session::take_damage`] if one of its files could not be read: its
/// driver goes on without attributes, or without a CRS.
///
/// # Errors
/// Such a file.
pub(crate) fn refuse_unread() -> Result<(), RasterError> {
    let Some(said) = session::take_damage() else { return Ok(()) };
    let (file, reason) = said.split_once(": ").unwrap_or(("a file", &said));
    let hint = "the file or its disk is damaged, or you lack the right to read it: copy it again";
    Err(RasterError::new(Op::Points, file, reason).hint(hint))
}

/// Refuses a CRS that is cut short: GDAL then does not even list its file.
fn refuse_cut_crs(shapes: &Path) -> Result<(), RasterError> {
    for ending in ["prj", "PRJ"] {
        let crs = shapes.with_extension(ending);
        let cut = read_text(&crs).ok().and_then(|text| cut_crs(&text));
        if let Some(what) = cut {
            return Err(cut_short(&crs.to_string_lossy(), what));
        }
    }
    Ok(())
}

/// Whether the last line of a text with a feature in each line is not whole. If it ends with a line
/// break, a cut before it cannot be seen.
fn ends_within_a_line(file: &str) -> bool {
    const MOST_BYTES: u64 = 1 << 16;
    let Some(tail) = tail_of(file, MOST_BYTES).filter(|tail| !tail.ends_with(['\n', '\r'])) else {
        return false;
    };
    let mut head = String::new();
    let read = open_file(file).and_then(|file| file.take(MOST_BYTES).read_to_string(&mut head));
    let is_all = read.is_ok_and(|length| (length as u64) < MOST_BYTES);
    let json = |line: &str| line.trim_start_matches('\u{1e}').trim_start().starts_with('{');
    if let Some((_, last)) = tail.rsplit_once('\n').filter(|(_, last)| json(last)) {
        return open_brackets(last, Some('\\')) != Some(0);
    }
    // Without the beginning of the text, it is not known which quotes begin and which end.
    if !is_all && tail.contains('"') {
        return false;
    }
    let (rows, is_open) = rows_of(if is_all { &head } else { &tail });
    let (first, _) = rows_of(&head);
    let [Some(first), Some(last)] = [first.first(), rows.last()] else { return false };
    let most = [',', ';', '\t', '|'].into_iter().max_by_key(|sign| count(first, *sign));
    is_open || most.is_some_and(|sign| count(last, sign) < count(first, sign))
}

/// The rows of a table, and whether the last one ends within quotes.
fn rows_of(text: &str) -> (Vec<&str>, bool) {
    let mut is_quoted = false;
    let rows = text.split(|sign: char| {
        is_quoted ^= sign == '"';
        sign == '\n' && !is_quoted
    });
    (rows.collect(), is_quoted)
}

/// How often a sign is in a row, outside quotes.
fn count(row: &str, sign: char) -> usize {
    let mut is_quoted = false;
    row.chars()
        .filter(|found| {
            is_quoted ^= *found == '"';
            *found == sign && !is_quoted
        })
        .count()
}

fn first<const N: usize>(path: &Path) -> io::Result<[u8; N]> {
    let mut head = [0; N];
    open_file(path)?.read_exact(&mut head)?;
    Ok(head)
}

/// The length of a file of shapes or of their index, bytes: it is in the header, in words of 16 bits
/// (Esri 1998).
fn shapes(path: &Path) -> io::Result<u64> {
    let head: [u8; 28] = first(path)?;
    let [.., a, b, c, d] = head;
    match head[..4] {
        [0, 0, 0x27, 0x0a] => Ok(2 * u64::from(u32::from_be_bytes([a, b, c, d]))),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// A table of dBase.
struct DbaseTable {
    rows: u64,
    /// Of the header and the rows.
    bytes: u64,
}

fn table(path: &Path) -> io::Result<DbaseTable> {
    let head: [u8; 12] = first(path)?;
    let rows = u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]]));
    let header = u64::from(u16::from_le_bytes([head[8], head[9]]));
    let row = u64::from(u16::from_le_bytes([head[10], head[11]]));
    Ok(DbaseTable { rows, bytes: header + rows * row })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_last_line_that_is_not_whole_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("p.csv").display().to_string();
        let is_cut = |text: &str| {
            std::fs::write(&path, text).unwrap();
            ends_within_a_line(&path)
        };
        for whole in
            ["", "x,y", "x,y\n1,2", "x,y\n1", "x;y;n\n1;2;\"a;\nb\"", "x,y,n\n1,2,\"a\"\"b\""]
        {
            assert!(!is_cut(&format!("{whole}\n")), "{whole}");
            assert_eq!(is_cut(whole), whole == "x,y\n1", "{whole}");
        }
        assert!(is_cut("x;y;n\n1;2;\"a;\nb") && is_cut("x,y,n\n1,2,a\n3,4"));
        // Longer than what is looked at.
        let long = format!("x,y,n\n{}", "1,2,a\n".repeat(20_000));
        assert!(!is_cut(&format!("{long}1,2,b")) && is_cut(&format!("{long}1,2")));
        let json = "{\"a\":{\"b\":\"}\\\"\",\"c\":[1]}}";
        assert!(
            !is_cut(&format!("{json}\n{json}")) && !is_cut(&format!("\u{1e}{json}\n\u{1e}{json}"))
        );
        for cut in 1..json.len() {
            assert!(is_cut(&format!("{json}\n{}", &json[..json.len() - cut])), "{cut}");
        }
    }
}
