"""The variant-calling example finds the variants that were planted.

Measured with cwltool on seeds 1, 2, 3, 4 and 20: of 60 variants planted in each of three samples
60 were called, 60 of them right (recall 1.000, precision 1.000). The test leaves a margin for other
versions of the tools.
"""

import gzip
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., dict[str, Any]]

MIN_RECALL, MIN_PRECISION = 0.95, 0.98
PLANTED = 60
TOOLS = ("bwa", "samtools", "bcftools")
DATA = Path("/usr/share/doc/bowtie2/examples/reference/lambda_virus.fa.gz")


@pytest.fixture
def example(repository: Path) -> Path:
    return repository / "examples" / "variant-calling"


def python(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def table(text: str) -> list[dict[str, str]]:
    header, *rows = (line.split("\t") for line in text.splitlines())
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_planted_variants_are_found(example: Path, fairwf_run: Run, tmp_path: Path) -> None:
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if not DATA.is_file():
        missing.append("bowtie2-examples")
    if missing:
        pytest.skip(f"missing: {', '.join(missing)}; apt-get install {' '.join(missing)}")
    made = python(example / "make_job.py", tmp_path / "inputs")
    assert made.returncode == 0, made.stderr
    outputs = fairwf_run(
        example / "main.cwl", tmp_path / "inputs" / "job.json", tmp_path / "outputs"
    )

    done = python(
        example / "evaluate.py", "--truth", tmp_path / "inputs", "--calls", tmp_path / "outputs"
    )
    assert done.returncode == 0, done.stderr
    rows = table(done.stdout)
    assert [row["sample"] for row in rows] == ["sim-a", "sim-b", "sim-c"]
    for row in rows:
        assert int(row["planted"]) == PLANTED
        assert float(row["recall"]) >= MIN_RECALL
        assert float(row["precision"]) >= MIN_PRECISION

    summary = table((tmp_path / "outputs" / "summary.tsv").read_text(encoding="utf-8"))
    assert [row["sample"] for row in summary] == ["debian", "sim-a", "sim-b", "sim-c"]
    assert int(summary[0]["reads"]) == 20_000
    for row in summary[1:]:
        # 8 % of the fragments are read twice, so about 0.08 / 1.08 of the reads are copies.
        assert 0.06 < int(row["duplicates"]) / int(row["reads"]) < 0.09
    assert [file["secondaryFiles"][0]["basename"] for file in outputs["variants"]] == [
        f"{row['sample']}.vcf.gz.tbi" for row in summary
    ]


@pytest.fixture
def genome(tmp_path: Path) -> str:
    """A random genome, written as tmp_path/reference.fa."""
    bases = "".join(random.Random(7).choices("ACGT", k=30_000))
    (tmp_path / "reference.fa").write_text(f">toy\n{bases}\n", encoding="ascii")
    return bases


def write_vcf(path: Path, rows: list[tuple[int, str, str]]) -> None:
    text = "##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n" + "".join(
        f"toy\t{position}\t.\t{ref}\t{alt}\t.\t.\t.\n" for position, ref, alt in rows
    )
    data = text.encode("ascii")
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


def test_the_evaluation_notices_what_is_missing_and_what_is_wrong(
    example: Path, genome: str, tmp_path: Path
) -> None:
    other = {"A": "C", "C": "G", "G": "T", "T": "A"}
    planted = [(p, genome[p - 1], other[genome[p - 1]]) for p in (1000, 2000, 3000, 4000)]
    position, ref, alt = planted[2]
    write_vcf(tmp_path / "s.truth.vcf", planted)
    write_vcf(tmp_path / "s.vcf.gz", [*planted[:2], (position, ref, other[alt])])
    arguments = (example / "evaluate.py", "--truth", tmp_path, "--calls", tmp_path)
    (row,) = table(python(*arguments).stdout)
    assert row == {
        "sample": "s",
        "planted": "4",
        "called": "3",
        "found": "2",
        "recall": "0.500",
        "precision": "0.667",
    }
    assert python(*arguments, "--min-recall", "0.5", "--min-precision", "0.6").returncode == 0
    assert python(*arguments, "--min-recall", "0.6").returncode == 1
    assert python(*arguments, "--min-precision", "0.7").returncode == 1


def test_two_spellings_of_one_insertion_are_equal(example: Path, tmp_path: Path) -> None:
    (tmp_path / "reference.fa").write_text(">toy\nGGCATATATCC\n", encoding="ascii")
    write_vcf(tmp_path / "s.truth.vcf", [(9, "T", "TAT")])
    write_vcf(tmp_path / "s.vcf.gz", [(3, "C", "CAT")])
    done = python(example / "evaluate.py", "--truth", tmp_path, "--calls", tmp_path)
    (row,) = table(done.stdout)
    assert (row["recall"], row["precision"]) == ("1.000", "1.000")


def test_a_seed_gives_the_same_samples_again_and_another_seed_gives_others(
    example: Path, genome: str, tmp_path: Path
) -> None:
    def simulate(name: str, seed: int) -> dict[str, bytes]:
        folder = tmp_path / name
        reference = tmp_path / "reference.fa"
        done = python(example / "simulate.py", reference, folder, "--seed", str(seed))
        assert done.returncode == 0, done.stderr
        return {path.name: path.read_bytes() for path in folder.iterdir()}

    first, again, other = simulate("first", 1), simulate("again", 1), simulate("other", 2)
    assert first == again
    assert first.keys() == other.keys()
    assert all(first[name] != other[name] for name in first)
    truth = first["sim-a.truth.vcf"].decode("ascii").splitlines()
    rows = [line.split("\t") for line in truth if not line.startswith("#")]
    assert len(rows) == PLANTED
    for _, position, _, ref, *_ in rows:
        assert genome[int(position) - 1 :].startswith(ref)
