# SPDX-License-Identifier: GPL-2.0-or-later
"""Shared by what is done in a real window of QGIS: waiting, clicks, pictures, the end."""

import os
import sys
import time
import traceback

from qgis.core import QgsSettings
from qgis.PyQt.QtCore import QCoreApplication, QSize, Qt, QTimer
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication

WORK = os.environ["SVF_SHOT_WORK"]
OUT = os.environ["SVF_SHOT_OUT"]


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


def in_modal(work):
    """Calls `work` with the modal dialog that opens next; an exception in it ends QGIS."""
    before = QApplication.activeModalWidget()

    def look():
        modal = QApplication.activeModalWidget()
        if modal is None or modal is before:
            QTimer.singleShot(50, look)
            return
        try:
            wait(0.5)
            work(modal)
        except Exception:  # it would be lost in the event loop of Qt
            fail()

    QTimer.singleShot(50, look)


def click(widget, place=None):
    """A click of the left button."""
    arguments = [] if place is None else [Qt.KeyboardModifier.NoModifier, place]
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, *arguments)


def fail():
    """The reason goes to the terminal, what is seen into pictures; QGIS has to end."""
    traceback.print_exc()
    for i, widget in enumerate(QApplication.topLevelWidgets()):
        if widget.isVisible():
            widget.grab().save(os.path.join(OUT, "x_failed_{}.png".format(i)))
    finish(1)


def finish(status):
    """Ends QGIS."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def start(*steps):
    """Takes the steps when QGIS is there, and ends it, whatever happens."""

    def work():
        try:
            for step in steps:
                step()
        except Exception:  # the reason is told, and QGIS ends
            fail()
        finish(0)

    QgsSettings().setValue("/Processing/Configuration/KEEP_DIALOG_OPEN", True)
    QTimer.singleShot(3000, work)
