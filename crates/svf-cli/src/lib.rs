//! The tools: thin, the same four steps in each. `args` and `sky` read the command line,
//! a spec says what is wanted, a plan how it will be done, and the run does it;
//! `report` is the one place that prints, `tool` what all of them do around it, `words` what
//! people may have meant.
//!
//! Large rasters: `tileplan` makes a plan file of a spec, `changes`
//! says what is no longer as it was, `tiles` computes tiles of
//! it, `join` makes one raster of them. `tile`, `compute`, `mosaic` are the tools
//! for the three; `workdir` is all three in one.

pub mod args;
mod changes;
pub mod compute;
pub mod ends;
pub mod failure;
mod gather;
mod heights;
mod join;
pub mod mosaic;
mod place;
pub mod profile;
mod provenance;
pub mod report;
pub mod sky;
mod spec;
mod summary;
pub mod tile;
mod tileplan;
mod tiles;
pub mod tool;
mod words;
mod workdir;
