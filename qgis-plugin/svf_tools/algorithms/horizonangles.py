# SPDX-License-Identifier: GPL-2.0-or-later
"""svf:horizonangles: the horizon angle of every direction, a band each."""

from ..text import tr
from . import compute, options


class HorizonAngles(compute.ComputeAlgorithm):
    """svf:horizonangles"""

    NAME = "horizonangles"
    TITLE = tr("Horizon angles")
    SUMMARY = tr("Angle of the horizon above the horizontal, in degrees. One band for each direction.")
    TAGS = "horizon, angle, elevation, azimuth, shadow, shading, solar, sun, radiation, dem, dsm, r.horizon".split(", ")
    HELP = (
        "<p>"
        + tr(
            "For each direction, the angle of the horizon above the horizontal, in degrees. Each direction is "
            "one band, named by its azimuth, clockwise from north. Models of solar radiation and shadow use "
            "such angles."
        )
        + "</p>"
    )
    OPTIONS = (
        compute.INPUT,
        compute.BAND,
        compute.RADIUS,
        compute.DIRECTIONS,
        options.Switch(
            "SIGNED",
            "--signed",
            tr("Keep angles below the horizontal"),
            tr(
                "If the ground falls in a direction, the angle is negative. Without this option, it is 0."
            ),
        ),
        compute.EXTENT,
        *compute.SEARCH,
        compute.SEARCH_KIND,
        compute.RECEIVERS,
        compute.ANGLE_UNIT,
        *compute.RESOURCES,
        compute.WORK_FOLDER,
        compute.RESOLUTION,
    )
    FIXED = ("--measure", "horizon")
