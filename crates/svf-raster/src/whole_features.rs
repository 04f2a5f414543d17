//! Checks whether the files of a vector file are as long as they say. Otherwise, GDAL reads fewer
//! features and reports success.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use gdal::Dataset;

use crate::error::RasterError;
use crate::io::file_list;
use crate::text_header::cut_crs;
use crate::text_points::tail_of;
use crate::whole::{cut_short, refuse_short};

/// Refuses a vector file if one of its files is shorter than it says.
///
/// # Errors
/// Such a file.
pub(crate) fn check(dataset: &Dataset) -> Result<(), RasterError> {
    let is_mapinfo = dataset.driver().short_name() == "MapInfo File";
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

/// Refuses a CRS that is cut short: GDAL then does not even list its file.
fn refuse_cut_crs(shapes: &Path) -> Result<(), RasterError> {
    for ending in ["prj", "PRJ"] {
        let crs = shapes.with_extension(ending);
        let cut = std::fs::read_to_string(&crs).ok().and_then(|text| cut_crs(&text));
        if let Some(what) = cut {
            return Err(cut_short(&crs.to_string_lossy(), what));
        }
    }
    Ok(())
}

fn first<const N: usize>(path: &Path) -> io::Result<[u8; N]> {
    let mut head = [0; N];
    File::open(path)?.read_exact(&mut head)?;
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
