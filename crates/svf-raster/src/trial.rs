//! Tests a driver with a corner of the output, before hours of work.

use std::path::{Path, PathBuf};

use gdal::raster::RasterBand;
use gdal::spatial_ref::{CoordTransform, SpatialRef};
use gdal::{Dataset, DriverManager};
use ndarray::Array2;
use svf_kernel::tile::Window;

use crate::copy::convert;
use crate::create::{create_dataset, describe};
use crate::crs::HorizontalUnit;
use crate::driver::{
    CreationOptions, base_options, creation_options, is_copied, output_driver, types_of,
};
use crate::error::{Op, RasterError};
use crate::grid::Grid;
use crate::output::{BandSpec, OutputSpec, OutputType};
use crate::session::Session;
use crate::staging::{BASE, Staging, is_stdout, sidecars_of};
use crate::{io, netcdf, session};

/// Lets a driver store a corner of the output, if it can only copy, or if it could change the
/// cells. So what it refuses, misinterprets or loses is known before hours of work.
///
/// # Errors
/// The driver's reason to refuse the bands, their type or an option; that it would make a
/// picture of colours; or that the numbers could not be read from the file again.
pub fn try_driver(spec: &OutputSpec) -> Result<(), RasterError> {
    if let Err(error) = output_driver(spec) {
        let Ok(driver) = DriverManager::get_driver_by_name(&spec.driver) else {
            return Err(error);
        };
        let types = types_of(&driver);
        let is_because_of_type = !types.contains(&spec.output_type);
        return Err(if is_because_of_type { error.hint(other_types(spec, &types)) } else { error });
    }
    if spec.driver == netcdf::DRIVER {
        netcdf::check(spec)?;
    }
    refuse_odd_blocks(spec)?;
    refuse_other_grid(spec)?;
    refuse_pictures(spec)?;
    // With these, a GeoTIFF of floats has all that is written.
    let is_float = spec.output_type.scaled_range().is_none();
    let is_plain = spec.creation_options.is_empty() || is_float && keeps_floats(spec);
    if spec.driver == "GTiff" && is_plain {
        return Ok(());
    }
    let count = spec.bands.len();
    let tried = try_bands(spec, count)?;
    if let Ok(made @ Made { lost: None, .. }) = &tried {
        let what = match &not_stored(made, spec)?[..] {
            [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
            all => all.concat(),
        };
        if !what.is_empty() {
            session::note_loss(format!("driver {} does not store {what}", spec.driver));
        }
    }
    let failed = match tried {
        Ok(Made { colours, .. }) if !colours.is_empty() && count > 1 => {
            let reason = format!(
                "driver {} would store {count} bands as the colours of a picture ({})",
                spec.driver,
                colours.join(", ")
            );
            return Err(RasterError::new(Op::Config, &spec.path, reason).hint(ONE_BAND));
        }
        Ok(Made { lost: None, .. }) => return Ok(()),
        Ok(Made { lost: Some(lost), .. }) => return Err(lost.refusal(spec)),
        Err(reason) => reason,
    };
    if count > 1 && try_bands(spec, 1)?.is_ok() {
        let reason = format!("driver {} cannot store {count} bands: {failed}", spec.driver);
        return Err(RasterError::new(Op::Config, &spec.path, reason).hint(ONE_BAND));
    }
    Err(RasterError::new(Op::Create, &spec.path, failed))
}

const ONE_BAND: &str = "a GeoTIFF (.tif) or netCDF file can have any number of bands; svf_compute --separate writes one file per measure";

/// Whether the creation options of a GeoTIFF or a COG leave floats as they are.
fn keeps_floats(spec: &OutputSpec) -> bool {
    const LAYOUT: [&str; 14] = [
        "TILED",
        "BLOCKXSIZE",
        "BLOCKYSIZE",
        "BLOCKSIZE",
        "BIGTIFF",
        "SPARSE_OK",
        "NUM_THREADS",
        "INTERLEAVE",
        "PREDICTOR",
        "ZLEVEL",
        "ZSTD_LEVEL",
        "LZMA_PRESET",
        "TFW",
        "GEOTIFF_VERSION",
    ];
    const CODECS: [&str; 5] = ["NONE", "DEFLATE", "ZSTD", "LZW", "LZMA"];
    let is =
        |known: &[&str], word: &str| known.iter().any(|known| word.eq_ignore_ascii_case(known));
    spec.creation_options.iter().all(|option| {
        option.split_once('=').is_some_and(|(key, value)| {
            is(&LAYOUT, key) || is(&["COMPRESS"], key) && is(&CODECS, value)
        })
    })
}

/// Refuses creation options that warp the cells to another grid: the output would not be the result.
fn refuse_other_grid(spec: &OutputSpec) -> Result<(), RasterError> {
    let options = CreationOptions(spec.creation_options.clone());
    let scheme = options.given("TILING_SCHEME").filter(|scheme| scheme != "CUSTOM");
    let option = match (scheme, options.given("TARGET_SRS")) {
        (Some(_), _) => "TILING_SCHEME",
        (None, Some(_)) => "TARGET_SRS",
        (None, None) => return Ok(()),
    };
    let reason = format!("--co {option} makes another grid than that of the heights");
    let how = format!("gdal_translate RESULT.tif OTHER.tif -of {} -co {option}=...", spec.driver);
    let hint = format!("leave it out, and warp the result: {how}");
    Err(RasterError::new(Op::Config, &spec.path, reason).hint(hint))
}

/// Refuses compression for pictures of larger numbers: it fails at the first block of a GeoTIFF, and at
/// the end of a COG.
fn refuse_pictures(spec: &OutputSpec) -> Result<(), RasterError> {
    if !["GTiff", "COG"].contains(&&*spec.driver) || spec.output_type == OutputType::UInt8 {
        return Ok(());
    }
    let codec =
        CreationOptions(spec.creation_options.clone()).given("COMPRESS").unwrap_or_default();
    if !(["JPEG", "WEBP"].contains(&&*codec) || codec.starts_with("CCITT")) {
        return Ok(());
    }
    let reason = format!(
        "COMPRESS={codec} is for pictures and cannot store {} cells",
        spec.output_type.name()
    );
    let hint = "use --co COMPRESS=ZSTD, DEFLATE, LZW or LERC".to_owned();
    Err(RasterError::new(Op::Config, &spec.path, reason).hint(hint))
}

/// Refuses sizes of blocks that GDAL takes for others, or with which it does not end.
///
/// # Errors
/// Such a creation option.
pub fn refuse_odd_blocks(spec: &OutputSpec) -> Result<(), RasterError> {
    if !["GTiff", "COG"].contains(&&*spec.driver) {
        return Ok(());
    }
    let options = CreationOptions(spec.creation_options.clone());
    for key in ["BLOCKSIZE", "BLOCKXSIZE", "BLOCKYSIZE"] {
        let Some(given) = options.given(key) else { continue };
        if !given.parse().is_ok_and(|side: u64| (1..=1 << 20).contains(&side)) {
            let reason = format!("--co {key}={given}: it must be a whole number of cells from 1");
            let hint = format!("for example --co {key}=512");
            return Err(RasterError::new(Op::Config, &spec.path, reason).hint(hint));
        }
        if spec.driver == "COG" && !given.parse().is_ok_and(|side: u64| side.is_multiple_of(16)) {
            let reason = format!("--co {key}={given}: it must be a multiple of 16");
            let hint = format!("for example --co {key}=512");
            return Err(RasterError::new(Op::Config, &spec.path, reason).hint(hint));
        }
    }
    Ok(())
}

/// Says which other types the driver stores as they are, so that results can be read again.
fn other_types(spec: &OutputSpec, types: &[OutputType]) -> String {
    let names: Vec<String> =
        types.iter().filter(|of| keeps(spec, **of)).map(|of| of.option()).collect();
    match &names[..] {
        [] => "choose another format with --of, such as GTiff".to_owned(),
        _ => format!("choose another type with --ot: it can store {}", names.join(", ")),
    }
}

/// Whether a band of another type can be stored and read again.
fn keeps(spec: &OutputSpec, output_type: OutputType) -> bool {
    let mut band = spec.bands[..1].to_vec();
    let nodata = match output_type.scaled_range() {
        Some((largest, nodata)) => {
            band[0].scale_offset = (1.0 / largest, -1.0);
            nodata
        }
        None => {
            band[0].scale_offset = (1.0, 0.0);
            -9999.0
        }
    };
    let small = OutputSpec { output_type, bands: band, nodata: Some(nodata), ..spec.clone() };
    matches!(try_bands(&small, 1), Ok(Ok(Made { lost: None, .. })))
}

/// The files beside an output that its driver writes or removes, or that would be a part of it if
/// they were there.
pub fn files_beside(spec: &OutputSpec) -> Vec<PathBuf> {
    let output = Path::new(&spec.path);
    if is_stdout(&spec.path) || spec.path.starts_with("/vsi") {
        return Vec::new();
    }
    let mut files = sidecars_of(output);
    if spec.driver != "GTiff" || !spec.creation_options.is_empty() {
        let made = try_bands(spec, spec.bands.len()).ok().and_then(Result::ok);
        let stem = output.file_stem().unwrap_or_default().to_string_lossy();
        let named = |name: &String| output.with_file_name(name.replacen(TRIAL, &stem, 1));
        files.extend(made.iter().flat_map(|made| &made.beside).map(named));
    }
    files.sort();
    files.dedup();
    files
}

/// The files that a driver writes beside an output, whatever its cells are: for those whose grid is not
/// known yet.
pub fn files_of_driver(path: &str, driver: &str, creation_options: &[String]) -> Vec<PathBuf> {
    let utm = SpatialRef::from_epsg(32632).and_then(|crs| crs.to_wkt()).ok();
    let grid = Grid {
        rows: 8,
        cols: 8,
        geo_transform: [500_000.0, 1.0, 0.0, 5_000_000.0, 0.0, -1.0],
        georeferenced: true,
        gcps: false,
        crs_wkt: utm,
        unit: HorizontalUnit::Length { name: "metre".into(), metres: 1.0 },
    };
    let of = |output_type: OutputType| OutputSpec {
        path: path.to_owned(),
        driver: driver.to_owned(),
        output_type,
        nodata: Some(output_type.scaled_range().map_or(-9999.0, |(_, nodata)| nodata)),
        grid: grid.clone(),
        bands: vec![BandSpec { name: "svf".into(), unit: String::new(), scale_offset: (1.0, 0.0) }],
        creation_options: creation_options.to_vec(),
        metadata: vec![("SVF".into(), "1".into())],
        block_px: 512,
        threads: 1,
        copy_threads: 1,
    };
    let mut files: Vec<PathBuf> =
        OutputType::ALL.into_iter().flat_map(|of_type| files_beside(&of(of_type))).collect();
    files.sort();
    files.dedup();
    files
}

/// Files beside an output that would give it a place or a CRS, where it has none of its own. Its driver
/// does not write them.
pub fn placing_files(spec: &OutputSpec) -> Vec<PathBuf> {
    const PLACED_FROM_BESIDE: [&str; 6] = ["BMP", "GIF", "JPEG", "PNG", "VICAR", "WEBP"];
    const WITH_CRS: [&str; 4] = ["COG", "GPKG", "GTiff", "netCDF"];
    let driver = &*spec.driver;
    let output = Path::new(&spec.path);
    let mut endings: Vec<String> = Vec::new();
    if !spec.grid.georeferenced || PLACED_FROM_BESIDE.contains(&driver) {
        endings.push("wld".into());
        if let Some(own) = output.extension().map(|own| own.to_string_lossy()) {
            let ends = own.chars().next().into_iter().chain(own.chars().last());
            endings.extend([ends.collect::<String>() + "w", format!("{own}w")]);
        }
    }
    if spec.grid.crs_wkt.is_none() && !WITH_CRS.contains(&driver) {
        endings.push("prj".into());
    }
    let named = |ending: String| {
        [output.with_extension(ending.to_ascii_uppercase()), output.with_extension(ending)]
    };
    endings.into_iter().flat_map(named).collect()
}

/// What a driver made of a few cells.
struct Made {
    /// Names of the files beside the main one.
    beside: Vec<String>,
    /// The colours that it uses for the bands.
    colours: Vec<String>,
    /// What the file does not give back, though its cells need it.
    lost: Option<Lost>,
    /// Whether the file has no NoData value, though the cells have one.
    is_without_nodata: bool,
    /// Where the file has the cells.
    place: Place,
}

/// What a file does not give back.
enum Lost {
    Scale,
    NoData,
    Cells,
}

/// Creation options with which drivers keep cells that they change without them.
const EXACT: [(&str, &[&str]); 2] = [
    ("JP2OpenJPEG", &["QUALITY=100", "REVERSIBLE=YES"]),
    ("GRIB", &["DATA_ENCODING=IEEE_FLOATING_POINT"]),
];

impl Lost {
    fn refusal(&self, spec: &OutputSpec) -> RasterError {
        let (driver, of_type) = (&spec.driver, spec.output_type.option());
        let reason = match self {
            Lost::Scale => format!(
                "driver {driver} does not store the scale and offset that --ot {of_type} needs"
            ),
            Lost::NoData => {
                format!("driver {driver} does not store the NoData value that --ot {of_type} needs")
            }
            Lost::Cells => format!(
                "driver {driver} would change the {} cells (lossy compression, or fewer bits)",
                spec.output_type.name()
            ),
        };
        let is_float = |of: OutputType| of.scaled_range().is_none();
        let stores = |of: &OutputType| is_float(*of) && keeps(spec, *of);
        let exact = || {
            let (_, options) = EXACT.iter().find(|(of, _)| of == driver)?;
            let options: Vec<String> = options.iter().map(|&option| option.to_owned()).collect();
            let hint = format!("add --co {}", options.join(" --co "));
            keeps_with(spec, options).then_some(hint)
        };
        let hint = match driver.as_str() {
            "GTiff" | "COG" => {
                "use --co COMPRESS=ZSTD or DEFLATE, without other options".to_owned()
            }
            _ => exact().unwrap_or_else(|| match OutputType::ALL.into_iter().find(stores) {
                Some(of) => format!("use --ot {}, or a GeoTIFF (.tif)", of.option()),
                None => "use a GeoTIFF (.tif)".to_owned(),
            }),
        };
        RasterError::new(Op::Config, &spec.path, reason).hint(hint)
    }
}

/// Whether nothing is lost with other creation options.
fn keeps_with(spec: &OutputSpec, creation_options: Vec<String>) -> bool {
    keeps(&OutputSpec { creation_options, ..spec.clone() }, spec.output_type)
}

/// Cells of an output as they are stored, and how far they may be off when they are read again: those
/// that are stored in steps must be the same, floats within a step of a 32-bit float. None where floats
/// stay as they are.
fn sample_of(spec: &OutputSpec, rows: usize, cols: usize) -> Option<(Array2<f64>, f64)> {
    if let Some((largest, nodata)) = spec.output_type.scaled_range() {
        return Some((sample_cells(rows, cols, (largest, nodata)).mapv(f64::round), 0.0));
    }
    if ["GTiff", "COG"].contains(&&*spec.driver) && keeps_floats(spec) {
        return None;
    }
    let is_degrees = spec.bands.iter().all(|band| band.unit == "degree");
    let largest = if is_degrees { 90.0 } else { 1.0 };
    let cells = sample_cells(rows, cols, (largest, spec.nodata.unwrap_or(0.0)));
    let stored = |cell: f64| spec.output_type.cell(cell).unwrap_or(cell);
    let most_off = if may_round(spec) { 0.05 } else { f64::from(f32::EPSILON) };
    Some((cells.mapv(stored), most_off * largest))
}

/// Whether digits of floats may be left out: the user wants it, with creation options of a driver that
/// keeps all digits without them.
fn may_round(spec: &OutputSpec) -> bool {
    let keeps_alone = || ["GTiff", "COG"].contains(&&*spec.driver) || keeps_with(spec, Vec::new());
    !spec.creation_options.is_empty() && keeps_alone()
}

/// Cells of all sizes between 0 and the largest, smooth in a part and rough in the other, and some
/// of NoData.
fn sample_cells(rows: usize, cols: usize, (largest, nodata): (f64, f64)) -> Array2<f64> {
    Array2::from_shape_fn((rows, cols), |(row, col)| {
        if row % 8 == 5 && col % 8 < 3 {
            return nodata;
        }
        // Neighbours are far apart.
        let rough = (row * 7919 + col * 104_729) % 1009;
        let smooth = row + col;
        let share = match col < cols / 2 {
            true => rough as f64 / 1008.0,
            false => smooth as f64 / (rows + cols) as f64,
        };
        share * largest
    })
}

/// What the file lost of such cells.
fn lost_of(
    made: &[RasterBand<'_>],
    spec: &OutputSpec,
    (cells, most_off): &(Array2<f64>, f64),
) -> Option<Lost> {
    let is_scaled = spec.output_type.scaled_range().is_some();
    let near =
        |a: f64, b: f64| a == b || a.is_nan() && b.is_nan() || (a - b).abs() <= 1e-6 * b.abs();
    for (number, about) in spec.bands.iter().enumerate() {
        let Some(band) = made.get(number) else { return Some(Lost::Cells) };
        let (scale, offset) = about.scale_offset;
        if !near(band.scale().unwrap_or(1.0), scale) || !near(band.offset().unwrap_or(0.0), offset)
        {
            return Some(Lost::Scale);
        }
        // A format may have its own value for cells without data.
        let stored = band.no_data_value();
        let nodata = spec.nodata.filter(|nodata| !nodata.is_nan());
        if is_scaled && nodata.is_some() && stored != nodata {
            return Some(Lost::NoData);
        }
        let (rows, cols) = cells.dim();
        let window = Window { row: 0, col: 0, rows: rows as u64, cols: cols as u64 };
        let mut read = Array2::<f64>::zeros((rows, cols));
        let is_same_size = band.size() == (cols, rows);
        if !is_same_size || io::read(band, &window, read.view_mut()).is_err() {
            return Some(Lost::Cells);
        }
        for (&read, &cell) in read.iter().zip(cells) {
            let is_missing = spec.nodata.is_some_and(|nodata| near(cell, nodata));
            let reads_missing = read.is_nan() || stored.is_some_and(|stored| near(read, stored));
            let is_same = match is_missing {
                true => reads_missing || near(read, cell),
                false => (read - cell).abs() <= *most_off && !reads_missing,
            };
            if !is_same {
                return Some(if is_missing { Lost::NoData } else { Lost::Cells });
            }
        }
    }
    None
}

/// What a file does not give back of its NoData value and of its place, in words.
///
/// # Errors
/// As [`try_bands`].
fn not_stored(made: &Made, spec: &OutputSpec) -> Result<Vec<String>, RasterError> {
    let Place { is_gone, in_sample, in_all, crs } = made.place;
    // Rounded numbers look worse from a sample than they are if the file has the borders of the raster,
    // not the size of its cells.
    let is_kept = !is_gone && (in_all || in_sample && keeps_place(spec)?);
    let nodata = spec.nodata.filter(|_| made.is_without_nodata);
    let words = [
        nodata.map(|nodata| format!("the NoData value ({nodata})")),
        (!is_kept).then(|| "the place of the cells".to_owned()),
        crs.map(str::to_owned),
    ];
    Ok(words.into_iter().flatten().collect())
}

/// Whether a file gives back its place along the whole first row and the whole first column of the output.
fn keeps_place(spec: &OutputSpec) -> Result<bool, RasterError> {
    const THIN: u64 = 2;
    let Grid { rows, cols, .. } = spec.grid;
    for size in [(rows.min(THIN), cols), (rows, cols.min(THIN))] {
        if !try_corner(spec, 1, size)?.is_ok_and(|made| made.place.in_sample) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What a file gives back of the grid.
struct Place {
    /// Whether the grid has a place that the file does not give back at all.
    is_gone: bool,
    /// How the CRS differs, in words.
    crs: Option<&'static str>,
    /// Whether the cells of the sample are where they were.
    in_sample: bool,
    /// Whether all cells of the output would be there, as far as the sample tells.
    in_all: bool,
}

impl Place {
    /// Compares the grid of a sample with that of the whole output.
    fn of(read: &Grid, whole: &Grid) -> Self {
        let is_crs = |crs: &SpatialRef| crs.is_projected() || crs.is_geographic();
        let (crs, other) = (whole.spatial_ref(), read.spatial_ref().filter(is_crs));
        let is_gone = whole.georeferenced && !read.georeferenced;
        let is_placed = whole.georeferenced && read.georeferenced;
        let afar = Grid { rows: whole.rows, cols: whole.cols, ..read.clone() };
        let near = Grid { rows: read.rows, cols: read.cols, ..whole.clone() };
        // In the numbers of the coordinates, or on the ground if the CRS has other ones.
        let both = |is_same: &dyn Fn(&Grid, &Grid) -> bool| {
            (!is_placed || is_same(read, &near), !is_placed || is_same(&afar, whole))
        };
        let numbers = both(&|grid, wanted| grid.is_within(wanted, MOST_OFF_CELLS));
        let place = |crs, (in_sample, in_all)| Place { is_gone, crs, in_sample, in_all };
        let (crs, other) = match (crs, other) {
            (Some(crs), Some(other)) => (crs, other),
            (None, None) => return place(None, numbers),
            (Some(_), None) => return place(Some("the CRS"), numbers),
            (None, Some(_)) => return place(Some("that there is no CRS"), numbers),
        };
        let is_same_kind = crs.is_geographic() == other.is_geographic();
        if crs == other {
            return place(None, numbers);
        }
        let ground = both(&|grid, wanted| is_same_place((wanted, &crs), (grid, &other)));
        if is_placed && is_same_kind && ground.0 {
            return place(None, ground);
        }
        if numbers.0 {
            // Its map may have another zero.
            return place(Some("the CRS as it is"), numbers);
        }
        let is_same_map = is_same_kind && is_same_place((&near, &crs), (&near, &other));
        place((!is_same_map).then_some("the CRS as it is"), ground)
    }
}

/// Cells that a place may be off.
const MOST_OFF_CELLS: f64 = 0.01;

/// Whether the corners of two grids of the same size are the same places.
fn is_same_place(
    (grid, crs): (&Grid, &SpatialRef),
    (other, other_crs): (&Grid, &SpatialRef),
) -> bool {
    let convert = || {
        let to_grid = CoordTransform::new(other_crs, crs).ok()?;
        let all = other.outline(&other.whole());
        let [mut x, mut y] = [all.map(|at| at.0), all.map(|at| at.1)];
        to_grid.transform_coords(&mut x, &mut y, &mut []).ok()?;
        let mut places = grid.outline(&grid.whole()).into_iter().zip(x.into_iter().zip(y));
        Some(places.all(|(at, other)| grid.is_near(at, other, MOST_OFF_CELLS)))
    };
    session::may_fail(convert).unwrap_or(false)
}

/// The endings of files beside a file.
fn endings_of(beside: &[String]) -> String {
    let mut endings: Vec<&str> =
        beside.iter().filter_map(|name| name.strip_prefix(TRIAL)).collect();
    endings.sort_unstable();
    endings.join(", ")
}

/// The name of what is stored, without its ending.
const TRIAL: &str = "svf-trial";

/// Stores a few cells of `bands` bands. Returns what the driver made of them, or its reason to
/// refuse.
fn try_bands(spec: &OutputSpec, bands: usize) -> Result<Result<Made, String>, RasterError> {
    const SIDE: u64 = 60;
    try_corner(spec, bands, (spec.grid.rows.min(SIDE), spec.grid.cols.min(SIDE)))
}

/// The same with a number of rows and columns.
fn try_corner(
    spec: &OutputSpec,
    bands: usize,
    (rows, cols): (u64, u64),
) -> Result<Result<Made, String>, RasterError> {
    let ending = Path::new(&spec.path).extension().map(|e| e.to_string_lossy().into_owned());
    let name = format!("{TRIAL}.{}", ending.as_deref().unwrap_or("tif"));
    let path = std::env::temp_dir().join(name).display().to_string();
    let is_one_block = spec.grid.rows.max(spec.grid.cols) <= spec.block_px;
    let small = OutputSpec {
        path: path.clone(),
        grid: spec.grid.part(&Window { row: 0, col: 0, rows, cols }),
        bands: spec.bands[..bands].to_vec(),
        // Several blocks as in the output, the last ones incomplete: some drivers lose cells of these.
        block_px: if is_one_block { spec.block_px } else { 16 },
        ..spec.clone()
    };
    let sample = sample_of(spec, rows as usize, cols as usize);
    let in_temporary = |error: RasterError| {
        let hint =
            "a few cells are tried in the folder for temporary files; TMPDIR names another one";
        RasterError { path: spec.path.clone(), ..error }.hint(hint)
    };
    let staging = Staging::new(&path).map_err(in_temporary)?;
    let said = |e: gdal::errors::GdalError| session::reason(&e);
    let attempt = || -> Result<Made, String> {
        let gtiff = DriverManager::get_driver_by_name("GTiff").map_err(said)?;
        let is_copied = is_copied(&small);
        let (base, options) = match is_copied {
            true => (staging.scratch(BASE), base_options(&small)),
            false => (staging.main().to_owned(), creation_options(&small)),
        };
        let mut dataset = create_dataset(&gtiff, &base, &small, &options).map_err(said)?;
        describe(&mut dataset, &small).map_err(said)?;
        if let Some((cells, _)) = &sample {
            let window = Window { row: 0, col: 0, rows, cols };
            for number in 1..=bands {
                let band = dataset.rasterband(number).map_err(said)?;
                io::write(&band, &window, cells.view()).map_err(|()| session::last_message())?;
            }
        }
        dataset.close().map_err(said)?;
        if is_copied {
            let base = Dataset::open(base).map_err(said)?;
            convert(&base, &small, staging.main(), (&[], &[]), &mut |_| true)?;
        }
        let beside = staging.beside();
        if is_stdout(&spec.path) || spec.path.starts_with("/vsi") {
            // Nothing beside the file goes there.
            for name in &beside {
                let _ = std::fs::remove_file(staging.main().with_file_name(name));
            }
        }
        let made = io::rasters_of(staging.main()).map_err(|reason| match &beside[..] {
            [] => reason,
            _ => format!(
                "it has several files ({}), and only one can be written there",
                endings_of(&beside)
            ),
        })?;
        // A reader takes the first bands for the cells. What follows them is the format's own.
        let bands: Vec<_> = io::bands_of(&made).into_iter().take(bands).collect();
        let colours = bands.iter().filter_map(io::colour);
        let lost = sample.as_ref().and_then(|sample| lost_of(&bands, &small, sample));
        let declares = |band: &RasterBand<'_>| band.no_data_value().is_some();
        let has_nodata = small.nodata.is_some_and(|nodata| !nodata.is_nan());
        let is_without_nodata = has_nodata && !bands.iter().all(declares);
        let first = made.first().ok_or("the file has no raster")?;
        let place = Place::of(&Grid::of(first), &spec.grid);
        Ok(Made { colours: colours.collect(), lost, is_without_nodata, place, beside })
    };
    session::take_damage();
    let made = session::may_fail(attempt).map_err(|reason| staging.as_of(&reason, &spec.path));
    if let Some(lost) = session::take_damage().map(|lost| staging.as_of(&lost, &path)) {
        return Err(in_temporary(RasterError::new(Op::Write, &spec.path, lost)));
    }
    if let Err(reason) = &made
        && reason.contains("No space left")
    {
        return Err(in_temporary(RasterError::new(Op::Write, &spec.path, reason)));
    }
    // What follows was planned without the memory that this took.
    Session::give_back();
    Ok(made)
}
