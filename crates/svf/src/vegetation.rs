//! Whether vegetation is given as its height above the ground.

use svf_raster::mend::quoted;
use svf_raster::{RasterInfo, RasterReader, Sample};

use svf_job::events::Diagnostic;

use crate::apart::stand_apart;
use crate::numbers::{moments, show_share};
use crate::observer::Observer;
use crate::scene::{Said, Scene, ground_metres, short};

/// Trees are lower than this, metres.
const TALLEST_M: f64 = 120.0;

/// Checks vegetation for heights that are not above ground.
pub(crate) fn examine_vegetation(
    said: Said<'_>,
    layer: &mut RasterReader,
    ground: &RasterInfo,
    sample: &Sample,
    observer: &dyn Observer,
) {
    let Ok(values) = layer.values_at(&sample.windows) else { return };
    let info = layer.info().clone();
    let (path, metres) = (&info.path, ground_metres(&ground.grid).0.unwrap_or(1.0) * said.z_factor);
    let (apart, rest) = stand_apart(&values, &info, Some(metres * info.scale_offset.0), &[]);
    let of_heights = |message: String, hint: String| {
        Diagnostic::new("canopy.heights", message).hint(hint).path(path)
    };
    if let Some((value, count)) = apart.first() {
        let scene = Scene::of(said, &info);
        let (share, value) = (show_share(*count as u64, values.len() as u64), scene.show(*value));
        let hint = format!(
            "to declare it in the file: {}; NoData then means no vegetation there \
             (--input-nodata only applies to INPUT)",
            info.source().declare_nodata(&value)
        );
        let message = format!(
            "{share} of the cells of {path} have the value {value}, far from all others: is this \
             undeclared NoData?"
        );
        let diagnostic = Diagnostic::new("canopy.heights", message).hint(hint).path(path);
        return observer.warn(diagnostic.with("share", share).with("value", value));
    }
    let above_sea = || {
        format!(
            "vegetation heights must be above ground; subtract the heights of the ground: \
             gdal_calc.py -A {} -B {} --type=Float32 --calc=\"(A!=0)*(A-B)\" \
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
        return observer.warn(of_heights(message, above_sea()).with("high", short(high)));
    }
    let pairs = |is_top: fn(f64) -> bool| -> Vec<(f64, f64)> {
        let pairs = values.iter().zip(&sample.values);
        let pairs = pairs.map(|(&top, &z)| (of(&info, top), of(ground, z)));
        pairs.filter(|(top, z)| is_top(*top) && !z.is_nan()).collect()
    };
    if low < 0.0 {
        let message = format!(
            "vegetation of {path} has negative heights, down to {}: they count as no vegetation",
            short(low)
        );
        let tops = pairs(|top| top < 0.0);
        let over = tops.iter().filter(|(top, z)| top > z).count();
        // Trees on ground below the sea can have negative heights above it.
        let hint = if high > 0.0 || 10 * over >= 9 * tops.len() {
            above_sea()
        } else {
            format!(
                "vegetation heights must be positive numbers; if only the sign is wrong, change \
                 it: gdal_calc.py -A {} --type=Float32 --calc=\"-A\" --outfile=above_ground.tif",
                quoted(path)
            )
        };
        return observer.warn(of_heights(message, hint).with("low", short(low)));
    }
    if is_above_sea(&pairs(|top| top > 0.0), metres) {
        let message = format!(
            "nearly all vegetation heights of {path} are larger than the ground height below \
             them: are they heights above sea level?"
        );
        observer.warn(of_heights(message, above_sea()));
    }
}

/// Whether tops (the first of each pair) follow the ground below them, as heights above sea level
/// do.
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
