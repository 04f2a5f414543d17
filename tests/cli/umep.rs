//! `--of UMEP`: `svfs.zip` and `SkyViewFactor.tif`, as UMEP's SOLWEIG reads them.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use gdal::Dataset;
use gdal::vsi::read_dir;
use ndarray::Array2;

use crate::support::{
    Folder, assert_same_bits, read_band, run, terrain, wait, wait_until, with_gaps,
};

/// The members of the archive and their measures.
const MEMBERS: [(&str, &str); 15] = [
    ("svf.tif", "svf-cosine"),
    ("svfE.tif", "svf-east"),
    ("svfS.tif", "svf-south"),
    ("svfW.tif", "svf-west"),
    ("svfN.tif", "svf-north"),
    ("svfveg.tif", "svf-veg"),
    ("svfEveg.tif", "svf-veg-east"),
    ("svfSveg.tif", "svf-veg-south"),
    ("svfWveg.tif", "svf-veg-west"),
    ("svfNveg.tif", "svf-veg-north"),
    ("svfaveg.tif", "svf-aveg"),
    ("svfEaveg.tif", "svf-aveg-east"),
    ("svfSaveg.tif", "svf-aveg-south"),
    ("svfWaveg.tif", "svf-aveg-west"),
    ("svfNaveg.tif", "svf-aveg-north"),
];

/// A folder with houses on a hill, trees, and a gap.
fn city() -> Folder {
    let folder = Folder::new();
    let mut heights = with_gaps(terrain(90, 70, 8));
    for ((row, col), z) in heights.indexed_iter_mut() {
        *z += if row % 20 < 6 && col % 17 < 8 { 12.0 } else { 0.0 };
    }
    let trees = Array2::from_shape_fn((90, 70), |(row, col)| {
        if (row / 3 + col / 2) % 5 == 0 { 5.0 + (row % 7) as f32 } else { 0.0 }
    });
    folder.write_dem("dsm.tif", &heights);
    folder.write_dem("cdsm.tif", &trees);
    folder
}

fn member(folder: &Folder, archive: &str, name: &str) -> PathBuf {
    // An absolute path needs the second slash.
    PathBuf::from(format!("/vsizip/{}/{name}", folder.path(archive).display()))
}

const OPTIONS: &str = "--radius 25 -n 12 --sampling nearest";

#[test]
fn the_archive_has_all_members_and_their_values_are_those_of_the_measures() {
    let folder = city();
    let line = format!(
        "svf_compute dsm.tif svfs.zip --of umep --canopy cdsm.tif --transmissivity 0.2 {OPTIONS}"
    );
    let said = folder.line(0, &line);
    assert!(said.stderr.contains("svfs.zip, SkyViewFactor.tif"), "{said}");
    folder.assert_files(&["SkyViewFactor.tif", "cdsm.tif", "dsm.tif", "svfs.zip"]);
    let mut names: Vec<String> =
        read_dir(format!("/vsizip/{}", folder.path("svfs.zip").display()), false)
            .unwrap()
            .into_iter()
            .map(|path| path.display().to_string())
            .collect();
    names.sort();
    let mut expected = MEMBERS.map(|(name, _)| name.to_owned());
    expected.sort();
    assert_eq!(names, expected);
    let dsm = folder.open("dsm.tif");
    for (name, measure) in MEMBERS {
        let path = member(&folder, "svfs.zip", name);
        let raster = Dataset::open(&path).unwrap();
        assert_eq!(raster.raster_count(), 1, "{name}");
        assert_eq!(raster.geo_transform().unwrap(), dsm.geo_transform().unwrap(), "{name}");
        assert_eq!(raster.projection(), dsm.projection(), "{name}");
        let band = raster.rasterband(1).unwrap();
        assert_eq!(band.band_type().name(), "Float32", "{name}");
        assert_eq!(band.no_data_value(), Some(-9999.0), "{name}");
        // Ground and buildings alone, or crowns that are measured.
        let canopy = if measure.contains("veg") { "--canopy cdsm.tif" } else { "" };
        let line = format!(
            "svf_compute dsm.tif one.tif --overwrite --measure {measure} {canopy} {OPTIONS}"
        );
        folder.line(0, &line);
        assert_same_bits(&read_band(&path, 1), &folder.band("one.tif", 1), name);
    }
    // Something of each: no member is constant.
    for (name, _) in MEMBERS {
        let cells = read_band(&member(&folder, "svfs.zip", name), 1);
        let valid = || cells.iter().copied().filter(|cell| *cell != -9999.0);
        assert!(valid().count() < cells.len(), "{name} has the gap");
        assert!(valid().fold(1.0, f32::min) < 0.97, "{name} is not 1 everywhere");
    }
    folder.line(0, &format!("svf_compute dsm.tif one.tif --overwrite --measure svf-cosine --canopy cdsm.tif --transmissivity 0.2 {OPTIONS}"));
    let (total, one) = (folder.band("SkyViewFactor.tif", 1), folder.band("one.tif", 1));
    assert_eq!(
        folder.open("SkyViewFactor.tif").geo_transform().unwrap(),
        dsm.geo_transform().unwrap()
    );
    for (total, one) in total.iter().zip(&one) {
        assert!((total - one).abs() < 1e-6, "{total}, in one run {one}");
    }
}

#[test]
fn without_vegetation_its_members_are_1() {
    let folder = city();
    folder.line(0, &format!("svf_compute dsm.tif svfs.zip --of UMEP {OPTIONS}"));
    let bare = read_band(&member(&folder, "svfs.zip", "svf.tif"), 1);
    for (name, measure) in MEMBERS.into_iter().filter(|(_, measure)| measure.contains("veg")) {
        let cells = read_band(&member(&folder, "svfs.zip", name), 1);
        for (cell, bare) in cells.iter().zip(&bare) {
            assert_eq!(*cell, if *bare == -9999.0 { -9999.0 } else { 1.0 }, "{measure}");
        }
    }
    assert_same_bits(&folder.band("SkyViewFactor.tif", 1), &bare, "SkyViewFactor.tif");
}

#[test]
fn a_killed_run_is_resumed_in_its_work_folder() {
    let folder = city();
    let line = |out: &str| {
        format!(
            "svf_compute dsm.tif {out}.zip --of UMEP --canopy cdsm.tif --work-dir w --tile-size 16 --threads 1 -n 60 --radius 60 -q --overwrite"
        )
    };
    folder.line(0, &line("whole"));
    let whole = fs::read(folder.path("whole.zip")).unwrap();
    let total = fs::read(folder.path("SkyViewFactor.tif")).unwrap();
    fs::remove_file(folder.path("SkyViewFactor.tif")).unwrap();
    fs::remove_dir_all(folder.path("w")).unwrap();
    let words = line("svfs");
    let words: Vec<&str> = words.split(' ').collect();
    let mut child = folder.tool(words[0], &words[1..]).stderr(Stdio::null()).spawn().unwrap();
    let tiles = folder.path("w/tiles");
    let done = || {
        let tiles = fs::read_dir(&tiles).into_iter().flatten().flatten();
        tiles.filter(|file| file.path().extension().is_some_and(|e| e == "tif")).count()
    };
    wait_until(&mut child, "three tiles are done", || done() >= 3);
    child.kill().unwrap();
    wait(&mut child);
    thread::sleep(Duration::from_millis(1));
    assert!(!folder.path("svfs.zip").exists() && !folder.path("SkyViewFactor.tif").exists());
    let said = folder.line(0, &line("svfs").replace(" -q", ""));
    assert!(
        said.stderr.contains("already done") && !said.stderr.contains(" 0 already done"),
        "{said}"
    );
    assert!(fs::read(folder.path("svfs.zip")).unwrap() == whole, "other bytes");
    assert!(fs::read(folder.path("SkyViewFactor.tif")).unwrap() == total, "other bytes");
    folder.assert_files(&[
        "SkyViewFactor.tif",
        "cdsm.tif",
        "dsm.tif",
        "svfs.zip",
        "w",
        "whole.zip",
    ]);
}

#[test]
fn a_full_disk_leaves_nothing() {
    let folder = city();
    let words = format!("dsm.tif svfs.zip --of UMEP --canopy cdsm.tif {OPTIONS}");
    let words: Vec<&str> = words.split(' ').collect();
    assert_eq!(folder.svf(&words).code, Some(0));
    let size = fs::metadata(folder.path("svfs.zip")).unwrap().len() / 1024;
    fs::remove_file(folder.path("svfs.zip")).unwrap();
    fs::remove_file(folder.path("SkyViewFactor.tif")).unwrap();
    // In the first member, in the middle of the archive, and at its end.
    for kib in [2, size / 2, size - 1] {
        let script = format!("ulimit -f {kib}; exec \"$@\"");
        let run = run(&mut folder.command_in_shell(&script, &words), &[]);
        assert_eq!(run.code, Some(1), "{kib} KiB: {run}");
        assert!(!run.stderr.contains("ZipWriter"), "{run}");
        folder.assert_files(&["cdsm.tif", "dsm.tif"]);
    }
}

#[test]
fn what_the_format_decides_is_refused() {
    let folder = city();
    let refused = |options: &str, words: &[&str]| {
        let line = format!("dsm.tif {options} {OPTIONS}");
        folder.svf(&line.split_whitespace().collect::<Vec<_>>()).assert_refused(2, words);
    };
    refused("svfs.tif --of UMEP", &["--of UMEP", "svfs.zip"]);
    refused("/vsimem/svfs.zip --of UMEP", &["--of UMEP", "local file"]);
    refused("svfs.zip --of UMEP --measure svf-veg", &["leave out --measure"]);
    refused("svfs.zip --of umep --measure svf", &["leave out --measure"]);
    refused("svfs.zip --of UMEP --co PROFILE=BASELINE", &["leave out --co PROFILE=BASELINE"]);
    refused("svfs.zip --of UMEP --co NBITS=16", &["does not store the NoData value"]);
    refused("svfs.zip --of UMEP --ot byte", &["leave out --ot"]);
    refused("svfs.zip --of UMEP --nodata 0", &["leave out --nodata"]);
    refused("svfs.zip --of UMEP --separate", &["leave out --separate"]);
    folder.assert_files(&["cdsm.tif", "dsm.tif"]);
    fs::write(folder.path("SkyViewFactor.tif"), "mine").unwrap();
    refused("svfs.zip --of UMEP", &["SkyViewFactor.tif exists", "--overwrite"]);
    fs::remove_file(folder.path("SkyViewFactor.tif")).unwrap();
    folder.line(0, &format!("svf_compute dsm.tif svfs.zip --of UMEP --dry-run {OPTIONS}"));
    folder.assert_files(&["cdsm.tif", "dsm.tif"]);
}

#[test]
fn an_input_is_never_overwritten() {
    let folder = city();
    fs::rename(folder.path("dsm.tif"), folder.path("SkyViewFactor.tif")).unwrap();
    let line = format!("SkyViewFactor.tif svfs.zip --of UMEP --overwrite {OPTIONS}");
    let words: Vec<&str> = line.split(' ').collect();
    folder.svf(&words).assert_refused(2, &["SkyViewFactor.tif is the input"]);
    folder.assert_files(&["SkyViewFactor.tif", "cdsm.tif"]);
}
