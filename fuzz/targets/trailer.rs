//! Any file whatever is refused, or has the record of its trailer.

#![no_main]

use std::fs;

use libfuzzer_sys::fuzz_target;
use svf_job::cancel::CancelToken;
use svf_job::trailer::{append, verify};

fuzz_target!(|input: (&[u8], &str, u16)| {
    let (bytes, record, flip) = input;
    let cancel = CancelToken::default();
    let path = std::env::temp_dir().join(format!("svf-trailer-{}", std::process::id()));
    let write = |bytes: &[u8]| fs::write(&path, bytes).expect("a temporary file");
    write(bytes);
    let _ = verify(&path, &cancel);
    if record.is_ascii() {
        append(&path, record, &cancel).expect("a file that can be written");
        assert_eq!(verify(&path, &cancel).expect("a trailer").0, record);
        let mut file = fs::read(&path).expect("a file");
        let at = usize::from(flip) % file.len();
        file[at] ^= 1;
        write(&file);
        assert!(verify(&path, &cancel).is_err(), "byte {at} changed");
    }
    fs::remove_file(&path).expect("a file");
});
