//! Why a run ends without success: the kind of failure, its message, and its cause.

use std::fmt;

use svf_job::budget::show_size;
use svf_job::events::{Diagnostic, without_number};
use svf_job::trailer::TrailerError;
use svf_job::{Cause, PlanError, Stopped};
use svf_kernel::ParamError;
use svf_raster::{Op, RasterError};

/// The kind of a failure, which decides what a caller should do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request is impossible and must be changed.
    Usage,
    /// The work failed.
    Failed,
    /// Tiles are missing and must be computed first.
    Incomplete,
    /// It was cancelled.
    Cancelled,
}

/// Why a run ends without success.
///
/// The diagnostic has a stable code (for example `raster.open`), a message of one line, usually a
/// hint and a path, and the tiles or files that it is about.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    diagnostic: Box<Diagnostic>,
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    fn new(kind: ErrorKind, diagnostic: Diagnostic) -> Self {
        Self { kind, diagnostic: Box::new(diagnostic), cause: None }
    }

    /// An impossible request.
    pub fn usage(code: &str, message: impl Into<String>) -> Self {
        Self::refused(Diagnostic::new(code, message))
    }

    /// The same, with a hint or a path.
    pub fn refused(diagnostic: Diagnostic) -> Self {
        Self::new(ErrorKind::Usage, diagnostic)
    }

    /// Work that failed.
    pub fn failed(diagnostic: Diagnostic) -> Self {
        Self::new(ErrorKind::Failed, diagnostic)
    }

    /// Tiles that must be computed first.
    pub fn incomplete(diagnostic: Diagnostic) -> Self {
        Self::new(ErrorKind::Incomplete, diagnostic)
    }

    /// A run that was cancelled.
    pub fn cancelled() -> Self {
        Self::new(ErrorKind::Cancelled, Diagnostic::new("cancelled", "the run was cancelled"))
    }

    /// A bug, or a system that refuses something that every system has.
    pub(crate) fn internal(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::failed(Diagnostic::new("internal", error.to_string())).caused_by(error)
    }

    /// Adds its cause.
    #[must_use]
    pub fn caused_by(mut self, cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.cause = Some(Box::new(cause));
        self
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Whether it was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.kind == ErrorKind::Cancelled
    }

    /// Its stable code, for example `raster.open`.
    pub fn code(&self) -> &str {
        &self.diagnostic.code
    }

    /// Its diagnostic.
    pub fn diagnostic(&self) -> &Diagnostic {
        &self.diagnostic
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.diagnostic.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as &(dyn std::error::Error + 'static))
    }
}

impl From<RasterError> for Error {
    fn from(error: RasterError) -> Self {
        let mut diagnostic = Diagnostic::new(error.op.code(), error.to_string()).path(&error.path);
        diagnostic = diagnostic.with("reason", without_number(&error.reason));
        diagnostic.hint.clone_from(&error.hint);
        match error.op {
            Op::Pipe => Error::cancelled(),
            // The band and the driver are part of the request.
            Op::Band | Op::Config => Error::refused(diagnostic).caused_by(error),
            _ => Error::failed(diagnostic).caused_by(error),
        }
    }
}

impl From<TrailerError> for Error {
    /// For a check of tiles, which has no other error.
    fn from(_: TrailerError) -> Self {
        Error::cancelled()
    }
}

impl From<ParamError> for Error {
    fn from(error: ParamError) -> Self {
        Error::usage("usage.parameter", error.to_string()).caused_by(error)
    }
}

impl From<PlanError> for Error {
    fn from(error: PlanError) -> Self {
        let hint = match &error {
            PlanError::BudgetTooSmall { cause, .. } => cause.hint(),
            PlanError::EmptyTile => Cause::TileSize.hint(),
        };
        Error::refused(too_little_memory(&error, hint)).caused_by(error)
    }
}

/// The error for a memory limit that is too small.
pub(crate) fn too_little_memory(error: &PlanError, hint: &str) -> Diagnostic {
    let diagnostic = Diagnostic::new("plan.memory", error.to_string()).hint(hint);
    match error {
        PlanError::BudgetTooSmall { budget_bytes, least_bytes, cause } => diagnostic
            .with("limit", show_size(*budget_bytes))
            .with("least_mb", least_bytes >> 20)
            .with("cause", cause.to_string()),
        PlanError::EmptyTile => diagnostic,
    }
}

impl From<Stopped<RasterError>> for Error {
    fn from(stopped: Stopped<RasterError>) -> Self {
        match stopped {
            Stopped::Cancelled => Error::cancelled(),
            Stopped::Failed(error) => error.into(),
        }
    }
}
