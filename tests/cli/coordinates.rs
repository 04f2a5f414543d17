//! What coordinates, heights and their units mean: known answers where the file says it
//! in its own way, a refusal or a warning where it does not.

use std::fs;
use std::path::Path;
use std::process::Command;

use gdal::spatial_ref::SpatialRef;
use gdal::{Dataset, DriverManager, Metadata};
use ndarray::{Array2, s};

use crate::support::{Dem, Folder, ORIGIN, can_write, item, kind, run, skip, terrain};

/// Blocks of a city, up to 30 high, on 60 x 70 cells.
fn city() -> Array2<f64> {
    let mut z =
        Array2::from_shape_fn((60, 70), |(row, col)| ((row * 7 + col * 13) % 10) as f64 / 40.0);
    for i in 0..14_usize {
        let (row, col) = (i * 23 % 52, i * 37 % 62);
        z.slice_mut(s![row..row + 4 + i % 4, col..col + 3 + i % 5])
            .fill(4.0 + (i * 11 % 27) as f64);
    }
    z
}

/// A raster of `cells` at (x, y) with square cells, under a CRS that GDAL understands.
#[track_caller]
fn write(path: &Path, cells: &Array2<f64>, (x, y): (f64, f64), step: f64, crs: &str) {
    let geo_transform = [x, step, 0.0, y, 0.0, -step];
    let mut dataset = Dem { geo_transform, epsg: None, ..Dem::of(cells) }.create::<f32>(path);
    if !crs.is_empty() {
        dataset.set_spatial_ref(&SpatialRef::from_definition(crs).unwrap()).unwrap();
    }
    dataset.close().unwrap();
}

/// The lines about a run: messages and hints.
fn said(folder: &Folder, words: &[&str]) -> String {
    folder.ok(&[words, &["--overwrite"]].concat()).stderr
}

/// The tiles of a plan of `input`, computed and joined to `joined.tif`.
#[track_caller]
fn join_tiles(folder: &Folder, input: &str, options: &str) -> serde_json::Value {
    let plan = (0..).map(|i| format!("plan{i}.json")).find(|name| !folder.path(name).exists());
    let plan = plan.unwrap();
    folder.line(0, &format!("svf_tile {input} {plan} --tile-size 64x64 {options}"));
    folder.line(0, &format!("svf_compute --plan {plan}"));
    folder.line(0, &format!("svf_mosaic {plan} joined.tif --overwrite"));
    serde_json::from_str(&fs::read_to_string(folder.path(&plan)).unwrap()).unwrap()
}

fn mean(cells: &Array2<f32>) -> f64 {
    cells.iter().map(|&v| f64::from(v)).sum::<f64>() / cells.len() as f64
}

#[test]
fn degrees_that_nobody_calls_so_are_refused() {
    let folder = Folder::new();
    let hills = terrain(60, 90, 1).mapv(f64::from);
    let refused = |name: &str, words: &[&str]| {
        let run = folder.svf(&[name, "out.tif", "--radius", "10px"]);
        let line = format!("gdal_translate -a_srs EPSG:4326 {name} in_degrees.tif");
        let all = ["look like degrees", "--plain-units", line.as_str()];
        run.assert_refused(1, &[&[name], words, &all].concat());
        let run = folder.svf(&[name, "out.tif", "--progress", "json"]);
        let events = run.events();
        assert_eq!(events.last().unwrap()["data"]["code"], "crs.looks_degrees", "{name}");
        // The commands that plan and that explain say the same.
        let run = run_tool(&folder, "svf_tile", &[name, "plan.json"]);
        run.assert_refused(1, &["look like degrees"]);
        let run = run_tool(&folder, "svf_profile", &["point", name, "--at-cell", "3,3"]);
        run.assert_refused(1, &["look like degrees"]);
        let section = ["section", name, "--from", "7.01,46.99", "--to", "7.06,46.96"];
        let run = run_tool(&folder, "svf_profile", &section);
        run.assert_refused(1, &["look like degrees", "--plain-units"]);
        assert!(!folder.path("out.tif").exists());
    };
    let third = 1.0 / 1200.0;
    write(&folder.path("srtm.tif"), &hills, (7.0, 47.0), third, "");
    refused("srtm.tif", &["it has no CRS", "x 7.0000 to 7.0750, y 46.9500 to 47.0000"]);
    write(&folder.path("west.tif"), &(hills.clone() / 10.0), (272.5, -33.0), 0.0003, "");
    refused("west.tif", &["it has no CRS"]);
    let world = hills.slice(s![..45, ..]).to_owned() * 40.0;
    write(&folder.path("world.tif"), &world, (-180.0, 90.0), 4.0, "");
    refused("world.tif", &["it has no CRS"]);
    // What drivers make up where there is no CRS is none either.
    write(
        &folder.path("local.tif"),
        &hills,
        (7.0, 47.0),
        third,
        "LOCAL_CS[\"Arbitrary\",UNIT[\"metre\",1]]",
    );
    refused("local.tif", &["its CRS is in metres"]);
    write(&folder.path("utm.tif"), &city(), (-87.49, 13.5), 0.0005, "EPSG:32616");
    refused("utm.tif", &["its CRS is in metres", "cell size 0.000500"]);
    write(&folder.path("feet.tif"), &city(), (-118.2, 34.0), 0.0005, "EPSG:2229");
    refused("feet.tif", &["its CRS is in US survey feet"]);
    let mut text =
        "ncols 90\nnrows 60\nxllcorner 7\nyllcorner 46\ncellsize 0.00083333333333\n".to_owned();
    for row in hills.rows() {
        text += &row.iter().map(f64::to_string).collect::<Vec<_>>().join(" ");
        text.push('\n');
    }
    fs::write(folder.path("srtm.asc"), text).unwrap();
    refused("srtm.asc", &["it has no CRS"]);
    // A body of its own has degrees of its own.
    write(&folder.path("moon.tif"), &hills, (7.0, 47.0), third, "+proj=eqc +R=1737400 +units=m");
    let run = folder.svf(&["moon.tif", "out.tif"]);
    run.assert_refused(1, &["-a_srs '+proj=longlat +a=1737400 +b=1737400' moon.tif"]);
}

fn run_tool(folder: &Folder, tool: &str, words: &[&str]) -> crate::support::Run {
    run(&mut folder.tool(tool, words), &[])
}

#[test]
fn netcdf_with_longitude_and_latitude_that_has_no_crs() {
    if !can_write("netCDF") {
        return skip("this GDAL writes no netCDF");
    }
    let folder = Folder::new();
    write(&folder.path("a.tif"), &terrain(60, 90, 1).mapv(f64::from), (7.0, 47.0), 0.001, "");
    let driver = DriverManager::get_driver_by_name("netCDF").unwrap();
    let options = gdal::raster::RasterCreationOptions::new();
    let copy = folder.open("a.tif").create_copy(&driver, folder.path("a.nc"), &options).unwrap();
    copy.close().unwrap();
    folder.svf(&["a.nc", "out.tif"]).assert_refused(1, &["a.nc", "look like degrees"]);
}

#[test]
fn plain_units_are_computed() {
    let folder = Folder::new();
    let hills = terrain(60, 90, 1).mapv(f64::from);
    let sides = |cells: &Array2<f64>, step: f64, origin: (f64, f64), crs: &str| {
        write(&folder.path("plain.tif"), cells, origin, step, crs);
        folder.ok(&["plain.tif", "plain_svf.tif", "--overwrite", "--radius", "10px", "-n", "8"]);
        // The same in metres, far from where degrees could be.
        write(&folder.path("far.tif"), &(cells / step), (5e5, 5e6), 1.0, "EPSG:32633");
        folder.ok(&["far.tif", "far_svf.tif", "--overwrite", "--radius", "10", "-n", "8"]);
        let (plain, far) = (folder.band("plain_svf.tif", 1), folder.band("far_svf.tif", 1));
        for (a, b) in plain.iter().zip(&far) {
            assert!((a - b).abs() < 1e-5, "{a} and {b}");
        }
    };
    let unit = &hills / hills.fold(0.0, |a: f64, &b| a.max(b));
    sides(&(&unit * 5.0), 1.0, (0.0, 60.0), "");
    sides(&(&unit * 300.0), 1.0, (0.0, 60.0), "");
    // Models in a laboratory: cells of a centimetre and of a millimetre.
    sides(&(&unit * 5.0), 0.01, (0.0, 0.6), "");
    sides(&(&unit * 0.4), 0.001, (0.0, 0.06), "");
    sides(&(&unit * 0.4), 0.001, (12.0, 48.0), "EPSG:32633");
    sides(&(&unit * 0.4), 0.001, (0.0, 0.06), "LOCAL_CS[\"table\",UNIT[\"metre\",1]]");
    // Holes that nobody declared are no relief.
    let mut holes = &unit * 5.0;
    holes.slice_mut(s![10..20, 10..20]).fill(-9999.0);
    write(&folder.path("holes.tif"), &holes, (0.0, 0.6), 0.01, "");
    folder.ok(&["holes.tif", "out.tif", "--radius", "10px", "--overwrite"]);
    // Degrees whose heights were turned into degrees.
    write(&folder.path("degrees.tif"), &hills, (7.0, 47.0), 0.001, "");
    let turned = ["--radius", "10px", "--z-factor", "0.000009", "--overwrite"];
    folder.ok(&[&["degrees.tif", "out.tif"], &turned[..]].concat());
    // Cells without coordinates.
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let mut bare =
        driver.create_with_band_type::<f32, _>(folder.path("bare.tif"), 90, 60, 1).unwrap();
    bare.set_description("no grid").unwrap();
    bare.close().unwrap();
    folder.ok(&["bare.tif", "out.tif", "--overwrite", "--radius", "10px"]);
}

/// Attributes of axes, as GDAL has them of netCDF files and of copies of these.
fn name_axes(folder: &Folder, name: &str, items: &[(&str, &str)]) {
    let open_flags = gdal::GdalOpenFlags::GDAL_OF_UPDATE;
    let options = gdal::DatasetOptions { open_flags, ..Default::default() };
    let mut dataset = Dataset::open_ex(folder.path(name), options).unwrap();
    for (key, value) in items {
        dataset.set_metadata_item(key, value, "").unwrap();
    }
    dataset.close().unwrap();
}

/// Large cells of low ground: only the axes say that they are of degrees.
#[test]
fn axes_that_are_called_degrees_are_degrees() {
    let folder = Folder::new();
    let hills = terrain(50, 60, 1).mapv(f64::from);
    let refused = |step: f64, items: &[(&str, &str)]| {
        write(&folder.path("dem.tif"), &hills, (7.0, 47.0), step, "");
        name_axes(&folder, "dem.tif", items);
        let run = folder.svf(&["dem.tif", "out.tif"]);
        let words = ["its axes say that its coordinates are degrees", "--plain-units"];
        run.assert_refused(1, &[&words[..], &["gdal_translate -a_srs EPSG:4326"]].concat());
        folder.ok(&["dem.tif", "out.tif", "--radius", "5px", "--plain-units", "--overwrite"]);
        fs::remove_file(folder.path("out.tif")).unwrap();
    };
    let units = [("lon#units", "degrees_east"), ("lat#units", "degrees_north")];
    refused(0.25, &units);
    refused(1.0, &units);
    refused(1.0, &[("a#standard_name", "longitude"), ("b#standard_name", "latitude")]);
    // Other variables can be in degrees, too.
    write(&folder.path("dem.tif"), &hills, (7.0, 47.0), 1.0, "");
    name_axes(&folder, "dem.tif", &[("wind#units", "degrees"), ("x#units", "m"), ("y#units", "m")]);
    folder.ok(&["dem.tif", "out.tif", "--radius", "5px"]);
    // A CRS counts more.
    write(&folder.path("dem.tif"), &hills, (7.0, 47.0), 1.0, "EPSG:4326");
    name_axes(&folder, "dem.tif", &units);
    folder.ok(&["dem.tif", "out.tif", "--overwrite", "--radius", "5px"]);
}

#[test]
fn kilometres_are_refused_as_degrees_are() {
    let folder = Folder::new();
    let hills = terrain(60, 90, 1).mapv(f64::from);
    let refused = |place: (f64, f64), step: f64, crs: &str, words: &[&str]| {
        write(&folder.path("km.tif"), &hills, place, step, crs);
        let run = folder.svf(&["km.tif", "out.tif"]);
        let all = ["cannot use km.tif", "its coordinates look like kilometres", "--plain-units"];
        run.assert_refused(1, &[&all[..], words].concat());
        let event = folder.svf(&["km.tif", "out.tif", "--progress", "json"]).events();
        assert_eq!(event.last().unwrap()["data"]["code"], "crs.looks_kilometres");
        folder.ok(&["km.tif", "out.tif", "--radius", "5px", "--plain-units", "-q"]);
        fs::remove_file(folder.path("out.tif")).unwrap();
    };
    let metres = "gdal_translate -a_ullr 500000 4650120 500180 4650000 km.tif in_metres.tif";
    let crs = "its CRS is in metres";
    refused((500.0, 4650.12), 0.002, "EPSG:32633", &[crs, metres, "cell size 0.002000"]);
    refused((500.0, 4650.12), 0.002, "", &["it has no CRS", metres]);
    // Small ground in metres, and cells of a kilometre.
    for (place, step, relief) in [((5e5, 4.65e6), 0.002, 0.002), ((500.0, 4650.0), 1.0, 1.0)] {
        write(&folder.path("dem.tif"), &(&hills * relief), place, step, "EPSG:32633");
        folder.ok(&["dem.tif", "out.tif", "--radius", "5px", "--overwrite"]);
    }
    // The axes say it, of ground that is not steep: so are the heights and the radius.
    write(&folder.path("dem.tif"), &(&hills * 0.01), (500.0, 4650.0), 0.03, "");
    name_axes(&folder, "dem.tif", &[("x#units", "km"), ("y#units", "km")]);
    let text = said(&folder, &["dem.tif", "out.tif", "--radius", "5px"]);
    assert!(text.contains("its axes are in km: heights (after --z-factor) and --radius"), "{text}");
}

/// `u.vrt`, which is `dem.tif` with a unit of the band; none where it is empty.
fn set_unit(folder: &Folder, unit: &str) {
    let driver = DriverManager::get_driver_by_name("VRT").unwrap();
    let options = gdal::raster::RasterCreationOptions::new();
    let path = folder.path("u.vrt");
    folder.open("dem.tif").create_copy(&driver, &path, &options).unwrap().close().unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let (before, band) = text.split_once("<VRTRasterBand").unwrap();
    let (start, band) = band.split_once('>').unwrap();
    let band = match (band.find("<UnitType>"), band.find("</UnitType>")) {
        (Some(from), Some(to)) => band[..from].to_owned() + &band[to + "</UnitType>".len()..],
        _ => band.to_owned(),
    };
    let unit = if unit.is_empty() { String::new() } else { format!("<UnitType>{unit}</UnitType>") };
    fs::write(&path, format!("{before}<VRTRasterBand{start}>{unit}{band}")).unwrap();
}

/// No zone of UTM holds all longitudes.
#[test]
fn all_longitudes_near_a_pole_are_projected_around_it() {
    let folder = Folder::new();
    for (top, pole) in [(90.0, "+lat_0=90.0000"), (-60.0, "+lat_0=-90.0000")] {
        write(&folder.path("dem.tif"), &Array2::zeros((30, 360)), (-180.0, top), 1.0, "EPSG:4326");
        let run = folder.svf(&["dem.tif", "o.tif", "--radius", "1000000"]);
        run.assert_refused(1, &["would miss their azimuth", "gdalwarp -t_srs '+proj=stere", pole]);
    }
}

#[test]
fn a_band_and_a_vertical_crs_that_differ_are_said() {
    let folder = Folder::new();
    let text = |unit: &str, crs: &str, options: &[&str]| {
        write(&folder.path("dem.tif"), &city(), ORIGIN, 1.0, crs);
        set_unit(&folder, unit);
        said(&folder, &[&["u.vrt", "out.tif", "--radius", "20"], options].concat())
    };
    for (unit, metres) in [("cm", "0.01"), ("ft", "0.3048"), ("US survey foot", "0.304800609")] {
        let said = text(unit, "EPSG:32633+5703", &[]);
        let short = &metres[..metres.len().min(9)];
        for words in [
            format!("band 1 of u.vrt is in units of {short}"),
            "but its vertical CRS is in units of 1 m: the CRS counts".to_owned(),
            format!("if the unit of the band is right, add --z-factor {short}"),
        ] {
            assert!(said.contains(&words), "lacks '{words}': {said}");
        }
        assert!(!text(unit, "EPSG:32633+5703", &["--z-factor", metres]).contains("counts"));
    }
    for same in ["m", "metre", "", "klafter"] {
        assert!(!text(same, "EPSG:32633+5703", &[]).contains("counts"), "{same}");
    }
    assert!(
        text("m", "EPSG:32633+6360", &[]).contains("is in units of 0.3048006"),
        "feet of the CRS"
    );
    // Cells of an unknown length.
    for (unit, metres) in [("ft", "0.3048"), ("cm", "0.01"), ("yard", "0.9144")] {
        let said = text(unit, "", &[]);
        let words =
            format!("heights of u.vrt are in units of {metres} m, but the unit of its cells");
        assert!(said.contains(&words), "{said}");
        assert!(
            said.contains(&format!("if cells are in metres, add --z-factor {metres}")),
            "{said}"
        );
        assert!(!text(unit, "", &["--z-factor", metres]).contains("in units of"));
    }
    assert!(!text("m", "", &[]).contains("in units of"), "metres are usual");
    // The axes tell their length.
    write(&folder.path("dem.tif"), &city(), ORIGIN, 1.0, "");
    name_axes(&folder, "dem.tif", &[("x#units", "m"), ("y#units", "m")]);
    set_unit(&folder, "ft");
    let said = said(&folder, &["u.vrt", "out.tif", "--radius", "20"]);
    assert!(
        said.contains("heights of u.vrt are in units of 0.3048 m, but cells are in m"),
        "{said}"
    );
    assert!(said.contains("add --z-factor 0.3048 to convert them to m"), "{said}");
}

#[test]
fn an_option_says_that_units_are_plain() {
    let folder = Folder::new();
    let hills = terrain(60, 90, 1).mapv(f64::from);
    write(&folder.path("plain.tif"), &hills, (7.0, 47.0), 0.001, "");
    let options = ["--radius", "10px", "-n", "8", "--plain-units"];
    folder.ok(&[&["plain.tif", "plain_svf.tif"], &options[..]].concat());
    write(&folder.path("far.tif"), &(&hills * 1000.0), (5e5, 5e6), 1.0, "EPSG:32633");
    folder.ok(&["far.tif", "far_svf.tif", "--radius", "10", "-n", "8"]);
    let (plain, far) = (folder.band("plain_svf.tif", 1), folder.band("far_svf.tif", 1));
    assert!(plain.iter().zip(&far).all(|(a, b)| (a - b).abs() < 1e-5));
    // A plan remembers, and is the same plan with the option and without it.
    let tile = run_tool(&folder, "svf_tile", &[&["plain.tif", "plan.json"], &options[..]].concat());
    assert_eq!(tile.code, Some(0), "{tile}");
    folder.line(0, "svf_compute --plan plan.json");
    folder.line(0, "svf_mosaic plan.json joined.tif");
    assert_eq!(folder.band("joined.tif", 1), plain);
    // A section is as long as its coordinates say: 0.05 units in ten steps.
    let line = "svf_profile section plain.tif --from 7.01,46.99 --to 7.06,46.99 --steps 10 \
                --format csv --plain-units";
    let section = folder.line(0, line).text();
    let last: Vec<f64> =
        section.lines().last().unwrap().split(',').map(|n| n.parse().unwrap()).collect();
    assert_eq!(last[0], 10.0, "{section}");
    assert!((last[1] - 0.05).abs() < 1e-9, "{section}");
}

#[test]
fn a_canyon_on_a_map_that_stretches_lengths() {
    let folder = Folder::new();
    // Walls of 20 m, 21 m apart, at 60 degrees north: once true to scale, once on a Mercator map.
    let mut canyon = Array2::from_elem((101, 101), 20.0);
    canyon.slice_mut(s![.., 40..61]).fill(0.0);
    let k = 1.0 / 60.0_f64.to_radians().cos();
    let y = 6_378_137.0 * (std::f64::consts::FRAC_PI_4 + 30.0_f64.to_radians()).tan().ln();
    write(&folder.path("utm.tif"), &canyon, (5e5, 6_651_000.0), 1.0, "EPSG:32632");
    write(&folder.path("mercator.tif"), &canyon, (1e6, y), k, "EPSG:3857");
    let sky = |name: &str, options: &[&str]| {
        let run = folder.ok(&[&[name, "out.tif", "--overwrite", "-n", "32"], options].concat());
        (f64::from(folder.band("out.tif", 1)[(50, 50)]), run.stderr)
    };
    let (right, quiet) = sky("utm.tif", &["--radius", "50"]);
    assert!(!quiet.contains("the map projection of"), "{quiet}");
    let radius = (50.0 * k).to_string();
    let (wrong, warned) = sky("mercator.tif", &["--radius", &radius]);
    assert!(wrong > right + 0.1, "{wrong}, {right}");
    let line = "warning: the map projection of mercator.tif changes lengths: in the middle of \
                the raster they are 1.99";
    assert!(warned.contains(line), "{warned}");
    let (_, hint) = warned.split_once("hint: add --z-factor ").unwrap();
    let factor = hint.split(' ').next().unwrap();
    assert!((factor.parse::<f64>().unwrap() - k).abs() < 0.01, "{warned}");
    assert!(warned.contains("--radius (in map units) by 1.99"), "{warned}");
    assert!(
        warned.contains(
            "gdalwarp -t_srs EPSG:32632 -r bilinear -ot Float32 -dstnodata -9999 mercator.tif"
        ),
        "{warned}"
    );
    let (mended, quiet) = sky("mercator.tif", &["--radius", &radius, "--z-factor", factor]);
    assert!((mended - right).abs() < 0.001, "{mended}, {right}");
    assert!(!quiet.contains("the map projection of"), "{quiet}");
    let run = folder.ok(&["mercator.tif", "out.tif", "--overwrite", "--progress", "json"]);
    let is_scale = |event: &serde_json::Value| event["data"]["code"] == "crs.scale";
    assert!(run.events().iter().any(|event| kind(event) == "warning" && is_scale(event)));
}

#[test]
fn maps_are_told_by_their_scale_not_by_their_name() {
    let folder = Folder::new();
    let flat = Array2::zeros((20, 20));
    let told = |crs: &str, place: (f64, f64)| {
        write(&folder.path("map.tif"), &flat, place, 10.0, crs);
        said(&folder, &["map.tif", "out.tif", "--radius", "5px"])
    };
    for (crs, place) in [
        ("EPSG:32633", (3e5, 5e6)),
        ("EPSG:25832", (6e5, 5.5e6)),
        ("EPSG:2056", (2.6e6, 1.2e6)),
        ("EPSG:2154", (7e5, 6.6e6)),
        ("EPSG:27572", (6e5, 2.4e6)),
        ("EPSG:27700", (4e5, 3e5)),
        ("EPSG:3035", (4.3e6, 3.2e6)),
        ("EPSG:3857", (1e5, 1e5)),
        ("LOCAL_CS[\"site\",UNIT[\"metre\",1]]", (3e5, 5e6)),
    ] {
        let quiet = told(crs, place);
        assert!(!quiet.contains("the map projection of"), "{crs}: {quiet}");
    }
    let text = told("+proj=merc +lat_ts=0 +datum=WGS84 +units=m", (1e6, 3.5e6));
    assert!(text.contains("they are 1.15"), "{text}");
    // Plate Carree at 60 degrees, and a map of equal areas: twice as long along x.
    let text = told("+proj=eqc +R=6371000 +units=m", (1e6, 6_671_796.0));
    assert!(
        text.contains("they are 2.00") && text.contains("along x, and 1.0000 times along y"),
        "{text}"
    );
    assert!(
        text.contains("--z-factor cannot correct this; project it first: gdalwarp -t_srs EPSG:32"),
        "{text}"
    );
    let text = told("+proj=cea +R=6371000 +units=m", (1e6, 5_517_448.0));
    assert!(text.contains("along x, and 0.5"), "{text}");
    let text = told("+proj=sinu +R=6371007.181 +units=m", (5e6, 5e6));
    assert!(text.contains("in one direction") && text.contains("across it"), "{text}");
    // Nothing of the Earth's is offered for the Moon.
    let text = told("+proj=merc +R=1737400 +units=m", (1e5, 2e6));
    assert!(text.contains("-t_srs '+proj=stere +lat_0="), "{text}");
    assert!(!text.contains("EPSG:"), "{text}");
}

#[test]
fn feet_on_a_mercator_map_have_one_factor() {
    let folder = Folder::new();
    write(&folder.path("dem.tif"), &Array2::zeros((20, 20)), (1e6, 8e6), 10.0, "EPSG:3857+6360");
    let text = said(&folder, &["dem.tif", "out.tif", "--radius", "5px"]);
    let factors: Vec<f64> = text
        .match_indices("--z-factor ")
        .filter_map(|(at, word)| {
            let rest = &text[at + word.len()..];
            rest.split([' ', ',']).next().unwrap().trim().parse().ok()
        })
        .collect();
    assert_eq!(factors.len(), 2, "{text}");
    assert!((factors[0] - factors[1]).abs() < 1e-4, "{text}");
    let mended = said(
        &folder,
        &["dem.tif", "out.tif", "--radius", "5px", "--z-factor", &factors[1].to_string()],
    );
    assert!(!mended.contains("--z-factor"), "{mended}");
}

#[test]
fn a_unit_of_the_crs_without_a_name_is_its_length() {
    let folder = Folder::new();
    write(&folder.path("dem.tif"), &city(), ORIGIN, 1.0, "+proj=utm +zone=32 +to_meter=2");
    let said = said(&folder, &["dem.tif", "out.tif", "--radius", "20"]);
    assert!(said.contains("the CRS of dem.tif is in units of 2 m, not metres"), "{said}");
    assert!(said.contains("are assumed to be in units of 2 m, too"), "{said}");
}

#[test]
fn depths_are_heights_upside_down() {
    let folder = Folder::new();
    let heights = city();
    write(&folder.path("up.tif"), &heights, ORIGIN, 1.0, "EPSG:25832");
    let depths = heights.mapv(|z| 40.0 - z);
    write(&folder.path("crs.tif"), &depths, ORIGIN, 1.0, "EPSG:25832+5715");
    write(&folder.path("attribute.tif"), &depths, ORIGIN, 1.0, "EPSG:25832");
    let dataset = Dataset::open_ex(
        folder.path("attribute.tif"),
        gdal::DatasetOptions {
            open_flags: gdal::GdalOpenFlags::GDAL_OF_UPDATE,
            ..Default::default()
        },
    )
    .unwrap();
    dataset.rasterband(1).unwrap().set_metadata_item("positive", "down", "").unwrap();
    dataset.close().unwrap();
    let options = ["--overwrite", "--radius", "20", "--measure", "svf,openness-negative"];
    folder.ok(&[&["up.tif", "right.tif"], &options[..]].concat());
    for (name, words) in [
        ("crs.tif", "crs.tif holds depths (the vertical axis of its CRS points down)"),
        ("attribute.tif", "attribute.tif holds depths (its attribute 'positive' says down)"),
    ] {
        let run = folder.ok(&[&[name, "out.tif"], &options[..]].concat());
        assert!(run.stderr.contains(words), "{run}");
        assert!(!run.stderr.contains("as the file says"), "{run}");
        let mend = match name {
            "crs.tif" => "first: gdal_translate -a_srs EPSG:25832 crs.tif heights.tif",
            _ => "first: remove the attribute 'positive' of the band",
        };
        assert!(run.stderr.contains(mend), "{run}");
        for band in [1, 2] {
            let (a, b) = (folder.band("out.tif", band), folder.band("right.tif", band));
            assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-4), "{name}, band {band}");
        }
        let scale = item(&folder.open("out.tif"), "SVF_INPUT_SCALE_OFFSET", "");
        assert_eq!(scale.as_deref(), Some("-1 0"));
        // A plan, and a point, are of the same heights.
        join_tiles(&folder, name, "--radius 20");
        assert_eq!(folder.band("joined.tif", 1), folder.band("out.tif", 1));
        let point = folder.line(
            0,
            &format!(
                "svf_profile point {name} --at-cell 30,33 --radius 20 --measure svf --format csv"
            ),
        );
        let svf = f64::from(folder.band("out.tif", 1)[(30, 33)]);
        assert!(point.text().contains(&svf.to_string()), "{svf}: {point}");
        let line = format!("svf_profile section {name} --from 500000,4649990 --to 500010,4649990");
        let section = folder.line(0, &line);
        assert!(section.stderr.contains("holds depths"), "{section}");
        assert!(section.text().contains("\"height\":-"), "{section}");
    }
    // The statistics of the file are those of depths.
    let range = "STATISTICS_MINIMUM";
    let dataset = Dataset::open_ex(
        folder.path("crs.tif"),
        gdal::DatasetOptions {
            open_flags: gdal::GdalOpenFlags::GDAL_OF_UPDATE,
            ..Default::default()
        },
    )
    .unwrap();
    let mut band = dataset.rasterband(1).unwrap();
    band.set_metadata_item(range, "10", "").unwrap();
    band.set_metadata_item("STATISTICS_MAXIMUM", "40", "").unwrap();
    dataset.close().unwrap();
    let plan = folder.ok(&["crs.tif", "--dry-run", "--radius", "20"]);
    assert!(plan.text().contains("\"relief\": 30"), "{plan}");
}

#[test]
fn what_was_turned_already_is_not_turned_again() {
    let folder = Folder::new();
    write(&folder.path("up.tif"), &city(), ORIGIN, 1.0, "EPSG:25832");
    write(&folder.path("down.tif"), &city().mapv(|z| 40.0 - z), ORIGIN, 1.0, "EPSG:25832+5715");
    folder.ok(&["up.tif", "right.tif", "--radius", "20"]);
    // A file that does not say it: the way out is named, and works.
    write(&folder.path("silent.tif"), &city().mapv(|z| 40.0 - z), ORIGIN, 1.0, "EPSG:25832");
    let run = folder.svf(&["silent.tif", "out.tif", "--radius", "20", "--z-factor", "-1"]);
    let line = "gdal_translate -of VRT -a_scale -1 silent.tif upright.vrt";
    run.assert_refused(2, &["z factor", "positive", line]);
    for name in ["silent.tif", "down.tif"] {
        let words = ["-q", "-of", "VRT", "-a_scale", "-1", name, "upright.vrt"];
        let made = Command::new("gdal_translate").current_dir(folder.work()).args(words).status();
        if !made.is_ok_and(|status| status.success()) {
            return skip("no GDAL programs here");
        }
        let run = folder.ok(&["upright.vrt", "out.tif", "--overwrite", "--radius", "20"]);
        assert!(!run.stderr.contains("depths"), "{run}");
        let (a, b) = (folder.band("out.tif", 1), folder.band("right.tif", 1));
        assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-4), "{name}");
    }
    let run =
        folder.svf(&["down.tif", "out.tif", "--overwrite", "--radius", "20", "--z-factor", "-1"]);
    assert_eq!(run.code, Some(2), "{run}");
    assert!(run.stderr.contains("already converted to heights: use --z-factor 1"), "{run}");
    // Vegetation above ground has no datum.
    let trees = Array2::from_elem((60, 70), 5.0);
    write(&folder.path("trees.tif"), &trees, ORIGIN, 1.0, "EPSG:25832+5715");
    write(&folder.path("plain_trees.tif"), &trees, ORIGIN, 1.0, "EPSG:25832");
    for (canopy, output) in [("trees.tif", "a.tif"), ("plain_trees.tif", "b.tif")] {
        folder.ok(&["up.tif", output, "--radius", "20", "--canopy", canopy]);
    }
    assert_eq!(folder.band("a.tif", 1), folder.band("b.tif", 1));
    assert!(mean(&folder.band("a.tif", 1)) < 0.2, "there is a canopy");
}

#[test]
fn curvature_is_that_of_the_body() {
    let folder = Folder::new();
    // A ridge of 200 m on the Moon, 100 m cells, seen from the west.
    let mut ridge = Array2::zeros((5, 320));
    ridge.column_mut(300).fill(200.0);
    let stere = "+proj=stere +lat_0=-90 +lon_0=0 +k=1 +R=1737400 +units=m +no_defs";
    write(&folder.path("moon.tif"), &ridge, (0.0, 0.0), 100.0, stere);
    let options = "--overwrite --measure horizon --signed -n 4 --radius 40000 --curvature";
    let east = |input: &str, more: &str| {
        let run = folder.line(0, &format!("svf_compute {input} out.tif {options} {more}"));
        (folder.band("out.tif", 2), run.stderr, folder.open("out.tif"))
    };
    let angle = |d: f64, radius: f64, refraction: f64| {
        ((200.0 - (1.0 - refraction) * d * d / (2.0 * radius)) / d).atan().to_degrees()
    };
    // On the Moon: 2.2083, 0.9809, 0.2432, -0.0830 degrees.
    for (more, refraction) in [("", 0.0), ("--refraction 0", 0.0), ("--refraction 0.13", 0.13)] {
        let (cells, said, out) = east("moon.tif", more);
        for d in [5000.0, 10_000.0, 20_000.0, 29_000.0] {
            let seen = f64::from(cells[(2, 300 - (d / 100.0) as usize)]);
            // Of the ground before the ridge the nearest is the highest.
            let right = angle(d, 1_737_400.0, refraction);
            let near = (-(1.0 - refraction) * 100.0 / (2.0 * 1_737_400.0)).atan().to_degrees();
            assert!((seen - right.max(near)).abs() < 1e-4, "{d}: {seen}, expected {right}");
        }
        assert!(
            said.contains(
                "moon.tif is not on the Earth: --curvature uses the radius of its CRS, 1737.4 km"
            ),
            "{said}"
        );
        assert_eq!(said.contains("and no refraction"), more.is_empty(), "{said}");
        assert_eq!(item(&out, "SVF_REFRACTION", "").unwrap(), refraction.to_string());
        assert_eq!(item(&out, "SVF_CURVATURE_RADIUS", "").unwrap(), "1737400");
    }
    // The same in degrees on its sphere: cells of 100 m along the equator.
    let step = (100.0 / 1_737_400.0_f64).to_degrees();
    write(
        &folder.path("degrees.tif"),
        &ridge,
        (10.0, 2.5 * step),
        step,
        "+proj=longlat +R=1737400 +no_defs",
    );
    let (cells, said, _) = east("degrees.tif", "");
    let seen = f64::from(cells[(2, 200)]);
    assert!((seen - angle(10_000.0, 1_737_400.0, 0.0)).abs() < 1e-4, "{seen}");
    assert!(said.contains("1737.4 km"), "{said}");
    // Mars is no sphere: (2 a + b) / 3.
    write(
        &folder.path("mars.tif"),
        &ridge,
        (0.0, 0.0),
        100.0,
        "+proj=stere +lat_0=90 +a=3396190 +b=3376200 +units=m",
    );
    let (cells, _, out) = east("mars.tif", "");
    let radius = (2.0 * 3_396_190.0 + 3_376_200.0) / 3.0;
    let seen = f64::from(cells[(2, 200)]);
    assert!((seen - angle(10_000.0, radius, 0.0)).abs() < 1e-4, "{seen}");
    assert!(item(&out, "SVF_CURVATURE_RADIUS", "").unwrap().starts_with("3389526.6"));
    // On the Earth, with a CRS and without, nothing of it is said.
    for (name, crs) in [
        ("earth.tif", "EPSG:32633"),
        ("sphere.tif", "+proj=laea +lat_0=42 +lon_0=15 +R=6370997 +units=m"),
        ("none.tif", ""),
    ] {
        write(&folder.path(name), &ridge, (5e5, 4.65e6), 100.0, crs);
        let (cells, said, out) = east(name, "");
        let seen = f64::from(cells[(2, 200)]);
        assert!((seen - angle(10_000.0, 6_371_000.0, 0.13)).abs() < 1e-4, "{name}: {seen}");
        assert!(!said.contains("of the Earth"), "{said}");
        assert_eq!(item(&out, "SVF_REFRACTION", "").unwrap(), "0.13");
    }
}

#[test]
fn a_plan_keeps_the_refraction_that_it_was_made_with() {
    let folder = Folder::new();
    let hills = terrain(30, 40, 3).mapv(f64::from);
    let stere = "+proj=stere +lat_0=-90 +lon_0=0 +k=1 +R=1737400 +units=m +no_defs";
    write(&folder.path("moon.tif"), &hills, (0.0, 0.0), 100.0, stere);
    write(&folder.path("earth.tif"), &hills, ORIGIN, 100.0, "EPSG:32633");
    for (name, refraction) in [("moon.tif", 0.0), ("earth.tif", 0.13)] {
        let plan = join_tiles(&folder, name, "--radius 3000 --curvature");
        assert_eq!(plan["identity"]["options"]["refraction"], refraction, "{name}");
        folder.line(
            0,
            &format!("svf_compute {name} whole.tif --overwrite --radius 3000 --curvature"),
        );
        assert_eq!(folder.band("joined.tif", 1), folder.band("whole.tif", 1), "{name}");
    }
    // And without curvature it is what it always was.
    let plan = join_tiles(&folder, "moon.tif", "--radius 3000");
    assert_eq!(plan["identity"]["options"]["refraction"], 0.13);
    assert!(plan["identity"]["options"].get("plain_units").is_none());
}

/// A VRT over `dem.tif` whose band is in some unit.
fn write_in_unit(folder: &Folder, name: &str, unit: &str) {
    let vrt = format!(
        "<VRTDataset rasterXSize=\"40\" rasterYSize=\"30\"><SRS>EPSG:25832</SRS>\
         <GeoTransform>500000, 1, 0, 4650000, 0, -1</GeoTransform>\
         <VRTRasterBand dataType=\"Float32\" band=\"1\"><UnitType>{unit}</UnitType>\
         <SimpleSource><SourceFilename relativeToVRT=\"1\">dem.tif</SourceFilename>\
         </SimpleSource></VRTRasterBand></VRTDataset>"
    );
    fs::write(folder.path(name), vrt).unwrap();
}

#[test]
fn units_of_heights_by_the_names_that_files_use() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(30, 40, 5));
    let told = |unit: &str, more: &[&str]| {
        write_in_unit(&folder, "unit.vrt", unit);
        said(&folder, &[&["unit.vrt", "out.tif", "--radius", "5px"], more].concat())
    };
    for (unit, factor) in [
        ("US_survey_foot", "0.304800610"),
        ("Foot_US", "0.304800610"),
        ("US feet", "0.304800610"),
        ("[ft_us]", "0.304800610"),
        ("yard", "0.9144"),
        ("decimeters", "0.1"),
        ("Fathoms", "1.8288"),
        ("kilometers", "1000"),
        ("ft (NAVD88)", "0.3048"),
    ] {
        let text = told(unit, &[]);
        assert!(text.contains("heights of unit.vrt are in units of "), "{unit}: {text}");
        let hint =
            format!("hint: add --z-factor {}", factor.trim_end_matches('0').trim_end_matches('.'));
        let hint = if factor == "1000" { "hint: add --z-factor 1000".to_owned() } else { hint };
        assert!(text.contains(&hint), "{unit}: {text}");
        let mended = told(unit, &["--z-factor", factor]);
        assert!(!mended.contains("are in units of"), "{unit}: {mended}");
    }
    let text = told("cubit", &[]);
    let line = "the heights of unit.vrt are in \"cubit\", an unknown unit: they are assumed \
                to be in metres";
    assert!(text.contains(line), "{text}");
    assert_eq!(
        item(&folder.open("out.tif"), "SVF_HEIGHT_UNIT", "").unwrap(),
        "cubit, as the input says"
    );
    assert!(!told("cubit", &["--z-factor", "0.4572"]).contains("cubit"));
    for unit in ["degrees", "m/s", "percent", "K", "m2 s-2"] {
        let text = told(unit, &["--z-factor", "2"]);
        let line = format!("band 1 of unit.vrt is in \"{unit}\", which is not a unit of length");
        assert!(text.contains(&line), "{text}");
    }
    for unit in ["m", "metre", "Meters", "[m]", "", "unknown", "m above sea level"] {
        let text = told(unit, &[]);
        assert!(!text.contains("warning"), "{unit}: {text}");
    }
    // Of vegetation as well.
    write_in_unit(&folder, "canopy.vrt", "decimeters");
    let text = said(&folder, &["dem.tif", "out.tif", "--radius", "5px", "--canopy", "canopy.vrt"]);
    assert!(text.contains("heights of canopy.vrt are in units of 0.1 m"), "{text}");
    // --z-factor would turn the ground, too.
    assert!(text.contains("canopy.vrt --outfile=same_unit.tif --type=Float32 --calc=\"A*0.1\""));
    assert!(!text.contains("add --z-factor"), "{text}");
    write_in_unit(&folder, "canopy.vrt", "percent");
    write_in_unit(&folder, "trunk.vrt", "cubit");
    let words =
        ["dem.tif", "out.tif", "--radius", "5px", "--canopy", "canopy.vrt", "--trunk", "trunk.vrt"];
    let text = said(&folder, &words);
    assert!(text.contains("band 1 of canopy.vrt is in \"percent\""), "{text}");
    assert!(text.contains("the heights of trunk.vrt are in \"cubit\""), "{text}");
}

#[test]
fn shear_that_moves_no_cell_is_none() {
    let folder = Folder::new();
    let heights = city();
    write(&folder.path("right.tif"), &heights, ORIGIN, 1.0, "EPSG:32633");
    folder.ok(&["right.tif", "expected.tif", "--radius", "10"]);
    let expected = folder.band("expected.tif", 1);
    for shear in [1.2345e-16, 1e-12, -1e-6] {
        let geo_transform = [ORIGIN.0, 1.0, shear, ORIGIN.1, shear, -1.0];
        Dem { geo_transform, ..Dem::of(&heights) }.write::<f32>(&folder.path("dem.tif"));
        let text =
            said(&folder, &["dem.tif", "out.tif", "--radius", "10", "--canopy", "right.tif"]);
        assert!(!text.contains("another CRS"), "{text}");
        folder.ok(&["dem.tif", "out.tif", "--overwrite", "--radius", "10"]);
        assert_eq!(folder.band("out.tif", 1), expected, "{shear}");
        let written = folder.open("out.tif").geo_transform().unwrap();
        assert_eq!(written, [ORIGIN.0, 1.0, 0.0, ORIGIN.1, 0.0, -1.0]);
        join_tiles(&folder, "dem.tif", "--radius 10");
        assert_eq!(folder.band("joined.tif", 1), expected, "{shear}");
        assert_eq!(folder.open("joined.tif").geo_transform().unwrap(), written);
        let point = folder.line(0, "svf_profile point dem.tif --at 500030.5,4649969.5 --radius 10");
        assert!(point.text().contains("\"row\":30"), "{point}");
        // Rasters of other programs join as well.
        fs::write(folder.path("list.txt"), "dem.tif\n").unwrap();
        folder.line(0, "svf_mosaic --input-list list.txt copy.tif --overwrite");
        assert_eq!(folder.open("copy.tif").geo_transform().unwrap(), written);
    }
    // Over the whole raster it is a thousandth of a cell and more.
    let geo_transform = [ORIGIN.0, 1.0, 2e-5, ORIGIN.1, 0.0, -1.0];
    Dem { geo_transform, ..Dem::of(&heights) }.write::<f32>(&folder.path("dem.tif"));
    folder.svf(&["dem.tif", "none.tif"]).assert_refused(1, &["rotated or sheared", "gdalwarp"]);
}

#[test]
fn half_a_turn_is_no_rotation() {
    let folder = Folder::new();
    let heights = city();
    write(&folder.path("right.tif"), &heights, ORIGIN, 1.0, "EPSG:32633");
    folder.ok(&["right.tif", "expected.tif", "--radius", "10", "--measure", "svf,svf-north"]);
    let (x, y) = (ORIGIN.0 + 70.0, ORIGIN.1 - 60.0);
    // As cos and sin of 180 degrees make it.
    let geo_transform = [x, -1.0, 1.2e-16, y, 1.2e-16, 1.0];
    let turned = heights.slice(s![..;-1, ..;-1]).to_owned();
    Dem { geo_transform, ..Dem::of(&turned) }.write::<f32>(&folder.path("turned.tif"));
    folder.ok(&["turned.tif", "out.tif", "--radius", "10", "--measure", "svf,svf-north"]);
    for band in [1, 2] {
        let cells = folder.band("out.tif", band).slice(s![..;-1, ..;-1]).to_owned();
        let expected = folder.band("expected.tif", band);
        assert!(cells.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-5), "band {band}");
    }
}

#[test]
fn swapped_coordinates_are_suspected() {
    let folder = Folder::new();
    // At 47.1 N, 120.5 E: a latitude of 120.5 does not exist.
    write(&folder.path("utm.tif"), &city(), ORIGIN, 1.0, "EPSG:32633");
    let mut far = Dem::of(&city());
    (far.epsg, far.geo_transform) = (Some(32651), [310_260.0, 1.0, 0.0, 5_219_340.0, 0.0, -1.0]);
    far.write::<f32>(&folder.path("far.tif"));
    let told = |line: &str, code: i32, words: &[&str]| {
        let run = folder.line(code, line);
        words
            .iter()
            .for_each(|word| assert!(run.stderr.contains(word), "{line}: lacks {word}: {run}"));
    };
    let hint = "hint: are x and y swapped? --at 500030.5,4649969.5 is inside the raster";
    told("svf_profile point utm.tif --at 4649969.5,500030.5", 2, &["is outside utm.tif", hint]);
    // The middle of utm.tif, in degrees.
    let (lon, lat) = (15.000_423, 42.001_745);
    let degrees = "--crs EPSG:4326";
    let inside = folder
        .line(0, &format!("svf_profile point utm.tif --at {lon},{lat} {degrees} --measure svf"));
    assert!(inside.text().contains("\"row\""), "{inside}");
    let hint = format!("hint: are x and y swapped? --at {lon},{lat} is inside the raster");
    told(&format!("svf_profile point utm.tif --at {lat},{lon} {degrees}"), 2, &[&hint]);
    let (lon, lat) = (120.5, 47.1);
    let run = run_tool(
        &folder,
        "svf_profile",
        &["point", "far.tif", "--at", "120.5,47.1", "--crs", "EPSG:4326"],
    );
    assert_eq!(run.code, Some(0), "{run}");
    let hint = format!("hint: are x and y swapped? --at {lon},{lat} is inside the raster");
    told(&format!("svf_profile point far.tif --at {lat},{lon} {degrees}"), 2, &[&hint]);
    told("svf_profile point utm.tif --at-cell 5,65", 0, &[]);
    let hint = "hint: are row and column swapped? Use --at-cell 5,65";
    told("svf_profile point utm.tif --at-cell 65,5", 2, &["is outside utm.tif", hint]);
    // Nothing is suspected of a point that is far away either way.
    let run = folder.line(2, "svf_profile point utm.tif --at 1,2");
    assert!(!run.stderr.contains("swapped"), "{run}");
    fs::write(folder.path("a.csv"), "x,y\n4649969.5,500030.5\n4649968.5,500031.5\n").unwrap();
    let hint = "hint: 2 of them would be inside with x and y swapped";
    told(
        "svf_profile point utm.tif --points a.csv --measure svf",
        1,
        &["none of the points", hint],
    );
    fs::write(folder.path("b.csv"), "x,y\n4649969.5,500030.5\n500031.5,4649968.5\n").unwrap();
    let hint = "hint: 1 of them would be inside with x and y swapped";
    told(
        "svf_profile point utm.tif out.csv --points b.csv --measure svf",
        0,
        &["1 of 2 points", hint],
    );
    told(
        "svf_profile section utm.tif --from 4649969.5,500030.5 --to 4649960.5,500040.5",
        1,
        &["has no heights along the line", "hint: are x and y swapped?"],
    );
}
