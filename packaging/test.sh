#!/usr/bin/env bash
# Passes the tests: installs what is missing, then formatting, lints, docs,
# every test (those of the plugin in real QGIS), and the checks of the
# architecture's invariants.
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/rust.sh
# Everything is compiled once, so what the next build could use again is only work.
export CARGO_INCREMENTAL=0
bash packaging/deps.sh
# QGIS is installed while the tests are compiled.
said=$(mktemp)
trap 'rm -f "$said"' EXIT
bash packaging/deps.sh --tests >"$said" 2>&1 &
compiled=0
cargo test --workspace --locked --no-run || compiled=$?
if ! wait $!; then
  cat "$said" >&2
  exit 1
fi
cat "$said"
[ "$compiled" -eq 0 ]
cargo xtask ci
