//! The flag that stops a run, and the ways in which a process ends.
//!
//! The flag is set by SIGINT, SIGTERM or SIGHUP (on Windows also by Ctrl-Break), by a caller that
//! closes standard input, or by a reader of the output that went away. The process then ends in one
//! of these ways:
//!
//! 1. The run sees the flag, returns, and reports that it was cancelled. [`leave`] ends the
//!    process, as it does after any run: it does not wait for what libraries still write to
//!    abandoned files.
//! 2. A library keeps the run from seeing the flag. After `GRACE`, a thread removes the
//!    unfinished files, reports that the run was cancelled, and ends the process.
//! 3. A second SIGINT or SIGTERM ends the process at once. The next run removes what it left.

use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::Builder;
use std::time::Duration;

/// Exit code of a process that was cancelled.
const CANCELLED: i32 = 130;
/// How long a cancelled process has to end by itself, and then to clean up: it ends within two
/// seconds, also where other programs use the processor.
const GRACE: Duration = Duration::from_millis(800);
const CLEANING: Duration = Duration::from_millis(500);

/// Whether the process was started with a signal that it ignores, as far as the system says so.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask >> (signal - 1) & 1 == 1
}

/// Ends the process at once, after everything was reported.
pub fn leave(code: u8) -> ! {
    let _ = std::io::stdout().flush();
    signal_hook::low_level::exit(code.into())
}

/// Shared by everything that can stop a run or must notice that it was stopped.
#[derive(Clone, Debug, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// Asks the run to stop.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether the run should stop.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Sets the flag on SIGINT, SIGTERM and SIGHUP, and keeps SIGXFSZ (a file size limit) from
    /// killing the process: the write fails instead. `clean` removes unfinished files and reports
    /// the end of a process whose run does not see the flag.
    ///
    /// # Errors
    /// If the system refuses a handler.
    pub fn on_signals(&self, clean: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
        use signal_hook::consts::{SIGINT, SIGTERM};
        use signal_hook::flag;
        // Not the token: a caller that closes standard input and sends a signal asks once.
        let is_second = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // The order matters: the second signal ends a process that does not react to the
            // first one.
            flag::register_conditional_shutdown(signal, CANCELLED, is_second.clone())?;
            flag::register(signal, is_second.clone())?;
            flag::register(signal, self.0.clone())?;
        }
        self.end_after_grace(clean);
        #[cfg(windows)]
        {
            // SIGBREAK: Ctrl-Break, a console window that is closed, the end of a session. The
            // constant is not in signal_hook.
            flag::register(21, self.0.clone())?;
        }
        #[cfg(unix)]
        {
            use signal_hook::consts::SIGHUP;
            // A process that nohup started goes on when its terminal is closed.
            if !is_ignored(SIGHUP) {
                flag::register(SIGHUP, self.0.clone())?;
            }
            // SIGXFSZ is 25 on Linux and the BSDs; the constant is not in signal_hook.
            flag::register(25, Arc::new(AtomicBool::new(false)))?;
        }
        Ok(())
    }

    /// Ends the process some time after it was cancelled, even if it waits for a library that
    /// loops or a disk that does not answer.
    fn end_after_grace(&self, clean: impl FnOnce() + Send + 'static) {
        let token = self.clone();
        // If the system allows no thread, the work itself notices a cancel.
        let _ = Builder::new().spawn(move || {
            while !token.is_cancelled() {
                std::thread::sleep(Duration::from_millis(20));
            }
            std::thread::sleep(GRACE);
            let (done, is_done) = mpsc::channel();
            // On a thread of its own, because it would wait without end for a reader that never
            // reads.
            let _ = Builder::new().spawn(move || {
                clean();
                let _ = done.send(());
            });
            let _ = is_done.recv_timeout(CLEANING);
            signal_hook::low_level::exit(CANCELLED);
        });
    }

    /// Sets the flag when standard input ends, as a caller does to cancel.
    pub fn on_stdin_eof(&self) {
        let token = self.clone();
        let _ = Builder::new().spawn(move || {
            let mut sink = [0_u8; 4096];
            let mut stdin = std::io::stdin().lock();
            while !matches!(stdin.read(&mut sink), Ok(0) | Err(_)) {}
            token.cancel();
        });
    }
}
