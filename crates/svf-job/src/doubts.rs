//! When numbers are probably not what they are taken for: marks of missing heights that nobody
//! declared, heights in another unit, vegetation that is none, maps that change lengths.
//!
//! Functions on numbers only. The engine asks them about a sample of a raster, and the module for
//! Python about an array in memory; the sentences are theirs.

pub mod apart;
pub mod limits;
