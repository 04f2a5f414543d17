# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the tools are: the places to look in, in order, and what may run there.

The first program that answers `--version --json` with a contract we speak wins. A setting that
does not work is an error, never passed over: the user would not know which tool ran. Every
message lists what was tried. Pure Python: the program is asked by a function that is passed in.
"""

import os
import re
import shutil
import sys
import sysconfig
from collections import namedtuple

from .text import tr

CONTRACT = 1
OLDEST_VERSION = (0, 1, 0)
DOWNLOADS = "https://github.com/svf-tools/svf-tools"

# Of QGIS's own GDAL, PROJ and Python: wrong for a tool that brings another GDAL along.
FOREIGN_VARIABLES = (
    "GDAL_DATA",
    "GDAL_DRIVER_PATH",
    "PROJ_LIB",
    "PROJ_DATA",
    "PYTHONHOME",
    "PYTHONPATH",
)
FOREIGN_PREFIXES = ("LD_", "DYLD_")

# `drivers` are those of its GDAL; None where it does not tell.
Tool = namedtuple("Tool", "name path version bundled_gdal drivers", defaults=(None,))
Place = namedtuple("Place", "origin folder")


class ToolNotFound(Exception):
    """No usable tool; the text says what was tried and what to do.

    `fetchable` is true where programs in the QGIS profile would be found.
    """

    def __init__(self, text, fetchable=False):
        super().__init__(text)
        self.fetchable = fetchable


def executable(name, windows=os.name == "nt"):
    """File name of a tool."""
    return name + ".exe" if windows else name


def is_foreign(variable):
    """Whether an environment variable belongs to QGIS's libraries rather than to the user."""
    upper = variable.upper()
    return upper in FOREIGN_VARIABLES or upper.startswith(FOREIGN_PREFIXES)


def clean_setting(text):
    """A path as pasted: as it is where that exists, else without the blanks and the pair of quotes around it."""
    text = text or ""
    if text.strip() and os.path.exists(text):
        return text
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1].strip()
    return os.path.expanduser(text) if text else ""


def setting_folders(path):
    """Folders that a setting stands for: itself and its bin, or those of the program it names."""
    if os.path.isfile(path):
        return [os.path.dirname(os.path.abspath(path))]
    return [path, os.path.join(path, "bin")]


def places(environ, profile_folder="", qgis_folders=()):
    """Folders to look in when no setting says where, best first."""
    found = [Place("SVF_BIN_DIR", clean_setting(environ.get("SVF_BIN_DIR")))]
    for folder in _profile_folders(profile_folder):
        found.append(Place(tr("QGIS profile"), folder))
    for folder in _python_folders():
        found.append(Place("Python", folder))
    for folder in qgis_folders:
        found.append(Place("QGIS", folder))
    for folder in environ.get("PATH", "").split(os.pathsep):
        found.append(Place("PATH", clean_setting(folder)))
    for folder in _usual_folders(environ):
        found.append(Place(tr("usual folder"), folder))
    unique, seen = [], set()
    for place in found:
        key = os.path.normcase(os.path.normpath(place.folder)) if place.folder else ""
        if key and key not in seen:
            seen.add(key)
            unique.append(Place(place.origin, os.path.normpath(place.folder)))
    return unique


def _profile_folders(profile_folder):
    """svf-tools in the profile, there or not, and the versions in it, newest first."""
    if not profile_folder:
        return []
    managed = os.path.join(profile_folder, "svf-tools")
    try:
        # What begins with a dot is being unpacked, or removed.
        names = [name for name in os.listdir(managed) if not name.startswith(".")]
        versions = [name for name in names if os.path.isdir(os.path.join(managed, name))]
    except OSError:
        versions = []
    folders = [managed, os.path.join(managed, "bin")]
    for version in sorted(versions, key=version_number, reverse=True):
        folders += [os.path.join(managed, version), os.path.join(managed, version, "bin")]
    return folders


def _python_folders():
    folders = [sysconfig.get_path("scripts")]
    user = "nt_user" if os.name == "nt" else "posix_user"
    if user in sysconfig.get_scheme_names():
        folders.append(sysconfig.get_path("scripts", user))
    folders.append(os.path.join(sys.prefix, "Scripts" if os.name == "nt" else "bin"))
    return [folder for folder in folders if folder]


def _usual_folders(environ):
    if os.name == "nt":
        roots = [environ.get(name) for name in ("ProgramFiles", "LOCALAPPDATA") if environ.get(name)]
        return [os.path.join(root, "svf-tools", "bin") for root in roots]
    home = environ.get("HOME") or os.path.expanduser("~")
    return [
        "/usr/local/bin",
        "/usr/bin",
        "/opt/homebrew/bin",
        os.path.join(home, ".cargo", "bin"),
        os.path.join(home, ".local", "bin"),
    ]


def find(name, setting, search_places, ask):
    """The tool `name`, or ToolNotFound.

    `ask(path)` runs the program and returns the JSON object it prints, or a text that says what
    is wrong with it.
    """
    setting = clean_setting(setting)
    if setting:
        return _from_setting(name, setting, ask)
    tried = []
    for place in search_places:
        path = shutil.which(executable(name), path=place.folder)
        if path is None:
            tried.append("{} ({})".format(place.folder, place.origin))
            continue
        answer = judge(name, path, ask(path))
        if isinstance(answer, Tool):
            return answer
        tried.append("{}: {}".format(path, answer))
    raise ToolNotFound(
        tr(
            "{name} was not found. This plugin needs the svf-tools programs. Get them under Settings > Options > "
            "Processing > Providers > Sky view factor, or install them yourself: see {url}. If they are "
            "installed already, enter their folder there."
        ).format(name=name, url=DOWNLOADS)
        + "\n"
        + tr("Searched:")
        + "".join("\n  " + line for line in tried),
        fetchable=True,
    )


def _from_setting(name, setting, ask):
    wrong = tr("The Processing options name a wrong folder for the svf-tools programs: {}").format(setting)
    if not os.path.exists(setting):
        raise ToolNotFound(wrong + "\n" + tr("It does not exist."))
    for folder in setting_folders(setting):
        path = shutil.which(executable(name), path=folder)
        if path is not None:
            answer = judge(name, path, ask(path))
            if isinstance(answer, Tool):
                return answer
            raise ToolNotFound("{}\n{}: {}".format(wrong, path, answer))
    reason = tr("It does not contain {}.").format(executable(name))
    if os.path.isfile(setting):
        reason = tr("There is no {} next to it.").format(executable(name))
    hint = tr("Clear the setting to search the usual folders.")
    raise ToolNotFound("{}\n{} {}".format(wrong, reason, hint))


def judge(name, path, answer):
    """A Tool, or a text that says why the program cannot be used."""
    if not isinstance(answer, dict):
        return str(answer)
    version, contract = answer.get("version"), answer.get("contract")
    if not isinstance(version, str) or not isinstance(contract, int) or isinstance(contract, bool):
        return tr("does not report its version")
    if contract != CONTRACT or version_number(version) < OLDEST_VERSION:
        newer = contract > CONTRACT
        advice = tr("update the plugin") if newer else tr("update the programs")
        needed = ".".join(map(str, OLDEST_VERSION))
        return tr("version {} (contract {}) does not work with this plugin, which needs {} (contract {}): {}").format(
            version, contract, needed, CONTRACT, advice
        )
    gdal = answer.get("gdal")
    gdal = gdal if isinstance(gdal, dict) else {}
    return Tool(name, path, version, gdal.get("linkage") == "bundled", _texts(gdal.get("drivers")))


def _texts(value):
    """A list of texts as a tuple; None for anything else."""
    is_one = isinstance(value, list) and all(isinstance(text, str) for text in value)
    return tuple(value) if is_one else None


def version_number(text):
    """(major, minor, patch) of a version; zeros where there is no number."""
    numbers = []
    for part in text.split("-")[0].split("+")[0].split(".")[:3]:
        # Not isdigit(): that takes figures that int() does not.
        numbers.append(int(part) if re.fullmatch("[0-9]{1,9}", part) else 0)
    return tuple(numbers + [0] * (3 - len(numbers)))
