"""Files: the programs, their errors, and what is left when they are stopped."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
import warnings
from xml.etree import ElementTree

import numpy as np
import svf_tools
from osgeo import gdal
from svf_tools import ProgramError
from terrain import terrain
from test_arrays import read, write


class Programs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.dem = self.folder / "a dem.tif"
        write(self.dem, terrain())

    def test_one_run(self):
        seen = []
        done = svf_tools.compute(self.dem, self.folder / "svf.tif", radius=30, progress=seen.append)
        self.assertEqual(done["outputs"], [str(self.folder / "svf.tif")])
        self.assertEqual(seen[0]["type"], "start")
        self.assertIn("progress", [event["type"] for event in seen])

    def test_a_plan_its_tiles_and_their_mosaic(self):
        plan = self.folder / "plan.json"
        svf_tools.plan(self.dem, plan, radius=30, tile_size=32)
        with self.assertRaises(ProgramError) as raised:
            svf_tools.mosaic(plan, self.folder / "svf.tif")
        self.assertEqual(raised.exception.exit_code, 3)
        done = svf_tools.tiles(plan)
        self.assertEqual(done["stats"]["tiles"]["computed"], 4)
        svf_tools.mosaic(plan, self.folder / "svf.tif")
        whole = svf_tools.sky_view(terrain(), 2, 30)["svf"]
        np.testing.assert_array_equal(read(self.folder / "svf.tif"), whole)

    def test_a_point(self):
        value = svf_tools.point(self.dem, at_cell=(10, 20), radius=30, measure="svf")
        whole = svf_tools.sky_view(terrain(), 2, 30)["svf"]
        self.assertEqual(value["points"][0]["measures"]["svf"], float(whole[10, 20]))

    def test_a_figure(self):
        value = svf_tools.point(self.dem, at_cell=(10, 20), radius=30, measure="svf")["points"][0]["measures"]["svf"]
        for fisheye in (False, True):
            figure = svf_tools.figure(self.dem, at_cell=(10, 20), radius=30, fisheye=fisheye)
            root = ElementTree.fromstring(figure._repr_svg_())
            self.assertEqual(root.tag, "{http://www.w3.org/2000/svg}svg")
            words = " ".join(root.itertext())
            self.assertIn(f"SVF {value:.4f}", words)
            self.assertIn("row 10, column 20", words)
            self.assertEqual("isheye" in words, fisheye)
            figure.save(self.folder / "what it sees.svg")
            self.assertEqual((self.folder / "what it sees.svg").read_text("utf-8"), figure.svg)
        with self.assertRaisesRegex(
            TypeError, "returns the picture and takes no figure: .save.path. writes it to a file"
        ):
            svf_tools.figure(self.dem, at_cell=(10, 20), figure="a.svg")
        with self.assertRaisesRegex(TypeError, "^fisheye must be True or False, not 'a.svg'$"):
            svf_tools.figure(self.dem, at_cell=(10, 20), fisheye="a.svg")
        with self.assertRaises(ProgramError) as raised:
            svf_tools.figure(self.dem, at_cell=(10, 2000), radius=30)
        self.assertEqual(raised.exception.exit_code, 2)

    def test_errors_have_a_message_a_code_and_a_hint(self):
        output = self.folder / "svf.tif"
        output.write_text("mine")
        with self.assertRaises(ProgramError) as raised:
            svf_tools.compute(self.dem, output, radius=30)
        self.assertEqual((raised.exception.code, raised.exception.exit_code), ("output.exists", 2))
        self.assertIn("svf.tif exists", str(raised.exception))
        self.assertIn("overwrite", raised.exception.hint)
        self.assertNotIn("--", raised.exception.hint)
        self.assertEqual(output.read_text(), "mine")
        with self.assertRaises(ProgramError):
            svf_tools.compute(self.folder / "no.tif", self.folder / "o.tif")
        with self.assertRaisesRegex(ProgramError, "radios"):
            svf_tools.compute(self.dem, self.folder / "o.tif", radios=3)

    def test_options_are_written_as_arguments_but_commands_as_they_are(self):
        for said, here in (
            (
                "increase --max-memory, or use a smaller --radius (-- or --no)",
                "increase max_memory, or use a smaller radius (-- or no)",
            ),
            ("--tile-size: 0x1, a--b", "tile_size: 0x1, a--b"),
            ("use -n 8, 12, 16", "use directions 8, 12, 16"),
            ("use -b to choose another band", "use band to choose another band"),
            ("gdal_translate --config A B", "gdal_translate --config A B"),
            (
                "--z-factor applies to both, so convert them: gdal_calc.py -A a.tif --type=Int16 -n 3",
                "z_factor applies to both, so convert them: gdal_calc.py -A a.tif --type=Int16 -n 3",
            ),
            (
                "use a projected raster (gdalwarp --config A B), or --search exact",
                "use a projected raster (gdalwarp --config A B), or search exact",
            ),
        ):
            self.assertEqual(svf_tools.programs._as_arguments(said), here)
        error = ProgramError("too small", hint="use less")
        self.assertEqual(str(error), "too small\nuse less")

    def test_hints_name_the_functions_of_this_module(self):
        for said, here in (
            (
                "compute missing tiles with svf_compute --plan a b/q.json, then join again",
                'compute missing tiles with svf_tools.tiles("a b/q.json"), then join again',
            ),
            (
                "make it with svf_tile; add --overwrite to replace a damaged plan",
                "make it with svf_tools.plan; add overwrite to replace a damaged plan",
            ),
            (
                "make a new plan with svf_tile --overwrite. If not, wait",
                "make a new plan with svf_tools.plan(..., overwrite=True). If not, wait",
            ),
            ("svf_tile --skip-empty skips them", "svf_tools.plan(..., skip_empty=True) skips them"),
            ("svf_mosaic has this option for the output", "svf_tools.mosaic has this option for the output"),
            ("delete /tmp/svf_tile/a.tif, svf_compute.tif, my_svf_tile", None),
        ):
            self.assertEqual(svf_tools.programs._hint(said), here or said)
        plan = self.folder / "plan.json"
        with self.assertRaises(ProgramError) as raised:
            svf_tools.tiles(plan)
        self.assertEqual(raised.exception.hint, "make it with svf_tools.plan; add overwrite to replace a damaged plan")
        svf_tools.plan(self.dem, plan, radius=30, tile_size=32)
        with self.assertRaises(ProgramError) as raised:
            svf_tools.mosaic(plan, self.folder / "svf.tif")
        self.assertEqual(
            raised.exception.hint, f'compute missing tiles with svf_tools.tiles("{plan}"), then join again'
        )
        for call, function in (
            (lambda: svf_tools.compute(self.dem, self.folder / "o.tif", bogus=3), "compute"),
            (lambda: svf_tools.plan(self.dem, self.folder / "o.json", bogus=3), "plan"),
            (lambda: svf_tools.mosaic(plan, self.folder / "o.tif", bogus=3), "mosaic"),
            (lambda: svf_tools.point(self.dem, at_cell=(1, 2), bogus=3), "point"),
        ):
            with self.assertRaises(ProgramError) as raised:
                call()
            self.assertEqual(raised.exception.args[0].splitlines()[0], "there is no option bogus")
            self.assertEqual(raised.exception.hint, f"help(svf_tools.{function}) lists the options")

    def test_the_help_of_functions_lists_their_options(self):
        # Those that have no use here.
        others = {*svf_tools.programs._NOT_HERE, "quiet", "verbose", "input_list", "format", "plan"}
        for program, function in svf_tools.programs._FUNCTIONS.items():
            usage = self.usage(program)
            command = next((one for one in usage.get("commands", ()) if one["name"] == "point"), usage)
            options = {one["name"].replace("-", "_") for one in command["arguments"] if not one["positional"]}
            if function == "compute":
                options -= {"tiles", "tile_part"}
                told = re.findall(r"``(\w+)``", svf_tools.tiles.__doc__)
                self.assertLess({"tiles", "tile_part", "threads", "max_memory", "profile_log"}, {*told})
            told = re.findall(r"``(\w+)``", getattr(svf_tools, function).__doc__.split("Args:")[0].split("explain")[-1])
            with self.subTest(function=function):
                self.assertEqual(sorted({*told} - {"n", "compute", program}), sorted(options - others))

    def usage(self, program):
        command = [svf_tools.programs.program(program), "--json-usage"]
        return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)

    def words_of(self, **options):
        return svf_tools.programs._words(options)

    def test_values_are_one_word_with_their_option(self):
        self.assertEqual(
            self.words_of(overwrite=True, curvature=np.True_, signed=False, quiet=None), ["--overwrite", "--curvature"]
        )
        self.assertEqual(self.words_of(radius=np.float64(2.5), n=np.int64(16)), ["--radius=2.5", "--directions=16"])
        self.assertEqual(self.words_of(z_factor=np.float32(0.5), b=np.array(2)), ["--z-factor=0.5", "--band=2"])
        self.assertEqual(
            self.words_of(canopy=pathlib.Path("a b.tif"), input_nodata=-9999),
            ["--canopy=a b.tif", "--input-nodata=-9999"],
        )
        for place in ((5, 6.5), [5, 6.5], np.array([5, 6.5]), (np.int8(5), "6.5"), iter((5, 6.5))):
            self.assertIn(self.words_of(at=place), (["--at=5,6.5"], ["--at=5.0,6.5"]))
        self.assertEqual(self.words_of(at_cell=np.array([[1, 2], [3, 4]])), ["--at-cell=1,2", "--at-cell=3,4"])
        self.assertEqual(self.words_of(measure=("svf", "slope")), ["--measure=svf,slope"])
        self.assertEqual(self.words_of(co=["COMPRESS=ZSTD", "TILED=YES"]), ["--co=COMPRESS=ZSTD", "--co=TILED=YES"])
        self.assertEqual(
            self.words_of(config={"GDAL_CACHEMAX": 64, "A": "B"}), ["--config=GDAL_CACHEMAX=64", "--config=A=B"]
        )
        self.assertEqual(self.words_of(sun_paths=True), ["--sun-paths"])
        self.assertEqual(self.words_of(sun_paths=-3.5), ["--sun-paths=-3.5"])

    def test_values_of_wrong_types_are_refused(self):
        for name, value, says in (
            ("overwrite", "yes", "overwrite must be True or False, not 'yes'"),
            ("overwrite", 1, "overwrite must be True or False, not 1"),
            ("dry_run", np.array([True]), "dry_run must be True or False, not array([ True])"),
            ("radius", True, "radius must have a value, not True; None leaves it out"),
            ("canopy", False, "canopy must have a value, not False; None leaves it out"),
            (
                "canopy",
                np.zeros((3, 2)),
                "canopy must be one value, not an array of the shape (3, 2)",
            ),
            ("measure", {"svf", "slope"}, "measure must be a text, a number, a path or a list, not set"),
            ("measure", ["svf", None], "measure must have a value, not None; None leaves it out"),
            (
                "measure",
                [["svf"]],
                "measure must be a text, a number, a path, or a list of these, not a list that contains list",
            ),
            ("radius", {"a": 1}, "radius must be a text, a number, a path or a list, not dict"),
            ("radius", b"300", "radius must be a text, a number, a path or a list, not bytes"),
            ("radius", [1, 2], "radius must be one value, not [1, 2]"),
            ("radius", (300,), "radius must be one value, not (300,)"),
            ("_x", 1, "there is no option _x"),
            ("x_", 1, "there is no option x_"),
            ("radius=3 ", 1, "there is no option radius=3 "),
            ("help", True, "help cannot be an option here"),
            ("json_usage", True, "json_usage cannot be an option here"),
        ):
            with self.subTest(name=name, value=value), self.assertRaises(TypeError) as raised:
                svf_tools.compute(self.dem, self.folder / "svf.tif", **{name: value})
            self.assertEqual(str(raised.exception), says)
        with self.assertRaisesRegex(ValueError, "^measure is empty: leave it out, or give None$"):
            svf_tools.compute(self.dem, self.folder / "svf.tif", measure=[])
        with self.assertRaisesRegex(ValueError, "^there is no input: the list is empty$"):
            svf_tools.compute([], self.folder / "svf.tif")
        for value in ("yes", 5):
            with self.assertRaises(TypeError) as raised:
                svf_tools.compute(self.dem, self.folder / "svf.tif", progress=value)
            says = f"progress must be True, False or a function that gets each event, not {value!r}"
            self.assertEqual(str(raised.exception), says)
        for call, says in (
            (lambda: svf_tools.compute("", "x.tif"), "input is empty: give the path of a file"),
            (lambda: svf_tools.compute([self.dem, ""], "x.tif"), "input is empty: give the path of a file"),
            (lambda: svf_tools.compute(self.dem, ""), "output is empty: give the path of a file"),
            (lambda: svf_tools.tiles(""), "plan is empty: give the path of a file"),
            (lambda: svf_tools.mosaic("", "x.tif"), "plan is empty: give the path of a file"),
            (lambda: svf_tools.point("", at=(1, 2)), "input is empty: give the path of a file"),
            (
                lambda: svf_tools.compute("a\0b.tif", "x.tif"),
                "input has a NUL character (\\0), which no name of a file can have: 'a\\x00b.tif'",
            ),
            (
                lambda: svf_tools.compute(self.dem, "x.tif", canopy=pathlib.Path("a\0b.tif")),
                "canopy has a NUL character (\\0), which no name of a file can have: 'a\\x00b.tif'",
            ),
        ):
            with self.assertRaises(ValueError) as raised:
                call()
            self.assertEqual(str(raised.exception), says)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["a dem.tif"])

    def test_options_without_a_value_are_those_of_the_programs(self):
        # Numbers of tiles are separated by commas, too.
        found, pairs, lists = set(), set(), {"tiles"}
        for name in svf_tools.programs._FUNCTIONS:
            usage = self.usage(name)
            points = [command for command in usage.get("commands", ()) if command["name"] == "point"]
            self.assertEqual(len(points), name == "svf_profile")
            for argument in [argument for command in [usage, *points] for argument in command["arguments"]]:
                name = argument["name"].replace("-", "_")
                if not argument["takes_value"]:
                    found.add(name)
                if argument["repeatable"] and argument["metavar"] == "KEY=VALUE":
                    pairs.add(name)
                elif not argument["positional"] and (argument["repeatable"] or "," in argument["metavar"]):
                    lists.add(name)
        self.assertEqual(found - set(svf_tools.programs._NOT_HERE), set(svf_tools.programs.FLAGS))
        self.assertEqual(pairs, set(svf_tools.programs._PAIRS))
        self.assertEqual(lists, set(svf_tools.programs._LISTS))

    def test_several_creation_options(self):
        svf_tools.compute(self.dem, self.folder / "svf.tif", radius=30, co=["COMPRESS=DEFLATE", "TILED=YES"])
        image = gdal.Open(str(self.folder / "svf.tif"))
        self.assertEqual(image.GetMetadata("IMAGE_STRUCTURE")["COMPRESSION"], "DEFLATE")

    def test_names_that_begin_with_a_dash(self):
        before = os.getcwd()
        self.addCleanup(os.chdir, before)
        os.chdir(self.folder)
        shutil.copy(self.dem, "-dem.tif")
        svf_tools.compute("-dem.tif", "-svf.tif", radius=30, overwrite=True)
        np.testing.assert_array_equal(read("-svf.tif"), svf_tools.sky_view(terrain(), 2, 30)["svf"])
        self.assertEqual(svf_tools.point("-dem.tif", at_cell=(10, 20), radius=30)["points"][0]["row"], 10)

    def test_arrays_are_no_files(self):
        for wrong, kind in ((None, "NoneType"), (np.zeros((2, 2)), "ndarray"), (3, "int")):
            with self.assertRaisesRegex(TypeError, f"^input must be a path, not {kind}: use svf_tools.sky_view"):
                svf_tools.compute(wrong, "out.tif", radius=3)
        with self.assertRaisesRegex(TypeError, "^input must be a path, not list: give one path$"):
            svf_tools.point([self.dem, self.dem], at=(1, 2))
        with self.assertRaisesRegex(TypeError, "input must be a path, not NoneType"):
            svf_tools.point(None, at=(1, 2), radius=3)

    def test_warnings_are_warnings(self):
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            svf_tools.compute(self.dem, self.folder / "svf.tif", radius=1e6)
        self.assertIn("larger than the raster", str(seen[0].message))

    def test_ctrl_c_leaves_nothing(self):
        write(self.dem, terrain(3000, 3000))

        def stop(event):
            if event["type"] == "progress":
                raise KeyboardInterrupt

        with self.assertRaises(KeyboardInterrupt):
            svf_tools.compute(self.dem, self.folder / "svf.tif", radius=400, progress=stop)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["a dem.tif"])

    def test_what_stops_a_point_waits_for_the_program(self):
        # In place of the program: it tells something, and cleans up when its standard input is closed.
        event = '{"type":"warning","data":{"code":"a","message":"it has started"}}'
        script = f"#!/bin/sh\necho '{event}' >&2\ncat >/dev/null\ntouch \"$0.done\"\nexit 130\n"
        (self.folder / "svf_profile").write_text(script)
        (self.folder / "svf_profile").chmod(0o700)
        before = os.environ["SVF_BIN_DIR"]
        self.addCleanup(os.environ.__setitem__, "SVF_BIN_DIR", before)
        os.environ["SVF_BIN_DIR"] = str(self.folder)
        with warnings.catch_warnings():
            # Raises an exception while the program runs, as Ctrl-C does.
            warnings.simplefilter("error")
            with self.assertRaisesRegex(UserWarning, "it has started"):
                svf_tools.point(self.dem, at=(1, 2))
        self.assertTrue((self.folder / "svf_profile.done").exists())

    def test_ctrl_c_in_a_terminal_leaves_nothing(self):
        write(self.dem, terrain(3000, 3000))
        script = (
            "import sys, svf_tools\n"
            "tell = lambda event: print(event['type'], flush=True)\n"
            "svf_tools.compute(sys.argv[1], sys.argv[2], radius=400, progress=tell)\n"
        )
        words = [sys.executable, "-c", script, str(self.dem), str(self.folder / "svf.tif")]
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
        with subprocess.Popen(words, start_new_session=True, **streams) as process:
            self.assertIn("progress\n", process.stdout)
            # A terminal sends the signal to Python and to the program.
            os.killpg(process.pid, signal.SIGINT)
            errors = process.communicate()[1]
        self.assertIn("KeyboardInterrupt", errors)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["a dem.tif"])

    def test_without_numpy_the_programs_run(self):
        script = (
            "import sys\n"
            "sys.modules['numpy'] = None\n"
            "import svf_tools\n"
            "print(svf_tools.compute(sys.argv[1], sys.argv[2], radius=30)['outputs'])\n"
            "print('sky_view' in dir(svf_tools), hasattr(svf_tools, 'nothing'))\n"
            "svf_tools.sky_view\n"
        )
        words = [sys.executable, "-c", script, str(self.dem), str(self.folder / "svf.tif")]
        done = subprocess.run(words, capture_output=True, encoding="utf-8")
        self.assertEqual(done.stdout, f"['{self.folder / 'svf.tif'}']\nTrue False\n", done.stderr)
        last = done.stderr.strip().splitlines()[-1]
        self.assertEqual(last, "ImportError: svf_tools.sky_view needs numpy: pip install numpy")

    def test_the_programs_of_an_installation_come_first(self):
        package = pathlib.Path(svf_tools.__file__).parent
        layouts = {
            "venv/lib/python3.11/site-packages": "venv/bin",
            "venv/Lib/site-packages": "venv/Scripts",
            "user/lib/python3.11/site-packages": "user/bin",
            "user/Python311/site-packages": "user/Python311/Scripts",
            "target": "target/bin",
            "wheel": "wheel/svf_tools-0.1.0.data/scripts",
        }
        say = "import svf_tools; print(svf_tools.programs.program('svf_compute'))"
        with tempfile.TemporaryDirectory() as other:
            for place, programs in layouts.items():
                with self.subTest(place=place), tempfile.TemporaryDirectory() as root:
                    shutil.copytree(package, os.path.join(root, place, "svf_tools"))
                    for folder in (other, os.path.join(root, programs)):
                        os.makedirs(folder, exist_ok=True)
                        program = os.path.join(folder, "svf_compute")
                        with open(program, "w", encoding="utf-8") as file:
                            file.write("#!/bin/sh\n")
                        os.chmod(program, 0o700)
                    names = {"PATH": other, "PYTHONPATH": os.path.join(root, place)}
                    words = [sys.executable, "-c", say]
                    done = subprocess.run(words, capture_output=True, encoding="utf-8", env=names, check=True)
                    self.assertEqual(done.stdout.strip(), os.path.join(root, programs, "svf_compute"))

    def test_a_program_that_is_another_one(self):
        other = self.folder / "svf_compute"
        before = os.environ["SVF_BIN_DIR"]
        self.addCleanup(os.environ.__setitem__, "SVF_BIN_DIR", before)
        os.environ["SVF_BIN_DIR"] = str(self.folder)
        for text, says in (
            ("#!/bin/sh\necho svf_compute 0.0.9\n", "svf_compute ended without a result: it is another program"),
            ("svf-tools", "cannot run .*svf_compute: Exec format error"),
        ):
            other.write_text(text)
            other.chmod(0o755)
            with self.assertRaisesRegex(ProgramError, says) as failed:
                svf_tools.compute(self.dem, self.folder / "svf.tif", radius=30, progress=False)
            self.assertIn("set SVF_BIN_DIR to their folder", failed.exception.hint)

    def test_a_program_that_is_nowhere(self):
        before = {name: os.environ.pop(name, None) for name in ("SVF_BIN_DIR", "PATH")}
        try:
            os.environ["PATH"] = str(self.folder)
            with self.assertRaisesRegex(ProgramError, "svf_nothing was not found"):
                svf_tools.programs.program("svf_nothing")
        finally:
            os.environ.update({name: value for name, value in before.items() if value is not None})


if __name__ == "__main__":
    unittest.main()
