//! Recognises pictures, and heights that are coded as colours.

use svf_job::events::Diagnostic;
use svf_raster::{RasterInfo, RasterReader, Sample};

use crate::numbers::moments;

/// A picture, or heights that are coded in its colours.
pub(crate) fn picture(
    reader: &mut RasterReader,
    info: &RasterInfo,
    sample: &Sample,
) -> Option<Diagnostic> {
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
