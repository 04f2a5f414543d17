//! Which file each part of a raster comes from.

use std::collections::HashSet;
use std::path::{Component, Path};

use gdal::Metadata;
use gdal::raster::RasterBand;
use svf_kernel::tile::Window;

use crate::error::RasterError;
use crate::vrt::without;
use crate::whole;

/// A file, and a part of the raster that is read from it.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceWindow {
    /// Its path.
    pub path: String,
    /// The window of the raster that it covers.
    pub window: Window,
    /// How a VRT uses it, as XML without the name of the file.
    pub how: String,
}

/// The files of a VRT's band, each with the window of the VRT that it covers. None if this is not
/// known for all of them: if a source is not a file, or is a VRT itself. A file that does not exist is
/// one of them: reading its cells fails.
pub(crate) fn of_vrt(
    band: &RasterBand<'_>,
    vrt: &str,
    files: &[String],
) -> Option<Vec<SourceWindow>> {
    let (cols, rows) = band.size();
    let whole = Window::whole(rows as u64, cols as u64);
    let sources = band.metadata_domain("vrt_sources")?;
    let files: HashSet<&str> = files.iter().map(String::as_str).collect();
    let of = |item: &String| {
        let source = source(item.split_once('=')?.1, vrt, &whole)?;
        // Each look at a file of thousands on a network takes time.
        let is_file = files.contains(&*source.path)
            || Path::new(&source.path).is_file()
            || can_be_missing(&source.path);
        is_file.then_some(source)
    };
    sources.iter().map(of).collect()
}

/// Whether a name that is not that of a file can only be that of a file that is not there. Names with
/// colons are other things: databases, parts of containers, rasters in memory.
fn can_be_missing(name: &str) -> bool {
    let path = Path::new(name);
    let plain = path.components().filter(|part| !matches!(part, Component::Prefix(_)));
    let is_plain = plain
        .map(|part| part.as_os_str().to_string_lossy())
        .all(|part| !part.contains([':', '<', '"']));
    is_plain && !path.exists()
}

/// The files of a VRT that were not checked yet: each is, before cells that it covers are read. A
/// process that computes a tile of a country must not open its thousand other files.
#[derive(Default)]
pub(crate) struct Unchecked(Vec<(String, Window)>);

impl Unchecked {
    pub(crate) fn new<'a>(files: impl Iterator<Item = &'a SourceWindow>) -> Self {
        Self(files.map(|source| (source.path.clone(), source.window)).collect())
    }

    /// Checks the files that a window is read from. Returns those of which failed reads can look
    /// like other cells.
    ///
    /// # Errors
    /// A file that is shorter than its header says.
    pub(crate) fn check(&mut self, window: &Window) -> Result<Vec<String>, RasterError> {
        let is_read = |covered: &Window| covered.meet(window).is_some();
        let mut hiding = Vec::new();
        for (path, _) in self.0.iter().filter(|(_, covered)| is_read(covered)) {
            if whole::check_source(path)? {
                hiding.push(path.clone());
            }
        }
        self.0.retain(|(_, covered)| !is_read(covered));
        Ok(hiding)
    }
}

/// File and window of a source, from its XML.
fn source(xml: &str, vrt: &str, whole: &Window) -> Option<SourceWindow> {
    let (opening, rest) = xml.split_once("<SourceFilename")?.1.split_once('>')?;
    let name = unescaped(rest.split_once("</SourceFilename>")?.0);
    let is_relative = attribute(opening, "relativeToVRT") == Some("1");
    let path = match Path::new(vrt).parent() {
        Some(folder) if is_relative => folder.join(&name).display().to_string(),
        _ => name,
    };
    if path.starts_with("/vsi") || path.to_ascii_lowercase().ends_with(".vrt") {
        return None;
    }
    let window = match xml.split_once("<DstRect") {
        None => *whole,
        Some((_, rest)) => {
            let rect = rest.split_once('>')?.0;
            let number = |name| attribute(rect, name)?.parse::<f64>().ok();
            let (left, top) = (number("xOff")?, number("yOff")?);
            let (right, bottom) = (left + number("xSize")?, top + number("ySize")?);
            // Cells that are covered in part count.
            let (row, col) = (top.floor().max(0.0) as u64, left.floor().max(0.0) as u64);
            Window {
                row,
                col,
                rows: (bottom.ceil() as u64).saturating_sub(row),
                cols: (right.ceil() as u64).saturating_sub(col),
            }
        }
    };
    // The size and the blocks of a file are properties of the file.
    let how = ["SourceFilename", "SourceProperties"]
        .iter()
        .fold(xml.to_owned(), |xml, name| without(&xml, name));
    let how = how.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(SourceWindow { path, window, how })
}

/// The value of an attribute in the opening tag of an element.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, value) = tag.split_once(&format!(" {name}=\""))?;
    Some(value.split_once('"')?.0)
}

/// Text of an XML element, as GDAL writes it.
fn unescaped(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">");
    text.replace("&quot;", "\"").replace("&apos;", "'").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: Window = Window { row: 0, col: 0, rows: 30, cols: 40 };

    #[test]
    fn sources_have_a_file_and_a_window() {
        let dir = tempfile::tempdir().unwrap();
        let vrt = dir.path().join("all.vrt").display().to_string();
        let file = dir.path().join("a&b.tif").display().to_string();
        std::fs::write(&file, "").unwrap();
        let rect = "<DstRect xOff=\"7.5\" yOff=\"2\" xSize=\"10\" ySize=\"20.25\" />";
        let relative = format!(
            "<SimpleSource>\n <SourceFilename relativeToVRT=\"1\">a&amp;b.tif</SourceFilename>\n \
             <SrcRect xOff=\"0\" yOff=\"0\" xSize=\"1\" ySize=\"1\" /> {rect}</SimpleSource>"
        );
        let window = Window { row: 2, col: 7, rows: 21, cols: 11 };
        let found = source(&relative, &vrt, &WHOLE).unwrap();
        assert_eq!((&found.path, found.window), (&file, window));
        // How it is used, without the name of the file.
        let of = "<SrcRect xOff=\"0\" yOff=\"0\" xSize=\"1\" ySize=\"1\" />";
        assert_eq!(found.how, format!("<SimpleSource> {of} {rect}</SimpleSource>"));
        let own_name = file.replace('&', "&amp;");
        let absolute = format!("<SourceFilename shared=\"0\">{own_name}</SourceFilename>");
        let found = source(&absolute, &vrt, &WHOLE).unwrap();
        assert_eq!((found.path, found.window), (file, WHOLE));
        for unknown in ["b.vrt", "/vsicurl/http://x/a.tif"] {
            let xml = format!("<SourceFilename relativeToVRT=\"0\">{unknown}</SourceFilename>");
            assert_eq!(source(&xml, &vrt, &WHOLE), None, "{unknown}");
        }
        assert_eq!(source("<KernelFilteredSource/>", &vrt, &WHOLE), None);
    }
}
