#!/usr/bin/env bash
# Makes programs for this Mac that bring their own GDAL. The workflow of the release runs this; no Mac
# was at hand when it was written.
#
#   bash packaging/macos.sh
#
# target/macos/tree gets bin/svf-tools with links of the names of the four tools, and share/svf-tools
# with libraries, data, completions and licences, target/macos/python the module for Python. packaging/pack.py makes an
# archive and a wheel of it. Nothing is signed by a developer: see RELEASE.md.
set -euo pipefail
cd "$(dirname "$0")/.."

profile=${SVF_PROFILE:-dist}
gdal_version=3.10.3
case $(uname -s)-$(uname -m) in
  Darwin-arm64) platform=macos-arm64 python_platform=macosx_14_0_arm64 ;;
  Darwin-x86_64) platform=macos-x86_64 python_platform=macosx_15_0_x86_64 ;;
  *) echo "This makes programs for macOS, on macOS" >&2; exit 1 ;;
esac
export MACOSX_DEPLOYMENT_TARGET=${python_platform:7:2}.0
. packaging/rust.sh
. packaging/bundled/module.sh
. packaging/bundled/completions.sh

work=$PWD/target/macos
tree=$work/tree
rm -rf "$tree"
mkdir -p "$work/download" "$work/link" "$tree/bin" "$tree/share/svf-tools"
python3 -m pip download --quiet --disable-pip-version-check --require-hashes --no-deps \
  --only-binary=:all: --platform "$python_platform" --python-version 311 \
  --dest "$work/download" --requirement packaging/bundled/requirements-macos.txt
python3 packaging/bundled/unpack.py "$work/download" "$tree/share/svf-tools"
libraries=$tree/share/svf-tools/lib
gdal=$(basename "$libraries"/libgdal.*.dylib)
ln -sf "$libraries/$gdal" "$work/link/libgdal.dylib"

GDAL_VERSION=$gdal_version GDAL_LIB_DIR=$work/link GDAL_DYNAMIC=1 SVF_BUNDLED=1 \
  CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$work/build} \
  cargo rustc --locked --profile "$profile" --package svf-cli --features bundled --bin svf-tools -- \
  -C link-arg=-Wl,-headerpad_max_install_names
folder=$profile
[ "$profile" != dev ] || folder=debug
program=$tree/bin/svf-tools
cp "${CARGO_TARGET_DIR:-$work/build}/$folder/svf-tools" "$program"
# The name that GDAL's library was given, as the program knows it.
known=$(otool -L "$program" | sed -n 's/^[[:space:]]*\(.*libgdal[^ ]*\) (.*/\1/p')
install_name_tool -change "$known" "@rpath/$gdal" "$program"
# The second folder is for a wheel that was only unpacked.
install_name_tool -add_rpath @executable_path/../share/svf-tools/lib "$program"
install_name_tool -add_rpath @executable_path/../data/share/svf-tools/lib "$program"
# A change breaks the signature that the linker made, without which arm64 runs nothing.
codesign --force --sign - "$program"
for tool in compute tile mosaic profile; do
  ln -s svf-tools "$tree/bin/svf_$tool"
done
make_completions "$tree" "$work/completions" "$libraries"
python3 packaging/licences.py "$tree" "$platform"

version=$("$tree/bin/svf_compute" --version)
echo "$version"
case $version in
  *"(GDAL $gdal_version, "*) ;;
  *) echo "this is not GDAL $gdal_version" >&2; exit 1 ;;
esac
# The functions of Python are those of the program that loads the module.
build_module "$work/python" "$work/module" release/lib_kernel.dylib _kernel.abi3.so \
  cargo rustc "${module_options[@]}" -- -C link-arg=-undefined -C link-arg=dynamic_lookup
codesign --force --sign - "$work/python/svf_tools/_kernel.abi3.so"
python3 packaging/pack.py "$tree" "$platform"
