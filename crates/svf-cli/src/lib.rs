//! The command line tools. Each has the same four steps: the arguments (`args`, `sky`, `sources`)
//! become a request; the engine (crate `svf`) does the work; `report` watches it, and is the only
//! module that prints; `summary` shows the result. `tool` has what all tools have in common.
//! `words` guesses what users meant when they mistype. `profile` makes figures and tables. `all` is all
//! tools as one program.

pub mod all;
pub mod args;
pub mod compute;
pub mod mosaic;
pub mod profile;
pub mod report;
pub mod sky;
mod sources;
mod summary;
pub mod tile;
pub mod tool;
mod usage;
mod words;

/// What the programs for Windows call: each of them is small, and this library is there once. Its
/// arguments are those of the process. Returns the exit code.
#[cfg(all(windows, feature = "bundled"))]
#[expect(unsafe_code, reason = "the programs find it by its name")]
#[unsafe(no_mangle)]
pub extern "C" fn svf_tools_main() -> std::ffi::c_int {
    let code = all::main(std::env::args_os().collect());
    // The standard library tells no number of a code.
    (0..=u8::MAX).find(|number| std::process::ExitCode::from(*number) == code).map_or(1, Into::into)
}
