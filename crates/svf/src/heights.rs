//! What the heights look like: a look at a sample of them, before anything is computed,
//! for what is no height. Values that stand apart from all others (NoData that nobody
//! declared), relief that no place on Earth has, pictures, results of these tools, and
//! vegetation above sea level. Each is said once, and the run goes on.

use svf_job::events::Diagnostic;
use svf_kernel::Measure;
use svf_raster::crs::HorizontalUnit;
use svf_raster::mend::{Source, quoted};
use svf_raster::{Grid, RasterInfo, RasterReader, Sample, Session};

use crate::error::Error;
use crate::numbers::{show_share, show_typed};
use crate::observer::Observer;
use crate::place::refuse_degrees;
use crate::request::{InputNoData, Sky};

/// Block cache during the look, as small as any plan's: what it reads is read again.
const CACHE_BYTES: u64 = 16 << 20;

/// More relief than this no place on Earth has, metres; over a wide raster the sea floor may.
const MOST_RELIEF_M: f64 = 9000.0;
const WIDE_M: f64 = 100_000.0;
/// Heights of the Earth lie between, metres.
const OF_EARTH_M: (f64, f64) = (-11_100.0, 9000.0);
/// Heights that are far outside.
const ABSURD_M: f64 = 12_000.0;
/// In no unit is there such a height.
const ABSURD: f64 = 1e10;
/// Trees are lower, metres.
const TALLEST_M: f64 = 120.0;

/// What the user said of the heights.
#[derive(Clone, Copy)]
pub(crate) struct Said<'a> {
    /// Path of the raster.
    pub(crate) input: &'a str,
    /// Values that are missing, in place of those that the file declares.
    pub(crate) nodata: Option<&'a InputNoData>,
    /// Factor that turns heights into the unit of the ground.
    pub(crate) z_factor: f64,
    /// Coordinates that look like degrees are none.
    pub(crate) plain_units: bool,
}

impl<'a> Said<'a> {
    pub(crate) fn of(input: &'a str, sky: &'a Sky) -> Self {
        Self {
            input,
            nodata: sky.input_nodata.as_ref(),
            z_factor: sky.z_factor,
            plain_units: sky.plain_units,
        }
    }
}

/// Looks at heights and vegetation, says what is odd (and whether it did of the heights), and
/// settles what is taken off the heights while they are read.
///
/// # Errors
/// Heights that cannot be read, of a type that needs the look; coordinates that look like
/// degrees and are not said to be.
pub(crate) fn examine(
    session: &Session,
    said: Said<'_>,
    layers: &mut [RasterReader],
    observer: &dyn Observer,
) -> Result<bool, Error> {
    let Some((heights, vegetation)) = layers.split_first_mut() else { return Ok(false) };
    session.set_cache_bytes(CACHE_BYTES);
    let sample = match heights.sample() {
        Ok(sample) => sample,
        // What cannot be read may lie outside of the part that is asked for.
        Err(_) if !heights.may_need_offset() => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    if !said.plain_units {
        let relief = || relief_of(said, heights.info(), &sample);
        refuse_degrees(heights.info(), relief)?;
    }
    heights.settle_offset(&sample);
    let is_odd = examine_heights(said, heights, &sample, observer);
    for layer in vegetation {
        examine_vegetation(said, layer, heights.info(), &sample, observer);
    }
    Ok(is_odd)
}

/// How far heights differ, in units of the ground, but for what stands apart from them.
fn relief_of(said: Said<'_>, info: &RasterInfo, sample: &Sample) -> f64 {
    let scene = Scene::of(said, info);
    let (_, rest) = stand_apart(&sample.values, info, scene.metres_of_value());
    rest.map_or(0.0, |(low, high)| {
        let (low, high) = scene.heights_of(low, high);
        (high - low) * said.z_factor
    })
}

fn examine_heights(
    said: Said<'_>,
    heights: &mut RasterReader,
    sample: &Sample,
    observer: &dyn Observer,
) -> bool {
    let scene = Scene::of(said, heights.info());
    if let Some(nodata) = said.nodata {
        let types = heights.info().data_type.clone();
        let counted = nodata.0.iter().filter(|value| value.is_finite()).count();
        if heights.nodata_values().len() < counted {
            let message = format!(
                "--input-nodata {nodata}: not all of these values can occur in {}, which has \
                 type {types}",
                said.input
            );
            observer.warn(Diagnostic::new("heights.nodata_type", message));
        }
    }
    if let Some(diagnostic) = no_heights(heights, sample) {
        observer.warn(diagnostic.path(said.input));
        return true;
    }
    let (apart, rest) = stand_apart(&sample.values, heights.info(), scene.metres_of_value());
    let mut is_odd = false;
    if !apart.is_empty() {
        let apart = Apart { values: apart, rest, sample };
        observer.warn(apart.diagnostic(&scene).path(said.input));
        is_odd = true;
    }
    if let Some((low, high)) = rest {
        let (low, high) = scene.heights_of(low, high);
        if let Some(diagnostic) = scene.of_relief(low, high) {
            observer.warn(diagnostic.path(said.input));
            is_odd = true;
        }
    }
    is_odd
}

/// Smallest and largest.
type Range = (f64, f64);

/// The ends of values, with what is next to them.
struct Ends {
    low: f64,
    high: f64,
    /// How many cells have the lowest value, and the highest.
    lows: usize,
    highs: usize,
    /// The lowest above the lowest, the highest below the highest.
    above: f64,
    below: f64,
}

impl Ends {
    /// Of those values that lie in `from` to `to`; none where there are none.
    fn within(values: &[f64], (from, to): Range) -> Option<Self> {
        let none = (f64::INFINITY, f64::NEG_INFINITY);
        let inside = || values.iter().copied().filter(|value| (from..=to).contains(value));
        let (low, high) = inside().fold(none, |(low, high), v| (low.min(v), high.max(v)));
        let mut ends = Self { low, high, lows: 0, highs: 0, above: none.0, below: none.1 };
        for value in inside() {
            ends.lows += usize::from(value == low);
            ends.highs += usize::from(value == high);
            ends.above = if value > low { ends.above.min(value) } else { ends.above };
            ends.below = if value < high { ends.below.max(value) } else { ends.below };
        }
        (low <= high).then_some(ends)
    }
}

/// What has to be known of a raster to judge a height.
#[derive(Clone)]
pub(crate) struct Scene {
    path: String,
    data_type: String,
    /// Values that are missing now.
    declared: Vec<f64>,
    scale_offset: (f64, f64),
    /// What is taken off heights while they are read.
    taken_off: f64,
    /// Metres of a unit of height, where that is known.
    metres: Option<f64>,
    /// From corner to corner.
    extent_m: f64,
    is_earth: bool,
    /// Whether something odd was said of the heights already.
    is_odd: bool,
    /// As commands name it.
    source: Source,
}

impl Scene {
    pub(crate) fn of(said: Said<'_>, info: &RasterInfo) -> Self {
        let declared = match said.nodata {
            Some(InputNoData(values)) => values.clone(),
            None => info.nodata.into_iter().collect(),
        };
        let (ground, is_earth) = ground_metres(&info.grid);
        Self {
            path: info.path.clone(),
            data_type: info.data_type.clone(),
            declared,
            scale_offset: info.scale_offset,
            taken_off: info.height_offset,
            metres: info.height_unit.metres().or(ground.map(|metres| metres * said.z_factor)),
            extent_m: info.grid.diagonal() * ground.unwrap_or(1.0),
            is_earth,
            is_odd: false,
            source: info.source(),
        }
    }

    /// The same, where something odd was said of the heights already, or not.
    pub(crate) fn known_as_odd(self, is_odd: bool) -> Self {
        Self { is_odd, ..self }
    }

    fn metres_of_value(&self) -> Option<f64> {
        self.metres.map(|metres| metres * self.scale_offset.0)
    }

    fn heights_of(&self, low: f64, high: f64) -> (f64, f64) {
        let (scale, offset) = self.scale_offset;
        let (a, b) = (scale * low + offset, scale * high + offset);
        (a.min(b), a.max(b))
    }

    /// A value as it would be typed: with the digits that the band's type has.
    fn show(&self, value: f64) -> String {
        let short = value as f32;
        if f64::from(short) != value || value.fract() == 0.0 && value.abs() < ABSURD {
            return show_typed(value);
        }
        if value != 0.0 && !(1e-6..ABSURD).contains(&value.abs()) {
            format!("{short:e}")
        } else {
            short.to_string()
        }
    }

    /// Relief that no place has.
    fn of_relief(&self, low: f64, high: f64) -> Option<Diagnostic> {
        let metres = self.metres.filter(|_| self.is_earth)?;
        let (low_m, high_m) = (low * metres, high * metres);
        let may_be = low_m >= OF_EARTH_M.0 && high_m <= OF_EARTH_M.1 && self.extent_m > WIDE_M;
        if high_m - low_m <= MOST_RELIEF_M || may_be {
            return None;
        }
        let message = format!(
            "heights of {} range from {} to {}, more than anywhere on Earth: is there undeclared \
             NoData, or are heights in another unit?",
            self.path,
            short(low),
            short(high)
        );
        let hint = "use --input-nodata for values that mean NoData, or --z-factor to convert \
                    heights to the unit of the cells";
        Some(Diagnostic::new("heights.relief", message).hint(hint))
    }

    /// Says what is odd about the heights that a run met, unless the look said it before:
    /// the sample may have missed it.
    pub(crate) fn warn_of_range(&self, heights: Option<(f32, f32)>, observer: &dyn Observer) {
        let Some((low, high)) = heights else { return };
        if self.is_odd {
            return;
        }
        let (low, high) = (f64::from(low) + self.taken_off, f64::from(high) + self.taken_off);
        let (scale, offset) = self.scale_offset;
        let value = |height: f64| (height - offset) / scale;
        let far = (high - low) * self.metres.unwrap_or(1.0) > MOST_RELIEF_M;
        let odd = [low, high].into_iter().map(value).find(|v| is_usual(*v, &self.data_type));
        if let Some(odd) = odd.filter(|_| far) {
            let message = format!(
                "heights of {} range from {} to {}: is {} undeclared NoData?",
                self.path,
                short(low),
                short(high),
                self.show(odd)
            );
            observer.warn(self.hinted(message, &[odd]).path(&self.path));
        } else if let Some(diagnostic) = self.of_relief(low, high) {
            observer.warn(diagnostic.path(&self.path));
        }
    }

    /// What makes values missing.
    fn hinted(&self, message: String, values: &[f64]) -> Diagnostic {
        let shown = |values: &mut dyn Iterator<Item = &f64>| {
            values.map(|value| self.show(*value)).collect::<Vec<_>>().join(",")
        };
        let option = shown(&mut self.declared.iter().chain(values));
        // A file declares one value: another one would take its place.
        let for_good = match (&self.declared[..], values) {
            ([], [value]) => {
                format!("; {} declares it for good", self.source.declare_nodata(&self.show(*value)))
            }
            _ => String::new(),
        };
        let hint = format!("use --input-nodata {option} to treat these cells as missing{for_good}");
        Diagnostic::new("heights.nodata", message).hint(hint)
    }
}

/// Metres of a unit of the ground, where they are known, and whether it is the Earth's.
fn ground_metres(grid: &Grid) -> (Option<f64>, bool) {
    let is_earth = grid.ellipsoid().is_none_or(|body| body.is_earth());
    match &grid.unit {
        HorizontalUnit::Length { metres, .. } => (Some(*metres), is_earth),
        HorizontalUnit::Angle { .. } => (Some(1.0), is_earth),
        HorizontalUnit::Unknown => (None, is_earth),
    }
}

/// A height with as many digits as matter.
fn short(height: f64) -> String {
    if height.abs() >= ABSURD {
        return format!("{:e}", height as f32);
    }
    let text = format!("{height:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Whether programs write a value where there is none.
fn is_usual(value: f64, data_type: &str) -> bool {
    const USUAL: [f64; 12] = [
        -9999.0, 9999.0, -99_999.0, 99_999.0, -999_999.0, 999_999.0, -999.0, -32_768.0, -32_767.0,
        32_767.0, 65_535.0, -9998.0,
    ];
    let of_type: &[f64] = match data_type {
        "Byte" => &[255.0],
        "Int8" => &[-128.0, 127.0],
        _ => &[],
    };
    let same = |usual: &&f64| (value - **usual).abs() <= 1e-6 * usual.abs();
    value.abs() >= ABSURD || USUAL.iter().chain(of_type).any(|usual| same(&usual))
}

/// Values that stand apart from all others and look like NoData, each with the number of its
/// cells, and the smallest and largest of the others. NaN counts as none.
fn stand_apart(
    values: &[f64],
    info: &RasterInfo,
    metres: Option<f64>,
) -> (Vec<(f64, usize)>, Option<Range>) {
    let known = values.iter().filter(|value| !value.is_nan()).count();
    let is_apart = |value: f64, count: usize, (low, high): (f64, f64)| {
        // No others.
        if low > high {
            return value.abs() >= 999.0 && is_usual(value, &info.data_type);
        }
        let gap = (low - value).max(value - high);
        let is_absurd = metres.is_some_and(|metres| (value * metres).abs() > ABSURD_M);
        if value.abs() >= ABSURD {
            return gap > 0.5 * value.abs();
        }
        // A byte has no room for values far from the others: it has to be many cells.
        let is_few = info.data_type == "Byte" && 100 * count < known;
        gap > high - low && !is_few && (is_absurd || is_usual(value, &info.data_type))
    };
    let mut apart = Vec::new();
    let mut rest = (f64::NEG_INFINITY, f64::INFINITY);
    while let Some(ends) = Ends::within(values, rest) {
        rest = (ends.low, ends.high);
        let (without_low, without_high) = ((ends.above, ends.high), (ends.low, ends.below));
        if apart.len() == 8 {
            break;
        } else if is_apart(ends.low, ends.lows, without_low) {
            apart.push((ends.low, ends.lows));
            rest = without_low;
        } else if is_apart(ends.high, ends.highs, without_high) {
            apart.push((ends.high, ends.highs));
            rest = without_high;
        } else {
            break;
        }
        if rest.0 > rest.1 {
            break;
        }
    }
    apart.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    (apart, (rest.0 <= rest.1 && known > 0).then_some(rest))
}

/// Values that stand apart, to be told.
struct Apart<'a> {
    values: Vec<(f64, usize)>,
    /// The others, from and to, as stored.
    rest: Option<(f64, f64)>,
    sample: &'a Sample,
}

impl Apart<'_> {
    fn diagnostic(&self, scene: &Scene) -> Diagnostic {
        let cells = self.sample.values.len();
        let of_cells = |&(value, count): &(f64, usize)| {
            format!("{} of the cells have the value {}", share(count, cells), scene.show(value))
        };
        let values: Vec<f64> = self.values.iter().map(|(value, _)| *value).collect();
        let list = self.values.iter().map(of_cells).collect::<Vec<_>>().join(", ");
        let others = match self.rest {
            Some((low, high)) => {
                let (low, high) = scene.heights_of(low, high);
                match (short(low), short(high)) {
                    (low, high) if low == high => format!(", all other heights are {low}"),
                    (low, high) => format!(", all other heights are between {low} and {high}"),
                }
            }
            None => String::new(),
        };
        let of = if self.sample.whole { "" } else { "a sample of " };
        let message = format!("in {of}{}, {list}{others}: is this undeclared NoData?", scene.path);
        scene.hinted(message, &values)
    }
}

fn share(part: usize, whole: usize) -> String {
    show_share(part as u64, whole as u64)
}

/// Mean, and standard deviation.
fn moments(values: &[f64]) -> (f64, f64) {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / count;
    (mean, variance.sqrt())
}

/// What a raster is, where it is something else than heights.
fn no_heights(reader: &mut RasterReader, sample: &Sample) -> Option<Diagnostic> {
    let info = reader.info().clone();
    let path = &info.path;
    if let Some(measures) = &info.measures {
        let message =
            format!("{path} is a result of svf_compute ({measures}), not an elevation raster");
        return Some(
            Diagnostic::new("heights.result", message)
                .hint("use the raster that it was computed from"),
        );
    }
    let known: Vec<f64> = sample.values.iter().copied().filter(|v| !v.is_nan()).collect();
    let (low, high) = known
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &v| (low.min(v), high.max(v)));
    let name = info.description.to_lowercase();
    let is_called = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let is_measure = Measure::ALL.iter().any(|measure| measure.name() == name);
    let is_share = is_measure || is_called(&["svf", "sky view", "sky_view", "sky-view", "skyview"]);
    let is_angle = is_measure || is_called(&["openness"]);
    if low >= 0.0 && (is_share && high <= 1.0 || is_angle && high <= 180.0) {
        let message = format!(
            "band {} of {path} is called '{}' and has values from {} to {}: is it a result, not \
             heights?",
            info.band,
            info.description,
            short(low),
            short(high)
        );
        return Some(
            Diagnostic::new("heights.result", message)
                .hint("use the raster that it was computed from"),
        );
    }
    if let Some(diagnostic) = picture(reader, &info, sample) {
        return Some(diagnostic);
    }
    if is_called(&["hillshade", "hill shade", "shaded relief"])
        || is_hillshade(&info, &known, (low, high))
    {
        let message = format!(
            "{path} looks like a hillshade (values {} to {}), not like heights",
            short(low),
            short(high)
        );
        let hint = "use the raster that the hillshade was made from; if these are heights, \
                    ignore this warning";
        return Some(Diagnostic::new("heights.hillshade", message).hint(hint));
    }
    None
}

/// Grey values of a relief: all that a byte has but 0, which is NoData, from cell to cell
/// steeper than ground is.
fn is_hillshade(info: &RasterInfo, values: &[f64], (low, high): (f64, f64)) -> bool {
    let is_grey = info.data_type == "Byte"
        && info.band_count == 1
        && info.scale_offset == (1.0, 0.0)
        && info.nodata == Some(0.0);
    if !is_grey || low > 60.0 || high < 250.0 {
        return false;
    }
    let steps: f64 = values.windows(2).map(|pair| (pair[0] - pair[1]).abs()).sum();
    let step = steps / values.len() as f64;
    let (_, spread) = moments(values);
    let cell_m = info.grid.middle_cell().larger() * ground_metres(&info.grid).0.unwrap_or(1.0);
    step > 0.15 * spread && step > 0.3 * cell_m
}

/// A picture, or heights that are coded in its colours.
fn picture(reader: &mut RasterReader, info: &RasterInfo, sample: &Sample) -> Option<Diagnostic> {
    let bands = info.colours?;
    let is_named = info.colour.is_some();
    let coded = (info.data_type == "Byte").then(|| coding(reader, bands, sample)).flatten();
    let (path, band) = (&info.path, info.band);
    if let Some((name, formula)) = coded {
        let message = format!(
            "{path} looks like heights coded as colours ({name}): band {band} alone is not a \
             height"
        );
        let ([r, g, b], path) = (bands, info.source().file());
        let hint = format!(
            "decode the heights first: gdal_calc.py -A {path} --A_band={r} -B {path} \
             --B_band={g} -C {path} --C_band={b} --type=Float32 --calc=\"{formula}\" \
             --outfile=heights.tif"
        );
        return Some(Diagnostic::new("heights.picture", message).hint(hint));
    }
    let colour = info.colour.filter(|_| is_named)?;
    let message = format!("band {band} of {path} is the {colour} band of a picture, not heights");
    let hint = "use an elevation raster, or choose the band of heights with --band";
    Some(Diagnostic::new("heights.picture", message).hint(hint))
}

/// How heights are coded in red, green and blue, with the formula: the red hardly changes,
/// while green or blue go through all that they have.
fn coding(
    reader: &mut RasterReader,
    bands: [usize; 3],
    sample: &Sample,
) -> Option<(&'static str, &'static str)> {
    let mut colours: [Vec<f64>; 3] = [Vec::new(), Vec::new(), Vec::new()];
    for (values, band) in colours.iter_mut().zip(bands) {
        *values = reader.band_at(band, &sample.windows).ok()?;
    }
    let [red, green, blue] = &colours;
    // Black is where there is nothing.
    let kept: Vec<usize> = (0..red.len()).filter(|&i| red[i] + green[i] + blue[i] > 0.0).collect();
    let of = |values: &[f64]| kept.iter().map(|&i| values[i]).collect::<Vec<f64>>();
    let (red, green, blue) = (of(red), of(green), of(blue));
    if red.len() < 16 {
        return None;
    }
    let spread = |values: &[f64]| moments(values).1;
    let fine = spread(&green).max(spread(&blue));
    if fine < 16.0 || fine < 4.0 * spread(&red) {
        return None;
    }
    let most = |holds: &dyn Fn(f64) -> bool| {
        100 * red.iter().filter(|r| holds(**r)).count() >= 99 * red.len()
    };
    if most(&|r| (84.0..=163.0).contains(&r)) {
        // 256 m of the red: -11 to 9 km.
        Some(("Terrarium", "A*256.0+B+C/256.0-32768"))
    } else if most(&|r| r <= 2.0) {
        // 6.5 km of the red: -10 to 9.6 km.
        Some(("Terrain-RGB", "-10000+(A*65536.0+B*256.0+C)*0.1"))
    } else {
        None
    }
}

/// Looks at vegetation for heights that are not above ground.
fn examine_vegetation(
    said: Said<'_>,
    layer: &mut RasterReader,
    ground: &RasterInfo,
    sample: &Sample,
    observer: &dyn Observer,
) {
    let Ok(values) = layer.values_at(&sample.windows) else { return };
    let info = layer.info().clone();
    let (path, metres) = (&info.path, ground_metres(&ground.grid).0.unwrap_or(1.0) * said.z_factor);
    let (apart, rest) = stand_apart(&values, &info, Some(metres * info.scale_offset.0));
    let warn = |message: String, hint: String| {
        observer.warn(Diagnostic::new("canopy.heights", message).hint(hint).path(path));
    };
    if let Some((value, count)) = apart.first() {
        let scene = Scene::of(said, &info);
        let (share, value) = (share(*count, values.len()), scene.show(*value));
        let hint = format!(
            "{} declares it: NoData means no vegetation there \
             (--input-nodata is of the heights alone)",
            info.source().declare_nodata(&value)
        );
        let message = format!(
            "{share} of the cells of {path} have the value {value}, far from all others: is this \
             undeclared NoData?"
        );
        return warn(message, hint);
    }
    let above_sea = || {
        format!(
            "vegetation heights must be above ground; subtract the heights of the ground: \
             gdal_calc.py -A {} -B {} --type=Float32 --calc=\"(A>0)*(A-B)\" \
             --outfile=above_ground.tif",
            quoted(path),
            quoted(&ground.path)
        )
    };
    let of = |info: &RasterInfo, value: f64| info.scale_offset.0 * value + info.scale_offset.1;
    let Some((low, high)) = rest else { return };
    let (low, high) = (of(&info, low.min(high)), of(&info, high));
    if high * metres > TALLEST_M {
        let message = format!(
            "vegetation of {path} is up to {} high, higher than trees grow: are these heights \
             above sea level, or in another unit?",
            short(high)
        );
        return warn(message, above_sea());
    }
    if low < 0.0 {
        let message = format!(
            "vegetation of {path} has negative heights, down to {}: they count as no vegetation",
            short(low)
        );
        return warn(message, above_sea());
    }
    let pairs: Vec<(f64, f64)> = values
        .iter()
        .zip(&sample.values)
        .map(|(&top, &z)| (of(&info, top), of(ground, z)))
        .filter(|(top, z)| *top > 0.0 && !z.is_nan())
        .collect();
    if is_above_sea(&pairs, metres) {
        let message = format!(
            "nearly all vegetation heights of {path} are larger than the ground height below \
             them: are they heights above sea level?"
        );
        warn(message, above_sea());
    }
}

/// Whether tops (the first of each pair) follow the ground below them as heights above sea
/// level do.
fn is_above_sea(pairs: &[(f64, f64)], metres: f64) -> bool {
    let higher = pairs.iter().filter(|(top, z)| top >= z && *z > 0.0).count();
    if pairs.len() < 16 || 10 * higher < 9 * pairs.len() {
        return false;
    }
    let (tops, ground): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    let ((top, top_spread), (z, z_spread)) = (moments(&tops), moments(&ground));
    let product = pairs.iter().map(|(a, b)| (a - top) * (b - z)).sum::<f64>() / pairs.len() as f64;
    let follows = product / (top_spread * z_spread).max(1e-12);
    z * metres >= 40.0 || follows >= 0.8 && z_spread * metres >= 2.0
}
