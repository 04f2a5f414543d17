//! What a file means that says it in a way of its own: heights under a CRS of depths, depths by
//! their names, signed bytes whose sign is lost, crowns that are nowhere, pictures and the sea.

use std::fs;
use std::path::Path;
use std::process::Command;

use gdal::{Dataset, DriverManager, Metadata};
use ndarray::{Array2, s};
use serde_json::json;

use crate::heights::{assert_silent, assert_warned, ground, warned};
use crate::support::{Dem, Folder, ORIGIN, assert_same_bits, can_write, skip, terrain};

/// Runs a program of GDAL in the folder; false if there is none.
#[track_caller]
fn gdal_program(folder: &Folder, line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let run = Command::new(words[0]).current_dir(folder.work()).args(&words[1..]).output();
    let Ok(run) = run else {
        skip("no GDAL programs here");
        return false;
    };
    assert!(run.status.success(), "{line}: {}", String::from_utf8_lossy(&run.stderr));
    true
}

/// Opens a file to change it.
fn update(path: &Path) -> Dataset {
    let open_flags = gdal::GdalOpenFlags::GDAL_OF_UPDATE;
    Dataset::open_ex(path, gdal::DatasetOptions { open_flags, ..Default::default() }).unwrap()
}

/// Holds a raster to the result of another one, and gives what the run said.
#[track_caller]
fn assert_as(folder: &Folder, name: &str, right: &str) -> String {
    let options = "--overwrite --radius 8 -n 8 --measure svf,openness-negative";
    folder.line(0, &format!("svf_compute {right} right_out.tif -q {options}"));
    let run = folder.line(0, &format!("svf_compute {name} out.tif {options}"));
    for band in [1, 2] {
        assert_same_bits(&folder.band("out.tif", band), &folder.band("right_out.tif", band), name);
    }
    run.stderr
}

#[test]
fn elevations_of_a_bag_point_up() {
    if !can_write("BAG") {
        return skip("this GDAL writes no BAG");
    }
    let folder = Folder::new();
    Dem { epsg: Some(25832), ..Dem::of(&ground()) }.write::<f32>(&folder.path("dem.tif"));
    if !gdal_program(&folder, "gdal_translate -q -of BAG dem.tif dem.bag") {
        return;
    }
    gdal_program(&folder, "gdalbuildvrt -q dem.vrt dem.bag");
    gdal_program(&folder, "gdalbuildvrt -q twice.vrt dem.vrt");
    gdal_program(&folder, "gdal_translate -q -of ENVI dem.bag dem.bin");
    for name in ["dem.bag", "dem.vrt", "twice.vrt", "dem.bin"] {
        let said = assert_as(&folder, name, "dem.tif");
        assert!(!said.contains("depths"), "{name}: {said}");
    }
}

#[test]
fn depths_are_known_by_standard_name_and_unit() {
    let folder = Folder::new();
    Dem::of(&ground()).write::<f32>(&folder.path("up.tif"));
    let depths = Dem::of(&ground().mapv(|z| -z));
    let with = |key: &str, value: &str| {
        depths.write::<f32>(&folder.path("dem.tif"));
        let dataset = update(&folder.path("dem.tif"));
        dataset.rasterband(1).unwrap().set_metadata_item(key, value, "").unwrap();
        dataset.close().unwrap();
    };
    for (key, value, words) in [
        ("standard_name", "depth", "its attribute 'standard_name' is one of depths"),
        ("standard_name", "sea_floor_depth_below_geoid", "'standard_name' is one of depths"),
        ("standard_name", "sea_floor_depth_below_mean_sea_level", "is one of depths"),
        ("units", "meters below sea level", "its unit points down"),
        ("units", "m (positive down)", "its unit points down"),
    ] {
        with(key, value);
        let said = assert_as(&folder, "dem.tif", "up.tif");
        assert!(said.contains("dem.tif holds depths") && said.contains(words), "{value}: {said}");
        // The band has the last word.
        let dataset = update(&folder.path("dem.tif"));
        dataset.rasterband(1).unwrap().set_metadata_item("positive", "up", "").unwrap();
        dataset.close().unwrap();
        assert_silent(&folder, "");
    }
    if can_write("netCDF") && gdal_program(&folder, "gdal_translate -q -of netCDF dem.tif d.nc") {
        with("standard_name", "sea_floor_depth_below_geoid");
        gdal_program(&folder, "gdal_translate -q -of netCDF dem.tif dem.nc");
        assert!(assert_as(&folder, "dem.nc", "up.tif").contains("dem.nc holds depths"));
    }
    for heights in ["surface_altitude", "height_above_reference_ellipsoid"] {
        with("standard_name", heights);
        assert!(!assert_as(&folder, "dem.tif", "dem.tif").contains("depths"));
    }
}

/// GDAL calls the band of a GeoPackage "Height", whatever it holds, and copies keep the name.
#[test]
fn depths_in_a_geopackage_are_depths() {
    if !can_write("GPKG") {
        return skip("this GDAL writes no GeoPackage");
    }
    let folder = Folder::new();
    Dem::of(&ground()).write::<f32>(&folder.path("up.tif"));
    let mut dataset = Dem::of(&ground().mapv(|z| -z)).create::<f32>(&folder.path("depth.tif"));
    let crs = gdal::spatial_ref::SpatialRef::from_definition("EPSG:32633+5715").unwrap();
    dataset.set_spatial_ref(&crs).unwrap();
    dataset.close().unwrap();
    if !gdal_program(&folder, "gdal_translate -q -of GPKG depth.tif depth.gpkg") {
        return;
    }
    gdal_program(&folder, "gdal_translate -q depth.gpkg copy.tif");
    gdal_program(&folder, "gdalbuildvrt -q depth.vrt depth.gpkg");
    for name in ["depth.tif", "depth.gpkg", "copy.tif", "depth.vrt"] {
        let said = assert_as(&folder, name, "up.tif");
        assert!(said.contains(&format!("{name} holds depths (the vertical axis")), "{said}");
    }
    // A name that someone gave says what the values are.
    let dataset = update(&folder.path("copy.tif"));
    dataset.rasterband(1).unwrap().set_description("height above the geoid").unwrap();
    dataset.close().unwrap();
    let said = assert_as(&folder, "copy.tif", "copy.tif");
    assert!(!said.contains("depths"), "{said}");
}

#[test]
fn a_band_that_is_called_depth_is_asked_about() {
    let folder = Folder::new();
    let called = |cells: &Array2<f64>, key: &str, name: &str| {
        let dataset = Dem::of(cells).create::<f32>(&folder.path("dem.tif"));
        match key {
            "" => dataset.rasterband(1).unwrap().set_description(name).unwrap(),
            key => dataset.rasterband(1).unwrap().set_metadata_item(key, name, "").unwrap(),
        }
        dataset.close().unwrap();
    };
    let turn = "gdal_translate -of VRT -a_scale -1 dem.tif upright.vrt";
    for (key, name) in [("long_name", "water depth"), ("", "Tiefe"), ("NETCDF_VARNAME", "depth")] {
        called(&ground(), key, name);
        let words = [name, "are its values depths? They are used as heights", turn];
        let data = assert_warned(&folder, "", "heights.depths", &words);
        assert_eq!(data["args"], json!({"band": 1, "name": name}));
        // Below 0 they are heights.
        called(&ground().mapv(|z| z - 300.0), key, name);
        assert_silent(&folder, "");
    }
    called(&ground(), "long_name", "height above the depth of the river");
    assert_silent(&folder, "");
    called(&ground(), "", "bathymetry");
    assert_warned(&folder, "", "heights.depths", &["'bathymetry': are its values depths?"]);
    // The file says that they are heights.
    let dataset = update(&folder.path("dem.tif"));
    dataset.rasterband(1).unwrap().set_metadata_item("positive", "up", "").unwrap();
    dataset.close().unwrap();
    assert_silent(&folder, "");
}

/// Programs need the values of a warning, not its words.
#[test]
fn warnings_carry_what_they_found() {
    let folder = Folder::new();
    let args = |line: &str, code: &str| {
        let run = folder.line(0, &format!("{line} --overwrite --radius 5px --progress json"));
        let mut found = run.events().into_iter().filter(|event| event["data"]["code"] == code);
        found.next().unwrap_or_else(|| panic!("no {code}: {run}"))["data"]["args"].clone()
    };
    let grey = ground();
    let photo = [grey.clone(), grey.mapv(|z| z * 0.9 + 5.0), grey.mapv(|z| z * 0.8)];
    write_bands::<u8>(&folder, "photo.tif", &photo);
    let picture = args("svf_compute photo.tif o.tif", "heights.picture");
    assert_eq!(picture, json!({"band": 1, "bands": 3}));
    let with_crs = |name: &str, crs: &str| {
        let dem = Dem { epsg: None, ..Dem::of(&ground()) };
        let mut dataset = dem.create::<f32>(&folder.path(name));
        let crs = gdal::spatial_ref::SpatialRef::from_definition(crs).unwrap();
        dataset.set_spatial_ref(&crs).unwrap();
        dataset.close().unwrap();
    };
    with_crs("moon.tif", "+proj=eqc +R=1737400 +units=m");
    for (option, refraction) in [("", "0"), ("--refraction 0.2", "0.2"), ("--refraction 0", "0")] {
        let line = format!("svf_compute moon.tif o.tif --curvature {option}");
        let body = json!({"radius_km": "1737.4", "refraction": refraction});
        assert_eq!(args(line.trim_end(), "crs.body"), body);
    }
    with_crs("depth.tif", "EPSG:25832+5715");
    let down = args("svf_compute depth.tif o.tif", "heights.down");
    assert_eq!(down, json!({"reason": "crs"}));
    with_crs("up.tif", "EPSG:25832");
    for (key, value, reason) in
        [("positive", "down", "positive"), ("standard_name", "depth", "standard_name")]
    {
        let dataset = update(&folder.path("up.tif"));
        let mut band = dataset.rasterband(1).unwrap();
        band.set_metadata_item("positive", "", "").unwrap();
        band.set_metadata_item(key, value, "").unwrap();
        dataset.close().unwrap();
        let down = args("svf_compute up.tif o.tif", "heights.down");
        assert_eq!(down, json!({ "reason": reason }));
    }
    let (x, y) = ORIGIN;
    let rows = format!("x,y\n{},{}\n0,0\n0,1\n,\n", x + 20.5, y - 20.5);
    std::fs::write(folder.path("points.csv"), rows).unwrap();
    let skipped = args("svf_profile point depth.tif o.csv --points points.csv", "points.skipped");
    let expected = json!({"skipped": 3, "total": 4, "outside": 2, "nodata": 0,
                          "no_coordinates": 1, "missing": 0});
    assert_eq!(skipped, expected);
}

/// Heights of -10 to 20 as signed bytes, some of them NoData of -128.
fn write_signed_bytes(folder: &Folder) {
    let mut cells = ground().mapv(|z| (z / 6.0 - 10.0).round());
    cells.slice_mut(s![10..13, 20..24]).fill(-128.0);
    Dem { nodata: Some(-128.0), ..Dem::of(&cells) }.write::<i16>(&folder.path("right.tif"));
    let options = vec!["PIXELTYPE=SIGNEDBYTE"];
    let bytes = Dem::of(&cells.mapv(|z| f64::from(z as i8 as u8)));
    let dataset =
        Dem { creation_options: options, ..bytes }.create::<u8>(&folder.path("bytes.tif"));
    dataset.rasterband(1).unwrap().set_no_data_value(Some(-128.0)).unwrap();
    dataset.close().unwrap();
}

#[test]
fn signed_bytes_stay_signed_through_a_vrt() {
    let folder = Folder::new();
    write_signed_bytes(&folder);
    if !gdal_program(&folder, "gdalbuildvrt -q one.vrt bytes.tif") {
        return;
    }
    gdal_program(&folder, "gdalbuildvrt -q two.vrt one.vrt");
    gdal_program(&folder, "gdal_translate -q -of VRT bytes.tif copy.vrt");
    for name in ["bytes.tif", "one.vrt", "two.vrt", "copy.vrt"] {
        assert_as(&folder, name, "right.tif");
    }
}

#[test]
fn a_sign_that_a_copy_lost_is_asked_about() {
    let folder = Folder::new();
    write_signed_bytes(&folder);
    if !gdal_program(&folder, "gdal_translate -q -of ENVI bytes.tif dem.bin") {
        return;
    }
    gdal_program(&folder, "gdal_translate -q -of AAIGrid bytes.tif dem.asc");
    for name in ["dem.bin", "dem.asc"] {
        let found = warned(&folder, &format!("svf_compute {name} o.tif --overwrite --radius 5"));
        let text = found.iter().map(ToString::to_string).collect::<String>();
        assert!(text.contains("heights.signed"), "{name}: {text}");
        assert!(text.contains("signed bytes whose sign was lost"), "{name}: {text}");
        let command = format!("gdal_calc.py -A {name} --type=Int16 --NoDataValue=-128");
        assert!(text.contains(&command), "{name}: {text}");
        let signed = found.iter().find(|data| data["code"] == "heights.signed").unwrap();
        assert_eq!(signed["args"], json!({"value": "-128"}));
    }
    // Nothing is declared: the values jump where signed ones pass 0.
    let cells = ground().mapv(|z| f64::from((z / 6.0 - 10.0).round() as i8 as u8));
    for wide in [false, true] {
        match wide {
            false => Dem::of(&cells).write::<u8>(&folder.path("dem.tif")),
            true => Dem::of(&cells).write::<f32>(&folder.path("dem.tif")),
        }
        let words = ["lie beside values from 2", "none in between: are these signed bytes whose"];
        let signed = assert_warned(&folder, "", "heights.signed", &words);
        let command = "gdal_calc.py -A dem.tif --type=Int16 --calc=\"A-256.0*(A>127)\"";
        assert!(signed["hint"].as_str().unwrap().contains(command), "{signed}");
        assert_eq!(signed["args"].as_object().unwrap().len(), 2, "{signed}");
    }
    // Bytes that are heights: towers on a plain, a frame, and holes of 255.
    let plain = ground().mapv(|z| (z / 10.0).round());
    let towers = |tower: &dyn Fn(usize, usize) -> f64| {
        let mut cells = plain.clone();
        let is_tower = |(r, c): (usize, usize)| r % 12 < 3 && c % 15 < 4;
        let towers = cells.indexed_iter_mut().filter(|(at, _)| is_tower(*at));
        towers.for_each(|((r, c), z)| *z = tower(r, c));
        Dem::of(&cells).write::<u8>(&folder.path("dem.tif"));
        assert_silent(&folder, "");
    };
    towers(&|r, c| (215 + (r * 7 + c * 5) % 41) as f64);
    towers(&|r, c| (180 + (r * 7 + c * 5) % 40) as f64);
    towers(&|_, _| 254.0);
    // Bytes without a sign, and a NoData value that they cannot have.
    let dataset = Dem::of(&ground().mapv(|z| z / 2.0)).create::<u8>(&folder.path("dem.tif"));
    dataset.rasterband(1).unwrap().set_no_data_value(Some(-1.0)).unwrap();
    dataset.close().unwrap();
    assert_silent(&folder, "");
}

#[test]
fn crowns_that_are_nowhere_are_said() {
    let folder = Folder::new();
    let crowns = terrain(50, 60, 9).mapv(|z| if z > 110.0 { f64::from(z) / 9.0 } else { 0.0 });
    Dem::of(&ground()).write::<f32>(&folder.path("dem.tif"));
    Dem::of(&crowns).write::<f32>(&folder.path("trees.tif"));
    Dem::of(&crowns.mapv(|top| top / 4.0)).write::<f32>(&folder.path("stems.tif"));
    let words = [
        "trees.tif (--trunk) is at or above stems.tif (--canopy) in 100 % of the cells",
        "are the two files swapped? --canopy trees.tif --trunk stems.tif",
    ];
    let of_trunks = |options: &str, words: &[&str]| {
        let line = format!("svf_compute dem.tif o.tif --overwrite --radius 5 -n 4 {options}");
        let run = folder.line(0, &format!("{line} --progress json"));
        let text = run.text();
        let found = text.lines().filter(|line| line.contains("canopy.trunk")).collect::<String>();
        assert_eq!(found.is_empty(), words.is_empty(), "{options}: {text}");
        for word in words {
            assert!(found.contains(word), "lacks '{word}': {found}");
        }
    };
    of_trunks("--canopy stems.tif --trunk trees.tif", &words);
    of_trunks(
        "--canopy trees.tif --trunk trees.tif",
        &["in 100 % of the cells", "lower edges of crowns", "\"canopy\":\"trees.tif\""],
    );
    of_trunks(
        "--canopy trees.tif --trunk-ratio 1",
        &["--trunk-ratio 1 leaves no crowns", "\"args\":{\"ratio\":\"1\"}"],
    );
    of_trunks("--canopy trees.tif --trunk stems.tif", &[]);
    of_trunks("--canopy trees.tif --trunk-ratio 0.9", &[]);
}

/// Three bands of 8 or 16 bits without colours.
fn write_bands<T: crate::support::Cell>(folder: &Folder, name: &str, bands: &[Array2<f64>]) {
    let (rows, cols) = bands[0].dim();
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let options = gdal::raster::RasterCreationOptions::from_iter(["PHOTOMETRIC=MINISBLACK"]);
    let path = folder.path(name);
    let mut dataset = driver
        .create_with_band_type_with_options::<T, _>(path, cols, rows, bands.len(), &options)
        .unwrap();
    dataset.set_geo_transform(&[ORIGIN.0, 1.0, 0.0, ORIGIN.1, 0.0, -1.0]).unwrap();
    for (i, cells) in bands.iter().enumerate() {
        let cells = cells.iter().map(|&z| T::of(z)).collect();
        let mut cells = gdal::raster::Buffer::new((cols, rows), cells);
        dataset.rasterband(i + 1).unwrap().write((0, 0), (cols, rows), &mut cells).unwrap();
    }
    dataset.close().unwrap();
}

#[test]
fn pictures_without_colours_are_pictures() {
    let folder = Folder::new();
    let grey = ground();
    let photo = [grey.clone(), grey.mapv(|z| z * 0.9 + 5.0), grey.mapv(|z| z * 0.8)];
    write_bands::<u8>(&folder, "dem.tif", &photo);
    let words = ["dem.tif looks like a picture: its 3 bands show the same in other colours"];
    assert_warned(&folder, "", "heights.picture", &words);
    if gdal_program(&folder, "gdal_translate -q -of HFA dem.tif dem.img") {
        gdal_program(&folder, "gdal_translate -q -of ERS dem.tif dem.ers");
        for name in ["dem.img", "dem.ers"] {
            let found =
                warned(&folder, &format!("svf_compute {name} p.tif --overwrite --radius 5"));
            assert_eq!(found[0]["code"], "heights.picture", "{found:?}");
        }
    }
    write_bands::<u16>(&folder, "dem.tif", &photo.clone().map(|band| band * 200.0));
    assert_warned(&folder, "", "heights.picture", &words);
    // A surface, the ground and what is between them, smooth as heights are.
    let smooth = Array2::from_shape_fn((50, 60), |(row, col)| {
        300.0 + (200.0 * ((row as f64 / 9.0).sin() + (col as f64 / 11.0).cos())).round()
    });
    write_bands::<u16>(&folder, "dem.tif", &[smooth.clone(), &smooth - 20.0, smooth * 0.1]);
    assert_silent(&folder, "");
    // As vegetation.
    write_bands::<u8>(&folder, "trees.tif", &photo);
    Dem::of(&ground()).write::<f32>(&folder.path("dem.tif"));
    let found =
        warned(&folder, "svf_compute dem.tif o.tif --overwrite --radius 5 --canopy trees.tif");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["code"], "heights.picture");
    assert_eq!(found[0]["hint"], "vegetation must be a raster of heights above ground");
}

/// The lowest, the mean and the highest height of each cell are alike, but no colours.
#[test]
fn a_stack_of_heights_is_no_picture() {
    let folder = Folder::new();
    let mean = Array2::from_shape_fn((50, 60), |(row, col)| {
        (120.0 + 40.0 * ((row as f64 / 9.0).sin() + (col as f64 / 11.0).cos())).round()
    });
    let spread = ground().mapv(|z| (z / 20.0).round());
    write_bands::<u8>(&folder, "dem.tif", &[&mean - &spread, mean.clone(), &mean + &spread]);
    assert_silent(&folder, "");
    write_bands::<u8>(&folder, "dem.tif", &[&mean + &spread, mean.clone(), &mean - &spread]);
    assert_silent(&folder, "");
}

#[test]
fn a_scale_that_is_no_number_is_refused() {
    let folder = Folder::new();
    let with = |scale: f64, offset: f64, words: &[&str]| {
        let dem = Dem { scale_offset: Some((scale, offset)), ..Dem::of(&ground()) };
        dem.write::<f32>(&folder.path("dem.tif"));
        let run = folder.line(2, "svf_compute dem.tif o.tif --radius 5");
        let mend =
            "hint: set the scale and the offset first: gdal_translate -a_scale 1 -a_offset 0";
        run.assert_refused(2, &[&["cannot use dem.tif: band 1: its ", mend], words].concat());
    };
    with(f64::NAN, 0.0, &["scale is NaN, so no value is a height"]);
    with(f64::INFINITY, 0.0, &["scale is inf"]);
    with(1.0, f64::NAN, &["offset is NaN"]);
}

#[test]
fn a_netcdf_result_is_a_result() {
    if !can_write("netCDF") {
        return skip("this GDAL writes no netCDF");
    }
    let folder = Folder::new();
    Dem::of(&ground()).write::<f32>(&folder.path("dem.tif"));
    folder.line(0, "svf_compute dem.tif svf.nc --radius 5 -q");
    let found = warned(&folder, "svf_compute svf.nc o.tif --radius 5");
    // Shares have the unit 1, which is no length.
    let codes: Vec<_> = found.iter().map(|data| data["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["heights.result", "heights.unit"], "{found:?}");
    assert_eq!(found[0]["args"], json!({"measures": "svf"}));
}

/// Points in a table with columns x and y, which are those of a map of the world.
#[test]
fn points_in_degrees_get_their_option() {
    let folder = Folder::new();
    Dem::of(&ground()).write::<f32>(&folder.path("dem.tif"));
    let point = (ORIGIN.0 + 20.5, ORIGIN.1 - 20.5);
    let rows = format!("x,y\n{},{}\n15.0002,41.99\n15.0003,41.99\n", point.0, point.1);
    std::fs::write(folder.path("points.csv"), rows).unwrap();
    let line = "svf_profile point dem.tif o.csv --points points.csv --radius 5";
    let run = folder.line(0, line);
    let words =
        "hint: are the coordinates of 2 points longitude and latitude? Then add --crs EPSG:4326";
    assert!(run.stderr.contains(words), "{run}");
    std::fs::write(folder.path("points.csv"), "x,y\n15.0002,41.99\n").unwrap();
    let run = folder.line(1, &format!("{line} --overwrite"));
    assert!(run.stderr.contains("hint: are the coordinates of 1 point longitude"), "{run}");
    for name in ["-", "/vsistdin/"] {
        let run = folder.line(2, &format!("svf_profile point dem.tif p.csv --points {name}"));
        run.assert_refused(2, &["--points cannot be standard input: save the points in a file"]);
    }
}

#[test]
fn a_list_of_depths_and_heights_names_the_right_file() {
    let folder = Folder::new();
    let cells = ground();
    let tile = |name: &str, cols: std::ops::Range<usize>, sign: f64, crs: &str| {
        let x = ORIGIN.0 + cols.start as f64;
        let cells = cells.slice(s![.., cols]).mapv(|z| sign * z);
        let geo_transform = [x, 1.0, 0.0, ORIGIN.1, 0.0, -1.0];
        let mut dataset =
            Dem { geo_transform, epsg: None, ..Dem::of(&cells) }.create::<f32>(&folder.path(name));
        let crs = gdal::spatial_ref::SpatialRef::from_definition(crs).unwrap();
        dataset.set_spatial_ref(&crs).unwrap();
        dataset.close().unwrap();
    };
    tile("all.tif", 0..60, 1.0, "EPSG:25832");
    tile("hei.tif", 0..30, 1.0, "EPSG:25832");
    tile("dep.tif", 30..60, -1.0, "EPSG:25832+5715");
    tile("hei.dep.tif", 0..30, -1.0, "EPSG:25832+5715");
    let said = assert_as(&folder, "hei.tif dep.tif", "all.tif");
    assert!(said.contains("warning: dep.tif holds depths (the vertical axis"), "{said}");
    assert!(!said.contains("declares this scale"), "{said}");
    let said = assert_as(&folder, "hei.dep.tif dep.tif", "all.tif");
    assert!(said.contains("warning: hei.dep.tif and 1 more hold depths (the vertical"), "{said}");
    assert!(!said.contains("declares this scale"), "{said}");
}

#[test]
fn the_tile_with_undeclared_nodata_is_named() {
    let folder = Folder::new();
    let mut cells = ground();
    cells.slice_mut(s![3..9, 50..55]).fill(-9999.0);
    let tile = |name: &str, cols: std::ops::Range<usize>, nodata: Option<f64>| {
        let geo_transform = [ORIGIN.0 + cols.start as f64, 1.0, 0.0, ORIGIN.1, 0.0, -1.0];
        let cells = cells.slice(s![.., cols]).to_owned();
        Dem { geo_transform, nodata, ..Dem::of(&cells) }.write::<f32>(&folder.path(name));
    };
    for nodata in [None, Some(-1.0)] {
        tile("a.tif", 0..20, nodata);
        tile("b.tif", 20..40, None);
        tile("c.tif", 40..60, None);
        let line = "svf_compute a.tif b.tif c.tif o.tif --overwrite --radius 5";
        let found = warned(&folder, line);
        assert_eq!(found.len(), 1, "{found:?}");
        let text = found[0].to_string();
        let option = if nodata.is_some() { "-1,-9999" } else { "-9999" };
        for word in [
            "have the value -9999 (all in c.tif); all other heights",
            &format!("use --input-nodata {option} to treat"),
            "to declare it in the file: gdal_edit.py -a_nodata -9999 c.tif\"",
        ] {
            assert!(text.contains(word), "lacks '{word}': {text}");
        }
    }
}

#[test]
fn values_too_large_for_a_height_are_missing_and_said() {
    let folder = Folder::new();
    let holed = |value: f64| {
        let mut cells = ground();
        cells.slice_mut(s![10..13, 20..24]).fill(value);
        cells
    };
    Dem::of(&holed(f64::NAN)).write::<f64>(&folder.path("right.tif"));
    Dem::of(&holed(-1.797e308)).write::<f64>(&folder.path("dem.tif"));
    let words =
        ["0.40 % of the cells of dem.tif have values that are too large for a height (up to \
         -1.797e308): they are treated as missing"];
    let data = assert_warned(&folder, "", "heights.too_large", &words);
    let args = json!({"share": "0.40 %", "largest": "-1.797e308", "of": "all"});
    assert_eq!(data["args"], args);
    assert_as(&folder, "dem.tif", "right.tif");
}

#[test]
fn a_raster_without_heights_is_said() {
    let folder = Folder::new();
    let words = ["no cell of dem.tif has a height: the result has NoData in every cell"];
    for side in [40, 600] {
        let nothing = Array2::from_elem((side, side), -9999.0);
        Dem { nodata: Some(-9999.0), ..Dem::of(&nothing) }.write::<f32>(&folder.path("dem.tif"));
        assert_warned(&folder, "-n 4", "heights.none", &words);
    }
}

#[test]
fn a_result_is_known_through_a_vrt() {
    let folder = Folder::new();
    Dem::of(&ground()).write::<f32>(&folder.path("a.tif"));
    folder.line(0, "svf_compute a.tif sky.tif --radius 5 -q");
    if !gdal_program(&folder, "gdalbuildvrt -q one.vrt sky.tif") {
        return;
    }
    gdal_program(&folder, "gdalbuildvrt -q two.vrt one.vrt");
    for name in ["one.vrt", "two.vrt"] {
        let found = warned(&folder, &format!("svf_compute {name} o.tif --overwrite --radius 5"));
        assert_eq!(found.len(), 1, "{found:?}");
        let message = format!("{name} is a result of svf_compute (svf), not an elevation raster");
        assert_eq!(found[0]["message"], message);
    }
}

/// A plateau above the sea: cells beside the sea are lower than those inland.
#[test]
fn cliffs_above_the_sea_are_no_nodata() {
    let folder = Folder::new();
    let path = folder.path("dem.tif");
    let land = |row: usize, col: usize| 110.0 + 2.0 * col as f64 + ((row * 7 + col) % 5) as f64;
    let coast = |row: usize| 15 + row * 7 % 6;
    let cliffs = Array2::from_shape_fn((50, 60), |(row, col)| {
        if col < coast(row) { 0.0 } else { land(row, col - coast(row)) }
    });
    Dem::of(&cliffs).write::<f32>(&path);
    assert_silent(&folder, "");
    // A city at 250 m, turned: the corners are empty.
    let city = Array2::from_shape_fn((50, 60), |(row, col)| {
        let is_corner = row + col < 20 || row + col > 90;
        if is_corner { 0.0 } else { 250.0 + ((row * 13 + col * 29) % 23) as f64 }
    });
    Dem::of(&city).write::<f32>(&path);
    assert_warned(&folder, "", "heights.nodata", &["have the value 0; all other heights"]);
}

#[test]
fn a_tiff_that_was_cut_short_is_incomplete() {
    let folder = Folder::new();
    let cells = terrain(200, 300, 1).mapv(f64::from);
    for options in [vec![], vec!["TILED=YES", "BLOCKXSIZE=64", "BLOCKYSIZE=64"]] {
        Dem { creation_options: options, ..Dem::of(&cells) }.write::<f32>(&folder.path("dem.tif"));
        let whole = fs::read(folder.path("dem.tif")).unwrap();
        let cut = whole.len() - 1000;
        fs::write(folder.path("cut.tif"), &whole[..cut]).unwrap();
        let bytes = format!("it has {cut} bytes of {}", whole.len());
        let run = folder.line(1, "svf_compute cut.tif o.tif --radius 5");
        run.assert_refused(1, &["the file is incomplete", &bytes, "copy or download it again"]);
        let run = folder.line(1, "svf_compute dem.tif cut.tif o.tif --radius 5");
        assert!(run.stderr.contains("cut.tif: the file is incomplete"), "{run}");
        assert!(run.stderr.contains(&bytes), "{run}");
    }
}

#[test]
fn vegetation_in_another_unit_is_not_that_above_sea_level() {
    let folder = Folder::new();
    let crowns = terrain(50, 60, 9).mapv(|z| if z > 110.0 { f64::from(z) / 9.0 } else { 0.0 });
    Dem::of(&ground().mapv(|z| z + 300.0)).write::<f32>(&folder.path("dem.tif"));
    for (factor, unit, back) in [(100.0, "cm", "0.01"), (10.0, "dm", "0.1")] {
        Dem::of(&crowns.mapv(|top| factor * top)).write::<f32>(&folder.path("trees.tif"));
        let hint = format!("if they are in {unit}, convert them to metres first: gdal_calc.py");
        let calc = format!("--calc=\\\"A*{back}\\\"");
        let words = ["higher than trees grow", &*hint, &*calc];
        assert_warned(&folder, "--canopy trees.tif", "canopy.heights", &words);
    }
}
