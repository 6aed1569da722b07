#!/bin/sh
# Sets up what a command needs, once: `sh bootstrap.sh runtime` or `sh bootstrap.sh dev`.
# A second call sees by a checksum that nothing changed, and ends in milliseconds.
#   PYTHON=/path/to/python3.12   use this interpreter
#   VITRINE_NO_APT=1             never install system packages
set -eu
cd "$(dirname "$0")"

kind=${1:-runtime}
case $kind in
    runtime) requirements=requirements.txt ;;
    dev) requirements=requirements-dev.txt ;;
    *) echo "usage: sh bootstrap.sh runtime|dev" >&2; exit 2 ;;
esac

fail() { echo "bootstrap: $*" >&2; exit 1; }
say() { echo "bootstrap: $*" >&2; }

may_apt() {
    [ "$(id -u)" = 0 ] && [ -z "${VITRINE_NO_APT:-}" ] && [ -f /etc/debian_version ] && command -v apt-get >/dev/null 2>&1
}

apt_install() {
    say "installing $* with apt"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } \
        >/dev/null 2>.apt-errors </dev/null && { rm -f .apt-errors; return 0; }
    tail -n 3 .apt-errors >&2; rm -f .apt-errors
    return 1
}

# --- what the tests want from the system; each has a stand-in when it is not to be had

missing_packages() {
    command -v chromium >/dev/null 2>&1 || echo chromium fonts-dejavu-core fonts-liberation
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 || echo postgresql
    command -v redis-server >/dev/null 2>&1 || echo redis-server
}

system_packages() {
    # shellcheck disable=SC2046  # one word per package is meant
    set -- $(missing_packages)
    [ $# -gt 0 ] || return 0
    if may_apt; then
        apt_install "$@" || say "apt could not install $*: PostgreSQL and Redis come from wheels instead"
    fi
}

a_browser() {
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" >/dev/null 2>&1 && return 0
    done
    for mac in "/Applications/Google Chrome.app" "/Applications/Chromium.app"; do
        [ -d "$mac" ] && return 0
    done
    say "no Chromium here: fetching Playwright's"
    .venv/bin/python -m playwright install chromium >&2 ||
        fail "the browser tests need Chromium: install it (Debian: apt-get install -y chromium) and try again."
}

# --- Python

find_python() {
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        command -v "$candidate" >/dev/null 2>&1 || continue
        "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$candidate"; return; }
    done
    fail "Python 3.11 or newer is needed, as python3 on the PATH (or: make ... PYTHON=/path/to/python3.12)."
}

make_venv() {
    rm -rf .venv
    if have_uv; then
        uv venv -q --python "$python" .venv && return 0
        rm -rf .venv
    fi
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null && may_apt; then
        apt_install python3-venv || true
    fi
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        fail "Python's venv module is missing: apt-get install -y python3-venv, then try again."
    "$python" -m venv .venv || fail "$python could not make .venv here: is the folder writable?"
}

have_uv() { command -v uv >/dev/null 2>&1 && uv --version >/dev/null 2>&1; }

install() {
    if have_uv && uv pip install -q --python .venv/bin/python -r "$requirements"; then return 0; fi
    .venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip -q >/dev/null 2>&1 || true
    if [ ! -x .venv/bin/uv ]; then .venv/bin/python -m pip install -q --disable-pip-version-check uv >/dev/null 2>&1 || true; fi
    if [ -x .venv/bin/uv ] && .venv/bin/uv pip install -q --python .venv/bin/python -r "$requirements"; then return 0; fi
    .venv/bin/python -m pip install -q --disable-pip-version-check -r "$requirements" ||
        fail "the packages of $requirements could not be installed; is the Python package index reachable?"
}

# --- the stamp: the sum of both lists, and how far we got; `dev` includes `runtime`

wanted=$(cat requirements.txt requirements-dev.txt bootstrap.sh | cksum | tr ' ' -)
stamp=.venv/.complete
done_already() {
    [ -x .venv/bin/python ] && [ -f "$stamp" ] || return 1
    read -r have <"$stamp" || return 1
    [ "$have" = "$wanted-$kind" ] || [ "$have" = "$wanted-dev" ]
}

done_already && exit 0

# Two commands started at once in a fresh clone take turns.
if command -v flock >/dev/null 2>&1; then
    exec 9>.bootstrap.lock
    flock 9
    done_already && exit 0
fi

say "setting up ($kind), once"
[ "$kind" = dev ] && system_packages
.venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { python=$(find_python); make_venv; }
install
[ "$kind" = dev ] && a_browser
echo "$wanted-$kind" >"$stamp"
