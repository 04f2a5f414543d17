//! HDF5, as arrays are often kept: heights from it, results to it, opened by h5py.

use std::process::Command;

use ndarray::Array2;

use crate::support::{Dem, Folder, NODATA, assert_same_bits, can_write, skip, terrain, with_gaps};

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
fn results_as_netcdf_are_variables_of_hdf5() {
    let folder = Folder::new();
    if !can_write("netCDF") {
        return skip("no netCDF driver here");
    }
    folder.write_dem("dem.tif", &with_gaps(terrain(300, 280, 3)));
    let options =
        ["--radius", "6px", "-n", "5", "--measure", "svf-cosine,horizon,openness-positive"];
    folder.ok(&[&["dem.tif", "out.tif", "-q"], &options[..]].concat());
    folder.ok(&[&["dem.tif", "out.nc", "-q", "--co", "FORMAT=NC4"], &options[..]].concat());
    let code = "import h5py
def text(value):
    return value.decode() if isinstance(value, bytes) else value
with h5py.File('out.nc') as f:
    for name in ('Conventions', 'SVF_MEASURES', 'SVF_DIRECTIONS', 'AREA_OR_POINT'):
        print(text(f.attrs[name]))
    print(text(f.attrs['source']).startswith('svf_compute '))
    for name in ('svf_cosine', 'horizon', 'openness_positive'):
        v = f[name]
        print(name, v.shape, v.dtype, v.chunks, v.compression, v.compression_opts)
        print([text(v.attrs[a]) for a in ('units', 'long_name')], v.attrs['_FillValue'].tolist(),
              [d[0].name for d in v.dims], text(v.attrs['grid_mapping']) in f)
    print(v.attrs['actual_range'].dtype, v.attrs['actual_range'].tolist())
    for name in ('azimuth', 'y', 'x'):
        print(f[name][:2].tolist(), f[name][-1].item(), text(f[name].attrs['units']))
    print(text(f['y'].attrs['standard_name']), text(f['x'].attrs['standard_name']))
    # Rows from north to south.
    print(f['svf_cosine'][0, 7].item(), f['horizon'][3, 299, 1].item())";
    let Some(said) = python(&folder, code) else { return };
    let bands = folder.bands("out.tif");
    let seen = || bands[6].iter().copied().filter(|v| *v != NODATA);
    let least = f64::from(seen().fold(f32::MAX, f32::min));
    let most = f64::from(seen().fold(f32::MIN, f32::max));
    let corner = [bands[0][(0, 7)], bands[4][(299, 1)]].map(f64::from);
    let expected = [
        "CF-1.8",
        "svf-cosine,horizon,openness-positive",
        "5",
        "Area",
        "True",
        "svf_cosine (300, 280) float32 (256, 256) gzip 1",
        "['1', 'sky view factor, cosine-weighted, horizontal receiver'] [-9999.0] ['/y', '/x'] True",
        "horizon (5, 300, 280) float32 (1, 256, 256) gzip 1",
        "['degree', 'horizon angle above the horizontal'] [-9999.0] ['/azimuth', '/y', '/x'] True",
        "openness_positive (300, 280) float32 (256, 256) gzip 1",
        "['degree', 'positive openness'] [-9999.0] ['/y', '/x'] True",
        &format!("float32 [{least:?}, {most:?}]"),
        "[0.0, 72.0] 288.0 degree",
        "[4649999.5, 4649998.5] 4649700.5 m",
        "[500000.5, 500001.5] 500279.5 m",
        "projection_y_coordinate projection_x_coordinate",
        &format!("{:?} {:?}", corner[0], corner[1]),
    ];
    assert_eq!(said.lines().collect::<Vec<_>>(), expected);
    // What was written is read again.
    folder.ok(&["NETCDF:out.nc:svf_cosine", "again.tif", "-q", "--radius", "3px"]);
    assert_eq!(folder.band("again.tif", 1).dim(), (300, 280));
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
