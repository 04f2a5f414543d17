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

/// RVT stretches svf from 0.6375 to 1, openness from 60 to 95 degrees; what is beyond is black or white.
#[test]
fn its_8_bit_rasters_have_its_ranges() {
    let folder = Folder::new();
    // A pit whose floor sees little, and a plain that sees all.
    let mut heights = ndarray::Array2::zeros((30, 40));
    heights.slice_mut(ndarray::s![10..13, 10..13]).fill(-9.0);
    heights[(20, 30)] = f32::NAN;
    folder.write_dem("dem.tif", &heights);
    let options = "--measure svf,svf-anisotropic,openness-positive --radius 10px -q";
    folder.line(0, &format!("svf_compute dem.tif all.tif {options}"));
    folder.line(0, &format!("svf_compute dem.tif dem.tif --of RVT --ot uint8 {options}"));
    folder.line(
        0,
        &format!("svf_compute dem.tif work.tif --of RVT --ot uint8 --work-dir w {options}"),
    );
    let names = ["SVF_R10_D16", "SVF-A_R10_D16_A45_ALlow", "OPEN-POS_R10_D16"];
    for (i, (name, (low, high))) in
        names.iter().zip([(0.6375, 1.0), (0.7, 0.9), (60.0, 95.0)]).enumerate()
    {
        let values = folder.band("all.tif", i + 1);
        let (lowest, highest) = (f64::from(values[(11, 11)]), f64::from(values[(0, 0)]));
        assert!(lowest < low && highest > (low + high) / 2.0, "{name}: {lowest} to {highest}");
        for first in ["dem", "work"] {
            let file = format!("{first}_{name}_8bit.tif");
            let dataset = gdal::Dataset::open(folder.path(&file)).unwrap();
            let band = dataset.rasterband(1).unwrap();
            assert_eq!(band.band_type(), gdal::raster::GdalDataType::UInt8, "{file}");
            assert_eq!(band.no_data_value(), Some(255.0), "{file}");
            let cells = band.read_as::<u8>((0, 0), (40, 30), (40, 30), None).unwrap();
            for (cell, value) in cells.data().iter().zip(&values) {
                let missing = *value == -9999.0;
                assert_eq!(*cell == 255, missing, "{file}: {value}");
                let share = (f64::from(*value).clamp(low, high) - low) / (high - low);
                let off = f64::from(*cell) - 254.0 * share;
                assert!(missing || off.abs() < 0.5001, "{file}: {value} is {cell}");
            }
            let (scale, offset) = (band.scale().unwrap(), band.offset().unwrap());
            assert!(
                (scale - (high - low) / 254.0).abs() < 1e-9 && offset == low,
                "{file}: {scale} {offset}"
            );
        }
    }
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
        ("--radius 10px --ot uint16", "the rasters are float32 or uint8"),
        ("--radius 10px --measure openness-positive --angle-unit radian", "leave out --angle-unit"),
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
