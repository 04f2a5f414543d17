//! Inputs and outputs as the tools see them: standard input spooled to a file,
//! outputs that must not exist yet and must not be the input.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use svf_job::CancelToken;
use svf_job::events::Notice;
use svf_raster::RasterReader;

use crate::failure::Failure;

/// The path that means standard input.
pub const STDIN: &str = "/vsistdin/";

/// A raster to read, and the file it was spooled to if it came as a stream.
pub struct Input {
    /// What to open.
    pub path: String,
    spool: Option<PathBuf>,
}

impl Drop for Input {
    fn drop(&mut self) {
        if let Some(spool) = &self.spool {
            let _ = fs::remove_file(spool);
        }
    }
}

impl Input {
    /// Takes a path; standard input is spooled to a temporary file, since rasters
    /// are read in any order.
    ///
    /// # Errors
    /// An empty stream, a spool that cannot be written, or a cancel.
    pub fn new(path: &str, cancel: &CancelToken) -> Result<Self, Failure> {
        if !path.starts_with(STDIN) && path != "/dev/stdin" {
            return Ok(Self { path: path.to_owned(), spool: None });
        }
        let spool = std::env::temp_dir().join(format!("svf-stdin-{}", std::process::id()));
        let input = Self { path: spool.display().to_string(), spool: Some(spool.clone()) };
        let failed = |reason: String| {
            let message = format!("cannot spool standard input to {}: {reason}", spool.display());
            Failure::Failed(Notice::new("raster.open", message).path(STDIN))
        };
        let mut file = File::create(&spool).map_err(|e| failed(e.to_string()))?;
        let mut stdin = std::io::stdin().lock();
        let mut buffer = vec![0_u8; 1 << 20];
        let mut total = 0;
        loop {
            if cancel.is_cancelled() {
                return Err(Failure::Cancelled);
            }
            let bytes = match stdin.read(&mut buffer) {
                Ok(0) => break,
                Ok(bytes) => bytes,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(failed(error.to_string())),
            };
            file.write_all(&buffer[..bytes]).map_err(|e| failed(e.to_string()))?;
            total += bytes;
        }
        if total == 0 {
            let message = "cannot open /vsistdin/: standard input ended before a raster came";
            return Err(Failure::Failed(Notice::new("raster.open", message).path(STDIN)));
        }
        Ok(input)
    }
}

/// Refuses an output that exists (without `overwrite`) or is part of the input.
///
/// # Errors
/// A usage failure.
pub fn check_output(output: &str, reader: &RasterReader, overwrite: bool) -> Result<(), Failure> {
    let info = reader.info();
    let refuse = |code: &str, message: String, hint: &str| {
        Err(Failure::Usage(Notice::new(code, message).hint(hint).path(output)))
    };
    let is_input = info.path == output
        || info.files.iter().any(|file| same_file(Path::new(file), Path::new(output)));
    if is_input {
        let message = format!("{output} is the input: it would be destroyed");
        return refuse("output.is_input", message, "name another output");
    }
    if !overwrite && svf_raster::staging::exists(output) {
        let message = format!("{output} exists");
        return refuse("output.exists", message, "add --overwrite to replace it");
    }
    Ok(())
}

fn same_file(a: &Path, b: &Path) -> bool {
    match (fs::canonicalize(a), fs::canonicalize(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}
