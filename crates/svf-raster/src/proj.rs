//! PROJ's database, without which a CRS loses its code and cannot be converted.

use std::sync::OnceLock;

use gdal::spatial_ref::SpatialRef;

use crate::error::{Op, RasterError};

/// Refuses to use a CRS if PROJ cannot open its database: GDAL goes on without, and makes another CRS of it.
///
/// # Errors
/// If it cannot, and the CRS `is_used`; `path` is the file with the CRS.
pub(crate) fn refuse_missing(
    path: &str,
    is_used: impl FnOnce() -> bool,
) -> Result<(), RasterError> {
    static IS_THERE: OnceLock<bool> = OnceLock::new();
    let is_known = IS_THERE.get() == Some(&true);
    if is_known || !is_used() || *IS_THERE.get_or_init(opens_database) {
        return Ok(());
    }
    let (reason, hint) = if cfg!(feature = "bundled") {
        let hint = "unpack the whole archive again, and keep its folders together";
        ("PROJ's database is not beside the program (share/svf-tools/proj/proj.db)", hint)
    } else {
        let hint = "install the data of PROJ, or set PROJ_DATA (before PROJ 9.1: PROJ_LIB) to the \
                    folder of proj.db";
        ("its CRS cannot be used, because PROJ cannot open its database proj.db", hint)
    };
    Err(RasterError::new(Op::Open, path, reason).hint(hint))
}

fn opens_database() -> bool {
    const ANY: u32 = 4326;
    // SAFETY: a handler of GDAL, for this thread, until the second call.
    unsafe { gdal_sys::CPLPushErrorHandler(Some(gdal_sys::CPLQuietErrorHandler)) };
    let found = SpatialRef::from_epsg(ANY).is_ok();
    // SAFETY: the handler that was pushed above.
    unsafe { gdal_sys::CPLPopErrorHandler() };
    found
}
