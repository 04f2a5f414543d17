//! The tools as a user meets them: the real binary, real files, a folder per test.
//!
//! Every test makes its own input, states the values it expects, and checks what
//! is left in its folders: nothing but what was asked for. No test needs the
//! network, and none measures time. Where the machine lacks something (a driver,
//! an instruction set, the right to mount), the part that needs it is skipped
//! with a note.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::print_stderr, reason = "notes on what was skipped")]

mod all_in_one;
mod azimuths;
mod bad_input;
mod behind;
mod canopy;
mod collection;
mod coordinates;
mod country;
mod damaged;
mod derived;
mod docs;
mod events;
mod failure;
mod hdf5;
mod heights;
#[cfg(target_os = "linux")]
mod hosts;
mod large;
mod meaning;
mod memory;
mod min_distance;
mod missing;
mod names;
mod output;
mod pipes;
mod profile;
mod promises;
mod receivers;
mod recorded;
mod rsun;
mod rvt;
mod search;
mod setup;
mod sharing;
mod support;
mod umep;
mod values;
mod warnings;
