# SPDX-License-Identifier: GPL-2.0-or-later
"""Layers that GDAL programs cannot open by their source: WCS, rasters in a database, virtual rasters.

What the tool reads then is a temporary GeoTIFF that QGIS writes. It is planned in the main thread, where
layers may be touched, and written where the algorithm runs.
"""

import math
import os

from qgis.core import (
    Qgis,
    QgsProcessingException,
    QgsProcessingUtils,
    QgsRasterBlockFeedback,
    QgsRasterFileWriter,
    QgsRasterInterface,
    QgsRasterPipe,
    QgsRectangle,
)
from qgis.PyQt.QtCore import Qt

from .text import tr

MOST_CELLS = 1 << 32
OPTIONS = ["TILED=YES", "COMPRESS=DEFLATE", "ZLEVEL=1", "BIGTIFF=IF_SAFER"]


def needed(layer):
    """Whether only QGIS can read the layer: by its provider, with its credentials, or in its memory."""
    source = layer.source()
    known = layer.providerType() == "gdal"
    return not known or "authcfg=" in source or "|credential:" in source or source.startswith("/vsimem/")


def is_picture(layer):
    """Whether its cells are colours, as of a map service, and no heights."""
    return layer.dataProvider().dataType(1) in (Qgis.DataType.ARGB32, Qgis.DataType.ARGB32_Premultiplied)


def has_size(layer):
    """Whether the layer has cells of its own; others have any resolution that is asked for."""
    provider = layer.dataProvider()
    sized = provider.capabilities() & QgsRasterInterface.Capability.Size
    return bool(sized) and provider.xSize() > 0 and provider.ySize() > 0


class Grid:
    """The cells of an export: those of the layer, or of the resolution; of a part only what it needs."""

    def __init__(self, layer, resolution, part):
        whole, provider = layer.extent(), layer.dataProvider()
        if resolution:
            width = height = resolution
        else:
            width, height = whole.width() / provider.xSize(), whole.height() / provider.ySize()
        wanted = whole if part is None else whole.intersect(part)
        # From an edge of the layer's own cells to another.
        first_col = math.floor((wanted.xMinimum() - whole.xMinimum()) / width + 1e-6)
        first_row = math.floor((whole.yMaximum() - wanted.yMaximum()) / height + 1e-6)
        self.cols = max(math.ceil((wanted.xMaximum() - whole.xMinimum()) / width - 1e-6) - first_col, 1)
        self.rows = max(math.ceil((whole.yMaximum() - wanted.yMinimum()) / height - 1e-6) - first_row, 1)
        left = whole.xMinimum() + first_col * width
        top = whole.yMaximum() - first_row * height
        self.extent = QgsRectangle(left, top - self.rows * height, left + self.cols * width, top)

    def too_large(self):
        """Whether nobody wants to wait for it."""
        return self.cols * self.rows > MOST_CELLS


class Export:
    """A layer that is going to be written."""

    def __init__(self, layer, grid, context):
        self.name = layer.name()
        self.grid = grid
        self.crs = layer.crs()
        self.transforms = context.transformContext()
        self.provider = layer.dataProvider().clone()
        # The cells as they are: which of them are missing is not a matter of the file.
        for band in range(1, layer.bandCount() + 1):
            self.provider.setUseSourceNoDataValue(band, True)
            self.provider.setUserNoDataValue(band, [])
        plain = "".join(c if c.isalnum() else "_" for c in self.name)
        self.path = QgsProcessingUtils.generateTempFilename((plain or "layer") + ".tif")

    def write(self, feedback):
        """Writes the file, or raises; a cancel is heeded."""
        feedback.pushInfo(
            tr("{}: exported to a temporary file, {} x {} cells").format(self.name, self.grid.cols, self.grid.rows)
        )
        pipe = QgsRasterPipe()
        pipe.set(self.provider)
        writer = QgsRasterFileWriter(self.path)
        writer.setOutputProviderKey("gdal")
        writer.setOutputFormat("GTiff")
        writer.setCreateOptions(OPTIONS)
        progress = QgsRasterBlockFeedback()
        # Directly: no events are handled in the thread of the algorithm.
        feedback.canceled.connect(progress.cancel, Qt.ConnectionType.DirectConnection)
        result = writer.writeRaster(
            pipe, self.grid.cols, self.grid.rows, self.grid.extent, self.crs, self.transforms, progress
        )
        if feedback.isCanceled():
            raise QgsProcessingException(tr("Cancelled. No output was written."))
        if getattr(result, "value", result) != 0 or not os.path.exists(self.path):
            raise QgsProcessingException(tr("{}: the layer could not be exported.").format(self.name))
