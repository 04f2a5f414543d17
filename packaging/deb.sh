#!/usr/bin/env bash
# Makes a package for this Debian or Ubuntu, over its GDAL.
#
#   bash packaging/deb.sh
#
# It contains the programs, man pages, completions for bash, zsh, fish and PowerShell, changelog and
# licences. Another release of Debian has another GDAL: the package is made there again.
# Needs what bash packaging/deps.sh installs, and dpkg-dev. The package lies in target/deb afterwards.
#
# SVF_PROFILE is the profile of Cargo, `dist` if nothing is said. With SVF_BIN_DIR, the programs in that
# folder (svf-tools, xtask) are used instead of those that are built.
set -euo pipefail
cd "$(dirname "$0")/.."
umask 022

profile=${SVF_PROFILE:-dist}
for needed in dpkg-shlibdeps dpkg-deb strip; do
  if ! command -v "$needed" >/dev/null; then
    echo "$needed is missing. As root: apt-get install dpkg-dev binutils" >&2
    exit 1
  fi
done
. packaging/rust.sh
built=${CARGO_TARGET_DIR:-target}
bin=${SVF_BIN_DIR:-}
pages=(cargo run --quiet --locked --package xtask -- pages)
if [ -n "$bin" ]; then
  pages=("$bin/xtask" pages)
else
  cargo build --locked --profile "$profile" --package svf-cli --bin svf-tools
  folder=$profile
  [ "$profile" != dev ] || folder=debug
  bin=$built/$folder
fi

work=$PWD/target/deb
root=$work/root
rm -rf "$root"
install -D -m 755 "$bin/svf-tools" "$root/usr/bin/svf-tools"
strip --strip-unneeded --remove-section=.comment "$root/usr/bin/svf-tools"
for tool in compute tile mosaic profile; do
  ln -s svf-tools "$root/usr/bin/svf_$tool"
done
"${pages[@]}" "$root/usr"
gzip --best --no-name "$root"/usr/share/man/man1/*.1

version=$(sed -n '/^\[workspace.package\]/,/^$/s/^version = "\(.*\)"$/\1/p' Cargo.toml)
maintainer="svf-tools developers <svf-tools@users.noreply.github.com>"
# The date of the release: the same sources give the same package.
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
documents=$root/usr/share/doc/svf-tools
install -d "$documents"
cat >"$work/changelog" <<END
svf-tools ($version-1) unstable; urgency=medium

  * Version $version. What is new is in CHANGELOG.md of the sources.

 -- $maintainer  $(date --utc --rfc-email --date "@$epoch")
END
gzip --best --no-name --stdout "$work/changelog" >"$documents/changelog.Debian.gz"
gzip --best --no-name --stdout CHANGELOG.md >"$documents/changelog.gz"
{
  cat <<END
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: svf-tools
Source: https://github.com/svf-tools/svf-tools
Comment:
 The programs contain Rust crates, the standard library of Rust and the font
 DejaVu Sans. Their copyright notices and licences are in
 /usr/share/doc/svf-tools/licences.

Files: *
Copyright: $(sed -n 's/^Copyright (c) //p' LICENSE-MIT)
License: Expat or Apache-2.0

License: Expat
END
  sed -e '1,/^Copyright/d' LICENSE-MIT | sed -e '/./,$!d' -e 's/^$/./' -e 's/^/ /'
  cat <<END

License: Apache-2.0
 On Debian systems, the text of the Apache License 2.0 is in
 /usr/share/common-licenses/Apache-2.0.
END
} >"$documents/copyright"
python3 packaging/licences.py "$root" debian
gzip --best --no-name "$documents/licences/rust-crates.txt"

# dpkg-shlibdeps wants the description of a source package beside it.
mkdir -p "$work/debian"
printf 'Source: svf-tools\n\nPackage: svf-tools\nArchitecture: any\n' >"$work/debian/control"
depends=$(cd "$work" && dpkg-shlibdeps -O "$root/usr/bin/svf-tools" 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
install -d "$root/DEBIAN"
cat >"$root/DEBIAN/control" <<END
Package: svf-tools
Version: $version-1
Architecture: $(dpkg --print-architecture)
Maintainer: $maintainer
Installed-Size: $(du --summarize --apparent-size --block-size=1024 "$root/usr" | cut -f1)
Depends: $depends
Section: science
Priority: optional
Homepage: https://github.com/svf-tools/svf-tools
Description: sky view factor of elevation rasters of any size
 How much of the sky is visible from a place? svf_compute answers this for every
 cell of an elevation raster (DEM or DSM): sky view factor, openness, horizon
 angles. svf_tile and svf_mosaic share the work on large rasters between
 machines, and svf_profile shows why a cell has its value.
END
(cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
# The name says for which release it is, because each has another GDAL.
suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-$ID}")
package=$work/svf-tools-$version-$suite-$(dpkg --print-architecture).deb
rm -f "$work"/*.deb
SOURCE_DATE_EPOCH=$epoch dpkg-deb --root-owner-group -Zxz --build "$root" "$package"
if command -v lintian >/dev/null; then
  lintian --fail-on error "$package"
fi
