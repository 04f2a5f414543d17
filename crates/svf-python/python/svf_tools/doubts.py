"""What is probably not meant: marks of missing heights that are taken as heights, cells in degrees, no crowns."""

from __future__ import annotations

import sys
import warnings
from typing import Any, Iterable, Iterator, Optional, Sequence, Tuple

import numpy as np
from numpy.typing import NDArray

from . import _kernel

# Cells that nobody has looked at: a radius in metres has so many cells in degrees; of lengths in one unit, hardly any.
_RADIUS_CELLS = 50_000.0
# Thinnest crown, as a share of its height.
_LEAST_CROWN = 1e-5
# Measures that vegetation does not change.
_OF_HEIGHTS = ("openness-positive", "openness-negative", "horizon", "horizon-distance", "slope", "aspect", "coverage")


def doubts(
    shape: Tuple[int, int],
    cells: Tuple[float, ...],
    given: dict[str, Any],
    names: Sequence[str],
    layers: dict[str, NDArray[Any]],
) -> Iterator[str]:
    """What is probably not meant. ``layers``: of heights (``dem``) and vegetation, those that are in memory."""
    of_crowns = [name for name in names if _kernel.is_of_crowns(name)]
    if of_crowns and given["canopy"] is None:
        yield f"without canopy, every value of {', '.join(of_crowns)} is 1"
    of_heights = [name for name in names if name in _OF_HEIGHTS]
    if of_heights and given["canopy"] is not None:
        yield f"canopy has no effect on {', '.join(of_heights)}: vegetation only changes shares of the sky"
    metres, relief = float(given["z_factor"]), 0.0
    for name in ("canopy", "trunk"):
        if name in layers:
            yield from doubts_of_vegetation(layers[name], name, metres)
    if "canopy" in layers and "trunk" in layers:
        yield from _of_trunks(layers["canopy"], layers["trunk"])
    if "dem" in layers:
        marks, ends = doubts_of_heights(layers["dem"], metres)
        yield from marks
        if ends:
            relief = (ends[1] - ends[0]) * metres
            if len(cells) == 5:
                yield from _of_relief(shape, cells, (ends[0] * metres, ends[1] * metres))
    if len(cells) == 2:
        yield from _of_degrees(shape, cells, float(given["radius"]), relief, "dem" in layers)


def doubts_of_heights(
    cells: NDArray[Any], metres: float, where: str = ""
) -> Tuple[list[str], Optional[Tuple[float, float]]]:
    """Marks of missing heights, and the range of the others. ``metres``: of a unit; ``where``: the cells are."""
    apart, ends = _apart(cells, metres, True)
    found = [f"{where}dem has {said}" for said in _too_large(cells)]
    if apart:
        shown = [_shown(value, cells.dtype) for value in apart]
        found.append(_of_marks("dem", shown, ends, "heights are missing", "numpy.nan", where))
    return found, ends


def doubts_of_vegetation(cells: NDArray[Any], name: str, metres: float, where: str = "") -> list[str]:
    """Marks that stand for no vegetation, and what is higher than trees."""
    apart, ends = _apart(cells, metres, False)
    if apart:
        shown = [_shown(value, cells.dtype) for value in apart]
        return [_of_marks(name, shown, ends, "there is no vegetation", "0", where)]
    if ends and _kernel.is_above_trees(ends[1] * metres):
        return [
            f"{where}{name} is up to {ends[1]:.6g} high, higher than trees grow: heights above ground are meant, in "
            "the unit of dem"
        ]
    return []


def _too_large(cells: NDArray[Any]) -> Iterator[str]:
    """Numbers that no 32-bit float has: those cells are missing, as for the programs."""
    if cells.dtype.kind != "f" or cells.dtype.itemsize <= 4 or cells.size == 0:
        return
    most = float(np.finfo(np.float32).max)
    values = cells.compressed() if np.ma.isMaskedArray(cells) else cells
    if values.size and max(-float(np.fmin.reduce(values, None)), float(np.fmax.reduce(values, None))) > most:
        count = int(np.count_nonzero(np.isfinite(values) & (np.abs(values) > most)))
        if count:
            share = f"{100 * count / values.size:.2g} %"
            yield f"values beyond {most:.3g} in {share} of its cells, too large for heights: they are missing there"


def _of_trunks(canopy: NDArray[Any], trunk: NDArray[Any]) -> Iterator[str]:
    """Trunks as high as the crowns in nearly all cells with vegetation: then there are no crowns."""
    if canopy.shape != trunk.shape or not all(layer.dtype.kind in "iuf" for layer in (canopy, trunk)):
        return
    step = max(1, int((canopy.size / 1e6) ** 0.5))
    few = (layer[::step, ::step].astype(np.float32) for layer in (canopy, trunk))
    tops, bottoms = (np.ma.filled(layer, 0) for layer in few)
    trees = tops > 0
    count = int(np.count_nonzero(trees))
    bare = int(np.count_nonzero(trees & (tops - np.maximum(bottoms, 0) <= _LEAST_CROWN * tops)))
    if bare and 100 * bare >= 95 * count:
        is_swapped = bool((trees & (tops < bottoms)).any())
        mend = "are the two swapped?" if is_swapped else "trunk has the heights of their lower edges"
        yield (
            f"trunk is at or above canopy in {100 * bare / count:.3g} % of the cells with vegetation, so there are no "
            f"crowns: {mend}"
        )


def _of_relief(shape: Tuple[int, int], cells: Tuple[float, ...], ends: Tuple[float, float]) -> Iterator[str]:
    """Relief that no place on Earth has, where its unit is known: cells in degrees have metres."""
    if _kernel.is_beyond_earth(shape, cells, ends):
        yield (
            f"heights range from {ends[0]:.6g} to {ends[1]:.6g}, more than anywhere on Earth: does a number stand for "
            "missing heights (use numpy.nan there), or are they in another unit (give z_factor)?"
        )


def _of_degrees(
    shape: Tuple[int, int], cells: Tuple[float, ...], radius: float, relief: float, in_memory: bool
) -> Iterator[str]:
    cell = max(map(abs, cells))
    side = max(abs(size) * count for size, count in zip(cells, reversed(shape)))
    mend = "if cells are in degrees, give latitudes (for xarray: the CRS, or the dimensions lat and lon)"
    if _kernel.is_steep(relief, cell, side):
        yield (
            f"heights differ by up to {relief:.6g}, and the whole array is only {side:.6g} long (cell_size {cell:.6g})"
            f": {mend}; if a number stands for missing heights, use numpy.nan there"
        )
    elif not in_memory and radius < np.inf and radius >= _RADIUS_CELLS * cell:
        yield f"radius {radius:.6g} is {radius / cell:.0f} cells of {cell:.6g}: {mend}"


def _of_marks(
    name: str, shown: list[str], others: Optional[Tuple[float, float]], means: str, instead: str, where: str
) -> str:
    same, kept = f"{name} == {shown[0]}", f"{name} != {shown[0]}"
    if len(shown) > 1:
        same, kept = f"numpy.isin({name}, [{', '.join(shown)}])", f"~{name}.isin([{', '.join(shown)}])"
    far = ", far from all others"
    if others:
        low, high = (f"{height:.6g}" for height in others)
        far += f" ({low})" if low == high else f" ({low} to {high})"
    mend = f"use numpy.where({same}, {instead}, {name}); with xarray, {name}.where({kept})"
    return f"{where}{name} has cells of {' and '.join(shown)}{far}: if {means} there, {mend}"


def _shown(value: float, kind: np.dtype[Any]) -> str:
    """A number with the digits that its type needs."""
    if kind.kind != "f":
        return f"{value:.0f}"
    text = str(kind.type(value))
    # The lowest number, rounded down, is none of its type.
    if abs(float(text)) > np.finfo(kind).max:
        return repr(value)
    return text[:-2] if text.endswith(".0") else text


def _apart(array: NDArray[Any], metres: float, is_surface: bool) -> Tuple[list[float], Optional[Tuple[float, float]]]:
    """Numbers that are far from all others and probably stand for missing ones, and the range of the others, by the
    rules of the programs. Only types that few arrays have are copied."""
    cells = np.ma.getdata(array)
    masked = np.ma.getmaskarray(array) if np.ma.isMaskedArray(array) else None
    if cells.dtype.name == "float16":
        cells = cells.astype(np.float32)
    elif cells.dtype.kind == "f" and cells.dtype.itemsize > 8:
        cells = cells.astype(np.float64)
    elif not cells.dtype.isnative:
        cells = cells.astype(cells.dtype.newbyteorder("="))
    return _kernel.apart(cells, masked, metres, is_surface)


def warn_of(messages: Iterable[str]) -> None:
    """Warns at the line outside this package that has called it."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] == __name__.split(".")[0]:
        frame, level = frame.f_back, level + 1
    for message in messages:
        warnings.warn(message, stacklevel=level)


def plain(values: Any) -> NDArray[Any]:
    """An array of numpy, or a masked one: matrices and other kinds have rules of their own."""
    array: NDArray[Any] = values if np.ma.isMaskedArray(values) else np.asarray(values)
    return array


def in_memory(layers: dict[str, Optional[Any]]) -> dict[str, NDArray[Any]]:
    """Those that can be looked at before anything is computed: chunks of Dask cannot."""
    known = {name: layer for name, layer in layers.items() if layer is not None}
    known = {name: layer for name, layer in known.items() if getattr(layer, "chunks", None) is None}
    return {name: plain(getattr(layer, "values", layer)) for name, layer in known.items()}
