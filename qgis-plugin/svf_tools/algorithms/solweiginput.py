# SPDX-License-Identifier: GPL-2.0-or-later
"""svf:solweiginput: the sky view factors that SOLWEIG of UMEP reads, as one archive."""

from qgis.core import QgsProcessingParameterFileDestination

from ..text import tr
from . import compute


class SolweigInput(compute.ComputeAlgorithm):
    """svf:solweiginput"""

    NAME = "solweiginput"
    TITLE = tr("Sky view factors for SOLWEIG")
    SUMMARY = tr("The file svfs.zip with the 15 rasters that SOLWEIG of UMEP reads. For rasters of any size.")
    TAGS = "solweig, umep, svfs.zip, mean radiant temperature, tmrt, svf, urban climate, canopy, trees".split(", ")
    HELP = (
        "<p>"
        + tr(
            "The heights are ground and buildings. The vegetation is a layer of its own, with heights above the "
            "ground. In SOLWEIG, choose the result as the file with the sky view factors. The raster "
            "SkyViewFactor.tif is written beside it."
        )
        + "</p><p>"
        + tr("To come near the values of UMEP, choose 64 directions and the sampling 'nearest'.")
        + "</p>"
    )
    OPTIONS = (
        compute.INPUT,
        compute.BAND,
        compute.CANOPY.in_front(),
        compute.RADIUS,
        compute.DIRECTIONS,
        compute.EXTENT,
        *(option for option in compute.SEARCH if option not in (compute.CANOPY, compute.MIN_DISTANCE)),
        *compute.RESOURCES,
        compute.WORK_FOLDER,
        compute.RESOLUTION,
    )
    FIXED = ("--of", "UMEP")

    def add_destinations(self):
        self.addParameter(
            QgsProcessingParameterFileDestination("OUTPUT", self.TITLE, "{} (*.zip)".format(tr("Archive")))
        )

    def process(self, parameters, context, feedback):
        output = self.output(parameters, "OUTPUT", context)
        result = self.run_tool([output], [*self.FIXED, "--overwrite"], [output], feedback)
        return {"OUTPUT": output, "TOOL_VERSION": self.tool.version, **compute.numbers(result, feedback)}
