#!/usr/bin/env python3
"""Packs target/bundled/tree, which packaging/bundled.sh makes, as a wheel: `pip install svf-tools`.

    python3 packaging/wheel.py

It goes to target/bundled. The wheel has no Python code: it installs the programs into the folder of
scripts, and what comes with them into share/svf-tools.
"""

import base64
import hashlib
import pathlib
import re
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TREE = ROOT / "target/bundled/tree"
TAG = "py3-none-manylinux_2_28_x86_64"
TOOLS = ("compute", "tile", "mosaic", "profile")
# A wheel cannot contain links. pip does not change a script that is not for Python.
SCRIPT = """\
#!/bin/sh
exec "$(dirname -- "$(readlink -f -- "$0")")/svf-tools" svf_{tool} "$@"
"""
METADATA = """\
Metadata-Version: 2.1
Name: svf-tools
Version: {version}
Summary: Sky view factor of height rasters of any size: svf_compute, svf_tile, svf_mosaic, svf_profile
License: MIT OR Apache-2.0
Project-URL: Source, {repository}
Requires-Python: >=3.7
Classifier: Environment :: Console
Classifier: Operating System :: POSIX :: Linux
Classifier: Topic :: Scientific/Engineering :: GIS
Description-Content-Type: text/markdown

{readme}
"""
WHEEL = "Wheel-Version: 1.0\nGenerator: svf-tools\nRoot-Is-Purelib: false\nTag: {}\n"


def from_cargo(key):
    text = (ROOT / "Cargo.toml").read_text(encoding="utf-8")
    return re.search(r'^{} = "(.*)"$'.format(key), text, re.MULTILINE).group(1)


def contents(version):
    """(name in the wheel, bytes, mode) of all files but the list of them."""
    data = "svf_tools-{}.data".format(version)
    info = "svf_tools-{}.dist-info".format(version)
    yield data + "/scripts/svf-tools", (TREE / "bin/svf-tools").read_bytes(), 0o755
    for tool in TOOLS:
        script = SCRIPT.format(tool=tool).encode("ascii")
        yield "{}/scripts/svf_{}".format(data, tool), script, 0o755
    for path in sorted((TREE / "share").rglob("*")):
        if path.is_file():
            mode = path.stat().st_mode & 0o777
            yield "{}/data/{}".format(data, path.relative_to(TREE).as_posix()), path.read_bytes(), mode
    for path in sorted((TREE / "share/svf-tools/licences").iterdir()):
        yield "{}/licenses/{}".format(info, path.name), path.read_bytes(), 0o644
    readme = (ROOT / "packaging/wheel.md").read_text(encoding="utf-8")
    metadata = METADATA.format(version=version, repository=from_cargo("repository"), readme=readme)
    yield info + "/METADATA", metadata.encode("utf-8"), 0o644
    yield info + "/WHEEL", WHEEL.format(TAG).encode("ascii"), 0o644


def main():
    version = from_cargo("version")
    wheel = ROOT / "target/bundled" / "svf_tools-{}-{}.whl".format(version, TAG)
    record = []
    with zipfile.ZipFile(str(wheel), "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:

        def add(name, content, mode):
            # The same files give the same wheel.
            entry = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            entry.external_attr = (0o100000 | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)

        for name, content, mode in contents(version):
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
            record.append("{},sha256={},{}".format(name, digest.decode("ascii"), len(content)))
            add(name, content, mode)
        name = "svf_tools-{}.dist-info/RECORD".format(version)
        record.append(name + ",,")
        add(name, ("\n".join(record) + "\n").encode("ascii"), 0o644)
    print(wheel, "{:.1f} MB".format(wheel.stat().st_size / 1e6))


main()
