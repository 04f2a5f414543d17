#!/usr/bin/env bash
# Passes the tests: installs what is missing, then formatting, lints, docs,
# every test (those of the plugin in real QGIS), and the checks of the
# architecture's invariants.
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/rust.sh
bash packaging/deps.sh --tests
# Everything is compiled once, so what the next build could use again is only work.
export CARGO_INCREMENTAL=0
exec cargo xtask ci
