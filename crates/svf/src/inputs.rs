//! Opens and checks the inputs: heights, canopy, trunks and receivers.

use ndarray::{ArrayViewMut2, ArrayViewMut3, Axis};
use svf_job::events::Diagnostic;
use svf_job::planfile::Look;
use svf_job::{CancelToken, TileSource};
use svf_kernel::Kernel;
use svf_kernel::tile::{Clip, Halo, Window, clip_to_raster};
use svf_raster::burnt::{BurntMask, is_vector};
use svf_raster::datum::CoarseShift;
use svf_raster::watch::Watch;
use svf_raster::{Op, OpenOptions, RasterError, RasterInfo, RasterReader, Session};

use crate::error::Error;
use crate::gather::{self, Wanted};
use crate::heights::examine;
use crate::memory::{fits_a_block, refuse_held_whole};
use crate::numbers::show_number;
use crate::observer::{Observer, pass_on_warnings};
use crate::place::warn_of_vegetation;
use crate::planned::{PlannedInputs, PlannedLayer};
use crate::receivers::read_receivers;
use crate::request::{Files, Request};
use crate::scene::Said;
use crate::stream::{Input, is_stdin};
use crate::untouched::Untouched;

/// The inputs of a run, opened.
pub struct Inputs {
    /// Heights, then canopy, trunks and receivers, if there are any.
    pub layers: Vec<RasterReader>,
    /// The state of the files before they were opened.
    pub(crate) untouched: Untouched,
    /// The result of the check of a sample of the heights.
    pub(crate) look: Look,
    /// Keeps the temporary file to which a stream was copied.
    _spool: Input,
}

impl Inputs {
    /// Checks all files that are read to compute a window, before hours of work.
    ///
    /// # Errors
    /// A file that is incomplete.
    pub(crate) fn check_files(&mut self, window: &Window, halo: Halo) -> Result<(), RasterError> {
        let grid = &self.layers[0].info().grid;
        let read = clip_to_raster(window, halo, grid.rows, grid.cols).source;
        self.layers.iter_mut().try_for_each(|layer| layer.check_files(&read))
    }

    /// Another file, which is opened later, belongs to the inputs that must not change.
    pub fn keep_unchanged(&mut self, path: &str) {
        self.untouched.add(path);
    }

    /// Compares all files with their state before they were opened, when everything was read.
    ///
    /// # Errors
    /// A file that has changed: what was read can be a mixture.
    pub fn check_unchanged(&self) -> Result<(), RasterError> {
        self.untouched.check()
    }
}

/// Opens heights, canopy, trunks and receivers, checks a sample of them, and warns about problems.
///
/// # Errors
/// A file that cannot be opened, is not on the same grid, or cannot have heights; a cancel.
pub fn open(
    request: &Request,
    session: &Session,
    cancel: &CancelToken,
    observer: &dyn Observer,
) -> Result<Inputs, Error> {
    let _here = session.enter();
    let input = Input::new(&request.input, cancel)?;
    let watch = Watch::begin();
    let mut layers = open_layers(request, &input, cancel, observer)?;
    let untouched = Untouched::of(&layers, &watch);
    drop(watch);
    pass_on_warnings(session, observer);
    let said = Said::of(&request.input, &request.sky);
    let of_heights = layers.len() - usize::from(request.sky.receivers.is_some());
    // A block that does not fit is not decoded: what is planned later refuses it.
    let PlannedInputs { height_offset: offset, look, .. } = request.planned;
    let look = match look {
        Some(look) => {
            layers[0].take_off(offset.unwrap_or_default());
            look
        }
        None if fits_a_block(&layers, request.limits.budget_bytes()) => {
            examine(session, said, &mut layers[..of_heights], offset, observer)?
        }
        None => Look::default(),
    };
    Ok(Inputs { layers, untouched, look, _spool: input })
}

/// Heights, then canopy, trunks and receivers, if there are any.
fn open_layers(
    request: &Request,
    input: &Input,
    cancel: &CancelToken,
    observer: &dyn Observer,
) -> Result<Vec<RasterReader>, Error> {
    let options = OpenOptions {
        band: request.source.band as usize,
        open_options: request.source.open_options.clone(),
        shown_as: Some(request.input.clone()),
        input_nodata: request.sky.input_nodata.as_ref().map(|nodata| nodata.0.clone()),
        ..OpenOptions::default()
    };
    let [of_heights, of_canopy, of_trunk, of_receivers] = &request.files;
    let [heights_before, canopy_before, trunk_before, receivers_before] = &request.planned.layers;
    let wanted = Wanted {
        path: &input.path,
        shown: &request.input,
        files: of_heights,
        options: &options,
        output: request.output.as_deref(),
        planned: heights_before,
    };
    let heights = gather::open(&wanted, cancel, observer)?;
    heights.info().grid.check(&heights.info().source())?;
    warn_of_resampling(heights.info(), observer);
    let mut layers = vec![heights];
    let vegetation = [
        (&request.sky.canopy, of_canopy, canopy_before),
        (&request.sky.trunk, of_trunk, trunk_before),
    ];
    for (path, files, planned) in vegetation {
        let Some(path) = path else { continue };
        let options = OpenOptions { above_ground: true, ..OpenOptions::default() };
        let layer = open_beside(path, (files, planned), &options, cancel, observer)?;
        check_same_place(&layer, &layers[0], &VEGETATION, observer)?;
        let both = (layer.info(), layers[0].info());
        warn_of_vegetation(path, both, request.sky.z_factor, observer);
        layers.push(layer);
    }
    if let Some(path) = &request.sky.receivers {
        let of = (of_receivers, receivers_before);
        let name = request.sky.receivers_layer.as_deref();
        let heights = (&layers[0], request.limits.budget_bytes());
        layers.push(open_mask((path, name), of, heights, cancel, observer)?);
    }
    Ok(layers)
}

/// Opens the mask of receivers: a raster, or a layer of a vector file.
fn open_mask(
    (path, name): (&str, Option<&str>),
    files: (&Files, &PlannedLayer),
    (heights, budget_bytes): (&RasterReader, u64),
    cancel: &CancelToken,
    observer: &dyn Observer,
) -> Result<RasterReader, Error> {
    refuse_held_whole(path, budget_bytes)?;
    if !is_stdin(path) && is_vector(path) {
        let mask = BurntMask::open(path, name, heights.info())?;
        if !mask.has_crs && heights.info().grid.crs_wkt.is_some() {
            let message = format!("{path} has no CRS");
            let hint = "its coordinates are taken to be in the CRS of the heights";
            observer.warn(Diagnostic::new("receivers.crs", message).hint(hint).path(path));
        }
        warn_of_datum(mask.coarse_shift.as_ref(), Some(path), observer);
        return Ok(RasterReader::Burnt(Box::new(mask)));
    }
    if name.is_some() {
        let message = format!("--receivers-layer: {path} is not a vector file");
        return Err(Error::usage("usage.arguments", message));
    }
    let options = OpenOptions { is_mask: true, ..OpenOptions::default() };
    let mask = open_beside(path, files, &options, cancel, observer)?;
    check_same_place(&mask, heights, &MASK, observer)?;
    Ok(mask)
}

/// Opens a raster that lies on the grid of the heights.
fn open_beside(
    path: &str,
    (files, planned): (&Files, &PlannedLayer),
    options: &OpenOptions,
    cancel: &CancelToken,
    observer: &dyn Observer,
) -> Result<RasterReader, Error> {
    if is_stdin(path) {
        let message = match options.is_mask {
            true => "only INPUT can be read from /vsistdin/, not --receivers",
            false => "only INPUT can be read from /vsistdin/, not --canopy or --trunk",
        };
        return Err(Error::usage("usage.arguments", message));
    }
    let wanted = Wanted { path, shown: path, files, options, output: None, planned };
    let layer = gather::open(&wanted, cancel, observer)?;
    layer.info().grid.check(&layer.info().source())?;
    warn_of_resampling(layer.info(), observer);
    Ok(layer)
}

/// Warns of a change of the datum that can put places into other cells of the raster: those of the file
/// `path`, or of the command line.
pub fn warn_of_datum(shift: Option<&CoarseShift>, path: Option<&str>, observer: &dyn Observer) {
    let Some(CoarseShift { from, to, accuracy_m, cell_m }) = shift else { return };
    let cell_m = show_number((cell_m * 100.0).round() / 100.0);
    let of = path.map(|path| format!("{path}: ")).unwrap_or_default();
    let message = match accuracy_m {
        Some(accuracy_m) => format!(
            "{of}coordinates are converted from {from} to {to} within about {accuracy_m} m, and cells \
             are {cell_m} m wide"
        ),
        None => format!(
            "{of}PROJ has no conversion from {from} to {to} and takes both as the same: coordinates \
             can be some 100 m off"
        ),
    };
    let hint = "if that matters, convert the coordinates to the CRS of the raster with a program that \
                has a more exact conversion there; QGIS names the grid that it needs";
    let warning = Diagnostic::new("crs.datum", message).hint(hint);
    let warning = match path {
        Some(path) => warning.path(path),
        None => warning,
    };
    let warning = warning.with("from", from.clone()).with("to", to.clone());
    observer.warn(match accuracy_m {
        Some(accuracy_m) => {
            warning.with("accuracy_m", show_number(*accuracy_m)).with("cell_m", cell_m)
        }
        None => warning,
    });
}

/// Warns of a VRT whose cells depend on the window that is read, and so on the size of tiles.
fn warn_of_resampling(info: &RasterInfo, observer: &dyn Observer) {
    let Some(method) = &info.resampled else { return };
    let path = &info.path;
    let message = format!(
        "{path} changes the cell size of its files while they are read ({method}): with that, GDAL's \
         values depend on the window, so results depend on the size of the tiles"
    );
    let hint =
        "write the files in one cell size first, with gdalwarp -tr and -r, and use the result";
    let diagnostic = Diagnostic::new("input.resampled", message).hint(hint).path(path);
    observer.warn(diagnostic.with("method", method.clone()));
}

/// A raster that lies on the grid of the heights.
struct Beside {
    /// The code of the warning that it has another CRS.
    other_crs: &'static str,
    /// How it can be put on another grid: a mask has no values in between.
    resampling: &'static str,
}

const VEGETATION: Beside = Beside { other_crs: "canopy.crs", resampling: "bilinear" };
const MASK: Beside = Beside { other_crs: "receivers.crs", resampling: "near" };

/// Refuses a layer on another grid than that of the heights, and warns if it has another CRS.
fn check_same_place(
    layer: &RasterReader,
    heights: &RasterReader,
    what: &Beside,
    observer: &dyn Observer,
) -> Result<(), Error> {
    let (of, ground) = (layer.info(), heights.info());
    check_same_grid(of, ground, what.resampling)?;
    if of.grid.differs_in_crs(&ground.grid) {
        let message = format!("{} and {} have different CRSs", of.path, ground.path);
        let hint = "the coordinates of both are used as they are, without reprojection";
        observer.warn(Diagnostic::new(what.other_crs, message).hint(hint));
    }
    Ok(())
}

/// The input of the pipeline: heights, then canopy, trunks and receivers, if there are any.
pub(crate) struct Source {
    pub(crate) layers: Vec<RasterReader>,
    /// The halo of a tile, if the last layer says which cells are receivers.
    chooses_within: Option<Halo>,
}

impl Source {
    /// The layers that a kernel needs.
    pub(crate) fn new(layers: Vec<RasterReader>, kernel: &Kernel) -> Self {
        Self { layers, chooses_within: kernel.chooses().then(|| kernel.halo()) }
    }
}

impl TileSource for Source {
    type Error = RasterError;

    fn read_heights(
        &mut self,
        window: &Window,
        heights: ArrayViewMut2<'_, f32>,
    ) -> Result<(), RasterError> {
        self.layers[0].read_tile(&Clip { source: *window, row: 0, col: 0 }, heights)
    }

    fn shape(&self) -> (u64, u64) {
        let grid = &self.layers[0].info().grid;
        (grid.rows, grid.cols)
    }

    fn read(&mut self, clip: &Clip, mut tile: ArrayViewMut3<'_, f32>) -> Result<(), RasterError> {
        let mut layers = &mut self.layers[..];
        if let Some(halo) = self.chooses_within {
            let (others, mask) = layers.split_at_mut(layers.len() - 1);
            let (mut of_heights, mut wanted) = tile.split_at(Axis(0), others.len());
            if !read_receivers(&mut mask[0], clip, halo, wanted.index_axis_mut(Axis(0), 0))? {
                // Nothing is looked at.
                of_heights.fill(f32::NAN);
                return Ok(());
            }
            (layers, tile) = (others, of_heights);
        }
        for (i, (reader, mut layer)) in layers.iter_mut().zip(tile.outer_iter_mut()).enumerate() {
            if i == 0 {
                reader.read_tile(clip, layer.view_mut())?;
            } else {
                read_vegetation(reader, clip, layer)?;
            }
        }
        Ok(())
    }
}

/// Reads heights of vegetation; missing values mean no vegetation.
///
/// # Errors
/// A window that cannot be read.
pub(crate) fn read_vegetation(
    reader: &mut RasterReader,
    clip: &Clip,
    mut layer: ArrayViewMut2<'_, f32>,
) -> Result<(), RasterError> {
    reader.read_tile(clip, layer.view_mut())?;
    layer.mapv_inplace(|height| if height > 0.0 { height } else { 0.0 });
    Ok(())
}

/// Refuses a layer that does not have the same grid as the heights.
///
/// # Errors
/// What is different, with the command that corrects it.
fn check_same_grid(
    layer: &RasterInfo,
    heights: &RasterInfo,
    resampling: &str,
) -> Result<(), RasterError> {
    let (grid, wanted) = (&layer.grid, &heights.grid);
    let (of, path) = (&heights.path, &layer.path);
    let different = if (grid.rows, grid.cols) != (wanted.rows, wanted.cols) {
        format!(
            "it has {} x {} cells, but {of} has {} x {}",
            grid.cols, grid.rows, wanted.cols, wanted.rows
        )
    } else if !grid.lies_on(wanted) {
        format!("its cells do not line up with those of {of}")
    } else {
        return Ok(());
    };
    Err(RasterError::new(Op::Grid, path, different).hint(wanted.warp_onto(path, resampling)))
}
