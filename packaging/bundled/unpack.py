"""Takes GDAL's libraries and data out of the downloaded wheels: unpack.py DOWNLOADS FOLDER."""

import pathlib
import re
import sys
import zipfile

# Names in a wheel, up to the name of the file, and where these files go.
WANTED = {
    r"rasterio\.libs/": "lib",
    r"rasterio/\.dylibs/": "lib",
    r"msvc_runtime-[0-9.]*\.data/data/Scripts/(?=vcruntime140(_1)?\.dll)": "lib",
    r"rasterio/proj_data/": "proj",
    r"rasterio/gdal_data/": "gdal",
}


def main(downloads, folder):
    for wheel in pathlib.Path(downloads).glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            for entry in archive.infolist():
                for beginning, place in WANTED.items():
                    found = re.match(beginning, entry.filename)
                    if found and not entry.is_dir():
                        path = pathlib.Path(folder, place, entry.filename[found.end() :])
                        path.parent.mkdir(parents=True, exist_ok=True)
                        path.write_bytes(archive.read(entry))
                        path.chmod(0o755 if place == "lib" else 0o644)


main(*sys.argv[1:])
