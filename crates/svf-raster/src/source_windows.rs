//! Which file each part of a raster comes from.

use std::collections::HashSet;
use std::ops::Range;
use std::path::{Component, Path};

use gdal::Dataset;
use svf_kernel::tile::Window;

use crate::behind::Behind;
use crate::error::{Op, RasterError};
use crate::session;
use crate::vrt::folder_of;
use crate::whole;
use crate::xml::{attribute, elements, unescaped, without};

/// A file, and a part of the raster that is read from it.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceWindow {
    /// Its path.
    pub path: String,
    /// The window of the raster that it covers.
    pub window: Window,
    /// How a VRT uses it, as XML without the name of the file.
    pub how: String,
    /// How many rows and columns it has at least, if the VRT says what it reads.
    pub reach: Option<(usize, usize)>,
}

/// The files of a band of a VRT with this text, each with the window of the VRT that it covers. None if
/// this is not known for all of them: if a source is not a file, or is a VRT itself. A file that does
/// not exist is one of them: reading its cells fails.
pub(crate) fn of_vrt(
    (dataset, number): (&Dataset, usize),
    (vrt, xml): (&str, &str),
    behind: &Behind,
) -> Option<Vec<SourceWindow>> {
    let (cols, rows) = dataset.raster_size();
    let xml = without(xml, "MaskBand");
    let whole = Window::whole(rows as u64, cols as u64);
    let sources = sources_of(&xml, number)?;
    let folder = folder_of(vrt);
    let files: HashSet<&str> = behind.files.iter().map(String::as_str).collect();
    let of = |xml: &&str| {
        let source = source(xml, &folder, &whole)?;
        // Each look at a file of thousands on a network takes time.
        let is_file = files.contains(&*source.path)
            || Path::new(&source.path).is_file()
            || can_be_missing(&source.path);
        (is_file && !behind.by_content.contains(&source.path)).then_some(source)
    };
    sources.iter().map(of).collect()
}

/// The XML of each source of a band of a VRT, in their order; none if it has others than GDAL knows
/// today. GDAL's own list of them takes time with the square of their number.
fn sources_of(xml: &str, number: usize) -> Option<Vec<&str>> {
    const NAMES: [&str; 6] = [
        "SimpleSource",
        "ComplexSource",
        "AveragedSource",
        "KernelFilteredSource",
        "NoDataFromMaskSource",
        "ArraySource",
    ];
    // A band can have a mask, which is a band of its own.
    let band = xml.split("<VRTRasterBand").nth(number)?;
    let of = |name| elements(band, name);
    let mut found: Vec<Range<usize>> = NAMES.into_iter().flat_map(of).collect();
    found.sort_unstable_by_key(|source| source.start);
    let ends = [0].into_iter().chain(found.iter().map(|source| source.end));
    let starts = found.iter().map(|source| source.start).chain([band.len()]);
    let ends_a_name = |after: &str| after.starts_with(['>', '/', ' ']);
    let is_other = |(from, to): (usize, usize)| {
        let rest = &band[from..to];
        rest.match_indices("Source").any(|(at, word)| ends_a_name(&rest[at + word.len()..]))
    };
    if found.is_empty() || ends.zip(starts).any(is_other) {
        return None;
    }
    Some(found.into_iter().map(|source| &band[source]).collect())
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
pub(crate) struct Unchecked(Vec<SourceWindow>);

impl Unchecked {
    pub(crate) fn new<'a>(files: impl Iterator<Item = &'a SourceWindow>) -> Self {
        Self(files.map(|source| SourceWindow { how: String::new(), ..source.clone() }).collect())
    }

    /// Checks the files that a window is read from. Returns those of which failed reads can look
    /// like other cells.
    ///
    /// # Errors
    /// A file that is shorter than its header says, or that is smaller than the VRT needs.
    pub(crate) fn check(&mut self, window: &Window) -> Result<Vec<String>, RasterError> {
        let is_read = |source: &SourceWindow| source.window.meet(window).is_some();
        let mut hiding = Vec::new();
        for source in self.0.iter().filter(|source| is_read(source)) {
            if whole::check_source(&source.path)? {
                hiding.push(source.path.clone());
            }
            if let Some(reach) = source.reach {
                refuse_smaller(&source.path, reach)?;
            }
        }
        self.0.retain(|source| !is_read(source));
        Ok(hiding)
    }
}

/// Refuses a file that a VRT reads beyond its end, in rows and columns: GDAL would read zeros there, or
/// nothing.
fn refuse_smaller(path: &str, (rows, cols): (usize, usize)) -> Result<(), RasterError> {
    let Ok(file) = session::may_fail(|| Dataset::open(path)) else {
        // Reading its cells says why.
        return Ok(());
    };
    let (file_cols, file_rows) = file.raster_size();
    if file_rows >= rows && file_cols >= cols {
        return Ok(());
    }
    let reason =
        format!("it has {file_cols} x {file_rows} cells, but the VRT reads {cols} x {rows} of it");
    Err(RasterError::new(Op::Open, path, reason).hint("make the VRT again, e.g. with gdalbuildvrt"))
}

/// How many rows and columns a file must have for what a source reads of it. Options can open another
/// raster of it.
fn reach_of(xml: &str) -> Option<(usize, usize)> {
    let (_, rest) = xml.split_once("<SrcRect")?;
    let tag = rest.split_once('>')?.0;
    let number = |name| attribute(tag, name)?.parse::<f64>().ok();
    // A part of a cell can be rounding.
    let end = |from: f64, size: f64| (from + size - 0.01).ceil().max(0.0) as usize;
    let rows = end(number("yOff")?, number("ySize")?);
    let cols = end(number("xOff")?, number("xSize")?);
    (!xml.contains("<OpenOptions")).then_some((rows, cols))
}

/// File and window of a source, from its XML.
fn source(xml: &str, folder: &Path, whole: &Window) -> Option<SourceWindow> {
    let (opening, rest) = xml.split_once("<SourceFilename")?.1.split_once('>')?;
    let name = unescaped(rest.split_once("</SourceFilename>")?.0);
    let is_relative = attribute(opening, "relativeToVRT") == Some("1");
    let path = if is_relative { folder.join(&name).display().to_string() } else { name };
    if path.starts_with("/vsi") {
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
    Some(SourceWindow { path, window, how, reach: reach_of(xml) })
}

#[cfg(test)]
mod tests {
    use gdal::Metadata;

    use super::*;
    use crate::vrt::xml_of;

    const WHOLE: Window = Window { row: 0, col: 0, rows: 30, cols: 40 };

    #[test]
    fn sources_have_a_file_and_a_window() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a&b.tif").display().to_string();
        std::fs::write(&file, "").unwrap();
        let rect = "<DstRect xOff=\"7.5\" yOff=\"2\" xSize=\"10\" ySize=\"20.25\" />";
        let relative = format!(
            "<SimpleSource>\n <SourceFilename relativeToVRT=\"1\">a&amp;b.tif</SourceFilename>\n \
             <SrcRect xOff=\"0\" yOff=\"0\" xSize=\"1\" ySize=\"1\" /> {rect}</SimpleSource>"
        );
        let window = Window { row: 2, col: 7, rows: 21, cols: 11 };
        let found = source(&relative, dir.path(), &WHOLE).unwrap();
        assert_eq!((&found.path, found.window), (&file, window));
        // How it is used, without the name of the file.
        let of = "<SrcRect xOff=\"0\" yOff=\"0\" xSize=\"1\" ySize=\"1\" />";
        assert_eq!(found.how, format!("<SimpleSource> {of} {rect}</SimpleSource>"));
        let own_name = file.replace('&', "&amp;");
        let absolute = format!("<SourceFilename shared=\"0\">{own_name}</SourceFilename>");
        let found = source(&absolute, dir.path(), &WHOLE).unwrap();
        assert_eq!((found.path, found.window), (file, WHOLE));
        let remote = "<SourceFilename relativeToVRT=\"0\">/vsicurl/http://x/a.tif</SourceFilename>";
        assert_eq!(source(remote, dir.path(), &WHOLE), None);
        assert_eq!(source("<KernelFilteredSource/>", dir.path(), &WHOLE), None);
    }

    /// Sources of each kind, with a mask of its own and one of the whole.
    const MIXED: &str = r#"<VRTDataset rasterXSize="40" rasterYSize="30">
        <VRTRasterBand dataType="Byte" band="1"><MaskBand><VRTRasterBand dataType="Byte">
        <SimpleSource><SourceFilename relativeToVRT="1">m.tif</SourceFilename>
        <SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></MaskBand>FIRST</VRTRasterBand>
        <VRTRasterBand dataType="Byte" band="2">SECOND</VRTRasterBand></VRTDataset>"#;

    fn mixed(kinds: &[&str]) -> String {
        let of = |(i, kind): (usize, &&str)| {
            let kernel =
                "<Kernel normalized=\"1\"><Size>3</Size><Coefs>0 0 0 0 1 0 0 0 0</Coefs></Kernel>";
            let kernel = if kind.starts_with("Kernel") { kernel } else { "" };
            format!(
                "<{kind}><SourceFilename relativeToVRT=\"1\">a.tif</SourceFilename>{kernel}\
                 <SourceBand>1</SourceBand><SourceProperties RasterXSize=\"9\" RasterYSize=\"9\" \
                 DataType=\"Byte\" BlockXSize=\"9\" BlockYSize=\"9\"/>\
                 <SrcRect xOff=\"0\" yOff=\"0\" xSize=\"9\" ySize=\"9\"/>\
                 <DstRect xOff=\"{i}\" yOff=\"2\" xSize=\"9\" ySize=\"9\"/></{kind}>"
            )
        };
        kinds.iter().enumerate().map(of).collect()
    }

    #[test]
    fn the_sources_of_a_band_are_those_that_gdal_lists() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a.tif"), "").unwrap();
        let kinds = [
            &["SimpleSource", "ComplexSource", "SimpleSource", "AveragedSource"][..],
            &["KernelFilteredSource", "ComplexSource", "SimpleSource"],
            &[],
        ];
        for (i, (first, second)) in
            kinds.iter().flat_map(|a| kinds.iter().map(move |b| (a, b))).enumerate()
        {
            let vrt = dir.path().join(format!("{i}.vrt"));
            let text = MIXED.replace("FIRST", &mixed(first)).replace("SECOND", &mixed(second));
            std::fs::write(&vrt, text).unwrap();
            let dataset = Dataset::open(&vrt).unwrap();
            let path = vrt.display().to_string();
            for (number, kinds) in [(1, first), (2, second)] {
                let band = dataset.rasterband(number).unwrap();
                let listed = band.metadata_domain("vrt_sources").unwrap_or_default();
                let listed: Vec<SourceWindow> = listed
                    .iter()
                    .map(|item| {
                        source(item.split_once('=').unwrap().1, dir.path(), &WHOLE).unwrap()
                    })
                    .collect();
                assert_eq!(listed.len(), kinds.len(), "{path}");
                let xml = xml_of(&dataset).unwrap();
                let behind = Behind::of(&dataset, &path, Some(&xml), false);
                let found = of_vrt((&dataset, number), (&path, &xml), &behind);
                assert_eq!(found.unwrap_or_default(), listed, "{path}, band {number}");
            }
        }
        // One that nobody knows yet.
        let simple = "<SimpleSource></SimpleSource>";
        let of = |new: &str| format!("<VRTRasterBand band=\"1\">{new}{simple}</VRTRasterBand>");
        assert_eq!(sources_of(&of(""), 1), Some(vec![simple]));
        for new in ["<NewSource/>", "<NewSource></NewSource>", "<NewSource a=\"1\" />"] {
            assert_eq!(sources_of(&of(new), 1), None, "{new}");
        }
    }
}
