# SPDX-License-Identifier: GPL-2.0-or-later
"""Getting the programs: from a server on this machine, from a file, and every way in which it fails.

Each failure is one sentence, and leaves the profile as it was.
"""

import errno
import hashlib
import io
import os
import pathlib
import random
import re
import shutil
import socket
import stat
import struct
import subprocess
import sys
import threading
import unittest
import zipfile
from types import SimpleNamespace
from unittest import mock

from releases import PLATFORM, Profile, elf, good_archive, link_to, mach_o, pe, script, tree, zipped
from support import PACKAGE, PLUGIN_ROOT, TemporaryFolder, program

from qgis.core import QgsApplication, QgsNetworkAccessManager
from qgis.PyQt.QtCore import QUrl
from qgis.PyQt.QtNetwork import QNetworkProxy, QNetworkReply, QSslCertificate
from svf_tools import discovery, fetch, getprograms, platforms, release, runner

DAMAGED = "The file is damaged, or it is not an archive of svf-tools. Download it again."
# What a test's profile replaces.
real_here, real_glibc = platforms.here, platforms.glibc


class Getting(Profile):
    def test_from_the_server(self):
        server = self.release(good_archive())
        percents = []
        task = getprograms.Fetch(PLATFORM)
        task.feedback.progressChanged.connect(percents.append)
        with mock.patch.object(getprograms, "Fetch", lambda *_: task):
            self.fetch()
        self.assertEqual(task.problem, "")
        bin_folder = os.path.join(self.managed, "0.1.0", "bin")
        compute = os.path.join(bin_folder, "svf_compute")
        self.assertEqual(task.tool, discovery.Tool("svf_compute", compute, "0.1.0", True))
        self.assertEqual(server.asked, ["/v0.1.0/svf-tools-0.1.0-linux-x86_64.zip"])
        self.assertEqual(percents, sorted(percents))
        self.assertEqual(percents[-1], 100.0)
        for name in fetch.TOOLS:
            path = os.path.join(bin_folder, name)
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o700)
            self.assertTrue(os.path.samefile(path, os.path.join(bin_folder, "svf-tools")))
        self.assertEqual(sorted(os.listdir(self.managed)), ["0.1.0"])
        library = os.path.join(self.managed, "0.1.0", "share", "svf-tools", "lib", "libgdal.so")
        self.assertEqual(os.path.getsize(library), 7000)
        with open(os.path.join(self.managed, "0.1.0", fetch.MARK), encoding="utf-8") as mark:
            said = mark.read()
        self.assertIn("/v0.1.0/svf-tools-0.1.0-linux-x86_64.zip\nSHA-256 ", said)
        self.assertIn(release.ARCHIVES[PLATFORM].sha256, said)

    def test_discovery_finds_them_and_the_newest_first(self):
        for version in ("0.1.0", "0.2.0"):
            self.release(good_archive(version=version))
            self.assertEqual(self.fetch().problem, "")
        places = discovery.places({"PATH": ""}, self.path("profile"))
        found = discovery.find("svf_mosaic", "", places, fetch.ask_version)
        self.assertEqual(found.path, os.path.join(self.managed, "0.2.0", "bin", "svf_mosaic"))
        self.assertEqual(sorted(os.listdir(self.managed)), ["0.1.0", "0.2.0"])

    def test_redirects_are_followed(self):
        asked = "/v0.1.0/svf-tools-0.1.0-linux-x86_64.zip"
        # An address that is signed has to stay as it is.
        signed = "/again?a=b%2Fc%3D%20d"
        redirects = {asked: "http://127.0.0.1:{}/moved", "/moved": signed, signed: "here"}
        server = self.release(good_archive(), redirects=redirects)
        self.assertEqual(self.fetch().problem, "")
        # A connection that was closed meanwhile is made again, and asks again.
        self.assertEqual(list(dict.fromkeys(server.asked)), [asked, "/moved", signed, "/here"])

    def test_the_real_programs(self):
        entries = {"bin/svf-tools": None, "share/svf-tools/licences/LICENSE-MIT": b"MIT"}
        with open(program("svf-tools"), "rb") as file:
            entries["bin/svf-tools"] = file.read()
        path, pin = self.file(zipped(entries))
        task = self.fetch(path, pin)
        self.assertEqual(task.problem, "")
        version = subprocess.run([task.tool.path, "--version"], capture_output=True, text=True, check=True).stdout
        self.assertTrue(version.startswith("svf_compute " + task.tool.version), version)

    def test_without_hard_links_the_program_is_copied(self):
        path, pin = self.file(good_archive())
        with mock.patch.object(os, "link", side_effect=OSError(errno.EPERM, "no links")):
            task = self.fetch(path, pin)
        self.assertEqual(task.problem, "")
        self.assertFalse(os.path.samefile(task.tool.path, os.path.join(os.path.dirname(task.tool.path), "svf-tools")))

    def test_four_programs_in_place_of_one(self):
        path, pin = self.file(zipped({"bin/" + name: script() for name in fetch.TOOLS}))
        self.assertEqual(self.fetch(path, pin).problem, "")


class Network(Profile):
    def test_another_file_under_the_name(self):
        self.release(b"something else", pinned=good_archive())
        self.refusal("is not the released svf-tools-0.1.0-linux-x86_64.zip", "SHA-256")

    def test_a_changed_file_of_the_same_size(self):
        body = good_archive()
        self.release(body[:-1] + bytes([body[-1] ^ 1]), pinned=body)
        self.refusal("is not the released")

    def test_answers_of_the_server(self):
        for status, says in (
            (404, "no such file (404): http://127.0.0.1"),
            (403, "answers with the error 403"),
            (500, "answers with the error 500"),
            (503, "answers with the error 503. Try again later."),
        ):
            with self.subTest(status):
                self.release(good_archive(), status=status)
                self.refusal(says)

    def test_a_part_of_the_file(self):
        body = good_archive()
        self.release(body[1024:3072], pinned=body, status=206)
        self.replace(release, "ARCHIVES", {PLATFORM: release.ARCHIVES[PLATFORM]._replace(size=len(body))})
        self.refusal("The connection to 127.0.0.1 was cut off after 2 KiB: the file is incomplete. Try again.")
        self.release(body, status=206)
        self.assertEqual(self.fetch().problem, "")

    def test_an_error_after_a_redirect_and_after_a_good_answer(self):
        asked = "/v0.1.0/svf-tools-0.1.0-linux-x86_64.zip"
        self.release(good_archive(), redirects={asked: "/moved"}, status=502)
        self.refusal("127.0.0.1 answers with the error 502. Try again later.")
        server = self.release(good_archive())
        self.assertEqual(self.fetch().problem, "")
        shutil.rmtree(self.managed)
        server.manners["status"] = 503
        self.refusal("127.0.0.1 answers with the error 503. Try again later.")

    def test_nothing_stays_in_the_cache(self):
        asked = "/v0.1.0/svf-tools-0.1.0-linux-x86_64.zip"
        cache = QgsNetworkAccessManager.instance().cache()
        self.addCleanup(cache.clear)
        cache.clear()
        for body, redirects in ((good_archive(), {}), (good_archive(), {asked: "/moved"}), (b"<html>", {})):
            server = self.release(body, pinned=good_archive(), redirects=redirects)
            self.assertEqual(bool(self.fetch().problem), body == b"<html>")
            self.assertEqual(cache.cacheSize(), 0)
            for place in (asked, "/moved"):
                address = QUrl("http://127.0.0.1:{}{}".format(server.server_address[1], place))
                self.assertFalse(cache.metaData(address).isValid())
            shutil.rmtree(self.managed, ignore_errors=True)

    def test_redirects_that_lead_nowhere(self):
        asked = "/v0.1.0/svf-tools-0.1.0-linux-x86_64.zip"
        with open(self.path("local.zip"), "wb") as file:
            file.write(good_archive())
        unsafe = "sends QGIS to another address that is missing, unknown or not safe ("
        for aim, says in (
            ("/other", "sends QGIS from one address to the next without an end"),
            (asked, "sends QGIS from one address to the next without an end"),
            ("http://127.0.0.1:{}" + asked, "sends QGIS from one address to the next without an end"),
            ("//", unsafe),
            ("http://", unsafe),
            ("http:x", unsafe),
            (None, unsafe),
            ("", unsafe),
            (pathlib.Path(self.path("local.zip")).as_uri(), unsafe),
            ("data:application/zip,x", unsafe),
            ("ftp://127.0.0.1/x", unsafe),
        ):
            with self.subTest(aim):
                # One that never ends outlasts the patience of the test.
                self.release(good_archive(), redirects={asked: aim, "/other": asked})
                self.refusal("127.0.0.1 " + says)

    def test_from_a_secure_to_an_insecure_address(self):
        company, certificate = self.certificates()
        self.trust(company)
        other = self.release(good_archive())
        asked = "/v0.1.0/svf-tools-0.1.0-linux-x86_64.zip"
        redirects = {asked: other.address().format(version=1, name=2)}
        self.release(good_archive(), certificate=certificate, redirects=redirects)
        self.refusal("sends QGIS to another address that is missing, unknown or not safe")
        self.assertEqual(other.asked, [])

    def test_nothing_and_a_web_page(self):
        for status in (200, 204):
            with self.subTest(status):
                self.release(b"", pinned=good_archive(), status=status)
                self.refusal("127.0.0.1 answers with an empty file")
        self.release(b"\n<!DOCTYPE html><html>Log in, please</html>", pinned=good_archive())
        self.refusal("This is a web page and not svf-tools-0.1.0-linux-x86_64.zip", "log in")
        self.release("<html>Log in, please</html>".encode("utf-16"), pinned=good_archive())
        self.refusal("This is a web page")

    def test_an_answer_that_is_packed_once_more_is_not_kept_for_the_next(self):
        body = good_archive()
        self.release(body, gzip=True)
        self.assertEqual(self.fetch().problem, "")
        shutil.rmtree(self.managed)
        server = self.release(body, status=500)
        self.refusal("answers with the error 500")
        self.assertTrue(server.asked)

    def test_refused(self):
        server = self.release(good_archive())
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.replace(release, "ADDRESS", "http://127.0.0.1:{}/x".format(port))
        self.refusal("127.0.0.1 refuses the connection")
        self.assertEqual(server.asked, [])

    def proxy(self, port):
        """QGIS's proxy, for this test; 0 for none."""
        nam = QgsNetworkAccessManager.instance()
        before = (nam.fallbackProxy(), nam.excludeList(), nam.noProxyList())
        self.addCleanup(nam.setFallbackProxyAndExcludes, *before)
        kinds = QNetworkProxy.ProxyType
        kind = kinds.HttpProxy if port else kinds.NoProxy
        nam.setFallbackProxyAndExcludes(QNetworkProxy(kind, "127.0.0.1", port), [], [])

    def test_a_proxy_that_asks_for_a_password_and_one_that_is_gone(self):
        proxy = self.release(b"", status=407)
        server = self.release(good_archive())
        self.proxy(proxy.server_address[1])
        self.refusal("The proxy asks for a name and a password (407)", "Settings > Options > Network")
        self.assertEqual(server.asked, [])
        self.assertEqual(len(proxy.asked), 1)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.proxy(port)
        self.refusal("The proxy cannot be reached")
        # What is set right meanwhile counts at once.
        self.proxy(0)
        self.assertEqual(self.fetch().problem, "")

    def test_a_proxy_that_asks_for_a_password_on_the_way_to_https(self):
        proxy = self.release(b"", status=407)
        server = self.release(good_archive())
        self.replace(release, "ADDRESS", server.address("https"))
        self.proxy(proxy.server_address[1])
        self.refusal("(407)")

    def test_a_working_proxy_is_used(self):
        body = good_archive()
        proxy = self.release(body)
        self.replace(release, "ADDRESS", "http://192.0.2.1/{name}")
        self.proxy(proxy.server_address[1])
        self.assertEqual(self.fetch().problem, "")
        self.assertEqual(proxy.asked, ["http://192.0.2.1/svf-tools-0.1.0-linux-x86_64.zip"])

    def test_no_secure_connection(self):
        server = self.release(good_archive())
        self.replace(release, "ADDRESS", server.address("https"))
        self.refusal("no secure connection to 127.0.0.1")

    def certificates(self):
        """Made by openssl: the certificate of a company, and a server's that it has signed, with its key."""
        company, server, key = self.path("company.pem"), self.path("server.pem"), self.path("key.pem")
        with open(self.path("names"), "w", encoding="utf-8") as file:
            file.write("subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
        new = ["-newkey", "rsa:2048", "-nodes"]
        for words in (
            ["req", "-x509", *new, "-keyout", self.path("k"), "-out", company, "-days", "2", "-subj", "/CN=A company"],
            ["req", *new, "-keyout", key, "-out", self.path("request"), "-subj", "/CN=127.0.0.1"],
            ["x509", "-req", "-in", self.path("request"), "-CA", company, "-CAkey", self.path("k"), "-CAcreateserial",
             "-out", server, "-days", "2", "-extfile", self.path("names")],
        ):  # fmt: skip
            subprocess.run(["openssl", *words], check=True, capture_output=True)
        with open(company, "rb") as file:
            return QSslCertificate(file.read()), (server, key)

    def trust(self, company):
        """Tells QGIS to trust what a company has signed, for this test."""
        manager = QgsApplication.authManager()
        # Certificates are kept behind a password, of the profile of the tests here.
        manager.setMasterPassword("of the tests", True)
        self.addCleanup(manager.rebuildTrustedCaCertsCache)
        self.addCleanup(manager.rebuildCaCertsCache)
        self.addCleanup(manager.removeCertAuthority, company)
        self.assertTrue(manager.storeCertAuthorities([company]))
        self.assertTrue(manager.rebuildCaCertsCache())
        self.assertTrue(manager.rebuildTrustedCaCertsCache())

    def test_a_certificate_that_qgis_is_told_to_trust_counts_at_the_next_try(self):
        company, server = self.certificates()
        self.release(good_archive(), certificate=server)
        self.refusal("no secure connection to 127.0.0.1")
        self.trust(company)
        self.assertEqual(self.fetch().problem, "")

    def test_cut_off_half_way(self):
        for how in ({}, {"unsized": True}):
            with self.subTest(how):
                self.release(good_archive(), half=True, **how)
                self.refusal("The connection to 127.0.0.1 was cut off after ", ": the file is incomplete. Try again.")

    def test_a_server_that_says_nothing(self):
        self.release(good_archive(), silent=True)
        before = QgsNetworkAccessManager.timeout()
        self.addCleanup(QgsNetworkAccessManager.setTimeout, before)
        QgsNetworkAccessManager.setTimeout(500)
        self.refusal("127.0.0.1 does not answer")
        self.release(good_archive(), half="slow")
        self.refusal("The connection to 127.0.0.1 was cut off after ")

    def test_more_than_there_should_be(self):
        self.release(good_archive(), endless=True)
        self.refusal("127.0.0.1 sends a file of ", "it is another file")
        short = good_archive()
        self.release(bytes(100 * 1024), pinned=short)
        pin = release.ARCHIVES[PLATFORM]._replace(size=2048)
        self.replace(release, "ARCHIVES", {PLATFORM: pin})
        self.refusal("127.0.0.1 sends a file of 100 KiB instead of 2 KiB: it is another file.")
        pin = pin._replace(size=100 * 1024 - 1)
        self.replace(release, "ARCHIVES", {PLATFORM: pin})
        self.refusal("127.0.0.1 sends a file of 102400 bytes instead of 102399 bytes: it is another file.")

    def test_cancelled_half_way(self):
        server = self.release(good_archive(), half="slow")
        self.refusal("Cancelled", meanwhile=lambda task: task.cancel() if server.asked else None)

    def test_cancelled_before_it_began(self):
        server = self.release(good_archive(), silent=True)
        self.refusal("", meanwhile=lambda task: task.cancel())
        server.let_go.set()

    def test_sentences_for_what_cannot_be_had_here(self):
        kinds = QNetworkReply.NetworkError
        for error, status, done, proxied, says in (
            (kinds.HostNotFoundError, None, 0, False, "example.org was not found: is this computer online?"),
            (QNetworkReply.NetworkError.TimeoutError, None, 0, False, "example.org does not answer."),
            (kinds.OperationCanceledError, None, 0, False, "example.org does not answer."),
            (kinds.OperationCanceledError, 200, 2048, False, "was cut off after 2 KiB: the file is incomplete."),
            (kinds.ProxyNotFoundError, None, 0, True, "The proxy cannot be reached"),
            (kinds.ProxyTimeoutError, None, 0, True, "The proxy cannot be reached"),
            (kinds.ProxyConnectionRefusedError, None, 0, True, "The proxy cannot be reached"),
            (kinds.ProxyConnectionClosedError, None, 0, True, "The proxy cannot be reached"),
            (kinds.UnknownProxyError, None, 0, True, "The proxy cannot be reached"),
            (kinds.HostNotFoundError, None, 0, True, "The proxy cannot be reached"),
            (kinds.UnknownNetworkError, None, 0, False, "The file cannot be downloaded from example.org. (odd)"),
            (kinds.UnknownContentError, 451, 0, False, "example.org answers with the error 451."),
        ):
            said = fetch.network_sentence(error, status, "odd", "https://example.org/x", done, proxied)
            self.assertIn(says, said)


class Archives(Profile):
    def test_what_is_no_archive(self):
        body = good_archive()
        middle = len(body) // 2
        for content in (b"", b"no zip", body[:middle], body[middle:]):
            self.refusal(DAMAGED, content=content)

    def test_any_damage_of_the_directory(self):
        # Whatever the module for archives raises, it is the same for the user.
        body, dice = good_archive(), random.Random(3)
        start = body.index(b"PK\1\2")
        for _ in range(60):
            broken = bytearray(body)
            for _ in range(3):
                broken[dice.randrange(start, len(body))] = dice.randrange(256)
            path, pin = self.file(bytes(broken))
            said = self.fetch(path, pin).problem
            shutil.rmtree(self.managed, ignore_errors=True)
            # Of what does not count, as times, nothing is noticed.
            known = ("", DAMAGED, "The archive ", "The disk is full: ")
            self.assertIn(said[:12], [text[:12] for text in known], said)

    def test_damage_inside(self):
        body = bytearray(good_archive())
        at = body.index(b"share/svf-tools/lib/libgdal.so.36") + len("share/svf-tools/lib/libgdal.so.36") + 5
        body[at] ^= 0xFF
        self.refusal(DAMAGED, content=bytes(body))

    def test_damage_of_other_kinds_of_compression(self):
        for kind in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w", kind) as archive:
                archive.writestr("bin/svf-tools", random.Random(1).randbytes(5000))
            body = bytearray(out.getvalue())
            body[60:90] = bytes(30)
            self.refusal(DAMAGED, content=bytes(body))

    def test_an_archive_with_a_password(self):
        body = bytearray(good_archive())
        for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            place = body.find(mark)
            while place >= 0:
                body[place + at] |= 1
                place = body.find(mark, place + 4)
        self.refusal(DAMAGED, content=bytes(body))

    def test_names_that_leave_the_folder_or_mean_something_else(self):
        for name in (
            "../out", "/etc/out", "bin/../../out", "bin//out", "./out", "bin/..", "C:/out", "C:out", "bin\\out",
            "..\\out", "bin/con", "bin/NUL.txt", "bin/lpt1", "bin/out.", "bin/out ", "bin/a:b", "bin/a\x01b", "bin/a?",
            "", "\0", "bin/a\0b", "\0bin/svf-tools",
        ):  # fmt: skip
            with self.subTest(name):
                content = zipped({"bin/svf-tools": script(), name: b"x"})
                said = self.refusal(content=content)
                shown = ascii(name)[1:-1]
                safe = "The archive contains a file with a name that is not safe ({}). Download it again."
                self.assertEqual(said, safe.format(shown))
        self.assertFalse(os.path.exists(self.path("out")))

    def test_links_that_leave_the_folder_or_lead_nowhere(self):
        for aim, says in (
            ("../../../out", "not safe"), ("/etc/passwd", "not safe"), ("C:\\x", "not safe"), ("", "not safe"),
            ("../../../../../../../etc/passwd", "not safe"), ("nothing", "link to nothing"), ("a", "link to nothing"),
            ("..", "link to nothing"),
        ):  # fmt: skip
            with self.subTest(aim):
                content = zipped({"bin/svf-tools": script(), "share/x/a": link_to(aim), "share/x/b": link_to("a")})
                self.refusal(says, content=content)

    def test_a_file_may_not_go_through_a_link(self):
        content = zipped({"bin/svf-tools": script(), "share/a": link_to("../bin"), "share/a/x": b"x"})
        self.refusal("names a file twice", content=content)

    def test_a_link_to_a_link(self):
        content = zipped(
            {"share/a": link_to("b"), "share/b": link_to("../share/./c"), "share/c": b"c", "bin/svf-tools": script()}
        )
        self.assertEqual(self.fetch(*self.file(content)).problem, "")
        self.assertEqual(tree(self.managed)[os.path.join("0.1.0", "share", "a")], b"c")

    def test_names_that_are_one_on_some_systems(self):
        content = zipped({"bin/svf-tools": script(), "bin/SVF-tools": script()})
        self.refusal("names a file twice", content=content)
        # A file and a folder.
        content = zipped({"bin/svf-tools": script(), "share": b"x", "share/a": b"x"})
        self.refusal("names a file twice", content=content)

    def test_what_is_not_a_file(self):
        for kind in (stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK):
            content = zipped({"bin/svf-tools": script(), "share/x": (b"", kind | 0o600)})
            self.refusal("something that is not a file (share/x). Download it again.", content=content)

    def test_too_large_and_too_many(self):
        with mock.patch.object(fetch, "LARGEST_BYTES", 5000):
            self.refusal("too large: 7 KiB", content=good_archive())
        with mock.patch.object(fetch, "MOST_FILES", 4):
            self.refusal("in 5 files", content=good_archive())

    def test_an_archive_of_something_else(self):
        self.refusal("The archive does not contain bin/svf_compute", content=zipped({"README": b"x"}))
        self.refusal("The archive does not contain bin/svf_mosaic", content=zipped(
            {"bin/svf_compute": script(), "bin/svf_tile": script()}
        ))

    def test_a_file_that_is_not_the_released_one(self):
        path, _ = self.file(good_archive())
        before = tree(self.path("profile"))
        task = self.fetch(path, release.Archive(0, 0, release.grouped("0" * 64)))
        self.assertIn("is not the released", task.problem)
        other, _ = self.file(good_archive(), "svf-tools-0.2.0-rc.1-linux-x86_64 (1).zip")
        task = self.fetch(other, release.Archive(0, 0, release.grouped("0" * 64)))
        self.assertIn("This is svf-tools 0.2.0-rc.1, and this plugin wants 0.1.0: get svf-tools-0.1.0-", task.problem)
        other, _ = self.file(good_archive(), release.name("windows-x86_64"))
        task = self.fetch(other, release.Archive(0, 0, release.grouped("0" * 64)))
        self.assertIn("These programs are for Windows, x86_64, and this computer needs those for Linux", task.problem)
        self.assertEqual(tree(self.path("profile")), before)

    def test_a_file_that_is_gone(self):
        path, pin = self.file(good_archive())
        os.remove(path)
        task = self.fetch(path, pin)
        self.assertIn("No such file", task.problem)
        self.assertFalse(os.path.exists(self.managed))


class Disk(Profile):
    def test_full_and_read_only(self):
        for code, says in (
            (errno.ENOSPC, "The disk is full: " + self.managed),
            (errno.EDQUOT, "The disk is full"),
            (errno.EACCES, "QGIS has no permission for"),
            (errno.EROFS, "QGIS has no permission for"),
            (errno.EIO, "cannot be read or written"),
        ):
            with mock.patch.object(shutil, "copyfileobj", side_effect=OSError(code, os.strerror(code))):
                self.refusal(says, content=good_archive())

    def test_full_before_it_begins(self):
        with mock.patch.object(shutil, "disk_usage", lambda _: SimpleNamespace(free=100)):
            says = "The disk is full: 7 KiB are needed and 100 bytes are free in " + self.managed
            self.refusal(says, content=good_archive())

    def test_a_file_in_place_of_the_folder(self):
        with open(self.managed, "w", encoding="utf-8"):
            pass
        self.refusal(self.managed + " is in the way, because it is not a folder", content=good_archive())
        os.remove(self.managed)
        os.symlink("nowhere", self.managed)
        self.refusal(self.managed + " is in the way, because it is not a folder", content=good_archive())

    def test_a_full_disk_after_an_older_version(self):
        self.release(good_archive())
        self.assertEqual(self.fetch().problem, "")
        with mock.patch.object(os, "rename", side_effect=OSError(errno.ENOSPC, "full")):
            self.refusal("in use", content=good_archive())


class Programs(Profile):
    def test_for_another_computer(self):
        for head, says in (
            (elf(183), "for Linux, ARM, and this computer needs those for Linux, x86_64: svf-tools-"),
            (elf(3), "for Linux, 32 bits,"),
            (elf(243), "for Linux, another processor,"),
            (pe(0x8664), "for Windows, x86_64,"),
            (mach_o(0x0100000C), "for macOS, ARM,"),
        ):
            self.refusal(says, content=zipped({"bin/svf-tools": head}))

    def test_for_several_computers(self):
        fat = b"\xca\xfe\xba\xbe" + struct.pack(">I", 2) + struct.pack(">5I", 0x01000007, 0, 0, 0, 0)
        fat += struct.pack(">5I", 0x0100000C, 0, 0, 0, 0)
        self.assertEqual(platforms.made_for(fat), ["macos-x86_64", "macos-arm64"])
        for head in (b"", b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"#!/bin/sh\n", b"MZ" + b"\xff" * 200):
            self.assertEqual(platforms.made_for(head), [])

    def test_that_do_not_run(self):
        broken = zipped({"bin/svf-tools": elf(62) + bytes(1000)})
        self.refusal("svf_compute was unpacked but does not run here", "policy", content=broken)
        failing = b"#!/bin/sh\necho version GLIBC_2.99 not found >&2\nexit 127\n"
        self.refusal("does not run here", "GLIBC_2.99 not found", content=zipped({"bin/svf-tools": failing}))
        said = b"$0: error while loading shared libraries: libexpat.so.1: cannot open shared object file"
        lacking = b"#!/bin/sh\necho " + said + b": No such file or directory >&2\nexit 127\n"
        says = "svf_compute needs a library that this system lacks: does not report its version: svf_compute: error"
        self.refusal(says, "libexpat.so.1", content=zipped({"bin/svf-tools": lacking}))
        own = lacking.replace(b"libexpat.so.1", b"libgdal-c8c9c467.so.36.3.10.3")
        says = "The archive is not complete: svf_compute lacks a library that comes with it: "
        self.refusal(says, "libgdal-c8c9c467", content=zipped({"bin/svf-tools": own}))
        self.refusal("it ends with exit code 3", content=zipped({"bin/svf-tools": script() + b"exit 3\n"}))
        self.refusal("stopped by the system", content=zipped({"bin/svf-tools": script() + b"kill -9 $$\n"}))
        silent = b"#!/bin/sh\nexit 3\n"
        self.refusal("does not run here", "it ends with exit code 3", content=zipped({"bin/svf-tools": silent}))

    def test_that_do_not_answer_do_not_hold_up_a_cancel(self):
        sleeping = zipped({"bin/svf-tools": b"#!/bin/sh\nexec sleep 60\n"})

        def cancel(task):
            if task.progress() >= fetch.UNPACKED:
                task.cancel()

        # Longer than a test waits.
        with mock.patch.object(runner, "ANSWER_MS", 600_000):
            self.refusal("Cancelled", content=sleeping, meanwhile=cancel)

    def test_that_the_system_stops(self):
        killed = zipped({"bin/svf-tools": b"#!/bin/sh\nkill -9 $$\n"})
        says = "svf_compute was unpacked but does not run here, perhaps because a policy or a virus scanner blocks it ("
        self.refusal(says + "crashes, or is stopped by the system", content=killed)
        self.replace(sys, "platform", "darwin")
        self.refusal("perhaps because macOS blocks it: look under System Settings", "stopped by", content=killed)

    def test_on_a_file_system_without_programs(self):
        broken = zipped({"bin/svf-tools": elf(62)})
        # A real one needs root: only what the system says of it is replaced.
        answer = SimpleNamespace(f_flag=os.ST_NOEXEC, f_bavail=1, f_blocks=1, f_bfree=1, f_frsize=1 << 30)
        with mock.patch.object(os, "statvfs", lambda _: answer):
            self.refusal("mounted with noexec: " + self.managed, content=broken)

    def test_taken_away_by_a_virus_scanner(self):
        vanishing = b'#!/bin/sh\nrm "$0"\nexit 1\n'
        self.refusal("svf_compute was removed", "virus scanner", content=zipped({"bin/svf-tools": vanishing}))

    def test_of_another_contract_and_of_several_versions(self):
        says = "This is svf-tools 0.1.0, which is too new for this plugin, which wants 0.1.0: update the plugin."
        self.assertEqual(self.refusal(content=good_archive(contract=2)), says)
        says = "This is svf-tools 0.0.9, and this plugin wants 0.1.0: get svf-tools-0.1.0-linux-x86_64.zip from https:"
        self.refusal(says, content=good_archive(version="0.0.9"))
        for changes in ({"version": 1}, {"version": "new"}, {"contract": "1"}, {"contract": True}, {"version": "0.0"}):
            self.assertEqual(self.refusal(content=good_archive(**changes)), DAMAGED)
        mixed = {"bin/" + name: script() for name in fetch.TOOLS}
        mixed["bin/svf_tile"] = script(version="0.2.0")
        self.refusal("do not agree on their version", content=zipped(mixed))
        for version in ("1.0.0/../../x", "1.0.\u00b2", "1.0." + "9" * 5000):
            self.refusal("do not agree on their version", content=good_archive(version=version))


class Updates(Profile):
    def setUp(self):
        super().setUp()
        self.assertEqual(self.fetch(*self.file(good_archive())).problem, "")

    def test_the_same_version_again(self):
        with open(os.path.join(self.managed, "0.1.0", "bin", "svf_tile"), "w", encoding="utf-8") as file:
            file.write("broken")
        task = self.fetch(*self.file(good_archive()))
        self.assertEqual(task.problem, "")
        self.assertEqual(tree(self.managed)[os.path.join("0.1.0", "bin", "svf_tile")], script())
        self.assertEqual(os.listdir(self.managed), ["0.1.0"])

    def test_a_failure_at_the_very_end_brings_the_old_ones_back(self):
        rename, calls = os.rename, []

        def fails_second(path, other):
            calls.append(path)
            if len(calls) == 2:
                raise OSError(errno.EACCES, "busy")
            rename(path, other)

        with mock.patch.object(os, "rename", fails_second):
            self.refusal("no permission", content=good_archive())
        self.assertEqual(len(calls), 3)

    def test_programs_that_are_in_use(self):
        with mock.patch.object(os, "rename", side_effect=PermissionError(errno.EACCES, "busy")):
            self.refusal("The programs are in use", content=good_archive())

    def test_a_broken_archive_of_a_new_version(self):
        self.refusal("does not run", content=zipped({"bin/svf-tools": b"#!/bin/sh\nexit 3\n"}))

    def test_programs_that_a_person_has_put_there_stay(self):
        os.makedirs(os.path.join(self.managed, "0.2.0", "bin"))
        self.refusal("This plugin did not make " + self.managed, "Remove it", content=good_archive(version="0.2.0"))
        # Of a link to nothing it does not know, either; an empty folder may go.
        os.symlink("nowhere", os.path.join(self.managed, "0.3.0"))
        self.refusal("This plugin did not make " + self.managed, content=good_archive(version="0.3.0"))
        os.mkdir(os.path.join(self.managed, "0.4.0"))
        self.assertEqual(self.fetch(*self.file(good_archive(version="0.4.0"))).problem, "")

    def test_two_at_once(self):
        path, archive = self.file(good_archive())
        for again in range(5):
            if again % 2:
                shutil.rmtree(os.path.join(self.managed, "0.1.0"))
            tasks = [getprograms.Fetch(PLATFORM, path, archive) for _ in range(4)]
            threads = [threading.Thread(target=task.run) for task in tasks]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual([task.problem for task in tasks], [""] * 4)
            self.assertEqual(os.listdir(self.managed), ["0.1.0"])
            found = tree(os.path.join(self.managed, "0.1.0"))
            self.assertEqual(found[os.path.join("bin", "svf_tile")], script())
            self.assertIn(fetch.MARK, found)

    def overtaken(self, when, act):
        """Installs 0.1.0 again; before the rename number `when`, another QGIS does something."""
        rename, calls = os.rename, []

        def late(path, other):
            calls.append(path)
            if len(calls) == when:
                act()
            rename(path, other)

        with mock.patch.object(os, "rename", late):
            task = self.fetch(*self.file(good_archive(simd="new")))
        self.assertEqual(task.problem, "")
        self.assertEqual(os.listdir(self.managed), ["0.1.0"])
        self.assertEqual(tree(self.managed)[os.path.join("0.1.0", "bin", "svf_tile")], script(simd="new"))
        return len(calls)

    def test_another_qgis_moves_the_old_ones_aside_first(self):
        self.assertEqual(self.overtaken(1, lambda: shutil.rmtree(os.path.join(self.managed, "0.1.0"))), 2)

    def test_another_qgis_is_there_first(self):
        target = os.path.join(self.managed, "0.1.0")
        others = self.path("others")
        shutil.copytree(target, others)
        # Aside, taken, aside again, renamed.
        self.assertEqual(self.overtaken(2, lambda: shutil.copytree(others, target)), 4)
        shutil.rmtree(target)
        self.assertEqual(self.overtaken(1, lambda: shutil.copytree(others, target)), 3)

    def test_another_qgis_is_always_there_first(self):
        rename, target = os.rename, os.path.join(self.managed, "0.1.0")
        others = self.path("others")
        shutil.copytree(target, others)

        def late(path, other):
            if other == target:
                shutil.copytree(others, target)
            rename(path, other)

        with mock.patch.object(os, "rename", late):
            self.refusal("cannot be read or written", content=good_archive())

    def age(self, *names):
        """Makes folders older than a day."""
        for name in names:
            path = os.path.join(self.managed, name)
            for one in (path, os.path.join(path, fetch.MARK)):
                if os.path.exists(one):
                    os.utime(one, (1, 1))

    def test_what_is_replaced_goes_a_day_later(self):
        self.assertEqual(self.fetch(*self.file(good_archive(version="0.10.0"))).problem, "")
        os.makedirs(os.path.join(self.managed, "0.0.5", "bin"))
        os.makedirs(os.path.join(self.managed, ".new-dead"))
        os.makedirs(os.path.join(self.managed, ".new-busy"))
        os.makedirs(os.path.join(self.managed, "notes"))
        self.age("0.1.0", "0.0.5", ".new-dead", "notes")
        fetch.sweep(self.managed)
        kept = [".new-busy", "0.0.5", "0.1.0", "0.10.0", "notes"]
        self.assertEqual(sorted(os.listdir(self.managed)), kept)
        self.age("0.10.0")
        with mock.patch.object(os, "rename", side_effect=PermissionError):
            # Programs that run, in Windows.
            fetch.sweep(self.managed)
        self.assertEqual(sorted(os.listdir(self.managed)), kept)
        fetch.sweep(self.managed, keep=os.path.join(self.managed, "0.1.0", "bin"))
        self.assertEqual(sorted(os.listdir(self.managed)), kept)
        fetch.sweep(self.managed)
        kept.remove("0.1.0")
        self.assertEqual(sorted(os.listdir(self.managed)), kept)
        fetch.sweep(self.path("nowhere"))

    def test_half_unpacked_programs_are_not_found(self):
        os.makedirs(os.path.join(self.managed, ".new-x", "bin"))
        folders = [place.folder for place in discovery.places({"PATH": ""}, self.path("profile"))]
        self.assertEqual([folder for folder in folders if ".new" in folder], [])


class Platforms(Profile):
    def test_what_this_computer_is(self):
        wide, narrow = 2**63 - 1, 2**31 - 1
        for system, machine, maxsize, key in (
            ("linux", "x86_64", wide, "linux-x86_64"),
            ("linux", "x86_64", narrow, "linux-x86"),
            ("linux", "i686", narrow, "linux-x86"),
            ("linux", "aarch64", wide, "linux-arm64"),
            ("linux", "armv7l", narrow, "linux-armv7l"),
            ("win32", "AMD64", wide, "windows-x86_64"),
            ("win32", "ARM64", wide, "windows-x86_64"),
            ("darwin", "arm64", wide, "macos-arm64"),
            ("darwin", "x86_64", wide, "macos-x86_64"),
            ("freebsd14", "amd64", wide, "freebsd14-x86_64"),
        ):
            self.replace(sys, "platform", system)
            self.replace(sys, "maxsize", maxsize)
            self.replace(platforms.platform, "machine", lambda machine=machine: machine)
            self.assertEqual(real_here(), key)

    def test_the_c_library(self):
        for answer, version in (("glibc 2.36", (2, 36)), ("glibc 2.17", (2, 17)), ("musl", None), ("musl 1.2", None)):
            with mock.patch.object(os, "confstr", lambda _, answer=answer: answer):
                self.assertEqual(real_glibc(), version)
        for error in (ValueError("unrecognized configuration name"), OSError(errno.EINVAL, "no")):
            with mock.patch.object(os, "confstr", side_effect=error):
                self.assertIsNone(real_glibc())

    def test_the_version_of_macos(self):
        answers = {"15.1": 15, "14": 14, "10.15.7": 10, "10.16": None, "unknown": None, "": None}
        for told, version in answers.items():
            with mock.patch.object(platforms, "QSysInfo", SimpleNamespace(productVersion=lambda told=told: told)):
                self.assertEqual(platforms.macos(), version)
        for key, version, says in (
            ("macos-arm64", 13, "The programs need macOS 14 or later, and this is macOS 13: build them"),
            ("macos-x86_64", 14, "The programs need macOS 15 or later, and this is macOS 14: build them"),
            ("macos-arm64", 14, "have not been released yet"),
            ("macos-x86_64", None, "have not been released yet"),
        ):
            with mock.patch.object(platforms, "macos", lambda version=version: version):
                self.assertIn(says, platforms.obstacle(key))

    def test_why_there_are_no_programs_to_download(self):
        self.release(good_archive())
        self.replace(platforms, "macos", lambda: 26)
        for key, libc, says in (
            ("linux-x86_64", (2, 28), ""),
            ("linux-x86_64", (2, 27), "need glibc 2.28 or later, and this system has 2.27"),
            ("linux-x86_64", None, "another C library (musl?)"),
            ("linux-arm64", (2, 36), "no programs to download for Linux, ARM: build them from source"),
            ("linux-x86", (2, 36), "no programs to download for Linux, 32 bits"),
            ("freebsd14-x86_64", None, "no programs to download for freebsd14, x86_64"),
            ("windows-x86_64", None, "Programs 0.1.0 for Windows, x86_64 have not been released yet."),
            ("macos-arm64", None, "have not been released yet"),
        ):
            with mock.patch.object(platforms, "glibc", lambda libc=libc: libc):
                said = platforms.obstacle(key)
            self.assertIn(says, said)
            self.assertEqual(bool(says), bool(said), said)
            self.assertNotIn("\n", said)

    def test_addresses(self):
        self.assertTrue(release.ADDRESS.startswith("https://"))
        names = [release.name(platform) for platform in release.PLATFORMS]
        self.assertEqual(names[0], "svf-tools-{}-linux-x86_64.zip".format(release.VERSION))
        self.assertTrue(release.address("macos-arm64").endswith("/v{}/{}".format(release.VERSION, names[2])))
        for platform, archive in release.ARCHIVES.items():
            self.assertIn(platform, release.PLATFORMS)
            self.assertEqual(len(archive.sha256.replace(" ", "")), 64)


class Pins(TemporaryFolder):
    """The script that writes the digests when a release is made."""

    def setUp(self):
        super().setUp()
        self.copy = self.path("plugin")
        shutil.copytree(os.path.join(PLUGIN_ROOT, "tools"), os.path.join(self.copy, "tools"))
        shutil.copytree(PACKAGE, os.path.join(self.copy, "svf_tools"))
        self.archives = self.path("archives")
        os.mkdir(self.archives)

    def archive(self, platform, entries, version=release.VERSION):
        path = os.path.join(self.archives, "svf-tools-{}-{}.zip".format(version, platform))
        with open(path, "wb") as file:
            file.write(zipped(entries))
        return path

    def pins(self):
        command = [sys.executable, os.path.join(self.copy, "tools", "pins.py"), self.archives]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def written(self):
        names = {}
        with open(os.path.join(self.copy, "svf_tools", "release.py"), encoding="utf-8") as file:
            exec(compile(file.read(), "release.py", "exec"), names)
        return names

    def test_it_fills_them_in_and_again(self):
        path = self.archive("linux-x86_64", {"bin/svf-tools": elf(62)})
        for _ in range(2):
            done = self.pins()
            self.assertEqual(done.returncode, 0, done.stderr)
            with open(path, "rb") as file:
                digest = hashlib.sha256(file.read()).hexdigest()
            pin = self.written()["ARCHIVES"]
            self.assertEqual(set(pin), {"linux-x86_64"})
            self.assertEqual(pin["linux-x86_64"].sha256.replace(" ", ""), digest)
            self.assertEqual(pin["linux-x86_64"].size, os.path.getsize(path))
            self.assertEqual(pin["linux-x86_64"].unpacked_size, len(elf(62)))
        self.assertIn("not there: windows-x86_64", done.stdout)
        self.archive("windows-x86_64", {"bin/svf-tools.exe": pe(0x8664)})
        self.archive("macos-arm64", {"bin/svf-tools": mach_o(0x0100000C)})
        self.archive("macos-x86_64", {"bin/svf-tools": mach_o(0x01000007)})
        done = self.pins()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(list(self.written()["ARCHIVES"]), list(release.PLATFORMS))
        # A long word of digits would stop the repository's scan for secrets.
        with open(os.path.join(self.copy, "svf_tools", "release.py"), encoding="utf-8") as file:
            self.assertIsNone(re.search("[0-9a-f]{20}", file.read()))

    def test_it_refuses_what_is_wrong(self):
        before = self.written()["ARCHIVES"]
        for platform, entries, says in (
            ("linux-x86_64", {"bin/svf-tools": pe(0x8664)}, "is for windows-x86_64"),
            ("linux-x86_64", {"README": b""}, "no bin/svf-tools"),
            ("windows-x86_64", {"bin/svf-tools": pe(0x8664)}, "no bin/svf-tools.exe"),
            ("linux-riscv", {"bin/svf-tools": elf(243)}, "unknown platform"),
            ("linux-x86_64", {"bin/svf-tools": elf(62), "../x": b""}, "not safe"),
        ):
            path = self.archive(platform, entries)
            done = self.pins()
            self.assertNotEqual(done.returncode, 0, platform)
            self.assertIn(says, done.stderr)
            self.assertEqual(self.written()["ARCHIVES"], before)
            os.remove(path)
        self.assertIn("no archive", self.pins().stderr)


if __name__ == "__main__":
    unittest.main()
