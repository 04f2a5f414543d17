#!/usr/bin/env bash
# Installs the package of packaging/deb.sh into a clean Debian, and runs it. As root, with debootstrap.
#
#   bash packaging/deb_check.sh [SUITE [ROOT]]
#
# SUITE is the Debian that the package was made on (bookworm). ROOT is made (target/roots/deb-SUITE) and
# removed afterwards.
set -euo pipefail
cd "$(dirname "$0")/.."
suite=${1:-bookworm}
root=${2:-$PWD/target/roots/deb-$suite}
shopt -s nullglob
packages=(target/deb/*.deb)
if [ ${#packages[@]} -ne 1 ]; then
  echo "there must be one package in target/deb: run bash packaging/deb.sh" >&2
  exit 1
fi
mkdir -p "$root"
debootstrap --variant=minbase --include=ca-certificates "$suite" "$root" http://deb.debian.org/debian >/dev/null
mount -t proc proc "$root/proc"
trap 'umount "$root/proc"; rm -rf "$root"' EXIT
cp /etc/resolv.conf "$root/etc/"
cp "${packages[0]}" "$root/svf-tools.deb"
inside() {
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive chroot "$root" "$@"
}
# Such small systems leave out the documents; here they are looked at.
rm -f "$root/etc/dpkg/dpkg.cfg.d/docker"
inside apt-get update -qq
inside apt-get install -qq -y --no-install-recommends /svf-tools.deb bash-completion >/dev/null
inside svf_compute --version
{
  echo "ncols 40"; echo "nrows 30"; echo "xllcorner 0"; echo "yllcorner 0"; echo "cellsize 1"
  for row in $(seq 30); do
    for column in $(seq 40); do printf '%d ' $(((row * column * 7) % 23)); done
    echo
  done
} >"$root/dem.asc"
inside svf_compute /dem.asc /svf.tif --radius 10 -n 8 -q
inside test -s /svf.tif
for tool in svf-tools svf_compute svf_tile svf_mosaic svf_profile; do
  inside test -s "/usr/share/man/man1/$tool.1.gz"
  inside "$tool" --version >/dev/null
done
inside test -s /usr/share/doc/svf-tools/licences/rust-crates.txt.gz
# shellcheck disable=SC2016
options=$(inside bash -c '. /usr/share/bash-completion/completions/svf_compute
  COMP_WORDS=(svf_compute --rad); COMP_CWORD=1; _svf_compute svf_compute --rad svf_compute; echo "${COMPREPLY[*]}"')
[ "$options" = --radius ]
inside apt-get purge -qq -y svf-tools >/dev/null
if inside test -e /usr/bin/svf-tools; then
  echo "something of the package is left" >&2
  exit 1
fi
echo "$suite: installed, computed a raster, completed --rad, removed"
