//! Many files on one grid, read as one raster. Nothing is resampled and no cell is
//! converted but by the reader of its own file: type, NoData, mask, scale and offset mean in each
//! what they mean there. Where files overlap the last one counts that has a height;
//! what none of them covers is missing.

use std::collections::HashSet;
use std::path::Path;

use gdal::raster::GdalDataType;
use gdal::spatial_ref::SpatialRef;
use ndarray::{Array2, ArrayViewMut2, Zip, s};
use svf_kernel::tile::Window;

use crate::error::RasterError;
use crate::grid::{Grid, HorizontalUnit, quoted};
use crate::names::{
    Siblings, ending, expand, has_raster_ending, is_pattern, is_sidecar, names_in, within,
};
use crate::reader::{BandReader, OpenOptions, RasterInfo, cells, open_band};
use crate::session::{OfRun, may_fail};

/// A file of a collection.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Its path.
    pub path: String,
    /// The cells of the whole that it has.
    pub window: Window,
    /// Whether it lies over one before it.
    pub covers: bool,
    /// GDAL's name of its type of cells.
    pub data_type: String,
    /// Its NoData value.
    pub nodata: Option<f64>,
    /// Its scale and offset.
    pub scale_offset: (f64, f64),
}

/// Files read as one raster.
pub struct Collection {
    info: RasterInfo,
    options: OpenOptions,
    siblings: Vec<Option<Vec<String>>>,
    /// Those that are open, by their numbers; the one used last comes last.
    open: OfRun<Vec<(usize, BandReader)>>,
    scratch: Array2<f64>,
    /// NoData values of all.
    nodata: Vec<f64>,
}

/// Files that may be open at once, and the memory that their blocks may take.
const MOST_OPEN: u64 = 64;
const LEAST_OPEN: u64 = 4;
const OPEN_BYTES: u64 = 32 << 20;
/// Rows of a file that lies over another, read at a time.
const STRIPE_ROWS: usize = 64;

/// What files there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// What a folder or a pattern happened to have: other things are passed over.
    Found,
    /// Each was named: each has to be a raster.
    Named,
}

/// What became of files.
pub struct Examined {
    seen: Vec<Seen>,
    /// Files that do not fit, each with what is the matter and what mends it.
    pub odd: Vec<Odd>,
    /// Files of another kind.
    pub passed_over: Vec<String>,
    /// Rasters that are none of heights or are there already, and what they are.
    pub left_out: Vec<(String, String)>,
}

/// A file that does not fit to the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Odd {
    /// The file.
    pub path: String,
    /// What differs.
    pub what: String,
    /// The command that mends it.
    pub mend: Option<String>,
}

struct Seen {
    info: RasterInfo,
    bands: usize,
    siblings: Option<Vec<String>>,
}

/// The files that a name stands for: those of a folder that is no raster itself, or those that
/// fit a pattern. None where it names one raster, or nothing.
pub fn files_of(name: &str, options: &OpenOptions) -> Option<Vec<String>> {
    let is_virtual = name.starts_with("/vsi");
    let is_there = !is_virtual && Path::new(name).exists();
    let opens = || may_fail(|| open_band(name, options)).is_ok();
    if is_pattern(name) && !is_there {
        let files = expand(name);
        return if files.is_empty() && opens() { None } else { Some(files) };
    }
    if !(is_virtual || Path::new(name).is_dir()) || opens() {
        return None;
    }
    let names = may_fail(|| names_in(name)).filter(|names| !is_virtual || !names.is_empty())?;
    let shown = names.iter().filter(|name| !name.starts_with('.'));
    Some(shown.map(|file| within(name, file)).collect())
}

/// Whether a file is a raster that is no result of these tools.
pub fn is_foreign_raster(path: &str) -> bool {
    let reader = may_fail(|| open_band(path, &OpenOptions::default()));
    reader.is_ok_and(|reader| reader.measures().is_none())
}

/// Opens files one after the other. `go_on` gets how many were looked at, and says whether to
/// go on; none where it does not.
pub fn examine(
    paths: &[String],
    choice: Choice,
    options: &OpenOptions,
    go_on: &mut dyn FnMut(usize) -> bool,
) -> Option<Examined> {
    let mut examined = Examined {
        seen: Vec::new(),
        odd: Vec::new(),
        passed_over: Vec::new(),
        left_out: Vec::new(),
    };
    let mut siblings = Siblings::default();
    let mut failed = Vec::new();
    for (done, path) in paths.iter().enumerate() {
        if !go_on(done) {
            return None;
        }
        if choice == Choice::Found && is_sidecar(path) {
            continue;
        }
        let siblings = siblings.of(path);
        let options = OpenOptions { siblings: siblings.clone(), shown_as: None, ..options.clone() };
        // What it says is told in the table.
        match may_fail(|| open_band(path, &options)) {
            Err(error) => failed.push((path, error)),
            Ok(reader) => match reader.measures() {
                Some(measures) => {
                    let what = format!("it holds {measures}, a result of these tools");
                    examined.left_out.push((path.clone(), what));
                }
                None => examined.seen.push(Seen {
                    info: reader.info().clone(),
                    bands: reader.band_count(),
                    siblings,
                }),
            },
        }
    }
    let is_one_of_them = |path: &str| {
        let own = ending(path);
        has_raster_ending(path) || examined.seen.iter().any(|seen| ending(&seen.info.path) == own)
    };
    for (path, error) in failed {
        let is_there = path.starts_with("/vsi") || Path::new(path).exists();
        let is_folder = Path::new(path).is_dir();
        if choice == Choice::Found && is_there && (is_folder || !is_one_of_them(path)) {
            if !is_folder {
                examined.passed_over.push(path.clone());
            }
        } else {
            let (what, mend) = (error.reason, error.hint);
            examined.odd.push(Odd { path: path.clone(), what, mend });
        }
    }
    examined.leave_out_mosaics();
    Some(examined)
}

impl Examined {
    /// Number of rasters.
    pub fn len(&self) -> usize {
        self.seen.len()
    }

    /// Whether there is no raster.
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    /// The only raster, where there is one.
    pub fn only(&self) -> Option<&str> {
        match &self.seen[..] {
            [only] => Some(&only.info.path),
            _ => None,
        }
    }

    /// A VRT over files that are there themselves would have every cell twice.
    fn leave_out_mosaics(&mut self) {
        let whole = |path: &str| std::fs::canonicalize(path).ok();
        let vrts: Vec<&Seen> = self.seen.iter().filter(|s| s.info.driver == "VRT").collect();
        if vrts.is_empty() {
            return;
        }
        let own: HashSet<_> = self.seen.iter().filter_map(|s| whole(&s.info.path)).collect();
        let is_over = |seen: &&Seen| {
            let itself = whole(&seen.info.path);
            let files = seen.info.files.iter().filter_map(|file| whole(file));
            files.into_iter().any(|file| Some(&file) != itself.as_ref() && own.contains(&file))
        };
        let over: HashSet<String> =
            vrts.into_iter().filter(is_over).map(|seen| seen.info.path.clone()).collect();
        self.seen.retain(|seen| !over.contains(&seen.info.path));
        let what = "it is a mosaic of files that are there themselves";
        let mut over: Vec<_> = over.into_iter().map(|path| (path, what.to_owned())).collect();
        over.sort_unstable();
        self.left_out.extend(over);
    }

    /// Finds the files that do not fit to most of the others.
    fn compare(&mut self, band: usize) {
        let seen = &self.seen;
        let mut what: Vec<Vec<(String, Option<String>)>> = vec![Vec::new(); seen.len()];
        for (seen, what) in seen.iter().zip(&mut what) {
            let info = &seen.info;
            if !info.grid.georeferenced && !info.grid.gcps {
                what.push(("it does not say where it lies".to_owned(), None));
            } else if let Err(error) = info.grid.check(&info.path, info.nodata.is_some()) {
                what.push((error.reason, error.hint));
            }
        }
        let sound: Vec<usize> = (0..seen.len()).filter(|&i| what[i].is_empty()).collect();
        let grid = |i: usize| &seen[i].info.grid;
        let crs = Classes::of(&sound, |a, b| same_crs(grid(a), grid(b)));
        let size = Classes::of(&sound, |a, b| same_cell_size(grid(a), grid(b)));
        let alike: Vec<usize> = sound.iter().copied().filter(|&i| size.has(i)).collect();
        let place = Classes::of(&alike, |a, b| grid(a).offset_of(grid(b)).is_some());
        let bands = Classes::of(&sound, |a, b| seen[a].bands == seen[b].bands);
        let unit = Classes::of(&sound, |a, b| {
            (unit_of(seen, a) - unit_of(seen, b)).abs() <= 1e-6 * unit_of(seen, a)
        });
        for &i in &sound {
            let (info, what) = (&seen[i].info, &mut what[i]);
            let path = &info.path;
            let is_elsewhere = crs.most().is_some_and(|_| !crs.has(i));
            let warp = |to: Option<usize>| to.map(|to| warp(info, grid(to)));
            if let (Some(most), false) = (crs.most(), crs.has(i)) {
                let [own, others] = [i, most].map(|i| crs_name(grid(i)));
                let mend = match (grid(i).crs_wkt.is_some(), grid(most).crs_wkt.is_some()) {
                    (true, true) => warp(place.most()),
                    (false, _) => Some(format!("gdal_edit.py -a_srs {others} {}", quoted(path))),
                    (true, false) => None,
                };
                what.push((format!("CRS {own}, the others {others}"), mend));
            }
            if let (Some(most), false) = (size.most(), size.has(i)) {
                let [own, others] = [i, most].map(|i| cell_size(grid(i)));
                let mend = (!is_elsewhere).then(|| warp(place.most())).flatten();
                what.push((format!("cell size {own}, the others {others}"), mend));
            } else if let (Some(most), false) = (place.most(), place.has(i)) {
                let mend = (!is_elsewhere).then(|| warp(Some(most))).flatten();
                let (row, col) = shift(grid(most), grid(i));
                let reason = format!(
                    "its cells lie {row} of a row and {col} of a column beside those of the others"
                );
                what.push((reason, mend));
            }
            if let (Some(most), false) = (bands.most(), bands.has(i)) {
                let count =
                    |n: usize| if n == 1 { "1 band".to_owned() } else { format!("{n} bands") };
                let reason = format!("{}, the others {}", count(seen[i].bands), seen[most].bands);
                let mend = format!(
                    "gdal_translate -b {band} {} {}",
                    quoted(path),
                    quoted(&beside(path, "band"))
                );
                what.push((reason, (seen[i].bands > seen[most].bands).then_some(mend)));
            }
            if let (Some(most), false) = (unit.most(), unit.has(i)) {
                let (own, others) = (unit_of(seen, i), unit_of(seen, most));
                let mend = format!(
                    "gdal_calc.py -A {} --calc \"A*{}\" --type Float32 --outfile {}",
                    quoted(path),
                    own / others,
                    quoted(&beside(path, "heights"))
                );
                what.push((
                    format!("heights in units of {own} m, the others {others} m"),
                    Some(mend),
                ));
            }
        }
        for (seen, what) in seen.iter().zip(what) {
            // Ready to be mended, one after the other: the first line is what comes first.
            if let Some((_, mend)) = what.first() {
                let reasons: Vec<&str> = what.iter().map(|(what, _)| what.as_str()).collect();
                let mend = mend.clone().or_else(|| what.iter().find_map(|(_, mend)| mend.clone()));
                let (path, what) = (seen.info.path.clone(), reasons.join("; "));
                self.odd.push(Odd { path, what, mend });
            }
        }
    }

    /// The files as one raster, called `name`.
    ///
    /// # Errors
    /// The files that do not fit.
    pub fn into_raster(
        mut self,
        name: &str,
        options: &OpenOptions,
    ) -> Result<Collection, Vec<Odd>> {
        self.compare(options.band.max(1));
        if !self.odd.is_empty() || self.seen.is_empty() {
            return Err(self.odd);
        }
        let first = self.seen[0].info.clone();
        let mut places = Vec::new();
        for seen in &self.seen {
            // Compared above.
            let (row, col) = first.grid.offset_of(&seen.info.grid).unwrap_or_default();
            places.push((row, col));
        }
        let top = places.iter().map(|p| p.0).min().unwrap_or(0);
        let left = places.iter().map(|p| p.1).min().unwrap_or(0);
        let mut parts = Vec::new();
        for (seen, (row, col)) in self.seen.iter().zip(&places) {
            let info = &seen.info;
            let window = Window {
                row: (row - top).unsigned_abs(),
                col: (col - left).unsigned_abs(),
                rows: info.grid.rows,
                cols: info.grid.cols,
            };
            parts.push(Part {
                path: info.path.clone(),
                window,
                covers: false,
                data_type: info.data_type.clone(),
                nodata: info.nodata,
                scale_offset: info.scale_offset,
            });
        }
        let rows = parts.iter().map(|p| p.window.row_end()).max().unwrap_or(0);
        let cols = parts.iter().map(|p| p.window.col_end()).max().unwrap_or(0);
        const MOST: u64 = i32::MAX as u64;
        if rows > MOST || cols > MOST {
            // One of them is far from the others.
            let far = |part: &&Part| part.window.row_end() > MOST || part.window.col_end() > MOST;
            let path = parts.iter().find(far).map(|p| p.path.clone()).unwrap_or_default();
            let what = format!(
                "it lies so far from {} that {cols} x {rows} cells are between them",
                first.path
            );
            return Err(vec![Odd { path, what, mend: None }]);
        }
        for i in overlapping(&parts) {
            parts[i].covers = true;
        }
        let mut grid = first.grid.around(top, left, rows, cols);
        // Of a file that begins there, to the last bit.
        for (seen, (row, col)) in self.seen.iter().zip(&places).rev() {
            if *col == left {
                grid.geo_transform[0] = seen.info.grid.geo_transform[0];
            }
            if *row == top {
                grid.geo_transform[3] = seen.info.grid.geo_transform[3];
            }
        }
        let infos = || self.seen.iter().map(|seen| &seen.info);
        let units = || infos().map(|info| &info.height_unit);
        let height_unit =
            units().find(|unit| unit.metres().is_some()).unwrap_or(&first.height_unit);
        let same_scale = infos().all(|info| info.scale_offset == first.scale_offset);
        let known = infos().map(|info| info.known_range).reduce(|a, b| {
            let ((low, high), (low_b, high_b)) = (a?, b?);
            Some((low.min(low_b), high.max(high_b)))
        });
        let block = infos()
            .fold((1, 1), |(rows, cols), info| (rows.max(info.block.0), cols.max(info.block.1)));
        let cell_bytes = infos().map(|info| info.cell_bytes).max().unwrap_or(8);
        let block_bytes = 2 * cell_bytes * (block.0 * block.1) as u64;
        let same_point = infos().all(|info| info.area_or_point == first.area_or_point);
        let info = RasterInfo {
            path: name.to_owned(),
            grid,
            data_type: common_type(infos()),
            cell_bytes,
            nodata: infos().find_map(|info| info.nodata),
            block,
            driver: "files".to_owned(),
            scale_offset: if same_scale { first.scale_offset } else { (1.0, 0.0) },
            known_range: known.flatten(),
            height_unit: height_unit.clone(),
            down: infos().find_map(|info| info.down),
            signed_bytes: infos().any(|info| info.signed_bytes),
            area_or_point: first.area_or_point.clone().filter(|_| same_point),
            files: infos().flat_map(|info| info.files.clone()).collect(),
            open_at_once: (OPEN_BYTES / block_bytes.max(1))
                .clamp(LEAST_OPEN, MOST_OPEN)
                .min(parts.len() as u64),
            parts,
            ..first
        };
        let siblings = self.seen.into_iter().map(|seen| seen.siblings).collect();
        let options = OpenOptions { shown_as: None, ..options.clone() };
        let scratch = Array2::default((0, 0));
        let mut nodata = options.input_nodata.clone().unwrap_or_default();
        if options.input_nodata.is_none() {
            for value in info.parts.iter().filter_map(|part| part.nodata) {
                if !nodata.iter().any(|known: &f64| known.to_bits() == value.to_bits()) {
                    nodata.push(value);
                }
            }
        }
        let open = OfRun::here(Vec::new());
        Ok(Collection { info, options, siblings, open, scratch, nodata })
    }
}

impl Collection {
    /// What is known about the whole.
    pub fn info(&self) -> &RasterInfo {
        &self.info
    }

    /// How many cells lie in more than one file, and how many in none; those in three
    /// count twice.
    pub fn overlaps_and_gaps(&self) -> (u64, u64) {
        let (mut twice, mut all) = (0, 0);
        for (i, part) in self.info.parts.iter().enumerate() {
            all += part.window.cells();
            if part.covers {
                let before = self.info.parts[..i].iter();
                let shared = before.filter_map(|other| other.window.meet(&part.window));
                twice += shared.map(|shared| shared.cells()).sum::<u64>().min(part.window.cells());
            }
        }
        (twice, self.info.grid.whole().cells().saturating_sub(all.saturating_sub(twice)))
    }

    /// Reads a window of heights; missing ones become NaN.
    ///
    /// # Errors
    /// A window of a file that cannot be read, with GDAL's reason.
    pub fn read(
        &mut self,
        window: &Window,
        into: ArrayViewMut2<'_, f32>,
    ) -> Result<(), RasterError> {
        let mut scratch = Array2::default((0, 0));
        self.read_parts(window, into, f32::NAN, f32::is_nan, BandReader::read, &mut scratch)
    }

    /// Reads a window of heights in full precision, missing ones NaN.
    ///
    /// # Errors
    /// A window of a file that cannot be read, with GDAL's reason.
    pub fn read_f64(
        &mut self,
        window: &Window,
        into: ArrayViewMut2<'_, f64>,
    ) -> Result<(), RasterError> {
        self.read_wide(window, into, BandReader::read_f64)
    }

    /// Reads a window of values as stored in each file, NaN where there is no height.
    ///
    /// # Errors
    /// A window of a file that cannot be read, with GDAL's reason.
    pub fn read_values(
        &mut self,
        window: &Window,
        into: ArrayViewMut2<'_, f64>,
    ) -> Result<(), RasterError> {
        self.read_wide(window, into, BandReader::read_values)
    }

    /// Values of a window of another band, as stored, whatever they are.
    ///
    /// # Errors
    /// A window of a file that cannot be read, with GDAL's reason.
    pub fn read_band(
        &mut self,
        band: usize,
        window: &Window,
        into: ArrayViewMut2<'_, f64>,
    ) -> Result<(), RasterError> {
        self.read_wide(window, into, |reader, window, into| reader.read_band(band, window, into))
    }

    /// Takes `offset` off every height that is read as f32 from here on.
    pub(crate) fn take_off(&mut self, offset: f64) {
        self.info.height_offset = offset;
        for (_, reader) in self.open.iter_mut() {
            reader.take_off(offset);
        }
    }

    /// Values, as stored, that are no heights in one file or another.
    pub fn nodata_values(&self) -> &[f64] {
        &self.nodata
    }

    fn read_wide(
        &mut self,
        window: &Window,
        into: ArrayViewMut2<'_, f64>,
        read: impl Fn(&mut BandReader, &Window, ArrayViewMut2<'_, f64>) -> Result<(), RasterError>,
    ) -> Result<(), RasterError> {
        let mut scratch = std::mem::take(&mut self.scratch);
        let read = self.read_parts(window, into, f64::NAN, f64::is_nan, read, &mut scratch);
        self.scratch = scratch;
        read
    }

    fn read_parts<T: Copy + Default>(
        &mut self,
        window: &Window,
        mut into: ArrayViewMut2<'_, T>,
        missing: T,
        is_missing: fn(T) -> bool,
        read: impl Fn(&mut BandReader, &Window, ArrayViewMut2<'_, T>) -> Result<(), RasterError>,
        scratch: &mut Array2<T>,
    ) -> Result<(), RasterError> {
        into.fill(missing);
        for i in 0..self.info.parts.len() {
            let Part { window: of_part, covers, .. } = self.info.parts[i];
            let Some(shared) = of_part.meet(window) else { continue };
            let reader = self.reader(i)?;
            let from = |row: u64, rows: u64| Window {
                row: shared.row - of_part.row + row,
                col: shared.col - of_part.col,
                rows,
                cols: shared.cols,
            };
            let (row, col) = (cells(shared.row - window.row), cells(shared.col - window.col));
            let (rows, cols) = (cells(shared.rows), cells(shared.cols));
            let mut into = into.slice_mut(s![row..row + rows, col..col + cols]);
            if !covers {
                read(reader, &from(0, shared.rows), into)?;
                continue;
            }
            // What it lacks, one before it may have.
            for row in (0..rows).step_by(STRIPE_ROWS) {
                let stripe = STRIPE_ROWS.min(rows - row);
                if scratch.dim() != (stripe, cols) {
                    *scratch = Array2::default((stripe, cols));
                }
                read(reader, &from(row as u64, stripe as u64), scratch.view_mut())?;
                let over = into.slice_mut(s![row..row + stripe, ..]);
                Zip::from(over).and(&*scratch).for_each(|z, &above| {
                    if !is_missing(above) {
                        *z = above;
                    }
                });
            }
        }
        Ok(())
    }

    /// The reader of a file, opened if it is not.
    fn reader(&mut self, i: usize) -> Result<&mut BandReader, RasterError> {
        let _here = self.open.enter();
        match self.open.iter().position(|(open, _)| *open == i) {
            Some(at) => self.open[at..].rotate_left(1),
            None => {
                if self.open.len() as u64 >= self.info.open_at_once {
                    self.open.remove(0);
                }
                let options =
                    OpenOptions { siblings: self.siblings[i].clone(), ..self.options.clone() };
                let mut reader = open_band(&self.info.parts[i].path, &options)?;
                reader.take_off(self.info.height_offset);
                self.open.push((i, reader));
            }
        }
        let last = self.open.len() - 1;
        Ok(&mut self.open[last].1)
    }
}

/// Numbers of the windows that meet one before them.
fn overlapping(parts: &[Part]) -> Vec<usize> {
    let mut by_row: Vec<usize> = (0..parts.len()).collect();
    by_row.sort_by_key(|&i| parts[i].window.row);
    let mut over = HashSet::new();
    for (at, &a) in by_row.iter().enumerate() {
        let end = parts[a].window.row_end();
        let below = by_row[at + 1..].iter().take_while(|&&b| parts[b].window.row < end);
        over.extend(
            below.filter(|&&b| parts[a].window.meet(&parts[b].window).is_some()).map(|&b| a.max(b)),
        );
    }
    let mut over: Vec<usize> = over.into_iter().collect();
    over.sort_unstable();
    over
}

/// Things that are alike, told apart by a comparison.
struct Classes {
    /// Number of the class of each thing, by the thing's number.
    class: Vec<Option<usize>>,
    /// The first thing of each class, and how many there are.
    classes: Vec<(usize, usize)>,
}

impl Classes {
    fn of(things: &[usize], alike: impl Fn(usize, usize) -> bool) -> Self {
        let len = things.iter().max().map_or(0, |last| last + 1);
        let (mut class, mut classes) = (vec![None; len], Vec::<(usize, usize)>::new());
        for &thing in things {
            let found = classes.iter().position(|&(first, _)| alike(first, thing));
            let number = found.unwrap_or(classes.len());
            match classes.get_mut(number) {
                Some((_, count)) => *count += 1,
                None => classes.push((thing, 1)),
            }
            class[thing] = Some(number);
        }
        Self { class, classes }
    }

    /// The class that most belong to; of two the first.
    fn largest(&self) -> Option<usize> {
        let largest = self.classes.iter().map(|c| c.1).max()?;
        self.classes.iter().position(|c| c.1 == largest)
    }

    /// The first thing of the largest class.
    fn most(&self) -> Option<usize> {
        self.largest().map(|class| self.classes[class].0)
    }

    /// Whether a thing belongs to the largest class.
    fn has(&self, thing: usize) -> bool {
        self.class.get(thing).copied().flatten().is_some_and(|of| Some(of) == self.largest())
    }
}

fn same_crs(a: &Grid, b: &Grid) -> bool {
    a.crs_wkt == b.crs_wkt || (a.crs_wkt.is_some() && b.crs_wkt.is_some() && !a.differs_in_crs(b))
}

/// Metres per unit of the heights: where nobody says, that of the cells.
fn unit_of(seen: &[Seen], i: usize) -> f64 {
    let of_cells = match seen[i].info.grid.unit {
        HorizontalUnit::Length { metres, .. } => metres,
        _ => 1.0,
    };
    seen[i].info.height_unit.metres().unwrap_or(of_cells)
}

fn same_cell_size(a: &Grid, b: &Grid) -> bool {
    let [_, dx, _, _, _, dy] = a.geo_transform;
    let [_, dx1, _, _, _, dy1] = b.geo_transform;
    let same = |a: f64, b: f64, cells: u64| ((a - b) / a).abs() * (cells as f64) < 1e-3;
    same(dx, dx1, b.cols) && same(dy, dy1, b.rows)
}

/// A CRS as a person calls it.
fn crs_name(grid: &Grid) -> String {
    let Some(wkt) = &grid.crs_wkt else { return "none".to_owned() };
    let code = SpatialRef::from_wkt(wkt)
        .ok()
        .and_then(|crs| Some(format!("{}:{}", crs.auth_name()?, crs.auth_code().ok()?)));
    let name = || wkt.split('"').nth(1).map(|name| format!("\"{name}\""));
    code.or_else(name).unwrap_or_else(|| "without a name".to_owned())
}

/// The command that puts a file on the grid of the others.
fn warp(info: &RasterInfo, others: &Grid) -> String {
    let grid = &info.grid;
    let [x0, dx, _, y0, _, dy] = others.geo_transform;
    let target = if same_crs(grid, others) {
        // Its edges, out to the next edges of cells of the others.
        let edges = |(from, to): (f64, f64), origin: f64, step: f64| {
            let cells = |v: f64| (v - origin) / step.abs();
            let (low, high) = (cells(from.min(to)), cells(from.max(to)));
            (origin + (low + 1e-6).floor() * step.abs(), origin + (high - 1e-6).ceil() * step.abs())
        };
        let (left, top) = grid.coordinates(0.0, 0.0);
        let (right, bottom) = grid.coordinates(grid.rows as f64, grid.cols as f64);
        let (x, y) = (edges((left, right), x0, dx), edges((bottom, top), y0, dy));
        format!(" -te {} {} {} {} -tr {} {}", x.0, y.0, x.1, y.1, dx.abs(), dy.abs())
    } else {
        let whole = |v: f64, step: f64| (v / step - (v / step).round()).abs() < 1e-3;
        let aligned = if whole(x0, dx) && whole(y0, dy) { " -tap" } else { "" };
        format!(" -t_srs {} -tr {} {}{aligned}", crs_name(others), dx.abs(), dy.abs())
    };
    // What warping leaves empty must not become ground at height 0.
    let nodata = if info.nodata.is_some() { "" } else { " -ot Float32 -dstnodata -9999" };
    let to = beside(&info.path, "fits");
    format!("gdalwarp{target} -r bilinear{nodata} {} {}", quoted(&info.path), quoted(&to))
}

fn cell_size(grid: &Grid) -> String {
    let [_, dx, _, _, _, dy] = grid.geo_transform;
    match (dx.abs() == dy.abs(), dx > 0.0 && dy < 0.0) {
        (true, true) => format!("{dx}"),
        (_, true) => format!("{dx} x {}", -dy),
        // Rows that run north, columns that run west.
        _ => format!("{dx} x {dy}"),
    }
}

/// By how much of a cell one grid lies beside another.
fn shift(to: &Grid, grid: &Grid) -> (f64, f64) {
    let (row, col) = to.place(grid.geo_transform[0], grid.geo_transform[3]);
    let part = |cells: f64| ((cells - cells.round()) * 1000.0).round() / 1000.0;
    (part(row), part(col))
}

/// The type that holds the values of all.
fn common_type<'a>(infos: impl Iterator<Item = &'a RasterInfo>) -> String {
    let named = |info: &RasterInfo| GdalDataType::from_name(&info.data_type).ok();
    let mut first = None;
    let mut all = None;
    for info in infos {
        let first = first.get_or_insert_with(|| info.data_type.clone());
        all = match (all, named(info)) {
            (None, one) => one,
            (Some(a), Some(b)) => Some(GdalDataType::union(&a, b)),
            // A type that the bindings do not know.
            (Some(_), None) if *first == info.data_type => None,
            (Some(_), None) => Some(GdalDataType::Float64),
        };
    }
    all.map(|all| all.name()).or(first).unwrap_or_default()
}

/// Name of a mended file: `a/b.tif` becomes `a/b_WORD.tif`.
pub(crate) fn beside(path: &str, word: &str) -> String {
    match path.rsplit_once('.') {
        Some((stem, ending)) if !ending.contains('/') => format!("{stem}_{word}.{ending}"),
        _ => format!("{path}_{word}.tif"),
    }
}
