//! Any search whatever of a small tile is refused, or equals the reference.

#![no_main]

#[path = "../../crates/svf-kernel/tests/anything/mod.rs"]
mod anything;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    anything::try_search(bytes);
});
