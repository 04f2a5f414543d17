#!/usr/bin/env bash
# Builds the module svf_tools for Python, and passes its tests.
#
#   bash packaging/python.sh            as it is shipped
#   bash packaging/python.sh --tests    slower code, much of which was compiled for other tests
#
# target/python/package then has the package: set PYTHONPATH to it. Tests of arrays and files run
# with the Python of the system, which has GDAL; those of xarray, Dask, rioxarray and pandas in an environment
# of their own in target/python.
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/rust.sh

crate=crates/svf-python
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
case ${1:-} in
  "") profile=(--release --target-dir "$target/python") library=$target/python/release/lib_kernel.so ;;
  --tests) profile=(--target-dir "$target") library=$target/debug/lib_kernel.so ;;
  *) echo "usage: bash packaging/python.sh [--tests]" >&2; exit 2 ;;
esac
manifest=(--locked --manifest-path "$crate/Cargo.toml" "${profile[@]}")
cargo fmt --manifest-path "$crate/Cargo.toml" --check
# As it is shipped: Python has its own library.
export PYO3_BUILD_EXTENSION_MODULE=1
cargo clippy "${manifest[@]}" -- -D warnings
cargo build "${manifest[@]}"
package=$target/python/package
rm -rf "$package"
mkdir -p "$package"
cp -r "$crate/python/svf_tools" "$package/"
cp "$library" "$package/svf_tools/_kernel.abi3.so"

venv=$target/python/venv
wanted=$crate/tests/requirements.txt
if ! cmp -s "$wanted" "$venv/installed.txt"; then
  rm -rf "$venv"
  /usr/bin/python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$wanted"
  cp "$wanted" "$venv/installed.txt"
fi
# As for the tests, which have compiled most of it.
cargo build --locked --package svf-cli --package xtask --features xtask/as-tests
export SVF_BIN_DIR=$target/debug PYTHONPATH=$package PYTHONDONTWRITEBYTECODE=1
cd "$crate/tests"
/usr/bin/python3 -W error -m unittest test_arrays test_programs
"$venv/bin/python" -W error -m unittest test_xarray test_rioxarray test_points
