"""Sky measures of arrays in memory: the same values as those of svf_compute, bit for bit."""

from __future__ import annotations

import difflib
import os
from typing import Any, Iterable, Optional, Sequence, Tuple, Union

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _kernel
from .doubts import doubts, in_memory, plain, warn_of
from .programs import is_true

#: Names of all measures.
MEASURES: Tuple[str, ...] = tuple(_kernel.measures())

EARTH_RADIUS_M = 6_371_000.0
WGS84 = (6_378_137.0, 1 / 298.257223563)

#: Types whose values 32-bit floats can hold.
_EXACT = ("int8", "uint8", "int16", "uint16", "float16", "float32")
# Bytes per cell while others are converted: as 64-bit and 32-bit floats, and which are known.
_CONVERTING_BYTES = 14
# Numbers that the kernel takes as they are.
_OF_SEARCH = ("radius", "min_distance", "first_azimuth", "north", "observer_height", "z_factor", "anisotropy_azimuth")
_OF_SEARCH += ("transmissivity", "trunk_ratio")
# What options are that need another one, where that one is given: None says that they are not.
_DEFAULTS = {
    "trunk_ratio": 0.25,
    "transmissivity": 0.03,
    "refraction": 0.13,
    "earth_radius": EARTH_RADIUS_M,
    "anisotropy_azimuth": 315.0,
    "anisotropy_level": "low",
    "ellipsoid": WGS84,
}
# As the programs.
_MOST_THREADS = 4096
# Shares of a cell by which coordinates may be off: less than rows of a Gaussian grid are; and if their type has no more
# digits (32-bit floats of longitudes beyond 128 degrees have 0.06 of a second).
_UNEVEN, _ROUGH = 0.005, 0.1


def sky_view(
    dem: ArrayLike,
    cell_size: Union[float, Tuple[float, float]],
    radius: float,
    directions: int = 16,
    measures: Sequence[str] = ("svf",),
    *,
    search: str = "exact",
    min_distance: float = 0.0,
    first_azimuth: float = 0.0,
    north: float = 0.0,
    canopy: Optional[ArrayLike] = None,
    trunk: Optional[ArrayLike] = None,
    trunk_ratio: Optional[float] = None,
    transmissivity: Optional[float] = None,
    sampling: str = "linear",
    divisions: Optional[int] = None,
    missing: str = "skip",
    observer_height: float = 0.0,
    z_factor: float = 1.0,
    curvature: bool = False,
    refraction: Optional[float] = None,
    earth_radius: Optional[float] = None,
    anisotropy_azimuth: Optional[float] = None,
    anisotropy_level: Optional[str] = None,
    signed: bool = False,
    latitudes: Optional[ArrayLike] = None,
    ellipsoid: Optional[Tuple[float, float]] = None,
    threads: Optional[int] = None,
) -> dict[str, NDArray[np.float32]]:
    """Sky measures of every cell.

    An option that would have no effect, because the one that it needs is not given, is refused.

    Args:
        dem: Heights, shape (rows, columns), the first row in the north. NaN, infinite and masked
            cells are missing. Any type of numbers.
        cell_size: Side of a cell in ground units (metres, if heights are in metres), or the sides
            (east, south); negative if columns run west or rows run north. With ``latitudes``: in
            degrees.
        radius: Search radius, in ground units (with ``latitudes``: in those of ``ellipsoid``); ``math.inf``: as far as
            the array goes.
        directions: Number of sight lines of a cell, 4 to 720.
        measures: Names of measures, of those in ``svf_tools.MEASURES``.
        search: ``exact``, or ``cascade``: much faster for a large radius, and horizons differ a little. Only with
            the default of ``sampling`` and ``missing``, without ``canopy``, ``latitudes``, ``min_distance``,
            ``horizon-distance`` and ``coverage``.
        min_distance: What is nearer is ignored, ground units; less than ``radius``. Not with ``canopy``.
        first_azimuth: Azimuth of the first sight line, from 0 to less than 360 / ``directions``.
        north: The north that all azimuths count from, degrees clockwise from the columns of ``dem``.
        canopy: Heights of vegetation above ground, shape of ``dem``; NaN, masked, 0 and below: none.
        trunk: Heights above ground where crowns begin, shape of ``dem``. Only with ``canopy``.
        trunk_ratio: Where crowns begin, as a share of ``canopy``: 0.25 by default. Only with ``canopy``, not with
            ``trunk``.
        transmissivity: Share of the light that passes through a crown, 0 to 1: 0.03 by default. Only with ``canopy``.
        sampling: ``linear``, ``crossings``, ``nearest`` or ``divided``.
        divisions: Number of samples of a sight line; without it, one per cell. Only with ``sampling="divided"``.
        missing: What a missing height does: ``skip``, ``stop`` (the sight line ends) or ``nan`` (the
            cell has no value).
        observer_height: Height of the observer above the surface, ground units.
        z_factor: Factor that converts heights to ground units.
        curvature: Whether the curvature of the Earth lowers what is far away.
        refraction: Refraction coefficient, 0 to 1: 0.13 by default. Only with ``curvature``.
        earth_radius: Radius of the Earth, ground units: 6,371,000 by default. Only with ``curvature``.
        anisotropy_azimuth: Brightest azimuth, degrees clockwise from north: 315 by default. Only with the measure
            ``svf-anisotropic``.
        anisotropy_level: ``low`` (the default) or ``high``. Only with the measure ``svf-anisotropic``.
        signed: Whether ``horizon`` has angles below the horizontal. Only with this measure.
        latitudes: For a raster in degrees: the latitudes of the rows' centres, equally spaced.
        ellipsoid: Equatorial radius in ground units, and flattening: WGS 84 by default. Only with ``latitudes``.
        threads: Number of threads; without it, one per processor. Not with arrays of Dask, which has its own.

    Returns:
        An array for each measure, shape (rows, columns), NaN where a cell has no value. ``horizon``
        has the shape (directions, rows, columns): azimuths from north clockwise, degrees.

    Warns:
        UserWarning: Heights, or vegetation, that are far from all others and probably mean that none is known (-9999);
            vegetation higher than trees; cells so small that they could be degrees; ``svf-veg`` or ``svf-aveg``
            without ``canopy``; measures that ``canopy`` does not change.

    Raises:
        ValueError: Arrays or options that do not make sense, or that would have no effect.
        MemoryError: Arrays that would not fit into the free memory; nothing is allocated before.
    """
    given = dict(locals())
    dem = _array(dem, "dem")
    cells, options, names = _request(dem.shape, given)
    converting = 0 if dem.dtype.name in _EXACT else _CONVERTING_BYTES
    _kernel.check(dem.shape, (canopy is not None, trunk is not None), cells, options, names, converting)
    layers = [_vegetation(layer, name, dem.shape) for layer, name in ((canopy, "canopy"), (trunk, "trunk"))]
    known = in_memory({"dem": dem, "canopy": canopy, "trunk": trunk})
    warn_of(doubts(dem.shape, cells, given, names, known))
    out = _kernel.compute(_heights(dem), *layers, cells, options, names, threads)
    return _by_name(out, names, directions)


def _by_name(out: Any, names: Sequence[str], directions: int) -> dict[str, Any]:
    """The bands of each measure."""
    result, band = {}, 0
    for name in names:
        bands = _kernel.bands(name, directions)
        result[name] = out[band : band + bands] if name == "horizon" else out[band]
        band += bands
    return result


def _request(shape: Tuple[int, int], given: dict[str, Any]) -> Tuple[Tuple[float, ...], dict[str, Any], list[str]]:
    """The arguments of ``sky_view`` for an array of this shape as the kernel takes them: cells,
    options, and names of measures."""
    measures = given["measures"]
    if not isinstance(measures, Iterable):
        raise TypeError(f"measures must be a name or a list of names, not {measures!r}")
    names = [measures] if isinstance(measures, str) else list(measures)
    if not names:
        raise ValueError("measures has no name: give at least one, for example 'svf'")
    for name in names:
        if name not in MEASURES:
            near = difflib.get_close_matches(str(name).lower().replace("_", "-"), MEASURES, 1)
            meant = f"did you mean {near[0]!r}? Measures are" if near else "measures are"
            raise ValueError(f"unknown measure {name!r}: {meant} {', '.join(MEASURES)}")
    if len(set(names)) != len(names):
        raise ValueError("a measure is given twice")
    for name, least, most in (("directions", 4, 720), ("divisions", 1, 100_000), ("threads", 1, _MOST_THREADS)):
        _check_count(given[name], name, least, most)
    for name in ("signed", "curvature"):
        given[name] = is_true(given[name], name)
    _refuse_without_effect(given, names)
    given.update({name: value for name, value in _DEFAULTS.items() if given[name] is None})
    for name in ("search", "sampling", "missing", "anisotropy_level"):
        if not isinstance(given[name], str):
            raise TypeError(f"{name} must be a text, not {given[name]!r}")
    for name in (*_OF_SEARCH, "refraction", "earth_radius"):
        if isinstance(given[name], bool) or not hasattr(given[name], "__float__") or np.ndim(given[name]):
            raise TypeError(f"{name} must be a number, not {given[name]!r}")
    if not 0 <= given["refraction"] <= 1:
        raise ValueError(f"refraction must be 0 to 1, not {given['refraction']}")
    if given["min_distance"] > 0 and given["canopy"] is not None:
        raise ValueError("min_distance cannot be used with canopy")
    cells = _cells(given["cell_size"], given["latitudes"], given["ellipsoid"], shape[0])
    if len(cells) == 5:
        _check_latitudes(shape, cells, float(given["radius"]))
    options = {name: float(given[name]) for name in _OF_SEARCH}
    as_they_are = ("search", "directions", "sampling", "divisions", "missing", "anisotropy_level", "signed")
    options.update({name: given[name] for name in as_they_are}, curvature=None)
    if given["curvature"]:
        options["curvature"] = (float(given["refraction"]), float(given["earth_radius"]))
    return cells, options, names


def _refuse_without_effect(given: dict[str, Any], names: Sequence[str]) -> None:
    """Refuses options that need another one which is not given, as the programs do."""
    for needed, is_there, options in (
        ("canopy", given["canopy"] is not None, ("trunk", "trunk_ratio", "transmissivity")),
        ("curvature", given["curvature"], ("refraction", "earth_radius")),
        ("sampling='divided'", given["sampling"] == "divided", ("divisions",)),
        ("latitudes", given["latitudes"] is not None, ("ellipsoid",)),
        ("the measure horizon", "horizon" in names, ("signed",)),
        ("the measure svf-anisotropic", "svf-anisotropic" in names, ("anisotropy_azimuth", "anisotropy_level")),
    ):
        for option in options:
            if given[option] is not None and given[option] is not False and not is_there:
                raise ValueError(f"{option} can only be used with {needed}")
    if given["trunk"] is not None and given["trunk_ratio"] is not None:
        raise ValueError("trunk cannot be used with trunk_ratio")


def horizon(
    dem: ArrayLike,
    cell_size: Union[float, Tuple[float, float]],
    radius: float,
    directions: int = 16,
    **options: Any,
) -> Tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Horizon angles of every cell.

    Takes the arguments of ``sky_view``.

    Returns:
        Angles in degrees above the horizontal, shape (directions, rows, columns), and their azimuths
        in degrees clockwise from north, shape (directions,).

    Raises:
        ValueError: As ``sky_view``, with its warnings and other errors.
    """
    if "measures" in options:
        raise TypeError("horizon() has no measures: use sky_view()")
    angles = sky_view(dem, cell_size, radius, directions, ("horizon",), **options)["horizon"]
    return angles, azimuths_of(directions, **options)


def azimuths_of(directions: int, first_azimuth: float = 0.0, **_: Any) -> NDArray[np.float64]:
    """Azimuths of sight lines, degrees clockwise from north; further options have no effect on them."""
    return first_azimuth + np.arange(directions) * 360.0 / directions


def _check_count(value: Any, name: str, least: int, most: int) -> None:
    """Refuses what is no such whole number; None is what the program would take."""
    if value is None and name != "directions":
        return
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} must be a whole number, not {value!r}")
    if not least <= value <= most:
        raise ValueError(f"{name} must be {least} to {most}, got {value}")


def refuse_file(values: Any, name: str) -> None:
    if isinstance(values, (str, os.PathLike)):
        raise TypeError(f"{name} must be an array, not the file {str(values)!r}: use svf_tools.compute for files")


def _array(values: ArrayLike, name: str) -> NDArray[Any]:
    refuse_file(values, name)
    array = plain(values)
    if array.ndim != 2:
        mend = ": use .squeeze()" if array.ndim > 2 and array.squeeze().ndim == 2 else ""
        raise ValueError(f"{name} must have two dimensions (rows, columns), not the shape {array.shape}{mend}")
    if array.size == 0:
        raise ValueError(f"{name} has no cells")
    if array.dtype.kind not in "iuf":
        raise ValueError(f"{name} must have numbers, not {array.dtype}")
    return array


def _heights(array: NDArray[Any]) -> NDArray[np.float32]:
    """Heights as the programs read them: with more digits than 32-bit floats have, less an offset."""
    masked = np.ma.getmaskarray(array) if np.ma.isMaskedArray(array) else None
    array = np.ma.getdata(array)
    is_masked = masked is not None and bool(masked.any())
    if array.dtype.name in _EXACT:
        # The kernel makes a copy with a halo; the caller's array is not changed.
        heights = array.astype(np.float32, copy=is_masked)
        if is_masked:
            heights[masked] = np.nan
        return np.ascontiguousarray(heights)
    wide, known = known_of(array, masked)
    offset = offset_of(range_of(wide, known), array.dtype.kind in "iu")
    return np.ascontiguousarray(lowered(wide, known, offset))


def known_of(array: NDArray[Any], masked: Optional[NDArray[np.bool_]]) -> Tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """A copy as 64-bit floats, and which of them 32-bit floats can hold and are not masked."""
    wide = array.astype(np.float64)
    with np.errstate(over="ignore"):
        known = np.isfinite(wide.astype(np.float32))
    if masked is not None:
        known &= ~masked
    return wide, known


def range_of(heights: NDArray[np.float64], known: NDArray[np.bool_]) -> Tuple[float, float]:
    """The lowest and the highest one; the lowest is infinite if there is none."""
    low = float(np.min(heights, where=known, initial=np.inf))
    return low, float(np.max(heights, where=known, initial=-np.inf))


def offset_of(ends: Tuple[float, float], is_whole: bool) -> float:
    """What is subtracted from heights between these before they are rounded."""
    low, high = ends
    largest = max(abs(low), abs(high))
    if low > high or is_whole and largest < 2**24:
        return 0.0
    # If all heights are larger than a third of the highest one, the offset loses nothing.
    middle = float(np.float32(low + (high - low) / 2))
    return middle if 3 * max(high - middle, middle - low) <= largest else 0.0


def lowered(heights: NDArray[np.float64], known: NDArray[np.bool_], offset: float) -> NDArray[np.float32]:
    """As 32-bit floats; both arrays are changed."""
    # In place: large arrays take no more than _CONVERTING_BYTES.
    heights -= offset
    np.logical_not(known, out=known)
    np.copyto(heights, np.nan, where=known)
    return heights.astype(np.float32)


def _vegetation(layer: Optional[ArrayLike], name: str, shape: Tuple[int, int]) -> Optional[NDArray[np.float32]]:
    if layer is None:
        return None
    array = _array(layer, name)
    if array.shape != shape:
        raise ValueError(f"{name} has the shape {array.shape}, dem has {shape}")
    filled = np.ma.filled(np.ma.asarray(array, dtype=np.float32), 0)
    return np.ascontiguousarray(filled)


def _cells(cell_size: Any, latitudes: Any, ellipsoid: Tuple[float, float], rows: int) -> Tuple[float, ...]:
    sides = np.atleast_1d(np.asarray(cell_size))
    if sides.dtype.kind not in "iuf":
        raise TypeError(f"cell_size must be a number, or two: east, south; not {cell_size!r}")
    if sides.shape not in ((1,), (2,)):
        raise ValueError("cell_size must be a number, or two: east, south")
    east, south = float(sides[0]), float(sides[-1])
    if latitudes is None:
        return east, south
    latitudes = np.asarray(latitudes)
    if latitudes.shape != (rows,) or latitudes.dtype.kind not in "iuf":
        raise ValueError(f"latitudes must have one number for each of the {rows} rows")
    if rows > 1:
        of_rows = -step_of(latitudes, "latitudes")
        # A single number says nothing of the sense.
        given = south if len(sides) == 2 else np.copysign(south, of_rows)
        rounding = spacing(latitudes) / (rows - 1)
        if not abs(of_rows - given) <= max(abs(given) / 1000, rounding):
            raise ValueError(f"latitudes go {of_rows:.8g} degrees south from row to row, cell_size says {given:.8g}")
        south = of_rows
    shape = np.asarray(ellipsoid)
    if shape.shape != (2,) or shape.dtype.kind not in "iuf":
        raise TypeError(f"ellipsoid must be two numbers, equatorial radius and flattening, not {ellipsoid!r}")
    return (float(latitudes[0]), south, east, *map(float, shape))


def _check_latitudes(shape: Tuple[int, int], cells: Tuple[float, ...], radius: float) -> None:
    """Refuses rows so near to a pole that sight lines would miss the cells that they mean."""
    beyond, misses = _kernel.bad_latitude(shape, cells, radius)
    if beyond is not None:
        raise ValueError(f"latitudes go to {beyond:.8g}, beyond the pole: are these degrees?")
    if misses:
        raise ValueError(f"{misses}: use a shorter radius, or only a part of the array, or project the raster first")


def step_of(coordinates: NDArray[Any], name: str) -> float:
    """From one of several coordinates to the next, by the first and the last: between two neighbours, much of the
    difference may be the rounding of their type."""
    if not np.isfinite(coordinates).all():
        raise ValueError(f"{name} are not all finite numbers")
    line = np.linspace(float(coordinates[0]), float(coordinates[-1]), len(coordinates))
    step = float(line[-1] - line[0]) / (len(line) - 1)
    off = float(np.abs(coordinates - line).max())
    if step == 0 or off > slack(coordinates, step):
        is_coarse = 0 < off <= spacing(coordinates)
        mend = f": {coordinates.dtype} has too few digits for them, use float64" if is_coarse else ""
        raise ValueError(f"{name} are not equally spaced{mend}")
    return step


def slack(coordinates: NDArray[Any], step: float) -> float:
    """How far coordinates may be from their line: a small share of a cell, and more if their type is as coarse."""
    return max(abs(step) * _UNEVEN, min(abs(step) * _ROUGH, spacing(coordinates)))


def spacing(coordinates: NDArray[Any]) -> float:
    """The distance between numbers of a type, where it is the largest: twice the rounding."""
    if coordinates.dtype.kind != "f":
        return 0.0
    return float(np.spacing(np.abs(coordinates).max()))
