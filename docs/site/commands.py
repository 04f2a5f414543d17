"""Runs the commands of the pages for beginners: python3 docs/site/commands.py BIN_DIR

Each indented block of docs/start/*.md and of the start in README.zh-CN.md runs with bash; those of docs/python.md, and
the lines for Python of both READMEs, with Python. They have the rasters that the block of docs/install.md makes, and what
the blocks before them on the same page have made, and nothing else. Needs GDAL's programs. PYTHON_OF_PAGES is a Python with
svf_tools and what docs/python.md names; without it, this one. A command that fails is an error.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def blocks_of_python(text: str) -> str:
    """The fenced blocks of Python of a page, one after the other."""
    return "\n".join(re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE))


def run(words: list[str], page: str, folder: str, programs: Path) -> bool:
    """Whether a command of a page succeeds; what it says if not is shown."""
    path = f"{programs.resolve()}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "SVF_BIN_DIR": str(programs.resolve()), "MPLBACKEND": "Agg"}
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        print(f"{page}: {words[-1]}\n{done.stderr}")
    return done.returncode == 0


def blocks(text: str) -> list[str]:
    """The indented blocks of a page."""
    found = re.findall(r"(?:^ {4}\S.*\n)+", text, re.MULTILINE)
    return [re.sub(r"^ {4}", "", block, flags=re.MULTILINE) for block in found]


def section(text: str, heading: str) -> str:
    return text.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def commands(pages: dict[str, str]) -> dict[str, list[list[str]]]:
    """The commands of each page."""
    python = [os.environ.get("PYTHON_OF_PAGES", sys.executable), "-c"]
    found = {name: [["bash", "-ec", block] for block in blocks(text)] for name, text in pages.items() if name.startswith("docs/start/")}
    found["README.zh-CN.md"] = [["bash", "-ec", block] for block in blocks(section(pages["README.zh-CN.md"], "十分钟上手"))]
    for name, heading in (("README.md", "In Python"), ("README.zh-CN.md", "在 Python 中")):
        found.setdefault(name, []).extend([*python, block] for block in blocks(section(pages[name], heading)))
    # Python's blocks use what earlier ones have made.
    found["docs/python.md"] = [[*python, blocks_of_python(pages["docs/python.md"])]]
    return found


def main(programs: Path) -> int:
    names = ["README.md", "README.zh-CN.md", "docs/install.md", "docs/python.md"]
    names += [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "docs/start").glob("*.md"))]
    pages = {name: (ROOT / name).read_text("utf-8") for name in names}
    sample = blocks_of_python(section(pages["docs/install.md"], "A raster to try"))
    failed = count = 0
    for name, several in commands(pages).items():
        if not several:
            failed += 1
            print(f"{name}: no command was found")
        with tempfile.TemporaryDirectory() as folder:
            # As a reader who has only what the pages say; the sample needs no package.
            for words in [[sys.executable, "-c", sample], *several]:
                count += 1
                failed += not run(words, name, folder, programs)
    print(f"{count} commands of {len(pages)} pages, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
