//! Everything that is known about a raster before its cells are read.

use std::collections::HashSet;

use svf_kernel::tile::Window;

use crate::grid::Grid;
use crate::held::InputBlocks;
use crate::mend::Source;
use crate::missing::whole_range;
use crate::units::HeightUnit;

/// What says that the values of a band are depths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Down {
    /// The axis of the vertical CRS.
    Crs,
    /// The attribute `positive` of the band, as in netCDF.
    Attribute,
    /// Its attribute `standard_name`, as in netCDF.
    StandardName,
    /// The unit of the band: "m below sea level".
    Unit,
    /// The name of the band, in a format in which it can only be `depth` or `elevation`.
    Band,
}

impl Down {
    /// A word for programs.
    pub fn name(self) -> &'static str {
        match self {
            Down::Crs => "crs",
            Down::Attribute => "positive",
            Down::StandardName => "standard_name",
            Down::Unit => "unit",
            Down::Band => "band",
        }
    }
}

/// What the axes of a file say about its coordinates, as in netCDF.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Axes {
    /// Nothing.
    #[default]
    Unsaid,
    /// They are longitudes and latitudes in degrees.
    Degrees,
    /// They are lengths.
    Length {
        /// The unit in the words of the file.
        unit: String,
        /// Metres per unit.
        metres: f64,
    },
}

/// Everything that is known about a band before its cells are read.
#[derive(Clone, Debug, PartialEq)]
pub struct RasterInfo {
    /// The path as given.
    pub path: String,
    /// Where its cells are.
    pub grid: Grid,
    /// Band number from 1.
    pub band: usize,
    /// Number of bands in the file.
    pub band_count: usize,
    /// GDAL's name of the band's type; also Int8 if GDAL says signed Byte.
    pub data_type: String,
    /// Bytes of a cell in the file's type.
    pub cell_bytes: u64,
    /// Whether GDAL calls signed bytes Byte, as it does before 3.7.
    pub signed_bytes: bool,
    /// NoData value that the file declares, if the band has one.
    pub nodata: Option<f64>,
    /// Rows and columns of a block.
    pub block: (usize, usize),
    /// Short name of the driver.
    pub driver: String,
    /// Height = scale * value + offset, if this is not (1, 0). Depths are converted to heights.
    pub scale_offset: (f64, f64),
    /// Unit of the heights, from the CRS or else from the band.
    pub height_unit: HeightUnit,
    /// Metres per unit of the heights by the band, if the vertical CRS says something else.
    pub unit_of_band_m: Option<f64>,
    /// Name of the vertical CRS.
    pub vertical_crs: Option<String>,
    /// What the coordinates are by the words of a file without a CRS.
    pub axes: Axes,
    /// Whether the values are depths, and what says so.
    pub down: Option<Down>,
    /// A name that suggests that the values are depths, although nothing says so.
    pub called_depth: Option<String>,
    /// Number that is subtracted from every height that is read as f32, so that no digits are
    /// lost. It is the same for the whole raster, and usually 0.
    pub height_offset: f64,
    /// What the band is called.
    pub description: String,
    /// The measures, if the raster is a result of these tools.
    pub measures: Option<String>,
    /// Which colour of a picture the band is: red, green or blue.
    pub colour: Option<&'static str>,
    /// Numbers of the red, green and blue band; 1, 2 and 3 if no band has such a name.
    pub colours: Option<[usize; 3]>,
    /// Smallest and largest height, from the file's own statistics.
    pub known_range: Option<(f64, f64)>,
    /// AREA_OR_POINT, if the file says.
    pub area_or_point: Option<String>,
    /// Local files behind the raster.
    pub files: Vec<String>,
    /// The other files that decide its cells: what is noted beside it, and of a VRT what is beside its
    /// files or is not listed by GDAL.
    pub beside: Vec<FileBeside>,
    /// Those of all these whose size and time do not tell whether the cells are the same: see
    /// [`crate::behind::content`].
    pub by_content: HashSet<String>,
    /// How a VRT changes the cell size of what it reads, if cells depend on the window then: a name of
    /// GDAL's, for example "average".
    pub resampled: Option<String>,
    /// The files that are read as this raster, if it is a collection.
    pub parts: Vec<MemberFile>,
    /// How many of them are open at the same time, at most.
    pub open_at_once: u64,
    /// What GDAL holds of a file that is open.
    pub held: InputBlocks,
}

/// A file that decides cells of a raster, although GDAL does not list it, or lists it with notes that do
/// not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileBeside {
    /// Its path.
    pub path: String,
    /// The file that it is beside; none if it can decide any cell.
    pub of: Option<String>,
}

/// A file of a collection.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberFile {
    /// Its path.
    pub path: String,
    /// The window of the whole raster that it covers.
    pub window: Window,
    /// Whether it overlaps an earlier file.
    pub covers: bool,
    /// GDAL's name of its type of cells.
    pub data_type: String,
    /// Its NoData value.
    pub nodata: Option<f64>,
    /// Its scale and offset.
    pub scale_offset: (f64, f64),
    /// Whether its values are depths, and what says so.
    pub down: Option<Down>,
    /// Name of its vertical CRS.
    pub vertical_crs: Option<String>,
    /// For the commands of hints.
    pub source: Source,
    /// The number of the first file that is like it in all but its place, its size and its cells.
    /// None if only opening it tells what it is.
    pub like: Option<usize>,
    /// Names of the files beside it that belong to it.
    pub beside: Vec<String>,
}

impl RasterInfo {
    /// All files that decide its cells, and what programs note about them.
    pub fn all_files(&self) -> impl Iterator<Item = &String> {
        self.files.iter().chain(self.beside.iter().map(|file| &file.path))
    }

    /// Whether a cell of this band can have a value: whole numbers have a range.
    pub fn can_hold(&self, value: f64) -> bool {
        let range = whole_range(&self.data_type);
        range.is_none_or(|(low, high)| (low..=high).contains(&value))
    }

    /// As commands in hints name it.
    pub fn source(&self) -> Source {
        Source {
            path: self.path.clone(),
            parts: self.parts.iter().map(|part| part.path.clone()).collect(),
            driver: self.driver.clone(),
            has_nodata: self.nodata.is_some(),
        }
    }
}
