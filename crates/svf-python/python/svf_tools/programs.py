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
from typing import IO, TYPE_CHECKING, Any, Callable, Dict, Iterable, Mapping, Optional, Tuple, Union

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
# Options with several values.
_LISTS = ("at", "at_cell", "bbox", "input_nodata", "measure", "srcwin", "tiles")
_LONG = {"n": "directions", "b": "band", "q": "quiet", "v": "verbose"}
# What this module uses itself, or what prints something and ends.
_NOT_HERE = ("progress", "cancel_on_stdin_eof", "help", "h", "version", "json_usage", "json")
# The program tells events, and ends when its standard input is closed, also if Python is killed.
_WATCHED = ("--progress=json", "--cancel-on-stdin-eof")
# The functions that run the programs.
_FUNCTIONS = {"svf_compute": "compute", "svf_tile": "plan", "svf_mosaic": "mosaic", "svf_profile": "point"}
# A command of GDAL, in brackets or up to the end of a text.
_OF_GDAL = re.compile(r"(\((?:gdal|ogr)\w*(?:\.py)? [^)]*\)|\b(?:gdal|ogr)\w*(?:\.py)?[ :].*)", re.DOTALL)


class ProgramError(RuntimeError):
    """A program that did not do what it was asked.

    Attributes:
        code: Stable code of the error, for example ``raster.open``; empty if there is none.
        hint: What mends it, or None.
        exit_code: 1 failed, 2 wrong arguments, 3 tiles are missing.
    """

    def __init__(self, message: str, code: str = "", hint: Optional[str] = None, exit_code: int = 1):
        super().__init__(message if not hint else f"{message}\n{hint}")
        self.code, self.hint, self.exit_code = code, hint, exit_code


def _as_arguments(text: str) -> str:
    """What a program says about its options, as they are written here; a command of GDAL stays as it is."""
    parts = _OF_GDAL.split(text)
    for i in range(0, len(parts), 2):
        long = re.sub(r"(?<![\w-])--([a-z][a-z-]*[a-z])", lambda option: option[1].replace("-", "_"), parts[i])
        parts[i] = re.sub(r"(?<![\w-])-([a-z])(?= )", lambda option: _LONG.get(option[1], option[0]), long)
    return "".join(parts)


def _hint(text: str) -> str:
    """A hint of a program, with the functions of this module in place of the programs."""

    def tiles(found: re.Match[str]) -> str:
        return f"svf_tools.tiles({json.dumps(found[1], ensure_ascii=False)})"

    def call(found: re.Match[str]) -> str:
        function = f"svf_tools.{_FUNCTIONS[found[1]]}"
        return f"{function}(..., {found[2].replace('-', '_')}=True)" if found[2] else function

    text = re.sub(r"\bsvf_compute --plan (.+?)(?=, then |$)", tiles, text)
    # Not within the name of a file.
    names = "|".join(_FUNCTIONS)
    return _as_arguments(re.sub(rf"(?<![\w./\\-])({names})(?: --([a-z-]*[a-z]))?(?![\w/\\-]|\.\w)", call, text))


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
    ``oo`` and ``config`` take a list of ``"KEY=VALUE"``, or a dictionary. ``svf_compute --help``, in a terminal,
    explains them all:

    * search: ``radius``, ``min_distance``, ``directions`` (or ``n``), ``first_azimuth``, ``north``, ``search``,
      ``check``, ``sampling``, ``divisions``, ``missing``
    * measures: ``measure``, ``signed``, ``angle_unit``, ``anisotropy_azimuth``, ``anisotropy_level``
    * heights: ``observer_height``, ``z_factor``, ``curvature``, ``refraction``, ``plain_units``, ``canopy``,
      ``trunk``, ``trunk_ratio``, ``transmissivity``
    * cells: ``receivers``, ``receivers_layer``, ``srcwin``, ``bbox``
    * input: ``band``, ``input_nodata``, ``oo``, ``config``
    * output: ``of``, ``ot``, ``nodata``, ``co``, ``separate``, ``overwrite``
    * resources: ``max_memory``, ``threads``, ``tile_size``, ``work_dir``, ``restart``, ``profile_log``, ``dry_run``

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
    return _run("svf_compute", [*_inputs(input), ("output", output)], options, progress)


def plan(
    input: Union[PathLike, Iterable[PathLike]], plan: PathLike, *, progress: Progress = False, **options: Any
) -> Dict[str, Any]:
    """Makes a plan of tiles: ``svf_tile``. See ``compute``.

    Its options are those of ``compute`` that say what is computed, and further ones:

    * search: ``radius``, ``min_distance``, ``directions`` (or ``n``), ``first_azimuth``, ``north``, ``search``,
      ``sampling``, ``divisions``, ``missing``
    * measures: ``measure``, ``signed``, ``angle_unit``, ``anisotropy_azimuth``, ``anisotropy_level``
    * heights: ``observer_height``, ``z_factor``, ``curvature``, ``refraction``, ``plain_units``, ``canopy``,
      ``trunk``, ``trunk_ratio``, ``transmissivity``
    * cells: ``receivers``, ``receivers_layer``, ``srcwin``, ``bbox``
    * input: ``band``, ``input_nodata``, ``oo``, ``config``
    * output: ``ot``, ``nodata``, ``overwrite``
    * tiles: ``tile_size``, ``skip_empty``, ``index``, ``cut``
    * resources: ``max_memory``, ``threads``, ``profile_log``
    """
    return _run("svf_tile", [*_inputs(input), ("plan", plan)], options, progress)


def tiles(plan: PathLike, *, progress: Progress = False, **options: Any) -> Dict[str, Any]:
    """Computes the tiles of a plan that are not done: ``svf_compute --plan``. See ``compute``.

    Its options are ``tiles`` and ``tile_part``, which choose some of the tiles, ``threads``, ``max_memory`` and
    ``profile_log``.
    """
    return _run("svf_compute", [], {"plan": _file("plan", plan), **options}, progress)


def mosaic(plan: PathLike, output: PathLike, *, progress: Progress = False, **options: Any) -> Dict[str, Any]:
    """Joins the tiles of a plan: ``svf_mosaic``. See ``compute``.

    Its options are ``allow_missing``, ``parts``, ``max_part_size``, ``part``, ``of``, ``co``, ``config``, ``nodata``,
    ``overwrite``, ``threads``, ``max_memory`` and ``profile_log``.
    """
    return _run("svf_mosaic", [("plan", plan), ("output", output)], options, progress)


def point(input: PathLike, **options: Any) -> Dict[str, Any]:
    """Shows what points see: ``svf_profile point``.

    ``point("dsm.tif", at=(500512.5, 5599730), radius=300)["points"][0]["measures"]["svf"]``

    ``options`` are written as those of ``compute``; ``svf_profile point --help``, in a terminal, explains them all:

    * points: ``at``, ``at_cell``, ``points``, ``crs``, ``layer``, ``station``
    * files: ``figure``, ``fisheye``, ``projection``, ``skyline``, ``sun_paths``, ``detail``, ``overwrite``
    * search: ``radius``, ``min_distance``, ``directions`` (or ``n``), ``first_azimuth``, ``north``, ``sampling``,
      ``divisions``, ``missing``
    * measures: ``measure``, ``signed``, ``anisotropy_azimuth``, ``anisotropy_level``
    * heights: ``observer_height``, ``z_factor``, ``curvature``, ``refraction``, ``plain_units``, ``canopy``,
      ``trunk``, ``trunk_ratio``, ``transmissivity``
    * input: ``band``, ``input_nodata``, ``oo``, ``config``
    * resources: ``max_memory``, ``threads``, ``profile_log``

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
        options: Those of the program, see ``point``.

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
        options: Those of the program, see ``point``: ``at=(x, y)`` or ``at_cell=(row, column)``.

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
    words = ["point", *_words(options), f"--format={format}", *_WATCHED, "--", _file("input", input)]
    events = _Events(False, silent)
    with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
        exit_code = _watch("svf_profile", words, events, file)
        file.seek(0)
        answer = file.read()
    # Where words of the command are wrong, events are printed.
    for line in answer.splitlines() if exit_code else ():
        events.read(line)
    events.check(exit_code, "svf_profile")
    return answer


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
        if not re.fullmatch(r"[A-Za-z]\w*(?<!_)", name):
            raise TypeError(f"there is no option {name}")
        value = _of_numpy(value)
        long = _LONG.get(name, name)
        flag = "--" + long.replace("_", "-")
        if value is None:
            continue
        if long in FLAGS or long in _MAY_BE_FLAGS and isinstance(value, bool):
            words += [flag] if is_true(value, name) else []
            continue
        if long not in (*_LISTS, *_PAIRS) and _is_list(value) and not isinstance(value, (set, frozenset)):
            if name == "measures":
                raise TypeError("there is no option measures: the programs call it measure")
            shape = getattr(value, "shape", None)
            raise TypeError(
                f"{name} must be one value, not {f'an array of the shape {shape}' if shape else repr(value)}"
            )
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
    if isinstance(value, (str, os.PathLike)):
        return _without_nul(os.fsdecode(value), name)
    if _is_list(value):
        shape = getattr(value, "shape", None)
        what = f"an array of the shape {shape}" if shape else f"a list that contains {type(value).__name__}"
        raise TypeError(f"{name} must be a text, a number, a path, or a list of these, not {what}")
    value = _of_numpy(value)
    if value is None or isinstance(value, bool):
        raise TypeError(f"{name} must have a value, not {value!r}; None leaves it out")
    if not hasattr(value, "__float__"):
        raise TypeError(f"{name} must be a text, a number, a path or a list, not {type(value).__name__}")
    return str(value)


def _without_nul(text: str, name: str) -> str:
    """No word of a command can have this character."""
    if "\0" in text:
        raise ValueError(f"{name} has a NUL character (\\0), which no name of a file can have: {text!r}")
    return text


def _inputs(input: Any) -> list[Tuple[str, Any]]:
    """One raster, or several."""
    if not isinstance(input, Iterable) or isinstance(input, (str, bytes, os.PathLike)):
        return [("input", input)]
    inputs = [("input", one) for one in input]
    if not inputs:
        raise ValueError("there is no input: the list is empty")
    return inputs


def _file(name: str, value: Any) -> str:
    """The path of a file, or a name that GDAL opens."""
    if isinstance(value, (str, os.PathLike)):
        path = os.fsdecode(value)
        if not path:
            raise ValueError(f"{name} is empty: give the path of a file")
        return _without_nul(path, name)
    kind = type(value).__name__
    mend = (
        "give one path"
        if isinstance(value, (list, tuple))
        else "use svf_tools.sky_view for arrays, or da.svf of xarray"
    )
    raise TypeError(f"{name} must be a path, not {kind}: {mend}")


def _run(name: str, files: list[Tuple[str, Any]], options: Dict[str, Any], progress: Progress) -> Dict[str, Any]:
    if not (callable(progress) or isinstance(_of_numpy(progress), bool)):
        raise TypeError(f"progress must be True, False or a function that gets each event, not {progress!r}")
    # A name can begin with a dash.
    names = ["--", *(_file(*file) for file in files)] if files else []
    words = [*_words(options), *_WATCHED, *names]
    events = _Events(progress if callable(progress) else _of_numpy(progress))
    events.check(_watch(name, words, events), name)
    if not events.done:
        raise ProgramError(
            f"{program(name)} ended without a result: it is another program, or one of another version",
            "program.other",
            "install the programs of this version, or set SVF_BIN_DIR to their folder",
        )
    return events.done


def _watch(name: str, words: list[str], events: _Events, answer: Optional[IO[str]] = None) -> int:
    """Runs a program to its end and reads its events; returns its exit code. ``answer`` gets what it prints."""
    path = program(name)
    try:
        process = subprocess.Popen(
            [path, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if answer is None else answer,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
    except OSError as error:
        mend = "install the programs for this system, or set SVF_BIN_DIR to their folder"
        raise ProgramError(f"cannot run {path}: {error.strerror}", "program.run", mend) from error
    try:
        # Where results are printed, events are errors.
        for line in (process.stdout if answer is None else process.stderr) or ():
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
    events.others += errors.strip().splitlines()
    return process.returncode


class _Events:
    """What a program tells, see docs/events.md."""

    def __init__(self, progress: Progress, silent: Tuple[str, ...] = ()):
        self.silent = silent
        self.done: Dict[str, Any] = {}
        self.error: Optional[Dict[str, Any]] = None
        #: Lines that are no events.
        self.others: list[str] = []
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
            self.others.append(line.strip())
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

    def check(self, exit_code: int, name: str) -> None:
        if exit_code == 0:
            return
        if exit_code == 130:
            raise KeyboardInterrupt
        if self.error:
            message, hint = self.error.get("message", ""), self.error.get("hint")
            if hint == "--help lists the options":
                hint = f"help(svf_tools.{_FUNCTIONS[name]}) lists the options"
            code = self.error.get("code", "")
            raise ProgramError(_as_arguments(message), code, hint and _hint(hint), exit_code)
        said = [line for line in self.others if line]
        raise ProgramError(said[-1] if said else f"{name} ended with {exit_code}", exit_code=exit_code)


def _print_warning(event: Dict[str, Any]) -> None:
    if event.get("type") == "warning":
        import warnings

        data = event["data"]
        hint = f" ({_hint(data['hint'])})" if data.get("hint") else ""
        warnings.warn(_as_arguments(data["message"]) + hint, stacklevel=6)
