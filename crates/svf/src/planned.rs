//! What a plan says about its inputs: their purposes and paths, and what each file is like. If the
//! plan is continued, only those files of thousands are opened whose cells are needed, and a file
//! that cannot be opened any more keeps its place, so that everything else can be computed.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use svf_job::planfile::{InputPath, PlanFile};
use svf_kernel::tile::Window;
use svf_raster::found::Known;

/// The purposes of rasters, in the order of the layers; except for the first, they are also names
/// of options.
pub(crate) const ROLES: [&str; 4] = ["heights", "canopy", "trunk", "receivers"];

/// The inputs of a plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlannedInputs {
    /// Heights, canopy, trunks and receivers.
    pub(crate) layers: [PlannedLayer; ROLES.len()],
    /// What is subtracted from the heights.
    pub(crate) height_offset: Option<f64>,
}

/// An input of a plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct PlannedLayer {
    /// The files that are read as one raster, each with what is known about it.
    members: Vec<(PathBuf, Known)>,
    /// Where the raster lies.
    pub(crate) geo_transform: Option<[f64; 6]>,
}

impl PlannedInputs {
    /// The inputs of the plan at `path`.
    pub(crate) fn of(plan: &PlanFile, path: &Path) -> Self {
        let inputs = plan.identity["inputs"].as_array().map_or(&[][..], |inputs| inputs);
        let member = |(input, window): (&InputPath, Window)| {
            let like = input.like.and_then(|like| usize::try_from(like).ok());
            let known = Known { window, like, beside: input.beside.clone() };
            (input_seen(input, path).into(), known)
        };
        let layer = |role: &str| {
            let files: Vec<&InputPath> =
                plan.inputs.iter().filter(|input| input.role == role).collect();
            let sources = plan.sources.iter().filter(|source| source.role == role);
            let cells: Vec<Window> =
                sources.filter_map(|source| source.cells).map(Window::from).collect();
            // Files beside them come first. A single file, or a VRT, is no collection.
            let members = match cells.len().checked_sub(files.len()) {
                Some(beside) if files.len() > 1 => {
                    files.into_iter().zip(cells.into_iter().skip(beside)).map(member).collect()
                }
                _ => Vec::new(),
            };
            let input = inputs.iter().find(|input| input["role"] == role);
            let geo_transform =
                input.and_then(|input| serde_json::from_value(input["geo_transform"].clone()).ok());
            PlannedLayer { members, geo_transform }
        };
        let offset = inputs.first().map(|heights| heights["height_offset"].as_f64().unwrap_or(0.0));
        Self { layers: ROLES.map(layer), height_offset: offset }
    }
}

impl PlannedLayer {
    /// What is known about a file. It may have another name than in the plan; the system is asked
    /// only then.
    pub(crate) fn known(&self) -> impl Fn(&str) -> Option<Known> {
        let named: HashMap<&Path, &Known> =
            self.members.iter().map(|(path, known)| (path.as_path(), known)).collect();
        let whole: OnceCell<HashMap<PathBuf, &Known>> = OnceCell::new();
        move |path| {
            let path = Path::new(path);
            if named.is_empty() {
                return None;
            }
            let by_whole = || {
                let members = self.members.iter();
                members.map(|(path, known)| (whole_path(path), known)).collect()
            };
            let other = || whole.get_or_init(by_whole).get(&whole_path(path));
            named.get(path).or_else(other).map(|known| (*known).clone())
        }
    }
}

/// The path of an input of the plan at `plan`, relative to the current folder.
pub(crate) fn input_seen(input: &InputPath, plan: &Path) -> String {
    match input.relative {
        true => folder_of(plan).join(&input.path).display().to_string(),
        false => input.path.clone(),
    }
}

/// The folder of a plan.
pub(crate) fn folder_of(plan: &Path) -> PathBuf {
    plan.parent().unwrap_or(Path::new("")).to_owned()
}

/// The absolute path of a file, without links; the file need not exist yet.
pub(crate) fn whole_path(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let there = path.ancestors().find_map(|part| Some((part, fs::canonicalize(part).ok()?)));
    match there {
        Some((part, whole)) => match path.strip_prefix(part) {
            Ok(rest) if rest.as_os_str().is_empty() => whole,
            Ok(rest) => whole.join(rest),
            Err(_) => path,
        },
        None => path,
    }
}
