# SPDX-License-Identifier: GPL-2.0-or-later
"""Sky view factor tools in the Processing toolbox of QGIS.

QGIS calls classFactory; nothing is imported before that, so that the parts without
QGIS (events, discovery) can be used and tested without it.
"""


def classFactory(iface):
    """What QGIS calls to make the plugin. iface is None in qgis_process."""
    from .plugin import SvfToolsPlugin

    return SvfToolsPlugin(iface)
