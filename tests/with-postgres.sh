#!/usr/bin/env bash
# Runs a command with a PostgreSQL server of its own, named by USHER_TEST_POSTGRES_URL: `with-postgres.sh COMMAND…`.
# The server lives in a temporary directory on a free loopback port and ends with the command.
set -euo pipefail

bin=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -n 1)
home=$(mktemp -d "${TMPDIR:-/tmp}/usher-postgres.XXXXXX")
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

# The server refuses to run as root.
as_postgres=()
if [ "$(id -u)" = 0 ]; then
  chown postgres "$home"
  as_postgres=(runuser -u postgres --)
fi

stop() {
  "${as_postgres[@]}" "$bin/pg_ctl" --pgdata="$home/data" --mode=immediate --silent stop || true
  rm -rf "$home"
}
trap stop EXIT
trap 'exit 130' INT TERM

cd "$home"
"${as_postgres[@]}" "$bin/initdb" --pgdata="$home/data" --username=usher --auth=trust --encoding=UTF8 --locale=C --no-sync >/dev/null
# Durability is not what the tests ask of it; connections are.
cat >>"$home/data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = '$home'
max_connections = 200
fsync = off
synchronous_commit = off
full_page_writes = off
CONF
"${as_postgres[@]}" "$bin/pg_ctl" --pgdata="$home/data" --log="$home/log" --wait --silent start || {
  cat "$home/log" >&2
  exit 1
}
cd "$OLDPWD"

export USHER_TEST_POSTGRES_URL="postgres://usher@127.0.0.1:$port/postgres"
"$@"
