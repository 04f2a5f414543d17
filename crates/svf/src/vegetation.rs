//! Whether vegetation is given as its height above the ground.

use svf_raster::mend::quoted;
use svf_raster::{RasterInfo, RasterReader, Sample};

use svf_job::doubts::apart::stand_apart;
use svf_job::doubts::limits::TALLEST_TREE_M;
use svf_job::events::Diagnostic;

use crate::numbers::{correlation, moments, show_number, show_share};
use crate::observer::Observer;
use crate::pictures::picture;
use crate::scene::{Said, Scene, ground_metres, short};

/// A crown is higher than this share of the height of its top.
const LEAST_CROWN: f64 = 1e-5;

/// Which heights of vegetation a raster has.
#[derive(Clone, Copy)]
pub(crate) enum Vegetation {
    /// The tops of crowns.
    Tops,
    /// Where crowns begin.
    Trunks,
}

/// Checks vegetation for heights that are not above ground.
pub(crate) fn examine_vegetation(
    said: Said<'_>,
    (layer, of_layer): (&mut RasterReader, Vegetation),
    ground: &RasterInfo,
    sample: &Sample,
    observer: &dyn Observer,
) {
    let Ok(values) = layer.values_at(&sample.windows) else { return };
    let info = layer.info().clone();
    let (path, metres) = (&info.path, ground_metres(&ground.grid).0.unwrap_or(1.0) * said.z_factor);
    if let Some(picture) = picture(layer, &info, sample) {
        let hint = "vegetation must be a raster of heights above ground";
        // A picture has no heights that are worth a warning.
        return observer.warn(Diagnostic { hint: None, ..picture }.hint(hint).path(path));
    }
    let of_value = Some(metres * info.scale_offset.0);
    let (apart, rest) = stand_apart(values.iter().copied(), &info.data_type, of_value, &[]);
    if let Some((value, count)) = apart.first() {
        let scene = Scene::of(said, &info);
        let share = show_share(*count as u64, values.len() as u64);
        return observer.warn(undeclared(&info, share, scene.show(*value)));
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
    let pairs = |is_top: fn(f64) -> bool| -> Vec<(f64, f64)> {
        let pairs = values.iter().zip(&sample.values);
        let pairs = pairs.map(|(&top, &z)| (of(&info, top), of(ground, z)));
        pairs.filter(|(top, z)| is_top(*top) && !z.is_nan()).collect()
    };
    if high * metres > TALLEST_TREE_M {
        let hint = match other_unit(high * metres, &pairs(|top| top > 0.0), metres) {
            None => above_sea(),
            Some((factor, unit)) => format!(
                "if they are in {unit}, convert them to metres first: gdal_calc.py -A {} \
                 --type=Float32 --calc=\"A*{factor}\" --outfile=above_ground.tif",
                quoted(path)
            ),
        };
        let high = short(high);
        let message = format!(
            "vegetation of {path} is up to {high} high, higher than trees grow: are these heights \
             above sea level, or in another unit?"
        );
        return observer.warn(of_heights(path, message, hint).with("high", high));
    }
    let negative = Negative::of(low * metres, &pairs(|_| true));
    if low < 0.0 && negative != Negative::Noise {
        let hint = match negative {
            Negative::OnGround => above_sea(),
            Negative::All => format!(
                "vegetation heights must be positive numbers; if only the sign is wrong, change \
                 it: gdal_calc.py -A {} --type=Float32 --calc=\"-A\" --outfile=above_ground.tif",
                quoted(path)
            ),
            _ => "if these are measurement errors, nothing needs to be done".to_owned(),
        };
        let low = short(low);
        let means = match of_layer {
            Vegetation::Tops => "they count as no vegetation",
            Vegetation::Trunks => "crowns begin on the ground there",
        };
        let message = format!("vegetation of {path} has negative heights, down to {low}: {means}");
        return observer.warn(of_heights(path, message, hint).with("low", low));
    }
    if is_above_sea(&pairs(|top| top > 0.0), metres) {
        let message = format!(
            "nearly all vegetation heights of {path} are larger than the ground height below \
             them: are they heights above sea level?"
        );
        observer.warn(of_heights(path, message, above_sea()));
    }
}

/// What negative heights of vegetation are.
#[derive(PartialEq)]
enum Negative {
    /// The difference of two surveys, where nothing grows.
    Noise,
    /// Tops above ground below the sea.
    OnGround,
    /// All of the vegetation.
    All,
    /// Anything else.
    Some,
}

impl Negative {
    /// For heights down to `low_m` metres, of pairs of top and ground.
    fn of(low_m: f64, pairs: &[(f64, f64)]) -> Self {
        const NOISE_M: f64 = 0.5;
        let below = pairs.iter().filter(|(top, _)| *top < 0.0);
        let (count, crowns) =
            (below.clone().count(), pairs.iter().filter(|(top, _)| *top > 0.0).count());
        let over = below.filter(|(top, z)| top > z).count();
        if low_m >= -NOISE_M && crowns > 0 {
            Self::Noise
        } else if 20 * count > crowns && 10 * over >= 9 * count {
            Self::OnGround
        } else if crowns == 0 {
            Self::All
        } else {
            Self::Some
        }
    }
}

fn of_heights(path: &str, message: String, hint: String) -> Diagnostic {
    Diagnostic::new("canopy.heights", message).hint(hint).path(path)
}

/// A value far from all others, which may be NoData.
fn undeclared(info: &RasterInfo, share: String, value: String) -> Diagnostic {
    let path = &info.path;
    let hint = format!(
        "to declare it in the file: {}; NoData then means no vegetation there (--input-nodata only \
         applies to INPUT)",
        info.source().declare_nodata(&value)
    );
    let message = format!(
        "{share} of the cells of {path} have the value {value}, far from all others: is this \
         undeclared NoData?"
    );
    of_heights(path, message, hint).with("share", share).with("value", value)
}

/// Whether tops (the first of each pair) follow the ground below them, as heights above sea level
/// do.
fn is_above_sea(pairs: &[(f64, f64)], metres: f64) -> bool {
    let higher = pairs.iter().filter(|(top, z)| top >= z && *z > 0.0).count();
    if pairs.len() < 16 || 10 * higher < 9 * pairs.len() {
        return false;
    }
    let (tops, ground): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    let (z, z_spread) = moments(&ground);
    z * metres >= 40.0 || correlation(&tops, &ground) >= 0.8 && z_spread * metres >= 2.0
}

/// The factor to metres that makes tops trees, if they are no trees above ground at sea level.
fn other_unit(high_m: f64, pairs: &[(f64, f64)], metres: f64) -> Option<(f64, &'static str)> {
    let is_tree = |(top, z): &&(f64, f64)| (-5.0..=TALLEST_TREE_M).contains(&((top - z) * metres));
    if pairs.is_empty() || 10 * pairs.iter().filter(is_tree).count() >= 9 * pairs.len() {
        return None;
    }
    let units = [(0.1, "dm"), (0.01, "cm"), (0.001, "mm")];
    units.into_iter().find(|(factor, _)| high_m * factor <= TALLEST_TREE_M)
}

/// Warns of crowns that are nowhere, because they begin at or above their tops.
pub(crate) fn examine_trunks(
    said: Said<'_>,
    (canopy, trunk): (&mut RasterReader, Option<&mut RasterReader>),
    sample: &Sample,
    observer: &dyn Observer,
) {
    let Some(trunk) = trunk else {
        if said.trunk_ratio > 1.0 - LEAST_CROWN {
            let message = format!(
                "--trunk-ratio {} leaves no crowns: they begin at their tops",
                show_number(said.trunk_ratio)
            );
            let hint = "the ratio is the height of the lower edge of a crown divided by the height \
                        of its top, usually 0.25";
            let diagnostic = Diagnostic::new("canopy.trunk", message).hint(hint);
            observer.warn(diagnostic.with("ratio", said.trunk_ratio.to_string()));
        }
        return;
    };
    let (Ok(tops), Ok(bottoms)) =
        (canopy.values_at(&sample.windows), trunk.values_at(&sample.windows))
    else {
        return;
    };
    let of = |info: &RasterInfo, value: f64| info.scale_offset.0 * value + info.scale_offset.1;
    let (of_tops, of_bottoms) = (canopy.info(), trunk.info());
    let pairs = tops.iter().zip(&bottoms);
    let pairs: Vec<(f64, f64)> = pairs
        .map(|(&top, &bottom)| (of(of_tops, top), of(of_bottoms, bottom).max(0.0)))
        .filter(|(top, _)| *top > 0.0)
        .collect();
    let has_no_crown = |(top, bottom): &&(f64, f64)| top - bottom <= LEAST_CROWN * top;
    let bare = pairs.iter().filter(has_no_crown).count();
    if bare == 0 || 100 * bare < 95 * pairs.len() {
        return;
    }
    let share = show_share(bare as u64, pairs.len() as u64);
    let (canopy, trunk) = (&of_tops.path, &of_bottoms.path);
    let message = format!(
        "{trunk} (--trunk) is at or above {canopy} (--canopy) in {share} of the cells with \
         vegetation: there are no crowns there"
    );
    // Of the same trees, the other way round.
    let is_swapped = pairs.iter().any(|(top, bottom)| top < bottom);
    let hint = match is_swapped {
        true => format!(
            "are the two files swapped? --canopy {} --trunk {}",
            quoted(trunk),
            quoted(canopy)
        ),
        false => "--trunk has the heights above ground of the lower edges of crowns".to_owned(),
    };
    let diagnostic = Diagnostic::new("canopy.trunk", message).hint(hint).path(trunk);
    observer.warn(diagnostic.with("share", share).with("canopy", canopy.clone()));
}
