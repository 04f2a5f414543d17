//! The tools: thin, the same four steps in each. `args` reads the command line,
//! a spec says what is wanted, a plan how it will be done, and the run does it;
//! `report` is the one place that prints.

pub mod args;
pub mod compute;
pub mod failure;
pub mod inputs;
pub mod report;
