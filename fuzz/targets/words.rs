//! Any word whatever that a user writes for a size, tiles, a part, a measure or an
//! instruction set is understood within its limits, or an error of one line that quotes it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use svf_job::budget::{parse_size, show_size};
use svf_job::tileset::Selection;
use svf_kernel::Measure;
use svf_kernel::simd::SimdLevel;

fuzz_target!(|text: &str| {
    let quotes = |error: &str| assert!(error.contains(&format!("'{text}'")), "{error}");
    match parse_size(text) {
        Ok(bytes) => assert!((1..1_000_000_000_000_000_000).contains(&bytes) && !show_size(bytes).is_empty()),
        Err(error) => quotes(&error),
    }
    match Selection::parse_numbers(text) {
        Ok(Selection::Numbers(ranges)) => {
            assert!(!ranges.is_empty() && ranges.iter().all(|(first, last)| first <= last));
        }
        Ok(other) => panic!("{other:?}"),
        Err(error) => quotes(&error),
    }
    match Selection::parse_part(text) {
        Ok(Selection::Part { part, parts }) => assert!((1..=parts).contains(&part)),
        Ok(other) => panic!("{other:?}"),
        Err(error) => quotes(&error),
    }
    match text.parse::<Measure>() {
        Ok(measure) => assert_eq!(measure.name(), text),
        Err(error) => quotes(&error.to_string()),
    }
    match text.parse::<SimdLevel>() {
        Ok(level) => assert!(level.name() == text && level.is_supported()),
        Err(error) => assert!(error.contains(text), "{error}"),
    }
});
