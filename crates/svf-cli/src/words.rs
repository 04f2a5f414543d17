//! What people write on a command line, and what they may have meant by it: numbers,
//! names, and clap's findings in the words of this project.

use std::error::Error;
use std::ffi::OsString;
use std::path::Path;

use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use svf::request::Radius;
use svf_job::events::Diagnostic;
use svf_kernel::Measure;
use svf_raster::RasterError;
use svf_raster::driver::{driver_named, drivers};

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

/// No bound, as far as the type goes.
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

/// What stands in front of letters, if it is a number.
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

/// What a search radius is written as, or what is wrong with it.
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

/// Names of other programs, and of papers, for measures that have another name here.
const OTHER_NAMES: [(&str, &str); 21] = [
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

/// A measure by its name; blanks around it are no part of it.
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
/// A name that is none, with those that may have been meant.
pub(crate) fn driver(name: &str, output: &str) -> Result<String, RasterError> {
    driver_named(name.trim(), output).map_err(|error| {
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
        error.hint(hint.unwrap_or_else(|| "gdalinfo --formats lists the drivers".to_owned()))
    })
}

/// "did you mean 'a' or 'b'?", where there is anything to offer.
fn did_you_mean(names: &[&str], dashes: &str) -> Option<String> {
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

/// Small letters, hyphens between words.
fn simple(word: &str) -> String {
    word.trim().to_lowercase().replace(['_', ' '], "-")
}

/// The names that are near to a word: those nearest to it, and none if all are far. A part
/// of a name counts as well (`openess` is near to two), and so does a name that is a part of it.
pub(crate) fn near<'a>(word: &str, names: &[&'a str]) -> Vec<&'a str> {
    let word = simple(word);
    let scores = names.iter().filter_map(|name| Some((score(&word, &simple(name))?, *name)));
    let scores: Vec<(usize, &str)> = scores.collect();
    let Some(best) = scores.iter().map(|(score, _)| *score).min() else { return Vec::new() };
    scores.into_iter().filter(|(score, _)| *score == best).map(|(_, name)| name).collect()
}

/// How far a word is from a name, in half edits; none where they have nothing in common.
fn score(word: &str, name: &str) -> Option<usize> {
    let close = |a: &str, b: &str| {
        let limit = match a.chars().count().min(b.chars().count()) {
            0..=2 => 0,
            3..=4 => 1,
            5..=8 => 2,
            _ => 3,
        };
        Some(edit_distance(a, b)).filter(|edits| *edits <= limit)
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

/// Any words of a name that follow one another.
fn parts(name: &str) -> Vec<String> {
    let words: Vec<&str> = name.split('-').collect();
    let from = |first| (first + 1..=words.len()).map(move |end| (first, end));
    (0..words.len()).flat_map(from).map(|(first, end)| words[first..end].join("-")).collect()
}

/// Number of single-letter edits between two words (Levenshtein 1966).
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let substitute = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = substitute.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

const UNITS: [&str; 31] = [
    "m", "km", "cm", "mm", "ft", "feet", "foot", "yd", "mi", "metre", "metres", "meter", "meters",
    "px", "pixel", "pixels", "cell", "cells", "deg", "degree", "degrees", "°", "%", "k", "g", "kb",
    "mb", "gb", "kib", "mib", "gib",
];

/// Finds a unit that stands apart from its number (`--radius 100 m`): it would be taken for
/// the name of a file, possibly that of the output.
pub(crate) fn stray_unit(command: &Command, words: &[OsString]) -> Option<Diagnostic> {
    let command = subcommand(command, words);
    let words: Vec<String> = words.iter().map(|w| w.to_string_lossy().into_owned()).collect();
    let (at, unit) = words.iter().enumerate().skip(2).find(|(i, word)| {
        let unit = word.to_lowercase();
        UNITS.contains(&unit.as_str())
            && words[i - 1].rsplit('=').next().is_some_and(|n| n.parse::<f64>().is_ok())
            && takes_value(command, &words[..*i])
            && !Path::new(word).exists()
    })?;
    let (option, number) = match words[at - 1].split_once('=') {
        Some((option, number)) => (option, number),
        None => (words[at - 2].as_str(), words[at - 1].as_str()),
    };
    let message = format!("{option} {number} {unit}: remove the space before '{unit}'");
    let number_of = |text: &str| text.parse().unwrap_or(f64::NAN);
    let hint = match (option, unit.to_lowercase().as_str()) {
        ("--max-memory", _) => format!("write {option} {number}{unit}"),
        ("--radius", "px" | "pixel" | "pixels" | "cell" | "cells") => {
            format!("write {option} {number}px")
        }
        (_, "km") => {
            let metres = number_of(number) * 1000.0;
            format!("write only the number: {option} {metres} if the CRS is in metres")
        }
        _ => format!("write only the number: {option} {number}"),
    };
    Some(Diagnostic::new("usage.arguments", message).hint(hint))
}

/// Whether the last of the words is the value of an option.
fn takes_value(command: &Command, words: &[String]) -> bool {
    let is = |text: &str| {
        command.get_arguments().any(|arg| {
            let long = arg.get_long().is_some_and(|long| text == format!("--{long}"));
            let short = arg.get_short().is_some_and(|short| text == format!("-{short}"));
            (long || short) && arg.get_action().takes_values()
        })
    };
    match words {
        [.., option, value] => is(option) || value.split_once('=').is_some_and(|(o, _)| is(o)),
        _ => false,
    }
}

/// The subcommand that the words name, or the command itself.
fn subcommand<'a>(command: &'a Command, words: &[OsString]) -> &'a Command {
    words.iter().find_map(|word| command.find_subcommand(word)).unwrap_or(command)
}

/// What clap found wrong with the words, in one line, and what mends it.
pub(crate) fn usage_diagnostic(
    error: &clap::Error,
    command: &Command,
    words: &[OsString],
) -> Diagnostic {
    let of_words = subcommand(command, words);
    let say = |message: String, hint: Option<String>| {
        let hint = hint.unwrap_or_else(|| "--help lists the options".to_owned());
        Diagnostic::new("usage.arguments", message).hint(hint)
    };
    let context = |kind: ContextKind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        _ => None,
    };
    let listed_in = |kind: ContextKind| match error.get(kind) {
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    };
    // Whatever clap makes of its letters.
    if let Some((word, name)) = one_dash(of_words, words) {
        let message = format!("{word}: long options start with two dashes");
        return say(message, Some(format!("write --{name}")));
    }
    if let Some(word) =
        words.iter().rev().skip(1).filter_map(|w| w.to_str()).find(|w| w.ends_with(','))
    {
        let hint = "write lists without spaces, e.g. svf,svf-cosine, or put them in quotes";
        return say(format!("'{word}' ends in a comma"), Some(hint.to_owned()));
    }
    // "--radius <R>"
    let argument = context(ContextKind::InvalidArg).unwrap_or_default();
    let option = argument.split(' ').next().unwrap_or_default();
    let value = context(ContextKind::InvalidValue).unwrap_or_default();
    match error.kind() {
        ErrorKind::UnknownArgument if argument.starts_with('-') => {
            let long = argument.starts_with("--");
            let words = words.iter().map(|word| word.to_string_lossy().into_owned());
            let word = if long { Some(argument.clone()) } else { None };
            let word = word.or_else(|| words.skip(1).find(|w| w.starts_with(&argument)));
            let word = word.unwrap_or_else(|| argument.clone());
            let word = word.split('=').next().unwrap_or_default();
            say(format!("there is no option {word}"), option_hint(of_words, word))
        }
        ErrorKind::UnknownArgument => {
            let names: Vec<String> = of_words
                .get_positionals()
                .filter(|arg| !arg.is_hide_set())
                .map(|arg| arg.get_id().as_str().to_uppercase())
                .collect();
            let hint = format!(
                "apart from options, the arguments are {}; put a name with spaces in quotes",
                listed(&names, "and")
            );
            // What `without` and the like refuse has its own words.
            let own = argument.is_empty();
            let message =
                if own { clap_text(error) } else { format!("unexpected argument '{argument}'") };
            say(message, (!own).then_some(hint))
        }
        ErrorKind::InvalidSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let names: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
            let commands = format!("the commands are {}", listed(&names, "and"));
            match context(ContextKind::InvalidSubcommand) {
                Some(word) => say(
                    format!("'{word}' is not a command of {}", command.get_name()),
                    did_you_mean(&near(&word, &names), "").or(Some(commands)),
                ),
                None => say(format!("a command is missing: {commands}"), None),
            }
        }
        ErrorKind::InvalidValue if value.is_empty() => {
            say(format!("{option} needs a value: {argument}"), None)
        }
        ErrorKind::InvalidValue => {
            let choices = listed_in(ContextKind::ValidValue);
            let names: Vec<&str> = choices.iter().map(String::as_str).collect();
            say(
                format!("{option} {}: write {}", quoted(&value), listed(&names, "or")),
                did_you_mean(&near(&value, &names), ""),
            )
        }
        ErrorKind::ValueValidation => {
            let reason = error.source().map_or_else(|| clap_text(error), ToString::to_string);
            let named = reason.contains(&format!("'{value}'"));
            let value = if named { String::new() } else { format!(" {}", quoted(&value)) };
            say(format!("{option}{value}: {reason}"), None)
        }
        ErrorKind::ArgumentConflict
            if clap_text(error).contains("cannot be used multiple times") =>
        {
            say(format!("{option} is given twice"), None)
        }
        ErrorKind::MissingRequiredArgument => {
            let names: Vec<String> =
                listed_in(ContextKind::InvalidArg).iter().map(|name| one_of(name)).collect();
            let taken = config_value(words).map(|(key, value)| {
                format!("--config {key} took {value} as its value: write --config {key}=VALUE")
            });
            if let Some((option, needed)) = needs(&names, words) {
                return say(format!("{option} can only be used with {needed}"), None);
            }
            let is = if names.len() == 1 { "is" } else { "are" };
            say(format!("{} {is} missing", listed(&names, "and")), taken)
        }
        _ => say(clap_text(error), None),
    }
}

/// Options that mean nothing without another one.
const NEEDS: [(&str, &str); 8] = [
    ("--refraction", "--curvature"),
    ("--trunk-ratio", "--canopy"),
    ("--trunk", "--canopy"),
    ("--transmissivity", "--canopy"),
    ("--restart", "--work-dir"),
    ("--tiles", "--plan"),
    ("--tile-part", "--plan"),
    ("--layer", "--points"),
];

/// The option among the words that needs one which is missing, and that one.
fn needs(missing: &[String], words: &[OsString]) -> Option<(&'static str, &'static str)> {
    let is_there = |option: &str| {
        words.iter().filter_map(|word| word.to_str()).any(|word| {
            word == option || word.strip_prefix(option).is_some_and(|rest| rest.starts_with('='))
        })
    };
    NEEDS
        .into_iter()
        .find(|(option, needed)| missing.iter().any(|name| name == needed) && is_there(option))
}

/// clap's first paragraph, in one line.
fn clap_text(error: &clap::Error) -> String {
    let text = error.to_string();
    let lines: Vec<&str> = text.lines().map(str::trim).take_while(|l| !l.is_empty()).collect();
    lines.join(" ").trim_start_matches("error: ").to_owned()
}

/// An argument that is missing, or several of which one is: "<--at <X,Y>|--points <FILE>>".
fn one_of(name: &str) -> String {
    let name = name.strip_prefix('<').and_then(|name| name.strip_suffix('>')).unwrap_or(name);
    let names: Vec<&str> =
        name.split('|').map(|name| name.split(' ').next().unwrap_or_default()).collect();
    listed(&names, "or")
}

/// A value as it was written, in quotes where it would not be seen as one.
fn quoted(value: &str) -> String {
    let bare = !value.is_empty() && !value.contains(char::is_whitespace);
    if bare { value.to_owned() } else { format!("'{value}'") }
}

/// An option that was written with one dash, and its name.
fn one_dash<'a>(command: &'a Command, words: &'a [OsString]) -> Option<(String, &'a str)> {
    words.iter().skip(1).take_while(|word| *word != "--").find_map(|word| {
        let word = word.to_str()?.split('=').next()?;
        let letters = word.strip_prefix('-').filter(|rest| rest.len() > 1)?;
        let name = simple(letters);
        let long = long_names(command).into_iter().find(|long| *long == name)?;
        Some((word.to_owned(), long))
    })
}

fn long_names(command: &Command) -> Vec<&str> {
    let shown = command.get_arguments().filter(|arg| !arg.is_hide_set());
    shown.filter_map(|arg| arg.get_long()).collect()
}

/// What may have been meant by an option that there is not.
fn option_hint(command: &Command, word: &str) -> Option<String> {
    let names = long_names(command);
    let name = word.trim_start_matches('-');
    if names.contains(&simple(name).as_str()) {
        return Some(format!("write --{}", simple(name)));
    }
    let of_others = match name {
        "i" | "o" => {
            return Some("file names need no option: write INPUT OUTPUT".to_owned());
        }
        "j" | "t" | "jobs" | "cores" => Some("threads"),
        // Names of GDAL's programs.
        "srcnodata" => Some("input-nodata"),
        "dstnodata" | "a_nodata" | "a-nodata" => Some("nodata"),
        "te" | "spat" => Some("bbox"),
        _ => None,
    };
    let near = match of_others.filter(|long| names.contains(long)) {
        Some(long) => vec![long],
        None if name.chars().count() == 1 => {
            names.into_iter().filter(|long| long.starts_with(&simple(name))).collect()
        }
        None => near(name, &names),
    };
    // A letter with many names says nothing.
    if near.len() > 4 { None } else { did_you_mean(&near, "--") }
}

/// The key and the value of a `--config KEY VALUE` whose value may have been a file.
fn config_value(words: &[OsString]) -> Option<(String, String)> {
    words.iter().find_map(|word| {
        let (key, value) = word.to_str()?.strip_prefix("--config=")?.split_once('=')?;
        let value_path = Path::new(value);
        (value_path.exists() || value_path.extension().is_some())
            .then(|| (key.to_owned(), value.to_owned()))
    })
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
