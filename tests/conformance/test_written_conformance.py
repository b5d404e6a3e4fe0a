"""What we write runs in the reference runner: every test that it passes, it passes on ours."""

from pathlib import Path

import pytest

from tests.conformance.cwl import SUITES, sample
from tests.conformance.written import Comparison, compare

SAMPLE = 8


def _compare(
    version: str, corpora: Path, folder: Path, number: int | None = None, **options: object
) -> Comparison:
    source = corpora / SUITES[version].folder
    chosen = sample(version, source, number, seed=20261127) if number else None
    result = compare(version, source, folder, chosen, **options)  # type: ignore[arg-type]
    print(f"{len(result.passed)} passed, on neither: {result.never}, refused: {result.refused}")
    return result


def test_a_sample_passes_on_what_we_write(corpora: Path, tmp_path: Path) -> None:
    result = _compare("v1.2", corpora, tmp_path, SAMPLE)
    assert result.lost == ()
    assert len(result.passed) > SAMPLE / 2


@pytest.mark.long
@pytest.mark.parametrize(("version", "least"), [("v1.2", 362), ("v1.1", 241), ("v1.0", 190)])
def test_all_pass_on_what_we_write(version: str, least: int, corpora: Path, tmp_path: Path) -> None:
    result = _compare(version, corpora, tmp_path)
    assert result.lost == ()
    assert len(result.passed) >= least


@pytest.mark.long
def test_a_sample_passes_on_one_file_a_tool(corpora: Path, tmp_path: Path) -> None:
    assert _compare("v1.2", corpora, tmp_path, 40, split=True).lost == ()
