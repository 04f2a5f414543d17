//! `svf_mosaic`: args -> spec -> plan -> run. Joins the tiles of a plan, or rasters
//! on one grid; strict: what is missing or damaged is named before a cell is written.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use serde_json::{Value, json};
use svf_job::budget::{self, show_size};
use svf_job::events::{Notice, TileNotice};
use svf_job::planfile::{Band, PlanFile};
use svf_job::tileset::{TileSet, TileState};
use svf_job::{CancelToken, Statistics};
use svf_kernel::tile::Window;
use svf_raster::join::{PLAN_ITEM, TileFile};
use svf_raster::staging::{check_destination, is_stdout, sweep_for};
use svf_raster::writer::driver_for;
use svf_raster::{BandStatistics, Grid, OutputType, Session};

use crate::args::{AboutArgs, SharedArgs, of_stream};
use crate::compute::watch_for_cancel;
use crate::ends::{block_for, refuse_existing, refuse_overwriting};
use crate::failure::Failure;
use crate::gather::read_list;
use crate::join::{Join, Joined, Parts, Piece};
use crate::report::{EventStream, Reporter, count_of};
use crate::spec::nodata_cell;
use crate::summary::{band_statistics, describe_bands, headline, truncation, truncation_line};
use crate::tileplan::{
    MAKE_ANEW, band_specs, encodings, folder_of, input_seen, output_grid, read_plan,
};
use crate::tiles::list;
use crate::tool::{Outcome, Tool};
use crate::words::{ANY, driver, whole};

/// Joins the tiles of a plan to one raster, or to a few and a VRT over them.
///
/// Every tile is checked first: a missing, damaged or foreign one is an error that
/// lists them.
#[derive(Parser, Clone, Debug)]
#[command(name = "svf_mosaic", version, disable_version_flag = true, after_help = AFTER_HELP)]
#[command(mut_arg("nodata", |arg| arg.help(NODATA_HELP)))]
#[command(mut_arg("input_list", |arg| arg.help(LIST_HELP).help_heading("Arguments").conflicts_with("output")))]
pub struct MosaicArgs {
    /// Plan made by svf_tile; with --input-list OUTPUT stands here
    #[arg(value_name = "PLAN")]
    pub plan: String,
    /// Raster to write: .tif, or .vrt for one over the tiles as they are
    #[arg(required_unless_present = "input_list")]
    pub output: Option<String>,
    /// Fill tiles that are missing or damaged, and what no raster of --input-list covers, with
    /// NoData
    #[arg(long)]
    pub allow_missing: bool,
    /// Write N files OUTPUT_1, OUTPUT_2, ... along rows of tiles, and a VRT over them
    #[arg(long, value_name = "N", value_parser = whole::<u64, 1, ANY>)]
    pub parts: Option<u64>,
    /// The same, with as few files as stay below SIZE each, e.g. 4G
    #[arg(long, value_name = "SIZE", value_parser = budget::parse_size, conflicts_with = "parts")]
    pub max_part_size: Option<u64>,
    /// Options shared by all tools.
    #[command(flatten)]
    pub shared: SharedArgs,
    /// What every tool says of itself.
    #[command(flatten)]
    pub about: AboutArgs,
}

const NODATA_HELP: &str = "NoData value, with --input-list, where the rasters have none: cells of \
                           that value become NoData [default: none]";

const LIST_HELP: &str = "Join the rasters that a text file names, one a line, instead of tiles of \
                         a plan; names are seen from the current folder";

const AFTER_HELP: &str = "\
Examples:
  svf_mosaic city.json svf.tif
  svf_mosaic city.json svf.tif --max-part-size 4G      svf_1.tif, svf_2.tif, ... and svf.vrt
  svf_mosaic city.json svf.vrt                         a VRT over the tiles themselves
  svf_mosaic --input-list files.txt all.tif --of COG

Exit codes: 0 done, 1 failed, 2 usage, 3 tiles are missing or damaged, 130 cancelled.";

/// Runs the tool on the process's arguments.
pub fn main() -> ExitCode {
    let tool = Tool::<MosaicArgs> {
        name: "svf_mosaic",
        run: |args| &args.shared.run,
        without: (&["band", "open_options", "output_type"], "cells are joined as they are"),
        settle: |args| {
            let word = |word: &mut String| *word = of_stream(std::mem::take(word), "/vsistdout/");
            match &mut args.output {
                Some(output) => word(output),
                None => word(&mut args.plan),
            }
            Ok(())
        },
        stream: |args| match args.target() {
            output if is_stdout(output) => EventStream::Stderr,
            _ => EventStream::Stdout,
        },
        work: mosaic,
    };
    tool.main()
}

impl MosaicArgs {
    fn target(&self) -> &str {
        self.output.as_deref().unwrap_or(&self.plan)
    }

    fn parts(&self) -> Parts {
        match (self.parts, self.max_part_size) {
            (Some(n), _) => Parts::Count(n),
            (None, Some(bytes)) => Parts::MaxBytes(bytes),
            (None, None) => Parts::One,
        }
    }
}

fn mosaic(
    args: &MosaicArgs,
    cancel: &CancelToken,
    reporter: &mut Reporter,
) -> Result<Outcome, Failure> {
    watch_for_cancel(&args.shared.run, false, cancel)?;
    reporter.start(json!({
        "plan": args.shared.source.input_list.is_none().then_some(&args.plan),
        "input_list": args.shared.source.input_list,
        "output": args.target(),
        "allow_missing": args.allow_missing,
        "parts": args.parts,
        "max_part_bytes": args.max_part_size,
    }));
    if args.shared.raster.nodata.is_some() && args.shared.source.input_list.is_none() {
        let message = "--nodata means nothing here: the plan says it; it goes with --input-list";
        return Err(Failure::usage("usage.arguments", message));
    }
    let session = Session::start(&args.shared.source.config)?;
    sweep_for(args.target());
    refuse_existing(args.target(), args.shared.run.overwrite)?;
    check_destination(args.target())?;
    reporter.open_log(&args.shared.resources)?;
    let way = Way::new(args, session, cancel)?;
    match &args.shared.source.input_list {
        None => {
            let path = Path::new(&args.plan);
            let set = TileSet::new(read_plan(path, MAKE_ANEW, cancel)?, &folder_of(path));
            refuse_too_many(args.parts(), set.plan().tiling().shape().0)?;
            refuse_overwriting(args.target(), &kept_files(&set, path))?;
            join_plan(&set, path, &way, args.allow_missing, &to_one(args), reporter)
        }
        Some(file) => join_list(file, &way, args, reporter),
    }
}

/// How the output is written, whatever it is made of.
pub(crate) struct Way<'a> {
    pub(crate) driver: String,
    pub(crate) creation_options: &'a [String],
    pub(crate) threads: usize,
    pub(crate) budget_bytes: u64,
    pub(crate) overwrite: bool,
    pub(crate) session: Session,
    pub(crate) cancel: &'a CancelToken,
}

impl<'a> Way<'a> {
    fn new(
        args: &'a MosaicArgs,
        session: Session,
        cancel: &'a CancelToken,
    ) -> Result<Self, Failure> {
        let output = args.target();
        let driver = match &args.shared.raster.format {
            Some(name) => driver(name, output)?,
            None if is_stdout(output) => "GTiff".to_owned(),
            None if output.to_ascii_lowercase().ends_with(".vrt") => match args.parts() {
                Parts::One => "VRT".to_owned(),
                _ => "GTiff".to_owned(),
            },
            None => driver_for(output)?,
        };
        if args.parts() != Parts::One && (driver == "VRT" || output.starts_with("/vsi")) {
            let message = "parts are files beside each other: --parts and --max-part-size go with \
                           a file name and a format like GTiff";
            return Err(Failure::usage("usage.parts", message));
        }
        if driver == "VRT" && !args.shared.raster.creation_options.is_empty() {
            return Err(Failure::usage("usage.arguments", "a VRT takes no creation options"));
        }
        Ok(Self {
            driver,
            creation_options: &args.shared.raster.creation_options,
            threads: args.shared.resources.threads(),
            budget_bytes: args.shared.resources.budget_bytes(),
            overwrite: args.shared.run.overwrite,
            session,
            cancel,
        })
    }
}

/// The files that tiles are joined to.
pub(crate) enum Files {
    /// One, or parts of it.
    One(String, Parts),
    /// One per measure: path, and its measures.
    PerMeasure(Vec<(String, Range<usize>)>),
    /// Those that are there.
    Done(Vec<String>),
}

fn to_one(args: &MosaicArgs) -> Files {
    Files::One(args.target().to_owned(), args.parts())
}

/// What joining a plan must not replace: the plan, its tiles, and the rasters that
/// they were computed from.
fn kept_files(set: &TileSet, plan: &Path) -> Vec<PathBuf> {
    let inputs = set.plan().inputs.iter().map(|input| PathBuf::from(input_seen(input, plan)));
    let tiles = set.plan().tiles.iter().map(|tile| set.path(tile));
    [plan.to_owned()].into_iter().chain(inputs).chain(tiles).collect()
}

/// What a check of all tiles found.
struct Checked {
    /// Statistics of each row of tiles, per band.
    rows: Vec<Vec<Statistics>>,
    heights: Option<(f32, f32)>,
    done: Vec<u64>,
    refused: Vec<TileNotice>,
}

fn check(set: &TileSet, way: &Way<'_>, reporter: &mut Reporter) -> Result<Checked, Failure> {
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
    set.states(&tiles, way.threads, way.cancel, &mut |tile, state| {
        let refused = |reason: String| TileNotice {
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
                checked.done.push(tile.id);
            }
            TileState::Missing => checked.refused.push(refused("missing".into())),
            TileState::Refused(reason) | TileState::Blocked(reason) => {
                checked.refused.push(refused(reason));
            }
        }
        seen += 1;
        reporter.progress("check", (seen, total), (seen, total), seen == total);
    })?;
    checked.done.sort_unstable();
    checked.refused.sort_by_key(|tile| tile.id);
    // What no tile has: left out as empty, or allowed to be missing.
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
    way: &Way<'_>,
    allow_missing: bool,
    files: &Files,
    reporter: &mut Reporter,
) -> Result<Outcome, Failure> {
    let plan = set.plan();
    let checked = check(set, way, reporter)?;
    if !checked.refused.is_empty() {
        tell_refused(&checked.refused, plan, path, allow_missing, reporter)?;
    }
    let tiling = plan.tiling();
    let pieces: Vec<Piece> = checked
        .done
        .iter()
        .filter_map(|&id| {
            let path = set.path(set.tile(id)?).display().to_string();
            Some(Piece { path, window: tiling.output_window(id), alone: true })
        })
        .collect();
    let (grid, bands) = (output_grid(&plan.output), band_specs(&plan.output));
    let encodings = encodings(&plan.output);
    let rows = tiling.window.rows;
    let cuts: Vec<u64> = (0..rows).step_by(tiling.tile_px[0] as usize).chain([rows]).collect();
    let merged = |of: Range<u64>| -> Vec<Statistics> {
        let first = (of.start / tiling.tile_px[0]) as usize;
        let last = of.end.div_ceil(tiling.tile_px[0]) as usize;
        let nothing = vec![Statistics::default(); encodings.len()];
        checked.rows[first..last].iter().fold(nothing, |all, row| {
            all.into_iter().zip(row).map(|(all, band)| all.merge(*band)).collect()
        })
    };
    let statistics = |of: Range<u64>| -> Vec<BandStatistics> {
        merged(of).iter().zip(&encodings).map(|(s, e)| band_statistics(s, e, true)).collect()
    };
    let Some(output_type) = OutputType::named(&plan.output.data_type) else {
        let message = format!("the plan's type {} is unknown", plan.output.data_type);
        return Err(Failure::Failed(Notice::new("plan.read", message)));
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
        driver: &way.driver,
        creation_options: way.creation_options,
        threads: way.threads,
        budget_bytes: way.budget_bytes,
        overwrite: way.overwrite,
        session: way.session,
        cancel: way.cancel,
    };
    let block = block_for(plan.tile_px);
    let outputs = match files {
        Files::One(output, Parts::One) if way.driver == "VRT" => {
            join.write_vrt(output, (block, block))?;
            vec![output.clone()]
        }
        Files::One(output, parts) => join.write_parts(output, *parts, reporter)?.outputs,
        Files::Done(outputs) => outputs.clone(),
        Files::PerMeasure(files) => {
            write_per_measure(&join, plan, files, reporter)?;
            files.iter().map(|(path, _)| path.clone()).collect()
        }
    };
    reporter.warn_of_gdal(way.session);
    let counts = json!({
        "total": tiling.tiles(),
        "empty": tiling.tiles() - plan.tiles.len() as u64,
        "missing": checked.refused.len(),
    });
    let names: Vec<String> = bands.into_iter().map(|band| band.name).collect();
    let (bands, lines) = describe_bands(&names, &merged(0..rows), &encodings);
    let bound = truncation(plan.output.radius, plan.output.z_factor, checked.heights);
    bound.as_ref().map(truncation_line).iter().for_each(|line| reporter.say_more(line));
    Ok(outcome(outputs, (rows, tiling.window.cols), bands, lines, (counts, bound), reporter))
}

fn refuse_too_many(parts: Parts, rows: u64) -> Result<(), Failure> {
    match parts {
        Parts::Count(n) if n > rows => {
            let message =
                format!("--parts {n}: parts end with rows of tiles, and there are {rows}");
            Err(Failure::usage("usage.parts", message))
        }
        _ => Ok(()),
    }
}

/// One file per measure, as `svf_compute --separate` names and describes them.
fn write_per_measure(
    join: &Join<'_>,
    plan: &PlanFile,
    files: &[(String, Range<usize>)],
    reporter: &mut Reporter,
) -> Result<(), Failure> {
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
    join.write_files(&with_bands, &metadata, reporter)?;
    Ok(())
}

/// Names the tiles that are not done: as an error, or a warning where that is allowed.
fn tell_refused(
    refused: &[TileNotice],
    plan: &PlanFile,
    path: &Path,
    allow_missing: bool,
    reporter: &Reporter,
) -> Result<(), Failure> {
    let (count, total) = (refused.len(), plan.tiles.len());
    let list = list(refused);
    let mut notice = if allow_missing {
        let message = format!("{count} of {total} tiles become NoData: {list}");
        Notice::new("mosaic.missing", message)
    } else {
        let message = format!("{count} of {total} tiles are missing or damaged: {list}");
        let plan = path.display();
        let hint = format!("compute them, then join again: svf_compute --plan {plan}");
        Notice::new("mosaic.incomplete", message).hint(hint).path(plan.to_string())
    };
    notice.several.tiles = refused.to_vec();
    if !allow_missing {
        return Err(Failure::Incomplete(notice));
    }
    reporter.warn(notice);
    Ok(())
}

fn outcome(
    outputs: Vec<String>,
    (rows, cols): (u64, u64),
    bands: Vec<Value>,
    lines: Vec<String>,
    (tiles, truncation): (Value, Option<Value>),
    reporter: &Reporter,
) -> Outcome {
    let rate = (rows * cols) as f64 / reporter.elapsed_s().max(1e-9);
    let head = headline(&outputs, (rows, cols), rate, reporter);
    let text = [vec![head], lines].concat().join("\n");
    let stats = json!({
        "bands": bands,
        "cells": rows * cols,
        "cells_per_s": rate,
        "truncation": truncation,
        "tiles": tiles,
    });
    Outcome { outputs, stats, text }
}

/// Joins rasters on one grid.
fn join_list(
    file: &Path,
    way: &Way<'_>,
    args: &MosaicArgs,
    reporter: &mut Reporter,
) -> Result<Outcome, Failure> {
    let paths = read_list(file, way.cancel)?;
    let kept: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
    refuse_overwriting(args.target(), &kept)?;
    let (first, pieces, grid) = place(&paths, way.cancel)?;
    let Some(output_type) = OutputType::named(&first.data_type) else {
        let message = format!(
            "{} has cells of type {}: svf_mosaic joins Byte, UInt16, Float32 and Float64",
            paths[0], first.data_type
        );
        return Err(Failure::Failed(Notice::new("raster.band", message).path(&paths[0])));
    };
    let nodata = nodata_of_list(file, &first, output_type, args.shared.raster.nodata)?;
    let covered: u64 = pieces.iter().map(|piece| piece.window.cells()).sum();
    let gaps = grid.rows * grid.cols - covered;
    if gaps > 0 {
        tell_gaps(file, (gaps, grid.rows * grid.cols), nodata, args.allow_missing, reporter)?;
    }
    let mut cuts: Vec<u64> =
        pieces.iter().map(|piece| piece.window.row).chain([grid.rows]).collect();
    // Only where no raster lies on both sides.
    cuts.sort_unstable();
    cuts.dedup();
    cuts.retain(|&cut| !pieces.iter().any(|p| p.window.row < cut && cut < p.window.row_end()));
    let (bands, metadata) = (first.bands()?, first.metadata());
    let join = Join {
        pieces: &pieces,
        kept: &kept,
        grid: &grid,
        output_type,
        nodata,
        bands: &bands,
        metadata: &metadata,
        block_px: 512,
        cuts: &cuts,
        statistics: None,
        driver: &way.driver,
        creation_options: way.creation_options,
        threads: way.threads,
        budget_bytes: way.budget_bytes,
        overwrite: way.overwrite,
        session: way.session,
        cancel: way.cancel,
    };
    let Joined { outputs, counted } = if way.driver == "VRT" {
        join.write_vrt(args.target(), first.block)?;
        Joined { outputs: vec![args.target().to_owned()], counted: Vec::new() }
    } else {
        refuse_too_many(args.parts(), cuts.len() as u64 - 1)?;
        join.write_parts(args.target(), args.parts(), reporter)?
    };
    reporter.warn_of_gdal(way.session);
    let number = |x: f64| if x.is_finite() { json!(x) } else { Value::Null };
    let describe = |(i, band): (usize, &svf_raster::BandSpec)| {
        let s = counted.get(i);
        let (scale, offset) = band.scale_offset;
        let value = |of: fn(&BandStatistics) -> f64| {
            s.map_or(Value::Null, |s| number(scale * of(s) + offset))
        };
        json!({
            "name": band.name,
            "min": value(|s| s.min),
            "mean": value(|s| s.mean),
            "max": value(|s| s.max),
            "valid": s.map(|s| s.valid),
            "nodata": s.map(|s| s.nodata),
        })
    };
    let described = bands.iter().enumerate().map(describe).collect();
    let counts = json!({ "total": pieces.len(), "empty": 0, "missing": 0 });
    let lines = vec![format!(
        "  {}, {}",
        count_of(pieces.len(), "raster"),
        show_size(covered * output_type.bytes())
    )];
    Ok(outcome(outputs, (grid.rows, grid.cols), described, lines, (counts, None), reporter))
}

/// NoData of what a list is joined to: that of its rasters. Where they have none
/// there is none, unless the user says which value is to be.
fn nodata_of_list(
    file: &Path,
    first: &TileFile,
    output_type: OutputType,
    asked: Option<f64>,
) -> Result<Option<f64>, Failure> {
    let asked = asked.map(|nodata| nodata_cell(nodata, output_type)).transpose()?;
    match (first.nodata, asked) {
        (Some(own), Some(asked)) if own != asked && !(own.is_nan() && asked.is_nan()) => {
            let message = format!(
                "--nodata {asked}: the rasters of {} have NoData {own}, and cells are joined as \
                 they are",
                file.display()
            );
            Err(Failure::usage("usage.nodata", message))
        }
        (own, asked) => Ok(own.or(asked)),
    }
}

/// Names the cells that no raster of a list has: as an error, or a warning where that
/// is allowed and there is a value for them.
fn tell_gaps(
    file: &Path,
    (gaps, cells): (u64, u64),
    nodata: Option<f64>,
    allow_missing: bool,
    reporter: &Reporter,
) -> Result<(), Failure> {
    let shown = file.display().to_string();
    let message =
        format!("the rasters of {shown} leave {gaps} of {cells} cells between them empty");
    match (allow_missing, nodata) {
        (true, Some(_)) => reporter.warn(Notice::new("mosaic.missing", message)),
        (true, None) => {
            let message = format!("{message}, and have no NoData value to fill them with");
            let hint = "say which one: --nodata -9999, or another value that no cell has";
            return Err(Failure::Usage(
                Notice::new("usage.nodata", message).hint(hint).path(shown),
            ));
        }
        (false, _) => {
            let with = if nodata.is_none() { " --nodata VALUE" } else { "" };
            let hint = format!("name the missing ones, or fill with NoData: --allow-missing{with}");
            let notice = Notice::new("mosaic.incomplete", message).hint(hint).path(shown);
            return Err(Failure::Incomplete(notice));
        }
    }
    Ok(())
}

/// Places rasters on the grid of the first: that raster, all of them, and the grid.
fn place(paths: &[String], cancel: &CancelToken) -> Result<(TileFile, Vec<Piece>, Grid), Failure> {
    let refuse = |path: &str, reason: String| {
        let message = format!("cannot join {path}: {reason}");
        let notice = Notice::new("mosaic.mismatch", message).path(path);
        Err(Failure::Failed(
            notice.hint("all rasters need one grid, CRS, type, NoData and band count"),
        ))
    };
    let first = TileFile::open(&paths[0])?;
    let (first_grid, first_bands) = (first.grid(), first.bands()?);
    let mut offsets: Vec<(i64, i64, u64, u64, bool)> = Vec::new();
    for path in paths {
        if cancel.is_cancelled() {
            return Err(Failure::Cancelled);
        }
        let file = TileFile::open(path)?;
        let grid = file.grid();
        let what = [
            ("type of cells", file.data_type != first.data_type),
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
                offsets.push((row, col, grid.rows, grid.cols, file.is_alone()));
            }
            None => return refuse(path, format!("it is not on the grid of {}", paths[0])),
        }
    }
    let top = offsets.iter().map(|o| o.0).min().unwrap_or(0);
    let left = offsets.iter().map(|o| o.1).min().unwrap_or(0);
    let mut pieces: Vec<Piece> = offsets
        .iter()
        .zip(paths)
        .map(|(&(row, col, rows, cols, alone), path)| {
            let window = Window { row: (row - top) as u64, col: (col - left) as u64, rows, cols };
            Piece { path: path.clone(), window, alone }
        })
        .collect();
    pieces.sort_by_key(|piece| (piece.window.row, piece.window.col));
    for (i, a) in pieces.iter().enumerate() {
        // Those behind it in order that begin above its end.
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
    Ok((first, pieces, grid))
}
