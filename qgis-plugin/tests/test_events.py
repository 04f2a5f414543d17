# SPDX-License-Identifier: GPL-2.0-or-later
"""Lines of a tool, in any pieces, to messages and to a verdict. Without QGIS."""

import json
import unittest

from support import Feedback
from svf_tools.events import LONGEST_LINE_BYTES, LineSplitter, Report, parse, verdict


def line(name, **data):
    return json.dumps({"type": name, "data": data})


class Splitting(unittest.TestCase):
    def test_lines_come_whole_from_any_pieces(self):
        text = "höhe\r\n漢字\n\nlast"
        for size in (1, 2, 3, 7, 100):
            raw = text.encode()
            splitter, lines = LineSplitter(), []
            for start in range(0, len(raw), size):
                piece = slice(start, start + size)
                lines += splitter.feed(raw[piece])
            self.assertEqual(lines + splitter.finish(), ["höhe", "漢字", "", "last"], size)
            self.assertEqual(splitter.finish(), [])

    def test_bytes_that_are_no_utf8_are_replaced(self):
        self.assertEqual(LineSplitter().feed(b"a\xff\xe6b\n"), ["a\ufffd\ufffdb"])

    def test_a_line_without_end_does_not_fill_the_memory(self):
        splitter = LineSplitter()
        for _ in range(20):
            splitter.feed(b"x" * (LONGEST_LINE_BYTES // 4))
            self.assertLessEqual(len(splitter.rest), LONGEST_LINE_BYTES)


class Parsing(unittest.TestCase):
    def test_events_and_what_is_none(self):
        self.assertEqual(parse('{"type":"done","data":{"a":1}}'), ("done", {"a": 1}))
        self.assertEqual(parse('{"type":"done"}'), ("done", {}))
        self.assertEqual(parse('{"type":"done","data":[1]}'), ("done", {}))
        for text in ("", "ERROR 1: no", "{", "[]", "3", '{"a":1}', '{"type":7}', "{" * 100000, '{"type":"x"} x'):
            self.assertIsNone(parse(text), text[:20])


class Reporting(unittest.TestCase):
    def setUp(self):
        self.feedback = Feedback()
        self.now = 100.0
        self.report = Report(self.feedback, clock=lambda: self.now)

    def test_progress_never_goes_back_and_the_stage_is_said_once(self):
        for fraction in (0.1, 0.5, 0.4, 2.0, -1.0, float("inf"), None, "x", True):
            self.report.stdout_line(line("progress", stage="compute", fraction=fraction, done=1, total=4, eta_s=None))
        self.assertEqual(self.feedback.percents, [10.0, 50.0, 50.0, 100.0, 100.0])
        self.assertEqual(self.feedback.texts, ["Computing tiles: 1 of 4"])

    def test_long_runs_say_now_and_then_what_is_left(self):
        for seconds in range(11):
            self.now = 100.0 + seconds
            self.report.stdout_line(line("progress", stage="compute", fraction=0.1, done=1, total=4, eta_s=700))
        text = "Computing tiles: 1 of 4, about 12 min left"
        self.assertEqual(self.feedback.texts, [text, text, text])

    def test_a_tool_that_is_silent_is_spoken_for(self):
        self.report.look_at_the_clock()
        self.assertEqual(self.feedback.texts, [])
        self.report.stdout_line(line("progress", stage="compute", fraction=0.1, done=1, total=4, eta_s=20))
        for seconds in range(11):
            self.now = 100.0 + seconds
            self.report.look_at_the_clock()
        text = "Computing tiles: 1 of 4, about {} s left"
        self.assertEqual(self.feedback.texts, [text.format(left) for left in (20, 16, 12)])

    def test_warnings_carry_their_hint(self):
        self.report.stdout_line(line("warning", code="some.code", message="no CRS", hint="give it one"))
        self.assertEqual(self.feedback.said("pushWarning"), ["no CRS\ngive it one"])

    def test_files_come_with_what_mends_them(self):
        files = [
            {"path": "a.tif", "reason": "cell size 2", "mend": "gdalwarp a.tif"},
            {"path": "b.tif", "reason": "damaged"},
        ]
        self.report.stdout_line(line("warning", code="x", message="2 files", hint="mend them", files=files))
        text = "2 files\na.tif: cell size 2\n    gdalwarp a.tif\nb.tif: damaged\nmend them"
        self.assertEqual(self.feedback.said("pushWarning"), [text])

    def test_a_flood_of_warnings_is_cut(self):
        for i in range(500):
            self.report.stdout_line(line("warning", message=str(i)))
        self.assertEqual(len(self.feedback.said("pushWarning")), 101)
        self.assertEqual(len(self.report.warnings), 500)

    def test_what_is_unknown_or_broken_is_no_exception(self):
        for text in (
            '{"type":"dream","data":{"x":1}}',
            '{"type":"plan","data":{"tiles":"many"}}',
            '{"type":"plan","data":{"tiles":1,"tile_px":[1,"x"],"halo_px":[1,1]}}',
            '{"type":"done","data":3}',
            '{"type":"warning","data":{"message":7}}',
            '{"type":"__init__","data":{}}',
            '{"type":"progress","data":{"stage":5,"done":"a","total":[],"eta_s":{}}}',
        ):
            self.report.stdout_line(text)
        self.assertEqual(self.feedback.said("pushConsoleInfo"), [])
        self.report.stdout_line("plain text")
        self.assertEqual(self.feedback.said("pushConsoleInfo"), ["plain text"])

    def test_whole_numbers_that_no_float_holds(self):
        huge = 10**400
        for text in (
            line("plan", tiles=1, tile_px=[huge, 2], halo_px=[1, 1]),
            line("plan", tiles=1, tile_px=[1, 2], halo_px=[1, -huge]),
            line("plan", tiles=huge, tile_px=[1, 2], halo_px=[1, 1]),
            line("progress", stage="compute", fraction=huge, done=huge, total=huge, eta_s=huge),
            line("tile", id=huge, status="done"),
            line("done", stats={"tiles": huge}),
        ):
            self.report.stdout_line(text)
        self.assertEqual(self.feedback.said("pushInfo"), [])
        self.assertEqual((self.feedback.percents, self.feedback.texts), ([], ["Computing"]))
        self.report.stdout_line(line("plan", tiles=1, tile_px=[3, 2], halo_px=[1, 1], estimated_peak_bytes=huge))
        self.assertEqual(
            self.feedback.said("pushInfo"), ["Tiles: 1. Size in cells: 2 x 3, with a margin of 1 on each side."]
        )

    def test_the_plan_is_told_in_words(self):
        self.report.stdout_line(
            line("plan", tiles=120, tile_px=[1024, 2048], halo_px=[100, 100], estimated_peak_bytes=412090368)
        )
        self.assertEqual(
            self.feedback.said("pushInfo"),
            ["Tiles: 120. Size in cells: 2048 x 1024, with a margin of 100 on each side. Memory: about 393 MiB."],
        )


class Hints(unittest.TestCase):
    """What the programs say in their own words speaks of the dialog all the same."""

    TITLES = {"--radius": "Search radius", "--max-memory": "Memory, MB", "-b": "Band", "--z-factor": "Z factor"}

    def told(self, message, hint, code="some.code"):
        feedback = Feedback()
        report = Report(feedback, titles=self.TITLES)
        report.stdout_line(line("warning", code=code, message=message, hint=hint))
        report.stdout_line(line("error", code=code, message=message, hint=hint))
        self.assertEqual(feedback.said("pushWarning"), [report.error])
        return report.error

    def test_options_are_called_what_the_dialog_calls_them(self):
        for hint, shown in (
            ("choose another band with -b", "choose another band with 'Band'"),
            ("give more with --max-memory, or take a smaller --radius",
             "give more with 'Memory, MB', or take a smaller 'Search radius'"),
            ("add --z-factor 0.3048", "add 'Z factor' 0.3048"),
            ("the well-known -9999 of x-b", "the well-known -9999 of x-b"),
        ):  # fmt: skip
            self.assertEqual(self.told("no", hint), "no\n" + shown)

    def test_lines_for_a_terminal_stay(self):
        hint = "project it first: gdalwarp -t_srs EPSG:25832 -r bilinear -b 1 dsm.tif projected.tif"
        self.assertEqual(self.told("no", hint), "no\n" + hint)
        hint = "gdal_edit.py -b 1 dsm.tif; or add --z-factor 2\nor gdalwarp -b 1 a b"
        self.assertEqual(self.told("no", hint), "no\n" + hint.replace("--z-factor", "'Z factor'"))

    def test_a_hint_that_no_dialog_can_follow_is_left_out(self):
        for hint in ("add --overwrite to replace it", "name a driver with --of", "--help lists the options"):
            self.assertEqual(self.told("no", hint), "no")

    def test_a_message_says_at_least_what_the_tool_says(self):
        self.assertEqual(self.told("--radius goes with --ot", ""), "'Search radius' goes with --ot")

    def test_a_changed_hint_changes_nothing_where_the_dialog_has_words_of_its_own(self):
        for hint in ("make it with svf_tile", "a hint that nobody has read before", ""):
            self.assertEqual(
                self.told("cannot read p.json", hint, "plan.read"),
                "Plan: cannot read p.json\nMake the plan again with 'TILEPLAN'.",
            )


class Verdicts(unittest.TestCase):
    def judge(self, *lines, crashed=False, code=0, missing=(), stderr=()):
        report = Report(Feedback())
        for text in lines:
            report.stdout_line(text)
        for text in stderr:
            report.stderr_line(text)
        return verdict("svf_compute", report, crashed, code, list(missing))

    def test_success_needs_exit_0_a_done_event_and_the_output(self):
        done = line("done", outputs=["a.tif"], stats={})
        self.assertIsNone(self.judge(done))
        missing = self.judge(done, missing=["a.tif"])
        self.assertEqual(missing, "svf_compute reported success, but this file is missing: a.tif")
        self.assertEqual(self.judge(), "svf_compute ended without a result.")
        self.assertEqual(self.judge(done, code=1), "svf_compute failed with exit code 1.")
        self.assertTrue(self.judge(done, crashed=True).startswith("svf_compute ended unexpectedly"))

    def test_the_tools_own_words_come_first(self):
        error = line("error", code="some.code", message="disk full", hint="make room")
        for code in (0, 1, 2, 101):
            self.assertEqual(self.judge(error, code=code), "disk full\nmake room")
        self.assertEqual(self.judge(line("error")), "The program failed without a message.")

    def test_without_an_error_event_the_end_of_stderr_is_shown(self):
        text = self.judge(code=127, stderr=["libgdal.so: cannot open shared object file"])
        self.assertEqual(
            text, "svf_compute failed with exit code 127.\nlibgdal.so: cannot open shared object file"
        )

    def test_incomplete_but_resumable(self):
        self.assertIn("Run it again", self.judge(code=3))


if __name__ == "__main__":
    unittest.main()
