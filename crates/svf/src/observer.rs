//! Who watches a run: progress, tiles and warnings go there. The engine prints nothing.

use svf_job::events::Diagnostic;
use svf_job::{Plan, TileNews};
use svf_raster::Session;

use crate::error::Error;

/// How far a stage of a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage {
    /// What is being done: `scan`, `check`, `compute`, `mosaic`, `finish`, `points`, `section`.
    pub name: &'static str,
    /// Units of work done, and in all: mostly cells.
    pub work: (u64, u64),
    /// Tiles, files or points done, and in all.
    pub items: (u64, u64),
    /// Whether an item is complete: not one of many reports on the way.
    pub is_step: bool,
}

impl Stage {
    /// A stage of a name: work done of all, items done of all.
    pub fn of(name: &'static str, work: (u64, u64), items: (u64, u64), is_step: bool) -> Self {
        Self { name, work, items, is_step }
    }
}

/// Watches a run. Every method may be left out; all are called on the thread that began the
/// run, often (progress after every block of a tile), and should return soon.
pub trait Observer {
    /// Something the user should know, and the run goes on.
    fn warn(&self, _diagnostic: Diagnostic) {}

    /// A line of information.
    fn note(&self, _line: &str) {}

    /// What will be done.
    fn plan(&self, _plan: &Plan) {}

    /// A tile was finished, or found to be.
    fn tile(&self, _id: u64, _news: TileNews) {}

    /// How far it is.
    fn progress(&mut self, _stage: Stage) {}

    /// All inputs are open and none of the request's `also_written` is one of them: files that
    /// the observer writes can be begun.
    ///
    /// # Errors
    /// Whatever must end the run.
    fn opened(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

/// Watches nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {}

/// Passes on what GDAL warns of.
pub fn pass_on_warnings(session: &Session, observer: &dyn Observer) {
    for warning in session.take_warnings() {
        let warning = warning.split_whitespace().collect::<Vec<_>>().join(" ");
        observer.warn(Diagnostic::new("gdal.warning", format!("GDAL: {warning}")));
    }
}
