//! The files that decide the cells of a raster: it is recognised by them.
//!
//! GDAL's list of the files of a VRT has the main files of the sources of its bands. It leaves out what
//! is beside those (headers, masks, cells in a file of their own, overviews), the sources of masks, and
//! the files within names like `NETCDF:"a.nc":z`.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fs::{self, File};
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

use gdal::{Dataset, DatasetOptions, GdalOpenFlags};

use crate::info::FileBeside;
use crate::io::file_list;
use crate::names::{file_name, is_note, names_in};
use crate::session::{enter_here, looking_aside, may_fail};
use crate::stat::{FileState, behind_prefix, files_within, local_file, local_place};
use crate::vrt::{content_of, folder_of, xml_of};
use crate::whole;
use crate::xml::{attribute, elements, unescaped, without};

/// The files of a raster.
#[derive(Default)]
pub(crate) struct Behind {
    /// Those that GDAL lists, also for the VRTs that a VRT is made of.
    pub(crate) files: Vec<String>,
    /// All others.
    pub(crate) beside: Vec<FileBeside>,
    /// Those among them whose size and time do not tell whether the cells are the same: see [`content`].
    pub(crate) by_content: HashSet<String>,
    /// How a VRT changes the cell size of what it reads, if cells depend on the window then.
    pub(crate) resampled: Option<String>,
    /// All names that were found.
    known: HashSet<String>,
}

impl Behind {
    /// The files of a dataset that was opened as `path`; of a VRT, with its text as GDAL writes it.
    pub(crate) fn of(dataset: &Dataset, path: &str, xml: Option<&str>) -> Self {
        let mut behind = Self::default();
        behind.add_listed(dataset);
        let Some(xml) = xml else {
            if local_place(path).is_some_and(|place| place.is_dir()) {
                behind.by_content.insert(path.to_owned());
            }
            return behind;
        };
        let mut to_read = VecDeque::from([(path.to_owned(), xml.to_owned())]);
        let mut kinds = HashMap::from([(path.to_owned(), Kind::Vrt)]);
        let mut reads_overviews = false;
        while let Some((vrt, xml)) = to_read.pop_front() {
            reads_overviews |= is_coarser(&xml);
            behind.resampled = behind.resampled.take().or_else(|| resampling_of(&xml));
            behind.add_named(&vrt, &xml);
            let new: Vec<String> =
                behind.all().filter(|file| !kinds.contains_key(*file)).cloned().collect();
            for file in new {
                let kind = Kind::of(&file);
                if kind == Kind::Vrt
                    && let Ok(inner) = looking_aside(|| Dataset::open(&file))
                {
                    behind.add_listed(&inner);
                    to_read.extend(xml_of(&inner).map(|xml| (file.clone(), xml)));
                }
                kinds.insert(file, kind);
            }
        }
        behind.add_beside(path, &kinds, reads_overviews);
        let notes = behind.beside.iter().map(|file| file.path.clone()).filter(|file| is_note(file));
        behind.by_content.extend(notes);
        let is_by_content = |kind: &Kind| matches!(kind, Kind::Vrt | Kind::Folder);
        let others = kinds.into_iter().filter(|(_, kind)| is_by_content(kind));
        behind.by_content.extend(others.map(|(file, _)| file));
        behind
    }

    /// Every file.
    fn all(&self) -> impl Iterator<Item = &String> {
        self.files.iter().chain(self.beside.iter().map(|file| &file.path))
    }

    fn add_listed(&mut self, dataset: &Dataset) {
        let listed = file_list(dataset);
        self.files.extend(listed.into_iter().filter(|file| self.known.insert(file.clone())));
    }

    /// Adds the local files that the text of a VRT names.
    fn add_named(&mut self, vrt: &str, xml: &str) {
        let folder = folder_of(vrt);
        for name in names_of(xml) {
            let seen = folder.join(&name).display().to_string();
            if self.known.contains(&name) || !self.known.insert(seen.clone()) {
                continue;
            }
            let file = local_file(&seen)
                .or_else(|| behind_prefix(&folder, &name))
                .or_else(|| local_file(&name));
            let file = file.map(|file| file.display().to_string());
            if let Some(path) = file.filter(|file| *file == seen || self.known.insert(file.clone()))
            {
                self.beside.push(FileBeside { path, of: None });
            }
        }
    }

    /// Adds the files beside each file but the raster itself.
    fn add_beside(&mut self, itself: &str, kinds: &HashMap<String, Kind>, reads_overviews: bool) {
        let of_kind = |file: &String| Some((file.clone(), *kinds.get(file)?));
        let others = self.all().filter(|file| *file != itself && !is_note(file));
        let rasters: Vec<(String, Kind)> = others.filter_map(of_kind).collect();
        let mut folders = Folders::default();
        for (raster, kind) in rasters {
            for path in beside(&raster, kind, &mut folders, reads_overviews) {
                if self.known.insert(path.clone()) {
                    self.beside.push(FileBeside { path, of: Some(raster.clone()) });
                }
            }
        }
    }
}

/// The files that are read from `path`, also those of a VRT in a VRT; none if it cannot be opened.
pub fn files_behind(path: &str) -> Vec<String> {
    let _here = enter_here();
    let Ok(raster) = may_fail(|| Dataset::open(path)) else { return Vec::new() };
    Behind::of(&raster, path, xml_of(&raster).as_deref()).all().cloned().collect()
}

/// What the beginning of a file says about it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// No local file, or one that cannot be read.
    Unread,
    Vrt,
    /// A raster in one file.
    Alone,
    Folder,
    /// A file of another format.
    Other,
}

impl Kind {
    fn of(path: &str) -> Self {
        let head = match fs::metadata(path) {
            Ok(about) if about.is_dir() => return Self::Folder,
            // A device or a pipe has no beginning that can be read twice.
            Ok(about) if about.is_file() => head_of(path).unwrap_or_default(),
            _ => Vec::new(),
        };
        let is_named_so = path.to_ascii_lowercase().ends_with(".vrt");
        match () {
            () if is_named_so || head.windows(VRT.len()).any(|part| part == VRT) => Self::Vrt,
            () if head.is_empty() => Self::Unread,
            () if whole::is_alone(&head) => Self::Alone,
            () => Self::Other,
        }
    }
}

const VRT: &[u8] = b"<VRTDataset";

/// As many bytes of the beginning of a file as GDAL's drivers look at.
fn head_of(path: &str) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(1024);
    File::open(path)?.take(1024).read_to_end(&mut head)?;
    Ok(head)
}

/// The texts in a VRT that can be names of files, also of one in the place of a name.
fn names_of(xml: &str) -> Vec<String> {
    const LONGEST: usize = 4096;
    let texts = xml.split('>').filter_map(|part| part.split_once('<')).map(|(text, _)| text.trim());
    let of_text = |text: &str| -> Vec<String> {
        let name = unescaped(text);
        if name.starts_with('<') {
            return names_of(&name);
        }
        match name.strip_prefix("vrt://") {
            Some(rest) => vec![rest.split('?').next().unwrap_or_default().to_owned()],
            None if text.len() > LONGEST || text.parse::<f64>().is_ok() => Vec::new(),
            None => vec![name],
        }
    };
    texts.filter(|text| !text.is_empty()).flat_map(of_text).collect()
}

/// Whether a VRT reads sources coarser than they are, or may do so: then GDAL reads overviews.
fn is_coarser(xml: &str) -> bool {
    let is_other = ["VRTWarped", "VRTPansharpened", "VRTProcessed"].iter().any(|k| xml.contains(k));
    let rects = rects_of(xml);
    let finer = |(from, to): &((f64, f64), (f64, f64))| from.0 <= to.0 && from.1 <= to.1;
    let names = xml.matches("<SourceFilename").count();
    is_other || rects.len() != names || !rects.iter().all(finer)
}

/// Whether a source of a VRT is read in its own cell size.
fn has_own_size(source: &str) -> bool {
    rects_of(source).iter().all(|(from, to)| from == to)
}

/// The columns and rows that sources are read from, and those that they are read to.
fn rects_of(xml: &str) -> Vec<((f64, f64), (f64, f64))> {
    let size = |at: &Range<usize>| {
        let number = |name| attribute(&xml[at.clone()], name)?.parse::<f64>().ok();
        Some((number("xSize")?, number("ySize")?))
    };
    let [from, to] = ["SrcRect", "DstRect"].map(|name| elements(xml, name));
    from.iter().zip(&to).filter_map(|(from, to)| Some((size(from)?, size(to)?))).collect()
}

/// How sources are resampled to another cell size, if GDAL's values depend on the window then: with
/// means, they differ by metres where the sizes are no multiples (GDAL 3.6), with other weights by
/// rounding.
fn resampling_of(xml: &str) -> Option<String> {
    let kinds = ["SimpleSource", "ComplexSource", "AveragedSource"];
    let sources = kinds.into_iter().flat_map(|kind| elements(xml, kind)).map(|at| &xml[at]);
    let mut resampled = sources.filter(|source| !has_own_size(source));
    let method = resampled.find_map(|source| attribute(source.split_once('>')?.0, "resampling"))?;
    (!method.eq_ignore_ascii_case("nearest")).then(|| method.to_ascii_lowercase())
}

/// The files beside a local raster that decide its cells.
fn beside(raster: &str, kind: Kind, folders: &mut Folders, reads_overviews: bool) -> Vec<String> {
    if kind == Kind::Unread {
        return Vec::new();
    }
    let mut names = vec![format!("{raster}.msk")];
    if reads_overviews {
        let old = Path::new(raster).with_extension("aux").display().to_string();
        names.extend([format!("{raster}.ovr"), format!("{raster}.aux"), old]);
    }
    let mut found: Vec<String> = names.into_iter().filter(|name| folders.have(name)).collect();
    let notes = format!("{raster}.aux.xml");
    if folders.have(&notes) && content_of_notes(&notes).is_some() {
        found.push(notes);
    }
    if matches!(kind, Kind::Other | Kind::Folder) {
        let options = DatasetOptions {
            open_flags: GdalOpenFlags::GDAL_OF_READONLY | GdalOpenFlags::GDAL_OF_RASTER,
            ..DatasetOptions::default()
        };
        let opened = looking_aside(|| Dataset::open_ex(raster, options));
        let listed = opened.map(|dataset| file_list(&dataset)).unwrap_or_default();
        found.extend(listed.into_iter().filter(|file| file != raster && !is_note(file)));
    }
    found
}

/// What decides the cells of what its size and time do not tell: of a folder, which files it has; of a
/// file that programs write statistics into (a VRT, `.aux.xml`), what else is in it. None if it cannot be
/// read.
pub fn content(path: &str) -> Option<String> {
    if path.ends_with(".aux.xml") {
        return content_of_notes(path);
    }
    if let Some(folder) = local_place(path).filter(|place| place.is_dir()) {
        return Some(content_of_folder(&folder));
    }
    let options =
        DatasetOptions { open_flags: GdalOpenFlags::GDAL_OF_RASTER, ..DatasetOptions::default() };
    Some(content_of(&xml_of(&Dataset::open_ex(path, options).ok()?)?))
}

/// The files of a folder with their sizes and times, each in a line.
fn content_of_folder(folder: &Path) -> String {
    let line = |(path, about): (PathBuf, fs::Metadata)| {
        let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
        format!("{name} {:?}", FileState::of(&about))
    };
    let files =
        files_within(folder).into_iter().filter(|(path, _)| !is_note(&path.to_string_lossy()));
    let mut lines: Vec<String> = files.map(line).collect();
    lines.sort_unstable();
    lines.join("\n")
}

/// What a file `.aux.xml` says that can decide cells; none if it only has what viewers write.
fn content_of_notes(path: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let mut text = without(&text, "Histograms");
    // Statistics are in the domain without a name.
    for at in elements(&text, "Metadata").into_iter().rev() {
        if text[at.clone()].starts_with("<Metadata>") {
            text.replace_range(at, "");
        }
    }
    let name = |tag: &str| tag.split([' ', '>']).next().unwrap_or_default().to_owned();
    const EMPTY: [&str; 6] =
        ["", "?xml", "PAMDataset", "/PAMDataset", "PAMRasterBand", "/PAMRasterBand"];
    let says_more = text.split('<').map(str::trim).any(|tag| !EMPTY.contains(&&*name(tag)));
    says_more.then(|| text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Which files there are, without a question to the system for each of thousands.
#[derive(Default)]
struct Folders(HashMap<PathBuf, Names>);

enum Names {
    Asked(usize),
    Listed(HashSet<String>),
}

impl Folders {
    fn have(&mut self, path: &str) -> bool {
        /// From so many questions on, it is faster to list the folder.
        const MANY: usize = 40;
        let folder = Path::new(path).parent().unwrap_or(Path::new(""));
        let names = self.0.entry(folder.to_owned()).or_insert(Names::Asked(0));
        if let Names::Asked(times) = names {
            *times += 1;
            if *times > MANY
                && let Some(listed) = folder.to_str().and_then(names_in)
            {
                *names = Names::Listed(listed.into_iter().collect());
            }
        }
        match names {
            Names::Asked(_) => Path::new(path).is_file(),
            Names::Listed(listed) => listed.contains(file_name(path)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_count_without_statistics() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.tif.aux.xml").display().to_string();
        let says = |inner: &str| {
            let text = format!(
                "<PAMDataset>\n  <PAMRasterBand band=\"1\">\n{inner}\n  </PAMRasterBand>\n</PAMDataset>\n"
            );
            fs::write(&path, text).unwrap();
            content(&path)
        };
        let statistics = "<Metadata>\n<MDI key=\"STATISTICS_MEAN\">3</MDI>\n</Metadata>";
        let histogram = "<Histograms><HistItem><HistMin>1</HistMin></HistItem></Histograms>";
        assert_eq!(says(""), None);
        assert_eq!(says(&format!("{histogram}{statistics}")), None);
        let nodata = "<NoDataValue>7</NoDataValue>";
        let only = says(nodata);
        assert!(only.is_some());
        assert_eq!(says(&format!("{histogram}\n{nodata}\n{statistics}")), only);
        assert_ne!(says("<NoDataValue>8</NoDataValue>"), only);
        let signed = "<Metadata domain=\"IMAGE_STRUCTURE\"><MDI key=\"PIXELTYPE\">SIGNEDBYTE</MDI></Metadata>";
        assert!(says(signed).is_some());
    }

    #[test]
    fn overviews_count_where_sources_are_read_coarser_than_they_are() {
        let rects = |from: &str, to: &str| {
            format!(
                "<SimpleSource><SourceFilename>a.tif</SourceFilename>\
                 <SrcRect xOff=\"0\" yOff=\"0\" {from} /><DstRect xOff=\"1\" yOff=\"2\" {to} />\
                 </SimpleSource>"
            )
        };
        let (ten, five, mixed) =
            ("xSize=\"10\" ySize=\"10\"", "xSize=\"5\" ySize=\"5\"", "xSize=\"10\" ySize=\"5\"");
        assert!(!is_coarser(&rects(ten, ten)));
        assert!(!is_coarser(&rects(five, ten)));
        assert!(is_coarser(&rects(ten, five)));
        assert!(is_coarser(&rects(ten, mixed)));
        assert!(is_coarser(&(rects(ten, ten) + &rects(ten, five))));
        assert!(is_coarser("<SimpleSource><SourceFilename>a.tif</SourceFilename></SimpleSource>"));
        assert!(is_coarser(&format!("<VRTWarpedDataset>{}", rects(ten, ten))));
    }

    #[test]
    fn resampling_to_another_cell_size_is_known() {
        let of = |tag: &str, to: u32| {
            format!(
                "<{tag}><SrcRect xOff=\"0\" yOff=\"0\" xSize=\"9\" ySize=\"9\" />\
                 <DstRect xOff=\"0\" yOff=\"0\" xSize=\"{to}\" ySize=\"{to}\" /></{}>",
                tag.split(' ').next().unwrap()
            )
        };
        let (mean, near) =
            ("AveragedSource resampling=\"Average\"", "ComplexSource resampling=\"nearest\"");
        assert_eq!(resampling_of(&(of("SimpleSource", 9) + &of(mean, 6))), Some("average".into()));
        for none in [of(mean, 9), of(near, 6), of("SimpleSource", 6)] {
            assert_eq!(resampling_of(&none), None, "{none}");
        }
    }

    #[test]
    fn names_are_those_of_files() {
        let xml = "<A n=\"x\"><SourceFilename>a&amp;b.tif</SourceFilename><SourceBand>1</SourceBand>\
                   <B> NETCDF:&quot;c.nc&quot;:z </B><C>vrt://d.tif?bands=1</C><D/></A>";
        let names = ["a&b.tif", "NETCDF:\"c.nc\":z", "d.tif"];
        assert_eq!(names_of(xml), names);
        let escaped = xml.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        assert_eq!(names_of(&format!("<SourceFilename>{escaped}</SourceFilename>")), names);
    }
}
