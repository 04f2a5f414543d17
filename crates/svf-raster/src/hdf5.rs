//! HDF5 writes a stack of its own errors to standard error. GDAL says the same in one line.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};

use gdal::Dataset;

/// Whether a file was opened with HDF5.
static USED: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// Whether this thread is quiet: each has a stack of its own.
    static HUSHED: Cell<bool> = const { Cell::new(false) };
}

/// Says that a raster was opened, perhaps with HDF5.
pub(crate) fn hush_for(dataset: &Dataset) {
    const DRIVERS: [&str; 8] =
        ["netCDF", "HDF5", "HDF5Image", "BAG", "KEA", "S102", "S104", "S111"];
    if DRIVERS.contains(&dataset.driver().short_name().as_str()) {
        USED.store(true, Ordering::Relaxed);
        hush();
    }
}

/// Ends the writing on this thread, if a file was opened with HDF5.
pub(crate) fn hush() {
    if USED.load(Ordering::Relaxed) && !HUSHED.replace(true) {
        take_writer();
    }
}

/// Takes away the function that writes it, if HDF5 is a shared library of the process.
#[cfg(target_os = "linux")]
fn take_writer() {
    use std::ffi::{c_int, c_void};

    // Identifiers have 64 bits from HDF5 1.10 on.
    type SetAuto = unsafe extern "C" fn(i64, *const c_void, *mut c_void) -> c_int;
    const DEFAULT_STACK: i64 = 0;
    // SAFETY: a NUL-terminated name; a function of this name has this type; it takes null pointers.
    unsafe {
        let found = libc::dlsym(libc::RTLD_DEFAULT, c"H5Eset_auto2".as_ptr());
        if !found.is_null() {
            let set_auto = std::mem::transmute::<*mut c_void, SetAuto>(found);
            set_auto(DEFAULT_STACK, std::ptr::null(), std::ptr::null_mut());
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn take_writer() {}
