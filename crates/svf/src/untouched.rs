//! The state of the files that are read, before they are opened.

use std::collections::HashMap;

use svf_kernel::tile::Window;
use svf_raster::stat::{FileState, file_state};
use svf_raster::unchanging::{UNCHANGING, hold, let_go};
use svf_raster::watch::{Watch, state_to_open};
use svf_raster::{Op, RasterError, RasterReader};

/// Whether the state of a file says that cells are others: programs that open a raster can write
/// statistics into the others.
fn has_cells(file: &str) -> bool {
    let name = file.to_ascii_lowercase();
    !name.ends_with(".vrt") && !name.ends_with(".aux.xml")
}

/// The state of the input files at the beginning of the run. If a file changes during the run,
/// its cells would be a mixture of two states.
pub(crate) struct Untouched(Vec<InputFile>);

struct InputFile {
    path: String,
    state: Option<FileState>,
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
            let file = |(path, of): (&String, &String)| InputFile {
                path: path.clone(),
                state: watch.state_of(path),
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
            state: watch.state_of(&path),
            path,
            windows: vec![window],
        };
        Self::held(files.into_iter().filter(|(path, _)| has_cells(path)).map(file).collect())
    }

    fn held(files: Vec<InputFile>) -> Self {
        for InputFile { path, state, .. } in &files {
            if let Some(state) = state {
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
        self.0.push(InputFile { path, state, windows: Vec::new() });
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
            if now == file.state {
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
