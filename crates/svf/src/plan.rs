//! Makes the plan of a computation in tiles and, if requested, the footprints of the tiles and a
//! small VRT for each.

use std::path::{Path, PathBuf};

use ndarray::Array2;
use svf_job::events::Diagnostic;
use svf_job::made_folder::MadeFolder;
use svf_job::planfile::PlanFile;
use svf_job::tile_ids::TileIds;
use svf_job::tile_key::changed_files;
use svf_job::tileset::{TileSet, TileState, folder_name};
use svf_job::{CancelToken, Plan};
use svf_kernel::Kernel;
use svf_kernel::tile::Window;
use svf_raster::staging::{LONGEST_NAME, Staging, publish_all, stage_file};
use svf_raster::vector::{FieldKind, FieldValue, LayerSpec, Shape, VectorFormat, VectorWriter};
use svf_raster::vrt::{Vrt, VrtSource, check_name, seen_from};
use svf_raster::{BandSpec, RasterInfo, RasterReader, Session, names};

use crate::compute::{begin, open};
use crate::error::Error;
use crate::observer::{Observer, Stage, pass_on_warnings};
use crate::outputs::{
    check_destinations, check_outputs, refuse_existing, refuse_lists, refuse_remote_folder,
    refuse_twins,
};
use crate::plan_file::{
    MAKE_ANEW, Room, inputs_of, plan_file, read_plan, refuse_input_in, refuse_output_in,
    refuse_stream, sources, stage_plan, warn_of_unversioned,
};
use crate::planned::{behind_link, folder_of};
use crate::receivers::warn_of_none;
use crate::request::{InputNoData, Request};
use crate::spec::{Entries, Spec};
use crate::tiles::folder_failure;

/// The files to write for a plan.
#[derive(Clone, Debug, Default)]
pub struct PlanTarget {
    /// The file of the plan; tiles are written to a folder next to it, `NAME.tiles`.
    pub plan: PathBuf,
    /// Whether tiles without a single height are omitted.
    pub skip_empty: bool,
    /// Footprints of the tiles: `.gpkg` or `.geojson`.
    pub index: Option<PathBuf>,
    /// Folder for a VRT of each tile with its halo.
    pub cut: Option<PathBuf>,
}

/// A plan that was written.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Planned {
    /// Final paths.
    pub outputs: Vec<String>,
    /// The properties of the raster of heights.
    pub raster: RasterInfo,
    /// Tiles and memory.
    pub plan: Plan,
    /// The plan as written.
    pub file: PlanFile,
}

/// Plans a computation in tiles. The output of the request is not used.
///
/// # Errors
/// As [`Prepared::new`](crate::compute::Prepared::new); files that cannot be written or would
/// destroy others; a cancel.
pub fn plan(
    request: &Request,
    wanted: &PlanTarget,
    session: &Session,
    cancel: &CancelToken,
    observer: &mut dyn Observer,
) -> Result<Planned, Error> {
    let _here = session.enter();
    let path = &behind_link(&wanted.plan);
    refuse_stream(&request.input)?;
    let text = |path: &PathBuf| path.display().to_string();
    if let Some(index) = &wanted.index {
        VectorFormat::of_index(&text(index))?;
    }
    let (mut inputs, mut spec) = open(request, session, cancel, observer)?;
    let outputs: Vec<String> = [path].into_iter().chain(&wanted.index).map(text).collect();
    refuse_twins(outputs.iter().chain(&request.also_written()))?;
    refuse_lists(&outputs, request)?;
    check_outputs(outputs.iter(), &inputs.layers, request.overwrite)?;
    let tile_folder = tile_folder(path)?;
    check_destinations(outputs.iter())?;
    if let Some(cut) = &wanted.cut {
        refuse_remote_folder("--cut", cut)?;
    }
    let folder = folder_of(path).join(&tile_folder);
    refuse_input_in(&folder, &inputs.layers)?;
    for folder in [&folder].into_iter().chain(&wanted.cut) {
        refuse_output_in(folder, request.also_written.iter().map(PathBuf::as_path))?;
    }
    if wanted.cut.is_some() {
        refuse_to_cut(&inputs.layers[0])?;
    }
    begin(request, &inputs, observer)?;
    let kernel = spec.fitting(spec.kernel()?, &inputs.layers, Entries::New);
    inputs.check_files(&spec.window, kernel.reach())?;
    let earlier = earlier_size(request, path, (&mut spec, &kernel), &inputs.layers, cancel);
    let plan = match earlier {
        Some(plan) => plan,
        None => spec.plan(&kernel, &inputs.layers, Entries::New)?,
    };
    observer.plan(&plan);
    session.set_cache_bytes(plan.cache_bytes);
    let mut layers = inputs.layers;
    warn_of_none(request, &mut layers, &spec.window, cancel, observer)?;
    let tiles = match wanted.skip_empty {
        true => with_heights(&plan, &mut layers[0], cancel, observer)?,
        false => TileIds::all(plan.tiles),
    };
    let steps = (&spec, &kernel, &plan);
    let roles = inputs_of(request, &layers);
    warn_of_unversioned(&roles, observer);
    let file = PlanFile {
        sources: sources(&roles),
        ..plan_file(request, steps, &roles, path, &tile_folder, tiles)
    };
    let mut staged = vec![stage_plan(path, &file)?];
    let set = TileSet::new(file, path);
    let mut outputs = vec![text(path)];
    if let Some(index) = &wanted.index {
        session.arm();
        staged.push(write_index(&text(index), &set, &spec.grid, cancel)?);
        outputs.push(text(index));
    }
    let raster = layers[0].info().clone();
    let mut made = None;
    if let Some(cut) = &wanted.cut {
        let folder = MadeFolder::new(cut, cancel).map_err(|error| folder_failure(cut, &error))?;
        made = Some(folder);
        let nodata = request.sky.input_nodata.as_ref();
        staged.extend(cut_tiles(cut, set.plan(), &raster, nodata, request.overwrite, cancel)?);
        outputs.push(text(cut));
    }
    inputs.untouched.check()?;
    publish_all(staged, request.overwrite, &|| !cancel.is_cancelled())?;
    made.into_iter().for_each(MadeFolder::keep);
    pass_on_warnings(session, observer);
    Ok(Planned { outputs, raster, plan, file: set.plan().clone() })
}

/// Tiles of the size that they have in the plan that is replaced, if its tiles can be used: the size
/// depends on the memory and the threads, which may be others now.
fn earlier_size(
    request: &Request,
    path: &Path,
    (spec, kernel): (&mut Spec, &Kernel),
    layers: &[RasterReader],
    cancel: &CancelToken,
) -> Option<Plan> {
    if !request.overwrite || request.area.tile_px.is_some() || !path.is_file() {
        return None;
    }
    let room = Room::to_compute(request.limits.budget_bytes());
    let before = read_plan(path, MAKE_ANEW, room, cancel).ok()?;
    let own = spec.tile_px.replace((before.tile_px[0], before.tile_px[1]));
    let plan = spec.plan(kernel, layers, Entries::New).ok().filter(|plan| {
        let roles = inputs_of(request, layers);
        let steps = (&*spec, kernel, plan);
        let now = PlanFile {
            sources: sources(&roles),
            ..plan_file(request, steps, &roles, path, &before.tile_folder, TileIds::default())
        };
        now.id == before.id || changed_files(&before, &now).is_some()
    });
    if plan.is_none() {
        spec.tile_px = own;
    }
    plan
}

/// The folder of the tile files, next to the plan.
fn tile_folder(plan: &Path) -> Result<String, Error> {
    match plan.file_stem().map(|stem| stem.to_string_lossy().into_owned()) {
        Some(stem)
            if !plan.display().to_string().starts_with("/vsi")
                && names::hint(&plan.display().to_string()).is_none() =>
        {
            let folder = folder_name(&stem);
            if folder.len() > LONGEST_NAME {
                let message = format!(
                    "the name of {} is too long: the folder of its tiles would have a name of {} bytes, and \
                     {LONGEST_NAME} are allowed",
                    plan.display(),
                    folder.len()
                );
                return Err(Error::usage("usage.arguments", message));
            }
            Ok(folder)
        }
        _ => {
            let message =
                format!("{} cannot be a plan: a plan must be a local file", plan.display());
            Err(Error::usage("usage.arguments", message))
        }
    }
}

/// The tiles with a height. Each is read until a height is found, so a tile is only read
/// completely if it has none.
fn with_heights(
    plan: &Plan,
    reader: &mut RasterReader,
    cancel: &CancelToken,
    observer: &mut dyn Observer,
) -> Result<TileIds, Error> {
    let stripe_rows = (reader.info().block.0 as u64).clamp(64, 512);
    let mut wanted = Vec::new();
    for id in 0..plan.tiles {
        let tile = plan.tile(id);
        let mut row = 0;
        while row < tile.rows {
            if cancel.is_cancelled() {
                return Err(Error::cancelled());
            }
            // To the end of a row of blocks, so that no block is decoded twice.
            let end = (tile.row + row + 1).next_multiple_of(stripe_rows).min(tile.row_end());
            let window = Window { row: tile.row + row, rows: end - tile.row - row, ..tile };
            let mut heights = Array2::zeros((window.rows as usize, window.cols as usize));
            reader.read(&window, heights.view_mut())?;
            if heights.iter().any(|z: &f32| !z.is_nan()) {
                wanted.push(id);
                break;
            }
            row += window.rows;
        }
        observer.progress(Stage::of(
            "scan",
            (id + 1, plan.tiles),
            (id + 1, plan.tiles),
            id + 1 == plan.tiles,
        ));
    }
    Ok(wanted.into_iter().collect())
}

/// Footprints with the current states of the tile files.
fn write_index(
    path: &str,
    set: &TileSet,
    grid: &svf_raster::Grid,
    cancel: &CancelToken,
) -> Result<Staging, Error> {
    let tiling = set.plan().tiling();
    let whole = |name| (name, FieldKind::Whole);
    let layer = LayerSpec {
        name: "tiles",
        shape: Shape::Polygon,
        fields: vec![whole("tile"), whole("row"), whole("col"), ("state", FieldKind::Word)],
        attributes: Vec::new(),
    };
    let mut file = VectorWriter::create(path, VectorFormat::of_index(path)?, grid, vec![layer])?;
    for id in 0..tiling.tiles() {
        let state = match set.tile(id) {
            None => "empty",
            Some(tile) => match set.state(&tile, cancel)? {
                TileState::Done(_) => "done",
                TileState::Missing => "missing",
                TileState::Refused(_) => "refused",
                TileState::Blocked(_) => "blocked",
                TileState::Unreadable(_) => "unreadable",
            },
        };
        let (row, col) = tiling.place(id);
        let cells = [
            FieldValue::Whole(id),
            FieldValue::Whole(row),
            FieldValue::Whole(col),
            FieldValue::Word(state),
        ];
        file.add(0, &grid.outline(&tiling.tile(id)), &cells, None)?;
    }
    Ok(file.finish()?)
}

/// A source file of a VRT at `vrt`; size and windows are set later.
fn vrt_source(vrt: &Path, file: &str, info: &RasterInfo) -> VrtSource {
    let (path, relative) = seen_from(vrt, file);
    VrtSource {
        path,
        relative,
        size: (0, 0),
        block: (info.block.0 as u64, info.block.1 as u64),
        from: Window::whole(0, 0),
        to: (0, 0),
    }
}

/// Refuses files that a VRT with one type and NoData value cannot represent.
///
/// # Errors
/// Files that have different types or NoData values, overlap, or leave gaps without a NoData
/// value.
fn refuse_to_cut(layer: &RasterReader) -> Result<(), Error> {
    match &layer.info().parts[..] {
        [] => check_name(&layer.info().path)?,
        parts => parts.iter().try_for_each(|part| check_name(&part.path))?,
    }
    let (info, RasterReader::Many(files)) = (layer.info(), layer) else { return Ok(()) };
    let first = &info.parts[0];
    let bits = |nodata: Option<f64>| nodata.map(f64::to_bits);
    let alike = info.parts.iter().all(|part| {
        part.data_type == first.data_type
            && bits(part.nodata) == bits(first.nodata)
            && part.scale_offset == first.scale_offset
    });
    let gaps = files.overlaps_and_gaps().1;
    let why = if !alike {
        "differ in type, NoData value or scale"
    } else if info.parts.iter().any(|part| part.covers) {
        "overlap"
    } else if first.nodata.is_none() && gaps > 0 {
        "leave gaps and have no NoData value to fill them with"
    } else {
        return Ok(());
    };
    let message = format!("--cut: the files of {} {why}", info.path);
    let hint = "omit --cut, or make one raster of the files first, e.g. with gdalbuildvrt";
    Err(Error::refused(Diagnostic::new("usage.arguments", message).hint(hint)))
}

/// A VRT per tile, with its halo within the raster.
fn cut_tiles(
    folder: &Path,
    plan: &PlanFile,
    info: &RasterInfo,
    nodata: Option<&InputNoData>,
    overwrite: bool,
    cancel: &CancelToken,
) -> Result<Option<Staging>, Error> {
    let bands =
        [BandSpec { name: String::new(), unit: String::new(), scale_offset: info.scale_offset }];
    let mut staged: Option<Staging> = None;
    for tile in plan.tiles.iter().map(|id| plan.entry(id)) {
        if cancel.is_cancelled() {
            return Err(Error::cancelled());
        }
        let path = folder.join(tile.file.replace(".tif", ".vrt"));
        let window = Window::from(tile.halo);
        let sources = match &info.parts[..] {
            [] => vec![VrtSource {
                size: (info.grid.rows, info.grid.cols),
                from: window,
                ..vrt_source(&path, &info.path, info)
            }],
            parts => parts
                .iter()
                .filter_map(|part| {
                    let Window { row, col, rows, cols } = part.window;
                    let shared = part.window.meet(&window)?;
                    Some(VrtSource {
                        size: (rows, cols),
                        from: Window { row: shared.row - row, col: shared.col - col, ..shared },
                        to: (shared.row - window.row, shared.col - window.col),
                        ..vrt_source(&path, &part.path, info)
                    })
                })
                .collect(),
        };
        let vrt = Vrt {
            grid: &info.grid.part(&window),
            data_type: if info.signed_bytes { "Byte" } else { &info.data_type },
            signed_bytes: info.signed_bytes,
            // A VRT can only have one value: the first one that the user gave.
            nodata: match nodata {
                Some(values) => values.0.first().copied(),
                None => info.nodata,
            },
            bands: &bands,
            first_source_band: info.band,
            statistics: &[],
            metadata: &[],
            sources: &sources,
        };
        let shown = path.display().to_string();
        refuse_existing(&shown, overwrite)?;
        let written = match &staged {
            None => stage_file(&shown, vrt.text().as_bytes()).map(|first| staged = Some(first)),
            Some(first) => first.add(&path, vrt.text().as_bytes()),
        };
        written?;
    }
    if let Some(staged) = &staged {
        staged.sync()?;
    }
    Ok(staged)
}
