//! Plans the work and records what is done: memory budget, tile plan, the pipeline reader ->
//! kernel -> writer, events and cancellation; plan files, checksum trailers of finished tiles,
//! claims of tiles that are being computed, and the journal. [`doubts`] has the rules by which the
//! inputs are judged.
//!
//! There is no GDAL type in its API: rasters are read through [`pipeline::TileSource`] and
//! written through [`pipeline::TileSink`]. The tests have implementations of both in memory.

pub mod budget;
pub mod cancel;
pub mod check;
pub mod claims;
pub mod doubts;
pub mod encode;
pub mod events;
pub mod far_ground;
pub mod journal;
pub mod made_folder;
pub mod pipeline;
pub mod plan;
pub mod planfile;
pub mod resources;
pub mod seen;
mod shared_out;
pub mod sharing;
pub mod threads;
pub mod tile_ids;
pub mod tile_key;
pub mod tileset;
pub mod trailer;

pub use cancel::CancelToken;
pub use check::{Check, Deviation};
pub use encode::{Encoding, Statistics};
pub use events::Event;
pub use pipeline::{
    Job, Next, Progress, Stopped, Summary, TileNews, TileQueue, TileResult, TileSink, TileSource,
    run,
};
pub use plan::{Cause, Plan, PlanError, PlanRequest};
