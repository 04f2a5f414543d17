#!/usr/bin/env bash
# The first command: installs what is missing, builds, and computes the sky view
# factor of a raster of heights.
#
#   bash packaging/setup.sh              a small synthetic city
#   bash packaging/setup.sh RASTER       your own raster
#
# Results go to out/ (git ignores it): the sky view factor as a GeoTIFF, and a
# shaded picture of it. Running it again replaces them.
set -euo pipefail

if [ $# -gt 1 ]; then
  echo "usage: bash packaging/setup.sh [RASTER]" >&2
  exit 2
fi
raster=${1-}
# The path is the caller's: make it whole before going elsewhere. What is no file
# may still be a name that GDAL knows (/vsizip/..., NETCDF:...).
if [ -n "$raster" ] && [ -e "$raster" ]; then
  raster=$(cd "$(dirname "$raster")" && pwd)/$(basename "$raster")
fi
cd "$(dirname "$0")/.."

. packaging/rust.sh
bash packaging/deps.sh
cargo build --release --locked
bin=${CARGO_TARGET_DIR:-target}/release

mkdir -p out
options=(--overwrite)
if [ -z "$raster" ]; then
  raster=out/sample.tif
  "$bin/xtask" sample "$raster"
  options+=(-n 32)
fi
name=$(basename "$raster")
name=${name%.*}
svf=out/${name}_svf.tif
picture=out/${name}_svf.png
printf '%q ' "$bin/svf_compute" "$raster" "$svf" "${options[@]}"
echo
"$bin/svf_compute" "$raster" "$svf" "${options[@]}"

# The picture: sky view factor as grey, shaded lightly by the terrain's relief.
# Large rasters are averaged down to what a screen shows.
work=$(mktemp -d out/picture.XXXXXX)
trap 'rm -rf "$work"' EXIT
export GDAL_PAM_ENABLED=NO
read -r cols rows < <(gdalinfo "$svf" | sed -n 's/^Size is \([0-9]*\), \([0-9]*\)$/\1 \2/p')
shrink=()
if [ "$cols" -gt 2000 ] || [ "$rows" -gt 2000 ]; then
  if [ "$cols" -ge "$rows" ]; then shrink=(-r average -outsize 2000 0); else shrink=(-r average -outsize 0 2000); fi
fi
gdal_translate -q -b 1 "${shrink[@]}" "$raster" "$work/heights.tif"
gdal_translate -q -b 1 "${shrink[@]}" "$svf" "$work/svf.tif"
gdaldem hillshade -q -multidirectional -compute_edges -z 1.5 "$work/heights.tif" "$work/shade.tif"
read -r cols rows < <(gdalinfo "$work/svf.tif" | sed -n 's/^Size is \([0-9]*\), \([0-9]*\)$/\1 \2/p')
# White is 1; black is 0, or more where the terrain is so open that all would be pale.
read -r ratio offset < <(gdalinfo "$svf" | awk -F= '
  /STATISTICS_MEAN=/   { mean = $2 }
  /STATISTICS_STDDEV=/ { deviation = $2 }
  END {
    black = mean - 3.5 * deviation
    if (black < 0) black = 0
    if (black > 0.95) black = 0.95
    ratio = 255 / (1 - black)
    print ratio, -black * ratio
  }')
cat >"$work/picture.vrt" <<VRT
<VRTDataset rasterXSize="$cols" rasterYSize="$rows">
  <VRTRasterBand dataType="Byte" band="1" subClass="VRTDerivedRasterBand">
    <PixelFunctionType>mul</PixelFunctionType>
    <SourceTransferType>Float32</SourceTransferType>
    <ComplexSource>
      <SourceFilename relativeToVRT="1">svf.tif</SourceFilename>
      <SourceBand>1</SourceBand>
      <ScaleOffset>$offset</ScaleOffset>
      <ScaleRatio>$ratio</ScaleRatio>
      <NODATA>-9999</NODATA>
    </ComplexSource>
    <ComplexSource>
      <SourceFilename relativeToVRT="1">shade.tif</SourceFilename>
      <SourceBand>1</SourceBand>
      <ScaleOffset>0.52</ScaleOffset>
      <ScaleRatio>0.0024</ScaleRatio>
    </ComplexSource>
  </VRTRasterBand>
</VRTDataset>
VRT
gdal_translate -q -of PNG "$work/picture.vrt" "$picture"

echo
echo "Sky view factor: $PWD/$svf"
echo "Picture of it:   $PWD/$picture"
echo "Other measures, radii and formats: $bin/svf_compute --help"
