#!/usr/bin/env bash
# Installs what building and testing needs and is missing: GDAL (library and
# programs), a C toolchain, small tools of the tests. Debian and Ubuntu; on other
# systems it says what to install. Needs no root when nothing is missing.
set -euo pipefail

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
[ -x /usr/bin/time ] || missing+=(time)

if [ ${#missing[@]} -gt 0 ]; then
  if ! command -v apt-get >/dev/null 2>&1; then
    echo "Please install: GDAL 3.4 to 3.12 with its headers and programs, gcc, pkg-config, python3, GNU time" >&2
    exit 1
  fi
  run=()
  if [ "$(id -u)" -ne 0 ]; then run=(sudo); fi
  echo "Installing ${missing[*]}"
  "${run[@]}" apt-get update -qq
  "${run[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

if ! command -v cargo >/dev/null 2>&1; then
  echo "Please install Rust 1.95 or later with rustup (https://rustup.rs), then run this again" >&2
  exit 1
fi
