#!/usr/bin/env bash
# Makes the pictures of places in docs/profile.md: a courtyard and a roof of the synthetic
# city, and a valley of a made-up mountain range. Run it from the top of the repository.
set -euo pipefail
bin=${CARGO_TARGET_DIR:-target}/release
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$bin/xtask" sample "$work/city.tif" >/dev/null
awk 'BEGIN {
  n = 240
  printf "ncols %d\nnrows %d\nxllcorner 400000\nyllcorner 5100000\ncellsize 30\n", n, n
  for (row = 0; row < n; row++) {
    for (col = 0; col < n; col++) {
      side = (col - 120 + 18 * sin(row / 25)) / 60
      rise = side * side > 1.6 ? 1.6 : side * side
      spurs = 130 * sin(row / 9 + col / 13) * sin(col / 7) + 60 * sin((row + 2 * col) / 5)
      printf "%.1f ", 900 + 1500 * rise + spurs
    }
    print ""
  }
}' >"$work/valley.asc"
gdal_translate -q -a_srs EPSG:25832 "$work/valley.asc" "$work/valley.tif"
draw() {
  "$bin/svf_profile" point -q "$work/$1.tif" "$work/$2.json" --at-cell "$3" --radius "$4" -n 16 \
    --figure "docs/images/profile_$2.svg" --overwrite
}
draw city courtyard 228,450 60
"$bin/svf_profile" point -q "$work/city.tif" "$work/sun.json" --at-cell 228,450 --radius 60 --overwrite \
  --fisheye docs/images/profile_sun.svg --skyline docs/images/profile_skyline.svg --sun-paths
draw city roof 345,698 100
draw valley valley 120,118 3000
