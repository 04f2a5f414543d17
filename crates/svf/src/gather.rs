//! Finds the files of INPUT: one raster, or many files that are read as one. Decides which
//! arguments are rasters, which files a folder, a pattern or a list means, and makes the messages
//! about them.

use std::io::ErrorKind;
use std::path::Path;

use svf_job::CancelToken;
use svf_job::events::{Diagnostic, FileFinding};
use svf_raster::collection::{Collection, Disagreement, Odd};
use svf_raster::examine::{Choice, Examined, examine, files_of};
use svf_raster::info::MemberFile;
use svf_raster::stat::{local_place, open_file, same_file};
use svf_raster::{OpenOptions, RasterInfo, RasterReader, names, open_raster};

use crate::error::Error;
use crate::numbers::{count_of, show_share};
use crate::observer::Observer;
use crate::planned::PlannedLayer;
use crate::request::Files;
use crate::scene::short;
use crate::stream::{is_stdin, read_text};

/// The name of a run with several rasters.
pub fn label(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first, more @ ..] => format!("{first} and {} more", more.len()),
    }
}

/// A raster to open, or many.
pub(crate) struct Wanted<'a> {
    /// What to open, and the name that the user gave.
    pub(crate) path: &'a str,
    pub(crate) shown: &'a str,
    /// The files, if they are known.
    pub(crate) files: &'a Files,
    pub(crate) options: &'a OpenOptions,
    /// The output: an earlier result with this name is not an input, and there is no warning
    /// about it.
    pub(crate) output: Option<&'a str>,
    /// What a plan that is continued says about the files.
    pub(crate) planned: &'a PlannedLayer,
}

/// Opens the input.
///
/// # Errors
/// A file that cannot be opened; files that do not fit together, in a table; a cancel.
pub(crate) fn open(
    wanted: &Wanted<'_>,
    cancel: &CancelToken,
    observer: &dyn Observer,
) -> Result<RasterReader, Error> {
    let (files, choice) = match wanted.files {
        Files::Found(names) => (names.clone(), Choice::Found),
        Files::Named(names) => (names.clone(), Choice::Named),
        Files::List(list) => (read_list(list, cancel)?, Choice::Named),
        Files::Itself => match files_of(wanted.path, wanted.options) {
            Some(files) => (files, Choice::Found),
            None => return Ok(open_raster(wanted.path, wanted.options)?),
        },
    };
    if files.iter().any(|file| is_stdin(file)) {
        let message = "/vsistdin/ is a single raster and cannot be read together with other files";
        return Err(Error::usage("usage.arguments", message));
    }
    let mut go_on = |_| !cancel.is_cancelled();
    let known = wanted.planned.known();
    let mut examined =
        examine(&files, choice, wanted.options, &known, &mut go_on).ok_or(Error::cancelled())?;
    let before = examined.odd.len();
    if before > 0 {
        examined.keep_places(&files, &known);
    }
    let has_unread = examined.odd.len() < before || examined.has_unopened();
    tell_left_out(&examined, wanted, observer);
    if examined.is_empty() && examined.odd.is_empty() {
        return Err(no_raster(&files, wanted));
    }
    let passed_over = passed_over(&examined);
    if let (Some(only), true) = (examined.only(), examined.odd.is_empty()) {
        let options = OpenOptions { shown_as: None, ..wanted.options.clone() };
        let reader = open_raster(only, &options)?;
        observer.note(&format!("{}: 1 raster, {only}{passed_over}", wanted.shown));
        return Ok(reader);
    }
    let total = examined.len() + examined.odd.len();
    let collection = examined
        .into_raster(wanted.shown, wanted.options)
        .map_err(|odd| misfits(odd, total, wanted))?;
    refuse_apart(&collection)?;
    let mut collection = collection;
    if let (true, Some(geo_transform)) = (has_unread, wanted.planned.geo_transform) {
        collection.lie_at(geo_transform);
    }
    tell(&mut collection, &passed_over, observer);
    Ok(RasterReader::Many(Box::new(collection)))
}

/// How many names a text lists.
fn some(names: impl ExactSizeIterator<Item = String>) -> String {
    const SHOWN: usize = 5;
    let more = names.len().saturating_sub(SHOWN);
    let shown: Vec<String> = names.take(SHOWN).collect();
    match more {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn file_name(path: &str) -> String {
    names::file_name(path).to_owned()
}

fn passed_over(examined: &Examined) -> String {
    let names = examined.passed_over.iter().map(|path| file_name(path));
    match names.len() {
        0 => String::new(),
        1 => format!("; skipped 1 file that is not a raster: {}", some(names)),
        n => format!("; skipped {n} files that are not rasters: {}", some(names)),
    }
}

fn tell_left_out(examined: &Examined, wanted: &Wanted<'_>, observer: &dyn Observer) {
    let is_output = |path: &str| {
        wanted.output.is_some_and(|output| same_file(Path::new(path), Path::new(output)))
    };
    let left_out: Vec<&(String, String)> =
        examined.left_out.iter().filter(|(path, _)| !is_output(path)).collect();
    if left_out.is_empty() {
        return;
    }
    let list = some(left_out.iter().map(|(path, what)| format!("{path} ({what})")));
    let message = format!("not read from {}: {list}", wanted.shown);
    observer.warn(Diagnostic::new("input.left_out", message));
}

/// Whether a name is that of a folder, also in an archive.
fn is_folder(file: &str) -> bool {
    let has_files = || names::names_in(file).is_some_and(|names| !names.is_empty());
    Path::new(file).is_dir() || file.starts_with("/vsi") && has_files()
}

/// There is nothing to read.
fn no_raster(files: &[String], wanted: &Wanted<'_>) -> Error {
    let shown = wanted.shown;
    let folders = files.iter().filter(|file| is_folder(file)).count();
    let reason = match files.len() {
        n if n > 0 && folders == n => {
            format!("it contains no files, only {}", count_of(n, "folder"))
        }
        0 if names::is_pattern(shown) => {
            "it is no file, and no file matches it as a pattern".to_owned()
        }
        0 => "the folder is empty".to_owned(),
        1 => "its only file is not an elevation raster".to_owned(),
        n => format!("none of its {n} files is an elevation raster"),
    };
    let diagnostic =
        Diagnostic::new("raster.open", format!("cannot open {shown}: {reason}")).path(shown);
    let diagnostic = diagnostic.with("reason", reason);
    if folders > 0 {
        let within = format!("{}/*/*.tif", shown.trim_end_matches('/'));
        let hint = format!("for files in its folders, write '{within}', with the quotes");
        return Error::failed(diagnostic.hint(hint));
    }
    Error::failed(match files.iter().find_map(|file| names::hint(file)) {
        Some(hint) => diagnostic.hint(hint),
        None => diagnostic,
    })
}

/// The files that do not fit, in one table.
fn misfits(odd: Vec<Odd>, total: usize, wanted: &Wanted<'_>) -> Error {
    let is_forbidden = |odd: &&Odd| {
        open_file(&odd.path).is_err_and(|error| error.kind() == ErrorKind::PermissionDenied)
    };
    let forbidden: Vec<&Odd> = odd.iter().filter(is_forbidden).collect();
    if !forbidden.is_empty() {
        let hint = "you lack the right to read these files, or to enter their folder";
        return unusable(&forbidden, total, "not readable", hint, wanted);
    }
    let is_lost = |odd: &&Odd| !odd.path.starts_with("/vsi") && local_place(&odd.path).is_none();
    let lost: Vec<&Odd> = odd.iter().filter(is_lost).collect();
    if !lost.is_empty() {
        let is_link = |odd: &&&Odd| Path::new(&odd.path).is_symlink();
        let hint = match lost.iter().find(is_link) {
            Some(Odd { path, .. }) => format!(
                "{path} is a link to a file that is not there: delete the link, or bring back the \
                 file; if a disk or a network folder has it, is it mounted?"
            ),
            None => "check the names; if a disk or a network folder has the files, is it mounted?"
                .to_owned(),
        };
        return unusable(&lost, total, "not there", &hint, wanted);
    }
    let (count, shown) = (odd.len(), wanted.shown);
    let does = if count == 1 { "does" } else { "do" };
    let message = format!(
        "cannot read {shown} as one raster: {count} of {} {does} not fit the others",
        count_of(total, "file")
    );
    let hint = "name only files that fit; if there is a command below the name of a file, run it \
                and use its result instead (these tools never resample their input)";
    let mut diagnostic = Diagnostic::new("input.mismatch", message).hint(hint).path(shown);
    let of = |Odd { path, what, mend }| FileFinding { path, reason: what, mend };
    diagnostic.details.files = odd.into_iter().map(of).collect();
    Error::failed(diagnostic)
}

/// Files that were named, by the user or by a plan, and cannot be opened. Those of a plan could be.
fn unusable(lost: &[&Odd], total: usize, state: &str, hint: &str, wanted: &Wanted<'_>) -> Error {
    let shown = wanted.shown;
    let are = if lost.len() == 1 { "is" } else { "are" };
    let names = some(lost.iter().map(|odd| odd.path.clone()));
    let of = count_of(total, "file");
    let message = format!("cannot open {shown}: {} of {of} {are} {state}: {names}", lost.len());
    let mut diagnostic = Diagnostic::new("raster.open", message).hint(hint).path(shown);
    let of =
        |odd: &&Odd| FileFinding { path: odd.path.clone(), reason: odd.what.clone(), mend: None };
    diagnostic.details.files = lost.iter().map(of).collect();
    match wanted.planned.has_files() {
        true => Error::incomplete(diagnostic.retry(true)),
        false => Error::failed(diagnostic),
    }
}

/// Refuses files that are so far apart that nearly all of their common extent is in none of them:
/// one of them has wrong coordinates, and the run would not end.
fn refuse_apart(collection: &Collection) -> Result<(), Error> {
    const MANY_CELLS: u64 = 100_000_000_000;
    const LEAST_SHARE: f64 = 0.001;
    let info = collection.info();
    let cells = info.grid.whole().cells();
    let (_, gaps) = collection.overlaps_and_gaps();
    if cells < MANY_CELLS || (cells - gaps) as f64 >= LEAST_SHARE * cells as f64 {
        return Ok(());
    }
    let message = format!(
        "the files of {} are too far apart: together they span {} columns and {} rows, but cover \
         less than 0.1 % of that",
        info.path, info.grid.cols, info.grid.rows
    );
    let hint =
        "one of the files may have wrong coordinates; use only files that are close together";
    let diagnostic = Diagnostic::new("input.apart", message).hint(hint).path(&info.path);
    Err(Error::failed(diagnostic))
}

/// Properties of many files together.
fn tell(collection: &mut Collection, passed_over: &str, observer: &dyn Observer) {
    // What cannot be read fails later, if it is needed.
    let others = collection.disagreements().unwrap_or_default();
    let info = collection.info();
    let cells = info.grid.whole().cells();
    let (twice, gaps) = collection.overlaps_and_gaps();
    let percent = |part: u64| 100.0 * part as f64 / cells as f64;
    let mut line = format!(
        "{}: {} files read as one raster of {} columns and {} rows",
        info.path,
        info.parts.len(),
        info.grid.cols,
        info.grid.rows
    );
    if gaps > 0 {
        line += &format!(", {} of it covered by no file", show_share(gaps, cells));
    }
    observer.note(&format!("{line}{passed_over}"));
    tell_vertical(info, observer);
    // A seam of a few cells is usual.
    if percent(twice) > 5.0 || !others.is_empty() {
        let share = show_share(twice, cells);
        observer.warn(overlap(info, &share, &others).with("share", share));
    }
    if percent(gaps) > 90.0 {
        let share = show_share(gaps, cells);
        let message = format!("{share} of {} is covered by no file", info.path);
        let hint = "is one of the files far away from the others? svf_tile --skip-empty skips \
                    tiles without heights";
        let diagnostic = Diagnostic::new("input.gaps", message).hint(hint).path(&info.path);
        observer.warn(diagnostic.with("share", share));
    }
}

/// Cells in more than one file, and the files with other heights than those that they overlap.
fn overlap(info: &RasterInfo, share: &str, others: &[Disagreement]) -> Diagnostic {
    let mut message = format!("{share} of the cells of {} are in more than one file", info.path);
    let mut hint = "where files overlap, the last file that has a height is used; files of a \
                    folder or pattern are sorted by name"
        .to_owned();
    if !others.is_empty() {
        let has = if others.len() == 1 { "has" } else { "have" };
        message += &format!(", and {} {has} other heights there", count_of(others.len(), "file"));
        hint += "; do not mix elevations with slopes, hillshades or heights above ground";
    }
    let of = |other: &Disagreement| FileFinding {
        path: info.parts[other.upper].path.clone(),
        reason: format!(
            "where it overlaps {}, its heights typically differ by {}",
            info.parts[other.lower].path,
            short(other.difference)
        ),
        mend: None,
    };
    let mut diagnostic = Diagnostic::new("input.overlap", message).hint(hint).path(&info.path);
    diagnostic.details.files = others.iter().map(of).collect();
    diagnostic
}

/// Warns of files whose heights count from different levels.
fn tell_vertical(info: &RasterInfo, observer: &dyn Observer) {
    let mut kinds: Vec<(&str, Vec<&MemberFile>)> = Vec::new();
    for part in &info.parts {
        let Some(name) = part.vertical_crs.as_deref() else { continue };
        match kinds.iter_mut().find(|(known, _)| *known == name) {
            Some((_, parts)) => parts.push(part),
            None => kinds.push((name, vec![part])),
        }
    }
    kinds.sort_by_key(|(_, parts)| std::cmp::Reverse(parts.len()));
    let [(most, _), others @ ..] = &kinds[..] else { return };
    if others.is_empty() {
        return;
    }
    let count: usize = others.iter().map(|(_, parts)| parts.len()).sum();
    let message = format!(
        "{} of {} {} in another vertical CRS than the others: heights are used as they are",
        count_of(count, "file"),
        info.path,
        if count == 1 { "is" } else { "are" }
    );
    let hint = "convert them to the same vertical CRS first: gdalwarp -s_srs and -t_srs with both \
                parts, e.g. EPSG:25832+5783";
    let mut diagnostic = Diagnostic::new("input.vertical", message).hint(hint).path(&info.path);
    let of = |(name, parts): &(&str, Vec<&MemberFile>)| -> Vec<FileFinding> {
        let reason = format!("vertical CRS \"{name}\", the others \"{most}\"");
        let find = |part: &&MemberFile| FileFinding {
            path: part.path.clone(),
            reason: reason.clone(),
            mend: None,
        };
        parts.iter().map(find).collect()
    };
    diagnostic.details.files = others.iter().flat_map(of).collect();
    observer.warn(diagnostic);
}

/// Lists are much shorter than the memory of a small machine.
pub(crate) const LONGEST_LIST: u64 = 16 << 20;
/// More names than any list of files has.
const MOST_NAMES: usize = 200_000;

/// The paths in a list, one per line; relative paths start at the current folder, as in
/// `gdalbuildvrt -input_file_list`.
pub(crate) fn read_list(file: &Path, cancel: &CancelToken) -> Result<Vec<String>, Error> {
    let shown = file.display().to_string();
    let failed = |reason: String| {
        let message = format!("cannot read the list {shown}: {reason}");
        Error::failed(Diagnostic::new("list.read", message).path(&shown))
    };
    let text = read_text(file, LONGEST_LIST, cancel, &failed)?;
    let names = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    if names().nth(MOST_NAMES).is_some() {
        return Err(failed(format!("it has more than {MOST_NAMES} names")));
    }
    let paths: Vec<String> = names().map(str::to_owned).collect();
    if paths.is_empty() {
        return Err(failed("it contains no file name".into()));
    }
    Ok(paths)
}
