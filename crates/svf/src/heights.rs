//! Checks a sample of the heights before anything is computed, for values that are not heights:
//! values far from all others (undeclared NoData), relief that no place on Earth has, pictures,
//! results of these tools, and vegetation above sea level. Each causes one warning, and the run
//! continues.

use svf_job::doubts::apart::{
    NODATA_FAR_BELOW, Range, has_cliffs_above_sea, heights_apart, stand_apart,
};
use svf_job::events::Diagnostic;
use svf_job::planfile::Look;
use svf_kernel::tile::Window;
use svf_raster::info::MemberFile;
use svf_raster::{RasterInfo, RasterReader, Sample, Session};

use crate::derived::Values;
use crate::error::Error;
use crate::numbers::show_share;
use crate::observer::Observer;
use crate::pictures::picture;
use crate::place::{refuse_degrees, upside_down};
use crate::scene::{OF_SAMPLE, Said, Scene, of_what, short};
use crate::texture::{Mean, for_neighbours};
use crate::vegetation::{Vegetation, examine_trunks, examine_vegetation};

/// Size of the block cache during the check, as small as that of any plan, because what the check
/// reads is read again later.
const CACHE_BYTES: u64 = 16 << 20;

/// Checks a sample of heights and vegetation, warns about problems (and returns whether it warned
/// about the heights), and sets the offset that is subtracted from heights while they are read:
/// that of the plan that is continued, if there is one.
///
/// # Errors
/// Heights of a type that needs the check but cannot be read; coordinates that look like degrees
/// without a geographic CRS.
pub(crate) fn examine(
    session: &Session,
    said: Said<'_>,
    layers: &mut [RasterReader],
    planned_offset: Option<f64>,
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
        Err(_) if let Some(offset) = planned_offset => {
            heights.take_off(offset);
            return Ok(Look::default());
        }
        Err(error) => return Err(error.into()),
    };
    if !said.plain_units {
        let relief = || relief_of(said, heights.info(), &sample);
        refuse_degrees(heights.info(), relief)?;
    }
    match planned_offset {
        Some(offset) => heights.take_off(offset),
        None => heights.settle_offset(&sample),
    }
    let look = examine_heights(said, heights, &sample, observer);
    for (layer, of) in vegetation.iter_mut().zip([Vegetation::Tops, Vegetation::Trunks]) {
        examine_vegetation(said, (layer, of), heights.info(), &sample, observer);
    }
    match vegetation {
        [] => {}
        [canopy, more @ ..] => {
            examine_trunks(said, (canopy, more.first_mut()), &sample, observer);
        }
    }
    Ok(look)
}

/// The range of heights, in units of the ground, without values that are far from all others.
fn relief_of(said: Said<'_>, info: &RasterInfo, sample: &Sample) -> f64 {
    let scene = Scene::of(said, info);
    let values = sample.values.iter().copied();
    let (_, rest) =
        stand_apart(values, &info.data_type, scene.metres_of_value(), &NODATA_FAR_BELOW);
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
    let mut is_odd = false;
    let mut warn = |diagnostic: Option<Diagnostic>| {
        if let Some(diagnostic) = diagnostic {
            observer.warn(diagnostic.path(said.input));
            is_odd = true;
        }
    };
    let info = heights.info();
    let (sample, beyond) = without_too_large(info, sample);
    warn(beyond);
    warn(signed_bytes(info, &sample));
    warn(called_depth(info, &sample));
    if sample.whole && sample.values.iter().all(|value| value.is_nan()) {
        warn(Some(scene.without_heights()));
    }
    let values = sample.values.iter().copied();
    let has_cliffs = || {
        let sides = |window: &Window| {
            let [rows, cols] = [window.rows, window.cols].map(|n| usize::try_from(n).unwrap_or(0));
            (rows, cols)
        };
        has_cliffs_above_sea(sample.windows.iter().map(sides), |at| sample.values[at])
    };
    let (apart, rest) = heights_apart(values, &info.data_type, scene.metres_of_value(), has_cliffs);
    if !apart.is_empty() {
        warn(Some(of_apart(&scene, info, &apart, rest, &sample)));
    }
    if let Some((low, high)) = rest {
        let (low, high) = scene.heights_of(low, high);
        warn(scene.of_relief(low, high, !sample.whole));
    }
    Look { is_odd, range: rest }
}

/// The sample without values that are too large for a height, which are read as missing, and a
/// warning about them.
fn without_too_large(info: &RasterInfo, sample: &Sample) -> (Sample, Option<Diagnostic>) {
    let (scale, offset) = info.scale_offset;
    #[expect(clippy::cast_possible_truncation, reason = "heights are f32 by definition")]
    let is_too_large =
        |value: f64| !value.is_nan() && !((scale * value + offset) as f32).is_finite();
    let mut sample = sample.clone();
    let found = sample.values.iter().copied().filter(|value| is_too_large(*value));
    let (count, largest) = found.fold((0, 0.0), |(count, largest), value| {
        (count + 1, if value.abs() > f64::abs(largest) { value } else { largest })
    });
    if count == 0 {
        return (sample, None);
    }
    for value in sample.values.iter_mut().filter(|value| is_too_large(**value)) {
        *value = f64::NAN;
    }
    let of = if sample.whole { "" } else { OF_SAMPLE };
    let share = show_share(count, sample.values.len() as u64);
    let largest = format!("{largest:e}");
    let message = format!(
        "{share} of the cells of {of}{} have values that are too large for a height (up to \
         {largest}): they are treated as missing",
        info.path
    );
    let hint = "if this value means NoData, nothing needs to be done";
    let diagnostic = Diagnostic::new("heights.too_large", message).hint(hint);
    let of = of_what(!sample.whole);
    let diagnostic = diagnostic.with("share", share).with("largest", largest).with("of", of);
    (sample, Some(diagnostic))
}

/// Warns that values from 0 to 255 may be signed bytes whose sign was lost: such a band declares
/// a NoData value that it cannot have, or its values jump from 0 to 255.
fn signed_bytes(info: &RasterInfo, sample: &Sample) -> Option<Diagnostic> {
    let is_signed = |value: &f64| (-128.0..0.0).contains(value) && value.fract() == 0.0;
    let Some(nodata) = info.nodata.filter(is_signed) else { return wrapped_bytes(info, sample) };
    let known = || sample.values.iter().filter(|value| !value.is_nan());
    let is_byte = |value: &f64| (0.0..=255.0).contains(value) && value.fract() == 0.0;
    let is_negative = known().any(|value| *value > 127.0);
    // In a wider type, the value that NoData has become must be there, too.
    let has_nodata = info.data_type == "Byte" || known().any(|value| *value == nodata + 256.0);
    if !is_negative || !has_nodata || !known().all(is_byte) {
        return None;
    }
    let path = &info.path;
    let message = format!(
        "{path} declares the NoData value {nodata}, but its values are from 0 to 255: are these \
         signed bytes whose sign was lost?"
    );
    let hint = format!(
        "if so, 255 should be -1: restore the sign first: gdal_calc.py -A {} --type=Int16 \
         --NoDataValue={nodata} --calc=\"A-256.0*(A>127)\" --outfile=signed.tif",
        info.source().file()
    );
    Some(Diagnostic::new("heights.signed", message).hint(hint).with("value", nodata.to_string()))
}

/// The same, where nothing is declared: small whole numbers lie beside others just below 256, with
/// none between the two, as where signed heights cross 0.
fn wrapped_bytes(info: &RasterInfo, sample: &Sample) -> Option<Diagnostic> {
    const FEWEST_VALUES: usize = 4;
    const FEWEST_PAIRS: u64 = 16;
    let mut counts = [0_usize; 256];
    for &value in sample.values.iter().filter(|value| !value.is_nan()) {
        if !(0.0..=255.0).contains(&value) || value.fract() != 0.0 {
            return None;
        }
        #[expect(clippy::cast_sign_loss, clippy::cast_possible_truncation, reason = "0 to 255")]
        let at = value as usize;
        counts[at] += 1;
    }
    let low = counts[..128].iter().rposition(|count| *count > 0)?;
    let high = 128 + counts[128..].iter().position(|count| *count > 0)?;
    let of = |values: std::ops::Range<usize>| {
        let counts = &counts[values];
        (counts.iter().sum::<usize>(), counts.iter().filter(|count| **count > 0).count())
    };
    let ((below, lows), (above, highs)) = (of(0..128), of(128..256));
    let is_few = |count: usize| 100 * count < below + above;
    // As signed numbers, they are all closer to each other than the two groups are.
    if high - low <= 128 || lows.min(highs) < FEWEST_VALUES || is_few(below) || is_few(above) {
        return None;
    }
    // As signed heights, they change where the sign does as little as elsewhere.
    let signed = |value: f64| if value > 127.0 { value - 256.0 } else { value };
    let (mut across, mut within) = (Mean::default(), Mean::default());
    for_neighbours(sample, 1, |a, b| {
        let step = (signed(a) - signed(b)).abs();
        if (a > 127.0) != (b > 127.0) {
            across.add(step);
        } else if step > 0.0 {
            within.add(step);
        }
    });
    let has_both = counts[0] > 0 && counts[255] > 0;
    if !has_both || across.count < FEWEST_PAIRS || across.value() > 2.0 * within.value().max(1.0) {
        return None;
    }
    let path = &info.path;
    let message = format!(
        "values of {path} from 0 to {low} lie beside values from {high} to 255, with none in \
         between: are these signed bytes whose sign was lost?"
    );
    let hint = format!(
        "if so, 255 should be -1: restore the sign first: gdal_calc.py -A {} --type=Int16 \
         --calc=\"A-256.0*(A>127)\" --outfile=signed.tif",
        info.source().file()
    );
    let diagnostic = Diagnostic::new("heights.signed", message).hint(hint);
    Some(diagnostic.with("low", low.to_string()).with("high", high.to_string()))
}

/// Warns that values may be depths: by the name of the band only, which is no more than a guess.
fn called_depth(info: &RasterInfo, sample: &Sample) -> Option<Diagnostic> {
    let name = info.called_depth.as_ref()?;
    let (scale, offset) = info.scale_offset;
    let known = || sample.values.iter().filter(|value| !value.is_nan());
    let positive = known().filter(|value| scale * **value + offset > 0.0).count();
    // Values below 0 are heights already.
    if 2 * positive <= known().count() {
        return None;
    }
    let message = format!(
        "band {} of {} is called '{name}': are its values depths? They are used as heights",
        info.band, info.path
    );
    let diagnostic = Diagnostic::new("heights.depths", message).hint(upside_down(info, -1.0));
    Some(diagnostic.with("band", info.band).with("name", name.clone()))
}

/// What a raster is, if it does not contain heights.
fn no_heights(reader: &mut RasterReader, sample: &Sample) -> Option<Diagnostic> {
    let info = reader.info().clone();
    let values = Values::of(&info, sample);
    let result = values.result();
    result.or_else(|| picture(reader, &info, sample)).or_else(|| values.computed())
}

/// The files of a collection that have cells with one of the values.
fn holders<'a>(parts: &'a [MemberFile], sample: &Sample, values: &[f64]) -> Vec<&'a MemberFile> {
    let mut found = vec![false; parts.len()];
    let mut rest = &sample.values[..];
    for window in &sample.windows {
        let of_window = usize::try_from(window.cells()).map_or(rest.len(), |n| n.min(rest.len()));
        let (cells, others) = rest.split_at(of_window);
        rest = others;
        for (i, part) in
            parts.iter().enumerate().filter(|(_, part)| part.window.meet(window).is_some())
        {
            found[i] = found[i]
                || cells.iter().zip(0_u64..).any(|(value, at)| {
                    let (row, col) = (window.row + at / window.cols, window.col + at % window.cols);
                    values.contains(value)
                        && part.window.contains(&Window { row, col, rows: 1, cols: 1 })
                });
        }
    }
    parts.iter().zip(found).filter_map(|(part, found)| found.then_some(part)).collect()
}

/// Warns that values that are far from the `rest` may be undeclared NoData.
fn of_apart(
    scene: &Scene,
    info: &RasterInfo,
    apart: &[(f64, usize)],
    rest: Option<Range>,
    sample: &Sample,
) -> Diagnostic {
    let cells = sample.values.len() as u64;
    let share = |count: usize| show_share(count as u64, cells);
    let values: Vec<f64> = apart.iter().map(|(value, _)| *value).collect();
    let mut odd = holders(&info.parts, sample, &values);
    if odd.len() == info.parts.len() {
        odd.clear();
    }
    let in_files = match odd[..] {
        [] => String::new(),
        [one] => {
            format!(" ({} in {})", if apart.len() > 1 { "these are" } else { "all" }, one.path)
        }
        [first, ref more @ ..] => format!(" (in {} and {} more)", first.path, more.len()),
    };
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
    let message = format!("in {of}{shown}, {list}{in_files}{said}: is this undeclared NoData?");
    let diagnostic = scene.hinted(message, &values, &odd).with("of", of_what(!sample.whole));
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
