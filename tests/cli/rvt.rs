//! `--of RVT`: rasters with the names of the Relief Visualization Toolbox.

use crate::support::{Folder, assert_same_bits, terrain};

#[test]
fn each_measure_has_its_name_in_rvt() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(30, 40, 3));
    let measures = "svf,svf-anisotropic,openness-positive,openness-negative";
    let options = format!("--measure {measures} --radius 10px -n 8 --min-distance 2px -q");
    folder.line(0, &format!("svf_compute dem.tif all.tif {options}"));
    folder.line(0, &format!("svf_compute dem.tif rvt.tif --of RVT {options}"));
    folder.line(0, &format!("svf_compute dem.tif work.tif --of rvt --work-dir w {options}"));
    let names = ["SVF_R10_D8", "SVF-A_R10_D8_A45_ALlow", "OPEN-POS_R10_D8", "OPEN-NEG_R10_D8"];
    for (i, name) in names.iter().enumerate() {
        let right = folder.band("all.tif", i + 1);
        for first in ["rvt", "work"] {
            let file = format!("{first}_{name}_NRmedium.tif");
            assert_same_bits(&folder.band(&file, 1), &right, &file);
        }
    }
    assert!(!folder.path("rvt.tif").exists() && !folder.path("work.tif").exists());
}

#[test]
fn what_its_names_cannot_say_is_refused() {
    let folder = Folder::new();
    folder.write_dem("dem.tif", &terrain(10, 10, 3));
    for (options, said) in [
        ("--measure svf-cosine", "RVT has no svf-cosine"),
        ("--radius 7.5px", "the radius is a number of cells"),
        ("--radius 10", "write e.g. --radius 10px"),
        ("--radius 10px --min-distance 3px", "--min-distance is 1px, 2px or 4px"),
        ("--radius 10px --separate", "leave out --separate"),
        ("--radius 10px --ot uint8", "leave out --ot"),
        ("--radius 10px --north 3", "leave out --first-azimuth and --north"),
    ] {
        let line = format!("svf_compute dem.tif dem.tif --of RVT {options}");
        folder.line(2, &line).assert_refused(2, &[said]);
    }
    folder.assert_files(&["dem.tif"]);
    // OUTPUT only gives the first part of the names.
    folder.line(0, "svf_compute dem.tif dem.tif --of RVT --radius 3px -q");
    folder.assert_files(&["dem.tif", "dem_SVF_R3_D16.tif"]);
}
