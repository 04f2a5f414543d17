//! Size and modification time of a file, at any place where GDAL finds it. Inputs are recognised
//! by them.

use std::collections::HashSet;
use std::ffi::{CStr, CString};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{fs, io};

use crate::device::is_device;
use crate::error::{Op, RasterError};

/// Size and modification time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileState {
    /// Size.
    pub bytes: u64,
    /// Seconds since 1970 in UTC, with a fraction where the system has one.
    pub modified: String,
}

impl FileState {
    pub(crate) fn of(about: &fs::Metadata) -> Self {
        let modified = seconds(about.modified().unwrap_or(UNIX_EPOCH));
        Self { bytes: about.len(), modified }
    }

    /// The time of the last change; none where it is not known, and before 1970.
    pub(crate) fn time(&self) -> Option<SystemTime> {
        let (whole, parts) = self.modified.split_once('.')?;
        Some(UNIX_EPOCH + Duration::new(whole.parse().ok()?, parts.parse().ok()?))
    }
}

fn seconds(time: SystemTime) -> String {
    let (sign, since) = match time.duration_since(UNIX_EPOCH) {
        Ok(since) => ("", since),
        Err(before) => ("-", before.duration()),
    };
    format!("{sign}{}.{:09}", since.as_secs(), since.subsec_nanos())
}

/// The files in a folder and in its folders, with what the system knows of each.
pub(crate) fn files_within(folder: &Path) -> Vec<(PathBuf, fs::Metadata)> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    // Links can lead in a circle.
    let mut seen = HashSet::new();
    while let Some(folder) = folders.pop() {
        if !fs::canonicalize(&folder).is_ok_and(|whole| seen.insert(whole)) {
            continue;
        }
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            match fs::metadata(entry.path()) {
                Ok(about) if about.is_dir() => folders.push(entry.path()),
                Ok(about) => files.push((entry.path(), about)),
                Err(_) => {}
            }
        }
    }
    files
}

/// Size and modification time of a local or `/vsi...` file; none if it does not exist. For a file
/// in an archive, those of the archive; of a folder, the size of its files and the time of the last
/// change; elsewhere (a web server, object storage) only the size.
pub fn file_state(path: &str) -> Option<FileState> {
    if let Some(about) = metadata_of(path) {
        return Some(FileState::of(&about));
    }
    if let Some(folder) = local_place(path).filter(|place| place.is_dir()) {
        let of_each = files_within(&folder).into_iter().map(|(_, about)| about);
        let both = |(bytes, last): (u64, SystemTime), about: fs::Metadata| {
            (bytes + about.len(), about.modified().map_or(last, |time| time.max(last)))
        };
        let (bytes, last) = of_each.fold((0, UNIX_EPOCH), both);
        return Some(FileState { bytes, modified: seconds(last) });
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

/// What the system knows of the local file behind a path. For a plain path, it is asked once: on a
/// network, each question takes time, and a VRT can have thousands of files.
fn metadata_of(path: &str) -> Option<fs::Metadata> {
    match fs::metadata(path) {
        Ok(about) if about.is_file() => Some(about),
        _ => fs::metadata(local_file(path)?).ok(),
    }
}

/// What a server or an object store says about the version of a file: its ETag, or else the time of
/// its last change. None if it says neither, or cannot be asked.
pub fn remote_version(path: &str) -> Option<String> {
    let name = CString::new(path).ok()?;
    let mut headers = Vec::new();
    // SAFETY: NUL-terminated names and no options. The list ends with a null pointer, its texts with
    // NUL, and it is freed here.
    unsafe {
        let list =
            gdal_sys::VSIGetFileMetadata(name.as_ptr(), c"HEADERS".as_ptr(), std::ptr::null_mut());
        for i in 0.. {
            if list.is_null() || (*list.add(i)).is_null() {
                break;
            }
            headers.push(CStr::from_ptr(*list.add(i)).to_string_lossy().into_owned());
        }
        gdal_sys::CSLDestroy(list);
    }
    version_of(&headers)
}

fn version_of(headers: &[String]) -> Option<String> {
    let value = |wanted: &str| {
        headers.iter().find_map(|header| {
            let (key, value) = header.split_once(['=', ':'])?;
            let value = value.trim();
            (key.trim().eq_ignore_ascii_case(wanted) && !value.is_empty()).then(|| value.to_owned())
        })
    };
    value("etag").or_else(|| value("last-modified"))
}

/// Refuses a pipe, a device or a socket, because GDAL could wait for it without end.
///
/// # Errors
/// One of these.
pub(crate) fn refuse_special(path: &str, shown: &str) -> Result<(), RasterError> {
    let of_memory = path.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("MEM:"));
    if of_memory || path.starts_with("vrt://") {
        let reason = "such a name is not read";
        let error = RasterError::new(Op::Open, shown, reason);
        return Err(match of_memory {
            true => error.hint("name a file"),
            false => {
                let inner = crate::mend::quoted(path);
                error.hint(format!(
                    "make a file of it first: gdal_translate -of VRT {inner} new.vrt"
                ))
            }
        });
    }
    // A device of Windows is not even looked at: that can wait, too.
    let is_special = |path: &Path| {
        is_device(&path.to_string_lossy())
            || fs::metadata(path).is_ok_and(|about| !about.is_file() && !about.is_dir())
    };
    let place = behind_prefix(Path::new(""), path).unwrap_or_else(|| path.into());
    if is_special(&place) {
        return Err(RasterError::new(Op::Open, shown, NOT_REGULAR)
            .hint("to read a stream, use a pipe and /vsistdin/"));
    }
    // SQLite opens them by itself.
    for suffix in ["-journal", "-wal"] {
        let mut beside = place.clone().into_os_string();
        beside.push(suffix);
        if is_special(Path::new(&beside)) {
            let file = beside.to_string_lossy();
            return Err(RasterError::new(Op::Open, &file, NOT_REGULAR).hint("move it away"));
        }
    }
    Ok(())
}

/// Why a pipe, a device or a socket is not read.
pub(crate) const NOT_REGULAR: &str = "it is not a regular file";

/// Opens a file for reading, if it is a regular one: others could hold up the run without end.
///
/// # Errors
/// A file that cannot be opened, or a pipe, a device, a socket or a folder.
pub fn open_file(path: impl AsRef<Path>) -> io::Result<fs::File> {
    let is_device = is_device(&path.as_ref().to_string_lossy());
    match !is_device && fs::metadata(&path)?.is_file() {
        true => fs::File::open(path),
        false => Err(io::Error::other(NOT_REGULAR)),
    }
}

/// The text of a regular file.
///
/// # Errors
/// As [`open_file`]; or bytes that are no text.
pub(crate) fn read_text(path: impl AsRef<Path>) -> io::Result<String> {
    io::read_to_string(open_file(path)?)
}

/// The local file behind a path: `/vsizip/a.zip/b.tif`, `/vsizip/{a.zip}/b.tif` and
/// `/vsisubfile/0_100,a.zip` are in the file a.zip.
pub fn local_file(path: &str) -> Option<PathBuf> {
    let mut inner = path;
    while let Some((kind, rest)) = inner.strip_prefix("/vsi").and_then(|rest| rest.split_once('/'))
    {
        inner = match (kind, rest.strip_prefix('{')) {
            ("subfile", _) => rest.split_once(',').map_or(rest, |(_, file)| file),
            (_, Some(name)) => name.rsplit_once('}').map_or(name, |(archive, _)| archive),
            _ => rest,
        };
    }
    let file = Path::new(inner).ancestors().find(|file| file.is_file());
    file.map(Path::to_owned).or_else(|| behind_prefix(Path::new(""), inner).filter(|f| f.is_file()))
}

/// The file or folder that a raster is in.
pub fn local_place(path: &str) -> Option<PathBuf> {
    let plain = Path::new(path);
    if plain.exists() { Some(plain.to_owned()) } else { behind_prefix(Path::new(""), path) }
}

/// The file or folder in a name that begins with a driver, can end with a part of it, and can have a
/// number before it: `GPKG:a.gpkg:layer`, `NETCDF:"a.nc":z`, `GTIFF_DIR:2:a.tif`. It is seen from `folder`.
pub(crate) fn behind_prefix(folder: &Path, name: &str) -> Option<PathBuf> {
    let (driver, rest) = name.split_once(':')?;
    // One letter is a disk.
    if driver.len() < 2 || !driver.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return None;
    }
    let whole = |part: &str| {
        let path = folder.join(part.trim_matches('"'));
        (!part.is_empty() && path.exists()).then_some(path)
    };
    let starts = rest.match_indices(':').map(|(at, _)| &rest[at + 1..]);
    let ends =
        |part: &'_ str| -> Vec<usize> { part.match_indices(':').map(|(at, _)| at).rev().collect() };
    [rest].into_iter().chain(starts).find_map(|part| {
        whole(part).or_else(|| ends(part).into_iter().find_map(|end| whole(&part[..end])))
    })
}

/// Whether two paths are the same file.
pub fn same_file(a: &Path, b: &Path) -> bool {
    match (fs::canonicalize(a), fs::canonicalize(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

/// What the system knows a file by, whatever its name, and how many names it has; where the system
/// says that.
fn names_of_content(file: &Path) -> Option<((u64, u64), u64)> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let about = fs::metadata(file).ok()?;
        about.is_file().then(|| ((about.dev(), about.ino()), about.nlink()))
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        None
    }
}

/// What the system knows a regular file by, whatever its name; none where it does not say that.
pub fn content_of(file: &Path) -> Option<(u64, u64)> {
    names_of_content(file).map(|(content, _)| content)
}

/// The content of a file that has several names (hard links).
pub fn shared_content(file: &Path) -> Option<(u64, u64)> {
    names_of_content(file).filter(|(_, names)| *names > 1).map(|(content, _)| content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_say_the_version_in_one_of_two_ways() {
        let of = |headers: &[&str]| {
            version_of(&headers.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
        };
        let time = "Last-Modified=Thu, 26 Nov 2026 20:18:00 GMT";
        assert_eq!(of(&[time]).unwrap(), "Thu, 26 Nov 2026 20:18:00 GMT");
        assert_eq!(of(&[time, "etag=\"5f-x=1\""]).unwrap(), "\"5f-x=1\"");
        assert_eq!(of(&["Content-Length=5", "ETag="]), None);
        assert_eq!((of(&[]), remote_version("/vsimem/none.tif")), (None, None));
    }

    #[test]
    fn names_with_a_driver_have_a_file_behind_them() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.gpkg");
        fs::write(&path, "").unwrap();
        let shown = path.display();
        for name in [
            format!("GPKG:{shown}"),
            format!("GPKG:{shown}:layer"),
            format!("NETCDF:\"{shown}\":z"),
            format!("GTIFF_DIR:2:{shown}"),
            format!("NITF_IM:0:{shown}:x"),
            shown.to_string(),
        ] {
            assert_eq!(local_file(&name), Some(path.clone()), "{name}");
        }
        assert_eq!(local_file("GPKG:none.gpkg:layer"), None);
    }

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
        assert_eq!(state.time(), Some(moment));
        let before = UNIX_EPOCH - std::time::Duration::new(5, 7);
        fs::File::options().write(true).open(&path).unwrap().set_modified(before).unwrap();
        assert_eq!(file_state(&path).unwrap().modified, "-5.000000007");
        assert_eq!(file_state("/vsimem/none.tif"), None);
    }
}
