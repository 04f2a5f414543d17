//! The maths of svf-tools: computes sky measures from a tile of heights with its halo.
//!
//! For every cell (the *receiver*), the horizon is searched along `n` sight lines. One search is
//! enough for any number of measures ([`Measure`]). The steps are [`Params`] -> [`geometry::Fan`]
//! (angles become cell offsets) -> [`Kernel`] (the fast search). [`mod@reference`] defines all
//! results; tests compare the fast search with it.
//!
//! The crate has no I/O, no GDAL, no clock, no logging, no globals and no threads (except with
//! the feature `rayon`): callers own the threads and pass `ndarray` views. Results depend neither
//! on how the raster is divided into tiles nor on the instruction set.

mod angles;
#[expect(unsafe_code, reason = "goes through a tile by pointers")]
mod beside;
#[expect(unsafe_code, reason = "goes through a tile by pointers")]
mod canopy;
mod cascade;
mod cascading;
mod chosen;
mod crown_windows;
mod directions;
#[expect(unsafe_code, reason = "goes through a tile by pointers")]
mod far;
mod ground;
mod ground_windows;
mod heights;
#[expect(unsafe_code, reason = "goes through a tile by pointers")]
mod horizon;
mod intervals;
mod kernel;
mod layers;
mod measures;
#[expect(unsafe_code, reason = "goes through a tile by pointers")]
mod nearest;
mod params;
#[expect(unsafe_code, reason = "calls the searches, which rely on what `Kernel` checks")]
mod plain;
mod ray;
#[expect(unsafe_code, reason = "implements what the searches read lines by")]
mod row_lines;
mod scratch;
mod segments;
mod setup;
#[expect(unsafe_code, reason = "goes through a tile by pointers")]
mod sheared_block;
mod sight_lines;
mod skipping;
mod slope_plane;
#[expect(unsafe_code, reason = "reads where receivers are from a list")]
mod strip;
#[expect(unsafe_code, reason = "calls the searches, which rely on what `Kernel` checks")]
mod strip_scratch;
mod sums;
#[expect(unsafe_code, reason = "as row_lines")]
mod taps;
mod whole;
mod windows;

pub mod geometry;
pub mod reference;
#[expect(unsafe_code, reason = "vector instructions")]
pub mod simd;
pub mod tile;

pub use cascade::{FarGround, FarPyramid, GroundPart, PART_PX};
pub use ground::{BadLatitude, Graticule, Ground, MOST_BEND, is_earth};
pub use kernel::Kernel;
pub use layers::Tile;
pub use measures::{Measure, Side, UnknownMeasure};
pub use params::{
    Anisotropy, AnisotropyLevel, Canopy, CellSize, Curvature, EARTH_RADIUS_M, Missing, ParamError,
    Params, Sampling, Search, Trunk,
};
pub use scratch::Scratch;
pub use whole::{Raster, compute, compute_blocks, compute_until, within};

/// The example of the crate's page is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
