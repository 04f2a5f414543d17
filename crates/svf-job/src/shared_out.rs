//! Work that is shared out among the threads of a pool: each free one takes the next piece.

use std::sync::{Mutex, PoisonError};

use rayon::ThreadPool;
use svf_kernel::Scratch;

/// What each thread of a pool keeps from one call to the next.
pub(crate) struct Threads<'a> {
    pool: &'a ThreadPool,
    kept: Vec<Mutex<Scratch>>,
}

impl<'a> Threads<'a> {
    pub fn of(pool: &'a ThreadPool) -> Self {
        let kept = (0..pool.current_num_threads()).map(|_| Mutex::default());
        Self { pool, kept: kept.collect() }
    }

    /// Does all pieces, in their order as threads are free. Returns for each thread what its pieces made of `start`.
    pub fn share<P: Send, R: Send>(
        &self,
        pieces: impl Iterator<Item = P> + Send,
        start: impl Fn() -> R + Sync,
        add: impl Fn(R, P, &mut Scratch) -> R + Sync,
    ) -> Vec<R> {
        let pieces = Mutex::new(pieces);
        let next = || pieces.lock().map_or(None, |mut pieces| pieces.next());
        self.pool.broadcast(|thread| {
            let kept = &self.kept[thread.index()];
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            let mut made = start();
            while let Some(piece) = next() {
                made = add(made, piece, &mut kept);
            }
            made
        })
    }
}
