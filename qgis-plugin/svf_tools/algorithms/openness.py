# SPDX-License-Identifier: GPL-2.0-or-later
"""svf:openness: positive and negative topographic openness."""

from ..text import tr
from . import compute, options


class Openness(compute.ComputeAlgorithm):
    """svf:openness"""

    NAME = "openness"
    TITLE = tr("Topographic openness")
    SUMMARY = tr("Mean zenith or nadir angle of the horizon, in degrees: ridges and hollows without a light source.")
    TAGS = (
        "openness, topographic, positive, negative, relief, visualisation, visualization, archaeology, dem, dtm, "
        "lidar, terrain, saga, rvt, yokoyama"
    ).split(", ")
    HELP = (
        "<p>"
        + tr(
            "Positive openness is the mean angle between the zenith and the horizon: 90° on a plane, more on ridges, "
            "less in valleys. Negative openness is the same on the surface turned upside down: large in hollows."
        )
        + "</p><p>"
        + tr("Unlike the sky view factor it may look below the horizontal. The formula of Yokoyama 2002, RVT and SAGA.")
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
            tr("Bands of the output, in degrees."),
            ("openness-positive", "openness-negative"),
            ("openness-positive", "openness-negative"),
        ),
        compute.EXTENT,
        *compute.SEARCH,
        *compute.RESOURCES,
        compute.WORK_FOLDER,
        compute.RESOLUTION,
    )
