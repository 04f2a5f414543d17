//! The unit of the heights of a band: names that files use for units of length, and for units
//! that are not lengths.

/// The unit of a band's values, as far as the file says.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum HeightUnit {
    /// Unknown: the file does not say.
    #[default]
    Unsaid,
    /// A length.
    Length {
        /// Metres per unit.
        metres: f64,
    },
    /// A name that is not in the list.
    Unknown(String),
    /// A unit that is not a length, with its name.
    NoLength(String),
}

impl HeightUnit {
    /// Metres per unit, where they are known.
    pub fn metres(&self) -> Option<f64> {
        match self {
            HeightUnit::Length { metres } => Some(*metres),
            _ => None,
        }
    }

    /// From the name in the file: as people write it, or as in EPSG, UCUM or udunits.
    pub(crate) fn named(text: &str) -> Self {
        let name = text.trim();
        let plain = bare(name).to_lowercase();
        if SAYS_NOTHING.contains(&plain.as_str()) {
            return HeightUnit::Unsaid;
        }
        let (factor, unit) = factor_of(&plain);
        let unit = unit.trim().trim_start_matches('*').trim();
        let in_brackets = in_brackets(unit).map(factor_of);
        let in_brackets = in_brackets.and_then(|(n, unit)| Some(n * metres_of(unit)?));
        if let Some(metres) = in_brackets.or_else(|| metres_of(unit)) {
            return HeightUnit::Length { metres: factor * metres };
        }
        if is_no_length(&plain) {
            return HeightUnit::NoLength(name.to_owned());
        }
        match metres_of(&without_datum(unit)) {
            Some(metres) => HeightUnit::Length { metres: factor * metres },
            None => HeightUnit::Unknown(name.to_owned()),
        }
    }
}

/// Names that mean "no unit".
const SAYS_NOTHING: [&str; 8] =
    ["", "-", "unknown", "undefined", "unspecified", "n/a", "none", "not set"];

const US_FOOT_M: f64 = 1200.0 / 3937.0;
const FOOT_M: f64 = 0.3048;

/// Names of units of length (lower case, singular, only letters and digits), and their length in
/// metres. Survey feet are those of the EPSG registry.
const LENGTHS: &[(&str, f64)] = &[
    ("m", 1.0),
    ("metre", 1.0),
    ("meter", 1.0),
    ("mtr", 1.0),
    ("mètre", 1.0),
    ("metro", 1.0),
    ("metri", 1.0),
    ("metern", 1.0),
    ("metr", 1.0),
    ("metry", 1.0),
    ("méter", 1.0),
    ("м", 1.0),
    ("метр", 1.0),
    ("метры", 1.0),
    ("метров", 1.0),
    // Metres above sea level, in the abbreviations of some languages.
    ("müm", 1.0),
    ("mslm", 1.0),
    ("masl", 1.0),
    ("mamsl", 1.0),
    ("mmsl", 1.0),
    ("mahd", 1.0),
    ("maod", 1.0),
    ("mnap", 1.0),
    ("mnhn", 1.0),
    ("mnn", 1.0),
    ("ftasl", FOOT_M),
    ("ftamsl", FOOT_M),
    ("ftmsl", FOOT_M),
    ("msnm", 1.0),
    ("mnm", 1.0),
    ("mnpm", 1.0),
    ("moh", 1.0),
    ("möh", 1.0),
    // Geopotential metres differ from metres by less than a hundredth.
    ("gpm", 1.0),
    ("geopotentialmetre", 1.0),
    ("geopotentialmeter", 1.0),
    ("germanlegalmetre", 1.000_013_596_5),
    ("km", 1000.0),
    ("kilometre", 1000.0),
    ("kilometer", 1000.0),
    ("hm", 100.0),
    ("hectometre", 100.0),
    ("hectometer", 100.0),
    ("dam", 10.0),
    ("decametre", 10.0),
    ("decameter", 10.0),
    ("dekameter", 10.0),
    ("dm", 0.1),
    ("decimetre", 0.1),
    ("decimeter", 0.1),
    ("cm", 0.01),
    ("centimetre", 0.01),
    ("centimeter", 0.01),
    ("mm", 1e-3),
    ("millimetre", 1e-3),
    ("millimeter", 1e-3),
    ("um", 1e-6),
    ("µm", 1e-6),
    ("μm", 1e-6),
    ("micron", 1e-6),
    ("micrometre", 1e-6),
    ("micrometer", 1e-6),
    ("nm", 1e-9),
    ("nanometre", 1e-9),
    ("nanometer", 1e-9),
    ("ft", FOOT_M),
    ("foot", FOOT_M),
    ("feet", FOOT_M),
    ("fti", FOOT_M),
    ("ftint", FOOT_M),
    ("intft", FOOT_M),
    ("ift", FOOT_M),
    ("footint", FOOT_M),
    ("internationalfoot", FOOT_M),
    ("internationalfeet", FOOT_M),
    ("footinternational", FOOT_M),
    ("feetinternational", FOOT_M),
    ("intlfoot", FOOT_M),
    ("intlfeet", FOOT_M),
    ("ftus", US_FOOT_M),
    ("usft", US_FOOT_M),
    ("sft", US_FOOT_M),
    ("usfoot", US_FOOT_M),
    ("usfeet", US_FOOT_M),
    ("footus", US_FOOT_M),
    ("feetus", US_FOOT_M),
    ("ussurveyfoot", US_FOOT_M),
    ("ussurveyfeet", US_FOOT_M),
    ("ussurveyft", US_FOOT_M),
    ("surveyfoot", US_FOOT_M),
    ("surveyfeet", US_FOOT_M),
    ("footussurvey", US_FOOT_M),
    ("feetussurvey", US_FOOT_M),
    ("footsurvey", US_FOOT_M),
    ("clarkesfoot", 0.304_797_265_4),
    ("footclarke", 0.304_797_265_4),
    ("britishfootsears1922", 12.0 / 39.370_147),
    ("footsears", 12.0 / 39.370_147),
    ("britishfoot1936", 0.304_800_749_1),
    ("goldcoastfoot", 6_378_300.0 / 20_926_201.0),
    ("footgoldcoast", 6_378_300.0 / 20_926_201.0),
    ("indianfoot", 12.0 / 39.370_142),
    ("indianyard", 36.0 / 39.370_142),
    ("in", 0.0254),
    ("inch", 0.0254),
    ("inche", 0.0254),
    ("ini", 0.0254),
    ("usin", 100.0 / 3937.0),
    ("usinch", 100.0 / 3937.0),
    ("inus", 100.0 / 3937.0),
    ("yd", 0.9144),
    ("yard", 0.9144),
    ("ydi", 0.9144),
    ("internationalyard", 0.9144),
    ("usyd", 3600.0 / 3937.0),
    ("usyard", 3600.0 / 3937.0),
    ("ydus", 3600.0 / 3937.0),
    ("ussurveyyard", 3600.0 / 3937.0),
    ("britishyardsears1922", 36.0 / 39.370_147),
    ("fathom", 1.8288),
    ("fath", 1.8288),
    ("fthi", 1.8288),
    ("fth", 1.8288),
    ("fm", 1.8288),
    ("fthus", 7200.0 / 3937.0),
    ("usfathom", 7200.0 / 3937.0),
    ("link", 0.201_168),
    ("chain", 20.1168),
    ("lk", 0.201_168),
    ("ch", 20.1168),
    ("lkus", 792.0 / 3937.0),
    ("uslink", 792.0 / 3937.0),
    ("ussurveylink", 792.0 / 3937.0),
    ("chus", 79_200.0 / 3937.0),
    ("uschain", 79_200.0 / 3937.0),
    ("ussurveychain", 79_200.0 / 3937.0),
    ("rod", 5.0292),
    ("furlong", 201.168),
    ("mi", 1609.344),
    ("mile", 1609.344),
    ("mii", 1609.344),
    ("statutemile", 1609.344),
    ("mius", 6_336_000.0 / 3937.0),
    ("usmi", 6_336_000.0 / 3937.0),
    ("ussurveymile", 6_336_000.0 / 3937.0),
    ("nmi", 1852.0),
    ("nmii", 1852.0),
    ("kmi", 1852.0),
    ("nauticalmile", 1852.0),
    ("internationalnauticalmile", 1852.0),
];

/// Words of units that are not lengths.
const OTHERS: &[&str] = &[
    "deg",
    "degree",
    "grad",
    "gon",
    "radian",
    "rad",
    "mrad",
    "arcsec",
    "arcsecond",
    "arcminute",
    "percent",
    "perc",
    "pct",
    "permille",
    "fraction",
    "ratio",
    "unitless",
    "dimensionless",
    "1",
    "k",
    "kelvin",
    "c",
    "celsius",
    "degc",
    "degk",
    "degf",
    "f",
    "fahrenheit",
    "degreec",
    "degreekelvin",
    "degreecelsius",
    "degreenorth",
    "degreeeast",
    "degreesnorth",
    "degreeseast",
    "degreescelsius",
    "pa",
    "hpa",
    "mbar",
    "bar",
    "kpa",
    "db",
    "dn",
    "count",
    "class",
    "category",
    "code",
    "index",
    "level",
    "s",
    "sec",
    "second",
    "min",
    "minute",
    "h",
    "hour",
    "day",
    "month",
    "year",
    "kt",
    "knot",
    "mph",
    "kmh",
    "ms",
    "mps",
    "g",
    "kg",
    "w",
    "j",
    "acre",
    "ha",
    "hectare",
    "pixel",
    "px",
    "reflectance",
    "probability",
    "bit",
    "bool",
    "boolean",
    "watt",
    "joule",
];

/// Words about heights and their datum: they do not change the unit.
const DATUMS: &[&str] = &[
    "elev",
    "elevations",
    "heights",
    "hgt",
    "z",
    "value",
    "values",
    "unit",
    "units",
    "höhe",
    "höhen",
    "hoehe",
    "geländehöhe",
    "über",
    "ueber",
    "ü",
    "meer",
    "meeresspiegel",
    "normalhöhennull",
    "normalnull",
    "hauteur",
    "élévation",
    "altura",
    "altitud",
    "elevación",
    "quota",
    "altezza",
    "hoogte",
    "høyde",
    "højde",
    "höjd",
    "korkeus",
    "wysokość",
    "výška",
    "ngf",
    "ahd",
    "bpv",
    "n2000",
    "n60",
    "above",
    "below",
    "over",
    "mean",
    "sea",
    "level",
    "asl",
    "amsl",
    "msl",
    "a",
    "s",
    "l",
    "geoid",
    "ellipsoid",
    "ellipsoidal",
    "orthometric",
    "ground",
    "agl",
    "surface",
    "nn",
    "nhn",
    "nap",
    "navd88",
    "navd",
    "ngvd29",
    "ngvd",
    "egm96",
    "egm2008",
    "wgs84",
    "height",
    "elevation",
    "depth",
    "altitude",
    "the",
    "of",
    "in",
    "positive",
    "up",
    "down",
    "datum",
    "vertical",
    "mllw",
    "lat",
    "88",
];

/// Without brackets around all of it, as UCUM and GRIB have them.
fn bare(text: &str) -> &str {
    let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let inner = inner.or_else(|| text.strip_prefix('(').and_then(|text| text.strip_suffix(')')));
    inner.map_or(text, str::trim)
}

/// What the last brackets of a text hold: the unit of `Height (m)`, `h [m]`.
fn in_brackets(text: &str) -> Option<&str> {
    let round = text.strip_suffix(')').and_then(|text| text.rsplit_once('('));
    let square = || text.strip_suffix(']').and_then(|text| text.rsplit_once('['));
    round.or_else(square).map(|(_, inner)| inner.trim())
}

/// A number before the unit (`0.1 m`), and the unit.
fn factor_of(text: &str) -> (f64, &str) {
    let digits = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    // It is only an exponent if digits follow.
    let (number, rest) = text.split_at(digits);
    let exponent = rest.strip_prefix('e').map_or(0, |rest| {
        let sign = usize::from(rest.starts_with(['-', '+']));
        let more = rest[sign..].find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len() - sign);
        if more == 0 { 0 } else { 1 + sign + more }
    });
    match text[..number.len() + exponent].parse::<f64>() {
        Ok(factor) if factor > 0.0 && factor.is_finite() => {
            (factor, &text[number.len() + exponent..])
        }
        _ => (1.0, text),
    }
}

/// Only letters and digits.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Metres of a name of a length, in the singular or the plural.
fn metres_of(text: &str) -> Option<f64> {
    // A unit with a division or a power is another unit.
    if text.contains(['/', '^', '*', '%', '°']) || has_power(text) {
        return None;
    }
    let name = letters(text);
    let known = |name: &str| LENGTHS.iter().find(|(known, _)| *known == name).map(|(_, m)| *m);
    // "in." and "ft." are abbreviations, "ms" are milliseconds.
    known(&name).or_else(|| known(name.strip_suffix('s')?).filter(|_| name.len() > 2))
}

/// Whether a unit is followed by a power, as in `m2`, `m s-1`; a datum can end in a number, too
/// (`EGM96`).
fn has_power(text: &str) -> bool {
    let mut words = text.split(|c: char| c.is_whitespace() || c == '.');
    words.any(|word| {
        let power = word.trim_start_matches(|c: char| c.is_alphabetic());
        let digits = power.strip_prefix(['-', '+']).unwrap_or(power);
        let unit = &word[..word.len() - power.len()];
        let is_unit = LENGTHS.iter().any(|(known, _)| *known == unit) || OTHERS.contains(&unit);
        is_unit && (1..=2).contains(&digits.len()) && digits.bytes().all(|c| c.is_ascii_digit())
    })
}

/// Whether a name says that values are not lengths.
fn is_no_length(text: &str) -> bool {
    let name = letters(text);
    let listed = |name: &str| OTHERS.contains(&name);
    text.contains(['/', '^', '%', '°'])
        || text.contains("**")
        || has_power(text)
        || listed(&name)
        || name.strip_suffix('s').is_some_and(listed)
        || text.split(|c: char| !c.is_alphanumeric()).any(|word| word == "per")
}

/// Without words about a datum: `m above sea level`, `ft (NAVD88)`, `metres a.s.l.`
fn without_datum(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.filter(|word| !DATUMS.contains(word) && !is_datum(word)).collect::<Vec<_>>().join(" ")
}

/// Whether a word is letters and a year: `EGM2008`, `DHHN92`.
fn is_datum(word: &str) -> bool {
    let year = word.trim_start_matches(|c: char| c.is_alphabetic());
    word.len() >= year.len() + 2 && year.len() >= 2 && year.bytes().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_metres(metres: f64, names: &[&str]) {
        for name in names {
            let known = HeightUnit::named(name).metres();
            let known = known.unwrap_or_else(|| panic!("{name}: {:?}", HeightUnit::named(name)));
            assert!((known - metres).abs() < 1e-9 * metres, "{name}: {known}");
        }
    }

    #[test]
    fn lengths_by_the_names_that_files_use() {
        assert_metres(1.0, &["m", "M", " metre ", "Meters", "[m]", "metres above sea level"]);
        assert_metres(1.0, &["m a.s.l.", "m (NAVD88)", "1 m", "gpm", "METERS", "m_asl"]);
        assert_metres(1.0, &["meter EGM96", "m EGM2008", "m (EGM96)", "m DHHN2016", "metres LN02"]);
        assert_metres(1.0, &["m IGN69", "EGM96 meter", "m NAP", "m RH70", "metre above EGM96"]);
        assert_metres(1.0, &["Höhe (m)", "Höhe [m]", "Elevation (m)", "H [m]", "h (m)", "Z (m)"]);
        assert_metres(1.0, &["Höhe in Metern", "hauteur (mètres)", "quota m", "elev_m", "N (m)"]);
        assert_metres(1.0, &["m ü. NN", "Meter über NHN", "m.ü.M.", "m s.l.m.", "m s.n.m."]);
        assert_metres(1.0, &["metros EGM08", "m n. m.", "moh.", "м", "metre (m)"]);
        assert_metres(0.3048, &["feet EGM96", "Elevation (ft)", "Höhe [ft]", "NAVD88 feet"]);
        assert_metres(0.1, &["Höhe (dm)", "0.1 (m)", "Höhe (0.1 m)", "dm EGM96"]);
        assert_metres(0.3048, &["ft", "foot", "Feet", "[ft_i]", "foot_int", "International Foot"]);
        assert_metres(0.3048, &["0.3048 m", "feet NAVD88", "ft.", "ft_above_msl"]);
        let us =
            ["US_survey_foot", "Foot_US", "US feet", "survey_foot", "[ft_us]", "us-ft", "ftUS"];
        assert_metres(1200.0 / 3937.0, &us);
        let us = ["US survey foot", "US Survey Feet", "U.S. feet", "foot (US survey)", "US_FOOT"];
        assert_metres(1200.0 / 3937.0, &us);
        assert_metres(0.9144, &["yard", "Yards", "yd", "[yd_i]"]);
        assert_metres(0.1, &["decimeters", "dm", "decimetre", "0.1 m", "0.1m", "1e-1 m", "10 cm"]);
        assert_metres(0.01, &["centimeters", "cm", "cms"]);
        assert_metres(1000.0, &["kilometers", "km", "Kilometre"]);
        assert_metres(1.8288, &["fathom", "Fathoms", "[fth_i]"]);
        assert_metres(0.0254, &["inch", "inches", "in", "[in_i]"]);
        assert_metres(20.1168, &["chain", "chains", "ch"]);
        assert_metres(0.201_168, &["link", "Links"]);
        assert_metres(792.0 / 3937.0, &["[lk_us]"]);
        assert_metres(0.304_797_265_4, &["Clarke's foot"]);
        assert_metres(1852.0, &["nautical mile", "[nmi_i]"]);
    }

    #[test]
    fn what_is_no_length() {
        for name in [
            "degrees",
            "deg",
            "°",
            "m/s",
            "m s-1",
            "percent",
            "%",
            "K",
            "degC",
            "m2",
            "m**2 s**-2",
            "kg m-2",
            "[m/s]",
            "m^2",
            "1",
            "degrees_celsius",
            "dB",
            "feet per second",
            "ms",
            "W/m2",
            "[K]",
            "[%]",
            "radians",
        ] {
            assert_eq!(HeightUnit::named(name), HeightUnit::NoLength(name.to_owned()), "{name}");
        }
    }

    #[test]
    fn what_is_not_known_and_what_says_nothing() {
        for name in ["cubit", "smoot", "toises du Perou", "parsecs", "varas", "ells"] {
            assert_eq!(HeightUnit::named(name), HeightUnit::Unknown(name.to_owned()), "{name}");
        }
        for name in ["", "  ", "unknown", "Undefined", "[-]", "n/a"] {
            assert_eq!(HeightUnit::named(name), HeightUnit::Unsaid, "{name:?}");
        }
    }
}
