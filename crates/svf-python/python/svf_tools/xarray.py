"""Sky measures of xarray's arrays: ``import svf_tools.xarray``, then ``da.svf.sky_view(radius=300)``.

Coordinates and attributes are kept, with the CRS as rioxarray stores it. Arrays of Dask are
computed chunk by chunk, each with the cells around it that its sight lines need; the result is the
same as that of the whole array.
"""

from __future__ import annotations

import math
from typing import Any, Sequence, Tuple

import numpy as np
import xarray as xr

from .arrays import _EXACT, azimuths_of, sky_view

_DEGREES = ("degrees", "degree", "degrees_north", "degrees_east", "degree_north", "degree_east")


@xr.register_dataarray_accessor("svf")
class SkyAccessor:
    """``da.svf``: sky measures of an array of heights with the dimensions y, x (or lat, lon)."""

    def __init__(self, heights: xr.DataArray):
        self._heights = heights

    def sky_view(
        self, radius: float, directions: int = 16, measures: Sequence[str] = ("svf",), **options: Any
    ) -> xr.Dataset:
        """Sky measures as a dataset, see :func:`svf_tools.sky_view`.

        The cell size comes from the coordinates. Coordinates in degrees (by the units of the
        coordinates, or a geographic CRS) are used as such: ``radius`` is then in metres.

        Raises:
            ValueError: Coordinates that are not equally spaced, and as :func:`svf_tools.sky_view`.
        """
        heights = self._heights
        if heights.ndim != 2:
            raise ValueError(f"the array must have two dimensions, not {heights.dims}")
        y, x = heights.dims
        rows, cols = _axis(heights, y), _axis(heights, x)
        east, south = _step(cols, x), -_step(rows, y)
        if _in_degrees(heights, y):
            if not np.all(np.abs(rows) <= 90):
                raise ValueError(f"{y} has latitudes beyond the poles")
            options.update(latitudes=rows)
            metres = math.radians(1) * 6_335_439.0
            reach_rows = math.ceil(radius / (abs(south) * metres)) + 2
            narrow = math.cos(math.radians(min(float(np.abs(rows).max()), 89.9)))
            reach_cols = math.ceil(radius / (abs(east) * metres * narrow)) + 2
        else:
            reach_rows, reach_cols = (math.ceil(radius / abs(side)) + 2 for side in (south, east))
        names = [measures] if isinstance(measures, str) else list(measures)
        arguments = dict(cell_size=(east, south), radius=radius, directions=directions, **options)
        if heights.chunks is None:
            values = sky_view(heights.values, measures=names, **arguments)
        else:
            values = _in_chunks(heights, names, arguments, (reach_rows, reach_cols))
        return self._dataset(values, azimuths_of(directions, **options))

    def horizon(self, radius: float, directions: int = 16, **options: Any) -> xr.DataArray:
        """Horizon angles, degrees, with the dimension ``azimuth``: see :meth:`sky_view`."""
        return self.sky_view(radius, directions, ("horizon",), **options)["horizon"]

    def _dataset(self, values: dict[str, Any], azimuths: np.ndarray) -> xr.Dataset:
        heights, variables = self._heights, {}
        for name, array in values.items():
            dims = heights.dims if array.ndim == 2 else ("azimuth", *heights.dims)
            attributes = {"long_name": name}
            if "grid_mapping" in heights.attrs:
                attributes["grid_mapping"] = heights.attrs["grid_mapping"]
            variables[name] = (dims, array, attributes)
        coordinates = dict(heights.coords)
        if "horizon" in values:
            coordinates["azimuth"] = ("azimuth", azimuths, {"units": "degrees", "long_name": "clockwise from north"})
        return xr.Dataset(variables, coords=coordinates)


def _axis(heights: xr.DataArray, name: str) -> np.ndarray:
    if name not in heights.coords:
        raise ValueError(f"the array has no coordinates {name}: the size of its cells is unknown")
    return np.asarray(heights.coords[name].values, dtype=np.float64)


def _step(values: np.ndarray, name: str) -> float:
    if len(values) < 2:
        raise ValueError(f"{name} needs at least two coordinates")
    step = float(values[-1] - values[0]) / (len(values) - 1)
    if step == 0 or not np.allclose(np.diff(values), step, rtol=1e-3, atol=0):
        raise ValueError(f"the coordinates {name} are not equally spaced")
    return step


def _in_degrees(heights: xr.DataArray, y: str) -> bool:
    units = str(heights.coords[y].attrs.get("units", "")).lower()
    if units in _DEGREES:
        return True
    reference = heights.coords.get("spatial_ref")
    wkt = "" if reference is None else str(reference.attrs.get("crs_wkt", ""))
    return wkt.startswith(("GEOGCS", "GEOGCRS")) or y in ("lat", "latitude")


def _in_chunks(
    heights: xr.DataArray, names: list[str], arguments: dict[str, Any], reach: Tuple[int, int]
) -> dict[str, Any]:
    import dask.array as da

    array = heights.data
    if array.dtype.name not in _EXACT:
        raise ValueError(f"chunks must be float32 (or smaller integers), not {array.dtype}: use .astype('float32')")
    if arguments.get("latitudes") is not None:
        raise ValueError("an array of Dask in degrees is not supported: use svf_tools.compute, or .load()")
    if arguments.get("search", "exact") != "exact":
        # Its blocks are counted from the first cell of the array, and a chunk does not say where it is.
        raise ValueError("search='cascade' with an array of Dask is not supported: use svf_tools.compute, or .load()")
    for layer in ("canopy", "trunk"):
        if arguments.get(layer) is not None:
            raise ValueError(f"{layer} with an array of Dask is not supported: use svf_tools.compute")
    array = array.astype(np.float32)
    depth = tuple(min(size, cells) for size, cells in zip(reach, array.shape))
    if any(min(chunks) < cells for chunks, cells in zip(array.chunks, depth) if len(chunks) > 1):
        sizes = [max(size, cells) for size, cells in zip(array.chunksize, depth)]
        array = array.rechunk(tuple(sizes))
        array = array.rechunk({axis: _merged(array.chunks[axis], depth[axis]) for axis in (0, 1)})
    counts = [arguments["directions"] if name == "horizon" else 1 for name in names]

    def of_block(block: np.ndarray) -> np.ndarray:
        done = sky_view(block, measures=names, threads=1, **arguments)
        bands = [done[name] if done[name].ndim == 3 else done[name][None] for name in names]
        inner = np.concatenate(bands)[:, depth[0] : -depth[0], depth[1] : -depth[1]]
        # Not a view that keeps all cells.
        return np.ascontiguousarray(inner)

    # Outside the raster, heights are missing.
    padded = da.overlap.overlap(array, depth=dict(enumerate(depth)), boundary=np.float32(np.nan))
    cells = padded.map_blocks(
        of_block,
        dtype=np.float32,
        new_axis=0,
        chunks=((sum(counts),), *array.chunks),
        meta=np.empty((0, 0, 0), np.float32),
    )
    result, band = {}, 0
    for name, count in zip(names, counts):
        result[name] = cells[band : band + count] if name == "horizon" else cells[band]
        band += count
    return result


def _merged(chunks: Tuple[int, ...], least: int) -> Tuple[int, ...]:
    """Chunks of which none is smaller than the cells around another one that it must give."""
    merged = list(chunks)
    if len(merged) > 1 and merged[-1] < least:
        last = merged.pop()
        merged[-1] += last
    return tuple(merged)
