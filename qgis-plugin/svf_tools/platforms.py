# SPDX-License-Identifier: GPL-2.0-or-later
"""What this computer is, and for which one a program was made."""

import os
import platform
import struct
import sys

from qgis.PyQt.QtCore import QSysInfo

from . import release
from .discovery import DOWNLOADS
from .text import tr

SYSTEMS = {"linux": "linux", "win32": "windows", "darwin": "macos"}
MACHINES = {"amd64": "x86_64", "x64": "x86_64", "aarch64": "arm64", "i386": "x86", "i586": "x86", "i686": "x86"}
TITLES = {"linux": "Linux", "windows": "Windows", "macos": "macOS"}
HEAD = 4096
ELF_MACHINES = {3: "x86", 40: "arm", 62: "x86_64", 183: "arm64"}
PE_MACHINES = {0x14C: "x86", 0x8664: "x86_64", 0xAA64: "arm64"}
MACH_MACHINES = {7: "x86", 0x01000007: "x86_64", 0x0100000C: "arm64"}


def here():
    """The platform of this QGIS, as archives are called: `linux-x86_64`."""
    system = SYSTEMS.get(sys.platform, sys.platform)
    machine = platform.machine().lower()
    machine = MACHINES.get(machine, machine)
    if system == "windows" and machine == "arm64":
        # Windows on ARM runs programs for x86_64, of which there are more.
        machine = "x86_64"
    if system == "linux" and machine == "x86_64" and sys.maxsize < 2**32:
        # The processor could do more, but the libraries are those of 32 bits.
        machine = "x86"
    return "{}-{}".format(system, machine)


def title(key):
    """A platform for people."""
    system, _, machine = key.partition("-")
    others = {"x86": tr("32 bits"), "arm64": "ARM", "arm": tr("ARM with 32 bits"), "?": tr("another processor")}
    machine = others.get(machine, machine)
    return "{}, {}".format(TITLES.get(system, system), machine)


def obstacle(key):
    """Why programs cannot be downloaded for a platform, in a sentence; empty if they can."""
    if key not in release.PLATFORMS:
        return tr("There are no programs to download for {}: build them from source, see {}").format(
            title(key), DOWNLOADS
        )
    if key.startswith("linux"):
        needed = ".".join(map(str, release.OLDEST_GLIBC))
        found = glibc()
        if found is None:
            return tr(
                "The programs need glibc {}, and this system has another C library (musl?): build them from source, "
                "see {}"
            ).format(needed, DOWNLOADS)
        if found < release.OLDEST_GLIBC:
            return tr(
                "The programs need glibc {} or later, and this system has {}: build them from source, see {}"
            ).format(needed, ".".join(map(str, found)), DOWNLOADS)
    if key in release.OLDEST_MACOS:
        found = macos()
        if found is not None and found < release.OLDEST_MACOS[key]:
            return tr(
                "The programs need macOS {} or later, and this is macOS {}: build them from source, see {}"
            ).format(release.OLDEST_MACOS[key], found, DOWNLOADS)
    if key not in release.ARCHIVES:
        return tr("Programs {} for {} have not been released yet.").format(release.VERSION, title(key))
    return ""


def glibc():
    """The version of glibc; None where the C library is another."""
    try:
        name, version = os.confstr("CS_GNU_LIBC_VERSION").split()
        major, minor = version.split(".")[:2]
        return (int(major), int(minor)) if name == "glibc" else None
    except (AttributeError, OSError, ValueError):
        return None


def macos():
    """The version of macOS; None where it is not told, as to a program that was made for an older one."""
    version = QSysInfo.productVersion().split(".")
    return int(version[0]) if version[0].isdigit() and version[:2] != ["10", "16"] else None


def made_for(head):
    """The platforms that a program is for, from its first HEAD bytes; empty if it is no program."""
    try:
        if head[:4] == b"\x7fELF":
            return ["linux-" + ELF_MACHINES.get(struct.unpack_from("<H", head, 18)[0], "?")]
        if head[:2] == b"MZ":
            start = struct.unpack_from("<I", head, 0x3C)[0]
            if struct.unpack_from("<4s", head, start)[0] == b"PE\0\0":
                return ["windows-" + PE_MACHINES.get(struct.unpack_from("<H", head, start + 4)[0], "?")]
        if head[:4] in (b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe"):
            return ["macos-" + MACH_MACHINES.get(struct.unpack_from("<I", head, 4)[0], "?")]
        if head[:4] == b"\xca\xfe\xba\xbe":
            count = min(struct.unpack_from(">I", head, 4)[0], 8)
            machines = [struct.unpack_from(">I", head, 8 + 20 * i)[0] for i in range(count)]
            return ["macos-" + MACH_MACHINES.get(machine, "?") for machine in machines]
    except struct.error:
        pass
    return []
