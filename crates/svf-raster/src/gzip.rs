//! Checks files that are read through gzip (`/vsigzip/a.tif.gz`, `/vsitar/a.tgz/b.tif`). GDAL takes the
//! end of one that is cut short for the end of what is in it: formats that begin with what they say of
//! their cells then give other cells, and report success.
//!
//! A gzip file ends with the length and the checksum of its content (Deutsch 1996, RFC 1952), so all of
//! it is read once; GDAL does the same whenever it goes back in the file.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use flate2::bufread::MultiGzDecoder;

use crate::error::{RasterError, cut_short};
use crate::stat::local_file;

/// Files that are complete, with their size and time.
static COMPLETE: Mutex<Option<HashMap<PathBuf, (u64, SystemTime)>>> = Mutex::new(None);

/// Refuses a local gzip file behind a path that does not end as it says.
///
/// # Errors
/// Such a file.
pub(crate) fn refuse_cut(path: &str) -> Result<(), RasterError> {
    let is_of_gzip = path.contains("/vsigzip/") || path.contains("/vsitar/");
    let Some(file) = local_file(path).filter(|_| is_of_gzip) else { return Ok(()) };
    // What cannot be read at all, GDAL says.
    let Ok(about) = file.metadata() else { return Ok(()) };
    let state = (about.len(), about.modified().unwrap_or(SystemTime::UNIX_EPOCH));
    let lock = || COMPLETE.lock().unwrap_or_else(PoisonError::into_inner);
    if lock().as_ref().is_some_and(|known| known.get(&file) == Some(&state)) {
        return Ok(());
    }
    if let Err(error) = read_through(&file) {
        let what = match error.kind() {
            io::ErrorKind::UnexpectedEof => "it ends before its content does".to_owned(),
            _ => format!("its content is not what it was packed from ({error})"),
        };
        return Err(cut_short(&file.display().to_string(), &what));
    }
    lock().get_or_insert_default().insert(file, state);
    Ok(())
}

/// # Errors
/// A file that begins as gzip and does not end so.
fn read_through(file: &Path) -> io::Result<()> {
    const MAGIC: [u8; 2] = [0x1f, 0x8b];
    let mut head = [0; 2];
    let is_gzip = File::open(file)?.read_exact(&mut head).is_ok() && head == MAGIC;
    if is_gzip {
        let packed = BufReader::with_capacity(1 << 18, File::open(file)?);
        io::copy(&mut MultiGzDecoder::new(packed), &mut io::sink())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    #[test]
    fn each_cut_of_a_gzip_file_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.bin.gz");
        let name = format!("/vsigzip/{}", path.display());
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(&[b"heights ".repeat(99), vec![7; 99]].concat()).unwrap();
        let whole = packed.finish().unwrap();
        for cut in 2..whole.len() {
            fs::write(&path, &whole[..cut]).unwrap();
            assert!(refuse_cut(&name).is_err(), "{cut} of {}", whole.len());
            // Read as it is, it is no gzip.
            assert!(refuse_cut(&path.display().to_string()).is_ok());
        }
        let mut changed = whole.clone();
        let sum = whole.len() - 8;
        changed[sum] ^= 1;
        fs::write(&path, changed).unwrap();
        assert!(refuse_cut(&name).unwrap_err().reason.contains("not what it was packed from"));
        // Two packed one after the other are one content; other files are none of its business.
        for good in [whole.repeat(2), whole, b"text".to_vec()] {
            fs::write(&path, good).unwrap();
            assert!(refuse_cut(&name).is_ok());
        }
    }
}
