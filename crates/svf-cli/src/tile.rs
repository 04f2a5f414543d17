//! `svf_tile`: arguments -> request -> engine -> report. Also prints the properties of the
//! raster.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use clap::builder::{StringValueParser, TypedValueParser};
use serde_json::{Value, json};
use svf::numbers::count_of;
use svf::request::Files;
use svf::{CancelToken, Error, PlanTarget, Planned, Request, Session};
use svf_job::budget::show_size;
use svf_kernel::tile::Window;
use svf_raster::RasterInfo;

use crate::args::{AboutArgs, PartArgs, ProgressMode, SharedArgs};
use crate::report::{EventStream, Reporter, harmless};
use crate::sky::CellArgs;
use crate::sources::refuse_forgotten;
use crate::summary::args_json;
use crate::tool::{Outcome, Tool, print_line, refuse_closed_stdout, watch_for_cancel};
use crate::words::path;

/// Plan a computation in tiles, for one machine or many.
///
/// Prints the properties of the raster and writes PLAN: the grid, the tiles and all parameters.
#[derive(Parser, Clone, Debug)]
#[command(name = "svf_tile", version, disable_version_flag = true, after_help = AFTER_HELP)]
#[command(override_usage = "svf_tile [OPTIONS] INPUT... PLAN.json")]
pub struct TileArgs {
    /// Elevation raster (DEM or DSM), or several that are read as one: a folder, 'tiles/*.tif', or several names
    pub input: String,
    /// Plan to write; the tiles are stored in the folder PLAN.tiles next to it
    #[arg(
        value_name = "PLAN.json",
        required_unless_present = "input_list",
        default_value = "",
        hide_default_value = true,
        // Empty until it is known which argument it is.
        value_parser = StringValueParser::new().map(PathBuf::from)
    )]
    pub plan: PathBuf,
    /// Further arguments: all except the last are rasters to read.
    #[arg(hide = true)]
    pub more: Vec<String>,
    /// The files of INPUT, as soon as they are known.
    #[arg(skip)]
    pub files: Files,
    /// What is computed.
    #[command(flatten)]
    pub sky: CellArgs,
    /// Which cells are computed, and in which tiles.
    #[command(flatten)]
    pub part: PartArgs,
    /// Skip tiles without any height. Each tile is read until a height is found
    #[arg(long, help_heading = "Tiles")]
    pub skip_empty: bool,
    /// Write the outlines of the tiles, to show on a map: .gpkg or .geojson
    #[arg(long, value_parser = path(), value_name = "FILE", help_heading = "Tiles")]
    pub index: Option<PathBuf>,
    /// Write each tile with its halo as a small VRT into this folder, for programs that need a file for each tile
    #[arg(long, value_parser = path(), value_name = "DIR", help_heading = "Tiles")]
    pub cut: Option<PathBuf>,
    /// Options shared by all tools.
    #[command(flatten)]
    pub shared: SharedArgs,
    /// What every tool tells about itself.
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

Exit codes: 0 done, 1 failed, 2 wrong command, 130 cancelled.";

/// Runs the tool with a name of the program and its arguments.
pub fn main(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    tool().main(words)
}

/// Its arguments, as `--help` shows them.
pub fn command() -> clap::Command {
    tool().command()
}

fn tool() -> Tool<TileArgs> {
    Tool::<TileArgs> {
        name: "svf_tile",
        run: |args| &args.shared.run,
        without: (
            &["format", "creation_options"],
            "tiles are always GeoTIFFs; svf_mosaic has this option for the output",
        ),
        settle: TileArgs::settle,
        stream: |_| EventStream::Stdout,
        work: tile,
    }
}

impl TileArgs {
    /// Whether the properties of the raster are printed.
    fn prints(&self) -> bool {
        self.shared.run.progress != ProgressMode::Json && !self.shared.run.quiet
    }

    /// Decides which arguments are rasters to read.
    fn settle(&mut self) -> Result<(), String> {
        let plan = std::mem::take(&mut self.plan).display().to_string();
        let words = [std::mem::take(&mut self.input), plan];
        let words = words.into_iter().chain(std::mem::take(&mut self.more)).collect();
        let (input, files, plan) = self.shared.source.share_out(words)?;
        (self.input, self.files) = (input, files);
        match plan.as_deref() {
            None => Err("PLAN.json is missing: the plan to write".into()),
            Some("/vsistdout/") => {
                Err("a plan must be a file: its tiles are stored next to it".into())
            }
            Some(plan) => {
                self.plan = PathBuf::from(plan);
                Ok(())
            }
        }
    }
}

fn tile(args: &TileArgs, cancel: &CancelToken, reporter: &mut Reporter) -> Result<Outcome, Error> {
    watch_for_cancel(&args.shared.run, false, cancel, reporter)?;
    if args.prints() {
        refuse_closed_stdout()?;
    }
    let path = args.plan.display().to_string();
    let band = args.shared.source.band;
    let mut said = args_json(&args.input, Some(&path), band, &args.sky.sky());
    said["skip_empty"] = args.skip_empty.into();
    reporter.start(said);
    reporter.log_to(&args.shared.resources);
    let session = Session::start(&args.shared.source.config)?;
    refuse_forgotten(&args.files, args.plan.to_str())?;
    let request = Request {
        sky: args.sky.sky(),
        area: args.part.area(),
        ..args.shared.request(&args.input, &args.files, None)?
    };
    let target = PlanTarget {
        plan: args.plan.clone(),
        skip_empty: args.skip_empty,
        index: args.index.clone(),
        cut: args.cut.clone(),
    };
    let planned = svf::plan(&request, &target, &session, cancel, reporter)?;
    tell(args, planned)
}

/// What is printed for people, and reported in the last event.
fn tell(args: &TileArgs, planned: Planned) -> Result<Outcome, Error> {
    let Planned { outputs, raster, plan, file, .. } = planned;
    let (raster, mut lines) = describe(&raster);
    let window = Window::from(file.window);
    let empty = plan.tiles - file.tiles.len();
    lines.push(format!(
        "Tiles: {} of {} x {} cells, halo {} x {}{}",
        file.tiles.len(),
        plan.tile_px[1],
        plan.tile_px[0],
        plan.halo_px[1],
        plan.halo_px[0],
        if empty > 0 { format!(", {empty} without heights skipped") } else { String::new() },
    ));
    lines.push(format!(
        "Memory: at least {} for a process with {}",
        show_size(file.memory_bytes),
        count_of(file.threads, "thread")
    ));
    if args.prints() {
        print_line(&harmless(&lines.join("\n")))?;
    }
    let stats = json!({
        "raster": raster,
        "id": file.id,
        "tiles": { "total": plan.tiles, "planned": file.tiles.len(), "empty": empty },
        "cells": window.cells(),
        "memory_bytes": file.memory_bytes,
    });
    let text = format!("plan: {}", outputs.join(", "));
    Ok(Outcome { outputs, stats, text })
}

/// The properties of the raster.
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
        format!("Bands: {} (band {} is read)", info.band_count, info.band),
        format!("Type: {}, NoData {}", info.data_type, nodata.as_deref().unwrap_or("none")),
        format!("Block: {} x {}", info.block.1, info.block.0),
        format!("Transform: {}, {}, {}, {}, {}, {}", t[0], t[1], t[2], t[3], t[4], t[5]),
        format!("Bounds: {} {}, {} {}", bounds[0], bounds[1], bounds[2], bounds[3]),
        format!("CRS: {}", crs.unwrap_or("none")),
    ];
    (raster, lines)
}
