# SPDX-License-Identifier: GPL-2.0-or-later
"""What a tool says while it runs: JSON Lines in, messages of Processing out.

Tools print one JSON object a line ({"type": ..., "data": {...}}). Unknown types and keys are
ignored, lines that are no JSON go to the console log: nothing a tool prints is an exception here.
Pure Python: the feedback is anything with the methods of QgsProcessingFeedback that are called.
"""

import json
import os
import re
import sys
import time
from collections import deque

from .text import bytes_text, duration_text, tr
from .words import TILES_NAMED, in_words

LONGEST_LINE_BYTES = 1 << 20
STDERR_LINES_KEPT = 40
SECONDS_BETWEEN_TEXTS = 4
WARNINGS_SHOWN = 100
# They come before or after the work that the bar shows.
SHORT_STAGES = ("check", "ground", "finish")
OPTION = re.compile(r"(?<![\w-])(?:--[a-z][a-z-]*[a-z]|-[a-z])(?![\w-])")
# From the name of a program of GDAL to the end of the line, or to what is said behind it.
COMMAND = re.compile(r"(\b(?:gdal|ogr)\w+(?:\.py)? -.*?(?=; |$))", re.MULTILINE)


class LineSplitter:
    """Cuts a stream of bytes into lines of text, whatever the pieces it comes in."""

    def __init__(self):
        self.rest = b""

    def feed(self, piece):
        """The lines that the piece completes."""
        lines = (self.rest + bytes(piece)).split(b"\n")
        self.rest = lines.pop()
        if len(self.rest) > LONGEST_LINE_BYTES:
            lines.append(self.rest)
            self.rest = b""
        return [_decode(line) for line in lines]

    def finish(self):
        """The last line, if the stream ended without a line break."""
        line, self.rest = self.rest, b""
        return [_decode(line)] if line else []


def _decode(line):
    return line.rstrip(b"\r").decode("utf-8", errors="replace")


def parse(line):
    """(type, data) of an event, or None if the line is not one."""
    if not line.lstrip().startswith("{"):
        return None
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        return None
    data = event.get("data")
    return event["type"], data if isinstance(data, dict) else {}


class Report:
    """Passes events on to a feedback, and keeps what decides how the run ended."""

    def __init__(
        self, feedback, verbose=False, clock=time.monotonic, titles=None, stand_ins=None, in_work_folder=False
    ):
        self.feedback = feedback
        self.verbose = verbose
        self.clock = clock
        self.titles = titles or {}
        # Temporary file -> name of the layer that it stands for.
        self.stand_ins = stand_ins or {}
        self.in_work_folder = in_work_folder
        self.done = None
        self.error = None
        self.cancelled = False
        self.warnings = []
        self.stderr = deque(maxlen=STDERR_LINES_KEPT)
        self.percent = 0.0
        self.stage = None
        self.said_at = 0.0
        # When, of which stage and what the last progress told.
        self.last = None

    def stdout_line(self, line):
        """A line of the tool's standard output."""
        event = parse(line)
        if event is None:
            if line.strip():
                self.feedback.pushConsoleInfo(line)
            return
        name, data = event
        react = getattr(self, "_on_" + name, None)
        if react is not None:
            react(data)
        elif self.verbose:
            self.feedback.pushConsoleInfo(line)

    def stderr_line(self, line):
        """A line of the tool's standard error."""
        if line.strip():
            self.stderr.append(line)
            self.feedback.pushConsoleInfo(line)

    def _on_start(self, data):
        self.feedback.pushInfo("{} {}".format(_text(data, "tool"), _text(data, "version")))

    def _on_plan(self, data):
        tiles, tile, halo = data.get("tiles"), data.get("tile_px"), data.get("halo_px")
        if not (is_number(tiles) and _is_pair(tile) and _is_pair(halo)):
            return
        text = tr("Tiles: {tiles}. Size in cells: {cols} x {rows}, with a margin of {margin} on each side.").format(
            tiles=int(tiles), cols=int(tile[1]), rows=int(tile[0]), margin=int(max(halo))
        )
        if is_number(data.get("estimated_peak_bytes")):
            text += " " + tr("Memory: about {}.").format(bytes_text(data["estimated_peak_bytes"]))
        self.feedback.pushInfo(text)

    def _on_progress(self, data):
        fraction, stage, now = data.get("fraction"), _text(data, "stage"), self.clock()
        if is_number(fraction) and stage not in SHORT_STAGES:
            # It never goes back.
            self.percent = max(self.percent, min(max(100.0 * fraction, 0.0), 100.0))
            self.feedback.setProgress(self.percent)
        self.last = (now, stage, data)
        if stage != self.stage or now - self.said_at >= SECONDS_BETWEEN_TEXTS:
            self._say(now)

    def look_at_the_clock(self):
        """Says how far it is also while the tool is silent, as over one large tile."""
        if self.last is not None and self.clock() - self.said_at >= SECONDS_BETWEEN_TEXTS:
            self._say(self.clock())

    def _say(self, now):
        told_at, self.stage, data = self.last
        self.said_at = now
        self.feedback.setProgressText(_progress_text(self.stage, data, now - told_at))

    def _on_tile(self, data):
        if self.verbose:
            self.feedback.pushConsoleInfo("tile {} {}".format(data.get("id"), _text(data, "status")))

    def _on_warning(self, data):
        self.warnings.append(self._told(data))
        if len(self.warnings) <= WARNINGS_SHOWN:
            self.feedback.pushWarning(self.warnings[-1])
        elif len(self.warnings) == WARNINGS_SHOWN + 1:
            self.feedback.pushWarning(tr("More warnings are not shown."))

    def _on_error(self, data):
        self.error = self._told(data) or tr("The program failed without a message.")

    def _told(self, data):
        """A warning or an error as it is shown: what is the matter, with what, and what mends it."""
        said = in_dialog(_text(data, "message"), self.titles)
        message, hint = in_words(data, said, self.titles, self.in_work_folder)
        message = said if message is None else message
        if hint is None:
            hint = in_dialog(_text(data, "hint"), self.titles)
            # It would be about an option that no dialog has.
            hint = "" if options_in(hint) else hint
        for path, layer in self.stand_ins.items():
            message = message.replace(path, layer)
            hint = _without_stand_in(hint, path)
        return "\n".join(filter(None, [message, *_details(data), hint]))

    def _on_cancelled(self, data):
        self.cancelled = True

    def _on_done(self, data):
        self.done = data


def _without_stand_in(hint, path):
    """A hint whose command names no temporary file, which is gone when it is read."""
    if path not in hint:
        return hint
    name = os.path.basename(path)
    export_first = tr(
        "Export the layer as a GeoTIFF first (right-click on the layer > Export > Save As). In what follows, put the "
        "name of that file in place of {}."
    )
    return export_first.format(name) + "\n" + hint.replace(path, name)


def _progress_text(stage, data, seconds_ago):
    names = {
        "scan": tr("Looking for empty tiles"),
        "check": tr("Checking tiles"),
        "ground": tr("Reading far ground"),
        "compute": tr("Computing"),
        "mosaic": tr("Joining tiles"),
        "points": tr("Computing points"),
        "finish": tr("Finishing the output"),
    }
    # Of several tiles or points.
    counted = {
        "scan": tr("Looking for empty tiles: {done} of {total}"),
        "check": tr("Checking tiles: {done} of {total}"),
        "ground": tr("Reading far ground: {done} of {total}"),
        "compute": tr("Computing tiles: {done} of {total}"),
        "points": tr("Computing points: {done} of {total}"),
    }
    text = names.get(stage, stage)
    done, total, left = data.get("done"), data.get("total"), data.get("eta_s")
    if stage in counted and is_number(done) and is_number(total) and total > 1:
        text = counted[stage].format(done=int(done), total=int(total))
    if is_number(left) and left > 0:
        text += ", " + tr("about {} left").format(duration_text(max(left - seconds_ago, 1)))
    return text


def in_dialog(text, titles):
    """What a tool says of its command line, in terms of the dialog. `titles`: option -> title of its parameter.

    Options that are not in the table stay, as do those of GDAL's programs, whose lines are to be pasted.
    """

    def shown(found):
        return "'{}'".format(titles[found[0]]) if found[0] in titles else found[0]

    parts = COMMAND.split(text)
    parts[::2] = [OPTION.sub(shown, part) for part in parts[::2]]
    return "".join(parts)


def options_in(text):
    """The options of the tools that a text speaks of."""
    return [name for part in COMMAND.split(text)[::2] for name in OPTION.findall(part)]


def _details(data):
    """The files and tiles that it is about, each with what is the matter and what mends it."""
    for file in _objects(data, "files"):
        yield "{}: {}".format(_text(file, "path"), _text(file, "reason"))
        if _text(file, "mend"):
            yield "    " + _text(file, "mend")
    # That a tile is missing was said.
    damaged = [tile for tile in _objects(data, "tiles") if _text(tile, "reason") not in ("", "missing")]
    for tile in damaged[:TILES_NAMED]:
        yield "{}: {}".format(_text(tile, "path"), _text(tile, "reason"))


def _objects(data, key):
    found = data.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _text(data, key):
    value = data.get(key)
    return value if isinstance(value, str) else ""


def is_number(value):
    """Whether it is a number that can be reckoned with."""
    # JSON has integers that no float holds.
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def _is_pair(value):
    return isinstance(value, list) and len(value) == 2 and all(map(is_number, value))


def verdict(name, report, crashed, exit_code, missing_outputs):
    """Why the run of a tool that was not cancelled is no success, as one text; None if it is one."""
    if report.error is not None:
        return report.error
    last_words = "\n".join(list(report.stderr)[-10:])
    if crashed:
        reason = tr(
            "{} ended unexpectedly. Either it crashed, or the system ended it, often because there was not enough "
            "memory."
        )
    elif exit_code == 3:
        reason = tr("{} stopped before the end. Run it again to resume: finished tiles are kept.")
    elif exit_code != 0:
        reason = tr("{} failed with exit code {}.")
    elif report.done is None:
        reason = tr("{} ended without a result.")
    elif missing_outputs:
        return tr("{} reported success, but this file is missing: {}").format(name, ", ".join(missing_outputs))
    else:
        return None
    return (reason.format(name, exit_code) + "\n" + last_words).rstrip()
