//! How many random cases the property tests try.

use proptest::prelude::ProptestConfig;
use proptest::test_runner::RngSeed;

/// As many random cases, from a seed, unless the environment says otherwise: for those who want
/// other or more cases than CI.
pub fn cases(count: u64, seed: u64) -> ProptestConfig {
    ProptestConfig {
        cases: from_environment("PROPTEST_CASES", count) as u32,
        rng_seed: RngSeed::Fixed(from_environment("PROPTEST_RNG_SEED", seed)),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// A number from the environment.
fn from_environment(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}
