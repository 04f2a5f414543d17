# SPDX-License-Identifier: GPL-2.0-or-later
"""svf:horizonangles: the horizon angle of every direction, a band each."""

from ..text import tr
from . import compute, options


class HorizonAngles(compute.ComputeAlgorithm):
    """svf:horizonangles"""

    NAME = "horizonangles"
    TITLE = tr("Horizon angles")
    SUMMARY = tr("Elevation angle of the horizon in every direction, in degrees, a band for each direction.")
    TAGS = "horizon, angle, elevation, azimuth, shadow, shading, solar, sun, radiation, dem, dsm, r.horizon".split(", ")
    HELP = (
        "<p>"
        + tr(
            "The angle by which the horizon stands above the horizontal, in degrees, for each direction: as many bands "
            "as directions, named by their azimuth, clockwise from north. Input of solar radiation and shadow models."
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
            tr("Where the ground falls away on all sides of a direction its angle is negative; otherwise it is 0."),
        ),
        compute.EXTENT,
        *compute.SEARCH,
        *compute.RESOURCES,
        compute.WORK_FOLDER,
        compute.RESOLUTION,
    )
    FIXED = ("--measure", "horizon")
