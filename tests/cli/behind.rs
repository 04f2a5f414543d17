//! Files that decide cells, although GDAL does not list them: when one of them changes, tiles from
//! before and after never meet.

use std::fs;

use ndarray::{Array2, s};

use crate::country::tiles_of;
use crate::large::assert_equal;
use crate::support::{Dem, Folder, ORIGIN, can_write, run, skip, terrain};

const SKY: &str = "--radius 4px -n 5";

/// Three sheets of 40 x 40 cells side by side, another one for the place of the last, and two masks
/// of all cells.
fn sheets() -> Folder {
    let folder = Folder::new();
    let write = |name: &str, cells: &Array2<f64>, col: usize| {
        let geo_transform = [ORIGIN.0 + col as f64, 1.0, 0.0, ORIGIN.1, 0.0, -1.0];
        Dem { geo_transform, ..Dem::of(cells) }.write::<f32>(&folder.path(name));
    };
    let ground = terrain(40, 120, 3).mapv(f64::from);
    for (name, col) in [("a.tif", 0), ("b.tif", 40), ("c.tif", 80)] {
        write(name, &ground.slice(s![.., col..col + 40]).to_owned(), col);
    }
    write("new.tif", &terrain(40, 40, 8).mapv(f64::from), 80);
    let mut mask = Array2::from_elem((40, 120), 255.0);
    write("mask.tif", &mask, 0);
    mask.slice_mut(s![5..20, 90..100]).fill(0.0);
    write("new_mask.tif", &mask, 0);
    folder
}

/// Runs a script of GDAL's programs.
#[track_caller]
fn script(folder: &Folder, script: &str) {
    let made = run(&mut folder.in_folder("bash", &["-ec", script]), &[]);
    assert_eq!(made.code, Some(0), "{script}: {made}");
}

#[test]
fn no_file_that_decides_cells_can_change_unseen() {
    const MASK: &str = r#"gdalbuildvrt -q in.vrt a.tif b.tif c.tif
        sed -i 's:</VRTDataset>:<MaskBand><VRTRasterBand dataType="Byte"><SimpleSource>\
        <SourceFilename relativeToVRT="1">mask.tif</SourceFilename><SourceBand>1</SourceBand>\
        </SimpleSource></VRTRasterBand></MaskBand></VRTDataset>:' in.vrt"#;
    const OVERVIEWS: &str = "for i in a b c; do gdaladdo -q -ro -r average $i.tif 2; done
        gdalbuildvrt -q -resolution user -tr 2 2 in.vrt a.tif b.tif c.tif";
    const USED_MASKS: &str = "gdalbuildvrt -q -vrtnodata -9 in.vrt a.tif b.tif c.tif
        sed -i 's:SimpleSource>:ComplexSource>:
        s:</ComplexSource>:<UseMaskBand>true</UseMaskBand>&:' in.vrt
        gdal_translate -q -of GTiff -ot Byte -srcwin 80 0 40 40 mask.tif c.tif.msk";
    // What it is, the input, how it is made, what changes, and how many of the three tiles stay.
    let cases = [
        ("mask", "in.vrt", MASK, "cp new_mask.tif mask.tif", 0),
        ("overviews", "in.vrt", OVERVIEWS, "rm c.tif.ovr; gdaladdo -q -ro -r nearest c.tif 2", 1),
        (
            "overviews that are asked for",
            "a.tif b.tif c.tif --oo OVERVIEW_LEVEL=0",
            "for i in a b c; do gdaladdo -q -ro -r average $i.tif 2; done",
            "rm c.tif.ovr; gdaladdo -q -ro -r nearest c.tif 2",
            1,
        ),
        (
            "NoData in metadata",
            "in.vrt",
            &USED_MASKS.replace("gdal_translate", "true"),
            "v=$(gdallocationinfo -valonly c.tif 20 20)
            echo '<PAMDataset><Metadata><MDI key=\"NODATA_VALUES\">'$v'</MDI></Metadata>\
            </PAMDataset>' > c.tif.aux.xml",
            1,
        ),
        (
            "a mask that is a VRT",
            "in.vrt",
            &format!(
                "{USED_MASKS}; rm c.tif.msk; gdal_translate -q -of GTiff -ot Byte \
            -srcwin 80 0 40 40 mask.tif m.tif; gdal_translate -q -of VRT m.tif c.tif.msk"
            ),
            "gdal_translate -q -of GTiff -ot Byte -srcwin 80 0 40 40 new_mask.tif m.tif",
            0,
        ),
        (
            "masks of sources",
            "in.vrt",
            USED_MASKS,
            "gdal_translate -q -of GTiff -ot Byte -srcwin 80 0 40 40 new_mask.tif c.tif.msk",
            1,
        ),
        (
            "NoData of a source",
            "in.vrt",
            &USED_MASKS.replace("gdal_translate", "true"),
            "v=$(gdallocationinfo -valonly c.tif 20 20)
            echo '<PAMDataset><PAMRasterBand band=\"1\"><NoDataValue>'$v'</NoDataValue>\
            </PAMRasterBand></PAMDataset>' > c.tif.aux.xml",
            1,
        ),
        (
            "VRTs by other names",
            "in.vrt",
            "for i in a b c; do gdalbuildvrt -q $i.vrt $i.tif; mv $i.vrt $i.dat; done
            gdalbuildvrt -q in.vrt a.dat b.dat c.dat",
            "cp new.tif c.tif",
            0,
        ),
        (
            "a header",
            "in.vrt",
            "for i in a b c; do gdal_translate -q -of ENVI $i.tif $i.dat; done
            gdalbuildvrt -q in.vrt a.dat b.dat c.dat",
            "sed -i 's/byte order = 0/byte order = 1/' c.hdr",
            1,
        ),
        (
            "cells in a file of their own",
            "in.vrt",
            "for i in a b c new; do gdal_translate -q -of HFA -co USE_SPILL=YES $i.tif $i.img; done
            gdalbuildvrt -q in.vrt a.img b.img c.img",
            "mv new.ige c.ige",
            1,
        ),
        (
            "a name with a driver",
            "in.vrt",
            "gdalbuildvrt -q in.vrt a.tif b.tif c.tif
            sed -i 's/relativeToVRT=\"1\">c.tif/relativeToVRT=\"0\">GTIFF_DIR:1:c.tif/' in.vrt",
            "cp new.tif c.tif",
            0,
        ),
        (
            "a VRT that is a link",
            "l/in.vrt",
            "mkdir d l; mv a.tif b.tif c.tif d; gdalbuildvrt -q d/in.vrt d/a.tif d/b.tif d/c.tif
            ln -s ../d/in.vrt l/in.vrt",
            "cp new.tif d/c.tif",
            1,
        ),
        (
            "a folder",
            "in.zarr",
            "gdalbuildvrt -q in.vrt a.tif b.tif c.tif; gdal_translate -q -of Zarr in.vrt in.zarr",
            "cp new.tif c.tif; rm -r in.zarr; gdal_translate -q -of Zarr in.vrt in.zarr",
            0,
        ),
    ];
    for (what, input, make, change, stay) in cases {
        if what == "a folder" && !can_write("Zarr") {
            continue;
        }
        let folder = sheets();
        script(&folder, make);
        let tile = if what.starts_with("overviews") { 20 } else { 40 };
        let plan = |more: &str| {
            folder.line(0, &format!("svf_tile {input} p.json --tile-size {tile} {SKY} {more}"))
        };
        plan("");
        folder.line(0, "svf_compute --plan p.json --tiles 0-1");
        script(&folder, change);
        let refused = folder.line(1, "svf_compute --plan p.json");
        assert!(refused.stderr.contains("does not match this run"), "{what}: {refused}");
        plan("--overwrite");
        let went_on = folder.line(0, "svf_compute --plan p.json --progress json");
        assert_eq!(tiles_of(&went_on), (stay, 3 - stay), "{what}");
        folder.line(0, "svf_mosaic p.json all.tif");
        folder.line(0, &format!("svf_compute {input} one.tif {SKY}"));
        assert_equal(&folder, "all.tif", "one.tif");
    }
}

/// The state of a folder is that of its files, not that of the folder.
#[test]
fn rasters_that_are_folders_can_be_sources() {
    if !can_write("Zarr") {
        return skip("no Zarr driver here");
    }
    let folder = sheets();
    script(
        &folder,
        "mkdir z; for i in a b c; do gdal_translate -q -of Zarr $i.tif z/$i.zarr; done",
    );
    script(&folder, "gdalbuildvrt -q in.vrt a.tif b.tif c.tif; gdalbuildvrt -q z.vrt z/*.zarr");
    folder.line(0, &format!("svf_compute in.vrt one.tif {SKY}"));
    for input in ["z.vrt", "z"] {
        folder.line(0, &format!("svf_compute {input} all.tif {SKY} --overwrite"));
        assert_equal(&folder, "all.tif", "one.tif");
        folder.line(0, &format!("svf_tile {input} z.json --tile-size 40 {SKY} --overwrite"));
        folder.line(0, "svf_compute --plan z.json");
    }
}

#[test]
fn what_programs_note_beside_a_source_changes_nothing() {
    let folder = sheets();
    script(&folder, "gdalbuildvrt -q in.vrt a.tif b.tif c.tif");
    folder.line(0, &format!("svf_tile in.vrt p.json --tile-size 40 {SKY}"));
    folder.line(0, "svf_compute --plan p.json --tiles 0");
    script(&folder, "gdalinfo -stats -hist c.tif; gdaladdo -q -ro c.tif 2; gdalinfo -stats in.vrt");
    assert!(fs::exists(folder.path("c.tif.aux.xml")).unwrap());
    let went_on = folder.line(0, "svf_compute --plan p.json --progress json");
    assert_eq!(tiles_of(&went_on), (1, 2));
    // Some drivers note more than statistics, such as what is in a header.
    let more = [
        ("HFA", "img", ""),
        ("HFA", "img", "-co COMPRESSED=YES"),
        ("ENVI", "bin", "-a_nodata -9999"),
        ("EHdr", "bil", ""),
        ("NITF", "ntf", ""),
        ("JP2OpenJPEG", "jp2", "-ot UInt16"),
    ];
    for (driver, ending, nodata) in more {
        if !can_write(driver) {
            continue;
        }
        let _ = fs::remove_dir_all(folder.path(driver));
        let own = format!(
            "for i in a b c; do gdal_translate -q -of {driver} {nodata} $i.tif {driver}/$i.{ending}"
        );
        script(&folder, &format!("mkdir {driver}; {own}; done"));
        folder
            .line(0, &format!("svf_tile {driver} {driver}.json --tile-size 40 {SKY} --overwrite"));
        script(
            &folder,
            &format!("gdalinfo -stats {driver}/a.{ending}; gdalinfo -hist {driver}/b.{ending}"),
        );
        assert!(fs::exists(folder.path(&format!("{driver}/a.{ending}.aux.xml"))).unwrap());
        folder.line(0, &format!("svf_compute --plan {driver}.json"));
        // Another NoData value is another raster.
        let notes = "<PAMDataset><PAMRasterBand band=\"1\"><NoDataValue>3</NoDataValue></PAMRasterBand></PAMDataset>";
        fs::write(folder.path(&format!("{driver}/a.{ending}.aux.xml")), notes).unwrap();
        folder.line(1, &format!("svf_compute --plan {driver}.json"));
    }
}
