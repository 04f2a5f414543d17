# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes into the plugin what the released archives of the programs are: size and SHA-256 of each.

    /usr/bin/python3 qgis-plugin/tools/pins.py FOLDER

FOLDER holds svf-tools-VERSION-PLATFORM.zip as they are uploaded. Each is checked as the plugin does
it. A platform that is missing there is one that has not been released.
"""

import hashlib
import os
import re
import sys
import zipfile

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, ROOT)

from svf_tools import fetch, platforms, release  # noqa: E402
from svf_tools.discovery import executable  # noqa: E402

RELEASE = os.path.join(ROOT, "svf_tools", "release.py")


def pin(path, platform):
    """The Archive of a file; ValueError says what is wrong with it."""
    program = "bin/" + executable(fetch.ALL_IN_ONE, windows=platform.startswith("windows"))
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        for member in members:
            fetch.inside(member.orig_filename.rstrip("/"))
        if program not in archive.namelist():
            raise ValueError("there is no {} in it".format(program))
        with archive.open(program) as file:
            kinds = platforms.made_for(file.read(platforms.HEAD))
        if platform not in kinds:
            raise ValueError("{} is for {}".format(program, " ".join(kinds) or "no platform"))
    with open(path, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    unpacked = sum(member.file_size for member in members)
    return release.Archive(os.path.getsize(path), unpacked, release.grouped(digest))


def pins(folder):
    """Platform -> Archive of all archives in a folder, in the order of the platforms."""
    pattern = re.escape(release.NAME).replace(r"\{version\}", "(.+?)").replace(r"\{platform\}", "([a-z]+-.+)")
    found = {}
    for name in sorted(os.listdir(folder)):
        match = re.fullmatch(pattern, name)
        if match is None:
            continue
        version, platform = match.groups()
        if version != release.VERSION:
            raise ValueError("{}: the plugin gets version {}".format(name, release.VERSION))
        if platform not in release.PLATFORMS:
            raise ValueError("{}: unknown platform".format(name))
        try:
            found[platform] = pin(os.path.join(folder, name), platform)
        except (ValueError, fetch.FetchError, zipfile.BadZipFile) as error:
            raise ValueError("{}: {}".format(name, error)) from error
    if not found:
        raise ValueError("there is no archive of version {} in {}".format(release.VERSION, folder))
    return {platform: found[platform] for platform in release.PLATFORMS if platform in found}


def write(found):
    """Puts them into the source."""
    with open(RELEASE, encoding="utf-8") as file:
        text = file.read()
    lines = ["ARCHIVES = {"]
    for platform, archive in found.items():
        lines.append('    "{}": Archive('.format(platform))
        lines.append("        {},".format(archive.size))
        lines.append("        {},".format(archive.unpacked_size))
        lines.append('        "{}",'.format(archive.sha256))
        lines.append("    ),")
    lines.append("}")
    text, count = re.subn(r"^ARCHIVES = \{.*?\}$", "\n".join(lines), text, flags=re.MULTILINE | re.DOTALL)
    if count != 1:
        raise ValueError("{} has no ARCHIVES".format(RELEASE))
    with open(RELEASE, "w", encoding="utf-8") as file:
        file.write(text)


def main():
    """Entry point."""
    if len(sys.argv) != 2:
        sys.exit("usage: pins.py FOLDER")
    try:
        found = pins(sys.argv[1])
        write(found)
    except (OSError, ValueError) as error:
        sys.exit("pins.py: {}".format(error))
    for platform in release.PLATFORMS:
        print(platform if platform in found else "not there: " + platform)


if __name__ == "__main__":
    main()
