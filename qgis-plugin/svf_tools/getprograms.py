# SPDX-License-Identifier: GPL-2.0-or-later
"""Offers to get the programs: in the message that they are missing, and in the Processing options.

Nothing is asked of the network before the button in the dialog is clicked.
"""

import io
import os
import traceback

from processing.core.ProcessingConfig import ProcessingConfig, Setting
from qgis.core import Qgis, QgsApplication, QgsFeedback, QgsMessageLog, QgsNetworkAccessManager, QgsTask
from qgis.PyQt.QtCore import QObject, Qt, QTimer, QUrl, pyqtSlot
from qgis.PyQt.QtGui import QDesktopServices, QStandardItemModel
from qgis.PyQt.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from . import fetch, platforms, release, settings, tools
from .discovery import ToolNotFound
from .text import bytes_text, tr
from .words import REPORT_TO

SCHEME = "svf-tools"
LINK = SCHEME + ":get"
ROW = "SVF_PROGRAMS"
# The tab of QGIS's log.
LOG = "svf-tools"


def managed_folder():
    """Where programs go that are fetched: a folder of the profile."""
    return os.path.join(QgsApplication.qgisSettingsDirPath(), "svf-tools")


class Fetch(QgsTask):
    """Gets the programs from an address or, where `path` is given, from a file, in a thread of its own.

    Of a file of which nothing is known it only gets the `digest`.
    """

    def __init__(self, platform, path="", archive=None):
        super().__init__(tr("Get the svf-tools programs"), QgsTask.Flag.CanCancel)
        self.platform, self.path = platform, path
        self.source = path or release.address(platform)
        self.archive = archive or release.ARCHIVES.get(platform)
        self.managed = managed_folder()
        nam = QgsNetworkAccessManager.instance()
        self.proxies = (nam.fallbackProxy(), nam.excludeList(), nam.noProxyList())
        self.feedback = QgsFeedback()
        self.feedback.progressChanged.connect(self.setProgress)
        self.digest = ""
        self.tool = None
        self.problem = ""

    def run(self):
        try:
            self.tool = self.fetched()
        except fetch.FetchError as error:
            self.problem = str(error)
        except Exception:
            # A task that raises ends without a word.
            QgsMessageLog.logMessage(traceback.format_exc(), LOG, Qgis.MessageLevel.Critical)
            self.problem = tr(
                "The programs were not installed because of an unexpected error. The log has the details (View > "
                "Panels > Log Messages > {}). Please report them: {}"
            ).format(LOG, REPORT_TO)
        return self.tool is not None

    def fetched(self):
        """The Tool svf_compute, in the profile; None if nothing is known of the file."""
        with fetch.sentences(self.managed), self.opened() as file:
            self.digest = fetch.digest_of(file, self.feedback)
            if self.archive is None:
                return None
            file.seek(0)
            name = os.path.basename(self.path)
            fetch.check(self.digest, self.archive, self.platform, file.read(fetch.HEAD), name)
            source = "{}\nSHA-256 {}".format(self.source, release.grouped(self.digest))
            return fetch.install(file, source, self.platform, self.managed, self.feedback)

    def opened(self):
        """The archive as an open file."""
        if self.path:
            # A pipe without a writer would never open.
            if os.path.exists(self.path) and not os.path.isfile(self.path):
                raise fetch.FetchError(tr("{} is not a file.").format(self.path))
            return open(self.path, "rb")
        return io.BytesIO(fetch.download(self.source, self.archive.size, self.feedback, self.proxies))

    def cancel(self):
        self.feedback.cancel()
        super().cancel()


class GetPrograms(QDialog):
    """Says what comes from where, and gets it when asked to."""

    def __init__(self, parent=None):
        super().__init__(parent)
        self.setWindowTitle(tr("Get the svf-tools programs"))
        self.platform = platforms.here()
        self.task = None
        self.closing = False
        self.installed = False
        layout = QVBoxLayout(self)
        layout.addWidget(text_label(self.introduction()))
        facts = QFormLayout()
        # Rows that are as wide as the dialog, in every style.
        facts.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        facts.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        for title, text in self.facts():
            facts.addRow(title, text_label(text))
        self.used = text_label(used_now())
        facts.addRow(tr("Used now:"), self.used)
        layout.addLayout(facts)
        self.bar = QProgressBar()
        self.bar.setVisible(False)
        layout.addWidget(self.bar)
        self.message = text_label("")
        self.message.setVisible(False)
        layout.addWidget(self.message)
        layout.addStretch()
        box = QDialogButtonBox()
        self.download_button = box.addButton(tr("Download and install"), QDialogButtonBox.ButtonRole.ActionRole)
        self.file_button = box.addButton(tr("I have the file…"), QDialogButtonBox.ButtonRole.ActionRole)
        self.close_button = box.addButton(QDialogButtonBox.StandardButton.Close)
        for button in (self.download_button, self.file_button, self.close_button):
            # Return does nothing: what is done here is done by a click.
            button.setAutoDefault(False)
        self.download_button.clicked.connect(self.download)
        self.file_button.clicked.connect(self.choose_file)
        self.close_button.clicked.connect(self.cancel_or_close)
        layout.addWidget(box)
        self.enable(True)
        self.fit(680, 0)

    @staticmethod
    def introduction():
        """Why."""
        return tr(
            "This plugin needs the svf-tools programs, which do the computing. A plugin may not contain programs. QGIS "
            "can get them for you now. They are put into the folder of your QGIS profile. Nothing else on this "
            "computer is changed, and you need no administrator rights."
        )

    def facts(self):
        """(title, text) of what would be done."""
        obstacle = platforms.obstacle(self.platform)
        archive = release.ARCHIVES.get(self.platform)
        yield tr("Programs:"), tr("svf-tools {} for {}").format(release.VERSION, platforms.title(self.platform))
        if obstacle:
            yield tr("From:"), obstacle
        else:
            address = release.address(self.platform)
            yield tr("From:"), address
            yield tr("Size:"), tr("{} to download, {} on the disk").format(
                bytes_text(archive.size), bytes_text(archive.unpacked_size)
            )
            yield tr("SHA-256:"), archive.sha256
        yield tr("Licence:"), tr(
            "MIT or Apache-2.0. GDAL, PROJ and other libraries come with them and have open licences of their own, see "
            "share/svf-tools/licences in the folder."
        )
        yield tr("Folder:"), os.path.join(managed_folder(), release.VERSION)
        if obstacle:
            yield tr("A file?"), tr("If you have an archive with programs for this computer, choose 'I have the file'.")
        else:
            yield tr("No internet?"), tr(
                "Download {} on another computer from {}, and choose 'I have the file'."
            ).format(release.name(self.platform), release.page())

    def enable(self, idle):
        """What can be clicked."""
        self.download_button.setEnabled(idle and not platforms.obstacle(self.platform))
        self.file_button.setEnabled(idle)
        self.close_button.setText(tr("Close") if idle else tr("Cancel"))
        self.bar.setVisible(not idle)

    def say(self, text):
        """Shows how it went."""
        self.message.setText(text)
        self.message.setVisible(bool(text))
        self.fit(self.width(), self.height())

    def fit(self, width, height):
        """Makes room for all texts; a dialog does not do this by itself for text that wraps."""
        width = max(width, self.layout().totalMinimumSize().width())
        self.resize(width, max(height, self.layout().totalHeightForWidth(width)))

    def download(self):
        """Of the button."""
        self.start(Fetch(self.platform))

    def choose_file(self):
        """Of the button."""
        path, _ = QFileDialog.getOpenFileName(
            self, tr("Archive of the svf-tools programs"), "", "{} (*.zip)".format(release.name(self.platform))
        )
        if path:
            self.start(Fetch(self.platform, path))

    def agrees(self, path, digest):
        """Asks whether a file of which nothing is known is to be installed."""
        question = tr(
            "This plugin does not know the file, and cannot tell who made it. Programs in it can do all that you "
            "can do. Install it only if you know where it comes from.\n\n{}\nSHA-256: {}\n\nInstall it?"
        ).format(path, digest)
        return QMessageBox.question(self, self.windowTitle(), question) == QMessageBox.StandardButton.Yes

    def start(self, task):
        """Hands a task to QGIS."""
        self.task = task
        self.say("")
        self.bar.setValue(0)
        self.enable(False)
        task.progressChanged.connect(lambda percent: self.bar.setValue(round(percent)))
        task.taskCompleted.connect(self.ended)
        task.taskTerminated.connect(self.ended)
        QgsApplication.taskManager().addTask(task)

    def ended(self):
        """The task has ended, one way or the other."""
        task, self.task = self.task, None
        self.enable(True)
        if task.archive is None and task.digest:
            if not self.closing and self.agrees(task.path, release.grouped(task.digest)):
                # The file that was asked about, and no other.
                self.start(Fetch(self.platform, task.path, release.Archive(0, 0, task.digest)))
                return
        elif task.tool is None:
            self.say(task.problem or tr("Cancelled, nothing was changed."))
        else:
            self.used.setText(used_now())
            self.say(success_sentence(task.tool))
            self.installed = True
        if self.closing:
            super().reject()

    def cancel_or_close(self):
        """Of the button: after a cancel the dialog stays."""
        if self.task is None:
            super().reject()
        else:
            self.task.cancel()

    def reject(self):
        """Of Esc and the cross: what goes on is stopped first."""
        if self.task is None:
            super().reject()
        else:
            self.closing = True
            self.task.cancel()


def text_label(text):
    """Text that wraps and can be copied."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def used_now():
    """The programs that the algorithms use, for people."""
    try:
        tool = tools.locate("svf_compute")
    except ToolNotFound:
        return tr("none were found")
    return tr("{} in {}").format(tool.version, os.path.dirname(tool.path))


def success_sentence(tool):
    """That the programs are there, and whether they are those that are used."""
    done = tr("svf-tools {} is installed, and the algorithms can be run now.").format(tool.version)
    try:
        used = tools.locate("svf_compute")
    except ToolNotFound as error:
        return tr("svf-tools {} is installed, but not used:").format(tool.version) + " " + str(error).replace("\n", " ")
    if os.path.normpath(used.path) == os.path.normpath(tool.path):
        return done
    return tr("svf-tools {} is installed, but other programs are found first and are used: {} in {}.").format(
        tool.version, used.version, os.path.dirname(used.path)
    )


def show(parent=None):
    """Opens the dialog. True if there are new programs when it is closed."""
    dialog = GetPrograms(parent)
    dialog.exec()
    dialog.deleteLater()
    return dialog.installed


class Link(QObject):
    """What the link in the message that the programs are missing leads to."""

    @pyqtSlot(QUrl)
    def follow(self, url):
        """Opens the dialog over the message, which goes when it is no longer true."""
        message = QApplication.activeModalWidget()
        if show(message) and isinstance(message, QDialog):
            message.reject()


# Qt calls a slot of an object by its name, and keeps no object.
link = Link()


class Row(Setting):
    """A line of the Processing options with a button in place of a value.

    The tree of the options has editors for values only. It asks for the value while it is filled, and
    has it in an item soon after: that item gets the button.
    """

    def __init__(self, group):
        super().__init__(group, ROW, tr("Get or update the svf-tools programs"), "")

    @property
    def value(self):
        QTimer.singleShot(0, self.place_buttons)
        return ""

    @value.setter
    def value(self, value):
        """There is none."""

    def read(self, qsettings=None):
        """Nothing is kept."""

    def save(self, qsettings=None):
        """Nothing is kept."""

    def place_buttons(self):
        """Puts the button into every tree that has this line."""
        for view in QApplication.allWidgets():
            model = view.model() if isinstance(view, QTreeView) else None
            if isinstance(model, QStandardItemModel):
                for item in self.items(model.invisibleRootItem()):
                    if view.indexWidget(item.index()) is None:
                        item.setEditable(False)
                        view.setIndexWidget(item.index(), button_in(view))

    def items(self, above):
        """The items below another that stand for this setting."""
        for row in range(above.rowCount()):
            value = above.child(row, 1)
            if value is not None and value.data(Qt.ItemDataRole.UserRole) is self:
                yield value
            if above.child(row, 0) is not None:
                yield from self.items(above.child(row, 0))


def button_in(view):
    """A button no wider than its text."""
    widget = QWidget()
    layout = QHBoxLayout(widget)
    layout.setContentsMargins(0, 0, 0, 0)
    button = QPushButton(tr("Get the programs…"))
    button.setObjectName("getPrograms")
    button.clicked.connect(lambda: show(view.window()))
    layout.addWidget(button)
    layout.addStretch()
    return widget


def register(group):
    """Offers the programs in the desktop; `group` is the page of the options."""
    QDesktopServices.setUrlHandler(SCHEME, link, "follow")
    tools.offer = '<a href="{}">{}</a>'.format(LINK, tr("Get the programs…"))
    ProcessingConfig.addSetting(Row(group))


def remove():
    """Offers them no longer, and removes what newer ones have replaced."""
    QDesktopServices.unsetUrlHandler(SCHEME)
    tools.offer = ""
    ProcessingConfig.removeSetting(ROW)
    fetch.sweep(managed_folder(), settings.folder())
