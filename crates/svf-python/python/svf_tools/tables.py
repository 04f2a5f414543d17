"""Points as tables of pandas: their places, and the values found at them. Needs pandas."""

from __future__ import annotations

from typing import Any, Optional, Tuple

import pandas

# As the programs (points.rs), in lower case.
_COLUMNS = (("x", "y"), ("easting", "northing"), ("lon", "lat"), ("lng", "lat"), ("long", "lat"))
_COLUMNS += (("longitude", "latitude"),)
_WANTED = "points must be a table with columns x and y (or lon and lat), pairs (x, y), points of geopandas, or a file"


def table_of(points: Any) -> pandas.DataFrame:
    """Points as a table, whatever they are."""
    if isinstance(points, pandas.DataFrame):
        table = points
    elif hasattr(points, "geom_type") and isinstance(points, pandas.Series):
        table = points.to_frame("geometry")
    elif isinstance(points, dict):
        table = pandas.DataFrame(points)
    else:
        table = pandas.DataFrame(_pairs(points), columns=["x", "y"])
    if not table.columns.is_unique:
        several = sorted({str(name) for name in table.columns[table.columns.duplicated()]})
        raise ValueError(f"the table has several columns {', '.join(several)}: rename them")
    return table


def _pairs(points: Any) -> list[Tuple[Any, Any]]:
    try:
        listed = list(points)
    except TypeError:
        raise TypeError(f"{_WANTED}, not {type(points).__name__}") from None
    # A single one.
    if len(listed) == 2 and all(hasattr(number, "__float__") and not hasattr(number, "__len__") for number in listed):
        listed = [listed]
    pairs = [(point.x, point.y) if getattr(point, "geom_type", "") == "Point" else point for point in listed]
    for pair in pairs:
        if isinstance(pair, str) or not hasattr(pair, "__len__") or len(pair) != 2:
            raise ValueError(f"{_WANTED}; {pair!r} is none of them")
    return [tuple(pair) for pair in pairs]


def places_of(table: pandas.DataFrame) -> Tuple[pandas.DataFrame, Optional[str]]:
    """The coordinates of points, with columns x and y or lon and lat, and their CRS, if the table has one."""
    if hasattr(table, "geom_type"):
        others = sorted(set(table.geom_type.dropna()) - {"Point"})
        if others:
            mend = "use .explode()" if others == ["MultiPoint"] else "use .set_geometry(table.representative_point())"
            raise ValueError(f"the geometries must be points, not {', '.join(others)}: {mend}")
        places = pandas.DataFrame({"x": table.geometry.x, "y": table.geometry.y})
        return places, None if table.crs is None else table.crs.to_wkt()
    by_name = {str(name).lower(): name for name in reversed(table.columns)}
    pair = next((pair for pair in _COLUMNS if set(pair) <= set(by_name)), None)
    if pair is None:
        raise ValueError("the table has no columns x and y, nor lon and lat")
    names = ["lon", "lat"] if pair[1].startswith("lat") else ["x", "y"]
    return table[[by_name[name] for name in pair]].set_axis(names, axis=1), None


def with_found(table: pandas.DataFrame, found: pandas.DataFrame) -> pandas.DataFrame:
    """The table with what was found at its points; columns of equal names get a prefix."""
    own = ["id", "x", "y", "lon", "lat", "points_x", "points_y", "points_lon", "points_lat"]
    found = found.drop(columns=[name for name in own if name in found]).set_index(table.index)
    names: dict[Any, str] = {}
    for name in table.columns:
        if name in found:
            other = f"points_{name}"
            while other in table or other in found:
                other = f"points_{other}"
            names[name] = other
    kept = table.rename(columns=names)
    return kept.join(found) if table.index.is_unique else kept.assign(**{name: found[name].array for name in found})
