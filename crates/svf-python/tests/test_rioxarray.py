"""Arrays as rioxarray opens and writes them: numbers that mean missing, CRS, and grids."""

import pathlib
import tempfile
import unittest

import numpy as np
import rioxarray
import svf_tools.xarray  # noqa: F401
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


if __name__ == "__main__":
    unittest.main()
