//! Finds the files that do not fit the majority: what is different, and the command that corrects
//! it.

use gdal::spatial_ref::{CoordTransform, SpatialRef};

use crate::collection::Odd;
use crate::found::FoundFile;
use crate::grid::{Grid, HorizontalUnit};
use crate::info::RasterInfo;
use crate::mend::{beside, quoted};
use crate::session::may_fail;

/// What is different, and the command that corrects it.
type Difference = (String, Option<String>);

/// The files that do not fit the majority, in their order. `band` is the band with the heights.
pub(crate) fn misfits(files: &[&FoundFile], band: usize) -> Vec<Odd> {
    let unsound: Vec<Option<Difference>> = files.iter().map(|file| unsound(&file.info)).collect();
    let sound = (0..files.len()).filter(|&i| unsound[i].is_none()).collect();
    let comparison = Comparison::of(files, sound);
    let of = |(i, unsound): (usize, Option<Difference>)| {
        let differences = match unsound {
            Some(difference) => vec![difference],
            None => comparison.differences(i, band),
        };
        // Corrections are done one after the other: the first line is the one to do first.
        let mend = differences.iter().find_map(|(_, mend)| mend.clone());
        let reasons: Vec<&str> = differences.iter().map(|(what, _)| what.as_str()).collect();
        let (path, what) = (files[i].info.path.clone(), reasons.join("; "));
        (!differences.is_empty()).then_some(Odd { path, what, mend })
    };
    unsound.into_iter().enumerate().filter_map(of).collect()
}

/// What is wrong with a file, independent of the others.
fn unsound(info: &RasterInfo) -> Option<Difference> {
    if !info.grid.georeferenced && !info.grid.gcps {
        return Some(("it has no coordinates".to_owned(), None));
    }
    let error = info.grid.check(&info.source()).err()?;
    Some((error.reason, error.hint))
}

/// Files, and what the majority of them has in common.
struct Comparison<'a> {
    files: &'a [&'a FoundFile],
    crs: Classes,
    /// Direction of rows and columns.
    way: Classes,
    size: Classes,
    place: Classes,
    bands: Classes,
    unit: Classes,
}

impl<'a> Comparison<'a> {
    /// For the files with the given numbers.
    fn of(files: &'a [&'a FoundFile], numbers: Vec<usize>) -> Self {
        let grid = |i: usize| &files[i].info.grid;
        let way = Classes::of(&numbers, |a, b| way(grid(a)) == way(grid(b)));
        let size = Classes::of(&numbers, |a, b| same_cell_size(grid(a), grid(b)));
        let alike: Vec<usize> =
            numbers.iter().copied().filter(|&i| size.has(i) && way.has(i)).collect();
        let same_unit = |a: f64, b: f64| (a - b).abs() <= 1e-6 * a;
        Self {
            files,
            crs: Classes::of(&numbers, |a, b| same_crs(grid(a), grid(b))),
            way,
            size,
            place: Classes::of(&alike, |a, b| grid(a).offset_of(grid(b)).is_some()),
            bands: Classes::of(&numbers, |a, b| files[a].bands == files[b].bands),
            unit: Classes::of(&numbers, |a, b| {
                same_unit(metres_of_heights(files[a]), metres_of_heights(files[b]))
            }),
        }
    }

    /// How a file differs from the majority.
    fn differences(&self, i: usize, band: usize) -> Vec<Difference> {
        let all = [self.crs(i), self.cells(i), self.bands(i, band), self.unit(i)];
        all.into_iter().flatten().collect()
    }

    fn grid(&self, i: usize) -> &Grid {
        &self.files[i].info.grid
    }

    /// The command that resamples a file to the grid of the others. In files that GDAL's programs
    /// make, rows run south.
    fn warp(&self, i: usize) -> Option<String> {
        let others = self.grid(self.place.most()?);
        (way(others) == NORTH_UP).then(|| warp(&self.files[i].info, others))
    }

    fn crs(&self, i: usize) -> Option<Difference> {
        let most = self.crs.other_than(i)?;
        let [own, others] = [i, most].map(|i| crs_name(self.grid(i)));
        let mend = match (self.grid(i).crs_wkt.is_some(), self.grid(most).crs_wkt.is_some()) {
            (true, true) => self.warp(i),
            (false, true) => Some(self.files[i].info.source().edit_crs(&others)),
            (_, false) => None,
        };
        Some((format!("CRS {own}, the others {others}"), mend))
    }

    fn cells(&self, i: usize) -> Option<Difference> {
        let what = if let Some(most) = self.size.other_than(i) {
            let [own, others] = [i, most].map(|i| cell_size(self.grid(i)));
            format!("cell size {own}, the others {others}")
        } else if let Some(most) = self.way.other_than(i) {
            let [own, others] = [i, most].map(|i| way_name(way(self.grid(i))));
            format!("its {own}, in the others {others}")
        } else {
            let (row, col) = shift(self.grid(self.place.other_than(i)?), self.grid(i));
            format!(
                "its cells are shifted by {row} of a row and {col} of a column from those of \
                     the others"
            )
        };
        // A file in another CRS gets another command for that.
        let mend = if self.crs.has(i) { self.warp(i) } else { None };
        Some((what, mend))
    }

    fn bands(&self, i: usize, band: usize) -> Option<Difference> {
        let most = self.bands.other_than(i)?;
        let count = |n: usize| if n == 1 { "1 band".to_owned() } else { format!("{n} bands") };
        let (own, others) = (self.files[i].bands, self.files[most].bands);
        let path = &self.files[i].info.path;
        let (from, to) = (quoted(path), quoted(&beside(path, "band")));
        let mend = format!("gdal_translate -b {band} {from} {to}");
        Some((format!("{}, the others {others}", count(own)), (own > others).then_some(mend)))
    }

    fn unit(&self, i: usize) -> Option<Difference> {
        let most = self.unit.other_than(i)?;
        let [own, others] = [i, most].map(|i| metres_of_heights(self.files[i]));
        let path = &self.files[i].info.path;
        let mend = format!(
            "gdal_calc.py -A {} --calc \"A*{}\" --type Float32 --outfile {}",
            quoted(path),
            own / others,
            quoted(&beside(path, "heights"))
        );
        Some((format!("heights in units of {own} m, the others {others} m"), Some(mend)))
    }
}

/// Things in classes: two things are in one class if a comparison says that they are equal.
struct Classes {
    /// Number of the class of each thing.
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

    /// The largest class; the first one if two are of the same size.
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

    /// The first thing of the largest class, for a thing that does not belong to it.
    fn other_than(&self, thing: usize) -> Option<usize> {
        self.most().filter(|_| !self.has(thing))
    }
}

fn same_crs(a: &Grid, b: &Grid) -> bool {
    a.crs_wkt == b.crs_wkt || (a.crs_wkt.is_some() && b.crs_wkt.is_some() && !a.differs_in_crs(b))
}

/// Metres per unit of the heights; if it is not known, that of the cells.
fn metres_of_heights(file: &FoundFile) -> f64 {
    let of_cells = match file.info.grid.unit {
        HorizontalUnit::Length { metres, .. } => metres,
        _ => 1.0,
    };
    file.info.height_unit.metres().unwrap_or(of_cells)
}

/// Whether rows run south, and columns east.
fn way(grid: &Grid) -> (bool, bool) {
    let [_, dx, _, _, _, dy] = grid.geo_transform;
    (dy < 0.0, dx > 0.0)
}

const NORTH_UP: (bool, bool) = (true, true);

fn way_name(way: (bool, bool)) -> &'static str {
    match way {
        NORTH_UP => "rows run from north to south",
        (false, true) => "rows run from south to north",
        (true, false) => "columns run from east to west",
        (false, false) => "rows run from south to north and columns from east to west",
    }
}

fn same_cell_size(a: &Grid, b: &Grid) -> bool {
    let [_, dx, _, _, _, dy] = a.geo_transform.map(f64::abs);
    let [_, dx1, _, _, _, dy1] = b.geo_transform.map(f64::abs);
    let same = |a: f64, b: f64, cells: u64| ((a - b) / a).abs() * (cells as f64) < 1e-3;
    same(dx, dx1, b.cols) && same(dy, dy1, b.rows)
}

/// A CRS with a name for people.
fn crs_name(grid: &Grid) -> String {
    let Some(wkt) = &grid.crs_wkt else { return "none".to_owned() };
    let code = SpatialRef::from_wkt(wkt)
        .ok()
        .and_then(|crs| Some(format!("{}:{}", crs.auth_name()?, crs.auth_code().ok()?)));
    let name = || wkt.split('"').nth(1).map(|name| format!("\"{name}\""));
    code.or_else(name).unwrap_or_else(|| "without a name".to_owned())
}

/// The command that resamples a file to the grid of the others, which is north-up. Its edges are
/// moved outwards to the next edges of cells.
fn warp(info: &RasterInfo, others: &Grid) -> String {
    let grid = &info.grid;
    let [x0, dx, _, y0, _, dy] = others.geo_transform;
    let (srs, box_there) = match same_crs(grid, others) {
        true => (String::new(), Some(grid.bbox())),
        false => (format!(" -t_srs {}", crs_name(others)), bbox_in(grid, others)),
    };
    let edges = |from: f64, to: f64, origin: f64, step: f64| {
        let cells = |v: f64| (v - origin) / step.abs();
        // Rounding errors of the transformation must not add a row or column of cells.
        let (low, high) = ((cells(from) + 1e-3).floor(), (cells(to) - 1e-3).ceil());
        (origin + low * step.abs(), origin + high * step.abs())
    };
    let extent = match box_there {
        Some([left, bottom, right, top]) => {
            let (x, y) = (edges(left, right, x0, dx), edges(bottom, top, y0, dy));
            format!(" -te {} {} {} {}", x.0, y.0, x.1, y.1)
        }
        None => String::new(),
    };
    let size = format!(" -tr {} {}", dx.abs(), dy.abs());
    info.source().warp(&format!("{srs}{extent}{size}"), &quoted(&beside(&info.path, "fits")))
}

/// The box around a grid in the CRS of another one; none if there is no transformation.
fn bbox_in(grid: &Grid, other: &Grid) -> Option<[f64; 4]> {
    const POINTS_PER_SIDE: i32 = 21;
    let (from, to) = (grid.spatial_ref()?, other.spatial_ref()?);
    may_fail(|| {
        CoordTransform::new(&from, &to).ok()?.transform_bounds(&grid.bbox(), POINTS_PER_SIDE).ok()
    })
}

fn cell_size(grid: &Grid) -> String {
    let [_, dx, _, _, _, dy] = grid.geo_transform.map(f64::abs);
    if dx == dy { format!("{dx}") } else { format!("{dx} x {dy}") }
}

/// The shift between two grids, as a fraction of a cell.
fn shift(to: &Grid, grid: &Grid) -> (f64, f64) {
    let (row, col) = to.place(grid.geo_transform[0], grid.geo_transform[3]);
    let part = |cells: f64| ((cells - cells.round()) * 1000.0).round() / 1000.0;
    (part(row), part(col))
}
