//! Memory stays within `--max-memory`: a grid of inputs, outputs and options on small rasters with
//! small limits, whose peaks are measured. A refusal names a limit that works and that is needed.
//!
//! A few cases of each kind run with all other tests. `SVF_MEMORY=all` runs the whole grid and prints
//! a table, `SVF_MEMORY=WORD` the cases whose names contain a word, and `SVF_MEMORY=random:N` so many
//! that combine inputs, outputs and options at random.

use std::fs;
use std::process::Command;

use ndarray::Array2;
use serde_json::Value;

use crate::support::{Folder, lacks, run, terrain};

const MIB: f64 = (1 << 20) as f64;

/// A run: its name, what comes before and after the limit.
struct Case {
    name: String,
    line: String,
    mib: u64,
    /// Whether it is one of the few that always run.
    quick: bool,
    /// Whether its options may not go together.
    is_random: bool,
}

/// What a run did.
enum Outcome {
    /// Its peak, MiB.
    Done(f64),
    /// The least that it asked for, MiB.
    Refused(u64),
    /// These options do not go together.
    Impossible(String),
}

/// Sides of the inputs.
const SIDE: usize = 2400;

/// Inputs: name, and what GDAL makes them of `dem.tif` with. One that this GDAL cannot make is left out.
const INPUTS: &[(&str, &str)] = &[
    ("tiles", "gdal_translate dem.tif tiles.tif -co TILED=YES -co COMPRESS=DEFLATE"),
    (
        "pixel",
        "gdal_translate dem.tif pixel.tif -b 1 -b 1 -b 1 -b 1 -co TILED=YES -co BLOCKXSIZE=1024 \
         -co BLOCKYSIZE=1024 -co INTERLEAVE=PIXEL",
    ),
    ("strip", "gdal_translate dem.tif strip.tif -co BLOCKYSIZE=2400"),
    ("strip-z", "gdal_translate dem.tif strip-z.tif -co BLOCKYSIZE=2400 -co COMPRESS=DEFLATE"),
    (
        "strip-zstd",
        "gdal_translate dem.tif strip-zstd.tif -co BLOCKYSIZE=2400 -co COMPRESS=ZSTD -co PREDICTOR=3",
    ),
    ("rows", "gdal_translate dem.tif rows.tif -co BLOCKYSIZE=1"),
    // Blocks of 96 KiB.
    ("wide", "gdal_translate dem.tif wide.tif -outsize 24000 600 -co COMPRESS=DEFLATE"),
    (
        "block",
        "gdal_translate dem.tif block.tif -co TILED=YES -co BLOCKXSIZE=2400 -co BLOCKYSIZE=2400 -co COMPRESS=LZW",
    ),
    (
        "block-1024",
        "gdal_translate dem.tif block-1024.tif -co TILED=YES -co BLOCKXSIZE=1024 -co BLOCKYSIZE=1024 -co COMPRESS=DEFLATE",
    ),
    ("f64", "gdal_translate dem.tif f64.tif -ot Float64 -co TILED=YES -co COMPRESS=DEFLATE"),
    (
        "f64-strip",
        "gdal_translate dem.tif f64-strip.tif -ot Float64 -co BLOCKYSIZE=2400 -co COMPRESS=DEFLATE",
    ),
    ("i16", "gdal_translate dem.tif i16.tif -ot Int16 -co TILED=YES -co COMPRESS=DEFLATE"),
    (
        "masked",
        "gdal_translate dem.tif masked.tif -a_nodata none -mask 1 -co TILED=YES --config GDAL_TIFF_INTERNAL_MASK YES",
    ),
    ("warped", "gdalwarp -q -t_srs EPSG:25833 -r bilinear -of VRT tiles.tif warped.vrt"),
    ("warped-strip", "gdalwarp -q -t_srs EPSG:25833 -r cubic -of VRT strip-z.tif warped-strip.vrt"),
    ("vrt", "gdal_translate -of VRT strip-z.tif vrt.vrt"),
    ("netcdf", "gdal_translate -of netCDF dem.tif netcdf.nc -co FORMAT=NC4 -co COMPRESS=DEFLATE"),
    ("netcdf-3", "gdal_translate -of netCDF dem.tif netcdf-3.nc"),
    (
        "jp2",
        "gdal_translate -of JP2OpenJPEG -ot UInt16 dem.tif jp2.jp2 -co QUALITY=100 -co REVERSIBLE=YES",
    ),
    (
        "jp2-tile",
        "gdal_translate -of JP2OpenJPEG -ot UInt16 dem.tif jp2-tile.jp2 -co BLOCKXSIZE=2400 -co BLOCKYSIZE=2400",
    ),
    ("envi", "gdal_translate -of ENVI dem.tif envi.img"),
    ("hfa", "gdal_translate -of HFA dem.tif hfa.img -co COMPRESSED=YES"),
    ("gpkg", "gdal_translate -of GPKG dem.tif gpkg.gpkg"),
    ("png", "gdal_translate -of PNG -ot UInt16 dem.tif png.png"),
    ("asc", "gdal_translate -of AAIGrid dem.tif asc.asc"),
];

/// The file of an input.
fn file_of(input: &str) -> &'static str {
    let (_, line) = INPUTS.iter().find(|(name, _)| *name == input).unwrap();
    line.split(' ').find(|word| word.starts_with(&format!("{input}."))).unwrap()
}

/// Outputs: name, options. The first few are also tried with every input.
const OUTPUTS: &[(&str, &str)] = &[
    ("one", "out.tif"),
    ("six", "out.tif --measure SIX"),
    ("cog", "out.tif --of COG"),
    ("f64", "out.tif --ot float64"),
    ("bytes", "out.tif --ot uint8 --measure SIX"),
    ("sixteen", "out.tif --measure ALL"),
    ("horizon", "out.tif --measure horizon -n 12"),
    ("separate", "out.tif --measure SIX --separate"),
    ("separate-16", "out.tif --measure ALL --separate"),
    ("separate-cog", "out.tif --measure SIX --separate --of COG"),
    ("separate-rows", "out.tif --measure SIX --separate --co TILED=NO"),
    ("cog-six", "out.tif --of COG --measure SIX"),
    ("cog-1024", "out.tif --of COG --co BLOCKSIZE=1024"),
    ("cog-2048", "out.tif --of COG --co BLOCKSIZE=2048"),
    ("cog-4096", "out.tif --of COG --co BLOCKSIZE=4096"),
    ("cog-4096-z", "out.tif --of COG --co BLOCKSIZE=4096 --co COMPRESS=DEFLATE --co PREDICTOR=NO"),
    ("cog-4096-none", "out.tif --of COG --co BLOCKSIZE=4096 --co COMPRESS=NONE"),
    ("cog-4096-threads", "out.tif --of COG --co BLOCKSIZE=4096 --co NUM_THREADS=2"),
    (
        "cog-256-threads",
        "out.tif --of COG --co BLOCKSIZE=256 --co NUM_THREADS=8 --co COMPRESS=DEFLATE --co LEVEL=9",
    ),
    (
        "cog-2048-threads",
        "out.tif --of COG --co BLOCKSIZE=2048 --co NUM_THREADS=4 --co COMPRESS=DEFLATE --co LEVEL=9",
    ),
    ("cog-none", "out.tif --of COG --co COMPRESS=NONE --co OVERVIEWS=NONE"),
    ("cog-threads", "out.tif --of COG --co NUM_THREADS=8"),
    // GDAL makes the overviews.
    ("cog-nearest", "out.tif --of COG --co NUM_THREADS=8 --co OVERVIEW_RESAMPLING=NEAREST"),
    ("cog-threads-9", "out.tif --of COG --co NUM_THREADS=8 --co COMPRESS=DEFLATE --co LEVEL=9"),
    ("block-128", "out.tif --co BLOCKXSIZE=128 --co BLOCKYSIZE=128"),
    ("block-1024", "out.tif --co BLOCKXSIZE=1024 --co BLOCKYSIZE=1024"),
    ("block-4096", "out.tif --co BLOCKXSIZE=4096"),
    ("block-2048-six", "out.tif --co BLOCKXSIZE=2048 --co BLOCKYSIZE=2048 --measure SIX"),
    ("rows", "out.tif --co TILED=NO"),
    ("rows-1", "out.tif --co TILED=NO --co BLOCKYSIZE=1"),
    ("rows-600", "out.tif --co TILED=NO --co BLOCKYSIZE=600"),
    ("rows-all", "out.tif --co TILED=NO --co BLOCKYSIZE=2400"),
    ("rows-all-six", "out.tif --co TILED=NO --co BLOCKYSIZE=2400 --measure SIX"),
    (
        "rows-all-pixel",
        "out.tif --co TILED=NO --co BLOCKYSIZE=2400 --co INTERLEAVE=PIXEL --measure svf,svf-cosine",
    ),
    ("block-all", "out.tif --co TILED=YES --co BLOCKXSIZE=4096 --co BLOCKYSIZE=4096"),
    ("rows-six", "out.tif --co TILED=NO --co BLOCKYSIZE=600 --measure SIX"),
    ("pixel-six", "out.tif --co INTERLEAVE=PIXEL --measure SIX"),
    ("pixel-16", "out.tif --co INTERLEAVE=PIXEL --measure ALL"),
    ("pixel-rows", "out.tif --co INTERLEAVE=PIXEL --co TILED=NO --measure SIX"),
    ("none", "out.tif --co COMPRESS=NONE --measure SIX"),
    ("lzw", "out.tif --co COMPRESS=LZW"),
    ("lzma", "out.tif --co COMPRESS=LZMA"),
    ("lerc", "out.tif --co COMPRESS=LERC"),
    ("deflate-9", "out.tif --co COMPRESS=DEFLATE --co ZLEVEL=9"),
    ("zstd-19", "out.tif --co COMPRESS=ZSTD --co ZSTD_LEVEL=19"),
    (
        "zstd-22",
        "out.tif --co COMPRESS=ZSTD --co ZSTD_LEVEL=22 --co BLOCKXSIZE=1024 --co BLOCKYSIZE=1024",
    ),
    ("bigtiff", "out.tif --co BIGTIFF=YES --co SPARSE_OK=YES"),
    ("threads", "out.tif --co NUM_THREADS=8"),
    ("netcdf", "out.nc --measure SIX"),
    ("netcdf-16", "out.nc --measure ALL"),
    ("netcdf-f64", "out.nc --ot float64 --measure horizon -n 12"),
    ("envi", "out.img --of ENVI --measure SIX"),
    ("hfa", "out.img --of HFA"),
    ("pcidsk", "out.pix --of PCIDSK"),
    ("pcidsk-tiled", "out.pix --of PCIDSK --co INTERLEAVING=TILED"),
    ("gpkg", "out.gpkg --of GPKG"),
    ("png", "out.png --ot uint8"),
    ("jp2", "out.jp2 --of JP2OpenJPEG --ot uint16 --co QUALITY=100 --co REVERSIBLE=YES"),
    ("asc", "out.asc --of AAIGrid"),
    ("tile-whole", "out.tif --tile-size 2400"),
    ("tile-700", "out.tif --tile-size 700 --measure SIX"),
    ("tile-512x2400", "out.tif --tile-size 512x2400"),
    ("radius", "out.tif --radius 150px"),
    ("cascade", "out.tif --search cascade --radius 300px"),
    ("cascade-3", "out.tif --search cascade --radius 1600px -n 32"),
    ("far-ground", "out.tif --search cascade --radius all --tile-size 600"),
    ("far-ground-64", "out.tif --search cascade --radius all --tile-size 256 -n 64"),
    ("far-ground-8", "out.tif --search cascade --radius all --tile-size 600 --threads 8"),
    (
        "far-ground-two",
        "out.tif --search cascade --radius all --tile-size 300 --measure svf,openness-negative",
    ),
    ("far-ground-work", "out.tif --search cascade --radius all --work-dir w --tile-size 600"),
    ("threads-1", "out.tif --threads 1"),
    ("threads-8", "out.tif --threads 8 --measure SIX"),
    ("crowns", "out.tif --canopy CANOPY"),
    ("receivers", "out.tif --receivers CANOPY --measure SIX"),
    ("work-dir", "out.tif --work-dir w --tile-size 600"),
    ("work-dir-cog", "out.tif --work-dir w --of COG --measure SIX"),
];

/// A plan of 640,000 tiles.
const MANY: &str = "svf_tile tiles.tif many.json --tile-size 3 --radius 1px";

const SIX: &str = "svf,svf-cosine,visible-sky,openness-positive,openness-negative,coverage";
const ALL: &str = "svf,svf-error,svf-cosine,svf-slope,visible-sky,svf-cos,terrain-view,\
                   openness-positive,openness-negative,svf-anisotropic,svf-north,svf-east,\
                   svf-south,svf-west,horizon-distance,coverage";

/// Inputs that are tried with all other tests.
const QUICK: [&str; 5] = ["strip-z", "wide", "netcdf", "jp2", "block"];

/// Makes the inputs that are wanted, and those that others need; what could not be made is left out
/// with a note.
fn inputs(folder: &Folder, is_wanted: &dyn Fn(&str) -> bool) -> Vec<&'static str> {
    let heights = ndarray::Array2::from_shape_fn((SIDE, SIDE), |(row, col)| {
        // Noise that no codec makes smaller: encoded blocks are as large as they get.
        let mixed = (row as u32).wrapping_mul(0x9E37_79B9) ^ (col as u32).wrapping_mul(0x85EB_CA6B);
        let mixed = (mixed ^ (mixed >> 15)).wrapping_mul(0x2C1B_3C6D);
        let noise = mixed ^ (mixed >> 12);
        300.0 + ((row / 40) % 17) as f32 * 4.0 + (noise % 100_003) as f32 * 0.000_13
    });
    folder.write_dem("dem.tif", &heights);
    let mut made = Vec::new();
    for (name, line) in INPUTS {
        if !is_wanted(name) && !matches!(*name, "tiles" | "i16" | "strip-z") {
            continue;
        }
        let words: Vec<&str> = line.split(' ').collect();
        let done = Command::new(words[0]).args(&words[1..]).current_dir(folder.work()).output();
        match done {
            Ok(done) if done.status.success() => made.push(*name),
            Ok(done) => lacks(&format!("{name}: {}", String::from_utf8_lossy(&done.stderr))),
            Err(error) => lacks(&format!("{name}: {error}")),
        }
    }
    made
}

fn cases(made: &[&str]) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name: String, line: String, limits: &[u64], quick: bool| {
        let line = line.replace("SIX", SIX).replace("ALL", ALL);
        for &mib in limits {
            let name = format!("{name} {mib}M");
            cases.push(Case { name, line: line.clone(), mib, quick, is_random: false });
        }
    };
    let with_radius = |options: &str| match options.contains("--radius") {
        true => options.to_owned(),
        false => format!("{options} --radius 4px"),
    };
    let with_directions = |options: String| match options.contains(" -n ") {
        true => options,
        false => format!("{options} -n 4"),
    };
    let threads = |options: String| match options.contains("--threads") {
        true => options,
        false => format!("{options} --threads 2"),
    };
    let options = |options: &str| threads(with_directions(with_radius(options)));
    for (output, how) in OUTPUTS {
        let how = how.replace("CANOPY", "i16.tif");
        let quick = matches!(*output, "rows-all" | "block-4096" | "separate" | "receivers");
        let line = format!("svf_compute tiles.tif {} --overwrite", options(&how));
        add(format!("compute tiles {output}"), line, &[128, 160, 256], quick);
    }
    for input in made {
        let file = file_of(input);
        for (output, how) in &OUTPUTS[..4] {
            let quick = *output == "one" && QUICK.contains(input);
            let line = format!("svf_compute {file} {} --overwrite", options(how));
            add(format!("compute {input} {output}"), line, &[128, 192], quick);
        }
        let line = format!("svf_profile point {file} --at-cell 500,500 --radius 30px");
        add(format!("point {input}"), line, &[96, 160], *input == "block");
        // It joins four types of cells; it has a mask, which is refused.
        if matches!(*input, "i16" | "masked") {
            continue;
        }
        let line = format!("svf_mosaic --input-list {input}.txt out.tif --overwrite --threads 2");
        add(format!("mosaic {input}"), line, &[128, 200], *input == "strip-z");
    }
    // A second raster has the large block, or two have one.
    for (name, how) in [
        ("canopy", "--canopy strip-z.tif"),
        ("trunk", "--canopy strip-z.tif --trunk strip-z.tif"),
        ("receivers", "--receivers strip-z.tif"),
    ] {
        let line = format!("svf_compute tiles.tif out.tif {} --overwrite", options(how));
        add(format!("compute second {name}"), line, &[96, 144, 192], name == "trunk");
        let line = format!("svf_profile point tiles.tif --at-cell 500,500 --radius 30px {how}");
        if name != "receivers" {
            add(format!("point second {name}"), line, &[96, 144, 192], name == "canopy");
        }
    }
    let far = "svf_profile point tiles.tif --at-cell 1200,1200 --radius 1100px";
    add("point far".into(), far.into(), &[96, 160], true);
    let line = format!("{far} o.json -n 360 --detail samples --overwrite");
    add("point far samples".into(), line, &[96, 160], false);
    let line = format!("{far} o.gpkg -n 360 --detail samples --overwrite");
    add("point far samples gpkg".into(), line, &[96, 160], false);
    for (name, how) in [
        ("cog", "--of COG"),
        ("rows", "--co TILED=NO --co BLOCKYSIZE=2400"),
        ("block", "--co BLOCKXSIZE=2048 --co BLOCKYSIZE=2048"),
        ("parts", "--parts 3"),
    ] {
        let line = format!("svf_mosaic p.json out.tif {how} --overwrite --threads 2");
        add(format!("mosaic plan {name}"), line, &[128, 256], false);
    }
    let line = "svf_mosaic p.json out.nc --overwrite --threads 2";
    add("mosaic plan netcdf".into(), line.into(), &[96, 256], false);
    // It has one band.
    let line = "svf_mosaic --input-list tiles.txt out.asc --overwrite --threads 2";
    add("mosaic list asc".into(), line.into(), &[64, 256], false);
    add("compute plan".into(), "svf_compute --plan p.json --threads 2".into(), &[128, 256], false);
    let line = "svf_tile tiles.tif many.json --tile-size 3 --radius 1px --overwrite";
    add("tile many".into(), line.into(), &[160, 512], false);
    let line = "svf_compute --plan many.json --tiles 5 --threads 2";
    add("compute many".into(), line.into(), &[160, 512], false);
    let line = "svf_mosaic many.json out.tif --allow-missing --overwrite --threads 2";
    add("mosaic many".into(), line.into(), &[160, 512], false);
    cases
}

/// Options that are combined at random.
const MORE: &[&str] = &[
    "--canopy i16.tif",
    "--canopy strip-z.tif",
    "--receivers tiles.tif",
    "--receivers strip.tif",
    "--work-dir w",
    "--tile-size 256",
    "--tile-size 2000x300",
    "--tile-size 1024",
    "--radius 40px",
    "--search cascade",
    "--ot uint8",
    "--ot uint16",
    "--ot float64",
    "--separate",
    "--co NUM_THREADS=3",
    "--co COMPRESS=LZMA",
    "--co COMPRESS=LERC",
    "--co COMPRESS=NONE",
    "--co COMPRESS=ZSTD",
    "--co INTERLEAVE=PIXEL",
    "--co BIGTIFF=YES",
    "--check 50",
];

/// So many cases, the same in each run.
fn random_cases(made: &[&str], count: usize) -> Vec<Case> {
    let mut state = 0x5EED_u64;
    let mut below = |most: usize| {
        // Numbers of a shift register (Marsaglia, 2003).
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as usize % most
    };
    let mut cases = Vec::new();
    while cases.len() < count {
        let (input, (output, how)) = (made[below(made.len())], OUTPUTS[below(OUTPUTS.len())]);
        let mut words = format!("svf_compute {} {how} --overwrite", file_of(input))
            .replace("SIX", SIX)
            .replace("ALL", ALL)
            .replace("CANOPY", "i16.tif");
        let mut name = format!("{input} {output}");
        let threads = if below(4) == 0 { 8 } else { 2 };
        let mut more: Vec<String> = Vec::new();
        more.extend((0..below(4)).map(|_| MORE[below(MORE.len())].to_owned()));
        more.extend([format!("--threads {threads}"), "--radius 4px".into(), "-n 4".into()]);
        for option in more {
            // Each option once, and each creation option.
            let key = option.split_inclusive([' ', '=']);
            let key: String = key.take(if option.starts_with("--co") { 2 } else { 1 }).collect();
            if !words.contains(&key) {
                words = format!("{words} {option}");
                name = format!("{name} {option}");
            }
        }
        let mib = [64, 96, 160][below(3)];
        let name = format!("{name} {mib}M");
        cases.push(Case { name, line: words, mib, quick: false, is_random: true });
    }
    cases
}

fn measure(folder: &Folder, case: &Case, mib: u64) -> Result<Outcome, String> {
    let _ = fs::remove_dir_all(folder.path("w"));
    if case.line.contains("--plan p.json") {
        let _ = fs::remove_dir_all(folder.path("p.tiles"));
    } else if case.line.contains("svf_mosaic p.json") {
        folder.line(0, "svf_compute --plan p.json");
    } else if case.line.contains(" many.json") && !folder.path("many.json").exists() {
        folder.line(0, MANY);
    }
    let words: Vec<&str> = case.line.split(' ').collect();
    let limit = format!("{mib}M");
    let args = [&words[1..], &["--max-memory", &limit, "--progress", "json"]].concat();
    let run = run(&mut folder.tool(words[0], &args), b"");
    let last = |kinds: &str| -> Option<Value> {
        let events = String::from_utf8_lossy(&run.stdout).into_owned() + &run.stderr;
        events
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .find(|event: &Value| event["type"] == kinds)
    };
    if let Some(done) = last("done") {
        return Ok(Outcome::Done(done["data"]["peak_rss_bytes"].as_f64().unwrap() / MIB));
    }
    let error = last("error").ok_or_else(|| run.to_string())?;
    let said = error["data"]["message"].as_str().unwrap_or_default();
    let named = || said.split("at least ").nth(1)?.split(' ').next()?.parse().ok();
    match (error["data"]["code"].as_str(), named()) {
        (Some("plan.memory"), Some(mib)) => Ok(Outcome::Refused(mib)),
        (Some(_), _) if run.code == Some(2) || said.contains(" cells, but ") => {
            Ok(Outcome::Impossible(said.to_owned()))
        }
        _ => Err(format!("{run}")),
    }
}

/// How much more a refusal may ask for than is used: of the whole grid, which is run where the
/// terms were measured, and of the few cases that run everywhere.
const SPARE: [f64; 2] = [1.25, 1.5];
/// The case whose threads encode so fast that few of them are busy at a time, which no other program can
/// rely on: `cog-threads-9`, with a slower codec, takes what this one asks for.
const FAST_THREADS: (&str, f64) = ("cog-threads ", 1.6);

/// Whether a case holds, and a line about it.
fn judge(folder: &Folder, case: &Case, spare: f64) -> (bool, String) {
    let peak = |outcome: &Result<Outcome, String>| match outcome {
        Ok(Outcome::Done(peak)) => format!("{peak:.0} MiB used"),
        Ok(Outcome::Refused(mib)) => format!("{mib} MiB asked for"),
        Ok(Outcome::Impossible(said)) => format!("impossible: {said}"),
        Err(said) => said.clone(),
    };
    let spare = if case.name.contains(FAST_THREADS.0) { FAST_THREADS.1 } else { spare };
    let first = measure(folder, case, case.mib);
    let (holds, more) = match &first {
        Ok(Outcome::Done(used)) => (*used <= case.mib as f64, String::new()),
        Ok(Outcome::Refused(mib)) => {
            let second = measure(folder, case, *mib);
            let holds = match &second {
                Ok(Outcome::Done(used)) => *used <= *mib as f64 && used * spare >= *mib as f64,
                _ => false,
            };
            (holds, format!(", then {}", peak(&second)))
        }
        Ok(Outcome::Impossible(_)) => (case.is_random, String::new()),
        Err(_) => (false, String::new()),
    };
    let mark = if holds { "holds" } else { "FAILS" };
    (holds, format!("{mark}  {:40} {}{more}", case.name, peak(&first)))
}

#[test]
fn memory_stays_within_its_limit_and_refusals_are_needed() {
    let folder = Folder::new();
    let wanted = std::env::var("SVF_MEMORY").unwrap_or_default();
    let made = inputs(&folder, &|name| !wanted.is_empty() || QUICK.contains(&name));
    for input in &made {
        fs::write(folder.path(&format!("{input}.txt")), format!("{}\n", file_of(input))).unwrap();
    }
    folder.line(
        0,
        "svf_tile tiles.tif p.json --tile-size 600 --radius 4px -n 4 --measure svf,coverage",
    );
    let is_wanted = |case: &&Case| match wanted.as_str() {
        "" => case.quick,
        "all" => true,
        word if word.starts_with("random:") => true,
        word => case.name.contains(word),
    };
    let all = match wanted.strip_prefix("random:") {
        Some(count) => random_cases(&made, count.parse().unwrap()),
        None => cases(&made),
    };
    let mut failed = Vec::new();
    let mut count = 0;
    for case in all.iter().filter(is_wanted) {
        let (holds, line) = judge(&folder, case, SPARE[usize::from(wanted.is_empty())]);
        count += 1;
        if !wanted.is_empty() {
            eprintln!("{line}");
        }
        if !holds {
            failed.push(line);
        }
    }
    eprintln!("note: {count} runs, {} outside their limits", failed.len());
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// A limit in which nothing fits is answered with one in which all fits, not only what comes next.
#[test]
fn the_limit_that_a_refusal_names_is_enough() {
    let folder = Folder::new();
    inputs(&folder, &|name| name == "pixel");
    folder.line(0, "svf_tile tiles.tif p.json --tile-size 600 --radius 4px -n 4");
    for line in [
        "svf_compute --plan p.json --tiles 0",
        "svf_compute --plan p.json",
        "svf_mosaic p.json m.tif",
        "svf_mosaic p.json m.cog.tif --of COG",
        "svf_mosaic p.json n.tif --parts 3",
        "svf_compute pixel.tif o.tif --radius 4px -n 4",
        "svf_profile point pixel.tif --at-cell 3,3 --radius 4px",
        "svf_tile pixel.tif q.json --radius 4px",
    ] {
        let refused = folder.line(2, &format!("{line} --max-memory 30M"));
        let named = refused.stderr.split("at least ").nth(1).unwrap();
        let least: u64 = named.split(' ').next().unwrap().parse().unwrap();
        folder.line(0, &format!("{line} --max-memory {least}M"));
    }
}

#[test]
fn what_never_ends_is_refused_at_once() {
    if !std::path::Path::new("/dev/zero").exists() {
        return lacks("no /dev/zero here");
    }
    let folder = Folder::new();
    for (line, what) in [
        ("svf_compute --plan /dev/zero", "the plan /dev/zero: it is a pipe or a device"),
        ("svf_mosaic /dev/zero out.tif", "the plan /dev/zero: it is a pipe or a device"),
        (
            "svf_mosaic --input-list /dev/zero out.tif",
            "cannot read the list /dev/zero: it is not text",
        ),
        (
            "svf_compute --input-list /dev/zero out.tif",
            "cannot read the list /dev/zero: it is not text",
        ),
        (
            "svf_profile resources /dev/zero",
            "cannot read the profile log /dev/zero: it is not text",
        ),
    ] {
        let run = folder.line(1, line);
        assert!(run.stderr.contains(what), "{line}: {run}");
        assert!(run.stderr.lines().count() <= 2, "{line}: {run}");
    }
    assert!(!folder.path("out.tif").exists());
}

/// A file of a few hundred bytes that asks for 1.6 GB: no more than 1.5 GB can be had.
#[test]
fn a_block_that_does_not_fit_is_refused_before_it_is_decoded() {
    let folder = Folder::new();
    let made = folder
        .in_folder(
            "gdal_create",
            &[
                "-of",
                "GTiff",
                "-ot",
                "Int32",
                "-outsize",
                "20000",
                "20000",
                "-a_srs",
                "EPSG:25832",
                "-a_ullr",
                "500000",
                "5020000",
                "520000",
                "5000000",
                "-co",
                "BLOCKYSIZE=20000",
                "-co",
                "SPARSE_OK=YES",
                "-co",
                "COMPRESS=DEFLATE",
                "strip.tif",
            ],
        )
        .output();
    assert!(made.unwrap().status.success(), "gdal_create makes the input");
    assert!(fs::metadata(folder.path("strip.tif")).unwrap().len() < 10_000);
    for line in [
        "svf_compute strip.tif out.tif --radius 5px",
        "svf_tile strip.tif out.json --radius 5px",
        "svf_profile point strip.tif --at-cell 500,500 --radius 30px",
        "svf_profile section strip.tif --from 500100,5000100 --to 500200,5000200",
    ] {
        let (program, rest) = line.split_once(' ').unwrap();
        let path = folder.tool::<&str>(program, &[]).get_program().to_owned();
        let script = format!("ulimit -v 1500000; exec \"$0\" {rest} --max-memory 256M");
        let run = run(&mut folder.in_folder("bash", &["-c", &script, path.to_str().unwrap()]), b"");
        assert_eq!(run.code, Some(2), "{line}: {run}");
        let least: f64 = run
            .stderr
            .split("256 MiB is too small for the blocks of the input: at least ")
            .nth(1)
            .and_then(|after| after.split(' ').next()?.parse().ok())
            .unwrap_or_else(|| panic!("{line}: {run}"));
        assert!((1526.0..1750.0).contains(&least), "{line}: {run}");
    }
}

/// Noise takes more bytes packed with LZW than it has: 18 MB a block of 16.
#[test]
fn what_a_refusal_asks_for_is_enough_for_noise() {
    let folder = Folder::new();
    let mut state = 1_u32;
    let heights = Array2::from_shape_simple_fn((2000, 2000), || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 24) as f32
    });
    folder.write_dem("noise.tif", &heights);
    let lzw = ["-q", "-co", "COMPRESS=LZW", "-co", "BLOCKYSIZE=2000", "noise.tif", "strip.tif"];
    assert!(folder.in_folder("gdal_translate", &lzw).status().unwrap().success());
    assert!(fs::metadata(folder.path("strip.tif")).unwrap().len() > 17 << 20);
    folder.write_dem("dem.tif", &terrain(2000, 2000, 3));
    for inputs in ["dem.tif --canopy strip.tif --trunk strip.tif", "strip.tif"] {
        let (input, options) = inputs.split_once(' ').unwrap_or((inputs, ""));
        let with = |mib: u64| {
            let more = format!("{options} --radius 4px -n 4 --threads 1 --max-memory {mib}M");
            let words: Vec<&str> = more.split_whitespace().collect();
            let args = [&[input, "out.tif", "--dry-run"][..], &words].concat();
            run(&mut folder.command(&args), b"")
        };
        let refused = with(70);
        assert_eq!(refused.code, Some(2), "{inputs}: {refused}");
        let least =
            refused.stderr.split("at least ").nth(1).and_then(|after| after.split(' ').next());
        let least: u64 = least.unwrap().parse().unwrap();
        let run = with(least);
        assert_eq!(run.code, Some(0), "{inputs} with {least} MiB: {run}");
    }
}

/// Before hours of work, an output gets a few cells on trial; for that, GDAL needs a block of all bands.
#[cfg(unix)]
#[test]
fn an_output_that_does_not_fit_is_refused_before_it_is_tried() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(160, 160, 3));
    folder.line(0, "svf_tile dem.tif p.json --tile-size 80 --radius 5px");
    folder.line(0, "svf_compute --plan p.json");
    let cog = "--of COG --co BLOCKSIZE=8192";
    for line in [
        format!("svf_compute dem.tif out.tif --measure horizon -n 360 --radius 3px {cog}"),
        format!("svf_compute dem.tif out.tif -n 8 --radius 3px {cog} --work-dir w"),
        format!("svf_mosaic p.json out.tif {cog}"),
        "svf_compute dem.tif out.tif --radius 3px --co COMPRESS=ZSTD --co ZSTD_LEVEL=22".to_owned(),
    ] {
        let (program, rest) = line.split_once(' ').unwrap();
        let path = folder.tool::<&str>(program, &[]).get_program().to_owned();
        let script = format!("ulimit -v 900000; exec \"$0\" {rest} --max-memory 128M --threads 1");
        let run = run(&mut folder.in_folder("bash", &["-c", &script, path.to_str().unwrap()]), b"");
        assert_eq!(run.code, Some(2), "{line}: {run}");
        assert!(run.stderr.contains("a memory limit of 128 MiB is too small"), "{line}: {run}");
        folder.assert_files(&["dem.tif", "p.json", "p.tiles"]);
    }
}

/// A small plan with one tile, in a window of many rows of tiles.
#[test]
fn rows_of_tiles_that_do_not_fit_are_refused() {
    for (rows, code, said) in [
        (400, 3, "missing"),
        (400_000, 2, "a memory limit of 80 MiB is too small for so many tiles: at least "),
    ] {
        let folder = Folder::new();
        let heights = ndarray::Array2::from_shape_fn((rows, 1), |(row, _)| match row {
            7 => 5.0,
            _ => f32::NAN,
        });
        folder.write_dem("dem.tif", &heights);
        let tile =
            "svf_tile dem.tif p.json --tile-size 1 --radius 1px --skip-empty --max-memory 2G";
        folder.line(0, tile);
        let run = folder.line(code, "svf_mosaic p.json out.tif --max-memory 80M");
        assert!(run.stderr.contains(said), "{rows}: {run}");
    }
}

#[test]
fn a_limit_below_the_program_itself_says_so_whatever_the_number_of_tiles() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(160, 160, 3));
    for plan in ["p.json", "new.json"] {
        folder.line(0, &format!("svf_tile dem.tif {plan} --tile-size 40 --radius 5px"));
    }
    folder.line(0, "svf_compute --plan p.json");
    for line in [
        "svf_compute --plan new.json",
        "svf_mosaic p.json out.tif",
        "svf_tile dem.tif q.json --tile-size 40 --radius 5px",
        "svf_compute dem.tif out.tif --radius 5px",
        "svf_compute dem.tif out.tif --radius 5px --work-dir work",
        "svf_profile point dem.tif --at-cell 80,80 --radius 5px",
        "svf_profile section dem.tif --from 500010,4649990 --to 500100,4649990",
    ] {
        let run = folder.line(2, &format!("{line} --max-memory 10M"));
        let said = "a memory limit of 10 MiB is too small for the program itself: at least ";
        assert!(run.stderr.contains(said), "{line}: {run}");
        let hint = run.stderr.lines().last().map(str::trim);
        assert_eq!(hint, Some("hint: increase --max-memory"), "{line}: {run}");
    }
}

#[test]
fn a_plan_that_does_not_fit_is_refused_before_it_is_read() {
    let folder = Folder::new();
    fs::File::create(folder.path("large.json")).unwrap().set_len(300 << 20).unwrap();
    for (line, factor) in
        [("svf_compute --plan large.json", 2.2), ("svf_mosaic large.json o.tif", 3.1)]
    {
        let run = folder.line(2, &format!("{line} --max-memory 500M"));
        let least: f64 = run
            .stderr
            .split("a memory limit of 500 MiB is too small for so many tiles: at least ")
            .nth(1)
            .and_then(|after| after.split(' ').next()?.parse().ok())
            .unwrap_or_else(|| panic!("{line}: {run}"));
        let text = factor * 300.0;
        assert!(least > text && least < text + 120.0, "{line}: {run}");
    }
}
