#!/bin/sh
# make_venv.sh PYTHON FOLDER: a virtual environment, also on a Debian without python3-venv.
set -eu
python=$1 folder=$2

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "error: '$python' is not Python 3.11 or later; say which with: make PYTHON=/path/to/python3.12 ..." >&2
    exit 1
fi
missing=
"$python" -c 'import ensurepip, venv' 2>/dev/null || missing="python3-venv"
[ -e /etc/ssl/certs/ca-certificates.crt ] || [ ! -e /etc/debian_version ] || missing="$missing ca-certificates"
if [ -n "$missing" ]; then
    # shellcheck disable=SC2086 -- a list of package names
    sh "$(dirname "$0")/debian_packages.sh" --required $missing
fi
"$python" -c 'import ensurepip, venv' 2>/dev/null || {
    echo "error: '$python' cannot make virtual environments (no venv or ensurepip module)" >&2
    exit 1
}
echo "making $folder with $("$python" --version) ..." >&2
"$python" -m venv "$folder"
