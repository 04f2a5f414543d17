# SPDX-License-Identifier: GPL-2.0-or-later
"""svf:computetiles: the tiles of a plan that are not done yet."""

from qgis.core import QgsProcessingOutputFile

from ..text import tr
from . import compute, options
from .base import ToolAlgorithm

PLAN = options.InputFile("PLAN", "--plan", tr("Plan"), tr("The plan made by 'Plan tiles'."), "json")


class ComputeTiles(ToolAlgorithm):
    """svf:computetiles"""

    NAME = "computetiles"
    TOOL = "svf_compute"
    TITLE = tr("Compute tiles")
    SUMMARY = tr("Computes the tiles of a plan. If it is stopped, run it again to resume.")
    TAGS = ("tile, tiles, plan, compute, resume, large, big, svf, sky view factor, cluster").split(", ")
    HELP = (
        "<p>"
        + tr(
            "Step 2 of 3 for large rasters. If the run is cancelled or fails, finished tiles are kept: run it "
            "again to resume. Several machines can work on one plan at the same time, each on its own tiles."
        )
        + "</p>"
    )
    OPTIONS = (
        PLAN,
        options.Text(
            "TILES",
            "--tiles",
            tr("Tiles"),
            tr("Numbers of the tiles to compute, for example 0-99,120. Empty: all tiles."),
            advanced=True,
        ),
        compute.MEMORY,
        compute.THREADS,
    )
    NUMBERS = {"TILES_DONE": tr("Number of finished tiles")}

    def resumable(self):
        return True

    def groupId(self):
        return "tiles"

    def add_destinations(self):
        self.addOutput(QgsProcessingOutputFile("PLAN", tr("Plan")))

    def process(self, parameters, context, feedback):
        tiles = self.run_tool([], [], [], feedback).stats("tiles")
        done = [tiles.get(key) for key in ("found", "computed") if isinstance(tiles.get(key), int)]
        return {"PLAN": self.parameterAsFile(parameters, "PLAN", context), "TILES_DONE": sum(done)}
