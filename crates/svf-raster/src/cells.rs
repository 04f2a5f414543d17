//! Windows of cells as stored: in the data type of the file, without any conversion.

use std::borrow::Cow;

use gdal::raster::RasterBand;
use ndarray::Array2;
use svf_kernel::tile::Window;

use crate::io;
use crate::output::OutputType;

/// A window of cells of one of the types that outputs have.
#[derive(Clone, Debug)]
pub enum StoredCells {
    /// 8 bits.
    UInt8(Array2<u8>),
    /// 16 bits.
    UInt16(Array2<u16>),
    /// 32-bit floats.
    Float32(Array2<f32>),
    /// 64-bit floats.
    Float64(Array2<f64>),
}

/// Runs the same code for each type of cells.
macro_rules! each {
    ($cells:expr, $array:ident => $body:expr) => {
        match $cells {
            $crate::cells::StoredCells::UInt8($array) => $body,
            $crate::cells::StoredCells::UInt16($array) => $body,
            $crate::cells::StoredCells::Float32($array) => $body,
            $crate::cells::StoredCells::Float64($array) => $body,
        }
    };
}

pub(crate) use each;

impl StoredCells {
    /// An empty window of a type.
    pub fn of(output_type: OutputType) -> Self {
        match output_type {
            OutputType::UInt8 => Self::UInt8(Array2::default((0, 0))),
            OutputType::UInt16 => Self::UInt16(Array2::default((0, 0))),
            OutputType::Float32 => Self::Float32(Array2::default((0, 0))),
            OutputType::Float64 => Self::Float64(Array2::default((0, 0))),
        }
    }

    /// Changes the shape to that of a window and fills it with `nodata`.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "NoData of the type"
    )]
    pub fn reset(&mut self, rows: u64, cols: u64, nodata: f64) {
        let shape = (rows as usize, cols as usize);
        match self {
            Self::UInt8(a) => reset(a, shape, nodata as u8),
            Self::UInt16(a) => reset(a, shape, nodata as u16),
            Self::Float32(a) => reset(a, shape, nodata as f32),
            Self::Float64(a) => reset(a, shape, nodata),
        }
    }

    /// Calls a function for every value that is not `nodata`.
    pub fn for_each_value(&self, nodata: Option<f64>, mut f: impl FnMut(f64)) {
        // No value equals NaN.
        let nodata = nodata.unwrap_or(f64::NAN);
        #[expect(clippy::cast_possible_truncation, reason = "compared in the type of the cells")]
        let nodata = match self {
            Self::Float32(_) => f64::from(nodata as f32),
            _ => nodata,
        };
        let mut see = |value: f64| {
            if value != nodata && !value.is_nan() {
                f(value);
            }
        };
        match self {
            Self::UInt8(a) => a.iter().for_each(|&v| see(v.into())),
            Self::UInt16(a) => a.iter().for_each(|&v| see(v.into())),
            Self::Float32(a) => a.iter().for_each(|&v| see(v.into())),
            Self::Float64(a) => a.iter().for_each(|&v| see(v)),
        }
    }

    /// The same cells as 32-bit floats; none if these cannot hold them.
    pub(crate) fn as_f32(&self) -> Option<Cow<'_, Array2<f32>>> {
        match self {
            Self::UInt8(a) => Some(Cow::Owned(a.mapv(f32::from))),
            Self::UInt16(a) => Some(Cow::Owned(a.mapv(f32::from))),
            Self::Float32(a) => Some(Cow::Borrowed(a)),
            Self::Float64(_) => None,
        }
    }

    pub(crate) fn write(&mut self, band: &RasterBand<'_>, window: &Window) -> Result<(), ()> {
        each!(self, a => io::write(band, window, a.view()))
    }
}

fn reset<T: Clone>(array: &mut Array2<T>, shape: (usize, usize), value: T) {
    // The vector of the earlier window is used again.
    let mut cells = std::mem::replace(array, Array2::from_shape_fn((0, 0), |_| value.clone()))
        .into_raw_vec_and_offset()
        .0;
    cells.clear();
    cells.resize(shape.0 * shape.1, value.clone());
    *array =
        Array2::from_shape_vec(shape, cells).unwrap_or_else(|_| Array2::from_elem(shape, value));
}
