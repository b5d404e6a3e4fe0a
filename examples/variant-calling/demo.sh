#!/usr/bin/env bash
# Variant calling on phage lambda: simulate, run, package, evaluate, score.
# Run from the root of the repository, with fairwf on the PATH: `make demo-genomics` does both.
set -euo pipefail

folder=examples/variant-calling
out=demo-genomics-out
steps=7
step=0
started=$SECONDS

fail() {
  printf 'demo-genomics: %s\n' "$*" >&2
  exit 3
}

# Announce a step and run its command; its output goes to `save`, where that is set.
run() {
  local title=$1
  shift
  step=$((step + 1))
  printf '[%d/%d] %s\n      $ %s%s\n' "$step" "$steps" "$title" "$*" "${save:+ > $save}"
  if [ -n "${save:-}" ]; then "$@" > "$save"; else "$@"; fi
}

[ -f "$folder/main.cwl" ] || fail "run me from the root of the repository"
for program in fairwf bwa samtools bcftools; do
  command -v "$program" > /dev/null || fail "$program is not on the PATH; use: make demo-genomics"
done
if [ -e "$out" ] && [ ! -f "$out/.made-by-demo" ]; then
  fail "$out exists and was not made by this demo; move it away"
fi
rm -rf -- "$out"
mkdir -p "$out"
: > "$out/.made-by-demo"

run "Fetch the reads of Debian's package, simulate three samples" \
  python3 "$folder/make_job.py" "$out/inputs"
run "Validate the workflow" fairwf validate --quiet "$folder/main.cwl"
save=$out/outputs.json run "Run it" \
  fairwf run "$folder/main.cwl" "$out/inputs/job.json" \
  --outdir "$out/outputs" --run-dir "$out/run"
save=$out/evaluation.tsv run "Compare the calls with the planted variants" \
  python3 "$folder/evaluate.py" --truth "$out/inputs" --calls "$out/outputs" \
  --min-recall 0.95 --min-precision 0.98
run "Draw the workflow" fairwf graph "$folder/main.cwl" -o "$out/graph.svg"
run "Package the run as an RO-Crate" fairwf package "$out/run" -o "$out/crate"
save=$out/score.html run "Score its FAIRness" fairwf score "$out/crate" --format html

echo
cat "$out/outputs/summary.tsv"
echo
cat "$out/evaluation.tsv"
cat <<END

Done in $((SECONDS - started)) s. What lies where:
  $out/outputs/variants.tsv    the variants of all samples
  $out/outputs/variants.svg    the same along the genome
  $out/evaluation.tsv          recall and precision of the simulated samples
  $out/crate/                  the run as an RO-Crate
  $out/graph.svg               the workflow as a graph
Open the report on its FAIRness in a browser:
  file://$PWD/$out/score.html
END
