# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes a picture of every dialog with all its panels open, to be looked at before a release.

    SVF_BIN_DIR=target/debug /usr/bin/python3 qgis-plugin/tools/dialogs.py FOLDER
    SVF_BIN_DIR=target/debug bash qgis-plugin/tools/newer_qgis.sh ROOT python3 qgis-plugin/tools/dialogs.py FOLDER

LC_ALL=de_DE.UTF-8 or zh_CN.UTF-8 takes them in another language (of the plugin; QGIS's own texts stay).
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tests"))

import session  # noqa: E402
from support import sample  # noqa: E402

from processing.gui.AlgorithmDialog import AlgorithmDialog  # noqa: E402
from processing.gui.BatchAlgorithmDialog import BatchAlgorithmDialog  # noqa: E402
from processing.modeler.ModelerParametersDialog import ModelerParametersDialog  # noqa: E402
from qgis.core import QgsProcessingModelAlgorithm, QgsProject, QgsRasterLayer  # noqa: E402
from qgis.PyQt.QtTest import QTest  # noqa: E402
from qgis.PyQt.QtWidgets import QGroupBox, QToolButton  # noqa: E402


def take(dialog, path, width, height):
    """Shows a dialog, opens its advanced parameters, and saves a picture of it."""
    dialog.show()
    dialog.resize(width, height)
    QTest.qWait(300)
    group = dialog.findChild(QGroupBox, "grpAdvanced")
    if group is not None and group.isVisible() and group.property("collapsed"):
        group.findChild(QToolButton, "collapseButton").click()
        QTest.qWait(500)
    if not dialog.grab().save(path):
        raise RuntimeError("cannot write " + path)
    print(path)
    dialog.hide()


def main():
    """Entry point."""
    if len(sys.argv) != 2:
        sys.exit("usage: dialogs.py FOLDER")
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    QgsProject.instance().addMapLayer(QgsRasterLayer(sample(os.path.join(folder, "dsm.tif"), 64), "dsm"))
    names = [algorithm.id() for algorithm in session.registry.algorithms() if algorithm.provider().id() == "svf"]
    for name in names:
        picture = os.path.join(folder, name.split(":")[1])
        for kind, dialog_class, width, height in (
            ("", AlgorithmDialog, 1100, 1500),
            ("_batch", BatchAlgorithmDialog, 1600, 300),
        ):
            dialog = dialog_class(session.registry.createAlgorithmById(name))
            take(dialog, picture + kind + ".png", width, height)
        model = QgsProcessingModelAlgorithm("model", "group")
        dialog = ModelerParametersDialog(session.registry.createAlgorithmById(name), model)
        take(dialog, picture + "_model.png", 700, 900)
    sys.stdout.flush()
    # Without QGIS's own end, which waits for what it has never started.
    os._exit(0)


if __name__ == "__main__":
    main()
