//! Whether standard output was closed when the process began (`>&-`).
//!
//! Before `main`, Rust opens `/dev/null` in its place, so that no other file gets its number. What is
//! then printed goes nowhere and looks as if it was written.

use std::io;

/// Looks before Rust does: the system calls what is in this list before `main`.
#[cfg(unix)]
mod at_start {
    use std::ffi::c_int;
    use std::sync::atomic::{AtomicBool, Ordering};

    static WAS_CLOSED: AtomicBool = AtomicBool::new(false);

    unsafe extern "C" {
        fn fcntl(file: c_int, command: c_int, ...) -> c_int;
    }

    extern "C" fn look() {
        const STDOUT: c_int = 1;
        /// The same number on all systems.
        const F_GETFD: c_int = 1;
        // SAFETY: asks for flags of a number that may stand for no file, and changes nothing.
        let flags = unsafe { fcntl(STDOUT, F_GETFD) };
        WAS_CLOSED.store(flags < 0, Ordering::Relaxed);
    }

    #[used]
    #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__mod_init_func"))]
    #[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = ".init_array"))]
    static LOOK: extern "C" fn() = look;

    pub(super) fn was_closed() -> bool {
        WAS_CLOSED.load(Ordering::Relaxed)
    }
}

#[cfg(windows)]
mod at_start {
    use std::os::windows::io::AsRawHandle;

    /// There, nothing is opened in its place.
    pub(super) fn was_closed() -> bool {
        std::io::stdout().as_raw_handle().is_null()
    }
}

/// Refuses to write to a standard output that is closed.
///
/// # Errors
/// If it is.
pub fn refuse_closed() -> io::Result<()> {
    match at_start::was_closed() {
        true => Err(io::Error::other("standard output is closed")),
        false => Ok(()),
    }
}
