"""What arrays of xarray say of the place of their cells: CRS and units. Most of it needs pyproj, as rioxarray does."""

from __future__ import annotations

import re
from typing import Any, Iterator, Optional, Tuple

import numpy as np
import xarray as xr

from . import _kernel
from .arrays import EARTH_RADIUS_M

_DEGREES = ("deg", "degrees", "degree", "degrees_north", "degrees_east", "degree_north", "degree_east")
_METRES = ("m", "metre", "metres", "meter", "meters")
_FEET = ("ft", "foot", "feet", "us survey foot", "us_survey_foot", "ftus", "us-ft", "foot_us")
_SAYS_NOTHING = ("", "-", "unknown", "undefined", "unspecified", "n/a", "none", "not set")


def reference(heights: xr.DataArray) -> dict[Any, Any]:
    """What rioxarray stores of the place of an array."""
    named = heights.attrs.get("grid_mapping", heights.encoding.get("grid_mapping", "spatial_ref"))
    stored = heights.coords.get(named)
    return {} if stored is None else stored.attrs


def _wkt(heights: xr.DataArray) -> str:
    """What is stored of the CRS, as WKT or as a code. Older versions of xarray stored it in the array's attributes."""
    attributes = reference(heights)
    stored = attributes.get("crs_wkt", attributes.get("spatial_ref", heights.attrs.get("crs", "")))
    text = re.sub(r"^\+init=", "", str(stored).strip())
    return f"EPSG:{text}" if text.isdigit() else text


def horizontal_crs(heights: xr.DataArray) -> Any:
    """The CRS without heights as pyproj has it; None without pyproj, and if there is none that it knows."""
    wkt = _wkt(heights)
    try:
        import pyproj

        crs = pyproj.CRS.from_user_input(wkt) if wkt else None
    except (ImportError, ValueError, RuntimeError):
        # pyproj's errors are RuntimeErrors.
        return None
    return crs.sub_crs_list[0] if crs is not None and crs.is_compound else crs


def refuse_rotated(heights: xr.DataArray) -> None:
    """Refuses grids that are not along their coordinates, but for a rounding error of the program that wrote them."""
    shift = _transform(heights)
    rows, cols = heights.shape
    if shift and (abs(shift[2] * rows) >= 1e-3 * abs(shift[1]) or abs(shift[4] * cols) >= 1e-3 * abs(shift[5])):
        raise ValueError(
            "the grid is rotated or sheared: make the file north-up first, with gdalwarp -r bilinear -dstnodata -9999, "
            "or open it in rasterio.vrt.WarpedVRT (.rio.reproject would lose cells of such a grid)"
        )
    curved = [str(name) for name, axis in heights.coords.items() if axis.ndim == 2]
    if curved and not set(heights.dims) & set(heights.coords):
        raise ValueError(
            f"the coordinates {' and '.join(curved)} have two dimensions: the grid is curved or rotated, so "
            "interpolate the heights to a grid with coordinates of one dimension first"
        )


def stored_steps(heights: xr.DataArray) -> Optional[dict[Any, float]]:
    """The steps of both dimensions by the GeoTransform, if there is one."""
    transform = _transform(heights)
    y, x = heights.dims
    return {x: transform[1], y: transform[5]} if transform else None


def _transform(heights: xr.DataArray) -> Optional[list[float]]:
    try:
        transform = [float(number) for number in str(reference(heights)["GeoTransform"]).split()]
    except (KeyError, ValueError):
        return None
    return transform if len(transform) == 6 else None


def in_degrees(heights: xr.DataArray, names: Tuple[str, ...]) -> bool:
    """Whether cells are in degrees: by the units of the coordinates, the CRS, or the name of the rows."""
    coordinates = [heights.coords[axis] for axis in heights.dims]
    if any(_unit(axis) in _DEGREES or _of_sphere(axis) for axis in coordinates):
        return True
    wkt = _wkt(heights)
    if wkt and not re.search(r"\b(GEOG|PROJ|ENG|LOCAL_|BOUND)", wkt):
        # A code, such as EPSG:4326.
        crs = horizontal_crs(heights)
        return crs is not None and bool(crs.is_geographic)
    if wkt:
        # Also below a compound CRS. A projected one has the geographic one that it is based on.
        is_geographic = bool(re.search(r"\bGEOG(CS|CRS)\b", wkt)) and not re.search(r"\bPROJ(CS|CRS)\b", wkt)
        if is_geographic and re.search(r'UNIT\["gr', wkt, re.IGNORECASE):
            raise ValueError("the CRS is in grads: reproject the raster to degrees or metres first (.rio.reproject)")
        return is_geographic
    is_said = reference(heights).get("grid_mapping_name") == "latitude_longitude"
    return is_said or str(heights.dims[0]).lower() in names


def _of_sphere(axis: xr.DataArray) -> bool:
    """Whether the CF conventions say that coordinates without a unit are in degrees."""
    return not _unit(axis) and axis.attrs.get("standard_name") in ("latitude", "longitude")


def options_of_body(heights: xr.DataArray, is_in_degrees: bool, has_curvature: bool) -> dict[str, Any]:
    """The options that say what the CRS lies on, as the programs set them: for cells in degrees its ellipsoid, and for
    the curvature its radius in units of the ground; other bodies than the Earth have no air."""
    crs = horizontal_crs(heights)
    if crs is None or crs.ellipsoid is None:
        return {}
    body, metres = crs.ellipsoid, _unit_of_ground(heights, crs)[1] or 1.0
    equator, pole = body.semi_major_metre, body.semi_minor_metre
    options: dict[str, Any] = {}
    if has_curvature and _is_earth(crs):
        options = {"earth_radius": EARTH_RADIUS_M / metres}
    elif has_curvature:
        options = {"earth_radius": (2 * equator + pole) / 3 / metres, "refraction": 0.0}
    if crs.is_geographic and is_in_degrees:
        options["ellipsoid"] = (equator, 1 / body.inverse_flattening if body.inverse_flattening else 0.0)
    return options


def _is_earth(crs: Any) -> bool:
    return crs.ellipsoid is None or _kernel.is_earth(crs.ellipsoid.semi_major_metre)


def doubts_of_place(heights: xr.DataArray, options: dict[str, Any]) -> Iterator[str]:
    """Units that are not metres, other bodies than the Earth, and maps that change lengths."""
    z_factor = options.get("z_factor", 1)
    # What is none is refused later.
    z_factor = float(z_factor) if hasattr(z_factor, "__float__") else 1.0
    crs = horizontal_crs(heights)
    if crs is None and re.fullmatch(r"[A-Za-z]+:\w+", _wkt(heights)):
        yield f"the CRS {_wkt(heights)} cannot be read (pip install pyproj): cells are not taken as degrees"
    if crs is not None and not _is_earth(crs) and options.get("curvature"):
        radius_km, air = options["earth_radius"] * (_unit_of_ground(heights, crs)[1] or 1) / 1000, options["refraction"]
        yield f"the CRS is not on the Earth: curvature uses the radius {radius_km:.1f} km and the refraction {air:g}"
    of_ground, metres = _unit_of_ground(heights, crs)
    if of_ground and metres != 1:
        yield f"the coordinates are in {of_ground}: radius, and heights times z_factor, must be in {of_ground}, too"
    unit = _unit(heights)
    of_heights = _metres_of(unit)
    if unit and of_heights != metres and z_factor == 1:
        if of_heights is None or metres is None:
            mend = "give z_factor to convert them"
        else:
            mend = f"give z_factor={of_heights / metres:.7g} to convert them"
        if of_heights is None or metres is None or not _kernel.mends(of_heights, metres):
            yield f"the heights are in {unit}, but are taken to be in the unit of the ground: {mend}"
    if crs is not None and crs.is_projected:
        yield from _doubts_of_map(heights, crs, z_factor, (of_heights or metres or 1) / (metres or 1))


def _unit(array: xr.DataArray) -> str:
    unit = str(array.attrs.get("units", "")).lower()
    return "" if unit in _SAYS_NOTHING else unit


def _metres_of(unit: str) -> Optional[float]:
    if unit in _METRES:
        return 1.0
    return 0.3048 if unit in _FEET else None


def _unit_of_ground(heights: xr.DataArray, crs: Any) -> Tuple[str, Optional[float]]:
    """The unit of radius and heights, and its metres: by the CRS, or by the coordinates. Degrees are converted."""
    if crs is not None and crs.is_projected and crs.axis_info:
        axis = crs.axis_info[0]
        return axis.unit_name, float(axis.unit_conversion_factor)
    units = [_unit(heights.coords[axis]) for axis in heights.dims if axis in heights.coords]
    named = [unit for unit in units if unit and unit not in _DEGREES and unit not in _METRES]
    return (named[0], _metres_of(named[0])) if named else ("", 1.0)


def _doubts_of_map(heights: xr.DataArray, crs: Any, z_factor: float, unit: float) -> Iterator[str]:
    """A map that changes lengths, unless heights are multiplied accordingly: as in the programs (warn_of_scale).
    ``unit``: of heights, in units of the ground."""
    y, x = (np.asarray(heights.coords[axis].values, np.float64) for axis in heights.dims)
    middle, *corners = _scales(
        crs, [(x[[0, -1]].mean(), y[[0, -1]].mean())] + [(a, b) for a in x[[0, -1]] for b in y[[0, -1]]]
    )
    if middle is None:
        return
    means = [float(np.sqrt(a * b)) for a, b in [middle, *(corner for corner in corners if corner)]]
    largest, smallest = middle
    stretch = _kernel.stretch(largest, smallest, (min(means), max(means)))
    lengths = "the map projection of the CRS changes lengths: in the middle of the array they are "
    if stretch == "uneven":
        yield (
            f"{lengths}{largest:.4f} times as long as on the ground in one direction, and {smallest:.4f} times across "
            "it: z_factor cannot correct this, project it first (.rio.reproject)"
        )
    elif stretch == "varying":
        yield (
            f"{lengths}{means[0]:.4f} times as long as on the ground ({min(means):.4f} to {max(means):.4f} over the "
            "array): divide it into parts and project each part (.rio.reproject)"
        )
    elif stretch == "even" and not _kernel.mends(z_factor, means[0] * unit):
        yield (
            f"{lengths}{means[0]:.4f} times as long as on the ground: give z_factor={means[0] * unit:.4f} and multiply "
            f"radius (in units of the map) by {means[0]:.4f}; or project it first (.rio.reproject)"
        )


def _scales(crs: Any, places: list[Tuple[float, float]]) -> list[Optional[Tuple[float, float]]]:
    """How the map changes lengths at places: the most, and the least; None if PROJ does not know. By a small cross on
    the map that is measured on the ellipsoid, as in the programs."""
    import pyproj

    metres = float(crs.axis_info[0].unit_conversion_factor)
    # Small compared with the body, large compared with the rounding of coordinates.
    arm = 1e-5 * 6_378_137.0 / metres
    try:
        to_degrees = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
        on_ground = []
        for step in ((arm, 0), (0, arm)):
            ends = [to_degrees.transform(*np.transpose(np.add(places, sign * np.array(step)))) for sign in (-1, 1)]
            azimuths, _, lengths = crs.get_geod().inv(*ends[0], *ends[1])
            on_ground.append(lengths * np.array([np.sin(np.radians(azimuths)), np.cos(np.radians(azimuths))]))
    except (AttributeError, ValueError, RuntimeError):
        return [None] * len(places)
    of_map = np.moveaxis(np.array(on_ground), -1, 0) / (2 * arm * metres)
    known = np.isfinite(of_map).all(axis=(1, 2)) & (np.abs(np.linalg.det(np.nan_to_num(of_map))) > 0)
    sides = [np.linalg.svd(one, compute_uv=False) if is_known else None for one, is_known in zip(of_map, known)]
    return [None if one is None else (float(1 / one[1]), float(1 / one[0])) for one in sides]


def refuse_other_crs(layer: xr.DataArray, name: str, heights: xr.DataArray) -> None:
    """Refuses a layer that has the coordinates of the heights in another CRS: one of the two is elsewhere."""
    own, of_heights = horizontal_crs(layer), horizontal_crs(heights)
    if own is None or of_heights is None or own.equals(of_heights, ignore_axis_order=True):
        return
    raise ValueError(
        f"{name} has the CRS {own.name}, the heights have {of_heights.name}: use {name}.rio.reproject_match(heights), "
        f"or, if only its name is wrong, {name}.rio.write_crs(heights.rio.crs)"
    )
