"""What arrays of xarray say of how their values are stored: which numbers stand for missing ones, and scales."""

from __future__ import annotations

import functools
import operator
from typing import Any, Iterable, Iterator

import numpy as np
import xarray as xr

#: Attributes that say which numbers stand for missing values: of CF, of Zarr, and of programs with GDAL.
_SAY_MISSING = ("_FillValue", "missing_value", "fill_value", "nodata")
# Up to this difference, floats are the same number, as in GDAL: it may come from a text with few digits.
_SAME_FLOAT = 4 * float(np.finfo(np.float32).eps)


def refuse_stored(layer: xr.DataArray, name: str) -> None:
    """Refuses values as they are stored. They are not converted here, because arithmetic may keep the attributes."""
    scale, offset = layer.attrs.get("scale_factor", 1), layer.attrs.get("add_offset", 0)
    if (scale, offset) != (1, 0):
        raise ValueError(
            f"the attributes say that {name} are {scale} * value + {offset}: open the file with mask_and_scale=True, "
            "or, if this was done, delete scale_factor and add_offset from .attrs"
        )


def masked(layer: xr.DataArray, name: str) -> Any:
    """The cells, masked where they have a number that stands for a missing value: an array of numpy or Dask of the same
    type."""
    marks = _marks(layer, name)
    if not marks:
        return layer.values if layer.chunks is None else layer.data
    is_missing = functools.reduce(operator.or_, (_has(layer, mark) for mark in marks))
    if layer.chunks is None:
        return np.ma.masked_array(layer.values, is_missing.values)
    import dask.array as da

    return da.ma.masked_array(layer.data, is_missing.data)


def doubts_of_encoding(layer: xr.DataArray, name: str) -> Iterator[str]:
    """Cells that are missing by the encoding: it says so of the file, so they should have become NaN."""
    if layer.dtype.kind != "f" or layer.chunks is not None:
        return
    for mark in _marks_of_encoding(layer, name):
        if _has(layer, mark).any():
            yield (
                f"{name} have cells of {mark:.8g}, which means missing by .encoding: if they are missing, make them "
                f"NaN (.where(da != {mark:.8g}))"
            )


def _marks(layer: xr.DataArray, name: str) -> list[float]:
    """Numbers that stand for missing values in the cells: by the attributes, by rioxarray, and for whole numbers,
    which cannot be NaN, by the encoding."""
    marks = list(_numbers(layer.attrs, "attrs", name))
    if layer.dtype.kind != "f":
        marks += _marks_of_encoding(layer, name)
    if "_FillValue" not in layer.encoding and hasattr(layer, "rio"):
        try:
            marks += _numbers({"nodata": layer.rio.nodata}, "rio", name)
        except (TypeError, ValueError, OverflowError):
            # What the attributes say, which no cell can have.
            pass
    return list(dict.fromkeys(marks))


def _marks_of_encoding(layer: xr.DataArray, name: str) -> list[float]:
    # Those of stored values.
    if "scale_factor" in layer.encoding or "add_offset" in layer.encoding:
        return []
    return list(_numbers(layer.encoding, "encoding", name))


def _numbers(said: Any, where: str, name: str) -> Iterator[float]:
    for key in _SAY_MISSING:
        value = said.get(key)
        # CF allows several numbers.
        several: Iterable[Any] = np.ravel(value) if isinstance(value, (list, tuple, np.ndarray)) else [value]
        for one in several:
            if one is None:
                continue
            try:
                number = float(one)
            except (TypeError, ValueError):
                mend = f"set it to a number, or delete it from .{where}"
                raise ValueError(f"{key} of {name} is {one!r}, which is no number: {mend}") from None
            # Other numbers are missing anyway.
            if np.isfinite(number):
                yield number


def _has(layer: xr.DataArray, mark: float) -> xr.DataArray:
    """Where cells have this number."""
    if layer.dtype.kind != "f":
        return layer == float(np.trunc(mark))
    ends = sorted((mark * (1 - _SAME_FLOAT), mark * (1 + _SAME_FLOAT)))
    with np.errstate(over="ignore"):
        low, high = np.array(ends).astype(layer.dtype)
    return (layer >= low) & (layer <= high)
