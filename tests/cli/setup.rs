//! The scripts of `packaging/`, on a machine made of pretended programs: what is missing is
//! said before anything is installed, and how to mend it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::support::{Run, collect};

/// What the scripts use of the real machine.
const REAL: [&str; 9] = ["bash", "basename", "cat", "dirname", "env", "head", "sed", "sort", "tr"];
/// The least Rust that builds the tools.
const WANTED: &str = env!("CARGO_PKG_RUST_VERSION");

/// A machine that has what a test gives it.
struct Machine {
    root: TempDir,
}

impl Machine {
    /// One of user number `uid`, with apt and without anything that the tools need.
    fn new(uid: u32) -> Self {
        let machine = Self { root: tempfile::tempdir().unwrap() };
        for folder in ["bin", "home/.cargo/bin", "svf-tools/packaging"] {
            fs::create_dir_all(machine.path(folder)).unwrap();
        }
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        fs::copy(repository.join("Cargo.toml"), machine.path("svf-tools/Cargo.toml")).unwrap();
        for script in ["deps.sh", "rust.sh", "setup.sh", "test.sh"] {
            let name = format!("packaging/{script}");
            fs::copy(repository.join(&name), machine.path("svf-tools").join(name)).unwrap();
        }
        for name in REAL {
            let find = Command::new("bash").args(["-c", &format!("type -P {name}")]).output();
            let found = String::from_utf8(find.unwrap().stdout).unwrap();
            symlink(found.trim(), machine.path("bin").join(name)).unwrap();
        }
        machine.program("bin/id", &format!("echo {uid}"));
        machine.program("bin/apt-get", "echo \"apt-get $*\" >>\"$HOME/log\"; echo \"Get: $*\"");
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// A program that is a line of shell script.
    fn program(&self, name: &str, line: &str) {
        let path = self.path(name);
        fs::write(&path, format!("#!{}\n{line}\n", self.path("bin/bash").display())).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Rust of a version, in a folder.
    fn rust(&self, folder: &str, version: &str) {
        self.program(
            &format!("{folder}/rustc"),
            &format!("echo 'rustc {version} (abc 2026-01-01)'"),
        );
        let log = "echo \"cargo $*\" >>\"$HOME/log\"; exit 7";
        self.program(&format!("{folder}/cargo"), log);
    }

    /// All that building the tools needs beside Rust.
    fn libraries(&self) {
        for name in ["gdalinfo", "gdal-config", "cc", "pkg-config", "python3", "time"] {
            self.program(&format!("bin/{name}"), "exit 0");
        }
    }

    fn run(&self, script: &str) -> Run {
        let mut command = Command::new("bash");
        command
            .arg(self.path("svf-tools/packaging").join(script))
            .env_clear()
            .env("PATH", self.path("bin"))
            .env("HOME", self.path("home"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        collect(command.spawn().unwrap())
    }

    /// What apt and cargo were asked for.
    fn log(&self) -> String {
        fs::read_to_string(self.path("home/log")).unwrap_or_default()
    }
}

/// What root is told to run on a machine with nothing.
const LINE: &str = "apt-get update && apt-get install -y --no-install-recommends gdal-bin \
                    libgdal-dev gcc pkg-config python3 time\n";

#[test]
fn rust_is_looked_for_before_anything_is_installed() {
    for script in ["setup.sh", "test.sh", "deps.sh"] {
        let machine = Machine::new(0);
        let run = machine.run(script);
        assert_eq!(run.code, Some(1), "{script}: {run}");
        for words in [
            &format!("Rust is missing: svf-tools needs Rust {WANTED} or later")[..],
            "rustup",
            "  curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y\n",
            "Nothing was installed",
        ] {
            assert!(run.stderr.contains(words), "{script} lacks '{words}': {run}");
        }
        assert_eq!(machine.log(), "", "{script}");
    }
}

#[test]
fn rust_that_is_too_old_is_named() {
    for version in ["1.63.0", "1.9.0", "0.99.0"] {
        let machine = Machine::new(0);
        machine.rust("bin", version);
        machine.program("bin/wget", "exit 0");
        let run = machine.run("setup.sh");
        assert_eq!(run.code, Some(1), "{run}");
        let old = format!("bin/rustc) is too old: svf-tools needs {WANTED} or later");
        assert!(run.stderr.contains(&format!("Rust {version} (")), "{run}");
        assert!(run.stderr.contains(&old), "{run}");
        assert!(run.stderr.contains("  wget -qO- https://sh.rustup.rs | sh -s -- -y\n"), "{run}");
        assert_eq!(machine.log(), "");
    }
    // rustup itself is there.
    let machine = Machine::new(0);
    machine.rust("bin", "1.63.0");
    machine.program("bin/rustup", "exit 0");
    assert!(machine.run("deps.sh").stderr.contains("\n  rustup update stable\n"));
    // A cargo without its compiler builds nothing.
    fs::remove_file(machine.path("bin/rustc")).unwrap();
    assert!(machine.run("deps.sh").stderr.contains("Rust is missing"));
}

#[test]
fn rust_of_rustup_is_used_where_the_path_lacks_it() {
    for old in [None, Some("1.63.0")] {
        let machine = Machine::new(0);
        machine.libraries();
        if let Some(version) = old {
            machine.rust("bin", version);
        }
        machine.rust("home/.cargo/bin", &format!("{WANTED}.0"));
        let run = machine.run("setup.sh");
        // The pretended cargo fails, after it was asked for the right thing.
        assert_eq!(run.code, Some(7), "{run}");
        assert_eq!(machine.log(), "cargo build --release --locked\n");
        assert!(run.text().contains(&format!("Using Rust {WANTED}.0 in ")), "{run}");
    }
}

#[test]
fn without_root_and_sudo_the_line_for_root_is_printed() {
    for script in ["setup.sh", "deps.sh"] {
        let machine = Machine::new(1000);
        machine.rust("bin", "1.100.1");
        let run = machine.run(script);
        assert_eq!(run.code, Some(1), "{run}");
        assert!(run.stderr.contains("As root, run this line"), "{run}");
        assert!(run.stderr.contains(&format!("\n  {LINE}")), "{run}");
        assert_eq!(machine.log(), "");
    }
}

#[test]
fn what_apt_does_is_shown() {
    let expected = LINE.replace(" && ", "\n");
    let machine = Machine::new(0);
    machine.rust("bin", WANTED);
    let run = machine.run("deps.sh");
    assert_eq!(run.code, Some(0), "{run}");
    assert_eq!(machine.log(), expected);
    assert!(run.text().contains("Installing gdal-bin libgdal-dev"), "{run}");
    assert!(run.text().contains("Get: update\nGet: install -y "), "{run}");
    // With sudo, through sudo.
    let machine = Machine::new(1000);
    machine.rust("bin", WANTED);
    machine.program("bin/sudo", "echo sudo >>\"$HOME/log\"; exec \"$@\"");
    let run = machine.run("deps.sh");
    assert_eq!(run.code, Some(0), "{run}");
    assert_eq!(machine.log(), expected.replace("apt-get ", "sudo\napt-get "));
    // Who may not use sudo learns what root can do.
    let machine = Machine::new(1000);
    machine.rust("bin", WANTED);
    machine.program("bin/sudo", "echo 'not in the sudoers file' >&2; exit 1");
    let run = machine.run("deps.sh");
    assert_eq!(run.code, Some(1), "{run}");
    assert!(run.stderr.contains("Could not install") && run.stderr.contains(LINE), "{run}");
    assert_eq!(machine.log(), "");
}

#[test]
fn nothing_is_installed_where_nothing_is_missing() {
    let machine = Machine::new(1000);
    machine.libraries();
    machine.rust("bin", WANTED);
    let run = machine.run("deps.sh");
    assert_eq!((run.code, &run.stderr[..]), (Some(0), ""), "{run}");
    assert_eq!(machine.log(), "");
    let mut command = Command::new("bash");
    command.arg(machine.path("svf-tools/packaging/deps.sh")).arg("--test");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}
