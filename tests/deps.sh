#!/usr/bin/env bash
# Installs what the tests and benchmarks need and this machine lacks; silent, and offline, when nothing is.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-target}

# A program (or file) by which a Debian package is known to be here, and the package.
needed=(
  'slapd                               slapd'
  '/usr/lib/postgresql/*/bin/initdb    postgresql'
  'chromium                            chromium'
  '/usr/share/fonts/truetype/dejavu    fonts-dejavu-core'
  'openssl                             openssl'
  'curl                                curl'
  'python3                             python3'
)

is_here() {
  PATH=$PATH:/usr/sbin command -v "$1" >/dev/null || compgen -G "$1" >/dev/null
}

missing=()
for line in "${needed[@]}"; do
  read -r program package <<<"$line"
  is_here "$program" || missing+=("$package")
done
if ! is_here python3 || ! python3 -c 'import ensurepip' 2>/dev/null; then
  missing+=(python3-venv)
fi
if [ ${#missing[@]} -gt 0 ]; then
  echo "installing ${missing[*]}"
  as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi

command -v cargo-nextest >/dev/null || cargo install --locked cargo-nextest

# The relying parties written in Python; rebuilt when what they require changes.
venv=$target/venv
if ! cmp -s tests/peers/requirements.txt "$venv/requirements.txt"; then
  python3 -m venv --clear "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r tests/peers/requirements.txt
  cp tests/peers/requirements.txt "$venv/requirements.txt"
fi
