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
        self.widgets = None
        self.translator = _translator()

    def initProcessing(self):
        """Registers the provider; all that qgis_process asks for."""
        # Imported here: texts are translated on import, after the translator is in place.
        from .provider import SvfProvider

        self.provider = SvfProvider()
        QgsApplication.processingRegistry().addProvider(self.provider)

    def initGui(self):
        """Called by the desktop."""
        # Imported here: qgis_process has no use for widgets.
        from . import getprograms, widgets

        self.widgets = widgets.register()
        self.initProcessing()
        getprograms.register(self.provider.name())

    def unload(self):
        """Called when the plugin is switched off."""
        if self.widgets is not None:
            from . import getprograms

            getprograms.remove()
        if self.provider is not None:
            QgsApplication.processingRegistry().removeProvider(self.provider)
            self.provider = None
        if self.widgets is not None:
            from . import widgets

            widgets.remove(self.widgets)
            self.widgets = None
        if self.translator is not None:
            QCoreApplication.removeTranslator(self.translator)
            self.translator = None


def _translator():
    """The language of QGIS, if there is a translation for it; else English stays."""
    translator = QTranslator()
    for name in languages(QgsApplication.instance()):
        path = os.path.join(FOLDER, "i18n", "svf_tools_{}.qm".format(name))
        if os.path.exists(path) and translator.load(path):
            QCoreApplication.installTranslator(translator)
            return translator
    return None


def languages(application):
    """What a translation of QGIS's language may be called, the best first."""
    # With --lang, and with a locale set in the options, QGIS speaks another language than its locale says.
    language = application.translation() or application.locale()
    return [name for name in (language, language.replace("-", "_").split("_")[0]) if name]
