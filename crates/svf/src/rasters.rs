//! Joins rasters on one grid: finds their places, and the gaps between them.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use svf_job::CancelToken;
use svf_job::events::Diagnostic;
use svf_job::trailer::{Stamp, digest_of};
use svf_kernel::tile::Window;
use svf_raster::behind::files_behind;
use svf_raster::held::InputBlocks;
use svf_raster::join::TileFile;
use svf_raster::mend::quoted;
use svf_raster::names::Siblings;
use svf_raster::stat::file_state;
use svf_raster::watch::Watch;
use svf_raster::{BandSpec, BandStatistics, Grid, OutputType};

use crate::error::Error;
use crate::gather::read_list;
use crate::join::{Join, Piece, Written};
use crate::memory::base_bytes;
use crate::observer::{Observer, pass_on_warnings};
use crate::outputs::refuse_overwriting;
use crate::part_files::{PartRecord, PartsOf, kept_parts};
use crate::spec::nodata_cell;
use crate::summary::BandSummary;
use crate::target::{Joined, MosaicRequest, PieceCounts, Target, refuse_too_many};
use crate::untouched::Untouched;

/// Joins rasters on one grid.
pub(crate) fn join_list(
    file: &Path,
    target: &Target<'_>,
    wanted: &MosaicRequest,
    observer: &mut dyn Observer,
) -> Result<Joined, Error> {
    let paths = read_list(file, target.cancel)?;
    let mut kept: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
    // Files of a raster are only looked for where one could be replaced.
    if wanted.written().iter().any(|output| Path::new(output).exists()) {
        kept.extend(paths.iter().flat_map(|path| files_behind(path)).map(PathBuf::from));
    }
    refuse_overwriting(&wanted.written(), &kept)?;
    observer.opened()?;
    let Placed { first, pieces, held, grid, untouched } = place(&paths, target.cancel)?;
    let output_type = type_of(&first, &paths[0])?;
    let nodata = nodata_of_list(file, &first, output_type, wanted.format.nodata)?;
    let covered: u64 = pieces.iter().map(|piece| piece.window.cells()).sum();
    let gaps = grid.rows * grid.cols - covered;
    if gaps > 0 {
        tell_gaps(file, (gaps, grid.rows * grid.cols), nodata, wanted.allow_missing, observer)?;
    }
    let cuts = cuts_between(&pieces, grid.rows);
    let (bands, metadata) = (first.bands()?, first.metadata());
    // The rasters with the moments of their last change: another list makes another part.
    let digest = |rows: Range<u64>| {
        let window =
            Window { row: rows.start, col: 0, rows: rows.end - rows.start, cols: grid.cols };
        let of_rows = pieces.iter().filter(|piece| piece.window.meet(&window).is_some());
        let of_rows: Vec<String> = of_rows
            .map(|p| format!("{} {:?} {:?}", p.path, p.window, file_state(&p.path)))
            .collect();
        let Target { driver, creation_options, .. } = target;
        let most = wanted.parts.most_bytes();
        digest_of(&format!(
            "{driver} {creation_options:?} {nodata:?} {most:?} {rows:?} {of_rows:?}"
        ))
    };
    let record = |rows: Range<u64>| PartRecord {
        rows: (rows.start, rows.end),
        of: digest(rows.clone()),
        bands: Vec::new(),
        heights: None,
    };
    let join = Join {
        pieces: &pieces,
        untouched: Some(&untouched),
        refuse_input: &|outputs| refuse_overwriting(outputs, &kept),
        grid: &grid,
        output_type,
        nodata,
        bands: &bands,
        metadata: &metadata,
        block_px: 512,
        cuts: &cuts,
        statistics: None,
        parts: Some(PartsOf {
            record: &record,
            statistics: &|_| Vec::new(),
            kept: kept_parts(&wanted.output, wanted.parts, &cuts, target.cancel, &digest),
            plan: None,
        }),
        base_bytes: base_bytes(),
        held,
        target,
        vrt_before: Mutex::default(),
    };
    let Written { outputs, counted } = if target.driver == "VRT" {
        join.write_vrt(&wanted.output, first.block)?;
        Written { outputs: vec![wanted.output.clone()], counted: Vec::new() }
    } else {
        refuse_too_many(wanted.parts, cuts.len() as u64 - 1)?;
        join.write_parts(&wanted.output, wanted.parts, observer)?
    };
    pass_on_warnings(target.session, observer);
    let summary = |(i, band): (usize, &BandSpec)| BandSummary {
        name: band.name.clone(),
        statistics: counted.get(i).map(|cells| values_of(cells, band.scale_offset)),
    };
    Ok(Joined {
        receivers: None,
        outputs,
        size: (grid.rows, grid.cols),
        bands: bands.iter().enumerate().map(summary).collect(),
        truncation: None,
        pieces: PieceCounts { total: pieces.len() as u64, empty: 0, missing: 0 },
        bytes: covered * output_type.bytes(),
    })
}

/// The type of the output: that of the rasters.
fn type_of(first: &TileFile, path: &str) -> Result<OutputType, Error> {
    OutputType::named(&first.data_type).ok_or_else(|| {
        let reason = format!(
            "data type {}, but svf_mosaic can only join uint8, uint16, float32 and float64",
            first.data_type
        );
        let message = format!("{path} has {reason}");
        let diagnostic = Diagnostic::new("raster.band", message).path(path);
        Error::failed(diagnostic.with("reason", reason))
    })
}

/// First rows of pieces, and the end of the last one, where no piece is on both sides.
fn cuts_between(pieces: &[Piece], rows: u64) -> Vec<u64> {
    let mut cuts: Vec<u64> = pieces.iter().map(|piece| piece.window.row).chain([rows]).collect();
    cuts.sort_unstable();
    cuts.dedup();
    cuts.retain(|&cut| !pieces.iter().any(|p| p.window.row < cut && cut < p.window.row_end()));
    cuts
}

/// Statistics of values, from those of the cells as stored.
fn values_of(cells: &BandStatistics, (scale, offset): (f64, f64)) -> BandStatistics {
    let value = |cell: f64| scale * cell + offset;
    BandStatistics {
        min: value(cells.min),
        max: value(cells.max),
        mean: value(cells.mean),
        std_dev: scale.abs() * cells.std_dev,
        ..*cells
    }
}

/// NoData value of the output: that of the rasters. If they have none, it is the one that the user
/// sets, or none.
fn nodata_of_list(
    file: &Path,
    first: &TileFile,
    output_type: OutputType,
    asked: Option<f64>,
) -> Result<Option<f64>, Error> {
    let asked = asked.map(|nodata| nodata_cell(nodata, output_type)).transpose()?;
    match (first.nodata, asked) {
        (Some(own), Some(asked)) if own != asked && !(own.is_nan() && asked.is_nan()) => {
            let message = format!(
                "--nodata {asked}: the rasters of {} have NoData {own}, and svf_mosaic does not \
                 change cells",
                file.display()
            );
            Err(Error::usage("usage.nodata", message))
        }
        (own, asked) => Ok(own.or(asked)),
    }
}

/// Reports the number of cells that no raster of a list has: as an error, or as a warning if this
/// is allowed and there is a NoData value.
fn tell_gaps(
    file: &Path,
    (gaps, cells): (u64, u64),
    nodata: Option<f64>,
    allow_missing: bool,
    observer: &dyn Observer,
) -> Result<(), Error> {
    let shown = file.display().to_string();
    let message = format!("the rasters of {shown} do not cover {gaps} of {cells} cells");
    match (allow_missing, nodata) {
        (true, Some(_)) => observer.warn(Diagnostic::new("mosaic.missing", message)),
        (true, None) => {
            let message = format!("{message}, and they have no NoData value to fill these with");
            let hint = "choose a value that no cell has, e.g. --nodata -9999";
            return Err(Error::refused(
                Diagnostic::new("usage.nodata", message).hint(hint).path(shown),
            ));
        }
        (false, _) => {
            let with = if nodata.is_none() { " --nodata VALUE" } else { "" };
            let hint = format!(
                "add the missing rasters to the list, or fill with NoData: --allow-missing{with}"
            );
            let diagnostic = Diagnostic::new("mosaic.incomplete", message).hint(hint).path(shown);
            return Err(Error::incomplete(diagnostic.retry(false)));
        }
    }
    Ok(())
}

/// A raster whose mask says which cells count.
fn masked(path: &str) -> Error {
    let message = format!("cannot join {path}: it has a mask, which would be lost");
    let hint = format!(
        "write what is masked as NoData first: gdalwarp -dstnodata -9999 {} new.tif",
        quoted(path)
    );
    Error::failed(Diagnostic::new("mosaic.mismatch", message).hint(hint).path(path))
}

/// Rasters on one grid.
struct Placed {
    first: TileFile,
    pieces: Vec<Piece>,
    /// What GDAL holds of one that is open, at most.
    held: InputBlocks,
    grid: Grid,
    untouched: Untouched,
}

/// Finds the places of rasters on the grid of the first one.
fn place(paths: &[String], cancel: &CancelToken) -> Result<Placed, Error> {
    let refuse = |path: &str, reason: String| {
        let message = format!("cannot join {path}: {reason}");
        let diagnostic = Diagnostic::new("mosaic.mismatch", message).path(path);
        Err(Error::failed(diagnostic.hint(
            "all rasters need the same grid, CRS, data type, NoData value and number of bands",
        )))
    };
    let watch = Watch::begin();
    let first = TileFile::open(&paths[0])?;
    let (first_grid, first_bands) = (first.grid(), first.bands()?);
    let mut held = InputBlocks::default();
    let mut offsets: Vec<(i64, i64, u64, u64, Option<Stamp>)> = Vec::new();
    let mut seen = Vec::new();
    let mut siblings = Siblings::default();
    for path in paths {
        if cancel.is_cancelled() {
            return Err(Error::cancelled());
        }
        let stamp = Stamp::of(Path::new(path));
        let beside = siblings.of(path);
        let file = TileFile::open_checked(path, beside.as_ref())?;
        if file.has_mask() {
            return Err(masked(path));
        }
        held = held.max(file.held);
        let grid = file.grid();
        let what = [
            ("data type", file.data_type != first.data_type),
            ("number of bands", file.band_count() != first.band_count()),
            ("NoData value", file.nodata.map(f64::to_bits) != first.nodata.map(f64::to_bits)),
            ("CRS", grid.crs_wkt != first_grid.crs_wkt),
            ("scale or band names", file.bands()? != first_bands),
        ];
        if let Some((what, _)) = what.iter().find(|(_, differs)| *differs) {
            return refuse(path, format!("its {what} differs from that of {}", paths[0]));
        }
        match first_grid.offset_of(&grid) {
            Some((row, col)) => {
                offsets.push((row, col, grid.rows, grid.cols, stamp));
                seen.push((file.files(), file.likeness().map(Arc::from), beside));
            }
            None => {
                return refuse(
                    path,
                    format!("its cells do not line up with those of {}", paths[0]),
                );
            }
        }
    }
    let top = offsets.iter().map(|o| o.0).min().unwrap_or(0);
    let left = offsets.iter().map(|o| o.1).min().unwrap_or(0);
    let (mut pieces, mut files) = (Vec::new(), Vec::new());
    for ((&(row, col, rows, cols, stamp), path), (of_raster, like, siblings)) in
        offsets.iter().zip(paths).zip(seen)
    {
        let window = Window { row: (row - top) as u64, col: (col - left) as u64, rows, cols };
        files.extend(of_raster.into_iter().map(|file| (file, window)));
        pieces.push(Piece { path: path.clone(), window, is_tile: false, stamp, like, siblings });
    }
    let untouched = Untouched::of_files(files, &watch);
    pieces.sort_by_key(|piece| (piece.window.row, piece.window.col));
    for (i, a) in pieces.iter().enumerate() {
        // The next ones in order that begin above its end.
        let below = |b: &&Piece| b.window.row < a.window.row_end();
        let twin =
            pieces[i + 1..].iter().take_while(below).find(|b| a.window.meet(&b.window).is_some());
        if let Some(b) = twin {
            return refuse(&b.path, format!("it overlaps {}", a.path));
        }
    }
    let rows = pieces.iter().map(|p| p.window.row_end()).max().unwrap_or(0);
    let cols = pieces.iter().map(|p| p.window.col_end()).max().unwrap_or(0);
    let grid = first_grid.around(top, left, rows, cols);
    Ok(Placed { first, pieces, held, grid, untouched })
}
