# SPDX-License-Identifier: GPL-2.0-or-later
"""What all algorithms share: an algorithm is a list of options, a tool, and a text.

Two steps: prepareAlgorithm (main thread) turns the parameters into the words of a command line,
processAlgorithm (any thread) runs the tool with them. A run ends with all outputs or with one
exception.
"""

import html
import os
import re

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingException,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFileDestination,
    QgsProcessingUtils,
)
from qgis.PyQt.QtGui import QIcon

from .. import settings, tools
from ..discovery import ToolNotFound
from ..export import Grid
from ..outputs import completed
from ..runner import run_tool
from ..text import as_path, tr
from .options import Measures, Raster, given

# Options that a tool knows by a letter, too.
SHORT = {"-b": "--band", "-n": "--directions"}
ICONS = os.path.join(os.path.dirname(os.path.dirname(__file__)), "icons")
MANUAL = "https://github.com/svf-tools/svf-tools/blob/main/docs/qgis/README.md"


class ToolAlgorithm(QgsProcessingAlgorithm):
    """An algorithm that runs one tool. Subclasses fill in the capitals."""

    # Permanent: models, scripts and the history name an algorithm by it.
    NAME = ""
    TOOL = ""
    # The word that names the tool's command, if it has several.
    COMMAND = ()
    TITLE = ""
    SUMMARY = ""
    HELP = ""
    # HTML behind the help of the parameters.
    APPENDIX = ""
    TAGS = ()
    OPTIONS = ()
    # Numbers and texts that a run returns besides its files: key -> title.
    NUMBERS = {}
    TEXTS = {}

    def __init__(self):
        super().__init__()
        self.tool = None
        self.inputs = []
        self.words = []
        self.notes = []
        self.exports = []
        # Temporary file -> name of the layer that it stands for.
        self.stand_ins = {}
        self.refusal = ""

    def createInstance(self):
        return type(self)()

    def name(self):
        return self.NAME

    def displayName(self):
        return self.TITLE

    def shortDescription(self):
        return self.SUMMARY

    def group(self):
        return tr("Sky view") if self.groupId() == "sky" else tr("Large rasters in tiles")

    def groupId(self):
        return "sky"

    def tags(self):
        return list(self.TAGS)

    def helpUrl(self):
        return MANUAL

    def icon(self):
        return QIcon(self.svgIconPath())

    def svgIconPath(self):
        return os.path.join(ICONS, self.NAME + ".svg")

    def shortHelpString(self):
        texts = {option.key: option.help_text for option in self.OPTIONS}
        texts.update({definition.name(): definition.help() for definition in self.parameterDefinitions()})
        # A line of a choice each; a colon of Chinese is a wide one.
        texts = {key: re.sub(r"\n([a-z-]+)(?=[:：])", r"<br><b>\1</b>", text) for key, text in texts.items()}
        texts = {key: text.replace("\n", "<br>") for key, text in texts.items()}
        texts["ALG_DESC"] = self.HELP
        text = QgsProcessingUtils.formatHelpMapAsHtml(texts, self)
        return text.replace("</body>", self.APPENDIX + "</body>")

    def initAlgorithm(self, configuration=None):
        for option in self.OPTIONS:
            self.addParameter(option.definition())
        self.add_destinations()
        for key, title in self.NUMBERS.items():
            self.addOutput(QgsProcessingOutputNumber(key, title))
        for key, title in self.TEXTS.items():
            self.addOutput(QgsProcessingOutputString(key, title))

    def add_destinations(self):
        """Adds the parameters for what is written."""

    def canExecute(self):
        try:
            tools.locate(self.TOOL)
        except ToolNotFound as error:
            # QGIS shows it as HTML.
            lines = html.escape(str(error), quote=False).split("\n")
            if error.fetchable and tools.offer:
                lines[1:1] = ["", tools.offer, ""]
            return False, "<br>\n".join(lines)
        return True, ""

    def preprocessParameters(self, parameters):
        # QGIS 3.22 writes a list of words as nothing into its log and its history: one text survives.
        written = dict(parameters)
        for option in self.OPTIONS:
            if isinstance(option, Measures) and isinstance(written.get(option.key), list):
                written[option.key] = ",".join(written[option.key])
        return written

    def checkParameterValues(self, parameters, context):
        ok, message = super().checkParameterValues(parameters, context)
        if not ok:
            return ok, message
        for option in self.OPTIONS:
            problem = option.problem(self, parameters, context)
            if problem:
                return False, problem
        return True, ""

    def prepareAlgorithm(self, parameters, context, feedback):
        # Whoever runs an algorithm shows what processAlgorithm raises, but of an exception here
        # QGIS leaves only "There were errors executing the algorithm".
        try:
            self.prepare(parameters, context)
        except (QgsProcessingException, ToolNotFound) as error:
            self.refusal = str(error)
        return True

    def processAlgorithm(self, parameters, context, feedback):
        if self.refusal:
            raise QgsProcessingException(self.refusal)
        return self.process(parameters, context, feedback)

    def prepare(self, parameters, context):
        """Turns the parameters into text, in the main thread."""
        # Not every caller asks before: qgis_process and processing.run never ask canExecute,
        # models do not ask checkParameterValues.
        self.tool = tools.locate(self.TOOL)
        for option in self.OPTIONS:
            problem = option.problem(self, parameters, context)
            if problem:
                raise QgsProcessingException(problem)
        for option in self.OPTIONS:
            words = option.words(self, parameters, context)
            (self.words if option.flag else self.inputs).extend(words)

    def process(self, parameters, context, feedback):
        """Runs the tool, in any thread, and returns the results.

        What is written is asked for here: QGIS forgets layers to load that prepare names.
        """
        raise NotImplementedError

    def output(self, parameters, key, context):
        """Where an output is written."""
        definition = self.parameterDefinition(key)
        parameters = {**parameters, key: completed(parameters.get(key), definition)}
        if isinstance(definition, QgsProcessingParameterFileDestination):
            return self.parameterAsFileOutput(parameters, key, context)
        return self.parameterAsOutputLayer(parameters, key, context)

    def resolution(self, parameters, context):
        """The size of the cells of an export; 0 for those of the layer."""
        return self.parameterAsDouble(parameters, "RESOLUTION", context) if given(parameters, "RESOLUTION") else 0.0

    def grid_of(self, layer, resolution, parameters, context):
        """The cells of an export of the layer: where a part is computed, the part and what is seen from it."""
        part = None
        # All rasters have the same cells: a part of one would not fit a whole file.
        rasters = [option for option in self.OPTIONS if isinstance(option, Raster)]
        is_whole = any(option.is_exported(self, parameters, context) is False for option in rasters)
        if self.parameterDefinition("EXTENT") is not None and not is_whole and not layer.crs().isGeographic():
            part = self.parameterAsExtent(parameters, "EXTENT", context, layer.crs())
            part = None if part.isNull() else part.buffered(self.parameterAsDouble(parameters, "RADIUS", context))
        return Grid(layer, resolution, part)

    def drivers(self):
        """The drivers of the tool's GDAL; None where that is not known."""
        try:
            return tools.locate(self.TOOL).drivers
        except ToolNotFound:
            return None

    def remembers_inputs(self, parameters):
        """Whether the tool goes back to its inputs in a later run, when what is temporary is gone."""
        return given(parameters, "WORK_FOLDER")

    def resumable(self):
        """Whether a stopped run keeps what it has finished."""
        return False

    def run_tool(self, written, more_words, must_exist, feedback):
        """Runs the tool: inputs, what is written, options. Afterwards files must exist."""
        for path in must_exist:
            if path.startswith("memory:"):
                raise QgsProcessingException(
                    tr("The output cannot be a memory layer. Choose a file or a temporary file.")
                )
            folder = os.path.dirname(path)
            if folder and not os.path.isdir(folder):
                raise QgsProcessingException(tr("The folder of the output does not exist: {}").format(folder))
        for note in self.notes:
            feedback.pushInfo(note)
        places = self.inputs + [as_path(path) for path in written]
        arguments = list(self.COMMAND) + places + self.words + list(more_words)
        try:
            for job in self.exports:
                job.run(feedback)
            return run_tool(
                self.tool, arguments, must_exist, feedback, settings.verbose(), self.resumable(),
                titles=self.titles(), stand_ins=self.stand_ins,
            )
        finally:
            for job in self.exports:
                job.remove()

    def titles(self):
        """What the dialogs call things: option of a tool, key of a parameter, name of an algorithm -> title."""
        # A plan is spoken of where it is computed, too.
        dialogs = [*_all_kinds(ToolAlgorithm), self]
        found = {dialog.NAME.upper(): dialog.TITLE for dialog in dialogs}
        for option in [option for dialog in dialogs for option in dialog.OPTIONS]:
            found.update({name: option.title for name in (option.key, option.flag) if name})
        for short, name in SHORT.items():
            found[short] = found[name]
        found["--input-nodata"] = tr("Layer Properties > Transparency > Additional no data value")
        return found


def _all_kinds(kind):
    """The classes below a class."""
    for below in kind.__subclasses__():
        yield below
        yield from _all_kinds(below)
