//! Checks outputs, which must not exist yet and must not be an input.

use std::ops::Range;
use std::path::{Path, PathBuf};

use ndarray::Axis;
use svf_job::events::Diagnostic;
use svf_job::{CancelToken, Plan, TileResult, TileSink, seen};
use svf_raster::examine::is_foreign_raster;
use svf_raster::staging::{
    check_destination, exists, is_stdout, refuse_unwritable, remove_stale_for, sidecars_of,
};
use svf_raster::stat::{local_file, local_place, same_file, shared_content};
use svf_raster::trial::{files_beside, placing_files, refuse_odd_blocks, try_driver};
use svf_raster::{OutputSpec, RasterError, RasterInfo, RasterReader, RasterWriter, device, names};

use crate::error::Error;
use crate::provenance::contents;
use crate::request::{Files, Request};
use crate::spec::{JOINED_BLOCK_PX, Spec, block_for};
use crate::stream::is_stdin;

/// What is added to the name of a raster for its mask, its overviews and its metadata, and to that of a
/// database for what is not yet in it.
const OF_RASTER: [&str; 7] = [".msk.ovr", ".msk", ".ovr", ".aux.xml", "-wal", "-journal", "-shm"];

/// Refuses two outputs with the same name, of which the second would replace the first, and those of which
/// one would become a part of the other.
///
/// # Errors
/// A usage error.
pub fn refuse_twins<'a>(outputs: impl Iterator<Item = &'a String>) -> Result<(), Error> {
    let mut before = Vec::new();
    for output in outputs {
        let whole = std::path::absolute(output).unwrap_or_else(|_| output.into());
        if before.contains(&whole) {
            let message = format!("two outputs have the same name: {output}");
            return Err(Error::usage("usage.arguments", message));
        }
        let parts = |of: &Path| {
            OF_RASTER.map(|end| {
                let mut part = of.as_os_str().to_owned();
                part.push(end);
                PathBuf::from(part)
            })
        };
        let is_part = |of: &PathBuf| parts(of).contains(&whole) || parts(&whole).contains(of);
        if before.iter().any(is_part) {
            let message = format!("{output} and another output would be parts of one raster");
            return Err(Error::usage("usage.arguments", message));
        }
        before.push(whole);
    }
    Ok(())
}

/// Refuses outputs that exist (without `overwrite`) or are part of the input.
///
/// # Errors
/// A usage error.
pub fn check_outputs<'a>(
    outputs: impl Iterator<Item = &'a String>,
    readers: &[RasterReader],
    overwrite: bool,
) -> Result<(), Error> {
    let refuse = |code: &str, output: &str, message: String, hint: &str| {
        Err(Error::refused(Diagnostic::new(code, message).hint(hint).path(output)))
    };
    for output in outputs {
        // This is also done for an output that is refused: its process can have been killed at
        // the very end.
        remove_stale_for(output);
        if readers.iter().any(|reader| is_part_of_input(output, reader)) {
            let message = format!("{output} is the input, which would be overwritten");
            return refuse("output.is_input", output, message, "choose another output");
        }
        // GDAL takes a file of such a name for the mask, the overviews or the metadata of the other.
        let of = OF_RASTER.map(|end| output.strip_suffix(end));
        let is_input = |whole: &str| readers.iter().any(|reader| is_part_of_input(whole, reader));
        if of.into_iter().flatten().any(is_input) {
            let message = format!("{output} would become a part of the input");
            return refuse("output.is_input", output, message, "choose another name");
        }
        refuse_existing(output, overwrite)?;
    }
    Ok(())
}

/// The code of errors about an output that exists.
pub(crate) const EXISTS: &str = "output.exists";

/// Refuses an output that exists, without `overwrite`.
///
/// # Errors
/// A usage error.
pub fn refuse_existing(output: &str, overwrite: bool) -> Result<(), Error> {
    // To look for something on a server can take long.
    refuse_unwritable(output)?;
    if overwrite {
        return Ok(());
    }
    if !exists(output) {
        refuse_remains(output)?;
        return refuse_existing_archive(output);
    }
    let hint = match is_foreign_raster(output) {
        true => {
            "the last name is the output, and this is a raster that these tools did not write: add \
             the name of an output, or --overwrite to replace it"
        }
        false => "add --overwrite to replace it",
    };
    let diagnostic = Diagnostic::new(EXISTS, format!("{output} exists")).hint(hint).path(output);
    Err(Error::refused(diagnostic))
}

/// Refuses an output if files beside it would be read with it, and were replaced at the end: what is left
/// of a database, metadata. What is beside rasters, [`refuse_beside`] knows better.
fn refuse_remains(output: &str) -> Result<(), Error> {
    if is_stdout(output) || output.starts_with("/vsi") || names::has_raster_ending(output) {
        return Ok(());
    }
    let remains = sidecars_of(Path::new(output));
    match remains.iter().find(|file| file.symlink_metadata().is_ok()) {
        Some(file) => Err(Error::refused(replaced_together(file, output))),
        None => Ok(()),
    }
}

/// A file beside an output that must go with what the output was.
fn replaced_together(file: &Path, output: &str) -> Diagnostic {
    let message =
        format!("{} exists, and would be replaced together with {output}", file.display());
    let hint = "delete it, choose another output, or add --overwrite to replace it";
    Diagnostic::new(EXISTS, message).hint(hint).path(output)
}

/// Refuses an output in an archive that exists: GDAL adds it in place, so the archive is lost if that
/// fails.
fn refuse_existing_archive(output: &str) -> Result<(), Error> {
    let is_inside = ["/vsizip/", "/vsigzip/"].iter().any(|system| output.starts_with(system));
    let Some(archive) = local_file(output).filter(|_| is_inside) else {
        return Ok(());
    };
    let message = format!("{} exists, and would be changed in place", archive.display());
    let hint = "add --overwrite if it may be changed, or write a file and add that to the archive";
    Err(Error::refused(Diagnostic::new(EXISTS, message).hint(hint).path(output)))
}

/// Whether something has the name of an output, which another process may have written a moment
/// ago: see [`seen`](svf_job::seen).
pub(crate) fn is_there(output: &str, cancel: &CancelToken) -> bool {
    let is_local = !output.starts_with("/vsi") && !is_stdout(output);
    exists(output) || (is_local && seen::is_there(Path::new(output), cancel))
}

/// Refuses outputs that are among `files`, because they would destroy them.
///
/// # Errors
/// A usage error.
pub fn refuse_overwriting(outputs: &[String], files: &[PathBuf]) -> Result<(), Error> {
    // A raster in an archive is lost with the archive.
    let behind = |file: &PathBuf| local_file(&file.to_string_lossy());
    let files: Vec<PathBuf> = files.iter().filter_map(behind).collect();
    refuse_inputs(outputs, &|changed| files.iter().any(|file| changed.is(file)))
}

/// Refuses outputs that exist and are inputs.
///
/// # Errors
/// A usage error.
pub(crate) fn refuse_inputs(
    outputs: &[String],
    is_input: &dyn Fn(&Changed) -> bool,
) -> Result<(), Error> {
    let is_one_of_them = |output: &&String| Changed::by(output).is_some_and(|file| is_input(&file));
    if let Some(output) = outputs.iter().find(is_one_of_them) {
        let message = format!("{output} is a part of the input, which would be overwritten");
        let diagnostic = Diagnostic::new("output.is_input", message).hint("choose another output");
        return Err(Error::refused(diagnostic.path(output)));
    }
    Ok(())
}

/// Refuses an output that is a list which names files to read.
///
/// # Errors
/// A usage error.
pub fn refuse_lists(outputs: &[String], request: &Request) -> Result<(), Error> {
    let lists: Vec<PathBuf> =
        request.files.iter().filter_map(Files::list).map(Path::to_owned).collect();
    refuse_overwriting(outputs, &lists)
}

/// Refuses an output if files beside it would be replaced, or would become parts of it: inputs, and
/// without `overwrite` any others.
///
/// # Errors
/// A usage error.
pub(crate) fn refuse_beside(
    spec: &OutputSpec,
    is_input: &dyn Fn(&Path) -> bool,
    overwrite: bool,
) -> Result<(), Error> {
    let refuse = |code: &str, message: String, hint: &str| {
        Err(Error::refused(Diagnostic::new(code, message).hint(hint).path(&spec.path)))
    };
    let output = &spec.path;
    refuse_odd_blocks(spec)?;
    let is_there = |file: &PathBuf| file.symlink_metadata().is_ok();
    let beside = files_beside(spec);
    let mut placing = placing_files(spec).into_iter().filter(is_there);
    if let Some(file) = placing.find(|file| !beside.contains(file)) {
        let message =
            format!("{} exists, and would give {output} another place or CRS", file.display());
        return refuse(EXISTS, message, "delete it, or choose another output");
    }
    for file in beside.into_iter().filter(is_there) {
        let shown = file.display();
        if is_input(&file) {
            let message = format!(
                "{shown} is a part of the input, and would be replaced together with {output}"
            );
            return refuse("output.is_input", message, "choose another output");
        }
        if !overwrite {
            return Err(Error::refused(replaced_together(&file, output)));
        }
    }
    Ok(())
}

/// Whether a file is one that the inputs are read from.
fn is_of_inputs(file: &Path, readers: &[RasterReader]) -> bool {
    readers.iter().flat_map(input_files).any(|input| same_file(&input, file))
}

/// Refuses the outputs of a run as [`refuse_beside`] and [`refuse_among`]. With `only_new`, files beside
/// those that exist are left to a later check.
///
/// # Errors
/// A usage error.
pub(crate) fn check_beside(
    spec: &Spec,
    readers: &[RasterReader],
    also_written: &[PathBuf],
    (overwrite, only_new): (bool, bool),
    block_px: u64,
) -> Result<(), Error> {
    for (path, bands) in &spec.outputs {
        let of = output_spec(spec, path, bands.clone(), (block_px, 1));
        if !also_written.is_empty() {
            refuse_among(&files_beside(&of), also_written, path)?;
        }
        if !(only_new && exists(path)) {
            refuse_beside(&of, &|file| is_of_inputs(file, readers), overwrite)?;
        }
    }
    Ok(())
}

/// Refuses files that the caller writes (a log) if the driver writes a file of that name beside an output:
/// it would replace them at the end.
///
/// # Errors
/// A usage error.
pub(crate) fn refuse_among(
    beside: &[PathBuf],
    also_written: &[PathBuf],
    output: &str,
) -> Result<(), Error> {
    let whole = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
    let beside: Vec<PathBuf> = beside.iter().map(whole).collect();
    let Some(file) = also_written.iter().find(|file| beside.contains(&whole(file))) else {
        return Ok(());
    };
    let file = file.display();
    let message = format!("{file} and another output would be parts of one raster: {output}");
    let hint = format!("choose another name for {file}");
    Err(Error::refused(Diagnostic::new("usage.arguments", message).hint(hint)))
}

/// Whether writing `output` would touch a file that the input is read from.
fn is_part_of_input(output: &str, reader: &RasterReader) -> bool {
    let info = reader.info();
    let is_of = |changed: &Changed| {
        input_files(reader).any(|file| changed.is(&file))
            || unlisted_parts(info).any(|file| changed.is(&file))
            || is_stdin(&info.path) && changed.is(Path::new("/dev/stdin"))
    };
    info.path == output
        || Changed::by(output).is_some_and(|changed| is_of(&changed))
        || is_in_zarr(info, Path::new(output))
}

/// An existing file that writing an output changes: for a name in an archive, the archive.
pub(crate) struct Changed {
    pub(crate) file: PathBuf,
    /// If it is changed in place and has several names: then it is changed under all of them. Other
    /// outputs are new files.
    shared: Option<(u64, u64)>,
}

impl Changed {
    fn by(output: &str) -> Option<Self> {
        let of = |file: PathBuf, in_place: bool| {
            let shared = if in_place { shared_content(&file) } else { None };
            Self { file, shared }
        };
        if is_stdout(output) {
            let file = Some(PathBuf::from("/dev/stdout")).filter(|file| file.is_file());
            return file.map(|file| of(file, true));
        }
        let itself = Some(PathBuf::from(output)).filter(|path| path.exists());
        let inside = || local_file(output).filter(|_| output.starts_with("/vsi"));
        itself.map(|file| of(file, false)).or_else(|| inside().map(|file| of(file, true)))
    }

    /// Whether it is this file, or changes with it.
    pub(crate) fn is(&self, file: &Path) -> bool {
        same_file(&self.file, file) || self.is_shared() && shared_content(file) == self.shared
    }

    /// Whether files with other names change with it.
    pub(crate) fn is_shared(&self) -> bool {
        self.shared.is_some()
    }
}

/// Files that belong to a raster of some drivers, and that GDAL does not list.
fn unlisted_parts(info: &RasterInfo) -> impl Iterator<Item = PathBuf> {
    let endings: &[&str] = match info.driver.as_str() {
        "MRF" => &["idx", "pzp", "ppg", "pjg", "pzs", "ptf", "til", "lrc", "lerc", "qb3"],
        "ILWIS" => &["mp#", "mpr", "mpl", "csy", "grf", "dom", "rpr"],
        "BT" => &["prj"],
        _ => &[],
    };
    let path = PathBuf::from(&info.path);
    endings.iter().map(move |ending| path.with_extension(ending))
}

/// Whether a path is in the folder of a Zarr raster.
fn is_in_zarr(info: &RasterInfo, path: &Path) -> bool {
    let folder = local_place(&info.path).and_then(|folder| folder.canonicalize().ok());
    let (Some(folder), Ok(path)) = (folder, path.canonicalize()) else { return false };
    info.driver == "Zarr" && path.starts_with(folder)
}

/// The local files that an input is read from.
pub fn input_files(reader: &RasterReader) -> impl Iterator<Item = PathBuf> {
    let info = reader.info();
    info.all_files().chain([&info.path]).filter_map(|file| local_file(file))
}

/// The output of the pipeline: one file, or one per measure.
pub(crate) struct Outputs {
    pub(crate) writers: Vec<(RasterWriter, Range<usize>)>,
    /// Whether tiles consist of whole blocks, which are flushed only once.
    whole_blocks: bool,
}

impl TileSink for Outputs {
    type Error = RasterError;

    fn write(&mut self, tile: &TileResult<'_>) -> Result<(), RasterError> {
        for (writer, bands) in &mut self.writers {
            for (i, band) in bands.clone().enumerate() {
                writer.write(&tile.window, i, tile.cells.index_axis(Axis(0), band))?;
            }
            if self.whole_blocks {
                writer.flush()?;
            }
        }
        Ok(())
    }
}

impl Outputs {
    pub(crate) fn create(spec: &Spec, plan: &Plan) -> Result<Self, RasterError> {
        let mut writers = Vec::new();
        let mut whole_blocks = true;
        for (path, bands) in &spec.outputs {
            let of =
                output_spec(spec, path, bands.clone(), (block_for(plan.tile_px), plan.encoders));
            let writer = RasterWriter::create(of)?;
            let (block_rows, block_cols) = writer.block();
            let fits = |tile: u64, block: usize, cells: u64| {
                tile >= cells || tile.is_multiple_of(block as u64)
            };
            whole_blocks &= fits(plan.tile_px[0], block_rows, spec.window.rows)
                && fits(plan.tile_px[1], block_cols, spec.window.cols);
            writers.push((writer, bands.clone()));
        }
        Ok(Self { writers, whole_blocks })
    }
}

/// How an output of some of the bands is created.
fn output_spec(
    spec: &Spec,
    path: &str,
    bands: Range<usize>,
    (block_px, encoders): (u64, usize),
) -> OutputSpec {
    let mut measures = spec.measures_of_bands()[bands.clone()].to_vec();
    measures.dedup();
    OutputSpec {
        path: path.to_owned(),
        driver: spec.driver.clone(),
        output_type: spec.output_type,
        nodata: Some(spec.nodata),
        grid: spec.grid.part(&spec.window),
        bands: spec.band_specs(&spec.measures)[bands].to_vec(),
        creation_options: spec.creation_options.clone(),
        metadata: [&spec.metadata[..], &contents(&measures, &spec.params)].concat(),
        threads: encoders,
        copy_threads: encoders,
        block_px,
    }
}

/// Checks that a driver can make the outputs, if they are copied at the end.
///
/// # Errors
/// What the driver refuses.
pub(crate) fn try_outputs(spec: &Spec) -> Result<(), RasterError> {
    let of = |(path, bands): &(String, Range<usize>)| {
        output_spec(spec, path, bands.clone(), (JOINED_BLOCK_PX, 1))
    };
    spec.outputs.iter().map(of).try_for_each(|of| try_driver(&of))
}

/// Checks that files can be written, before any work is done for them.
///
/// # Errors
/// A folder that does not exist or cannot be written to, or a file system that GDAL can only
/// read.
pub fn check_destinations<'a>(
    outputs: impl Iterator<Item = &'a String>,
) -> Result<(), RasterError> {
    for output in outputs {
        check_destination(output)?;
    }
    Ok(())
}

/// Refuses a folder for files of these tools that is not local.
///
/// # Errors
/// A usage error.
pub(crate) fn refuse_remote_folder(option: &str, folder: &Path) -> Result<(), Error> {
    let shown = folder.display().to_string();
    if device::is_device(&shown) {
        let message = format!("{option} {shown}: {}", device::DEVICE);
        let diagnostic = Diagnostic::new("usage.arguments", message).path(shown);
        return Err(Error::refused(diagnostic.hint("choose another name")));
    }
    let hint = names::hint(&shown);
    if !shown.starts_with("/vsi") && hint.is_none() {
        return Ok(());
    }
    let message = format!("{option} {shown}: it must be a local folder");
    let diagnostic = Diagnostic::new("usage.arguments", message).path(shown);
    // A home folder (`~`) that the shell did not replace. For other names, GDAL's name would not
    // help.
    Err(Error::refused(match hint.filter(|_| folder.starts_with("~")) {
        Some(hint) => diagnostic.hint(hint),
        None => diagnostic,
    }))
}
