//! HDF5, as arrays are often kept: heights from it, results to it, opened by h5py.

use std::process::Command;

use ndarray::Array2;

use crate::support::{Dem, Folder, assert_same_bits, can_write, skip, terrain};

/// The system's Python with h5py, which `packaging/deps.sh --tests` installs.
fn python(folder: &Folder, code: &str) -> Option<String> {
    let run = |code: &str| {
        let mut command = Command::new("/usr/bin/python3");
        command.args(["-c", code]).current_dir(folder.work()).output()
    };
    if !run("import h5py").is_ok_and(|output| output.status.success()) {
        skip("no h5py here");
        return None;
    }
    let output = run(code).unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn results_as_netcdf_4_are_chunked_hdf5() {
    let folder = Folder::new();
    if !can_write("netCDF") {
        return skip("no netCDF driver here");
    }
    folder.write_dem("dem.tif", &terrain(40, 60, 3));
    let options = ["--radius", "6px", "--measure", "svf,coverage"];
    folder.ok(&[&["dem.tif", "out.tif", "-q"], &options[..]].concat());
    let nc4 = ["--of", "netCDF", "--co", "FORMAT=NC4"];
    folder.ok(&[&["dem.tif", "out.nc", "-q"], &nc4[..], &options[..]].concat());
    let code = "import h5py
with h5py.File('out.nc') as f:
    print(f.attrs['GDAL_SVF_MEASURES'].decode())
    for name in ('Band1', 'Band2'):
        v = f[name]
        print(v.shape, v.dtype, v.chunks, v.compression, v.attrs['_FillValue'][0])
    # Rows from south to north.
    print(f['y'][0], f['y'][39], f['Band1'][39, 7].item(), f['Band2'][39, 0].item())";
    let Some(said) = python(&folder, code) else { return };
    let svf = folder.band("out.tif", 1)[(0, 7)];
    let coverage = folder.band("out.tif", 2)[(0, 0)];
    let band = "(40, 60) float32 (1, 60) gzip -9999.0";
    let corner = format!("4649960.5 4649999.5 {:?} {:?}", f64::from(svf), f64::from(coverage));
    assert_eq!(said.lines().collect::<Vec<_>>(), ["svf,coverage", band, band, &corner]);
    // What was written is read again.
    folder.ok(&["NETCDF:out.nc:Band1", "again.tif", "-q", "--radius", "3px"]);
    assert_eq!(folder.band("again.tif", 1).dim(), (40, 60));
}

#[test]
fn heights_come_from_a_variable_of_an_hdf5_file() {
    let folder = Folder::new();
    let heights = terrain(30, 50, 4);
    let cells: Vec<String> = heights.iter().map(|z| format!("{z:?}")).collect();
    let code = format!(
        "import h5py, numpy
z = numpy.array([{}], 'f4').reshape(30, 50)
with h5py.File('one.h5', 'w') as f:
    f.create_dataset('z', data=z, chunks=(8, 16), compression='gzip')
with h5py.File('many.h5', 'w') as f:
    f['z'] = z.astype('f8')
    f['g/mask'] = numpy.zeros((30, 50), 'u1')",
        cells.join(",")
    );
    if python(&folder, &code).is_none() {
        return;
    }
    let plain = Dem { epsg: None, ..Dem::of(&heights.mapv(f64::from)) };
    plain.write::<f32>(&folder.path("dem.tif"));
    folder.ok(&["dem.tif", "plain.tif", "-q", "--radius", "6px"]);
    let expected: Array2<f32> = folder.band("plain.tif", 1);
    // Where no coordinate says otherwise, row 0 is in the north; GDAL's netCDF driver has to be told.
    let inputs = [
        ("one.h5", &[][..]),
        ("HDF5:many.h5://z", &[]),
        ("NETCDF:many.h5:z", &["--config", "GDAL_NETCDF_BOTTOMUP=NO"]),
    ];
    for (i, (input, options)) in inputs.into_iter().enumerate() {
        let output = format!("{i}.tif");
        folder.ok(&[&[input, &output, "-q", "--radius", "6px"], options].concat());
        assert_same_bits(&folder.band(&output, 1), &expected, input);
    }
    // Without saying which: all that there is.
    let run = folder.svf(&["many.h5", "out.tif"]);
    run.assert_refused(1, &["cannot open many.h5", "HDF5:\"many.h5\"://g/mask", "//z"]);
    assert!(!folder.path("out.tif").exists());
}
