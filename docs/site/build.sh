#!/usr/bin/env bash
# Builds the site in target/site/html; a dead link or a missing picture is an error.
#
#   bash docs/site/build.sh
#   bash docs/site/build.sh VERSION [ALIAS]   # commits it as this version to the branch gh-pages instead
#
# Needs Python 3.10 or later (PYTHON names another one) and the programs: in SVF_BIN_DIR, or where
# cargo build has put them.
set -euo pipefail
cd "$(dirname "$0")/../.."

target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
bin=${SVF_BIN_DIR:-}
for folder in "$target/release" "$target/debug"; do
  if [ -z "$bin" ] && [ -x "$folder/svf_compute" ]; then bin=$folder; fi
done
if [ ! -x "$bin/svf_profile" ]; then
  echo "the programs were not found: cargo build --locked -p svf-cli, or set SVF_BIN_DIR" >&2
  exit 1
fi

venv=target/site/venv
wanted=docs/site/requirements.txt
if ! cmp -s "$wanted" "$venv/installed.txt"; then
  rm -rf "$venv"
  "${PYTHON:-python3}" -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$wanted"
  cp "$wanted" "$venv/installed.txt"
fi
"$venv/bin/python" docs/site/prepare.py target/site/pages "$bin"
# A folder of its own: target/doc has the programs and the build tools as well.
RUSTDOCFLAGS="-D warnings" cargo doc --quiet --locked --no-deps --target-dir target/site/rust \
  -p svf -p svf-job -p svf-kernel -p svf-raster
cp -r target/site/rust/doc target/site/pages/rust
# Licences of the fonts are no pages.
find target/site/pages/rust -name '*.md' -exec mv {} {}.txt \;

export NO_MKDOCS_2_WARNING=1
if [ $# -gt 0 ]; then
  export PATH="$PWD/$venv/bin:$PATH"
  config=(--config-file docs/site/mkdocs.yml)
  mike deploy --update-aliases "${config[@]}" "$@"
  # Where the address without a version leads: to the last release, before the first one to this.
  if [ $# -gt 1 ] || ! mike list "${config[@]}" latest >/dev/null 2>&1; then
    mike set-default "${config[@]}" "${2:-$1}"
  fi
else
  "$venv/bin/mkdocs" build --strict --config-file docs/site/mkdocs.yml
  echo "target/site/html/index.html"
fi
