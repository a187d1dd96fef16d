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

step "skeleton of the image"
# Dependencies are compiled in it, then the code is laid over it: cargo must understand both (docker/skeleton.sh).
skeleton=$(mktemp -d)
trap 'rm -rf "$skeleton"' EXIT
sh docker/skeleton.sh . "$skeleton"
resolved() { (cd "$skeleton" && cargo metadata --locked --format-version 1 >/dev/null); }
resolved
cp -r crates services models migrations "$skeleton"
resolved

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
