#!/usr/bin/env bash
# Runs a script in real QGIS on a virtual screen, with a profile of its own and the sample city; used by
# screenshots.sh and dialogs.sh. SVF_SHOT_OUT is the folder of the pictures, SVF_SHOT_LOCALE the language.
#
#   SVF_BIN_DIR=... SVF_SHOT_OUT=... bash qgis-plugin/tools/window.sh SCRIPT
set -euo pipefail
cd "$(dirname "$0")/../.."
: "${SVF_BIN_DIR:?folder of svf_compute and xtask}" "${SVF_SHOT_OUT:?folder of the pictures}"
script=$(realpath "$1")
SVF_SHOT_OUT=$(realpath -m "$SVF_SHOT_OUT")
SVF_BIN_DIR=$(cd "$SVF_BIN_DIR" && pwd)
# Its name is in the pictures; QGIS marks layers below /tmp as temporary.
work=/var/tmp/city
mkdir "$work"
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/data" "$work/profile" "$work/run"
chmod 700 "$work/run"
"$SVF_BIN_DIR/xtask" sample "$work/data/dsm.tif" --size 1024
"$SVF_BIN_DIR/xtask" sample "$work/data/small.tif" --size 128
"$SVF_BIN_DIR/xtask" mosaic-vrt "$work/data/dsm.tif" "$work/data/large.vrt" --cols 12000 --rows 9000
mkdir "$work/bin"
cp "$SVF_BIN_DIR"/svf_compute "$SVF_BIN_DIR"/svf_tile "$SVF_BIN_DIR"/svf_mosaic "$SVF_BIN_DIR"/svf_profile "$work/bin"
export SVF_SHOT_PROGRAM=$SVF_BIN_DIR/svf-tools SVF_SHOT_ONLY=${SVF_SHOT_ONLY:-} SVF_SHOT_ARCHIVE=${SVF_SHOT_ARCHIVE:-}
export SVF_BIN_DIR=$work/bin
export SVF_SHOT_WORK=$work/data SVF_SHOT_OUT SVF_SHOT_MODELS=$PWD/docs/qgis/models
export HOME=$work XDG_RUNTIME_DIR=$work/run QGIS_PLUGINPATH=$PWD/qgis-plugin PYTHONDONTWRITEBYTECODE=1
export LC_ALL=${SVF_SHOT_LOCALE:-C.UTF-8} PYTHONPATH=$PWD/qgis-plugin/tools
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
xvfb-run -a -s "-screen 0 ${SVF_SHOT_SCREEN:-1280x900}x24" "$qgis" --profiles-path "$work/profile" --nologo --noversioncheck \
  --code "$script"
