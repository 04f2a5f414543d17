"""Sky view factor and other sky measures of heights, as arrays and as files.

>>> import numpy as np, svf_tools
>>> dem = np.hypot(*np.mgrid[-4:5, -4:5])
>>> svf_tools.sky_view(dem, cell_size=1, radius=4, directions=8)["svf"][4, 4].round(4)
np.float32(0.2929)

Arrays: :func:`sky_view`, :func:`horizon`. xarray: import :mod:`svf_tools.xarray`, then ``da.svf``.
Files of any size: :func:`compute`, :func:`plan`, :func:`tiles`, :func:`mosaic`, :func:`point`,
:func:`points`, :func:`figure`, which run the programs.
"""

from ._kernel import __version__
from .arrays import MEASURES, horizon, sky_view
from .programs import Figure, ProgramError, compute, figure, mosaic, plan, point, points, tiles

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
