# SPDX-License-Identifier: GPL-2.0-or-later
"""Layers that the programs cannot open: those that only QGIS can read (WCS, rasters in a database, virtual
rasters), and files of formats that only its GDAL has.

What the tool reads then is a temporary GeoTIFF that QGIS writes. It is planned in the main thread, where
layers may be touched, and written where the algorithm runs.
"""

import contextlib
import math
import os

from osgeo import gdal
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

from .layers import crs_differs, gdal_name, opened_raster, translated
from .text import plain_name, tr

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
        self.first_col = math.floor((wanted.xMinimum() - whole.xMinimum()) / width + 1e-6)
        self.first_row = math.floor((whole.yMaximum() - wanted.yMaximum()) / height + 1e-6)
        self.cols = max(math.ceil((wanted.xMaximum() - whole.xMinimum()) / width - 1e-6) - self.first_col, 1)
        self.rows = max(math.ceil((whole.yMaximum() - wanted.yMinimum()) / height - 1e-6) - self.first_row, 1)
        left = whole.xMinimum() + self.first_col * width
        top = whole.yMaximum() - self.first_row * height
        self.extent = QgsRectangle(left, top - self.rows * height, left + self.cols * width, top)

    def too_large(self):
        """Whether nobody wants to wait for it."""
        return self.cols * self.rows > MOST_CELLS


class Job:
    """A layer that is going to be written into a temporary file."""

    def __init__(self, layer, grid):
        self.name = layer.name()
        self.grid = grid
        self.path = QgsProcessingUtils.generateTempFilename(plain_name(self.name) + ".tif")

    def run(self, feedback):
        """Writes the file, or raises; a cancel is heeded."""
        written = self.write(feedback)
        if feedback.isCanceled():
            raise QgsProcessingException(tr("Cancelled. No output was written."))
        if not written or not os.path.exists(self.path):
            raise QgsProcessingException(
                tr(
                    "{}: the layer could not be exported. Is the disk of the temporary files full? Try to export it as "
                    "a GeoTIFF (right-click on the layer > Export > Save As) and choose the new file."
                ).format(self.name)
            )

    def remove(self):
        """Removes the file, which may be large, and those beside it: a mask, statistics."""
        folder, name = os.path.split(self.path)
        with contextlib.suppress(OSError):
            for entry in os.listdir(folder):
                if entry.startswith(name):
                    os.remove(os.path.join(folder, entry))

    def tell(self, feedback, cols, rows):
        """Says what is going on."""
        feedback.pushInfo(tr("{}: exported to a temporary file, {} x {} cells").format(self.name, cols, rows))


class Copy(Job):
    """A file of a format that only QGIS's GDAL can read."""

    def __init__(self, layer, grid):
        super().__init__(layer, grid)
        self.source = gdal_name(layer.source())
        self.crs = layer.crs() if crs_differs(layer) else None

    def write(self, feedback):
        """Whether GDAL could copy the file."""
        source = opened_raster(*self.source)
        if source is None:
            return False
        window = self.window(source)
        self.tell(feedback, *window[2:])
        gdal.ErrorReset()
        written = translated(
            self.path, source, self.crs, format="GTiff", creationOptions=OPTIONS, srcWin=window,
            callback=lambda *_: 0 if feedback.isCanceled() else 1,
        )  # fmt: skip
        # What is written when the file is closed may fail, too.
        return written and gdal.GetLastErrorType() < gdal.CE_Failure

    def window(self, source):
        """The cells of the grid in the file: all of them where QGIS has turned them."""
        placement = source.GetGeoTransform()
        if placement[2] or placement[4] or placement[5] > 0:
            return [0, 0, source.RasterXSize, source.RasterYSize]
        return [self.grid.first_col, self.grid.first_row, self.grid.cols, self.grid.rows]


class Export(Job):
    """A layer that only QGIS can read."""

    def __init__(self, layer, grid, context):
        super().__init__(layer, grid)
        self.crs = layer.crs()
        self.transforms = context.transformContext()
        self.provider = layer.dataProvider().clone()
        # The cells as they are: which of them are missing is not a matter of the file.
        for band in range(1, layer.bandCount() + 1):
            self.provider.setUseSourceNoDataValue(band, True)
            self.provider.setUserNoDataValue(band, [])

    def write(self, feedback):
        """Whether QGIS could write the cells."""
        self.tell(feedback, self.grid.cols, self.grid.rows)
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
        return getattr(result, "value", result) == 0
