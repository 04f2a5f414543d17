//! Any file whatever is refused, or has the record that it was sealed with.

#![no_main]

use std::fs;

use libfuzzer_sys::fuzz_target;
use svf_job::cancel::CancelToken;
use svf_job::seal::{check, seal};

fuzz_target!(|input: (&[u8], &str, u16)| {
    let (bytes, record, flip) = input;
    let cancel = CancelToken::default();
    let path = std::env::temp_dir().join(format!("svf-seal-{}", std::process::id()));
    let write = |bytes: &[u8]| fs::write(&path, bytes).expect("a temporary file");
    write(bytes);
    let _ = check(&path, &cancel);
    if record.is_ascii() {
        seal(&path, record, &cancel).expect("a file that can be sealed");
        assert_eq!(check(&path, &cancel).expect("a seal"), record);
        let mut sealed = fs::read(&path).expect("a file");
        let at = usize::from(flip) % sealed.len();
        sealed[at] ^= 1;
        write(&sealed);
        assert!(check(&path, &cancel).is_err(), "byte {at} changed");
    }
    fs::remove_file(&path).expect("a file");
});
