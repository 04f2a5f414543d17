# SPDX-License-Identifier: GPL-2.0-or-later
"""Opens every dialog, ticks its measures, runs it and takes pictures, in real QGIS; run by dialogs.sh inside it."""

import json
import os

from osgeo import gdal
from processing.gui.BatchAlgorithmDialog import BatchAlgorithmDialog
from processing.modeler.ModelerParametersDialog import ModelerParametersDialog
from qgis.core import QgsApplication, QgsProcessingModelAlgorithm, QgsProject, QgsRasterLayer, QgsVectorLayer
from qgis.PyQt.QtCore import QPoint
from qgis.PyQt.QtWidgets import QCheckBox, QGroupBox, QScrollArea, QToolButton
from window import OUT, WORK, click, dialog_for, grab, start, wait, wait_until

gdal.UseExceptions()
SIZE = (1100, 1500)
PLAN = os.path.join(WORK, "plan.json")
SEARCH = {"RADIUS": 20, "DIRECTIONS": 8}
# Of each algorithm: what is filled in before its measures are ticked, in the order in which they need each other.
FILLED_IN = {
    "skyviewfactor": {**SEARCH, "OUTPUT": "svf.tif"},
    "openness": {**SEARCH, "OUTPUT": "openness.tif"},
    "horizonangles": {**SEARCH, "OUTPUT": "horizon.tif"},
    "solweiginput": {**SEARCH, "OUTPUT": "svfs.zip"},
    "sightlineprofile": {**SEARCH, "POINT": "500040.5,5599960.5 [EPSG:25832]", "OUTPUT": "why.gpkg"},
    "tileplan": {**SEARCH, "TILE_SIZE": 64, "PLAN": PLAN},
    "computetiles": {"PLAN": PLAN},
    "mosaic": {"PLAN": PLAN, "OUTPUT": "joined.tif"},
}
# The measures of the plan, which the joined raster has.
everything = []


def scroll(dialog, picture):
    """A picture of the beginning of a dialog, and one of its end where that is out of sight."""
    bars = [area.verticalScrollBar() for area in dialog.mainWidget().findChildren(QScrollArea)]
    for bar in bars:
        bar.setValue(bar.minimum())
    grab(dialog, picture)
    if any(bar.maximum() > bar.minimum() for bar in bars):
        for bar in bars:
            bar.setValue(bar.maximum())
        grab(dialog, picture + "_end")


def algorithms():
    """The names of the plugin's algorithms."""
    registry = QgsApplication.processingRegistry()
    return [algorithm.name() for algorithm in registry.providerById("svf").algorithms()]


def open_advanced(dialog):
    """Clicks on the arrow of the advanced parameters, where there are any."""
    group = dialog.findChild(QGroupBox, "grpAdvanced")
    if group is not None and group.isVisible() and group.property("collapsed"):
        click(group.findChild(QToolButton, "collapseButton"))
        wait(0.5)


def measures(dialog):
    """The check boxes of the measures, by name; empty if there are none."""
    definition = dialog.algorithm().parameterDefinition("MEASURES")
    options = definition.options() if definition is not None else []
    boxes = {box.text(): box for box in dialog.findChildren(QCheckBox) if box.text() in options}
    if list(boxes) != list(options):
        raise RuntimeError("of the measures {} only {} are shown".format(options, list(boxes)))
    for box in boxes.values():
        if not box.isVisible() or box.width() < box.sizeHint().width() or box.height() < box.sizeHint().height():
            raise RuntimeError("{} cannot be read".format(box.text()))
    return boxes


def tick(boxes, names):
    """Ticks these and no others, by clicks on the boxes, not beside their texts."""
    for name, box in boxes.items():
        if box.isChecked() != (name in names):
            click(box, QPoint(8, box.height() // 2))
    if [name for name, box in boxes.items() if box.isChecked()] != list(names):
        raise RuntimeError("{} cannot be ticked".format(names))


def run(dialog):
    """Clicks on Run, and waits: what the run returns."""
    ended = []

    def note(successful, results):
        ended.append((successful, results))

    dialog.algorithmFinished.connect(note)
    click(dialog.runButton())
    wait_until(lambda: ended, 300)
    dialog.algorithmFinished.disconnect(note)
    wait(0.3)
    if ended != [(True, ended[0][1])]:
        grab(dialog, "x_failed_run")
        raise RuntimeError("{} failed".format(dialog.algorithm().name()))
    return ended[0][1]


def bands(path):
    """The measures of a raster that was computed: of each band its name without the direction."""
    raster = gdal.Open(path)
    names = [raster.GetRasterBand(i + 1).GetDescription().split(" ")[0] for i in range(raster.RasterCount)]
    for i in range(raster.RasterCount):
        low, high = raster.GetRasterBand(i + 1).ComputeRasterMinMax(False)
        print("  {:20} {:10.4f} {:10.4f}".format(names[i], low, high))
    return list(dict.fromkeys(names))


def check(name, results, wanted):
    """That the run has made what was ticked."""
    if name == "tileplan":
        with open(PLAN, encoding="utf-8") as file:
            found = json.load(file)["identity"]["options"]["measures"]
    elif name == "computetiles":
        return
    elif name == "sightlineprofile":
        found, wanted = QgsVectorLayer(results["OUTPUT"], "why", "ogr").featureCount(), SEARCH["DIRECTIONS"]
    elif name == "solweiginput":
        found, wanted = len(gdal.ReadDir("/vsizip/" + results["OUTPUT"])), 15
    else:
        found = bands(results["OUTPUT"])
    if found != wanted:
        raise RuntimeError("{}: {} was ticked, {} was computed".format(name, wanted, found))


def plain(name):
    """The plain dialog: each measure alone, then all of them."""
    values = {key: os.path.join(WORK, value) if key == "OUTPUT" else value for key, value in FILLED_IN[name].items()}
    if "PLAN" not in values or name == "tileplan":
        values["INPUT"] = QgsProject.instance().mapLayersByName("heights")[0].id()
    dialog = dialog_for("svf:" + name, values, SIZE)
    open_advanced(dialog)
    boxes = measures(dialog)
    print(name, *boxes)
    if boxes:
        for measure in boxes:
            tick(boxes, [measure])
            check(name, run(dialog), [measure])
            dialog.showParameters()
        tick(boxes, list(boxes))
    scroll(dialog, name)
    wanted = list(boxes) or {"horizonangles": ["horizon"], "mosaic": everything}.get(name)
    check(name, run(dialog), wanted)
    grab(dialog, name + "_log")
    if name == "tileplan":
        everything[:] = boxes
    dialog.close()
    project = QgsProject.instance()
    project.removeMapLayers([id for id, layer in project.mapLayers().items() if layer.name() != "heights"])


def others(name):
    """The dialogs of a batch and of the model designer."""
    algorithm = QgsApplication.processingRegistry().createAlgorithmById
    dialog = BatchAlgorithmDialog(algorithm("svf:" + name))
    show(dialog, name + "_batch", 1600, 300)
    model = QgsProcessingModelAlgorithm("model", "group")
    show(ModelerParametersDialog(algorithm("svf:" + name), model), name + "_model", 700, 900)


def show(dialog, picture, width, height):
    """A picture of a dialog, with what is advanced opened."""
    dialog.show()
    dialog.resize(width, height)
    wait(0.5)
    open_advanced(dialog)
    grab(dialog, picture)
    dialog.close()


def every_dialog():
    """All of them."""
    if set(algorithms()) != set(FILLED_IN):
        raise RuntimeError("not every algorithm is in FILLED_IN")
    os.makedirs(OUT, exist_ok=True)
    QgsProject.instance().addMapLayer(QgsRasterLayer(os.path.join(WORK, "small.tif"), "heights"))
    for name in FILLED_IN:
        plain(name)
        others(name)
    print("every measure of every dialog can be ticked and is computed")


start(every_dialog)
