//! The only crate that calls GDAL, and the only one with `unsafe` FFI code.
//!
//! [`session`] registers the drivers once and keeps errors. [`reader`] reads windows of a band as
//! heights (missing is NaN). [`collection`] reads many files as one raster, and [`raster`] reads
//! tiles with their halo from one file or many. [`writer`] writes rasters under a temporary name,
//! and renames them only when they are complete, checked and on disk. [`points`] reads points
//! from vector files. [`grid`] converts between coordinates and cells; [`crs`] and [`units`] know
//! what coordinates and heights mean. [`join`] copies cells without conversion from tiles to one
//! raster; [`vrt`] and [`vector`] describe tiles for other programs.
//!
//! GDAL's order (x, y) is only used in this crate. In the rest of the project, rows come before
//! columns.

#![expect(unsafe_code, reason = "GDAL is called in C")]

pub mod archive;
pub mod attributes;
pub mod behind;
#[cfg(feature = "bundled")]
mod bundled;
pub mod burnt;
pub mod cells;
pub mod collection;
mod copy;
mod create;
pub mod crs;
pub mod datum;
pub mod device;
pub mod driver;
pub mod error;
pub mod examine;
mod facts;
pub mod found;
pub mod grid;
mod gzip;
mod hdf5;
pub mod held;
pub mod info;
mod io;
pub mod join;
#[cfg(target_os = "linux")]
mod local_files;
pub mod mend;
mod misfit;
mod missing;
mod multidim;
pub mod names;
mod netcdf;
mod notes;
pub mod output;
mod overviews;
pub mod partial;
pub mod points;
mod proj;
pub mod raster;
mod raw_length;
pub mod reader;
mod sample;
pub mod session;
pub mod settings;
pub mod source_windows;
pub mod staging;
pub mod stat;
pub mod stdout;
mod tables;
mod text_header;
mod text_points;
pub mod trial;
pub mod unchanging;
pub mod units;
pub mod vector;
mod verify;
pub mod vrt;
pub mod watch;
mod whole;
mod whole_features;
pub mod writer;
mod xml;

pub use crs::{Ellipsoid, Scale};
pub use error::{Op, RasterError};
pub use grid::Grid;
pub use info::RasterInfo;
pub use output::{BandSpec, BandStatistics, OutputSpec, OutputType};
pub use points::{NoPlace, PointFeature, PointFile, Reprojection};
pub use raster::{RasterReader, open_raster};
pub use reader::OpenOptions;
pub use sample::Sample;
pub use session::Session;
pub use units::HeightUnit;
pub use writer::{Finished, RasterWriter};
