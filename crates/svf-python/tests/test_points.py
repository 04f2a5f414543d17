"""Points as tables of pandas. Runs where pandas is; GDAL is not needed."""

import pathlib
import tempfile
import unittest
import warnings

import geopandas
import numpy as np
import pandas
import svf_tools
from svf_tools import ProgramError
from terrain import terrain

WEST, NORTH, SIDE = 500000, 5600000, 2


class Points(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.dem = self.folder / "dem.asc"
        heights = terrain()
        self.svf = svf_tools.sky_view(heights, SIDE, 30)["svf"]
        rows, cols = heights.shape
        header = f"ncols {cols}\nnrows {rows}\nxllcorner {WEST}\nyllcorner {NORTH - SIDE * rows}\ncellsize {SIDE}\n"
        lines = [" ".join(repr(float(height)) for height in row) for row in heights]
        self.dem.write_text(header + "\n".join(lines) + "\n")
        # A name for the CRS, so that there is no warning.
        self.dem.with_suffix(".prj").write_text(
            'PROJCS["m",GEOGCS["g",DATUM["d",SPHEROID["s",6378137,298.257223563]],PRIMEM["Greenwich",0],'
            'UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],'
            'PARAMETER["central_meridian",9],PARAMETER["scale_factor",0.9996],PARAMETER["false_easting",500000],'
            'PARAMETER["false_northing",0],UNIT["metre",1]]'
        )
        self.cells = [(10, 20), (33, 5), (59, 46)]
        self.places = [(WEST + SIDE * (col + 0.5), NORTH - SIDE * (row + 0.5)) for row, col in self.cells]
        self.values = [float(self.svf[cell]) for cell in self.cells]

    def test_pairs(self):
        table = svf_tools.points(self.dem, self.places, radius=30, measure="svf")
        self.assertEqual(list(table.columns), ["x", "y", "status", "row", "col", "height", "svf"])
        self.assertEqual(list(zip(table.row, table.col)), self.cells)
        self.assertEqual(list(zip(table.x, table.y)), self.places)
        np.testing.assert_array_equal(table.svf.astype(np.float32), self.svf[tuple(zip(*self.cells))])

    def test_a_table_keeps_index_columns_and_types(self):
        stations = pandas.DataFrame(self.places, columns=["x", "y"], index=["c", "a", "b"])
        stations["code"], stations["height"] = ["001", "002", "003"], [7, 8, 9]
        table = svf_tools.points(self.dem, stations, radius=30, measure="svf")
        self.assertEqual(
            list(table.columns), ["x", "y", "code", "points_height", "status", "row", "col", "height", "svf"]
        )
        self.assertEqual(list(table.index), ["c", "a", "b"])
        self.assertEqual(list(table.code), ["001", "002", "003"])
        self.assertEqual(list(table.points_height), [7, 8, 9])
        self.assertEqual(list(stations.columns), ["x", "y", "code", "height"])
        np.testing.assert_allclose(table.svf, self.values, rtol=0, atol=1e-7)

    def test_a_table_of_geopandas(self):
        x, y = zip(*self.places)
        # In another CRS than the raster's: the program projects them.
        places = geopandas.points_from_xy(x, y, crs=32632)
        stations = geopandas.GeoDataFrame({"code": ["001", "002", "003"]}, geometry=places).to_crs(4326)
        table = svf_tools.points(self.dem, stations, radius=30, measure="svf")
        self.assertIsInstance(table, geopandas.GeoDataFrame)
        self.assertEqual(table.crs, stations.crs)
        self.assertEqual(list(table.columns), ["code", "geometry", "status", "row", "col", "height", "svf"])
        np.testing.assert_allclose(table.svf, self.values, rtol=0, atol=1e-7)

    def test_an_index_with_equal_labels(self):
        stations = pandas.DataFrame(self.places, columns=["x", "y"], index=[5, 5, 1])
        table = svf_tools.points(self.dem, stations, radius=30, measure="svf")
        self.assertEqual(list(table.index), [5, 5, 1])
        np.testing.assert_allclose(table.svf, self.values, rtol=0, atol=1e-7)

    def test_points_without_a_value(self):
        places = [self.places[0], (0.0, 0.0), (float("nan"), 1.0)]
        with self.assertWarnsRegex(UserWarning, "no value for 2 of 3 points"):
            table = svf_tools.points(self.dem, places, radius=30, measure="svf")
        self.assertEqual(list(table.status), ["ok", "outside", "no-geometry"])
        self.assertEqual(list(table.svf.isna()), [False, True, True])
        with self.assertRaises(ProgramError) as raised, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            svf_tools.points(self.dem, [(0.0, 0.0)], radius=30)
        self.assertEqual(raised.exception.code, "points.none")

    def test_a_file(self):
        file = self.folder / "stations.csv"
        file.write_text("x,y,name\n" + "".join(f"{x},{y},s{x}\n" for x, y in self.places))
        with self.assertWarnsRegex(UserWarning, "stations.csv has no CRS"):
            table = svf_tools.points(self.dem, file, radius=30, measure="svf")
        self.assertEqual(list(table.id), [1, 2, 3])
        self.assertEqual(list(table.name), [f"s{x}" for x, _ in self.places])
        np.testing.assert_allclose(table.svf, self.values, rtol=0, atol=1e-7)

    def test_longitude_and_latitude(self):
        # Near the central meridian, where x is the false easting, y is the scaled arc from the equator.
        semi_major, flattening = 6378137.0, 1 / 298.257223563
        squared = flattening * (2 - flattening)
        angles = np.radians(np.linspace(0, 51, 510_001))
        steps = semi_major * (1 - squared) / (1 - squared * np.sin(angles) ** 2) ** 1.5
        arc = 0.9996 * np.concatenate([[0], np.cumsum((steps[1:] + steps[:-1]) / 2 * np.diff(angles))])
        row = 10
        latitude = np.interp(NORTH - SIDE * (row + 0.5), arc, angles)
        radius = semi_major / np.sqrt(1 - squared * np.sin(latitude) ** 2) * np.cos(latitude)
        longitude = np.radians(9) + SIDE / 2 / 0.9996 / radius
        stations = pandas.DataFrame({"lon": [np.degrees(longitude)], "lat": [np.degrees(latitude)]})
        table = svf_tools.points(self.dem, stations, radius=30, measure="svf")
        self.assertEqual(list(table.columns), ["lon", "lat", "status", "row", "col", "height", "svf"])
        self.assertEqual((table.row[0], table.col[0]), (row, 0))
        self.assertAlmostEqual(table.svf[0], float(self.svf[row, 0]), places=6)

    def test_other_ways_to_give_points(self):
        x, y = zip(*self.places)
        points = geopandas.GeoSeries.from_xy(x, y, crs=32632, index=["c", "a", "b"])
        for given in (
            np.array(self.places),
            {"x": x, "y": y},
            pandas.DataFrame({"X": x, "Y": y}),
            pandas.DataFrame({"Easting": x, "northing": y}),
            list(points),
            (place for place in self.places),
            points,
        ):
            # The CRS of the raster has no name that is known.
            table = svf_tools.points(self.dem, given, radius=30, measure="svf")
            np.testing.assert_allclose(table.svf, self.values, rtol=0, atol=1e-7)
        self.assertEqual(list(table.columns), ["geometry", "status", "row", "col", "height", "svf"])
        self.assertEqual(list(table.index), ["c", "a", "b"])
        for single in (self.places[1], list(self.places[1]), np.array(self.places[1])):
            table = svf_tools.points(self.dem, single, radius=30, measure="svf")
            np.testing.assert_allclose(table.svf, self.values[1:2], rtol=0, atol=1e-7)
        stations = pandas.DataFrame({"LON": [9.0], "Latitude": [50.0]})
        with self.assertRaisesRegex(ValueError, "no columns x and y"):
            svf_tools.points(self.dem, stations)
        stations = pandas.DataFrame({"x": x, "y": y, "status": [1, 2, 3], "points_status": [4, 5, 6]})
        table = svf_tools.points(self.dem, stations, radius=30, measure="svf")
        self.assertEqual((list(table.points_points_status), list(table.points_status)), ([1, 2, 3], [4, 5, 6]))

    def test_points_that_are_none(self):
        wanted = r"^points must be a table with columns x and y \(or lon and lat\), pairs \(x, y\), points of geopandas"
        wanted += ", or a file"
        for wrong, kind, says in (
            (None, TypeError, wanted + ", not NoneType$"),
            (5, TypeError, wanted + ", not int$"),
            ([(1, 2, 3)], ValueError, wanted + r"; \(1, 2, 3\) is none of them$"),
            (["a", "b"], ValueError, wanted + "; 'a' is none of them$"),
            (np.zeros((2, 3)), ValueError, "is none of them$"),
            (
                pandas.DataFrame([[1, 2, 3]], columns=["x", "y", "x"]),
                ValueError,
                "^the table has several columns x: rename",
            ),
        ):
            with self.subTest(wrong=wrong), self.assertRaisesRegex(kind, says):
                svf_tools.points(self.dem, wrong, radius=30)
        points = geopandas.GeoSeries.from_xy(*zip(*self.places), crs=32632)
        for geometries, says in (
            (
                points.buffer(1),
                r"^the geometries must be points, not Polygon: use .set_geometry\(table.representative_point",
            ),
            (
                geopandas.GeoSeries([points.union_all()]),
                r"^the geometries must be points, not MultiPoint: use .explode\(\)$",
            ),
        ):
            with self.assertRaisesRegex(ValueError, says):
                svf_tools.points(self.dem, geopandas.GeoDataFrame(geometry=geometries), radius=30)
        with self.assertRaisesRegex(
            TypeError, "^detail cannot be an option here: the table has one row for each point$"
        ):
            svf_tools.points(self.dem, self.places, radius=30, detail="lines")
        with self.assertRaisesRegex(TypeError, "^at must be a text, a number, a path or a list, not Point$"):
            svf_tools.point(self.dem, at=points[0], radius=30)

    def test_a_table_without_coordinates(self):
        with self.assertRaisesRegex(ValueError, "no columns x and y"):
            svf_tools.points(self.dem, pandas.DataFrame({"east": [1], "north": [2]}), radius=30)


if __name__ == "__main__":
    unittest.main()
