//! Reads streams: standard input, which is copied to a temporary file because rasters are read in
//! any order; and text files, which can be pipes.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use svf_job::CancelToken;
use svf_job::budget::show_size;
use svf_job::events::Diagnostic;
use svf_raster::device;
use svf_raster::partial::{OTHER_TEMPORARY, PartialFolder, remove_stale_temporary};

use crate::error::Error;

/// Whether a path is standard input.
pub fn is_stdin(path: &str) -> bool {
    path.starts_with("/vsistdin") || path == "/dev/stdin" || path == "-"
}

/// A raster to read, and its temporary file if it came as a stream.
pub(crate) struct Input {
    /// What to open.
    pub(crate) path: String,
    _spool: Option<PartialFolder>,
}

impl Input {
    /// Takes a path. Standard input is copied to a temporary file, because rasters are read in
    /// any order.
    ///
    /// # Errors
    /// An empty stream, a temporary file that cannot be written, or a cancel.
    pub(crate) fn new(path: &str, cancel: &CancelToken) -> Result<Self, Error> {
        // Temporary files of killed processes, which nobody uses any more.
        remove_stale_temporary();
        if !is_stdin(path) {
            return Ok(Self { path: path.to_owned(), _spool: None });
        }
        let temporary = std::env::temp_dir();
        let failed = |reason: String| {
            let folder = temporary.display();
            let message = format!("cannot copy standard input to {folder}: {reason}");
            let diagnostic =
                Diagnostic::new("raster.open", message).path(path).hint(OTHER_TEMPORARY);
            Error::failed(diagnostic.with("reason", reason))
        };
        // Nobody else may read it.
        let folder = PartialFolder::temporary("svf-stdin").map_err(|e| failed(e.to_string()))?;
        let (mut file, spool) = folder.create("raster").map_err(|e| failed(e.to_string()))?;
        let input = Self { path: spool.display().to_string(), _spool: Some(folder) };
        let mut total = 0;
        read_chunks(
            || Ok(Box::new(std::io::stdin())),
            cancel,
            |chunk| {
                total += chunk.len();
                file.write_all(chunk)
            },
        )?
        .map_err(|error| failed(error.to_string()))?;
        if total == 0 {
            let reason = "standard input is empty";
            let message = format!("cannot open /vsistdin/: {reason}");
            let diagnostic = Diagnostic::new("raster.open", message).path(path);
            return Err(Error::failed(diagnostic.with("reason", reason)));
        }
        Ok(input)
    }
}

/// Bytes that a list of files or a log has at most: a longer one is something else.
pub const LONGEST_TEXT: u64 = 256 << 20;

/// Reads a text file of at most `longest` bytes that a person or a program wrote, without the byte
/// order mark that some editors begin with. It may be a pipe.
///
/// # Errors
/// The error that `failed` makes from the reason, or a cancel.
pub fn read_text(
    path: &Path,
    longest: u64,
    cancel: &CancelToken,
    failed: &dyn Fn(String) -> Error,
) -> Result<String, Error> {
    if device::is_device(&path.to_string_lossy()) {
        return Err(failed(device::DEVICE.to_owned()));
    }
    let (mut bytes, path) = (Vec::new(), path.to_owned());
    read_chunks(
        move || match path.to_str() {
            Some("-") => Ok(Box::new(io::stdin())),
            _ => Ok(Box::new(File::open(path)?)),
        },
        cancel,
        |chunk| {
            // Devices and files of other kinds, which can have no end.
            if chunk.contains(&0) {
                return Err(io::Error::other("it is not text"));
            }
            if bytes.len() as u64 + chunk.len() as u64 > longest {
                let longest = show_size(longest);
                return Err(io::Error::other(format!("it has more than {longest}")));
            }
            bytes.extend_from_slice(chunk);
            Ok(())
        },
    )?
    .map_err(|error| failed(error.to_string()))?;
    let mark = "\u{feff}".as_bytes();
    if bytes.starts_with(mark) {
        bytes.drain(..mark.len());
    }
    String::from_utf8(bytes).map_err(|_| failed("it is not UTF-8 text".into()))
}

/// How long it can take to notice a cancel while a pipe is silent.
const CANCEL_CHECK: Duration = Duration::from_millis(50);

/// Opens and reads something to its end on a thread of its own; `take` gets it in pieces. A read
/// that waits for a silent pipe cannot be interrupted, but its thread can be abandoned.
///
/// # Errors
/// A cancel; in the inner result, the error of opening, reading or `take`.
fn read_chunks(
    open: impl FnOnce() -> io::Result<Box<dyn Read>> + Send + 'static,
    cancel: &CancelToken,
    mut take: impl FnMut(&[u8]) -> io::Result<()>,
) -> Result<io::Result<()>, Error> {
    let (sender, chunks) = sync_channel(1);
    std::thread::spawn(move || {
        let read_all = || -> io::Result<()> {
            let mut source = open()?;
            loop {
                let mut chunk = vec![0_u8; 1 << 20];
                match source.read(&mut chunk) {
                    Ok(0) => return Ok(()),
                    Ok(bytes) => chunk.truncate(bytes),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(error) => return Err(error),
                }
                if sender.send(Ok(chunk)).is_err() {
                    return Ok(());
                }
            }
        };
        if let Err(error) = read_all() {
            let _ = sender.send(Err(error));
        }
    });
    loop {
        match chunks.recv_timeout(CANCEL_CHECK) {
            _ if cancel.is_cancelled() => return Err(Error::cancelled()),
            Ok(Ok(chunk)) => match take(&chunk) {
                Ok(()) => {}
                failed => return Ok(failed),
            },
            Ok(Err(error)) => return Ok(Err(error)),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(Ok(())),
        }
    }
}
