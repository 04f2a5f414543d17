# SPDX-License-Identifier: GPL-2.0-or-later
"""Gets the programs into the profile: one archive, checked, unpacked aside, tried, renamed.

Only ever called after a click. QGIS's own network stack is used, so that its proxy and its
certificates count. Nothing of Python is installed, and nothing outside the folder `svf-tools` of the
profile is touched. Every failure is a FetchError of one sentence, and leaves the folder as it was.
"""

import contextlib
import errno
import hashlib
import os
import re
import shutil
import stat
import sys
import tempfile
import time
import zipfile

from qgis.core import QgsBlockingNetworkRequest, QgsFeedback, QgsNetworkAccessManager, QgsNetworkReplyContent
from qgis.PyQt.QtCore import QThread, QTimer, QUrl
from qgis.PyQt.QtNetwork import QNetworkProxy, QNetworkReply, QNetworkRequest

from . import platforms, release
from .discovery import CONTRACT, Tool, executable, judge, version_number
from .runner import ask_version
from .text import bytes_text, tr

TOOLS = ("svf_compute", "svf_tile", "svf_mosaic", "svf_profile")
ALL_IN_ONE = "svf-tools"
# In each folder that was made here: no other is ever removed.
MARK = "fetched.txt"
LARGEST_BYTES = 1 << 30
MOST_FILES = 10_000
CHUNK = 1 << 20
POLL_MS = 100
MOST_TRIES = 5
MOST_REDIRECTS = 10
DAY_S = 24 * 3600
VERSION = re.compile(r"[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}([-+.][0-9A-Za-z.+-]{1,40})?")
# Of an archive for any platform.
NAMED = re.compile(r"svf-tools-([0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}[0-9A-Za-z.+-]{0,40}?)-(?:linux|windows|macos)-")
# In a part of a name: `.` and `..`, what Windows cuts off or understands as something else.
UNSAFE = re.compile(r'[\x00-\x1f\\:*?"<>|]|[ .]$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)', re.IGNORECASE)
LONGEST_LINK = 1024
# Libraries that come with the programs have a digest in their name (Linux), or are looked for beside them (macOS).
COMES_ALONG = re.compile(r"-[0-9a-f]{8}\.so|@rpath/|@loader_path/")
# Of a file, to tell a web page.
HEAD = 64
# How an archive begins.
ZIP = b"PK\3\4"
# Of HTTP: the answer is a part of the file.
PART = 206
# Of the progress: what the download and the unpacking end at.
DOWNLOADED, UNPACKED = 80.0, 97.0


class FetchError(Exception):
    """Why there are no new programs, in one sentence; the old ones are as they were."""


class Cancelled(FetchError):
    """The user has cancelled."""


def look(feedback):
    """Ends here if the user has cancelled."""
    if feedback.isCanceled():
        raise Cancelled(tr("Cancelled, nothing was changed."))


class NewThread(QThread):
    """Does some work in a thread of its own, for which QGIS makes new connections: one that was made before
    remembers the certificates that QGIS trusted then.

    To clear the connections of a thread instead waits for another thread of Qt, while no other one can run
    Python: once the main thread removed an object of Python meanwhile, and QGIS stood still for ever.
    """

    def __init__(self, work):
        super().__init__()
        self.work, self.done, self.error = work, None, None

    def run(self):
        try:
            self.done = self.work()
        except Exception as error:
            # Without its frames: what they hold has to end in this thread.
            self.error = error.with_traceback(None)

    def result(self):
        """What the work returns or raises, when it has ended."""
        self.start()
        self.wait()
        if self.error is not None:
            raise self.error
        return self.done


def download(address, size, feedback, proxies=None):
    """The bytes at an address, at most `size`. Not in the main thread, which would stand still.

    `proxies` are those of the main thread, which another thread may not know.
    """
    return NewThread(lambda: follow(address, size, feedback, proxies)).result()


def follow(address, size, feedback, proxies):
    """The bytes at an address, or at the one to which it leads."""
    for _ in range(MOST_REDIRECTS + 1):
        content, other = ask_for(address, size, feedback, proxies)
        if other is None:
            return content
        known = other.scheme() in ("http", "https") and other.host()
        if not known or (address.startswith("https:") and other.scheme() != "https"):
            raise FetchError(misled(QUrl(address).host(), other.toDisplayString()))
        # As it was sent: signed addresses have to stay as they are.
        address = bytes(other.toEncoded()).decode("ascii")
    raise FetchError(tr("{} sends QGIS from one address to the next without an end.").format(QUrl(address).host()))


def ask_for(address, size, feedback, proxies):
    """The bytes at an address, or None and the other address to which the server sends.

    Only functions of QGIS use the network here: they let other threads run Python meanwhile. Those of Qt,
    as get() of the manager, do not, and wait for locks that the main thread holds while it waits for Python.
    """
    nam = QgsNetworkAccessManager.instance()
    # That of this thread alone: what QgsBlockingNetworkRequest gets, it keeps, whatever the request says.
    nam.setCache(None)
    if proxies is not None:
        nam.setFallbackProxyAndExcludes(*proxies)
    blocking = QgsBlockingNetworkRequest()
    # QGIS misses a cancel that comes from another thread before it listens: here it comes from this one.
    stop, seen, others = QgsFeedback(), [0, 0], []

    def progress(done, total):
        seen[:] = max(done, seen[0]), max(done, total, seen[1])
        if seen[1] > size:
            stop.cancel()
        elif size:
            feedback.setProgress(DOWNLOADED * done / size)

    def finished(reply):
        # Before QGIS hears of it, which would follow to anything, and not where the place is a relative one.
        other = reply.attribute(QNetworkRequest.Attribute.RedirectionTargetAttribute)
        if other is not None:
            others.append(other if other.isEmpty() else QUrl(address).resolved(other))
            stop.cancel()

    def watch():
        if feedback.isCanceled():
            stop.cancel()

    # Ends with the manager, in Qt: Python would wait for one of these locks, too.
    timer = QTimer(nam)
    timer.timeout.connect(watch)
    timer.start(POLL_MS)
    blocking.downloadProgress.connect(progress)
    nam.finished[QgsNetworkReplyContent].connect(finished)
    try:
        blocking.get(QNetworkRequest(QUrl(address)), True, stop)
    finally:
        nam.finished[QgsNetworkReplyContent].disconnect(finished)
        timer.timeout.disconnect(watch)
        timer.stop()
    look(feedback)
    if others:
        return None, others[0]
    host, reply = QUrl(address).host(), blocking.reply()
    if seen[1] > size:
        raise FetchError(
            tr("{} sends a file of {} instead of {}: it is another file.").format(host, *two_sizes(seen[1], size))
        )
    content = bytes(reply.content())
    if not is_whole(reply, content, size):
        status = reply.attribute(QNetworkRequest.Attribute.HttpStatusCodeAttribute)
        kinds = QNetworkProxy.ProxyType
        proxied = nam.fallbackProxy().type() not in (kinds.NoProxy, kinds.DefaultProxy)
        done = max(seen[0], len(content))
        raise FetchError(network_sentence(reply.error(), status, blocking.errorMessage(), address, done, proxied))
    return content, None


def is_whole(reply, content, size):
    """Whether an answer is a file, and complete: it may be another one."""
    status = reply.attribute(QNetworkRequest.Attribute.HttpStatusCodeAttribute)
    if reply.error() != QNetworkReply.NetworkError.NoError or status is None or status >= 300:
        return False
    announced = bytes(reply.rawHeader(b"Content-Length"))
    if announced.isdigit() and not reply.rawHeader(b"Content-Encoding") and len(content) < int(announced):
        return False
    # A server need not say how long it is.
    return bool(content) and not (len(content) < size and (status == PART or content.startswith(ZIP)))


def misled(host, whither):
    """That a server sends to an address, or with a status, that is of no use."""
    return tr("{} sends QGIS to another address that is missing, unknown or not safe ({}).").format(host, whither)


def two_sizes(size, other):
    """Two sizes for people, which differ."""
    texts = bytes_text(size), bytes_text(other)
    return texts if texts[0] != texts[1] else ("{} bytes".format(size), "{} bytes".format(other))


def network_sentence(error, status, words, address, done, proxied):
    """What went wrong on the way, after `done` bytes."""
    host, kinds = QUrl(address).host(), QNetworkReply.NetworkError
    if error == kinds.ProxyAuthenticationRequiredError or status == 407:
        return tr("The proxy asks for a name and a password (407): enter them under Settings > Options > Network.")
    # One by one: in Qt 6 they have no order.
    of_proxy = (
        kinds.ProxyConnectionRefusedError, kinds.ProxyConnectionClosedError, kinds.ProxyNotFoundError,
        kinds.ProxyTimeoutError, kinds.UnknownProxyError,
    )  # fmt: skip
    if error in of_proxy or (proxied and error in (kinds.ConnectionRefusedError, kinds.HostNotFoundError)):
        return tr("The proxy cannot be reached: check it under Settings > Options > Network.")
    if status == 404:
        return tr("There is no such file (404): {}").format(address)
    if error == kinds.SslHandshakeFailedError:
        return tr(
            "There is no secure connection to {}, perhaps because a firewall or a virus scanner intercepts it. ({})"
        ).format(host, words)
    if error == kinds.HostNotFoundError:
        return tr("{} was not found: is this computer online?").format(host)
    if error == kinds.ConnectionRefusedError:
        return tr("{} refuses the connection.").format(host)
    if status is not None and 300 <= status < 400:
        return misled(host, status)
    if status is not None and status >= 500:
        return tr("{} answers with the error {}. Try again later.").format(host, status)
    if status is not None and status >= 400:
        return tr("{} answers with the error {}.").format(host, status)
    if status is not None and error == QNetworkReply.NetworkError.NoError and not done:
        return tr("{} answers with an empty file.").format(host)
    if done:
        return tr("The connection to {} was cut off after {}: the file is incomplete. Try again.").format(
            host, bytes_text(done)
        )
    late = (QNetworkReply.NetworkError.NoError, QNetworkReply.NetworkError.TimeoutError)
    if error in (*late, kinds.OperationCanceledError, kinds.RemoteHostClosedError):
        return tr("{} does not answer.").format(host)
    return tr("The file cannot be downloaded from {}. ({})").format(host, words)


def digest_of(file, feedback):
    """SHA-256 of an open file."""
    digest = hashlib.sha256()
    file.seek(0)
    for chunk in iter(lambda: file.read(CHUNK), b""):
        look(feedback)
        digest.update(chunk)
    return digest.hexdigest()


def check(digest, archive, platform, head=b"", found=""):
    """Refuses a file that is not the released one; `head` is how it begins, `found` how it is called."""
    if digest == archive.sha256.replace(" ", ""):
        return
    name = release.name(platform)
    # Blanks, and the marks of UTF-8 and UTF-16.
    if head.translate(None, b"\0\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<"):
        raise FetchError(
            tr(
                "This is a web page and not {}. Perhaps the network wants you to log in: open a web page in a "
                "browser, and try again."
            ).format(name)
        )
    called = NAMED.match(found)
    if called and called[1] != release.VERSION:
        raise FetchError(other_version(called[1], platform))
    for other in release.PLATFORMS:
        if other != platform and found == release.name(other):
            raise FetchError(other_platform([other], platform))
    raise FetchError(
        tr("This is not the released {}, or it is damaged: its SHA-256 is {}.").format(name, release.grouped(digest))
    )


def other_version(version, platform):
    """That the programs are of another version than the plugin."""
    return tr("This is svf-tools {}, and this plugin wants {}: get {} from {}.").format(
        version, release.VERSION, release.name(platform), release.page()
    )


def install(file, source, platform, managed, feedback, ask=ask_version):
    """Unpacks an archive that is open and was checked, tries its programs, and gives them their name.

    Returns the Tool svf_compute. `managed` is the folder `svf-tools` of the profile, `source` a line
    for the file that says where the programs are from.
    """
    was_there = os.path.isdir(managed)
    work = None
    try:
        with sentences(managed):
            os.makedirs(managed, exist_ok=True)
            work = tempfile.mkdtemp(prefix=".new-", dir=managed)
            folder = os.path.join(work, "tree")
            os.mkdir(folder)
            unpack(file, folder, managed, feedback)
            tool = try_programs(folder, platform, managed, feedback, ask)
            look(feedback)
            with open(os.path.join(folder, MARK), "w", encoding="utf-8") as mark:
                mark.write(source + "\n")
            target = os.path.join(managed, tool.version)
            put(folder, target)
    finally:
        if work is not None:
            shutil.rmtree(work, ignore_errors=True)
        if not was_there:
            # Of a failure: with programs in it, it is not empty.
            with contextlib.suppress(OSError):
                os.rmdir(managed)
    feedback.setProgress(100.0)
    return tool._replace(path=os.path.join(target, "bin", os.path.basename(tool.path)))


@contextlib.contextmanager
def sentences(folder):
    """Makes a FetchError of what can happen to a disk."""
    try:
        yield
    except OSError as error:
        raise FetchError(disk_sentence(error, folder)) from error


def disk_sentence(error, folder):
    """What a disk has against it."""
    if error.errno in (errno.EINVAL, None) and error.filename is None:
        # Of an archive that was cut: a place before its beginning, or data that a codec does not know.
        return damaged()
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return tr("The disk is full: {}").format(folder)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return tr("QGIS has no permission for {} ({})").format(error.filename or folder, error.strerror)
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        return tr("{} is in the way, because it is not a folder. Remove it or give it another name.").format(
            error.filename or folder
        )
    return tr("{} cannot be read or written: {}").format(error.filename or folder, error.strerror or error)


def damaged():
    """Of a file that is no archive, or not as it was made."""
    return again(tr("The file is damaged, or it is not an archive of svf-tools."))


def again(text):
    """What is the matter with an archive, and what to do."""
    return "{} {}".format(text, tr("Download it again."))


def unpack(file, folder, managed, feedback):
    """Unpacks a zip archive into an empty folder in `managed`, or raises a FetchError or what a disk has against it."""
    try:
        unpack_files(file, folder, managed, feedback)
    except (FetchError, OSError):
        raise
    except Exception as error:
        # The module for archives has no exception of its own for what it finds in a broken one.
        raise FetchError(damaged()) from error


def unpack_files(file, folder, managed, feedback):
    """Unpacks plain files, and links as the files they name."""
    with zipfile.ZipFile(file) as archive:
        # By their names as they are stored: others end at a zero.
        members = [member for member in archive.infolist() if not member.orig_filename.endswith("/")]
        total = sum(member.file_size for member in members)
        check_room(total, len(members), folder, managed)
        check_names([member.orig_filename for member in members])
        links, done = {}, 0
        for member in members:
            look(feedback)
            kind = stat.S_IFMT(member.external_attr >> 16)
            if kind == stat.S_IFLNK:
                with archive.open(member) as source:
                    aim = source.read(LONGEST_LINK).decode("utf-8")
                links[member.filename] = inside(joined(member.filename, aim))
            elif kind in (0, stat.S_IFREG):
                path = os.path.join(folder, *member.filename.split("/"))
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with archive.open(member) as source, open(path, "xb") as copy:
                    shutil.copyfileobj(source, copy, CHUNK)
            else:
                text = tr("The archive contains something that is not a file ({}).").format(member.filename)
                raise FetchError(again(text))
            done += member.file_size
            feedback.setProgress(DOWNLOADED + (UNPACKED - DOWNLOADED) * done / max(total, 1))
    make_links(links, folder)


def check_room(total, count, folder, managed):
    """Refuses an archive that is too large, for anybody or for this disk."""
    if count > MOST_FILES or total > LARGEST_BYTES:
        text = tr("The archive is too large: {} in {} files.").format(bytes_text(total), count)
        raise FetchError(again(text))
    free = shutil.disk_usage(folder).free
    if total > free:
        raise FetchError(
            tr("The disk is full: {} are needed and {} are free in {}").format(
                bytes_text(total), bytes_text(free), managed
            )
        )


def check_names(found):
    """Refuses an archive with a name twice: names that differ in capitals only are one file on some systems."""
    names = {inside(name).lower() for name in found}
    folders = {name[:at] for name in names for at, c in enumerate(name) if c == "/"}
    if len(names) != len(found) or names & folders:
        raise FetchError(again(tr("The archive names a file twice.")))


def make_links(links, folder):
    """Gives the files that links name the names of the links, too."""
    for name, aim in links.items():
        for _ in links:
            aim = links.get(aim, aim)
        path = os.path.join(folder, *aim.split("/"))
        if not os.path.isfile(path):
            raise FetchError(again(tr("The archive contains a link to nothing ({}).").format(name)))
        same(path, os.path.join(folder, *name.split("/")))


def inside(name):
    """A name in an archive, if it stays below the folder on every system."""
    if any(not part or UNSAFE.search(part) for part in name.split("/")):
        text = tr("The archive contains a file with a name that is not safe ({}).").format(ascii(name)[1:-1])
        raise FetchError(again(text))
    return name


def joined(name, aim):
    """What a link names, from the top of the archive; with `..` in it if it leads out."""
    parts = [] if aim.startswith("/") else name.split("/")[:-1]
    for part in aim.split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def same(path, other):
    """Gives a file another name: a hard link, or a copy where there are none."""
    os.makedirs(os.path.dirname(other), exist_ok=True)
    try:
        os.link(path, other)
    except (OSError, NotImplementedError):
        shutil.copyfile(path, other)


def try_programs(folder, platform, managed, feedback, ask):
    """Completes the names of the tools, and asks each: the Tool svf_compute."""
    folder = os.path.join(folder, "bin")
    all_in_one = os.path.join(folder, executable(ALL_IN_ONE))
    found = []
    for name in TOOLS:
        path = os.path.join(folder, executable(name))
        if not os.path.exists(path):
            if not os.path.exists(all_in_one):
                raise FetchError(
                    tr("The archive does not contain {}: it is not the archive of svf-tools for {}.").format(
                        "bin/" + os.path.basename(path), platforms.title(platform)
                    )
                )
            same(all_in_one, path)
        with open(path, "rb") as file:
            kinds = platforms.made_for(file.read(platforms.HEAD))
        # A script is no program for one kind of computer: what it says counts.
        if kinds and platform not in kinds:
            raise FetchError(other_platform(kinds, platform))
        os.chmod(path, 0o700)
        said = ask(path, feedback)
        look(feedback)
        answer = judge(name, path, said)
        if isinstance(said, dict) and not isinstance(answer, Tool):
            raise FetchError(version_sentence(said, platform))
        if not isinstance(answer, Tool):
            raise FetchError(start_sentence(path, answer, managed))
        found.append(answer)
    if len({tool.version for tool in found}) != 1 or not VERSION.fullmatch(found[0].version):
        raise FetchError(tr("The programs do not agree on their version."))
    return found[0]


def other_platform(kinds, platform):
    """That programs are for other platforms, and which ones this one needs."""
    return tr("These programs are for {}, and this computer needs those for {}: {} from {}").format(
        " / ".join(map(platforms.title, kinds)), platforms.title(platform), release.name(platform), release.page()
    )


def version_sentence(said, platform):
    """Why programs that say what they are cannot be used."""
    version, contract = said.get("version"), said.get("contract")
    if not isinstance(version, str) or not VERSION.fullmatch(version) or type(contract) is not int:
        return damaged()
    if contract > CONTRACT:
        return tr("This is svf-tools {}, which is too new for this plugin, which wants {}: update the plugin.").format(
            version, release.VERSION
        )
    return other_version(version, platform)


def start_sentence(path, answer, managed):
    """Why a program that was just unpacked below `managed` cannot be used."""
    name = os.path.basename(path)
    # The folder is gone when this is read.
    answer = answer.replace(os.path.dirname(path) + os.sep, "")
    if not os.path.exists(path):
        return tr("{} was removed right after it was unpacked, probably by a virus scanner.").format(name)
    if "shared librar" in answer or "libc.so" in answer or "Library not loaded" in answer:
        # Words of the system's loader, which are English in every language.
        if COMES_ALONG.search(answer):
            return tr("The archive is not complete: {} lacks a library that comes with it: {}").format(name, answer)
        return tr("{} needs a library that this system lacks: {}").format(name, answer)
    if is_noexec(path):
        return tr("No program may run from the profile, because its file system is mounted with noexec: {}").format(
            managed
        )
    if sys.platform == "darwin":
        return tr(
            "{} was unpacked but does not run, perhaps because macOS blocks it: look under System Settings > Privacy & "
            "Security ({})"
        ).format(name, answer)
    return tr(
        "{} was unpacked but does not run here, perhaps because a policy or a virus scanner blocks it ({})."
    ).format(name, answer)


def is_noexec(path):
    """Whether the file system runs no programs."""
    if not hasattr(os, "statvfs"):
        return False
    return bool(os.statvfs(path).f_flag & getattr(os, "ST_NOEXEC", 0))


def put(folder, target):
    """Gives a complete folder its name; one of that name goes, but only if it was made here.

    Another QGIS may do the same at the same time: what is there in the end is one of the two, whole.
    """
    for left in reversed(range(MOST_TRIES)):
        aside = set_aside(target)
        try:
            rename(folder, target)
        except OSError:
            overtaken = os.path.lexists(target)
            if aside is not None and not overtaken:
                rename(os.path.join(aside, "tree"), target)
            if not (overtaken and left):
                raise
        else:
            return
        finally:
            if aside is not None:
                shutil.rmtree(aside, ignore_errors=True)


def set_aside(target):
    """Moves a folder that was made here out of the way: the new folder that it is in, None if there was none."""
    if not os.path.lexists(target):
        return None
    mark = os.path.join(target, MARK)
    if not os.path.exists(mark):
        with contextlib.suppress(OSError):
            # An empty folder: nothing of the user's is lost.
            os.rmdir(target)
            return None
        # Another QGIS may have put its own there since.
        if os.path.lexists(target) and not os.path.exists(mark):
            raise FetchError(
                tr("This plugin did not make {}. Remove it or give it another name.").format(target)
            )
    aside = tempfile.mkdtemp(prefix=".old-", dir=os.path.dirname(target))
    try:
        rename(target, os.path.join(aside, "tree"))
    except OSError as error:
        os.rmdir(aside)
        if isinstance(error, FileNotFoundError):
            # Another QGIS was faster.
            return None
        raise FetchError(tr("The programs are in use: {} ({})").format(target, error.strerror)) from error
    return aside


def rename(path, other):
    """Renames a folder; a virus scanner on Windows may hold a program that has just run for a moment."""
    for _ in range(20 if os.name == "nt" else 0):
        with contextlib.suppress(PermissionError):
            os.rename(path, other)
            return
        time.sleep(0.1)
    os.rename(path, other)


def sweep(managed, keep=""):
    """Removes versions that a newer one has replaced, and what was left aside, a day later.

    Not at once: a run of theirs may still go on, also in another QGIS. The folder `keep` stays.
    """
    if os.path.isdir(managed):
        for path in superseded(managed, time.time() - DAY_S):
            if not os.path.normpath(keep).startswith(path):
                with contextlib.suppress(OSError):
                    discard(path, managed)


def superseded(managed, before):
    """The folders that were made here and have been of no use since a time."""
    folders = [os.path.join(managed, name) for name in os.listdir(managed)]
    asides = [path for path in folders if os.path.basename(path).startswith((".new-", ".old-"))]
    made_here = [path for path in folders if os.path.isfile(os.path.join(path, MARK))]
    made_here = [path for path in made_here if VERSION.fullmatch(os.path.basename(path))]
    made_here.sort(key=lambda path: version_number(os.path.basename(path)))
    newest = made_here[-1] if made_here else None
    gone = [path for path in asides if os.path.getmtime(path) < before]
    if newest is not None and os.path.getmtime(os.path.join(newest, MARK)) < before:
        last = version_number(os.path.basename(newest))
        gone += [path for path in made_here if version_number(os.path.basename(path)) < last]
    return gone


def discard(path, managed):
    """Removes a folder, whole or not at all: where a program of it runs, Windows does not rename it."""
    if not os.path.basename(path).startswith("."):
        aside = tempfile.mkdtemp(prefix=".old-", dir=managed)
        try:
            os.rename(path, os.path.join(aside, "tree"))
        except OSError:
            os.rmdir(aside)
            raise
        path = aside
    shutil.rmtree(path, ignore_errors=True)
