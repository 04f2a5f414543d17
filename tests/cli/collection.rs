//! Many files read as one raster.

use std::fs;

use ndarray::{Array2, s};

use crate::support::{
    Dem, Folder, NODATA, ORIGIN, assert_same_bits, item, run, skip, terrain, with_gaps,
};

const OPTIONS: &str = "--radius 9px -n 8 --measure svf,coverage,openness-negative";

/// A part of a raster: its rows and columns, and the name of its file.
type Cut<'a> = (std::ops::Range<usize>, std::ops::Range<usize>, &'a str);

/// Four parts of 60 x 70 cells, of different sizes.
const CUTS: [Cut<'_>; 4] = [
    (0..25, 0..40, "a.tif"),
    (0..25, 40..70, "b.tif"),
    (25..60, 0..40, "c.tif"),
    (25..60, 40..70, "d.tif"),
];

/// The part of a raster of 1 m cells, as a raster of its own.
fn part(cells: &Array2<f64>, (rows, cols, _): &Cut<'_>) -> Dem {
    let mut dem = Dem::of(&cells.slice(s![rows.clone(), cols.clone()]).to_owned());
    dem.geo_transform[0] += cols.start as f64;
    dem.geo_transform[3] -= rows.start as f64;
    dem
}

/// The whole as whole.tif, NaN where it has no height, and its four parts in tiles/, as they are.
fn tiled() -> (Folder, Array2<f64>) {
    let folder = Folder::new();
    let cells = with_gaps(terrain(60, 70, 3)).mapv(f64::from);
    Dem::of(&cells).write::<f32>(&folder.path("whole.tif"));
    fs::create_dir(folder.path("tiles")).unwrap();
    for cut in &CUTS {
        part(&cells, cut).write::<f32>(&folder.path(&format!("tiles/{}", cut.2)));
    }
    folder.line(0, &format!("svf_compute -q whole.tif expected.tif {OPTIONS}"));
    (folder, cells)
}

/// Runs a line of shell script with the tools on the path.
#[track_caller]
fn shell(folder: &Folder, line: &str) -> crate::support::Run {
    let tools = std::path::Path::new(env!("CARGO_BIN_EXE_svf_compute")).parent().unwrap();
    let script = format!("PATH={}:$PATH; {line}", tools.display());
    run(&mut folder.in_folder("bash", &["-c", &script]), &[])
}

#[track_caller]
fn assert_expected(folder: &Folder, output: &str) {
    let (made, expected) = (folder.open(output), folder.open("expected.tif"));
    assert_eq!(made.geo_transform().unwrap(), expected.geo_transform().unwrap(), "{output}");
    assert_eq!(made.projection(), expected.projection());
    for (cells, expected) in folder.bands(output).iter().zip(folder.bands("expected.tif")) {
        assert_same_bits(cells, &expected, output);
    }
}

#[test]
fn four_spellings_of_the_same_files_equal_one_raster() {
    let (folder, _) = tiled();
    fs::write(folder.path("tiles/README.txt"), "what these are").unwrap();
    fs::write(folder.path("tiles/a.tfw"), "1\n0\n0\n-1\n500000.5\n4649999.5\n").unwrap();
    fs::write(folder.path("tiles/.hidden.tif"), "no raster").unwrap();
    fs::write(
        folder.path("names.txt"),
        "tiles/a.tif\ntiles/b.tif\n\n tiles/c.tif\r\ntiles/d.tif\n",
    )
    .unwrap();
    for (i, input) in [
        "tiles",
        "tiles/",
        "'tiles/*.tif'",
        "'t?les/[a-d].tif'",
        "tiles/*.tif",
        "--input-list names.txt",
    ]
    .iter()
    .enumerate()
    {
        let output = format!("{i}.tif");
        let run = shell(&folder, &format!("svf_compute {input} {output} {OPTIONS}"));
        assert_eq!(run.code, Some(0), "{input}: {run}");
        assert!(
            run.stderr.contains("4 files read as one raster of 70 columns and 60 rows"),
            "{run}"
        );
        let word = run.stderr.contains("skipped 1 file that is not a raster: README.txt");
        assert_eq!(word, i < 2, "{input}: {run}");
        assert_expected(&folder, &output);
        let made_of = item(&folder.open(&output), "SVF_INPUT", "").unwrap();
        assert_eq!(made_of, "4 files: a.tif to d.tif");
    }
}

/// GeoPackages often have no rasters. One that has, and cannot be read, is no reason for a gap.
#[test]
fn a_raster_that_cannot_be_read_is_not_skipped() {
    let (folder, _) = tiled();
    let line = "gdal_translate -q -of GPKG tiles/b.tif tiles/b.gpkg && rm tiles/b.tif";
    assert_eq!(shell(&folder, line).code, Some(0));
    fs::write(folder.path("tiles/b.gpkg.msk"), "no mask").unwrap();
    let run = shell(&folder, &format!("svf_compute tiles out.tif {OPTIONS}"));
    assert_eq!(run.code, Some(1), "{run}");
    assert!(run.stderr.contains("1 of 4 files does not fit the others"), "{run}");
    assert!(run.stderr.contains("is no mask that fits it"), "{run}");
    assert!(!folder.path("out.tif").exists());
}

#[test]
fn plans_and_work_folders_know_all_the_files() {
    let (folder, cells) = tiled();
    folder.line(0, &format!("svf_tile -q tiles plan.json --tile-size 32 {OPTIONS}"));
    let plan = fs::read_to_string(folder.path("plan.json")).unwrap();
    let plan: serde_json::Value = serde_json::from_str(&plan).unwrap();
    let names: Vec<_> = plan["inputs"].as_array().unwrap().iter().map(|i| &i["path"]).collect();
    assert_eq!(names, ["tiles/a.tif", "tiles/b.tif", "tiles/c.tif", "tiles/d.tif"]);
    folder.line(0, "svf_compute -q --plan plan.json --tile-part 1/2");
    folder.line(0, "svf_compute -q --plan plan.json --tile-part 2/2");
    folder.line(0, "svf_mosaic -q plan.json joined.tif");
    assert_expected(&folder, "joined.tif");
    // None of the files can be written over.
    let refused = folder.line(2, "svf_mosaic plan.json tiles/b.tif --overwrite");
    assert!(refused.stderr.contains("part of the input"), "{refused}");
    // A work folder goes on by another spelling of the same files.
    folder.line(0, &format!("svf_compute -q tiles w.tif --work-dir work --tile-size 32 {OPTIONS}"));
    assert_expected(&folder, "w.tif");
    fs::remove_file(folder.path("w.tif")).unwrap();
    let again =
        shell(&folder, &format!("svf_compute 'tiles/*.tif' w.tif --work-dir work {OPTIONS}"));
    assert_eq!(again.code, Some(0), "{again}");
    assert!(again.stderr.contains("0 tiles computed, 6 already done"), "{again}");
    assert_expected(&folder, "w.tif");
    // One file changed, or one gone.
    part(&(cells + 1.0), &CUTS[1]).write::<f32>(&folder.path("tiles/b.tif"));
    let line = format!("svf_compute tiles w.tif --overwrite --work-dir work {OPTIONS}");
    let again = folder.line(0, &line);
    assert!(again.stderr.contains("1 file of the input changed"), "{again}");
    folder.line(0, &format!("svf_compute tiles fresh.tif -q {OPTIONS}"));
    for band in 1..=3 {
        assert_same_bits(&folder.band("w.tif", band), &folder.band("fresh.tif", band), "changed");
    }
    let changed = folder.line(1, "svf_compute --plan plan.json");
    assert!(changed.stderr.contains("the modification time of b.tif was"), "{changed}");
    fs::remove_file(folder.path("tiles/d.tif")).unwrap();
    let fewer = folder.line(0, &line);
    assert!(fewer.stderr.contains("covered by no file"), "{fewer}");
    folder.line(0, &format!("svf_compute tiles fresh.tif -q --overwrite {OPTIONS}"));
    for band in 1..=3 {
        assert_same_bits(&folder.band("w.tif", band), &folder.band("fresh.tif", band), "gone");
    }
    let gone = folder.line(1, "svf_compute --plan plan.json");
    assert!(gone.stderr.contains("d.tif cannot be found"), "{gone}");
}

/// One file of 64-bit floats, from whose heights an offset is subtracted: so it is from all others.
#[test]
fn files_of_several_types_are_one_surface() {
    let folder = Folder::new();
    // Eighths of a metre, which all of these types can store with a scale; in the 64-bit file there
    // are more digits, which are lost without the offset.
    let mut cells = terrain(60, 70, 3).mapv(|z| 3000.0 + f64::from((z * 8.0).round()) / 8.0);
    let mut digits = cells.slice_mut(s![CUTS[1].0.clone(), CUTS[1].1.clone()]);
    digits
        .indexed_iter_mut()
        .for_each(|((row, col), z)| *z += 1e-5 * ((7 * row + col) % 10) as f64);
    Dem::of(&cells).write::<f64>(&folder.path("whole.tif"));
    folder.line(0, &format!("svf_compute -q whole.tif expected.tif {OPTIONS}"));
    fs::create_dir(folder.path("tiles")).unwrap();
    for (number, cut) in CUTS.iter().enumerate() {
        let path = folder.path(&format!("tiles/{}", cut.2));
        let part = part(&cells, cut);
        match number {
            1 => part.write::<f64>(&path),
            _ => part.write::<f32>(&path),
        }
    }
    folder.line(0, &format!("svf_compute tiles out.tif {OPTIONS}"));
    assert!(item(&folder.open("out.tif"), "SVF_HEIGHT_OFFSET", "").is_some());
    assert_expected(&folder, "out.tif");
    // With scaled integers.
    let scale = ["-q", "-ot", "Int16", "-a_scale", "0.125", "-scale", "0", "4000", "0", "32000"];
    let args = [&scale[..], &["tiles/d.tif", "tiles/e.tif"]].concat();
    let made = run(&mut folder.in_folder("gdal_translate", &args), &[]);
    assert_eq!(made.code, Some(0), "{made}");
    fs::rename(folder.path("tiles/e.tif"), folder.path("tiles/d.tif")).unwrap();
    folder.line(0, &format!("svf_compute tiles out.tif {OPTIONS} --overwrite"));
    assert_expected(&folder, "out.tif");
    folder.line(
        0,
        &format!("svf_compute tiles out.tif --work-dir w --tile-size 20 {OPTIONS} --overwrite"),
    );
    assert_expected(&folder, "out.tif");
}

/// A file that is a link is known by its own name, wherever it leads to.
#[cfg(unix)]
#[test]
fn a_file_of_a_folder_can_be_a_link() {
    let (folder, _) = tiled();
    fs::create_dir(folder.path("store")).unwrap();
    fs::rename(folder.path("tiles/b.tif"), folder.path("store/kept.tif")).unwrap();
    std::os::unix::fs::symlink("../store/kept.tif", folder.path("tiles/b.tif")).unwrap();
    fs::write(folder.path("l.txt"), "tiles/a.tif\ntiles/b.tif\ntiles/c.tif\ntiles/d.tif\n")
        .unwrap();
    for input in ["tiles", "--input-list l.txt"] {
        folder.line(0, &format!("svf_tile {input} p.json --tile-size 20 {OPTIONS} --overwrite"));
        folder.line(0, "svf_compute --plan p.json");
        folder.line(0, "svf_mosaic p.json out.tif --overwrite");
        assert_expected(&folder, "out.tif");
    }
    folder.line(0, &format!("svf_compute tiles out.tif --work-dir w {OPTIONS} --overwrite"));
    assert_expected(&folder, "out.tif");
}

/// The paths in a plan are relative to the plan itself: a link to it says only where it is.
#[cfg(unix)]
#[test]
fn a_plan_can_be_a_link() {
    let (folder, _) = tiled();
    for name in ["plans", "links"] {
        fs::create_dir(folder.path(name)).unwrap();
    }
    std::os::unix::fs::symlink("../plans/p.json", folder.path("links/p.json")).unwrap();
    let plan = format!("svf_tile tiles links/p.json --tile-size 20 {OPTIONS} --overwrite");
    for made in ["svf_tile tiles plans/p.json --tile-size 20 --radius 1", &plan] {
        folder.line(0, made);
        folder.line(0, "svf_compute --plan links/p.json");
        folder.line(0, "svf_mosaic links/p.json out.tif --overwrite");
        assert!(folder.path("plans/p.tiles").is_dir() && !folder.path("links/p.tiles").exists());
    }
    assert_expected(&folder, "out.tif");
    let link = folder.path("links/p.json");
    assert!(fs::symlink_metadata(link).unwrap().is_symlink(), "the link is still there");
}

#[test]
fn points_and_sections_read_many_files() {
    let (folder, _) = tiled();
    for line in [
        "point IN --at-cell 24,41 --radius 9px -n 8",
        "section IN --from 500002,4649990 --to 500060,4649950 --format csv",
    ] {
        let of =
            |input: &str| shell(&folder, &format!("svf_profile {}", line.replace("IN", input)));
        let whole = of("whole.tif");
        assert_eq!(whole.code, Some(0), "{whole}");
        let whole = whole.text().replace("whole.tif", "INPUT");
        for input in ["tiles", "'tiles/*.tif'"] {
            let name = input.trim_matches('\'');
            let run = of(input);
            assert_eq!(run.text().replace(name, "INPUT"), whole, "{line} {input}: {run}");
        }
        let run = of("tiles/*.tif -");
        assert_eq!(run.text().replace("tiles/a.tif and 3 more", "INPUT"), whole, "{line}: {run}");
    }
}

#[test]
fn each_file_means_what_it_means_alone() {
    // The same heights with the same gaps, each file in a type, NoData value and scale of its own.
    let (folder, cells) = tiled();
    let without = |cut: &Cut<'_>, nodata: f64| {
        let mut dem = part(&cells, cut);
        dem.cells.mapv_inplace(|z| if z.is_nan() { nodata } else { z });
        dem.nodata = Some(nodata);
        dem
    };
    let path = |cut: &Cut<'_>| folder.path(&format!("tiles/{}", cut.2));
    without(&CUTS[0], -32768.0).write::<i16>(&path(&CUTS[0]));
    without(&CUTS[1], 255.0).write::<u8>(&path(&CUTS[1]));
    let mut scaled = without(&CUTS[2], 65535.0);
    scaled.cells.mapv_inplace(|z| if z == 65535.0 { z } else { z * 4.0 });
    scaled.scale_offset = Some((0.25, 0.0));
    scaled.write::<u16>(&path(&CUTS[2]));
    without(&CUTS[3], -3.4e38).write::<f64>(&path(&CUTS[3]));
    folder.line(0, &format!("svf_compute -q tiles mixed.tif {OPTIONS}"));
    assert_expected(&folder, "mixed.tif");
    folder.line(0, &format!("svf_tile -q tiles plan.json --tile-size 30 {OPTIONS}"));
    folder.line(0, "svf_compute -q --plan plan.json");
    folder.line(0, "svf_mosaic -q plan.json joined.tif");
    assert_expected(&folder, "joined.tif");
}

#[test]
fn a_value_that_one_file_declares_missing_is_a_height_in_another() {
    let folder = Folder::new();
    fs::create_dir(folder.path("tiles")).unwrap();
    let mut cells = terrain(20, 40, 5).mapv(f64::from);
    cells[[10, 5]] = 7.0;
    cells[[10, 30]] = 7.0;
    let mut missing = cells.clone();
    missing[[10, 5]] = f64::NAN;
    Dem::of(&missing).write::<f32>(&folder.path("whole.tif"));
    let (left, right) = ((0..20, 0..20, "a.tif"), (0..20, 20..40, "b.tif"));
    let mut declared = part(&cells, &left);
    declared.nodata = Some(7.0);
    declared.write::<i16>(&folder.path("tiles/a.tif"));
    part(&cells, &right).write::<f32>(&folder.path("tiles/b.tif"));
    folder.line(0, &format!("svf_compute -q whole.tif expected.tif {OPTIONS}"));
    folder.line(0, &format!("svf_compute -q tiles out.tif {OPTIONS}"));
    assert_expected(&folder, "out.tif");
    let svf = folder.band("out.tif", 1);
    assert_eq!(svf[[10, 5]], NODATA);
    assert_ne!(svf[[10, 30]], NODATA);
}

#[test]
fn gaps_are_missing_and_overlaps_count_the_last() {
    let (folder, mut cells) = tiled();
    // Without c.tif, and with e.tif over a part of all, itself with a hole.
    fs::remove_file(folder.path("tiles/c.tif")).unwrap();
    cells.slice_mut(s![25..60, 0..40]).fill(f64::NAN);
    let mut above = cells.clone() + 40.0;
    let hole = cells[[20, 50]];
    above[[20, 50]] = f64::NAN;
    part(&above, &(15..40, 30..60, "e.tif")).write::<f32>(&folder.path("tiles/e.tif"));
    let over = above.slice(s![15..40, 30..60]);
    for ((row, col), &z) in over.indexed_iter() {
        if !z.is_nan() {
            cells[[15 + row, 30 + col]] = z;
        }
    }
    assert_eq!(cells[[20, 50]], hole);
    Dem::of(&cells).write::<f32>(&folder.path("whole.tif"));
    folder.line(0, &format!("svf_compute -q whole.tif expected.tif --overwrite {OPTIONS}"));
    let run = folder.line(0, &format!("svf_compute tiles out.tif {OPTIONS}"));
    assert!(run.stderr.contains("14 % of the cells of tiles are in more than one file"), "{run}");
    assert!(run.stderr.contains("e.tif: where it overlaps tiles/d.tif, its heights"), "{run}");
    assert_expected(&folder, "out.tif");
    // In the order of a list, whatever their names.
    fs::write(folder.path("names.txt"), "tiles/e.tif\ntiles/a.tif\ntiles/b.tif\ntiles/d.tif\n")
        .unwrap();
    folder.line(0, &format!("svf_compute -q --input-list names.txt last.tif {OPTIONS}"));
    let (last, first) = (folder.band("last.tif", 1), folder.band("out.tif", 1));
    assert!(last.iter().zip(&first).any(|(a, b)| a != b));
}

/// Runs on the folder, which is to be refused with one table.
#[track_caller]
fn assert_odd(folder: &Folder, words: &[&str]) {
    let run = folder.line(1, "svf_compute tiles out.tif --radius 5px");
    assert!(run.stdout.is_empty() && !folder.path("out.tif").exists());
    for word in words {
        assert!(run.stderr.contains(word), "lacks '{word}': {run}");
    }
    let events = folder.line(1, "svf_compute tiles out.tif --radius 5px --progress json").events();
    assert_eq!(events.last().unwrap()["data"]["code"], "input.mismatch");
}

#[test]
fn an_odd_file_is_named_with_what_mends_it() {
    let (folder, cells) = tiled();
    let odd = folder.path("tiles/b.tif");
    let make = || part(&cells, &CUTS[1]);
    // Cells of 2 m.
    let mut dem = make();
    dem.geo_transform[1] = 2.0;
    dem.geo_transform[5] = -2.0;
    dem.write::<f32>(&odd);
    assert_odd(
        &folder,
        &[
            "cannot read tiles as one raster: 1 of 4 files does not fit",
            "tiles/b.tif: cell size 2, the others 1\n",
            "gdalwarp -te 500040 4649950 500100 4650000 -tr 1 1 -r bilinear -ot Float32 -dstnodata -9999 tiles/b.tif tiles/b_fits.tif",
            "never resample their input",
        ],
    );
    // The line mends it.
    let line = "gdalwarp -q -te 500040 4649950 500100 4650000 -tr 1 1 -r bilinear -ot Float32 -dstnodata -9999 tiles/b.tif mended.tif && mv mended.tif tiles/b.tif";
    if shell(&folder, "gdalwarp --version").code == Some(0) {
        assert_eq!(shell(&folder, line).code, Some(0));
        folder.line(0, "svf_compute -q tiles mended_svf.tif --radius 5px");
    }
    // A third of a cell aside.
    let mut dem = make();
    dem.geo_transform[0] += 0.3;
    dem.write::<f32>(&odd);
    assert_odd(
        &folder,
        &[
            "tiles/b.tif: its cells are shifted by 0 of a row and 0.3 of a column from",
            "gdalwarp -te 500040 ",
        ],
    );
    // Within a thousandth.
    let mut dem = make();
    dem.geo_transform[0] += 0.0004;
    dem.write::<f32>(&odd);
    folder.line(0, "svf_compute -q tiles near.tif --radius 5px");
    // Another CRS, or none.
    let mut dem = make();
    dem.epsg = Some(25833);
    dem.write::<f32>(&odd);
    assert_odd(
        &folder,
        &[
            "tiles/b.tif: CRS EPSG:25833, the others EPSG:32633",
            "gdalwarp -t_srs EPSG:32633 -te 500040 4649975 500070 4650000 -tr 1 1 -r bilinear ",
        ],
    );
    let mut dem = make();
    dem.epsg = None;
    dem.write::<f32>(&odd);
    assert_odd(
        &folder,
        &[
            "tiles/b.tif: CRS none, the others EPSG:32633",
            "gdal_edit.py -a_srs EPSG:32633 tiles/b.tif",
        ],
    );
    // Rows that run north.
    let mut dem = make();
    dem.geo_transform[5] = 1.0;
    dem.write::<f32>(&odd);
    assert_odd(
        &folder,
        &[
            "tiles/b.tif: its rows run from south to north, in the others rows run from north to south\n",
            "gdalwarp -te 500040 4650000 500070 4650025 -tr 1 1 -r bilinear ",
        ],
    );
    // Rotated.
    let mut dem = make();
    dem.geo_transform[2] = 0.2;
    dem.write::<f32>(&odd);
    assert_odd(&folder, &["tiles/b.tif: the grid is rotated or sheared", "gdalwarp"]);
    // Cut short: not a file of another kind.
    fs::write(&odd, b"II*\0 no tiff").unwrap();
    assert_odd(&folder, &["tiles/b.tif: "]);
    make().write::<f32>(&odd);
    // Several kinds in one table, and the first file is the odd one.
    let mut first = part(&cells, &CUTS[0]);
    first.epsg = Some(25833);
    first.write::<f32>(&folder.path("tiles/a.tif"));
    let mut last = part(&cells, &CUTS[3]);
    last.geo_transform[1] = 2.0;
    last.geo_transform[5] = -2.0;
    last.write::<f32>(&folder.path("tiles/d.tif"));
    fs::write(folder.path("tiles/e.tif"), "").unwrap();
    assert_odd(
        &folder,
        &["3 of 5 files", "tiles/a.tif: CRS", "tiles/d.tif: cell size 2", "tiles/e.tif: "],
    );
}

#[test]
fn a_file_of_another_crs_is_put_on_the_grid_of_the_others_wherever_that_begins() {
    let (folder, cells) = tiled();
    for cut in &CUTS {
        let mut dem = part(&cells, cut);
        dem.geo_transform[0] += 0.25;
        dem.geo_transform[3] += 0.125;
        if cut.2 == "b.tif" {
            dem.epsg = Some(25833);
        }
        dem.write::<f32>(&folder.path(&format!("tiles/{}", cut.2)));
    }
    let target =
        "gdalwarp -t_srs EPSG:32633 -te 500040.25 4649975.125 500070.25 4650000.125 -tr 1 1";
    assert_odd(&folder, &[&format!("{target} -r bilinear -dstnodata -9999")[..target.len()]]);
    if shell(&folder, "gdalwarp --version").code == Some(0) {
        let line = format!("{target} -q tiles/b.tif b.tif && mv b.tif tiles/b.tif");
        assert_eq!(shell(&folder, &line).code, Some(0));
        folder.line(0, "svf_compute -q tiles out.tif --radius 5px");
    }
}

#[test]
fn hints_name_files_and_no_folder() {
    let (folder, cells) = tiled();
    // NoData that nobody declared, in each.
    let hole = cells.mapv(|z| if z.is_nan() { -9999.0 } else { z });
    for cut in &CUTS {
        let dem = Dem { nodata: None, ..part(&hole, cut) };
        dem.write::<f32>(&folder.path(&format!("tiles/{}", cut.2)));
    }
    let run = folder.line(0, "svf_compute tiles out.tif --radius 5px");
    let files = "tiles/a.tif tiles/b.tif tiles/c.tif tiles/d.tif";
    let line = format!("gdalbuildvrt -srcnodata -9999 -vrtnodata -9999 nodata.vrt {files}\n");
    assert!(run.stderr.contains(&line), "{run}");
    // A map that stretches lengths.
    for cut in &CUTS {
        let mut dem = part(&cells, cut);
        dem.geo_transform[3] += 4_000_000.0;
        dem.epsg = Some(3857);
        dem.write::<f32>(&folder.path(&format!("tiles/{}", cut.2)));
    }
    let run = folder.line(0, "svf_compute tiles out.tif --radius 5px --overwrite");
    assert!(run.stderr.contains(&format!(" {files} projected.tif\n")), "{run}");
}

#[test]
fn bands_and_units_of_heights_are_compared() {
    let (folder, cells) = tiled();
    let picture = "gdal_translate -q -b 1 -b 1 -b 1 tiles/b.tif t.tif && mv t.tif tiles/b.tif";
    if shell(&folder, picture).code != Some(0) {
        return skip("no GDAL programs here");
    }
    assert_odd(
        &folder,
        &["tiles/b.tif: 3 bands, the others 1", "gdal_translate -b 1 tiles/b.tif tiles/b_band.tif"],
    );
    part(&cells, &CUTS[1]).write::<f32>(&folder.path("tiles/b.tif"));
    // No place at all.
    let bare = "gdal_translate -q -co PROFILE=BASELINE tiles/b.tif t.tif && mv t.tif tiles/b.tif";
    assert_eq!(shell(&folder, bare).code, Some(0));
    assert_odd(&folder, &["tiles/b.tif: it has no coordinates"]);
    part(&cells, &CUTS[1]).write::<f32>(&folder.path("tiles/b.tif"));
    let note = "<PAMDataset><PAMRasterBand band=\"1\"><UnitType>ft</UnitType></PAMRasterBand></PAMDataset>";
    fs::write(folder.path("tiles/b.tif.aux.xml"), note).unwrap();
    assert_odd(
        &folder,
        &[
            "tiles/b.tif: heights in units of 0.3048 m, the others 1 m",
            "gdal_calc.py -A tiles/b.tif --calc \"A*0.3048\"",
        ],
    );
    fs::remove_file(folder.path("tiles/b.tif.aux.xml")).unwrap();
    // An alpha band says where the first counts.
    let alpha =
        "gdalwarp -q -dstalpha -te 500040 4649975 500072 4650000 whole.tif tiles/b.tif -overwrite";
    assert_eq!(shell(&folder, alpha).code, Some(0));
    folder.line(0, "svf_compute -q tiles out.tif --radius 5px");
}

#[test]
fn results_and_mosaics_in_the_folder_are_left_out() {
    let (folder, _) = tiled();
    let line = format!("svf_compute tiles tiles/out.tif {OPTIONS}");
    folder.line(0, &line);
    assert_expected(&folder, "tiles/out.tif");
    // The output itself is not worth a word, another result is.
    let again = folder.line(0, &format!("{line} --overwrite"));
    assert!(!again.stderr.contains("not read"), "{again}");
    assert_expected(&folder, "tiles/out.tif");
    let other = folder.line(0, &format!("svf_compute tiles other.tif {OPTIONS}"));
    assert!(
        other.stderr.contains("not read from tiles: tiles/out.tif (a result of these tools: svf,"),
        "{other}"
    );
    assert_expected(&folder, "other.tif");
    // Through the shell, with the earlier result among the names.
    let shelled =
        shell(&folder, &format!("svf_compute tiles/*.tif tiles/out.tif --overwrite {OPTIONS}"));
    assert_eq!(shelled.code, Some(0), "{shelled}");
    assert_expected(&folder, "tiles/out.tif");
    // A VRT over the same files.
    if shell(&folder, "gdalbuildvrt -q tiles/all.vrt tiles/[a-d].tif").code == Some(0) {
        let run = folder.line(0, &format!("svf_compute tiles third.tif {OPTIONS}"));
        assert!(
            run.stderr.contains("tiles/all.vrt (a mosaic of other files of the input)"),
            "{run}"
        );
        assert_expected(&folder, "third.tif");
    }
    // An input tile is no output, whoever names it.
    let refused = folder.line(2, "svf_compute tiles tiles/b.tif --overwrite");
    assert!(refused.stderr.contains("tiles/b.tif is the input"), "{refused}");
    for line in [
        "svf_compute tiles/[a-d].tif --overwrite",
        "svf_compute tiles/[abcd].tif --dry-run",
        "svf_profile point tiles/[a-d].tif --overwrite --at-cell 3,3",
    ] {
        let run = shell(&folder, line);
        assert_eq!(run.code, Some(2), "{line}: {run}");
    }
    let forgotten = shell(&folder, "svf_compute tiles/[a-d].tif --overwrite");
    assert!(
        forgotten.stderr.contains("the last of 4 names is the output, but tiles/d.tif is a raster"),
        "{forgotten}"
    );
}

#[test]
fn folders_and_patterns_without_a_raster() {
    let folder = Folder::new();
    fs::create_dir(folder.path("empty")).unwrap();
    folder
        .svf(&["empty", "out.tif"])
        .assert_refused(1, &["cannot open empty: the folder is empty"]);
    fs::write(folder.path("empty/README.txt"), "no raster").unwrap();
    fs::write(folder.path("empty/table.csv"), "a,b\n").unwrap();
    let words = ["cannot open empty: none of its 2 files is an elevation raster"];
    folder.svf(&["empty", "out.tif"]).assert_refused(1, &words);
    let words = ["cannot open empty/*.tif: it is no file, and no file matches it as a pattern"];
    folder.svf(&["empty/*.tif", "out.tif"]).assert_refused(1, &words);
    // Such a name may well be meant as it is.
    let words = ["cannot open dem[1].tif: it is no file, and no file matches it as a pattern"];
    folder.svf(&["dem[1].tif", "out.tif"]).assert_refused(1, &words);
    folder.svf(&["--input-list", "none.txt", "out.tif"]).assert_refused(1, &["none.txt"]);
    fs::write(folder.path("names.txt"), "none.tif\n").unwrap();
    let missing = folder.svf(&["--input-list", "names.txt", "out.tif"]);
    assert!(missing.code == Some(1) && missing.stderr.contains("none.tif: "), "{missing}");
    folder
        .svf(&["a.tif", "--input-list", "names.txt", "out.tif"])
        .assert_refused(2, &["only OUTPUT"]);
    folder.svf(&["--input-list", "names.txt"]).assert_refused(2, &["OUTPUT is missing"]);
    folder.svf(&["a.tif", "-", "out.tif"]).assert_refused(2, &["/vsistdin/ is a single raster"]);
    folder.assert_files(&["empty", "names.txt"]);
}

#[test]
fn more_files_than_may_be_open_at_once() {
    let folder = Folder::new();
    fs::create_dir(folder.path("tiles")).unwrap();
    let cells = terrain(100, 100, 8).mapv(f64::from);
    Dem::of(&cells).write::<f32>(&folder.path("whole.tif"));
    for i in 0..100 {
        let (row, col) = (i / 10 * 10, i % 10 * 10);
        let name = format!("{i:03}.tif");
        part(&cells, &(row..row + 10, col..col + 10, &name))
            .write::<f32>(&folder.path(&format!("tiles/{name}")));
    }
    folder.line(0, &format!("svf_compute -q whole.tif expected.tif {OPTIONS}"));
    folder.line(0, &format!("svf_compute -q tiles out.tif --tile-size 48 {OPTIONS}"));
    assert_expected(&folder, "out.tif");
    // Vegetation in as many files.
    let crowns = terrain(100, 100, 9).mapv(|z| f64::from(z) / 20.0);
    Dem::of(&crowns).write::<f32>(&folder.path("trees.tif"));
    fs::create_dir(folder.path("trees")).unwrap();
    for (rows, name) in [(0..50, "n.tif"), (50..100, "s.tif")] {
        part(&crowns, &(rows, 0..100, name)).write::<f32>(&folder.path(&format!("trees/{name}")));
    }
    folder.line(
        0,
        "svf_compute -q whole.tif expected.tif --overwrite --radius 9px --canopy trees.tif",
    );
    folder.line(0, "svf_compute -q tiles out.tif --overwrite --radius 9px --canopy trees");
    assert_expected(&folder, "out.tif");
    folder.line(0, "svf_tile -q tiles plan.json --radius 9px --canopy trees --tile-size 48");
    folder.line(0, "svf_compute -q --plan plan.json");
    folder.line(0, "svf_mosaic -q plan.json joined.tif");
    assert_expected(&folder, "joined.tif");
    assert_eq!(ORIGIN, (500_000.0, 4_650_000.0));
}

#[test]
fn tiles_are_cut_from_many_files() {
    let (folder, cells) = tiled();
    folder.line(0, "svf_tile -q tiles plan.json --radius 9px --tile-size 32 --cut cut");
    for name in fs::read_dir(folder.path("cut")).unwrap() {
        let name = format!("cut/{}", name.unwrap().file_name().to_string_lossy());
        let made = folder.open(&name);
        let [x, _, _, y, _, _] = made.geo_transform().unwrap();
        let (col, row) = ((x - ORIGIN.0) as usize, (ORIGIN.1 - y) as usize);
        let heights = folder.band(&name, 1);
        let (rows, cols) = heights.dim();
        let expected = cells.slice(s![row..row + rows, col..col + cols]).mapv(|z| z as f32);
        assert_same_bits(&heights, &expected, &name);
    }
    part(&cells, &CUTS[1]).write::<f64>(&folder.path("tiles/b.tif"));
    let refused = folder.line(2, "svf_tile -q tiles plan.json --overwrite --radius 9px --cut cut");
    assert!(refused.stderr.contains("differ in type"), "{refused}");
}

#[test]
fn a_file_far_away_from_the_others_is_no_endless_run() {
    let (folder, cells) = tiled();
    let mut away = part(&cells, &CUTS[3]);
    (away.geo_transform[0], away.geo_transform[3]) = (0.0, 60.0);
    away.write::<f32>(&folder.path("tiles/d.tif"));
    let refused = folder.line(1, "svf_compute tiles out.tif --radius 9px");
    refused.assert_refused(1, &["the files of tiles are too far apart", "wrong coordinates"]);
}

/// Slopes, heights above ground and shades lie on the same grid as the heights.
#[test]
fn files_with_other_values_than_those_below_are_said() {
    let folder = Folder::new();
    fs::create_dir(folder.path("p")).unwrap();
    let heights = terrain(60, 70, 3).mapv(|z| f64::from(z) / 6.0 + 300.0);
    let write = |name: &str, cells: &Array2<f64>| Dem::of(cells).write::<f32>(&folder.path(name));
    write("p/dsm.tif", &heights);
    let said = |files: &str| {
        let run = folder.line(0, &format!("svf_compute {files} o.tif --overwrite --radius 5px"));
        run.stderr
    };
    for other in [
        heights.mapv(|z| (z - 300.0) * 2.0),
        Array2::from_shape_fn((60, 70), |(row, col)| ((row * 7 + col * 3) % 80) as f64),
        // Of a part only.
        heights.slice(s![20..40, 20..40]).mapv(|z| z / 2.0),
    ] {
        write("p/slope.tif", &other);
        let said = said("p");
        for words in [
            " of the cells of p are in more than one file, and 1 file has other heights there\n",
            "\n  p/slope.tif: where it overlaps p/dsm.tif, its heights typically differ by ",
            "do not mix elevations with slopes, hillshades or heights above ground",
        ] {
            assert!(said.contains(words), "lacks '{words}': {said}");
        }
        let events = folder.line(0, "svf_compute p o.tif --overwrite --progress json").events();
        let warning = events.iter().find(|event| event["data"]["code"] == "input.overlap").unwrap();
        assert_eq!(warning["data"]["files"][0]["path"], "p/slope.tif");
    }
    // A later survey: new houses and trees, and an error of a metre.
    let mut later = heights.mapv(|z| z + 1.0);
    later.slice_mut(s![10..25, 10..30]).mapv_inplace(|z| z + 25.0);
    write("p/slope.tif", &later);
    let quiet = said("p");
    assert!(!quiet.contains("other heights"), "{quiet}");
    assert!(quiet.contains("100 % of the cells of p are in more than one file"), "{quiet}");
}

#[test]
fn files_of_several_vertical_crs_are_said() {
    let (folder, cells) = tiled();
    let with = |name: &str, cut: &Cut<'_>, crs: &str| {
        let dem = Dem { epsg: None, ..part(&cells, cut) };
        let mut dataset = dem.create::<f32>(&folder.path(&format!("tiles/{name}")));
        let crs = gdal::spatial_ref::SpatialRef::from_definition(crs).unwrap();
        dataset.set_spatial_ref(&crs).unwrap();
        dataset.close().unwrap();
    };
    let said = || {
        let run = folder.line(0, "svf_compute tiles o.tif --overwrite --radius 5px");
        run.stderr
    };
    for cut in &CUTS {
        with(cut.2, cut, "EPSG:32633+5783");
    }
    assert!(!said().contains("vertical CRS"), "all the same");
    with(CUTS[1].2, &CUTS[1], "EPSG:32633+7837");
    let said = said();
    for words in [
        "1 file of tiles is in another vertical CRS than the others: heights are used as they are",
        "tiles/b.tif: vertical CRS \"DHHN2016 height\", the others \"DHHN92 height\"",
        "hint: convert them to the same vertical CRS first: gdalwarp -s_srs and -t_srs",
    ] {
        assert!(said.contains(words), "lacks '{words}': {said}");
    }
}

#[test]
fn a_folder_that_holds_only_folders_is_said() {
    let (folder, _) = tiled();
    fs::create_dir(folder.path("p")).unwrap();
    fs::rename(folder.path("tiles"), folder.path("p/tiles")).unwrap();
    let run = folder.line(1, "svf_compute p o.tif");
    run.assert_refused(
        1,
        &[
            "cannot open p: it contains no files, only 1 folder",
            "hint: for files in its folders, write 'p/*/*.tif', with the quotes",
        ],
    );
    let quoted = shell(&folder, "svf_compute 'p/*/*.tif' o.tif -q --radius 5px");
    assert_eq!(quoted.code, Some(0), "{quoted}");
    if shell(&folder, "python3 -m zipfile -c t.zip p").code == Some(0) {
        let run = folder.line(1, "svf_compute /vsizip/t.zip o2.tif");
        run.assert_refused(
            1,
            &["it contains no files, only 1 folder", "write '/vsizip/t.zip/*/*.tif'"],
        );
    }
}

/// What is beside a raster counts where rasters are joined, too.
#[test]
fn joined_rasters_have_what_is_beside_them() {
    let folder = Folder::new();
    folder.write_dem("a.tif", &terrain(40, 30, 5));
    let moved = |x: u32| {
        format!("<PAMDataset><GeoTransform>{x}, 1, 0, 5001000, 0, -1</GeoTransform></PAMDataset>")
    };
    fs::copy(folder.path("a.tif"), folder.path("b.tif")).unwrap();
    fs::write(folder.path("a.tif.aux.xml"), moved(600_000)).unwrap();
    fs::write(folder.path("b.tif.aux.xml"), moved(600_030)).unwrap();
    fs::write(folder.path("l.txt"), "a.tif\nb.tif\n").unwrap();
    folder.line(0, "svf_mosaic --input-list l.txt joined.tif");
    let joined = folder.open("joined.tif");
    assert_eq!(joined.raster_size(), (60, 40));
    assert_eq!(joined.geo_transform().unwrap(), [600_000.0, 1.0, 0.0, 5_001_000.0, 0.0, -1.0]);
    // A mask would be lost.
    let made = std::process::Command::new("gdal_translate")
        .args(["-q", "-mask", "1", "--config", "GDAL_TIFF_INTERNAL_MASK", "NO", "a.tif", "m.tif"])
        .current_dir(folder.work())
        .status();
    assert!(made.unwrap().success() && folder.path("m.tif.msk").exists());
    fs::write(folder.path("l.txt"), "m.tif\n").unwrap();
    let run = folder.line(1, "svf_mosaic --input-list l.txt masked.tif");
    run.assert_refused(1, &["m.tif: it has a mask", "gdalwarp -dstnodata -9999 m.tif new.tif"]);
}
