# SPDX-License-Identifier: GPL-2.0-or-later
"""A tool that misbehaves in every way: each ends in one exception with a useful sentence.

Needs the QGIS libraries, no session of QGIS.
"""

import os
import re
import shlex
import subprocess
import sys
import time
import unittest
from unittest import mock

from support import TESTS, Feedback, TemporaryFolder, leftovers, make_executable, program, sample

from qgis.core import QgsProcessingException
from svf_tools import runner
from svf_tools.discovery import Tool
from svf_tools.text import quoted


def after(polls):
    """Cancelled at that many looks after the first progress."""

    def when(feedback):
        if feedback.percents:
            feedback.since = getattr(feedback, "since", 0) + 1
        return getattr(feedback, "since", 0) > polls

    return when


class FakeTool(TemporaryFolder):
    def setUp(self):
        super().setUp()
        with open(os.path.join(TESTS, "fake_tool.py"), encoding="utf-8") as file:
            text = file.read()
        # A launcher: a shebang cannot hold every path of a Python.
        script = make_executable(self.path("fake.py"), text)
        launcher = '#!/bin/sh\nexec "{}" "$(dirname "$0")/fake.py" "$@"\n'.format(sys.executable)
        self.program = make_executable(self.path("svf_compute"), launcher)
        self.assertTrue(os.path.exists(script))
        self.output = self.path("out 漢.tif")

    def run_fake(self, mode, feedback=None, bundled=False, grace_s=0.3):
        feedback = feedback or Feedback()
        tool = Tool("svf_compute", self.program, "0.1.0", bundled)
        with mock.patch.dict(os.environ, {"SVF_FAKE": mode, "SVF_FAKE_MACHINE": runner._machine()}):
            result = runner.run_tool(tool, ["in.tif", self.output], [self.output], feedback, grace_s=grace_s)
        return result, feedback

    def failure(self, mode, feedback=None):
        with self.assertRaises(QgsProcessingException) as caught:
            self.run_fake(mode, feedback)
        return str(caught.exception)

    def assert_only_those_of_others(self):
        """Of what hang_with_partial leaves."""
        left = sorted(re.sub(r"-\d+-0$", "", name) for name in leftovers(self.folder))
        owners = sorted([runner._machine(), "other+12ab.1"])
        self.assertEqual(left, sorted(".out 漢.tif.partial-" + owner for owner in owners))


class Outcomes(FakeTool):
    def test_success(self):
        result, feedback = self.run_fake("good")
        self.assertEqual(result.done["outputs"], [self.output])
        command = feedback.said("pushCommandInfo")[0]
        # What a terminal makes of it is what was run, without the words for a program.
        self.assertEqual(shlex.split(command), [self.program, "in.tif", self.output])

    def test_half_a_character_at_a_time_and_bytes_that_are_none(self):
        result, feedback = self.run_fake("half_utf8")
        self.assertEqual(result.warnings, ["漢字 höhe"])
        self.assertEqual(feedback.said("pushConsoleInfo"), ["\ufffd\ufffd broken \ufffd"])

    def test_20000_lines(self):
        _, feedback = self.run_fake("many_lines")
        self.assertEqual(len(feedback.percents), 20_000)
        self.assertLessEqual(len(feedback.texts), 3)

    def test_a_full_stderr_does_not_block(self):
        _, feedback = self.run_fake("much_stderr")
        self.assertEqual(len(feedback.said("pushConsoleInfo")), 20_000)

    def test_nonsense_between_events_does_no_harm(self):
        self.run_fake("nonsense")
        self.run_fake("endless_line")
        self.run_fake("no_last_newline")

    def test_failures_are_told_in_one_sentence(self):
        for mode, says in (
            ("panic", "A bug in the program: index out of bounds\nPlease report it at https://"),
            ("panic_without_event", "svf_compute failed with exit code 101.\nthread 'main' panicked"),
            ("loader_error", "libgdal.so.99"),
            ("crash", "svf_compute ended unexpectedly"),
            ("killed", "svf_compute ended unexpectedly"),
            ("no_done", "svf_compute ended without a result."),
            ("silent", "svf_compute ended without a result."),
            ("error_but_exit_0", "Output: disk full\nUsually the disk is full"),
            ("done_but_exit_1", "svf_compute failed with exit code 1."),
            ("resumable", "Run it again to resume: finished tiles are kept."),
            ("closes_its_channels", "svf_compute ended without a result."),
        ):
            with self.subTest(mode):
                text = self.failure(mode)
                self.assertIn(says, text)
                self.assertNotIn("Traceback", text)

    def test_a_missing_output_is_a_failure(self):
        self.assertEqual(
            self.failure("missing_output"),
            "svf_compute reported success, but this file is missing: {}".format(self.output),
        )

    def test_variables_of_qgis_reach_only_a_tool_with_the_same_gdal(self):
        variables = {"GDAL_DATA": "/x", "PROJ_LIB": "/y", "GDAL_CACHEMAX": "64"}
        with mock.patch.dict(os.environ, variables):
            result, _ = self.run_fake("environment")
            self.assertEqual(result.warnings, ["GDAL_DATA,PROJ_LIB,GDAL_CACHEMAX"])
            result, _ = self.run_fake("environment", bundled=True)
            self.assertEqual(result.warnings, ["GDAL_CACHEMAX"])

    def test_a_program_that_cannot_be_started(self):
        os.chmod(self.program, 0o600)
        self.assertIn(self.program, self.failure("good"))
        os.remove(self.program)
        self.assertIn(self.program, self.failure("good"))


class Quoting(unittest.TestCase):
    def test_words_for_a_terminal_of_windows(self):
        for word, typed in (
            ("C:\\dsm.tif", "C:\\dsm.tif"),
            ("C:\\my data\\dsm.tif", '"C:\\my data\\dsm.tif"'),
            ("a&b", '"a&b"'),
            ("", '""'),
            ('say "x"', '"say \\"x\\""'),
            ("C:\\my folder\\", '"C:\\my folder\\\\"'),
            ('a\\"b', '"a\\\\\\"b"'),
        ):
            self.assertEqual(quoted(word, windows=True), typed)

    def test_words_for_other_terminals(self):
        for word in ("it's", "$HOME", "`x`", "a b", "", "höhe", "!x", "\\"):
            self.assertEqual(shlex.split(quoted(word, windows=False)), [word])


class Cancelling(FakeTool):
    CANCELLED = "Cancelled. No output was written."

    def test_before_the_start_nothing_is_started(self):
        os.remove(self.program)
        self.assertEqual(self.failure("good", Feedback(lambda feedback: True)), "Cancelled.")

    def test_a_tool_that_heeds_it(self):
        self.assertEqual(self.failure("heeds_cancel", Feedback(after(2))), self.CANCELLED)

    def test_a_tool_that_hangs_is_killed(self):
        self.assertEqual(self.failure("hang", Feedback(after(2))), self.CANCELLED)

    def test_what_a_killed_tool_leaves_is_removed_and_nothing_else(self):
        self.assertEqual(self.failure("hang_with_partial", Feedback(after(2))), self.CANCELLED)
        self.assert_only_those_of_others()

    def test_what_the_real_program_leaves_is_recognised(self):
        large = sample(self.path("large.tif"), 1024)
        process = subprocess.Popen(
            [program("svf_compute"), large, self.output, "--radius", "400", "-n", "360", "--quiet"]
        )
        self.addCleanup(process.kill)

        def is_begun():
            return any(os.path.exists(self.path(name, "out 漢.tif")) for name in leftovers(self.folder))

        while not is_begun():
            self.assertIsNone(process.poll(), "it ends before it writes")
            time.sleep(0.01)
        process.kill()
        process.wait()
        self.assertEqual(len(leftovers(self.folder)), 1)
        runner._remove_leftovers([self.output], process.pid + 1)
        self.assertEqual(len(leftovers(self.folder)), 1)
        runner._remove_leftovers([self.output], process.pid)
        self.assertEqual(leftovers(self.folder), [])

    def test_names_of_machines_stay_apart(self):
        for host, written in (("node-1.a", "node-1.a"), ("a_b", "a_5f_b"), ("ä", "_e4_"), ("", "host")):
            with mock.patch("socket.gethostname", return_value=host):
                self.assertEqual(runner._machine().split("+")[0], written)

    def test_a_tool_that_dies_of_it(self):
        self.assertEqual(self.failure("dies_of_cancel", Feedback(after(2))), self.CANCELLED)

    def test_a_run_that_was_complete_is_kept(self):
        result, _ = self.run_fake("done_although_cancelled", Feedback(after(2)), grace_s=20)
        self.assertEqual(result.done["outputs"], [self.output])


class Interrupted(FakeTool):
    def outlived(self, mode):
        """Whether the tool is there after an exception of the feedback."""
        feedback = Feedback()
        started = []

        def fail(percent):
            started.extend(int(name) for name in os.listdir("/proc") if name.isdigit() and self.is_tool(name))
            raise KeyboardInterrupt

        feedback.setProgress = fail
        try:
            self.run_fake(mode, feedback)
        except KeyboardInterrupt:
            # Here the QProcess is still held by the traceback; its end would kill the tool.
            self.assertEqual(len(started), 1)
            return self.is_tool(started[0])
        return self.fail("not interrupted")

    def is_tool(self, pid):
        try:
            with open("/proc/{}/cmdline".format(pid), "rb") as file:
                return os.fsencode(self.path("fake.py")) in file.read()
        except OSError:
            return False

    def test_a_tool_does_not_outlive_an_exception(self):
        for mode in ("heeds_cancel", "hang"):
            self.assertFalse(self.outlived(mode), mode)

    def test_what_it_leaves_is_removed(self):
        self.outlived("hang_with_partial")
        self.assert_only_those_of_others()


class Versions(FakeTool):
    def ask(self, mode, answer_ms=runner.ANSWER_MS):
        with mock.patch.dict(os.environ, {"SVF_FAKE": mode}), mock.patch.object(runner, "ANSWER_MS", answer_ms):
            return runner.ask_version(self.program)

    def test_answers(self):
        self.assertEqual(self.ask("good")["version"], "0.1.0")
        self.assertEqual(self.ask("old")["version"], "0.0.1")

    def test_what_is_no_answer_is_a_text(self):
        self.assertEqual(self.ask("version_hang", answer_ms=300), "does not answer")
        self.assertEqual(self.ask("version_flood"), "writes without an end")
        self.assertIn("does not report its version", self.ask("version_text"))
        self.assertIn("does not report its version", self.ask("version_silent"))
        os.chmod(self.program, 0o600)
        self.assertIn("cannot be started", self.ask("good"))


if __name__ == "__main__":
    unittest.main()
