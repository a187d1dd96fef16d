#!/usr/bin/env bash
# Renews the descriptions of the SQL queries in crates/data-model/.sqlx, by asking a throw-away
# PostgreSQL with our migrations; `queries.sh check` fails when they are not as committed.
set -euo pipefail
cd "$(dirname "$0")/.."

bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
folder=$(mktemp -d "${TMPDIR:-/tmp}/queries-XXXXXX")
as=()
if [ "$(id -u)" -eq 0 ]; then
  chown postgres: "$folder"
  as=(setpriv --reuid=postgres --regid=postgres --clear-groups)
fi
stop() { (cd / && "${as[@]}" "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1) || true; rm -rf "$folder"; }
trap stop EXIT
(
  cd /
  "${as[@]}" "$bin/initdb" --auth=trust --username=test --no-sync --no-instructions -D "$folder/data" >/dev/null
  "${as[@]}" "$bin/pg_ctl" -D "$folder/data" -o "-k $folder -c listen_addresses= -c fsync=off" -l "$folder/log" -w start >/dev/null
)
for file in migrations/*.sql; do
  "$bin/psql" -X -q -v ON_ERROR_STOP=1 -h "$folder" -U test -d postgres -f "$file"
done

committed=crates/data-model/.sqlx
made=$folder/sqlx
mkdir -p "$made"
export DATABASE_URL="postgresql://test@${folder//\//%2F}/postgres" SQLX_OFFLINE=false SQLX_OFFLINE_DIR=$made
# The macros ask only while the crate is compiled.
touch crates/data-model/src/lib.rs
cargo check -q --locked -p data-model

if [ "${1:-}" = check ]; then
  if ! diff -r "$committed" "$made" >/dev/null; then
    echo "crates/data-model/.sqlx is not up to date; run scripts/queries.sh and commit it." >&2
    exit 1
  fi
else
  rm -rf "$committed"
  cp -r "$made" "$committed"
  echo "$(ls "$committed" | wc -l) queries described."
fi
