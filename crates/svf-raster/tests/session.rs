//! Runs in one process, each with its own failures, warnings and share of the block cache.

#![expect(unsafe_code, reason = "GDAL is called in C")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::ffi::CString;
use std::path::Path;
use std::sync::{Barrier, Mutex, MutexGuard, PoisonError};
use std::thread;

use gdal::DriverManager;
use gdal::raster::Buffer;
use gdal_sys::CPLErr;
use ndarray::Array2;
use svf_kernel::tile::Window;
use svf_raster::{
    BandSpec, OpenOptions, OutputSpec, OutputType, RasterReader, RasterWriter, Session, open_raster,
};
use tempfile::TempDir;

const SIDE: usize = 64;
const WHOLE: Window = Window { row: 0, col: 0, rows: SIDE as u64, cols: SIDE as u64 };
const MIB: u64 = 1 << 20;

/// What GDAL says on a thread of no run all runs hear, and the cache is one: test by test.
fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A session with a raster of ones, whole or cut short, and an output on its way.
struct Case {
    session: Session,
    reader: RasterReader,
    writer: RasterWriter,
    folder: TempDir,
}

impl Case {
    fn new(whole: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let session = Session::start(&[]).unwrap();
        let (reader, writer) = {
            let _here = session.enter();
            session.arm();
            let reader = ones(&folder.path().join("in.tif"), whole);
            let writer = output(&reader, &folder.path().join("out.tif"));
            (reader, writer)
        };
        Self { session, reader, writer, folder }
    }

    fn read(&mut self) -> Result<f32, String> {
        let mut heights = Array2::zeros((SIDE, SIDE));
        match self.reader.read(&WHOLE, heights.view_mut()) {
            Ok(()) => Ok(heights.sum()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn write(&mut self) -> Result<(), String> {
        let ones = Array2::ones((SIDE, SIDE));
        self.writer.write(&WHOLE, 0, ones.view()).map_err(|error| error.to_string())
    }

    fn finish(self) -> Result<(), String> {
        let finished = self.writer.finish(&[], &mut |_| true).map_err(|error| error.to_string())?;
        finished.publish(true, &|| true).map_err(|error| error.to_string())?;
        assert!(self.folder.path().join("out.tif").is_file());
        Ok(())
    }
}

fn ones(path: &Path, whole: bool) -> RasterReader {
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let dataset = driver.create_with_band_type::<f32, _>(path, SIDE, SIDE, 1).unwrap();
    let mut cells = Buffer::new((SIDE, SIDE), vec![1.0_f32; SIDE * SIDE]);
    dataset.rasterband(1).unwrap().write((0, 0), (SIDE, SIDE), &mut cells).unwrap();
    dataset.close().unwrap();
    let reader = open_raster(path.to_str().unwrap(), &OpenOptions::default()).unwrap();
    // A file that is cut short before it is opened is refused at once.
    let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    if !whole {
        file.set_len(file.metadata().unwrap().len() / 2).unwrap();
    }
    reader
}

fn output(like: &RasterReader, path: &Path) -> RasterWriter {
    RasterWriter::create(OutputSpec {
        path: path.to_str().unwrap().to_owned(),
        driver: "GTiff".to_owned(),
        output_type: OutputType::Float32,
        nodata: None,
        grid: like.info().grid.clone(),
        bands: vec![BandSpec {
            name: "svf".to_owned(),
            unit: String::new(),
            scale_offset: (1.0, 0.0),
        }],
        creation_options: Vec::new(),
        metadata: Vec::new(),
        block_px: 64,
        threads: 1,
        copy_threads: 1,
    })
    .unwrap()
}

/// What GDAL would say on this thread.
fn say(class: CPLErr::Type, message: &str) {
    let message = CString::new(message).unwrap();
    // SAFETY: the format takes one text, which ends with a zero byte.
    unsafe { gdal_sys::CPLError(class, 1, c"%s".as_ptr(), message.as_ptr()) };
}

#[test]
fn only_the_run_that_fails_hears_of_it() {
    let _alone = alone();
    let (sound, damaged) = (Case::new(true), Case::new(false));
    let both = Barrier::new(2);
    thread::scope(|scope| {
        let failing = scope.spawn(|| {
            let mut case = damaged;
            let session = case.session.clone();
            let _here = session.enter();
            both.wait();
            let read = case.read().unwrap_err();
            assert!(read.contains("in.tif: ") && !read.contains("no reason"), "{read}");
            // Who reads knows of it: the run does not keep it.
            case.write().unwrap();
            say(CPLErr::CE_Failure, "the disk is full");
            both.wait();
            let written = case.write().unwrap_err();
            assert!(written.contains("out.tif: the disk is full"), "{written}");
            // Until it is armed again.
            case.session.arm();
            case.write().unwrap();
        });
        let working = scope.spawn(|| {
            let mut case = sound;
            let session = case.session.clone();
            let _here = session.enter();
            both.wait();
            assert_eq!(case.read(), Ok((SIDE * SIDE) as f32));
            both.wait();
            case.write().unwrap();
            case.finish().unwrap();
        });
        failing.join().unwrap();
        working.join().unwrap();
    });
}

#[test]
fn a_read_that_fails_is_no_failure_of_any_run() {
    let _alone = alone();
    let (mut damaged, mut sound) = (Case::new(false), Case::new(true));
    let other = sound.session.clone();
    let damaged = thread::spawn(move || {
        let _here = other.enter();
        let error = damaged.read().unwrap_err();
        assert!(!error.contains("no reason"), "{error}");
        damaged
    })
    .join()
    .unwrap();
    sound.write().unwrap();
    sound.finish().unwrap();
    let mut damaged = damaged;
    damaged.write().unwrap();
}

#[test]
fn what_is_opened_in_no_run_fails_for_itself() {
    let _alone = alone();
    let (bystander, folder) = (Case::new(true), tempfile::tempdir().unwrap());
    let mut reader = ones(&folder.path().join("in.tif"), false);
    let mut heights = Array2::zeros((SIDE, SIDE));
    let error = reader.read(&WHOLE, heights.view_mut()).unwrap_err().to_string();
    assert!(!error.contains("no reason"), "{error}");
    let mut bystander = bystander;
    bystander.write().unwrap();
    bystander.finish().unwrap();
}

#[test]
fn warnings_go_to_the_run_of_the_thread_and_others_to_all() {
    let _alone = alone();
    let [a, b] = [(), ()].map(|()| Session::start(&[]).unwrap());
    let in_b = b.enter();
    {
        let _in_a = a.enter();
        say(CPLErr::CE_Warning, "of a");
        say(CPLErr::CE_Warning, "of a");
    }
    say(CPLErr::CE_Warning, "of b");
    drop(in_b);
    say(CPLErr::CE_Warning, "of a thread of GDAL's");
    assert_eq!(a.take_warnings(), ["of a", "of a thread of GDAL's"]);
    assert_eq!(b.take_warnings(), ["of b", "of a thread of GDAL's"]);
    assert_eq!(a.take_warnings(), [""; 0]);
}

#[test]
fn a_failure_on_a_thread_of_gdals_stops_every_run() {
    let _alone = alone();
    let mut cases = [(), ()].map(|()| Case::new(true));
    say(CPLErr::CE_Failure, "No space left on device");
    for case in &mut cases {
        assert!(case.write().unwrap_err().ends_with("No space left on device"));
    }
    // Not one that begins later.
    Case::new(true).write().unwrap();
}

#[test]
fn what_may_fail_is_not_heard() {
    let _alone = alone();
    let mut case = Case::new(true);
    let session = case.session.clone();
    let here = session.enter();
    let missing = case.folder.path().join("missing.tif");
    assert!(!svf_raster::examine::is_foreign_raster(missing.to_str().unwrap()));
    drop(here);
    assert_eq!(session.take_warnings(), [""; 0]);
    case.write().unwrap();
}

#[test]
fn the_block_cache_has_what_all_runs_want() {
    let _alone = alone();
    // SAFETY: reads a number.
    let cache = || unsafe { gdal_sys::GDALGetCacheMax64() } as u64;
    let (a, b) = (Session::start(&[]).unwrap(), Session::start(&[]).unwrap());
    a.set_cache_bytes(20 * MIB);
    assert_eq!(cache(), 20 * MIB);
    b.set_cache_bytes(7 * MIB);
    assert_eq!(cache(), 27 * MIB);
    b.clone().set_cache_bytes(9 * MIB);
    assert_eq!(cache(), 29 * MIB);
    drop(a);
    assert_eq!(cache(), 9 * MIB);
    // A raster of one block that was read.
    let folder = tempfile::tempdir().unwrap();
    let before = Session::cached_bytes();
    let mut reader = ones(&folder.path().join("in.tif"), true);
    reader.read(&WHOLE, Array2::zeros((SIDE, SIDE)).view_mut()).unwrap();
    let read = Session::cached_bytes() - before;
    assert!(read >= 4 * (SIDE * SIDE) as u64 && read < MIB, "{read}");
    // Nobody wants any: it stays.
    drop(b);
    assert_eq!(cache(), 9 * MIB);
}
