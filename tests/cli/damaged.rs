//! Files of which something is missing or cannot be read: never a result with other cells.

use std::fs;
use std::process::Command;

use gdal::DriverManager;

use crate::support::{Dem, Folder, assert_same_bits, can_write, lacks, run, skip, terrain, wait};

fn write_heights(folder: &Folder, seed: u32, name: &str) {
    let heights = terrain(80, 120, seed).mapv(|z| f64::from(z) + 500.0);
    Dem { nodata: Some(-9999.0), ..Dem::of(&heights) }.write::<f32>(&folder.path(name));
}

/// A raster in a format whose reader fills what is missing with zeros.
fn write(folder: &Folder, driver: &str, name: &str) {
    write_heights(folder, 3, "dem.tif");
    let driver = DriverManager::get_driver_by_name(driver).unwrap();
    let copy = folder.open("dem.tif").create_copy(&driver, folder.path(name), &Default::default());
    copy.unwrap().close().unwrap();
}

#[test]
fn a_file_that_was_cut_short_is_refused() {
    let formats = [
        ("ENVI", "a.bin", "a.bin"),
        ("EHdr", "b.bil", "b.bil"),
        ("PCIDSK", "c.pix", "c.pix"),
        ("PCRaster", "d.map", "d.map"),
        ("SAGA", "e.sdat", "e.sdat"),
        ("GPKG", "f.gpkg", "f.gpkg"),
        ("HFA", "g.img", "g.img"),
        ("ISIS3", "h.lbl", "h.lbl"),
        ("ILWIS", "i.mpr", "i.mp#"),
        ("HF2", "j.hf2", "j.hf2"),
    ];
    for (driver, name, cells) in formats {
        let folder = Folder::new();
        write(&folder, driver, name);
        let good = fs::read(folder.path(cells)).unwrap();
        let run = |code: i32, output: &str| {
            folder.line(code, &format!("svf_compute {name} {output} --radius 5px -n 4"))
        };
        fs::write(folder.path("list.txt"), format!("{name}\n")).unwrap();
        let join = |code: i32| {
            folder.line(code, "svf_mosaic --input-list list.txt joined.tif --overwrite")
        };
        run(0, "whole.tif");
        join(0);
        assert_same_bits(&folder.band("joined.tif", 1), &folder.band(name, 1), driver);
        fs::remove_file(folder.path("joined.tif")).unwrap();
        for percent in [30, 60, 80, 95, 98, 99] {
            fs::write(folder.path(cells), &good[..good.len() * percent / 100]).unwrap();
            let refused = run(1, "out.tif");
            assert!(refused.stderr.contains("error: cannot "), "{driver} {percent} %: {refused}");
            assert!(!folder.path("out.tif").exists(), "{driver} {percent} %");
            let refused = join(1);
            assert!(refused.stderr.contains("error: cannot "), "{driver} {percent} %: {refused}");
            assert!(!folder.path("joined.tif").exists(), "{driver} {percent} %");
        }
    }
}

/// GDAL takes the end of what is packed for the end of the file.
#[test]
fn a_gzip_file_that_was_cut_short_is_refused() {
    let folder = Folder::new();
    write(&folder, "HFA", "a.img");
    write(&folder, "GTiff", "b.tif");
    let pack = |words: &[&str]| {
        assert!(folder.in_folder(words[0], &words[1..]).status().unwrap().success(), "{words:?}");
    };
    pack(&["gzip", "-k", "a.img", "b.tif"]);
    pack(&["tar", "-czf", "c.tgz", "a.img"]);
    for (packed, name) in [
        ("a.img.gz", "/vsigzip/a.img.gz"),
        ("b.tif.gz", "/vsigzip/b.tif.gz"),
        ("c.tgz", "/vsitar/c.tgz/a.img"),
    ] {
        let good = fs::read(folder.path(packed)).unwrap();
        let line = format!("svf_compute {name} {packed}.out.tif --radius 5px -n 4 --overwrite");
        folder.line(0, &line);
        for cut in [1, 4, 9, 200, good.len() / 2] {
            fs::write(folder.path(packed), &good[..good.len() - cut]).unwrap();
            let said = format!("{packed}: the file is incomplete");
            folder.line(1, &line).assert_refused(1, &[&said]);
        }
        fs::write(folder.path(packed), good).unwrap();
        folder.line(0, &line);
    }
    let whole = folder.band("b.tif.gz.out.tif", 1);
    assert_same_bits(&folder.band("a.img.gz.out.tif", 1), &whole, "HFA");
    assert_same_bits(&folder.band("c.tgz.out.tif", 1), &whole, "tar");
}

/// HF2 has a packed form, which its driver unpacks itself.
#[test]
fn packed_hf2_is_read_and_refused_if_it_was_cut_short() {
    let folder = Folder::new();
    write(&folder, "GTiff", "a.tif");
    translate(&folder, "-of HF2 dem.tif a.hf2");
    translate(&folder, "-of HF2 -co COMPRESS=YES dem.tif a.hfz");
    fs::copy(folder.path("a.hfz"), folder.path("b.hf2.gz")).unwrap();
    let sky = "--radius 5px -n 4 --overwrite";
    folder.line(0, &format!("svf_compute a.hf2 right.tif {sky}"));
    for packed in ["a.hfz", "b.hf2.gz"] {
        folder.line(0, &format!("svf_compute {packed} out.tif {sky}"));
        assert_same_bits(&folder.band("out.tif", 1), &folder.band("right.tif", 1), packed);
        let good = fs::read(folder.path(packed)).unwrap();
        for cut in [1, 9, 200, good.len() / 2] {
            fs::write(folder.path(packed), &good[..good.len() - cut]).unwrap();
            let said = format!("{packed}: the file is incomplete");
            folder
                .line(1, &format!("svf_compute {packed} out.tif {sky}"))
                .assert_refused(1, &[&said]);
        }
    }
}

/// The file beside the cells that says in which CRS they are.
#[test]
fn a_crs_that_was_cut_short_is_refused() {
    for (driver, name, crs) in [
        ("AAIGrid", "a.asc", "a.prj"),
        ("EHdr", "b.bil", "b.prj"),
        ("SAGA", "c.sdat", "c.prj"),
        ("BT", "d.bt", "d.prj"),
        ("RRASTER", "e.grd", "e.grd"),
        ("ENVI", "f.bin", "f.hdr"),
        ("PCRaster", "g.map", "g.map.aux.xml"),
    ] {
        let folder = Folder::new();
        write(&folder, driver, name);
        let line = format!("svf_compute {name} out.tif --radius 5px -n 4");
        let whole = fs::read(folder.path(crs)).unwrap();
        let inside = whole.iter().rposition(|byte| b"]>".contains(byte)).unwrap();
        let mut cuts = vec![whole[..inside].to_vec(), whole[..inside - 20].to_vec()];
        if crs.ends_with(".prj") {
            cuts.extend([whole[..1].to_vec(), whole[..6].to_vec()]);
        }
        // Without it, the file is none.
        cuts.extend((!["e.grd", "f.hdr"].contains(&crs)).then(Vec::new));
        for cut in cuts {
            fs::write(folder.path(crs), &cut).unwrap();
            let said = format!("cannot open {crs}: the file is incomplete: ");
            folder.line(1, &line).assert_refused(1, &[&said, "copy it again"]);
        }
        fs::write(folder.path(crs), &whole).unwrap();
        folder.line(0, &line);
    }
}

/// A header that ends after any of its lines: refused, the same cells, or no place on the ground.
#[test]
fn a_text_header_that_ends_after_a_line_never_means_other_cells() {
    for (driver, name, header) in [
        ("EHdr", "a.bil", "a.hdr"),
        ("ENVI", "b.bin", "b.hdr"),
        ("SAGA", "c.sdat", "c.sgrd"),
        ("RST", "d.rst", "d.rdc"),
    ] {
        let folder = Folder::new();
        write(&folder, driver, name);
        let run = |code: Option<i32>| {
            let line = format!("svf_compute {name} out.tif --radius 5px -n 4 --overwrite");
            match code {
                Some(code) => folder.line(code, &line),
                None => {
                    let words: Vec<&str> = line.split(' ').skip(1).collect();
                    crate::support::run(&mut folder.command(&words), b"")
                }
            }
        };
        run(Some(0));
        let right = folder.band("out.tif", 1);
        fs::remove_file(folder.path("out.tif")).unwrap();
        let whole = fs::read_to_string(folder.path(header)).unwrap();
        let ends: Vec<usize> = whole.match_indices('\n').map(|(at, _)| at + 1).collect();
        let mut refused = 0;
        for &end in &ends[..ends.len() - 1] {
            fs::write(folder.path(header), &whole[..end]).unwrap();
            let run = run(None);
            let context = format!("{driver}: {:?}", &whole[..end]);
            match run.code {
                Some(1) => refused += 1,
                Some(0) => assert_same_bits(&folder.band("out.tif", 1), &right, &context),
                _ => panic!("{context}: {run}"),
            }
            let _ = fs::remove_file(folder.path("out.tif"));
        }
        assert!(refused >= 6, "{driver}: {refused} of {} cuts refused", ends.len());
    }
    let folder = Folder::new();
    write(&folder, "EHdr", "a.bil");
    let header = fs::read_to_string(folder.path("a.hdr")).unwrap();
    let without = |name: &str| -> String {
        header.lines().filter(|line| !line.starts_with(name)).map(|l| format!("{l}\n")).collect()
    };
    for (name, said) in [
        ("XDIM", "cannot open a.hdr: the file is incomplete: it has no line \"xdim\""),
        ("NBITS", "it has no line \"nbits\", and the cells next to it have more than 8 bits"),
    ] {
        fs::write(folder.path("a.hdr"), without(name)).unwrap();
        let line = "svf_compute a.bil out.tif --radius 5px -n 4";
        folder.line(1, line).assert_refused(1, &[said, "copy"]);
    }
}

#[test]
fn what_is_said_of_a_file_that_was_cut_short() {
    let folder = Folder::new();
    write(&folder, "ENVI", "dem.bin");
    let good = fs::read(folder.path("dem.bin")).unwrap();
    fs::write(folder.path("dem.bin"), &good[..good.len() - 1]).unwrap();
    let line = "svf_compute dem.bin out.tif --radius 5px -n 4";
    folder.line(1, line).assert_refused(
        1,
        &["cannot open dem.bin: the file is incomplete", "copy or download it again"],
    );
    // The same cells by a raw VRT, without a header of their own.
    fs::remove_file(folder.path("dem.hdr")).unwrap();
    let vrt = "<VRTDataset rasterXSize=\"120\" rasterYSize=\"80\"><VRTRasterBand dataType=\"Float32\" \
               band=\"1\" subClass=\"VRTRawRasterBand\"><SourceFilename relativeToVRT=\"1\">dem.bin\
               </SourceFilename><ImageOffset>0</ImageOffset><PixelOffset>4</PixelOffset>\
               <LineOffset>480</LineOffset><ByteOrder>LSB</ByteOrder></VRTRasterBand></VRTDataset>";
    fs::write(folder.path("raw.vrt"), vrt).unwrap();
    let line = "svf_compute raw.vrt out.tif --radius 5px -n 4";
    folder.line(1, line).assert_refused(1, &["cannot open raw.vrt: the file is incomplete"]);
    fs::write(folder.path("dem.bin"), good).unwrap();
    folder.line(0, line);
}

/// A country has thousands of files; a run that reads a few of them does not open the others.
#[test]
fn of_a_vrt_only_the_files_that_are_read_are_checked() {
    let folder = Folder::new();
    write(&folder, "ENVI", "west.bin");
    write(&folder, "ENVI", "east.bin");
    let source = |name: &str, col: usize| {
        format!(
            "<SimpleSource><SourceFilename relativeToVRT=\"1\">{name}</SourceFilename>\
             <SourceBand>1</SourceBand><SrcRect xOff=\"0\" yOff=\"0\" xSize=\"120\" ySize=\"80\"/>\
             <DstRect xOff=\"{col}\" yOff=\"0\" xSize=\"120\" ySize=\"80\"/></SimpleSource>"
        )
    };
    let vrt = format!(
        "<VRTDataset rasterXSize=\"240\" rasterYSize=\"80\"><SRS>EPSG:25832</SRS><GeoTransform>\
         400000, 1, 0, 5700000, 0, -1</GeoTransform><VRTRasterBand dataType=\"Float32\" band=\"1\">{}{}</VRTRasterBand>\
         </VRTDataset>",
        source("west.bin", 0),
        source("east.bin", 120),
    );
    fs::write(folder.path("both.vrt"), vrt).unwrap();
    let in_west = "svf_compute both.vrt west.tif --radius 5px -n 4 --srcwin 0 0 100 80 --overwrite";
    folder.line(0, in_west);
    let expected = folder.band("west.tif", 1);
    let good = fs::read(folder.path("east.bin")).unwrap();
    fs::write(folder.path("east.bin"), &good[..good.len() - 1]).unwrap();
    folder.line(0, in_west);
    assert_same_bits(&folder.band("west.tif", 1), &expected, "beside a damaged file");
    for all in [
        "svf_compute both.vrt out.tif --radius 5px -n 4",
        // Its sight lines reach the other file.
        "svf_compute both.vrt out.tif --radius 30px -n 4 --srcwin 0 0 100 80",
        "svf_tile both.vrt out.json --radius 5px -n 4 --tile-size 64",
        "svf_compute both.vrt out.tif --radius 5px -n 4 --tile-size 64 --work-dir work",
        "svf_profile point both.vrt --at-cell 40,200 --radius 5px -n 4",
    ] {
        let said = ["east.bin: the file is incomplete", "copy or download it again"];
        folder.line(1, all).assert_refused(1, &said);
        assert!(!folder.path("out.json").exists() && !folder.path("out.tif").exists(), "{all}");
    }
    folder.line(0, "svf_profile point both.vrt --at-cell 40,50 --radius 5px -n 4");
}

#[test]
fn a_netcdf_file_that_was_cut_short_is_refused() {
    if DriverManager::get_driver_by_name("netCDF").is_err() {
        eprintln!("note: this GDAL has no netCDF driver");
        return;
    }
    let folder = Folder::new();
    write(&folder, "netCDF", "dem.nc");
    let good = fs::read(folder.path("dem.nc")).unwrap();
    for bytes in [good.len() * 3 / 10, good.len() * 6 / 10, good.len() * 95 / 100] {
        fs::write(folder.path("dem.nc"), &good[..bytes]).unwrap();
        let run = folder.line(1, "svf_compute dem.nc out.tif --radius 5px -n 4");
        run.assert_refused(
            1,
            &["cannot open dem.nc", "the file is incomplete", &format!("{bytes} bytes of ")],
        );
        fs::write(folder.path("list.txt"), "dem.nc\n").unwrap();
        let run = folder.line(1, "svf_mosaic --input-list list.txt out.tif");
        run.assert_refused(1, &["dem.nc: the file is incomplete", &format!("{bytes} bytes of ")]);
    }
}

/// Bands that lie one after the other in a file, or in files of their own.
#[test]
fn a_band_that_was_cut_short_is_not_joined() {
    let folder = Folder::new();
    write(&folder, "ENVI", "a.bin");
    write(&folder, "PCRaster", "b.map");
    translate(&folder, "-of ENVI -b 1 -b 1 dem.tif two.bin");
    let band = |number: usize, file: &str| {
        format!(
            "<VRTRasterBand dataType=\"Float32\" band=\"{number}\"><NoDataValue>-9999</NoDataValue><SimpleSource>\
             <SourceFilename relativeToVRT=\"1\">{file}</SourceFilename><SourceBand>1</SourceBand>\
             </SimpleSource></VRTRasterBand>"
        )
    };
    let bands = band(1, "dem.tif") + &band(2, "a.bin") + &band(3, "b.map");
    let vrt = format!("<VRTDataset rasterXSize=\"120\" rasterYSize=\"80\">{bands}</VRTDataset>");
    fs::write(folder.path("three.vrt"), vrt).unwrap();
    for (raster, cut) in [("two.bin", "two.bin"), ("three.vrt", "a.bin"), ("three.vrt", "b.map")] {
        fs::write(folder.path("list.txt"), format!("{raster}\n")).unwrap();
        let join = |code: i32| {
            folder.line(code, "svf_mosaic --input-list list.txt joined.tif --overwrite")
        };
        join(0);
        let last = if raster == "two.bin" { 2 } else { 3 };
        for number in 1..=last {
            assert_same_bits(
                &folder.band("joined.tif", number),
                &folder.band("dem.tif", 1),
                raster,
            );
        }
        let good = fs::read(folder.path(cut)).unwrap();
        fs::write(folder.path(cut), &good[..good.len() - 5000]).unwrap();
        join(1).assert_refused(1, &["cannot open ", "incomplete"]);
        fs::write(folder.path(cut), good).unwrap();
    }
}

#[test]
fn a_damaged_chunk_of_hdf5_is_one_error() {
    if !can_write("netCDF") {
        return skip("no netCDF driver here");
    }
    let folder = Folder::new();
    write(&folder, "GTiff", "dem2.tif");
    translate(&folder, "-of netCDF -co FORMAT=NC4 -co COMPRESS=DEFLATE dem2.tif dem.nc");
    let mut bytes = fs::read(folder.path("dem.nc")).unwrap();
    // In the largest part of the file, which are the cells.
    let middle = bytes.len() / 2;
    bytes[middle..middle + 64].iter_mut().for_each(|byte| *byte ^= 0xff);
    fs::write(folder.path("dem.nc"), bytes).unwrap();
    let run = folder.line(1, "svf_compute dem.nc out.tif --radius 5px -n 4");
    run.assert_refused(1, &["cannot read", "dem.nc"]);
    assert!(!run.stderr.contains("HDF5-DIAG") && run.stderr.lines().count() <= 3, "{run}");
}

#[test]
fn a_text_grid_whose_last_row_lacks_a_cell_is_refused() {
    let folder = Folder::new();
    write(&folder, "AAIGrid", "dem.asc");
    let whole = fs::read_to_string(folder.path("dem.asc")).unwrap();
    let (cut, _) = whole.trim_end().rsplit_once(' ').unwrap();
    fs::write(folder.path("dem.asc"), format!("{cut}\n")).unwrap();
    translate(&folder, "-of VRT dem.asc over.vrt");
    for name in ["dem.asc", "over.vrt"] {
        let run = folder.line(1, &format!("svf_compute {name} out.tif --radius 5px -n 4"));
        run.assert_refused(1, &["dem.asc", "its last row has too few cells"]);
    }
    fs::write(folder.path("dem.asc"), whole.trim_end()).unwrap();
    folder.line(0, "svf_compute over.vrt out.tif --radius 5px -n 4");
    // Points: what is left is a smaller raster, beyond which a VRT has zeros.
    translate(&folder, "-of XYZ dem.tif dem.xyz");
    translate(&folder, "-of VRT dem.xyz points.vrt");
    let whole = fs::read(folder.path("dem.xyz")).unwrap();
    // Between two points of a row.
    let cut = whole[..whole.len() * 47 / 100].iter().rposition(|byte| *byte == b'\n').unwrap();
    fs::write(folder.path("dem.xyz"), &whole[..cut]).unwrap();
    for name in ["dem.xyz", "points.vrt"] {
        let run = folder.line(1, &format!("svf_compute {name} other.tif --radius 5px -n 4"));
        let said = "cannot open dem.xyz: the file is incomplete: it ends within a row of points";
        assert!(run.stderr.contains(said), "{run}");
    }
}

#[test]
fn a_file_of_a_vrt_that_is_smaller_now_is_refused() {
    let folder = Folder::new();
    write(&folder, "GTiff", "part.tif");
    translate(&folder, "-of VRT part.tif all.vrt");
    folder.line(0, "svf_compute all.vrt out.tif --radius 5px -n 4");
    // 80 rows of 120 before; beyond its end, GDAL would read zeros.
    translate(&folder, "-srcwin 0 0 120 50 dem.tif part.tif");
    let run = folder.line(1, "svf_compute all.vrt other.tif --radius 5px -n 4");
    let said = "part.tif: it has 120 x 50 cells, but the VRT reads 120 x 80 of it";
    run.assert_refused(1, &[said, "make the VRT again"]);
}

#[test]
fn a_tag_that_cannot_be_read_is_no_tag_that_is_not_there() {
    let folder = Folder::new();
    write(&folder, "GTiff", "dem2.tif");
    let mut bytes = fs::read(folder.path("dem2.tif")).unwrap();
    let word = |bytes: &[u8], at: usize| {
        u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]) as usize
    };
    let directory = word(&bytes, 4);
    // The NoData value is outside the file.
    let entries = usize::from(u16::from_le_bytes([bytes[directory], bytes[directory + 1]]));
    let entry = (0..entries)
        .map(|i| directory + 2 + 12 * i)
        .find(|&at| bytes[at..at + 2] == 42_113_u16.to_le_bytes())
        .unwrap();
    let beyond = u32::try_from(bytes.len()).unwrap() + 1000;
    bytes[entry + 8..entry + 12].copy_from_slice(&beyond.to_le_bytes());
    fs::write(folder.path("dem2.tif"), bytes).unwrap();
    let run = folder.line(1, "svf_compute dem2.tif out.tif --radius 5px -n 4");
    run.assert_refused(
        1,
        &["cannot open dem2.tif", "GDALNoDataValue", "the file or its disk is damaged"],
    );
}

/// Makes what lets calls of the file system fail.
#[cfg(target_os = "linux")]
fn shim_in(folder: &Folder) -> std::path::PathBuf {
    fs::write(folder.path("shim.c"), include_str!("../../crates/xtask/src/faults/shim.c")).unwrap();
    let shim = folder.path("shim.so");
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .args([&shim, &folder.path("shim.c")])
        .arg("-ldl")
        .status();
    assert!(built.unwrap().success(), "cc, which links Rust programs, makes the shim");
    shim
}

/// How many calls a run has made, as it noted in a file.
#[cfg(target_os = "linux")]
fn calls_in(count: &std::path::Path) -> usize {
    fs::read_to_string(count).unwrap().trim().parse().unwrap()
}

/// A file beside the features, with their attributes, that cannot be opened or read once: GDAL goes on
/// without it.
#[cfg(target_os = "linux")]
#[test]
fn no_call_that_fails_loses_attributes_of_stations() {
    let folder = Folder::new();
    let shim = shim_in(&folder);
    write(&folder, "GTiff", "strips.tif");
    let points: String =
        (0..9).map(|i| format!("\nstation {i},{},{}", 500_010 + i, 4_649_980 - i)).collect();
    fs::write(folder.path("p.csv"), format!("name,x,y{points}\n")).unwrap();
    let places = ["-oo", "X_POSSIBLE_NAMES=x", "-oo", "Y_POSSIBLE_NAMES=y", "-a_srs", "EPSG:32633"];
    for (driver, name) in [("ESRI Shapefile", "p.shp"), ("MapInfo File", "p.mif")] {
        let args = [&["-f", driver, name, "p.csv"][..], &places].concat();
        assert!(folder.in_folder("ogr2ogr", &args).status().unwrap().success(), "{driver}");
    }
    let mut refused = 0;
    for (input, of) in [("p.shp", "p.dbf"), ("p.shp", "p.prj"), ("p.mif", "p.mid")] {
        let point = ["point", "dem.tif", "--radius", "5px", "-n", "4", "--measure", "svf"];
        let point = [&point[..], &["--format", "csv", "--points", input]].concat();
        let run = |call: &str, fault: &[(&str, &str)]| {
            let mut command = folder.tool("svf_profile", &point);
            command.env("LD_PRELOAD", &shim).env("FAULT_CALL", call).env("FAULT_PATH", of);
            run(command.envs(fault.iter().copied()), &[])
        };
        let right = run("none", &[]);
        assert!(right.code == Some(0) && right.text().contains(",station 8,"), "{input}: {right}");
        for call in ["open", "read"] {
            let count = folder.path("count");
            assert_eq!(run(call, &[("FAULT_COUNT", count.to_str().unwrap())]).code, Some(0));
            let total = calls_in(&count);
            assert!(total > 0, "{of}: no {call}");
            for at in 1..=total {
                let run = run(call, &[("FAULT_AT", &*at.to_string()), ("FAULT_ERRNO", "5")]);
                match run.code {
                    Some(0) => assert_eq!(run.text(), right.text(), "{of}: {call} {at}"),
                    _ => {
                        // Of a read, GDAL says in which layer it was; the points before it are printed.
                        let named = if call == "open" { of } else { "p." };
                        let said = run.stderr.contains(&format!("error: cannot read {named}"));
                        assert!(run.code == Some(1) && said, "{of}: {call} {at}: {run}");
                        refused += 1;
                    }
                }
            }
        }
    }
    assert!(refused > 5, "{refused} refused");
    // Of receivers, too.
    let fault = [("FAULT_CALL", "open"), ("FAULT_PATH", "p.prj"), ("FAULT_ERRNO", "5")];
    let args = ["dem.tif", "o.tif", "--receivers", "p.shp", "--radius", "5px", "-n", "4"];
    let mut command = folder.command(&args);
    command.env("LD_PRELOAD", &shim).envs(fault).env("FAULT_AT", "1").env("FAULT_LASTS", "1");
    crate::support::run(&mut command, &[]).assert_refused(1, &["p.prj"]);
}

/// Runs on an input of which one read of the file system fails, as on a bad disk.
#[cfg(target_os = "linux")]
#[test]
fn no_read_that_fails_changes_a_cell() {
    let folder = Folder::new();
    let shim = shim_in(&folder);
    write(&folder, "ENVI", "envi.bin");
    write(&folder, "EHdr", "ehdr.bil");
    write(&folder, "GTiff", "strips.tif");
    let vrt = "<VRTDataset rasterXSize=\"120\" rasterYSize=\"80\"><VRTRasterBand dataType=\"Float32\" \
               band=\"1\"><SimpleSource><SourceFilename relativeToVRT=\"1\">envi.bin</SourceFilename>\
               <SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>";
    fs::write(folder.path("dem.vrt"), vrt).unwrap();
    let envi = folder.path("envi.bin").display().to_string();
    let absolute = vrt.replace("relativeToVRT=\"1\">envi.bin", &format!(">{envi}"));
    fs::write(folder.path("absolute.vrt"), absolute).unwrap();
    let mut refused = 0;
    for (input, of) in [
        ("strips.tif", "strips.tif"),
        ("ehdr.bil", "ehdr."),
        ("envi.bin", "envi."),
        ("dem.vrt", "envi.bin"),
        ("absolute.vrt", "envi.bin"),
    ] {
        folder.line(0, &format!("svf_compute {input} right.tif --radius 5px -n 4 --overwrite"));
        let expected = folder.band("right.tif", 1);
        let run = |fault: &[(&str, &str)]| {
            let args = [input, "out.tif", "--radius", "5px", "-n", "4", "--overwrite"];
            let mut command = folder.command(&args);
            command.env("LD_PRELOAD", &shim).env("FAULT_CALL", "read").env("FAULT_PATH", of);
            command.envs(fault.iter().copied());
            wait(&mut command.spawn().unwrap()).code()
        };
        let count = folder.path("count");
        assert_eq!(run(&[("FAULT_COUNT", count.to_str().unwrap())]), Some(0));
        let total = calls_in(&count);
        assert!(total > 3, "{input}: {total} reads");
        let last = total - 1;
        for at in (1..=last).step_by(last.div_ceil(20)).chain([total]) {
            let _ = fs::remove_file(folder.path("out.tif"));
            let number = at.to_string();
            let fault = [("FAULT_AT", &*number), ("FAULT_ERRNO", "5"), ("FAULT_LASTS", "1")];
            // Of one read, or of this one and all later ones.
            match run(&fault[..2 + at % 2]) {
                Some(0) => {
                    let context = format!("{input}: read {at} of {total}");
                    assert_same_bits(&folder.band("out.tif", 1), &expected, &context);
                }
                Some(1) => refused += 1,
                code => panic!("{input}: read {at} of {total}: {code:?}"),
            }
        }
    }
    assert!(refused > 20, "{refused} refused");
}

/// Overwrites an input while the far ground of a cascade is made of it, and puts it back: what is kept in the
/// folder of the tiles is of the input that the plan is of.
#[cfg(target_os = "linux")]
#[test]
fn far_ground_of_an_input_that_changes_meanwhile_is_not_kept() {
    let folder = Folder::new();
    let shim = shim_in(&folder);
    let z = terrain(40, 3300, 5);
    folder.write_dem("dem.tif", &z);
    folder.write_dem("other.tif", &z.mapv(|z| z + if z > 8.0 { 900.0 } else { 0.0 }));
    fs::copy(folder.path("dem.tif"), folder.path("keep.tif")).unwrap();
    let time = fs::metadata(folder.path("dem.tif")).unwrap().modified().unwrap();
    let options = "--radius all -n 4 --search cascade";
    folder.line(0, &format!("svf_compute -q dem.tif whole.tif {options} --tile-size 3300"));
    folder.line(0, &format!("svf_tile -q dem.tif p.json {options} --tile-size 512"));
    let dem = folder.path("dem.tif").display().to_string();
    let compute = |fault: &[(&str, &str)]| {
        let mut command = folder.command(&["-q", "--plan", "p.json"]);
        command.env("LD_PRELOAD", &shim).env("FAULT_CALL", "read").env("FAULT_PATH", &dem);
        command.envs(fault.iter().copied());
        wait(&mut command.spawn().unwrap()).code()
    };
    let count = folder.path("count");
    assert_eq!(compute(&[("FAULT_COUNT", count.to_str().unwrap())]), Some(0));
    let total = calls_in(&count);
    let overwrite = format!("cp {} {dem}", folder.path("other.tif").display());
    let mut failed = 0;
    for at in (1..=total).step_by(total.div_ceil(12)) {
        fs::remove_dir_all(folder.path("p.tiles")).unwrap();
        let code = compute(&[("FAULT_AT", &at.to_string()), ("FAULT_RUN", &overwrite)]);
        failed += usize::from(code == Some(1));
        fs::copy(folder.path("keep.tif"), &dem).unwrap();
        fs::File::options().write(true).open(&dem).unwrap().set_modified(time).unwrap();
        folder.line(0, "svf_compute -q --plan p.json");
        folder.line(0, "svf_mosaic -q p.json joined.tif --overwrite");
        let (joined, whole) = (folder.band("joined.tif", 1), folder.band("whole.tif", 1));
        assert_same_bits(&joined, &whole, &format!("overwritten at read {at} of {total}"));
    }
    assert!(failed > 6, "{failed} of the runs failed");
}

/// Overwrites an input at each open and read of it: the cells are all of one of the two, or none.
#[cfg(target_os = "linux")]
#[test]
fn an_input_that_is_overwritten_while_it_is_opened_is_no_mixture() {
    let folder = Folder::new();
    let shim = shim_in(&folder);
    write_heights(&folder, 4, "second.tif");
    let cells = |folder: &Folder| folder.band("out.tif", 1).mapv(f32::to_bits);
    let mut refused = 0;
    for (driver, name) in
        [("GTiff", "strips.tif"), ("EHdr", "e.bil"), ("AAIGrid", "a.asc"), ("netCDF", "n.nc")]
    {
        translate(&folder, &format!("-of {driver} second.tif {name}"));
        fs::rename(folder.path(name), folder.path("other")).unwrap();
        write(&folder, driver, name);
        let own = fs::read(folder.path(name)).unwrap();
        let run = |fault: &[(&str, &str)]| {
            let args = [name, "out.tif", "--radius", "5px", "-n", "4", "--overwrite"];
            let mut command = folder.command(&args);
            command.env("LD_PRELOAD", &shim).env("FAULT_PATH", name).envs(fault.iter().copied());
            let code = wait(&mut command.spawn().unwrap()).code();
            fs::write(folder.path(name), &own).unwrap();
            code
        };
        assert_eq!(run(&[]), Some(0));
        let before = cells(&folder);
        fs::copy(folder.path("other"), folder.path(name)).unwrap();
        assert_eq!(run(&[]), Some(0));
        let after = cells(&folder);
        assert_ne!(before, after, "{name}");
        let count = folder.path("count");
        for call in ["open", "read"] {
            let fault = [("FAULT_CALL", call), ("FAULT_COUNT", count.to_str().unwrap())];
            assert_eq!(run(&fault), Some(0));
            let total = calls_in(&count);
            assert!(total > 0, "{name}: no {call}");
            let deeds = ["cp other", "head -c 900 other >"].into_iter().cycle();
            for (at, deed) in (1..=total).step_by(total.div_ceil(5)).zip(deeds) {
                fs::remove_file(folder.path("out.tif")).unwrap_or_default();
                let deed = format!("{deed} {name}");
                let fault =
                    [("FAULT_CALL", call), ("FAULT_AT", &*at.to_string()), ("FAULT_RUN", &*deed)];
                match run(&fault) {
                    Some(0) => {
                        let made = cells(&folder);
                        assert!(made == before || made == after, "{deed}: {call} {at} of {total}");
                    }
                    Some(1) => refused += 1,
                    code => panic!("{deed}: {call} {at} of {total}: {code:?}"),
                }
            }
        }
    }
    assert!(refused > 10, "{refused} refused");
}

/// A mask is another file for a moment, at each open of it: the cells are those of its own file, or
/// there are none.
#[cfg(target_os = "linux")]
#[test]
fn a_mask_that_is_another_file_for_a_moment_is_no_other_mask() {
    let folder = Folder::new();
    let shim = shim_in(&folder);
    write(&folder, "GTiff", "strips.tif");
    for (name, first) in [("mask.fgb", 0), ("other.fgb", 20)] {
        // Squares of four cells of 1 m, from the upper left corner of the raster on.
        let square = |i: i32| {
            let (x, y) = (500_010 + first + 7 * i, 4_649_980 - 5 * i);
            let (right, top) = (x + 4, y + 4);
            format!("\n\"POLYGON (({x} {y}, {right} {y}, {right} {top}, {x} {top}, {x} {y}))\",{i}")
        };
        let rows: String = (0..5).map(square).collect();
        fs::write(folder.path("mask.csv"), format!("WKT,number{rows}\n")).unwrap();
        let args = ["-f", "FlatGeobuf", "-a_srs", "EPSG:32633", name, "mask.csv"];
        assert!(folder.in_folder("ogr2ogr", &args).status().unwrap().success());
    }
    let run = |fault: &[(&str, &str)]| {
        let mask = ["--receivers", "mask.fgb", "--radius", "5px", "-n", "4", "--overwrite"];
        let mut command = folder.command(&[&["strips.tif", "out.tif"][..], &mask].concat());
        command.env("LD_PRELOAD", &shim).env("FAULT_PATH", "mask.fgb").env("FAULT_CALL", "open");
        run(command.envs(fault.iter().copied()), &[])
    };
    let count = folder.path("count");
    assert_eq!(run(&[("FAULT_COUNT", count.to_str().unwrap())]).code, Some(0));
    let cells = || folder.band("out.tif", 1).mapv(f32::to_bits);
    let right = cells();
    let total = calls_in(&count);
    assert!(total > 3, "{total} opens");
    let exchange = || {
        for (from, to) in [("mask.fgb", "own"), ("other.fgb", "mask.fgb"), ("own", "other.fgb")] {
            fs::rename(folder.path(from), folder.path(to)).unwrap();
        }
    };
    exchange();
    assert_eq!(run(&[]).code, Some(0));
    let of_other = cells();
    exchange();
    let mut refused = 0;
    for at in 1..total {
        // It is there for a tenth of a second, or until the run has ended.
        let back = "mv mask.fgb other.fgb; mv own mask.fgb";
        let swap = format!(
            "mv mask.fgb own; mv other.fgb mask.fgb; (sleep 0.1; {back}) >/dev/null 2>&1 &"
        );
        let run = run(&[("FAULT_AT", &*at.to_string()), ("FAULT_RUN", &*swap)]);
        while folder.path("own").exists() {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        match run.code {
            // Before the first open, it is the only file.
            Some(0) => assert!(cells() == right || at == 1 && cells() == of_other, "open {at}"),
            _ => {
                run.assert_refused(1, &["mask.fgb", "changed while it was being read"]);
                refused += 1;
            }
        }
    }
    assert!(refused > 0, "none of {total} was noticed");
}

/// What says what cells mean is beside them, and its disk is full.
#[cfg(target_os = "linux")]
#[test]
fn an_output_whose_notes_cannot_be_written_is_none() {
    let folder = Folder::new();
    let shim = shim_in(&folder);
    let mut names: Vec<String> = vec!["dem.tif".into(), "shim.c".into(), "shim.so".into()];
    write(&folder, "GTiff", "strips.tif");
    names.push("strips.tif".into());
    names.sort();
    for (driver, output, more) in [
        ("BT", "o.bt", &[][..]),
        ("ENVI", "o.envi", &[]),
        ("PCIDSK", "o.pix", &[]),
        ("AAIGrid", "o.asc", &[]),
        ("GTiff", "o.tif", &["--co", "PROFILE=BASELINE"]),
    ] {
        for call in ["open", "write"] {
            let args = ["strips.tif", output, "--of", driver, "--radius", "5px", "-n", "4", "-q"];
            let mut command = folder.command(&[&args[..], more].concat());
            command.env("LD_PRELOAD", &shim).env("FAULT_PATH", ".aux.xml").env("FAULT_CALL", call);
            command.env("FAULT_AT", "1").env("FAULT_ERRNO", "28").env("FAULT_LASTS", "1");
            run(&mut command, &[]).assert_refused(1, &[output, ".aux.xml", "The disk is full"]);
            folder.assert_files(&names.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }
}

/// A VRT and its file are both replaced while they are opened.
#[cfg(target_os = "linux")]
#[test]
fn an_old_vrt_is_not_read_over_new_files() {
    let folder = Folder::new();
    let shim = shim_in(&folder);
    write_heights(&folder, 4, "second.tif");
    write(&folder, "GTiff", "first.tif");
    for (from, to, scale) in [("first.tif", "in", "1"), ("second.tif", "new", "3")] {
        fs::create_dir(folder.path(to)).unwrap();
        fs::copy(folder.path(from), folder.path(&format!("{to}/a.tif"))).unwrap();
        translate(&folder, &format!("-of VRT -a_scale {scale} {to}/a.tif {to}/a.vrt"));
    }
    let own = ["a.tif", "a.vrt"]
        .map(|name| (name, fs::read(folder.path(&format!("in/{name}"))).unwrap()));
    let run = |words: &str, fault: &[(&str, &str)]| {
        let words: Vec<&str> = words.split(' ').collect();
        let mut command = folder.tool(words[0], &words[1..]);
        command.env("LD_PRELOAD", &shim).env("FAULT_PATH", "in/").env("FAULT_CALL", "open");
        let code = wait(&mut command.envs(fault.iter().copied()).spawn().unwrap()).code();
        for (name, bytes) in &own {
            fs::write(folder.path(&format!("in/{name}")), bytes).unwrap();
        }
        code
    };
    let deed = "cp new/a.tif in/a.tif; cp new/a.vrt in/a.vrt";
    let count = folder.path("count");
    for (words, output) in [
        ("svf_compute in/a.vrt out.tif --radius 5px -n 4 --overwrite", "out.tif"),
        (
            "svf_profile point in/a.vrt out.csv --at-cell 20,30 --radius 5px -n 4 --overwrite",
            "out.csv",
        ),
    ] {
        let made = || fs::read(folder.path(output)).unwrap();
        assert_eq!(run(words, &[("FAULT_COUNT", count.to_str().unwrap())]), Some(0));
        let before = made();
        let total = calls_in(&count);
        assert_eq!(run(words, &[("FAULT_AT", "1"), ("FAULT_RUN", deed)]), Some(0));
        let after = made();
        assert!(before != after, "{words}");
        let mut refused = 0;
        for at in 2..=total {
            match run(words, &[("FAULT_AT", &at.to_string()), ("FAULT_RUN", deed)]) {
                Some(0) => {
                    assert!([&before, &after].contains(&&made()), "{words}: open {at} of {total}")
                }
                Some(1) => refused += 1,
                code => panic!("{words}: open {at} of {total}: {code:?}"),
            }
        }
        assert!(refused > 1, "{words}: {refused} refused");
    }
}

/// What files of a folder, or rasters that are joined, say of their cells changes while they are read:
/// those that are opened once more are no longer what they were.
#[cfg(target_os = "linux")]
#[test]
fn no_file_of_many_is_opened_as_another_one() {
    let folder = Folder::new();
    let shim = shim_in(&folder);
    write(&folder, "GTiff", "whole.tif");
    for place in ["t", "t2", "e", "e2"] {
        fs::create_dir(folder.path(place)).unwrap();
    }
    let scaled = |scale: u8| {
        format!(
            "<PAMDataset><PAMRasterBand band=\"1\"><Scale>{scale}</Scale><Offset>0</Offset></PAMRasterBand></PAMDataset>"
        )
    };
    let mut list = String::new();
    for (i, at) in ["0 0", "60 0", "0 40", "60 40"].into_iter().enumerate() {
        translate(&folder, &format!("-srcwin {at} 60 40 dem.tif t/{i}.tif"));
        translate(&folder, &format!("-of ENVI -srcwin {at} 60 40 dem.tif e/{i}.bin"));
        let _ = fs::remove_file(folder.path(&format!("e/{i}.bin.aux.xml")));
        fs::write(folder.path(&format!("t/{i}.tif.aux.xml")), scaled(1)).unwrap();
        fs::write(folder.path(&format!("t2/{i}.tif.aux.xml")), scaled(3)).unwrap();
        let header = fs::read_to_string(folder.path(&format!("e/{i}.hdr"))).unwrap();
        let header = header.replace("byte order = 0", "byte order = 1");
        fs::write(folder.path(&format!("e2/{i}.hdr")), header).unwrap();
        list += &format!("e/{i}.bin\n");
    }
    fs::write(folder.path("l.txt"), list).unwrap();
    for (words, call, files) in [
        ("svf_compute t out.tif --radius 5px -n 4 --overwrite", "open", "t"),
        ("svf_mosaic --input-list l.txt out.tif --overwrite", "read", "e"),
    ] {
        let old: Vec<(std::path::PathBuf, Vec<u8>)> = fs::read_dir(folder.path(files))
            .unwrap()
            .map(|file| file.unwrap().path())
            .map(|path| (path.clone(), fs::read(path).unwrap()))
            .collect();
        let run = |fault: &[(&str, &str)]| {
            let words: Vec<&str> = words.split(' ').collect();
            let mut command = folder.tool(words[0], &words[1..]);
            let within = format!("{files}/");
            command.env("LD_PRELOAD", &shim).env("FAULT_PATH", &within).env("FAULT_CALL", call);
            command.envs(fault.iter().copied());
            let code = wait(&mut command.spawn().unwrap()).code();
            old.iter().for_each(|(path, bytes)| fs::write(path, bytes).unwrap());
            code
        };
        let cells = || folder.band("out.tif", 1).mapv(f32::to_bits);
        let count = folder.path("count");
        assert_eq!(run(&[("FAULT_COUNT", count.to_str().unwrap())]), Some(0));
        let before = cells();
        let total = calls_in(&count);
        let deed = format!("cp {files}2/* {files}/");
        assert_eq!(run(&[("FAULT_AT", "1"), ("FAULT_RUN", &deed)]), Some(0));
        let after = cells();
        assert_ne!(before, after, "{words}");
        let mut refused = 0;
        for at in (2..=total).step_by(total.div_ceil(12)) {
            match run(&[("FAULT_AT", &at.to_string()), ("FAULT_RUN", &deed)]) {
                Some(0) => {
                    let made = cells();
                    assert!(made == before || made == after, "{words}: {call} {at} of {total}");
                }
                Some(1) => refused += 1,
                code => panic!("{words}: {call} {at} of {total}: {code:?}"),
            }
        }
        assert!(refused > 2, "{words}: {refused} refused");
    }
}

/// Makes a raster from `dem.tif`, as gdal_translate does.
fn translate(folder: &Folder, words: &str) {
    let made = Command::new("gdal_translate")
        .arg("-q")
        .args(words.split(' '))
        .current_dir(folder.work())
        .output()
        .unwrap();
    assert!(made.status.success(), "{words}: {}", String::from_utf8_lossy(&made.stderr));
}

#[test]
fn parts_that_were_cut_short_are_refused_or_not_needed() {
    const MASK: &str = "dem.tif m.tif -mask 1 -a_nodata none -co COMPRESS=DEFLATE -co BLOCKYSIZE=4";
    // What is made, the raster, and the file of it that is cut.
    for (make, raster, part, least_refused) in [
        (format!("{MASK} --config GDAL_TIFF_INTERNAL_MASK YES"), "m.tif", "m.tif", 20),
        (MASK.to_owned(), "m.tif", "m.tif.msk", 12),
        ("-of PCIDSK dem.tif c.pix -co INTERLEAVING=FILE".into(), "c.pix", "c.001", 24),
        (
            "-of PCIDSK dem.tif c.pix -co INTERLEAVING=TILED -co TILESIZE=32 -co COMPRESSION=RLE"
                .into(),
            "c.pix",
            "c.pix",
            12,
        ),
        ("-of PCIDSK dem.tif c.pix -co INTERLEAVING=TILED -co TILESIZE=32".into(), "c.pix", "c.pix", 20),
        ("-of EHdr dem.tif e.bil".into(), "e.bil", "e.hdr", 12),
        ("-of HFA dem.tif h.img -co USE_SPILL=YES".into(), "h.img", "h.ige", 20),
        (
            "-of JP2OpenJPEG -ot UInt16 dem.tif j.jp2 -a_nodata none -co REVERSIBLE=YES -co QUALITY=100"
                .into(),
            "j.jp2",
            "j.jp2",
            24,
        ),
    ] {
        if raster == "j.jp2" && !can_write("JP2OpenJPEG") {
            lacks("this GDAL writes no JPEG 2000");
            continue;
        }
        let folder = Folder::new();
        let mut heights = terrain(80, 120, 3).mapv(|z| f64::from(z) + 500.0);
        heights.slice_mut(ndarray::s![20..40, 30..50]).fill(-9999.0);
        Dem { nodata: Some(-9999.0), ..Dem::of(&heights) }.write::<f32>(&folder.path("dem.tif"));
        translate(&folder, &make);
        let line = |output: &str| format!("svf_compute {raster} {output} --radius 5px -n 4");
        folder.line(0, &line("whole.tif"));
        let good = fs::read(folder.path(part)).unwrap();
        let mut refused = 0;
        for step in 0..24 {
            // Of a header, a part of its last number can be missing.
            let is_last = step == 23 && part != "e.hdr";
            let end = if is_last { good.len() - 1 } else { good.len() * step / 24 };
            fs::write(folder.path(part), &good[..end]).unwrap();
            let words: Vec<String> = line("out.tif").split(' ').map(str::to_owned).collect();
            let run = run(&mut folder.tool(&words[0], &words[1..]), b"");
            if run.code == Some(0) {
                let same = folder.band("out.tif", 1) == folder.band("whole.tif", 1);
                assert!(same, "{make}: {end} of {} bytes", good.len());
            } else {
                run.assert_refused(1, &["cannot "]);
                refused += 1;
            }
            let _ = fs::remove_file(folder.path("out.tif"));
        }
        assert!(refused >= least_refused, "{make}: {refused} cuts refused");
    }
}
