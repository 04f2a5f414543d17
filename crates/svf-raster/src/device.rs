//! Names that the system takes for devices.

/// What is said of a name that [`is_device`].
pub const DEVICE: &str = "Windows takes this name for a device";

/// Whether the system takes a name for a device, in whichever folder it is: Windows has `NUL`, `CON` and
/// the ports, also with an extension. An archive can have such a name, too.
pub fn is_device(path: &str) -> bool {
    cfg!(windows) && is_device_of_windows(path)
}

fn is_device_of_windows(path: &str) -> bool {
    let is_between = |c| c == '/' || c == '\\';
    is_name_of_device(path.rsplit(is_between).find(|part| !part.is_empty()).unwrap_or_default())
        || local_parts(path).iter().any(|name| is_name_of_device(name))
}

/// The parts of a name of GDAL's up to the archive in a local folder. What follows are names within the
/// archive, which may be any.
fn local_parts(path: &str) -> Vec<&str> {
    const ARCHIVES: [&str; 7] = ["zip", "kmz", "tar", "tgz", "gz", "7z", "rar"];
    const SYSTEMS: [&str; 8] = ["zip", "tar", "gzip", "7z", "rar", "subfile", "sparse", "cached"];
    let system = path.strip_prefix("/vsi").and_then(|rest| rest.split(['/', '?']).next());
    if !system.is_some_and(|system| SYSTEMS.contains(&system)) {
        return Vec::new();
    }
    let parts = path.split(['/', '\\']).map(|part| part.trim_matches(['{', '}']));
    let mut parts: Vec<&str> = parts.collect();
    let is_archive = |part: &&str| {
        part.rsplit_once('.')
            .is_some_and(|(_, ending)| ARCHIVES.contains(&&*ending.to_ascii_lowercase()))
    };
    if let Some(at) = parts.iter().position(is_archive) {
        parts.truncate(at + 1);
    }
    parts
}

fn is_name_of_device(name: &str) -> bool {
    const PORTS: [&str; 2] = ["COM", "LPT"];
    // A stream of a file is written behind a colon.
    let stem = name.split(['.', ':']).next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let is_port = |port: &str| {
        let number = stem.strip_prefix(port).unwrap_or_default();
        let mut digits = number.chars();
        matches!(digits.next(), Some('1'..='9' | '¹' | '²' | '³')) && digits.next().is_none()
    };
    ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].contains(&stem.as_str())
        || PORTS.iter().any(|port| is_port(port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_windows_takes_for_devices() {
        let devices = [
            "NUL",
            "nul.tif",
            r"C:\data\com1",
            "con",
            "dir/LPT9.tar.gz",
            "AUX .tif",
            "COM²",
            "nul:",
        ];
        assert_eq!(devices.map(is_device_of_windows), [true; 8]);
        let files =
            ["nul_1.tif", "com.tif", "com0", "com10.tif", "console.tif", "a/con/b.tif", "lpt", ""];
        assert_eq!(files.map(is_device_of_windows), [false; 8]);
        // The archive is a file, what is within it has any name, and so has what is on a server.
        for archive in [
            "/vsizip/nul.zip/o.tif",
            r"/vsizip/C:\data\NUL.zip/o.tif",
            "/vsizip/{nul.zip}/o.tif",
            "/vsitar//vsigzip/com1.tar.gz/o.tif",
            "/vsizip/a.zip/nul.tif",
            "/vsigzip/aux.gz",
        ] {
            assert!(is_device_of_windows(archive), "{archive}");
        }
        for file in ["/vsizip/a.zip/aux/o.tif", "/vsis3/con/o.tif", "/vsizip/null.zip/o.tif"] {
            assert!(!is_device_of_windows(file), "{file}");
        }
        assert_eq!(is_device("com1.tif"), cfg!(windows));
    }
}
