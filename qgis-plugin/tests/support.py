# SPDX-License-Identifier: GPL-2.0-or-later
"""Shared by the tests: where things are, a feedback that remembers, fixtures.

`cargo xtask ci` sets SVF_BIN_DIR to the folder of the freshly built programs.
"""

import faulthandler
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

TESTS = os.path.dirname(os.path.abspath(__file__))
PLUGIN_ROOT = os.path.dirname(TESTS)
PACKAGE = os.path.join(PLUGIN_ROOT, "svf_tools")
REPOSITORY = os.path.dirname(PLUGIN_ROOT)
sys.dont_write_bytecode = True
# A hang is a failure that says where.
faulthandler.dump_traceback_later(900, exit=True)
sys.path.insert(0, PLUGIN_ROOT)


def bin_dir():
    """Folder of the programs under test."""
    folder = os.environ.get("SVF_BIN_DIR")
    if not folder or not os.path.exists(os.path.join(folder, "svf_compute")):
        raise RuntimeError("SVF_BIN_DIR must name the folder of svf_compute; `cargo xtask ci` sets it")
    return os.path.abspath(folder)


def program(name):
    """Path of a program under test."""
    return os.path.join(bin_dir(), name)


class Feedback:
    """Remembers what it is told; the methods of QgsProcessingFeedback that the plugin calls."""

    def __init__(self, cancel_when=None):
        self.log = []
        self.percents = []
        self.texts = []
        self.cancel_when = cancel_when
        self.polls = 0

    def isCanceled(self):
        self.polls += 1
        return self.cancel_when is not None and bool(self.cancel_when(self))

    def setProgress(self, percent):
        self.percents.append(percent)

    def setProgressText(self, text):
        self.texts.append(text)

    def said(self, kind):
        """The texts of one kind."""
        return [text for said, text in self.log if said == kind]

    def __getattr__(self, name):
        if not name.startswith("push") and name != "reportError":
            raise AttributeError(name)
        return lambda text, *rest: self.log.append((name, text))


class TemporaryFolder(unittest.TestCase):
    """A test with a folder of its own, whose name is hard to get right."""

    def setUp(self):
        self.folder = os.path.join(tempfile.mkdtemp(prefix="svf-"), "it's a \"höhe\" & 漢字 (1)")
        os.mkdir(self.folder)
        self.addCleanup(shutil.rmtree, os.path.dirname(self.folder), ignore_errors=True)

    def path(self, *parts):
        """A path in it."""
        return os.path.join(self.folder, *parts)


def make_executable(path, text):
    """Writes a program."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, 0o700)
    return path


def sample(path, size=256):
    """A synthetic city, `size` cells wide."""
    subprocess.run([program("xtask"), "sample", path, "--size", str(size)], check=True, stdout=subprocess.DEVNULL)
    return path


def svf_compute(*arguments):
    """What the command line does."""
    subprocess.run([program("svf_compute"), *arguments, "--quiet"], check=True)


def leftovers(folder):
    """Unfinished files."""
    return [name for name in os.listdir(folder) if "partial" in name]
