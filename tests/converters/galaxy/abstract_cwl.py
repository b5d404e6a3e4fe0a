"""Abstract CWL of every published Galaxy workflow, validated by the reference runner.

    python -m tests.converters.galaxy.abstract_cwl [--corpora FOLDER] [--sample N] [--seed S]

Prints how many of how many ``cwltool --validate`` accepts, and each that it does not with its first
words. Ends with 1 where there is one.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from fairwf.conversion import convert_document, read_document
from fairwf.formats import Source
from fairwf.report import FairwfError, Report
from tests.converters.galaxy.conftest import accepted

ROOT = Path(__file__).resolve().parents[3]


def rejected(paths: list[Path], folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield each workflow whose abstract CWL is not accepted, with the reason."""
    for number, path in enumerate(paths, start=1):
        print(f"{number} of {len(paths)}: {path.name}", file=sys.stderr)
        try:
            document = read_document(Source.at(path), Report())
            made = convert_document(document, "cwl", Report()).written
        except FairwfError as error:
            yield path, str(error.report.errors[0])
            continue
        target = folder / made.main
        target.write_bytes(made.files[made.main])
        said = validate(target)
        if said is not None:
            yield path, said


def validate(path: Path) -> str | None:
    """Return what ``cwltool --validate`` says against a document, None where it accepts it."""
    from cwltool.main import main as cwltool

    out, err = io.StringIO(), io.StringIO()
    code = cwltool(["--validate", "--quiet", str(path)], stdout=out, stderr=err)
    return None if code == 0 else f"exit code {code}: {err.getvalue().strip()[:300]}"


def chosen(corpora: Path, sample: int | None, seed: int) -> list[Path]:
    """Return all workflows that gxformat2's lint accepts, or some of them by a seed."""
    paths = accepted(corpora)
    if sample is None or sample >= len(paths):
        return paths
    return sorted(random.Random(seed).sample(paths, sample))


def main() -> int:
    """Print the count, and what was not accepted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    corpora = ROOT / os.environ.get("FAIRWF_CORPORA", "../shared/corpora")
    parser.add_argument("--corpora", type=Path, default=corpora)
    parser.add_argument("--sample", type=int)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    paths = chosen(asked.corpora, asked.sample, asked.seed)
    with tempfile.TemporaryDirectory() as folder:
        faults = list(rejected(paths, Path(folder)))
    print(f"{len(paths) - len(faults)} of {len(paths)} accepted by cwltool --validate")
    for path, why in faults:
        print(f"{path}: {why}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
