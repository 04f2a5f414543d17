//! What files there are, and what becomes of each before they are read as one raster.

use std::collections::HashSet;
use std::path::Path;

use crate::collection::{Collection, Odd, OpenedFile};
use crate::misfit::misfits;
use crate::names::{
    Siblings, ending, expand, has_raster_ending, is_pattern, is_sidecar, names_in, within,
};
use crate::reader::{OpenOptions, open_band};
use crate::session::may_fail;

/// What files there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// What a folder or a pattern happened to have: other things are passed over.
    Found,
    /// Each was named: each has to be a raster.
    Named,
}

/// What became of files.
pub struct Examined {
    seen: Vec<OpenedFile>,
    /// Files that do not fit, each with what is the matter and what mends it.
    pub odd: Vec<Odd>,
    /// Files of another kind.
    pub passed_over: Vec<String>,
    /// Rasters that are none of heights or are there already, and what they are.
    pub left_out: Vec<(String, String)>,
}

/// The files that a name stands for: those of a folder that is no raster itself, or those that
/// fit a pattern. None where it names one raster, or nothing.
pub fn files_of(name: &str, options: &OpenOptions) -> Option<Vec<String>> {
    let is_virtual = name.starts_with("/vsi");
    let is_there = !is_virtual && Path::new(name).exists();
    let opens = || may_fail(|| open_band(name, options)).is_ok();
    if is_pattern(name) && !is_there {
        let files = expand(name);
        return if files.is_empty() && opens() { None } else { Some(files) };
    }
    if !(is_virtual || Path::new(name).is_dir()) || opens() {
        return None;
    }
    let names = may_fail(|| names_in(name)).filter(|names| !is_virtual || !names.is_empty())?;
    let shown = names.iter().filter(|name| !name.starts_with('.'));
    Some(shown.map(|file| within(name, file)).collect())
}

/// Whether a file is a raster that is no result of these tools.
pub fn is_foreign_raster(path: &str) -> bool {
    let reader = may_fail(|| open_band(path, &OpenOptions::default()));
    reader.is_ok_and(|reader| reader.measures().is_none())
}

/// Opens files one after the other. `go_on` gets how many were looked at, and says whether to
/// go on; none where it does not.
pub fn examine(
    paths: &[String],
    choice: Choice,
    options: &OpenOptions,
    go_on: &mut dyn FnMut(usize) -> bool,
) -> Option<Examined> {
    let mut examined = Examined {
        seen: Vec::new(),
        odd: Vec::new(),
        passed_over: Vec::new(),
        left_out: Vec::new(),
    };
    let mut siblings = Siblings::default();
    let mut failed = Vec::new();
    for (done, path) in paths.iter().enumerate() {
        if !go_on(done) {
            return None;
        }
        if choice == Choice::Found && is_sidecar(path) {
            continue;
        }
        let siblings = siblings.of(path);
        let options = OpenOptions { siblings: siblings.clone(), shown_as: None, ..options.clone() };
        // What it says is told in the table.
        match may_fail(|| open_band(path, &options)) {
            Err(error) => failed.push((path, error)),
            Ok(reader) => match reader.measures() {
                Some(measures) => {
                    let what = format!("a result of these tools: {measures}");
                    examined.left_out.push((path.clone(), what));
                }
                None => examined.seen.push(OpenedFile {
                    info: reader.info().clone(),
                    bands: reader.band_count(),
                    siblings,
                }),
            },
        }
    }
    let is_one_of_them = |path: &str| {
        let own = ending(path);
        has_raster_ending(path) || examined.seen.iter().any(|seen| ending(&seen.info.path) == own)
    };
    for (path, error) in failed {
        let is_there = path.starts_with("/vsi") || Path::new(path).exists();
        let is_folder = Path::new(path).is_dir();
        if choice == Choice::Found && is_there && (is_folder || !is_one_of_them(path)) {
            if !is_folder {
                examined.passed_over.push(path.clone());
            }
        } else {
            let (what, mend) = (error.reason, error.hint);
            examined.odd.push(Odd { path: path.clone(), what, mend });
        }
    }
    examined.leave_out_mosaics();
    Some(examined)
}

impl Examined {
    /// Number of rasters.
    pub fn len(&self) -> usize {
        self.seen.len()
    }

    /// Whether there is no raster.
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    /// The only raster, where there is one.
    pub fn only(&self) -> Option<&str> {
        match &self.seen[..] {
            [only] => Some(&only.info.path),
            _ => None,
        }
    }

    /// A VRT over files that are there themselves would have every cell twice.
    fn leave_out_mosaics(&mut self) {
        let whole = |path: &str| std::fs::canonicalize(path).ok();
        let vrts: Vec<&OpenedFile> = self.seen.iter().filter(|s| s.info.driver == "VRT").collect();
        if vrts.is_empty() {
            return;
        }
        let own: HashSet<_> = self.seen.iter().filter_map(|s| whole(&s.info.path)).collect();
        let is_over = |seen: &&OpenedFile| {
            let itself = whole(&seen.info.path);
            let files = seen.info.files.iter().filter_map(|file| whole(file));
            files.into_iter().any(|file| Some(&file) != itself.as_ref() && own.contains(&file))
        };
        let over: HashSet<String> =
            vrts.into_iter().filter(is_over).map(|seen| seen.info.path.clone()).collect();
        self.seen.retain(|seen| !over.contains(&seen.info.path));
        let what = "a mosaic of other files of the input";
        let mut over: Vec<_> = over.into_iter().map(|path| (path, what.to_owned())).collect();
        over.sort_unstable();
        self.left_out.extend(over);
    }

    /// The files as one raster, called `name`.
    ///
    /// # Errors
    /// The files that do not fit.
    pub fn into_raster(
        mut self,
        name: &str,
        options: &OpenOptions,
    ) -> Result<Collection, Vec<Odd>> {
        self.odd.extend(misfits(&self.seen, options.band.max(1)));
        if !self.odd.is_empty() || self.seen.is_empty() {
            return Err(self.odd);
        }
        Collection::of(self.seen, name, options).map_err(|far| vec![far])
    }
}
