#!/usr/bin/env bash
# Opens every dialog in a real window of QGIS, ticks each measure, runs, compares the bands with what was ticked, and
# takes pictures of the dialogs and their logs, to be looked at before a release.
#
#   SVF_BIN_DIR=target/debug bash qgis-plugin/tools/dialogs.sh FOLDER
#   SVF_BIN_DIR=target/debug bash qgis-plugin/tools/newer_qgis.sh ROOT bash qgis-plugin/tools/dialogs.sh FOLDER
#
# SVF_SHOT_LOCALE=de_DE.UTF-8 or zh_CN.UTF-8 takes them in another language (of the plugin; QGIS's own texts stay).
set -euo pipefail
if [ $# -ne 1 ]; then
  echo "usage: SVF_BIN_DIR=... dialogs.sh FOLDER" >&2
  exit 2
fi
out=$(realpath -m "$1")
cd "$(dirname "$0")/../.."
SVF_SHOT_OUT=$out SVF_SHOT_SCREEN=1700x1700 bash qgis-plugin/tools/window.sh qgis-plugin/tools/dialogs.py
