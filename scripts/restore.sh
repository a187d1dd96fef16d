#!/usr/bin/env bash
# `scripts/restore.sh SOURCE.tar`: puts what scripts/backup.sh saved into an empty data folder (and an
# empty database, where DATABASE_URL names one). SOURCE may be `-`. The services must not run; start
# them afterwards.
set -euo pipefail
umask 077
fail() { echo "$*" >&2; exit 1; }
[ $# -eq 1 ] && [ -n "$1" ] || fail "Usage: scripts/restore.sh SOURCE.tar (or - for standard input)"
source=$1
[ "$source" = - ] || source=$(realpath -e "$source")
cd "$(dirname "$0")/.."
mkdir -p "${DATA_DIR:-data}"
[ "$(id -u)" -ne 0 ] || chmod 711 "${DATA_DIR:-data}"
# shellcheck source=scripts/where.sh
. scripts/where.sh

# What is no data of anybody's may be there.
found=$(find "$DATA_DIR" -mindepth 1 -maxdepth 1 ! -name lost+found ! -name logs ! -name log ! -name run \
  ! -name models ! -name backups ! -name '.*' ! -name '*.tar' -print -quit)
[ -z "$found" ] || fail "$DATA_DIR is not empty: there is $found. Restore into another folder, or move this one away."
for place in "$AUTH_DB_PATH" "$RECORDINGS_DIR" ${PGDATA:+"$PGDATA"}; do
  [ ! -e "$place" ] || fail "$place is there already. Restore where there is none."
done

work=$DATA_DIR/.restoring
server=
made=()
stop() {
  [ -z "$server" ] || { kill -INT "$server" && wait "$server"; } || true
  server=
}
finish() {
  status=$?
  stop
  rm -rf "$work"
  if [ $status -ne 0 ]; then
    [ ${#made[@]} -eq 0 ] || rm -rf "${made[@]}"
    echo "Nothing was restored." >&2
  fi
  exit $status
}
trap finish EXIT
rm -rf "$work"
mkdir "$work"
if [ "$source" = - ]; then what="standard input"; else what=$source; fi
unpack() { tar -xf - --ignore-zeros --no-same-owner -C "$work"; }
if [ "$source" = - ]; then unpack; else unpack <"$source"; fi || fail "$what is damaged, or no backup."
grep -qx format=1 "$work/backup.txt" 2>/dev/null || fail "$what is no backup that this version knows."
[ -e "$work/END" ] || fail "$what is damaged: its end is missing."
(cd "$work" && sha256sum --quiet --strict -c SHA256SUMS) || fail "$what is damaged: its checksums are wrong."

making() { [ -e "$1" ] || made+=("$1"); }
if [ -n "${PGDATA:-}" ]; then
  making "$PGDATA"
  making "$PGSOCKET"
  bash scripts/postgres.sh >"$work/postgres.log" 2>&1 &
  server=$!
  for _ in $(seq 300); do
    "$postgres/pg_isready" -q -d "$DATABASE_URL" && break
    kill -0 "$server" 2>/dev/null || { cat "$work/postgres.log" >&2; fail "PostgreSQL does not start."; }
    sleep 0.2
  done
fi
tables=$("$postgres/psql" -XAtqc "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'" "$DATABASE_URL") ||
  fail "PostgreSQL does not answer at DATABASE_URL."
[ "$tables" = 0 ] || fail "The database at DATABASE_URL is not empty; make an empty one."
"$postgres/pg_restore" --exit-on-error --single-transaction --no-owner --no-privileges \
  -d "$DATABASE_URL" "$work/database.dump" || fail "The database cannot be restored."

put() { # FROM TO: moves a folder's contents to a place that is made.
  [ -d "$1" ] || return 0
  making "$2"
  mkdir -p "$2"
  cp -a "$1/." "$2/"
  rm -rf "$1"
}
put "$work/auth" "$(dirname "$AUTH_DB_PATH")"
put "$work/recordings" "$RECORDINGS_DIR"
if [ -d "$work/data" ]; then
  while IFS= read -r -d '' entry; do
    making "$DATA_DIR/$(basename "$entry")"
    mv "$entry" "$DATA_DIR/"
  done < <(find "$work/data" -mindepth 1 -maxdepth 1 -print0)
fi
[ "$(basename "$AUTH_DB_PATH")" = tokens.db ] || mv "$(dirname "$AUTH_DB_PATH")/tokens.db" "$AUTH_DB_PATH"
stop
sync
echo "Restored into $DATA_DIR what was saved at $(sed -n 's/^made=//p' "$work/backup.txt"). Start the services now."
key=${HIPAA_KEY_FILE:-$DATA_DIR/keys/data.key}
if [ -n "$(find "$DATA_DIR/keys/sealed" -type f -print -quit 2>/dev/null)" ] && [ ! -e "$key" ]; then
  echo "But first bring back $key, mode 0600: the data is sealed with it, and backups do not hold it."
fi
