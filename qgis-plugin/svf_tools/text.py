# SPDX-License-Identifier: GPL-2.0-or-later
"""Texts for people: translation, and commands as they would be typed.

Without QGIS (tests of the pure parts) the English texts stay as they are.
"""

import os
import re
import shlex

try:
    from qgis.PyQt.QtCore import QCoreApplication
except ImportError:
    QCoreApplication = None

CONTEXT = "svf_tools"


def tr(text):
    """The text in the language of QGIS. Called with literals only: they are collected from the source."""
    return text if QCoreApplication is None else QCoreApplication.translate(CONTEXT, text)


def quoted(word, windows=os.name == "nt"):
    """A word of a command line as one types it in a terminal of the platform; never for execution."""
    if not windows:
        return shlex.quote(word)
    if word and all(c.isalnum() or c in "_+=:./\\-" for c in word):
        return word
    # A program takes backslashes before a quote for half as many, and a quote behind one for itself.
    inside = re.sub(r'(\\*)"', r'\1\1\\"', word)
    return '"{}"'.format(re.sub(r"(\\+)$", r"\1\1", inside))


def plain_name(name):
    """A name for a file, from that of a layer, which may have any characters."""
    return "".join(c if c.isalnum() else "_" for c in name) or "layer"


def as_path(path):
    """A path that no program takes for an option."""
    return os.path.join(".", path) if path.startswith("-") else path


def bytes_text(count):
    """A number of bytes for people."""
    value = float(count)
    for unit in ("bytes", "KiB", "MiB"):
        if value < 1024:
            return "{:.0f} {}".format(value, unit)
        value /= 1024
    return "{:.1f} GiB".format(value)


def duration_text(seconds):
    """A time span for people."""
    seconds = int(round(seconds))
    if seconds < 90:
        return tr("{} s").format(seconds)
    if seconds < 90 * 60:
        return tr("{} min").format(round(seconds / 60))
    return tr("{} h {} min").format(seconds // 3600, seconds % 3600 // 60)
