# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes the pictures of docs/qgis in real QGIS; run by screenshots.sh inside it.

Each step waits for the one before through the event loop of QGIS, as a user would.
"""

import os
import sys
import time
import traceback

from qgis.core import QgsApplication, QgsProject, QgsRasterLayer, QgsRectangle, QgsSettings
from qgis.PyQt.QtCore import QCoreApplication, QSize, Qt, QTimer
from qgis.PyQt.QtWidgets import QApplication, QDockWidget, QProgressBar, QToolBar
from qgis.utils import iface

WORK = os.environ["SVF_SHOT_WORK"]
OUT = os.environ["SVF_SHOT_OUT"]
MODELS = os.environ["SVF_SHOT_MODELS"]


def wait(seconds):
    """Lets QGIS work."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QCoreApplication.processEvents()
        time.sleep(0.02)


def wait_until(condition, seconds=120):
    """Lets QGIS work until the condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError("waited in vain")
        wait(0.05)


def grab(widget, name):
    """Saves a picture."""
    wait(0.5)
    path = os.path.join(OUT, name + ".png")
    if not widget.grab().save(path):
        raise RuntimeError("cannot write " + path)


def dialog_for(algorithm, parameters, size):
    """The dialog of an algorithm as the toolbox opens it."""
    import processing

    dialog = processing.createAlgorithmDialog(algorithm, parameters)
    dialog.show()
    # Afterwards, since it takes the size of the last one.
    dialog.resize(QSize(*size))
    wait(1)
    return dialog


def main_window():
    """A window with the map, its layers and the toolbox."""
    window = iface.mainWindow()
    window.showNormal()
    window.resize(QSize(1040, 560))
    for bar in window.findChildren(QToolBar):
        bar.setVisible(bar.objectName() in ("mMapNavToolBar", "mFileToolBar"))
    for dock in window.findChildren(QDockWidget):
        dock.setVisible(dock.objectName() in ("Layers", "ProcessingToolbox"))
    # Names of layers are to be read in full.
    docks = [window.findChild(QDockWidget, name) for name in ("Layers", "ProcessingToolbox")]
    window.resizeDocks(docks, [330, 250], Qt.Orientation.Horizontal)
    window.statusBar().hide()
    wait(1)
    return window


def toolbox_at(window, algorithm):
    """The toolbox, searched for the sky, with an algorithm selected."""
    toolbox = window.findChild(QDockWidget, "ProcessingToolbox")
    toolbox.searchBox.setText("sky view")
    wait(1)
    tree = toolbox.algorithmTree
    tree.expandAll()
    title = QgsApplication.processingRegistry().algorithmById(algorithm).displayName()
    model = tree.model()
    found = model.match(model.index(0, 0), Qt.ItemDataRole.DisplayRole, title, -1, Qt.MatchFlag.MatchRecursive)
    algorithms = [index for index in found if not model.hasChildren(index)]
    tree.setCurrentIndex(algorithms[-1])
    wait(1)


def draw_map():
    """Draws the map to its end."""
    canvas = iface.mapCanvas()
    canvas.refreshAllLayers()
    wait_until(lambda: not canvas.isDrawing())
    wait(1)
    canvas.waitWhileRendering()
    wait(1)


def take():
    """All pictures, in the order of the tutorial."""
    window = main_window()
    dsm = QgsRasterLayer(os.path.join(WORK, "dsm.tif"), "dsm")
    QgsProject.instance().addMapLayer(dsm)
    iface.setActiveLayer(dsm)

    toolbox_at(window, "svf:skyviewfactor")
    # The city without its surroundings, to the edges of the picture.
    middle = dsm.extent().center()
    iface.mapCanvas().setExtent(QgsRectangle(middle.x() - 200, middle.y() - 350, middle.x() + 200, middle.y() + 350))
    draw_map()
    grab(window, "1_toolbox")

    parameters = {
        "INPUT": dsm.id(),
        "RADIUS": 200,
        "DIRECTIONS": 32,
        "MEASURES": ["svf"],
    }
    dialog = dialog_for("svf:skyviewfactor", parameters, (920, 620))
    grab(dialog, "2_dialog")
    dialog.runButton().click()
    wait_until(lambda: len(QgsProject.instance().mapLayers()) > 1, 20)
    wait(1)
    dialog.close()
    iface.layerTreeView().expandAllNodes()
    toolbox_at(window, "svf:skyviewfactor")
    draw_map()
    grab(window, "4_result")

    # The middle of a street, as in docs/profile.md.
    point = "500500.5,5599523.5 [EPSG:25832]"
    parameters = {"INPUT": dsm.id(), "POINT": point, "RADIUS": 100, "FIGURE": os.path.join(WORK, "why.svg")}
    dialog = dialog_for("svf:sightlineprofile", parameters, (920, 830))
    grab(dialog, "6_point")
    dialog.close()

    large = QgsRasterLayer(os.path.join(WORK, "large.vrt"), "whole_region")
    QgsProject.instance().addMapLayer(large, False)
    parameters = {"INPUT": large.id(), "RADIUS": 200, "DIRECTIONS": 32, "MEASURES": ["svf"]}
    dialog = dialog_for("svf:skyviewfactor", parameters, (920, 520))
    dialog.runButton().click()
    wait_until(lambda: max(bar.value() for bar in dialog.findChildren(QProgressBar)) >= 30, 500)
    grab(dialog, "3_progress")
    dialog.cancelButton().click()
    wait_until(lambda: dialog.runButton().isEnabled())
    dialog.close()

    from processing.modeler.ModelerDialog import ModelerDialog

    for name in sorted(os.listdir(MODELS)):
        if name.endswith(".model3"):
            designer = ModelerDialog()
            designer.loadModel(os.path.join(MODELS, name))
            designer.resize(QSize(1100, 640))
            designer.show()
            wait(1)
            grab(designer, "5_" + name[: -len(".model3")])
            designer.hide()


def main():
    """Takes the pictures and ends QGIS, whatever happens."""
    status = 1
    try:
        take()
        status = 0
    except Exception:  # the reason goes to the terminal; QGIS has to end
        traceback.print_exc()
        for i, widget in enumerate(QApplication.topLevelWidgets()):
            if widget.isVisible():
                widget.grab().save(os.path.join(OUT, "x_failed_{}.png".format(i)))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


QgsSettings().setValue("/Processing/Configuration/KEEP_DIALOG_OPEN", True)
QTimer.singleShot(3000, main)
