//! A program that is loaded once and run many times: most of a short run is the loading of libraries.

use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};

use anyhow::{Context, Result};

/// Signals of the limits that the shim sets: processor time, and time.
const OVER: [i32; 2] = [24, 14];

/// A process that makes copies of itself before its `main` begins; see `shim.c`.
pub struct Server(Child);

impl Server {
    /// Of a command that has the shim.
    pub fn start(mut command: Command) -> Result<Self> {
        command.env("FAULT_SERVE", "1").stdin(Stdio::piped()).stdout(Stdio::piped());
        Ok(Self(command.spawn()?))
    }

    /// Runs the command once; none if it did not end.
    pub fn run(&mut self) -> Result<Option<ExitStatus>> {
        let mut status = [0; 4];
        self.0.stdin.as_mut().context("a pipe")?.write_all(b"1")?;
        self.0.stdout.as_mut().context("a pipe")?.read_exact(&mut status)?;
        let status = ExitStatus::from_raw(i32::from_ne_bytes(status));
        Ok(Some(status).filter(|status| status.signal().is_none_or(|n| !OVER.contains(&n))))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It ends with its input.
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}
