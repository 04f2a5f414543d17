//! An output whose blocks another thread writes, because it needs room in the cache for what it reads.
//! In a file of its own: the cache is one for the whole process.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use gdal::cpl::CslStringList;
use gdal::raster::{Buffer, RasterCreationOptions};
use gdal::{Dataset, DriverManager};
use ndarray::{Array2, s};
use svf_kernel::tile::Window;
use svf_raster::{
    BandSpec, OpenOptions, OutputSpec, OutputType, RasterWriter, Session, open_raster,
};

const SIDE: usize = 1024;
const STEP: usize = 256;
/// One run in 150 had other cells, or ended with an error, when windows were followed by a flush of the
/// whole file.
const RUNS: usize = 150;

/// Ends the other thread, also when this one has failed.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn what_is_flushed_while_others_read_has_all_cells() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let session = Session::start(&[]).unwrap();
    let _here = session.enter();
    // Much less than what is read, so blocks of the output are pushed out.
    session.set_cache_bytes(1 << 20);
    let cells = Array2::from_shape_fn((SIDE, SIDE), |(row, col)| (row * SIDE + col) as f32);
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let options: RasterCreationOptions =
        CslStringList::from_iter(["TILED=YES", "BLOCKXSIZE=64", "BLOCKYSIZE=64"]);
    let input = driver
        .create_with_band_type_with_options::<f32, _>(path("in.tif"), SIDE, SIDE, 1, &options)
        .unwrap();
    let mut buffer = Buffer::new((SIDE, SIDE), cells.iter().copied().collect());
    input.rasterband(1).unwrap().write((0, 0), (SIDE, SIDE), &mut buffer).unwrap();
    input.close().unwrap();
    for run in 0..RUNS {
        session.arm();
        let mut reader = open_raster(&path("in.tif"), &OpenOptions::default()).unwrap();
        let band = |name: &str| BandSpec {
            name: name.to_owned(),
            unit: String::new(),
            scale_offset: (1.0, 0.0),
        };
        let mut writer = RasterWriter::create(OutputSpec {
            path: path("out.tif"),
            driver: "GTiff".to_owned(),
            output_type: OutputType::Float32,
            nodata: None,
            grid: reader.info().grid.clone(),
            bands: vec![band("a"), band("b")],
            creation_options: vec!["COMPRESS=NONE".to_owned()],
            metadata: Vec::new(),
            block_px: 64,
            threads: 1,
            copy_threads: 1,
        })
        .unwrap();
        let is_done = AtomicBool::new(false);
        thread::scope(|scope| {
            let _stop = Stop(&is_done);
            scope.spawn(|| {
                let mut heights = Array2::zeros((SIDE, SIDE));
                let whole = Window::whole(SIDE as u64, SIDE as u64);
                while !is_done.load(Ordering::SeqCst) {
                    reader.read(&whole, heights.view_mut()).unwrap();
                }
            });
            for (row, col) in (0..SIDE)
                .step_by(STEP)
                .flat_map(|row| (0..SIDE).step_by(STEP).map(move |col| (row, col)))
            {
                let step = STEP as u64;
                let window = Window { row: row as u64, col: col as u64, rows: step, cols: step };
                let values = cells.slice(s![row..row + STEP, col..col + STEP]);
                for band in 0..2 {
                    writer.write(&window, band, values).unwrap();
                }
                writer.flush().unwrap();
            }
        });
        writer.finish(&[], &mut |_| true).unwrap().publish(true, &|| true).unwrap();
        let made = Dataset::open(path("out.tif")).unwrap();
        for band in 1..=2 {
            let read = made.rasterband(band).unwrap();
            let read = read.read_as::<f32>((0, 0), (SIDE, SIDE), (SIDE, SIDE), None).unwrap();
            assert!(read.data().iter().eq(cells.iter()), "run {run}, band {band}");
        }
    }
}
