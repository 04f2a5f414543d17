//! What there is to know about a raster before it is read.

use svf_kernel::tile::Window;

use crate::grid::Grid;
use crate::mend::Source;
use crate::units::HeightUnit;

/// Who says that the values of a band are depths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Down {
    /// The axis of the vertical CRS.
    Crs,
    /// The attribute `positive` of the band, as in netCDF.
    Attribute,
}

/// What there is to know about a band before reading it.
#[derive(Clone, Debug, PartialEq)]
pub struct RasterInfo {
    /// The path as given.
    pub path: String,
    /// Where its cells lie.
    pub grid: Grid,
    /// Band number from 1.
    pub band: usize,
    /// Number of bands in the file.
    pub band_count: usize,
    /// GDAL's name of the band's type; Int8 also where GDAL says Byte, and that it is signed.
    pub data_type: String,
    /// Bytes of a cell in the file's type.
    pub cell_bytes: u64,
    /// Whether GDAL says Byte of signed bytes, as it does before 3.7.
    pub signed_bytes: bool,
    /// NoData value that the file declares, if the band has one.
    pub nodata: Option<f64>,
    /// Rows and columns of a block.
    pub block: (usize, usize),
    /// Short name of the driver.
    pub driver: String,
    /// Height = scale * value + offset, when not (1, 0). Depths are turned into heights.
    pub scale_offset: (f64, f64),
    /// Unit of the heights, if the CRS says, or else the band.
    pub height_unit: HeightUnit,
    /// Whether the values are depths, and who says so.
    pub down: Option<Down>,
    /// What is taken off every height that is read as f32, lest digits are lost: the same
    /// for the whole raster. Mostly 0.
    pub height_offset: f64,
    /// What the band is called.
    pub description: String,
    /// The measures, where the raster is a result of these tools.
    pub measures: Option<String>,
    /// What the band is of a picture: red, green or blue.
    pub colour: Option<&'static str>,
    /// Numbers of the red, green and blue band; of the first three where none is named so.
    pub colours: Option<[usize; 3]>,
    /// Smallest and largest height, from the file's own statistics.
    pub known_range: Option<(f64, f64)>,
    /// AREA_OR_POINT, if the file says.
    pub area_or_point: Option<String>,
    /// Local files behind the raster.
    pub files: Vec<String>,
    /// The rasters that are read as this one, where it is not one itself.
    pub parts: Vec<MemberFile>,
    /// How many of them are open at once, at most.
    pub open_at_once: u64,
}

/// A file of a collection.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberFile {
    /// Its path.
    pub path: String,
    /// The cells of the whole that it has.
    pub window: Window,
    /// Whether it lies over one before it.
    pub covers: bool,
    /// GDAL's name of its type of cells.
    pub data_type: String,
    /// Its NoData value.
    pub nodata: Option<f64>,
    /// Its scale and offset.
    pub scale_offset: (f64, f64),
}

impl RasterInfo {
    /// As commands in hints name it.
    pub fn source(&self) -> Source {
        Source {
            path: self.path.clone(),
            parts: self.parts.iter().take(3).map(|part| part.path.clone()).collect(),
            driver: self.driver.clone(),
            has_nodata: self.nodata.is_some(),
        }
    }
}
