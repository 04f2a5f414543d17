# SPDX-License-Identifier: GPL-2.0-or-later
"""For tests of getting the programs: archives, a server on this machine, a profile."""

import contextlib
import gzip
import hashlib
import io
import json
import os
import ssl
import stat
import struct
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest import mock

import session
from support import TemporaryFolder

from qgis.core import QgsApplication
from svf_tools import getprograms, platforms, release

PLATFORM = "linux-x86_64"
ANSWER = {"contract": 1, "version": "0.1.0", "gdal": {"linkage": "bundled"}}
SCRIPT = "#!/bin/sh\necho '{}'\n"
MOST_MS = 20_000


def script(**changes):
    """A program that only answers what it is."""
    return SCRIPT.format(json.dumps({**ANSWER, **changes})).encode()


def zipped(entries):
    """An archive: name -> bytes, or (bytes, mode)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            content, mode = content if isinstance(content, tuple) else (content, stat.S_IFREG | 0o644)
            entry = zipfile.ZipInfo(name)
            # Kept as it is: names that ZipInfo mends are to arrive unmended.
            entry.filename = name
            entry.external_attr = mode << 16
            archive.writestr(entry, content)
    return out.getvalue()


def link_to(aim):
    """A link in an archive."""
    return aim.encode(), stat.S_IFLNK | 0o777


def good_archive(**changes):
    """An archive as it is released, but with a script in place of the program."""
    return zipped(
        {
            "bin/svf-tools": script(**changes),
            "bin/svf_compute": link_to("svf-tools"),
            "share/svf-tools/lib/libgdal.so": link_to("libgdal.so.36"),
            "share/svf-tools/lib/libgdal.so.36": b"library" * 1000,
            "share/svf-tools/licences/LICENSE-MIT": b"MIT",
        }
    )


def elf(machine):
    """The head of a program for Linux."""
    return b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HH", 3, machine) + bytes(100)


def pe(machine):
    """The head of a program for Windows."""
    return b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0" + struct.pack("<H", machine) + bytes(100)


def mach_o(machine):
    """The head of a program for macOS."""
    return b"\xcf\xfa\xed\xfe" + struct.pack("<I", machine) + bytes(100)


def tree(folder):
    """Everything below a folder, with its content."""
    found = {}
    for here, folders, names in os.walk(folder):
        for name in folders:
            found[os.path.relpath(os.path.join(here, name), folder)] = None
        for name in names:
            path = os.path.join(here, name)
            if os.path.exists(path):
                with open(path, "rb") as file:
                    found[os.path.relpath(path, folder)] = file.read()
            else:
                found[os.path.relpath(path, folder)] = os.readlink(path)
    return found


class Server(ThreadingHTTPServer):
    """Answers as it is told to; remembers what it was asked."""

    daemon_threads = True

    def __init__(self, body=b"", certificate=None, **manners):
        super().__init__(("127.0.0.1", 0), Answers)
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            # Not where connections are accepted: one that says nothing would hold up all others.
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.body = body
        self.manners = manners
        self.asked = []
        self.let_go = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def address(self, scheme="http"):
        """A pattern as that of the plugin."""
        return scheme + "://127.0.0.1:{}/v{{version}}/{{name}}".format(self.server_address[1])

    def handle_error(self, request, client_address):
        """A client that goes away is part of the tests."""


class Answers(BaseHTTPRequestHandler):
    """One answer a request."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        server, manners = self.server, self.server.manners
        server.asked.append(self.path)
        body = server.body
        status = manners.get("status", 200)
        # Where each address leads to, None to none that is said.
        redirects = manners.get("redirects", {})
        if self.path in redirects:
            self.send_response(302)
            if redirects[self.path] is not None:
                self.send_header("Location", redirects[self.path].format(server.server_address[1]))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if manners.get("silent"):
            server.let_go.wait(30)
            return
        self.send_response(status)
        if status == 407:
            self.send_header("Proxy-Authenticate", 'Basic realm="work"')
        if manners.get("endless"):
            self.end_headers()
            with contextlib.suppress(OSError):
                while not server.let_go.is_set():
                    self.wfile.write(bytes(4096))
            self.close_connection = True
            return
        if manners.get("gzip"):
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        # Where it does not, the end of the connection is the end of the file.
        if not manners.get("unsized"):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        half = manners.get("half")
        self.wfile.write(body[: len(body) // 2] if half else body)
        if half == "slow":
            self.wfile.flush()
            server.let_go.wait(30)
        self.close_connection = bool(half or manners.get("unsized"))

    do_CONNECT = do_GET

    def log_message(self, *_):
        """Says nothing."""


class Profile(TemporaryFolder):
    """A profile with something in it, a server, and a release."""

    def setUp(self):
        super().setUp()
        self.managed = self.path("profile", "svf-tools")
        os.makedirs(self.path("profile"))
        with open(self.path("profile", "QGIS3.ini"), "w", encoding="utf-8") as file:
            file.write("[qgis]\n")
        self.replace(getprograms, "managed_folder", lambda: self.managed)
        self.replace(platforms, "here", lambda: PLATFORM)
        self.replace(platforms, "glibc", lambda: (2, 36))

    def replace(self, owner, name, value):
        """For this test alone."""
        patch = mock.patch.object(owner, name, value)
        patch.start()
        self.addCleanup(patch.stop)

    def release(self, body, pinned=None, **manners):
        """A server with an archive, which the plugin knows by its digest."""
        server = Server(body, **manners)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.addCleanup(server.let_go.set)
        self.replace(release, "ADDRESS", server.address("https" if "certificate" in manners else "http"))
        digest = hashlib.sha256(body if pinned is None else pinned).hexdigest()
        pin = release.Archive(len(body), len(body), release.grouped(digest))
        self.replace(release, "ARCHIVES", {PLATFORM: pin})
        return server

    def fetch(self, path="", archive=None, meanwhile=None):
        """Runs the task as QGIS does."""
        task = getprograms.Fetch(PLATFORM, path, archive)
        ended = []
        task.taskCompleted.connect(lambda: ended.append(True))
        task.taskTerminated.connect(lambda: ended.append(False))
        QgsApplication.taskManager().addTask(task)
        start = time.monotonic()
        while not ended:
            session.application.processEvents()
            self.assertLess(time.monotonic() - start, MOST_MS / 1000)
            if meanwhile is not None:
                meanwhile(task)
            time.sleep(0.005)
        return task

    def file(self, content, name="archive.zip"):
        """A file, and what a release says of it."""
        path = self.path(name)
        with open(path, "wb") as file:
            file.write(content)
        return path, release.Archive(len(content), 0, hashlib.sha256(content).hexdigest())

    def refusal(self, *says, content=None, meanwhile=None):
        """That nothing is installed and nothing changed; what is said, by a file or from the server."""
        before = tree(self.path("profile"))
        task = self.fetch(*(self.file(content) if content is not None else ()), meanwhile=meanwhile)
        self.assertIsNone(task.tool, task.problem)
        self.assertEqual(tree(self.path("profile")), before)
        self.assertNotIn("\n", task.problem)
        for text in says:
            self.assertIn(text, task.problem)
        return task.problem
