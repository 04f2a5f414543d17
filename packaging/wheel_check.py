#!/usr/bin/env python3
"""Installs the wheel into clean Debian systems, and compares what it computes.

    /usr/bin/python3 packaging/wheel_check.py [--system FOLDER] [--roots FOLDER] [SUITE...]

The suites are bullseye, bookworm and trixie if none is named. Needs root (chroot), debootstrap, and
Python's GDAL. `--system` is the folder of a svf_compute that uses the GDAL of this machine
(target/release); each cell of five rasters must be the same, bit for bit. The roots are made in
`--roots` (target/roots) and kept for the next time.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys

import numpy as np
from osgeo import gdal, osr

gdal.UseExceptions()
ROOT = pathlib.Path(__file__).resolve().parent.parent
SUITES = ("bullseye", "bookworm", "trixie")
PACKAGES = "python3,python3-venv,python3-pip,ca-certificates"
MIRROR = "http://deb.debian.org/debian"
# Other programs set these for a GDAL and a PROJ of their own.
FOREIGN = ["env", "PROJ_DATA=/nowhere", "PROJ_LIB=/nowhere", "GDAL_DATA=/nowhere", "GDAL_DRIVER_PATH=/nowhere",
           "LD_LIBRARY_PATH=/nowhere"]
CLEAN = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}
# How it is installed: commands, and where the programs are then.
WAYS = {
    "venv": ("python3 -m venv /ways/venv && /ways/venv/bin/pip install --no-index {}", "/ways/venv/bin"),
    "--user": ("PIP_BREAK_SYSTEM_PACKAGES=1 python3 -m pip install --user --no-index {}", "/root/.local/bin"),
    "--target": ("python3 -m pip install --target /ways/target --no-index {}", "/ways/target/bin"),
    "--prefix": (
        "PIP_BREAK_SYSTEM_PACKAGES=1 python3 -m pip install --ignore-installed --prefix /ways/prefix --no-index {} &&"
        " cd /ways/prefix && if [ -d local ]; then ln -sfn local/bin bin; fi",
        "/ways/prefix/bin",
    ),
    "unpacked": (
        "mkdir -p /ways/unpacked && cd /ways/unpacked && python3 -m zipfile -e {} . &&"
        " mv *.data data && chmod 755 data/scripts/*",
        "/ways/unpacked/data/scripts",
    ),
}
OPTIONS = ["--radius", "20", "-n", "16", "--measure", "svf,svf-slope,openness-positive", "-q"]


def rasters(folder):
    """Makes five rasters of different formats, types and CRSs. Returns (name, more options)."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[0:90, 0:120]
    heights = 30 * np.sin(x / 9.0) + 20 * np.cos(y / 7.0) + rng.random((90, 120)) + 100

    def make(name, data, gdal_type, epsg, transform, nodata=None, driver="GTiff", options=()):
        memory = gdal.GetDriverByName("MEM").Create("", data.shape[1], data.shape[0], 1, gdal_type)
        memory.SetGeoTransform(transform)
        if epsg:
            crs = osr.SpatialReference()
            crs.ImportFromEPSG(epsg)
            memory.SetProjection(crs.ExportToWkt())
        band = memory.GetRasterBand(1)
        band.WriteArray(data)
        if nodata is not None:
            band.SetNoDataValue(nodata)
        gdal.GetDriverByName(driver).CreateCopy(str(folder / name), memory, options=list(options))

    metres, degrees = (500000, 1, 0, 5600000, 0, -1), (7, 1 / 3600, 0, 51, 0, -1 / 3600)
    holes = heights.copy()
    holes[30:40, 50:70] = -9999
    make("float.tif", heights, gdal.GDT_Float32, 25832, metres, options=["COMPRESS=ZSTD", "TILED=YES"])
    make("holes.tif", holes, gdal.GDT_Float64, 25832, metres, -9999, options=["COMPRESS=LZW"])
    make("degrees.tif", heights * 10, gdal.GDT_Int16, 4326, degrees, options=["COMPRESS=DEFLATE"])
    make("grid.asc", holes, gdal.GDT_Float32, 25832, metres, -9999, driver="AAIGrid")
    make("cube.nc", heights, gdal.GDT_Float32, 25832, metres, driver="netCDF")
    return ["float.tif", "holes.tif", "degrees.tif", "grid.asc", "cube.nc"]


def bands(path):
    """All cells of a raster, as bytes, and how many there are."""
    cells = gdal.Open(str(path)).ReadAsArray()
    return cells.tobytes(), cells.size


def in_root(root, words, **options):
    return subprocess.run(["chroot", str(root), *words], check=True, env=CLEAN, **options)


def check(suite, root, wheel, expected):
    """Compares in one root. Returns how many rasters were compared."""
    if not (root / "usr/bin/python3").exists():
        print("making", root, flush=True)
        subprocess.run(
            ["debootstrap", "--variant=minbase", "--include=" + PACKAGES, suite, str(root), MIRROR],
            check=True, stdout=subprocess.DEVNULL)
    for old in ("ways", "in", "out", "root/.local"):
        shutil.rmtree(str(root / old), ignore_errors=True)
    (root / "ways").mkdir()
    (root / "out").mkdir()
    shutil.copytree(str(expected / "in"), str(root / "in"))
    shutil.copy(str(wheel), str(root / wheel.name))
    compared = 0
    for way, (command, folder) in WAYS.items():
        command = command.format("/" + wheel.name)
        done = subprocess.run(["chroot", str(root), "sh", "-c", command], capture_output=True, text=True, env=CLEAN)
        if done.returncode != 0:
            sys.exit("{}, {}: cannot be installed: {}{}".format(suite, way, done.stdout, done.stderr))
        program = folder + "/svf_compute"
        said = in_root(root, [program, "--version", "--json"], stdout=subprocess.PIPE).stdout
        assert json.loads(said.decode())["gdal"]["linkage"] == "bundled", said
        for tool in ("svf_tile", "svf_mosaic", "svf_profile"):
            said = in_root(root, [folder + "/" + tool, "--version"], stdout=subprocess.PIPE).stdout
            assert said.decode().startswith(tool + " "), said
        for name in sorted(path.name for path in (expected / "out").iterdir()):
            source = "/in/" + name[: -len(".svf.tif")]
            out = "/out/{}-{}".format(way.strip("-"), name)
            in_root(root, FOREIGN + [program, source, out, *OPTIONS], stdout=subprocess.DEVNULL)
            (new, size), (old, _) = bands(str(root) + out), bands(expected / "out" / name)
            if new != old:
                sys.exit("{}, {}: cells of {} differ".format(suite, way, name))
            compared += 1
            print("{:9} {:9} {:20} {} cells, all the same".format(suite, way, name, size), flush=True)
        # A point by longitude and latitude: this needs PROJ's data.
        point = ["point", "/in/float.tif", "--at", "9.00085,50.55153", "--crs", "EPSG:4326", "-q"]
        in_root(root, FOREIGN + [folder + "/svf_profile", *point], stdout=subprocess.DEVNULL)
    return compared


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--system", type=pathlib.Path, default=ROOT / "target/release")
    parser.add_argument("--roots", type=pathlib.Path, default=ROOT / "target/roots")
    parser.add_argument("suites", nargs="*", default=SUITES)
    args = parser.parse_args()
    (wheel,) = (ROOT / "target/bundled").glob("svf_tools-*.whl")
    expected = ROOT / "target/bundled/expected"
    shutil.rmtree(str(expected), ignore_errors=True)
    (expected / "in").mkdir(parents=True)
    (expected / "out").mkdir()
    for name in rasters(expected / "in"):
        out = expected / "out" / (name + ".svf.tif")
        program = str(args.system / "svf_compute")
        subprocess.run([program, str(expected / "in" / name), str(out), *OPTIONS], check=True, stdout=subprocess.DEVNULL)
    number = 0
    for suite in args.suites:
        root = args.roots / suite
        root.mkdir(parents=True, exist_ok=True)
        (root / "proc").mkdir(exist_ok=True)
        subprocess.run(["mount", "-t", "proc", "proc", str(root / "proc")], check=True)
        try:
            number += check(suite, root, wheel, expected)
        finally:
            subprocess.run(["umount", str(root / "proc")], check=True)
    print(number, "rasters compared, no cell differs")


main()
