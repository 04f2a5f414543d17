//! Finds the files of an input and examines each of them, before they are read as one raster.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use gdal::Dataset;
use svf_kernel::tile::Window;

use crate::burnt::is_vector;
use crate::collection::{Collection, Odd};
use crate::error::{Op, RasterError};
use crate::found::{FoundFile, Known};
use crate::misfit::misfits;
use crate::names::{
    Siblings, ending, expand, file_name, has_raster_ending, is_pattern, is_sidecar, names_in,
    says_more, within,
};
use crate::reader::{OpenOptions, open_band};
use crate::session::may_fail;
use crate::whole;

/// The files of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Files from a folder or a pattern: files that are not rasters are skipped.
    Found,
    /// Files that the user named: each must be a raster.
    Named,
}

/// The result of examining the files.
pub struct Examined {
    seen: Vec<FoundFile>,
    /// Files that do not fit, each with the reason and the command that corrects it.
    pub odd: Vec<Odd>,
    /// Files that are not rasters.
    pub passed_over: Vec<String>,
    /// Rasters that are skipped (results of these tools, and mosaics of other files), with the
    /// reason.
    pub left_out: Vec<(String, String)>,
}

/// The files that a name means: those in a folder (if the folder is not a raster itself), or
/// those that match a pattern. None if it names a single raster, or nothing.
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

/// Whether a file is a raster that is not a result of these tools.
pub fn is_foreign_raster(path: &str) -> bool {
    let reader = may_fail(|| open_band(path, &OpenOptions::default()));
    reader.is_ok_and(|reader| reader.measures().is_none())
}

/// Whether a file is a raster.
pub fn is_raster(file: &Path) -> bool {
    may_fail(|| open_band(&file.to_string_lossy(), &OpenOptions::default())).is_ok()
}

/// Why a file that was a raster before cannot be read now; none if it can be. It has one text,
/// no matter what the file is a part of.
pub fn trouble_with(path: &str) -> Option<RasterError> {
    let opened =
        || whole::refuse_unreadable(path).and_then(|()| open_band(path, &OpenOptions::default()));
    // A mask can be one of vectors.
    let error = may_fail(opened).err().filter(|_| !is_vector(path))?;
    matches!(error.op, Op::Open | Op::Read).then_some(RasterError { hint: None, ..error })
}

/// Opens files one after the other, except those that are `known` to be like one that was opened.
/// `go_on` gets the number of files examined so far and returns whether to continue. The result is
/// none if it returns false.
pub fn examine(
    paths: &[String],
    choice: Choice,
    options: &OpenOptions,
    known: &dyn Fn(&str) -> Option<Known>,
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
    // Of the files that are alike: one that was opened, with its cells.
    let mut opened: HashMap<usize, (usize, Window)> = HashMap::new();
    // Most of thousands of files are alike: one text for all of them.
    let mut likes: HashSet<Arc<str>> = HashSet::new();
    for (done, path) in paths.iter().enumerate() {
        if !go_on(done) {
            return None;
        }
        if choice == Choice::Found && is_sidecar(path) {
            continue;
        }
        let siblings = siblings.of(path);
        let mut known = known(path);
        if let Some(known) = &mut known
            && known.heeds_new
            && has_more_beside(path, siblings.as_deref(), known)
        {
            known.like = None;
        }
        let kind = known.as_ref().and_then(|known| Some((known.like?, known.window)));
        if let (Some(known), Some((kind, _))) = (&known, kind)
            && let Some((like, at)) = opened.get(&kind)
            && Path::new(path).is_file()
        {
            let like = &examined.seen[*like];
            examined.seen.push(FoundFile {
                info: like.alike(at, path, known),
                bands: like.bands,
                siblings,
                like: like.like.clone(),
                is_unopened: true,
            });
            continue;
        }
        let options = OpenOptions { siblings: siblings.clone(), shown_as: None, ..options.clone() };
        // Its message is shown in the table.
        match may_fail(|| open_band(path, &options)) {
            Err(error) => failed.push((path, error)),
            Ok(reader) => match reader.measures() {
                Some(measures) => {
                    let what = format!("a result of these tools: {measures}");
                    examined.left_out.push((path.clone(), what));
                }
                None => {
                    if let Some((kind, at)) = kind {
                        opened.insert(kind, (examined.seen.len(), at));
                    }
                    let like: Arc<str> = reader.likeness().into();
                    let like = likes.get(&like).cloned().unwrap_or(like);
                    likes.insert(like.clone());
                    examined.seen.push(FoundFile {
                        info: reader.info().clone(),
                        bands: reader.band_count(),
                        siblings,
                        like: Some(like),
                        is_unopened: false,
                    });
                }
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
        let is_of_another_kind = || !(is_one_of_them(path) || is_there && has_cells(path));
        // A file of another program may be gone by now.
        let may_be_gone = is_there || known(path).is_none();
        if choice == Choice::Found && may_be_gone && (is_folder || is_of_another_kind()) {
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

/// Whether GDAL opens a file as a raster, whatever else is wrong with it.
fn has_cells(path: &str) -> bool {
    may_fail(|| Dataset::open(path)).is_ok_and(|dataset| dataset.raster_count() > 0)
}

/// Whether a file that GDAL would read with a raster, for example a mask, is beside it and is not known.
fn has_more_beside(path: &str, siblings: Option<&[String]>, known: &Known) -> bool {
    let own = file_name(path);
    let is_new = |name: &&String| *name != own && !known.beside.contains(name);
    siblings.into_iter().flatten().filter(is_new).any(|name| says_more(name))
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

    /// The raster, if there is only one.
    pub fn only(&self) -> Option<&str> {
        match &self.seen[..] {
            [only] => Some(&only.info.path),
            _ => None,
        }
    }

    /// If a VRT and its files are both in the input, every cell would be there twice.
    fn leave_out_mosaics(&mut self) {
        let whole = |path: &str| std::fs::canonicalize(path).ok();
        let vrts: Vec<&FoundFile> = self.seen.iter().filter(|s| s.info.driver == "VRT").collect();
        if vrts.is_empty() {
            return;
        }
        let own: HashSet<_> = self.seen.iter().filter_map(|s| whole(&s.info.path)).collect();
        let is_over = |seen: &&FoundFile| {
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

    /// Whether a file was not opened, because it is known.
    pub fn has_unopened(&self) -> bool {
        self.seen.iter().any(|seen| seen.is_unopened)
    }

    /// Lets files that cannot be opened keep the places that are `known`: only reading their
    /// cells fails. `paths` are those that were examined. What is not known of these files, they
    /// have in common with one of the others.
    pub fn keep_places(&mut self, paths: &[String], known: &dyn Fn(&str) -> Option<Known>) {
        let place = |seen: &FoundFile| Some(known(&seen.info.path)?.window);
        let Some((like, at)) =
            self.seen.iter().enumerate().find_map(|(i, seen)| Some((i, place(seen)?)))
        else {
            return;
        };
        let mut kept = Vec::new();
        self.odd.retain(|odd| {
            let Some(known) = known(&odd.path) else { return true };
            let like = &self.seen[like];
            let info = like.alike(&at, &odd.path, &known);
            kept.push(FoundFile {
                info,
                bands: like.bands,
                siblings: None,
                like: None,
                is_unopened: false,
            });
            false
        });
        let seen = &mut self.seen;
        seen.append(&mut kept);
        let order: HashMap<&str, usize> =
            paths.iter().enumerate().map(|(i, path)| (path.as_str(), i)).collect();
        seen.sort_by_key(|seen| order.get(seen.info.path.as_str()).copied());
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
        // A file that is not opened fits, because the one that it is like does.
        let opened: Vec<&FoundFile> = self.seen.iter().filter(|seen| !seen.is_unopened).collect();
        self.odd.extend(misfits(&opened, options.band.max(1)));
        if !self.odd.is_empty() || self.seen.is_empty() {
            return Err(self.odd);
        }
        Collection::of(self.seen, name, options).map_err(|far| vec![far])
    }
}
