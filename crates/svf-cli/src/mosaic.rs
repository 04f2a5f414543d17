//! `svf_mosaic`: arguments -> request -> engine -> report.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use serde_json::json;
use svf::{CancelToken, Error, MosaicRequest, Parts, Pieces, Session};
use svf_job::budget;
use svf_job::tileset::Selection;
use svf_raster::staging::is_stdout;

use crate::args::{AboutArgs, SharedArgs};
use crate::report::{EventStream, Reporter};
use crate::sources::of_stream;
use crate::summary::of_joined;
use crate::tool::{Outcome, Tool, watch_for_cancel};
use crate::words::{ANY, whole};

/// Join the tiles of a plan into one raster, or into several files and a VRT over them.
///
/// Every tile is checked first. If tiles are missing, damaged or from another plan, the tool
/// lists them and stops.
#[derive(Parser, Clone, Debug)]
#[command(name = "svf_mosaic", version, disable_version_flag = true, after_help = AFTER_HELP)]
#[command(mut_arg("nodata", |arg| arg.help(NODATA_HELP)))]
#[command(mut_arg("input_list", |arg| arg.help(LIST_HELP).help_heading("Input").conflicts_with("output")))]
pub struct MosaicArgs {
    /// Plan made by svf_tile. With --input-list, write OUTPUT here instead
    #[arg(value_name = "PLAN")]
    pub plan: String,
    /// Raster to write: .tif, or .vrt for a VRT over the tiles without a copy
    #[arg(required_unless_present = "input_list")]
    pub output: Option<String>,
    /// Fill missing or damaged tiles, and gaps between the rasters of --input-list, with NoData
    #[arg(long)]
    pub allow_missing: bool,
    /// Write N files OUTPUT_1, OUTPUT_2, ... of whole rows of tiles, and a VRT over them
    #[arg(long, value_name = "N", value_parser = whole::<u64, 1, ANY>)]
    pub parts: Option<u64>,
    /// Like --parts, but with as few files as possible, none of them larger than SIZE, e.g. 4G
    #[arg(long, value_name = "SIZE", value_parser = budget::parse_size, conflicts_with = "parts")]
    pub max_part_size: Option<u64>,
    /// Write only file OUTPUT_K of --parts N. Other processes write the others, and the last one writes
    /// the VRT
    #[arg(long, value_name = "K/N", value_parser = one_part, conflicts_with_all = ["parts", "max_part_size"])]
    pub part: Option<Parts>,
    /// Options shared by all tools.
    #[command(flatten)]
    pub shared: SharedArgs,
    /// What every tool tells about itself.
    #[command(flatten)]
    pub about: AboutArgs,
}

const NODATA_HELP: &str = "With --input-list: NoData value if the rasters have none; cells with \
                           this value become NoData [default: none]";

const LIST_HELP: &str = "Text file with the rasters to join, one name per line, instead of a plan; \
                         relative names start at the current folder";

const AFTER_HELP: &str = "\
Examples:
  svf_mosaic city.json svf.tif
  svf_mosaic city.json svf.tif --max-part-size 4G      svf_1.tif, svf_2.tif, ... and svf.vrt
  svf_mosaic city.json svf.vrt                         a VRT over the tiles, no copy
  svf_mosaic city.json svf.tif --part 2/16             svf_2.tif of 16, on any machine
  svf_mosaic --input-list files.txt all.tif --of COG

Exit codes: 0 done, 1 failed, 2 wrong command, 3 tiles are missing or damaged, 130 cancelled.";

/// Runs the tool with a name of the program and its arguments.
pub fn main(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    tool().main(words)
}

/// Its arguments, as `--help` shows them.
pub fn command() -> clap::Command {
    tool().command()
}

fn tool() -> Tool<MosaicArgs> {
    Tool::<MosaicArgs> {
        name: "svf_mosaic",
        run: |args| &args.shared.run,
        without: (&["band", "open_options", "output_type"], "svf_mosaic does not change cells"),
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
    }
}

/// Parses `2/16`.
fn one_part(text: &str) -> Result<Parts, String> {
    match Selection::parse_part(text)? {
        Selection::Part { part, parts } => Ok(Parts::Only { part, parts }),
        _ => Err(text.to_owned()),
    }
}

impl MosaicArgs {
    fn target(&self) -> &str {
        self.output.as_deref().unwrap_or(&self.plan)
    }

    fn parts(&self) -> Parts {
        match (self.part, self.parts, self.max_part_size) {
            (Some(part), ..) => part,
            (None, Some(n), _) => Parts::Count(n),
            (None, None, Some(bytes)) => Parts::MaxBytes(bytes),
            (None, None, None) => Parts::One,
        }
    }
}

fn mosaic(
    args: &MosaicArgs,
    cancel: &CancelToken,
    reporter: &mut Reporter,
) -> Result<Outcome, Error> {
    watch_for_cancel(&args.shared.run, false, cancel, reporter)?;
    reporter.start(json!({
        "plan": args.shared.source.input_list.is_none().then_some(&args.plan),
        "input_list": args.shared.source.input_list,
        "output": args.target(),
        "allow_missing": args.allow_missing,
        "parts": args.parts,
        "part": match args.part {
            Some(Parts::Only { part, parts }) => json!([part, parts]),
            _ => json!(null),
        },
        "max_part_bytes": args.max_part_size,
    }));
    reporter.log_to(&args.shared.resources);
    if args.shared.raster.nodata.is_some() && args.shared.source.input_list.is_none() {
        let message =
            "--nodata can only be used with --input-list: a plan already has a NoData value";
        return Err(Error::usage("usage.arguments", message));
    }
    let session = Session::start(&args.shared.source.config)?;
    let wanted = MosaicRequest {
        pieces: match &args.shared.source.input_list {
            None => Pieces::Plan(PathBuf::from(&args.plan)),
            Some(list) => Pieces::List(list.clone()),
        },
        output: args.target().to_owned(),
        parts: args.parts(),
        allow_missing: args.allow_missing,
        overwrite: args.shared.run.overwrite,
        also_written: args.shared.resources.profile_log.iter().cloned().collect(),
        format: args.shared.raster.format(Some(args.target()))?,
        limits: args.shared.resources.limits(),
    };
    let joined = svf::mosaic(&wanted, &session, cancel, reporter)?;
    Ok(of_joined(joined, &wanted.pieces, reporter))
}
