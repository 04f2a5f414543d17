"""svfs.zip of svf_compute beside UMEP's own, and what SOLWEIG makes of both: the tables of docs/going-to.md.

    pip install umep solweig
    python crates/xtask/src/agree/svfs_zip.py target/release/svf_compute

It makes a city of 150 x 150 cells with trees in a temporary folder.
"""

import datetime
import os
import subprocess
import sys
import tempfile
import time

import numpy as np
import rasterio
import solweig
from solweig.api import _calculate_single
from solweig.models.precomputed import SvfArrays
from umep.functions.svf_functions import svfForProcessing153

SIDE = 150
STREET = 10.0
# The halves of UMEP do not add up to the whole sky: its own values on flat ground.
FLAT = {"north": 0.976157, "south": 0.947532, "west": 0.923689}
SIDES = {"": "", "E": "_east", "S": "_south", "W": "_west", "N": "_north"}


def city():
    """Heights of ground and buildings, and heights of trees above them."""
    random = np.random.default_rng(7)
    dsm = np.full((SIDE, SIDE), STREET, np.float32)
    for _ in range(40):
        high, wide = random.integers(8, 22, 2)
        row, col = random.integers(0, SIDE - 8, 2)
        dsm[row : row + high, col : col + wide] = STREET + random.uniform(6, 25)
    trees = np.zeros_like(dsm)
    rows, cols = np.mgrid[:SIDE, :SIDE]
    planted = 0
    while planted < 60:
        row, col = random.integers(3, SIDE - 3, 2)
        radius, height = random.uniform(2.5, 5), random.uniform(6, 16)
        if dsm[row, col] == STREET:
            crown = ((rows - row) ** 2 + (cols - col) ** 2 <= radius**2) & (dsm == STREET)
            trees[crown] = np.maximum(trees[crown], height)
            planted += 1
    return dsm, trees


def rmse(difference, where):
    return np.sqrt(np.mean(difference[where] ** 2))


def ours(program, dsm, trees, folder):
    """The archive of svf_compute as arrays; seconds on one thread."""
    place = {"crs": "EPSG:32633", "transform": rasterio.transform.from_origin(390_000, 5_820_000, 1, 1)}
    for name, cells in (("dsm", dsm), ("cdsm", trees)):
        profile = {"driver": "GTiff", "height": SIDE, "width": SIDE, "count": 1, "dtype": "float32", **place}
        with rasterio.open(os.path.join(folder, name + ".tif"), "w", **profile) as made:
            made.write(cells, 1)
    words = "dsm.tif svfs.zip --of UMEP --canopy cdsm.tif --radius 225 -n 64 --sampling nearest -q --threads 1"
    began = time.time()
    subprocess.run([program, *words.split()], check=True, cwd=folder)
    return SvfArrays.from_zip(os.path.join(folder, "svfs.zip")), time.time() - began


def theirs(dsm, trees):
    """The same of UMEP."""
    top, bottom = (np.where(trees > 0, dsm + share * trees, 0).astype(np.float32) for share in (1.0, 0.25))
    began = time.time()
    found = svfForProcessing153(dsm.copy(), top, bottom, 1.0, 1, float(max(dsm.max(), top.max()) - dsm.min()))
    seconds = time.time() - began
    kinds = {"": "svf", "veg": "svf_veg", "aveg": "svf_aveg"}
    arrays = {
        ours + side: np.asarray(found["svf" + letter + kind], np.float32)
        for kind, ours in kinds.items()
        for letter, side in SIDES.items()
    }
    return arrays, seconds


def tmrt(dsm, trees, svf, hour, ta, radiation):
    """Mean radiant temperature in degrees Celsius."""
    surface = solweig.SurfaceData(dsm=dsm.copy(), cdsm=trees.copy(), pixel_size=1.0)
    surface.preprocess()
    surface.svf = svf
    weather = solweig.Weather(
        datetime=datetime.datetime(2025, 7, 15, hour), ta=ta, rh=50.0, global_rad=float(radiation)
    )
    place = solweig.Location(latitude=52.5, longitude=13.4, utc_offset=2)
    return np.asarray(_calculate_single(surface, place, weather, use_anisotropic_sky=False).tmrt)


def main(program):
    dsm, trees = city()
    with tempfile.TemporaryDirectory() as folder:
        here, here_s = ours(os.path.abspath(program), dsm, trees, folder)
    umep, umep_s = theirs(dsm, trees)
    street, open_street = dsm == STREET, (dsm == STREET) & (trees == 0)
    for name, cells in umep.items():
        difference = getattr(here, name) - cells
        print(name, *("{:.4f}".format(rmse(difference, where)) for where in (open_street, street & (trees > 0))))
    print("microseconds a cell: {:.0f}, UMEP {:.0f}".format(*(1e6 * s / SIDE**2 for s in (here_s, umep_s))))
    scale = {name: FLAT.get(name.rpartition("_")[2], 1.0) for name in umep}
    divided = {name: np.minimum(cells / np.float32(scale[name]), 1.0) for name, cells in umep.items()}
    for hour, ta, radiation in ((8, 20, 350), (11, 25, 750), (14, 28, 820), (17, 27, 450), (23, 20, 0)):
        found = [tmrt(dsm, trees, svf, hour, ta, radiation) for svf in (here, SvfArrays(**umep), SvfArrays(**divided))]
        pairs = ((0, 1), (0, 2), (1, 2))
        print(hour, *("{:.2f} K".format(rmse(found[a] - found[b], street)) for a, b in pairs))


if __name__ == "__main__":
    main(sys.argv[1])
