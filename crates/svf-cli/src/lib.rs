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
