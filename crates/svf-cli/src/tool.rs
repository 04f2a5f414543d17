//! What all tools have in common: version, options as JSON, errors of the command line, panics,
//! the last event, the exit code.

use std::ffi::OsString;
use std::io::{self, Stdout, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use clap::parser::ValueSource;
use clap::{ArgMatches, Command, Parser};
use serde_json::{Value, json};
use svf::printed::printed_into;
use svf::{CancelToken, Error, ErrorKind, Session};
use svf_job::events::{CONTRACT, Diagnostic};
use svf_kernel::simd::SimdLevel;
use svf_raster::staging::is_stdout;
use svf_raster::stdout::refuse_closed;

use crate::args::{RunArgs, json_usage, modernise};
use crate::report::{EventStream, Reporter, refuse_closed_events};
use crate::sky::without_effect;
use crate::usage::{stray_unit, usage_diagnostic};

/// A tool: its name, its options for reporting, and its work.
pub struct Tool<A> {
    /// Name of the binary.
    pub name: &'static str,
    /// Its options for reporting.
    pub run: fn(&A) -> &RunArgs,
    /// Shared options that it does not have, with the reason: they are hidden and refused.
    pub without: (&'static [&'static str], &'static str),
    /// Interprets its positional arguments, after parsing.
    pub settle: fn(&mut A) -> Result<(), String>,
    /// Where its events go.
    pub stream: fn(&A) -> EventStream,
    /// The work.
    pub work: fn(&A, &CancelToken, &mut Reporter) -> Result<Outcome, Error>,
}

/// The result of a successful run.
pub struct Outcome {
    /// Final paths.
    pub outputs: Vec<String>,
    /// For the `done` event.
    pub stats: Value,
    /// For people.
    pub text: String,
}

impl<A: Parser> Tool<A> {
    /// Runs the tool with a name of the program and its arguments.
    pub fn main(&self, words: impl IntoIterator<Item = OsString>) -> ExitCode {
        let words = modernise(words);
        let has = |flag: &str| words.iter().any(|word| word == flag);
        if has("--version") {
            let text = version(self.name, has("--json"));
            return self.exit_code(text.and_then(|text| print_asked(&text)));
        }
        if has("--json-usage") {
            return self.exit_code(print_asked(&format!("{:#}", json_usage(&self.command()))));
        }
        let events = asks_for_events(&words);
        let refuse = |diagnostic: Diagnostic| {
            let failure = Error::refused(diagnostic);
            Reporter::bare(self.name, events).failed(&failure);
            code_of(&failure)
        };
        if let Some(diagnostic) = stray_unit(&self.command(), &words) {
            return refuse(diagnostic);
        }
        let args = match self.parse(words.clone()) {
            Ok(args) => args,
            Err(error) if error.use_stderr() => {
                return refuse(usage_diagnostic(&error, &self.command(), &words));
            }
            // --help
            Err(error) => return self.exit_code(all_of_it(to_stdout(|_| error.print()))),
        };
        let named: Vec<String> =
            words.iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
        if let Some(file) = printed_into(&named) {
            let message = format!("{file} would be overwritten by what this command prints");
            let diagnostic = Diagnostic::new("output.is_input", message);
            let failure =
                Error::refused(diagnostic.hint("redirect standard output to another file"));
            // Not as an event, which is printed.
            Reporter::bare(self.name, None).failed(&failure);
            return code_of(&failure);
        }
        // A panic is a bug: it is reported in one line, also as an event.
        let panic_text = Arc::new(Mutex::new(String::new()));
        let text = panic_text.clone();
        std::panic::set_hook(Box::new(move |panic| {
            if let Ok(mut text) = text.lock() {
                *text = panic.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
            }
        }));
        catch_unwind(AssertUnwindSafe(|| self.report_work(&args))).unwrap_or_else(|_| {
            let text = panic_text.lock().map(|text| text.clone()).unwrap_or_default();
            let diagnostic =
                Diagnostic::new("internal", text).hint("this is a bug: please report it");
            let failure = Error::failed(diagnostic);
            Reporter::bare(self.name, events).failed(&failure);
            code_of(&failure)
        })
    }

    /// The exit code after the requested text was printed, or could not be printed.
    fn exit_code(&self, printed: Result<(), Error>) -> ExitCode {
        match printed {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                Reporter::bare(self.name, None).failed(&error);
                code_of(&error)
            }
        }
    }

    /// Its arguments, as `--help` shows them.
    pub fn command(&self) -> Command {
        let hide = |command: Command, name: &&'static str| command.mut_arg(name, |a| a.hide(true));
        self.without.0.iter().fold(A::command(), hide)
    }

    fn parse(&self, words: Vec<OsString>) -> Result<A, clap::Error> {
        let mut command = self.command();
        let matches = command.try_get_matches_from_mut(words)?;
        for name in self.without.0 {
            if matches.value_source(name) == Some(ValueSource::CommandLine) {
                let long = command.get_arguments().find(|arg| arg.get_id() == name);
                let long = long.and_then(|arg| arg.get_long()).unwrap_or(name);
                let message = format!("--{long} cannot be used here: {}", self.without.1);
                return Err(command.error(clap::error::ErrorKind::UnknownArgument, message));
            }
        }
        let of_tool = matches.subcommand().map_or(&matches, |(_, of_command)| of_command);
        if let Some(message) = without_effect(of_tool) {
            return Err(command.error(clap::error::ErrorKind::ArgumentConflict, message));
        }
        if let Some(word) = word_too_many(of_tool) {
            use clap::error::{ContextKind, ContextValue, ErrorKind};
            let mut error = clap::Error::new(ErrorKind::UnknownArgument).with_cmd(&command);
            error.insert(ContextKind::InvalidArg, ContextValue::String(word));
            return Err(error);
        }
        let mut args = A::from_arg_matches(&matches).map_err(|error| error.format(&mut command))?;
        (self.settle)(&mut args)
            .map_err(|message| command.error(clap::error::ErrorKind::ArgumentConflict, message))?;
        Ok(args)
    }

    fn report_work(&self, args: &A) -> ExitCode {
        let cancel = CancelToken::default();
        let (run, stream) = ((self.run)(args), (self.stream)(args));
        if let Err(closed) = refuse_closed_events(run, stream) {
            return self.exit_code(Err(closed));
        }
        let mut reporter = Reporter::new(self.name, run, stream, cancel.clone());
        match (self.work)(args, &cancel, &mut reporter) {
            Ok(Outcome { outputs, stats, text }) => {
                self.exit_code(reporter.done(outputs, stats, &text))
            }
            Err(failure) => {
                let failure = reporter.explain(failure);
                reporter.failed(&failure);
                svf_job::cancel::leave(number_of(&failure))
            }
        }
    }
}

/// The third of three arguments, if the second, which would be a raster to read, is not a file:
/// then INPUT and OUTPUT were meant, and there is one argument too many.
fn word_too_many(matches: &ArgMatches) -> Option<String> {
    let mut more = matches.try_get_raw("more").ok()??;
    let (third, fourth) = (more.next()?, more.next());
    let second = ["output", "plan"]
        .into_iter()
        .find_map(|name| matches.try_get_raw(name).ok()??.next())
        .map(|word| word.to_string_lossy().into_owned())?;
    let is_there = std::path::Path::new(&second).exists()
        || second.starts_with("/vsi")
        || second.contains(':')
        || second == "-";
    (fourth.is_none() && !is_there).then(|| third.to_string_lossy().into_owned())
}

/// From now on, signals and other causes can cancel the run.
pub(crate) fn watch_for_cancel(
    run: &RunArgs,
    reads_stdin: bool,
    cancel: &CancelToken,
    reporter: &Reporter,
) -> Result<(), Error> {
    let last_words = reporter.last_words();
    cancel
        .on_signals(|| {
            svf::remove_unfinished();
            last_words();
        })
        .map_err(|error| Error::failed(Diagnostic::new("internal", error.to_string())))?;
    if run.cancel_on_stdin_eof {
        if reads_stdin {
            let message = "--cancel-on-stdin-eof cannot be used when the input is /vsistdin/";
            return Err(Error::usage("usage.arguments", message));
        }
        cancel.on_stdin_eof();
    }
    Ok(())
}

/// Refuses to print to a standard output that is closed.
///
/// # Errors
/// If it is.
pub(crate) fn refuse_closed_stdout() -> Result<(), Error> {
    refuse_closed().map_err(|error| {
        let diagnostic =
            Diagnostic::new("output.stdout", format!("nothing can be printed: {error}"));
        Error::failed(diagnostic.hint("to throw it away, write > /dev/null instead of >&-"))
    })
}

/// A line on standard output. If the reader went away, the run is cancelled.
pub(crate) fn print_line(line: &str) -> Result<(), Error> {
    to_stdout(|stdout| writeln!(stdout, "{line}"))
}

/// The text that was asked for, as with `--version`.
pub(crate) fn print_asked(text: &str) -> Result<(), Error> {
    all_of_it(print_line(text))
}

/// A reader that went away needed no more of a text, and nothing is cancelled.
fn all_of_it(printed: Result<(), Error>) -> Result<(), Error> {
    match printed {
        Err(error) if error.kind() == ErrorKind::Cancelled => Ok(()),
        printed => printed,
    }
}

fn to_stdout(print: impl FnOnce(&mut Stdout) -> io::Result<()>) -> Result<(), Error> {
    use std::io::ErrorKind::BrokenPipe;
    refuse_closed_stdout()?;
    let mut stdout = io::stdout();
    print(&mut stdout).and_then(|()| stdout.flush()).map_err(|error| {
        if error.kind() == BrokenPipe {
            return Error::cancelled();
        }
        let message = format!("cannot write to standard output: {error}");
        Error::failed(Diagnostic::new("output.stdout", message))
    })
}

/// The exit code of the contract.
pub(crate) fn code_of(error: &Error) -> ExitCode {
    ExitCode::from(number_of(error))
}

fn number_of(error: &Error) -> u8 {
    match error.kind() {
        ErrorKind::Usage => 2,
        ErrorKind::Incomplete => 3,
        ErrorKind::Cancelled => 130,
        // Failed, and all kinds that may be added later.
        _ => 1,
    }
}

/// Whether the arguments request events, and where, if they cannot be parsed.
fn asks_for_events(words: &[OsString]) -> Option<EventStream> {
    let json = words.windows(2).any(|pair| pair[0] == "--progress" && pair[1] == "json")
        || words.iter().any(|word| word == "--progress=json");
    let to_stdout = words.iter().any(|word| is_stdout(&word.to_string_lossy()))
        || words.last().is_some_and(|word| word == "-");
    json.then_some(if to_stdout { EventStream::Stderr } else { EventStream::Stdout })
}

pub(crate) fn version(tool: &str, json: bool) -> Result<String, Error> {
    let version = env!("CARGO_PKG_VERSION");
    let gdal = Session::gdal_version();
    let simd = SimdLevel::detect().name();
    if !json {
        return Ok(format!("{tool} {version} (GDAL {gdal}, {simd})"));
    }
    let drivers = Session::start(&[])?.drivers();
    let gdal = json!({
        "version": gdal, "linkage": Session::gdal_linkage(), "drivers": drivers,
    });
    let answer = json!({ "contract": CONTRACT, "version": version, "gdal": gdal, "simd": simd });
    Ok(answer.to_string())
}
