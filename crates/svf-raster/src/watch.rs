//! The state of files at the moment before they are opened.

use std::cell::RefCell;
use std::collections::HashMap;
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use crate::stat::{FileState, file_state, local_file};

thread_local! {
    /// The states of the files that this thread has opened, if anyone wants to know.
    static SEEN: RefCell<Option<HashMap<String, FileState>>> = const { RefCell::new(None) };
}

/// While it lives, the state of each file that this thread opens is noted before anything of it is
/// read: a state that is asked for afterwards can be that of a file which is being overwritten.
/// On Linux, of all files that GDAL opens; elsewhere, of the rasters as they are named.
pub struct Watch {
    before: Option<HashMap<String, FileState>>,
}

impl Watch {
    /// Watches from now on.
    #[must_use = "files are watched as long as this lives"]
    pub fn begin() -> Self {
        Self { before: SEEN.replace(Some(HashMap::new())) }
    }

    /// The state of a file when it was first opened, or the present one if it was not.
    pub fn state_of(&self, path: &str) -> Option<FileState> {
        let seen = SEEN.with_borrow(|seen| seen.as_ref().and_then(|seen| seen.get(path).cloned()));
        seen.or_else(|| file_state(path))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        SEEN.set(self.before.take());
    }
}

/// The state in which a file is to be opened. None if it does not exist.
pub fn state_to_open(path: &str) -> Option<FileState> {
    settled(|| file_state(path))
}

/// Notes the state of a raster that is about to be opened, if it is in a local file: some drivers
/// open files without GDAL.
pub(crate) fn about_to_open(path: &str) {
    if SEEN.with_borrow(Option::is_none) {
        return;
    }
    let Some(file) = local_file(path).map(|file| file.display().to_string()) else { return };
    for path in [&file, path] {
        note(path, || file_state(path));
    }
}

/// Notes the state of a file, which `state` asks the system for, unless it is known.
pub(crate) fn note(path: &str, state: impl Fn() -> Option<FileState>) {
    let is_wanted =
        SEEN.with_borrow(|seen| seen.as_ref().is_some_and(|seen| !seen.contains_key(path)));
    if let Some(state) = is_wanted.then(|| settled(state)).flatten() {
        SEEN.with_borrow_mut(|seen| seen.as_mut().map(|seen| seen.insert(path.to_owned(), state)));
    }
}

/// Whether a file that this thread opens again has the state that was noted. What programs write
/// statistics into is compared by its content, elsewhere.
#[cfg(target_os = "linux")]
pub(crate) fn is_as_noted(path: &str, now: &FileState) -> bool {
    let name = path.to_ascii_lowercase();
    let is_compared = !(name.ends_with(".vrt") || name.ends_with(".aux.xml"));
    let noted = |seen: &HashMap<String, FileState>| seen.get(path).is_none_or(|was| was == now);
    !is_compared || SEEN.with_borrow(|seen| seen.as_ref().is_none_or(noted))
}

/// The state of a file once the clock of the file system has gone on since its last change: until
/// then, the next change can leave the same time.
fn settled(state: impl Fn() -> Option<FileState>) -> Option<FileState> {
    const TICK: Duration = Duration::from_millis(20);
    // A file that is written all the time is noticed later.
    const MOST_WAITS: usize = 5;
    let mut now = state()?;
    for _ in 0..MOST_WAITS {
        let age = now.time().and_then(|time| SystemTime::now().duration_since(time).ok());
        if age.is_none_or(|age| age > TICK) {
            break;
        }
        sleep(TICK);
        now = state()?;
    }
    Some(now)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_first_state_of_a_file_is_kept_while_it_is_watched() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.bil").display().to_string();
        fs::write(&path, "12").unwrap();
        about_to_open(&path);
        let watch = Watch::begin();
        fs::write(&path, "123").unwrap();
        about_to_open(&path);
        fs::write(&path, "1234").unwrap();
        about_to_open(&path);
        assert_eq!(watch.state_of(&path).unwrap().bytes, 3);
        drop(watch);
        assert_eq!(Watch::begin().state_of(&path).unwrap().bytes, 4);
    }

    /// The clock of a file system goes on in steps of some milliseconds.
    #[test]
    fn a_change_directly_after_the_state_was_noted_is_another_state() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.bil").display().to_string();
        for round in 0..20_u8 {
            fs::write(&path, [round]).unwrap();
            let watch = Watch::begin();
            about_to_open(&path);
            fs::write(&path, [round + 1]).unwrap();
            assert_ne!(watch.state_of(&path), file_state(&path), "round {round}");
        }
    }
}
