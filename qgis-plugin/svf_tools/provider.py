# SPDX-License-Identifier: GPL-2.0-or-later
"""The provider: its identity, its algorithms, its page of settings.

All algorithms are there whether or not the tools are installed, and no tool is started before
an algorithm is opened or run.
"""

import os

from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from . import settings, tools
from .algorithms import ALGORITHMS
from .discovery import ToolNotFound
from .outputs import completed, ending, endings, path_of
from .text import tr

ICON = os.path.join(os.path.dirname(__file__), "icons", "svf_tools.svg")


class SvfProvider(QgsProcessingProvider):
    """`svf` in the toolbox, in models and in qgis_process."""

    def id(self):
        return "svf"

    def name(self):
        return tr("Sky view factor")

    def longName(self):
        return tr("Sky view factor (svf-tools)")

    def versionInfo(self):
        try:
            return tools.locate("svf_compute").version
        except ToolNotFound:
            return tr("programs not found")

    def icon(self):
        return QIcon(ICON)

    def svgIconPath(self):
        return ICON

    def load(self):
        settings.add(self.name(), self.icon())
        self.refreshAlgorithms()
        return True

    def unload(self):
        settings.remove()

    def loadAlgorithms(self):
        for algorithm in ALGORITHMS:
            self.addAlgorithm(algorithm())

    def supportedOutputRasterLayerExtensions(self):
        return ["tif"]

    def defaultRasterFileExtension(self):
        return "tif"

    def supportedOutputVectorLayerExtensions(self):
        # The last is for tables: QGIS looks for them here as well.
        return ["gpkg", "geojson", "csv"]

    def defaultVectorFileExtension(self, hasGeometry=True):
        return "gpkg" if hasGeometry else "csv"

    def supportedOutputTableExtensions(self):
        return ["csv"]

    def isSupportedOutputValue(self, outputValue, parameter, context):
        value = completed(outputValue, parameter)
        path, kinds = path_of(value), endings(parameter)
        if path is not None and kinds is not None and ending(path) in kinds[0]:
            return True, ""
        return super().isSupportedOutputValue(value, parameter, context)

    def supportsNonFileBasedOutput(self):
        return False
