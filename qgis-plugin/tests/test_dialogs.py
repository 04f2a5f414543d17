# SPDX-License-Identifier: GPL-2.0-or-later
"""Every dialog as a person uses it: keys and clicks on real widgets, read back, checked, run.

The plain dialog, a row of a batch, and the model designer: each parameter of each algorithm.
"""

import os
import re
import shutil
import unittest
from unittest import mock

import session
from support import TemporaryFolder, sample

import numpy
from osgeo import gdal
from processing.gui.AlgorithmDialog import AlgorithmDialog
from processing.gui.BatchAlgorithmDialog import BatchAlgorithmDialog
from processing.gui.ConfigDialog import ConfigDialog
from processing.modeler.ModelerParametersDialog import ModelerParametersDialog
from processing.tools import dataobjects
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProcessingOutputLayerDefinition,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)
from qgis.gui import QgsCheckableComboBox
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QEvent, QPoint, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QAbstractSpinBox, QCheckBox, QComboBox, QGroupBox, QLineEdit, QToolButton
from svf_tools import runner, settings
from svf_tools.algorithms import base

KEYS = (settings.FOLDER, settings.MEMORY_MB, settings.VERBOSE)
FIXED = QgsProcessingModelChildParameterSource.fromStaticValue
LEFT = Qt.MouseButton.LeftButton
MEASURES = ("svf", "svf-anisotropic", "slope", "coverage")
# A choice of QGIS's own editor of creation options, which only the plain dialog has, and what it stands for.
PROFILE = "High"
OF_PROFILE = ["--co", "COMPRESS=DEFLATE", "--co", "PREDICTOR=2", "--co", "ZLEVEL=9"]
POINT = "500040.5,5599960.5 [EPSG:25832]"
EXTENT = "500010,500050,5599950,5599990 [EPSG:25832]"
# Of each parameter: what is typed, picked or ticked, and the words that the tool is told.
SEARCH = {
    "INPUT": ("dsm", None),
    "BAND": ("Band 2", ["--band", "2"]),
    "RADIUS": ("12.5", ["--radius", "12.5"]),
    "DIRECTIONS": ("9", ["--directions", "9"]),
    "MISSING": ("stop", ["--missing", "stop"]),
    "SAMPLING": ("divided", ["--sampling", "divided"]),
    "DIVISIONS": ("7", ["--divisions", "7"]),
    "FIRST_AZIMUTH": ("12.5", ["--first-azimuth", "12.5"]),
    "NORTH": ("true", ["--north", "true"]),
    "OBSERVER_HEIGHT": ("1.5", ["--observer-height", "1.5"]),
    "Z_FACTOR": ("2.5", ["--z-factor", "2.5"]),
    "PLAIN_UNITS": (True, ["--plain-units"]),
    "CURVATURE": (True, ["--curvature"]),
    "REFRACTION": ("0.25", ["--refraction", "0.25"]),
    "CANOPY": ("crowns", ["--canopy", "crowns.tif"]),
    "TRANSMISSIVITY": ("0.5", ["--transmissivity", "0.5"]),
    "TRUNK_RATIO": ("0.1", ["--trunk-ratio", "0.1"]),
    "MEMORY": ("300", ["--max-memory", "300M"]),
}
TRUNKS = {"CANOPY": SEARCH["CANOPY"], "TRUNK": ("trunks", ["--trunk", "trunks.tif"])}
ANISOTROPY = {
    "ANISOTROPY_AZIMUTH": ("90", ["--anisotropy-azimuth", "90.0"]),
    "ANISOTROPY_LEVEL": ("high", ["--anisotropy-level", "high"]),
}
CHOSEN = {"MEASURES": (MEASURES, ["--measure", ",".join(MEASURES)])}
MASK = {"RECEIVERS": ("crowns", ["--receivers", "crowns.tif"])}
UNIT = {"ANGLE_UNIT": ("radian", ["--angle-unit", "radian"])}
PART = {**MASK, **UNIT, "EXTENT": (EXTENT, ["--bbox=500010.0,5599950.0,500050.0,5599990.0"])}
RESOURCES = {
    "THREADS": ("1", ["--threads", "1"]),
    "CREATION_OPTIONS": ("COMPRESS=LZW", ["--co", "COMPRESS=LZW"]),
}
WRITTEN = {"OUTPUT": ("@svf.tif", ["@svf.tif"])}
ARCHIVE = {"OUTPUT": ("@svfs.zip", ["@svfs.zip"])}
EXPORTED = {"RESOLUTION": ("2", None)}
# Not together with vegetation.
NEAR = {"INPUT": SEARCH["INPUT"], "MIN_DISTANCE": ("3", ["--min-distance", "3.0"])}
CASCADE = {"INPUT": SEARCH["INPUT"], "SEARCH": ("cascade", ["--search", "cascade"])}
COMPUTE = {**SEARCH, **PART, **RESOURCES, **EXPORTED, "WORK_FOLDER": ("@work", ["--work-dir", "@work"]), **WRITTEN}
LOOK = {"INPUT": SEARCH["INPUT"], "OUTPUT": ("@table.gpkg", ["@table.gpkg"])}
# An algorithm's dialog is filled in as often as it takes to have every parameter once.
ROUNDS = {
    "skyviewfactor": [
        {**COMPUTE, **CHOSEN, **ANISOTROPY},
        {"INPUT": SEARCH["INPUT"], **TRUNKS, **WRITTEN},
        {**NEAR, **WRITTEN},
        {**CASCADE, **WRITTEN},
    ],
    "openness": [
        {**COMPUTE, "MEASURES": (("openness-negative",), ["--measure", "openness-negative"])},
        {"INPUT": SEARCH["INPUT"], **TRUNKS, **WRITTEN},
        {**NEAR, **WRITTEN},
        {**CASCADE, **WRITTEN},
    ],
    "horizonangles": [
        {**COMPUTE, "SIGNED": (True, ["--signed"])},
        {"INPUT": SEARCH["INPUT"], **TRUNKS, **WRITTEN},
        {**NEAR, **WRITTEN},
        {**CASCADE, **WRITTEN},
    ],
    "solweiginput": [
        {**{key: value for key, value in COMPUTE.items() if key not in {**MASK, **UNIT}}, **ARCHIVE},
        {"INPUT": SEARCH["INPUT"], **TRUNKS, **ARCHIVE},
    ],
    "tileplan": [
        {
            **SEARCH, **PART, **CHOSEN, **ANISOTROPY,
            "TILE_SIZE": ("64", ["--tile-size", "64"]),
            "PLAN": ("@new.json", ["@new.json"]),
            "INDEX": ("@index.gpkg", ["--index", "@index.gpkg"]),
        },
        {"INPUT": SEARCH["INPUT"], **TRUNKS, "PLAN": ("@other.json", ["@other.json"])},
        {**NEAR, "PLAN": ("@near.json", ["@near.json"])},
        {**CASCADE, "PLAN": ("@cascade.json", ["@cascade.json"])},
    ],
    "computetiles": [
        {
            "PLAN": ("@plan.json", ["--plan", "@plan.json"]),
            "TILES": ("0-1", ["--tiles", "0-1"]),
            "MEMORY": SEARCH["MEMORY"],
            "THREADS": RESOURCES["THREADS"],
        }
    ],
    "mosaic": [
        {
            "PLAN": ("@plan.json", ["@plan.json"]),
            "ALLOW_MISSING": (True, ["--allow-missing"]),
            "MEMORY": SEARCH["MEMORY"],
            **RESOURCES,
            **WRITTEN,
        }
    ],
    "sightlineprofile": [
        {
            **SEARCH, **ANISOTROPY, **EXPORTED, "OUTPUT": ("@table.gpkg", ["@table.gpkg"]),
            "POINT": (POINT, ["--at=500040.5,5599960.5"]),
            "DETAIL": ("samples", ["--detail", "samples"]),
            "FIGURE": ("@why.svg", ["--figure", "@why.svg"]),
            "FISHEYE": ("@sky.svg", ["--fisheye", "@sky.svg"]),
            "SKYLINE": ("@line.svg", ["--skyline", "@line.svg"]),
            "SUN_PATHS": (True, ["--sun-paths"]),
        },
        {**LOOK, **TRUNKS, "POINTS": ("stations", ["--points"])},
        {**LOOK, **NEAR, "POINTS": ("stations", ["--points"])},
    ],
}  # fmt: skip


def discard(dialog):
    """Deletes a dialog now: its widgets would hear of a later project, when their provider may be gone."""
    if sip.isdeleted(dialog):
        return
    dialog.hide()
    dialog.deleteLater()
    session.application.sendPostedEvents(dialog, QEvent.Type.DeferredDelete)


def inside(widget, kind):
    """The widgets of a kind in a widget that its parent shows, itself included."""
    found = widget.findChildren(kind)
    return ([widget] if isinstance(widget, kind) else []) + [one for one in found if one.isVisibleTo(widget)]


def type_into(edit, text):
    """Replaces the text of a line, as one does with the keyboard; what is not on it is pasted."""
    edit.setFocus()
    edit.selectAll()
    QTest.keyClick(edit, Qt.Key.Key_Delete)
    if text.isascii():
        QTest.keyClicks(edit, text)
    else:
        session.application.clipboard().setText(text)
        edit.paste()
    QTest.keyClick(edit, Qt.Key.Key_Tab)


def open_advanced(dialog):
    """Clicks on the arrow of the advanced parameters, where there are any."""
    group = dialog.findChild(QGroupBox, "grpAdvanced")
    session.application.processEvents()
    # QGIS remembers what was opened before.
    if group.isVisible() and group.property("collapsed"):
        QTest.mouseClick(group.findChild(QToolButton, "collapseButton"), LEFT)


def click(box):
    """Clicks on the box of a check box, not beside its text."""
    QTest.mouseClick(box, LEFT, pos=QPoint(8, box.height() // 2))


def pick(combo, text):
    """Goes down a list with the arrow key until the text is there."""
    combo.setFocus()
    combo.setCurrentIndex(0)
    for _ in range(combo.count()):
        if combo.currentText().startswith(text):
            return
        QTest.keyClick(combo, Qt.Key.Key_Down)
    raise AssertionError("{}: not among {}".format(text, [combo.itemText(i) for i in range(combo.count())]))


def tick(widget, definition, names):
    """Ticks several choices; each has to be there to be read."""
    opening = inside(widget, QgsCheckableComboBox)
    if opening:
        combo = opening[0]
        combo.showPopup()
        view = combo.view()
        texts = [combo.itemText(i) for i in range(combo.count())]
        for i, text in enumerate(texts):
            if (text in names) != (combo.itemCheckState(i) == Qt.CheckState.Checked):
                view.scrollTo(combo.model().index(i, 0))
                place = view.visualRect(combo.model().index(i, 0)).center()
                QTest.mouseClick(view.viewport(), LEFT, pos=place)
        combo.hidePopup()
    else:
        boxes = inside(widget, QCheckBox)
        texts = [box.text() for box in boxes]
        for box in boxes:
            if (box.text() in names) != box.isChecked():
                click(box)
            if len(box.toolTip()) < 10:
                raise AssertionError("{}: nothing says what it is".format(box.text()))
    if texts != list(definition.options()):
        raise AssertionError("{}: {} are shown".format(definition.name(), texts))


def use(widget, definition, what):
    """Fills in a widget in the way its kind is filled in."""
    kind = definition.type()
    if kind == "enum" and definition.allowMultiple():
        tick(widget, definition, what)
    elif what is True:
        boxes, combos = inside(widget, QCheckBox), inside(widget, QComboBox)
        if boxes:
            click(boxes[0])
        else:
            pick(combos[0], "Yes")
    elif inside(widget, QAbstractSpinBox):
        type_into(inside(widget, QAbstractSpinBox)[0].findChild(QLineEdit), what)
    elif kind == "band" and not inside(widget, QComboBox):
        type_into(inside(widget, QLineEdit)[0], what.split()[-1])
    elif kind in ("raster", "band", "enum", "source", "layer") or what == PROFILE:
        pick(inside(widget, QComboBox)[0], what)
    else:
        type_into(inside(widget, QLineEdit)[0], what)


class Dialogs(TemporaryFolder):
    def setUp(self):
        super().setUp()
        project = QgsProject.instance()
        self.addCleanup(project.clear)
        # The layers of a project, and beside them a file of each kind that a dialog asks for.
        one = gdal.Open(sample(self.path("one.tif"), 64))
        gdal.Translate(self.path("dsm.tif"), one, bandList=[1, 1])
        for name, height in (("crowns", 12), ("trunks", 3)):
            made = gdal.GetDriverByName("GTiff").CreateCopy(self.path(name + ".tif"), one)
            made.GetRasterBand(1).WriteArray(numpy.full((64, 64), height, numpy.float32))
            made = None
        for name in ("crowns", "dsm", "trunks"):
            project.addMapLayer(QgsRasterLayer(self.path(name + ".tif"), name))
        stations = QgsVectorLayer("Point?crs=EPSG:25832", "stations", "memory")
        place = QgsFeature()
        place.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(500040.5, 5599960.5)))
        stations.dataProvider().addFeature(place)
        project.addMapLayer(stations)
        plan = {"INPUT": self.path("dsm.tif"), "RADIUS": 5, "TILE_SIZE": 32, "PLAN": self.path("plan.json")}
        session.run("svf:tileplan", plan)
        session.run("svf:computetiles", {"PLAN": self.path("plan.json"), "TILES": "0"})
        self.told = []
        self.addCleanup(mock.patch.stopall)
        mock.patch.object(base, "run_tool", self.record).start()
        self.run_tool = runner.run_tool

    def record(self, tool, arguments, *rest, **named):
        """Runs the tool, and remembers what it is told."""
        self.told.append(list(arguments))
        return self.run_tool(tool, arguments, *rest, **named)

    def wait_until(self, condition):
        """Lets QGIS work; fails after a time that no slow machine needs."""
        for _ in range(2400):
            session.application.processEvents()
            if condition():
                return
            QTest.qWait(20)
        self.fail("waited in vain")

    def here(self, text):
        """The text with the folder of the test in place of an @."""
        return text.replace("@", os.path.join(self.folder, "")) if isinstance(text, str) else text

    def each(self, check):
        """Checks each algorithm with what is to be filled in, as often as it takes to have every parameter."""
        for name, rounds in ROUNDS.items():
            algorithm = session.registry.createAlgorithmById("svf:" + name)
            asked = {definition.name() for definition in algorithm.parameterDefinitions()}
            self.assertEqual(set().union(*rounds), asked, name)
            for number, values in enumerate(rounds):
                with self.subTest(algorithm=name, round=number):
                    self.told.clear()
                    shutil.rmtree(self.path("work"), ignore_errors=True)
                    os.mkdir(self.path("work"))
                    check(session.registry.createAlgorithmById("svf:" + name), values)

    def assert_told(self, values):
        """The tool was told all that was filled in."""
        self.assertEqual(len(self.told), 1)
        told = self.told[0]
        for key, (_, words) in values.items():
            words = [self.here(word) for word in words or []]
            for i, word in enumerate(words):
                found = [at for at, given in enumerate(told) if given == word or given.endswith(os.sep + word)]
                self.assertTrue(found, (key, word, told))
                if i == 1 and len(words) == 2:
                    self.assertIn(told.index(words[0]) + 1, found, (key, told))

    def test_the_plain_dialog(self):
        self.each(self.in_the_plain_dialog)

    def in_the_plain_dialog(self, algorithm, values):
        dialog = AlgorithmDialog(algorithm)
        self.addCleanup(discard, dialog)
        dialog.show()
        open_advanced(dialog)
        if "CREATION_OPTIONS" in values:
            values = {**values, "CREATION_OPTIONS": (PROFILE, OF_PROFILE)}
        wrappers = dialog.mainWidget().wrappers
        for key, (what, _) in values.items():
            wrapper = wrappers[key]
            widget = getattr(wrapper, "widget", None) or wrapper.wrappedWidget()
            self.assertTrue(widget.isVisible(), key)
            use(widget, algorithm.parameterDefinition(key), self.here(what))
        parameters = dialog.createProcessingParameters()
        self.assert_read(algorithm, values, parameters)
        self.assertEqual(algorithm.checkParameterValues(parameters, dataobjects.createContext()), (True, ""))
        finished = []
        dialog.algorithmFinished.connect(lambda successful, _: finished.append(successful))
        dialog.runButton().click()
        self.wait_until(lambda: finished)
        self.assertEqual(finished, [True])
        self.assert_told(values)
        discard(dialog)

    def assert_read(self, algorithm, values, parameters):
        """What was filled in is read back, and acceptable."""
        for key, (what, _) in values.items():
            definition, value = algorithm.parameterDefinition(key), parameters[key]
            self.assertTrue(definition.checkValueIsAcceptable(value), (key, value))
            if isinstance(value, QgsProcessingOutputLayerDefinition):
                value = value.sink.staticValue()
            if what == PROFILE:
                self.assertEqual(value, "|".join(OF_PROFILE[1::2]))
            elif definition.type() in ("raster", "source", "layer"):
                layer = QgsProject.instance().mapLayer(value)
                self.assertEqual(layer.name() if layer is not None else value, what)
            elif definition.type() in ("number", "distance"):
                self.assertEqual(value, float(what), key)
            elif definition.type() == "band":
                self.assertEqual("Band {}".format(value), what)
            elif key == "MEASURES":
                self.assertEqual(value, ",".join(what))
            elif definition.type() in ("extent", "point"):
                # QGIS writes them with nine digits behind the point.
                short = re.sub(r"(\.\d*?)0*(?=[, ])", lambda found: found[1].rstrip("."), value)
                self.assertEqual(short, what, key)
            else:
                self.assertEqual(value, self.here(what), key)

    def test_a_row_of_a_batch(self):
        self.each(self.in_a_row_of_a_batch)

    def in_a_row_of_a_batch(self, algorithm, values):
        dialog = BatchAlgorithmDialog(algorithm)
        self.addCleanup(discard, dialog)
        dialog.show()
        panel = dialog.mainWidget()
        panel.btnAdvanced.click()
        session.application.processEvents()
        parameters = {}
        for key, (what, _) in values.items():
            column, definition = panel.parameter_to_column[key], algorithm.parameterDefinition(key)
            if definition.isDestination():
                panel.tblParameters.cellWidget(1, column).setValue(self.here(what))
                continue
            wrapper = panel.wrappers[0][column]
            widget = getattr(wrapper, "widget", None) or wrapper.wrappedWidget()
            self.assertTrue(widget.isVisible(), key)
            use(widget, definition, self.here(what))
            parameters[key] = wrapper.parameterValue()
        self.assert_read(algorithm, {key: values[key] for key in parameters}, parameters)
        # A saved batch is read again as Python.
        for key, value in parameters.items():
            definition = algorithm.parameterDefinition(key)
            self.assertTrue(definition.valueAsPythonString(value, panel.processing_context), key)
        dialog.runButton().click()
        self.wait_until(lambda: not dialog.cancelButton().isEnabled())
        self.assert_told(values)
        discard(dialog)

    def test_the_model_designer(self):
        self.each(self.in_the_model_designer)

    def in_the_model_designer(self, algorithm, values):
        model = QgsProcessingModelAlgorithm("model", "tests")
        dialog = ModelerParametersDialog(algorithm, model)
        self.addCleanup(discard, dialog)
        dialog.show()
        panel = dialog.widget if hasattr(dialog.widget, "wrappers") else dialog.widget.widget
        panel.showAdvancedParametersClicked()
        sources = {}
        for key, (what, _) in values.items():
            wrapper, definition = panel.wrappers[key], algorithm.parameterDefinition(key)
            if definition.type() in ("raster", "source") or definition.isDestination():
                # Chosen from other steps, which this model does not have.
                sources[key] = self.path(what + ".tif") if definition.type() == "raster" else self.here(what)
                continue
            widget = getattr(wrapper, "widget", wrapper)
            self.assertTrue(widget.isVisible(), key)
            use(widget, definition, self.here(what))
        child = panel.createAlgorithm()
        parameters = {}
        for key, source in child.parameterSources().items():
            if key in values and key not in sources:
                parameters[key] = source[0].staticValue()
        self.assert_read(algorithm, {key: values[key] for key in parameters}, parameters)
        for key, value in sources.items():
            child.addParameterSources(key, [FIXED(value)])
        child.setChildId("step")
        model.addChildAlgorithm(child)
        session.run(model, {})
        self.assert_told(values)
        # Opened again it shows what was chosen.
        again = ModelerParametersDialog(algorithm, model, "step")
        self.addCleanup(discard, again)
        panel = again.widget if hasattr(again.widget, "wrappers") else again.widget.widget
        if "MEASURES" in values:
            self.assertEqual(panel.wrappers["MEASURES"].value().staticValue(), ",".join(values["MEASURES"][0]))
        discard(dialog)
        discard(again)


class Options(TemporaryFolder):
    """The page of the provider in the Processing options."""

    def setUp(self):
        super().setUp()
        before = {key: session.ProcessingConfig.getSetting(key) for key in KEYS}
        self.addCleanup(lambda: [session.ProcessingConfig.setSettingValue(key, before[key]) for key in KEYS])
        self.page = ConfigDialog()
        self.addCleanup(discard, self.page)
        self.page.show()
        # Settings of other providers may be wrong, which ends it before ours are looked at.
        self.page.items = {setting: item for setting, item in self.page.items.items() if setting.name in KEYS}
        self.rows = {setting.name: item for setting, item in self.page.items.items()}

    def test_what_is_typed_is_what_counts(self):
        names = {setting.name: setting.description for setting in self.page.items}
        self.assertEqual(names, {
            "SVF_FOLDER": "Folder of the svf-tools programs (empty: search)",
            "SVF_MEMORY": "Memory for a run, in MB (0: half of the free memory)",
            "SVF_VERBOSE": "Write every event of the programs to the log",
        })  # fmt: skip
        self.rows["SVF_FOLDER"].setText(self.folder)
        self.rows["SVF_MEMORY"].setText("321")
        self.rows["SVF_VERBOSE"].setCheckState(Qt.CheckState.Checked)
        self.page.accept()
        self.assertEqual((settings.folder(), settings.memory_mb(), settings.verbose()), (self.folder, 321, True))

    def test_a_number_that_is_no_memory(self):
        for text in ("-1", "much", "1.5"):
            self.rows["SVF_MEMORY"].setText(text)
            with mock.patch("processing.gui.ConfigDialog.QMessageBox") as box:
                self.page.accept()
            self.assertIn("The memory must be a whole number of MB.", box.warning.call_args[0][2], text)


if __name__ == "__main__":
    unittest.main()
