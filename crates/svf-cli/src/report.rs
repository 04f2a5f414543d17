//! The only module that prints. Events for programs go to one stream, text for people to stderr.
//! If the reader goes away, the run is cancelled.

use std::cell::RefCell;
use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value;
use svf::numbers::count_of;
use svf::{Error, Observer, Stage};
use svf_job::budget::show_size;
use svf_job::events::{CONTRACT, Diagnostic, FileFinding};
use svf_job::resources::{self, LogHead, ResourceLog};
use svf_job::{CancelToken, Event, Plan, TileNews};
use svf_raster::stdout::refuse_closed;

use crate::args::{ProgressMode, ResourceArgs, RunArgs};

/// Where events go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventStream {
    /// Standard output, as usual.
    Stdout,
    /// Standard error, when the raster itself goes to standard output.
    Stderr,
}

/// Reports the run to the user, or to the program that called.
pub struct Reporter {
    tool: &'static str,
    events: Option<EventStream>,
    bar: Option<ProgressBar>,
    quiet: bool,
    verbose: bool,
    started: Instant,
    cancel: CancelToken,
    /// Whether the last event was passed on.
    ended: Arc<AtomicBool>,
    /// The log of resources that was requested, and the one that is being written.
    log_asked: Option<ResourceArgs>,
    log: Option<(String, ResourceLog)>,
    pace: Pace,
    /// Why events could not be written, if the reason is not a reader that went away.
    lost: RefCell<Option<String>>,
}

/// Limits progress events to ten per second, and estimates the remaining time.
struct Pace {
    last: Option<Instant>,
    stage: &'static str,
    stage_started: Instant,
}

const INTERVAL: Duration = Duration::from_millis(100);
/// Before this time, an ETA would be a guess.
const ETA_AFTER: Duration = Duration::from_secs(1);

impl Reporter {
    /// Starts reporting as requested.
    pub fn new(
        tool: &'static str,
        run: &RunArgs,
        events: EventStream,
        cancel: CancelToken,
    ) -> Self {
        let started = Instant::now();
        let json = run.progress == ProgressMode::Json;
        let bar = match run.progress {
            ProgressMode::Bar => true,
            ProgressMode::Auto => !run.quiet && std::io::stderr().is_terminal(),
            ProgressMode::Json | ProgressMode::None => false,
        };
        Self {
            tool,
            events: json.then_some(events),
            bar: bar.then(new_bar),
            quiet: run.quiet,
            verbose: run.verbose,
            started,
            cancel,
            ended: Arc::default(),
            log_asked: None,
            log: None,
            pace: Pace { last: None, stage: "start", stage_started: started },
            lost: RefCell::new(None),
        }
    }

    /// Starts the log of resources when the inputs are open, if it was requested.
    pub fn log_to(&mut self, asked: &ResourceArgs) {
        self.log_asked = asked.profile_log.is_some().then(|| asked.clone());
    }

    /// For failures before the arguments are parsed: `events` if they were requested.
    pub fn bare(tool: &'static str, events: Option<EventStream>) -> Self {
        let started = Instant::now();
        Self {
            tool,
            events,
            bar: None,
            quiet: false,
            verbose: false,
            started,
            cancel: CancelToken::default(),
            ended: Arc::default(),
            log_asked: None,
            log: None,
            pace: Pace { last: None, stage: "start", stage_started: started },
            lost: RefCell::new(None),
        }
    }

    /// The tool has parsed its arguments.
    pub fn start(&self, args: Value) {
        self.event(&Event::Start {
            contract: CONTRACT,
            tool: self.tool,
            version: env!("CARGO_PKG_VERSION"),
            args,
        });
    }

    fn open_log(&mut self, asked: &ResourceArgs) -> Result<(), Error> {
        let Some(path) = &asked.profile_log else { return Ok(()) };
        if path.as_os_str() == "-" {
            let message = "--profile-log needs a file name: standard output is used for events";
            return Err(Error::usage("usage.arguments", message));
        }
        // A log may replace an earlier log, but no other file.
        if path.is_file() && !ResourceLog::is_log(path).unwrap_or(false) {
            let shown = path.display().to_string();
            let message = format!("{shown} exists and is not a profile log");
            let diagnostic = Diagnostic::new("output.exists", message).hint("choose another file");
            return Err(Error::refused(diagnostic.path(shown)));
        }
        let limits = asked.limits();
        let head = LogHead {
            tool: self.tool,
            version: env!("CARGO_PKG_VERSION"),
            budget_bytes: limits.budget_bytes(),
            threads: limits.threads(),
        };
        let log = ResourceLog::create(path, self.started, &head).map_err(|error| {
            let message = format!("cannot write the profile log {}: {error}", path.display());
            Error::failed(Diagnostic::new("log.create", message).path(path.display().to_string()))
        })?;
        self.log = Some((path.display().to_string(), log));
        Ok(())
    }

    /// What to do on another thread when a run that was cancelled is stuck: says that it was
    /// cancelled, unless the run has said how it ended.
    pub fn last_words(&self) -> impl FnOnce() + Send + use<> {
        let (tool, events, quiet) = (self.tool, self.events, self.quiet);
        let (ended, started) = (self.ended.clone(), self.started);
        move || {
            if ended.swap(true, Ordering::SeqCst) {
                return;
            }
            let _ = match events {
                None if quiet => Ok(()),
                None => write_all(&mut std::io::stderr().lock(), &format!("{tool}: cancelled\n")),
                Some(stream) => {
                    let elapsed_s = started.elapsed().as_secs_f64();
                    write_event(stream, &Event::Cancelled { elapsed_s })
                }
            };
        }
    }

    /// Whether this thread is to tell how the run ended.
    fn may_end(&self) -> bool {
        !self.ended.swap(true, Ordering::SeqCst)
    }

    /// Writes an event, if events were requested.
    pub fn event(&self, event: &Event) {
        let Some(stream) = self.events else { return };
        if let Err(error) = write_event(stream, event) {
            self.cancel.cancel();
            // If the reader went away, the run is cancelled; all other errors are failures.
            if error.kind() != std::io::ErrorKind::BrokenPipe {
                self.lost.borrow_mut().get_or_insert(error.to_string());
            }
        }
    }

    /// A line for people, unless `--quiet` is set.
    pub fn say(&self, line: &str) {
        if !self.quiet && self.events.is_none() {
            self.print(line);
        }
    }

    /// A line for people, if `--verbose` is set.
    pub fn say_more(&self, line: &str) {
        if self.verbose && self.events.is_none() {
            self.print(line);
        }
    }

    fn say_diagnostic(&self, kind: &str, diagnostic: &Diagnostic) {
        let hint =
            diagnostic.hint.as_ref().map(|hint| format!("\n  hint: {hint}")).unwrap_or_default();
        const SHOWN: usize = 20;
        let mut table = String::new();
        for FileFinding { path, reason, mend } in diagnostic.details.files.iter().take(SHOWN) {
            table += &format!("\n  {path}: {reason}");
            table.extend(mend.iter().map(|mend| format!("\n      {mend}")));
        }
        if let more @ 1.. = diagnostic.details.files.len().saturating_sub(SHOWN) {
            table += &format!("\n  and {more} more");
        }
        self.print(&format!("{}: {kind}: {}{table}{hint}", self.tool, diagnostic.message));
    }

    /// Writes to stderr, above the bar if there is one.
    fn print(&self, line: &str) {
        let print = || {
            let _ = write_all(&mut std::io::stderr().lock(), &format!("{}\n", harmless(line)));
        };
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    /// Removes the bar from the screen and completes the log.
    fn close(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        if let Some((path, log)) = self.log.take()
            && let Err(error) = log.close()
        {
            let message = format!("cannot write all of the profile log {path}: {error}");
            self.warn(Diagnostic::new("log.write", message).path(path));
        }
    }

    /// The last event and text of a tool that succeeded.
    ///
    /// # Errors
    /// An event that could not be written, this one or an earlier one: the caller waits for it.
    pub fn done(mut self, outputs: Vec<String>, stats: Value, text: &str) -> Result<(), Error> {
        self.close();
        if !self.may_end() {
            return Ok(());
        }
        if !text.is_empty() {
            self.say(text);
        }
        self.event(&Event::Done {
            outputs,
            stats,
            elapsed_s: self.started.elapsed().as_secs_f64(),
            peak_rss_bytes: resources::peak_rss_bytes(),
        });
        self.lost.take().map_or(Ok(()), |reason| Err(events_lost(&reason)))
    }

    /// The tool cancelled the run itself because events could not be written: report this error.
    pub fn explain(&mut self, error: Error) -> Error {
        match self.lost.take() {
            Some(reason) if error.is_cancelled() => {
                self.events = None;
                events_lost(&reason)
            }
            _ => error,
        }
    }

    /// The last event and text of a tool that failed.
    pub fn failed(mut self, error: &Error) {
        self.close();
        if !self.may_end() {
            return;
        }
        if error.is_cancelled() {
            self.say(&format!("{}: cancelled", self.tool));
            let elapsed_s = self.started.elapsed().as_secs_f64();
            return self.event(&Event::Cancelled { elapsed_s });
        }
        let event = Event::Error(error.diagnostic().clone());
        // Where events cannot be written, perhaps for the reason that is to be said, it is said to
        // people.
        if self.events.is_none_or(|stream| write_event(stream, &event).is_err()) {
            self.say_diagnostic("error", error.diagnostic());
        }
    }

    /// Seconds since the start.
    pub fn elapsed_s(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }
}

impl Observer for Reporter {
    fn warn(&self, diagnostic: Diagnostic) {
        if self.events.is_none() {
            self.say_diagnostic("warning", &diagnostic);
        }
        self.event(&Event::Warning(diagnostic));
    }

    fn note(&self, line: &str) {
        self.say(line);
    }

    fn plan(&self, plan: &Plan) {
        self.event(&Event::Plan(plan.clone()));
        self.say_more(&format!(
            "{} of {} x {} cells, halo {} x {}, expected peak memory {} of {}",
            count_of(plan.tiles, "tile"),
            plan.tile_px[1],
            plan.tile_px[0],
            plan.halo_px[1],
            plan.halo_px[0],
            show_size(plan.estimated_peak_bytes),
            show_size(plan.budget_bytes),
        ));
    }

    fn tile(&self, id: u64, news: TileNews) {
        let status = match news {
            TileNews::Written => "done",
            TileNews::Found => "found",
            TileNews::Skipped => "skipped",
        };
        self.event(&Event::Tile { id, status });
    }

    fn progress(&mut self, at: Stage) {
        let Stage { name: stage, work: (done, total), items, is_step } = at;
        if let Some((_, log)) = &mut self.log {
            log.sample(stage, (done, total));
        }
        if stage != self.pace.stage {
            self.pace = Pace { last: None, stage, stage_started: Instant::now() };
        }
        if !is_step && self.pace.last.is_some_and(|last| last.elapsed() < INTERVAL) {
            return;
        }
        self.pace.last = Some(Instant::now());
        let elapsed = self.pace.stage_started.elapsed();
        // Without work, the items count.
        let (part, whole) = if total == 0 { items } else { (done, total) };
        let fraction = if whole == 0 { 1.0 } else { part as f64 / whole as f64 };
        let rate = done as f64 / elapsed.as_secs_f64().max(1e-9);
        let eta_s = (elapsed > ETA_AFTER && done > 0).then(|| (total - done) as f64 / rate);
        let rss_bytes = resources::rss_bytes();
        if let Some(bar) = &self.bar {
            bar.set_position((fraction * 1000.0) as u64);
            bar.set_message(bar_message(stage, (done, total), eta_s.map(|left| (rate, left))));
            bar.tick();
        }
        self.event(&Event::Progress {
            stage,
            done: items.0,
            total: items.1,
            fraction,
            eta_s,
            rss_bytes,
        });
    }

    fn opened(&mut self) -> Result<(), Error> {
        match self.log_asked.take() {
            Some(asked) => self.open_log(&asked),
            None => Ok(()),
        }
    }
}

/// What is written behind the bar. The rate, and the time that is left, are known after a while.
fn bar_message(stage: &str, (done, total): (u64, u64), pace: Option<(f64, f64)>) -> String {
    let mut words = vec![match stage {
        "scan" => "looking for empty tiles".to_owned(),
        "check" => "checking tiles".to_owned(),
        "ground" => "reading far ground".to_owned(),
        "compute" => format!("{} of {} cells", show_count(done), show_count(total)),
        "mosaic" => "joining tiles".to_owned(),
        "finish" => "finishing the output".to_owned(),
        "points" => "computing points".to_owned(),
        "section" => "reading heights".to_owned(),
        _ => stage.to_owned(),
    }];
    if let Some((rate, left_s)) = pace {
        if stage == "compute" {
            words.push(format!("{}/s", show_count(rate as u64)));
        }
        words.push(format!("{} left", show_seconds(left_s)));
    }
    words.extend(resources::rss_bytes().map(show_size));
    words.join(", ")
}

fn new_bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(1000), ProgressDrawTarget::stderr_with_hz(10));
    if let Ok(style) = ProgressStyle::with_template("{percent:>3}% [{bar:20}] {wide_msg}") {
        bar.set_style(style.progress_chars("=> "));
    }
    bar
}

fn events_lost(reason: &str) -> Error {
    Error::failed(Diagnostic::new("events.write", format!("cannot write events: {reason}")))
}

/// Refuses to write events to a standard output that is closed, before anything is done.
///
/// # Errors
/// If they would go there.
pub fn refuse_closed_events(run: &RunArgs, stream: EventStream) -> Result<(), Error> {
    if run.progress != ProgressMode::Json || stream != EventStream::Stdout {
        return Ok(());
    }
    refuse_closed().map_err(|error| events_lost(&error.to_string()))
}

fn write_event(stream: EventStream, event: &Event) -> std::io::Result<()> {
    let line = serde_json::to_string(event)? + "\n";
    match stream {
        EventStream::Stdout => {
            refuse_closed()?;
            write_all(&mut std::io::stdout().lock(), &line)
        }
        EventStream::Stderr => write_all(&mut std::io::stderr().lock(), &line),
    }
}

fn write_all(stream: &mut dyn Write, line: &str) -> std::io::Result<()> {
    stream.write_all(line.as_bytes())?;
    stream.flush()
}

/// A count for people: "45.3 M".
pub fn show_count(count: u64) -> String {
    match count {
        0..=9_999 => count.to_string(),
        10_000..=999_999 => format!("{:.1} k", count as f64 / 1e3),
        1_000_000..=999_999_999 => format!("{:.1} M", count as f64 / 1e6),
        _ => format!("{:.2} G", count as f64 / 1e9),
    }
}

/// A text that is safe for a terminal. Names of files, bands and CRS can have characters that
/// move the cursor, ring the bell or reverse the text.
pub fn harmless(text: &str) -> String {
    let acts = |c: char| {
        let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        turns || c.is_control() && !matches!(c, '\n' | '\t')
    };
    text.chars().fold(String::with_capacity(text.len()), |mut shown, c| {
        if acts(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
        shown
    })
}

/// A word of a table for a terminal: the same, on one line.
pub fn harmless_word(text: &str) -> String {
    harmless(&text.replace(['\n', '\r', '\t'], " "))
}

/// A time for people: "1:02:03" or "12 s".
pub fn show_seconds(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    if seconds < 9.95 {
        return format!("{seconds:.1} s");
    }
    match whole {
        0..=59 => format!("{whole} s"),
        60..=3599 => format!("{}:{:02}", whole / 60, whole % 60),
        _ => format!("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_the_cursor() {
        assert_eq!(harmless("höhe\t1\n  hint: 高"), "höhe\t1\n  hint: 高");
        assert_eq!(harmless("a\u{1b}[2J\u{7}b\rc"), "a\\u{1b}[2J\\u{7}b\\rc");
        assert_eq!(harmless_word("höhe\t1\r\n\u{1b}c"), "höhe 1  \\u{1b}c");
        assert_eq!(harmless("\u{9b}31m\u{202e}"), "\\u{9b}31m\\u{202e}");
    }
}
