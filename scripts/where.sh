# Where the data of this installation is; sourced by scripts/backup.sh and scripts/restore.sh.
# Sets DATA_DIR, AUTH_DB_PATH, RECORDINGS_DIR, DATABASE_URL, gateway (the program) and postgres (the
# folder of PostgreSQL's programs); PGDATA and PGSOCKET where the PostgreSQL is the private one.
# shellcheck shell=bash

DATA_DIR=$(realpath -m "${DATA_DIR:-data}")
export DATA_DIR
# shellcheck source=docker/settings.sh
. docker/settings.sh
export AUTH_DB_PATH=${AUTH_DB_PATH:-$DATA_DIR/auth/tokens.db}
export RECORDINGS_DIR=${RECORDINGS_DIR:-$DATA_DIR/recordings}

# As scripts/run.sh decides it: root's runs as the user postgres, who may not reach every folder.
if [ -z "${DATABASE_URL:-}" ] && [ -z "${PGDATA:-}" ]; then
  PGDATA=$DATA_DIR/pgdata PGSOCKET=${PGSOCKET:-$DATA_DIR/postgres}
  if [ "$(id -u)" -eq 0 ] && [ "$(stat -c %U "$PGDATA" 2>/dev/null || echo postgres)" = postgres ] &&
    ! setpriv --reuid=postgres --regid=postgres --clear-groups test -x "$DATA_DIR"; then
    home=/var/lib/whissle-gateway/$(printf %s "$DATA_DIR" | sha256sum | cut -c1-12)
    PGDATA=$home/pgdata PGSOCKET=$home/postgres
  fi
fi
if [ -n "${PGDATA:-}" ]; then
  PGSOCKET=${PGSOCKET:-$DATA_DIR/postgres}
  export PGDATA PGSOCKET DATABASE_URL=${DATABASE_URL:-postgresql://whissle@${PGSOCKET//\//%2F}/whissle}
fi

gateway=${BIN_DIR:-${CARGO_TARGET_DIR:-target}/release}/gateway
[ -x "$gateway" ] || gateway=$(command -v gateway) || {
  echo "The program gateway is not built; run \`make run\` once, or set BIN_DIR to the folder it is in." >&2
  exit 1
}
postgres=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -1)
[ -n "$postgres" ] || { echo "PostgreSQL's programs are missing; install the package postgresql." >&2; exit 1; }
