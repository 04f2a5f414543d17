//! Rasters that were computed from heights and are no heights: results, hillshades, slopes and
//! the like, by their names and their values.

use std::fs;

use gdal::Metadata;
use ndarray::Array2;

use crate::heights::{assert_silent, assert_warned, ground, warned};
use crate::support::{Cell, Dem, Folder, ORIGIN};

const PX: usize = 160;

/// Mountains: bumps of all sizes, smaller ones lower. From 0 to 1.
fn mountains() -> Array2<f64> {
    let corner = |row: usize, col: usize| {
        let mut hash = (row as u32).wrapping_mul(0x9E37_79B9) ^ (col as u32 + 7);
        for _ in 0..2 {
            hash = (hash ^ hash >> 15).wrapping_mul(0x85EB_CA6B);
        }
        f64::from(hash >> 16) / 65_536.0
    };
    let bumps = |row: usize, col: usize, side: usize| {
        let ease = |at: usize| {
            let t = (at % side) as f64 / side as f64;
            t * t * (3.0 - 2.0 * t)
        };
        let (r, c) = (row / side + 100 * side, col / side);
        let across = |r| corner(r, c) + ease(col) * (corner(r, c + 1) - corner(r, c));
        across(r) + ease(row) * (across(r + 1) - across(r))
    };
    let z = Array2::from_shape_fn((PX, PX), |(row, col)| {
        [64, 32, 16, 8, 4, 2]
            .map(|side| (side as f64).powf(0.9) * bumps(row, col, side))
            .iter()
            .sum()
    });
    let (low, high) = z.iter().fold((f64::MAX, f64::MIN), |(a, b), &z: &f64| (a.min(z), b.max(z)));
    z.mapv(|z| (z - low) / (high - low))
}

/// Blocks on flat ground, metres.
fn city() -> Array2<f64> {
    Array2::from_shape_fn((PX, PX), |(row, col)| {
        let (r, c) = (row % 24, col % 30);
        let is_built = (4..20).contains(&r) && (5..24).contains(&c);
        let storeys = (row / 24 * 5 + col / 30 * 3) % 7 + 1;
        if is_built { 3.0 * storeys as f64 } else { 0.0 }
    })
}

/// Values of the 3 x 3 cells around each cell; of the edge at the edge.
fn around(z: &Array2<f64>, value: impl Fn(&[f64; 9]) -> f64) -> Array2<f64> {
    Array2::from_shape_fn(z.dim(), |(row, col)| {
        let near = |at: usize, step: usize, count: usize| (at + step).clamp(1, count) - 1;
        let mut cells = [0.0; 9];
        for (i, cell) in cells.iter_mut().enumerate() {
            *cell = z[(near(row, i / 3, PX), near(col, i % 3, PX))];
        }
        value(&cells)
    })
}

/// Rise per length to the east and to the south.
fn rise(cells: &[f64; 9], cell_m: f64) -> (f64, f64) {
    let [a, b, c, d, _, f, g, h, i] = *cells;
    let [east, south] =
        [(c + 2.0 * f + i) - (a + 2.0 * d + g), (g + 2.0 * h + i) - (a + 2.0 * b + c)];
    (east / (8.0 * cell_m), south / (8.0 * cell_m))
}

/// Shades from 1 to 255 under a light from an azimuth, at a height (degrees).
fn shaded(z: &Array2<f64>, cell_m: f64, (azimuth, height): (f64, f64)) -> Array2<f64> {
    let (azimuth, height) = (f64::to_radians(azimuth), f64::to_radians(height));
    around(z, |cells| {
        let (east, south) = rise(cells, cell_m);
        let facing = south * azimuth.cos() - east * azimuth.sin();
        let lit =
            (height.sin() + height.cos() * facing) / (1.0 + east * east + south * south).sqrt();
        1.0 + (254.0 * lit.max(0.0)).round()
    })
}

fn slopes(z: &Array2<f64>, cell_m: f64) -> Array2<f64> {
    around(z, |cells| {
        let (east, south) = rise(cells, cell_m);
        east.hypot(south)
    })
}

/// Writes a raster, and holds a run on it to warnings of one code, or to none.
#[track_caller]
fn assert_code<T: Cell>(folder: &Folder, name: &str, dem: &Dem, code: Option<&str>) -> String {
    dem.write::<T>(&folder.path(name));
    let found = warned(folder, &format!("svf_compute {name} o.tif --overwrite --radius 5px -n 4"));
    let codes: Vec<&str> = found.iter().map(|data| data["code"].as_str().unwrap()).collect();
    assert_eq!(codes, code.into_iter().collect::<Vec<_>>(), "{name}: {found:?}");
    found.first().map_or(String::new(), |data| data["message"].as_str().unwrap().to_owned())
}

/// A raster with cells of this size.
fn with_cells(cells: &Array2<f64>, cell_m: f64) -> Dem {
    let geo_transform = [ORIGIN.0, cell_m, 0.0, ORIGIN.1, 0.0, -cell_m];
    Dem { geo_transform, ..Dem::of(cells) }
}

const HILLSHADE: Option<&str> = Some("heights.hillshade");

/// Of mountains with cells of any size, under any light, in any type: steps in grey are smaller
/// than cells.
#[test]
fn hillshades_of_mountains_are_known_by_their_values() {
    let folder = Folder::new();
    for (cell_m, relief) in [(1.0, 60.0), (30.0, 2000.0), (200.0, 9000.0)] {
        let z = mountains().mapv(|z| relief * z);
        let default = shaded(&z, cell_m, (315.0, 45.0));
        let dem = with_cells(&default, cell_m);
        for nodata in [None, Some(0.0)] {
            assert_code::<u8>(&folder, "a.tif", &Dem { nodata, ..dem.clone() }, HILLSHADE);
        }
        assert_code::<f32>(&folder, "a.tif", &dem, HILLSHADE);
        assert_code::<i16>(&folder, "a.tif", &dem, HILLSHADE);
        assert_code::<f64>(&folder, "a.tif", &dem, HILLSHADE);
        // From 0 to 1, and of 15 bits.
        let one = with_cells(&default.mapv(|grey| (grey - 1.0) / 254.0), cell_m);
        assert_code::<f32>(&folder, "a.tif", &one, HILLSHADE);
        let word = with_cells(&default.mapv(|grey| grey * 128.0), cell_m);
        assert_code::<i16>(&folder, "a.tif", &word, HILLSHADE);
        // Low light, and the mean of lights from four directions.
        let low = shaded(&z, cell_m, (60.0, 25.0));
        assert_code::<u8>(&folder, "a.tif", &with_cells(&low, cell_m), HILLSHADE);
        let mut sum = Array2::<f64>::zeros((PX, PX));
        for azimuth in [225.0, 270.0, 315.0, 360.0] {
            sum += &shaded(&z, cell_m, (azimuth, 45.0));
        }
        let many = sum.mapv(|sum| (sum / 4.0).round());
        assert_code::<u8>(&folder, "a.tif", &with_cells(&many, cell_m), HILLSHADE);
    }
    // Of blocks on ground that is not quite flat.
    let town = shaded(&(city() + mountains().mapv(|z| 9.0 * z)), 1.0, (315.0, 45.0));
    let message = assert_code::<u8>(&folder, "a.tif", &Dem::of(&town), HILLSHADE);
    let right = "a.tif looks like a hillshade (values 1 to 255), not like heights";
    assert_eq!(message, right);
}

/// Heights whose values are those of shades.
#[test]
fn heights_from_0_to_255_are_no_hillshade() {
    let folder = Folder::new();
    for z in [mountains(), city().mapv(|z| z / 21.0)] {
        let z = z.mapv(|z| (254.0 * z + 1.0).round());
        for cell_m in [1.0, 30.0, 200.0] {
            let dem = with_cells(&z, cell_m);
            assert_code::<u8>(&folder, "dem.tif", &dem, None);
            assert_code::<f32>(&folder, "dem_for_hillshade.tif", &dem, None);
            assert_code::<i16>(&folder, "dem.tif", &dem, None);
        }
    }
    // Undeclared NoData among heights of a byte.
    let mut holed = mountains().mapv(|z| (100.0 + 90.0 * z).round());
    holed.iter_mut().step_by(19).for_each(|z| *z = 255.0);
    assert_code::<u8>(&folder, "dem.tif", &Dem::of(&holed), None);
}

#[test]
fn hillshades_are_known_by_their_names() {
    let folder = Folder::new();
    // Nearly flat: few shades.
    let z = mountains().mapv(|z| 3.0 * z);
    let flat = Dem::of(&shaded(&z, 1.0, (315.0, 45.0)));
    assert_code::<u8>(&folder, "a.tif", &flat, None);
    for name in [
        "hillshade.tif",
        "dem-HillShade_315.tif",
        "shaded_relief.tif",
        "ShadedRelief.tif",
        "schummerung.tif",
        "Reliefschummerung_1m.tif",
        "relief_shading.tif",
        "ombrage.tif",
        "sombreado.tif",
    ] {
        for dem in [&flat, &Dem::of(&shaded(&mountains().mapv(|z| 40.0 * z), 1.0, (315.0, 45.0)))] {
            assert_code::<u8>(&folder, name, dem, HILLSHADE);
        }
    }
    // Of the band.
    let dataset = flat.create::<u8>(&folder.path("a.tif"));
    dataset.rasterband(1).unwrap().set_description("Shaded relief").unwrap();
    dataset.close().unwrap();
    let found = warned(&folder, "svf_compute a.tif o.tif --overwrite --radius 5px -n 4");
    assert_eq!(found[0]["code"], "heights.hillshade", "{found:?}");
}

/// A cell that sees a wall changes as much as the wall is high, all others do not.
#[test]
fn slopes_and_roughness_of_mountains_and_cities_are_no_heights() {
    let folder = Folder::new();
    for (z, cell_m) in [(mountains().mapv(|z| 2000.0 * z), 30.0), (city(), 1.0)] {
        let slope = slopes(&z, cell_m);
        let tri = around(&z, |cells| cells.iter().map(|z| (z - cells[4]).abs()).sum::<f64>() / 8.0);
        let roughness = around(&z, |cells| {
            cells.iter().copied().fold(f64::MIN, f64::max)
                - cells.iter().copied().fold(f64::MAX, f64::min)
        });
        let tpi = around(&z, |cells| cells[4] - (cells.iter().sum::<f64>() - cells[4]) / 8.0);
        let degrees = slope.mapv(|slope| slope.atan().to_degrees());
        for (name, cells, kind) in [
            ("slope.tif", &degrees, "slopes"),
            ("dem-Slope_deg.tif", &degrees, "slopes"),
            ("slope30m.tif", &slope.mapv(|slope| 100.0 * slope), "slopes"),
            ("slope_percent.tif", &slope.mapv(|slope| 100.0 * slope), "slopes"),
            ("hangneigung.tif", &degrees, "slopes"),
            ("tri.tif", &tri, "a ruggedness index"),
            ("TRI_2m.tif", &tri, "a ruggedness index"),
            ("roughness.tif", &roughness, "roughness"),
            ("tpi.tif", &tpi, "a position index"),
        ] {
            let dem = with_cells(cells, cell_m);
            let message = assert_code::<f32>(&folder, name, &dem, Some("heights.derived"));
            assert!(
                message.starts_with(&format!("{name} looks like {kind} (by its name")),
                "{message}"
            );
        }
        // What nothing names, and heights of places with such names.
        assert_code::<f32>(&folder, "dem.tif", &with_cells(&degrees, cell_m), None);
        for name in ["north_slope.tif", "tri.tif", "Gradient-5.tif", "roughness.tif"] {
            assert_code::<f32>(&folder, name, &with_cells(&z, cell_m), None);
        }
    }
}

/// Most of the slopes are in the dark: a frame of 0 around them that no one declares as NoData,
/// and the same as floats.
#[test]
fn hillshades_with_a_frame_of_zeros_are_known() {
    let folder = Folder::new();
    let z = mountains().mapv(|z| 700.0 * z);
    let mut shades = shaded(&z, 5.0, (315.0, 30.0));
    let dark = shades.iter().filter(|shade| **shade == 1.0).count();
    assert!(10 * dark > shades.len(), "{dark}");
    for framed in [false, true] {
        if framed {
            for edge in [0, PX - 1] {
                shades.row_mut(edge).fill(0.0);
                shades.column_mut(edge).fill(0.0);
            }
        }
        assert_code::<u8>(&folder, "relief.tif", &Dem::of(&shades), HILLSHADE);
        assert_code::<f32>(&folder, "relief.tif", &Dem::of(&shades), HILLSHADE);
    }
}

/// Aspects of a smooth hill change little from cell to cell, but they are all of the circle.
#[test]
fn aspects_are_known_with_and_without_a_frame() {
    let folder = Folder::new();
    let middle = PX as f64 / 2.0;
    let mut aspects = Array2::from_shape_fn((PX, PX), |(row, col)| {
        let (north, east) = (middle - row as f64, col as f64 - middle + 0.5);
        east.atan2(north).to_degrees().rem_euclid(360.0)
    });
    let words = "aspect.tif looks like aspects (by its name, and values from 0";
    for nodata in [None, Some(-9999.0)] {
        if let Some(nodata) = nodata {
            aspects.row_mut(0).fill(nodata);
        }
        let dem = Dem { nodata, ..Dem::of(&aspects) };
        let message = assert_code::<f32>(&folder, "aspect.tif", &dem, Some("heights.derived"));
        assert!(message.starts_with(words), "{message}");
    }
    // Heights of a place of this name.
    let half = Dem::of(&aspects.mapv(|z| z.max(0.0) / 2.0));
    assert_code::<f32>(&folder, "aspect.tif", &half, None);
}

#[test]
fn results_are_known_by_their_metadata_and_bands() {
    let folder = Folder::new();
    let path = folder.path("dem.tif");
    Dem::of(&ground()).write::<f32>(&path);
    folder.line(0, "svf_compute dem.tif sky.tif --radius 5 -q --measure svf,openness-positive");
    fs::rename(folder.path("sky.tif"), &path).unwrap();
    let words = ["a result of svf_compute (svf,openness-positive)"];
    assert_warned(&folder, "", "heights.result", &words);
    // Of another program, by the band's name.
    let share = Dem::of(&ground().mapv(|z| z / 200.0));
    let dataset = share.create::<f32>(&path);
    dataset.rasterband(1).unwrap().set_description("Sky View Factor").unwrap();
    dataset.close().unwrap();
    assert_warned(&folder, "", "heights.result", &["'Sky View Factor'", "a result, not heights?"]);
    share.write::<f32>(&path);
    assert_silent(&folder, "");
}

#[test]
fn results_are_known_without_their_metadata() {
    let folder = Folder::new();
    Dem::of(&ground()).write::<f32>(&folder.path("dem.tif"));
    let measures = "svf,svf-cosine,openness-positive";
    folder.line(
        0,
        &format!("svf_compute dem.tif sky.tif --radius 5 -q --measure {measures} --separate"),
    );
    assert_silent(&folder, "");
    let check = |from: &str, name: &str, words: &[&str]| {
        let bare = Dem { nodata: Some(-9999.0), ..Dem::of(&folder.band(from, 1).mapv(f64::from)) };
        let code = (!words.is_empty()).then_some("heights.result");
        let message = assert_code::<f32>(&folder, name, &bare, code);
        for word in words {
            assert!(message.contains(word), "{name}: {message}");
        }
    };
    for name in
        ["svf.tif", "dem_SVF_r10.tif", "sky-view-factor.tif", "SkyView.tif", "my_svf-cosine.tif"]
    {
        check("sky_svf.tif", name, &[name, "has the name of a measure and has values from "]);
    }
    check("sky_openness-positive.tif", "openness.tif", &["has the name of a measure"]);
    check("sky_openness-positive.tif", "openness-positive.tif", &["has the name of a measure"]);
    check("sky_svf.tif", "share.tif", &[]);
    // In bytes, as pictures are.
    let grey = folder.band("sky_svf.tif", 1).mapv(|svf| f64::from((254.0 * svf).round()));
    assert_code::<u8>(&folder, "svf.tif", &Dem::of(&grey), Some("heights.result"));
    let scaled = Dem { scale_offset: Some((1.0 / 254.0, 0.0)), ..Dem::of(&grey) };
    assert_code::<u8>(&folder, "svf.tif", &scaled, Some("heights.result"));
    // Heights of a file that has such a name.
    assert_code::<f32>(&folder, "svf.tif", &Dem::of(&mountains().mapv(|z| 90.0 * z)), None);
    assert_code::<f32>(&folder, "openness.tif", &Dem::of(&mountains().mapv(|z| 90.0 * z)), None);
}
