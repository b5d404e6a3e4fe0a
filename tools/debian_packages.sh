#!/bin/sh
# debian_packages.sh --required PACKAGE...        install what is missing, or fail and say what to do
# debian_packages.sh --skipping WHAT PACKAGE...   install what is missing, or say what is skipped and go on
# Installs only as root, only what is missing; with nothing missing there is no network access.
set -eu
mode=$1; shift
skipped=
if [ "$mode" = --skipping ]; then skipped=$1; shift; fi

give_up() {
    if [ -n "$skipped" ]; then
        echo "note: skipping $skipped: $1" >&2
        exit 0
    fi
    echo "error: $1" >&2
    exit 1
}

is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

command -v dpkg-query >/dev/null || give_up "this is no Debian; install these yourself: $*"
missing=
for package in "$@"; do
    is_installed "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
[ "$(id -u)" = 0 ] || give_up "not root; first run: sudo apt-get install --no-install-recommends$missing"

echo "installing Debian packages:$missing ..." >&2
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
# shellcheck disable=SC2086 -- a list of package names
install() { apt-get install -y -qq --no-install-recommends $missing >"$log" 2>&1 </dev/null; }
# The lists of a fresh machine are empty or old: refresh them only when the first try fails.
if install || { apt-get update -qq >/dev/null 2>&1 && install; }; then
    rm -f "$log"
    exit 0
fi
tail -n 5 "$log" >&2
rm -f "$log"
give_up "apt-get could not install$missing"
