//! A tile that changes after it was checked is not joined.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;

use svf::diagnostic::Diagnostic;
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

#[test]
fn what_is_joined_is_what_was_checked() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let row: Vec<String> = (0..200).map(|col| format!("{}", (col * 37) % 50)).collect();
    let head = "ncols 200\nnrows 200\nxllcorner 500000\nyllcorner 4000000\ncellsize 2\n";
    fs::write(path("dem.asc"), head.to_owned() + &(row.join(" ") + "\n").repeat(200)).unwrap();
    let (session, cancel) = (Session::start(&[]).unwrap(), CancelToken::default());
    let tile = path("p.tiles/r0001_c0001.tif");
    let quiet = || Meddler { file: &tile, stage: "check", deed: None };
    let mut request =
        Request { input: path("dem.asc").display().to_string(), ..Request::default() };
    request.area.tile_px = Some((100, 100));
    let target = PlanTarget { plan: path("p.json"), ..PlanTarget::default() };
    svf::plan::plan(&request, &target, &session, &cancel, &mut quiet()).unwrap();
    let wanted = TilesRequest {
        plan: path("p.json"),
        tiles: Selection::All,
        limits: svf::request::Limits::default(),
        also_written: Vec::new(),
    };
    svf::tiles::compute_tiles(&wanted, &session, &cancel, &mut quiet()).unwrap();
    let mosaic = MosaicRequest {
        pieces: Pieces::Plan(path("p.json")),
        output: path("out.tif").display().to_string(),
        parts: Parts::One,
        allow_missing: false,
        overwrite: false,
        also_written: Vec::new(),
        format: svf::request::Format::default(),
        limits: svf::request::Limits::default(),
    };
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
