//! Files of an input that can be read no more since the plan was made: missing, cut short, or not
//! readable. Only the tiles that would be computed from their cells are not computed.

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use svf_job::planfile::{PlanFile, SourceFile};
use svf_kernel::tile::Window;
use svf_raster::examine::trouble_with;
use svf_raster::{RasterError, RasterReader};

use crate::plan_file::{Input, Inputs, sources_with_paths};

/// Such files, and windows that could not be read.
#[derive(Default)]
pub(crate) struct Broken(Vec<(Window, RasterError)>);

impl Broken {
    /// Finds them among the files that are not as `plan` says. If no other file has changed, `now`
    /// gets what `plan` says about the files: the other tiles are those of `plan`.
    pub(crate) fn since(plan: &PlanFile, now: &mut PlanFile, inputs: &Inputs<'_>) -> Self {
        if plan.sources.is_empty() || plan.identity == now.identity {
            return Self::default();
        }
        let found = sources_with_paths(inputs);
        let mut tried: HashMap<&str, Option<RasterError>> = HashMap::new();
        let mut of_broken = HashSet::new();
        let mut broken = Vec::new();
        let known: HashSet<String> = plan.sources.iter().map(show).collect();
        // The files beside a raster are no rasters: it is opened with them. One that is not read in
        // windows was opened already.
        let rasters: HashSet<String> = inputs.iter().flat_map(raster_paths).collect();
        let mut at: HashMap<String, Vec<&str>> = HashMap::new();
        for (path, source) in found.iter().filter(|(path, _)| rasters.contains(path.as_str())) {
            at.entry(place(source)).or_default().push(path);
        }
        for (path, source) in found.iter().filter(|(_, source)| !known.contains(&show(source))) {
            let Some(cells) = source.cells else { continue };
            let there = at.get(&place(source)).map_or(&[][..], |paths| paths);
            let own = [path.as_str()];
            for raster in if there.contains(&own[0]) { &own[..] } else { there } {
                let trouble = tried.entry(raster).or_insert_with(|| trouble_with(raster));
                if let Some(error) = trouble {
                    of_broken.insert(place(source));
                    broken.push((Window::from(cells), error.clone()));
                }
            }
        }
        // Other files in the same place decide no tile that is computed.
        let rest = |sources: &mut dyn Iterator<Item = &SourceFile>| -> Vec<String> {
            sources.filter(|source| !of_broken.contains(&place(source))).map(show).collect()
        };
        let sources = found.iter().map(|(_, source)| source);
        if !broken.is_empty() && rest(&mut plan.sources.iter()) == rest(&mut { sources }) {
            keep_files(plan, now);
        }
        Self(broken)
    }

    /// The file among those of a window that made reading it fail, if one of them can be read no more.
    pub(crate) fn trouble_within(
        &mut self,
        read: &Window,
        layers: &[RasterReader],
    ) -> Option<RasterError> {
        for source in layers.iter().filter_map(RasterReader::source_windows).flatten() {
            let Some(met) = source.window.meet(read) else { continue };
            if let Some(error) = trouble_with(&source.path) {
                self.0.push((source.window, error.clone()));
                return Some(error.at(met));
            }
        }
        None
    }

    /// Takes note of a window that could not be read.
    pub(crate) fn add(&mut self, window: Window, error: RasterError) {
        self.0.push((window, error));
    }

    /// Whether one of them has all cells of a window.
    pub(crate) fn covers(&self, window: &Window) -> bool {
        self.0.iter().any(|(cells, _)| cells.meet(window).is_some_and(|met| met == *window))
    }

    /// # Errors
    /// The first of these files that has cells in a window.
    pub(crate) fn refuse(&self, read: &Window) -> Result<(), RasterError> {
        let met = self.0.iter().find_map(|(cells, error)| Some((cells.meet(read)?, error)));
        met.map_or(Ok(()), |(cells, error)| Err(error.clone().at(cells)))
    }
}

/// The rasters that an input is read from, where these are several.
fn raster_paths(input: &Input<'_>) -> impl Iterator<Item = String> + use<> {
    input.reader().source_windows().into_iter().flatten().map(|source| source.path)
}

fn show(source: &SourceFile) -> String {
    format!("{source:?}")
}

/// The cells of a file; a file beside it has the same.
fn place(source: &SourceFile) -> String {
    format!("{} {:?}", source.role, source.cells)
}

/// What identities say about the files of the inputs, and about what follows from them.
fn keep_files(plan: &PlanFile, now: &mut PlanFile) {
    const OF_FILES: [&str; 5] = ["files", "parts", "data_type", "nodata", "scale_offset"];
    let before = plan.identity["inputs"].as_array().cloned().unwrap_or_default();
    let inputs = now.identity["inputs"].as_array_mut().into_iter().flatten();
    for (input, before) in inputs.zip(&before) {
        // The properties of a VRT are its own.
        let keys = if input["parts"] == Value::Null { &OF_FILES[..1] } else { &OF_FILES[..] };
        let Some(input) = input.as_object_mut() else { continue };
        for &key in keys {
            match before.get(key) {
                Some(value) => input.insert(key.to_owned(), value.clone()),
                None => input.remove(key),
            };
        }
    }
    if plan.identity == now.identity {
        now.id.clone_from(&plan.id);
        now.sources.clone_from(&plan.sources);
    }
}
