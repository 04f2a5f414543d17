# SPDX-License-Identifier: GPL-2.0-or-later
"""The offer to get the programs, as a person meets it: the message, the options, the dialog, by clicks."""

import os
import re
import unittest
from unittest import mock

import session
from releases import PLATFORM, Profile, good_archive, tree
from support import sample

from processing.gui.ConfigDialog import ConfigDialog
from processing.gui.MessageDialog import MessageDialog
from qgis.core import Qgis, QgsProcessingException, QgsSettings
from qgis.PyQt.QtCore import QEvent, QRegularExpression, Qt, QTimer, QUrl
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication, QFileDialog, QLabel, QMessageBox, QPushButton
from svf_tools import discovery, fetch, getprograms, release, tools

LEFT = Qt.MouseButton.LeftButton


def wait_until(condition, seconds=20):
    """Lets QGIS work until something is so."""
    for _ in range(seconds * 100):
        if condition():
            return
        QTest.qWait(10)
    raise AssertionError("waited in vain")


def discard(widget):
    """Deletes a widget now."""
    widget.hide()
    widget.deleteLater()
    session.application.sendPostedEvents(widget, QEvent.Type.DeferredDelete)


class Offer(Profile):
    """Without any programs but those that are fetched."""

    def setUp(self):
        super().setUp()
        self.replace(discovery, "_usual_folders", lambda _: [])
        self.replace(discovery, "_python_folders", lambda: [])
        self.replace(tools, "places", lambda *_: discovery.places({"PATH": ""}, self.path("profile")))
        session.ProcessingConfig.setSettingValue("SVF_FOLDER", "")
        self.replace(tools, "_answers", {})

    def dialog(self):
        """The dialog, shown."""
        dialog = getprograms.GetPrograms()
        dialog.show()
        self.addCleanup(discard, dialog)
        QTest.qWait(50)
        return dialog

    @staticmethod
    def texts(dialog):
        """All that the dialog says."""
        return "\n".join(label.text() for label in dialog.findChildren(QLabel) if label.isVisibleTo(dialog))

    def in_modal(self, work):
        """Calls `work` with the dialog that opens next; the dialog is closed afterwards, whatever happens."""
        done = []

        def look():
            # A dialog that does not open, or does not end, is a failure and no hang.
            tries.append(1)
            modal = QApplication.activeModalWidget()
            if len(tries) > 500:
                if modal is not None:
                    modal.reject()
                return
            if modal is None or modal in seen:
                QTimer.singleShot(20, look)
                return
            try:
                work(modal)
                done.append(True)
            finally:
                modal.reject()

        seen, tries = [QApplication.activeModalWidget()], []
        QTimer.singleShot(20, look)
        return done


class TheDialog(Offer):
    def test_it_says_what_comes_from_where(self):
        server = self.release(good_archive())
        pin = release.ARCHIVES[PLATFORM]._replace(size=35 << 20, unpacked_size=101 << 20)
        self.replace(release, "ARCHIVES", {PLATFORM: pin})
        dialog = self.dialog()
        said = self.texts(dialog)
        for text in (
            "svf-tools {} for Linux, x86_64".format(release.VERSION),
            release.address(PLATFORM),
            "35 MiB to download, 101 MiB on the disk",
            pin.sha256,
            "MIT or Apache-2.0",
            os.path.join(self.managed, release.VERSION),
            "none were found",
            "Download svf-tools-0.1.0-linux-x86_64.zip on another computer",
        ):
            self.assertIn(text, said)
        QTest.qWait(200)
        self.assertEqual(server.asked, [])
        self.assertFalse(os.path.exists(self.managed))

    def test_return_starts_nothing(self):
        server = self.release(good_archive())
        dialog = self.dialog()
        QTest.keyClick(dialog, Qt.Key.Key_Return)
        QTest.qWait(200)
        self.assertEqual(server.asked, [])

    def test_a_click_gets_them(self):
        self.release(good_archive())
        dialog = self.dialog()
        QTest.mouseClick(dialog.download_button, LEFT)
        self.assertFalse(dialog.download_button.isEnabled())
        self.assertTrue(dialog.bar.isVisible())
        wait_until(lambda: dialog.task is None)
        self.assertEqual(dialog.message.text(), "svf-tools 0.1.0 is installed, and the algorithms can be run now.")
        self.assertTrue(dialog.installed)
        self.assertFalse(dialog.bar.isVisible())
        self.assertEqual(dialog.close_button.text(), "Close")
        self.assertEqual(tools.locate("svf_tile").path, os.path.join(self.managed, "0.1.0", "bin", "svf_tile"))
        QTest.mouseClick(dialog.close_button, LEFT)
        self.assertFalse(dialog.isVisible())
        self.assertIn("0.1.0 in " + os.path.join(self.managed, "0.1.0", "bin"), self.texts(self.dialog()))

    def test_a_failure_is_shown_and_can_be_tried_again(self):
        server = self.release(good_archive(), status=503)
        dialog = self.dialog()
        QTest.mouseClick(dialog.download_button, LEFT)
        wait_until(lambda: dialog.task is None)
        self.assertEqual(dialog.message.text(), "127.0.0.1 answers with the error 503. Try again later.")
        self.assertFalse(dialog.installed)
        server.manners = {}
        QTest.mouseClick(dialog.download_button, LEFT)
        wait_until(lambda: dialog.task is None)
        self.assertTrue(dialog.installed)

    def test_an_error_that_nobody_foresaw_is_a_sentence_and_the_log_has_the_rest(self):
        self.release(good_archive())
        dialog, logged = self.dialog(), []
        log = session.application.messageLog()
        log.messageReceived[str, str, Qgis.MessageLevel].connect(lambda text, tab, _: logged.append((tab, text)))
        self.addCleanup(log.messageReceived.disconnect)
        self.replace(fetch, "download", mock.Mock(side_effect=KeyError("size")))
        QTest.mouseClick(dialog.download_button, LEFT)
        wait_until(lambda: dialog.task is None and logged)
        self.assertEqual(
            dialog.message.text(),
            "The programs were not installed because of an unexpected error. The log has the details (View > Panels > "
            "Log Messages > svf-tools). Please report them: https://github.com/svf-tools/svf-tools/issues",
        )
        self.assertEqual([tab for tab, _ in logged], ["svf-tools"])
        self.assertIn("KeyError: 'size'", logged[0][1])

    def test_cancel_stays_and_escape_closes(self):
        server = self.release(good_archive(), half="slow")
        for leave, stays in (
            (lambda dialog: QTest.mouseClick(dialog.close_button, LEFT), True),
            (lambda dialog: QTest.keyClick(dialog, Qt.Key.Key_Escape), False),
            (lambda dialog: dialog.close(), False),
        ):
            dialog = self.dialog()
            server.asked.clear()
            QTest.mouseClick(dialog.download_button, LEFT)
            wait_until(lambda: server.asked)
            self.assertEqual(dialog.close_button.text(), "Cancel")
            leave(dialog)
            wait_until(lambda: dialog.task is None)
            self.assertEqual(dialog.isVisible(), stays)
            self.assertEqual(dialog.message.text(), "Cancelled, nothing was changed.")
            self.assertFalse(os.path.exists(self.managed))

    def test_a_platform_without_a_release(self):
        self.replace(release, "ARCHIVES", {})
        dialog = self.dialog()
        self.assertFalse(dialog.download_button.isEnabled())
        self.assertTrue(dialog.file_button.isEnabled())
        said = self.texts(dialog)
        self.assertIn("Programs 0.1.0 for Linux, x86_64 have not been released yet.", said)
        self.assertNotIn("SHA-256", said)

    def choose(self, dialog, path):
        """Clicks the button for a file, and chooses one."""
        with mock.patch.object(QFileDialog, "getOpenFileName", lambda *_: (path, "")):
            QTest.mouseClick(dialog.file_button, LEFT)

    def test_a_file_that_is_known(self):
        body = good_archive()
        server = self.release(body)
        path, _ = self.file(body)
        dialog = self.dialog()
        self.choose(dialog, "")
        self.assertIsNone(dialog.task)
        self.choose(dialog, path)
        wait_until(lambda: dialog.task is None)
        self.assertTrue(dialog.installed)
        self.assertEqual(server.asked, [])

    def test_a_file_that_is_not_the_released_one(self):
        self.release(good_archive())
        path, _ = self.file(good_archive(version="0.3.0"))
        dialog = self.dialog()
        self.choose(dialog, path)
        wait_until(lambda: dialog.task is None)
        self.assertIn("This is not the released svf-tools-0.1.0-linux-x86_64.zip", dialog.message.text())
        self.assertFalse(os.path.exists(self.managed))

    def test_a_file_of_which_nothing_is_known_is_asked_about(self):
        self.replace(release, "ARCHIVES", {})
        path, pin = self.file(good_archive())
        before = tree(self.path("profile"))
        for answer, installs in ((QMessageBox.StandardButton.No, False), (QMessageBox.StandardButton.Yes, True)):
            dialog = self.dialog()
            asked = []

            def click(box):
                asked.append(box.text())
                QTest.mouseClick(box.button(answer), LEFT)

            done = self.in_modal(click)
            self.choose(dialog, path)
            wait_until(lambda: dialog.task is None)
            self.assertEqual(done, [True])
            self.assertIn(release.grouped(pin.sha256), asked[0])
            self.assertIn(path, asked[0])
            self.assertEqual(dialog.installed, installs)
            if not installs:
                self.assertEqual(tree(self.path("profile")), before)

    def test_a_file_that_is_gone(self):
        self.replace(release, "ARCHIVES", {})
        dialog = self.dialog()
        self.choose(dialog, self.path("nothing.zip"))
        wait_until(lambda: dialog.task is None)
        self.assertIn("nothing.zip cannot be read or written: No such file", dialog.message.text())

    def test_what_is_no_file(self):
        pipe = self.path("pipe.zip")
        os.mkfifo(pipe)
        for is_known in (True, False):
            self.release(good_archive())
            if not is_known:
                self.replace(release, "ARCHIVES", {})
            for path in (pipe, "/dev/zero", self.path("")):
                dialog = self.dialog()
                self.choose(dialog, path)
                wait_until(lambda: dialog.task is None)
                self.assertEqual(dialog.message.text(), path + " is not a file.")
                self.assertFalse(os.path.exists(self.managed))

    def test_a_cancel_while_a_large_file_is_looked_at(self):
        self.replace(release, "ARCHIVES", {})
        path = self.path("large.zip")
        with open(path, "wb") as file:
            file.truncate(1 << 40)
        dialog = self.dialog()
        self.choose(dialog, path)
        QTest.qWait(200)
        self.assertIsNotNone(dialog.task)
        QTest.mouseClick(dialog.close_button, LEFT)
        wait_until(lambda: dialog.task is None)
        self.assertEqual(dialog.message.text(), "Cancelled, nothing was changed.")

    def test_other_programs_that_come_first(self):
        body = good_archive()
        self.release(body)
        session.ProcessingConfig.setSettingValue("SVF_FOLDER", self.path("nowhere"))
        self.addCleanup(session.ProcessingConfig.setSettingValue, "SVF_FOLDER", "")
        dialog = self.dialog()
        QTest.mouseClick(dialog.download_button, LEFT)
        wait_until(lambda: dialog.task is None)
        self.assertIn("installed, but not used", dialog.message.text())
        self.assertIn(self.path("nowhere"), dialog.message.text())
        other = os.path.join(self.managed, "0.1.0", "bin")
        session.ProcessingConfig.setSettingValue("SVF_FOLDER", other)
        self.release(good_archive(version="0.2.0"))
        QTest.mouseClick(dialog.download_button, LEFT)
        wait_until(lambda: dialog.task is None)
        self.assertIn("other programs are found first and are used: 0.1.0 in " + other, dialog.message.text())


class TheMessage(Offer):
    def message(self):
        """What Processing shows when an algorithm is opened."""
        algorithm = session.registry.createAlgorithmById("svf:skyviewfactor")
        ok, text = algorithm.canExecute()
        self.assertFalse(ok)
        dialog = MessageDialog()
        dialog.setMessage(text)
        self.addCleanup(discard, dialog)
        return dialog, text

    def test_the_link_opens_the_dialog_and_a_success_closes_the_message(self):
        self.release(good_archive())
        message, text = self.message()
        self.assertTrue(text.startswith("svf_compute was not found. This plugin needs the svf-tools programs."))
        self.assertIn('<a href="svf-tools:get">Get the programs…</a>', text)
        seen = []

        def use(dialog):
            seen.append(dialog.windowTitle())
            QTest.mouseClick(dialog.download_button, LEFT)
            wait_until(lambda: dialog.task is None)

        done = []

        def click():
            done.append(self.in_modal(use))
            link_click(message.txtMessage, "Get the programs…")

        QTimer.singleShot(50, click)
        message.exec()
        self.assertEqual(done[0], [True])
        self.assertEqual(seen, ["Get the svf-tools programs"])
        self.assertFalse(message.isVisible())
        ok, text = session.registry.createAlgorithmById("svf:skyviewfactor").canExecute()
        self.assertTrue(ok, text)

    def test_a_message_stays_if_nothing_came_of_it(self):
        self.release(good_archive())
        message, _ = self.message()
        visible = []

        def click():
            self.in_modal(lambda dialog: None)
            link_click(message.txtMessage, "Get the programs…")
            visible.append(message.isVisible())
            message.reject()

        QTimer.singleShot(50, click)
        message.exec()
        self.assertEqual(visible, [True])

    def test_no_link_where_a_setting_is_wrong_or_no_desktop(self):
        with mock.patch.object(tools, "offer", ""):
            self.assertNotIn("href", self.message()[1])
        session.ProcessingConfig.setSettingValue("SVF_FOLDER", self.path("nowhere"))
        self.addCleanup(session.ProcessingConfig.setSettingValue, "SVF_FOLDER", "")
        self.assertNotIn("href", self.message()[1])

    def test_what_a_run_says_without_a_dialog(self):
        heights = sample(self.path("dsm.tif"), 32)
        with self.assertRaises(QgsProcessingException) as caught:
            session.run("svf:skyviewfactor", {"INPUT": heights, "OUTPUT": self.path("svf.tif")})
        way = "Get them under Settings > Options > Processing > Providers > Sky view factor"
        self.assertIn(way, str(caught.exception))
        self.assertNotIn("href", str(caught.exception))


def link_click(browser, text):
    """Clicks on a link in a text as a person does."""
    cursor = browser.document().find(QRegularExpression(re.escape(text)))
    browser.setTextCursor(cursor)
    browser.ensureCursorVisible()
    middle = browser.cursorRect(cursor).center()
    middle.setX(middle.x() - 20)
    QTest.mouseClick(browser.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, middle)


class TheOptions(Offer):
    def options(self):
        """The page, filled, with its buttons."""
        dialog = ConfigDialog(False)
        self.addCleanup(discard, dialog)
        dialog.show()
        QTest.qWait(50)
        return dialog

    def test_the_button_opens_the_dialog(self):
        self.release(good_archive())
        options = self.options()
        row = session.ProcessingConfig.settings[getprograms.ROW]
        index = next(row.items(options.tree.model().invisibleRootItem())).index()
        options.tree.expand(index.parent().parent())
        options.tree.expand(index.parent())
        options.tree.scrollTo(index)
        buttons = options.findChildren(QPushButton, "getPrograms")
        self.assertEqual([button.text() for button in buttons], ["Get the programs…"])
        middle = options.tree.viewport().mapFromGlobal(buttons[0].mapToGlobal(buttons[0].rect().center()))
        at = options.tree.indexAt(middle)
        self.assertEqual(at.siblingAtColumn(0).data(), "Get or update the svf-tools programs")
        titles = []
        done = self.in_modal(lambda dialog: titles.append(dialog.windowTitle()))
        QTest.mouseClick(buttons[0], LEFT)
        self.assertEqual(done, [True])
        self.assertEqual(titles, ["Get the svf-tools programs"])

    def test_ok_keeps_nothing_of_it_and_is_not_in_its_way(self):
        options = self.options()
        # Settings of other providers may be wrong, which ends it before ours are looked at.
        options.items = {setting: item for setting, item in options.items.items() if setting.name.startswith("SVF_")}
        self.assertEqual(len(options.items), 4)
        options.accept()
        self.assertFalse(QgsSettings().contains("Processing/Configuration/" + getprograms.ROW))
        QTest.qWait(50)
        self.assertEqual(len(options.findChildren(QPushButton, "getPrograms")), 1)

    def test_two_pages_at_once(self):
        first, second = self.options(), self.options()
        for page in (first, second):
            self.assertEqual(len(page.findChildren(QPushButton, "getPrograms")), 1)


class AtStart(Offer):
    def test_nothing_is_asked_before_a_click(self):
        server = self.release(good_archive())
        session.plugin.unload()
        self.assertEqual(tools.offer, "")
        self.assertNotIn(getprograms.ROW, session.ProcessingConfig.settings)
        with mock.patch.object(QDesktopServices, "openUrl") as opened:
            QDesktopServices.openUrl(QUrl(getprograms.LINK))
        self.assertEqual(opened.call_count, 1)
        session.plugin.initGui()
        QTest.qWait(300)
        self.assertEqual(server.asked, [])
        self.assertFalse(os.path.exists(self.managed))
        self.assertIn(getprograms.ROW, session.ProcessingConfig.settings)
        self.assertIsNone(QApplication.activeModalWidget())


if __name__ == "__main__":
    unittest.main()
