//! The files that decide the cells of a raster: it is recognised by them.
//!
//! GDAL's list of the files of a VRT has the main files of the sources of its bands. It leaves out what
//! is beside those (headers, masks, cells in a file of their own, overviews), the sources of masks, and
//! the files within names like `NETCDF:"a.nc":z`.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

use gdal::{Dataset, DatasetOptions, GdalOpenFlags};

use crate::info::FileBeside;
use crate::io::file_list;
use crate::names::{ending, file_name, is_note, names_in, within};
use crate::notes::content_of_notes;
use crate::session::{enter_here, looking_aside, may_fail};
use crate::stat::{
    FileState, behind_prefix, files_within, local_file, local_place, open_file, read_text,
};
use crate::vrt::{content_of, folder_of, layer_sources, xml_of};
use crate::whole::{self, SQLITE};
use crate::xml::{attribute, elements, unescaped};

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
    /// The files of a dataset that was opened as `path`; of a VRT, with its text as GDAL writes it. Open
    /// options can ask for overviews.
    pub(crate) fn of(dataset: &Dataset, path: &str, xml: Option<&str>, has_options: bool) -> Self {
        let files = file_list(dataset);
        // What programs note is no other file, but has to be looked at.
        let known = files.iter().filter(|file| !is_note(file)).cloned().collect();
        let mut behind = Self { files, known, ..Self::default() };
        // A text that says where the bytes of a file are.
        let sparse = [path.to_owned()].into_iter().chain(behind.files.clone());
        for file in sparse.filter(|file| file.contains("/vsisparse/")) {
            if let Some(text) = local_file(&file) {
                behind.add_beside(text.display().to_string(), &file);
            }
        }
        let mut search = Search { reads_overviews: has_options, ..Search::default() };
        if let Some(xml) = xml {
            search.kinds.insert(path.to_owned(), Kind::Vrt);
            search.read(&mut behind, path, xml);
        }
        while search.read_new(&mut behind) {
            search.look_beside(&mut behind, path);
        }
        let is_by_content = |kind: &Kind| matches!(kind, Kind::Vrt | Kind::Folder);
        let kinds = search.kinds.into_iter().filter(|(_, kind)| is_by_content(kind));
        behind.by_content = kinds.map(|(file, _)| file).collect();
        let notes = behind.beside.iter().map(|file| &file.path).filter(|file| is_note(file));
        behind.by_content.extend(notes.cloned());
        if local_place(path).is_some_and(|place| place.is_dir()) {
            behind.by_content.insert(path.to_owned());
        }
        behind
    }

    /// Every file.
    fn all(&self) -> impl Iterator<Item = &String> {
        self.files.iter().chain(self.beside.iter().map(|file| &file.path))
    }

    /// Adds the files of a VRT within another one.
    fn add_listed(&mut self, dataset: &Dataset) {
        let listed = file_list(dataset).into_iter().filter(|file| !is_note(file));
        self.files.extend(listed.filter(|file| self.known.insert(file.clone())));
    }

    /// Adds the local files that the text of `file` names.
    fn add_named(&mut self, file: &str, xml: &str) {
        let folder = folder_of(file);
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

    fn add_beside(&mut self, path: String, of: &str) {
        if self.known.insert(path.clone()) {
            self.beside.push(FileBeside { path, of: Some(of.to_owned()) });
        }
    }
}

/// The search for the files of a raster.
#[derive(Default)]
struct Search {
    /// The files whose beginning was read.
    kinds: HashMap<String, Kind>,
    /// Those whose surroundings were looked at.
    looked_at: HashSet<String>,
    folders: Folders,
    /// Whether a raster may be read coarser than it is: then GDAL reads overviews.
    reads_overviews: bool,
}

impl Search {
    /// Reads the text of a VRT.
    fn read(&mut self, behind: &mut Behind, vrt: &str, xml: &str) {
        self.reads_overviews |= is_coarser(xml);
        behind.resampled = behind.resampled.take().or_else(|| resampling_of(xml));
        behind.add_named(vrt, xml);
    }

    /// Reads the files that were found since the last time, until there are no more. Returns whether
    /// there were any.
    fn read_new(&mut self, behind: &mut Behind) -> bool {
        let mut has_read = false;
        loop {
            let is_new = |file: &&String| !self.kinds.contains_key(*file) && !is_note(file);
            let new: Vec<String> = behind.all().filter(is_new).cloned().collect();
            if new.is_empty() {
                return has_read;
            }
            has_read = true;
            for file in new {
                let kind = Kind::of(&file);
                match kind {
                    Kind::Vrt => {
                        if let Ok(inner) = looking_aside(|| Dataset::open(&file)) {
                            behind.add_listed(&inner);
                            self.read(behind, &file, &xml_of(&inner).unwrap_or_default());
                        }
                    }
                    Kind::Xml => behind.add_named(&file, &text_of(&file).unwrap_or_default()),
                    _ => {}
                }
                self.kinds.insert(file, kind);
            }
        }
    }

    /// Adds what is beside each file.
    fn look_beside(&mut self, behind: &mut Behind, itself: &str) {
        let kinds = self.kinds.iter().filter(|(_, kind)| **kind != Kind::Unread);
        let mut new: Vec<(String, Kind)> =
            kinds.map(|(file, kind)| (file.clone(), *kind)).collect();
        new.retain(|(file, _)| self.looked_at.insert(file.clone()));
        new.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        for (raster, kind) in new {
            let mut found = if raster == itself && !self.reads_overviews {
                // GDAL has listed its files.
                let notes = behind.files.iter().filter(|file| file.ends_with(".aux.xml"));
                notes.cloned().chain(self.following(&raster)).collect()
            } else {
                self.beside(&raster, kind)
            };
            let log = if kind == Kind::Sqlite { log_of(&raster) } else { None };
            let notes = found.iter().filter(|file| file.ends_with(".aux.xml"));
            for notes in notes.filter(|_| self.reads_overviews) {
                behind.add_named(notes, &text_of(notes).unwrap_or_default());
            }
            found.retain(|file| says_anything(file));
            for file in found.into_iter().chain(log) {
                behind.add_beside(file, &raster);
            }
        }
    }

    /// Files whose names follow from that of a raster.
    fn following(&mut self, raster: &str) -> Vec<String> {
        let of = ending(raster).unwrap_or_default();
        let endings = FOLLOWING.iter().find(|(own, _)| *own == of).map_or(&[][..], |(_, all)| all);
        let path = Path::new(raster);
        let names = endings.iter().map(|end| path.with_extension(end).display().to_string());
        names.filter_map(|name| self.folders.find(&name)).collect()
    }

    /// The files beside a source.
    fn beside(&mut self, raster: &str, kind: Kind) -> Vec<String> {
        let mut names: Vec<String> =
            [".msk", ".aux", ".aux.xml"].map(|ending| format!("{raster}{ending}")).into();
        names.push(Path::new(raster).with_extension("aux").display().to_string());
        names.extend(self.reads_overviews.then(|| format!("{raster}.ovr")));
        let mut found: Vec<String> =
            names.iter().filter_map(|name| self.folders.find(name)).collect();
        found.extend(self.following(raster));
        if matches!(kind, Kind::Other | Kind::Folder | Kind::Xml) {
            found.extend(own_files(raster));
        }
        found.retain(|file| file != raster);
        found
    }
}

/// Endings of files whose names follow from that of the raster, although GDAL does not list them: the
/// cells and the index of an MRF, the cells of ILWIS, the colours and the place of a grid of MapInfo.
const FOLLOWING: [(&str, &[&str]); 3] = [
    ("mrf", &["idx", "pzp", "ppg", "pjg", "pjp", "ptf", "til", "lrc", "pzs", "pq3"]),
    ("mpr", &["mp#", "grf", "csy"]),
    ("grd", &["tab"]),
];

/// Whether a file beside a raster can say anything about it.
fn says_anything(file: &str) -> bool {
    !file.ends_with(".aux.xml") || content_of_notes(file).is_some()
}

/// What was written to a database of SQLite a moment ago, if anything, is in a file beside it.
pub(crate) fn log_of(path: &str) -> Option<String> {
    let log = format!("{path}-wal");
    fs::metadata(&log).is_ok_and(|about| about.len() > 0).then_some(log)
}

/// The files that GDAL lists for a source.
fn own_files(raster: &str) -> Vec<String> {
    let options = DatasetOptions {
        open_flags: GdalOpenFlags::GDAL_OF_READONLY | GdalOpenFlags::GDAL_OF_RASTER,
        ..DatasetOptions::default()
    };
    let opened = looking_aside(|| Dataset::open_ex(raster, options));
    let listed = opened.map(|dataset| file_list(&dataset)).unwrap_or_default();
    listed.into_iter().filter(|file| !is_note(file)).collect()
}

/// The files that are read from `path`, also those of a VRT in a VRT; none if it cannot be opened.
pub fn files_behind(path: &str) -> Vec<String> {
    let _here = enter_here();
    let mut seen = HashSet::from([path.to_owned()]);
    let (mut all, mut new) = (Vec::new(), vec![path.to_owned()]);
    while let Some(path) = new.pop() {
        let Ok(dataset) = may_fail(|| Dataset::open(&path)) else { continue };
        let behind = Behind::of(&dataset, &path, xml_of(&dataset).as_deref(), false);
        all.extend(behind.all().cloned());
        if dataset.driver().short_name() == "OGR_VRT" {
            let sources = layer_sources(&path);
            all.extend(sources.iter().cloned());
            new.extend(sources.into_iter().filter(|file| seen.insert(file.clone())));
        }
    }
    all
}

/// Whether the beginning of a local file is that of a format that can name other files, or has some
/// beside it.
pub fn may_have_files_behind(path: &str) -> bool {
    !matches!(Kind::of(path), Kind::Alone | Kind::Unread)
}

/// What the beginning of a file says about it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// No local file, or one that cannot be read.
    Unread,
    Vrt,
    /// A raster in one file.
    Alone,
    /// A database, which can have a log of recent writes.
    Sqlite,
    /// A text that can name other files.
    Xml,
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
            () if head.starts_with(SQLITE) => Self::Sqlite,
            () if whole::is_alone(&head) => Self::Alone,
            () if head.trim_ascii_start().starts_with(b"<") => Self::Xml,
            () => Self::Other,
        }
    }
}

const VRT: &[u8] = b"<VRTDataset";

/// The text of a file, if it is not too long to be read for names only.
fn text_of(path: &str) -> Option<String> {
    const LONGEST: u64 = 1 << 20;
    fs::metadata(path).ok().filter(|about| about.len() <= LONGEST)?;
    read_text(path).ok()
}

/// As many bytes of the beginning of a file as GDAL's drivers look at.
fn head_of(path: &str) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(1024);
    open_file(path)?.take(1024).read_to_end(&mut head)?;
    Ok(head)
}

/// The texts in XML that can be names of files, also of a VRT in the place of a name.
fn names_of(xml: &str) -> Vec<String> {
    const LONGEST: usize = 4096;
    let of_element = |element: &str| -> Vec<String> {
        let Some((tag, text)) = element.split_once('>') else { return Vec::new() };
        let is_name = tag.starts_with("SourceFilename") || tag.starts_with("SourceDataset");
        let name = unescaped(text.trim());
        if name.starts_with('<') {
            return names_of(&name);
        }
        // Of overviews beside the raster.
        let name = name.strip_prefix(":::BASE:::").unwrap_or(&name).to_owned();
        match name.strip_prefix("vrt://") {
            Some(rest) => vec![rest.split('?').next().unwrap_or_default().to_owned()],
            None if name.is_empty() || name.len() > LONGEST => Vec::new(),
            None if name.parse::<f64>().is_ok() && !is_name => Vec::new(),
            None => vec![name],
        }
    };
    xml.split('<').flat_map(of_element).collect()
}

/// Whether a VRT reads sources coarser than they are, or may do so: then GDAL reads overviews.
fn is_coarser(xml: &str) -> bool {
    const OTHERS: [&str; 5] =
        ["VRTWarped", "VRTPansharpened", "VRTProcessed", "<OpenOptions", "vrt://"];
    let is_other = OTHERS.iter().any(|other| xml.contains(other));
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

/// Which files there are, without a question to the system for each of thousands.
#[derive(Default)]
struct Folders(HashMap<PathBuf, Names>);

enum Names {
    /// How often the system was asked.
    Asked(usize),
    /// By their names in small letters.
    Listed(HashMap<String, String>),
}

impl Names {
    fn of(listed: Vec<String>) -> Self {
        Self::Listed(listed.into_iter().map(|name| (name.to_lowercase(), name)).collect())
    }
}

impl Folders {
    /// A file with this name. In a folder that was listed, it may be in other letters, as GDAL finds
    /// the files beside others.
    fn find(&mut self, path: &str) -> Option<String> {
        /// As many names does GDAL list. In larger folders, it asks for small and capital letters.
        const FEW: usize = 1000;
        /// From so many questions on, it is faster to list also those.
        const MANY: usize = 40;
        let folder = Path::new(path).parent()?;
        let names = self.0.entry(folder.to_owned()).or_insert_with(|| {
            let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            let entries = fs::read_dir(here).into_iter().flatten().flatten();
            let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
            let listed: Vec<String> = entries.map(name).take(FEW + 1).collect();
            if listed.len() > FEW { Names::Asked(0) } else { Names::of(listed) }
        });
        if let Names::Asked(times) = names {
            *times += 1;
            if *times <= MANY {
                let capitals = Path::new(path).extension()?.to_ascii_uppercase();
                let other = Path::new(path).with_extension(capitals).display().to_string();
                return [path.to_owned(), other].into_iter().find(|path| Path::new(path).is_file());
            }
            let listed = names_in(folder.to_str()?).unwrap_or_default();
            *names = Names::of(listed);
        }
        match names {
            Names::Listed(listed) => {
                let name = listed.get(&file_name(path).to_lowercase())?;
                Some(within(folder.to_str()?, name))
            }
            Names::Asked(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
                   <SourceFilename>12</SourceFilename><B> NETCDF:&quot;c.nc&quot;:z </B><C>vrt://d.tif?bands=1</C><D/></A>";
        let names = ["a&b.tif", "12", "NETCDF:\"c.nc\":z", "d.tif"];
        assert_eq!(names_of(xml), names);
        let escaped = xml.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        assert_eq!(names_of(&format!("<SourceFilename>{escaped}</SourceFilename>")), names);
    }
}
