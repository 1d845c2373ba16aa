#!/usr/bin/env bash
# What `make test` runs. Needs USHER_TEST_POSTGRES_URL (see with-postgres.sh). Every runner is run even when one
# before it failed; the last line sums them all. The peers and the browser mostly wait, so they run beside the tests
# on the databases; their output follows when they are done.
set -euo pipefail
cd "$(dirname "$0")/.."

target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
artefacts=target/test-artefacts
work=$(mktemp -d "${TMPDIR:-/tmp}/usher-test.XXXXXX")
demo=
beside=

finish() {
  [ -z "$beside" ] || kill "$beside" 2>/dev/null || true
  stop_demo
  rm -rf "$work"
}

# As Ctrl-C does it, which ends the applications too; by force after ten seconds.
stop_demo() {
  [ -n "$demo" ] || return 0
  kill -INT "$demo" 2>/dev/null || true
  for _ in $(seq 100); do
    kill -0 "$demo" 2>/dev/null || break
    sleep 0.1
  done
  kill -KILL "$demo" 2>/dev/null || true
  wait "$demo" 2>/dev/null || true
  demo=
}
trap finish EXIT
trap 'exit 130' INT TERM

# step TITLE COMMAND…: a heading, the command, the time it took; what does not build cannot be tested.
step() {
  local title=$1 start=$SECONDS
  shift
  echo "== $title"
  if ! "$@"; then
    echo "== $title: FAILED after $((SECONDS - start)) s"
    echo "0 passed, 1 failed"
    exit 1
  fi
  echo "== $title: $((SECONDS - start)) s"
}

# runner TITLE COMMAND…: as step, but counts its tests and goes on. A runner that fails without naming a
# failed test (it died, or found nothing to run) counts as one failure. Its line goes to the tally of its group.
group=databases
runner() {
  local title=$1 start=$SECONDS status=0 good bad log=$work/$group.log
  shift
  echo "== $title"
  "$@" 2>&1 | tee "$log" || status=$?
  read -r good bad < <(count "$log")
  if { [ "$status" != 0 ] || [ "$good" = 0 ]; } && [ "$bad" = 0 ]; then bad=1; fi
  printf '%s\t%d\t%d\t%d\n' "$title" "$good" "$bad" $((SECONDS - start)) >>"$work/$group.tally"
}

# The closing lines of nextest ("Summary [..] 12 tests run: 11 passed, 1 failed, 0 skipped"), where a test
# that timed out is a failure too, and of Node's runner ("ℹ pass 11", "ℹ fail 1", "ℹ cancelled 0").
count() {
  sed 's/\x1b\[[0-9;]*m//g' "$1" | awk '
    / Summary \[/ {
      line = $0; sub(/.*run: /, "", line); n = split(line, part, ", ")
      for (i = 1; i <= n; i++) {
        split(part[i], word, " ")
        if (word[2] == "passed") good += word[1]
        if (word[2] ~ /^(failed|timed|exec)/) bad += word[1]
      }
    }
    /^(ℹ|#) pass [0-9]+$/ { good += $3 }
    /^(ℹ|#) (fail|cancelled|skipped|todo) [0-9]+$/ { bad += $3 }
    END { print good + 0, bad + 0 }'
}

free_port() {
  # Free on every loopback address: the demo's applications listen on the same port of their own addresses.
  "$USHER_TEST_PYTHON" -c 'import socket; s = socket.socket(); s.bind(("0.0.0.0", 0)); print(s.getsockname()[1])'
}

start_demo() {
  local port
  port=$(free_port)
  USHER_DEMO_PASSWORD=$(openssl rand -hex 12)
  export USHER_DEMO_PASSWORD USHER_DEMO_URL=http://localhost:$port
  "$USHER_TEST_BINARY" demo --port "$port" >"$artefacts/demo.log" 2>&1 &
  demo=$!
  for _ in $(seq 300); do
    kill -0 "$demo" 2>/dev/null || break
    # The addresses of the portal and of the first and last application.
    if curl --silent --fail --output /dev/null "$USHER_DEMO_URL/health/ready" \
      && curl --silent --output /dev/null "http://127.0.0.11:$port/" \
      && curl --silent --output /dev/null "http://127.0.0.61:$port/"; then
      return 0
    fi
    sleep 0.2
  done
  tail -n 40 "$artefacts/demo.log"
  return 1
}

USHER_TEST_PYTHON=$target/venv/bin/python
USHER_TEST_NODE=$(command -v node)
USHER_TEST_BINARY=$target/debug/usher
USHER_TEST_NGINX=$target/nginx
USHER_TEST_CADDY=$target/caddy
USHER_TEST_TRAEFIK=$target/venv/bin/traefik
export USHER_TEST_PYTHON USHER_TEST_NODE USHER_TEST_BINARY
export USHER_TEST_NGINX USHER_TEST_CADDY USHER_TEST_TRAEFIK
export USHER_TEST_ARTEFACTS=$PWD/$artefacts
rm -rf "$artefacts"
mkdir -p "$artefacts"

step 'format' cargo fmt --all --check
step 'lints' cargo clippy --quiet --workspace --all-targets -- -D warnings
step 'build' cargo build --quiet --bins --examples
step 'build the tests' cargo nextest run --no-run --cargo-quiet

# Everything that speaks to the running demo or to peers of its own.
peers_and_browser() {
  group=beside
  runner 'relying parties' node --test --test-reporter=spec tests/peers/run.mjs
  runner 'service providers' node --test --test-reporter=spec tests/peers/saml.mjs
  runner 'receivers' node --test --test-reporter=spec tests/peers/receivers.mjs
  runner 'told of a logout' node --test --test-reporter=spec tests/peers/logout.mjs
  runner 'browser' node --test --test-reporter=spec tests/browser/journey.mjs
  runner 'browser: the account' node --test --test-reporter=spec tests/browser/account.mjs
  runner 'browser: consent' node --test --test-reporter=spec tests/browser/consent.mjs
  runner 'browser: leaving' node --test --test-reporter=spec tests/browser/logout.mjs
  runner 'browser: leaving SAML' node --test --test-reporter=spec tests/browser/saml_logout.mjs
  runner 'browser: across sites' node --test --test-reporter=spec tests/browser/cross_site.mjs
  runner 'browser: second factors' node --test --test-reporter=spec tests/browser/factor.mjs
  runner 'browser: the admin' node --test --test-reporter=spec tests/browser/admin.mjs
}

step 'start the demo' start_demo
peers_and_browser >"$work/beside.out" 2>&1 &
beside=$!
runner 'tests on SQLite' env USHER_TEST_DATABASE=sqlite cargo nextest run --cargo-quiet
# What touches no database was proved by the pass before.
runner 'tests on PostgreSQL' env USHER_TEST_DATABASE=postgres cargo nextest run --cargo-quiet --profile postgres
wait "$beside" || true
beside=
cat "$work/beside.out"
for pass in default postgres; do cp "$target/nextest/$pass/junit.xml" "$artefacts/junit-$pass.xml" || true; done

printf '\n'
awk -F '\t' '
  { printf "%-28s %5d passed %3d failed %5d s\n", $1, $2, $3, $4; good += $2; bad += $3 }
  END { printf "%d passed, %d failed\n", good, bad; exit bad > 0 || NR < 14 }' "$work/databases.tally" "$work/beside.tally"
