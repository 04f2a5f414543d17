#!/usr/bin/env bash
# Makes the pictures of docs/method.md: every measure on one part of the synthetic
# city, grey within two standard deviations of its mean (aspects: from 0 to 360). Run it from the top of the repository.
set -euo pipefail
bin=${CARGO_TARGET_DIR:-target}/release
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GDAL_PAM_ENABLED=NO
part=(330 300 220 180)
measures=svf,svf-error,svf-cosine,svf-slope,visible-sky,svf-cos,terrain-view,openness-positive
measures+=,openness-negative,svf-anisotropic,svf-north,svf-east,svf-south,svf-west
measures+=,horizon-distance,slope,aspect
"$bin/xtask" sample "$work/city.tif" >/dev/null
"$bin/svf_compute" -q "$work/city.tif" "$work/sky.tif" --separate --measure "$measures" \
  --radius 100 -n 32 --srcwin "${part[@]}"
"$bin/svf_compute" -q "$work/city.tif" "$work/sky_horizon.tif" --measure horizon \
  --radius 100 -n 8 --srcwin "${part[@]}"
# Trees apart from the city.
"$bin/xtask" sample "$work/bare.tif" --trees "$work/trees.tif" >/dev/null
"$bin/svf_compute" -q "$work/bare.tif" "$work/sky.tif" --separate --canopy "$work/trees.tif" --measure svf-veg,svf-aveg \
  --radius 100 -n 32 --srcwin "${part[@]}"
# What the raster's corner takes from the search.
"$bin/svf_compute" -q "$work/city.tif" "$work/sky_coverage.tif" --measure coverage \
  --radius 100 -n 32 --srcwin 0 0 "${part[@]:2}"
gdaldem hillshade -q -compute_edges "$work/city.tif" "$work/shade.tif"
gdal_translate -q -srcwin "${part[@]}" -of PNG "$work/shade.tif" docs/images/measures/heights.png
for file in "$work"/sky_*.tif; do
  name=$(basename "$file" .tif)
  read -r low high < <(gdalinfo "$file" | awk -F= '
    /STATISTICS_MEAN=/ && !mean { mean = $2 }
    /STATISTICS_STDDEV=/ && !spread { spread = $2 }
    END { print mean - 2 * spread, mean + 2 * spread + 1e-6 }')
  if [ "$name" = sky_aspect ]; then low=0 high=360; fi
  gdal_translate -q -b 1 -a_nodata none -ot Byte -scale "$low" "$high" 0 255 -of PNG \
    "$file" "docs/images/measures/${name#sky_}.png"
done
