#!/usr/bin/env bash
# Executes the notebooks; fails if a cell fails.
#
#   bash docs/notebooks/run.sh [--keep] [NOTEBOOK...]
#
# Results go to target/notebooks. With --keep, they replace the notebooks here, whose outputs the
# pages show. Needs Python 3.11 or later (PYTHON names another one) and the results of
# packaging/python.sh, or SVF_BIN_DIR (the programs) and PYTHONPATH (the folder of svf_tools).
set -euo pipefail
cd "$(dirname "$0")/../.."

keep=
if [ "${1:-}" = --keep ]; then keep=yes; shift; fi
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
export SVF_BIN_DIR=${SVF_BIN_DIR:-$target/debug} PYTHONPATH=${PYTHONPATH:-$target/python/package}
if [ ! -x "$SVF_BIN_DIR/svf_compute" ] || [ ! -d "$PYTHONPATH/svf_tools" ]; then
  echo "svf_compute is not in $SVF_BIN_DIR, or svf_tools not in $PYTHONPATH: run bash packaging/python.sh first" >&2
  exit 1
fi
SVF_BIN_DIR=$(realpath "$SVF_BIN_DIR") PYTHONPATH=$(realpath "$PYTHONPATH")
export PYTHONDONTWRITEBYTECODE=1

folder=docs/notebooks
venv=$target/notebooks/venv
if ! cmp -s "$folder/requirements.txt" "$venv/installed.txt"; then
  rm -rf "$venv"
  "${PYTHON:-python3}" -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$folder/requirements.txt"
  cp "$folder/requirements.txt" "$venv/installed.txt"
fi

notebooks=("$@")
[ $# -gt 0 ] || notebooks=("$folder"/*.ipynb "$folder"/zh/*.ipynb)
for notebook in "${notebooks[@]}"; do
  echo "$notebook"
  case $notebook in */zh/*) out=$target/notebooks/zh ;; *) out=$target/notebooks ;; esac
  "$venv/bin/jupyter-nbconvert" --log-level WARN --to notebook --execute --output-dir "$out" \
    --ExecutePreprocessor.record_timing=False --ExecutePreprocessor.timeout=900 "$notebook" \
    2> >(grep -v "running over TCP" >&2)
  if [ -n "$keep" ]; then cp "$out/$(basename "$notebook")" "$notebook"; fi
done
