//! `svfs.zip`, the sky view factors that SOLWEIG reads, and `SkyViewFactor.tif` beside it.
//!
//! One run writes the 15 rasters of the archive into the folder in which the archive is made; then
//! they are packed. Light passes all crowns in this run, so that `svf-cosine` and its halves are
//! those of ground and buildings; `svf-veg` and `svf-aveg` do not depend on what crowns let through.

use std::path::{Path, PathBuf};

use ndarray::Array2;
use svf_job::CancelToken;
use svf_kernel::tile::Window;
use svf_kernel::{Measure, Side};
use svf_raster::archive::pack;
use svf_raster::reader::open_band;
use svf_raster::staging::{Staging, is_stdout};
use svf_raster::writer::publish_all;
use svf_raster::{
    BandSpec, BandStatistics, Finished, OpenOptions, OutputSpec, OutputType, RasterError,
    RasterWriter, Session,
};

use crate::compute::{Computed, Prepared};
use crate::error::Error;
use crate::observer::{Observer, Stage};
use crate::outputs::{check_destinations, refuse_existing, refuse_twins};
use crate::request::{Format, Request, Separate, Sky};
use crate::workdir::{Resumed, compute_in};

/// The name of the format, in place of a GDAL driver.
pub const FORMAT: &str = "UMEP";

/// The members of the archive, in UMEP's order, and their measures.
const MEMBERS: [(&str, Measure); 15] = [
    ("svf.tif", Measure::SvfCosine),
    ("svfE.tif", Measure::SvfEast),
    ("svfS.tif", Measure::SvfSouth),
    ("svfW.tif", Measure::SvfWest),
    ("svfN.tif", Measure::SvfNorth),
    ("svfveg.tif", Measure::SvfVeg(Side::All)),
    ("svfEveg.tif", Measure::SvfVeg(Side::East)),
    ("svfSveg.tif", Measure::SvfVeg(Side::South)),
    ("svfWveg.tif", Measure::SvfVeg(Side::West)),
    ("svfNveg.tif", Measure::SvfVeg(Side::North)),
    ("svfaveg.tif", Measure::SvfAveg(Side::All)),
    ("svfEaveg.tif", Measure::SvfAveg(Side::East)),
    ("svfSaveg.tif", Measure::SvfAveg(Side::South)),
    ("svfWaveg.tif", Measure::SvfAveg(Side::West)),
    ("svfNaveg.tif", Measure::SvfAveg(Side::North)),
];
/// The raster beside the archive.
const TOTAL: &str = "SkyViewFactor.tif";
/// NoData of all of them.
const NODATA: f64 = -9999.0;
/// The folder of the members, below that of the unfinished archive.
const FOLDER: &str = "members";
/// Side of the windows in which [`TOTAL`] is computed, and of its blocks.
const WINDOW_PX: u64 = 512;

/// Writes the archive in one run.
///
/// # Errors
/// As [`compute`](crate::compute::compute); an output that is not a local `.zip`, or options that
/// the format decides.
pub fn compute_umep(
    request: &Request,
    session: &Session,
    cancel: &CancelToken,
    observer: &mut dyn Observer,
) -> Result<Computed, Error> {
    let _here = session.enter();
    let archive = Archive::begin(request)?;
    let prepared = Prepared::new(&archive.rasters(request), session, cancel, observer)?;
    let computed = prepared.run(session, cancel, observer)?;
    let outputs = archive.finish(request, &computed.outputs, cancel, observer)?;
    Ok(Computed { outputs, ..computed })
}

/// Writes the archive with the work folder `dir`, as [`compute_in`].
///
/// # Errors
/// As [`compute_umep`] and [`compute_in`].
pub fn compute_umep_in(
    dir: &Path,
    restart: bool,
    request: &Request,
    session: &Session,
    cancel: &CancelToken,
    observer: &mut dyn Observer,
) -> Result<Resumed, Error> {
    let _here = session.enter();
    let archive = Archive::begin(request)?;
    let rasters = archive.rasters(request);
    let mut resumed = compute_in(dir, restart, &rasters, session, cancel, observer)?;
    let written = std::mem::take(&mut resumed.joined.outputs);
    resumed.joined.outputs = archive.finish(request, &written, cancel, observer)?;
    Ok(resumed)
}

/// What a run would do that writes no archive, for `--dry-run`.
///
/// # Errors
/// Options that the format decides.
pub fn umep_rasters(request: &Request) -> Result<Request, Error> {
    let output = check(request)?;
    Ok(with_members(request, output.to_owned()))
}

/// An archive that has begun.
struct Archive {
    staging: Staging,
    /// Where it will be, and where [`TOTAL`] will be.
    paths: [String; 2],
}

impl Archive {
    /// Checks the request and makes the folder for the archive.
    fn begin(request: &Request) -> Result<Self, Error> {
        let output = check(request)?.to_owned();
        let beside = Path::new(&output).with_file_name(TOTAL).display().to_string();
        let paths = [output, beside];
        refuse_twins(paths.iter())?;
        for path in &paths {
            svf_raster::staging::remove_stale_for(path);
            refuse_existing(path, request.overwrite)?;
        }
        check_destinations(paths.iter())?;
        let staging = Staging::new(&paths[0])?;
        let folder = staging.scratch(FOLDER);
        std::fs::create_dir(&folder).map_err(|error| {
            RasterError::new(svf_raster::Op::Create, &folder.display().to_string(), error)
        })?;
        Ok(Self { staging, paths })
    }

    /// The request for the members.
    fn rasters(&self, request: &Request) -> Request {
        let output = self.staging.scratch(FOLDER).join("umep.tif").display().to_string();
        let mut rasters = with_members(request, output);
        rasters.overwrite = false;
        // Neither may be an input.
        rasters.also_written.extend(self.paths.iter().map(PathBuf::from));
        rasters
    }

    /// Packs the members, makes [`TOTAL`], and gives both their names. Returns their paths.
    fn finish(
        self,
        request: &Request,
        written: &[String],
        cancel: &CancelToken,
        observer: &mut dyn Observer,
    ) -> Result<Vec<String>, Error> {
        let Self { staging, paths } = self;
        let mut go_on = |share: f64| {
            let done = (1000.0 * share) as u64;
            observer.progress(Stage::of("finish", (done, 1000), (0, 2), false));
            !cancel.is_cancelled()
        };
        let packed = || -> Result<Finished, RasterError> {
            let files: Vec<(&str, &Path)> = MEMBERS
                .iter()
                .zip(written)
                .map(|((name, _), path)| (*name, Path::new(path)))
                .collect();
            pack(&files, (&staging, &paths[0]), &mut |share| go_on(share / 2.0))?;
            let opacity = 1.0 - request.sky.transmissivity;
            // `svf.tif` and `svfveg.tif`.
            let of = [written[0].as_str(), written[5].as_str()];
            total(&paths[1], of, opacity, &mut |share| go_on(0.5 + share / 2.0))
        }();
        if cancel.is_cancelled() {
            return Err(Error::cancelled());
        }
        publish_all(vec![packed?], vec![staging], request.overwrite, &|| !cancel.is_cancelled())?;
        Ok(paths.to_vec())
    }
}

/// The request for all members, written to files that are named after `output`.
fn with_members(request: &Request, output: String) -> Request {
    let measures = MEMBERS.iter().map(|(_, measure)| *measure).collect();
    let mut creation_options = request.format.creation_options.clone();
    if !creation_options.iter().any(|o| o.to_ascii_uppercase().starts_with("COMPRESS=")) {
        // All programs that read GeoTIFF know it.
        creation_options.extend(["COMPRESS=DEFLATE".to_owned(), "PREDICTOR=3".to_owned()]);
    }
    Request {
        output: Some(output),
        separate: Separate::Measures,
        sky: Sky { measures, transmissivity: 1.0, ..request.sky.clone() },
        format: Format {
            driver: Some("GTiff".to_owned()),
            creation_options,
            nodata: Some(NODATA),
            ..request.format.clone()
        },
        ..request.clone()
    }
}

/// Checks what the format decides. Returns the output.
fn check(request: &Request) -> Result<&str, Error> {
    let refuse =
        |message: &str| Err(Error::usage("usage.arguments", format!("--of {FORMAT}: {message}")));
    let Request { sky, format, .. } = request;
    if sky.measures != Sky::default().measures {
        return refuse("the measures are those of svfs.zip; leave out --measure");
    }
    if format.output_type != OutputType::Float32 {
        return refuse("the rasters of svfs.zip are float32; leave out --ot");
    }
    if format.nodata.is_some_and(|nodata| nodata != NODATA) {
        return refuse("the NoData value of svfs.zip is -9999; leave out --nodata");
    }
    let is_bare = |option: &String| option.eq_ignore_ascii_case("PROFILE=BASELINE");
    if format.creation_options.iter().any(is_bare) {
        return refuse("the rasters of svfs.zip need their place; leave out --co PROFILE=BASELINE");
    }
    if request.separate != Separate::Nothing {
        return refuse("all rasters are in one archive; leave out --separate");
    }
    if sky.canopy.is_some() && !(0.0..=1.0).contains(&sky.transmissivity) {
        return refuse("--transmissivity must be 0 to 1");
    }
    match request.output.as_deref() {
        Some(output)
            if !is_stdout(output)
                && !output.starts_with("/vsi")
                && output.to_ascii_lowercase().ends_with(".zip") =>
        {
            Ok(output)
        }
        None if request.dry_run => Ok("svfs.zip"),
        _ => refuse("OUTPUT must be a local file whose name ends in .zip, e.g. svfs.zip"),
    }
}

/// Writes [`TOTAL`]: `svf - (1 - svfveg) (1 - transmissivity)` (Lindberg & Grimmond 2011), as UMEP
/// does. `progress` gets the fraction done and returns whether to continue.
fn total(
    path: &str,
    of: [&str; 2],
    opacity: f64,
    progress: &mut dyn FnMut(f64) -> bool,
) -> Result<Finished, RasterError> {
    let [mut svf, mut veg] = of.map(|path| open_band(path, &OpenOptions::default()));
    let (svf, veg) = (svf.as_mut().map_err(|e| e.clone())?, veg.as_mut().map_err(|e| e.clone())?);
    let grid = svf.info().grid.clone();
    let (rows, cols) = (grid.rows, grid.cols);
    let mut writer = RasterWriter::create(OutputSpec {
        path: path.to_owned(),
        driver: "GTiff".to_owned(),
        output_type: OutputType::Float32,
        nodata: Some(NODATA),
        grid,
        bands: vec![BandSpec {
            name: "svf-cosine".to_owned(),
            unit: String::new(),
            scale_offset: (1.0, 0.0),
        }],
        creation_options: vec!["COMPRESS=DEFLATE".to_owned(), "PREDICTOR=3".to_owned()],
        metadata: vec![("SVF_MEASURES".to_owned(), "svf-cosine".to_owned())],
        block_px: WINDOW_PX,
        threads: 1,
        copy_threads: 1,
    })?;
    let mut found = Moments::default();
    for row in (0..rows).step_by(WINDOW_PX as usize) {
        for col in (0..cols).step_by(WINDOW_PX as usize) {
            let size = (WINDOW_PX.min(rows - row), WINDOW_PX.min(cols - col));
            let window = Window { row, col, rows: size.0, cols: size.1 };
            let shape = (size.0 as usize, size.1 as usize);
            let (mut cells, mut vegetation) = (Array2::zeros(shape), Array2::zeros(shape));
            svf.read(&window, cells.view_mut())?;
            veg.read(&window, vegetation.view_mut())?;
            cells.zip_mut_with(&vegetation, |cell: &mut f32, veg: &f32| {
                let value = f64::from(*cell) - (1.0 - f64::from(*veg)) * opacity;
                // Rounding must not make a share negative.
                let value = if value < 0.0 { 0.0 } else { value } as f32;
                found.add(value);
                *cell = if value.is_nan() { NODATA as f32 } else { value };
            });
            writer.write(&window, 0, cells.view())?;
        }
        if !progress(row as f64 / rows as f64) {
            return Err(RasterError::new(svf_raster::Op::Write, path, "cancelled"));
        }
    }
    writer.finish(&[found.statistics()], &mut |_| true)
}

/// Sums over the cells of a raster.
#[derive(Default)]
struct Moments {
    range: Option<(f32, f32)>,
    sums: [f64; 2],
    valid: u64,
    nodata: u64,
}

impl Moments {
    fn add(&mut self, value: f32) {
        if value.is_nan() {
            self.nodata += 1;
            return;
        }
        let (low, high) = self.range.unwrap_or((value, value));
        self.range = Some((low.min(value), high.max(value)));
        let value = f64::from(value);
        self.sums = [self.sums[0] + value, self.sums[1] + value * value];
        self.valid += 1;
    }

    fn statistics(&self) -> BandStatistics {
        let (min, max) = self.range.unwrap_or((f32::NAN, f32::NAN));
        let [mean, squares] = self.sums.map(|sum| sum / self.valid as f64);
        BandStatistics {
            min: f64::from(min),
            max: f64::from(max),
            mean,
            std_dev: (squares - mean * mean).max(0.0).sqrt(),
            valid: self.valid,
            nodata: self.nodata,
        }
    }
}
