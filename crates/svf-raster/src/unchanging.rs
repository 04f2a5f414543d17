//! Files that must stay as they are while they are read.

use crate::stat::FileState;

/// What helps if a file changed while it was being read.
pub const UNCHANGING: &str = "run the command again when the input does not change any more";

/// From now on, GDAL opens a file only in this state, until [`let_go`]: one that is put in its place for a moment
/// would stay open, and be read to the end. Only on Linux, and not for libraries that open files themselves.
pub fn hold(path: &str, state: &FileState) {
    #[cfg(target_os = "linux")]
    crate::local_files::expect_state(path, Some(state.clone()));
    #[cfg(not(target_os = "linux"))]
    let _ = (path, state);
}

/// A file may change again.
pub fn let_go(path: &str) {
    #[cfg(target_os = "linux")]
    crate::local_files::expect_state(path, None);
    #[cfg(not(target_os = "linux"))]
    let _ = path;
}
