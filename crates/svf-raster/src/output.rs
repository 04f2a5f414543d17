//! Describes an output: its cell type, its bands and its creation options.

use crate::grid::Grid;

/// Type of the output's cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputType {
    /// 32-bit floats.
    Float32,
    /// 64-bit floats.
    Float64,
    /// 0..254 scaled, 255 NoData.
    UInt8,
    /// 0..65534 scaled, 65535 NoData.
    UInt16,
}

impl OutputType {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::UInt8, Self::UInt16, Self::Float32, Self::Float64];

    /// What `--ot` calls it.
    pub fn option(self) -> String {
        if self == Self::UInt8 { "uint8".to_owned() } else { self.name().to_lowercase() }
    }

    /// Largest value that holds data, and the default NoData, of a scaled type.
    pub fn scaled_range(self) -> Option<(f64, f64)> {
        match self {
            OutputType::UInt8 => Some((254.0, 255.0)),
            OutputType::UInt16 => Some((65_534.0, 65_535.0)),
            OutputType::Float32 | OutputType::Float64 => None,
        }
    }

    /// GDAL's name.
    pub fn name(self) -> &'static str {
        match self {
            OutputType::Float32 => "Float32",
            OutputType::Float64 => "Float64",
            OutputType::UInt8 => "Byte",
            OutputType::UInt16 => "UInt16",
        }
    }

    /// The type with this GDAL name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|output_type| output_type.name() == name)
    }

    /// A value as a cell of this type, if the type can store it; a NoData value must be storable.
    pub fn cell(self, value: f64) -> Option<f64> {
        let whole = |most: f64| value.fract() == 0.0 && (0.0..=most).contains(&value);
        match self {
            OutputType::Float64 => Some(value),
            #[expect(clippy::cast_possible_truncation, reason = "rounded as the file does")]
            OutputType::Float32 => {
                let cell = f64::from(value as f32);
                (cell.is_finite() || !value.is_finite()).then_some(cell)
            }
            OutputType::UInt8 => whole(255.0).then_some(value),
            OutputType::UInt16 => whole(65_535.0).then_some(value),
        }
    }

    /// Bytes of a cell.
    pub fn bytes(self) -> u64 {
        match self {
            OutputType::UInt8 => 1,
            OutputType::UInt16 => 2,
            OutputType::Float32 => 4,
            OutputType::Float64 => 8,
        }
    }
}

/// One band of the output.
#[derive(Clone, Debug, PartialEq)]
pub struct BandSpec {
    /// Band description.
    pub name: String,
    /// Unit of the values, may be empty.
    pub unit: String,
    /// Value = scale * cell + offset.
    pub scale_offset: (f64, f64),
}

/// The metadata item of the north that azimuths count from, if it is not that of the grid: degrees
/// clockwise from grid north.
pub const NORTH_ITEM: &str = "SVF_NORTH";

/// Everything an output raster is created with.
#[derive(Clone, Debug)]
pub struct OutputSpec {
    /// Final path.
    pub path: String,
    /// GDAL driver, e.g. `GTiff`.
    pub driver: String,
    /// Type of the cells.
    pub output_type: OutputType,
    /// NoData value of every band, if they have one.
    pub nodata: Option<f64>,
    /// Where its cells are.
    pub grid: Grid,
    /// The bands.
    pub bands: Vec<BandSpec>,
    /// Creation options, `KEY=VALUE`; all others get a default.
    pub creation_options: Vec<String>,
    /// Metadata items of the file.
    pub metadata: Vec<(String, String)>,
    /// Side of a block of a GeoTIFF, a multiple of 16.
    pub block_px: u64,
    /// Threads for compression.
    pub threads: usize,
    /// Threads for compression while a driver that can only copy makes its copy.
    pub copy_threads: usize,
}

/// Statistics of a band's valid cells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BandStatistics {
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub std_dev: f64,
    /// Number of cells with a value.
    pub valid: u64,
    /// Number of cells without.
    pub nodata: u64,
}

impl BandStatistics {
    /// As metadata items of a band, with GDAL's names.
    pub(crate) fn items(&self) -> Vec<(&'static str, String)> {
        let mut items = Vec::new();
        if self.valid > 0 {
            items.push(("STATISTICS_MINIMUM", self.min.to_string()));
            items.push(("STATISTICS_MAXIMUM", self.max.to_string()));
            items.push(("STATISTICS_MEAN", self.mean.to_string()));
            items.push(("STATISTICS_STDDEV", self.std_dev.to_string()));
        }
        let total = (self.valid + self.nodata).max(1);
        let percent = 100.0 * self.valid as f64 / total as f64;
        items.push(("STATISTICS_VALID_PERCENT", format!("{percent:.4}")));
        items
    }
}
