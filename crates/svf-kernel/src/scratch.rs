//! Memory that is kept from one call of the kernel to the next.

use std::fmt;

use crate::cascade::FarScratch;

/// Memory that a thread keeps from one call of [`crate::Kernel::compute_with`] to the next, so that the
/// system does not have to hand it out again. It is of use for [`crate::Search::Cascade`]. Values do
/// not depend on it, and kernels can share it.
#[derive(Default)]
pub struct Scratch {
    pub(crate) far: FarScratch,
}

impl fmt::Debug for Scratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scratch").finish_non_exhaustive()
    }
}
