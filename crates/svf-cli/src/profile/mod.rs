//! `svf_profile`: why a cell has its value, and what a run costs.
//!
//! `point` shows the sight lines of receivers (`receiver` looks, `table` writes),
//! `section` the heights along a line, `resources` what a run took (`costs`);
//! `figure` draws all of them.

mod costs;
mod figure;
mod point;
mod receiver;
mod rows;
mod section;
mod svg;
mod table;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use svf_job::CancelToken;

use crate::args::{AboutArgs, SharedArgs, TypeName};
use crate::failure::Failure;
use crate::report::{EventStream, Reporter};
use crate::tool::{Outcome, Tool};
use costs::ResourcesArgs;
use point::PointArgs;
use section::SectionArgs;

/// See why a cell has its value, and what a run costs.
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
  svf_profile point dsm.tif sky.csv --points stations.gpkg --radius 300 -n 32
  svf_profile section dsm.tif --from 500000,4649500 --to 501000,4649700 --figure cut.svg
  svf_profile resources run.jsonl --figure run.svg

Exit codes: 0 done, 1 failed, 2 usage, 130 cancelled.";

/// Runs the tool on the process's arguments.
pub fn main() -> ExitCode {
    let tool = Tool::<ProfileArgs> {
        name: "svf_profile",
        shared: |args| args.command.shared(),
        without: (&[], ""),
        stream: |args| args.command.stream(),
        work: |args, cancel, reporter| args.command.run(cancel, reporter),
    };
    tool.main()
}

/// Options of rasters, which no profile is: hidden in the help, and refused.
fn refuse_raster_options(shared: &SharedArgs) -> Result<(), Failure> {
    let given = [
        ("--of", shared.format.is_some()),
        ("--co", !shared.creation_options.is_empty()),
        ("--nodata", shared.nodata.is_some()),
        ("--ot", shared.output_type != TypeName::Float32),
    ];
    match given.iter().find(|(_, given)| *given) {
        Some((option, _)) => {
            let message = format!("{option} means nothing here: no raster is written");
            Err(Failure::usage("usage.arguments", message))
        }
        None => Ok(()),
    }
}

impl Command {
    fn shared(&self) -> &SharedArgs {
        match self {
            Command::Point(args) => &args.shared,
            Command::Section(args) => &args.shared,
            Command::Resources(args) => &args.shared,
        }
    }

    /// Events make way for a result on standard output.
    fn stream(&self) -> EventStream {
        let output = match self {
            Command::Point(args) => &args.output,
            Command::Section(args) => &args.output,
            Command::Resources(args) => &args.output,
        };
        match output {
            Some(output) if !svf_raster::staging::is_stdout(output) => EventStream::Stdout,
            _ => EventStream::Stderr,
        }
    }

    fn run(&self, cancel: &CancelToken, reporter: &mut Reporter) -> Result<Outcome, Failure> {
        match self {
            Command::Point(args) => point::run(args, cancel, reporter),
            Command::Section(args) => section::run(args, cancel, reporter),
            Command::Resources(args) => costs::run(args, cancel, reporter),
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
