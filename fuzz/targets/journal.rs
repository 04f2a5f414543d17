//! Any line whatever is an entry of the journal that is written back as it was read, or none.

#![no_main]

use libfuzzer_sys::fuzz_target;
use svf_job::journal::Entry;

fuzz_target!(|line: &str| {
    let Ok(entry) = serde_json::from_str::<Entry>(line) else { return };
    let again = serde_json::to_string(&entry).expect("an entry is text");
    assert!(!again.contains('\n'), "{again}");
    assert_eq!(serde_json::from_str::<Entry>(&again).expect("what was written is read"), entry);
});
