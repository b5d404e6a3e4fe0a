"""Simulate paired reads of samples that differ from a reference by known variants.

For each sample: substitutions, insertions and deletions are planted at random places; fragments of
the changed genome are drawn, some of them twice (PCR duplicates); each is read from both ends with
errors at the rate that its quality string states. The same seed gives the same bytes.

Writes NAME_1.fq.gz, NAME_2.fq.gz and NAME.truth.vcf.
"""

import argparse
import gzip
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BASES = "ACGT"
COMPLEMENT = str.maketrans("ACGTN", "TGCAN")
READ_LENGTH = 100
FRAGMENT_MEAN, FRAGMENT_SD = 320, 40
DUPLICATE_SHARE = 0.08
EDGE = 400
"""No variant lies nearer to an end of the genome, where the reads thin out."""
SPACING = 50
"""Bases between two variants, at least."""


@dataclass(frozen=True)
class Sample:
    """How one sample is simulated; `depth` is the mean number of reads over a base."""

    name: str
    depth: int


@dataclass(frozen=True)
class Variant:
    """A change of the reference; `position` counts from 0, the alleles are those of a VCF."""

    position: int
    ref: str
    alt: str


SAMPLES = (Sample("sim-a", 25), Sample("sim-b", 40), Sample("sim-c", 60))
SUBSTITUTIONS, INSERTIONS, DELETIONS = 44, 8, 8
PLANTED = SUBSTITUTIONS + INSERTIONS + DELETIONS


def read_fasta(path: Path) -> tuple[str, str]:
    """Name and sequence of the only record of a FASTA file, gzipped or not."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="ascii") as stream:
        header, *lines = stream.read().splitlines()
    if not header.startswith(">") or any(line.startswith(">") for line in lines):
        raise SystemExit(f"{path}: expected a FASTA file with one record")
    return header[1:].split()[0], "".join(lines).upper()


def plant(genome: str, rng: random.Random) -> list[Variant]:
    """Random variants, by position."""
    positions: list[int] = []
    while len(positions) < PLANTED:
        position = rng.randrange(EDGE, len(genome) - EDGE)
        if all(abs(position - other) >= SPACING for other in positions):
            positions.append(position)
    variants = []
    for count, position in enumerate(positions):
        base = genome[position]
        if count < SUBSTITUTIONS:
            variants.append(Variant(position, base, rng.choice(BASES.replace(base, ""))))
        elif count < SUBSTITUTIONS + INSERTIONS:
            inserted = "".join(rng.choices(BASES, k=rng.randint(1, 6)))
            variants.append(Variant(position, base, base + inserted))
        else:
            length = rng.randint(1, 6)
            variants.append(Variant(position, genome[position : position + length + 1], base))
    return sorted(variants, key=lambda variant: variant.position)


def apply(genome: str, variants: list[Variant]) -> str:
    """The genome with all variants in it."""
    parts, end = [], 0
    for variant in variants:
        parts += [genome[end : variant.position], variant.alt]
        end = variant.position + len(variant.ref)
    return "".join([*parts, genome[end:]])


def quality_profiles(rng: random.Random) -> list[list[int]]:
    """Quality values that fall towards the end of a read, as those of a sequencer do."""
    profiles = []
    for _ in range(64):
        start, slope = rng.uniform(35, 40), rng.uniform(0.04, 0.14)
        profiles.append(
            [
                max(12, min(40, round(start - slope * cycle + rng.gauss(0, 2))))
                for cycle in range(READ_LENGTH)
            ]
        )
    return profiles


def sequenced(read: str, profile: list[int], rng: random.Random) -> str:
    """The read with errors."""
    bases = list(read)
    for cycle, quality in enumerate(profile):
        if rng.random() < 10 ** (-quality / 10):
            bases[cycle] = rng.choice(BASES.replace(bases[cycle], ""))
    return "".join(bases)


def fragments(genome: str, pairs: int, rng: random.Random) -> Iterator[str]:
    """Fragments of the genome from either strand; duplicates follow their original."""
    written = 0
    while written < pairs:
        length = max(READ_LENGTH, round(rng.gauss(FRAGMENT_MEAN, FRAGMENT_SD)))
        start = rng.randrange(len(genome) - length)
        fragment = genome[start : start + length]
        if rng.random() < 0.5:
            fragment = fragment.translate(COMPLEMENT)[::-1]
        for _ in range(2 if rng.random() < DUPLICATE_SHARE else 1):
            yield fragment
            written += 1


def write_gzip(path: Path, text: str) -> None:
    """Compress without name and time, so that equal texts give equal bytes."""
    path.write_bytes(gzip.compress(text.encode("ascii"), compresslevel=6, mtime=0))


def write_truth(path: Path, contig: str, length: int, variants: list[Variant]) -> None:
    """The planted variants as a VCF."""
    lines = [
        "##fileformat=VCFv4.3",
        f"##contig=<ID={contig},length={length}>",
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO",
        *(f"{contig}\t{v.position + 1}\t.\t{v.ref}\t{v.alt}\t.\t.\t." for v in variants),
    ]
    path.write_text("\n".join([*lines, ""]), encoding="ascii")


def simulate(reference: Path, folder: Path, sample: Sample, seed: int) -> None:
    """Write the two read files and the truth of one sample into the folder."""
    contig, genome = read_fasta(reference)
    rng = random.Random(f"{seed}:{sample.name}")  # noqa: S311
    variants = plant(genome, rng)
    write_truth(folder / f"{sample.name}.truth.vcf", contig, len(genome), variants)
    changed = apply(genome, variants)
    profiles = quality_profiles(rng)
    strings = ["".join(chr(33 + quality) for quality in profile) for profile in profiles]
    pairs = sample.depth * len(genome) // (2 * READ_LENGTH)
    mates: tuple[list[str], list[str]] = ([], [])
    for number, fragment in enumerate(fragments(changed, pairs, rng), start=1):
        ends = (fragment[:READ_LENGTH], fragment.translate(COMPLEMENT)[::-1][:READ_LENGTH])
        for mate, end in zip(mates, ends, strict=True):
            chosen = rng.randrange(len(profiles))
            bases = sequenced(end, profiles[chosen], rng)
            mate.append(f"@{sample.name}.{number}\n{bases}\n+\n{strings[chosen]}\n")
    for side, mate in enumerate(mates, start=1):
        write_gzip(folder / f"{sample.name}_{side}.fq.gz", "".join(mate))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("reference", type=Path, help="FASTA with one record, may be gzipped")
    parser.add_argument("folder", type=Path, help="where the samples are written")
    parser.add_argument("--seed", type=int, default=20)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for sample in SAMPLES:
        simulate(options.reference, options.folder, sample, options.seed)
        print(f"{sample.name}: {PLANTED} variants planted, depth {sample.depth}")


if __name__ == "__main__":
    main()
