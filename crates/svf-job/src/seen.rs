//! What a folder has in it, on file systems that answer from memory.
//!
//! Network file systems remember for some seconds to a minute which names are there and which are
//! not, and what is known of a file. So a file of another machine can seem to be missing, and one
//! that another machine removed can seem to be there. What a folder lists does not come from this
//! memory. So what was not found is only missing if its folder does not list it either; otherwise
//! it is waited for.

use std::fs::{self, ReadDir};
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::cancel::CancelToken;

/// How long something is waited for that a folder lists: as long as network file systems remember
/// that a file was not there.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// Time between two looks.
pub(crate) const PAUSE: Duration = Duration::from_millis(100);

/// Whether something has this name. What its folder lists is there, even if the system does not
/// find it yet: it is waited for, for [`PATIENCE`] or until a cancel.
pub fn is_there(path: &Path, cancel: &CancelToken) -> bool {
    let is_found = || path.symlink_metadata().is_ok();
    is_found() || (is_listed(path, cancel) && wait_for(&is_found, cancel))
}

/// Whether the folder of a file lists it.
pub fn is_listed(path: &Path, cancel: &CancelToken) -> bool {
    let (Some(name), Ok(mut names)) = (path.file_name(), list(parent(path), cancel)) else {
        return false;
    };
    names.any(|entry| entry.is_ok_and(|entry| entry.file_name() == name))
}

/// What is in a folder. The folder itself is waited for, as by [`is_there`].
///
/// # Errors
/// A folder that is not there or cannot be read.
pub fn list(folder: &Path, cancel: &CancelToken) -> io::Result<ReadDir> {
    match fs::read_dir(folder) {
        Err(error)
            if error.kind() == io::ErrorKind::NotFound
                && folder.file_name().is_some()
                && is_there(folder, cancel) =>
        {
            fs::read_dir(folder)
        }
        listed => listed,
    }
}

/// Makes a folder and those above it. It is no error if another process is faster.
///
/// # Errors
/// A folder that cannot be made.
pub fn make_folder(path: &Path, cancel: &CancelToken) -> io::Result<()> {
    match fs::create_dir_all(path) {
        // It was made, although the system still remembers that it was not there.
        Err(error)
            if error.kind() == io::ErrorKind::AlreadyExists
                && path.symlink_metadata().is_err()
                && is_there(path, cancel) =>
        {
            fs::create_dir_all(path)
        }
        made => made,
    }
}

fn parent(path: &Path) -> &Path {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}

/// Waits until something is found. True, because it is there, even if it is not found in the end.
fn wait_for(is_found: &dyn Fn() -> bool, cancel: &CancelToken) -> bool {
    let until = Instant::now() + PATIENCE;
    while !is_found() && Instant::now() < until && !cancel.is_cancelled() {
        thread::sleep(PAUSE);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_found_and_what_is_not_is_not_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let cancel = CancelToken::default();
        let path = |name: &str| dir.path().join(name);
        fs::write(path("a"), "").unwrap();
        for (name, there) in [("a", true), ("b", false), ("none/a", false), ("a/b", false)] {
            let path = path(name);
            assert_eq!((is_there(&path, &cancel), is_listed(&path, &cancel)), (there, there));
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("nowhere", path("link")).unwrap();
            assert!(is_there(&path("link"), &cancel));
        }
        assert!(is_there(Path::new("Cargo.toml"), &cancel));
        assert_eq!(list(&path("none"), &cancel).unwrap_err().kind(), io::ErrorKind::NotFound);
        for _ in 0..2 {
            make_folder(&path("x/y"), &cancel).unwrap();
        }
        assert!(path("x/y").is_dir());
        assert!(make_folder(&path("a"), &cancel).is_err());
    }
}
