//! Joins many rasters into one: the tiles of a plan, or rasters on one grid.
//!
//! The output is written in chunks of whole blocks, each block once. A chunk is read from the
//! pieces that it overlaps, and only a few pieces are open at a time. So memory does not depend on
//! the number or the size of the pieces. Cells are copied without changes.

use std::collections::VecDeque;
use std::fs::{File, Metadata};
use std::io::ErrorKind;
use std::ops::Range;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use svf_job::budget::show_size;
use svf_job::events::Diagnostic;
use svf_job::plan::{LEAST_CACHE_BYTES, Tiling};
use svf_job::trailer::Stamp;
use svf_job::{Cause, PlanError};
use svf_kernel::tile::Window;
use svf_raster::cells::StoredCells;
use svf_raster::held::{InputBlocks, OutputBytes, OutputShape};
use svf_raster::join::{PART_ITEM, TileFile};
use svf_raster::names;
use svf_raster::staging::{
    check_destination, exists, place_of, remove_stale_for, stage_file, write_text,
};
use svf_raster::vrt::{Vrt, VrtSource, check_name, seen_from};
use svf_raster::writer::{Finished, publish_all};
use svf_raster::{
    BandSpec, BandStatistics, Grid, Op, OutputSpec, OutputType, RasterError, RasterWriter,
};

use crate::error::{Error, too_little_memory};
use crate::memory::{least_to_join, trial_bytes, with_rounding};
use crate::observer::{Observer, Stage, pass_on_warnings};
use crate::outputs::{EXISTS, is_there, refuse_beside, refuse_existing};
use crate::part_files::{Kept, OfPlan, PartRecord, PartsOf, beginning_of, kept, rows_of};
use crate::parts::{Parts, fitting, part_path, share, with_extension};
use crate::spec::ANY_STEP_PX;
use crate::target::Target;
use crate::threads::refuse_too_many;
use crate::untouched::Untouched;

/// A raster that is copied to a part of the output.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) path: String,
    /// Its place in the output.
    pub(crate) window: Window,
    /// Whether it is a tile of these tools, whose cells were checked, and nothing beside it counts.
    pub(crate) is_tile: bool,
    /// The stamp of the file from before it was checked: it changes with the content.
    pub(crate) stamp: Option<Stamp>,
    /// What another raster said of its cells when it was checked.
    pub(crate) like: Option<Arc<str>>,
    /// The files of its folder that may belong to it; none if GDAL must search.
    pub(crate) siblings: Option<Vec<String>>,
}

/// The rasters that are joined, in the order in which they cover each other.
pub(crate) trait PieceList: Sync {
    fn count(&self) -> usize;

    fn piece(&self, number: usize) -> Piece;

    /// Those that a window overlaps.
    fn within(&self, window: &Window) -> Vec<usize>;
}

impl PieceList for Vec<Piece> {
    fn count(&self) -> usize {
        self.len()
    }

    fn piece(&self, number: usize) -> Piece {
        self[number].clone()
    }

    fn within(&self, window: &Window) -> Vec<usize> {
        (0..self.len()).filter(|&i| self[i].window.meet(window).is_some()).collect()
    }
}

/// All pieces, one after the other.
fn each(pieces: &dyn PieceList) -> impl Iterator<Item = Piece> {
    (0..pieces.count()).map(|number| pieces.piece(number))
}

/// Statistics of rows of the output, of the cells as stored.
pub(crate) type StatisticsOf<'a> = dyn Fn(Range<u64>) -> Vec<BandStatistics> + Sync + 'a;

/// What is joined, and what the output is.
pub(crate) struct Join<'a> {
    pub(crate) pieces: &'a dyn PieceList,
    /// The files of other rasters than tiles.
    pub(crate) untouched: Option<&'a Untouched>,
    /// Refuses outputs that would replace an input.
    pub(crate) refuse_input: &'a (dyn Fn(&[String]) -> Result<(), Error> + Sync),
    pub(crate) grid: &'a Grid,
    pub(crate) output_type: OutputType,
    /// Of the pieces, and of the cells that are in none of them.
    pub(crate) nodata: Option<f64>,
    pub(crate) bands: &'a [BandSpec],
    pub(crate) metadata: &'a [(String, String)],
    /// Side of an output block, if the user does not choose it.
    pub(crate) block_px: u64,
    /// Rows where the output can be divided into parts, including the first and the last.
    pub(crate) cuts: &'a [u64],
    /// If they are known before the cells are read; otherwise they are computed.
    pub(crate) statistics: Option<&'a StatisticsOf<'a>>,
    /// If the output can be written in parts.
    pub(crate) parts: Option<PartsOf<'a>>,
    /// What the process holds before.
    pub(crate) base_bytes: u64,
    /// What GDAL holds of a piece that is open.
    pub(crate) held: InputBlocks,
    /// How it is written.
    pub(crate) target: &'a Target<'a>,
    /// What the system knew of a VRT over parts that was removed.
    pub(crate) vrt_before: Mutex<Option<Metadata>>,
}

/// What was written.
pub(crate) struct Written {
    /// Final paths.
    pub(crate) outputs: Vec<String>,
    /// Statistics of the bands, if they were computed during the copy.
    pub(crate) counted: Vec<BandStatistics>,
}

/// A file of the output that is complete, but does not have its final name yet.
struct Part {
    path: String,
    rows: Range<u64>,
    block: (u64, u64),
    finished: Finished,
    statistics: Vec<BandStatistics>,
}

/// A part of the output that has its final name, or will get it from another process.
struct PartFile {
    path: String,
    rows: Range<u64>,
    block: (u64, u64),
    /// None if it is not known to be there.
    record: Option<PartRecord>,
}

impl PartFile {
    fn of(path: String, kept: &Kept) -> Self {
        let (start, end) = kept.record.rows;
        Self { path, rows: start..end, block: kept.block, record: Some(kept.record.clone()) }
    }
}

impl Join<'_> {
    /// Writes files that have some of the bands each.
    pub(crate) fn write_files(
        &self,
        files: &[(String, Range<usize>)],
        metadata: &dyn Fn(usize) -> Vec<(String, String)>,
        observer: &mut dyn Observer,
    ) -> Result<Vec<BandStatistics>, Error> {
        let bands = files.iter().map(|(_, bands)| bands.len() as u64).sum::<u64>();
        let mut progress = CellProgress { done: 0, total: bands * self.grid.rows * self.grid.cols };
        let mut complete = Vec::new();
        let mut counted = Vec::new();
        for (i, (path, bands)) in files.iter().enumerate() {
            let part = self.write_part(
                path,
                bands.clone(),
                0..self.grid.rows,
                metadata(i),
                &mut progress,
                observer,
            )?;
            counted.extend(part.statistics.iter().copied());
            complete.push(part.finished);
        }
        self.publish(complete, &(0..self.grid.rows))?;
        Ok(counted)
    }

    /// Writes one file, or parts of it and a VRT over them. Each part gets its name when it is
    /// complete; those that are complete already are kept.
    pub(crate) fn write_parts(
        &self,
        path: &str,
        parts: Parts,
        observer: &mut dyn Observer,
    ) -> Result<Written, Error> {
        self.refuse_existing_parts(path, parts)?;
        let bands = self.bands.len() as u64;
        let rows = self.rows_to_write(parts);
        let mut progress = CellProgress { done: 0, total: bands * rows * self.grid.cols };
        let mut complete: Vec<PartFile> = Vec::new();
        let rows_of_tiles = self.cuts.len() - 1;
        let bytes = match parts {
            Parts::MaxBytes(_) => self.bytes_of_rows(),
            _ => Vec::new(),
        };
        // Size of a file relative to the sum of its tiles; grows with each file that is larger.
        let mut growth = 1.05;
        let mut next = 0;
        while next < rows_of_tiles {
            let number = complete.len() as u64 + 1;
            if let Some(kept) = self.kept(path, parts, number, self.cuts[next]) {
                progress.total -= match parts {
                    // Not known before.
                    Parts::MaxBytes(_) if !self.is_known(number) => {
                        bands * (kept.record.rows.1 - kept.record.rows.0) * self.grid.cols
                    }
                    _ => 0,
                };
                next = self.cuts.partition_point(|&cut| cut < kept.record.rows.1);
                complete.push(PartFile::of(part_path(path, number as usize), &kept));
                continue;
            }
            let end = match parts {
                Parts::One => rows_of_tiles,
                Parts::Count(n) | Parts::Only { parts: n, .. } => share(rows_of_tiles, number, n),
                Parts::MaxBytes(most) => fitting(&bytes, next, most as f64 / growth),
            };
            if let Parts::Only { part, .. } = parts
                && part != number
            {
                // Another process writes it, or will do so.
                complete.push(PartFile {
                    path: part_path(path, number as usize),
                    rows: self.cuts[next]..self.cuts[end],
                    block: (0, 0),
                    record: None,
                });
                next = end;
                continue;
            }
            let mut tiles = next..end;
            let part = loop {
                let before = progress.done;
                let part = self.write_rows(path, number, tiles.clone(), &mut progress, observer)?;
                let Parts::MaxBytes(most) = parts else { break part };
                let size = std::fs::metadata(part.finished.file()).map_or(0, |m| m.len());
                if size <= most {
                    break part;
                }
                if tiles.len() == 1 {
                    return Err(self.too_large(size, most));
                }
                // Larger than expected: try fewer tiles. Dropping the part deletes its file.
                progress.done = before;
                let expected: u64 = bytes[tiles.clone()].iter().sum();
                growth = f64::max(growth, 1.02 * size as f64 / expected.max(1) as f64);
                tiles.end = fitting(&bytes, next, most as f64 / growth).min(tiles.end - 1);
            };
            let end = tiles.end;
            let Part { path: name, rows, block, finished, statistics } = part;
            if (next, end) == (0, rows_of_tiles) {
                self.publish(vec![finished], &rows)?;
                return Ok(Written { outputs: vec![name], counted: statistics });
            }
            // It is over parts that are replaced now.
            self.remove_vrt(path)?;
            let record = self.parts.as_ref().map(|parts| (parts.record)(rows.clone()));
            match self.publish(vec![finished], &rows) {
                // Another process has written the same part meanwhile.
                Err(error) if error.code() == EXISTS && self.is_written(&name, record.as_ref()) => {
                }
                published => published?,
            }
            let part = PartFile { path: name, rows, block, record };
            self.remove_other_vrt(path, &part)?;
            complete.push(part);
            next = end;
        }
        self.finish_parts(path, parts, complete, observer)
    }

    /// Writes rows of tiles to a part of `path`, or to the whole of it if these are all.
    fn write_rows(
        &self,
        path: &str,
        number: u64,
        tiles: Range<usize>,
        progress: &mut CellProgress,
        observer: &mut dyn Observer,
    ) -> Result<Part, Error> {
        let is_whole = tiles == (0..self.cuts.len() - 1);
        let name = match is_whole {
            true => path.to_owned(),
            false => part_path(path, number as usize),
        };
        self.check_output(&name)?;
        if !is_whole {
            self.check_vrt(path)?;
        }
        let rows = self.cuts[tiles.start]..self.cuts[tiles.end];
        let mut metadata = self.metadata.to_vec();
        if let Some(parts) = self.parts.as_ref().filter(|_| !is_whole) {
            let record = serde_json::to_string(&(parts.record)(rows.clone()));
            metadata.push((PART_ITEM.into(), record.map_err(Error::internal)?));
        }
        self.write_part(&name, 0..self.bands.len(), rows, metadata, progress, observer)
    }

    /// Whether a file is this part of the output.
    fn is_written(&self, path: &str, part: Option<&PartRecord>) -> bool {
        let is_same = |record: &PartRecord, _: Option<&str>| {
            part.is_some_and(|part| (record.rows, &record.of) == (part.rows, &part.of))
        };
        kept(path, self.target.cancel, &is_same).is_some()
    }

    /// Whether a part was known to be complete before the run.
    fn is_known(&self, number: u64) -> bool {
        self.parts.as_ref().is_some_and(|parts| parts.kept.contains_key(&number))
    }

    /// Refuses parts that exist and would not be the same now, before the first one is written.
    fn refuse_existing_parts(&self, path: &str, parts: Parts) -> Result<(), Error> {
        let Parts::Count(count) = parts else { return Ok(()) };
        let mut written = (1..=count).filter(|number| count > 1 && !self.is_known(*number));
        written.try_for_each(|number| {
            let part = part_path(path, number as usize);
            refuse_existing(&part, self.target.overwrite)?;
            check_replaceable(&part)
        })
    }

    /// A part that is complete and would be the same now. With a largest size, a part that follows
    /// on one that is written again is only recognised when its first row is known.
    fn kept(&self, path: &str, parts: Parts, number: u64, start: u64) -> Option<Kept> {
        let of = self.parts.as_ref()?;
        let Parts::MaxBytes(most) = parts else { return of.kept.get(&number).cloned() };
        let path = part_path(path, number as usize);
        let fits = || std::fs::metadata(&path).is_ok_and(|about| about.len() <= most);
        let is_now = |record: &PartRecord, _: Option<&str>| {
            let (first, end) = record.rows;
            let is_cut = self.cuts.binary_search(&end).is_ok();
            first == start && is_cut && record.of == (of.record)(first..end).of && fits()
        };
        of.kept.get(&number).cloned().or_else(|| kept(&path, self.target.cancel, &is_now))
    }

    /// Writes the VRT over all parts, if they are there.
    fn finish_parts(
        &self,
        path: &str,
        parts: Parts,
        mut complete: Vec<PartFile>,
        observer: &mut dyn Observer,
    ) -> Result<Written, Error> {
        let mut outputs: Vec<String> = complete.iter().map(|part| part.path.clone()).collect();
        if let Parts::Only { part: own, parts: count } = parts {
            outputs = vec![part_path(path, own as usize)];
            // Other processes may have written theirs meanwhile.
            for part in complete.iter_mut().filter(|part| part.record.is_none()) {
                let rows = (part.rows.start, part.rows.end);
                let Some(of) = &self.parts else { break };
                let is_now = |record: &PartRecord, plan: Option<&str>| {
                    let is_same = || match of.plan {
                        // Tiles of other rows are not looked at here.
                        Some(OfPlan { id, whole, may_lack, .. }) => {
                            record.of == whole(rows.0..rows.1) || may_lack && plan == Some(id)
                        }
                        None => record.of == (of.record)(rows.0..rows.1).of,
                    };
                    record.rows == rows && is_same()
                };
                if let Some(kept) = kept(&part.path, self.target.cancel, &is_now) {
                    *part = PartFile::of(part.path.clone(), &kept);
                }
            }
            let missing = complete.iter().filter(|part| part.record.is_none());
            missing.clone().try_for_each(|part| refuse_unreadable(&part.path))?;
            let missing = missing.count();
            if missing > 0 {
                let there = complete.len() - missing;
                observer.note(&format!(
                    "{there} of {count} parts are written; the process that writes the last one also \
                     writes the VRT over them. If no process is at work on the others, run any part again"
                ));
                return Ok(Written { outputs, counted: Vec::new() });
            }
        }
        let (vrt, text) = self.vrt_over(path, &complete)?;
        let is_written = || std::fs::read_to_string(&vrt).is_ok_and(|now| now == text);
        if !is_written() {
            self.check_vrt(path)?;
            let staged = stage_file(&vrt, text.as_bytes())?;
            if let Some(before) = &*self.vrt_before() {
                staged.replace(before);
            }
            staged.publish(true, &|| true)?;
        }
        // The one that writes its VRT last sees what the others have written before.
        let replaced = complete.iter().find(|part| {
            part.record.is_some() && !self.is_written(&part.path, part.record.as_ref())
        });
        if let Some(part) = replaced {
            if is_written() {
                self.remove_vrt(path)?;
            }
            let message = format!("another process replaced {} while {path} was joined", part.path);
            let hint = "run this command again, and at the same time no other one for this output";
            let diagnostic = Diagnostic::new("mosaic.replaced", message).hint(hint);
            return Err(Error::failed(diagnostic.path(&part.path)));
        }
        outputs.push(vrt);
        Ok(Written { outputs, counted: Vec::new() })
    }

    /// Rows that are not in parts that are complete.
    fn rows_to_write(&self, parts: Parts) -> u64 {
        if let Parts::Only { part, parts } = parts {
            let rows = rows_of(self.cuts, part, parts);
            return rows.end - rows.start;
        }
        let kept = self.parts.iter().flat_map(|parts| parts.kept.values());
        self.grid.rows - kept.map(|part| part.record.rows.1 - part.record.rows.0).sum::<u64>()
    }

    /// Refuses to replace a VRT over parts, unless it is over parts of the same plan.
    fn check_vrt(&self, path: &str) -> Result<(), Error> {
        let vrt = with_extension(path, ".vrt");
        if !is_there(&vrt, self.target.cancel) {
            return Ok(());
        }
        (self.refuse_input)(std::slice::from_ref(&vrt))?;
        let plan = self.plan().map(|of| of.id);
        let is_ours = || {
            let of_file = TileFile::open(&vrt).ok()?.plan();
            Some(plan.is_some() && of_file.as_deref() == plan)
        };
        match is_ours() {
            Some(true) => {}
            _ => refuse_existing(&vrt, self.target.overwrite)?,
        }
        check_replaceable(&vrt)
    }

    /// Removes the VRT over parts of which some are written again. The next one gets its mode and owner;
    /// a link stays.
    fn remove_vrt(&self, path: &str) -> Result<(), Error> {
        self.check_vrt(path)?;
        let vrt = with_extension(path, ".vrt");
        let place = place_of(&vrt);
        if let Ok(about) = std::fs::metadata(&place) {
            *self.vrt_before() = Some(about);
        }
        match std::fs::remove_file(&place) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(RasterError::new(Op::Finish, &vrt, error).into())
            }
            _ => Ok(()),
        }
    }

    fn vrt_before(&self) -> MutexGuard<'_, Option<Metadata>> {
        self.vrt_before.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The plan, if the pieces are its tiles.
    fn plan(&self) -> Option<OfPlan<'_>> {
        self.parts.as_ref().and_then(|parts| parts.plan)
    }

    /// Removes a VRT that a process with another plan or another number of parts has written meanwhile:
    /// it is over a part that was replaced by this one.
    fn remove_other_vrt(&self, path: &str, part: &PartFile) -> Result<(), Error> {
        // Enough for the first band, which has a source for each part.
        const BEGINNING: u64 = 16 << 20;
        let vrt = with_extension(path, ".vrt");
        let Ok(file) = TileFile::open(&vrt) else { return Ok(()) };
        let source = self.source(part, &place_of(&vrt));
        let is_of_plan = file.plan().as_deref() == self.plan().map(|of| of.id);
        // One that cannot be read stays.
        let is_over_part =
            || beginning_of(&vrt, BEGINNING).map_or(true, |text| source.is_in(&text));
        match is_of_plan && is_over_part() {
            true => Ok(()),
            false => self.remove_vrt(path),
        }
    }

    /// A part as a source of the VRT next to it, which is written to `place`.
    fn source(&self, part: &PartFile, place: &Path) -> VrtSource {
        let rows = part.rows.end - part.rows.start;
        // Whether it is there already or not.
        let beside = Path::new(&part.path).parent() == place.parent();
        let (path, relative) = match beside {
            true => (names::file_name(&part.path).to_owned(), true),
            false => seen_from(place, &part.path),
        };
        VrtSource {
            path,
            relative,
            size: (rows, self.grid.cols),
            block: part.block,
            from: Window::whole(rows, self.grid.cols),
            to: (part.rows.start, 0),
        }
    }

    /// Writes a VRT over the pieces themselves.
    pub(crate) fn write_vrt(&self, path: &str, blocks: (u64, u64)) -> Result<(), Error> {
        each(self.pieces).try_for_each(|piece| check_name(&piece.path))?;
        // GDAL sees the names from there, too.
        let place = place_of(path);
        let sources: Vec<VrtSource> = each(self.pieces)
            .map(|piece| {
                let (name, relative) = seen_from(&place, &piece.path);
                let Window { row, col, rows, cols } = piece.window;
                VrtSource {
                    path: name,
                    relative,
                    size: (rows, cols),
                    block: (blocks.0.min(rows), blocks.1.min(cols)),
                    from: Window::whole(rows, cols),
                    to: (row, col),
                }
            })
            .collect();
        let statistics = self.statistics.map(|of| of(0..self.grid.rows)).unwrap_or_default();
        Ok(write_text(path, &self.vrt(&sources, &statistics).text(), self.target.overwrite)?)
    }

    fn vrt<'a>(&'a self, sources: &'a [VrtSource], statistics: &'a [BandStatistics]) -> Vrt<'a> {
        Vrt {
            grid: self.grid,
            data_type: self.output_type.name(),
            signed_bytes: false,
            nodata: self.nodata,
            bands: self.bands,
            first_source_band: 1,
            statistics,
            metadata: self.metadata,
            sources,
        }
    }

    /// Refuses an output that exists, or that would replace an input.
    fn check_output(&self, path: &str) -> Result<(), Error> {
        (self.refuse_input)(&[path.to_owned()])?;
        refuse_existing(path, self.target.overwrite)
    }

    /// The VRT over the parts of `path`, and its own path.
    fn vrt_over(&self, path: &str, parts: &[PartFile]) -> Result<(String, String), Error> {
        let vrt = with_extension(path, ".vrt");
        check_name(path)?;
        let place = place_of(&vrt);
        let source = |part: &PartFile| self.source(part, &place);
        let sources: Vec<VrtSource> = parts.iter().map(source).collect();
        let records = parts.iter().filter_map(|part| part.record.as_ref());
        let statistics = self.parts.as_ref().map(|of| of.merged(records)).unwrap_or_default();
        let text = self.vrt(&sources, &statistics).text();
        Ok((vrt, text))
    }

    /// Gives the files their names, after all of them are complete.
    fn publish(&self, complete: Vec<Finished>, rows: &Range<u64>) -> Result<(), Error> {
        let cancel = self.target.cancel;
        if cancel.is_cancelled() {
            return Err(Error::cancelled());
        }
        if let Some(of) = self.plan() {
            (of.check)()?;
        }
        // The joined files must be those that were checked.
        let window =
            Window { row: rows.start, col: 0, rows: rows.end - rows.start, cols: self.grid.cols };
        if let Some(files) = self.untouched {
            files.check_within(&window)?;
        }
        for piece in self.pieces.within(&window).into_iter().map(|i| self.pieces.piece(i)) {
            let Some(stamp) = piece.stamp else { continue };
            let is_same = stamp.is_of(Path::new(&piece.path), cancel);
            if !is_same.map_err(|_| Error::cancelled())? {
                let reason = "it was changed while it was being joined";
                let error = RasterError::new(Op::Read, &piece.path, reason);
                return Err(error.hint("run the command again").into());
            }
        }
        let overwrite = self.target.overwrite;
        Ok(publish_all(complete, Vec::new(), overwrite, &|| !cancel.is_cancelled())?)
    }

    fn too_large(&self, size: u64, most: u64) -> Error {
        let message = format!(
            "--max-part-size {} is too small: a part has at least one row of tiles, which takes {}",
            show_size(most),
            show_size(size)
        );
        let hint = "use a larger size, or make a plan whose tiles have fewer rows, e.g. \
                    --tile-size 4096x512";
        Error::refused(Diagnostic::new("usage.parts", message).hint(hint))
    }

    /// Bytes on disk of the pieces of each row of tiles.
    fn bytes_of_rows(&self) -> Vec<u64> {
        let mut bytes = vec![0; self.cuts.len() - 1];
        for piece in each(self.pieces) {
            let row = self.cuts.partition_point(|&cut| cut <= piece.window.row) - 1;
            bytes[row] += std::fs::metadata(&piece.path).map_or(0, |m| m.len());
        }
        bytes
    }

    /// What an output of some bands takes, with so many threads that compress.
    fn output_bytes(&self, bands: usize, threads: usize) -> OutputBytes {
        OutputShape {
            driver: &self.target.driver,
            creation_options: self.target.creation_options,
            size: (self.grid.rows, self.grid.cols),
            bands,
            output_type: self.output_type,
            block_px: self.block_px,
            step_px: ANY_STEP_PX,
        }
        .bytes(threads)
    }

    /// The least memory that an output of some bands takes, with so many threads that compress.
    fn least_bytes(&self, bands: usize, threads: usize) -> u64 {
        let output = self.output_bytes(bands, threads);
        let size = (self.grid.rows, self.grid.cols);
        let least = least_to_join(&output, &self.held, size, self.output_type);
        self.base_at_work().saturating_add(with_rounding(least))
    }

    /// What the process holds once the output was tried.
    fn base_at_work(&self) -> u64 {
        self.base_bytes.saturating_add(trial_bytes(&self.target.driver))
    }

    /// Threads that compress: each holds blocks, all together not more than a third of the budget.
    fn encoders(&self, bands: usize) -> usize {
        let budget = self.target.budget_bytes;
        let fits = |threads: &usize| {
            let bytes = self.output_bytes(bands, *threads);
            bytes.beside().max(bytes.copying) <= budget / 3
                && self.least_bytes(bands, *threads) <= budget
        };
        (1..=self.target.threads).rfind(fits).unwrap_or(1)
    }

    /// Pieces that are open at the same time: those after the first take half of what is left.
    fn open_pieces(&self) -> usize {
        let bands = self.bands.len();
        let least = self.least_bytes(bands, self.encoders(bands));
        let left = self.target.budget_bytes.saturating_sub(least) / 2;
        let more = usize::try_from(left / self.held.beside().max(1)).unwrap_or(usize::MAX);
        more.saturating_add(1).min(OPEN_PIECES)
    }

    /// The size of the block cache: a block that is in use stays in it.
    fn cache_bytes(&self, bands: usize) -> u64 {
        let block = self.output_bytes(bands, 1).block;
        LEAST_CACHE_BYTES.max(self.held.decoded).max(block)
    }

    fn write_part(
        &self,
        path: &str,
        bands: Range<usize>,
        rows: Range<u64>,
        metadata: Vec<(String, String)>,
        progress: &mut CellProgress,
        observer: &mut dyn Observer,
    ) -> Result<Part, Error> {
        let window =
            Window { row: rows.start, col: 0, rows: rows.end - rows.start, cols: self.grid.cols };
        self.target.session.set_cache_bytes(self.cache_bytes(bands.len()));
        self.target.session.arm();
        remove_stale_for(path);
        let spec = OutputSpec {
            path: path.to_owned(),
            driver: self.target.driver.clone(),
            output_type: self.output_type,
            nodata: self.nodata,
            grid: self.grid.part(&window),
            bands: self.bands[bands.clone()].to_vec(),
            creation_options: self.target.creation_options.to_vec(),
            metadata,
            threads: self.encoders(bands.len()),
            copy_threads: self.encoders(bands.len()),
            block_px: self.block_px,
        };
        self.refuse_too_little(bands.len())?;
        refuse_too_many(spec.threads)?;
        let is_input = |file: &Path| {
            file.to_str().is_some_and(|file| (self.refuse_input)(&[file.to_owned()]).is_err())
        };
        refuse_beside(&spec, &is_input, self.target.overwrite)?;
        let mut writer = RasterWriter::create(spec)?;
        pass_on_warnings(self.target.session, observer);
        let (block_rows, block_cols) = writer.block();
        let block = (block_rows as u64, block_cols as u64);
        let chunk_px = self.chunk(block, bands.len());
        let chunks = Tiling { window, tile_px: chunk_px };
        let mut tallies = vec![Tally::default(); bands.len()];
        thread::scope(|scope| {
            let (full_tx, full_rx) = sync_channel(0);
            let (empty_tx, empty_rx) = sync_channel(2);
            for _ in 0..2 {
                let _ = empty_tx.send(StoredCells::of(self.output_type));
            }
            let bands = bands.clone();
            scope.spawn(move || self.read_chunks(&chunks, bands, &empty_rx, &full_tx));
            for chunk in full_rx {
                let Chunk { id, band, mut cells } = chunk?;
                if self.target.cancel.is_cancelled() {
                    return Err(Error::cancelled());
                }
                let place = chunks.output_window(id);
                if self.statistics.is_none() {
                    tallies[band].count(&cells, self.nodata, place.cells());
                }
                writer.write_cells(&place, band, &mut cells)?;
                if band + 1 == tallies.len() {
                    writer.flush()?;
                }
                progress.done += place.cells();
                progress.tell(observer);
                let _ = empty_tx.send(cells);
            }
            if self.target.cancel.is_cancelled() { Err(Error::cancelled()) } else { Ok(()) }
        })?;
        let statistics = match self.statistics {
            Some(of) => of(rows.clone())[bands].to_vec(),
            None => tallies.iter().map(Tally::statistics).collect(),
        };
        let copied = writer.is_copied();
        let mut tell = |share: f64| {
            if copied {
                let (done, is_last) = ((share * 1000.0) as u64, share >= 1.0);
                observer.progress(Stage::of("finish", (done, 1000), (done / 1000, 1), is_last));
            }
            !self.target.cancel.is_cancelled()
        };
        match writer.finish(&statistics, &mut tell) {
            Ok(finished) => Ok(Part { path: path.to_owned(), rows, block, finished, statistics }),
            Err(_) if self.target.cancel.is_cancelled() => Err(Error::cancelled()),
            Err(error) => Err(error.into()),
        }
    }

    /// Refuses a budget with which no output of some bands can be written.
    fn refuse_too_little(&self, bands: usize) -> Result<(), Error> {
        const MIB: u64 = 1 << 20;
        let encoders = self.encoders(bands);
        let (output, least) =
            (self.output_bytes(bands, encoders), self.least_bytes(bands, encoders));
        let budget_bytes = self.target.budget_bytes;
        if least <= budget_bytes {
            return Ok(());
        }
        let program = self.base_bytes.saturating_add(LEAST_CACHE_BYTES);
        let causes = [
            (if program > budget_bytes { program } else { 0 }, Cause::Program),
            (output.copying, Cause::Copy),
            (output.beside().saturating_add(output.block), Cause::OutputBlocks),
            (self.held.beside().saturating_add(self.held.decoded), Cause::InputBlocks),
        ];
        let cause = causes.into_iter().max_by_key(|cause| cause.0);
        let cause = cause.map_or(Cause::OutputBlocks, |cause| cause.1);
        let least_bytes = (least + 2 * MIB).next_multiple_of(MIB);
        let error = PlanError::BudgetTooSmall { budget_bytes, least_bytes, cause };
        Err(Error::refused(too_little_memory(&error, cause.hint())))
    }

    /// Rows and columns of a chunk: whole blocks, as many as the budget allows and as are useful.
    fn chunk(&self, block: (u64, u64), bands: usize) -> [u64; 2] {
        const USEFUL_PX: u64 = 2048;
        let cell = self.output_type.bytes();
        let (rows, cols) = (self.grid.rows, self.grid.cols);
        let encoders = self.encoders(bands);
        let output = self.output_bytes(bands, encoders);
        let open = self.open_pieces().min(self.pieces.count()) as u64;
        let pieces = open.saturating_mul(self.held.beside());
        let codec = sum(&[output.beside(), pieces, self.cache_bytes(bands)]);
        let needs = |px: [u64; 2]| {
            let chunks = 2 * px[0].min(rows) * px[1].min(cols) * cell;
            self.base_at_work().saturating_add(with_rounding(codec.saturating_add(chunks)))
        };
        let mut px = [block.0, block.1];
        loop {
            // Nearly square: the shorter side grows first.
            let side = usize::from(px[1] < px[0] && px[1] < cols || px[0] >= rows);
            let mut larger = px;
            larger[side] += [block.0, block.1][side];
            if larger[side] > USEFUL_PX.max([block.0, block.1][side])
                || needs(larger) > self.target.budget_bytes
            {
                return [px[0].min(rows), px[1].min(cols)];
            }
            px = larger;
        }
    }

    /// Reads chunk by chunk, band by band, until the writer stops.
    fn read_chunks(
        &self,
        chunks: &Tiling,
        bands: Range<usize>,
        empty: &Receiver<StoredCells>,
        full: &SyncSender<Result<Chunk, RasterError>>,
    ) {
        let _here = self.target.session.enter();
        let mut open = OpenPieces { join: self, files: VecDeque::new() };
        for id in 0..chunks.tiles() {
            let window = chunks.tile(id);
            let pieces = self.pieces.within(&window);
            for (i, band) in bands.clone().enumerate() {
                let Ok(mut cells) = empty.recv() else { return };
                if self.target.cancel.is_cancelled() {
                    return;
                }
                // If there is no NoData value, the pieces cover every cell.
                cells.reset(window.rows, window.cols, self.nodata.unwrap_or(0.0));
                let read = pieces
                    .iter()
                    .try_for_each(|&piece| open.read(piece, &window, band, &mut cells));
                let failed = read.is_err();
                let chunk = read.map(|()| Chunk { id, band: i, cells });
                if full.send(chunk).is_err() || failed {
                    return;
                }
            }
        }
    }
}

/// Cells on the way from the reader to the writer.
struct Chunk {
    id: u64,
    /// Counted from the first band of the file.
    band: usize,
    cells: StoredCells,
}

/// Maximum number of pieces that are open at a time.
const OPEN_PIECES: usize = 16;

/// The pieces that were read last.
struct OpenPieces<'a> {
    join: &'a Join<'a>,
    files: VecDeque<(usize, TileFile)>,
}

impl OpenPieces<'_> {
    /// Reads the cells of a window that are in a piece.
    fn read(
        &mut self,
        piece: usize,
        window: &Window,
        band: usize,
        cells: &mut StoredCells,
    ) -> Result<(), RasterError> {
        let Piece { path, window: of_piece, is_tile, like, siblings, .. } =
            self.join.pieces.piece(piece);
        let Some(shared) = of_piece.meet(window) else { return Ok(()) };
        if !self.files.iter().any(|(open, _)| *open == piece) {
            let file = match is_tile {
                true => TileFile::open_alone(&path)?,
                false => TileFile::open_checked(&path, siblings.as_ref())?,
            };
            if file.size != (of_piece.rows, of_piece.cols)
                || file.data_type != self.join.output_type.name()
                || file.band_count() < self.join.bands.len()
                || file.likeness().as_deref() != like.as_deref()
            {
                let error = RasterError::new(Op::Read, &path, "it changed after it was checked");
                return Err(error.hint("run the command again"));
            }
            self.files.truncate(self.join.open_pieces() - 1);
            self.files.push_front((piece, file));
        }
        let Some((_, file)) = self.files.iter_mut().find(|(open, _)| *open == piece) else {
            return Ok(());
        };
        let from =
            Window { row: shared.row - of_piece.row, col: shared.col - of_piece.col, ..shared };
        file.read(band, &from, cells, (shared.row - window.row, shared.col - window.col))
    }
}

/// Refuses a file that is there and cannot be replaced, before anything is written.
fn check_replaceable(path: &str) -> Result<(), Error> {
    if exists(path) { Ok(check_destination(path)?) } else { Ok(()) }
}

/// Refuses a part of another process that this user may not read: it can be complete.
fn refuse_unreadable(path: &str) -> Result<(), Error> {
    match File::open(path) {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            let hint = "let this user read it, and run any part again: then the VRT is written";
            Err(RasterError::new(Op::Open, path, error).hint(hint).into())
        }
        _ => Ok(()),
    }
}

/// All terms together.
fn sum(terms: &[u64]) -> u64 {
    terms.iter().fold(0, |all, term| all.saturating_add(*term))
}

/// How many cells have been written.
struct CellProgress {
    done: u64,
    total: u64,
}

impl CellProgress {
    fn tell(&self, observer: &mut dyn Observer) {
        let cells = (self.done, self.total);
        observer.progress(Stage::of("mosaic", cells, cells, self.done == self.total));
    }
}

/// Statistics computed cell by cell, in the order of the file.
#[derive(Clone, Copy, Default)]
struct Tally {
    range: Option<(f64, f64)>,
    valid: u64,
    cells: u64,
    mean: f64,
    squares: f64,
}

impl Tally {
    fn count(&mut self, cells: &StoredCells, nodata: Option<f64>, count: u64) {
        self.cells += count;
        cells.for_each_value(nodata, |value| {
            let (low, high) = self.range.unwrap_or((value, value));
            self.range = Some((low.min(value), high.max(value)));
            self.valid += 1;
            let off = value - self.mean;
            self.mean += off / self.valid as f64;
            self.squares += off * (value - self.mean);
        });
    }

    fn statistics(&self) -> BandStatistics {
        let (min, max) = self.range.unwrap_or((f64::NAN, f64::NAN));
        BandStatistics {
            min,
            max,
            mean: self.mean,
            std_dev: (self.squares / self.valid.max(1) as f64).sqrt(),
            valid: self.valid,
            nodata: self.cells - self.valid,
        }
    }
}
