"""Runs the programs of svf-tools: files of any size, within a memory limit."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterable, Mapping, Optional, Tuple, Union

if TYPE_CHECKING:
    import pandas

PathLike = Union[str, "os.PathLike[str]"]
Progress = Union[bool, Callable[[Dict[str, Any]], None]]

#: Options without a value.
FLAGS = ("allow_missing", "curvature", "dry_run", "overwrite", "plain_units", "quiet", "restart", "separate", "signed")
FLAGS += ("skip_empty", "verbose")
# Their value can be left out.
_MAY_BE_FLAGS = ("sun_paths",)
# Options that can be given several times, each time with KEY=VALUE.
_PAIRS = ("co", "oo", "config")
_LONG = {"n": "directions", "b": "band", "q": "quiet", "v": "verbose"}
# What this module uses itself, or what prints something and ends.
_NOT_HERE = ("progress", "cancel_on_stdin_eof", "help", "h", "version", "json_usage", "json")


class ProgramError(RuntimeError):
    """A program that did not do what it was asked.

    Attributes:
        code: Stable code of the error, for example ``raster.open``; empty if there is none.
        hint: What mends it, or None.
        exit_code: 1 failed, 2 wrong arguments, 3 tiles are missing.
    """

    def __init__(self, message: str, code: str = "", hint: Optional[str] = None, exit_code: int = 1):
        message, hint = _as_arguments(message), hint and _as_arguments(hint)
        super().__init__(message if not hint else f"{message}\n{hint}")
        self.code, self.hint, self.exit_code = code, hint, exit_code


def _as_arguments(text: str) -> str:
    """What a program says about its options, as they are written here; a command stays as it is."""
    if re.search(r"\b(svf_|gdal|ogr)\w*[ :]", text):
        return text
    return re.sub(r"(?<![\w-])--([a-z][a-z-]*[a-z])", lambda option: option[1].replace("-", "_"), text)


def compute(
    input: Union[PathLike, Iterable[PathLike]],
    output: PathLike,
    *,
    progress: Progress = False,
    **options: Any,
) -> Dict[str, Any]:
    """Computes sky measures of a raster file of any size: ``svf_compute``.

    ``options`` are those of the program, with ``_`` for ``-``:
    ``compute("dsm.tif", "svf.tif", radius=300, measure=["svf", "svf-cosine"], max_memory="4G")``.
    An option without a value is True or False; None leaves any of them out. A list is one with commas; ``co``,
    ``oo`` and ``config`` take a list of ``"KEY=VALUE"``, or a dictionary.

    Args:
        input: The raster, or several that are read as one.
        output: The raster to write.
        progress: True shows a bar (of tqdm, if it is installed); a function gets each event.

    Returns:
        The data of the ``done`` event: outputs and statistics.

    Raises:
        ProgramError: The program failed.
        TypeError: An option whose value is of a wrong type.
        KeyboardInterrupt: The program was stopped and left nothing behind.
    """
    return _run("svf_compute", [*_inputs(input), output], options, progress)


def plan(
    input: Union[PathLike, Iterable[PathLike]], plan: PathLike, *, progress: Progress = False, **options: Any
) -> Dict[str, Any]:
    """Makes a plan of tiles: ``svf_tile``. See ``compute``."""
    return _run("svf_tile", [*_inputs(input), plan], options, progress)


def tiles(plan: PathLike, *, progress: Progress = False, **options: Any) -> Dict[str, Any]:
    """Computes the tiles of a plan that are not done: ``svf_compute --plan``. See ``compute``."""
    return _run("svf_compute", [], {"plan": plan, **options}, progress)


def mosaic(plan: PathLike, output: PathLike, *, progress: Progress = False, **options: Any) -> Dict[str, Any]:
    """Joins the tiles of a plan: ``svf_mosaic``. See ``compute``."""
    return _run("svf_mosaic", [plan, output], options, progress)


def point(input: PathLike, **options: Any) -> Dict[str, Any]:
    """Shows what points see: ``svf_profile point``.

    ``point("dsm.tif", at=(500512.5, 5599730), radius=300)["points"][0]["measures"]["svf"]``

    Returns:
        The JSON of the program: raster, options and points.

    Raises:
        ProgramError: The program failed.
    """
    return json.loads(_profile(input, options, "json"))


def points(input: PathLike, points: Any, **options: Any) -> pandas.DataFrame:
    """The measures of many points as a table of pandas: ``svf_profile point --points``.

    ``points("dsm.tif", stations, radius=300, measure="svf-cosine")``

    Args:
        input: The raster.
        points: A table of pandas (or a dictionary) with columns ``x`` and ``y`` (in the CRS of the raster, or of the
            option ``crs``) or ``lon`` and ``lat``, one of geopandas with points, pairs ``(x, y)``, also as an array,
            or a vector file.
        options: Those of the program, see ``compute``.

    Returns:
        A row for each point, in the same order: ``status`` (``ok``, or why there is no value), ``row``, ``col``
        and ``height`` of the cell, and the measures, NaN without a value. A table keeps its index and its
        columns; one of them that has the name of a result gets the prefix ``points_``. Points of a file
        have all columns of the program's table.

    Raises:
        ImportError: pandas is not installed.
        ValueError: The table has no coordinates, or its geometries are no points.
        TypeError: Points, or an option, of a wrong type.
        ProgramError: The program failed, or no point has a value.
    """
    if "detail" in options:
        raise TypeError("detail cannot be an option here: the table has one row for each point")
    try:
        import pandas
    except ModuleNotFoundError as error:
        if error.name != "pandas":
            raise
        raise ImportError("svf_tools.points needs pandas: pip install pandas", name="pandas") from error

    if isinstance(points, (str, os.PathLike)):
        return pandas.read_csv(io.StringIO(_profile(input, {"points": points, **options}, "csv")))
    from . import tables

    table = tables.table_of(points)
    places, crs = tables.places_of(table)
    if crs is not None:
        options = {"crs": crs, **options}
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "points.csv")
        places.to_csv(file, index=False)
        # The docstring says in which CRS x and y are.
        text = _profile(input, {"points": file, **options}, "csv", silent=("points.crs",))
    return tables.with_found(table, pandas.read_csv(io.StringIO(text)))


def figure(input: PathLike, *, fisheye: bool = False, **options: Any) -> Figure:
    """Draws what a point sees, for a notebook: ``svf_profile point --figure``.

    ``figure("dsm.tif", at=(500512.5, 5599730), radius=300)``

    Args:
        input: The raster.
        fisheye: The sky as a fisheye camera sees it, instead of heights, sections and horizon.
        options: Those of the program, see ``compute``: ``at=(x, y)`` or ``at_cell=(row, column)``.

    Returns:
        A picture that notebooks show.

    Raises:
        ProgramError: The program failed.
    """
    fisheye = is_true(fisheye, "fisheye")
    if "figure" in options:
        raise TypeError("figure() returns the picture and takes no figure: .save(path) writes it to a file")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "figure.svg")
        _profile(input, {"fisheye" if fisheye else "figure": file, **options}, "csv")
        return Figure(file.read_text("utf-8"))


class Figure:
    """A picture as SVG, which notebooks show.

    Attributes:
        svg: The text of the picture.
    """

    def __init__(self, svg: str):
        self.svg = svg

    def _repr_svg_(self) -> str:
        return self.svg

    def save(self, path: PathLike) -> None:
        """Writes the picture to a file; one with this name is replaced."""
        Path(path).write_text(self.svg, "utf-8")


def _profile(input: PathLike, options: Dict[str, Any], format: str, silent: Tuple[str, ...] = ()) -> str:
    """What ``svf_profile point`` writes to standard output; warnings with the codes ``silent`` are not told."""
    if "format" in options:
        raise TypeError("format cannot be an option here")
    words = ["point", *_words(options), f"--format={format}", "--progress=json", "--", _file(input)]
    done = subprocess.run(
        [program("svf_profile"), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    events = _Events(False, silent)
    # Where words of the command are wrong, events are printed.
    told = done.stderr.splitlines() + (done.stdout.splitlines() if done.returncode else [])
    for line in told:
        events.read(line)
    events.check(done.returncode, "svf_profile", done.stderr)
    return done.stdout


def program(name: str) -> str:
    """The path of a program: in SVF_BIN_DIR, near this package, beside this Python, or on the PATH.

    Raises:
        ProgramError: It is nowhere.
    """
    # Of one installation, programs and package have the same version: with --user, --prefix and
    # --target, the programs are near the package; in a wheel that was only unpacked, beside it.
    package = Path(__file__).resolve().parent.parent
    places = [os.environ.get("SVF_BIN_DIR"), *map(str, package.glob("svf_tools-*.data/scripts"))]
    places += [str(up / folder) for up in [package, *list(package.parents)[:3]] for folder in ("bin", "Scripts")]
    places += [sysconfig.get_path("scripts"), os.path.dirname(sys.executable)]
    for place in places:
        if place and (found := shutil.which(name, path=place)):
            return found
    if found := shutil.which(name):
        return found
    raise ProgramError(
        f"{name} was not found",
        "program.missing",
        "install the programs of svf-tools, or set SVF_BIN_DIR to their folder",
        2,
    )


def _words(options: Dict[str, Any]) -> list[str]:
    """Options as words of the command. A value is in the word of its option: then it is never taken for a file."""
    words = []
    for name, value in options.items():
        if name in _NOT_HERE:
            raise TypeError(f"{name} cannot be an option here")
        value = _of_numpy(value)
        long = _LONG.get(name, name)
        flag = "--" + long.replace("_", "-")
        if value is None:
            continue
        if long in FLAGS or long in _MAY_BE_FLAGS and isinstance(value, bool):
            words += [flag] if is_true(value, name) else []
            continue
        words += [f"{flag}={text}" for text in _values(value, name, long in _PAIRS)]
    return words


def _of_numpy(value: Any) -> Any:
    """The number of Python in one of numpy."""
    return value.item() if getattr(value, "ndim", None) == 0 else value


def is_true(value: Any, name: str) -> bool:
    value = _of_numpy(value)
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be True or False, not {value!r}")
    return value


def _values(value: Any, name: str, has_pairs: bool) -> list[str]:
    """The texts of an option; each of them needs the option once more."""
    if isinstance(value, Mapping) and has_pairs:
        return [f"{key}={_text(item, name)}" for key, item in value.items()]
    if isinstance(value, (str, os.PathLike)) or not isinstance(value, Iterable):
        return [_text(value, name)]
    if isinstance(value, (Mapping, set, frozenset, bytes)):
        raise TypeError(f"{name} must be a text, a number, a path or a list, not {type(value).__name__}")
    items = list(value)
    if not items:
        raise ValueError(f"{name} is empty: leave it out, or give None")
    # Several points.
    if name in ("at", "at_cell") and all(_is_list(item) for item in items):
        return [",".join(_text(number, name) for number in item) for item in items]
    texts = [_text(item, name) for item in items]
    return texts if has_pairs else [",".join(texts)]


def _is_list(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes, os.PathLike, Mapping))


def _text(value: Any, name: str) -> str:
    if isinstance(value, os.PathLike):
        return str(os.fspath(value))
    if _is_list(value):
        shape = getattr(value, "shape", None)
        what = f"an array of the shape {shape}" if shape else f"a list that contains {type(value).__name__}"
        raise TypeError(f"{name} must be a text, a number, a path, or a list of these, not {what}")
    value = _of_numpy(value)
    if value is None or isinstance(value, bool):
        raise TypeError(f"{name} must have a value, not {value!r}; None leaves it out")
    if not (isinstance(value, str) or hasattr(value, "__float__")):
        raise TypeError(f"{name} must be a text, a number, a path or a list, not {type(value).__name__}")
    return str(value)


def _inputs(input: Any) -> list[Any]:
    """One raster, or several."""
    if not isinstance(input, Iterable) or isinstance(input, (str, bytes, os.PathLike)):
        return [input]
    inputs = list(input)
    if not inputs:
        raise ValueError("there is no input: the list is empty")
    return inputs


def _file(value: Any) -> str:
    """The path of a file, or a name that GDAL opens."""
    if isinstance(value, (str, os.PathLike)):
        return os.fspath(value)
    kind = type(value).__name__
    mend = (
        "give one path"
        if isinstance(value, (list, tuple))
        else "use svf_tools.sky_view for arrays, or da.svf of xarray"
    )
    raise TypeError(f"a file must be a path, not {kind}: {mend}")


def _run(name: str, files: list[Any], options: Dict[str, Any], progress: Progress) -> Dict[str, Any]:
    if not callable(progress):
        progress = is_true(progress, "progress")
    # A name can begin with a dash.
    names = ["--", *map(_file, files)] if files else []
    # The program ends when its standard input is closed, also if Python is killed.
    process = subprocess.Popen(
        [program(name), *_words(options), "--progress=json", "--cancel-on-stdin-eof", *names],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    events = _Events(progress)
    try:
        for line in process.stdout or ():
            events.read(line)
        _, errors = process.communicate()
    except BaseException:
        # Also Ctrl-C: nothing half-written may be left. The program stops and cleans up when its
        # standard input is closed, which `communicate` does. No signal: a terminal has sent one
        # already, and a second one would end the program before it has cleaned up.
        process.communicate()
        raise
    finally:
        events.close()
    events.check(process.returncode, name, errors)
    return events.done


class _Events:
    """What a program tells, see docs/events.md."""

    def __init__(self, progress: Progress, silent: Tuple[str, ...] = ()):
        self.silent = silent
        self.done: Dict[str, Any] = {}
        self.error: Optional[Dict[str, Any]] = None
        self.tell = progress if callable(progress) else None
        self.bar = None
        if progress is True:
            try:
                from tqdm.auto import tqdm
            except ImportError:
                self.tell = _print_warning
            else:
                self.bar = tqdm(total=100, unit="%", bar_format="{l_bar}{bar}| {elapsed}<{remaining}")

    def read(self, line: str) -> None:
        try:
            event = json.loads(line)
        except ValueError:
            return
        if not isinstance(event, dict):
            return
        kind, data = event.get("type"), event.get("data", {})
        if kind == "warning" and data.get("code") in self.silent:
            return
        if kind == "done":
            self.done = data
        elif kind == "error":
            self.error = data
        elif kind == "progress" and self.bar is not None:
            self.bar.update(100 * data.get("fraction", 0) - self.bar.n)
        elif kind == "warning" and self.tell is None:
            _print_warning(event)
        if self.tell is not None:
            self.tell(event)

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()

    def check(self, exit_code: int, name: str, errors: str = "") -> None:
        if exit_code == 0:
            return
        if exit_code == 130:
            raise KeyboardInterrupt
        if self.error:
            message = self.error.get("message", "")
            raise ProgramError(message, self.error.get("code", ""), self.error.get("hint"), exit_code)
        said = errors.strip().splitlines()
        raise ProgramError(said[-1] if said else f"{name} ended with {exit_code}", exit_code=exit_code)


def _print_warning(event: Dict[str, Any]) -> None:
    if event.get("type") == "warning":
        import warnings

        data = event["data"]
        hint = f" ({_as_arguments(data['hint'])})" if data.get("hint") else ""
        warnings.warn(_as_arguments(data["message"]) + hint, stacklevel=5)
