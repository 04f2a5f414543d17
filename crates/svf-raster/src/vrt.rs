//! Writes a VRT over rasters side by side, or over a window of one raster. It is written as text,
//! so that the rasters need not be opened. Paths are relative to the VRT.

use std::fmt::Write as _;
use std::fs;
use std::path::{Component, Path, PathBuf};

use gdal::{Dataset, Metadata};
use svf_kernel::tile::Window;

use crate::error::{Op, RasterError};
use crate::grid::Grid;
use crate::output::{BandSpec, BandStatistics};
use crate::stat::{read_text, same_file};
use crate::xml::{attribute, elements, without, without_empty};

/// A source file of a VRT.
#[derive(Clone, Debug)]
pub struct VrtSource {
    /// Its path relative to the folder of the VRT, or its GDAL name.
    pub path: String,
    /// Which of the two it is: see [`seen_from`].
    pub relative: bool,
    /// Its rows and columns.
    pub size: (u64, u64),
    /// Rows and columns of a block.
    pub block: (u64, u64),
    /// The cells taken.
    pub from: Window,
    /// Row and column of the VRT to which they are copied.
    pub to: (u64, u64),
}

/// A VRT.
#[derive(Clone, Debug)]
pub struct Vrt<'a> {
    /// Where it lies.
    pub grid: &'a Grid,
    /// GDAL's name of the type of cells.
    pub data_type: &'a str,
    /// Whether cells of the type Byte are signed.
    pub signed_bytes: bool,
    /// NoData value of every band.
    pub nodata: Option<f64>,
    /// The bands.
    pub bands: &'a [BandSpec],
    /// Number, in the sources, of the first band.
    pub first_source_band: usize,
    /// Statistics of each band, if they are known.
    pub statistics: &'a [BandStatistics],
    /// Metadata items.
    pub metadata: &'a [(String, String)],
    /// Where the cells come from.
    pub sources: &'a [VrtSource],
}

impl Vrt<'_> {
    /// The text of the file.
    pub fn text(&self) -> String {
        let Grid { rows, cols, .. } = *self.grid;
        let mut text = format!("<VRTDataset rasterXSize=\"{cols}\" rasterYSize=\"{rows}\">\n");
        if let Some(wkt) = &self.grid.crs_wkt {
            let srs = format!("<SRS dataAxisToSRSAxisMapping=\"1,2\">{}</SRS>", escape(wkt));
            line(&mut text, 1, &srs);
        }
        if self.grid.georeferenced {
            let transform: Vec<String> =
                self.grid.geo_transform.iter().map(|v| format!("{v:?}")).collect();
            line(&mut text, 1, &format!("<GeoTransform>{}</GeoTransform>", transform.join(", ")));
        }
        let items: Vec<(&str, String)> =
            self.metadata.iter().map(|(key, value)| (key.as_str(), value.clone())).collect();
        metadata(&mut text, 1, &items);
        for (i, band) in self.bands.iter().enumerate() {
            let opening =
                format!("<VRTRasterBand dataType=\"{}\" band=\"{}\">", self.data_type, i + 1);
            line(&mut text, 1, &opening);
            if let Some(s) = self.statistics.get(i) {
                metadata(&mut text, 2, &s.items());
            }
            if self.signed_bytes {
                let item = "<MDI key=\"PIXELTYPE\">SIGNEDBYTE</MDI>";
                let domain = "<Metadata domain=\"IMAGE_STRUCTURE\">";
                line(&mut text, 2, &format!("{domain}{item}</Metadata>"));
            }
            if !band.name.is_empty() {
                line(&mut text, 2, &format!("<Description>{}</Description>", escape(&band.name)));
            }
            if !band.unit.is_empty() {
                line(&mut text, 2, &format!("<UnitType>{}</UnitType>", escape(&band.unit)));
            }
            if let Some(nodata) = self.nodata {
                line(&mut text, 2, &format!("<NoDataValue>{nodata}</NoDataValue>"));
            }
            if band.scale_offset != (1.0, 0.0) {
                line(&mut text, 2, &format!("<Offset>{:?}</Offset>", band.scale_offset.1));
                line(&mut text, 2, &format!("<Scale>{:?}</Scale>", band.scale_offset.0));
            }
            for source in self.sources {
                source.write(&mut text, self.data_type, self.first_source_band + i);
            }
            line(&mut text, 1, "</VRTRasterBand>");
        }
        text.push_str("</VRTDataset>\n");
        text
    }
}

impl VrtSource {
    /// Whether the first source of this name in the text of a VRT that this library wrote has the same place.
    pub fn is_in(&self, text: &str) -> bool {
        let after = text.split_once(&self.file()).and_then(|(_, text)| text.split_once("<DstRect"));
        after.is_some_and(|(_, rest)| format!("<DstRect{rest}").starts_with(&self.aim()))
    }

    fn file(&self) -> String {
        let (name, relative) = (escape(&self.path), u8::from(self.relative));
        format!("<SourceFilename relativeToVRT=\"{relative}\">{name}</SourceFilename>")
    }

    fn aim(&self) -> String {
        let ((row, col), Window { rows, cols, .. }) = (self.to, self.from);
        format!("<DstRect xOff=\"{col}\" yOff=\"{row}\" xSize=\"{cols}\" ySize=\"{rows}\" />")
    }

    fn write(&self, text: &mut String, data_type: &str, band: usize) {
        let Window { row, col, rows, cols } = self.from;
        line(text, 2, "<SimpleSource>");
        line(text, 3, &self.file());
        line(text, 3, &format!("<SourceBand>{band}</SourceBand>"));
        let properties = format!(
            "<SourceProperties RasterXSize=\"{}\" RasterYSize=\"{}\" DataType=\"{data_type}\" \
             BlockXSize=\"{}\" BlockYSize=\"{}\" />",
            self.size.1, self.size.0, self.block.1, self.block.0
        );
        line(text, 3, &properties);
        let size = format!("xSize=\"{cols}\" ySize=\"{rows}\"");
        line(text, 3, &format!("<SrcRect xOff=\"{col}\" yOff=\"{row}\" {size} />"));
        line(text, 3, &self.aim());
        line(text, 2, "</SimpleSource>");
    }
}

/// The folder that a VRT names its files from: if it is a link, that of the file it leads to.
pub(crate) fn folder_of(vrt: &str) -> PathBuf {
    let mut path = PathBuf::from(vrt);
    for _ in 0..MOST_LINKS {
        let Ok(to) = fs::read_link(&path) else { break };
        let here = std::path::absolute(&path).unwrap_or(path);
        path = here.parent().unwrap_or(Path::new("")).join(to);
    }
    path.parent().unwrap_or(Path::new("")).to_owned()
}

/// As many as systems follow.
const MOST_LINKS: usize = 40;

/// The text of a VRT as GDAL writes it; none of another raster.
pub(crate) fn xml_of(dataset: &Dataset) -> Option<String> {
    let is_vrt = dataset.driver().short_name() == "VRT";
    Some(dataset.metadata_domain("xml:VRT").filter(|_| is_vrt)?.concat())
}

/// The files of a virtual vector file: GDAL lists only some of them.
pub(crate) fn layer_sources(path: &str) -> Vec<String> {
    let Ok(xml) = read_text(path) else { return Vec::new() };
    let folder = Path::new(path).parent().unwrap_or(Path::new(""));
    let of = |after: &str| {
        let (tag, rest) = after.split_once('>')?;
        let name = rest.split_once('<')?.0.trim();
        let is_relative = tag.contains("relativeToVRT=\"1\"");
        let path = if is_relative { folder.join(name) } else { name.into() };
        Some(path.display().to_string())
    };
    xml.split("<SrcDataSource").skip(1).filter_map(of).collect()
}

/// What decides the cells of a VRT: its text without elements that can change while the cells stay the
/// same, for example statistics and histograms that a viewer adds.
pub(crate) fn content_of(xml: &str) -> String {
    // Grid and CRS are known from the raster itself, and other versions of GDAL write them
    // differently.
    const BESIDE: [&str; 3] = ["SourceProperties", "SRS", "GeoTransform"];
    let xml = BESIDE.iter().fold(without_statistics(xml), |xml, name| without(&xml, name));
    let lines = xml.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

/// XML without statistics and histograms, which programs add that look at a raster.
fn without_statistics(xml: &str) -> String {
    let mut xml = without(xml, "Histograms");
    for at in elements(&xml, "MDI").into_iter().rev() {
        if attribute(&xml[at.clone()], "key").is_some_and(|key| key.starts_with("STATISTICS_")) {
            xml.replace_range(at, "");
        }
    }
    without_empty(&xml, "Metadata")
}

/// What of the content of a VRT applies to all of its cells: all but its sources and its size.
pub fn rest_of(content: &str) -> String {
    let rest = ["SimpleSource", "ComplexSource"];
    let rest = rest.iter().fold(content.to_owned(), |xml, name| without(&xml, name));
    let rest = match rest.strip_prefix("<VRTDataset").and_then(|rest| rest.split_once('>')) {
        Some((_, rest)) => rest,
        None => &rest,
    };
    rest.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The path of a file relative to the folder of another file at `from`, and whether it is a
/// relative path: it is not for GDAL's own names, and not across drives, where it begins at the root. Links stay in the path where they lead to
/// the file from there: the user has named them, and can let them lead to other files.
pub fn seen_from(from: &Path, file: &str) -> (String, bool) {
    let folder_of = |path: &Path| match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    let whole = || {
        // A file that is a link keeps its own name, by which it is known.
        let file = Path::new(file);
        file.exists().then_some(())?;
        let real = match file.file_name() {
            Some(name) => fs::canonicalize(folder_of(file)).ok()?.join(name),
            // A folder, for example `..`.
            None => fs::canonicalize(file).ok()?,
        };
        let (folder, real_folder) = (folder_of(from), fs::canonicalize(folder_of(from)).ok()?);
        let without_links = relative(&real, &real_folder)?;
        let as_named = relative(&named_whole(file)?, &named_whole(&folder)?);
        let leads_there = |path: &String| {
            [&folder, &real_folder].iter().all(|at| same_file(&at.join(path), file))
        };
        let as_named = as_named.filter(|path| *path == without_links || leads_there(path));
        Some((as_named.unwrap_or(without_links), true))
    };
    whole().unwrap_or_else(|| (from_root(file), false))
}

/// The name of a file that is the same wherever it is read: the path of a local file from the root, and
/// GDAL's own names as they are.
fn from_root(file: &str) -> String {
    let whole = Path::new(file).exists().then(|| std::path::absolute(file).ok()).flatten();
    whole.and_then(|path| path.to_str().map(str::to_owned)).unwrap_or_else(|| file.to_owned())
}

/// A path from the root, with its links, and without steps up.
fn named_whole(path: &Path) -> Option<PathBuf> {
    let mut whole = PathBuf::new();
    for step in std::path::absolute(path).ok()?.components() {
        match step {
            Component::ParentDir => _ = whole.pop(),
            _ => whole.push(step),
        }
    }
    Some(whole)
}

/// The path of `file` relative to `folder`, if both begin at the same place; none across drives. It has
/// `/` between its parts on every system, so that a VRT from one can be read on another.
fn relative(file: &Path, folder: &Path) -> Option<String> {
    let (file, folder): (Vec<Component<'_>>, Vec<Component<'_>>) =
        (file.components().collect(), folder.components().collect());
    let shared = file.iter().zip(&folder).take_while(|(a, b)| a == b).count();
    if shared == 0 {
        return None;
    }
    let up = folder[shared..].iter().map(|_| Some(".."));
    let down = file[shared..].iter().map(|part| part.as_os_str().to_str());
    Some(up.chain(down).collect::<Option<Vec<_>>>()?.join("/"))
}

fn metadata(text: &mut String, depth: usize, items: &[(&str, String)]) {
    if items.is_empty() {
        return;
    }
    line(text, depth, "<Metadata>");
    for (key, value) in items {
        line(text, depth + 1, &format!("<MDI key=\"{}\">{}</MDI>", escape(key), escape(value)));
    }
    line(text, depth, "</Metadata>");
}

fn line(text: &mut String, depth: usize, content: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{:width$}{content}", "", width = 2 * depth);
}

/// Refuses a file whose name cannot be in a VRT: XML cannot have control characters.
///
/// # Errors
/// Such a name.
pub fn check_name(path: &str) -> Result<(), RasterError> {
    let kept = path.chars().all(is_allowed);
    if kept {
        Ok(())
    } else {
        Err(RasterError::new(Op::Config, path, "a VRT cannot contain its name")
            .hint("rename the file without control characters"))
    }
}

/// Whether XML 1.0 allows a character.
fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..) && !matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// A text for XML: what is not a character of XML 1.0 becomes a replacement character.
pub fn escape(text: &str) -> String {
    let text: String =
        text.chars().map(|c| if is_allowed(c) { c } else { char::REPLACEMENT_CHARACTER }).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_from_the_folder_of_the_vrt() {
        let seen = |file, folder| relative(Path::new(file), Path::new(folder));
        assert_eq!(seen("/a/b/c.tif", "/a/b"), Some("c.tif".into()));
        assert_eq!(seen("/a/b/c.tif", "/a/x y/z"), Some("../../b/c.tif".into()));
        assert_eq!(seen("/c.tif", "/a"), Some("../c.tif".into()));
        let vsi = "/vsizip/a.zip/b.tif";
        assert_eq!(seen_from(Path::new("/tmp/x.vrt"), vsi), (vsi.to_owned(), false));
    }

    #[test]
    fn a_file_that_cannot_be_named_from_a_vrt_is_named_from_the_root() {
        // The folder of the VRT is on another drive, or as here it is none.
        let nowhere = Path::new("/no/such/folder/x.vrt");
        let here = std::env::current_dir().unwrap().join("Cargo.toml").display().to_string();
        assert_eq!(seen_from(nowhere, "Cargo.toml"), (here.clone(), false));
        assert_eq!(seen_from(nowhere, &here), (here, false));
        for name in ["/vsizip/a.zip/b.tif", "NETCDF:\"a.nc\":z", "not_there.tif"] {
            assert_eq!(seen_from(nowhere, name), (name.to_owned(), false));
        }
    }

    #[test]
    fn names_are_escaped() {
        assert_eq!(escape("a & \"b\" <c>"), "a &amp; &quot;b&quot; &lt;c&gt;");
        assert_eq!(escape("a\u{1b}[m\u{0}\n\u{ffff}高"), "a\u{fffd}[m\u{fffd}\n\u{fffd}高");
    }
}
