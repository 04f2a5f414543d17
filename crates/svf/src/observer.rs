//! The observer of a run gets its progress, tiles and warnings. The engine prints nothing.

use svf_job::events::Diagnostic;
use svf_job::{Plan, TileNews};
use svf_raster::Session;

use crate::error::Error;

/// The progress of a stage of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage {
    /// The stage: `scan`, `check`, `ground`, `compute`, `mosaic`, `finish`, `points`, `section`.
    pub name: &'static str,
    /// Units of work done, and in total; usually cells.
    pub work: (u64, u64),
    /// Tiles, files or points done, and in total.
    pub items: (u64, u64),
    /// Whether an item is complete, so that this is not just one of many reports.
    pub is_step: bool,
}

impl Stage {
    /// A stage with a name, and with work and items done and in total.
    pub fn of(name: &'static str, work: (u64, u64), items: (u64, u64), is_step: bool) -> Self {
        Self { name, work, items, is_step }
    }
}

/// Observes a run. Every method has a default that does nothing. All are called on the thread
/// that began the run. They are called often (progress after every block of a tile), so they
/// should return quickly.
pub trait Observer {
    /// Something that the user should know; the run continues.
    fn warn(&self, _diagnostic: Diagnostic) {}

    /// A line of information.
    fn note(&self, _line: &str) {}

    /// What will be done.
    fn plan(&self, _plan: &Plan) {}

    /// A tile was finished, or was already done.
    fn tile(&self, _id: u64, _news: TileNews) {}

    /// How far it is.
    fn progress(&mut self, _stage: Stage) {}

    /// All inputs are open, and none of them is in `also_written` of the request: the observer
    /// can now create the files that it writes.
    ///
    /// # Errors
    /// Any error that must end the run.
    fn opened(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

/// Watches nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {}

/// Passes on GDAL's warnings, and what outputs do not store.
pub fn pass_on_warnings(session: &Session, observer: &dyn Observer) {
    for loss in session.take_losses() {
        let hint = "say it again where the file is read, or use a GeoTIFF (.tif), which stores it";
        observer.warn(Diagnostic::new("output.lost", loss).hint(hint));
    }
    for warning in session.take_warnings() {
        let warning = warning.split_whitespace().collect::<Vec<_>>().join(" ");
        observer.warn(Diagnostic::new("gdal.warning", format!("GDAL: {warning}")));
    }
}
