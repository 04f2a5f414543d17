"""Runs the commands of the pages for beginners: python3 docs/site/commands.py BIN_DIR

Each indented block of docs/start/*.md and of the start in README.zh-CN.md runs with bash, on small rasters made here
under the names that the pages use; the blocks of docs/python.md run with Python, one after the other. Needs GDAL's programs
and its Python module. PYTHON_OF_PAGES is a Python with svf_tools and what docs/python.md names; without it, this
one. A command that fails is an error.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from osgeo import gdal, osr

gdal.UseExceptions()
ROOT = Path(__file__).resolve().parents[2]


def write(path: Path, cells: np.ndarray, place: tuple[float, float, float], epsg: int) -> None:
    """A GeoTIFF of 32-bit floats; `place` is west, north and the side of a cell."""
    file = gdal.GetDriverByName("GTiff").Create(str(path), cells.shape[1], cells.shape[0], 1, gdal.GDT_Float32)
    west, north, side = place
    file.SetGeoTransform((west, side, 0, north, 0, -side))
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(epsg)
    file.SetProjection(reference.ExportToWkt())
    file.GetRasterBand(1).WriteArray(cells.astype(np.float32))


def inputs(folder: Path) -> None:
    rows, cols = np.mgrid[:600, :600]
    hills = 1500 + 800 * np.sin(rows / 60) * np.cos(cols / 70)
    write(folder / "dem.tif", hills, (9.9, 46.6, 1 / 3600), 4326)
    houses = np.where((rows % 50 > 15) & (cols % 40 > 10), 15.0, 0.0)
    for name in ("dsm.tif", "buildings.tif", "out/sample.tif"):
        (folder / name).parent.mkdir(exist_ok=True)
        write(folder / name, houses, (500000, 5600000, 1), 25832)
    write(folder / "trees.tif", np.where((rows % 50 == 7) & (cols % 8 < 5), 9.0, 0.0), (500000, 5600000, 1), 25832)
    (folder / "tiles").mkdir()
    for number in (0, 1):
        write(folder / f"tiles/{number}.tif", hills[:, 300 * number : 300 * (number + 1)], (500000 + 300 * number, 5600000, 1), 25832)
    (folder / "stations.csv").write_text("name,lon,lat\nhut,9.98,46.52\nlake,10.0,46.5\n")


def python_inputs(folder: Path) -> None:
    """As `inputs`, where other pages have other rasters under the same names."""
    rows, cols = np.mgrid[:400, :400]
    houses = np.where((rows % 50 > 15) & (cols % 40 > 10), 15.0, 0.0)
    for name in ("dem.tif", "dsm.tif", "country.vrt"):
        write(folder / name, houses, (500312.5, 5599930, 1), 25832)
    (folder / "stations.csv").write_text("name,x,y\nschool,500400.5,5599800.5\npark,500500.5,5599700.5\n")


def run(words: list[str], page: str, folder: str, programs: Path) -> bool:
    """Whether a command of a page succeeds; what it says if not is shown."""
    path = f"{programs.resolve()}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "SVF_BIN_DIR": str(programs.resolve()), "MPLBACKEND": "Agg"}
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        print(f"{page}: {words[-1]}\n{done.stderr}")
    return done.returncode == 0


def blocks(text: str) -> list[str]:
    """The indented blocks of a page."""
    found = re.findall(r"(?:^ {4}\S.*\n)+", text, re.MULTILINE)
    return [re.sub(r"^ {4}", "", block, flags=re.MULTILINE) for block in found]


def main(programs: Path) -> int:
    pages = {path.name: path.read_text("utf-8") for path in sorted((ROOT / "docs/start").glob("*.md"))}
    chinese = (ROOT / "README.zh-CN.md").read_text("utf-8")
    pages["README.zh-CN.md"] = chinese.split("## 十分钟上手")[1].split("\n## ")[0]
    failed = count = 0
    for name, text in pages.items():
        with tempfile.TemporaryDirectory() as folder:
            inputs(Path(folder))
            for block in blocks(text):
                if "packaging/setup.sh" in block:
                    continue  # builds everything
                count += 1
                failed += not run(["bash", "-ec", block], name, folder, programs)
    # Python's blocks use what earlier ones have made.
    python = "\n".join(re.findall(r"^```python\n(.*?)^```$", (ROOT / "docs/python.md").read_text("utf-8"), re.DOTALL | re.MULTILINE))
    with tempfile.TemporaryDirectory() as folder:
        python_inputs(Path(folder))
        failed += not run([os.environ.get("PYTHON_OF_PAGES", sys.executable), "-c", python], "python.md", folder, programs)
    print(f"{count} blocks of {len(pages)} pages and those of docs/python.md, {failed} failed")
    return 1 if failed or not count else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
