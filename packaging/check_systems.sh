#!/usr/bin/env bash
# Whether the code compiles for Windows and macOS, without such a machine and without linking.
#
#   bash packaging/check_systems.sh [TARGET...]
#
# The targets are x86_64-pc-windows-gnu and aarch64-apple-darwin if none is named. Rust's standard
# library for them comes from rustup (rustup target add), or is compiled by a nightly Rust that has
# rust-src.
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/rust.sh
# No library is looked for, because nothing is linked.
export GDAL_VERSION=3.10.3 GDAL_LIB_DIR=$PWD/target/systems/link GDAL_DYNAMIC=1
mkdir -p "$GDAL_LIB_DIR"
[ $# -gt 0 ] || set -- x86_64-pc-windows-gnu aarch64-apple-darwin
for target in "$@"; do
  cargo=(cargo)
  std=()
  if [ ! -d "$(rustc --print sysroot)/lib/rustlib/$target/lib" ]; then
    if rustup target add "$target" 2>/dev/null; then
      :
    elif [ -d "$(rustc +nightly --print sysroot 2>/dev/null)/lib/rustlib/src/rust/library" ]; then
      cargo=(cargo +nightly)
      std=("-Zbuild-std=std,panic_unwind")
    else
      echo "Rust's standard library for $target is missing. Run: rustup target add $target" >&2
      exit 1
    fi
  fi
  "${cargo[@]}" check "${std[@]}" --locked --target "$target" --target-dir target/systems \
    --package svf-cli --package svf --package svf-raster --package svf-job --package svf-kernel --lib --bins
  echo "$target: compiles"
done
