//! Where an output is until it is complete.
//!
//! A folder with a temporary name beside the destination holds everything a
//! driver writes, sidecar files included, under the final file names. Publishing
//! renames the synced files into place, the main file last; dropping
//! the folder in any other state removes it. Virtual destinations (`/vsi...`)
//! and standard output are staged in the system's temporary folder and copied.
//!
//! A process that is killed leaves its folder behind. Each holds a lock while its
//! owner lives: [`sweep`] removes those without.

use std::ffi::CString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, SystemTime};

use crate::error::{Op, RasterError};
use crate::names;
use crate::session;

/// A folder of files on their way to a destination.
#[derive(Debug)]
pub struct Staging {
    destination: Destination,
    dir: PathBuf,
    main: PathBuf,
    /// Held while the folder is ours.
    _lock: File,
}

#[derive(Debug, Clone, PartialEq)]
enum Destination {
    Local(PathBuf),
    Virtual(String),
    Stdout,
}

impl Destination {
    fn of(path: &str) -> Self {
        if is_stdout(path) {
            return Destination::Stdout;
        }
        if path.starts_with("/vsi") {
            return Destination::Virtual(path.to_owned());
        }
        // Through a link, to the file that it stands for.
        let path = PathBuf::from(path);
        Destination::Local(if path.is_symlink() {
            path.canonicalize().unwrap_or(path)
        } else {
            path
        })
    }

    /// The folder to stage in, and the name of the file.
    fn place(&self) -> Option<(PathBuf, String)> {
        match self {
            Destination::Local(path) => {
                let name = path.file_name()?.to_string_lossy().into_owned();
                let parent = path.parent().filter(|p| !p.as_os_str().is_empty());
                Some((parent.unwrap_or(Path::new(".")).to_owned(), name))
            }
            Destination::Virtual(path) => {
                let name = path.rsplit('/').find(|part| !part.is_empty()).unwrap_or("output.tif");
                Some((std::env::temp_dir(), name.to_owned()))
            }
            Destination::Stdout => Some((std::env::temp_dir(), "output.tif".to_owned())),
        }
    }
}

/// Whether a path means standard output.
pub fn is_stdout(path: &str) -> bool {
    path.starts_with("/vsistdout") || path == "/dev/stdout"
}

static SERIAL: AtomicU32 = AtomicU32::new(0);

impl Staging {
    /// Makes the folder for the output `path`.
    ///
    /// # Errors
    /// A destination that cannot be written to.
    pub fn new(path: &str) -> Result<Self, RasterError> {
        let failed = |reason: String| RasterError::new(Op::Create, path, reason);
        let destination = Destination::of(path);
        if let Destination::Local(local) = &destination {
            if local.is_dir() || local.as_os_str().as_encoded_bytes().ends_with(b"/") {
                return Err(failed("it is a folder, not a file".into()));
            }
            if local.metadata().is_ok_and(|existing| !existing.is_file()) {
                return Err(failed("it exists and is not a regular file".into()));
            }
        }
        let Some((parent, name)) = destination.place() else {
            return Err(failed("it names no file".into()));
        };
        let (dir, lock) = new_folder(&parent, &name).map_err(|error| {
            failed(match error.kind() {
                io::ErrorKind::NotFound => format!("folder {} does not exist", parent.display()),
                _ => format!("folder {} cannot be written to: {error}", parent.display()),
            })
        })?;
        let main = dir.join(name);
        Ok(Self { destination, dir, main, _lock: lock })
    }

    /// Where the driver writes the main file.
    pub fn main(&self) -> &Path {
        &self.main
    }

    /// A scratch file beside it that is never published.
    pub fn scratch(&self, name: &str) -> PathBuf {
        self.dir.join(format!("scratch-{name}"))
    }

    /// Puts all that the driver wrote on disk.
    ///
    /// # Errors
    /// What could not be synced.
    pub fn sync(&self) -> Result<(), RasterError> {
        let path = match &self.destination {
            Destination::Local(path) => path.display().to_string(),
            // Copied from here, not kept.
            Destination::Virtual(_) | Destination::Stdout => return Ok(()),
        };
        let failed = |error: io::Error| RasterError::new(Op::Finish, &path, error);
        for entry in fs::read_dir(&self.dir).map_err(failed)? {
            let staged = entry.map_err(failed)?.path();
            if staged.is_file() && !is_scratch(&staged) {
                File::open(staged).and_then(|file| file.sync_all()).map_err(failed)?;
            }
        }
        Ok(())
    }

    /// Puts everything under its final name, once synced. Files that an earlier
    /// output of that name left beside it (`.aux.xml`, `.ovr`, `.msk`) go. `go_on` is
    /// asked while a reader of standard output keeps us waiting.
    ///
    /// # Errors
    /// What could not be renamed or copied; nothing is left behind.
    pub fn publish(self, go_on: &dyn Fn() -> bool) -> Result<(), RasterError> {
        match &self.destination {
            Destination::Local(path) => self.rename_into(path),
            Destination::Virtual(path) => copy_to_virtual(&self.main, path, go_on),
            Destination::Stdout => self.stream(go_on),
        }
    }

    fn rename_into(&self, path: &Path) -> Result<(), RasterError> {
        let failed =
            |error: io::Error| RasterError::new(Op::Finish, &path.display().to_string(), error);
        let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut sidecars = Vec::new();
        for entry in fs::read_dir(&self.dir).map_err(failed)? {
            let staged = entry.map_err(failed)?.path();
            let name = staged.file_name().unwrap_or_default().to_owned();
            if staged != self.main && !is_scratch(&staged) {
                sidecars.push((staged, parent.join(name)));
            }
        }
        for (staged, to) in &sidecars {
            fs::rename(staged, to).map_err(failed)?;
        }
        fs::rename(&self.main, path).map_err(failed)?;
        for stale in stale_sidecars(path) {
            if !sidecars.iter().any(|(_, to)| to.file_name() == stale.file_name()) {
                let _ = fs::remove_file(stale);
            }
        }
        // The new name must survive a power cut, where the system can promise that.
        if let Ok(folder) = File::open(parent) {
            let _ = folder.sync_all();
        }
        Ok(())
    }

    /// Copies the file to standard output, on a thread of its own: a write that
    /// waits for a reader cannot be interrupted, but it can be left behind.
    fn stream(&self, go_on: &dyn Fn() -> bool) -> Result<(), RasterError> {
        let failed = |error: io::Error| {
            let gone = error.kind() == io::ErrorKind::BrokenPipe;
            RasterError::new(if gone { Op::Pipe } else { Op::Finish }, "/vsistdout/", error)
        };
        let mut file = File::open(&self.main).map_err(failed)?;
        let (sender, copied) = sync_channel(1);
        std::thread::spawn(move || {
            let mut stdout = io::stdout().lock();
            let result = io::copy(&mut file, &mut stdout).and_then(|_| stdout.flush());
            let _ = sender.send(result);
        });
        loop {
            match copied.recv_timeout(Duration::from_millis(50)) {
                Ok(result) => return result.map_err(failed),
                Err(RecvTimeoutError::Timeout) if go_on() => {}
                Err(RecvTimeoutError::Timeout) => {
                    return Err(RasterError::new(Op::Pipe, "/vsistdout/", "cancelled"));
                }
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(RasterError::new(Op::Finish, "/vsistdout/", "copying broke off"));
                }
            }
        }
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// Whether a file of the folder is never published.
fn is_scratch(staged: &Path) -> bool {
    staged.file_name().is_some_and(|name| name.to_string_lossy().starts_with("scratch-"))
}

/// Name of the lock within a folder; as scratch it is never published.
const LOCK: &str = "scratch-lock";
/// What has not changed for so long is nobody's any more, on whichever machine.
const ABANDONED: Duration = Duration::from_hours(24);

/// Makes a folder that nobody else has, and locks it. Another process that sweeps
/// may take it for abandoned before it is locked: then the next name is tried.
fn new_folder(parent: &Path, name: &str) -> io::Result<(PathBuf, File)> {
    const TRIES: u32 = 100;
    for _ in 0..TRIES {
        let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
        let (host, pid) = (host_name(), std::process::id());
        let dir = parent.join(format!(".{name}.partial-{host}-{pid}-{serial}"));
        match fs::create_dir(&dir) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            made => made?,
        }
        let lock = OpenOptions::new().write(true).create_new(true).open(dir.join(LOCK));
        let locked = match lock {
            // Where the system has no locks nobody sweeps either.
            Ok(file) => match file.try_lock() {
                Ok(()) | Err(TryLockError::Error(_)) => Some(file),
                Err(TryLockError::WouldBlock) => None,
            },
            Err(error) if dir.exists() && error.kind() != io::ErrorKind::AlreadyExists => {
                let _ = fs::remove_dir(&dir);
                return Err(error);
            }
            Err(_) => None,
        };
        if let Some(lock) = locked
            && dir.join(LOCK).exists()
        {
            return Ok((dir, lock));
        }
    }
    Err(io::Error::other("no name for a temporary folder is free"))
}

/// Removes what killed processes left of an output on its way to `path`.
pub fn sweep_for(path: &str) {
    if let Some((parent, name)) = Destination::of(path).place() {
        let _ = sweep(&parent, Some(&name));
    }
}

/// Removes folders that killed processes left in `parent`: those for the file
/// `name`, or all. A live one is recognised by its lock; one of another machine,
/// whose lock may not be seen from here, is left until it is a day old.
///
/// # Errors
/// A folder that cannot be listed.
pub fn sweep(parent: &Path, name: Option<&str>) -> io::Result<()> {
    let prefix = name.map_or(".".to_owned(), |name| format!(".{name}.partial-"));
    for entry in fs::read_dir(parent)? {
        let dir = entry?.path();
        let folder = dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some((_, owner)) = folder.rsplit_once(".partial-") else { continue };
        if !folder.starts_with(&prefix) || !is_owner(owner) || !dir.is_dir() {
            continue;
        }
        let here = owner.rsplitn(3, '-').nth(2) == Some(host_name().as_str());
        if !here && newest_change(&dir).is_none_or(|age| age < ABANDONED) {
            continue;
        }
        let lock = OpenOptions::new().write(true).create(true).truncate(false).open(dir.join(LOCK));
        // The lock is held until all is gone.
        if let Ok(lock) = lock
            && lock.try_lock().is_ok()
        {
            let _ = fs::remove_dir_all(&dir);
        }
    }
    Ok(())
}

/// Whether a name ends as ours do: machine, process, serial number.
fn is_owner(text: &str) -> bool {
    let mut parts = text.rsplitn(3, '-');
    let mut number = || parts.next().is_some_and(|part| part.parse::<u32>().is_ok());
    number() && number() && parts.next().is_some()
}

/// Time since anything in a folder changed.
fn newest_change(dir: &Path) -> Option<Duration> {
    let own = fs::metadata(dir).ok()?.modified().ok()?;
    let newest = fs::read_dir(dir)
        .ok()?
        .filter_map(|entry| entry.ok()?.metadata().ok()?.modified().ok())
        .fold(own, SystemTime::max);
    newest.elapsed().ok()
}

/// Name of this machine, as part of a file name.
pub fn host_name() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname")
        .or_else(|_| std::env::var("COMPUTERNAME"))
        .or_else(|_| std::env::var("HOSTNAME"))
        .unwrap_or_default();
    let plain: String = name.trim().chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    if plain.is_empty() { "host".to_owned() } else { plain }
}

/// Writes a text file: as [`write_file`].
///
/// # Errors
/// A folder that cannot be written to, or a full disk.
pub fn write_text(path: &str, text: &str) -> Result<(), RasterError> {
    write_file(path, text.as_bytes())
}

/// Writes a file: whole under its name, or not at all.
///
/// # Errors
/// A folder that cannot be written to, or a full disk.
pub fn write_file(path: &str, bytes: &[u8]) -> Result<(), RasterError> {
    sweep_for(path);
    let staging = Staging::new(path)?;
    fs::write(staging.main(), bytes).map_err(|e| RasterError::new(Op::Write, path, e))?;
    staging.sync()?;
    staging.publish(&|| true)
}

/// Makes sure, before any work is done for it, that a file can be written at a path. A bucket
/// or another remote folder gets a file of one byte, which goes at once.
///
/// # Errors
/// A folder that is not there or cannot be written to, a file system that GDAL only reads.
pub fn check_destination(path: &str) -> Result<(), RasterError> {
    let checked = match Destination::of(path) {
        Destination::Stdout => Ok(()),
        Destination::Local(local) => Staging::new(path).and_then(|_| check_free(path, &local)),
        Destination::Virtual(path) => check_virtual(&path),
    };
    checked.map_err(|error| match (names::hint(path), &error.hint) {
        (Some(hint), None) => error.hint(hint),
        _ => error,
    })
}

/// Windows keeps a file from being replaced while another program has it open.
fn check_free(path: &str, local: &Path) -> Result<(), RasterError> {
    if cfg!(windows)
        && local.is_file()
        && let Err(error) = OpenOptions::new().write(true).open(local)
    {
        let reason = format!("it cannot be replaced: {error}");
        return Err(RasterError::new(Op::Create, path, reason)
            .hint("close the program that has it open, or name another output"));
    }
    Ok(())
}

fn check_virtual(path: &str) -> Result<(), RasterError> {
    let failed = |reason: &str| RasterError::new(Op::Create, path, reason);
    let system = path.split('/').nth(1).unwrap_or_default();
    match system {
        "vsimem" => Ok(()),
        "vsicurl" | "vsicurl_streaming" | "vsitar" | "vsi7z" | "vsirar" | "vsisubfile"
        | "vsisparse" | "vsicached" | "vsistdin" => {
            Err(failed(&format!("GDAL reads /{system}/ and cannot write there"))
                .hint("write a local file, and copy it"))
        }
        // What is in an archive cannot be taken out again: the archive itself must be possible.
        "vsizip" | "vsigzip" => {
            let inner = &path[system.len() + 2..];
            let end = inner.to_ascii_lowercase().find(".zip").map_or(inner.len(), |at| at + 4);
            match inner.starts_with("vsi") || inner.starts_with('{') {
                true => Ok(()),
                false => Staging::new(&inner[..end]).map(drop).map_err(|e| failed(&e.reason)),
            }
        }
        _ => probe(path),
    }
}

/// Writes a byte beside a remote file, and removes it.
fn probe(path: &str) -> Result<(), RasterError> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let failed = |reason: String| {
        RasterError::new(Op::Create, path, format!("{folder} cannot be written to: {reason}"))
    };
    let name = CString::new(format!("{folder}/.{name}.svf-check-{}", std::process::id()))
        .map_err(|_| failed("the name has a NUL".into()))?;
    // SAFETY: a NUL-terminated name, one byte of a live buffer; the handle is closed here.
    let written = session::may_fail(|| unsafe {
        let handle = gdal_sys::VSIFOpenL(name.as_ptr(), c"wb".as_ptr());
        if handle.is_null() {
            return Err(session::last_message());
        }
        let written = gdal_sys::VSIFWriteL(c"0".as_ptr().cast(), 1, 1, handle) == 1;
        let closed = gdal_sys::VSIFCloseL(handle) == 0;
        if !(written && closed) {
            return Err(session::last_message());
        }
        gdal_sys::VSIUnlink(name.as_ptr());
        Ok(())
    });
    written.map_err(failed)
}

/// Whether something exists at an output path, virtual or not.
pub fn exists(path: &str) -> bool {
    if is_stdout(path) {
        return false;
    }
    if !path.starts_with("/vsi") {
        return Path::new(path).symlink_metadata().is_ok();
    }
    let Ok(name) = CString::new(path) else {
        return false;
    };
    // SAFETY: a NUL-terminated string, and a plain C struct that zeroes are valid for.
    unsafe {
        let mut status = std::mem::zeroed();
        gdal_sys::VSIStatL(name.as_ptr(), &raw mut status) == 0
    }
}

/// Sidecar files that would change how a new file at `path` reads.
fn stale_sidecars(path: &Path) -> Vec<PathBuf> {
    [".aux.xml", ".ovr", ".msk", ".msk.ovr"]
        .iter()
        .map(|suffix| {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            PathBuf::from(name)
        })
        .collect()
}

/// Copies a local file to a `/vsi...` path, front to back.
fn copy_to_virtual(from: &Path, to: &str, go_on: &dyn Fn() -> bool) -> Result<(), RasterError> {
    let failed = |reason: String| RasterError::new(Op::Finish, to, reason);
    let mut file = File::open(from).map_err(|e| failed(e.to_string()))?;
    let name = CString::new(to).map_err(|_| failed("the name has a NUL".into()))?;
    // SAFETY: both strings are NUL-terminated; the handle is closed below.
    let handle = unsafe { gdal_sys::VSIFOpenL(name.as_ptr(), c"wb".as_ptr()) };
    if handle.is_null() {
        return Err(failed(session::last_message()));
    }
    let mut buffer = vec![0_u8; 1 << 20];
    let copied = loop {
        let bytes = match file.read(&mut buffer) {
            _ if !go_on() => break Err("cancelled".to_owned()),
            Ok(0) => break Ok(()),
            Ok(bytes) => bytes,
            Err(error) => break Err(error.to_string()),
        };
        // SAFETY: `buffer` holds `bytes` bytes, `handle` is open for writing.
        let written = unsafe { gdal_sys::VSIFWriteL(buffer.as_ptr().cast(), 1, bytes, handle) };
        if written != bytes {
            break Err(session::last_message());
        }
    };
    // SAFETY: the handle is open, and not used again.
    let closed = unsafe { gdal_sys::VSIFCloseL(handle) } == 0;
    copied.and_then(|()| if closed { Ok(()) } else { Err(session::last_message()) }).map_err(
        |reason| {
            // SAFETY: a NUL-terminated string.
            unsafe { gdal_sys::VSIUnlink(name.as_ptr()) };
            failed(reason)
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn publishing_moves_everything_and_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out.tif");
        fs::write(&path, "old").unwrap();
        fs::write(dir.path().join("out.tif.aux.xml"), "stale").unwrap();
        let staging = Staging::new(path.to_str().unwrap()).unwrap();
        fs::write(staging.main(), "new").unwrap();
        fs::write(staging.scratch("base.tif"), "scratch").unwrap();
        fs::write(staging.main().with_file_name("out.prj"), "sidecar").unwrap();
        staging.publish(&|| true).unwrap();
        let mut names: Vec<_> =
            fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["out.prj", "out.tif"]);
        assert_eq!(fs::read_to_string(path).unwrap(), "new");
    }

    #[test]
    fn dropping_leaves_the_old_file_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out.tif");
        fs::write(&path, "old").unwrap();
        let staging = Staging::new(path.to_str().unwrap()).unwrap();
        fs::write(staging.main(), "half").unwrap();
        drop(staging);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_killed_processes_left_is_swept_and_what_lives_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out.tif");
        let host = host_name();
        let make = |name: &str| {
            let left = dir.path().join(name);
            fs::create_dir(&left).unwrap();
            fs::write(left.join("out.tif"), "half").unwrap();
            left
        };
        let dead = make(&format!(".out.tif.partial-{host}-1-0"));
        fs::write(dead.join(LOCK), "").unwrap();
        let unborn = make(&format!(".out.tif.partial-{host}-2-0"));
        let elsewhere = make(".out.tif.partial-elsewhere-1-0");
        let other_name = make(&format!(".other.tif.partial-{host}-1-0"));
        let not_ours = make(".out.tif.partial-copy");
        let alive = Staging::new(path.to_str().unwrap()).unwrap();
        let second = Staging::new(path.to_str().unwrap()).unwrap();
        sweep_for(path.to_str().unwrap());
        assert!(!dead.exists() && !unborn.exists());
        assert!(elsewhere.exists() && other_name.exists() && not_ours.exists());
        assert!(alive.dir.exists() && second.dir.exists());
        sweep(dir.path(), None).unwrap();
        assert!(!other_name.exists());
        assert!(elsewhere.exists() && not_ours.exists() && alive.dir.exists());
        fs::write(alive.main(), "whole").unwrap();
        alive.publish(&|| true).unwrap();
        assert_eq!(fs::read_to_string(path).unwrap(), "whole");
    }

    #[test]
    fn a_missing_folder_is_named() {
        let error = Staging::new("/no/such/folder/out.tif").unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot create /no/such/folder/out.tif: folder /no/such/folder does not exist"
        );
    }
}
