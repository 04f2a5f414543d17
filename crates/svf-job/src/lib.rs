//! What to do next, and proof of what is done: memory budget, tile plan, the
//! reader -> kernel -> writer pipeline, events and cancellation; plan files, checksum trailers
//! on finished tiles, claims on those that are being computed, and the journal of who finished
//! them.
//!
//! No GDAL type in its API: rasters come in through [`pipeline::TileSource`] and
//! go out through [`pipeline::TileSink`], which have in-memory twins in the tests.

pub mod budget;
pub mod cancel;
pub mod claims;
pub mod encode;
pub mod events;
pub mod journal;
pub mod pipeline;
pub mod plan;
pub mod planfile;
pub mod resources;
pub mod sharing;
pub mod tileset;
pub mod trailer;

pub use cancel::CancelToken;
pub use encode::{Encoding, Statistics};
pub use events::Event;
pub use pipeline::{
    Job, Next, Progress, Stopped, Summary, TileNews, TileQueue, TileResult, TileSink, TileSource,
    run,
};
pub use plan::{Plan, PlanError, PlanRequest};
