"""Sky view factor and other sky measures of heights, as arrays and as files.

>>> import numpy as np, svf_tools
>>> dem = np.hypot(*np.mgrid[-4:5, -4:5])
>>> svf_tools.sky_view(dem, cell_size=1, radius=4, directions=8)["svf"][4, 4].round(4)
np.float32(0.2929)

Arrays: ``sky_view``, ``horizon``. xarray: import ``svf_tools.xarray``, then ``da.svf``.
Files of any size: ``compute``, ``plan``, ``tiles``, ``mosaic``, ``point``,
``points``, ``figure``, which run the programs.
"""

from typing import TYPE_CHECKING, Any

try:
    from ._kernel import __version__
except ImportError as error:
    # One wheel has the programs, which need no Python, and this.
    raise ImportError("svf_tools needs CPython 3.9 or later, not a free-threaded one ({})".format(error)) from error
from .programs import Figure, ProgramError, compute, figure, mosaic, plan, point, points, tiles

if TYPE_CHECKING:
    from .arrays import MEASURES, horizon, sky_view

__all__ = [
    "Figure",
    "MEASURES",
    "ProgramError",
    "__version__",
    "compute",
    "figure",
    "horizon",
    "mosaic",
    "plan",
    "point",
    "points",
    "sky_view",
    "tiles",
]


def __getattr__(name: str) -> Any:
    """What needs numpy is imported when it is used: the programs do without."""
    if name not in ("MEASURES", "horizon", "sky_view"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from . import arrays
    except ModuleNotFoundError as error:
        if error.name != "numpy":
            raise
        raise ImportError(f"svf_tools.{name} needs numpy: pip install numpy", name="numpy") from error
    return getattr(arrays, name)


def __dir__() -> "list[str]":
    return __all__
