# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the zip for the QGIS plugin repository, and checks it against the repository's rules.

    python3 package.py OUT.zip

The same tree gives the same bytes everywhere: names are sorted, times fixed, nothing is
compressed (zlib versions differ, and the plugin is small).
"""

import configparser
import os
import re
import sys
import zipfile

PACKAGE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "svf_tools")
LARGEST_BYTES = 500_000
# What may be in the zip; all else is a mistake.
SUFFIXES = (".py", ".svg", ".qm", ".txt")
NAMES = ("LICENSE",)
NEVER_PACKED = ("__pycache__",)
REQUIRED = (
    "name",
    "description",
    "about",
    "version",
    "qgisMinimumVersion",
    "qgisMaximumVersion",
    "author",
    "email",
    "homepage",
    "tracker",
    "repository",
    "hasProcessingProvider",
    "changelog",
    "icon",
)


def files(package=PACKAGE):
    """Names in the zip -> paths, sorted."""
    found = {}
    for folder, folders, names in os.walk(package):
        folders[:] = sorted(name for name in folders if name not in NEVER_PACKED)
        for name in sorted(names):
            path = os.path.join(folder, name)
            inside = os.path.relpath(path, os.path.dirname(package)).replace(os.sep, "/")
            found[inside] = path
    return dict(sorted(found.items()))


def problems(package=PACKAGE):
    """What the repository would refuse, or its reviewers object to; empty if nothing."""
    name = os.path.basename(package)
    found = []
    if not name.isidentifier() or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]+", name) or "plugin" in name.lower():
        found.append("{}: not a name for a plugin's folder".format(name))
    packed = files(package)
    for needed in ("__init__.py", "metadata.txt", "LICENSE"):
        if "{}/{}".format(name, needed) not in packed:
            found.append("{} is missing".format(needed))
    total = 0
    for inside, path in packed.items():
        base = os.path.basename(inside)
        total += os.path.getsize(path)
        if not base.endswith(SUFFIXES) and base not in NAMES:
            found.append("{}: this kind of file does not belong in the zip".format(inside))
        if any(part.startswith(".") for part in inside.split("/")):
            found.append("{}: hidden".format(inside))
        if not inside.isascii() or "test" in inside.lower():
            found.append("{}: a name that does not belong in the zip".format(inside))
        if os.path.islink(path):
            found.append("{}: a link".format(inside))
        with open(path, "rb") as file:
            if file.read(4) in (b"\x7fELF", b"MZ\x90\x00", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe"):
                found.append("{}: a program".format(inside))
    if total > LARGEST_BYTES:
        found.append("{} bytes are more than {}".format(total, LARGEST_BYTES))
    if "{}/metadata.txt".format(name) in packed:
        found += metadata_problems(packed["{}/metadata.txt".format(name)], packed, name)
    return found


def metadata_problems(path, packed, name):
    """What is wrong in metadata.txt. Read as the repository does, where a lone percent sign is an error."""
    parser = configparser.ConfigParser()
    parser.optionxform = str
    try:
        parser.read(path, encoding="utf-8")
        general = dict(parser.items("general"))
    except configparser.Error as error:
        return ["metadata.txt: {}".format(error)]
    found = ["metadata.txt: {} is missing".format(key) for key in REQUIRED if not general.get(key, "").strip()]
    if not re.fullmatch(r"\d+\.\d+\.\d+", general.get("version", "")):
        found.append("metadata.txt: the version is not MAJOR.MINOR.PATCH")
    elif general["version"] not in general.get("changelog", ""):
        found.append("metadata.txt: the changelog does not name the version")
    if "plugin" in general.get("name", "").lower():
        found.append("metadata.txt: the name says 'plugin'")
    if "\n" in general.get("description", "").strip():
        found.append("metadata.txt: the description has more than one line")
    if "/" in general.get("author", "") or "supportsQt6" in general:
        found.append("metadata.txt: author with a slash, or supportsQt6")
    for key in ("homepage", "tracker", "repository"):
        if not general.get(key, "").startswith("https://"):
            found.append("metadata.txt: {} is no https address".format(key))
    if not general.get("qgisMaximumVersion", "").startswith("4."):
        found.append("metadata.txt: without qgisMaximumVersion=4.x QGIS 4 does not show the plugin")
    if "{}/{}".format(name, general.get("icon")) not in packed:
        found.append("metadata.txt: the icon does not exist")
    return found


def build(out, package=PACKAGE):
    """Writes the zip."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for inside, path in files(package).items():
            entry = zipfile.ZipInfo(inside, date_time=(1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            with open(path, "rb") as file:
                archive.writestr(entry, file.read())


def main():
    """Entry point."""
    if len(sys.argv) != 2:
        sys.exit("usage: package.py OUT.zip")
    found = problems()
    if found:
        sys.exit("\n".join(found))
    build(sys.argv[1])
    print("{}: {} bytes".format(sys.argv[1], os.path.getsize(sys.argv[1])))


if __name__ == "__main__":
    main()
