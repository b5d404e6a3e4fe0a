#!/bin/sh
# Called as `fairwf` is by cwltest (run OPTION... DOCUMENT [JOB]): the document is written as IR into
# a folder of its own first, and `fairwf run` is given that.
set -eu
verb=$1
shift
options=
while [ "${1#--}" != "$1" ]; do
    options="$options $1" # cwltest's own options: no spaces in them
    shift
done
document=$1
shift
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
fairwf convert "$document" --to ir -o "$folder/document.ir.json" --quiet
# shellcheck disable=SC2086
fairwf "$verb" $options "$folder/document.ir.json" "$@"
