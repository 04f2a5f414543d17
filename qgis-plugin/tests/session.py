# SPDX-License-Identifier: GPL-2.0-or-later
"""QGIS without a display, with a profile of its own and the provider in it. Imported once per process."""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile

from support import PLUGIN_ROOT, bin_dir

HOME = tempfile.mkdtemp(prefix="svf-qgis-")
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
os.environ.update(
    QT_QPA_PLATFORM=os.environ.get("SVF_QT_PLATFORM", "offscreen"),
    XDG_RUNTIME_DIR=HOME,
    QGIS_CUSTOM_CONFIG_PATH=os.path.join(HOME, "profile"),
    HOME=HOME,
    QGIS_PLUGINPATH=PLUGIN_ROOT,
    PYTHONDONTWRITEBYTECODE="1",
    SVF_BIN_DIR=bin_dir(),
)
for plugins in ("/usr/share/qgis/python/plugins",):
    if plugins not in sys.path:
        sys.path.append(plugins)

from qgis.core import QgsApplication  # noqa: E402

application = QgsApplication([b"qgis"], True)
application.initQgis()

import processing  # noqa: E402
from processing.core.Processing import Processing  # noqa: E402
from processing.core.ProcessingConfig import ProcessingConfig  # noqa: E402

Processing.initialize()

from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsProject  # noqa: E402

import svf_tools  # noqa: E402

plugin = svf_tools.classFactory(None)
plugin.initGui()
registry = QgsApplication.processingRegistry()


class RecordingFeedback(QgsProcessingFeedback):
    """Remembers messages, and may cancel at a progress."""

    def __init__(self, cancel_at=None):
        super().__init__(False)
        self.cancel_at = cancel_at
        self.percents = []
        self.warnings = []
        self.errors = []
        self.infos = []
        self.commands = []
        self.progressChanged.connect(self._progress)

    def _progress(self, percent):
        self.percents.append(percent)
        if self.cancel_at is not None and percent >= self.cancel_at:
            self.cancel()

    def pushWarning(self, text):
        self.warnings.append(text)

    def reportError(self, text, fatalError=False):
        self.errors.append(text)

    def pushInfo(self, text):
        self.infos.append(text)

    def pushCommandInfo(self, text):
        self.commands.append(text)


def run(algorithm, parameters, feedback=None, context=None):
    """processing.run"""
    return processing.run(algorithm, parameters, feedback=feedback or RecordingFeedback(), context=context)


def qgis_process(*arguments, **options):
    """qgis_process as a program of its own. Debian's wrapper passes options that it does not know."""
    binary = shutil.which("qgis_process.bin") or "qgis_process"
    return subprocess.run([binary, *arguments], capture_output=True, text=True, check=False, **options)


def enable_for_qgis_process():
    """Switches the plugin on in the profile."""
    done = qgis_process("plugins", "enable", "svf_tools")
    if "svf_tools" not in done.stdout:
        raise RuntimeError("qgis_process did not enable the plugin: " + done.stdout + done.stderr)


__all__ = [
    "ProcessingConfig",
    "QgsProcessingContext",
    "QgsProject",
    "RecordingFeedback",
    "application",
    "enable_for_qgis_process",
    "plugin",
    "qgis_process",
    "registry",
    "run",
]
