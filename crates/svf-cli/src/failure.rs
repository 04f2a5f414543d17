//! How a tool ends when it does not succeed: exit codes, and one notice each.

use std::process::ExitCode;

use svf_job::events::Notice;
use svf_job::seal::SealError;
use svf_job::{PlanError, Stopped};
use svf_kernel::ParamError;
use svf_raster::{Op, RasterError};

/// Why a tool ends without success.
#[derive(Debug)]
pub enum Failure {
    /// The command line asks for something impossible: exit 2.
    Usage(Notice),
    /// The work failed: exit 1.
    Failed(Notice),
    /// Tiles are missing, to be computed first: exit 3.
    Incomplete(Notice),
    /// It was cancelled: exit 130.
    Cancelled,
}

impl Failure {
    /// A usage failure.
    pub fn usage(code: &str, message: impl Into<String>) -> Self {
        Failure::Usage(Notice::new(code, message))
    }

    /// The exit code of the contract.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Failure::Usage(_) => 2,
            Failure::Failed(_) => 1,
            Failure::Incomplete(_) => 3,
            Failure::Cancelled => 130,
        })
    }
}

impl From<RasterError> for Failure {
    fn from(error: RasterError) -> Self {
        let mut notice = Notice::new(error.op.code(), error.to_string()).path(&error.path);
        notice.hint.clone_from(&error.hint);
        match error.op {
            Op::Pipe => Failure::Cancelled,
            // The band and the driver are options.
            Op::Band | Op::Config => Failure::Usage(notice),
            _ => Failure::Failed(notice),
        }
    }
}

impl From<SealError> for Failure {
    /// Of a check of tiles, which fails for nothing else.
    fn from(_: SealError) -> Self {
        Failure::Cancelled
    }
}

impl From<ParamError> for Failure {
    fn from(error: ParamError) -> Self {
        Failure::usage("usage.parameter", error.to_string())
    }
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Self {
        let notice = Notice::new("plan.memory", error.to_string())
            .hint("give more with --max-memory, or take a smaller --radius or --tile-size");
        Failure::Usage(notice)
    }
}

impl From<Stopped<RasterError>> for Failure {
    fn from(stopped: Stopped<RasterError>) -> Self {
        match stopped {
            Stopped::Cancelled => Failure::Cancelled,
            Stopped::Failed(error) => error.into(),
        }
    }
}
