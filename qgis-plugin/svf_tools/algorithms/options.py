# SPDX-License-Identifier: GPL-2.0-or-later
"""Parameters of the algorithms, and the words of the command line they become.

An option knows how Processing shows it (`definition`), what is wrong with a value (`problem`), and
what to pass to the tool (`words`). Words are made in prepareAlgorithm, in the main thread: layers
become text there and are not touched again. Numbers are written with repr, never rounded.
"""

import copy

from qgis.core import (
    Qgis,
    QgsProcessing,
    QgsProcessingParameterBand,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterDistance,
    QgsProcessingParameterEnum,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFile,
    QgsProcessingParameterMapLayer,
    QgsProcessingParameterNumber,
    QgsProcessingParameterPoint,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsVectorLayer,
)

from .. import export, features, settings
from ..layers import crs_differs, crs_name, gdal_name, own_nodata, unknown_format, with_crs_of_layer
from ..text import as_path, tr


# Of a parameter's metadata: choice -> what it is.
TEXTS = "svf_texts"


def given(parameters, key):
    """Whether a parameter has a value."""
    return parameters.get(key) not in (None, "")


class Option:
    """One parameter. `flag` is the tool's option; None for a positional argument."""

    def __init__(self, key, flag, title, help_text, advanced=False):
        self.key = key
        self.flag = flag
        self.title = title
        self.help_text = help_text
        self.advanced = advanced

    def definition(self):
        """The parameter as Processing knows it."""
        definition = self._make()
        definition.setHelp(self.help_text)
        if self.advanced:
            flag = QgsProcessingParameterDefinition.Flag.FlagAdvanced
            definition.setFlags(definition.flags() | flag)
        return definition

    def in_front(self):
        """The same, not among the advanced parameters."""
        shown = copy.copy(self)
        shown.advanced = False
        return shown

    def problem(self, algorithm, parameters, context):
        """What is wrong with the value, for the dialog; None if nothing is."""
        return None

    def words(self, algorithm, parameters, context):
        """What the tool is told."""
        value = self._value(algorithm, parameters, context)
        return [] if value is None else [self.flag, value]

    def _given(self, parameters):
        return given(parameters, self.key)


class Raster(Option):
    """A raster that GDAL can open, by the name GDAL knows it by."""

    def __init__(self, key, flag, title, help_text, optional=False, advanced=False):
        super().__init__(key, flag, title, help_text, advanced)
        self.optional = optional

    def _make(self):
        return QgsProcessingParameterRasterLayer(self.key, self.title, optional=self.optional)

    def problem(self, algorithm, parameters, context):
        if not self._given(parameters):
            return None
        layer = algorithm.parameterAsRasterLayer(parameters, self.key, context)
        if layer is None or not layer.isValid():
            return tr("{}: the raster cannot be opened. Load it as a layer first, then choose the layer.").format(
                self.title
            )
        if export.needed(layer):
            return self._export_problem(algorithm, layer, parameters, context)
        return self._later_problem(algorithm, layer) if algorithm.remembers_inputs(parameters) else None

    def _later_problem(self, algorithm, layer):
        """What is wrong with a file that is read again later, without QGIS."""
        unknown = unknown_format(layer, algorithm.drivers())
        if unknown:
            return tr(
                "{}: only QGIS can read the format {}, not the programs. The file is read again later, without QGIS. "
                "Export the layer as a GeoTIFF first (right-click on the layer > Export > Save As) and choose the new "
                "file."
            ).format(self.title, unknown)
        if crs_differs(layer):
            return tr(
                "{}: the layer has another CRS ({}) than its file ({}). The file is read again later, without "
                "QGIS. Write the CRS into the file (Raster > Projections > Assign Projection), or export the "
                "layer and choose the new file."
            ).format(self.title, crs_name(layer.crs()), crs_name(layer.dataProvider().crs()))
        return None

    def _export_problem(self, algorithm, layer, parameters, context):
        if export.is_picture(layer):
            return tr("{}: the layer is a picture (provider '{}') and has no heights.").format(
                self.title, layer.providerType()
            )
        if algorithm.remembers_inputs(parameters):
            return tr(
                "{}: the layer comes from the provider '{}'. It is read again later, without QGIS. Export it "
                "as a GeoTIFF first (right-click on the layer > Export > Save As) and choose the new file."
            ).format(self.title, layer.providerType())
        resolution = algorithm.resolution(parameters, context)
        if not export.has_size(layer) and not resolution:
            return tr(
                "{}: the layer has no cells of its own. Set the resolution of the export in the advanced "
                "parameters."
            ).format(self.title)
        grid = algorithm.grid_of(layer, resolution, parameters, context)
        if grid.too_large():
            return tr(
                "{}: an export of {} x {} cells is too large. Set a coarser resolution, or choose a part of "
                "the raster."
            ).format(self.title, grid.cols, grid.rows)
        return None

    def words(self, algorithm, parameters, context):
        layer = algorithm.parameterAsRasterLayer(parameters, self.key, context)
        if layer is None:
            return []
        missing = self._missing(algorithm, layer, parameters, context)
        name, open_options = self._file(algorithm, layer, parameters, context)
        if self.flag is not None:
            return [self.flag, as_path(name)]
        return [as_path(name)] + [word for option in open_options for word in ("--oo", option)] + missing

    def _file(self, algorithm, layer, parameters, context):
        """What the tool reads, and its open options: the file of the layer, or a temporary one that stands for it."""
        job = self._export(algorithm, layer, parameters, context)
        if crs_differs(layer):
            algorithm.notes.append(
                tr("{}: the CRS of the layer is used ({}), not that of the file ({})").format(
                    self.title, crs_name(layer.crs()), crs_name(layer.dataProvider().crs())
                )
            )
        elif job is None:
            return gdal_name(layer.source())
        if job is not None:
            algorithm.exports.append(job)
        name = with_crs_of_layer(layer) if job is None else job.path
        algorithm.stand_ins[name] = layer.name()
        return name, []

    def is_exported(self, algorithm, parameters, context):
        """Whether QGIS writes the raster anew for the tool; None where no raster is chosen."""
        layer = algorithm.parameterAsRasterLayer(parameters, self.key, context) if self._given(parameters) else None
        return None if layer is None else export.needed(layer) or bool(unknown_format(layer, algorithm.drivers()))

    def _export(self, algorithm, layer, parameters, context):
        """The export of a layer that the tool cannot open; None if it can."""
        if export.needed(layer):
            resolution = algorithm.resolution(parameters, context)
            return export.Export(layer, algorithm.grid_of(layer, resolution, parameters, context), context)
        if unknown_format(layer, algorithm.drivers()):
            return export.Copy(layer, algorithm.grid_of(layer, 0.0, parameters, context))
        return None

    def _missing(self, algorithm, layer, parameters, context):
        """What the tool is told of missing heights, where the layer says other than its file."""
        # Of other rasters, the first band is read.
        band = (algorithm.parameterAsInt(parameters, "BAND", context) or 1) if self.flag is None else 1
        own = own_nodata(layer, band, raw=not export.needed(layer))
        if own is None:
            return []
        values, ranges = own
        if self.flag is not None:
            algorithm.notes.append(
                tr("{}: NoData that is set in the layer is not used, only that of the file").format(self.title)
            )
            return []
        if ranges:
            spans = ", ".join("{!r} - {!r}".format(span.min(), span.max()) for span in ranges)
            algorithm.notes.append(tr("{}: NoData ranges of the layer are not used: {}").format(self.title, spans))
        text = ",".join(map(repr, values)) or "none"
        shown = ", ".join(map(repr, values)) or tr("no value")
        used = tr("{}: the NoData values that are set in the layer are used: {}")
        algorithm.notes.append(used.format(self.title, shown))
        # One word: a negative number would be taken for an option.
        return ["--input-nodata=" + text]


class Band(Option):
    """A band of the input."""

    def _make(self):
        # Optional, since QGIS 3.22 otherwise asks scripts for it in spite of the default.
        return QgsProcessingParameterBand(self.key, self.title, 1, "INPUT", optional=True)

    def _value(self, algorithm, parameters, context):
        return str(algorithm.parameterAsInt(parameters, self.key, context) or 1)


class Distance(Option):
    """A length in units of the input's CRS; in metres where that is in degrees."""

    def __init__(self, key, flag, title, help_text, default, advanced=False):
        super().__init__(key, flag, title, help_text, advanced)
        self.default = default

    def _make(self):
        return QgsProcessingParameterDistance(self.key, self.title, self.default, "INPUT", minValue=0)

    def problem(self, algorithm, parameters, context):
        value = algorithm.parameterAsDouble(parameters, self.key, context)
        if value <= 0:
            return tr("{} must be greater than 0.").format(self.title)
        layer = algorithm.parameterAsRasterLayer(parameters, "INPUT", context)
        if value < 1 and layer is not None and layer.crs().isGeographic():
            # The dialog of QGIS labels it with the unit of the layer.
            return tr("{}: {:g} looks like degrees. For a layer in degrees, enter metres.").format(
                self.title, value
            )
        return None

    def _value(self, algorithm, parameters, context):
        return repr(algorithm.parameterAsDouble(parameters, self.key, context))


class OptionalDistance(Distance):
    """The same, where an empty field means none."""

    def _make(self):
        return QgsProcessingParameterDistance(self.key, self.title, None, "INPUT", optional=True, minValue=0)

    def problem(self, algorithm, parameters, context):
        return super().problem(algorithm, parameters, context) if self._given(parameters) else None

    def words(self, algorithm, parameters, context):
        return super().words(algorithm, parameters, context) if self._given(parameters) else []


class Resolution(OptionalDistance):
    """The size of the cells of an export; nothing that the tool is told."""

    def problem(self, algorithm, parameters, context):
        return None

    def words(self, algorithm, parameters, context):
        return []


class Number(Option):
    """A number. Without a default it is optional, and the tool decides."""

    def __init__(
        self, key, flag, title, help_text, default=None, minimum=None, maximum=None, whole=False, advanced=False
    ):
        super().__init__(key, flag, title, help_text, advanced)
        self.default = default
        self.minimum = minimum
        self.maximum = maximum
        self.whole = whole

    def _make(self):
        whole_numbers = QgsProcessingParameterNumber.Type.Integer
        all_numbers = QgsProcessingParameterNumber.Type.Double
        limits = {}
        if self.minimum is not None:
            limits["minValue"] = self.minimum
        if self.maximum is not None:
            limits["maxValue"] = self.maximum
        return QgsProcessingParameterNumber(
            self.key,
            self.title,
            type=whole_numbers if self.whole else all_numbers,
            defaultValue=self.default,
            optional=self.default is None,
            **limits,
        )

    def _value(self, algorithm, parameters, context):
        if self.default is None and not self._given(parameters):
            return self._otherwise(context)
        if self.whole:
            return self._written(algorithm.parameterAsInt(parameters, self.key, context))
        return self._written(algorithm.parameterAsDouble(parameters, self.key, context))

    def _written(self, value):
        return repr(value)

    def _otherwise(self, context):
        return None


class Memory(Number):
    """MB that the tool may use; the setting where the dialog says nothing."""

    def _written(self, value):
        return "{}M".format(value) if value > 0 else None

    def _otherwise(self, context):
        return self._written(settings.memory_mb())


class Threads(Number):
    """Threads of the tool; those QGIS grants where the dialog says nothing."""

    def _otherwise(self, context):
        granted = context.maximumThreads() if hasattr(context, "maximumThreads") else 0
        return repr(granted) if granted > 0 else None


class Choice(Option):
    """One of the tool's own words; without a default it is optional, and the tool decides.

    Stored as the word: models and scripts stay readable.
    """

    def __init__(self, key, flag, title, help_text, choices, default, advanced=False):
        super().__init__(key, flag, title, help_text, advanced)
        self.choices = choices
        self.default = default

    def _make(self):
        return QgsProcessingParameterEnum(
            self.key,
            self.title,
            options=list(self.choices),
            defaultValue=self.default,
            optional=self.default is None,
            usesStaticStrings=True,
        )

    def _value(self, algorithm, parameters, context):
        return algorithm.parameterAsEnumString(parameters, self.key, context) or None


class Measures(Choice):
    """One or more measures: the bands of the output, in the order of the list. Each has a text of its own."""

    # QGIS's check boxes; in the desktop, where they are registered, the widgets of widgets.py.
    WIDGET = {"useCheckBoxes": True, "columns": 2}

    def __init__(self, key, flag, title, help_text, measures, default, advanced=False):
        lines = [tr("{}: {}").format(name, text) for name, text in measures.items()]
        super().__init__(key, flag, title, "\n".join([help_text, *lines]), tuple(measures), default, advanced)
        self.texts = dict(measures)

    def _make(self):
        definition = QgsProcessingParameterEnum(
            self.key,
            self.title,
            options=list(self.choices),
            allowMultiple=True,
            defaultValue=list(self.default),
            usesStaticStrings=True,
        )
        definition.setMetadata({"widget_wrapper": dict(self.WIDGET), TEXTS: self.texts})
        return definition

    def _value(self, algorithm, parameters, context):
        return ",".join(self.chosen(algorithm, parameters, context))

    def chosen(self, algorithm, parameters, context):
        """The names chosen."""
        return algorithm.parameterAsEnumStrings(parameters, self.key, context)

    def problem(self, algorithm, parameters, context):
        return None if self.chosen(algorithm, parameters, context) else tr("Choose at least one measure.")


def chosen_measures(algorithm, parameters, context):
    """The measures that an algorithm is asked for; None where nothing is chosen, since it has all."""
    for option in algorithm.OPTIONS:
        if isinstance(option, Measures):
            return option.chosen(algorithm, parameters, context)
    return None


class Switch(Option):
    """A flag without a value. One that came later is optional: models that were saved before lack it."""

    def __init__(self, key, flag, title, help_text, advanced=False, optional=False):
        super().__init__(key, flag, title, help_text, advanced)
        self.optional = optional

    def _make(self):
        return QgsProcessingParameterBoolean(self.key, self.title, defaultValue=False, optional=self.optional)

    def words(self, algorithm, parameters, context):
        return [self.flag] if algorithm.parameterAsBoolean(parameters, self.key, context) else []


class Point(Option):
    """A place, in the CRS of the input; reprojected by QGIS where it comes in another."""

    def _make(self):
        return QgsProcessingParameterPoint(self.key, self.title, optional=True)

    def _place(self, algorithm, parameters, context):
        layer = algorithm.parameterAsRasterLayer(parameters, "INPUT", context)
        return algorithm.parameterAsPoint(parameters, self.key, context, layer.crs())

    def problem(self, algorithm, parameters, context):
        if self._given(parameters) and self._place(algorithm, parameters, context).isEmpty():
            return tr("{}: enter two coordinates, for example 500200,5600100 [EPSG:25832].").format(self.title)
        return None

    def words(self, algorithm, parameters, context):
        if not self._given(parameters):
            return []
        place = self._place(algorithm, parameters, context)
        # One word: a negative number would be taken for an option.
        return ["{}={!r},{!r}".format(self.flag, place.x(), place.y())]


class Points(Option):
    """A layer of points, as a file that the tool reads: a copy, where QGIS knows more than the file says."""

    def _make(self):
        points = QgsProcessing.SourceType.TypeVectorPoint
        return QgsProcessingParameterFeatureSource(self.key, self.title, [points], optional=True)

    def words(self, algorithm, parameters, context):
        if not self._given(parameters):
            return []
        layer = algorithm.parameterAsVectorLayer(parameters, self.key, context)
        flags = (self.flag, "--layer")
        return features.words(algorithm, self, flags, parameters, context, layer, with_attributes=True)


class Mask(Raster):
    """A raster, or features: a vector layer, as a file that the tool reads."""

    def _make(self):
        types = [QgsProcessing.SourceType.TypeRaster, QgsProcessing.SourceType.TypeVectorAnyGeometry]
        return QgsProcessingParameterMapLayer(self.key, self.title, optional=self.optional, types=types)

    def _features(self, algorithm, parameters, context):
        """The vector layer, if it is one."""
        if not self._given(parameters):
            return None
        layer = algorithm.parameterAsLayer(parameters, self.key, context)
        return layer if isinstance(layer, QgsVectorLayer) else None

    def problem(self, algorithm, parameters, context):
        layer = self._features(algorithm, parameters, context)
        if layer is None:
            return super().problem(algorithm, parameters, context)
        if algorithm.remembers_inputs(parameters) and features.own_file(layer) is None:
            return tr(
                "{}: the layer is not a file as it is. It is read again later, without QGIS. Export it as a GeoPackage "
                "first (right-click on the layer > Export > Save Features As) and choose the new file."
            ).format(self.title)
        return None

    def is_exported(self, algorithm, parameters, context):
        has_features = self._features(algorithm, parameters, context) is not None
        return None if has_features else super().is_exported(algorithm, parameters, context)

    def words(self, algorithm, parameters, context):
        layer = self._features(algorithm, parameters, context)
        if layer is None:
            return super().words(algorithm, parameters, context)
        flags = (self.flag, "--receivers-layer")
        return features.words(algorithm, self, flags, parameters, context, layer, with_attributes=False)


class Extent(Option):
    """A part of the input; reprojected by QGIS where it comes in another CRS, clipped by the tool."""

    def _make(self):
        return QgsProcessingParameterExtent(self.key, self.title, optional=True)

    def _part(self, algorithm, parameters, context):
        """The box that is asked for, and the input's; None if there is none."""
        layer = algorithm.parameterAsRasterLayer(parameters, "INPUT", context)
        if layer is None or not self._given(parameters):
            return None
        wanted = algorithm.parameterAsExtent(parameters, self.key, context, layer.crs())
        return None if wanted.isNull() else (wanted, layer.extent())

    def problem(self, algorithm, parameters, context):
        part = self._part(algorithm, parameters, context)
        if part is None or part[0].intersects(part[1]):
            return None
        return tr("{}: it lies outside the raster.").format(self.title)

    def words(self, algorithm, parameters, context):
        part = self._part(algorithm, parameters, context)
        if part is None:
            return []
        box = part[0]
        edges = (box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum())
        # One word: a negative number would be taken for an option.
        return ["{}={}".format(self.flag, ",".join(map(repr, edges)))]


class Text(Option):
    """A text, left out where it is empty."""

    def _make(self):
        return QgsProcessingParameterString(self.key, self.title, optional=True)

    def _value(self, algorithm, parameters, context):
        return algorithm.parameterAsString(parameters, self.key, context).strip() or None


class CreationOptions(Option):
    """Options of the GeoTIFF driver, KEY=VALUE|KEY=VALUE, with QGIS's own editor for them."""

    def _make(self):
        definition = QgsProcessingParameterString(self.key, self.title, defaultValue="", optional=True)
        if Qgis.versionInt() >= 33900:
            wrapper = {"widget_type": "rasteroptions"}
        else:
            wrapper = {"class": "processing.algs.gdal.ui.RasterOptionsWidget.RasterOptionsWidgetWrapper"}
        definition.setMetadata({"widget_wrapper": wrapper})
        return definition

    def words(self, algorithm, parameters, context):
        text = algorithm.parameterAsString(parameters, self.key, context) or ""
        return [word for option in text.split("|") if option.strip() for word in ("--co", option.strip())]


class InputFile(Option):
    """A file that exists."""

    def __init__(self, key, flag, title, help_text, extension):
        super().__init__(key, flag, title, help_text)
        self.extension = extension

    def _make(self):
        return QgsProcessingParameterFile(
            self.key,
            self.title,
            behavior=QgsProcessingParameterFile.Behavior.File,
            extension=self.extension,
        )

    def words(self, algorithm, parameters, context):
        path = as_path(algorithm.parameterAsFile(parameters, self.key, context))
        return [path] if self.flag is None else [self.flag, path]


class Folder(Option):
    """A folder that exists, or may be made."""

    def _make(self):
        return QgsProcessingParameterFile(
            self.key,
            self.title,
            behavior=QgsProcessingParameterFile.Behavior.Folder,
            optional=True,
        )

    def _value(self, algorithm, parameters, context):
        return as_path(algorithm.parameterAsFile(parameters, self.key, context)) or None
