"""Sky measures of xarray's arrays: ``import svf_tools.xarray``, then ``da.svf.sky_view(radius=300)``.

Coordinates and attributes are kept, with the CRS as rioxarray stores it. Arrays of Dask are
computed chunk by chunk, each with the cells around it that its sight lines need; the result is the
same as that of the whole array.
"""

from __future__ import annotations

import inspect
from typing import Any, Sequence, Tuple

try:
    import numpy as np
    import xarray as xr
except ModuleNotFoundError as error:
    if error.name not in ("numpy", "xarray"):
        raise
    raise ImportError("svf_tools.xarray needs xarray: pip install xarray", name=error.name) from error

from . import _kernel
from .arrays import _EXACT, _by_name, _request, azimuths_of, sky_view, slack, step_of
from .doubts import doubts, in_memory, warn_of
from .place import doubts_of_place, in_degrees, refuse_other_crs, refuse_rotated, stored_steps
from .stored import doubts_of_encoding, refuse_stored, without_missing

_NORTHWARDS = ("y", "lat", "latitude", "northing", "row", "rows")
_EASTWARDS = ("x", "lon", "longitude", "easting", "col", "cols", "column", "columns")


@xr.register_dataarray_accessor("svf")
class SkyAccessor:
    """``da.svf``: sky measures of an array of heights with the dimensions y, x (or lat, lon)."""

    def __init__(self, heights: xr.DataArray):
        self._heights = heights

    def sky_view(
        self, radius: float, directions: int = 16, measures: Sequence[str] = ("svf",), **options: Any
    ) -> xr.Dataset:
        """Sky measures as a dataset, see ``svf_tools.sky_view``.

        The cell size comes from the coordinates. Coordinates in degrees (by the units of the
        coordinates, or a geographic CRS) are used as such: ``radius`` is then in metres. Cells with a
        number that means missing by the attributes (``_FillValue``, ``missing_value``, ``nodata``) or by
        rioxarray (``.rio.nodata``) are missing.

        Raises:
            ValueError: Coordinates that are not equally spaced, and as ``svf_tools.sky_view``.
            TypeError: ``cell_size`` or ``latitudes``, which come from the coordinates.
        """
        heights = self._heights
        for name in ("cell_size", "latitudes"):
            if name in options:
                raise TypeError(f"{name} comes from the coordinates; for an array without any, use svf_tools.sky_view")
        if unknown := set(options) - set(inspect.signature(sky_view).parameters):
            raise TypeError(f"sky_view() has no argument {', '.join(sorted(unknown))}: see help(svf_tools.sky_view)")
        if heights.ndim != 2:
            singles = [name for name, size in heights.sizes.items() if size == 1]
            is_mended = 0 < heights.ndim - 2 <= len(singles)
            mend = f": use .squeeze({singles[: heights.ndim - 2]!r})" if is_mended else ""
            raise ValueError(f"the array must have two dimensions, not {heights.dims}{mend}")
        y, x = heights.dims
        if _is(x, _NORTHWARDS) or _is(y, _EASTWARDS):
            raise ValueError(f"rows must come first: use .transpose({x!r}, {y!r})")
        refuse_stored(heights, "the heights")
        refuse_rotated(heights)
        rows = _axis(heights, y)
        east, south = _step(heights, x), -_step(heights, y)
        warn_of(doubts_of_place(heights, options.get("z_factor", 1)))
        warn_of(doubts_of_encoding(heights, "the heights"))
        for name in ("canopy", "trunk"):
            if isinstance(options.get(name), xr.DataArray):
                options[name] = _on_the_grid(options[name], name, heights)
        if in_degrees(heights, ("lat", "latitude")):
            options.update(latitudes=rows)
        arguments = dict(cell_size=(east, south), radius=radius, directions=directions, measures=measures, **options)
        if heights.chunks is None:
            values = sky_view(without_missing(heights, "the heights").values, **arguments)
        else:
            values = _in_chunks(heights, arguments)
        return self._dataset(values, azimuths_of(directions, **options))

    def horizon(self, radius: float, directions: int = 16, **options: Any) -> xr.DataArray:
        """Horizon angles, degrees, with the dimension ``azimuth``: see ``sky_view``."""
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
        raise ValueError(
            f"the array has no coordinates {name}, so the size of its cells is unknown: use "
            f".assign_coords({name}=...), or svf_tools.sky_view with cell_size"
        )
    values = np.asarray(heights.coords[name].values)
    if values.dtype.kind not in "iuf":
        raise ValueError(f"the coordinates {name} must be numbers, not {values.dtype}")
    return values


def _step(heights: xr.DataArray, name: str) -> float:
    """From one coordinate to the next. A single one has no neighbour: rioxarray stores the size of its cell."""
    values = _axis(heights, name)
    if len(values) < 2:
        steps = stored_steps(heights)
        if steps is None:
            raise ValueError(
                f"{name} needs two coordinates, or the GeoTransform that rioxarray stores, for the size of cells"
            )
        return steps[name]
    return step_of(values, f"the coordinates {name}")


def _is(dimension: Any, names: Tuple[str, ...]) -> bool:
    return str(dimension).lower() in names


def _on_the_grid(layer: xr.DataArray, name: str, heights: xr.DataArray) -> xr.DataArray:
    """The layer with rows and columns as the heights have them, NaN where its values are missing."""
    if set(layer.dims) != set(heights.dims):
        raise ValueError(f"{name} has the dimensions {layer.dims}, the heights have {heights.dims}")
    for axis in heights.dims:
        if axis not in layer.coords:
            continue
        own, of_heights = _axis(layer, axis), _axis(heights, axis)
        step = _step(heights, axis)
        near = max(slack(own, step), slack(of_heights, step))
        if own.shape != of_heights.shape or not np.allclose(own, of_heights, rtol=0, atol=near):
            raise ValueError(f"{name} has other coordinates {axis} than the heights: use .reindex_like()")
    refuse_other_crs(layer, name, heights)
    named = f"the values of {name}"
    refuse_stored(layer, named)
    warn_of(doubts_of_encoding(layer, named))
    # rioxarray forgets a number that was set with .rio.set_nodata once an array is transposed.
    return without_missing(layer, named).transpose(*heights.dims)


def _check_layer(layer: Any, name: str, shape: Tuple[int, ...]) -> None:
    if np.shape(layer) != shape:
        raise ValueError(f"{name} has the shape {np.shape(layer)}, the heights have {shape}")
    kind = layer.dtype if hasattr(layer, "dtype") else np.asarray(layer).dtype
    if kind.kind not in "iuf":
        raise ValueError(f"{name} must have numbers, not {kind}")


def _in_chunks(heights: xr.DataArray, arguments: dict[str, Any]) -> dict[str, Any]:
    """Measures of an array of Dask: of each chunk with the cells around it, at its place in the array."""
    import dask.array as da

    if heights.dtype.name not in _EXACT:
        raise ValueError(f"chunks must be float32 (or smaller integers), not {heights.dtype}: use .astype('float32')")
    array = without_missing(heights, "the heights").data
    bound = inspect.signature(sky_view).bind(array, **arguments)
    bound.apply_defaults()
    given, shape = bound.arguments, array.shape
    vegetation = [given[name] for name in ("canopy", "trunk")]
    for name, layer in zip(("canopy", "trunk"), vegetation):
        if layer is not None:
            _check_layer(layer, name, shape)
    cells, options, names = _request(shape, given)
    warn_of(doubts(shape, cells, given, names, in_memory({name: given[name] for name in ("canopy", "trunk")})))
    kind = tuple(layer is not None for layer in vegetation)
    halo = _kernel.halo(shape, kind, cells, options, names)
    # A chunk cannot give more than the array has; beyond it, there is nothing.
    depth = tuple(min(size, cells) for size, cells in zip(halo, shape))
    beyond = [(more - cells, more - cells) for more, cells in zip(halo, depth)]
    array = _large_enough(array.astype(np.float32), depth)
    starts = [np.cumsum((0, *chunks)) for chunks in array.chunks]

    def of_block(heights: np.ndarray, *layers: np.ndarray, block_id: Tuple[int, ...]) -> np.ndarray:
        place = tuple(int(start[i]) for start, i in zip(starts, block_id[-2:]))
        heights = np.pad(heights, beyond, constant_values=np.nan)
        layers = [np.pad(layer, beyond) for layer in layers]
        both = (layers + [None, None])[:2]
        return _kernel.compute_chunk(heights, *both, place, shape, cells, options, names)

    def with_surroundings(layer: Any, outside: float) -> Any:
        cells = layer.data if isinstance(layer, xr.DataArray) else layer
        chunks = da.asarray(cells).astype(np.float32).map_blocks(np.ma.filled, outside, dtype=np.float32)
        chunks = chunks.rechunk(array.chunks)
        return da.overlap.overlap(chunks, depth=dict(enumerate(depth)), boundary=np.float32(outside))

    # Outside the raster, heights are missing, and there is no vegetation.
    layers = [with_surroundings(array, np.nan)]
    layers += [with_surroundings(layer, 0) for layer in vegetation if layer is not None]
    bands = sum(_kernel.bands(name, given["directions"]) for name in names)
    done = da.map_blocks(
        of_block,
        *layers,
        dtype=np.float32,
        new_axis=0,
        chunks=((bands,), *array.chunks),
        meta=np.empty((0, 0, 0), np.float32),
    )
    return _by_name(done, names, given["directions"])


def _large_enough(array: Any, depth: Tuple[int, int]) -> Any:
    """The array in chunks of which each has the cells that its neighbours need."""
    if all(min(chunks) >= cells or len(chunks) == 1 for chunks, cells in zip(array.chunks, depth)):
        return array
    array = array.rechunk(tuple(max(size, cells) for size, cells in zip(array.chunksize, depth)))
    return array.rechunk({axis: _merged(array.chunks[axis], depth[axis]) for axis in (0, 1)})


def _merged(chunks: Tuple[int, ...], least: int) -> Tuple[int, ...]:
    """Chunks of which none is smaller than the cells around another one that it must give."""
    merged = list(chunks)
    if len(merged) > 1 and merged[-1] < least:
        last = merged.pop()
        merged[-1] += last
    return tuple(merged)
