//! What other processes do to files while this one works: a tile that changes after it was checked is not
//! joined, and who writes the same as another process does not fail.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;

use svf::diagnostic::Diagnostic;
use svf::observer::Silent;
use svf::plan::PlanTarget;
use svf::target::{MosaicRequest, Pieces};
use svf::tiles::TilesRequest;
use svf::{CancelToken, Observer, Parts, Request, Session, Stage};
use svf_job::tileset::Selection;

/// Does something to a file as soon as a stage is over, once.
struct Meddler<'a> {
    file: &'a Path,
    stage: &'a str,
    deed: Option<fn(&Path)>,
}

impl Observer for Meddler<'_> {
    fn warn(&self, _: Diagnostic) {}

    fn progress(&mut self, stage: Stage) {
        if stage.name == self.stage
            && stage.work.0 == stage.work.1
            && let Some(deed) = self.deed.take()
        {
            deed(self.file);
        }
    }
}

/// Changes a byte in the middle and gives the file its time back.
fn flip(file: &Path) {
    let time = fs::metadata(file).unwrap().modified().unwrap();
    let mut bytes = fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(file, bytes).unwrap();
    fs::File::options().write(true).open(file).unwrap().set_modified(time).unwrap();
}

/// Publishes the same tile again, as another process would that has computed it, too.
fn publish_again(file: &Path) {
    let new = file.with_extension("new");
    fs::write(&new, fs::read(file).unwrap()).unwrap();
    fs::rename(&new, file).unwrap();
}

/// Changes what is known of a file, and nothing in it.
fn touch(file: &Path) {
    let second = file.with_extension("second");
    fs::hard_link(file, &second).unwrap();
    let time = std::time::SystemTime::UNIX_EPOCH;
    fs::File::options().write(true).open(file).unwrap().set_modified(time).unwrap();
    fs::remove_file(second).unwrap();
}

/// A process on another machine publishes the same file.
fn publish_same(file: &Path) {
    fs::copy(file.with_extension("same"), file).unwrap();
}

/// Another program writes a file of this name.
fn publish_other(file: &Path) {
    fs::write(file, "mine").unwrap();
}

/// A request for a raster in this folder, in tiles.
fn request(folder: &Path) -> Request {
    let row: Vec<String> = (0..200).map(|col| format!("{}", (col * 37) % 50)).collect();
    let head = "ncols 200\nnrows 200\nxllcorner 500000\nyllcorner 4000000\ncellsize 2\n";
    let dem = folder.join("dem.asc");
    fs::write(&dem, head.to_owned() + &(row.join(" ") + "\n").repeat(200)).unwrap();
    let mut request = Request { input: dem.display().to_string(), ..Request::default() };
    request.area.tile_px = Some((100, 100));
    request
}

/// A plan whose tiles are done, and a request to join them to `out.tif`.
fn planned(folder: &Path, session: &Session, cancel: &CancelToken) -> MosaicRequest {
    let plan = folder.join("p.json");
    let target = PlanTarget { plan: plan.clone(), ..PlanTarget::default() };
    svf::plan::plan(&request(folder), &target, session, cancel, &mut Silent).unwrap();
    let wanted = TilesRequest {
        plan: plan.clone(),
        tiles: Selection::All,
        limits: svf::request::Limits::default(),
        also_written: Vec::new(),
    };
    svf::tiles::compute_tiles(&wanted, session, cancel, &mut Silent).unwrap();
    MosaicRequest {
        pieces: Pieces::Plan(plan),
        output: folder.join("out.tif").display().to_string(),
        parts: Parts::One,
        allow_missing: false,
        overwrite: false,
        also_written: Vec::new(),
        format: svf::request::Format::default(),
        limits: svf::request::Limits::default(),
    }
}

#[test]
fn what_is_joined_is_what_was_checked() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let (session, cancel) = (Session::start(&[]).unwrap(), CancelToken::default());
    let mosaic = planned(folder.path(), &session, &cancel);
    let tile = path("p.tiles/r0001_c0001.tif");
    let good = fs::read(&tile).unwrap();
    for stage in ["check", "mosaic"] {
        let mut meddler = Meddler { file: &tile, stage, deed: Some(flip) };
        let joined = svf::mosaic::mosaic(&mosaic, &session, &cancel, &mut meddler);
        let error = joined.unwrap_err();
        assert!(error.to_string().contains("r0001_c0001.tif"), "{stage}: {error}");
        assert_eq!(error.code(), "raster.read", "{stage}: {error}");
        assert!(!path("out.tif").exists(), "{stage}");
        fs::write(&tile, &good).unwrap();
    }
    for deed in [publish_again, touch] {
        for stage in ["check", "mosaic"] {
            let mut meddler = Meddler { file: &tile, stage, deed: Some(deed) };
            svf::mosaic::mosaic(&mosaic, &session, &cancel, &mut meddler).unwrap();
            assert!(meddler.deed.is_none() && fs::read(&tile).unwrap() == good);
            fs::remove_file(path("out.tif")).unwrap();
        }
    }
}

#[test]
fn who_writes_the_same_as_another_does_not_fail() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let (session, cancel) = (Session::start(&[]).unwrap(), CancelToken::default());
    let part = MosaicRequest {
        parts: Parts::Only { part: 1, parts: 2 },
        ..planned(folder.path(), &session, &cancel)
    };
    let (input, output) = (request(folder.path()), path("work.tif").display().to_string());
    let in_folder = Request { output: Some(output), ..input };
    let work = path("w");
    type Deed = fn(&Path);
    let join_part = |observer: &mut dyn Observer| {
        svf::mosaic::mosaic(&part, &session, &cancel, observer).map(|joined| joined.outputs)
    };
    let join_all = |observer: &mut dyn Observer| {
        let done = svf::workdir::compute_in(&work, false, &in_folder, &session, &cancel, observer);
        done.map(|done| done.joined.outputs)
    };
    type Join<'a> = &'a dyn Fn(&mut dyn Observer) -> Result<Vec<String>, svf::Error>;
    let runs: [(&str, Join<'_>); 2] = [("out_1.tif", &join_part), ("work.tif", &join_all)];
    for (name, run) in runs {
        let file = path(name);
        let written = run(&mut Silent).unwrap();
        let good = fs::read(&file).unwrap();
        fs::rename(&file, file.with_extension("same")).unwrap();
        for (deed, expected) in
            [(publish_same as Deed, Ok(&written)), (publish_other, Err("output.exists"))]
        {
            let mut meddler = Meddler { file: &file, stage: "mosaic", deed: Some(deed) };
            let outputs = run(&mut meddler);
            let ended = outputs.as_ref().map_err(svf::Error::code);
            assert_eq!(ended, expected, "{name}");
            let kept = if expected.is_ok() { good.clone() } else { b"mine".to_vec() };
            assert!(fs::read(&file).unwrap() == kept, "{name}");
            assert!(meddler.deed.is_none());
            fs::remove_file(&file).unwrap();
        }
    }
}
