"""Writes a module definition file for GDAL's DLL: definition.py DLL FILE.def.

A linker makes an import library of it. Only functions with C names are in it, because GDAL's C++ names
belong to another compiler.
"""

import pathlib
import re
import struct
import sys

OURS = re.compile(r"^(CPL|CSL|VSI|GDAL|GNM|OGR|OSR|OCT)[A-Za-z0-9_]*$")


def exports(image):
    """The names that a DLL exports."""
    (header,) = struct.unpack_from("<I", image, 0x3C)
    assert image[header : header + 4] == b"PE\0\0", "not a DLL"
    sections, optional_size = struct.unpack_from("<H12xH", image, header + 6)
    optional = header + 24
    (magic,) = struct.unpack_from("<H", image, optional)
    assert magic == 0x20B, "not a DLL for 64 bits"
    (directory,) = struct.unpack_from("<I", image, optional + 112)
    table = [
        struct.unpack_from("<4I", image, optional + optional_size + 40 * i + 8) for i in range(sections)
    ]

    def place(address):
        """Where in the file something is that has this address in memory."""
        for size, start, raw_size, raw in table:
            if start <= address < start + max(size, raw_size):
                return raw + address - start
        raise ValueError("an address is in no section")

    number, _, names = struct.unpack_from("<3I", image, place(directory) + 24)
    for i in range(number):
        (name,) = struct.unpack_from("<I", image, place(names) + 4 * i)
        begin = place(name)
        yield image[begin : image.index(b"\0", begin)].decode("ascii")


def main(dll, definition):
    dll = pathlib.Path(dll)
    names = [name for name in exports(dll.read_bytes()) if OURS.match(name)]
    lines = ["LIBRARY {}".format(dll.name), "EXPORTS", *names]
    pathlib.Path(definition).write_text("\n".join(lines) + "\n", encoding="ascii")


main(*sys.argv[1:])
