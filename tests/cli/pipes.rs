//! Standard input and output as rasters.

use std::fs;
use std::process::Command;

use crate::support::{Folder, assert_same_bits, kind, parse_events, run, skip, terrain, with_gaps};

const OPTIONS: [&str; 4] = ["--radius", "9px", "--measure", "svf,coverage"];

/// A raster, and what the tool makes of it from file to file.
fn with_expected() -> (Folder, Vec<u8>) {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &with_gaps(terrain(200, 230, 1)));
    folder.ok(&[&["dem.tif", "expected.tif"], &OPTIONS[..]].concat());
    let bytes = fs::read(folder.path("dem.tif")).unwrap();
    (folder, bytes)
}

#[track_caller]
fn assert_expected(folder: &Folder, output: &str) {
    let dataset = folder.open(output);
    let expected = folder.open("expected.tif");
    assert_eq!(dataset.geo_transform().unwrap(), expected.geo_transform().unwrap());
    assert_eq!(dataset.projection(), expected.projection());
    for (i, expected) in folder.bands("expected.tif").iter().enumerate() {
        assert_same_bits(&folder.band(output, i + 1), expected, output);
    }
}

#[test]
fn without_a_temporary_folder_the_variable_is_named() {
    let (folder, bytes) = with_expected();
    for (input, output) in [("/vsistdin/", "a.tif"), ("dem.tif", "/vsistdout/")] {
        let mut command = folder.command(&[&[input, output], &OPTIONS[..]].concat());
        let run = run(command.env("TMPDIR", "/none").env("TMP", "/none"), &bytes);
        let variable = if cfg!(windows) { "TMP " } else { "TMPDIR " };
        run.assert_refused(1, &["/none", "hint: set the variable ", variable]);
    }
}

#[test]
fn a_raster_from_standard_input() {
    let (folder, bytes) = with_expected();
    for (input, output) in [("/vsistdin/", "a.tif"), ("/dev/stdin", "b.tif")] {
        let run = run(&mut folder.command(&[&[input, output], &OPTIONS[..]].concat()), &bytes);
        assert_eq!(run.code, Some(0), "{run}");
        assert_expected(&folder, output);
    }
    folder.assert_files(&["a.tif", "b.tif", "dem.tif", "expected.tif"]);
    let item = gdal::Metadata::metadata_item(&folder.open("a.tif"), "SVF_INPUT", "");
    assert_eq!(item.unwrap(), "/vsistdin/");
}

#[test]
fn a_raster_to_standard_output() {
    let (folder, _) = with_expected();
    for of in ["GTiff", "COG"] {
        let run =
            folder.ok(&[&["dem.tif", "/vsistdout/", "--of", of, "-q"], &OPTIONS[..]].concat());
        assert_eq!(run.stderr, "");
        fs::write(folder.path("out.tif"), &run.stdout).unwrap();
        assert_expected(&folder, "out.tif");
    }
    folder.assert_files(&["dem.tif", "expected.tif", "out.tif"]);
}

#[test]
fn a_summary_never_gets_into_the_raster() {
    let (folder, _) = with_expected();
    let run = folder.ok(&[&["dem.tif", "/vsistdout/"], &OPTIONS[..]].concat());
    assert!(run.stderr.contains("200"), "the summary is on stderr: {}", run.stderr);
    fs::write(folder.path("out.tif"), &run.stdout).unwrap();
    assert_expected(&folder, "out.tif");
}

#[test]
fn events_go_to_stderr_when_the_raster_goes_to_stdout() {
    let (folder, bytes) = with_expected();
    for output in ["/vsistdout/", "/dev/stdout"] {
        let args = [&["/vsistdin/", output, "--progress", "json"], &OPTIONS[..]].concat();
        let run = run(&mut folder.command(&args), &bytes);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        fs::write(folder.path("out.tif"), &run.stdout).unwrap();
        assert_expected(&folder, "out.tif");
        let events = parse_events(&run.stderr);
        assert_eq!(kind(&events[0]), "start");
        let done = events.last().unwrap();
        assert_eq!(kind(done), "done");
        assert_eq!(done["data"]["outputs"], serde_json::json!([output]));
    }
    folder.assert_files(&["dem.tif", "expected.tif", "out.tif"]);
}

#[test]
fn errors_go_to_stderr_when_the_raster_goes_to_stdout() {
    let (folder, _) = with_expected();
    for options in [&["-b", "7"][..], &["--radius", "far"], &["--profile-log", "nowhere/log"]] {
        let args = [&["dem.tif", "/vsistdout/", "--progress", "json"], options].concat();
        let run = folder.svf(&args);
        assert_ne!(run.code, Some(0));
        assert!(run.stdout.is_empty(), "{options:?}: {run}");
        let events = parse_events(&run.stderr);
        assert_eq!(events.last().map(kind), Some("error"), "{options:?}: {run}");
    }
}

#[test]
fn a_reader_that_went_away_has_cancelled_a_plan_but_not_a_version() {
    let (folder, _) = with_expected();
    let said_to = |words: &str, stdout: std::process::Stdio| {
        let words: Vec<&str> = words.split(' ').collect();
        let output = folder.command(&words).stdout(stdout).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let nobody = || std::io::pipe().unwrap().1.into();
    let (code, said) = said_to("dem.tif --dry-run --radius 3px", nobody());
    assert_eq!((code, said.lines().last()), (Some(130), Some("svf_compute: cancelled")), "{said}");
    for asked in ["--json-usage", "--version", "--version --json", "--help", "-h"] {
        assert_eq!(said_to(asked, nobody()), (Some(0), String::new()), "{asked}");
        // Where the disk is full, nobody has it.
        if let Ok(full) = fs::OpenOptions::new().write(true).open("/dev/full") {
            let (code, said) = said_to(asked, full.into());
            assert_eq!(code, Some(1), "{asked}: {said}");
            let expected = "svf_compute: error: cannot write to standard output: No space left";
            assert!(said.starts_with(expected) && said.lines().count() == 1, "{asked}: {said}");
        }
    }
}

#[test]
fn a_pipeline_of_the_shell() {
    let (folder, _) = with_expected();
    let script =
        format!("cat dem.tif | \"$1\" /vsistdin/ /vsistdout/ -q {} > out.tif", OPTIONS.join(" "));
    let mut command = folder.command_in_shell(&script, &[] as &[&str]);
    assert_eq!(run(&mut command, &[]).code, Some(0));
    assert_expected(&folder, "out.tif");
}

#[test]
fn a_pipeline_with_gdal_programs() {
    let (folder, _) = with_expected();
    if Command::new("gdal_translate").arg("--version").output().is_err() {
        return skip("no GDAL programs here");
    }
    let script = format!(
        "set -o pipefail
         gdal_translate -q -of GTiff dem.tif /vsistdout/ \
         | \"$1\" /vsistdin/ /vsistdout/ -q {} \
         | gdal_translate -q -of GTiff /vsistdin/ out.tif",
        OPTIONS.join(" ")
    );
    let run = run(&mut folder.command_in_shell(&script, &[] as &[&str]), &[]);
    assert_eq!(run.code, Some(0), "{run}");
    assert_expected(&folder, "out.tif");
}

#[test]
fn an_empty_standard_input() {
    let folder = Folder::new();
    let run = folder.svf(&["/vsistdin/", "out.tif"]);
    run.assert_refused(1, &["/vsistdin/", "standard input is empty"]);
    folder.assert_files(&[]);
}

#[test]
fn a_standard_input_that_is_no_raster() {
    let folder = Folder::new();
    let run = run(&mut folder.command(&["/vsistdin/", "out.tif"]), &b"no raster ".repeat(100));
    // The user knows nothing of a spool file.
    run.assert_refused(1, &["cannot open /vsistdin/"]);
    folder.assert_files(&[]);
}

#[test]
fn a_standard_input_that_breaks_off() {
    let (folder, bytes) = with_expected();
    let half = &bytes[..bytes.len() / 2];
    let run = run(&mut folder.command(&["/vsistdin/", "out.tif", "--radius", "3px"]), half);
    run.assert_refused(1, &["/vsistdin/", "the file is incomplete"]);
    folder.assert_files(&["dem.tif", "expected.tif"]);
}

#[test]
fn several_files_cannot_go_to_standard_output() {
    let (folder, _) = with_expected();
    let run = folder.svf(&[&["dem.tif", "/vsistdout/", "--separate"], &OPTIONS[..]].concat());
    run.assert_refused(2, &["--separate", "/vsistdout/"]);
}
