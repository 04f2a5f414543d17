//! Reads rasters for joining. Cells are not converted, so that joined tiles are equal to a single
//! run, bit for bit.

use gdal::raster::RasterBand;
use gdal::{Dataset, DatasetOptions, GdalOpenFlags, Metadata};
use ndarray::{Array2, ArrayViewMut2, s};
use svf_kernel::tile::Window;

use crate::cells::{StoredCells, each};
use crate::error::{Op, RasterError};
use crate::grid::Grid;
use crate::held::InputBlocks;
use crate::io::{self, Element};
use crate::names;
use crate::output::{BandSpec, OutputType};
use crate::reader::{self, BandReader, OpenOptions};
use crate::session::{self, OfRun};
use crate::stat::refuse_special;

/// Metadata item of tiles and of joined rasters: the id of the plan.
pub const PLAN_ITEM: &str = "SVF_PLAN";
/// Metadata item of a part of a joined raster: what it is a part of.
pub const PART_ITEM: &str = "SVF_PART";

/// A raster whose cells are copied without conversion.
pub struct TileFile {
    path: String,
    cells: Cells,
    /// Rows and columns.
    pub size: (u64, u64),
    /// Type of its cells, GDAL's name.
    pub data_type: String,
    /// NoData value of its first band.
    pub nodata: Option<f64>,
    /// Rows and columns of a block.
    pub block: (u64, u64),
    /// What GDAL holds of it while it is open.
    pub held: InputBlocks,
}

/// How its cells are read.
enum Cells {
    /// Of these tools: a digest says whether they are complete.
    Tile(OfRun<Dataset>),
    /// Of any origin: as heights are, because some drivers take what they could not read for zeros.
    Raster(Box<BandReader>),
}

/// Formats whose bands can be in different files, or end one after the other.
const BANDS_APART: [&str; 2] = ["VRT", "ENVI"];

/// The name of a band: its description or, in netCDF, the name of its variable.
fn name_of(band: &RasterBand<'_>) -> String {
    let described = band.description().ok().filter(|name| !name.is_empty());
    described.or_else(|| band.metadata_item("NETCDF_VARNAME", "")).unwrap_or_default()
}

impl TileFile {
    /// Opens a raster.
    ///
    /// # Errors
    /// GDAL's reason.
    pub fn open(path: &str) -> Result<Self, RasterError> {
        Self::open_beside(path, None)
    }

    /// Opens a GeoTIFF only for its cells. Its folder, which can have thousands of files, is not
    /// searched for sidecar files.
    ///
    /// # Errors
    /// GDAL's reason.
    pub fn open_alone(path: &str) -> Result<Self, RasterError> {
        let name = names::file_name(path);
        Self::open_beside(path, Some(&[name]))
    }

    /// Opens a raster that anything can have made, and checks that its files are complete. `siblings` are
    /// the files of its folder that may belong to it.
    ///
    /// # Errors
    /// GDAL's reason, or a file that is incomplete.
    pub fn open_checked(path: &str, siblings: Option<&Vec<String>>) -> Result<Self, RasterError> {
        let names: Option<Vec<&str>> =
            siblings.map(|names| names.iter().map(String::as_str).collect());
        let file = Self::open_beside(path, names.as_deref())?;
        if OutputType::named(&file.data_type).is_none() {
            // It cannot be joined.
            return Ok(file);
        }
        let _here = session::enter_here();
        let whole = Window::whole(file.size.0, file.size.1);
        let open = |band: usize| {
            let options = OpenOptions {
                band,
                // Any values are cells.
                input_nodata: Some(Vec::new()),
                is_mask: true,
                siblings: siblings.cloned(),
                ..OpenOptions::default()
            };
            let mut reader = reader::open_band(path, &options)?;
            reader.check_files(&whole)?;
            Ok(reader)
        };
        let mut reader = open(1)?;
        if BANDS_APART.contains(&file.driver().as_str()) {
            for band in 2..=file.band_count() {
                let other = open(band)?;
                // The one that reads twice does so for all bands.
                reader = if other.reads_twice() && !reader.reads_twice() { other } else { reader };
            }
        }
        Ok(Self { cells: Cells::Raster(Box::new(reader)), ..file })
    }

    fn dataset(&self) -> &OfRun<Dataset> {
        match &self.cells {
            Cells::Tile(dataset) => dataset,
            Cells::Raster(reader) => reader.dataset(),
        }
    }

    fn driver(&self) -> String {
        self.dataset().driver().short_name()
    }

    fn open_beside(path: &str, siblings: Option<&[&str]>) -> Result<Self, RasterError> {
        let _here = session::enter_here();
        let failed = |e: gdal::errors::GdalError| {
            // GDAL's message repeats the path, but the error already has it.
            let reason = session::reason(&e);
            let reason = reason.strip_prefix(&format!("{path}: ")).unwrap_or(&reason);
            RasterError::new(Op::Open, path, reason)
        };
        refuse_special(path, path)?;
        let options = DatasetOptions {
            open_flags: GdalOpenFlags::GDAL_OF_READONLY
                | GdalOpenFlags::GDAL_OF_RASTER
                | GdalOpenFlags::GDAL_OF_VERBOSE_ERROR,
            sibling_files: siblings,
            ..DatasetOptions::default()
        };
        session::take_damage();
        let dataset = Dataset::open_ex(path, options).map_err(failed)?;
        if let Some(said) = session::take_damage() {
            return Err(RasterError::new(Op::Open, path, said));
        }
        if dataset.raster_count() == 0 {
            return Err(RasterError::new(Op::Open, path, "it has no raster band of its own"));
        }
        let band = dataset.rasterband(1).map_err(failed)?;
        let (block_cols, block_rows) = band.block_size();
        let (cols, rows) = dataset.raster_size();
        let block_px = [block_rows as u64, block_cols as u64];
        let held = InputBlocks::of(&dataset, (block_px, io::cell_bytes(&band)), &[path.to_owned()]);
        Ok(Self {
            held,
            path: path.to_owned(),
            size: (rows as u64, cols as u64),
            data_type: band.band_type().name(),
            nodata: band.no_data_value(),
            block: (block_rows as u64, block_cols as u64),
            cells: Cells::Tile(OfRun::here(dataset)),
        })
    }

    /// Where its cells are. To interpret the CRS takes longer than everything else.
    pub fn grid(&self) -> Grid {
        let _here = self.dataset().enter();
        Grid::of(self.dataset())
    }

    /// Of a raster that anything can have made: what it says of its cells, apart from their place.
    pub fn likeness(&self) -> Option<String> {
        match &self.cells {
            Cells::Tile(_) => None,
            Cells::Raster(reader) => Some(reader.likeness()),
        }
    }

    /// Of such a raster: the files that decide its cells.
    pub fn files(&self) -> Vec<String> {
        match &self.cells {
            Cells::Tile(_) => Vec::new(),
            Cells::Raster(reader) => {
                let info = reader.info();
                let beside = info.beside.iter().map(|file| &file.path);
                info.files.iter().chain(beside).cloned().collect()
            }
        }
    }

    /// Number of bands.
    pub fn band_count(&self) -> usize {
        self.dataset().raster_count()
    }

    /// Its bands as an output would have them.
    ///
    /// # Errors
    /// A band that cannot be opened.
    pub fn bands(&self) -> Result<Vec<BandSpec>, RasterError> {
        let _here = self.dataset().enter();
        (1..=self.band_count())
            .map(|number| {
                let band = self
                    .dataset()
                    .rasterband(number)
                    .map_err(|e| RasterError::new(Op::Open, &self.path, session::reason(&e)))?;
                Ok(BandSpec {
                    name: name_of(&band),
                    unit: band.unit(),
                    scale_offset: (band.scale().unwrap_or(1.0), band.offset().unwrap_or(0.0)),
                })
            })
            .collect()
    }

    /// Whether a mask says which cells count: it would be lost.
    pub fn has_mask(&self) -> bool {
        let _here = self.dataset().enter();
        let flags = self.dataset().rasterband(1).and_then(|band| band.mask_flags());
        flags.is_ok_and(|flags| flags.is_per_dataset() && !flags.is_alpha())
    }

    /// The id of the plan that it was made with, if the file has it.
    pub fn plan(&self) -> Option<String> {
        self.dataset().metadata_item(PLAN_ITEM, "")
    }

    /// What it says about the raster that it is a part of.
    pub fn part(&self) -> Option<String> {
        self.dataset().metadata_item(PART_ITEM, "")
    }

    /// Its metadata items that describe how its cells were made.
    pub fn metadata(&self) -> Vec<(String, String)> {
        let items = self.dataset().metadata_domain("").unwrap_or_default();
        items
            .iter()
            .filter_map(|item| item.split_once('='))
            // As netCDF has those of a file.
            .map(|(key, value)| (key.strip_prefix("NC_GLOBAL#").unwrap_or(key), value))
            .filter(|(key, _)| {
                let of_cells =
                    key.starts_with("SVF_") && ![PLAN_ITEM, PART_ITEM, "SVF_TILE"].contains(key);
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
        &mut self,
        band: usize,
        from: &Window,
        into: &mut StoredCells,
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
        let dataset = match &mut self.cells {
            Cells::Tile(dataset) => dataset,
            Cells::Raster(reader) => {
                return each!(into, a => reader.read_stored(band + 1, from, part(a, from, (row, col))));
            }
        };
        let _here = dataset.enter();
        let failed = || RasterError::new(Op::Read, &self.path, session::last_message()).at(*from);
        session::take_damage();
        let band = dataset.rasterband(band + 1).map_err(|_| failed())?;
        each!(into, a => io::read(&band, from, part(a, from, (row, col))))
            .map_err(|()| failed())?;
        match session::take_damage() {
            None => Ok(()),
            Some(said) => Err(RasterError::new(Op::Read, &self.path, said).at(*from)),
        }
    }
}
