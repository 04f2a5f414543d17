# SPDX-License-Identifier: GPL-2.0-or-later
"""svf:openness: positive and negative topographic openness."""

from ..text import tr
from . import compute, options
from .skyviewfactor import MEASURES


class Openness(compute.ComputeAlgorithm):
    """svf:openness"""

    NAME = "openness"
    TITLE = tr("Topographic openness")
    SUMMARY = tr(
        "Mean angle between the zenith, or the nadir, and the horizon, in degrees. Shows ridges and hollows "
        "without a light source."
    )
    TAGS = (
        "openness, topographic, positive, negative, relief, visualisation, visualization, archaeology, dem, dtm, "
        "lidar, terrain, saga, rvt, yokoyama"
    ).split(", ")
    HELP = (
        "<p>"
        + tr(
            "Positive openness is the mean angle between the zenith and the horizon: 90° on a plane, more on "
            "ridges, less in valleys. Negative openness is the same for the surface turned upside down: it is "
            "large in hollows."
        )
        + "</p><p>"
        + tr(
            "Unlike the sky view factor, openness also looks below the horizontal. The formula is that of "
            "Yokoyama et al. (2002), as in RVT and SAGA."
        )
        + "</p>"
    )
    OPTIONS = (
        compute.INPUT,
        compute.BAND,
        compute.RADIUS,
        compute.DIRECTIONS,
        options.Measures(
            "MEASURES",
            "--measure",
            tr("Measures"),
            tr("Bands of the output."),
            {name: MEASURES[name] for name in ("openness-positive", "openness-negative")},
            ("openness-positive", "openness-negative"),
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
