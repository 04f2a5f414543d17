# SPDX-License-Identifier: GPL-2.0-or-later
"""Puts the provider into Processing and takes it out again.

Works the same in the desktop and in qgis_process, where there is no iface.
"""

import os

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication, QTranslator

FOLDER = os.path.dirname(__file__)


class SvfToolsPlugin:
    """Entry point of the plugin."""

    def __init__(self, iface):
        self.provider = None
        self.translator = _translator()

    def initProcessing(self):
        """Registers the provider; all that qgis_process asks for."""
        # Imported here: texts are translated on import, after the translator is in place.
        from .provider import SvfProvider

        self.provider = SvfProvider()
        QgsApplication.processingRegistry().addProvider(self.provider)

    def initGui(self):
        """Called by the desktop."""
        self.initProcessing()

    def unload(self):
        """Called when the plugin is switched off."""
        if self.provider is not None:
            QgsApplication.processingRegistry().removeProvider(self.provider)
            self.provider = None
        if self.translator is not None:
            QCoreApplication.removeTranslator(self.translator)
            self.translator = None


def _translator():
    """The language of QGIS, if there is a translation for it; else English stays."""
    locale = QgsApplication.instance().locale()
    translator = QTranslator()
    for name in (locale, locale.replace("-", "_").split("_")[0]):
        path = os.path.join(FOLDER, "i18n", "svf_tools_{}.qm".format(name))
        if name and os.path.exists(path) and translator.load(path):
            QCoreApplication.installTranslator(translator)
            return translator
    return None
