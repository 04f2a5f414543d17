//! A whole raster copied to another format, with progress and a way to stop.

use std::any::Any;
use std::ffi::{CString, c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;

use gdal::cpl::CslStringList;
use gdal::{Dataset, Driver, Metadata};

use crate::driver::{creation_options, output_driver};
use crate::output::{BandStatistics, OutputSpec};
use crate::{netcdf, session};

/// Writes the complete GeoTIFF `base` in the format of the output. `more` are creation options
/// beside those of the output; `statistics` has those of each band, or is empty.
pub(crate) fn convert(
    base: &Dataset,
    spec: &OutputSpec,
    to: &Path,
    (statistics, more): (&[BandStatistics], &[String]),
    report: &mut dyn FnMut(f64) -> bool,
) -> Result<(), String> {
    if spec.driver == netcdf::DRIVER {
        return netcdf::write(base, spec, to, statistics, report);
    }
    let driver = output_driver(spec).map_err(|e| e.reason)?;
    let options = [&creation_options(spec)[..], more].concat();
    let mut copied = copy(base, &driver, to, &options, report)?;
    if spec.driver == "ENVI" {
        // It goes into the header, where the temporary name would stay.
        copied.set_description(&spec.path).map_err(|e| session::reason(&e))?;
    }
    copied.close().map_err(|e| session::reason(&e))
}

/// State of a copy in progress, behind GDAL's callback pointer.
struct CopyProgress<'a> {
    report: &'a mut dyn FnMut(f64) -> bool,
    cancelled: bool,
    /// A panic in the progress function, passed through GDAL.
    panic: Option<Box<dyn Any + Send>>,
}

unsafe extern "C" fn copy_progress(done: f64, _: *const c_char, state: *mut c_void) -> c_int {
    // SAFETY: `copy` passes a pointer to a CopyProgress that outlives the call.
    let state = unsafe { &mut *state.cast::<CopyProgress<'_>>() };
    // GDAL can call again after it was told to stop; the answer must stay the same.
    if !state.cancelled {
        let go_on = catch_unwind(AssertUnwindSafe(|| (state.report)(done)));
        state.cancelled = !matches!(go_on, Ok(true));
        state.panic = go_on.err();
    }
    c_int::from(!state.cancelled)
}

fn copy(
    from: &Dataset,
    driver: &Driver,
    to: &Path,
    options: &[String],
    report: &mut dyn FnMut(f64) -> bool,
) -> Result<Dataset, String> {
    let name = CString::new(to.to_string_lossy().as_bytes()).map_err(|e| e.to_string())?;
    let options = CslStringList::from_iter(options.iter().map(String::as_str));
    let mut state = CopyProgress { report, cancelled: false, panic: None };
    // SAFETY: live handles, a NUL-terminated name, and a state that outlives the call.
    let copied = unsafe {
        gdal_sys::GDALCreateCopy(
            driver.c_driver(),
            name.as_ptr(),
            from.c_dataset(),
            0,
            options.as_ptr(),
            Some(copy_progress),
            (&raw mut state).cast(),
        )
    };
    // SAFETY: GDALCreateCopy gave this code the ownership of the dataset, if there is one.
    let copied = (!copied.is_null()).then(|| unsafe { Dataset::from_c_dataset(copied) });
    if let Some(panic) = state.panic {
        resume_unwind(panic);
    }
    if state.cancelled {
        return Err("cancelled".into());
    }
    copied.ok_or_else(session::last_message)
}
