//! The request for a mosaic, how it is written, and the result: the same for tiles of a plan and
//! for rasters of a list.

use std::path::PathBuf;

use svf_job::CancelToken;
use svf_raster::Session;
use svf_raster::driver::{driver_for, driver_named};
use svf_raster::staging::is_stdout;

use crate::error::Error;
use crate::parts::Parts;
use crate::request::{Format, Limits};
use crate::summary::{BandSummary, Truncation};

/// What is joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pieces {
    /// The tiles of the plan in this file.
    Plan(PathBuf),
    /// The rasters in this text file, one name per line.
    List(PathBuf),
}

/// The request for a mosaic.
#[derive(Clone, Debug)]
pub struct MosaicRequest {
    /// What is joined.
    pub pieces: Pieces,
    /// Raster to write; with the driver `VRT`, a VRT over the pieces.
    pub output: String,
    /// The number of files.
    pub parts: Parts,
    /// Whether what is missing becomes NoData, with a warning.
    pub allow_missing: bool,
    /// Whether an existing output is replaced.
    pub overwrite: bool,
    /// Files that the caller writes during the run, for example a log: none of them may be the
    /// output or a piece.
    pub also_written: Vec<PathBuf>,
    /// Its format. The type is that of the pieces; a NoData value is used if the rasters of a
    /// list have none.
    pub format: Format,
    /// The resources that the run may use.
    pub limits: Limits,
}

impl MosaicRequest {
    /// All files that the run writes.
    pub(crate) fn written(&self) -> Vec<String> {
        let also = self.also_written.iter().map(|path| path.display().to_string());
        std::iter::once(self.output.clone()).chain(also).collect()
    }
}

/// The result of joining.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Joined {
    /// Final paths.
    pub outputs: Vec<String>,
    /// Rows and columns.
    pub size: (u64, u64),
    /// Number of receivers that were asked for, if not all cells are receivers and all tiles were
    /// joined now.
    pub receivers: Option<u64>,
    /// The bands.
    pub bands: Vec<BandSummary>,
    /// How much the radius of a plan can have missed.
    pub truncation: Option<Truncation>,
    /// Tiles of the plan, or rasters of the list.
    pub pieces: PieceCounts,
    /// Bytes of a band, for the cells that the pieces have.
    pub bytes: u64,
}

/// How many pieces there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PieceCounts {
    /// In total.
    pub total: u64,
    /// Omitted by the plan, because they are empty.
    pub empty: u64,
    /// Missing or damaged: their cells are NoData.
    pub missing: u64,
}

/// How the output is written, for all kinds of pieces.
pub(crate) struct Target<'a> {
    pub(crate) driver: String,
    pub(crate) creation_options: &'a [String],
    pub(crate) threads: usize,
    pub(crate) budget_bytes: u64,
    /// Whether this process has computed tiles before.
    pub(crate) has_computed: bool,
    pub(crate) overwrite: bool,
    pub(crate) session: &'a Session,
    pub(crate) cancel: &'a CancelToken,
}

impl<'a> Target<'a> {
    pub(crate) fn new(
        wanted: &'a MosaicRequest,
        session: &'a Session,
        cancel: &'a CancelToken,
    ) -> Result<Self, Error> {
        let output = &wanted.output;
        let driver = match &wanted.format.driver {
            Some(name) => driver_named(name, output)?,
            None if is_stdout(output) => "GTiff".to_owned(),
            None if output.to_ascii_lowercase().ends_with(".vrt") => match wanted.parts {
                Parts::One => "VRT".to_owned(),
                _ => "GTiff".to_owned(),
            },
            None => driver_for(output)?,
        };
        if wanted.parts != Parts::One && (driver == "VRT" || output.starts_with("/vsi")) {
            let message = "--parts, --part and --max-part-size write several files: they need a \
                           local file name and a format such as GTiff";
            return Err(Error::usage("usage.parts", message));
        }
        if driver == "VRT" && !wanted.format.creation_options.is_empty() {
            return Err(Error::usage("usage.arguments", "--co cannot be used with a VRT output"));
        }
        Ok(Self {
            driver,
            creation_options: &wanted.format.creation_options,
            threads: wanted.limits.threads(),
            budget_bytes: wanted.limits.budget_bytes(),
            has_computed: false,
            overwrite: wanted.overwrite,
            session,
            cancel,
        })
    }
}

pub(crate) fn refuse_too_many(parts: Parts, rows: u64) -> Result<(), Error> {
    let (option, n) = match parts {
        Parts::Count(n) => (format!("--parts {n}"), n),
        Parts::Only { part, parts } => (format!("--part {part}/{parts}"), parts),
        Parts::One | Parts::MaxBytes(_) => return Ok(()),
    };
    if n <= rows {
        return Ok(());
    }
    let message = format!(
        "{option} is too many: a part has at least one row of tiles, and the plan has {rows}"
    );
    Err(Error::usage("usage.parts", message))
}
