//! Writes netCDF files: a variable for each measure, with the attributes of the CF conventions.
//!
//! GDAL's own copy names variables `Band1`, `Band2`, ..., in chunks of one row. Here the horizon
//! of all directions is one variable, with a dimension `azimuth`, and chunks are squares.

use std::fs;
use std::io::Write;
use std::ops::Range;
use std::path::Path;

use gdal::spatial_ref::SpatialRef;
use gdal::{Dataset, DriverManager};
use ndarray::Axis;
use svf_kernel::Measure;
use svf_kernel::tile::Window;

use crate::cells::{StoredCells, each};
use crate::driver::CreationOptions;
use crate::error::{Op, RasterError, reason_of};
use crate::io::Element;
use crate::multidim::{self, Array, Dimension, Group, Value};
use crate::output::{BandSpec, BandStatistics, NORTH_ITEM, OutputSpec, OutputType};
use crate::staging::written_place;
use crate::{io, names, session};

/// GDAL's name of the driver.
pub(crate) const DRIVER: &str = "netCDF";

/// Rows and columns of a chunk.
const CHUNK: u64 = 256;
/// Rows and columns of a window that is written at once: whole chunks, and a whole block of the
/// raster that is read.
const WINDOW: u64 = 512;

/// Refuses names and creation options that this format does not have here.
pub(crate) fn check(spec: &OutputSpec) -> Result<(), RasterError> {
    let is_known = |option: &String| {
        let (key, value) = option.split_once('=').unwrap_or((option, ""));
        let value = value.to_ascii_uppercase();
        match key.to_ascii_uppercase().as_str() {
            "FORMAT" => value == "NC4",
            "COMPRESS" => ["DEFLATE", "NONE"].contains(&&*value),
            "ZLEVEL" => value.parse().is_ok_and(|level| (1..=9).contains(&level)),
            _ => false,
        }
    };
    // GDAL takes a file of HDF5 with another ending for another format.
    if !names::ending(&spec.path).is_some_and(|ending| ["nc", "nc4", "cdf"].contains(&&*ending)) {
        let reason = "the name of a netCDF file must end in .nc";
        return Err(RasterError::new(Op::Config, &spec.path, reason));
    }
    if cfg!(windows) {
        refuse_odd_letters(
            &spec.path,
            written_place(&spec.path).as_deref(),
            &std::env::temp_dir(),
        )?;
    }
    match spec.creation_options.iter().find(|option| !is_known(option)) {
        None => Ok(()),
        Some(option) => {
            let reason = format!("a netCDF file cannot have the creation option {option}");
            let hint = "netCDF-4 files are written, with variables named by their measures: the \
                        options are FORMAT=NC4, COMPRESS=DEFLATE or NONE, and ZLEVEL=1 to 9";
            Err(RasterError::new(Op::Config, &spec.path, reason).hint(hint))
        }
    }
}

/// Refuses places that libnetcdf does not find on Windows: it takes their names for those of the system's
/// code page, and they are UTF-8. `written` is where the driver writes the file, `temporary` where it is tried.
fn refuse_odd_letters(
    path: &str,
    written: Option<&Path>,
    temporary: &Path,
) -> Result<(), RasterError> {
    let is_odd = |place: &Path| !place.as_os_str().as_encoded_bytes().is_ascii();
    let refused = |reason: String| Err(RasterError::new(Op::Config, path, reason));
    let other = "or use another format, such as GeoTIFF (.tif)";
    if is_odd(temporary) {
        let reason = format!(
            "on Windows, netCDF files cannot be tried in the folder for temporary files, {}, whose name \
             has other letters than those of English",
            temporary.display()
        );
        let hint = format!("set the variable TMP to a folder with a plain name, {other}");
        return refused(reason).map_err(|error| error.hint(hint));
    }
    if written.is_some_and(is_odd) {
        let reason =
            "on Windows, netCDF files can only be written to names with the letters of English";
        let hint = format!("write to a plain name in a plain folder, then rename it, {other}");
        return refused(reason.to_owned()).map_err(|error| error.hint(hint));
    }
    Ok(())
}

/// A variable, and the bands that it holds.
#[derive(Clone, Debug, PartialEq)]
struct Variable {
    name: String,
    long_name: String,
    bands: Range<usize>,
    /// The azimuth of each band, if the variable has this dimension.
    azimuths: Option<Vec<f64>>,
}

/// The measure and the azimuth of a band that is one of several directions.
fn direction_of(band: &BandSpec) -> Option<(&str, f64)> {
    let (name, azimuth) = band.name.rsplit_once(' ')?;
    let is_of_directions = name.parse::<Measure>().is_ok_and(|measure| measure.bands(2) > 1);
    Some((name, azimuth.parse().ok()?)).filter(|_| is_of_directions)
}

/// The variables of a file. Bands of one measure in several directions become one variable.
fn variables_of(bands: &[BandSpec]) -> Vec<Variable> {
    let mut variables: Vec<Variable> = Vec::new();
    let mut azimuths: Option<Vec<f64>> = None;
    let mut next = 0;
    while next < bands.len() {
        let first = next;
        let directions: Vec<(&str, f64)> = bands[first..].iter().map_while(direction_of).collect();
        let measure = directions.first().map(|(measure, _)| *measure);
        let ascends = |pair: &[(&str, f64)]| pair[0].0 == pair[1].0 && pair[0].1 < pair[1].1;
        let together = match directions.len() {
            0 => 0,
            _ => 1 + directions.windows(2).take_while(|pair| ascends(pair)).count(),
        };
        let own: Vec<f64> = directions[..together].iter().map(|(_, azimuth)| *azimuth).collect();
        // A file has one dimension for azimuths.
        let is_cube = measure.is_some() && azimuths.as_ref().is_none_or(|known| *known == own);
        let (title, azimuths_of) = match measure.filter(|_| is_cube) {
            Some(measure) => {
                next += together;
                azimuths = Some(own.clone());
                (measure, Some(own))
            }
            None => {
                next += 1;
                (bands[first].name.as_str(), None)
            }
        };
        variables.push(Variable {
            name: free_name(&cf_name(title, first), &variables),
            long_name: long_name(title).to_owned(),
            bands: first..next,
            azimuths: azimuths_of,
        });
    }
    variables
}

/// A name as the CF conventions want it: letters, digits and underscores, a letter first.
fn cf_name(title: &str, band: usize) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let name: String = title.trim().chars().map(plain).collect();
    match name.chars().next() {
        None => format!("Band{}", band + 1),
        Some(first) if first.is_ascii_alphabetic() => name,
        Some(_) => format!("band_{name}"),
    }
}

/// The name, with a number if another variable has it.
fn free_name(name: &str, others: &[Variable]) -> String {
    const COORDINATES: [&str; 6] = ["x", "y", "lat", "lon", "azimuth", "crs"];
    let is_free =
        |name: &String| others.iter().all(|v| v.name != *name) && !COORDINATES.contains(&&**name);
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    std::iter::once(name.to_owned()).chain(numbered).find(is_free).unwrap_or_default()
}

/// What a measure is, in words; the name itself if it is none.
fn long_name(name: &str) -> &str {
    match name {
        "svf" => "sky view factor",
        "svf-error" => "uncertainty of the sky view factor",
        "svf-cosine" => "sky view factor, cosine-weighted, horizontal receiver",
        "svf-slope" => "sky view factor, cosine-weighted, receiver on the slope",
        "visible-sky" => "visible share of the angle from zenith to horizon",
        "svf-cos" => "mean cosine of the horizon angle",
        "terrain-view" => "terrain view factor",
        "openness-positive" => "positive openness",
        "openness-negative" => "negative openness",
        "svf-anisotropic" => "sky view factor of a sky that is brighter on one side",
        "svf-north" => "sky view factor of the northern half of the sky, cosine-weighted",
        "svf-east" => "sky view factor of the eastern half of the sky, cosine-weighted",
        "svf-south" => "sky view factor of the southern half of the sky, cosine-weighted",
        "svf-west" => "sky view factor of the western half of the sky, cosine-weighted",
        "svf-veg" => "sky view factor of vegetation, cosine-weighted",
        "svf-veg-north" => {
            "sky view factor of vegetation, northern half of the sky, cosine-weighted"
        }
        "svf-veg-east" => "sky view factor of vegetation, eastern half of the sky, cosine-weighted",
        "svf-veg-south" => {
            "sky view factor of vegetation, southern half of the sky, cosine-weighted"
        }
        "svf-veg-west" => "sky view factor of vegetation, western half of the sky, cosine-weighted",
        "svf-aveg" => "sky view factor of vegetation in front of buildings, cosine-weighted",
        "svf-aveg-north" => {
            "sky view factor of vegetation in front of buildings, northern half of the sky, cosine-weighted"
        }
        "svf-aveg-east" => {
            "sky view factor of vegetation in front of buildings, eastern half of the sky, cosine-weighted"
        }
        "svf-aveg-south" => {
            "sky view factor of vegetation in front of buildings, southern half of the sky, cosine-weighted"
        }
        "svf-aveg-west" => {
            "sky view factor of vegetation in front of buildings, western half of the sky, cosine-weighted"
        }
        "horizon" => "horizon angle above the horizontal",
        "horizon-distance" => "mean distance to the horizon",
        "slope" => "slope of the terrain",
        "aspect" => "azimuth of the downhill direction of the terrain",
        "coverage" => "share of directions without missing heights",
        other => other,
    }
}

/// What azimuths count from.
fn azimuth_name(spec: &OutputSpec) -> String {
    match spec.metadata.iter().find(|(key, _)| key == NORTH_ITEM) {
        None => "azimuth, clockwise from grid north".to_owned(),
        Some((_, north)) => format!(
            "azimuth, clockwise from a north that is {north} degrees clockwise from grid north"
        ),
    }
}

/// The unit as UDUNITS spells it; none if it is not known there.
fn cf_unit(unit: &str) -> Option<String> {
    match unit {
        "" => Some("1".to_owned()),
        "map unit" | "unknown" => None,
        unit => Some(unit.replace(' ', "_")),
    }
}

/// Writes the complete raster `base` to a netCDF file. `statistics` has those of each band, or is
/// empty. `progress` gets the fraction done, and returns whether to continue.
pub(crate) fn write(
    base: &Dataset,
    spec: &OutputSpec,
    to: &Path,
    statistics: &[BandStatistics],
    progress: &mut dyn FnMut(f64) -> bool,
) -> Result<(), String> {
    let variables = variables_of(&spec.bands);
    refuse_without_space(to)?;
    lay_out(spec, &variables, to, statistics)?;
    let (rows, cols) = (spec.grid.rows, spec.grid.cols);
    let all = rows.saturating_mul(cols).saturating_mul(spec.bands.len() as u64).max(1) as f64;
    let (mut cells, mut done) = (StoredCells::of(spec.output_type), 0_u64);
    for variable in &variables {
        // Chunks that were written stay in memory until the file is closed.
        in_file(multidim::open(DRIVER, to)?, |file| {
            let array = Group::root(file)?.open(&variable.name)?;
            for (i, number) in variable.bands.clone().enumerate() {
                let band = base.rasterband(number + 1).map_err(|e| session::reason(&e))?;
                for row in (0..rows).step_by(WINDOW as usize) {
                    for col in (0..cols).step_by(WINDOW as usize) {
                        if !progress(done as f64 / all) {
                            return Err(CANCELLED.into());
                        }
                        let (height, width) = (WINDOW.min(rows - row), WINDOW.min(cols - col));
                        cells.reset(height, width, 0.0);
                        // Windows from the end keep whole chunks whole where rows are turned.
                        let from = if spec.grid.georeferenced { row } else { rows - row - height };
                        let window = Window { row: from, col, rows: height, cols: width };
                        each!(&mut cells, a => io::read(&band, &window, a.view_mut()))
                            .map_err(|()| session::last_message())?;
                        let place = [i as u64, row, col];
                        let has_azimuths = variable.azimuths.is_some();
                        let start = if has_azimuths { &place[..] } else { &place[1..] };
                        each!(&mut cells, a => {
                            let mut view = a.view();
                            if !spec.grid.georeferenced {
                                view.invert_axis(Axis(0));
                            }
                            array.write(start, view)
                        })?;
                        done += height * width;
                    }
                }
            }
            Ok(())
        })?;
    }
    match progress(1.0) {
        true => Ok(()),
        false => Err(CANCELLED.into()),
    }
}

/// Why a copy ends that was told to stop.
const CANCELLED: &str = "cancelled";

/// Works on a file, and closes it. After a failure it stays open to the end of the process: libnetcdf
/// ends the process if it closes a file that it could not write.
fn in_file(file: Dataset, work: impl FnOnce(&Dataset) -> Result<(), String>) -> Result<(), String> {
    match work(&file) {
        Ok(()) => file.close().map_err(|e| session::reason(&e)),
        Err(reason) => {
            if reason != CANCELLED {
                std::mem::forget(file);
            }
            Err(reason)
        }
    }
}

/// Refuses a disk on which not even the beginning of a file has space: libnetcdf ends the process then.
fn refuse_without_space(to: &Path) -> Result<(), String> {
    const BEGINNING: usize = 64 << 10;
    let tried = fs::File::create(to).and_then(|mut file| {
        file.write_all(&vec![0; BEGINNING])?;
        file.sync_all()
    });
    let removed = fs::remove_file(to);
    tried.and(removed).map_err(|error| reason_of(&error))
}

/// Creates the file with all its variables; only the coordinates have their values.
fn lay_out(
    spec: &OutputSpec,
    variables: &[Variable],
    to: &Path,
    statistics: &[BandStatistics],
) -> Result<(), String> {
    let driver = DriverManager::get_driver_by_name(DRIVER).map_err(|e| session::reason(&e))?;
    let file = multidim::create(&driver, to, &["FORMAT=NC4".into(), "CONVENTIONS=CF-1.8".into()])?;
    in_file(file, |file| {
        let group = Group::root(file)?;
        for (key, value) in &spec.metadata {
            // As the CF conventions call it.
            let key = if key == "TIFFTAG_SOFTWARE" { "source" } else { key };
            group.set(&cf_name(key, 0), Value::Text(value))?;
        }
        let axes = Axes::create(&group, spec, variables)?;
        let mut mapping = None;
        for variable in variables {
            let array = axes.variable(&group, spec, variable)?;
            describe(&array, spec, variable, statistics)?;
            match &mapping {
                None => mapping = place(&array, &group, spec)?,
                // GDAL would make another one.
                Some(name) => array.set(MAPPING, Value::Text(name))?,
            }
        }
        Ok(())
    })
}

/// The dimensions of the variables.
struct Axes {
    y: Dimension,
    x: Dimension,
    azimuth: Option<Dimension>,
}

impl Axes {
    /// Creates the dimensions, and the variables with their coordinates.
    fn create(group: &Group, spec: &OutputSpec, variables: &[Variable]) -> Result<Self, String> {
        let grid = &spec.grid;
        // A plan has the CRS, but not its unit.
        let is_angle = grid.spatial_ref().is_some_and(|crs| crs.is_geographic());
        let (y, x) = if is_angle { ("lat", "lon") } else { ("y", "x") };
        let axes = Self {
            azimuth: match variables.iter().find_map(|variable| variable.azimuths.as_ref()) {
                None => None,
                Some(azimuths) => {
                    let size = azimuths.len() as u64;
                    let azimuth = group.dimension("azimuth", "", size)?;
                    let array = group.array("azimuth", &[&azimuth], <f64 as Element>::TYPE, &[])?;
                    array.set_unit("degree")?;
                    array.set("long_name", Value::Text(&azimuth_name(spec)))?;
                    array.write_line(azimuths)?;
                    Some(azimuth)
                }
            },
            y: group.dimension(y, "HORIZONTAL_Y", grid.rows)?,
            x: group.dimension(x, "HORIZONTAL_X", grid.cols)?,
        };
        // Without coordinates, row 0 is in the south for GDAL: see `write`.
        if grid.georeferenced {
            let [x0, dx, _, y0, _, dy] = grid.geo_transform;
            let line = |first: f64, step: f64, cells: u64| -> Vec<f64> {
                (0..cells).map(|i| first + (i as f64 + 0.5) * step).collect()
            };
            for (name, dimension, axis, line) in [
                (y, &axes.y, "Y", line(y0, dy, grid.rows)),
                (x, &axes.x, "X", line(x0, dx, grid.cols)),
            ] {
                let array = group.array(name, &[dimension], <f64 as Element>::TYPE, &[])?;
                array.set("axis", Value::Text(axis))?;
                array.write_line(&line)?;
            }
        }
        Ok(axes)
    }

    fn variable(
        &self,
        group: &Group,
        spec: &OutputSpec,
        variable: &Variable,
    ) -> Result<Array, String> {
        let options = CreationOptions(spec.creation_options.clone());
        let of_dimension = |cells: u64| cells.min(CHUNK).to_string();
        let mut chunk = vec![of_dimension(spec.grid.rows), of_dimension(spec.grid.cols)];
        let mut dimensions = vec![&self.y, &self.x];
        if let (Some(azimuth), Some(_)) = (&self.azimuth, &variable.azimuths) {
            dimensions.insert(0, azimuth);
            chunk.insert(0, "1".to_owned());
        }
        let mut created = vec![format!("BLOCKSIZE={}", chunk.join(","))];
        if options.given("COMPRESS").as_deref() != Some("NONE") {
            let level = options.given("ZLEVEL").unwrap_or_else(|| "1".to_owned());
            created.extend(["COMPRESS=DEFLATE".to_owned(), format!("ZLEVEL={level}")]);
        }
        group.array(&variable.name, &dimensions, type_of(spec.output_type), &created)
    }
}

fn type_of(output_type: OutputType) -> gdal_sys::GDALDataType::Type {
    match output_type {
        OutputType::UInt8 => u8::TYPE,
        OutputType::UInt16 => u16::TYPE,
        OutputType::Float32 => f32::TYPE,
        OutputType::Float64 => f64::TYPE,
    }
}

/// Sets what a variable says about its values.
fn describe(
    array: &Array,
    spec: &OutputSpec,
    variable: &Variable,
    statistics: &[BandStatistics],
) -> Result<(), String> {
    let about = &spec.bands[variable.bands.start];
    array.set("long_name", Value::Text(&variable.long_name))?;
    if let Some(unit) = cf_unit(&about.unit) {
        array.set_unit(&unit)?;
    }
    if let Some(nodata) = spec.nodata {
        array.set_nodata(nodata)?;
    }
    let (scale, offset) = about.scale_offset;
    if about.scale_offset != (1.0, 0.0) {
        array.set_scale(scale, offset)?;
    }
    let Some(statistics) = statistics.get(variable.bands.clone()) else { return Ok(()) };
    let valid = || statistics.iter().filter(|of| of.valid > 0);
    let least = valid().map(|of| of.min).reduce(f64::min);
    if let Some((least, most)) = least.zip(valid().map(|of| of.max).reduce(f64::max)) {
        // Of the values, not of the cells as stored.
        let of = if spec.output_type == OutputType::Float32 { f32::TYPE } else { f64::TYPE };
        let range = [scale * least + offset, scale * most + offset];
        array.set("actual_range", Value::Range(range, of))?;
    }
    if let [only] = statistics {
        for (key, value) in only.items() {
            match value.parse() {
                Ok(number) => array.set(key, Value::Number(number))?,
                Err(_) => array.set(key, Value::Text(&value))?,
            }
        }
    }
    Ok(())
}

/// The attribute that names the variable with the CRS.
const MAPPING: &str = "grid_mapping";

/// Projections for which the conventions have words.
const MAPPED: [&str; 14] = [
    "Albers_Conic_Equal_Area",
    "Azimuthal_Equidistant",
    "Cylindrical_Equal_Area",
    "Geostationary_Satellite",
    "Lambert_Azimuthal_Equal_Area",
    "Lambert_Conformal_Conic_1SP",
    "Lambert_Conformal_Conic_2SP",
    "Mercator_1SP",
    "Mercator_2SP",
    "Orthographic",
    "Polar_Stereographic",
    "Sinusoidal",
    "Stereographic",
    "Transverse_Mercator",
];

/// Whether the conventions have words for a CRS: not for other kinds, such as local ones, nor for all
/// projections. GDAL then writes nothing; 3.10 ends the program, for those of Switzerland and of Krovak.
fn has_words(crs: &SpatialRef) -> bool {
    let is_mapped = |name: String| MAPPED.contains(&&*name);
    crs.is_geographic()
        || crs.is_projected()
            && crs.get_attr_value("PROJECTION", 0).ok().flatten().is_some_and(is_mapped)
}

/// Sets the CRS of a variable. Returns the name of the variable that says it, if there is a CRS.
fn place(array: &Array, group: &Group, spec: &OutputSpec) -> Result<Option<String>, String> {
    let Some(crs) = spec.grid.spatial_ref() else { return Ok(None) };
    if has_words(&crs) {
        let _ = session::may_fail(|| array.set_crs(&crs));
    }
    let (name, mapping) = match array.attribute(MAPPING)? {
        Some(name) => {
            let mapping = group.open(&name)?;
            (name, mapping)
        }
        None => {
            let name = "crs".to_owned();
            let (mapping, wkt) = (
                group.array(&name, &[], u8::TYPE, &[])?,
                crs.to_wkt().map_err(|e| session::reason(&e))?,
            );
            for key in ["spatial_ref", "crs_wkt"] {
                mapping.set(key, Value::Text(&wkt))?;
            }
            array.set(MAPPING, Value::Text(&name))?;
            (name, mapping)
        }
    };
    // For GDAL: one row or column of coordinates does not say the size of a cell.
    const TRANSFORM: &str = "GeoTransform";
    if spec.grid.georeferenced && mapping.attribute(TRANSFORM)?.is_none() {
        let numbers = spec.grid.geo_transform.map(|number| number.to_string());
        mapping.set(TRANSFORM, Value::Text(&numbers.join(" ")))?;
    }
    Ok(Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bands(names: &[&str]) -> Vec<BandSpec> {
        let band = |name: &&str| BandSpec {
            name: (*name).to_owned(),
            unit: String::new(),
            scale_offset: (1.0, 0.0),
        };
        names.iter().map(band).collect()
    }

    /// Name, bands and azimuths of each variable.
    fn made(names: &[&str]) -> Vec<(String, Range<usize>, Option<Vec<f64>>)> {
        let variables = variables_of(&bands(names)).into_iter();
        variables.map(|v| (v.name, v.bands, v.azimuths)).collect()
    }

    #[test]
    fn names_that_the_library_does_not_find_on_windows() {
        let temporary = Path::new(r"C:\Users\jo\Temp");
        let refused = |path: &str, temporary: &Path| {
            let error =
                refuse_odd_letters(path, written_place(path).as_deref(), temporary).err()?;
            Some(format!("{error} ({})", error.hint.as_deref().unwrap_or_default()))
        };
        for path in ["o.nc", "a b/o.nc", "/vsizip/höhe.zip/o.nc", "/vsis3/höhe/o.nc"] {
            assert_eq!(refused(path, temporary), None, "{path}");
        }
        for path in ["höhe.nc", "höhe/o.nc", "高.nc", "/vsizip/a.zip/höhe.nc", "/vsis3/a/höhe.nc"]
        {
            let said = refused(path, temporary).unwrap_or_default();
            assert!(said.contains(path) && said.contains("(write to a plain name"), "{said}");
        }
        let said = refused("o.nc", Path::new(r"C:\Users\José\Temp")).unwrap_or_default();
        assert!(
            said.contains(r"C:\Users\José\Temp") && said.contains("(set the variable TMP"),
            "{said}"
        );
    }

    #[test]
    fn directions_are_one_variable() {
        let names = ["svf-cosine", "horizon 000.000", "horizon 120.500", "horizon 240.000", "svf"];
        assert_eq!(
            made(&names),
            [
                ("svf_cosine".into(), 0..1, None),
                ("horizon".into(), 1..4, Some(vec![0.0, 120.5, 240.0])),
                ("svf".into(), 4..5, None),
            ]
        );
        // The same directions share their dimension, others do not have one.
        let twice = ["horizon 000.000", "horizon 090.000", "horizon 000.000", "horizon 090.000"];
        let both = Some(vec![0.0, 90.0]);
        assert_eq!(
            made(&twice),
            [("horizon".into(), 0..2, both.clone()), ("horizon_2".into(), 2..4, both.clone())]
        );
        let other = ["horizon 000.000", "horizon 090.000", "horizon 045.000"];
        assert_eq!(
            made(&other),
            [("horizon".into(), 0..2, both), ("horizon_045_000".into(), 2..3, None)]
        );
    }

    #[test]
    fn any_band_gets_a_name_that_is_free() {
        let names = ["", "Band 2", "Band 3", "x", "2 m", "é", "svf", "svf", "band_2_m"];
        let made: Vec<String> = variables_of(&bands(&names)).into_iter().map(|v| v.name).collect();
        let expected = [
            "Band1",
            "Band_2",
            "Band_3",
            "x_2",
            "band_2_m",
            "band__",
            "svf",
            "svf_2",
            "band_2_m_2",
        ];
        assert_eq!(made, expected);
    }

    #[test]
    fn every_measure_has_words() {
        for measure in Measure::ALL {
            assert_ne!(long_name(measure.name()), measure.name());
        }
    }
}
