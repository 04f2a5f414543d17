//! The error type: what was attempted, on which file and window, why it failed, and what the user
//! can do. Each is one line.

use std::borrow::Cow;
use std::fmt;
use std::io;

use svf_kernel::tile::Window;
use thiserror::Error;

/// The reason of the system, without its number.
pub(crate) fn reason_of(error: &io::Error) -> String {
    let reason = error.to_string();
    reason.split(" (os error").next().unwrap_or(&reason).to_owned()
}

/// Whether the disk, the network or the permissions are the reason: the file may be whole.
fn is_passing(error: &io::Error) -> bool {
    use io::ErrorKind::{
        HostUnreachable, NetworkDown, NetworkUnreachable, NotConnected, PermissionDenied,
        StaleNetworkFileHandle, TimedOut,
    };
    /// Input or output error, which has no kind.
    const EIO: i32 = 5;
    matches!(
        error.kind(),
        HostUnreachable
            | NetworkDown
            | NetworkUnreachable
            | NotConnected
            | PermissionDenied
            | StaleNetworkFileHandle
            | TimedOut
    ) || cfg!(unix) && error.raw_os_error() == Some(EIO)
}

/// What was attempted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Opening a raster for reading.
    Open,
    /// Choosing a band of it.
    Band,
    /// Interpreting its grid or CRS.
    Grid,
    /// Reading a window.
    Read,
    /// Creating an output.
    Create,
    /// Writing to it.
    Write,
    /// Checking and publishing it.
    Finish,
    /// Replacing a file that must not be replaced.
    Exists,
    /// Reading a file of points.
    Points,
    /// Streaming to a reader that went away.
    Pipe,
    /// Choosing a driver or setting a GDAL option.
    Config,
}

impl Op {
    /// Stable machine code, as in `error` events.
    pub fn code(self) -> &'static str {
        match self {
            Op::Open => "raster.open",
            Op::Band => "raster.band",
            Op::Grid => "raster.grid",
            Op::Read => "raster.read",
            Op::Create => "raster.create",
            Op::Write => "raster.write",
            Op::Finish => "raster.finish",
            Op::Exists => "output.exists",
            Op::Points => "points.open",
            Op::Pipe => "raster.pipe",
            Op::Config => "usage.gdal",
        }
    }

    fn verb(self) -> &'static str {
        match self {
            Op::Open => "open",
            Op::Band => "use",
            Op::Grid => "use",
            Op::Read | Op::Points => "read",
            Op::Create => "create",
            Op::Write => "write",
            Op::Finish => "finish",
            Op::Exists => "replace",
            Op::Pipe => "stream",
            Op::Config => "use",
        }
    }
}

/// A raster operation that failed.
#[derive(Debug, Clone, Error)]
pub struct RasterError {
    /// What was attempted.
    pub op: Op,
    /// The file.
    pub path: String,
    /// The window, where one was read or written.
    pub window: Option<Window>,
    /// Why.
    pub reason: String,
    /// What the user can do.
    pub hint: Option<String>,
    /// The disk, the network or the permissions are the reason, as far as that is known: the same
    /// may succeed later.
    pub is_passing: bool,
}

impl fmt::Display for RasterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {} ", self.op.verb())?;
        if let Some(place) = self.place() {
            write!(f, "{place} of ")?;
        }
        write!(f, "{}: {}", with_blanks(&self.path), self.reason)
    }
}

/// A name, in quotes if it begins or ends with a blank, which nobody would see.
fn with_blanks(name: &str) -> Cow<'_, str> {
    if name.trim() == name { name.into() } else { format!("'{name}'").into() }
}

impl RasterError {
    /// An error on a file.
    pub fn new(op: Op, path: &str, reason: impl fmt::Display) -> Self {
        Self {
            op,
            path: path.to_owned(),
            window: None,
            reason: one_line(&reason.to_string()),
            hint: None,
            is_passing: false,
        }
    }

    /// A failure of the system.
    pub(crate) fn of_system(op: Op, path: &str, error: &io::Error) -> Self {
        Self { is_passing: is_passing(error), ..Self::new(op, path, reason_of(error)) }
    }

    /// The rows and columns in the file, where it is about a window.
    pub fn place(&self) -> Option<String> {
        let w = self.window?;
        Some(format!("rows {}..{}, columns {}..{}", w.row, w.row_end(), w.col, w.col_end()))
    }

    /// Adds what the user can do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the window.
    #[must_use]
    pub fn at(mut self, window: Window) -> Self {
        self.window = Some(window);
        self
    }
}

/// A file that ends too early.
pub(crate) fn cut_short(path: &str, what: &str) -> RasterError {
    RasterError::new(Op::Open, path, format!("the file is incomplete: {what}"))
        .hint("copy or download it again")
}

/// Messages of GDAL can have several lines; messages of these tools have one.
fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}
