//! The tools: thin, the same four steps in each. The arguments (`args`, `sky`, `sources`)
//! become a request, the engine (crate `svf`) does the work, `report` watches it and is the one
//! place that prints, `summary` tells what came of it. `tool` is what all of them do around
//! that, `words` what people may have meant; `profile` draws and tabulates.

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
mod words;
