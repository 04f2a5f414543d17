//! Buffers that are kept from tile to tile.

/// Makes a buffer at least this long. What it had can be lost.
pub(super) fn fit(buffer: &mut Vec<f32>, len: usize) {
    if buffer.len() < len {
        // First without the old one: the budget has no room for both.
        *buffer = Vec::new();
        // Memory that the system hands out is zero: nothing is written.
        *buffer = vec![0.0; len];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_grows_to_what_is_needed_and_does_not_shrink() {
        let mut buffer = Vec::new();
        let lengths = [100, 101, 7, 0].map(|len| {
            fit(&mut buffer, len);
            (buffer.len(), buffer.capacity())
        });
        assert_eq!(lengths, [(100, 100), (101, 101), (101, 101), (101, 101)]);
    }
}
