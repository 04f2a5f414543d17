//! Searches of any numbers whatever: the fuzz target `kernel` with a fixed number of cases
//! made by a seeded generator.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod anything;

use anything::{Outcome, try_search};

#[test]
fn any_search_is_refused_or_equals_the_reference() {
    let mut state = 0x2011_u64;
    let mut random = move || {
        // Steele, Lea & Flood 2014.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    };
    let cases = if cfg!(miri) { 12 } else { 3000 };
    let mut counts = [0; 4];
    for _ in 0..cases {
        let bytes: Vec<u8> = (0..25).flat_map(|_| random().to_le_bytes()).collect();
        let outcome = try_search(&bytes);
        counts[outcome as usize] += 1;
    }
    // No test that tries nothing.
    let [refused, panicked, _, equal] = counts;
    let of = [
        (Outcome::Refused, refused, 5),
        (Outcome::Panicked, panicked, 10),
        (Outcome::Equal, equal, 10),
    ];
    for (outcome, count, share) in of {
        assert!(count > cases / share / 4, "{outcome:?}: {counts:?} of {cases}");
    }
}
