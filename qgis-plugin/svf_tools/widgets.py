# SPDX-License-Identifier: GPL-2.0-or-later
"""How several measures are chosen: QGIS 3.22 shows its own list of such a choice without a text.

In a dialog they are check boxes; in a row of a batch and in the model designer, where there is no
room for them, a list that opens. Both pass on the words of the tool.
"""

from collections import deque

from qgis.core import QgsProcessingParameterEnum, QgsProcessingParameters
from qgis.gui import (
    QgsAbstractProcessingParameterWidgetWrapper,
    QgsCheckableComboBox,
    QgsGui,
    QgsProcessingGui,
    QgsProcessingParameterWidgetFactoryInterface,
)
from qgis.PyQt import sip
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QCheckBox, QGridLayout, QWidget

from .algorithms.options import TEXTS, Measures
from .text import tr

TYPE = "svf_choices"
OF_QGIS = Measures.WIDGET
COLUMNS = 3

_kept = deque(maxlen=256)


class CheckBoxes:
    """A check box per choice, column by column."""

    def __init__(self, layout, choices, texts, changed):
        rows = -(-len(choices) // COLUMNS)
        self.boxes = []
        for i, choice in enumerate(choices):
            box = QCheckBox(choice)
            box.setToolTip(texts.get(choice, ""))
            box.toggled.connect(changed)
            layout.addWidget(box, i % rows, i // rows)
            self.boxes.append(box)
        layout.setColumnStretch(COLUMNS, 1)

    def chosen(self):
        """The choices that are ticked."""
        return [box.text() for box in self.boxes if box.isChecked()]

    def choose(self, names):
        """Ticks these and no others."""
        for box in self.boxes:
            box.setChecked(box.text() in names)


class OpeningList:
    """A line that opens into a list with a check box per choice."""

    def __init__(self, layout, choices, texts, changed):
        self.list = QgsCheckableComboBox()
        for i, choice in enumerate(choices):
            self.list.addItemWithCheckState(choice, Qt.CheckState.Unchecked)
            self.list.setItemData(i, texts.get(choice, ""), Qt.ItemDataRole.ToolTipRole)
        self.list.checkedItemsChanged.connect(changed)
        layout.addWidget(self.list, 0, 0)

    def chosen(self):
        """The choices that are ticked."""
        return self.list.checkedItems()

    def choose(self, names):
        """Ticks these and no others."""
        for i in range(self.list.count()):
            ticked = self.list.itemText(i) in names
            self.list.setItemCheckState(i, Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)


class ChoicesWrapper(QgsAbstractProcessingParameterWidgetWrapper):
    """Processing's view of the widget."""

    def __init__(self, parameter, mode):
        super().__init__(parameter, mode)
        self.alone = mode == QgsProcessingGui.WidgetType.Standard
        self.choices = None

    def createWidget(self):
        # Only what is in it is kept: the widget itself QGIS hands to Python again, as another object.
        widget = QWidget()
        layout = QGridLayout(widget)
        layout.setContentsMargins(0, 0, 0, 0)
        kind = CheckBoxes if self.alone else OpeningList
        definition = self.parameterDefinition()
        self.choices = kind(layout, definition.options(), definition.metadata().get(TEXTS) or {}, self._changed)
        return widget

    def _changed(self, *_):
        self.widgetValueHasChanged.emit(self)

    def setWidgetValue(self, value, context):
        self.choices.choose(QgsProcessingParameters.parameterAsEnumStrings(self.parameterDefinition(), value, context))

    def widgetValue(self):
        # One text: QGIS 3.22 writes a list of words into a saved batch as nothing.
        return ",".join(self.choices.chosen())


class Choices:
    """What a parameter's metadata name, for dialogs to call: makes the widget that fits the dialog."""

    def __new__(cls, parameter, dialog, row=0, col=0):
        kind = type(dialog).__name__
        if kind != "ModelerParametersDialog":
            alone, row = QgsProcessingGui.WidgetType.Standard, QgsProcessingGui.WidgetType.Batch
            return ChoicesWrapper(parameter, row if kind == "BatchAlgorithmDialog" else alone)
        # The designer's widget asks the registry for what is in it, by the type of the parameter, of
        # which it keeps no copy.
        _kept.append(ChoicesParameter(parameter))
        registry = QgsGui.processingGuiRegistry()
        widget = registry.createModelerParameterWidget(dialog.model, dialog.childId, _kept[-1], dialog.context)
        widget.setDialog(dialog)
        return widget


class ChoicesParameter(QgsProcessingParameterEnum):
    """The parameter under a type of its own."""

    def type(self):
        return TYPE

    def clone(self):
        return ChoicesParameter(self)


class ChoicesFactory(QgsProcessingParameterWidgetFactoryInterface):
    """Makes the widget for the model designer."""

    def parameterType(self):
        return TYPE

    def createWidgetWrapper(self, parameter, mode):
        wrapper = ChoicesWrapper(parameter, mode)
        # It belongs to QGIS from here on.
        sip.transferto(wrapper, None)
        return wrapper

    def compatibleParameterTypes(self):
        return ["enum", "string"]

    def compatibleOutputTypes(self):
        return ["outputString"]

    def modelerExpressionFormatString(self):
        return tr("the measures as one text, with commas between them")


def register():
    """Has the dialogs of QGIS use the widgets; the factory, which the caller keeps until it is removed."""
    factory = ChoicesFactory()
    QgsGui.processingGuiRegistry().addParameterWidgetFactory(factory)
    Measures.WIDGET = {"class": Choices.__module__ + "." + Choices.__name__}
    return factory


def remove(factory):
    """Takes them out again."""
    Measures.WIDGET = OF_QGIS
    QgsGui.processingGuiRegistry().removeParameterWidgetFactory(factory)
