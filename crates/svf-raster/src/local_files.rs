//! Local files for GDAL on Linux, in place of its own access to them.
//!
//! Many of GDAL's drivers take a read that fails for the end of a file: they go on with zeros, or
//! without a header. Here, each call of the system that fails becomes an error message of GDAL, so
//! the run hears of it, whatever a driver does. A failure to read is damage, too: a file that was
//! opened meanwhile is refused, although GDAL may have opened it.
//!
//! The same is done where a read meets the end of a file whose driver takes what is beyond it for
//! zeros.
//!
//! Drivers that read files without GDAL (netCDF, HDF5, PCRaster, GeoPackage) are not heard here.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{CStr, CString, OsStr, c_char, c_int, c_long, c_void};
use std::fs::File;
use std::io;
use std::os::fd::{FromRawFd, IntoRawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::sync::{Mutex, OnceLock, PoisonError};

use gdal_sys::{CPLErr, VSIStatBufL};

use crate::error::reason_of;
use crate::stat::{FileState, NOT_REGULAR};
use crate::watch::{is_as_noted, note};

/// Bytes that are read or written at a time, if less is asked for.
const BUFFER: usize = 16 << 10;
/// GDAL's number of the errors of files.
const FILE_IO: c_int = 3;

/// Who hears of something that could not be read.
static HEAR: OnceLock<fn(&str)> = OnceLock::new();

/// Files of cells that no driver reads beyond their end, if they are complete.
static WHOLE: Mutex<BTreeSet<Vec<u8>>> = Mutex::new(BTreeSet::new());

/// From now on, a read of `path` that meets the end of the file is a failure: its driver asks only
/// for bytes that must be there, and takes others for zeros. The first bytes, by which drivers
/// recognise a file, are left out.
pub(crate) fn expect_whole(path: &str) {
    let mut files = WHOLE.lock().unwrap_or_else(PoisonError::into_inner);
    files.insert(path.as_bytes().to_vec());
}

/// The states in which inputs may be opened.
static STATES: Mutex<BTreeMap<Vec<u8>, FileState>> = Mutex::new(BTreeMap::new());

/// From now on, `path` can only be opened for reading in this state, or again in any.
pub(crate) fn expect_state(path: &str, state: Option<FileState>) {
    let mut states = STATES.lock().unwrap_or_else(PoisonError::into_inner);
    match state {
        Some(state) => _ = states.insert(path.as_bytes().to_vec(), state),
        None => _ = states.remove(path.as_bytes()),
    }
}

/// Whether an open file is another one than is expected under this name, or than was opened before
/// under it.
fn is_other(path: &CStr, file: &File) -> bool {
    // GDAL also tries to open folders, whose state is that of the files in them.
    let Ok(about) = file.metadata() else { return false };
    if !about.is_file() {
        return false;
    }
    let now = FileState::of(&about);
    let states = STATES.lock().unwrap_or_else(PoisonError::into_inner);
    let is_expected = states.get(path.to_bytes()).is_none_or(|state| *state == now);
    drop(states);
    !is_expected || !is_as_noted(&path.to_string_lossy(), &now)
}

/// Whether no read should meet the end of a file.
fn is_expected_whole(path: &CStr) -> bool {
    WHOLE.lock().unwrap_or_else(PoisonError::into_inner).contains(path.to_bytes())
}

/// Makes GDAL use this module for all files without a prefix such as `/vsimem/`, and `hear` for
/// what could not be read. Files that are open already stay as they are.
pub(crate) fn install(hear: fn(&str)) {
    let _ = HEAR.set(hear);
    // SAFETY: the structure is made by GDAL, which copies it; the functions fit the types that
    // gdal-sys has for them, and the prefix is a C string.
    unsafe {
        let callbacks = gdal_sys::VSIAllocFilesystemPluginCallbacksStruct();
        (*callbacks).stat = Some(stat);
        (*callbacks).unlink = Some(unlink);
        (*callbacks).rename = Some(rename);
        (*callbacks).mkdir = Some(mkdir);
        (*callbacks).rmdir = Some(rmdir);
        (*callbacks).read_dir = Some(read_dir);
        (*callbacks).open = Some(open);
        (*callbacks).tell = Some(tell);
        (*callbacks).seek = Some(seek);
        (*callbacks).read = Some(read);
        (*callbacks).eof = Some(eof);
        (*callbacks).write = Some(write);
        (*callbacks).flush = Some(flush);
        (*callbacks).truncate = Some(truncate);
        (*callbacks).close = Some(close);
        gdal_sys::VSIInstallPluginHandler(c"".as_ptr(), callbacks);
        gdal_sys::VSIFreeFilesystemPluginCallbacksStruct(callbacks);
    }
}

/// A failure in words.
fn in_words(path: &CStr, error: &io::Error) -> String {
    format!("{}: {}", path.to_string_lossy(), reason_of(error))
}

/// Tells the run that something could not be read.
fn report_unread(path: &CStr, error: &io::Error) {
    if let Some(hear) = HEAR.get() {
        hear(&in_words(path, error));
    }
    report(path, error);
}

/// Tells GDAL's error handler of a failure.
fn report(path: &CStr, error: &io::Error) {
    let Ok(message) = CString::new(in_words(path, error)) else { return };
    // SAFETY: a format with one string, and a string.
    unsafe { gdal_sys::CPLError(CPLErr::CE_Failure, FILE_IO, c"%s".as_ptr(), message.as_ptr()) };
}

/// An open file. GDAL uses it on one thread at a time.
struct Handle {
    path: CString,
    file: File,
    /// Where the next byte is read or written.
    position: u64,
    /// All writes go to the end.
    append: bool,
    /// Whether a read met the end of the file, or failed.
    at_end: bool,
    /// Bytes of the file from `buffer_at`: read ones, or, if `is_written`, ones to be written.
    buffer: Vec<u8>,
    buffer_at: u64,
    is_written: bool,
    /// A write failed, which was reported. Nothing is read or written any more: libraries follow
    /// links in what they have written, without end if it is not there.
    is_broken: bool,
}

impl Handle {
    /// Reads bytes, fewer at the end of the file.
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.flush()?;
        let mut done = 0;
        while done < into.len() {
            let at = self.position;
            let known = self.buffer_at..self.buffer_at + self.buffer.len() as u64;
            let read = if known.contains(&at) {
                let from = &self.buffer[(at - known.start) as usize..];
                let count = from.len().min(into.len() - done);
                into[done..done + count].copy_from_slice(&from[..count]);
                count
            } else if into.len() - done >= BUFFER {
                read_some(&self.file, &mut into[done..], at)?
            } else {
                self.buffer.resize(BUFFER, 0);
                let filled = read_some(&self.file, &mut self.buffer, at);
                self.buffer.truncate(*filled.as_ref().unwrap_or(&0));
                self.buffer_at = at;
                if filled? == 0 {
                    0
                } else {
                    continue;
                }
            };
            if read == 0 {
                self.at_end = true;
                break;
            }
            done += read;
            self.position += read as u64;
        }
        Ok(done)
    }

    /// Writes bytes, or keeps them for the next write.
    fn write(&mut self, from: &[u8]) -> io::Result<()> {
        let end = self.buffer_at + self.buffer.len() as u64;
        let is_next = self.is_written && (self.append || end == self.position);
        if !is_next || self.buffer.len() + from.len() > BUFFER {
            self.flush()?;
        }
        if !self.is_written {
            // What was read may be overwritten.
            self.buffer.clear();
            self.buffer_at = self.position;
            self.is_written = true;
        }
        if from.len() >= BUFFER {
            self.flush()?;
            self.write_at(from, self.position)?;
        } else {
            self.buffer.extend_from_slice(from);
        }
        self.position += from.len() as u64;
        Ok(())
    }

    fn write_at(&mut self, from: &[u8], at: u64) -> io::Result<()> {
        // A file that is open for appending writes to its end, whatever the place.
        let written = match self.file.write_all_at(from, at) {
            Err(error) if has_no_places(&error) => io::Write::write_all(&mut &self.file, from),
            result => result,
        };
        self.is_broken |= written.is_err();
        written
    }

    /// Writes what was kept.
    fn flush(&mut self) -> io::Result<()> {
        if !std::mem::take(&mut self.is_written) {
            return Ok(());
        }
        let kept = std::mem::take(&mut self.buffer);
        if self.is_broken {
            return Ok(());
        }
        self.write_at(&kept, self.buffer_at)
    }

    /// The result of a call, which is reported if it failed.
    fn told<T>(&self, result: io::Result<T>) -> Option<T> {
        result.inspect_err(|error| report(&self.path, error)).ok()
    }
}

/// Some bytes at a place; none at the end of the file.
fn read_some(file: &File, into: &mut [u8], at: u64) -> io::Result<usize> {
    loop {
        match file.read_at(into, at) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if has_no_places(&error) => return io::Read::read(&mut &*file, into),
            result => return result,
        }
    }
}

/// Whether a file is a pipe or a terminal.
fn has_no_places(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::ESPIPE)
}

/// The flags of `open(2)` for a mode of `fopen`.
fn flags_of(mode: &str) -> c_int {
    let both = mode.contains('+');
    let access = match (mode.starts_with('r'), both) {
        (_, true) => libc::O_RDWR,
        (true, false) => libc::O_RDONLY,
        (false, false) => libc::O_WRONLY,
    };
    let how = match mode.as_bytes().first() {
        Some(b'w') => libc::O_CREAT | libc::O_TRUNC,
        Some(b'a') => libc::O_CREAT | libc::O_APPEND,
        _ => 0,
    };
    let only_new = if mode.contains('x') { libc::O_EXCL } else { 0 };
    access | how | only_new | libc::O_CLOEXEC
}

/// Whether a file that cannot be opened is as good as none: drivers try names that need not exist.
fn is_none(error: &io::Error) -> bool {
    use io::ErrorKind::{
        AlreadyExists, InvalidFilename, IsADirectory, NotADirectory, NotFound, PermissionDenied,
        ReadOnlyFilesystem,
    };
    let kinds = [
        AlreadyExists,
        InvalidFilename,
        IsADirectory,
        NotADirectory,
        NotFound,
        PermissionDenied,
        ReadOnlyFilesystem,
    ];
    let others = [libc::ELOOP, libc::ENXIO, libc::ENODEV, libc::ETXTBSY];
    kinds.contains(&error.kind()) || error.raw_os_error().is_some_and(|n| others.contains(&n))
}

/// Text of a C string.
///
/// # Safety
/// It must be one, and live as long as the result.
unsafe fn text<'a>(string: *const c_char) -> &'a CStr {
    // SAFETY: promised.
    unsafe { CStr::from_ptr(string) }
}

/// The file behind a pointer of GDAL's.
///
/// # Safety
/// The pointer must come from [`open`] and not have been closed; no other reference may exist.
unsafe fn handle<'a>(file: *mut c_void) -> &'a mut Handle {
    // SAFETY: promised.
    unsafe { &mut *file.cast::<Handle>() }
}

unsafe extern "C" fn open(_: *mut c_void, name: *const c_char, mode: *const c_char) -> *mut c_void {
    // SAFETY: GDAL passes C strings.
    let (path, mode) = unsafe { (text(name), text(mode)) };
    let mode = mode.to_string_lossy();
    let failed = || {
        let error = io::Error::last_os_error();
        // What a file says that is there and cannot be read must not be ignored.
        let is_kept_back = || {
            error.kind() == io::ErrorKind::PermissionDenied
                && mode.starts_with('r')
                && !mode.contains('+')
                && std::fs::metadata(OsStr::from_bytes(path.to_bytes())).is_ok()
        };
        if !is_none(&error) || is_kept_back() {
            report_unread(path, &error);
        }
        set_errno(error.raw_os_error().unwrap_or(libc::EIO));
        std::ptr::null_mut()
    };
    let is_read = mode.starts_with('r') && !mode.contains('+');
    // A pipe, which nobody may ever write to, must not hold up the run.
    let waits = if is_read { libc::O_NONBLOCK } else { 0 };
    // SAFETY: a C string, flags and permissions.
    let number = unsafe { libc::open(name, flags_of(&mode) | waits, 0o666) };
    if number < 0 {
        return failed();
    }
    // SAFETY: a file descriptor that nothing else owns.
    let file = unsafe { File::from_raw_fd(number) };
    let append = mode.starts_with('a');
    if is_read && file.metadata().is_ok_and(|about| !about.is_file() && !about.is_dir()) {
        report_unread(path, &io::Error::other(NOT_REGULAR));
        set_errno(libc::EINVAL);
        return std::ptr::null_mut();
    }
    if is_read && is_other(path, &file) {
        report_unread(path, &io::Error::other("it changed while it was being read"));
        set_errno(libc::ESTALE);
        return std::ptr::null_mut();
    }
    if file.metadata().is_ok_and(|about| about.is_dir()) {
        set_errno(libc::EISDIR);
        return std::ptr::null_mut();
    }
    if is_read {
        note(&path.to_string_lossy(), || file.metadata().ok().map(|about| FileState::of(&about)));
    }
    let position = if append { file.metadata().map_or(0, |about| about.len()) } else { 0 };
    let handle = Handle {
        path: path.to_owned(),
        file,
        position,
        append,
        at_end: false,
        buffer: Vec::new(),
        buffer_at: 0,
        is_written: false,
        is_broken: false,
    };
    Box::into_raw(Box::new(handle)).cast()
}

fn set_errno(number: c_int) {
    // SAFETY: the address of this thread's number.
    unsafe { *libc::__errno_location() = number };
}

unsafe extern "C" fn tell(file: *mut c_void) -> gdal_sys::vsi_l_offset {
    // SAFETY: see `handle`.
    unsafe { handle(file) }.position
}

unsafe extern "C" fn seek(
    file: *mut c_void,
    offset: gdal_sys::vsi_l_offset,
    whence: c_int,
) -> c_int {
    // SAFETY: see `handle`.
    let file = unsafe { handle(file) };
    file.at_end = false;
    let from = match whence {
        libc::SEEK_CUR => file.position,
        libc::SEEK_END => {
            let flushed = file.flush();
            if file.told(flushed).is_none() {
                return -1;
            }
            match file.file.metadata() {
                Ok(about) => about.len(),
                Err(error) => {
                    report_unread(&file.path, &error);
                    return -1;
                }
            }
        }
        _ => 0,
    };
    // GDAL passes steps back as huge numbers.
    file.position = from.wrapping_add(offset);
    0
}

/// How many bytes `count` elements of `size` bytes are; none if nothing can be read or written.
fn bytes_of(file: &Handle, size: usize, count: usize) -> Option<usize> {
    size.checked_mul(count).filter(|bytes| *bytes > 0 && !file.is_broken)
}

unsafe extern "C" fn read(
    file: *mut c_void,
    into: *mut c_void,
    size: usize,
    count: usize,
) -> usize {
    // SAFETY: see `handle`.
    let file = unsafe { handle(file) };
    let Some(bytes) = bytes_of(file, size, count) else {
        file.at_end |= file.is_broken;
        return 0;
    };
    // SAFETY: GDAL's buffer has `count` elements of `size` bytes, and is not used meanwhile.
    let into = unsafe { std::slice::from_raw_parts_mut(into.cast::<u8>(), bytes) };
    let start = file.position;
    match file.read(into) {
        Ok(read) => {
            if read < bytes && start > 0 && is_expected_whole(&file.path) {
                let what = io::Error::other("the file is incomplete: it ends before its cells do");
                report_unread(&file.path, &what);
            }
            read / size
        }
        Err(error) => {
            report_unread(&file.path, &error);
            // A driver that reads until the end has to stop.
            file.at_end = true;
            0
        }
    }
}

unsafe extern "C" fn eof(file: *mut c_void) -> c_int {
    // SAFETY: see `handle`.
    c_int::from(unsafe { handle(file) }.at_end)
}

unsafe extern "C" fn write(
    file: *mut c_void,
    from: *const c_void,
    size: usize,
    count: usize,
) -> usize {
    // SAFETY: see `handle`.
    let file = unsafe { handle(file) };
    let Some(bytes) = bytes_of(file, size, count) else { return 0 };
    // SAFETY: GDAL's buffer has `count` elements of `size` bytes.
    let from = unsafe { std::slice::from_raw_parts(from.cast::<u8>(), bytes) };
    let written = file.write(from);
    file.told(written).map_or(0, |()| count)
}

unsafe extern "C" fn flush(file: *mut c_void) -> c_int {
    // SAFETY: see `handle`.
    let file = unsafe { handle(file) };
    let flushed = file.flush();
    file.told(flushed).map_or(-1, |()| 0)
}

unsafe extern "C" fn truncate(file: *mut c_void, length: gdal_sys::vsi_l_offset) -> c_int {
    // SAFETY: see `handle`.
    let file = unsafe { handle(file) };
    let cut = file.flush().and_then(|()| file.file.set_len(length));
    file.buffer.clear();
    file.told(cut).map_or(-1, |()| 0)
}

unsafe extern "C" fn close(file: *mut c_void) -> c_int {
    // Some drivers close a file a second time (ZMap in GDAL 3.10): then GDAL has forgotten it.
    if file.is_null() {
        return 0;
    }
    // SAFETY: it comes from `open`, and GDAL does not use it again.
    let mut file = unsafe { Box::from_raw(file.cast::<Handle>()) };
    let flushed = file.flush();
    let flushed = file.told(flushed);
    let Handle { path, file, is_broken, .. } = *file;
    // The system may tell only now that something was not written.
    // SAFETY: the descriptor is owned here, and closed once.
    let closed = unsafe { libc::close(file.into_raw_fd()) };
    if closed != 0 {
        report(&path, &io::Error::last_os_error());
    }
    if flushed.is_none() || closed != 0 || is_broken { -1 } else { 0 }
}

unsafe extern "C" fn stat(
    _: *mut c_void,
    name: *const c_char,
    about: *mut VSIStatBufL,
    _flags: c_int,
) -> c_int {
    // SAFETY: a C string, and a place for the structure of the system.
    let result = unsafe { libc::stat64(name, about.cast::<libc::stat64>()) };
    if result != 0 {
        let error = io::Error::last_os_error();
        if !is_none(&error) {
            // SAFETY: a C string.
            report_unread(unsafe { text(name) }, &error);
        }
        set_errno(error.raw_os_error().unwrap_or(libc::EIO));
    }
    result
}

unsafe extern "C" fn unlink(_: *mut c_void, name: *const c_char) -> c_int {
    // SAFETY: a C string.
    unsafe { libc::unlink(name) }
}

unsafe extern "C" fn rename(_: *mut c_void, from: *const c_char, to: *const c_char) -> c_int {
    // SAFETY: C strings.
    unsafe { libc::rename(from, to) }
}

unsafe extern "C" fn mkdir(_: *mut c_void, name: *const c_char, mode: c_long) -> c_int {
    // SAFETY: a C string.
    unsafe { libc::mkdir(name, mode as libc::mode_t) }
}

unsafe extern "C" fn rmdir(_: *mut c_void, name: *const c_char) -> c_int {
    // SAFETY: a C string.
    unsafe { libc::rmdir(name) }
}

/// The names in a folder, as a list of GDAL's; null if there is no such folder.
unsafe extern "C" fn read_dir(
    _: *mut c_void,
    name: *const c_char,
    most: c_int,
) -> *mut *mut c_char {
    // SAFETY: a C string.
    let path = unsafe { text(name) };
    let Ok(entries) = std::fs::read_dir(OsStr::from_bytes(path.to_bytes())) else {
        return std::ptr::null_mut();
    };
    // One more than asked for tells GDAL that there are more.
    let most = usize::try_from(most).ok().filter(|most| *most > 0).map_or(usize::MAX, |n| n + 1);
    let mut names: Vec<CString> = Vec::new();
    for entry in entries.take(most) {
        match entry {
            Ok(entry) => names.extend(CString::new(entry.file_name().as_bytes())),
            Err(error) => {
                report_unread(path, &error);
                return std::ptr::null_mut();
            }
        }
    }
    // SAFETY: a list of GDAL's is an array of its strings with a null at the end; GDAL frees both.
    unsafe {
        let list = gdal_sys::CPLMalloc((names.len() + 1) * size_of::<*mut c_char>());
        let list = list.cast::<*mut c_char>();
        for (i, name) in names.iter().enumerate() {
            *list.add(i) = gdal_sys::CPLStrdup(name.as_ptr());
        }
        *list.add(names.len()) = std::ptr::null_mut();
        list
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_that_is_held_is_known_from_another_one_in_its_place() {
        let dir = tempfile::tempdir().unwrap();
        let [held, away, other] = ["a.tif", "away.tif", "b.tif"].map(|name| dir.path().join(name));
        fs::write(&held, "12345").unwrap();
        fs::write(&other, "123456").unwrap();
        let path = held.display().to_string();
        let name = CString::new(path.clone()).unwrap();
        let is_other = || is_other(&name, &File::open(&held).unwrap());
        expect_state(&path, crate::stat::file_state(&path));
        assert!(!is_other());
        fs::rename(&held, &away).unwrap();
        fs::copy(&other, &held).unwrap();
        assert!(is_other());
        fs::rename(&away, &held).unwrap();
        assert!(!is_other());
        fs::copy(&other, &held).unwrap();
        assert!(is_other());
        expect_state(&path, None);
        assert!(!is_other());
    }
}
