//! Stores an output until it is complete.
//!
//! Everything that a driver writes, sidecar files too, goes into a folder with a temporary name
//! next to the destination. In it, the files already have their final names. Publishing syncs the
//! files and moves them to the destination, the main file last. If the folder is dropped before,
//! it is deleted. For virtual destinations (`/vsi...`) and standard output, the folder is in the
//! temporary folder of the system, and files are copied.
//!
//! A file that is replaced passes its mode to the new one, and is restored if a later step fails:
//! either all outputs of a run get their names or none does.

use std::ffi::CString;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf, is_separator};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use crate::device;
use crate::error::{Op, RasterError};
use crate::names;
#[cfg(unix)]
use crate::partial::may_change;
use crate::partial::{OTHER_TEMPORARY, PartialFolder, remove_stale, remove_stale_of};
use crate::session;
use crate::stdout::refuse_closed;

/// A folder of files on their way to a destination.
#[derive(Debug)]
pub struct Staging {
    destination: Destination,
    folder: PartialFolder,
    main: PathBuf,
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
        Destination::Local(place_of(path))
    }

    /// The folder for the temporary folder, and the name of the file.
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

/// Where a local file with this name is written: if it is a link, what that points to, whether it is there
/// or not. Of links in a circle, the name itself.
pub fn place_of(path: &str) -> PathBuf {
    // As many as Linux follows.
    const MOST_LINKS: usize = 40;
    let name = PathBuf::from(path);
    let mut place = name.clone();
    for links in 0..MOST_LINKS {
        match fs::read_link(&place) {
            Ok(next) => place = place.parent().unwrap_or(Path::new("")).join(next),
            Err(_) if links == 0 => return name,
            Err(_) => return place.canonicalize().unwrap_or(place),
        }
    }
    name
}

/// Where a driver writes the output `path`, apart from the partial folder that is made there: virtual files
/// and standard output are written in the folder for temporary files first.
pub(crate) fn written_place(path: &str) -> Option<PathBuf> {
    Destination::of(path).place().map(|(folder, name)| folder.join(name))
}

/// Whether a path is standard output.
pub fn is_stdout(path: &str) -> bool {
    path.starts_with("/vsistdout") || path == "/dev/stdout"
}

/// Bytes of the longest name of a file that most file systems take.
pub const LONGEST_NAME: usize = 255;

/// Scratch file that an output of most formats is copied from.
pub(crate) const BASE: &str = "base.tif";

impl Staging {
    /// Makes the folder for the output `path`.
    ///
    /// # Errors
    /// A destination that cannot be written to.
    pub fn new(path: &str) -> Result<Self, RasterError> {
        let failed = |reason: String| RasterError::new(Op::Create, path, reason);
        let destination = Destination::of(path);
        if let Destination::Local(local) = &destination {
            if local.is_dir() || path.ends_with(is_separator) {
                return Err(failed("it is a folder, not a file".into()));
            }
            if local.is_symlink() {
                return Err(failed("it is a link that leads round in a circle".into()));
            }
            if local.metadata().is_ok_and(|existing| !existing.is_file()) {
                return Err(failed("it exists and is not a regular file".into()));
            }
        }
        let Some((parent, name)) = destination.place() else {
            return Err(failed("it is not a file name".into()));
        };
        if name.len() > LONGEST_NAME && matches!(destination, Destination::Local(_)) {
            let reason =
                format!("its name has {} bytes, and {LONGEST_NAME} are allowed", name.len());
            return Err(failed(reason).hint("choose a shorter name"));
        }
        let folder = PartialFolder::new(&parent, &name).map_err(|error| {
            let error = failed(match error.kind() {
                // Some file systems return this error for things that nobody may create there.
                io::ErrorKind::NotFound if !parent.exists() => {
                    format!("folder {} does not exist", parent.display())
                }
                _ => format!("folder {} cannot be written to: {error}", parent.display()),
            });
            match destination {
                Destination::Local(_) => error,
                _ => error.hint(OTHER_TEMPORARY),
            }
        })?;
        let main = folder.path().join(name);
        Ok(Self { destination, folder, main })
    }

    /// Gives the main file the mode, the owner and the group of one that it replaces, which is gone.
    pub fn replace(&self, old: &Metadata) {
        take_mode(&self.main, old);
    }

    /// Where the driver writes the main file.
    pub fn main(&self) -> &Path {
        &self.main
    }

    /// Names of the files that were written beside the main file.
    pub(crate) fn beside(&self) -> Vec<String> {
        let files = fs::read_dir(self.folder.path()).into_iter().flatten().flatten();
        let files = files.map(|entry| entry.path());
        let beside = files.filter(|file| *file != self.main && !is_scratch(file));
        beside.filter_map(|file| Some(file.file_name()?.to_str()?.to_owned())).collect()
    }

    /// A message of GDAL about files in the folder, rewritten as a message about `path`.
    pub(crate) fn as_of(&self, reason: &str, path: &str) -> String {
        if !self.folder.path().exists() {
            return "its folder was moved or deleted while it was being written".to_owned();
        }
        let mut reason = reason.to_owned();
        for staged in [&self.main, &self.scratch(BASE)] {
            let staged = staged.display().to_string();
            let without = reason.strip_prefix(&format!("{staged}: ")).map(str::to_owned);
            reason = without.unwrap_or(reason).replace(&staged, path);
        }
        reason
    }

    /// A scratch file in the folder that is never published.
    pub fn scratch(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("scratch-{name}"))
    }

    /// Writes another file that is published together with the main file, into the same folder.
    /// It replaces an existing file.
    ///
    /// # Errors
    /// A full disk.
    pub fn add(&self, path: &Path, bytes: &[u8]) -> Result<(), RasterError> {
        let failed =
            |error: io::Error| RasterError::new(Op::Write, &path.display().to_string(), error);
        let name = path.file_name().unwrap_or_default();
        fs::write(self.main.with_file_name(name), bytes).map_err(failed)
    }

    /// Syncs everything that the driver wrote to the disk.
    ///
    /// # Errors
    /// What could not be synced.
    pub fn sync(&self) -> Result<(), RasterError> {
        let path = match &self.destination {
            Destination::Local(path) => path.display().to_string(),
            // The output was copied from this file, which is not kept.
            Destination::Virtual(_) | Destination::Stdout => return Ok(()),
        };
        let failed = |error: io::Error| RasterError::new(Op::Finish, &path, error);
        for entry in fs::read_dir(self.folder.path()).map_err(failed)? {
            let staged = entry.map_err(failed)?.path();
            if staged.is_file() && !is_scratch(&staged) {
                // Windows only syncs a file that is open for writing.
                let file = OpenOptions::new().write(true).open(staged);
                file.and_then(|file| file.sync_all()).map_err(failed)?;
            }
        }
        Ok(())
    }

    /// Moves everything to its final name, as [`publish_all`].
    ///
    /// # Errors
    /// What could not be renamed or copied; nothing is left behind.
    pub fn publish(self, overwrite: bool, go_on: &dyn Fn() -> bool) -> Result<(), RasterError> {
        publish_all(vec![self], overwrite, go_on)
    }

    /// Moves everything to its final name if no file has this name. If one has, or the system says
    /// so, this changes nothing and returns false.
    ///
    /// # Errors
    /// What could not be renamed or copied; nothing is left behind.
    pub fn publish_if_free(&self) -> Result<bool, RasterError> {
        match put_all(std::slice::from_ref(self), false, &|| true) {
            Err(error) if error.op == Op::Exists => Ok(false),
            put => put.map(|()| true),
        }
    }

    fn put(
        &self,
        overwrite: bool,
        go_on: &dyn Fn() -> bool,
        done: &mut Vec<Step>,
    ) -> Result<(), RasterError> {
        match &self.destination {
            Destination::Local(path) => self.rename_into(path, overwrite, done),
            Destination::Virtual(path) => {
                let new = !exists(path);
                if !(new || overwrite) {
                    return Err(appeared(path));
                }
                copy_to_virtual(&self.main, path, go_on)?;
                if new {
                    done.push(Step::Copied(path.clone()));
                }
                Ok(())
            }
            Destination::Stdout => self.stream(go_on),
        }
    }

    fn rename_into(
        &self,
        path: &Path,
        overwrite: bool,
        done: &mut Vec<Step>,
    ) -> Result<(), RasterError> {
        let shown = path.display().to_string();
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::AlreadyExists => appeared(&shown),
            _ => RasterError::new(Op::Finish, &shown, error),
        };
        let there = path.symlink_metadata();
        if !overwrite && there.is_ok() {
            return Err(appeared(&shown));
        }
        // A link to a file was followed before; a pipe was refused. Since then, there can be another one.
        if there.is_ok_and(|there| !there.is_file()) {
            let reason = "it is no longer a regular file";
            return Err(RasterError::new(Op::Finish, &shown, reason));
        }
        let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut sidecars = Vec::new();
        for entry in fs::read_dir(self.folder.path()).map_err(failed)? {
            let staged = entry.map_err(failed)?.path();
            let name = staged.file_name().unwrap_or_default().to_owned();
            if staged != self.main && !is_scratch(&staged) {
                sidecars.push((staged, parent.join(name)));
            }
        }
        let in_place_of = |to: &Path, error: io::Error| match error.kind() {
            io::ErrorKind::AlreadyExists => appeared(&to.display().to_string()),
            _ => failed(error),
        };
        for (staged, to) in &sidecars {
            self.place(staged, to, overwrite, done).map_err(|e| in_place_of(to, e))?;
        }
        self.place(&self.main, path, overwrite, done).map_err(failed)?;
        for stale in sidecars_of(path) {
            if !sidecars.iter().any(|(_, to)| to.file_name() == stale.file_name()) {
                if !overwrite && stale.symlink_metadata().is_ok() {
                    return Err(appeared(&stale.display().to_string()));
                }
                let kept = self.kept(done.len());
                if fs::rename(&stale, &kept).is_ok() {
                    done.push(Step::Replaced { path: stale, kept });
                }
            }
        }
        // The new name must survive a power cut, if the system can guarantee this.
        if let Ok(folder) = File::open(parent) {
            let _ = folder.sync_all();
        }
        Ok(())
    }

    /// Moves a staged file to a name. With `overwrite`, an existing file is moved to a place from
    /// which it can be restored, and the new file gets its mode. Without `overwrite`, an existing
    /// file is an error.
    fn place(
        &self,
        staged: &Path,
        to: &Path,
        overwrite: bool,
        done: &mut Vec<Step>,
    ) -> io::Result<()> {
        let taken = || io::Error::from(io::ErrorKind::AlreadyExists);
        let old = fs::symlink_metadata(to).ok();
        if !overwrite {
            if old.is_some() {
                return Err(taken());
            }
            // A hard link is only made if the name is free, even if another process is about to
            // use the name.
            match fs::hard_link(staged, to) {
                Ok(()) => {
                    done.push(Step::Placed(to.to_owned()));
                    return fs::remove_file(staged);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
                // A file system without hard links.
                Err(_) if to.symlink_metadata().is_ok() => return Err(taken()),
                Err(_) => {}
            }
        }
        let mut kept = None;
        if let Some(old) = old.as_ref().filter(|old| old.is_file()) {
            take_mode(staged, old);
            let second = self.kept(done.len());
            kept = fs::hard_link(to, &second).is_ok().then_some(second);
        }
        fs::rename(staged, to)?;
        match (kept, old) {
            (Some(kept), _) => done.push(Step::Replaced { path: to.to_owned(), kept }),
            (None, None) => done.push(Step::Placed(to.to_owned())),
            // It cannot be restored, because the file system has no hard links.
            (None, Some(_)) => {}
        }
        Ok(())
    }

    /// Where a file that is replaced is kept until everything succeeded.
    fn kept(&self, number: usize) -> PathBuf {
        self.scratch(&format!("replaced-{number}"))
    }

    /// Copies the file to standard output on a thread of its own: a write that waits for a reader
    /// cannot be interrupted, but its thread can be abandoned.
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
                    return Err(RasterError::new(
                        Op::Finish,
                        "/vsistdout/",
                        "copying stopped too early",
                    ));
                }
            }
        }
    }
}

/// A change of final names that can be undone.
enum Step {
    /// A file was created.
    Placed(PathBuf),
    /// The same, on a virtual file system.
    Copied(String),
    /// A file was replaced or removed.
    Replaced { path: PathBuf, kept: PathBuf },
}

impl Step {
    /// Undoes it. If the system refuses that, too, this says what is left.
    fn take_back(&self) -> Option<String> {
        match self {
            Step::Placed(path) => {
                fs::remove_file(path).err().map(|_| format!("{} is left", path.display()))
            }
            Step::Replaced { path, kept } => {
                fs::rename(kept, path).err()?;
                let path = path.display();
                // The folder in which it was kept goes.
                let beside = PathBuf::from(format!("{path}.replaced"));
                Some(match fs::hard_link(kept, &beside).or_else(|_| copy_new(kept, &beside)) {
                    Ok(()) => {
                        format!("{path} was replaced; what it was is in {}", beside.display())
                    }
                    Err(_) => format!("{path} was replaced"),
                })
            }
            Step::Copied(path) => {
                if let Ok(name) = CString::new(path.as_str()) {
                    // SAFETY: a NUL-terminated string.
                    unsafe { gdal_sys::VSIUnlink(name.as_ptr()) };
                }
                None
            }
        }
    }
}

/// Copies a file to a name that no file has.
fn copy_new(from: &Path, to: &Path) -> io::Result<()> {
    let mut copy = OpenOptions::new().write(true).create_new(true).open(to)?;
    io::copy(&mut File::open(from)?, &mut copy)?;
    copy.sync_all()
}

/// Moves synced outputs to their final names: all of them, or none if one fails. Sidecar files of
/// earlier outputs with these names (`.aux.xml`, `.ovr`, `.msk`) would be parts of the new ones. An
/// existing file is only replaced or deleted with `overwrite`. While this waits for a reader of standard output, it calls
/// `go_on` to know whether to continue.
///
/// # Errors
/// What could not be renamed or copied. What was already sent to standard output, and virtual
/// files that were replaced, cannot be restored.
pub fn publish_all(
    outputs: Vec<Staging>,
    overwrite: bool,
    go_on: &dyn Fn() -> bool,
) -> Result<(), RasterError> {
    put_all(&outputs, overwrite, go_on)
}

fn put_all(
    outputs: &[Staging],
    overwrite: bool,
    go_on: &dyn Fn() -> bool,
) -> Result<(), RasterError> {
    let mut done = Vec::new();
    let put = outputs.iter().try_for_each(|output| output.put(overwrite, go_on, &mut done));
    put.map_err(|mut error| {
        for left in done.iter().rev().filter_map(Step::take_back) {
            error.reason = format!("{}; {left}", error.reason);
        }
        error
    })
}

/// A file that got the name of an output during the run.
fn appeared(path: &str) -> RasterError {
    RasterError::new(
        Op::Exists,
        path,
        "another program has written a file of this name in the meantime",
    )
    .hint("add --overwrite to replace it, or choose another output")
}

/// Gives a new file the mode, the owner and the group of the file that it replaces, as far as this
/// user may. If its group is another one, that has the rights of all others, as it had before.
#[cfg(unix)]
fn take_mode(new: &Path, old: &Metadata) {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
    let mut mode = old.mode() & 0o777;
    let made = fs::metadata(new);
    if made.as_ref().is_ok_and(|new| new.uid() != old.uid()) {
        let _ = chown(new, Some(old.uid()), None);
    }
    let same_group = made.is_ok_and(|new| new.gid() == old.gid());
    if !same_group && chown(new, None, Some(old.gid())).is_err() {
        mode = mode & 0o707 | (mode & 0o7) << 3;
    }
    let _ = fs::set_permissions(new, fs::Permissions::from_mode(mode));
}

#[cfg(not(unix))]
fn take_mode(_: &Path, _: &Metadata) {}

/// Whether a file of the folder is a scratch file, which is never published.
fn is_scratch(staged: &Path) -> bool {
    staged.file_name().is_some_and(|name| name.to_string_lossy().starts_with("scratch-"))
}

/// Deletes what killed processes left of an output for `path`.
pub fn remove_stale_for(path: &str) {
    if let Some((parent, name)) = Destination::of(path).place() {
        let _ = remove_stale(&parent, Some(&name));
    }
}

/// The same for outputs next to `path` with such names.
pub fn remove_stale_beside(path: &str, is_of: &dyn Fn(&str) -> bool) {
    if let Some((parent, _)) = Destination::of(path).place() {
        let _ = remove_stale_of(&parent, is_of);
    }
}

/// Writes a text file: as [`write_file`].
///
/// # Errors
/// A folder that cannot be written to, or a full disk.
pub fn write_text(path: &str, text: &str, overwrite: bool) -> Result<(), RasterError> {
    write_file(path, text.as_bytes(), overwrite)
}

/// Writes a file completely, or not at all.
///
/// # Errors
/// A folder that cannot be written to, a full disk, or without `overwrite` a file that exists.
pub fn write_file(path: &str, bytes: &[u8], overwrite: bool) -> Result<(), RasterError> {
    stage_file(path, bytes)?.publish(overwrite, &|| true)
}

/// Writes a file under a temporary name, and syncs it.
///
/// # Errors
/// A folder that cannot be written to, or a full disk.
pub fn stage_file(path: &str, bytes: &[u8]) -> Result<Staging, RasterError> {
    remove_stale_for(path);
    let staging = Staging::new(path)?;
    fs::write(staging.main(), bytes).map_err(|e| RasterError::new(Op::Write, path, e))?;
    staging.sync()?;
    Ok(staging)
}

/// Checks, before any work is done, that a file can be written to a path. In a bucket or another
/// remote folder, it writes a file of one byte and deletes it at once.
///
/// # Errors
/// A folder that does not exist or cannot be written to, or a file system that GDAL can only
/// read.
pub fn check_destination(path: &str) -> Result<(), RasterError> {
    let checked = match Destination::of(path) {
        Destination::Stdout => {
            refuse_closed().map_err(|error| RasterError::new(Op::Create, path, error))
        }
        Destination::Local(local) => Staging::new(path).and_then(|_| check_free(path, &local)),
        Destination::Virtual(path) => check_virtual(&path),
    };
    checked.map_err(|error| match (names::hint(path), &error.hint) {
        (Some(hint), None) => error.hint(hint),
        _ => error,
    })
}

/// Windows keeps a file from being replaced while another program has it open, and one that is
/// read-only.
#[cfg(windows)]
fn check_free(path: &str, local: &Path) -> Result<(), RasterError> {
    use std::os::windows::fs::OpenOptionsExt;
    // What a rename asks for: DELETE, which most programs do not share, also those that let others
    // write; and GENERIC_WRITE, which a file that is read-only does not allow.
    let rights = 0x0001_0000 | 0x4000_0000;
    match OpenOptions::new().access_mode(rights).open(local) {
        Err(error) if local.is_file() => {
            let reason = format!("it cannot be replaced: {error}");
            Err(RasterError::new(Op::Create, path, reason)
                .hint("close the program that has it open, or choose another output"))
        }
        _ => Ok(()),
    }
}

/// Other systems replace a file that is open. In a shared folder such as `/tmp`, only its owner may
/// replace it.
#[cfg(unix)]
fn check_free(path: &str, local: &Path) -> Result<(), RasterError> {
    use std::os::unix::fs::PermissionsExt;
    const STICKY: u32 = 0o1000;
    let (Ok(file), Some(folder)) = (fs::symlink_metadata(local), local.parent()) else {
        return Ok(());
    };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let is_shared =
        |folder: &Metadata| folder.permissions().mode() & STICKY != 0 && !may_change(folder);
    if !may_change(&file) && fs::metadata(folder).is_ok_and(|folder| is_shared(&folder)) {
        let reason = "it belongs to another user, and in this folder only its owner may replace it";
        return Err(
            RasterError::new(Op::Create, path, reason).hint("choose another name or folder")
        );
    }
    Ok(())
}

/// Refuses file systems of GDAL that cannot be written to, or whose files would be lost. Nothing is
/// looked for there.
///
/// # Errors
/// One of these.
pub fn refuse_unwritable(path: &str) -> Result<(), RasterError> {
    let failed = |reason: &str| RasterError::new(Op::Create, path, reason);
    if device::is_device(path) {
        return Err(failed(device::DEVICE).hint("choose another name"));
    }
    match path.strip_prefix("/vsi").and_then(|rest| rest.split(['/', '?']).next()) {
        _ if path.starts_with("/vsi") && path.contains("/vsimem/") => {
            Err(failed("a file in /vsimem/ is lost when this process ends")
                .hint("write a local file, or to standard output"))
        }
        Some(
            system @ ("curl" | "curl_streaming" | "tar" | "7z" | "rar" | "subfile" | "sparse"
            | "cached" | "stdin"),
        ) => Err(failed(&format!("GDAL can read /vsi{system}/, but cannot write to it"))
            .hint("write a local file, then copy it")),
        _ => Ok(()),
    }
}

fn check_virtual(path: &str) -> Result<(), RasterError> {
    refuse_unwritable(path)?;
    let failed = |reason: &str| RasterError::new(Op::Create, path, reason);
    let system = path.split('/').nth(1).unwrap_or_default();
    match system {
        // GDAL would say so only when everything is computed.
        "vsizip" if exists(path) => Err(failed("a file in a zip archive cannot be replaced")
            .hint("choose another name in the archive, or another archive")),
        // A file cannot be removed from an archive again, so only the archive itself is checked.
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
        .map_err(|_| failed("the name contains a NUL character".into()))?;
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
    // The bindings do not know how large the structure of the system is; nowhere more than 144 bytes.
    let mut status = [0_u64; 64];
    // SAFETY: a NUL-terminated string, and enough aligned bytes for the structure.
    unsafe { gdal_sys::VSIStatL(name.as_ptr(), status.as_mut_ptr().cast()) == 0 }
}

/// Sidecar files that would change how a new file at `path` is read.
pub fn sidecars_of(path: &Path) -> Vec<PathBuf> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    let of_format: &[&str] = match ending.as_deref() {
        // What a program that was killed had not yet written into the database.
        Some("gpkg" | "sqlite" | "db" | "mbtiles") => &["-wal", "-journal", "-shm"],
        Some("tif" | "tiff" | "nc" | "png" | "jpg") => &[],
        // ENVI and EHdr prefer it to the header that they write.
        _ => &[".hdr"],
    };
    let suffixes = [".aux.xml", ".ovr", ".msk", ".msk.ovr"].iter().chain(of_format);
    let named = |suffix: &&str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    suffixes.map(named).collect()
}

/// Copies a local file to a `/vsi...` path, front to back.
fn copy_to_virtual(from: &Path, to: &str, go_on: &dyn Fn() -> bool) -> Result<(), RasterError> {
    let failed = |reason: String| RasterError::new(Op::Finish, to, reason);
    let mut file = File::open(from).map_err(|e| failed(e.to_string()))?;
    let name = CString::new(to).map_err(|_| failed("the name contains a NUL character".into()))?;
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
        staging.publish(true, &|| true).unwrap();
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

    fn staged(path: &Path, text: &str) -> Staging {
        stage_file(path.to_str().unwrap(), text.as_bytes()).unwrap()
    }

    #[test]
    fn a_file_that_appears_meanwhile_is_replaced_only_where_asked() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out.tif");
        let (first, second) = (staged(&path, "first"), staged(&path, "second"));
        fs::write(first.main().with_file_name("out.prj"), "sidecar").unwrap();
        fs::write(&path, "theirs").unwrap();
        let error = first.publish(false, &|| true).unwrap_err();
        assert_eq!(error.op.code(), "output.exists");
        assert_eq!(
            error.to_string(),
            format!(
                "cannot replace {}: another program has written a file of this name in the meantime",
                path.display()
            )
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), "theirs");
        assert!(!dir.path().join("out.prj").exists());
        second.publish(true, &|| true).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "second");
        fs::remove_file(&path).unwrap();
        staged(&path, "third").publish(false, &|| true).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "third");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn all_outputs_get_their_names_or_none() {
        let dir = tempfile::tempdir().unwrap();
        let [old, new, folder] = ["old.tif", "new.tif", "x.asc"].map(|name| dir.path().join(name));
        fs::write(&old, "old").unwrap();
        fs::write(dir.path().join("old.tif.aux.xml"), "notes").unwrap();
        let outputs = || {
            let last = staged(&folder, "last");
            fs::write(last.main().with_file_name("x.prj"), "new notes").unwrap();
            vec![staged(&old, "a"), staged(&new, "b"), last]
        };
        fs::write(dir.path().join("x.prj"), "old notes").unwrap();
        let outputs_that_fail = outputs();
        fs::create_dir(&folder).unwrap();
        publish_all(outputs_that_fail, true, &|| true).unwrap_err();
        let read = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
        assert_eq!(
            ["old.tif", "old.tif.aux.xml", "x.prj"].map(read),
            ["old", "notes", "old notes"]
        );
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 4);
        fs::remove_dir(&folder).unwrap();
        publish_all(outputs(), true, &|| true).unwrap();
        let names = ["old.tif", "new.tif", "x.asc", "x.prj"];
        assert_eq!(names.map(read), ["a", "b", "last", "new notes"]);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 4);
    }

    #[test]
    fn what_cannot_be_taken_back_is_said_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        let [path, kept] = ["out.tif", "kept"].map(|name| dir.path().join(name));
        fs::write(&kept, "old").unwrap();
        // No file can be moved there any more.
        fs::create_dir(&path).unwrap();
        let shown = path.display();
        let said = |step: &Step| step.take_back().unwrap();
        let replaced = Step::Replaced { path: path.clone(), kept };
        let beside = format!("{shown}.replaced");
        assert_eq!(said(&replaced), format!("{shown} was replaced; what it was is in {beside}"));
        assert_eq!(fs::read_to_string(beside).unwrap(), "old");
        // Nothing of another run is lost for it.
        assert_eq!(said(&replaced), format!("{shown} was replaced"));
        assert_eq!(said(&Step::Placed(path.clone())), format!("{shown} is left"));
    }

    #[cfg(unix)]
    #[test]
    fn what_is_replaced_passes_its_mode_on() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out.tif");
        for mode in [0o600, 0o640, 0o444, 0o755] {
            let _ = fs::remove_file(&path);
            fs::write(&path, "old").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            staged(&path, "new").publish(true, &|| true).unwrap();
            let now = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!((now & 0o7777, fs::read_to_string(&path).unwrap()), (mode, "new".into()));
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_or_a_link_that_appears_meanwhile_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let [path, mine] = ["out.tif", "mine.tif"].map(|name| dir.path().join(name));
        fs::write(&mine, "mine").unwrap();
        let staging = staged(&path, "new");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        let said = staging.publish(true, &|| true).unwrap_err().to_string();
        assert!(said.ends_with("it is no longer a regular file"), "{said}");
        fs::remove_file(&path).unwrap();
        let staging = staged(&path, "new");
        std::os::unix::fs::symlink(&mine, &path).unwrap();
        staging.publish(true, &|| true).unwrap_err();
        assert!(path.is_symlink() && fs::read_to_string(mine).unwrap() == "mine");
    }

    #[test]
    fn what_cannot_have_its_name_or_has_lost_its_folder_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let long = dir.path().join(format!("{}.tif", "x".repeat(252))).display().to_string();
        let said = Staging::new(&long).unwrap_err().reason;
        assert_eq!(said, "its name has 256 bytes, and 255 are allowed");
        let staging = staged(&dir.path().join("out.tif"), "new");
        fs::remove_dir_all(dir.path()).unwrap();
        let said = staging.as_of("GDAL gives no reason", "out.tif");
        assert_eq!(said, "its folder was moved or deleted while it was being written");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_replaced_keeps_its_owner() {
        use std::os::unix::fs::{MetadataExt, chown};
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out.tif");
        fs::write(&path, "old").unwrap();
        // Only root may give a file away.
        let _ = chown(&path, Some(4321), None);
        let owner = fs::metadata(&path).unwrap().uid();
        staged(&path, "new").publish(true, &|| true).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().uid(), owner);
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_also_if_its_target_is_not_there() {
        let dir = tempfile::tempdir().unwrap();
        let (link, store) = (dir.path().join("out.tif"), dir.path().join("store"));
        fs::create_dir(&store).unwrap();
        std::os::unix::fs::symlink("store/second.tif", &link).unwrap();
        std::os::unix::fs::symlink("real.tif", store.join("second.tif")).unwrap();
        for text in ["first", "again"] {
            staged(&link, text).publish(true, &|| true).unwrap();
            assert!(link.is_symlink() && store.join("second.tif").is_symlink());
            assert_eq!(fs::read_to_string(store.join("real.tif")).unwrap(), text);
        }
        fs::remove_dir_all(&store).unwrap();
        let error = Staging::new(&link.display().to_string()).unwrap_err().to_string();
        assert!(error.contains("store") && link.is_symlink(), "{error}");
    }

    #[test]
    fn what_is_said_of_a_staged_file_names_the_output() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out.asc").display().to_string();
        let staging = Staging::new(&path).unwrap();
        let (main, base) = (staging.main().display(), staging.scratch(BASE));
        let says = |reason: String| staging.as_of(&reason, "out.asc");
        assert_eq!(says(format!("{main}: no room for {main}.")), "no room for out.asc.");
        assert_eq!(says(format!("cannot read {}", base.display())), "cannot read out.asc");
        assert_eq!(says("no space left".to_owned()), "no space left");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_that_is_there_is_not_said_to_be_missing() {
        let error = Staging::new("/proc/out.tif").unwrap_err().to_string();
        assert!(
            error.starts_with("cannot create /proc/out.tif: folder /proc cannot be written to")
        );
    }

    #[test]
    fn no_output_is_in_memory() {
        for path in ["/vsimem/out.tif", "/vsizip//vsimem/a.zip/out.tif", "/vsigzip//vsimem/a.gz"] {
            let error = check_destination(path).unwrap_err();
            assert_eq!(error.reason, "a file in /vsimem/ is lost when this process ends", "{path}");
        }
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
