# SPDX-License-Identifier: GPL-2.0-or-later
"""svf:tileplan: the plan of a computation in tiles. One file stands for all of them."""

import os

from qgis.core import (
    QgsProcessing,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterVectorDestination,
    QgsProcessingUtils,
)

from ..style import outline_on_load
from ..text import as_path, tr
from . import compute, options
from .base import ToolAlgorithm
from .skyviewfactor import MEASURES_OPTION

PLAN_FILTER = tr("Plan (*.json)")


class TilePlan(ToolAlgorithm):
    """svf:tileplan"""

    NAME = "tileplan"
    TOOL = "svf_tile"
    TITLE = tr("Plan tiles")
    SUMMARY = tr("Plans the sky view factor of a large raster in tiles. The plan is one file.")
    TAGS = ("tile, tiles, plan, large, big, split, grid, index, svf, sky view factor, cluster, resume").split(", ")
    HELP = (
        "<p>"
        + tr(
            "Step 1 of 3 for rasters that take hours: plan the tiles, compute them, join them. The plan holds "
            "the grid, the tiles and all parameters. Each step can be stopped and run again, also on several "
            "machines. Finished tiles are not computed again."
        )
        + "</p><p>"
        + tr(
            "The tiles are kept in a folder next to the plan. Save the plan on a disk with enough room for the "
            "whole result."
        )
        + "</p>"
    )
    OPTIONS = (
        compute.INPUT,
        compute.BAND,
        compute.RADIUS,
        compute.DIRECTIONS,
        MEASURES_OPTION,
        options.Number(
            "TILE_SIZE",
            "--tile-size",
            tr("Tile size in cells"),
            tr(
                "Number of rows and columns of a tile. The result does not depend on it. Empty: as large as "
                "the memory allows."
            ),
            minimum=16,
            maximum=1000000,
            whole=True,
        ),
        compute.EXTENT,
        *compute.SEARCH,
        compute.SEARCH_KIND,
        compute.RECEIVERS,
        compute.ANGLE_UNIT,
        *compute.ANISOTROPY,
        compute.MEMORY,
    )
    NUMBERS = {"TILE_COUNT": tr("Number of tiles")}

    def groupId(self):
        return "tiles"

    def remembers_inputs(self, parameters):
        return True

    def add_destinations(self):
        self.addParameter(QgsProcessingParameterFileDestination("PLAN", tr("Plan"), PLAN_FILTER))
        self.addParameter(
            QgsProcessingParameterVectorDestination(
                "INDEX",
                tr("Footprints of the tiles"),
                QgsProcessing.SourceType.TypeVectorPolygon,
                optional=True,
                createByDefault=False,
            )
        )

    def process(self, parameters, context, feedback):
        plan = self.output(parameters, "PLAN", context)
        index = self.output(parameters, "INDEX", context) or None
        words = ["--overwrite"] + (["--index", as_path(index)] if index else [])
        written = [plan] + ([index] if index else [])
        if os.path.abspath(plan).startswith(os.path.join(QgsProcessingUtils.tempFolder(), "")):
            feedback.pushWarning(
                tr(
                    "The plan is in the temporary folder, and so are its tiles. They are deleted when QGIS "
                    "closes. Save the plan to a file, on a disk with enough room for the whole result."
                )
            )
        result = self.run_tool([plan], words, written, feedback)
        if index:
            outline_on_load(context, self, "INDEX", index)
        tiles = result.stats("tiles")
        return {"PLAN": plan, "INDEX": index, "TILE_COUNT": tiles.get("planned")}
