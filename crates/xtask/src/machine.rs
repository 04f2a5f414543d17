//! Where a measurement ran, for the pages: no name, no path.

use std::process::Command;

use serde::{Deserialize, Serialize};

/// The machine and the programs that decide its numbers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Machine {
    /// Model of the processor.
    pub cpu: String,
    /// Cores the process may use.
    pub cores: usize,
    /// Memory.
    pub memory_gib: f64,
    /// Operating system.
    pub system: String,
    /// GDAL's version line.
    pub gdal: String,
    /// Rust's version line.
    pub rustc: String,
    /// Today, UTC.
    pub date: String,
}

impl Machine {
    /// This one, now.
    pub fn here() -> Self {
        let field = |file: &str, key: &str| -> String {
            let text = std::fs::read_to_string(file).unwrap_or_default();
            let line = text.lines().find(|line| line.starts_with(key)).unwrap_or_default();
            line.split_once([':', '=']).map_or("", |pair| pair.1).trim().trim_matches('"').into()
        };
        let memory_kib = field("/proc/meminfo", "MemTotal");
        let memory_kib = memory_kib.trim_end_matches("kB").trim().parse().unwrap_or(f64::NAN);
        Self {
            cpu: field("/proc/cpuinfo", "model name"),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_gib: memory_kib / f64::from(1 << 20),
            system: field("/etc/os-release", "PRETTY_NAME"),
            gdal: first_line(Command::new("gdalinfo").arg("--version")),
            rustc: first_line(Command::new("rustc").arg("--version")),
            date: first_line(Command::new("date").args(["-u", "+%Y-%m-%d"])),
        }
    }

    /// GDAL's name and version without the date.
    pub fn gdal_short(&self) -> &str {
        self.gdal.split(", released").next().unwrap_or_default()
    }
}

/// First line that a command prints; empty when it cannot run.
pub fn first_line(command: &mut Command) -> String {
    command
        .output()
        .map(|output| {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().to_owned()
        })
        .unwrap_or_default()
}
