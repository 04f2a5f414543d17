//! What the process uses: resident memory, processor time, bytes read and
//! written; and the log of it (`--profile-log`), JSON Lines ten times a second.
//!
//! On Linux, the numbers come from `/proc`; elsewhere from the crate `sysinfo`.

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use serde::Serialize;

/// Resident memory now, bytes.
pub fn rss_bytes() -> Option<u64> {
    system::rss_bytes()
}

/// Largest resident memory so far, bytes. Where the system does not say, the largest that was
/// asked for.
pub fn peak_rss_bytes() -> Option<u64> {
    system::peak_rss_bytes()
}

/// Processor seconds of all threads, user and system.
pub fn cpu_seconds() -> Option<f64> {
    system::cpu_seconds()
}

#[cfg(not(target_os = "linux"))]
use elsewhere as system;
#[cfg(target_os = "linux")]
use linux as system;

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;

    pub(super) fn rss_bytes() -> Option<u64> {
        status_kib("VmRSS:")
    }

    pub(super) fn peak_rss_bytes() -> Option<u64> {
        status_kib("VmHWM:")
    }

    fn status_kib(key: &str) -> Option<u64> {
        let status = fs::read_to_string("/proc/self/status").ok()?;
        let line = status.lines().find(|line| line.starts_with(key))?;
        let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kib * 1024)
    }

    pub(super) fn cpu_seconds() -> Option<f64> {
        let stat = fs::read_to_string("/proc/self/stat").ok()?;
        // The command name, in parentheses, can contain any character, so fields are counted
        // after it.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks = |field: usize| fields.get(field)?.parse::<u64>().ok();
        // USER_HZ is 100 on every Linux system where /proc is read.
        Some((ticks(11)? + ticks(12)?) as f64 / 100.0)
    }

    /// Bytes that all reads and writes of the process moved so far.
    pub(super) fn read_and_written() -> (Option<u64>, Option<u64>) {
        let io = fs::read_to_string("/proc/self/io").unwrap_or_default();
        let number = |key| io.lines().find_map(|line| line.strip_prefix(key))?.trim().parse().ok();
        (number("rchar:"), number("wchar:"))
    }
}

#[cfg(any(test, not(target_os = "linux")))]
mod elsewhere {
    use std::sync::atomic::{AtomicU64, Ordering};

    use sysinfo::{Process, ProcessRefreshKind, ProcessesToUpdate, System};

    static LARGEST: AtomicU64 = AtomicU64::new(0);

    fn ask<T>(what: ProcessRefreshKind, answer: impl FnOnce(&Process) -> T) -> Option<T> {
        let pid = sysinfo::get_current_pid().ok()?;
        let mut system = System::new().ok()?;
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), false, what);
        system.process(pid).map(answer)
    }

    pub(super) fn rss_bytes() -> Option<u64> {
        let bytes = ask(ProcessRefreshKind::nothing().with_memory(), Process::memory)?;
        LARGEST.fetch_max(bytes, Ordering::Relaxed);
        Some(bytes)
    }

    pub(super) fn peak_rss_bytes() -> Option<u64> {
        rss_bytes().map(|bytes| bytes.max(LARGEST.load(Ordering::Relaxed)))
    }

    pub(super) fn cpu_seconds() -> Option<f64> {
        let millis = ask(ProcessRefreshKind::nothing().with_cpu(), Process::accumulated_cpu_time)?;
        Some(millis as f64 / 1000.0)
    }

    pub(super) fn read_and_written() -> (Option<u64>, Option<u64>) {
        let usage = ask(ProcessRefreshKind::nothing().with_disk_usage(), Process::disk_usage);
        (
            usage.as_ref().map(|usage| usage.total_read_bytes),
            usage.map(|usage| usage.total_written_bytes),
        )
    }
}

/// One line of the log.
#[derive(Serialize)]
struct Sample<'a> {
    t_s: f64,
    phase: &'a str,
    rss_bytes: Option<u64>,
    cpu_s: Option<f64>,
    /// Largest resident memory so far, also between the samples.
    peak_rss_bytes: Option<u64>,
    read_bytes: Option<u64>,
    written_bytes: Option<u64>,
    /// Units of work done in the phase, and in all.
    done: u64,
    total: u64,
}

/// What the first line of a log says about the run.
#[derive(Clone, Debug, Serialize)]
pub struct LogHead {
    /// Name of the tool.
    pub tool: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Upper limit of the resident memory.
    pub budget_bytes: u64,
    /// Threads.
    pub threads: usize,
}

/// A log being written.
pub struct ResourceLog {
    file: BufWriter<File>,
    started: Instant,
    last: Instant,
    phase: &'static str,
    done: (u64, u64),
    /// The first line that could not be written.
    failed: Option<std::io::Error>,
}

/// An upper limit for the length of the first line of a log.
const LONGEST_HEAD: u64 = 4096;
const INTERVAL: Duration = Duration::from_millis(100);

impl ResourceLog {
    /// Whether a file is a log, which a new log may replace, or empty.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn is_log(path: &Path) -> std::io::Result<bool> {
        let mut start = Vec::new();
        File::open(path)?.take(LONGEST_HEAD).read_to_end(&mut start)?;
        let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let head: Option<serde_json::Value> = serde_json::from_slice(line).ok();
        let is_head = head.is_some_and(|head| {
            ["tool", "version", "budget_bytes", "threads"].iter().all(|key| head.get(key).is_some())
        });
        Ok(start.is_empty() || is_head)
    }

    /// Creates the file: its first line is the head, then the phase `start` begins.
    ///
    /// # Errors
    /// A path that cannot be written to.
    pub fn create(path: &Path, started: Instant, head: &LogHead) -> std::io::Result<Self> {
        let mut file = BufWriter::new(File::create(path)?);
        serde_json::to_writer(&mut file, head)?;
        writeln!(file)?;
        let (last, phase, done) = (Instant::now(), "start", (0, 0));
        let mut log = Self { file, started, last, phase, done, failed: None };
        log.write();
        Ok(log)
    }

    /// Adds a line, unless the last one is of the same phase and less than a tenth of a
    /// second old. `done` are the units of work done in the phase, and in all.
    pub fn sample(&mut self, phase: &'static str, done: (u64, u64)) {
        let is_new = phase != self.phase;
        (self.phase, self.done) = (phase, done);
        if is_new || self.last.elapsed() >= INTERVAL {
            self.write();
        }
    }

    /// Adds the last lines: the end of the phase, and the peak memory.
    ///
    /// # Errors
    /// A line that could not be written, the first one.
    pub fn close(mut self) -> std::io::Result<()> {
        self.write();
        let end = serde_json::json!({
            "t_s": self.started.elapsed().as_secs_f64(),
            "phase": "end",
            "peak_rss_bytes": peak_rss_bytes(),
        });
        self.add(&end);
        self.failed.map_or(Ok(()), Err)
    }

    fn write(&mut self) {
        self.last = Instant::now();
        let (read_bytes, written_bytes) = system::read_and_written();
        let sample = Sample {
            t_s: self.started.elapsed().as_secs_f64(),
            phase: self.phase,
            rss_bytes: rss_bytes(),
            peak_rss_bytes: peak_rss_bytes(),
            cpu_s: cpu_seconds(),
            read_bytes,
            written_bytes,
            done: self.done.0,
            total: self.done.1,
        };
        self.add(&sample);
    }

    /// A log that cannot be written does not stop the run.
    fn add(&mut self, line: &impl Serialize) {
        let added = serde_json::to_writer(&mut self.file, line)
            .map_err(std::io::Error::from)
            .and_then(|()| writeln!(self.file))
            // The log of a run can be read during the run, and after it was killed.
            .and_then(|()| self.file.flush());
        if let Err(error) = added {
            self.failed.get_or_insert(error);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    const HEAD: LogHead =
        LogHead { tool: "svf_compute", version: "1.2.3", budget_bytes: 77, threads: 3 };

    fn lines(path: &Path) -> Vec<Value> {
        let text = std::fs::read_to_string(path).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn a_log_has_a_head_its_phases_and_an_end() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("run.jsonl");
        let mut log = ResourceLog::create(&path, Instant::now(), &HEAD).unwrap();
        // Within a tenth of a second, a phase has one line, plus a line at its end.
        for done in 1..=1000 {
            log.sample("compute", (done, 1000));
        }
        log.sample("finish", (1, 2));
        log.close().unwrap();
        let lines = lines(&path);
        assert_eq!(lines[0]["tool"], "svf_compute");
        assert_eq!(lines[0]["budget_bytes"], 77);
        let phases: Vec<&str> = lines[1..].iter().map(|l| l["phase"].as_str().unwrap()).collect();
        assert_eq!((phases[0], phases[1]), ("start", "compute"));
        assert_eq!(phases[phases.len() - 3..], ["finish", "finish", "end"]);
        // There are fewer lines than calls: at most one per tenth of a second.
        assert!(phases.len() < 1000, "{}", phases.len());
        assert_eq!(lines[2]["done"], 1);
        assert_eq!(lines[2]["total"], 1000);
        assert!(ResourceLog::is_log(&path).unwrap());
    }

    #[test]
    fn only_a_log_or_an_empty_file_is_taken_for_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        for (content, is_log) in [
            ("", true),
            ("{\"tool\":\"a\",\"version\":\"b\",\"budget_bytes\":1,\"threads\":2}\n{", true),
            ("{\"tool\":\"a\",\"version\":\"b\",\"budget_bytes\":1}\n", false),
            ("{}", false),
            ("my notes\n", false),
            ("\n{\"tool\":1}", false),
        ] {
            std::fs::write(&path, content).unwrap();
            assert_eq!(ResourceLog::is_log(&path).unwrap(), is_log, "{content}");
        }
        assert!(ResourceLog::is_log(&dir.path().join("none")).is_err());
    }

    #[test]
    fn what_the_process_uses_is_known() {
        let held = vec![1_u8; 64 << 20];
        let (now, peak) = (rss_bytes().unwrap(), peak_rss_bytes().unwrap());
        assert!(now > held.len() as u64 && now < 1 << 40, "{now}");
        // The operating system counts pages with a small delay.
        assert!(peak + (4 << 20) >= now, "{peak} {now}");
        assert!(!cfg!(target_os = "linux") || system::read_and_written().0.unwrap() > 0);
        assert!(cpu_seconds().unwrap() >= 0.0);
    }

    /// What other systems ask also answers here, where the tests run.
    #[cfg(target_os = "linux")]
    #[test]
    fn other_systems_ask_for_the_same() {
        let held = vec![1_u8; 64 << 20];
        let (other, here) = (elsewhere::rss_bytes().unwrap(), linux::rss_bytes().unwrap());
        // Other tests use memory in between.
        assert!(other > held.len() as u64 && here > held.len() as u64, "{other} {here}");
        assert!(elsewhere::peak_rss_bytes().unwrap() > held.len() as u64);
        let before = linux::cpu_seconds().unwrap();
        let between = elsewhere::cpu_seconds().unwrap();
        let after = linux::cpu_seconds().unwrap();
        // In ticks of a hundredth of a second.
        assert!(before - 0.02 <= between && between <= after + 0.02, "{before} {between} {after}");
        let (read, written) = elsewhere::read_and_written();
        assert!(read.is_some() && written.is_some());
    }
}
