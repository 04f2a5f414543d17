//! What is wrong with a command line: clap's findings in the words of this project, and what
//! may have been meant.

use std::error::Error;
use std::ffi::OsString;
use std::path::Path;

use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use svf_job::events::Diagnostic;

use crate::words::{did_you_mean, listed, near, simple};

const UNITS: [&str; 31] = [
    "m", "km", "cm", "mm", "ft", "feet", "foot", "yd", "mi", "metre", "metres", "meter", "meters",
    "px", "pixel", "pixels", "cell", "cells", "deg", "degree", "degrees", "°", "%", "k", "g", "kb",
    "mb", "gb", "kib", "mib", "gib",
];

/// Finds a unit that is separated from its number (`--radius 100 m`). It would be read as a file
/// name, possibly that of the output.
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

/// Whether the last argument is the value of an option.
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

/// The subcommand in the arguments, or the command itself.
fn subcommand<'a>(command: &'a Command, words: &[OsString]) -> &'a Command {
    words.iter().find_map(|word| command.find_subcommand(word)).unwrap_or(command)
}

/// What clap found wrong with the arguments, in one line, and how to correct it.
pub(crate) fn usage_diagnostic(
    error: &clap::Error,
    command: &Command,
    words: &[OsString],
) -> Diagnostic {
    let (message, hint) = Finding { error, command, words }.in_words();
    let hint = hint.unwrap_or_else(|| "--help lists the options".to_owned());
    Diagnostic::new("usage.arguments", message).hint(hint)
}

/// A message, and its hint.
type Said = (String, Option<String>);

/// What clap found wrong.
struct Finding<'a> {
    error: &'a clap::Error,
    command: &'a Command,
    words: &'a [OsString],
}

impl Finding<'_> {
    fn text(&self, kind: ContextKind) -> Option<String> {
        match self.error.get(kind) {
            Some(ContextValue::String(text)) => Some(text.clone()),
            _ => None,
        }
    }

    fn texts(&self, kind: ContextKind) -> Vec<String> {
        match self.error.get(kind) {
            Some(ContextValue::Strings(texts)) => texts.clone(),
            _ => Vec::new(),
        }
    }

    fn in_words(&self) -> Said {
        let Self { error, command, words } = *self;
        // Before clap's own finding: it takes the letters apart.
        if let Some((word, name)) = one_dash(subcommand(command, words), words) {
            let message = format!("{word}: long options start with two dashes");
            return (message, Some(format!("write --{name}")));
        }
        if let Some(word) =
            words.iter().rev().skip(1).filter_map(|w| w.to_str()).find(|w| w.ends_with(','))
        {
            let hint = "write lists without spaces, e.g. svf,svf-cosine, or put them in quotes";
            return (format!("'{word}' ends in a comma"), Some(hint.to_owned()));
        }
        // "--radius <R>"
        let argument = self.text(ContextKind::InvalidArg).unwrap_or_default();
        let option = argument.split(' ').next().unwrap_or_default();
        match error.kind() {
            ErrorKind::UnknownArgument => self.unknown_argument(&argument),
            ErrorKind::InvalidSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                self.no_command()
            }
            ErrorKind::InvalidValue => self.invalid_value(option, &argument),
            ErrorKind::ValueValidation => {
                let value = self.text(ContextKind::InvalidValue).unwrap_or_default();
                let reason = error.source().map_or_else(|| clap_text(error), ToString::to_string);
                let named = reason.contains(&format!("'{value}'"));
                let value = if named { String::new() } else { format!(" {}", quoted(&value)) };
                (format!("{option}{value}: {reason}"), None)
            }
            ErrorKind::ArgumentConflict
                if clap_text(error).contains("cannot be used multiple times") =>
            {
                (format!("{option} is given twice"), None)
            }
            ErrorKind::ArgumentConflict => (self.conflict(option), None),
            ErrorKind::MissingRequiredArgument => self.missing(),
            _ => (clap_text(error), None),
        }
    }

    fn unknown_argument(&self, argument: &str) -> Said {
        let of_words = subcommand(self.command, self.words);
        if argument.starts_with('-') {
            let words = self.words.iter().map(|word| word.to_string_lossy().into_owned());
            let long = argument.starts_with("--").then(|| argument.to_owned());
            // Of letters behind one dash clap names the first.
            let word = long.or_else(|| words.skip(1).find(|w| w.starts_with(argument)));
            let word = word.unwrap_or_else(|| argument.to_owned());
            let word = word.split('=').next().unwrap_or_default();
            return (format!("there is no option {word}"), option_hint(of_words, word));
        }
        // What `without` and similar functions refuse has its own message.
        if argument.is_empty() {
            return (clap_text(self.error), None);
        }
        let names: Vec<String> = of_words
            .get_positionals()
            .filter(|arg| !arg.is_hide_set())
            .map(|arg| arg.get_id().as_str().to_uppercase())
            .collect();
        let hint = format!(
            "apart from options, the arguments are {}; put a name with spaces in quotes",
            listed(&names, "and")
        );
        (format!("unexpected argument '{argument}'"), Some(hint))
    }

    fn no_command(&self) -> Said {
        let names: Vec<&str> = self.command.get_subcommands().map(Command::get_name).collect();
        let commands = format!("the commands are {}", listed(&names, "and"));
        match self.text(ContextKind::InvalidSubcommand) {
            Some(word) => (
                format!("'{word}' is not a command of {}", self.command.get_name()),
                did_you_mean(&near(&word, &names), "").or(Some(commands)),
            ),
            None => (format!("a command is missing: {commands}"), None),
        }
    }

    fn invalid_value(&self, option: &str, argument: &str) -> Said {
        let value = self.text(ContextKind::InvalidValue).unwrap_or_default();
        if value.is_empty() {
            return (format!("{option} needs a value: {argument}"), None);
        }
        let choices = self.texts(ContextKind::ValidValue);
        let names: Vec<&str> = choices.iter().map(String::as_str).collect();
        (
            format!("{option} {}: write {}", quoted(&value), listed(&names, "or")),
            did_you_mean(&near(&value, &names), ""),
        )
    }

    /// Arguments that exclude each other. Of many that an option excludes, clap names all: here
    /// only those that the user wrote.
    fn conflict(&self, option: &str) -> String {
        let others = match self.error.get(ContextKind::PriorArg) {
            Some(ContextValue::String(name)) => vec![name.clone()],
            Some(ContextValue::Strings(names)) => names.clone(),
            _ => return clap_text(self.error),
        };
        let names: Vec<&str> =
            others.iter().map(|name| name.split(' ').next().unwrap_or_default()).collect();
        let command = subcommand(self.command, self.words);
        let is_short = |name: &str| {
            let arg = command.get_arguments().find(|arg| arg.get_long() == name.strip_prefix("--"));
            let short = arg.and_then(clap::Arg::get_short).map(|letter| format!("-{letter}"));
            let words = || self.words.iter().skip(1).filter_map(|word| word.to_str());
            short.is_some_and(|short| words().any(|word| word.starts_with(&short)))
        };
        let written: Vec<&str> = names
            .iter()
            .copied()
            .filter(|name| is_written(name, self.words) || is_short(name))
            .collect();
        let names = if written.is_empty() { names } else { written };
        let names: Vec<&str> =
            names.iter().map(|name| name.trim_matches(['<', '>', '[', ']', '.'])).collect();
        format!("{option} cannot be used with {}", listed(&names, "and"))
    }

    fn missing(&self) -> Said {
        let mut names: Vec<String> =
            self.texts(ContextKind::InvalidArg).iter().map(|name| one_of(name)).collect();
        // File names first, as in the command line.
        names.sort_by_key(|name| name.starts_with('-'));
        if let Some((option, needed)) = needs(&names, self.words) {
            return (format!("{option} can only be used with {needed}"), None);
        }
        let taken = config_value(self.words).map(|(key, value)| {
            format!("--config {key} took {value} as its value: write --config {key}=VALUE")
        });
        let words = match &names[..] {
            [name] => format!("{name} is missing"),
            _ => {
                for name in names.iter_mut().filter(|name| name.contains(" or ")) {
                    *name = format!("one of {name}");
                }
                format!("{} are missing", listed(&names, "and"))
            }
        };
        (words, taken)
    }
}

/// Options that have no effect without another one.
const NEEDS: [(&str, &str); 9] = [
    ("--refraction", "--curvature"),
    ("--trunk-ratio", "--canopy"),
    ("--trunk", "--canopy"),
    ("--transmissivity", "--canopy"),
    ("--restart", "--work-dir"),
    ("--tiles", "--plan"),
    ("--tile-part", "--plan"),
    ("--layer", "--points"),
    ("--receivers-layer", "--receivers"),
];

/// The option that needs another one, and this other one, which is missing.
fn needs(missing: &[String], words: &[OsString]) -> Option<(&'static str, &'static str)> {
    NEEDS.into_iter().find(|(option, needed)| {
        missing.iter().any(|name| name == needed) && is_written(option, words)
    })
}

/// Whether an option is among the arguments.
fn is_written(option: &str, words: &[OsString]) -> bool {
    words.iter().filter_map(|word| word.to_str()).any(|word| {
        word == option || word.strip_prefix(option).is_some_and(|rest| rest.starts_with('='))
    })
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

/// A value as it was written, in quotes if it could not be recognised as a value.
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

/// The name of an option that has a short one.
fn long_of(command: &Command, letter: char) -> Option<&str> {
    let mut shown = command.get_arguments().filter(|arg| !arg.is_hide_set());
    shown.find(|arg| arg.get_short() == Some(letter))?.get_long()
}

fn long_names(command: &Command) -> Vec<&str> {
    let shown = command.get_arguments().filter(|arg| !arg.is_hide_set());
    shown.filter_map(|arg| arg.get_long()).collect()
}

/// Suggestions for an option that does not exist.
fn option_hint(command: &Command, word: &str) -> Option<String> {
    let names = long_names(command);
    let name = word.trim_start_matches('-');
    if names.contains(&simple(name).as_str()) {
        return Some(format!("write --{}", simple(name)));
    }
    // Of letters behind one dash clap has found those that it knows.
    if let [letter] = name.chars().collect::<Vec<_>>()[..]
        && let Some(long) = long_of(command, letter).filter(|_| word.starts_with("--"))
    {
        return Some(format!("write -{letter} or --{long}"));
    }
    let of_others = match name {
        "i" | "o" => {
            return Some("file names need no option: write INPUT OUTPUT".to_owned());
        }
        "j" | "t" | "jobs" | "cores" => Some("threads"),
        "r" => Some("radius"),
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
    // A single letter that is similar to many names is not useful.
    if near.len() > 4 { None } else { did_you_mean(&near, "--") }
}

/// The key and the value of a `--config KEY VALUE` whose value may be a file name.
fn config_value(words: &[OsString]) -> Option<(String, String)> {
    words.iter().find_map(|word| {
        let (key, value) = word.to_str()?.strip_prefix("--config=")?.split_once('=')?;
        let value_path = Path::new(value);
        (value_path.exists() || value_path.extension().is_some())
            .then(|| (key.to_owned(), value.to_owned()))
    })
}
