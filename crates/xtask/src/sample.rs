//! `cargo xtask sample`: a small synthetic city as a GeoTIFF of heights, so that
//! the first command of the README and the tests need no download.
//!
//! The city is a function of the place: ground, river, streets and blocks are
//! looked up for each cell, trees are stamped over them. A larger size shows
//! more of the same city.
//!
//! Invariant: the same heights on every machine. Only `+ - * /`, `sqrt`, `floor`
//! and comparisons are used, which IEEE 754 defines to the last bit, and heights
//! are rounded to centimetres.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use ndarray::{Array2, s};
use svf_kernel::tile::Window;
use svf_raster::grid::HorizontalUnit;
use svf_raster::{BandSpec, BandStatistics, Grid, OutputSpec, OutputType, RasterWriter, Session};

/// NoData of the file; in memory a missing height is NaN.
const NODATA: f32 = -9999.0;
/// Larger samples would not fit the memory of a small machine.
const LARGEST_SIZE_PX: usize = 16_384;
/// Where the upper left corner lies in EPSG:25832: anywhere in its zone would do.
const ORIGIN_M: (f64, f64) = (500_000.0, 5_600_000.0);
/// ETRS89 / UTM zone 32N (EPSG:25832).
const CRS_WKT: &str = r#"PROJCS["ETRS89 / UTM zone 32N",GEOGCS["ETRS89",DATUM["European_Terrestrial_Reference_System_1989",SPHEROID["GRS 1980",6378137,298.257222101,AUTHORITY["EPSG","7019"]],AUTHORITY["EPSG","6258"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4258"]],PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",9],PARAMETER["scale_factor",0.9996],PARAMETER["false_easting",500000],PARAMETER["false_northing",0],UNIT["metre",1,AUTHORITY["EPSG","9001"]],AXIS["Easting",EAST],AXIS["Northing",NORTH],AUTHORITY["EPSG","25832"]]"#;

/// Writes the north-west `size_px` x `size_px` cells of the city to `path`; the heights of its trees above
/// ground go to `trees` and not to the city, if there is such a path.
pub fn run(path: &Path, trees: Option<&Path>, size_px: usize) -> Result<()> {
    ensure!(
        (16..=LARGEST_SIZE_PX).contains(&size_px),
        "--size must be 16 to {LARGEST_SIZE_PX}, got {size_px}"
    );
    Session::start(&[])?.arm();
    let write_as = |path: &Path, heights: &Array2<f32>, what: &str| {
        write(path, heights)
            .with_context(|| format!("cannot make the sample {}", path.display()))?;
        println!("{}: {size_px} x {size_px} cells of 1 m, {what}", path.display());
        Ok(())
    };
    let Some(trees) = trees else {
        return write_as(path, &city(size_px), "a synthetic city");
    };
    let (bare, above) = city_and_trees(size_px);
    write_as(path, &bare, "a synthetic city without its trees")?;
    write_as(trees, &above, "the heights of its trees")
}

fn write(path: &Path, heights: &Array2<f32>) -> Result<()> {
    let (rows, cols) = heights.dim();
    let (x0, y0) = ORIGIN_M;
    let mut writer = RasterWriter::create(OutputSpec {
        path: path.to_str().context("the path is not UTF-8")?.to_owned(),
        driver: "GTiff".into(),
        output_type: OutputType::Float32,
        nodata: Some(f64::from(NODATA)),
        grid: Grid {
            rows: rows as u64,
            cols: cols as u64,
            geo_transform: [x0, 1.0, 0.0, y0, 0.0, -1.0],
            georeferenced: true,
            gcps: false,
            crs_wkt: Some(CRS_WKT.into()),
            unit: HorizontalUnit::Length { name: "metre".into(), metres: 1.0 },
        },
        bands: vec![BandSpec {
            name: "height".into(),
            unit: "metre".into(),
            scale_offset: (1.0, 0.0),
        }],
        creation_options: Vec::new(),
        metadata: vec![("TIFFTAG_IMAGEDESCRIPTION".into(), "synthetic city, no real place".into())],
        threads: 1,
        copy_threads: 1,
        block_px: 512,
    })?;
    const STRIPE_ROWS: usize = 512;
    for row in (0..rows).step_by(STRIPE_ROWS) {
        let stripe = s![row..rows.min(row + STRIPE_ROWS), ..];
        let stripe = heights.slice(stripe).mapv(|z| if z.is_nan() { NODATA } else { z });
        let window =
            Window { row: row as u64, col: 0, rows: stripe.nrows() as u64, cols: cols as u64 };
        writer.write(&window, 0, stripe.view())?;
    }
    writer.finish(&[statistics(heights)], &mut |_| true)?.publish(true, &|| true)?;
    Ok(())
}

fn statistics(heights: &Array2<f32>) -> BandStatistics {
    let valid = || heights.iter().filter(|z| !z.is_nan()).map(|&z| f64::from(z));
    let count = valid().count();
    let mean = valid().sum::<f64>() / count as f64;
    let variance = valid().map(|z| (z - mean) * (z - mean)).sum::<f64>() / count as f64;
    BandStatistics {
        min: valid().fold(f64::INFINITY, f64::min),
        max: valid().fold(f64::NEG_INFINITY, f64::max),
        mean,
        std_dev: variance.sqrt(),
        valid: count as u64,
        nodata: (heights.len() - count) as u64,
    }
}

/// Heights of the city in metres, row 0 in the north; NaN where a scanner would
/// have had no echo from the water.
pub fn city(size_px: usize) -> Array2<f32> {
    let mut heights = without_trees(size_px);
    stamp_trees(&mut heights);
    echoes(&heights)
}

/// The same without its trees, and their heights above the ground: 0 where there is none.
fn city_and_trees(size_px: usize) -> (Array2<f32>, Array2<f32>) {
    let bare = without_trees(size_px);
    let mut heights = bare.clone();
    stamp_trees(&mut heights);
    (echoes(&bare), (heights - bare).mapv(in_centimetres))
}

/// Metres east or south of the corner.
fn centre(cell: usize) -> f64 {
    cell as f64 + 0.5
}

fn without_trees(size_px: usize) -> Array2<f64> {
    Array2::from_shape_fn((size_px, size_px), |(row, col)| {
        place_at(centre(col), centre(row)).height
    })
}

/// What a scanner sees.
fn echoes(heights: &Array2<f64>) -> Array2<f32> {
    Array2::from_shape_fn(heights.raw_dim(), |(row, col)| match is_hole(centre(col), centre(row)) {
        true => f32::NAN,
        false => in_centimetres(heights[(row, col)]),
    })
}

fn in_centimetres(height: f64) -> f32 {
    ((height * 100.0 + 0.5).floor() / 100.0) as f32
}

/// Where the scanner lost the water.
fn is_hole(x: f64, y: f64) -> bool {
    let (dx, dy) = (x - river_centre(640.0), y - 640.0);
    dx * dx / 36.0 + dy * dy / 400.0 < 1.0
}

// ---- what stands at a place -------------------------------------------------

/// What grows there.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Cover {
    Sealed,
    Lawn,
    Courtyard,
    Garden,
    Park,
    Bank,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    height: f64,
    cover: Cover,
}

fn place_at(x: f64, y: f64) -> Place {
    let ground = ground(x, y);
    let (u, v) = to_streets(x, y);
    let street_u = Street::around(Axis::U, u);
    let street_v = Street::around(Axis::V, v);
    let from_river = (x - river_centre(y)).abs() - river_half_width(y);
    if from_river < 0.0 {
        // Avenues cross on a bridge, level with the quays.
        let bridge = street_v.is_avenue && street_v.offset < street_v.half_width;
        let height = water(y) + if bridge { QUAY_M + 1.0 } else { 0.0 };
        return Place { height, cover: Cover::Sealed };
    }
    if from_river < PROMENADE_M {
        return Place { height: ground, cover: Cover::Bank };
    }
    let block = Block { i: street_u.block, j: street_v.block };
    let use_ = block.land_use();
    // A park and its streets are one.
    if use_ == LandUse::Park {
        return park(x, y, ground);
    }
    if street_u.offset < street_u.half_width || street_v.offset < street_v.half_width {
        return Place { height: ground, cover: Cover::Sealed };
    }
    let lot = Lot::new(block, u, v);
    match use_ {
        LandUse::Perimeter => perimeter(&lot, ground),
        LandUse::Towers => towers(&lot, ground),
        LandUse::Slabs => slabs(&lot, ground),
        LandUse::Houses => houses(&lot, ground),
        LandUse::Square => square(&lot, ground),
        LandUse::Green | LandUse::Park => Place { height: ground, cover: Cover::Lawn },
    }
}

/// Height of a quay above the water.
const QUAY_M: f64 = 4.5;
/// Width of the walk along the river.
const PROMENADE_M: f64 = 16.0;

/// A gentle slope with rolling ground, that comes down to the river's banks.
fn ground(x: f64, y: f64) -> f64 {
    let hills = 30.0
        + 0.022 * x
        + 0.012 * y
        + 14.0 * noise(Salt::Hills, x / 310.0, y / 310.0)
        + 4.0 * noise(Salt::Knolls, x / 95.0, y / 95.0);
    let bank = water(y) + QUAY_M;
    let inland = (x - river_centre(y)).abs() - river_half_width(y) - PROMENADE_M;
    bank + (hills - bank) * smooth(inland / 190.0)
}

fn river_centre(y: f64) -> f64 {
    105.0 + 190.0 * noise(Salt::River, 0.5, y / 380.0) + 0.10 * y
}

fn river_half_width(y: f64) -> f64 {
    20.0 + 14.0 * noise(Salt::Banks, 0.5, y / 210.0)
}

/// Water level: falls to the south.
fn water(y: f64) -> f64 {
    30.0 - 0.002 * y
}

// ---- streets and blocks -----------------------------------------------------

/// The streets run along two axes turned against north by the smaller angle of
/// the triangle 7, 24, 25: no trigonometry.
fn to_streets(x: f64, y: f64) -> (f64, f64) {
    (0.96 * x + 0.28 * y, 0.96 * y - 0.28 * x)
}

fn from_streets(u: f64, v: f64) -> (f64, f64) {
    (0.96 * u - 0.28 * v, 0.28 * u + 0.96 * v)
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Axis {
    U,
    V,
}

impl Axis {
    fn salt(self) -> Salt {
        match self {
            Axis::U => Salt::StreetsU,
            Axis::V => Salt::StreetsV,
        }
    }

    /// Mean distance of streets.
    fn pitch_m(self) -> f64 {
        match self {
            Axis::U => 106.0,
            Axis::V => 84.0,
        }
    }

    /// Where street `i` runs: not quite evenly.
    fn street_m(self, i: i64) -> f64 {
        (i as f64 + 0.22 * (unit(self.salt(), i, 1) - 0.5)) * self.pitch_m()
    }

    fn is_avenue(self, i: i64) -> bool {
        i.rem_euclid(5) == 3
    }

    /// Lanes of 9 m to streets of 20 m; avenues of 38 m.
    fn half_width_m(self, i: i64) -> f64 {
        if self.is_avenue(i) { 19.0 } else { 4.5 + 5.5 * unit(self.salt(), i, 2) }
    }
}

/// The street nearest to a place along one axis, and the block after which street it lies in.
struct Street {
    offset: f64,
    half_width: f64,
    is_avenue: bool,
    block: i64,
}

impl Street {
    fn around(axis: Axis, m: f64) -> Self {
        let mut block = (m / axis.pitch_m()).floor() as i64;
        // Streets stray from the even spacing by less than one pitch.
        if axis.street_m(block) > m {
            block -= 1;
        } else if axis.street_m(block + 1) <= m {
            block += 1;
        }
        let (before, after) = (m - axis.street_m(block), axis.street_m(block + 1) - m);
        let (nearest, offset) = if before < after { (block, before) } else { (block + 1, after) };
        Self {
            offset,
            half_width: axis.half_width_m(nearest),
            is_avenue: axis.is_avenue(nearest),
            block,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum LandUse {
    Perimeter,
    Towers,
    Slabs,
    Houses,
    Square,
    Park,
    Green,
}

/// A block between two streets of each axis.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Block {
    i: i64,
    j: i64,
}

impl Block {
    fn bounds(self) -> [f64; 4] {
        let edge = |axis: Axis, i: i64, side: f64| axis.street_m(i) + side * axis.half_width_m(i);
        [
            edge(Axis::U, self.i, 1.0),
            edge(Axis::U, self.i + 1, -1.0),
            edge(Axis::V, self.j, 1.0),
            edge(Axis::V, self.j + 1, -1.0),
        ]
    }

    fn land_use(self) -> LandUse {
        let [u0, u1, v0, v1] = self.bounds();
        match (self.i, self.j) {
            (6, 4) => return LandUse::Square,
            (8..=9, 3..=4) => return LandUse::Park,
            _ => {}
        }
        let corners = [(u0, v0), (u1, v0), (u0, v1), (u1, v1)];
        if corners.iter().any(|&(u, v)| {
            let (x, y) = from_streets(u, v);
            (x - river_centre(y)).abs() < river_half_width(y) + PROMENADE_M
        }) {
            return LandUse::Green;
        }
        let (u, v) = ((u0 + u1) / 2.0, (v0 + v1) / 2.0);
        let from_centre_m = ((u - 690.0) * (u - 690.0) + (v - 370.0) * (v - 370.0)).sqrt();
        let draw = unit(Salt::LandUse, self.i, self.j);
        match (from_centre_m, draw) {
            (d, draw) if d < 300.0 => {
                if draw < 0.82 {
                    LandUse::Perimeter
                } else {
                    LandUse::Towers
                }
            }
            (d, draw) if d < 480.0 => match draw {
                ..0.45 => LandUse::Perimeter,
                ..0.62 => LandUse::Slabs,
                ..0.74 => LandUse::Towers,
                _ => LandUse::Houses,
            },
            (_, ..0.68) => LandUse::Houses,
            (_, ..0.88) => LandUse::Slabs,
            _ => LandUse::Green,
        }
    }
}

/// A place within its block: metres from the block's first corner.
struct Lot {
    block: Block,
    /// Along the first and the second axis.
    a: f64,
    b: f64,
    size_a: f64,
    size_b: f64,
    corner: (f64, f64),
}

impl Lot {
    fn new(block: Block, u: f64, v: f64) -> Self {
        let [u0, u1, v0, v1] = block.bounds();
        Self { block, a: u - u0, b: v - v0, size_a: u1 - u0, size_b: v1 - v0, corner: (u0, v0) }
    }

    /// Ground at another place of the block: buildings stand level.
    fn ground_at(&self, a: f64, b: f64) -> f64 {
        let (x, y) = from_streets(self.corner.0 + a, self.corner.1 + b);
        ground(x, y)
    }

    /// A number 0..1 of the block's own.
    fn draw(&self, what: i64) -> f64 {
        unit(Salt::Lots, self.block.i * 1009 + self.block.j, what)
    }
}

fn roof(height: f64) -> Place {
    Place { height, cover: Cover::Sealed }
}

/// A gabled roof: `across` metres from the ridge of a house `depth` deep.
fn gable(eaves: f64, rise: f64, across: f64, depth: f64) -> f64 {
    eaves + rise * (1.0 - 2.0 * across.abs() / depth)
}

/// Houses wall to wall around a courtyard.
fn perimeter(lot: &Lot, ground: f64) -> Place {
    const DEPTH_M: f64 = 12.5;
    let sides = [lot.b, lot.size_b - lot.b, lot.a, lot.size_a - lot.a];
    let side = (1..4).fold(0, |nearest, i| if sides[i] < sides[nearest] { i } else { nearest });
    let from_street = sides[side];
    let (along, length) = if side < 2 { (lot.a, lot.size_a) } else { (lot.b, lot.size_b) };
    if from_street < DEPTH_M {
        let houses = (length / 19.0).floor().max(1.0);
        let width = length / houses;
        let house = (along / width).floor().min(houses - 1.0);
        let key = side as i64 * 64 + house as i64;
        let middle = (house + 0.5) * width;
        let base = match side {
            0 => lot.ground_at(middle, 0.0),
            1 => lot.ground_at(middle, lot.size_b),
            2 => lot.ground_at(0.0, middle),
            _ => lot.ground_at(lot.size_a, middle),
        };
        // Gaps let the wind in; corners are always built.
        let is_corner = house < 1.0 || house > houses - 1.5;
        if !is_corner && lot.draw(key + 3000) < 0.05 {
            return Place { height: ground, cover: Cover::Courtyard };
        }
        let storeys = 4.0 + (lot.draw(key) * 2.99).floor();
        let eaves = base + 1.0 + 3.3 * storeys;
        return roof(if lot.draw(key + 1000) < 0.18 {
            eaves + 2.0
        } else {
            gable(eaves, 4.4, from_street - DEPTH_M / 2.0, DEPTH_M)
        });
    }
    // A wing or a workshop in the courtyard.
    let across = lot.a - lot.size_a * (0.4 + 0.2 * lot.draw(1));
    let reach = lot.size_b * (0.45 + 0.5 * lot.draw(2));
    if lot.draw(3) < 0.55 && across.abs() < 5.0 && lot.b < reach {
        let base = lot.ground_at(lot.size_a / 2.0, lot.size_b / 2.0);
        return roof(gable(base + 4.0 + 9.0 * lot.draw(4), 2.4, across, 10.0));
    }
    Place { height: ground, cover: Cover::Courtyard }
}

/// One or two towers with set-back tops, and a low podium.
fn towers(lot: &Lot, ground: f64) -> Place {
    let base = lot.ground_at(lot.size_a / 2.0, lot.size_b / 2.0);
    let count = if lot.size_a > 70.0 { 2 } else { 1 };
    for tower in 0..count {
        let part = (tower as f64 + 0.5) / count as f64;
        let da = (lot.a - lot.size_a * part).abs();
        let db = (lot.b - lot.size_b * (0.4 + 0.2 * lot.draw(tower + 10))).abs();
        let half = 10.0 + 4.0 * lot.draw(tower + 20);
        let height = 42.0 + 58.0 * lot.draw(tower + 30);
        if da < half - 4.0 && db < half - 4.0 {
            return roof(base + height + 5.0);
        }
        if da < half && db < half {
            return roof(base + height);
        }
    }
    let margin = lot.a.min(lot.size_a - lot.a).min(lot.b).min(lot.size_b - lot.b);
    if margin > 12.0 && lot.draw(5) < 0.6 {
        return roof(base + 7.5);
    }
    Place { height: ground, cover: Cover::Lawn }
}

/// Parallel rows of flats with lawns between.
fn slabs(lot: &Lot, ground: f64) -> Place {
    const SPACING_M: f64 = 34.0;
    const DEPTH_M: f64 = 12.0;
    let rows = (lot.size_b / SPACING_M).floor().max(1.0);
    let spacing = lot.size_b / rows;
    let row = (lot.b / spacing).floor().min(rows - 1.0);
    let across = lot.b - (row + 0.5) * spacing;
    let inside = lot.a > 6.0 && lot.a < lot.size_a - 6.0;
    if across.abs() < DEPTH_M / 2.0 && inside {
        let base = lot.ground_at(lot.size_a / 2.0, (row + 0.5) * spacing);
        let storeys = 5.0 + (lot.draw(row as i64) * 5.99).floor();
        return roof(base + 1.0 + 2.9 * storeys);
    }
    Place { height: ground, cover: Cover::Lawn }
}

/// Detached houses in gardens.
fn houses(lot: &Lot, ground: f64) -> Place {
    let across = (lot.size_a / 20.0).floor().max(1.0);
    let deep = (lot.size_b / 24.0).floor().max(1.0);
    let (width, depth) = (lot.size_a / across, lot.size_b / deep);
    let (p, q) = ((lot.a / width).floor(), (lot.b / depth).floor());
    let key = p as i64 * 31 + q as i64 * 8;
    // The house is not quite in the middle of its garden.
    let middle_a = (p + 0.42 + 0.16 * lot.draw(key)) * width;
    let middle_b = (q + 0.42 + 0.16 * lot.draw(key + 1)) * depth;
    let (da, db) = (lot.a - middle_a, lot.b - middle_b);
    let half_a = 4.2 + 1.6 * lot.draw(key + 2);
    let half_b = 4.6 + 2.2 * lot.draw(key + 3);
    if da.abs() < half_a && db.abs() < half_b && lot.draw(key + 4) < 0.94 {
        let eaves =
            lot.ground_at(middle_a, middle_b) + 3.5 + 2.8 * (2.0 * lot.draw(key + 5)).floor();
        let (ridge_offset, span) =
            if lot.draw(key + 6) < 0.5 { (da, 2.0 * half_a) } else { (db, 2.0 * half_b) };
        return roof(gable(eaves, 3.8, ridge_offset, span));
    }
    Place { height: ground, cover: Cover::Garden }
}

/// An open square with a church.
fn square(lot: &Lot, ground: f64) -> Place {
    let (da, db) = (lot.a - lot.size_a * 0.58, lot.b - lot.size_b * 0.5);
    let base = lot.ground_at(lot.size_a * 0.5, lot.size_b * 0.5);
    let spire = (da + 23.0).abs().max(db.abs());
    if spire < 5.0 {
        return roof(base + 34.0 + 5.6 * (5.0 - spire));
    }
    let in_nave = da.abs() < 19.0 && db.abs() < 8.0;
    let in_transept = (da - 8.0).abs() < 6.0 && db.abs() < 14.0;
    let nave = if in_nave { gable(14.0, 9.0, db, 16.0) } else { 0.0 };
    let transept = if in_transept { gable(14.0, 7.0, da - 8.0, 12.0) } else { 0.0 };
    if in_nave || in_transept {
        return roof(base + nave.max(transept));
    }
    Place { height: ground, cover: Cover::Sealed }
}

/// Trees, clearings and a pond.
fn park(x: f64, y: f64, ground: f64) -> Place {
    let wet = noise(Salt::Pond, x / 70.0, y / 70.0) - 0.86;
    if wet > 0.0 {
        return Place { height: ground - 1.2 - 0.3 * wet, cover: Cover::Sealed };
    }
    let clearing = noise(Salt::Clearings, x / 60.0, y / 60.0) > 0.60;
    Place { height: ground, cover: if clearing { Cover::Lawn } else { Cover::Park } }
}

// ---- trees ------------------------------------------------------------------

/// Raises the heights to the crowns of all trees that reach into the raster.
fn stamp_trees(heights: &mut Array2<f64>) {
    const SPACING_M: f64 = 7.5;
    let size_m = heights.nrows() as f64;
    // Trees just outside still reach in.
    let last = (size_m / SPACING_M).floor() as i64 + 2;
    for i in -2..last {
        for j in -2..last {
            let x = (i as f64 + 0.2 + 0.6 * unit(Salt::TreeX, i, j)) * SPACING_M;
            let y = (j as f64 + 0.2 + 0.6 * unit(Salt::TreeY, i, j)) * SPACING_M;
            let place = place_at(x, y);
            let share = match place.cover {
                Cover::Sealed => continue,
                Cover::Lawn => 0.13,
                Cover::Courtyard => 0.18,
                Cover::Garden => 0.17,
                Cover::Bank => 0.20,
                Cover::Park => 0.88,
            };
            if unit(Salt::Trees, i, j) < share {
                let tall = if place.cover == Cover::Park { 1.35 } else { 1.0 };
                stamp_crown(
                    heights,
                    (x, y),
                    place.height,
                    tall * (2.2 + 2.6 * unit(Salt::Crowns, i, j)),
                );
            }
        }
    }
    for axis in [Axis::U, Axis::V] {
        stamp_avenues(heights, axis, size_m);
    }
}

/// Two rows of trees along every avenue of an axis.
fn stamp_avenues(heights: &mut Array2<f64>, axis: Axis, size_m: f64) {
    const SPACING_M: f64 = 11.0;
    // The turned axes reach at most this far over a square raster.
    let reach = 1.3 * size_m + 50.0;
    let last = (reach / axis.pitch_m()) as i64 + 1;
    for street in (-last..last).filter(|&i| axis.is_avenue(i)) {
        for step in (-reach / SPACING_M) as i64..(reach / SPACING_M) as i64 {
            for side in [-10.5, 10.5] {
                let (across, along) = (axis.street_m(street) + side, step as f64 * SPACING_M);
                let (x, y) = match axis {
                    Axis::U => from_streets(across, along),
                    Axis::V => from_streets(along, across),
                };
                let beside = -10.0..size_m + 10.0;
                if !(beside.contains(&x) && beside.contains(&y)) {
                    continue;
                }
                let key = step * 4 + i64::from(side > 0.0) * 2 + i64::from(axis == Axis::V);
                let on_land = (x - river_centre(y)).abs() > river_half_width(y) + 4.0;
                let other = match axis {
                    Axis::U => Street::around(Axis::V, along),
                    Axis::V => Street::around(Axis::U, along),
                };
                let at_crossing = other.offset < other.half_width;
                if on_land && !at_crossing && unit(Salt::Avenues, street, key) < 0.92 {
                    let radius = 3.2 + 1.2 * unit(Salt::Crowns, street, key);
                    stamp_crown(heights, (x, y), ground(x, y), radius);
                }
            }
        }
    }
}

/// A crown is a hemisphere on a trunk.
fn stamp_crown(heights: &mut Array2<f64>, (x, y): (f64, f64), ground: f64, radius: f64) {
    let size = heights.nrows() as i64;
    let cells = |at: f64| {
        let first = ((at - radius - 0.5).floor() as i64).clamp(0, size);
        let end = ((at + radius + 0.5).floor() as i64 + 1).clamp(0, size);
        first as usize..end as usize
    };
    for row in cells(y) {
        for col in cells(x) {
            let (dx, dy) = (col as f64 + 0.5 - x, row as f64 + 0.5 - y);
            let above = radius * radius - dx * dx - dy * dy;
            if above > 0.0 {
                let top = ground + 1.1 * radius + 1.2 * above.sqrt();
                let height = &mut heights[(row, col)];
                if top > *height {
                    *height = top;
                }
            }
        }
    }
}

// ---- numbers ----------------------------------------------------------------

/// Keeps the random fields apart.
#[derive(Clone, Copy)]
enum Salt {
    Hills,
    Knolls,
    River,
    Banks,
    StreetsU,
    StreetsV,
    LandUse,
    Lots,
    Pond,
    Clearings,
    Trees,
    TreeX,
    TreeY,
    Crowns,
    Avenues,
}

/// A number in 0..1 that depends on two integers: the finaliser of SplitMix64
/// (Steele, Lea and Flood 2014), applied once for each.
fn unit(salt: Salt, i: i64, j: i64) -> f64 {
    let mix = |mut bits: u64| {
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    };
    let next = |state: u64, word: u64| mix(state.wrapping_add(0x9e37_79b9_7f4a_7c15) ^ word);
    let bits = next(next(next(0, salt as u64 + 1), i as u64), j as u64);
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

/// Smooth noise in 0..1, one random number per unit square's corner.
fn noise(salt: Salt, x: f64, y: f64) -> f64 {
    let (i, j) = (x.floor(), y.floor());
    let (p, q) = (smooth(x - i), smooth(y - j));
    let corner = |di: i64, dj: i64| unit(salt, i as i64 + di, j as i64 + dj);
    let north = corner(0, 0) + (corner(1, 0) - corner(0, 0)) * p;
    let south = corner(0, 1) + (corner(1, 1) - corner(0, 1)) * p;
    north + (south - north) * q
}

/// 0 below 0, 1 above 1, and no kink between.
fn smooth(t: f64) -> f64 {
    let t = t.clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FNV-1a over whole centimetres; missing heights count as -1.
    fn checksum(heights: &Array2<f32>) -> u64 {
        heights.iter().fold(0xcbf2_9ce4_8422_2325, |sum, &z| {
            let centimetres = if z.is_nan() { -1 } else { (f64::from(z) * 100.0).round() as i64 };
            (sum ^ centimetres as u64).wrapping_mul(0x100_0000_01b3)
        })
    }

    #[test]
    fn the_city_is_the_same_everywhere() {
        assert_eq!(checksum(&city(256)), 3_596_740_648_745_959_524);
    }

    #[test]
    fn city_and_trees_together_are_the_whole() {
        let (bare, trees) = city_and_trees(256);
        let whole = city(256);
        for ((z, tree), both) in bare.iter().zip(&trees).zip(&whole) {
            assert!(*tree >= 0.0 && (both.is_nan() || (z + tree - both).abs() < 0.016));
        }
        let share = trees.iter().filter(|tree| **tree > 2.0).count() as f64 / trees.len() as f64;
        assert!((0.02..0.5).contains(&share), "{share}");
    }

    #[test]
    fn a_larger_sample_shows_more_of_the_same_city() {
        let (small, large) = (city(200), city(333));
        let part = large.slice(s![..200, ..200]);
        assert!(small.iter().zip(part).all(|(a, b)| a.to_bits() == b.to_bits()));
    }

    #[test]
    fn the_default_city_has_what_it_promises() {
        let heights = city(1024);
        let summary = statistics(&heights);
        assert!((20.0..30.0).contains(&summary.min), "water: {}", summary.min);
        assert!((90.0..170.0).contains(&summary.max), "towers: {}", summary.max);
        assert!((100..1000).contains(&summary.nodata), "one small hole: {}", summary.nodata);
    }
}
