# shellcheck shell=bash
# Sourced by the scripts that make programs: builds the module svf_tools for Python. It has no GDAL,
# and one file of it fits every CPython from 3.9.
#
#   build_module FOLDER BUILD LIBRARY NAME COMMAND...
#
# COMMAND is cargo with module_options; it writes into the folder BUILD. LIBRARY is what it makes
# there, NAME what Python imports. FOLDER gets the package svf_tools.

# shellcheck disable=SC2034
module_options=(--locked --release --manifest-path crates/svf-python/Cargo.toml)

build_module() {
  local folder=$1 build=$2 library=$3 name=$4
  shift 4
  # No Python of this machine is asked: the limited API is the same everywhere.
  PYO3_NO_PYTHON=1 PYO3_BUILD_EXTENSION_MODULE=1 CARGO_TARGET_DIR=$build "$@"
  rm -rf "$folder"
  mkdir -p "$folder"
  cp -r crates/svf-python/python/svf_tools "$folder/"
  find "$folder" -name __pycache__ -prune -exec rm -rf {} +
  cp "$build/$library" "$folder/svf_tools/$name"
}
