//! The cascade: a search whose time hardly depends on the radius, and whose horizons are close to
//! the exact ones. `docs/decisions/cascade.md` defines it, and [`crate::reference::cascade`] is
//! this definition in simple code.
//!
//! Each receiver looks at its nearest samples itself. The rest of a sight line is searched for
//! nodes of a pyramid, for two heights of receivers in each node, and what they see is handed down
//! from coarse nodes to fine ones and to receivers.
//!
//! * [`rule`]: levels, blocks, sheared lines
//! * [`frame`]: heights turned so that a direction leads along their rows
//! * [`extent`]: the nodes that the receivers of a tile need
//! * [`pyramid`]: what the nodes keep of their blocks
//! * [`records`]: what nodes see, and how it is handed down
//! * [`descent`]: the search of the nodes, from the highest level down
//! * [`turn`]: rows become columns
//! * [`field`]: all directions of a tile
//! * [`far_ground`]: the highest levels of a whole raster, where tiles do not make them
//! * [`buffer`]: memory that is kept from tile to tile

mod buffer;
#[expect(unsafe_code, reason = "goes through levels by pointers")]
mod descent;
mod extent;
mod far_ground;
#[expect(unsafe_code, reason = "calls the searches, for whose instructions `Kernel` looked")]
mod field;
mod frame;
#[expect(unsafe_code, reason = "goes through levels by pointers")]
mod pyramid;
#[expect(unsafe_code, reason = "goes through levels by pointers")]
mod records;
pub(crate) mod rule;
#[expect(unsafe_code, reason = "goes through squares by pointers")]
mod turn;

pub use far_ground::{FarGround, FarPyramid, GroundPart, PART_PX};
pub(crate) use field::{FarField, FarScratch, FarStrip};
