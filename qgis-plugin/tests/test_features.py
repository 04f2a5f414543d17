# SPDX-License-Identifier: GPL-2.0-or-later
"""Layers of points and of areas, as the real programs get them: of every kind, the same places."""

import ast
import csv
import os
import shlex
import unittest
import zipfile
from unittest import mock

import session
from support import REPOSITORY, TemporaryFolder, sample

from osgeo import ogr, osr
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProject,
    QgsVectorLayer,
)
from svf_tools import features

# Centres of cells, and one outside; as areas, those of 9, 25 and 0 cells of 1 m.
PLACES = ((500010.5, 5599990.5), (500040.5, 5599970.5), (1, 1))
SIDES = (3, 5, 1)
# Elsewhere in the same raster.
OTHERS = ((500020.5, 5599950.5),)
UTM, DEGREES = 25832, 4326
FORMATS = {
    "gpx": "GPX", "kml": "LIBKML", "gml": "GML", "gdb": "OpenFileGDB", "fgb": "FlatGeobuf", "sqlite": "SQLite",
    "gpkg": "GPKG", "shp": "ESRI Shapefile", "geojson": "GeoJSON", "json": "GeoJSON", "tab": "MapInfo File",
}  # fmt: skip
IN_DEGREES = ("gpx", "kml", "geojson", "json")


def reference(number):
    found = osr.SpatialReference()
    found.ImportFromEPSG(number)
    found.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    return found


def shapes(kind, places):
    """Points, or squares around them, in UTM as WKT."""
    for (x, y), side in zip(places, SIDES):
        half = side / 2
        box = (x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)
        ring = ", ".join("{!r} {!r}".format(*corner) for corner in [*box, box[0]])
        yield "POINT ({!r} {!r})".format(x, y) if kind == ogr.wkbPoint else "POLYGON (({}))".format(ring)


class Layers(TemporaryFolder):
    """A raster, and files of features."""

    KIND = ogr.wkbPoint

    def setUp(self):
        super().setUp()
        self.dsm = sample(self.path("dsm.tif"), 64)
        self.addCleanup(QgsProject.instance().clear)

    def file(self, name, *layers, crs=None, fields=()):
        """A file with layers (name, places), all of whose features have the same values in `fields`."""
        ending = name.rsplit(".", 1)[1]
        degrees = ending in IN_DEGREES
        made = ogr.GetDriverByName(FORMATS[ending]).CreateDataSource(self.path(name))
        written = reference(DEGREES if degrees else crs or UTM)
        for title, places in layers or [("stations", PLACES)]:
            layer = made.CreateLayer(title, written, self.KIND)
            for field, kind, _ in fields:
                layer.CreateField(ogr.FieldDefn(field, kind))
            # What is outside is nowhere in degrees.
            for text in list(shapes(self.KIND, places))[: 2 if degrees else 3]:
                geometry = ogr.CreateGeometryFromWkt(text, reference(UTM))
                if degrees:
                    geometry.TransformTo(reference(DEGREES))
                feature = ogr.Feature(layer.GetLayerDefn())
                feature.SetGeometry(geometry)
                for field, _, value in fields:
                    feature.SetField(field, value)
                layer.CreateFeature(feature)
        made = None
        return self.path(name)

    def layer(self, source, provider="ogr", title="my stations", crs=None):
        """A layer of the project."""
        layer = QgsVectorLayer(source, title, provider)
        self.assertTrue(layer.isValid(), source)
        if crs:
            layer.setCrs(QgsCoordinateReferenceSystem.fromEpsgId(crs))
        QgsProject.instance().addMapLayer(layer)
        return layer

    def in_memory(self, places=PLACES):
        """A layer in memory."""
        kind = "Point" if self.KIND == ogr.wkbPoint else "Polygon"
        layer = self.layer("{}?crs=EPSG:{}&field=geom:string&field=fid:integer".format(kind, UTM), "memory")
        for text in shapes(self.KIND, places):
            feature = QgsFeature(layer.fields())
            feature.setGeometry(QgsGeometry.fromWkt(text))
            feature.setAttributes(["Höhe", 7])
            self.assertTrue(layer.dataProvider().addFeature(feature))
        return layer

    def copied(self):
        """Layers that the programs cannot read as they are: (what, value of the parameter)."""
        two = self.file("two.gpkg", ("others", OTHERS), ("stations", PLACES))
        for name in ("a.kml", "a.gml", "a.gdb", "a.fgb", "a.sqlite", "a.tab"):
            driver = ogr.GetDriverByName(FORMATS[name[2:]])
            if driver is None or not driver.TestCapability(ogr.ODrCCreateDataSource):
                # FileGDB, before GDAL 3.6.
                continue
            source = self.file(name)
            inner = "a" if name == "a.tab" else "stations"
            yield name, self.layer(source)
            yield name + " with its layer", self.layer("{}|layername={}".format(source, inner))
        with zipfile.ZipFile(self.path("shapes.zip"), "w") as archive:
            source = self.file("z.shp")
            for ending in ("shp", "shx", "dbf", "prj"):
                archive.write(source[:-3] + ending, "z." + ending)
        yield "zip", self.layer("/vsizip/" + self.path("shapes.zip") + "/z.shp")
        yield "CRS of the user", self.layer(self.file("crs.shp", crs=32633), crs=UTM)
        yield "CRS of the user, layer", self.layer(
            self.file("crs.gpkg", crs=32633) + "|layername=stations", crs=UTM
        )
        yield "memory", self.in_memory()
        yield "the same number twice", self.layer(
            self.file("fid.shp", crs=32633, fields=[("fid", ogr.OFTInteger, 7)]), crs=UTM
        )
        yield "a number that is not whole", self.layer(
            self.file("real.shp", crs=32633, fields=[("fid", ogr.OFTReal, 7.5), ("geom", ogr.OFTString, "a")]), crs=UTM
        )
        yield "kind of geometry", self.layer(two + "|layername=stations|geometrytype=" + (
            "Point" if self.KIND == ogr.wkbPoint else "Polygon"
        ))
        yield "edited", self.edited()

    def edited(self):
        """A layer whose file has another place than it has."""
        layer = self.layer(self.file("edited.shp", ("edited", [OTHERS[0], *PLACES[1:]])))
        self.assertTrue(layer.startEditing())
        text = next(shapes(self.KIND, PLACES))
        first, second, _ = layer.getFeatures()
        self.assertTrue(layer.changeGeometry(first.id(), QgsGeometry.fromWkt(text)))
        # One that is new has no number yet.
        added = QgsFeature(layer.fields())
        added.setGeometry(second.geometry())
        self.assertTrue(layer.addFeature(added))
        self.assertTrue(layer.deleteFeature(second.id()))
        return layer

    def as_they_are(self):
        """Layers that the programs read themselves: (value of the parameter, file, layer in it)."""
        two = self.file("both.gpkg", ("stations", PLACES), ("others", OTHERS), ("more", PLACES))
        one = self.file("one.gpkg")
        yield one, one, ""
        yield one + "|layername=stations", one, "stations"
        yield two, two, "stations"
        yield two + "|layerid=2", two, "more"
        yield two + "|layername=more", two, "more"
        for name in ("b.shp", "b.geojson", "b.json"):
            source = self.file(name)
            yield source, source, ""
        styled = self.file("styled.gpkg")
        self.assertEqual(QgsVectorLayer(styled, "styled").saveStyleToDatabase("style", "", True, ""), "")
        yield styled, styled, "stations"

    def words_of(self, feedback, flag):
        """What the tool was told: the file, and the layer in it."""
        words = feedback.words
        layers = [word.split("=", 1)[1] for word in words if word.startswith(self.LAYER_FLAG + "=")]
        return words[words.index(flag) + 1], "".join(layers)


class Recording(session.RecordingFeedback):
    """Remembers the words of the command, too."""

    @property
    def words(self):
        return shlex.split(self.commands[0])


class OfPoints(Layers):
    """svf:sightlineprofile, POINTS"""

    LAYER_FLAG = "--layer"

    def look(self, points, feedback=None):
        """The rows of a table: values where there are any."""
        table = self.path("table.csv")
        values = {"INPUT": self.dsm, "RADIUS": 10, "POINTS": points, "OUTPUT": table}
        session.run("svf:sightlineprofile", values, feedback or Recording())
        with open(table, encoding="utf-8", newline="") as file:
            return [row["svf"] for row in csv.DictReader(file)]

    def setUp(self):
        super().setUp()
        self.wanted = self.look(self.file("wanted.gpkg"))
        self.assertEqual(len(self.wanted), 3)
        self.assertNotIn("", self.wanted[:2])
        self.assertNotEqual(*self.wanted[:2])

    def test_what_the_programs_cannot_read_is_copied(self):
        waypoints = self.file("a.gpx", ("waypoints", PLACES))
        others = ("gpx", self.layer(waypoints)), ("waypoints", self.layer(waypoints + "|layername=waypoints"))
        others += (("QGIS's own GPX", self.layer(waypoints + "?type=waypoint", "gpx")),)
        for what, layer in [*others, *self.copied()]:
            with self.subTest(what):
                feedback = Recording()
                rows = self.look(layer, feedback)
                # In FlatGeobuf, features are in another order, and what is new comes last.
                self.assertEqual(set(rows), set(self.wanted[: len(rows)]))
                self.assertEqual(len(rows), layer.featureCount())
                path, name = self.words_of(feedback, "--points")
                self.assertEqual((os.path.basename(path), name), ("my_stations.gpkg", ""))

    def test_what_they_can_read_is_not(self):
        for source, path, name in self.as_they_are():
            with self.subTest(source):
                feedback = Recording()
                rows = self.look(source, feedback)
                self.assertEqual(rows, self.wanted[: len(rows)])
                self.assertGreaterEqual(len(rows), 2)
                self.assertEqual(self.words_of(feedback, "--points"), (path, name))

    def test_a_name_that_begins_with_a_hyphen(self):
        os.mkdir(self.path("shapes"))
        self.file("shapes/-stations.shp")
        self.file("shapes/others.shp", ("others", OTHERS))
        self.assertEqual(self.look(self.path("shapes") + "|layername=-stations"), self.wanted)

    def test_some_of_the_features(self):
        for layer in (self.layer(self.file("some.gpkg") + "|layername=stations"), self.in_memory()):
            second = sorted(layer.allFeatureIds())[1]
            layer.selectByIds([second])
            chosen = QgsProcessingFeatureSourceDefinition(layer.id(), True)
            self.assertEqual(self.look(chosen), self.wanted[1:2])
            first = QgsProcessingFeatureSourceDefinition(layer.id(), False, 1)
            self.assertEqual(self.look(first), self.wanted[:1])
            # All of them, in other words.
            self.assertEqual(self.look(QgsProcessingFeatureSourceDefinition(layer.id(), False)), self.wanted)
        filtered = self.layer(self.file("filtered.gpkg") + "|layername=stations")
        self.assertTrue(filtered.setSubsetString('"fid" > 1'))
        self.assertEqual(self.look(filtered), self.wanted[1:])
        in_source = self.path("filtered.gpkg") + '|layername=stations|subset="fid" > 1'
        self.assertEqual(self.look(in_source), self.wanted[1:])

    def test_a_crs_that_the_user_has_taken_away(self):
        layer = self.layer(self.file("away.gpkg", crs=32633) + "|layername=stations")
        layer.setCrs(QgsCoordinateReferenceSystem())
        feedback = Recording()
        self.assertEqual(self.look(layer, feedback), self.wanted)
        self.assertIn("The layer of points has no CRS.", feedback.warnings[0])

    def test_attributes_stay(self):
        self.look(self.in_memory())
        with open(self.path("table.csv"), encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        # The program's own columns come first.
        self.assertEqual([(row["points_geom"], row["points_fid"]) for row in rows], [("Höhe", "7")] * 3)

    def test_a_copy_that_cannot_be_made_is_refused(self):
        nowhere = self.path("nowhere", "copy.gpkg")
        with mock.patch.object(features.QgsProcessingUtils, "generateTempFilename", lambda *_: nowhere):
            with self.assertRaises(QgsProcessingException) as caught:
                self.look(self.in_memory())
        self.assertIn("my stations: the layer could not be exported (", str(caught.exception))
        self.assertIn("Save Features As", str(caught.exception))

    def test_a_file_that_is_gone(self):
        for name in ("gone.gpkg", "gone.shp", "gone.fgb"):
            layer = self.layer(self.file(name))
            os.remove(self.path(name))
            with self.assertRaisesRegex(QgsProcessingException, "my stations: the layer had 3 features, but none of"):
                self.look(layer)

    def test_messages_name_the_layer(self):
        feedback = Recording()
        far = self.in_memory([(1, 1)])
        with self.assertRaises(QgsProcessingException) as caught:
            self.look(far, feedback)
        self.assertNotIn(".gpkg", str(caught.exception))


class OfAreas(Layers):
    """svf:skyviewfactor, RECEIVERS"""

    KIND = ogr.wkbPolygon
    LAYER_FLAG = "--receivers-layer"

    def cells(self, receivers, feedback=None, **parameters):
        values = {
            "INPUT": self.dsm, "RADIUS": 10, "RECEIVERS": receivers, "OUTPUT": self.path("svf.tif"), **parameters
        }  # fmt: skip
        return session.run("svf:skyviewfactor", values, feedback or Recording())["VALID_CELLS"]

    def test_what_the_programs_cannot_read_is_copied(self):
        for what, layer in self.copied():
            with self.subTest(what):
                feedback = Recording()
                self.assertEqual(self.cells(layer, feedback), 34)
                path, name = self.words_of(feedback, "--receivers")
                self.assertEqual((os.path.basename(path), name), ("my_stations.gpkg", ""))

    def test_what_they_can_read_is_not(self):
        for source, path, name in self.as_they_are():
            with self.subTest(source):
                feedback = Recording()
                self.assertEqual(self.cells(source, feedback), 34)
                self.assertEqual(self.words_of(feedback, "--receivers"), (path, name))

    def test_a_file_that_is_gone(self):
        layer = self.layer(self.file("gone.gpkg"))
        os.remove(self.path("gone.gpkg"))
        # All cells of the result were NoData.
        with self.assertRaisesRegex(QgsProcessingException, "my stations: the layer had 3 features, but none of them"):
            self.cells(layer)

    def test_a_layer_without_features(self):
        layer = self.in_memory(())
        self.assertEqual(self.cells(layer), 0)

    def test_a_filter(self):
        filtered = self.layer(self.file("filtered.gpkg") + "|layername=stations")
        self.assertTrue(filtered.setSubsetString('"fid" > 1'))
        self.assertEqual(self.cells(filtered), 25)

    def test_with_a_work_folder_only_what_is_a_file(self):
        work = self.path("work")
        os.mkdir(work)
        source = self.file("areas.gpkg", ("others", OTHERS), ("stations", PLACES))
        self.assertEqual(self.cells(source + "|layername=stations", WORK_FOLDER=work), 34)
        for layer in (self.in_memory(), self.layer(self.file("a.fgb"))):
            with self.assertRaisesRegex(QgsProcessingException, "Export it as a GeoPackage"):
                self.cells(layer, WORK_FOLDER=work)


class Drivers(unittest.TestCase):
    def test_all_programs_to_download_have_them(self):
        with open(os.path.join(REPOSITORY, "packaging", "smoke.py"), encoding="utf-8") as file:
            tree = ast.parse(file.read())
        values = [node.value for node in tree.body if isinstance(node, ast.Assign) and node.targets[0].id == "VECTORS"]
        self.assertEqual(set(features.DRIVERS), set(ast.literal_eval(values[0])))


if __name__ == "__main__":
    unittest.main()
