"""Runs another program on a raster of heights and writes what it computes.

    peers.py PROGRAM INPUT OUTPUT DIRECTIONS RADIUS_CELLS [CANOPY TRUNK_RATIO TRANSMISSIVITY]

OUTPUT is a GeoTIFF with a band for every result, the result's name as description,
NaN where there is none. The last line printed is the program's version.
`peers.py make-canopy INPUT OUTPUT` plants trees, for programs that know vegetation.
"""

import importlib.metadata
import os
import subprocess
import sys
import tempfile

import numpy as np
import rasterio


def heights(path, dtype=np.float32):
    """The first band with NaN for what is missing, and its grid."""
    with rasterio.open(path) as source:
        band = source.read(1, masked=True)
        grid = {"crs": source.crs, "transform": source.transform}
        grid.update(width=source.width, height=source.height)
    return np.ma.filled(band.astype(dtype), np.nan), grid, abs(grid["transform"].a)


def save(path, results, grid):
    """Writes named arrays as the bands of one file."""
    profile = dict(grid, driver="GTiff", dtype="float32", nodata=np.nan, count=len(results))
    with rasterio.open(path, "w", **profile) as target:
        for number, (name, array) in enumerate(results.items(), 1):
            target.write(np.asarray(array, dtype=np.float32), number)
            target.set_band_description(number, name)



def shell(*words):
    """Runs a program; what it said."""
    words = [str(word) for word in words]
    done = subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise SystemExit(f"{words[0]}: {(done.stderr or done.stdout).strip()[-500:]}")
    return done.stdout + done.stderr


def saga(source, directions, radius, folder):
    _, _, cell = heights(source)
    names = {"visible": "-VISIBLE", "svf": "-SVF", "terrain": "-TERRAIN", "distance": "-DISTANCE"}
    files = {name: os.path.join(folder, f"{name}.tif") for name in names}
    outputs = [word for name, option in names.items() for word in (option, files[name])]
    settings = ["-RADIUS", radius * cell, "-NDIRS", directions, "-METHOD", 0]
    shell("saga_cmd", "-f=s", "-c=1", "ta_lighting", 3, "-DEM", source, *outputs, *settings)
    openness = {"openness-positive": "-POS", "openness-negative": "-NEG"}
    files.update({name: os.path.join(folder, f"{name}.tif") for name in openness})
    outputs = [word for name, option in openness.items() for word in (option, files[name])]
    settings = ["-RADIUS", radius * cell, "-NDIRS", directions, "-METHOD", 1, "-UNIT", 1]
    shell("saga_cmd", "-f=s", "-c=1", "ta_lighting", 5, "-DEM", source, *outputs, *settings)
    results = {name: heights(path)[0] for name, path in files.items()}
    version = next(line for line in shell("saga_cmd", "--version").splitlines() if "Version" in line)
    return results, version.split(":")[1]


def rvt(source, directions, radius, folder):
    import rvt.vis

    z, _, cell = heights(source)
    settings = dict(resolution=cell, svf_n_dir=directions, svf_r_max=radius, svf_noise=0)
    run = rvt.vis.sky_view_factor
    up = run(z, compute_svf=True, compute_asvf=True, compute_opns=True, asvf_level=1, **settings)
    down = run(-z, compute_svf=False, compute_opns=True, **settings)
    high = run(z, compute_svf=False, compute_asvf=True, asvf_level=2, **settings)
    results = {
        "svf": up["svf"],
        "openness-positive": up["opns"],
        "openness-negative": down["opns"],
        "asvf-low": up["asvf"],
        "asvf-high": high["asvf"],
    }
    return results, importlib.metadata.version("rvt-py")


def xrspatial(source, directions, radius, folder):
    """In degrees: with the cell size of the middle row in metres."""
    import xarray
    import xrspatial as package

    z, grid, cell = heights(source)
    wide = high = cell
    if grid["crs"].is_geographic:
        latitude = np.radians(grid["transform"].f - z.shape[0] / 2 * cell)
        wide, high = cell * 111_320 * np.cos(latitude), cell * 111_132
    raster = xarray.DataArray(z, dims=["y", "x"], attrs={"res": (wide, high)})
    svf = package.sky_view_factor(
        raster, max_radius=radius, n_directions=directions, cellsize_x=wide, cellsize_y=high
    )
    return {"svf": svf.values}, importlib.metadata.version("xarray-spatial")


def whitebox(source, directions, radius, folder):
    import whitebox_workflows

    z, grid, cell = heights(source)
    # Heights of an integer raster would make an integer result.
    floats, svf = os.path.join(folder, "z.tif"), os.path.join(folder, "svf.tif")
    save(floats, {"z": z}, grid)
    tools = whitebox_workflows.WbEnvironment()
    # A hair more than the radius, so that the sample at the radius is in.
    result = tools.sky_view_factor(
        tools.read_raster(floats),
        az_fraction=360 / directions,
        max_dist=radius * cell * (1 + 1e-6),
        observer_hgt_offset=0.0,
    )
    tools.write_raster(result, svf)
    return {"svf": heights(svf)[0]}, importlib.metadata.version("whitebox-workflows")


def topocalc(source, directions, radius, folder):
    """Has no search radius: looks as far as the raster goes."""
    from topocalc.viewf import viewf

    z, _, cell = heights(source, np.float64)
    svf, terrain = viewf(z, cell, nangles=directions)
    return {"svf": svf, "terrain": terrain}, importlib.metadata.version("topocalc")


def vegetation(z, canopy, trunk_ratio):
    """Absolute heights of crowns' tops and bottoms, 0 where no crown is."""
    if canopy is None:
        return np.zeros_like(z), np.zeros_like(z)
    above, _, _ = heights(canopy)
    above = np.nan_to_num(above)
    return np.where(above > 0, z + above, 0), np.where(above > 0, z + above * trunk_ratio, 0)


def total(result, transmissivity):
    """What both programs call the total sky view factor."""
    return result["svf"] - (1 - result["svf-veg"]) * (1 - transmissivity)


def solweig(source, directions, radius, folder, canopy=None, trunk_ratio=0.25, transmissivity=0.03):
    """Looks at 153 patches of sky whatever the directions."""
    from solweig.rustalgos import shadowing, skyview

    if hasattr(shadowing, "disable_gpu"):
        shadowing.disable_gpu()
    z, _, cell = heights(source)
    # Above the lowest cell: 0 stands for "no vegetation".
    z = z - np.nanmin(z) + 10
    crown, trunk = vegetation(z, canopy, trunk_ratio)
    highest = float(max(np.nanmax(z), crown.max()) - np.nanmin(z))
    # Lowest sun 0.1 degrees: the radius alone ends the search.
    found = skyview.calculate_svf(
        z, crown.astype(np.float32), trunk.astype(np.float32), cell, canopy is not None,
        highest, 2, 0.1, None, radius * cell,
    )  # fmt: skip
    # Its name in newer versions.
    aveg = found.svf_aveg if hasattr(found, "svf_aveg") else found.svf_veg_blocks_bldg_sh
    sides = {f"svf-{side}": getattr(found, f"svf_{side}") for side in ("north", "east", "south", "west")}
    results = {"svf": np.asarray(found.svf), **sides, "svf-veg": np.asarray(found.svf_veg), "svf-aveg": np.asarray(aveg)}
    results["svf-total"] = total(results, transmissivity)
    return results, importlib.metadata.version("solweig")


def umep(source, directions, radius, folder, canopy=None, trunk_ratio=0.25, transmissivity=0.03):
    """Looks at 153 patches of sky whatever the directions, as far as the raster goes."""
    from umep.functions.svf_functions import svfForProcessing153

    z, _, cell = heights(source)
    z = z - np.nanmin(z) + 10
    crown, trunk = vegetation(z, canopy, trunk_ratio)
    highest = float(max(np.nanmax(z), crown.max()) - np.nanmin(z))
    found = svfForProcessing153(z, crown, trunk, 1 / cell, 0 if canopy is None else 1, highest)
    results = {"svf": found["svf"], "svf-veg": found["svfveg"], "svf-aveg": found["svfaveg"]}
    results["svf-total"] = total(results, transmissivity)
    return results, importlib.metadata.version("umep")


def grass(source, directions, radius, folder):
    z, grid, cell = heights(source)
    # On the equator and the central meridian of a zone: r.horizon turns azimuths to
    # true north, and here that is the grid's north.
    moved = rasterio.transform.from_origin(500_000, z.shape[0] * cell / 2, cell, cell)
    place = os.path.join(folder, "equator.tif")
    save(place, {"z": z}, dict(grid, crs="EPSG:32631", transform=moved))
    return r_horizon(place, directions, radius * cell, folder)


def grass_degrees(source, directions, radius, folder):
    """In degrees as they are; the search goes as far as that many cells of a meridian, in metres."""
    _, _, cell = heights(source)
    return r_horizon(source, directions, radius * cell * 111_132, folder)


def r_horizon(place, directions, distance, folder):
    steps = [
        f"r.in.gdal --q input={place} output=dem",
        "g.region raster=dem",
        f"r.horizon --q -d elevation=dem step={360 / directions} maxdistance={distance} output=horizon",
        f"for map in $(g.list raster pattern='horizon_*'); do "
        f"r.out.gdal --q -c input=$map output={folder}/$map.tif type=Float32 nodata=-9999; done",
    ]
    script = os.path.join(folder, "steps.sh")
    with open(script, "w") as file:
        file.write("set -e\n" + "\n".join(steps) + "\n")
    shell("grass", "--tmp-location", place, "--exec", "bash", script)
    maps = sorted(name for name in os.listdir(folder) if name.startswith("horizon_"))
    if len(maps) != directions:
        raise SystemExit(f"r.horizon wrote {len(maps)} maps")
    # The maps' names count degrees from east, anticlockwise; bands go clockwise from north.
    azimuths = {(90 - float(name[8:-4].replace("_", "."))) % 360: name for name in maps}
    results = {
        f"horizon-{azimuth:g}": heights(os.path.join(folder, azimuths[azimuth]))[0]
        for azimuth in sorted(azimuths)
    }
    return results, shell("grass", "--version").splitlines()[0].replace("GRASS GIS", "")


def make_canopy(source, target):
    """Round crowns of 4 to 14 m on low ground, at places that depend on nothing else."""
    from scipy.ndimage import minimum_filter

    z, grid, cell = heights(source)
    low = z - minimum_filter(z, size=round(30 / cell)) < 1.0
    random = np.random.default_rng(7)
    above = np.zeros_like(z)
    rows, cols = np.mgrid[0 : z.shape[0], 0 : z.shape[1]]
    for _ in range(round(z.size * cell * cell / 600)):
        row, col = random.integers(z.shape[0]), random.integers(z.shape[1])
        height, wide = random.uniform(4, 14), random.uniform(2, 5)
        reach = int(wide / cell) + 1
        part = np.s_[max(0, row - reach) : row + reach + 1, max(0, col - reach) : col + reach + 1]
        inside = np.hypot(rows[part] - row, cols[part] - col) * cell <= wide
        above[part] = np.where(inside & low[part], np.maximum(above[part], height), above[part])
    save(target, {"canopy": above}, grid)


PROGRAMS = dict(
    saga=saga, rvt=rvt, xrspatial=xrspatial, whitebox=whitebox, topocalc=topocalc,
    solweig=solweig, umep=umep, grass=grass,
    **{"grass-degrees": grass_degrees},
)  # fmt: skip


def main(words):
    if words[:1] == ["make-canopy"] and len(words) == 3:
        return make_canopy(*words[1:])
    if len(words) not in (5, 8) or words[0] not in PROGRAMS:
        raise SystemExit(__doc__)
    program, source, target, directions, radius = words[:5]
    canopy = [words[5], float(words[6]), float(words[7])] if len(words) == 8 else []
    with tempfile.TemporaryDirectory() as folder:
        run = PROGRAMS[program]
        results, version = run(source, int(directions), int(radius), folder, *canopy)
    save(target, results, heights(source)[1])
    print(version.strip())


if __name__ == "__main__":
    main(sys.argv[1:])
