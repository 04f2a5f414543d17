//! What a plan says about its inputs: their purposes and paths, and what each file is like. If the
//! plan is continued, only those files of thousands are opened whose cells are needed, and a file
//! that cannot be opened any more keeps its place, so that everything else can be computed.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use svf_job::planfile::{InputPath, Look, PlanFile};
use svf_job::trailer::digest_of;
use svf_kernel::tile::Window;
use svf_raster::behind::content;
use svf_raster::found::Known;
use svf_raster::stat::file_state;

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
    /// The check of a sample of the heights, if they are those of the plan.
    pub(crate) look: Option<Look>,
}

/// An input of a plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct PlannedLayer {
    /// The files that are read as one raster, each with what is known about it.
    members: Vec<(PathBuf, Member)>,
    /// Where the raster lies.
    pub(crate) geo_transform: Option<[f64; 6]>,
}

/// One of the files that are read as one raster.
#[derive(Clone, Debug, PartialEq)]
struct Member {
    known: Known,
    /// Sizes and times of it and of the files beside it, as far as the plan has them.
    states: Vec<Value>,
}

impl Member {
    /// What is known about the file at `path`. If it has changed, it is like none of the others.
    fn now(&self, path: &Path) -> Known {
        let beside = self.known.beside.iter().map(|name| path.with_file_name(name));
        let is_same = |(path, was): (PathBuf, &Value)| {
            let path = path.display().to_string();
            if let Some(was) = was["content"].as_str() {
                return content(&path).is_some_and(|now| digest_of(&now) == was);
            }
            let state = file_state(&path);
            state.is_some_and(|now| was["bytes"] == now.bytes && was["modified"] == now.modified)
        };
        let paths = [path.to_owned()].into_iter().chain(beside);
        let is_there = self.states.len() == 1 + self.known.beside.len();
        let unchanged = is_there && paths.zip(&self.states).all(is_same);
        Known { like: self.known.like.filter(|_| unchanged), ..self.known.clone() }
    }
}

/// What a plan says about each of the files of an input: `files` are in the order of the `members`,
/// each followed by those beside it.
fn states_of(files: &Value, members: &[(PathBuf, Known)]) -> Vec<Vec<Value>> {
    let mut files = files.as_array().map_or(&[][..], |files| files);
    let next = |(path, known): &(PathBuf, Known)| {
        let is_it =
            |file: &Value| path.file_name().and_then(OsStr::to_str) == file["name"].as_str();
        let Some(at) = files.iter().position(is_it) else { return Vec::new() };
        let after = &files[at..];
        let (own, rest) = after.split_at(after.len().min(1 + known.beside.len()));
        files = rest;
        own.to_vec()
    };
    members.iter().map(next).collect()
}

impl PlannedInputs {
    /// The inputs of the plan at `path`. A run that goes on with files that have changed also heeds new
    /// files beside them.
    pub(crate) fn of(plan: &PlanFile, path: &Path, heeds_new: bool) -> Self {
        let inputs = plan.identity["inputs"].as_array().map_or(&[][..], |inputs| inputs);
        let member = |(input, window): (&InputPath, Window)| {
            let like = input.like.and_then(|like| usize::try_from(like).ok());
            let known = Known { window, like, beside: input.beside.clone(), heeds_new };
            (input_seen(input, path).into(), known)
        };
        let layer = |role: &str| {
            let files: Vec<&InputPath> =
                plan.inputs.iter().filter(|input| input.role == role).collect();
            let sources = plan.sources.iter().filter(|source| source.role == role);
            let cells: Vec<Window> =
                sources.filter_map(|source| source.cells).map(Window::from).collect();
            // Files beside them come first. A single file, or a VRT, is no collection.
            let members: Vec<(PathBuf, Known)> = match cells.len().checked_sub(files.len()) {
                Some(beside) if files.len() > 1 => {
                    files.into_iter().zip(cells.into_iter().skip(beside)).map(member).collect()
                }
                _ => Vec::new(),
            };
            let nothing = Value::Null;
            let input = inputs.iter().find(|input| input["role"] == role).unwrap_or(&nothing);
            let states = states_of(&input["files"], &members);
            let of_both = |((path, known), states)| (path, Member { known, states });
            PlannedLayer {
                members: members.into_iter().zip(states).map(of_both).collect(),
                geo_transform: serde_json::from_value(input["geo_transform"].clone()).ok(),
            }
        };
        let offset = inputs.first().map(|heights| heights["height_offset"].as_f64().unwrap_or(0.0));
        let look = plan.sample.filter(|_| !heeds_new);
        Self { layers: ROLES.map(layer), height_offset: offset, look }
    }
}

impl PlannedLayer {
    /// Whether the plan has several files for it.
    pub(crate) fn has_files(&self) -> bool {
        !self.members.is_empty()
    }

    /// What is known about a file. It may have another name than in the plan; the system is asked
    /// only then.
    pub(crate) fn known(&self) -> impl Fn(&str) -> Option<Known> {
        let named: HashMap<&Path, &Member> =
            self.members.iter().map(|(path, member)| (path.as_path(), member)).collect();
        let whole: OnceCell<HashMap<PathBuf, &Member>> = OnceCell::new();
        move |path| {
            let path = Path::new(path);
            if named.is_empty() {
                return None;
            }
            let by_whole = || {
                let members = self.members.iter();
                members.map(|(path, member)| (whole_path(path), member)).collect()
            };
            let other = || whole.get_or_init(by_whole).get(&whole_path(path));
            named.get(path).or_else(other).map(|member| member.now(path))
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

/// Where the file of a plan itself is. The paths in it are relative to that place, not to the place of a
/// link to it, as in a VRT.
pub(crate) fn behind_link(plan: &Path) -> PathBuf {
    let is_link = plan.is_symlink();
    let real = is_link.then(|| plan.canonicalize().ok()).flatten();
    real.unwrap_or_else(|| plan.to_owned())
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
