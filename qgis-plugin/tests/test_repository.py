# SPDX-License-Identifier: GPL-2.0-or-later
"""The plugin repository's gates, run on what the zip holds: no finding, no suppression.

SVF_GATE_DIR names the folder of bandit, detect-secrets and flake8; `cargo xtask ci` sets it.
"""

import ast
import enum
import functools
import importlib
import importlib.util
import json
import os
import shutil
import subprocess
import unittest
import zipfile

from support import PACKAGE, PLUGIN_ROOT, REPOSITORY, TemporaryFolder

from svf_tools import release

_spec = importlib.util.spec_from_file_location("package", os.path.join(PLUGIN_ROOT, "tools", "package.py"))
package = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(package)


def gate(*command):
    """Runs a tool of the gate."""
    folder = os.environ.get("SVF_GATE_DIR")
    if not folder:
        raise RuntimeError("SVF_GATE_DIR must name the folder of bandit; `cargo xtask ci` sets it")
    program = os.path.join(folder, command[0])
    return subprocess.run([program, *command[1:]], capture_output=True, text=True, check=False)


def sources(*folders):
    """The Python files below folders, parsed."""
    for top in folders:
        for folder, _, names in os.walk(top):
            for name in sorted(names):
                if name.endswith(".py"):
                    path = os.path.join(folder, name)
                    with open(path, encoding="utf-8") as file:
                        yield path, ast.parse(file.read())


class Gate(unittest.TestCase):
    def test_bandit(self):
        # The server's own list leaves out B404 (importing subprocess) and runs the others.
        done = gate("bandit", "-r", PACKAGE, "--skip", "B404", "-f", "json")
        report = json.loads(done.stdout)
        self.assertEqual(report["results"], [])
        self.assertEqual(report["errors"], [])
        self.assertGreater(report["metrics"]["_totals"]["loc"], 500)
        self.assertEqual(report["metrics"]["_totals"]["nosec"], 0)

    def test_detect_secrets(self):
        done = gate("detect-secrets", "scan", "--all-files", PACKAGE)
        self.assertEqual(json.loads(done.stdout)["results"], {})

    def test_flake8(self):
        done = gate("flake8", "--isolated", "--max-line-length", "120", PLUGIN_ROOT)
        self.assertEqual(done.stdout + done.stderr, "")

    def test_no_suppressions(self):
        for path, _ in sources(PACKAGE):
            with open(path, encoding="utf-8") as file:
                text = file.read()
            for mark in ("nosec", "noqa", "pragma:", "type: ignore", "pylint:"):
                self.assertNotIn(mark, text, path)


class Zip(TemporaryFolder):
    def test_the_rules_of_the_repository(self):
        self.assertEqual(package.problems(), [])

    def test_the_same_tree_gives_the_same_bytes(self):
        copy = self.path("svf_tools")
        shutil.copytree(PACKAGE, copy)
        os.makedirs(os.path.join(copy, "__pycache__"), exist_ok=True)
        with open(os.path.join(copy, "__pycache__", "x.pyc"), "wb") as file:
            file.write(b"x")
        for name, source in (("a.zip", PACKAGE), ("b.zip", copy)):
            package.build(self.path(name), source)
        with open(self.path("a.zip"), "rb") as a, open(self.path("b.zip"), "rb") as b:
            self.assertTrue(a.read() == b.read())
        self.assertLess(os.path.getsize(self.path("a.zip")), package.LARGEST_BYTES)
        with zipfile.ZipFile(self.path("a.zip")) as archive:
            self.assertIsNone(archive.testzip())
            self.assertEqual({name.split("/")[0] for name in archive.namelist()}, {"svf_tools"})
            self.assertIn("svf_tools/LICENSE", archive.namelist())

    def test_each_rule_notices(self):
        breaches = {
            "metadata.txt": "[general]\nname=x\nabout=100 %\n",
            "tool.exe": "MZ\x90\x00",
            ".hidden.py": "",
            "test_x.py": "",
        }
        for name, text in breaches.items():
            copy = self.path("svf_tools")
            shutil.copytree(PACKAGE, copy)
            with open(os.path.join(copy, name), "w", encoding="latin-1") as file:
                file.write(text)
            self.assertNotEqual(package.problems(copy), [], name)
            shutil.rmtree(copy)
        for name in ("LICENSE", "metadata.txt", "__init__.py"):
            copy = self.path("svf_tools")
            shutil.copytree(PACKAGE, copy)
            os.remove(os.path.join(copy, name))
            self.assertEqual(package.problems(copy)[0], "{} is missing".format(name))
            shutil.rmtree(copy)

    def test_version_and_licence_are_those_of_the_repository(self):
        with open(os.path.join(REPOSITORY, "Cargo.toml"), encoding="utf-8") as file:
            cargo = file.read()
        with open(os.path.join(PACKAGE, "metadata.txt"), encoding="utf-8") as file:
            metadata = file.read()
        version = next(line for line in metadata.splitlines() if line.startswith("version=")).split("=")[1]
        self.assertIn('\nversion = "{}"\n'.format(version), cargo)
        self.assertEqual(release.VERSION, version)
        for path, _ in sources(PLUGIN_ROOT):
            with open(path, encoding="utf-8") as file:
                self.assertEqual(file.readline(), "# SPDX-License-Identifier: GPL-2.0-or-later\n", path)


class Qt6(unittest.TestCase):
    """What QGIS 4 needs and cannot be run here."""

    def test_qt_comes_through_qgis(self):
        for path, tree in sources(PLUGIN_ROOT):
            for node in ast.walk(tree):
                modules = []
                if isinstance(node, ast.ImportFrom):
                    modules = [node.module or ""]
                elif isinstance(node, ast.Import):
                    modules = [alias.name for alias in node.names]
                for module in modules:
                    self.assertFalse(module.startswith(("PyQt", "PySide", "sip")), path)
                    self.assertNotIn("resources_rc", module, path)

    def test_classes_have_what_is_named_and_enums_are_scoped(self):
        for path, tree in sources(PLUGIN_ROOT):
            self.assertEqual(list(wrong_members(tree)), [], path)

    def test_members_of_enums_are_not_ordered(self):
        # An int in Qt 5, and nothing that can be compared in Qt 6.
        found, members = [], member_names() | member_names("qgis.PyQt.QtNetwork")
        for path, tree in sources(PACKAGE):
            for node in ast.walk(tree):
                if isinstance(node, ast.Compare) and any(isinstance(op, ORDERS) for op in node.ops):
                    sides = [node.left, *node.comparators]
                    found += [path for side in sides if isinstance(side, ast.Attribute) and side.attr in members]
        self.assertEqual(found, [])

    def test_the_check_of_members_notices(self):
        tree = ast.parse(
            "from qgis.core import QgsProcessing, Qgis, QgsProcessingParameterDefinition as D\n"
            "from qgis.PyQt.QtCore import Qt\n"
            "import qgis.core\n"
            "a = QgsProcessing.TypeRaster\n"
            "b = QgsProcessing.SourceType.TypeRaster\n"
            "c = Qgis.versionInt()\n"
            "d = D.FlagAdvanced | D.Flag.FlagHidden\n"
            "e = Qt.red\n"
            "f = qgis.core.QgsProcessing.TypeFile\n"
            "g = self.FlagCanCancel\n"
            "h = QgsProcessing.neverHeardOf()\n"
            "i = D.Flag.FlagNeverHeardOf\n"
        )
        self.assertEqual(
            sorted(wrong_members(tree)),
            [
                "D.Flag.FlagNeverHeardOf", "D.FlagAdvanced", "FlagCanCancel", "QgsProcessing.TypeRaster",
                "QgsProcessing.neverHeardOf", "Qt.red", "TypeFile",
            ],
        )  # fmt: skip

    def test_what_qt6_and_qgis_4_took_away(self):
        for path, tree in sources(PLUGIN_ROOT):
            self.assertEqual(names_in(tree) & GONE, set(), path)

    def test_the_check_of_what_is_gone_notices(self):
        tree = ast.parse("from qgis.PyQt.QtCore import QVariant as V, QRegExp\nx.exec_()\nfrom qgis.PyQt.Qt import y\n")
        self.assertEqual(names_in(tree) & GONE, {"QVariant", "QRegExp", "exec_", "qgis.PyQt.Qt"})


# Removed, renamed or moved in Qt 6 or QGIS 4; or, as QVariant.Int and the QgsField made with it, with
# other members there. What is not used needs no care.
GONE = set(
    "exec_ print_ desktop QDesktopWidget QRegExp QRegExpValidator QTextCodec QMatrix QStringRef qApp toTime_t "
    "setTime_t fromTime_t globalPos MidButton TextColorRole BackgroundColorRole HighQualityAntialiasing QVariant "
    "QgsField QgsWkbTypes QgsUnitTypes QgsMapLayerProxyModel QgsFieldProxyModel QAction QActionGroup QShortcut "
    "QFontMetrics resources_rc pyqtWrapperType setMargin qgis.PyQt.Qt qgis.utils.QGis "
    "ProcessingAlgorithmFlag ProcessingParameterFlag ProcessingSourceType DistanceUnit LayerFilter".split()
)


ORDERS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def names_in(tree):
    """Attributes and imports, also those under another name."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            names.add(node.attr)
        elif isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {alias.name for alias in node.names} | {getattr(node, "module", None)}
    return names


def is_member(value):
    """Whether a value is a member of an enum of QGIS or Qt: a number of a type of its own."""
    return isinstance(value, (int, enum.Enum)) and type(value) not in (int, bool)


MODULES = ("qgis.core", "qgis.gui", "qgis.PyQt.QtCore", "qgis.PyQt.QtGui", "qgis.PyQt.QtWidgets")


@functools.lru_cache()
def member_names(*modules):
    """What members of enums are called, in all modules."""
    found = set()
    for module in modules or MODULES:
        for owner in vars(importlib.import_module(module)).values():
            if isinstance(owner, type):
                found |= {name for name in dir(owner) if name[0].isupper() and is_member(getattr(owner, name, None))}
    return {name for name in found if not name.isupper()}


def wrong_members(tree):
    """Members of classes of QGIS and Qt that do not exist, and those of enums without the enum before them."""
    classes, ours = {}, set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            ours |= {alias.asname or alias.name for alias in node.names if not alias.name.startswith("qgis.")}
        if not isinstance(node, ast.ImportFrom):
            continue
        if node.level or not node.module.startswith("qgis."):
            ours |= {alias.asname or alias.name for alias in node.names}
        elif node.module != "qgis.utils":
            module = importlib.import_module(node.module)
            for alias in node.names:
                if isinstance(getattr(module, alias.name, None), type):
                    classes[alias.asname or alias.name] = getattr(module, alias.name)
    members = member_names()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute):
            continue
        chain, start = [node.attr], node.value
        while isinstance(start, ast.Attribute):
            chain.insert(0, start.attr)
            start = start.value
        if isinstance(start, ast.Name) and start.id in classes:
            owner = value = classes[start.id]
            for name in chain:
                owner, value = value, getattr(value, name, None)
            if isinstance(owner, type) and (value is None or (len(chain) == 1 and is_member(value))):
                yield ".".join([start.id, *chain])
        elif node.attr in members and not (isinstance(start, ast.Name) and start.id in ours):
            yield node.attr


if __name__ == "__main__":
    unittest.main()
