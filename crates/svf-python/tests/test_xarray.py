"""Arrays of xarray and Dask: coordinates, attributes, and the same values in chunks."""

import pathlib
import pickle
import unittest
import warnings

import dask
import numpy as np
import svf_tools.xarray  # noqa: F401
import xarray as xr
from svf_tools import sky_view
from terrain import terrain


def on_a_grid(cells, side=2.0):
    rows, cols = cells.shape
    return xr.DataArray(
        cells,
        dims=("y", "x"),
        coords={
            "y": 4650000 - (np.arange(rows) + 0.5) * side,
            "x": 500000 + (np.arange(cols) + 0.5) * side,
            "spatial_ref": xr.DataArray(0, attrs={"crs_wkt": 'PROJCRS["WGS 84 / UTM zone 33N"]'}),
        },
        attrs={"grid_mapping": "spatial_ref"},
    )


class XArray(unittest.TestCase):
    def test_coordinates_crs_and_cell_size(self):
        dem = on_a_grid(terrain())
        sky = dem.svf.sky_view(radius=40, measures=("svf", "horizon"))
        self.assertEqual(sky["svf"].dims, ("y", "x"))
        self.assertEqual(sky["horizon"].dims, ("azimuth", "y", "x"))
        self.assertEqual(sky["azimuth"].values[:3].tolist(), [0, 22.5, 45])
        np.testing.assert_array_equal(sky["x"], dem["x"])
        self.assertEqual(sky["svf"].attrs["grid_mapping"], "spatial_ref")
        self.assertIn("spatial_ref", sky.coords)
        np.testing.assert_array_equal(sky["svf"].values, sky_view(terrain(), 2, 40)["svf"])

    def test_rows_from_south_to_north(self):
        dem = on_a_grid(terrain())
        svf = dem.svf.sky_view(40)["svf"]
        flipped = dem.isel(y=slice(None, None, -1)).svf.sky_view(40)["svf"]
        np.testing.assert_allclose(flipped.sortby("y", ascending=False), svf, rtol=0, atol=1e-6)

    def test_the_fill_value_that_rioxarray_leaves_in_the_cells_is_missing(self):
        lowest = -3.4028234663852886e38
        kinds = (("f4", -9999.0), ("f4", lowest), ("f4", -9999.1), ("i2", -9999), ("i4", 0), ("f8", 7.5))
        for kind, fill in kinds:
            cells = (terrain() + 20).astype(kind)
            cells[5:9, 3:30] = fill
            masked = np.where(cells == cells[5, 3], np.nan, cells.astype("f8"))
            expected = sky_view(masked, 2, 40)["svf"]
            self.assertTrue(np.isnan(expected[5, 3]))
            dem = on_a_grid(cells)
            dem.attrs["_FillValue"] = fill
            svf = dem.svf.sky_view(40)["svf"]
            np.testing.assert_array_equal(svf.values, expected)
            self.assertEqual(dem.dtype, cells.dtype)
            if kind in ("f4", "i2"):
                np.testing.assert_array_equal(dem.chunk(20).svf.sky_view(40)["svf"].values, expected)
        # No cell of bytes can have it.
        dem = on_a_grid(terrain().astype("u1"))
        dem.attrs["_FillValue"] = -9999.0
        np.testing.assert_array_equal(dem.svf.sky_view(40)["svf"].values, sky_view(dem.values, 2, 40)["svf"])

    def test_numbers_that_mean_missing(self):
        cells = (terrain() + 20).astype("f4")
        cells[5:9, 3:30], cells[20, 20] = -9999, -1
        expected = sky_view(np.where(cells < 0, np.nan, cells), 2, 40)["svf"]
        whole = cells.astype("i2")
        of_whole = sky_view(np.where(whole < 0, np.nan, whole), 2, 40)["svf"]
        for said in (
            {"_FillValue": -9999, "missing_value": -1},
            {"missing_value": [-9999, -1.0]},
            {"missing_value": np.array([-1, -9999], "f4"), "nodata": np.nan, "fill_value": None},
            {"nodata": "-9999", "_FillValue": "-1"},
            {"nodata": -9999.0, "_FillValue": np.int16(-1), "fill_value": "nan"},
        ):
            for chunks in (-1, 20):
                for kind, right in (("f4", expected), ("i2", of_whole)):
                    dem = on_a_grid(cells.astype(kind)).assign_attrs(said)
                    dem = dem if chunks < 0 else dem.chunk(chunks)
                    np.testing.assert_array_equal(dem.svf.sky_view(40)["svf"].values, right)
        # Floats of few digits of a text are the same number, as in the programs; others are not.
        near = np.where(cells == -9999, np.float32(-9999.002), np.where(cells == -1, np.nan, cells))
        dem = on_a_grid(near).assign_attrs(nodata=-9999)
        np.testing.assert_array_equal(dem.svf.sky_view(40)["svf"].values, expected)
        dem = on_a_grid(np.where(near < -1, np.float32(-9999.2), near)).assign_attrs(nodata=-9999)
        with self.assertWarnsRegex(UserWarning, "cells of -9999.2, far from all others"):
            self.assertEqual(float(dem.svf.sky_view(40)["svf"].isnull().sum()), 1)
        for where, text in (("attrs", "missing"), ("attrs", "")):
            says = f"^_FillValue of the heights is '{text}', which is no number: set it .*, or delete it from .{where}$"
            with self.assertRaisesRegex(ValueError, says):
                on_a_grid(cells).assign_attrs(_FillValue=text).svf.sky_view(40)
        with self.assertRaisesRegex(ValueError, "nodata of the values of canopy is 'x', which is no number"):
            dem.svf.sky_view(40, canopy=on_a_grid(cells).assign_attrs(nodata="x"))

    def test_what_a_warning_of_marks_advises(self):
        cells = (terrain() + 20).astype("f4")
        cells[5:9, 3:30] = -9999
        for value in (-9999, -99999):
            dem = on_a_grid(cells.copy())
            dem[9, 9] = value
            with self.assertWarns(UserWarning) as told:
                dem.svf.sky_view(40)
            advice = str(told.warning).split("with xarray, ")[1]
            svf = eval(advice, {"dem": dem}).svf.sky_view(40)["svf"]
            self.assertEqual(int(svf.isnull().sum()), int((cells < -9000).sum()) + 1)

    def test_the_encoding_says_what_a_file_has_in_place_of_nan(self):
        cells = (terrain() + 20).astype("f4")
        cells[5:9, 3:30] = 0
        dem = on_a_grid(cells)
        # Of floats, that is NaN already; an equal height is one, but perhaps by mistake.
        dem.encoding["_FillValue"] = -1.0
        np.testing.assert_array_equal(dem.svf.sky_view(40)["svf"].values, sky_view(cells, 2, 40)["svf"])
        dem.encoding["_FillValue"] = 0.0
        says = r"the heights have cells of 0, which means missing by .encoding: .* NaN \(.where\(da != 0\)\)"
        with self.assertWarnsRegex(UserWarning, says) as told:
            svf = dem.svf.sky_view(40)["svf"]
        self.assertEqual(pathlib.Path(told.filename).name, pathlib.Path(__file__).name)
        np.testing.assert_array_equal(svf.values, sky_view(cells, 2, 40)["svf"])
        with self.assertWarnsRegex(UserWarning, "the values of canopy have cells of 0"):
            on_a_grid(terrain()).svf.sky_view(40, canopy=dem)
        # Whole numbers cannot be NaN.
        whole = on_a_grid(cells.astype("i2"))
        whole.encoding["missing_value"] = 0
        expected = sky_view(np.where(whole == 0, np.nan, whole), 2, 40)["svf"]
        for chunks in ({}, {"y": 20, "x": 20}):
            heights = whole.chunk(chunks) if chunks else whole
            heights.encoding = dict(whole.encoding)
            np.testing.assert_array_equal(heights.svf.sky_view(40)["svf"].values, expected)
        # Those of stored values.
        whole.encoding["scale_factor"] = 0.1
        np.testing.assert_array_equal(whole.svf.sky_view(40)["svf"], sky_view(cells.astype("i2"), 2, 40)["svf"])

    def test_a_single_row_has_the_size_of_its_cells_from_the_geotransform(self):
        row = on_a_grid(terrain()[:1])
        for stored in ("", "500000 2"):
            with self.assertRaisesRegex(ValueError, "y needs two coordinates, or the GeoTransform"):
                row["spatial_ref"].attrs["GeoTransform"] = stored
                row.svf.sky_view(40)
        row["spatial_ref"].attrs["GeoTransform"] = "500000.0 2.0 0.0 4650000.0 0.0 -3.0"
        svf = row.svf.sky_view(40, canopy=row * 0)["svf"]
        np.testing.assert_array_equal(svf.values, sky_view(terrain()[:1], (2, 3), 40)["svf"])
        # Where rows have neighbours, they say it, also after every second one was taken.
        dem = on_a_grid(terrain())[::2]
        dem["spatial_ref"].attrs["GeoTransform"] = "500000.0 2.0 0.0 4650000.0 0.0 -2.0"
        np.testing.assert_array_equal(dem.svf.sky_view(40)["svf"].values, sky_view(terrain()[::2], (2, 4), 40)["svf"])

    def test_degrees(self):
        step = 1 / 3600
        latitudes = 47 - (np.arange(60) + 0.5) * step
        dem = xr.DataArray(
            terrain() * 30, dims=("lat", "lon"), coords={"lat": latitudes, "lon": 8 + (np.arange(47) + 0.5) * step}
        )
        expected = sky_view(terrain() * 30, step, 900, latitudes=latitudes)["svf"]
        np.testing.assert_allclose(dem.svf.sky_view(900)["svf"], expected, rtol=0, atol=1e-6)
        self.same_in_chunks(dem, 900)
        flipped = dem.isel(lat=slice(None, None, -1))
        self.same_in_chunks(flipped, 900)

    def test_coordinates_of_32_bit_floats(self):
        # By the second: neighbours differ by up to 3 % more or less than a cell.
        step = 1 / 3600
        latitudes, longitudes = 47 - (np.arange(60) + 0.5) * step, 170 + (np.arange(47) + 0.5) * step
        dem = xr.DataArray(terrain() * 30, dims=("lat", "lon"), coords={"lat": latitudes, "lon": longitudes})
        rounded = dem.assign_coords(lat=latitudes.astype("f4"), lon=longitudes.astype("f4"))
        self.assertGreater(np.abs(np.diff(rounded.lon.values) / step - 1).max(), 0.03)
        trees = dem.copy(data=np.where(terrain(seed=2) > 20, 8, 0).astype("f4"))
        expected = dem.svf.sky_view(900, canopy=trees)["svf"]
        for heights, canopy in (
            (rounded, trees),
            (dem, trees.assign_coords(rounded.coords)),
            (rounded.chunk(20), trees),
        ):
            svf = heights.svf.sky_view(900, canopy=canopy)["svf"]
            # A few samples at the end of sight lines are within the radius or not.
            self.assertLess(float(np.abs(svf.values - expected.values).mean()), 1e-4)
        # Six digits of a text.
        digits = dem.assign_coords(lat=np.round(latitudes, 6), lon=np.round(longitudes, 6))
        svf = digits.svf.sky_view(900, canopy=trees.values)["svf"]
        self.assertLess(float(np.abs(svf.values - expected.values).mean()), 1e-4)

    def test_coordinates_that_are_uneven(self):
        dem = on_a_grid(terrain())
        without_a_row = dem.isel(y=[*range(25), *range(26, 60)])
        gaussian = np.degrees(np.arcsin(np.polynomial.legendre.leggauss(32)[0]))[::-1]
        cells = xr.DataArray(terrain(32), dims=("lat", "lon"), coords={"lat": gaussian, "lon": np.arange(47) / 2})
        for uneven in (without_a_row, cells, cells.assign_coords(lat=gaussian.astype("f4"))):
            with self.assertRaisesRegex(ValueError, f"^the coordinates {uneven.dims[0]} are not equally spaced$"):
                uneven.svf.sky_view(40)
        with self.assertRaisesRegex(ValueError, "the coordinates x must be numbers, not <U2"):
            dem.assign_coords(x=[str(i) for i in range(47)]).svf.sky_view(40)

    def test_rows_at_a_pole(self):
        step = 0.01
        for first, sign in ((90, 1), (90 - step / 2, 1), (-90, -1)):
            latitudes = first - sign * np.arange(60) * step
            dem = xr.DataArray(terrain(), dims=("lat", "lon"), coords={"lat": latitudes, "lon": np.arange(47) * step})
            says = f"at latitude {abs(first):.4f}, sight lines of 3000 m would miss their azimuth by "
            for heights in (dem, dem.chunk(20)):
                with self.assertRaisesRegex(ValueError, says):
                    heights.svf.sky_view(3000)
        with self.assertRaisesRegex(ValueError, "latitudes go to 4650000, beyond the pole: are these degrees"):
            dem.assign_coords(lat=4650000 - np.arange(60)).svf.sky_view(40)

    def test_degrees_are_known_in_several_ways(self):
        step = 1 / 3600
        latitudes = 47 - (np.arange(60) + 0.5) * step
        longitudes = 8 + (np.arange(47) + 0.5) * step
        cells = terrain() * 30
        expected = sky_view(cells, step, 900, latitudes=latitudes)["svf"]
        geographic = 'GEOGCRS["WGS 84",DATUM["World Geodetic System 1984"]]'
        compound = f'COMPOUNDCRS["with heights",{geographic},VERTCRS["EGM96 height"]]'

        def of(dims, crs=None, name="spatial_ref", **units):
            coordinates = {dims[0]: (dims[0], latitudes, units), dims[1]: (dims[1], longitudes, units)}
            if crs is not None:
                coordinates[name] = xr.DataArray(0, attrs={"crs_wkt": crs})
            return xr.DataArray(cells, dims=dims, coords=coordinates, attrs={"grid_mapping": name} if crs else {})

        of_standard_names = of(("y", "x"))
        of_standard_names.y.attrs["standard_name"] = "latitude"
        for dem in (
            of(("Lat", "Lon")),
            of(("LATITUDE", "LONGITUDE")),
            of(("y", "x"), geographic),
            of(("y", "x"), geographic, name="crs"),
            of(("y", "x"), compound),
            of(("y", "x"), units="degrees_east"),
            of(("y", "x"), "EPSG:4326"),
            of(("y", "x"), "").assign_coords(
                spatial_ref=(xr.DataArray(0, attrs={"grid_mapping_name": "latitude_longitude"}))
            ),
            of(("y", "x"), "4326"),
            of(("y", "x")).assign_attrs(crs="EPSG:4326"),
            of(("y", "x")).assign_attrs(crs=4326),
            of(("y", "x")).assign_attrs(crs="+init=epsg:4326"),
            of_standard_names,
        ):
            np.testing.assert_allclose(dem.svf.sky_view(900)["svf"], expected, rtol=0, atol=1e-6)
        projected = f'COMPOUNDCRS["city",PROJCRS["UTM",BASE{geographic}],VERTCRS["EGM96 height"]]'
        metres = on_a_grid(terrain())
        metres.coords["spatial_ref"].attrs["crs_wkt"] = projected
        np.testing.assert_array_equal(metres.svf.sky_view(40)["svf"], sky_view(terrain(), 2, 40)["svf"])
        with self.assertRaisesRegex(ValueError, r"rows must come first: use .transpose\('lat', 'lon'\)"):
            of(("lat", "lon")).transpose("lon", "lat").svf.sky_view(900)

    def test_degrees_that_nobody_names_are_warned_of(self):
        step = 1 / 1200
        dem = on_a_grid(terrain() * 30, step).assign_coords(
            y=47 - (np.arange(60) + 0.5) * step, x=8 + (np.arange(47) + 0.5) * step
        )
        for cells, says in ((dem, "heights differ by up to"), (dem.chunk(20), "radius 1000 is 1200000 cells of")):
            with self.assertWarnsRegex(
                UserWarning, says + ".*for xarray: the CRS, or the dimensions lat and lon"
            ) as told:
                cells.svf.sky_view(radius=1000)
            self.assertEqual(pathlib.Path(told.filename).name, pathlib.Path(__file__).name)

    def test_the_fill_value_of_vegetation_is_none(self):
        dem = on_a_grid(terrain())
        trees = np.where(terrain(seed=2) > 20, 8, 0)
        expected = dem.svf.sky_view(40, canopy=trees)["svf"].values
        for kind, fill in (("u1", 255), ("f4", 3.4e38), ("f4", -9999)):
            canopy = dem.copy(data=np.where(trees == 0, fill, trees).astype(kind)).assign_attrs(_FillValue=fill)
            for chunks in ({}, dict(y=20, x=20)):
                heights = dem.chunk(chunks) if chunks else dem
                np.testing.assert_array_equal(heights.svf.sky_view(40, canopy=canopy)["svf"].values, expected)

    def test_values_as_they_are_stored_are_refused(self):
        dem = on_a_grid((terrain() * 10).astype("i2"))
        says = r"the heights are 0.1 \* value \+ 0: open the file with mask_and_scale=True"
        for heights in (dem.assign_attrs(scale_factor=0.1), dem.astype("f4").chunk(20).assign_attrs(scale_factor=0.1)):
            with self.assertRaisesRegex(ValueError, says):
                heights.svf.sky_view(40)
        with self.assertRaisesRegex(ValueError, r"the values of canopy are 1 \* value \+ 5: open"):
            dem.svf.sky_view(40, canopy=dem.assign_attrs(add_offset=5))
        same = dem.assign_attrs(scale_factor=1.0, add_offset=0.0).svf.sky_view(40)["svf"]
        np.testing.assert_array_equal(same, dem.svf.sky_view(40)["svf"])

    def test_units_that_are_not_metres(self):
        dem = on_a_grid(terrain())
        with self.assertWarnsRegex(UserWarning, "the heights are in ft, but are taken .* give z_factor") as told:
            dem.assign_attrs(units="ft").svf.sky_view(40)
        self.assertEqual(pathlib.Path(told.filename).name, pathlib.Path(__file__).name)
        dem.assign_attrs(units="ft").svf.sky_view(40, z_factor=0.3048)
        for nothing in (None, "unknown", "M"):
            dem.assign_attrs(units=nothing).svf.sky_view(40)
        dem["x"].attrs["units"] = "US survey foot"
        with self.assertWarnsRegex(UserWarning, "^the coordinates are in us survey foot: radius, and heights"):
            dem.svf.sky_view(40)
        # Of the unit of the coordinates, which differs by less than a hundredth from that of the heights.
        with self.assertWarns(UserWarning) as told:
            dem.assign_attrs(units="ft").svf.sky_view(40)
        self.assertIn("the coordinates are in us survey foot", str(told.warning))
        self.assertEqual(len(told.warnings), 1)
        with self.assertWarns(UserWarning) as told:
            dem.assign_attrs(units="m").svf.sky_view(40)
        says = (
            "the heights are in m, but are taken to be in the unit of the ground: give z_factor=3.28084 to convert them"
        )
        self.assertEqual([str(one.message) for one in told.warnings][1:], [says])
        grads = 'GEOGCS["NTF (Paris)",DATUM["NTF",SPHEROID["c",6378249.2,293.46602]],UNIT["grad",0.01570796326794897]]'
        dem = on_a_grid(terrain(), 0.001).assign_coords(y=np.linspace(50.06, 50, 60), x=np.linspace(2, 2.046, 47))
        dem["spatial_ref"].attrs["crs_wkt"] = grads
        with self.assertRaisesRegex(ValueError, "the CRS is in grads: reproject"):
            dem.svf.sky_view(400)

    def test_vegetation_lies_where_its_coordinates_say(self):
        dem = on_a_grid(terrain())
        trees = dem.copy(data=np.where(terrain(seed=2) > 20, 8, 0).astype(np.float32))
        expected = dem.svf.sky_view(40, canopy=trees.values)["svf"]
        for chunks in (None, {"y": 20, "x": 20}):
            heights = dem if chunks is None else dem.chunk(chunks)
            svf = heights.svf.sky_view(40, canopy=trees.transpose("x", "y"))["svf"]
            np.testing.assert_array_equal(svf, expected)
            for other in (trees.isel(y=slice(None, None, -1)), trees.assign_coords(x=trees.x + 2), trees[1:]):
                with self.assertRaisesRegex(ValueError, "canopy has other coordinates"):
                    heights.svf.sky_view(40, canopy=other)
            with self.assertRaisesRegex(ValueError, "canopy has the dimensions"):
                heights.svf.sky_view(40, canopy=trees.rename(x="column"))

    def same_in_chunks(self, dem, radius, **options):
        names = options.pop("measures", ("svf", "horizon"))
        whole = dem.svf.sky_view(radius, measures=names, **options)
        y, x = dem.dims
        for chunks in ({y: 25, x: 47}, {y: 17, x: 29}, {y: 5, x: 7}):
            lazy = dem.chunk(chunks).svf.sky_view(radius, measures=names, **options)
            self.assertIsNotNone(lazy[names[0]].chunks)
            for name in names:
                got = lazy[name].compute().values
                np.testing.assert_array_equal(got.view(np.uint32), whole[name].values.view(np.uint32), str(chunks))

    def test_chunks_with_vegetation(self):
        dem = on_a_grid(terrain(90, 70))
        trees = np.where(terrain(90, 70)[::-1] > 20, 12, 0).astype(np.float32)
        self.assertGreater(trees.sum(), 0)
        names = ("svf", "svf-veg", "svf-aveg")
        self.same_in_chunks(dem, 30, measures=names, canopy=trees)
        self.same_in_chunks(dem, 30, measures=names, canopy=dem.copy(data=trees), trunk=trees / 3)
        # What is masked is no vegetation.
        import dask.array as da

        few = trees * (np.mgrid[:90, :70][1] < 40)
        masked = da.ma.masked_where(da.from_array(few < trees, chunks=30), da.from_array(trees, chunks=30))
        lazy = dem.chunk(20).svf.sky_view(30, measures=names, canopy=masked)
        whole = dem.svf.sky_view(30, measures=names, canopy=few)
        np.testing.assert_array_equal(lazy["svf-veg"].values, whole["svf-veg"].values)
        with self.assertRaisesRegex(ValueError, "canopy must have numbers, not bool"):
            dem.chunk(20).svf.sky_view(30, canopy=trees > 0)
        with self.assertRaisesRegex(ValueError, r"canopy has the shape \(3, 3\)"):
            dem.chunk(20).svf.sky_view(30, canopy=trees[:3, :3])

    def test_vegetation_that_is_none_is_warned_of_before_chunks_are_computed(self):
        dem = on_a_grid(terrain())
        trees = dem.copy(data=np.where(terrain(seed=2) > 20, 8, 255).astype("u1"))
        for heights in (dem, dem.chunk(20)):
            for canopy in (trees, trees.values):
                with self.assertWarnsRegex(UserWarning, r"canopy has cells of 255, far from all others \(8\)") as told:
                    heights.svf.sky_view(40, canopy=canopy)
                self.assertEqual(pathlib.Path(told.filename).name, pathlib.Path(__file__).name)

    def test_marks_in_chunks_are_warned_of_once_while_they_are_computed(self):
        trees = np.where(terrain(seed=2) > 20, 8, 0)
        for kind, mark in (("f4", -9999), ("f8", -9999), ("i2", 32767), (">f4", 1e20)):
            cells = (terrain() * 0 + 300).astype(kind)
            cells[::20] = 310
            cells[3, 5] = cells[33, 25] = cells[50, 40] = mark
            dem = on_a_grid(cells).chunk(20)
            for _ in range(2):
                lazy = dem.svf.sky_view(40)["svf"]
                with self.assertWarns(UserWarning) as told:
                    lazy.compute(scheduler="threads", num_workers=2)
                shown = f"{float(cells[3, 5]):.6g}"
                says = (
                    f"in a chunk, dem has cells of {shown}, far from all others (300 to 310): if heights are missing "
                )
                self.assertEqual([str(one.message)[: len(says)] for one in told.warnings], [says])
        # Errors, if there were a warning.
        fine = on_a_grid(np.where(cells == cells[3, 5], 305, cells).astype("f4"))
        for heights, missing in ((on_a_grid(cells).assign_attrs(nodata=mark), 3), (fine, 0)):
            self.assertEqual(int(heights.chunk(20).svf.sky_view(40)["svf"].isnull().sum()), missing)
        for value, says in (
            (255, r"^in a chunk, canopy has cells of 255, far from all others \(.*\): if there is no vegetation there"),
            (130.5, r"^in a chunk, canopy is up to 130.5 high, higher than trees grow"),
        ):
            canopy = on_a_grid(trees.astype("u1" if value == 255 else "f4")).copy()
            canopy[:3] = value
            with self.assertWarnsRegex(UserWarning, says) as told:
                fine.chunk(20).svf.sky_view(40, canopy=canopy.chunk(20))["svf"].compute()
            self.assertEqual(len(told.warnings), 1)

    def test_chunks_of_a_cascade(self):
        dem = on_a_grid(terrain(180, 150))
        self.same_in_chunks(dem, 120, search="cascade")
        # Farther than the array goes.
        self.same_in_chunks(dem, 5000, search="cascade")
        self.same_in_chunks(dem, 5000)

    def test_chunks_of_dask_change_no_bit(self):
        cells = terrain(150, 131)
        cells[40:43, 60:90] = np.nan
        names = ("svf", "svf-slope", "horizon")
        whole = on_a_grid(cells).svf.sky_view(25, measures=names)
        for chunks in ({"y": 150, "x": 131}, {"y": 40, "x": 131}, {"y": 37, "x": 29}, {"y": 5, "x": 7}):
            heights = on_a_grid(cells).chunk(chunks)
            lazy = heights.svf.sky_view(25, measures=names)
            # As they came, also where the last one is narrower than the halo.
            self.assertEqual(lazy["svf"].chunks, heights.chunks)
            self.assertEqual(lazy["horizon"].chunks[1:], heights.chunks)
            for name in names:
                got = lazy[name].compute().values
                np.testing.assert_array_equal(got.view(np.uint32), whole[name].values.view(np.uint32), str(chunks))

    def test_chunks_of_more_digits(self):
        fine = terrain().astype("f8") + 1500.123456789
        fine[30:33, 20:40], fine[0, 0] = np.nan, 1e300
        whole = (terrain() * 1000).astype("i4") + 900_000_000
        whole[3:6, :9] = -9999
        few = (terrain() + 100).astype("i8")
        for cells, says in ((fine, {}), (whole, {"_FillValue": -9999}), (few, {"nodata": 100}), (fine * np.nan, {})):
            dem = on_a_grid(cells).assign_attrs(says)
            self.assertIn(dem.dtype.name, ("float64", "int32", "int64"))
            with warnings.catch_warnings():
                # One height is too large.
                warnings.filterwarnings("ignore", "dem has values beyond")
                warnings.filterwarnings("ignore", "in a chunk, dem has values beyond")
                self.same_in_chunks(dem, 40, z_factor=0.001 if dem.dtype == "i4" else 1)
        # By the range of the whole array, without which heights would be rounded to a tenth of a millimetre.
        fine[0, 0] = np.nan
        rounded = on_a_grid(np.where(fine > 1e9, np.nan, fine).astype("f4")).svf.sky_view(40)["svf"]
        self.assertFalse(rounded.equals(on_a_grid(fine).chunk(20).svf.sky_view(40)["svf"].compute()))

    def test_chunks_are_not_kept_until_the_range_is_known(self):
        import dask.array as da

        read = []

        def chunk(block_id):
            read.append(block_id)
            return np.full((20, 47), 1000.25 + block_id[0])

        lazy = da.map_blocks(chunk, chunks=((20, 20, 20), (47,)), dtype="f8", meta=np.empty((0, 0)))
        sky = on_a_grid(np.zeros((60, 47))).copy(data=lazy).svf.sky_view(2)["svf"]
        self.assertEqual(read, [])
        sky.compute()
        self.assertEqual(sorted(read), sorted(2 * [(0, 0), (1, 0), (2, 0)]))

    def test_results_go_to_other_processes(self):
        cells = terrain()
        trees = np.where(terrain(seed=2) > 20, 8, 0).astype("f4")
        names = ("svf", "horizon")
        for kind in ("f4", "f8"):
            dem = on_a_grid(cells.astype(kind))
            with warnings.catch_warnings():
                # That trees change no horizon.
                warnings.simplefilter("ignore", UserWarning)
                expected = dem.svf.sky_view(40, measures=names, canopy=trees)
                lazy = dem.chunk(20).svf.sky_view(40, measures=names, canopy=trees)
            again = pickle.loads(pickle.dumps(lazy))
            self.assertIsNotNone(again["svf"].chunks)
            for name in names:
                np.testing.assert_array_equal(again[name].values, expected[name].values)
            with dask.config.set(scheduler="processes", num_workers=2):
                np.testing.assert_array_equal(lazy["svf"].values, expected["svf"].values)

    def test_options_without_effect_are_refused(self):
        heights = on_a_grid(terrain())
        for dem in (heights, heights.chunk(20)):
            for options, says in (
                (dict(refraction=0.2), "refraction can only be used with curvature"),
                (dict(earth_radius=1e6), "earth_radius can only be used with curvature"),
                (dict(ellipsoid=(1e6, 0.0)), "ellipsoid can only be used with latitudes"),
                (dict(transmissivity=0.1), "transmissivity can only be used with canopy"),
                (dict(divisions=5), "divisions can only be used with sampling='divided'"),
                (dict(signed=True), "signed can only be used with the measure horizon"),
            ):
                with self.assertRaisesRegex(ValueError, f"^{says}$"):
                    dem.svf.sky_view(40, **options)
            dem.svf.sky_view(40, refraction=None, earth_radius=None, ellipsoid=None)
            dem.svf.horizon(40, signed=True)
            with self.assertRaisesRegex(TypeError, "^curvature must be True or False, not 1$"):
                dem.svf.sky_view(40, curvature=1)
        heights.svf.sky_view(40, threads=1)
        says = r"^threads cannot be used with an array of Dask: use .compute\(num_workers=N\) on the result$"
        with self.assertRaisesRegex(ValueError, says):
            heights.chunk(20).svf.sky_view(40, threads=1)

    def test_what_is_refused(self):
        dem = on_a_grid(terrain())
        with self.assertRaisesRegex(ValueError, r"use .assign_coords\(y=...\), or svf_tools.sky_view with cell_size"):
            xr.DataArray(terrain(), dims=("y", "x")).svf.sky_view(40)
        with self.assertRaisesRegex(ValueError, "not equally spaced"):
            dem.assign_coords(x=(dem["x"].values - 500000) ** 2).svf.sky_view(40)
        for heights in (dem > 5, (dem > 5).chunk(20)):
            with self.assertRaisesRegex(ValueError, "^dem must have numbers, not bool$"):
                heights.svf.sky_view(40)
        with self.assertRaisesRegex(ValueError, "search must be one of exact, cascade"):
            dem.chunk(20).svf.sky_view(40, search="fast")
        with self.assertRaisesRegex(
            ValueError, r"two dimensions, not \('time', 'y', 'x'\): use .squeeze\(\['time'\]\)"
        ):
            dem.expand_dims("time").svf.sky_view(40)
        with self.assertRaisesRegex(ValueError, r"two dimensions, not \('y',\)$"):
            dem[:, 0].svf.sky_view(40)
        for heights in (dem, dem.chunk(20)):
            with self.assertRaisesRegex(
                TypeError, "^canopy must be an array, not the file 'trees.tif': use svf_tools.compute"
            ):
                heights.svf.sky_view(40, canopy="trees.tif")
        with self.assertRaisesRegex(TypeError, r"^horizon\(\) has no measures: use sky_view\(\)$"):
            dem.svf.horizon(40, measures="svf")
        with self.assertRaisesRegex(TypeError, "cell_size comes from the coordinates"):
            dem.svf.sky_view(40, cell_size=2)
        with self.assertRaisesRegex(TypeError, r"has no argument radus: see help\(svf_tools.sky_view\)"):
            dem.svf.sky_view(40, radus=2)
        with self.assertRaisesRegex(ValueError, r"rows must come first: use .transpose\('row', 'col'\)"):
            dem.rename(y="row", x="col").transpose().svf.sky_view(40)


if __name__ == "__main__":
    unittest.main()
