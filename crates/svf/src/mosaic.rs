//! Joins the tiles of a plan, or rasters on one grid, to one raster. It is strict: missing or
//! damaged tiles are reported before a cell is written.

use std::ops::Range;
use std::path::{Path, PathBuf};

use svf_job::events::{Diagnostic, TileFinding};
use svf_job::planfile::{Band, PlanFile};
use svf_job::tileset::{TileSet, TileState};
use svf_job::{CancelToken, Statistics};
use svf_raster::held::InputBlocks;
use svf_raster::join::PLAN_ITEM;
use svf_raster::staging::{check_destination, remove_stale_for};
use svf_raster::{BandStatistics, OutputType, Session};

use crate::error::Error;
use crate::join::{Join, Piece};
use crate::memory::base_bytes;
use crate::numbers::{count_of, is_or_are};
use crate::observer::{Observer, Stage, pass_on_warnings};
use crate::outputs::{refuse_existing, refuse_overwriting, refuse_twins};
use crate::parts::Parts;
use crate::plan_file::{
    MAKE_ANEW, Room, band_specs, encodings, input_seen, output_grid, read_plan,
};
use crate::rasters::join_list;
use crate::spec::block_for;
use crate::summary::{Truncation, band_statistics, band_summaries};
use crate::target::{Joined, MosaicRequest, PieceCounts, Pieces, Target, refuse_too_many};
use crate::tiles::list;

/// Joins pieces to one raster, or to several files and a VRT over them.
///
/// # Errors
/// Pieces that are missing, damaged or do not belong to it; a file that cannot be written; a
/// cancel.
pub fn mosaic(
    wanted: &MosaicRequest,
    session: &Session,
    cancel: &CancelToken,
    observer: &mut dyn Observer,
) -> Result<Joined, Error> {
    let _here = session.enter();
    let output = &wanted.output;
    let (Pieces::Plan(text) | Pieces::List(text)) = &wanted.pieces;
    let written = wanted.written();
    refuse_twins(written.iter())?;
    refuse_overwriting(&written, std::slice::from_ref(text))?;
    remove_stale_for(output);
    refuse_existing(output, wanted.overwrite)?;
    check_destination(output)?;
    let target = Target::new(wanted, session, cancel)?;
    match &wanted.pieces {
        Pieces::Plan(path) => {
            let room = Room::to_join(target.budget_bytes);
            let set = TileSet::new(read_plan(path, MAKE_ANEW, room, cancel)?, path);
            refuse_too_many(wanted.parts, set.plan().tiling().shape().0)?;
            refuse_overwriting(&written, &kept_files(&set, path))?;
            observer.opened()?;
            let destination = Destination::One(output.clone(), wanted.parts);
            join_plan(&set, path, &target, wanted.allow_missing, &destination, observer)
        }
        Pieces::List(file) => join_list(file, &target, wanted, observer),
    }
}

/// The files that tiles are joined to.
pub(crate) enum Destination {
    /// One, or parts of it.
    One(String, Parts),
    /// One per measure: path, and its measures.
    PerMeasure(Vec<(String, Range<usize>)>),
    /// The tiles that exist.
    Done(Vec<String>),
}

/// Files that joining a plan must not replace: the plan, its tiles, and the rasters that they
/// were computed from.
fn kept_files(set: &TileSet, plan: &Path) -> Vec<PathBuf> {
    let inputs = set.plan().inputs.iter().map(|input| PathBuf::from(input_seen(input, plan)));
    let tiles = set.plan().tiles.iter().map(|tile| set.path(tile));
    [plan.to_owned()].into_iter().chain(inputs).chain(tiles).collect()
}

/// The result of a check of all tiles.
struct Checked {
    /// Statistics of each row of tiles, per band.
    rows: Vec<Vec<Statistics>>,
    heights: Option<(f32, f32)>,
    /// Numbers, and what would change with their files.
    done: Vec<(u64, Option<u64>)>,
    refused: Vec<TileFinding>,
}

impl Checked {
    /// The tiles that are done.
    fn pieces(&self, set: &TileSet) -> Vec<Piece> {
        let piece = |&(id, stamp): &(u64, Option<u64>)| {
            let path = set.path(set.tile(id)?).display().to_string();
            let window = set.plan().tiling().output_window(id);
            Some(Piece { path, window, alone: true, stamp })
        };
        self.done.iter().filter_map(piece).collect()
    }

    /// Statistics of some rows of tiles, per band.
    fn merged(&self, rows: Range<usize>) -> Vec<Statistics> {
        let add = |all: Vec<Statistics>, row: &Vec<Statistics>| -> Vec<Statistics> {
            all.into_iter().zip(row).map(|(all, band)| all.merge(*band)).collect()
        };
        let nothing = vec![Statistics::default(); self.rows.first().map_or(0, Vec::len)];
        self.rows[rows].iter().fold(nothing, add)
    }
}

fn check(
    set: &TileSet,
    target: &Target<'_>,
    observer: &mut dyn Observer,
) -> Result<Checked, Error> {
    let plan = set.plan();
    let (down, _) = plan.tiling().shape();
    let nothing = vec![Statistics::default(); plan.output.bands.len()];
    let mut checked = Checked {
        rows: vec![nothing; down as usize],
        heights: None,
        done: Vec::new(),
        refused: Vec::new(),
    };
    let tiles: Vec<_> = plan.tiles.iter().collect();
    let (mut seen, total) = (0, tiles.len() as u64);
    set.states(&tiles, target.threads, target.cancel, &mut |tile, state| {
        let refused = |reason: String| TileFinding {
            id: tile.id,
            reason,
            path: set.path(tile).display().to_string(),
        };
        match state {
            TileState::Done(record) => {
                let row = &mut checked.rows[plan.tiling().place(tile.id).0 as usize];
                for (all, band) in row.iter_mut().zip(record.bands) {
                    *all = all.merge(band);
                }
                checked.heights = match (checked.heights, record.heights) {
                    (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
                    (a, b) => a.or(b),
                };
                checked.done.push((tile.id, record.stamp));
            }
            TileState::Missing => checked.refused.push(refused("missing".into())),
            TileState::Refused(reason) | TileState::Blocked(reason) => {
                checked.refused.push(refused(reason));
            }
        }
        seen += 1;
        observer.progress(Stage::of("check", (seen, total), (seen, total), seen == total));
    })?;
    checked.done.sort_unstable();
    checked.refused.sort_by_key(|tile| tile.id);
    // Cells without a tile, which is omitted as empty or allowed to be missing.
    for (i, row) in checked.rows.iter_mut().enumerate() {
        let tiling = plan.tiling();
        let rows = tiling.tile_px[0].min(tiling.window.rows - i as u64 * tiling.tile_px[0]);
        for band in row {
            let known = band.valid + band.nodata;
            *band = band.merge(Statistics::of_missing(rows * tiling.window.cols - known));
        }
    }
    Ok(checked)
}

/// Joins the tiles of a plan.
pub(crate) fn join_plan(
    set: &TileSet,
    path: &Path,
    target: &Target<'_>,
    allow_missing: bool,
    destination: &Destination,
    observer: &mut dyn Observer,
) -> Result<Joined, Error> {
    let plan = set.plan();
    let checked = check(set, target, observer)?;
    if !checked.refused.is_empty() {
        tell_refused(&checked.refused, plan, path, allow_missing, observer)?;
    }
    let tiling = plan.tiling();
    let pieces = checked.pieces(set);
    let (grid, bands) = (output_grid(&plan.output), band_specs(&plan.output));
    let encodings = encodings(&plan.output);
    let rows = tiling.window.rows;
    let cuts: Vec<u64> = (0..rows).step_by(tiling.tile_px[0] as usize).chain([rows]).collect();
    let merged = |of: Range<u64>| {
        let last = of.end.div_ceil(tiling.tile_px[0]) as usize;
        checked.merged((of.start / tiling.tile_px[0]) as usize..last)
    };
    let statistics = |of: Range<u64>| -> Vec<BandStatistics> {
        merged(of).iter().zip(&encodings).map(|(s, e)| band_statistics(s, e, true)).collect()
    };
    let Some(output_type) = OutputType::named(&plan.output.data_type) else {
        let message = format!("the plan has an unknown data type: {}", plan.output.data_type);
        return Err(Error::failed(Diagnostic::new("plan.read", message)));
    };
    let mut metadata = plan.output.metadata.clone();
    metadata.push((PLAN_ITEM.to_owned(), plan.id.clone()));
    let kept = kept_files(set, path);
    let join = Join {
        pieces: &pieces,
        kept: &kept,
        grid: &grid,
        output_type,
        nodata: Some(plan.output.nodata),
        bands: &bands,
        metadata: &metadata,
        block_px: block_for(plan.tile_px),
        cuts: &cuts,
        statistics: Some(&statistics),
        base_bytes: base_bytes(),
        held: tile_blocks(output_type),
        target,
    };
    let outputs = write(&join, plan, destination, observer)?;
    pass_on_warnings(target.session, observer);
    let names = bands.into_iter().map(|band| band.name);
    let about = &plan.output;
    let done: u64 = pieces.iter().map(|piece| piece.window.cells()).sum();
    Ok(Joined {
        outputs,
        size: (rows, tiling.window.cols),
        bands: band_summaries(names, &merged(0..rows), &encodings),
        truncation: checked
            .heights
            .map(|range| Truncation::of(about.radius, about.z_factor, range)),
        pieces: PieceCounts {
            total: tiling.tiles(),
            empty: tiling.tiles() - plan.tiles.len() as u64,
            missing: checked.refused.len() as u64,
        },
        bytes: done * output_type.bytes(),
    })
}

/// Writes the files of a destination, and returns their names.
fn write(
    join: &Join<'_>,
    plan: &PlanFile,
    destination: &Destination,
    observer: &mut dyn Observer,
) -> Result<Vec<String>, Error> {
    match destination {
        Destination::One(output, Parts::One) if join.target.driver == "VRT" => {
            join.write_vrt(output, (join.block_px, join.block_px))?;
            Ok(vec![output.clone()])
        }
        Destination::One(output, parts) => Ok(join.write_parts(output, *parts, observer)?.outputs),
        Destination::Done(outputs) => Ok(outputs.clone()),
        Destination::PerMeasure(files) => {
            write_per_measure(join, plan, files, observer)?;
            Ok(files.iter().map(|(path, _)| path.clone()).collect())
        }
    }
}

/// What GDAL holds of a tile that is open: it has blocks of 512 x 512 cells at most.
fn tile_blocks(output_type: OutputType) -> InputBlocks {
    let block = 512 * 512 * output_type.bytes();
    InputBlocks { decoded: block, stored: block, driver: 0 }
}

/// One file per measure, as `svf_compute --separate` names and describes them.
fn write_per_measure(
    join: &Join<'_>,
    plan: &PlanFile,
    files: &[(String, Range<usize>)],
    observer: &mut dyn Observer,
) -> Result<(), Error> {
    let bands_of = |measures: &Range<usize>| -> Range<usize> {
        let belongs = |band: &Band| measures.contains(&band.measure);
        let bands = &plan.output.bands;
        let first = bands.iter().position(belongs).unwrap_or(0);
        first..first + bands.iter().filter(|band| belongs(band)).count()
    };
    let with_bands: Vec<(String, Range<usize>)> =
        files.iter().map(|(path, measures)| (path.clone(), bands_of(measures))).collect();
    let metadata = |file: usize| {
        let measure = plan.identity["options"]["measures"][files[file].1.start].as_str();
        join.metadata
            .iter()
            .filter(|(key, _)| match key.as_str() {
                "SVF_SIGNED" => measure == Some("horizon"),
                key if key.starts_with("SVF_ANISOTROPY_") => measure == Some("svf-anisotropic"),
                _ => true,
            })
            .map(|(key, value)| match (key.as_str(), measure) {
                ("SVF_MEASURES", Some(measure)) => (key.clone(), measure.to_owned()),
                _ => (key.clone(), value.clone()),
            })
            .collect()
    };
    join.write_files(&with_bands, &metadata, observer)?;
    Ok(())
}

/// Reports the tiles that are not done: as an error, or as a warning if this is allowed.
fn tell_refused(
    refused: &[TileFinding],
    plan: &PlanFile,
    path: &Path,
    allow_missing: bool,
    observer: &dyn Observer,
) -> Result<(), Error> {
    let (count, total) = (refused.len(), count_of(plan.tiles.len(), "tile"));
    let is = is_or_are(count);
    let list = list(refused);
    let mut diagnostic = if allow_missing {
        let message =
            format!("{count} of {total} {is} missing or damaged and filled with NoData: {list}");
        Diagnostic::new("mosaic.missing", message)
    } else {
        let message = format!("{count} of {total} {is} missing or damaged: {list}");
        let plan = path.display();
        let hint = format!("compute missing tiles with svf_compute --plan {plan}, then join again");
        Diagnostic::new("mosaic.incomplete", message).hint(hint).path(plan.to_string())
    };
    diagnostic.details.tiles = refused.to_vec();
    if !allow_missing {
        return Err(Error::incomplete(diagnostic));
    }
    observer.warn(diagnostic);
    Ok(())
}
