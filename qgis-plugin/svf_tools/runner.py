# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs a tool, with true progress and a cancel that works; the only place that starts processes.

Needs no GUI and may be called from any thread. The tool is told to stop by closing its standard
input, which works the same on every platform, and leaves it the time to clean up; one that does
not heed it is killed after a grace period. If QGIS dies, its end of the pipe closes as well.
"""

import os
import re
import shutil
import socket
import string
import time

from qgis.core import QgsProcessingException
from qgis.PyQt.QtCore import QProcess, QProcessEnvironment

from .discovery import is_foreign
from .events import LineSplitter, Report, is_number, parse, verdict
from .text import quoted, tr

POLL_MS = 100
START_MS = 10_000
ANSWER_MS = 10_000
# Of an answer: the longest one, with all formats, has 20 KiB.
LARGEST_ANSWER = 1 << 20
# Of its last words, in a sentence: characters.
LONGEST_COMPLAINT = 300
GRACE_S = 5.0


class Result:
    """What a run reported: the data of its `done` event, and its warnings."""

    def __init__(self, done, warnings):
        self.done = done
        self.warnings = warnings

    def stats(self, key):
        """An object or a list of the statistics; empty if the tool has none."""
        stats = self.done.get("stats")
        found = stats.get(key) if isinstance(stats, dict) else None
        return found if isinstance(found, (dict, list)) else {}

    def count(self, key):
        """A number of the statistics; None if the tool has none."""
        stats = self.done.get("stats")
        found = stats.get(key) if isinstance(stats, dict) else None
        return found if is_number(found) else None

    def bands(self):
        """The statistics of each band."""
        return [band for band in self.stats("bands") if isinstance(band, dict)]

    def first_measure(self):
        """The measure of the first band; a band of a direction is named by measure and azimuth."""
        name = self.bands()[0].get("name") if self.bands() else None
        return name.split(" ")[0] if isinstance(name, str) else None


def environment(scrubbed):
    """The environment of QGIS; for a tool with a GDAL of its own without QGIS's variables."""
    variables = QProcessEnvironment.systemEnvironment()
    if scrubbed:
        for name in variables.keys():
            if is_foreign(name):
                variables.remove(name)
    return variables


def ask_version(path, feedback=None):
    """What the program answers to --version --json: a dict, or a text that says what is wrong.

    A cancel of the feedback ends the wait.
    """
    wrong = ""
    for scrubbed in (False, True):
        # Variables of QGIS may keep a tool with libraries of its own from starting at all.
        answer = _ask_version(path, environment(scrubbed), feedback)
        if isinstance(answer, dict):
            return answer
        wrong = wrong or answer
    return wrong


def _ask_version(path, variables, feedback):
    process = QProcess()
    process.setProcessEnvironment(variables)
    process.start(path, ["--version", "--json"])
    process.closeWriteChannel()
    if not process.waitForStarted(START_MS):
        return tr("cannot be started: {}").format(process.errorString())
    output, complaint, late = b"", b"", time.monotonic() + ANSWER_MS / 1000
    while process.state() != QProcess.ProcessState.NotRunning:
        _wait(process)
        output += bytes(process.readAllStandardOutput())
        complaint += bytes(process.readAllStandardError())
        # A program that writes without an end would fill the memory.
        is_flood = len(output) + len(complaint) > LARGEST_ANSWER
        is_late = time.monotonic() > late or (feedback is not None and feedback.isCanceled())
        if is_flood or is_late:
            process.kill()
            process.waitForFinished(1000)
            return tr("writes without an end") if is_flood else tr("does not answer")
    output += bytes(process.readAllStandardOutput())
    complaint += bytes(process.readAllStandardError())
    if process.exitStatus() == QProcess.ExitStatus.CrashExit:
        return tr("crashes, or is stopped by the system")
    answer = _json_object(output.decode("utf-8", errors="replace"))
    if answer is not None and process.exitCode() == 0:
        return answer
    return tr("does not report its version: {}").format(_last_words(complaint, process.exitCode()))


def _wait(process):
    """For a moment, or until a process has written something or has ended."""
    if not process.waitForReadyRead(POLL_MS):
        # Returned at once: the process has closed its channels, but still works.
        process.waitForFinished(POLL_MS)


def _last_words(complaint, code):
    """What a program said at its end, before it ended with an exit code."""
    lines = complaint.decode("utf-8", errors="replace").strip().splitlines()
    if lines:
        # What a terminal would take for a command is not for people.
        return "".join(c for c in lines[-1][-LONGEST_COMPLAINT:] if c.isprintable())
    return tr("it ends with exit code {}").format(code) if code else tr("it is another program, or an old version")


def _json_object(text):
    event = parse('{"type":"answer","data":' + text.strip() + "}")
    return event[1] if event is not None and event[1] else None


def run_tool(
    tool, arguments, outputs, feedback, verbose=False, resumable=False, grace_s=GRACE_S, titles=None, stand_ins=None
):
    """Runs a tool to its end and returns what it reported.

    `outputs` are files that must exist afterwards; `titles` what its options, parameters and
    algorithms are called in the dialog; `stand_ins` temporary files that stand for layers. Whatever
    goes wrong, a cancel included, is one QgsProcessingException.
    """
    if feedback.isCanceled():
        raise QgsProcessingException(tr("Cancelled."))
    # As a person would type it: without what makes the tool talk to a program.
    feedback.pushCommandInfo(" ".join(quoted(word) for word in [tool.path, *arguments]))
    in_work_folder = "--work-dir" in arguments
    report = Report(feedback, verbose, titles=titles, stand_ins=stand_ins, in_work_folder=in_work_folder)
    process = QProcess()
    process.setProcessEnvironment(environment(tool.bundled_gdal))
    process.start(tool.path, [*arguments, "--progress", "json", "--cancel-on-stdin-eof"])
    if not process.waitForStarted(START_MS):
        raise QgsProcessingException(
            tr("{} cannot be started: {}").format(tool.path, process.errorString())
            + "\n"
            + tr("It may not be executable, or a library may be missing.")
        )
    pid = process.processId()
    try:
        killed = _follow(process, report, feedback, grace_s)
    except BaseException:
        # Of the feedback, or an interrupt: the tool does not go on unseen.
        if _stop(process, grace_s):
            _remove_leftovers(outputs, pid)
        raise
    crashed = process.exitStatus() == QProcess.ExitStatus.CrashExit
    if killed:
        _remove_leftovers(outputs, pid)
    # A run that was complete when the cancel reached it is one.
    if killed or report.cancelled or (feedback.isCanceled() and report.done is None):
        kept = tr("Cancelled. Finished tiles are kept. Run it again to resume.")
        raise QgsProcessingException(kept if resumable else tr("Cancelled. No output was written."))
    missing = [path for path in outputs if not os.path.exists(path)]
    failure = verdict(tool.name, report, crashed, process.exitCode(), missing)
    if failure is not None:
        raise QgsProcessingException(failure)
    return Result(report.done, report.warnings)


def _follow(process, report, feedback, grace_s):
    """Reads both channels until the process has ended. True if it had to be killed."""
    stdout, stderr = LineSplitter(), LineSplitter()
    asked_at, killed = None, False

    def drain():
        for line in stdout.feed(process.readAllStandardOutput()):
            report.stdout_line(line)
        for line in stderr.feed(process.readAllStandardError()):
            report.stderr_line(line)

    while process.state() != QProcess.ProcessState.NotRunning:
        _wait(process)
        drain()
        report.look_at_the_clock()
        if feedback.isCanceled() and asked_at is None:
            asked_at = time.monotonic()
            process.closeWriteChannel()
        if asked_at is not None and not killed and time.monotonic() - asked_at > grace_s:
            killed = True
            process.kill()
    drain()
    for line in stdout.finish():
        report.stdout_line(line)
    for line in stderr.finish():
        report.stderr_line(line)
    return killed


def _stop(process, grace_s):
    """Ends the process. True if it had to be killed."""
    process.closeWriteChannel()
    if process.state() == QProcess.ProcessState.NotRunning or process.waitForFinished(round(grace_s * 1000)):
        return False
    process.kill()
    process.waitForFinished(ANSWER_MS)
    return True


def _remove_leftovers(outputs, pid):
    """Removes what a killed tool could not: its folders of unfinished files, named by machine and process number."""
    for path in outputs:
        folder, name = os.path.split(os.path.abspath(path))
        ours = re.compile(re.escape(".{}.partial-{}-{}-".format(name, _machine(), pid)) + r"\d+$")
        for entry in os.listdir(folder) if os.path.isdir(folder) else []:
            if ours.match(entry):
                shutil.rmtree(os.path.join(folder, entry), ignore_errors=True)


def _machine():
    """What the tools call this machine in names of folders: other machines that see a folder have other processes with
    the same number. Host name, first digits of the boot id, and number of the process namespace.
    """
    host = "".join(
        c if re.match(r"[A-Za-z0-9.-]$", c) else "_{:x}_".format(ord(c)) for c in socket.gethostname().strip()
    )
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            boot = "".join(c for c in file.read() if c in string.hexdigits)[:12]
    except OSError:
        boot = ""
    try:
        namespace = "".join(c for c in os.readlink("/proc/self/ns/pid") if c in string.digits)
    except OSError:
        namespace = ""
    return "{}+{}".format(host or "host", "{}.{}".format(boot, namespace) if boot or namespace else "")
