//! A folder for outputs that goes again if nothing comes into it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::CancelToken;
use crate::seen::make_folder;

/// A folder. If it is dropped before [`MadeFolder::keep`], those folders of its path that were made for
/// it are removed, as far as they are empty.
#[derive(Debug)]
pub struct MadeFolder {
    /// The innermost one first.
    made: Vec<PathBuf>,
}

impl MadeFolder {
    /// Makes a folder and those above it, if they are not there.
    ///
    /// # Errors
    /// A folder that cannot be made.
    pub fn new(path: &Path, cancel: &CancelToken) -> io::Result<Self> {
        let folders = path.ancestors().filter(|folder| !folder.as_os_str().is_empty());
        let made = folders.take_while(|folder| !folder.exists()).map(Path::to_owned).collect();
        // Those that could be made go again, too.
        let folder = Self { made };
        make_folder(path, cancel)?;
        Ok(folder)
    }

    /// Lets it stay.
    pub fn keep(mut self) {
        self.made.clear();
    }
}

impl Drop for MadeFolder {
    fn drop(&mut self) {
        for folder in &self.made {
            let _ = fs::remove_dir(folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_made_and_is_empty_goes() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        let make = |name: &str| MadeFolder::new(&path(name), &CancelToken::default()).unwrap();
        fs::create_dir(path("old")).unwrap();
        drop(make("old/a/b"));
        assert!(path("old").is_dir() && !path("old/a").exists());
        drop(make("old"));
        assert!(path("old").is_dir());
        make("old/a/b").keep();
        assert!(path("old/a/b").is_dir());
        let folder = make("old/c/d");
        fs::write(path("old/c/e"), "").unwrap();
        drop(folder);
        assert!(path("old/c/e").is_file() && !path("old/c/d").exists());
    }
}
