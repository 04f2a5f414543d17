//! Several processes on the tiles of one plan: they share the work, whoever of them dies.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant, SystemTime};

use svf_job::claims::{Claims, Taken};
use svf_job::tileset::JOIN;
use svf_job::trailer::digest_of;
use svf_raster::partial::host_name;

use crate::large::{assert_equal, computed, folder, strays};
use crate::support::{Folder, Run, collect, kind, signal, wait, wait_until};

const SKY: &str = "--radius 40px -n 8";

/// A plan of 5 x 4 tiles, and the raster that they should become.
fn planned() -> Folder {
    let folder = folder(250, 200);
    folder.line(0, &format!("svf_compute dem.tif one.tif {SKY}"));
    folder.line(0, &format!("svf_tile dem.tif p.json --tile-size 50 {SKY}"));
    folder
}

fn start(folder: &Folder, line: &str) -> Child {
    let words: Vec<&str> = line.split(' ').collect();
    let mut command = folder.tool(words[0], &words[1..]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn ended(child: Child) -> Run {
    let run = collect(child);
    assert_eq!(run.code, Some(0), "{run}");
    run
}

/// A living process that has begun some tiles: this one.
fn begun(tiles: &Path, files: &[&str]) -> Claims {
    fs::create_dir_all(tiles).unwrap();
    let claims = Claims::new(tiles, &host_name());
    for file in files {
        assert!(matches!(claims.take(file, "a tile", Instant::now()), Taken::Ours));
    }
    claims
}

/// Holds a plan to be done, each tile computed once, with nothing left behind.
#[track_caller]
fn assert_done(folder: &Folder) {
    let tiles = folder.path("p.tiles");
    assert_eq!(computed(&tiles.join("journal")), (0..20).map(|id| (id, 1)).collect());
    assert_eq!(strays(&[&tiles]), Vec::<String>::new());
    folder.line(0, "svf_mosaic p.json out.tif --overwrite");
    assert_equal(folder, "out.tif", "one.tif");
}

#[test]
fn two_and_three_processes_compute_each_tile_once() {
    let folder = planned();
    for count in [2, 3] {
        let line = "svf_compute --plan p.json --threads 1";
        let children: Vec<Child> = (0..count).map(|_| start(&folder, line)).collect();
        children.into_iter().for_each(|child| drop(ended(child)));
        assert_done(&folder);
        fs::remove_dir_all(folder.path("p.tiles")).unwrap();
    }
}

#[test]
fn what_others_have_begun_is_left_to_them_and_waited_for() {
    let folder = planned();
    folder.line(0, "svf_compute --plan p.json");
    let tiles = folder.path("p.tiles");
    let done = folder.path("r0001_c0002.tif");
    fs::rename(tiles.join("r0001_c0002.tif"), &done).unwrap();
    fs::remove_dir_all(&tiles).unwrap();
    let others = begun(&tiles, &["r0000_c0001.tif", "r0001_c0002.tif", "r0004_c0003.tif"]);
    let mut child = start(&folder, "svf_compute --plan p.json --progress json");
    let journal = tiles.join("journal");
    let all = |count: usize| journal.exists() && computed(&journal).len() == count;
    wait_until(&mut child, "17 tiles are done", || all(17));
    // One is given up, one is finished, and the last is given up when this process ends.
    others.release("r0000_c0001.tif");
    wait_until(&mut child, "18 tiles are done", || all(18));
    fs::rename(&done, tiles.join("r0001_c0002.tif")).unwrap();
    others.release("r0001_c0002.tif");
    drop(others);
    let run = ended(child);
    let events = run.events();
    let last = events.last().unwrap();
    assert_eq!(last["data"]["stats"]["tiles"]["computed"], 19, "{last}");
    assert_eq!(last["data"]["stats"]["tiles"]["found"], 1, "{last}");
    let mut once: BTreeMap<u64, u32> = (0..20).map(|id| (id, 1)).collect();
    once.remove(&6);
    assert_eq!(computed(&journal), once);
    assert_eq!(strays(&[&tiles]), Vec::<String>::new());
    folder.line(0, "svf_mosaic p.json out.tif");
    assert_equal(&folder, "out.tif", "one.tif");
}

#[test]
fn a_process_says_for_whom_it_waits_and_ends_when_told() {
    let folder = planned();
    let tiles = folder.path("p.tiles");
    let others = begun(&tiles, &["r0000_c0001.tif"]);
    let mut child = start(&folder, "svf_compute --plan p.json");
    let journal = tiles.join("journal");
    wait_until(&mut child, "others are waited for", || {
        journal.exists() && computed(&journal).len() == 19
    });
    signal(&child, "TERM");
    let run = collect(child);
    assert_eq!(run.code, Some(130), "{run}");
    drop(others);
    assert_eq!(strays(&[&tiles]), Vec::<String>::new());
    // From the start on, all that is left is with others.
    let others = begun(&tiles, &["r0000_c0001.tif"]);
    let mut child = start(&folder, "svf_compute --plan p.json");
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
    let me = std::process::id();
    let said = format!(
        "waiting for other processes, which compute the tiles that are left: process {me} on "
    );
    assert!(line.contains(&said), "{line}");
    drop(others);
    assert!(wait(&mut child).success());
    assert_done(&folder);
}

#[test]
fn the_tiles_of_a_killed_process_are_computed_by_the_others() {
    let folder = folder(250, 200);
    let sky = "--radius 100px -n 32";
    folder.line(0, &format!("svf_compute dem.tif one.tif {sky}"));
    folder.line(0, &format!("svf_tile dem.tif p.json --tile-size 50 {sky}"));
    let line = "svf_compute --plan p.json --threads 1";
    let mut killed = start(&folder, line);
    let tiles = folder.path("p.tiles");
    wait_until(&mut killed, "tiles are begun", || {
        tiles.exists() && strays(&[&tiles]).iter().any(|name| name.ends_with(".claim"))
    });
    let others = [start(&folder, line), start(&folder, line)];
    killed.kill().unwrap();
    assert_eq!(wait(&mut killed).code(), None);
    others.into_iter().for_each(|child| drop(ended(child)));
    let times = computed(&tiles.join("journal"));
    assert!(times.len() >= 19 && times.values().all(|&times| times == 1), "{times:?}");
    assert_eq!(strays(&[&tiles]), Vec::<String>::new());
    folder.line(0, "svf_mosaic p.json out.tif");
    assert_equal(&folder, "out.tif", "one.tif");
}

#[test]
fn what_dead_processes_of_other_machines_had_begun_is_taken_over() {
    let folder = planned();
    let tiles = folder.path("p.tiles");
    fs::create_dir(&tiles).unwrap();
    let claim = |host: &str| {
        format!(
            "{{\"host\":\"{host}\",\"pid\":1,\"what\":\"tile\",\"boot\":\"-\",\"locked\":true,\
             \"renewed_s\":0.02,\"token\":\"{host}-1\",\"renewals\":3}}\n"
        )
    };
    let year = Duration::from_hours(24 * 365);
    let now = SystemTime::now();
    for (tile, host, moment) in [
        ("r0000_c0000", "elsewhere".to_owned(), now + year),
        ("r0000_c0001", "elsewhere".to_owned(), now - year),
        ("r0004_c0003", host_name(), now + year),
    ] {
        let path = tiles.join(format!(".{tile}.tif.claim"));
        fs::write(&path, claim(&host)).unwrap();
        File::options().write(true).open(&path).unwrap().set_modified(moment).unwrap();
    }
    folder.line(0, "svf_compute --plan p.json");
    assert_done(&folder);
    // Of what is done already nobody would ask again.
    fs::write(tiles.join(".r0002_c0002.tif.claim"), "cut sho").unwrap();
    folder.line(0, "svf_compute --plan p.json");
    assert_done(&folder);
}

#[test]
fn a_tile_that_cannot_be_claimed_is_computed_with_a_warning() {
    let folder = planned();
    let tiles = folder.path("p.tiles");
    for tile in ["r0000_c0000", "r0003_c0001"] {
        fs::create_dir_all(tiles.join(format!(".{tile}.tif.claim"))).unwrap();
    }
    let run = folder.line(0, "svf_compute --plan p.json --progress json");
    let events = run.events();
    let warnings: Vec<_> = events.iter().filter(|event| kind(event) == "warning").collect();
    assert_eq!(warnings.len(), 1, "{run}");
    assert_eq!(warnings[0]["data"]["code"], "tiles.unclaimed");
    assert!(warnings[0]["data"]["hint"].as_str().unwrap().contains("--tile-part"));
    for tile in ["r0000_c0000", "r0003_c0001"] {
        fs::remove_dir(tiles.join(format!(".{tile}.tif.claim"))).unwrap();
    }
    assert_done(&folder);
}

#[test]
fn a_work_folder_is_shared_and_joined_once() {
    let folder = folder(250, 200);
    folder.line(0, &format!("svf_compute dem.tif one.tif --work-dir v --tile-size 50 {SKY}"));
    let expected = fs::read(folder.path("one.tif")).unwrap();
    let line = format!("svf_compute dem.tif out.tif --work-dir w --tile-size 50 {SKY}");
    let line = format!("{line} --progress json --threads 1");
    let children: Vec<Child> = (0..3).map(|_| start(&folder, &line)).collect();
    let runs: Vec<Run> = children.into_iter().map(ended).collect();
    let is_mosaic = |event: &serde_json::Value| event["data"]["stage"] == "mosaic";
    let joined = runs.iter().filter(|run| run.events().iter().any(is_mosaic)).count();
    assert_eq!(joined, 1);
    assert!(fs::read(folder.path("out.tif")).unwrap() == expected, "other bytes");
    let tiles = folder.path("w/tiles");
    assert_eq!(computed(&tiles.join("journal")), (0..20).map(|id| (id, 1)).collect());
    let folders = [&*folder.work(), &folder.path("w"), &tiles];
    assert_eq!(strays(&folders), Vec::<String>::new());
    folder.assert_files(&["dem.tif", "one.tif", "out.tif", "v", "w"]);
}

#[test]
fn who_joins_is_waited_for_and_what_it_wrote_is_left_alone() {
    let folder = folder(100, 100);
    let line = format!("svf_compute dem.tif out.tif --work-dir w --tile-size 50 {SKY}");
    folder.line(0, &line);
    let (out, kept) = (folder.path("out.tif"), folder.path("kept"));
    fs::rename(&out, &kept).unwrap();
    let tiles = folder.path("w/tiles");
    let join = format!("{JOIN}{}", &digest_of("[Some(\"out.tif\")]")[..16]);
    // The other did the same, did something else, or gave up: what is said of its output.
    let same = "another process with the same work folder has written out.tif";
    let done = "out.tif already exists and was made from the same plan";
    for (options, how, ends, said) in [
        ("", "join GTiff []", true, Some(same)),
        (" --overwrite", "join GTiff []", true, Some(same)),
        ("", "join COG []", true, Some(done)),
        (" --overwrite", "join COG []", true, None),
        ("", "join GTiff []", false, None),
    ] {
        let others = Claims::new(&tiles, &host_name());
        assert!(matches!(others.take(&join, how, Instant::now()), Taken::Ours));
        let mut child = start(&folder, &format!("{line}{options}"));
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut text = String::new();
        stderr.read_line(&mut text).unwrap();
        let me = format!(
            "waiting for other processes, which join the tiles: process {} on ",
            std::process::id()
        );
        assert!(text.contains(&me), "{text}");
        if ends {
            fs::copy(&kept, &out).unwrap();
        }
        drop(others);
        stderr.read_to_string(&mut text).unwrap();
        ended(child);
        for words in [same, done] {
            assert_eq!(text.contains(words), said == Some(words), "{options} {how}: {text}");
        }
        assert_eq!(strays(&[&tiles, &folder.work()]), Vec::<String>::new());
        assert_equal(&folder, "out.tif", "kept");
        fs::remove_file(&out).unwrap();
    }
}

#[test]
fn a_restart_does_not_delete_what_others_compute() {
    let folder = folder(100, 100);
    let line = format!("svf_compute dem.tif out.tif --work-dir w --tile-size 50 {SKY}");
    folder.line(0, &line);
    let tiles = folder.path("w/tiles");
    let others = begun(&tiles, &["r0000_c0001.tif"]);
    let restart = format!("{line} --restart --overwrite");
    let me = format!("process {}", std::process::id());
    folder.line(2, &restart).assert_refused(2, &["--restart", &me, "without --restart"]);
    assert!(tiles.join("r0000_c0000.tif").exists());
    drop(others);
    // One of a dead process does not hinder.
    fs::write(tiles.join(".r0000_c0001.tif.claim"), "{").unwrap();
    folder.line(0, &restart);
    assert_eq!(strays(&[&tiles]), Vec::<String>::new());
}
