#!/usr/bin/env bash
# What the container runs: looks at its volume, its secrets and the models on it, then starts
# supervisord and passes signals on. Everything it and the services say is one JSON line an event.
set -euo pipefail
cd /opt/whissle
home=/tmp/whissle

# Another command is run instead: `docker run whissle-gateway models list`.
[ $# -eq 0 ] || exec "$@"

say() { echo "$*" | mawk -f docker/one-line.awk; }
fail() { say "error: $*"; exit 1; }

# Started by root, it gives the volume to its own user and goes on as that.
leave_root() {
  [ "$(id -u)" -eq 0 ] || return 0
  if [ "$(stat -c %u "$DATA_DIR")" != "$(id -u whissle)" ]; then
    say "$DATA_DIR belonged to user $(stat -c %u "$DATA_DIR"); it and all in it belong to $(id -u whissle) now"
    chown -R whissle:whissle "$DATA_DIR" || fail "$DATA_DIR cannot be given to user $(id -u whissle): is it read-only?"
  fi
  exec setpriv --reuid=whissle --regid=whissle --init-groups "$0"
}

# Sets `writable`. A volume that was used before may be read; a fresh one has to be writable.
look_at_volume() {
  writable=true
  if ! (: >"$DATA_DIR/.writable") 2>/dev/null; then
    writable=false
    [ -e "${AUTH_DB_PATH:-$DATA_DIR/auth/tokens.db}" ] ||
      fail "$DATA_DIR cannot be written by user $(id -u): it belongs to $(stat -c %u "$DATA_DIR"), or is full or read-only." \
        "Run the container once with --user root to give it over, or: chown -R $(id -u) the folder behind it."
    say "warning: $DATA_DIR cannot be written: it belongs to $(stat -c %u "$DATA_DIR"), or is full or read-only." \
      "Only what needs no writing will work."
    return
  fi
  rm -f "$DATA_DIR/.writable"
  # Two PostgreSQL servers on one cluster would destroy it, and neither sees the other's processes.
  exec 9>"$DATA_DIR/.lock"
  flock --nonblock 9 || fail "Another container uses $DATA_DIR. Stop it, or give this one a volume of its own."
}

# Models that were added to the volume join those of the image in one folder of links.
find_models() {
  [ -d "$DATA_DIR/models" ] || return 0
  local model
  mkdir -p "$home/models"
  for model in "$WHISSLE_MODELS"/*/* "$DATA_DIR"/models/*/*; do
    [ -e "$model/installed.json" ] || continue
    mkdir -p "$home/models/$(basename "$(dirname "$model")")"
    ln -sfn "$model" "$home/models/$(basename "$(dirname "$model")")/$(basename "$model")"
  done
  export WHISSLE_MODELS=$home/models
}

prepare_folders() {
  mkdir -p -m 0700 "$home" "$home/run"
  RUN_DIR=$home/run LOG_DIR=$home/logs
  # supervisord opens one log a service; here they are all the container's.
  export LOG_MAXBYTES=0
  mkdir -p "$LOG_DIR"
  local service
  for service in supervisord postgres asr-server tts-server voice-bot agent gateway; do
    ln -sfn /dev/stdout "$LOG_DIR/$service.log"
  done
  # Sockets do not work on every volume.
  export PGSOCKET=${PGSOCKET:-$home/postgres}
  if $writable && [ -z "${TMPDIR:-}" ]; then
    # Large uploads: /tmp may be memory. What a killed container left is of no use.
    export TMPDIR=$DATA_DIR/tmp
    rm -rf "$TMPDIR"
    mkdir -p -m 0700 "$TMPDIR"
  fi
}

# Stays, so that what is said last still passes the filter.
run() {
  local supervisor filter
  exec {log}> >(exec mawk -W interactive -f docker/one-line.awk)
  filter=$!
  supervisord -c supervisord.conf >&"$log" 2>&1 {log}>&- &
  supervisor=$!
  trap 'kill -TERM "$supervisor" 2>/dev/null || true' TERM INT
  # `wait` returns early when the trap has run.
  local status=0
  while :; do
    status=0
    wait "$supervisor" || status=$?
    kill -0 "$supervisor" 2>/dev/null || break
  done
  exec {log}>&-
  wait "$filter" || true
  exit "$status"
}

leave_root
look_at_volume
# shellcheck source=docker/settings.sh
. docker/settings.sh
find_models
prepare_folders
# shellcheck source=scripts/environment.sh
. scripts/environment.sh
run
