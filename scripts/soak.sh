#!/usr/bin/env bash
# `soak.sh [MINUTES [OPTIONS OF measure/soak.py]]`: starts everything with throw-away data and uses it for an
# hour; what grew, what was left, what was answered wrongly (measure/soak.py). BIN_DIR names release binaries that exist already.
set -euo pipefail
cd "$(dirname "$0")/.."
minutes=${1:-60}
shift || true

scripts/setup.sh test
target=${CARGO_TARGET_DIR:-target}
if [ -z "${BIN_DIR:-}" ]; then
  cargo build --release --locked --workspace --bins --features agent/local
  BIN_DIR=$(cd "$target" && pwd)/release
fi
export BIN_DIR VARIANT=${VARIANT:-en-full}
"$BIN_DIR/models" fetch --variant "$VARIANT"
# Callers by browser are aiortc, which is one of the clients of the tests.
variables=$(scripts/clients.sh)
eval "$variables"
python=$(scripts/measure_python.sh)
exec "$python" measure/soak.py --minutes "$minutes" "$@"
