#!/usr/bin/env bash
# Every test, on SQLite and PostgreSQL, with a browser, axe, a real Bluesky network, a real mail server
# and checkers of mails. Installs what is missing from Debian when root, and from npm beside the tests that need it.
set -euo pipefail
bin=$1
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE # see the Makefile

install() {
    local missing=()
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
    command -v chromium >/dev/null || missing+=(chromium)
    command -v snac >/dev/null || missing+=(snac2)
    command -v redis-server >/dev/null || missing+=(redis-server)
    [ -x /usr/sbin/postfix ] || missing+=(postfix)
    [ -x /usr/sbin/postgrey ] || missing+=(postgrey)
    [ -x /usr/lib/dovecot/imap ] || missing+=(dovecot-imapd)
    command -v strace >/dev/null || missing+=(strace)  # tells what a power cut may leave
    command -v npm >/dev/null || missing+=(nodejs npm)
    command -v g++ >/dev/null || missing+=(g++)  # the network's SQLite is compiled where no build of it is offered
    [ ${#missing[@]} -eq 0 ] && return
    if [ "$(id -u)" -ne 0 ]; then
        echo "make test-all needs ${missing[*]}: install them and run it again" >&2
        exit 1
    fi
    if [[ " ${missing[*]} " == *" snac2 "* ]] && grep -q '^VERSION_CODENAME=bookworm$' /etc/os-release; then
        # Debian 12 has it among its backports.
        echo "deb http://deb.debian.org/debian bookworm-backports main" >/etc/apt/sources.list.d/bookworm-backports.list
    fi
    export RUNLEVEL=1 # what is installed is started by the tests alone
    for pause in 0 15 60; do
        sleep "$pause"
        apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${missing[@]}" && return
    done
    echo "the package registry did not give ${missing[*]}" >&2
    exit 1
}

# Up to date where npm finished after the lock was last changed.
network=tests/real/bluesky
install_from_npm() {
    [ "$1/node_modules/.package-lock.json" -nt "$1/package-lock.json" ] && return
    for pause in 0 15 60; do
        sleep "$pause"
        (cd "$1" && npm ci --no-audit --no-fund --loglevel error --cache ../../../.npm) && return
    done
    echo "npm did not give what $1/package-lock.json names" >&2
    exit 1
}

install >/dev/null
(install_from_npm tests/real/axe && install_from_npm tests/real/mail_checkers && install_from_npm "$network") >"$network/.npm.log" 2>&1 &  # two minutes in which the other tests run
npm=$!
network_is_there() { wait "$npm" || { cat "$network/.npm.log" >&2; exit 1; }; }
directory=$(mktemp -d)
postgres=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -1)
port=$("$bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
as_owner() { if [ "$(id -u)" -eq 0 ]; then su postgres -c "$1"; else bash -c "$1"; fi; }
[ "$(id -u)" -eq 0 ] && chown postgres "$directory"
stop() { kill "$npm" 2>/dev/null || true; as_owner "$postgres/pg_ctl -D $directory/data -m immediate stop" >/dev/null 2>&1 || true; rm -rf "$directory"; }
trap stop EXIT
as_owner "$postgres/initdb -D $directory/data -U kuntakaiku -A trust -E UTF8 --no-sync" >/dev/null
as_owner "$postgres/pg_ctl -D $directory/data -w -l $directory/log -o '-p $port -k $directory -c listen_addresses=127.0.0.1 -c fsync=off' start" >/dev/null

export TEST_DATABASE_URL="postgresql+psycopg://kuntakaiku@127.0.0.1:$port/postgres"
if [ "${2:-}" = --faults ]; then
    KUNTAKAIKU_FAULTS_PAGE=1 "$bin/python" -m pytest -q -m "fault or control" --ignore=tests/real
    exit
fi
measured=()
if [ "${2:-}" = --coverage ]; then
    measured=(--cov --cov-report=)
    set -- "$1"
fi
if [ $# -gt 1 ]; then
    network_is_there
    "$bin/python" -m pytest -q -n 2 --dist loadfile "${@:2}"
else
    "$bin/python" -m pytest -q -n 4 --durations=40 "${measured[@]}" --ignore=tests/real
    network_is_there
    "$bin/python" -m pytest -q -n 2 --dist loadfile "${measured[@]}" ${measured:+--cov-append} tests/real
fi
[ ${#measured[@]} -eq 0 ] && exit
"$bin/coverage" report --fail-under=95 | tail -40
"$bin/coverage" report --fail-under=100 --include="$(paste -sd, tests/pure_modules.txt)"
