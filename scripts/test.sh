#!/usr/bin/env bash
# `make test`: format, lints, then every test with real models. `test.sh lint` stops after
# the lints.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$*"; }

scripts/setup.sh test

step "format"
cargo fmt --all -- --check

step "queries"
scripts/queries.sh check

step "clippy"
cargo clippy --workspace --all-targets --locked --features agent/local -- -D warnings
[ "${1:-}" = lint ] && exit 0

step "build"
cargo build --workspace --bins --locked --features agent/local

step "models"
target=${CARGO_TARGET_DIR:-target}
"$target/debug/models" fetch --variant all --group test --group speech-test --group local-llm-test

step "clients"
variables=$(scripts/clients.sh)
eval "$variables"

step "tests"
scripts/cargo_test.sh --workspace --locked --features agent/local
