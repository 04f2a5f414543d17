//! Cells without a height are those that GDAL's own mask band hides.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;

use gdal::raster::{Buffer, GdalType};
use gdal::{Dataset, DriverManager};
use ndarray::Array2;
use svf_kernel::tile::Window;
use svf_raster::{OpenOptions, RasterReader, Session, open_raster};

const SIDE: usize = 24;

/// Numbers that look random, the same ones each time.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let x = self.0 ^ (self.0 >> 29);
        x.wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 16
    }

    /// A value at, next to, near or far from another.
    fn near(&mut self, value: f64) -> f64 {
        let sign = if self.next().is_multiple_of(2) { 1.0 } else { -1.0 };
        let shift = 10_f64.powf(-((self.next() % 1700) as f64) / 100.0);
        match self.next() % 6 {
            0 => value,
            1 => value + sign,
            2 => f64::from(value as f32),
            3 => value.abs() * sign,
            4 => value * (1.0 + sign * 1e-6 * shift),
            _ => value * (1.0 + sign * shift),
        }
    }
}

/// What the three ways of reading hide.
fn hidden(reader: &mut RasterReader) -> [Vec<bool>; 3] {
    let window = Window::whole(SIDE as u64, SIDE as u64);
    let mut floats = Array2::<f32>::zeros((SIDE, SIDE));
    let mut doubles = Array2::<f64>::zeros((SIDE, SIDE));
    let mut values = Array2::<f64>::zeros((SIDE, SIDE));
    reader.read(&window, floats.view_mut()).unwrap();
    reader.read_f64(&window, doubles.view_mut()).unwrap();
    reader.read_values(&window, values.view_mut()).unwrap();
    let out_of_f32 = |v: &f64| v.is_nan() || !(*v as f32).is_finite();
    [
        floats.iter().map(|z| z.is_nan()).collect(),
        doubles.iter().map(|z| z.is_nan()).collect(),
        values.iter().map(out_of_f32).collect(),
    ]
}

/// Holds cells of a type, near a NoData value, to GDAL's mask band. Returns how many it hides.
fn check<T: GdalType + Copy>(
    path: &Path,
    numbers: &mut Numbers,
    nodata: f64,
    cell: fn(f64) -> T,
    value: fn(T) -> f64,
    declare: fn(&mut gdal::raster::RasterBand<'_>, f64) -> bool,
) -> usize {
    let cells: Vec<T> = (0..SIDE * SIDE).map(|_| cell(numbers.near(nodata))).collect();
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let dataset = driver.create_with_band_type::<T, _>(path, SIDE, SIDE, 1).unwrap();
    {
        let mut band = dataset.rasterband(1).unwrap();
        if !declare(&mut band, nodata) {
            return 0;
        }
        let mut buffer = Buffer::new((SIDE, SIDE), cells.clone());
        band.write((0, 0), (SIDE, SIDE), &mut buffer).unwrap();
    }
    dataset.close().unwrap();
    let dataset = Dataset::open(path).unwrap();
    let band = dataset.rasterband(1).unwrap();
    let mask = band.open_mask_band().unwrap();
    let mask = mask.read_as::<u8>((0, 0), (SIDE, SIDE), (SIDE, SIDE), None).unwrap();
    let expected: Vec<bool> = mask
        .data()
        .iter()
        .zip(&cells)
        .map(|(&valid, &cell)| valid == 0 || !(value(cell) as f32).is_finite())
        .collect();
    let mut reader = open_raster(path.to_str().unwrap(), &OpenOptions::default()).unwrap();
    for (way, hidden) in ["read", "read_f64", "read_values"].iter().zip(hidden(&mut reader)) {
        for (i, (ours, gdals)) in hidden.iter().zip(&expected).enumerate() {
            let (name, cell) = (std::any::type_name::<T>(), value(cells[i]));
            assert_eq!(ours, gdals, "{way} of {name} with NoData {nodata:?}: {cell:?}");
        }
    }
    expected.iter().filter(|hidden| **hidden).count()
}

fn declare(band: &mut gdal::raster::RasterBand<'_>, nodata: f64) -> bool {
    band.set_no_data_value(Some(nodata)).is_ok()
}

#[test]
fn missing_cells_are_those_of_gdals_mask_band() {
    let session = Session::start(&[]).unwrap();
    let _here = session.enter();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cells.tif");
    let numbers = &mut Numbers(7);
    const LARGEST: f64 = f32::MAX as f64;
    let whole = [
        0.0,
        1.0,
        7.0,
        7.5,
        100.0,
        254.9,
        255.0,
        255.5,
        -0.5,
        -1.0,
        -9999.0,
        -9999.5,
        9999.0,
        32_767.0,
        -32_768.0,
        -32_769.0,
        65_535.0,
        65_536.0,
        -99_999.0,
        16_777_217.0,
        -2_147_483_648.0,
        2_147_483_647.0,
        4_294_967_295.0,
        4_294_967_296.0,
        1e20,
        -LARGEST,
    ];
    let float = [
        0.1,
        -0.1,
        1e-30,
        1e-45,
        1e20,
        -1e20,
        1e30,
        1e37,
        LARGEST,
        -LARGEST,
        -3.402_823_466_385_29e38,
        3.402_823_5e38,
        -3.402_82e38,
        -3.4e38,
        1.701_41e38,
        1e39,
        -1e300,
        1.797_693_134_862_315_7e308,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
    ];
    let mut found = [0; 9];
    for round in 0..12 {
        for nodata in whole.into_iter().chain(float) {
            // First as it is, then a random one of its size.
            let nodata = if round == 0 { nodata } else { numbers.near(nodata) };
            found[7] += check::<f32>(&path, numbers, nodata, |v| v as f32, f64::from, declare);
            found[8] += check::<f64>(&path, numbers, nodata, |v| v, |v| v, declare);
        }
        for nodata in whole {
            let nodata = if round == 0 { nodata } else { numbers.near(nodata).trunc() };
            found[0] += check::<u8>(&path, numbers, nodata, |v| v as u8, f64::from, declare);
            found[1] += check::<i16>(&path, numbers, nodata, |v| v as i16, f64::from, declare);
            found[2] += check::<u16>(&path, numbers, nodata, |v| v as u16, f64::from, declare);
            found[3] += check::<i32>(&path, numbers, nodata, |v| v as i32, f64::from, declare);
            found[4] += check::<u32>(&path, numbers, nodata, |v| v as u32, f64::from, declare);
        }
        // Beyond 2^53, where not every whole number is an f64.
        for nodata in [9.3e15, -9.3e15, 9.2e18, -9_223_372_036_854_775_808.0, -9999.0, 0.0] {
            let nodata = numbers.near(nodata);
            found[5] += check::<i64>(
                &path,
                numbers,
                nodata,
                |v| v as i64,
                |v| v as f64,
                |b, v| b.set_no_data_value_i64(Some(v as i64 | 1)).is_ok(),
            );
            found[6] += check::<u64>(
                &path,
                numbers,
                nodata,
                |v| v as u64,
                |v| v as f64,
                |b, v| b.set_no_data_value_u64(Some(v as u64)).is_ok(),
            );
        }
    }
    for (i, count) in found.into_iter().enumerate() {
        assert!(count > 100, "type {i}: only {count} cells were hidden");
    }
}
