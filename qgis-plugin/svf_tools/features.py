# SPDX-License-Identifier: GPL-2.0-or-later
"""What a layer of features is called outside QGIS: its file and its layer in it, or those of a copy.

A file is only read as it is where it says all that the layer says, and where each GDAL that comes with the
programs reads it. All else is written into a temporary GeoPackage by QGIS, in the main thread.
"""

import os

from osgeo import gdal
from qgis.core import (
    QgsFeatureRequest,
    QgsFeatureSink,
    QgsFields,
    QgsProcessingException,
    QgsProcessingFeatureSource,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingUtils,
    QgsProviderRegistry,
    QgsVectorFileWriter,
)

from .layers import crs_differs
from .text import as_path, plain_name, tr

# GDAL's drivers that all programs to download have: packaging/smoke.py asks each of them.
DRIVERS = ("ESRI Shapefile", "GPKG", "GeoJSON")


def own_file(layer):
    """(file, layer in it) of a vector layer; the layer is empty where it is the only one. None: not as it is."""
    provider = layer.dataProvider()
    if layer.providerType() != "ogr" or provider.storageType() not in DRIVERS:
        return None
    if layer.subsetString() or layer.isModified() or crs_differs(layer):
        return None
    parts = QgsProviderRegistry.instance().decodeUri("ogr", layer.source())
    # Options with which to open it, a kind of geometry, an archive that it is in.
    said = {key for key, value in parts.items() if value} - {"path", "layerName", "layerId"}
    path = parts.get("path") or ""
    if said or not os.path.exists(path):
        return None
    name = parts.get("layerName") or _name_in(path, parts.get("layerId") or 0)
    return None if name is None else (as_path(path), name)


def _name_in(path, number):
    """Name of a layer in a file, empty where it is the only one; None if the file cannot be opened."""
    try:
        opened = gdal.OpenEx(path, gdal.OF_VECTOR)
    except RuntimeError:
        # Where GDAL's exceptions are on.
        opened = None
    if opened is None or opened.GetLayer(number) is None:
        return None
    return opened.GetLayer(number).GetName() if opened.GetLayerCount() > 1 else ""


def is_part(value):
    """Whether the value of a parameter asks for some features of a layer only."""
    if not isinstance(value, QgsProcessingFeatureSourceDefinition):
        return False
    return value.selectedFeaturesOnly or value.featureLimit != -1 or bool(getattr(value, "filterExpression", ""))


def words(algorithm, option, flags, parameters, context, layer, with_attributes):
    """What the tool is told of a layer; `flags` are its options for the file and for the layer in it."""
    found = None if layer is None or is_part(parameters[option.key]) else own_file(layer)
    if found is None:
        source = algorithm.parameterAsSource(parameters, option.key, context)
        if source is None:
            raise QgsProcessingException(algorithm.invalidSourceError(parameters, option.key))
        path = export(source, context, with_attributes)
        algorithm.stand_ins[path] = source.sourceName()
        found = path, ""
    # A name is one word with its option: it may begin with a hyphen.
    return [flags[0], found[0]] + (["{}={}".format(flags[1], found[1])] if found[1] else [])


def features_of(source, most=-1):
    """An iterator over features."""
    # Whether polygons are valid does not matter to the programs.
    unchecked = QgsProcessingFeatureSource.Flag.FlagSkipGeometryValidityChecks
    return source.getFeatures(QgsFeatureRequest().setLimit(most), unchecked)


def check_readable(source):
    """Raises if features can no longer be read. QGIS passes on that there are none, without an error."""
    count = source.featureCount()
    if count > 0 and not any(True for _ in features_of(source, 1)):
        raise QgsProcessingException(
            tr(
                "{}: the layer had {} features, but none of them can be read now. Is its file still there? Load the "
                "layer again."
            ).format(source.sourceName(), count)
        )


def export(source, context, with_attributes):
    """Writes features into a temporary GeoPackage, its only layer, or raises."""
    check_readable(source)
    path = QgsProcessingUtils.generateTempFilename(plain_name(source.sourceName()) + ".gpkg")
    fields = source.fields() if with_attributes else QgsFields()
    taken = {field.name().lower() for field in fields}
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName = "GPKG"
    # Else that of the system.
    options.fileEncoding = "UTF-8"
    # The columns of a GeoPackage itself. In one of the layer of that name, numbers may be there twice.
    options.layerOptions = ["FID=" + free("fid", taken), "GEOMETRY_NAME=" + free("geom", taken)]
    writer = QgsVectorFileWriter.create(
        path, fields, source.wkbType(), source.sourceCrs(), context.transformContext(), options
    )
    written = writer.hasError() == QgsVectorFileWriter.WriterError.NoError
    if written:
        written = writer.addFeatures(features_of(source), QgsFeatureSink.Flag.FastInsert)
    problem = writer.errorMessage()
    # It is complete when the writer is gone.
    del writer
    if not written:
        raise QgsProcessingException(
            tr(
                "{}: the layer could not be exported ({}). Export it as a GeoPackage (right-click on the layer > "
                "Export > Save Features As) and choose the new file."
            ).format(source.sourceName(), problem)
        )
    return path


def free(name, taken):
    """A name that no column has."""
    while name in taken:
        name += "_"
    return name
