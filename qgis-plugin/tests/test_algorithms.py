# SPDX-License-Identifier: GPL-2.0-or-later
"""Real QGIS, real programs: every way a user runs an algorithm, and what may be in the way."""

import csv
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from unittest import mock

import session
from support import REPOSITORY, TemporaryFolder, program, sample, svf_compute

import numpy
from osgeo import gdal
from processing.gui.AlgorithmDialog import AlgorithmDialog
from processing.gui.RenderingStyles import RenderingStyles
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsDataSourceUri,
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProject,
    QgsRasterDataProvider,
    QgsRasterLayer,
    QgsRasterRange,
    QgsRectangle,
    QgsSingleBandGrayRenderer,
    QgsVectorFileWriter,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QEvent
from svf_tools import settings
from svf_tools.algorithms.base import ToolAlgorithm

gdal.UseExceptions()

MODELS = os.path.join(REPOSITORY, "docs", "qgis", "models")

COMPUTE = {
    "INPUT", "BAND", "RADIUS", "DIRECTIONS", "MISSING", "EXTENT", "SAMPLING", "DIVISIONS", "OBSERVER_HEIGHT",
    "FIRST_AZIMUTH", "NORTH", "MIN_DISTANCE", "SEARCH", "ANGLE_UNIT",
    "Z_FACTOR", "PLAIN_UNITS", "CURVATURE", "REFRACTION", "CANOPY", "TRANSMISSIVITY", "TRUNK_RATIO", "TRUNK", "MEMORY",
    "RECEIVERS", "THREADS",
    "CREATION_OPTIONS", "WORK_FOLDER", "RESOLUTION", "OUTPUT",
}  # fmt: skip
ANISOTROPY = {"ANISOTROPY_AZIMUTH", "ANISOTROPY_LEVEL"}
# Permanent: models and scripts of users name them.
PARAMETERS = {
    "skyviewfactor": COMPUTE | ANISOTROPY | {"MEASURES"},
    "openness": COMPUTE | {"MEASURES"},
    "horizonangles": COMPUTE | {"SIGNED"},
    "solweiginput": COMPUTE - {"RECEIVERS", "MIN_DISTANCE", "SEARCH", "ANGLE_UNIT"},
    "tileplan": COMPUTE - {"THREADS", "CREATION_OPTIONS", "WORK_FOLDER", "RESOLUTION", "OUTPUT"}
    | ANISOTROPY | {"MEASURES", "TILE_SIZE", "PLAN", "INDEX"},
    "computetiles": {"PLAN", "TILES", "MEMORY", "THREADS"},
    "mosaic": {"PLAN", "ALLOW_MISSING", "MEMORY", "THREADS", "CREATION_OPTIONS", "OUTPUT"},
    "sightlineprofile": COMPUTE
    - {"EXTENT", "RECEIVERS", "SEARCH", "ANGLE_UNIT", "THREADS", "CREATION_OPTIONS", "WORK_FOLDER"}
    | ANISOTROPY | {"POINT", "POINTS", "DETAIL", "FIGURE", "FISHEYE", "SKYLINE", "SUN_PATHS"},
}  # fmt: skip
NUMBERS = {
    "OUTPUT", "SVF_MIN", "SVF_MEAN", "SVF_MAX", "VALID_CELLS", "NODATA_CELLS", "ELAPSED_SECONDS", "TOOL_VERSION",
}  # fmt: skip
# Of a single point: output -> measure.
OF_A_POINT = {
    "SVF": "svf", "SVF_ERROR": "svf-error", "SVF_COSINE": "svf-cosine", "SVF_SLOPE": "svf-slope",
    "VISIBLE_SKY": "visible-sky",
    "SVF_COS": "svf-cos", "TERRAIN_VIEW": "terrain-view", "OPENNESS_POSITIVE": "openness-positive",
    "OPENNESS_NEGATIVE": "openness-negative", "SVF_ANISOTROPIC": "svf-anisotropic", "SVF_NORTH": "svf-north",
    "SVF_EAST": "svf-east", "SVF_SOUTH": "svf-south", "SVF_WEST": "svf-west", "HORIZON_DISTANCE": "horizon-distance",
    "SVF_VEG": "svf-veg", "SVF_VEG_NORTH": "svf-veg-north", "SVF_VEG_EAST": "svf-veg-east",
    "SVF_VEG_SOUTH": "svf-veg-south", "SVF_VEG_WEST": "svf-veg-west",
    "SVF_AVEG": "svf-aveg", "SVF_AVEG_NORTH": "svf-aveg-north", "SVF_AVEG_EAST": "svf-aveg-east",
    "SVF_AVEG_SOUTH": "svf-aveg-south", "SVF_AVEG_WEST": "svf-aveg-west",
    "SLOPE": "slope", "ASPECT": "aspect", "COVERAGE": "coverage",
}  # fmt: skip
OUTPUTS = {
    "skyviewfactor": NUMBERS,
    "openness": NUMBERS,
    "horizonangles": NUMBERS,
    "solweiginput": NUMBERS,
    "tileplan": {"PLAN", "INDEX", "TILE_COUNT"},
    "computetiles": {"PLAN", "TILES_DONE"},
    "mosaic": {"OUTPUT"},
    "sightlineprofile": set(OF_A_POINT)
    | {"OUTPUT", "FIGURE", "FISHEYE", "SKYLINE", "HEIGHT", "POINT_COUNT", "POINTS_WITH_VALUE"}
    | {"ELAPSED_SECONDS", "TOOL_VERSION"},
}


def cells(path):
    """All bands of a raster, with its placement."""
    dataset = gdal.Open(path)
    return dataset.GetGeoTransform(), dataset.GetProjection(), dataset.ReadAsArray().tobytes()


def discard(dialog):
    """Deletes a dialog now: its widgets would hear of a later project, when their provider may be gone."""
    dialog.deleteLater()
    session.application.sendPostedEvents(dialog, QEvent.Type.DeferredDelete)


class Declarations(unittest.TestCase):
    def algorithms(self):
        return {a.name(): a for a in session.registry.algorithms() if a.provider().id() == "svf"}

    def test_names_are_permanent(self):
        found = self.algorithms()
        self.assertEqual(set(found), set(PARAMETERS))
        for name, algorithm in found.items():
            keys = {definition.name() for definition in algorithm.parameterDefinitions()}
            self.assertEqual(keys, PARAMETERS[name], name)
            keys = {definition.name() for definition in algorithm.outputDefinitions()}
            self.assertEqual(keys, OUTPUTS[name], name)

    def test_every_algorithm_explains_itself(self):
        for name, algorithm in self.algorithms().items():
            self.assertIsNotNone(algorithm.create(), name)
            self.assertTrue(algorithm.displayName() and algorithm.group() and algorithm.shortDescription(), name)
            self.assertGreater(len(algorithm.tags()), 5, name)
            self.assertTrue(os.path.exists(algorithm.svgIconPath()), name)
            self.assertFalse(algorithm.icon().pixmap(24, 24).toImage().isNull(), name)
            help_text = algorithm.shortHelpString()
            for definition in algorithm.parameterDefinitions():
                self.assertTrue(definition.help() or definition.isDestination(), definition.name())
                if definition.help():
                    self.assertIn(definition.help().split("\n")[0], help_text)
                for line in definition.help().split("\n")[1:]:
                    choice, text = line.split(":", 1)
                    shown = choice if choice == "Empty" else "<b>{}</b>".format(choice)
                    self.assertIn("<br>{}:{}".format(shown, text), help_text)

    def test_measures_are_those_of_the_tool(self):
        usage = subprocess.run([program("svf_compute"), "--json-usage"], capture_output=True, check=True, text=True)
        choices = {a["name"]: a["choices"] for a in json.loads(usage.stdout)["arguments"]}
        definition = self.algorithms()["skyviewfactor"].parameterDefinition("MEASURES")
        self.assertEqual(list(definition.options()), choices["measure"])
        self.assertEqual(set(choices["measure"]), {"horizon"} | set(OF_A_POINT.values()))
        for key in ("MISSING", "SAMPLING", "ANISOTROPY_LEVEL"):
            definition = self.algorithms()["skyviewfactor"].parameterDefinition(key)
            self.assertEqual(set(definition.options()), set(choices[key.lower().replace("_", "-")]))

    def test_rasters_are_written_as_tif(self):
        provider = session.registry.providerById("svf")
        self.assertEqual(provider.supportedOutputRasterLayerExtensions(), ["tif"])
        self.assertEqual(provider.defaultRasterFileExtension(), "tif")
        self.assertEqual(provider.versionInfo(), "0.1.0")

    def test_loading_and_unloading_again(self):
        session.plugin.unload()
        self.assertIsNone(session.registry.providerById("svf"))
        self.assertIsNone(session.ProcessingConfig.getSetting(settings.FOLDER))
        session.plugin.initGui()
        self.assertEqual(set(self.algorithms()), set(PARAMETERS))


class WithRaster(TemporaryFolder):
    def setUp(self):
        super().setUp()
        self.dsm = sample(self.path("dsm.tif"))
        self.output = self.path("svf.tif")
        self.addCleanup(QgsProject.instance().clear)

    def run_svf(self, feedback=None, algorithm="svf:skyviewfactor", **parameters):
        values = {"INPUT": self.dsm, "RADIUS": 30, "OUTPUT": self.output}
        values.update(parameters)
        return session.run(algorithm, values, feedback)

    def failure(self, **parameters):
        with self.assertRaises(QgsProcessingException) as caught:
            self.run_svf(**parameters)
        self.assertNotIn("Traceback", str(caught.exception))
        return str(caught.exception)

    def let_qgis_work_until(self, condition):
        """Runs the event loop; fails after a time that no slow machine needs."""
        for _ in range(1200):
            session.application.processEvents()
            if condition():
                return
            time.sleep(0.05)
        self.fail("waited in vain")

    def run_in_dialog(self, algorithm, **parameters):
        """The dialog as the toolbox opens it, run in the background; the layer that it loads."""
        project = QgsProject.instance()
        layer = QgsRasterLayer(self.dsm, "dsm")
        project.addMapLayer(layer)
        before = set(project.mapLayers())
        dialog = AlgorithmDialog(session.registry.createAlgorithmById(algorithm))
        dialog.setParameters(dict(parameters, INPUT=layer.id(), RADIUS=30))
        finished = []
        dialog.algorithmFinished.connect(lambda successful, results: finished.append((successful, results)))
        dialog.runAlgorithm()
        self.let_qgis_work_until(lambda: finished)
        self.assertTrue(finished[0][0])
        session.application.processEvents()
        loaded = set(project.mapLayers()) - before
        self.assertEqual(len(loaded), 1)
        return project.mapLayer(loaded.pop())

    def assert_as_command_line(self, *options, output=None):
        expected = self.path("expected.tif")
        svf_compute(self.dsm, expected, "--overwrite", *options)
        self.assertEqual(cells(output or self.output), cells(expected))


class Running(WithRaster):
    def test_default_values_are_those_of_the_tool(self):
        result = session.run("svf:skyviewfactor", {"INPUT": self.dsm, "OUTPUT": self.output})
        self.assert_as_command_line("--radius", "100")
        self.assertEqual(set(result), NUMBERS)
        self.assertEqual(result["VALID_CELLS"] + result["NODATA_CELLS"], 256 * 256)
        self.assertEqual(result["TOOL_VERSION"], "0.1.0")
        made = gdal.Open(self.output)
        lowest, highest, mean, _ = made.GetRasterBand(1).ComputeStatistics(False)
        self.assertEqual((result["SVF_MIN"], result["SVF_MAX"]), (lowest, highest))
        self.assertAlmostEqual(result["SVF_MEAN"], mean, places=6)

    def test_bands_that_are_not_told_are_counted(self):
        for directions, more in ((20, None), (24, "More bands: 4")):
            feedback = session.RecordingFeedback()
            asked = {"INPUT": self.dsm, "RADIUS": 5, "DIRECTIONS": directions, "OUTPUT": self.output}
            session.run("svf:horizonangles", asked, feedback)
            self.assertEqual(len([line for line in feedback.infos if line.startswith("horizon ")]), 20)
            self.assertEqual([line for line in feedback.infos if "More" in line], [more] if more else [])

    def test_every_parameter_reaches_the_tool(self):
        self.run_svf(
            BAND=1, RADIUS=12.3456789012345, DIRECTIONS=9, MEASURES=["coverage", "svf-anisotropic"], MISSING="stop",
            SAMPLING="divided", DIVISIONS=7, OBSERVER_HEIGHT=1.5, Z_FACTOR=2.5, CURVATURE=True, REFRACTION=0.25,
            ANISOTROPY_AZIMUTH=90, ANISOTROPY_LEVEL="high", MEMORY=300, THREADS=1,
            CREATION_OPTIONS="COMPRESS=LZW|PREDICTOR=1",
        )  # fmt: skip
        self.assert_as_command_line(
            "--radius", "12.3456789012345", "-n", "9", "--measure", "coverage,svf-anisotropic", "--missing", "stop",
            "--sampling", "divided", "--divisions", "7", "--observer-height", "1.5", "--z-factor", "2.5",
            "--curvature", "--refraction", "0.25", "--anisotropy-azimuth", "90", "--anisotropy-level", "high",
        )  # fmt: skip
        made = gdal.Open(self.output)
        self.assertEqual(made.GetMetadata("IMAGE_STRUCTURE")["COMPRESSION"], "LZW")
        self.assertEqual(made.GetMetadataItem("SVF_RADIUS"), "12.3456789012345")

    def test_a_plan_takes_what_a_run_takes(self):
        plan = self.path("plan.json")
        values = {"MEASURES": "svf-anisotropic", "ANISOTROPY_AZIMUTH": 90, "CURVATURE": True, "REFRACTION": 0.25}
        session.run("svf:tileplan", dict(values, INPUT=self.dsm, RADIUS=30, PLAN=plan))
        with open(plan, encoding="utf-8") as file:
            text = file.read()
        self.assertIn('"anisotropy_azimuth":90.0', text.replace(": ", ":"))
        self.assertIn('"refraction":0.25', text.replace(": ", ":"))

    def test_measures_in_the_order_given_and_as_one_text(self):
        self.run_svf(MEASURES="visible-sky")
        self.assert_as_command_line("--radius", "30", "--measure", "visible-sky")

    def test_coordinates_that_only_look_like_degrees(self):
        small = self.path("small.tif")
        made = gdal.Translate(small, self.dsm, outputSRS="EPSG:25832", noData="none")
        made.SetGeoTransform((8, 0.0001, 0, 50, 0, -0.0001))
        made.SetProjection("")
        made = None
        text = self.failure(INPUT=small, RADIUS=0.003)
        self.assertIn("'Coordinates are plain units'", text)
        self.assertNotIn("--plain-units", text)
        self.run_svf(INPUT=small, RADIUS=0.003, PLAIN_UNITS=True)
        self.dsm = small
        self.assert_as_command_line("--radius", "0.003", "--plain-units")

    def test_openness_and_horizon_angles(self):
        self.run_svf(algorithm="svf:openness")
        self.assert_as_command_line("--radius", "30", "--measure", "openness-positive,openness-negative")
        self.run_svf(algorithm="svf:horizonangles", DIRECTIONS=6, SIGNED=True)
        self.assert_as_command_line("--radius", "30", "-n", "6", "--measure", "horizon", "--signed")
        self.run_svf(algorithm="svf:openness", ANGLE_UNIT="radian")
        measures = "openness-positive,openness-negative"
        self.assert_as_command_line("--radius", "30", "--measure", measures, "--angle-unit", "radian")

    def test_the_archive_for_solweig(self):
        crowns, archive = self.path("crowns.tif"), self.path("svfs.zip")
        made = gdal.GetDriverByName("GTiff").CreateCopy(crowns, gdal.Open(self.dsm))
        heights = numpy.zeros((256, 256), numpy.float32)
        heights[100:110, 50:200] = 12
        made.GetRasterBand(1).WriteArray(heights)
        made = None
        result = self.run_svf(algorithm="svf:solweiginput", CANOPY=crowns, OUTPUT=archive)
        self.assertEqual((result["OUTPUT"], result["VALID_CELLS"] + result["NODATA_CELLS"]), (archive, 256 * 256))
        members = ["/vsizip/" + archive + "/" + name for name in gdal.ReadDir("/vsizip/" + archive)]
        self.assertEqual(len(members), 15)
        self.assert_as_command_line(
            "--radius", "30", "--measure", "svf-cosine", output="/vsizip/" + archive + "/svf.tif"
        )
        for measure, name in (("svf-veg", "svfveg"), ("svf-aveg-east", "svfEaveg")):
            self.assert_as_command_line(
                "--radius", "30", "--measure", measure, "--canopy", crowns,
                output="/vsizip/{}/{}.tif".format(archive, name),
            )  # fmt: skip
        self.assertTrue(os.path.exists(self.path("SkyViewFactor.tif")))

    def test_vegetation(self):
        crowns, trunks = self.path("crowns.tif"), self.path("trunks.tif")
        for path, height in ((crowns, 12), (trunks, 3)):
            made = gdal.GetDriverByName("GTiff").CreateCopy(path, gdal.Open(self.dsm))
            heights = numpy.zeros((256, 256), numpy.float32)
            heights[100:110, 50:200] = height
            made.GetRasterBand(1).WriteArray(heights)
            made = None
        self.run_svf(CANOPY=crowns, TRANSMISSIVITY=0.5, TRUNK_RATIO=0.1)
        self.assert_as_command_line(
            "--radius", "30", "--canopy", crowns, "--transmissivity", "0.5", "--trunk-ratio", "0.1"
        )
        self.run_svf(CANOPY=crowns, TRUNK=trunks)
        self.assert_as_command_line("--radius", "30", "--canopy", crowns, "--trunk", trunks)
        self.assertIn("only applies with vegetation", self.failure(TRANSMISSIVITY=0.5))
        refused = self.failure(CANOPY=crowns, TRUNK=trunks, TRUNK_RATIO=0.1)
        self.assertIn("Trunk heights: leave either this or the trunk ratio empty.", refused)

    def test_only_some_cells(self):
        mask = self.path("mask.tif")
        made = gdal.GetDriverByName("GTiff").CreateCopy(mask, gdal.Open(self.dsm))
        wanted = numpy.zeros((256, 256), numpy.float32)
        wanted[100:110, 50:200] = 1
        made.GetRasterBand(1).WriteArray(wanted)
        made = None
        result = self.run_svf(RECEIVERS=mask)
        self.assertEqual((result["VALID_CELLS"], result["NODATA_CELLS"]), (1500, 256 * 256 - 1500))
        self.assert_as_command_line("--radius", "30", "--receivers", mask)
        # The same cells as a polygon: of a layer in memory, and of the second layer of a file.
        corner = gdal.Open(self.dsm).GetGeoTransform()
        left, top, side = corner[0], corner[3], corner[1]
        box = QgsGeometry.fromRect(
            QgsRectangle(left + 50 * side, top - 110 * side, left + 200 * side, top - 100 * side)
        )
        polygons = QgsVectorLayer("Polygon?crs=EPSG:25832", "streets", "memory")
        feature = QgsFeature()
        feature.setGeometry(box)
        polygons.dataProvider().addFeature(feature)
        by_raster = cells(self.output)
        self.run_svf(RECEIVERS=polygons)
        self.assertEqual(cells(self.output), by_raster)
        file = self.path("streets.gpkg")
        for name, action in (("empty", "CreateOrOverwriteFile"), ("streets", "CreateOrOverwriteLayer")):
            options = QgsVectorFileWriter.SaveVectorOptions()
            options.layerName = name
            options.actionOnExistingFile = getattr(QgsVectorFileWriter, action)
            layer = polygons if name == "streets" else QgsVectorLayer("Polygon?crs=EPSG:25832", name, "memory")
            QgsVectorFileWriter.writeAsVectorFormatV3(layer, file, QgsCoordinateTransformContext(), options)
        self.run_svf(RECEIVERS=file + "|layername=streets")
        self.assertEqual(cells(self.output), by_raster)
        plan = {"INPUT": self.dsm, "RADIUS": 30, "PLAN": self.path("plan.json"), "RECEIVERS": polygons}
        with self.assertRaisesRegex(Exception, "Export it as a GeoPackage"):
            session.run("svf:tileplan", plan)

    def test_a_layer_in_degrees_is_measured_in_metres_and_said_so(self):
        degrees = self.path("degrees.tif")
        gdal.Warp(degrees, self.dsm, dstSRS="EPSG:4326")
        feedback = session.RecordingFeedback()
        self.run_svf(feedback, INPUT=degrees, RADIUS=25)
        self.assertIn("The raster is in degrees.", feedback.warnings[0])
        self.dsm = degrees
        self.assert_as_command_line("--radius", "25")
        # What the dialog's label suggests: a radius in degrees.
        self.assertIn("looks like degrees", self.failure(INPUT=degrees, RADIUS=0.0003))

    def test_a_part_of_the_raster_in_its_own_and_in_another_crs(self):
        # Half a million metres: a rounded coordinate would move the window.
        box = "500050.5,500149.5,5599850.25,5599949.75 [EPSG:25832]"
        self.run_svf(EXTENT=box)
        self.assert_as_command_line("--radius", "30", "--bbox", "500050.5,5599850.25,500149.5,5599949.75")
        placement, _, _ = cells(self.output)
        self.assertEqual((placement[0], placement[3]), (500051.0, 5599950.0))
        self.run_svf(EXTENT="8.9,9.1,50.4,50.6 [EPSG:4326]")
        self.assert_as_command_line("--radius", "30")
        self.assertIn("lies outside the raster", self.failure(EXTENT="1,2,3,4 [EPSG:25832]"))

    def test_progress_is_true_and_messages_are_told(self):
        feedback = session.RecordingFeedback()
        self.run_svf(feedback)
        self.assertEqual(feedback.percents[-1], 100)
        self.assertEqual(feedback.percents, sorted(feedback.percents))
        self.assertIn("--radius 30.0", feedback.commands[0])
        self.assertTrue(any(text.startswith("svf: 0.") for text in feedback.infos), feedback.infos)
        self.assertEqual(feedback.errors, [])

    def test_warnings_of_the_tool_are_warnings(self):
        feedback = session.RecordingFeedback()
        self.run_svf(feedback, RADIUS=10_000)
        self.assertIn("larger than the raster", feedback.warnings[0])

    def test_a_layer_of_the_project_with_open_options_and_in_a_zip(self):
        with_options = "{}|option:NUM_THREADS=1".format(self.dsm)
        layer = QgsRasterLayer(with_options, "dsm")
        self.assertTrue(layer.isValid())
        QgsProject.instance().addMapLayer(layer)
        feedback = session.RecordingFeedback()
        self.run_svf(feedback, INPUT=layer.id())
        self.assertIn("--oo NUM_THREADS=1", feedback.commands[0])
        archive = shutil.make_archive(self.path("rasters"), "zip", self.folder, "dsm.tif")
        layer = QgsRasterLayer("/vsizip/{}/dsm.tif".format(archive), "zipped")
        QgsProject.instance().addMapLayer(layer)
        self.run_svf(INPUT=layer)
        self.assert_as_command_line("--radius", "30")

    def test_an_output_that_is_open_in_the_project_is_replaced(self):
        self.run_svf()
        layer = QgsRasterLayer(self.output, "open")
        QgsProject.instance().addMapLayer(layer)
        self.run_svf(RADIUS=10)
        self.assert_as_command_line("--radius", "10")
        self.assertTrue(layer.isValid())

    def test_the_loaded_layer_is_grey_in_a_fixed_range_and_named_after_the_run(self):
        for algorithm, name, black_white in (
            ("svf:skyviewfactor", "Sky view factor, radius 30", (0, 1)),
            ("svf:openness", "Topographic openness, radius 30", (50, 100)),
        ):
            layer = self.run_in_dialog(algorithm)
            self.assertEqual(layer.name(), name)
            renderer = layer.renderer()
            self.assertIsInstance(renderer, QgsSingleBandGrayRenderer)
            stretch = renderer.contrastEnhancement()
            self.assertEqual((stretch.minimumValue(), stretch.maximumValue()), black_white)
        stretch = self.run_in_dialog("svf:openness", ANGLE_UNIT="radian").renderer().contrastEnhancement()
        self.assertAlmostEqual(stretch.minimumValue(), 50 * numpy.pi / 180)
        self.assertAlmostEqual(stretch.maximumValue(), 100 * numpy.pi / 180)

    def test_a_style_and_a_name_that_the_user_chose_are_kept(self):
        style = self.path("style.qml")
        layer = QgsRasterLayer(self.dsm, "dsm")
        layer.setOpacity(0.25)
        layer.saveNamedStyle(style)
        RenderingStyles.styles["svf:skyviewfactor"] = {"OUTPUT": style}
        self.addCleanup(RenderingStyles.styles.clear)
        # QGIS takes what lies in the system's temporary folder for unnamed.
        with mock.patch.dict(os.environ, {"TMPDIR": session.HOME}):
            layer = self.run_in_dialog("svf:skyviewfactor", OUTPUT=self.output)
        self.assertEqual(layer.opacity(), 0.25)
        self.assertEqual(layer.name(), "svf")

    def test_names_that_begin_like_an_option(self):
        before = os.getcwd()
        self.addCleanup(os.chdir, before)
        os.chdir(self.folder)
        shutil.copy(self.dsm, "-dsm.tif")
        self.run_svf(INPUT="-dsm.tif", OUTPUT="-svf.tif")
        self.assert_as_command_line("--radius", "30", output=self.path("-svf.tif"))
        session.run("svf:tileplan", {"INPUT": "-dsm.tif", "RADIUS": 30, "PLAN": "-plan.json"})
        session.run("svf:computetiles", {"PLAN": "-plan.json"})
        session.run("svf:mosaic", {"PLAN": "-plan.json", "OUTPUT": self.output})
        self.assert_as_command_line("--radius", "30")
        values = {"INPUT": "-dsm.tif", "RADIUS": 30, "POINT": "500100,5599900 [EPSG:25832]"}
        session.run("svf:sightlineprofile", dict(values, OUTPUT="-why.csv", FIGURE="-why.svg"))
        self.assertTrue(os.path.exists(self.path("-why.svg")))

    def test_qgis_process_returns_the_numbers(self):
        session.enable_for_qgis_process()
        done = session.qgis_process(
            "run", "--json", "svf:skyviewfactor", "--INPUT=" + self.dsm, "--RADIUS=30",
            "--MEASURES=svf", "--MEASURES=coverage", "--OUTPUT=" + self.output,
        )  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stderr)
        results = json.loads(done.stdout)["results"]
        self.assertEqual(set(results), NUMBERS)
        self.assertEqual(results["VALID_CELLS"] + results["NODATA_CELLS"], 256 * 256)
        self.assert_as_command_line("--radius", "30", "--measure", "svf,coverage")
        failed = session.qgis_process(
            "run", "svf:skyviewfactor", "--INPUT=" + self.dsm, "--BAND=7", "--OUTPUT=" + self.output
        )
        self.assertEqual(failed.returncode, 1)
        self.assertIn("no band 7", failed.stdout + failed.stderr)

    def test_the_history_of_qgis_keeps_the_measures(self):
        algorithm = session.registry.createAlgorithmById("svf:skyviewfactor")
        context = QgsProcessingContext()
        for chosen, written in ((["svf"], "'svf'"), (["svf", "coverage"], "['svf','coverage']")):
            values = algorithm.preprocessParameters({"INPUT": self.dsm, "MEASURES": chosen})
            definition = algorithm.parameterDefinition("MEASURES")
            self.assertEqual(definition.valueAsPythonString(values["MEASURES"], context), written)
            self.assertEqual(algorithm.parameterAsEnumStrings(values, "MEASURES", context), chosen)


class CrsOfTheLayer(WithRaster):
    """What QGIS knows and the file does not say, or says otherwise."""

    def setUp(self):
        super().setUp()
        # As the tools would read it if the file said what the layer says.
        self.degrees = self.path("degrees.tif")
        heights = gdal.Warp("", self.dsm, format="MEM", dstSRS="EPSG:4326", dstNodata=-7)
        heights.GetRasterBand(1).WriteArray(numpy.full((20, 20), -7, numpy.float32), 30, 40)
        heights.GetRasterBand(1).SetScale(0.5)
        heights.GetRasterBand(1).SetOffset(3)
        gdal.GetDriverByName("GTiff").CreateCopy(self.degrees, heights)

    def layer(self, of_file, of_layer="EPSG:4326", name="bare.tif", open_options=""):
        """A layer of the project: the heights in degrees, in a file that says another CRS."""
        path = self.path(name)
        copied = gdal.GetDriverByName("GTiff").CreateCopy(path, gdal.Open(self.degrees))
        copied.SetProjection(of_file)
        copied = None
        self.assertEqual(bool(gdal.Open(path).GetProjection()), bool(of_file))
        layer = QgsRasterLayer(path + open_options, "bare")
        layer.setCrs(QgsCoordinateReferenceSystem(of_layer))
        QgsProject.instance().addMapLayer(layer)
        return layer

    def wkt(self, code):
        return QgsCoordinateReferenceSystem(code).toWkt()

    def assert_as_in_degrees(self, *options, output=None):
        self.dsm = self.degrees
        self.assert_as_command_line("--radius", "20", *options, output=output)

    def test_a_file_without_crs_is_computed_in_the_crs_of_the_layer(self):
        feedback = session.RecordingFeedback()
        result = self.run_svf(feedback, INPUT=self.layer(""), RADIUS=20)
        self.assert_as_in_degrees()
        self.assertEqual(result["NODATA_CELLS"], 400)
        self.assertEqual(QgsRasterLayer(self.output).crs().authid(), "EPSG:4326")
        self.assertIn("Heights: the CRS of the layer is used (EPSG:4326), not that of the file (none)", feedback.infos)
        self.assertEqual(gdal.Open(self.output).GetMetadataItem("SVF_INPUT"), "bare.tif.vrt")

    def test_a_crs_that_is_not_that_of_the_file_is_that_of_the_layer(self):
        self.run_svf(INPUT=self.layer(self.wkt("EPSG:3857"), open_options="|option:NUM_THREADS=1"), RADIUS=20)
        self.assert_as_in_degrees()

    def test_a_crs_that_was_taken_from_a_layer(self):
        layer = self.layer(self.wkt("EPSG:4326"), of_layer="")
        # Degrees that nobody calls so: the refusal names the switch by its title.
        refused = self.failure(INPUT=layer, RADIUS=0.002)
        # The file that was read is a temporary one.
        self.assertTrue(refused.startswith("The coordinates of {} look like degrees".format(layer.name())), refused)
        self.assertIn("look like degrees, but its CRS is not in degrees.\nIf they are degrees, set", refused)
        self.assertIn("If they are not, tick 'Coordinates are plain units' in the advanced parameters.", refused)
        feedback = session.RecordingFeedback()
        self.run_svf(feedback, INPUT=layer, RADIUS=0.002, PLAIN_UNITS=True)
        self.assertEqual(gdal.Open(self.output).GetProjection(), "")
        self.assertTrue(any("has no CRS" in text for text in feedback.warnings), feedback.warnings)

    def test_the_same_crs_by_number_and_by_definition_is_one(self):
        nameless = self.wkt("EPSG:4326").rsplit(",ID[", 1)[0] + "]"
        layer = self.layer(nameless)
        feedback = session.RecordingFeedback()
        self.run_svf(feedback, INPUT=layer, RADIUS=20)
        self.assertIn(layer.source(), shlex.split(feedback.commands[0]))
        self.assertNotIn(".vrt", feedback.commands[0])

    def test_another_file_name_in_a_zip_and_a_relative_one(self):
        layer = self.layer("", name="-bare.tif")
        archive = shutil.make_archive(self.path("rasters"), "zip", self.folder, "-bare.tif")
        before = os.getcwd()
        self.addCleanup(os.chdir, before)
        # QGIS writes statistics beside a raster when it closes it.
        self.addCleanup(QgsProject.instance().clear)
        os.chdir(self.folder)
        for source in ("/vsizip/{}/-bare.tif".format(archive), "-bare.tif"):
            layer = QgsRasterLayer(source, "bare")
            layer.setCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
            QgsProject.instance().addMapLayer(layer)
            self.run_svf(INPUT=layer, RADIUS=20)
            self.assert_as_in_degrees()

    def test_vegetation_has_the_crs_of_its_layer(self):
        crowns, trunks = self.layer("", name="crowns.tif"), self.layer("", name="trunks.tif")
        self.run_svf(INPUT=self.degrees, CANOPY=crowns, TRUNK=trunks, RADIUS=20)
        self.assert_as_in_degrees("--canopy", self.degrees, "--trunk", self.degrees)

    def test_the_table_of_a_point(self):
        layer = self.layer("")
        place = layer.extent().center()
        point = "{!r},{!r} [EPSG:4326]".format(place.x(), place.y())
        table = self.path("why.gpkg")
        values = {"RADIUS": 20, "POINT": point, "OUTPUT": table}
        found = session.run("svf:sightlineprofile", dict(values, INPUT=layer))
        self.assertEqual(QgsVectorLayer(table).crs().authid(), "EPSG:4326")
        self.assertEqual(found["SVF"], session.run("svf:sightlineprofile", dict(values, INPUT=self.degrees))["SVF"])

    def test_the_file_behind_it_is_not_overwritten(self):
        layer = self.layer("")
        before = cells(layer.source())
        self.assertIn("belongs to the input", self.failure(INPUT=layer, OUTPUT=layer.source()))
        self.assertEqual(cells(layer.source()), before)

    def test_what_is_read_again_later_is_refused(self):
        layer, plan = self.layer(""), self.path("plan.json")
        with self.assertRaises(QgsProcessingException) as caught:
            session.run("svf:tileplan", {"INPUT": layer, "RADIUS": 20, "PLAN": plan})
        self.assertIn("the layer has another CRS (EPSG:4326) than its file (none)", str(caught.exception))
        self.assertIn("Raster > Projections > Assign Projection", str(caught.exception))
        self.assertFalse(os.path.exists(plan))
        self.assertIn("Assign Projection", self.failure(INPUT=layer, WORK_FOLDER=self.path("work")))


class MissingInTheLayer(WithRaster):
    """NoData that a user has set in QGIS, or switched off, counts as there."""

    def setUp(self):
        super().setUp()
        # Whole heights, of which some are to be missing; the file declares one of them.
        heights = numpy.round(gdal.Open(self.dsm).ReadAsArray()).astype(numpy.int16)
        heights[100:110, 100:110] = -9999
        heights[10:20, 10:20] = -32768
        self.heights = heights
        self.write(self.dsm)

    def write(self, path, scale=None):
        """The heights as a file, scaled perhaps."""
        if path == self.dsm:
            os.rename(path, self.path("source.tif"))
        made = gdal.Translate(path, self.path("source.tif"), outputType=gdal.GDT_Int16, noData=-9999)
        band = made.GetRasterBand(1)
        band.WriteArray(self.heights)
        if scale:
            band.SetScale(scale)

    def layer(self, path=None):
        layer = QgsRasterLayer(path or self.dsm, "heights")
        QgsProject.instance().addMapLayer(layer)
        return layer

    def missing(self):
        """Which cells of the result have no value: those of the first square, and those of the second."""
        empty = gdal.Open(self.output).ReadAsArray() == -9999
        return bool(empty[100:110, 100:110].all()), bool(empty[10:20, 10:20].all()), int(empty.sum())

    def test_values_that_the_user_added(self):
        feedback = session.RecordingFeedback()
        layer = self.layer()
        self.run_svf(feedback, INPUT=layer)
        self.assertNotIn("--input-nodata", feedback.commands[0])
        self.assertEqual(self.missing(), (True, False, 100))
        layer.dataProvider().setUserNoDataValue(1, [QgsRasterRange(-32768, -32768)])
        self.run_svf(feedback, INPUT=layer)
        self.assertEqual(self.missing(), (True, True, 200))
        self.assert_as_command_line("--radius", "30", "--input-nodata=-9999,-32768")
        said = "Heights: the NoData values that are set in the layer are used: -9999.0, -32768.0"
        self.assertIn(said, feedback.infos)

    def test_the_value_of_the_file_switched_off(self):
        layer = self.layer()
        layer.dataProvider().setUseSourceNoDataValue(1, False)
        self.run_svf(INPUT=layer)
        self.assertEqual(self.missing(), (False, False, 0))
        self.assert_as_command_line("--radius", "30", "--input-nodata", "none")

    def test_a_range_is_no_value_and_said_so(self):
        layer, feedback = self.layer(), session.RecordingFeedback()
        layer.dataProvider().setUserNoDataValue(1, [QgsRasterRange(-40000, -10000)])
        self.run_svf(feedback, INPUT=layer)
        self.assertEqual(self.missing(), (True, False, 100))
        self.assertIn("Heights: NoData ranges of the layer are not used: -40000.0 - -10000.0", feedback.infos)

    def test_scaled_heights(self):
        scaled = self.path("scaled.tif")
        self.write(scaled, 0.1)
        layer = self.layer(scaled)
        # As QGIS shows it.
        layer.dataProvider().setUserNoDataValue(1, [QgsRasterRange(-3276.8, -3276.8)])
        self.run_svf(INPUT=layer)
        self.assertEqual(self.missing(), (True, True, 200))

    def test_in_a_plan_and_for_a_point(self):
        layer, plan = self.layer(), self.path("plan.json")
        layer.dataProvider().setUserNoDataValue(1, [QgsRasterRange(-32768, -32768)])
        session.run("svf:tileplan", {"INPUT": layer, "RADIUS": 30, "PLAN": plan})
        session.run("svf:computetiles", {"PLAN": plan})
        session.run("svf:mosaic", {"PLAN": plan, "OUTPUT": self.output})
        self.assertEqual(self.missing(), (True, True, 200))
        values = {"INPUT": layer, "RADIUS": 30, "OUTPUT": self.path("table.csv")}
        with self.assertRaises(QgsProcessingException) as caught:
            session.run("svf:sightlineprofile", dict(values, POINT="500015.5,5599984.5 [EPSG:25832]"))
        self.assertIn("NoData", str(caught.exception))

    def test_of_vegetation_only_that_of_the_file(self):
        crowns, feedback = self.layer(), session.RecordingFeedback()
        crowns.dataProvider().setUserNoDataValue(1, [QgsRasterRange(5, 5)])
        self.run_svf(feedback, CANOPY=crowns, INPUT=self.dsm)
        told = "Vegetation: NoData that is set in the layer is not used, only that of the file"
        self.assertIn(told, feedback.infos)


class OnlyInQgis(WithRaster):
    """Layers that GDAL cannot open by their source are exported behind the scenes."""

    def virtual(self, cells=256):
        """The heights as a layer of QGIS's own provider of virtual rasters."""
        # Not every name gets through the address of such a layer.
        folder = tempfile.mkdtemp(prefix="svf-")
        self.addCleanup(shutil.rmtree, folder)
        plain = shutil.copy(self.dsm, folder)
        source = QgsRasterLayer(plain, "dsm")
        QgsProject.instance().addMapLayer(source)
        inputs = QgsRasterDataProvider.VirtualRasterInputLayers()
        inputs.name, inputs.uri, inputs.provider = "dsm", plain, "gdal"
        parts = QgsRasterDataProvider.VirtualRasterParameters()
        parts.crs, parts.extent = source.crs(), source.extent()
        parts.width = parts.height = cells
        parts.formula, parts.rInputLayers = '"dsm@1" * 1', [inputs]
        uri = QgsRasterDataProvider.encodeVirtualRasterProviderUri(parts)
        layer = QgsRasterLayer(uri, "virtual höhe", "virtualraster")
        self.assertTrue(layer.isValid())
        QgsProject.instance().addMapLayer(layer)
        return layer

    def test_a_virtual_raster_has_its_own_cells(self):
        feedback = session.RecordingFeedback()
        self.run_svf(feedback, INPUT=self.virtual())
        self.assert_as_command_line("--radius", "30")
        self.assertIn("virtual höhe: exported to a temporary file, 256 x 256 cells", feedback.infos)

    def test_a_resolution_and_a_part(self):
        layer = self.virtual()
        self.run_svf(INPUT=layer, RESOLUTION=2)
        placement, _, _ = cells(self.output)
        self.assertEqual((placement[1], placement[5], gdal.Open(self.output).RasterXSize), (2, -2, 128))
        feedback = session.RecordingFeedback()
        self.run_svf(feedback, INPUT=layer, EXTENT="500060,500100,5599860,5599900 [EPSG:25832]")
        self.assert_as_command_line("--radius", "30", "--bbox", "500060,5599860,500100,5599900")
        self.assertIn("virtual höhe: exported to a temporary file, 100 x 100 cells", feedback.infos)

    def web_coverage(self):
        """The heights as a layer of a WCS on this machine."""
        server = subprocess.Popen(
            [sys.executable, os.path.join(os.path.dirname(__file__), "wcs_server.py"), self.dsm],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.addCleanup(server.communicate)
        about = {"identifier": "heights", "crs": "EPSG:25832", "format": "GeoTIFF", "version": "1.0.0"}
        about.update(url="http://127.0.0.1:{}/?".format(int(server.stdout.readline())), cache="AlwaysNetwork")
        uri = QgsDataSourceUri()
        for key, value in about.items():
            uri.setParam(key, value)
        # As the dialog of QGIS that adds such a layer writes it.
        layer = QgsRasterLayer(bytes(uri.encodedUri()).decode(), "coverage", "wcs")
        self.assertTrue(layer.isValid())
        QgsProject.instance().addMapLayer(layer)
        return layer

    def test_a_wcs(self):
        layer = self.web_coverage()
        feedback = session.RecordingFeedback()
        self.run_svf(feedback, INPUT=layer)
        self.assert_as_command_line("--radius", "30")
        self.assertIn("coverage: exported to a temporary file, 256 x 256 cells", feedback.infos)
        self.run_svf(INPUT=layer, EXTENT="500060,500100,5599860,5599900 [EPSG:25832]")
        self.assert_as_command_line("--radius", "30", "--bbox", "500060,5599860,500100,5599900")

    def test_a_wcs_in_the_dialog(self):
        self.in_the_dialog(self.web_coverage())

    def test_what_lies_in_the_memory_of_qgis(self):
        gdal.GetDriverByName("GTiff").CreateCopy("/vsimem/heights.tif", gdal.Open(self.dsm))
        self.addCleanup(gdal.Unlink, "/vsimem/heights.tif")
        layer = QgsRasterLayer("/vsimem/heights.tif", "memory")
        self.assertTrue(layer.isValid())
        QgsProject.instance().addMapLayer(layer)
        self.run_svf(INPUT=layer)
        self.assert_as_command_line("--radius", "30")

    def test_in_the_dialog(self):
        self.in_the_dialog(self.virtual())

    def in_the_dialog(self, layer):
        dialog = AlgorithmDialog(session.registry.createAlgorithmById("svf:skyviewfactor"))
        self.addCleanup(discard, dialog)
        dialog.setParameters({"INPUT": layer.id(), "RADIUS": 30, "OUTPUT": self.output})
        finished = []
        dialog.algorithmFinished.connect(lambda successful, _: finished.append(successful))
        dialog.runAlgorithm()
        self.let_qgis_work_until(lambda: finished)
        self.assertEqual(finished, [True])
        self.assert_as_command_line("--radius", "30")

    def test_missing_heights_that_the_layer_names(self):
        layer = self.virtual()
        height = float(gdal.Open(self.dsm).ReadAsArray()[100, 100])
        layer.dataProvider().setUserNoDataValue(1, [QgsRasterRange(height, height)])
        self.run_svf(INPUT=layer)
        self.assertEqual(gdal.Open(self.output).ReadAsArray()[100, 100], -9999)

    def test_what_is_refused(self):
        layer = self.virtual()
        self.assertIn("read again later", self.failure(INPUT=layer, WORK_FOLDER=self.path("work")))
        self.assertIn("is too large", self.failure(INPUT=layer, RESOLUTION=0.001))
        feedback = session.RecordingFeedback()
        feedback.cancel()
        self.failure(INPUT=layer, feedback=feedback)
        self.assertFalse(os.path.exists(self.output))

    def test_a_part_of_a_layer_and_of_a_file(self):
        part = {"EXTENT": "500060,500100,5599860,5599900 [EPSG:25832]"}
        box = ("--bbox", "500060,5599860,500100,5599900")
        layer, feedback = self.virtual(), session.RecordingFeedback()
        self.run_svf(feedback, CANOPY=layer, **part)
        self.assert_as_command_line("--radius", "30", "--canopy", self.dsm, *box)
        self.run_svf(feedback, INPUT=layer, RECEIVERS=self.dsm, **part)
        self.assert_as_command_line("--radius", "30", "--receivers", self.dsm, *box)
        # A part of one raster would not fit a file.
        whole = "virtual höhe: exported to a temporary file, 256 x 256 cells"
        self.assertEqual([text for text in feedback.infos if "exported" in text], [whole, whole])
        self.run_svf(feedback, INPUT=layer, RECEIVERS=layer, **part)
        self.assertEqual(feedback.infos.count("virtual höhe: exported to a temporary file, 100 x 100 cells"), 2)
        self.assert_as_command_line("--radius", "30", "--receivers", self.dsm, *box)

    def test_no_temporary_file_stays_or_is_named(self):
        feedback = session.RecordingFeedback()
        self.run_svf(feedback, INPUT=self.virtual())
        said = self.failure(CANOPY=self.virtual(64), feedback=feedback)
        self.assertIn("The grid of virtual höhe cannot be used: it has 64 x 64 cells", said)
        self.assertIn("Export the layer as a GeoTIFF first", said)
        told = [word for line in feedback.commands for word in shlex.split(line)]
        exports = [word for word in told if word.endswith("virtual_höhe.tif")]
        self.assertEqual(len(exports), 2)
        self.assertEqual([os.path.exists(path) for path in exports], [False, False])
        self.assertNotIn(os.path.dirname(exports[1]), said)


class OnlyInGdalOfQgis(WithRaster):
    """Files of formats that QGIS can read, but not the GDAL of the programs, are copied behind the scenes."""

    def setUp(self):
        super().setUp()
        # As if the programs had no driver for HFA, as those to download have none for FITS and HDF4.
        few = mock.patch.object(ToolAlgorithm, "drivers", lambda _: ("GTiff", "VRT"))
        few.start()
        self.addCleanup(few.stop)
        self.image = self.path("heights %1 & höhe.img")
        gdal.Translate(self.image, self.dsm, format="HFA").FlushCache()

    def assert_cells_as_command_line(self, *options):
        """Not the CRS: files of this format write its numbers in their own way."""
        expected = self.path("expected.tif")
        svf_compute(self.dsm, expected, "--overwrite", *options)
        self.assertEqual(cells(self.output)[::2], cells(expected)[::2])

    def layer(self, path=None):
        layer = QgsRasterLayer(path or self.image, "heights of another format")
        self.assertTrue(layer.isValid())
        QgsProject.instance().addMapLayer(layer)
        return layer

    def test_all_rasters(self):
        layer, feedback = self.layer(), session.RecordingFeedback()
        told = "heights of another format: exported to a temporary file, 256 x 256 cells"
        for key, option in (("INPUT", None), ("CANOPY", "--canopy"), ("RECEIVERS", "--receivers")):
            feedback.infos.clear()
            self.run_svf(feedback, **{key: layer})
            self.assert_cells_as_command_line("--radius", "30", *([option, self.dsm] if option else []))
            self.assertEqual(feedback.infos.count(told), 1, key)
            self.assertNotIn(".img", feedback.commands[-1])
        self.run_svf(feedback, INPUT=self.image)
        self.assert_cells_as_command_line("--radius", "30")

    def test_one_that_the_programs_know(self):
        feedback = session.RecordingFeedback()
        with mock.patch.object(ToolAlgorithm, "drivers", lambda _: ("GTiff", "HFA")):
            self.run_svf(feedback, INPUT=self.image)
        with mock.patch.object(ToolAlgorithm, "drivers", lambda _: None):
            self.run_svf(feedback, INPUT=self.image)
        self.assertEqual([text for text in feedback.infos if "exported" in text], [])

    def test_a_mask_stays_a_mask_and_nothing_is_left(self):
        made = gdal.Open(self.image, gdal.GA_Update)
        made.CreateMaskBand(gdal.GMF_PER_DATASET)
        inside = numpy.full((256, 256), 255, numpy.uint8)
        inside[10:20, 10:20] = 0
        made.GetRasterBand(1).GetMaskBand().WriteArray(inside)
        made = None
        feedback = session.RecordingFeedback()
        self.run_svf(feedback, INPUT=self.layer())
        self.assertEqual((gdal.Open(self.output).ReadAsArray() == -9999).sum(), 100)
        words = shlex.split(feedback.commands[0])
        copy = next(word for word in words if word.endswith("heights_of_another_format.tif"))
        self.assertEqual(os.listdir(os.path.dirname(copy)), [])

    def test_a_part(self):
        feedback = session.RecordingFeedback()
        self.run_svf(feedback, INPUT=self.layer(), EXTENT="500060,500100,5599860,5599900 [EPSG:25832]")
        self.assert_cells_as_command_line("--radius", "30", "--bbox", "500060,5599860,500100,5599900")
        self.assertIn("heights of another format: exported to a temporary file, 100 x 100 cells", feedback.infos)

    def test_a_vrt_of_such_files(self):
        gdal.Translate(self.path("of_images.vrt"), self.image, format="VRT").FlushCache()
        gdal.Warp(self.path("warped.vrt"), self.image, format="VRT").FlushCache()
        options = gdal.BuildVRTOptions(separate=True, allowProjectionDifference=True)
        gdal.BuildVRT(self.path("two.vrt"), [self.dsm, self.image], options=options).FlushCache()
        for name in ("of_images", "warped", "two"):
            feedback = session.RecordingFeedback()
            self.run_svf(feedback, INPUT=self.path(name + ".vrt"))
            self.assert_cells_as_command_line("--radius", "30")
            self.assertIn(name + ": exported to a temporary file, 256 x 256 cells", feedback.infos)

    def test_a_vrt_of_files_that_the_programs_know(self):
        gdal.BuildVRT(self.path("one.vrt"), [self.dsm]).FlushCache()
        feedback = session.RecordingFeedback()
        self.run_svf(feedback, INPUT=self.path("one.vrt"))
        self.assert_as_command_line("--radius", "30")
        self.assertEqual([text for text in feedback.infos if "exported" in text], [])

    def test_what_the_file_and_the_layer_say_is_kept(self):
        made = gdal.Open(self.image, gdal.GA_Update)
        cells_there = made.ReadAsArray()
        made.GetRasterBand(1).SetNoDataValue(float(cells_there[100, 100]))
        made.GetRasterBand(1).SetUnitType("ft")
        made = None
        layer, feedback = self.layer(), session.RecordingFeedback()
        other = float(cells_there[20, 20])
        layer.dataProvider().setUserNoDataValue(1, [QgsRasterRange(other, other)])
        layer.setCrs(QgsCoordinateReferenceSystem.fromEpsgId(32633))
        self.run_svf(feedback, INPUT=layer)
        made = gdal.Open(self.output)
        self.assertEqual(made.GetSpatialRef().GetAuthorityCode(None), "32633")
        values = made.ReadAsArray()
        self.assertEqual((values[100, 100], values[20, 20]), (-9999, -9999))
        self.assertIn("The heights are in units of 0.3048 m", "".join(feedback.warnings))

    def test_a_raster_upside_down_is_copied_whole(self):
        bounds = (500000, 5599744, 500256, 5600000)
        upside_down = gdal.Translate("", self.dsm, format="MEM", outputBounds=bounds)
        upside_down.GetRasterBand(1).WriteArray(upside_down.ReadAsArray()[::-1])
        gdal.Translate(self.path("down.img"), upside_down, format="HFA").FlushCache()
        feedback = session.RecordingFeedback()
        layer = self.layer(self.path("down.img"))
        self.run_svf(feedback, INPUT=layer, EXTENT="500060,500100,5599860,5599880 [EPSG:25832]")
        self.assertIn("heights of another format: exported to a temporary file, 256 x 256 cells", feedback.infos)
        found = gdal.Open(self.output).ReadAsArray()
        self.run_svf(EXTENT="500060,500100,5599860,5599880 [EPSG:25832]")
        expected = gdal.Open(self.output).ReadAsArray()
        self.assertLess(abs(found[::-1] - expected).max(), 1e-5)

    def test_what_is_refused(self):
        layer, feedback = self.layer(), session.RecordingFeedback()
        for text in (
            self.failure(INPUT=layer, WORK_FOLDER=self.path("work")),
            self.failure(CANOPY=layer, WORK_FOLDER=self.path("work")),
        ):
            self.assertIn("only QGIS can read the format HFA, not the programs.", text)
            self.assertIn("Export the layer as a GeoTIFF first", text)
        feedback.cancel()
        self.assertIn("Cancelled", self.failure(INPUT=layer, feedback=feedback))
        with mock.patch.object(gdal, "Translate", side_effect=RuntimeError("the disk is full")):
            text = self.failure(INPUT=layer)
        self.assertIn("heights of another format: the layer could not be exported. Is the disk of the", text)


class OfAPoint(WithRaster):
    """svf:sightlineprofile"""

    # The centre of cell 127,128, a street.
    POINT = "500128.5,5599872.5 [EPSG:25832]"

    def setUp(self):
        super().setUp()
        self.table = self.path("table.csv")

    def look(self, feedback=None, **parameters):
        values = {"INPUT": self.dsm, "RADIUS": 30, "OUTPUT": self.table}
        values.update(parameters)
        return session.run("svf:sightlineprofile", values, feedback)

    def refused(self, **parameters):
        with self.assertRaises(QgsProcessingException) as caught:
            self.look(**parameters)
        self.assertFalse(os.path.exists(self.table))
        return str(caught.exception)

    def rows(self):
        with open(self.table, encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def cells(self, row, col, *options):
        """What svf_compute writes into a cell: measure -> value."""
        expected = self.path("expected.tif")
        names = list(OF_A_POINT.values())
        svf_compute(self.dsm, expected, "--overwrite", "--radius", "30", "--measure", ",".join(names), *options)
        column = gdal.Open(expected).ReadAsArray()[:, row, col]
        return dict(zip(names, column.astype(float).tolist()))

    def test_the_numbers_are_those_of_the_raster(self):
        feedback = session.RecordingFeedback()
        result = self.look(feedback, POINT=self.POINT)
        self.assertEqual({key: result[key] for key in OF_A_POINT}, {
            key: self.cells(127, 128)[name] for key, name in OF_A_POINT.items()
        })  # fmt: skip
        self.assertEqual(set(result), OUTPUTS["sightlineprofile"] - {"FIGURE", "FISHEYE", "SKYLINE"})
        self.assertEqual((result["POINT_COUNT"], result["POINTS_WITH_VALUE"]), (1, 1))
        self.assertEqual(result["HEIGHT"], gdal.Open(self.dsm).ReadAsArray()[127, 128])
        self.assertIn("svf: {:.4f}".format(result["SVF"]), feedback.infos)
        # A row per sight line, as the command line writes it.
        expected = self.path("expected.csv")
        subprocess.run(
            [
                program("svf_profile"), "point", self.dsm, expected, "--at", "500128.5,5599872.5",
                "--radius", "30", "--detail", "lines", "--quiet",
            ],
            check=True,
        )  # fmt: skip
        with open(self.table, "rb") as found, open(expected, "rb") as wanted:
            self.assertEqual(found.read(), wanted.read())
        self.assertEqual(len(self.rows()), 16)

    def test_the_dialog_loads_the_table(self):
        layer = self.run_in_dialog("svf:sightlineprofile", POINT=self.POINT)
        self.assertIsInstance(layer, QgsVectorLayer)
        azimuths = [feature["azimuth_deg"] for feature in layer.getFeatures()]
        self.assertEqual(azimuths, [22.5 * i for i in range(16)])
        # The lines themselves, as long as the search radius.
        lengths = [feature.geometry().length() for feature in layer.getFeatures()]
        self.assertTrue(numpy.allclose(lengths, 30), lengths)
        layer = self.run_in_dialog("svf:sightlineprofile", POINT=self.POINT, OUTPUT=self.path("typed.csv"))
        # Numbers, not texts.
        self.assertEqual([feature["azimuth_deg"] for feature in layer.getFeatures()], azimuths)

    def test_the_layer_of_a_geopackage_that_has_the_rows(self):
        for detail, name in (("points", "points"), ("lines", "sight_lines"), ("samples", "samples")):
            table = self.path(detail + ".gpkg")
            found = self.look(POINT=self.POINT, DETAIL=detail, OUTPUT=table)["OUTPUT"]
            self.assertEqual(found, "{}|layername={}".format(table, name))
            self.assertTrue(QgsVectorLayer(found).isValid())

    def test_a_point_in_another_crs(self):
        here, there = QgsCoordinateReferenceSystem("EPSG:25832"), QgsCoordinateReferenceSystem("EPSG:4326")
        transform = QgsCoordinateTransform(here, there, QgsProject.instance())
        place = transform.transform(QgsPointXY(500128.5, 5599872.5))
        result = self.look(POINT="{!r},{!r} [EPSG:4326]".format(place.x(), place.y()))
        self.assertEqual(result["SVF"], self.cells(127, 128)["svf"])

    def test_every_parameter_reaches_the_tool(self):
        result = self.look(
            POINT=self.POINT, DIRECTIONS=9, MISSING="stop", SAMPLING="divided", DIVISIONS=7, OBSERVER_HEIGHT=1.5,
            Z_FACTOR=2.5, CURVATURE=True, REFRACTION=0.25, ANISOTROPY_AZIMUTH=90, ANISOTROPY_LEVEL="high", MEMORY=300,
            DETAIL="samples",
        )  # fmt: skip
        expected = self.cells(
            127, 128, "-n", "9", "--missing", "stop", "--sampling", "divided", "--divisions", "7",
            "--observer-height", "1.5", "--z-factor", "2.5", "--curvature", "--refraction", "0.25",
            "--anisotropy-azimuth", "90", "--anisotropy-level", "high",
        )  # fmt: skip
        self.assertEqual(result["SVF_ANISOTROPIC"], expected["svf-anisotropic"])
        self.assertEqual(len(self.rows()), 9 * 8)

    def test_figures(self):
        figure, fisheye = self.path("why.svg"), self.path("sky.svg")
        result = self.look(POINT=self.POINT, FIGURE=figure, FISHEYE=fisheye)
        self.assertEqual((result["FIGURE"], result["FISHEYE"]), (figure, fisheye))
        for path in (figure, fisheye):
            with open(path, encoding="utf-8") as file:
                self.assertTrue(file.read().startswith("<svg"), path)
        skyline = self.path("line.svg")
        self.look(POINT=self.POINT, SKYLINE=skyline, SUN_PATHS=True)
        with open(skyline, encoding="utf-8") as file:
            self.assertIn(">the sun; hours of UTC+1<", file.read())
        os.remove(self.table)
        self.assertIn("choose a file for the fisheye view", self.refused(POINT=self.POINT, SUN_PATHS=True))

    def points(self, crs, *places):
        """A layer in memory."""
        layer = QgsVectorLayer("Point?crs=" + crs, "stations", "memory")
        for x, y in places:
            feature = QgsFeature()
            feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(x, y)))
            layer.dataProvider().addFeature(feature)
        QgsProject.instance().addMapLayer(layer)
        return layer

    def test_a_layer_of_points(self):
        places = (500128.5, 5599872.5), (500010.5, 5599990.5), (400000, 5599990)
        feedback = session.RecordingFeedback()
        result = self.look(feedback, POINTS=self.points("EPSG:25832", *places))
        self.assertEqual((result["POINT_COUNT"], result["POINTS_WITH_VALUE"]), (3, 2))
        self.assertNotIn("SVF", result)
        self.assertIn("Points without a value: 1 of 3.", feedback.warnings[0])
        rows = self.rows()
        self.assertEqual([row["status"] for row in rows], ["ok", "ok", "outside"])
        for row, cell in zip(rows, ((127, 128), (9, 10))):
            wanted = self.cells(*cell)
            self.assertEqual({name: float(row[name]) for name in wanted}, wanted)

    def test_the_selected_points_of_a_file_whose_crs_the_user_has_set(self):
        # GeoJSON is in degrees, whatever its numbers are.
        path = self.path("stations.geojson")
        features = [
            {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": place}}
            for place in ([500010.5, 5599990.5], [500128.5, 5599872.5])
        ]
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"type": "FeatureCollection", "features": features}, file)
        layer = QgsVectorLayer(path, "stations")
        layer.setCrs(QgsCoordinateReferenceSystem("EPSG:25832"))
        QgsProject.instance().addMapLayer(layer)
        self.assertEqual(self.look(POINTS=layer)["POINTS_WITH_VALUE"], 2)
        layer.selectByIds([1])
        result = self.look(POINTS=QgsProcessingFeatureSourceDefinition(layer.id(), True))
        self.assertEqual(result["SVF"], self.cells(127, 128)["svf"])

    def test_the_number_in_a_model(self):
        model = QgsProcessingModelAlgorithm("model", "tests")
        look = QgsProcessingModelChildAlgorithm("svf:sightlineprofile")
        look.setChildId("look")
        fixed = QgsProcessingModelChildParameterSource.fromStaticValue
        for key, value in (("INPUT", self.dsm), ("POINT", self.POINT), ("RADIUS", 30), ("OUTPUT", self.table)):
            look.addParameterSources(key, [fixed(value)])
        model.addChildAlgorithm(look)
        fill = QgsProcessingModelChildAlgorithm("native:createconstantrasterlayer")
        fill.setChildId("fill")
        for key, value in (("EXTENT", "0,2,0,2 [EPSG:25832]"), ("PIXEL_SIZE", 1), ("OUTPUT_TYPE", 5)):
            fill.addParameterSources(key, [fixed(value)])
        value = QgsProcessingModelChildParameterSource.fromChildOutput("look", "SVF")
        fill.addParameterSources("NUMBER", [value])
        fill.addParameterSources("OUTPUT", [fixed(self.output)])
        model.addChildAlgorithm(fill)
        session.run(model, {})
        found = gdal.Open(self.output).ReadAsArray()
        self.assertEqual(set(found.ravel().tolist()), {self.cells(127, 128)["svf"]})

    def test_qgis_process_returns_the_numbers(self):
        session.enable_for_qgis_process()
        done = session.qgis_process(
            "run", "--json", "svf:sightlineprofile", "--INPUT=" + self.dsm, "--RADIUS=30",
            "--POINT=" + self.POINT, "--OUTPUT=" + self.table,
        )  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["results"]["SVF"], self.cells(127, 128)["svf"])

    def test_what_is_refused(self):
        stations = self.points("EPSG:25832", (500128.5, 5599872.5))
        self.assertIn("Choose either a point or a layer of points.", self.refused())
        self.assertIn("Choose either a point or a layer of points.", self.refused(POINT=self.POINT, POINTS=stations))
        self.assertIn("A figure shows only one point", self.refused(POINTS=stations, FIGURE=self.path("why.svg")))
        self.assertIn("is outside", self.refused(POINT="9,50 [EPSG:4326]"))
        self.refused(POINT="here")
        holed = self.path("holed.tif")
        made = gdal.GetDriverByName("GTiff").CreateCopy(holed, gdal.Open(self.dsm))
        made.GetRasterBand(1).SetNoDataValue(float(made.ReadAsArray()[127, 128]))
        made = None
        self.assertIn("lies on NoData", self.refused(INPUT=holed, POINT=self.POINT))
        far = self.points("EPSG:25832", (1, 1))
        self.assertIn("none of the points has a value", self.refused(POINTS=far))


if __name__ == "__main__":
    unittest.main()
