//! The only door to GDAL, and the only FFI `unsafe` of the project.
//!
//! [`session`] registers the drivers once and latches errors; [`reader`] turns
//! windows of a band into padded tiles of heights (missing is NaN); [`writer`]
//! writes whole rasters under a temporary name and publishes them only when
//! they are complete, checked and on disk; [`grid`] owns every unit and every
//! conversion between coordinates and cells.
//!
//! GDAL's (x, y) order exists only in here: the rest of the project speaks of
//! rows before columns.

pub mod error;
pub mod grid;
mod io;
pub mod reader;
pub mod session;
pub mod staging;
pub mod writer;

pub use error::{Op, RasterError};
pub use grid::Grid;
pub use reader::{OpenOptions, RasterInfo, RasterReader, open_raster};
pub use session::Session;
pub use writer::{BandSpec, BandStatistics, OutputSpec, OutputType, RasterWriter};
