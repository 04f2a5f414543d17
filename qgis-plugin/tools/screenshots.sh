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
: "${SVF_BIN_DIR:?folder of svf_compute and xtask}"
SVF_BIN_DIR=$(cd "$SVF_BIN_DIR" && pwd)
# Its name is in the pictures; QGIS marks layers below /tmp as temporary.
work=/var/tmp/city
mkdir "$work"
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/data" "$work/profile" "$work/run"
chmod 700 "$work/run"
"$SVF_BIN_DIR/xtask" sample "$work/data/dsm.tif" --size 1024
"$SVF_BIN_DIR/xtask" mosaic-vrt "$work/data/dsm.tif" "$work/data/large.vrt" --cols 12000 --rows 9000
mkdir "$work/bin"
cp "$SVF_BIN_DIR"/svf_compute "$SVF_BIN_DIR"/svf_tile "$SVF_BIN_DIR"/svf_mosaic "$SVF_BIN_DIR"/svf_profile "$work/bin"
export SVF_SHOT_PROGRAM=$SVF_BIN_DIR/svf-tools SVF_SHOT_ONLY=${SVF_SHOT_ONLY:-} SVF_SHOT_ARCHIVE=${SVF_SHOT_ARCHIVE:-}
export SVF_BIN_DIR=$work/bin
export SVF_SHOT_WORK=$work/data SVF_SHOT_OUT=${SVF_SHOT_OUT:-$PWD/docs/qgis/images} SVF_SHOT_MODELS=$PWD/docs/qgis/models
export HOME=$work XDG_RUNTIME_DIR=$work/run QGIS_PLUGINPATH=$PWD/qgis-plugin PYTHONDONTWRITEBYTECODE=1 LC_ALL=C.UTF-8
mkdir -p "$SVF_SHOT_OUT"
unset QT_QPA_PLATFORM
qgis=$(command -v qgis.bin || command -v qgis)
# What a first start asks for, answered beforehand.
mkdir -p "$work/profile/profiles/default/QGIS"
cat >"$work/profile/profiles/default/QGIS/QGIS3.ini" <<INI
[PythonPlugins]
processing=true
svf_tools=true
[Processing]
Configuration\\KEEP_DIALOG_OPEN=true
[app]
projections\\unknownCrsBehavior=NoAction
[qgis]
checkVersion=false
showTips3.22=false
showTips3.40=false
enableNews=false
newsFeed=false
iconSize=16
INI
xvfb-run -a -s "-screen 0 1280x900x24" "$qgis" --profiles-path "$work/profile" --nologo --noversioncheck \
  --code qgis-plugin/tools/screenshots.py
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
