# SPDX-License-Identifier: GPL-2.0-or-later
"""Real QGIS, real programs: algorithms one after the other, what may be in their way, and how they are stopped."""

import html
import json
import os
import resource
import shutil
import signal
import subprocess
import time
import unittest
from unittest import mock

import session
from test_algorithms import MODELS, WithRaster, discard
from support import leftovers, make_executable, program, sample

import numpy
from osgeo import gdal
from processing.gui import BatchPanel
from processing.gui.BatchAlgorithmDialog import BatchAlgorithmDialog
from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingModelAlgorithm,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import Qt
from svf_tools import settings

gdal.UseExceptions()


class Chains(WithRaster):
    """Models of the documentation, and the batch dialog."""

    def model(self, name):
        model = QgsProcessingModelAlgorithm()
        self.assertTrue(model.fromFile(os.path.join(MODELS, name + ".model3")))
        self.assertEqual(model.validate()[1], [])
        return model

    def test_fill_holes_compute_classify(self):
        model = self.model("enclosed_places")
        names = {definition.description(): definition.name() for definition in model.parameterDefinitions()}
        parameters = {
            "dsm": self.dsm,
            "radius": 30,
            names["Sky view factor"]: self.output,
            names["Classes"]: self.path("classes.tif"),
        }
        session.run(model, parameters)
        # The hole in the river is larger than what is filled: some cells stay without a value.
        svf = gdal.Open(self.output).ReadAsArray()
        classes = gdal.Open(self.path("classes.tif")).ReadAsArray()
        filled = self.path("filled.tif")
        session.run("gdal:fillnodata", {"INPUT": self.dsm, "BAND": 1, "DISTANCE": 10, "OUTPUT": filled})
        self.dsm = filled
        self.assert_as_command_line("--radius", "30")
        expected = numpy.where(svf < -1, 0, numpy.digitize(svf, [0.2, 0.4, 0.6, 0.8], right=True) + 1)
        self.assertTrue(numpy.array_equal(classes, expected))
        self.assertLessEqual({2, 3, 4, 5}, set(classes.ravel().tolist()))

    def test_plan_compute_join(self):
        plan = self.path("city.json")
        planned = session.run(
            "svf:tileplan",
            {"INPUT": self.dsm, "RADIUS": 30, "TILE_SIZE": 100, "PLAN": plan, "INDEX": self.path("tiles.gpkg")},
        )
        self.assertEqual((planned["PLAN"], planned["TILE_COUNT"]), (plan, 9))
        footprints = QgsVectorLayer(planned["INDEX"], "tiles")
        self.assertEqual(footprints.featureCount(), 9)
        with self.assertRaises(QgsProcessingException) as caught:
            session.run("svf:mosaic", {"PLAN": plan, "OUTPUT": self.output})
        self.assertIn("missing", str(caught.exception))
        part = session.run("svf:computetiles", {"PLAN": plan, "TILES": "0-3"})
        self.assertEqual(part, {"PLAN": plan, "TILES_DONE": 4})
        session.run("svf:mosaic", {"PLAN": plan, "OUTPUT": self.output, "ALLOW_MISSING": True})
        self.assertTrue((gdal.Open(self.output).ReadAsArray() == -9999).any())
        done = session.run("svf:computetiles", {"PLAN": plan})
        self.assertEqual(done, {"PLAN": plan, "TILES_DONE": 9})
        joined = session.run("svf:mosaic", {"PLAN": plan, "OUTPUT": self.output})
        self.assertEqual(joined, {"OUTPUT": self.output})
        self.assert_as_command_line("--radius", "30")

    def test_plan_compute_join_as_a_model(self):
        model = self.model("large_raster")
        names = {definition.description(): definition.name() for definition in model.parameterDefinitions()}
        plan = self.path("city.json")
        parameters = {"dsm": self.dsm, "radius": 30, "tile_size": 100}
        feedback = session.RecordingFeedback()
        session.run(model, {**parameters, names["Plan"]: plan, names["Sky view factor"]: self.output}, feedback)
        self.assert_as_command_line("--radius", "30")
        self.assertEqual(feedback.warnings, [])
        # What the user chose holds the tiles: its steps go on one by one.
        os.remove(self.output)
        os.remove(next(self.tiles_beside(plan)))
        self.assertEqual(session.run("svf:computetiles", {"PLAN": plan})["TILES_DONE"], 9)
        session.run("svf:mosaic", {"PLAN": plan, "OUTPUT": self.output})
        self.assert_as_command_line("--radius", "30")

    def tiles_beside(self, plan):
        """The rasters below the folder of a plan, without its inputs and outputs."""
        for folder, _, names in os.walk(os.path.dirname(plan)):
            if folder != os.path.dirname(plan):
                yield from (os.path.join(folder, name) for name in names if name.endswith(".tif"))

    def test_footprints_are_outlines(self):
        layer = self.run_in_dialog("svf:tileplan", PLAN=self.path("p.json"), INDEX=self.path("tiles.gpkg"))
        self.assertEqual(layer.renderer().symbol().symbolLayer(0).brushStyle(), Qt.BrushStyle.NoBrush)

    def test_a_plan_in_a_temporary_file_is_told(self):
        feedback = session.RecordingFeedback()
        session.run("svf:tileplan", {"INPUT": self.dsm, "RADIUS": 30, "PLAN": "TEMPORARY_OUTPUT"}, feedback)
        self.assertIn("deleted when QGIS closes", feedback.warnings[0])

    def test_the_batch_dialog_runs_three_rasters(self):
        rows = []
        for name, size in (("a", 64), ("b", 96), ("c", 128)):
            sample(self.path(name + ".tif"), size)
            values = {"INPUT": self.path(name + ".tif"), "RADIUS": 20, "MEASURES": ["svf", "coverage"]}
            rows.append({"PARAMETERS": values, "OUTPUTS": {"OUTPUT": self.path(name + "_svf.tif")}})
        if hasattr(BatchPanel.BatchPanel, "CURRENT_FORMAT"):
            batch = {"format": BatchPanel.BatchPanel.CURRENT_FORMAT, "rows": rows}
        else:
            # Before QGIS 3.40 values are Python.
            written = [{key: repr(value) for key, value in row["PARAMETERS"].items()} for row in rows]
            batch = [dict(row, PARAMETERS=values) for row, values in zip(rows, written)]
        with open(self.path("batch.json"), "w", encoding="utf-8") as file:
            json.dump(batch, file)
        dialog = BatchAlgorithmDialog(session.registry.createAlgorithmById("svf:skyviewfactor"))
        self.addCleanup(discard, dialog)
        panel = dialog.mainWidget()
        with mock.patch.object(BatchPanel.QFileDialog, "getOpenFileName", return_value=(self.path("batch.json"), "")):
            panel.load()
        self.assertEqual(panel.batchRowCount(), 3)
        dialog.runAlgorithm()
        # Since QGIS 3.40 it runs in the background.
        self.let_qgis_work_until(lambda: not dialog.cancelButton().isEnabled())
        for name in "abc":
            self.dsm = self.path(name + ".tif")
            output = self.path(name + "_svf.tif")
            self.assert_as_command_line("--radius", "20", "--measure", "svf,coverage", output=output)


class InTheWay(WithRaster):
    def setting(self, value):
        session.ProcessingConfig.setSettingValue(settings.FOLDER, value)
        self.addCleanup(session.ProcessingConfig.setSettingValue, settings.FOLDER, "")

    def test_no_tool(self):
        self.setting(self.path("nowhere"))
        text = self.failure()
        self.assertIn("does not exist", text)
        algorithm = session.registry.createAlgorithmById("svf:skyviewfactor")
        # QGIS shows it as HTML, where only <br> breaks a line.
        self.assertEqual(algorithm.canExecute(), (False, html.escape(text, quote=False).replace("\n", "<br>\n")))
        self.assertIn("<br>", algorithm.canExecute()[1])
        self.assertEqual(session.registry.providerById("svf").versionInfo(), "programs not found")

    def test_a_tool_that_is_too_old(self):
        os.mkdir(self.path("bin"))
        answer = '{"contract":1,"version":"0.0.1"}'
        make_executable(self.path("bin", "svf_compute"), "#!/bin/sh\necho '{}'\n".format(answer))
        self.setting(self.folder)
        self.assertIn("0.0.1", self.failure())

    def test_the_setting_as_folder_and_as_program(self):
        for value in (os.path.dirname(program("svf_compute")), program("svf_compute")):
            self.setting(value)
            self.run_svf()

    def test_a_folder_for_a_program(self):
        os.makedirs(self.path("svf_compute"))
        self.setting(self.path("svf_compute"))
        self.assertIn("It does not contain svf_compute", self.failure())

    def test_a_layer_that_gdal_does_not_read(self):
        layer = QgsRasterLayer("type=xyz&url=http://localhost/%7Bz%7D/%7Bx%7D/%7By%7D.png&zmax=2", "tiles", "wms")
        self.assertTrue(layer.isValid())
        QgsProject.instance().addMapLayer(layer)
        text = self.failure(INPUT=layer)
        self.assertIn("the layer is a picture (provider 'wms') and has no heights", text)

    def test_a_raster_that_is_not_there(self):
        self.assertIn("Could not load source layer", self.failure(INPUT=self.path("none.tif")))

    def test_the_input_as_output(self):
        before = os.stat(self.dsm)
        self.assertIn("belongs to the input", self.failure(OUTPUT=self.dsm))
        self.assertEqual(os.stat(self.dsm).st_mtime_ns, before.st_mtime_ns)

    def test_names_without_a_known_ending(self):
        written_as = {"svf_1.5": "svf_1.5.tif", "svf": "svf.tif", "a.b c": "a.b c.tif", "s.TIF": "s.TIF"}
        for name, written in written_as.items():
            with self.subTest(name):
                values = {"INPUT": self.dsm, "RADIUS": 30, "OUTPUT": self.path(name)}
                algorithm = session.registry.createAlgorithmById("svf:skyviewfactor")
                self.assertEqual(algorithm.checkParameterValues(values, QgsProcessingContext()), (True, ""))
                self.assertEqual(self.run_svf(OUTPUT=self.path(name))["OUTPUT"], self.path(written))
                self.assertEqual(gdal.Open(self.path(written)).GetDriver().GetDescription(), "GTiff")
        layer = self.run_in_dialog("svf:skyviewfactor", OUTPUT=self.path("loaded.v2"))
        self.assertEqual(layer.source(), self.path("loaded.v2.tif"))
        # The ending of another format stays what it was: refused.
        algorithm = session.registry.createAlgorithmById("svf:skyviewfactor")
        definition = algorithm.parameterDefinition("OUTPUT")
        for name, accepted in (("svf.png", False), ("svf.vrt", False), ("svf.tiff", True), ("svf.0", True)):
            supported = definition.isSupportedOutputValue(self.path(name), QgsProcessingContext())
            self.assertEqual(supported[0], accepted, (name, supported))
        plan = {"INPUT": self.dsm, "RADIUS": 30, "PLAN": self.path("p.json"), "INDEX": self.path("tiles.2024")}
        self.assertEqual(session.run("svf:tileplan", plan)["INDEX"], self.path("tiles.2024.gpkg"))

    def test_names_of_files_without_their_ending(self):
        plan = session.run("svf:tileplan", {"INPUT": self.dsm, "RADIUS": 5, "PLAN": self.path("my plan.v1")})["PLAN"]
        self.assertEqual(plan, self.path("my plan.v1.json"))
        # Its dialog takes no other ending.
        self.assertEqual(session.run("svf:computetiles", {"PLAN": plan})["TILES_DONE"], 1)
        archive = {"INPUT": self.dsm, "RADIUS": 5, "DIRECTIONS": 4, "OUTPUT": self.path("svfs")}
        self.assertEqual(session.run("svf:solweiginput", archive)["OUTPUT"], self.path("svfs.zip"))
        self.assertTrue(os.path.exists(self.path("svfs.zip")))
        point = {"INPUT": self.dsm, "RADIUS": 5, "POINT": "500128.5,5599872.5", "OUTPUT": self.path("table.csv")}
        for name, written in (("why", "why.svg"), ("why.1", "why.1.svg"), ("why.PNG", "why.PNG")):
            made = session.run("svf:sightlineprofile", dict(point, FIGURE=self.path(name)))["FIGURE"]
            self.assertEqual(made, self.path(written))
            self.assertTrue(os.path.exists(made))
        with self.assertRaisesRegex(QgsProcessingException, "'Figure: heights, sections, horizon' .*why.pdf'?: a fig"):
            session.run("svf:sightlineprofile", dict(point, FIGURE=self.path("why.pdf")))

    def test_a_folder_that_is_not_there(self):
        self.assertIn("folder of the output does not exist", self.failure(OUTPUT=self.path("no", "svf.tif")))

    def test_divisions_without_their_sampling(self):
        self.assertIn("sampling 'divided'", self.failure(DIVISIONS=5))

    def test_refraction_without_curvature(self):
        self.assertIn("only applies with the curvature", self.failure(REFRACTION=0.2))

    def test_a_unit_of_angles_without_angles(self):
        self.assertIn("none is chosen", self.failure(ANGLE_UNIT="radian"))

    def test_a_brightest_azimuth_without_its_measure(self):
        self.assertIn("only applies to the measure svf-anisotropic", self.failure(ANISOTROPY_AZIMUTH=90))
        self.assertIn("only applies to the measure svf-anisotropic", self.failure(ANISOTROPY_LEVEL="high"))

    def test_a_radius_of_0(self):
        self.assertIn("radius", self.failure(RADIUS=0).lower())

    def test_no_measure(self):
        self.failure(MEASURES=[])

    def test_an_output_in_memory(self):
        text = self.failure(OUTPUT="memory:")
        last = text.rsplit("\n", 1)[-1]
        self.assertEqual(last, "The output cannot be a memory layer. Choose a file or a temporary file.")

    def test_what_the_programs_say_speaks_of_the_dialog(self):
        work, plan = self.path("work"), self.path("plan.json")
        self.run_svf(WORK_FOLDER=work)
        refused = self.failure(WORK_FOLDER=work, RADIUS=20)
        self.assertIn("Empty the work folder to start again, or choose another one.", refused)
        self.assertIn("'Search radius' was 30, now it is 20", refused)
        with open(plan, "w", encoding="utf-8") as file:
            file.write("{")
        with self.assertRaises(QgsProcessingException) as caught:
            session.run("svf:computetiles", {"PLAN": plan})
        self.assertIn("Make the plan again with 'Plan tiles'.", str(caught.exception))
        os.remove(plan)
        session.run("svf:tileplan", {"INPUT": self.dsm, "RADIUS": 30, "PLAN": plan})
        os.utime(self.dsm, (0, 0))
        with self.assertRaises(QgsProcessingException) as caught:
            session.run("svf:computetiles", {"PLAN": plan})
        self.assertIn("Make the plan again with 'Plan tiles'.", str(caught.exception))
        bare, feedback = self.path("bare.tif"), session.RecordingFeedback()
        gdal.GetDriverByName("GTiff").CreateCopy(bare, gdal.Open(self.dsm)).SetProjection("")
        self.run_svf(feedback, INPUT=bare)
        self.assertTrue(feedback.warnings[0].startswith(
            "The raster has no CRS.\nIts cell size, the heights and 'Search radius' are assumed to be in the same unit."
        ))  # fmt: skip

    def test_a_budget_that_cannot_work(self):
        self.assertRegex(self.failure(MEMORY=1), "is 1.0 MiB, but this run needs [0-9]+ MB or more")

    def test_a_disk_that_fills(self):
        # As a full disk does, a limit on the size of files fails writes; the tool inherits it.
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
        try:
            text = self.failure()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        self.assertIn("cannot be written", text)
        self.assertIn(self.output, text)
        self.assertEqual(sorted(os.listdir(self.folder)), ["dsm.tif"])


class Stopping(WithRaster):
    """A raster that takes minutes, stopped while it is computed."""

    def setUp(self):
        super().setUp()
        self.large = self.path("large.vrt")
        subprocess.run(
            [program("xtask"), "mosaic-vrt", self.dsm, self.large, "--cols", "40000", "--rows", "40000"],
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def running_tools(self):
        """Process numbers of programs that work on our raster."""
        found = []
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/{}/cmdline".format(entry), "rb") as file:
                    words = file.read().split(b"\0")
            except OSError:
                continue
            if words[0].endswith(b"svf_compute") and self.large.encode() in words:
                found.append(int(entry))
        return found

    def test_cancel_ten_times_out_of_ten(self):
        for _ in range(10):
            feedback = session.RecordingFeedback(cancel_at=0)
            text = self.failure(INPUT=self.large, RADIUS=100, feedback=feedback)
            self.assertEqual(text, "Cancelled. No output was written.")
            self.assertEqual(self.running_tools(), [])
            self.assertEqual(leftovers(self.folder), [])
            self.assertFalse(os.path.exists(self.output))

    def test_a_work_folder_keeps_what_is_done(self):
        work = self.path("work")
        feedback = session.RecordingFeedback(cancel_at=0.2)
        text = self.failure(INPUT=self.large, RADIUS=100, WORK_FOLDER=work, feedback=feedback)
        self.assertIn("Run it again to resume", text)
        self.assertEqual(leftovers(self.folder) + leftovers(work), [])
        self.assertFalse(os.path.exists(self.output))

    def test_tiles_that_are_done_when_it_is_cancelled_are_kept(self):
        plan = self.path("large.json")
        session.run("svf:tileplan", {"INPUT": self.large, "RADIUS": 30, "TILE_SIZE": 1000, "PLAN": plan})
        # Statistics, which QGIS writes into a VRT that it opens for the first time, leave it the same raster.
        session.run("gdal:gdalinfo", {"INPUT": self.large, "OUTPUT": self.path("info.html")})
        with self.assertRaises(QgsProcessingException) as caught:
            session.run("svf:computetiles", {"PLAN": plan}, session.RecordingFeedback(cancel_at=0.2))
        self.assertIn("Run it again to resume", str(caught.exception))
        tiles = self.path("large.tiles")
        self.assertEqual(leftovers(tiles), [])
        kept = [name for name in os.listdir(tiles) if name.endswith(".tif")]
        self.assertGreater(len(kept), 0)
        feedback = session.RecordingFeedback()
        done = session.run("svf:computetiles", {"PLAN": plan, "TILES": "0"}, feedback)
        self.assertEqual(done["TILES_DONE"], 1)

    def test_qgis_is_killed(self):
        session.enable_for_qgis_process()
        qgis = subprocess.Popen(
            [
                shutil.which("qgis_process.bin"), "run", "svf:skyviewfactor",
                "--INPUT=" + self.large, "--OUTPUT=" + self.output,
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.addCleanup(qgis.kill)
        self.wait_for(lambda: leftovers(self.folder))
        self.assertEqual(len(self.running_tools()), 1)
        qgis.send_signal(signal.SIGKILL)
        qgis.wait()
        self.wait_for(lambda: not self.running_tools() and not leftovers(self.folder))
        self.assertFalse(os.path.exists(self.output))

    def wait_for(self, condition):
        """Fails when the condition does not come true in a time that no slow machine needs."""
        for _ in range(600):
            if condition():
                return
            time.sleep(0.1)
        self.fail("waited in vain")


if __name__ == "__main__":
    unittest.main()
