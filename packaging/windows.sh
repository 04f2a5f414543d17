#!/usr/bin/env bash
# Makes programs for Windows on x86_64 that bring their own GDAL, on Linux.
#
#   bash packaging/windows.sh
#
# Needs from PyPI zig as the linker: pip install ziglang==0.17.1 cargo-zigbuild==0.24.1
# and Rust with the standard library of x86_64-pc-windows-gnu (rustup target add). Where that cannot
# be had, a nightly Rust with rust-src compiles it.
#
# target/windows/tree gets bin/ with the programs and the DLLs, and share/svf-tools with data,
# completions and licences, target/windows/python the module for Python. packaging/pack.py makes an
# archive and a wheel of it. packaging/windows_check.sh runs it.
#
# SVF_PROFILE is the profile of Cargo, `dist` if nothing is said.
set -euo pipefail
cd "$(dirname "$0")/.."

profile=${SVF_PROFILE:-dist}
target=x86_64-pc-windows-gnu
gdal_version=3.10.3
. packaging/rust.sh
. packaging/bundled/module.sh
. packaging/bundled/completions.sh
for needed in cargo-zigbuild python3; do
  if ! command -v "$needed" >/dev/null; then
    echo "$needed is missing. Run: pip install ziglang==0.17.1 cargo-zigbuild==0.24.1" >&2
    exit 1
  fi
done
std=()
if [ ! -d "$(rustc --print sysroot)/lib/rustlib/$target/lib" ]; then
  if [ ! -d "$(rustc +nightly --print sysroot 2>/dev/null)/lib/rustlib/src/rust/library" ]; then
    echo "Rust's standard library for Windows is missing. Run: rustup target add $target" >&2
    exit 1
  fi
  export RUSTUP_TOOLCHAIN=nightly
  std=("-Zbuild-std=std,panic_unwind")
fi

work=$PWD/target/windows
tree=$work/tree
rm -rf "$tree"
rm -rf "$work/download"
mkdir -p "$work/download" "$work/link" "$tree/bin" "$tree/share/svf-tools"
python3 -m pip download --quiet --disable-pip-version-check --require-hashes --no-deps \
  --only-binary=:all: --platform win_amd64 --python-version 312 \
  --dest "$work/download" --requirement packaging/bundled/requirements-windows.txt
python3 packaging/bundled/unpack.py "$work/download" "$tree/share/svf-tools"
# Windows looks for DLLs next to the program.
mv "$tree"/share/svf-tools/lib/*.dll "$tree/bin/"
rmdir "$tree/share/svf-tools/lib"
python3 packaging/bundled/definition.py "$tree"/bin/gdal-*.dll "$work/link/gdal.def"
cargo-zigbuild zig dlltool -- -m i386:x86-64 -d "$work/link/gdal.def" -l "$work/link/gdal.lib"

# All that the programs do is in one library, because Windows has no links that an archive could hold,
# and a script would ask questions on Ctrl-C.
GDAL_VERSION=$gdal_version GDAL_LIB_DIR=$work/link GDAL_DYNAMIC=1 SVF_BUNDLED=1 \
  CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$work/build} \
  cargo-zigbuild rustc "${std[@]}" --locked --profile "$profile" --target "$target" \
  --package svf-cli --features bundled --lib --crate-type cdylib
folder=$profile
[ "$profile" != dev ] || folder=debug
cp "${CARGO_TARGET_DIR:-$work/build}/$target/$folder/svf_cli.dll" "$tree/bin/svf-tools.dll"
printf 'LIBRARY svf-tools.dll\nEXPORTS\nsvf_tools_main\n' >"$work/link/svf-tools.def"
cargo-zigbuild zig dlltool -- -m i386:x86-64 -d "$work/link/svf-tools.def" -l "$work/link/svf-tools.lib"
for tool in svf-tools svf_compute svf_tile svf_mosaic svf_profile; do
  cargo-zigbuild zig cc -- -target x86_64-windows-gnu -O2 -s packaging/windows/program.c \
    "$work/link/svf-tools.lib" -o "$tree/bin/$tool.exe"
done
build_module "$work/python" "$work/module" "$target/release/_kernel.dll" _kernel.pyd \
  cargo-zigbuild zigbuild "${std[@]}" "${module_options[@]}" --target "$target"
# The completions are made on this machine, which needs a GDAL of its own for that.
rm -rf "$work/host"
mkdir -p "$work/host/download"
python3 -m pip download --quiet --disable-pip-version-check --require-hashes --no-deps \
  --only-binary=:all: --platform manylinux_2_28_x86_64 --python-version 311 \
  --dest "$work/host/download" --requirement packaging/bundled/requirements.txt
python3 packaging/bundled/unpack.py "$work/host/download" "$work/host"
make_completions "$tree" "$work/completions" "$work/host/lib"
python3 packaging/licences.py "$tree" windows-x86_64
python3 packaging/pack.py "$tree" windows-x86_64
