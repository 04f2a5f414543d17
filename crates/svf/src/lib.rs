//! Sky view factor of height rasters of any size, as a library: the engine behind the tools
//! `svf_tile`, `svf_compute`, `svf_mosaic` and `svf_profile`.
//!
//! A [`Request`] says what a run should do. [`compute`](compute::compute) computes a raster in
//! one run. [`plan`](plan::plan), [`compute_tiles`] and [`mosaic`](mosaic::mosaic) do the same in
//! three steps, on one machine or many. [`compute_in`] does all three in one folder, and resumes
//! after an interruption. [`point`] computes single receivers in every detail. An [`Observer`] is
//! told about progress, tiles and warnings. A [`CancelToken`] cancels a run. A [`Session`] keeps
//! GDAL's messages for one run separate from those for other runs in the same process.
//!
//! The library does not print, does not install signal handlers, and does not end the process.
//! For an array in memory, use [`kernel::compute`].
//!
//! ```no_run
//! use svf::{CancelToken, Request, Session, Silent};
//!
//! let request = Request {
//!     input: "dsm.tif".into(),
//!     output: Some("svf.tif".into()),
//!     ..Request::default()
//! };
//! let session = Session::start(&[])?;
//! let cancel = CancelToken::default();
//! let done = svf::compute(&request, &session, &cancel, &mut Silent)?;
//! println!("{:?}", done.bands[0].statistics);
//! # Ok::<(), svf::Error>(())
//! ```

mod broken;
pub mod compute;
mod derived;
pub mod error;
mod far_ground;
pub mod gather;
mod heights;
pub mod horizon_line;
pub mod inputs;
mod join;
mod memory;
pub mod mosaic;
pub mod numbers;
pub mod observer;
pub mod outputs;
mod part_files;
mod parts;
mod pictures;
pub mod place;
pub mod plan;
mod plan_diff;
mod plan_file;
pub mod planned;
pub mod point;
pub mod printed;
mod provenance;
mod rasters;
mod receivers;
pub mod request;
mod rsun;
mod rvt;
mod scene;
mod search;
pub mod spec;
pub mod stream;
pub mod summary;
pub mod target;
mod texture;
mod threads;
pub mod tiles;
mod umep;
mod untouched;
mod vegetation;
pub mod workdir;

pub use ndarray;
pub use svf_job::events as diagnostic;
pub use svf_kernel as kernel;

pub use compute::{Computed, Prepared, compute};
pub use error::{Error, ErrorKind};
pub use mosaic::mosaic;
pub use observer::{Observer, Silent, Stage};
pub use parts::Parts;
pub use plan::{PlanTarget, Planned, plan};
pub use request::Request;
pub use rsun::{FORMAT as RSUN_FORMAT, rsun_rasters};
pub use rvt::{FORMAT as RVT_FORMAT, rvt_rasters};
pub use svf_job::CancelToken;
pub use svf_raster::Session;
pub use target::{Joined, MosaicRequest, Pieces};
pub use tiles::{Done, TilesRequest, compute_tiles};
pub use umep::{FORMAT as UMEP_FORMAT, compute_umep, compute_umep_in, umep_rasters};
pub use workdir::{Resumed, compute_in};

/// Removes all that this process has begun and not finished, whoever still writes to it: for a
/// process that ends now.
pub fn remove_unfinished() {
    svf_job::claims::remove_live();
    svf_raster::partial::remove_live();
}

/// The example in the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// What turns a request into one for the rasters that another program reads.
pub type RastersFor = fn(&Request) -> Result<Request, Error>;

/// Programs whose names stand in place of a GDAL driver.
pub const PROGRAMS: [(&str, RastersFor); 3] =
    [(umep::FORMAT, umep_rasters), (rsun::FORMAT, rsun_rasters), (rvt::FORMAT, rvt_rasters)];
