//! A file of many: what is known about it, whether it was opened or is only like one that was.
//! Opening a file takes milliseconds, and each of many processes would open each of thousands.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use svf_kernel::tile::Window;

use crate::info::{FileBeside, RasterInfo};
use crate::names::{file_name, is_note, within};

/// A file of many.
pub(crate) struct FoundFile {
    pub(crate) info: RasterInfo,
    /// Without alpha bands.
    pub(crate) bands: usize,
    pub(crate) siblings: Option<Vec<String>>,
    /// The [`likeness`] that it must have whenever it is opened; none if nothing of it is known.
    pub(crate) like: Option<Arc<str>>,
    /// Whether it was not opened, because it is known.
    pub(crate) is_unopened: bool,
}

/// What a plan says about a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// The cells of the whole raster that it covers.
    pub window: Window,
    /// The number of the first file that is like it.
    pub like: Option<usize>,
    /// Names of the files beside it that belong to it.
    pub beside: Vec<String>,
    /// Whether it is like none of the others once there is a new file beside it that says more, for
    /// example a mask. Otherwise, its cells are not read then.
    pub heeds_new: bool,
}

impl FoundFile {
    /// A file that is like this one, which covers `at`.
    pub(crate) fn alike(&self, at: &Window, path: &str, known: &Known) -> RasterInfo {
        let from = |to: u64, from: u64| i64::try_from(to).unwrap_or(i64::MAX) - from.cast_signed();
        let Window { row, col, rows, cols } = known.window;
        let grid = self.info.grid.around(from(row, at.row), from(col, at.col), rows, cols);
        let folder = Path::new(path).parent().and_then(Path::to_str).unwrap_or_default();
        let names = known.beside.iter().map(|name| within(folder, name));
        let (notes, others): (Vec<String>, Vec<String>) = names.partition(|name| is_note(name));
        let files: Vec<String> = [path.to_owned()].into_iter().chain(others).collect();
        let by_content = notes.iter().cloned().collect();
        let of =
            |path_of_note: String| FileBeside { path: path_of_note, of: Some(path.to_owned()) };
        let beside = notes.into_iter().map(of).collect();
        let mut held = self.info.held;
        let sizes = files.iter().filter_map(|file| Some(fs::metadata(file).ok()?.len()));
        held.stored = sizes.max().unwrap_or(held.decoded).min(held.decoded);
        RasterInfo {
            path: path.to_owned(),
            grid,
            known_range: None,
            files,
            beside,
            by_content,
            held,
            ..self.info.clone()
        }
    }
}

/// All that is known about a file but its place, its size, and what its cells decide. Files with
/// the same likeness on one grid can stand for each other.
pub(crate) fn likeness(info: &RasterInfo) -> String {
    let mut like = info.clone();
    (like.path, like.files, like.beside) = (String::new(), Vec::new(), Vec::new());
    like.by_content.clear();
    (like.known_range, like.held.stored) = (None, 0);
    (like.grid.rows, like.grid.cols) = (0, 0);
    // Files of one raster are on one grid.
    like.grid.geo_transform = [0.0; 6];
    format!("{like:?}")
}

/// The names of the files that belong to a raster and are beside it. None if there are others
/// behind it, or if it is no local file: nothing but opening it tells what it is.
pub(crate) fn beside(info: &RasterInfo) -> Option<Vec<String>> {
    let is_plain = info.driver != "VRT" && !info.path.starts_with("/vsi");
    let [first, more @ ..] = &info.files[..] else { return None };
    let folder = |path: &str| Path::new(path).parent().map(Path::to_owned);
    let is_beside = |path: &&String| folder(path) == folder(&info.path);
    let more = more.iter().filter(|path| !is_note(path));
    let more: Vec<&String> = more.chain(info.beside.iter().map(|file| &file.path)).collect();
    let is_folder = info.by_content.contains(&info.path);
    if !is_plain || is_folder || *first != info.path || !more.iter().all(is_beside) {
        return None;
    }
    Some(more.into_iter().map(|path| file_name(path).to_owned()).collect())
}
