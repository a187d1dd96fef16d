#!/usr/bin/env bash
# `scripts/backup.sh TARGET.tar`: everything that must survive, in one file, while the services run:
# the database, API tokens and usage, the agent's notes, recordings, keys, and what waits in the
# outbox. TARGET may be `-`. What sessions are signed with and the admin token are in it: keep it as you keep them.
# The key of HIPAA_MODE is not, so that it opens nothing by itself; models and logs are not.
set -euo pipefail
umask 077
fail() { echo "$*" >&2; exit 1; }
[ $# -eq 1 ] && [ -n "$1" ] || fail "Usage: scripts/backup.sh TARGET.tar (or - for standard output)"
target=$1
[ "$target" = - ] || target=$(realpath -m "$target")
cd "$(dirname "$0")/.."
# shellcheck source=scripts/where.sh
. scripts/where.sh
[ -d "$DATA_DIR" ] || fail "There is no $DATA_DIR; set DATA_DIR to the data folder of the gateway."

if [ "$target" = - ]; then folder=${TMPDIR:-/tmp}; else folder=$(dirname "$target"); fi
# Seen whole or not at all; nothing is left behind by a backup that broke off.
work=$(mktemp -d "$folder/.backup.XXXXXX")
trap 'rm -rf "$work"' EXIT
stage=$work/stage
mkdir -p "$stage/data"

# Files that grow or go meanwhile, such as the recording of a call that goes on, are no failure (status 1).
pack() {
  tar -cf - --warning=no-file-changed --warning=no-file-removed --warning=no-file-ignored "$@" || [ $? -eq 1 ]
}

# The outbox before the database: what moves over in between is then in both, which the services
# sort out at their start, and never in neither.
[ ! -d "$DATA_DIR/outbox" ] || pack -C "$DATA_DIR" outbox | tar -xf - -C "$stage/data"

"$postgres/pg_dump" --format=custom --no-owner --no-privileges --file="$stage/database.dump" "$DATABASE_URL" ||
  fail "PostgreSQL cannot be read at DATABASE_URL; is it running?"

# SQLite's own copy of a database that is being written to.
mkdir -p "$stage/auth"
[ ! -e "$AUTH_DB_PATH" ] || "$gateway" copy-database "$AUTH_DB_PATH" "$stage/auth/tokens.db"
if [ -e "$DATA_DIR/agent/agent.db" ]; then
  mkdir -p "$stage/data/agent"
  "$gateway" copy-database "$DATA_DIR/agent/agent.db" "$stage/data/agent/agent.db"
fi
for name in admin_token.txt internal_secret; do
  file=$(dirname "$AUTH_DB_PATH")/$name
  [ ! -e "$file" ] || cp -p "$file" "$stage/auth/$name"
done
{
  echo "format=1"
  echo "made=$(date -u +%Y-%m-%dT%H:%M:%SZ)"
  echo "gateway=$("$gateway" --version | cut -d' ' -f2)"
} >"$stage/backup.txt"
(cd "$stage" && find . -type f -print0 | xargs -0 sha256sum) >"$work/SHA256SUMS"
mv "$work/SHA256SUMS" "$stage/"

# Wherever it is; the default is keys/data.key.
data_key=$(realpath -m --relative-to="$DATA_DIR" "${HIPAA_KEY_FILE:-$DATA_DIR/keys/data.key}")

# Several archives in a row, so that recordings are never stored twice on the way.
everything() {
  pack -C "$stage" .
  # The rest of the data folder, whatever it is, but not what stands above or can be made anew.
  pack -C "$DATA_DIR" --transform='s,^\./,./data/,S' --anchored --no-wildcards-match-slash \
    --exclude=./pgdata --exclude=./postgres --exclude=./auth --exclude='./agent/agent.db*' --exclude=./outbox \
    --exclude=./recordings --exclude="./$data_key" --exclude=./keys/data.key --exclude='./keys/.*' \
    --exclude=./logs --exclude=./log --exclude=./run --exclude=./models --exclude=./tmp \
    --exclude=./backups --exclude=./lost+found --exclude='./.*' --exclude='./*.tar' .
  [ ! -d "$RECORDINGS_DIR" ] || pack -C "$RECORDINGS_DIR" --transform='s,^\./,./recordings/,S' .
  # By which a whole one is known.
  mkdir "$work/end"
  : >"$work/end/END"
  pack -C "$work/end" END
}

if [ "$target" = - ]; then
  everything
else
  everything >"$work/backup.tar"
  sync "$work/backup.tar"
  mv "$work/backup.tar" "$target"
  echo "$target: $(du -h "$target" | cut -f1). It holds keys; only $(id -un) can read it."
fi
if [ -e "${HIPAA_KEY_FILE:-$DATA_DIR/keys/data.key}" ]; then
  echo "What is sealed in it opens only with $(realpath "${HIPAA_KEY_FILE:-$DATA_DIR/keys/data.key}"), which is not in it: keep a copy of that, somewhere else." >&2
fi
