//! Finds the cells of a band that have no height: cells with its NoData value, compared as in
//! GDAL's own mask bands; cells with values that the user gave instead; and cells that a mask or
//! an alpha band excludes.

use gdal::raster::{GdalDataType, RasterBand};
use gdal::{Dataset, Metadata};
use gdal_sys::GDALColorInterp;
use ndarray::{Array2, ArrayViewMut2, Zip};
use svf_kernel::tile::Window;

use crate::io;

/// The range of the whole numbers of a type.
type Range = (f64, f64);

/// How values of a type are compared with NoData.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Compared {
    /// Whole numbers: a NoData value is truncated to a whole number, and ignored outside the
    /// range.
    Whole(Range),
    /// Floats of 32 bits.
    Float32,
    /// Floats of 64 bits.
    Float64,
}

/// Relative difference up to which floats count as the same NoData value. As in GDAL, the limit
/// of 32-bit floats is also used for 64-bit floats, because NoData values come from texts with
/// few digits.
const SAME_FLOAT: f64 = 2.0 * f32::EPSILON as f64;

/// Values that mean NoData.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NoData {
    compared: Compared,
    values: Vec<f64>,
}

impl NoData {
    /// Values as declared, for a band of a type, without those that the type cannot store.
    pub(crate) fn new(band_type: GdalDataType, signed_bytes: bool, values: &[f64]) -> Self {
        let compared = compared(band_type, signed_bytes);
        let values = values.iter().filter_map(|&value| match compared {
            Compared::Whole((low, high)) => {
                (value >= low && value <= high).then_some(value.trunc())
            }
            // A float of 32 bits that is infinite is missing anyway.
            Compared::Float32 => Some(f64::from(value as f32)).filter(|value| value.is_finite()),
            Compared::Float64 => Some(value).filter(|value| value.is_finite()),
        });
        Self { compared, values: values.collect() }
    }

    /// The values in the form in which they are compared.
    pub(crate) fn values(&self) -> &[f64] {
        &self.values
    }

    /// Whether a stored value means NoData.
    pub(crate) fn has(&self, value: f64) -> bool {
        self.values.iter().any(|&nodata| self.same(value, nodata))
    }

    /// Converts cells, as read from a band of at most 24 bits, to heights: NaN if missing.
    #[expect(clippy::cast_possible_truncation, reason = "these types are f32 without loss")]
    pub(crate) fn to_heights(&self, cells: ArrayViewMut2<'_, f32>, height: impl Fn(f32) -> f32) {
        // One pass over the cells.
        match (self.compared, &self.values[..]) {
            (_, []) => each(cells, height),
            (Compared::Float32, [nodata]) => {
                let nodata = *nodata as f32;
                each(cells, |z| if same_f32(z, nodata) { f32::NAN } else { height(z) });
            }
            (_, [nodata]) => {
                let nodata = *nodata as f32;
                each(cells, |z| if z == nodata { f32::NAN } else { height(z) });
            }
            _ => each(cells, |z| if self.has(f64::from(z)) { f32::NAN } else { height(z) }),
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "values of a Float32 band")]
    fn same(&self, value: f64, nodata: f64) -> bool {
        match self.compared {
            Compared::Whole(_) => value == nodata,
            Compared::Float32 => same_f32(value as f32, nodata as f32),
            Compared::Float64 => {
                value == nodata || (value - nodata).abs() < SAME_FLOAT * (value + nodata).abs()
            }
        }
    }
}

/// Changes each cell, row by row; several adjacent cells at a time.
fn each(mut cells: ArrayViewMut2<'_, f32>, change: impl Fn(f32) -> f32) {
    for mut row in cells.rows_mut() {
        match row.as_slice_mut() {
            Some(row) => row.iter_mut().for_each(|z| *z = change(*z)),
            None => row.mapv_inplace(&change),
        }
    }
}

/// GDAL's comparison. If the sum overflows, it is infinite, and all values count as equal.
#[inline(always)]
fn same_f32(value: f32, nodata: f32) -> bool {
    value == nodata || (value - nodata).abs() < f32::EPSILON * (value + nodata).abs() * 2.0
}

fn compared(band_type: GdalDataType, signed_bytes: bool) -> Compared {
    let name = if signed_bytes { "Int8".to_owned() } else { band_type.name() };
    match (whole_range(&name), name.as_str()) {
        (Some(range), _) => Compared::Whole(range),
        (None, "Float32" | "Float16") => Compared::Float32,
        (None, _) => Compared::Float64,
    }
}

/// The range of a type of whole numbers, by GDAL's name: the bindings only have the types of the
/// installed GDAL.
pub(crate) fn whole_range(data_type: &str) -> Option<Range> {
    match data_type {
        "Byte" => Some((0.0, 255.0)),
        "Int8" => Some((-128.0, 127.0)),
        "UInt16" => Some((0.0, 65_535.0)),
        "Int16" => Some((-32_768.0, 32_767.0)),
        "UInt32" => Some((0.0, 4_294_967_295.0)),
        "Int32" => Some((-2_147_483_648.0, 2_147_483_647.0)),
        // As f64, the largest value is one more; heights are never that large.
        "Int64" => Some((-9_223_372_036_854_775_808.0, 9_223_372_036_854_775_808.0)),
        "UInt64" => Some((0.0, 18_446_744_073_709_551_616.0)),
        _ => None,
    }
}

/// Whether f32 can store every value of a type.
pub(crate) fn fits_f32(band_type: GdalDataType) -> bool {
    matches!(
        band_type,
        GdalDataType::UInt8 | GdalDataType::UInt16 | GdalDataType::Int16 | GdalDataType::Float32
    ) || matches!(band_type.name().as_str(), "Int8" | "Float16")
}

/// Whether f64 can store every value of a type.
pub(crate) fn fits_f64(band_type: GdalDataType) -> bool {
    !matches!(band_type.name().as_str(), "Int64" | "UInt64")
}

/// Whether the bytes of a band are signed. GDAL before 3.7 has no type for them.
pub(crate) fn has_signed_bytes(band: &RasterBand<'_>) -> bool {
    band.band_type() == GdalDataType::UInt8
        && band
            .metadata_item("PIXELTYPE", "IMAGE_STRUCTURE")
            .is_some_and(|kind| kind.eq_ignore_ascii_case("SIGNEDBYTE"))
}

/// Mask and alpha bands, which also say where heights are missing.
pub(crate) struct Masks {
    /// Whether GDAL's mask band of the band is used.
    mask: bool,
    /// Numbers of the alpha bands.
    alphas: Vec<usize>,
    bytes: Array2<u8>,
    floats: Array2<f32>,
}

impl Masks {
    /// The masks of a band. `declared`: its own NoData value is used.
    pub(crate) fn of(dataset: &Dataset, band: &RasterBand<'_>, declared: bool) -> Self {
        let is_alpha = |number: &usize| {
            dataset.rasterband(*number).is_ok_and(|band| {
                io::color_interpretation(&band) == GDALColorInterp::GCI_AlphaBand
                    && io::complex_type(&band).is_none()
            })
        };
        let mask = band.mask_flags().is_ok_and(|flags| {
            if flags.is_all_valid() || flags.is_alpha() {
                // GDAL only recognises alpha bands of two types, at the end of a file; here all
                // are used.
                false
            } else if flags.is_nodata() {
                // NoData values for several bands together, or of a type that f64 cannot store.
                declared && (flags.is_per_dataset() || !fits_f64(band.band_type()))
            } else {
                true
            }
        });
        Self {
            mask,
            alphas: (1..=dataset.raster_count()).filter(is_alpha).collect(),
            bytes: Array2::default((0, 0)),
            floats: Array2::default((0, 0)),
        }
    }

    /// Whether there are no masks.
    pub(crate) fn is_none(&self) -> bool {
        !self.mask && self.alphas.is_empty()
    }

    /// Makes the cells of a window of `band` that are masked out `missing`. The reason
    /// of a failure is in the session.
    pub(crate) fn hide<T: Copy>(
        &mut self,
        dataset: &Dataset,
        band: &RasterBand<'_>,
        window: &Window,
        mut cells: ArrayViewMut2<'_, T>,
        missing: T,
    ) -> Result<(), ()> {
        if self.mask {
            io::resize(&mut self.bytes, cells.dim());
            let mask = band.open_mask_band().map_err(|_| ())?;
            io::read(&mask, window, self.bytes.view_mut())?;
            Zip::from(&mut cells).and(&self.bytes).for_each(|cell, &valid| {
                if valid == 0 {
                    *cell = missing;
                }
            });
        }
        for &number in &self.alphas {
            io::resize(&mut self.floats, cells.dim());
            let alpha = dataset.rasterband(number).map_err(|_| ())?;
            io::read(&alpha, window, self.floats.view_mut())?;
            // A partly opaque cell is valid.
            Zip::from(&mut cells).and(&self.floats).for_each(|cell, &alpha| {
                if alpha.is_nan() || alpha == 0.0 {
                    *cell = missing;
                }
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use ndarray::s;

    use super::*;

    #[test]
    fn cells_become_heights_whatever_number_of_values_is_missing() {
        let of = |band_type, values: &[f64]| {
            let nodata = NoData::new(band_type, false, values);
            let mut cells = Array2::from_shape_fn((2, 6), |(_, col)| [7, 0, 9, 8, -9999, 1][col]);
            cells[[1, 0]] = -9999;
            let mut cells = cells.mapv(|cell| cell as f32);
            // Adjacent cells, and cells with a stride.
            nodata.to_heights(cells.slice_mut(s![0..1, ..]), |z| 2.0 * z);
            nodata.to_heights(cells.slice_mut(s![1..2, ..;2]), |z| 2.0 * z);
            cells.into_iter().map(|z| if z.is_nan() { None } else { Some(z as i32) }).collect()
        };
        for band_type in [GdalDataType::Int16, GdalDataType::Float32] {
            let heights: Vec<Option<i32>> = of(band_type, &[]);
            assert_eq!(heights[..6], [14, 0, 18, 16, -19998, 2].map(Some));
            assert_eq!(heights[6..], [-19998, 0, 18, 8, -19998, 1].map(Some));
            let heights: Vec<Option<i32>> = of(band_type, &[-9999.0]);
            assert_eq!(heights[..6], [Some(14), Some(0), Some(18), Some(16), None, Some(2)]);
            assert_eq!(heights[6..], [None, Some(0), Some(18), Some(8), None, Some(1)]);
            let heights: Vec<Option<i32>> = of(band_type, &[-9999.0, 9.0]);
            assert_eq!(heights[..6], [Some(14), Some(0), None, Some(16), None, Some(2)]);
            assert_eq!(heights[6..], [None, Some(0), None, Some(8), None, Some(1)]);
        }
    }

    #[test]
    fn whole_numbers_are_cut_and_must_fit() {
        let bytes = |signed, value| NoData::new(GdalDataType::UInt8, signed, &[value]);
        assert_eq!(bytes(false, 254.9).values(), [254.0]);
        assert_eq!(bytes(false, 255.5).values(), [0.0; 0]);
        assert_eq!(bytes(false, -128.0).values(), [0.0; 0]);
        assert_eq!(bytes(true, -128.0).values(), [-128.0]);
        assert!(bytes(true, -128.0).has(-128.0) && !bytes(true, -128.0).has(128.0));
    }

    #[test]
    fn floats_are_the_same_within_rounding() {
        let of = |band_type, value| NoData::new(band_type, false, &[value]);
        let (f32s, f64s) = (GdalDataType::Float32, GdalDataType::Float64);
        let largest = f64::from(f32::MAX);
        assert!(of(f64s, -3.402_823_466_385_29e38).has(-largest));
        assert!(!of(f64s, -3.4e38).has(-largest));
        assert!(of(f32s, -3.4e38).has(-largest), "a sum that is no float");
        assert!(of(f64s, -9999.0).has(-9999.004) && !of(f64s, -9999.0).has(-9999.01));
        assert!(of(f64s, 0.0).has(0.0) && !of(f64s, 0.0).has(1e-300));
        for nan in [f64::NAN, f64::INFINITY] {
            assert_eq!(of(f32s, nan).values(), [0.0; 0]);
            assert_eq!(of(f64s, nan).values(), [0.0; 0]);
        }
    }
}
