#!/usr/bin/env bash
# `make bench` and `make eval`: builds release, fetches every model and runs measure/*.py in the Python
# environment of scripts/measure_python.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:?bench or eval}; shift

scripts/setup.sh "$what"
target=${CARGO_TARGET_DIR:-target}
# The language model on this machine needs nothing of the rest: `measure.sh eval local-llm [models]`.
if [ "$what" = eval ] && [ "${1:-}" = local-llm ]; then
  shift
  cargo build --release --locked -p model-store --bins
  "$target/release/models" fetch qwen2-5-coder-1-5b qwen2-5-coder-0-5b
  exec cargo run --release --locked -p llm --features local --example judge -- "$@"
fi
cargo build --release --locked --workspace --bins --features agent/local
cargo build --release --locked -p synthesis --examples
cargo build --release --locked -p speech --example voiceprints --example diarize --example transcribe
"$target/release/models" fetch --variant all --group test --group bench --group speech --group speech-test

python=$(scripts/measure_python.sh)
BIN_DIR=$(cd "$target" && pwd)/release exec "$python" "measure/$what.py" "$@"
