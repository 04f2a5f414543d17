//! Reads many files on one grid as one raster. Nothing is resampled, and each cell is read with
//! the type, NoData value, mask, scale and offset of its own file. Where files overlap, the last
//! file that has a height is used. Cells that no file covers are missing.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use gdal::raster::GdalDataType;
use ndarray::{Array2, ArrayViewMut2, Zip, s};
use svf_kernel::tile::Window;

use crate::error::{Op, RasterError};
use crate::found::{FoundFile, beside, likeness};
use crate::grid::Grid;
use crate::held::InputBlocks;
use crate::info::{FileBeside, MemberFile, RasterInfo};
use crate::reader::{BandReader, OpenOptions, cells, open_band};
use crate::session::{self, OfRun};
use crate::unchanging::UNCHANGING;

impl MemberFile {
    fn of(file: &FoundFile, window: Window) -> Self {
        let info = &file.info;
        Self {
            path: info.path.clone(),
            window,
            covers: false,
            data_type: info.data_type.clone(),
            nodata: info.nodata,
            scale_offset: info.scale_offset,
            down: info.down,
            vertical_crs: info.vertical_crs.clone(),
            source: info.source(),
            like: None,
            beside: beside(info).unwrap_or_default(),
        }
    }
}

/// Says of each file which other one it is like, if this is known without opening it.
fn compare(files: &[FoundFile], parts: &mut [MemberFile]) {
    let mut first: HashMap<Arc<str>, usize> = HashMap::new();
    for (i, (file, part)) in files.iter().zip(parts).enumerate() {
        if beside(&file.info).is_some() {
            let like = file.like.clone().unwrap_or_else(|| likeness(&file.info).into());
            part.like = Some(*first.entry(like).or_insert(i));
        }
    }
}

/// A file that does not fit the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Odd {
    /// The file.
    pub path: String,
    /// What is different.
    pub what: String,
    /// The command that corrects it.
    pub mend: Option<String>,
}

/// Files read as one raster.
pub struct Collection {
    info: RasterInfo,
    options: OpenOptions,
    /// Of each file: the files beside it, what it must be like, and whether it was not opened yet.
    siblings: Vec<Option<Vec<String>>>,
    like: Vec<Option<Arc<str>>>,
    is_unopened: Vec<bool>,
    /// Numbers of the open files; the file that was used last is at the end.
    open: OfRun<Vec<(usize, BandReader)>>,
    scratch: Array2<f64>,
    /// NoData values of all.
    nodata: Vec<f64>,
}

/// How many files may be open at the same time, and how much memory their blocks may use.
const MOST_OPEN: u64 = 64;
const LEAST_OPEN: u64 = 4;
const OPEN_BYTES: u64 = 32 << 20;
/// Number of rows that are read at a time from a file that overlaps another one.
const STRIPE_ROWS: usize = 64;

impl Collection {
    /// Files on one grid as one raster, called `name`. There is at least one.
    ///
    /// # Errors
    /// A file that is too far from the others.
    pub(crate) fn of(
        files: Vec<FoundFile>,
        name: &str,
        options: &OpenOptions,
    ) -> Result<Self, Odd> {
        let (grid, windows) = lay_out(&files)?;
        let mut parts: Vec<MemberFile> =
            files.iter().zip(windows).map(|(file, window)| MemberFile::of(file, window)).collect();
        for i in overlapping(&parts) {
            parts[i].covers = true;
        }
        compare(&files, &mut parts);
        let nodata = options.input_nodata.clone().unwrap_or_else(|| nodata_of(&parts));
        Ok(Self {
            info: joined_info(&files, name, grid, parts),
            options: OpenOptions { shown_as: None, ..options.clone() },
            like: files.iter().map(|file| file.like.clone()).collect(),
            is_unopened: files.iter().map(|file| file.is_unopened).collect(),
            siblings: files.into_iter().map(|file| file.siblings).collect(),
            open: OfRun::here(Vec::new()),
            scratch: Array2::default((0, 0)),
            nodata,
        })
    }

    /// Gives the whole exactly these coordinates, which it had when all files were opened, if they
    /// are the same: files further north or west move it.
    pub fn lie_at(&mut self, geo_transform: [f64; 6]) {
        let there = Grid { geo_transform, ..self.info.grid.clone() };
        if there.offset_of(&self.info.grid) == Some((0, 0)) {
            self.info.grid.geo_transform = geo_transform;
        }
    }

    /// What is known about the whole.
    pub fn info(&self) -> &RasterInfo {
        &self.info
    }

    /// How many cells are in more than one file, and how many in none. A cell that is in three
    /// files counts twice.
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

    /// Pairs of files with other heights where they overlap, as slopes have beside the heights that
    /// they were computed from. Only the middle of the first few overlaps is compared.
    ///
    /// # Errors
    /// A window of a file that cannot be read, with GDAL's reason.
    pub fn disagreements(&mut self) -> Result<Vec<Disagreement>, RasterError> {
        const MOST_PAIRS: usize = 16;
        let pairs: Vec<(usize, usize, Window)> = {
            let parts = &self.info.parts;
            // Files that are not opened were compared when the plan was made.
            let is_new = |i: &usize| !self.is_unopened[*i];
            let over = (0..parts.len()).filter(|&i| parts[i].covers).filter(is_new);
            let below = |i: usize| {
                let before = (0..i).rev().filter(is_new).filter_map(move |j| {
                    let shared = parts[j].window.meet(&parts[i].window)?;
                    (shared.cells() >= 64).then_some((j, i, shared))
                });
                before.max_by_key(|(_, _, shared)| shared.cells())
            };
            over.filter_map(below).take(MOST_PAIRS).collect()
        };
        let mut found = Vec::new();
        for (lower, upper, shared) in pairs {
            let shared = middle_of(&shared);
            let below = self.heights_of(lower, &shared)?;
            let above = self.heights_of(upper, &shared)?;
            if let Some(difference) = typical_difference(&below, &above) {
                found.push(Disagreement { lower, upper, difference });
            }
        }
        Ok(found)
    }

    /// Heights of one of the files in a window of the whole.
    fn heights_of(&mut self, i: usize, window: &Window) -> Result<Array2<f64>, RasterError> {
        let part = self.info.parts[i].window;
        let own = Window { row: window.row - part.row, col: window.col - part.col, ..*window };
        let mut heights = Array2::zeros((cells(window.rows), cells(window.cols)));
        self.reader(i)?.read_f64(&own, heights.view_mut())?;
        Ok(heights)
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

    /// Reads a window of values as stored in each file, NaN where there is no height. Where files
    /// differ in scale or offset, these say nothing about each other: then the heights are read.
    ///
    /// # Errors
    /// A window of a file that cannot be read, with GDAL's reason.
    pub fn read_values(
        &mut self,
        window: &Window,
        into: ArrayViewMut2<'_, f64>,
    ) -> Result<(), RasterError> {
        let of_whole = self.info.scale_offset;
        match self.info.parts.iter().all(|part| part.scale_offset == of_whole) {
            true => self.read_wide(window, into, BandReader::read_values),
            false => self.read_wide(window, into, BandReader::read_f64),
        }
    }

    /// Values of a window of another band, as stored, without any check for missing heights.
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

    /// Subtracts `offset` from every height that is read as f32 from now on.
    pub(crate) fn take_off(&mut self, offset: f64) {
        self.info.height_offset = offset;
        for (_, reader) in self.open.iter_mut() {
            reader.take_off(offset);
        }
    }

    /// Values, as stored, that are NoData in at least one of the files.
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
            let MemberFile { window: of_part, covers, .. } = self.info.parts[i];
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
            // A height that this file does not have can come from a file before it.
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

    /// The reader of a file; opens the file if necessary.
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
                let open = || open_band(&self.info.parts[i].path, &options);
                // A part of a read: a run in tiles goes on with the next tile.
                let mut reader = session::reading(open)?;
                self.expect_alike(i, &reader)?;
                reader.take_off(self.info.height_offset);
                self.open.push((i, reader));
            }
        }
        let last = self.open.len() - 1;
        Ok(&mut self.open[last].1)
    }
}

impl Collection {
    /// Refuses a file that is not what is known about it: what it says of its cells has changed since
    /// it was opened before, or since the plan was made.
    fn expect_alike(&self, i: usize, reader: &BandReader) -> Result<(), RasterError> {
        let (Some(like), info) = (&self.like[i], reader.info()) else { return Ok(()) };
        let MemberFile { window, beside: known, path, .. } = &self.info.parts[i];
        let place = self.info.grid.offset_of(&info.grid);
        let is_there = place == Some((window.row.cast_signed(), window.col.cast_signed()))
            && (info.grid.rows, info.grid.cols) == (window.rows, window.cols);
        let is_unopened = self.is_unopened[i];
        let is_alone = !is_unopened || beside(info).as_ref() == Some(known);
        if is_there && is_alone && reader.likeness() == **like {
            return Ok(());
        }
        let what = "its place, type, CRS or NoData value";
        let (since, hint) = match is_unopened {
            true => ("has changed since the plan was made", "make a new plan with svf_tile"),
            false => ("changed while it was being read", UNCHANGING),
        };
        Err(RasterError::new(Op::Read, path, format!("{what} {since}")).hint(hint))
    }
}

/// A file with other heights than one below it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Disagreement {
    /// Numbers of the files.
    pub lower: usize,
    /// That of the file that is used where they overlap.
    pub upper: usize,
    /// The median of the differences without their sign.
    pub difference: f64,
}

/// The middle of a window, not too large to be read at once.
fn middle_of(window: &Window) -> Window {
    const SIDE: u64 = 128;
    let (rows, cols) = (window.rows.min(SIDE), window.cols.min(SIDE));
    Window {
        row: window.row + (window.rows - rows) / 2,
        col: window.col + (window.cols - cols) / 2,
        rows,
        cols,
    }
}

/// The median difference of two rasters of one place, if both cannot be heights of it: it is larger
/// than half of what the heights vary by, and than trees and buildings are high over a few years.
fn typical_difference(below: &Array2<f64>, above: &Array2<f64>) -> Option<f64> {
    const FEWEST: usize = 64;
    const CHANGE: f64 = 5.0;
    let both = || below.iter().zip(above).filter(|(a, b)| !a.is_nan() && !b.is_nan());
    let median = |mut values: Vec<f64>| {
        values.sort_unstable_by(f64::total_cmp);
        values.get(values.len() / 2).copied()
    };
    let difference = median(both().map(|(a, b)| (a - b).abs()).collect())?;
    let middle = median(both().map(|(a, _)| *a).collect())?;
    let spread = median(both().map(|(a, _)| (a - middle).abs()).collect())?;
    let is_other = both().count() >= FEWEST && difference > CHANGE && difference > spread;
    is_other.then_some(difference)
}

/// The grid that contains all files, and the window of each file in it.
///
/// # Errors
/// A file so far from the first one that no raster can contain both.
fn lay_out(files: &[FoundFile]) -> Result<(Grid, Vec<Window>), Odd> {
    let first = &files[0].info;
    let grids = || files.iter().map(|file| &file.info.grid);
    // All files are on one grid.
    let places: Vec<(i64, i64)> =
        grids().map(|grid| first.grid.offset_of(grid).unwrap_or_default()).collect();
    let top = places.iter().map(|place| place.0).min().unwrap_or(0);
    let left = places.iter().map(|place| place.1).min().unwrap_or(0);
    let window = |(grid, (row, col)): (&Grid, &(i64, i64))| Window {
        row: (row - top).unsigned_abs(),
        col: (col - left).unsigned_abs(),
        rows: grid.rows,
        cols: grid.cols,
    };
    let windows: Vec<Window> = grids().zip(&places).map(window).collect();
    let rows = windows.iter().map(Window::row_end).max().unwrap_or(0);
    let cols = windows.iter().map(Window::col_end).max().unwrap_or(0);
    const MOST: u64 = i32::MAX as u64;
    if rows > MOST || cols > MOST {
        let is_far = |window: &Window| window.row_end() > MOST || window.col_end() > MOST;
        let far = windows.iter().position(is_far).unwrap_or(0);
        let (path, what) = (
            files[far].info.path.clone(),
            format!(
                "it is too far from {}: together they would have {cols} x {rows} cells",
                first.path
            ),
        );
        return Err(Odd { path, what, mend: None });
    }
    let mut whole = first.grid.around(top, left, rows, cols);
    // The exact coordinate of a file that begins there.
    for (grid, (row, col)) in grids().zip(&places).rev() {
        if *col == left {
            whole.geo_transform[0] = grid.geo_transform[0];
        }
        if *row == top {
            whole.geo_transform[3] = grid.geo_transform[3];
        }
    }
    Ok((whole, windows))
}

/// The different NoData values of the files.
pub fn nodata_of(parts: &[MemberFile]) -> Vec<f64> {
    let mut values: Vec<f64> = Vec::new();
    for value in parts.iter().filter_map(|part| part.nodata) {
        if !values.iter().any(|known| known.to_bits() == value.to_bits()) {
            values.push(value);
        }
    }
    values
}

/// Everything that is known about files that are read as one raster.
fn joined_info(files: &[FoundFile], name: &str, grid: Grid, parts: Vec<MemberFile>) -> RasterInfo {
    let first = files[0].info.clone();
    let infos = || files.iter().map(|file| &file.info);
    let units = || infos().map(|info| &info.height_unit);
    let height_unit = units().find(|unit| unit.metres().is_some()).unwrap_or(&first.height_unit);
    let same_scale = infos().all(|info| info.scale_offset == first.scale_offset);
    let known = infos().map(|info| info.known_range).reduce(|a, b| {
        let ((low, high), (low_b, high_b)) = (a?, b?);
        Some((low.min(low_b), high.max(high_b)))
    });
    let block =
        infos().fold((1, 1), |(rows, cols), info| (rows.max(info.block.0), cols.max(info.block.1)));
    let cell_bytes = infos().map(|info| info.cell_bytes).max().unwrap_or(8);
    let held = infos().map(|info| info.held).fold(InputBlocks::default(), InputBlocks::max);
    let block_bytes = held.decoded + held.beside();
    let same_point = infos().all(|info| info.area_or_point == first.area_or_point);
    RasterInfo {
        path: name.to_owned(),
        grid,
        // Heights of which some have a scale are no values of a type of the files.
        data_type: if same_scale { common_type(infos()) } else { "Float64".to_owned() },
        cell_bytes,
        nodata: infos().find_map(|info| info.nodata),
        block,
        driver: "files".to_owned(),
        scale_offset: if same_scale { first.scale_offset } else { (1.0, 0.0) },
        known_range: known.flatten(),
        height_unit: height_unit.clone(),
        unit_of_band_m: infos().find_map(|info| info.unit_of_band_m),
        down: infos().find_map(|info| info.down),
        called_depth: infos().find_map(|info| info.called_depth.clone()),
        measures: infos().find_map(|info| info.measures.clone()),
        signed_bytes: infos().any(|info| info.signed_bytes),
        area_or_point: first.area_or_point.clone().filter(|_| same_point),
        files: infos().flat_map(|info| info.files.clone()).collect(),
        beside: infos().flat_map(beside_member).collect(),
        resampled: infos().find_map(|info| info.resampled.clone()),
        by_content: infos().flat_map(|info| info.by_content.clone()).collect(),
        open_at_once: (OPEN_BYTES / block_bytes.max(1))
            .clamp(LEAST_OPEN, MOST_OPEN)
            .min(parts.len() as u64),
        parts,
        held,
        ..first
    }
}

/// The files beside a member, which decide its cells only.
fn beside_member(info: &RasterInfo) -> impl Iterator<Item = FileBeside> {
    let of = Some(info.path.clone());
    info.beside.iter().map(move |file| FileBeside { of: of.clone(), ..file.clone() })
}

/// Numbers of the windows that overlap an earlier one.
fn overlapping(parts: &[MemberFile]) -> Vec<usize> {
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

/// The type that can store the values of all files.
fn common_type<'a>(infos: impl Iterator<Item = &'a RasterInfo>) -> String {
    let named = |info: &RasterInfo| GdalDataType::from_name(&info.data_type).ok();
    let mut first = None;
    let mut all = None;
    for info in infos {
        let first = first.get_or_insert_with(|| info.data_type.clone());
        all = match (all, named(info)) {
            (None, one) => one,
            (Some(a), Some(b)) => Some(GdalDataType::union(&a, b)),
            // A type that the Rust bindings do not have.
            (Some(_), None) if *first == info.data_type => None,
            (Some(_), None) => Some(GdalDataType::Float64),
        };
    }
    all.map(|all| all.name()).or(first).unwrap_or_default()
}
