"""The memory of a large array of Dask: a result is written chunk by chunk, and a part is compared.

    python large_array.py SIDE FOLDER

The heights are made chunk by chunk. Writes FOLDER/svf.zarr (needs the package zarr), prints the time and
the peak memory of the process, and ends with an error if cells around a corner of four chunks are
not those of one array. Not part of the tests, because it takes minutes.
"""

import resource
import sys
import time

import dask.array
import numpy as np
import svf_tools
import svf_tools.xarray
import xarray

CHUNK, RADIUS, AROUND = 2048, 100, 200


def heights(block_info=None):
    """Waves with noise, whose cells depend on their place alone."""
    rows, cols = (np.arange(*span)[:, None] for span in block_info[None]["array-location"])
    waves = 300 + 40 * np.sin(rows / 37) * np.cos(cols.T / 53)
    return (waves + (rows * 7919 + cols.T * 104729) % 1009 * 0.01).astype("f4")


def main(side, folder):
    chunks = (CHUNK,) * (side // CHUNK) + ((side % CHUNK,) if side % CHUNK else ())
    data = dask.array.map_blocks(heights, chunks=(chunks, chunks), dtype="f4")
    places = {"y": 5e6 - np.arange(side), "x": 5e5 + np.arange(side)}
    dem = xarray.DataArray(data, dims=("y", "x"), coords=places, name="dem")
    start = time.monotonic()
    result = dem.svf.sky_view(radius=RADIUS)["svf"]
    result.to_dataset(name="svf").to_zarr(folder + "/svf.zarr", mode="w")
    # Linux counts KiB.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print("{0} x {0} cells in {1:.0f} s, peak memory {2:.0f} MiB".format(side, time.monotonic() - start, peak))
    corner = slice(CHUNK - AROUND, CHUNK + AROUND)
    alone = svf_tools.sky_view(dem[corner, corner].values, 1.0, RADIUS)["svf"]
    inner = slice(CHUNK - AROUND + RADIUS, CHUNK + AROUND - RADIUS)
    written = xarray.open_zarr(folder + "/svf.zarr").svf[inner, inner].values
    if not np.array_equal(alone[RADIUS:-RADIUS, RADIUS:-RADIUS], written):
        sys.exit("cells differ")


main(int(sys.argv[1]), sys.argv[2])
