//! Size and modification time of a file, at any place where GDAL finds it. Inputs are recognised
//! by them.

use std::ffi::CString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::error::{Op, RasterError};

/// Size and modification time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileState {
    /// Size.
    pub bytes: u64,
    /// Seconds since 1970 in UTC, with a fraction where the system has one.
    pub modified: String,
}

/// Size and modification time of a local or `/vsi...` file; none if it does not exist. For a file
/// in an archive, those of the archive; elsewhere (a web server, object storage) only the size.
pub fn file_state(path: &str) -> Option<FileState> {
    if let Some(local) = local_file(path) {
        let metadata = fs::metadata(local).ok()?;
        let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
        let modified = format!("{}.{:09}", since.as_secs(), since.subsec_nanos());
        return Some(FileState { bytes: metadata.len(), modified });
    }
    if !path.starts_with("/vsi") {
        return None;
    }
    let name = CString::new(path).ok()?;
    // SAFETY: a NUL-terminated name; the handle is used and closed here.
    let bytes = unsafe {
        let handle = gdal_sys::VSIFOpenL(name.as_ptr(), c"rb".as_ptr());
        if handle.is_null() {
            return None;
        }
        const SEEK_END: std::ffi::c_int = 2;
        gdal_sys::VSIFSeekL(handle, 0, SEEK_END);
        let bytes = gdal_sys::VSIFTellL(handle);
        gdal_sys::VSIFCloseL(handle);
        bytes
    };
    Some(FileState { bytes, modified: String::new() })
}

/// Refuses a pipe, a device or a socket, because GDAL could wait for it without end.
///
/// # Errors
/// One of these.
pub(crate) fn refuse_special(path: &str, shown: &str) -> Result<(), RasterError> {
    match fs::metadata(path) {
        Ok(about) if !about.is_file() && !about.is_dir() => {
            Err(RasterError::new(Op::Open, shown, "it is not a regular file")
                .hint("to read a stream, use a pipe and /vsistdin/"))
        }
        _ => Ok(()),
    }
}

/// The local file behind a path: `/vsizip/a.zip/b.tif` is in the file a.zip.
pub fn local_file(path: &str) -> Option<PathBuf> {
    let mut inner = path;
    while let Some((_, rest)) = inner.strip_prefix("/vsi").and_then(|rest| rest.split_once('/')) {
        inner = rest;
    }
    let file = Path::new(inner).ancestors().find(|file| file.is_file());
    file.map(Path::to_owned)
}

/// Whether two paths are the same file.
pub fn same_file(a: &Path, b: &Path) -> bool {
    match (fs::canonicalize(a), fs::canonicalize(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_and_what_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.tif").display().to_string();
        assert_eq!(file_state(&path), None);
        fs::write(&path, "12345").unwrap();
        let moment = UNIX_EPOCH + std::time::Duration::new(1_700_000_000, 25);
        fs::File::options().write(true).open(&path).unwrap().set_modified(moment).unwrap();
        let state = file_state(&path).unwrap();
        assert_eq!(state, FileState { bytes: 5, modified: "1700000000.000000025".into() });
        assert_eq!(file_state("/vsimem/none.tif"), None);
    }
}
