#!/usr/bin/env bash
# `make run`: from a fresh clone to a running gateway. Installs what is missing, fetches
# models, builds, starts the services under supervisord with data in ./data, waits until
# they are ready, and says how to use them. Ctrl-C stops everything.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh run

target=${CARGO_TARGET_DIR:-target}
export BIN_DIR=${BIN_DIR:-$(mkdir -p "$target" && cd "$target" && pwd)/release}
export DATA_DIR=${DATA_DIR:-$PWD/data}
export LOG_DIR=$DATA_DIR/logs RUN_DIR=$DATA_DIR/run
export VARIANT=${VARIANT:-en-full} PRELOAD=${PRELOAD:-true}
port=${GATEWAY_PORT:-9000}

# The model fetcher first: it is small, and its downloads are what takes patience.
cargo build --release --locked --quiet -p model-store --bins
"$BIN_DIR/models" fetch --variant "$VARIANT"
# The whole workspace, as `make bench` builds it: another selection would compile it anew.
cargo build --release --locked --workspace --bins --features agent/local

mkdir -p "$LOG_DIR" "$RUN_DIR"
chmod 700 "$DATA_DIR" "$RUN_DIR" "$LOG_DIR"
if [ -e "$RUN_DIR/supervisord.pid" ] && kill -0 "$(cat "$RUN_DIR/supervisord.pid")" 2>/dev/null; then
  echo "It is running already (pid $(cat "$RUN_DIR/supervisord.pid"), data in $DATA_DIR)." >&2
  exit 1
fi

# Root's private PostgreSQL runs as the user postgres, who must be able to pass through the folders
# above it, but not to read them.
if [ -z "${DATABASE_URL:-}" ] && [ "$(id -u)" -eq 0 ]; then
  chmod 711 "$DATA_DIR"
  if ! setpriv --reuid=postgres --regid=postgres --clear-groups test -x "$DATA_DIR"; then
    home=/var/lib/whissle-gateway/$(printf %s "$DATA_DIR" | sha256sum | cut -c1-12)
    mkdir -p "$home"
    export PGDATA=$home/pgdata PGSOCKET=$home/postgres
    echo "The user postgres cannot reach $DATA_DIR: its data is in $home."
  fi
fi
. scripts/environment.sh

supervisord -c supervisord.conf &
supervisor=$!
# The terminal sends Ctrl-C to supervisord as well; a plain kill of this script does not.
stop() { kill -TERM "$supervisor" 2>/dev/null || true; }
trap stop INT TERM EXIT

control() { supervisorctl -c supervisord.conf "$@" 2>/dev/null; }
fail() {
  echo "$1 The end of the logs in $LOG_DIR:" >&2
  tail -n 15 "$LOG_DIR"/*.log >&2
  stop; wait "$supervisor" || true
  exit 1
}

printf 'Starting'
backoffs=0
for _ in $(seq 240); do
  kill -0 "$supervisor" 2>/dev/null || fail "supervisord stopped."
  ready=$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/ready" || true)
  [ "$ready" = 200 ] && break
  # It goes on trying for ever; here, three ends of one and the same start are enough.
  if control status | grep -Eq 'BACKOFF|FATAL'; then backoffs=$((backoffs + 1)); fi
  if [ "$backoffs" -ge 8 ]; then echo; fail "A service does not start."; fi
  printf '.'; sleep 0.5
done
[ "$ready" = 200 ] || { echo; fail "Not ready after two minutes."; }

token=$(cat "$(dirname "$AUTH_DB_PATH")/admin_token.txt")
cat <<TEXT

Whissle Gateway is ready: variant $VARIANT, port $port, data in $DATA_DIR.

Admin token: $token

Try it:

  curl -X POST http://localhost:$port/asr/transcribe -H "Authorization: Bearer $token" -F file=@your.mp3 -F word_timestamps=true

  curl -X POST http://localhost:$port/tts/synthesize -H "Authorization: Bearer $token" -H "Content-Type: application/json" -d '{"text": "Hello from Whissle Gateway."}' -o hello.wav

  curl http://localhost:$port/asr/models -H "Authorization: Bearer $token"

  curl -X POST http://localhost:$port/bot/api/auth/guest -c cookies.txt

  curl -X POST http://localhost:$port/auth/tokens -H "Authorization: Bearer $token" -H "Content-Type: application/json" -d '{"user_id": "my-app", "label": "My application"}'

API documentation: http://localhost:$port/docs. Logs: $LOG_DIR. Ctrl-C stops it.
TEXT

if [ -z "${ANTHROPIC_API_KEY:-}${GEMINI_API_KEY:-}${LLM_BASE_URL:-}" ] && [ ! -e "${LOCAL_LLM_MODEL:-}" ] && ! "$BIN_DIR/models" path "${LOCAL_LLM_MODEL:-qwen2-5-coder-1-5b}" >/dev/null 2>&1; then
  cat <<TEXT

No language model is set up. Set ANTHROPIC_API_KEY, GEMINI_API_KEY, or LLM_BASE_URL and LLM_MODEL; or, for the small one
on this machine (1.1 GB), used from the next request on:

  $BIN_DIR/models fetch qwen2-5-coder-1-5b
TEXT
fi

trap - EXIT
# `wait` returns early when a signal's trap has run: wait again for the drain to end.
wait "$supervisor" || true
while kill -0 "$supervisor" 2>/dev/null; do sleep 0.2; done
echo "Stopped."
