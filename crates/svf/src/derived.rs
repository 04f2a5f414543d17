//! Recognises rasters that were computed from heights, by their names and values: results of
//! these tools, hillshades, slopes and the like.

use svf_job::doubts::apart::Range;
use svf_job::events::Diagnostic;
use svf_kernel::Measure;
use svf_raster::{RasterInfo, Sample};

use crate::numbers::moments;
use crate::scene::short;
use crate::texture::Texture;

const USE_ITS_SOURCE: &str = "use the raster that it was computed from";

/// What must be known about a raster to recognise it.
pub(crate) struct Values<'a> {
    info: &'a RasterInfo,
    sample: &'a Sample,
    /// Smallest and largest value, with the scale and offset of the file.
    range: Range,
    name: Name,
}

impl<'a> Values<'a> {
    pub(crate) fn of(info: &'a RasterInfo, sample: &'a Sample) -> Self {
        let none = (f64::INFINITY, f64::NEG_INFINITY);
        let (scale, offset) = info.scale_offset;
        let known = sample.values.iter().filter(|value| !value.is_nan());
        let range = known
            .map(|value| scale * value + offset)
            .fold(none, |(low, high), v| (low.min(v), high.max(v)));
        Self { info, sample, range, name: Name::of(info) }
    }

    fn is_byte(&self) -> bool {
        self.info.data_type == "Byte" && self.info.scale_offset == (1.0, 0.0)
    }

    fn is_rough(&self) -> bool {
        Texture::of(self.sample, |_| true).is_rough()
    }

    /// A result of these tools, or of others that compute the same.
    pub(crate) fn result(&self) -> Option<Diagnostic> {
        let (info, (low, high)) = (self.info, self.range);
        let path = &info.path;
        if let Some(measures) = &info.measures {
            let message =
                format!("{path} is a result of svf_compute ({measures}), not an elevation raster");
            let diagnostic = Diagnostic::new("heights.result", message).hint(USE_ITS_SOURCE);
            return Some(diagnostic.with("measures", &**measures));
        }
        let (is_share, is_angle) = self.name.measure();
        let is_result = low >= 0.0
            && (is_share && high <= 1.0 && high > 0.0
                || is_angle && high <= 180.0 && (self.name.is_band || self.is_rough())
                // Stored as shades of grey.
                || (is_share || is_angle) && self.is_byte() && self.is_rough());
        if !is_result {
            return None;
        }
        let called = match self.name.is_band {
            true => format!("band {} of {path} is called '{}'", info.band, info.description),
            false => format!("{path} has the name of a measure"),
        };
        let (low, high) = (short(low), short(high));
        let message =
            format!("{called} and has values from {low} to {high}: is it a result, not heights?");
        let diagnostic = Diagnostic::new("heights.result", message).hint(USE_ITS_SOURCE);
        Some(diagnostic.with("low", low).with("high", high))
    }

    /// A hillshade, or slopes and the like.
    pub(crate) fn computed(&self) -> Option<Diagnostic> {
        let path = &self.info.path;
        let (low, high) = (short(self.range.0), short(self.range.1));
        let hint = format!("{USE_ITS_SOURCE}; if these are heights, ignore this warning");
        if self.is_hillshade() {
            let message =
                format!("{path} looks like a hillshade (values {low} to {high}), not like heights");
            let diagnostic = Diagnostic::new("heights.hillshade", message).hint(hint);
            return Some(diagnostic.with("low", low).with("high", high));
        }
        self.kind().map(|kind| {
            let message = format!(
                "{path} looks like {kind} (by its name, and values from {low} to {high}), not \
                 like heights"
            );
            let diagnostic = Diagnostic::new("heights.derived", message).hint(hint);
            diagnostic.with("kind", kind).with("low", low).with("high", high)
        })
    }

    fn is_hillshade(&self) -> bool {
        let (low, high) = self.range;
        let is_shades = low >= 0.0 && high <= WHITES[3];
        let is_called = self.name.is_hillshade() && is_shades;
        is_called && (self.name.is_band || self.is_byte() || self.is_rough())
            || WHITES.into_iter().any(|white| self.looks_shaded(white))
    }

    /// Whether values are shades of grey up to `white`: flat ground is light grey, slopes that
    /// face the light are white, others dark, and they change from cell to cell as slopes do.
    fn looks_shaded(&self, white: f64) -> bool {
        let (low, high) = self.range;
        if low < 0.0 || high > white || high < 0.8 * white || self.info.band_count != 1 {
            return false;
        }
        let (scale, offset) = self.info.scale_offset;
        let mut known: Vec<f64> = self.sample.values.iter().map(|v| scale * v + offset).collect();
        known.retain(|value| !value.is_nan());
        let mean = moments(&known).0;
        known.sort_unstable_by(f64::total_cmp);
        known.dedup();
        // One dark value alone is undeclared NoData, or the sea.
        let dark = known.get(1).copied().unwrap_or(high);
        let is_grey = match self.is_byte() {
            // With lights from several directions, nothing is dark.
            true => {
                low <= 0.24 * white && mean >= 0.33 * white
                    || mean >= 0.55 * white && mean > low.midpoint(high)
            }
            // More heights have such values, unless they are all the whole numbers of a byte.
            false => {
                let is_byte = known.iter().all(|value| value.fract() == 0.0);
                let has_both_ends = white == 255.0 && is_byte && dark <= 2.0 && high == white;
                dark <= 0.16 * white && high >= 0.92 * white && mean >= 0.5 * white
                    || has_both_ends && mean >= 0.33 * white
            }
        };
        // The darkest and the lightest value can be undeclared NoData. Beside a frame of 0, the
        // darkest shade is 1 of 255: that of all slopes that the light does not reach.
        let darkest = low.max(white / 255.0);
        let is_between = |value: f64| value > darkest && value < high;
        let texture = Texture::of(self.sample, |value| is_between(scale * value + offset));
        is_grey
            && known.len() > 64
            && texture.is_rough()
            && texture.step * scale.abs() >= white / 128.0
    }

    /// What is computed from differences of heights, if the name says so and no value speaks
    /// against it.
    fn kind(&self) -> Option<&'static str> {
        let (low, high) = self.range;
        let kind = KINDS.iter().find(|kind| self.name.has_word(kind.words))?;
        let (from, to) = kind.range;
        let may_be = low >= from && high <= to && (!kind.from_zero || low <= 0.1 * high);
        // All of the circle, which no heights happen to have.
        let is_circle =
            kind.called == ASPECTS && (0.0..10.0).contains(&low.max(0.0)) && high > 350.0;
        (may_be && (is_circle || self.is_rough())).then_some(kind.called)
    }
}

/// White as a share of the light, in a byte, and in 16 bits with and without a sign.
const WHITES: [f64; 4] = [1.0, 255.0, 32_767.0, 65_535.0];

const ASPECTS: &str = "aspects";

/// What is computed from heights.
struct Kind {
    /// Words of its name, lower case.
    words: &'static [&'static str],
    range: Range,
    /// Whether it is near 0 somewhere.
    from_zero: bool,
    called: &'static str,
}

const KINDS: [Kind; 7] = [
    Kind {
        words: &[
            "slope",
            "slopes",
            "steepness",
            "gradient",
            "neigung",
            "hangneigung",
            "gefälle",
            "gefaelle",
            "pente",
            "pentes",
            "pendiente",
            "pendientes",
            "pendenza",
            "declividade",
        ],
        // In percent, walls have thousands.
        range: (0.0, 1e5),
        from_zero: true,
        called: "slopes",
    },
    Kind {
        words: &["aspect", "aspects", "exposition", "esposizione"],
        // Some programs write -1 for flat ground.
        range: (-1.0, 360.0),
        from_zero: false,
        called: ASPECTS,
    },
    Kind {
        words: &["tri", "ruggedness"],
        range: (0.0, 1e4),
        from_zero: true,
        called: "a ruggedness index",
    },
    Kind {
        words: &["roughness", "rauheit", "rauigkeit", "rugosity", "rugosidad", "rugosité"],
        range: (0.0, 1e4),
        from_zero: true,
        called: "roughness",
    },
    Kind { words: &["tpi"], range: (-1e4, 1e4), from_zero: false, called: "a position index" },
    Kind { words: &["twi"], range: (-50.0, 50.0), from_zero: false, called: "a wetness index" },
    Kind {
        words: &["curvature", "curvatures", "krümmung", "kruemmung", "courbure", "curvatura"],
        range: (-1e4, 1e4),
        from_zero: false,
        called: "curvatures",
    },
];

/// Parts of names of hillshades, without blanks between words, in some languages.
const HILLSHADES: [&str; 14] = [
    "hillshad",
    "shadedrelief",
    "shadedterrain",
    "shaderelief",
    "reliefshad",
    "schummer",
    "ombrage",
    "estompage",
    "sombread",
    "ombreggia",
    "skyggerelie",
    "terrängskugg",
    "rinnevarjo",
    "cieniowan",
];

/// The name of the band, or else that of the file.
struct Name {
    /// Sequences of letters, lower case.
    words: Vec<String>,
    /// Whether the name of the band says it.
    is_band: bool,
}

impl Name {
    fn of(info: &RasterInfo) -> Self {
        let file = info.path.rsplit(['/', '\\']).next().unwrap_or_default();
        let words = |text: &str| -> Vec<String> {
            let text = text.to_lowercase();
            let words = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
            words.map(str::to_owned).collect()
        };
        let band = Self { words: words(&info.description), is_band: true };
        if band.says_something() {
            return band;
        }
        Self { words: words(file), is_band: false }
    }

    fn says_something(&self) -> bool {
        let (is_share, is_angle) = self.measure();
        is_share
            || is_angle
            || self.is_hillshade()
            || KINDS.iter().any(|kind| self.has_word(kind.words))
    }

    fn has_word(&self, words: &[&str]) -> bool {
        self.words.iter().any(|word| words.contains(&word.as_str()))
    }

    fn is_hillshade(&self) -> bool {
        let joined = self.words.concat();
        HILLSHADES.iter().any(|part| joined.contains(part))
    }

    /// Whether it is that of a share of the sky, and that of an angle.
    fn measure(&self) -> (bool, bool) {
        let joined = self.words.join("-");
        let is = |name: &str| match joined.split_once(name) {
            Some((before, after)) => {
                (before.is_empty() || before.ends_with('-'))
                    && (after.is_empty() || after.starts_with('-'))
            }
            None => false,
        };
        // Slope and aspect are common words: their values are looked at in `kind`.
        let is_kind = |name: &str| KINDS.iter().any(|kind| kind.words.contains(&name));
        let mut names = Measure::ALL.map(Measure::name).into_iter();
        let is_measure = names.any(|name| !is_kind(name) && is(name));
        let is_share = is_measure || is("svf") || self.words.concat().contains("skyview");
        (is_share, is_measure || self.has_word(&["openness"]))
    }
}
