# SPDX-License-Identifier: GPL-2.0-or-later
"""Warnings and errors in the words of the dialogs: every code has some, and they say only what an event carries."""

import json
import os
import re
import subprocess
import unittest

import session
from support import REPOSITORY, Feedback, TemporaryFolder, make_executable, program, svf_compute

import numpy
from osgeo import gdal, gdal_array, osr
from svf_tools.events import Report
from svf_tools.words import AS_SAID, WORDS, fields, in_words

DOCS = os.path.join(REPOSITORY, "docs")
# Codes that nobody meets in QGIS, and why.
UNMET = {
    "input.apart": "a layer is one raster",
    "input.gaps": "a layer is one raster",
    "input.left_out": "a layer is one raster",
    "input.mismatch": "a layer is one raster",
    "input.overlap": "a layer is one raster",
    "input.vertical": "a layer is one raster",
    "list.read": "no dialog has --input-list",
    "log.create": "no dialog has --profile-log",
    "log.write": "no dialog has --profile-log",
    "log.read": "no dialog has 'svf_profile resources'",
    "mosaic.mismatch": "'Join tiles' joins tiles of a plan",
    "mosaic.replaced": "no dialog has --parts",
    "nodata.in_range": "no dialog has --nodata",
    "output.exists": "dialogs pass --overwrite: QGIS has asked before",
    "output.stdout": "no dialog writes to standard output",
    "points.horizon": "'Sight lines of a point' computes every measure",
    "section.none": "no dialog has 'svf_profile section'",
    "usage.nodata": "no dialog has --nodata",
    "usage.parts": "no dialog has --max-part-size",
    "usage.simd": "no dialog has SVF_SIMD",
    "workdir.busy": "no dialog has --restart",
}


def codes_of_the_docs():
    """Codes in the tables of events.md."""
    with open(os.path.join(DOCS, "events.md"), encoding="utf-8") as file:
        text = file.read()
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    return {found for line in rows for found in re.findall(r"^\| `([a-z]+(?:\.[a-z_]+)?)`", line)}


class Contract(unittest.TestCase):
    """What the programs may send: docs/events.schema.json."""

    def setUp(self):
        with open(os.path.join(DOCS, "events.schema.json"), encoding="utf-8") as file:
            self.definitions = json.load(file)["$defs"]

    def data(self, name):
        return self.definitions[name]["properties"]["data"]["properties"]

    def carried(self, code):
        """What an event of a code can carry: its keys, and the names of its `args`."""
        keys = {key for name in ("warning", "error") for key in self.data(name)}
        args = self.definitions.get("args", {}).get("properties", {})
        return keys & {"path", "tiles"} | set(args.get(code, {}).get("properties", ()))

    def test_every_code_that_a_user_of_qgis_can_meet_has_words(self):
        codes = {code for name in ("warning", "error") for code in self.data(name)["code"]["enum"]}
        # Of a failure to send an event there is no event.
        self.assertEqual(codes_of_the_docs(), codes | {"events.write"})
        spoken = set(WORDS) | AS_SAID
        self.assertEqual(codes - spoken, set(UNMET))
        self.assertEqual(spoken - codes, set())
        self.assertEqual(set(WORDS) & AS_SAID, set())

    def test_a_sentence_says_only_what_its_event_carries(self):
        titles = set(session.registry.createAlgorithmById("svf:skyviewfactor").titles()) | {"REPORT_TO"}
        for code, entries in WORDS.items():
            wanted = set()
            for words in entries:
                wanted |= fields(words.message) | fields(words.hint)
            named = {name for name in wanted if not name.islower()}
            self.assertEqual(named - titles, set(), code)
            of_the_event = wanted - named - {"said"}
            self.assertEqual(of_the_event - self.carried(code), set(), code)

    def test_every_code_has_words_for_events_without_values(self):
        for code, entries in WORDS.items():
            for in_work_folder in (False, True):
                event = {"code": code, "path": "p", "tiles": [{"id": 1}]}
                message, hint = in_words(event, "said", {}, in_work_folder)
                self.assertTrue(message, code)


# The `args` of some events.
TOO_LITTLE = {"limit": "1.0 MiB", "least_mb": None, "cause": "the program itself"}
UP = {"factor": "0.3048", "unit_m": "0.3048", "cells": "metres"}
HOLES = {"share": "12 %", "value": "-9999", "low": "20", "high": "20", "of": "all"}
SCALED = {"what": "heights", "scale": "2", "offset": "0"}


class OfThePrograms(TemporaryFolder):
    """Events as the programs send them today."""

    def heights(self, name, values=None, **about):
        """A raster of 32 by 32 cells of 10 m, a slope where no values are given."""
        path = self.path(name + ".tif")
        values = numpy.add.outer(numpy.arange(32.0), numpy.arange(32.0)) if values is None else values
        in_memory = gdal_array.OpenArray(values.astype(numpy.float32))
        made = gdal.GetDriverByName("GTiff").CreateCopy(path, in_memory)
        made.SetGeoTransform(about.get("place", (500000, 10, 0, 5600000, 0, -10)))
        if about.get("crs", 25832):
            reference = osr.SpatialReference()
            reference.ImportFromEPSG(about.get("crs", 25832))
            made.SetProjection(reference.ExportToWkt())
        band = made.GetRasterBand(1)
        for what, value in about.get("band", {}).items():
            getattr(band, "Set" + what)(value)
        return path

    def events(self, *arguments):
        """The warnings and errors of a run of svf_compute: code -> data."""
        command = [program("svf_compute"), *arguments, "--progress", "json"]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
        events = [json.loads(line) for line in done.stdout.splitlines()]
        return {one["data"]["code"]: one["data"] for one in events if one["type"] in ("warning", "error")}

    def test_they_find_their_words(self):
        slope = self.heights("slope")
        holes = numpy.full((32, 32), 20.0)
        holes[5:9] = -9999
        degrees = (7, 0.001, 0, 50, 0, -0.001)
        web = (800000, 10, 0, 8400000, 0, -10)
        high = numpy.linspace(0, 20000, 1024).reshape(32, 32)
        cubits = self.heights("cubits", band={"UnitType": "cubit"})
        out, work = self.path("out.tif"), self.path("work")
        svf_compute(slope, self.path("svf.tif"), "--radius", "50")
        svf_compute(slope, self.path("before.tif"), "--radius", "50", "--work-dir", work)
        os.mkdir(self.path("mine"))
        make_executable(self.path("mine", "photo"), "")
        # Values that are None may be any.
        for code, values, *arguments in (
            ("crs.missing", {}, self.heights("bare", crs=None), out),
            ("crs.degrees", {}, self.heights("degrees", crs=4326, place=degrees), out),
            ("crs.looks_degrees", {}, self.heights("unnamed", crs=None, place=degrees), out),
            ("crs.units", {"unit": "US survey feet"}, self.heights("feet", crs=2263), out),
            ("crs.units", UP, self.heights("up", band={"UnitType": "ft"}), out),
            ("crs.scale", {"scale": None, "factor": None}, self.heights("web", crs=3857, place=web), out),
            ("heights.nodata", HOLES, self.heights("holes", holes), out),
            ("heights.relief", {"low": "0", "high": "20000", "of": "all"}, self.heights("high", high), out),
            ("heights.result", {"measures": "svf"}, self.path("svf.tif"), out),
            ("heights.unit", {"unit": "cubit", "cells": "metres"}, cubits, out),
            ("raster.scaled", SCALED, self.heights("scaled", band={"Scale": 2.0}), out),
            ("raster.band", {"reason": None}, slope, out, "--band", "2"),
            ("raster.open", {"reason": None}, self.path("nothing.tif"), out),
            ("raster.create", {"reason": None}, slope, self.path("no", "folder.tif")),
            ("radius.clipped", {"given": "1000000", "used": None}, slope, out, "--radius", "1e6"),
            ("output.is_input", {}, slope, slope),
            ("plan.memory", TOO_LITTLE, slope, out, "--max-memory", "1M"),
            ("plan.changed", {}, slope, out, "--radius", "70", "--work-dir", work),
            ("workdir.foreign", {}, slope, out, "--work-dir", self.path("mine")),
            ("usage.window", {}, slope, out, "--bbox", "1,2,3,4"),
            ("usage.gdal", {"reason": None}, slope, self.path("out.nothing")),
        ):
            with self.subTest(code):
                radius = [] if "--radius" in arguments else ["--radius", "50"]
                event = self.events(*arguments, *radius, "--overwrite")[code]
                args = event.get("args", {})
                self.assertEqual({**args, **{k: None for k in values if values[k] is None and k in args}}, values)
                message, _ = in_words(event, event["message"], {})
                self.assertTrue(message, event)
                # In the dialogs' words, not in those of the program, where these name the values.
                named = fields(" ".join(words.message for words in WORDS[code]))
                self.assertFalse(named & set(args) and event["message"] in message, message)


class Sentences(unittest.TestCase):
    TITLES = session.registry.createAlgorithmById("svf:skyviewfactor").titles()

    def told(self, code, in_work_folder=False, **data):
        feedback = Feedback()
        report = Report(feedback, titles=self.TITLES, in_work_folder=in_work_folder)
        event = {"code": code, "message": "what the program says", "hint": "what it advises", **data}
        report.stdout_line(json.dumps({"type": "warning", "data": event}))
        return feedback.said("pushWarning")[0]

    def test_values_are_filled_in_where_they_are_sent(self):
        args = {"share": "12 %", "value": -9999}
        self.assertEqual(
            self.told("heights.nodata", path="dsm.tif", args=args),
            "12 % of the cells of dsm.tif have the value -9999, far from all others. Is this undeclared NoData?\n"
            "If so, enter -9999 under Layer Properties > Transparency > Additional no data value.",
        )
        self.assertEqual(
            self.told("crs.units", args={"factor": 0.30480060960121924}),
            "The heights are in another unit than the cells.\nSet 'Z factor' to 0.304801.",
        )
        self.assertEqual(
            self.told("crs.units", args={"unit": "foot"}),
            "The CRS is in foot, not in metres.\nThe heights and 'Search radius' are assumed to be in foot, too. "
            "'Z factor' converts heights in another unit.",
        )

    def test_without_the_values_the_program_speaks(self):
        self.assertEqual(self.told("crs.units"), "Units: what the program says\nwhat it advises")
        for args in ({"factor": None}, {"factor": [2]}, {"factor": True}, {"factor": {}}, [], "factor", 3):
            self.assertEqual(self.told("crs.units", args=args), "Units: what the program says\nwhat it advises")

    def test_braces_in_what_is_filled_in_stay(self):
        told = self.told("raster.read", path="{x}{0}{RADIUS}.tif", args={"reason": "{"})
        self.assertTrue(told.startswith("{x}{0}{RADIUS}.tif cannot be read: {\n"), told)
        self.assertIn("Units: {path}", self.told("crs.units", message="{path}"))

    def test_a_work_folder_is_no_plan(self):
        for code in ("plan.read", "plan.changed"):
            hints = [self.told(code, in_work_folder).split("\n")[-1] for in_work_folder in (False, True)]
            self.assertEqual(hints, [
                "Make the plan again with 'Plan tiles'.",
                "Empty the work folder to start again, or choose another one.",
            ])  # fmt: skip

    def test_tiles_are_named_by_their_numbers(self):
        tiles = [{"id": i, "reason": "missing", "path": "{}.tif".format(i)} for i in range(3)]
        self.assertEqual(
            self.told("mosaic.incomplete", tiles=tiles),
            "These tiles are missing or damaged: 0, 1, 2.\nCompute them with 'Compute tiles', then join again.",
        )
        tiles[1]["reason"] = "cut short"
        self.assertIn("\n1.tif: cut short\n", self.told("mosaic.incomplete", tiles=tiles))
        many = [{"id": i, "reason": "missing", "path": ""} for i in range(30)]
        self.assertIn(": 0, 1, 2, 3, 4, 5, 6, 7 ... (30 in all).", self.told("mosaic.missing", tiles=many))


if __name__ == "__main__":
    unittest.main()
