#!/usr/bin/env python3
"""Puts the texts of licences beside the programs.

    python3 packaging/licences.py TREE PLATFORM

PLATFORM is linux-x86_64, windows-x86_64, macos-arm64 or macos-x86_64. TREE/share/svf-tools/licences gets
our licences, THIRD-PARTY.md, the texts of the libraries that are in TREE and of all else that comes with
the programs, and rust-crates.txt. That one has the licences of the Rust crates, from their sources.
With `debian`, which brings no libraries, TREE/usr/share/doc/svf-tools/licences gets what is left of it.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import textwrap

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLE = ROOT / "packaging/bundled/THIRD-PARTY.md"
TEXTS = ROOT / "packaging/bundled/licences"
OURS = (ROOT / "LICENSE-MIT", ROOT / "LICENSE-APACHE", TABLE)
CRATES = "rust-crates.txt"
# For each platform: how the table calls it, and how Rust does. Debian is on more than one processor.
PLATFORMS = {
    "linux-x86_64": ("Linux", "x86_64-unknown-linux-gnu"),
    "windows-x86_64": ("Windows", "x86_64-pc-windows-gnu"),
    "macos-arm64": ("macOS", "aarch64-apple-darwin"),
    "macos-x86_64": ("macOS", "x86_64-apple-darwin"),
    "debian": ("Debian", None),
}
TEXT_OF_CRATE = re.compile(r"(UN)?LICEN[CS]E|COPYING|COPYRIGHT|NOTICE", re.IGNORECASE)
HEADER = """\
Rust crates that are compiled into {what}, or whose macros write code
for them, with their licences. The texts follow, each once.

"""


def library(file):
    """The name of a library as THIRD-PARTY.md has it: `tiff` of `libtiff-fb65e6fb.so.6.2.0`."""
    found = re.match(r"(?:lib)?(.+?)(?:-[0-9a-f]{8,32})?(?:\.so|\.dll$|(?:\.[0-9]+)*\.dylib$)", file.name)
    return found and found.group(1)


def folder(tree, platform):
    """Where the texts are in a tree."""
    return tree / ("usr/share/doc/svf-tools/licences" if platform == "debian" else "share/svf-tools/licences")


def tables():
    """The texts of each library, and (where it is, its texts) of what has no file of its own."""
    libraries, others = {}, []
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        texts = re.findall(r"`([^`]+\.txt)`", cells[-1])
        if len(cells) == 5:
            libraries.update((name, texts) for name in re.findall(r"`([^`]+)`", cells[0]))
        elif len(cells) == 4:
            others.append((cells[2].split(", "), texts))
    return libraries, others


def wanted(tree, platform):
    """The names of all texts that belong to a tree. A library that the table lacks is refused."""
    libraries, others = tables()
    names = set() if platform == "debian" else {path.name for path in OURS}
    # Our own library, of Windows.
    found = {library(file) for file in tree.rglob("*") if not file.is_dir()} - {None, "svf-tools"}
    unknown = found - set(libraries)
    if unknown:
        sys.exit("THIRD-PARTY.md lacks {}".format(", ".join(sorted(unknown))))
    for name in found:
        if not libraries[name]:
            sys.exit("THIRD-PARTY.md names no text for {}".format(name))
        names.update(libraries[name])
    for where, texts in others:
        if PLATFORMS[platform][0] in where or ("all" in where and platform != "debian"):
            names.update(texts)
    return sorted(names)


def from_cargo(command, manifest, *more):
    """What a command of Cargo says about a workspace."""
    words = ["cargo", command, "--locked", "--manifest-path", str(ROOT / manifest), *more]
    return subprocess.run(words, check=True, stdout=subprocess.PIPE).stdout.decode("utf-8")


def crates_of(manifest, package, target, *features):
    """The crates that a package of ours is made of, without those that only its tests or builds need."""
    # Cargo's metadata know where they are, but count what tests need: its tree does not.
    said = from_cargo(
        "tree", manifest, "--package", package, "--target", target, "--edges", "normal", "--prefix", "none",
        "--format", "{p}", *features)
    used = set(re.findall(r"(?m)^(\S+) v(\S+)", said))
    data = json.loads(from_cargo("metadata", manifest, "--format-version", "1", "--filter-platform", target))
    # What has no source is ours.
    return [crate for crate in data["packages"] if crate["source"] and (crate["name"], crate["version"]) in used]


def texts_of_crate(crate):
    """(name, text) of the licences that a crate ships; if it ships none, the text of the one that it names."""
    sources = pathlib.Path(crate["manifest_path"]).parent
    found = {path for path in sources.iterdir() if TEXT_OF_CRATE.match(path.name) and path.is_file()}
    if crate["license_file"]:
        found.add(sources / crate["license_file"])
    if found:
        return [(path.name, path.read_text(encoding="utf-8", errors="replace")) for path in sorted(found)]
    licences = re.split(r"[ /()]+", crate["license"] or "")
    if "MIT" in licences:
        authors = ", ".join(crate["authors"]) or "the authors of " + crate["name"]
        ours = (ROOT / "LICENSE-MIT").read_text(encoding="utf-8")
        return [("MIT", re.sub(r"(?m)^Copyright .*$", lambda _: "Copyright (c) " + authors, ours))]
    if "Apache-2.0" in licences:
        return [("Apache-2.0", (ROOT / "LICENSE-APACHE").read_text(encoding="utf-8"))]
    sys.exit("{} {} has no text of its licence".format(crate["name"], crate["version"]))


def host():
    """How Rust calls this machine."""
    said = subprocess.run(["rustc", "-vV"], check=True, stdout=subprocess.PIPE).stdout.decode("utf-8")
    return re.search(r"(?m)^host: (.*)$", said).group(1)


def crates(platform):
    """The content of rust-crates.txt."""
    target = PLATFORMS[platform][1] or host()
    bundled = platform != "debian"
    used = crates_of("Cargo.toml", "svf-cli", target, *(["--features", "bundled"] if bundled else []))
    if bundled:
        used += crates_of("crates/svf-python/Cargo.toml", "svf-python", target)
    used = {"{} {}".format(crate["name"], crate["version"]): crate for crate in used}
    what = "the programs and the module for Python" if bundled else "the programs"
    parts = [HEADER.format(what=what) + "".join(
        "{}: {}\n".format(name, crate["license"] or "see below") for name, crate in sorted(used.items()))]
    # Many differ only in their lines.
    same = {}
    for name, crate in sorted(used.items()):
        for file, text in texts_of_crate(crate):
            # Some crates ship the same text by two names.
            names = same.setdefault(" ".join(text.split()), (file, text, []))[2]
            names.extend([name] if name not in names else [])
    for file, text, names in same.values():
        lines = [line.rstrip() for line in text.strip("\n").splitlines()]
        title = "{} of {}".format(file, ", ".join(names))
        parts.append("{}\n\n{}\n".format(textwrap.fill(title, 100), "\n".join(lines)))
    return ("\n" + "=" * 100 + "\n\n").join(parts)


def main(tree, platform):
    tree = pathlib.Path(tree)
    place = folder(tree, platform)
    place.mkdir(parents=True, exist_ok=True)
    ours = {path.name: path for path in OURS}
    for name in wanted(tree, platform):
        if name == CRATES:
            (place / name).write_bytes(crates(platform).encode("utf-8"))
        else:
            shutil.copyfile(str(ours.get(name, TEXTS / name)), str(place / name))


if __name__ == "__main__":
    main(*sys.argv[1:])
