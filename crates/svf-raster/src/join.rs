//! Cells as stored, from one raster to another: what joining tiles takes. Nothing
//! is converted, so that joined tiles equal one run bit for bit.

use gdal::raster::RasterBand;
use gdal::{Dataset, DatasetOptions, GdalOpenFlags, Metadata};
use ndarray::{Array2, ArrayViewMut2, s};
use svf_kernel::tile::Window;

use crate::error::{Op, RasterError};
use crate::grid::Grid;
use crate::io::{self, Element};
use crate::session::{self, OfRun};
use crate::stat::refuse_special;
use crate::writer::{BandSpec, OutputType};

/// A window of cells of one of the types that outputs have.
#[derive(Clone, Debug)]
pub enum Cells {
    /// 8 bits.
    UInt8(Array2<u8>),
    /// 16 bits.
    UInt16(Array2<u16>),
    /// 32-bit floats.
    Float32(Array2<f32>),
    /// 64-bit floats.
    Float64(Array2<f64>),
}

/// Does the same for each type of cells.
macro_rules! each {
    ($cells:expr, $array:ident => $body:expr) => {
        match $cells {
            Cells::UInt8($array) => $body,
            Cells::UInt16($array) => $body,
            Cells::Float32($array) => $body,
            Cells::Float64($array) => $body,
        }
    };
}

impl Cells {
    /// An empty window of a type.
    pub fn of(output_type: OutputType) -> Self {
        match output_type {
            OutputType::UInt8 => Self::UInt8(Array2::default((0, 0))),
            OutputType::UInt16 => Self::UInt16(Array2::default((0, 0))),
            OutputType::Float32 => Self::Float32(Array2::default((0, 0))),
            OutputType::Float64 => Self::Float64(Array2::default((0, 0))),
        }
    }

    /// Takes the shape of a window and fills it with `nodata`.
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

    /// Calls for every value that is not `nodata`.
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

    pub(crate) fn write(&mut self, band: &RasterBand<'_>, window: &Window) -> Result<(), ()> {
        each!(self, a => io::write(band, window, a.view()))
    }
}

fn reset<T: Clone>(array: &mut Array2<T>, shape: (usize, usize), value: T) {
    // The vector of a smaller or larger window serves again.
    let mut cells = std::mem::replace(array, Array2::from_shape_fn((0, 0), |_| value.clone()))
        .into_raw_vec_and_offset()
        .0;
    cells.clear();
    cells.resize(shape.0 * shape.1, value.clone());
    *array =
        Array2::from_shape_vec(shape, cells).unwrap_or_else(|_| Array2::from_elem(shape, value));
}

/// Metadata item of tiles, and of what they were joined to: the id of the plan.
pub const PLAN_ITEM: &str = "SVF_PLAN";

/// A raster whose cells are taken as they are.
pub struct TileFile {
    path: String,
    dataset: OfRun<Dataset>,
    /// Rows and columns.
    pub size: (u64, u64),
    /// Type of its cells, GDAL's name.
    pub data_type: String,
    /// NoData value of its first band.
    pub nodata: Option<f64>,
    /// Rows and columns of a block.
    pub block: (u64, u64),
}

impl TileFile {
    /// Opens a raster.
    ///
    /// # Errors
    /// What GDAL has against it.
    pub fn open(path: &str) -> Result<Self, RasterError> {
        Self::open_beside(path, None)
    }

    /// Opens a GeoTIFF for its cells alone: its folder, which may hold thousands, is
    /// not searched for files that belong to it.
    ///
    /// # Errors
    /// What GDAL has against it.
    pub fn open_alone(path: &str) -> Result<Self, RasterError> {
        let name = path.rsplit('/').next().unwrap_or(path);
        Self::open_beside(path, Some(&[name]))
    }

    fn open_beside(path: &str, siblings: Option<&[&str]>) -> Result<Self, RasterError> {
        let _here = session::enter_here();
        let failed =
            |e: gdal::errors::GdalError| RasterError::new(Op::Open, path, session::reason(&e));
        refuse_special(path, path)?;
        let options = DatasetOptions {
            open_flags: GdalOpenFlags::GDAL_OF_READONLY
                | GdalOpenFlags::GDAL_OF_RASTER
                | GdalOpenFlags::GDAL_OF_VERBOSE_ERROR,
            sibling_files: siblings,
            ..DatasetOptions::default()
        };
        let dataset = Dataset::open_ex(path, options).map_err(failed)?;
        if dataset.raster_count() == 0 {
            return Err(RasterError::new(Op::Open, path, "it has no raster band of its own"));
        }
        let band = dataset.rasterband(1).map_err(failed)?;
        let (block_cols, block_rows) = band.block_size();
        let (cols, rows) = dataset.raster_size();
        Ok(Self {
            path: path.to_owned(),
            size: (rows as u64, cols as u64),
            data_type: band.band_type().name(),
            nodata: band.no_data_value(),
            block: (block_rows as u64, block_cols as u64),
            dataset: OfRun::here(dataset),
        })
    }

    /// Where its cells lie. Making sense of a CRS takes longer than all the rest.
    pub fn grid(&self) -> Grid {
        let _here = self.dataset.enter();
        Grid::of(&self.dataset)
    }

    /// Whether all that decides its cells is in the file itself.
    pub fn is_alone(&self) -> bool {
        self.dataset.driver().short_name() == "GTiff"
    }

    /// Number of bands.
    pub fn band_count(&self) -> usize {
        self.dataset.raster_count()
    }

    /// Its bands as an output would have them.
    ///
    /// # Errors
    /// A band that cannot be had.
    pub fn bands(&self) -> Result<Vec<BandSpec>, RasterError> {
        let _here = self.dataset.enter();
        (1..=self.band_count())
            .map(|number| {
                let band = self
                    .dataset
                    .rasterband(number)
                    .map_err(|e| RasterError::new(Op::Open, &self.path, session::reason(&e)))?;
                Ok(BandSpec {
                    name: band.description().unwrap_or_default(),
                    unit: band.unit(),
                    scale_offset: (band.scale().unwrap_or(1.0), band.offset().unwrap_or(0.0)),
                })
            })
            .collect()
    }

    /// The plan that it was made of, if it says.
    pub fn plan(&self) -> Option<String> {
        self.dataset.metadata_item(PLAN_ITEM, "")
    }

    /// Its metadata items that say how its cells were made.
    pub fn metadata(&self) -> Vec<(String, String)> {
        let items = self.dataset.metadata_domain("").unwrap_or_default();
        items
            .iter()
            .filter_map(|item| item.split_once('='))
            .filter(|(key, _)| {
                let of_cells = key.starts_with("SVF_") && ![PLAN_ITEM, "SVF_TILE"].contains(key);
                of_cells || ["TIFFTAG_SOFTWARE", "AREA_OR_POINT"].contains(key)
            })
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect()
    }

    /// Reads `from` of band `band` (from 0) to `row`, `col` of the cells.
    ///
    /// # Errors
    /// A window that cannot be read, with GDAL's reason.
    pub fn read(
        &self,
        band: usize,
        from: &Window,
        into: &mut Cells,
        (row, col): (u64, u64),
    ) -> Result<(), RasterError> {
        fn part<'a, T: Element>(
            array: &'a mut Array2<T>,
            from: &Window,
            (row, col): (u64, u64),
        ) -> ArrayViewMut2<'a, T> {
            let (row, col) = (row as usize, col as usize);
            array.slice_mut(s![row..row + from.rows as usize, col..col + from.cols as usize])
        }
        let _here = self.dataset.enter();
        let failed = || RasterError::new(Op::Read, &self.path, session::last_message()).at(*from);
        let band = self.dataset.rasterband(band + 1).map_err(|_| failed())?;
        each!(into, a => io::read(&band, from, part(a, from, (row, col)))).map_err(|()| failed())
    }
}
