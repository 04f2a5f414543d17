//! Development chores: `cargo xtask ci`, and more as they come.

mod ci;

use anyhow::{Result, bail};

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["ci"] => ci::run(),
        _ => bail!("usage: cargo xtask ci"),
    }
}
