//! All tools as one program. Its name tells which tool to run (a link that is called `svf_compute`),
//! or else its first argument (`svf-tools compute`).

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, iter};

use clap::Command;
use svf::Error;
use svf_job::events::Diagnostic;

use crate::report::Reporter;
use crate::tool::{code_of, print_asked, version};
use crate::{compute, mosaic, profile, tile};

/// Its name.
const NAME: &str = "svf-tools";
const HELP: &str = "\
Sky view factor of height rasters of any size. Usage: svf-tools TOOL ARGUMENTS, with the tools

  compute   sky view factor and other sky measures of a raster (svf_compute)
  tile      properties of a raster, and a plan to compute it in tiles (svf_tile)
  mosaic    one raster of all tiles of a plan (svf_mosaic)
  profile   why a cell has its value, and what a run costs (svf_profile)

'svf-tools compute --help' explains the arguments of a tool.";

/// Runs the tool that `words` ask for: the name of the program, and its arguments.
pub fn main(mut words: Vec<OsString>) -> ExitCode {
    let called = words.first().map(Path::new);
    let linked = |name| links_of(name).find_map(|link| tool_of(&link));
    if let Some(tool) = called.and_then(|name| tool_of(name).or_else(|| linked(name))) {
        return tool(words);
    }
    let asked = words.get(1).and_then(|word| word.to_str());
    if let Some(tool) = asked.and_then(|word| tool(word).or_else(|| tool(&format!("svf_{word}")))) {
        let name = words.remove(1).to_string_lossy().into_owned();
        words[0] = if name.starts_with("svf_") { name } else { format!("svf_{name}") }.into();
        return tool(words);
    }
    let has = |flag: &str| words.iter().any(|word| word == flag);
    let done = match asked {
        Some("--help" | "-h" | "help") => print_asked(HELP),
        Some("--version" | "-V") => {
            version(NAME, has("--json")).and_then(|text| print_asked(&text))
        }
        _ => {
            let what = match words.get(1) {
                None => "no tool was named".to_owned(),
                Some(word) => format!("'{}' is not a tool", word.to_string_lossy()),
            };
            let message = format!("{what}: write compute, tile, mosaic or profile");
            let diagnostic = Diagnostic::new("usage.arguments", message);
            Err(Error::refused(diagnostic.hint("svf-tools --help lists the tools")))
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            Reporter::bare(NAME, None).failed(&error);
            code_of(&error)
        }
    }
}

/// The arguments of the four tools, as `--help` shows them.
pub fn commands() -> [Command; 4] {
    [compute::command(), tile::command(), mosaic::command(), profile::command()]
}

/// The same as one program, whose subcommands are the tools: for pages and completions.
pub fn command() -> Command {
    let names = ["compute", "tile", "mosaic", "profile"];
    let tools = commands().into_iter().zip(names).map(|(tool, name)| tool.name(name));
    Command::new(NAME)
        .about("Sky view factor of height rasters of any size")
        .disable_help_subcommand(true)
        .subcommands(tools)
}

/// The tool that a program is called after. On Windows, names can be typed with any letters.
fn tool_of(program: &Path) -> Option<fn(Vec<OsString>) -> ExitCode> {
    tool(&program.file_stem()?.to_str()?.to_ascii_lowercase())
}

/// What a program links to that was called by this name, what that links to, and so on. A user's link
/// to `svf_compute` may have any name.
fn links_of(called: &Path) -> impl Iterator<Item = PathBuf> {
    // A name that was made up may be a circle of links.
    const MOST_LINKS: usize = 40;
    let first = match called.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => Some(called.to_owned()),
        // The shell has looked for it.
        _ => env::var_os("PATH").and_then(|path| {
            env::split_paths(&path).map(|folder| folder.join(called)).find(|file| file.is_file())
        }),
    };
    let next = |link: &PathBuf| Some(link.parent()?.join(fs::read_link(link).ok()?));
    iter::successors(first, next).skip(1).take(MOST_LINKS)
}

fn tool(name: &str) -> Option<fn(Vec<OsString>) -> ExitCode> {
    match name {
        "svf_compute" => Some(compute::main),
        "svf_tile" => Some(tile::main),
        "svf_mosaic" => Some(mosaic::main),
        "svf_profile" => Some(profile::main),
        _ => None,
    }
}
