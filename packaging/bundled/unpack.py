"""Takes GDAL's libraries and data out of the downloaded wheel: unpack.py DOWNLOADS FOLDER."""

import pathlib
import sys
import zipfile

# Beginnings of names in the wheel, and where these files go.
WANTED = {
    "rasterio.libs/": "lib",
    "rasterio/proj_data/": "proj",
    "rasterio/gdal_data/": "gdal",
}


def main(downloads, folder):
    (wheel,) = pathlib.Path(downloads).glob("rasterio-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            for beginning, place in WANTED.items():
                name = entry.filename[len(beginning) :]
                if entry.filename.startswith(beginning) and name and not entry.is_dir():
                    path = pathlib.Path(folder, place, name)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(archive.read(entry))
                    path.chmod(0o755 if place == "lib" else 0o644)


main(*sys.argv[1:])
