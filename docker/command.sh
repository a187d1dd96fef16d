#!/usr/bin/env bash
# The programs as they are called by hand, such as `docker exec NAME gateway doctor`: with the secrets and the
# models that the services have. Named by links.
set -euo pipefail
fail() { echo "$*" >&2; exit 1; }
# shellcheck source=docker/settings.sh
. /opt/whissle/docker/settings.sh
[ ! -d /tmp/whissle/models ] || export WHISSLE_MODELS=/tmp/whissle/models
exec "$BIN_DIR/$(basename "$0")" "$@"
