#!/usr/bin/env bash
# `make audit`: licences, bans and sources of every dependency, and known advisories where
# the advisory database can be reached. Builds cargo-deny once if it is not installed.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v cargo-deny >/dev/null || cargo install --locked --quiet cargo-deny

cargo deny --all-features check licenses bans sources
if ! cargo deny --all-features check advisories; then
  echo
  echo "Advisories were not checked cleanly: read the lines above. Without access to the" >&2
  echo "advisory database this cannot be told; that is said here rather than passed over." >&2
  exit 1
fi
