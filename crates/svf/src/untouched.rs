//! The state of the files that are read, before they are opened.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use svf_job::trailer::digest_of;
use svf_kernel::tile::Window;
use svf_raster::behind::content;
use svf_raster::stat::{FileState, file_state};
use svf_raster::unchanging::{UNCHANGING, hold, let_go};
use svf_raster::watch::{Watch, state_to_open};
use svf_raster::{Op, RasterError, RasterReader};

/// Whether a file decides cells by more than what was read of it when it was opened.
fn has_cells(file: &str) -> bool {
    !file.to_ascii_lowercase().ends_with(".aux.xml")
}

fn is_vrt(file: &str) -> bool {
    file.to_ascii_lowercase().ends_with(".vrt")
}

/// The state of the input files at the beginning of the run. If a file changes during the run,
/// its cells would be a mixture of two states.
pub(crate) struct Untouched(Vec<InputFile>);

struct InputFile {
    path: String,
    state: Mutex<Option<FileState>>,
    /// Of a VRT, into which programs write statistics: what must stay when its state does not.
    content: Option<String>,
    /// The parts of the raster that it covers: the whole, if this is not known.
    windows: Vec<Window>,
}

impl Untouched {
    pub(crate) fn of(layers: &[RasterReader], watch: &Watch) -> Self {
        let of_layer = |layer: &RasterReader| {
            // A VRT can use a file more than once.
            let mut windows: HashMap<String, Vec<Window>> = HashMap::new();
            for source in layer.source_windows().unwrap_or_default() {
                windows.entry(source.path).or_default().push(source.window);
            }
            let whole = layer.info().grid.whole();
            let info = layer.info();
            let of_vrt = |path: &str| {
                let own = layer.vrt_content().filter(|_| *path == info.path);
                let content = own.map(str::to_owned).or_else(|| content(path));
                digest_of(&content.unwrap_or_default())
            };
            let file = |(path, of): (&String, &String)| InputFile {
                path: path.clone(),
                state: Mutex::new(watch.state_of(path)),
                content: is_vrt(path).then(|| of_vrt(path)),
                windows: windows.get(of).cloned().unwrap_or_else(|| vec![whole]),
            };
            let beside = info.beside.iter().map(|file| (&file.path, file.of.as_ref()));
            let beside = beside.map(|(path, of)| (path, of.unwrap_or(path)));
            let files = info.files.iter().map(|path| (path, path)).chain(beside);
            files.filter(|(path, _)| has_cells(path)).map(file).collect::<Vec<_>>()
        };
        Self::held(layers.iter().flat_map(of_layer).collect())
    }

    /// The same of the files of rasters that are joined, each with the part of the result that it covers.
    pub(crate) fn of_files(files: Vec<(String, Window)>, watch: &Watch) -> Self {
        let file = |(path, window): (String, Window)| InputFile {
            state: Mutex::new(watch.state_of(&path)),
            content: is_vrt(&path).then(|| digest_of(&content(&path).unwrap_or_default())),
            path,
            windows: vec![window],
        };
        Self::held(files.into_iter().filter(|(path, _)| has_cells(path)).map(file).collect())
    }

    fn held(files: Vec<InputFile>) -> Self {
        for InputFile { path, state, content, .. } in &files {
            let state = state.lock().unwrap_or_else(PoisonError::into_inner);
            if let (Some(state), None) = (&*state, content) {
                hold(path, state);
            }
        }
        Self(files)
    }

    /// Another file, which is opened later.
    pub(crate) fn add(&mut self, path: &str) {
        let (path, state) = (path.to_owned(), state_to_open(path));
        if let Some(state) = &state {
            hold(&path, state);
        }
        let state = Mutex::new(state);
        self.0.push(InputFile { path, state, content: None, windows: Vec::new() });
    }

    /// # Errors
    /// A file that was changed since then.
    pub(crate) fn check(&self) -> Result<(), RasterError> {
        Self::compare(self.0.iter())
    }

    /// Checks only the files that a window is read from: there can be thousands of others.
    ///
    /// # Errors
    /// A file that was changed since then.
    pub(crate) fn check_within(&self, read: &Window) -> Result<(), RasterError> {
        let is_read = |file: &&InputFile| file.windows.iter().any(|w| w.meet(read).is_some());
        Self::compare(self.0.iter().filter(is_read))
    }

    fn compare<'a>(files: impl Iterator<Item = &'a InputFile>) -> Result<(), RasterError> {
        for file in files {
            let now = file_state(&file.path);
            let mut state = file.state.lock().unwrap_or_else(PoisonError::into_inner);
            if now == *state {
                continue;
            }
            let is_same =
                |was: &String| digest_of(&content(&file.path).unwrap_or_default()) == *was;
            if now.is_some() && file.content.as_ref().is_some_and(is_same) {
                *state = now;
                continue;
            }
            let reason = match now {
                None => "it was moved or deleted while it was being read",
                Some(_) => "it changed while it was being read",
            };
            return Err(RasterError::new(Op::Read, &file.path, reason).hint(UNCHANGING));
        }
        Ok(())
    }
}

impl Drop for Untouched {
    fn drop(&mut self) {
        self.0.iter().for_each(|file| let_go(&file.path));
    }
}
