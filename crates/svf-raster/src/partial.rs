//! Folders for incomplete files. They are private to their owner, and can be distinguished from
//! all other folders.
//!
//! A process that is killed leaves its folder behind. Each folder has a file with the content
//! `MARK`, and the process holds a lock on this file while it runs. [`remove_stale`] deletes
//! folders without a lock. Only what this user made for this purpose is deleted, opened or
//! followed: in a shared folder, other users may have made links, pipes and folders with such
//! names.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// Name of the lock file in a folder. It is a scratch file, so it is never published.
const LOCK: &str = "scratch-lock";
/// Content of the lock file.
const MARK: &str = "unfinished files of svf-tools\n";
/// A folder that did not change for this time is abandoned, on any machine.
const ABANDONED: Duration = Duration::from_hours(24);

/// What helps if the temporary folder of the system cannot be written to, or is full.
pub const OTHER_TEMPORARY: &str = match cfg!(windows) {
    true => {
        "set the variable TMP to a folder on a disk with room, or name a file instead of a stream"
    }
    false => {
        "set the variable TMPDIR to a folder on a disk with room, or name a file instead of a stream"
    }
};

static SERIAL: AtomicU32 = AtomicU32::new(0);
/// Folders of this process that are not dropped yet, with their locks.
static LIVE: Mutex<BTreeMap<PathBuf, File>> = Mutex::new(BTreeMap::new());

fn live() -> MutexGuard<'static, BTreeMap<PathBuf, File>> {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes all unfinished files of this process, whoever still writes to them: for a process
/// that ends now. From here on it can make no other.
pub fn remove_live() {
    let mut live = live();
    for (folder, lock) in std::mem::take(&mut *live) {
        drop(lock);
        remove_closed(&folder);
    }
    // Whoever would make or drop one waits until the process is gone.
    std::mem::forget(live);
}

/// A folder that only this process uses. It is deleted when this value is dropped.
#[derive(Debug)]
pub struct PartialFolder {
    path: PathBuf,
}

impl Drop for PartialFolder {
    fn drop(&mut self) {
        remove_all_but_lock(&self.path);
        let mut live = live();
        drop(live.remove(&self.path));
        remove_closed(&self.path);
    }
}

/// Deletes a folder whose files are closed. Network file systems can learn later that a file was
/// closed than that it was deleted: until then they keep it under another name in the folder.
fn remove_closed(folder: &Path) {
    const TRIES: u32 = 100;
    const PAUSE: Duration = Duration::from_millis(10);
    for _ in 0..TRIES {
        // A thread of this process may be making or deleting files there, too.
        let is_in_use = |error: &io::Error| match error.kind() {
            io::ErrorKind::DirectoryNotEmpty => true,
            io::ErrorKind::NotFound => folder.exists(),
            _ => false,
        };
        match fs::remove_dir_all(folder) {
            Err(error) if is_in_use(&error) => std::thread::sleep(PAUSE),
            _ => return,
        }
    }
}

/// Deletes what is in a folder except its lock. Then the lock is closed, and only then deleted with
/// the folder: network file systems give an open file that is deleted another name in the same
/// folder, and Windows keeps a folder with an open file.
fn remove_all_but_lock(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name() != LOCK {
            let path = entry.path();
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let _ = if is_folder { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        }
    }
}

impl PartialFolder {
    /// Makes a folder in `parent` for a file that will be called `name`, and locks it. Before it
    /// is locked, another process may delete it as abandoned: then the next name is tried.
    ///
    /// # Errors
    /// A folder that cannot be written to.
    pub fn new(parent: &Path, name: &str) -> io::Result<Self> {
        const TRIES: u32 = 1000;
        for _ in 0..TRIES {
            let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
            let (machine, pid) = (machine(), std::process::id());
            let name = shortened(name);
            let path = parent.join(format!(".{name}.partial-{machine}-{pid}-{serial}"));
            // A process that ends now removes the folder, or it is not made.
            let mut live = live();
            match private_folder(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                made => made?,
            }
            match lock_new(&path) {
                Ok(Some(lock)) if !is_gone(&path.join(LOCK)) => {
                    live.insert(path.clone(), lock);
                    return Ok(Self { path });
                }
                Err(error) if !is_gone(&path) && error.kind() != io::ErrorKind::AlreadyExists => {
                    let _ = fs::remove_file(path.join(LOCK));
                    let _ = fs::remove_dir(&path);
                    return Err(error);
                }
                _ => {}
            }
        }
        Err(io::Error::other("no free name for a temporary folder was found"))
    }

    /// A folder in the temporary folder of the system.
    ///
    /// # Errors
    /// If there is no such folder, or if it cannot be written to.
    pub fn temporary(name: &str) -> io::Result<Self> {
        Self::new(&std::env::temp_dir(), name)
    }

    /// Makes a file in it that only its owner may read.
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

/// Whether there is certainly nothing at a path.
fn is_gone(path: &Path) -> bool {
    fs::symlink_metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

/// The name of a file as part of the name of its folder, which must not be longer than what file
/// systems take: of a long name the beginning, and a number made of all of it (FNV-1a by Fowler, Noll
/// and Vo).
fn shortened(name: &str) -> Cow<'_, str> {
    // 255 bytes, less a machine's name of 64 and what else is written.
    const LONGEST: usize = 120;
    if name.len() <= LONGEST {
        return Cow::Borrowed(name);
    }
    let number = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |number, byte| {
        (number ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let begin = &name[..name.floor_char_boundary(LONGEST - 17)];
    Cow::Owned(format!("{begin}~{number:016x}"))
}

/// A folder that only its owner may read.
fn private_folder(path: &Path) -> io::Result<()> {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "it has no mode"))]
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes the lock of a folder; none if another process, which is about to delete stale folders,
/// holds it.
fn lock_new(folder: &Path) -> io::Result<Option<File>> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(folder.join(LOCK))?;
    match file.try_lock() {
        // If the system has no locks, no process deletes folders.
        Ok(()) | Err(TryLockError::Error(_)) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
    }
    file.write_all(MARK.as_bytes())?;
    Ok(Some(file))
}

/// Deletes folders that killed processes left in `parent`: those for the file `name`, or all.
///
/// # Errors
/// A folder that cannot be listed.
pub fn remove_stale(parent: &Path, name: Option<&str>) -> io::Result<()> {
    remove_stale_of(parent, &|file| name.is_none_or(|name| shortened(name) == file))
}

/// Deletes folders that killed processes left in `parent` for files with such names. The folder of a
/// running process has a lock. The lock of another machine or container may not be visible here, so
/// its folders are only deleted when they are a day old.
///
/// # Errors
/// A folder that cannot be listed.
pub fn remove_stale_of(parent: &Path, is_of: &dyn Fn(&str) -> bool) -> io::Result<()> {
    for entry in fs::read_dir(parent)? {
        let dir = entry?.path();
        let folder = dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some((hidden, owner)) = folder.rsplit_once(".partial-") else { continue };
        if !hidden.strip_prefix('.').is_some_and(is_of) || !is_owner(owner) {
            continue;
        }
        // Of the entry itself, not of the target of a link.
        if !fs::symlink_metadata(&dir).is_ok_and(|about| about.is_dir() && is_mine(&about)) {
            continue;
        }
        let here = owner.rsplitn(3, '-').nth(2) == Some(machine().as_str());
        if here || newest_change(&dir).is_some_and(|age| age >= ABANDONED) {
            remove_abandoned(&dir);
        }
    }
    Ok(())
}

/// Deletes what killed processes left in the temporary folder of the system.
pub fn remove_stale_temporary() {
    let _ = remove_stale(&std::env::temp_dir(), None);
}

/// Deletes a folder of this user that has the mark of these tools and that no process uses.
fn remove_abandoned(dir: &Path) {
    let path = dir.join(LOCK);
    match fs::symlink_metadata(&path) {
        Ok(about) if about.is_file() && is_mine(&about) => {}
        // The process was killed before it made a lock; the folder is only deleted if it is
        // empty.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return drop(fs::remove_dir(dir)),
        _ => return,
    }
    let Ok(mut lock) = OpenOptions::new().read(true).write(true).open(&path) else { return };
    if lock.try_lock().is_err() {
        return;
    }
    let mut said = Vec::new();
    let read = Read::by_ref(&mut lock).take(MARK.len() as u64 + 1).read_to_end(&mut said);
    if read.is_ok() && said == MARK.as_bytes() {
        remove_all_but_lock(dir);
        drop(lock);
        remove_closed(dir);
    } else if read.is_ok() && said.is_empty() && fs::read_dir(dir).is_ok_and(|d| d.count() == 1) {
        // The process was killed before it wrote the mark.
        drop(lock);
        let _ = fs::remove_file(&path);
        let _ = fs::remove_dir(dir);
    }
}

/// The user that this process works for.
#[cfg(unix)]
fn user() -> u32 {
    unsafe extern "C" {
        safe fn geteuid() -> u32;
    }
    geteuid()
}

/// Whether a file belongs to the user that this process works for.
#[cfg(unix)]
fn is_mine(about: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::uid(about) == user()
}

/// Whether this process can do with a file what its owner can: also as root.
#[cfg(unix)]
pub(crate) fn may_change(about: &Metadata) -> bool {
    is_mine(about) || user() == 0
}

#[cfg(not(unix))]
fn is_mine(_: &Metadata) -> bool {
    true
}

/// Whether a name ends like those of these tools: machine, process, serial number.
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

/// Name of this machine, as part of a file name: all letters, digits, dots and hyphens of it. Each
/// other character is written as `_` and its number, so that two names never become one.
pub fn host_name() -> String {
    written(gethostname::gethostname().to_string_lossy().trim())
}

fn written(host: &str) -> String {
    let mut name = String::new();
    for c in host.chars() {
        match c {
            _ if c.is_ascii_alphanumeric() || c == '-' || c == '.' => name.push(c),
            _ => name += &format!("_{:x}_", u32::from(c)),
        }
    }
    if name.is_empty() { "host".to_owned() } else { name }
}

/// What a process can be seen from: machine, kernel and container. Two machines, or two containers,
/// can have the same name; then their locks need not be visible to each other.
pub fn machine() -> String {
    format!("{}+{}", host_name(), kernel())
}

/// The first digits of the boot id of the kernel, and the number of the process namespace. Empty if
/// the system has none.
fn kernel() -> String {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let space = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    let space: String = space.to_string_lossy().chars().filter(char::is_ascii_digit).collect();
    let boot: String = boot.chars().filter(char::is_ascii_hexdigit).take(12).collect();
    if boot.is_empty() && space.is_empty() { String::new() } else { format!("{boot}.{space}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with an incomplete file in it, and perhaps a lock file with a content.
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
        let host = machine();
        let make = |name: &str, lock| left(dir.path(), &format!(".{name}"), lock);
        let dead = make(&format!("out.tif.partial-{host}-1-0"), Some(MARK));
        let unborn = dir.path().join(format!(".out.tif.partial-{host}-2-0"));
        let unmarked = dir.path().join(format!(".out.tif.partial-{host}-3-0"));
        for folder in [&unborn, &unmarked] {
            fs::create_dir(folder).unwrap();
        }
        fs::write(unmarked.join(LOCK), "").unwrap();
        let elsewhere = make("out.tif.partial-elsewhere-1-0", Some(MARK));
        // A machine or a container with the same name, and this machine before it was started anew.
        let (name, other) = (host_name(), format!("{}1", kernel()));
        let twins = [
            make(&format!("out.tif.partial-{name}-1-0"), Some(MARK)),
            make(&format!("out.tif.partial-{name}+{other}-1-0"), Some(MARK)),
            make(&format!("out.tif.partial-{name}+0123456789ab.1-1-0"), Some(MARK)),
            make(&format!("out.tif.partial-x-{host}-1-0"), Some(MARK)),
        ];
        let other_name = make(&format!("other.tif.partial-{host}-1-0"), Some(MARK));
        // Folders of other programs with similar names.
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
        assert!(twins.iter().all(|twin| twin.exists()));
        for folder in foreign {
            assert_eq!(fs::read_to_string(folder.join("out.tif")).unwrap(), "half");
        }
    }

    #[test]
    fn the_lock_is_the_last_file_and_closed_before_its_folder_goes() {
        let dir = tempfile::tempdir().unwrap();
        let folder = PartialFolder::new(dir.path(), "out.tif").unwrap();
        let path = folder.path().to_owned();
        fs::write(path.join("out.tif"), "half").unwrap();
        fs::create_dir(path.join("out.tiles")).unwrap();
        fs::write(path.join("out.tiles/1.tif"), "half").unwrap();
        let lock = File::open(path.join(LOCK)).unwrap();
        assert!(matches!(lock.try_lock(), Err(TryLockError::WouldBlock)));
        remove_all_but_lock(&path);
        let left: Vec<_> = fs::read_dir(&path).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left, [LOCK]);
        drop(folder);
        assert!(!path.exists());
        // A process that another test starts has all open files for a moment.
        let is_free = |_| {
            std::thread::sleep(std::time::Duration::from_millis(10));
            lock.try_lock().is_ok()
        };
        assert!((0..500).any(is_free));
    }

    #[test]
    fn names_may_be_as_long_as_the_system_takes() {
        let dir = tempfile::tempdir().unwrap();
        let [mine, other] = ["a", "b"].map(|end| format!("{}{end}.tif", "ä".repeat(125)));
        let folder = PartialFolder::new(dir.path(), &mine).unwrap();
        fs::write(folder.path().join(&mine), "half").unwrap();
        let dead = |name: &str| {
            let name = format!(".{}.partial-{}-1-0", shortened(name), machine());
            left(dir.path(), &name, Some(MARK))
        };
        let (dead, of_other) = (dead(&mine), dead(&other));
        remove_stale(dir.path(), Some(&mine)).unwrap();
        assert!(!dead.exists() && of_other.exists() && folder.path().exists());
        assert_eq!(shortened("out.tif"), "out.tif");
    }

    #[test]
    fn names_of_machines_stay_apart() {
        let names = ["node-1-1", "node-11", "node11", "node.1", "node_1", "node_5f_1", "näh", "nh"];
        let mut written: Vec<String> = names.iter().map(|name| super::written(name)).collect();
        assert_eq!(written[..4], names[..4]);
        assert!(written.iter().all(|name| name.is_ascii() && !name.contains(['/', '+'])));
        written.sort();
        written.dedup();
        assert_eq!(written.len(), names.len());
        assert!(is_owner(&format!("{}-12-0", machine())) && machine().starts_with(&host_name()));
    }

    #[cfg(unix)]
    #[test]
    fn nothing_planted_is_followed_or_waited_for() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let dir = tempfile::tempdir().unwrap();
        let host = machine();
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
