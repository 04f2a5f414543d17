# SPDX-License-Identifier: GPL-2.0-or-later
"""What a raster layer is called outside QGIS: GDAL's name of it, and its CRS where only QGIS knows it.

A CRS that the user has set on a layer is in the project, not in the file. The tools read files:
they are given a VRT that adds the CRS to the file, so that they see what the user sees.
"""

import html
import os
import re

from osgeo import gdal, osr
from qgis.core import QgsCoordinateReferenceSystem, QgsProcessingException, QgsProcessingUtils

from .text import tr

# Of a VRT: attributes, and the name of a file.
SOURCE = re.compile(r"<Source(?:Filename|Dataset)([^>]*)>([^<]+)<")


def gdal_name(source):
    """GDAL's name of a layer, and its open options: QGIS writes them after it, `name|option:K=V`."""
    if os.path.exists(source):
        return source, []
    name, *parts = source.split("|")
    return name, [part[len("option:"):] for part in parts if part.startswith("option:")]


def unknown_format(layer, drivers):
    """GDAL's driver of a file that QGIS can read and a GDAL with these drivers cannot; empty if it can, too."""
    name, _ = gdal_name(layer.source())
    if drivers is None or layer.providerType() != "gdal":
        return ""
    for file in [name, *_files_of(name)]:
        driver = _driver_of(file)
        if driver and not _driver_of(file, allowed_drivers=list(drivers)):
            return driver
    return ""


def _files_of(name):
    """Files that a VRT reads, one of each ending: GDAL looks for all of them, perhaps thousands, to list them."""
    opened = opened_raster(name) if _driver_of(name) == "VRT" else None
    written = (opened.GetMetadata("xml:VRT") if opened is not None else None) or [""]
    found = {}
    for attributes, file in SOURCE.findall(written[0]):
        folder = os.path.dirname(name) if 'relativeToVRT="1"' in attributes else ""
        file = html.unescape(file)
        found[os.path.splitext(file)[1].lower()] = os.path.join(folder, file)
    return found.values()


def _driver_of(name, **limits):
    """Name of the driver that knows a file; empty if none does."""
    try:
        driver = gdal.IdentifyDriverEx(name, gdal.OF_RASTER, **limits)
    except RuntimeError:
        # Where GDAL's exceptions are on.
        driver = None
    return driver.GetDescription() if driver is not None else ""


def opened_raster(name, open_options=()):
    """A raster, opened by QGIS's GDAL; None if it cannot be."""
    # A relative name in a VRT would be taken to be beside the VRT.
    full_name = os.path.abspath(name) if os.path.exists(name) else name
    try:
        return gdal.OpenEx(full_name, gdal.OF_RASTER, open_options=list(open_options))
    except RuntimeError:
        # Where GDAL's exceptions are on.
        return None


def own_nodata(layer, band, raw):
    """What the layer says of missing heights where its file says otherwise: (values, ranges).

    None where it says nothing of its own. Values are those of the cells as stored if `raw`, since QGIS
    compares heights after the band's scale and offset. Ranges are those of more than one value.
    """
    provider = layer.dataProvider()
    if not 1 <= band <= provider.bandCount():
        return None
    ranges = provider.userNoDataValues(band)
    declared = provider.sourceHasNoDataValue(band)
    used = provider.useSourceNoDataValue(band)
    if not ranges and (used or not declared):
        return None
    values = [provider.sourceNoDataValue(band)] if declared and used else []
    wide = []
    for span in ranges:
        if span.min() != span.max():
            wide.append(span)
            continue
        values.append(_as_stored(span.min(), provider, band) if raw else span.min())
    return values, wide


def _as_stored(height, provider, band):
    """The cell that has a height."""
    scale, offset = provider.bandScale(band), provider.bandOffset(band)
    if scale in (0.0, 1.0) and offset == 0.0:
        return height
    cell = (height - offset) / scale
    # Scaled heights are mostly whole numbers.
    return float(round(cell)) if abs(cell - round(cell)) < 1e-6 else cell


def crs_differs(layer):
    """Whether the layer has another CRS than its file, one of them perhaps none."""
    of_layer, of_file = layer.crs(), layer.dataProvider().crs()
    if of_layer == of_file:
        return False
    if not (of_layer.isValid() and of_file.isValid()):
        return of_layer.isValid() != of_file.isValid()
    # One may be known by its number, the other by its definition.
    return not _reference(of_layer).IsSame(_reference(of_file))


def _reference(crs):
    reference = osr.SpatialReference()
    reference.ImportFromWkt(_definition(crs))
    return reference


def _definition(crs):
    return crs.toWkt(QgsCoordinateReferenceSystem.WktVariant.WKT_PREFERRED_GDAL)


def crs_name(crs):
    """A CRS for people."""
    if not crs.isValid():
        return tr("none")
    return crs.authid() or crs.description() or tr("user-defined")


def translated(path, source, crs=None, **options):
    """Writes a raster anew, with another CRS (perhaps an invalid one, which is none). Whether that worked."""
    definition = _definition(crs) if crs is not None and crs.isValid() else None
    try:
        made = gdal.Translate(path, source, outputSRS=definition, **options)
        if made is not None and crs is not None and not crs.isValid():
            made.SetSpatialRef(None)
    except RuntimeError:
        # Where GDAL's exceptions are on.
        made = None
    return made is not None


def with_crs_of_layer(layer):
    """Name of a temporary VRT: the file of the layer with the layer's CRS."""
    name, open_options = gdal_name(layer.source())
    # Named after the file, since results keep the name of their input.
    path = QgsProcessingUtils.generateTempFilename(os.path.basename(name.rstrip("/\\")).replace(":", "_") + ".vrt")
    source = opened_raster(name, open_options)
    if source is None or not translated(path, source, layer.crs(), format="VRT"):
        raise QgsProcessingException(
            tr(
                "{}: the layer has another CRS than its file, but the program reads the CRS from the file. Write "
                "the CRS into the file (Raster > Projections > Assign Projection), or export the layer."
            ).format(layer.name())
        )
    return path
