# SPDX-License-Identifier: GPL-2.0-or-later
"""What an output is called: a name whose dot begins no known ending gets the ending of the format.

Names that QGIS puts together in a batch are such names ("svf_1.5"). QGIS's own algorithms over GDAL
write a GeoTIFF then.
"""

import os
import re

from osgeo import gdal
from qgis.core import (
    QgsProcessing,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterVectorDestination,
    QgsProperty,
    QgsVectorFileWriter,
)

# Endings that the tools write, the usual one first.
RASTERS = ("tif", "tiff")
VECTORS = ("gpkg", "geojson", "csv")


def _raster_endings():
    """Endings of the rasters that GDAL can write."""
    found = set(RASTERS)
    for i in range(gdal.GetDriverCount()):
        about = gdal.GetDriver(i).GetMetadata()
        if about.get("DCAP_RASTER") and (about.get("DCAP_CREATE") or about.get("DCAP_CREATECOPY")):
            found.update((about.get("DMD_EXTENSIONS") or "").lower().split())
    return found


def ending(path):
    """The ending of a file name, in lower case."""
    return os.path.splitext(path)[1][1:].lower()


def endings(definition):
    """(Endings that an output may have, endings that stand for another format), or None for other outputs."""
    if isinstance(definition, QgsProcessingParameterRasterDestination):
        return RASTERS, _raster_endings()
    if isinstance(definition, QgsProcessingParameterVectorDestination):
        return VECTORS, {known.lower() for known in QgsVectorFileWriter.supportedFormatExtensions()}
    if isinstance(definition, QgsProcessingParameterFileDestination):
        own = re.findall(r"\*\.(\w+)", definition.fileFilter())
        # Where there is one format, no ending asks for another.
        return own, _raster_endings() if len(own) > 1 else set()
    return None


def path_of(value):
    """The path in the value of an output; None where it is not written down, or no file."""
    if isinstance(value, QgsProcessingOutputLayerDefinition):
        value = value.sink
    if isinstance(value, QgsProperty):
        value = value.staticValue()
    if not isinstance(value, str) or not value or value.startswith("memory:"):
        return None
    return None if value == QgsProcessing.TEMPORARY_OUTPUT else value


def completed(value, definition):
    """The value of an output, with the usual ending where its name has none that is known."""
    path, kinds = path_of(value), endings(definition)
    if path is None or kinds is None or ending(path) in kinds[0] or ending(path) in kinds[1]:
        return value
    path = "{}.{}".format(path, kinds[0][0])
    if isinstance(value, QgsProcessingOutputLayerDefinition):
        value = QgsProcessingOutputLayerDefinition(value)
        value.sink = QgsProperty.fromValue(path)
        return value
    return path
