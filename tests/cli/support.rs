//! A folder per test, rasters written to it, the tool run in it, results read back.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use gdal::raster::{Buffer, GdalType, RasterCreationOptions};
use gdal::spatial_ref::SpatialRef;
use gdal::{Dataset, DriverManager, Metadata};
use jsonschema::Validator;
use ndarray::{Array2, ArrayView2, s};
use serde_json::Value;
use svf_kernel::{Ground, Measure, Params};
use tempfile::TempDir;

/// A run that takes longer hangs: it is killed, and the test fails.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// NoData of outputs unless a test asks for another.
pub const NODATA: f32 = -9999.0;

/// Where a test works, and where the tool may put temporary files.
pub struct Folder {
    root: TempDir,
}

impl Folder {
    pub fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("work")).unwrap();
        fs::create_dir(root.path().join("scratch")).unwrap();
        Self { root }
    }

    /// The folder the tool runs in: paths of the tests are relative to it.
    pub fn work(&self) -> PathBuf {
        self.root.path().join("work")
    }

    /// Where the tool may put temporary files.
    pub fn scratch(&self) -> PathBuf {
        self.root.path().join("scratch")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.work().join(name)
    }

    /// Writes `heights` as Float32, 1 m cells, projected CRS, no NoData value.
    pub fn write_dem(&self, name: &str, heights: &Array2<f32>) {
        Dem::of(&heights.mapv(f64::from)).write::<f32>(&self.path(name));
    }

    /// The tool, to be run in the folder.
    pub fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        self.in_folder(env!("CARGO_BIN_EXE_svf_compute"), args)
    }

    /// Another of the tools, to be run in the folder.
    pub fn tool<S: AsRef<OsStr>>(&self, name: &str, args: &[S]) -> Command {
        self.in_folder(program(name), args)
    }

    /// Runs a line of words: a tool and its arguments. It must end with `code`.
    #[track_caller]
    pub fn line(&self, code: i32, line: &str) -> Run {
        let words: Vec<&str> = line.split_whitespace().collect();
        let run = run(&mut self.tool(words[0], &words[1..]), &[]);
        assert_eq!(run.code, Some(code), "{line}: {run}");
        run
    }

    /// The tool started by a line of shell script, as `"$@"` in it.
    pub fn command_in_shell<S: AsRef<OsStr>>(&self, script: &str, args: &[S]) -> Command {
        self.tool_in_shell(script, "svf_compute", args)
    }

    /// The same with another of the tools.
    pub fn tool_in_shell<S: AsRef<OsStr>>(&self, script: &str, name: &str, args: &[S]) -> Command {
        let mut command = self.in_folder("bash", &["-c", script, "bash", program(name)]);
        command.args(args);
        command
    }

    /// Any program, to be run in the folder.
    pub fn in_folder<S: AsRef<OsStr>>(&self, program: &str, args: &[S]) -> Command {
        let mut command = Command::new(program);
        command
            .args(args)
            .current_dir(self.work())
            .env("TMPDIR", self.scratch())
            .env_remove("SVF_SIMD")
            .stdin(Stdio::null());
        command
    }

    /// Runs the tool to its end.
    pub fn svf<S: AsRef<OsStr>>(&self, args: &[S]) -> Run {
        run(&mut self.command(args), &[])
    }

    /// Runs the tool, which must succeed.
    pub fn ok<S: AsRef<OsStr>>(&self, args: &[S]) -> Run {
        let run = self.svf(args);
        assert_eq!(run.code, Some(0), "{run}");
        run
    }

    /// Holds the folder to exactly these files, and the one for temporary files to none.
    #[track_caller]
    pub fn assert_files(&self, expected: &[&str]) {
        let expected: BTreeSet<String> = expected.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(names_in(&self.work()), expected, "files in the folder");
        let scratch = names_in(&self.scratch());
        assert!(scratch.is_empty(), "left among the temporary files: {scratch:?}");
    }

    pub fn band(&self, name: &str, band: usize) -> Array2<f32> {
        read_band(&self.path(name), band)
    }

    pub fn bands(&self, name: &str) -> Vec<Array2<f32>> {
        let count = self.open(name).raster_count();
        (1..=count).map(|band| self.band(name, band)).collect()
    }

    pub fn open_vector(&self, name: &str) -> Dataset {
        let open_flags = gdal::GdalOpenFlags::GDAL_OF_VECTOR;
        let options = gdal::DatasetOptions { open_flags, ..Default::default() };
        Dataset::open_ex(self.path(name), options).unwrap()
    }

    pub fn open(&self, name: &str) -> Dataset {
        Dataset::open(self.path(name)).unwrap()
    }
}

fn program(name: &str) -> &'static str {
    match name {
        "svf_tile" => env!("CARGO_BIN_EXE_svf_tile"),
        "svf_profile" => env!("CARGO_BIN_EXE_svf_profile"),
        "svf_mosaic" => env!("CARGO_BIN_EXE_svf_mosaic"),
        "svf-tools" => env!("CARGO_BIN_EXE_svf-tools"),
        _ => env!("CARGO_BIN_EXE_svf_compute"),
    }
}

fn names_in(folder: &Path) -> BTreeSet<String> {
    let name = |entry: std::io::Result<fs::DirEntry>| {
        entry.unwrap().file_name().to_string_lossy().into_owned()
    };
    fs::read_dir(folder).unwrap().map(name).collect()
}

/// A run of the tool that has ended.
pub struct Run {
    /// None when a signal ended it.
    pub code: Option<i32>,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let stdout = String::from_utf8_lossy(&self.stdout);
        let stdout: String = stdout.chars().take(2000).collect();
        write!(f, "exit {:?}\nstdout: {stdout}\nstderr: {}", self.code, self.stderr)
    }
}

impl Run {
    pub fn text(&self) -> String {
        String::from_utf8(self.stdout.clone()).unwrap()
    }

    /// The events on standard output, each held to the schema.
    pub fn events(&self) -> Vec<Value> {
        parse_events(&self.text())
    }

    /// Holds the run to a refusal: the exit code, nothing on stdout, and one line
    /// (with at most one indented hint) on stderr that has all of `words`.
    #[track_caller]
    pub fn assert_refused(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self}");
        assert!(self.stdout.is_empty(), "something on stdout: {self}");
        let lines: Vec<&str> = self.stderr.lines().collect();
        let (first, hints) = lines.split_first().unwrap_or((&"", &[]));
        let (tool, said) = first.split_once(':').unwrap_or_default();
        let is_ours = tool.starts_with("svf_");
        assert!(is_ours && said.starts_with(" error: "), "no error first: {self}");
        assert!(
            hints.len() <= 1 && hints.iter().all(|hint| hint.starts_with("  hint: ")),
            "more than a line and a hint: {self}"
        );
        for word in words {
            assert!(self.stderr.contains(word), "lacks '{word}': {self}");
        }
    }
}

/// Runs a command to its end, `stdin` going to its standard input.
pub fn run(command: &mut Command, stdin: &[u8]) -> Run {
    run_within(command, stdin, PATIENCE)
}

/// The same, for a command that starts many programs, which takes long where others work, too.
pub fn run_within(command: &mut Command, stdin: &[u8], patience: Duration) -> Run {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    if !stdin.is_empty() {
        command.stdin(Stdio::piped());
    }
    let mut child = command.spawn().unwrap();
    let feeder = child.stdin.take().map(|mut pipe| {
        let bytes = stdin.to_vec();
        // The tool may well leave without reading it all.
        thread::spawn(move || drop(pipe.write_all(&bytes)))
    });
    let run = collect_within(child, patience);
    if let Some(feeder) = feeder {
        feeder.join().unwrap();
    }
    run
}

/// Waits for the end of a process whose output is piped, and takes what it says.
pub fn collect(child: Child) -> Run {
    collect_within(child, PATIENCE)
}

fn collect_within(mut child: Child, patience: Duration) -> Run {
    fn drain(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<Vec<u8>> {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            if let Some(mut pipe) = pipe {
                pipe.read_to_end(&mut bytes).unwrap();
            }
            bytes
        })
    }
    let _watchdog = Watchdog::within(&child, patience);
    let stdout = drain(child.stdout.take());
    let stderr = drain(child.stderr.take());
    let status = wait(&mut child);
    let stderr = String::from_utf8_lossy(&stderr.join().unwrap()).into_owned();
    Run { code: status.code(), stdout: stdout.join().unwrap(), stderr }
}

/// Waits for the end of a process; one that hangs is killed.
pub fn wait(child: &mut Child) -> ExitStatus {
    let _watchdog = Watchdog::new(child);
    child.wait().unwrap()
}

/// Kills a process that hangs, while the test waits for its output or its end.
pub struct Watchdog {
    /// Closed when the test goes on.
    _alive: Sender<()>,
}

impl Watchdog {
    pub fn new(child: &Child) -> Self {
        Self::within(child, PATIENCE)
    }

    fn within(child: &Child, patience: Duration) -> Self {
        let (alive, gone) = channel::<()>();
        let id = child.id();
        thread::spawn(move || {
            if gone.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) {
                eprintln!("note: process {id} hangs, killed");
                let _ = Command::new("bash").args(["-c", &format!("kill -KILL {id}")]).status();
            }
        });
        Self { _alive: alive }
    }
}

/// Waits until `holds`, while the process runs.
#[track_caller]
pub fn wait_until(child: &mut Child, what: &str, holds: impl Fn() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(child.try_wait().unwrap().is_none(), "ended before {what}");
        assert!(started.elapsed() < PATIENCE, "never {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Sends a signal, by the name that kill(1) knows.
pub fn signal(child: &Child, name: &str) {
    let line = format!("kill -{name} {}", child.id());
    assert!(Command::new("bash").args(["-c", &line]).status().unwrap().success());
}

/// Parses events, one a line, each held to the schema of the wire format.
pub fn parse_events(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| {
            let event: Value = serde_json::from_str(line)
                .unwrap_or_else(|error| panic!("not JSON ({error}): {line}"));
            let errors: Vec<String> = event_schema()
                .iter_errors(&event)
                .map(|error| format!("{} at {}", error, error.instance_path()))
                .collect();
            assert!(errors.is_empty(), "not an event: {line}\n{}", errors.join("\n"));
            event
        })
        .collect()
}

/// `docs/events.schema.json`, compiled.
pub fn event_schema() -> &'static Validator {
    static SCHEMA: OnceLock<Validator> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        let schema: Value =
            serde_json::from_str(include_str!("../../docs/events.schema.json")).unwrap();
        jsonschema::draft202012::meta::validate(&schema).unwrap();
        jsonschema::draft202012::new(&schema).unwrap()
    })
}

/// The type of an event.
pub fn kind(event: &Value) -> &str {
    event["type"].as_str().unwrap()
}

/// A raster of heights to be written.
#[derive(Clone)]
pub struct Dem {
    /// Values as stored.
    pub cells: Array2<f64>,
    pub geo_transform: [f64; 6],
    pub epsg: Option<u32>,
    pub nodata: Option<f64>,
    pub scale_offset: Option<(f64, f64)>,
    pub creation_options: Vec<&'static str>,
}

/// Easting and northing of the upper left corner of test rasters.
pub const ORIGIN: (f64, f64) = (500_000.0, 4_650_000.0);

impl Dem {
    /// Cells of 1 m in a projected CRS.
    pub fn of(cells: &Array2<f64>) -> Self {
        Self {
            cells: cells.clone(),
            geo_transform: [ORIGIN.0, 1.0, 0.0, ORIGIN.1, 0.0, -1.0],
            epsg: Some(32633),
            nodata: None,
            scale_offset: None,
            creation_options: Vec::new(),
        }
    }

    /// Writes it as a GeoTIFF of cells of type `T`, and leaves it open.
    pub fn create<T: Cell>(&self, path: &Path) -> Dataset {
        let (rows, cols) = self.cells.dim();
        let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
        let options = RasterCreationOptions::from_iter(self.creation_options.iter().copied());
        let mut dataset = driver
            .create_with_band_type_with_options::<T, _>(path, cols, rows, 1, &options)
            .unwrap();
        dataset.set_geo_transform(&self.geo_transform).unwrap();
        if let Some(epsg) = self.epsg {
            dataset.set_spatial_ref(&SpatialRef::from_epsg(epsg).unwrap()).unwrap();
        }
        {
            let mut band = dataset.rasterband(1).unwrap();
            if self.nodata.is_some() {
                band.set_no_data_value(self.nodata).unwrap();
            }
            if let Some((scale, offset)) = self.scale_offset {
                band.set_scale(scale).unwrap();
                band.set_offset(offset).unwrap();
            }
            let cells = self.cells.iter().map(|&z| T::of(z)).collect();
            let mut cells = Buffer::new((cols, rows), cells);
            band.write((0, 0), (cols, rows), &mut cells).unwrap();
        }
        dataset
    }

    /// Writes it as a GeoTIFF of cells of type `T`.
    pub fn write<T: Cell>(&self, path: &Path) {
        self.create::<T>(path).close().unwrap();
    }
}

/// A type of cells.
pub trait Cell: GdalType + Copy {
    fn of(value: f64) -> Self;
}

macro_rules! cell {
    ($($t:ty)*) => { $(impl Cell for $t {
        fn of(value: f64) -> Self { value as $t }
    })* };
}
cell!(u8 i16 u16 i32 u32 f32 f64);

/// Bumpy ground: whole numbers from 0 to 200, the same for the same seed.
pub fn terrain(rows: usize, cols: usize, seed: u32) -> Array2<f32> {
    let phase = f64::from(seed) * 0.7;
    Array2::from_shape_fn((rows, cols), |(row, col)| {
        let hills = ((row as f64) * 0.13 + phase).sin() + ((col as f64) * 0.11 - phase).cos();
        let mut hash =
            (row as u32).wrapping_mul(0x9E37_79B9) ^ (col as u32).wrapping_mul(0x85EB_CA6B);
        hash = (hash ^ seed).wrapping_mul(0xC2B2_AE35);
        hash ^= hash >> 15;
        hash = hash.wrapping_mul(0x27D4_EB2F);
        hash ^= hash >> 13;
        let noise = f64::from(hash % 1000) / 1000.0;
        (100.0 + 35.0 * hills + 30.0 * noise).round() as f32
    })
}

/// Makes every cell missing for which a rule on row and column says so.
pub fn with_gaps(mut heights: Array2<f32>) -> Array2<f32> {
    for ((row, col), z) in heights.indexed_iter_mut() {
        let lake = (row as i64 - 9).pow(2) + (col as i64 - 14).pow(2) < 10;
        if lake || (row * 31 + col * 17) % 41 == 3 {
            *z = f32::NAN;
        }
    }
    heights
}

/// Parameters as the tool takes them by default, but for radius and directions.
pub fn params(radius: f64, directions: u32) -> Params {
    Params::new(radius, directions)
}

/// The f64 reference, NaN where there is no value.
pub fn reference(
    heights: ArrayView2<'_, f32>,
    ground: impl Into<Ground>,
    params: &Params,
    measures: &[Measure],
) -> Vec<Array2<f64>> {
    let surface = svf_kernel::reference::Surface::new(heights, None, None, params);
    let bands = svf_kernel::reference::compute(&surface, ground, params, measures).unwrap();
    (0..bands.dim().0).map(|band| bands.slice(s![band, .., ..]).to_owned()).collect()
}

/// Holds cells to the reference within `tolerance`; NaN stands for NoData.
#[track_caller]
pub fn assert_close(cells: &Array2<f32>, expected: &Array2<f64>, tolerance: f64, what: &str) {
    assert_eq!(cells.dim(), expected.dim(), "{what}: size");
    for ((at, &cell), &value) in cells.indexed_iter().zip(expected) {
        let equal = if value.is_nan() {
            cell == NODATA
        } else {
            (f64::from(cell) - value).abs() <= tolerance
        };
        assert!(equal, "{what}: {cell} at {at:?}, expected {value}");
    }
}

/// Holds two arrays to the same bits.
#[track_caller]
pub fn assert_same_bits(cells: &Array2<f32>, expected: &Array2<f32>, what: &str) {
    assert_eq!(cells.dim(), expected.dim(), "{what}: size");
    for ((at, a), b) in cells.indexed_iter().zip(expected) {
        assert!(a.to_bits() == b.to_bits(), "{what}: {a} at {at:?}, expected {b}");
    }
}

/// A band of a file as f32.
pub fn read_band(path: &Path, band: usize) -> Array2<f32> {
    let dataset = Dataset::open(path).unwrap();
    let band = dataset.rasterband(band).unwrap();
    band.read_band_as::<f32>().unwrap().to_array().unwrap()
}

/// Metadata item of a file, in a domain.
pub fn item(dataset: &Dataset, key: &str, domain: &str) -> Option<String> {
    dataset.metadata_item(key, domain)
}

/// Says that a test is skipped, as what it needs is missing: a package would bring it, and
/// with `SVF_TESTS_NO_SKIP=1` its lack is a failure.
#[track_caller]
pub fn skip(reason: &str) {
    let strict = std::env::var("SVF_TESTS_NO_SKIP").is_ok_and(|value| value == "1");
    assert!(!strict, "SVF_TESTS_NO_SKIP=1, and {reason}: packaging/deps.sh --tests installs it");
    eprintln!("note: {reason}, skipped");
}

/// The same, of what no package brings: a processor, a right, the data of another machine.
pub fn lacks(reason: &str) {
    eprintln!("note: {reason}, skipped");
}

/// Whether this GDAL has a driver that can write.
pub fn can_write(driver: &str) -> bool {
    DriverManager::get_driver_by_name(driver).is_ok_and(|driver| {
        ["DCAP_CREATE", "DCAP_CREATECOPY"]
            .iter()
            .any(|what| driver.metadata_item(what, "").is_some())
    })
}

/// The machine's own folder of real terrain, where there is one.
pub fn real_terrain() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    if folder.is_dir() {
        return Some(folder);
    }
    lacks("no real terrain here");
    None
}

/// Whether the tests may mount file systems of their own (in a namespace of their own).
pub fn can_mount(folder: &Folder) -> bool {
    let probe = folder.path("probe");
    fs::create_dir(&probe).unwrap();
    let mounted = Command::new("unshare")
        .args(["-m", "mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs"])
        .arg(&probe)
        .output()
        .is_ok_and(|output| output.status.success());
    fs::remove_dir(&probe).unwrap();
    if !mounted {
        lacks("no right to mount");
    }
    mounted
}
