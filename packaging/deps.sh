#!/usr/bin/env bash
# Installs what building and testing needs and is missing: GDAL (library and
# programs), a C toolchain, small tools of the tests. Debian and Ubuntu; on other
# systems it says what to install. Needs no root when nothing is missing, and says
# what root has to run where it cannot. Rust is looked for first, and never installed.
#
#   bash packaging/deps.sh            for building and using the tools
#   bash packaging/deps.sh --tests    for all tests as well: QGIS, and what the
#                                     plugin repository checks plugins with
set -euo pipefail
cd "$(dirname "$0")/.."
tests=${1-}
if [ -n "$tests" ] && [ "$tests" != --tests ]; then
  echo "usage: bash packaging/deps.sh [--tests]" >&2
  exit 2
fi

. packaging/rust.sh

missing=()
need() { # need PROGRAM PACKAGE
  command -v "$1" >/dev/null 2>&1 || missing+=("$2")
}
need gdalinfo gdal-bin
need gdal-config libgdal-dev
need cc gcc
need pkg-config pkg-config
need python3 python3
command -v pkg-config >/dev/null 2>&1 && ! pkg-config --exists gdal && missing+=(libgdal-dev)
type -P time >/dev/null || missing+=(time)
if [ -n "$tests" ]; then
  need qgis_process.bin qgis
  need Xvfb xvfb
  need openssl openssl
  need bindfs bindfs
  # The system's Python: QGIS brings its modules to that one.
  system_python() { /usr/bin/python3 -c "import $1" >/dev/null 2>&1; }
  system_python qgis.core || missing+=(python3-qgis)
  system_python osgeo.gdal || missing+=(python3-gdal)
  system_python h5py || missing+=(python3-h5py)
  system_python ensurepip || missing+=(python3-venv)
  [ -x /usr/lib/qt5/bin/lrelease ] || missing+=(qttools5-dev-tools)
fi

if [ ${#missing[@]} -gt 0 ]; then
  if ! command -v apt-get >/dev/null 2>&1; then
    echo "Please install: GDAL 3.4 to 3.12 with its headers and programs, gcc, pkg-config, python3, GNU time" >&2
    [ -z "$tests" ] || echo "and for the tests: QGIS 3.22 or later with its Python modules, Xvfb, lrelease of Qt 5" >&2
    exit 1
  fi
  install=(apt-get install -y --no-install-recommends "${missing[@]}")
  by_root() {
    echo "As root, run this line, then this script again:"
    echo
    echo "  apt-get update && ${install[*]}"
  }
  run=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
      { echo "Missing: ${missing[*]}"; by_root; } >&2
      exit 1
    fi
    run=(sudo)
  fi
  echo "Installing ${missing[*]}"
  if ! "${run[@]}" apt-get update ||
    ! "${run[@]}" env DEBIAN_FRONTEND=noninteractive "${install[@]}"; then
    { echo "Could not install ${missing[*]}"; by_root; } >&2
    exit 1
  fi
fi

if [ -n "$tests" ]; then
  gate=${CARGO_TARGET_DIR:-target}/plugin-gate
  wanted=qgis-plugin/tests/requirements.txt
  if ! cmp -s "$wanted" "$gate/installed.txt"; then
    echo "Installing the plugin's gate: $(tr '\n' ' ' <"$wanted")"
    rm -rf "$gate"
    /usr/bin/python3 -m venv "$gate"
    "$gate/bin/pip" install --disable-pip-version-check --requirement "$wanted"
    cp "$wanted" "$gate/installed.txt"
  fi
fi
