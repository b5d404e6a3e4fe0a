"""Pair what was drawn: ``python -m benchmarks.fair_validity.known_groups.pairs MIRRORS FOLDER``.

A third word, ``second``, ``third`` or ``fourth``, names another sample.

MIRRORS holds git directories ``owner+name/repo`` (or ``owner+name/repo/.git``); FOLDER gets a clone
of each, as a user would have it. Writes the sample's ``pairs.tsv``; scores nothing.
"""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from collections import Counter
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from benchmarks.fair_validity.known_groups.draw import SAMPLES, Listed, Sample, drawn
from fairwf.check import check
from fairwf.conversion import read_document
from fairwf.formats import Source
from fairwf.ir.workflow import Workflow
from fairwf.report import FairwfError, Report

MARKS = {"cwl": rb"^\s*[\"']?class[\"']?\s*:\s*[\"']?Workflow\b", "wdl": rb"^workflow\b"}
BY_NAME = {"nextflow": ("main.nf",), "snakemake": ("workflow/Snakefile", "Snakefile")}
PATTERNS = {"nextflow": ("*.nf",), "snakemake": ("Snakefile", "*.smk")}


@dataclass(frozen=True)
class Candidate:
    """An eligible repository: its commit, the document that is scored, octets of all documents."""

    pair: int
    group: str
    engine: str
    repository: str
    commit: str
    main: str
    size: int


def git(*arguments: str | Path) -> str:
    """Run git on a folder of our own; the repository's hooks and filters are not run."""
    call = ["git", "-c", "core.hooksPath=/dev/null", *map(str, arguments)]
    return subprocess.run(call, capture_output=True, text=True, check=True).stdout.strip()


def clone(entry: Listed, mirrors: Path, folder: Path) -> Path | None:
    """Clone a snapshot, None where there is none; the origin is named as GitHub names it."""
    kept = mirrors / entry.repository.replace("/", "+") / "repo"
    kept = kept / ".git" if (kept / ".git").is_dir() else kept
    place = folder / entry.repository.replace("/", "+")
    if not kept.is_dir():
        return None
    if not place.is_dir():
        git("clone", "--quiet", "--no-checkout", kept, place)
        git(
            "-C", place, "remote", "set-url", "origin", f"https://github.com/{entry.repository}.git"
        )
        check_out(place)
    return place


def check_out(place: Path) -> None:
    """Check out what a snapshot has: it lacks its largest files."""
    call = ["git", "-C", str(place), "-c", "core.hooksPath=/dev/null"]
    listed = git("-C", place, "ls-tree", "-r", "-z", "HEAD").split("\0")
    entries = [entry.partition("\t") for entry in listed if entry]
    blobs = {name: kind.split()[2] for kind, _, name in entries if kind.split()[1] == "blob"}
    asked = "\n".join(blobs.values())
    told = subprocess.run(
        [*call, "cat-file", "--batch-check"],
        input=asked,
        capture_output=True,
        text=True,
        check=True,
    )
    missing = {line.split()[0] for line in told.stdout.splitlines() if line.endswith(" missing")}
    present = "\0".join(name for name, blob in blobs.items() if blob not in missing)
    paths = ["--pathspec-from-file=-", "--pathspec-file-nul"]
    subprocess.run(
        [*call, "--literal-pathspecs", "checkout", "--quiet", "HEAD", *paths],
        input=present.encode("utf-8", "surrogateescape"),
        capture_output=True,
        check=bool(present),
    )


def documents(place: Path, engine: str) -> list[Path]:
    """Return the engine's documents, sorted; links are left out."""
    patterns = PATTERNS.get(engine, (f"*.{engine}",))
    found = sorted({path for pattern in patterns for path in place.rglob(pattern)})
    return [path for path in found if path.is_file() and not path.is_symlink()]


def main_document(place: Path, engine: str) -> Path | None:
    """Return what the engine runs by itself, else the largest document that holds a workflow.

    Documents in folders of tests are left out.
    """
    if engine in BY_NAME:
        named = (place / name for name in BY_NAME[engine])
        return next((path for path in named if path.is_file() and not path.is_symlink()), None)
    marked = [
        path
        for path in documents(place, engine)
        if not {"test", "tests"} & {part.lower() for part in path.relative_to(place).parts[:-1]}
        and re.search(MARKS[engine], path.read_bytes(), re.M)
    ]
    return max(marked, key=lambda path: path.stat().st_size, default=None)


def fault(main: Path) -> str | None:
    """Return why a document is not eligible."""
    report = Report()
    try:
        document = read_document(Source.at(main), report)
        check(document, report)
    except FairwfError as error:
        return error.report.errors[0].code
    if report.errors:
        return report.errors[0].code
    return None if isinstance(document.workflow, Workflow) else "no workflow"


def eligible(
    mirrors: Path, folder: Path, sample: Sample
) -> tuple[list[Candidate], list[tuple[Listed, str]]]:
    """Return the eligible repositories in drawn order, and why the others are not."""
    found, left = [], []
    for entry in drawn(sample):
        place = clone(entry, mirrors, folder)
        main = main_document(place, entry.engine) if place else None
        if place is None or main is None:
            left.append((entry, "no snapshot" if place is None else "no document with a workflow"))
            continue
        why = fault(main)
        if why is not None:
            left.append((entry, why))
            continue
        size = sum(path.stat().st_size for path in documents(place, entry.engine))
        commit, name = git("-C", place, "rev-parse", "HEAD"), main.relative_to(place).as_posix()
        found.append(Candidate(0, entry.group, entry.engine, entry.repository, commit, name, size))
    return found, left


def paired(candidates: list[Candidate], per_owner: int) -> list[Candidate]:
    """Return the members of the pairs: each curated one, then its counterpart."""
    free = [one for one in candidates if one.group == "uncurated"]
    owners: Counter[tuple[str, str]] = Counter()
    pairs: list[Candidate] = []
    for one in (one for one in candidates if one.group == "curated"):
        owner = one.engine, one.repository.split("/")[0]
        fits = [
            other
            for other in free
            if other.engine == one.engine and one.size <= 2 * other.size <= 4 * one.size
        ]
        if owners[owner] == per_owner or not fits:
            continue
        owners[owner] += 1
        free.remove(fits[0])
        number = len(pairs) // 2 + 1
        pairs += [Candidate(**{**asdict(member), "pair": number}) for member in (one, fits[0])]
    return pairs


def main() -> None:
    """Write the pairs and what was left out."""
    sample = SAMPLES[sys.argv[3] if len(sys.argv) > 3 else "first"]
    candidates, left = eligible(Path(sys.argv[1]), Path(sys.argv[2]), sample)
    pairs = paired(candidates, sample.pairs_per_owner)
    with sample.pairs.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow([field.name for field in fields(Candidate)])
        writer.writerows(asdict(one).values() for one in pairs)
    with sample.left_out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(["group", "engine", "repository", "why"])
        writer.writerows((e.group, e.engine, e.repository, why) for e, why in left)
    count = Counter((one.group, one.engine) for one in candidates)
    print(f"eligible: {dict(count)}; members of pairs: {len(pairs)}")


if __name__ == "__main__":
    main()
