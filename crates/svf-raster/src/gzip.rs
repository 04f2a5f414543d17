//! Checks files that are read through gzip (`/vsigzip/a.tif.gz`, `/vsitar/a.tgz/b.tif`, `a.hfz`). GDAL takes the
//! end of one that is cut short for the end of what is in it: formats that begin with what they say of
//! their cells then give other cells, and report success.
//!
//! A gzip file ends with the length and the checksum of its content (Deutsch 1996, RFC 1952), so all of
//! it is read once; GDAL does the same whenever it goes back in the file.

use std::collections::HashMap;
use std::io::{self, BufReader, Read};
use std::sync::{LazyLock, Mutex};

use flate2::bufread::MultiGzDecoder;

use crate::error::{Op, RasterError, cut_short};
use crate::session::lock;
use crate::stat::{FileState, file_state, local_file, open_file};

/// Files that are complete, as they were when they were read.
static COMPLETE: LazyLock<Mutex<HashMap<String, FileState>>> = LazyLock::new(Mutex::default);

/// Whether a file has the name of those that their driver itself reads through gzip.
pub(crate) fn is_packed(path: &str) -> bool {
    const ENDINGS: [&str; 4] = [".hfz", ".hf2.gz", ".hgt.gz", ".xyz.gz"];
    let path = path.to_ascii_lowercase();
    ENDINGS.iter().any(|ending| path.ends_with(ending))
}

/// Refuses a local gzip file behind a path that does not end as it says.
///
/// # Errors
/// Such a file.
pub(crate) fn refuse_cut(path: &str) -> Result<(), RasterError> {
    let is_of_gzip = path.contains("/vsigzip/") || path.contains("/vsitar/") || is_packed(path);
    let Some(file) = local_file(path).filter(|_| is_of_gzip) else { return Ok(()) };
    let file = file.display().to_string();
    // What cannot be read at all, GDAL says.
    let Some(state) = file_state(&file) else { return Ok(()) };
    if lock(&COMPLETE).get(&file) == Some(&state) {
        return Ok(());
    }
    read_through(&file).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => cut_short(&file, "it ends before its content does"),
        _ => {
            let reason = format!("its content is not what it was packed from ({error})");
            RasterError::new(Op::Open, &file, reason).hint("copy or download it again")
        }
    })?;
    lock(&COMPLETE).insert(file, state);
    Ok(())
}

/// # Errors
/// A file that begins as gzip and does not end so.
fn read_through(file: &str) -> io::Result<()> {
    const MAGIC: [u8; 2] = [0x1f, 0x8b];
    let mut head = [0; 2];
    let is_gzip = open_file(file)?.read_exact(&mut head).is_ok() && head == MAGIC;
    if is_gzip {
        let packed = BufReader::with_capacity(1 << 18, open_file(file)?);
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
