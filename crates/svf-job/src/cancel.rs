//! One flag that stops a run: set by SIGINT, SIGTERM or SIGHUP, by a caller that
//! closes our standard input, or by a reader of our output that went away.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Shared by everyone who can stop a run or has to diagnostic.
#[derive(Clone, Debug, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// Asks the run to stop.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether the run is to stop.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Sets the flag on SIGINT, SIGTERM and SIGHUP, and keeps SIGXFSZ (a file
    /// size limit) from killing the process: the write fails instead.
    ///
    /// # Errors
    /// When the system refuses a handler.
    pub fn on_signals(&self) -> std::io::Result<()> {
        use signal_hook::consts::{SIGINT, SIGTERM};
        for signal in [SIGINT, SIGTERM] {
            signal_hook::flag::register(signal, self.0.clone())?;
        }
        #[cfg(unix)]
        {
            use signal_hook::consts::SIGHUP;
            signal_hook::flag::register(SIGHUP, self.0.clone())?;
            // SIGXFSZ is 25 on Linux and the BSDs; the constant is not in signal_hook.
            signal_hook::flag::register(25, Arc::new(AtomicBool::new(false)))?;
        }
        Ok(())
    }

    /// Sets the flag when standard input ends, as a caller does to cancel.
    pub fn on_stdin_eof(&self) {
        let token = self.clone();
        std::thread::spawn(move || {
            let mut sink = [0_u8; 4096];
            let mut stdin = std::io::stdin().lock();
            while !matches!(stdin.read(&mut sink), Ok(0) | Err(_)) {}
            token.cancel();
        });
    }
}
