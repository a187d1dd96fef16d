#!/usr/bin/env bash
# `chaos.sh [MINUTES [SECONDS]]`: starts everything as `make run` does, on other ports and with throw-away
# data, and kills its processes for some minutes while it is used (tests/keeper/chaos.py). Each must be
# back within SECONDS (5).
# BIN_DIR names release binaries that exist already.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh test
target=${CARGO_TARGET_DIR:-target}
if [ -z "${BIN_DIR:-}" ]; then
  cargo build --release --locked --workspace --bins --features agent/local
  BIN_DIR=$(cd "$target" && pwd)/release
fi
export BIN_DIR VARIANT=${VARIANT:-en-lite} PRELOAD=true
"$BIN_DIR/models" fetch --variant "$VARIANT"
variables=$(scripts/clients.sh)
eval "$variables"

# Root's PostgreSQL runs as another user, who passes through.
DATA_DIR=$(mktemp -d)
chmod 711 "$DATA_DIR"
RUN_DIR=$DATA_DIR/run LOG_DIR=$DATA_DIR/logs
mkdir -p "$RUN_DIR" "$LOG_DIR"
ports() {
  "$TEST_PYTHON" -c 'import socket
sockets = [socket.socket() for _ in range(5)]
for s in sockets: s.bind(("127.0.0.1", 0))
print(*[s.getsockname()[1] for s in sockets])'
}
read -r GATEWAY_PORT ASR_PORT TTS_PORT BOT_PORT AGENT_PORT < <(ports)
export GATEWAY_PORT ASR_PORT TTS_PORT BOT_PORT AGENT_PORT
export ASR_URL=http://127.0.0.1:$ASR_PORT TTS_URL=http://127.0.0.1:$TTS_PORT
export BOT_URL=http://127.0.0.1:$BOT_PORT AGENT_URL=http://127.0.0.1:$AGENT_PORT
export RATE_LIMIT_RPM=1000000 RATE_LIMIT_CHARACTERS=100000000
unset DATABASE_URL AUTH_DB_PATH
. scripts/environment.sh

supervisord -c supervisord.conf &
supervisor=$!
stop() {
  kill -TERM "$supervisor" 2>/dev/null || true
  wait "$supervisor" || true
  [ "${KEEP_DATA:-}" = true ] && echo "Data and logs: $DATA_DIR" || rm -rf "$DATA_DIR"
}
trap stop EXIT
for _ in $(seq 240); do
  [ "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$GATEWAY_PORT/ready" || true)" = 200 ] && break
  sleep 0.5
done
"$TEST_PYTHON" tests/keeper/chaos.py --minutes "${1:-10}" --limit "${2:-5}" --url "http://127.0.0.1:$GATEWAY_PORT" \
  --token "$(cat "$DATA_DIR/auth/admin_token.txt")" \
  --ports "{\"gateway\":$GATEWAY_PORT,\"asr-server\":$ASR_PORT,\"tts-server\":$TTS_PORT,\"voice-bot\":$BOT_PORT,\"agent\":$AGENT_PORT}"
