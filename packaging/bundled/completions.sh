# shellcheck shell=bash
# Sourced by the scripts that make programs: writes the completions of shells.
#
#   make_completions TREE WORK LIBRARIES
#
# They are made by xtask, which runs on this machine, whatever machine the programs are for: it is built in
# the folder WORK with the GDAL in the folder LIBRARIES. TREE gets share/svf-tools/completions, with a folder
# for each shell.

make_completions() {
  local tree=$1 work=$2 libraries=$3 gdal link=()
  rm -rf "$work/link" "$work/usr"
  mkdir -p "$work/link"
  if [ "$(uname -s)" = Darwin ]; then
    gdal=("$libraries"/libgdal.*.dylib)
    ln -sf "${gdal[0]}" "$work/link/libgdal.dylib"
  else
    gdal=("$libraries"/libgdal-*.so.*)
    ln -sf "${gdal[0]}" "$work/link/libgdal.so"
    link=(-C link-arg=-Wl,--allow-shlib-undefined)
  fi
  GDAL_VERSION=$gdal_version GDAL_LIB_DIR=$work/link GDAL_DYNAMIC=1 CARGO_TARGET_DIR=$work/build \
    cargo rustc --locked --package xtask --bin xtask -- ${link[@]+"${link[@]}"}
  LD_LIBRARY_PATH=$libraries DYLD_LIBRARY_PATH=$libraries "$work/build/debug/xtask" pages "$work/usr"
  local from=$work/usr/share to=$tree/share/svf-tools/completions
  rm -rf "$to"
  mkdir -p "$to"
  cp -r "$from/bash-completion/completions" "$to/bash"
  cp -r "$from/zsh/vendor-completions" "$to/zsh"
  cp -r "$from/fish/vendor_completions.d" "$to/fish"
  cp -r "$from/svf-tools/powershell" "$to/powershell"
}
