//! GDAL for the whole process: drivers registered once, the block cache sized,
//! and an error handler that latches.
//!
//! On a full disk GDAL's write, flush and close calls may all report success;
//! only the error handler sees the failure, and possibly on another thread. So
//! the first failure since [`Session::arm`] is kept until someone asks. The
//! handler also keeps GDAL from printing between our lines.

use std::sync::Mutex;

use gdal::errors::CplErrType;

use crate::error::{Op, RasterError};

static FIRST_FAILURE: Mutex<Option<String>> = Mutex::new(None);
static LAST_MESSAGE: Mutex<String> = Mutex::new(String::new());
static WARNINGS: Mutex<Vec<String>> = Mutex::new(Vec::new());
/// Warnings kept between two looks: a damaged file may have one per block.
const MOST_WARNINGS: usize = 20;

/// Proof that GDAL is set up.
#[derive(Clone, Copy, Debug)]
pub struct Session(());

impl Session {
    /// Sets the error handler and the configuration (`KEY=VALUE`, as `--config`),
    /// then registers the drivers, which may depend on it.
    ///
    /// # Errors
    /// A key or value that GDAL cannot take.
    pub fn start(config: &[String]) -> Result<Self, RasterError> {
        gdal::config::set_error_handler(|class, _, message| match class {
            CplErrType::Failure | CplErrType::Fatal => {
                if let Ok(mut last) = LAST_MESSAGE.lock() {
                    message.clone_into(&mut last);
                }
                if let Ok(mut first) = FIRST_FAILURE.lock() {
                    first.get_or_insert_with(|| message.to_owned());
                }
            }
            CplErrType::Warning => {
                if let Ok(mut warnings) = WARNINGS.lock()
                    && warnings.len() < MOST_WARNINGS
                    && !warnings.iter().any(|known| known == message)
                {
                    warnings.push(message.to_owned());
                }
            }
            _ => {}
        });
        // Overviews of wide rasters are made in chunks: small ones, for the memory promise.
        if gdal::config::get_config_option("GDAL_OVR_CHUNK_MAX_SIZE", "")
            .is_ok_and(|v| v.is_empty())
        {
            let _ = gdal::config::set_config_option("GDAL_OVR_CHUNK_MAX_SIZE", "1000000");
        }
        give_memory_back();
        for pair in config {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            gdal::config::set_config_option(key, value)
                .map_err(|error| RasterError::new(Op::Config, key, error))?;
        }
        gdal::DriverManager::register_all();
        Ok(Self(()))
    }

    /// Bounds GDAL's block cache, which all datasets share.
    pub fn set_cache_bytes(self, bytes: u64) {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        // SAFETY: takes a number, sets a global under GDAL's own lock.
        unsafe { gdal_sys::GDALSetCacheMax64(bytes) };
    }

    /// Forgets past failures: from here on the first one is kept.
    pub fn arm(self) {
        if let Ok(mut first) = FIRST_FAILURE.lock() {
            *first = None;
        }
        // SAFETY: clears thread-local error state.
        unsafe { gdal_sys::CPLErrorReset() };
    }

    /// GDAL's warnings since the last time, each once.
    pub fn take_warnings(self) -> Vec<String> {
        WARNINGS.lock().map(|mut warnings| std::mem::take(&mut *warnings)).unwrap_or_default()
    }

    /// Version of the GDAL library in use, as "3.6.2".
    pub fn gdal_version() -> String {
        gdal::version::VersionInfo::release_name()
    }
}

/// Keeps glibc from holding on to large buffers that were freed: by default it
/// learns from the first one to take the next from its heap, where the blocks of
/// a raster leave holes, and the memory promise with them.
fn give_memory_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        unsafe extern "C" {
            fn mallopt(parameter: std::ffi::c_int, value: std::ffi::c_int) -> std::ffi::c_int;
        }
        const M_MMAP_THRESHOLD: std::ffi::c_int = -3;
        const TWO_MIB: std::ffi::c_int = 2 << 20;
        // SAFETY: glibc's own function, with a parameter it documents.
        unsafe { mallopt(M_MMAP_THRESHOLD, TWO_MIB) };
    }
}

/// Passes on the first latched failure as one of `op` on `path`.
///
/// # Errors
/// That failure, if there is one.
pub(crate) fn check(op: Op, path: &str) -> Result<(), RasterError> {
    match FIRST_FAILURE.lock() {
        Ok(first) => match first.as_deref() {
            None => Ok(()),
            Some(reason) => Err(RasterError::new(op, path, reason)),
        },
        Err(_) => Ok(()),
    }
}

/// Does something that may fail without harm: what it says is kept nowhere. Nothing else
/// may go on beside it.
pub(crate) fn may_fail<T>(attempt: impl FnOnce() -> T) -> T {
    let before = FIRST_FAILURE.lock().ok().and_then(|first| first.clone());
    let warnings = WARNINGS.lock().map_or(0, |warnings| warnings.len());
    let result = attempt();
    if let Ok(mut first) = FIRST_FAILURE.lock() {
        *first = before;
    }
    if let Ok(mut known) = WARNINGS.lock() {
        known.truncate(warnings);
    }
    result
}

/// The same, and without a warning of what it did.
pub(crate) fn quietly<T>(attempt: impl FnOnce() -> T) -> T {
    let before = WARNINGS.lock().map(|warnings| warnings.clone()).unwrap_or_default();
    let result = may_fail(attempt);
    if let Ok(mut warnings) = WARNINGS.lock() {
        *warnings = before;
    }
    result
}

/// GDAL's word on what just failed, or `otherwise`.
pub(crate) fn reason(error: &gdal::errors::GdalError) -> String {
    use gdal::errors::GdalError;
    let said = match error {
        GdalError::CplError { msg, .. } | GdalError::NullPointer { msg, .. } => msg.clone(),
        other => other.to_string(),
    };
    if said.trim().is_empty() { last_message() } else { said }
}

/// The message of the last failure.
pub(crate) fn last_message() -> String {
    let last = LAST_MESSAGE.lock().map(|m| m.clone()).unwrap_or_default();
    if last.is_empty() { "GDAL gives no reason".to_owned() } else { last }
}
