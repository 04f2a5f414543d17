//! `svf_profile`: why a cell has its value, and what a run costs.
//!
//! `point` shows the sight lines of receivers (computed by the engine, written by `table`),
//! `section` the heights along a line, and `resources` what a run used (`costs`). `figure` and
//! `chart` draw them with `drawing`.

mod chart;
mod costs;
mod drawing;
mod figure;
mod point;
mod points;
mod resources;
mod rows;
mod section;
mod stations;
mod sun;
mod table;
mod views;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use svf::Error;
use svf::outputs::{check_destinations, check_outputs, refuse_overwriting, refuse_twins};
use svf_job::CancelToken;
use svf_raster::RasterReader;
use svf_raster::staging::is_stdout;

use crate::args::{AboutArgs, RunArgs};
use crate::report::{EventStream, Reporter};
use crate::sources::of_stream;
use crate::tool::{Outcome, Tool};

use point::PointArgs;
use resources::ResourcesArgs;
use section::SectionArgs;

/// Show why a cell has its value, and what a run costs.
#[derive(Parser, Clone, Debug)]
#[command(name = "svf_profile", version, disable_version_flag = true, after_help = AFTER_HELP)]
struct ProfileArgs {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    about: AboutArgs,
}

#[derive(Subcommand, Clone, Debug)]
enum Command {
    Point(Box<PointArgs>),
    Section(Box<SectionArgs>),
    Resources(Box<ResourcesArgs>),
}

const AFTER_HELP: &str = "\
Examples:
  svf_profile point dsm.tif --at 500512.5,4649730
  svf_profile point dsm.tif --at-cell 270,512 --figure why.svg --fisheye sky.svg > why.json
  svf_profile point dsm.tif --at 11.57,48.14 --crs EPSG:4326 -n 32 --figure why.png
  svf_profile point dsm.tif sky.gpkg --points stations.gpkg --radius 300 -n 32
  svf_profile point tiles/ sky.json --at 500512.5,4649730        (or 'tiles/*.tif')
  svf_profile section dsm.tif --from 500000,4649500 --to 501000,4649700 --figure cut.svg
  svf_profile resources run.jsonl --figure run.svg

Exit codes: 0 done, 1 failed, 2 wrong command, 130 cancelled.";

/// Runs the tool with a name of the program and its arguments.
pub fn main(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    tool().main(words)
}

/// Its arguments, as `--help` shows them.
pub fn command() -> clap::Command {
    tool().command()
}

fn tool() -> Tool<ProfileArgs> {
    Tool::<ProfileArgs> {
        name: "svf_profile",
        run: |args| args.command.run_args(),
        without: (&[], ""),
        settle: |args| args.command.settle(),
        stream: |args| args.command.stream(),
        work: |args, cancel, reporter| args.command.run(cancel, reporter),
    }
}

/// Refuses outputs that exist (without `overwrite`), outputs that would destroy the raster or
/// another input, and two outputs with the same name, also of those that are `also` written.
fn check_written<'a>(
    outputs: impl Iterator<Item = &'a String>,
    also: &[String],
    (layers, files): (&[RasterReader], &[PathBuf]),
    overwrite: bool,
) -> Result<(), Error> {
    let outputs: Vec<&String> = outputs.filter(|output| !is_stdout(output)).collect();
    refuse_twins(outputs.iter().copied().chain(also))?;
    for output in &outputs {
        refuse_overwriting(std::slice::from_ref(output), files)?;
    }
    check_outputs(outputs.iter().copied(), layers, overwrite)?;
    Ok(check_destinations(outputs.into_iter())?)
}

impl Command {
    fn run_args(&self) -> &RunArgs {
        match self {
            Command::Point(args) => &args.run,
            Command::Section(args) => &args.run,
            Command::Resources(args) => &args.run,
        }
    }

    /// Decides which arguments are rasters to read.
    fn settle(&mut self) -> Result<(), String> {
        let (input, output, more, files, source) = match self {
            Command::Point(args) => {
                let args = &mut **args;
                (&mut args.input, &mut args.output, &mut args.more, &mut args.files, &args.source)
            }
            Command::Section(args) => {
                let args = &mut **args;
                (&mut args.input, &mut args.output, &mut args.more, &mut args.files, &args.source)
            }
            Command::Resources(args) => {
                args.output = args.output.take().map(|word| of_stream(word, "/vsistdout/"));
                return Ok(());
            }
        };
        let words = [Some(std::mem::take(input)), output.take()];
        let words = words.into_iter().flatten().chain(std::mem::take(more)).collect();
        (*input, *files, *output) = source.share_out(words)?;
        Ok(())
    }

    /// If the result goes to standard output, events go to standard error.
    fn stream(&self) -> EventStream {
        let output = match self {
            Command::Point(args) => &args.output,
            Command::Section(args) => &args.output,
            Command::Resources(args) => &args.output,
        };
        match output {
            Some(output) if !is_stdout(output) => EventStream::Stdout,
            _ => EventStream::Stderr,
        }
    }

    fn run(&self, cancel: &CancelToken, reporter: &mut Reporter) -> Result<Outcome, Error> {
        match self {
            Command::Point(args) => point::run(args, cancel, reporter),
            Command::Section(args) => section::run(args, cancel, reporter),
            Command::Resources(args) => resources::run(args, cancel, reporter),
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_is_consistent() {
        use clap::CommandFactory;
        super::ProfileArgs::command().debug_assert();
    }
}
