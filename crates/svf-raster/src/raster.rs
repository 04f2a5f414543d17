//! A raster of heights as the tools read it, from one file or many.

use ndarray::{Array2, ArrayViewMut2, s};
use svf_kernel::tile::{Clip, Window};

use crate::burnt::BurntMask;
use crate::collection::Collection;
use crate::error::RasterError;
use crate::info::{MemberFile, RasterInfo};
use crate::reader::{BandReader, OpenOptions, cells, open_band};
use crate::source_windows::SourceWindow;

/// A raster open for reading. One per thread: GDAL datasets are not shared.
pub enum RasterReader {
    /// A band of one file.
    One(Box<BandReader>),
    /// Many files.
    Many(Box<Collection>),
    /// A mask that is a vector file: 1 where cells count, else 0.
    Burnt(Box<BurntMask>),
}

/// Opens a band and checks that it holds heights.
///
/// # Errors
/// Not a raster, no such band, or a band that cannot be heights.
pub fn open_raster(path: &str, options: &OpenOptions) -> Result<RasterReader, RasterError> {
    Ok(RasterReader::One(Box::new(open_band(path, options)?)))
}

impl RasterReader {
    /// What is known about the raster.
    pub fn info(&self) -> &RasterInfo {
        match self {
            Self::One(band) => band.info(),
            Self::Many(files) => files.info(),
            Self::Burnt(mask) => mask.info(),
        }
    }

    /// Reads a window of heights minus [`RasterInfo::height_offset`]; missing heights become NaN.
    ///
    /// # Errors
    /// A window that cannot be read, with GDAL's reason.
    pub fn read(
        &mut self,
        window: &Window,
        into: ArrayViewMut2<'_, f32>,
    ) -> Result<(), RasterError> {
        match self {
            Self::One(band) => band.read(window, into),
            Self::Many(files) => files.read(window, into),
            Self::Burnt(mask) => mask.read(window, into),
        }
    }

    /// Reads a window of heights in full precision, missing ones NaN: less the offset of
    /// [`RasterInfo::height_offset`] and rounded to f32 they are those of [`RasterReader::read`].
    ///
    /// # Errors
    /// A window that cannot be read, with GDAL's reason.
    pub fn read_f64(
        &mut self,
        window: &Window,
        into: ArrayViewMut2<'_, f64>,
    ) -> Result<(), RasterError> {
        match self {
            Self::One(band) => band.read_f64(window, into),
            Self::Many(files) => files.read_f64(window, into),
            Self::Burnt(mask) => mask.read(window, into),
        }
    }

    /// Reads a window of values as stored, NaN where there is no height.
    ///
    /// # Errors
    /// A window that cannot be read, with GDAL's reason.
    pub fn read_values(
        &mut self,
        window: &Window,
        into: ArrayViewMut2<'_, f64>,
    ) -> Result<(), RasterError> {
        match self {
            Self::One(band) => band.read_values(window, into),
            Self::Many(files) => files.read_values(window, into),
            Self::Burnt(mask) => mask.read(window, into),
        }
    }

    /// Values of a window of another band, as stored, without any check for missing heights.
    ///
    /// # Errors
    /// A window that cannot be read, with GDAL's reason.
    pub fn read_band(
        &mut self,
        band: usize,
        window: &Window,
        into: ArrayViewMut2<'_, f64>,
    ) -> Result<(), RasterError> {
        match self {
            Self::One(reader) => reader.read_band(band, window, into),
            Self::Many(files) => files.read_band(band, window, into),
            Self::Burnt(mask) => mask.read(window, into),
        }
    }

    /// Checks the files that a window is read from: whether they are as long as their headers say.
    /// Reading does this, too. Before hours of work, all should be checked.
    ///
    /// # Errors
    /// A file that is incomplete.
    pub fn check_files(&mut self, window: &Window) -> Result<(), RasterError> {
        match self {
            Self::One(band) => band.check_files(window),
            // Each is opened before its cells are read.
            Self::Many(_) | Self::Burnt(_) => Ok(()),
        }
    }

    /// The files of the cells, each with the window of the raster that it covers; none if this
    /// is not known.
    pub fn source_windows(&self) -> Option<Vec<SourceWindow>> {
        match self {
            Self::One(band) => band.source_windows().map(<[SourceWindow]>::to_vec),
            Self::Burnt(_) => None,
            Self::Many(files) => {
                let parts = files.info().parts.iter();
                let of = |part: &MemberFile| SourceWindow {
                    path: part.path.clone(),
                    window: part.window,
                    how: String::new(),
                    reach: None,
                };
                Some(parts.map(of).collect())
            }
        }
    }

    /// What decides the cells, if this is a VRT: see [`crate::behind::content`].
    pub fn vrt_content(&self) -> Option<&str> {
        match self {
            Self::One(band) => band.vrt_content(),
            Self::Many(_) | Self::Burnt(_) => None,
        }
    }

    /// Whether anything was read: then the driver holds a block as stored.
    pub fn has_read(&self) -> bool {
        match self {
            Self::One(band) => band.has_read(),
            Self::Many(_) => true,
            Self::Burnt(_) => false,
        }
    }

    /// Subtracts `offset` from every height that is read as f32 from now on.
    pub fn take_off(&mut self, offset: f64) {
        match self {
            Self::One(band) => band.take_off(offset),
            Self::Many(files) => files.take_off(offset),
            // It has no heights.
            Self::Burnt(_) => {}
        }
    }

    /// Values, as stored, that mean NoData, if the type of the band can store them.
    pub fn nodata_values(&self) -> &[f64] {
        match self {
            Self::One(band) => band.nodata_values(),
            Self::Many(files) => files.nodata_values(),
            Self::Burnt(_) => &[],
        }
    }

    /// Reads a tile with its halo: `clip.source` is read to row `clip.row`, column `clip.col` of
    /// `tile`; all other cells become NaN.
    ///
    /// # Errors
    /// A window that cannot be read, with GDAL's reason.
    ///
    /// # Panics
    /// If the clip does not fit into the tile.
    pub fn read_tile(
        &mut self,
        clip: &Clip,
        mut tile: ArrayViewMut2<'_, f32>,
    ) -> Result<(), RasterError> {
        let (rows, cols) = (cells(clip.source.rows), cells(clip.source.cols));
        let (row_end, col_end) = (clip.row + rows, clip.col + cols);
        tile.slice_mut(s![..clip.row, ..]).fill(f32::NAN);
        tile.slice_mut(s![row_end.., ..]).fill(f32::NAN);
        tile.slice_mut(s![clip.row..row_end, ..clip.col]).fill(f32::NAN);
        tile.slice_mut(s![clip.row..row_end, col_end..]).fill(f32::NAN);
        self.read(&clip.source, tile.slice_mut(s![clip.row..row_end, clip.col..col_end]))
    }

    /// Smallest and largest height of a few windows spread over `part`: an estimate of the
    /// relief, not its limits. None if all of these heights are missing.
    ///
    /// # Errors
    /// A window that cannot be read.
    pub fn sample_range(&mut self, part: &Window) -> Result<Option<(f32, f32)>, RasterError> {
        const PLACES: u64 = 4;
        const SIDE: u64 = 128;
        let mut range: Option<(f32, f32)> = None;
        let start = |i: u64, from: u64, cells: u64| {
            let room = cells.saturating_sub(SIDE);
            from + room * i / (PLACES - 1)
        };
        for i in 0..PLACES * PLACES {
            let window = Window {
                row: start(i / PLACES, part.row, part.rows),
                col: start(i % PLACES, part.col, part.cols),
                rows: SIDE.min(part.rows),
                cols: SIDE.min(part.cols),
            };
            let mut heights = Array2::zeros((cells(window.rows), cells(window.cols)));
            self.read(&window, heights.view_mut())?;
            for &z in heights.iter().filter(|z| !z.is_nan()) {
                let (low, high) = range.unwrap_or((z, z));
                range = Some((low.min(z), high.max(z)));
            }
        }
        Ok(range)
    }
}
