//! What must not change unnoticed: cells, and what a plan is recognised by, as they were
//! recorded once. Who changes a value on purpose records it anew, and says so in the
//! changelog: work folders of users begin anew with another plan id.

use std::fs::File;
use std::time::{Duration, UNIX_EPOCH};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::{Folder, terrain, with_gaps};

/// A raster as text, of one size and time of change on every machine.
fn write_text_dem(folder: &Folder) {
    let heights = with_gaps(terrain(90, 110, 3));
    let mut text = "ncols 110\nnrows 90\nxllcorner 500000\nyllcorner 4000000\ncellsize 2\n\
                    NODATA_value -9999\n"
        .to_owned();
    for row in heights.rows() {
        let words: Vec<String> =
            row.iter().map(|z| if z.is_nan() { "-9999".into() } else { z.to_string() }).collect();
        text += &(words.join(" ") + "\n");
    }
    std::fs::write(folder.path("dem.asc"), text).unwrap();
    let time = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    File::options().write(true).open(folder.path("dem.asc")).unwrap().set_modified(time).unwrap();
}

/// The first half of the digest of all bands, cell by cell.
fn digest(folder: &Folder, name: &str) -> String {
    let mut hash = Sha256::new();
    for band in folder.bands(name) {
        for cell in band.iter() {
            hash.update(cell.to_le_bytes());
        }
    }
    hash.finalize()[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn cells_are_those_that_were_recorded() {
    let folder = Folder::new();
    write_text_dem(&folder);
    let recorded = [
        ("", "7c58c17d2a691106a8892fa3c95445a1"),
        (
            "--radius 90 -n 32 --measure svf,svf-cosine,visible-sky,coverage,svf-error",
            "de99508e5de64e2a8a9ade78bfb6094f",
        ),
        (
            "--radius 60px --measure svf-slope,terrain-view,openness-positive,openness-negative",
            "5e42f30a92bbda4b1eb3629a9db92d58",
        ),
        (
            "--radius 40px --measure horizon,horizon-distance --signed -n 8",
            "e4f545702b8e900657e54fa8bb00e7b2",
        ),
        (
            "--sampling crossings --missing stop --observer-height 1.5 --z-factor 0.5",
            "51252f59c56c60ce3511175d69a02262",
        ),
        (
            "--sampling nearest --missing nan --srcwin 10 10 60 50",
            "d7320c79dcc8c58a02c0ae485129b46a",
        ),
        (
            "--sampling divided --divisions 20 --curvature --ot uint16 --measure svf-cos,svf-north",
            "1f0080b76d4a803c106334579a782209",
        ),
    ];
    let found = recorded.map(|(options, _)| {
        folder.line(0, &format!("svf_compute dem.asc out.tif --overwrite {options} -q"));
        (options, digest(&folder, "out.tif"))
    });
    assert_eq!(found, recorded.map(|(options, digest)| (options, digest.to_owned())));
}

#[test]
fn plans_are_recognised_by_what_was_recorded() {
    let folder = Folder::new();
    write_text_dem(&folder);
    let all = "--tile-size 64x32 --radius 90 -n 32 --measure svf,horizon --signed --sampling divided \
               --divisions 7 --missing stop --observer-height 1 --z-factor 2 --curvature \
               --input-nodata -9999,0 --ot uint8 --srcwin 10 10 60 50";
    let recorded = [
        ("--tile-size 64", "101f967771db5e97d43165c6884c9a8d"),
        (all, "59bbe3051f24f20044cfbec30d516592"),
    ];
    let found = recorded.map(|(options, _)| {
        folder.line(0, &format!("svf_tile dem.asc plan.json --overwrite {options} -q"));
        let text = std::fs::read_to_string(folder.path("plan.json")).unwrap();
        let plan: Value = serde_json::from_str(&text).unwrap();
        (options, plan["id"].as_str().unwrap().to_owned())
    });
    assert_eq!(found, recorded.map(|(options, id)| (options, id.to_owned())));
}
