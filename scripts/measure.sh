#!/usr/bin/env bash
# `make bench` and `make eval`: builds release, fetches every model, prepares a Python
# environment (kept outside the clone, named by its requirements) and runs measure/*.py.
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

key=$(sha256sum measure/requirements.txt | cut -c1-12)
venv=${XDG_CACHE_HOME:-$HOME/.cache}/whissle-gateway/measure-$key
if [ ! -e "$venv/ready" ]; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install -q -r measure/requirements.txt
  touch "$venv/ready"
fi
BIN_DIR=$(cd "$target" && pwd)/release exec "$venv/bin/python" "measure/$what.py" "$@"
