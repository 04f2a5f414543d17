# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes the pictures of docs/qgis in real QGIS; run by screenshots.sh inside it.

Each step waits for the one before through the event loop of QGIS, as a user would.
"""

import hashlib
import os
import shutil
import zipfile

from qgis.core import QgsApplication, QgsProject, QgsRasterLayer, QgsRectangle
from qgis.PyQt.QtCore import QPoint, QSize, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import (
    QApplication,
    QDockWidget,
    QFileDialog,
    QProgressBar,
    QPushButton,
    QTextBrowser,
    QToolBar,
    QTreeView,
    QWidget,
)
from qgis.utils import iface
from window import WORK, click, dialog_for, grab, in_modal, start, wait, wait_until

MODELS = os.environ["SVF_SHOT_MODELS"]
ONLY = os.environ["SVF_SHOT_ONLY"]
ARCHIVE = os.environ["SVF_SHOT_ARCHIVE"]


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


def release_archive():
    """The archive of a release: the given one, or one made of the program under test."""
    from svf_tools import release

    path = os.path.join(WORK, release.name("linux-x86_64"))
    if ARCHIVE:
        shutil.copy(ARCHIVE, path)
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(os.environ["SVF_SHOT_PROGRAM"], "bin/svf-tools")
    with open(path, "rb") as file:
        digest = release.grouped(hashlib.sha256(file.read()).hexdigest())
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(member.file_size for member in archive.infolist())
    release.ARCHIVES["linux-x86_64"] = release.Archive(os.path.getsize(path), unpacked, digest)
    return path


def take_programs():
    """From the message that the programs are missing to a first result, by clicks; and the options."""
    from processing.core.ProcessingConfig import ProcessingConfig
    from svf_tools import getprograms, tools

    window = main_window()
    before = {name: os.environ.pop(name) for name in ("SVF_BIN_DIR", "PATH")}
    # What is searched is in the picture.
    os.environ["PATH"] = "/usr/local/bin:/usr/bin:/bin"
    archive = release_archive()
    toolbox_at(window, "svf:skyviewfactor")
    tree = window.findChild(QDockWidget, "ProcessingToolbox").algorithmTree
    middle = tree.visualRect(tree.currentIndex()).center()
    said = []

    def message(dialog):
        browser = dialog.findChild(QTextBrowser)
        dialog.resize(QSize(620, 360))
        grab(dialog, "0_missing")
        browser.setTextCursor(browser.document().find("Get the programs…"))
        place = browser.cursorRect().center() - QPoint(20, 0)
        clear = browser.textCursor()
        clear.clearSelection()
        browser.setTextCursor(clear)
        in_modal(get)
        click(browser.viewport(), place)

    def get(dialog):
        grab(dialog, "0_get_programs")
        QFileDialog.getOpenFileName = lambda *_: (archive, "")
        click(dialog.file_button)
        wait_until(lambda: dialog.task is None)
        said.append(dialog.message.text())
        click(dialog.close_button)

    in_modal(message)
    QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)
    QTest.mouseDClick(tree.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)
    wait(1)
    print(said)
    managed = getprograms.managed_folder()
    if not tools.locate("svf_compute").path.startswith(managed) or QApplication.activeModalWidget():
        raise RuntimeError("the programs of the profile are not used")

    def options(dialog):
        dialog.resize(QSize(900, 560))
        page = dialog.findChild(QWidget, "processingOptions")
        view = page.findChild(QTreeView)
        row = page.findChild(QPushButton, "getPrograms")
        setting = ProcessingConfig.settings[getprograms.ROW]
        index = next(setting.items(view.model().invisibleRootItem())).index()
        view.expand(index.parent().parent())
        view.expand(index.parent())
        view.scrollTo(index)
        grab(dialog, "0_options")
        in_modal(lambda offer: (said.append(offer.windowTitle()), click(offer.close_button)))
        click(row)
        dialog.reject()

    in_modal(options)
    iface.showOptionsDialog(window, "processingOptions")
    wait(1)
    print(said)
    if len(said) != 2:
        raise RuntimeError("the button in the options does not open the dialog")
    # With the programs of the profile, by the button of the dialog.
    dsm = QgsRasterLayer(os.path.join(WORK, "dsm.tif"), "dsm")
    QgsProject.instance().addMapLayer(dsm)
    dialog = dialog_for("svf:skyviewfactor", {"INPUT": dsm.id(), "RADIUS": 50, "DIRECTIONS": 16}, (920, 620))
    click(dialog.runButton())
    wait_until(lambda: len(QgsProject.instance().mapLayers()) > 1, 60)
    dialog.close()
    QgsProject.instance().clear()
    shutil.rmtree(managed)
    os.environ.update(before)


def take():
    """The pictures of the algorithms, in the order of the tutorial."""
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


start(*[step for name, step in (("programs", take_programs), ("tutorial", take)) if ONLY in ("", name)])
