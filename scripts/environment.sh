# What supervisord.conf and scripts/postgres.sh are told; sourced by scripts/run.sh and the image.
# Wants DATA_DIR, BIN_DIR, RUN_DIR and LOG_DIR; leaves alone what is set.
# shellcheck shell=bash

: "${DATA_DIR:?}" "${BIN_DIR:?}" "${RUN_DIR:?}" "${LOG_DIR:?}"
export DATA_DIR BIN_DIR RUN_DIR LOG_DIR
export AUTH_DB_PATH=${AUTH_DB_PATH:-$DATA_DIR/auth/tokens.db}
# Size at which a log file is begun anew; 0 where they are no files.
export LOG_MAXBYTES=${LOG_MAXBYTES:-20MB}
# Longer than services drain, so that draining is never cut short.
export STOP_SECONDS=$((${DRAIN_SECONDS:-30} + 15))

# glibc keeps up to 64 MB of freed memory in each of its arenas, of which it makes eight a core: under a mixed load
# recognition grew for an hour by what it had given back long ago (docs/measurements.md, an hour of everything).
export MALLOC_ARENA_MAX=${MALLOC_ARENA_MAX:-2}

# The private PostgreSQL, unless there is one.
export PRIVATE_POSTGRES=false
if [ -z "${DATABASE_URL:-}" ]; then
  PRIVATE_POSTGRES=true
  export PGDATA=${PGDATA:-$DATA_DIR/pgdata} PGSOCKET=${PGSOCKET:-$DATA_DIR/postgres}
  export DATABASE_URL=postgresql://whissle@${PGSOCKET//\//%2F}/whissle
fi
