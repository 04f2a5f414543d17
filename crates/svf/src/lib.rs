//! Sky view factor of height rasters of any size, as a library: the engine that the tools
//! `svf_tile`, `svf_compute`, `svf_mosaic` and `svf_profile` call.
//!
//! A [`Request`] says what is wanted. [`compute`](compute::compute) makes a raster of it in one
//! run; [`plan`](plan::plan), [`compute_tiles`] and
//! [`mosaic`](mosaic::mosaic) are the same in three steps, on one machine or many;
//! [`compute_in`] is all three in one folder, and goes on where it was
//! stopped; [`point`] looks around from single receivers. An [`Observer`] hears of progress,
//! tiles and warnings, a [`CancelToken`] ends a run, and a [`Session`] keeps what GDAL says of
//! one run apart from others in the same process.
//!
//! Nothing is printed, no signal handler is installed, and no process is ended. For an array in
//! memory there is [`kernel::compute`].
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

pub mod compute;
pub mod error;
pub mod gather;
mod heights;
pub mod inputs;
mod join;
mod memory;
pub mod mosaic;
pub mod numbers;
pub mod observer;
pub mod outputs;
mod parts;
pub mod place;
pub mod plan;
mod plan_diff;
mod plan_file;
pub mod point;
mod provenance;
mod rasters;
pub mod request;
pub mod spec;
pub mod stream;
pub mod summary;
pub mod target;
pub mod tiles;
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
pub use svf_job::CancelToken;
pub use svf_raster::Session;
pub use target::{Joined, MosaicRequest, Pieces};
pub use tiles::{Done, TilesRequest, compute_tiles};
pub use workdir::{Resumed, compute_in};

/// Removes all that this process has begun and not finished, whoever still writes to it: for a
/// process that ends now.
pub fn remove_unfinished() {
    svf_job::claims::remove_live();
    svf_raster::partial::remove_live();
}

/// The example of the crate's page compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
