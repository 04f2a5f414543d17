"""Arrays as rioxarray opens and writes them: numbers that mean missing, CRS, and grids."""

import pathlib
import re
import tempfile
import unittest
import warnings

import numpy as np
import pyproj
import rasterio
import rioxarray
import svf_tools.xarray  # noqa: F401
from rasterio.vrt import WarpedVRT
from svf_tools import sky_view
from terrain import terrain
from test_xarray import on_a_grid


def with_holes(kind="f4", mark=-9999):
    cells = (terrain() + 20).astype(kind)
    cells[5:9, 3:30] = mark
    return cells


def without_marks(cells, mark=-9999):
    return sky_view(np.where(cells == mark, np.nan, cells), 2, 40)["svf"]


class Missing(unittest.TestCase):
    def test_as_rioxarray_says_it(self):
        for kind, mark in (("f4", -9999), ("i2", -9999), ("u1", 255)):
            cells = with_holes(kind, mark)
            expected = without_marks(cells, mark)
            dem = on_a_grid(cells)
            inplace = on_a_grid(cells)
            inplace.rio.set_nodata(mark, inplace=True)
            for said in (inplace, dem.rio.set_nodata(mark, inplace=False), dem.rio.write_nodata(mark)):
                self.assertEqual(said.rio.nodata, mark)
                with self.subTest(kind=kind, attrs=said.attrs):
                    np.testing.assert_array_equal(said.svf.sky_view(40)["svf"].values, expected)
        # Cells are NaN already where the encoding says it; whole numbers cannot be.
        encoded = on_a_grid(with_holes("i2")).rio.write_nodata(-9999, encoded=True)
        np.testing.assert_array_equal(encoded.svf.sky_view(40)["svf"].values, without_marks(with_holes("i2")))

    def test_vegetation(self):
        trees = np.where(terrain(seed=2) > 20, 8, 0)
        dem = on_a_grid(terrain())
        expected = dem.svf.sky_view(40, canopy=trees)["svf"]
        canopy = dem.copy(data=np.where(trees == 0, 255, trees).astype("u1"))
        canopy.rio.set_nodata(255, inplace=True)
        np.testing.assert_array_equal(dem.svf.sky_view(40, canopy=canopy)["svf"], expected)
        swapped = canopy.transpose("x", "y")
        swapped.rio.set_nodata(255, inplace=True)
        np.testing.assert_array_equal(dem.svf.sky_view(40, canopy=swapped)["svf"], expected)

    def test_of_a_file(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "dem.tif")
            cells = with_holes()
            crs = on_a_grid(cells).rio.write_crs(32633)
            crs.rio.write_nodata(-9999).rio.to_raster(file)
            with rioxarray.open_rasterio(file) as plain, rioxarray.open_rasterio(file, masked=True) as masked:
                lazy = rioxarray.open_rasterio(file, chunks=20)
                self.assertEqual((plain.attrs["_FillValue"], masked.encoding["_FillValue"]), (-9999, -9999))
                for opened in (plain, masked, lazy):
                    svf = opened.squeeze("band").svf.sky_view(40)["svf"]
                    np.testing.assert_array_equal(svf.values, without_marks(cells))
                lazy.close()
            svf_tools.compute(file, f"{folder}/svf.tif", radius=40, measure="svf")
            with rioxarray.open_rasterio(f"{folder}/svf.tif", masked=True) as computed:
                np.testing.assert_array_equal(computed[0], without_marks(cells))


class Place(unittest.TestCase):
    def warnings_of(self, call, *arguments, **options):
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            call(*arguments, **options)
        return [str(one.message) for one in told]

    def at(self, epsg, west=500000, north=4650000, side=2.0):
        cells = terrain()
        rows, cols = cells.shape
        dem = on_a_grid(cells).assign_coords(
            y=north - (np.arange(rows) + 0.5) * side, x=west + (np.arange(cols) + 0.5) * side
        )
        return dem.drop_vars("spatial_ref").rio.write_crs(epsg)

    def program_warns(self, dem, **options):
        with tempfile.TemporaryDirectory() as folder:
            dem.rio.to_raster(f"{folder}/dem.tif")
            return self.warnings_of(
                svf_tools.compute, f"{folder}/dem.tif", f"{folder}/svf.tif", **{"radius": 40, **options}
            )

    def test_units_of_the_crs(self):
        self.assertEqual(self.warnings_of(self.at(32633).svf.sky_view, 40), [])
        self.assertEqual(self.program_warns(self.at(32633)), [])
        dem = self.at(2263, 1e6, 2e5)
        says = (
            "the coordinates are in US survey foot: radius, and heights times z_factor, must be in US survey foot, too"
        )
        self.assertEqual(self.warnings_of(dem.svf.sky_view, 40), [says])
        told = self.program_warns(dem)
        self.assertEqual((len(told), "is in US survey feet, not metres" in told[0]), (1, True), told)
        # Heights of which the unit is known.
        says = "the heights are in m, but are taken to be in the unit of the ground: give z_factor=3.280833 to convert "
        says += "them"
        self.assertEqual(self.warnings_of(dem.assign_attrs(units="m").svf.sky_view, 40)[1:], [says])
        self.assertEqual(len(self.warnings_of(dem.assign_attrs(units="ft").svf.sky_view, 40)), 1)
        self.assertEqual(len(self.warnings_of(dem.assign_attrs(units="m").svf.sky_view, 40, z_factor=3.2808333)), 1)

    def test_a_map_that_changes_lengths(self):
        dem = self.at(3857, 1e6, 6e6)
        k = "1.4757"
        mend = f"give z_factor={k} and multiply radius (in units of the map) by {k}; or project it first"
        says = f"in the middle of the array they are {k} times as long as on the ground: {mend}"
        for heights in (dem, dem.chunk(20)):
            told = self.warnings_of(heights.svf.sky_view, 40)
            self.assertEqual((len(told), says in told[0]), (1, True), told)
        told = self.program_warns(dem)
        says = f"in the middle of the raster they are {k} times as long as on the ground (add z_factor {k} and multiply"
        self.assertEqual(
            (len(told), says in told[0].replace("--", "").replace("z-factor", "z_factor")), (1, True), told
        )
        self.assertEqual(self.warnings_of(dem.svf.sky_view, 40, z_factor=1.476), [])
        self.assertEqual(self.program_warns(dem, z_factor=1.476), [])
        self.assertEqual(self.warnings_of(dem.assign_attrs(units="ft").svf.sky_view, 40, z_factor=0.4498), [])
        # Large enough for the scale to vary, and a map on which it is another one along x than along y.
        for epsg, west, north, side, says in (
            (
                3857,
                1e6,
                6e6,
                20_000,
                r"they are 1\.\d+ times as long as on the ground \(1\.\d+ to 1\.\d+ over the (array|raster)\)",
            ),
            (4087, 1e6, 6e6, 2, r"they are 1\.\d+ times as long .*z_factor cannot correct this"),
        ):
            dem = self.at(epsg, west, north, side)
            numbers = []
            for told in (self.warnings_of(dem.svf.sky_view, 400_000), self.program_warns(dem, radius=400_000)):
                found = [one for one in told if "changes lengths" in one]
                self.assertRegex(found[0].replace("--z-factor", "z_factor"), says)
                numbers.append([float(k) for k in re.findall(r"\b\d\.\d{4}\b", found[0])])
            self.assertGreater(len(numbers[0]), 1)
            np.testing.assert_allclose(*numbers, rtol=0, atol=0.003)

    def computed(self, dem, **options):
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            dem.rio.to_raster(f"{folder}/dem.tif")
            svf_tools.compute(f"{folder}/dem.tif", f"{folder}/svf.tif", measure="svf", **options)
            with rioxarray.open_rasterio(f"{folder}/svf.tif", masked=True) as svf:
                return svf[0].values

    def test_the_body_of_the_crs(self):
        cells, moon = terrain() * 30, "+proj=longlat +R=1737400 +no_defs"
        step = 1 / 1000
        dem = on_a_grid(cells).assign_coords(y=10 - (np.arange(60) + 0.5) * step, x=(np.arange(47) + 0.5) * step)
        dem = dem.drop_vars("spatial_ref").rio.write_crs(moon)
        # On the Earth, cells are 3.7 times as large.
        expected = sky_view(cells, step, 500, latitudes=dem.y.values, ellipsoid=(1737400.0, 0.0))["svf"]
        self.assertGreater(np.abs(sky_view(cells, step, 500, latitudes=dem.y.values)["svf"] - expected).mean(), 0.1)
        np.testing.assert_allclose(dem.svf.sky_view(500)["svf"].values, expected, rtol=0, atol=2e-6)
        np.testing.assert_allclose(self.computed(dem, radius=500), expected, rtol=0, atol=2e-6)
        # Curvature has the radius of the body, in units of the map.
        says = "the CRS is not on the Earth: curvature uses the radius 1737.4 km and the refraction 0"
        self.assertEqual(self.warnings_of(dem.svf.sky_view, 500, curvature=True), [says])
        feet = self.at(2263, 1e6, 2e5, 2000)
        for heights, radius in ((dem, 1500), (feet, 60_000)):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                svf = heights.svf.sky_view(radius, curvature=True)["svf"]
                flat = heights.svf.sky_view(radius)["svf"]
            self.assertGreater(float(np.abs(svf - flat).max()), 1e-5)
            np.testing.assert_allclose(svf, self.computed(heights, radius=radius, curvature=True), rtol=0, atol=2e-6)

    def test_vegetation_in_another_crs_is_refused(self):
        dem, trees = self.at(32633), self.at(32632)
        says = (
            "canopy has the CRS WGS 84 / UTM zone 32N, the heights have WGS 84 / UTM zone 33N: use canopy.rio.reproject"
        )
        for heights in (dem, dem.chunk(20)):
            with self.assertRaisesRegex(ValueError, says):
                heights.svf.sky_view(40, canopy=trees)
        # The same one in another notation, and without one.
        again = dem.copy()
        again["spatial_ref"].attrs["crs_wkt"] = pyproj.CRS(32633).to_wkt("WKT1_ESRI")
        for same in (again, trees.drop_vars("spatial_ref")):
            np.testing.assert_array_equal(
                dem.svf.sky_view(40, canopy=same * 0)["svf"].values, dem.svf.sky_view(40)["svf"].values
            )

    def test_a_rotated_grid_is_refused(self):
        says = "^the grid is rotated or sheared: make the file north-up first, with gdalwarp .* open it in rasterio.vrt"
        transform = rasterio.Affine(1.97, 0.35, 500000, 0.35, -1.97, 4650000)
        with tempfile.TemporaryDirectory() as folder:
            profile = dict(driver="GTiff", height=60, width=47, count=1, dtype="float32", crs="EPSG:32633")
            with rasterio.open(f"{folder}/dem.tif", "w", transform=transform, **profile) as file:
                file.write(terrain()[None])
            with rioxarray.open_rasterio(f"{folder}/dem.tif") as opened:
                dem = opened.squeeze("band", drop=True).load()
            with rasterio.open(f"{folder}/dem.tif") as file, WarpedVRT(file, nodata=-9999) as upright:
                with rioxarray.open_rasterio(upright, masked=True) as opened:
                    mended = opened.squeeze("band", drop=True).load()
            with self.assertRaisesRegex(svf_tools.ProgramError, "the grid is rotated or sheared"):
                svf_tools.compute(f"{folder}/dem.tif", f"{folder}/svf.tif", radius=40)
        for heights in (dem, dem.chunk(20), dem[:1]):
            with self.assertRaisesRegex(ValueError, says):
                heights.svf.sky_view(40)
        self.assertGreater(float(mended.svf.sky_view(40)["svf"].count()), 2000)
        # A rounding error of a program.
        tiny = on_a_grid(terrain())
        tiny["spatial_ref"].attrs["GeoTransform"] = "500000 2 1e-6 4650000 1e-6 -2"
        np.testing.assert_array_equal(tiny.svf.sky_view(40)["svf"].values, sky_view(terrain(), 2, 40)["svf"])
        curved = dem.drop_vars("spatial_ref")
        with self.assertRaisesRegex(ValueError, "^the coordinates xc and yc have two dimensions: the grid is curved"):
            curved.svf.sky_view(40)


if __name__ == "__main__":
    unittest.main()
