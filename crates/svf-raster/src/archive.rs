//! Packs complete files into a ZIP archive, without compression: the files are compressed already.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::error::{Op, RasterError};
use crate::staging::Staging;

/// Bytes that are copied between two calls of `go_on`.
const STEP_BYTES: u64 = 1 << 23;
/// Files of this size or more need the fields of ZIP64.
const LARGE_BYTES: u64 = u32::MAX as u64;

/// Writes an archive of these files, each with its name in the archive, to `staging`, whose final
/// path is `path`. The same files give the same bytes. `go_on` gets the fraction done and returns
/// whether to continue.
///
/// # Errors
/// A file that cannot be read, a full disk, or `go_on` that returned false.
pub fn pack(
    files: &[(&str, &Path)],
    (staging, path): (&Staging, &str),
    go_on: &mut dyn FnMut(f64) -> bool,
) -> Result<(), RasterError> {
    write(files, staging.main(), go_on)
        .map_err(|error| RasterError::new(Op::Write, path, error))?;
    staging.sync()
}

/// A writer that takes anything after an error: an archive that is dropped completes itself, and prints
/// that it could not.
struct UntilError<W> {
    to: W,
    failed: bool,
}

impl<W> UntilError<W> {
    fn new(to: W) -> Self {
        Self { to, failed: false }
    }

    /// What it does, or `otherwise` after an error.
    fn unless_failed<T>(
        &mut self,
        otherwise: T,
        act: impl FnOnce(&mut W) -> io::Result<T>,
    ) -> io::Result<T> {
        if self.failed {
            return Ok(otherwise);
        }
        let result = act(&mut self.to);
        let may_pass = |error: &io::Error| error.kind() == io::ErrorKind::Interrupted;
        self.failed = result.as_ref().is_err_and(|error| !may_pass(error));
        result
    }
}

impl<W: Write> Write for UntilError<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.unless_failed(bytes.len(), |to| to.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.unless_failed((), Write::flush)
    }
}

impl<W: Seek> Seek for UntilError<W> {
    fn seek(&mut self, place: SeekFrom) -> io::Result<u64> {
        self.unless_failed(0, |to| to.seek(place))
    }
}

fn write(files: &[(&str, &Path)], to: &Path, go_on: &mut dyn FnMut(f64) -> bool) -> io::Result<()> {
    let sizes = files.iter().map(|(_, path)| path.metadata().map(|about| about.len()));
    let sizes = sizes.collect::<io::Result<Vec<u64>>>()?;
    let all = sizes.iter().sum::<u64>().max(1);
    let mut archive = ZipWriter::new(UntilError::new(BufWriter::new(File::create(to)?)));
    let mut done = 0;
    for ((name, path), &size) in files.iter().zip(&sizes) {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(size >= LARGE_BYTES);
        archive.start_file(*name, options)?;
        let mut file = File::open(path)?;
        loop {
            let copied = io::copy(&mut Read::by_ref(&mut file).take(STEP_BYTES), &mut archive)?;
            if copied == 0 {
                break;
            }
            done += copied;
            if !go_on(done as f64 / all as f64) {
                return Err(io::Error::new(io::ErrorKind::Interrupted, "cancelled"));
            }
        }
    }
    let file = archive.finish()?.to;
    file.into_inner().map_err(io::IntoInnerError::into_error)?;
    Ok(())
}
