//! Numbers and names on a command line, and what is meant by one that is misspelt.

use std::path::PathBuf;

use clap::builder::{NonEmptyStringValueParser, TypedValueParser};
use strsim::osa_distance;
use svf::request::Radius;
use svf_kernel::Measure;
use svf_raster::driver::{driver_named, drivers};
use svf_raster::{Op, RasterError};

/// The name of a file or folder. It must be text (UTF-8), because plans, events and GDAL have it as text.
pub(crate) fn path() -> impl TypedValueParser<Value = PathBuf> {
    NonEmptyStringValueParser::new().map(PathBuf::from)
}

/// A finite number or not, as in `--nodata nan`.
pub(crate) fn number(text: &str) -> Result<f64, String> {
    let text = text.trim();
    text.parse().map_err(|_| {
        if text.replacen(',', ".", 1).parse::<f64>().is_ok() {
            return format!("write a decimal point: {}", text.replacen(',', ".", 1));
        }
        match number_and_unit(text) {
            Some((number, unit)) => format!("write only the number, without '{unit}': {number}"),
            None => "not a number".to_owned(),
        }
    })
}

/// A number that is not infinite.
pub(crate) fn finite(text: &str) -> Result<f64, String> {
    let number = number(text)?;
    if number.is_finite() { Ok(number) } else { Err("not a finite number".to_owned()) }
}

/// A whole number from `LOW` to `HIGH`.
pub(crate) fn whole<T: TryFrom<u64>, const LOW: u64, const HIGH: u64>(
    text: &str,
) -> Result<T, String> {
    let number = text.trim().parse().ok().filter(|number| (LOW..=HIGH).contains(number));
    number.and_then(|number| T::try_from(number).ok()).ok_or_else(|| match HIGH {
        ANY.. => format!("write a whole number, at least {LOW}"),
        _ => format!("write a whole number from {LOW} to {HIGH}"),
    })
}

/// No limit, except that of the type.
pub(crate) const ANY: u64 = u32::MAX as u64;

/// `N` numbers, separated by commas or blanks.
pub(crate) fn numbers<const N: usize>(text: &str) -> Result<[f64; N], String> {
    let words = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|w| !w.is_empty());
    let numbers: Vec<f64> = words
        .map(|word| word.parse().map_err(|_| format!("'{word}' is not a number")))
        .collect::<Result<_, _>>()?;
    let count = ["no", "one", "two", "three", "four"][N];
    match <[f64; N]>::try_from(numbers) {
        Ok(numbers) if numbers.iter().all(|number| number.is_finite()) => Ok(numbers),
        Ok(_) => Err(format!("{count} finite numbers are needed")),
        Err(numbers) if numbers.len() == 2 * N => {
            Err(format!("{count} numbers are needed: write decimal points, e.g. 0.5"))
        }
        Err(_) => Err(format!("{count} numbers are needed, separated by commas")),
    }
}

/// The number before letters, if there is one.
pub(crate) fn number_and_unit(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let unit = text.trim_start_matches(|c: char| !c.is_alphabetic() && !"°%\"'".contains(c));
    let number = text[..text.len() - unit.len()].trim_end().replacen(',', ".", 1);
    if unit.is_empty() { None } else { Some((number.parse().ok()?, unit)) }
}

/// A search radius.
pub(crate) fn radius(text: &str) -> Result<Radius, String> {
    text.parse().map_err(|_| radius_hint(text))
}

/// A search radius as text, or what is wrong with it.
fn radius_hint(text: &str) -> String {
    let (number, unit) = match number_and_unit(text) {
        Some((number, unit)) => (number, unit.to_lowercase()),
        None => {
            return match text.trim().replacen(',', ".", 1).parse::<f64>() {
                Ok(number) => format!("write a decimal point: {number}"),
                Err(_) => "write a number in units of the CRS, e.g. 300, or in cells, e.g. 100px"
                    .to_owned(),
            };
        }
    };
    let metres = |number: f64| {
        format!("write only the number, in units of the CRS: {number} if the CRS is in metres")
    };
    match unit.as_str() {
        "px" | "pixel" | "pixels" | "cell" | "cells" => format!("write {number}px for cells"),
        "m" | "metre" | "metres" | "meter" | "meters" => metres(number),
        "km" => metres(number * 1000.0),
        _ => format!("write only the number, in units of the CRS: {number}"),
    }
}

/// Names that other programs and papers use for measures that have another name here.
const OTHER_NAMES: [(&str, &str); 23] = [
    ("skyview", "svf"),
    ("sky-view", "svf"),
    ("skyviewfactor", "svf"),
    ("sky-view-factor", "svf"),
    ("svf-total", "svf-cosine"),
    ("asvf", "svf-anisotropic"),
    ("svfn", "svf-north"),
    ("svfe", "svf-east"),
    ("svfs", "svf-south"),
    ("svfw", "svf-west"),
    ("svfveg", "svf-veg"),
    ("svfaveg", "svf-aveg"),
    ("visible", "visible-sky"),
    ("vsky", "visible-sky"),
    ("opns", "openness-positive"),
    ("pos-opns", "openness-positive"),
    ("pos-openness", "openness-positive"),
    ("open-pos", "openness-positive"),
    ("neg-opns", "openness-negative"),
    ("neg-openness", "openness-negative"),
    ("open-neg", "openness-negative"),
    ("dist", "horizon-distance"),
    ("tvf", "terrain-view"),
];

/// A measure by its name; blanks around it are ignored.
pub(crate) fn measure(text: &str) -> Result<Measure, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(
            "a name is missing before or after a comma: write e.g. svf,svf-cosine".to_owned()
        );
    }
    text.parse::<Measure>().map_err(|error| {
        let mut apart = text.split_whitespace();
        if apart.clone().count() > 1 && apart.all(|name| name.parse::<Measure>().is_ok()) {
            return format!("'{text}': separate measures with commas");
        }
        let names = Measure::ALL.map(Measure::name);
        let word = simple(text);
        let other = OTHER_NAMES.iter().find(|(other, _)| *other == word).map(|(_, name)| *name);
        let near = other.map_or_else(|| near(text, &names), |name| vec![name]);
        match did_you_mean(&near, "") {
            Some(meant) => format!("unknown measure '{text}'; {meant}"),
            None => error.to_string(),
        }
    })
}

/// The driver that `--of` names.
///
/// # Errors
/// An unknown name, with similar names.
pub(crate) fn driver(name: &str, output: &str) -> Result<String, RasterError> {
    if svf::PROGRAMS.iter().any(|(program, _)| name.trim().eq_ignore_ascii_case(program)) {
        let reason = format!("{} is written by svf_compute only", name.trim());
        let hint =
            "run svf_compute with the heights, and with --work-dir to do it in several steps";
        return Err(RasterError::new(Op::Config, output, reason).hint(hint));
    }
    driver_named(name.trim(), output).map_err(|error| {
        if error.hint.is_some() {
            return error;
        }
        let word = simple(name);
        let word = word.trim_start_matches('.');
        let drivers = drivers();
        let names: Vec<&str> = drivers.iter().map(|(name, _)| name.as_str()).collect();
        let of_extension = drivers.iter().find(|(_, all)| all.iter().any(|e| e == word));
        let near = match (word, of_extension) {
            ("geotiff", _) => vec!["GTiff"],
            (_, Some((name, _))) => vec![name.as_str()],
            _ => near(word, &names),
        };
        let hint = did_you_mean(&near, "").filter(|_| near.len() <= 4);
        error.hint(
            hint.unwrap_or_else(|| "svf_compute --version --json lists the drivers".to_owned()),
        )
    })
}

/// "did you mean 'a' or 'b'?", if there are similar names.
pub(crate) fn did_you_mean(names: &[&str], dashes: &str) -> Option<String> {
    let quote = if dashes.is_empty() { "'" } else { "" };
    let names: Vec<String> =
        names.iter().map(|name| format!("{quote}{dashes}{name}{quote}")).collect();
    (!names.is_empty()).then(|| format!("did you mean {}?", listed(&names, "or")))
}

/// "a, b or c".
pub(crate) fn listed<S: AsRef<str>>(words: &[S], and: &str) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} {and} {last}", others.join(", ")),
        None => String::new(),
    }
}

/// Lower case, with hyphens between words.
pub(crate) fn simple(word: &str) -> String {
    word.trim().to_lowercase().replace(['_', ' '], "-")
}

/// The names that are similar to a word: the most similar ones, or none if all are too different.
/// A part of a name can be similar (`openess` is similar to two names), and the name can be a
/// part of the word.
pub(crate) fn near<'a>(word: &str, names: &[&'a str]) -> Vec<&'a str> {
    let word = simple(word);
    let scores = names.iter().filter_map(|name| Some((score(&word, &simple(name))?, *name)));
    let scores: Vec<(usize, &str)> = scores.collect();
    let Some(best) = scores.iter().map(|(score, _)| *score).min() else { return Vec::new() };
    scores.into_iter().filter(|(score, _)| *score == best).map(|(_, name)| name).collect()
}

/// The distance between a word and a name, in half edits; none if they have nothing in common.
fn score(word: &str, name: &str) -> Option<usize> {
    let close = |a: &str, b: &str| {
        let limit = match a.chars().count().min(b.chars().count()) {
            0..=2 => 0,
            3..=4 => 1,
            5..=8 => 2,
            _ => 3,
        };
        Some(osa_distance(a, b)).filter(|edits| *edits <= limit)
    };
    let sorted = |text: &str| {
        let mut parts: Vec<&str> = text.split('-').collect();
        parts.sort_unstable();
        parts.join("-")
    };
    let beginning = word.chars().count() >= 3 && name.starts_with(word);
    let of_part = |whole: &str, part: &str| {
        let distances = parts(whole).into_iter().filter_map(|piece| close(&piece, part));
        distances.min().map(|edits| 2 * edits + 1)
    };
    [
        close(word, name).map(|edits| 2 * edits),
        (beginning || sorted(word) == sorted(name)).then_some(1),
        of_part(name, word),
        of_part(word, name).map(|score| score + 1),
    ]
    .into_iter()
    .flatten()
    .min()
}

/// All sequences of consecutive words of a name.
fn parts(name: &str) -> Vec<String> {
    let words: Vec<&str> = name.split('-').collect();
    let from = |first| (first + 1..=words.len()).map(move |end| (first, end));
    (0..words.len()).flat_map(from).map(|(first, end)| words[first..end].join("-")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_and_none_where_all_are_far() {
        let measures = Measure::ALL.map(Measure::name);
        for (word, meant) in [
            ("openess", &["openness-positive", "openness-negative"][..]),
            ("openness", &["openness-positive", "openness-negative"]),
            ("openess-positive", &["openness-positive"]),
            ("positive-openness", &["openness-positive"]),
            ("negative", &["openness-negative"]),
            ("SVF", &["svf"]),
            ("svg", &["svf"]),
            ("sfv", &["svf"]),
            ("svf_cosine", &["svf-cosine"]),
            ("SVF_Cosine", &["svf-cosine"]),
            ("svfcos", &["svf-cos"]),
            ("cosine", &["svf-cosine"]),
            ("horizons", &["horizon"]),
            ("anisotropic", &["svf-anisotropic"]),
            ("visible_sky", &["visible-sky"]),
            ("coverge", &["coverage"]),
            ("hillshade", &[]),
            ("xyz", &[]),
            ("", &[]),
        ] {
            assert_eq!(near(word, &measures), meant, "{word}");
        }
        assert_eq!(near("Lin", &["linear", "nearest", "divided"]), ["linear"]);
        assert_eq!(near("cubic", &["linear", "nearest", "divided"]), Vec::<&str>::new());
        assert_eq!(near("max-radius", &["radius", "max-memory"]), ["radius"]);
    }

    #[test]
    fn every_other_name_is_of_a_measure_and_of_none_itself() {
        for (other, name) in OTHER_NAMES {
            assert!(name.parse::<Measure>().is_ok(), "{name}");
            assert!(other.parse::<Measure>().is_err(), "{other}");
            let told = measure(other).unwrap_err();
            assert_eq!(told, format!("unknown measure '{other}'; did you mean '{name}'?"));
        }
        let told = measure("hillshade").unwrap_err();
        assert!(told.starts_with("unknown measure 'hillshade': measures are svf, "), "{told}");
        assert_eq!(measure(" svf-cosine "), Ok(Measure::SvfCosine));
    }

    #[test]
    fn numbers_say_what_is_wrong_with_them() {
        assert_eq!(number("-9999"), Ok(-9999.0));
        assert_eq!(number("0,5"), Err("write a decimal point: 0.5".into()));
        assert_eq!(number("1.5m"), Err("write only the number, without 'm': 1.5".into()));
        assert_eq!(number("far"), Err("not a number".into()));
        assert_eq!(finite("inf"), Err("not a finite number".into()));
        assert_eq!(whole::<u32, 1, 9>("9"), Ok(9));
        let told = whole::<u32, 1, 9>("10").unwrap_err();
        assert_eq!(told, "write a whole number from 1 to 9");
        let told = whole::<u64, 1, ANY>("1.5").unwrap_err();
        assert_eq!(told, "write a whole number, at least 1");
        assert_eq!(numbers("1,-2.5"), Ok([1.0, -2.5]));
        assert_eq!(numbers::<2>("1"), Err("two numbers are needed, separated by commas".into()));
        assert_eq!(
            numbers::<2>("1,5,2,5"),
            Err("two numbers are needed: write decimal points, e.g. 0.5".into())
        );
    }

    #[test]
    fn radii_with_units() {
        for (text, hint) in [
            ("0,5", "write a decimal point: 0.5"),
            ("100m", "write only the number, in units of the CRS: 100 if the CRS is in metres"),
            ("5 km", "write only the number, in units of the CRS: 5000 if the CRS is in metres"),
            ("300ft", "write only the number, in units of the CRS: 300"),
            ("100 PX", "write 100px for cells"),
            ("20cells", "write 20px for cells"),
            ("far", "write a number in units of the CRS, e.g. 300, or in cells, e.g. 100px"),
        ] {
            assert_eq!(radius_hint(text), hint, "{text}");
        }
    }
}
