#!/usr/bin/env bash
# Builds the image, starts it with an empty volume, and uses it as its documentation says: health,
# token from the log, speech, recognition of that speech, an account, a token; then stops it,
# starts it again, kills it, starts it again: the same token, nothing lost. Prints the size of each layer.
#
#   docker/check.sh [IMAGE]        # VARIANT, DEVICE and BINARIES are passed on as build arguments
#
# With an IMAGE it builds nothing. Without a Docker engine it wants to be root (docker/engine.sh).
# Takes as long as a release build; not part of `make test`.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
name=whissle-check-$$
# shellcheck source=docker/engine.sh
. docker/engine.sh

step() { printf '\n== %s\n' "$*"; }
fail() { echo "FAILED: $*" >&2; pod logs "$name" 2>&1 | tail -n 40 >&2 || true; exit 1; }
trap 'pod rm -f -v "$name" >/dev/null 2>&1 || true; pod volume rm -f "$name" "$name-restored" >/dev/null 2>&1 || true; rm -rf "$work"' EXIT

image=${1:-whissle-gateway:check}
prepare_engine
if [ $# -eq 0 ]; then
  step "build"
  time build "$image" --build-arg VARIANT="${VARIANT:-en-full}" --build-arg DEVICE="${DEVICE:-cpu}" --build-arg BINARIES="${BINARIES:-built}"
fi

step "size by layer"
pod history --format '{{.Size}}\t{{.CreatedBy}}' "$image" | awk -F'\t' '$1 != "0B" && $1 != "0 B"' | cut -c1-150
pod image inspect --format '{{.Size}}' "$image" | awk '{ printf "%.0f MB in all\n", $1 / 1e6 }'

# No network: the examples are run inside, where nothing else uses the ports. The root file system
# cannot be written.
volume=$name
start() {
  pod run -d --name "$name" --network none --read-only --tmpfs /tmp -v "$volume:/data" "$@" "$image" >/dev/null
  local begin=$SECONDS
  until inside curl -fsS -o /dev/null http://localhost:9000/ready 2>/dev/null; do
    [ $((SECONDS - begin)) -lt 240 ] || fail "not ready after four minutes"
    [ "$(pod inspect -f '{{.State.Running}}' "$name")" = true ] || fail "it ended"
    sleep 1
  done
  echo "ready after $((SECONDS - begin)) s"
}
inside() { pod exec "$name" "$@"; }
# has TEXT WORDS: fails where one of the words is missing.
has() {
  local text=$1 word
  shift
  for word in "$@"; do grep -qiF -- "$word" <<<"$text" || fail "\`$word\` is not in: $text"; done
}

step "first start, empty volume"
pod volume create "$name" >/dev/null
echo sk-none >"$work/key"
start -v "$work/key:/run/secrets/key:ro" -e ANTHROPIC_API_KEY_FILE=/run/secrets/key
token=$(pod logs "$name" 2>&1 | grep Token: | sed -E 's/.*Token: (wh_[A-Za-z0-9]+).*/\1/')
has "$token" wh_
[ "$(inside cat /data/auth/admin_token.txt)" = "$token" ] || fail "the token of the log is not that of the file"
has "$(inside id -un)" whissle
has "$(inside curl -sS http://localhost:9000/health)" '"ok"'
inside cat /proc/1/comm | grep -q tini || fail "tini is not process 1"
pod logs "$name" 2>&1 | grep -v '^{.*}$' && fail "lines of the log that are no JSON"

admin=(-H "Authorization: Bearer $token")
json=(-H "Content-Type: application/json")

step "speech and back"
inside curl -fsS -X POST http://localhost:9000/tts/synthesize "${admin[@]}" "${json[@]}" \
  -d '{"text": "The harbour opens early in the morning.", "format": "wav"}' -o /tmp/said.wav
heard=$(inside curl -fsS -X POST http://localhost:9000/asr/transcribe "${admin[@]}" -F file=@/tmp/said.wav -F diarize=true -F word_timestamps=true)
has "$heard" morning '"segments"' '"words"'
has "$(inside curl -sS -o /dev/null -w '%{http_code}' -X POST http://localhost:9000/asr/transcribe -F file=@/tmp/said.wav)" 401

step "an account, an agent, a token"
inside curl -fsS -X POST http://localhost:9000/bot/api/auth/signup "${json[@]}" -c /data/cookies.txt \
  -d '{"email": "user@example.com", "password": "securepass123"}' >/dev/null
inside curl -fsS -X POST http://localhost:9000/bot/api/auth/login "${json[@]}" -c /data/cookies.txt \
  -d '{"email": "user@example.com", "password": "securepass123"}' >/dev/null
inside curl -fsS -X POST http://localhost:9000/bot/api/agents "${json[@]}" -b /data/cookies.txt \
  -d '{"name": "Check", "system_prompt": "Be brief.", "greeting": "Hello"}' >/dev/null
mine=$(inside curl -fsS -X POST http://localhost:9000/auth/tokens "${admin[@]}" "${json[@]}" -d '{"user_id": "my-app", "label": "My Application"}')
has "$mine" '"success":true'
mine=$(sed -E 's/.*"token":"(wh_[A-Za-z0-9]+)".*/\1/' <<<"$mine")

# What was acknowledged is there, and the admin token is the same and not printed again.
kept() {
  [ "$(inside cat /data/auth/admin_token.txt)" = "$token" ] || fail "another admin token"
  has "$(inside curl -fsS http://localhost:9000/asr/models -H "Authorization: Bearer $mine")" models
  inside curl -fsS -X POST http://localhost:9000/bot/api/auth/login "${json[@]}" -c /data/cookies.txt \
    -d '{"email": "user@example.com", "password": "securepass123"}' >/dev/null || fail "the account is gone"
  has "$(inside curl -fsS http://localhost:9000/bot/api/agents -b /data/cookies.txt)" Check
}

step "what it says of itself"
said=$(inside gateway doctor) || fail "the doctor finds something wrong: $said"
echo "$said"
# Of the key in a file, too.
has "$said" "ok    language model"
has "$(inside curl -fsS http://localhost:9000/status "${admin[@]}")" '"asr"' '"tts"' '"bot"' '"agent"'
inside curl -fsS http://localhost:9000/metrics | grep -c '^up{.* 1$' | grep -qx 5 || fail "a service tells no metrics"
has "$(inside cat /usr/share/doc/whissle-gateway/sbom.json)" CycloneDX '"name": "axum"' '"name": "supervisor"'

step "saved, and restored into another volume"
inside scripts/backup.sh - >"$work/backup.tar"
pod volume create "$name-restored" >/dev/null
pod run --rm -i --network none --read-only --tmpfs /tmp -v "$name-restored:/data" --entrypoint scripts/restore.sh "$image" - <"$work/backup.tar"
pod stop -t 90 "$name" >/dev/null
pod rm "$name" >/dev/null
volume=$name-restored
start
kept
pod stop -t 90 "$name" >/dev/null
pod rm "$name" >/dev/null
volume=$name
start

step "a second container with the same volume is refused"
pod run --rm --network none -v "$name:/data" "$image" >"$work/second" 2>&1 && fail "it started"
has "$(cat "$work/second")" "Another container uses"

step "stopped, replaced, started again"
begin=$SECONDS
pod stop -t 90 "$name" >/dev/null
echo "stopped after $((SECONDS - begin)) s with status $(pod inspect -f '{{.State.ExitCode}}' "$name")"
[ "$(pod inspect -f '{{.State.ExitCode}}' "$name")" = 0 ] || fail "it did not end with 0"
has "$(pod logs "$name" 2>&1)" "database system is shut down"
pod rm "$name" >/dev/null
start
pod logs "$name" 2>&1 | grep Token: && fail "the token is printed again"
kept

step "killed and started again"
pod kill -s KILL "$name" >/dev/null
pod rm -f "$name" >/dev/null
start
kept

step "a read-only volume that was used before"
pod stop -t 90 "$name" >/dev/null
pod rm "$name" >/dev/null
pod run -d --name "$name" --network none --read-only --tmpfs /tmp -v "$name:/data:ro" "$image" >/dev/null
begin=$SECONDS
until inside curl -fsS -o /dev/null "${admin[@]}" http://localhost:9000/asr/models 2>/dev/null; do
  [ $((SECONDS - begin)) -lt 120 ] || fail "recognition does not answer after two minutes"
  [ "$(pod inspect -f '{{.State.Running}}' "$name")" = true ] || fail "it ended"
  sleep 1
done
has "$(pod logs "$name" 2>&1)" "/data cannot be written"
has "$(inside curl -sS -X POST "${admin[@]}" "${json[@]}" -d '{"user_id": "x"}' http://localhost:9000/auth/tokens)" not_ready
inside curl -sS http://localhost:9000/ready; echo
pod rm -f "$name" >/dev/null

step "a volume of another user"
pod run --rm --network none --user root --entrypoint chown -v "$name:/data" "$image" -R 4242 /data
pod run --rm --network none -v "$name:/data" "$image" >"$work/other" 2>&1 && fail "it started"
has "$(cat "$work/other")" "--user root"
start --user root
has "$(inside stat -c %U /data)" whissle
kept

printf '\nThe image holds.\n'
