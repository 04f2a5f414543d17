"""Sky measures of xarray's arrays: ``import svf_tools.xarray``, then ``da.svf.sky_view(radius=300)``.

Coordinates are kept, with the CRS as rioxarray stores it. Attributes of the heights are not: they do
not hold for the results. Arrays of Dask are computed chunk by chunk, each with the cells around it
that its sight lines need; the result is the same as that of the whole array.
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

from .arrays import azimuths_of, sky_view, slack, step_of
from .doubts import warn_of
from .place import doubts_of_place, in_degrees, options_of_body, refuse_other_crs, refuse_rotated, stored_steps
from .programs import is_true
from .stored import doubts_of_encoding, masked, refuse_stored

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
        options = {name: value for name, value in options.items() if value is not None}
        is_in_degrees = in_degrees(heights, ("lat", "latitude"))
        has_curvature = is_true(options.get("curvature", False), "curvature")
        options = {**options_of_body(heights, is_in_degrees, has_curvature), **options}
        warn_of(doubts_of_place(heights, options))
        warn_of(doubts_of_encoding(heights, "the heights"))
        for name in ("canopy", "trunk"):
            if isinstance(options.get(name), xr.DataArray):
                options[name] = _on_the_grid(options[name], name, heights)
        if is_in_degrees:
            options.update(latitudes=rows)
        arguments = dict(cell_size=(east, south), radius=radius, directions=directions, measures=measures, **options)
        if heights.chunks is None:
            values = sky_view(masked(heights, "the heights"), **arguments)
        else:
            from .chunks import in_chunks

            values = in_chunks(masked(heights, "the heights"), arguments)
        return self._dataset(values, azimuths_of(directions, **options))

    def horizon(self, radius: float, directions: int = 16, **options: Any) -> xr.DataArray:
        """Horizon angles, degrees, with the dimension ``azimuth``: see ``sky_view``."""
        if "measures" in options:
            raise TypeError("horizon() has no measures: use sky_view()")
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


def _on_the_grid(layer: xr.DataArray, name: str, heights: xr.DataArray) -> Any:
    """The cells of the layer with rows and columns as the heights have them, masked where its values are missing."""
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
    cells = masked(layer, named)
    return cells if layer.dims == heights.dims else cells.T
