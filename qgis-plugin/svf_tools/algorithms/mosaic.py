# SPDX-License-Identifier: GPL-2.0-or-later
"""svf:mosaic: one raster of the tiles of a plan."""

from qgis.core import QgsProcessingParameterRasterDestination

from ..style import apply_on_load
from ..text import tr
from . import compute, options
from .base import ToolAlgorithm


class Mosaic(ToolAlgorithm):
    """svf:mosaic"""

    NAME = "mosaic"
    TOOL = "svf_mosaic"
    TITLE = tr("Join tiles")
    SUMMARY = tr("Joins the tiles of a plan into one raster. All tiles must be computed.")
    TAGS = ("tile, tiles, plan, mosaic, merge, join, large, big, svf, sky view factor").split(", ")
    HELP = (
        "<p>"
        + tr(
            "Step 3 of 3 for large rasters. All tiles are checked first. If a tile is missing, damaged or from "
            "another plan, the run stops and names it."
        )
        + "</p>"
    )
    OPTIONS = (
        options.InputFile("PLAN", None, tr("Plan"), tr("The plan whose tiles were computed."), "json"),
        options.Switch(
            "ALLOW_MISSING",
            "--allow-missing",
            tr("Fill missing tiles with NoData"),
            tr("Join the tiles that exist. The log lists the missing ones."),
            advanced=True,
        ),
        *compute.RESOURCES,
    )

    def groupId(self):
        return "tiles"

    def add_destinations(self):
        self.addParameter(QgsProcessingParameterRasterDestination("OUTPUT", tr("Joined raster")))

    def process(self, parameters, context, feedback):
        output = self.output(parameters, "OUTPUT", context)
        result = self.run_tool([output], ["--overwrite"], [output], feedback)
        apply_on_load(context, self, "OUTPUT", output, result.first_measure(), tr("Joined raster"))
        return {"OUTPUT": output}
