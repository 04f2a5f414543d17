//! Both ends of the pipeline: inputs (standard input spooled to a file), and
//! outputs, which must not exist yet and must not be the input.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ndarray::{ArrayViewMut2, ArrayViewMut3, Axis};
use svf_job::events::Notice;
use svf_job::{CancelToken, Plan, TileResult, TileSink, TileSource};
use svf_kernel::tile::Clip;
use svf_raster::staging::{check_destination, sweep_for};
use svf_raster::stat::{FileState, file_state, local_file};
use svf_raster::writer::try_driver;
use svf_raster::{Op, OutputSpec, RasterError, RasterReader, RasterWriter, names};

use crate::failure::Failure;
use crate::provenance::contents;
use crate::spec::Spec;

/// Whether a path means standard input.
pub fn is_stdin(path: &str) -> bool {
    path.starts_with("/vsistdin") || path == "/dev/stdin" || path == "-"
}

/// A raster to read, and the file it was spooled to if it came as a stream.
pub struct Input {
    /// What to open.
    pub path: String,
    spool: Option<PathBuf>,
}

impl Drop for Input {
    fn drop(&mut self) {
        if let Some(spool) = &self.spool {
            let _ = fs::remove_file(spool);
        }
    }
}

impl Input {
    /// Takes a path; standard input is spooled to a temporary file, since rasters
    /// are read in any order.
    ///
    /// # Errors
    /// An empty stream, a spool that cannot be written, or a cancel.
    pub fn new(path: &str, cancel: &CancelToken) -> Result<Self, Failure> {
        if !is_stdin(path) {
            return Ok(Self { path: path.to_owned(), spool: None });
        }
        let spool = spool_path();
        let failed = |reason: String| {
            let message = format!("cannot spool standard input to {}: {reason}", spool.display());
            Failure::Failed(Notice::new("raster.open", message).path(path))
        };
        // A new file, never one that somebody else put there.
        let mut file = File::create_new(&spool).map_err(|e| failed(e.to_string()))?;
        let input = Self { path: spool.display().to_string(), spool: Some(spool.clone()) };
        let mut total = 0;
        read_chunks(
            || Ok(Box::new(std::io::stdin())),
            cancel,
            |chunk| {
                total += chunk.len();
                file.write_all(chunk)
            },
        )?
        .map_err(|error| failed(error.to_string()))?;
        if total == 0 {
            let message = "cannot open /vsistdin/: standard input ended before a raster came";
            return Err(Failure::Failed(Notice::new("raster.open", message).path(path)));
        }
        Ok(input)
    }
}

/// Reads a text file that a person or a program wrote, without the byte order mark
/// that some editors begin with. It may be a pipe.
///
/// # Errors
/// What `failed` makes of the reason why it cannot be read, or a cancel.
pub(crate) fn read_text(
    path: &Path,
    cancel: &CancelToken,
    failed: &dyn Fn(String) -> Failure,
) -> Result<String, Failure> {
    let (mut bytes, path) = (Vec::new(), path.to_owned());
    read_chunks(
        move || match path.to_str() {
            Some("-") => Ok(Box::new(io::stdin())),
            _ => Ok(Box::new(File::open(path)?)),
        },
        cancel,
        |chunk| {
            bytes.extend_from_slice(chunk);
            Ok(())
        },
    )?
    .map_err(|error| failed(error.to_string()))?;
    let mark = "\u{feff}".as_bytes();
    if bytes.starts_with(mark) {
        bytes.drain(..mark.len());
    }
    String::from_utf8(bytes).map_err(|_| failed("it is not text in UTF-8".into()))
}

/// How long a cancel may go unnoticed while a pipe is silent.
const CANCEL_CHECK: Duration = Duration::from_millis(50);

/// Opens and reads something to its end on a thread of its own, `take` gets it in
/// pieces: a read that waits for a silent pipe cannot be interrupted, but it can be
/// left behind.
///
/// # Errors
/// A cancel; within, what opening, reading or `take` failed with.
fn read_chunks(
    open: impl FnOnce() -> io::Result<Box<dyn Read>> + Send + 'static,
    cancel: &CancelToken,
    mut take: impl FnMut(&[u8]) -> io::Result<()>,
) -> Result<io::Result<()>, Failure> {
    let (sender, chunks) = sync_channel(1);
    std::thread::spawn(move || {
        let read_all = || -> io::Result<()> {
            let mut source = open()?;
            loop {
                let mut chunk = vec![0_u8; 1 << 20];
                match source.read(&mut chunk) {
                    Ok(0) => return Ok(()),
                    Ok(bytes) => chunk.truncate(bytes),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(error) => return Err(error),
                }
                if sender.send(Ok(chunk)).is_err() {
                    return Ok(());
                }
            }
        };
        if let Err(error) = read_all() {
            let _ = sender.send(Err(error));
        }
    });
    loop {
        match chunks.recv_timeout(CANCEL_CHECK) {
            _ if cancel.is_cancelled() => return Err(Failure::Cancelled),
            Ok(Ok(chunk)) => match take(&chunk) {
                Ok(()) => {}
                failed => return Ok(failed),
            },
            Ok(Err(error)) => return Ok(Err(error)),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(Ok(())),
        }
    }
}

/// A name in the temporary folder that nobody else has.
fn spool_path() -> PathBuf {
    let nanoseconds =
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    std::env::temp_dir().join(format!("svf-stdin-{}-{nanoseconds}", std::process::id()))
}

/// Refuses two outputs of one name: the second would take the place of the first.
///
/// # Errors
/// A usage failure.
pub(crate) fn refuse_twins<'a>(outputs: impl Iterator<Item = &'a String>) -> Result<(), Failure> {
    let mut before = Vec::new();
    for output in outputs {
        let whole = std::path::absolute(output).unwrap_or_else(|_| output.into());
        if before.contains(&whole) {
            let message = format!("{output} is named for two outputs");
            return Err(Failure::usage("usage.arguments", message));
        }
        before.push(whole);
    }
    Ok(())
}

/// Refuses outputs that exist (without `overwrite`) or are part of the input.
///
/// # Errors
/// A usage failure.
pub fn check_outputs<'a>(
    outputs: impl Iterator<Item = &'a String>,
    readers: &[RasterReader],
    overwrite: bool,
) -> Result<(), Failure> {
    let refuse = |code: &str, output: &str, message: String, hint: &str| {
        Err(Failure::Usage(Notice::new(code, message).hint(hint).path(output)))
    };
    for output in outputs {
        // Also of an output that is refused: its process may have been killed at the very end.
        sweep_for(output);
        if readers.iter().any(|reader| is_part_of_input(output, reader)) {
            let message = format!("{output} is the input: it would be destroyed");
            return refuse("output.is_input", output, message, "name another output");
        }
        refuse_existing(output, overwrite)?;
    }
    Ok(())
}

/// Refuses an output that exists, without `overwrite`.
///
/// # Errors
/// A usage failure.
pub fn refuse_existing(output: &str, overwrite: bool) -> Result<(), Failure> {
    if overwrite || !svf_raster::staging::exists(output) {
        return Ok(());
    }
    let notice = Notice::new("output.exists", format!("{output} exists"))
        .hint("add --overwrite to replace it")
        .path(output);
    Err(Failure::Usage(notice))
}

/// Refuses an output that is one of `files`, which it would destroy.
///
/// # Errors
/// A usage failure.
pub(crate) fn refuse_overwriting(output: &str, files: &[PathBuf]) -> Result<(), Failure> {
    let output_path = Path::new(output);
    if output_path.exists() && files.iter().any(|file| same_file(file, output_path)) {
        let message = format!("{output} is a part of the input: it would be destroyed");
        let notice = Notice::new("output.is_input", message).hint("name another output");
        return Err(Failure::Usage(notice.path(output)));
    }
    Ok(())
}

/// Whether writing `output` would touch a file that the input is read from.
fn is_part_of_input(output: &str, reader: &RasterReader) -> bool {
    let info = reader.info();
    let local = Path::new(output);
    if info.path == output {
        return true;
    }
    local.exists()
        && (info.files.iter().chain([&info.path]))
            .any(|file| local_file(file).is_some_and(|file| same_file(&file, local)))
}

pub(crate) fn same_file(a: &Path, b: &Path) -> bool {
    match (fs::canonicalize(a), fs::canonicalize(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

/// The files behind the inputs as they were when the run began: cells that were read
/// from two states of a file are those of neither.
pub(crate) struct Untouched(Vec<(String, Option<FileState>)>);

impl Untouched {
    pub(crate) fn of(layers: &[RasterReader]) -> Self {
        // Programs that open a raster write what they find out into these: no cell changes.
        let has_cells = |file: &&String| {
            let name = file.to_ascii_lowercase();
            !name.ends_with(".vrt") && !name.ends_with(".aux.xml")
        };
        let files = layers.iter().flat_map(|layer| &layer.info().files).filter(has_cells);
        Self(files.map(|file| (file.clone(), file_state(file))).collect())
    }

    /// # Errors
    /// A file that was changed since.
    pub(crate) fn check(&self) -> Result<(), RasterError> {
        match self.0.iter().find(|(file, state)| file_state(file) != *state) {
            None => Ok(()),
            Some((file, _)) => {
                let hint = "run the command again once the input is as it should be";
                let reason = "it was changed while it was being read";
                Err(RasterError::new(Op::Read, file, reason).hint(hint))
            }
        }
    }
}

/// The input of the pipeline: heights, then canopy and trunks if there are any.
pub(crate) struct Source(pub(crate) Vec<RasterReader>);

impl TileSource for Source {
    type Error = RasterError;

    fn shape(&self) -> (u64, u64) {
        let grid = &self.0[0].info().grid;
        (grid.rows, grid.cols)
    }

    fn read(&mut self, clip: &Clip, mut tile: ArrayViewMut3<'_, f32>) -> Result<(), RasterError> {
        for (i, (reader, mut layer)) in self.0.iter_mut().zip(tile.outer_iter_mut()).enumerate() {
            if i == 0 {
                reader.read_tile(clip, layer.view_mut())?;
            } else {
                read_vegetation(reader, clip, layer)?;
            }
        }
        Ok(())
    }
}

/// Reads heights of vegetation: there is none where nothing is known of it.
///
/// # Errors
/// A window that cannot be read.
pub(crate) fn read_vegetation(
    reader: &mut RasterReader,
    clip: &Clip,
    mut layer: ArrayViewMut2<'_, f32>,
) -> Result<(), RasterError> {
    reader.read_tile(clip, layer.view_mut())?;
    layer.mapv_inplace(|height| if height > 0.0 { height } else { 0.0 });
    Ok(())
}

/// Refuses a layer that does not lie on the grid of the heights, cell for cell.
///
/// # Errors
/// What differs, with the command that mends it.
pub(crate) fn check_same_grid(
    layer: &RasterReader,
    heights: &RasterReader,
) -> Result<(), RasterError> {
    let (grid, wanted) = (&layer.info().grid, &heights.info().grid);
    let (of, path) = (&heights.info().path, &layer.info().path);
    let different = if (grid.rows, grid.cols) != (wanted.rows, wanted.cols) {
        format!("{} x {} cells, {of} has {} x {}", grid.cols, grid.rows, wanted.cols, wanted.rows)
    } else if !grid.lies_on(wanted) {
        format!("its cells do not lie on those of {of}")
    } else {
        return Ok(());
    };
    Err(RasterError::new(Op::Grid, path, different).hint(wanted.warp_onto(path)))
}

/// The output of the pipeline: one file, or one per measure.
pub(crate) struct Outputs {
    pub(crate) writers: Vec<(RasterWriter, Range<usize>)>,
    /// Whether tiles consist of whole blocks, which can be flushed for good.
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
        let first_band = |measure: usize| -> usize {
            spec.measures[..measure].iter().map(|m| m.bands(spec.params.directions)).sum()
        };
        for (path, measures) in &spec.outputs {
            let of = output_spec(spec, path, measures.clone(), block_for(plan.tile_px));
            let writer = RasterWriter::create(of)?;
            let (block_rows, block_cols) = writer.block();
            let fits = |tile: u64, block: usize, cells: u64| {
                tile >= cells || tile.is_multiple_of(block as u64)
            };
            whole_blocks &= fits(plan.tile_px[0], block_rows, spec.window.rows)
                && fits(plan.tile_px[1], block_cols, spec.window.cols);
            writers.push((writer, first_band(measures.start)..first_band(measures.end)));
        }
        Ok(Self { writers, whole_blocks })
    }
}

/// What an output of some of the measures is created with.
fn output_spec(spec: &Spec, path: &str, measures: Range<usize>, block_px: u64) -> OutputSpec {
    let measures = &spec.measures[measures];
    OutputSpec {
        path: path.to_owned(),
        driver: spec.driver.clone(),
        output_type: spec.output_type,
        nodata: Some(spec.nodata),
        grid: spec.grid.part(&spec.window),
        bands: spec.band_specs(measures),
        creation_options: spec.creation_options.clone(),
        metadata: [&spec.metadata[..], &contents(measures, &spec.params)].concat(),
        threads: spec.threads,
        copy_threads: spec.copy_threads,
        block_px,
    }
}

/// Makes sure that the outputs can be made of what is computed, where they come last.
///
/// # Errors
/// What the driver refuses.
pub(crate) fn try_outputs(spec: &Spec) -> Result<(), RasterError> {
    let mut specs = spec.outputs.iter().map(|(path, of)| output_spec(spec, path, of.clone(), 512));
    specs.try_for_each(|of| try_driver(&of))
}

/// Makes sure that files can be written, before any work is done for them.
///
/// # Errors
/// A folder that is not there or cannot be written to, a file system that GDAL only reads.
pub(crate) fn check_destinations<'a>(
    outputs: impl Iterator<Item = &'a String>,
) -> Result<(), RasterError> {
    for output in outputs {
        check_destination(output)?;
    }
    Ok(())
}

/// Refuses a folder that is to hold files of ours and is no local one.
///
/// # Errors
/// A usage failure.
pub(crate) fn refuse_remote_folder(option: &str, folder: &Path) -> Result<(), Failure> {
    let shown = folder.display().to_string();
    let hint = names::hint(&shown);
    if !shown.starts_with("/vsi") && hint.is_none() {
        return Ok(());
    }
    let message = format!("{option} {shown}: it must be a local folder");
    let notice = Notice::new("usage.arguments", message).path(shown);
    // A home folder that the shell left alone; of others GDAL's name would not help.
    Err(Failure::Usage(match hint.filter(|_| folder.starts_with("~")) {
        Some(hint) => notice.hint(hint),
        None => notice,
    }))
}

/// Side of an output block that tiles consist of, where there is one: blocks
/// that two tiles share are compressed and written twice.
pub(crate) fn block_for([rows, cols]: [u64; 2]) -> u64 {
    [512, 256, 128, 64]
        .into_iter()
        .find(|side| rows.is_multiple_of(*side) && cols.is_multiple_of(*side))
        .unwrap_or(512)
}
