//! Checks a sample of the heights before anything is computed, for values that are not heights:
//! values far from all others (undeclared NoData), relief that no place on Earth has, pictures,
//! results of these tools, and vegetation above sea level. Each causes one warning, and the run
//! continues.

use svf_job::events::Diagnostic;
use svf_raster::{RasterInfo, RasterReader, Sample, Session};

use crate::apart::{NODATA_FAR_BELOW, Range, stand_apart};
use crate::derived::Values;
use crate::error::Error;
use crate::numbers::show_share;
use crate::observer::Observer;
use crate::pictures::picture;
use crate::place::refuse_degrees;
use crate::scene::{Look, OF_SAMPLE, Said, Scene, of_what, short};
use crate::vegetation::examine_vegetation;

/// Size of the block cache during the check, as small as that of any plan, because what the check
/// reads is read again later.
const CACHE_BYTES: u64 = 16 << 20;

/// Checks a sample of heights and vegetation, warns about problems (and returns whether it warned
/// about the heights), and sets the offset that is subtracted from heights while they are read.
///
/// # Errors
/// Heights of a type that needs the check but cannot be read; coordinates that look like degrees
/// without a geographic CRS.
pub(crate) fn examine(
    session: &Session,
    said: Said<'_>,
    layers: &mut [RasterReader],
    observer: &dyn Observer,
) -> Result<Look, Error> {
    let Some((heights, vegetation)) = layers.split_first_mut() else {
        return Ok(Look::default());
    };
    session.set_cache_bytes(CACHE_BYTES);
    let sample = match heights.sample() {
        Ok(sample) => sample,
        // What cannot be read may be outside the requested part.
        Err(_) if !heights.may_need_offset() => return Ok(Look::default()),
        Err(error) => return Err(error.into()),
    };
    if !said.plain_units {
        let relief = || relief_of(said, heights.info(), &sample);
        refuse_degrees(heights.info(), relief)?;
    }
    heights.settle_offset(&sample);
    let look = examine_heights(said, heights, &sample, observer);
    for layer in vegetation {
        examine_vegetation(said, layer, heights.info(), &sample, observer);
    }
    Ok(look)
}

/// The range of heights, in units of the ground, without values that are far from all others.
fn relief_of(said: Said<'_>, info: &RasterInfo, sample: &Sample) -> f64 {
    let scene = Scene::of(said, info);
    let (_, rest) = stand_apart(&sample.values, info, scene.metres_of_value(), &NODATA_FAR_BELOW);
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
) -> Look {
    let scene = Scene::of(said, heights.info());
    if let Some(nodata) = said.nodata {
        let types = heights.info().data_type.clone();
        let counted = nodata.0.iter().filter(|value| value.is_finite()).count();
        if heights.nodata_values().len() < counted {
            let message = format!(
                "{} has type {types}, which cannot store all values of --input-nodata {nodata}",
                said.input
            );
            let diagnostic = Diagnostic::new("heights.nodata_type", message).path(said.input);
            observer.warn(diagnostic.with("values", nodata.to_string()).with("type", types));
        }
    }
    if let Some(diagnostic) = no_heights(heights, sample) {
        observer.warn(diagnostic.path(said.input));
        return Look { is_odd: true, range: None };
    }
    let (apart, rest) =
        stand_apart(&sample.values, heights.info(), scene.metres_of_value(), &NODATA_FAR_BELOW);
    let mut is_odd = false;
    if !apart.is_empty() {
        observer.warn(of_apart(&scene, &apart, rest, sample).path(said.input));
        is_odd = true;
    }
    if let Some((low, high)) = rest {
        let (low, high) = scene.heights_of(low, high);
        if let Some(diagnostic) = scene.of_relief(low, high, !sample.whole) {
            observer.warn(diagnostic.path(said.input));
            is_odd = true;
        }
    }
    Look { is_odd, range: rest }
}

/// What a raster is, if it does not contain heights.
fn no_heights(reader: &mut RasterReader, sample: &Sample) -> Option<Diagnostic> {
    let info = reader.info().clone();
    let values = Values::of(&info, sample);
    let result = values.result();
    result.or_else(|| picture(reader, &info, sample)).or_else(|| values.computed())
}

/// Warns that values that are far from the `rest` may be undeclared NoData.
fn of_apart(
    scene: &Scene,
    apart: &[(f64, usize)],
    rest: Option<Range>,
    sample: &Sample,
) -> Diagnostic {
    let cells = sample.values.len() as u64;
    let share = |count: usize| show_share(count as u64, cells);
    let of_cells = |&(value, count): &(f64, usize)| {
        format!("{} of the cells have the value {}", share(count), scene.show(value))
    };
    let list = apart.iter().map(of_cells).collect::<Vec<_>>().join(", ");
    let others = rest.map(|(low, high)| {
        let (low, high) = scene.heights_of(low, high);
        (short(low), short(high))
    });
    let said = match &others {
        Some((low, high)) if low == high => format!("; all other heights are {low}"),
        Some((low, high)) => format!("; all other heights are between {low} and {high}"),
        None => String::new(),
    };
    let of = if sample.whole { "" } else { OF_SAMPLE };
    let shown = scene.path();
    let message = format!("in {of}{shown}, {list}{said}: is this undeclared NoData?");
    let values: Vec<f64> = apart.iter().map(|(value, _)| *value).collect();
    let diagnostic = scene.hinted(message, &values).with("of", of_what(!sample.whole));
    let diagnostic = match others {
        Some((low, high)) => diagnostic.with("low", low).with("high", high),
        None => diagnostic,
    };
    match apart {
        [(value, count)] => {
            diagnostic.with("share", share(*count)).with("value", scene.show(*value))
        }
        _ => diagnostic,
    }
}
