//! Reads windows of a band of heights of one file, as f32; missing heights are NaN.
//!
//! The module `missing` decides what is missing, including infinite heights. The scale and offset
//! of the band are applied.

use std::collections::HashSet;
use std::ops::Range;

use gdal::raster::RasterBand;
use gdal::{Dataset, DatasetOptions, GdalOpenFlags, Metadata};
use gdal_sys::GDALColorInterp;
use ndarray::{Array2, ArrayView2, ArrayViewMut2, Zip, s};
use svf_kernel::tile::Window;

use crate::behind::Behind;
use crate::error::{Op, RasterError};
use crate::facts::info_of;
use crate::found;
use crate::gzip;
use crate::hdf5;
use crate::info::RasterInfo;
use crate::io::{self, Element};
use crate::missing::{Masks, NoData, fits_f32, fits_f64};
use crate::names;
use crate::proj;
use crate::session::{self, OfRun};
use crate::source_windows::{self, SourceWindow, Unchecked};
use crate::stat::{NOT_REGULAR, refuse_special};
use crate::text_header::HEADER_BYTES;
use crate::vrt::{content_of, xml_of};
use crate::watch::about_to_open;
use crate::whole;

/// Which band of which file, and how to open it.
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    /// Band number from 1; 0 means 1.
    pub band: usize,
    /// Driver open options, `KEY=VALUE`.
    pub open_options: Vec<String>,
    /// The name for messages, if the path is not the one that the user gave.
    pub shown_as: Option<String>,
    /// Values, as stored, that mean NoData, instead of the NoData value that the file declares.
    pub input_nodata: Option<Vec<f64>>,
    /// Whether values are heights above the ground: then the vertical CRS does not apply to them.
    pub above_ground: bool,
    /// Whether values are no heights, but say which cells count: then a palette can have them.
    pub is_mask: bool,
    /// Names of the files in the same folder that may belong to it; with none, GDAL searches.
    pub siblings: Option<Vec<String>>,
}

/// A band open for reading. One per thread: GDAL datasets are not shared.
pub struct BandReader {
    /// The path it was opened by, which GDAL's messages repeat.
    opened_as: String,
    info: RasterInfo,
    dataset: OfRun<Dataset>,
    /// The same raster opened once more, where reads that fail may look like zeros: what both
    /// have read must be the same.
    twin: Option<OfRun<Dataset>>,
    again: Again,
    /// How it was opened, to open it once more.
    options: OpenOptions,
    /// The files of a VRT, if it is known what they cover.
    sources: Option<Vec<SourceWindow>>,
    unchecked: Unchecked,
    /// What decides the cells of a VRT.
    content: Option<String>,
    /// Whether the band has values that f32 cannot store.
    wide: bool,
    nodata: NoData,
    masks: Masks,
    scratch: Array2<f64>,
    /// A failed read that GDAL took for a success, or may take for one later: it may have kept wrong
    /// cells, so nothing is read any more.
    broken: Option<RasterError>,
    /// Whether anything was read: then the driver holds a block as stored.
    has_read: bool,
}

/// How many parts of a container an error message names.
const MOST_PARTS: usize = 20;
/// Number of rows that are read at a time in f64, or with a mask.
const STRIPE_ROWS: usize = 64;

/// Opens a band and checks that it holds heights.
///
/// # Errors
/// Not a raster, no such band, or a band that cannot be heights.
pub fn open_band(path: &str, options: &OpenOptions) -> Result<BandReader, RasterError> {
    let _here = session::enter_here();
    let shown = options.shown_as.as_deref().unwrap_or(path);
    about_to_open(path);
    gzip::refuse_cut(path)?;
    session::take_damage();
    let _opening = session::opening();
    let dataset = open_dataset(path, shown, options)?;
    proj::refuse_missing(shown, || dataset.spatial_ref().is_ok())?;
    let number = options.band.max(1);
    refuse_missing_band(&dataset, shown, number)?;
    let band = dataset
        .rasterband(number)
        .map_err(|e| RasterError::new(Op::Band, shown, session::reason(&e)))?;
    refuse_foreign_band(shown, number, &band, options.is_mask)?;
    let xml = xml_of(&dataset);
    let behind = Behind::of(&dataset, path, xml.as_deref(), !options.open_options.is_empty());
    let info = info_of(&dataset, (number, &band), shown, &behind, options.above_ground);
    refuse_scale(&info)?;
    let masks = Masks::of(&dataset, &band, options.input_nodata.is_none());
    // If f64 cannot store the values, GDAL's mask band does the comparison.
    let declared = || info.nodata.filter(|_| fits_f64(band.band_type())).into_iter().collect();
    let values = options.input_nodata.clone().unwrap_or_else(declared);
    let nodata = NoData::new(band.band_type(), info.signed_bytes, &values);
    let wide = !fits_f32(band.band_type());
    let sources = xml
        .as_deref()
        .and_then(|xml| source_windows::of_vrt((&dataset, number), (&info.path, xml), &behind));
    let content = xml.as_deref().map(content_of);
    let others = others(&info, sources.iter().flatten());
    let hides_errors = whole::check(&dataset, &band, (&others, sources.is_some()), shown)?;
    let twin = read_again(&dataset, &band, &info, (path, options), (&others, hides_errors))?;
    // Of georeference, CRS and NoData, too, which are read above. A source of a VRT that cannot be
    // opened costs no more than its cells.
    let of_source = |said: &String| {
        let is_named = |source: &&SourceWindow| said.starts_with(&format!("{}: ", source.path));
        let source = sources.iter().flatten().find(is_named);
        source.is_some_and(|source| whole::refuse_unreadable(&source.path).is_err())
    };
    if let Some(said) = session::take_damage().filter(|said| !of_source(said)) {
        let hint = match said.ends_with(NOT_REGULAR) {
            true => "it would be a part of the raster: move it away",
            false => DAMAGED,
        };
        return Err(RasterError::new(Op::Open, shown, said).hint(hint));
    }
    let (opened_as, scratch) = (path.to_owned(), Array2::default((0, 0)));
    let dataset = OfRun::here(dataset);
    Ok(BandReader {
        opened_as,
        info,
        dataset,
        twin,
        again: Again::default(),
        options: options.clone(),
        unchecked: Unchecked::new(sources.iter().flatten()),
        sources,
        content,
        wide,
        nodata,
        masks,
        scratch,
        broken: None,
        has_read: false,
    })
}

/// Files that are not among those of `sources`, nor beside another one.
fn others<'a>(info: &RasterInfo, sources: impl Iterator<Item = &'a SourceWindow>) -> Vec<String> {
    let sources: HashSet<&str> = sources.map(|source| source.path.as_str()).collect();
    let named = info.beside.iter().filter(|file| file.of.is_none()).map(|file| &file.path);
    let files = info.files.iter().chain(named);
    files.filter(|file| !sources.contains(file.as_str())).cloned().collect()
}

/// Refuses a scale or an offset with which no value is a height.
fn refuse_scale(info: &RasterInfo) -> Result<(), RasterError> {
    let (scale, offset) = info.scale_offset;
    let what = match () {
        () if !scale.is_finite() => format!("scale is {}", scale.abs()),
        () if !offset.is_finite() => format!("offset is {}", offset.abs()),
        () => return Ok(()),
    };
    let reason = format!("band {}: its {what}, so no value is a height", info.band);
    let path = crate::mend::quoted(&info.path);
    let hint = format!(
        "set the scale and the offset first: gdal_translate -a_scale 1 -a_offset 0 {path} \
         plain.tif"
    );
    Err(RasterError::new(Op::Band, &info.path, reason).hint(hint))
}

/// Opens a raster once more if a failed read of `files` could look like another raster, and
/// refuses it if it is another one. It is kept if its cells are to be read twice, too.
fn read_again(
    dataset: &Dataset,
    band: &RasterBand<'_>,
    info: &RasterInfo,
    (path, options): (&str, &OpenOptions),
    (files, hides_errors): (&[String], bool),
) -> Result<Option<OfRun<Dataset>>, RasterError> {
    let shown = &info.path;
    let blocks = whole::Blocks::of(dataset, band, path);
    // With that option, the blocks can be in another file.
    if !options.open_options.iter().any(|option| option.starts_with("OVERVIEW_LEVEL=")) {
        blocks.check(path, shown)?;
    }
    let all_bytes = hides_errors || blocks.sparse > 0;
    if !all_bytes && !whole::has_headers(dataset, files) {
        return Ok(None);
    }
    whole::read_through(files, if all_bytes { u64::MAX } else { HEADER_BYTES })?;
    let other = whole::other_name(path);
    let twin = whole::with_own_sources(|| open_dataset(&other, shown, options))?;
    // A place that this dataset knows needs no second look.
    let same = blocks.sparse == 0 || {
        let band = twin.rasterband(info.band).map_err(|_| differs(Op::Open, shown))?;
        whole::Blocks::of(&twin, &band, &other) == blocks
    };
    if !same || !whole::is_alike(dataset, &twin, info.band) {
        return Err(differs(Op::Open, shown));
    }
    Ok(hides_errors.then(|| OfRun::here(twin)))
}

fn open_dataset(path: &str, shown: &str, options: &OpenOptions) -> Result<Dataset, RasterError> {
    refuse_special(path, shown)?;
    let open_options: Vec<&str> = options.open_options.iter().map(String::as_str).collect();
    let siblings: Option<Vec<&str>> =
        options.siblings.as_ref().map(|names| names.iter().map(String::as_str).collect());
    let options = DatasetOptions {
        open_flags: GdalOpenFlags::GDAL_OF_READONLY
            | GdalOpenFlags::GDAL_OF_RASTER
            | GdalOpenFlags::GDAL_OF_VERBOSE_ERROR,
        open_options: (!open_options.is_empty()).then_some(&open_options),
        sibling_files: siblings.as_deref(),
        ..DatasetOptions::default()
    };
    let opened = whole::heard(path, || Dataset::open_ex(path, options));
    opened.inspect(hdf5::hush_for).map_err(|error| {
        // GDAL's message repeats the path, but the error already has it.
        let reason = session::reason(&error);
        let reason = reason.strip_prefix(&format!("{path}: ")).unwrap_or(&reason);
        let reason = reason.replace(&format!("`{path}' not"), "it is not").replace(path, shown);
        let error = RasterError::new(Op::Open, shown, reason);
        let unknown = || session::unknown_format(&error.reason);
        let hint = || names::hint(path).or_else(|| names::blank_hint(path));
        RasterError { hint: hint().or_else(unknown), ..error }
    })
}

/// Refuses a container of rasters, and a band number that does not exist.
fn refuse_missing_band(dataset: &Dataset, shown: &str, number: usize) -> Result<(), RasterError> {
    let band_count = dataset.raster_count();
    if band_count == 0 {
        let error = RasterError::new(Op::Open, shown, "it has no raster band of its own");
        let parts = io::subdatasets(dataset);
        let more = match parts.len().saturating_sub(MOST_PARTS) {
            0 => String::new(),
            more => format!(", and {more} more, which gdalinfo lists"),
        };
        return Err(match &parts[..parts.len().min(MOST_PARTS)] {
            [] => error,
            shown => error.hint(format!("choose one of its parts: {}{more}", shown.join("  "))),
        });
    }
    if number > band_count {
        let plural = if band_count == 1 { "band" } else { "bands" };
        let reason = format!("no band {number}: it has {band_count} {plural}");
        return Err(RasterError::new(Op::Band, shown, reason));
    }
    Ok(())
}

fn refuse_foreign_band(
    path: &str,
    number: usize,
    band: &RasterBand<'_>,
    is_mask: bool,
) -> Result<(), RasterError> {
    let refuse = |what: &str, hint: &str| {
        Err(RasterError::new(Op::Band, path, format!("band {number} {what}")).hint(hint))
    };
    if let Some(name) = io::complex_type(band) {
        let (what, hint) = match is_mask {
            true => ("a mask", "a mask has plain numbers: 0 or NoData where cells do not count"),
            false => ("heights", "choose another band with -b"),
        };
        return refuse(&format!("holds complex numbers ({name}), not {what}"), hint);
    }
    if is_mask {
        return Ok(());
    }
    if io::color_interpretation(band) == GDALColorInterp::GCI_PaletteIndex
        || band.color_table().is_some()
    {
        return refuse(
            "is a palette: its values are colours, not heights",
            "choose another band with -b",
        );
    }
    if io::color_interpretation(band) == GDALColorInterp::GCI_AlphaBand {
        return refuse("is an alpha band, not heights", "choose another band with -b");
    }
    Ok(())
}

impl BandReader {
    /// What is known about the band.
    pub fn info(&self) -> &RasterInfo {
        &self.info
    }

    /// Values, as stored, that mean NoData, if the type of the band can store them.
    pub fn nodata_values(&self) -> &[f64] {
        self.nodata.values()
    }

    /// Whether anything was read.
    pub(crate) fn has_read(&self) -> bool {
        self.has_read
    }

    /// Subtracts `offset` from every height that is read as f32 from now on.
    pub(crate) fn take_off(&mut self, offset: f64) {
        self.info.height_offset = offset;
    }

    /// The measures that the file holds, where it is a result of these tools.
    pub(crate) fn measures(&self) -> Option<String> {
        let _here = self.dataset.enter();
        let items = self.dataset.metadata_domain("")?;
        // Some formats add a prefix to it.
        let value = |item: &String| {
            let (key, value) = item.split_once('=')?;
            key.ends_with("SVF_MEASURES").then(|| value.to_owned())
        };
        items.iter().find_map(value)
    }

    /// The files of a VRT, each with the window that it covers; none if this is not known.
    pub(crate) fn source_windows(&self) -> Option<&[SourceWindow]> {
        self.sources.as_deref()
    }

    /// What it says of its cells, apart from their place: see [`found::likeness`].
    pub(crate) fn likeness(&self) -> String {
        let content = self.content.as_deref().unwrap_or_default();
        format!("{}{content}", found::likeness(&self.info))
    }

    /// What decides the cells, if this is a VRT: see [`crate::behind::content`].
    pub(crate) fn vrt_content(&self) -> Option<&str> {
        self.content.as_deref()
    }

    /// Checks the files that a window is read from: whether they are as long as their headers say.
    /// Reading does this, too. Before hours of work, all should be checked.
    ///
    /// # Errors
    /// A file that is incomplete.
    pub fn check_files(&mut self, window: &Window) -> Result<(), RasterError> {
        let _here = self.dataset.enter();
        let hiding = self.unchecked.check(window)?;
        if hiding.is_empty() {
            return Ok(());
        }
        if self.twin.is_some() {
            return whole::read_through(&hiding, u64::MAX);
        }
        let failed = |e| RasterError::new(Op::Band, &self.info.path, session::reason(&e));
        let band = self.dataset.rasterband(self.info.band).map_err(failed)?;
        let how = (self.opened_as.as_str(), &self.options);
        let again = || read_again(&self.dataset, &band, &self.info, how, (&hiding, true));
        self.twin = session::reading(again)?;
        Ok(())
    }

    /// Number of bands without alpha bands, which say where the other bands are valid.
    pub(crate) fn band_count(&self) -> usize {
        let is_alpha = |number: &usize| {
            self.dataset
                .rasterband(*number)
                .is_ok_and(|band| io::color_interpretation(&band) == GDALColorInterp::GCI_AlphaBand)
        };
        (1..=self.info.band_count).filter(|number| !is_alpha(number)).count()
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
        self.unless_broken(window, |reader| reader.heights_of(window, into))
    }

    fn heights_of(
        &mut self,
        window: &Window,
        mut into: ArrayViewMut2<'_, f32>,
    ) -> Result<(), RasterError> {
        let (scale, offset) = self.info.scale_offset;
        let taken_off = self.info.height_offset;
        if self.wide {
            let mut values = std::mem::take(&mut self.scratch);
            for (stripe, rows) in stripes(window) {
                io::resize(&mut values, (rows.len(), cells(window.cols)));
                self.values_of(&stripe, values.view_mut())?;
                Zip::from(into.slice_mut(s![rows, ..]))
                    .and(&values)
                    .for_each(|z, &value| *z = lowered(scale * value + offset, taken_off));
            }
            self.scratch = values;
            return Ok(());
        }
        let (opened_as, path) = (&self.opened_as, &self.info.path);
        let failed = || read_failure(opened_as, path, window);
        let band = self.dataset.rasterband(self.info.band).map_err(|_| failed())?;
        io::read(&band, window, into.view_mut()).map_err(|()| failed())?;
        self.again.compare(self.twin.as_ref(), (path, self.info.band), window, into.view())?;
        if self.info.signed_bytes {
            into.mapv_inplace(|z| if z > 127.0 { z - 256.0 } else { z });
        }
        // A file that needs no offset can be one of several, of which another one does.
        if (scale, offset, taken_off) == (1.0, 0.0, 0.0) {
            self.nodata.to_heights(into.view_mut(), |z| if z.is_finite() { z } else { f32::NAN });
        } else {
            let height = |z| lowered(scale * f64::from(z) + offset, taken_off);
            self.nodata.to_heights(into.view_mut(), height);
        }
        if !self.masks.is_none() {
            for (stripe, rows) in stripes(window) {
                let cells = into.slice_mut(s![rows, ..]);
                let hidden = self.masks.hide(&self.dataset, &band, &stripe, cells, f32::NAN);
                hidden.map_err(|()| failed())?;
            }
        }
        Ok(())
    }

    /// Reads a window of heights in full precision, missing ones NaN: less the offset of
    /// [`RasterInfo::height_offset`] and rounded to f32 they are those of [`BandReader::read`].
    ///
    /// # Errors
    /// A window that cannot be read, with GDAL's reason.
    pub fn read_f64(
        &mut self,
        window: &Window,
        mut into: ArrayViewMut2<'_, f64>,
    ) -> Result<(), RasterError> {
        let (scale, offset) = self.info.scale_offset;
        for (stripe, rows) in stripes(window) {
            let mut cells = into.slice_mut(s![rows, ..]);
            self.read_values(&stripe, cells.view_mut())?;
            cells.mapv_inplace(|value| {
                let height = scale * value + offset;
                if to_height(height).is_nan() { f64::NAN } else { height }
            });
        }
        Ok(())
    }

    /// Values of a window of another band, as stored, without any check for missing heights.
    ///
    /// # Errors
    /// A window that cannot be read, with GDAL's reason.
    pub(crate) fn read_band(
        &mut self,
        band: usize,
        window: &Window,
        into: ArrayViewMut2<'_, f64>,
    ) -> Result<(), RasterError> {
        self.unless_broken(window, |reader| reader.cells_of(band, window, into))
    }

    fn cells_of<T: Element>(
        &self,
        band: usize,
        window: &Window,
        into: ArrayViewMut2<'_, T>,
    ) -> Result<(), RasterError> {
        let failed = || read_failure(&self.opened_as, &self.info.path, window);
        let band = self.dataset.rasterband(band).map_err(|_| failed())?;
        io::read(&band, window, into).map_err(|()| failed())
    }

    /// Cells of a band in the type of the output. Where that can be needed, they are read twice.
    ///
    /// # Errors
    /// A window that cannot be read, with GDAL's reason.
    pub(crate) fn read_stored<T: Element + Into<f64>>(
        &mut self,
        band: usize,
        window: &Window,
        mut into: ArrayViewMut2<'_, T>,
    ) -> Result<(), RasterError> {
        self.unless_broken(window, |reader| {
            reader.cells_of(band, window, into.view_mut())?;
            let (twin, of) = (reader.twin.as_ref(), (&*reader.info.path, band));
            reader.again.compare(twin, of, window, into.view())
        })
    }

    /// What GDAL opened.
    pub(crate) fn dataset(&self) -> &OfRun<Dataset> {
        &self.dataset
    }

    /// Whether its cells are read twice.
    pub(crate) fn reads_twice(&self) -> bool {
        self.twin.is_some()
    }

    /// Reads something, if no read before has failed in a way that GDAL does not know of.
    fn unless_broken<T>(
        &mut self,
        window: &Window,
        read: impl FnOnce(&mut Self) -> Result<T, RasterError>,
    ) -> Result<T, RasterError> {
        if let Some(error) = &self.broken {
            return Err(error.clone());
        }
        self.check_files(window)?;
        self.has_read = true;
        let _here = self.dataset.enter();
        let before = session::hidden();
        session::take_damage();
        let done = read(self);
        // Where a file ends too early, some drivers fail once, and take what they have for all later.
        if let Err(error) = &done
            && (session::hidden() > before || session::take_damage().is_some())
        {
            self.broken = Some(error.clone());
        }
        done
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
        self.unless_broken(window, |reader| reader.values_of(window, into))
    }

    fn values_of(
        &mut self,
        window: &Window,
        mut into: ArrayViewMut2<'_, f64>,
    ) -> Result<(), RasterError> {
        let (opened_as, path) = (&self.opened_as, &self.info.path);
        let failed = || read_failure(opened_as, path, window);
        let band = self.dataset.rasterband(self.info.band).map_err(|_| failed())?;
        io::read(&band, window, into.view_mut()).map_err(|()| failed())?;
        self.again.compare(self.twin.as_ref(), (path, self.info.band), window, into.view())?;
        if self.info.signed_bytes {
            into.mapv_inplace(|value| if value > 127.0 { value - 256.0 } else { value });
        }
        let nodata = &self.nodata;
        let is_missing = |value: f64| !value.is_finite() || nodata.has(value);
        into.mapv_inplace(|value| if is_missing(value) { f64::NAN } else { value });
        let hidden = self.masks.hide(&self.dataset, &band, window, into, f64::NAN);
        hidden.map_err(|()| failed())
    }
}

/// A height in f32, minus `taken_off`; missing like that of [`to_height`].
#[expect(clippy::cast_possible_truncation, reason = "heights are f32 by definition")]
fn lowered(height: f64, taken_off: f64) -> f32 {
    if to_height(height).is_nan() { f32::NAN } else { (height - taken_off) as f32 }
}

const DAMAGED: &str = "the file or its disk is damaged: copy or download the file again";
const NOT_READ: &str = "the file may be incomplete or damaged, or its disk or network failed: copy or \
                        download the file again";

/// Two readings of a file that should be the same.
fn differs(op: Op, path: &str) -> RasterError {
    RasterError::new(
        op,
        path,
        "reading it twice gave different values: a read error was not reported",
    )
    .hint(DAMAGED)
}

/// Cells of a few rows that are read once more.
#[derive(Default)]
struct Again(Array2<f64>);

impl Again {
    /// Reads a window from the twin, if there is one, and compares. Warnings of either reading
    /// count, too.
    fn compare<T: Copy + Into<f64>>(
        &mut self,
        twin: Option<&OfRun<Dataset>>,
        (path, band): (&str, usize),
        window: &Window,
        first: ArrayView2<'_, T>,
    ) -> Result<(), RasterError> {
        let Some(twin) = twin else { return heed_damage(path, window) };
        let _here = twin.enter();
        let failed = || RasterError::new(Op::Read, path, session::last_message()).at(*window);
        let band = twin.rasterband(band).map_err(|_| failed())?;
        for (stripe, rows) in stripes(window) {
            io::resize(&mut self.0, (rows.len(), cells(window.cols)));
            // A VRT opens its sources when they are read.
            whole::with_own_sources(|| io::read(&band, &stripe, self.0.view_mut()))
                .map_err(|()| failed())?;
            let same = |a: T, b: f64| {
                let a: f64 = a.into();
                // In the type of the first reading.
                #[expect(clippy::cast_possible_truncation, reason = "that type may be f32")]
                let equal = a == b || a == f64::from(b as f32) || (a.is_nan() && b.is_nan());
                equal
            };
            let first = first.slice(s![rows, ..]);
            if !first.iter().zip(&self.0).all(|(&a, &b)| same(a, b)) {
                return Err(differs(Op::Read, path).at(stripe));
            }
        }
        heed_damage(path, window)
    }
}

/// A warning that something was not read is a failure.
fn heed_damage(path: &str, window: &Window) -> Result<(), RasterError> {
    match session::take_damage() {
        None => Ok(()),
        Some(said) => {
            session::count_hidden();
            Err(RasterError::new(Op::Read, path, said).at(*window).hint(DAMAGED))
        }
    }
}

/// GDAL's message about a window that it could not read.
fn read_failure(opened_as: &str, path: &str, window: &Window) -> RasterError {
    let reason = session::last_message().replace(opened_as, path);
    // The error already has the path.
    let reason = reason.strip_prefix(&format!("{path}, ")).unwrap_or(&reason);
    RasterError::new(Op::Read, path, reason).at(*window).hint(NOT_READ)
}

/// A height in f32; what f32 cannot hold is missing.
#[expect(clippy::cast_possible_truncation, reason = "heights are f32 by definition")]
fn to_height(value: f64) -> f32 {
    let height = value as f32;
    if height.is_finite() { height } else { f32::NAN }
}

/// Divides a window into strips of a few rows; yields each strip, and its rows within the window.
fn stripes(window: &Window) -> impl Iterator<Item = (Window, Range<usize>)> + use<> {
    let window = *window;
    (0..cells(window.rows)).step_by(STRIPE_ROWS).map(move |row| {
        let rows = STRIPE_ROWS.min(cells(window.rows) - row);
        let stripe = Window { row: window.row + row as u64, rows: rows as u64, ..window };
        (stripe, row..row + rows)
    })
}

/// Rows or columns of a window as usize: windows always fit into memory.
pub(crate) fn cells(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
