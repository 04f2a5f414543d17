"""GRASS r.sun with horizons of svf_compute beside its own search for shadows: the table of docs/going-to.md.

    apt-get install grass-core
    python crates/xtask/src/agree/rsun.py target/release/svf_compute FOLDER

FOLDER has rasters in metres. From each, 200 x 200 cells are cut out of the middle in a temporary folder.
"""

import os
import subprocess
import sys
import tempfile

import numpy as np
from osgeo import gdal

gdal.UseExceptions()
SIDE = 200
# The first day of winter has more shadows than that of summer. Hours are solar time.
TIMES = [(172, 6), (172, 8), (172, 12), (355, 9), (355, 12)]
LATITUDE_DEG = 46
# r.sun looks as far as its region goes.
RADIUS_CELLS = 283


def run(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(str(word) for word in words)}\n{done.stdout}{done.stderr}")


def cells(name):
    run("r.out.gdal", "-c", "--overwrite", f"input={name}", f"output={name}.tif", "format=GTiff", "type=Float32")
    return gdal.Open(f"{name}.tif").ReadAsArray()


def sun(name, day, hour, *options):
    """Radiation on the slopes, W/m2, at an hour of a day."""
    common = ("elevation=dem", "slope=slope", "aspect=aspect", "lat=lat", "long=long", f"day={day}", f"time={hour}")
    run("r.sun", "--overwrite", *common, f"glob_rad={name}", *options)
    return cells(name)


def inside(program, folder):
    """What runs in a location of GRASS."""
    os.chdir(folder)
    run("g.region", "raster=dem")
    run("r.slope.aspect", "--overwrite", "elevation=dem", "slope=slope", "aspect=aspect")
    run("r.mapcalc", "--overwrite", f"expression=lat={LATITUDE_DEG}.0")
    run("r.mapcalc", "--overwrite", "expression=long=0.0")
    size = abs(gdal.Open("dem.tif").GetGeoTransform()[1])
    radius = RADIUS_CELLS * size
    searched = [sun("own", day, hour) for day, hour in TIMES]
    for directions in (16, 64):
        step = 360 / directions
        run(program, "dem.tif", "hor.tif", "--of", "RSUN", "-n", directions, "--radius", radius, "--sampling",
            "nearest", "--curvature", "--refraction", 0, "--overwrite")
        for file in sorted(os.listdir(".")):
            if file.startswith("hor_") and file.endswith(".tif"):
                run("r.external", "--overwrite", "-o", f"input={file}", f"output={file[:-4]}")
        run("r.horizon", "--overwrite", "elevation=dem", f"step={step}", f"maxdistance={radius}", "output=theirs")
        names = {"ours": "hor", "theirs": "theirs"}
        errors = {name: [] for name in names}
        for (day, hour), own in zip(TIMES, searched):
            for name, maps in names.items():
                options = (f"horizon_basename={maps}", f"horizon_step={step:g}")
                difference = sun(name, day, hour, *options) - own
                errors[name].append(difference[~np.isnan(difference)])
        shown = []
        for name in names:
            means = [error.mean() for error in errors[name]]
            size = np.mean([np.abs(error).mean() for error in errors[name]])
            shown.append(f"{np.mean(means):+.2f} ({min(means):+.2f} to {max(means):+.2f}) | {size:.2f}")
        print(f"| {directions} | {np.nanmean(searched):.0f} | {' | '.join(shown)} |", flush=True)


def main():
    program, folder = os.path.abspath(sys.argv[1]), sys.argv[2]
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".tif"):
            continue
        with tempfile.TemporaryDirectory() as work:
            whole = gdal.Open(os.path.join(folder, name))
            window = [(whole.RasterXSize - SIDE) // 2, (whole.RasterYSize - SIDE) // 2, SIDE, SIDE]
            gdal.Translate(os.path.join(work, "dem.tif"), whole, srcWin=window)
            print(f"\n{name}\n", flush=True)
            location = os.path.join(work, "location")
            script = [sys.executable, os.path.abspath(__file__), "--inside", program, work]
            run("grass", "-c", os.path.join(work, "dem.tif"), "-e", location)
            mapset = os.path.join(location, "PERMANENT")
            run("grass", mapset, "--exec", "r.in.gdal", "-o", f"input={work}/dem.tif", "output=dem")
            done = subprocess.run(["grass", mapset, "--exec", *script], capture_output=True, text=True)
            if done.returncode:
                raise SystemExit(done.stdout + done.stderr)
            print(done.stdout)


if __name__ == "__main__":
    if sys.argv[1] == "--inside":
        inside(sys.argv[2], sys.argv[3])
    else:
        main()
