# SPDX-License-Identifier: GPL-2.0-or-later
"""A tool that misbehaves, in the way SVF_FAKE names. test_runner.py makes a program of it.

The words after the mode are the tool's arguments; the second is the output.
"""

import json
import os
import signal
import sys
import time

MODE = os.environ.get("SVF_FAKE", "")
OUTPUT = sys.argv[2] if len(sys.argv) > 2 else ""


def say(name, **data):
    # What was printed comes first.
    sys.stdout.flush()
    sys.stdout.buffer.write(json.dumps({"type": name, "data": data}, ensure_ascii=False).encode() + b"\n")
    sys.stdout.buffer.flush()


def write_output():
    with open(OUTPUT, "w", encoding="utf-8") as file:
        file.write("result")


def done():
    say("done", outputs=[OUTPUT], stats={"bands": []}, elapsed_s=0.1)


def wait_for_stdin():
    while os.read(0, 100):
        pass


def wait_forever():
    while True:
        time.sleep(60)


def half_utf8():
    raw = json.dumps({"type": "warning", "data": {"message": "漢字 höhe"}}, ensure_ascii=False).encode() + b"\n"
    for byte in raw:
        sys.stdout.buffer.write(bytes([byte]))
        sys.stdout.buffer.flush()
        time.sleep(0.002)
    sys.stdout.buffer.write(b"\xff\xfe broken \xe6\xbc\n")
    write_output()
    done()


def many_lines():
    for i in range(20_000):
        say("progress", stage="compute", done=i, total=20_000, fraction=i / 20_000, eta_s=None)
    write_output()
    done()


def much_stderr():
    for _ in range(20_000):
        sys.stderr.write("WARNING " + "x" * 200 + "\n")
    write_output()
    done()


def hang():
    say("progress", stage="compute", done=0, total=9, fraction=0.1)
    wait_forever()


def hang_with_partial():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    folder, name = os.path.split(OUTPUT)
    machine = os.environ["SVF_FAKE_MACHINE"]
    # Its own, and those of another process here and of another machine.
    for owner, pid in ((machine, os.getpid()), (machine, 1), ("other+12ab.1", os.getpid())):
        os.mkdir(os.path.join(folder, ".{}.partial-{}-{}-0".format(name, owner, pid)))
    hang()


def heeds_cancel():
    say("progress", stage="compute", done=0, total=9, fraction=0.1)
    wait_for_stdin()
    say("cancelled", elapsed_s=0.1)
    sys.exit(130)


def done_although_cancelled():
    say("progress", stage="compute", done=0, total=1, fraction=0.1)
    wait_for_stdin()
    write_output()
    done()


def dies_of_cancel():
    say("progress", stage="compute", done=0, total=9, fraction=0.1)
    wait_for_stdin()
    os.kill(os.getpid(), signal.SIGSEGV)


def panic():
    sys.stderr.write("thread 'main' panicked at src/main.rs:1:1:\nindex out of bounds\n")
    say("error", code="internal", message="index out of bounds", hint="please report it")
    sys.exit(101)


def panic_without_event():
    sys.stderr.write("thread 'main' panicked at src/main.rs:1:1:\nindex out of bounds\n")
    sys.exit(101)


def loader_error():
    sys.stderr.write("error while loading shared libraries: libgdal.so.99\n")
    sys.exit(127)


def crash():
    os.kill(os.getpid(), signal.SIGSEGV)


def killed():
    os.kill(os.getpid(), signal.SIGKILL)


def no_done():
    write_output()


def silent():
    pass


def missing_output():
    done()


def error_but_exit_0():
    say("error", code="raster.write", message="disk full", hint="make room")


def done_but_exit_1():
    write_output()
    done()
    sys.exit(1)


def resumable():
    sys.exit(3)


def no_last_newline():
    write_output()
    sys.stdout.write(json.dumps({"type": "done", "data": {}}))


def endless_line():
    for _ in range(300):
        sys.stdout.write("x" * 100_000)
    sys.stdout.write("\n")
    write_output()
    done()


def closes_its_channels():
    sys.stdout.flush()
    os.close(1)
    os.close(2)
    time.sleep(0.5)
    os._exit(0)


def nonsense():
    for text in ("{", "null", '{"type":"done"', '{"type":[]}', '{"type":"plan","data":{"tiles":{}}}', "\x00\x01"):
        print(text)
    write_output()
    done()


def environment():
    names = ("GDAL_DATA", "PROJ_LIB", "GDAL_CACHEMAX")
    say("warning", message=",".join(name for name in names if name in os.environ))
    write_output()
    done()


def good():
    say("start", contract=1, tool="svf_compute", version="0.1.0", args={})
    write_output()
    done()


if sys.argv[1:3] == ["--version", "--json"]:
    answers = {
        "old": '{"contract":1,"version":"0.0.1"}',
        "version_text": "svf_compute 0.1",
        "version_silent": "",
    }
    if MODE == "version_hang":
        wait_forever()
    while MODE == "version_flood":
        sys.stdout.write("x" * 65536)
    print(answers.get(MODE, '{"contract":1,"version":"0.1.0","gdal":{"linkage":"system"}}'))
else:
    globals()[MODE]()
