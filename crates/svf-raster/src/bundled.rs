//! The GDAL that comes with the programs. Its data and PROJ's are next to them.
//!
//! Other programs set `GDAL_DATA`, `PROJ_DATA`, `PROJ_LIB` and `GDAL_DRIVER_PATH` for their own
//! GDAL (QGIS, OSGeo4W, conda). For this GDAL, which can be another version, none of them counts.

use std::ffi::CString;
use std::path::{Path, PathBuf};

const _: () = assert!(
    option_env!("SVF_BUNDLED").is_some(),
    "the feature `bundled` needs a GDAL to come with the programs: packaging/bundled.sh brings it"
);

/// Where distributions keep the certificates that a server is checked with.
const CERTIFICATES: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// Lets GDAL use what came with it. To be called before GDAL does anything.
pub(crate) fn set_up() {
    let set = |key: &str, value: &str| drop(gdal::config::set_config_option(key, value));
    set("GDAL_DRIVER_PATH", "disable");
    let program = std::env::current_exe().and_then(|path| path.canonicalize());
    if let Some(data) = program.ok().and_then(|program| data_of(&program)) {
        set("GDAL_DATA", &data.join("gdal").to_string_lossy());
        search_proj_in(&data.join("proj"));
    }
    let is_set = |key| std::env::var_os(key).is_some_and(|value| !value.is_empty());
    let own = CERTIFICATES.iter().find(|path| Path::new(path).is_file());
    if let Some(own) = own.filter(|_| !is_set("CURL_CA_BUNDLE") && !is_set("SSL_CERT_FILE")) {
        set("CURL_CA_BUNDLE", own);
    }
}

/// PROJ's database where the data of the program should be, whatever it is; none if there is nothing.
pub(crate) fn database() -> Option<PathBuf> {
    let program = std::env::current_exe().and_then(|path| path.canonicalize()).ok()?;
    let mut databases = places_of(&program).into_iter().map(|data| data.join("proj/proj.db"));
    databases.find(|database| database.symlink_metadata().is_ok())
}

/// The folder with the data, for a program that was installed, or only unpacked.
fn data_of(program: &Path) -> Option<PathBuf> {
    places_of(program).into_iter().find(|data| data.join("proj/proj.db").is_file())
}

/// Where the data can be.
fn places_of(program: &Path) -> Vec<PathBuf> {
    let Some(folder) = program.parent() else { return Vec::new() };
    let mut places = vec!["../share/svf-tools", "../data/share/svf-tools", "share/svf-tools"];
    if cfg!(windows) {
        // Where pip puts them for one user: programs have a folder for each version of Python.
        places.push("../../share/svf-tools");
    }
    places.iter().map(|place| folder.join(place)).collect()
}

fn search_proj_in(folder: &Path) {
    let Ok(folder) = CString::new(folder.as_os_str().as_encoded_bytes()) else { return };
    let folders = [folder.as_ptr(), std::ptr::null()];
    // SAFETY: a list of NUL-terminated strings that ends with a null pointer; PROJ copies it.
    unsafe { gdal_sys::OSRSetPROJSearchPaths(folders.as_ptr()) };
}
