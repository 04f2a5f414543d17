#!/usr/bin/env bash
# Runs the plugin's tests in a newer QGIS than the system's: that of Debian's backports, in a root of its
# own, which the first run makes (some minutes, 2.3 GB). Needs root and debootstrap; not a part of CI.
#
#   SVF_BIN_DIR=target/debug bash qgis-plugin/tools/newer_qgis.sh FOLDER
#   SVF_BIN_DIR=target/debug bash qgis-plugin/tools/newer_qgis.sh FOLDER COMMAND [ARGUMENTS]
#
# With a command, that is run there instead, in the repository (SVF_SHOT_... are passed on). Delete FOLDER to be rid of the root.
set -euo pipefail
cd "$(dirname "$0")/../.."
: "${SVF_BIN_DIR:?folder of the programs and xtask}"
if [ $# -lt 1 ]; then
  echo "usage: SVF_BIN_DIR=... newer_qgis.sh FOLDER [COMMAND [ARGUMENTS]]" >&2
  exit 2
fi
root=$(realpath -m "$1")
shift
# Programs of this system run there: it has to be the same release, with the same GDAL.
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
packages=(qgis python3-qgis python3-gdal python3-numpy qttools5-dev-tools libqt5sql5-sqlite xauth xvfb)

if [ ! -e "$root/.complete" ]; then
  debootstrap --variant=minbase "$release" "$root"
  sed "s/ $release / $release-backports /" "$root/etc/apt/sources.list" >"$root/etc/apt/sources.list.d/backports.list"
  # No service is started, nothing asks.
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod 755 "$root/usr/sbin/policy-rc.d"
  chroot "$root" apt-get update -q
  chroot "$root" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
    --target-release "$release-backports" "${packages[@]}"
  chroot "$root" apt-get clean
  rm -rf "$root"/var/lib/apt/lists/*
  touch "$root/.complete"
fi

if [ $# -eq 0 ]; then
  # test_repository asks nothing of QGIS.
  set -- sh -c 'cd qgis-plugin/tests && ls test_*.py | grep -v test_repository | sed "s/\.py$//" |
    xargs /usr/bin/python3 -W ignore -m unittest'
fi
mkdir -p "$root/repository" "$root/programs"
# What is mounted is gone with the process, and so are the programs that it starts.
exec unshare --mount --pid --fork --kill-child --propagation private bash -c '
  set -e
  root=$1 bin=$2
  shift 2
  mount --bind . "$root/repository"
  mount --bind "$bin" "$root/programs"
  mount -t proc proc "$root/proc"
  mount --bind /dev "$root/dev"
  # What the scripts of the pictures are told; paths are those of the repository.
  mapfile -t told < <(env | grep "^SVF_SHOT_")
  exec chroot "$root" env -i "${told[@]}" PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 QT_QPA_PLATFORM=offscreen \
    SVF_BIN_DIR=/programs sh -c "cd /repository && exec \"\$@\"" sh "$@"' \
  bash "$root" "$(realpath "$SVF_BIN_DIR")" "$@"
