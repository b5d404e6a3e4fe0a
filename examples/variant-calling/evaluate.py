"""Compare called variants with the planted ones: recall and precision of each sample.

    python evaluate.py --truth WORK --calls OUT [--min-recall 0.95] [--min-precision 0.98]

Reads WORK/NAME.truth.vcf, WORK/reference.fa and OUT/NAME.vcf.gz, prints a table. A variant counts
as found when position and alleles agree after both are trimmed and shifted to the left (an
insertion into a repeat has many spellings). Ends with 1 where a sample is below a minimum.
"""

import argparse
import gzip
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import simulate

Change = tuple[int, str, str]


@dataclass(frozen=True)
class Outcome:
    """Counts of one sample."""

    sample: str
    planted: int
    called: int
    found: int

    @property
    def recall(self) -> float:
        """Share of the planted variants that were called."""
        return self.found / self.planted if self.planted else 1.0

    @property
    def precision(self) -> float:
        """Share of the calls that were planted."""
        return self.found / self.called if self.called else 1.0


def normalise(genome: str, position: int, ref: str, alt: str) -> Change:
    """The leftmost, shortest spelling of a change; `position` counts from 0."""
    while True:
        if ref[-1] == alt[-1] and (min(len(ref), len(alt)) > 1 or position > 0):
            ref, alt = ref[:-1], alt[:-1]
            if not ref or not alt:
                position -= 1
                ref, alt = genome[position] + ref, genome[position] + alt
            continue
        if min(len(ref), len(alt)) > 1 and ref[0] == alt[0]:
            position, ref, alt = position + 1, ref[1:], alt[1:]
            continue
        return position, ref, alt


def changes(path: Path, genome: str) -> set[Change]:
    """All changes of a VCF with at most one sample, gzipped or not."""
    opener = gzip.open if path.suffix == ".gz" else open
    found = set()
    with opener(path, "rt", encoding="ascii") as stream:
        for line in stream:
            if line.startswith("#"):
                continue
            _, position, _, ref, alternatives = line.rstrip("\n").split("\t")[:5]
            for alt in alternatives.split(","):
                found.add(normalise(genome, int(position) - 1, ref.upper(), alt.upper()))
    return found


def evaluate(truth: Path, calls: Path) -> list[Outcome]:
    """One outcome for each truth in the folder, by name of the sample."""
    _, genome = simulate.read_fasta(truth / "reference.fa")
    outcomes = []
    for path in sorted(truth.glob("*.truth.vcf")):
        sample = path.name.removesuffix(".truth.vcf")
        planted = changes(path, genome)
        called = changes(calls / f"{sample}.vcf.gz", genome)
        outcomes.append(Outcome(sample, len(planted), len(called), len(planted & called)))
    return outcomes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--truth", type=Path, required=True)
    parser.add_argument("--calls", type=Path, required=True)
    parser.add_argument("--min-recall", type=float, default=0.0)
    parser.add_argument("--min-precision", type=float, default=0.0)
    options = parser.parse_args()
    outcomes = evaluate(options.truth, options.calls)
    if not outcomes:
        raise SystemExit(f"{options.truth} holds no *.truth.vcf")
    print("sample\tplanted\tcalled\tfound\trecall\tprecision")
    for o in outcomes:
        print(
            o.sample,
            o.planted,
            o.called,
            o.found,
            f"{o.recall:.3f}",
            f"{o.precision:.3f}",
            sep="\t",
        )
    if any(o.recall < options.min_recall or o.precision < options.min_precision for o in outcomes):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
