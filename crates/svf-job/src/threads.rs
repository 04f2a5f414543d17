//! Whether the system lets a process have the threads that it needs. Where it does not, GDAL waits for
//! ever for those that compress blocks.

use std::sync::{PoisonError, RwLock};
use std::thread;

/// The usual size of a stack; where address space is limited, each thread takes as much of it.
const STACK_BYTES: usize = 8 << 20;

/// Lets `wanted` threads live at the same time, and end. Returns how many of them did.
pub fn threads_that_start(wanted: usize) -> usize {
    let gate = RwLock::new(());
    let closed = gate.write().unwrap_or_else(PoisonError::into_inner);
    thread::scope(|scope| {
        let start = || {
            let wait = || drop(gate.read());
            thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, wait).is_ok()
        };
        let started = (0..wanted).take_while(|_| start()).count();
        drop(closed);
        started
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_threads_start() {
        assert_eq!(threads_that_start(0), 0);
        assert_eq!(threads_that_start(9), 9);
    }
}
