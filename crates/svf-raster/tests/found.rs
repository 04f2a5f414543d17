//! Files that are known to be like others are not opened before their cells are needed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;

use gdal::DriverManager;
use gdal::raster::Buffer;
use ndarray::Array2;
use svf_kernel::tile::Window;
use svf_raster::collection::Collection;
use svf_raster::examine::{Choice, examine};
use svf_raster::found::Known;
use svf_raster::{OpenOptions, Session};

const SIDE: u64 = 10;

fn window(i: usize) -> Window {
    Window { row: 0, col: SIDE * i as u64, rows: SIDE, cols: SIDE }
}

/// Three sheets beside each other; all cells of the first one are 0, of the next one 1.
fn write_sheets(folder: &Path) -> Vec<String> {
    let sheet = |i: usize| {
        let path = folder.join(format!("{i}.tif"));
        let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
        let side = SIDE as usize;
        let mut file = driver.create_with_band_type::<f32, _>(&path, side, side, 1).unwrap();
        let left = 500_000.0 + 10.0 * i as f64;
        file.set_geo_transform(&[left, 1.0, 0.0, 4_650_000.0, 0.0, -1.0]).unwrap();
        let mut cells = Buffer::new((side, side), vec![i as f32; side * side]);
        file.rasterband(1).unwrap().write((0, 0), (side, side), &mut cells).unwrap();
        file.close().unwrap();
        path.to_str().unwrap().to_owned()
    };
    (0..3).map(sheet).collect()
}

fn gather(paths: &[String], known: &dyn Fn(&str) -> Option<Known>) -> Collection {
    let options = OpenOptions::default();
    let mut examined = examine(paths, Choice::Named, &options, known, &mut |_| true).unwrap();
    assert_eq!(examined.odd, []);
    examined.keep_places(paths, known);
    examined.into_raster("sheets", &options).unwrap()
}

#[test]
fn only_one_of_files_that_are_alike_is_opened() {
    let session = Session::start(&[]).unwrap();
    let _here = session.enter();
    let folder = tempfile::tempdir().unwrap();
    let paths = write_sheets(folder.path());
    let whole = gather(&paths, &|_| None);
    let parts = &whole.info().parts;
    assert_eq!(parts.iter().map(|part| part.like).collect::<Vec<_>>(), [Some(0); 3]);

    // The others are not even rasters: nobody looks.
    let kept: Vec<Vec<u8>> = paths.iter().map(|path| fs::read(path).unwrap()).collect();
    paths[1..].iter().for_each(|path| fs::write(path, "x").unwrap());
    let known = |path: &str| {
        let i = paths.iter().position(|known| known == path)?;
        Some(Known { window: window(i), like: Some(0), beside: Vec::new(), heeds_new: false })
    };
    let mut some = gather(&paths, &known);
    assert_eq!(some.info().grid, whole.info().grid);
    assert_eq!(some.info().files, whole.info().files);
    let mut cells = Array2::zeros((10, 10));
    some.read_f64(&window(0), cells.view_mut()).unwrap();
    assert!(cells.iter().all(|&z| z == 0.0));
    let error = some.read_f64(&window(1), cells.view_mut()).unwrap_err();
    assert!(error.to_string().contains("1.tif"), "{error}");
    // What is opened late has to be what was known of it.
    fs::write(&paths[1], &kept[1]).unwrap();
    fs::write(&paths[2], &kept[1]).unwrap();
    some.read_f64(&window(1), cells.view_mut()).unwrap();
    assert!(cells.iter().all(|&z| z == 1.0));
    let error = some.read_f64(&window(2), cells.view_mut()).unwrap_err();
    assert!(error.to_string().contains("has changed since the plan was made"), "{error}");
}
