//! `cargo xtask faults`: runs of the programs on files that are cut short, changed or cannot be
//! read, on full disks, and killed. A run may end with the right cells or with an error; it must not
//! end with other cells, a signal, a file that is not complete, or not at all.

mod disks;
mod server;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;

use self::server::Server;
use crate::sample;

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// A read of an input fails.
    Reads,
    /// An input is cut short.
    Cuts,
    /// An input is overwritten, replaced or cut while it is opened and read.
    Changes,
    /// Bytes of an input are changed: no wrong ending, whatever the cells are.
    Bytes,
    /// Characters of a plan, bytes of a tile are changed.
    Plans,
    /// A write, a sync or a rename of an output fails.
    Writes,
    /// The disk of an output becomes full.
    Disks,
    /// A run is killed at any time, and resumed.
    Kills,
}

/// Longer than any run here takes, even on a busy machine.
const LIMIT: Duration = Duration::from_secs(600);

/// So many runs of the same tiles are killed at most.
const MOST_IN_A_ROW: usize = 20;

/// Runs the parts, each so many times, and prints what came of it.
pub fn run(only: &[Part], runs: usize, seed: u64) -> Result<()> {
    let folder = std::env::temp_dir().join(format!("svf-faults-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let bench = Bench::new(folder, seed)?;
    println!("| part | what | runs | right | refused | not allowed |\n|---|---|---|---|---|---|");
    let mut wrong = Vec::new();
    for part in Part::value_variants() {
        if !only.is_empty() && !only.contains(part) {
            continue;
        }
        let tallies = match part {
            Part::Reads => bench.reads(runs)?,
            Part::Cuts => bench.cuts(runs)?,
            Part::Changes => bench.changes(runs)?,
            Part::Bytes => bench.bytes(runs)?,
            Part::Plans => bench.plans(runs)?,
            Part::Writes => bench.writes(runs)?,
            Part::Disks => bench.disks(runs)?,
            Part::Kills => bench.kills(runs)?,
        };
        for (what, tally) in tallies {
            let Tally { runs, right, refused, bad } = tally;
            let part = format!("{part:?}").to_lowercase();
            println!("| {part} | {what} | {runs} | {right} | {refused} | {} |", bad.len());
            wrong.extend(bad.into_iter().map(|line| format!("{part}, {what}: {line}")));
        }
    }
    fs::remove_dir_all(&bench.folder)?;
    for line in &wrong {
        println!("* {line}");
    }
    ensure!(wrong.is_empty(), "{} runs ended as no run may", wrong.len());
    Ok(())
}

/// What came of many runs.
#[derive(Default)]
struct Tally {
    runs: usize,
    right: usize,
    refused: usize,
    /// Endings that are not allowed, in words.
    bad: Vec<String>,
}

type Tallies = BTreeMap<String, Tally>;

/// A raster in some format.
struct Input {
    format: &'static str,
    /// Name of the file that is given to the programs.
    name: String,
    /// The files that hold its cells, and whatever else belongs to it.
    files: Vec<PathBuf>,
}

/// Formats: name, driver, extension, creation options, file that has the cells.
const FORMATS: [(&str, &str, &str, &[&str]); 14] = [
    ("GTiff", "GTiff", "tif", &["TILED=YES", "COMPRESS=DEFLATE", "BLOCKXSIZE=64", "BLOCKYSIZE=64"]),
    ("GTiff, strips", "GTiff", "tif", &[]),
    ("COG", "COG", "tif", &["COMPRESS=LZW"]),
    ("ENVI", "ENVI", "bin", &[]),
    ("EHdr", "EHdr", "bil", &[]),
    ("netCDF", "netCDF", "nc", &[]),
    ("netCDF 4", "netCDF", "nc", &["FORMAT=NC4C", "COMPRESS=DEFLATE"]),
    ("GPKG", "GPKG", "gpkg", &[]),
    ("HFA", "HFA", "img", &["COMPRESSED=YES"]),
    ("SAGA", "SAGA", "sdat", &[]),
    ("AAIGrid", "AAIGrid", "asc", &[]),
    ("PCIDSK", "PCIDSK", "pix", &[]),
    ("PCRaster", "PCRaster", "map", &["PCRASTER_VALUESCALE=VS_SCALAR"]),
    ("ERS", "ERS", "ers", &[]),
];

/// Where the runs happen.
struct Bench {
    folder: PathBuf,
    /// Folder of the programs.
    programs: PathBuf,
    shim: PathBuf,
    inputs: Vec<Input>,
    seed: u64,
}

impl Bench {
    fn new(folder: PathBuf, seed: u64) -> Result<Self> {
        let programs = std::env::current_exe()?.parent().context("a folder")?.to_owned();
        ensure!(programs.join("svf_compute").exists(), "build the programs first, as this one");
        let (source, shim) = (folder.join("shim.c"), folder.join("shim.so"));
        fs::write(&source, include_str!("faults/shim.c"))?;
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .args([&shim, &source])
            .arg("-ldl")
            .status()?;
        ensure!(built.success(), "cannot compile {}", source.display());
        sample::run(&folder.join("whole.tif"), None, 512)?;
        fs::create_dir(folder.join("other"))?;
        let mut bench = Self { folder, programs, shim, inputs: Vec::new(), seed };
        bench.translate("cut.tif", &["-srcwin", "100", "100", "140", "100", "whole.tif"])?;
        let same_place = ["-a_ullr", "500100", "5599900", "500240", "5599800"];
        let elsewhere = ["-srcwin", "230", "210", "140", "100", "whole.tif"];
        bench.translate("other.tif", &[&same_place[..], &elsewhere].concat())?;
        for (i, (format, driver, extension, options)) in FORMATS.into_iter().enumerate() {
            let name = format!("in{i}.{extension}");
            let options = options.iter().flat_map(|option| ["-co", option]);
            let words: Vec<&str> = ["-q", "-of", driver].into_iter().chain(options).collect();
            if bench.translate(&name, &[&words[..], &["cut.tif"]].concat()).is_err() {
                println!("no {format}: this GDAL cannot write it");
                continue;
            }
            bench.translate(&format!("other/{name}"), &[&words[..], &["other.tif"]].concat())?;
            bench.inputs.push(bench.input(format, name)?);
        }
        // The same file as the driver for HDF5 shows it.
        if let Some(of_netcdf) = bench.inputs.iter().find(|input| input.format == "netCDF 4") {
            let files = of_netcdf.files.clone();
            let name = format!("HDF5:{}://Band1", of_netcdf.name);
            bench.inputs.push(Input { format: "HDF5", name, files });
        }
        for (format, name) in [
            ("VRT of GTiff", "in0.tif"),
            ("VRT of ENVI", "in3.bin"),
            ("VRT of GPKG", "in7.gpkg"),
            ("VRT of PCRaster", "in12.map"),
        ] {
            if !bench.folder.join(name).exists() {
                continue;
            }
            let vrt = format!("{}.vrt", name.replace('.', "_"));
            bench.translate(&vrt, &["-q", "-of", "VRT", name])?;
            bench.add_vrt(format, vrt, name)?;
        }
        // In a folder beside its source, a VRT has the source's absolute name.
        fs::create_dir(bench.folder.join("beside"))?;
        let envi = bench.folder.join("in3.bin").display().to_string();
        bench.translate("beside/absolute.vrt", &["-q", "-of", "VRT", &envi])?;
        bench.add_vrt("VRT of ENVI, absolute name", "beside/absolute.vrt".to_owned(), "in3.bin")?;
        bench.translate("outer.vrt", &["-q", "-of", "VRT", "beside/absolute.vrt"])?;
        bench.add_vrt("VRT of VRT of ENVI", "outer.vrt".to_owned(), "in3.bin")?;
        Ok(bench)
    }

    /// Adds a VRT, with the files of its source.
    fn add_vrt(&mut self, format: &'static str, name: String, source: &str) -> Result<()> {
        let mut files = self.input(format, source.to_owned())?.files;
        files.insert(0, self.folder.join(&name));
        self.inputs.push(Input { format, name, files });
        Ok(())
    }

    fn translate(&self, name: &str, words: &[&str]) -> Result<()> {
        let mut command = Command::new("gdal_translate");
        command.args(words).arg(name).current_dir(&self.folder);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        ensure!(command.status()?.success(), "gdal_translate cannot make {name}");
        Ok(())
    }

    /// The files of a raster: those with its name before the extension.
    fn input(&self, format: &'static str, name: String) -> Result<Input> {
        let stem = name.split('.').next().unwrap_or_default();
        let mut files: Vec<PathBuf> = fs::read_dir(&self.folder)?
            .map(|entry| Ok(entry?.path()))
            .collect::<std::io::Result<Vec<_>>>()?
            .into_iter()
            .filter(|path| {
                let file = path.file_name().unwrap_or_default().to_string_lossy();
                file == stem || file.starts_with(&format!("{stem}."))
            })
            .collect();
        files.sort();
        Ok(Input { format, name, files })
    }

    /// A program of ours, to be run in the folder.
    fn program(&self, words: &str) -> Command {
        let mut words = words.split_whitespace();
        let mut command = Command::new(self.programs.join(words.next().unwrap_or_default()));
        command.args(words).current_dir(&self.folder);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// The same with a call that fails.
    fn with_fault(&self, words: &str, fault: &[(&str, String)]) -> Command {
        let mut command = self.program(words);
        command.env("LD_PRELOAD", &self.shim);
        command.envs(fault.iter().map(|(name, value)| (format!("FAULT_{name}"), value)));
        command
    }

    /// How many calls of a kind a run makes.
    fn count(&self, words: &str, call: &str, path: &str) -> Result<u64> {
        let file = self.folder.join("count");
        let _ = fs::remove_file(&file);
        let fault = [
            ("CALL", call.to_owned()),
            ("PATH", path.to_owned()),
            ("COUNT", file.display().to_string()),
        ];
        let ended = wait(&mut self.with_fault(words, &fault))?;
        ensure!(ended.is_some_and(|status| status.success()), "{words} fails without a fault");
        Ok(fs::read_to_string(&file).unwrap_or_default().trim().parse().unwrap_or(0))
    }

    /// The bytes of an output and of the files beside it, which say what its cells mean.
    fn found(&self, output: &str) -> Option<Vec<u8>> {
        let all = files_of(&self.folder, output);
        (!all.is_empty())
            .then(|| all.into_iter().flat_map(|(name, of)| [name.into(), of]).flatten().collect())
    }

    /// The same; then they are gone.
    fn take(&self, output: &str) -> Option<Vec<u8>> {
        let found = self.found(output);
        let names = files_of(&self.folder, output).into_keys();
        names.for_each(|name| _ = fs::remove_file(self.folder.join(name)));
        found
    }

    /// Runs a program without a fault.
    fn succeed(&self, words: &str) -> Result<()> {
        let ended = wait(&mut self.program(words))?;
        ensure!(ended.is_some_and(|status| status.success()), "{words} fails without a fault");
        Ok(())
    }

    /// Runs a program while a file has other bytes; then the file has its own again.
    fn on_changed(
        &self,
        file: &Path,
        bytes: &[u8],
        run: impl FnOnce() -> Result<Option<ExitStatus>>,
    ) -> Result<Option<ExitStatus>> {
        let own = fs::read(file)?;
        fs::write(file, bytes)?;
        let ended = run();
        fs::write(file, own)?;
        ended
    }

    /// Cells of a run without a fault.
    fn expected(&self, words: &str, output: &str) -> Result<Vec<u8>> {
        self.succeed(words)?;
        self.take(output).with_context(|| format!("{words} writes no {output}"))
    }

    /// Holds a run to what is allowed; without `right` any cells are.
    fn judge(
        &self,
        tally: &mut Tally,
        ended: Option<ExitStatus>,
        (output, right): (&str, Option<&[u8]>),
        what: impl FnOnce() -> String,
    ) -> Result<()> {
        tally.runs += 1;
        let bytes = self.take(output);
        let bad = |words: &str| tally.bad.push(format!("{words}: {}", what()));
        match (ended, ended.and_then(|status| status.code()), bytes) {
            (None, ..) => bad("did not end"),
            (Some(status), None, _) => bad(&format!("signal {:?}", status.signal())),
            (_, Some(0), None) => bad("exit 0 without an output"),
            (_, Some(0), Some(bytes)) => match right.is_none_or(|right| right == bytes) {
                true => tally.right += 1,
                false => bad("exit 0 with other cells"),
            },
            (_, Some(1..=3), None) => tally.refused += 1,
            (_, Some(1..=3), Some(_)) => bad("an error and an output"),
            (_, Some(code), _) => bad(&format!("exit code {code}")),
        }
        let left = fs::read_dir(&self.folder)?
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .find(|name| name.contains(".partial-"));
        if let Some(left) = left {
            let _ = fs::remove_dir_all(self.folder.join(&left));
            tally.bad.push(format!("left {left} behind"));
        }
        Ok(())
    }

    fn reads(&self, runs: usize) -> Result<Tallies> {
        let mut tallies = Tallies::new();
        for input in &self.inputs {
            let words = compute(&input.name);
            let right = self.expected(&words, "out.tif")?;
            let tally = tallies.entry(input.format.to_owned()).or_default();
            for file in &input.files {
                let path = file.display().to_string();
                let total = self.count(&words, "read", &path)?;
                let _ = self.take("out.tif");
                for at in spread(total, runs) {
                    for lasts in [false, true] {
                        let mut fault = vec![
                            ("CALL", "read".to_owned()),
                            ("PATH", path.clone()),
                            ("AT", at.to_string()),
                            ("ERRNO", "5".to_owned()),
                        ];
                        if lasts {
                            fault.push(("LASTS", "1".to_owned()));
                        }
                        let ended = wait(&mut self.with_fault(&words, &fault))?;
                        self.judge(tally, ended, ("out.tif", Some(&right)), || {
                            let all = if lasts { " and all later" } else { "" };
                            format!("read {at} of {total}{all} of {path}")
                        })?;
                    }
                }
            }
        }
        Ok(tallies)
    }

    fn cuts(&self, runs: usize) -> Result<Tallies> {
        let mut tallies = Tallies::new();
        for input in &self.inputs {
            let words = compute(&input.name);
            let right = self.expected(&words, "out.tif")?;
            let tally = tallies.entry(input.format.to_owned()).or_default();
            let mut server = Server::start(self.with_fault(&words, &[]))?;
            for file in &input.files {
                let whole = fs::read(file)?;
                for bytes in spread(whole.len() as u64, runs) {
                    let ended =
                        self.on_changed(file, &whole[..bytes as usize - 1], || server.run())?;
                    self.judge(tally, ended, ("out.tif", Some(&right)), || {
                        let shown = file.file_name().unwrap_or_default().to_string_lossy();
                        format!("{shown} cut to {} of {} bytes", bytes - 1, whole.len())
                    })?;
                }
            }
        }
        Ok(tallies)
    }

    /// The cells must be those before the change, or those after it.
    fn changes(&self, runs: usize) -> Result<Tallies> {
        let mut tallies = Tallies::new();
        let new = self.folder.join("new").display().to_string();
        for input in &self.inputs {
            let words = compute(&input.name);
            let right = self.expected(&words, "out.tif")?;
            let tally = tallies.entry(input.format.to_owned()).or_default();
            for file in &input.files {
                let own = fs::read(file)?;
                let other = self.folder.join("other").join(file.file_name().unwrap_or_default());
                // A VRT has no other cells, and many headers are the same.
                let Some(changed) = fs::read(other).ok().filter(|bytes| *bytes != own) else {
                    continue;
                };
                fs::write(file, &changed)?;
                let after = self.expected(&words, "out.tif");
                fs::write(file, &own)?;
                let (after, path) = (after?, file.display().to_string());
                let deeds = [
                    ("overwritten", format!("cp {new} {path}")),
                    ("replaced", format!("mv {new} {path}")),
                    ("cut", format!("truncate -s {} {path}", own.len() * 6 / 10)),
                ];
                for call in ["open", "read"] {
                    let total = self.count(&words, call, &path)?;
                    let _ = self.take("out.tif");
                    for (at, (deed, command)) in spread(total, runs)
                        .into_iter()
                        .flat_map(|at| deeds.iter().map(move |d| (at, d)))
                    {
                        fs::write(&new, &changed)?;
                        let fault = [
                            ("CALL", call.to_owned()),
                            ("PATH", path.clone()),
                            ("AT", at.to_string()),
                            ("RUN", command.clone()),
                        ];
                        let ended = wait(&mut self.with_fault(&words, &fault))?;
                        fs::write(file, &own)?;
                        let is_after = self.found("out.tif").is_some_and(|bytes| bytes == after);
                        let allowed = if is_after && *deed != "cut" { &after } else { &right };
                        self.judge(tally, ended, ("out.tif", Some(allowed)), || {
                            format!("{path} {deed} at {call} {at} of {total}")
                        })?;
                    }
                }
            }
        }
        Ok(tallies)
    }

    fn bytes(&self, runs: usize) -> Result<Tallies> {
        let mut tallies = Tallies::new();
        let mut chance = Chance(self.seed);
        for input in &self.inputs {
            let words = compute(&input.name);
            let tally = tallies.entry(input.format.to_owned()).or_default();
            let mut server = Server::start(self.with_fault(&words, &[]))?;
            for _ in 0..runs {
                let file = &input.files[chance.below(input.files.len())];
                let mut changed = fs::read(file)?;
                let deed = chance.change(&mut changed);
                let ended = self.on_changed(file, &changed, || server.run())?;
                self.judge(tally, ended, ("out.tif", None), || {
                    let shown = file.file_name().unwrap_or_default().to_string_lossy();
                    format!("{shown}, {deed}")
                })?;
            }
        }
        Ok(tallies)
    }

    fn plans(&self, runs: usize) -> Result<Tallies> {
        let mut tallies = Tallies::new();
        let mut chance = Chance(self.seed);
        let make = "svf_tile cut.tif p.json --radius 9px -n 4 --tile-size 64 --overwrite";
        let join = "svf_mosaic p.json out.tif --overwrite";
        for words in [make, "svf_compute --plan p.json"] {
            self.succeed(words)?;
        }
        let right = self.expected(join, "out.tif")?;
        let mut tiles: Vec<PathBuf> = fs::read_dir(self.folder.join("p.tiles"))?
            .map(|entry| Ok(entry?.path()))
            .collect::<std::io::Result<_>>()?;
        tiles.retain(|path| path.extension().is_some_and(|extension| extension == "tif"));
        // The same seed damages the same tiles.
        tiles.sort();
        for (what, files) in [("plan", vec![self.folder.join("p.json")]), ("tile", tiles)] {
            let tally = tallies.entry(what.to_owned()).or_default();
            for _ in 0..runs {
                let file = &files[chance.below(files.len())];
                let mut changed = fs::read(file)?;
                let deed = chance.change(&mut changed);
                let ended = self.on_changed(file, &changed, || wait(&mut self.program(join)))?;
                self.judge(tally, ended, ("out.tif", Some(&right)), || deed)?;
            }
        }
        Ok(tallies)
    }

    fn writes(&self, runs: usize) -> Result<Tallies> {
        let mut tallies = Tallies::new();
        for (what, options, output) in [
            ("GTiff", "--co COMPRESS=DEFLATE", "out.tif"),
            ("COG", "--of COG", "out.tif"),
            ("ENVI", "--of ENVI", "out.bin"),
            ("HFA", "--of HFA", "out.img"),
            ("BT", "--of BT", "out.bt"),
            ("GTiff and its notes", "--co PROFILE=BASELINE", "out.tif"),
            ("work folder", "--work-dir work --tile-size 128", "out.tif"),
        ] {
            let words = format!("svf_compute cut.tif {output} --radius 9px -n 4 {options}");
            let right = self.expected(&words, output)?;
            let again = || fs::remove_dir_all(self.folder.join("work"));
            let _ = again();
            let tally = tallies.entry(what.to_owned()).or_default();
            for (call, number) in
                [("write", 28), ("write", 5), ("sync", 5), ("rename", 13), ("close", 28)]
            {
                let path = self.folder.display().to_string();
                let total = self.count(&words, call, &path)?;
                let (_, _) = (self.take(output), again());
                for at in spread(total, runs) {
                    let fault = [
                        ("CALL", call.to_owned()),
                        ("PATH", path.clone()),
                        ("AT", at.to_string()),
                        ("ERRNO", number.to_string()),
                        ("LASTS", "1".to_owned()),
                    ];
                    let ended = wait(&mut self.with_fault(&words, &fault))?;
                    self.judge(tally, ended, (output, Some(&right)), || {
                        format!("{call} {at} of {total} and all later, error {number}")
                    })?;
                    let _ = again();
                }
            }
        }
        Ok(tallies)
    }

    /// A third of the kills each of a run with a work folder, of one on a plan, and of one that
    /// starts again.
    fn kills(&self, runs: usize) -> Result<Tallies> {
        let mut tallies = Tallies::new();
        let mut chance = Chance(self.seed);
        let options = "--radius 40px -n 16";
        let plain = format!("svf_compute whole.tif out.tif {options}");
        self.succeed(&format!("svf_tile whole.tif k.json {options} --tile-size 64"))?;
        for (what, words, join) in [
            ("work folder", format!("{plain} --work-dir work --tile-size 64"), None),
            (
                "plan",
                "svf_compute --plan k.json".to_owned(),
                Some("svf_mosaic k.json out.tif --overwrite"),
            ),
            ("one file", plain.clone(), None),
        ] {
            let started = Instant::now();
            self.succeed(&words)?;
            let whole = started.elapsed();
            join.map_or(Ok(()), |join| self.succeed(join))?;
            let right = self.take("out.tif").context("no output")?;
            let tally = tallies.entry(what.to_owned()).or_default();
            let mut killed = 0;
            while killed < runs.div_ceil(3) {
                for folder in ["work", "k.tiles"] {
                    let _ = fs::remove_dir_all(self.folder.join(folder));
                }
                // Until a run is over before its time has come. The last one has all the time that it
                // needs: a claim that was never written is waited for.
                for time in 0.. {
                    let mut child = self.program(&words).spawn()?;
                    let over = if time < MOST_IN_A_ROW {
                        std::thread::sleep(whole.mul_f64(chance.share()));
                        child.try_wait()?
                    } else {
                        Some(child.wait()?)
                    };
                    if let Some(mut ended) = over {
                        if let (true, Some(join)) = (ended.success(), join) {
                            ended = wait(&mut self.program(join))?.context("the join ends")?;
                        }
                        self.judge(tally, Some(ended), ("out.tif", Some(&right)), || {
                            format!("after {killed} kills")
                        })?;
                        break;
                    }
                    child.kill()?;
                    child.wait()?;
                    killed += 1;
                    if self.take("out.tif").is_some_and(|bytes| bytes != right) {
                        tally.bad.push("killed, and a file under the output's name".into());
                    }
                }
            }
            tally.refused = killed;
        }
        Ok(tallies)
    }
}

/// The files in a folder that have the name of an output, but for what comes after the first dot.
fn files_of(folder: &Path, output: &str) -> BTreeMap<String, Vec<u8>> {
    let stem = output.split_once('.').map_or(output, |(stem, _)| stem);
    let names = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = names.filter_map(|entry| entry.file_name().into_string().ok());
    let own = names.filter(|name| name.split_once('.').is_some_and(|(own, _)| own == stem));
    own.filter_map(|name| Some((name.clone(), fs::read(folder.join(name)).ok()?))).collect()
}

/// The run on an input: with an output that costs little.
fn compute(name: &str) -> String {
    let small = "--co COMPRESS=NONE --co BLOCKXSIZE=64 --co BLOCKYSIZE=64";
    format!("svf_compute {name} out.tif --radius 9px -n 4 --overwrite -q {small}")
}

/// Numbers from 1 to `total`: all, or so many of them.
fn spread(total: u64, runs: usize) -> Vec<u64> {
    let runs = runs.max(1) as u64;
    match total <= runs {
        true => (1..=total).collect(),
        false => (0..runs).map(|i| 1 + i * (total - 1) / (runs - 1).max(1)).collect(),
    }
}

/// The end of a process, none where it has to be killed.
fn wait(command: &mut Command) -> Result<Option<ExitStatus>> {
    let mut child = command.spawn()?;
    let started = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if started.elapsed() > LIMIT {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(pause);
        pause = (2 * pause).min(Duration::from_millis(20));
    }
}

/// Numbers by chance: SplitMix64 (Steele, Lea and Flood 2014).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    fn share(&mut self) -> f64 {
        self.below(1 << 20) as f64 / f64::from(1 << 20)
    }

    /// Changes a file in one of many ways, which it tells.
    fn change(&mut self, bytes: &mut Vec<u8>) -> String {
        let at = self.below(bytes.len());
        let end = (at + 1 + self.below(32)).min(bytes.len());
        // Headers decide more than cells do.
        let at = if self.below(2) == 0 { at.min(self.below(1024)) } else { at };
        match self.below(5) {
            0 => {
                let bit = self.below(8);
                bytes[at] ^= 1 << bit;
                format!("bit {bit} of byte {at}")
            }
            1 => {
                bytes[at] = *[0, 0xff, 0x7f, 0x80, b'9', b'-'].get(self.below(6)).unwrap_or(&0);
                format!("byte {at} is {}", bytes[at])
            }
            2 => {
                bytes.drain(at..end.max(at));
                format!("bytes {at} to {end} are gone")
            }
            3 => {
                let more: Vec<u8> = (0..1 + self.below(16)).map(|_| self.next() as u8).collect();
                let count = more.len();
                bytes.splice(at..at, more);
                format!("{count} bytes more at {at}")
            }
            _ => {
                let from = self.below(bytes.len());
                let piece: Vec<u8> = bytes[from..].iter().take(16).copied().collect();
                for (into, byte) in bytes[at..].iter_mut().zip(piece) {
                    *into = byte;
                }
                format!("16 bytes of {from} at {at}")
            }
        }
    }
}
