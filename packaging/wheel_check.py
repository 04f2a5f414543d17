#!/usr/bin/env python3
"""Installs the wheel into clean Debian systems, in every way there is, and compares what it computes.

The programs are run, and the module svf_tools is imported, without numpy and with it.

    /usr/bin/python3 packaging/wheel_check.py [--system FOLDER] [--roots FOLDER] [SUITE...]

The suites are bullseye, bookworm and trixie if none is named. Needs root (chroot), debootstrap, and
Python's GDAL. `--system` is the folder of a svf_compute that uses the GDAL of this machine
(target/release); each cell of five rasters must be the same, bit for bit. The roots are made in
`--roots` (target/roots) and kept for the next time.
"""

import argparse
import csv
import io
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
PACKAGES = "python3,python3-venv,python3-pip,ca-certificates,unzip"
MIRROR = "http://deb.debian.org/debian"
# Other programs set these for a GDAL and a PROJ of their own.
FOREIGN = ["env", "PROJ_DATA=/nowhere", "PROJ_LIB=/nowhere", "GDAL_DATA=/nowhere", "GDAL_DRIVER_PATH=/nowhere",
           "LD_LIBRARY_PATH=/nowhere"]
CLEAN = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}
TOOLS = ("svf_compute", "svf_tile", "svf_mosaic", "svf_profile")
# pipx and uv come as wheels, because the older systems have none; pipx wants a pip that is not old.
INSTALLERS = ["pipx==1.7.1", "uv==0.9.5", "pip==25.3", "tomli==2.2.1", "numpy>=1.23"]
INSTALLERS_IN = "/tools"
OFFLINE = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": INSTALLERS_IN}
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
    "pipx": (
        "PIPX_HOME=/ways/pipx PIPX_BIN_DIR=/ways/pipx/exposed /ways/tools/bin/pipx install {}",
        "/ways/pipx/exposed",
    ),
    "uv tool": (
        "UV_TOOL_DIR=/ways/uv UV_TOOL_BIN_DIR=/ways/uv/exposed /ways/tools/bin/uv tool install"
        " --offline --no-cache --python /usr/bin/python3 {}",
        "/ways/uv/exposed",
    ),
    "unpacked": (
        "mkdir -p /ways/unpacked && cd /ways/unpacked && python3 -m zipfile -e {} . &&"
        " chmod 755 *.data/scripts/* && ln -s *.data data",
        "/ways/unpacked/data/scripts",
    ),
    # Not the wheel, but the archive next to it.
    "zip": ("unzip -q /{archive} -d /ways/zip", "/ways/zip/bin"),
}
# Which Python has the module then, and where it has to look; an archive has none.
MODULES = {
    "venv": ("/ways/venv/bin/python", ""),
    "--user": ("/usr/bin/python3", ""),
    "--target": ("/usr/bin/python3", "/ways/target"),
    "--prefix": ("/usr/bin/python3", ""),
    "pipx": ("/ways/pipx/venvs/svf-tools/bin/python", ""),
    "uv tool": ("/ways/uv/svf-tools/bin/python", ""),
    "unpacked": ("/usr/bin/python3", "/ways/unpacked"),
}
NUMPY_IN = "/ways/numpy"
# Runs there: without numpy a file, with it an array. OPTIONS as the module has them.
MODULE_TRIAL = """\
import sys
import svf_tools
folder, has_numpy = sys.argv[1], sys.argv[2] == "yes"
program = svf_tools.programs.program("svf_compute")
assert program == folder + "/svf_compute", program
options = dict(radius=20, directions=16)
measures = ("svf", "svf-slope", "openness-positive")
try:
    sky_view = svf_tools.sky_view
except ImportError as error:
    assert not has_numpy and "pip install numpy" in str(error), error
    svf_tools.compute("/in/float.tif", "/out/module.tif", measure=measures, overwrite=True, **options)
else:
    assert has_numpy
    import numpy
    heights = numpy.fromfile("/in/float.raw", "f4").reshape({shape})
    sky = sky_view(heights, 1, measures=measures, **options)
    numpy.stack([sky[name] for name in measures]).tofile("/out/module.raw")
"""
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


def points(folder):
    """The words that ask for points of a table."""
    options = ["--radius", "20", "-n", "16", "--format", "csv", "-q"]
    return ["point", folder + "/float.tif", "--points", folder + "/points.csv", *options]


def table(text):
    """The rows of a table, without coordinates: PROJ rounds their last digits in more than one way."""
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["status"] for row in rows] == ["ok", "ok", "outside"], text
    return [{key: value for key, value in row.items() if key not in ("x", "y")} for row in rows]


def in_root(root, words, more=None):
    """Runs a command there. Returns what it printed."""
    done = subprocess.run(
        ["chroot", str(root), *words], env={**CLEAN, **(more or {})}, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        sys.exit("{}: {}: {}".format(root.name, " ".join(words), done.stderr.decode()))
    return done.stdout.decode()


def check_module(root, way, folder, expected):
    """Imports the module of an installation: a program without numpy, an array with it. Returns how many cells."""
    python, place = MODULES[way]
    if way == "--prefix":
        # Debian's Python puts it elsewhere than others.
        (package,) = (root / "ways/prefix").rglob("svf_tools/__init__.py")
        place = "/" + str(package.parent.parent.relative_to(root))
    if not python.startswith("/usr"):
        folder = str(pathlib.PurePosixPath(python).parent)
    folder = "/" + str((root / folder[1:]).resolve().relative_to(root.resolve()))
    heights = gdal.Open(str(expected / "in/float.tif")).ReadAsArray()
    heights.astype("f4").tofile(str(root / "in/float.raw"))
    for numpy, more in (("no", ""), ("yes", NUMPY_IN)):
        paths = ":".join(filter(None, [place, more]))
        trial = MODULE_TRIAL.format(shape=heights.shape)
        in_root(root, ["env", "PYTHONPATH=" + paths, python, "-W", "error", "-c", trial, folder, numpy])
    cells, size = bands(expected / "out/float.tif.svf.tif")
    if bands(str(root) + "/out/module.tif")[0] != cells or (root / "out/module.raw").read_bytes() != cells:
        sys.exit("{}, {}: cells of the module differ".format(root.name, way))
    return size


def bring_installers(root):
    """Installs pipx, uv and numpy in a root, from wheels that pip downloads here for the Python there."""
    say = "import sys; print('%d.%d' % sys.version_info[:2])"
    said = in_root(root, ["python3", "-c", say])
    folder = root / INSTALLERS_IN.strip("/")
    shutil.rmtree(str(folder), ignore_errors=True)
    platforms = [word for tag in ("manylinux_2_17", "manylinux2014", "manylinux_2_28") for word in ("--platform", tag + "_x86_64")]
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--only-binary=:all:",
         "--python-version", said.strip(), *platforms, "--dest", str(folder), *INSTALLERS],
        check=True)
    line = (
        "python3 -m venv /ways/tools && /ways/tools/bin/pip install --quiet pipx uv &&"
        " /ways/tools/bin/pip install --quiet --target {} numpy".format(NUMPY_IN))
    in_root(root, ["sh", "-c", line], more=OFFLINE)


def check(suite, root, wheel, expected):
    """Compares in one root. Returns how many rasters were compared."""
    if not (root / "usr/bin/unzip").exists():
        print("making", root, flush=True)
        subprocess.run(
            ["debootstrap", "--variant=minbase", "--include=" + PACKAGES, suite, str(root), MIRROR],
            check=True, stdout=subprocess.DEVNULL)
    for old in ("ways", "in", "out", "root/.local"):
        shutil.rmtree(str(root / old), ignore_errors=True)
    (root / "ways").mkdir()
    (root / "out").mkdir()
    shutil.copytree(str(expected / "in"), str(root / "in"))
    (archive,) = wheel.parent.glob("svf-tools-*-linux-x86_64.zip")
    for file in (wheel, archive):
        shutil.copy(str(file), str(root / file.name))
    bring_installers(root)
    compared = 0
    for way, (command, folder) in WAYS.items():
        command = command.format("/" + wheel.name, archive=archive.name)
        done = subprocess.run(
            ["chroot", str(root), "sh", "-c", command], capture_output=True, text=True, env={**CLEAN, **OFFLINE})
        if done.returncode != 0:
            sys.exit("{}, {}: cannot be installed: {}{}".format(suite, way, done.stdout, done.stderr))
        program = folder + "/svf_compute"
        said = in_root(root, [program, "--version", "--json"])
        assert json.loads(said)["gdal"]["linkage"] == "bundled", said
        for tool in TOOLS:
            said = in_root(root, [folder + "/" + tool, "--version"])
            assert said.startswith(tool + " "), said
        # A wheel that was only unpacked has them in `data`.
        line = 'cd "$(dirname "$(readlink -f "$0")")/.." && ls share/svf-tools/completions/* ||'
        line += " ls data/share/svf-tools/completions/*"
        files = in_root(root, ["sh", "-c", line, program]).split()
        assert {"svf_compute", "_svf_compute", "svf_compute.fish", "svf_compute.ps1"} <= set(files), files
        for name in sorted(path.name for path in (expected / "out").iterdir()):
            source = "/in/" + name[: -len(".svf.tif")]
            out = "/out/{}-{}".format(way.strip("-").replace(" ", "-"), name)
            in_root(root, FOREIGN + [program, source, out, *OPTIONS])
            (new, size), (old, _) = bands(str(root) + out), bands(expected / "out" / name)
            if new != old:
                sys.exit("{}, {}: cells of {} differ".format(suite, way, name))
            compared += 1
            print("{:9} {:9} {:20} {} cells, all the same".format(suite, way, name, size), flush=True)
        if way in MODULES:
            size = check_module(root, way, folder, expected)
            print("{:9} {:9} {:20} {} cells, all the same".format(suite, way, "module", size), flush=True)
        # Points by longitude and latitude: this needs PROJ's data. Their table is no format of this GDAL.
        words = [folder + "/svf_profile", *points("/in")]
        if table(in_root(root, FOREIGN + words)) != table((expected / "points.csv").read_text(encoding="utf-8")):
            sys.exit("{}, {}: the table of points differs".format(suite, way))
    return compared


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--system", type=pathlib.Path, default=ROOT / "target/release")
    parser.add_argument("--roots", type=pathlib.Path, default=ROOT / "target/roots")
    parser.add_argument("suites", nargs="*", default=SUITES)
    args = parser.parse_args()
    (wheel,) = (ROOT / "target/bundled").glob("svf_tools-*-manylinux_*.whl")
    expected = ROOT / "target/bundled/expected"
    shutil.rmtree(str(expected), ignore_errors=True)
    (expected / "in").mkdir(parents=True)
    (expected / "out").mkdir()
    for name in rasters(expected / "in"):
        out = expected / "out" / (name + ".svf.tif")
        program = str(args.system / "svf_compute")
        subprocess.run([program, str(expected / "in" / name), str(out), *OPTIONS], check=True, stdout=subprocess.DEVNULL)
    text = 'name,lon,lat\nhöhe,9.00085,50.55153\n"a, b",9.0005,50.5513\nfar,1,1\n'
    (expected / "in/points.csv").write_text(text, encoding="utf-8")
    words = [str(args.system / "svf_profile"), *points(str(expected / "in"))]
    said = subprocess.run(words, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    (expected / "points.csv").write_bytes(said)
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


if __name__ == "__main__":
    main()
