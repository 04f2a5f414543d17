//! What is the user's stays the user's: whatever a plan says that came from someone else,
//! whatever other users put into a folder that is everyone's, and whatever happens to have the
//! name of a result.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Stdio;

use crate::support::{
    Folder, Run, assert_same_bits, can_write, collect, lacks, run, signal, terrain, wait,
    wait_until,
};

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(60, 90, 3));
    folder
}

/// A plan of two tiles, changed by hand: what stands under a key of the file.
fn plan_with(folder: &Folder, key: &str, value: serde_json::Value) {
    folder.line(0, "svf_tile dem.tif p.json --tile-size 45x60 --radius 5px -n 4 --overwrite");
    let text = fs::read_to_string(folder.path("p.json")).unwrap();
    let mut plan: serde_json::Value = serde_json::from_str(&text).unwrap();
    plan[key] = value;
    plan.as_object_mut().unwrap().remove("digest");
    fs::write(folder.path("p.json"), plan.to_string()).unwrap();
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn tiles_lie_below_their_plan_whatever_it_says() {
    let folder = folder();
    fs::create_dir(folder.path("sub")).unwrap();
    let root = folder.work().join("elsewhere").display().to_string();
    for place in [".", "..", "", "./p.tiles", "../elsewhere", "p.tiles/../..", &root, "/"] {
        plan_with(&folder, "tile_folder", place.into());
        for line in ["svf_compute --plan p.json", "svf_mosaic p.json out.tif"] {
            let words = format!("its tile folder '{place}' is not inside the folder of the plan");
            folder.line(1, line).assert_refused(1, &[&words, "make it with svf_tile"]);
        }
    }
    // A folder below is good, a link is none: not even on the way.
    plan_with(&folder, "tile_folder", "a/b".into());
    symlink("sub", folder.path("a")).unwrap();
    folder
        .line(1, "svf_compute --plan p.json")
        .assert_refused(1, &["a is a link: tiles must be in the folder of their plan"]);
    assert_eq!(fs::read_dir(folder.path("sub")).unwrap().count(), 0);
    fs::remove_file(folder.path("a")).unwrap();
    folder.line(0, "svf_compute --plan p.json");
    assert!(folder.path("a/b/r0000_c0001.tif").exists());
}

/// The journal is a folder among the tiles: what else has its name is neither followed nor removed.
#[test]
fn the_journal_lies_among_the_tiles() {
    let folder = folder();
    plan_with(&folder, "tile_folder", "maps".into());
    fs::create_dir(folder.path("maps")).unwrap();
    fs::create_dir(folder.path("sub")).unwrap();
    fs::write(folder.path("sub/notes.jsonl"), "mine").unwrap();
    symlink("../sub", folder.path("maps/journal")).unwrap();
    let said = "maps/journal is a link: tiles must be in the folder of their plan";
    let refused = folder.line(1, "svf_compute --plan p.json");
    refused.assert_refused(1, &[said, "remove the link"]);
    assert_eq!(fs::read_dir(folder.path("sub")).unwrap().count(), 1);
    fs::remove_file(folder.path("maps/journal")).unwrap();
    fs::write(folder.path("maps/journal"), "").unwrap();
    let said = "maps/journal is in the way of a folder of the tiles";
    let refused = folder.line(1, "svf_compute --plan p.json");
    refused.assert_refused(1, &[said, "move it to another place, or delete it"]);
    fs::remove_file(folder.path("maps/journal")).unwrap();
    folder.line(0, "svf_compute --plan p.json");
}

#[test]
fn a_file_that_is_no_tile_of_the_plan_is_never_replaced() {
    let folder = folder();
    plan_with(&folder, "tile_folder", "maps".into());
    fs::create_dir(folder.path("maps")).unwrap();
    let theirs = folder.path("maps/r0000_c0000.tif");
    let blocked = |reason: &str| {
        let before = fs::read(&theirs).unwrap();
        let run = folder.line(3, "svf_compute --plan p.json");
        run.assert_refused(3, &["0 (maps/r0000_c0000.tif)", reason, "move or delete it"]);
        assert_eq!(fs::read(&theirs).unwrap(), before);
    };
    fs::copy(folder.path("dem.tif"), &theirs).unwrap();
    blocked("it is not a tile of this plan");
    fs::write(&theirs, "my notes").unwrap();
    blocked("it is not a tile of this plan");
    // Through a link, too.
    fs::remove_file(&theirs).unwrap();
    symlink("../dem.tif", &theirs).unwrap();
    blocked("it is not a tile of this plan");
    // Hours of work for another plan.
    fs::remove_file(&theirs).unwrap();
    folder.line(0, "svf_tile dem.tif other.json --tile-size 45x60 --radius 6px -n 4");
    folder.line(0, "svf_compute --plan other.json");
    fs::copy(folder.path("other.tiles/r0000_c0000.tif"), &theirs).unwrap();
    blocked("it is a tile of another plan");
    fs::remove_file(&theirs).unwrap();
    folder.line(0, "svf_compute --plan p.json");
}

#[test]
fn an_input_with_the_name_of_a_tile_is_no_tile() {
    let folder = folder();
    fs::create_dir(folder.path("p.tiles")).unwrap();
    fs::rename(folder.path("dem.tif"), folder.path("p.tiles/r0000_c0000.tif")).unwrap();
    let input = fs::read(folder.path("p.tiles/r0000_c0000.tif")).unwrap();
    let sky = "--tile-size 45x60 --radius 5px -n 4";
    let told = " is in ";
    folder
        .line(2, &format!("svf_tile p.tiles/r0000_c0000.tif p.json {sky}"))
        .assert_refused(2, &[told]);
    // The plan was made when its tiles went elsewhere.
    folder.line(0, &format!("svf_tile p.tiles/r0000_c0000.tif q.json {sky}"));
    fs::rename(folder.path("q.json"), folder.path("p.json")).unwrap();
    let text = fs::read_to_string(folder.path("p.json")).unwrap();
    let mut plan: serde_json::Value = serde_json::from_str(&text).unwrap();
    plan["tile_folder"] = "p.tiles".into();
    plan.as_object_mut().unwrap().remove("digest");
    fs::write(folder.path("p.json"), plan.to_string()).unwrap();
    folder
        .line(2, "svf_compute --plan p.json")
        .assert_refused(2, &[told, "the folder for the tiles"]);
    assert_eq!(fs::read(folder.path("p.tiles/r0000_c0000.tif")).unwrap(), input);
}

#[test]
fn folders_of_others_among_the_temporary_files_are_left_alone() {
    let folder = folder();
    let host = svf_raster::partial::machine();
    let scratch = |name: &str| folder.scratch().join(name);
    let theirs = folder.path(&format!(".out.tif.partial-{host}-1-1"));
    fs::create_dir(&theirs).unwrap();
    fs::write(theirs.join("out.tif"), "theirs").unwrap();
    // As another user may plant them where an output is staged that goes to a pipe.
    let planted = scratch(&format!(".output.tif.partial-{host}-1-1"));
    fs::create_dir(folder.path("target")).unwrap();
    symlink(folder.path("target"), &planted).unwrap();
    let piped = scratch(&format!(".output.tif.partial-{host}-2-1"));
    fs::create_dir(&piped).unwrap();
    let made = std::process::Command::new("mkfifo").arg(piped.join("scratch-lock")).status();
    assert!(made.unwrap().success());
    folder.ok(&["dem.tif", "out.tif", "--radius", "5px"]);
    folder.ok(&["dem.tif", "/vsistdout/", "--radius", "5px"]);
    assert_eq!(fs::read_to_string(theirs.join("out.tif")).unwrap(), "theirs");
    assert_eq!(fs::read_dir(folder.path("target")).unwrap().count(), 0);
    assert!(planted.is_symlink() && piped.exists());
}

#[test]
fn what_came_by_standard_input_is_private_and_goes() {
    let folder = folder();
    let mut command = folder.command(&["-", "out.tif", "--radius", "5px"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    std::io::Write::write_all(&mut pipe, b"II*\0").unwrap();
    let spooled = || -> Vec<_> {
        let folders = fs::read_dir(folder.scratch()).unwrap();
        let files = folders.flatten().filter_map(|folder| fs::read_dir(folder.path()).ok());
        files.flatten().flatten().filter(|file| file.file_name() == "raster").collect()
    };
    let came = || spooled().iter().any(|file| file.metadata().is_ok_and(|about| about.len() == 4));
    wait_until(&mut child, "spooled what came", came);
    let file = spooled()[0].path();
    assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
    signal(&child, "KILL");
    wait(&mut child);
    // The next run removes it, whatever that reads.
    folder.ok(&["dem.tif", "out.tif", "--radius", "5px"]);
    folder.assert_files(&["dem.tif", "out.tif"]);
}

/// GDAL takes the names in a VRT from the folder of the file itself, not from that of a link to it.
#[test]
fn a_vrt_behind_a_link_is_written_there_and_keeps_its_mode() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(60, 50, 7));
    folder.line(0, "svf_tile dem.tif p.json --tile-size 32 --radius 5px -n 4");
    folder.line(0, "svf_compute --plan p.json");
    folder.line(0, "svf_mosaic p.json whole.tif");
    let expected = folder.band("whole.tif", 1);
    fs::create_dir(folder.path("v")).unwrap();
    fs::write(folder.path("l.txt"), "whole.tif\n").unwrap();
    for (link, line) in [
        ("a.vrt", "svf_mosaic p.json a.vrt --overwrite"),
        ("b.vrt", "svf_mosaic --input-list l.txt b.vrt --overwrite"),
        ("c.vrt", "svf_mosaic p.json c.tif --parts 2 --overwrite"),
    ] {
        symlink(format!("v/{link}"), folder.path(link)).unwrap();
        folder.line(0, line);
        let real = folder.path(&format!("v/{link}"));
        assert!(folder.path(link).is_symlink() && real.is_file(), "{link}");
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        // Its parts are others, so it is removed first.
        let again =
            if link == "c.vrt" { format!("{line} --co COMPRESS=LZW") } else { line.to_owned() };
        folder.line(0, &again);
        assert!(folder.path(link).is_symlink(), "{link}");
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640, "{link}");
        for name in [link.to_owned(), format!("v/{link}")] {
            assert_same_bits(&folder.band(&name, 1), &expected, &name);
        }
    }
}

#[test]
fn links_in_a_circle_are_refused() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(20, 20, 7));
    symlink("b.tif", folder.path("a.tif")).unwrap();
    symlink("a.tif", folder.path("b.tif")).unwrap();
    for line in [
        "svf_compute dem.tif a.tif --radius 5px --overwrite",
        "svf_compute dem.tif a.tif --radius 5px --overwrite --work-dir w",
        "svf_tile dem.tif a.tif --radius 5px --overwrite",
    ] {
        folder.line(1, line).assert_refused(1, &["a.tif", "a link that leads round in a circle"]);
    }
    assert!(folder.path("a.tif").is_symlink() && folder.path("b.tif").is_symlink());
}

#[test]
fn an_overwritten_file_keeps_its_mode() {
    let folder = folder();
    let sky = "--radius 5px -n 4 --overwrite";
    folder.line(0, "svf_tile dem.tif p.json --tile-size 45x60 --radius 5px -n 4");
    folder.line(0, "svf_compute --plan p.json");
    let lines = [
        ("out.tif", format!("svf_compute dem.tif out.tif {sky}")),
        ("cog.tif", format!("svf_compute dem.tif cog.tif --of COG {sky}")),
        ("plan.json", format!("svf_tile dem.tif plan.json {sky}")),
        ("index.gpkg", format!("svf_tile dem.tif plan.json --index index.gpkg {sky}")),
        ("all.tif", "svf_mosaic p.json all.tif --overwrite".into()),
        ("all.vrt", "svf_mosaic p.json all.vrt --overwrite".into()),
        (
            "why.json",
            format!("svf_profile point dem.tif why.json --at-cell 5,5 --figure why.svg {sky}"),
        ),
        (
            "why.svg",
            format!("svf_profile point dem.tif why.json --at-cell 5,5 --figure why.svg {sky}"),
        ),
    ];
    for (name, line) in lines {
        folder.line(0, &line);
        assert_eq!(mode(&folder.path(name)), 0o644, "{name}: as the umask has it");
        for bits in [0o600, 0o664] {
            fs::set_permissions(folder.path(name), fs::Permissions::from_mode(bits)).unwrap();
            folder.line(0, &line);
            assert_eq!(mode(&folder.path(name)), bits, "{name}");
        }
        fs::set_permissions(folder.path(name), fs::Permissions::from_mode(0o644)).unwrap();
    }
}

/// Runs svf_compute over a large raster, and `meanwhile` once it has begun to write the file
/// whose name has `part` in it.
fn with_meanwhile(folder: &Folder, part: &str, options: &str, meanwhile: impl FnOnce()) -> Run {
    let args: Vec<&str> = "dem.tif out.tif --radius 60px".split(' ').collect();
    let options: Vec<&str> = options.split_whitespace().collect();
    let mut command = folder.command(&[args, options].concat());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let staged = || {
        let mut entries = fs::read_dir(folder.work()).unwrap().flatten();
        entries.any(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            name.contains(".partial-") && name.contains(part)
        })
    };
    wait_until(&mut child, "began to write", staged);
    meanwhile();
    collect(child)
}

fn large() -> Folder {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(1500, 1500, 5));
    folder
}

#[test]
fn a_file_that_appears_during_a_run_is_not_replaced_unasked() {
    let folder = large();
    let appear = || fs::write(folder.path("out.tif"), "theirs").unwrap();
    let refused = with_meanwhile(&folder, "out", "", appear);
    refused.assert_refused(
        1,
        &["cannot replace out.tif", "in the meantime", "add --overwrite to replace it"],
    );
    assert_eq!(fs::read_to_string(folder.path("out.tif")).unwrap(), "theirs");
    assert_eq!(with_meanwhile(&folder, "out", "--overwrite", appear).code, Some(0));
    assert_eq!(folder.open("out.tif").raster_size(), (1500, 1500));
    folder.assert_files(&["dem.tif", "out.tif"]);
}

#[test]
fn outputs_of_one_run_are_all_there_or_none_is() {
    let folder = large();
    fs::write(folder.path("out_svf.tif"), "old").unwrap();
    // The second meets a folder under its name, which it cannot replace.
    let folder_appears = || {
        let _ = fs::remove_file(folder.path("out_svf-cosine.tif"));
        fs::create_dir(folder.path("out_svf-cosine.tif")).unwrap();
    };
    let options = "--measure svf,svf-cosine --separate --overwrite";
    let run = with_meanwhile(&folder, "cosine", options, folder_appears);
    // Between its temporary folder and its file, or later.
    run.assert_refused(1, &["out_svf-cosine.tif"]);
    assert_eq!(fs::read_to_string(folder.path("out_svf.tif")).unwrap(), "old");
    folder.assert_files(&["dem.tif", "out_svf.tif", "out_svf-cosine.tif"]);
}

#[test]
fn a_list_of_inputs_is_no_output() {
    let folder = folder();
    fs::write(folder.path("l.txt"), "dem.tif\n").unwrap();
    fs::write(folder.path("run.jsonl"), "dem.tif\n").unwrap();
    for line in [
        "svf_compute --input-list l.txt l.txt --of GTiff",
        "svf_tile --input-list l.txt l.txt",
        "svf_mosaic --input-list l.txt l.txt --of GTiff",
        "svf_mosaic --input-list l.txt ./l.txt --of VRT",
        "svf_profile point --input-list l.txt l.txt --at-cell 5,5 --format json",
        "svf_profile section --input-list l.txt l.txt --from 1,2 --to 3,4 --format csv",
        "svf_compute --input-list run.jsonl x.tif --profile-log run.jsonl",
        "svf_mosaic --input-list l.txt x.tif --profile-log l.txt",
    ] {
        let run = folder.line(2, &format!("{line} --overwrite"));
        assert!(run.stderr.contains("is a part of the input"), "{line}: {run}");
        for list in ["l.txt", "run.jsonl"] {
            assert_eq!(fs::read_to_string(folder.path(list)).unwrap(), "dem.tif\n", "{line}");
        }
    }
}

#[test]
fn a_vrt_over_a_name_that_xml_cannot_hold_is_refused() {
    let folder = folder();
    let name = "a\u{1b}b\u{7}.tif";
    folder.line(0, "svf_compute dem.tif svf.tif --radius 5px -n 4");
    fs::rename(folder.path("svf.tif"), folder.path(name)).unwrap();
    fs::write(folder.path("l.txt"), name).unwrap();
    let run = run(&mut folder.tool("svf_mosaic", &["--input-list", "l.txt", "all.vrt"]), &[]);
    run.assert_refused(2, &["cannot use a\\u{1b}b\\u{7}.tif", "a VRT cannot contain its name"]);
    assert!(!folder.path("all.vrt").exists());
}

/// Makes a raster of a format from `dem.tif`.
fn translate(folder: &Folder, words: &str) {
    let made = std::process::Command::new("gdal_translate")
        .arg("-q")
        .args(words.split(' '))
        .current_dir(folder.work())
        .output()
        .unwrap();
    assert!(made.status.success(), "{words}: {}", String::from_utf8_lossy(&made.stderr));
}

#[test]
fn names_that_would_become_too_long_are_refused_before_the_work() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(40, 50, 1));
    let long = "n".repeat(248);
    for (code, line, said) in [
        (2, format!("svf_tile dem.tif {long}pp.json --radius 3px"), "a name of 256 bytes"),
        (
            1,
            format!("svf_compute dem.tif {long}.tif --radius 3px --separate --measure svf,slope"),
            "its name has 256 bytes, and 255 are allowed",
        ),
    ] {
        let run = folder.line(code, &line);
        assert!(run.stderr.contains(said), "{run}");
    }
    folder.assert_files(&["dem.tif"]);
}

/// What would be read together with a new output, and is not of it: of a program that was killed, or of an
/// earlier output.
#[test]
fn an_output_is_not_read_with_what_was_beside_its_name() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(40, 50, 1));
    // Without coordinates.
    let bare = ["-q", "-co", "PROFILE=BASELINE", "dem.tif", "bare.tif"];
    assert!(folder.in_folder("gdal_translate", &bare).status().unwrap().success());
    fs::remove_file(folder.path("bare.tif.aux.xml")).unwrap();
    for (input, output, options, beside, always) in [
        ("dem.tif", "o.gpkg", "", "o.gpkg-wal", false),
        ("dem.tif", "o.gpkg", "", "o.gpkg-journal", false),
        ("dem.tif", "o.img", "--of ENVI", "o.img.hdr", false),
        ("dem.tif", "o.png", "--ot uint8", "o.pgw", true),
        ("dem.tif", "o.png", "--ot uint8", "o.wld", true),
        ("bare.tif", "o.tif", "", "o.tfw", true),
        ("bare.tif", "o.asc", "", "o.prj", true),
    ] {
        if output == "o.gpkg" && !can_write("GPKG") {
            lacks("this GDAL writes no GeoPackage");
            continue;
        }
        fs::write(folder.path(beside), "2\n0\n0\n-2\n8\n6\n").unwrap();
        let line = format!("svf_compute {input} {output} --radius 3px {options}");
        let refused = folder.line(2, &line);
        assert!(refused.stderr.contains(&format!("{beside} exists")), "{line}: {refused}");
        let kept = fs::read_to_string(folder.path(beside)).unwrap();
        assert_eq!(kept, "2\n0\n0\n-2\n8\n6\n", "{line}");
        let over = folder.line(if always { 2 } else { 0 }, &format!("{line} --overwrite"));
        assert_eq!(folder.path(beside).exists(), always, "{line}: {over}");
        let _ = fs::remove_file(folder.path(beside));
        let _ = fs::remove_file(folder.path(output));
    }
    // Vectors are no rasters, but the rule is the same, and it is said before any work.
    for (line, beside) in [
        ("svf_tile dem.tif plan.json --radius 3px --index i.gpkg", "i.gpkg-journal"),
        ("svf_profile point dem.tif p.gpkg --at 500010,4649990 --radius 3px", "p.gpkg-wal"),
        (
            "svf_profile point dem.tif p.geojson --at 500010,4649990 --radius 3px",
            "p.geojson.aux.xml",
        ),
    ] {
        fs::write(folder.path(beside), "theirs").unwrap();
        let refused = folder.line(2, line);
        assert!(refused.stderr.contains(&format!("{beside} exists")), "{line}: {refused}");
        assert!(!refused.stderr.contains("in the meantime"), "{line}: {refused}");
        assert_eq!(fs::read_to_string(folder.path(beside)).unwrap(), "theirs", "{line}");
        fs::remove_file(folder.path(beside)).unwrap();
    }
    let log = folder.line(2, "svf_compute dem.tif o.gpkg --profile-log o.gpkg-wal");
    assert!(log.stderr.contains("would be parts of one raster"), "{log}");
}

#[test]
fn files_beside_an_output_are_kept() {
    // Output, and what its driver would replace or delete beside it.
    for (options, beside) in [
        ("o.bil --of EHdr", &["o.hdr", "o.prj"][..]),
        ("o.dat --of ENVI", &["o.hdr", "o.dat.aux.xml"]),
        ("o.asc --of AAIGrid", &["o.prj", "o.asc.aux.xml"]),
        ("o.sdat --of SAGA", &["o.sgrd", "o.prj"]),
        ("o.tif --co TFW=YES", &["o.tfw", "o.tif.msk"]),
        ("o.tif", &["o.tif.aux.xml", "o.tif.ovr"]),
        ("o.tif --of COG", &["o.tif.msk", "o.tif.ovr", "o.tif.aux.xml"]),
        ("o.tif --work-dir w", &["o.tif.ovr"]),
    ] {
        for name in beside {
            let folder = Folder::new();
            folder.write_dem("dem.tif", &terrain(30, 40, 3));
            fs::write(folder.path(name), "mine").unwrap();
            let line = format!("svf_compute dem.tif {options} --radius 5px -n 4");
            let refused = folder.line(2, &line);
            assert!(refused.stderr.contains(&format!("{name} exists")), "{line}: {refused}");
            assert_eq!(fs::read(folder.path(name)).unwrap(), b"mine", "{line}");
            assert!(!folder.path(options.split(' ').next().unwrap()).exists(), "{line}");
            folder.line(0, &format!("{line} --overwrite"));
            assert_ne!(fs::read(folder.path(name)).ok().as_deref(), Some(&b"mine"[..]), "{line}");
        }
    }
    // In svf_mosaic, too.
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(30, 40, 3));
    folder.line(0, "svf_tile dem.tif p.json --radius 5px -n 4");
    folder.line(0, "svf_compute --plan p.json");
    fs::write(folder.path("o.hdr"), "mine").unwrap();
    let refused = folder.line(2, "svf_mosaic p.json o.dat --of ENVI");
    assert!(refused.stderr.contains("o.hdr exists"), "{refused}");
    assert_eq!(fs::read(folder.path("o.hdr")).unwrap(), b"mine");
}

#[test]
fn files_beside_the_input_are_never_those_of_an_output() {
    for (make, input, output, lost) in [
        ("-of ENVI dem.tif e.dat", "e.dat", "e.bil --of EHdr", "e.hdr"),
        ("-of EHdr dem.tif e.bil", "e.bil", "e.dat --of ENVI", "e.hdr"),
        ("-of AAIGrid dem.tif e.asc", "e.asc", "e.bil --of EHdr", "e.prj"),
    ] {
        let folder = Folder::new();
        folder.write_dem("dem.tif", &terrain(30, 40, 3));
        translate(&folder, make);
        let before = fs::read(folder.path(lost)).unwrap();
        for overwrite in ["", " --overwrite"] {
            for line in [
                format!("svf_compute {input} {output} --radius 5px -n 4{overwrite}"),
                format!("svf_compute {input} {output} --work-dir w --radius 5px -n 4{overwrite}"),
            ] {
                let refused = folder.line(2, &line);
                let said = format!("{lost} is a part of the input");
                assert!(refused.stderr.contains(&said), "{line}: {refused}");
                assert_eq!(fs::read(folder.path(lost)).unwrap(), before, "{line}");
            }
        }
    }
}

#[test]
fn an_input_by_another_name_is_never_overwritten() {
    let folder = Folder::new();
    folder.write_dem("a.tif", &terrain(30, 40, 3));
    let zip = folder.path("z.zip");
    let packed = std::process::Command::new("python3")
        .args(["-m", "zipfile", "-c", "z.zip", "a.tif"])
        .current_dir(folder.work())
        .status();
    assert!(packed.unwrap().success());
    fs::write(folder.path("l.txt"), "/vsizip/z.zip/a.tif\n").unwrap();
    // Another name of the input, which changes with what is written in place.
    fs::hard_link(folder.path("a.tif"), folder.path("h.tif")).unwrap();
    fs::write(folder.path("la.txt"), "a.tif\n").unwrap();
    let bytes = fs::metadata(folder.path("a.tif")).unwrap().len();
    let (raster, archive) = (fs::read(folder.path("a.tif")).unwrap(), fs::read(&zip).unwrap());
    for line in [
        "svf_compute /vsizip/{z.zip}/a.tif z.zip --of GTiff",
        "svf_compute a.tif z.zip --of GTiff --canopy /vsizip/{z.zip}/a.tif",
        "svf_mosaic --input-list l.txt z.zip --of GTiff",
        &format!("svf_compute /vsisubfile/0_{bytes},a.tif a.tif"),
        "svf_compute /vsisubfile/0,a.tif a.tif",
        "svf_compute a.tif /vsigzip/a.tif",
        "svf_compute a.tif /vsigzip/./a.tif --of GTiff",
        #[cfg(unix)]
        "svf_compute a.tif /vsigzip/h.tif --of GTiff",
        #[cfg(unix)]
        "svf_mosaic --input-list la.txt /vsigzip/h.tif --of GTiff",
        "svf_compute /vsizip/z.zip/a.tif /vsizip/z.zip/b.tif",
        "svf_mosaic --input-list l.txt /vsizip/z.zip/b.tif",
        "svf_mosaic --input-list l.txt /vsigzip/z.zip --of GTiff",
    ] {
        let refused = folder.line(2, &format!("{line} --overwrite"));
        assert!(refused.stderr.contains("input"), "{line}: {refused}");
        assert_eq!(fs::read(folder.path("a.tif")).unwrap(), raster, "{line}");
        assert_eq!(fs::read(&zip).unwrap(), archive, "{line}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn standard_output_that_is_the_input_is_refused() {
    let folder = Folder::new();
    folder.write_dem("a.tif", &terrain(30, 40, 3));
    folder.write_dem("m.tif", &terrain(30, 40, 4));
    let before = ["a.tif", "m.tif"].map(|name| fs::read(folder.path(name)).unwrap());
    fs::hard_link(folder.path("a.tif"), folder.path("h.tif")).unwrap();
    fs::create_dir(folder.path("dd")).unwrap();
    fs::hard_link(folder.path("m.tif"), folder.path("dd/m.tif")).unwrap();
    fs::write(folder.path("l.txt"), "a.tif\nm.tif\n").unwrap();
    fs::write(folder.path("m.vrt"), "").unwrap();
    let made = run(&mut folder.in_folder("gdalbuildvrt", &["-overwrite", "m.vrt", "m.tif"]), &[]);
    assert_eq!(made.code, Some(0), "{made}");
    let line = "--at-cell 9,9 --radius 5px";
    for (tool, args, file) in [
        ("svf_compute", "a.tif - --radius 5px", "1<> a.tif"),
        ("svf_compute", "a.tif - --radius 5px", ">> h.tif"),
        ("svf_compute", "a.tif - --radius 5px", ">> a.tif"),
        ("svf_compute", "a.tif - --radius 5px --receivers m.tif", ">> m.tif"),
        ("svf_compute", "a.tif - --radius 5px --receivers=m.tif", ">> m.tif"),
        ("svf_compute", "m.vrt - --radius 5px", ">> m.tif"),
        ("svf_compute", "a.tif o.tif --radius 5px --progress json", ">> a.tif"),
        ("svf_compute", "a.tif --radius 5px --dry-run", ">> h.tif"),
        ("svf_compute", "a.tif o.tif --radius 5px", ">> a.tif"),
        ("svf_profile", &format!("point a.tif {line}"), "1<> a.tif"),
        ("svf_profile", &format!("point a.tif - {line}"), ">> a.tif"),
        ("svf_profile", "section a.tif --from 500001,4649999 --to 500009,4649991", ">> h.tif"),
        ("svf_tile", "a.tif p.json --radius 5px", ">> a.tif"),
        ("svf_mosaic", "--input-list m.tif o.tif", ">> m.tif"),
        ("svf_compute", "dd o.tif --radius 5px", ">> dd/m.tif"),
        ("svf_compute", "dd o.tif --radius 5px --progress json", ">> m.tif"),
        ("svf_compute", "--input-list l.txt o.tif --radius 5px --progress json", ">> m.tif"),
        ("svf_compute", "--input-list=l.txt o.tif --radius 5px", ">> m.tif"),
    ] {
        let args: Vec<&str> = args.split(' ').collect();
        let script = format!("\"$@\" {file}");
        let refused = run(&mut folder.tool_in_shell(&script, tool, &args), &[]);
        assert_eq!(refused.code, Some(2), "{args:?} {file}: {refused}");
        assert!(refused.stderr.contains("would be overwritten"), "{args:?} {file}: {refused}");
        let now = ["a.tif", "m.tif"].map(|name| fs::read(folder.path(name)).unwrap());
        assert!(now == before, "{args:?} {file}");
    }
    // A log may be beside the rasters.
    fs::write(folder.path("dd/log.json"), "{}\n").unwrap();
    let args = ["dd", "o.tif", "--radius", "5px", "--progress", "json"];
    let logged = run(&mut folder.command_in_shell("\"$@\" >> dd/log.json", &args), &[]);
    assert_eq!(logged.code, Some(0), "{logged}");
    fs::remove_file(folder.path("o.tif")).unwrap();
    // Who names the stream means it.
    let run = run(
        &mut folder
            .command_in_shell("\"$@\" > o.tif", &["a.tif", "/dev/stdout", "--radius", "5px"]),
        &[],
    );
    assert_eq!(run.code, Some(0), "{run}");
}

/// Files that are named within others: by a VRT, a plan, a list, an archive or a pattern.
#[cfg(target_os = "linux")]
#[test]
fn standard_output_that_is_a_part_of_the_input_is_refused() {
    let folder = Folder::new();
    let gdal = |program: &str, args: &str| {
        let args: Vec<&str> = args.split(' ').collect();
        let made = run(&mut folder.in_folder(program, &args), &[]);
        assert_eq!(made.code, Some(0), "{made}");
    };
    folder.write_dem("a.tif", &terrain(30, 40, 3));
    fs::create_dir(folder.path("t")).unwrap();
    folder.write_dem("t/s.tif", &terrain(30, 40, 4));
    fs::hard_link(folder.path("t/s.tif"), folder.path("h.tif")).unwrap();
    gdal("gdalbuildvrt", "s.vrt t/s.tif");
    gdal("gdalbuildvrt", "nested.vrt s.vrt");
    gdal("gdal_translate", "-of ENVI a.tif e.dat");
    gdal("python3", "-m zipfile -c z.zip s.vrt t");
    gdal("gdalbuildvrt", "zip.vrt /vsizip/z.zip/t/s.tif");
    folder.line(0, "svf_tile nested.vrt p.json --radius 5px --tile-size 20");
    folder.line(0, "svf_tile zip.vrt pz.json --radius 5px --canopy e.dat");
    folder.line(0, "svf_compute --plan p.json");
    folder.line(0, "svf_compute s.vrt w.tif --work-dir w --radius 5px");
    fs::write(folder.path("l.txt"), "\nnested.vrt\n").unwrap();
    fs::write(folder.path("pts.csv"), "x,y\n500009.5,4649991.5\n").unwrap();
    let layer = "<OGRVRTDataSource><OGRVRTLayer name=\"pts\"><SrcDataSource relativeToVRT=\"1\">\
                 pts.csv</SrcDataSource><GeometryField encoding=\"PointFromColumns\" x=\"x\" y=\"y\"/>\
                 </OGRVRTLayer></OGRVRTDataSource>";
    fs::write(folder.path("pts.vrt"), layer).unwrap();
    let tile = "p.tiles/r0000_c0000.tif";
    let kept: [&str; 9] =
        ["a.tif", "t/s.tif", "s.vrt", "nested.vrt", "e.hdr", "z.zip", "pts.csv", "p.json", tile];
    let before = kept.map(|name| fs::read(folder.path(name)).unwrap());
    let at = "--at-cell 9,9 --radius 5px";
    let json = "--radius 5px --progress json";
    let cases = [
        ("svf_compute", format!("s.vrt o.tif {json}"), "t/s.tif"),
        ("svf_compute", "s.vrt - --radius 5px".to_owned(), "h.tif"),
        ("svf_compute", format!("nested.vrt o.tif {json}"), "h.tif"),
        ("svf_compute", format!("nested.vrt o.tif {json}"), "s.vrt"),
        ("svf_compute", "nested.vrt /vsistdout/ --radius 5px".to_owned(), "t/s.tif"),
        ("svf_compute", format!("a.tif o.tif {json} --canopy nested.vrt"), "t/s.tif"),
        ("svf_compute", format!("a.tif o.tif {json} --receivers=nested.vrt"), "t/s.tif"),
        ("svf_compute", format!("a.tif o.tif {json} --receivers pts.vrt"), "pts.csv"),
        ("svf_compute", format!("e.dat o.tif {json}"), "e.hdr"),
        ("svf_compute", format!("zip.vrt o.tif {json}"), "z.zip"),
        ("svf_compute", format!("/vsizip/z.zip/s.vrt o.tif {json}"), "z.zip"),
        ("svf_compute", format!("t/*.tif o.tif {json}"), "h.tif"),
        ("svf_compute", format!("ne*.vrt o.tif {json}"), "h.tif"),
        ("svf_compute", format!("--input-list l.txt o.tif {json}"), "t/s.tif"),
        ("svf_compute", format!("--input-list l.txt o.tif {json}"), "nested.vrt"),
        ("svf_compute", "--plan p.json --progress json".to_owned(), "t/s.tif"),
        ("svf_compute", "--plan=p.json --progress json".to_owned(), "nested.vrt"),
        ("svf_compute", "--plan pz.json --progress json".to_owned(), "z.zip"),
        ("svf_compute", "--plan pz.json --progress json".to_owned(), "e.hdr"),
        ("svf_compute", format!("a.tif o.tif --work-dir w {json}"), "t/s.tif"),
        ("svf_mosaic", "p.json /vsistdout/".to_owned(), "p.json"),
        ("svf_mosaic", "p.json /vsistdout/".to_owned(), tile),
        ("svf_mosaic", "p.json -".to_owned(), "t/s.tif"),
        ("svf_mosaic", "p.json o.tif --progress json".to_owned(), "s.vrt"),
        ("svf_mosaic", "--input-list l.txt -".to_owned(), "t/s.tif"),
        ("svf_tile", "nested.vrt q.json --radius 5px".to_owned(), "t/s.tif"),
        ("svf_profile", format!("point nested.vrt {at}"), "t/s.tif"),
        ("svf_profile", "point a.tif --points pts.vrt --radius 5px".to_owned(), "pts.csv"),
        ("svf_profile", "point a.tif - --points pts.csv --radius 5px".to_owned(), "pts.csv"),
    ];
    let restore = |list: &[Vec<u8>]| {
        for (name, bytes) in kept.iter().zip(list) {
            // In place: a hard link stays one.
            fs::write(folder.path(name), bytes).unwrap();
        }
    };
    for (tool, args, file) in &cases {
        let words: Vec<&str> = args.split(' ').collect();
        for redirect in [">>", "1<>", ">"] {
            let script = format!("\"$@\" {redirect} {file}");
            let refused = run(&mut folder.tool_in_shell(&script, tool, &words), &[]);
            let said = format!("{tool} {args} {redirect} {file}: {refused}");
            let now = kept.map(|name| fs::read(folder.path(name)).unwrap());
            if redirect == ">" {
                restore(&before);
            } else {
                assert!(now == before, "{said}");
            }
            assert_eq!(refused.code, Some(2), "{said}");
            assert!(refused.stderr.contains("would be overwritten by what"), "{said}");
            assert!(!folder.path("o.tif").exists() && !folder.path("q.json").exists(), "{said}");
        }
    }
    // Standard input is an input, too, or a list of them.
    for (args, redirect) in
        [("- o.tif", "< a.tif >> a.tif"), ("--input-list - o.tif", "< l.txt >> t/s.tif")]
    {
        let args = format!("{args} {json}");
        let args: Vec<&str> = args.split(' ').collect();
        let script = format!("\"$@\" {redirect}");
        let refused = run(&mut folder.tool_in_shell(&script, "svf_compute", &args), &[]);
        assert_eq!(refused.code, Some(2), "{args:?}: {refused}");
    }
    // What is not read may get it.
    for (args, file) in [
        ("nested.vrt o.tif", "h.log"),
        ("--input-list l.txt o.tif", "a.tif.log"),
        ("t o.tif", "t/run.log"),
        ("t o.tif", "new.vrt"),
    ] {
        let args = format!("{args} {json} --overwrite");
        let args: Vec<&str> = args.split(' ').collect();
        let done = run(&mut folder.command_in_shell(&format!("\"$@\" > {file}"), &args), &[]);
        assert_eq!(done.code, Some(0), "{args:?} {file}: {done}");
    }
    assert!(kept.map(|name| fs::read(folder.path(name)).unwrap()) == before);
}

#[test]
fn names_that_are_no_files_are_refused_in_a_line() {
    let folder = Folder::new();
    folder.write_dem("a.tif", &terrain(30, 40, 3));
    for name in ["vrt://a.tif", "MEM:::DATAPOINTER=5,PIXELS=5,LINES=5"] {
        let refused = folder.line(1, &format!("svf_compute {name} o.tif --radius 5px"));
        assert!(refused.stderr.contains("such a name is not read"), "{refused}");
    }
    for side in ["0", "-1", "x", "100"] {
        let line = format!("svf_compute a.tif o.tif --radius 5px --of COG --co BLOCKSIZE={side}");
        let refused = folder.line(2, &line);
        assert!(
            refused.stderr.contains(&format!("BLOCKSIZE={}", side.to_uppercase())),
            "{refused}"
        );
    }
}
