"""What is probably not meant: marks of missing heights that are taken as heights, cells in degrees, no crowns."""

from __future__ import annotations

import sys
import warnings
from typing import Any, Iterable, Iterator, Optional, Sequence, Tuple

import numpy as np
from numpy.typing import NDArray

from . import _kernel

# As the programs (apart.rs): what programs write where a height is missing, also by type, and from which size on no
# number is a height, in any unit, or in metres.
_USUAL = (-9999.0, 9999.0, -99_999.0, 99_999.0, -999_999.0, 999_999.0, -999.0, -32_768.0, -32_767.0)
_USUAL += (32_767.0, 65_535.0, -9998.0)
_USUAL_OF_TYPE = {"uint8": (255.0,), "int8": (-128.0, 127.0)}
_ABSURD, _ABSURD_M = 1e10, 12_000.0
# Heights that mean that one is missing if all others are so far above them.
_FAR_BELOW, _FAR_M = (0.0, -1.0, -10.0, -99.0), 90.0
# Several cells with one value are no step of a surface if it is as high, beside others that are nearly flat, or not.
_SEVERAL, _NO_WALL_M, _FLAT, _NOTHING_M = 4, 500.0, 0.1, 2000.0
_MOST_VALUES = 8
_LARGEST = float(np.finfo(np.float32).max)
# No tree is as high (vegetation.rs).
_TALLEST_M = 120.0
# No place on Earth has more relief, but wide rasters with the sea floor, whose heights are between these (scene.rs).
_MOST_RELIEF_M, _WIDE_M, _OF_EARTH_M = 9000.0, 100_000.0, (-11_100.0, 9000.0)
# Heights in metres on cells in degrees are farther apart than so many cells and sides of the array, as in the
# programs (place.rs), and a radius in metres has so many cells; of lengths in one unit, hardly any.
_STEEP_CELLS, _STEEP_SIDES, _RADIUS_CELLS = 1000.0, 3.0, 50_000.0


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
    metres = abs(float(given["z_factor"]))
    for name in ("canopy", "trunk"):
        if name in layers:
            yield from _of_vegetation(layers[name], name, metres)
    relief = 0.0
    if "dem" in layers:
        apart, (low, high) = _Known(layers["dem"]).apart(metres, _FAR_BELOW)
        relief = (high - low) * metres
        if apart:
            shown = [_shown(value, layers["dem"].dtype) for value in apart]
            yield _of_marks("dem", shown, (low, high), "heights are missing", "numpy.nan")
        if len(cells) == 5:
            yield from _of_relief(shape, cells, (low * metres, high * metres))
    if len(cells) == 2:
        yield from _of_degrees(shape, cells, float(given["radius"]), relief, "dem" in layers)


def _of_relief(shape: Tuple[int, int], cells: Tuple[float, ...], ends: Tuple[float, float]) -> Iterator[str]:
    """Relief that no place on Earth has, where its unit is known: cells in degrees have metres."""
    _, south, east, semi_major, _ = cells
    extent = np.radians(np.hypot(shape[0] * south, shape[1] * east)) * semi_major
    may_be = ends[0] >= _OF_EARTH_M[0] and ends[1] <= _OF_EARTH_M[1] and extent > _WIDE_M
    if 6.3e6 <= semi_major <= 6.5e6 and ends[1] - ends[0] > _MOST_RELIEF_M and not may_be:
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
    if relief >= _STEEP_CELLS * cell and relief >= _STEEP_SIDES * side:
        yield (
            f"heights differ by up to {relief:.6g}, and the whole array is only {side:.6g} long (cell_size {cell:.6g})"
            f": {mend}; if a number stands for missing heights, use numpy.nan there"
        )
    elif not in_memory and radius < np.inf and radius >= _RADIUS_CELLS * cell:
        yield f"radius {radius:.6g} is {radius / cell:.0f} cells of {cell:.6g}: {mend}"


def _of_vegetation(layer: NDArray[Any], name: str, metres: float) -> Iterator[str]:
    apart, (low, high) = _Known(layer).apart(metres, ())
    if apart:
        shown = [_shown(value, layer.dtype) for value in apart]
        yield _of_marks(name, shown, (low, high), "there is no vegetation", "0")
    elif high * metres > _TALLEST_M:
        yield (
            f"{name} is up to {high:.6g} high, higher than trees grow: heights above ground are meant, in the unit "
            "of dem"
        )


def _of_marks(name: str, shown: list[str], others: Tuple[float, float], means: str, instead: str) -> str:
    same, kept = f"{name} == {shown[0]}", f"{name} != {shown[0]}"
    if len(shown) > 1:
        same, kept = f"numpy.isin({name}, [{', '.join(shown)}])", f"~{name}.isin([{', '.join(shown)}])"
    far = ", far from all others"
    if others[0] <= others[1]:
        low, high = (f"{height:.6g}" for height in others)
        far += f" ({low})" if low == high else f" ({low} to {high})"
    mend = f"use numpy.where({same}, {instead}, {name}); with xarray, {name}.where({kept})"
    return f"{name} has cells of {' and '.join(shown)}{far}: if {means} there, {mend}"


def _shown(value: float, kind: np.dtype[Any]) -> str:
    """A number with the digits that its type needs."""
    if kind.kind != "f":
        return f"{value:.0f}"
    text = str(kind.type(value))
    # The lowest number, rounded down, is none of its type.
    if abs(float(text)) > np.finfo(kind).max:
        return repr(value)
    return text[:-2] if text.endswith(".0") else text


def is_usual(value: float, kind: str) -> bool:
    """Whether programs write this value where a height is missing, in cells of this type."""
    usual = _USUAL + _USUAL_OF_TYPE.get(kind, ())
    return abs(value) >= _ABSURD or any(abs(value - mark) <= 1e-6 * abs(mark) for mark in usual)


class _Known:
    """The numbers of an array without those that are missing."""

    def __init__(self, array: NDArray[Any]):
        self.cells, self.kind = np.ma.getdata(array), array.dtype.name
        is_float = array.dtype.kind == "f"
        of_type: Any = np.finfo(array.dtype) if is_float else np.iinfo(array.dtype)
        self.ends = (-np.inf, np.inf) if is_float else (of_type.min, of_type.max)
        self.known: Any = ~np.ma.getmaskarray(array) if np.ma.isMaskedArray(array) else True
        # What 32-bit floats cannot hold is missing.
        if is_float and max(map(abs, self.range(self.known))) > _LARGEST:
            self.known = self.known & (np.abs(self.cells) <= _LARGEST)

    def range(self, where: Any) -> Tuple[float, float]:
        """The lowest and the highest number; the lowest is above the highest if there is none."""
        low = np.fmin.reduce(self.cells, axis=None, where=where, initial=self.ends[1])
        high = np.fmax.reduce(self.cells, axis=None, where=where, initial=self.ends[0])
        return float(low), float(high)

    def apart(self, metres: float, below: Tuple[float, ...]) -> Tuple[list[float], Tuple[float, float]]:
        """Numbers that are far from all others and probably stand for missing ones, and the range of the others: as
        in the programs (stand_apart in apart.rs). ``metres``: of a unit."""
        found: list[float] = []
        inside, ends = self.known, self.range(self.known)
        while ends[0] <= ends[1] and len(found) < _MOST_VALUES:
            for value in ends:
                others = self._without(value, ends, inside, metres, below)
                if others is not None:
                    break
            else:
                break
            found.append(value)
            inside, ends = others, self.range(others)
        return sorted(found), ends

    def _without(self, value: float, ends: Tuple[float, float], inside: Any, metres: float, below: Any) -> Any:
        """Which cells have another number, if this one stands apart from all of them."""
        may_be_step = below and (ends[1] - ends[0]) * metres >= _NO_WALL_M
        is_absurd = abs(value * metres) > _ABSURD_M
        if not (may_be_step or is_absurd or value in below or is_usual(value, self.kind)):
            return None
        others = inside & (self.cells != value)
        low, high = self.range(others)
        if low > high:
            return others if abs(value) >= 999 and is_usual(value, self.kind) else None
        gap, spread = max(low - value, value - high), high - low
        if abs(value) >= _ABSURD:
            return others if gap > abs(value) / 2 else None
        is_far = gap > spread and (is_absurd or is_usual(value, self.kind))
        is_below = value in below and spread > 0 and (low - value) * metres >= _FAR_M
        is_wall = gap * metres >= _NO_WALL_M and spread < _FLAT * gap or gap * metres >= _NOTHING_M and spread < gap
        is_no_step = bool(below) and spread > 0 and is_wall and value not in _FAR_BELOW
        if not (is_far or is_below or is_no_step):
            return None
        count, known = self._count(inside & (self.cells == value)), self._count(self.known)
        is_below = is_below and 2 * count <= known and not (value == 0 and self._has_cliffs())
        is_no_step = is_no_step and count >= _SEVERAL
        # In a byte, values cannot be far from the others, so there must be many cells.
        is_few = self.kind == "uint8" and 100 * count < known
        return others if not is_few and (is_far or is_below or is_no_step) else None

    def _count(self, where: Any) -> int:
        known = np.broadcast_to(where, self.cells.shape)
        return int(np.count_nonzero(known & ~np.isnan(self.cells) if self.cells.dtype.kind == "f" else known))

    def _has_cliffs(self) -> bool:
        """Whether cells of 0 are the sea below cliffs: there are many of them, and the cells beside them are lower than
        most others, as on a coast. Beside missing heights, cells are as high as any."""
        sea, land = self.known & (self.cells == 0), self.known & (self.cells > 0)
        near = np.zeros(sea.shape, bool)
        near[1:] |= sea[:-1]
        near[:-1] |= sea[1:]
        near[:, 1:] |= sea[:, :-1]
        near[:, :-1] |= sea[:, 1:]
        beside = np.sort(self.cells[near & land])
        if len(beside) < 16 or 20 * np.count_nonzero(sea) <= self._count(self.known):
            return False
        lower = np.count_nonzero(land & (self.cells < beside[len(beside) // 2]))
        return bool(4 * lower < np.count_nonzero(land))


def warn_of(messages: Iterable[str]) -> None:
    """Warns at the line outside this package that has called it."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] == __name__.split(".")[0]:
        frame, level = frame.f_back, level + 1
    for message in messages:
        warnings.warn(message, stacklevel=level)


def in_memory(layers: dict[str, Optional[Any]]) -> dict[str, NDArray[Any]]:
    """Those that can be looked at before anything is computed: chunks of Dask cannot."""
    known = {name: layer for name, layer in layers.items() if layer is not None}
    known = {name: layer for name, layer in known.items() if getattr(layer, "chunks", None) is None}
    return {name: np.asanyarray(getattr(layer, "values", layer)) for name, layer in known.items()}
