//! What the kernel is given: receivers with the heights and the vegetation around them.

use ndarray::ArrayView2;

/// Receivers with their surroundings.
#[derive(Clone, Copy, Debug)]
pub struct Tile<'a> {
    /// Heights with the halo around them, shape (rows + 2 halo, columns + 2
    /// halo); a missing height is not finite. What lies beyond 1e16 either way is taken
    /// for 1e16.
    pub heights: ArrayView2<'a, f32>,
    /// Heights of the canopy above ground, of the same shape, where
    /// [`crate::Params::canopy`] asks for it and nowhere else; 0 where there is none. What is
    /// negative or not finite is none, too.
    pub canopy: Option<ArrayView2<'a, f32>>,
    /// Heights of the crowns' bottoms above ground, likewise, where
    /// [`crate::Trunk::Heights`] asks for it.
    pub trunk: Option<ArrayView2<'a, f32>>,
    /// Row of the raster that the first receivers lie on: on a geographic grid one of
    /// [`crate::Graticule::rows`], as are those of all others.
    pub row: u64,
    /// [`crate::Kernel::largest`] of these heights or of more: for parts of a tile, so that
    /// not each of them looks for it. Where it is less than that of these heights, horizons
    /// may be off by the rounding of f32.
    pub largest: Option<f32>,
}

impl<'a> Tile<'a> {
    /// A tile without vegetation.
    pub fn of(heights: ArrayView2<'a, f32>, row: u64) -> Self {
        Self { heights, canopy: None, trunk: None, row, largest: None }
    }

    /// Heights, canopy and trunks, as far as they are there.
    pub(crate) fn layers(&self) -> impl Iterator<Item = ArrayView2<'a, f32>> {
        [Some(self.heights), self.canopy, self.trunk].into_iter().flatten()
    }
}
