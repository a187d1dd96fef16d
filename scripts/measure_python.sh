#!/usr/bin/env bash
# A Python environment for measure/*.py, kept outside the clone and named by its requirements; prints
# the path of its Python.
set -euo pipefail
cd "$(dirname "$0")/.."

key=$(sha256sum measure/requirements.txt | cut -c1-12)
venv=${XDG_CACHE_HOME:-$HOME/.cache}/whissle-gateway/measure-$key
if [ ! -e "$venv/ready" ]; then
  python3 -m venv "$venv" >&2
  "$venv/bin/pip" install -q -r measure/requirements.txt >&2
  touch "$venv/ready"
fi
echo "$venv/bin/python"
