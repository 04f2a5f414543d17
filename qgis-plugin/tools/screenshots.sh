#!/usr/bin/env bash
# Takes the pictures of docs/qgis again: real QGIS, a virtual screen, the sample city.
#
#   SVF_BIN_DIR=target/release bash qgis-plugin/tools/screenshots.sh
#   SVF_BIN_DIR=target/release bash qgis-plugin/tools/newer_qgis.sh ROOT bash qgis-plugin/tools/screenshots.sh
#
# SVF_SHOT_OUT is another folder for them; SVF_SHOT_ONLY=programs or tutorial takes only some; SVF_SHOT_ARCHIVE is the
# archive of a release, whose size and digest the pictures show (without it, one is made of SVF_BIN_DIR).
# Look at every picture afterwards.
set -euo pipefail
cd "$(dirname "$0")/../.."
export SVF_SHOT_OUT=${SVF_SHOT_OUT:-$PWD/docs/qgis/images}
bash qgis-plugin/tools/window.sh qgis-plugin/tools/screenshots.py
# 256 colours are enough for them, and half the size.
for picture in "$SVF_SHOT_OUT"/*.png; do
  /usr/bin/python3 - "$picture" <<'PY'
import os
import sys

from osgeo import gdal

gdal.UseExceptions()
path = sys.argv[1]
full = gdal.Open(path)
bands = [full.GetRasterBand(i) for i in (1, 2, 3)]
colours = gdal.ColorTable()
gdal.ComputeMedianCutPCT(*bands, 256, colours)
few = gdal.GetDriverByName("MEM").Create("", full.RasterXSize, full.RasterYSize)
few.GetRasterBand(1).SetRasterColorTable(colours)
gdal.DitherRGB2PCT(*bands, few.GetRasterBand(1), colours)
gdal.SetConfigOption("GDAL_PAM_ENABLED", "NO")
gdal.GetDriverByName("PNG").CreateCopy(path + ".few", few, options=["ZLEVEL=9"])
os.replace(path + ".few", path)
print(os.path.basename(path), os.path.getsize(path))
PY
done
