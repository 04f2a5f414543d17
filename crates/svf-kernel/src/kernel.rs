//! From a padded tile to bands of measures: the loop around the search.
//!
//! A tile is cut into cache-sized blocks ([`Kernel::BLOCK_ROWS`] rows of a strip
//! of columns); all directions of a block are done before the next block.
//! Callers that want threads hand in blocks of rows: values do not depend on it.

use ndarray::{ArrayView1, ArrayView2, ArrayViewMut3, s};

use crate::geometry::Fan;
use crate::horizon::{STRIP_COLS, Strip, search_for, taps_of};
use crate::measures::{self, Horizon, Measure, Needs};
use crate::params::{CellSize, Missing, ParamError, Params};
use crate::simd::SimdLevel;
use crate::tile::Halo;

/// A validated search, ready to run on any number of tiles and threads.
#[derive(Clone, Debug)]
pub struct Kernel {
    params: Params,
    measures: Vec<Measure>,
    fan: Fan,
    needs: Needs,
    level: SimdLevel,
}

impl Kernel {
    /// Rows of a block: hand in this many rows a call (fewer at the end) to
    /// spread a tile over threads.
    pub const BLOCK_ROWS: usize = 64;

    /// Lays out the search of `params` over cells of size `cell`.
    ///
    /// # Errors
    /// Parameters that make no sense on these cells.
    ///
    /// # Panics
    /// When the processor does not have `level`.
    pub fn new(
        params: &Params,
        cell: CellSize,
        measures: &[Measure],
        level: SimdLevel,
    ) -> Result<Self, ParamError> {
        assert!(level.is_supported(), "this processor has no {level}");
        let needs = measures.iter().fold(Needs::default(), |all, m| all.and(m.needs()));
        Ok(Self {
            params: params.clone(),
            measures: measures.to_vec(),
            fan: Fan::new(params, cell)?,
            needs,
            level,
        })
    }

    /// Cells of context that a tile needs on every side.
    pub fn halo(&self) -> Halo {
        self.fan.halo
    }

    /// Number of output bands: all measures in the order asked.
    pub fn bands(&self) -> usize {
        self.measures.iter().map(|m| m.bands(self.params.directions)).sum()
    }

    /// The sight lines, clockwise from grid north.
    pub fn fan(&self) -> &Fan {
        &self.fan
    }

    /// Bytes held by the sight lines.
    pub fn fan_bytes(&self) -> usize {
        let samples: usize = self.fan.lines.iter().map(|l| l.samples.len()).sum();
        samples * size_of::<crate::geometry::Sample>()
    }

    /// Bytes of scratch that one call of [`Kernel::compute`] allocates, at most.
    pub fn scratch_bytes(&self) -> usize {
        let cells = Self::BLOCK_ROWS * STRIP_COLS;
        let longest = self.fan.lines.iter().map(|l| l.samples.len()).max().unwrap_or(0);
        cells * (self.measures.len() * size_of::<f64>() + 5 * size_of::<f32>())
            + longest * size_of::<crate::horizon::Tap>()
    }

    /// Computes all measures of the receivers of a tile.
    ///
    /// `heights` is the tile with its halo, shape (rows + 2 halo, columns + 2
    /// halo); a missing height is NaN, and none is infinite. `out` has shape
    /// (bands, rows, columns); a receiver without a value gets NaN.
    ///
    /// # Panics
    /// When the shapes do not fit together.
    pub fn compute(&self, heights: ArrayView2<'_, f32>, out: ArrayViewMut3<'_, f32>) {
        let (bands, rows, cols) = out.dim();
        assert_eq!(bands, self.bands(), "one output band per band of the measures");
        assert_eq!(heights.dim(), self.halo().padded(rows, cols), "tile and halo");
        if rows == 0 || cols == 0 {
            return;
        }
        // Pointers go through the tile: rows of adjacent cells, one after the other.
        if heights.strides()[1] != 1 || heights.strides()[0] < 0 {
            self.compute_adjacent(heights.as_standard_layout().view(), out);
        } else {
            self.compute_adjacent(heights, out);
        }
    }

    /// [`Kernel::compute`] for rows of adjacent cells, in the order of memory.
    fn compute_adjacent(&self, heights: ArrayView2<'_, f32>, out: ArrayViewMut3<'_, f32>) {
        match self.level {
            // SAFETY: `Kernel::new` checked that the processor has it.
            #[cfg(target_arch = "x86_64")]
            SimdLevel::Avx2 => unsafe { self.compute_avx2(heights, out) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            SimdLevel::Avx512 => unsafe { self.compute_avx512(heights, out) },
            _ => self.compute_blocks(heights, out),
        }
    }

    /// # Safety
    /// The processor has AVX2.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    unsafe fn compute_avx2(&self, heights: ArrayView2<'_, f32>, out: ArrayViewMut3<'_, f32>) {
        self.compute_blocks(heights, out);
    }

    /// # Safety
    /// The processor has AVX-512 F.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f")]
    unsafe fn compute_avx512(&self, heights: ArrayView2<'_, f32>, out: ArrayViewMut3<'_, f32>) {
        self.compute_blocks(heights, out);
    }

    #[inline(always)]
    fn compute_blocks(&self, heights: ArrayView2<'_, f32>, mut out: ArrayViewMut3<'_, f32>) {
        let (_, rows, cols) = out.dim();
        let Halo { rows_px: halo_rows, cols_px: halo_cols } = self.halo();
        let mut block = Block::new(self, Self::BLOCK_ROWS.min(rows));
        for row in (0..rows).step_by(Self::BLOCK_ROWS) {
            let block_rows = Self::BLOCK_ROWS.min(rows - row);
            let padded = heights.slice(s![row..row + block_rows + 2 * halo_rows, ..]);
            let whole = !padded.rows().into_iter().any(has_missing);
            let strip_cols = STRIP_COLS.min(cols);
            // The last strip overlaps the one before it: same inputs, same bits.
            for col in (0..cols).step_by(STRIP_COLS).map(|col| col.min(cols - strip_cols)) {
                let receivers = padded.slice(s![halo_rows.., halo_cols + col..]);
                let strip = Strip {
                    first: receivers.as_ptr(),
                    stride: receivers.strides()[0].cast_unsigned(),
                    rows: block_rows,
                    cols: strip_cols,
                };
                let target = out.slice_mut(s![.., row..row + block_rows, col..col + strip_cols]);
                block.compute(self, strip, whole, target);
            }
        }
    }
}

/// Whether a row has a missing height. No early exit: the sum over the row
/// vectorises, and rows without one are the rule.
#[inline(always)]
fn has_missing(row: ArrayView1<'_, f32>) -> bool {
    row.as_slice().map_or_else(
        || row.iter().any(|z| z.is_nan()),
        |row| row.iter().fold(0_u32, |sum, z| sum | u32::from(z.is_nan())) != 0,
    )
}

/// Scratch of one block: sums per measure, and what the search found.
struct Block {
    found: Horizon,
    sums: Vec<Vec<f64>>,
    /// 1 where the rule for missing samples makes the receiver NoData.
    refused: Vec<f32>,
    taps: Vec<crate::horizon::Tap>,
}

impl Block {
    fn new(kernel: &Kernel, rows: usize) -> Self {
        let cells = rows * STRIP_COLS;
        Self {
            found: Horizon::new(cells, Needs { gaps: true, ..kernel.needs }),
            sums: vec![vec![0.0; cells]; kernel.measures.len()],
            refused: vec![0.0; cells],
            taps: Vec::new(),
        }
    }

    /// Computes one strip. `whole` says that no height in reach is missing.
    #[inline(always)]
    fn compute(
        &mut self,
        kernel: &Kernel,
        strip: Strip,
        whole: bool,
        mut out: ArrayViewMut3<'_, f32>,
    ) {
        let nan_rule = kernel.params.missing == Missing::Nan;
        // Without a gap in reach the rules agree, and gaps are zero: the plain search does.
        let mut params = kernel.params.clone();
        let mut needs = Needs { gaps: kernel.needs.gaps || nan_rule, ..kernel.needs };
        if whole {
            params.missing = Missing::Skip;
            needs.gaps = false;
            self.found.gaps.fill(0.0);
        }
        for sum in &mut self.sums {
            sum.fill(0.0);
        }
        self.refused.fill(0.0);
        let n = f64::from(kernel.params.directions);
        for (i, line) in kernel.fan.lines.iter().enumerate() {
            taps_of(line, &params, strip.stride, &mut self.taps);
            let search = search_for(kernel.level, strip.cols, line, &params, needs);
            // SAFETY: `Kernel::compute` checked that the tile holds the halo of every receiver,
            // and the halo holds every tap; the level is one the processor has.
            unsafe { search(strip, &self.taps, &mut self.found) };
            if nan_rule {
                for (refused, gap) in self.refused.iter_mut().zip(&self.found.gaps) {
                    *refused += gap;
                }
            }
            let mut band = 0;
            for (&measure, sum) in kernel.measures.iter().zip(&mut self.sums) {
                if let Measure::Horizon { .. } = measure {
                    sum.fill(0.0);
                    measures::add_direction(measure, &self.found, sum);
                    put(measure, sum, n, out.slice_mut(s![band + i..=band + i, .., ..]));
                } else {
                    measures::add_direction(measure, &self.found, sum);
                }
                band += measure.bands(kernel.params.directions);
            }
        }
        let mut band = 0;
        for (&measure, sum) in kernel.measures.iter().zip(&self.sums) {
            if !matches!(measure, Measure::Horizon { .. }) {
                put(measure, sum, n, out.slice_mut(s![band..=band, .., ..]));
            }
            band += measure.bands(kernel.params.directions);
        }
        self.mask(strip, out);
    }

    /// Writes NaN where the receiver is missing or was refused.
    fn mask(&self, strip: Strip, mut out: ArrayViewMut3<'_, f32>) {
        for row in 0..strip.rows {
            for col in 0..strip.cols {
                // SAFETY: a receiver of the strip.
                let ground = unsafe { *strip.first.add(row * strip.stride + col) };
                if ground.is_nan() || self.refused[row * STRIP_COLS + col] > 0.0 {
                    out.slice_mut(s![.., row, col]).fill(f32::NAN);
                }
            }
        }
    }
}

/// Writes the values of one band.
#[inline(always)]
fn put(measure: Measure, sums: &[f64], n: f64, mut out: ArrayViewMut3<'_, f32>) {
    for (mut row, sums) in out.rows_mut().into_iter().zip(sums.chunks(STRIP_COLS)) {
        for (value, sum) in row.iter_mut().zip(sums) {
            *value = measures::value(measure, *sum, n);
        }
    }
}
