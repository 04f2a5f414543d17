//! What a run found out: statistics of bands, and what the radius may have left out.

use svf_job::{Encoding, Statistics};
use svf_raster::BandStatistics;

/// A band of the output.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BandSummary {
    /// Its name.
    pub name: String,
    /// Of its values, not of its cells as stored; none where they were not counted.
    pub statistics: Option<BandStatistics>,
}

/// How much an obstacle as high as the heights differ could change one direction, stood it
/// just beyond the radius.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Truncation {
    /// How far heights differ, ground units.
    pub relief: f64,
    /// Search radius, ground units.
    pub radius: f64,
    /// Of `svf`.
    pub svf: f64,
    /// Of `svf-cosine`.
    pub svf_cosine: f64,
}

impl Truncation {
    /// Of heights that go `from` somewhere `to` somewhere, before `z_factor`.
    pub(crate) fn of(radius: f64, z_factor: f64, (from, to): (f32, f32)) -> Self {
        let relief = (f64::from(to) - f64::from(from)) * z_factor;
        let slant = relief.hypot(radius);
        Self { relief, radius, svf: relief / slant, svf_cosine: (relief / slant).powi(2) }
    }
}

/// Statistics of a band: of its values, or of its cells `as_stored`.
pub(crate) fn band_statistics(
    s: &Statistics,
    encoding: &Encoding,
    as_stored: bool,
) -> BandStatistics {
    let (mean, std_dev) = s.moments(encoding);
    let (scale, offset) = match encoding.scale_offset {
        Some((scale, offset)) if as_stored => (f64::from(scale), f64::from(offset)),
        _ => (1.0, 0.0),
    };
    let cell = |value: f64| (value - offset) / scale;
    let whole = |value: f64| {
        if scale == 1.0 { value } else { cell(value).round() }
    };
    BandStatistics {
        min: whole(f64::from(s.min)),
        max: whole(f64::from(s.max)),
        mean: cell(mean),
        std_dev: std_dev / scale,
        valid: s.valid,
        nodata: s.nodata,
    }
}

/// Statistics of the values of bands.
pub(crate) fn band_summaries(
    names: impl Iterator<Item = String>,
    statistics: &[Statistics],
    encodings: &[Encoding],
) -> Vec<BandSummary> {
    let of = |(name, (statistics, encoding)): (String, (&Statistics, &Encoding))| BandSummary {
        name,
        statistics: Some(band_statistics(statistics, encoding, false)),
    };
    names.zip(statistics.iter().zip(encodings)).map(of).collect()
}
