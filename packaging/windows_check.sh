#!/usr/bin/env bash
# Runs the programs of packaging/windows.sh under wine, and compares cells with those of the programs of
# this system. As root, with debootstrap.
#
#   bash packaging/windows_check.sh FOLDER [ROOT]
#
# FOLDER has the svf_compute of this system (target/release). ROOT is a Debian with wine, made if it is
# not there (target/roots/wine). Wine is not Windows: locks, consoles and virus scanners are others.
set -euo pipefail
cd "$(dirname "$0")/.."
system=${1:?FOLDER of svf_compute is missing}
root=${2:-$PWD/target/roots/wine}
# A link, which leads nowhere from out here.
if [ ! -L "$root/usr/bin/wine" ] && [ ! -x "$root/usr/bin/wine" ]; then
  mkdir -p "$root"
  debootstrap --variant=minbase --include=ca-certificates trixie "$root" http://deb.debian.org/debian >/dev/null
  cp /etc/resolv.conf "$root/etc/"
  chroot "$root" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive chroot "$root" apt-get install -qq -y --no-install-recommends wine wine64 >/dev/null
fi
trials=$root/root/trials
rm -rf "$trials"
mkdir -p "$trials"
cp -r target/windows/tree "$trials/svf"
mountpoint -q "$root/proc" || { mount -t proc proc "$root/proc"; trap 'umount "$root/proc"' EXIT; }

programs=svf/bin
# Becomes a tool there: start NAME ARGUMENTS. Its folder is Z:\root\trials.
start() {
  local name=$1
  shift
  # shellcheck disable=SC2016
  exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root WINEDEBUG=-all WINEDLLOVERRIDES=mscoree,mshtml= LC_ALL=C.UTF-8 \
    PROJ_DATA=nowhere PROJ_LIB=nowhere GDAL_DATA=nowhere GDAL_DRIVER_PATH=nowhere \
    chroot "$root" sh -c 'cd /root/trials && exec wine "$0.exe" "$@"' "$programs/$name" "$@"
}
# Runs one.
tool() { (start "$@"); }
same() { # same FILE FILE: every cell
  /usr/bin/python3 - "$1" "$2" <<'END'
import sys
from osgeo import gdal
gdal.UseExceptions()
one, two = (gdal.Open(name).ReadAsArray() for name in sys.argv[1:])
assert one.shape == two.shape and one.tobytes() == two.tobytes(), "cells differ: " + " ".join(sys.argv[1:])
print("same", one.size, "cells:", sys.argv[1].rsplit("/", 1)[-1])
END
}
tool svf_compute --version
[ -s "$trials/svf/share/svf-tools/completions/powershell/svf_compute.ps1" ]
/usr/bin/python3 - "$trials" <<'END'
import sys
sys.path.insert(0, "packaging")
import pathlib
import wheel_check
wheel_check.rasters(pathlib.Path(sys.argv[1]))
END
options=(--radius 20 -n 16 --measure "svf,svf-slope,openness-positive" -q)
for name in float.tif holes.tif degrees.tif grid.asc cube.nc; do
  "$system/svf_compute" "$trials/$name" "$trials/here-$name.tif" "${options[@]}"
  tool svf_compute "$name" "there-$name.tif" "${options[@]}"
  same "$trials/there-$name.tif" "$trials/here-$name.tif"
done
# As pip puts them for one user: programs in a folder of this version of Python, data beside that.
mkdir -p "$trials/user/Python311" "$trials/wheel"
/usr/bin/python3 -m zipfile -e target/windows/svf_tools-*.whl "$trials/wheel"
mv "$trials"/wheel/*.data/scripts "$trials/user/Python311/Scripts"
mv "$trials"/wheel/*.data/data/share "$trials/user/share"
programs=user/Python311/Scripts
tool svf_compute degrees.tif user.tif "${options[@]}" 2>"$trials/user.txt"
same "$trials/user.tif" "$trials/here-degrees.tif.tif"
gdalsrsinfo -o epsg "$trials/user.tif" >"$trials/user.crs"
grep -q EPSG:4326 "$trials/user.crs"
if grep -i proj "$trials/user.txt"; then exit 1; fi
programs=svf/bin
mkdir -p "$trials/Blick zum Himmel/höhe 山"
cp "$trials/float.tif" "$trials/Blick zum Himmel/höhe 山/dsm ä.tif"
tool svf_compute 'Blick zum Himmel\höhe 山\dsm ä.tif' 'Blick zum Himmel\höhe 山\svf ü.tif' "${options[@]}"
same "$trials/Blick zum Himmel/höhe 山/svf ü.tif" "$trials/here-float.tif.tif"
rm -rf "$root/root/.wine/drive_c/svf"
mkdir -p "$root/root/.wine/drive_c/svf"
cp "$trials/float.tif" "$root/root/.wine/drive_c/svf/"
tool svf_compute 'C:\svf\float.tif' 'C:/svf/out.tif' "${options[@]}"
same "$root/root/.wine/drive_c/svf/out.tif" "$trials/here-float.tif.tif"
# Wine keeps the computers of a network in this folder.
mkdir -p "$root/root/.wine/dosdevices/unc/server"
ln -sfn /root/trials "$root/root/.wine/dosdevices/unc/server/share"
tool svf_compute '\\server\share\float.tif' '\\server\share\shared ä.tif' "${options[@]}"
same "$trials/shared ä.tif" "$trials/here-float.tif.tif"
for _ in 1 2; do
  tool svf_compute float.tif worked.tif --work-dir 'work dir' --tile-size 64 "${options[@]}" --overwrite
  same "$trials/worked.tif" "$trials/here-float.tif.tif"
done
tool svf_compute - - "${options[@]}" <"$trials/float.tif" >"$trials/piped.tif"
same "$trials/piped.tif" "$trials/here-float.tif.tif"
tool svf_tile float.tif plan.json --tile-size 64 "${options[@]}"
tool svf_compute --plan plan.json -q
tool svf_mosaic plan.json joined.vrt -q
# A VRT from there opens here.
same "$trials/joined.vrt" "$trials/here-float.tif.tif"
code=0
tool svf_compute float.tif cancelled.tif --radius 2000 -n 720 -q --cancel-on-stdin-eof </dev/null || code=$?
[ "$code" = 130 ]
[ ! -e "$trials/cancelled.tif" ]
# Waits until a command succeeds.
until_true() {
  for _ in $(seq 600); do
    ! "$@" || return 0
    sleep 0.1
  done
  echo "never: $*" >&2
  exit 1
}
kill_it() { kill -KILL "$1" && { wait "$1" || true; } 2>/dev/null; }
nothing_left() {
  if compgen -G "$trials/.*partial*" >/dev/null; then
    echo "something is left of a $1 run" >&2
    exit 1
  fi
}
nothing_left cancelled
echo "cancelled: nothing is left"
# Killed: the next run goes on with the tiles that are done.
resumed=(float.tif resumed.tif --work-dir kept --tile-size 16 --radius 200 -n 720 -q)
start svf_compute "${resumed[@]}" &
some_tiles() { [ "$(find "$trials/kept" -name '*.tif' 2>/dev/null | wc -l)" -ge 3 ]; }
until_true some_tiles
kill_it $!
tool svf_compute "${resumed[@]}"
"$system/svf_compute" "$trials/float.tif" "$trials/here-resumed.tif" --radius 200 -n 720 -q
same "$trials/resumed.tif" "$trials/here-resumed.tif"
# A file that another program reads cannot be replaced, which is said before anything is computed.
/usr/bin/python3 -c 'import sys
from osgeo import gdal
gdal.Translate(sys.argv[2], sys.argv[1], width=2000, height=2000)' "$trials/float.tif" "$trials/big.tif"
start svf_compute big.tif slow.tif --radius 300 -n 720 -q &
slow=$!
until_true compgen -G "$trials/.slow.tif.partial*" >/dev/null
sleep 1
code=0
said=$(tool svf_compute float.tif big.tif -q --radius 2000 -n 720 --overwrite 2>&1) || code=$?
echo "$said"
[ "$code" = 1 ]
[[ $said == *"cannot be replaced"* && $said == *"close the program"* ]]
kill_it "$slow"
# What a killed run left is removed by the next one, and the file can be replaced now.
tool svf_compute float.tif slow.tif "${options[@]}"
tool svf_compute float.tif big.tif "${options[@]}" --overwrite
same "$trials/big.tif" "$trials/slow.tif"
nothing_left killed
echo "the programs work"
