#!/usr/bin/env bash
# The main road once, on real data: validate, convert, run, package, check, score, show.
# Run from the root of the repository, with fairwf on the PATH: `make demo` does both.
set -euo pipefail

source_file=examples/quickstart/main.cwl
job_file=examples/quickstart/job.yml
expected=$PWD/examples/quickstart/expected/SHA256SUMS
out=demo-out
steps=13
step=0
started=$SECONDS

say() { printf '%s\n' "$*"; }

fail() {
  printf 'demo: %s\n' "$*" >&2
  exit 3
}

# Announce a step, run its command, keep what it says in a log; on failure show the log.
# The command's standard output goes to the file in `save`, where that is set.
run() {
  local title=$1 log status=0
  shift
  step=$((step + 1))
  log=$(printf '%s/logs/%02d.log' "$out" "$step")
  printf '[%2d/%d] %s\n        $ %s%s\n' "$step" "$steps" "$title" "$*" "${save:+ > $save}"
  if [ -n "${save:-}" ]; then
    "$@" > "$save" 2> "$log" || status=$?
  elif [ "${live:-no}" = yes ]; then
    "$@" > "$out/run.json" || status=$?
  else
    "$@" > "$log" 2>&1 || status=$?
  fi
  if [ "$status" -ne 0 ]; then
    [ ! -f "$log" ] || cat "$log" >&2
    printf 'demo: step %d ended with status %d\n' "$step" "$status" >&2
    exit "$status"
  fi
}

# Provenance Run Crate 0.5, all REQUIRED checks of rocrate-validator, without a network.
check_crate() {
  python -m fairwf.crates.oracle "$1"
}

check_outputs() {
  (cd "$1" && sha256sum --check --quiet --strict "$expected")
}

[ -f "$source_file" ] || fail "run me from the root of the repository"
command -v fairwf > /dev/null || fail "fairwf is not on the PATH; use: make demo"
if [ -e "$out" ] && [ ! -f "$out/.made-by-demo" ]; then
  fail "$out exists and was not made by this demo; move it away"
fi
rm -rf -- "$out"
mkdir -p "$out/logs"
: > "$out/.made-by-demo"

run "Validate the workflow" fairwf validate "$source_file"
run "Draw it" fairwf graph "$source_file" -o "$out/graph.svg"
run "Convert CWL to the IR" fairwf convert "$source_file" --to ir -o "$out/main.ir.json"
run "Convert the IR back to CWL" \
  fairwf convert "$out/main.ir.json" --to cwl -o "$out/main.cwl"
run "Convert the plan to WfFormat" \
  fairwf convert "$source_file" --to wfformat -o "$out/plan.wfformat.json"
live=yes run "Run it" \
  fairwf run "$source_file" "$job_file" --outdir "$out/outputs" --run-dir "$out/run"
run "Compare the outputs with cwltool's, byte by byte" check_outputs "$out/outputs"
run "Export the run to WfFormat, with its real times" \
  fairwf convert "$out/run" --to wfformat -o "$out/run.wfformat.json"
run "Package the run as an RO-Crate" fairwf package "$out/run" -o "$out/crate"
run "Check the crate with rocrate-validator, offline" check_crate "$out/crate"
run "Write its provenance as PROV-O" \
  fairwf prov "$out/crate" --to turtle -o "$out/provenance.ttl"
save=$out/score.html run "Score its FAIRness" fairwf score "$out/crate" --format html
save=$out/score.txt run "The same as text" fairwf score "$out/crate"

say ""
cat "$out/score.txt"
say ""
say "Done in $((SECONDS - started)) s. What lies where:"
say "  $out/outputs/summary.csv     the result: four trends"
say "  $out/outputs/figure.svg      the same, drawn"
say "  $out/graph.svg               the workflow as a graph"
say "  $out/main.ir.json            the workflow in the IR"
say "  $out/main.cwl                ... and converted back to CWL"
say "  $out/plan.wfformat.json      ... and as a WfFormat instance"
say "  $out/run.wfformat.json       the run as a WfFormat instance"
say "  $out/crate/                  the run as a Provenance Run Crate 0.5"
say "  $out/provenance.ttl          its provenance (PROV-O)"
say "  $out/logs/                   what each step said"
say "Open the report on its FAIRness in a browser:"
say "  file://$PWD/$out/score.html"
