//! Everything that has to hold before a change lands.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

/// Runs all checks, cheapest first.
pub fn run() -> Result<()> {
    step("cargo fmt --all --check")?;
    invariants()?;
    step("cargo clippy --workspace --all-targets --locked -- -D warnings")?;
    step_with(
        "cargo doc --workspace --no-deps --locked --quiet",
        &[("RUSTDOCFLAGS", "-D warnings")],
    )?;
    // The other crates ask for rayon.
    step("cargo check --package svf-kernel --locked")?;
    step("cargo test --workspace --locked")?;
    let mut python = Command::new("bash");
    python.args(["packaging/python.sh", "--tests"]);
    let python = beside(&mut python, "python")?;
    // The tests of the plugin mostly wait for programs.
    let algorithms = beside(&mut crate::plugin::tests("test_a*.py")?, "algorithms")?;
    let chains = beside(&mut crate::plugin::tests("test_c*.py")?, "chains")?;
    crate::plugin::run(&mut crate::plugin::tests("test_[!ac]*.py")?)?;
    algorithms.end()?;
    chains.end()?;
    python.end()
}

/// A step that runs beside others. What it says is shown at its end.
struct Beside {
    line: String,
    begun: Instant,
    child: Child,
    /// What it says.
    path: PathBuf,
}

/// Begins a step beside others; its name is that of the file with what it says.
fn beside(command: &mut Command, name: &str) -> Result<Beside> {
    let line = crate::plugin::line_of(command);
    println!("== {line}: begins");
    let path = crate::plugin::target_dir()?.join(format!("{name}.log"));
    let said = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    command.stdin(Stdio::null()).stdout(said.try_clone()?).stderr(said);
    let child = command.spawn().with_context(|| format!("cannot run {line}"))?;
    Ok(Beside { line, begun: Instant::now(), child, path })
}

impl Beside {
    /// Waits for the end, and shows what the step said.
    fn end(mut self) -> Result<()> {
        let status = self.child.wait()?;
        println!("== {}: {:.0} s", self.line, self.begun.elapsed().as_secs_f64());
        print!("{}", String::from_utf8_lossy(&fs::read(&self.path)?));
        ensure!(status.success(), "failed: {}", self.line);
        Ok(())
    }
}

impl Drop for Beside {
    /// A step before its end has failed: nothing goes on unseen.
    fn drop(&mut self) {
        drop(self.child.kill());
    }
}

fn step(line: &str) -> Result<()> {
    step_with(line, &[])
}

fn step_with(line: &str, variables: &[(&str, &str)]) -> Result<()> {
    println!("== {line}");
    let begun = Instant::now();
    let mut words = line.split(' ');
    let status = Command::new(words.next().unwrap_or_default())
        .args(words)
        .envs(variables.iter().copied())
        .status()
        .with_context(|| format!("cannot run {line}"))?;
    ensure!(status.success(), "failed: {line}");
    println!("== {:.0} s", begun.elapsed().as_secs_f64());
    Ok(())
}

/// What the architecture promises and a compiler does not check: who depends on GDAL.
fn invariants() -> Result<()> {
    println!("== invariants");
    for package in ["svf-kernel", "svf-job"] {
        let tree = Command::new("cargo")
            .args(["tree", "--locked", "--edges", "normal", "--prefix", "none"])
            .args(["--package", package])
            .output()
            .context("cannot run cargo tree")?;
        ensure!(tree.status.success(), "cargo tree failed for {package}");
        let tree = String::from_utf8_lossy(&tree.stdout).into_owned();
        let names = tree.lines().filter_map(|line| line.split(' ').next());
        if let Some(foreign) = names.into_iter().find(|name| name.starts_with("gdal")) {
            bail!("{package} depends on {foreign}");
        }
    }
    for entry in std::fs::read_dir("crates")? {
        crate::circles::check(&entry?.path().join("src"))?;
    }
    Ok(())
}
