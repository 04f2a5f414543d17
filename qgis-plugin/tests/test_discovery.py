# SPDX-License-Identifier: GPL-2.0-or-later
"""Where tools are looked for, and what is said when none is right. Without QGIS."""

import os
import unittest

from support import TemporaryFolder, make_executable
from svf_tools import discovery
from svf_tools.discovery import Place, Tool, ToolNotFound, find

GOOD = {"contract": 1, "version": "0.1.0", "gdal": {"version": "3.6.2", "linkage": "system"}}


class Finding(TemporaryFolder):
    def tool_in(self, *parts, name="svf_compute"):
        folder = self.path(*parts)
        os.makedirs(folder, exist_ok=True)
        return make_executable(os.path.join(folder, name), "#!/bin/sh\n")

    def find(self, setting="", places=(), answers=GOOD, name="svf_compute"):
        ask = answers if callable(answers) else lambda path: answers
        return find(name, setting, [Place("test", self.path(place)) for place in places], ask)

    def failure(self, **arguments):
        with self.assertRaises(ToolNotFound) as caught:
            self.find(**arguments)
        return str(caught.exception)

    def test_the_first_that_answers_wins(self):
        self.tool_in("old")
        good = self.tool_in("good")
        self.tool_in("later")
        old = {"contract": 1, "version": "0.0.9"}
        found = self.find(
            places=("none", "old", "good", "later"), answers=lambda path: old if "/old/" in path else GOOD
        )
        self.assertEqual(found, Tool("svf_compute", good, "0.1.0", False))

    def test_a_bundled_gdal_is_noticed(self):
        self.tool_in("a")
        answer = dict(GOOD, gdal={"linkage": "bundled"})
        self.assertTrue(self.find(places=("a",), answers=answer).bundled_gdal)

    def test_the_drivers_of_its_gdal(self):
        self.tool_in("a")
        for told, known in (
            ({"drivers": ["GTiff", "VRT"]}, ("GTiff", "VRT")),
            ({"drivers": []}, ()),
            ({"drivers": ["GTiff", 7]}, None),
            ({"drivers": "GTiff"}, None),
            ({}, None),
            (None, None),
        ):
            self.assertEqual(self.find(places=("a",), answers=dict(GOOD, gdal=told)).drivers, known, told)

    def test_setting_as_folder_as_its_parent_as_program_and_quoted(self):
        path = self.tool_in("tools", "bin")
        for setting in (
            self.path("tools"),
            self.path("tools", "bin"),
            path,
            '"{}"'.format(path),
            "  {}  ".format(self.path("tools")),
        ):
            self.assertEqual(self.find(setting=setting).path, path, setting)

    def test_quotes_that_belong_to_the_name(self):
        for name in ('12"', "it's'", '"both"', "'"):
            path = self.tool_in(name)
            for setting in (self.path(name), '"{}"'.format(self.path(name)), " {} ".format(self.path(name))):
                self.assertEqual(self.find(setting=setting).path, path, setting)
        before = os.getcwd()
        self.addCleanup(os.chdir, before)
        os.chdir(self.folder)
        self.assertEqual(discovery.clean_setting('"both"'), '"both"')

    def test_quotes_around_it_go_as_a_pair(self):
        pairs = {'"/a b"': "/a b", "'/a'": "/a", '/a"': '/a"', "\"/a'": "\"/a'", '"': '"', '""': ""}
        for text, path in pairs.items():
            self.assertEqual(discovery.clean_setting(text), path, text)

    def test_a_program_beside_the_named_one_is_found(self):
        path = self.tool_in("tools", name="svf_compute")
        other = self.tool_in("tools", name="svf_mosaic")
        self.assertEqual(self.find(setting=path, name="svf_mosaic").path, other)

    def test_a_wrong_setting_is_an_error_even_if_another_place_has_the_tool(self):
        self.tool_in("good")
        os.mkdir(self.path("empty"))
        for setting, says in (
            (self.path("nowhere"), "does not exist"),
            (self.path("empty"), "It does not contain svf_compute"),
        ):
            text = self.failure(setting=setting, places=("good",))
            self.assertIn(setting, text)
            self.assertIn(says, text)

    def test_another_program_in_the_setting(self):
        other = self.tool_in("else", name="notepad")
        self.assertIn("There is no svf_compute next to it", self.failure(setting=other))

    def test_too_old_and_too_new_say_both_versions(self):
        path = self.tool_in("a")
        old = self.failure(setting=path, answers={"contract": 1, "version": "0.0.9"})
        self.assertIn("0.0.9", old)
        self.assertIn("0.1.0", old)
        self.assertIn("update the programs", old)
        new = self.failure(setting=path, answers={"contract": 2, "version": "3.0.0"})
        self.assertIn("update the plugin", new)

    def test_answers_that_are_none(self):
        path = self.tool_in("a")
        for answer in ("does not answer", {}, {"version": 1}, {"version": "1.0.0"}):
            self.assertIn(path, self.failure(setting=path, answers=answer))

    def test_the_message_lists_every_place_and_what_was_wrong_there(self):
        path = self.tool_in("broken")
        text = self.failure(places=("none", "broken"), answers="does not answer")
        self.assertIn(self.path("none"), text)
        self.assertIn(path + ": does not answer", text)
        self.assertIn("This plugin needs the svf-tools programs. Get them under", text)

    def test_a_file_that_may_not_be_run_is_no_tool(self):
        os.chmod(self.tool_in("a"), 0o600)
        self.assertIn(self.path("a"), self.failure(places=("a",)))


class Places(TemporaryFolder):
    def test_order(self):
        for version in ("0.9.0", "0.10.0"):
            os.makedirs(self.path("profile", "svf-tools", version))
        environ = {"SVF_BIN_DIR": "/one", "PATH": "/two" + os.pathsep + os.pathsep + "/usr/bin", "HOME": "/home/me"}
        found = discovery.places(environ, self.path("profile"), ["/opt/qgis/bin"])
        folders = [place.folder for place in found]
        expected = [
            "/one",
            self.path("profile", "svf-tools"),
            self.path("profile", "svf-tools", "0.10.0"),
            self.path("profile", "svf-tools", "0.9.0"),
            "/opt/qgis/bin",
            "/two",
            "/home/me/.cargo/bin",
        ]
        self.assertEqual([folder for folder in folders if folder in expected], expected)
        self.assertEqual(len(folders), len(set(folders)))

    def test_programs_in_the_profile_without_a_folder_of_their_version(self):
        os.makedirs(self.path("profile", "svf-tools", "0.1.0"))
        program = make_executable(self.path("profile", "svf-tools", "svf_compute"), "#!/bin/sh\n")
        places = [place for place in discovery.places({}, self.path("profile")) if self.folder in place.folder]
        folders = [os.path.relpath(place.folder, self.path("profile")) for place in places]
        managed = ["svf-tools", "svf-tools/bin", "svf-tools/0.1.0", "svf-tools/0.1.0/bin"]
        self.assertEqual(folders, managed)
        self.assertEqual(find("svf_compute", "", places, lambda path: GOOD).path, program)

    def test_the_folder_in_the_profile_is_named_before_it_is_there(self):
        places = discovery.places({"PATH": ""}, self.path("profile"))
        with self.assertRaises(ToolNotFound) as caught:
            find("svf_compute", "", places, lambda path: "no")
        self.assertIn(self.path("profile", "svf-tools") + " (QGIS profile)", str(caught.exception))

    def test_foreign_variables(self):
        for name in ("GDAL_DATA", "PROJ_LIB", "proj_data", "LD_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES", "PYTHONHOME"):
            self.assertTrue(discovery.is_foreign(name), name)
        for name in ("GDAL_CACHEMAX", "GDAL_HTTP_PROXY", "PATH", "AWS_PROFILE", "CPL_DEBUG", "PROJ_NETWORK"):
            self.assertFalse(discovery.is_foreign(name), name)

    def test_version_numbers(self):
        self.assertLess(discovery.version_number("0.9.1"), discovery.version_number("0.10.0-rc1"))
        self.assertEqual(discovery.version_number("1"), (1, 0, 0))
        self.assertEqual(discovery.version_number("x.y"), (0, 0, 0))
        # A figure that is no digit, and more digits than a number may have.
        self.assertEqual(discovery.version_number("1.0.\u00b2"), (1, 0, 0))
        self.assertEqual(discovery.version_number("1." + "9" * 5000), (1, 0, 0))


if __name__ == "__main__":
    unittest.main()
