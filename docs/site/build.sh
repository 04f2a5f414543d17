#!/usr/bin/env bash
# Builds the site in target/site/html; a dead link or a missing picture is an error.
#
#   bash docs/site/build.sh
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
NO_MKDOCS_2_WARNING=1 "$venv/bin/mkdocs" build --strict --config-file docs/site/mkdocs.yml
echo "target/site/html/index.html"
