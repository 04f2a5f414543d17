"""Arrays: values that are known exactly, the same bits as the programs, and what is refused."""

import math
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import warnings

import numpy as np
import svf_tools
from osgeo import gdal, osr
from svf_tools import horizon, sky_view
from svf_tools.arrays import WGS84
from terrain import terrain

gdal.UseExceptions()


def write(path, cells, transform=(500000, 2, 0, 4650000, 0, -2), epsg=32633, nodata=None):
    types = {"float32": gdal.GDT_Float32, "float64": gdal.GDT_Float64, "int16": gdal.GDT_Int16, "uint8": gdal.GDT_Byte}
    rows, cols = cells.shape
    raster = gdal.GetDriverByName("GTiff").Create(str(path), cols, rows, 1, types[cells.dtype.name])
    raster.SetGeoTransform(transform)
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(epsg)
    raster.SetProjection(crs.ExportToWkt())
    if nodata is not None:
        raster.GetRasterBand(1).SetNoDataValue(nodata)
    raster.GetRasterBand(1).WriteArray(cells)


def read(path):
    cells = gdal.Open(str(path)).ReadAsArray()
    return np.where(cells == -9999, np.float32(np.nan), cells)


class KnownValues(unittest.TestCase):
    def test_a_funnel_of_45_degrees(self):
        dem = np.hypot(*np.mgrid[-4:5, -4:5])
        values = sky_view(dem, 1, 4, 8, ("svf", "svf-cosine"))
        self.assertAlmostEqual(float(values["svf"][4, 4]), 1 - 0.5**0.5, places=6)
        self.assertAlmostEqual(float(values["svf-cosine"][4, 4]), 0.5, places=6)
        self.assertEqual(values["svf"].dtype, np.float32)

    def test_a_matrix_is_an_array(self):
        with warnings.catch_warnings():
            # Of numpy: that matrices are old.
            warnings.simplefilter("ignore", PendingDeprecationWarning)
            dem, canopy = np.matrix(terrain()), np.matrix(np.ones(terrain().shape))
            values = sky_view(dem, 2, 30, canopy=canopy)["svf"]
        self.assertIs(type(values), np.ndarray)
        np.testing.assert_array_equal(values, sky_view(terrain(), 2, 30, canopy=np.ones(terrain().shape))["svf"])

    def test_the_horizon_of_a_wall_in_the_east(self):
        dem = np.zeros((5, 9))
        dem[:, 8] = 4
        angles, azimuths = horizon(dem, 1, 10, 4)
        self.assertEqual(angles.shape, (4, 5, 9))
        self.assertEqual(list(azimuths), [0, 90, 180, 270])
        self.assertAlmostEqual(float(angles[1, 2, 4]), 45, places=4)
        self.assertEqual([float(angles[k, 2, 4]) for k in (0, 2, 3)], [0, 0, 0])

    def test_sides_of_cells_and_their_signs(self):
        dem = np.zeros((5, 9))
        dem[:, 8] = 4
        angles, _ = horizon(dem, (2, 1), 20, 4)
        self.assertAlmostEqual(float(angles[1, 2, 4]), np.degrees(np.arctan2(4, 8)), places=4)
        # Columns that run west: the wall is in the west.
        angles, _ = horizon(dem, (-1, 1), 10, 4)
        self.assertAlmostEqual(float(angles[3, 2, 4]), 45, places=4)

    def test_missing_cells(self):
        dem = np.zeros((5, 5))
        dem[1, 1] = np.nan
        masked = np.ma.masked_equal(np.where(np.isnan(dem), -7, dem), -7)
        for cells in (dem, masked):
            svf = sky_view(cells, 1, 2)["svf"]
            self.assertEqual(np.argwhere(np.isnan(svf)).tolist(), [[1, 1]])
            self.assertEqual(float(svf[2, 2]), 1)
        missing = sky_view(dem, 1, 2, missing="nan")["svf"]
        self.assertTrue(np.isnan(missing).all())

    def test_a_mark_for_missing_heights_is_warned_of(self):
        lowest = float(np.finfo(np.float32).min)
        marks = (
            (-9999, "f4"),
            (-9999, "f8"),
            (-9999, "i2"),
            (-32768, "i2"),
            (-32767, "i2"),
            (-99999, "i4"),
            (-999, "f4"),
        )
        marks += (
            (9999, "i2"),
            (65535, "u2"),
            (32767, "i2"),
            (1e20, "f4"),
            (-1e30, "f8"),
            (lowest, "f4"),
            (lowest, "f8"),
        )
        for mark, kind in marks:
            dem = (terrain() * 0 + 300).astype(kind)
            dem[0, 0], dem[3, 5] = 310, mark
            shown = repr(lowest) if mark == lowest else str(np.dtype(kind).type(mark)).replace(".0", "")
            says = (
                f"dem has cells of {shown}, far from all others (300 to 310): if heights are missing there, use "
                f"numpy.where(dem == {shown}, numpy.nan, dem); with xarray, dem.where(dem != {shown})"
            )
            with self.subTest(mark=mark, kind=kind), self.assertWarns(UserWarning) as told:
                sky_view(dem, 2, 40)
            self.assertEqual(str(told.warning), says)
            self.assertEqual(pathlib.Path(told.filename).name, pathlib.Path(__file__).name)
            self.assertEqual(np.isnan(eval(re.search("use (.*);", says)[1], {"numpy": np, "dem": dem})).sum(), 1)
        dem[9, 9] = -9999
        with self.assertWarnsRegex(
            UserWarning, r"cells of -3.4028234663852886e\+38 and -9999, far .*numpy.isin\(dem, \[-3.402823"
        ):
            sky_view(dem, 2, 40)
        sea = np.linspace(-10_500, -9_000, terrain().size).reshape(terrain().shape).astype("f4")
        sea[sea < -9999] = -9999
        masked = np.ma.masked_less(dem, 0)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for fine in (sea, masked, np.where(dem < 0, np.nan, dem), np.full((9, 9), -9998.5)):
                sky_view(fine, 2, 40)

    def test_relief_that_no_place_has(self):
        dem = terrain() * 100
        dem[5:9, 5], dem[20:24, 7] = -9999, 9999
        degrees = dict(cell_size=1 / 1200, radius=300, latitudes=47 - np.arange(60) / 1200)
        says = "^heights range from -9999 to 9999, more than anywhere on Earth: does a number stand for missing heights"
        with self.assertWarnsRegex(UserWarning, says):
            sky_view(dem, **degrees)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            sky_view(dem, z_factor=0.3048, **degrees)
            sky_view(dem, ellipsoid=(3_396_190, 0.006), **degrees)
            # A trench and a mountain, 1000 km apart.
            wide = dict(degrees, cell_size=1 / 4, latitudes=30 - np.arange(60) / 4, radius=30_000)
            sky_view(np.where(dem == 9999, 8000, dem), **wide)

    def test_vegetation_that_is_none(self):
        trees = np.where(terrain(seed=2) > 20, 8, 0)
        for value, kind, says in (
            (255, "u1", "canopy has cells of 255, far from all others (0 to 8): if there is no vegetation there, use "),
            (
                1e30,
                "f4",
                "canopy has cells of 1e+30, far from all others (0 to 8): if there is no vegetation there, use ",
            ),
            (
                -9999,
                "i2",
                "canopy has cells of -9999, far from all others (0 to 8): if there is no vegetation there, use ",
            ),
            (
                130,
                "f8",
                "canopy is up to 130 high, higher than trees grow: heights above ground are meant, in the unit of",
            ),
        ):
            canopy = trees.astype(kind)
            canopy[:3] = value
            with self.subTest(value=value), self.assertWarns(UserWarning) as told:
                sky_view(terrain(), 2, 40, canopy=canopy)
            self.assertEqual(str(told.warning)[: len(says)], says)
            with self.assertWarnsRegex(UserWarning, "trunk " + re.escape(says[7:])):
                sky_view(terrain(), 2, 40, canopy=trees, trunk=canopy)

    def test_cells_that_could_be_degrees_are_warned_of(self):
        dem = terrain() * 30
        degrees = dict(cell_size=1 / 1200, radius=1000)
        latitudes = 47 - (np.arange(len(dem)) + 0.5) / 1200
        for call in (sky_view, horizon):
            with self.assertWarnsRegex(UserWarning, "if cells are in degrees, give latitudes") as told:
                call(dem, **degrees)
            self.assertEqual(pathlib.Path(told.filename).name, pathlib.Path(__file__).name)
        # Marks of nobody.
        with self.assertWarnsRegex(UserWarning, "if a number stands for missing heights"):
            sky_view(np.where(dem > dem.mean(), dem, 5000 - dem), 0.01, 40)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            sky_view(dem, latitudes=latitudes, **degrees)
            sky_view(dem, latitudes=latitudes[::-1], **degrees)
            sky_view(dem, (1 / 1200, -1 / 1200), 1000, latitudes=latitudes[::-1])
            sky_view(terrain(), 1, math.inf)
            # Lidar of a wall, one cell to the centimetre.
            sky_view(np.where(np.arange(500) > 250, 3.0, 0) + np.zeros((500, 1)), 0.01, 1)

    def test_trunks_as_high_as_crowns_are_warned_of(self):
        crowns = np.where(terrain() > 2, 8.0, 0).astype("f4")
        for trunk, says in (
            (2 * crowns, "trunk is at or above canopy in 100 % of the cells with vegetation, .* are the two swapped"),
            (crowns, "in 100 % of the cells with vegetation, .*: trunk has the heights of their lower edges"),
        ):
            with self.assertWarnsRegex(UserWarning, says):
                sky_view(terrain(), 2, 40, canopy=crowns, trunk=trunk)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            sky_view(terrain(), 2, 40, canopy=crowns, trunk=crowns / 4)

    def test_heights_that_32_bits_cannot_hold_are_warned_of(self):
        dem = terrain().astype("f8")
        dem[3, :] = 1e300
        share = 100 / len(dem)
        says = f"dem has values beyond 3.4e\\+38 in {share:.2g} % of its cells, too large for heights: they are missing"
        with self.assertWarnsRegex(UserWarning, says):
            svf = sky_view(dem, 2, 40)["svf"]
        self.assertEqual(np.count_nonzero(np.isnan(svf)), dem.shape[1])

    def test_measures_of_crowns_without_crowns_are_warned_of(self):
        with self.assertWarnsRegex(UserWarning, "without canopy, every value of svf-veg, svf-aveg-east is 1"):
            veg = sky_view(terrain(), 2, 40, measures=("svf", "svf-veg", "svf-aveg-east"))["svf-veg"]
        self.assertEqual((veg.min(), veg.max()), (1, 1))
        canopy = np.full(terrain().shape, -5.0)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            sky_view(terrain(), 2, 40, measures="svf-veg", canopy=canopy)

    def test_any_type_and_order_of_memory(self):
        dem = (terrain() * 4).astype(np.int16)
        expected = sky_view(dem, 2, 30)["svf"]
        for other in (dem.astype(np.float32), dem.astype(np.int64), dem.astype(np.float64), np.asfortranarray(dem)):
            svf = sky_view(other, 2, 30)["svf"]
            # An offset is taken away from heights with more digits.
            np.testing.assert_allclose(svf, expected, rtol=0, atol=1e-6)
        np.testing.assert_array_equal(sky_view(dem[::-1, ::-1].copy()[::-1, ::-1], 2, 30)["svf"], expected)

    def test_the_array_of_the_caller_stays_as_it_is(self):
        dem = np.array([[1, np.inf, 3], [4, 5, np.nan], [7, 8, 9]], dtype=np.float32)
        masked = np.ma.masked_array(dem.copy(), mask=dem == 5)
        for array in (dem, masked):
            before = np.ma.getdata(array).copy()
            sky_view(array, 1, 2, 4)
            np.testing.assert_array_equal(np.ma.getdata(array), before)
        self.assertTrue(np.isnan(sky_view(masked, 1, 2, 4)["svf"][1, 1]))

    def test_first_azimuth_and_north(self):
        dem = np.zeros((9, 9))
        dem[:, 8] = 4
        twice, _ = horizon(dem, 1, 10, 8)
        half, azimuths = horizon(dem, 1, 10, 4, first_azimuth=45)
        self.assertEqual(list(azimuths), [45, 135, 225, 315])
        np.testing.assert_array_equal(half, twice[1::2])
        turned, azimuths = horizon(dem, 1, 10, 4, north=90)
        self.assertEqual(list(azimuths), [0, 90, 180, 270])
        np.testing.assert_array_equal(turned, twice[[2, 4, 6, 0]])
        far, _ = horizon(dem, 1, 10, 4, min_distance=5)
        self.assertEqual((float(far[1, 4, 7]), float(far[1, 4, 2])), (0, float(twice[2, 4, 2])))

    def test_a_forked_process_has_threads_of_its_own(self):
        script = (
            "import multiprocessing, numpy as np, svf_tools\n"
            "def mean(seed):\n"
            "    dem = np.random.default_rng(seed).random((300, 300))\n"
            "    return float(svf_tools.sky_view(dem, 1, 30)['svf'].mean())\n"
            "here = [mean(seed) for seed in range(3)]\n"
            "with multiprocessing.get_context('fork').Pool(2) as pool:\n"
            "    print(pool.map(mean, range(3)) == here)\n"
        )
        command = [sys.executable, "-W", "ignore", "-c", script]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        self.assertEqual((done.stdout, done.returncode), ("True\n", 0), done.stderr)

    def test_threads_change_no_bit(self):
        dem = terrain(300, 200)
        one = sky_view(dem, 2, 100, threads=1)["svf"]
        np.testing.assert_array_equal(sky_view(dem, 2, 100, threads=3)["svf"], one)
        np.testing.assert_array_equal(sky_view(dem, 2, 100)["svf"], one)


class SameAsThePrograms(unittest.TestCase):
    """The same bits as svf_compute."""

    NAMES = ("svf", "svf-cosine", "svf-slope", "openness-positive", "horizon", "horizon-distance")

    def assert_same(self, cells, arguments, options=None, names=NAMES, **of_file):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            write(folder / "dem.tif", cells, **of_file)
            options = dict(options or {})
            for name in ("canopy",):
                if name in arguments:
                    write(folder / (name + ".tif"), arguments[name], **of_file)
                    options[name] = folder / (name + ".tif")
            with warnings.catch_warnings():
                # That vegetation changes no openness, and that degrees are degrees.
                warnings.simplefilter("ignore", UserWarning)
                values = sky_view(cells, directions=12, measures=names, **arguments)
                done = svf_tools.compute(
                    folder / "dem.tif", folder / "out.tif", directions=12, measure=names, **options
                )
            self.assertEqual(done["outputs"], [str(folder / "out.tif")])
            expected = read(folder / "out.tif")
        bands = np.concatenate([v if v.ndim == 3 else v[None] for v in values.values()])
        self.assertEqual(bands.shape, expected.shape)
        np.testing.assert_array_equal(bands.view(np.uint32), expected.view(np.uint32))

    def test_floats(self):
        self.assert_same(terrain(), dict(cell_size=2, radius=40), dict(radius=40))

    def test_divided(self):
        # 33 samples of a line, by the rule of the programs, not 34.
        divided = dict(radius=66.5, sampling="divided")
        self.assert_same(terrain(), dict(cell_size=2, **divided), divided)

    def test_cascade(self):
        search = dict(radius=200, search="cascade")
        names = [name for name in self.NAMES if name != "horizon-distance"]
        self.assert_same(terrain(150, 180), dict(cell_size=2, **search), search, names)
        exact, near = (sky_view(terrain(150, 180), 2, 200, search=search)["svf"] for search in ("exact", "cascade"))
        rmse = float(np.sqrt(np.mean((exact - near) ** 2)))
        self.assertTrue(0 < rmse < 0.01, rmse)

    def test_whole_numbers_and_rectangular_cells(self):
        cells = (terrain() * 10).astype(np.int16)
        self.assert_same(
            cells,
            dict(cell_size=(2, 3), radius=40, z_factor=0.1, sampling="crossings"),
            dict(radius=40, z_factor=0.1, sampling="crossings"),
            transform=(500000, 2, 0, 4650000, 0, -3),
        )

    def test_doubles_far_above_zero(self):
        cells = terrain().astype(np.float64) + 1500.123456789
        self.assert_same(cells, dict(cell_size=2, radius=40, missing="stop"), dict(radius=40, missing="stop"))

    def test_degrees(self):
        rows = 60
        step = 1 / 3600
        latitudes = 47 - (np.arange(rows) + 0.5) * step
        self.assert_same(
            terrain(rows) * 30,
            dict(cell_size=step, radius=900, latitudes=latitudes, curvature=True),
            dict(radius=900, curvature=True),
            transform=(8, step, 0, 47, 0, -step),
            epsg=4326,
        )
        divided = dict(radius=910, sampling="divided")
        self.assert_same(
            terrain(rows) * 30,
            dict(cell_size=step, latitudes=latitudes, **divided),
            divided,
            transform=(8, step, 0, 47, 0, -step),
            epsg=4326,
        )

    def test_latitudes_as_32_bit_floats(self):
        # Cells of one second: the difference of two neighbours may be 3 % of a cell off.
        rows, step = 60, 1 / 3600
        dem, latitudes = terrain(rows) * 30, 47 - (np.arange(rows) + 0.5) * step
        rounded = latitudes.astype(np.float32)
        self.assertGreater(np.abs(np.diff(rounded) / -step - 1).max(), 0.01)
        expected = sky_view(dem, step, 900, latitudes=latitudes)["svf"]
        for sides in (step, (step, step)):
            svf = sky_view(dem, sides, 900, latitudes=rounded)["svf"]
            # A few samples at the end of sight lines are within the radius or not.
            self.assertLess(float(np.abs(svf - expected).mean()), 1e-4)
        two = sky_view(dem[:2], step, 900, latitudes=latitudes[:2])["svf"]
        self.assertLess(float(np.abs(sky_view(dem[:2], step, 900, latitudes=rounded[:2])["svf"] - two).mean()), 0.01)
        # `expected` is what the program computes.
        place = dict(transform=(8, step, 0, 47, 0, -step), epsg=4326)
        self.assert_same(dem, dict(cell_size=step, radius=900, latitudes=latitudes), dict(radius=900), **place)

    def test_rows_near_a_pole_are_refused_as_by_the_programs(self):
        step = 0.001
        dem = terrain(40)
        # The first row at the pole, half a cell south of it, and on the southern half; the last one far enough away.
        cases = ((90, 1, 500), (90 - step / 2, 1, 500), (-89.97, -1, 1e9), (89.9, 1, 20_000), (89.5, 1, 4000))
        refused = 0
        for first, sign, radius in cases:
            latitudes = first - sign * np.arange(40) * step
            transform = (8, step, 0, first + sign * step / 2, 0, -sign * step)
            try:
                with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
                    warnings.simplefilter("ignore", UserWarning)
                    write(f"{folder}/dem.tif", dem, transform, 4326)
                    svf_tools.compute(f"{folder}/dem.tif", f"{folder}/svf.tif", radius=radius)
            except svf_tools.ProgramError as error:
                says = re.search("at latitude .* their length", str(error))[0]
            else:
                says = None
            options = dict(cell_size=(step, sign * step), radius=radius, latitudes=latitudes)
            with self.subTest(first=first, radius=radius):
                if says is None:
                    self.assertEqual(sky_view(dem, **options)["svf"].shape, dem.shape)
                    continue
                refused += 1
                mend = ": use a shorter radius, or only a part of the array, or project the raster first"
                with self.assertRaises(ValueError) as raised:
                    sky_view(dem, **options)
                self.assertEqual(str(raised.exception), says + mend)
        self.assertEqual(refused, 4)
        for first in (90.0006, 95):
            with self.assertRaisesRegex(
                ValueError, f"^latitudes go to {first}, beyond the pole: are these degrees\\?$"
            ):
                sky_view(dem, step, 20, latitudes=first - np.arange(40) * step)

    def test_vegetation(self):
        canopy = np.where(terrain(seed=2) > 20, 8, 0).astype(np.float32)
        self.assert_same(
            terrain(), dict(cell_size=2, radius=40, canopy=canopy, trunk_ratio=0.3), dict(radius=40, trunk_ratio=0.3)
        )

    def test_measures_that_vegetation_does_not_change_are_those_of_the_programs(self):
        def told(call, *arguments, **options):
            with warnings.catch_warnings(record=True) as seen:
                warnings.simplefilter("always")
                call(*arguments, directions=4, radius=6, **options)
            said = [str(one.message) for one in seen if "no effect" in str(one.message)]
            return [re.search(r"no effect on ([a-z, -]*[a-z])", one)[1] for one in said]

        canopy = np.full((60, 47), 3, np.float32)
        of_arrays = told(sky_view, terrain(), cell_size=2, measures=svf_tools.MEASURES, canopy=canopy)
        with tempfile.TemporaryDirectory() as folder:
            write(f"{folder}/dem.tif", terrain())
            write(f"{folder}/trees.tif", canopy)
            files = (f"{folder}/dem.tif", f"{folder}/svf.tif")
            of_files = told(svf_tools.compute, *files, measure=svf_tools.MEASURES, canopy=f"{folder}/trees.tif")
        self.assertEqual(of_arrays, of_files)
        self.assertEqual(of_arrays[0].split(", ")[:2], ["openness-positive", "openness-negative"])
        with self.assertWarnsRegex(UserWarning, "^canopy has no effect on horizon: vegetation only changes shares"):
            svf_tools.horizon(terrain(), 2, 6, canopy=canopy)
        self.assertEqual(told(sky_view, terrain(), cell_size=2, canopy=canopy), [])

    def test_options_without_effect_are_refused_as_by_the_programs(self):
        dem, canopy = np.zeros((4, 5), np.float32), np.ones((4, 5), np.float32)
        with tempfile.TemporaryDirectory() as folder:
            files = [f"{folder}/{name}.tif" for name in ("dem", "out", "canopy")]
            write(files[0], dem)
            write(files[2], canopy)
            for options, says in (
                (dict(refraction=0.13), "refraction can only be used with curvature"),
                (dict(curvature=False, refraction=0.0), "refraction can only be used with curvature"),
                (dict(trunk_ratio=0.25), "trunk_ratio can only be used with canopy"),
                (dict(transmissivity=0.03), "transmissivity can only be used with canopy"),
                (dict(trunk=canopy), "trunk can only be used with canopy"),
                (dict(canopy=canopy, trunk=canopy, trunk_ratio=0.5), "trunk cannot be used with trunk_ratio"),
                (dict(divisions=7), "divisions can only be used with sampling='divided'"),
                (dict(sampling="nearest", divisions=7), "divisions can only be used with sampling='divided'"),
                (dict(signed=True), "signed can only be used with the measure horizon"),
                (
                    dict(anisotropy_azimuth=315),
                    "anisotropy_azimuth can only be used with the measure svf-anisotropic",
                ),
                (
                    dict(anisotropy_level="low"),
                    "anisotropy_level can only be used with the measure svf-anisotropic",
                ),
            ):
                with self.subTest(options=list(options)), warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    with self.assertRaises(ValueError) as raised:
                        sky_view(dem, 1, 3, **options)
                    self.assertEqual(str(raised.exception), says)
                    of_files = {
                        name: files[2] if name in ("canopy", "trunk") else value for name, value in options.items()
                    }
                    with self.assertRaises(svf_tools.ProgramError) as raised:
                        svf_tools.compute(*files[:2], radius=3, **of_files)
                    same = says.replace("='", " ").replace("'", "").replace("the measure", "measure")
                    self.assertEqual(str(raised.exception).splitlines()[0], same)

    def test_options_of_no_program_that_have_no_effect(self):
        dem = np.zeros((4, 5))
        for options, says in (
            (dict(earth_radius=6_371_000), "^earth_radius can only be used with curvature$"),
            (dict(ellipsoid=WGS84), "^ellipsoid can only be used with latitudes$"),
        ):
            with self.assertRaisesRegex(ValueError, says):
                sky_view(dem, 1, 3, **options)
        with self.assertRaisesRegex(ValueError, "^anisotropy_level can only be used with the measure svf-anisotropic$"):
            svf_tools.horizon(dem, 1, 3, anisotropy_level="high")

    def test_defaults_of_options_that_need_another_one(self):
        dem, canopy = terrain(), np.where(terrain(seed=2) > 20, 8, 0).astype(np.float32)
        names = ("svf", "svf-anisotropic")
        given = dict(curvature=True, canopy=canopy)
        defaults = dict(refraction=0.13, earth_radius=6_371_000, trunk_ratio=0.25, transmissivity=0.03)
        defaults.update(anisotropy_azimuth=315, anisotropy_level="low")
        written = sky_view(dem, 2, 40, measures=names, **given, **defaults)
        for name, value in sky_view(dem, 2, 40, measures=names, **given, **dict.fromkeys(defaults)).items():
            np.testing.assert_array_equal(value, written[name])
        degrees = dict(latitudes=46 - np.arange(60) / 3600)
        one, other = (sky_view(dem, 1 / 3600, 300, **degrees, ellipsoid=body)["svf"] for body in (None, WGS84))
        np.testing.assert_array_equal(one, other)

    def test_warnings_of_marks_are_those_of_the_programs(self):
        land, steps = terrain() + 300, np.round(terrain() * 100)
        usual = (-9999, 9999, -999, -998, -32768, 65535)
        few = (0, -1, -10, -99, -50, 20_000, 3000, 1e20, -3.4e38)
        cases = (("f4", land, usual + few), ("f4", steps, usual + (1e20,)), ("i2", land, (-9999, 32767, 0)))
        cases += (("u1", terrain() + 20, (255, 254, 127)), ("f8", land * 0 + 7, (-9999, 7, 900)))
        told = []
        for kind, ground, marks in cases:
            for mark in marks:
                for rows in (1, 40):
                    dem = ground.astype(kind)
                    dem[10 : 10 + rows, 5:7] = mark
                    told.append(self.tells_of_marks(sky_view, dem, 2, 20))
                    with self.subTest(kind=kind, mark=mark, rows=rows, relief=float(np.ptp(ground))):
                        self.assertEqual(told[-1], self.program_tells_of_marks(dem))
        self.assertTrue(10 < sum(told) < len(told) - 10)

    def tells_of_marks(self, call, *arguments, **options):
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            call(*arguments, **options)
        return any("far from all others" in str(one.message) or "undeclared NoData" in str(one.message) for one in told)

    def program_tells_of_marks(self, dem):
        with tempfile.TemporaryDirectory() as folder:
            write(f"{folder}/dem.tif", dem)
            files = (f"{folder}/dem.tif", f"{folder}/svf.tif")
            return self.tells_of_marks(svf_tools.compute, *files, radius=20, directions=4)


class Refused(unittest.TestCase):
    def refused(self, words, error=ValueError, dem=None, **options):
        arguments = dict(cell_size=1, radius=3)
        arguments.update(options)
        with self.assertRaisesRegex(error, words):
            sky_view(np.zeros((4, 5)) if dem is None else dem, **arguments)

    def test_shapes_and_types(self):
        self.refused(
            r"dem must have two dimensions \(rows, columns\), not the shape \(2, 3, 4\)$", dem=np.zeros((2, 3, 4))
        )
        self.refused(r"not the shape \(1, 3, 4\): use .squeeze\(\)$", dem=np.zeros((1, 3, 4)))
        self.refused("dem must be an array, not the file 'dsm.tif': use svf_tools.compute", TypeError, dem="dsm.tif")
        self.refused("canopy must be an array, not the file", TypeError, canopy=pathlib.Path("trees.tif"))
        self.refused("dem must have two dimensions", dem=3.0)
        self.refused("dem has no cells", dem=np.zeros((0, 4)))
        self.refused("dem must have numbers", dem=np.array([["a", "b"]]))
        self.refused("dem must have numbers", dem=np.zeros((2, 2), complex))
        self.refused(r"canopy has the shape \(5, 4\)", canopy=np.zeros((5, 4)))

    def test_numbers(self):
        self.refused("radius must be a positive number, got -1", radius=-1)
        self.refused("radius must be a positive number", radius=float("nan"))
        self.refused("cell", cell_size=0)
        self.refused("cell_size must be a number, or two", cell_size=(1, 2, 3))
        self.refused("directions must be 4 to 720, got 3", directions=3)
        self.refused("directions must be 4 to 720, got -1", directions=-1)
        self.refused("threads must be 1 to 4096, got 5000", threads=5000)
        self.refused("refraction must be 0 to 1", curvature=True, refraction=2)
        for name, value in (("directions", 16.0), ("directions", None), ("threads", True)):
            self.refused(f"{name} must be a whole number, not {value}", TypeError, **{name: value})
        self.refused("divisions must be a whole number, not 2.5", TypeError, sampling="divided", divisions=2.5)
        for name in ("search", "sampling", "missing"):
            self.refused(f"{name} must be a text, not None", TypeError, **{name: None})
        of_one_side = dict(measures="svf-anisotropic")
        self.refused("anisotropy_level must be a text, not 1", TypeError, anisotropy_level=1, **of_one_side)
        for name, values, needed in (
            ("radius", (None, "300", True), {}),
            ("z_factor", (None, "300", True), {}),
            ("refraction", ("300", True), dict(curvature=True)),
            ("earth_radius", ("300", True), dict(curvature=True)),
            ("transmissivity", ("300", True), dict(canopy=np.zeros((4, 5)))),
            ("anisotropy_azimuth", ("300", True), of_one_side),
        ):
            for value in values:
                self.refused(f"^{name} must be a number, not {value!r}$", TypeError, **{name: value}, **needed)
        for value in (None, "2 m", (1, None)):
            self.refused("cell_size must be a number, or two: east, south; not", TypeError, cell_size=value)
        for name, value in (
            ("signed", "x"),
            ("curvature", 1),
            ("signed", np.array([True, False])),
            ("curvature", None),
        ):
            self.refused(f"^{name} must be True or False, not {re.escape(repr(value))}$", TypeError, **{name: value})
        sky_view(np.zeros((4, 5)), 1, 3, curvature=np.False_)
        for value in (np.array([5.0]), np.array([5.0, 6.0]), [5.0]):
            self.refused(f"^radius must be a number, not {re.escape(repr(value))}$", TypeError, radius=value)
        for value in (None, 3):
            self.refused(f"^measures must be a name or a list of names, not {value}$", TypeError, measures=value)
        for value in ("WGS84", (6378137.0,), 6378137.0):
            says = "^ellipsoid must be two numbers, equatorial radius and flattening, not "
            self.refused(says, TypeError, ellipsoid=value, latitudes=[4, 3, 2, 1])
        self.refused("transmissivity must be 0 to 1", canopy=np.zeros((4, 5)), transmissivity=2)
        self.refused("threads must be 1 to 4096, got 0", threads=0)
        self.refused("latitudes must have one number for each of the 4 rows", latitudes=[1, 2])
        for uneven in ([1, 2, 3, 7], [1, 2, 3, 4.02], [1, 1, 1, 1], np.float32([1, 2, 3, 4.02])):
            self.refused("^latitudes are not equally spaced$", latitudes=uneven)
        self.refused("latitudes are not all finite", latitudes=[1, 2, np.nan, 4])
        self.refused("latitudes must have one number for each", latitudes=["1", "2", "3", "4"])
        says = "not equally spaced: float16 has too few digits for them, use float64"
        self.refused(says, latitudes=np.float16(47 - np.arange(4) / 50), cell_size=1 / 50)
        says = "latitudes go {} degrees south from row to row, cell_size says {}"
        self.refused(says.format(-1, 1), cell_size=(1, 1), latitudes=[1, 2, 3, 4])
        self.refused(says.format(1, 30), cell_size=30, latitudes=[4, 3, 2, 1])

    def test_names(self):
        self.refused("unknown measure 'sfv': did you mean 'svf'\\? Measures are svf, ", measures=("sfv",))
        self.refused("did you mean 'svf-cosine'", measures="SVF_cosin")
        self.refused("unknown measure 'hillshade': measures are svf, ", measures="hillshade")
        self.refused("unknown measure 3: measures", measures=(3,))
        self.refused("given twice", measures=("svf", "svf"))
        self.refused("measures has no name", measures=())
        self.refused("sampling must be one of linear, crossings, nearest, divided", sampling="cubic")
        self.refused("search must be one of exact, cascade, not 'fast'", search="fast")
        self.refused("cascade", search="cascade", missing="nan")
        self.refused("missing must be one of skip, stop, nan", missing="fill")

    def test_more_than_the_memory(self):
        # An array of 10^12 cells that takes no memory.
        huge = np.broadcast_to(np.float32(0), (10**6, 10**6))
        self.refused("of memory, but only", MemoryError, dem=huge)

    def test_ctrl_c_ends_a_search(self):
        # Without an end before it, this takes hours.
        script = (
            "import numpy as np, os, signal, svf_tools, threading\n"
            "dem = np.random.default_rng(1).random((20000, 3000), np.float32)\n"
            "try:\n"
            "    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
            "    svf_tools.sky_view(dem, 1, 1500, 720, threads=1)\n"
            "except KeyboardInterrupt:\n"
            "    print('interrupted')\n"
        )
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=300)
        self.assertEqual((done.stdout, done.returncode), ("interrupted\n", 0), done.stderr)

    def test_a_radius_beyond_the_array(self):
        dem = np.float32([[0, 3, 1], [2, 0, 5]])
        expected = svf_tools.sky_view(dem, cell_size=1, radius=10)["svf"]
        for radius in (1e6, 1e300, np.inf):
            found = svf_tools.sky_view(dem, cell_size=1, radius=radius)["svf"]
            np.testing.assert_array_equal(found, expected)


if __name__ == "__main__":
    unittest.main()
