# SPDX-License-Identifier: GPL-2.0-or-later
"""Finds the tools from within QGIS: its settings and folders, and answers that are remembered.

A program is asked once, and again when its file has changed; one that gave no good answer is
asked again after a while.
"""

import os
import time

from qgis.core import QgsApplication

from . import settings
from .discovery import find, places
from .runner import ask_version

SECONDS_BEFORE_ASKING_AGAIN = 20

# HTML that offers to get the programs; empty where there is no desktop to click in.
offer = ""

_answers = {}


def locate(name):
    """The tool, or discovery.ToolNotFound."""
    search = places(os.environ, QgsApplication.qgisSettingsDirPath(), _qgis_folders())
    return find(name, settings.folder(), search, _ask)


def _ask(path):
    try:
        status = os.stat(path)
        key = (path, status.st_mtime_ns, status.st_size)
    except OSError as error:
        return str(error)
    answer, at = _answers.get(key, (None, 0.0))
    stale = not isinstance(answer, dict) and time.monotonic() - at > SECONDS_BEFORE_ASKING_AGAIN
    if answer is None or stale:
        answer = ask_version(path)
        _answers[key] = (answer, time.monotonic())
    return answer


def _qgis_folders():
    prefix = QgsApplication.prefixPath()
    folders = [
        os.path.join(prefix, "bin"),
        os.path.join(prefix, "..", "..", "bin"),
        QgsApplication.libexecPath(),
    ]
    if os.environ.get("OSGEO4W_ROOT"):
        folders.append(os.path.join(os.environ["OSGEO4W_ROOT"], "bin"))
    return folders
