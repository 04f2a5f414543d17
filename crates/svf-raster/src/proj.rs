//! PROJ's database, without which a CRS loses its code and cannot be converted.

use std::path::PathBuf;
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
    let added = std::env::var("PROJ_AUX_DB").ok().filter(|files| !files.is_empty());
    let own = match cfg!(feature = "bundled") {
        true => Own::Beside(beside_program()),
        false => Own::OfSystem,
    };
    let (reason, hint) = words(&own, added.as_deref());
    Err(RasterError::new(Op::Open, path, reason).hint(hint))
}

/// Where PROJ's database should be.
enum Own {
    /// Where the system has it.
    OfSystem,
    /// Beside the program, where there may be one that cannot be used.
    Beside(Option<PathBuf>),
}

/// The database that comes with the programs, whatever is in it; none if there is nothing.
fn beside_program() -> Option<PathBuf> {
    #[cfg(feature = "bundled")]
    return crate::bundled::database();
    #[cfg(not(feature = "bundled"))]
    None
}

/// Why PROJ does not open its database, and what to do. `added` are the files of `PROJ_AUX_DB`, which
/// PROJ opens together with it.
fn words(own: &Own, added: Option<&str>) -> (String, String) {
    const UNPACK: &str = "unpack the whole archive again, and keep its folders together";
    const INSTALL: &str = "install the data of PROJ, or set PROJ_DATA (before PROJ 9.1: PROJ_LIB) to the \
                           folder of proj.db";
    let (reason, hint) = match own {
        Own::Beside(None) => {
            let reason = "PROJ's database is not beside the program (share/svf-tools/proj/proj.db)";
            return (reason.to_owned(), UNPACK.to_owned());
        }
        Own::Beside(Some(file)) => {
            (format!("PROJ's database {} cannot be used", file.display()), UNPACK)
        }
        Own::OfSystem => {
            let reason = "its CRS cannot be used, because PROJ cannot open its database proj.db";
            (reason.to_owned(), INSTALL)
        }
    };
    match added {
        None => (reason, hint.to_owned()),
        Some(added) => (
            format!("{reason} together with PROJ_AUX_DB={added}"),
            format!("unset PROJ_AUX_DB; if that does not help, {hint}"),
        ),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_missing_or_cannot_be_used() {
        let there = || Own::Beside(Some("/opt/share/svf-tools/proj/proj.db".into()));
        let (missing, hint) = words(&Own::Beside(None), Some("/x.db"));
        assert!(missing.contains("is not beside the program"), "{missing}");
        assert!(hint.starts_with("unpack the whole archive again"), "{hint}");
        let (damaged, hint) = words(&there(), None);
        assert_eq!(damaged, "PROJ's database /opt/share/svf-tools/proj/proj.db cannot be used");
        assert!(hint.starts_with("unpack the whole archive again"), "{hint}");
        for own in [there(), Own::OfSystem] {
            let (reason, hint) = words(&own, Some("/x.db"));
            assert!(reason.ends_with("together with PROJ_AUX_DB=/x.db"), "{reason}");
            assert!(hint.starts_with("unset PROJ_AUX_DB; if that does not help, "), "{hint}");
        }
    }
}
