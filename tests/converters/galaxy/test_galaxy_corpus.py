"""Published workflows (IWC, gxformat2): all are read, and written again without a loss.

gxformat2, Galaxy's own library, is the oracle.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gxformat2.lint import lint_format2_path, lint_ga_path
from gxformat2.linting import LintContext
from gxformat2.normalized import ensure_native
from gxformat2.options import ConversionOptions

from fairwf.check import check
from fairwf.conversion import convert_document, read_document
from fairwf.document import Document
from fairwf.formats import Source, converter
from fairwf.report import Report
from tests.converters.galaxy.abstract_cwl import chosen, rejected
from tests.converters.galaxy.conftest import accepted, meaning, missing, sample
from tests.laws.law import judged, lowered, normal, read_back

ENUMS = frozenset({"chic-fastq-to-cool-hicup-cooler.ga"})
"""An enum goes where a text is wanted: valid by CWL v1.2 (EnumSchema), and cwltool refuses it."""

GATE = 8
"""How many of some 200 workflows the gate tries."""

efforts = pytest.mark.parametrize(
    "most", [GATE, pytest.param(1000, marks=pytest.mark.long)], ids=["some", "all"]
)


def documents(corpora: Path, most: int, ending: str = "") -> Iterator[tuple[Path, Document]]:
    paths = [path for path in accepted(corpora) if path.name.endswith(ending)]
    for path in paths if most >= len(paths) else sample(paths, most):
        report = Report()
        document = read_document(Source.at(path), report)
        assert document.format == "galaxy"
        yield path, document


def written(document: Document, folder: Path, version: str | None = None) -> Path:
    report = Report()
    made = convert_document(document, "galaxy", report, version=version).written
    told = report.by_fate("approximated", "lost")
    assert told == [] or version is not None  # gxformat2 has no place for some keys
    path = folder / made.main
    path.write_bytes(made.files[made.main])
    return path


@efforts
def test_published_workflows_are_read_and_checked(corpora: Path, most: int) -> None:
    count = 0
    for path, document in documents(corpora, most):
        assert [str(d) for d in check(document, Report()).errors] == [], path
        count += 1
    assert count >= min(most, 201)


@efforts
def test_nothing_is_lost_from_ga_to_ga(corpora: Path, most: int, tmp_path: Path) -> None:
    for path, document in documents(corpora, most, ".ga"):
        before, after = (
            json.loads(path.read_bytes()),
            json.loads(written(document, tmp_path).read_bytes()),
        )
        assert missing(meaning(before), meaning(after)) == [], path


@efforts
def test_galaxy_s_own_library_reads_the_same(corpora: Path, most: int, tmp_path: Path) -> None:
    """What gxformat2 makes of what is written is what it makes of the source."""
    for path, document in documents(corpora, most, ".ga"):
        before, after = native(path), native(written(document, tmp_path))
        assert missing(before, after) == [], path


def native(path: Path) -> Any:
    said = ensure_native(json.loads(path.read_bytes()), ConversionOptions(), expand=False).to_dict()
    return meaning(said)


@efforts
def test_what_is_written_is_clean_for_galaxy_s_lint(
    corpora: Path, most: int, tmp_path: Path
) -> None:
    """No finding that the source does not have."""
    for path, document in documents(corpora, most, ".ga"):
        context, ours = LintContext(), LintContext()
        lint_ga_path(context, str(path))
        lint_ga_path(ours, str(written(document, tmp_path)))
        assert ours.error_messages == context.error_messages == [], path
        assert len(ours.warn_messages) <= len(context.warn_messages), path


@efforts
def test_gxformat2_says_the_same_as_ga(corpora: Path, most: int, tmp_path: Path) -> None:
    """Steps, tools, states, connections and annotations, read back by us and by gxformat2."""
    for path, document in documents(corpora, most // 2 + 1, ".ga"):
        made = written(document, tmp_path, "gxformat2")
        context = LintContext()
        lint_format2_path(context, str(made))
        assert context.error_messages == [], path
        again = read_document(Source.at(made), Report())
        tools = [
            (s.id, getattr(s.run, "implementation", None), sorted(s.inputs)) for s in steps(again)
        ]
        wanted = [
            (s.id, getattr(s.run, "implementation", None), sorted(s.inputs))
            for s in steps(document)
        ]
        assert [each[1:] for each in tools] == [each[1:] for each in wanted], path


def steps(document: Document) -> Any:
    return document.workflow.steps  # type: ignore[union-attr]


@efforts
def test_the_law_of_no_silent_loss(corpora: Path, most: int, tmp_path: Path) -> None:
    galaxy = converter("galaxy")
    assert galaxy.capabilities is not None
    for path, document in documents(corpora, most):
        case = normal(galaxy, lowered(document.workflow, galaxy.capabilities(None)))
        assert case.report.ok, (path, case.report.errors)
        judged(case)
        folder = tmp_path / path.stem
        folder.mkdir(exist_ok=True)
        read_back(galaxy, case.after, folder)


@pytest.mark.parametrize(
    "most", [3, pytest.param(None, marks=pytest.mark.long)], ids=["some", "all"]
)
def test_abstract_cwl_is_valid_for_cwltool(corpora: Path, most: int | None, tmp_path: Path) -> None:
    paths = chosen(corpora, most, seed=0)
    faults = list(rejected(paths, tmp_path))
    print(f"{len(paths) - len(faults)} of {len(paths)} accepted by cwltool --validate")
    assert [path.name for path, _ in faults if path.name not in ENUMS] == []
    assert len(paths) >= (most or 201)
