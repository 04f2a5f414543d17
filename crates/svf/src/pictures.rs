//! Recognises rasters that do not contain heights: results of these tools, pictures, hillshades,
//! and heights that are coded as colours.

use std::collections::BTreeSet;

use svf_job::events::Diagnostic;
use svf_kernel::Measure;
use svf_raster::{RasterInfo, RasterReader, Sample};

use crate::numbers::moments;
use crate::scene::{ground_metres, short};

/// What a raster is, if it does not contain heights.
pub(crate) fn no_heights(reader: &mut RasterReader, sample: &Sample) -> Option<Diagnostic> {
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
    if let Some(kind) = derived(&info, &known, (low, high)) {
        let message = format!(
            "{path} looks like {kind} (by its name, and values from {} to {}), not like heights",
            short(low),
            short(high)
        );
        let hint = "use the raster that it was computed from; if these are heights, ignore this \
                    warning";
        return Some(Diagnostic::new("heights.derived", message).hint(hint));
    }
    None
}

/// Grey values of a relief: all values of a byte, with larger steps from cell to cell than ground
/// has.
fn is_hillshade(info: &RasterInfo, values: &[f64], (low, high): (f64, f64)) -> bool {
    let is_grey =
        info.data_type == "Byte" && info.band_count == 1 && info.scale_offset == (1.0, 0.0);
    if !is_grey || low > 60.0 || high < 250.0 {
        return false;
    }
    let cell_m = info.grid.middle_cell().larger() * ground_metres(&info.grid).0.unwrap_or(1.0);
    let shades: BTreeSet<u8> = values.iter().map(|value| *value as u8).collect();
    shades.len() > 64 && is_rough(values) && mean_step(values) > 0.3 * cell_m
}

/// Mean difference between neighbouring values.
fn mean_step(values: &[f64]) -> f64 {
    let steps: f64 = values.windows(2).map(|pair| (pair[0] - pair[1]).abs()).sum();
    steps / values.len().max(1) as f64
}

/// Whether values change from cell to cell by a large part of their spread, as slopes do and
/// heights do not.
fn is_rough(values: &[f64]) -> bool {
    mean_step(values) > 0.15 * moments(values).1
}

/// Recognises rasters that are derived from heights, by the name of the file or the band and by
/// their values.
fn derived(info: &RasterInfo, values: &[f64], (low, high): (f64, f64)) -> Option<&'static str> {
    const KINDS: [(&str, (f64, f64), &str); 7] = [
        ("slope", (0.0, 90.0), "slopes"),
        ("aspect", (0.0, 360.0), "aspects"),
        ("tri", (0.0, 1e4), "a ruggedness index"),
        ("roughness", (0.0, 1e4), "roughness"),
        ("tpi", (-1e4, 1e4), "a position index"),
        ("hillshade", (0.0, 255.0), "a hillshade"),
        ("curvature", (-1e4, 1e4), "curvatures"),
    ];
    let file = info.path.rsplit(['/', '\\']).next().unwrap_or_default();
    let called = format!("{} {file}", info.description).to_lowercase();
    let mut words = called.split(|c: char| !c.is_alphanumeric());
    let kind = |word| {
        let may_be = |(_, (from, to), _): &&(&str, (f64, f64), &str)| low >= *from && high <= *to;
        KINDS.iter().filter(|(name, ..)| *name == word).find(may_be)
    };
    words.find_map(kind).filter(|_| is_rough(values)).map(|(_, _, kind)| *kind)
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
        let diagnostic = Diagnostic::new("heights.picture", message).hint(hint);
        return Some(diagnostic.with("coding", name).with("formula", formula));
    }
    let colour = info.colour.filter(|_| is_named)?;
    let message = format!("band {band} of {path} is the {colour} band of a picture, not heights");
    let hint = "use an elevation raster, or choose the band of heights with --band";
    Some(Diagnostic::new("heights.picture", message).hint(hint).with("band", band))
}

/// How heights are coded in red, green and blue, with the formula: red hardly changes, while
/// green or blue take all of their values.
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
    // Black means no height.
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
        // Steps of 256 m in red: -11 to 9 km.
        Some(("Terrarium", "A*256.0+B+C/256.0-32768"))
    } else if most(&|r| r <= 2.0) {
        // Steps of 6.5 km in red: -10 to 9.6 km.
        Some(("Terrain-RGB", "-10000+(A*65536.0+B*256.0+C)*0.1"))
    } else {
        None
    }
}
