# SPDX-License-Identifier: GPL-2.0-or-later
"""Translations are complete, in step with the source, and arrive."""

import importlib.util
import os
import unittest
from types import SimpleNamespace

import session
from osgeo import gdal
from support import PLUGIN_ROOT, TemporaryFolder, sample

from svf_tools.plugin import languages

_spec = importlib.util.spec_from_file_location("translations", os.path.join(PLUGIN_ROOT, "tools", "translations.py"))
translations = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(translations)


class Translations(TemporaryFolder):
    def test_every_text_is_translated_with_the_same_fields(self):
        self.assertGreater(len(translations.texts()), 100)
        for language in translations.LANGUAGES:
            self.assertEqual(translations.problems(language), [], language)

    def test_the_colon_between_two_texts_is_that_of_the_language(self):
        colons = [translations.read(language)["{}: {}"] for language in ("de", "zh")]
        self.assertEqual(colons, ["{}: {}", "{}：{}"])

    def test_what_is_released_is_what_was_translated(self):
        translations.release(self.folder)
        for language in translations.LANGUAGES:
            name = "svf_tools_{}.qm".format(language)
            with open(self.path(name), "rb") as new, open(os.path.join(translations.RELEASED, name), "rb") as old:
                self.assertTrue(new.read() == old.read(), "run: translations.py release")

    def test_quotation_marks_are_those_of_the_language(self):
        for language in translations.LANGUAGES:
            wrong = [text for text in translations.read(language).values() if "'" in text or '"' in text]
            self.assertEqual(wrong, [], language)

    def test_qgis_speaks_them(self):
        session.enable_for_qgis_process()
        for locale, says in (
            ("de_DE", "Suchradius"),
            ("zh_CN", "搜索半径"),
            ("fr_FR", "Search radius"),
        ):
            environment = dict(os.environ, LANG=locale + ".UTF-8", LC_ALL=locale + ".UTF-8", LANGUAGE="")
            done = session.qgis_process("help", "svf:skyviewfactor", env=environment, encoding="utf-8")
            self.assertIn(says, done.stdout, locale)

    def test_warnings_and_errors_of_the_programs_are_told_in_them(self):
        session.enable_for_qgis_process()
        bare = self.path("bare.tif")
        one = gdal.Open(sample(self.path("one.tif"), 32))
        gdal.GetDriverByName("GTiff").CreateCopy(bare, one).SetProjection("")
        for locale, warning, error in (
            ("de_DE", "Das Raster hat kein KBS.", "gehört zur Eingabe. Dorthin zu schreiben würde sie zerstören."),
            ("zh_CN", "该栅格没有 CRS。", "属于输入。写入该处会破坏输入。"),
            ("fr_FR", "The raster has no CRS.", "belongs to the input. The output would destroy it."),
        ):
            environment = dict(os.environ, LANG=locale + ".UTF-8", LC_ALL=locale + ".UTF-8", LANGUAGE="")
            words = ["run", "svf:skyviewfactor", "--INPUT=" + bare, "--RADIUS=30", "--OUTPUT=" + bare]
            done = session.qgis_process(*words, env=environment, encoding="utf-8")
            self.assertIn(warning, done.stdout + done.stderr, locale)
            self.assertIn(error, done.stdout + done.stderr, locale)

    def test_the_language_that_qgis_was_started_with(self):
        for translation, locale, names in (
            ("de", "C", ["de", "de"]),
            ("zh_CN", "de_DE", ["zh_CN", "zh"]),
            ("", "de-AT", ["de-AT", "de"]),
            ("", "", []),
        ):
            application = SimpleNamespace(translation=lambda: translation, locale=lambda: locale)
            self.assertEqual(languages(application), names)


if __name__ == "__main__":
    unittest.main()
