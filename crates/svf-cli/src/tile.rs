//! `svf_tile`: args -> spec -> plan -> run. Prints what a raster is and writes the
//! plan of a computation in tiles, for `svf_compute --plan` and `svf_mosaic`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use ndarray::Array2;
use serde_json::{Value, json};
use svf_job::budget::show_size;
use svf_job::events::Notice;
use svf_job::planfile::{PlanFile, TileEntry};
use svf_job::tileset::{TileSet, TileState};
use svf_job::{CancelToken, Plan};
use svf_kernel::tile::Window;
use svf_raster::staging::write_text;
use svf_raster::vector::{Cell, FieldKind, LayerSpec, Shape, VectorFormat, VectorWriter};
use svf_raster::vrt::{Vrt, VrtSource, seen_from};
use svf_raster::{BandSpec, RasterInfo, RasterReader, Session, names};

use crate::args::{AboutArgs, ComputeArgs, PartArgs, ProgressMode, SharedArgs};
use crate::compute::{Opened, open, open_log, tell_plan, watch_for_cancel};
use crate::ends::{check_destinations, check_outputs, refuse_remote_folder, refuse_twins};
use crate::failure::Failure;
use crate::gather::refuse_forgotten;
use crate::provenance::args_json;
use crate::report::{EventStream, Reporter};
use crate::sky::{InputNoData, SkyArgs};
use crate::tileplan::{folder_of, inputs_of, plan_file, refuse_input_in, refuse_stream};
use crate::tiles::folder_failure;
use crate::tool::{Outcome, Tool, print_line};
use crate::workdir::write_plan;

/// Plan a computation in tiles: on one machine or many, all at once or now and then.
///
/// Prints what the raster is and writes PLAN: the grid, the tiles, every parameter.
#[derive(Parser, Clone, Debug)]
#[command(name = "svf_tile", version, disable_version_flag = true, after_help = AFTER_HELP)]
#[command(override_usage = "svf_tile [OPTIONS] INPUT... PLAN.json")]
pub struct TileArgs {
    /// Raster of heights, or many that are read as one: a folder, 'tiles/*.tif', several names
    pub input: String,
    /// Plan to write; tiles go to the folder PLAN.tiles beside it
    #[arg(
        value_name = "PLAN.json",
        required_unless_present = "input_list",
        default_value = "",
        hide_default_value = true
    )]
    pub plan: PathBuf,
    /// Further words: all but the last are rasters to read.
    #[arg(hide = true)]
    pub more: Vec<String>,
    /// The rasters, where several are named.
    #[arg(skip)]
    pub several: Vec<String>,
    /// What is computed.
    #[command(flatten)]
    pub sky: SkyArgs,
    /// Which cells, in what tiles.
    #[command(flatten)]
    pub part: PartArgs,
    /// Leave out tiles without a single height; reads the raster until each tile shows one
    #[arg(long, help_heading = "Tiles")]
    pub skip_empty: bool,
    /// Footprints of the tiles to look at on a map: .gpkg or .geojson
    #[arg(long, value_name = "FILE", help_heading = "Tiles")]
    pub index: Option<PathBuf>,
    /// Write each tile with its halo as a small VRT into a folder, for tools that want files
    #[arg(long, value_name = "DIR", help_heading = "Tiles")]
    pub cut: Option<PathBuf>,
    /// Options shared by all tools.
    #[command(flatten)]
    pub shared: SharedArgs,
    /// What every tool says of itself.
    #[command(flatten)]
    pub about: AboutArgs,
}

const AFTER_HELP: &str = "\
Measures and their formulas: svf_compute --help.

Examples:
  svf_tile city.vrt city.json --tile-size 3000 --radius 300
  svf_tile tiles/ city.json           (or 'tiles/*.tif', or --input-list names.txt)
  svf_compute --plan city.json --tile-part 1/4        (and 2/4, 3/4, 4/4, anywhere)
  svf_mosaic city.json svf.tif

Exit codes: 0 done, 1 failed, 2 usage, 130 cancelled.";

/// Runs the tool on the process's arguments.
pub fn main() -> ExitCode {
    let tool = Tool::<TileArgs> {
        name: "svf_tile",
        run: |args| &args.shared.run,
        without: (
            &["format", "creation_options"],
            "tiles are GeoTIFFs; svf_mosaic has this option for what it makes of them",
        ),
        settle: TileArgs::settle,
        stream: |_| EventStream::Stdout,
        work: tile,
    };
    tool.main()
}

impl TileArgs {
    /// Sorts out which words are rasters to read.
    fn settle(&mut self) -> Result<(), String> {
        let plan = std::mem::take(&mut self.plan).display().to_string();
        let words = [std::mem::take(&mut self.input), plan];
        let words = words.into_iter().chain(std::mem::take(&mut self.more)).collect();
        let (input, several, plan) = self.shared.source.share_out(words)?;
        (self.input, self.several) = (input, several);
        match plan.as_deref() {
            None => Err("PLAN.json is missing: the plan to write".into()),
            Some("/vsistdout/") => Err("a plan is a file: it has tiles beside it".into()),
            Some(plan) => {
                self.plan = PathBuf::from(plan);
                Ok(())
            }
        }
    }
}

fn tile(
    args: &TileArgs,
    cancel: &CancelToken,
    reporter: &mut Reporter,
) -> Result<Outcome, Failure> {
    watch_for_cancel(&args.shared.run, false, cancel)?;
    let input = (args.input.as_str(), &args.several[..]);
    let compute_args = ComputeArgs::values_of(input, &args.sky, &args.part, &args.shared);
    let mut said = args_json(&compute_args);
    let path = &args.plan;
    said["output"] = path.display().to_string().into();
    said["skip_empty"] = args.skip_empty.into();
    reporter.start(said);
    let session = Session::start(&args.shared.source.config)?;
    refuse_stream(&args.input)?;
    refuse_forgotten(&args.several, args.plan.to_str())?;
    let text = |path: &PathBuf| path.display().to_string();
    if let Some(index) = &args.index {
        VectorFormat::of_index(&text(index))?;
    }
    let Opened { input: _input, mut layers, spec } =
        open(&compute_args, session, cancel, reporter)?;
    let outputs: Vec<String> = [path].into_iter().chain(&args.index).map(text).collect();
    let log = args.shared.resources.profile_log.as_ref().map(text);
    refuse_twins(outputs.iter().chain(&log))?;
    check_outputs(outputs.iter(), &layers, args.shared.run.overwrite)?;
    let tile_folder = tile_folder(path)?;
    check_destinations(outputs.iter())?;
    if let Some(cut) = &args.cut {
        refuse_remote_folder("--cut", cut)?;
    }
    refuse_input_in(&folder_of(path).join(&tile_folder), &layers)?;
    if args.cut.is_some() {
        refuse_to_cut(&layers[0])?;
    }
    open_log(&args.shared.resources, &layers, reporter)?;
    let kernel = spec.kernel()?;
    let plan = spec.plan(&kernel, &layers, true)?;
    tell_plan(&plan, reporter);
    session.set_cache_bytes(plan.cache_bytes);
    let wanted = match args.skip_empty {
        true => with_heights(&plan, &mut layers[0], cancel, reporter)?,
        false => (0..plan.tiles).collect(),
    };
    let steps = (&spec, &kernel, &plan);
    let inputs = inputs_of(&compute_args, &layers);
    let file = plan_file(&compute_args, steps, &inputs, path, &tile_folder, wanted.into_iter());
    write_plan(path, &file)?;
    let set = TileSet::new(file, &folder_of(path));
    let mut written = vec![text(path)];
    if let Some(index) = &args.index {
        session.arm();
        write_index(&text(index), &set, &spec.grid, cancel)?;
        written.push(text(index));
    }
    if let Some(cut) = &args.cut {
        let nodata = args.sky.input_nodata.as_ref();
        cut_tiles(cut, set.plan(), layers[0].info(), nodata, args.shared.run.overwrite, cancel)?;
        written.push(text(cut));
    }
    reporter.warn_of_gdal(session);
    finish(args, layers[0].info(), &plan, set.plan(), written)
}

/// What is printed for people, and told in the last event.
fn finish(
    args: &TileArgs,
    info: &RasterInfo,
    plan: &Plan,
    file: &PlanFile,
    written: Vec<String>,
) -> Result<Outcome, Failure> {
    let (raster, mut lines) = describe(info);
    let window = Window::from(file.window);
    let empty = plan.tiles - file.tiles.len() as u64;
    lines.push(format!(
        "Tiles: {} of {} x {} cells, halo {} x {}{}",
        file.tiles.len(),
        plan.tile_px[1],
        plan.tile_px[0],
        plan.halo_px[1],
        plan.halo_px[0],
        if empty > 0 { format!(", {empty} without heights left out") } else { String::new() },
    ));
    lines.push(format!(
        "Memory: at least {} for a process of {} threads",
        show_size(file.memory_bytes),
        file.threads
    ));
    if args.shared.run.progress != ProgressMode::Json && !args.shared.run.quiet {
        print_line(&lines.join("\n"))
            .map_err(|error| Failure::Failed(Notice::new("output.stdout", error.to_string())))?;
    }
    let stats = json!({
        "raster": raster,
        "id": file.id,
        "tiles": { "total": plan.tiles, "planned": file.tiles.len(), "empty": empty },
        "cells": window.cells(),
        "memory_bytes": file.memory_bytes,
    });
    let text = format!("plan: {}", written.join(", "));
    Ok(Outcome { outputs: written, stats, text })
}

/// What the raster is.
fn describe(info: &RasterInfo) -> (Value, Vec<String>) {
    let grid = &info.grid;
    let t = grid.geo_transform;
    let (x0, y0) = grid.coordinates(0.0, 0.0);
    let (x1, y1) = grid.coordinates(grid.rows as f64, grid.cols as f64);
    let bounds = [x0.min(x1), y0.min(y1), x0.max(x1), y0.max(y1)];
    let crs = grid.crs_wkt.as_deref().and_then(|wkt| wkt.split('"').nth(1));
    let nodata = info.nodata.map(|nodata| nodata.to_string());
    let raster = json!({
        "path": info.path,
        "driver": info.driver,
        "size": [grid.rows, grid.cols],
        "bands": info.band_count,
        "band": info.band,
        "data_type": info.data_type,
        "block": [info.block.0, info.block.1],
        "nodata": nodata,
        "geo_transform": t,
        "bounds": bounds,
        "crs": crs,
    });
    let lines = vec![
        format!("{}: {} columns, {} rows", info.path, grid.cols, grid.rows),
        format!("Driver: {}", info.driver),
        format!("Bands: {} (this is number {})", info.band_count, info.band),
        format!("Type: {}, NoData {}", info.data_type, nodata.as_deref().unwrap_or("none")),
        format!("Block: {} x {}", info.block.1, info.block.0),
        format!("Transform: {}, {}, {}, {}, {}, {}", t[0], t[1], t[2], t[3], t[4], t[5]),
        format!("Bounds: {} {}, {} {}", bounds[0], bounds[1], bounds[2], bounds[3]),
        format!("CRS: {}", crs.unwrap_or("none")),
    ];
    (raster, lines)
}

/// The folder of the tile files, beside the plan.
fn tile_folder(plan: &Path) -> Result<String, Failure> {
    match plan.file_stem().map(|stem| stem.to_string_lossy().into_owned()) {
        Some(stem)
            if !plan.display().to_string().starts_with("/vsi")
                && names::hint(&plan.display().to_string()).is_none() =>
        {
            Ok(format!("{stem}.tiles"))
        }
        _ => {
            let message =
                format!("{} is no name for a plan: it must be a local file", plan.display());
            Err(Failure::usage("usage.arguments", message))
        }
    }
}

/// The tiles with a height. Each is read until one shows: in full only where there is none.
fn with_heights(
    plan: &Plan,
    reader: &mut RasterReader,
    cancel: &CancelToken,
    reporter: &mut Reporter,
) -> Result<Vec<u64>, Failure> {
    let stripe_rows = (reader.info().block.0 as u64).clamp(64, 512);
    let mut wanted = Vec::new();
    for id in 0..plan.tiles {
        let tile = plan.tile(id);
        let mut row = 0;
        while row < tile.rows {
            if cancel.is_cancelled() {
                return Err(Failure::Cancelled);
            }
            // To the end of a stripe of blocks: none is decoded twice.
            let end = (tile.row + row + 1).next_multiple_of(stripe_rows).min(tile.row_end());
            let window = Window { row: tile.row + row, rows: end - tile.row - row, ..tile };
            let mut heights = Array2::zeros((window.rows as usize, window.cols as usize));
            reader.read(&window, heights.view_mut())?;
            if heights.iter().any(|z: &f32| !z.is_nan()) {
                wanted.push(id);
                break;
            }
            row += window.rows;
        }
        reporter.progress("scan", (id + 1, plan.tiles), (id + 1, plan.tiles), id + 1 == plan.tiles);
    }
    Ok(wanted)
}

/// Footprints with the state that the tile files are in now.
fn write_index(
    path: &str,
    set: &TileSet,
    grid: &svf_raster::Grid,
    cancel: &CancelToken,
) -> Result<(), Failure> {
    let tiling = set.plan().tiling();
    let mut planned = set.plan().tiles.iter().peekable();
    let whole = |name| (name, FieldKind::Whole);
    let layer = LayerSpec {
        name: "tiles",
        shape: Shape::Polygon,
        fields: vec![whole("tile"), whole("row"), whole("col"), ("state", FieldKind::Word)],
        attributes: Vec::new(),
    };
    let mut file = VectorWriter::create(path, VectorFormat::of_index(path)?, grid, vec![layer])?;
    for id in 0..tiling.tiles() {
        let state = match planned.next_if(|tile| tile.id == id) {
            None => "empty",
            Some(tile) => state_word(set, tile, cancel)?,
        };
        let (row, col) = tiling.place(id);
        let cells = [Cell::Whole(id), Cell::Whole(row), Cell::Whole(col), Cell::Word(state)];
        file.add(0, &grid.outline(&tiling.tile(id)), &cells, None)?;
    }
    Ok(file.finish(&|| !cancel.is_cancelled())?)
}

fn state_word(
    set: &TileSet,
    tile: &TileEntry,
    cancel: &CancelToken,
) -> Result<&'static str, Failure> {
    Ok(match set.state(tile, cancel)? {
        TileState::Done(_) => "done",
        TileState::Missing => "missing",
        TileState::Refused(_) | TileState::Blocked(_) => "refused",
    })
}

/// A file of a VRT at `vrt`; size and windows are yet to be said.
fn vrt_source(vrt: &Path, file: &str, info: &RasterInfo) -> VrtSource {
    let (path, relative) = seen_from(vrt, file);
    VrtSource {
        path,
        relative,
        size: (0, 0),
        block: (info.block.0 as u64, info.block.1 as u64),
        from: Window::whole(0, 0),
        to: (0, 0),
    }
}

/// Refuses to cut what a VRT with one type and NoData value cannot stand for.
///
/// # Errors
/// Files that differ in them, overlap, or leave gaps that no value stands for.
fn refuse_to_cut(layer: &RasterReader) -> Result<(), Failure> {
    let (info, RasterReader::Many(files)) = (layer.info(), layer) else { return Ok(()) };
    let first = &info.parts[0];
    let bits = |nodata: Option<f64>| nodata.map(f64::to_bits);
    let alike = info.parts.iter().all(|part| {
        part.data_type == first.data_type
            && bits(part.nodata) == bits(first.nodata)
            && part.scale_offset == first.scale_offset
    });
    let gaps = files.overlaps_and_gaps().1;
    let why = if !alike {
        "differ in type, NoData value or scale"
    } else if info.parts.iter().any(|part| part.covers) {
        "overlap"
    } else if first.nodata.is_none() && gaps > 0 {
        "leave gaps and have no NoData value to fill them with"
    } else {
        return Ok(());
    };
    let message = format!("--cut: the files of {} {why}", info.path);
    let hint = "leave --cut out, or make one raster of them first, as with gdalbuildvrt";
    Err(Failure::Usage(Notice::new("usage.arguments", message).hint(hint)))
}

/// A VRT per tile, with its halo as far as the raster goes.
fn cut_tiles(
    folder: &Path,
    plan: &PlanFile,
    info: &RasterInfo,
    nodata: Option<&InputNoData>,
    overwrite: bool,
    cancel: &CancelToken,
) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).map_err(|error| folder_failure(folder, &error))?;
    let bands =
        [BandSpec { name: String::new(), unit: String::new(), scale_offset: info.scale_offset }];
    for tile in &plan.tiles {
        if cancel.is_cancelled() {
            return Err(Failure::Cancelled);
        }
        let path = folder.join(tile.file.replace(".tif", ".vrt"));
        let window = Window::from(tile.halo);
        let sources = match &info.parts[..] {
            [] => vec![VrtSource {
                size: (info.grid.rows, info.grid.cols),
                from: window,
                ..vrt_source(&path, &info.path, info)
            }],
            parts => parts
                .iter()
                .filter_map(|part| {
                    let Window { row, col, rows, cols } = part.window;
                    let shared = part.window.meet(&window)?;
                    Some(VrtSource {
                        size: (rows, cols),
                        from: Window { row: shared.row - row, col: shared.col - col, ..shared },
                        to: (shared.row - window.row, shared.col - window.col),
                        ..vrt_source(&path, &part.path, info)
                    })
                })
                .collect(),
        };
        let vrt = Vrt {
            grid: &info.grid.part(&window),
            data_type: if info.signed_bytes { "Byte" } else { &info.data_type },
            signed_bytes: info.signed_bytes,
            // A VRT names one; of several that the user named it is the first.
            nodata: match nodata {
                Some(values) => values.0.first().copied(),
                None => info.nodata,
            },
            bands: &bands,
            first_source_band: info.band,
            statistics: &[],
            metadata: &[],
            sources: &sources,
        };
        let shown = path.display().to_string();
        crate::ends::refuse_existing(&shown, overwrite)?;
        write_text(&shown, &vrt.text())?;
    }
    Ok(())
}
