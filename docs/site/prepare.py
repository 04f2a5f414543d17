"""Lays out the pages of the site: prepare.py FOLDER BIN_DIR

Copies docs/ and the README to FOLDER, adapts links to their new places, turns notebooks into pages,
and writes the options of the programs in BIN_DIR. A link to a file that does not exist is an error.
"""

import base64
import html
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path, PurePosixPath

from latex2mathml.converter import convert

ROOT = Path(__file__).resolve().parents[2]
REPOSITORY = "https://github.com/svf-tools/svf-tools/blob/main/"
PROGRAMS = ("svf_compute", "svf_tile", "svf_mosaic", "svf_profile")

#: Pages outside docs/, and where they are on the site.
OTHERS = {
    "README.md": "index.md",
    "README.zh-CN.md": "zh.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "packaging/README.md": "packaging.md",
    "packaging/cluster/README.md": "cluster.md",
}

#: The target of a link or picture, and its heading.
LINK = re.compile(r"(\]\(\s*)([^)\s#]+)?(#[^)\s]*)?(\s*\))")
FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)


def places() -> dict[str, str]:
    """Where each file of the repository is on the site."""
    files = dict(OTHERS)
    for path in sorted((ROOT / "docs").rglob("*")):
        name = path.relative_to(ROOT).as_posix()
        if path.is_file() and not name.startswith("docs/site/") and path.suffix not in (".sh", ".txt", ".json"):
            place = name.removeprefix("docs/")
            files[name] = place.removesuffix(".ipynb") + ".md" if path.suffix == ".ipynb" else place
    return files


def adapted(text: str, source: str, files: dict[str, str]) -> str:
    """The Markdown of `source` with links that fit the site."""

    def link(match: re.Match[str]) -> str:
        before, target, anchor, after = match.groups()
        if not target or re.match(r"[a-z]+:", target):
            return match[0]
        path = os.path.normpath(PurePosixPath(source).parent / target)
        if (ROOT / path).is_dir() and f"{path}/README.md" in files:
            path = f"{path}/README.md"
        if path in files:
            target = os.path.relpath(files[path], PurePosixPath(files[source]).parent)
        elif (ROOT / path).exists():
            target = REPOSITORY + path
        else:
            raise SystemExit(f"{source}: {target} does not exist")
        return f"{before}{target}{anchor or ''}{after}"

    parts, end = [], 0
    for code in FENCED.finditer(text):
        parts += [LINK.sub(link, text[end : code.start()]), code[0]]
        end = code.end()
    return "".join([*parts, LINK.sub(link, text[end:])])


def notebook(source: str, place: Path, files: dict[str, str]) -> str:
    """A notebook as Markdown; its pictures go beside it."""
    out, pictures = [], 0
    for cell in json.loads((ROOT / source).read_text("utf-8"))["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            text = adapted(text, source, files)
            text = re.sub(r"\$\$(.+?)\$\$", lambda m: convert(m[1], display="block"), text, flags=re.DOTALL)
            out.append(re.sub(r"\$([^$\n]+)\$", lambda m: convert(m[1]), text))
            continue
        out.append(f"```python\n{text}\n```")
        said = ""
        for output in cell["outputs"]:
            data = output.get("data", {})
            suffix = next((s for s in ("png", "svg+xml") if f"image/{s}" in data), None)
            if suffix is None:
                said += "".join(output.get("text") or data.get("text/plain", ""))
                continue
            content = "".join(data[f"image/{suffix}"])
            picture = place.with_name(f"{place.stem}_{pictures}.{suffix[:3]}")
            picture.write_bytes(base64.b64decode(content) if suffix == "png" else content.encode())
            pictures += 1
            out += [printed(said), f"![output of the cell above]({picture.name})"]
            said = ""
        out.append(printed(said))
    return "\n\n".join(out) + "\n"


def printed(text: str) -> str:
    """What a cell has printed."""
    return f"``` {{ .text .output }}\n{text.rstrip()}\n```" if text.strip() else ""


def options(program: Path) -> str:
    """The page of a program's options, from its own definitions."""
    usage = json.loads(subprocess.run([program, "--json-usage"], capture_output=True, check=True, text=True).stdout)
    out = [f"# Options of {program.name}\n\nWritten by `{program.name} --json-usage` and `--help`."]
    for command in usage.get("commands") or [usage]:
        words = [command["name"]] if "commands" in usage else []
        if words == ["help"]:
            continue
        depth = "##"
        if words:
            out.append(f"## {program.name} {words[0]}")
            depth = "###"
        groups: dict[str, list[dict]] = {}
        for argument in command["arguments"]:
            groups.setdefault(argument["category"], []).append(argument)
        for category, arguments in groups.items():
            out.append(f"{depth} {category}{f' ({words[0]})' if words else ''}\n\n| option | | default |\n|---|---|---|\n" + "\n".join(map(row, arguments)))
        help_text = subprocess.run([program, *words, "--help"], capture_output=True, check=True, text=True).stdout
        out.append(f"{depth} The whole help{f' ({words[0]})' if words else ''}\n\n```text\n{help_text.rstrip()}\n```")
    return "\n\n".join(out) + "\n"


def row(argument: dict) -> str:
    value = argument["metavar"] if argument["takes_value"] else ""
    if argument["positional"]:
        name = argument["metavar"]
    else:
        short = f"-{argument['short']}, " if argument["short"] else ""
        name = f"{short}--{argument['name']} {value}".strip()
    # A name of an option is not divided between lines.
    name = f'<code class="option">{html.escape(name)}</code>'
    text = argument["help"].replace("|", "\\|").replace("*", "\\*").replace("<", "&lt;")
    if argument["takes_value"] and argument["choices"]:
        text += ": " + ", ".join(f"`{choice}`" for choice in argument["choices"])
    if argument["repeatable"] and "repeated" not in text:
        text += " (can be repeated)"
    default = f"`{argument['default']}`" if argument["default"] else ""
    return f"| {name.replace('|', '&#124;')} | {text} | {default} |"


def main(folder: Path, programs: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    files = places()
    for source, place in files.items():
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.endswith(".ipynb"):
            shutil.copy(ROOT / source, target.with_suffix(".ipynb"))
            title, _, rest = notebook(source, target, files).partition("\n")
            target.write_text(f"{title}\n\n[Download this notebook]({target.stem}.ipynb){{ download }}\n{rest}", "utf-8")
        elif source.endswith(".md"):
            target.write_text(adapted((ROOT / source).read_text("utf-8"), source, files), "utf-8")
        else:
            shutil.copy(ROOT / source, target)
    for name in ("style.css", "python-api.md", "rust-api.md"):
        shutil.copy(ROOT / "docs/site" / name, folder / name)
    (folder / "options").mkdir()
    for name in PROGRAMS:
        (folder / "options" / f"{name}.md").write_text(options(programs / name), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
