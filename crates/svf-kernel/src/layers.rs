//! The input of the kernel: receivers with the heights and the vegetation around them.

use ndarray::ArrayView2;

/// Receivers with their surroundings.
#[derive(Clone, Copy, Debug)]
pub struct Tile<'a> {
    /// Heights with the halo around them, shape (rows + 2 halo, columns + 2 halo). A height that
    /// is not finite is missing. Heights beyond 1e16 or -1e16 count as 1e16 or -1e16.
    pub heights: ArrayView2<'a, f32>,
    /// Heights of the canopy above ground, of the same shape; 0 if there is no canopy. It must be
    /// there if [`crate::Params::canopy`] is set, and only then. Values that are negative or not
    /// finite also mean no canopy.
    pub canopy: Option<ArrayView2<'a, f32>>,
    /// Heights of the bottoms of crowns above ground, in the same way, for
    /// [`crate::Trunk::Heights`].
    pub trunk: Option<ArrayView2<'a, f32>>,
    /// Row of the raster with the first receivers. On a geographic grid, it and the rows of all
    /// other receivers must be in [`crate::Graticule::rows`].
    pub row: u64,
    /// [`crate::Kernel::largest`] of these heights, or of a larger area. It is for parts of a
    /// tile, so that not every part must find it. If it is too small, horizons can be wrong by
    /// the rounding of f32.
    pub largest: Option<f32>,
}

impl<'a> Tile<'a> {
    /// A tile without vegetation.
    pub fn of(heights: ArrayView2<'a, f32>, row: u64) -> Self {
        Self { heights, canopy: None, trunk: None, row, largest: None }
    }

    /// Heights, canopy and trunks, if they exist.
    pub(crate) fn layers(&self) -> impl Iterator<Item = ArrayView2<'a, f32>> {
        [Some(self.heights), self.canopy, self.trunk].into_iter().flatten()
    }
}
