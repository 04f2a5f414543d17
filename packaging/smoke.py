"""Runs the programs on PATH as a newcomer does, and compares cells with known values. No package is needed.

    python packaging/smoke.py [--module]

With --module, the module svf_tools computes the same; this needs numpy.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

TOOLS = ("svf_compute", "svf_tile", "svf_mosaic", "svf_profile")
# Others set these for a GDAL of their own.
FOREIGN = {"PROJ_DATA": "nowhere", "PROJ_LIB": "nowhere", "GDAL_DATA": "nowhere", "GDAL_DRIVER_PATH": "nowhere"}
# The plugin for QGIS has features in other formats exported before the programs read them.
VECTORS = ("ESRI Shapefile", "GPKG", "GeoJSON")
SIZE = 11


def run(*words):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **FOREIGN})
    if done.returncode != 0:
        sys.exit("{}: exit code {}: {}".format(" ".join(words), done.returncode, done.stderr.decode()))
    return done.stdout.decode()


def check(cells):
    """Compares three cells of a tower of the height 10 in the middle of a plain."""
    middle = SIZE // 2
    # The top of the tower sees the whole sky. One cell to the west, one of eight directions ends at
    # the tower: sin(atan(10 / 1)) / 8 of the sky is hidden.
    beside, edge = 1 - 10 / 101**0.5 / 8, 1 - 10 / 125**0.5 / 8
    for (row, col), expected in {(middle, middle): 1.0, (middle, middle - 1): beside, (0, middle): edge}.items():
        found = cells[row][col]
        assert abs(found - expected) < 2e-5, (row, col, found, expected)


def main():
    assert sys.argv[1:] in ([], ["--module"]), sys.argv
    said = json.loads(run("svf_compute", "--version", "--json"))
    print(said["version"], said["gdal"]["version"], said["gdal"]["linkage"], said["simd"])
    lacking = set(VECTORS) - set(said["gdal"]["drivers"])
    assert not lacking, lacking
    for tool in TOOLS:
        assert run(tool, "--version").startswith(tool + " "), tool
    with tempfile.TemporaryDirectory(prefix="svf ä 漢 ") as folder:
        dem = pathlib.Path(folder, "höhe 山.asc")
        # A tower of the height 10 in a plain of cells of 1 m.
        middle = SIZE // 2
        rows = [[10 if (row, col) == (middle, middle) else 0 for col in range(SIZE)] for row in range(SIZE)]
        head = "ncols {0}\nnrows {0}\nxllcorner 0\nyllcorner 0\ncellsize 1\n".format(SIZE)
        dem.write_text(head + "\n".join(" ".join(map(str, row)) for row in rows) + "\n")
        out = pathlib.Path(folder, "svf out.asc")
        run("svf_compute", str(dem), str(out), "--radius", "5", "-n", "8", "-q")
        lines = [line.split() for line in out.read_text().splitlines()]
        cells = [[float(word) for word in line] for line in lines if len(line) == SIZE]
        assert len(cells) == SIZE, cells
        check(cells)
        if "--module" in sys.argv[1:]:
            import svf_tools

            check(svf_tools.sky_view(rows, 1, 5, 8)["svf"])
            done = svf_tools.point(dem, at_cell=(middle, middle), radius=5, directions=8)
            assert done["points"][0]["measures"]["svf"] == 1, done
            print("svf_tools", svf_tools.__version__, svf_tools.programs.program("svf_compute"))
        run("svf_compute", str(dem), str(pathlib.Path(folder, "svf.tif")), "--radius", "5", "-q", "--work-dir", str(pathlib.Path(folder, "work")))
        run("svf_compute", str(dem), str(pathlib.Path(folder, "svf.tif")), "--radius", "5", "-q", "--work-dir", str(pathlib.Path(folder, "work")))
        wrong = subprocess.run(["svf_compute", str(dem), str(out), "-q"], stderr=subprocess.PIPE)
        assert wrong.returncode == 2 and b"--overwrite" in wrong.stderr, wrong
    print("the programs work")


main()
