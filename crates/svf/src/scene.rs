//! What must be known about a raster to judge its heights, and the check of their range.

use svf_job::doubts::apart::{ABSURD, NODATA_FAR_BELOW, Range, is_far_below, is_usual};
use svf_job::doubts::limits::{MOST_RELIEF_M, is_beyond_earth};
use svf_job::events::Diagnostic;
use svf_job::planfile::Look;
use svf_raster::collection::nodata_of;
use svf_raster::crs::HorizontalUnit;
use svf_raster::info::MemberFile;
use svf_raster::mend::Source;
use svf_raster::{Grid, RasterInfo};

use crate::numbers::show_typed;
use crate::observer::Observer;
use crate::request::{InputNoData, Sky};

/// What the user said about the heights.
#[derive(Clone, Copy)]
pub(crate) struct Said<'a> {
    /// Path of the raster.
    pub(crate) input: &'a str,
    /// Values that mean NoData, instead of those that the file declares.
    pub(crate) nodata: Option<&'a InputNoData>,
    /// Factor that converts heights to the unit of the ground.
    pub(crate) z_factor: f64,
    /// Coordinates that look like degrees are not degrees.
    pub(crate) plain_units: bool,
    /// Where crowns begin, as a share of the height of their tops.
    pub(crate) trunk_ratio: f64,
}

impl<'a> Said<'a> {
    pub(crate) fn of(input: &'a str, sky: &'a Sky) -> Self {
        Self {
            input,
            nodata: sky.input_nodata.as_ref(),
            z_factor: sky.z_factor,
            plain_units: sky.plain_units,
            trunk_ratio: sky.trunk_ratio,
        }
    }
}

/// What must be known about a raster to judge a height.
#[derive(Clone)]
pub(crate) struct Scene {
    path: String,
    data_type: String,
    /// Values that now mean NoData.
    declared: Vec<f64>,
    scale_offset: (f64, f64),
    /// The offset that is subtracted from heights while they are read.
    taken_off: f64,
    /// Metres per unit of height, if it is known.
    metres: Option<f64>,
    /// From corner to corner.
    extent_m: f64,
    is_earth: bool,
    /// The result of the check before the run.
    look: Look,
    /// For the commands of hints.
    source: Source,
}

impl Scene {
    pub(crate) fn of(said: Said<'_>, info: &RasterInfo) -> Self {
        let mut declared = match said.nodata {
            Some(InputNoData(values)) => values.clone(),
            None if info.parts.is_empty() => info.nodata.into_iter().collect(),
            None => nodata_of(&info.parts),
        };
        // Values that no cell can have, and those that are missing anyway, need no option.
        declared.retain(|value: &f64| value.is_finite() && info.can_hold(*value));
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
            look: Look::default(),
            source: info.source(),
        }
    }

    /// The same, after the check before the run.
    pub(crate) fn after(self, look: Look) -> Self {
        Self { look, ..self }
    }

    /// The result of the check of a sample of the heights.
    pub(crate) fn look(&self) -> Look {
        self.look
    }

    /// Path of the raster.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn metres_of_value(&self) -> Option<f64> {
        self.metres.map(|metres| metres * self.scale_offset.0)
    }

    pub(crate) fn heights_of(&self, low: f64, high: f64) -> (f64, f64) {
        let (scale, offset) = self.scale_offset;
        let (a, b) = (scale * low + offset, scale * high + offset);
        (a.min(b), a.max(b))
    }

    /// A value as a user would type it, with the digits of the type of the band.
    pub(crate) fn show(&self, value: f64) -> String {
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

    /// Relief that no place on Earth has. `sampled`: these are heights of a sample.
    pub(crate) fn of_relief(&self, low: f64, high: f64, sampled: bool) -> Option<Diagnostic> {
        let metres = self.metres.filter(|_| self.is_earth)?;
        if !is_beyond_earth((low * metres, high * metres), self.extent_m) {
            return None;
        }
        let of = if sampled { OF_SAMPLE } else { "" };
        let (path, low, high) = (&self.path, short(low), short(high));
        let message = format!(
            "heights of {of}{path} range from {low} to {high}, more than anywhere on Earth: is \
             there undeclared NoData, or are heights in another unit?"
        );
        let hint = "use --input-nodata for values that mean NoData, or --z-factor to convert \
                    heights to the unit of the cells";
        let diagnostic = Diagnostic::new("heights.relief", message).hint(hint);
        Some(diagnostic.with("low", low).with("high", high).with("of", of_what(sampled)))
    }

    /// Warns about the heights that a run found, unless the check before the run already did: the
    /// sample can have missed them.
    pub(crate) fn warn_of_range(&self, heights: Option<(f32, f32)>, observer: &dyn Observer) {
        let Some((low, high)) = heights else { return };
        if self.look.is_odd {
            return;
        }
        let (low, high) = (f64::from(low) + self.taken_off, f64::from(high) + self.taken_off);
        let (scale, offset) = self.scale_offset;
        let value = |height: f64| (height - offset) / scale;
        let far = (high - low) * self.metres.unwrap_or(1.0) > MOST_RELIEF_M;
        let odd = [low, high].into_iter().map(value).find(|v| is_usual(*v, &self.data_type));
        // Below all of the sample by more than it spans: no coast that the sample missed.
        let below = Some(value(low)).filter(|&low| {
            let is_below = |(from, to): Range| {
                is_far_below(low, (from, to), self.metres_of_value()) && from - low > to - from
            };
            NODATA_FAR_BELOW.contains(&low) && self.look.range.is_some_and(is_below)
        });
        if let Some(odd) = odd.filter(|_| far).or(below) {
            let message = format!(
                "heights of {} range from {} to {}: is {} undeclared NoData?",
                self.path,
                short(low),
                short(high),
                self.show(odd)
            );
            let diagnostic = self.hinted(message, &[odd], &[]).with("value", self.show(odd));
            let diagnostic = diagnostic.with("low", short(low)).with("high", short(high));
            observer.warn(diagnostic.with("of", of_what(false)).path(&self.path));
        } else if let Some(diagnostic) = self.of_relief(low, high, false) {
            observer.warn(diagnostic.path(&self.path));
        }
    }

    /// No cell has a height.
    pub(crate) fn without_heights(&self) -> Diagnostic {
        let message =
            format!("no cell of {} has a height: the result has NoData in every cell", self.path);
        let hint = "check the band (-b) and the NoData value (--input-nodata none: no value means \
                    NoData)";
        Diagnostic::new("heights.none", message).hint(hint).path(&self.path)
    }

    /// Warns of a run that found no height, unless the check before the run already did.
    /// `receivers`: how many cells it looked at, if not all.
    pub(crate) fn warn_of_nothing(
        &self,
        heights: Option<(f32, f32)>,
        receivers: Option<u64>,
        observer: &dyn Observer,
    ) {
        if heights.is_some() || self.look.is_odd {
            return;
        }
        match receivers {
            None => observer.warn(self.without_heights()),
            Some(0) => {}
            Some(_) => {
                let path = &self.path;
                let message = format!(
                    "no receiver has a height in {path}: the result has NoData in every cell"
                );
                let hint = "are the receivers of --receivers where the heights are NoData?";
                observer.warn(Diagnostic::new("receivers.none", message).hint(hint).path(path));
            }
        }
    }

    /// The option or command that makes values missing. `odd`: the files that have them, of many.
    pub(crate) fn hinted(
        &self,
        message: String,
        values: &[f64],
        odd: &[&MemberFile],
    ) -> Diagnostic {
        let shown = |values: &mut dyn Iterator<Item = &f64>| {
            values.map(|value| self.show(*value)).collect::<Vec<_>>().join(",")
        };
        let option = shown(&mut self.declared.iter().chain(values));
        // A file declares only one value, so a second value would replace the first one.
        let command = match (&self.declared[..], values, odd) {
            (_, [value], [one]) if one.nodata.is_none() => {
                Some(one.source.declare_nodata(&self.show(*value)))
            }
            ([], [value], [] | [_, _, ..]) => Some(self.source.declare_nodata(&self.show(*value))),
            _ => None,
        };
        let for_good = command
            .map_or(String::new(), |command| format!("; to declare it in the file: {command}"));
        let hint = format!("use --input-nodata {option} to treat these cells as missing{for_good}");
        Diagnostic::new("heights.nodata", message).hint(hint)
    }
}

/// Metres per unit of the ground, if known, and whether it is on the Earth.
pub(crate) fn ground_metres(grid: &Grid) -> (Option<f64>, bool) {
    let is_earth = grid.ellipsoid().is_none_or(|body| body.is_earth());
    match &grid.unit {
        HorizontalUnit::Length { metres, .. } => (Some(*metres), is_earth),
        HorizontalUnit::Angle { .. } => (Some(1.0), is_earth),
        HorizontalUnit::Unknown => (None, is_earth),
    }
}

/// Of which heights a range is, in messages.
pub(crate) const OF_SAMPLE: &str = "a sample of ";

/// Of which heights a range is, for programs.
pub(crate) fn of_what(sampled: bool) -> &'static str {
    if sampled { "sample" } else { "all" }
}

/// A height with the digits that matter.
pub(crate) fn short(height: f64) -> String {
    if height.abs() >= ABSURD {
        // Fewer digits, if f32 has such a value.
        let short = height as f32;
        return if short.is_finite() { format!("{short:e}") } else { format!("{height:e}") };
    }
    let text = format!("{height:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_height_is_shown_as_infinite() {
        for (height, shown) in [
            (431.0, "431"),
            (-0.125, "-0.12"),
            (f64::from(f32::MIN), "-3.4028235e38"),
            (3.5e38, "3.5e38"),
            (f64::MAX, "1.7976931348623157e308"),
            (-1e300, "-1e300"),
            (1e10, "1e10"),
        ] {
            assert_eq!(short(height), shown);
        }
    }
}
