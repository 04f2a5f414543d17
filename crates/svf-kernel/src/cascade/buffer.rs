//! Buffers that are kept from tile to tile.

use std::ops::{Deref, DerefMut};

/// Floats that come into a cache together.
const LINE: usize = 16;

/// Floats that begin where a line of the cache begins. The longest vectors are such a line: each would lie
/// across two, if the first one did.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    floats: Vec<f32>,
    /// Floats before the first one.
    before: usize,
}

impl Buffer {
    /// Makes it at least this long. What it had can be lost.
    pub fn fit(&mut self, len: usize) {
        if self.len() < len {
            // First without the old one: the budget has no room for both.
            self.floats = Vec::new();
            // Memory that the system hands out is zero: nothing is written.
            self.floats = vec![0.0; len + LINE - 1];
            self.before = self.floats.as_ptr().align_offset(LINE * size_of::<f32>());
            // An interpreter can refuse to tell: then they begin anywhere.
            self.before = self.before.min(LINE - 1);
            self.floats.truncate(self.before + len);
        }
    }

    /// Floats that are held.
    #[cfg(test)]
    pub fn held(&self) -> usize {
        self.floats.capacity()
    }
}

impl Deref for Buffer {
    type Target = [f32];

    #[inline(always)]
    fn deref(&self) -> &[f32] {
        &self.floats[self.before..]
    }
}

impl DerefMut for Buffer {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.floats[self.before..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_grows_to_what_is_needed_and_does_not_shrink() {
        let mut buffer = Buffer::default();
        let lengths = [100, 101, 7, 0].map(|len| {
            buffer.fit(len);
            buffer.len()
        });
        assert_eq!(lengths, [100, 101, 101, 101]);
        assert_eq!(buffer.held(), 101 + 15);
    }

    #[test]
    fn it_begins_with_a_line_of_the_cache() {
        for len in [1, 100, 5000, 1_000_000] {
            let mut buffer = Buffer::default();
            buffer.fit(len);
            assert_eq!((buffer.as_ptr().addr() % 64, buffer.len()), (0, len));
        }
    }
}
