//! Recognises pictures, and heights that are coded as colours.

use svf_job::events::Diagnostic;
use svf_raster::{RasterInfo, RasterReader, Sample};

use crate::numbers::{correlation, moments};
use crate::texture::Texture;

/// A picture, or heights that are coded in its colours.
pub(crate) fn picture(
    reader: &mut RasterReader,
    info: &RasterInfo,
    sample: &Sample,
) -> Option<Diagnostic> {
    let bands = info.colours?;
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
    let (message, count) = match info.colour {
        Some(colour) => {
            (format!("band {band} of {path} is the {colour} band of a picture, not heights"), None)
        }
        None if looks_coloured(reader, info, bands, sample) => {
            let count = info.band_count;
            let message = format!(
                "{path} looks like a picture: its {count} bands show the same in other colours"
            );
            (message, Some(count))
        }
        None => return None,
    };
    let hint = "use an elevation raster, or choose the band of heights with --band";
    let diagnostic = Diagnostic::new("heights.picture", message).hint(hint).with("band", band);
    Some(match count {
        Some(count) => diagnostic.with("bands", count),
        None => diagnostic,
    })
}

/// Whether bands without names are the colours of a picture: they are alike, and bytes. Of 16
/// bits, they also change from cell to cell more than heights do, or are no heights on Earth.
fn looks_coloured(
    reader: &mut RasterReader,
    info: &RasterInfo,
    bands: [usize; 3],
    sample: &Sample,
) -> bool {
    const ALIKE: f64 = 0.7;
    const NO_HEIGHT: f64 = 10_000.0;
    let has_name = !info.description.is_empty() && !info.description.ends_with(char::is_numeric);
    let is_byte = info.data_type == "Byte";
    if has_name || info.scale_offset != (1.0, 0.0) || !is_byte && info.data_type != "UInt16" {
        return false;
    }
    let read = bands.map(|band| reader.band_at(band, &sample.windows));
    let [Ok(red), Ok(green), Ok(blue)] = read else { return false };
    // The lowest, the mean and the highest height of a cell are alike, too. In a picture, not all of
    // one colour is lighter than another one.
    let in_order = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| a <= b);
    let is_stack = in_order(&red, &green) && in_order(&green, &blue)
        || in_order(&blue, &green) && in_order(&green, &red);
    let alike = correlation(&red, &green).max(correlation(&green, &blue)) >= ALIKE;
    alike
        && (is_byte && !is_stack
            || red.iter().any(|value| *value > NO_HEIGHT && *value < 65_535.0)
            || {
                let colour = Sample { values: red, ..sample.clone() };
                Texture::of(&colour, |_| true).is_rough()
            })
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
