//! The results of a run: statistics of bands, and how much the radius can have missed.

use svf_job::{Deviation, Encoding, Statistics};
use svf_kernel::Measure;
use svf_raster::BandStatistics;

/// A band of the output.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BandSummary {
    /// Its name.
    pub name: String,
    /// Statistics of its values, not of its cells as stored; none if they were not counted.
    pub statistics: Option<BandStatistics>,
}

/// How much an obstacle just beyond the radius, as high as the relief of the raster, could change
/// one direction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Truncation {
    /// Relief (range of heights), ground units.
    pub relief: f64,
    /// Search radius, ground units.
    pub radius: f64,
    /// Change of `svf`.
    pub svf: f64,
    /// Change of `svf-cosine`.
    pub svf_cosine: f64,
}

impl Truncation {
    /// For heights between `from` and `to`, before `z_factor`.
    pub(crate) fn of(radius: f64, z_factor: f64, (from, to): (f32, f32)) -> Self {
        let relief = (f64::from(to) - f64::from(from)) * z_factor;
        let slant = relief.hypot(radius);
        Self { relief, radius, svf: relief / slant, svf_cosine: (relief / slant).powi(2) }
    }
}

/// How much a cascade deviates from the exact search.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CheckSummary {
    /// Number of receivers that were compared: those that have a value.
    pub receivers: u64,
    /// Each measure.
    pub measures: Vec<MeasureDeviation>,
}

/// Deviations of a measure, in its unit; those of all its bands together.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct MeasureDeviation {
    /// The measure.
    pub measure: Measure,
    /// The root of the mean square.
    pub rmse: f64,
    /// The mean; positive if values are too large.
    pub bias: f64,
    /// The largest, without its sign.
    pub largest: f64,
}

impl CheckSummary {
    /// The measures of bands in this number of directions, and the deviations of the bands.
    pub(crate) fn of(
        measures: &[Measure],
        directions: u32,
        encodings: &[Encoding],
        deviations: &[Deviation],
    ) -> Self {
        let mut bands = deviations.iter().zip(encodings);
        let of = |measure: &Measure| {
            let bands = bands.by_ref().take(measure.bands(directions));
            let (all, factor) = bands
                .fold((Deviation::default(), 1.0), |(all, _), (band, encoding)| {
                    (all.merge(*band), f64::from(encoding.factor))
                });
            MeasureDeviation {
                measure: *measure,
                rmse: factor * all.rmse(),
                bias: factor * all.bias(),
                largest: factor * all.largest,
            }
        };
        let receivers = deviations.iter().map(|band| band.count).max().unwrap_or(0);
        Self { receivers, measures: measures.iter().map(of).collect() }
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
