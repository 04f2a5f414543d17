//! The tools: thin, the same four steps in each. `args` and `sky` read the command line,
//! a spec says what is wanted, a plan how it will be done, and the run does it;
//! `report` is the one place that prints, `tool` what all of them do around it.

pub mod args;
pub mod compute;
pub mod ends;
pub mod failure;
mod provenance;
pub mod report;
pub mod sky;
mod spec;
mod summary;
pub mod tool;
