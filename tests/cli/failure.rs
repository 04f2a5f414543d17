//! Runs that cannot succeed: the right exit code, no file under the final name,
//! nothing left behind, the old output untouched.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Child, Stdio};
use std::time::Duration;

use ndarray::Array2;
use serde_json::Value;

use crate::support::{
    Dem, Folder, Watchdog, can_mount, collect, kind, lacks, parse_events, run, signal, terrain,
    wait, wait_until,
};

/// A raster whose output does not compress well, in several tiles.
fn noisy() -> Folder {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(500, 600, 1));
    folder
}

const NOISY: [&str; 8] =
    ["--radius", "3px", "-n", "5", "--tile-size", "256", "--measure", "svf,svf-cos"];

/// KiB of the output when nothing is in the way.
fn full_size_kib(folder: &Folder, options: &[&str]) -> u64 {
    folder.ok(&[&["dem.tif", "out.tif"], &NOISY[..], options].concat());
    let kib = fs::metadata(folder.path("out.tif")).unwrap().len() / 1024;
    fs::remove_file(folder.path("out.tif")).unwrap();
    kib
}

/// Runs with a limit on the size of any file, which fails writes as a full disk does.
#[track_caller]
fn assert_limited(folder: &Folder, kib: u64, options: &[&str]) {
    let args = [&["dem.tif", "out.tif"], &NOISY[..], options].concat();
    let script = format!("ulimit -f {kib}; exec \"$@\"");
    let run = run(&mut folder.command_in_shell(&script, &args), &[]);
    assert_eq!(run.code, Some(1), "{kib} KiB: {run}");
    run.assert_refused(1, &["out.tif"]);
    folder.assert_files(&["dem.tif"]);
}

#[test]
fn a_file_size_limit_at_any_point_of_a_run() {
    let folder = noisy();
    let full = full_size_kib(&folder, &[]);
    assert!(full > 1000, "the output is large enough to be cut anywhere: {full} KiB");
    for tenth in 0..10 {
        assert_limited(&folder, full * tenth / 10, &[]);
    }
    // The last bytes count as well.
    assert_limited(&folder, full - 1, &[]);
}

#[test]
fn a_file_size_limit_with_other_ways_to_write() {
    let folder = noisy();
    for options in [
        &["--co", "COMPRESS=NONE"][..],
        &["--co", "TILED=NO", "--co", "COMPRESS=LZW"],
        &["--threads", "1"],
        &["--ot", "float64", "--co", "INTERLEAVE=PIXEL"],
    ] {
        let full = full_size_kib(&folder, options);
        for half in 1..=2 {
            assert_limited(&folder, full * half / 2 - 1, options);
        }
    }
}

#[test]
fn a_file_size_limit_while_a_cog_is_made() {
    let folder = noisy();
    let full = full_size_kib(&folder, &["--of", "COG"]);
    for share in [0, 1, 25, 50, 75, 99] {
        assert_limited(&folder, full * share / 100, &["--of", "COG"]);
    }
}

#[test]
fn a_file_size_limit_on_a_copy_to_a_virtual_file() {
    let folder = noisy();
    let full = full_size_kib(&folder, &[]);
    let archive = format!("/vsizip/{}/out.tif", folder.path("out.zip").display());
    // Room for the raster, not for the archive of many rasters it goes to.
    fs::write(folder.path("filler"), vec![7_u8; 64 << 10]).unwrap();
    for kib in [8, full / 2, full - 1] {
        let args = [&["dem.tif", archive.as_str()], &NOISY[..]].concat();
        let script = format!("ulimit -f {kib}; exec \"$@\"");
        let run = run(&mut folder.command_in_shell(&script, &args), &[]);
        run.assert_refused(1, &["out.tif"]);
        folder.assert_files(&["dem.tif", "filler"]);
    }
}

#[test]
fn a_file_in_an_archive_that_cannot_be_replaced_is_refused_before_anything_is_computed() {
    let folder = noisy();
    let archive = format!("/vsizip/{}/out.tif", folder.path("out.zip").display());
    let line = format!("svf_compute dem.tif {archive} --radius 5px -n 4");
    folder.line(0, &line);
    let bytes = fs::read(folder.path("out.zip")).unwrap();
    let run = folder.line(1, &format!("{line} --overwrite"));
    assert!(run.stderr.contains("a file in a zip archive cannot be replaced"), "{run}");
    let run = folder.line(1, &format!("{line} --overwrite --progress json"));
    assert!(!run.text().contains("\"progress\""), "{run}");
    assert!(bytes == fs::read(folder.path("out.zip")).unwrap());
}

#[test]
fn a_file_size_limit_on_the_spool_of_standard_input() {
    let folder = noisy();
    let bytes = fs::read(folder.path("dem.tif")).unwrap();
    let args = [&["/vsistdin/", "out.tif"], &NOISY[..]].concat();
    let mut command = folder.command_in_shell("ulimit -f 100; exec \"$@\"", &args);
    run(&mut command, &bytes).assert_refused(1, &["standard input"]);
    folder.assert_files(&["dem.tif"]);
}

#[test]
fn a_full_disk() {
    let folder = noisy();
    if !can_mount(&folder) {
        return;
    }
    let full = full_size_kib(&folder, &[]);
    fs::create_dir(folder.path("disk")).unwrap();
    for of in ["GTiff", "COG"] {
        let points = if of == "GTiff" { 10 } else { 4 };
        for point in 0..points {
            let kib = (full * point / points).max(8);
            // Temporary files may fill another disk: this one is the output's alone.
            let script = format!(
                "mount -t tmpfs -o size={kib}k tmpfs disk || exit 99
                 \"$@\"; code=$?; ls -A disk; exit $code"
            );
            let args = [&["dem.tif", "disk/out.tif", "--of", of], &NOISY[..]].concat();
            let script = format!("exec unshare -m bash -c '{script}' bash \"$@\"");
            let run = run(&mut folder.command_in_shell(&script, &args), &[]);
            assert_eq!(run.code, Some(1), "{of} on {kib} KiB: {run}");
            // Standard output is the listing of the disk: nothing is on it.
            run.assert_refused(1, &["disk/out.tif"]);
        }
    }
    folder.assert_files(&["dem.tif", "disk"]);
}

#[test]
fn a_folder_that_cannot_be_written_to() {
    let folder = noisy();
    if !can_mount(&folder) {
        return;
    }
    fs::create_dir(folder.path("disk")).unwrap();
    let script = "mount -t tmpfs -o ro tmpfs disk || exit 99; exec \"$@\"";
    let script = format!("exec unshare -m bash -c '{script}' bash \"$@\"");
    let args = [&["dem.tif", "disk/out.tif"], &NOISY[..]].concat();
    let run = run(&mut folder.command_in_shell(&script, &args), &[]);
    run.assert_refused(1, &["disk/out.tif", "folder disk cannot be written to"]);
}

#[test]
fn a_full_disk_behind_standard_output() {
    let folder = noisy();
    if !std::path::Path::new("/dev/full").exists() {
        return lacks("no /dev/full here");
    }
    let args = [&["dem.tif", "/vsistdout/"], &NOISY[..]].concat();
    let run = run(&mut folder.command_in_shell("exec \"$@\" > /dev/full", &args), &[]);
    run.assert_refused(1, &["/vsistdout/", "No space left"]);
    folder.assert_files(&["dem.tif"]);
}

#[test]
fn a_failed_run_keeps_the_old_output() {
    let folder = noisy();
    fs::write(folder.path("out.tif"), "the old one").unwrap();
    fs::write(folder.path("out.tif.aux.xml"), "<PAMDataset/>").unwrap();
    let args = [&["dem.tif", "out.tif", "--overwrite"], &NOISY[..]].concat();
    let run = run(&mut folder.command_in_shell("ulimit -f 300; exec \"$@\"", &args), &[]);
    run.assert_refused(1, &["out.tif"]);
    assert_eq!(fs::read_to_string(folder.path("out.tif")).unwrap(), "the old one");
    assert_eq!(fs::read_to_string(folder.path("out.tif.aux.xml")).unwrap(), "<PAMDataset/>");
    folder.assert_files(&["dem.tif", "out.tif", "out.tif.aux.xml"]);
}

#[test]
fn a_successful_overwrite_replaces_the_old_output_and_its_sidecars() {
    let folder = noisy();
    fs::write(folder.path("out.tif"), "the old one").unwrap();
    for sidecar in ["out.tif.aux.xml", "out.tif.ovr", "out.tif.msk"] {
        fs::write(folder.path(sidecar), "stale").unwrap();
    }
    let args = [&["dem.tif", "out.tif"], &NOISY[..]].concat();
    folder.svf(&args).assert_refused(2, &["out.tif exists", "--overwrite"]);
    assert_eq!(fs::read_to_string(folder.path("out.tif")).unwrap(), "the old one");
    folder.ok(&[&args[..], &["--overwrite"]].concat());
    folder.assert_files(&["dem.tif", "out.tif"]);
    assert_eq!(folder.band("out.tif", 1).dim(), (500, 600));
}

#[test]
fn a_read_error_in_the_middle_of_a_run() {
    let folder = Folder::new();
    let heights = terrain(500, 600, 2).mapv(f64::from);
    // Cut short: refused before anything is computed.
    for (name, options) in [("plain.tif", vec![]), ("short.tif", vec!["COMPRESS=DEFLATE"])] {
        Dem { creation_options: options, ..Dem::of(&heights) }.write::<f32>(&folder.path(name));
        let bytes = fs::read(folder.path(name)).unwrap();
        fs::write(folder.path(name), &bytes[..bytes.len() * 3 / 4]).unwrap();
        let short = format!("it has {} bytes of {}", bytes.len() * 3 / 4, bytes.len());
        folder
            .svf(&[name, "out.tif", "--radius", "3px"])
            .assert_refused(1, &[name, "the file is incomplete", &short]);
    }
    // Damaged, with its length.
    let name = "deflate.tif";
    let options = vec!["COMPRESS=DEFLATE", "TILED=YES", "BLOCKXSIZE=64", "BLOCKYSIZE=64"];
    Dem { creation_options: options, ..Dem::of(&heights) }.write::<f32>(&folder.path(name));
    let mut bytes = fs::read(folder.path(name)).unwrap();
    let from = bytes.len() * 3 / 4;
    bytes[from..].fill(0xff);
    fs::write(folder.path(name), &bytes).unwrap();
    let args = [name, "out.tif", "--radius", "3px", "-n", "5", "--tile-size", "100"];
    folder.svf(&args).assert_refused(1, &[name, "cannot read rows"]);
    let run = folder.svf(&[&args[..], &["--progress", "json"]].concat());
    let events = run.events();
    let kinds: Vec<&str> = events.iter().map(kind).collect();
    assert!(kinds.contains(&"tile"), "the first tiles were read: {kinds:?}");
    assert_eq!(events.last().unwrap()["data"]["code"], "raster.read");
    assert_eq!(events.last().unwrap()["data"]["path"], name);
    folder.assert_files(&["deflate.tif", "plain.tif", "short.tif"]);
}

#[test]
fn a_block_that_cannot_be_decoded() {
    let folder = Folder::new();
    let heights = terrain(500, 600, 3).mapv(f64::from);
    Dem { creation_options: vec!["COMPRESS=DEFLATE"], ..Dem::of(&heights) }
        .write::<f32>(&folder.path("dem.tif"));
    let mut bytes = fs::read(folder.path("dem.tif")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 5000].fill(0xA5);
    fs::write(folder.path("dem.tif"), bytes).unwrap();
    let run = folder.svf(&["dem.tif", "out.tif", "--radius", "3px", "-n", "5"]);
    run.assert_refused(1, &["dem.tif", "cannot read rows"]);
    folder.assert_files(&["dem.tif"]);
}

#[test]
fn a_mosaic_whose_second_file_is_gone() {
    let folder = Folder::new();
    folder.write_dem("a.tif", &terrain(50, 60, 4));
    let source = |name: &str, row: usize| {
        format!(
            "<SimpleSource><SourceFilename relativeToVRT=\"1\">{name}</SourceFilename>\
             <SourceBand>1</SourceBand><SrcRect xOff=\"0\" yOff=\"0\" xSize=\"60\" ySize=\"50\"/>\
             <DstRect xOff=\"0\" yOff=\"{row}\" xSize=\"60\" ySize=\"50\"/></SimpleSource>"
        )
    };
    let vrt = format!(
        "<VRTDataset rasterXSize=\"60\" rasterYSize=\"100\"><SRS>EPSG:32633</SRS>\
         <GeoTransform>0, 1, 0, 0, 0, -1</GeoTransform>\
         <VRTRasterBand dataType=\"Float32\" band=\"1\">{}{}</VRTRasterBand></VRTDataset>",
        source("a.tif", 0),
        source("gone.tif", 50)
    );
    fs::write(folder.path("dem.vrt"), vrt).unwrap();
    let run = folder.svf(&["dem.vrt", "out.tif", "--radius", "3px", "--tile-size", "20"]);
    run.assert_refused(1, &["cannot open gone.tif: No such file", "copy or download it again"]);
    folder.assert_files(&["a.tif", "dem.vrt"]);
}

/// Options of a run that takes many seconds, but notices a cancel soon.
const LONG: [&str; 8] = ["--radius", "150px", "-n", "720", "--tile-size", "256", "--threads", "2"];

fn for_long_runs() -> Folder {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(1500, 1500, 5));
    folder
}

/// A run of which a progress event was read already.
struct Running {
    child: Child,
    stdout: BufReader<std::process::ChildStdout>,
    lines: String,
    _watchdog: Watchdog,
}

impl Running {
    fn start(folder: &Folder, args: &[&str], stdin: Stdio) -> Self {
        let mut command = folder.command(&[args, &["--progress", "json"]].concat());
        command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let watchdog = Watchdog::new(&child);
        Self { child, stdout, lines: String::new(), _watchdog: watchdog }
    }

    /// Reads events up to the first progress of a stage.
    #[track_caller]
    fn read_progress(&mut self, stage: &str) {
        loop {
            let mut line = String::new();
            let bytes = self.stdout.read_line(&mut line).unwrap();
            assert!(bytes > 0, "ended before any progress: {}", self.lines);
            self.lines.push_str(&line);
            let event: Value = serde_json::from_str(&line).unwrap();
            if kind(&event) == "progress" && event["data"]["stage"] == stage {
                return;
            }
        }
    }

    /// Holds the run to the end of a cancelled one.
    #[track_caller]
    fn assert_cancelled(mut self) {
        self.stdout.read_to_string(&mut self.lines).unwrap();
        let run = collect(self.child);
        assert_eq!(run.code, Some(130), "{run}\n{}", self.lines);
        assert_eq!(run.stderr, "");
        let events = parse_events(&self.lines);
        assert_eq!(kind(events.last().unwrap()), "cancelled", "{}", self.lines);
        let ends = events.iter().filter(|e| ["done", "error", "cancelled"].contains(&kind(e)));
        assert_eq!(ends.count(), 1, "{}", self.lines);
    }
}

#[test]
fn signals_cancel() {
    let folder = for_long_runs();
    for name in ["INT", "TERM", "HUP"] {
        let args = [&["dem.tif", "out.tif"], &LONG[..]].concat();
        let mut running = Running::start(&folder, &args, Stdio::null());
        running.read_progress("compute");
        signal(&running.child, name);
        running.assert_cancelled();
        folder.assert_files(&["dem.tif"]);
    }
}

#[test]
fn a_process_of_nohup_goes_on_when_its_terminal_is_closed() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(600, 600, 3));
    let args = ["dem.tif", "out.tif", "--radius", "60px", "-n", "360"];
    let mut command = folder.command_in_shell("trap '' HUP; exec \"$@\"", &args);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until(&mut child, "began to write", || fs::read_dir(folder.work()).unwrap().count() == 2);
    signal(&child, "HUP");
    let run = collect(child);
    assert_eq!(run.code, Some(0), "{run}");
    folder.assert_files(&["dem.tif", "out.tif"]);
}

#[test]
fn a_cancelled_overwrite_keeps_the_old_output() {
    let folder = for_long_runs();
    fs::write(folder.path("out.tif"), "the old one").unwrap();
    let args = [&["dem.tif", "out.tif", "--overwrite"], &LONG[..]].concat();
    let mut running = Running::start(&folder, &args, Stdio::null());
    running.read_progress("compute");
    signal(&running.child, "TERM");
    running.assert_cancelled();
    assert_eq!(fs::read_to_string(folder.path("out.tif")).unwrap(), "the old one");
    folder.assert_files(&["dem.tif", "out.tif"]);
}

#[test]
fn a_signal_is_told_to_people_too() {
    let folder = for_long_runs();
    let args = [&["dem.tif", "out.tif"], &LONG[..]].concat();
    let mut command = folder.command(&args);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // The temporary folder appears when the run proper begins.
    wait_until(&mut child, "began to write", || fs::read_dir(folder.work()).unwrap().count() == 2);
    signal(&child, "INT");
    let run = collect(child);
    assert_eq!(run.code, Some(130), "{run}");
    assert_eq!(run.stderr, "svf_compute: cancelled\n");
    folder.assert_files(&["dem.tif"]);
}

#[test]
fn a_signal_while_a_cog_is_finished() {
    let folder = Folder::new();
    // Much to write, little to compute.
    folder.write_dem(
        "dem.tif",
        &Array2::from_shape_fn((4000, 4000), |(row, col)| ((row * 7 + col * 13) % 101) as f32),
    );
    let args = ["dem.tif", "out.tif", "--of", "COG", "--radius", "1px", "-n", "4"];
    let slow = ["--co", "COMPRESS=DEFLATE", "--co", "LEVEL=9", "--co", "NUM_THREADS=1"];
    let mut running = Running::start(&folder, &[&args[..], &slow].concat(), Stdio::null());
    running.read_progress("finish");
    signal(&running.child, "INT");
    running.assert_cancelled();
    folder.assert_files(&["dem.tif"]);
}

#[test]
fn a_closed_standard_input_cancels_where_asked() {
    let folder = for_long_runs();
    let args = [&["dem.tif", "out.tif", "--cancel-on-stdin-eof"], &LONG[..]].concat();
    let mut running = Running::start(&folder, &args, Stdio::piped());
    running.read_progress("compute");
    drop(running.child.stdin.take());
    running.assert_cancelled();
    folder.assert_files(&["dem.tif"]);
}

#[test]
fn an_open_standard_input_does_not_cancel_nor_hold_up() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(30, 40, 6));
    let args = ["dem.tif", "out.tif", "--radius", "5px", "--cancel-on-stdin-eof"];
    let mut child = folder.command(&args).arg("-q").stdin(Stdio::piped()).spawn().unwrap();
    // Waiting for a child closes its standard input, unless someone else has it.
    let open = child.stdin.take();
    assert_eq!(wait(&mut child).code(), Some(0));
    drop(open);
    folder.assert_files(&["dem.tif", "out.tif"]);
    // And a closed one is nothing to those who did not ask.
    folder.ok(&["dem.tif", "out.tif", "--overwrite", "--radius", "5px"]);
}

#[test]
fn standard_input_cannot_be_both_raster_and_cancel() {
    let folder = Folder::new();
    let args = ["/vsistdin/", "out.tif", "--cancel-on-stdin-eof"];
    folder.svf(&args).assert_refused(2, &["--cancel-on-stdin-eof", "/vsistdin/"]);
    folder.assert_files(&[]);
}

#[test]
fn a_signal_while_standard_input_is_awaited() {
    let folder = Folder::new();
    let mut running = Running::start(&folder, &["/vsistdin/", "out.tif"], Stdio::piped());
    running.stdout.read_line(&mut running.lines).unwrap();
    // Whoever writes to the pipe begins, and then keeps it open and silent.
    let mut open = running.child.stdin.take().unwrap();
    open.write_all(b"II*\0").unwrap();
    let spooled = || {
        let folders = fs::read_dir(folder.scratch()).unwrap().flatten();
        let files = folders.filter_map(|folder| fs::read_dir(folder.path()).ok()).flatten();
        let is_spool = |file: &fs::DirEntry| file.file_name() == "raster";
        files.flatten().filter(is_spool).any(|f| f.metadata().is_ok_and(|about| about.len() > 0))
    };
    wait_until(&mut running.child, "spooled what came", spooled);
    signal(&running.child, "TERM");
    running.assert_cancelled();
    drop(open);
    folder.assert_files(&[]);
}

/// A canopy on a server that takes the request and never answers, while the files of the run lie
/// in its folder: the library below waits without end.
#[test]
fn a_library_that_is_stuck_does_not_hold_a_cancelled_run() {
    for signals in [1, 2] {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let canopy = format!("/vsicurl/http://{}/trees.tif", server.local_addr().unwrap());
        let folder = Folder::new();
        let args = ["/vsistdin/", "out.tif", "--canopy", &canopy];
        let mut running = Running::start(&folder, &args, Stdio::piped());
        folder.write_dem("dem.tif", &terrain(40, 40, 1));
        let dem = fs::read(folder.path("dem.tif")).unwrap();
        running.child.stdin.take().unwrap().write_all(&dem).unwrap();
        let (_open, _) = server.accept().unwrap();
        signal(&running.child, "TERM");
        if signals == 1 {
            running.assert_cancelled();
            folder.assert_files(&["dem.tif"]);
        } else {
            signal(&running.child, "TERM");
            assert_eq!(collect(running.child).code, Some(130));
        }
    }
}

/// A caller that does both has asked once: the run still tells its end, and removes its files.
#[test]
fn a_signal_after_a_closed_standard_input_is_no_second_signal() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let canopy = format!("/vsicurl/http://{}/trees.tif", server.local_addr().unwrap());
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(40, 40, 1));
    let args = ["dem.tif", "out.tif", "--canopy", &canopy, "--cancel-on-stdin-eof"];
    let mut running = Running::start(&folder, &args, Stdio::piped());
    let (_open, _) = server.accept().unwrap();
    drop(running.child.stdin.take());
    // Long enough for the run to see the end of its input. If it is not, the test says less.
    std::thread::sleep(Duration::from_millis(400));
    signal(&running.child, "INT");
    running.assert_cancelled();
    folder.assert_files(&["dem.tif"]);
}

#[test]
fn a_reader_of_events_that_leaves_cancels() {
    let folder = for_long_runs();
    let args = [&["dem.tif", "out.tif"], &LONG[..]].concat();
    let mut running = Running::start(&folder, &args, Stdio::null());
    running.read_progress("compute");
    drop(running.stdout);
    let run = collect(running.child);
    assert_eq!(run.code, Some(130), "{run}");
    assert_eq!(run.stderr, "");
    folder.assert_files(&["dem.tif"]);
}

#[test]
fn a_standard_output_closed_from_the_start_cancels() {
    let folder = for_long_runs();
    let args = [&["dem.tif", "out.tif", "--progress", "json"], &LONG[..]].concat();
    let mut child = folder.command(&args).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(wait(&mut child).code(), Some(130));
    folder.assert_files(&["dem.tif"]);
}

/// The shell can close it; what is printed then goes nowhere.
#[cfg(unix)]
#[test]
fn a_standard_output_that_is_not_there_is_an_error() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(40, 40, 5));
    let sky = "--radius 3px -n 4";
    let without = |line: &str| {
        let (tool, words) = line.split_once(' ').unwrap();
        let words: Vec<&str> = words.split_whitespace().collect();
        run(&mut folder.tool_in_shell("exec \"$@\" >&-", tool, &words), &[])
    };
    let closed = "standard output is closed";
    for line in [
        format!("svf_compute dem.tif - {sky}"),
        format!("svf_compute dem.tif /vsistdout/ {sky}"),
        format!("svf_compute dem.tif o.tif {sky} --dry-run"),
        format!("svf_compute dem.tif o.tif {sky} --progress json"),
        format!("svf_tile dem.tif p.json {sky}"),
        format!("svf_tile dem.tif p.json {sky} --progress json"),
        "svf_mosaic dem.tif /vsistdout/".to_owned(),
        "svf_mosaic dem.tif o.tif --progress json".to_owned(),
        format!("svf_profile point dem.tif --at-cell 5,5 {sky}"),
        format!("svf_profile point dem.tif o.json --at-cell 5,5 {sky} --progress json"),
        "svf_profile section dem.tif --from 500001,4649990 --to 500009,4649990".to_owned(),
        "svf_compute --version".to_owned(),
        "svf_compute --help".to_owned(),
    ] {
        let run = without(&line);
        assert!(run.code == Some(1) && run.stderr.contains(closed), "{line}: {run}");
        run.assert_refused(1, &[closed]);
        folder.assert_files(&["dem.tif"]);
    }
    // Nothing goes there.
    assert_eq!(without(&format!("svf_compute dem.tif o.tif {sky}")).code, Some(0));
    assert_eq!(without(&format!("svf_tile dem.tif p.json {sky} -q")).code, Some(0));
    folder.assert_files(&["dem.tif", "o.tif", "p.json"]);
}

#[cfg(unix)]
#[test]
fn a_signal_while_a_log_is_awaited() {
    let folder = Folder::new();
    assert!(folder.in_folder("mkfifo", &["log"]).status().unwrap().success());
    let mut command = folder.tool("svf_profile", &["resources", "log", "--progress", "json"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut events = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    events.read_line(&mut said).unwrap();
    signal(&child, "INT");
    assert_eq!(wait(&mut child).code(), Some(130));
    events.read_to_string(&mut said).unwrap();
    assert_eq!(kind(parse_events(&said).last().unwrap()), "cancelled", "{said}");
}

#[test]
fn a_signal_while_tiles_are_cut_leaves_no_folder() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(1200, 1200, 5));
    let line = "dem.tif p.json --radius 1px -n 4 --tile-size 8 --cut a/cut -q";
    let words: Vec<&str> = line.split(' ').collect();
    let mut child = folder.tool("svf_tile", &words).stderr(Stdio::piped()).spawn().unwrap();
    wait_until(&mut child, "made the folder", || folder.path("a/cut").exists());
    signal(&child, "INT");
    let run = collect(child);
    assert_eq!(run.code, Some(130), "{run}");
    folder.assert_files(&["dem.tif"]);
}

#[test]
fn a_reader_of_the_raster_that_leaves_cancels() {
    let folder = noisy();
    let args = [&["dem.tif", "/vsistdout/", "--progress", "json"], &NOISY[..]].concat();
    let mut command = folder.command(&args);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let run = collect(child);
    assert_eq!(run.code, Some(130), "{run}");
    let events = parse_events(&run.stderr);
    assert_eq!(kind(events.last().unwrap()), "cancelled");
    folder.assert_files(&["dem.tif"]);
}

#[test]
fn a_full_disk_behind_the_events() {
    let folder = noisy();
    if !std::path::Path::new("/dev/full").exists() {
        return lacks("no /dev/full here");
    }
    let args = [&["dem.tif", "out.tif", "--progress", "json"], &NOISY[..]].concat();
    let run = run(&mut folder.command_in_shell("exec \"$@\" > /dev/full", &args), &[]);
    run.assert_refused(1, &["cannot write events", "No space left"]);
    folder.assert_files(&["dem.tif"]);
    // A tool that is quick, too.
    let args = ["dem.tif", "p.json", "--radius", "3px", "--progress", "json"];
    let mut command = folder.tool_in_shell("exec \"$@\" > /dev/full", "svf_tile", &args);
    crate::support::run(&mut command, &[])
        .assert_refused(1, &["cannot write events", "No space left"]);
}

#[test]
#[cfg(target_os = "linux")]
fn where_too_few_threads_can_start_it_is_said() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(300, 300, 1));
    // Of address space, the stacks of 400 threads need more.
    let limited = "ulimit -v 2000000 && exec \"$@\"";
    let line = |more: &str| -> Vec<String> {
        let words = format!("dem.tif o.tif --radius 3px -n 4 {more}");
        words.split_whitespace().map(str::to_owned).collect()
    };
    let many = run(&mut folder.command_in_shell(limited, &line("--threads 200")), &[]);
    many.assert_refused(1, &["more threads, but 406 are needed", "--threads", "ulimit"]);
    folder.assert_files(&["dem.tif"]);
    let few = run(&mut folder.command_in_shell(limited, &line("--threads 2")), &[]);
    assert_eq!(few.code, Some(0), "{few}");
}
