#!/usr/bin/env python3
"""Packs the programs that need nothing: as an archive, and as a wheel for `pip install svf-tools`.

    python3 packaging/pack.py [TREE [PLATFORM]]

TREE is what packaging/bundled.sh or packaging/windows.sh made (target/bundled/tree), for PLATFORM:
linux-x86_64, windows-x86_64, macos-arm64 or macos-x86_64. What is made lies next to TREE:
svf-tools-VERSION-PLATFORM.zip with bin/ and share/, the wheel, and a `.sha256` of each.

The wheel installs the programs into the folder of scripts, what comes with them into share/svf-tools,
and the module svf_tools, which lies in `python` next to TREE. The module fits every Python from 3.9, the
programs do not care; so the wheel wants 3.9.
"""

import base64
import hashlib
import pathlib
import re
import stat
import sys
import zipfile

import licences

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOOLS = ("compute", "tile", "mosaic", "profile")
# How each shell calls the completions of a program.
SHELLS = {"bash": "{}", "zsh": "_{}", "fish": "{}.fish", "powershell": "{}.ps1"}
# For each platform: the tag of its wheel, and how Python calls it.
PLATFORMS = {
    "linux-x86_64": ("manylinux_2_28_x86_64", "POSIX :: Linux"),
    "windows-x86_64": ("win_amd64", "Microsoft :: Windows"),
    "macos-arm64": ("macosx_14_0_arm64", "MacOS"),
    "macos-x86_64": ("macosx_15_0_x86_64", "MacOS"),
}
# Megabytes: people download it again for each version.
LARGEST_MB = 40
# A wheel cannot contain links. pip does not change a script that is not for Python.
SCRIPT = """\
#!/bin/sh
folder=${{0%/*}}
[ "$folder" != "$0" ] || folder=.
[ ! -L "$0" ] || folder=$(dirname -- "$(readlink -f -- "$0")")
exec "$folder/svf-tools" svf_{tool} "$@"
"""
METADATA = """\
Metadata-Version: 2.4
Name: svf-tools
Version: {version}
Summary: Sky view factor of height rasters of any size: svf_compute and other programs, and a module for Python
License-Expression: MIT OR Apache-2.0
{licence_files}
Project-URL: Source, {repository}
Requires-Python: {python}
Provides-Extra: numpy
Requires-Dist: numpy >=1.23; extra == 'numpy'
Provides-Extra: xarray
Requires-Dist: numpy >=1.23; extra == 'xarray'
Requires-Dist: xarray; extra == 'xarray'
Requires-Dist: dask[array]; extra == 'xarray'
Classifier: Environment :: Console
Classifier: Operating System :: {system}
Classifier: Topic :: Scientific/Engineering :: GIS
Description-Content-Type: text/markdown

{readme}
"""
WHEEL = "Wheel-Version: 1.0\nGenerator: svf-tools\nRoot-Is-Purelib: false\nTag: py3-none-{}\n"


def from_cargo(key, manifest="Cargo.toml"):
    text = (ROOT / manifest).read_text(encoding="utf-8")
    return re.search(r'^{} = "(.*)"$'.format(key), text, re.MULTILINE).group(1)


def requires_python():
    """What the module wants: pyo3's limited API says `abi3-py39`, and pyproject.toml says `>=3.9`."""
    text = (ROOT / "crates/svf-python/Cargo.toml").read_text(encoding="utf-8")
    wanted = ">={}.{}".format(*re.search(r'"abi3-py(\d)(\d+)"', text).groups())
    if from_cargo("requires-python", "crates/svf-python/pyproject.toml") != wanted:
        sys.exit("crates/svf-python/pyproject.toml wants another Python than Cargo.toml beside it")
    return wanted


class Archive:
    """A zip archive that is the same for the same files."""

    def __init__(self, path):
        self.path = path
        self.file = zipfile.ZipFile(str(path), "w", zipfile.ZIP_DEFLATED, compresslevel=9)

    def add(self, name, content, mode):
        entry = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
        # Made on Unix, wherever it is made: only then the mode counts.
        entry.create_system = 3
        entry.external_attr = mode << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        self.file.writestr(entry, content)

    def close(self):
        """Writes the digest next to it, as sha256sum does."""
        self.file.close()
        content = self.path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        line = "{}  {}\n".format(digest, self.path.name)
        self.path.with_name(self.path.name + ".sha256").write_bytes(line.encode("ascii"))
        print(self.path, "{:.1f} MB".format(len(content) / 1e6))
        return len(content) / 1e6


def mode_of(path):
    """A regular file that all may read, and run if it is a program or a library."""
    runs = path.parent.name == "bin" or path.stat().st_mode & 0o100
    return stat.S_IFREG | (0o755 if runs else 0o644)


def files(tree):
    """All files and links of the tree, in an order that does not change."""
    return sorted(path for path in tree.rglob("*") if path.is_symlink() or path.is_file())


def check_licences(tree, platform):
    """Refuses a library that the table of licences lacks, and a text that is missing."""
    folder = licences.folder(tree, platform)
    missing = [name for name in licences.wanted(tree, platform) if not (folder / name).is_file()]
    if missing:
        sys.exit("{} is missing in {}".format(", ".join(missing), folder))


def check_completions(tree):
    """Refuses a tree without the completions of a tool for a shell."""
    folder = tree / "share/svf-tools/completions"
    for shell, name in SHELLS.items():
        missing = [tool for tool in TOOLS if not (folder / shell / name.format("svf_" + tool)).is_file()]
        if missing:
            sys.exit("the completions of {} for {} are missing in {}".format(", ".join(missing), shell, folder))


def pack_zip(tree, path):
    """bin/ and share/ with a folder above them only by the name of the archive."""
    archive = Archive(path)
    for file in files(tree):
        name = file.relative_to(tree).as_posix()
        if file.is_symlink():
            archive.add(name, str(file.readlink()).encode("utf-8"), stat.S_IFLNK | 0o777)
        else:
            archive.add(name, file.read_bytes(), mode_of(file))
    archive.close()


def contents(tree, version, platform):
    """(name in the wheel, bytes, mode) of all files but the list of them."""
    data = "svf_tools-{}.data".format(version)
    info = "svf_tools-{}.dist-info".format(version)
    executable = stat.S_IFREG | 0o755
    plain = stat.S_IFREG | 0o644
    folder = licences.folder(tree, platform)
    for file in files(tree):
        top, name = file.relative_to(tree).parts[0], file.relative_to(tree).as_posix()
        if top == "bin" and not file.is_symlink():
            yield "{}/scripts/{}".format(data, file.name), file.read_bytes(), executable
        # Once: tools and pip look for them in dist-info, and a wheel that is unpacked has it, too.
        elif top == "share" and file.parent != folder:
            yield "{}/data/{}".format(data, name), file.read_bytes(), mode_of(file)
    if not platform.startswith("windows"):
        for tool in TOOLS:
            script = SCRIPT.format(tool=tool).encode("ascii")
            yield "{}/scripts/svf_{}".format(data, tool), script, executable
    module = tree.parent / "python"
    for file in files(module):
        yield file.relative_to(module).as_posix(), file.read_bytes(), plain
    texts = sorted(folder.iterdir())
    for file in texts:
        yield "{}/licenses/{}".format(info, file.name), file.read_bytes(), plain
    tag, system = PLATFORMS[platform]
    metadata = METADATA.format(
        version=version,
        python=requires_python(),
        repository=from_cargo("repository"),
        system=system,
        licence_files="\n".join("License-File: " + file.name for file in texts),
        readme=(ROOT / "packaging/wheel.md").read_text(encoding="utf-8"),
    )
    yield info + "/METADATA", metadata.encode("utf-8"), plain
    yield info + "/WHEEL", WHEEL.format(tag).encode("ascii"), plain


def pack_wheel(tree, path, version, platform):
    archive = Archive(path)
    record = []
    for name, content, mode in contents(tree, version, platform):
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
        record.append("{},sha256={},{}".format(name, digest.decode("ascii"), len(content)))
        archive.add(name, content, mode)
    name = "svf_tools-{}.dist-info/RECORD".format(version)
    record.append(name + ",,")
    archive.add(name, ("\n".join(record) + "\n").encode("ascii"), stat.S_IFREG | 0o644)
    if archive.close() > LARGEST_MB:
        sys.exit("the wheel is larger than {} MB".format(LARGEST_MB))


def main(tree="target/bundled/tree", platform="linux-x86_64"):
    tree = (ROOT / tree).resolve()
    version = from_cargo("version")
    check_licences(tree, platform)
    check_completions(tree)
    if from_cargo("version", "crates/svf-python/Cargo.toml") != version:
        sys.exit("crates/svf-python/Cargo.toml has another version than Cargo.toml")
    pack_zip(tree, tree.parent / "svf-tools-{}-{}.zip".format(version, platform))
    name = "svf_tools-{}-py3-none-{}.whl".format(version, PLATFORMS[platform][0])
    pack_wheel(tree, tree.parent / name, version, platform)


main(*sys.argv[1:])
