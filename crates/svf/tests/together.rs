//! Runs in one process, by the library alone: each with its own progress, warnings and errors.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::cell::RefCell;
use std::path::Path;
use std::thread;

use svf::diagnostic::Diagnostic;
use svf::kernel::{self, CellSize, Measure, Params};
use svf::ndarray::Array2;
use svf::{CancelToken, Computed, Error, Observer, Request, Session, Stage};

/// Keeps the codes of warnings and the last progress; cancels when `limit` cells are done.
struct Watch {
    cancel: CancelToken,
    limit: u64,
    warned: RefCell<Vec<String>>,
    cells: (u64, u64),
}

impl Observer for Watch {
    fn warn(&self, diagnostic: Diagnostic) {
        self.warned.borrow_mut().push(diagnostic.code);
    }

    fn progress(&mut self, stage: Stage) {
        if stage.name == "compute" {
            self.cells = stage.work;
            if stage.work.0 >= self.limit {
                self.cancel.cancel();
            }
        }
    }
}

/// One run on a thread of its own.
fn run(
    folder: &Path,
    name: &str,
    limit: u64,
) -> (Result<Computed, Error>, Vec<String>, (u64, u64)) {
    let cancel = CancelToken::default();
    let mut watch =
        Watch { cancel: cancel.clone(), limit, warned: RefCell::default(), cells: (0, 0) };
    let path = |name: String| folder.join(name).display().to_string();
    let mut request = Request {
        input: path(format!("{name}.asc")),
        output: Some(path(format!("{name}.tif"))),
        ..Request::default()
    };
    request.area.tile_px = Some((64, 64));
    request.limits.threads = Some(1);
    let session = Session::start(&[]).unwrap();
    let computed = svf::compute(&request, &session, &cancel, &mut watch);
    (computed, watch.warned.into_inner(), watch.cells)
}

/// A flat raster of `rows` x 300 cells as text, of which only some rows are there.
fn flat(path: &Path, rows: usize, there: usize) {
    let head =
        format!("ncols 300\nnrows {rows}\nxllcorner 500000\nyllcorner 4000000\ncellsize 2\n");
    let row = "5.5 ".repeat(300) + "\n";
    std::fs::write(path, head + &row.repeat(there)).unwrap();
}

#[test]
fn runs_do_not_mix_their_progress_warnings_and_errors() {
    let folder = tempfile::tempdir().unwrap();
    flat(&folder.path().join("whole.asc"), 200, 200);
    flat(&folder.path().join("stopped.asc"), 300, 300);
    flat(&folder.path().join("short.asc"), 300, 100);
    let run = |name, limit| run(folder.path(), name, limit);
    let [whole, stopped, short] = thread::scope(|scope| {
        [("whole", u64::MAX), ("stopped", 1), ("short", u64::MAX)]
            .map(|(name, limit)| scope.spawn(move || run(name, limit)))
            .map(|thread| thread.join().unwrap())
    });

    let (computed, warned, cells) = whole;
    let computed = computed.unwrap();
    let of_svf = computed.bands[0].statistics.as_ref().unwrap();
    assert_eq!((of_svf.min, of_svf.mean, of_svf.max, of_svf.valid), (1.0, 1.0, 1.0, 60_000));
    assert_eq!((cells, &warned[..]), ((60_000, 60_000), &["crs.missing".to_owned()][..]));

    let (computed, warned, (done, total)) = stopped;
    assert!(computed.unwrap_err().is_cancelled());
    assert_eq!((total, &warned[..]), (90_000, &["crs.missing".to_owned()][..]));
    assert!((1..90_000).contains(&done), "{done}");

    let (computed, ..) = short;
    let error = computed.unwrap_err();
    assert_eq!(error.code(), "raster.read");
    assert!(error.to_string().contains("short.asc"), "{error}");

    let mut left: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| !name.ends_with(".asc"))
        .collect();
    left.sort();
    assert_eq!(left, ["whole.tif"]);
}

#[test]
fn an_array_needs_no_file() {
    // Walls as high as they are far away, seen from the middle of a pit.
    let heights = Array2::from_shape_fn((9, 9), |(row, col)| {
        if (1..8).contains(&row) && (1..8).contains(&col) { 0.0 } else { 4.0 }
    });
    let params = Params::new(4.0, 4);
    let cell = CellSize::square(1.0);
    let svf = kernel::compute(heights.view(), cell, &params, &[Measure::Svf]).unwrap();
    assert!((svf[(0, 4, 4)] - (1.0 - 0.5_f32.sqrt())).abs() < 1e-6);
}
