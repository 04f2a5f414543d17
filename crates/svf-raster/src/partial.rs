//! Folders for files that are not complete: private to their owner, and told from all others.
//!
//! A process that is killed leaves its folder behind. Each has a file with `MARK` in it, on
//! which its owner holds a lock while it lives: [`remove_stale`] removes those without one. Nothing
//! is removed, opened or followed that this user did not make for this purpose: other users may
//! have put links, pipes and folders of such names into a folder that is everyone's.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// Name of the lock within a folder; as scratch it is never published.
const LOCK: &str = "scratch-lock";
/// What the lock's file says.
const MARK: &str = "unfinished files of svf-tools\n";
/// What has not changed for so long is nobody's any more, on whichever machine.
const ABANDONED: Duration = Duration::from_hours(24);

static SERIAL: AtomicU32 = AtomicU32::new(0);
/// Folders of this process that are not dropped yet.
static LIVE: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn live() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes all unfinished files of this process, whoever still writes to them: for a process
/// that ends now. From here on it can make no other.
pub fn remove_live() {
    let live = live();
    for folder in live.iter() {
        let _ = fs::remove_dir_all(folder);
    }
    // Whoever would make or drop one waits until the process is gone.
    std::mem::forget(live);
}

/// A folder that nobody else has, gone when dropped.
#[derive(Debug)]
pub struct PartialFolder {
    path: PathBuf,
    /// Held while the folder is ours.
    _lock: File,
}

impl Drop for PartialFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
        live().remove(&self.path);
    }
}

impl PartialFolder {
    /// Makes a folder in `parent` for a file to be called `name`, and locks it. Another process
    /// that removes stale ones may take it for abandoned before it is locked: then the next name is tried.
    ///
    /// # Errors
    /// A folder that cannot be written to.
    pub fn new(parent: &Path, name: &str) -> io::Result<Self> {
        const TRIES: u32 = 1000;
        for _ in 0..TRIES {
            let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
            let (host, pid) = (host_name(), std::process::id());
            let path = parent.join(format!(".{name}.partial-{host}-{pid}-{serial}"));
            match private_folder(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                made => made?,
            }
            match lock_new(&path) {
                Ok(Some(lock)) if path.join(LOCK).exists() => {
                    live().insert(path.clone());
                    return Ok(Self { path, _lock: lock });
                }
                Err(error) if path.exists() && error.kind() != io::ErrorKind::AlreadyExists => {
                    let _ = fs::remove_file(path.join(LOCK));
                    let _ = fs::remove_dir(&path);
                    return Err(error);
                }
                _ => {}
            }
        }
        Err(io::Error::other("no free name for a temporary folder was found"))
    }

    /// One among the temporary files of the system.
    ///
    /// # Errors
    /// No folder for them, or one that cannot be written to.
    pub fn temporary(name: &str) -> io::Result<Self> {
        Self::new(&std::env::temp_dir(), name)
    }

    /// Makes a file in it that its owner alone may read.
    ///
    /// # Errors
    /// A full disk.
    pub fn create(&self, name: &str) -> io::Result<(File, PathBuf)> {
        let path = self.path.join(name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok((options.open(&path)?, path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// A folder that its owner alone may look into.
fn private_folder(path: &Path) -> io::Result<()> {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "it has no mode"))]
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes the lock of a folder; none where another process that removes stale ones has it.
fn lock_new(folder: &Path) -> io::Result<Option<File>> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(folder.join(LOCK))?;
    match file.try_lock() {
        // Where the system has no locks nobody removes any either.
        Ok(()) | Err(TryLockError::Error(_)) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
    }
    file.write_all(MARK.as_bytes())?;
    Ok(Some(file))
}

/// Removes folders that killed processes left in `parent`: those for the file
/// `name`, or all. A live one is recognised by its lock; one of another machine,
/// whose lock may not be seen from here, is left until it is a day old.
///
/// # Errors
/// A folder that cannot be listed.
pub fn remove_stale(parent: &Path, name: Option<&str>) -> io::Result<()> {
    let prefix = name.map_or(".".to_owned(), |name| format!(".{name}.partial-"));
    for entry in fs::read_dir(parent)? {
        let dir = entry?.path();
        let folder = dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some((_, owner)) = folder.rsplit_once(".partial-") else { continue };
        if !folder.starts_with(&prefix) || !is_owner(owner) {
            continue;
        }
        // Of the entry itself: a link leads elsewhere.
        if !fs::symlink_metadata(&dir).is_ok_and(|about| about.is_dir() && is_mine(&about)) {
            continue;
        }
        let here = owner.rsplitn(3, '-').nth(2) == Some(host_name().as_str());
        if here || newest_change(&dir).is_some_and(|age| age >= ABANDONED) {
            remove_abandoned(&dir);
        }
    }
    Ok(())
}

/// Removes what killed processes left among the temporary files of the system.
pub fn remove_stale_temporary() {
    let _ = remove_stale(&std::env::temp_dir(), None);
}

/// Removes a folder of this user's that is ours by its mark, and that no process has.
fn remove_abandoned(dir: &Path) {
    let path = dir.join(LOCK);
    match fs::symlink_metadata(&path) {
        Ok(about) if about.is_file() && is_mine(&about) => {}
        // Killed before there was a lock; a folder with anything in it stays.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return drop(fs::remove_dir(dir)),
        _ => return,
    }
    let Ok(mut lock) = OpenOptions::new().read(true).write(true).open(&path) else { return };
    // The lock is held until all is gone.
    if lock.try_lock().is_err() {
        return;
    }
    let mut said = Vec::new();
    let read = Read::by_ref(&mut lock).take(MARK.len() as u64 + 1).read_to_end(&mut said);
    if read.is_ok() && said == MARK.as_bytes() {
        let _ = fs::remove_dir_all(dir);
    } else if read.is_ok() && said.is_empty() && fs::read_dir(dir).is_ok_and(|d| d.count() == 1) {
        // Killed before it was marked.
        let _ = fs::remove_file(&path);
        let _ = fs::remove_dir(dir);
    }
}

/// Whether a file belongs to the user that this process works for.
#[cfg(unix)]
fn is_mine(about: &Metadata) -> bool {
    unsafe extern "C" {
        safe fn geteuid() -> u32;
    }
    std::os::unix::fs::MetadataExt::uid(about) == geteuid()
}

#[cfg(not(unix))]
fn is_mine(_: &Metadata) -> bool {
    true
}

/// Whether a name ends as ours do: machine, process, serial number.
fn is_owner(text: &str) -> bool {
    let mut parts = text.rsplitn(3, '-');
    let mut number = || parts.next().is_some_and(|part| part.parse::<u32>().is_ok());
    number() && number() && parts.next().is_some()
}

/// Time since anything in a folder changed.
fn newest_change(dir: &Path) -> Option<Duration> {
    let own = fs::symlink_metadata(dir).ok()?.modified().ok()?;
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with a half file in it, and perhaps a lock that says something.
    fn left(parent: &Path, name: &str, lock: Option<&str>) -> PathBuf {
        let folder = parent.join(name);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("out.tif"), "half").unwrap();
        if let Some(said) = lock {
            fs::write(folder.join(LOCK), said).unwrap();
        }
        folder
    }

    #[test]
    fn what_killed_processes_left_is_swept_and_what_lives_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let host = host_name();
        let make = |name: &str, lock| left(dir.path(), &format!(".{name}"), lock);
        let dead = make(&format!("out.tif.partial-{host}-1-0"), Some(MARK));
        let unborn = dir.path().join(format!(".out.tif.partial-{host}-2-0"));
        let unmarked = dir.path().join(format!(".out.tif.partial-{host}-3-0"));
        for folder in [&unborn, &unmarked] {
            fs::create_dir(folder).unwrap();
        }
        fs::write(unmarked.join(LOCK), "").unwrap();
        let elsewhere = make("out.tif.partial-elsewhere-1-0", Some(MARK));
        let other_name = make(&format!("other.tif.partial-{host}-1-0"), Some(MARK));
        // Folders of other programs, with names like ours.
        let foreign = [
            make("out.tif.partial-copy", Some(MARK)),
            make(&format!("out.tif.partial-{host}-4-0"), None),
            make(&format!("out.tif.partial-{host}-5-0"), Some("")),
            make(&format!("out.tif.partial-{host}-6-0"), Some("lock")),
        ];
        let alive = PartialFolder::new(dir.path(), "out.tif").unwrap();
        let second = PartialFolder::new(dir.path(), "out.tif").unwrap();
        remove_stale(dir.path(), Some("out.tif")).unwrap();
        assert!(!dead.exists() && !unborn.exists() && !unmarked.exists());
        assert!(elsewhere.exists() && other_name.exists());
        assert!(alive.path().exists() && second.path().exists());
        remove_stale(dir.path(), None).unwrap();
        assert!(!other_name.exists());
        assert!(elsewhere.exists() && alive.path().exists());
        for folder in foreign {
            assert_eq!(fs::read_to_string(folder.join("out.tif")).unwrap(), "half");
        }
    }

    #[cfg(unix)]
    #[test]
    fn nothing_planted_is_followed_or_waited_for() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let dir = tempfile::tempdir().unwrap();
        let host = host_name();
        let target = dir.path().join("target");
        fs::create_dir(&target).unwrap();
        let name = |pid: u32| dir.path().join(format!(".out.tif.partial-{host}-{pid}-0"));
        symlink(&target, name(1)).unwrap();
        let [linked, piped] = [2, 3].map(name);
        for folder in [&linked, &piped] {
            fs::create_dir(folder).unwrap();
        }
        symlink(target.join("made"), linked.join(LOCK)).unwrap();
        let made = std::process::Command::new("mkfifo").arg(piped.join(LOCK)).status().unwrap();
        assert!(made.success());
        remove_stale(dir.path(), None).unwrap();
        assert_eq!(fs::read_dir(&target).unwrap().count(), 0);
        assert!(linked.exists() && piped.exists() && name(1).is_symlink());
        let folder = PartialFolder::new(dir.path(), "out.tif").unwrap();
        assert_eq!(fs::metadata(folder.path()).unwrap().permissions().mode() & 0o777, 0o700);
    }
}
