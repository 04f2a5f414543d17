//! What to do next, and proof of what is done: memory budget, tile plan, the
//! reader -> kernel -> writer pipeline, events and cancellation.
//!
//! No GDAL type in its API: rasters come in through [`pipeline::TileSource`] and
//! go out through [`pipeline::TileSink`], which have in-memory twins in the tests.

#![deny(unsafe_code)]

pub mod budget;
pub mod cancel;
pub mod encode;
pub mod events;
pub mod pipeline;
pub mod plan;
pub mod resources;

pub use cancel::CancelToken;
pub use encode::{Encoding, Statistics};
pub use events::Event;
pub use pipeline::{Job, Progress, Stopped, Summary, TileSink, TileSource, run};
pub use plan::{Plan, PlanError, PlanRequest};
