#!/usr/bin/env bash
# Third-party clients for the end-to-end tests: a Python environment and Node packages, kept
# outside the clone and named by what they were made from. Prints the variables by which the
# tests find them: `eval "$(scripts/clients.sh)"`, then `cargo test`.
set -euo pipefail
cd "$(dirname "$0")/../tests/clients"

key=$(cat requirements.txt package.json | sha256sum | cut -c1-12)
home=${XDG_CACHE_HOME:-$HOME/.cache}/whissle-gateway/clients-$key
if [ ! -e "$home/ready" ]; then
  # Nothing half-made stays: another run must not find it.
  rm -rf "$home"
  mkdir -p "$home"
  python3 -m venv "$home/python" >&2
  "$home/python/bin/pip" install -q --disable-pip-version-check -r requirements.txt >&2
  cp package.json "$home/"
  (cd "$home" && npm install --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel=error >&2)
  touch "$home/ready"
fi
printf 'export TEST_PYTHON=%q TEST_NODE_MODULES=%q\n' "$home/python/bin/python" "$home/node_modules"
