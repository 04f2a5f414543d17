//! Names as users write them: folders and patterns that mean many files, and suggestions for
//! names that GDAL does not accept.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, is_separator};

use gdal::vsi;

/// Sidecar files, which belong to a raster but are not rasters.
pub fn is_sidecar(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    const ENDINGS: [&str; 13] = [
        ".aux.xml", ".aux", ".ovr", ".msk", ".prj", ".qpj", ".wld", ".xml", ".hdr", ".rrd", ".stx",
        ".clr", ".qml",
    ];
    let ending = name.rsplit('.').next().unwrap_or_default();
    // .tfw, .tifw, .jgw: first and last letter of an extension, or all of it, and a w.
    let is_world = ["tfw", "tifw", "tiffw", "jgw", "jpgw", "pgw", "pngw", "bpw", "j2w", "asw"];
    ENDINGS.iter().any(|end| name.ends_with(end)) || is_world.contains(&ending)
}

/// Whether a name has the extension of a raster. If such a file cannot be opened, it is damaged,
/// not a file of another kind.
pub fn has_raster_ending(name: &str) -> bool {
    const ENDINGS: [&str; 24] = [
        "tif", "tiff", "gtiff", "vrt", "asc", "img", "jp2", "j2k", "bil", "bip", "bsq", "flt",
        "dem", "hgt", "grd", "nc", "h5", "hdf", "hdf5", "xyz", "dt0", "dt1", "dt2", "sdat",
    ];
    ending(name).is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

/// The extension of a name, in lower case.
pub fn ending(name: &str) -> Option<String> {
    Path::new(name).extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase())
}

/// A path, or a name of GDAL's such as `/vsizip/a.zip/b.tif`, without the folders. If nothing is
/// left, all of it.
pub fn file_name(path: &str) -> &str {
    last_part(path, is_separator)
}

fn last_part(path: &str, is_separator: fn(char) -> bool) -> &str {
    let name = path.trim_end_matches(is_separator).rsplit(is_separator).next();
    name.filter(|name| !name.is_empty()).unwrap_or(path)
}

/// Whether a name has wildcards.
pub fn is_pattern(name: &str) -> bool {
    // In URLs, a question mark is not a wildcard.
    let wild: &[char] = if name.starts_with("/vsi") { &['*'] } else { &['*', '?', '['] };
    // What follows the name of a file there is said of the file.
    !name.starts_with("vrt://") && name.contains(wild)
}

/// The names in a folder, sorted; none if it is not a folder.
pub fn names_in(folder: &str) -> Option<Vec<String>> {
    let mut names: Vec<String> = if folder.starts_with("/vsi") {
        let names = vsi::read_dir(folder, false).ok()?;
        names.into_iter().map(|name| name.to_string_lossy().into_owned()).collect()
    } else {
        let folder = if folder.is_empty() { "." } else { folder };
        let entries = fs::read_dir(folder).ok()?;
        entries.filter_map(|e| Some(e.ok()?.file_name().to_string_lossy().into_owned())).collect()
    };
    names.retain(|name| name != "." && name != "..");
    names.sort_unstable();
    Some(names)
}

/// A name within a folder.
pub fn within(folder: &str, name: &str) -> String {
    match folder {
        "" => name.to_owned(),
        folder if folder.ends_with(is_separator) => format!("{folder}{name}"),
        folder => format!("{folder}/{name}"),
    }
}

/// Whether a file beside a raster can be added or deleted without a change of any cell.
pub fn is_note(file: &str) -> bool {
    // Statistics, overviews, indexes of shapes, metadata of satellite images.
    const NOTES: [&str; 8] = [".aux.xml", ".stx", ".ovr", ".qix", ".sbn", ".sbx", ".imd", ".rpb"];
    let file = file.to_ascii_lowercase();
    NOTES.iter().any(|note| file.ends_with(note))
}

/// Whether a file beside a raster can change what its cells are, or where: a mask, metadata, a CRS, a
/// world file, a header.
pub(crate) fn says_more(name: &str) -> bool {
    const OF_LOOKS: [&str; 5] = ["ovr", "qml", "clr", "stx", "xml"];
    let of_looks = ending(name).is_some_and(|ending| OF_LOOKS.contains(&ending.as_str()));
    is_sidecar(name) && (!of_looks || name.to_ascii_lowercase().ends_with(".aux.xml"))
}

/// The files that match a pattern, sorted: `*`, `?` and `[...]` can be in the names of files and
/// folders. Hidden files only match if the pattern begins with a dot.
pub fn expand(pattern: &str) -> Vec<String> {
    let leading = pattern.chars().take_while(|&c| is_separator(c)).count();
    let root = match leading {
        0 => "",
        // A folder that another machine shares.
        2.. if cfg!(windows) => "//",
        _ => "/",
    };
    let mut found = vec![root.to_owned()];
    for part in pattern.split(is_separator).filter(|part| !part.is_empty()) {
        found = if is_pattern(part) {
            let matching = |folder: &String| {
                let mut names = names_in(folder).unwrap_or_default();
                names.retain(|name| {
                    (!name.starts_with('.') || part.starts_with('.')) && fits(part, name)
                });
                names.into_iter().map(|name| within(folder, &name)).collect::<Vec<_>>()
            };
            found.iter().flat_map(matching).collect()
        } else {
            found.iter().map(|folder| within(folder, part)).collect()
        };
    }
    found.retain(|path| path.starts_with("/vsi") || Path::new(path).exists());
    found
}

/// Whether a name matches a pattern.
fn fits(pattern: &str, name: &str) -> bool {
    fn fit(pattern: &[char], name: &[char]) -> bool {
        let Some((&first, rest)) = pattern.split_first() else { return name.is_empty() };
        let one = |rest: &[char]| name.split_first().is_some_and(|(_, name)| fit(rest, name));
        match first {
            '*' => (0..=name.len()).any(|skipped| fit(rest, &name[skipped..])),
            '?' => one(rest),
            '[' => match rest.iter().skip(1).position(|&c| c == ']') {
                None => name.first() == Some(&'[') && one(rest),
                Some(end) => {
                    let (class, after) = (&rest[..=end], &rest[end + 2..]);
                    name.first().is_some_and(|&c| is_of_class(class, c)) && one(after)
                }
            },
            _ => name.first() == Some(&first) && one(rest),
        }
    }
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    fit(&pattern, &name)
}

/// Whether a letter is one of `abc`, `a-c`, or with `!` or `^` before them none.
fn is_of_class(class: &[char], letter: char) -> bool {
    let (class, wanted) = match class.split_first() {
        Some(('!' | '^', rest)) if !rest.is_empty() => (rest, false),
        _ => (class, true),
    };
    let mut left = class;
    let mut found = false;
    while let Some((&from, rest)) = left.split_first() {
        (found, left) = match rest {
            ['-', to, rest @ ..] => (found || (from..=*to).contains(&letter), rest),
            _ => (found || from == letter, rest),
        };
    }
    found == wanted
}

/// The names of the files in each folder, listed once. Otherwise GDAL lists the folder for every
/// file that it opens, which takes minutes for ten thousand files.
#[derive(Default)]
pub struct Siblings(HashMap<String, Vec<String>>);

impl Siblings {
    /// The files in the same folder that may belong to a local file, including the file itself;
    /// none if GDAL must search.
    pub fn of(&mut self, path: &str) -> Option<Vec<String>> {
        if path.starts_with("/vsi") || !Path::new(path).is_file() {
            return None;
        }
        let name = file_name(path);
        let folder = Path::new(path).parent().and_then(Path::to_str).unwrap_or_default();
        let names =
            self.0.entry(folder.to_owned()).or_insert_with(|| names_in(folder).unwrap_or_default());
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let first = names.partition_point(|other| other.as_str() < stem);
        let belongs = |other: &&String| {
            other.strip_prefix(stem).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let near = names[first..].iter().take_while(|other| other.starts_with(stem));
        let mut beside: Vec<String> = near.filter(belongs).cloned().collect();
        if !beside.iter().any(|other| other == name) {
            beside.push(name.to_owned());
        }
        Some(beside)
    }
}

/// What to write instead of a name that GDAL does not accept: an archive, a URL, or a home folder
/// (`~`) that the shell did not replace.
pub fn hint(path: &str) -> Option<String> {
    if let Some((scheme, rest)) = path.split_once("://") {
        let scheme = scheme.to_ascii_lowercase();
        let prefix = match scheme.as_str() {
            "s3" | "s3a" | "s3n" => "/vsis3/",
            "gs" | "gcs" => "/vsigs/",
            "az" | "azure" | "abfs" | "wasb" | "wasbs" => "/vsiaz/",
            "abfss" | "adl" => "/vsiadls/",
            "oss" => "/vsioss/",
            "swift" => "/vsiswift/",
            "hdfs" => return Some(format!("write it as /vsihdfs/{path}")),
            "http" | "https" | "ftp" => return Some(format!("write it as /vsicurl/{path}")),
            "file" => {
                let local = if rest.starts_with('/') { rest } else { &rest[rest.find('/')?..] };
                return Some(format!("write only the path: {}", local.replace("%20", " ")));
            }
            _ => return None,
        };
        return Some(format!("write it as {prefix}{rest}"));
    }
    if path == "~" || path.starts_with("~/") {
        let whole = std::env::var("HOME").map(|home| format!("{home}{}", &path[1..]));
        return Some(format!(
            "the shell replaces ~ only outside quotes: write {}",
            whole.as_deref().unwrap_or("the path of your home folder")
        ));
    }
    archive_hint(path)
}

/// The name of a file that is there, where only blanks before or after it are too many.
pub(crate) fn blank_hint(path: &str) -> Option<String> {
    let name = path.trim();
    let is_it = name != path && !Path::new(path).exists() && Path::new(name).exists();
    is_it.then(|| format!("there is a file {name}: write it without the blank"))
}

/// The names of the files in an archive.
fn archive_hint(path: &str) -> Option<String> {
    const SHOWN: usize = 5;
    let lower = path.to_ascii_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| lower.ends_with(ending));
    let prefix = if ends(&[".zip", ".kmz"]) {
        "/vsizip/"
    } else if ends(&[".tar", ".tgz", ".tar.gz"]) {
        "/vsitar/"
    } else if ends(&[".gz"]) {
        "/vsigzip/"
    } else if ends(&[".7z"]) {
        "/vsi7z/"
    } else if ends(&[".rar"]) {
        "/vsirar/"
    } else {
        return None;
    };
    if path.starts_with("/vsi") || !Path::new(path).is_file() {
        return None;
    }
    // /vsizip/ and an absolute path need two slashes.
    let archive = format!("{prefix}{path}");
    if prefix == "/vsigzip/" {
        return Some(format!("it is compressed: write {archive}"));
    }
    let inside = crate::session::may_fail(|| vsi::read_dir(&archive, true)).unwrap_or_default();
    let mut names: Vec<String> = inside
        .iter()
        .map(|name| name.to_string_lossy().into_owned())
        .filter(|name| !name.ends_with('/') && !is_sidecar(name))
        .collect();
    let rasters = names.iter().filter(|name| has_raster_ending(name)).count();
    if rasters > 0 {
        names.retain(|name| has_raster_ending(name));
    }
    Some(match &names[..] {
        [] => format!("it is an archive: write {archive}/NAME.tif for a raster in it"),
        [one] => format!("it is an archive: write {archive}/{one}"),
        many => {
            let shown: Vec<String> =
                many.iter().take(SHOWN).map(|name| format!("{archive}/{name}")).collect();
            let more = match many.len().saturating_sub(SHOWN) {
                0 => String::new(),
                more => format!("  and {more} more"),
            };
            format!("it is an archive: choose one of its files: {}{more}", shown.join("  "))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_cut_off() {
        for (path, name) in [
            ("/a/b/c.tif", "c.tif"),
            ("c.tif", "c.tif"),
            ("/a/tiles/", "tiles"),
            ("/vsizip/a.zip/b.tif", "b.tif"),
            ("/", "/"),
            ("", ""),
        ] {
            assert_eq!(file_name(path), name);
        }
        let on_windows = |path| last_part(path, |c| c == '/' || c == '\\');
        assert_eq!(on_windows(r"C:\a b\ä\c.tif"), "c.tif");
        assert_eq!(on_windows(r"\\server\share\漢.tif"), "漢.tif");
        assert_eq!(on_windows(r"a/b\c.tif"), "c.tif");
        assert_eq!(on_windows(r"tiles\"), "tiles");
        // Here, a backslash is a letter like all others.
        if cfg!(unix) {
            assert_eq!(file_name(r"/a/b\c.tif"), r"b\c.tif");
        }
    }

    #[test]
    fn names_fit_patterns() {
        for (pattern, name) in [
            ("*.tif", "a.tif"),
            ("a?c*", "abc"),
            ("[a-c]1", "b1"),
            ("[!x]1", "b1"),
            ("*", ""),
            ("[a", "[a"),
        ] {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("*.tif", "a.tif.ovr"), ("a?c", "ac"), ("[a-c]1", "d1"), ("[!b]1", "b1"), ("?", "")]
        {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn patterns_stand_for_files_in_order() {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["y", "x", ".z"] {
            fs::create_dir(dir.path().join(folder)).unwrap();
            for name in ["b.tif", "a.tif", ".c.tif", "a.txt"] {
                fs::write(dir.path().join(folder).join(name), "").unwrap();
            }
        }
        let root = dir.path().display().to_string();
        let found = |pattern: &str| -> Vec<String> {
            let whole = expand(&format!("{root}/{pattern}"));
            whole.iter().map(|path| path[root.len() + 1..].to_owned()).collect()
        };
        assert_eq!(found("*/*.tif"), ["x/a.tif", "x/b.tif", "y/a.tif", "y/b.tif"]);
        assert_eq!(found("x/a.*"), ["x/a.tif", "x/a.txt"]);
        assert_eq!(found("*/b.tif"), ["x/b.tif", "y/b.tif"]);
        assert!(found("x/*.jpg").is_empty());
    }

    #[test]
    fn files_that_may_belong_to_another() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["a.tif", "a.tif.aux.xml", "a.tfw", "ab.tif", "a.b.tif", "0.tif"] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        let path = dir.path().join("a.tif").display().to_string();
        let beside = Siblings::default().of(&path).unwrap();
        assert_eq!(beside, ["a.b.tif", "a.tfw", "a.tif", "a.tif.aux.xml"]);
        assert_eq!(Siblings::default().of("/vsizip/a.zip/a.tif"), None);
    }

    #[test]
    fn what_belongs_to_a_raster_is_none() {
        for name in ["a.tif.aux.xml", "a.tfw", "A.TFW", "a.tif.ovr", "a.prj", "a.jgw", "a.tif.msk"]
        {
            assert!(is_sidecar(name), "{name}");
        }
        for name in ["a.tif", "a.raw", "a.xyz", "draw", "README.txt"] {
            assert!(!is_sidecar(name), "{name}");
        }
    }

    #[test]
    fn names_that_gdal_does_not_take() {
        let says = |name: &str, words: &str| {
            let hint = hint(name).unwrap_or_default();
            assert!(hint.contains(words), "{name}: {hint}");
        };
        says("s3://bucket/a/b.tif", "/vsis3/bucket/a/b.tif");
        says("gs://bucket/b.tif", "/vsigs/bucket/b.tif");
        says("az://box/b.tif", "/vsiaz/box/b.tif");
        says("abfss://box/b.tif", "/vsiadls/box/b.tif");
        says("https://host/b.tif?x=1", "/vsicurl/https://host/b.tif?x=1");
        says("ftp://host/b.tif", "/vsicurl/ftp://host/b.tif");
        says("file:///data/b.tif", "write only the path: /data/b.tif");
        says("file://localhost/data/b.tif", "write only the path: /data/b.tif");
        says("~/b.tif", "outside quotes");
        for name in ["b.tif", "/vsis3/bucket/b.tif", "/no/such/b.zip", "NETCDF:\"a.nc\":z"] {
            assert_eq!(hint(name), None, "{name}");
        }
    }
}
