#!/usr/bin/env bash
# Runs the private PostgreSQL cluster: makes it at the first start, then becomes the server, in the
# foreground. PGDATA is where it keeps its data, PGSOCKET the folder of its Unix socket, by which
# alone it is reached: no port, no password, no other user of the machine.
#
# PostgreSQL refuses to run as root; started by root, it runs as the user `postgres`.
set -euo pipefail
: "${PGDATA:?the folder for its data}" "${PGSOCKET:?the folder for its socket}"

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
if [ -z "$bin" ]; then
  echo "PostgreSQL is missing; install the package postgresql, or set DATABASE_URL." >&2
  exit 1
fi

as=()
if [ "$(id -u)" -eq 0 ]; then
  as=(setpriv --reuid=postgres --regid=postgres --init-groups)
fi
# A folder that belongs to the server's user alone.
own() {
  mkdir -p "$1"
  chmod 700 "$1"
  [ ${#as[@]} -eq 0 ] || chown postgres: "$1"
  if ! "${as[@]}" test -w "$1"; then
    echo "The user postgres cannot reach $1: a folder above it is closed. Set DATA_DIR to one that is not." >&2
    exit 1
  fi
}

if [ ${#PGSOCKET} -gt 90 ]; then
  echo "$PGSOCKET is too long for a Unix socket; set DATA_DIR to a shorter path." >&2
  exit 1
fi
own "$PGSOCKET"

if [ ! -e "$PGDATA" ]; then
  # Made beside its place and moved there when whole, so that a broken start leaves nothing half-made.
  rm -rf "$PGDATA.new"
  own "$PGDATA.new"
  (
    cd /
    "${as[@]}" "$bin/initdb" --auth=trust --username=postgres --encoding=UTF8 --locale=C.UTF-8 \
      --data-checksums --no-instructions -D "$PGDATA.new" >/dev/null
    "${as[@]}" "$bin/postgres" --single -D "$PGDATA.new" template1 >/dev/null <<'SQL'
CREATE ROLE whissle LOGIN;
CREATE DATABASE whissle OWNER whissle;
SQL
  )
  sync "$PGDATA.new"
  mv "$PGDATA.new" "$PGDATA"
fi

made=$(cat "$PGDATA/PG_VERSION" 2>/dev/null || echo unknown)
here=$("$bin/postgres" --version | sed -E 's/.* ([0-9]+)\..*/\1/')
if [ "$made" != "$here" ]; then
  echo "$PGDATA was made by PostgreSQL $made; installed is $here. Install postgresql-$made, or move the data with pg_upgrade." >&2
  exit 1
fi

# A number in its lock file that is somebody else's by now (a killed container, a machine that went
# down) keeps it from starting when that one runs as the same user.
if [ -e "$PGDATA/postmaster.pid" ]; then
  pid=$(head -n 1 "$PGDATA/postmaster.pid")
  if [ -e "/proc/$pid" ] && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" != postgres ]; then
    rm -f "$PGDATA/postmaster.pid"
  fi
fi

# Said here in words that say what to do; the server would end with less.
cd /
if ! state=$("${as[@]}" "$bin/pg_controldata" -D "$PGDATA" 2>&1) || grep -q '^WARNING' <<<"$state"; then
  echo "error: $PGDATA/global/pg_control is damaged. Restore a backup, or move $PGDATA away to begin with an empty database." \
    "Accounts, agents and calls wait for it; recognition and synthesis do not. $(head -n 1 <<<"$state")" >&2
  exit 1
fi

exec "${as[@]}" "$bin/postgres" -D "$PGDATA" -k "$PGSOCKET" -c listen_addresses= -c unix_socket_permissions=0700 \
  -c shared_buffers=128MB -c log_destination=stderr -c logging_collector=off \
  -c log_error_verbosity=terse # without the values of the row at fault
