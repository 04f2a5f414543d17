//! Plan files: made from a request, written and read.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use svf_job::events::Diagnostic;
use svf_job::planfile::{Band, Cells, InputPath, Output, PLAN_FORMAT, PlanFile, SourceFile};
use svf_job::tile_ids::TileIds;
use svf_job::trailer::digest_of;
use svf_job::{CancelToken, Cause, Encoding, Plan, seen};
use svf_kernel::Kernel;
use svf_kernel::tile::Window;
use svf_raster::behind::content;
use svf_raster::grid::HorizontalUnit;
use svf_raster::info::MemberFile;
use svf_raster::staging::{Staging, stage_file};
use svf_raster::stat::{file_state, local_file, remote_version};
use svf_raster::vrt::{rest_of, seen_from};
use svf_raster::{BandSpec, Grid, OutputType, RasterInfo, RasterReader, names, settings};

use crate::error::Error;
use crate::gather::label;
use crate::memory::check_budget_early;
use crate::observer::Observer;
use crate::place::EARTH_REFRACTION;
use crate::planned::{PlannedInputs, ROLES, input_seen, whole_path};
use crate::provenance::contents;
use crate::request::{Area, Files, Format, Limits, Request, Sky, Source};
use crate::spec::Spec;
use crate::stream::{is_stdin, read_text};

/// An input raster, its purpose, and what servers say about the versions of its files.
pub(crate) struct Input<'a> {
    role: &'static str,
    reader: &'a RasterReader,
    versions: HashMap<&'a str, String>,
}

impl<'a> Input<'a> {
    pub(crate) fn reader(&self) -> &'a RasterReader {
        self.reader
    }
}

/// The input rasters.
pub(crate) type Inputs<'a> = [Input<'a>];

/// The layers with their purposes. Servers are asked now, and only once.
pub(crate) fn inputs_of<'a>(request: &Request, layers: &'a [RasterReader]) -> Vec<Input<'a>> {
    let sky = &request.sky;
    let given = [true, sky.canopy.is_some(), sky.trunk.is_some(), sky.receivers.is_some()];
    let roles = ROLES.into_iter().zip(given).filter(|(_, given)| *given);
    let of = |((role, _), reader)| Input { role, reader, versions: versions_of(reader) };
    roles.zip(layers).map(of).collect()
}

/// Says that a change of the files of a server will not be noticed, if it says nothing about their
/// versions, or is not asked.
pub(crate) fn warn_of_unversioned(inputs: &Inputs<'_>, observer: &dyn Observer) {
    let unknown = |input: &Input<'_>| {
        let files = remote_files(input.reader).into_iter();
        let of_input: Vec<&str> = files.filter(|f| !input.versions.contains_key(*f)).collect();
        let first = of_input.first().map(|file| (*file).to_owned())?;
        Some((first, of_input.len()))
    };
    let Some((first, count)) = inputs.iter().find_map(unknown) else { return };
    let files = match count {
        1 => String::new(),
        count => format!(" and of {} more files", count - 1),
    };
    let message = format!("the version of {first}{files} on the server is not known");
    let hint = "a change that leaves the size as it is will not be noticed: then make the plan and \
                the tiles again";
    observer.warn(Diagnostic::new("input.unversioned", message).hint(hint).path(&first));
}

/// The files of a raster on servers.
fn remote_files(reader: &RasterReader) -> Vec<&str> {
    let info = reader.info();
    let named = info.files.is_empty().then_some(&info.path);
    let is_asked = |file: &&str| is_remote(file) && !names::is_note(file);
    info.files.iter().chain(named).map(String::as_str).filter(is_asked).collect()
}

/// What servers say about the versions of the files of a raster. It takes a request for each file.
fn versions_of(reader: &RasterReader) -> HashMap<&str, String> {
    let remote = remote_files(reader);
    match remote.len() > MOST_ASKED {
        true => HashMap::new(),
        false => {
            remote.into_iter().filter_map(|file| Some((file, remote_version(file)?))).collect()
        }
    }
}

fn is_remote(file: &str) -> bool {
    file.starts_with("/vsi") && !file.starts_with("/vsimem/") && local_file(file).is_none()
}

/// The plan of a request, for a file at `path`, with tile files in `tile_folder` next to it;
/// `tiles` are the tiles to compute. It has no [`sources`] yet.
pub(crate) fn plan_file(
    request: &Request,
    (spec, kernel, plan): (&Spec, &Kernel, &Plan),
    inputs: &Inputs<'_>,
    path: &Path,
    tile_folder: &str,
    tiles: TileIds,
) -> PlanFile {
    let identity = identity(request, spec, kernel, plan, inputs);
    let part = spec.grid.part(&spec.window);
    let reach = kernel.reach();
    PlanFile {
        format: PLAN_FORMAT,
        id: PlanFile::id_of(&identity),
        identity,
        inputs: inputs.iter().flat_map(|i| input_paths(i.role, i.reader.info(), path)).collect(),
        sample: Some(spec.scene.look()),
        output: Output {
            data_type: spec.output_type.name().to_owned(),
            nodata: spec.nodata,
            size: [part.rows, part.cols],
            geo_transform: part.georeferenced.then_some(part.geo_transform),
            crs: part.crs_wkt.clone(),
            bands: bands(spec),
            metadata: [&spec.metadata[..], &contents(&spec.measures, &spec.params)].concat(),
            radius: spec.params.radius,
            z_factor: spec.params.z_factor,
        },
        window: spec.window.into(),
        tile_px: plan.tile_px,
        halo_px: [reach.rows_px as u64, reach.cols_px as u64],
        memory_bytes: plan.least_bytes,
        threads: spec.threads as u64,
        tile_folder: tile_folder.to_owned(),
        sources: Vec::new(),
        tiles,
        digest: None,
    }
}

/// What decides the cells: the options, the version, and what the inputs are. It contains neither
/// paths, which can change when a folder is moved, nor threads and memory.
fn identity(
    request: &Request,
    spec: &Spec,
    kernel: &Kernel,
    plan: &Plan,
    inputs: &Inputs<'_>,
) -> Value {
    let mut options = serde_json::to_value(&request.sky).unwrap_or_default();
    // Rasters are recognised by their properties, which are among the inputs.
    for role in ROLES {
        if let Some(option) = options.get_mut(role) {
            *option = Value::Null;
        }
    }
    // The value that is used, which depends on the body of the CRS.
    let refraction = spec.params.curvature.map_or(EARTH_REFRACTION, |known| known.refraction);
    options["refraction"] = refraction.into();
    options["output_type"] = spec.output_type.name().into();
    options["nodata"] = spec.nodata.to_string().into();
    for (key, value) in settings::of_reading() {
        options[format!("config {key}")] = value.into();
    }
    let reach = kernel.reach();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "inputs": inputs
            .iter()
            .map(|input| input_identity(input, request))
            .collect::<Vec<_>>(),
        "options": options,
        "window": svf_job::planfile::Cells::from(spec.window),
        "tile_px": plan.tile_px,
        "halo_px": [reach.rows_px, reach.cols_px],
    })
}

/// Maximum number of files of an input about which servers are asked.
const MOST_ASKED: usize = 100;

/// How an input is recognised: by the size and modification time of its files, and for a VRT by
/// its content. Overviews (`.ovr`) and `.aux.xml` files can be added or deleted: everything in
/// them that matters is in the other keys.
fn input_identity(input: &Input<'_>, request: &Request) -> Value {
    let Input { role, reader, ref versions } = *input;
    let info = reader.info();
    let name = |path: &str| names::file_name(path).to_owned();
    // No matter whether they were named as a folder, by a pattern or one by one.
    let own_name = match info.parts.len() {
        0 => name(&info.path),
        n => format!("{n} files"),
    };
    let mut files = files_of(info);
    if files.is_empty() {
        files.push(&info.path);
    }
    // If they overlap, their order matters.
    if info.parts.is_empty() {
        files.sort();
    }
    let files: Vec<Value> = files
        .into_iter()
        .map(|file| {
            // Programs that look at a VRT write statistics into it.
            let own = reader.vrt_content().filter(|_| *file == info.path).map(str::to_owned);
            let by_content = || info.by_content.contains(file).then(|| content(file)).flatten();
            if let Some(content) = own.or_else(by_content) {
                return json!({ "name": name(file), "content": digest_of(&content) });
            }
            let state = file_state(file);
            let said = versions.get(file.as_str()).cloned();
            json!({
                "name": name(file),
                "bytes": state.as_ref().map(|s| s.bytes),
                "modified": state.map(|s| said.unwrap_or(s.modified)),
            })
        })
        .collect();
    let unit = match &info.grid.unit {
        HorizontalUnit::Unknown => Value::Null,
        HorizontalUnit::Length { metres, .. } => json!({ "metres": metres }),
        HorizontalUnit::Angle { degrees, semi_major, flattening } => json!({
            "degrees": degrees, "semi_major": semi_major, "flattening": flattening,
        }),
    };
    let mut identity = json!({
        "role": role,
        "name": own_name,
        "driver": info.driver,
        "band": info.band,
        "open_options": if role == ROLES[0] { &request.source.open_options[..] } else { &[] },
        "data_type": info.data_type,
        "nodata": info.nodata.map(|nodata| nodata.to_string()),
        "scale_offset": [info.scale_offset.0, info.scale_offset.1],
        "size": [info.grid.rows, info.grid.cols],
        "geo_transform": info.grid.georeferenced.then_some(info.grid.geo_transform),
        "unit": unit,
        "files": files,
    });
    if info.height_offset != 0.0 {
        identity["height_offset"] = info.height_offset.into();
    }
    if !info.parts.is_empty() {
        // What the files say about their cells, perhaps in `.aux.xml` files.
        let of = |part: &MemberFile| {
            let MemberFile { window: w, data_type, nodata, scale_offset, .. } = part;
            format!(
                "{} {} {} {} {data_type} {nodata:?} {scale_offset:?}",
                w.row, w.col, w.rows, w.cols
            )
        };
        let parts: Vec<String> = info.parts.iter().map(of).collect();
        identity["parts"] = digest_of(&parts.join("\n")).into();
    }
    identity
}

/// The files of a raster that decide its cells; each of a collection is followed by those beside it.
fn files_of(info: &RasterInfo) -> Vec<&String> {
    let members: HashSet<&str> = info.parts.iter().map(|part| part.path.as_str()).collect();
    let mut beside: HashMap<&str, Vec<&String>> = HashMap::new();
    for file in &info.beside {
        let of = file.of.as_deref().filter(|of| members.contains(of));
        beside.entry(of.unwrap_or_default()).or_default().push(&file.path);
    }
    let (mut files, mut last) = (Vec::new(), "");
    for file in info.files.iter().filter(|file| !names::is_note(file)) {
        if members.contains(file.as_str()) {
            files.extend(beside.remove(last).into_iter().flatten());
            last = file;
        }
        files.push(file);
    }
    files.extend(beside.remove(last).into_iter().flatten());
    files.extend(beside.into_values().flatten());
    files
}

/// The files that the cells come from, each with the cells that it covers, if there are several:
/// a tile is recognised by those that it meets.
pub(crate) fn sources(inputs: &Inputs<'_>) -> Vec<SourceFile> {
    sources_with_paths(inputs).into_iter().map(|(_, source)| source).collect()
}

/// The same, each with its path.
pub(crate) fn sources_with_paths(inputs: &Inputs<'_>) -> Vec<(String, SourceFile)> {
    let all: Vec<_> = inputs.iter().flat_map(sources_of).collect();
    let files = all.iter().filter(|(_, source)| source.cells.is_some()).count();
    if files > inputs.len() { all } else { Vec::new() }
}

fn sources_of(input: &Input<'_>) -> Vec<(String, SourceFile)> {
    let Input { role, reader, ref versions } = *input;
    let info = reader.info();
    let source = |path: &str, cells: Option<Window>, about: String| {
        let source = SourceFile {
            role: role.to_owned(),
            cells: cells.map(Cells::from),
            stamp: digest_of(&about)[..32].to_owned(),
        };
        (path.to_owned(), source)
    };
    let recognised = |path: &str| {
        let name = names::file_name(path);
        let by_content = info.by_content.contains(path).then(|| content(path)).flatten();
        match (by_content, file_state(path), versions.get(path)) {
            (Some(content), ..) => format!("{name} {content}"),
            (None, state, None) => format!("{name} {state:?}"),
            (None, state, Some(version)) => format!("{name} {state:?} {version}"),
        }
    };
    let windows = reader.source_windows();
    // A file beside a source (a world file, a mask) covers the same cells.
    let mut beside: HashMap<PathBuf, Vec<Window>> = HashMap::new();
    for of in windows.iter().flatten() {
        let path = Path::new(&of.path);
        for name in [path.to_owned(), path.with_extension("")] {
            beside.entry(name).or_default().push(of.window);
        }
    }
    let known: HashSet<&str> = windows.iter().flatten().map(|of| of.path.as_str()).collect();
    let mut all = Vec::new();
    for path in info.files.iter().chain(info.files.is_empty().then_some(&info.path)) {
        if names::is_note(path) || known.contains(path.as_str()) {
            continue;
        }
        if let (Some(content), true) = (reader.vrt_content(), path == &info.path)
            && windows.is_some()
        {
            // What is left of it applies to all cells.
            all.push(source(path, None, rest_of(content)));
            continue;
        }
        let of = beside.get(&Path::new(path).with_extension(""));
        let cells = of.cloned().unwrap_or_else(|| vec![info.grid.whole()]);
        let about = recognised(path);
        all.extend(cells.into_iter().map(|cells| source(path, Some(cells), about.clone())));
    }
    let members: HashMap<&str, &MemberFile> =
        info.parts.iter().map(|part| (part.path.as_str(), part)).collect();
    for file in &info.beside {
        let about = recognised(&file.path);
        if windows.is_none() && info.driver != "VRT" {
            // It says something of the only file that there is.
            all.push(source(&file.path, None, about));
            continue;
        }
        let of = file.of.as_deref().and_then(|of| beside.get(Path::new(of)));
        for cells in of.cloned().unwrap_or_else(|| vec![info.grid.whole()]) {
            all.push(source(&file.path, Some(cells), about.clone()));
        }
    }
    // In their order, which matters where they overlap.
    for of in windows.iter().flatten() {
        let said = members
            .get(of.path.as_str())
            .map(|m| format!("{} {:?} {:?}", m.data_type, m.nodata, m.scale_offset));
        let about = format!("{} {} {said:?}", recognised(&of.path), of.how);
        all.push(source(&of.path, Some(of.window), about));
    }
    all
}

/// One file, or the files that are read as one raster.
fn input_paths(role: &str, info: &RasterInfo, plan: &Path) -> Vec<InputPath> {
    let of = |path: &str| {
        let (path, relative) = seen_from(plan, path);
        InputPath { role: role.to_owned(), path, relative, like: None, beside: Vec::new() }
    };
    let member = |part: &MemberFile| InputPath {
        like: part.like.map(|like| like as u64),
        beside: part.beside.clone(),
        ..of(&part.path)
    };
    match &info.parts[..] {
        [] => vec![of(&info.path)],
        parts => parts.iter().map(member).collect(),
    }
}

fn bands(spec: &Spec) -> Vec<Band> {
    let of = |(i, measure): (usize, &svf_kernel::Measure)| {
        let range = spec.range(*measure);
        let band = move |about: BandSpec| Band {
            name: about.name,
            unit: about.unit,
            scale_offset: [about.scale_offset.0, about.scale_offset.1],
            range: [range.0, range.1],
            measure: i,
        };
        spec.band_specs(&[*measure]).into_iter().map(band).collect::<Vec<_>>()
    };
    spec.measures.iter().enumerate().flat_map(of).collect()
}

/// Writes a plan, whole, under a temporary name.
pub(crate) fn stage_plan(path: &Path, plan: &PlanFile) -> Result<Staging, Error> {
    let shown = path.display().to_string();
    let text = plan.to_text().map_err(Error::internal)?;
    Ok(stage_file(&shown, text.as_bytes())?)
}

/// Reads a plan.
///
/// # Errors
/// A file that does not exist or cannot be used as a plan, with `hint`; a cancel.
pub(crate) fn read_plan(
    path: &Path,
    hint: &str,
    room: Room,
    cancel: &CancelToken,
) -> Result<PlanFile, Error> {
    let shown = path.display().to_string();
    if shown.starts_with("/vsi") || shown.contains("://") {
        let message = format!("cannot read the plan {shown}: a plan must be a local file");
        let hint = "mount the store or copy the plan; its tiles are written to a folder next to it";
        return Err(Error::failed(Diagnostic::new("plan.read", message).hint(hint).path(&shown)));
    }
    let failed = |reason: String| {
        let message = format!("cannot read the plan {shown}: {reason}");
        Error::failed(Diagnostic::new("plan.read", message).hint(hint).path(&shown))
    };
    let fits = |text_bytes: u64| {
        let bytes = text_bytes.saturating_mul(room.tenths) / 10;
        check_budget_early(bytes, room.budget_bytes, Cause::Tiles)
    };
    // Another machine may have written it a moment ago.
    seen::is_there(path, cancel);
    match fs::metadata(path) {
        Ok(about) if about.is_file() => fits(about.len())?,
        // Its tiles would be looked for beside the pipe.
        Ok(about) if !about.is_dir() => {
            let message = format!("cannot read the plan {shown}: it is a pipe or a device");
            let hint = "write the name of the plan's file: its tiles are in a folder next to it";
            let diagnostic = Diagnostic::new("plan.read", message).hint(hint).path(&shown);
            return Err(Error::failed(diagnostic));
        }
        _ => {}
    }
    let text =
        read_text(path, room.budget_bytes.saturating_mul(10) / room.tenths, cancel, &failed)?;
    PlanFile::from_text(&text).map_err(|error| failed(error.to_string()))
}

/// The memory for a plan of many tiles.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    /// The limit of the process.
    budget_bytes: u64,
    /// Memory for ten bytes of the file: the text and its entries. Measured with lists of 640,000
    /// tiles, which earlier versions wrote.
    tenths: u64,
}

impl Room {
    /// To compute tiles.
    pub(crate) fn to_compute(budget_bytes: u64) -> Self {
        Self { budget_bytes, tenths: 22 }
    }

    /// To check and join all tiles.
    pub(crate) fn to_join(budget_bytes: u64) -> Self {
        Self { budget_bytes, tenths: 31 }
    }
}

/// What to do about a plan of svf_tile that cannot be read.
pub(crate) const MAKE_ANEW: &str =
    "make it with svf_tile; add --overwrite to replace a damaged plan";

/// The request that corresponds to a plan, within `limits`.
///
/// # Errors
/// A plan whose options this version does not know.
pub(crate) fn request_of(plan: &PlanFile, path: &Path, limits: &Limits) -> Result<Request, Error> {
    let unusable = |what: &str| {
        let message = format!("cannot use the plan {}: {what}", path.display());
        Diagnostic::new("plan.read", message).path(path.display().to_string())
    };
    let version = &plan.identity["version"];
    if version != env!("CARGO_PKG_VERSION") {
        let what = format!(
            "it was made by version {}, but this is version {}",
            version.as_str().unwrap_or("unknown"),
            env!("CARGO_PKG_VERSION")
        );
        let hint = "use that version, or make a new plan with svf_tile --overwrite";
        let diagnostic = Diagnostic { code: "plan.changed".into(), ..unusable(&what) };
        return Err(Error::failed(diagnostic.hint(hint)));
    }
    let unusable = |what: &str| Error::failed(unusable(what));
    let input = &plan.identity["inputs"][0];
    let paths = ROLES.map(|role| -> Vec<String> {
        let inputs = plan.inputs.iter().filter(|input| input.role == role);
        inputs.map(|input| input_seen(input, path)).collect()
    });
    let [heights, canopy, trunk, receivers] =
        paths.each_ref().map(|paths| (!paths.is_empty()).then(|| label(paths)));
    let files = paths.map(|paths| match paths.len() {
        0 | 1 => Files::Itself,
        _ => Files::Named(paths),
    });
    let sky: Sky = serde_json::from_value(plan.identity["options"].clone())
        .map_err(|error| unusable(&error.to_string()))?;
    let band = input["band"].as_u64().and_then(|n| u32::try_from(n).ok());
    let open_options = serde_json::from_value(input["open_options"].clone())
        .map_err(|error| unusable(&error.to_string()))?;
    let output_type = OutputType::named(&plan.output.data_type)
        .ok_or_else(|| unusable("its data type is unknown"))?;
    let window = Window::from(plan.window);
    Ok(Request {
        input: heights.ok_or_else(|| unusable("it names no elevation raster"))?,
        files,
        // The coordinates were already checked when the plan was made.
        sky: Sky { plain_units: true, canopy, trunk, receivers, ..sky },
        source: Source { band: band.ok_or_else(|| unusable("it names no band"))?, open_options },
        format: Format { output_type, nodata: Some(plan.output.nodata), ..Format::default() },
        area: Area {
            srcwin: Some([window.col, window.row, window.cols, window.rows].map(|n| n as f64)),
            tile_px: Some((plan.tile_px[0], plan.tile_px[1])),
            ..Area::default()
        },
        limits: limits.clone(),
        planned: PlannedInputs::of(plan, path, false),
        ..Request::default()
    })
}

/// A stream cannot be read again, so it cannot have a plan.
///
/// # Errors
/// A stream.
pub(crate) fn refuse_stream(input: &str) -> Result<(), Error> {
    if !is_stdin(input) {
        return Ok(());
    }
    let message = "a plan needs a file as INPUT: /vsistdin/ can only be read once";
    Err(Error::usage("usage.arguments", message))
}

/// The grid of the joined raster.
pub(crate) fn output_grid(output: &Output) -> Grid {
    Grid {
        rows: output.size[0],
        cols: output.size[1],
        geo_transform: output.geo_transform.unwrap_or([0.0, 1.0, 0.0, 0.0, 0.0, -1.0]),
        georeferenced: output.geo_transform.is_some(),
        gcps: false,
        crs_wkt: output.crs.clone(),
        unit: HorizontalUnit::Unknown,
    }
}

/// The bands of the joined raster.
pub(crate) fn band_specs(output: &Output) -> Vec<BandSpec> {
    let of = |band: &Band| BandSpec {
        name: band.name.clone(),
        unit: band.unit.clone(),
        scale_offset: (band.scale_offset[0], band.scale_offset[1]),
    };
    output.bands.iter().map(of).collect()
}

/// How values were converted to cells.
pub(crate) fn encodings(output: &Output) -> Vec<Encoding> {
    let of = |band: &Band| {
        let [scale, offset] = band.scale_offset;
        Encoding {
            factor: 1.0,
            nodata: output.nodata as f32,
            scale_offset: (band.scale_offset != [1.0, 0.0])
                .then_some((scale as f32, offset as f32)),
            range: (band.range[0], band.range[1]),
            clips: false,
        }
    };
    output.bands.iter().map(of).collect()
}

/// Refuses files of the user in a folder that these tools fill and that may be deleted.
///
/// # Errors
/// A file that would be in it.
pub(crate) fn refuse_output_in<'a>(
    folder: &Path,
    mut outputs: impl Iterator<Item = &'a Path>,
) -> Result<(), Error> {
    let whole = whole_path(folder);
    match outputs.find(|output| whole_path(output).starts_with(&whole)) {
        None => Ok(()),
        Some(output) => {
            let (output, folder) = (output.display().to_string(), folder.display());
            let message =
                format!("{output} is in {folder}, a folder that may be deleted after the run");
            let diagnostic = Diagnostic::new("usage.arguments", message)
                .hint("choose an output outside that folder");
            Err(Error::refused(diagnostic.path(output)))
        }
    }
}

/// Files that writing a plan or its tiles must not touch: those of the input.
///
/// # Errors
/// A tile folder that contains the input.
pub(crate) fn refuse_input_in(folder: &Path, layers: &[RasterReader]) -> Result<(), Error> {
    let Ok(folder) = fs::canonicalize(folder) else { return Ok(()) };
    // Most inputs are in the same few folders.
    let mut known: HashMap<PathBuf, bool> = HashMap::new();
    let mut inside = |file: &String| {
        let plain = if file.starts_with("/vsi") { local_file(file) } else { Some(file.into()) };
        let Some(parent) = plain.as_deref().and_then(Path::parent) else { return false };
        let is_inside = || {
            let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
            fs::canonicalize(parent).is_ok_and(|parent| parent.starts_with(&folder))
        };
        *known.entry(parent.to_owned()).or_insert_with(is_inside)
    };
    let files = |layer: &'_ RasterReader| -> Vec<String> {
        let info = layer.info();
        info.all_files().chain([&info.path]).cloned().collect()
    };
    match layers.iter().flat_map(files).find(|file| inside(file)) {
        None => Ok(()),
        Some(file) => {
            let message = format!("{file} is in {}, the folder for the tiles", folder.display());
            let diagnostic =
                Diagnostic::new("output.is_input", message).hint("choose another folder");
            Err(Error::refused(diagnostic.path(file)))
        }
    }
}
