//! The only door to GDAL, and the only FFI `unsafe` of the project.
//!
//! [`session`] registers the drivers once and latches errors; [`reader`] reads
//! windows of a band as heights (missing is NaN), [`raster`] those of all that is read as
//! one raster, as padded tiles; [`collection`] reads many files as one raster; [`writer`]
//! writes whole rasters under a temporary name and publishes them only when
//! they are complete, checked and on disk; [`points`] reads places from vector
//! files; [`grid`] owns every conversion between coordinates and cells, [`crs`] and [`units`] what
//! coordinates and heights mean. [`join`] moves cells as they are from tiles to one raster, [`vrt`] and [`vector`] describe tiles to other programs.
//!
//! GDAL's (x, y) order exists only in here: the rest of the project speaks of
//! rows before columns.

#![expect(unsafe_code, reason = "GDAL is called in C")]

pub mod attributes;
pub mod cells;
pub mod collection;
mod copy;
mod create;
pub mod crs;
pub mod driver;
pub mod error;
pub mod examine;
mod facts;
pub mod grid;
pub mod info;
mod io;
pub mod join;
pub mod mend;
mod misfit;
mod missing;
pub mod names;
pub mod output;
pub mod partial;
pub mod points;
pub mod raster;
pub mod reader;
mod sample;
pub mod session;
pub mod staging;
pub mod stat;
pub mod trial;
pub mod units;
pub mod vector;
mod verify;
pub mod vrt;
mod whole;
pub mod writer;

pub use crs::{Ellipsoid, Scale};
pub use error::{Op, RasterError};
pub use grid::Grid;
pub use info::RasterInfo;
pub use output::{BandSpec, BandStatistics, OutputSpec, OutputType};
pub use points::{NoPlace, PointFile, Reprojection};
pub use raster::{RasterReader, open_raster};
pub use reader::OpenOptions;
pub use sample::Sample;
pub use session::Session;
pub use units::HeightUnit;
pub use writer::{Finished, RasterWriter};
